"""Cover: who deals with an item, who looks after an account tonight, and when arrivals are out of the usual.

What a newcomer would get wrong: the lead of an account is answerable for it, which is not the same as being
there tonight. Once duty has been taken for an account, only somebody on duty covers it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from console.domain.accounts import Account
from console.domain.approving import plain_name
from console.domain.errors import UsageError
from console.domain.ids import ItemId

CLAIM_MS: Final = 15 * 60_000
"""How long a claim holds: as long as a harmful item may wait (Grade 3, 15 min). Whoever was called away in
the middle must not keep an item from the others for longer than that; claiming again makes it hold anew."""
MOST_CLAIMED: Final = 1_000
"""How many items one person may have claimed: more is nobody's to deal with in fifteen minutes."""
LONGEST_DUTY_MS: Final = 24 * 3_600_000
"""Nobody covers an account for longer than a day without saying so again."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody deals with an item. Times are milliseconds since 1970, UTC."""

    who: str
    at: int
    until_at: int

    def holds(self, now: int) -> bool:
        """Whether it has not expired."""
        return now < self.until_at

    def is_of(self, who: str) -> bool:
        """Whether it is this person's."""
        return plain_name(self.who) == plain_name(who)


@dataclass(frozen=True, slots=True)
class Collision:
    """An item that somebody wanted to claim and somebody else has."""

    item_id: ItemId
    claim: Claim

    @property
    def words(self) -> str:
        """What to say about it."""
        return claimed_words(self.claim)


def named(who: str) -> str:
    """A person's name as it goes on record. Raises UsageError when there is none."""
    found = " ".join(who.split())
    if not found:
        raise UsageError("It goes on record who that is, so a name is needed.")
    return found


def claimed_words(claim: Claim) -> str:
    """Why an item is left alone that somebody else has claimed."""
    return f"{claim.who} has it. Take it over to act on it."


@dataclass(frozen=True, slots=True)
class Claimed:
    """What became of a wish to claim items."""

    claims: dict[ItemId, Claim]
    """Those that are the person's now."""
    collisions: tuple[Collision, ...]
    """Those that are somebody else's."""


@dataclass(frozen=True, slots=True)
class Duty:
    """Somebody covers an account. Times are milliseconds since 1970, UTC."""

    account: str
    """The key of the account."""
    who: str
    from_at: int
    until_at: int

    def holds(self, now: int) -> bool:
        """Whether it lasts."""
        return now < self.until_at


@dataclass(frozen=True, slots=True)
class Uncovered:
    """An account that nobody looks after."""

    account: str
    """Its key."""
    since: int | None
    """When the last duty ended, epoch ms; None when nobody was ever named for it."""
    words: str


def uncovered(
    accounts: Sequence[Account], duties: Sequence[Duty], last: dict[str, int], now: int
) -> list[Uncovered]:
    """The accounts that nobody looks after, in the order of `accounts`.

    `duties` are those that were not ended, `last` says by account key when the last duty ended that is over.
    """
    covered = {duty.account for duty in duties if duty.holds(now)}
    over = {duty.account: duty.until_at for duty in duties if not duty.holds(now)}
    found: list[Uncovered] = []
    for account in accounts:
        if account.key in covered:
            continue
        ended = max(
            (at for at in (over.get(account.key), last.get(account.key)) if at is not None), default=None
        )
        if ended is not None:
            found.append(Uncovered(account.key, ended, "Nobody is on duty for it."))
        elif account.is_uncovered:
            found.append(Uncovered(account.key, None, "It has no lead and no deputy."))
    return found


SURGE_MINUTES: Final = 5
"""What counts as now: shorter than this, one lively thread is a surge."""
SURGE_LEAST: Final = 5.0
"""Fewer arrivals a minute than this are read as they come, whatever is usual."""
SURGE_TIMES: Final = 3.0
"""So many times the usual is a surge at the least."""
_SPREADS: Final = 6.0
_MAD: Final = 1.4826
"""Makes the median of the deviations as large as a standard deviation of a normal distribution (Rousseeuw
and Croux, Alternatives to the Median Absolute Deviation, 1993)."""
_DAYS: Final = 3
"""With fewer earlier days than this nothing is known to be usual."""
_UNKNOWN: Final = 30.0
"""A minute with so many is a surge at an account of which nothing is known yet."""


@dataclass(frozen=True, slots=True)
class Surge:
    """Arrivals of an account that have left their usual course."""

    account: str
    """Its key."""
    rate: float
    """Arrivals a minute now."""
    usual: float | None
    """Arrivals a minute that are usual at this hour; None when too little is known."""

    @property
    def words(self) -> str:
        """What to say about it."""
        if self.usual is None:
            return f"{self.account}: {self.rate:.0f} a minute; what is usual is not known yet."
        return f"{self.account}: {self.rate:.0f} a minute, usually {self.usual:.1f} at this hour."


def surge(account: str, rate: float, hours: Sequence[float]) -> Surge | None:
    """Whether an account's arrivals have left their usual course.

    `rate` is arrivals a minute now, `hours` the arrivals a minute in the same hour of earlier days. Median
    and median deviation are used, so that one wild night among them changes nothing.
    """
    if len(hours) < _DAYS:
        return Surge(account, rate, None) if rate >= _UNKNOWN else None
    usual = median(hours)
    spread = _MAD * median(abs(each - usual) for each in hours)
    least = max(SURGE_LEAST, SURGE_TIMES * usual, usual + _SPREADS * spread)
    return Surge(account, rate, usual) if rate >= least else None
