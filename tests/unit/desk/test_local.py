"""The desk of one operator: nothing without its record, nothing recorded that was not done."""

import asyncio
import datetime as dt
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from console.desk.protocol import Desk, Move, Submitted, Waiting
from console.domain.acts import MOVES, ActState, Verb
from console.domain.audit import Note
from console.domain.errors import DiskFull, WatchlistError
from console.domain.ids import AccountId, ActId, EvidenceId
from console.domain.items import ItemState
from console.domain.watchlists import Watchlist
from console.store.database import Connection, Database
from tests.unit.desk.making import ACCOUNT, desk_at, draft, look, sealed, submission
from tests.unit.store.making import NOW

Story = Callable[[Database, Desk], Awaitable[None]]


def play(folder: Path, story: Story, stored: int = 6) -> None:
    """Plays a story at a desk; at its end the record must stand."""

    async def whole() -> None:
        with desk_at(folder, stored) as (database, desk):
            await story(database, desk)
            verdict = await desk.verify()
            assert verdict.ok, verdict.first_bad

    asyncio.run(whole())


async def told(desk: Desk) -> list[dict[str, Any]]:
    """Every ledger entry, readable, with its content."""
    return [
        {**json.loads(entry.leaf), "beside": json.loads(entry.content) if entry.content else None}
        for entry in await desk.entries(0, 100_000)
    ]


async def settle(desk: Desk, act_id: ActId, *states: ActState, item: ItemState | None = None) -> None:
    """Takes an act and steps it through these states."""
    await desk.take([ACCOUNT], NOW + 60_000, 100)
    for state in states:
        seen = item if state is states[-1] else None
        assert await desk.move([Move(act_id, state, item_state=seen)], "cordon", NOW + 1)


def test_an_act_its_evidence_and_its_entries_are_one(tmp_path: Path) -> None:
    async def story(database: Database, desk: Desk) -> None:
        record = sealed()
        done = await desk.submit(submission(draft(evidence=record)))
        assert done == Submitted(None, (ActId(1),))
        (act,) = await desk.acts(done.act_ids)
        assert (act.state, act.verb, act.evidence_id) == (ActState.QUEUED, Verb.HIDE, EvidenceId(1))
        assert (act.reason, act.category, act.requested_by) == ("names a witness", "doxxing", "r.calder")
        row = await desk.evidence(EvidenceId(1))
        assert row is not None
        assert (row.cipher, row.wrapped_key, row.digest) == (
            record.cipher,
            record.wrapped_key,
            record.digest,
        )
        assert row.review_at > row.sealed_at == NOW
        item = look(database)
        assert (item.act_id, item.act_verb, item.act_state) == (1, Verb.HIDE, ActState.QUEUED)
        assert (item.act_due_at, item.evidence_id) == (NOW, 1)
        entries = await told(desk)
        assert [entry["kind"] for entry in entries] == ["evidence.sealed", "act.requested"]
        assert entries[0]["facts"]["digest"] == record.digest
        assert entries[1]["facts"]["act"] == "a1"
        assert entries[1]["facts"]["grade"] == 3
        assert entries[1]["seat"] == "Dellin desk 1"

    play(tmp_path, story)


def test_words_and_people_stand_beside_the_ledger_never_inside(tmp_path: Path) -> None:
    async def story(_: Database, desk: Desk) -> None:
        await desk.submit(submission(draft()))
        (entry,) = await desk.entries(0, 10)
        assert b"witness" not in entry.leaf
        assert b"tomosw" not in entry.leaf
        assert entry.content is not None
        assert json.loads(entry.content)["reason"] == "names a witness"
        assert json.loads(entry.content)["author"] == "tomosw.test"
        assert entry.salt is not None
        assert len(entry.salt) == 16

    play(tmp_path, story)


def test_a_bulk_act_has_a_parent_entry_and_one_for_each_item(tmp_path: Path) -> None:
    async def story(_: Database, desk: Desk) -> None:
        drafts = [draft(n, evidence=sealed()) for n in range(1, 1203)]
        done = await desk.submit(submission(*drafts, bulk=True))
        assert len(set(done.act_ids)) == 1202
        assert done.bulk_id is not None
        assert [act.id for act in await desk.acts_of_bulk(done.bulk_id)] == list(done.act_ids)
        entries = await told(desk)
        kinds = [entry["kind"] for entry in entries]
        assert kinds == ["bulk.requested", *["evidence.sealed", "act.requested"] * 1202]
        assert entries[0]["facts"]["acts"] == 1202
        assert [entry["facts"]["place"] for entry in entries[2::2]] == list(range(1, 1203))

    play(tmp_path, story, stored=1210)


def test_asking_for_nothing_records_nothing(tmp_path: Path) -> None:
    async def story(_: Database, desk: Desk) -> None:
        assert await desk.submit(submission()) == Submitted(None, ())
        assert await desk.move([], "cordon", NOW) == []
        assert await desk.take([], NOW, 10) == []
        assert await desk.take([ACCOUNT], NOW, 10) == []
        assert await desk.note([], NOW) == []
        await desk.close_incident("r.calder", NOW)
        assert await desk.entries(0, 10) == []

    play(tmp_path, story)


def test_what_is_due_is_taken_once_oldest_first_and_on_these_accounts_only(tmp_path: Path) -> None:
    async def story(database: Database, desk: Desk) -> None:
        await desk.submit(
            submission(
                draft(1, due_at=NOW + 5),
                draft(2, Verb.DELETE, ActState.HELD, due_at=NOW),
                draft(3),
                draft(4, state=ActState.AWAITING_APPROVAL),
                replace(draft(5), account_id=AccountId(2)),
                draft(6),
            )
        )
        first = await desk.take([ACCOUNT], NOW, 2)
        assert [(act.id, act.state, act.attempts, act.sent_at) for act in first] == [
            (2, ActState.SENDING, 1, NOW),
            (3, ActState.SENDING, 1, NOW),
        ]
        assert [act.id for act in await desk.take([ACCOUNT], NOW, 10)] == [6]
        assert await desk.take([ACCOUNT], NOW, 10) == []
        assert [act.id for act in await desk.take([ACCOUNT], NOW + 5, 10)] == [1]
        assert look(database, 2).act_state is ActState.SENDING
        assert [act.id for act in await desk.open_acts()] == [1, 2, 3, 4, 5, 6]
        waiting = await desk.acts_in([ActState.QUEUED, ActState.AWAITING_APPROVAL], None, 10)
        assert [act.id for act in waiting] == [4, 5]
        sending = await desk.acts_in([ActState.SENDING], [ACCOUNT], 3)
        assert [act.id for act in sending] == [1, 2, 3]

    play(tmp_path, story)


def test_an_act_goes_its_way_and_leaves_an_entry_at_each_step(tmp_path: Path) -> None:
    async def story(database: Database, desk: Desk) -> None:
        (number,) = (await desk.submit(submission(draft()))).act_ids
        await desk.take([ACCOUNT], NOW, 10)
        await desk.move([Move(number, ActState.QUEUED, error="Slow down.", due_at=NOW + 9)], "cordon", NOW)
        (act,) = await desk.acts([number])
        assert (act.due_at, act.error, act.settled_at) == (NOW + 9, "Slow down.", None)
        (act,) = await desk.take([ACCOUNT], NOW + 9, 10)
        assert (act.attempts, act.error) == (1, None)
        await desk.move([Move(number, ActState.ACCEPTED, note="at://gate")], "cordon", NOW + 10)
        (act,) = await desk.move(
            [Move(number, ActState.CONFIRMED, item_state=ItemState.HIDDEN)], "cordon", NOW + 11
        )
        assert (act.note, act.settled_at) == ("at://gate", NOW + 11)
        item = look(database)
        assert (item.state, item.act_state, item.act_settled_at) == (
            ItemState.HIDDEN,
            ActState.CONFIRMED,
            NOW + 11,
        )
        entries = await told(desk)
        assert [entry["kind"] for entry in entries] == [
            "act.requested",
            "act.sending",
            "act.queued",
            "act.sending",
            "act.accepted",
            "act.confirmed",
        ]
        assert entries[-1]["facts"] == {
            "act": "a1",
            "before": "accepted",
            "item": "i1",
            "item_state": "hidden",
            "verb": "hide",
        }
        assert entries[2]["beside"] == {"error": "Slow down."}

    play(tmp_path, story)


@pytest.mark.parametrize("old", list(ActState))
def test_only_allowed_moves_are_made(tmp_path: Path, old: ActState) -> None:
    async def story(_: Database, desk: Desk) -> None:
        for new in ActState:
            (number,) = (await desk.submit(submission(draft(state=old)))).act_ids
            before = len(await desk.entries(0, 1000))
            moved = await desk.move([Move(number, new)], "cordon", NOW)
            assert [act.state for act in moved] == ([new] if new in MOVES[old] else [])
            assert (await desk.acts([number]))[0].state is (new if new in MOVES[old] else old)
            assert len(await desk.entries(0, 1000)) == before + (new in MOVES[old])

    play(tmp_path, story)


def test_a_cancelled_act_stays_cancelled_whatever_comes_late(tmp_path: Path) -> None:
    async def story(_: Database, desk: Desk) -> None:
        held = draft(verb=Verb.DELETE, state=ActState.HELD, due_at=NOW + 10_000)
        (number,) = (await desk.submit(submission(held))).act_ids
        late = [Move(number, ActState.SENDING), Move(ActId(99), ActState.CONFIRMED)]
        assert len(await desk.move([Move(number, ActState.CANCELLED)], "r.calder", NOW + 1)) == 1
        assert await desk.move(late, "cordon", NOW + 2) == []
        assert await desk.take([ACCOUNT], NOW + 20_000, 10) == []

    play(tmp_path, story)


def test_a_confirmed_undo_makes_the_first_act_undone(tmp_path: Path) -> None:
    async def story(database: Database, desk: Desk) -> None:
        (hide,) = (await desk.submit(submission(draft()))).act_ids
        await settle(desk, hide, ActState.ACCEPTED, ActState.CONFIRMED, item=ItemState.HIDDEN)
        back = draft(verb=Verb.UNHIDE, undo_of=hide, note="at://gate")
        (unhide,) = (await desk.submit(submission(back))).act_ids
        (taken,) = await desk.take([ACCOUNT], NOW, 10)
        assert (taken.id, taken.note, taken.undo_of) == (unhide, "at://gate", hide)
        await desk.move([Move(unhide, ActState.ACCEPTED)], "cordon", NOW + 5)
        assert (await desk.acts([hide]))[0].state is ActState.CONFIRMED
        moved = await desk.move(
            [Move(unhide, ActState.CONFIRMED, item_state=ItemState.VISIBLE)], "cordon", NOW + 6
        )
        assert {act.id: act.state for act in moved} == {
            unhide: ActState.CONFIRMED,
            hide: ActState.UNDONE,
        }
        item = look(database)
        assert (item.state, item.act_id) == (ItemState.VISIBLE, unhide)
        assert (await told(desk))[-1]["facts"]["undone_by"] == f"a{unhide}"

    play(tmp_path, story)


def test_a_decision_to_leave_up_can_simply_be_withdrawn(tmp_path: Path) -> None:
    async def story(database: Database, desk: Desk) -> None:
        decision = draft(verb=Verb.LEAVE_UP, state=ActState.CONFIRMED)
        (number,) = (await desk.submit(submission(decision))).act_ids
        await desk.move([Move(number, ActState.UNDONE)], "r.calder", NOW + 1)
        assert look(database).left_up_at is None

    play(tmp_path, story)


def test_the_queue_is_counted_by_account_and_state(tmp_path: Path) -> None:
    async def story(_: Database, desk: Desk) -> None:
        assert await desk.waiting() == []
        await desk.submit(
            submission(
                draft(1, due_at=NOW + 9),
                draft(2, due_at=NOW + 3),
                draft(3, Verb.DELETE, ActState.HELD, due_at=NOW + 10_000),
                draft(4, Verb.LEAVE_UP, ActState.CONFIRMED),
                replace(draft(5), account_id=AccountId(2)),
            )
        )
        assert await desk.waiting() == [
            Waiting(ACCOUNT, ActState.HELD, 1, NOW + 10_000),
            Waiting(ACCOUNT, ActState.QUEUED, 2, NOW + 3),
            Waiting(AccountId(2), ActState.QUEUED, 1, NOW),
        ]
        await desk.take([ACCOUNT], NOW + 5, 10)
        assert await desk.waiting() == [
            Waiting(ACCOUNT, ActState.HELD, 1, NOW + 10_000),
            Waiting(ACCOUNT, ActState.QUEUED, 1, NOW + 9),
            Waiting(ACCOUNT, ActState.SENDING, 1, NOW + 3),
            Waiting(AccountId(2), ActState.QUEUED, 1, NOW),
        ]

    play(tmp_path, story)


def test_undo_names_the_newest_act_that_has_a_way_back(tmp_path: Path) -> None:
    async def story(_: Database, desk: Desk) -> None:
        async def undoable() -> int | None:
            act = await desk.last_undoable("r.calder")
            return None if act is None else act.id

        assert await undoable() is None
        await desk.submit(submission(draft(6), who="m.jarrow"))
        (hide,) = (await desk.submit(submission(draft(1)))).act_ids
        decision = draft(2, Verb.LEAVE_UP, ActState.CONFIRMED)
        (left,) = (await desk.submit(submission(decision))).act_ids
        held = draft(3, Verb.DELETE, ActState.HELD, due_at=NOW + 10_000)
        (delete,) = (await desk.submit(submission(held))).act_ids
        assert await undoable() == delete
        await settle(desk, delete, ActState.ACCEPTED, ActState.CONFIRMED)
        assert await undoable() == left
        await desk.move([Move(left, ActState.UNDONE)], "r.calder", NOW)
        assert await undoable() == hide
        await desk.move([Move(hide, ActState.ACCEPTED), Move(hide, ActState.CONFIRMED)], "cordon", NOW)
        assert await undoable() == hide
        (back,) = (await desk.submit(submission(draft(1, Verb.UNHIDE, undo_of=hide)))).act_ids
        assert await undoable() is None
        await desk.move([Move(back, ActState.REFUSED)], "cordon", NOW)
        assert await undoable() == hide

    play(tmp_path, story)


def test_leaving_up_is_decided_at_once_and_can_be_taken_back(tmp_path: Path) -> None:
    async def story(database: Database, desk: Desk) -> None:
        decision = draft(verb=Verb.LEAVE_UP, state=ActState.CONFIRMED)
        (number,) = (await desk.submit(submission(decision))).act_ids
        item = look(database)
        assert (item.left_up_at, item.act_state, item.act_settled_at) == (NOW, ActState.CONFIRMED, NOW)
        back = draft(verb=Verb.LEAVE_UP, state=ActState.CONFIRMED, undo_of=number)
        await desk.submit(submission(back))
        assert look(database).left_up_at is None
        assert (await desk.acts([number]))[0].state is ActState.UNDONE

    play(tmp_path, story)


def test_the_newest_acts_come_first_for_one_operator_or_all(tmp_path: Path) -> None:
    async def story(_: Database, desk: Desk) -> None:
        for number, who in enumerate(("r.calder", "m.jarrow", "r.calder"), 1):
            await desk.submit(submission(draft(number), who=who))
        assert [act.id for act in await desk.newest_acts(None, 2)] == [3, 2]
        assert [act.id for act in await desk.newest_acts("r.calder", 5)] == [3, 1]

    play(tmp_path, story)


def test_two_desks_on_one_profile_keep_one_chain(tmp_path: Path) -> None:
    async def story(_: Database, desk: Desk) -> None:
        with Database(tmp_path / "cordon.db") as second:
            other = type(desk)(second, "Dellin desk 2")  # type: ignore[call-arg]  # both are local
            for number in range(1, 6):
                await asyncio.gather(
                    desk.submit(submission(draft(number))), other.submit(submission(draft(number)))
                )
            taken = await asyncio.gather(*(each.take([ACCOUNT], NOW, 10) for each in (desk, other)))
            numbers = [act.id for some in taken for act in some]
            assert sorted(numbers) == list(range(1, 11))

    play(tmp_path, story)


def test_what_is_neither_act_nor_evidence_is_noted_too(tmp_path: Path) -> None:
    async def story(_: Database, desk: Desk) -> None:
        notes = [
            Note("account.added", "r.calder", {"account": "x:force1"}, {}),
            Note("look.searched", "r.calder", {}, {"words": "half a pair \ud83d"}),
            Note("odd", "half \udc00", {"half": "\ud83d"}, {}),
        ]
        assert await desk.note(notes, NOW) == [1, 2, 3]
        assert await desk.note(notes, NOW) == [4, 5, 6]
        entries = await desk.entries(4, 1)
        assert [(entry.seq, json.loads(entry.content or b"")) for entry in entries] == [
            (5, {"words": "half a pair \ud83d"})
        ]

    play(tmp_path, story)


def test_an_incident_is_opened_and_closed_on_record(tmp_path: Path) -> None:
    async def story(_: Database, desk: Desk) -> None:
        assert await desk.incident() is None
        first = await desk.open_incident("Dellin bridge", "Watchful", "r.calder", NOW)
        second = await desk.open_incident("Dellin arena", "Guarded", "m.jarrow", NOW + 1)
        assert second.id > first.id
        assert await desk.incident() == second
        await desk.close_incident("r.calder", NOW + 2)
        assert await desk.incident() is None
        kinds = [entry["kind"] for entry in await told(desk)]
        assert kinds == ["incident.opened", "incident.closed", "incident.opened", "incident.closed"]

    play(tmp_path, story)


def test_a_watchlist_is_put_in_force_on_record_and_never_an_older_one(tmp_path: Path) -> None:
    async def story(_: Database, desk: Desk) -> None:
        day = dt.date(2027, 3, 1)
        watchlist = Watchlist("weapons", "Weapons", "weapons", 2, "hide", "Duty lead", 2, day, ())
        await desk.put_watchlist(watchlist, "version = 2", "r.calder", NOW)
        await desk.put_watchlist(watchlist, "version = 2", "r.calder", NOW)
        with pytest.raises(WatchlistError):
            await desk.put_watchlist(replace(watchlist, version=1), "version = 1", "r.calder", NOW)
        assert await desk.watchlists() == [watchlist]
        (entry,) = await told(desk)
        assert (entry["kind"], entry["facts"]["version"]) == ("watchlist.put", 2)

    play(tmp_path, story)


def test_a_ledger_that_cannot_be_written_stops_the_act(tmp_path: Path) -> None:
    async def story(database: Database, desk: Desk) -> None:
        await desk.submit(submission(draft()))

        def limit(conn: Connection) -> None:
            pages = conn.execute("PRAGMA page_count").fetchone()[0]
            conn.execute(f"PRAGMA max_page_count = {pages}")

        await database.record(limit)
        with pytest.raises(DiskFull):
            await desk.submit(submission(draft(2, evidence=sealed(b"x" * 100_000))))
        assert [act.id for act in await desk.open_acts()] == [1]
        assert await desk.evidence(EvidenceId(1)) is None
        assert look(database, 2).act_id is None

    play(tmp_path, story)
