"""What arrived: our posts and the comments below them, posts that tag us, and private messages.

Instagram has no stream for a program without a public address. Each round asks for our newest posts with the
number of their comments, and reads comments where that number has moved; every post is read to its end now
and then (`Rounds`), for what was hidden elsewhere or answered deep down.

What a newcomer would get wrong: the number moves down as well as up, when we hide and when people delete. So
it is compared with what a read has found, and a read that does not explain it goes on to the end.
"""

import itertools
from collections.abc import AsyncIterator

import msgspec

from console.api import Arrival, Context, Gone, ItemState, NotAllowed, Page, RemoteId, Sight
from console.api.entries import UnreadableError, decoded
from console.api.rounds import Rounds
from console.api.web import DAY_MS, MINUTE_MS
from plugins.instagram.comments import Gathered, Gathering
from plugins.instagram.mapping import from_comment, from_media
from plugins.instagram.messages import Messages
from plugins.instagram.places import Place, Stream, Watched
from plugins.instagram.session import MESSAGES, Session
from plugins.instagram.wire import MEDIA_FIELDS, TAG_FIELDS, IgMedia
from plugins.meta.entries import time_of
from plugins.meta.memory import gone_among
from plugins.meta.streams import RESTARTED, place_in

REST_S = 30.0
INCIDENT_S = 10.0
STRAINED = 4
"""How many times slower rounds are while the network says that much of the allowance is used."""
SIDE_EACH = 2
"""Each so-manieth round also asks for tags and messages."""
BUSY_S = 5 * 60.0
QUIET_S = 6 * 3600.0
INCIDENT_QUIET_S = 12 * 60.0
"""How often a post is read to its end: at most, at least, and at least during an incident."""
AT_A_TIME = 10
"""So many posts are read in one round at the most, those first that have waited longest."""
WATCHED = 50
"""So many of our newest posts are watched."""
CHEAP_PAGES = 4
"""A post with so few pages of comments is read to its end at every doubt, a longer one less often."""
DEAR_MS = 10 * MINUTE_MS
FIRST_LOOK_MS = DAY_MS
OVERLAP_MS = 10 * MINUTE_MS
GAP_OVERLAP_MS = 60 * MINUTE_MS

NO_POSTS = (
    "Instagram lists none of this account's posts, though it says that there are some. A right is missing, or"
    " this is not the account that is meant: comments are not seen. Sign in again and tick the account."
)
NO_COMMENTS = (
    "Instagram says that posts of this account have comments, and lists none of them. The right to read"
    " comments is probably missing: sign in again and leave every right on."
)


class Reading:
    """Reads for one account."""

    def __init__(self, session: Session, context: Context) -> None:
        """`session` sends in the account's name."""
        self._session, self._context = session, context
        self._now = context.now

    async def stream(self, cursor: str | None) -> AsyncIterator[Page]:
        """Yields what arrived since `cursor`, for ever. Raises a `Failure`."""
        place = place_in(cursor, Place)
        stream = Stream(place or Place(self._now() - FIRST_LOOK_MS))
        sweeps = Rounds(
            self._now,
            self._context.is_incident,
            busy_s=BUSY_S,
            quiet_s=QUIET_S,
            incident_quiet_s=INCIDENT_QUIET_S,
        )
        gathering = Gathering(self._session.graph)
        messages = Messages(self._session)
        if cursor is not None and place is None:
            yield Page(complaints=(RESTARTED,))
        for number in itertools.count():
            problems: list[str] = []
            async for page in self._own(stream, sweeps, problems):
                yield page
            for post in self._turn(stream, sweeps):
                async for page in self._below(post, stream, sweeps, gathering, problems):
                    yield page
            if number % SIDE_EACH == 0:
                async for page in self._tags(stream, problems):
                    yield page
                async for page in self._messages(stream, messages, problems):
                    yield page
            if stream.is_unheard:
                problems.append(NO_COMMENTS)
            yield stream.health(problems)
            slower = STRAINED if self._session.graph.is_strained else 1
            await self._context.wait(rest=REST_S * slower, incident=INCIDENT_S * slower)

    # --- Our own posts ----------------------------------------------------------------------------

    async def _own(self, stream: Stream, sweeps: Rounds, problems: list[str]) -> AsyncIterator[Page]:
        """New posts of our own, and which of them are watched."""
        account, graph = self._session.account, self._session.graph
        query = {"fields": MEDIA_FIELDS, "limit": WATCHED}
        listed = [raw async for page in graph.pages(f"{account.id}/media", query, most=1) for raw in page]
        if self._context.is_on("live"):
            async for page in graph.pages(f"{account.id}/live_media", query, most=1):
                listed += page
        arrivals: dict[str, Arrival] = {}
        is_broken = False
        recent: list[str] = []
        for raw in listed:
            try:
                media = decoded(raw, IgMedia)
                arrival = from_media(raw, media, me=account.id, handle=account.username)
            except UnreadableError as problem:
                is_broken = True
                stream.broken.add(raw, problem)
                continue
            recent.append(media.id)
            self._watch(media, stream, sweeps)
            fresh, _ = stream.seen.news(arrival, self._now())
            if fresh is not None and (fresh.created_at >= stream.place.since or fresh.edited_at is not None):
                arrivals[fresh.remote_id] = fresh
        if recent:
            for post in [one for one in stream.watched if one not in recent]:
                sweeps.drop(post)
            stream.keep_only(recent)
        elif not is_broken and await self._session.count_posts():
            problems.append(NO_POSTS)
        complaints = stream.broken.take()
        if arrivals or complaints:
            ordered = sorted(arrivals.values(), key=lambda one: one.created_at)
            yield Page(ordered, stream.cursor, complaints=complaints)

    def _watch(self, media: IgMedia, stream: Stream, sweeps: Rounds) -> None:
        known = stream.watched.get(media.id)
        if known is None:
            floor = stream.position(media.id) - GAP_OVERLAP_MS
            stream.watched[media.id] = Watched(media, floor)
        else:
            known.media = media
        sweeps.add(media.id)

    def _turn(self, stream: Stream, sweeps: Rounds) -> list[str]:
        """The posts to read now: those whose number has moved, and those that are due to be read whole."""
        due = sweeps.due(WATCHED)
        moved = [
            post
            for post, watched in stream.watched.items()
            if watched.media.comments_count is None or watched.media.comments_count != watched.count
        ]
        return list(dict.fromkeys([*moved, *due]))[:AT_A_TIME]

    # --- Below them -------------------------------------------------------------------------------

    async def _below(
        self,
        post: str,
        stream: Stream,
        sweeps: Rounds,
        gathering: Gathering,
        problems: list[str],
    ) -> AsyncIterator[Page]:
        """The comments below one post of ours, and what has changed with them."""
        watched = stream.watched.get(post)
        if watched is None:
            sweeps.drop(post)
            return
        count = watched.media.comments_count
        if count == 0 and watched.count == 0 and not watched.members:
            sweeps.looked(post, found_new=False)
            return
        try:
            gathered = await self._gathered(post, watched, stream, sweeps, gathering)
        except Gone:
            sweeps.drop(post)
            del stream.watched[post]
            yield Page((), stream.cursor, (Sight(RemoteId(post), ItemState.GONE),))
            return
        except NotAllowed as refusal:
            problems.append(f"Comments cannot be read: {refusal.words}")
            return
        arrivals, sights = self._changes(watched, stream, gathered)
        if gathered.is_whole:
            sights += await self._gone(post, watched, stream, gathered)
            watched.is_swept, watched.swept_at = True, self._now()
            watched.pages = gathered.pages
            sweeps.looked(post, found_new=bool(arrivals))
            self._listen(post, stream, gathered, count)
        watched.count = count
        for page in stream.paged(post, arrivals, sights, gathered.complaints, self._now()):
            yield page

    async def _gathered(
        self, post: str, watched: Watched, stream: Stream, sweeps: Rounds, gathering: Gathering
    ) -> Gathered:
        """What is listed below a post: all of it when that is due, or when less explains nothing."""
        count, before = watched.media.comments_count, watched.count
        if not watched.is_swept or post in sweeps.due(WATCHED):
            return await gathering.gather(post, 0)
        gathered = await gathering.gather(post, stream.position(post) - OVERLAP_MS)
        fresh = sum(1 for comment in gathered.found if comment not in stream.seen)
        is_explained = count is not None and before is not None and count - before == fresh
        is_dear = watched.pages > CHEAP_PAGES and self._now() - watched.swept_at < DEAR_MS
        if gathered.is_whole or is_explained or is_dear:
            return gathered
        return await gathering.gather(post, 0)

    def _changes(
        self, watched: Watched, stream: Stream, gathered: Gathered
    ) -> tuple[list[Arrival], list[Sight]]:
        """What is new below a post, oldest first, and what has changed."""
        account = self._session.account
        arrivals: list[Arrival] = []
        sights: list[Sight] = []
        for raw, comment, at in gathered.oldest_first():
            found = from_comment(raw, comment, watched.media, me=account.id, handle=account.username)
            arrival, sight = stream.seen.news(found, self._now())
            # What is older was handed over before this run, unless a whole read did not have it.
            is_old = at < watched.floor and not watched.is_swept
            if arrival is not None and (arrival.edited_at is not None or not is_old):
                arrivals.append(arrival)
            if sight is not None:
                sights.append(sight)
        watched.members.update(gathered.found)
        return arrivals, sights

    async def _gone(self, post: str, watched: Watched, stream: Stream, gathered: Gathered) -> list[Sight]:
        """Sights of comments that a whole read no longer has."""
        gone = await gone_among(self._session.graph, post, watched.members - gathered.found.keys())
        for sight in gone:
            watched.members.discard(sight.remote_id)
            stream.seen.forget(sight.remote_id)
        return gone

    def _listen(self, post: str, stream: Stream, gathered: Gathered, count: int | None) -> None:
        """Notes whether a post that says it has comments lists any."""
        stream.heard.discard(post)
        stream.silent.discard(post)
        if gathered.found:
            stream.heard.add(post)
        elif count and not gathered.is_broken:
            stream.silent.add(post)

    # --- Elsewhere --------------------------------------------------------------------------------

    async def _tags(self, stream: Stream, problems: list[str]) -> AsyncIterator[Page]:
        """Posts of others that tag the account."""
        position = stream.place.tags or stream.place.since
        floor = position - GAP_OVERLAP_MS
        query = {"fields": TAG_FIELDS, "limit": 50}
        arrivals: dict[str, Arrival] = {}
        try:
            async for entries in self._session.graph.pages(f"{self._session.account.id}/tags", query):
                oldest = self._now()
                for raw in entries:
                    try:
                        media = decoded(raw, IgMedia)
                        oldest = min(oldest, time_of(media.timestamp))
                        found = from_media(raw, media)
                    except UnreadableError as problem:
                        stream.broken.add(raw, problem)
                        continue
                    if found.created_at >= floor and found.remote_id not in stream.seen:
                        arrivals.setdefault(found.remote_id, found)
                if oldest < floor:
                    break
        except NotAllowed as refusal:
            problems.append(f"Posts that tag the account cannot be read: {refusal.words}")
            return
        ordered = sorted(arrivals.values(), key=lambda one: one.created_at)
        fresh = [one for one in ordered if stream.seen.news(one, self._now())[0] is not None]
        if fresh:
            until = max(position, min(fresh[-1].created_at, self._now()))
            stream.place = msgspec.structs.replace(stream.place, tags=until)
        complaints = stream.broken.take()
        if fresh or complaints:
            yield Page(fresh, stream.cursor, complaints=complaints)

    async def _messages(self, stream: Stream, messages: Messages, problems: list[str]) -> AsyncIterator[Page]:
        """Private messages, where the sign-in may read them."""
        if not self._session.has(MESSAGES):
            return
        position = stream.place.messages or stream.place.since
        try:
            found, complaints = await messages.since(position - GAP_OVERLAP_MS)
        except NotAllowed as refusal:
            problems.append(f"Private messages cannot be read: {refusal.words}")
            return
        fresh = [one for one in found if stream.seen.news(one, self._now())[0] is not None]
        if fresh:
            until = max(position, min(fresh[-1].created_at, self._now()))
            stream.place = msgspec.structs.replace(stream.place, messages=until)
        if fresh or complaints:
            yield Page(fresh, stream.cursor, complaints=complaints)
