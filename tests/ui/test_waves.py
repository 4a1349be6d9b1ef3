"""Waves and strays by keys: the lane of them, all of one selected, one verdict, and its end."""

import json
from collections.abc import Callable, Coroutine
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QButtonGroup

from console.domain.items import ItemState
from console.domain.lanes import Lane
from console.services.exercise import Exercise
from console.ui.dialogs.bulk_plan import BulkPlan
from console.ui.dialogs.verdict import VerdictSheet
from console.ui.lane.wave_row import wave_of
from tests.ui.desk import Desk, open_desk, run_desk

SHIFT = Qt.KeyboardModifier.ShiftModifier
CONTROL = Qt.KeyboardModifier.ControlModifier
SAYING = "They always protect their own, every single time, share this"
SMALLER = "Prayers for everyone at the market tonight, buy the charity band here"
ODD = "I saw him run behind 14 Skinners Lane, he is wearing a grey hood"
ALIKE = 24


def line(number: int, text: str, thread: str = "t1") -> str:
    """One invented item of a recording."""
    return json.dumps(
        {
            "id": f"n{number}",
            "author": f"author{number}",
            "text": text,
            "thread": thread,
            "created_at": f"2026-11-20T22:{number // 60:02}:{number % 60:02}Z",
        }
    )


@pytest.fixture
def recording(tmp_path: Path) -> str:
    """A file with a wave, a smaller one, much else in one thread, and one that is unlike the rest."""
    lines = [line(n, f"Shame on all of you, number {word}") for n, word in enumerate(["one", "two"])]
    lines += [line(10 + n, f"{SAYING} {'!' * (n % 3)}") for n in range(ALIKE)]
    lines += [line(50 + n, SMALLER) for n in range(4)]
    others = ("shame", "disgrace", "useless", "pathetic", "liars", "cowards", "rotten", "shocking")
    lines += [
        line(100 + n, f"{others[n % 8]} the {others[n // 8]} lot of them") for n in range(len(others) * 6)
    ]
    lines.append(line(200, ODD))
    file = tmp_path / "wave.jsonl"
    file.write_text("\n".join(lines), encoding="utf-8")
    return str(file)


@pytest.fixture
def at_a_desk(
    qapp: QApplication, tmp_path: Path, recording: str
) -> Callable[[Callable[[Desk], Coroutine[None, None, None]]], None]:
    """Runs a check at a desk that has received the recording."""

    def run(check: Callable[[Desk], Coroutine[None, None, None]]) -> None:
        async def work() -> None:
            async with open_desk(tmp_path / "p", recording) as desk:
                await check(desk)

        run_desk(qapp, work)

    return run


Checks = Callable[[Callable[[Desk], Coroutine[None, None, None]]], None]


async def in_the_lane_of_waves(desk: Desk) -> None:
    """Opens it, with the cursor on the biggest wave."""
    desk.press_key(Qt.Key.Key_W, CONTROL)
    window = desk.window
    await desk.until(lambda: not window.feed.is_loading and "Waves" in window.lane.head.accessibleName())
    await desk.until(lambda: all(row_of(desk, n) for n in range(len(window.feed.model))), "rows are read")
    desk.press_key(Qt.Key.Key_Home)
    for _ in range(len(window.feed.model)):
        cursor = window.view.cursor_id
        assert cursor is not None
        if wave_of(cursor) is not None:
            return
        desk.press("j")


def row_of(desk: Desk, place: int) -> object:
    """A row of the lane, once it was read."""
    number = desk.window.feed.model.id_at(place)
    return None if number is None else desk.window.feed.model.rows.get(number)


def go_to(group: QButtonGroup) -> None:
    """Puts the focus on the answer that is chosen."""
    chosen = group.checkedButton()
    assert chosen is not None
    chosen.setFocus()


async def hidden(desk: Desk) -> int:
    """How many items the public no longer sees."""
    return len(await desk.ask(desk.engine.find(Lane(states=frozenset({ItemState.HIDDEN})), 1000)))


def test_the_lane_lists_strays_first_and_then_a_row_for_each_wave(at_a_desk: Checks) -> None:
    async def check(desk: Desk) -> None:
        window = desk.window
        await in_the_lane_of_waves(desk)
        ids = [window.feed.model.id_at(n) for n in range(len(window.feed.model))]
        kinds = [wave_of(number) is not None for number in ids if number is not None]
        assert kinds == sorted(kinds), "strays stand above waves"
        stray = window.feed.model.rows.get(ids[0] or 0)
        assert stray is not None
        assert stray.words == ODD
        assert stray.category.startswith("Stray")
        waves = [window.feed.model.rows.get(number) for number in ids if number is not None and number < 0]
        assert [row.author for row in waves if row] == [
            f"{ALIKE} near-identical items",
            "4 near-identical items",
        ]
        assert waves[0] is not None
        assert waves[0].where.startswith(f"{ALIKE} authors · 1 network · ")
        assert waves[0].words.startswith(SAYING)
        await desk.until(lambda: window.waves.number == 3, "the rail counts two waves and a stray")

    at_a_desk(check)


def test_enter_on_a_wave_opens_its_items_and_their_cards_say_how_many_are_alike(at_a_desk: Checks) -> None:
    async def check(desk: Desk) -> None:
        window = desk.window
        await in_the_lane_of_waves(desk)
        await desk.until(lambda: "Enter opens" in window.pane._public.text(), "the pane tells of the wave")
        desk.press_key(Qt.Key.Key_Return)
        await desk.until(lambda: len(window.feed.model) == ALIKE, "the items of the wave")
        assert window.lane.head.accessibleName().startswith("Wave “They always")
        desk.press("j")
        cursor = window.view.cursor_id
        assert cursor is not None
        await desk.until(lambda: window.feed.model.rows.get(cursor) is not None, "the card is read")
        card = window.feed.model.rows.get(cursor)
        assert card is not None
        assert (card.fact, card.fact_glyph) == (f"{ALIKE} alike", "wave")
        await desk.until(lambda: window.pane.facts is not None, "the pane is filled")
        said = " ".join(words.text() for words in window.pane._why.findChildren(type(window.pane._public)))
        assert f"One of {ALIKE} near-identical items since " in said
        assert f"{ALIKE} authors, {ALIKE} new to us." in said

    at_a_desk(check)


def test_the_pane_says_why_a_stray_was_raised(at_a_desk: Checks) -> None:
    async def check(desk: Desk) -> None:
        window = desk.window
        desk.press_key(Qt.Key.Key_W, CONTROL)
        await desk.until(lambda: "Waves" in window.lane.head.accessibleName() and len(window.feed.model) == 3)
        desk.press_key(Qt.Key.Key_Home)
        await desk.until(lambda: window.pane.facts is not None, "the pane is filled")
        said = [words.text() for words in window.pane._why.findChildren(type(window.pane._public))]
        assert any(words.startswith("Unlike what others say here: ") for words in said)

    at_a_desk(check)


def test_a_key_selects_the_whole_wave(at_a_desk: Checks) -> None:
    async def check(desk: Desk) -> None:
        window = desk.window
        await in_the_lane_of_waves(desk)
        desk.press("w")
        await desk.until(lambda: len(window.view.picks) == ALIKE, "all of the wave")
        desk.press("h")
        await desk.until(lambda: isinstance(window.scrim.sheet, BulkPlan), "the plan is shown")
        desk.press_key(Qt.Key.Key_Escape)
        desk.press_key(Qt.Key.Key_Escape)
        assert not len(window.view.picks)

    at_a_desk(check)


def test_an_item_of_no_wave_says_so(at_a_desk: Checks) -> None:
    async def check(desk: Desk) -> None:
        window = desk.window
        desk.press_key(Qt.Key.Key_Home)
        cursor = window.view.cursor_id
        assert cursor is not None
        await desk.until(lambda: window.feed.model.rows.get(cursor) is not None, "the card is read")
        assert window.waves.why_no_wave() == "This item belongs to no wave."
        desk.press_key(Qt.Key.Key_W, SHIFT)
        assert window.scrim.sheet is None

    at_a_desk(check)


def test_one_verdict_hides_a_wave_and_one_key_takes_it_back(at_a_desk: Checks) -> None:
    async def check(desk: Desk) -> None:
        window = desk.window
        await in_the_lane_of_waves(desk)
        desk.press_key(Qt.Key.Key_W, SHIFT)
        await desk.until(lambda: isinstance(window.scrim.sheet, VerdictSheet), "the sheet is open")
        desk.press_key(Qt.Key.Key_Return, CONTROL)
        assert window.scrim.isVisible(), "a reason is needed"
        desk.type("Copies of a call to spread a falsehood")
        desk.press_key(Qt.Key.Key_Return, CONTROL)
        assert not window.scrim.isVisible()
        await desk.until(lambda: window.strip._confirmed.accessibleName().startswith(f"{ALIKE} confirmed"))
        assert await hidden(desk) == ALIKE
        acts = await desk.ask(desk.engine.acts(most=100))
        assert len({act.bulk_id for act in acts}) == 1
        desk.press("u")
        await desk.until(lambda: window.known.undo_words is None, "nothing is left to undo")
        await desk.ask(
            desk.engine.wait_for([act.id for act in await desk.ask(desk.engine.acts(most=100))], 20)
        )
        assert await hidden(desk) == 0

    at_a_desk(check)


def test_leaving_up_is_chosen_in_the_sheet_and_planned_anew(at_a_desk: Checks) -> None:
    async def check(desk: Desk) -> None:
        window = desk.window
        await in_the_lane_of_waves(desk)
        desk.press("l")
        await desk.until(lambda: isinstance(window.scrim.sheet, VerdictSheet), "the sheet is open")
        sheet = window.scrim.sheet
        assert isinstance(sheet, VerdictSheet)
        assert sheet._yes.text().startswith(f"Leave up {ALIKE}")
        go_to(sheet._verbs)
        desk.press_key(Qt.Key.Key_Left)
        await desk.until(lambda: sheet._yes.text().startswith(f"Hide {ALIKE}"), "planned anew")
        desk.press_key(Qt.Key.Key_Escape)
        assert await hidden(desk) == 0

    at_a_desk(check)


def test_a_verdict_that_stands_falls_on_later_ones_is_shown_and_is_stopped_by_a_key(
    at_a_desk: Checks, tmp_path: Path
) -> None:
    async def check(desk: Desk) -> None:
        window = desk.window
        await in_the_lane_of_waves(desk)
        wave_row = window.view.cursor_id
        assert wave_row is not None
        desk.press_key(Qt.Key.Key_W, SHIFT)
        await desk.until(lambda: isinstance(window.scrim.sheet, VerdictSheet), "the sheet is open")
        sheet = window.scrim.sheet
        assert isinstance(sheet, VerdictSheet)
        desk.type("Copies of a call to spread a falsehood")
        go_to(sheet._minutes)
        desk.press_key(Qt.Key.Key_Right)
        desk.press_key(Qt.Key.Key_Right)
        assert sheet.minutes == 30
        sheet.limit.edit.setText("0")
        assert not sheet._yes.isEnabled()
        sheet.limit.edit.setText("50")
        desk.press_key(Qt.Key.Key_Return, CONTROL)
        await desk.until(lambda: desk.corner(wave_row).startswith("Hide stands, "), "the row says so")
        await desk.until(lambda: "Hide stands" in window.lane.head.accessibleName(), "the head says so")
        await desk.until(lambda: "of at most 50 later items" in window.pane._public.text(), "and the pane")
        (standing,) = await desk.ask(desk.engine.standings())
        later = tmp_path / "later.jsonl"
        later.write_text("\n".join(line(300 + n, SAYING) for n in range(5)), encoding="utf-8")
        await desk.ask(Exercise(desk.engine).play(str(later), rate=500))
        await desk.until(
            lambda: window.strip._confirmed.accessibleName().startswith(f"{ALIKE + 5} confirmed")
        )
        assert await hidden(desk) == ALIKE + 5
        assert standing.limit == 50
        desk.press_key(Qt.Key.Key_W, CONTROL | SHIFT)
        await desk.until(lambda: not desk.corner(wave_row), "the row no longer says so")
        assert await desk.ask(desk.engine.standings()) == []
        assert await hidden(desk) == ALIKE + 5, "what was done stays done"

    at_a_desk(check)
