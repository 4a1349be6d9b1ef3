"""One ceiling of one network, counted for everyone who shares it: a window of time that slides.

Reading and acts spend from the same window. Where acts cost something, a quarter is kept for them, and
where something is read, acts leave a quarter for that; what lies between goes to whoever comes first. While
acts wait, reading keeps to its quarter, so that a plan can say when it will be done. Accounts that share a
window each get an equal part of it while others want some.

What a newcomer would get wrong: what the network says of itself (`learn`) stands above our own count. The
count starts from nothing when the program starts, and others may use the same app.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final, Literal

from console.domain.capabilities import Ceiling
from console.domain.ids import AccountId

Use = Literal["read", "act"]

PART: Final = 4
"""One part in so many is kept for the other use."""
_STEPS: Final = 200
"""Into so many steps a window is divided; what was spent within one step comes back together."""
AFTERWARDS_MS: Final = 60_000
"""How long an account that was told to come back later is still reckoned with after that time."""


@dataclass(slots=True)
class _Step:
    """What was spent within a small part of the window."""

    first: int
    last: int
    spent: Counter[tuple[AccountId, Use]] = field(default_factory=Counter)


@dataclass(slots=True)
class Count:
    """What was spent lately, and what the network said of it. Times are milliseconds since 1970."""

    period: int
    """How long something that was spent stays so, in milliseconds."""
    steps: deque[_Step] = field(default_factory=deque)
    spent: Counter[tuple[AccountId, Use]] = field(default_factory=Counter)
    used: Counter[Use] = field(default_factory=Counter)
    is_read: bool = False
    """Whether anything was ever read from it."""
    said_left: int | None = None
    """What the network said was left, less what was spent since; None when it has said nothing."""
    said_until: int = 0
    hungry: dict[AccountId, int] = field(default_factory=dict)
    """Accounts that were told to come back, and until when they are reckoned with."""

    def add(self, account_id: AccountId, use: Use, points: int, now: int) -> None:
        """Counts what is spent."""
        if not self.steps or now - self.steps[-1].first > self.period // _STEPS:
            self.steps.append(_Step(now, now))
        step = self.steps[-1]
        step.last = max(step.last, now)
        step.spent[account_id, use] += points
        self.spent[account_id, use] += points
        self.used[use] += points
        self.is_read = self.is_read or use == "read"
        if self.said_left is not None:
            self.said_left -= points

    def slide(self, now: int) -> None:
        """Gives back what is older than the period."""
        if self.said_left is not None and self.said_until <= now:
            # The network's own period is over, and with it all that was counted in it.
            self.said_left = None
            while self.steps and self.steps[0].last <= self.said_until:
                self._drop()
        while self.steps and self.steps[0].last <= now - self.period:
            self._drop()
        for account_id in [one for one, until in self.hungry.items() if until <= now]:
            del self.hungry[account_id]

    def _drop(self) -> None:
        step = self.steps.popleft()
        self.spent.subtract(step.spent)
        for (account_id, use), points in step.spent.items():
            self.used[use] -= points
            if not self.spent[account_id, use]:
                del self.spent[account_id, use]

    def changes(self) -> list[int]:
        """The moments at which something comes back, soonest first."""
        moments = [step.last + self.period for step in self.steps]
        if self.said_left is not None:
            moments.append(self.said_until)
        return sorted([*moments, *self.hungry.values()])

    def copy(self) -> "Count":
        """The same, to try things out on."""
        return Count(
            self.period,
            deque(_Step(step.first, step.last, Counter(step.spent)) for step in self.steps),
            Counter(self.spent),
            Counter(self.used),
            self.is_read,
            self.said_left,
            self.said_until,
            dict(self.hungry),
        )

    def take_over(self, other: "Count") -> None:
        """Adds what was counted elsewhere."""
        self.steps = deque(sorted((*self.steps, *other.steps), key=lambda step: step.last))
        self.spent.update(other.spent)
        self.used.update(other.used)
        self.is_read = self.is_read or other.is_read
        if self.said_left is None:
            self.said_left, self.said_until = other.said_left, other.said_until


class Window:
    """What is left of one ceiling. Times are milliseconds since 1970.

    Attributes:
        ceiling: what the manifest says of it.
        points: how much there is in a period; may be less than in the manifest, when a person says so.
        count: what was spent.
        acting: the accounts that have acts waiting.
        line: who waits for a turn to read.
    """

    def __init__(self, ceiling: Ceiling, points: int | None = None, count: Count | None = None) -> None:
        self.ceiling = ceiling
        self.points = ceiling.points if points is None else points
        self.count = count or Count(ceiling.seconds * 1000)
        self.acting: set[AccountId] = set()
        self.line = Line()

    def copy(self) -> "Window":
        """One to try things out on."""
        twin = Window(self.ceiling, self.points, self.count.copy())
        twin.acting = set(self.acting)
        return twin

    # what is left -----------------------------------------------------------------------------------

    def left(self, now: int) -> int:
        """Points that are left for any use; never below nothing."""
        self.count.slide(now)
        return max(0, self._left())

    def room(self, account_id: AccountId, use: Use, now: int) -> int:
        """Points that this account may spend on this use now."""
        self.count.slide(now)
        return max(0, min(self._use_room(use), self._share(account_id, use)))

    def room_at(self, account_id: AccountId, use: Use, points: int, now: int) -> int:
        """When so many points fit for this account, at the soonest, if nobody else spends any.

        A period from now when so many never fit.
        """
        if self.room(account_id, use, now) >= points:
            return now
        ahead = self.copy()
        for at in ahead.count.changes():
            if ahead.room(account_id, use, at) >= points:
                return at
        return now + self.count.period

    def is_over_share(self, account_id: AccountId, use: Use, points: int) -> bool:
        """Whether it is others' need that keeps this account from spending so much."""
        return self._share(account_id, use) < points

    def _left(self) -> int:
        count = self.count
        if count.said_left is not None:
            return count.said_left
        return self.points - count.used["read"] - count.used["act"]

    def _use_room(self, use: Use) -> int:
        """What is left for a use, with what is kept for the other."""
        used, part = self.count.used, self._part
        if use == "act":
            return self._left() - (max(0, part - used["read"]) if self.count.is_read else 0)
        room = self._left() - (max(0, part - used["act"]) if self.ceiling.costs else 0)
        return min(room, part - used["read"]) if self.acting and self.ceiling.costs else room

    def _share(self, account_id: AccountId, use: Use) -> int:
        """What is left of this account's equal part, while others want some too."""
        wanting: Collection[AccountId] = self.acting if use == "act" else self.count.hungry
        others = len(wanting) - (account_id in wanting)
        is_shared = self.count.is_read if use == "act" else bool(self.ceiling.costs)
        most = self.points - (self._part if is_shared else 0)
        if not others:
            return most
        # rounded up, so that a ceiling smaller than the number of accounts still lets somebody through
        return -(-most // (others + 1)) - self.count.spent[account_id, use]

    @property
    def _part(self) -> int:
        return self.points // PART

    # spending ---------------------------------------------------------------------------------------

    def spend(self, account_id: AccountId, use: Use, points: int, now: int) -> None:
        """Counts what is about to be spent, whether it fits or not."""
        self.count.slide(now)
        self.count.add(account_id, use, points, now)
        if use == "read":
            self.count.hungry.pop(account_id, None)

    def learn(self, left: int, until: int, now: int) -> None:
        """Takes the network's word; one that has run out already is not heard."""
        self.count.slide(now)
        if until > now:
            self.count.said_left, self.count.said_until = left, until

    def refuse(self, account_id: AccountId, until: int) -> None:
        """Remembers that an account was told to come back then, so that others leave its part."""
        self.count.hungry[account_id] = until + AFTERWARDS_MS

    def forget(self, account_id: AccountId) -> None:
        """An account is gone; what it spent stays spent."""
        self.acting.discard(account_id)
        self.count.hungry.pop(account_id, None)

    def take_over(self, other: "Window", now: int) -> None:
        """Adds what was counted elsewhere for an account that, it turns out, shares this window."""
        self.count.slide(now)
        other.count.slide(now)
        self.count.take_over(other.count)
        self.acting |= other.acting
        self.points = min(self.points, other.points)


@dataclass(frozen=True, slots=True, eq=False)
class Ticket:
    """A place in the line."""

    account_id: AccountId
    points: int


class Line:
    """Who waits for a turn to read: one place for each account, and its requests in their order."""

    def __init__(self) -> None:
        self._waiting: dict[AccountId, deque[Ticket]] = {}
        self.moved = asyncio.Event()

    def join(self, account_id: AccountId, points: int) -> Ticket:
        """Takes a place at the end."""
        ticket = Ticket(account_id, points)
        self._waiting.setdefault(account_id, deque()).append(ticket)
        return ticket

    def is_next(self, ticket: Ticket, window: Window) -> bool:
        """Whether it is this one's turn; those who only wait for others' need are passed by."""
        for waiting in self._waiting.values():
            first = waiting[0]
            if first is ticket:
                return True
            if not window.is_over_share(first.account_id, "read", first.points):
                return False
        return False

    def leave(self, ticket: Ticket) -> None:
        """Gives the place up; an account with more to ask for goes behind the others."""
        mine = self._waiting[ticket.account_id]
        was_first = mine[0] is ticket
        mine.remove(ticket)
        if was_first or not mine:
            del self._waiting[ticket.account_id]
            if mine:
                self._waiting[ticket.account_id] = mine
        self.move()

    def move(self) -> None:
        """Lets everybody look again."""
        self.moved.set()
        self.moved = asyncio.Event()
