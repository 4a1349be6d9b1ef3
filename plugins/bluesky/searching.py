"""What is said about a topic anywhere on Bluesky.

What a newcomer would get wrong: the search orders posts by a time that their authors may have invented, and
takes some in late. So each round reads back past the last mark, and what this search has yielded already is
left out.
Source: `app.bsky.feed.searchPosts` in https://github.com/bluesky-social/atproto.
"""

import itertools
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime

import msgspec

from console.api import Arrival, ItemKind, Page
from console.api.connector import Wait
from console.api.entries import Complaints, UnreadableError
from plugins.bluesky.mapping import from_post, mentions
from plugins.bluesky.session import Counted
from plugins.bluesky.wire import Posts
from plugins.bluesky.xrpc import Parameters

MINUTE_MS = 60_000
FIRST_LOOK_MS = 24 * 60 * MINUTE_MS
OVERLAP_MS = 30 * MINUTE_MS
REST_S, INCIDENT_S = 60.0, 10.0
MOST_PAGES = 20
MOST_REMEMBERED = 50_000
_SEARCH = "app.bsky.feed.searchPosts"


class SearchPlace(msgspec.Struct, frozen=True):
    """Where a search stands: everything up to this time was looked for."""

    searched: int


class Searching:
    """Searches for one account."""

    def __init__(self, session: Counted, now: Callable[[], int], wait: Wait) -> None:
        """`now` gives milliseconds since 1970; `wait` is the console's own pace."""
        self._session = session
        self._now = now
        self._wait = wait

    async def search(self, words: str, cursor: str | None) -> AsyncIterator[Page]:
        """Yields what is said about a topic, oldest first, for ever. Raises a `Failure`."""
        until = _place(cursor) or self._now() - FIRST_LOOK_MS
        seen: dict[str, None] = {}
        broken = Complaints()
        for number in itertools.count():
            begun_at = self._now()
            since = until if number == 0 and cursor is None else until - OVERLAP_MS
            found: dict[str, Arrival] = {}
            for asked in _queries(words):
                for raw in await self._found(asked, since, seen):
                    try:
                        arrival = from_post(raw, self._session.did)
                    except UnreadableError as problem:
                        broken.add(raw, problem)
                        continue
                    if not arrival.is_ours and arrival.remote_id not in seen:
                        found.setdefault(arrival.remote_id, _as_found(arrival, raw, self._session.did))
            arrivals = sorted(found.values(), key=lambda one: one.created_at)
            seen.update(dict.fromkeys(found))
            while len(seen) > MOST_REMEMBERED:
                del seen[next(iter(seen))]
            until = max(until, begun_at)
            place = msgspec.json.encode(SearchPlace(until)).decode()
            yield Page(arrivals, place, complaints=broken.take())
            await self._wait(rest=REST_S, incident=INCIDENT_S)

    async def _found(self, words: str, since: int, seen: dict[str, None]) -> list[bytes]:
        """Posts with these words, newest first, until a page has nothing that is new."""
        moment = datetime.fromtimestamp(since / 1000, UTC).isoformat(timespec="milliseconds")
        query: dict[str, str | int] = {"q": words, "sort": "latest", "limit": 100}
        query["since"] = moment.replace("+00:00", "Z")
        found: list[bytes] = []
        passed: set[str] = set()
        for _ in range(MOST_PAGES):
            asked: Parameters = query
            page = await self._session.ask(_SEARCH, asked, Posts)
            raws = [bytes(raw) for raw in page.posts]
            found += raws
            is_known = all(_uri(raw) in seen for raw in raws)
            if not page.cursor or page.cursor in passed or is_known:
                break
            passed.add(page.cursor)
            query["cursor"] = page.cursor
        return found


def _queries(words: str) -> list[str]:
    """The words themselves, and as a hashtag where several make one."""
    tag = "".join(letter for letter in words if letter.isalnum() or letter == "_")
    return [words, f"#{tag}"] if tag and tag != words.strip().removeprefix("#") else [words]


def _as_found(arrival: Arrival, raw: bytes, me: str) -> Arrival:
    """What is addressed to the account comes as that; all else was found."""
    is_to_us = (arrival.thread or "").startswith(f"at://{me}/") or (arrival.parent or "").startswith(
        f"at://{me}/"
    )
    if is_to_us:
        return arrival
    return replace(arrival, kind=ItemKind.MENTION if me in mentions(raw) else ItemKind.FOUND)


class _Uri(msgspec.Struct, frozen=True):
    uri: str = ""


def _uri(raw: bytes) -> str:
    try:
        return msgspec.json.decode(raw, type=_Uri).uri
    except msgspec.DecodeError:
        return ""


def _place(cursor: str | None) -> int | None:
    try:
        return msgspec.json.decode(cursor or "", type=SearchPlace).searched
    except msgspec.DecodeError:
        return None
