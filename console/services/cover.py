"""Cover, as window and command line ask for it: claims, leads and deputies, duty, surges: `engine.cover`.

What a newcomer would get wrong: other processes claim and take duty too. The running engine looks every few
seconds at what they did, announces it, and ends what has expired; an engine that does not run does neither.
"""

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from console.desk.cover import CoverDesk
from console.domain.accounts import Account
from console.domain.cover import (
    CLAIM_MS,
    LONGEST_DUTY_MS,
    SURGE_MINUTES,
    Claim,
    Claimed,
    Duty,
    Surge,
    Uncovered,
    named,
    surge,
    uncovered,
)
from console.domain.errors import CordonError, UsageError
from console.domain.ids import AccountId, ItemId
from console.services.clock import Clock
from console.services.escalating import Escalating
from console.services.events import AccountsChanged, Events, ItemsChanged
from console.services.supervise import Supervisor
from console.services.tasks import Tasks
from console.store import accounts as stored_accounts
from console.store import cover as stored
from console.store.database import Connection, Database

_log = logging.getLogger(__name__)

LOOK_S: Final = 5.0
"""How often what expired and what others did is looked at."""
USUAL_DAYS: Final = 14
"""So many earlier days say what is usual at an hour: two of each day of the week."""
_MINUTE_MS: Final = 60_000


class Cover:
    """Who deals with what, on one profile."""

    def __init__(
        self,
        *,
        desk: CoverDesk,
        db: Database,
        supervisor: Supervisor,
        events: Events,
        clock: Clock,
        escalating: Escalating,
    ) -> None:
        """`escalating` begins and ends with this."""
        self.escalating = escalating
        self._desk = desk
        self._db = db
        self._supervisor = supervisor
        self._events = events
        self._clock = clock
        self._tasks = Tasks("cover")
        self._claims: dict[ItemId, Claim] = {}
        self._duties: list[Duty] = []
        self._usual: dict[tuple[AccountId, int], list[float]] = {}
        """Usual rates by account and hour since 1970."""

    async def start(self) -> None:
        """Ends what expires and announces what others do, from now on."""
        self._claims = await self._desk.claims()
        self._duties = await self._desk.duties()
        self._tasks.start(self._watch(), "watch claims and duties")
        await self.escalating.start()

    async def stop(self) -> None:
        """Ends that."""
        await self.escalating.stop()
        await self._tasks.stop(2.0)

    # claims ---------------------------------------------------------------------------------------

    async def claim(self, item_ids: Sequence[ItemId], who: str) -> Claimed:
        """Claims items that nobody else has; tells what is whose. Claiming again makes it hold anew.

        Raises UsageError for an item that is not there, or too many.
        """
        return await self._claim(item_ids, who, over=False)

    async def take_over(self, item_ids: Sequence[ItemId], who: str) -> Claimed:
        """Claims items whoever has them, openly: it is on record from whom. Raises as `claim`."""
        return await self._claim(item_ids, who, over=True)

    async def _claim(self, item_ids: Sequence[ItemId], who: str, *, over: bool) -> Claimed:
        now = self._clock.now()
        done = await self._desk.claim(item_ids, Claim(named(who), now, now + CLAIM_MS), over=over)
        self._claims.update(done.claims)
        if done.claims:
            self._events.announce(ItemsChanged(tuple(done.claims)))
        return done

    async def release(self, item_ids: Sequence[ItemId], who: str) -> list[ItemId]:
        """Gives up one's own claims on these items; gives those that one had."""
        gone = await self._desk.release(item_ids, named(who), self._clock.now())
        for number in gone:
            self._claims.pop(number, None)
        if gone:
            self._events.announce(ItemsChanged(tuple(gone)))
        return gone

    async def claims(self, item_ids: Sequence[ItemId]) -> dict[ItemId, Claim]:
        """The claims on these items that hold now."""
        now = self._clock.now()
        found = await self._desk.claims(item_ids)
        return {number: claim for number, claim in found.items() if claim.holds(now)}

    async def mine(self, who: str) -> stored.Mine:
        """What a person looks after: accounts that they lead or cover, items that they have claimed."""
        return await self._db.read(lambda conn: stored.mine(conn, who))

    # accounts -------------------------------------------------------------------------------------

    async def set_cover(self, key: str, lead: str | None, deputy: str | None, who: str) -> Account:
        """Says who leads an account and who is the deputy; None: nobody. Raises UsageError."""
        made = await self._desk.set_cover(key, _name(lead), _name(deputy), named(who), self._clock.now())
        self._take(made)
        self._events.announce(AccountsChanged())
        return made

    async def take_duty(self, keys: Sequence[str], who: str, until_at: int) -> list[Duty]:
        """Has somebody cover accounts until then (epoch ms), at most a day ahead. Raises UsageError."""
        now = self._clock.now()
        if not now < until_at <= now + LONGEST_DUTY_MS:
            raise UsageError("A duty ends later than now and within a day. Say it again tomorrow.")
        if not keys:
            raise UsageError("Name the accounts that are covered.")
        taken = await self._desk.take_duty(keys, named(who), now, until_at)
        self._duties = await self._desk.duties()
        self._events.announce(AccountsChanged())
        return taken

    async def end_duty(self, keys: Sequence[str] | None, who: str) -> list[str]:
        """Ends a person's duty for these accounts (None: all). Raises NotPossible when there is none."""
        ended = await self._desk.end_duty(keys, named(who), self._clock.now())
        self._duties = await self._desk.duties()
        if ended:
            self._events.announce(AccountsChanged())
        return ended

    async def duties(self) -> list[Duty]:
        """The duties that last now, the earliest first."""
        now = self._clock.now()
        return [duty for duty in await self._desk.duties() if duty.holds(now)]

    async def uncovered(self, now: int) -> list[Uncovered]:
        """The accounts that nobody looks after at this time (epoch ms)."""
        known = await self._db.read(stored_accounts.accounts)
        return uncovered(known, await self._desk.duties(), dict(await self._desk.last_duties()), now)

    async def surges(self, now: int) -> list[Surge]:
        """The accounts whose arrivals have left their usual course at this time (epoch ms)."""
        last = now // _MINUTE_MS
        known = await self._db.read(stored_accounts.accounts)
        hour = last // 60
        self._usual = {place: rates for place, rates in self._usual.items() if place[1] == hour}
        found: list[Surge] = []
        for account in known:
            place = (account.id, hour)
            usual = self._usual.get(place)

            def read(
                conn: Connection, number: AccountId = account.id, known: list[float] | None = usual
            ) -> tuple[float | None, list[float]]:
                rate = stored.rate(conn, number, last - SURGE_MINUTES + 1, last)
                return rate, stored.usual_rates(conn, number, last, USUAL_DAYS) if known is None else known

            rate, self._usual[place] = await self._db.read(read)
            odd = surge(account.key, rate or 0.0, self._usual[place])
            if odd is not None:
                found.append(odd)
        return found

    # what others do -------------------------------------------------------------------------------

    async def _watch(self) -> None:
        trouble = ""
        while True:
            await self._clock.sleep(LOOK_S)
            try:
                await self.look()
                trouble = ""
            except CordonError as problem:
                if str(problem) != trouble:  # said once; the disk speaks up for itself elsewhere
                    _log.warning("Claims and duties cannot be looked at now: %s", problem)
                trouble = str(problem)

    async def look(self) -> None:
        """Ends what has expired, and announces what is different from the last look."""
        await self._desk.sweep(self._clock.now())
        claims, before = await self._desk.claims(), self._claims
        self._claims = claims
        changed = [number for number in {**before, **claims} if claims.get(number) != before.get(number)]
        if changed:
            self._events.announce(ItemsChanged(tuple(changed)))
        duties, duties_before = await self._desk.duties(), self._duties
        self._duties = duties
        taken = [self._take(account) for account in await self._db.read(stored_accounts.accounts)]
        if duties != duties_before or any(taken):
            self._events.announce(AccountsChanged())

    def _take(self, made: Account) -> bool:
        """Has the account that runs here know its lead and deputy; whether that was news."""
        running = self._supervisor.get(made.id)
        if running is None or (running.account.lead, running.account.deputy) == (made.lead, made.deputy):
            return False
        running.account = replace(running.account, lead=made.lead, deputy=made.deputy)
        return True


def _name(name: str | None) -> str | None:
    return " ".join((name or "").split()) or None
