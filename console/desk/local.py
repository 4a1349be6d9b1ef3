"""The desk of one operator, kept in the profile's own database.

Every method that changes something is one durable transaction that holds the change and its ledger
entry, or several such transactions where the protocol says so. What a newcomer would get wrong: nothing
is remembered between calls. The window and the command line may both be at work on one profile, each
with a desk of its own, so what an act's state is, and where the ledger ends, is read inside the
transaction that goes on from there.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import Future
from functools import partial
from typing import Final

from console.desk import acts as acting
from console.desk import standing
from console.desk.lists import end_with_incident, must_be_open, needs_second
from console.desk.protocol import Draft, EvidenceRow, Move, Submission, Submitted, Waiting
from console.domain.acts import LATER_MS, Act, ActState, LaterLook, Verb
from console.domain.audit import Entry, Note, Plain, Verdict
from console.domain.errors import WatchlistError
from console.domain.ids import (
    AccountId,
    ActId,
    BulkId,
    EvidenceId,
    TopicId,
    topic_key,
)
from console.domain.incidents import Incident
from console.domain.times import iso
from console.domain.topics import Topic
from console.domain.watchlists import Watchlist
from console.domain.waves import Standing
from console.store import accounts as stored_accounts
from console.store import acts, audit, evidence, incidents, looks, topics, verifying, watchlists, waves
from console.store.database import Connection, Database

_AT_ONCE: Final = 500
"""How many drafts go into one transaction: what a crash in the middle of a large bulk act may leave
unasked for, and how long other writers wait."""

PROGRAM: Final = "cordon"
"""Who is named in the ledger for what the program does by itself."""


class LocalDesk:
    """The `Desk` of one seat; `seat` names it in every ledger entry."""

    def __init__(self, database: Database, seat: str) -> None:
        self._database = database
        self._seat = seat

    # acts ----------------------------------------------------------------------------------------

    async def submit(
        self, submission: Submission, more: AsyncIterator[Sequence[Draft]] | None = None
    ) -> Submitted:
        """Puts evidence, acts and ledger entries on disk, 500 drafts in each durable transaction."""
        bulk_id = submission.under.bulk_id if submission.under is not None else None
        act_ids: list[ActId] = []
        writing: Future[tuple[BulkId | None, list[ActId]]] | None = None
        start = 0
        async for some in _in_parts(submission.drafts, more):
            if writing is not None:
                bulk_id, new = await asyncio.wrap_future(writing)
                act_ids += new
            work = partial(acting.submit, self._seat, submission, some, bulk_id, start)
            writing = self._database.record_now(work)
            start += len(some)
        if writing is not None:
            bulk_id, new = await asyncio.wrap_future(writing)
            act_ids += new
        return Submitted(bulk_id, tuple(act_ids))

    async def take(
        self,
        accounts: Sequence[AccountId],
        now: int,
        most: int,
        room: Mapping[Verb, int] | None = None,
        *,
        reversible_only: bool = False,
    ) -> list[Act]:
        """The acts that are due on these accounts, moved to `sending` durably, on the worst items first."""
        if not accounts or most < 1:
            return []
        # Looked at first without a write, because mostly there is nothing to take.
        due = partial(
            acts.due, accounts=accounts, now=now, most=most, room=room or {}, reversible_only=reversible_only
        )
        if not await self._database.read(due):
            return []
        return await self._database.record(partial(acting.take, self._seat, due, now))

    async def move(self, moves: Sequence[Move], who: str, at: int) -> list[Act]:
        """Steps acts on, items with them, each with its ledger entry, in one durable transaction."""
        if not moves:
            return []
        return await self._database.record(partial(acting.move, self._seat, moves, who, at))

    async def acts(self, ids: Sequence[ActId]) -> list[Act]:
        """These acts, in the order of their ids."""
        return await self._database.read(lambda conn: acts.acts(conn, ids))

    async def waiting(self) -> list[Waiting]:
        """What the queue holds, by account and state, for acts that are open."""
        counts = await self._database.read(acts.waiting)
        return [Waiting(each.account_id, each.state, each.number, each.due_at) for each in counts]

    async def next_due(self, account_id: AccountId, after: int) -> int | None:
        """When the next act of an account becomes due that is not yet, epoch ms; None when there is none."""
        return await self._database.read(lambda conn: acts.next_due(conn, account_id, after))

    async def backlog(self) -> Mapping[tuple[AccountId, Verb], int]:
        """How many acts wait to be sent, by account and verb."""
        return await self._database.read(acts.backlog)

    async def open_acts(self) -> list[Act]:
        """Every act that still asks for work, oldest first."""
        return await self._database.read(acts.open_acts)

    async def acts_in(
        self, states: Sequence[ActState], accounts: Sequence[AccountId] | None, most: int
    ) -> list[Act]:
        """Acts in these states, oldest first."""
        return await self._database.read(lambda conn: acts.in_states(conn, states, accounts, most))

    async def newest_acts(self, who: str | None, most: int) -> list[Act]:
        """The newest acts (of one operator), newest first."""
        return await self._database.read(lambda conn: acts.newest(conn, who, most))

    async def last_undoable(self, who: str) -> Act | None:
        """The operator's newest act that can be taken back and is not being taken back already."""
        return await self._database.read(lambda conn: acts.last_undoable(conn, who))

    async def acts_of_bulk(self, bulk_id: BulkId) -> list[Act]:
        """All acts of one bulk act."""
        return await self._database.read(lambda conn: acts.of_bulk(conn, bulk_id))

    # later looks ---------------------------------------------------------------------------------

    async def next_look(self, account_id: AccountId) -> int | None:
        """When something done on an account is to be looked at again, epoch ms; None when nothing is."""
        return await self._database.read(lambda conn: looks.next_at(conn, account_id))

    async def due_looks(self, account_id: AccountId, now: int, most: int) -> list[LaterLook]:
        """Finished acts of an account that are to be looked at again by now, the most urgent first."""
        found = await self._database.read(lambda conn: looks.due(conn, account_id, now, most))
        if not found:
            await self._database.ingest(lambda conn: looks.drop_stale(conn, account_id, now))
        return found

    async def put_off_looks(self, planned: Sequence[tuple[ActId, int, int, bool]]) -> None:
        """Plans the next look of acts; one beyond the last step ends them. No part of the record."""
        if planned:
            await self._database.ingest(partial(_plan_looks, planned=planned))

    # standing verdicts ---------------------------------------------------------------------------

    async def put_standing(self, verdict: Standing) -> Standing:
        """Puts a verdict on record and in force; gives it with its number."""
        return await self._database.record(lambda conn: standing.put(conn, self._seat, verdict))

    async def pass_standing(self, number: int, after: int) -> None:
        """Says that a verdict has looked at arrivals up to this item and found nothing to do."""
        await self._database.record(lambda conn: waves.use_standing(conn, number, 0, after))

    async def end_standing(self, number: int, who: str, why: str, at: int) -> bool:
        """Ends a verdict, on record; whether it still stood."""
        return await self._database.record(lambda conn: standing.end(conn, self._seat, number, who, why, at))

    async def open_standings(self) -> list[Standing]:
        """Verdicts that were not ended, those whose time is over too, oldest first."""
        return await self._database.read(waves.open_standings)

    # evidence ------------------------------------------------------------------------------------

    async def evidence(self, evidence_id: EvidenceId) -> EvidenceRow | None:
        """One sealed record."""
        found = await self._database.read(lambda conn: evidence.record(conn, evidence_id))
        if found is None:
            return None
        return EvidenceRow(
            id=found.id,
            item_id=found.item_id,
            sealed_at=found.sealed_at,
            cipher=found.cipher,
            wrapped_key=found.wrapped_key,
            digest=found.digest,
            retention=found.retention,
            review_at=found.review_at,
            recovery_wrap=found.recovery_wrap,
            supplement_of=found.supplement_of,
        )

    # ledger --------------------------------------------------------------------------------------

    async def note(self, notes: Sequence[Note], at: int) -> list[int]:
        """Puts something on record that is neither an act nor an evidence record; gives the places."""
        if not notes:
            return []
        return await self._database.record(lambda conn: audit.append(conn, self._seat, notes, at))

    async def entries(self, after: int, most: int) -> list[Entry]:
        """Ledger entries with a place above `after`, in order."""
        return await self._database.read(lambda conn: audit.entries(conn, after, most))

    async def verify(self) -> Verdict:
        """Checks every entry, its place in the chain, its content, every evidence record, every act."""
        return await self._database.read(verifying.verify)

    # incidents, watchlists ---------------------------------------------------------------------------

    async def incident(self) -> Incident | None:
        """The open incident, if there is one."""
        return await self._database.read(incidents.current)

    async def open_incident(self, name: str, posture: str, who: str, at: int) -> Incident:
        """Opens an incident; an open one is closed first."""

        def work(conn: Connection) -> Incident:
            notes = _closing(conn, who, at)
            incident = incidents.start(conn, name, posture, who, at)
            facts = {"incident": incident.id}
            notes.append(Note("incident.opened", who, facts, {"name": name, "posture": posture}))
            audit.append(conn, self._seat, notes, at)
            return incident

        return await self._database.record(work)

    async def close_incident(self, who: str, at: int) -> None:
        """Closes the open incident."""

        def work(conn: Connection) -> None:
            audit.append(conn, self._seat, _closing(conn, who, at), at)

        await self._database.record(work)

    async def open_topic(
        self,
        *,
        words: str,
        purpose: str,
        authorised_by: str,
        accounts: Sequence[AccountId],
        ends_at: int,
        who: str,
        at: int,
    ) -> Topic:
        """Opens a topic to search for on some accounts, until a time."""

        def work(conn: Connection) -> Topic:
            topic = topics.add(
                conn,
                words=words,
                purpose=purpose,
                opened_by=who,
                authorised_by=authorised_by,
                at=at,
                ends_at=ends_at,
                accounts=accounts,
            )
            keys = [found.key for one in accounts if (found := stored_accounts.account(conn, one))]
            facts: dict[str, Plain] = {
                "topic": topic_key(topic.id),
                "accounts": "; ".join(keys),
                "authorised_by": authorised_by,
                "ends_at": iso(ends_at),
            }
            note = Note("topic.opened", who, facts, {"words": words, "purpose": purpose})
            audit.append(conn, self._seat, [note], at)
            return topic

        return await self._database.record(work)

    async def close_topic(self, topic_id: TopicId, who: str, at: int) -> bool:
        """Closes a topic; whether it was open."""

        def work(conn: Connection) -> bool:
            found = next((one for one in topics.topics(conn, open_only=True) if one.id == topic_id), None)
            if found is None or not topics.close(conn, topic_id, at):
                return False
            facts: dict[str, Plain] = {
                "topic": topic_key(topic_id),
                "authorised_by": found.authorised_by,
                "found": sum(search.found for search in found.searches),
            }
            note = Note("topic.closed", who, facts, {"words": found.words, "purpose": found.purpose})
            audit.append(conn, self._seat, [note], at)
            return True

        return await self._database.record(work)

    async def watchlists(self) -> list[Watchlist]:
        """The newest version of every watchlist that is in force."""
        return await self._database.read(watchlists.watchlists)

    async def put_watchlist(self, watchlist: Watchlist, source: str, who: str, at: int) -> None:
        """Puts a new version in force. Raises WatchlistError for an older version number, or two people."""

        def work(conn: Connection) -> None:
            must_be_open(conn, watchlist)
            if who != PROGRAM and needs_second(conn, watchlist):
                raise WatchlistError(
                    f"Watchlist {watchlist.id}: a second person must agree. Propose the change instead."
                )
            if watchlists.put(conn, watchlist, source, who, at):
                facts: dict[str, Plain] = {
                    "watchlist": watchlist.id,
                    "version": watchlist.version,
                    "digest": watchlists.digest(source),
                    "review_by": watchlist.review_by.isoformat(),
                }
                content = {"name": watchlist.name, "owner": watchlist.owner}
                audit.append(conn, self._seat, [Note("watchlist.put", who, facts, content)], at)

        await self._database.record(work)


async def _in_parts(
    drafts: Sequence[Draft], more: AsyncIterator[Sequence[Draft]] | None
) -> AsyncIterator[Sequence[Draft]]:
    """Drafts in parts that fit into a transaction each."""
    for start in range(0, len(drafts), _AT_ONCE):
        yield drafts[start : start + _AT_ONCE]
    if more is not None:
        async for some in more:
            for start in range(0, len(some), _AT_ONCE):
                yield some[start : start + _AT_ONCE]


def _plan_looks(conn: Connection, planned: Sequence[tuple[ActId, int, int, bool]]) -> None:
    looks.put_off(conn, [one for one in planned if one[2] < len(LATER_MS)])
    looks.end(conn, [act_id for act_id, _, step, _ in planned if step >= len(LATER_MS)])


def _closing(conn: Connection, who: str, at: int) -> list[Note]:
    """Closes the incident that is open, if one is, and says what the ledger shall hold about it."""
    incident = incidents.current(conn)
    if incident is None:
        return []
    incidents.finish(conn, incident, who, at)
    closed = Note("incident.closed", who, {"incident": incident.id}, {"name": incident.name})
    return [closed, *end_with_incident(conn, incident.id, who, at)]
