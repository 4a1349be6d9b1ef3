"""Ordering: from what a person wants to acts in the queue, sealed and on record; and back again.

    plan      what would be done, and what not and why
    carry_out seals the evidence and queues the acts, with their ledger entries, in one transaction each
    undo      takes acts back: cancels what waits, does the opposite of what was done

The one thing a newcomer gets wrong: an undo is an act of its own. The first act is `undone` only when
the opposite was confirmed at the network.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from console.desk.protocol import Desk, Draft, Move, Sealed, Submission, Submitted, Under
from console.domain.accounts import Account
from console.domain.acts import (
    INVERSE,
    LOCAL,
    NEEDS_TEXT,
    OPEN,
    Act,
    ActState,
    Verb,
    is_sealed_first,
    removes,
)
from console.domain.approving import NOBODY_ELSE, Rules, Second, why_second
from console.domain.cover import claimed_words
from console.domain.errors import NotPossible, UsageError
from console.domain.ids import AccountId, ActId, ItemId
from console.domain.items import DISPOSED, Item
from console.services.capturing import Captured, Capturing
from console.services.ceilings import Ceilings
from console.services.clock import Clock
from console.services.drafting import drafts, no_pictures
from console.services.events import ActsChanged, Events, ItemsChanged, Trouble
from console.services.judging import Ask, judge_offer
from console.services.keys import Keys
from console.services.lines import target_of
from console.services.planning import Plan, Planner
from console.store import acts as stored_acts
from console.store import items as stored
from console.store.cover import every_claim
from console.store.database import Connection, Database
from console.store.sketches import average_bytes, sketches

GIVEN_UP = "Given up by a person. It may have been done: look at the network."
_WAITING = frozenset({ActState.HELD, ActState.QUEUED, ActState.AWAITING_APPROVAL, ActState.FAILED})
_CHUNK = 500
_SLICE = 2_000
"""How many items are judged before others get a turn; about ten milliseconds."""
_AHEAD = 1
"""How many slices are read ahead of what is judged."""
_AROUND = 1_600
"""What a sealed record holds besides words and JSON of its item, in bytes, about."""


@dataclass(frozen=True, slots=True)
class Undone:
    """What was taken back."""

    words: str
    """Such as "Hide, Shaz P" or "Hide 2,140 items"."""
    cancelled: tuple[ActId, ...]
    """Acts that had not been sent, and never will be."""
    acts: tuple[ActId, ...]
    """New acts that do the opposite of what was done."""


class Ordering:
    """The one way from a wish to a queued act."""

    def __init__(  # noqa: PLR0913 - it joins what others keep apart
        self,
        *,
        db: Database,
        desk: Desk,
        keys: Keys,
        clock: Clock,
        events: Events,
        ceilings: Ceilings,
        accounts: Callable[[], Mapping[AccountId, Account]],
        ask: Ask,
        wake: Callable[[], None],
        text_alone: bool = True,
        rules: Callable[[], Rules] = lambda: NOBODY_ELSE,
        capturing: Capturing | None = None,
        pictures_wanted: Callable[[], None] = lambda: None,
    ) -> None:
        """`ask` gives what a connector says of an item; `rules` what asks for a second person now.

        `text_alone`: whether an item's words suffice before it is acted on; its pictures are fetched after,
        and `pictures_wanted` is told. Without it they come first, and an item without them is left out.
        """
        self._db = db
        self._desk = desk
        self._keys = keys
        self._clock = clock
        self._events = events
        self._ceilings = ceilings
        self._accounts = accounts
        self._ask = ask
        self._wake = wake
        self._text_alone = text_alone
        self._rules = rules
        self._capturing = capturing or Capturing(db=db, keys=keys, clock=clock)
        self._pictures_wanted = pictures_wanted
        self._asking: set[tuple[Verb, ItemId]] = set()
        """What is on its way into the queue, so that a key pressed twice asks once."""
        self._undoing = asyncio.Lock()
        """A second undo must see what the first has taken back."""

    async def items(self, ids: Sequence[ItemId]) -> list[Item]:
        """These items as the cache holds them, in the order of `ids`, read some hundred at a time."""
        found: list[Item] = []
        for at in range(0, len(ids), _CHUNK):
            found += await self._db.read(
                partial(stored.items, ids=ids[at : at + _CHUNK], unseal=self._keys.unseal_text_if_open)
            )
        return found

    async def plan(self, verb: Verb, ids: Sequence[ItemId], who: str = "") -> Plan:
        """What the verb would do to these items; what others than `who` have claimed is left out.

        Works in slices, so that a hundred thousand items hold nothing else up.
        """
        wanted = list(dict.fromkeys(ids))  # named twice is meant once
        taken = await self._taken(who, wanted)
        # pictures that must come first are fetched when it is carried out; until then it is a plan
        planner = Planner(verb, self._accounts(), self._ask, text_alone=True)
        if taken:
            wanted = [number for number in wanted if number not in taken]
            planner.leave_out(await self._db.read(partial(sketches, ids=sorted(taken))), taken)
        slices = [wanted[at : at + _SLICE] for at in range(0, len(wanted), _SLICE)]
        coming = deque(self._db.read_now(partial(sketches, ids=some)) for some in slices[:_AHEAD])
        for number in range(len(slices)):
            some = await asyncio.wrap_future(coming.popleft())
            if number + _AHEAD < len(slices):
                coming.append(self._db.read_now(partial(sketches, ids=slices[number + _AHEAD])))
            planner.add(some)
            await self._clock.sleep(0)
        orders = await asyncio.to_thread(planner.orders, self._ceilings.batch)
        size = await self._db.read(partial(average_bytes, ids=wanted))
        plan = planner.plan(
            self._ceilings,
            orders,
            await self._desk.backlog(),
            now=self._clock.now(),
            rules=self._rules(),
            bytes_each=size + _AROUND,
        )
        return plan if self._text_alone else replace(plan, media_not_captured=0)

    async def carry_out(
        self,
        plan: Plan,
        *,
        reason: str,
        who: str,
        category: str | None = None,
        text: str | None = None,
        is_bulk: bool = False,
        under: Under | None = None,
        without_media: str | None = None,
    ) -> Submitted:
        """Seals what must be sealed and queues every act of the plan.

        `is_bulk` makes it a bulk act however few its items are; `under` names the standing verdict that it
        follows from, and lets it join that one's bulk act.

        `without_media` is a person's reason to go on where pictures had to come first and cannot be had.

        Each item is judged again first: one that changed since the plan was made is left out. Raises
        NotPossible when nothing is left to do, SecretsUnavailable when something must be sealed and no
        key is open, UsageError for a reply without words.
        """
        if plan.verb in NEEDS_TEXT and not (text and text.strip()):
            raise UsageError("A reply needs its words.")
        if not plan.will:
            raise NotPossible(plan.why_nothing or "There is nothing to do.")
        wanted = [item_id for row in plan.rows for item_id in row.will]
        mine = {(plan.verb, item_id) for item_id in wanted} - self._asking
        self._asking |= mine
        try:
            return await self._carry_out(
                plan,
                await self._free(who, [item_id for item_id in wanted if (plan.verb, item_id) in mine]),
                partial(
                    Submission,
                    who=who,
                    reason=reason,
                    category=category,
                    text=text,
                    bulk=is_bulk or plan.selected > 1,
                    under=under,
                ),
                category,
                without_media,
            )
        finally:
            self._asking -= mine

    async def _taken(self, who: str, ids: Sequence[ItemId]) -> dict[ItemId, str]:
        """Which of these items others have claimed, and who; claims are few, so all are read at once."""
        now = self._clock.now()
        claims = await self._db.read(every_claim)
        others = {number: one for number, one in claims.items() if one.holds(now) and not one.is_of(who)}
        return (
            {number: claimed_words(others[number]) for number in others.keys() & set(ids)} if others else {}
        )

    async def _free(self, who: str, wanted: list[ItemId]) -> list[ItemId]:
        """Those that nobody else has claimed since the plan was made. Raises NotPossible without any."""
        if not (taken := await self._taken(who, wanted)):
            return wanted
        if taken.keys() >= set(wanted):
            raise NotPossible(" ".join(dict.fromkeys(taken.values())))
        return [item_id for item_id in wanted if item_id not in taken]

    async def _carry_out(
        self,
        plan: Plan,
        wanted: Sequence[ItemId],
        asked: Callable[..., Submission],
        category: str | None,
        without_media: str | None,
    ) -> Submitted:
        """Queues the acts of a plan on those of its items; `asked` knows by whom, why and how."""
        accounts = self._accounts()
        ready: list[tuple[Item, bool]] = []
        """Items that can still be acted on, and whether that can be taken back for this very item."""
        for item in await self.items(wanted):
            offer = self._ask(item.account_id, target_of(item), plan.verb)
            verdict = judge_offer(plan.verb, item, accounts[item.account_id], offer)
            if verdict.can and not item.remote_id.startswith(DISPOSED):
                ready.append((item, verdict.reversible))
        if not ready:
            raise NotPossible("Somebody else did it meanwhile; nothing is left to do.")
        now = self._clock.now()
        if self._text_alone:
            first, rest = ready[:_CHUNK], ready[_CHUNK:]
            captured = await self._seal(plan.verb, first, accounts, now, category, without_media)
        else:  # what lacks its pictures is left out, so all is sealed before anything is asked for
            captured = await self._seal(plan.verb, ready, accounts, now, category, without_media)
            ready = [(item, back) for item, back in ready if item.id not in captured.missing]
            first, rest = ready, []
        if not first:
            raise NotPossible(no_pictures(captured, 0))
        second = self._second(plan.verb, ready, now)
        drafted = partial(drafts, plan.verb, accounts, now, second)

        async def more() -> AsyncIterator[list[Draft]]:
            """The rest, sealed part by part while the part before is put on disk."""
            for at in range(0, len(rest), _CHUNK):
                some = rest[at : at + _CHUNK]
                sealed = await self._seal(plan.verb, some, accounts, now, category, without_media)
                yield drafted(some, sealed)

        submission = asked(at=now, drafts=drafted(first, captured), number=len(ready))
        done = await self._submit(submission, more() if rest else None, [item.id for item, _ in ready])
        self._pictures_wanted()
        if captured.missing:
            self._events.announce(Trouble(no_pictures(captured, len(ready))))
        return done

    def _second(self, verb: Verb, ready: Sequence[tuple[Item, bool]], now: int) -> Second | None:
        """Why a second person must agree to all of this, and until when; None when one is enough."""
        rules = self._rules()
        why = why_second(
            rules,
            verb,
            number=len(ready),
            irreversible=sum(not back for _, back in ready),
            kinds={item.kind for item, _ in ready},
        )
        return Second(why, now + rules.life_ms) if why else None

    async def _submit(
        self,
        submission: Submission,
        more: AsyncIterator[Sequence[Draft]] | None,
        item_ids: Sequence[ItemId],
    ) -> Submitted:
        done = await self._desk.submit(submission, more)
        self._events.announce(ItemsChanged(tuple(item_ids)))
        self._events.announce(ActsChanged(done.act_ids))
        self._wake()
        return done

    async def _seal(
        self,
        verb: Verb,
        ready: Sequence[tuple[Item, bool]],
        accounts: Mapping[AccountId, Account],
        now: int,
        category: str | None,
        without_media: str | None,
    ) -> Captured:
        """Seals what must be sealed first; pictures come first where the force wants it so."""
        first = [
            item.id
            for item, back in ready
            if not self._text_alone and item.media and removes(verb, reversible=back)
        ]
        return await self._capturing.seal(
            [item for item, back in ready if is_sealed_first(verb, reversible=back)],
            accounts,
            now,
            category=category,
            media_first=frozenset(first),
            override=without_media,
        )

    async def cancel(self, act_ids: Sequence[ActId], who: str) -> list[Act]:
        """Cancels acts that were not sent yet; gives those that were still in time."""
        acts = [act for act in await self._desk.acts(act_ids) if _is_waiting(act)]
        return await self._move([Move(act.id, ActState.CANCELLED) for act in acts], who)

    async def _move(self, moves: Sequence[Move], who: str) -> list[Act]:
        if not moves:
            return []
        moved = await self._desk.move(moves, who, self._clock.now())
        self._events.announce(ItemsChanged(tuple(act.item_id for act in moved)))
        self._events.announce(ActsChanged(tuple(act.id for act in moved)))
        self._wake()
        return moved

    async def undo(self, act_ids: Sequence[ActId], who: str) -> Undone:
        """Takes acts back: what waits is cancelled, what was done is done the other way.

        Raises NotPossible when none of them can be taken back, with the reason.
        """
        async with self._undoing:
            return await self._undo(act_ids, who)

    async def _undo(self, act_ids: Sequence[ActId], who: str) -> Undone:
        cancelled: list[Act] = []
        acts = await self._desk.acts(act_ids)
        while waiting := [act.id for act in acts if _is_waiting(act)]:
            cancelled += await self.cancel(waiting, who)
            acts = await self._desk.acts(act_ids)  # asked again: some may have been sent meanwhile
        gone = {act.id for act in cancelled}
        decisions = [act for act in acts if act.verb in LOCAL and act.state is ActState.CONFIRMED]
        await self._move([Move(act.id, ActState.UNDONE) for act in decisions], who)
        given_up = await self._give_up([act for act in acts if act.id not in gone], who)
        under_way = await self._db.read(partial(_being_undone, acts=acts))
        back = [
            act
            for act in acts
            if act.id not in gone | under_way
            and _has_way_back(act)
            and act.state
            in {
                ActState.SENDING,
                ActState.ACCEPTED,
                ActState.UNCERTAIN,
                ActState.CONFIRMED,
                ActState.UNVERIFIABLE,
                ActState.REAPPEARED,
            }
        ]
        submitted: tuple[ActId, ...] = ()
        if back:
            submitted = (await self._take_back(back, who)).act_ids
        if not (cancelled or decisions or back or given_up):
            raise NotPossible("It is being taken back already." if under_way else _why_no_undo(acts))
        items = await self.items([acts[0].item_id])
        touched = len(cancelled) + len(decisions) + len(back) + len(given_up)
        ended = gone | {act.id for act in (*decisions, *given_up)}
        return Undone(
            words=act_words(acts[0], items[0] if items else None, touched),
            cancelled=tuple(sorted(ended)),
            acts=submitted,
        )

    async def _give_up(self, acts: Sequence[Act], who: str) -> list[Act]:
        """Ends acts of which nobody can tell whether they were done, and which have no way back.

        The program never sends such an act again; a person decides, and this is the decision.
        """
        lost = [act for act in acts if act.state is ActState.UNCERTAIN and not _has_way_back(act)]
        return await self._move([Move(act.id, ActState.FAILED, error=GIVEN_UP) for act in lost], who)

    async def _take_back(self, acts: Sequence[Act], who: str) -> Submitted:
        return await self._submit(await self._opposites(acts, who), None, [act.item_id for act in acts])

    async def _opposites(self, acts: Sequence[Act], who: str) -> Submission:
        """What takes these acts back. Taking back an unhide hides, so it is sealed like any other."""
        now = self._clock.now()
        verbs = {act.item_id: INVERSE[act.verb] for act in acts}
        sealed: dict[ItemId, Sealed] = {}
        for verb in sorted({verb for verb in verbs.values() if is_sealed_first(verb, reversible=True)}):
            items = await self.items([item_id for item_id, one in verbs.items() if one is verb])
            ready = [(item, True) for item in items]
            sealed |= (await self._seal(verb, ready, self._accounts(), now, None, "Undo")).sealed
        return Submission(
            who=who,
            at=now,
            reason="Undo",
            category=None,
            text=None,
            drafts=[
                Draft(
                    verb=INVERSE[act.verb],
                    item_id=act.item_id,
                    account_id=act.account_id,
                    state=ActState.QUEUED,
                    due_at=now,
                    reversible=True,
                    evidence=sealed.get(act.item_id),
                    undo_of=act.id,
                    note=act.note,
                )
                for act in acts
            ],
            bulk=len(acts) > 1,
        )

    async def last_undoable(self, who: str) -> tuple[str, tuple[ActId, ...]] | None:
        """What `undo_last` would take back: words such as "Hide, Shaz P", and the acts."""
        act = await self._desk.last_undoable(who)
        if act is None:
            return None
        acts = [act] if act.bulk_id is None else await self._desk.acts_of_bulk(act.bulk_id)
        items = await self.items([act.item_id])
        return act_words(act, items[0] if items else None, len(acts)), tuple(one.id for one in acts)

    async def undo_last(self, who: str) -> Undone | None:
        """Takes back the operator's newest act, a bulk act as a whole; None when there is none."""
        async with self._undoing:
            found = await self.last_undoable(who)
            return await self._undo(found[1], who) if found else None


def _is_waiting(act: Act) -> bool:
    """Whether an act can be cancelled: one that failed after it was sent may have been done, and stays so."""
    return act.state in _WAITING and not (act.state is ActState.FAILED and act.attempts)


def act_words(act: Act, item: Item | None, count: int) -> str:
    """A short name of an act for a person: "Hide, Shaz P", "Hide 2,140 items"."""
    verb = act.verb.replace("-", " ").capitalize()
    if count > 1:
        return f"{verb} {count:,} items"
    author = (item.author.name or item.author.handle) if item else ""
    return f"{verb}, {author}" if author else verb


def _being_undone(conn: Connection, acts: Sequence[Act]) -> set[ActId]:
    """Which of these acts an open undo is taking back already."""
    items = {act.item_id for act in acts}
    others = [other for item_id in sorted(items) for other in stored_acts.of_item(conn, item_id)]
    return {other.undo_of for other in others if other.undo_of is not None and other.state in OPEN}


def _has_way_back(act: Act) -> bool:
    """Whether something undoes it once it was sent: the verb may have an opposite, and this item none."""
    return act.verb in INVERSE and act.reversible


def _why_no_undo(acts: Sequence[Act]) -> str:
    if not acts:
        return "There is no such act."
    if not any(_has_way_back(act) or act.verb in LOCAL for act in acts):
        return f"“{acts[0].verb}” cannot be taken back once it was sent."
    return f"There is nothing to take back: the act is {acts[0].state}."
