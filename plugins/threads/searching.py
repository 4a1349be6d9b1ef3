"""What is said anywhere on Threads about a topic.

What a newcomer would get wrong: finding nothing is no proof that nothing is said. Threads gives an empty
answer for words that it deems sensitive, and searches only our own posts while the app has not been approved
for the search; so a search that has never found anything says so.
Source: https://developers.facebook.com/docs/threads/keyword-search.
"""

import itertools
from collections.abc import AsyncIterator

from console.api import Arrival, Context, ItemKind, NotAllowed, Page
from console.api.web import DAY_MS, MINUTE_MS
from plugins.meta.times import seconds
from plugins.threads.conversations import Place, Stream, gather
from plugins.threads.mapping import arrival_of
from plugins.threads.session import SEARCHES, Session
from plugins.threads.wire import FIELDS

REST_S = 60.0
INCIDENT_S = 20.0
FIRST_LOOK_MS = DAY_MS
OVERLAP_MS = 30 * MINUTE_MS
NOTHING = (
    "Nothing was found so far. Threads also answers nothing for words that it deems sensitive, and searches"
    " only the account's own posts while the app has not been approved for threads_keyword_search."
)
NO_RIGHT = (
    "This sign-in may not search Threads: the permission threads_keyword_search is missing. Sign in again and"
    " allow it."
)


class Searching:
    """Searches for one account."""

    def __init__(self, session: Session, context: Context) -> None:
        """`session` sends in the account's name."""
        self._session, self._context = session, context

    async def search(self, words: str, cursor: str | None) -> AsyncIterator[Page]:
        """Yields posts with these words, or with the topic that `#` begins, for ever. Raises a `Failure`."""
        if not self._session.has("threads_keyword_search"):
            raise NotAllowed(NO_RIGHT)
        topic = words.strip()
        query: dict[str, str | int] = {
            "q": topic.removeprefix("#"),
            "search_type": "RECENT",
            "search_mode": "TAG" if topic.startswith("#") else "KEYWORD",
            "fields": FIELDS,
            "limit": 100,
        }
        now = self._context.now
        until = int(cursor) if cursor is not None and cursor.isascii() and cursor.isdecimal() else 0
        until = until or now() - FIRST_LOOK_MS
        stream = Stream(Place(until))
        has_found = False
        for number in itertools.count():
            await self._session.renew_if_due()
            await self._context.allowance.take(SEARCHES)
            back_to = until - OVERLAP_MS
            asked = {**query, "since": seconds(back_to)}
            listed = await gather(self._session.graph, "keyword_search", asked, back_to, stream.broken)
            arrivals: list[Arrival] = []
            for raw, post, _ in listed.oldest_first():
                found = arrival_of(raw, post, me=self._session.username, kind=ItemKind.FOUND)
                arrival, _ = stream.seen.news(found, now())
                if arrival is not None:
                    arrivals.append(arrival)
            if arrivals:
                until = max(until, min(arrivals[-1].created_at, now()))
            notice = "" if arrivals and not has_found else NOTHING if number == 0 and not arrivals else None
            has_found = has_found or bool(arrivals)
            yield Page(arrivals, str(until), complaints=listed.complaints, notice=notice)
            await self._context.wait(rest=REST_S, incident=INCIDENT_S)
