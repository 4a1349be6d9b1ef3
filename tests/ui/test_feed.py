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
from console.services.events import Announcement, Arrived, ItemsChanged
from console.store.database import Connection, Database
from console.ui import feed as feeding
from console.ui.edge import Edge
from console.ui.feed import Feed
from console.ui.lane.row import NetworkMark
from console.ui.lane.view import LaneView, Place
from console.ui.loop import Tasks
from console.ui.panes.lane_column import crowd_words
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

    async def hear(self, *said: Announcement) -> None:
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
            made.feed.model.reset(())
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


def raised(made: Stand, item_id: int, grade: int) -> ItemsChanged:
    """An item is raised, as by a watchlist that was published later; gives what the engine announces."""

    def work(conn: Connection) -> None:
        conn.execute("UPDATE items SET grade = ? WHERE id = ?", (grade, item_id))

    made._database.record_now(work).result()
    return ItemsChanged((ItemId(item_id),))


def test_an_item_that_is_raised_later_waits_at_the_edge_of_the_lane_it_now_belongs_to(
    qapp: QApplication, tmp_path: Path
) -> None:
    async def work() -> None:
        async with stand(tmp_path) as made:
            made.arrive(2, 4, 4, 2)
            await made.open(URGENT)
            await made.hear(made.arrive(2))
            await made.hear(raised(made, 2, 2))
            await made.hear(raised(made, 2, 2), raised(made, 5, 2))
            assert (made.feed.edge.count, made.feed.edge.late, made.feed.edge.late_grade) == (1, 1, 2)
            assert made.feed.newest_late == 2
            assert made.shown() == [1, 2, 4, 5]
            assert made.feed.edge == Edge()

    run(work)


def test_what_changes_while_older_pages_are_read_is_looked_at_afterwards(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeding, "FIRST_PAGE", 2)

    async def work() -> None:
        async with stand(tmp_path) as made:
            made.arrive(2, 4, 2, 2, 2)
            made.feed.open_lane(URGENT)
            await asyncio.sleep(0)
            made.reader.is_held = True
            await settle()
            change = raised(made, 2, 2)  # the page below was read before it
            await made.hear(change)
            made.reader.let()
            await settle()
            assert made.shown() == [1, 2, 3, 4, 5]

    run(work)


def test_everything_is_never_looked_through_again(qapp: QApplication, tmp_path: Path) -> None:
    async def work() -> None:
        async with stand(tmp_path) as made:
            made.arrive(4, 4)
            await made.open(Lane())
            made.reader.is_broken = True
            await made.hear(ItemsChanged((ItemId(1), ItemId(77))))
            assert made.problems == []
            assert made.feed.edge == Edge()

    run(work)


def test_a_flood_at_the_edge_says_which_waves_hold_it(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeding, "_FLOOD", 8)

    async def work() -> None:
        async with stand(tmp_path) as made:
            await made.open(Lane())
            said = made.arrive(*[4] * 20)

            def waves(conn: Connection) -> None:
                for wave, size in ((1, 12), (13, 6), (19, 2)):
                    conn.execute(
                        "INSERT INTO waves VALUES (?, 'pasted', ?, 9, 0, '[]', 0, 0, 0.0)", (wave, size)
                    )
                    ids = range(wave, wave + size)
                    conn.executemany("INSERT INTO wave_items VALUES (?, ?)", [(n, wave) for n in ids])
                conn.execute("INSERT INTO strays VALUES (20, 'place')")

            made._database.record_now(waves).result()
            await made.hear(said)
            await made.feed.look_at_waves()
            assert crowd_words(made.feed.edge) == "2 waves hold 18 of them · 1 stray"

    run(work)


def test_a_person_comes_back_to_where_they_were_even_if_that_is_far_down(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeding, "FIRST_PAGE", 20)

    async def work() -> None:
        async with stand(tmp_path) as made:
            made.arrive(*[4] * 200)
            view = made.feed.view
            assert view is not None
            view.resize(744, 400)
            view.show()
            await made.open(Lane())
            view.updateGeometries()
            view.verticalScrollBar().setValue(150 * view.look.height + 13)
            view.put_cursor(48, show=False)
            place = view.place()
            assert place == Place(48, 50, 13, False)
            await made.open(URGENT)
            assert view.cursor_id is None
            made.feed.open_lane(Lane(), place=place)
            await settle()
            assert view.place() == place

    run(work)


def test_whoever_has_begun_to_work_is_not_moved_to_where_they_were(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeding, "FIRST_PAGE", 20)

    async def work() -> None:
        async with stand(tmp_path) as made:
            made.arrive(*[4] * 200)
            view = made.feed.view
            assert view is not None
            view.resize(744, 400)
            view.show()
            made.feed.open_lane(Lane(), place=Place(48, 50, 13, False))
            await asyncio.sleep(0)
            made.reader.is_held = True
            await settle()
            view.step(1)
            made.reader.let()
            await settle()
            assert len(made.feed.model) == 200
            assert view.cursor_id == 200

    run(work)
