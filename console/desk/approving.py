"""The part of the desk where a second person agrees to acts, or does not.

As in `desk/protocol.py`, each change and its ledger entries are one durable transaction. What a newcomer
would get wrong: who may agree, and whether the time is over, is asked inside that transaction and not before
it, because two people at two consoles may answer in the same moment.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Protocol

from console.desk.acts import PROGRAM, step_note
from console.domain.acts import Act, ActState, hold_ms
from console.domain.approving import same_person
from console.domain.audit import Plain
from console.domain.errors import NotPossible
from console.domain.ids import ActId
from console.domain.times import iso
from console.store import acts, approvals, audit
from console.store.approvals import Approval
from console.store.database import Connection, Database

EXPIRED = "Nobody else agreed in time, so it was not done. Ask for it again if it is still right."


class ApprovingDesk(Protocol):
    """Everything about second persons that operators share."""

    async def waiting(self) -> list[Approval]:
        """Acts that wait for a second person, in the order in which they were asked for."""

    async def approve(self, act_ids: Sequence[ActId], who: str, at: int) -> list[Act]:
        """Lets acts go on, as the second person; gives those that do.

        An act that cannot be taken back waits its ten seconds first. Raises NotPossible when none of them
        waits, for the person who asked for one of them, and without a name.
        """

    async def decline(self, act_ids: Sequence[ActId], who: str, at: int, why: str) -> list[Act]:
        """Ends acts that wait, as the second person. Raises what `approve` raises."""

    async def expire(self, at: int) -> list[Act]:
        """Ends the acts whose time to wait is over; gives them."""

    async def next_end(self) -> int | None:
        """When the next wait is over, epoch ms; None when nothing waits."""


class LocalApprovals:
    """The `ApprovingDesk` of one seat, in the profile's own database."""

    def __init__(self, database: Database, seat: str) -> None:
        self._database = database
        self._seat = seat

    async def waiting(self) -> list[Approval]:
        """Acts that wait for a second person, in the order in which they were asked for."""
        return await self._database.read(approvals.waiting)

    async def approve(self, act_ids: Sequence[ActId], who: str, at: int) -> list[Act]:
        """Lets acts go on, as the second person; gives those that do."""
        return await self._database.record(
            partial(_answer, seat=self._seat, act_ids=act_ids, who=who, at=at, agrees=True, why="")
        )

    async def decline(self, act_ids: Sequence[ActId], who: str, at: int, why: str) -> list[Act]:
        """Ends acts that wait, as the second person."""
        return await self._database.record(
            partial(_answer, seat=self._seat, act_ids=act_ids, who=who, at=at, agrees=False, why=why)
        )

    async def expire(self, at: int) -> list[Act]:
        """Ends the acts whose time to wait is over; gives them."""
        return await self._database.record(partial(_expire, seat=self._seat, at=at))

    async def next_end(self) -> int | None:
        """When the next wait is over, epoch ms; None when nothing waits."""
        return await self._database.read(approvals.next_end)


def _answer(
    conn: Connection, seat: str, act_ids: Sequence[ActId], who: str, at: int, *, agrees: bool, why: str
) -> list[Act]:
    found = [one for one in approvals.waiting(conn, act_ids) if one.second.expires_at > at]
    if not found:
        raise NotPossible("That waits no longer: somebody answered, took it back, or the time was over.")
    if not who.strip():
        raise NotPossible("Whoever agrees has to say who they are.")
    if any(same_person(who, one.act.requested_by) for one in found):
        raise NotPossible(
            "You asked for this yourself, so somebody else has to answer. "
            f"To take it back, use undo. It waits until {iso(min(one.second.expires_at for one in found))}."
        )
    changed = [_agreed(one.act, at) if agrees else _declined(one.act, who, why, at) for one in found]
    acts.step(conn, changed)
    approvals.settle(conn, [act.id for act in changed], who, at, agreed=agrees)
    notes = []
    for act in changed:
        facts: dict[str, Plain] = {
            "requested_by": act.requested_by,
            ("approved_by" if agrees else "declined_by"): who,
            "due_at": iso(act.due_at),
        }
        notes.append(step_note(act, ActState.AWAITING_APPROVAL, who, facts, {"why": why} if why else {}))
    audit.append(conn, seat, notes, at)
    return changed


def _agreed(act: Act, at: int) -> Act:
    wait = hold_ms(act.verb, reversible=act.reversible)
    return replace(act, state=ActState.HELD if wait else ActState.QUEUED, due_at=at + wait)


def _declined(act: Act, who: str, why: str, at: int) -> Act:
    words = f"{who.strip()} did not agree."
    reason = why.strip().rstrip(".")
    return replace(
        act, state=ActState.CANCELLED, settled_at=at, error=f"{words} Why: {reason}." if reason else words
    )


def _expire(conn: Connection, seat: str, at: int) -> list[Act]:
    approvals.drop_cancelled(conn, at)
    over = [one.act for one in approvals.waiting(conn) if one.second.expires_at <= at]
    ended = [replace(act, state=ActState.EXPIRED, settled_at=at, error=EXPIRED) for act in over]
    acts.step(conn, ended)
    approvals.settle(conn, [act.id for act in ended], None, at, agreed=None)
    notes = [
        step_note(act, ActState.AWAITING_APPROVAL, PROGRAM, {"requested_by": act.requested_by}, {})
        for act in ended
    ]
    audit.append(conn, seat, notes, at)
    return ended
