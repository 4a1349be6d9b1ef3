"""The lock that tells whether a Cordon works on a profile.

It is held by the operating system for as long as the process lives, so a killed program leaves
nothing behind that a person would have to clear. What a newcomer would get wrong: the file stays
when the lock is let go, and its presence means nothing.
"""

import errno
import os
import sys
from pathlib import Path
from typing import IO

from console.domain.errors import ProfileInUse, ProfileUnwritable

if sys.platform == "win32":
    import msvcrt

    def _hold(file: IO[bytes]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

    def _release(file: IO[bytes]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _hold(file: IO[bytes]) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _release(file: IO[bytes]) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_UN)


_HELD_BY_ANOTHER = {errno.EACCES, errno.EAGAIN, errno.EWOULDBLOCK, errno.EDEADLK}


class ProfileLock:
    """The lock of one profile. Not held until `take`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = None

    @property
    def is_held(self) -> bool:
        """Whether this very object holds it."""
        return self._file is not None

    def take(self) -> None:
        """Takes the lock at once.

        Raises ProfileInUse when another Cordon has it, ProfileUnwritable when the lock's file
        cannot be made. Taking it twice changes nothing.
        """
        if self._file is not None:
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            file = os.fdopen(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")
        except OSError as problem:
            raise ProfileUnwritable(
                f"The profile folder {self._path.parent} cannot be written "
                f"({problem.strerror}); choose another with --profile."
            ) from problem
        try:
            _hold(file)
        except OSError as problem:
            file.close()
            if problem.errno not in _HELD_BY_ANOTHER:
                raise ProfileUnwritable(
                    f"The profile folder {self._path.parent} cannot be locked "
                    f"({problem.strerror}); choose one on a local disk with --profile."
                ) from problem
            raise ProfileInUse(
                f"Another Cordon works on the profile {self._path.parent}; "
                "use its window, or choose another profile with --profile."
            ) from problem
        self._file = file

    def is_taken_elsewhere(self) -> bool:
        """Whether another Cordon has it this moment."""
        if self._file is not None:
            return False
        try:
            self.take()
        except ProfileInUse:
            return True
        except ProfileUnwritable:
            return False
        self.release()
        return False

    def release(self) -> None:
        """Lets it go. Does nothing when it is not held."""
        if self._file is None:
            return
        file, self._file = self._file, None
        try:
            _release(file)
        finally:
            file.close()
