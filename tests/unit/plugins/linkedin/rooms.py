"""The parts of a LinkedIn connector before the false LinkedIn, ready for one test."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from console.api import Answer, Context, ItemKind, ItemState, Order, RemoteId, Target, Verb
from console.api.stage import CountedAllowance, KeptSecret, backstage
from plugins.linkedin.connector import LinkedIn
from tests.servers.false.linkedin import ACTIVITY, SHARE, FalseLinkedIn, LinkedInStage


@dataclass
class Room:
    """A connector at work, the network behind it, and short ways to use both."""

    network: FalseLinkedIn
    context: Context
    secret: KeptSecret
    allowance: CountedAllowance
    connector: LinkedIn

    async def do(self, verb: Verb, *targets: Target, text: str | None = None) -> list[Answer]:
        """Does a verb; one answer for each target."""
        return list(await self.connector.act(Order(verb, targets, text=text)))

    def asked(self, part: str) -> int:
        """How many requests went to a path with this part."""
        return sum(part in request.path for request in self.network.requests)


@asynccontextmanager
async def room(
    prepare: Callable[[FalseLinkedIn], object] | None = None,
    *,
    secret: str | None = None,
    opens: bool = True,
    **settings: str,
) -> AsyncIterator[Room]:
    """A room; `prepare` says what is there before, `opens` whether the connector is signed in."""
    with FalseLinkedIn() as network:
        if prepare is not None:
            prepare(network)
        stage = LinkedInStage(network)
        stage.settings = {**stage.settings, **{name.replace("_", "-"): on for name, on in settings.items()}}
        kept = KeptSecret(stage.secret if secret is None else secret)
        async with backstage(stage, kept, set(), []) as (context, allowance):
            connector = LinkedIn(context)
            if opens:
                await connector.open()
            yield Room(network, context, kept, allowance, connector)
        assert network.offences == []


def comment(number: str = "7265000000000000001", **changes: Any) -> Target:
    """A member's comment below the page's post, as the console would name it."""
    note = {
        "post": SHARE,
        "object": ACTIVITY,
        "urn": f"urn:li:comment:({ACTIVITY},{number})",
        "top": changes.pop("top", ""),
        "is_own_post": changes.pop("is_own_post", True),
    }
    target = Target(
        remote_id=RemoteId(number),
        kind=ItemKind.COMMENT,
        author_id="urn:li:person:Sam1",
        parent=RemoteId(SHARE),
        thread=RemoteId(SHARE),
        state=ItemState.VISIBLE,
        is_ours=False,
        note=json.dumps(note),
    )
    return replace(target, **changes)


def a_post(urn: str = SHARE, *, is_ours: bool = True) -> Target:
    """A post, as the console would name it."""
    note = json.dumps({"post": urn, "object": urn, "is_own_post": is_ours})
    kind = ItemKind.POST if is_ours else ItemKind.MENTION
    return replace(comment(), remote_id=RemoteId(urn), kind=kind, is_ours=is_ours, note=note, parent=None)
