"""The window with a million items in the cache: frames, keys, the greatest flood, and memory.

What a newcomer would get wrong: a frame or a key is timed as a person has it, from the wheel or the key to
the paint that shows the answer, while the engine takes in 2,000 a second beside it. What it costs by itself
says nothing about how long it waits for its turn.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtTest import QTest

from console.ui.app import application
from console.ui.loop import run as run_loop
from tests.bench._rig import Desk, Measured, desk_on, figure, flood_texts, quantile
from tests.bench.pipeline import _account

ROOT = Path(__file__).resolve().parents[2]
RATE = 2_000
MOST_RATE = 10_000
ITEMS = 1_000_000
FRAME_S = 1 / 60
LONGEST_WAIT_S = 60.0


class _Paints(QObject):
    """Notices when a widget has been painted."""

    def __init__(self, widget: QObject) -> None:
        super().__init__(widget)
        self.is_painted = asyncio.Event()
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  # Qt's own name
        """Says so once a paint is over, which is on the next turn."""
        del watched
        if event.type() is QEvent.Type.Paint:
            QTimer.singleShot(0, self.is_painted.set)
        return False


def run(long: bool) -> dict[str, Any]:
    """Every figure at volume.

    Args:
        long: the flood is held for ten minutes, and what it cost all that time is told too.
    """
    app = application()
    texts = flood_texts(10_000)
    found: dict[str, Any] = {}

    async def flooded(folder: Path) -> int:
        async with desk_on(folder, texts, {"fake": RATE, "more": MOST_RATE - RATE}) as desk:
            await _until(lambda: len(desk.window.feed.model) >= ITEMS, "a million items in the lane")
            await desk.connect(_account())
            found.update(await _held(desk, 600.0 if long else 60.0))
            await desk.connect(replace(_account(), connector="more", network="more", handle="more"))
            await asyncio.sleep(2.0)
            found["most"] = await desk.measure(10.0)
        return 0

    with tempfile.TemporaryDirectory() as name:
        subprocess.run(
            [sys.executable, "-m", "tests.bench._starting", "fill", name, str(ITEMS)], cwd=ROOT, check=True
        )
        run_loop(app, partial(flooded, Path(name) / "p"))
    most, held, rss = found["most"], found["held"], found["rss_mb"]
    cached = f"{ITEMS:,} items cached, {held.rate:.0f} arrivals a second"
    figures = {
        "heartbeat_p99_ms_10000": figure(
            most.late_p99, 33, "ms", f"a 10 ms timer at {most.rate:.0f} arrivals a second"
        ),
        "frame_p99_ms": figure(quantile(found["frames_ms"], 0.99), 16.7, "ms", f"a scrolled frame; {cached}"),
        "key_p95_ms": figure(quantile(found["keys_ms"], 0.95), 50, "ms", f"key to painted answer; {cached}"),
        "rss_mb": figure(rss[1], 250, "MB", f"the whole process after {found['seconds']:.0f} s; {cached}"),
        "rss_growth": figure(rss[1] / rss[0], 1.1, "ratio", f"since the first fifth of it: {rss[0]:.0f} MB"),
    }
    return {**figures, **_whole(held)} if long else figures


def _whole(held: Measured) -> dict[str, Any]:
    """What ten minutes cost, by the same budgets as ten seconds."""
    span = "over ten minutes, scrolling and keys among them"
    return {
        "held_heartbeat_p99_ms": figure(held.late_p99, 16, "ms", f"a 10 ms timer, {span}"),
        "held_window_ms_per_1000": figure(held.main_ms_per_1000, 120, "ms", f"main thread, {span}"),
        "held_cpu_s_per_1000": figure(held.cpu_s_per_1000, 0.17, "s", f"whole process, {span}"),
        "held_arrival_p99_ms": figure(held.arrival_p99, 120, "ms", f"received to announced, {span}"),
    }


async def _held(desk: Desk, seconds: float) -> dict[str, Any]:
    """A flood held for so long: at rest first, then scrolled and worked by keys in turn."""
    await asyncio.sleep(5.0)
    frames: list[float] = []
    keys: list[float] = []
    rss: list[float] = []

    async def work() -> None:
        await asyncio.sleep(seconds / 5)
        rss.append(_rss_mb())
        while True:
            frames.extend(await _scrolled(desk, 200))
            keys.extend(await _keyed(desk, 40))
            desk.window.view.go_newest()
            await asyncio.sleep(seconds / 10)

    working = asyncio.ensure_future(work())
    held = await desk.measure(seconds)
    working.cancel()
    with suppress(asyncio.CancelledError):
        await working
    rss.append(_rss_mb())
    return {"held": held, "frames_ms": frames, "keys_ms": keys, "rss_mb": rss, "seconds": seconds}


async def _scrolled(desk: Desk, count: int) -> list[float]:
    """Milliseconds from moving the lane by a row to having painted it, at sixty a second."""
    view = desk.window.view
    bar = view.verticalScrollBar()
    view.touched()
    took: list[float] = []
    for _ in range(count):
        begun = time.perf_counter()
        bar.setValue(bar.value() + bar.singleStep())
        view.viewport().repaint()
        took.append((time.perf_counter() - begun) * 1000)
        await asyncio.sleep(max(0.0, FRAME_S - took[-1] / 1000))
    return took


async def _keyed(desk: Desk, count: int) -> list[float]:
    """Milliseconds from a key to the paint that answers it: moves and selects, as a person settles items."""
    view = desk.window.view
    paints = _Paints(view.viewport())
    took: list[float] = []
    for number in range(count):
        cursor = view.cursor_id
        paints.is_painted.clear()
        begun = time.perf_counter()
        key = Qt.Key.Key_X if number % 4 == 3 else Qt.Key.Key_J
        QTest.keyClick(view, key)
        await paints.is_painted.wait()
        took.append((time.perf_counter() - begun) * 1000)
        if key is Qt.Key.Key_J and view.cursor_id == cursor:
            raise RuntimeError("the key did nothing")
        await asyncio.sleep(0.05)
    paints.deleteLater()
    view.picks.clear()
    return took


async def _until(ask: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + LONGEST_WAIT_S
    while not ask():
        if time.monotonic() > until:
            raise RuntimeError(f"waited in vain for {what}")
        await asyncio.sleep(0.1)


def _rss_mb() -> float:
    """Memory of this process now. Raises OSError where the system has no /proc to tell it."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
