"""Searching for a topic: what anybody says in public about a place, an event or a hashtag.

What a newcomer would get wrong: this is the quickest way to spend money, since strangers' posts cost five
times as much as our mentions, and each new author twice that again. A search begins with the newest posts
only, goes on from there, and stops for the day with the account's money.
"""

from collections.abc import AsyncIterator

import msgspec

from console.api import Arrival, Context, NotAllowed, Page
from console.api.entries import UnreadableError
from console.api.web import DAY_MS, MINUTE_MS
from plugins.x import names
from plugins.x.mapping import Us, arrival_of
from plugins.x.money import POST
from plugins.x.people import People
from plugins.x.polling import MOST_PAGES, Found, Listing, gather
from plugins.x.session import Session
from plugins.x.threads import Threads
from plugins.x.wire import id_at, number, span

REST_S = 60.0
INCIDENT_S = 20.0
FIRST_PAGES = 1
"""How many pages of a hundred are read of the past."""
FIRST_LOOK_MS = DAY_MS
OVERLAP_MS = 2 * MINUTE_MS
SEARCHED_MS = 7 * DAY_MS - 10 * MINUTE_MS
MOST_REMEMBERED = 50_000


class Place(msgspec.Struct):
    """Where a search stands."""

    topic: int
    """The newest id that was handed over."""


class Topics:
    """Searches for one account."""

    def __init__(self, session: Session, people: People, threads: Threads, context: Context) -> None:
        """All are the connector's."""
        self._session, self._people, self._threads = session, people, threads
        self._context = context

    async def search(self, words: str, cursor: str | None) -> AsyncIterator[Page]:
        """Yields what is said about a topic, oldest first, for ever. Raises a `Failure`."""
        query = query_of(words)
        place = _place(cursor)
        seen: dict[str, None] = {}
        broken: set[str] = set()
        while True:
            now = self._context.now()
            since = id_at(now - FIRST_LOOK_MS) if place is None else place.topic - span(OVERLAP_MS)
            found = await gather(
                self._session,
                self._people,
                Listing(
                    names.SEARCH,
                    {**names.POSTS, "query": query, "since_id": str(max(since, id_at(now - SEARCHED_MS)))},
                    ceiling="searches",
                    price=POST,
                    most_pages=FIRST_PAGES if place is None else MOST_PAGES,
                ),
            )
            if found.failure is None:
                place = Place(max(found.newest, place.topic if place else since))
            kept = msgspec.json.encode(place).decode() if place is not None else None
            yield self._page(found, seen, broken, kept)
            if found.failure is not None:
                raise found.failure
            await self._context.wait(rest=REST_S, incident=INCIDENT_S)

    def _page(self, found: Found, seen: dict[str, None], broken: set[str], cursor: str | None) -> Page:
        me = self._session.me
        us = Us(me.id, me.username, self._threads.own, self._threads.roots)
        arrivals: list[Arrival] = []
        complaints = [*found.complaints]
        for raw in found.raws:
            try:
                arrival = arrival_of(raw, us, self._people.known, found.media, is_search=True)
            except UnreadableError as problem:
                if str(problem) not in broken:
                    broken.add(str(problem))
                    complaints.append(f"left out: {problem}")
                continue
            version = f"{arrival.remote_id} {arrival.edited_at}"
            if version not in seen:
                seen[version] = None
                arrivals.append(arrival)
        while len(seen) > MOST_REMEMBERED:
            del seen[next(iter(seen))]
        arrivals.sort(key=lambda one: number(one.remote_id))
        return Page(arrivals, cursor, complaints=tuple(complaints))


def query_of(words: str) -> str:
    """A search for these words. Raises NotAllowed for none, and for more than X takes."""
    plain = " ".join(words.split())
    if not plain:
        raise NotAllowed("A search needs words.")
    query = f"({plain}) -is:retweet"
    if len(query) > names.QUERY_LENGTH:
        over = len(query) - names.QUERY_LENGTH
        raise NotAllowed(f"X takes searches of {names.QUERY_LENGTH} characters; this is {over} too long.")
    return query


def _place(cursor: str | None) -> Place | None:
    try:
        return msgspec.json.decode(cursor or "", type=Place)
    except msgspec.DecodeError:
        return None
