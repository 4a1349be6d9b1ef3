"""A clock that stands still until a test moves it.

What a newcomer would get wrong: moving it only wakes sleepers. `pass_by` also lets the loop run until
nothing moves any more, so that a test needs no sleep of its own.
"""

import asyncio
import heapq
import itertools
from collections.abc import Awaitable, Callable

START_AT = 1_800_000_000_000
"""Some moment in 2027, milliseconds since 1970."""


class FakeClock:
    """Time by hand."""

    def __init__(self, at: int = START_AT) -> None:
        self._start_at = at
        self._passed = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self.idle: Callable[[], Awaitable[None]] = settle
        """Lets everything work that can without the clock; real threads need more than the loop."""

    def now(self) -> int:
        """Milliseconds since 1970, UTC."""
        return self._start_at + round(self._passed * 1000)

    def monotonic(self) -> float:
        """Seconds since the test began."""
        return self._passed

    async def sleep(self, seconds: float) -> None:
        """Waits until the test has moved the clock that far."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        future = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._passed + seconds, next(self._order), future))
        await future

    @property
    def next_alarm(self) -> float | None:
        """How many seconds from now the next sleeper wakes; None when nobody sleeps."""
        while self._sleepers and self._sleepers[0][2].done():
            heapq.heappop(self._sleepers)
        return self._sleepers[0][0] - self._passed if self._sleepers else None

    async def pass_by(self, seconds: float) -> None:
        """Lets so much time go by, waking each sleeper at its own moment."""
        until = self._passed + seconds
        await self.idle()
        while (alarm := self.next_alarm) is not None and self._passed + alarm <= until:
            self._passed += alarm
            _, _, future = heapq.heappop(self._sleepers)
            future.set_result(None)
            await self.idle()
        self._passed = until
        await self.idle()


async def settle(turns: int = 30) -> None:
    """Lets the loop run as long as what is ready makes more ready."""
    for _ in range(turns):
        await asyncio.sleep(0)
