"""Checked time: one clock for everything that runs, replaced in tests.

What a newcomer would get wrong: `now` is for people and for the record, `monotonic` is for
measuring. A computer's wall clock may be set back while Cordon runs; `now` then stands still until
it has caught up, so that no entry is ever dated before the one that it follows.
"""

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """Where services get the time from, and where they wait."""

    def now(self) -> int:
        """Milliseconds since 1970, UTC; never less than it said before."""

    def monotonic(self) -> float:
        """Seconds since some fixed moment; for measuring spans."""

    async def sleep(self, seconds: float) -> None:
        """Waits so many seconds; nothing or less only lets others run."""


class SystemClock:
    """The computer's own clock."""

    def __init__(self) -> None:
        self._latest = 0

    def now(self) -> int:
        """Milliseconds since 1970, UTC; never less than it said before."""
        self._latest = max(self._latest, time.time_ns() // 1_000_000)
        return self._latest

    def monotonic(self) -> float:
        """Seconds since some fixed moment; for measuring spans."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Waits so many seconds; nothing or less only lets others run."""
        await asyncio.sleep(max(0.0, seconds))
