"""Acts on the local desk: asked for, taken, moved on; each step with its entry, in the caller's transaction.

What a newcomer would get wrong: nothing here decides what should happen next. It only sees to it that what
happens is one of `domain.acts.MOVES`, and that the ledger, the item and the act say the same afterwards.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from console.desk.protocol import Draft, Move, Submission
from console.domain.accounts import Account
from console.domain.acts import OPEN, Act, ActState, Verb, may_move
from console.domain.audit import Note, Plain
from console.domain.ids import ActId, BulkId, EvidenceId, ItemId, act_key, bulk_key, evidence_key, item_key
from console.domain.items import ItemState
from console.domain.times import iso
from console.domain.waves import standing_key
from console.store import accounts as stored_accounts
from console.store import acts, approvals, audit, evidence, items, keeping, looks, waves
from console.store.database import Connection

PROGRAM: Final = "cordon"
"""Who is named in the ledger for what the program does by itself."""


# submitting ---------------------------------------------------------------------------------------


def submit(
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
        bulk_id = acts.new_bulk(conn, who, at, submission.of)
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
            if draft.evidence.files:
                keeping.link_media(conn, evidence_id, draft.evidence.files)
            if draft.evidence.wants_media:
                keeping.want_media(conn, [evidence_id], at)
            facts = evidence.sealing_facts(record, draft.evidence.facts)
            notes.append(Note("evidence.sealed", who, facts, {}))
        act = _new_act(submission, draft, ActId(act_number + len(new)), bulk_id, evidence_id)
        new.append(act)
        facts = _act_facts(act, draft, keys.get(draft.account_id), place, submission.of)
        if draft.second is not None:
            facts |= {"needs_second": draft.second.why, "expires_at": iso(draft.second.expires_at)}
        if under is not None:
            facts["standing"] = standing_key(under.standing)
        content = {"reason": act.reason, "text": act.text, **(draft.content or {})}
        notes.append(Note("act.requested", who, facts, content))
    evidence.insert(conn, records)
    acts.insert(conn, new)
    approvals.wait(
        conn,
        [(act.id, draft.second) for act, draft in zip(new, drafts, strict=True) if draft.second is not None],
    )
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
        "acts": submission.of,
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
        retention=draft.evidence.retention,
        review_at=at + draft.evidence.life_ms,
        recovery_wrap=draft.evidence.recovery_wrap,
        supplement_of=draft.evidence.supplement_of,
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


def take(seat: str, due: Callable[[Connection], list[Act]], now: int, conn: Connection) -> list[Act]:
    """One transaction that moves the acts which `due` finds to `sending`, before anything leaves."""
    taken: list[Act] = []
    notes: list[Note] = []
    for act in due(conn):
        sending = replace(act, state=ActState.SENDING, sent_at=now, attempts=act.attempts + 1, error=None)
        taken.append(sending)
        notes.append(step_note(sending, act.state, PROGRAM, {"attempt": sending.attempts}, {}))
    acts.step(conn, taken)
    audit.append(conn, seat, notes, now)
    return taken


def move(seat: str, moves: Sequence[Move], who: str, at: int, conn: Connection) -> list[Act]:
    """One transaction of steps, those that the table of moves allows; gives the acts that moved."""
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
            step_note(after, act.state, who, facts, {k: v for k, v in content.items() if v is not None})
        )
    acts.step(conn, list(moved.values()))
    items.set_states(conn, seen)
    decided = [act.item_id for act in moved.values() if _is_withdrawn(act)]
    acts.set_left_up(conn, decided, None)
    confirmed = [act for act in moved.values() if act.state is ActState.CONFIRMED]
    looks.plan(conn, confirmed, at)
    looks.end(conn, [act.id for act in moved.values() if act.state is ActState.REAPPEARED])
    back, more = _undo(conn, confirmed, who, at)
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
        notes.append(step_note(undone, act.state, who, facts, {}))
    acts.step(conn, back)
    acts.set_left_up(conn, [act.item_id for act in back if _is_withdrawn(act)], None)
    return back, notes


def _is_withdrawn(act: Act) -> bool:
    """Whether this was a decision to leave an item up that no longer holds."""
    return act.verb is Verb.LEAVE_UP and act.state is ActState.UNDONE


def step_note(
    act: Act, before: ActState, who: str, facts: Mapping[str, Plain], content: Mapping[str, Plain]
) -> Note:
    """What the ledger holds about one step of an act."""
    own: dict[str, Plain] = {
        "act": act_key(act.id),
        "item": item_key(act.item_id),
        "verb": act.verb.value,
        "before": before.value,
    }
    return Note(f"act.{act.state.value}", who, {**facts, **own}, content)
