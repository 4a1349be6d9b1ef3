"""A Flickr connector before the false Flickr, ready for one test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from console.api import Answer, Connector, ItemKind, ItemState, Order, RemoteId, Sight, Target, Verb
from console.api.stage import KeptSecret, Seen, Watch, backstage, now, target_of, watch
from plugins.flickr.capability import SWITCH
from plugins.flickr.mapping import Note
from tests.servers.false.flickr import FORCE, FlickrNetwork, FlickrStage

PHOTO = "53990000001"


@dataclass
class Room:
    """The connector at work, the network behind it, and short ways to use both."""

    connector: Connector
    network: FlickrNetwork
    ahead_ms: int = 0
    """How far the connector's clock is ahead of the world's."""
    is_incident: bool = False

    async def said(self, text: str, **fields: Any) -> Target:
        """Has something said and takes it in."""
        identity = self.network.say(text, **fields)
        seen = await watch(self.connector, {text})
        return target_of(next(one for one in seen.arrivals if one.remote_id == identity))

    async def do(self, verb: Verb, *targets: Target, **more: Any) -> Sequence[Answer]:
        """Does a verb; one answer for each target."""
        return await self.connector.act(replace(Order(verb, targets), **more))

    async def look(self, verb: Verb, target: Target, note: str | None = None) -> Sight:
        """Looks at one item after a verb."""
        [sight] = await self.connector.look(verb, [target], [note])
        return sight


@asynccontextmanager
async def room(
    prepare: Callable[[FlickrNetwork], object] | None = None,
    *,
    secret: KeptSecret | None = None,
    **settings: str,
) -> AsyncIterator[Room]:
    """A room with an open connector, in which nothing may be asked that Flickr does not know."""
    with FlickrNetwork() as network:
        if prepare is not None:
            prepare(network)
        stage = FlickrStage(network)
        stage.settings = {**stage.settings, **settings}
        async with backstage(stage, secret or KeptSecret(stage.secret), set(), []) as (context, _):
            here: Room | None = None
            connector = stage.connect(
                replace(
                    context,
                    now=lambda: now() + (here.ahead_ms if here else 0),
                    is_incident=lambda: here is not None and here.is_incident,
                )
            )
            here = Room(connector, network)
            await connector.open()
            try:
                yield here
            finally:
                await connector.close()
        assert network.offences == []


def run(test: Callable[[Room], Awaitable[None]], **settings: str) -> None:
    """Runs a test in a room of its own."""

    async def go() -> None:
        async with room(**settings) as here:  # type: ignore[arg-type]  # nothing is prepared
            await test(here)

    asyncio.run(go())


async def pages_until(stream: Watch, is_there: Callable[[Seen], bool], *, most: int = 40) -> Seen:
    """Reads on until something is there."""
    for _ in range(most):
        if is_there(stream.seen):
            return stream.seen
        await stream.until((), more_pages=1)
    raise AssertionError(f"it did not come in {most} pages")


def gone_in(seen: Seen) -> list[str]:
    """What the pages called gone."""
    return [one.remote_id for page in seen.pages for one in page.sights if one.state is ItemState.GONE]


def target(
    name: str = f"1001-{PHOTO}-72150000000001",
    *,
    state: ItemState = ItemState.VISIBLE,
    kind: ItemKind = ItemKind.COMMENT,
    is_ours: bool = False,
    photo: str = PHOTO,
) -> Target:
    """An item as the console would name it."""
    note = msgspec.json.encode(Note(photo, 1)).decode()
    author = FORCE if is_ours else "2000@N01"
    return Target(RemoteId(name), kind, author, None, RemoteId(photo), state, is_ours=is_ours, note=note)


__all__ = ["SWITCH", "Room", "gone_in", "pages_until", "room", "run", "target"]
