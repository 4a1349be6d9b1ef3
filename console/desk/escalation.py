"""The part of the desk that keeps escalations and grades that people give.

As in `desk/protocol.py`, each change and its ledger entry are one durable transaction. What a newcomer would
get wrong: a change may be handed over long after it happened, because nothing could be written then. It is
applied to what stands now, and left out when somebody else has settled it meanwhile.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from console.domain.audit import Note, Plain
from console.domain.cover import CLAIM_MS, Claim
from console.domain.errors import NotPossible, UsageError
from console.domain.escalation import Change, Escalation, Kind, after, meant
from console.domain.ids import ItemId, item_key
from console.domain.times import iso
from console.store import audit, cover, escalations
from console.store.database import Connection, Database

PROGRAM: Final = "cordon"
"""Who is named for what the program does by itself."""
_LATE_MS: Final = 1_000
"""An entry that is written later than this after the change says when it happened."""


@dataclass(frozen=True, slots=True)
class Written:
    """What became of changes that were handed over."""

    left_out: tuple[tuple[Change, str], ...]
    """Those that could not be any more, and why."""


class EscalationDesk(Protocol):
    """Everything about escalations that operators share."""

    async def begin(self, now: int) -> ItemId:
        """The newest item that was looked at; a profile that never escalated begins with its newest."""

    async def look(self, after: ItemId) -> tuple[list[escalations.Risk], ItemId]:
        """Arrivals above this number that may have to be escalated, and up to which number that is all."""

    async def edited(self, ids: Sequence[ItemId] | None) -> list[escalations.Risk]:
        """Items (of these) that an edit made urgent."""

    async def newest(self, item_id: ItemId) -> Escalation | None:
        """The newest escalation of an item."""

    async def standing(self, now: int) -> list[Escalation]:
        """The escalations that are open, and those that are accepted and still watched."""

    async def write(self, changes: Sequence[Change], place: ItemId, now: int) -> Written:
        """Puts changes on record, and up to which item was looked."""

    async def item(self, item_id: ItemId) -> escalations.Risk:
        """An item as a grade is given to it. Raises UsageError when there is none of that number."""

    async def settled(self, since: int) -> list[Escalation]:
        """Escalations that were accepted since then (epoch ms), the newest first."""


class LocalEscalations:
    """The `EscalationDesk` of one seat, in the profile's own database."""

    def __init__(self, database: Database, seat: str) -> None:
        self._database = database
        self._seat = seat

    async def begin(self, now: int) -> ItemId:
        """The newest item that was looked at."""
        if not await self._database.read(escalations.has_begun):
            await self._database.record(lambda conn: escalations.begin(conn, now))
        return await self._database.read(escalations.place)

    async def look(self, after: ItemId) -> tuple[list[escalations.Risk], ItemId]:
        """Arrivals that may have to be escalated."""
        return await self._database.read(lambda conn: escalations.arrived(conn, after))

    async def edited(self, ids: Sequence[ItemId] | None) -> list[escalations.Risk]:
        """Items that an edit made urgent."""
        return await self._database.read(lambda conn: escalations.edited(conn, ids))

    async def newest(self, item_id: ItemId) -> Escalation | None:
        """The newest escalation of an item."""
        found = await self._database.read(lambda conn: escalations.newest(conn, item_id))
        return found[1] if found else None

    async def standing(self, now: int) -> list[Escalation]:
        """The escalations that are open or still watched."""
        return await self._database.read(
            lambda conn: escalations.open_ones(conn) + escalations.watched(conn, now)
        )

    async def settled(self, since: int) -> list[Escalation]:
        """Escalations that were accepted since then."""
        return await self._database.read(lambda conn: escalations.settled(conn, since))

    async def item(self, item_id: ItemId) -> escalations.Risk:
        """An item as a grade is given to it."""
        found = await self._database.read(lambda conn: escalations.grade_of(conn, item_id))
        if found is None:
            raise UsageError(f"There is no item {item_key(item_id)} in this profile.")
        return found

    async def write(self, changes: Sequence[Change], place: ItemId, now: int) -> Written:
        """Puts changes on record, and up to which item was looked."""

        def work(conn: Connection) -> Written:
            notes: list[Note] = []
            left: list[tuple[Change, str]] = []
            for change in changes:
                try:
                    notes += _apply(conn, change, now)
                except NotPossible as problem:
                    left.append((change, str(problem)))
            escalations.set_place(conn, place)
            audit.append(conn, self._seat, notes, now)
            return Written(tuple(left))

        return await self._database.record(work)


def _apply(conn: Connection, change: Change, now: int) -> list[Note]:
    """Applies one change to what stands; gives what the ledger shall hold about it."""
    if change.kind is Kind.JUDGED:
        return _judge(conn, change, now)
    found = escalations.newest(conn, change.item_id)
    number, before = found if found is not None else (None, None)
    what = meant(before, change)
    if what is None:
        return []
    change = what
    if change.kind is Kind.ACCEPTED:
        item = escalations.grade_of(conn, change.item_id)
        change = replace(change, grade=item.grade if item is not None else 1)
    made = after(before, change)
    escalations.put(conn, None if change.kind is Kind.OPENED else number, made)
    notes = [_note(change, made, now)]
    if change.kind is Kind.CLAIMED:
        claim = Claim(change.who, change.at, change.at + CLAIM_MS)
        cover.put_claims(conn, [change.item_id], claim)
        facts: dict[str, Plain] = {"item": item_key(change.item_id), "until": iso(claim.until_at)}
        notes.append(Note("item.claimed", change.who, facts, {}))
    return notes


def _judge(conn: Connection, change: Change, now: int) -> list[Note]:
    """Gives an item the grade that a person decided; escalates it when that asks for it."""
    item = escalations.grade_of(conn, change.item_id)
    if item is None:
        raise NotPossible(f"There is no item {item_key(change.item_id)} in this profile any more.")
    facts: dict[str, Plain] = {
        "item": item_key(change.item_id),
        "grade": change.grade,
        "grade_before": item.grade,
        **_late(change, now),
    }
    notes = [Note("item.graded", change.who, facts, dict(change.content))]
    escalations.set_grade(conn, change.item_id, change.grade, change.who, change.at)
    found = escalations.newest(conn, change.item_id)
    number, before = found if found is not None else (None, None)
    what = meant(before, replace(change, account_id=item.account_id, arrived_at=item.received_at))
    if what is not None:
        made = after(before, what)
        escalations.put(conn, None if what.kind is Kind.OPENED else number, made)
        if what.kind is not Kind.JUDGED:
            notes.append(_note(what, made, now))
    return notes


def _late(change: Change, now: int) -> dict[str, Plain]:
    return {"happened_at": iso(change.at)} if now - change.at > _LATE_MS else {}


def _note(change: Change, made: Escalation, now: int) -> Note:
    facts: dict[str, Plain] = {"item": item_key(change.item_id), "grade": made.grade, **_late(change, now)}
    if change.step is not None:
        facts["step"] = change.step.value
    if change.kind is Kind.CALLED_NEXT:
        facts["called"] = made.person
    if change.kind is Kind.ACCEPTED:
        facts["accepted_by"] = change.by
        for name, at in (
            ("ms_to_see", made.seen_at),
            ("ms_to_claim", made.claimed_at),
            ("ms_to_accept", made.accepted_at),
        ):
            facts[name] = None if at is None else at - made.arrived_at
    return Note(f"escalation.{change.kind.value}", change.who, facts, {})
