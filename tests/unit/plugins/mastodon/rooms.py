"""A Mastodon connector before the false server, ready for one test, with a clock that the test can move."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
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
    Profile,
    RemoteId,
    Sight,
    Target,
    Verb,
)
from console.api.stage import CountedAllowance, KeptSecret, Watch, backstage, now, target_of, watch, watching
from plugins.mastodon.connector import Mastodon
from tests.servers.false.mastodon import FalseMastodon
from tests.servers.false.mastodon_memory import FORCE
from tests.servers.false.mastodon_stage import MastodonStage

MINUTE_MS = 60_000


class Clock:
    """The time, which a test can put forward."""

    def __init__(self) -> None:
        self.ahead = 0

    def __call__(self) -> int:
        return now() + self.ahead


@dataclass
class Room:
    """The connector at work, the server behind it, and short ways to use both."""

    connector: Mastodon
    network: FalseMastodon
    context: Context
    allowance: CountedAllowance
    kept: KeptSecret
    clock: Clock
    profile: Profile | None = None

    async def said(self, text: str, **more: object) -> Target:
        """Has something said and takes it in, for an order."""
        return target_of(await self.heard(text, **more))

    async def heard(self, text: str, **more: object) -> Arrival:
        """Has something said; how it arrives."""
        post = self.network.say(text, **more)  # type: ignore[arg-type]  # the tests name its parameters
        seen = await watch(self.connector, {text})
        return next(one for one in seen.arrivals if one.remote_id == post)

    async def do(self, verb: Verb, *targets: Target, **more: object) -> list[Answer]:
        """Does a verb; one answer for each target."""
        order = replace(Order(verb, targets), **more)  # type: ignore[arg-type]  # the tests name its fields
        return list(await self.connector.act(order))

    async def look(self, verb: Verb, target: Target, note: str | None = None) -> Sight:
        """Looks at one item."""
        [sight] = await self.connector.look(verb, [target], [note])
        return sight

    def sent(self, method: str, path: str) -> int:
        """How many requests of this form came."""
        return sum(one.method == method and one.path.endswith(path) for one in self.network.requests)


@asynccontextmanager
async def room(
    prepare: Callable[[FalseMastodon], object] | None = None,
    *,
    opens: bool = True,
    settings: Mapping[str, str] | None = None,
    secret: str | None = None,
    is_incident: bool = False,
) -> AsyncIterator[Room]:
    """A room; `prepare` says what is there before the connector is opened."""
    with FalseMastodon() as network:
        if prepare is not None:
            prepare(network)
        stage = MastodonStage(network)
        stage.settings = {**stage.settings, **(settings or {})}
        kept, clock = KeptSecret(stage.secret if secret is None else secret), Clock()
        async with backstage(stage, kept, set(), []) as (given, allowance):
            context = replace(given, now=clock, is_incident=lambda: is_incident)
            connector = Mastodon(context)
            profile = await connector.open() if opens else None
            yield Room(connector, network, context, allowance, kept, clock, profile)
            await connector.close()
        assert not network.offences, network.offences


def run(
    go: Callable[[Room], Awaitable[object]],
    prepare: Callable[[FalseMastodon], object] | None = None,
    **more: object,
) -> None:
    """Runs one test in a room."""

    async def inside() -> None:
        async with room(prepare, **more) as here:  # type: ignore[arg-type]  # the tests name its parameters
            await go(here)

    asyncio.run(inside())


async def pages_until(stream: Watch, is_there: Callable[[Page], object], most: int = 400) -> Page:
    """Reads on to a page of which something is so. Raises AssertionError when none comes."""
    for _ in range(most):
        await stream.until((), more_pages=1)
        if is_there(stream.seen.pages[-1]):
            return stream.seen.pages[-1]
    raise AssertionError("it never came")


def gone_in(page: Page) -> set[str]:
    """What a page says is no longer there."""
    return {one.remote_id for one in page.sights if one.state in {ItemState.GONE, ItemState.DELETED}}


def ours(post: str) -> Target:
    """A post of our own, for an order."""
    return Target(RemoteId(post), ItemKind.POST, FORCE, None, None, ItemState.VISIBLE, is_ours=True, note="")


__all__ = ["MINUTE_MS", "Clock", "Room", "gone_in", "ours", "pages_until", "room", "run", "watch", "watching"]
