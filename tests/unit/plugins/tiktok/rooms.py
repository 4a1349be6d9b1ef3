"""The parts of a TikTok connector before the false TikTok, ready for one test."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from console.api import Answer, Context, ItemKind, ItemState, Order, RemoteId, Target, Verb
from console.api.stage import CountedAllowance, KeptSecret, backstage
from plugins.tiktok.comments import Comments, Look, moved_to
from plugins.tiktok.connector import TikTok
from plugins.tiktok.mapping import Place
from plugins.tiktok.session import Session
from plugins.tiktok.videos import Mark, Watched
from tests.servers.false.tiktok import VIDEO, FalseTikTok, TikTokStage


@dataclass
class Room:
    """A connector at work, the network behind it, and short ways to use both."""

    network: FalseTikTok
    stage: TikTokStage
    context: Context
    secret: KeptSecret
    allowance: CountedAllowance
    said: list[str]
    connector: TikTok
    session: Session
    comments: Comments
    watched: Watched

    async def look(self) -> Look:
        """One look at the comments of the stage's video, with the count that the network has now."""
        self.watched.count = sum(said.video == VIDEO for said in self.network.said.values())
        look = await self.comments.look(self.watched, self.context.now())
        self.watched.mark = moved_to(self.watched.mark, look.arrivals, self.context.now())
        self.watched.mark = replace_count(self.watched)
        return look

    async def do(self, verb: Verb, *targets: Target, text: str | None = None) -> list[Answer]:
        """Does a verb; one answer for each target."""
        return list(await self.connector.act(Order(verb, targets, text=text)))

    def asked(self, part: str) -> int:
        """How many requests went to a path with this part."""
        return sum(part in request.path for request in self.network.requests)


def replace_count(watched: Watched) -> Mark:
    """The mark of a video whose comments were all handed over."""
    return Mark(watched.count, watched.mark.until)


@asynccontextmanager
async def room(
    prepare: Callable[[FalseTikTok], object] | None = None,
    *,
    secret: str | None = None,
    settings: dict[str, str] | None = None,
    opens: bool = True,
) -> AsyncIterator[Room]:
    """A room; `prepare` says what is there before, `opens` whether the connector is signed in."""
    with FalseTikTok() as network:
        if prepare is not None:
            prepare(network)
        stage = TikTokStage(network)
        stage.settings = {**stage.settings, **(settings or {})}
        kept, said = KeptSecret(stage.secret if secret is None else secret), list[str]()
        async with backstage(stage, kept, set(), said) as (context, allowance):
            connector, session = TikTok(context), Session(context)
            if opens:
                await connector.open()
                await session.open()
            place = Place(VIDEO, "Chandlers Row is closed until noon", "https://www.tiktok.com/v")
            watched = Watched(place, Mark(-1, context.now() - 86_400_000), 0)
            yield Room(
                network, stage, context, kept, allowance, said, connector, session, Comments(session), watched
            )
        assert network.offences == []


def comment(**changes: Any) -> Target:
    """A comment below the stage's video, as the console would name it."""
    note = {"video": VIDEO, "above": changes.pop("above", "")}
    known: dict[str, Any] = {
        "remote_id": RemoteId("7441000000000000001"),
        "kind": ItemKind.COMMENT,
        "author_id": "u_sam",
        "parent": RemoteId(VIDEO),
        "thread": RemoteId(VIDEO),
        "state": ItemState.VISIBLE,
        "is_ours": False,
        "note": json.dumps(note),
    }
    return replace(Target(**known), **changes)
