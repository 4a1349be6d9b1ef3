"""What is said about a topic: the timeline of the hashtag, and the server's own search.

What a newcomer would get wrong: a server only has what it was told. The hashtag's timeline is what it has
heard of, the search is whole on few servers and empty on most, and neither lists things in the order in which
they came to light. So each round reads on until a whole page is known.
"""

import itertools
from collections.abc import AsyncIterator, Sequence

import msgspec

from console.api import Arrival, Context, Gone, NotAllowed, Page
from console.api.entries import UnreadableError
from console.api.web import milliseconds
from plugins.mastodon.mapping import ELSEWHERE, age_of, concerns
from plugins.mastodon.run import Place, Run, read_place
from plugins.mastodon.session import Session, path_of
from plugins.mastodon.threads import Threads, posts_in
from plugins.mastodon.wire import Found, Post

FIRST_LOOK_MS = 24 * 3_600_000
LATE_MS = 3_600_000
"""How much later than it was written a post from another server may come to light here."""
REST_S, INCIDENT_S = 60.0, 15.0
PAGE = 40
MOST_PAGES = 25
ROUNDS_BETWEEN_SEARCHES = 4
"""The search is dear to a server, so it is asked in every fourth round only."""
_SEARCH = "/api/v2/search"


class Searching:
    """Searches for one account."""

    def __init__(self, session: Session, threads: Threads, context: Context) -> None:
        """`context` gives the time and the pace."""
        self._session = session
        self._threads = threads
        self._now = context.now
        self._wait = context.wait

    async def search(self, words: str, cursor: str | None) -> AsyncIterator[Page]:
        """Yields what is said about a topic, oldest first, for ever. Raises a `Failure`."""
        place = read_place(cursor) or Place(since=self._now() - FIRST_LOOK_MS)
        run = Run(self._session, self._threads, place)
        tag = "".join(letter for letter in words if letter.isalnum() or letter == "_")
        has_search = True
        for number in itertools.count():
            begun_at = self._now()
            found = [one async for page in self._tagged(run, tag) for one in page] if tag else []
            if has_search and number % ROUNDS_BETWEEN_SEARCHES == 0:
                try:
                    found += await self._searched(words)
                except (NotAllowed, Gone):
                    has_search = False
            arrivals = await self._arrivals(run, found)
            run.add(arrivals)
            run.place = Place(since=max(run.place.since, begun_at - LATE_MS))
            yield Page(arrivals, run.cursor, notice=_notice(has_search) if number == 0 else None)
            await self._wait(rest=REST_S, incident=INCIDENT_S)

    async def _tagged(self, run: Run, tag: str) -> AsyncIterator[list[tuple[Post, bytes]]]:
        """The hashtag's timeline, newest first, until a page is known or older than need be."""
        oldest = ""
        for _ in range(MOST_PAGES):
            query: dict[str, str | int] = {"limit": PAGE}
            if oldest:
                query["max_id"] = oldest
            raws = await self._session.ask(path_of("timelines", "tag", tag), list[msgspec.Raw], query=query)
            found = posts_in(raws)
            yield found
            older = [post.id for post, _ in found if not oldest or age_of(post.id) < age_of(oldest)]
            times = [milliseconds(post.created_at) or 0 for post, _ in found]
            is_known = all(post.id in run.seen for post, _ in found)
            if not older or is_known or max(times) < run.place.since:
                return
            oldest = min(older, key=age_of)

    async def _searched(self, words: str) -> list[tuple[Post, bytes]]:
        query: dict[str, str | int] = {"q": words, "type": "statuses", "limit": PAGE}
        return posts_in((await self._session.ask(_SEARCH, Found, query=query)).statuses)

    async def _arrivals(self, run: Run, found: Sequence[tuple[Post, bytes]]) -> list[Arrival]:
        """What is new of what was found, oldest first, each once."""
        arrivals: dict[str, Arrival] = {}
        for post, raw in found:
            at = milliseconds(post.created_at)
            if post.account.id == self._session.me or at is None or at < run.place.since:
                continue
            told = "" if concerns(post, self._session.me, self._threads.guess(post)) else ELSEWHERE
            try:
                arrival = await run.arrival(raw, told, post)
            except UnreadableError:
                continue
            if arrival is not None:
                arrivals.setdefault(arrival.remote_id, arrival)
        return sorted(arrivals.values(), key=lambda one: (one.created_at, age_of(one.remote_id)))


def _notice(has_search: bool) -> str:
    if has_search:
        return ""
    return "This server has no search: only posts with the hashtag are found."
