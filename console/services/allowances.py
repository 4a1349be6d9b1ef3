"""What a connector may still read: its side of the ceilings that acts are held to as well.

Accounts that share a ceiling and wait for it get their turn one after the other. What a newcomer would get
wrong: what a connector asks for while it acts or looks belongs to the act. It never waits in a line with
reading (an order that waits would count as lost), and is refused only when nothing at all is left.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from console.api import SlowDown
from console.domain.ids import AccountId
from console.services.ceilings import Ceilings
from console.services.clock import Clock
from console.services.pace import woken
from console.services.windows import Line, Ticket, Use, Window

PATIENCE_MS = 60_000
"""How long reading waits for its turn before the account is told to come back later."""

_use: ContextVar[Use] = ContextVar("_use", default="read")


@contextmanager
def for_an_act() -> Iterator[None]:
    """What is spent inside belongs to an act."""
    before = _use.set("act")
    try:
        yield
    finally:
        _use.reset(before)


class AccountAllowance:
    """The ceilings of one account, as its connector sees them."""

    def __init__(self, ceilings: Ceilings, account_id: AccountId, clock: Clock) -> None:
        """An account that nobody watches (one that is tried before it is saved) has no ceilings."""
        self._ceilings = ceilings
        self._account_id = account_id
        self._clock = clock

    async def take(self, ceiling: str, points: int = 1) -> None:
        """Counts points of reading; waits up to a minute. Raises SlowDown when that is not enough."""
        window = self._ceilings.window(self._account_id, ceiling)
        if window is None or points <= 0:
            return
        if _use.get() == "act":
            self._take_for_an_act(window, points)
            return
        line = window.line
        ticket = line.join(self._account_id, points)
        try:
            await self._wait(window, line, ticket)
            window.spend(self._account_id, "read", points, self._clock.now())
        finally:
            line.leave(ticket)

    async def _wait(self, window: Window, line: Line, ticket: Ticket) -> None:
        points = ticket.points
        deadline = self._clock.now() + PATIENCE_MS
        while True:
            now = self._clock.now()
            has_room = window.room(self._account_id, "read", now) >= points
            is_next = line.is_next(ticket, window)
            if is_next and has_room:
                return
            at = window.room_at(self._account_id, "read", points, now)
            if at > deadline or now >= deadline:
                until = max(at, now + 1000)
                window.refuse(self._account_id, until)
                raise SlowDown(_words(window), until=until)
            await woken(line.moved, self._clock, ((at if is_next else deadline) - now) / 1000)

    def _take_for_an_act(self, window: Window, points: int) -> None:
        now = self._clock.now()
        if not window.left(now):
            raise SlowDown(_words(window), until=window.room_at(self._account_id, "act", 1, now))
        window.spend(self._account_id, "act", points, now)

    def learn(self, ceiling: str, *, left: int, until: int) -> None:
        """Takes the network's word."""
        window = self._ceilings.window(self._account_id, ceiling)
        if window is not None:
            window.learn(left, until, self._clock.now())
            window.line.move()

    def left(self, ceiling: str) -> int | None:
        """Points that are left for reading now."""
        window = self._ceilings.window(self._account_id, ceiling)
        return None if window is None else window.room(self._account_id, "read", self._clock.now())


def _words(window: Window) -> str:
    name = window.ceiling.name
    if window.ceiling.setting and window.points != window.ceiling.points:
        return f"The limit that was set for “{name}” is reached."
    return f"The network's allowance “{name}” is used up for now."
