"""The night's work by keyboard alone, on the real engine: find, hide, hide many, take back."""

import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from console.domain.acts import ActState, Verb
from console.domain.items import ItemState
from console.domain.lanes import Lane
from console.ui.dialogs.bulk_plan import BulkPlan
from console.ui.dialogs.keys import KeySheet, Palette
from console.ui.dialogs.queue import QueueSheet
from console.ui.sheet import Scrim
from tests.ui.desk import Desk, open_desk, run_desk

SHIFT = Qt.KeyboardModifier.ShiftModifier
CONTROL = Qt.KeyboardModifier.ControlModifier
WORDS = (
    "Is the bypass shut as well?",
    "bring a machete and wait by the clock tower",
    "Thank you for keeping us informed",
    "I can't do this any more, tell mum I'm sorry",
    "everyone knows who did it, lives at 14 Skinners Lane",
)


@pytest.fixture
def recording(tmp_path: Path) -> str:
    """A file of forty invented items."""
    file = tmp_path / "evening.jsonl"
    lines = [
        {
            "id": f"n{number}",
            "author": f"author{number % 7}",
            "text": f"{WORDS[number % len(WORDS)]} ({number})",
            "created_at": f"2026-11-20T22:{number:02}:00Z",
        }
        for number in range(40)
    ]
    file.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    return str(file)


async def hidden_count(desk: Desk) -> int:
    items = await desk.ask(desk.engine.find(_hidden(), 100))
    return len(items)


def _hidden() -> Lane:
    return Lane(states=frozenset({ItemState.HIDDEN}))


def test_one_item_is_hidden_and_put_back_with_a_key_each(
    qapp: QApplication, tmp_path: Path, recording: str
) -> None:
    async def work() -> None:
        async with open_desk(tmp_path / "p", recording) as desk:
            desk.press("jj")
            target = desk.window.view.cursor_id
            assert target is not None
            await desk.until(lambda: desk.window.pane.facts is not None, "the pane is filled")
            desk.press("h")
            await desk.until(lambda: desk.corner(target) == "Hidden", "the card says hidden")
            assert await hidden_count(desk) == 1
            desk.press("u")
            await desk.until(lambda: desk.corner(target) == "Put back", "the card says put back")
            assert await hidden_count(desk) == 0
            verdict = await desk.ask(desk.engine.verify())
            assert verdict.ok

    run_desk(qapp, work)


def test_many_items_are_hidden_after_their_plan_and_put_back_as_one(
    qapp: QApplication, tmp_path: Path, recording: str
) -> None:
    async def work() -> None:
        async with open_desk(tmp_path / "p", recording) as desk:
            window = desk.window
            desk.press("j")
            for _ in range(4):
                desk.press_key(Qt.Key.Key_J, SHIFT)
            assert len(window.view.picks) == 5
            desk.press("h")
            await desk.until(lambda: isinstance(window.scrim.sheet, BulkPlan), "the plan is shown")
            assert await hidden_count(desk) == 0, "nothing is sent before the person decides"
            desk.press_key(Qt.Key.Key_Return, CONTROL)
            assert isinstance(window.scrim.sheet, BulkPlan), "a reason is needed"
            desk.type("Wave urging people to gather")
            desk.press_key(Qt.Key.Key_Return, CONTROL)
            await desk.until(lambda: window.scrim.sheet is None, "the plan is left")
            chosen = list(window.feed.model.ids)[-5:]
            await desk.until(lambda: all(desk.corner(one) == "Hidden" for one in chosen), "all are hidden")
            acts = await desk.ask(desk.engine.acts(most=10))
            assert {act.reason for act in acts} == {"Wave urging people to gather"}
            assert len({act.bulk_id for act in acts}) == 1
            desk.press("u")
            await desk.until(lambda: all(desk.corner(one) == "Put back" for one in chosen), "all are back")
            assert await hidden_count(desk) == 0

    run_desk(qapp, work)


def test_the_whole_lane_is_selected_and_one_item_taken_out(
    qapp: QApplication, tmp_path: Path, recording: str
) -> None:
    async def work() -> None:
        async with open_desk(tmp_path / "p", recording) as desk:
            desk.press("j")
            desk.press_key(Qt.Key.Key_A, CONTROL)
            assert len(desk.window.view.picks) == 40
            desk.press("x")
            assert len(desk.window.view.picks) == 39
            desk.press_key(Qt.Key.Key_Escape)
            assert len(desk.window.view.picks) == 0

    run_desk(qapp, work)


def test_a_delete_waits_and_is_cancelled_with_a_key(
    qapp: QApplication, tmp_path: Path, recording: str
) -> None:
    async def work() -> None:
        async with open_desk(tmp_path / "p", recording) as desk:
            desk.press("j")
            target = desk.window.view.cursor_id
            assert target is not None
            desk.press("d")
            await desk.until(lambda: desk.corner(target) == "Deletes in", "the card counts down")
            desk.press("z")
            await desk.until(lambda: desk.corner(target) == "", "the card is as before")
            (act,) = await desk.ask(desk.engine.acts(most=5))
            assert (act.verb, act.state) == (Verb.DELETE, ActState.CANCELLED)

    run_desk(qapp, work)


def test_leaving_up_is_a_decision_on_record(qapp: QApplication, tmp_path: Path, recording: str) -> None:
    async def work() -> None:
        async with open_desk(tmp_path / "p", recording) as desk:
            desk.press("j")
            target = desk.window.view.cursor_id
            assert target is not None
            desk.press("l")
            await desk.until(lambda: desk.corner(target) == "Left up", "the card says left up")
            entries = await desk.ask(desk.engine.entries(0, 1000))
            assert any(b"leave-up" in entry.leaf for entry in entries)
            desk.press("u")
            await desk.until(lambda: desk.corner(target) != "Left up", "it is taken back")

    run_desk(qapp, work)


def test_finding_narrows_the_lane_and_a_mistake_is_said_in_words(
    qapp: QApplication, tmp_path: Path, recording: str
) -> None:
    async def work() -> None:
        async with open_desk(tmp_path / "p", recording) as desk:
            window = desk.window
            desk.press("/")
            assert window.focusWidget() is window.lane.field
            desk.type("state:nonsense")
            desk.press_key(Qt.Key.Key_Return)
            assert "nonsense" in window.lane.problem.text()
            window.lane.field.clear()
            desk.type("machete grade:2")
            desk.press_key(Qt.Key.Key_Return)
            await desk.until(lambda: len(window.feed.model) == 8, "eight items are found")
            desk.press("/")
            window.lane.field.clear()
            desk.press_key(Qt.Key.Key_Return)
            await desk.until(lambda: len(window.feed.model) == 40, "everything is shown again")

    run_desk(qapp, work)


def test_lanes_open_by_key_and_an_empty_one_shows_that_the_watch_is_alive(
    qapp: QApplication, tmp_path: Path, recording: str
) -> None:
    async def work() -> None:
        async with open_desk(tmp_path / "p", recording) as desk:
            window = desk.window
            desk.press_key(Qt.Key.Key_1, Qt.KeyboardModifier.AltModifier)
            await desk.until(lambda: len(window.feed.model) == 8, "eight items of grade 1")
            desk.press_key(Qt.Key.Key_9, Qt.KeyboardModifier.AltModifier)
            await desk.until(lambda: len(window.feed.model) == 0, "nothing is held")
            assert "Nothing is in" in window.lane.empty.accessibleName()
            assert "Elsewhere" in window.lane.empty.accessibleName()

    run_desk(qapp, work)


def kind_of(scrim: Scrim) -> type:
    """What kind of sheet is open."""
    return type(scrim.sheet)


def test_every_sheet_opens_by_key_and_escape_leaves(
    qapp: QApplication, tmp_path: Path, recording: str
) -> None:
    async def work() -> None:
        async with open_desk(tmp_path / "p", recording) as desk:
            window = desk.window
            desk.press("?")
            assert kind_of(window.scrim) is KeySheet
            desk.press_key(Qt.Key.Key_Escape)
            desk.press_key(Qt.Key.Key_K, CONTROL)
            assert kind_of(window.scrim) is Palette
            desk.type("whole lane")
            desk.press_key(Qt.Key.Key_Return)
            assert kind_of(window.scrim) is type(None)
            assert len(window.view.picks) == 40
            desk.press_key(Qt.Key.Key_Escape)
            desk.press_key(Qt.Key.Key_F8)
            await desk.until(lambda: isinstance(window.scrim.sheet, QueueSheet), "the queue is shown")
            desk.press_key(Qt.Key.Key_Escape)
            assert window.focusWidget() is window.view

    run_desk(qapp, work)


def test_arrivals_wait_at_the_edge_while_the_operator_works_and_enter_by_key(
    qapp: QApplication, tmp_path: Path, recording: str
) -> None:
    async def work() -> None:
        async with open_desk(tmp_path / "p") as desk:
            window = desk.window
            desk.press("p")
            from console.services.exercise import Exercise

            await desk.ask(Exercise(desk.engine).play(recording, rate=400))
            await desk.until(lambda: window.feed.edge.count == 40, "forty wait at the edge")
            assert len(window.feed.model) == 0
            await desk.until(lambda: "40 new" in window.lane.edge.accessibleName(), "the edge says so")
            desk.press_key(Qt.Key.Key_Space)
            assert len(window.feed.model) == 40
            assert window.feed.edge.count == 0

    run_desk(qapp, work)


def test_the_focus_goes_round_with_one_key(qapp: QApplication, tmp_path: Path, recording: str) -> None:
    async def work() -> None:
        async with open_desk(tmp_path / "p", recording) as desk:
            window = desk.window
            desk.press("j")
            await desk.until(lambda: window.pane.facts is not None, "the pane is filled")
            seen = []
            for _ in range(5):
                desk.press_key(Qt.Key.Key_F6)
                focus = window.focusWidget()
                assert focus is not None
                parts = (window.lane, window.pane, window.strip, window.rail, window.bar)
                seen.append(next(n for n, part in enumerate(parts) if part.isAncestorOf(focus)))
            assert seen == [1, 2, 3, 4, 0]

    run_desk(qapp, work)


def test_every_command_has_a_key_and_words(qapp: QApplication, tmp_path: Path) -> None:
    async def work() -> None:
        async with open_desk(tmp_path / "p") as desk:
            keys = [desk.window.commands.key_of(command) for command in desk.window.commands]
            assert all(keys)
            assert len(set(keys)) == len(keys)
            assert all(command.words for command in desk.window.commands)

    run_desk(qapp, work)
