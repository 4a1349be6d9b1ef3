"""The whole window in this process, on a profile, driven by keys as a person would."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from console.bootstrap import EngineThread, build_engine
from console.domain.items import Item
from console.domain.lanes import parse_lane
from console.paths import Places
from console.services.engine import Engine
from console.services.events import Announcement
from console.settings import Settings
from console.store.reader import Reader
from console.ui.app import look_for
from console.ui.bridge import Door
from console.ui.loop import Tasks, run
from console.ui.window import Window
from tests.journeys.seat import LIMIT_S, PASSPHRASE

T = TypeVar("T")


class Desk:
    """A window with its engine, for one test. What waits here leaves the window its turns."""

    def __init__(self, window: Window, engine: Engine, door: Door) -> None:
        """All three belong together."""
        self.window = window
        self.engine = engine
        self.door = door
        self._changed = asyncio.Event()
        loop = asyncio.get_running_loop()

        def heard(_announcement: Announcement) -> None:
            loop.call_soon_threadsafe(self._changed.set)

        self._stop_listening = engine.events.listen(heard)

    def close(self) -> None:
        """Hears nothing any more."""
        self._stop_listening()

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Presses one key where the focus is."""
        focus = QApplication.focusWidget() or self.window.view
        assert isinstance(focus, QWidget)
        QTest.keyClick(focus, key, modifier)

    async def until(self, what: str, ask: Callable[[], T], seconds: float = 30.0) -> T:
        """Asks again after each announcement until the answer is true. It must not block."""
        answer: T | None = None
        try:
            async with asyncio.timeout(seconds):
                while True:
                    self._changed.clear()
                    answer = ask()
                    if answer:
                        return answer
                    await self._next_change()
        except TimeoutError:
            raise AssertionError(f"waited {seconds:g} s in vain for {what}; last: {answer!r}") from None

    async def until_asked(
        self, what: str, ask: Callable[[], Coroutine[object, object, T]], seconds: float = 30.0
    ) -> T:
        """The same with a question that must be awaited."""
        answer: T | None = None
        try:
            async with asyncio.timeout(seconds):
                while True:
                    self._changed.clear()
                    answer = await ask()
                    if answer:
                        return answer
                    await self._next_change()
        except TimeoutError:
            raise AssertionError(f"waited {seconds:g} s in vain for {what}; last: {answer!r}") from None

    async def _next_change(self) -> None:
        try:
            async with asyncio.timeout(0.1):  # an announcement ends it; the rest is for the window itself
                await self._changed.wait()
        except TimeoutError:
            pass

    async def items(self, query: str = "") -> list[Item]:
        """What the cache holds, newest first."""
        return await self.door.ask(self.engine.find, parse_lane(query, self.engine.now()), 10_000)

    async def item(self, text: str, seconds: float = 30.0) -> Item:
        """The item with these words, as soon as it is in the cache."""

        async def find() -> Item | None:
            return next((item for item in await self.items() if item.text == text), None)

        found = await self.until_asked(f"“{text}” to arrive", find, seconds)
        assert found is not None
        return found

    async def reach(self, item_id: int) -> None:
        """Lets arrivals in and moves the cursor to an item, by keys alone."""

        def is_in_the_lane() -> bool:
            self.press(Qt.Key.Key_Space)
            return self.window.feed.model.row_of(item_id) is not None

        await self.until("the item to be let into the lane", is_in_the_lane)
        self.press(Qt.Key.Key_Home)
        for _ in range(len(self.window.feed.model)):
            if self.window.view.cursor_id == item_id:
                return
            self.press(Qt.Key.Key_J)
        assert self.window.view.cursor_id == item_id, "the keys do not reach the item"


def in_the_window(
    app: QApplication, profile: Path, journey: Callable[[Desk], Coroutine[object, object, None]]
) -> None:
    """Opens the window on a profile, goes the journey, and ends everything in order."""

    async def main() -> int:
        settings = Settings()
        thread = EngineThread(lambda: build_engine(Places(profile), passphrase=PASSPHRASE, settings=settings))
        engine = await asyncio.wrap_future(thread.start())
        errors: list[BaseException] = []
        tasks = Tasks(errors.append)
        door = Door(thread)
        reader = Reader(engine.places.database)
        window = Window(engine, door, reader, tasks, look_for(settings), settings.keys)
        window.resize(1440, 900)
        window.show()
        desk = Desk(window, engine, door)
        try:
            await window.open()
            async with asyncio.timeout(LIMIT_S * 5):
                await journey(desk)
        finally:
            desk.close()
            window.end()
            await tasks.stop()
            await asyncio.wrap_future(thread.stop())
            await asyncio.to_thread(thread.join)
            reader.close()
            window.leave()
            window.deleteLater()
        assert not errors, errors
        return 0

    assert run(app, main) == 0
