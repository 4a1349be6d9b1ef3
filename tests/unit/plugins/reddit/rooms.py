"""A Reddit connector before the false Reddit, ready for one test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from console.api import Answer, Arrival, ItemKind, ItemState, Order, RemoteId, Sight, Target, Verb
from console.api.stage import KeptSecret, Scene, Seen, Watch, scene, target_of, watch, watching
from plugins.reddit.mapping import Note
from tests.servers.false.reddit import RedditNetwork, RedditStage


@dataclass
class Room:
    """The connector at work, the network behind it, and short ways to use both."""

    scene: Scene
    network: RedditNetwork

    async def arrival(self, name: str, text: str) -> Arrival:
        """The item with these words as the stream brings it."""
        seen = await watch(self.scene.connector, {text})
        return next(one for one in seen.arrivals if one.remote_id == name)

    async def said(self, text: str, **fields: Any) -> Target:
        """Has something said and takes it in."""
        return target_of(await self.arrival(self.network.say(text, **fields), text))

    async def do(self, verb: Verb, *targets: Target, **more: object) -> Sequence[Answer]:
        """Does a verb; one answer for each target."""
        order = replace(Order(verb, targets), **more)  # type: ignore[arg-type]  # the tests name its fields
        return await self.scene.connector.act(order)

    async def look(self, verb: Verb, target: Target, note: str | None = None) -> Sight:
        """Looks at one item after a verb."""
        [sight] = await self.scene.connector.look(verb, [target], [note])
        return sight


@asynccontextmanager
async def room(
    prepare: Callable[[RedditNetwork], object] | None = None, *, secret: KeptSecret | None = None
) -> AsyncIterator[Room]:
    """A room with an open connector, in which nothing may be asked that Reddit does not know."""
    with RedditNetwork() as network:
        if prepare is not None:
            prepare(network)
        async with scene(RedditStage(network), secret=secret) as act:
            yield Room(act, network)
        assert network.offences == []


def run(test: Callable[[Room], Awaitable[None]]) -> None:
    """Runs a test in a room of its own."""

    async def go() -> None:
        async with room() as here:
            await test(here)

    asyncio.run(go())


async def pages_until(stream: Watch, is_there: Callable[[Seen], bool], *, most: int = 60) -> Seen:
    """Reads on until something is there."""
    for _ in range(most):
        if is_there(stream.seen):
            return stream.seen
        await stream.until((), more_pages=1)
    raise AssertionError(f"it did not come in {most} pages")


def sights_of(seen: Seen, name: str) -> list[ItemState]:
    """Every state in which the pages showed a thing."""
    return [sight.state for page in seen.pages for sight in page.sights if sight.remote_id == name]


def target(
    name: str = "t1_abc",
    *,
    state: ItemState = ItemState.VISIBLE,
    kind: ItemKind = ItemKind.COMMENT,
    is_ours: bool = False,
    note: str | None = None,
    here: bool = True,
    author: str = "sam_example",
) -> Target:
    """An item as the console would name it."""
    told = msgspec.json.encode(Note(author, here)).decode() if note is None else note
    return Target(RemoteId(name), kind, f"t2_{author}", None, None, state, is_ours=is_ours, note=told)


__all__ = ["Room", "pages_until", "room", "run", "sights_of", "target", "watching"]
