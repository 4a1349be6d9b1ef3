"""What arrived: rounds of mentions, and in some of them our own posts, conversations and private messages.

X lists mentions (which most replies are) cheaply, and newest first. What that leaves out, replies deeper in
our conversations and quotes, is searched for, those posts more often that move or an incident is open for.
What a newcomer would get wrong: X orders by id, and ids are times. "Newer than the last one" would lose what
X lists late, so each round reads from a little before its last place; within a day that costs nothing, and
what this stream has yielded already is left out.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress

from console.api import Context, ItemState, Page, RemoteId, Sight, SlowDown
from console.api.rounds import Rounds
from console.api.web import DAY_MS, MINUTE_MS
from plugins.x import names
from plugins.x.feed import Feed, Heard, Mode
from plugins.x.mapping import media_in, read_note
from plugins.x.money import MESSAGE, OWN_READ, POST, USER
from plugins.x.paging import Pages, Place, Run, place_in, post_in, version_of
from plugins.x.people import People
from plugins.x.polling import Found, Listing, gather
from plugins.x.recheck import Recheck
from plugins.x.session import Session, way_of_reading
from plugins.x.threads import Threads
from plugins.x.wire import id_at, number, span, time_of

REST_S = 45.0
INCIDENT_S = 15.0
OWN_ROUNDS = 8
"""Our own posts are listed in one round of so many."""
RECHECK_ROUNDS = 10
FED_ROUNDS = 6
"""While a stream is open, mentions are listed in one round of so many."""
DEEP_ROUNDS = 5
OVERLAP_MS = 30_000
DEEP_OVERLAP_MS = 3 * MINUTE_MS
GAP_OVERLAP_MS = 10 * MINUTE_MS
FIRST_LOOK_MS = DAY_MS
"""How far back an account is read that was never read before."""
SEARCHED_MS = 7 * DAY_MS - 10 * MINUTE_MS
"""How far back X can search, with a little to spare."""
LISTED = 780
"""X lists the last 800 mentions; when so many came there were more."""
TOGETHER = 5
"""Posts whose conversations one search can name: the length of a search is limited."""
MESSAGES_MS = 65_000
"""X lets private messages be listed 15 times in 15 minutes."""
MOST_MESSAGES = 20
"""To a page; on each new day the first page is paid anew."""
MESSAGE_PAGES = 10
NOT_SHOWN = (
    "X answers that this account's mentions may not be shown to the app. Nothing can be read until somebody "
    "signs in again, or mends the app's rights at X."
)


class Reading:
    """Reads for one account."""

    def __init__(
        self, session: Session, people: People, threads: Threads, recheck: Recheck, context: Context
    ) -> None:
        """All are the connector's."""
        self._session, self._people, self._threads = session, people, threads
        self._recheck, self._context = recheck, context
        self._now = context.now
        self._pages = Pages(session, people, threads, recheck)
        self._rounds = Rounds(
            context.now, context.is_incident, busy_s=60, quiet_s=1800, incident_quiet_s=240, most=200
        )

    @property
    def mode(self) -> Mode | None:
        """Which stream a person wants and has given the token for; None: polling."""
        wanted = way_of_reading(self._context)
        if not self._session.app_token:
            return None
        return "activity" if wanted == "activity" else "filtered" if wanted == "filtered" else None

    async def stream(self, cursor: str | None) -> AsyncIterator[Page]:
        """Yields what arrived since `cursor`, oldest first, for ever. Raises a `Failure`."""
        place = place_in(cursor)
        first = id_at(self._now() - FIRST_LOOK_MS)
        # Our own posts from further back: their conversations are searched, and they cost next to nothing.
        run = Run(place or Place(first, id_at(self._now() - SEARCHED_MS), 0))
        for root in run.place.threads:
            self._rounds.add(root)
        if cursor is not None and place is None:
            words = "The last place in the stream cannot be read; the last day is read again."
            yield Page(complaints=(words,))
        mode = self.mode
        async for page in self._polled(run) if mode is None else self._fed(run, mode):
            yield page

    async def _polled(self, run: Run) -> AsyncIterator[Page]:
        for number_of_round in itertools.count():
            async for page in self._round(run, number_of_round, None):
                yield page
            await self._context.wait(rest=REST_S, incident=INCIDENT_S)

    async def _fed(self, run: Run, mode: Mode) -> AsyncIterator[Page]:
        async with Feed(self._session, self._context, mode) as feed:
            for number_of_round in itertools.count():
                async for page in self._round(run, number_of_round, feed):
                    yield page
                async for page in self._until_next(run, feed):
                    yield page

    # rounds ---------------------------------------------------------------------------------------

    async def _round(self, run: Run, number_of_round: int, feed: Feed | None) -> AsyncIterator[Page]:
        """One round. What it yields at the least shows that the account was looked at."""
        if number_of_round % OWN_ROUNDS == 0:
            async for page in self._own(run):
                yield page
        is_fed = feed is not None and feed.is_live and not feed.has_gap
        if not is_fed or number_of_round % FED_ROUNDS == 0:
            if feed is not None:
                feed.has_gap = False
            is_deep = number_of_round % DEEP_ROUNDS == 0
            back = GAP_OVERLAP_MS if number_of_round == 0 else DEEP_OVERLAP_MS if is_deep else OVERLAP_MS
            async for page in self._mentions(run, back):
                yield page
        if self._may(run, "searches"):
            async for page in self._conversations(run):
                yield page
        if self._context.settings.get("messages") == "on" and self._now() >= run.messages_at:
            run.messages_at = self._now() + MESSAGES_MS
            async for page in self._messages(run):
                yield page
        if number_of_round % RECHECK_ROUNDS == RECHECK_ROUNDS - 1 and self._may(run, "posts looked up"):
            async for page in self._looked_again(run):
                yield page
        yield Page((), run.cursor, notice=self._news(run, feed))

    async def _own(self, run: Run) -> AsyncIterator[Page]:
        """Our own posts, which say whose conversations are ours and which are worth a search."""
        found = await gather(
            self._session,
            self._people,
            Listing(
                names.posts_of(self._session.me.id),
                {**names.POSTS, "since_id": _since(run.place.own, GAP_OVERLAP_MS), "exclude": "retweets"},
                ceiling="own posts",
                price=OWN_READ,
                has_strangers=False,
            ),
        )
        border = self._now() - SEARCHED_MS
        for raw in found.raws:
            post = post_in(raw)
            if post is None or post.author_id != self._session.me.id:
                continue
            self._threads.take(post)
            is_root = post.conversation_id in {"", *post.versions}
            if is_root and (time_of(post.id) or 0) > border:
                self._rounds.add(post.versions[0])
        async for page in self._pages.of(run, found):
            yield page
        if found.failure is not None:
            raise found.failure
        run.place.own = max(run.place.own, found.newest)

    async def _mentions(self, run: Run, back_ms: int) -> AsyncIterator[Page]:
        since = _since(run.place.mentions, back_ms)
        found = await gather(
            self._session,
            self._people,
            Listing(
                names.mentions_of(self._session.me.id),
                {**names.POSTS, "since_id": since},
                ceiling="mentions",
                price=OWN_READ,
            ),
        )
        run.notice = NOT_SHOWN if found.is_closed else ""
        if len(found.raws) >= LISTED and found.failure is None:
            await self._search_on(found, since)
        async for page in self._pages.of(run, found, moves="mentions"):
            self._point_at(page)
            yield page
        if found.failure is not None:
            raise found.failure
        # What a stream or a search brought first is no news here, and the place goes on all the same.
        run.place.mentions = max(run.place.mentions, found.newest)

    async def _search_on(self, found: Found, since: str) -> None:
        """After a long gap: what is older than the list of mentions goes back, by a search."""
        query = {
            **names.POSTS,
            "query": names.mention_query(self._session.me.username),
            "since_id": str(max(int(since), id_at(self._now() - SEARCHED_MS))),
            "until_id": str(found.oldest),
        }
        if int(query["since_id"]) >= found.oldest:
            return
        more = await gather(
            self._session, self._people, Listing(names.SEARCH, query, ceiling="searches", price=POST)
        )
        found.raws += more.raws
        found.media |= more.media
        found.complaints += more.complaints
        found.failure = more.failure

    async def _conversations(self, run: Run) -> AsyncIterator[Page]:
        """Replies deep in our conversations, and quotes: nobody tells of them, so they are searched for."""
        due = self._rounds.due(TOGETHER)
        border = self._now() - SEARCHED_MS
        for root in [one for one in due if (time_of(one) or 0) < border]:
            self._rounds.drop(root)
            run.place.threads.pop(root, None)
            due.remove(root)
        if not due:
            return
        # What was said below an old post before it was ever searched would cost more than it is worth.
        begun = id_at(self._now() - FIRST_LOOK_MS)
        places = [run.place.threads.get(root, max(number(root), begun)) for root in due]
        since = max(min(places) - span(DEEP_OVERLAP_MS), id_at(border))
        query = {
            **names.POSTS,
            "query": names.conversation_query(due, self._session.me.username),
            "since_id": str(since),
        }
        try:
            found = await gather(
                self._session, self._people, Listing(names.SEARCH, query, ceiling="searches", price=POST)
            )
        except SlowDown as failure:
            self._rest(run, "searches", failure)
            return
        fresh = {_root_of(raw) for raw in found.raws if version_of(raw) not in run.seen}
        async for page in self._pages.of(run, found):
            yield page
        if found.failure is not None:
            raise found.failure
        looked = id_at(self._now() - DEEP_OVERLAP_MS)
        for root, place in zip(due, places, strict=True):
            run.place.threads[root] = max(place, found.newest, looked)
            self._rounds.looked(root, found_new=root in fresh)

    async def _messages(self, run: Run) -> AsyncIterator[Page]:
        try:
            found = await gather(
                self._session,
                self._people,
                Listing(
                    names.DIRECT,
                    names.MESSAGES,
                    ceiling="private messages",
                    price=MESSAGE,
                    most=MOST_MESSAGES,
                    most_pages=MESSAGE_PAGES if run.place.messages else 1,
                    stop_at=run.place.messages,
                ),
            )
        except SlowDown as failure:
            self._rest(run, "private messages", failure)
            return
        async for page in self._pages.of(run, found, moves="messages", is_private=True):
            yield page
        if found.failure is None:
            run.place.messages = max(run.place.messages, found.newest)

    async def _looked_again(self, run: Run) -> AsyncIterator[Page]:
        try:
            gone, newer = await self._recheck.look()
        except SlowDown as failure:
            self._rest(run, "posts looked up", failure)
            return
        if gone:
            yield Page((), run.cursor, gone)
        if newer:
            query = {**names.POSTS, "ids": ",".join(newer)}
            page = await self._session.ask(names.POSTS_BY_ID, query, ceiling="posts looked up")
            await self._people.take(page.includes)
            await self._session.money.pay(newer, POST)
            edited = Found([bytes(raw) for raw in page.data or ()], media_in(page.includes))
            async for one in self._pages.of(run, edited):
                yield one

    # a stream beside them -------------------------------------------------------------------------

    async def _until_next(self, run: Run, feed: Feed) -> AsyncIterator[Page]:
        """What the stream brings until the next round is due."""
        rest = asyncio.ensure_future(self._context.wait(rest=REST_S, incident=INCIDENT_S))
        some: asyncio.Task[list[Heard]] | None = None
        was_live = feed.is_live
        try:
            while not (rest.done() or (feed.has_gap and not was_live)):
                some = some or asyncio.ensure_future(feed.some())
                await asyncio.wait({rest, some}, return_when=asyncio.FIRST_COMPLETED)
                feed.raise_fault()
                if some.done():
                    heard, some = some.result(), None
                    async for page in self._heard(run, heard):
                        yield page
            if rest.done():
                rest.result()
        finally:
            for task in (rest, some):
                if task is not None:
                    task.cancel()
                    with suppress(asyncio.CancelledError):
                        await task

    async def _heard(self, run: Run, heard: Sequence[Heard]) -> AsyncIterator[Page]:
        gone = [self._recheck.first_of(one.deleted) for one in heard if one.deleted]
        sights = [Sight(RemoteId(one), ItemState.DELETED) for one in gone]
        if sights:
            yield Page((), run.cursor, sights)
        for is_private, price in ((False, POST), (True, MESSAGE)):
            some = [one for one in heard if not one.deleted and one.is_message is is_private]
            if not some:
                continue
            found = Found([one.raw for one in some])
            for one in some:
                await self._people.take(one.includes)
                found.media |= media_in(one.includes)
            posts = [post for raw in found.raws if (post := post_in(raw)) is not None]
            await self._session.money.pay([post.id for post in posts], price)
            await self._people.meet(post.author_id for post in posts)
            async for page in self._pages.of(run, found, is_private=is_private):
                self._point_at(page)
                yield page
        # A stream cannot be asked for less: with the money at its end it is closed.
        self._session.money.check(POST + USER)

    # small parts ----------------------------------------------------------------------------------

    def _may(self, run: Run, ceiling: str) -> bool:
        return run.resting.get(ceiling, 0) <= self._now()

    def _point_at(self, page: Page) -> None:
        """A reply in a conversation of ours points to more below it."""
        for arrival in page.arrivals:
            if arrival.thread and not arrival.is_ours and read_note(arrival.note).is_below_us:
                self._rounds.soon(arrival.thread)

    def _rest(self, run: Run, ceiling: str, failure: SlowDown) -> None:
        """Leaves a list of lesser weight alone for a while; when the money is gone, everything."""
        self._session.money.check(OWN_READ + USER)
        run.resting[ceiling] = failure.until

    def _news(self, run: Run, feed: Feed | None) -> str:
        """What is wrong though pages come; empty when all is well."""
        return run.notice or (feed.words if feed is not None else "")


def _since(place: int, back_ms: int) -> str:
    return str(max(1, place - span(back_ms)))


def _root_of(raw: bytes) -> str:
    """The post whose conversation it is in, or that it quotes."""
    post = post_in(raw)
    return (post.refers_to("quoted") or post.conversation_id) if post is not None else ""
