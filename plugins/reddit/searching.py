"""Posts anywhere on Reddit about a topic, newest first, again and again.

What a newcomer would get wrong: Reddit's search knows posts only. What is said in the comments below them
is not found, and a person must be told so before they trust the silence.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import msgspec

from console.api import Arrival, ItemKind, NotAllowed, Page
from console.api.connector import Wait
from console.api.web import DAY_MS, MINUTE_MS, Query
from plugins.reddit.intake import Intake
from plugins.reddit.mapping import read_note
from plugins.reddit.session import Session
from plugins.reddit.wire import Listing

REST_S = 60.0
INCIDENT_S = 20.0
OVERLAP_MS = 15 * MINUTE_MS
"""The index of the search lags behind, so each look reads back past the last mark."""
MOST_PAGES = 5
LONGEST = 512
"""Characters of one search."""


class Place(msgspec.Struct, frozen=True):
    """Up to when everything that was found was handed over, milliseconds since 1970."""

    until: int


class Searching:
    """Searches for one account."""

    def __init__(self, session: Session, now: Callable[[], int], wait: Wait) -> None:
        """`now` gives milliseconds since 1970; `wait` is the console's own pace."""
        self._session, self._now, self._wait = session, now, wait

    async def search(self, words: str, cursor: str | None, me: str, subreddit: str) -> AsyncIterator[Page]:
        """Yields what is found, oldest first, for ever. Raises a `Failure`."""
        text = " ".join(words.split())
        if not text or len(text) > LONGEST:
            raise NotAllowed(f"A search on Reddit has 1 to {LONGEST} characters.")
        until = _until(cursor, self._now() - DAY_MS)
        intake = Intake(me, subreddit, ())
        while True:
            entries = await self._found(text)
            harvest = intake.take(entries, since=until - OVERLAP_MS)
            fresh = [_found(arrival) for arrival in harvest.arrivals]
            if fresh:
                until = max(until, min(fresh[-1].created_at, self._now()))
            place = msgspec.json.encode(Place(until)).decode()
            yield Page(fresh, place, harvest.sights, tuple(harvest.complaints))
            await self._wait(rest=REST_S, incident=INCIDENT_S)

    async def _found(self, text: str) -> list[bytes]:
        entries: list[bytes] = []
        after: str | None = None
        for _ in range(MOST_PAGES):
            query: Query = {
                "q": text,
                "sort": "new",
                "t": "day",
                "type": "link",
                "restrict_sr": False,
                "limit": 100,
                "after": after,
            }
            page = await self._session.ask("r/all/search", Listing, query)
            entries += [bytes(raw) for raw in page.data.children]
            after = page.data.after
            if not after:
                break
        return entries


def _found(arrival: Arrival) -> Arrival:
    """What stands in the force's own subreddit, or is its own, stays what it is."""
    if arrival.is_ours or read_note(arrival.note).here:
        return arrival
    return replace(arrival, kind=ItemKind.FOUND)


def _until(cursor: str | None, otherwise: int) -> int:
    try:
        return msgspec.json.decode(cursor or "", type=Place).until
    except msgspec.DecodeError:
        return otherwise
