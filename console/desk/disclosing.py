"""The part of the desk that gives things out: what left, for whom it was made, on record before it leaves.

What a newcomer would get wrong: the entry comes first and the file after it. A bundle that could not be
finished is on record as given out and then as withdrawn; one that nobody knows of cannot exist.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from console.domain.audit import Note, Plain
from console.store import audit, disclosing
from console.store.database import Connection, Database


@dataclass(frozen=True, slots=True)
class Given:
    """A bundle or report that is about to be given out."""

    kind: str
    """`incident`, `subject`, `items`, `everything`, or the kind of a report."""
    digest: str
    """SHA-256 of the bundle's manifest or of the report, in hexadecimal."""
    who: str
    at: int
    """Milliseconds since 1970, UTC."""
    facts: Mapping[str, Plain]
    """What else the ledger keeps for ever: counts, own keys."""
    content: Mapping[str, Plain]
    """What stands beside the entry and can be destroyed: the reason, whom it is about."""
    records: Sequence[str] = ()
    """Keys of the evidence records in it."""
    covered: Mapping[str, int] = field(default_factory=dict)
    """In how many places each record is covered."""
    is_bundle: bool = True


@dataclass(frozen=True, slots=True)
class OnRecord:
    """Where something that is given out stands on record."""

    number: int
    seq: int
    """The place of its entry in the ledger."""


class DisclosingDesk(Protocol):
    """Everything about giving out that operators share."""

    async def give_out(self, given: Given) -> OnRecord:
        """Puts it on record, and each evidence record in it, in one durable transaction."""

    async def withdraw(self, number: int, digest: str, who: str, at: int, why: str) -> None:
        """Says that something on record was not given out after all."""

    async def given_out(self, since: int, until: int) -> list[disclosing.Disclosure]:
        """What was given out from `since` until before `until` (epoch ms), oldest first."""


class LocalDisclosing:
    """The `DisclosingDesk` of one seat; `seat` names it in every ledger entry."""

    def __init__(self, database: Database, seat: str) -> None:
        self._database = database
        self._seat = seat

    async def give_out(self, given: Given) -> OnRecord:
        """See `DisclosingDesk`."""

        def work(conn: Connection) -> OnRecord:
            name = "bundle" if given.is_bundle else "report"
            facts = {**given.facts, name: given.digest, "what": given.kind}
            kind = "bundle.exported" if given.is_bundle else "report.made"
            notes = [Note(kind, given.who, facts, given.content)]
            notes += [
                Note(
                    "evidence.exported",
                    given.who,
                    {"evidence": record, "bundle": given.digest, "covered": given.covered.get(record, 0)},
                    {},
                )
                for record in given.records
            ]
            seqs = audit.append(conn, self._seat, notes, given.at)
            number = disclosing.add(
                conn,
                given.kind,
                given.digest,
                given.who,
                given.at,
                records=len(given.records),
                covered=len(given.covered),
                seq=seqs[0],
            )
            return OnRecord(number, seqs[0])

        return await self._database.record(work)

    async def withdraw(self, number: int, digest: str, who: str, at: int, why: str) -> None:
        """See `DisclosingDesk`."""

        def work(conn: Connection) -> None:
            disclosing.withdraw(conn, number)
            note = Note("bundle.withdrawn", who, {"bundle": digest}, {"why": why})
            audit.append(conn, self._seat, [note], at)

        await self._database.record(work)

    async def given_out(self, since: int, until: int) -> list[disclosing.Disclosure]:
        """See `DisclosingDesk`."""
        return await self._database.read(lambda conn: disclosing.disclosures(conn, since, until))
