"""What arrived: new threads every round, the queue every fourth, old threads in turn, and live chats at once.

The first page of the listing costs one unit and shows the hundred newest threads, so it also tells what is
missing from it. Replies to old threads do not bring those back to it; fifty of them are looked at for one
unit, the busy ones often and the quiet ones seldom.

What a newcomer would get wrong: a comment that is no longer listed is not gone. It may be in the queue, or
only have slid off the page; so each is looked for before anything is said of it.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from console.api import Arrival, Gone, ItemState, NotAllowed, Page, RemoteId, Sight
from console.api.connector import Wait
from console.api.entries import first_words
from console.api.rounds import Rounds
from plugins.youtube.chats import Chats, Part
from plugins.youtube.mapping import Heard
from plugins.youtube.memory import DAY_MS, MINUTE_MS, OVERLAP_MS, Memory, Own, read_place
from plugins.youtube.session import Session
from plugins.youtube.threads import AT_ONCE, Found, Threads, chunks
from plugins.youtube.whereabouts import whereabouts

REST_S = 45.0
INCIDENT_S = 10.0
QUEUE_EVERY = 4
"""Rounds between two readings of the queue: three minutes at rest, forty seconds in an incident."""
SWEEP_EVERY = 4
BROADCASTS_EVERY = 4
SCARCE = ((0.1, 8.0), (0.25, 3.0))
"""Below these parts of the day's units, reading is so many times slower: acts need units too."""
STILL_HERE_S = 30.0
"""A round that takes longer says in between that it goes on."""
FIRST_PAGES = 5
"""Pages of threads that a new stream reads at the least, to know the older threads."""
MOST_PAGES = 100
NEAR_MS = 2 * MINUTE_MS
FAR_MS = 30 * MINUTE_MS
CHUNK = 200
PATIENT_LOOKS = 3
"""Looks at a missing comment that tell nothing, before its state is said to be unknown."""


@dataclass(slots=True)
class _Round:
    """What one round has found, before it is handed over."""

    fresh: dict[str, Heard] = field(default_factory=dict)
    sights: dict[str, ItemState] = field(default_factory=dict)


class Reading:
    """Reads for one channel."""

    def __init__(
        self,
        session: Session,
        threads: Threads,
        own: Own,
        now: Callable[[], int],
        wait: Wait,
        is_incident: Callable[[], bool],
        share_left: Callable[[], float],
    ) -> None:
        """`own` is what the acts tell; `now` gives milliseconds since 1970; `wait` is the console's pace.

        `share_left` tells what part of the day's units is left for reading, from 0 to 1.
        """
        self._session = session
        self._threads = threads
        self._own = own
        self._now = now
        self._wait = wait
        self._is_incident = is_incident
        self._share_left = share_left
        self._titles: dict[str, str] = {}

    async def stream(self, cursor: str | None) -> AsyncIterator[Page]:
        """Yields what arrived since `cursor`, oldest first, for ever. Raises a `Failure`."""
        place = read_place(cursor)
        now = self._now()
        until = min(place.until, now) if place else now - DAY_MS
        memory = Memory(
            until=until,
            since=until - OVERLAP_MS if place else until,
            is_afresh=place is None,
            rounds=Rounds(
                self._now, self._is_incident, busy_s=120, quiet_s=6 * 3600, incident_quiet_s=600, most=1000
            ),
            counts=dict(place.counts) if place else {},
            chats=dict(place.chats) if place else {},
            stored_counts=dict(place.counts) if place else {},
            partial=set(place.counts) if place else set(),
        )
        if cursor is not None and place is None:
            yield Page(
                complaints=("The last place in the stream cannot be read; the last day is read again.",)
            )
        async with Chats(self._session, self._own, self._now, self._wait) as chats:
            chats.go_on_from(memory.chats)
            for number in itertools.count():
                async for page in self._round(memory, chats, number):
                    yield page
                slower = next((by for part, by in SCARCE if self._share_left() < part), 1.0)
                waiting = asyncio.ensure_future(
                    self._wait(rest=REST_S * slower, incident=INCIDENT_S * slower)
                )
                try:
                    while (part := await chats.next_part(waiting)) is not None:
                        yield _said_in_chat(memory, part)
                    await waiting
                finally:
                    await _stopped(waiting)

    # --- one round --------------------------------------------------------------------------------

    async def _round(self, memory: Memory, chats: Chats, number: int) -> AsyncIterator[Page]:
        """One round, handed over oldest first, so that a page's cursor leaves nothing behind it."""
        found = _Round()
        gathering = asyncio.ensure_future(self._gather(memory, chats, number, found))
        try:
            while not gathering.done():
                part = await chats.next_part(gathering, seconds=STILL_HERE_S)
                if part is not None:
                    yield _said_in_chat(memory, part)
                elif not gathering.done():
                    yield Page()
            await gathering
        finally:
            await _stopped(gathering)
        heard = sorted(found.fresh.values(), key=lambda one: one.arrival.created_at)
        placed = await self._placed(heard)
        complaints = self._threads.complaints.take()
        notice = chats.take_notice() if number % BROADCASTS_EVERY == 0 else None
        parts = list(chunks(placed, CHUNK)) or [[]]
        for some in parts[:-1]:
            memory.until = max(memory.until, min(some[-1].created_at, self._now()))
            yield Page(some, memory.cursor, complaints=complaints)
            complaints = ()
        if parts[-1]:
            memory.until = max(memory.until, min(parts[-1][-1].created_at, self._now()))
        memory.settle()
        sights = [Sight(RemoteId(one), state) for one, state in found.sights.items()]
        yield Page(parts[-1], memory.cursor, sights, complaints, notice)

    async def _gather(self, memory: Memory, chats: Chats, number: int, found: _Round) -> None:
        """Asks for everything that is this round's turn. Raises a `Failure`."""
        memory.number = number
        is_far = number % QUEUE_EVERY == 0
        await self._newest(memory, found, is_first=number == 0, is_far=is_far)
        if is_far:
            await self._queue(memory, found)
        if number % SWEEP_EVERY == SWEEP_EVERY - 1:
            await self._sweep(memory, found)
        await self._missing(memory, found, is_far=is_far)
        if number % BROADCASTS_EVERY == 0:
            await chats.refresh()

    async def _newest(self, memory: Memory, found: _Round, *, is_first: bool, is_far: bool) -> None:
        """The newest threads, page by page, down to what is known for sure."""
        back_to = memory.since if is_first else memory.until - (FAR_MS if is_far else NEAR_MS)
        token, passed, tops = "", set[str](), set[str]()
        lowest: int | None = None
        for number in range(MOST_PAGES):
            page = await self._threads.page("published", token)
            for one in page.found:
                await self._thread(memory, found, one)
                tops.add(one.top.top)
                memory.rounds.drop(one.top.top)
            created = [one.top.arrival.created_at for one in page.found]
            lowest = min([*created, *([] if lowest is None else [lowest])], default=None)
            token = page.token
            is_known = bool(created) and min(created) < back_to
            if not token or token in passed or (is_known and (not is_first or number + 1 >= FIRST_PAGES)):
                break
            passed.add(token)
        if not tops and memory.on_top:
            # Everything is gone at once: rather something is wrong with our own right to see it.
            await self._session.check()
        for top in memory.on_top - tops:
            known = memory.known.get(top)
            # At the end of the list nothing can have slid off it.
            if known is not None and (not token or lowest is None or known.created_at > lowest):
                memory.doubts[top] = top
            elif known is not None:
                memory.rounds.add(top)
        memory.on_top = tops

    async def _thread(self, memory: Memory, found: _Round, one: Found) -> bool:
        """Takes in one thread, all its replies where their number has changed; gives whether it moved."""
        top = one.top.top
        count: int | None = one.thread.snippet.total_reply_count
        was_known = top in memory.known
        moved = self._take(memory, found, one.top)
        before = memory.counts.get(top)
        replies: Sequence[Heard] = one.replies
        is_whole = one.is_whole
        if not is_whole:
            memory.partial.add(top)
            # On the very first look old quarrels are only counted: reading them all would cost the day.
            is_old = memory.is_afresh and not was_known and one.top.arrival.created_at < memory.since
            if before != count and not is_old and memory.may_read(top, one.thread.snippet.total_reply_count):
                try:
                    replies, is_whole = await self._threads.replies(one), True
                except Gone:
                    memory.doubts[top] = top
            if before != count and not is_old and not is_whole:
                count = before  # still to be read
        for reply in replies:
            moved = self._take(memory, found, reply, is_new=top in memory.whole) or moved
        if is_whole:
            memory.whole.add(top)
            present = {reply.arrival.remote_id for reply in replies}
            gone = [reply for reply in memory.public_below(top) if reply not in present]
            memory.doubts.update(dict.fromkeys(gone, top))
        if count is not None:
            memory.counts[top] = count
        return moved

    def _take(self, memory: Memory, found: _Round, heard: Heard, *, is_new: bool = False) -> bool:
        """Takes in one comment as it was listed; gives whether there was anything new in it.

        `is_new` is for one that is unknown in a place that was looked at before: news, however old it is.
        """
        one = heard.arrival
        known = memory.known.get(one.remote_id)
        memory.remember([heard])
        if known is None:
            if not (is_new or one.created_at >= memory.since):
                return False
            found.fresh[one.remote_id] = heard
            return True
        if heard.status and known.state is not one.state:
            if one.state is ItemState.HELD:
                found.sights[one.remote_id] = self._own.name_of(one.remote_id)
            else:
                found.sights[one.remote_id] = one.state
        elif not heard.status:
            memory.known[one.remote_id].state = known.state
        if known.is_edit(heard):
            found.fresh[one.remote_id] = heard
            return True
        return False

    async def _queue(self, memory: Memory, found: _Round) -> None:
        """What waits for a decision, all of it, however old; and what waits no longer."""
        queue = await self._threads.queue()
        for heard in queue.values():
            self._take(memory, found, heard, is_new=True)
        for one in memory.queued - queue.keys():
            known = memory.known.get(one)
            if known is not None and known.state is ItemState.HELD:
                memory.doubts[one] = known.top
        memory.queued = set(queue)

    async def _sweep(self, memory: Memory, found: _Round) -> None:
        """Old threads in turn: their new replies, and whether they are still there."""
        due = memory.rounds.due(AT_ONCE)
        if not due:
            return
        threads = await self._threads.by_ids(due)
        for top in due:
            one = threads.get(top)
            moved = await self._thread(memory, found, one) if one is not None else False
            if one is None or not one.top.status:
                memory.doubts[top] = top
            memory.rounds.looked(top, found_new=moved)

    async def _missing(self, memory: Memory, found: _Round, *, is_far: bool) -> None:
        """Looks for what was missing where it should be, and for what our own acts left in doubt."""
        own, self._own.doubts = self._own.doubts, {}
        memory.doubts.update(own)
        memory.doubts = {one: top for one, top in memory.doubts.items() if one in memory.known}
        # What a look did not clear up is looked at again only now and then.
        due = [one for one in memory.doubts if is_far or one not in memory.unclear][:AT_ONCE]
        if not due:
            return
        doubts = {one: memory.doubts[one] for one in due}
        for one, state in (await whereabouts(self._threads, doubts)).items():
            memory.doubts.pop(one, None)
            known = memory.known[one]
            was, known.state = known.state, self._named(memory, one, doubts[one], state, known.state)
            if known.state is ItemState.HELD and was is not ItemState.HELD:
                found.sights[one] = self._own.name_of(one)
            elif known.state is not was:
                found.sights[one] = known.state
            if known.state in {ItemState.GONE, ItemState.DELETED}:
                memory.forget(one)

    def _named(self, memory: Memory, one: str, top: str, state: ItemState, before: ItemState) -> ItemState:
        """What a look at a missing comment comes to; as before while it tells nothing."""
        if state is not ItemState.UNKNOWN:
            memory.unclear.pop(one, None)
            return state
        ours = self._own.states.get(one, ItemState.VISIBLE)
        if ours is not ItemState.VISIBLE:
            return ours
        memory.unclear[one] = memory.unclear.get(one, 0) + 1
        if memory.unclear[one] >= PATIENT_LOOKS:
            return ItemState.UNKNOWN
        memory.doubts[one] = top
        return before

    # --- small parts --------------------------------------------------------------------------------

    async def _placed(self, heard: Sequence[Heard]) -> list[Arrival]:
        """The arrivals, with the titles of the videos that they stand under."""
        await self._learn_titles({one.video for one in heard if one.video})
        return [
            replace(one.arrival, where=self._titles.get(one.video, "")) if one.video else one.arrival
            for one in heard
        ]

    async def _learn_titles(self, videos: Iterable[str]) -> None:
        wanted = sorted(set(videos) - self._titles.keys())
        if not wanted:
            return
        try:
            found = await self._threads.titles(wanted)
        except (NotAllowed, Gone):
            found = {}  # a title is a comfort; its comments must not wait for it
        for video in wanted:
            self._titles[video] = first_words(found.get(video, ""))


def _said_in_chat(memory: Memory, part: Part) -> Page:
    """What a chat has said, with the place behind it."""
    memory.chats = part.places(memory.chats)
    return Page(part.arrivals, memory.cursor, part.sights, part.complaints)


async def _stopped(task: "asyncio.Future[None]") -> None:
    """Ends a task that nobody waits for any more, and waits until it has let go."""
    task.cancel()
    await asyncio.wait({task})
    if not task.cancelled():
        task.exception()  # whoever waited for it has heard of it; nobody else needs to
