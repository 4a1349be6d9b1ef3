"""Lanes: which items a view holds, as a question that the store answers.

The same question is asked by the lane in the window, by find, and by `cordon items`; it is parsed here
from what a person types, once. Every part narrows; an empty part lets everything through.
"""

import re
from dataclasses import dataclass, fields

from console.domain.errors import UsageError
from console.domain.items import ItemState
from console.domain.waves import parse_wave_key

_STATES = {str(state) for state in ItemState}


@dataclass(frozen=True, slots=True)
class Lane:
    """What a view of the stream holds, newest first."""

    words: tuple[str, ...] = ()
    """Words and phrases that must all stand in text or author, without regard to case or accents."""
    accounts: frozenset[str] = frozenset()
    """Account keys."""
    networks: frozenset[str] = frozenset()
    states: frozenset[ItemState] = frozenset()
    grades: frozenset[int] = frozenset()
    watchlists: frozenset[str] = frozenset()
    """Ids of watchlists of which at least one hit."""
    authors: frozenset[str] = frozenset()
    """Handles, without `@`, or ids."""
    languages: frozenset[str] = frozenset()
    thread: str | None = None
    """The remote id of a thread's first item."""
    since: int | None = None
    """Only items received at or after this time, milliseconds since 1970, UTC."""
    unseen: bool = False
    has_media: bool = False
    decided: bool = False
    """Only items on which somebody acted."""
    wave: int | None = None
    """Only items of this wave."""
    stray: bool = False
    """Only items that were raised as odd ones out in a flood."""

    @property
    def is_everything(self) -> bool:
        """Whether no part narrows."""
        return all(getattr(self, part.name) == part.default for part in fields(self))


def parse_lane(typed: str, now: int) -> Lane:
    """The lane that a typed question means.

    Knows words, "phrases in quotation marks", `author:` `account:` `network:` `state:` `grade:` `hit:`
    `lang:` `thread:` `since:` (`30m`, `2h`, `3d`), `wave:` (`wave:12`), `is:unseen`, `is:decided`,
    `is:stray`, `has:media`. The same key
    twice widens (either), different keys narrow (both). Raises UsageError with the word that makes no
    sense, such as a key that it does not know; `now` is milliseconds since 1970.
    """
    words: list[str] = []
    sets: dict[str, set[str]] = {
        key: set() for key in ("account", "network", "state", "grade", "hit", "author", "lang")
    }
    thread: str | None = None
    since: int | None = None
    wave: int | None = None
    flags: set[str] = set()
    for part in _split(typed):
        key, colon, value = part.partition(":")
        if _are_words(part, key, colon, value):
            words.append(part.strip('"'))
            continue
        value = value.strip('"')
        if not value:
            raise UsageError(f"“{key}:” needs a word after it.")
        if key in sets:
            sets[key].add(value.lstrip("@") if key == "author" else value)
        elif key == "thread":
            thread = value
        elif key == "since":
            since = now - _span_ms(value)
        elif key == "wave":
            wave = parse_wave_key(value)
        elif part in _FLAGS:
            flags.add(_FLAGS[part])
        else:
            raise UsageError(f"“{part}” is not something that find knows.")
    for state in sets["state"] - _STATES:
        raise UsageError(f"There is no state “{state}”; there are {', '.join(sorted(_STATES))}.")
    for grade in sets["grade"] - set("12345"):
        raise UsageError(f"There is no grade “{grade}”; grades are 1 to 5.")
    return Lane(
        words=tuple(word for word in words if word),
        accounts=frozenset(sets["account"]),
        networks=frozenset(sets["network"]),
        states=frozenset(ItemState(state) for state in sets["state"]),
        grades=frozenset(int(grade) for grade in sets["grade"]),
        watchlists=frozenset(sets["hit"]),
        authors=frozenset(sets["author"]),
        languages=frozenset(sets["lang"]),
        thread=thread,
        since=since,
        wave=wave,
        **dict.fromkeys(flags, True),
    )


_FLAGS = {"is:unseen": "unseen", "is:decided": "decided", "is:stray": "stray", "has:media": "has_media"}
_KEYS = {
    "account",
    "network",
    "state",
    "grade",
    "hit",
    "author",
    "lang",
    "thread",
    "since",
    "wave",
    "is",
    "has",
}
_KEY = re.compile(r"[a-z]{2,}")


def _are_words(part: str, key: str, colon: str, value: str) -> bool:
    """Whether a part is to be looked for, such as `10:30`, an address, or `Re:`.

    Raises UsageError for a key that find does not know.
    """
    if part.startswith('"') or not colon:
        return True
    if key in _KEYS:
        return False
    if not value or value[0] in "/:" or not _KEY.fullmatch(key):
        return True
    known = ", ".join(f"{one}:" for one in sorted(_KEYS))
    raise UsageError(
        f"Find knows no “{key}:”; it knows {known}. Words with a colon stand in quotation marks."
    )


_UNITS_MS = {"m": 60_000, "h": 3_600_000, "d": 86_400_000}


def _span_ms(value: str) -> int:
    number, unit = value[:-1], value[-1:]
    if not (number.isascii() and number.isdigit()) or len(number) > 6 or unit not in _UNITS_MS:
        raise UsageError(f"“since:{value}” is no span of time; say since:30m, since:2h or since:3d.")
    return int(number) * _UNITS_MS[unit]


def _split(typed: str) -> list[str]:
    """Parts between blanks; quotation marks keep blanks, and one left open ends with the text."""
    parts: list[str] = []
    part = ""
    quoted = False
    for letter in typed.replace("“", '"').replace("”", '"'):
        if letter == '"':
            quoted = not quoted
            part += letter
        elif letter.isspace() and not quoted:
            parts.append(part)
            part = ""
        else:
            part += letter
    parts.append(part)
    return [part for part in parts if part.strip('"')]
