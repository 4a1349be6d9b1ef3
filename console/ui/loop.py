"""The event loop of the window: qasync's, with our own schedule.

qasync starts a Qt timer for each callback, keeps cancelled ones until they are due, and promises no order.
Here callbacks run first in, first out, in turns of at most 8 ms so that painting always gets in; what is due
later waits in one heap behind one precise timer, never early, and what was cancelled is swept out.

The one thing a newcomer gets wrong: never run a nested Qt loop (`exec()`, `QMessageBox.question`) inside a
coroutine. Other tasks that wake meanwhile are lost for good. Use `open()` and await a future.

`_add_callback` is private to qasync 0.28.0, which is why qasync is pinned exactly and a test looks for it.
"""

import asyncio
import heapq
import itertools
import logging
import os
import sys
import time
from collections import deque
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from PySide6.QtCore import QCoreApplication, Qt, QTimer
from PySide6.QtWidgets import QApplication

os.environ.setdefault("QT_API", "pyside6")
import qasync

log = logging.getLogger(__name__)

TURN_S = 0.008
"""How long callbacks may run before Qt may paint, in seconds."""


TURN_S = 0.001
"""How long another thread may work in Python while the window's waits for its turn, in seconds."""


class Loop(qasync.QEventLoop):
    """qasync's loop with our own schedule."""

    def __init__(self, app: QApplication) -> None:
        self._soon: deque[asyncio.Handle] = deque()
        self._due: list[tuple[float, int, asyncio.Handle]] = []
        self._order = itertools.count()
        self._sweep_at = 64
        self._pump: QTimer | None = None
        self._alarm: QTimer | None = None
        self.longest_turn_s = 0.0
        """The longest time that one callback took; for the watchdog."""
        # The window's thread gets its turn after a millisecond of the engine's, not after five.
        sys.setswitchinterval(TURN_S)
        super().__init__(app)
        self.set_default_executor(ThreadPoolExecutor(4, thread_name_prefix="window"))
        self._pump = QTimer(QCoreApplication.instance())
        self._pump.setInterval(0)
        self._pump.timeout.connect(self._run_soon)
        self._alarm = QTimer(QCoreApplication.instance())
        self._alarm.setSingleShot(True)
        self._alarm.setTimerType(Qt.TimerType.PreciseTimer)
        self._alarm.timeout.connect(self._run_due)
        if self._soon:
            self._pump.start()

    def _add_callback(self, handle: asyncio.Handle, delay: float = 0) -> asyncio.Handle:
        if delay <= 0:
            self._soon.append(handle)
            if self._pump is not None and not self._pump.isActive():
                self._pump.start()
            return handle
        heapq.heappush(self._due, (self.time() + delay, next(self._order), handle))
        if len(self._due) > self._sweep_at:
            self._due = [entry for entry in self._due if not entry[2].cancelled()]
            heapq.heapify(self._due)
            self._sweep_at = max(64, 2 * len(self._due))
        if self._due and self._due[0][2] is handle:
            self._set_alarm()
        return handle

    def _set_alarm(self) -> None:
        if self._due and self._alarm is not None:
            wait_ms = -int((self.time() - self._due[0][0]) * 1000 // 1)  # rounds up: never early
            self._alarm.start(max(0, wait_ms))

    def _run_due(self) -> None:
        now = self.time()
        while self._due and self._due[0][0] <= now:
            handle = heapq.heappop(self._due)[2]
            if not handle.cancelled():
                self._add_callback(handle)
        self._set_alarm()

    def _run_soon(self) -> None:
        end = time.perf_counter() + TURN_S
        for _ in range(len(self._soon)):
            if not self._soon:
                break
            handle = self._soon.popleft()
            if not handle.cancelled():
                start = time.perf_counter()
                handle._run()  # noqa: SLF001 - what every asyncio loop does with its handles
                took = time.perf_counter() - start
                self.longest_turn_s = max(self.longest_turn_s, took)
            if time.perf_counter() > end:
                break
        if not self._soon and self._pump is not None:
            self._pump.stop()

    @property
    def waiting_count(self) -> int:
        """How many callbacks wait, cancelled ones that were not swept yet included; for tests."""
        return len(self._soon) + len(self._due)

    def close(self) -> None:
        """Stops the schedule, then qasync's part."""
        for timer in (self._pump, self._alarm):
            if timer is not None:
                timer.stop()
        self._soon.clear()
        self._due.clear()
        super().close()


class Tasks:
    """Tasks of the window: named, strongly held, their failures told to the error desk."""

    def __init__(self, report: Callable[[BaseException], None]) -> None:
        self._report = report
        self._tasks: set[asyncio.Task[Any]] = set()

    def spawn(self, work: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
        """Starts a named task and keeps it until it ends."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (problem := task.exception()) is not None:
            log.error("the task “%s” failed", task.get_name(), exc_info=problem)
            self._report(problem)

    async def stop(self) -> None:
        """Cancels what still runs and waits until it has ended."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def run(app: QApplication, main: Callable[[], Coroutine[Any, Any, int]]) -> int:
    """Runs the window's main coroutine from start to orderly end; gives the exit code.

    Only the main coroutine ends the loop: closing the last window does not.
    """
    app.setQuitOnLastWindowClosed(False)
    with asyncio.Runner(loop_factory=lambda: Loop(app)) as runner:
        return runner.run(main())
