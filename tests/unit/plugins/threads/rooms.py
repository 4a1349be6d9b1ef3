"""A Threads connector before the false network, ready for one test."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from console.api import (
    Answer,
    Arrival,
    Context,
    ItemKind,
    ItemState,
    Order,
    Page,
    RemoteId,
    Sight,
    Target,
    Verb,
)
from console.api.stage import (
    CountedAllowance,
    KeptSecret,
    Scene,
    as_generator,
    backstage,
    scene,
    target_of,
    watch,
)
from plugins.threads.mapping import Note
from tests.servers.false.threads import ThreadsNetwork, ThreadsStage

MOST_PAGES = 200


@dataclass
class Room:
    """The connector at work, the network behind it, and short ways to use both."""

    scene: Scene
    network: ThreadsNetwork

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

    async def pages_until(
        self, is_there: Callable[[Page], bool], between: Sequence[Callable[[], object]] = ()
    ) -> Page:
        """The first page of a new stream that is so; each of `between` is done after one page more."""
        waiting = list(between)
        pages = as_generator(self.scene.connector.stream(None))
        try:
            for _ in range(MOST_PAGES):
                page = await anext(pages)
                if is_there(page):
                    return page
                if waiting and page.notice is None and not page.arrivals:
                    waiting.pop(0)()
        finally:
            await pages.aclose()
        raise AssertionError("no such page came")


@asynccontextmanager
async def room(
    prepare: Callable[[ThreadsNetwork], object] | None = None, *, secret: KeptSecret | None = None
) -> AsyncIterator[Room]:
    """A room with an open connector; `prepare` says what is there before it is opened."""
    with ThreadsNetwork() as network:
        if prepare is not None:
            prepare(network)
        async with scene(ThreadsStage(network), secret=secret) as act:
            yield Room(act, network)
        assert not network.offences, network.offences


class Clock:
    """Time as the connector and the network have it; a test moves both on."""

    def __init__(self, network: ThreadsNetwork) -> None:
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
    network: ThreadsNetwork, kept: KeptSecret, **settings: str
) -> AsyncIterator[tuple[Context, CountedAllowance, Clock]]:
    """What a connector is handed, with a clock that a test moves."""
    stage = ThreadsStage(network)
    clock = Clock(network)
    async with backstage(stage, kept, set(), []) as (context, allowance):
        changed = replace(context, now=clock, settings={**context.settings, **settings})
        yield changed, allowance, clock


def target(
    kind: ItemKind = ItemKind.REPLY,
    state: ItemState = ItemState.VISIBLE,
    *,
    note: Note | None = None,
    is_nested: bool = False,
    is_ours: bool = False,
) -> Target:
    """An item below a post of ours, unless its note says otherwise."""
    import msgspec

    root = RemoteId("18000000000000001")
    said = msgspec.json.encode(note or Note(is_below_ours=True)).decode()
    parent = RemoteId("18000000000000002") if is_nested else root
    return Target(RemoteId("18000000000000009"), kind, "sam.example", parent, root, state, is_ours, said)
