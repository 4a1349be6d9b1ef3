"""The part of the desk that puts looks on record: a search, an author looked up, a private message read.

As in `desk/protocol.py`, each entry is one durable transaction. What a newcomer would get wrong: one
person looking at one thing again and again within ten minutes is one look. Whether it is the first is
asked inside the transaction, because the window and the command line may both be looking.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from console.domain.audit import Note, plain_json
from console.store import audit
from console.store.database import Connection, Database

AGAIN_MS: Final = 600_000
"""After ten minutes the same look is one more: long enough not to flood the ledger, short enough to see
from it how long somebody kept coming back."""


@dataclass(frozen=True, slots=True)
class Look:
    """One look, and what makes it the same as another: kind, person and subject."""

    subject: str
    """What was looked at; it is kept as a digest for ten minutes and then forgotten."""
    note: Note


class OnlookerDesk(Protocol):
    """Where looks are put on record."""

    async def put(self, looks: Sequence[Look], at: int) -> int:
        """Puts those on record that are not on record since `AGAIN_MS`; how many. `at` is epoch ms."""


class LocalOnlookers:
    """The `OnlookerDesk` of one seat, in the profile's own database."""

    def __init__(self, database: Database, seat: str) -> None:
        self._database = database
        self._seat = seat

    async def put(self, looks: Sequence[Look], at: int) -> int:
        """Puts those on record that are not on record since `AGAIN_MS`; how many."""
        found = {_digest(look): look for look in looks}

        def work(conn: Connection) -> int:
            conn.execute("DELETE FROM latest_looks WHERE at <= ? OR at > ?", (at - AGAIN_MS, at))
            fresh = [
                (digest, look.note)
                for digest, look in found.items()
                if conn.execute(
                    "INSERT OR IGNORE INTO latest_looks (digest, at) VALUES (?, ?)", (digest, at)
                ).rowcount
            ]
            return len(audit.append(conn, self._seat, [note for _, note in fresh], at))

        return await self._database.record(work) if found else 0


def _digest(look: Look) -> bytes:
    who = {"kind": look.note.kind, "who": look.note.who, "subject": look.subject}
    return hashlib.sha256(plain_json(who)).digest()
