"""The feed against a reader that answers only when it is let: nothing is lost and nothing stands twice."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import Future
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from console.domain.ids import AccountId, ItemId
from console.domain.lanes import Lane
from console.services.events import Arrived
from console.store.database import Connection, Database
from console.ui import feed as feeding
from console.ui.feed import Feed
from console.ui.lane.row import NetworkMark
from console.ui.lane.view import LaneView
from console.ui.loop import Tasks
from console.ui.theme import DARK
from tests.fakes.clock import settle
from tests.unit.store.making import NOW, add_account, received, save

URGENT = Lane(grades=frozenset({2}))


class HeldReader:
    """Answers by the cache as it was when it was asked, and tells the answer when it is let."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._told: list[Callable[[], None]] = []
        self.is_broken = False
        self.is_held = False

    def submit(self, work: Callable[..., Any], *args: Any) -> "Future[Any]":
        future: Future[Any] = Future()
        if self.is_broken:
            future.set_exception(OSError("the cache cannot be read"))
            return future

        def ask(conn: Connection) -> Any:
            return work(conn, *args)

        answer = self._database.read_now(ask).result()
        if self.is_held:
            self._told.append(lambda: future.set_result(answer))
        else:
            future.set_result(answer)
        return future

    def let(self) -> None:
        self.is_held = False
        told, self._told = self._told, []
        for tell in told:
            tell()


class Stand:
    """A feed over a cache, and what arrives in it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._count = 0
        self.reader = HeldReader(database)
        self.problems: list[BaseException] = []
        self.tasks = Tasks(self.problems.append)
        self.feed = Feed(
            self.reader,  # type: ignore[arg-type]  # what is asked of a reader, without its thread
            self.tasks,
            dict,
            lambda _account: NetworkMark("X", "short"),
            None,
            _soon,
            lambda: NOW,
        )
        self.feed.view = LaneView(self.feed.model, DARK, lambda: NOW)
        self.feed.is_paused = True

    def arrive(self, *grades: int) -> Arrived:
        """Stores one item of each of these grades, and gives what the engine announces of them."""
        rows = [received(f"r{self._count + n}", grade=grade) for n, grade in enumerate(grades)]
        self._count += len(rows)
        stored = save(self._database, *rows)
        return Arrived(
            first=stored.first,
            last=stored.last,
            count=stored.count,
            grades=stored.grades,
            accounts=(AccountId(1),),
            received_at=NOW,
            stored_at=0.0,
        )

    async def hear(self, *said: Arrived) -> None:
        """The window hears announcements in one go; what the reader holds back stays under way."""
        self.tasks.spawn(self.feed.take(said), "take announcements")
        await settle()

    async def open(self, lane: Lane, *, cursor: int | None = None) -> None:
        self.feed.open_lane(lane, cursor=cursor)
        await settle()

    def shown(self) -> list[int]:
        """What the lane holds once all is let in, oldest first."""
        self.feed.let_in()
        return list(self.feed.model.ids)


def _soon(call: Callable[[], None]) -> None:
    asyncio.get_running_loop().call_soon(call)


@asynccontextmanager
async def stand(folder: Path) -> AsyncIterator[Stand]:
    with Database(folder / "cordon.db") as database:
        database.record_now(add_account).result()
        made = Stand(database)
        yield made
        await made.tasks.stop()
        if made.feed.view is not None:
            made.feed.view.deleteLater()


def run(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(work())


def test_what_arrives_while_a_lane_is_read_is_at_the_edge_afterwards(
    qapp: QApplication, tmp_path: Path
) -> None:
    async def work() -> None:
        async with stand(tmp_path) as made:
            made.arrive(4, 4)
            made.reader.is_held = True
            await made.open(Lane())
            await made.hear(made.arrive(4, 2))
            assert made.feed.is_loading
            made.reader.let()
            await settle()
            assert made.feed.edge.count == 2
            assert made.feed.edge.urgent == (0, 1, 0)
            await made.hear(made.arrive(4))
            assert made.shown() == [1, 2, 3, 4, 5]

    run(work)


def test_a_flood_through_changes_of_lanes_loses_and_doubles_nothing(
    qapp: QApplication, tmp_path: Path
) -> None:
    async def work() -> None:
        async with stand(tmp_path) as made:
            urgent: list[int] = []

            def flood() -> Arrived:
                said = made.arrive(4, 2, 5)
                urgent.append(said.first + 1)
                return said

            await made.open(Lane())
            for lane in (URGENT, Lane(), URGENT, URGENT):
                await made.hear(flood())
                made.reader.is_held = True
                late = [flood(), flood()]
                await made.hear(late[0])
                await made.open(lane)
                unannounced = flood()
                await made.hear(late[1])
                await made.hear(unannounced, flood())
                made.reader.let()
                await settle()
                await made.hear(flood())
            assert made.shown() == urgent
            await made.open(Lane())
            assert made.shown() == list(range(1, 3 * len(urgent) + 1))
            assert made.problems == []

    run(work)


def test_what_came_before_anything_was_heard_is_at_the_edge(qapp: QApplication, tmp_path: Path) -> None:
    async def work() -> None:
        async with stand(tmp_path) as made:
            made.arrive(4)
            await made.open(Lane())
            made.arrive(4, 2)
            await made.feed.look_again(NOW)
            assert made.feed.edge.count == 2
            assert made.feed.edge.urgent == (0, 1, 0)
            await made.feed.look_again(NOW)
            assert made.shown() == [1, 2, 3]

    run(work)


def test_two_announcements_close_together_are_not_let_in_twice(qapp: QApplication, tmp_path: Path) -> None:
    async def work() -> None:
        async with stand(tmp_path) as made:
            await made.open(Lane())
            made.reader.is_held = True
            await made.hear(made.arrive(4, 4))
            await made.hear(made.arrive(4))
            made.reader.let()
            await settle()
            assert made.feed.edge.count == 3
            assert made.shown() == [1, 2, 3]

    run(work)


def test_arrivals_that_could_not_be_read_come_with_the_next(
    qapp: QApplication, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def work() -> None:
        async with stand(tmp_path) as made:
            await made.open(Lane())
            made.reader.is_broken = True
            await made.hear(made.arrive(4, 4))
            assert [type(problem) for problem in made.problems] == [OSError]
            made.reader.is_broken = False
            await made.hear(made.arrive(4))
            assert made.shown() == [1, 2, 3]
            assert "take announcements" in caplog.text

    run(work)


def test_rows_that_could_not_be_read_are_asked_for_again(
    qapp: QApplication, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def work() -> None:
        async with stand(tmp_path) as made:
            made.arrive(4)
            await made.open(Lane())
            rows = made.feed.model.rows
            made.reader.is_broken = True
            rows.want([1])
            await settle()
            assert rows.get(1) is None
            made.reader.is_broken = False
            rows.want([1])
            await settle()
            assert rows.get(1) is not None
            assert "read rows" in caplog.text

    run(work)


def test_a_row_that_changes_while_it_is_read_ahead_is_read_again(qapp: QApplication, tmp_path: Path) -> None:
    async def work() -> None:
        async with stand(tmp_path) as made:
            made.arrive(4)
            await made.open(Lane())
            made.reader.is_held = True
            made.tasks.spawn(made.feed._read_rows([1]), "read ahead")
            await settle()
            made.feed.model.spoil([1])
            made.reader.let()
            await settle()
            before = made.feed.model.rows.get(1)
            await settle()
            after = made.feed.model.rows.get(1)
            assert before is not None
            assert after is not None
            assert after.version != before.version

    run(work)


def test_an_item_far_down_is_gone_to_once_its_page_is_there(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeding, "FIRST_PAGE", 2)

    async def work() -> None:
        async with stand(tmp_path) as made:
            made.arrive(*[4] * 9)
            await made.open(Lane(), cursor=ItemId(3))
            assert made.feed.view is not None
            assert made.feed.view.cursor_id == 3
            assert made.shown() == list(range(1, 10))

    run(work)
