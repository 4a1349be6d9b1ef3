"""What arrived: notifications every few seconds, and now and then the threads below our own posts.

Notifications are quick but leave things out: replies deeper than five levels, authors whom we mute, and
whatever the network's own filters hold back. So every tenth round also walks the threads of our recent
posts, which besides shows what was deleted at the source or hidden from elsewhere.

What a newcomer would get wrong: the list is ordered by a time that the author may have invented, and the
network may index a post late. "Newer than the last one" would lose those. Each round therefore reads back
past the last mark (`OVERLAP_MS`, further on every tenth round and after a gap) and leaves out what this
stream has yielded already; what a stream before it yielded, the console recognises by its address.
"""

import itertools
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

import msgspec

from console.api import (
    Arrival,
    Gone,
    ItemState,
    Misunderstood,
    NotAllowed,
    Page,
    RemoteId,
    Sight,
    TryLater,
)
from console.api.connector import Wait
from console.api.entries import Complaints, UnreadableError, first_words
from console.api.web import milliseconds
from plugins.bluesky.elsewhere import Elsewhere
from plugins.bluesky.gates import Gates
from plugins.bluesky.looking import exists, hidden_by, posts_by_uri
from plugins.bluesky.mapping import (
    KINDS,
    Noticed,
    flatten,
    from_notification,
    from_post,
    parts_of,
    post_of,
    text_of,
)
from plugins.bluesky.session import Counted
from plugins.bluesky.wire import Feed, Notifications, Thread, is_there
from plugins.bluesky.xrpc import Parameters

REST_S = 12.0
INCIDENT_S = 2.0
ROUNDS_BETWEEN_WALKS = 10

MINUTE_MS = 60_000
OVERLAP_MS = 2 * MINUTE_MS
DEEP_OVERLAP_MS = 30 * MINUTE_MS
GAP_OVERLAP_MS = 60 * MINUTE_MS
FIRST_LOOK_MS = 24 * 60 * MINUTE_MS
"""How far back an account is read that was never read before."""
WALKED_FOR_MS = 3 * 24 * 60 * MINUTE_MS
"""How long after it was written the thread of a post of ours is walked."""

PATIENT_WALKS = 3
WALKS_BETWEEN_FULL_ONES = 5
"""Threads that look unchanged from outside are walked only so often: a busy one is megabytes long."""
WALK_NEEDS = 150
"""Requests that must be left for reading before threads are walked."""
CHUNK = 200
MOST_THREADS = 12
MOST_PAGES = 500
MOST_REMEMBERED = 100_000
MOST_MISSING = 25
ASKED_AGAIN_MS = 60 * MINUTE_MS
"""How long a reply that is only not shown in its thread is not asked for again."""
_DEPTH = 100
_LIST = "app.bsky.notification.listNotifications"

T = TypeVar("T")


class Place(msgspec.Struct, frozen=True):
    """Where a stream stands: every notification up to this time was handed over."""

    until: int


@dataclass(slots=True)
class _Seen:
    """What one stream has yielded, so that looking back yields it once."""

    uris: dict[str, None] = field(default_factory=dict)

    def __contains__(self, uri: str) -> bool:
        return uri in self.uris

    def add(self, arrivals: Iterable[Arrival]) -> None:
        """Remembers these. To be called when nothing can fail any more before they are yielded."""
        self.uris.update((arrival.remote_id, None) for arrival in arrivals)
        while len(self.uris) > MOST_REMEMBERED:
            del self.uris[next(iter(self.uris))]


@dataclass(slots=True)
class _Stream:
    """What one run of the stream remembers; nothing of it needs to outlive the run."""

    until: int
    seen: _Seen = field(default_factory=_Seen)
    members: dict[str, set[str]] = field(default_factory=dict)
    """The replies that are known in each thread."""
    left_out: dict[str, int] = field(default_factory=dict)
    """Replies that are there and not shown in their thread, and until when they are not asked for again."""
    hidden: dict[str, set[str]] = field(default_factory=dict)
    """The replies that our gate hid when a thread was last walked."""
    busy: dict[str, int] = field(default_factory=dict)
    """Threads of ours with a notification, and when, oldest first."""
    broken: Complaints = field(default_factory=Complaints)
    """Notifications that could not be read, so that each is complained of once."""
    walks: int = 0
    walked: dict[str, object] = field(default_factory=dict)
    """What each thread looked like from outside when it was last walked."""
    failed_walks: int = 0
    """How many walks have failed one after the other."""
    elsewhere: Elsewhere = field(default_factory=Elsewhere)
    """What was said to us in threads of others."""

    @property
    def cursor(self) -> str:
        return msgspec.json.encode(Place(self.until)).decode()


class Reading:
    """Reads for one account."""

    def __init__(self, session: Counted, gates: Gates, now: Callable[[], int], wait: Wait) -> None:
        """`now` gives milliseconds since 1970; `wait` is the console's own pace."""
        self._session = session
        self._gates = gates
        self._now = now
        self._wait = wait
        self._places: dict[str, str] = {}  # the first words of our own posts, by address

    async def stream(self, cursor: str | None) -> AsyncIterator[Page]:
        """Yields what arrived since `cursor`, oldest first, for ever. Raises a `Failure`."""
        place = _place(cursor)
        stream = _Stream(place.until if place else self._now() - FIRST_LOOK_MS)
        if cursor is not None and place is None:
            yield Page(
                complaints=("The last place in the stream cannot be read; the last day is read again.",)
            )
        for number in itertools.count():
            is_walk = number % ROUNDS_BETWEEN_WALKS == 0 and self._has_room()
            back = GAP_OVERLAP_MS if number == 0 else DEEP_OVERLAP_MS if is_walk else OVERLAP_MS
            async for page in self._notified(stream, stream.until - back):
                yield page
            if is_walk:
                async for page in self._walked(stream):
                    yield page
            await self._wait(rest=REST_S, incident=INCIDENT_S)

    def _has_room(self) -> bool:
        """Whether there is enough left of the allowance for what one can do without for a while."""
        left = self._session.left()
        return left is None or left >= WALK_NEEDS

    # --- Notifications --------------------------------------------------------------------------

    async def _notified(self, stream: _Stream, back_to: int) -> AsyncIterator[Page]:
        """One round of notifications, oldest first, so that a page's cursor leaves nothing behind it."""
        found, complaints = await self._gather(back_to, stream.broken)
        fresh: dict[str, Noticed] = {}
        for noticed in sorted(found, key=_weight):
            if noticed.arrival.remote_id not in stream.seen:
                fresh.setdefault(noticed.arrival.remote_id, noticed)
        queue = sorted(fresh.values(), key=lambda noticed: noticed.at)
        now = self._now()
        for noticed in queue:
            if self._is_ours(noticed.arrival.thread):
                stream.busy.pop(noticed.arrival.thread or "", None)
                stream.busy[noticed.arrival.thread or ""] = now
        for part in _chunks(queue):
            arrivals = await self._placed([noticed.arrival for noticed in part])
            stream.seen.add(arrivals)
            stream.elsewhere.add(one.remote_id for one in arrivals if not self._is_ours(one.thread))
            for one in arrivals:
                if self._is_ours(one.thread):
                    stream.members.setdefault(one.thread or "", set()).add(one.remote_id)
            # A time from the future would make the stream pass over everything until then.
            stream.until = max(stream.until, min(part[-1].at, now))
            yield Page(arrivals, stream.cursor, complaints=complaints)
            complaints = ()
        if not queue:
            yield Page((), stream.cursor, complaints=complaints)

    async def _gather(self, back_to: int, broken: Complaints) -> tuple[list[Noticed], tuple[str, ...]]:
        """Every notification down to a time, and what could not be read of them for the first time."""
        found: list[Noticed] = []
        cursor: str | None = None
        passed: set[str] = set()
        for _ in range(MOST_PAGES):
            query: dict[str, str | int | bool | list[str]] = {
                "reasons": list(KINDS),
                "limit": 100,
                "priority": False,  # else the account's own settings may leave out strangers
            }
            if cursor:
                query["cursor"] = cursor
            try:
                page = await self._session.ask(_LIST, query, Notifications)
            except NotAllowed as refusal:
                # Reading our own notifications is never forbidden for good: something between us is wrong.
                raise Misunderstood(refusal.words) from refusal
            oldest = _cursor_time(page.cursor)
            for raw in page.notifications:
                try:
                    noticed = from_notification(bytes(raw), self._session.did)
                except UnreadableError as problem:
                    broken.add(raw, problem)
                    continue
                found.append(noticed)
                oldest = noticed.at if oldest is None else min(oldest, noticed.at)
            cursor = page.cursor
            if not cursor or cursor in passed or (oldest is not None and oldest < back_to):
                return found, broken.take()
            passed.add(cursor)
        words = f"More than {MOST_PAGES} pages of notifications were waiting; the oldest were left out."
        return found, (*broken.take(), words)

    # --- Threads --------------------------------------------------------------------------------

    async def _walked(self, stream: _Stream) -> AsyncIterator[Page]:
        """Our own recent posts, and what stands below them. A failure here waits for the next walk.

        A link that is down makes the next round of notifications fail, which says it better; only walks
        that keep failing while those go on are complained of, once.
        """
        try:
            own, roots = await self._own_posts(stream)
            stream.seen.add(own)
            if own:
                yield Page(own, stream.cursor)
            is_full = stream.walks % WALKS_BETWEEN_FULL_ONES == 0
            for root, look in roots.items():
                if is_full or stream.walked.get(root) != look:
                    async for page in self._walk(root, stream):
                        yield page
                    stream.walked[root] = look
            gone = await stream.elsewhere.gone(self._session)
            if gone:
                yield Page((), stream.cursor, gone)
            stream.walks += 1
            stream.failed_walks = 0
        except (TryLater, Misunderstood, NotAllowed) as failure:
            stream.failed_walks += 1
            if stream.failed_walks == PATIENT_WALKS:
                yield Page((), stream.cursor, complaints=(f"Threads cannot be walked: {failure.words}",))

    async def _own_posts(self, stream: _Stream) -> tuple[list[Arrival], dict[str, object]]:
        """New posts of our own, oldest first; and the threads to walk, busiest and newest first.

        With each thread comes what it looks like from outside: another look says that it has changed.
        """
        query: Parameters = {"actor": self._session.did, "limit": 50, "filter": "posts_with_replies"}
        feed = await self._session.ask("app.bsky.feed.getAuthorFeed", query, Feed)
        since = self._now() - WALKED_FOR_MS
        arrivals: list[Arrival] = []
        recent: dict[str, object] = {}
        for entry in feed.feed:
            if is_there(entry.reason):
                continue  # somebody else's words that we passed on
            try:
                view, record = post_of(bytes(entry.post))
                arrival = from_post(bytes(entry.post), self._session.did)
            except UnreadableError:
                continue
            if not arrival.is_ours or arrival.created_at < since:
                continue
            if record.reply is None:
                self._places[view.uri] = first_words(record.text)
                if view.reply_count or view.threadgate:
                    recent[view.uri] = (view.reply_count, tuple(hidden_by(view)))
            if view.uri not in stream.seen:
                arrivals.append(arrival)
        hour_ago = self._now() - 60 * MINUTE_MS
        stream.busy = {root: at for root, at in stream.busy.items() if at >= hour_ago}
        names = list(dict.fromkeys([*reversed(stream.busy), *recent]))[:MOST_THREADS]
        roots: dict[str, object] = {root: (recent.get(root), stream.busy.get(root)) for root in names}
        return await self._placed(sorted(arrivals, key=lambda arrival: arrival.created_at)), roots

    async def _walk(self, root: str, stream: _Stream) -> AsyncIterator[Page]:
        """One thread: replies that were not noticed, and changes of those that were."""
        query: Parameters = {"uri": root, "depth": _DEPTH, "parentHeight": 0}
        try:
            thread = (await self._session.ask("app.bsky.feed.getPostThread", query, Thread)).thread
        except Gone:
            return  # our own post was deleted, and its thread with it
        posts, empty = flatten(thread)
        if not posts:
            return
        hidden = await self._hidden(root, posts[0], stream)
        arrivals: list[Arrival] = []
        present: set[str] = set(empty)
        for raw in posts[1:]:
            try:
                arrival = from_post(raw, self._session.did)
            except UnreadableError:
                continue
            present.add(arrival.remote_id)
            if arrival.remote_id not in stream.seen:
                is_hidden = arrival.remote_id in hidden
                arrivals.append(replace(arrival, state=ItemState.HIDDEN) if is_hidden else arrival)
        placed = await self._placed(sorted(arrivals, key=lambda arrival: arrival.created_at))
        gone = await self._missing(root, present, stream)
        sights = [*self._changed(root, hidden, stream), *gone]
        for part in _chunks(placed):
            stream.seen.add(part)
            yield Page(part, stream.cursor)
        if sights:
            yield Page((), stream.cursor, sights)

    async def _hidden(self, root: str, top: bytes, stream: _Stream) -> set[str]:
        """The replies that our gate hides; from the gate itself where the public's view is another one.

        The view may lag behind, and must not report a reply as shown again that was hidden just now.
        """
        try:
            shown = set(hidden_by(post_of(top)[0]))
        except UnreadableError:
            shown = set()
        if shown != stream.hidden.get(root, set()):
            await self._session.take()
            return set(await self._gates.hidden(root))
        self._gates.sizes[root] = len(shown)
        return shown

    def _changed(self, root: str, hidden: set[str], stream: _Stream) -> list[Sight]:
        """Sights of replies that were hidden or shown since the last walk."""
        before = stream.hidden.get(root, set())
        stream.hidden[root] = hidden
        return [
            *(Sight(RemoteId(uri), ItemState.HIDDEN) for uri in sorted(hidden - before)),
            *(Sight(RemoteId(uri), ItemState.VISIBLE) for uri in sorted(before - hidden)),
        ]

    async def _missing(self, root: str, present: set[str], stream: _Stream) -> list[Sight]:
        """Sights of replies that are gone. A blocked author's are only not shown, so each is asked for."""
        before = stream.members.get(root, set())
        now = self._now()
        missing = [uri for uri in sorted(before - present) if stream.left_out.get(uri, 0) <= now]
        asked = missing[:MOST_MISSING]
        gone = [uri for uri in asked if not await exists(self._session, uri)]
        stream.left_out.update(dict.fromkeys(set(asked) - set(gone), now + ASKED_AGAIN_MS))
        while len(stream.left_out) > MOST_REMEMBERED:
            del stream.left_out[next(iter(stream.left_out))]
        stream.members[root] = (before | present) - set(gone)
        return [Sight(RemoteId(uri), ItemState.GONE) for uri in gone]

    # --- Both -----------------------------------------------------------------------------------

    def _is_ours(self, root: str | None) -> bool:
        return root is not None and parts_of(root)[0] == self._session.did

    async def _placed(self, arrivals: Sequence[Arrival]) -> list[Arrival]:
        """Says of each reply below a post of ours which post that is, in its first words."""
        wanted = {
            arrival.thread
            for arrival in arrivals
            if arrival.thread and arrival.thread != arrival.remote_id and self._is_ours(arrival.thread)
        }
        unknown = [uri for uri in wanted if uri not in self._places]
        if unknown:
            views = await posts_by_uri(self._session, unknown)
            for uri in unknown:
                self._places[uri] = first_words(text_of(views[uri])) if uri in views else ""
        while len(self._places) > MOST_REMEMBERED:
            del self._places[next(iter(self._places))]
        return [
            replace(arrival, where=self._places.get(arrival.thread or "", ""))
            if arrival.thread in wanted
            else arrival
            for arrival in arrivals
        ]


def _place(cursor: str | None) -> Place | None:
    try:
        return msgspec.json.decode(cursor or "", type=Place)
    except msgspec.DecodeError:
        return None


def _cursor_time(cursor: str | None) -> int | None:
    """The time in a cursor of theirs, where it is one; so that pages of nothing but likes come to an end."""
    if not cursor:
        return None
    first = cursor.partition("::")[0]
    return int(first) if first.isascii() and first.isdecimal() else milliseconds(first)


def _weight(noticed: Noticed) -> int:
    """Of several notifications for one post, the reply comes first."""
    return list(KINDS.values()).index(noticed.arrival.kind)


def _chunks(things: Iterable[T]) -> Iterable[list[T]]:
    waiting = list(things)
    for start in range(0, len(waiting), CHUNK):
        yield waiting[start : start + CHUNK]
