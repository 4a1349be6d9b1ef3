"""Choosing many at the desk: what goes with an item, a hundred thousand at once, and nothing that moves."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from console.api import Arrival, Author, ItemKind, RemoteId
from console.domain.ids import AccountId, ItemId
from console.domain.lanes import Lane, parse_lane
from console.services.events import Arrived, ItemsChanged
from console.store import accounts as stored_accounts
from console.store import selecting
from console.store.database import Connection, Database
from console.store.items import Received, Stored, save_batch
from console.ui.dialogs.bulk_plan import BulkPlan
from tests.ui.desk import Desk, open_desk, run_desk
from tests.unit.store.making import add_account, hit, received, save

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
Key = Qt.Key
AT = 1_790_000_000_000
MANY = 100_000


def arrivals(first: int, count: int, account_id: int) -> list[Received]:
    return [
        Received(
            AccountId(account_id),
            "x",
            Arrival(
                RemoteId(f"r{number}"),
                ItemKind.COMMENT,
                Author(f"a{number % 899}", f"a{number % 899}.test", f"Author {number % 899}"),
                f"Invented words of item {number}, said on an invented evening.",
                AT + number,
                thread=RemoteId(f"t{number % 49}"),
                where="First statement",
            ),
            (),
            number % 5 + 1,
            AT + number,
        )
        for number in range(first, first + count)
    ]


def store(conn: Connection, first: int, count: int, account_id: int) -> Stored:
    return save_batch(conn, arrivals(first, count, account_id), {})


def fill(profile: Path, count: int) -> None:
    """A profile whose cache holds so many items of one account."""
    profile.mkdir(parents=True)
    with Database(profile / "cordon.db") as database:
        account = database.record_now(
            partial(
                stored_accounts.add,
                key="x:force",
                network="x",
                connector="replay",
                handle="force",
                name="Dellin Valley Police",
                lead="A. Rowe",
                deputy=None,
                may_act=True,
                settings={},
                at=1,
            )
        ).result()
        for first in range(0, count, 5_000):
            some = min(5_000, count - first)
            database.ingest_now(partial(store, first=first, count=some, account_id=account.id)).result()


def with_desk(
    app: QApplication, profile: Path, work: Callable[[Desk], Coroutine[Any, Any, None]], **more: Any
) -> None:
    async def main() -> None:
        async with open_desk(profile, **more) as desk:
            desk.window.focus_lane()
            await work(desk)

    run_desk(app, main)


def test_what_goes_with_an_item_is_of_its_author_thread_and_rule(tmp_path: Path) -> None:
    with Database(tmp_path / "cordon.db") as database:
        for number, network in ((1, "x"), (2, "x"), (3, "bluesky")):
            database.record_now(partial(add_account, number=number, network=network)).result()
        other, blade = Author("u2", "shaz.test", "Shaz"), hit("weapons")
        save(
            database,
            received("a", thread="t1", hits=[hit("abuse"), blade]),
            received("b", author=other, thread="t1", hits=[blade]),
            received("c", account=2, thread="t1"),
            received("d", account=3, network="bluesky"),
            received("t1", author=other, is_ours=True, hits=[hit("weapons", start=4)]),
            received("e", account=2, hits=[hit("abuse")]),
        )

        def found(by: Callable[[Connection, ItemId], Any], item_id: int) -> list[int]:
            return list(database.read_now(lambda conn: by(conn, ItemId(item_id))).result())

        assert found(selecting.by_author, 1) == [6, 3, 1], "on that network, at any of our accounts"
        assert found(selecting.by_author, 2) == [2], "what is ours is not the public’s"
        assert found(selecting.by_thread, 2) == [2, 1], "a thread is of one account"
        assert found(selecting.by_thread, 4) == [4]
        assert found(selecting.by_hit, 2) == [5, 2, 1]
        assert found(selecting.by_hit, 3) == []
        assert found(selecting.by_author, 99) == found(selecting.by_thread, 99) == []


def test_the_head_says_how_many_on_which_accounts_and_what_can_be_done(
    qapp: QApplication, tmp_path: Path
) -> None:
    fill(tmp_path / "desk", 3_000)

    async def work(desk: Desk) -> None:
        window = desk.window
        await desk.until(lambda: len(window.feed.model) == 3_000, "the lane is read")
        desk.press("J")
        desk.press_key(Key.Key_A, CONTROL | SHIFT)
        await desk.until(lambda: len(window.view.picks) == 4, "all by one author")
        await desk.until(lambda: "on 1 account" in window.lane.head.accessibleName(), "planned")
        assert "4 selected" in window.lane.head.accessibleName()
        assert "hidden" in window.lane.head.accessibleName()
        desk.press_key(Key.Key_T, CONTROL | SHIFT)
        await desk.until(lambda: len(window.view.picks) == 65, "and all in a thread")
        desk.press_key(Key.Key_I, CONTROL)
        assert len(window.view.picks) == 2_935, "the whole lane but these"
        desk.press_key(Key.Key_Escape)
        assert "selected" not in window.lane.head.accessibleName()
        desk.press("/")
        desk.type("grade:1")
        desk.press_key(Key.Key_Return)
        await desk.until(lambda: len(window.feed.model) == 600, "another lane is read")
        desk.press("J")
        desk.press_key(Key.Key_T, CONTROL | SHIFT)
        await desk.until(lambda: "not in this lane" in window.choosing.words, "others are chosen too")
        assert "49 not in this lane" in window.lane.head.accessibleName()
        why = window.commands["select-hit"].why_not()
        assert why is not None
        assert "No rule" in why

    with_desk(qapp, tmp_path / "desk", work)


def test_a_hundred_thousand_are_chosen_and_planned_while_the_keys_are_answered(
    qapp: QApplication, tmp_path: Path
) -> None:
    fill(tmp_path / "desk", MANY)

    async def work(desk: Desk) -> None:
        window, view = desk.window, desk.window.view
        desk.press_key(Key.Key_A, CONTROL)  # the older pages may still be on their way
        await desk.until(lambda: len(view.picks) == MANY, "all are chosen")
        await desk.until(lambda: len(window.feed.model) == MANY, "the lane is read")
        desk.press("J")
        answered = 0

        async def work_on(ready: Callable[[], object]) -> None:
            """A key on every turn of the window’s loop until it is so: each is answered at once."""
            nonlocal answered
            async with asyncio.timeout(60):
                while not ready():
                    before = view.cursor_id
                    QTest.keyClick(view, Key.Key_J if answered % 2 else Key.Key_K)
                    answered += view.cursor_id != before or before == view.lane.id_at(0)
                    await asyncio.sleep(0.001)

        await work_on(lambda: "on 1 account" in window.choosing.words)
        assert f"{MANY:,} can be hidden" in window.choosing.words
        assert answered > 10, "the window went on while it was planned"
        desk.press("X")
        assert len(view.picks) == MANY - 1
        answered = 0
        desk.press("H")
        await work_on(lambda: window.scrim.sheet is not None)
        assert answered > 10, "and while the act was"
        sheet = window.scrim.sheet
        assert isinstance(sheet, BulkPlan)
        assert sheet.accessibleName().startswith(f"Hide {MANY - 1:,}")
        desk.press_key(Key.Key_Escape)
        assert len(view.picks) == MANY - 1, "going back to the lane keeps the choice"
        desk.press_key(Key.Key_Escape)
        assert len(view.picks) == 0

    with_desk(qapp, tmp_path / "desk", work)


def grabbed(desk: Desk) -> QImage:
    """The lane with its head as it is on the screen, without ages and without what the edge says."""
    window = desk.window
    found = window.lane.grab().toImage()
    view, style = window.view, window.view.look
    painter = QPainter(found)
    edge = QRect(window.lane.edge.pos(), window.lane.edge.size())
    painter.fillRect(edge, QColor("black"))
    left = view.mapTo(window.lane, QPoint(int(style.right_x), 0))
    for row in range(60):
        top = view.mapTo(
            window.lane, QPoint(0, row * style.height - view.verticalScrollBar().value() % style.height)
        )
        painter.fillRect(QRect(left.x(), top.y(), view.width(), 26), QColor("black"))
    bar = view.mapTo(window.lane, QPoint(view.viewport().width(), 0))
    painter.fillRect(QRect(bar.x(), 0, view.width(), window.lane.height()), QColor("black"))
    painter.end()
    return found


@pytest.mark.parametrize("hand", ["pointer", "selection", "reading further down"])
def test_ten_thousand_arrivals_move_no_card_by_one_pixel(
    qapp: QApplication, tmp_path: Path, hand: str
) -> None:
    fill(tmp_path / "desk", 500)

    async def work(desk: Desk) -> None:
        window, view = desk.window, desk.window.view
        await desk.until(lambda: len(window.feed.model) == 500, "the lane is read")
        if hand == "pointer":
            QTest.mouseMove(view.viewport(), QPoint(200, 150))
            await desk.until(lambda: not view.at_rest, "the pointer is over a card")
        elif hand == "selection":
            desk.press("JJX")
            await desk.until(lambda: "deleted" in window.choosing.words, "planned")
        else:
            desk.press("J" * 40)
        window.under.stop()  # what is looked at for long is seen, and looks so
        view._last_key_at -= 60  # no key for a long time: only the hand keeps arrivals out
        await desk.until(lambda: len(view.visible_cards()) > 8, "the cards are read")
        qapp.processEvents()
        before, place = grabbed(desk), view.place()
        (account,) = desk.engine.accounts()
        for first in range(500, 10_500, 500):
            stored = await desk.ask(
                desk.engine._parts.db.ingest(partial(store, first=first, count=500, account_id=account.id))
            )
            desk.engine.events.announce(
                Arrived(stored.first, stored.last, stored.count, stored.grades, (account.id,), AT, 0.0)
            )
        await desk.until(lambda: window.feed.edge.count == 10_000, "all wait at the edge")
        for _ in range(3):
            window.feed.settle()
            await desk.until(lambda: True)
        qapp.processEvents()
        assert (view.place(), len(window.feed.model)) == (place, 500)
        assert grabbed(desk) == before
        if hand != "pointer":
            window.lanes.let_in()
            await desk.until(lambda: len(window.feed.model) == 10_500, "they are let in")
            view.verticalScrollBar().repaint()
            qapp.processEvents()
            assert (view.place().top, view.place().offset) == (place.top, place.offset)

    with_desk(qapp, tmp_path / "desk", work)


def test_a_late_hit_enters_the_lane_it_now_belongs_to_and_can_be_gone_to(
    qapp: QApplication, tmp_path: Path
) -> None:
    fill(tmp_path / "desk", 300)

    async def work(desk: Desk) -> None:
        window = desk.window
        desk.press("/")
        desk.type("grade:2")
        desk.press_key(Key.Key_Return)
        await desk.until(lambda: len(window.feed.model) == 60, "the lane is read")
        desk.press("JJ")
        before = window.view.place()
        lane = parse_lane("grade:5", desk.engine.now())
        low = (await desk.ask(desk.engine.find(lane, 100)))[-1]

        def raise_it(conn: Connection) -> None:
            conn.execute("UPDATE items SET grade = 2 WHERE id = ?", (low.id,))

        await desk.ask(desk.engine._parts.db.ingest(raise_it))
        desk.engine.events.announce(ItemsChanged((low.id,)))
        await desk.until(lambda: window.feed.edge.late == 1, "it waits at the edge")
        window.known.no_link_since = None  # nothing has a link here, and the edge would say that first
        window.lanes.say()
        assert "1 raised" in window.lane.edge.accessibleName()
        assert window.view.place() == before
        desk.press_key(Key.Key_J, CONTROL)
        assert window.view.cursor_id == low.id
        assert len(window.feed.model) == 61
        assert window.feed.edge.late == 0
        assert await desk.ask(desk.engine.find(Lane(grades=frozenset({2})), 100))

    with_desk(qapp, tmp_path / "desk", work)
