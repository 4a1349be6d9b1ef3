"""The comments below one post of ours, replies included, and what has changed there.

What a newcomer would get wrong: the list has comments only, the newest first, with their replies inside; a
new reply to an old comment moves nothing. So a read that stops early is believed only when it explains how
the post's own count has changed; else the whole list is read.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import msgspec

from console.api.entries import Complaints, UnreadableError, decoded
from plugins.instagram.wire import COMMENT_FIELDS, REPLIES_AT_ONCE, REPLY_FIELDS, Comment
from plugins.meta.entries import time_of
from plugins.meta.graph import Graph

AT_ONCE = 50
"""Comments in one answer, the most that Instagram gives."""


@dataclass(slots=True)
class Gathered:
    """What one read brought."""

    found: dict[str, tuple[msgspec.Raw, Comment, int]] = field(default_factory=dict)
    """By id: the entry itself, what it says, and when it was written."""
    complaints: tuple[str, ...] = ()
    is_broken: bool = False
    """Whether something could not be read, now or before."""
    pages: int = 0
    is_whole: bool = False

    def oldest_first(self) -> list[tuple[msgspec.Raw, Comment, int]]:
        """The entries in the order in which they were written."""
        return sorted(self.found.values(), key=lambda one: (one[2], one[1].id))


class Gathering:
    """Reads comments for one stream; complains of each broken one once."""

    def __init__(self, graph: Graph) -> None:
        """`graph` sends in the account's name."""
        self._graph = graph
        self._broken = Complaints()

    async def gather(self, media: str, back_to: int) -> Gathered:
        """Reads from the newest comment back to a time, or to the end. Raises a `Failure`."""
        gathered = Gathered()
        await self._fill(gathered, media, back_to)
        gathered.complaints = self._broken.take()
        return gathered

    async def _fill(self, gathered: Gathered, media: str, back_to: int) -> None:
        query = {"fields": COMMENT_FIELDS, "limit": AT_ONCE}
        async for entries in self._graph.pages(f"{media}/comments", query):
            gathered.pages += 1
            oldest: int | None = None
            for raw in entries:
                top = self._take(raw, gathered)
                if top is None:
                    continue
                at = gathered.found[top.id][2]
                oldest = at if oldest is None else min(oldest, at)
                async for reply in self._replies(top):
                    self._take(reply, gathered, parent=top.id)
            if oldest is not None and oldest < back_to:
                return
        gathered.is_whole = True

    async def _replies(self, top: Comment) -> AsyncIterator[msgspec.Raw]:
        if top.replies is None:
            return
        for raw in top.replies.data:
            yield raw
        if not top.replies.goes_on:
            return
        query = {"fields": REPLY_FIELDS, "limit": REPLIES_AT_ONCE}
        async for entries in self._graph.pages(f"{top.id}/replies", query):
            for raw in entries:
                yield raw

    def _take(self, raw: msgspec.Raw, gathered: Gathered, *, parent: str = "") -> Comment | None:
        """Takes one entry in; None for one that cannot be read."""
        try:
            comment = decoded(raw, Comment)
            at = time_of(comment.timestamp)
            if not comment.id:
                raise UnreadableError("an item without an id")
        except UnreadableError as problem:
            self._broken.add(raw, problem)
            gathered.is_broken = True
            return None
        if parent and not comment.parent_id:
            comment = msgspec.structs.replace(comment, parent_id=parent)
        gathered.found.setdefault(comment.id, (raw, comment, at))
        return comment
