"""When acts will be done: a plan is tried out on copies of the windows that it will be held to.

What a newcomer would get wrong: acts that wait already come first, those of other accounts on the same
app too. A plan that forgot them would promise what it cannot keep.
"""

import heapq
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from console.domain.acts import Verb
from console.domain.ids import AccountId
from console.services.ceilings import Ceilings, Key, Load, cost, requests
from console.services.windows import Window

REQUEST_MS: Final = 400
"""How long one request to a network takes, about."""
_STEPS: Final = 600
"""After so many steps the rest is reckoned from the pace so far."""
_GROUPS: Final = 200
"""Into so many parts the work of one account is divided at most."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a plan asks of one account."""

    account_id: AccountId
    verb: Verb
    orders: Sequence[Load]
    begin: int
    """Not before this time, milliseconds since 1970."""


@dataclass(slots=True)
class _Runner:
    """One account at its work, one order after the other."""

    account_id: AccountId
    windows: list[Window]
    work: deque[tuple[Verb, Load]] = field(default_factory=deque)
    begin: int = 0
    left: int = 0
    marked: tuple[int, int] = (0, 0)
    """Time and items left at a moment on the way."""


def forecast(
    ceilings: Ceilings, wishes: Sequence[Wish], backlog: Mapping[tuple[AccountId, Verb], int], now: int
) -> dict[AccountId, int]:
    """When each account of a plan will have sent all, keeping to every ceiling; milliseconds since 1970.

    `backlog` is how many acts wait already, of all accounts.
    """
    copies: dict[Key, Window] = {}
    runners: dict[AccountId, _Runner] = {}

    def runner(account_id: AccountId) -> _Runner:
        if account_id not in runners:
            pairs = zip(ceilings.keys(account_id), ceilings.windows(account_id), strict=True)
            windows = [copies.setdefault(key, window.copy()) for key, window in pairs]
            begin = ceilings.resting_until(account_id, now) or now
            runners[account_id] = _Runner(account_id, windows, begin=begin)
        return runners[account_id]

    for (account_id, verb), count in sorted(backlog.items()):
        add = runner(account_id)
        add.work.extend((verb, load) for load in _grouped(_orders(count, ceilings.batch(account_id))))
    for wish in wishes:
        add = runner(wish.account_id)
        add.begin = max(add.begin, wish.begin)
        add.work.extend((wish.verb, load) for load in _grouped(wish.orders))
    for window in copies.values():
        window.acting.clear()
    for one in runners.values():
        one.left = sum(load.items for _, load in one.work)
        for window in one.windows:
            window.acting.add(one.account_id)
    ends = _run(list(runners.values()))
    return {wish.account_id: ends[wish.account_id] for wish in wishes}


def _run(runners: Sequence[_Runner]) -> dict[AccountId, int]:
    """Lets all work, whoever is ready first; gives when each is done."""
    ends: dict[AccountId, int] = {}
    ready = [(one.begin, place) for place, one in enumerate(runners)]
    heapq.heapify(ready)
    steps = 0
    while ready:
        at, place = heapq.heappop(ready)
        one = runners[place]
        if not one.work:
            ends[one.account_id] = at
            for window in one.windows:
                window.acting.discard(one.account_id)
            continue
        steps += 1
        if steps == _STEPS // 2:
            for other in runners:
                other.marked = (at, other.left)
        if steps > _STEPS:
            ends |= {runners[other].account_id: _at_pace(runners[other], at) for _, other in ready}
            ends[one.account_id] = _at_pace(one, at)
            break
        heapq.heappush(ready, (_step(one, at), place))
    return ends


def _step(one: _Runner, at: int) -> int:
    """Sends as much of the next order as fits; gives when the account goes on."""
    verb, load = one.work[0]
    part = _fitting(one, verb, load, at)
    if part is None:
        return max(at + 1, *(_room_at(one, window, verb, at) for window in one.windows))
    one.work.popleft()
    if part.items < load.items:
        one.work.appendleft((verb, Load(load.items - part.items, max(1, load.threads - part.threads))))
    for window in one.windows:
        if points := cost(window.ceiling, verb, part):
            window.spend(one.account_id, "act", points, at)
    one.left -= part.items
    number = min((requests(window.ceiling, verb, part) for window in one.windows), default=part.items)
    return at + number * REQUEST_MS


def _fitting(one: _Runner, verb: Verb, load: Load, at: int) -> Load | None:
    """The largest part of an order that fits now; None when nothing does."""
    rooms = [(window.ceiling, window.room(one.account_id, "act", at)) for window in one.windows]
    low, high = 0, load.items
    while low < high:
        middle = (low + high + 1) // 2
        part = _part(load, middle)
        if all(cost(ceiling, verb, part) <= room for ceiling, room in rooms):
            low = middle
        else:
            high = middle - 1
    return _part(load, low) if low else None


def _part(load: Load, items: int) -> Load:
    return Load(items, max(1, -(-load.threads * items // load.items)))


def _room_at(one: _Runner, window: Window, verb: Verb, at: int) -> int:
    points = cost(window.ceiling, verb, Load(1))
    return window.room_at(one.account_id, "act", points, at) if points else at


def _at_pace(one: _Runner, at: int) -> int:
    """When an account would be done at the pace that it had lately."""
    marked_at, marked_left = one.marked
    done = marked_left - one.left
    if not one.left:
        return at
    if done <= 0 or at <= marked_at:
        longest = max((window.ceiling.seconds for window in one.windows), default=0)
        return at + longest * 1000 + one.left * REQUEST_MS
    return at + -(-one.left * (at - marked_at) // done)


def _orders(count: int, batch: int) -> list[Load]:
    """So many acts in orders, each taken to be in a thread of its own, as nobody knows."""
    size = max(1, batch)
    return [Load(min(size, count - start), min(size, count - start)) for start in range(0, count, size)]


def _grouped(orders: Sequence[Load]) -> list[Load]:
    """The same work in fewer parts, so that a plan for very many items is quick too."""
    size = max(1, -(-len(orders) // _GROUPS))
    return [
        Load(sum(load.items for load in some), sum(load.threads for load in some))
        for some in (orders[start : start + size] for start in range(0, len(orders), size))
    ]
