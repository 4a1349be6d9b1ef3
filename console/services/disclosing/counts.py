"""Counts and times of acts: what a month, an incident or a question for information is told in.

Four spans make the way of an act: arrived until seen, seen until decided, decided until sent, sent until seen
done at the network. What a newcomer would get wrong: an average hides the one report that waited all night.
So every span is told as its median and its worst, in minutes, and over how many acts.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from statistics import median
from typing import Final

from console.domain.errors import UsageError
from console.services.disclosing.documents import Cell, Section, Table, Words
from console.store.disclosing import Heard, Timing

FIRST_HOUR: Final = 8
PAST_HOUR: Final = 18
"""Office hours: Monday to Friday from eight until before six, local time."""
HOURS_WORDS: Final = "In hours means Monday to Friday, 08:00 to 18:00, local time of the computer."
_SATURDAY: Final = 5
_MINUTE_MS: Final = 60_000
_STAGES: Final = ("see", "decide", "act", "confirm")
_DONE: Final = frozenset({"confirmed", "undone", "reappeared"})
_ITEMS: Final = ("Items", "Not seen yet")


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time. Times are epoch ms; `until` is the first that is past it."""

    since: int
    until: int


def month_span(typed: str, zone: tzinfo | None = None) -> Span:
    """The month that `YYYY-MM` means, in local time (None) or another. Raises UsageError."""
    try:
        first = datetime.strptime(typed, "%Y-%m").replace(tzinfo=zone)
    except ValueError:
        raise UsageError(f"“{typed}” is no month; write it as 2026-03.") from None
    is_last = first.month == 12
    past = first.replace(year=first.year + is_last, month=1 if is_last else first.month + 1)
    return Span(round(first.timestamp() * 1000), round(past.timestamp() * 1000))


def minutes(act: Timing) -> dict[str, float]:
    """The spans of one act in minutes, those that are known. None is ever below zero: clocks differ."""
    decided_from = act.received_at
    found: dict[str, int | None] = {}
    if act.received_at is not None and act.seen_at is not None:
        found["see"] = act.seen_at - act.received_at
        decided_from = min(act.seen_at, act.requested_at)
    found["decide"] = None if decided_from is None else act.requested_at - decided_from
    found["act"] = None if act.sent_at is None else act.sent_at - act.requested_at
    if act.sent_at is not None and act.settled_at is not None and act.state in _DONE:
        found["confirm"] = act.settled_at - act.sent_at
    return {stage: max(span, 0) / _MINUTE_MS for stage, span in found.items() if span is not None}


def sections(acts: Sequence[Timing], heard: Iterable[Heard], zone: tzinfo | None = None) -> list[Section]:
    """What a month or an incident is told in."""
    firsts = [act for act in acts if not act.is_undo]
    return [
        Section("Items by account", [_items(heard)]),
        Section("Acts by verb and state", [_verbs(acts)]),
        Section("Acts by reason", [_categories(firsts)]),
        Section("Times, in minutes", [Words(HOURS_WORDS), _times("All", firsts, lambda _: "All")]),
        Section("Times by account", [_times("Account", firsts, lambda act: act.account)]),
        Section("Times by grade", [_times("Grade", firsts, lambda act: _grade(act.grade))]),
        Section("Times by hour", [_times("Hour", firsts, lambda act: _hour(act.requested_at, zone))]),
        Section(
            "Times in and out of hours", [_times("When", firsts, lambda act: _office(act.requested_at, zone))]
        ),
    ]


def foi_sections(heard: Sequence[Heard], zone: tzinfo | None = None) -> list[Section]:
    """What a question for information is told in: counts alone, never words or names."""

    def month(one: Heard) -> str:
        return datetime.fromtimestamp(one.received_at / 1000, zone).strftime("%Y-%m")

    ways: list[tuple[str, Callable[[Heard], str]]] = [
        ("Network", lambda one: one.network),
        ("Account", lambda one: one.account),
        ("Month", month),
        ("Kind", lambda one: one.kind),
        ("State", lambda one: one.state),
        ("Grade", lambda one: str(one.grade)),
    ]
    found = [Section("All", [Table(("", "Items"), [("Items that fit the question", len(heard))])])]
    for name, way in ways:
        counted = Counter(way(one) for one in heard)
        found.append(Section(f"By {name.lower()}", [Table((name, "Items"), sorted(counted.items()))]))
    return found


def _items(heard: Iterable[Heard]) -> Table:
    total: Counter[str] = Counter()
    unseen: Counter[str] = Counter()
    grades: Counter[tuple[str, int]] = Counter()
    for one in heard:
        total[one.account] += 1
        unseen[one.account] += one.seen_at is None
        grades[one.account, one.grade] += 1
    rows: list[Sequence[Cell]] = [
        (account, total[account], unseen[account], *(grades[account, grade] for grade in range(1, 6)))
        for account in sorted(total)
    ]
    sums = [sum(total.values()), sum(unseen.values())]
    sums += [sum(number for (_, of), number in grades.items() if of == grade) for grade in range(1, 6)]
    return Table(("Account", *_ITEMS, *(f"Grade {grade}" for grade in range(1, 6))), [*rows, ("All", *sums)])


def _verbs(acts: Sequence[Timing]) -> Table:
    counted = Counter((f"{act.verb} (taking back)" if act.is_undo else act.verb, act.state) for act in acts)
    return Table(("Verb", "State", "Acts"), [(*key, number) for key, number in sorted(counted.items())])


def _categories(acts: Sequence[Timing]) -> Table:
    counted = Counter(act.category or "none given" for act in acts)
    return Table(("Category", "Acts"), sorted(counted.items()))


def _times(name: str, acts: Sequence[Timing], way: Callable[[Timing], str]) -> Table:
    groups: dict[str, list[dict[str, float]]] = {}
    for act in acts:
        groups.setdefault(way(act), []).append(minutes(act))
    rows: list[Sequence[Cell]] = []
    for group in sorted(groups):
        row: list[Cell] = [group, len(groups[group])]
        for stage in _STAGES:
            known = [one[stage] for one in groups[group] if stage in one]
            row += [median(known), max(known)] if known else [None, None]
        rows.append(row)
    heads = [f"{stage}, {what}" for stage in _STAGES for what in ("median", "worst")]
    return Table((name, "Acts", *heads), rows)


def _grade(grade: int | None) -> str:
    return "not known" if grade is None else f"Grade {grade}"


def _hour(at: int, zone: tzinfo | None) -> str:
    hour = datetime.fromtimestamp(at / 1000, zone).hour
    return f"{hour:02}:00 to {(hour + 1) % 24:02}:00"


def _office(at: int, zone: tzinfo | None) -> str:
    when = datetime.fromtimestamp(at / 1000, zone)
    is_in = when.weekday() < _SATURDAY and FIRST_HOUR <= when.hour < PAST_HOUR
    return "In hours" if is_in else "Out of hours"
