"""What arrivals cost the window, and how soon it is there.

A desk with the real engine on its thread and the real window on the main thread is flooded by a connector
that keeps a steady pace. A 10 ms timer of the window is the heartbeat: how late it fires is how late a key
would be answered. The idle figure of the same run stands beside each absolute one.
"""

import asyncio
import gc
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from console.api import Arrival, Author, Context, ItemKind, Page, RemoteId
from console.bootstrap import EngineThread, build_engine
from console.paths import Places
from console.settings import Settings
from console.store.reader import Reader
from console.ui.app import application, look_for
from console.ui.bridge import Door
from console.ui.lane.model import LaneModel
from console.ui.lane.rows import Rows
from console.ui.lane.view import LaneView
from console.ui.loop import Tasks
from console.ui.loop import run as run_loop
from console.ui.theme import DARK
from console.ui.window import Window
from tests.bench import matching
from tests.bench.pipeline import Flood, _account, as_in_floods, texts_for
from tests.fakes.connectors import FakeHosting

RATE = 2_000
STEP_S = 0.01
ROOT = Path(__file__).resolve().parents[2]


class Steady(Flood):
    """Yields items at a steady pace, a few every ten milliseconds."""

    def __init__(self, texts: Sequence[str], rate: int, context: Context) -> None:
        super().__init__([], context)
        self._texts, self._rate, self._context = texts, rate, context

    async def stream(self, cursor: str | None) -> AsyncIterator[Page]:
        """Items for ever."""
        told = int(cursor or 0)
        begun, first = time.perf_counter(), told
        while True:
            due = first + int((time.perf_counter() - begun) * self._rate)
            if due > told:
                now = self._context.now()
                arrivals = [self._arrival(number, now) for number in range(told, due)]
                told = due
                yield Page(arrivals, str(told))
            await asyncio.sleep(STEP_S)

    def _arrival(self, number: int, now: int) -> Arrival:
        who = number % 4_000
        return Arrival(
            remote_id=RemoteId(f"s{number}"),
            kind=ItemKind.COMMENT,
            author=Author(f"a{who}", f"somebody{who}.test", f"Somebody Number {who}"),
            text=self._texts[number % len(self._texts)],
            created_at=now,
            lang="en",
            thread=RemoteId(f"t{number % 40}"),
            where="First statement",
        )


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


class Heartbeat:
    """A 10 ms timer of the window's thread; how late it fires, in milliseconds."""

    def __init__(self) -> None:
        self.late_ms: list[float] = []
        self._last = time.perf_counter()
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(10)
        self._timer.timeout.connect(self._beat)
        self._timer.start()

    def _beat(self) -> None:
        now = time.perf_counter()
        self.late_ms.append(max(0.0, (now - self._last) * 1000 - 10))
        self._last = now

    def take(self) -> list[float]:
        """What was measured since the last time."""
        taken, self.late_ms = self.late_ms, []
        return taken


async def _flooded(folder: Path, texts: Sequence[str], rate: int, seconds: float) -> dict[str, Any]:
    settings = Settings(operator="bench", theme="dark")
    thread = EngineThread(
        lambda: build_engine(
            Places(folder),
            session_only=True,
            settings=settings,
            hosting=FakeHosting({"fake": lambda context: Steady(texts, rate, context)}),
        )
    )
    engine = await asyncio.wrap_future(thread.start())
    problems: list[BaseException] = []
    tasks = Tasks(problems.append)
    reader = Reader(engine.places.database)
    window = Window(engine, Door(thread), reader, tasks, look_for(settings), {})
    window.resize(1440, 900)
    window.show()
    await window.open()
    heartbeat = Heartbeat()
    await asyncio.sleep(2.0)
    idle = heartbeat.take()
    await asyncio.wrap_future(thread.call(engine.connecting.save(_account(), None, "bench")))
    await asyncio.sleep(2.0)
    gc.collect()
    heartbeat.take()
    window.feed.latencies_ms = []
    before, cpu, whole = engine.statistics.stored, time.thread_time(), time.process_time()
    begun = time.perf_counter()
    await asyncio.sleep(seconds)
    took = time.perf_counter() - begun
    stored = engine.statistics.stored - before
    found = {
        "stored": stored,
        "rate": stored / took,
        "idle_p99": quantile(idle, 0.99),
        "late_p99": quantile(heartbeat.take(), 0.99),
        "main_ms_per_1000": (time.thread_time() - cpu) * 1e6 / max(1, stored),
        "cpu_s_per_1000": (time.process_time() - whole) * 1e3 / max(1, stored),
        "arrival_p99": quantile([float(ms) for ms in window.feed.latencies_ms], 0.99),
        "shown": len(window.feed.model),
    }
    window.end()
    await tasks.stop()
    await asyncio.wrap_future(thread.stop())
    await asyncio.to_thread(thread.join)
    reader.close()
    window.leave()
    assert problems == [], problems
    return found


def _admit_ms(app: QApplication, size: int) -> float:
    """What letting in 66 arrivals and painting costs in a lane of a size, in milliseconds."""
    model = LaneModel(Rows(lambda ids: None, lambda call: None))
    model.reset(range(size, 0, -1))
    view = LaneView(model, DARK, lambda: 0)
    view.resize(744, 760)
    view.show()
    if not QTest.qWaitForWindowExposed(view):
        raise RuntimeError("the lane never came on the screen")
    app.processEvents()
    costs: list[float] = []
    top = size
    for _ in range(60):
        begun = time.perf_counter()
        view.admit(range(top + 66, top, -1), follow=True)
        view.viewport().repaint()
        costs.append((time.perf_counter() - begun) * 1000)
        top += 66
    view.close()
    view.deleteLater()
    return quantile(costs[5:], 0.5)


def _start_s(*words: str) -> float:
    """Seconds from starting a process to its first painted rows; the best of three."""
    times: list[float] = []
    for _ in range(3):
        begun = time.perf_counter()
        child = subprocess.Popen(
            [sys.executable, "-m", "tests.bench._starting", *words],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert child.stdout is not None
        said = child.stdout.readline()
        times.append(time.perf_counter() - begun)
        child.communicate(timeout=60)
        if said.strip() != "painted":
            raise RuntimeError(f"the start ended with: {said!r}")
    return min(times)


def run(long: bool) -> dict[str, Any]:
    """Every figure of the window."""
    app = application()
    seconds = 60.0 if long else 10.0
    count = int(RATE * (seconds + 5))
    stage = matching._Stage(100, texts=texts_for(count))
    texts = as_in_floods(stage.texts, count, random.Random(1))
    with tempfile.TemporaryDirectory() as folder:
        found: dict[str, Any] = {}

        async def flooded() -> int:
            found.update(await _flooded(Path(folder), texts, RATE, seconds))
            return 0

        run_loop(app, flooded)
    small, large = _admit_ms(app, 2_000), _admit_ms(app, 1_000_000)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [sys.executable, "-m", "tests.bench._starting", "fill", folder, "200000"], cwd=ROOT, check=True
        )
        bare, desk = _start_s("bare"), _start_s("desk", folder)
    idle = f"; idle {found['idle_p99']:.1f}"
    return {
        "heartbeat_p99_ms_2000": _figure(
            found["late_p99"], 16, "ms", f"a 10 ms timer at {found['rate']:.0f} arrivals a second{idle}"
        ),
        "window_ms_per_1000": _figure(
            found["main_ms_per_1000"], 120, "ms", "processor time of the main thread per 1,000 arrivals"
        ),
        "cpu_s_per_1000": _figure(
            found["cpu_s_per_1000"], 0.17, "s", "processor time of the whole process per 1,000 arrivals"
        ),
        "arrival_p99_ms": _figure(
            found["arrival_p99"], 120, "ms", "from received to announced in the window"
        ),
        "lane_growth": _figure(
            large / small, 1.5, "ratio", f"66 arrivals in a lane of 2,000: {small:.2f} ms"
        ),
        "start_ratio": _figure(desk / bare, 4, "ratio", f"a bare PySide6 window: {bare:.2f} s"),
    }


def _figure(value: float, goal: float, unit: str, baseline: str) -> dict[str, Any]:
    return {
        "value": round(value, 3),
        "goal": goal,
        "unit": unit,
        "baseline": baseline,
        "holds": value <= goal,
    }
