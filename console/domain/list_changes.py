"""What becomes of watchlists: versions, what waits for somebody, rehearsals, searches of the past.

Values only; `services/publishing.py`, `rehearsing.py` and `retro.py` make them. What a newcomer would get
wrong: a watchlist has a version number only once it was put in force. What is rehearsed or waits for a second
person is a `Waiting`, and gets the next number on the day on which it is put live.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import datetime as dt

    from console.domain.ids import ItemId
    from console.domain.watchlists import Hit, Rule, Watchlist

__all__ = [
    "PROPOSAL_LIFE_MS",
    "Difference",
    "ListVersion",
    "Published",
    "Rehearsal",
    "RetroSearch",
    "RetroState",
    "Sample",
    "Waiting",
    "WaitingKind",
    "difference",
    "is_review_over",
]

PROPOSAL_LIFE_MS: Final = 24 * 3_600_000
"""How long a proposal waits for a second person; an older one has to be made again."""


@dataclass(frozen=True, slots=True)
class ListVersion:
    """One version of a watchlist as it was put in force. Times are milliseconds since 1970, UTC."""

    watchlist: Watchlist
    source: str
    """Its TOML text, word for word."""
    put_by: str
    put_at: int
    why: str
    """The reason that was given; empty for a version that came without one."""
    agreed_by: str | None
    """The second person, where two were needed."""
    ended_at: int | None = None
    """When the list was taken out of force, if this is its newest version and that was done."""

    @property
    def version(self) -> int:
        """Its number."""
        return self.watchlist.version


class WaitingKind(StrEnum):
    """Why a watchlist is not in force yet."""

    REHEARSING = "rehearsing"
    """It is matched in shadow: hits are counted, nothing is graded and nobody is alarmed."""
    PROPOSED = "proposed"
    """It waits for a second person."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A watchlist, or a changed one, that is not in force yet. Times are milliseconds since 1970, UTC."""

    id: int
    kind: WaitingKind
    watchlist: Watchlist
    """As it is to become, with the version that it would get; that is 1 for a new list."""
    put_by: str
    put_at: int
    why: str
    expires_at: int | None
    """For a proposal: when it is too late for a second person."""
    items: int = 0
    """For a rehearsal: how many items it hit since it began."""
    seen: int = 0
    """For a rehearsal: how many items it was tried on since it began."""


@dataclass(frozen=True, slots=True)
class Published:
    """What became of a wish to publish: one of the two is set."""

    version: Watchlist | None
    """What is in force now."""
    waiting: Waiting | None
    """What waits for a second person now."""

    @property
    def is_in_force(self) -> bool:
        """Whether it took effect."""
        return self.version is not None


@dataclass(frozen=True, slots=True)
class Difference:
    """What separates two versions of a watchlist. Rules go by their ids, in the order of the file."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]
    to_search: tuple[str, ...]
    """The rules that may find what the older version did not, or find it worse."""
    words: tuple[str, ...]
    """One plain line for each change, those of the whole list first."""

    @property
    def is_nothing(self) -> bool:
        """Whether both are the same."""
        return not self.words


@dataclass(frozen=True, slots=True)
class Sample:
    """An item that stands for others in a rehearsal."""

    item_id: ItemId
    text: str
    """As it was written; empty for a private message that cannot be opened now."""
    hits: tuple[Hit, ...]
    """What the rehearsed list finds in it; empty where it finds nothing."""
    handle: str
    """Who wrote it, as the network shows it."""
    received_at: int


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a watchlist would have done over the last hours, beside the version in force and what people did.

    Counts are of items, not of hits. The samples are the newest of each kind.
    """

    hours: float
    looked_at: int
    """Items that were tried."""
    is_whole: bool
    """Whether that were all items of these hours; False: only the newest, for there were too many."""
    hits: int
    by_rule: tuple[tuple[str, int], ...]
    """For each rule, in the order of the file, how many items it hits."""
    newly_caught: int
    no_longer_caught: int
    the_same: int
    missed_of_hidden: int
    """Items that a person hid with this list's category, and that it does not hit."""
    hit_of_left_up: int
    """Items that a person decided to leave up, and that it hits."""
    samples_new: tuple[Sample, ...] = ()
    samples_lost: tuple[Sample, ...] = ()
    samples_same: tuple[Sample, ...] = ()
    samples_missed: tuple[Sample, ...] = ()
    samples_left_up: tuple[Sample, ...] = ()
    took_ms: int = 0


class RetroState(StrEnum):
    """Where a search of the past stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class RetroSearch:
    """A search of the whole cache with the rules that a publication brought."""

    id: int
    watchlist: str
    version: int
    rules: tuple[str, ...]
    asked_by: str
    asked_at: int
    """Milliseconds since 1970, UTC."""
    alarm: bool
    """Whether what it raises counts as not seen yet, so that it asks for somebody."""
    total: int
    """Items that there are to look at, about: numbers of items have gaps."""
    done: int
    found: int
    """Items in which it found something that was not known of them."""
    state: RetroState

    @property
    def is_open(self) -> bool:
        """Whether there is more to come."""
        return self.state in {RetroState.WAITING, RetroState.RUNNING}


def is_review_over(watchlist: Watchlist, today: dt.date) -> bool:
    """Whether the day by which its owner must have read a watchlist again has passed."""
    return watchlist.review_by < today


# difference --------------------------------------------------------------------------------------

_HEAD: Final = (
    ("name", "Name"),
    ("category", "Category"),
    ("grade", "Grade"),
    ("suggest", "Suggestion"),
    ("owner", "Owner"),
    ("review_by", "Review by"),
)


def difference(older: Watchlist | None, newer: Watchlist) -> Difference:
    """What `newer` changes, in words; against nothing, every rule is added.

    The version numbers and the order of rules and words make no difference.
    """
    after = {rule.id: rule for rule in newer.rules}
    if older is None:
        everything = tuple(after)
        said = f"New watchlist with {_count(len(everything), 'rule')}."
        return Difference(everything, (), (), everything, (said,))
    before = {rule.id: rule for rule in older.rules}
    # Most rules of most changes are as they were, and there may be thousands.
    other = [name for name, rule in after.items() if name in before and rule != before[name]]
    changes = {name: _rule_changes(before[name], after[name]) for name in other}
    added = tuple(name for name in after if name not in before)
    removed = tuple(name for name in before if name not in after)
    changed = tuple(name for name, lines in changes.items() if lines)
    # A rule without a grade of its own has that of the list, and changes with it.
    regraded = {name for name, rule in after.items() if rule.grade is None and newer.grade != older.grade}
    lines = (
        *_head_changes(older, newer),
        *(f"Rule {name} added: {_gist(after[name])}." for name in added),
        *(f"Rule {name} removed: it was {_gist(before[name])}." for name in removed),
        *(f"Rule {name}: {said}." for name in changed for said in changes[name]),
    )
    to_search = tuple(
        name
        for name, rule in after.items()
        if name not in before
        or name in regraded
        or (name in changes and _matching(rule) != _matching(before[name]))
    )
    return Difference(added, removed, changed, to_search, lines)


def _matching(rule: Rule) -> tuple[object, ...]:
    """What of a rule decides its hits."""
    near = {(frozenset(each.any_of), frozenset(each.with_any), each.within) for each in rule.near}
    lists = (rule.words, rule.patterns, rule.unless, rule.languages)
    return (*map(frozenset, lists), frozenset(near), rule.disguised, rule.grade, rule.suggest)


def _head_changes(older: Watchlist, newer: Watchlist) -> list[str]:
    lines = []
    for field, said in _HEAD:
        was, now = getattr(older, field), getattr(newer, field)
        if was != now:
            lines.append(f"{said}: {was or 'none'} is now {now or 'none'}.")
    if older.two_people != newer.two_people:
        lines.append(f"Needs {'two people' if newer.two_people else 'one person'} to publish from now on.")
    return lines


def _gist(rule: Rule) -> str:
    """The first few things that a rule looks for."""
    terms = [
        *rule.words,
        *rule.patterns,
        *(f"{near.any_of[0]} near {near.with_any[0]}" for near in rule.near),
    ]
    more = f" and {len(terms) - 3} more" if len(terms) > 3 else ""
    return ", ".join(f"“{term}”" for term in terms[:3]) + more


_LISTS: Final = (
    ("words", "word"),
    ("patterns", "pattern"),
    ("unless", "exception"),
    ("languages", "language"),
    ("hits", "example that must hit"),
    ("misses", "example that must not"),
)


def _rule_changes(was: Rule, now: Rule) -> list[str]:
    lines = []
    for field, one in _LISTS:
        before, after = getattr(was, field), getattr(now, field)
        for done, terms in (
            ("added", [term for term in after if term not in before]),
            ("removed", [term for term in before if term not in after]),
        ):
            if terms:
                shown = ", ".join(f"“{term}”" for term in terms[:5])
                more = f" and {len(terms) - 5} more" if len(terms) > 5 else ""
                lines.append(f"{one if len(terms) == 1 else _many(one)} {done}: {shown}{more}")
    if was.near != now.near:
        lines.append(f"near words changed: {_count(len(was.near), 'pair')} before, {len(now.near)} now")
    if was.disguised != now.disguised:
        lines.append(
            "disguised spelling is " + ("seen through now" if now.disguised else "no longer seen through")
        )
    for field in ("grade", "suggest", "note"):
        before, after = getattr(was, field), getattr(now, field)
        if before != after:
            inherited = "none" if field == "note" else "that of the list"
            lines.append(f"{field} {before or inherited} is now {after or inherited}")
    return lines


def _many(one: str) -> str:
    first, _, rest = one.partition(" ")
    return f"{first}s{' ' + rest if rest else ''}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
