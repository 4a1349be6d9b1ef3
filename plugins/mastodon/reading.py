"""What arrived: the list of notifications, the live stream, and the threads below our own posts.

The live stream brings things at once. The list is read when a stream begins, when the live stream has opened,
and every minute; only the list moves the stored place on, so what the live stream lost is never passed over.
Threads of our own posts are looked at in turn for what neither shows: answers to answers that do not mention
the account, and changes of what is known.

What a newcomer would get wrong: the numbers of notifications are given out before they can be seen, so one
may come to light after another with a higher number. The place therefore lags one reading behind.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence

import msgspec

from console.api import Arrival, Context, ItemState, Page, RemoteId, Sight
from console.api.entries import UnreadableError
from console.api.rounds import Rounds
from console.api.web import Event, milliseconds
from plugins.mastodon.live import Live
from plugins.mastodon.mapping import KINDS, age_of, concerns, newest, notification_of, post_of
from plugins.mastodon.run import Place, Run, read_place
from plugins.mastodon.session import Session
from plugins.mastodon.threads import Threads
from plugins.mastodon.walking import Walks
from plugins.mastodon.wire import is_there

MINUTE_MS = 60_000
DAY_MS = 24 * 60 * MINUTE_MS
FIRST_LOOK_MS = DAY_MS
"""How far back a new account is read."""
POLL_MS = MINUTE_MS
"""How often the list is read while the live stream is open."""
UNHEARD_MS, UNHEARD_INCIDENT_MS = 30_000, 10_000
"""How often it is read while there is none."""
REST_S, INCIDENT_S = 15.0, 3.0
PAGE = 80
"""Entries of one request; https://docs.joinmastodon.org/methods/notifications/#get"""
MOST_PAGES = 500
_LIST = "/api/v1/notifications"


class Reading:
    """Reads for one account."""

    def __init__(self, session: Session, threads: Threads, context: Context) -> None:
        """`context` gives the time and the pace."""
        self._session = session
        self._threads = threads
        self._now = context.now
        self._wait = context.wait
        self._is_incident = context.is_incident

    async def stream(self, cursor: str | None) -> AsyncIterator[Page]:
        """Yields what arrived since `cursor`, oldest first, for ever. Raises a `Failure`."""
        place = read_place(cursor)
        place_now = place or Place(since=self._now() - FIRST_LOOK_MS)
        run = Run(self._session, self._threads, place_now)
        if cursor is not None and place is None:
            yield Page(
                complaints=("The last place in the stream cannot be read; the last day is read again.",)
            )
        walks = Walks(self._session, self._threads, self._rounds(), self._now, self._is_incident)
        async with Live(self._session, self._wait) as live:
            for number in itertools.count():
                was_deaf = live.must_read()
                if was_deaf:
                    walks.list_own()
                if was_deaf or number == 0 or self._now() >= run.read_at:
                    async for page in self._notified(run, walks):
                        yield page
                    run.read_at = self._now() + self._pace(live)
                yield await self._heard(run, walks, live)
                async for page in walks.take_turns(run):
                    yield page
                await self._pause(live)

    def _rounds(self) -> Rounds:
        return Rounds(self._now, self._is_incident, busy_s=60, quiet_s=1800, incident_quiet_s=90, most=300)

    def _pace(self, live: Live) -> int:
        if live.is_up:
            return POLL_MS
        return UNHEARD_INCIDENT_MS if self._is_incident() else UNHEARD_MS

    # --- Notifications --------------------------------------------------------------------------

    async def _notified(self, run: Run, walks: Walks) -> AsyncIterator[Page]:
        """Everything in the list since the place, oldest first."""
        goal = run.until
        async for raws in self._pages(run):
            ids: list[str] = []
            taken: dict[str, Arrival] = {}
            for raw in raws:
                try:
                    told = notification_of(raw)
                    ids.append(told.id)
                    if told.type not in KINDS or not is_there(told.status):
                        continue
                    arrival = await run.arrival(bytes(told.status), told.type)
                except UnreadableError as problem:
                    run.broken.add(raw, problem)
                    continue
                if arrival is not None:
                    taken.setdefault(arrival.remote_id, arrival)
            arrivals = sorted(taken.values(), key=lambda one: (one.created_at, age_of(one.remote_id)))
            run.add(arrivals)
            walks.point_to(arrivals)
            if run.until:
                run.place = Place(run.until)
            run.until = newest([run.until, *ids])
            yield Page(arrivals, run.cursor, complaints=run.broken.take())
        if goal:
            run.place = Place(newest([run.place.mark, goal]))

    async def _pages(self, run: Run) -> AsyncIterator[list[bytes]]:
        """The pages of the list after the place, the oldest first."""
        mark = run.place.mark
        if not mark:
            async for page in self._back_to(run.place.since):
                yield page
            return
        for _ in range(MOST_PAGES):
            page = await self._page({"min_id": mark})
            ids = [mark, *_ids(page)]
            if newest(ids) == mark:
                return
            mark = newest(ids)
            yield page

    async def _back_to(self, since: int) -> AsyncIterator[list[bytes]]:
        """The pages of the list back to a moment, the oldest first; for an account that has no place yet."""
        pages: list[list[bytes]] = []
        oldest = ""
        while len(pages) < MOST_PAGES:
            page = await self._page({"max_id": oldest} if oldest else {})
            ids = [one for one in _ids(page) if not oldest or age_of(one) < age_of(oldest)]
            if not ids:
                break
            oldest = min(ids, key=age_of)
            pages.append(page)
            if min(_times(page), default=since) < since:
                break
        for page in reversed(pages):
            yield page

    async def _page(self, query: dict[str, str]) -> list[bytes]:
        told = {"types[]": list(KINDS), "limit": PAGE, "include_filtered": True, **query}
        return [bytes(raw) for raw in await self._session.ask(_LIST, list[msgspec.Raw], query=told)]

    # --- The live stream ------------------------------------------------------------------------

    async def _heard(self, run: Run, walks: Walks, live: Live) -> Page:
        """What the live stream brought since it was last asked; empty when that was nothing."""
        arrivals: dict[str, Arrival] = {}
        sights: list[Sight] = []
        complaints: list[str] = []
        for event in live.take():
            if event.name == "delete":
                sights.append(Sight(RemoteId(event.data.strip()), ItemState.DELETED))
                continue
            try:
                arrival = await self._event(run, event)
            except UnreadableError as problem:
                complaints.append(f"1 left out of the live stream: {problem}")
                continue
            if arrival is not None:
                arrivals[arrival.remote_id] = arrival
        taken = list(arrivals.values())
        run.add(taken)
        walks.point_to(taken)
        return Page(taken, run.cursor, sights, tuple(complaints), self._notice(run, live))

    async def _event(self, run: Run, event: Event) -> Arrival | None:
        raw = event.data.encode()
        if event.name == "notification":
            told = notification_of(raw)
            if told.type not in KINDS or not is_there(told.status):
                return None
            return await run.arrival(bytes(told.status), told.type)
        if event.name not in {"update", "status.update"}:
            return None
        post = post_of(raw)
        if is_there(post.reblog):
            return None
        is_for_us = post.id in run.seen or concerns(post, self._session.me, self._threads.guess(post))
        return await run.arrival(raw, post=post) if is_for_us else None

    def _notice(self, run: Run, live: Live) -> str | None:
        """What a person should know of the live stream, when that is news."""
        words = ""
        if live.trouble:
            words = f"The server's live stream cannot be used, so new things come later: {live.trouble}"
        if words == run.notice:
            return None
        run.notice = words
        return words

    async def _pause(self, live: Live) -> None:
        """Waits at the console's pace, or until the live stream brings something."""
        pace = asyncio.ensure_future(self._wait(rest=REST_S, incident=INCIDENT_S))
        news = asyncio.ensure_future(live.news.wait())
        try:
            await asyncio.wait({pace, news}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ended = pace.done()
            pace.cancel()
            news.cancel()
            await asyncio.gather(pace, news, return_exceptions=True)
        if ended:
            pace.result()


def _ids(page: Sequence[bytes]) -> list[str]:
    found: list[str] = []
    for raw in page:
        try:
            found.append(notification_of(raw).id)
        except UnreadableError:
            continue
    return found


class _When(msgspec.Struct, frozen=True):
    created_at: str = ""


def _times(page: Sequence[bytes]) -> list[int]:
    """When the notifications of a page came, as far as they say it."""
    found: list[int] = []
    for raw in page:
        try:
            at = milliseconds(msgspec.json.decode(raw, type=_When).created_at)
        except msgspec.DecodeError:
            continue
        if at is not None:
            found.append(at)
    return found
