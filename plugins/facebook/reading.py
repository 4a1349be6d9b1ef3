"""What arrived: rounds over the Page's posts, the lists beside them, and live videos as they happen.

Each round looks at the posts whose turn it is. A post that moves has its turn every round, a quiet one every
hour; turns are counted in rounds and not in minutes, so that with an open incident everything goes
quicker at once. Every twentieth round one post is swept: read as a whole, for what was changed, hidden or
taken back.

What a newcomer would get wrong: a quiet post is read long after a busy one, so "the newest comment that I
have" is no place to go on from. The place is the oldest moment up to which *every* list has been read.
"""

import asyncio
import itertools
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from contextlib import aclosing, suppress

import msgspec

from console.api import Arrival, Context, Gone, ItemState, NotAllowed, Page, RemoteId, Sight
from console.api.entries import Complaints, UnreadableError, decoded, first_words
from console.api.rounds import Rounds
from plugins.facebook.comments import Comments, readable
from plugins.facebook.comments import Reading as Brought
from plugins.facebook.live import Heard, Live
from plugins.facebook.mapping import from_comment, from_post
from plugins.facebook.memory import Memory
from plugins.facebook.session import Session
from plugins.facebook.sources import MAIL, REVIEWS, SKIPS, TAGGED, VISITORS, Sources
from plugins.facebook.wire import LIVE_FIELDS, POST_FIELDS, LiveVideo, Post
from plugins.meta.times import milliseconds

REST_S = 10.0
INCIDENT_S = 2.0
STRAINED = 4
"""How many times slower the rounds go when most of the allowance is used."""
QUIET_S = 3600.0
"""How often a post is looked at on which nothing happens, in rounds of `REST_S`."""

LOST_PLACE = "The last place in the stream cannot be read; the last day is read again."
MINUTE_MS = 60_000
DAY_MS = 24 * 60 * MINUTE_MS
OVERLAP_MS = 3 * MINUTE_MS
"""How far each look reads back past the last one: the network lists some things late."""
DEEP_OVERLAP_MS = 60 * MINUTE_MS
"""The same for every tenth look, and after a new start."""
LOOKS_BETWEEN_DEEP = 10
FIRST_LOOK_MS = DAY_MS
"""How far back a Page is read that was never read before."""
WATCHED_MS = 90 * DAY_MS
"""How old a post may be whose comments are read; an older one is taken up when it moves."""

POSTS_EVERY, LIVE_EVERY, SWEEP_EVERY, RIGHTS_EVERY = 3, 6, 20, 90
"""Every how many rounds our posts are listed, live videos are, a post is swept, our rights are asked for."""
SOURCES_EVERY = {VISITORS: 6, MAIL: 6, TAGGED: 18, REVIEWS: 60}
POSTS_A_ROUND = 10
UNREAD_A_ROUND = 7
"""Of these, how many may be posts that this run has not read yet; the newest of them come first."""
MOST_POSTS = 100
"""Posts of ours that are taken up from one listing, those first that moved last."""
MOST_THREADS = 250
"""What is read altogether: besides, older posts that moved, visitors' posts, live videos."""
CHUNK = 200
_OWN_PAGES = 3  # pages of a hundred posts each; the network shows about 600 a year
_ON_AIR = frozenset({"LIVE", "LIVE_NOW"})


class Place(msgspec.Struct, frozen=True):
    """Where a stream stands. Times are milliseconds since 1970."""

    until: int
    """Everything up to here was handed over, of every list."""
    begun: int
    """What was written before this, before the account was first read, is left alone."""


class Reading:
    """One run of the stream. Made anew for each."""

    def __init__(self, session: Session, context: Context, place: Place) -> None:
        """`place` is where the last run stood."""
        self._session = session
        self._now, self._wait = context.now, context.wait
        self._begun, self._start = place.begun, place.until
        self._beat = 0  # time as the rounds count it, in milliseconds
        self._rounds = Rounds(
            lambda: self._beat,
            lambda: False,  # an incident makes the rounds themselves quicker
            busy_s=REST_S,
            quiet_s=QUIET_S,
            most=MOST_THREADS,
        )
        self._memory = Memory(context.now)
        self._comments = Comments(session, self._memory)
        self._sources = Sources(session, self._memory, context.now)
        self._live = Live(session)
        self._where: dict[str, str] = {}  # of each thread that is read: what to call it
        self._moved: dict[str, int] = {}  # of each post of ours: when it last moved
        self._marks: dict[str, int] = {}  # up to when each list was read
        self._looks: dict[str, int] = {}
        self._swept: dict[str, int] = {}  # in which round each thread was last swept
        self._no_air_before = 0  # the round from which live videos are asked for, after a refusal
        self._complaints = Complaints()
        self._videos: set[str] = set()  # threads that are live videos, or were
        self._notice: str | None = None  # the last run may have left one behind

    @property
    def _cursor(self) -> str:
        until = min(self._marks.values(), default=self._start)
        return msgspec.json.encode(Place(max(until, self._begun), self._begun)).decode()

    async def stream(self) -> AsyncGenerator[Page, None]:
        """Rounds for ever. Raises a `Failure`."""
        try:
            for number in itertools.count():
                async for page in self._round(number):
                    yield page
                yield Page((), self._cursor, notice=await self._news_of_health(number))
                async for page in self._rested():
                    yield page
                self._beat += int(REST_S * 1000)
        finally:
            await self._live.close()

    # --- One round ---------------------------------------------------------------------------------

    async def _round(self, number: int) -> AsyncIterator[Page]:
        if number % POSTS_EVERY == 0:
            async for page in self._own_posts(is_first=number == 0):
                yield page
        for name, every in SOURCES_EVERY.items():
            if number % every == 0:
                async for page in self._beside(name):
                    yield page
        if number % LIVE_EVERY == 0 and number >= self._no_air_before:
            await self._on_air(number)
        for thread in self._whose_turn():
            async for page in self._below(thread):
                yield page
        if number % SWEEP_EVERY == SWEEP_EVERY - 1 and not self._session.graph.is_strained:
            async for page in self._sweep(number):
                yield page

    def _whose_turn(self) -> list[str]:
        """The posts to read now: at the start the newest first, without keeping busy ones waiting."""
        due = self._rounds.due(MOST_THREADS)
        unread = [thread for thread in due if thread not in self._looks]
        unread.sort(key=lambda thread: self._moved.get(thread, 0), reverse=True)
        first = unread[:UNREAD_A_ROUND]
        return [*first, *(thread for thread in due if thread in self._looks)][:POSTS_A_ROUND]

    async def _own_posts(self, *, is_first: bool) -> AsyncIterator[Page]:
        """Our own posts: the new ones, and which of them have moved."""
        page = self._session.page
        path, query = f"{page}/published_posts", {"fields": POST_FIELDS, "limit": 100}
        since, begun_at = self._now() - WATCHED_MS, self._now()
        arrivals: list[Arrival] = []
        complaints: list[str] = []
        posts: list[Post] = []
        async for entries in self._session.graph.pages(path, query, most=_OWN_PAGES if is_first else 1):
            found, broken = readable(entries, lambda raw: from_post(raw, page, "post"), self._memory)
            arrivals += found
            complaints += broken
            for raw in entries:
                with suppress(UnreadableError):
                    posts.append(decoded(bytes(raw), Post))
        posts.sort(key=_moved_at, reverse=True)
        for post in posts[:MOST_POSTS]:
            if _moved_at(post) >= since:
                self._note_movement(post)
        for quietest in [thread for thread in self._where if thread not in self._rounds]:
            self._drop(quietest)  # more posts than are read; it is taken up again when it moves
        self._marks["our posts"] = begun_at
        news = self._memory.news("our posts", arrivals, since=self._begun)
        async for one in self._pages(news.arrivals, news.sights, complaints):
            yield one

    def _note_movement(self, post: Post) -> None:
        """Takes up a post, and looks at it soon when it moved. That a comment moves it is not proved."""
        self._take_up(post.id, first_words(post.message or post.story or ""))
        moved_at = _moved_at(post)
        if self._moved.get(post.id, moved_at) != moved_at:
            self._rounds.soon(post.id)
        self._moved[post.id] = moved_at

    def _take_up(self, thread: str, where: str) -> None:
        """Reads a thread from now on, from where the stream began."""
        self._where[thread] = where
        if thread not in self._rounds:
            self._rounds.add(thread)
            if thread in self._rounds:
                self._marks.setdefault(thread, self._start)

    def _drop(self, thread: str) -> None:
        self._rounds.drop(thread)
        for memory in (self._where, self._moved, self._marks, self._looks, self._swept):
            memory.pop(thread, None)

    async def _beside(self, name: str) -> AsyncIterator[Page]:
        """One of the lists beside the comments; what visitors post is then read like a post of ours."""
        begun_at = self._now()
        back = DEEP_OVERLAP_MS if name not in self._marks else OVERLAP_MS
        brought = await self._sources.look(name, self._marks.get(name, self._start) - back, self._begun)
        if brought is None:
            self._marks.setdefault(name, self._start)
            return
        for arrival in brought.news.arrivals:
            if name == VISITORS and arrival.created_at > self._now() - WATCHED_MS:
                self._take_up(arrival.remote_id, arrival.where)
        async for page in self._pages(brought.news.arrivals, brought.news.sights, brought.complaints):
            yield page
        self._marks[name] = begun_at

    async def _below(self, thread: str) -> AsyncIterator[Page]:
        """The comments below one post since it was last looked at."""
        begun_at, looks = self._now(), self._looks.get(thread, 0)
        back = DEEP_OVERLAP_MS if looks % LOOKS_BETWEEN_DEEP == 0 else OVERLAP_MS
        back_to = self._marks.get(thread, self._start) - back
        try:
            brought = await self._comments.since(thread, self._where.get(thread, ""), back_to, self._begun)
        except Gone:
            self._drop(thread)
            if (await self._session.look_at_rights()).blindness:
                return  # the same answer as for what is gone; the notice says what it really is
            gone = await self._comments.gone_with(thread)
            if thread not in self._videos:  # a post is an item itself, a live video is none
                gone.insert(0, Sight(RemoteId(thread), ItemState.GONE))
            async for page in self._pages((), gone, ()):
                yield page
            return
        except NotAllowed as refusal:
            words = f"The comments below one post cannot be read: {refusal.words}"
            self._rounds.looked(thread, found_new=False)
            self._marks[thread] = begun_at
            async for page in self._pages((), (), self._complaints.unsaid([words])):
                yield page
            return
        async for page in self._brought(brought):
            yield page
        self._looks[thread] = looks + 1
        self._rounds.looked(thread, found_new=bool(brought.news.arrivals))
        self._marks[thread] = begun_at

    async def _sweep(self, number: int) -> AsyncIterator[Page]:
        """One thread as a whole: the one with comments that was not swept for longest."""
        known = [thread for thread in self._where if self._memory.count(thread)]
        thread = min(known, key=lambda one: self._swept.get(one, -1), default=None)
        if thread is None:
            return
        self._swept[thread] = number
        try:
            brought = await self._comments.sweep(thread, self._where[thread], self._begun)
        except (Gone, NotAllowed):
            return  # the next look at this thread meets the same, and says it
        if brought.is_suspicious:
            await self._session.look_at_rights()
        async for page in self._brought(brought):
            yield page

    # --- Live --------------------------------------------------------------------------------------

    async def _on_air(self, number: int) -> None:
        """Finds the live videos, listens to them, and reads them by rounds too."""
        path, query = (
            f"{self._session.page}/live_videos",
            {"fields": LIVE_FIELDS, "broadcast_status": '["LIVE"]'},
        )
        try:
            found = (await self._session.graph.listed(path, query)).data
        except (NotAllowed, Gone):
            self._no_air_before = number + LIVE_EVERY * SKIPS
            found = []
        videos: dict[str, str] = {}
        for raw in found:
            with suppress(UnreadableError):
                video = decoded(bytes(raw), LiveVideo)
                if video.status in _ON_AIR:
                    videos[video.id] = f"Live: {first_words(video.title or video.description or '')}"
        self._videos.update(videos)
        for name, where in videos.items():
            self._take_up(name, where)
        await self._live.follow(videos)

    async def _rested(self) -> AsyncIterator[Page]:
        """Waits for the next round, and hands over what is said on live videos meanwhile."""
        slower = STRAINED if self._session.graph.is_strained else 1
        if not self._live.is_listening:
            await self._wait(rest=REST_S * slower, incident=INCIDENT_S * slower)
            return
        pause = asyncio.ensure_future(self._wait(rest=REST_S * slower, incident=INCIDENT_S * slower))
        try:
            while not pause.done():
                hearing = asyncio.ensure_future(self._live.heard.get())
                try:
                    await asyncio.wait({pause, hearing}, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    if not hearing.done():
                        hearing.cancel()
                if hearing.done() and not hearing.cancelled():
                    async for page in self._said_live([hearing.result(), *self._waiting()]):
                        yield page
            await pause
        finally:
            pause.cancel()

    def _waiting(self) -> list[Heard]:
        found: list[Heard] = []
        while len(found) < CHUNK and not self._live.heard.empty():
            found.append(self._live.heard.get_nowait())
        return found

    async def _said_live(self, heard: Iterable[Heard]) -> AsyncIterator[Page]:
        page = self._session.page
        for one in heard:

            def read(raw: bytes, video: str = one.video) -> Arrival:
                return from_comment(raw, page, video, self._where.get(video, ""))

            arrivals, complaints = readable([one.raw], read, self._memory)
            news = self._memory.news(one.video, arrivals)
            async for found in self._pages(news.arrivals, news.sights, complaints):
                yield found

    # --- All ---------------------------------------------------------------------------------------

    async def _news_of_health(self, number: int) -> str | None:
        """What a person should know though pages come; None when nothing changed."""
        if number % RIGHTS_EVERY == RIGHTS_EVERY - 1:
            await self._session.look_at_rights()
        live = self._live.words and f"Live comments are read by rounds only: {self._live.words}"
        words = " ".join(filter(None, (self._session.rights.blindness, self._sources.notice, live)))
        if words == self._notice:
            return None
        self._notice = words
        return words

    async def _brought(self, brought: Brought) -> AsyncIterator[Page]:
        sights = [*brought.news.sights, *brought.sights]
        async for page in self._pages(brought.news.arrivals, sights, brought.complaints):
            yield page

    async def _pages(
        self, arrivals: Sequence[Arrival], sights: Sequence[Sight], complaints: Sequence[str]
    ) -> AsyncIterator[Page]:
        """As many pages as it takes; none when there is nothing to say."""
        for start in range(0, len(arrivals), CHUNK):
            yield Page(arrivals[start : start + CHUNK], self._cursor)
        if sights or complaints:
            yield Page((), self._cursor, tuple(sights), tuple(dict.fromkeys(complaints)))


def _moved_at(post: Post) -> int:
    """When a post was written or last changed, milliseconds since 1970; 0 when nobody says."""
    return max(milliseconds(post.created_time) or 0, milliseconds(post.updated_time) or 0)


class Streams:
    """Begins each run of the stream at the place that its cursor names."""

    def __init__(self, session: Session, context: Context) -> None:
        """Both are the connector's."""
        self._session, self._context = session, context

    async def stream(self, cursor: str | None) -> AsyncIterator[Page]:
        """Yields what arrived since `cursor`, for ever."""
        place, is_read = place_of(cursor, self._context.now())
        if not is_read:
            yield Page(complaints=(LOST_PLACE,))
        async with aclosing(Reading(self._session, self._context, place).stream()) as pages:
            async for page in pages:
                yield page


def place_of(cursor: str | None, now: int) -> tuple[Place, bool]:
    """The place that a cursor names, else a day ago; and whether the cursor could be read."""
    try:
        return msgspec.json.decode(cursor or "", type=Place), True
    except msgspec.DecodeError:
        since = now - FIRST_LOOK_MS
        return Place(since, since), cursor is None
