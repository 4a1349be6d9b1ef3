"""Escalating: life at risk is passed on until somebody accepts it: `engine.escalating`.

    look    after each announcement, and at the start, for new items of Grade 1 and 2; each is escalated
    climb   nobody accepted in time: the next on the ladder is to be called
    accept  the only end

What a newcomer would get wrong: a record that cannot be written must not stop any of this. Every change is
shown from the moment in which it is made, and kept here until it is written, with the time when it was made.
"""

import asyncio
import contextlib
import logging
from collections.abc import Mapping, Sequence
from typing import Final

from console.desk.escalation import PROGRAM, EscalationDesk
from console.domain.cover import named
from console.domain.errors import CordonError, NotPossible, ProfileError, UsageError
from console.domain.escalation import (
    HIGHEST,
    THRIVE,
    Change,
    Escalation,
    Kind,
    Step,
    after,
    checked_grade,
    in_order,
    meant,
    needs_opening,
)
from console.domain.ids import ItemId, item_key
from console.services.clock import Clock
from console.services.events import (
    Announcement,
    Arrived,
    EscalationsChanged,
    Events,
    ItemsChanged,
    Trouble,
)
from console.services.pace import woken
from console.services.tasks import Tasks
from console.store.escalations import Risk

_log = logging.getLogger(__name__)

LOOK_S: Final = 5.0
"""How often is looked while nothing is announced: another process may have accepted, or time is up."""
REST_S: Final = 0.25
"""The rest after each look: a flood is escalated four times a second and not with every batch."""
MOST_URGENT: Final = 200
"""So many of Grade 2 wait for a supervisor at once; more would be read by nobody, and stand in their lane."""
_BATCH: Final = 500
"""Announcements of more changed items than this come from people's acts, not from arrivals."""


class Escalating:
    """The escalations of one profile."""

    def __init__(self, *, desk: EscalationDesk, events: Events, clock: Clock) -> None:
        self._desk = desk
        self._events = events
        self._clock = clock
        self._tasks = Tasks("escalations", self._failed)
        self._woken = asyncio.Event()
        self._turn = asyncio.Lock()
        """Changes are written in the order in which they were made."""
        self._unwritten: list[Change] = []
        self._place = ItemId(0)
        self._edited: set[ItemId] = set()
        self._shown: object = None
        self._is_said = False
        self._is_full = False
        self._is_first = False
        """Whether the next look is the first after a start, and what was missed has to be looked for."""
        self._known: dict[ItemId, Escalation] = {}
        """What is open or watched, as it is written; read anew now and then, because others write too."""
        self._read_at: float | None = None

    # life -----------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Looks after arrivals from now on, from where the last look had ended."""
        self._place = await self._desk.begin(self._clock.now())
        self._stop_listening = self._events.listen(self._heard)
        self._is_first = True
        self._woken.set()
        self._tasks.start(self._follow(), "look for life at risk")

    async def stop(self) -> None:
        """Ends that, after one more look, so that nothing that is stored waits for the next start."""
        if not self._tasks:
            return
        self._stop_listening()
        await self._tasks.stop(2.0)
        try:
            await self.look()
        except CordonError as problem:
            _log.warning("The last look for life at risk failed: %s It is done at the next start.", problem)

    def _heard(self, said: Announcement) -> None:
        if isinstance(said, Arrived) and any(said.grades[:HIGHEST]):
            self._woken.set()
        elif isinstance(said, ItemsChanged) and len(said.ids) <= _BATCH:
            self._edited.update(said.ids)
            self._woken.set()

    def _failed(self, name: str, problem: BaseException) -> None:
        self._events.announce(
            Trouble(
                f"A fault in Cordon stopped “{name}” ({type(problem).__name__}): life at risk is not called "
                "out any more. Watch the lane of Grade 1 yourself, close Cordon and start it again."
            )
        )

    async def _follow(self) -> None:
        trouble = ""
        while True:
            await woken(self._woken, self._clock, LOOK_S)
            self._woken.clear()
            try:
                await self.look()
                trouble = ""
            except CordonError as problem:
                if str(problem) != trouble:
                    trouble = str(problem)
                    self._events.announce(
                        Trouble(f"Life at risk could not be looked for: {trouble} It is tried again.")
                    )
            await self._clock.sleep(REST_S)

    async def look(self) -> None:
        """Escalates what is new, calls the next where time is up, writes what could not be written."""
        async with self._turn:
            risks = await self._edits()
            await self._refresh(LOOK_S)
            await self._open(risks, self._place)
            while True:
                risks, place = await self._desk.look(self._place)
                if place == self._place:
                    break
                await self._open(risks, place)
            self._climb()
            await self._write()
            self._announce()

    async def _edits(self) -> list[Risk]:
        """Items that an edit made urgent: at the first look all that there are, then those announced."""
        edited, self._edited = self._edited, set()
        if not edited and not self._is_first:
            return []
        try:
            risks = await self._desk.edited(None if self._is_first else sorted(edited))
        except CordonError:
            self._edited |= edited
            raise
        self._is_first = False
        return risks

    async def _open(self, risks: Sequence[Risk], place: ItemId) -> None:
        now = self._clock.now()
        known = self._standing() if risks else {}
        room = MOST_URGENT - sum(one.is_open and one.grade == HIGHEST for one in known.values())
        new: list[Change] = []
        for risk in risks:
            before = known.get(risk.item_id)
            if before is None and risk.item_id <= self._place:
                before = await self._desk.newest(risk.item_id)
            kind = needs_opening(before, risk.grade)
            if kind is None:
                continue
            if risk.grade == HIGHEST:
                room -= 1
                if room < 0:
                    continue
            new.append(
                Change(
                    kind=kind,
                    item_id=risk.item_id,
                    who=PROGRAM,
                    at=now,
                    grade=risk.grade,
                    account_id=risk.account_id,
                    arrived_at=risk.received_at,
                )
            )
        if risks:
            self._say_full(is_full=room < 0)
        self._unwritten += new
        self._place = place
        if new:
            self._events.announce(EscalationsChanged())  # before the disk is waited for
            await self._write()

    def _say_full(self, *, is_full: bool) -> None:
        """Says once that more is urgent than a supervisor can be asked about one by one."""
        if is_full and not self._is_full:
            self._events.announce(
                Trouble(
                    f"{MOST_URGENT} urgent items wait for the duty supervisor. Further ones stand in the "
                    "lane Urgent and are not escalated one by one; tell the supervisor that there are more."
                )
            )
        self._is_full = is_full

    def _climb(self) -> None:
        now = self._clock.now()
        self._unwritten += [
            Change(Kind.CALLED_NEXT, one.item_id, PROGRAM, now, called=one.called)
            for one in self._standing().values()
            if one.is_late(now) and one.next_person is not None
        ]

    async def _write(self) -> tuple[tuple[Change, str], ...]:
        """Writes what was not written; a record that cannot be written is tried again and again.

        Gives the changes that could not be any more, with the reason.
        """
        if not self._unwritten:
            return ()
        wanted = tuple(self._unwritten)
        try:
            written = await self._desk.write(wanted, self._place, self._clock.now())
        except ProfileError as problem:
            if not self._is_said:
                self._events.announce(
                    Trouble(
                        f"Escalations cannot be put on record now: {problem} They go on all the same and are "
                        "put on record as soon as that is possible."
                    )
                )
            self._is_said = True
            return ()
        del self._unwritten[: len(wanted)]
        left_out = {id(change) for change, _ in written.left_out}
        _follow_up(self._known, [change for change in wanted if id(change) not in left_out])
        self._is_said = False
        for change in wanted:
            if change.kind in {Kind.CLAIMED, Kind.JUDGED}:
                self._events.announce(ItemsChanged((change.item_id,)))
        return written.left_out

    def _announce(self) -> None:
        """Announces what is different from what was shown before, whoever changed it."""
        now = self._clock.now()
        shown = [(one, one.is_late(now), one.is_due(now)) for one in self._standing().values()]
        if shown != self._shown:
            self._shown = shown
            self._events.announce(EscalationsChanged())

    # reading --------------------------------------------------------------------------------------

    async def _refresh(self, seconds: float = 0.0) -> None:
        """Reads what is written, unless that was done less than so many seconds ago."""
        now = self._clock.monotonic()
        if self._read_at is not None and now - self._read_at < seconds:
            return
        self._known = {one.item_id: one for one in await self._desk.standing(self._clock.now())}
        self._read_at = now

    def _standing(self) -> dict[ItemId, Escalation]:
        """What is open or watched, with what is not written yet."""
        found = dict(self._known)
        _follow_up(found, self._unwritten)
        return found

    async def open(self, now: int) -> list[Escalation]:
        """What nobody has accepted yet at this time (epoch ms): life at risk first, the oldest first."""
        del now
        await self._refresh(LOOK_S if self._tasks else 0.0)
        return in_order(one for one in self._standing().values() if one.is_open)

    async def due(self, now: int) -> list[Escalation]:
        """What is to be judged again at this time (epoch ms), accepted or not: life at risk first."""
        await self._refresh(LOOK_S if self._tasks else 0.0)
        return in_order(one for one in self._standing().values() if one.is_due(now))

    async def settled(self, since: int) -> list[Escalation]:
        """What was accepted since then (epoch ms), the newest first, with the times that it took."""
        return await self._desk.settled(since)

    # changing -------------------------------------------------------------------------------------

    async def claim(self, item_id: ItemId, who: str) -> Escalation:
        """Says who deals with an escalation, and claims its item. Raises NotPossible when none is open."""
        return await self._change(Change(Kind.CLAIMED, item_id, named(who), self._clock.now()))

    async def step(self, item_id: ItemId, step: Step, who: str) -> Escalation:
        """Ticks a step on the way. Raises NotPossible when none is open."""
        return await self._change(Change(Kind.STEPPED, item_id, named(who), self._clock.now(), step=step))

    async def accept(self, item_id: ItemId, by: str, who: str) -> Escalation:
        """Ends an escalation: somebody able to act has accepted it.

        `by` is their name or collar number, `who` writes it down. Raises UsageError without a name,
        NotPossible when none is open.
        """
        name = " ".join(by.split())
        if not name:
            raise UsageError("Write the name or collar number of the person who accepted it.")
        return await self._change(Change(Kind.ACCEPTED, item_id, named(who), self._clock.now(), by=name))

    async def grade(
        self,
        item_id: ItemId,
        grade: int,
        who: str,
        reason: str = "",
        thrive: Mapping[str, str] | None = None,
    ) -> None:
        """Gives an item the grade that a person decided; the same grade again judges it anew.

        Grade 1 and 2 are escalated. Lowering needs a reason. `thrive` holds answers by their question
        (`domain.escalation.THRIVE`). Raises UsageError for what is not there or not said.
        """
        wanted = checked_grade(grade)
        answers = {name: text.strip() for name, text in (thrive or {}).items() if text.strip()}
        unknown = sorted(set(answers) - set(THRIVE))
        if unknown:
            raise UsageError(f"“{unknown[0]}” is no part of THRIVE; its parts are {', '.join(THRIVE)}.")
        item = await self._desk.item(item_id)
        if wanted > item.grade and not reason.strip():
            raise UsageError("A grade is lowered only with a reason, which goes on record.")
        content = {**answers, **({"reason": reason.strip()} if reason.strip() else {})}
        change = Change(
            kind=Kind.JUDGED,
            item_id=item_id,
            who=named(who),
            at=self._clock.now(),
            grade=int(wanted),
            account_id=item.account_id,
            arrived_at=item.received_at,
            content=content,
        )
        async with self._turn:
            await self._refresh()
            self._unwritten.append(change)
            await self._write()
            if change in self._unwritten and wanted > HIGHEST:
                self._unwritten.remove(change)
                raise NotPossible(
                    "The record cannot be written now, so the grade was not changed. Make room on the disk."
                )
            self._announce()

    async def _change(self, change: Change) -> Escalation:
        async with self._turn:
            await self._refresh()
            before = self._standing().get(change.item_id)
            if before is None:
                before = await self._desk.newest(change.item_id)
            if before is None:
                raise NotPossible(f"Nothing is escalated for {item_key(change.item_id)}.")
            made = after(before, change)
            self._unwritten.append(change)
            for left, why in await self._write():
                if left is change:
                    raise NotPossible(why)
            self._announce()
            return made


def _follow_up(found: dict[ItemId, Escalation], changes: Sequence[Change]) -> None:
    """Has escalations by item be what they are after some changes; one that cannot be is passed over."""
    for change in changes:
        before = found.get(change.item_id)
        if (what := meant(before, change)) is not None:
            with contextlib.suppress(NotPossible):  # somebody else has settled it meanwhile
                found[change.item_id] = after(before, what)
