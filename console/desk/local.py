"""The desk of one operator, kept in the profile's own database.

Every method that changes something is one durable transaction that holds the change and its ledger
entry, or several such transactions where the protocol says so. What a newcomer would get wrong: nothing
is remembered between calls. The window and the command line may both be at work on one profile, each
with a desk of its own, so what an act's state is, and where the ledger ends, is read inside the
transaction that goes on from there.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from console.desk import standing
from console.desk.lists import end_with_incident, must_be_open, needs_second
from console.desk.protocol import Draft, EvidenceRow, Move, Submission, Submitted, Waiting
from console.domain.accounts import Account
from console.domain.acts import OPEN, Act, ActState, Verb, may_move
from console.domain.audit import Entry, Note, Plain, Verdict
from console.domain.errors import WatchlistError
from console.domain.ids import (
    AccountId,
    ActId,
    BulkId,
    EvidenceId,
    ItemId,
    TopicId,
    act_key,
    bulk_key,
    evidence_key,
    item_key,
    topic_key,
)
from console.domain.incidents import Incident
from console.domain.items import ItemState
from console.domain.times import iso
from console.domain.topics import Topic
from console.domain.watchlists import Watchlist
from console.domain.waves import Standing, standing_key
from console.store import accounts as stored_accounts
from console.store import acts, audit, evidence, incidents, items, topics, verifying, watchlists, waves
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

    async def submit(self, submission: Submission) -> Submitted:
        """Puts evidence, acts and ledger entries on disk, 500 drafts in each durable transaction."""
        bulk_id = submission.under.bulk_id if submission.under is not None else None
        act_ids: list[ActId] = []
        for start in range(0, len(submission.drafts), _AT_ONCE):
            some = submission.drafts[start : start + _AT_ONCE]
            work = partial(_submit, self._seat, submission, some, bulk_id, start)
            bulk_id, new = await self._database.record(work)
            act_ids += new
        return Submitted(bulk_id, tuple(act_ids))

    async def take(
        self, accounts: Sequence[AccountId], now: int, most: int, room: Mapping[Verb, int] | None = None
    ) -> list[Act]:
        """The acts that are due on these accounts, moved to `sending` durably, on the worst items first."""
        if not accounts or most < 1:
            return []
        # Looked at first without a write, because mostly there is nothing to take.
        due = partial(acts.due, accounts=accounts, now=now, most=most, room=room or {})
        if not await self._database.read(due):
            return []
        return await self._database.record(partial(_take, self._seat, due, now))

    async def move(self, moves: Sequence[Move], who: str, at: int) -> list[Act]:
        """Steps acts on, items with them, each with its ledger entry, in one durable transaction."""
        if not moves:
            return []
        return await self._database.record(partial(_move, self._seat, moves, who, at))

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


def _closing(conn: Connection, who: str, at: int) -> list[Note]:
    """Closes the incident that is open, if one is, and says what the ledger shall hold about it."""
    incident = incidents.current(conn)
    if incident is None:
        return []
    incidents.finish(conn, incident, who, at)
    closed = Note("incident.closed", who, {"incident": incident.id}, {"name": incident.name})
    return [closed, *end_with_incident(conn, incident.id, who, at)]


# submitting ---------------------------------------------------------------------------------------


def _submit(
    seat: str,
    submission: Submission,
    drafts: Sequence[Draft],
    bulk_id: BulkId | None,
    start: int,
    conn: Connection,
) -> tuple[BulkId | None, list[ActId]]:
    """One transaction of a submission: the drafts from place `start` on."""
    who, at = submission.who, submission.at
    notes: list[Note] = []
    under = submission.under
    if submission.bulk and bulk_id is None:
        bulk_id = acts.new_bulk(conn, who, at, len(submission.drafts))
        notes.append(_bulk_note(submission, bulk_id))
    elif under is not None and bulk_id is not None and bulk_id == under.bulk_id:
        acts.add_to_bulk(conn, bulk_id, len(drafts))
    keys = {account.id: account.key for account in _named(conn, drafts)}
    act_number, evidence_number = acts.next_id(conn), evidence.next_id(conn)
    records: list[evidence.Record] = []
    new: list[Act] = []
    for place, draft in enumerate(drafts, start + 1):
        evidence_id: EvidenceId | None = None
        if draft.evidence is not None:
            evidence_id = EvidenceId(evidence_number + len(records))
            record = _record(draft, evidence_id, at)
            records.append(record)
            facts = evidence.sealing_facts(record, draft.evidence.facts)
            notes.append(Note("evidence.sealed", who, facts, {}))
        act = _new_act(submission, draft, ActId(act_number + len(new)), bulk_id, evidence_id)
        new.append(act)
        facts = _act_facts(act, draft, keys.get(draft.account_id), place, len(submission.drafts))
        if under is not None:
            facts["standing"] = standing_key(under.standing)
        content = {"reason": act.reason, "text": act.text, **(draft.content or {})}
        notes.append(Note("act.requested", who, facts, content))
    evidence.insert(conn, records)
    acts.insert(conn, new)
    if under is not None and new:
        acts.set_standing(conn, [act.id for act in new], under.standing)
        newest = max(act.item_id for act in new)
        waves.use_standing(conn, under.standing, len(new), newest, bulk_id)
    decided = [act for act in new if act.state is ActState.CONFIRMED and act.verb is Verb.LEAVE_UP]
    acts.set_left_up(conn, [act.item_id for act in decided if act.undo_of is None], at)
    notes += _undo(conn, [act for act in new if act.state is ActState.CONFIRMED], who, at)[1]
    audit.append(conn, seat, notes, at)
    return bulk_id, [act.id for act in new]


def _named(conn: Connection, drafts: Sequence[Draft]) -> list[Account]:
    found = [stored_accounts.account(conn, each) for each in {draft.account_id for draft in drafts}]
    return [account for account in found if account is not None]


def _bulk_note(submission: Submission, bulk_id: BulkId) -> Note:
    verbs = sorted({draft.verb.value for draft in submission.drafts})
    facts: dict[str, Plain] = {
        "bulk": bulk_key(bulk_id),
        "verb": " ".join(verbs),
        "acts": len(submission.drafts),
        "category": submission.category,
    }
    content = {"reason": submission.reason, "text": submission.text}
    return Note("bulk.requested", submission.who, facts, content)


def _record(draft: Draft, evidence_id: EvidenceId, at: int) -> evidence.Record:
    assert draft.evidence is not None  # noqa: S101  # asked by the caller; told here for the types
    return evidence.Record(
        id=evidence_id,
        item_id=draft.item_id,
        sealed_at=at,
        cipher=draft.evidence.cipher,
        wrapped_key=draft.evidence.wrapped_key,
        digest=draft.evidence.digest,
        retention=evidence.RETENTION,
        review_at=at + evidence.REVIEW_AFTER_MS,
    )


def _new_act(
    submission: Submission,
    draft: Draft,
    act_id: ActId,
    bulk_id: BulkId | None,
    evidence_id: EvidenceId | None,
) -> Act:
    return Act(
        id=act_id,
        bulk_id=bulk_id,
        verb=draft.verb,
        item_id=draft.item_id,
        account_id=draft.account_id,
        state=draft.state,
        reason=submission.reason,
        category=submission.category,
        text=submission.text,
        requested_by=submission.who,
        requested_at=submission.at,
        due_at=draft.due_at,
        sent_at=None,
        settled_at=None if draft.state in OPEN else submission.at,
        attempts=0,
        error=None,
        note=draft.note,
        undo_of=draft.undo_of,
        evidence_id=evidence_id,
        reversible=draft.reversible,
    )


def _act_facts(act: Act, draft: Draft, account: str | None, place: int, number: int) -> dict[str, Plain]:
    return {
        **(draft.facts or {}),
        "act": act_key(act.id),
        "bulk": None if act.bulk_id is None else bulk_key(act.bulk_id),
        "place": place,
        "of": number,
        "verb": act.verb.value,
        "item": item_key(act.item_id),
        "account": account,
        "state": act.state.value,
        "category": act.category,
        "due_at": iso(act.due_at),
        "reversible": act.reversible,
        "evidence": None if act.evidence_id is None else evidence_key(act.evidence_id),
        "undo_of": None if act.undo_of is None else act_key(act.undo_of),
    }


# stepping on --------------------------------------------------------------------------------------


def _take(seat: str, due: Callable[[Connection], list[Act]], now: int, conn: Connection) -> list[Act]:
    taken: list[Act] = []
    notes: list[Note] = []
    for act in due(conn):
        sending = replace(act, state=ActState.SENDING, sent_at=now, attempts=act.attempts + 1, error=None)
        taken.append(sending)
        notes.append(_step_note(sending, act.state, PROGRAM, {"attempt": sending.attempts}, {}))
    acts.step(conn, taken)
    audit.append(conn, seat, notes, now)
    return taken


def _move(seat: str, moves: Sequence[Move], who: str, at: int, conn: Connection) -> list[Act]:
    known = {act.id: act for act in acts.acts(conn, [move.act_id for move in moves])}
    moved: dict[ActId, Act] = {}
    seen: dict[ItemId, ItemState] = {}
    notes: list[Note] = []
    for move in moves:
        act = moved.get(move.act_id) or known.get(move.act_id)
        if act is None or not may_move(act.state, move.to):
            continue
        after = _after(act, move, at)
        moved[act.id] = after
        facts: dict[str, Plain] = {}
        if move.item_state is not None:
            seen[act.item_id] = move.item_state
            facts["item_state"] = move.item_state.value
        if move.to is ActState.QUEUED:
            facts["due_at"] = iso(after.due_at)
        content = {"error": move.error, "note": move.note}
        notes.append(
            _step_note(after, act.state, who, facts, {k: v for k, v in content.items() if v is not None})
        )
    acts.step(conn, list(moved.values()))
    items.set_states(conn, seen)
    decided = [act.item_id for act in moved.values() if _is_withdrawn(act)]
    acts.set_left_up(conn, decided, None)
    back, more = _undo(conn, [act for act in moved.values() if act.state is ActState.CONFIRMED], who, at)
    moved |= {act.id: act for act in back}
    audit.append(conn, seat, [*notes, *more], at)
    return list(moved.values())


def _after(act: Act, move: Move, at: int) -> Act:
    """The act as it is once it has stepped on; an attempt that never left the machine was none."""
    was_none = act.state is ActState.SENDING and move.to is ActState.QUEUED
    return replace(
        act,
        state=move.to,
        due_at=act.due_at if move.due_at is None else move.due_at,
        sent_at=at if move.to is ActState.SENDING else act.sent_at,
        settled_at=None if move.to in OPEN else at,
        attempts=act.attempts + (move.to is ActState.SENDING) - was_none,
        error=move.error,
        note=act.note if move.note is None else move.note,
    )


def _undo(conn: Connection, confirmed: Sequence[Act], who: str, at: int) -> tuple[list[Act], list[Note]]:
    """Marks as undone what these acts, now confirmed, have taken back."""
    undoing = {act.undo_of: act for act in confirmed if act.undo_of is not None}
    back: list[Act] = []
    notes: list[Note] = []
    for act in acts.acts(conn, list(undoing)):
        if not may_move(act.state, ActState.UNDONE):
            continue
        undone = replace(act, state=ActState.UNDONE, settled_at=at)
        back.append(undone)
        facts: dict[str, Plain] = {"undone_by": act_key(undoing[act.id].id)}
        notes.append(_step_note(undone, act.state, who, facts, {}))
    acts.step(conn, back)
    acts.set_left_up(conn, [act.item_id for act in back if _is_withdrawn(act)], None)
    return back, notes


def _is_withdrawn(act: Act) -> bool:
    """Whether this was a decision to leave an item up that no longer holds."""
    return act.verb is Verb.LEAVE_UP and act.state is ActState.UNDONE


def _step_note(
    act: Act, before: ActState, who: str, facts: Mapping[str, Plain], content: Mapping[str, Plain]
) -> Note:
    own: dict[str, Plain] = {
        "act": act_key(act.id),
        "item": item_key(act.item_id),
        "verb": act.verb.value,
        "before": before.value,
    }
    return Note(f"act.{act.state.value}", who, {**facts, **own}, content)
