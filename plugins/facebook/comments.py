"""The comments below one post or live video: new ones, changed ones, and those that are gone.

What a newcomer would get wrong: the list leaves things out unless it is told not to. Without `filter=stream`
there are no replies, without `live_filter=no_filter` no comments that the network thinks poor, and `order` is
a wish that some lists ignore, so everything is sorted here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from console.api import Arrival, ItemState, RemoteId, Sight
from console.api.entries import UnreadableError
from plugins.facebook.mapping import from_comment
from plugins.facebook.memory import Memory, News
from plugins.facebook.session import Session
from plugins.facebook.wire import COMMENT_FIELDS
from plugins.meta.memory import exists
from plugins.meta.times import seconds

A_PAGE = 100
MOST_SWEPT_PAGES = 10
"""Pages of comments that a sweep reads: the newest thousand of a post."""
MOST_MISSING = 25
"""Items that one sweep asks for one by one, to see whether they are gone."""


@dataclass(slots=True)
class Reading:
    """What one reading of a list brought."""

    news: News
    complaints: list[str] = field(default_factory=list)
    sights: list[Sight] = field(default_factory=list)
    is_suspicious: bool = False
    """Whether a list is empty in which much is known to stand."""


class Comments:
    """Reads comments for one stream."""

    def __init__(self, session: Session, memory: Memory) -> None:
        """`memory` is the stream's."""
        self._session = session
        self._memory = memory

    async def since(self, thread: str, where: str, back_to: int, begun: int) -> Reading:
        """The comments below `thread` from `back_to` on, milliseconds since 1970. Raises a `Failure`.

        New ones from before `begun` are not yielded.
        """
        found, complaints = await self._read(thread, where, {"since": seconds(max(0, back_to))}, most=500)
        return Reading(self._memory.news(thread, found, since=begun), complaints)

    async def sweep(self, thread: str, where: str, begun: int) -> Reading:
        """All comments below `thread`, as far as a sweep goes, and what is missing of those that were there.

        Raises a `Failure`.
        """
        found, complaints = await self._read(
            thread, where, {"order": "reverse_chronological"}, most=MOST_SWEPT_PAGES
        )
        known = self._memory.count(thread)
        if not found:
            return Reading(News(), complaints, is_suspicious=known > 0)
        is_whole = len(found) < A_PAGE * MOST_SWEPT_PAGES
        since = 0 if is_whole else min(arrival.created_at for arrival in found)
        gone = await self._gone(self._memory.missing(thread, found, since=since))
        return Reading(self._memory.news(thread, found, since=begun), complaints, gone)

    async def _read(
        self, thread: str, where: str, more: dict[str, str | int], *, most: int
    ) -> tuple[list[Arrival], list[str]]:
        query: dict[str, str | int] = {
            "fields": COMMENT_FIELDS,
            "filter": "stream",
            "live_filter": "no_filter",
            "order": "chronological",
            "limit": A_PAGE,
            **more,
        }
        found: dict[RemoteId, Arrival] = {}
        broken: list[str] = []
        page = self._session.page

        def read(raw: bytes) -> Arrival:
            return from_comment(raw, page, thread, where)

        async for entries in self._session.graph.pages(f"{thread}/comments", query, most=most):
            arrivals, unreadable = readable(entries, read, self._memory)
            broken += unreadable
            found.update((arrival.remote_id, arrival) for arrival in arrivals)
        return list(found.values()), broken

    async def gone_with(self, thread: str) -> list[Sight]:
        """Sights of what is gone of everything known below a thread that is not there any more.

        What stood below a live video may still stand below its post. Raises a `Failure`.
        """
        return await self._gone(self._memory.missing(thread, (), since=0))

    async def _gone(self, missing: Sequence[RemoteId]) -> list[Sight]:
        """Sights of what is really gone: each is asked for by itself, since lists leave things out."""
        sights: list[Sight] = []
        for one in missing[:MOST_MISSING]:
            if not await exists(self._session.graph, self._memory.at(one)):
                self._memory.forget(one)
                sights.append(Sight(one, ItemState.GONE))
        return sights


def readable(
    entries: Sequence[bytes], read: Callable[[bytes], Arrival], memory: Memory
) -> tuple[list[Arrival], list[str]]:
    """The entries of a list as items, and a complaint for each that cannot be read, the first time."""
    found: list[Arrival] = []
    for raw in entries:
        whole = bytes(raw)
        try:
            found.append(read(whole))
        except UnreadableError as problem:
            memory.broken.add(whole, problem)
    return found, list(memory.broken.take())
