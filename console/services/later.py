"""Later looks: what was hidden or deleted is looked at again, so that what comes back is noticed and said.

What a newcomer would get wrong: one look that shows an item is not believed. Networks answer from several
copies, and one of them may lag behind; only a second look, a minute later, makes an act `reappeared`. These
looks come after everything else: an account with acts to send makes none, and each makes one at a time.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from console.api import Failure, Sight, SlowDown
from console.desk.protocol import Desk, Move
from console.domain.acts import LATER_MS, Act, ActState, LaterLook
from console.domain.ids import AccountId, ActId
from console.domain.items import ItemState
from console.services.clock import Clock
from console.services.events import Events, Trouble
from console.services.lines import Line, Lines
from console.services.pace import woken
from console.services.sending import Step

log = logging.getLogger(__name__)

EVERY_S: Final = 15.0
"""So much time lies between two later looks of one account, so that they never crowd out reading."""
SURE_MS: Final = 60_000
"""After a look that shows an item again, the look that decides."""
PUT_OFF_MS: Final = 600_000
"""A look that got no answer is made again after this time."""
_OUT_OF_VIEW: Final = frozenset({ItemState.HIDDEN, ItemState.HELD, ItemState.DELETED, ItemState.GONE})
"""What was hidden and is deleted by now has not come back."""
BACK = "It was out of public view and is back."

Look = Callable[[AccountId, Line, Sequence[Act]], Awaitable[list[tuple[Act, Sight | None]]]]
"""Looks at the items of acts. Raises a Failure when the network did not answer."""


class Later:
    """Makes later looks, on every account that has a line, until it is stopped."""

    def __init__(
        self,
        *,
        desk: Desk,
        clock: Clock,
        events: Events,
        lines: Lines,
        step: Step,
        look: Look,
        is_busy: Callable[[AccountId], bool],
    ) -> None:
        """`is_busy` says whether an account is at work on acts that wait."""
        self._desk = desk
        self._clock = clock
        self._events = events
        self._lines = lines
        self._step = step
        self._look = look
        self._is_busy = is_busy
        self._woken = asyncio.Event()
        self._not_before: dict[AccountId, float] = {}

    def wake(self) -> None:
        """Says that there may be something new to look at."""
        self._woken.set()

    async def work(self) -> None:
        """Looks whenever something is due, for ever."""
        while True:
            self._woken.clear()
            try:
                pause = await self.round()
            except Exception:  # whatever it was, the next round may do better
                log.exception("later looks failed")
                pause = PUT_OFF_MS / 1000
            if pause is None:
                await self._woken.wait()
            else:
                await woken(self._woken, self._clock, pause)

    async def round(self) -> float | None:
        """One look on each account for which one is due; gives the seconds to the next, None for none."""
        pauses: list[float] = []
        for account_id in self._lines.open_accounts():
            at = await self._desk.next_look(account_id)
            line = self._lines.line(account_id)
            if at is None or line is None:
                continue
            wait = max(
                (at - self._clock.now()) / 1000,
                self._not_before.get(account_id, 0.0) - self._clock.monotonic(),
            )
            if wait <= 0:
                self._not_before[account_id] = self._clock.monotonic() + EVERY_S
                if not self._is_busy(account_id):
                    await self._look_at(account_id, line)
                wait = EVERY_S
            pauses.append(wait)
        return min(pauses, default=None)

    async def _look_at(self, account_id: AccountId, line: Line) -> None:
        now = self._clock.now()
        due = await self._desk.due_looks(account_id, now, line.manifest.batch)
        if not due:
            return
        try:
            seen = await self._look(account_id, line, [one.act for one in due])
        except Failure as failure:
            until = failure.until if isinstance(failure, SlowDown) else 0
            at = max(until, self._clock.now() + PUT_OFF_MS)
            await self._desk.put_off_looks([(one.act.id, at, one.step, one.is_doubted) for one in due])
            return
        sights = {act.id: sight for act, sight in seen}
        put_off: list[tuple[ActId, int, int, bool]] = []
        back: list[Move] = []
        for one in due:
            sight = sights.get(one.act.id)
            if sight is None or sight.done is not False or sight.state in _OUT_OF_VIEW:
                put_off.append(_next(one, self._clock.now(), is_sure=sight is not None))
            elif one.is_doubted:
                state = None if sight.state is ItemState.UNKNOWN else sight.state
                back.append(Move(one.act.id, ActState.REAPPEARED, error=BACK, item_state=state))
            else:
                put_off.append((one.act.id, self._clock.now() + SURE_MS, one.step, True))
        await self._desk.put_off_looks(put_off)
        moved = [act for act in await self._step(back) if act.state is ActState.REAPPEARED]
        if moved:
            self._events.announce(Trouble(_words(moved)))


def _next(one: LaterLook, now: int, *, is_sure: bool) -> tuple[ActId, int, int, bool]:
    """When the act is looked at after this; a step beyond the last ends it."""
    step = one.step + 1
    after = LATER_MS[step] if step < len(LATER_MS) else 0
    return one.act.id, now + after, step, one.is_doubted and not is_sure


def _words(acts: Sequence[Act]) -> str:
    number = "An item that was" if len(acts) == 1 else f"{len(acts):,} items that were"
    verbs = sorted({{"hide": "hidden", "delete": "deleted", "hold": "held"}[act.verb] for act in acts})
    rest = "is back in public" if len(acts) == 1 else "are back in public"
    again = "it" if len(acts) == 1 else "them"
    return f"{number} {' or '.join(verbs)} {rest}. Look at {again} again and decide anew."
