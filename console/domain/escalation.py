"""Escalations: risk that is passed to someone able to act, and stayed with until they accept.

An escalation is named by its item, because at most one of an item is open. Each change of it is a value
(`Change`), and `after` says what follows from it. What a newcomer would get wrong: a change may be made while
nothing can be written; it is then shown by the same `after` that the desk uses when it is written later.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from console.domain.errors import NotPossible
from console.domain.ids import AccountId, ItemId
from console.domain.triage import Grade

ACKNOWLEDGE_MS: Final[Mapping[int, int]] = {1: 3 * 60_000, 2: 15 * 60_000}
"""How long each person who is called has to accept, by grade."""
JUDGE_AGAIN_MS: Final[Mapping[int, int]] = {1: 10 * 60_000, 2: 30 * 60_000}
"""How long after the last judgement an item is judged again, by grade."""
LADDER: Final[Mapping[int, tuple[str, ...]]] = {
    1: ("control-room supervisor", "force incident manager", "on-call commander"),
    2: ("duty supervisor", "force incident manager"),
}
"""Who is called, by grade: the first, and whoever is next while nobody accepts. The last stays."""
WATCHED_MS: Final = 12 * 3_600_000
"""How long after it was accepted an item is still to be judged again: a shift, whose end hands it over."""
HIGHEST: Final = 2
"""Items of this grade and more urgent ones are escalated."""


class Step(StrEnum):
    """What the operator ticks on the way, beside claiming and writing down who accepted."""

    SEALED = "sealed"
    """Evidence is sealed."""
    CALLED = "called"
    """The person on the ladder was spoken to."""
    REPORTED = "reported"
    """The network's own crisis route was used."""


class Kind(StrEnum):
    """What happened to an escalation."""

    OPENED = "opened"
    RAISED = "raised"
    """A Grade 2 that is open became a Grade 1."""
    CLAIMED = "claimed"
    STEPPED = "step"
    CALLED_NEXT = "called-next"
    """Nobody accepted in time, and the next on the ladder is called."""
    ACCEPTED = "accepted"
    JUDGED = "judged"


class State(StrEnum):
    """How far an escalation has come."""

    OPEN = "open"
    CLAIMED = "claimed"
    ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that happened to an item's escalation. Times are milliseconds since 1970, UTC."""

    kind: Kind
    item_id: ItemId
    who: str
    at: int
    grade: int = 1
    account_id: AccountId | None = None
    """For one that opens it."""
    arrived_at: int = 0
    """For one that opens it: when the item was received."""
    step: Step | None = None
    called: int = 0
    """For one that calls the next: how many were called after the first before it."""
    by: str = ""
    """For one that accepts it: the name or collar number of whoever took it on."""
    content: Mapping[str, str] = field(default_factory=dict)
    """For one that judges: reason and THRIVE answers, which may quote the public."""


@dataclass(frozen=True, slots=True)
class Escalation:
    """One escalation as it stands. Times are milliseconds since 1970, UTC."""

    item_id: ItemId
    account_id: AccountId | None
    grade: int
    arrived_at: int
    opened_at: int
    opened_by: str
    """The person who raised the item; `cordon` for what a rule raised."""
    judged_at: int
    seen_at: int | None = None
    claimed_by: str | None = None
    claimed_at: int | None = None
    called: int = 0
    """How many were called after the first."""
    accepted_by: str | None = None
    accepted_at: int | None = None
    written_by: str | None = None
    """Who wrote down that it was accepted."""
    steps: Mapping[Step, tuple[str, int]] = field(default_factory=dict)
    """Who ticked each, and when."""

    @property
    def state(self) -> State:
        """How far it has come."""
        if self.accepted_at is not None:
            return State.ACCEPTED
        return State.OPEN if self.claimed_at is None else State.CLAIMED

    @property
    def is_open(self) -> bool:
        """Whether nobody has accepted it yet."""
        return self.accepted_at is None

    @property
    def person(self) -> str:
        """Who is to be called by voice now."""
        ladder = LADDER[min(self.grade, HIGHEST)]
        return ladder[min(self.called, len(ladder) - 1)]

    @property
    def next_person(self) -> str | None:
        """Who is called next when nobody accepts in time; None when the ladder ends."""
        ladder = LADDER[min(self.grade, HIGHEST)]
        return ladder[self.called + 1] if self.called + 1 < len(ladder) else None

    @property
    def accept_by(self) -> int:
        """Until when whoever is called now has to accept it."""
        return self.opened_at + (self.called + 1) * ACKNOWLEDGE_MS[min(self.grade, HIGHEST)]

    @property
    def judge_at(self) -> int | None:
        """When the item is to be judged again; None once its grade no longer asks for that."""
        return None if self.grade > HIGHEST else self.judged_at + JUDGE_AGAIN_MS[self.grade]

    def is_due(self, now: int) -> bool:
        """Whether the item is to be judged again now."""
        judge_at = self.judge_at
        is_over = self.accepted_at is not None and now > self.accepted_at + WATCHED_MS
        return judge_at is not None and judge_at <= now and not is_over

    def is_late(self, now: int) -> bool:
        """Whether whoever is called now has had their time."""
        return self.is_open and now >= self.accept_by


def after(before: Escalation | None, change: Change) -> Escalation:
    """What follows from a change of the newest escalation of an item.

    Raises NotPossible with the reason when it cannot be, because somebody was quicker or nothing is open.
    """
    if change.kind is Kind.OPENED:
        if before is not None and before.is_open:
            raise NotPossible("That item is escalated already.")
        return Escalation(
            item_id=change.item_id,
            account_id=change.account_id,
            grade=change.grade,
            arrived_at=change.arrived_at,
            opened_at=change.at,
            opened_by=change.who,
            judged_at=change.at,
        )
    if before is None:
        raise NotPossible("That item was never escalated.")
    if change.kind is Kind.JUDGED:
        # An open one keeps its urgency: only somebody who accepts it ends the alarm.
        grade = min(before.grade, change.grade) if before.is_open else change.grade
        return replace(before, judged_at=max(change.at, before.judged_at), grade=grade)
    if not before.is_open:
        raise NotPossible(f"{before.accepted_by} has accepted it already.")
    match change.kind:
        case Kind.RAISED:
            return replace(before, grade=change.grade, opened_at=change.at, called=0, judged_at=change.at)
        case Kind.CLAIMED:
            return replace(before, claimed_by=change.who, claimed_at=change.at)
        case Kind.CALLED_NEXT:
            return replace(before, called=before.called + 1)
        case Kind.ACCEPTED:
            return replace(
                before,
                accepted_by=change.by,
                accepted_at=change.at,
                written_by=change.who,
                grade=max(before.grade, change.grade),
            )
        case _:
            return replace(
                before,
                steps={**before.steps, change.step: (change.who, change.at)}
                if change.step is not None
                else before.steps,
            )


def needs_opening(before: Escalation | None, grade: int) -> Kind | None:
    """What an item of this grade asks for, given its newest escalation: to be opened, raised, or nothing."""
    if grade > HIGHEST:
        return None
    if before is None:
        return Kind.OPENED
    if grade >= before.grade:
        return None
    return Kind.RAISED if before.is_open else Kind.OPENED


def meant(before: Escalation | None, change: Change) -> Change | None:
    """What a change means for the newest escalation of its item; None when nothing follows from it.

    A grade that a person gives may open one, and one that somebody else has opened meanwhile may be raised.
    """
    if change.kind in {Kind.OPENED, Kind.RAISED, Kind.JUDGED}:
        if kind := needs_opening(before, change.grade):
            return replace(change, kind=kind)
        return change if change.kind is Kind.JUDGED and before is not None else None
    if change.kind is Kind.CALLED_NEXT and before is not None and before.called != change.called:
        return None  # another process was quicker
    return change


def in_order(found: Iterable[Escalation]) -> list[Escalation]:
    """Life at risk first, and of one grade the oldest first."""
    return sorted(found, key=lambda one: (one.grade, one.arrived_at, one.item_id))


def checked_grade(grade: int) -> Grade:
    """A grade that a person gave. Raises NotPossible for a number that is none."""
    try:
        return Grade(grade)
    except ValueError:
        raise NotPossible(f"There is no grade {grade}; grades are 1 to 5.") from None


THRIVE: Final = ("threat", "harm", "risk", "investigation", "vulnerability", "engagement")
"""What is asked when an item is judged."""
