"""The part of the desk that knows the roster of a seat: who may sit there, who does, and how that was proven.

As in `desk/protocol.py`, each change and its ledger entry are one durable transaction. What a newcomer would
get wrong: an entry about somebody who sits down is signed by them, in the role and on the behalf they have
from then on, so it is written with the seat as it will be and not as it was.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from console.domain.audit import Note, Plain
from console.domain.errors import NotPossible, UsageError
from console.domain.operators import PROGRAM, Operator, SignedSeat, Sitting
from console.store import audit, operators
from console.store.database import Connection, Database
from console.store.operators import StoredSitting


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody who is to be on the roster."""

    name: str
    look: str
    """The name as the eye reads it."""
    role: str
    collar: str | None
    code: bytes | None
    """Sealed; None when the operating system's account is all that proves who it is."""


class OperatorDesk(Protocol):
    """Everything about operators that is kept, and put on record."""

    async def roster(self) -> list[Operator]:
        """Everyone on the roster, in the order in which they were added."""

    async def sitting(self) -> StoredSitting | None:
        """Who is on at this seat; None when nobody said so."""

    async def code(self, operator_id: int) -> bytes | None:
        """Somebody's sealed code."""

    async def add(self, newcomer: Newcomer, who: str, at: int) -> Operator:
        """Puts somebody on the roster. Raises UsageError for a name that can be taken for another's."""

    async def remove(self, operator: Operator, who: str, at: int) -> None:
        """Takes somebody off the roster. Raises NotPossible when they are not on it."""

    async def clear(self, who: str, reason: str, at: int) -> int:
        """Takes everybody off the roster; gives how many there were."""

    async def set_code(self, operator: Operator, code: bytes | None, who: str, at: int) -> None:
        """Gives somebody another code, sealed, or none."""

    async def sit(self, sitting: Sitting, facts: Mapping[str, Plain], at: int) -> None:
        """Somebody of the roster sits here from now; who sat here before has left."""

    async def go_on(self, sitting: Sitting, facts: Mapping[str, Plain], at: int) -> None:
        """The operating system's account goes on here, because codes cannot be read."""

    async def leave(self, who: str, why: str, at: int) -> None:
        """Nobody sits here from now."""

    async def lock(self, who: str, why: str, at: int) -> None:
        """The seat asks for a code from now."""

    async def unlock(self, who: str, facts: Mapping[str, Plain], at: int) -> None:
        """Whoever sits here is back."""

    async def wrong_code(self, operator: Operator, purpose: str, at: int) -> int:
        """Counts a wrong code; gives how many there were since the last right one."""

    async def right_code(self, operator_id: int) -> None:
        """Forgets wrong codes."""


class LocalOperators:
    """The `OperatorDesk` of one seat, in the profile's own database."""

    def __init__(self, database: Database, seat: SignedSeat) -> None:
        self._database = database
        self._seat = seat

    async def roster(self) -> list[Operator]:
        """Everyone on the roster."""
        return await self._database.read(operators.roster)

    async def sitting(self) -> StoredSitting | None:
        """Who is on at this seat."""
        return await self._database.read(lambda conn: operators.sitting(conn, self._seat))

    async def code(self, operator_id: int) -> bytes | None:
        """Somebody's sealed code."""
        return await self._database.read(lambda conn: operators.code(conn, operator_id))

    async def add(self, newcomer: Newcomer, who: str, at: int) -> Operator:
        """Puts somebody on the roster."""

        def work(conn: Connection) -> Operator:
            _must_differ(conn, newcomer)
            made = operators.add(
                conn, newcomer.name, newcomer.look, newcomer.role, newcomer.collar, newcomer.code, at
            )
            audit.append(conn, self._seat, [Note("operator.added", who, _facts(made), {})], at)
            return made

        return await self._database.record(work)

    async def remove(self, operator: Operator, who: str, at: int) -> None:
        """Takes somebody off the roster."""

        def work(conn: Connection) -> None:
            if operators.operator(conn, operator.id) is None:
                raise NotPossible(f"{operator.name} is not on the roster any more.")
            audit.append(conn, self._seat, [Note("operator.removed", who, _facts(operator), {})], at)
            operators.remove(conn, operator.id, at)

        await self._database.record(work)

    async def clear(self, who: str, reason: str, at: int) -> int:
        """Takes everybody off the roster; gives how many there were."""

        def work(conn: Connection) -> int:
            everybody = operators.roster(conn)
            notes = [Note("operator.removed", who, _facts(one), {}) for one in everybody]
            facts: dict[str, Plain] = {"operators": len(everybody)}
            notes.append(Note("operator.started-over", who, facts, {"reason": reason}))
            audit.append(conn, self._seat, notes, at)
            for one in everybody:
                operators.remove(conn, one.id, at)
            return len(everybody)

        return await self._database.record(work)

    async def set_code(self, operator: Operator, code: bytes | None, who: str, at: int) -> None:
        """Gives somebody another code, sealed, or none."""

        def work(conn: Connection) -> None:
            operators.set_code(conn, operator.id, code)
            facts: dict[str, Plain] = {"operator": operator.name, "code": code is not None}
            audit.append(conn, self._seat, [Note("operator.code", who, facts, {})], at)

        await self._database.record(work)

    async def sit(self, sitting: Sitting, facts: Mapping[str, Plain], at: int) -> None:
        """Somebody of the roster sits here from now."""
        number = sitting.operator_id
        if number is None:
            raise NotPossible("Only somebody on the roster can sit down by name.")

        def work(conn: Connection) -> None:
            found = operators.operator(conn, number)
            if found is None:
                raise NotPossible(f"{sitting.name} is not on the roster any more.")
            before = operators.sitting(conn, self._seat)
            was = None if before is None else operators.operator(conn, before.operator_id)
            if was is not None and was.id != number:
                note = Note("operator.off", was.name, {"why": "switched", "next": sitting.name}, {})
                audit.append(conn, self._seat, [note], at)
            operators.sit(conn, self._seat, number, sitting.behalf, at)
            seat = SignedSeat(self._seat, sitting)
            audit.append(conn, seat, [Note("operator.on", sitting.name, facts, {})], at)

        await self._database.record(work)

    async def go_on(self, sitting: Sitting, facts: Mapping[str, Plain], at: int) -> None:
        """The operating system's account goes on here, because codes cannot be read."""

        def work(conn: Connection) -> None:
            operators.leave(conn, self._seat)
            seat = SignedSeat(self._seat, sitting)
            audit.append(conn, seat, [Note("operator.on", sitting.name, facts, {})], at)

        await self._database.record(work)

    async def leave(self, who: str, why: str, at: int) -> None:
        """Nobody sits here from now."""

        def work(conn: Connection) -> None:
            audit.append(conn, self._seat, [Note("operator.off", who, {"why": why}, {})], at)
            operators.leave(conn, self._seat)

        await self._database.record(work)

    async def lock(self, who: str, why: str, at: int) -> None:
        """The seat asks for a code from now."""

        def work(conn: Connection) -> None:
            operators.set_locked(conn, self._seat, at)
            author = PROGRAM if why == "away" else who
            facts: dict[str, Plain] = {"operator": who, "why": why}
            audit.append(conn, self._seat, [Note("operator.locked", author, facts, {})], at)

        await self._database.record(work)

    async def unlock(self, who: str, facts: Mapping[str, Plain], at: int) -> None:
        """Whoever sits here is back."""

        def work(conn: Connection) -> None:
            operators.set_locked(conn, self._seat, None)
            audit.append(conn, self._seat, [Note("operator.unlocked", who, facts, {})], at)

        await self._database.record(work)

    async def wrong_code(self, operator: Operator, purpose: str, at: int) -> int:
        """Counts a wrong code; the entry is the program's, because nobody knows who typed it."""

        def work(conn: Connection) -> int:
            number = operators.count_wrong(conn, operator.id, at)
            facts: dict[str, Plain] = {"operator": operator.name, "for": purpose, "wrong": number}
            audit.append(conn, self._seat, [Note("operator.refused", PROGRAM, facts, {})], at)
            return number

        return await self._database.record(work)

    async def right_code(self, operator_id: int) -> None:
        """Forgets wrong codes."""
        await self._database.record(lambda conn: operators.forget_wrong(conn, operator_id))


def _facts(operator: Operator) -> dict[str, Plain]:
    return {
        "operator": operator.name,
        "role": operator.role,
        "collar": operator.collar,
        "code": operator.has_code,
    }


def _must_differ(conn: Connection, newcomer: Newcomer) -> None:
    """Raises UsageError when a name is taken, or could be taken for one that is or was on the roster."""
    for name, look, is_on in operators.looks(conn):
        if name == newcomer.name:
            if is_on:
                raise UsageError(f"{name} is on the roster already.")
            continue
        if look == newcomer.look:
            where = "is on the roster" if is_on else "was on the roster"
            raise UsageError(
                f"That name looks like “{name}”, who {where}, and the record could not tell the two apart. "
                "Add an initial or a collar number."
            )
