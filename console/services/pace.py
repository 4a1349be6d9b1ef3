"""How eager connectors are: at rest or in an incident; and how long to wait after a failure.

What a newcomer would get wrong: a wait that has begun at the pace of rest must end early when an
incident opens, or the first minutes of the worst night are watched once a minute.
"""

import asyncio
from collections.abc import Callable

from console.services.clock import Clock

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 120.0
LONGEST_WAIT_INCIDENT_S = 10.0


class Pace:
    """Whether an incident is open, for everyone who waits."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._is_incident = False
        self._changed = asyncio.Event()

    @property
    def is_incident(self) -> bool:
        """Whether the pace is that of an incident."""
        return self._is_incident

    def set_incident(self, is_incident: bool) -> None:
        """Sets the pace and wakes everyone who waits, so that they count again."""
        if is_incident != self._is_incident:
            self._is_incident = is_incident
            self._changed.set()
            self._changed = asyncio.Event()

    async def wait(
        self, rest: float, incident: float, started: Callable[[float], None] | None = None
    ) -> None:
        """Waits `rest` seconds, or `incident` seconds while an incident is open.

        `started` is told the moment at which the wait will end, in monotonic seconds, and told
        again when that changes.
        """
        begun_at = self._clock.monotonic()
        while True:
            until = begun_at + (incident if self._is_incident else rest)
            if started is not None:
                started(until)
            left = until - self._clock.monotonic()
            if left <= 0:
                await self._clock.sleep(0)
                return
            if not await woken(self._changed, self._clock, left):
                return


def growing_wait(tries: int, chance: float, *, is_incident: bool) -> float:
    """How many seconds to wait before try number `tries` (from 1), doubling, with jitter.

    `chance` is between 0 and 1: the wait lies between half of the full length and all of it, so
    that many consoles that lost the same network do not come back in one moment.
    """
    longest = LONGEST_WAIT_INCIDENT_S if is_incident else LONGEST_WAIT_S
    full = min(longest, FIRST_WAIT_S * 2.0 ** min(tries - 1, 20))
    return full * (0.5 + 0.5 * chance)


async def woken(event: asyncio.Event, clock: Clock, seconds: float) -> bool:
    """Waits for an event, but no longer than so many seconds by the clock; whether it came."""
    if event.is_set():
        return True
    loop = asyncio.get_running_loop()
    sleeper = loop.create_task(clock.sleep(seconds), name="wait: time")
    waiter = loop.create_task(event.wait(), name="wait: event")
    try:
        await asyncio.wait({sleeper, waiter}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        sleeper.cancel()
        waiter.cancel()
    return event.is_set()
