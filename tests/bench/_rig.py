"""A desk to be measured: the real window, the real engine on its thread, and connectors that never tire.

What a newcomer would get wrong: the texts repeat after a while, on purpose. A measure that lasts ten minutes
must not hold a million texts of its own, or it would weigh itself.
"""

import asyncio
import gc
import random
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer

from console.api import Arrival, Author, Context, ItemKind, Page, RemoteId
from console.bootstrap import EngineThread, build_engine
from console.domain.accounts import Account
from console.paths import Places
from console.services.engine import Engine
from console.settings import Settings
from console.store.reader import Reader
from console.ui.app import look_for
from console.ui.bridge import Door
from console.ui.loop import Tasks
from console.ui.window import Window
from tests.bench import matching
from tests.bench.pipeline import Flood, as_in_floods, texts_for
from tests.fakes.connectors import FakeHosting

STEP_S = 0.01


def flood_texts(count: int) -> list[str]:
    """So many texts as a flood holds them, copies of others among them."""
    chance = random.Random(100)
    rules = [matching._a_rule(chance, number) for number in range(100)]
    terms = [word for rule in rules for word in rule.words]
    return as_in_floods([matching._a_text(chance, terms) for _ in range(texts_for(count))], count, chance)


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


def figure(value: float, goal: float, unit: str, baseline: str) -> dict[str, Any]:
    """One measure that is to stay at its goal or below."""
    return {
        "value": round(value, 3),
        "goal": goal,
        "unit": unit,
        "baseline": baseline,
        "holds": value <= goal,
    }


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


@dataclass(frozen=True, slots=True)
class Measured:
    """What a stretch of a flood cost."""

    stored: int
    rate: float
    late_p99: float
    main_ms_per_1000: float
    cpu_s_per_1000: float
    arrival_p99: float


class Desk:
    """A window under measure."""

    def __init__(self, window: Window, engine: Engine, thread: EngineThread) -> None:
        """All three belong together."""
        self.window, self.engine, self._thread = window, engine, thread
        self.heartbeat = Heartbeat()

    async def connect(self, account: Account) -> None:
        """Lets an account's stream begin."""
        await asyncio.wrap_future(self._thread.call(self.engine.connecting.save(account, None, "bench")))

    async def measure(self, seconds: float) -> Measured:
        """What happens in so many seconds."""
        gc.collect()
        self.heartbeat.take()
        latencies: list[int] = []
        self.window.feed.latencies_ms = latencies
        before, cpu, whole = self.engine.statistics.stored, time.thread_time(), time.process_time()
        begun = time.perf_counter()
        await asyncio.sleep(seconds)
        took = time.perf_counter() - begun
        stored = self.engine.statistics.stored - before
        return Measured(
            stored=stored,
            rate=stored / took,
            late_p99=quantile(self.heartbeat.take(), 0.99),
            main_ms_per_1000=(time.thread_time() - cpu) * 1e6 / max(1, stored),
            cpu_s_per_1000=(time.process_time() - whole) * 1e3 / max(1, stored),
            arrival_p99=quantile([float(ms) for ms in latencies], 0.99),
        )


@asynccontextmanager
async def desk_on(folder: Path, texts: Sequence[str], rates: dict[str, int]) -> "AsyncIterator[Desk]":
    """A desk on a profile. `rates`: how many items a second each connector tells, once it is connected."""
    settings = Settings(operator="bench", theme="dark")

    def connectors() -> Iterator[tuple[str, Any]]:
        for name, rate in rates.items():
            yield name, lambda context, rate=rate: Steady(texts, rate, context)

    thread = EngineThread(
        lambda: build_engine(
            Places(folder), session_only=True, settings=settings, hosting=FakeHosting(dict(connectors()))
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
    try:
        yield Desk(window, engine, thread)
    finally:
        window.end()
        await tasks.stop()
        await asyncio.wrap_future(thread.stop())
        await asyncio.to_thread(thread.join)
        reader.close()
        window.leave()
    assert problems == [], problems
