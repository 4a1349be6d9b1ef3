"""Ceilings: how much of each network's allowance is left, and when there is more.

An allowance is counted over a window that slides: points are back as soon as the act that took them is
older than the window. What a network says itself (slow down until …) stands above our own count.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from console.domain.acts import Verb
from console.domain.capabilities import Ceiling
from console.domain.ids import AccountId

REQUEST_MS = 400
"""How long one request to a network takes, about; only for saying when a plan will be done."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one account may still do now."""

    points: int | None
    """Points left in the tightest ceiling; None: there is no ceiling for this verb."""
    seconds: int
    """The period of that ceiling."""


@dataclass(slots=True)
class _Window:
    ceiling: Ceiling
    spent: deque[tuple[int, int]] = field(default_factory=deque)
    total: int = 0

    def left(self, now: int) -> int:
        border = now - self.ceiling.seconds * 1000
        while self.spent and self.spent[0][0] <= border:
            self.total -= self.spent.popleft()[1]
        return self.ceiling.points - self.total

    def room_at(self, now: int, points: int) -> int:
        """When `points` fit, at the soonest."""
        missing = points - self.left(now)
        at = now
        for spent_at, cost in self.spent:
            if missing <= 0:
                break
            missing -= cost
            at = spent_at + self.ceiling.seconds * 1000
        return at


class Ceilings:
    """The allowances of every account that runs."""

    def __init__(self) -> None:
        self._windows: dict[AccountId, list[_Window]] = {}
        self._resting: dict[AccountId, int] = {}

    def watch(self, account_id: AccountId, ceilings: Sequence[Ceiling]) -> None:
        """Starts counting for an account; what was counted already stays."""
        if account_id not in self._windows:
            self._windows[account_id] = [_Window(ceiling) for ceiling in ceilings]

    def rest(self, account_id: AccountId, until: int) -> None:
        """Sends nothing on this account before `until`, milliseconds since 1970: the network said so."""
        self._resting[account_id] = max(until, self._resting.get(account_id, 0))

    def resting_until(self, account_id: AccountId, now: int) -> int | None:
        """Until when the network asked us to wait, or None."""
        until = self._resting.get(account_id, 0)
        return until if until > now else None

    def spend(self, account_id: AccountId, verb: Verb, units: int, now: int) -> None:
        """Counts an order that is about to be sent; `units` as `cost_units` gives them."""
        for window in self._windows.get(account_id, ()):
            points = window.ceiling.costs.get(verb, 0) * units
            if points:
                window.spent.append((now, points))
                window.total += points

    def units(self, account_id: AccountId, verb: Verb, items: int, threads: int) -> int:
        """How many times the verb's cost an order takes: once a thread where the network batches."""
        windows = self._windows.get(account_id, ())
        return threads if any(verb in window.ceiling.batched for window in windows) else items

    def fits(self, account_id: AccountId, verb: Verb, units: int, now: int) -> bool:
        """Whether an order of so many units may be sent now."""
        if self.resting_until(account_id, now) is not None:
            return False
        return all(
            window.ceiling.costs.get(verb, 0) * units <= window.left(now)
            for window in self._windows.get(account_id, ())
        )

    def room_at(self, account_id: AccountId, verb: Verb, now: int) -> int:
        """When one more unit of the verb may be sent; `now` when it may be at once."""
        at = self.resting_until(account_id, now) or now
        for window in self._windows.get(account_id, ()):
            cost = window.ceiling.costs.get(verb, 0)
            if cost:
                at = max(at, window.room_at(now, cost))
        return at

    def allowance(self, account_id: AccountId, verb: Verb, now: int) -> Allowance:
        """What is left for a verb, in units of that verb."""
        tightest = Allowance(points=None, seconds=0)
        for window in self._windows.get(account_id, ()):
            cost = window.ceiling.costs.get(verb, 0)
            if not cost:
                continue
            units = max(0, window.left(now)) // cost
            if tightest.points is None or units < tightest.points:
                tightest = Allowance(units, window.ceiling.seconds)
        return tightest

    def finishes_at(self, account_id: AccountId, verb: Verb, units: int, requests: int, now: int) -> int:
        """When so many units will have been sent, keeping to every ceiling; milliseconds since 1970."""
        begin = self.resting_until(account_id, now) or now
        end = begin + requests * REQUEST_MS
        for window in self._windows.get(account_id, ()):
            cost = window.ceiling.costs.get(verb, 0)
            left = max(0, window.left(now))
            missing = cost * units - left
            if missing <= 0:
                continue
            full, rest = divmod(missing, window.ceiling.points)
            start = window.room_at(now, left + (rest or window.ceiling.points))
            periods = full if rest else full - 1
            end = max(end, start + periods * window.ceiling.seconds * 1000)
        return end
