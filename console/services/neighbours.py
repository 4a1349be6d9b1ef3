"""Notices what another process did on the same profile: the command line beside an open window.

It asks the store a few quick questions in turn, and announces the answers as if the work had been done
here. What a newcomer would get wrong: our own work shows in the same answers. Announcing it once more
harms nobody, and asking who did it would cost more than saying it twice.
"""

import logging
from collections.abc import Awaitable, Callable

from console.desk.protocol import Desk
from console.domain.accounts import Account
from console.domain.incidents import Incident
from console.services.clock import Clock
from console.services.events import ActsChanged, Announcement, Events, IncidentChanged, ItemsChanged

_log = logging.getLogger(__name__)

QUICK_S = 0.25
"""How often the queue is looked at."""
SLOW_TURNS = 8
"""After how many looks at the queue the rest is looked at too."""
MOST_ACTS = 500
"""How many of the newest acts are announced when the queue has changed."""


class Neighbours:
    """The watch over what others do on this profile."""

    def __init__(
        self,
        *,
        desk: Desk,
        events: Events,
        clock: Clock,
        wake: Callable[[], None],
        accounts: Callable[[], Awaitable[list[Account]]],
        on_accounts: Callable[[list[Account]], Awaitable[None]],
        on_incident: Callable[[Incident | None], None],
        on_watchlists: Callable[[], Awaitable[object]],
        on_operators: Callable[[], Awaitable[object]],
    ) -> None:
        """`accounts` reads the list; the `on_` parts take what was found, changed or not."""
        self._desk = desk
        self._events = events
        self._clock = clock
        self._wake = wake
        self._accounts = accounts
        self._on_accounts = on_accounts
        self._on_incident = on_incident
        self._on_watchlists = on_watchlists
        self._on_operators = on_operators
        self._is_said = False
        self._queue: object = None
        self._incident: Incident | None = None
        self._lists: object = None

    async def watch(self) -> None:
        """Watches for ever."""
        stop = self._events.listen(self._heard)
        try:
            self._queue = await self._state_of_queue()
            self._incident = await self._desk.incident()
            self._lists = await self._state_of_lists()
            turn, is_failing = 0, False
            while True:
                await self._clock.sleep(QUICK_S)
                turn = (turn + 1) % SLOW_TURNS
                try:
                    await self.look_at_queue()
                    if not turn:
                        await self.look_at_rest()
                except Exception:  # noqa: BLE001 - acts that others ask for must be seen some time
                    if not is_failing:
                        _log.exception("What other processes do cannot be seen now.")
                    is_failing = True
                else:
                    is_failing = False
        finally:
            stop()

    def _heard(self, said: Announcement) -> None:
        self._is_said = self._is_said or isinstance(said, ActsChanged)

    async def _state_of_queue(self) -> object:
        newest = await self._desk.newest_acts(None, 1)
        return [act.id for act in newest], await self._desk.waiting()

    async def _state_of_lists(self) -> object:
        return [(found.id, found.version) for found in await self._desk.watchlists()]

    async def look_at_queue(self) -> None:
        """Wakes the act worker when acts have come or gone; announces them unless that was done here."""
        queue = await self._state_of_queue()
        is_said, self._is_said = self._is_said, False
        if queue == self._queue:
            return
        self._queue = queue
        self._wake()
        if not is_said:
            acts = await self._desk.newest_acts(None, MOST_ACTS)
            self._events.announce(ItemsChanged(tuple({act.item_id for act in acts})))
            self._events.announce(ActsChanged(tuple(act.id for act in acts)))
            self._is_said = False

    async def look_at_rest(self) -> None:
        """Takes up accounts, incidents and watchlists that were changed elsewhere."""
        await self._on_accounts(await self._accounts())
        incident = await self._desk.incident()
        if incident != self._incident:
            self._incident = incident
            self._on_incident(incident)
            self._events.announce(IncidentChanged())
        lists = await self._state_of_lists()
        if lists != self._lists:
            self._lists = lists
            await self._on_watchlists()
        await self._on_operators()
