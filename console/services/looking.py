"""Looking: what was sent, or may have been, is looked at; only what is seen is believed.

    uncertain   may have been done: done, or sent again, or a person decides
    accepted    the network took it: confirmed, or in doubt, or it cannot be checked

What a newcomer would get wrong: a look that shows nothing proves little at first, because networks show late.
An act that must not be done twice is looked at several times before it is sent again, and one that the
network has taken is never sent again unless doing it twice does no harm.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from typing import Final

from console.api import Failure, Gone, NotAllowed, Sight, SlowDown, Target
from console.desk.protocol import Desk, Move
from console.domain.acts import INVERSE, Act, ActState, Verb, same_matter
from console.domain.ids import AccountId, ActId
from console.domain.items import Item, ItemState
from console.services.allowances import for_an_act
from console.services.ceilings import Ceilings
from console.services.clock import Clock
from console.services.lines import Line, Lines, target_of
from console.services.posts import SETTLES_MS, Looks, Post
from console.services.sending import SEND_LIMIT_S, Step
from console.store import acts as stored_acts
from console.store import items as stored
from console.store.database import Connection, Database

log = logging.getLogger(__name__)

TRIES: Final = 6
"""How often an act is sent that a look shows was not done; a kill before it could leave counts like a try."""
AT_ONCE: Final = 1_000
"""How many accepted acts of one account are looked after at a time; the others wait for their turn."""
_ALL: Final = 1_000_000
SAFE_TO_REPEAT: Final = frozenset(INVERSE) | {Verb.DELETE}
"""Verbs that have the same effect when done twice."""
NOT_SHOWN = "The network took it, but does not show it."
NOT_TOLD = "The network took it; its answers do not tell what became of it."
GAVE_UP = (
    "Sent several times, and the network still does not show it. It may have been done: look at the network."
)


class Looking:
    """Looks at the acts of an account, and moves them to what was seen."""

    def __init__(
        self, *, desk: Desk, db: Database, clock: Clock, ceilings: Ceilings, lines: Lines, step: Step
    ) -> None:
        self._desk = desk
        self._db = db
        self._clock = clock
        self._ceilings = ceilings
        self._lines = lines
        self._step = step

    async def items(self, acts: Sequence[Act]) -> list[Item]:
        """The items of some acts, as the cache holds them."""
        ids = [act.item_id for act in acts]
        return await self._db.read(lambda conn: stored.items(conn, ids))

    async def look(
        self, account_id: AccountId, line: Line, post: Post, acts: Sequence[Act]
    ) -> list[tuple[Act, Sight | None]] | None:
        """One look at the items of some acts; None when the network did not answer.

        Where it cannot be told whether an act was done, and a later look would tell no more, the
        sight says so (`done` is None): one such item must not keep the others waiting for ever. An act
        that the answer leaves out has no sight; a later look may have one.
        """
        items = {item.id: item for item in await self.items(acts)}
        seen: list[tuple[Act, Sight | None]] = []
        by_verb: defaultdict[Verb, list[Act]] = defaultdict(list)
        for act in acts:
            if act.item_id in items:
                by_verb[act.verb].append(act)
            else:
                seen.append((act, None))
        for verb, some in by_verb.items():
            targets = [target_of(items[act.item_id]) for act in some]
            try:
                sights = await self._sights(line, verb, targets, [act.note for act in some])
            except Failure as failure:
                if isinstance(failure, SlowDown):
                    self._ceilings.rest(account_id, failure.until)
                post.not_before = self._clock.monotonic() + post.backoff()
                self._lines.report(account_id, failure)
                return None
            seen += zip(some, sights, strict=True)
        return seen

    async def later(
        self, account_id: AccountId, line: Line, acts: Sequence[Act]
    ) -> list[tuple[Act, Sight | None]]:
        """A look that nothing waits for. Raises a Failure when the network did not answer."""
        post = Post()
        before = post.retries
        seen = await self.look(account_id, line, post, acts)
        if seen is None:
            until = self._ceilings.resting_until(account_id, self._clock.now())
            words = f"No later look could be made ({post.retries - before})."
            raise SlowDown(words, until=until) if until is not None else Failure(words)
        return seen

    async def _sights(
        self, line: Line, verb: Verb, targets: Sequence[Target], notes: Sequence[str | None]
    ) -> list[Sight | None]:
        """What a connector sees. Raises a Failure after which a later look may tell more."""
        try:
            with for_an_act():
                async with asyncio.timeout(SEND_LIMIT_S):
                    return _sorted(targets, await line.connector.look(verb, targets, notes))
        except TimeoutError:
            raise Failure("The network did not answer in time.") from None
        except (Gone, NotAllowed) as problem:
            if len(targets) == 1:
                is_gone = isinstance(problem, Gone)
                state = ItemState.GONE if is_gone else ItemState.UNKNOWN
                return [Sight(targets[0].remote_id, state, done=(is_gone and verb is Verb.DELETE) or None)]
        except Failure:
            raise
        except Exception:  # a connector is foreign code; its fault must not stop the account's other acts
            log.exception("a connector failed in a way that it should not")
            if len(targets) == 1:
                return [None]
        # It failed for one of them, and said not for which: the others must not pay for that.
        found: list[Sight | None] = []
        for target, note in zip(targets, notes, strict=True):
            found += await self._sights(line, verb, [target], [note])
        return found

    # in doubt --------------------------------------------------------------------------------------

    async def settle_uncertain(self, account_id: AccountId, line: Line, post: Post) -> bool:
        """Looks at acts that may or may not have been done; gives whether the account may go on."""
        found = await self._desk.acts_in([ActState.UNCERTAIN], [account_id], _ALL)
        known = {act.id for act in found}
        post.for_a_person &= known
        mono = self._clock.monotonic()
        post.doubts = {act_id: looks for act_id, looks in post.doubts.items() if act_id in known}
        acts = [
            act
            for act in found
            if act.id not in post.for_a_person
            and post.doubts.setdefault(act.id, Looks(next_at=mono)).next_at <= mono
        ][: line.manifest.batch]
        if not acts:
            return True
        seen = await self.look(account_id, line, post, acts)
        if seen is None:
            return False
        unsettled = await self._db.read(partial(_unsettled, acts=acts, now=self._clock.now()))
        moves = [
            move for act, sight in seen if (move := self._after_doubt(act, sight, post, act.id in unsettled))
        ]
        await self._step(moves)
        for move in moves:
            post.doubts.pop(move.act_id, None)
        return True

    def _after_doubt(self, act: Act, sight: Sight | None, post: Post, is_unsettled: bool) -> Move | None:
        """Where an act in doubt goes after a look; None when it stays and is looked at again.

        While the effect of an earlier act may not show yet, a look that shows this one done may show how it
        was before both.
        """
        looks = post.doubts[act.id]
        looks.count += 1
        done = sight.done if sight is not None else None
        state = _known(sight)
        if done and is_unsettled:
            looks.again(self._clock.monotonic())
            return None
        if done:
            return Move(act.id, ActState.CONFIRMED, item_state=state)
        is_safe = act.verb in SAFE_TO_REPEAT
        may_tell_more = sight is None or done is False
        if may_tell_more and not looks.are_over and (not is_safe or sight is None or act.attempts >= TRIES):
            looks.again(self._clock.monotonic())
            return None
        if done is None and not (is_safe and (act.reversible or sight is not None)):
            post.for_a_person.add(act.id)
            post.doubts.pop(act.id, None)
            return None
        if act.attempts >= TRIES:
            return Move(act.id, ActState.FAILED, error=GAVE_UP, item_state=state)
        return Move(act.id, ActState.QUEUED, due_at=self._clock.now(), item_state=state)

    # accepted --------------------------------------------------------------------------------------

    async def look_at_accepted(self, account_id: AccountId, line: Line, post: Post) -> bool:
        """Confirms acts that the network took; gives whether the account may go on."""
        mono = self._clock.monotonic()
        found = await self._desk.acts_in([ActState.ACCEPTED], [account_id], AT_ONCE)
        known = {act.id for act in found}
        post.looks = {act_id: looks for act_id, looks in post.looks.items() if act_id in known}
        due = [act for act in found if post.looks.setdefault(act.id, Looks(next_at=mono)).next_at <= mono]
        blind = [act for act in due if not is_verifiable(act, line)]
        await self._step([Move(act.id, ActState.UNVERIFIABLE, item_state=_effect(act.verb)) for act in blind])
        visible = [act for act in due if is_verifiable(act, line)][: line.manifest.batch]
        if not visible:
            return True
        seen = await self.look(account_id, line, post, visible)
        if seen is None:
            return False
        await self._step([move for act, sight in seen if (move := self._after_taken(act, sight, post))])
        return True

    def _after_taken(self, act: Act, sight: Sight | None, post: Post) -> Move | None:
        """Where an act that the network took goes after a look; None when it is looked at again."""
        looks = post.looks[act.id]
        looks.count += 1
        state = _known(sight)
        if sight is not None and sight.done:
            return Move(act.id, ActState.CONFIRMED, item_state=state)
        if sight is not None and sight.done is None:
            return Move(act.id, ActState.UNVERIFIABLE, item_state=_effect(act.verb))
        if not looks.are_over:
            looks.again(self._clock.monotonic())
            return None
        if sight is None:
            return Move(act.id, ActState.UNVERIFIABLE, error=NOT_TOLD)
        if act.verb in SAFE_TO_REPEAT:
            return Move(act.id, ActState.UNCERTAIN, error=NOT_SHOWN, item_state=state)
        return Move(act.id, ActState.UNVERIFIABLE, error=NOT_SHOWN, item_state=state)


def _unsettled(conn: Connection, acts: Sequence[Act], now: int) -> set[ActId]:
    """Those of these acts before which something else was done to their item a moment ago."""
    return {
        act.id
        for act in acts
        for other in stored_acts.of_item(conn, act.item_id)
        if other.id < act.id
        and other.verb is not act.verb
        and other.verb in same_matter(act.verb)
        and (other.sent_at or 0) > now - SETTLES_MS
    }


def waits_until(post: Post, state: ActState, count: int) -> float | None:
    """When the first of so many acts in this state is to be looked at next; None: now.

    Monotonic seconds. What the post does not know of yet is looked at at once.
    """
    if state is ActState.ACCEPTED:
        known, number = post.looks, min(count, AT_ONCE)
    else:
        known, number = post.doubts, count - len(post.for_a_person)
    return min(looks.next_at for looks in known.values()) if known and len(known) >= number else None


def _sorted(targets: Sequence[Target], sights: Sequence[Sight]) -> list[Sight | None]:
    """One sight for each target, by the ids that they name; None where there is none, or two that differ."""
    by_id: dict[str, Sight | None] = {}
    for sight in sights:
        before = by_id.setdefault(sight.remote_id, sight)
        if before is not None and before.done is not sight.done:
            by_id[sight.remote_id] = None
    if len(sights) != len(targets) or {target.remote_id for target in targets} != by_id.keys():
        log.warning("A connector gave %d sights for %d targets.", len(sights), len(targets))
    return [by_id.get(target.remote_id) for target in targets]


def is_verifiable(act: Act, line: Line) -> bool:
    """Whether the network lets us look after this verb."""
    facts = line.manifest.verbs.get(act.verb)
    return facts is None or facts.verifiable


def _known(sight: Sight | None) -> ItemState | None:
    """A state that was really seen; `unknown` tells nothing and changes nothing."""
    return None if sight is None or sight.state is ItemState.UNKNOWN else sight.state


def _effect(verb: Verb) -> ItemState | None:
    """The state that a verb should have led to, for networks where it cannot be seen."""
    return {
        Verb.HIDE: ItemState.HIDDEN,
        Verb.UNHIDE: ItemState.VISIBLE,
        Verb.DELETE: ItemState.DELETED,
        Verb.HOLD: ItemState.HELD,
        Verb.PUBLISH: ItemState.VISIBLE,
    }.get(verb)
