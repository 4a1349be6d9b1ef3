"""Lanes at the desk: kept under names, found, torn off, and left and come back to, by keys."""

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from console.domain.lanes import parse_lane
from console.ui.dialogs.build_find import BuildFind
from console.ui.dialogs.group_accounts import GroupAccounts
from console.ui.dialogs.keep_lane import KeepLane
from console.ui.dialogs.lane_list import LaneList
from console.ui.layout import Frame, Layout, fitted, read_layout, write_layout
from console.ui.window import Window
from tests.ui.desk import Desk, open_desk, run_desk

Checks = Callable[[Callable[[Desk], Coroutine[Any, Any, None]]], None]
CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier
Key = Qt.Key


@pytest.fixture
def at_a_desk(qapp: QApplication, tmp_path: Path) -> Checks:
    def check(work: Callable[[Desk], Coroutine[Any, Any, None]]) -> None:
        async def main() -> None:
            async with open_desk(tmp_path / "desk", "chandlers-row", rate=3_000.0) as desk:
                desk.window.focus_lane()
                await work(desk)

        run_desk(qapp, main)

    return check


def rail_words(window: Window) -> list[str]:
    return [button.accessibleName() for button in window.rail._others._buttons]


async def find(desk: Desk, typed: str) -> None:
    desk.press("/")
    desk.type(typed)
    desk.press_key(Key.Key_Return)
    await desk.until(lambda: not desk.window.feed.is_loading, "the lane is read")


async def keep(desk: Desk, name: str) -> None:
    desk.press_key(Key.Key_S, CONTROL)
    desk.type(name)
    desk.press_key(Key.Key_Return)
    await desk.until(lambda: desk.window.lanes.name == name, "it is kept")


def test_a_lane_is_kept_and_stands_in_the_rail_with_its_unseen(at_a_desk: Checks) -> None:
    async def work(desk: Desk) -> None:
        window = desk.window
        await find(desk, "grade:1-3 -lang:cy")
        assert window.lane_key == "grade:1-3 -lang:cy"
        lane = parse_lane("grade:1-3 -lang:cy is:unseen", desk.engine.now())
        unseen = len(await desk.ask(desk.engine.find(lane, 10_000)))
        await keep(desk, "Night shift")
        assert window.lanes.name == "Night shift"
        await desk.until(lambda: f"Night shift, {unseen} unseen" in " ".join(rail_words(window)), "counted")
        window.lanes.open("grade 4")
        await find(desk, "grade:1-3 -lang:cy")
        assert window.lanes.name == "Night shift", "what is kept is known again by what it asks"
        desk.press_key(Key.Key_S, CONTROL)
        assert isinstance(window.scrim.sheet, KeepLane)
        desk.type("The night")
        desk.press_key(Key.Key_Return)
        await desk.until(lambda: window.lanes.name == "The night", "it has another name")
        assert not any("Night shift" in words for words in rail_words(window))

    at_a_desk(work)


def test_what_cannot_be_kept_is_said_in_the_sheet(at_a_desk: Checks) -> None:
    async def work(desk: Desk) -> None:
        await find(desk, "has:media")
        await keep(desk, "Footage")
        await find(desk, "lang:cy grade:4")
        desk.press_key(Key.Key_S, CONTROL)
        sheet = desk.window.scrim.sheet
        assert isinstance(sheet, KeepLane)
        desk.press_key(Key.Key_Return)
        assert "needs a name" in sheet._problem.text()
        desk.type("footage")
        desk.press_key(Key.Key_Return)
        await desk.until(lambda: "already" in sheet._problem.text(), "the name is taken")
        desk.press_key(Key.Key_Escape)
        assert desk.window.scrim.sheet is None

    at_a_desk(work)


def test_the_list_of_lanes_opens_orders_shares_gives_away_and_takes_away(at_a_desk: Checks) -> None:
    async def work(desk: Desk) -> None:
        window = desk.window
        for question, name in (
            ("has:media", "Footage"),
            ("lang:cy -grade:1", "Welsh"),
            ("kind:post", "Ours"),
        ):
            await find(desk, question)
            await keep(desk, name)

        def own() -> list[str]:
            return [view.name for view in window.lanes.kept.names.views]

        assert own() == ["Footage", "Welsh", "Ours"]
        desk.press_key(Key.Key_G, CONTROL)
        sheet = window.scrim.sheet
        assert isinstance(sheet, LaneList)
        parts = {entry.part for entry in sheet._entries}
        assert parts >= {"yours", "grade", "everybody’s", "watchlist", "account"}
        desk.press_key(Key.Key_Down, CONTROL)
        await desk.until(lambda: own() == ["Welsh", "Footage", "Ours"], "it is moved")
        desk.press_key(Key.Key_F4)
        await desk.until(lambda: window.lanes.kept.names.views[1].is_shared, "it is shared")
        desk.press_key(Key.Key_C, CONTROL | SHIFT)
        await desk.until(lambda: "Footage" in QGuiApplication.clipboard().text(), "it is copied")
        desk.press_key(Key.Key_D, CONTROL)
        await desk.until(lambda: own() == ["Welsh", "Ours"], "it is taken away")
        desk.press_key(Key.Key_V, CONTROL | SHIFT)
        await desk.until(lambda: own() == ["Welsh", "Ours", "Footage"], "it is back from the text")
        desk.type("weapons watchlist")
        desk.press_key(Key.Key_Return)
        assert window.lane_key == "hit:weapons"
        assert window.lanes.name.startswith("Hits: ")

    at_a_desk(work)


def test_a_person_comes_back_to_where_they_were_in_each_lane_and_after_a_restart(
    qapp: QApplication, tmp_path: Path
) -> None:
    profile = tmp_path / "desk"

    async def main() -> None:
        async with open_desk(profile, "chandlers-row", rate=3_000.0) as desk:
            window = desk.window
            window.torn.come_back()
            window.focus_lane()
            desk.press("J" * 30)
            before = window.view.place()
            assert not before.at_newest
            desk.press_key(Key.Key_5, ALT)
            await desk.until(lambda: not window.feed.is_loading, "the lane is read")
            desk.press("JJJ")
            desk.press_key(Key.Key_6, ALT)
            await desk.until(lambda: window.view.place() == before, "the place is the same")
            await find(desk, "author:somebody")
            await find(desk, "lang:cy")
            await keep(desk, "Welsh")
            desk.press("J")
            last = window.view.place()
            window.torn.keep()
        async with open_desk(profile) as desk:
            window = desk.window
            window.torn.come_back()
            await window.open()
            await desk.until(lambda: window.view.place() == last, "the lane is as it was left")
            assert window.lanes.name == "Welsh"
            assert "somebody" not in (profile / "layout.json").read_text(), "a search is not written down"
            desk.press_key(Key.Key_6, ALT)
            await desk.until(lambda: window.view.place() == before, "and so is the other")

    run_desk(qapp, main)


def test_a_lane_is_torn_off_with_its_own_cursor_and_selection_and_comes_back_after_a_restart(
    qapp: QApplication, tmp_path: Path
) -> None:
    profile = tmp_path / "desk"

    async def main() -> None:
        async with open_desk(profile, "chandlers-row", rate=3_000.0) as desk:
            window = desk.window
            window.torn.come_back()
            window.focus_lane()
            desk.press_key(Key.Key_5, ALT)
            await desk.until(lambda: not window.feed.is_loading and len(window.feed.model), "it is read")
            desk.press("J")
            desk.press_key(Key.Key_T, CONTROL)
            (torn,) = window.torn.awake
            await desk.until(lambda: len(torn.feed.model) == len(window.feed.model), "it is read there")
            assert torn.windowTitle() == "Routine · Cordon"
            beside = Desk(torn, desk.engine, desk.thread)
            torn.focus_lane()
            beside.press("JJX")
            assert torn.view.cursor_id != window.view.cursor_id
            assert (len(torn.view.picks), len(window.view.picks)) == (1, 0)
            acted = torn.view.targets()[0]
            beside.press("L")
            await desk.until(lambda: desk.corner(acted) == "Left up", "the main window shows the act")
            desk.press_key(Key.Key_T, CONTROL)
            assert window.torn.awake == [torn], "there is one window for a lane"
            torn.view.picks.clear()
            torn.move(120, 60)
            place = torn.view.place()
        async with open_desk(profile) as desk:
            window = desk.window
            window.torn.come_back()
            await window.open()
            (torn,) = window.torn.awake
            await desk.until(lambda: torn.view.place() == place, "it is as it was left")
            assert (torn.x(), torn.y()) == (120, 60)
            torn.close()
            assert window.torn.awake == []
            assert len(torn.feed.model) == 0
            window.torn.tear_off("grade 5")
            assert window.torn.awake == [torn], "a window that sleeps is used again"
            await desk.until(lambda: len(torn.feed.model) > 0, "it shows a lane again")

    run_desk(qapp, main)


@pytest.mark.parametrize(
    ("frame", "wanted"),
    [
        (Frame(100, 100, 800, 600), (100, 100, 800, 600)),
        (Frame(2_100, 50, 800, 600), (2_100, 50, 800, 600)),
        (Frame(5_000, 100, 800, 600), (1_120, 100, 800, 600)),
        (Frame(100, -900, 800, 600), (100, 0, 800, 600)),
        (Frame(1_900, 1_060, 800, 600), (1_120, 480, 800, 600)),
        (Frame(-9_000, -9_000, 9_000, 9_000), (0, 0, 1_920, 1_080)),
    ],
)
def test_a_window_comes_back_only_where_a_hand_can_take_hold_of_it(
    frame: Frame, wanted: tuple[int, int, int, int]
) -> None:
    found = fitted(frame, [QRect(0, 0, 1_920, 1_080), QRect(1_920, 0, 1_280, 1_024)])
    assert found.getRect() == wanted


def test_a_layout_that_makes_no_sense_costs_a_place_and_no_work(tmp_path: Path) -> None:
    path = tmp_path / "layout.json"
    assert read_layout(path) == Layout()
    path.write_text('{"frame": [1, 2], "torn": "no"')
    assert read_layout(path) == Layout()
    kept = Layout(Frame(1, 2, 3, 4, True), "grade 1")
    write_layout(path, kept)
    assert read_layout(path) == kept
    write_layout(tmp_path / "nowhere" / "layout.json", kept)


def test_find_says_what_a_word_could_not_mean_and_what_would(at_a_desk: Checks) -> None:
    async def work(desk: Desk) -> None:
        window = desk.window
        before = window.lane_key
        desk.press("/")
        desk.type("state:hiden")
        desk.press_key(Key.Key_Return)
        assert "Did you mean “hidden”?" in window.lane.problem.text()
        assert window.lane_key == before
        desk.press_key(Key.Key_Escape)
        assert window.focusWidget() is window.view

    at_a_desk(work)


def test_while_typing_what_could_come_next_is_offered_and_taken_with_tab(at_a_desk: Checks) -> None:
    async def work(desk: Desk) -> None:
        window = desk.window
        finder = window.lane.finder
        desk.press("/")
        desk.type("-acc")
        assert [one.text for one in finder._offered] == ["-account:"]
        desk.press_key(Key.Key_Tab)
        accounts = {f"-account:{one.key}" for one in window.accounts}
        assert {one.text.replace('"', "") for one in finder._offered} <= accounts
        desk.press_key(Key.Key_Down)
        desk.press_key(Key.Key_Return)
        assert window.lane.field.text() in {f"{one} " for one in accounts}
        assert window.lane_key == "everything", "a line was taken, nothing was asked yet"
        (item, *_) = await desk.ask(desk.engine.find(parse_lane("-kind:post", desk.engine.now()), 50))
        desk.type(f"author:{item.author.handle[:-1]}")
        await desk.until(lambda: any(item.author.handle in one.text for one in finder._offered), "authors")
        desk.press_key(Key.Key_Escape)
        assert not finder.list.isVisible()
        assert window.focusWidget() is window.lane.field
        desk.press_key(Key.Key_Escape)
        assert window.focusWidget() is window.view

    at_a_desk(work)


def test_a_question_is_put_together_without_typing_it_and_is_seen(at_a_desk: Checks) -> None:
    async def work(desk: Desk) -> None:
        window = desk.window
        desk.press_key(Key.Key_F, CONTROL)
        sheet = window.scrim.sheet
        assert isinstance(sheet, BuildFind)
        assert sheet._said.text() == "everything"
        desk.type("bridge 10:30")
        for part, row in ((sheet._account, 1), (sheet._since, 5), (sheet._state, 1), (sheet._kind, 1)):
            part.combo.setCurrentIndex(row)
        sheet._grades[3].setChecked(True)
        sheet._not.edit.setText("free tickets")
        sheet._ticks[0].setChecked(True)
        account = window.accounts[0].key
        wanted = (
            f'bridge "10:30" -free -tickets account:{account} kind:comment kind:reply grade:4 since:1d '
            "state:visible is:unseen"
        )
        assert sheet.question == wanted
        assert sheet._said.text() == wanted
        parse_lane(wanted, desk.engine.now())
        desk.press_key(Key.Key_Return, CONTROL)
        assert window.scrim.sheet is None
        assert window.lane_key == wanted

    at_a_desk(work)


def test_accounts_are_grouped_and_their_group_is_a_lane(at_a_desk: Checks) -> None:
    async def work(desk: Desk) -> None:
        window = desk.window
        desk.press_key(Key.Key_G, CONTROL | SHIFT)
        sheet = window.scrim.sheet
        assert isinstance(sheet, GroupAccounts)
        desk.press_key(Key.Key_Return, CONTROL)
        assert "needs a name" in sheet._problem.text()
        desk.type("Quayside")
        desk.press_key(Key.Key_Return, CONTROL)
        assert "Tick the accounts" in sheet._problem.text()
        some = [one.key for one in window.accounts[:2]]
        for key in some:
            sheet._ticks[key].setChecked(True)
        desk.press_key(Key.Key_Return, CONTROL)
        await desk.until(lambda: "Quayside" in window.lanes.kept.names.groups, "the group is there")
        await find(desk, "group:quayside")
        lane = parse_lane(" ".join(f'account:"{key}"' for key in some), desk.engine.now())
        assert len(window.feed.model) == len(await desk.ask(desk.engine.find(lane, 10_000)))
        desk.press_key(Key.Key_G, CONTROL | SHIFT)
        again = window.scrim.sheet
        assert isinstance(again, GroupAccounts)
        desk.type("quayside")
        assert [key for key, tick in again._ticks.items() if tick.isChecked()] == some
        for tick in again._ticks.values():
            tick.setChecked(False)
        desk.press_key(Key.Key_Return, CONTROL)
        await desk.until(lambda: not window.lanes.kept.names.groups, "the group is gone")

    at_a_desk(work)
