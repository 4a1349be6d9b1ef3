"""A connector of Meta's before its false network, ready for one test."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from console.api import Answer, Arrival, Context, Order, Page, Sight, Target, Verb
from console.api.stage import (
    CountedAllowance,
    KeptSecret,
    Scene,
    Seen,
    Stage,
    backstage,
    scene,
    target_of,
    watch,
    watching,
)
from tests.servers.false.metagraph import GraphNetwork

N = TypeVar("N", bound=GraphNetwork)
MOST_PAGES = 400


@dataclass
class Room(Generic[N]):
    """The connector at work, the network behind it, and short ways to use both."""

    scene: Scene
    network: N

    async def arrival(self, text: str) -> Arrival:
        """The item with these words, as the stream brings it."""
        seen = await watch(self.scene.connector, {text})
        return next(one for one in seen.arrivals if one.text == text)

    async def target(self, text: str) -> Target:
        """The same, as the console would name it."""
        return target_of(await self.arrival(text))

    async def do(self, verb: Verb, target: Target, text: str | None = None) -> Answer:
        """Does a verb to one target."""
        [answer] = await self.scene.connector.act(Order(verb, [target], text=text))
        return answer

    async def look(self, verb: Verb, target: Target, note: str | None = None) -> Sight:
        """Looks at one target."""
        [sight] = await self.scene.connector.look(verb, [target], [note])
        return sight

    async def sights_after(self, text: str, change: Callable[[], object]) -> list[Sight]:
        """The first sights that a stream gives after it has brought `text` and something has changed."""
        seen = Seen()
        async with watching(self.scene.connector, seen=seen) as stream:
            await stream.until({text})
            change()
            for _ in range(MOST_PAGES):
                await stream.until((), more_pages=1)
                found = [sight for page in seen.pages for sight in page.sights]
                if found:
                    return found
        raise AssertionError("nothing was noticed")

    async def pages(self, count: int, cursor: str | None = None) -> list[Page]:
        """The first pages of a new stream."""
        seen = Seen()
        async with watching(self.scene.connector, cursor, seen) as stream:
            await stream.until((), more_pages=count)
        return seen.pages


def in_room(
    network: Callable[[], N],
    stage: Callable[[N], Stage],
    go: Callable[[Room[N]], Awaitable[None]],
    prepare: Callable[[N], object] | None = None,
) -> None:
    """Runs `go` with an open connector; `prepare` says what is there before it is opened."""

    async def run() -> None:
        with network() as running:
            if prepare is not None:
                prepare(running)
            async with scene(stage(running)) as act:
                await go(Room(act, running))
            assert not running.offences, running.offences

    asyncio.run(run())


class Clock:
    """Time as the connector and the network have it; a test moves both on."""

    def __init__(self, network: GraphNetwork) -> None:
        """`network` is ahead by as much as this clock."""
        self._network = network

    def __call__(self) -> int:
        """Milliseconds since 1970."""
        return int((time.time() + self._network.clock) * 1000)

    def pass_days(self, days: float) -> None:
        """Lets days pass everywhere."""
        self._network.clock += days * 86_400


@asynccontextmanager
async def behind(
    network: GraphNetwork, stage: Stage, kept: KeptSecret, **settings: str
) -> AsyncIterator[tuple[Context, CountedAllowance, Clock]]:
    """What a connector is handed, with a clock that a test moves."""
    clock = Clock(network)
    async with backstage(stage, kept, set(), []) as (context, allowance):
        yield replace(context, now=clock, settings={**context.settings, **settings}), allowance, clock
