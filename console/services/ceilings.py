"""Ceilings: what each account may still do at its network, alone or with others, and when it may do more.

A ceiling is counted where the network counts it: for one account, for a token, or for the app through which
accounts are reached. Accounts of one app share one window (`windows.Window`), reading and acts alike, and so
do the accounts of one plan: a plan's finishing time comes from trying it out on copies of the very windows
that acts are held to afterwards.

What a newcomer would get wrong: who shares what is known only once an account has signed in (`share`);
until then it has windows of its own, and what was counted there moves along.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from console.domain.acts import Verb
from console.domain.capabilities import Ceiling
from console.domain.ids import AccountId
from console.services.windows import Window

Key = tuple[str, str, str]
"""Connector, name of the ceiling, and who counts as one at the network."""


@dataclass(frozen=True, slots=True)
class Load:
    """How much one order asks for."""

    items: int
    threads: int = 1
    """In how many threads they are; some networks change a whole thread with one request."""


ONE = Load(1)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one account may still do now."""

    items: int | None
    """Items left in the tightest ceiling; None: there is no ceiling for this verb."""
    seconds: int
    """The period of that ceiling."""


@dataclass(slots=True)
class _Watched:
    """One account and the windows that it spends from."""

    connector: str
    ceilings: Sequence[Ceiling]
    points: Mapping[str, int]
    """What a person set as the limit, by the ceiling's name."""
    batch: int
    keys: dict[str, Key] = field(default_factory=dict)
    """By the ceiling's name."""


class Ceilings:
    """The windows of every account that runs."""

    def __init__(self) -> None:
        self._windows: dict[Key, Window] = {}
        self._accounts: dict[AccountId, _Watched] = {}
        self._resting: dict[AccountId, int] = {}

    # who shares what --------------------------------------------------------------------------------

    def watch(
        self,
        account_id: AccountId,
        ceilings: Sequence[Ceiling],
        *,
        connector: str = "",
        settings: Mapping[str, str] | None = None,
        batch: int = 1,
        token: str = "",
        app: str = "",
    ) -> None:
        """Starts counting for an account; what was counted already stays.

        `settings` are the account's own, for ceilings that a person sets; `batch` is how many items an order
        may name; `token` and `app` are what `Profile` said last time.
        """
        before = self._accounts.get(account_id)
        found = _Watched(connector, ceilings, _limits(ceilings, settings or {}), batch)
        self._accounts[account_id] = found
        if before is not None:
            found.keys = {one.name: before.keys[one.name] for one in ceilings if one.name in before.keys}
            for name, key in found.keys.items():
                self._windows[key].points = found.points[name]
        for ceiling in ceilings:
            if ceiling.name not in found.keys:
                self._enter(account_id, found, ceiling, _key(found, ceiling, account_id, token, app))

    def share(self, account_id: AccountId, *, token: str, app: str, now: int) -> None:
        """Takes what the network told at the sign-in: with whom this account shares its ceilings."""
        found = self._accounts.get(account_id)
        if found is None:
            return
        for ceiling in found.ceilings:
            key, own = _key(found, ceiling, account_id, token, app), found.keys[ceiling.name]
            if key == own:
                continue
            before = self._windows[own]
            self._enter(account_id, found, ceiling, key)
            if own[2] == _alone(account_id):  # what others counted too stays with them
                del self._windows[own]
                self._windows[key].take_over(before, now)

    def _enter(self, account_id: AccountId, found: _Watched, ceiling: Ceiling, key: Key) -> None:
        found.keys[ceiling.name] = key
        points = found.points[ceiling.name]
        window = self._windows.setdefault(key, Window(ceiling, points))
        window.points = min(window.points, points)

    def forget(self, account_id: AccountId) -> None:
        """Counts no longer for an account that was removed."""
        found = self._accounts.pop(account_id, None)
        for key in found.keys.values() if found is not None else ():
            self._windows[key].forget(account_id)
            if key[2] == _alone(account_id):
                del self._windows[key]

    def window(self, account_id: AccountId, name: str) -> Window | None:
        """The window that an account spends from; None when no such ceiling is known."""
        found = self._accounts.get(account_id)
        key = found.keys.get(name) if found is not None else None
        return self._windows[key] if key is not None else None

    def windows(self, account_id: AccountId) -> Sequence[Window]:
        """All windows of an account."""
        found = self._accounts.get(account_id)
        return [self._windows[key] for key in found.keys.values()] if found is not None else ()

    def keys(self, account_id: AccountId) -> Sequence[Key]:
        """Under what the windows of an account are counted, in the order of `windows`."""
        found = self._accounts.get(account_id)
        return list(found.keys.values()) if found is not None else ()

    def batch(self, account_id: AccountId) -> int:
        """How many items one order on this account may name."""
        found = self._accounts.get(account_id)
        return found.batch if found is not None else 1

    # acting -----------------------------------------------------------------------------------------

    def rest(self, account_id: AccountId, until: int) -> None:
        """Sends nothing on this account before `until`, milliseconds since 1970: the network said so."""
        self._resting[account_id] = max(until, self._resting.get(account_id, 0))

    def resting_until(self, account_id: AccountId, now: int) -> int | None:
        """Until when the network asked us to wait, or None."""
        until = self._resting.get(account_id, 0)
        return until if until > now else None

    def set_acting(self, account_ids: Iterable[AccountId]) -> None:
        """Says which accounts have acts waiting, so that each gets its part, before more reading."""
        wanted = set(account_ids)
        for account_id in self._accounts:
            for window in self.windows(account_id):
                if account_id in wanted and window.ceiling.costs:
                    window.acting.add(account_id)
                else:
                    window.acting.discard(account_id)

    def spend(self, account_id: AccountId, verb: Verb, load: Load, now: int) -> None:
        """Counts an order that is about to be sent."""
        for window in self.windows(account_id):
            if points := cost(window.ceiling, verb, load):
                window.spend(account_id, "act", points, now)

    def fits(self, account_id: AccountId, verb: Verb, load: Load, now: int) -> bool:
        """Whether an order may be sent now."""
        if self.resting_until(account_id, now) is not None:
            return False
        return all(
            points <= window.room(account_id, "act", now)
            for window in self.windows(account_id)
            if (points := cost(window.ceiling, verb, load))
        )

    def room_at(self, account_id: AccountId, verb: Verb, now: int) -> int:
        """When one more item of the verb may be sent; `now` when it may be at once."""
        at = self.resting_until(account_id, now) or now
        for window in self.windows(account_id):
            if points := cost(window.ceiling, verb, ONE):
                at = max(at, window.room_at(account_id, "act", points, now))
        return at

    def rooms(self, account_id: AccountId, now: int) -> dict[Verb, int]:
        """How many items of each verb may be sent now; a verb that is missing has no ceiling."""
        found: dict[Verb, int] = {}
        for window in self.windows(account_id):
            room = window.room(account_id, "act", now) if window.ceiling.costs else 0
            for verb in window.ceiling.costs:
                found[verb] = min(found.get(verb, _MANY), _items(window.ceiling, verb, room))
        return found

    def allowance(self, account_id: AccountId, verb: Verb, now: int) -> Allowance:
        """What is left for a verb, in items."""
        tightest = Allowance(items=None, seconds=0)
        for window in self.windows(account_id):
            if not window.ceiling.costs.get(verb, 0):
                continue
            room = window.room(account_id, "act", now)
            each = window.ceiling.batch if verb in window.ceiling.batched else 1
            items = room // window.ceiling.costs[verb] * max(1, each)
            if tightest.items is None or items < tightest.items:
                tightest = Allowance(items, window.ceiling.seconds)
        return tightest


_MANY = 1_000_000_000


def cost(ceiling: Ceiling, verb: Verb, load: Load) -> int:
    """How many points of a ceiling an order takes."""
    each = ceiling.costs.get(verb, 0)
    return each * requests(ceiling, verb, load) if each else 0


def requests(ceiling: Ceiling, verb: Verb, load: Load) -> int:
    """How many requests an order takes, as this ceiling counts them."""
    if verb not in ceiling.batched:
        return load.items
    return -(-load.items // ceiling.batch) if ceiling.batch else min(load.items, load.threads)


def _items(ceiling: Ceiling, verb: Verb, room: int) -> int:
    """How many items fit into so many points at the most."""
    each = ceiling.costs[verb]
    if not each:
        return _MANY
    if verb not in ceiling.batched:
        return room // each
    if ceiling.batch:
        return room // each * ceiling.batch
    return _MANY if room >= each else 0


def _alone(account_id: AccountId) -> str:
    return f"account {account_id}"


def _key(found: _Watched, ceiling: Ceiling, account_id: AccountId, token: str, app: str) -> Key:
    shared = {"account": "", "token": token, "app": app}[ceiling.per]
    return (found.connector, ceiling.name, f"{ceiling.per} {shared}" if shared else _alone(account_id))


def _limits(ceilings: Sequence[Ceiling], settings: Mapping[str, str]) -> dict[str, int]:
    """How many points each ceiling has: as a person set it, and otherwise as the manifest says."""
    found = {ceiling.name: ceiling.points for ceiling in ceilings}
    for ceiling in ceilings:
        said = settings.get(ceiling.setting, "").strip().replace(",", "") if ceiling.setting else ""
        try:
            if said:
                found[ceiling.name] = max(0, int(float(said) * ceiling.setting_points))
        except (ValueError, OverflowError):
            continue  # what is no number leaves the manifest's own word
    return found
