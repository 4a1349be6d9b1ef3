"""What reading costs: counted in thousandths of a US dollar, for each day (UTC), up to the limit of a person.

What a newcomer would get wrong: X asks for a post or an author once a day however often it is handed over,
so the same ids cost nothing until midnight, and everything costs again after it. And what was read is paid:
the count is made after the answer, and only the next request is refused.
Source: https://docs.x.com/x-api/getting-started/pricing and its sheet of prices.
"""

import contextlib
import math
from collections.abc import Collection

import msgspec

from console.api import Context, SlowDown
from console.api.web import DAY_MS
from plugins.x.keeping import keep, kept

CEILING = "spending a day"
POST = 5
"""Thousandths of a dollar for a post."""
OWN_READ = 1
"""For a post in the account's own lists (mentions, own posts), where the app is its own."""
USER = 10
"""For an author."""
MESSAGE = 10
"""For a private message."""
DEFAULT_DOLLARS = 20
_FILE = "spent.json"


class Spent(msgspec.Struct):
    """How much was spent on which day, so that a new start does not begin at nothing."""

    day: int
    """Days since 1970, UTC."""
    thousandths: int


class Money:
    """What one account has spent today."""

    def __init__(self, context: Context) -> None:
        """Nothing is read from the disk yet; `open` does."""
        self._allowance, self._now = context.allowance, context.now
        self._context = context
        self._limit = _limit(context.settings.get("dollars_a_day", ""))
        self._spent = Spent(self._today, 0)
        self._paid: dict[str, int] = {}

    async def open(self) -> None:
        """Takes up what was spent earlier today."""
        found = await kept(self._context.folder, _FILE, Spent)
        if found is not None and found.day == self._today:
            self._spent = Spent(found.day, max(found.thousandths, self._spent.thousandths))
        self._tell()

    @property
    def left(self) -> int:
        """Thousandths of a dollar that may still be spent today."""
        self._turn()
        own = max(0, self._limit - self._spent.thousandths)
        shared = self._allowance.left(CEILING)
        return own if shared is None else min(own, max(0, shared))

    @property
    def spent(self) -> int:
        """Thousandths of a dollar that were spent today."""
        self._turn()
        return self._spent.thousandths

    @property
    def limit(self) -> int:
        """Thousandths of a dollar that a person allows for a day."""
        return self._limit

    def check(self, price: int) -> None:
        """To be called before each request. Raises SlowDown when so much cannot be paid any more."""
        if self.left < price:
            raise SlowDown(self.words, until=self.midnight)

    def affords(self, price: int, *, most: int, least: int) -> int:
        """How many things at this price to ask for: `most`, or fewer towards the end of the money.

        `least` is how many the network lets one ask for at the least; it may hand over as many as it is asked
        for, so a limit is never passed. Raises SlowDown when not even those can be paid.
        """
        self.check(price * least)
        return min(most, self.left // price) if price else most

    def price_of(self, ids: Collection[str], price: int) -> int:
        """What these would cost now, those paid today counting for nothing."""
        self._turn()
        return sum(max(0, price - self._paid.get(one, 0)) for one in set(ids))

    async def pay(self, ids: Collection[str], price: int) -> None:
        """Counts what was handed over. Never raises: it is paid already."""
        cost = self.price_of(ids, price)
        for one in set(ids):
            self._paid[one] = max(price, self._paid.get(one, 0))
        await self.note(cost)

    async def note(self, thousandths: int) -> None:
        """Counts a price."""
        if thousandths <= 0:
            return
        self._turn()
        self._spent.thousandths += thousandths
        with contextlib.suppress(SlowDown):  # the next `check` says it
            await self._allowance.take(CEILING, thousandths)
        self._tell()
        await keep(self._context.folder, _FILE, self._spent)

    @property
    def words(self) -> str:
        """Why nothing more is read today."""
        return (
            f"The {self._limit / 1000:g} US dollars that reading this account may cost in a day are used up, "
            "so X is not asked again before midnight UTC. Acts still go out. To read on today, raise the "
            "amount in the account's settings."
        )

    @property
    def midnight(self) -> int:
        """When the day ends by which X counts, milliseconds since 1970."""
        return (self._today + 1) * DAY_MS

    @property
    def _today(self) -> int:
        return self._now() // DAY_MS

    def _turn(self) -> None:
        """Begins a new day when there is one."""
        if self._spent.day != self._today:
            self._spent = Spent(self._today, 0)
            self._paid.clear()
            self._tell()

    def _tell(self) -> None:
        """Our own count stands above the console's, which forgets at a new start and knows no midnight."""
        left = max(0, self._limit - self._spent.thousandths)
        self._allowance.learn(CEILING, left=left, until=self.midnight)


def _limit(text: str) -> int:
    """A person's limit in thousandths of a dollar; one that cannot be read counts as the default."""
    try:
        dollars = float(text.strip().lstrip("$").replace(",", "") or DEFAULT_DOLLARS)
    except ValueError:
        dollars = DEFAULT_DOLLARS
    if not math.isfinite(dollars):
        dollars = DEFAULT_DOLLARS
    return int(max(0.0, min(dollars, 1e6)) * 1000)
