"""Making the force's recovery key, sealing everything to it, and opening a dead machine's evidence with it.

What a newcomer would get wrong: recovery gives the records back and nothing else. Sign-ins and cached private
messages were sealed under the lost key alone, on purpose: a key in a safe must not sign in anywhere. They are
emptied when a new key takes over; the networks have them.
"""

import asyncio
import os
from pathlib import Path
from typing import Final

from console.desk.keeping import Keep, RecoveryKey, SealedKey, rewrapped
from console.domain.errors import DiskFull, NotPossible, ProfileUnwritable, SecretsUnavailable
from console.domain.times import iso
from console.services.clock import Clock
from console.services.keys import Keys
from console.services.recovery import (
    COST,
    Opener,
    Wrapper,
    fingerprint,
    key_file,
    key_id,
    make_pair,
    read_key_file,
)
from console.services.vault import parts_of

_AT_ONCE: Final = 1_000


class Recovering:
    """The recovery key of one profile."""

    def __init__(self, keep: Keep, keys: Keys, clock: Clock, *, cost: int = COST) -> None:
        """`cost` is scrypt's; tests use a small one."""
        self._keep = keep
        self._keys = keys
        self._clock = clock
        self._cost = cost

    async def made(self) -> RecoveryKey | None:
        """The recovery key in force."""
        return await self._keep.recovery_key()

    async def unwrapped(self) -> int:
        """How many records no recovery key opens."""
        return await self._keep.count_unwrapped()

    async def make(
        self, out: Path, passphrase: str, who: str, *, inside: Path, again: bool = False
    ) -> tuple[str, int]:
        """Makes the recovery key, writes it to a new file, and seals every record's key to it.

        `inside` is the profile's folder, where the file must not be. `again` replaces a key that there is:
        everything is sealed to the new one and the old opens nothing more. Gives the fingerprint, and how
        many keys were sealed. Raises NotPossible, InputError for a bad passphrase, SecretsUnavailable without
        the profile's key, ProfileUnwritable or DiskFull for the file.
        """
        before = await self._keep.recovery_key()
        if before is not None and not again:
            raise NotPossible(
                f"There is a recovery key already, {before.fingerprint}, made by {before.made_by}. "
                "To put a new one in its place: --replace."
            )
        if not self._keys.ready:
            raise SecretsUnavailable(self._keys.why_not or "The profile's key is not open.")
        _must_be_outside(out, inside)
        private, public = make_pair()
        now = self._clock.now()
        content = await asyncio.to_thread(key_file, private, passphrase, iso(now), self._cost)
        await asyncio.to_thread(_write_new, out, content)
        try:
            await self._keep.put_recovery_key(RecoveryKey(public, fingerprint(public), who, now))
        except BaseException:
            _take_back(out)
            raise
        return fingerprint(public), await self.wrap_missing(who)

    async def wrap_missing(self, who: str) -> int:
        """Seals to the recovery key in force what is not sealed to it yet; how many keys."""
        recovery = await self._keep.recovery_key()
        if recovery is None or not self._keys.ready:
            return 0
        total = 0
        while some := await self._keep.unwrapped(key_id(recovery.public), _AT_ONCE):
            wrapper = Wrapper(recovery.public)
            anew = [
                rewrapped(
                    key, key.wrapped, wrapper.wrap(self._keys.unseal(key.wrapped, "evidence"), key.about)
                )
                for key in some
            ]
            done = await self._keep.wrap(anew, who, self._clock.now())
            total += done
            if not done:
                break  # what was found was disposed of meanwhile
            await self._clock.sleep(0)
        return total

    async def recover(
        self, file: bytes, passphrase: str, new_passphrase: str | None, who: str
    ) -> tuple[int, int]:
        """Opens the profile's evidence with the recovery key and puts a new profile key in force.

        The new key goes to the keyring, or under `new_passphrase`. Gives how many records are readable
        again, and how many private messages were lost. Raises NotPossible when the profile's own key opens,
        InputError or SecretsUnavailable for the file, and SecretsUnavailable when there is nowhere to keep a
        new key.
        """
        if self._keys.ready:
            raise NotPossible("This profile's own key opens, so there is nothing to recover.")
        opener = Opener(await asyncio.to_thread(read_key_file, file, passphrase))
        sealed = await self._keep.every_key()
        opened = [
            (key, key.recovery) for key in sealed if key.recovery is not None and opener.fits(key.recovery)
        ]
        if sealed and not opened:
            raise SecretsUnavailable(
                f"Nothing in this profile was sealed to that recovery key ({fingerprint(opener.public)})."
            )
        plain = [(key, opener.open(wrap, key.about)) for key, wrap in opened]
        new = await self._keys.make_new(new_passphrase)
        anew: list[SealedKey] = [rewrapped(key, new.seal(secret), key.recovery) for key, secret in plain]
        lost = await self._keep.take_over(anew, parts_of(new.material), who, self._clock.now())
        self._keys.take_new(new)
        return sum(key.place == "evidence" for key in anew), lost


def _must_be_outside(out: Path, profile: Path) -> None:
    if out.resolve().is_relative_to(profile.resolve()):
        raise NotPossible(
            "The recovery key must not lie in the profile that it is to save. Write it to a disk that you "
            "take away."
        )


def _take_back(path: Path) -> None:
    path.unlink(missing_ok=True)


def _write_new(path: Path, content: bytes) -> None:
    """Writes a file that must not be there yet, for its owner alone."""
    try:
        with path.open("xb") as file:
            path.chmod(0o600)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError as problem:
        raise NotPossible(f"{path} is there already. Name a new file.") from problem
    except OSError as problem:
        path.unlink(missing_ok=True)
        if problem.errno == 28:  # ENOSPC
            raise DiskFull(f"There is no room for {path}. No recovery key was made.") from problem
        raise ProfileUnwritable(
            f"{path} cannot be written: {problem.strerror}. No recovery key was made."
        ) from problem
