"""A YouTube connector before the false network, ready for one test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from console.api import Arrival, Context, ItemState, Order, Page, Sight, Target, Verb
from console.api.stage import (
    CountedAllowance,
    KeptSecret,
    Seen,
    Watch,
    backstage,
    now,
    target_of,
    watch,
    watching,
)
from plugins.youtube.connector import YouTube
from tests.servers.false.youtube import FalseYouTube
from tests.servers.false.youtube_stage import YouTubeStage


@dataclass
class Desk:
    """The connector at work, what it was handed, and the network behind it."""

    youtube: YouTube
    network: FalseYouTube
    context: Context
    allowance: CountedAllowance
    kept: KeptSecret
    hours_ahead: float = 0

    def time(self) -> int:
        """The time at this desk, which a test may put forward."""
        return now() + int(self.hours_ahead * 3_600_000)

    async def until(self, *texts: str, cursor: str | None = None) -> Seen:
        """What a new stream yields until these words have come."""
        return await watch(self.youtube, set(texts), cursor=cursor)

    async def target(self, text: str) -> Target:
        """The item with these words, for an order."""
        seen = await self.until(text)
        return target_of(arrival_with(seen, text))

    async def do(
        self, verb: Verb, *targets: Target, text: str | None = None, undo: str | None = None
    ) -> list[Exception | None]:
        """Does a verb; what went wrong with each target."""
        order = Order(verb, targets, text=text, undo_notes=[undo] * len(targets))
        return [answer.failure for answer in await self.youtube.act(order)]

    async def sight(self, verb: Verb, target: Target, note: str | None = None) -> Sight:
        """Looks at one item."""
        return (await self.youtube.look(verb, [target], [note]))[0]

    def writes(self) -> list[str]:
        """The writes that were sent, as method and path."""
        return [
            f"{one.method} {one.path.removeprefix('/youtube/v3/')}"
            for one in self.network.requests
            if one.method != "GET" and one.path.startswith("/youtube")
        ]


@asynccontextmanager
async def desk(
    prepare: Callable[[FalseYouTube], object] = lambda network: network, **settings: str
) -> AsyncIterator[Desk]:
    """A desk with an open connector; `prepare` says what is there before it is opened."""
    with FalseYouTube() as network:
        prepare(network)
        stage = YouTubeStage(network)
        kept = KeptSecret(stage.secret)
        async with backstage(stage, kept, set(), []) as (handed, allowance):
            found: list[Desk] = []
            context = replace(
                handed,
                settings={**handed.settings, **settings},
                now=lambda: found[0].time() if found else now(),
            )
            found.append(Desk(YouTube(context), network, context, allowance, kept))
            await found[0].youtube.open()
            yield found[0]
            await found[0].youtube.close()
        assert network.offences == []


def at_desk(
    work: Callable[[Desk], Awaitable[object]],
    prepare: Callable[[FalseYouTube], object] = lambda network: network,
    **settings: str,
) -> None:
    """Does one piece of work at a desk."""

    async def whole() -> None:
        async with desk(prepare, **settings) as place:
            await work(place)

    asyncio.run(whole())


@asynccontextmanager
async def stream(place: Desk, cursor: str | None = None) -> AsyncIterator[Watch]:
    """The connector's stream."""
    async with watching(place.youtube, cursor) as watched:
        yield watched


async def page_where(watched: Watch, is_so: Callable[[Page], object]) -> Page:
    """Reads on to the first page of which something is so."""
    for _ in range(300):
        await watched.until((), more_pages=1)
        if is_so(watched.seen.pages[-1]):
            return watched.seen.pages[-1]
    raise AssertionError("no such page came")


async def state_seen(watched: Watch, remote_id: str) -> ItemState:
    """Reads on until the stream says something of an item that it had yielded before."""
    page = await page_where(watched, lambda page: any(one.remote_id == remote_id for one in page.sights))
    return next(one.state for one in page.sights if one.remote_id == remote_id)


def arrival_with(seen: Seen, text: str) -> Arrival:
    """The item with these words."""
    return next(one for one in seen.arrivals if one.text == text)
