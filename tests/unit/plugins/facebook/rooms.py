"""A Facebook connector before the false network, ready for one test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TypeVar

from console.api import Answer, Arrival, Order, Page, Sight, Target, Verb
from console.api.connector import Wait
from console.api.stage import KeptSecret, Scene, Seen, scene, target_of, watch, watching
from plugins.facebook.connector import connect
from tests.servers.false.facebook import FacebookNetwork
from tests.servers.false.facebook_stage import FacebookStage

T = TypeVar("T")
PAGES = 60
"""Pages to wait for something that rounds bring."""


@dataclass
class Room:
    """The connector at work, the network behind it, and short ways to use both."""

    scene: Scene
    network: FacebookNetwork

    async def items(self, *texts: str, cursor: str | None = None) -> dict[str, Arrival]:
        """What a new stream brings until all these words have come, by their words."""
        seen = await watch(self.scene.connector, set(texts), cursor=cursor)
        return {arrival.text: arrival for arrival in seen.arrivals}

    async def said(self, text: str) -> Target:
        """Has something said below our post and takes it in."""
        self.network.say(text)
        return target_of((await self.items(text))[text])

    async def do(self, verb: Verb, *targets: Target, **more: object) -> Sequence[Answer]:
        """Does a verb; the answers, one for each target."""
        order = replace(Order(verb, targets), **more)  # type: ignore[arg-type]  # the tests name its fields
        return await self.scene.connector.act(order)

    async def look(self, verb: Verb, target: Target, note: str | None = None) -> Sight:
        """Looks at one item after a verb."""
        [sight] = await self.scene.connector.look(verb, [target], [note])
        return sight

    async def until(
        self, is_enough: Callable[[Page], bool], after: Callable[[], object], *texts: str
    ) -> Seen:
        """Reads a stream until `texts` came, then does `after`, then reads until a page is enough."""
        async with watching(self.scene.connector) as stream:
            seen = await stream.until(set(texts), more_pages=2)
            after()
            for _ in range(PAGES):
                await stream.until((), more_pages=1)
                if is_enough(seen.pages[-1]):
                    return seen
        raise AssertionError("no page was enough")


@asynccontextmanager
async def room(
    prepare: Callable[[FacebookNetwork], object] | None = None,
    *,
    secret: str | None = None,
    wait: Wait | None = None,
) -> AsyncIterator[Room]:
    """A room with an open connector; `prepare` says what is there before it is opened."""
    with FacebookNetwork() as network:
        if prepare is not None:
            prepare(network)
        stage = FacebookStage(network)
        if wait is not None:
            stage.connect = lambda context: connect(replace(context, wait=wait))
        async with scene(stage, secret=KeptSecret(secret or stage.secret)) as act:
            yield Room(act, network)
        assert not network.offences, network.offences


def in_a_room(
    test: Callable[[Room], Awaitable[T]], prepare: Callable[[FacebookNetwork], object] | None = None
) -> T:
    """Runs a test in a room."""

    async def body() -> T:
        async with room(prepare) as here:
            return await test(here)

    return asyncio.run(body())
