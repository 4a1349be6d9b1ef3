"""Approvals: what waits for a second person is shown, answered, and ends when its time is over.

For the window: `engine.approvals.waiting()` gives what waits, a bulk act as one (`Awaited`, with `may(who)`),
`approve` and `decline` answer; `ActsChanged` and `ItemsChanged` are announced when something begins to wait
or was answered, and `Trouble` when something was not answered in time.

What a newcomer would get wrong: agreeing does not send. An act that cannot be taken back waits its ten
seconds after the second person has agreed, and either of the two can still cancel it.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence

from console.desk.approving import ApprovingDesk
from console.domain.acts import Act
from console.domain.approving import Awaited
from console.domain.ids import ActId, BulkId
from console.services.clock import Clock
from console.services.events import ActsChanged, Announcement, Events, ItemsChanged, Trouble
from console.services.pace import woken
from console.services.tasks import Tasks
from console.store.approvals import Approval

_log = logging.getLogger(__name__)

LOOK_S = 60.0
"""How often it is looked whether something has expired, beside the moment that is known."""


class Approvals:
    """What waits for a second person on one profile."""

    def __init__(
        self, desk: ApprovingDesk, events: Events, clock: Clock, *, wake: Callable[[], None]
    ) -> None:
        """`wake` is called when acts may go on."""
        self._desk = desk
        self._events = events
        self._clock = clock
        self._wake = wake
        self._tasks = Tasks("approvals")
        self._changed = asyncio.Event()
        self._stop_listening: Callable[[], None] | None = None

    def start(self) -> None:
        """Ends what nobody answers in time, until `stop`."""
        self._stop_listening = self._events.listen(self._heard)
        self._tasks.start(self._watch(), "watch for what expires")

    async def stop(self) -> None:
        """Ends the watch; what waits goes on waiting on disk."""
        if self._stop_listening is not None:
            self._stop_listening()
            self._stop_listening = None
        await self._tasks.stop(1.0)

    def _heard(self, announcement: Announcement) -> None:
        if isinstance(announcement, ActsChanged):
            self._changed.set()

    async def waiting(self) -> list[Awaited]:
        """What waits now, oldest first; the acts of one bulk act together."""
        now = self._clock.now()
        found = [one for one in await self._desk.waiting() if one.second.expires_at > now]
        together: dict[tuple[BulkId | None, ActId | None], list[Approval]] = {}
        for one in found:
            bulk_id = one.act.bulk_id
            together.setdefault((bulk_id, one.act.id if bulk_id is None else None), []).append(one)
        return [
            Awaited(
                acts=tuple(one.act for one in some),
                why=some[0].second.why,
                expires_at=min(one.second.expires_at for one in some),
            )
            for some in together.values()
        ]

    async def approve(self, wanted: Sequence[ActId] | BulkId, who: str) -> list[Act]:
        """Lets acts, or all that wait of a bulk act, go on; gives those that do.

        Raises NotPossible, with what to do, when nothing of it waits (any more), or `who` asked for it.
        """
        done = await self._desk.approve(await self._ids(wanted), who, self._clock.now())
        self._say(done)
        self._wake()
        return done

    async def decline(self, wanted: Sequence[ActId] | BulkId, who: str, why: str = "") -> list[Act]:
        """Ends acts that wait, with the reason on record. Raises like `approve`."""
        done = await self._desk.decline(await self._ids(wanted), who, self._clock.now(), why)
        self._say(done)
        return done

    async def expire(self) -> list[Act]:
        """Ends what nobody has answered in time; gives it."""
        over = await self._desk.expire(self._clock.now())
        self._say(over)
        if over:
            number = "An act was" if len(over) == 1 else f"{len(over):,} acts were"
            self._events.announce(
                Trouble(
                    f"{number} not done, because no second person agreed in time. Ask again if it is right."
                )
            )
        return over

    async def _ids(self, wanted: Sequence[ActId] | BulkId) -> Sequence[ActId]:
        if not isinstance(wanted, int):
            return wanted
        return [one.act.id for one in await self._desk.waiting() if one.act.bulk_id == wanted]

    def _say(self, acts: Sequence[Act]) -> None:
        if acts:
            self._events.announce(ItemsChanged(tuple(act.item_id for act in acts)))
            self._events.announce(ActsChanged(tuple(act.id for act in acts)))

    async def _watch(self) -> None:
        while True:
            self._changed.clear()
            try:
                at = await self._desk.next_end()
                if at is not None and at <= self._clock.now():
                    await self.expire()
                    continue
            except Exception:  # noqa: BLE001 - whatever it was, what waits must expire some time
                _log.exception("what waits for a second person could not be looked at")
                at = None
                await self._clock.sleep(LOOK_S)
            if at is None:
                await self._changed.wait()
            else:
                await woken(self._changed, self._clock, min(LOOK_S, (at - self._clock.now()) / 1000))
