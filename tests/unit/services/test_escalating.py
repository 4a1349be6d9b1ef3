"""Escalating: life at risk climbs until somebody accepts it, whatever the disk and the program do."""

import asyncio
import json
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from console.desk.escalation import LocalEscalations, Written
from console.domain.errors import DiskFull, NotPossible, UsageError
from console.domain.escalation import Change, State, Step
from console.domain.ids import AccountId, ItemId
from console.services.escalating import LOOK_S, MOST_URGENT, Escalating
from console.services.events import Announcement, Arrived, EscalationsChanged, Events, ItemsChanged, Trouble
from console.store import audit, lanes
from console.store.database import Database
from console.store.escalations import graded_by
from console.store.items import items, mark_seen
from tests.fakes.clock import FakeClock
from tests.fakes.quiet import Quiet
from tests.unit.store.making import MINUTE, NOW, add_account, hit, opened, received, save

ME, OTHER = "A. Rowe", "M. Jarrow"
ONE, TWO, THREE = ItemId(1), ItemId(2), ItemId(3)


class Faulty(LocalEscalations):
    """A desk whose ledger sometimes cannot be written."""

    is_full = False

    async def write(self, changes: Sequence[Change], place: ItemId, now: int) -> Written:
        """Writes, unless the disk is full."""
        if self.is_full:
            raise DiskFull("The disk is full.")
        return await super().write(changes, place, now)


class Room:
    """Escalations on a database, and what was announced."""

    def __init__(self, database: Database) -> None:
        self.db = database
        self.clock = FakeClock(NOW)
        self.clock.idle = Quiet(database).idle
        self.said: list[Announcement] = []
        self.new_engine()

    def new_engine(self) -> None:
        """As after a crash: nothing is left but what is on disk."""
        self.events = Events()
        self.events.listen(self.said.append)
        self.desk = Faulty(self.db, "seat")
        self.escalating = Escalating(desk=self.desk, events=self.events, clock=self.clock)

    async def come(self, *grades: int, at: int = NOW) -> None:
        """Items of these grades arrive."""
        rows = [received(f"r{self.number + n}", grade=grade, at=at) for n, grade in enumerate(grades)]
        self.number += len(grades)
        await asyncio.to_thread(save, self.db, *rows)

    number = 1

    async def open(self) -> list[tuple[int, int, State]]:
        """Item, grade and state of what is open."""
        return [(one.item_id, one.grade, one.state) for one in await self.escalating.open(self.clock.now())]

    async def leaves(self) -> list[dict[str, Any]]:
        """Every entry."""
        entries = await self.db.read(lambda conn: audit.entries(conn, 0, 5_000))
        return [json.loads(entry.leaf) for entry in entries]

    async def kinds(self) -> list[str]:
        """The kinds of every entry."""
        return [leaf["kind"] for leaf in await self.leaves()]


def in_room(folder: Path, work: Callable[[Room], Coroutine[Any, Any, None]]) -> None:
    async def whole() -> None:
        room = Room(database)
        await room.desk.begin(NOW)
        await work(room)

    with opened(folder) as database:
        database.record_now(add_account).result()
        asyncio.run(whole())


def test_life_at_risk_is_claimed_stepped_through_and_ends_only_when_somebody_accepts(tmp_path: Path) -> None:
    async def work(room: Room) -> None:
        await room.come(5, 1, 2, at=NOW - 20_000)
        await room.escalating.look()
        assert await room.open() == [(2, 1, State.OPEN), (3, 2, State.OPEN)]
        (first, second) = await room.escalating.open(NOW)
        assert (first.person, first.next_person) == ("control-room supervisor", "force incident manager")
        assert (first.accept_by, second.accept_by) == (NOW + 3 * MINUTE, NOW + 15 * MINUTE)
        assert second.person == "duty supervisor"
        await room.db.ingest(lambda conn: mark_seen(conn, [2], NOW - 5_000))
        claimed = await room.escalating.claim(TWO, ME)
        assert (claimed.state, claimed.claimed_by) == (State.CLAIMED, ME)
        await room.escalating.step(TWO, Step.SEALED, ME)
        called = await room.escalating.step(TWO, Step.CALLED, ME)
        assert called.steps == {Step.SEALED: (ME, NOW), Step.CALLED: (ME, NOW)}
        with pytest.raises(UsageError, match="collar number"):
            await room.escalating.accept(TWO, "  ", ME)
        await room.escalating.accept(TWO, "PS 4410", ME)
        assert await room.open() == [(3, 2, State.OPEN)]
        (done,) = await room.escalating.settled(0)
        assert (done.accepted_by, done.written_by, done.seen_at) == ("PS 4410", ME, NOW - 5_000)
        facts = (await room.leaves())[-1]["facts"]
        assert (facts["ms_to_see"], facts["ms_to_claim"], facts["ms_to_accept"]) == (15_000, 20_000, 20_000)
        for change in (
            room.escalating.accept(TWO, "PC 1", ME),
            room.escalating.claim(TWO, ME),
            room.escalating.step(TWO, Step.REPORTED, ME),
        ):
            with pytest.raises(NotPossible, match="PS 4410 has accepted it already"):
                await change
        with pytest.raises(NotPossible, match="Nothing is escalated for i1"):
            await room.escalating.claim(ONE, ME)

    in_room(tmp_path, work)


def test_nobody_accepts_and_the_next_person_is_called_until_the_ladder_ends(tmp_path: Path) -> None:
    async def work(room: Room) -> None:
        await room.come(1)
        await room.escalating.look()
        await room.clock.pass_by(179)
        await room.escalating.look()
        (one,) = await room.escalating.open(NOW)
        assert (one.person, one.is_late(room.clock.now())) == ("control-room supervisor", False)
        people = []
        for _ in range(4):
            await room.clock.pass_by(181)
            await room.escalating.look()
            (one,) = await room.escalating.open(room.clock.now())
            people.append(one.person)
        assert people == ["force incident manager", *["on-call commander"] * 3]
        assert one.is_late(room.clock.now())
        assert (await room.kinds()).count("escalation.called-next") == 2

    in_room(tmp_path, work)


def test_a_crash_between_storing_and_escalating_loses_none(tmp_path: Path) -> None:
    async def work(room: Room) -> None:
        await room.escalating.start()
        await room.come(1)
        room.events.announce(Arrived(ONE, ONE, 1, (1, 0, 0, 0, 0), (AccountId(1),), NOW, 0.0))
        await room.clock.pass_by(1)
        assert await room.open() == [(1, 1, State.OPEN)]
        await room.escalating._tasks.stop(1.0)
        await room.come(5, 1)
        room.new_engine()
        assert await room.open() == [(1, 1, State.OPEN)]
        await room.escalating.start()
        await room.clock.pass_by(LOOK_S)
        assert await room.open() == [(1, 1, State.OPEN), (3, 1, State.OPEN)]
        await room.escalating.stop()
        room.new_engine()
        await room.escalating.start()
        await room.escalating.stop()
        assert (await room.kinds()).count("escalation.opened") == 2, "and none is opened twice"

    in_room(tmp_path, work)


def test_what_is_found_in_the_past_or_said_by_the_force_raises_no_alarm(tmp_path: Path) -> None:
    async def work(room: Room) -> None:
        found = replace(hit(), grade=1, found_at=NOW)
        await asyncio.to_thread(
            save,
            room.db,
            received("a", grade=1, hits=[found]),
            received("b", grade=1, is_ours=True),
            received("c", grade=1, hits=[replace(hit(), grade=1)]),
        )
        await room.escalating.look()
        assert await room.open() == [(3, 1, State.OPEN)]

    in_room(tmp_path, work)


def test_an_edit_that_makes_an_item_urgent_is_escalated_even_after_a_crash(tmp_path: Path) -> None:
    async def work(room: Room) -> None:
        await asyncio.to_thread(save, room.db, received("e"), received("f"))
        await room.escalating.look()
        assert await room.open() == []
        urgent = [replace(hit(), grade=1)]
        await asyncio.to_thread(save, room.db, received("e", "machete now", hits=urgent, grade=1))
        room.escalating._heard(ItemsChanged((ONE,)))
        await room.escalating.look()
        assert await room.open() == [(1, 1, State.OPEN)]
        await asyncio.to_thread(save, room.db, received("f", "machete now", hits=urgent, grade=1))
        room.new_engine()
        await room.escalating.start()
        await room.escalating.stop()
        assert await room.open() == [(1, 1, State.OPEN), (2, 1, State.OPEN)]

    in_room(tmp_path, work)


def test_a_full_disk_stops_no_escalation_and_the_record_is_written_later(tmp_path: Path) -> None:
    async def work(room: Room) -> None:
        await room.come(1, 5)
        room.desk.is_full = True
        await room.escalating.look()
        assert await room.open() == [(1, 1, State.OPEN)]
        await room.escalating.claim(ONE, ME)
        await room.escalating.grade(TWO, 1, ME)
        assert await room.open() == [(1, 1, State.CLAIMED), (2, 1, State.OPEN)]
        await room.escalating.accept(ONE, "PS 4410", ME)
        assert await room.open() == [(2, 1, State.OPEN)]
        with pytest.raises(NotPossible, match="accepted it already"):
            await room.escalating.claim(ONE, ME)
        with pytest.raises(NotPossible, match="grade was not changed"):
            await room.escalating.grade(TWO, 4, ME, "A song title.")
        assert await room.kinds() == []
        assert sum(isinstance(said, Trouble) for said in room.said) == 1, "it is said once"
        room.desk.is_full = False
        await room.clock.pass_by(30)
        await room.escalating.look()
        kinds = ["opened", "claimed", "accepted", "opened"]
        written = [leaf for leaf in await room.leaves() if leaf["kind"].startswith("escalation.")]
        assert sorted(leaf["kind"].removeprefix("escalation.") for leaf in written) == sorted(kinds)
        assert all(leaf["facts"]["happened_at"] for leaf in written)
        assert [item.grade for item in await room.db.read(lambda conn: items(conn, [2]))] == [1]
        room.new_engine()
        assert await room.open() == [(2, 1, State.OPEN)]

    in_room(tmp_path, work)


def test_a_grade_by_hand_moves_item_counters_and_escalation_at_once(tmp_path: Path) -> None:
    async def work(room: Room) -> None:
        await room.come(5)
        await room.escalating.grade(ONE, 1, ME, thrive={"threat": "He names the bridge.", "harm": " "})
        rail = await room.db.read(lanes.rail)
        assert rail.grades == (1, 0, 0, 0, 0)
        assert await room.open() == [(1, 1, State.OPEN)]
        assert {ItemsChanged((ONE,)), EscalationsChanged()} <= set(room.said)
        for grade, reason, words in ((4, "", "only with a reason"), (9, "x", "no grade 9")):
            with pytest.raises((UsageError, NotPossible), match=words):
                await room.escalating.grade(ONE, grade, ME, reason)
        with pytest.raises(UsageError, match="no part of THRIVE"):
            await room.escalating.grade(ONE, 1, ME, thrive={"mood": "x"})
        with pytest.raises(UsageError, match="no item i7"):
            await room.escalating.grade(ItemId(7), 1, ME)
        await room.escalating.grade(ONE, 4, ME, "It is a song title.")
        assert (await room.db.read(lanes.rail)).grades == (0, 0, 0, 1, 0)
        assert await room.open() == [(1, 1, State.OPEN)], "only who accepts it ends the alarm"
        entries = await room.db.read(lambda conn: audit.entries(conn, 0, 9))
        assert b"bridge" not in entries[0].leaf
        assert b"He names the bridge." in (entries[0].content or b"")
        await room.escalating.accept(ONE, "PS 4410", ME)
        await room.clock.pass_by(3_600)
        assert await room.escalating.due(room.clock.now()) == []
        assert (await room.db.read(lambda conn: graded_by(conn, [1])))[ONE] == (4, ME, NOW)

    in_room(tmp_path, work)


def test_a_later_edit_raises_a_persons_grade_and_never_lowers_it(tmp_path: Path) -> None:
    async def work(room: Room) -> None:
        await room.come(5)
        await room.escalating.grade(ONE, 2, ME, "She is fifteen.")
        await asyncio.to_thread(save, room.db, received("r1", "quite well", grade=5))
        assert [one.grade for one in await room.db.read(lambda conn: items(conn, [1]))] == [2]
        await room.escalating.accept(ONE, "PS 4410", ME)
        await room.escalating.grade(ONE, 5, ME, "She is safe.")
        urgent = [replace(hit(), grade=1)]
        await asyncio.to_thread(save, room.db, received("r1", "a machete", grade=1, hits=urgent))
        room.escalating._heard(ItemsChanged((ONE,)))
        await room.escalating.look()
        assert await room.open() == [(1, 1, State.OPEN)], "what is raised again is escalated again"

    in_room(tmp_path, work)


def test_what_is_urgent_is_judged_again_after_ten_and_after_thirty_minutes(tmp_path: Path) -> None:
    async def work(room: Room) -> None:
        await room.come(1, 2)
        await room.escalating.look()
        await room.escalating.accept(ONE, "PS 4410", ME)
        due = []
        for _ in range(4):
            await room.clock.pass_by(10 * 60)
            due.append([one.item_id for one in await room.escalating.due(room.clock.now())])
            await room.escalating.grade(ONE, 1, ME)
        assert due == [[1], [1], [1, 2], [1, 2]]
        await room.clock.pass_by(13 * 3_600)
        assert [one.item_id for one in await room.escalating.due(room.clock.now())] == [2]

    in_room(tmp_path, work)


def test_a_flood_of_urgent_items_is_not_put_to_a_supervisor_one_by_one(tmp_path: Path) -> None:
    async def work(room: Room) -> None:
        await room.come(*[2] * (MOST_URGENT + 20), 1)
        await room.escalating.look()
        found = await room.open()
        assert (found[0][1], len(found)) == (1, MOST_URGENT + 1)
        await room.come(2)
        await room.escalating.look()
        said = [one.words for one in room.said if isinstance(one, Trouble)]
        assert len(said) == 1
        assert "lane Urgent" in said[0]

    in_room(tmp_path, work)


def test_what_another_console_accepts_is_announced_here(tmp_path: Path) -> None:
    async def work(room: Room) -> None:
        await room.come(1)
        await room.escalating.look()
        other = Escalating(desk=LocalEscalations(room.db, "elsewhere"), events=Events(), clock=room.clock)
        await other.accept(ONE, "PS 4410", OTHER)
        room.said.clear()
        await room.clock.pass_by(LOOK_S)
        await room.escalating.look()
        assert room.said == [EscalationsChanged()]
        assert await room.open() == []

    in_room(tmp_path, work)
