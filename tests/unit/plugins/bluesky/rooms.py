"""A Bluesky connector before the false network, ready for one test."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from console.api import Arrival, ItemKind, ItemState, Order, RemoteId, Target, Verb
from console.api.stage import KeptSecret, Scene, scene, target_of, watch
from tests.contract.stages import BlueskyStage
from tests.servers.xrpc.network import XrpcNetwork
from tests.servers.xrpc.server import FalseXrpc


@dataclass
class Room:
    """The connector at work, the network behind it, and short ways to use both."""

    scene: Scene
    server: FalseXrpc

    @property
    def network(self) -> XrpcNetwork:
        """The false network's memory."""
        return self.server.network

    async def arrival(self, text: str, uri: str) -> Arrival:
        """The item with these words as the stream brings it; `uri` was just said."""
        seen = await watch(self.scene.connector, {text})
        return next(one for one in seen.arrivals if one.remote_id == uri)

    async def said(self, text: str, *, reason: str = "reply") -> Target:
        """Has something said and takes it in."""
        return target_of(await self.arrival(text, self.network.say(text, reason=reason)))

    async def do(self, verb: Verb, *targets: Target, **more: object) -> list[Exception | None]:
        """Does a verb; the failures, one for each target."""
        order = replace(Order(verb, targets), **more)  # type: ignore[arg-type]  # the tests name its fields
        return [answer.failure for answer in await self.scene.connector.act(order)]


@asynccontextmanager
async def room(
    prepare: Callable[[XrpcNetwork], object] | None = None, *, secret: KeptSecret | None = None
) -> AsyncIterator[Room]:
    """A room with an open connector; `prepare` says what is there before it is opened."""
    with FalseXrpc() as server:
        if prepare is not None:
            prepare(server.network)
        stage = BlueskyStage(server)
        kept = secret or KeptSecret(json.dumps(json.loads(stage.secret)))
        async with scene(stage, secret=kept) as act:
            yield Room(act, server)


def reply_target(uri: str, root: str, me: str, state: ItemState = ItemState.VISIBLE) -> Target:
    """A reply in a thread, as the console would name it."""
    note = json.dumps({"me": me, "cid": "bafyreiaaaaaaaaaaaaaaaaaaaa"})
    return Target(
        RemoteId(uri),
        ItemKind.REPLY,
        "did:plc:somebody",
        RemoteId(root),
        RemoteId(root),
        state,
        is_ours=False,
        note=note,
    )
