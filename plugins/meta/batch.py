"""Many requests in one: up to 50, answered in their order.

Source: https://developers.facebook.com/docs/graph-api/batch-requests. For `graph.facebook.com` only.

What a newcomer would get wrong: a batch saves time and no allowance, each part counts. And a part may come
back as `null`: it was begun and not finished in time, so a change in it may have been made or not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

import msgspec

from console.api import Failure, TryLater
from console.api.web import Query, Reply
from plugins.meta.errors import TokenEnded
from plugins.meta.graph import Graph

MOST = 50
LONGEST_S = 60.0
"""Seconds that one batch may take; the network gives its parts about as long."""


@dataclass(frozen=True, slots=True)
class Call:
    """One part: a method, a path without the version, and what goes with it."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)

    def written(self) -> dict[str, str]:
        """As it stands in a batch."""
        address = f"{self.path}?{urlencode(self.query)}" if self.query else self.path
        part = {"method": self.method, "relative_url": address}
        return {**part, "body": urlencode(self.form)} if self.form else part


class _Part(msgspec.Struct, frozen=True):
    code: int
    body: str | None = None


async def batch(graph: Graph, calls: Sequence[Call]) -> list[Reply | Failure]:
    """Sends at most `MOST` calls; gives for each its answer or its failure, in their order.

    Raises the `Failure` of the batch as a whole.
    """
    token = graph.token
    found = await _sent(graph, calls)
    if any(isinstance(one, TokenEnded) for one in found):
        # The parts are refused one by one, and none of them was done: once more with another token.
        await graph.replace(token)
        found = await _sent(graph, calls)
    return found


async def _sent(graph: Graph, calls: Sequence[Call]) -> list[Reply | Failure]:
    form: Query = {
        "batch": msgspec.json.encode([call.written() for call in calls]).decode(),
        "include_headers": False,
    }
    does_write = any(call.method != "GET" for call in calls)
    reply = await graph.reply(
        "POST", "", form=form, does_write=does_write, is_counted=False, seconds=LONGEST_S
    )
    parts = reply.read(list[_Part | None])
    found: list[Reply | Failure] = []
    for place, call in enumerate(calls):
        part = parts[place] if place < len(parts) else None
        is_change = call.method != "GET"
        if part is None:
            found.append(TryLater(f"{reply.network} did not answer in time.", sent=is_change))
            continue
        one = Reply(reply.network, part.code, {}, (part.body or "").encode(), reply.now, is_change)
        found.append(graph.web.meaning(one) or one)
    return found
