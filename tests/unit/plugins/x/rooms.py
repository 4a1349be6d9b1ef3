"""An X connector before the false network, with a clock that a test can move, ready for one test."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, cast

from console.api import Answer, Arrival, Context, Order, Page, Profile, RemoteId, Sight, Target, Verb
from console.api.stage import CountedAllowance, KeptSecret, Seen, backstage, now, target_of, watch
from console.api.web import DAY_MS
from plugins.x.connector import X
from tests.servers.false.x import FalseX
from tests.servers.false.x_memory import Memory
from tests.servers.false.x_stage import XStage

SOON_S = 30.0
"""How long a test waits for something that must come."""


class Clock:
    """The real time, and as much more as a test has moved it."""

    def __init__(self) -> None:
        """It begins at the real time, or ten minutes earlier where midnight would come into the test."""
        is_late = DAY_MS - now() % DAY_MS < 600_000
        self.ahead_ms = -600_000 if is_late else 0

    def now(self) -> int:
        """Milliseconds since 1970."""
        return now() + self.ahead_ms


@dataclass
class Room:
    """The connector at work, the network behind it, and short ways to use both."""

    x: X
    network: FalseX
    context: Context
    secret: KeptSecret
    allowance: CountedAllowance
    clock: Clock
    profile: Profile

    @property
    def memory(self) -> Memory:
        """The false network's memory."""
        return self.network.memory

    def reply(self, text: str, **more: Any) -> str:
        """Somebody answers our post."""
        with self.network.lock:
            return self.memory.write(text, to=more.pop("to", self.memory.root), **more)

    def mention(self, text: str, **more: Any) -> str:
        """Somebody names us in a post of their own."""
        named = {"mentions": [{"start": 0, "end": 14, "username": "force_example"}]}
        with self.network.lock:
            return self.memory.write(text, entities=named, **more)

    async def arrival(self, text: str) -> Arrival:
        """The item with these words as the stream brings it."""
        seen = await watch(self.x, {text})
        return next(one for one in seen.arrivals if one.text == text)

    async def target(self, text: str) -> Target:
        """The same, as the console would name it."""
        return target_of(await self.arrival(text))

    async def do(self, verb: Verb, *targets: Target, **more: Any) -> Sequence[Answer]:
        """Does a verb; one answer for each target."""
        return await self.x.act(replace(Order(verb, targets), **more))

    async def look(self, verb: Verb, target: Target, note: str | None = None) -> Sight:
        """Looks at one item."""
        [sight] = await self.x.look(verb, [target], [note])
        return sight

    def paths(self, path: str) -> int:
        """How many requests went to a path that ends so."""
        return sum(request.path.endswith(path) for request in self.network.requests)


@asynccontextmanager
async def room(
    prepare: Callable[[FalseX], object] | None = None,
    *,
    secret: str | None = None,
    clock: Clock | None = None,
    settings: Mapping[str, str] | None = None,
) -> AsyncIterator[Room]:
    """A room with an open connector; `prepare` says what is there before it is opened."""
    with FalseX() as network:
        if prepare is not None:
            prepare(network)
        stage = XStage(network, **(settings or {}))
        kept, turned = KeptSecret(secret or stage.secret), clock or Clock()
        async with backstage(stage, kept, set(), []) as (plain, allowance):
            context = replace(plain, now=turned.now)
            x = X(context)
            try:
                profile = await x.open()
                yield Room(x, network, context, kept, allowance, turned, profile)
            finally:
                await x.close()
        assert not network.offences, network.offences


def run(
    go: Callable[[Room], Awaitable[None]],
    prepare: Callable[[FalseX], object] | None = None,
    **settings: str,
) -> None:
    """One test in one room."""

    async def inside() -> None:
        async with room(prepare, settings=settings) as here:
            await go(here)

    asyncio.run(inside())


@asynccontextmanager
async def reading(here: Room, cursor: str | None = None) -> AsyncIterator[Reader]:
    """The connector's stream, closed at the end."""
    async with aclosing(cast("AsyncGenerator[Page, None]", here.x.stream(cursor))) as pages:
        yield Reader(pages)


class Reader:
    """A stream that is being read."""

    def __init__(self, pages: AsyncIterator[Page]) -> None:
        """`pages` is read on from where it stands."""
        self._pages = pages
        self.seen = Seen()

    async def until(self, is_enough: Callable[[Seen], bool]) -> Seen:
        """Reads on until that holds."""
        async with asyncio.timeout(SOON_S):
            while not is_enough(self.seen):
                self.seen.take(await anext(self._pages))
        return self.seen

    async def texts(self, *texts: str) -> Seen:
        """Reads on until these words have come."""
        return await self.until(lambda seen: set(texts) <= seen.texts)

    async def rounds(self, count: int) -> Seen:
        """Reads so many rounds on, each of which ends with a page that only shows that we looked."""
        for _ in range(count):
            before = len(self.seen.pages)
            await self.until(
                lambda seen, before=before: any(  # type: ignore[misc]  # a default binds the loop's value
                    page.notice is not None for page in seen.pages[before:]
                )
            )
        return self.seen


def by_id(seen: Seen, remote_id: str) -> Arrival:
    """The newest form of one item."""
    return [one for one in seen.arrivals if one.remote_id == RemoteId(remote_id)][-1]


def secret_of(**fields: Any) -> str:
    """What lies sealed."""
    return json.dumps(fields)
