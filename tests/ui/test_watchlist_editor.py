"""The watchlist editor, by keys, on a real engine."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

from console.domain.watchlists import Watchlist
from console.services.exercise import Exercise
from console.settings import Settings
from console.ui.watchlists.editor import Editor
from tests.ui.desk import Desk, open_desk, run_desk

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
Key = Qt.Key
EXERCISE = "chandlers-row"


@asynccontextmanager
async def a_desk(
    profile: Path, settings: Settings | None = None, size: tuple[int, int] = (1440, 900)
) -> AsyncIterator[Desk]:
    """A desk with the first part of the exercise."""
    async with open_desk(profile, settings=settings, size=size) as desk:
        await desk.ask(Exercise(desk.engine).play(EXERCISE, rate=1200, seconds=1.0))
        yield desk


async def editor_of(desk: Desk) -> Editor:
    """The editor, opened by its key, with its first count."""
    desk.press_key(Key.Key_E, CONTROL)
    await desk.until(lambda: desk.window.watchlists.editor is not None, "the editor is open")
    editor = desk.window.watchlists.editor
    assert editor is not None
    await desk.until(lambda: " hit" in editor.preview.head.text(), "the first count")
    return editor


def tab_to(desk: Desk, part: QWidget) -> None:
    """Presses Tab until a part has the focus."""
    for _ in range(60):
        if desk.window.focusWidget() is part:
            return
        desk.press_key(Key.Key_Tab)
    raise AssertionError(f"Tab never reaches {part.accessibleName()}")


def add_line(desk: Desk, part: QWidget, words: str) -> None:
    """Writes a line more into a field of several."""
    tab_to(desk, part)
    desk.press_key(Key.Key_End, CONTROL)
    desk.press_key(Key.Key_Return)
    desk.type(words)


async def in_force(desk: Desk, list_id: str) -> Watchlist:
    """A list as it is in force."""
    lists: list[Watchlist] = await desk.ask(desk.engine.watchlists())
    return next(one for one in lists if one.id == list_id)


def test_a_word_is_added_previewed_and_published_by_keys(qapp: QApplication, tmp_path: Path) -> None:
    async def work() -> None:
        async with a_desk(tmp_path / "p") as desk:
            editor = await editor_of(desk)
            assert "Nothing is changed. Version 1 is in force." in editor.state.text()
            assert not editor.publish_button.isEnabled()
            add_line(desk, editor.rule.words, "skate park")
            await desk.until(editor.publish_button.isEnabled, "tried and well")
            await desk.until(lambda: not editor.preview.new.head.text().startswith("0 "), "newly caught")
            assert "skate park" in editor.preview.new.lines[0].text()
            assert editor.state.text() == "No slow pattern. Planted words were found."
            desk.press_key(Key.Key_Return, CONTROL)
            await desk.until(lambda: "version 2 is in force" in editor.done.text(), "published")
            found = await in_force(desk, "abuse-of-staff")
            assert found.version == 2
            assert "skate park" in found.rules[0].words
            await desk.until(lambda: "The past was searched" in editor.past.text(), "searched")
            assert "without alarms" in editor.past.text()

    run_desk(qapp, work)
