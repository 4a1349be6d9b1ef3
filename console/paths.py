"""Where data, logs and settings live on each system.

Everything of one profile lies in one folder that only its owner may open. Nothing is made here before
`Places.make()` is called.
"""

import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from console.domain.errors import DiskFull, ProfileUnwritable

PROFILE_VARIABLE = "CORDON_PROFILE"


def default_profile() -> Path:
    """The profile folder when nobody names one: `CORDON_PROFILE`, else the system's place for data."""
    named = os.environ.get(PROFILE_VARIABLE)
    return Path(named) if named else Path(platformdirs.user_data_dir("Cordon", appauthor=False))


def fresh_exercise_profile() -> Path:
    """A new folder for one exercise, which never meets real accounts; it may be thrown away."""
    return Path(tempfile.mkdtemp(prefix="cordon-exercise-"))


def resources() -> Path:
    """The folder of shipped data: exercises, watchlists, sounds; also inside a built program."""
    bundle = getattr(sys, "_MEIPASS", None)
    return Path(bundle) / "resources" if bundle else Path(__file__).resolve().parent.parent / "resources"


@dataclass(frozen=True, slots=True)
class Places:
    """The files of one profile."""

    profile: Path

    @property
    def database(self) -> Path:
        """The cache, the acts, the evidence and the ledger."""
        return self.profile / "cordon.db"

    @property
    def lock(self) -> Path:
        """Held by the Cordon that runs on this profile."""
        return self.profile / "cordon.lock"

    @property
    def settings(self) -> Path:
        """The operator's settings."""
        return self.profile / "settings.json"

    @property
    def logs(self) -> Path:
        """The program's own log; never message text, never secrets."""
        return self.profile / "logs"

    @property
    def media(self) -> Path:
        """Sealed pictures, under names that tell nothing."""
        return self.profile / "media"

    def folder(self, account_key: str) -> Path:
        """An account's own folder, which its connector may use."""
        return self.profile / "accounts" / account_key.replace(":", "-").replace("/", "-")

    def make(self) -> None:
        """Makes the profile folder, for its owner alone. Raises ProfileUnwritable or DiskFull."""
        try:
            self.profile.mkdir(mode=0o700, parents=True, exist_ok=True)
            if os.name == "posix" and self.profile.stat().st_uid == os.geteuid():
                self.profile.chmod(0o700)
            probe = self.profile / f".probe-{os.getpid()}"
            probe.write_bytes(b"cordon")
            probe.unlink()
        except OSError as problem:
            if problem.errno == 28:
                raise DiskFull(
                    f"The disk that holds the profile {self.profile} is full. Nothing stored was lost; "
                    "make room and start Cordon again."
                ) from problem
            raise ProfileUnwritable(
                f"The profile folder {self.profile} cannot be used: {problem.strerror or problem}. "
                "Choose another with --profile, or mend its permissions."
            ) from problem
