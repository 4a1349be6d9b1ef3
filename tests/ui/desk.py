"""A whole desk for a test: the real engine on its thread, the real window on its loop, driven by keys."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from console.bootstrap import EngineThread, build_engine
from console.paths import Places
from console.services.engine import Engine
from console.services.exercise import Exercise
from console.settings import Settings
from console.store.reader import Reader
from console.ui.app import look_for
from console.ui.bridge import Door
from console.ui.loop import Loop, Tasks
from console.ui.window import Window

LIMIT_S = 60.0
OPERATOR = "A. Rowe"


class Desk:
    """The window with what a test asks of it."""

    def __init__(self, window: Window, engine: Engine, thread: EngineThread) -> None:
        self.window, self.engine, self.thread = window, engine, thread
        self._turn = asyncio.Event()
        self.window.bridge._timer.timeout.connect(self._turn.set)

    async def ask(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Runs a coroutine on the engine's loop."""
        return await asyncio.wrap_future(self.thread.call(work))

    async def until(self, ready: Callable[[], object], what: str = "") -> None:
        """Waits, turn by turn of the window's own timer, until something is so."""
        try:
            async with asyncio.timeout(LIMIT_S):
                while not ready():
                    self._turn.clear()
                    await self._turn.wait()
        except TimeoutError:
            raise AssertionError(f"it never came about: {what or ready}") from None

    def press(self, keys: str, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Presses keys where the focus is."""
        for key in keys:
            QTest.keyClicks(self.focus, key, modifier)

    def press_key(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Presses a key that is no letter."""
        QTest.keyClick(self.focus, key, modifier)

    def type(self, words: str) -> None:
        """Types words where the focus is."""
        QTest.keyClicks(self.focus, words)

    @property
    def focus(self) -> Any:
        """What has the focus; the lane when the window system gives it to nobody."""
        found: Any = self.window.focusWidget()
        return self.window.view if found is None else found

    def corner(self, item_id: int) -> str:
        """The words of a card's state corner."""
        row = self.window.feed.model.rows.get(item_id)
        return row.corner.words if row is not None and row.corner is not None else ""


@asynccontextmanager
async def open_desk(
    profile: Path,
    exercise: str | None = None,
    *,
    settings: Settings | None = None,
    rate: float | None = 500.0,
    size: tuple[int, int] = (1440, 900),
) -> AsyncIterator[Desk]:
    """A desk on a new profile; `exercise` is a shipped one or a file, played to its end beforehand."""
    settings = settings or Settings(operator=OPERATOR, theme="dark")
    thread = EngineThread(lambda: build_engine(Places(profile), session_only=True, settings=settings))
    engine = await asyncio.wrap_future(thread.start())
    if exercise is not None:
        await asyncio.wrap_future(thread.call(Exercise(engine).play(exercise, rate=rate)))
    problems: list[BaseException] = []
    tasks = Tasks(problems.append)
    reader = Reader(engine.places.database)
    window = Window(
        engine, Door(thread), reader, tasks, look_for(settings), {}, is_exercise=exercise is not None
    )
    window.resize(*size)
    window.show()
    window.activateWindow()
    desk = Desk(window, engine, thread)
    try:
        await window.open()
        await desk.until(lambda: not window.feed.is_loading, "the lane is read")
        yield desk
    finally:
        window.end()
        await tasks.stop()
        await asyncio.wrap_future(thread.stop())
        await asyncio.to_thread(thread.join)
        reader.close()
        window.leave()
        window.deleteLater()
        assert problems == []


def run_desk(app: QApplication, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Runs a test's coroutine on the window's own loop."""
    app.setQuitOnLastWindowClosed(False)
    with asyncio.Runner(loop_factory=lambda: Loop(app)) as runner:
        runner.run(work())
