"""Standing verdicts: what a named person decided on one wave, carried on over later arrivals of it.

    put     acts on all of the wave that is there, as one bulk act through the planner, then stands
    follow  when the wave grows: the same planner, the same person and reason, the same bulk act
    end     by a person, by its time, by its limit, or because it was undone

What a newcomer would get wrong: the program decides nothing here. It hides or leaves up what says the same
as what a person looked at, for as long and as often as that person allowed, and each such act says in the
record under which verdict it was done.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from console.desk.protocol import Desk, Under
from console.domain.acts import Verb
from console.domain.errors import CordonError, NotPossible, UsageError
from console.domain.ids import ActId, BulkId, ItemId
from console.domain.waves import (
    LONGEST_STANDING_MS,
    MOST_STANDING,
    STANDING_VERBS,
    Standing,
    wave_key,
)
from console.services.clock import Clock
from console.services.events import Announcement, Events, Trouble, WavesGrew
from console.services.ordering import Ordering
from console.services.pace import woken
from console.services.tasks import Tasks
from console.store import waves as stored
from console.store.database import Database

_log = logging.getLogger(__name__)

LOOK_S = 5.0
"""How often verdicts are looked at while nothing grows: another process may have put one, or time is up."""
_AT_ONCE = 500
_ALL = 1_000_000
PROGRAM = "cordon"
TIME_OVER = "Its time was over."
LIMIT_REACHED = "It fell on as many items as was allowed."
TAKEN_BACK = "Its acts were taken back."


class Standings:
    """The verdicts that stand on waves of a profile."""

    def __init__(self, db: Database, desk: Desk, ordering: Ordering, events: Events, clock: Clock) -> None:
        self._db = db
        self._desk = desk
        self._ordering = ordering
        self._events = events
        self._clock = clock
        self._tasks = Tasks("standing verdicts", self._failed)
        self._woken = asyncio.Event()
        self._turn = asyncio.Lock()
        """One that is being ended must not act meanwhile."""
        self._trouble = ""

    def start(self) -> None:
        """Follows the waves on which verdicts stand."""
        self._stop_listening = self._events.listen(self._heard)
        self._woken.set()  # what came while nobody looked
        self._tasks.start(self._follow(), "follow waves")

    async def stop(self) -> None:
        """Ends that; the verdicts stand on."""
        if self._tasks:
            self._stop_listening()
        await self._tasks.stop(2.0)

    def _heard(self, said: Announcement) -> None:
        if isinstance(said, WavesGrew):
            self._woken.set()

    def _failed(self, name: str, problem: BaseException) -> None:
        self._events.announce(
            Trouble(
                f"A fault in Cordon stopped “{name}” ({type(problem).__name__}): later arrivals of waves "
                "wait for a person. Close Cordon and start it again."
            )
        )

    async def put(
        self,
        wave_id: int,
        verb: Verb,
        *,
        reason: str,
        minutes: float,
        limit: int,
        who: str,
        category: str | None,
    ) -> Standing:
        """Acts on what the wave holds, and lets the verdict stand for so many minutes and later items.

        Raises UsageError for a verb, a time or a limit that cannot be, and NotPossible when the wave has a
        verdict already or nothing of it can ever be acted on.
        """
        _check(verb, reason, minutes, limit)
        async with self._turn:
            now = self._clock.now()
            wave = await self._db.read(lambda conn: stored.wave(conn, wave_id))
            if wave is None:
                raise UsageError(f"There is no wave {wave_key(wave_id)} in this profile.")
            if any(one.wave_id == wave_id and one.is_open(now) for one in await self._desk.open_standings()):
                raise NotPossible(f"A verdict stands on {wave_key(wave_id)} already; end that first.")
            there = await self._db.read(lambda conn: stored.wave_ids(conn, wave_id, None, _ALL))
            plan = await self._ordering.plan(verb, [ItemId(number) for number in there], who)
            bulk_id: BulkId | None = None
            if plan.will:
                done = await self._ordering.carry_out(
                    plan, reason=reason, who=who, category=category, is_bulk=True
                )
                bulk_id = done.bulk_id
            return await self._desk.put_standing(
                Standing(
                    id=0,
                    wave_id=wave_id,
                    verb=verb,
                    reason=reason,
                    category=category,
                    who=who,
                    bulk_id=bulk_id,
                    put_at=now,
                    ends_at=now + round(minutes * 60_000),
                    limit=limit,
                    used=0,
                    after=max(there, default=0),
                )
            )

    async def end(self, wave_id: int, who: str) -> Standing:
        """Ends the verdict on a wave; what was done stays done. Raises NotPossible when none stands."""
        async with self._turn:
            for one in await self._desk.open_standings():
                if one.wave_id == wave_id and await self._desk.end_standing(
                    one.id, who, "Ended by a person.", self._clock.now()
                ):
                    return one
        raise NotPossible(f"No verdict stands on {wave_key(wave_id)}.")

    async def open(self) -> list[Standing]:
        """The verdicts that stand now, oldest first."""
        now = self._clock.now()
        return [one for one in await self._desk.open_standings() if one.is_open(now)]

    async def taken_back(self, act_ids: Sequence[ActId], who: str) -> None:
        """Ends the verdicts of which every act is about to be undone, so that nothing follows."""
        if not (standings := await self._desk.open_standings()):
            return
        async with self._turn:
            wanted = set(act_ids)
            for one in standings:
                acts = await self._desk.acts_of_bulk(one.bulk_id) if one.bulk_id is not None else []
                if acts and wanted >= {act.id for act in acts}:
                    await self._desk.end_standing(one.id, who, TAKEN_BACK, self._clock.now())

    # later arrivals ------------------------------------------------------------------------------

    async def _follow(self) -> None:
        while True:
            await woken(self._woken, self._clock, LOOK_S)
            self._woken.clear()
            try:
                await self.look()
            except CordonError as problem:
                # A disk that is full, a key that is not open: arrivals wait and are taken up later.
                if str(problem) != self._trouble:
                    self._trouble = str(problem)
                    self._events.announce(
                        Trouble(f"A verdict that stands could not go on: {problem} It is tried again.")
                    )
                await self._clock.sleep(LOOK_S)
            else:
                self._trouble = ""

    async def look(self) -> None:
        """Carries every verdict on over what came since, and ends those whose time or limit is reached."""
        async with self._turn:
            for one in await self._desk.open_standings():
                await self._carry_on(one)

    async def _carry_on(self, one: Standing) -> None:
        now = self._clock.now()
        while one.is_open(now):
            most = min(_AT_ONCE, one.limit - one.used)
            later = await self._db.read(
                partial(stored.later_ids, wave_id=one.wave_id, after=one.after, limit=most)
            )
            if not later:
                return
            ids = [ItemId(number) for number in later]
            plan = await self._ordering.plan(one.verb, ids, one.who)
            if plan.will:
                try:
                    await self._ordering.carry_out(
                        plan,
                        reason=one.reason,
                        who=one.who,
                        category=one.category,
                        is_bulk=True,
                        under=Under(one.id, one.bulk_id),
                    )
                except NotPossible:  # somebody did it meanwhile
                    _log.info("Nothing was left to do for a verdict on %d items.", len(ids))
            found = [again for again in await self._desk.open_standings() if again.id == one.id]
            if not found:
                return
            one, now = found[0], self._clock.now()
            if one.after < ids[-1]:  # the last of them were left out
                await self._desk.pass_standing(one.id, ids[-1])
                one = replace(one, after=ids[-1])
        why = TIME_OVER if now >= one.ends_at else LIMIT_REACHED
        await self._desk.end_standing(one.id, PROGRAM, why, now)
        if why == LIMIT_REACHED:
            self._events.announce(
                Trouble(
                    f"The verdict on {wave_key(one.wave_id)} fell on {one.used:,} later items, "
                    "which was its limit. What comes now waits for a person."
                )
            )


def _check(verb: Verb, reason: str, minutes: float, limit: int) -> None:
    if verb not in STANDING_VERBS:
        names = " or ".join(sorted(STANDING_VERBS))
        raise UsageError(
            f"“{verb}” cannot stand on a wave; only {names} can, because they can be taken back."
        )
    if not reason.strip():
        raise UsageError("A reason is needed; it goes on record.")
    if not 0 < minutes <= LONGEST_STANDING_MS / 60_000:
        raise UsageError("A verdict stands for more than 0 and at most 1,440 minutes, which is a day.")
    if not 1 <= limit <= MOST_STANDING:
        raise UsageError(f"A verdict falls on 1 to {MOST_STANDING:,} later items.")
