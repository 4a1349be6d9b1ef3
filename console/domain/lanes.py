"""Lanes: which items a view holds, as a question that the store answers.

The same question is asked by the lane in the window, by find, by saved views and by `cordon items`; it is
parsed here from what a person types, once, and can be written as text again. Every part narrows; an empty
part lets everything through; what is in `without` is left out.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Final

from console.domain.acts import ActState, Verb
from console.domain.errors import UsageError
from console.domain.items import ItemKind, ItemState
from console.domain.query_text import Part, parts, unknown, written
from console.domain.waves import parse_wave_key, wave_key

ANYONE: Final = "anyone"
ME: Final = "me"
ACT_GROUPS: Final[Mapping[str, frozenset[ActState]]] = {
    "done": frozenset({ActState.CONFIRMED, ActState.UNVERIFIABLE}),
    "failed": frozenset(
        {ActState.REFUSED, ActState.FAILED, ActState.REAPPEARED, ActState.UNCERTAIN, ActState.EXPIRED}
    ),
    "held": frozenset({ActState.HELD, ActState.AWAITING_APPROVAL, ActState.DRAFTED}),
    "waiting": frozenset({ActState.QUEUED, ActState.SENDING, ActState.ACCEPTED}),
    "undone": frozenset({ActState.UNDONE, ActState.CANCELLED}),
}
"""How the newest act on an item ended or stands, in words that a person uses."""
_STATES: Final = frozenset(map(str, ItemState))
_KINDS: Final = frozenset(map(str, ItemKind))
_ACTS: Final = frozenset([*ACT_GROUPS, *map(str, Verb), *map(str, ActState)])
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_MS: Final = 253_402_300_799_999
"""The last millisecond of the year 9999."""


@dataclass(frozen=True, slots=True)
class Lane:
    """What a view of the stream holds, newest first."""

    words: tuple[str, ...] = ()
    """Words and phrases that must all stand in text or author, without regard to case or accents."""
    accounts: frozenset[str] = frozenset()
    """Account keys."""
    groups: frozenset[str] = frozenset()
    """Names of account groups; an item of any account of any of them is let through."""
    networks: frozenset[str] = frozenset()
    kinds: frozenset[ItemKind] = frozenset()
    states: frozenset[ItemState] = frozenset()
    grades: frozenset[int] = frozenset()
    watchlists: frozenset[str] = frozenset()
    """Ids of watchlists of which at least one hit."""
    authors: frozenset[str] = frozenset()
    """Handles, without `@`, or ids."""
    languages: frozenset[str] = frozenset()
    acts: frozenset[str] = frozenset()
    """How the newest act on an item stands (`ACT_GROUPS` or a state), or its verb."""
    claimed: frozenset[str] = frozenset()
    """Who has claimed the item; `anyone` for whoever it is."""
    thread: str | None = None
    """The remote id of a thread's first item."""
    since: int | None = None
    """Only items received at or after this time, milliseconds since 1970, UTC."""
    before: int | None = None
    """Only items received before this time, milliseconds since 1970, UTC."""
    unseen: bool = False
    has_media: bool = False
    decided: bool = False
    """Only items on which somebody acted."""
    wave: int | None = None
    """Only items of this wave."""
    stray: bool = False
    """Only items that were raised as odd ones out in a flood."""
    without: frozenset[tuple[str, str]] = frozenset()
    """What is left out: a key of the language, empty for words, and its value. Each by itself."""

    @property
    def is_everything(self) -> bool:
        """Whether no part narrows."""
        return all(getattr(self, part.name) == part.default for part in fields(self))

    def left_out(self, key: str) -> list[str]:
        """The values of a key that are left out, in order."""
        return sorted(value for name, value in self.without if name == key)


_SETS: Final[Mapping[str, str]] = {
    "account": "accounts",
    "group": "groups",
    "network": "networks",
    "kind": "kinds",
    "state": "states",
    "grade": "grades",
    "hit": "watchlists",
    "author": "authors",
    "lang": "languages",
    "act": "acts",
    "claimed": "claimed",
}
"""Keys that may stand several times, and the part of a lane that each fills."""
_FLAGS: Final[Mapping[tuple[str, str], str]] = {
    ("is", "unseen"): "unseen",
    ("is", "decided"): "decided",
    ("is", "stray"): "stray",
    ("has", "media"): "has_media",
}
_ALIASES: Final[Mapping[tuple[str, str], tuple[str, str, bool]]] = {
    ("is", "seen"): ("is", "unseen", True),
    ("is", "mine"): ("claimed", ME, False),
    ("is", "claimed"): ("claimed", ANYONE, False),
    ("has", "picture"): ("has", "media", False),
    ("has", "video"): ("has", "media", False),
}
"""Other words for the same, and whether they turn it round."""
KEYS: Final = frozenset([*_SETS, "thread", "since", "before", "wave", "is", "has"])
"""Every key of the language."""
VALUES: Final[Mapping[str, tuple[str, ...]]] = {
    "kind": tuple(map(str, ItemKind)),
    "state": tuple(map(str, ItemState)),
    "grade": ("1", "2", "3", "4", "5"),
    "act": (*ACT_GROUPS, "hide", "delete", "leave-up", "reply", "block", "report"),
    "claimed": (ME, ANYONE),
    "since": ("15m", "1h", "4h", "12h", "1d", "7d"),
    "before": ("15m", "1h", "4h", "12h", "1d", "7d"),
    "is": ("unseen", "seen", "decided", "stray", "mine", "claimed"),
    "has": ("media",),
    "lang": ("en", "cy"),
}
"""Values that are always there to choose from, by key."""


def parse_lane(typed: str, now: int, who: str = "") -> Lane:
    """The lane that a typed question means.

    Knows words, "phrases in quotation marks", `author:` `account:` `group:` `network:` `kind:` `state:`
    `grade:` (`grade:1-3`) `hit:` `lang:` `act:` (`act:failed`, `act:hide`) `claimed:` (`claimed:me`)
    `thread:` `wave:` (`wave:12`) `since:` and `before:` (`30m`, `2h`, `3d`, `22:40`, `2026-11-21T22:40`),
    `is:unseen`, `is:decided`, `is:stray`, `is:mine`, `has:media`. A minus before a part, or NOT, leaves
    out what it means. The same key twice widens (either), different keys narrow (both), and what is left
    out is left out each by itself. `now` is milliseconds since 1970; `who` is the operator that `me` means.
    Raises UsageError with the word that makes no sense, and what would.
    """
    words: list[str] = []
    sets: dict[str, set[str]] = {key: set() for key in _SETS}
    single: dict[str, str] = {}
    since: list[int] = []
    before: list[int] = []
    flags: set[str] = set()
    without: set[tuple[str, str]] = set()
    for part in parts(typed, KEYS):
        for key, value, is_not in _meant(part, who):
            if key in {"since", "before"}:
                (since if (key == "since") != is_not else before).append(_moment(key, value, now))
            elif is_not:
                without.add((key, value))
            elif not key:
                words.append(value)
            elif key in sets:
                sets[key].add(value)
            elif key in {"thread", "wave"}:
                single[key] = value
            else:
                flags.add(_FLAGS[key, value])
    return Lane(
        words=tuple(words),
        accounts=frozenset(sets["account"]),
        groups=frozenset(sets["group"]),
        networks=frozenset(sets["network"]),
        kinds=frozenset(ItemKind(kind) for kind in sets["kind"]),
        states=frozenset(ItemState(state) for state in sets["state"]),
        grades=frozenset(int(grade) for grade in sets["grade"]),
        watchlists=frozenset(sets["hit"]),
        authors=frozenset(sets["author"]),
        languages=frozenset(sets["lang"]),
        acts=frozenset(sets["act"]),
        claimed=frozenset(sets["claimed"]),
        thread=single.get("thread"),
        wave=parse_wave_key(single["wave"]) if "wave" in single else None,
        since=min(since, default=None),
        before=max(before, default=None),
        without=frozenset(without),
        **dict.fromkeys(flags, True),
    )


def lane_text(lane: Lane) -> str:
    """The question that means a lane: `parse_lane` of it gives the same lane."""
    found = [written("", word) for word in lane.words]
    for key, name in _SETS.items():
        found += [written(key, value) for value in sorted(map(str, getattr(lane, name)))]
    if lane.thread is not None:
        found.append(written("thread", lane.thread))
    if lane.wave is not None:
        found.append(written("wave", wave_key(lane.wave)))
    found += [f"{key}:{value}" for (key, value), name in _FLAGS.items() if getattr(lane, name)]
    for key, at in (("since", lane.since), ("before", lane.before)):
        if at is not None:
            moment = (_EPOCH + timedelta(milliseconds=at)).isoformat(timespec="milliseconds")
            found.append(f"{key}:{moment.removesuffix('+00:00')}Z")
    found += [written(key, value, is_not=True) for key, value in sorted(lane.without)]
    return " ".join(found)


def _meant(part: Part, who: str) -> Iterable[tuple[str, str, bool]]:
    """What a part means: keys, values that make sense, and whether each is left out."""
    key, value, is_not = part.key, part.value, part.is_not
    if key in {"is", "has"}:
        alias = _ALIASES.get((key, value.lower()))
        if alias is not None:
            key, value, turns = alias
            is_not = is_not != turns
        elif (key, value.lower()) in _FLAGS:
            value = value.lower()
        else:
            raise UsageError(
                f"“{part.typed}” is not something that find knows. "
                f"It knows {', '.join(f'{key}:{one}' for one in VALUES[key])}."
            )
    check = _CHECKS.get(key)
    values = check(value) if check is not None else [value]
    if key == "claimed" and who:
        values = [who if one == ME else one for one in values]
    return [(key, one, is_not) for one in values]


def _author(value: str) -> list[str]:
    handle = value.lstrip("@")
    if not handle:
        raise UsageError("“author:” needs a handle after it.")
    return [handle]


def _grades(value: str) -> list[str]:
    """One grade, or those from one to another."""
    first, dash, last = value.partition("-")
    if first in VALUES["grade"] and (not dash or last in VALUES["grade"]):
        low, high = sorted((int(first), int(last or first)))
        return [str(grade) for grade in range(low, high + 1)]
    raise UsageError(f"There is no grade “{value}”; grades are 1 to 5, or 1-3.")


def _wave(value: str) -> list[str]:
    return [wave_key(parse_wave_key(value))]


def _claimed(value: str) -> list[str]:
    low = value.lower()
    return [low if low in {ME, ANYONE} else value]


def _one_of(what: str, known: frozenset[str]) -> Callable[[str], list[str]]:
    def check(value: str) -> list[str]:
        if value.lower() not in known:
            raise unknown(what, value, known)
        return [value.lower()]

    return check


_CHECKS: Final[Mapping[str, Callable[[str], list[str]]]] = {
    "state": _one_of("state", _STATES),
    "kind": _one_of("kind of item", _KINDS),
    "act": _one_of("kind or state of act", _ACTS),
    "grade": _grades,
    "author": _author,
    "wave": _wave,
    "claimed": _claimed,
}

_UNITS_MS = {"m": 60_000, "h": 3_600_000, "d": 86_400_000}


def _moment(key: str, value: str, now: int) -> int:
    """A span of time before now, a time of day that has been, or a date; milliseconds since 1970."""
    number, unit = value[:-1], value[-1:]
    if number.isascii() and number.isdigit() and len(number) <= 6 and unit in _UNITS_MS:
        return max(0, now - int(number) * _UNITS_MS[unit])
    try:
        found = _time_of_day(value, now) or datetime.fromisoformat(value)
        found = found if found.tzinfo is not None else found.astimezone()
        return min(max(0, (found - _EPOCH) // timedelta(milliseconds=1)), _LAST_MS)
    except (ValueError, OverflowError, OSError):
        raise UsageError(
            f"“{key}:{value}” is no time; say {key}:30m, {key}:2h, {key}:3d, {key}:22:40 or {key}:2026-11-21."
        ) from None


def _time_of_day(value: str, now: int) -> datetime | None:
    """The last time that a clock on the wall showed this, such as 22:40; None when it is no such time."""
    if len(value) != 5 or value[2] != ":" or not (value[:2] + value[3:]).isdigit() or not value.isascii():
        return None
    here = (_EPOCH + timedelta(milliseconds=now)).astimezone()
    found = here.replace(hour=int(value[:2]), minute=int(value[3:]), second=0, microsecond=0)
    return found if found <= here else found - timedelta(days=1)
