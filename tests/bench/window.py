"""What arrivals cost the window, and how soon it is there.

A desk with the real engine on its thread and the real window on the main thread is flooded by a connector
that keeps a steady pace. A 10 ms timer of the window is the heartbeat: how late it fires is how late a key
would be answered. The idle figure of the same run stands beside each absolute one.
"""

import asyncio
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from console.ui.app import application
from console.ui.lane.model import LaneModel
from console.ui.lane.rows import Rows
from console.ui.lane.view import LaneView
from console.ui.loop import run as run_loop
from console.ui.theme import DARK
from tests.bench._rig import Measured, desk_on, figure, flood_texts, quantile
from tests.bench.pipeline import _account

RATE = 2_000
ROOT = Path(__file__).resolve().parents[2]


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
    texts = flood_texts(10_000)
    found: list[Measured] = []
    idle: list[float] = []

    async def flooded(folder: Path) -> int:
        async with desk_on(folder, texts, {"fake": RATE}) as desk:
            await asyncio.sleep(2.0)
            idle.extend(desk.heartbeat.take())
            await desk.connect(_account())
            await asyncio.sleep(2.0)
            found.append(await desk.measure(60.0 if long else 10.0))
        return 0

    with tempfile.TemporaryDirectory() as name:
        run_loop(app, partial(flooded, Path(name)))
    (flood,) = found
    small, large = _admit_ms(app, 2_000), _admit_ms(app, 1_000_000)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [sys.executable, "-m", "tests.bench._starting", "fill", folder, "200000"], cwd=ROOT, check=True
        )
        bare, desk = _start_s("bare"), _start_s("desk", folder)
    return {
        "heartbeat_p99_ms_2000": figure(
            flood.late_p99,
            16,
            "ms",
            f"a 10 ms timer at {flood.rate:.0f} arrivals a second; idle {quantile(idle, 0.99):.1f}",
        ),
        "window_ms_per_1000": figure(
            flood.main_ms_per_1000, 120, "ms", "processor time of the main thread per 1,000 arrivals"
        ),
        "cpu_s_per_1000": figure(
            flood.cpu_s_per_1000, 0.17, "s", "processor time of the whole process per 1,000 arrivals"
        ),
        "arrival_p99_ms": figure(flood.arrival_p99, 120, "ms", "from received to announced in the window"),
        "lane_growth": figure(large / small, 1.5, "ratio", f"66 arrivals in a lane of 2,000: {small:.2f} ms"),
        "start_ratio": figure(desk / bare, 4, "ratio", f"a bare PySide6 window: {bare:.2f} s"),
    }
