"""Acting: works the act queue, within ceilings, and believes only what it sees afterwards.

    take      due acts are moved to `sending`, durably, before anything leaves the machine
    send      the connector sends one order; each act moves by what the network answered
    look      the item is looked at; only then is an act `confirmed`

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
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from console.api import (
    Answer,
    Connector,
    Failure,
    Gone,
    Manifest,
    NotAllowed,
    Order,
    RemoteId,
    Sight,
    SlowDown,
    Target,
)
from console.desk.protocol import Desk, Move
from console.domain.acts import INVERSE, OPEN, Act, ActState, Verb
from console.domain.ids import AccountId, ActId, ItemId
from console.domain.items import Item, ItemState
from console.services.allowances import for_an_act
from console.services.ceilings import Ceilings
from console.services.clock import Clock
from console.services.events import (
    AccountsChanged,
    ActsChanged,
    Announcement,
    Events,
    ItemsChanged,
    Trouble,
)
from console.services.planning import load_of
from console.store import items as stored
from console.store.database import Database

log = logging.getLogger(__name__)

WHO = "cordon"
SEND_LIMIT_S = 60.0
"""How long a network may take over one order before it counts as a time-out."""
STOP_LIMIT_S = 5.0
"""How long orders on their way may take when the program stops; then they are left to be looked at."""
GRACE_S = 2.0
"""After a start, acts that were on their way are looked at only after this time: what left the machine
before it stopped may still be arriving."""
LOOKS_S = (0.0, 0.5, 1.5, 4.0, 10.0)
"""When to look after a network has taken an act: at once, then again, for networks that show late."""
TRIES = 4
"""How often an act is sent again that a look showed was not done."""
AT_ONCE = 1_000
"""How many accepted acts of one account are looked after at a time; the others wait for their turn."""
_ALL = 1_000_000
_NO_QUEUE = (
    "The queue of acts cannot be read; it is tried again. Nothing is lost, and nothing sent meanwhile."
)
_SAFE_TO_REPEAT = frozenset(INVERSE) | {Verb.DELETE}
"""Verbs that have the same effect when done twice."""
_TO_SEND = frozenset({ActState.HELD, ActState.QUEUED})
_DONE = frozenset({ActState.CONFIRMED, ActState.UNVERIFIABLE, ActState.REAPPEARED})


@dataclass(frozen=True, slots=True)
class Line:
    """An account that is signed in and can act."""

    connector: Connector
    manifest: Manifest


class Lines(Protocol):
    """Where the worker finds the accounts that can act now."""

    def line(self, account_id: AccountId) -> Line | None:
        """The line of an account, or None while it is not signed in or has no link."""

    def open_accounts(self) -> Sequence[AccountId]:
        """The accounts that have a line now."""

    def report(self, account_id: AccountId, failure: Failure) -> None:
        """Tells the account's keeper of a failure that is not about one item: sign-in, link."""


@dataclass(slots=True)
class _Looks:
    """How often an accepted act was looked at, and when it is to be looked at next."""

    count: int = 0
    next_at: float = 0.0


@dataclass(slots=True)
class _Post:
    """The worker's memory of one account; all of it may be lost without harm."""

    task: asyncio.Task[None] | None = None
    retries: int = 0
    not_before: float = 0.0
    full_until: float = 0.0
    """Until when no ceiling has room for what waits; forgotten as soon as there is something new."""
    wakes: int = 0
    """How often there was something new."""
    looks: dict[ActId, _Looks] = field(default_factory=dict)
    for_a_person: set[ActId] = field(default_factory=set)


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
    ) -> None:
        self._desk = desk
        self._db = db
        self._events = events
        self._clock = clock
        self._ceilings = ceilings
        self._lines = lines
        self._grace_s = grace_s
        self._posts: defaultdict[AccountId, _Post] = defaultdict(_Post)
        self._woken = asyncio.Event()
        self._idle = asyncio.Event()
        self._dispatcher: asyncio.Task[None] | None = None
        self._stop_listening: Callable[[], None] | None = None

    async def start(self) -> None:
        """Marks what was on its way when the program stopped, then works until `stop`."""
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
                self._posts[act.account_id].not_before = first_look
        self._stop_listening = self._events.listen(self._heard)
        self._dispatcher = asyncio.create_task(self._dispatch(), name="acting: dispatcher")

    async def stop(self) -> None:
        """Ends after the orders that are on their way, or leaves them `sending` to be looked at later."""
        if self._stop_listening is not None:
            self._stop_listening()
            self._stop_listening = None
        if self._dispatcher is not None:
            self._dispatcher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._dispatcher
            self._dispatcher = None
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

    def _heard(self, announcement: Announcement) -> None:
        # An account whose link is back has a line again, and perhaps acts that were asked for meanwhile.
        if isinstance(announcement, AccountsChanged):
            self.wake()

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
            post = self._posts[waiting.account_id]
            if waiting.account_id not in open_accounts or waiting.state is ActState.AWAITING_APPROVAL:
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
            except Exception:  # whatever it was, acts that wait must be sent some time
                log.exception("the queue could not be looked at")
                if not failures:
                    self._events.announce(Trouble(_NO_QUEUE))
                pause = float(min(60, 2**failures))
                failures = min(failures + 1, 6)
            else:
                failures = 0
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
            if waiting.account_id not in open_accounts or waiting.state is ActState.AWAITING_APPROVAL:
                continue
            post = self._posts[waiting.account_id]
            if waiting.state is ActState.UNCERTAIN and waiting.count <= len(post.for_a_person):
                continue
            wait = max(post.not_before - mono, 0.0)
            if waiting.state in _TO_SEND:
                wait = max(wait, (waiting.due_at - now) / 1000, post.full_until - mono)
            elif waiting.state is ActState.ACCEPTED and len(post.looks) >= min(waiting.count, AT_ONCE):
                wait = max(wait, min(look.next_at for look in post.looks.values()) - mono)
            if post.task is None and wait <= 0:
                self._start(waiting.account_id, post)
            elif wait > 0:
                pause = wait if pause is None else min(pause, wait)
        return pause

    def _start(self, account_id: AccountId, post: _Post) -> None:
        post.task = asyncio.create_task(self._work(account_id), name=f"acting: account {account_id}")

        def ended(task: asyncio.Task[None]) -> None:
            post.task = None
            if not task.cancelled() and (problem := task.exception()) is not None:
                post.not_before = self._clock.monotonic() + self._backoff(post)
                log.error("the act worker of account %s failed", account_id, exc_info=problem)
                self._events.announce(
                    Trouble(
                        "Acts on one account stopped for a moment and will be tried again. Nothing is lost."
                    )
                )
            self._woken.set()

        post.task.add_done_callback(ended)

    # one account -----------------------------------------------------------------------------------

    async def _work(self, account_id: AccountId) -> None:
        """Does what is due on one account now: looks first, then sends, then looks at what was sent."""
        line = self._lines.line(account_id)
        if line is None:
            return
        post = self._posts[account_id]
        left = await self._desk.acts_in([ActState.SENDING], [account_id], line.manifest.batch)
        await self._move(
            [Move(act.id, ActState.UNCERTAIN, error="It was cut off while being sent.") for act in left]
        )
        if not await self._settle_uncertain(account_id, line, post):
            return
        if not await self._look_at_accepted(account_id, line, post):
            return
        now = self._clock.now()
        resting = self._ceilings.resting_until(account_id, now)
        if resting is not None:
            post.not_before = self._clock.monotonic() + (resting - now) / 1000
            return
        room, wakes = self._ceilings.rooms(account_id, now), post.wakes
        taken = await self._desk.take([account_id], now, line.manifest.batch, room)
        if not taken:
            until = await self._room_again(account_id, room)
            if post.wakes == wakes:  # else something was asked for meanwhile, and is looked at first
                post.full_until = until
            return
        self._say(taken)
        items = {item.id: item for item in await self._items(taken)}
        ready = await self._in_order(taken, items)
        orders = _orders(ready)
        while orders:
            if not await self._send(account_id, line, post, orders.pop(0), items):
                break
        # these were taken, but nothing of them has left the machine
        now = self._clock.now()
        await self._move([Move(act.id, ActState.QUEUED, due_at=now) for order in orders for act in order])

    async def _room_again(self, account_id: AccountId, room: Mapping[Verb, int]) -> float:
        """When one more act fits, of the verbs without room, or another is due; by the monotonic clock."""
        now = self._clock.now()
        moments = [self._ceilings.room_at(account_id, verb, now) for verb, items in room.items() if not items]
        if not moments:
            return 0.0
        due_at = await self._desk.next_due(account_id, now)
        moments += [due_at] if due_at is not None else []
        return self._clock.monotonic() + max(1, min(moments) - now) / 1000

    async def _in_order(self, taken: Sequence[Act], items: dict[ItemId, Item]) -> list[Act]:
        """The taken acts that may go now; an undo waits until what it undoes is settled."""
        first = {
            act.id: act
            for act in await self._desk.acts([act.undo_of for act in taken if act.undo_of is not None])
        }
        ready: list[Act] = []
        back: list[Move] = []
        for act in taken:
            undone = first.get(act.undo_of) if act.undo_of is not None else None
            if act.item_id not in items:
                back.append(Move(act.id, ActState.REFUSED, error="The item is no longer in the cache."))
            elif undone is None or undone.state in _DONE:
                ready.append(act)
            elif undone.state in OPEN:
                back.append(Move(act.id, ActState.QUEUED, due_at=self._clock.now() + 500))
            else:
                back.append(
                    Move(
                        act.id,
                        ActState.REFUSED,
                        error=f"There is nothing to take back: it was {undone.state}.",
                    )
                )
        await self._move(back)
        return ready

    async def _send(
        self, account_id: AccountId, line: Line, post: _Post, acts: Sequence[Act], items: dict[ItemId, Item]
    ) -> bool:
        """Sends one order; gives whether the account may go on with the next."""
        verb, now = acts[0].verb, self._clock.now()
        fitting = self._fitting(account_id, verb, [items[act.item_id] for act in acts], now)
        if fitting < len(acts):
            due_at = max(self._ceilings.room_at(account_id, verb, now), now + 1000)
            words = "Waiting for the network's ceiling."
            await self._move(
                [Move(act.id, ActState.QUEUED, error=words, due_at=due_at) for act in acts[fitting:]]
            )
            acts = acts[:fitting]
        if not acts:
            return True
        self._ceilings.spend(account_id, verb, load_of([items[act.item_id] for act in acts]), now)
        targets = [target_of(items[act.item_id]) for act in acts]
        answers = await self._answers(line, verb, acts, targets)
        moved = await self._move(
            [self._after(act, answer, post) for act, answer in zip(acts, answers, strict=True)]
        )
        goes_on = self._heed(account_id, post, answers)
        accepted = [act for act in moved if act.state is ActState.ACCEPTED]
        for act in accepted:
            post.looks[act.id] = _Looks(next_at=self._clock.monotonic())
        if accepted and goes_on:
            post.retries = 0
            await self._look_at_accepted(account_id, line, post)
        return goes_on

    def _fitting(self, account_id: AccountId, verb: Verb, items: Sequence[Item], now: int) -> int:
        """How many of the items the ceilings allow now, from the first."""
        low, high = 0, len(items)
        while low < high:
            middle = (low + high + 1) // 2
            if self._ceilings.fits(account_id, verb, load_of(items[:middle]), now):
                low = middle
            else:
                high = middle - 1
        return low

    async def _answers(
        self, line: Line, verb: Verb, acts: Sequence[Act], targets: Sequence[Target]
    ) -> Sequence[Answer]:
        """The network's answers to one order; whatever goes wrong becomes an answer for each act."""
        order = Order(
            verb=verb,
            targets=targets,
            text=acts[0].text,
            category=acts[0].category,
            undo_notes=tuple(act.note for act in acts),
        )
        try:
            with for_an_act():
                async with asyncio.timeout(SEND_LIMIT_S):
                    answers = await line.connector.act(order)
            if len(answers) != len(acts):
                raise _fault(f"{len(answers)} answers for {len(acts)} targets")
            return answers
        except TimeoutError:
            failure = Failure("The network did not answer in time.", sent=True)
        except Failure as problem:
            failure = problem
        except Exception as problem:  # a connector is foreign code; its fault must not lose an act
            log.exception("a connector failed in a way that it should not")
            failure = Failure(f"The connector failed: {type(problem).__name__}.", sent=True)
        return [Answer(target.remote_id, failure=failure) for target in targets]

    def _after(self, act: Act, answer: Answer, post: _Post) -> Move:
        """Where an act goes after the network's answer."""
        failure = answer.failure
        now = self._clock.now()
        if failure is None:
            return Move(act.id, ActState.ACCEPTED, note=answer.note)
        if isinstance(failure, NotAllowed):
            return Move(act.id, ActState.REFUSED, error=failure.words)
        if isinstance(failure, Gone):
            if act.verb is Verb.DELETE:
                return Move(act.id, ActState.CONFIRMED, error=failure.words, item_state=ItemState.GONE)
            return Move(act.id, ActState.REFUSED, error=failure.words, item_state=ItemState.GONE)
        if failure.sent:
            return Move(act.id, ActState.UNCERTAIN, error=failure.words)
        wait_ms = int(self._backoff(post, count=False) * 1000)
        due_at = failure.until if isinstance(failure, SlowDown) else now + wait_ms
        return Move(act.id, ActState.QUEUED, error=failure.words, due_at=due_at)

    def _heed(self, account_id: AccountId, post: _Post, answers: Sequence[Answer]) -> bool:
        """Takes failures that are about the account to heart; gives whether it may go on."""
        for answer in answers:
            failure = answer.failure
            if failure is None or isinstance(failure, NotAllowed | Gone):
                continue
            if isinstance(failure, SlowDown):
                self._ceilings.rest(account_id, failure.until)
            else:
                post.not_before = self._clock.monotonic() + self._backoff(post)
            self._lines.report(account_id, failure)
            return False
        return True

    def _backoff(self, post: _Post, *, count: bool = True) -> float:
        """Seconds to wait after a failure: 1, 2, 4 … at most 60."""
        seconds = float(min(60, 2 ** min(post.retries, 6)))
        post.retries += count
        return seconds

    # looking -----------------------------------------------------------------------------------------

    async def _look(
        self, account_id: AccountId, line: Line, post: _Post, acts: Sequence[Act]
    ) -> list[tuple[Act, Sight]] | None:
        """One look at the items of some acts; None when the network did not answer.

        Where it cannot be told whether an act was done, and a later look would tell no more, the
        sight says so (`done` is None): one such item must not keep the others waiting for ever.
        """
        items = {item.id: item for item in await self._items(acts)}
        seen: list[tuple[Act, Sight]] = []
        by_verb: defaultdict[Verb, list[Act]] = defaultdict(list)
        for act in acts:
            if act.item_id in items:
                by_verb[act.verb].append(act)
            else:
                seen.append((act, Sight(RemoteId(""), ItemState.UNKNOWN, done=None)))
        for verb, some in by_verb.items():
            targets = [target_of(items[act.item_id]) for act in some]
            try:
                sights = await self._sights(line, verb, targets, [act.note for act in some])
            except Failure as failure:
                if isinstance(failure, SlowDown):
                    self._ceilings.rest(account_id, failure.until)
                post.not_before = self._clock.monotonic() + self._backoff(post)
                self._lines.report(account_id, failure)
                return None
            seen += zip(some, sights, strict=True)
        return seen

    async def _sights(
        self, line: Line, verb: Verb, targets: Sequence[Target], notes: Sequence[str | None]
    ) -> Sequence[Sight]:
        """What a connector sees. Raises a Failure after which a later look may tell more."""
        try:
            with for_an_act():
                async with asyncio.timeout(SEND_LIMIT_S):
                    sights = await line.connector.look(verb, targets, notes)
            if len(sights) != len(targets):
                raise _fault(f"{len(sights)} sights for {len(targets)} targets")
            return sights
        except TimeoutError:
            raise Failure("The network did not answer in time.") from None
        except Gone:
            is_done, state = (True if verb is Verb.DELETE else None), ItemState.GONE
        except NotAllowed:
            is_done, state = None, ItemState.UNKNOWN
        except Failure:
            raise
        except Exception:  # a connector is foreign code; its fault must not stop the account's other acts
            log.exception("a connector failed in a way that it should not")
            is_done, state = None, ItemState.UNKNOWN
        return [Sight(target.remote_id, state, done=is_done) for target in targets]

    async def _settle_uncertain(self, account_id: AccountId, line: Line, post: _Post) -> bool:
        """Looks at acts that may or may not have been done; gives whether the account may go on."""
        found = await self._desk.acts_in([ActState.UNCERTAIN], [account_id], _ALL)
        post.for_a_person &= {act.id for act in found}
        acts = [act for act in found if act.id not in post.for_a_person][: line.manifest.batch]
        if not acts:
            return True
        seen = await self._look(account_id, line, post, acts)
        if seen is None:
            return False
        moves: list[Move] = []
        for act, sight in seen:
            if sight.done:
                moves.append(Move(act.id, ActState.CONFIRMED, item_state=_known(sight.state)))
            elif sight.done is None and act.verb not in _SAFE_TO_REPEAT:
                post.for_a_person.add(act.id)
            elif act.attempts >= TRIES:
                words = "Sent several times, and the network still does not show it."
                moves.append(Move(act.id, ActState.FAILED, error=words, item_state=_known(sight.state)))
            else:
                moves.append(
                    Move(act.id, ActState.QUEUED, due_at=self._clock.now(), item_state=_known(sight.state))
                )
        await self._move(moves)
        return True

    async def _look_at_accepted(self, account_id: AccountId, line: Line, post: _Post) -> bool:
        """Confirms acts that the network took; gives whether the account may go on."""
        mono = self._clock.monotonic()
        found = await self._desk.acts_in([ActState.ACCEPTED], [account_id], AT_ONCE)
        known = {act.id for act in found}
        post.looks = {act_id: look for act_id, look in post.looks.items() if act_id in known}
        due = [act for act in found if post.looks.setdefault(act.id, _Looks(next_at=mono)).next_at <= mono]
        blind = [act for act in due if not _verifiable(act, line)]
        await self._move([Move(act.id, ActState.UNVERIFIABLE, item_state=_effect(act.verb)) for act in blind])
        visible = [act for act in due if _verifiable(act, line)][: line.manifest.batch]
        if not visible:
            return True
        seen = await self._look(account_id, line, post, visible)
        if seen is None:
            return False
        moves: list[Move] = []
        for act, sight in seen:
            look = post.looks[act.id]
            look.count += 1
            if sight.done:
                moves.append(Move(act.id, ActState.CONFIRMED, item_state=_known(sight.state)))
            elif sight.done is None:
                moves.append(Move(act.id, ActState.UNVERIFIABLE, item_state=_effect(act.verb)))
            elif look.count >= len(LOOKS_S):
                words = "The network took it, but does not show it."
                moves.append(Move(act.id, ActState.UNCERTAIN, error=words, item_state=_known(sight.state)))
            else:
                look.next_at = mono + LOOKS_S[look.count]
        await self._move(moves)
        return True

    # small parts -------------------------------------------------------------------------------------

    async def _items(self, acts: Sequence[Act]) -> list[Item]:
        ids = [act.item_id for act in acts]
        return await self._db.read(lambda conn: stored.items(conn, ids))

    async def _move(self, moves: Sequence[Move]) -> list[Act]:
        if not moves:
            return []
        moved = await self._desk.move(moves, WHO, self._clock.now())
        self._say(moved)
        return moved

    def _say(self, acts: Sequence[Act]) -> None:
        if acts:
            self._events.announce(ItemsChanged(tuple(act.item_id for act in acts)))
            self._events.announce(ActsChanged(tuple(act.id for act in acts)))


def _fault(words: str) -> RuntimeError:
    return RuntimeError(f"The connector gave {words}.")


def _orders(acts: Sequence[Act]) -> list[list[Act]]:
    """Acts that one order can hold together: the same verb, words and category, one after the other.

    Acts with words (replies) go alone, so that one answer belongs to one act.
    """
    orders: list[list[Act]] = []
    for act in acts:
        last = orders[-1][-1] if orders else None
        alike = last is not None and (last.verb, last.category) == (act.verb, act.category)
        twice = alike and any(other.item_id == act.item_id for other in orders[-1])
        if alike and not twice and act.text is None and last is not None and last.text is None:
            orders[-1].append(act)
        else:
            orders.append([act])
    return orders


def target_of(item: Item) -> Target:
    """What a connector may know about an item."""
    return Target(
        remote_id=item.remote_id,
        kind=item.kind,
        author_id=item.author.id,
        parent=item.parent,
        thread=item.thread,
        state=item.state,
        is_ours=item.is_ours,
        note=item.note,
    )


def _verifiable(act: Act, line: Line) -> bool:
    facts = line.manifest.verbs.get(act.verb)
    return facts is None or facts.verifiable


def _known(state: ItemState) -> ItemState | None:
    """A state that was really seen; `unknown` tells nothing and changes nothing."""
    return None if state is ItemState.UNKNOWN else state


def _effect(verb: Verb) -> ItemState | None:
    """The state that a verb should have led to, for networks where it cannot be seen."""
    return {
        Verb.HIDE: ItemState.HIDDEN,
        Verb.UNHIDE: ItemState.VISIBLE,
        Verb.DELETE: ItemState.DELETED,
        Verb.HOLD: ItemState.HELD,
        Verb.PUBLISH: ItemState.VISIBLE,
    }.get(verb)
