"""What one run of a stream has handed over, and whether something that is missing is really gone.

What a newcomer would get wrong: Meta gives one answer for "it is gone" and for "you may not see it". So
before anything is said to be gone, our own post above it is asked for; when that cannot be seen either,
nothing is.
"""

from collections.abc import Iterable
from dataclasses import replace

import msgspec

from console.api import Arrival, Gone, ItemState, RemoteId, Sight
from plugins.meta.graph import Graph

MOST_REMEMBERED = 100_000
MOST_MISSING = 25
"""So many items that are no longer listed are asked for one by one in one sweep."""


class Seen:
    """The items that one stream has yielded: a digest of the words of each, and its state."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[int, ItemState]] = {}

    def __contains__(self, item: object) -> bool:
        return item in self._known

    def forget(self, item: str) -> None:
        """Something is gone; should it come back, it is new."""
        self._known.pop(item, None)

    def news(self, arrival: Arrival, now: int) -> tuple[Arrival | None, Sight | None]:
        """What is to be said of an item: the item when it or its words are new, or a sight of its state.

        To be called when nothing can fail any more before that is yielded. `now` is when other words were
        noticed, in milliseconds: the networks name no time for an edit.
        """
        words, known = hash(arrival.text), self._known.get(arrival.remote_id)
        self._known[arrival.remote_id] = (words, arrival.state)
        while len(self._known) > MOST_REMEMBERED:
            del self._known[next(iter(self._known))]
        if known is None:
            return arrival, None
        if known[0] != words:
            return replace(arrival, edited_at=now), None
        return None, Sight(arrival.remote_id, arrival.state) if known[1] is not arrival.state else None


class _Node(msgspec.Struct, frozen=True):
    id: str


async def exists(graph: Graph, node: str, *, is_counted: bool = True) -> bool:
    """Whether something is there for us. Raises a `Failure`."""
    try:
        await graph.ask(node, _Node, query={"fields": "id"}, is_counted=is_counted)
    except Gone:
        return False
    return True


async def gone_among(graph: Graph, root: str, absent: Iterable[str]) -> list[Sight]:
    """Sights of those that are gone, of things below our post `root` that are no longer listed."""
    wanted = sorted(absent)[:MOST_MISSING]
    if wanted and not await exists(graph, root):
        return []
    return [Sight(RemoteId(one), ItemState.GONE) for one in wanted if not await exists(graph, one)]
