"""The part of the desk that hands open risk from one shift to the next.

As in `desk/protocol.py`, each change and its ledger entry are one durable transaction. What a newcomer would
get wrong: who may accept is asked inside that transaction, because two people may be at it.
"""

from collections.abc import Sequence
from typing import Protocol

from console.domain.approving import same_person
from console.domain.audit import Note, Plain
from console.domain.errors import NotPossible, UsageError
from console.domain.handover import Handover, Line
from console.store import audit, handovers, operators
from console.store.database import Connection, Database


class HandoverDesk(Protocol):
    """What is handed over, and who accepted it."""

    async def write(self, lines: Sequence[Line], note: str, who: str, at: int) -> Handover:
        """Puts a handover on record; one that was open stays, and what was accepted of it too."""

    async def handover(self, number: int | None = None) -> Handover | None:
        """A handover, or the newest; None when there is none."""

    async def accept(self, number: int, places: Sequence[int], who: str, at: int) -> Handover:
        """Somebody takes lines on; those that somebody has already are left.

        Raises UsageError for a line that is not there, NotPossible for whoever wrote it.
        """


class LocalHandovers:
    """The `HandoverDesk` of one seat, in the profile's own database."""

    def __init__(self, database: Database, seat: str) -> None:
        self._database = database
        self._seat = seat

    async def write(self, lines: Sequence[Line], note: str, who: str, at: int) -> Handover:
        """Puts a handover on record."""

        def work(conn: Connection) -> Handover:
            made = Handover(handovers.put(conn, who, at, lines), who, at, note, tuple(lines))
            counts: dict[str, Plain] = {}
            for line in lines:
                counts[line.kind.value] = int(counts.get(line.kind.value) or 0) + 1 + line.more
            keys = " ".join(line.key for line in lines if line.key)
            facts: dict[str, Plain] = {"handover": made.key, "lines": len(lines), "keys": keys, **counts}
            entry = Note("handover.written", who, facts, {"note": note})
            (seq,) = audit.append(conn, self._seat, [entry], at)
            handovers.enter(conn, made.id, seq)
            return made

        return await self._database.record(work)

    async def handover(self, number: int | None = None) -> Handover | None:
        """A handover, or the newest."""
        return await self._database.read(lambda conn: handovers.one(conn, number))

    async def accept(self, number: int, places: Sequence[int], who: str, at: int) -> Handover:
        """Somebody takes lines on."""

        def work(conn: Connection) -> Handover:
            found = handovers.one(conn, number)
            if found is None:
                raise UsageError(f"There is no handover h{number} in this profile.")
            if same_person(found.made_by, who) and operators.roster(conn):
                raise NotPossible(
                    f"{who} wrote this handover. Whoever comes next accepts it: change who sits here first."
                )
            by_place = {line.place: line for line in found.lines}
            notes: list[Note] = []
            for place in dict.fromkeys(places):
                line = by_place.get(place)
                if line is None:
                    raise UsageError(f"{found.key} has no line {place}; there are {len(found.lines)}.")
                if handovers.accept(conn, number, place, who, at):
                    facts: dict[str, Plain] = {
                        "handover": found.key,
                        "line": place,
                        "of": len(found.lines),
                        "about": line.kind.value,
                        "key": line.key,
                    }
                    notes.append(Note("handover.accepted", who, facts, {}))
            audit.append(conn, self._seat, notes, at)
            after = handovers.one(conn, number)
            return found if after is None else after

        return await self._database.record(work)
