"""The two doors between the window and the engine.

`ask` goes in: it awaits a call that runs on the engine's loop. Announcements come out: the engine's thread
puts them in a queue, and a timer of the window empties it, thirty times a second, ten times when there is a
flood. Nothing of Qt is touched from the engine's thread.
"""

import asyncio
import concurrent.futures
import time
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, ParamSpec, Protocol, TypeVar

from PySide6.QtCore import QObject, QTimer

from console.services.events import Announcement, Arrived, Events

P = ParamSpec("P")
T = TypeVar("T")

CALM_MS = 33
FLOOD_MS = 100
FLOOD_A_SECOND = 10_000


class Thread(Protocol):
    """Where the engine runs."""

    def call(self, work: Coroutine[Any, Any, T]) -> "concurrent.futures.Future[T]":
        """Runs a coroutine on the engine's loop."""


class Door:
    """The way in; while there is no engine yet, calls run on the window's own loop."""

    def __init__(self, thread: Thread | None) -> None:
        self._thread = thread

    async def ask(self, call: Callable[P, Coroutine[Any, Any, T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """Awaits a coroutine function of the engine."""
        if self._thread is None:
            return await call(*args, **kwargs)
        return await asyncio.wrap_future(self._thread.call(call(*args, **kwargs)))


class Bridge(QObject):
    """The way out: announcements, gathered."""

    def __init__(self, events: Events, deliver: Callable[[Sequence[Announcement]], None]) -> None:
        super().__init__()
        self._deliver = deliver
        self._queue: deque[Announcement] = deque()
        self._timer = QTimer(self)
        self._timer.setInterval(CALM_MS)
        self._timer.timeout.connect(self.empty)
        self._timer.start()
        self._stop_listening = events.listen(self._queue.append)

    def hear(self, events: Events) -> None:
        """Hears another speaker from now on."""
        self._stop_listening()
        self._stop_listening = events.listen(self._queue.append)

    def empty(self) -> None:
        """Delivers what has been announced since the last time."""
        if not self._queue:
            return
        start = time.perf_counter()
        taken: list[Announcement] = []
        while self._queue:
            taken.append(self._queue.popleft())
        self._deliver(taken)
        arrivals = sum(one.count for one in taken if isinstance(one, Arrived))
        flood = arrivals * 1000 / self._timer.interval() > FLOOD_A_SECOND
        slow = time.perf_counter() - start > CALM_MS / 2000
        self._timer.setInterval(FLOOD_MS if flood or slow else CALM_MS)

    def go_on(self) -> None:
        """Delivers again after it was closed, when it was told whom to hear."""
        self._queue.clear()
        self._timer.start()

    def close(self) -> None:
        """Hears nothing any more."""
        self._stop_listening()
        self._timer.stop()
