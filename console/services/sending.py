"""Sending: one order to a network, and what its answers make of each act.

What a newcomer would get wrong: answers are told apart by the ids that they name, not by their places. An act
that no answer names, or that two answers name differently, is in doubt and is looked at, as after a time-out.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from console.api import Answer, Failure, Gone, NotAllowed, Order, SlowDown, Target
from console.desk.protocol import Desk, Move
from console.domain.acts import OPEN, Act, ActState, Verb
from console.domain.ids import AccountId, ItemId
from console.domain.items import Item, ItemState
from console.services.allowances import for_an_act
from console.services.ceilings import Ceilings
from console.services.clock import Clock
from console.services.lines import Line, Lines, target_of
from console.services.planning import load_of
from console.services.posts import Looks, Post

log = logging.getLogger(__name__)

SEND_LIMIT_S = 60.0
"""How long a network may take over one order before it counts as a time-out."""
_DONE = frozenset({ActState.CONFIRMED, ActState.UNVERIFIABLE, ActState.REAPPEARED})
NO_WORD = "The network's answer did not say what became of this."

Step = Callable[[Sequence[Move]], Awaitable[list[Act]]]
"""Moves acts on, durably, and announces it; gives those that moved."""


class Sending:
    """Sends orders for acts that were taken."""

    def __init__(self, *, desk: Desk, clock: Clock, ceilings: Ceilings, lines: Lines, step: Step) -> None:
        self._desk = desk
        self._clock = clock
        self._ceilings = ceilings
        self._lines = lines
        self._step = step

    async def ready(self, taken: Sequence[Act], items: dict[ItemId, Item]) -> list[Act]:
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
            elif undone is None or _may_be_done(undone):
                ready.append(act)
            elif undone.state in OPEN:
                back.append(Move(act.id, ActState.QUEUED, due_at=self._clock.now() + 500))
            else:
                words = f"There is nothing to take back: it was {undone.state}."
                back.append(Move(act.id, ActState.REFUSED, error=words))
        await self._step(back)
        return ready

    async def send(
        self, account_id: AccountId, line: Line, post: Post, acts: Sequence[Act], items: dict[ItemId, Item]
    ) -> tuple[list[Act], bool]:
        """Sends one order; gives the acts that the network took, and whether the account may go on."""
        verb, now = acts[0].verb, self._clock.now()
        fitting = self._fitting(account_id, verb, [items[act.item_id] for act in acts], now)
        if fitting < len(acts):
            due_at = max(self._ceilings.room_at(account_id, verb, now), now + 1000)
            words = "Waiting for the network's ceiling."
            await self._step(
                [Move(act.id, ActState.QUEUED, error=words, due_at=due_at) for act in acts[fitting:]]
            )
            acts = acts[:fitting]
        if not acts:
            return [], True
        self._ceilings.spend(account_id, verb, load_of([items[act.item_id] for act in acts]), now)
        targets = [target_of(items[act.item_id]) for act in acts]
        answers = await self._answers(line, verb, acts, targets)
        moved = await self._step(
            [self._after(act, answer) for act, answer in zip(acts, answers, strict=True)]
        )
        goes_on = self._heed(account_id, post, answers)
        accepted = [act for act in moved if act.state is ActState.ACCEPTED]
        for act in accepted:
            post.looks[act.id] = Looks(next_at=self._clock.monotonic())
        for act in moved:
            post.doubts.pop(act.id, None)
        return accepted, goes_on

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
        """The network's answers to one order, one for each act; whatever goes wrong becomes an answer."""
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
                    return _sorted(targets, await line.connector.act(order))
        except TimeoutError:
            failure = Failure("The network did not answer in time.", sent=True)
        except Gone as problem:
            # Said of an order of several, it does not say of which.
            failure = problem if len(targets) == 1 else Failure(problem.words, sent=True)
        except Failure as problem:
            failure = problem
        except Exception as problem:  # a connector is foreign code; its fault must not lose an act
            log.exception("a connector failed in a way that it should not")
            failure = Failure(f"The connector failed: {type(problem).__name__}.", sent=True)
        return [Answer(target.remote_id, failure=failure) for target in targets]

    def _after(self, act: Act, answer: Answer) -> Move:
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
        due_at = failure.until if isinstance(failure, SlowDown) else now  # the account waits, in its order
        return Move(act.id, ActState.QUEUED, error=failure.words, due_at=due_at)

    def _heed(self, account_id: AccountId, post: Post, answers: Sequence[Answer]) -> bool:
        """Takes failures that are about the account to heart; gives whether it may go on."""
        for answer in answers:
            failure = answer.failure
            if failure is None or isinstance(failure, NotAllowed | Gone):
                continue
            if isinstance(failure, SlowDown):
                self._ceilings.rest(account_id, failure.until)
            else:
                post.not_before = self._clock.monotonic() + post.backoff()
            self._lines.report(account_id, failure)
            return False
        return True


def _may_be_done(act: Act) -> bool:
    """Whether there may be something to take back; what failed after it was sent may have been done."""
    return act.state in _DONE or (act.state is ActState.FAILED and act.sent_at is not None)


def _sorted(targets: Sequence[Target], answers: Sequence[Answer]) -> list[Answer]:
    """One answer for each target, by the ids that they name."""
    by_id: dict[str, Answer] = {}
    torn: set[str] = set()
    for answer in answers:
        before = by_id.setdefault(answer.remote_id, answer)
        if type(before.failure) is not type(answer.failure):
            torn.add(answer.remote_id)
    if len(answers) != len(targets) or {target.remote_id for target in targets} != by_id.keys():
        log.warning("A connector gave %d answers for %d targets.", len(answers), len(targets))
    doubt = Failure(NO_WORD, sent=True)
    return [
        Answer(target.remote_id, failure=doubt)
        if target.remote_id in torn or target.remote_id not in by_id
        else by_id[target.remote_id]
        for target in targets
    ]


def orders(acts: Sequence[Act]) -> list[list[Act]]:
    """Acts that one order can hold together: the same verb, words and category, one after the other.

    Acts with words (replies) go alone, so that one answer belongs to one act.
    """
    found: list[list[Act]] = []
    for act in acts:
        last = found[-1][-1] if found else None
        alike = last is not None and (last.verb, last.category) == (act.verb, act.category)
        twice = alike and any(other.item_id == act.item_id for other in found[-1])
        if alike and not twice and act.text is None and last is not None and last.text is None:
            found[-1].append(act)
        else:
            found.append([act])
    return found
