"""How many unseen items a lane holds that is not shown, and how old the oldest is.

For lanes whose numbers nobody keeps: saved ones, those by state. They are counted in the reader's thread in
slices, once a second at the most, and what was asked meanwhile comes in between. What a newcomer would get
wrong: arrivals are added to what was counted; only when something stored has changed is all of it counted
again, and then so seldom that it costs a tenth of that thread's time.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from console.domain.lanes import Lane
from console.store import lanes as stored_lanes
from console.store.database import Connection
from console.store.reader import Reader
from console.ui.loop import Tasks

LEAST_S = 1.0
SHARE = 10
"""A count of everything may start again after so many times the time that the last one took."""
FIRST_SLICE = 20_000
QUICK_S, SLOW_S = 0.004, 0.015
"""A slice that took less is doubled, one that took more is halved, in seconds."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What waits in a lane."""

    number: int
    """Unseen items."""
    oldest: int | None
    """When the oldest of them was received, milliseconds since 1970, UTC."""


@dataclass(slots=True)
class _Count:
    """What was counted of one lane, and up to where."""

    number: int = 0
    first: int | None = None
    oldest: int | None = None


class Tallies:
    """Counts the lanes that it is told of."""

    def __init__(self, reader: Reader, tasks: Tasks, changed: Callable[[], None]) -> None:
        """`changed` is called when a number is different."""
        self._reader, self._tasks, self._say = reader, tasks, changed
        self._lanes: Callable[[], Mapping[str, Lane]] = dict
        self._known: dict[str, Lane] = {}
        self._counts: dict[str, _Count] = {}
        self._upto: int | None = None
        """Items up to here were counted; None before the first count."""
        self._is_whole_wanted = True
        self._has_arrivals = False
        self._is_counting = False
        self._next_whole_at = 0.0
        self._slice = FIRST_SLICE
        self.slices = 0
        """How many slices were counted so far; for tests."""

    def watch(self, lanes: Callable[[], Mapping[str, Lane]]) -> None:
        """Counts these lanes from now on; asked for anew before each count, since times pass."""
        self._lanes = lanes
        self._is_whole_wanted = True

    def of(self, key: str) -> Tally | None:
        """What waits in a lane; None until it was counted."""
        found = self._counts.get(key)
        return None if found is None else Tally(found.number, found.oldest)

    def arrived(self) -> None:
        """Something arrived."""
        self._has_arrivals = True

    def changed(self) -> None:
        """Something stored is different: seen, decided, raised."""
        self._is_whole_wanted = True

    def tick(self) -> None:
        """Once a second: counts what is to be counted."""
        if self._is_counting or not (self._has_arrivals or self._is_whole_wanted):
            return
        self._is_counting = True
        self._tasks.spawn(self._count(), "count lanes")

    async def _count(self) -> None:
        try:
            lanes = {key: replace(lane, unseen=True) for key, lane in self._lanes().items()}
            if self._is_whole_wanted and time.monotonic() >= self._next_whole_at:
                await self._count_whole(lanes)
            elif self._upto is not None and self._has_arrivals and lanes.keys() == self._known.keys():
                await self._add(lanes, self._upto)
        finally:
            self._is_counting = False

    async def _count_whole(self, lanes: Mapping[str, Lane]) -> None:
        self._is_whole_wanted = self._has_arrivals = False
        begun = time.monotonic()
        newest = await asyncio.wrap_future(self._reader.submit(stored_lanes.newest_id))
        counts: dict[str, _Count] = {}
        for key, lane in lanes.items():
            high, found = newest, _Count()
            while high > 0:
                low = max(1, high - self._slice + 1)
                await self._one(lane, low, high, found)
                high = low - 1
            await self._find_oldest(found)
            counts[key] = found
        self._known, self._counts, self._upto = dict(lanes), counts, newest
        took = time.monotonic() - begun
        self._next_whole_at = time.monotonic() + max(LEAST_S, SHARE * took)
        self._say()

    async def _one(self, lane: Lane, low: int, high: int, found: _Count) -> None:
        number, first, took = await asyncio.wrap_future(self._reader.submit(_timed, lane, low, high))
        self.slices += 1
        found.number += number
        found.first = first if first is not None else found.first
        if took < QUICK_S:
            self._slice *= 2
        elif took > SLOW_S:
            self._slice = max(1_000, self._slice // 2)

    async def _find_oldest(self, found: _Count) -> None:
        if found.first is not None:
            asked = self._reader.submit(stored_lanes.received_at, found.first)
            found.oldest = await asyncio.wrap_future(asked)

    async def _add(self, lanes: Mapping[str, Lane], upto: int) -> None:
        """Adds what arrived since; all lanes in one question, because each is about few items."""
        self._has_arrivals = False
        newest, added = await asyncio.wrap_future(self._reader.submit(_added, lanes, upto))
        self._upto = newest
        is_other = False
        for key, (number, first) in added.items():
            count = self._counts[key]
            if number:
                is_other = True
                count.number += number
                if count.first is None:
                    count.first = first
                    await self._find_oldest(count)
        if is_other:
            self._say()


def _timed(conn: Connection, lane: Lane, low: int, high: int) -> tuple[int, int | None, float]:
    begun = time.perf_counter()
    number, first = stored_lanes.tally(conn, lane, low, high)
    return number, first, time.perf_counter() - begun


def _added(
    conn: Connection, lanes: Mapping[str, Lane], upto: int
) -> tuple[int, dict[str, tuple[int, int | None]]]:
    newest = stored_lanes.newest_id(conn)
    if newest <= upto:
        return upto, {}
    return newest, {key: stored_lanes.tally(conn, lane, upto + 1, newest) for key, lane in lanes.items()}
