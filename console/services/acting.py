"""Acting: works the act queue, within ceilings, and believes only what it sees afterwards.

    take      due acts are moved to `sending`, durably, before anything leaves the machine
    send      the connector sends one order; each act moves by what the network answered (`sending.py`)
    look      the item is looked at; only then is an act `confirmed` (`looking.py`)
    again     what was hidden or deleted is looked at later too, in case it comes back (`later.py`)

An act that may have reached the network without our knowing (a time-out, a cut, a kill) is `uncertain`:
it is looked at before it is ever sent again, and where it cannot be looked at and repeating it could do
harm, it waits for a person.

One worker at a time serves one account, so a slow or failing network delays nobody else. It sends the acts on
the worst graded items first, and those on one item in the order in which they were asked for. What no ceiling
has room for is not taken at all, and waits without a word in the ledger.
"""

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable, Mapping, Sequence

from console.desk.protocol import Desk, Move
from console.domain.acts import Act, ActState, Verb
from console.domain.errors import CordonError
from console.domain.ids import AccountId
from console.services.ceilings import Ceilings
from console.services.clock import Clock, facts_of
from console.services.events import (
    AccountsChanged,
    ActsChanged,
    Announcement,
    Events,
    ItemsChanged,
    Trouble,
)
from console.services.later import Later
from console.services.lines import Lines
from console.services.looking import Looking, waits_until
from console.services.posts import Post
from console.services.sending import Sending, orders
from console.store.database import Database

log = logging.getLogger(__name__)

WHO = "cordon"
STOP_LIMIT_S = 5.0
"""How long orders on their way may take when the program stops; then they are left to be looked at."""
GRACE_S = 2.0
"""After a start, acts that were on their way are looked at only after this time: what left the machine
before it stopped may still be arriving."""
_TURN_MS = 250
"""How soon acts are asked for again that wait for earlier ones on the same item."""
_ALL = 1_000_000
_NO_QUEUE = (
    "The queue of acts cannot be read; it is tried again. Nothing is lost, and nothing sent meanwhile."
)
_STOPPED = "Acts on one account stopped for a moment and will be tried again. Nothing is lost."
_CLOCK = (
    "This computer's clock was set back by {minutes} min. Until it is right again, nothing is sent that "
    "cannot be taken back, and what waits for a time waits longer. Nothing is lost; set the clock right."
)
BEHIND_MS = 2_000
"""A clock that was set back by more than this is not trusted with acts that have no way back."""
SAID_AGAIN_S = 60.0
"""The same trouble is said again only after this time."""
_TO_SEND = frozenset({ActState.HELD, ActState.QUEUED})
_FOR_PEOPLE = frozenset({ActState.AWAITING_APPROVAL, ActState.DRAFTED})


class Acting:
    """Works the queue for every account that has a line."""

    def __init__(
        self,
        *,
        desk: Desk,
        db: Database,
        events: Events,
        clock: Clock,
        ceilings: Ceilings,
        lines: Lines,
        grace_s: float = GRACE_S,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """`chance` gives numbers between 0 and 1, for the jitter of waits after failures."""
        self._desk = desk
        self._events = events
        self._clock = clock
        self._ceilings = ceilings
        self._lines = lines
        self._grace_s = grace_s
        self._chance = chance
        self._posts: dict[AccountId, Post] = {}
        self._woken = asyncio.Event()
        self._idle = asyncio.Event()
        self._dispatcher: asyncio.Task[None] | None = None
        self._looker: asyncio.Task[None] | None = None
        self._stop_listening: Callable[[], None] | None = None
        self._dated_until = 0
        """When the newest act was asked for that was there at the start."""
        self._said_until: dict[str, float] = {}
        self._sending = Sending(desk=desk, clock=clock, ceilings=ceilings, lines=lines, step=self._move)
        self._looking = Looking(
            desk=desk, db=db, clock=clock, ceilings=ceilings, lines=lines, step=self._move
        )
        self._later = Later(
            desk=desk,
            clock=clock,
            events=events,
            lines=lines,
            step=self._move,
            look=self._looking.later,
            is_busy=lambda account_id: self._post(account_id).task is not None,
        )

    def _post(self, account_id: AccountId) -> Post:
        return self._posts.setdefault(account_id, Post(self._chance))

    async def start(self) -> None:
        """Marks what was on its way when the program stopped, then works until `stop`."""
        newest = await self._desk.newest_acts(None, 1)
        self._dated_until = max((act.requested_at for act in newest), default=0)
        left = await self._desk.acts_in([ActState.SENDING], None, _ALL)
        if left:
            await self._move(
                [
                    Move(act.id, ActState.UNCERTAIN, error="Cordon stopped while this was being sent.")
                    for act in left
                ]
            )
            first_look = self._clock.monotonic() + self._grace_s
            for act in left:
                self._post(act.account_id).not_before = first_look
        self._stop_listening = self._events.listen(self._heard)
        self._dispatcher = asyncio.create_task(self._dispatch(), name="acting: dispatcher")
        self._looker = asyncio.create_task(self._later.work(), name="acting: later looks")

    async def stop(self) -> None:
        """Ends after the orders that are on their way, or leaves them `sending` to be looked at later."""
        if self._stop_listening is not None:
            self._stop_listening()
            self._stop_listening = None
        for task in (self._dispatcher, self._looker):
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
        self._dispatcher = self._looker = None
        tasks = [post.task for post in self._posts.values() if post.task is not None]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=STOP_LIMIT_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def wake(self) -> None:
        """Says that there may be something new to do."""
        for post in self._posts.values():
            post.full_until = 0.0
            post.wakes += 1
        self._woken.set()
        self._later.wake()  # where no account was linked, it waits for this

    def _heard(self, announcement: Announcement) -> None:
        # An account whose link is back has a line again, and perhaps acts that were asked for meanwhile.
        if isinstance(announcement, AccountsChanged):
            self.wake()
        if isinstance(announcement, ItemsChanged):
            self._later.wake()  # somebody may have seen what was hidden

    async def drain(self) -> None:
        """Waits until nothing is open that this seat could work on now."""
        while True:
            self._idle.clear()
            self.wake()
            await self._idle.wait()
            if not await self._workable():
                return

    async def _workable(self) -> bool:
        """Whether an open act waits for work, not for a person or for a line that is down."""
        open_accounts = set(self._lines.open_accounts())
        for waiting in await self._desk.waiting():
            post = self._post(waiting.account_id)
            if waiting.account_id not in open_accounts or waiting.state in _FOR_PEOPLE:
                continue
            if waiting.state is ActState.UNCERTAIN and waiting.count <= len(post.for_a_person):
                continue
            return True
        return False

    # the dispatcher ------------------------------------------------------------------------------

    async def _dispatch(self) -> None:
        failures = 0
        while True:
            self._woken.clear()
            try:
                pause = await self._send_out()
            except Exception as problem:  # whatever it was, acts that wait must be sent some time
                log.exception("the queue could not be looked at")
                if not failures:
                    words = problem.message if isinstance(problem, CordonError) else ""
                    self._say_trouble(f"{words} {_NO_QUEUE}".strip())
                pause = float(min(60, 2**failures))
                failures = min(failures + 1, 6)
            else:
                failures = 0
            self._mind_clock()
            if pause is None and not any(post.task for post in self._posts.values()):
                self._idle.set()
            await self._rest(pause)

    async def _rest(self, pause: float | None) -> None:
        """Waits until it is woken, or until `pause` seconds have gone by."""
        if pause is None:
            await self._woken.wait()
            return
        ways = [
            asyncio.ensure_future(self._woken.wait()),
            asyncio.ensure_future(self._clock.sleep(pause)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()

    async def _send_out(self) -> float | None:
        """Starts a worker for each account with work; gives the seconds until there may be more work."""
        now, mono = self._clock.now(), self._clock.monotonic()
        open_accounts = set(self._lines.open_accounts())
        pause: float | None = None
        queue = await self._desk.waiting()
        self._ceilings.set_acting(part.account_id for part in queue if part.state in _TO_SEND)
        for waiting in queue:
            if waiting.account_id not in open_accounts or waiting.state in _FOR_PEOPLE:
                continue
            post = self._post(waiting.account_id)
            if waiting.state is ActState.UNCERTAIN and waiting.count <= len(post.for_a_person):
                continue
            wait = max(post.not_before - mono, 0.0)
            if waiting.state in _TO_SEND:
                wait = max(wait, (waiting.due_at - now) / 1000, post.full_until - mono)
            elif waiting.state in {ActState.ACCEPTED, ActState.UNCERTAIN}:
                until = waits_until(post, waiting.state, waiting.count)
                wait = wait if until is None else max(wait, until - mono)
            if post.task is None and wait <= 0:
                self._start(waiting.account_id, post)
            elif wait > 0:
                pause = wait if pause is None else min(pause, wait)
        return pause

    def _start(self, account_id: AccountId, post: Post) -> None:
        post.task = asyncio.create_task(self._work(account_id), name=f"acting: account {account_id}")

        def ended(task: asyncio.Task[None]) -> None:
            post.task = None
            if not task.cancelled() and (problem := task.exception()) is not None:
                post.not_before = self._clock.monotonic() + post.backoff()
                log.error("the act worker of account %s failed", account_id, exc_info=problem)
                words = problem.message if isinstance(problem, CordonError) else _STOPPED
                self._say_trouble(words)
            self._woken.set()

        post.task.add_done_callback(ended)

    # one account -----------------------------------------------------------------------------------

    async def _work(self, account_id: AccountId) -> None:
        """Does what is due on one account now: looks first, then sends, then looks at what was sent."""
        line = self._lines.line(account_id)
        if line is None:
            return
        post = self._post(account_id)
        left = await self._desk.acts_in([ActState.SENDING], [account_id], line.manifest.batch)
        await self._move(
            [Move(act.id, ActState.UNCERTAIN, error="It was cut off while being sent.") for act in left]
        )
        if not await self._looking.settle_uncertain(account_id, line, post):
            return
        if not await self._looking.look_at_accepted(account_id, line, post):
            return
        now = self._clock.now()
        resting = self._ceilings.resting_until(account_id, now)
        if resting is not None:
            post.not_before = self._clock.monotonic() + (resting - now) / 1000
            return
        room, wakes = self._ceilings.rooms(account_id, now), post.wakes
        taken = await self._desk.take(
            [account_id], now, line.manifest.batch, room, reversible_only=self._behind_ms() > BEHIND_MS
        )
        if not taken:
            until = await self._room_again(account_id, post, room)
            if post.wakes == wakes:  # else something was asked for meanwhile, and is looked at first
                post.full_until = until
            return
        self._say(taken)
        items = {item.id: item for item in await self._looking.items(taken)}
        left_over = orders(await self._sending.ready(taken, items))
        goes_on = True
        while left_over and goes_on:
            took, goes_on = await self._sending.send(account_id, line, post, left_over.pop(0), items)
            if took and goes_on:
                post.retries = 0
                await self._looking.look_at_accepted(account_id, line, post)
        # these were taken, but nothing of them has left the machine
        now = self._clock.now()
        await self._move([Move(act.id, ActState.QUEUED, due_at=now) for order in left_over for act in order])

    async def _room_again(self, account_id: AccountId, post: Post, room: Mapping[Verb, int]) -> float:
        """When there may be something to take again; by the monotonic clock."""
        now = self._clock.now()
        moments = [self._ceilings.room_at(account_id, verb, now) for verb, items in room.items() if not items]
        if post.looks or post.doubts or not moments:
            moments.append(now + _TURN_MS)  # what is due and was not taken may wait for another on its item
        due_at = await self._desk.next_due(account_id, now)
        moments += [due_at] if due_at is not None else []
        return self._clock.monotonic() + max(1, min(moments) - now) / 1000

    # troubles ----------------------------------------------------------------------------------------

    def _behind_ms(self) -> int:
        """By how much the clock was set back, since the program started or since it ran the last time."""
        return max(facts_of(self._clock).behind_ms, self._dated_until - self._clock.now())

    def _mind_clock(self) -> None:
        """Says when the clock was set back."""
        behind = self._behind_ms()
        if behind > BEHIND_MS:
            self._say_trouble(_CLOCK.format(minutes=max(1, round(behind / 60_000))), _CLOCK)

    def _say_trouble(self, words: str, kind: str = "") -> None:
        """Announces what a person must know, unless the same was said a moment ago."""
        now, key = self._clock.monotonic(), kind or words
        if now >= self._said_until.get(key, now):
            self._said_until[key] = now + SAID_AGAIN_S
            self._events.announce(Trouble(words))

    # small parts -------------------------------------------------------------------------------------

    async def _move(self, moves: Sequence[Move]) -> list[Act]:
        if not moves:
            return []
        moved = await self._desk.move(moves, WHO, self._clock.now())
        self._say(moved)
        if any(act.state is ActState.CONFIRMED for act in moved):
            self._later.wake()
        return moved

    def _say(self, acts: Sequence[Act]) -> None:
        if acts:
            self._events.announce(ItemsChanged(tuple(act.item_id for act in acts)))
            self._events.announce(ActsChanged(tuple(act.id for act in acts)))
