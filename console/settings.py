"""Settings: what a person may choose, with its default and its meaning.

Kept as JSON in the profile folder, written whole and swapped in, so that a crash leaves the old or the
new file and never half of one. An unknown or senseless value is said and the default is used: a broken
settings file must never keep the desk from opening.
"""

import contextlib
import getpass
import os
from pathlib import Path
from typing import Annotated, Literal

import msgspec


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a person may choose."""

    operator: str = ""
    """Who sits here, as acts and the ledger name them; empty: the system account's name."""
    role: str = "Operator"
    """In which role, while nobody is on the roster of this seat."""
    lock_after_minutes: Annotated[int, msgspec.Meta(ge=0, le=24 * 60)] = 10
    """Minutes without a touch after which the window asks who is there, if they have a code; 0: never."""
    theme: Literal["system", "dark", "light", "contrast"] = "system"
    density: Literal["compact", "standard", "roomy"] = "standard"
    text_percent: Literal[100, 125, 150, 175, 200] = 100
    text_alone: bool = True
    """Whether sealing an item's words suffices before it is hidden or deleted; its pictures are fetched
    after. False: the pictures come first, and an item without them is left out, with the reason."""
    retention_days: dict[str, Annotated[int, msgspec.Meta(ge=1, le=36_500)]] = {}
    """How many days records of a class live, where the force's policy differs from the default, by class."""
    checkpoint_folder: str = ""
    """A folder that somebody else looks after, which gets every checkpoint of the ledger; empty: none."""
    second_over: int = 100
    """More acts than so many at once that cannot be taken back need a second person; 0: never."""
    second_block: bool = False
    """Whether blocking an author needs a second person."""
    second_messages: bool = True
    """Whether deleting private messages needs a second person."""
    second_hours: float = 4.0
    """How long such an act waits for the second person; then it expires."""
    keys: dict[str, str] = {}
    """Keys that differ from the defaults, by command name."""

    @property
    def who(self) -> str:
        """The operator's name for the record."""
        return self.operator or system_user()


def system_user() -> str:
    """The name of the system account, or `operator` where the system knows none."""
    with contextlib.suppress(OSError, KeyError, ImportError):
        return getpass.getuser()
    return "operator"


def seat() -> str:
    """The name of this computer, as the ledger names the seat."""
    return os.environ.get("COMPUTERNAME") or (os.uname().nodename if hasattr(os, "uname") else "seat")


def read_settings(path: Path) -> tuple[Settings, str | None]:
    """The settings in a file, and a complaint when some of it could not be used."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Settings), None
    except (FileNotFoundError, NotADirectoryError):  # of a profile that is no folder, others will speak
        return Settings(), None
    except (OSError, msgspec.MsgspecError) as problem:
        return (
            Settings(),
            f"The settings in {path} make no sense ({problem}), so the defaults hold.",
        )


def write_settings(path: Path, settings: Settings) -> None:
    """Writes the settings that differ from the defaults."""
    plain = Settings()
    chosen = {
        name: value
        for name in settings.__struct_fields__
        if (value := getattr(settings, name)) != getattr(plain, name)
    }
    fresh = path.with_suffix(".new")
    fresh.write_bytes(msgspec.json.format(msgspec.json.encode(chosen), indent=2))
    fresh.replace(path)
