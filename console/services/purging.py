"""Purging: what the networks let us keep for a time only is emptied when that time is over.

It runs by itself while the program runs, once an hour (a network may allow a day, and a day is no more than
that), and puts on record how much it emptied. Where a network wants what was deleted at the source forgotten,
that is done as soon as it was seen. Evidence records are separate and stay.

What a newcomer would get wrong: emptying rows is half of it. What is deleted stays in the search index, the
write-ahead log and in gaps of the file until each is rid of it. The first two follow every run. The file is
written anew once a day, because everything that wants to be stored waits meanwhile, and never during an
incident, unless that has lasted for days.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from console.api import Manifest
from console.desk.protocol import Desk
from console.domain.accounts import Account
from console.domain.audit import Note, Plain
from console.domain.errors import ProfileError, UsageError
from console.domain.ids import ItemId
from console.services.clock import Clock
from console.services.events import Announcement, Events, ItemsChanged
from console.services.hosting import Hosting
from console.services.tasks import Tasks
from console.store import accounts, purging
from console.store.database import Database
from console.store.purging import Emptied, Life

__all__ = ["Emptied", "Purged", "Purging"]

_log = logging.getLogger(__name__)

FIRST_S: Final = 60.0
"""The first look, so long after the start, when the window has settled."""
EVERY_S: Final = 3_600.0
REBUILT_EVERY_MS: Final = 24 * 3_600_000
LATEST_MS: Final = 7 * REBUILT_EVERY_MS
"""After so long the file is written anew, incident or not."""
TRIES: Final = 20
"""How often the log is asked to be cut off; somebody may be reading."""
UNKNOWN_LIFE_HOURS: Final = 720
"""How long the text of an account is kept whose connector is no longer there."""
PROGRAM: Final = "cordon"
_HOUR_MS: Final = 3_600_000


@dataclass(frozen=True, slots=True)
class Purged:
    """What a run has emptied, or would empty, by network."""

    networks: Mapping[str, Emptied] = field(default_factory=dict)
    is_clean: bool = True
    """Whether nothing of it is left anywhere in the file and its log; False: a later run sees to it."""

    disposed: int = 0
    """Items of which everything was disposed of, because the life of their records was over."""

    @property
    def total(self) -> Emptied:
        """All networks together."""
        return sum(self.networks.values(), Emptied())


class Purging:
    """Empties what is over."""

    def __init__(
        self,
        *,
        db: Database,
        desk: Desk,
        hosting: Hosting,
        events: Events,
        clock: Clock,
        is_busy: Callable[[], bool] = lambda: False,
    ) -> None:
        """`is_busy` says whether this is a bad moment for everything to wait a few seconds."""
        self._db = db
        self._desk = desk
        self._hosting = hosting
        self._events = events
        self._clock = clock
        self._tasks = Tasks("purging")
        self._changed: set[ItemId] = set()
        self._is_looking = False
        self._is_busy = is_busy
        self._stop_listening: Callable[[], None] | None = None
        self._others: list[Callable[[], Awaitable[int]]] = []

    def also(self, work: Callable[[], Awaitable[int]]) -> None:
        """Has something else done in every run, before the file is cleaned; it says how much it destroyed."""
        self._others.append(work)

    def start(self) -> None:
        """Purges by itself until `stop`."""
        self._stop_listening = self._events.listen(self._heard)
        self._tasks.start(self._by_itself(), "purge")

    async def stop(self, seconds: float = 5.0) -> None:
        """Ends; what is not emptied yet is at the next start."""
        if self._stop_listening is not None:
            self._stop_listening()
            self._stop_listening = None
        await self._tasks.stop(seconds)

    async def _by_itself(self) -> None:
        await self._clock.sleep(FIRST_S)
        while True:
            try:
                await self.run(PROGRAM, thorough=await self._is_time())
            except ProfileError as problem:
                _log.warning("What is over could not be purged; it is tried again in an hour: %s", problem)
            except Exception:  # noqa: BLE001 - whatever it was, the next hour must try again
                _log.exception("Purging failed; it is tried again in an hour.")
            await self._clock.sleep(EVERY_S)

    async def _is_time(self) -> bool:
        """Whether the file is to be written anew now."""
        last = await self._db.read(purging.rebuilt_at)
        age = LATEST_MS if last is None else self._clock.now() - last
        return age >= LATEST_MS or (age >= REBUILT_EVERY_MS and not self._is_busy())

    # what is over -----------------------------------------------------------------------------------

    async def look(self) -> Purged:
        """What would be emptied now; changes nothing."""
        found: dict[str, Emptied] = {}
        for account in await self._accounts():
            life = self._life(account)
            some = await self._db.read(partial(purging.over, life=life))
            if self._forgets(account):
                ids = await self._db.read(partial(purging.gone, account_id=account.id))
                some += Emptied(len(ids), len(ids))
            found[account.network] = found.get(account.network, Emptied()) + some
        return Purged({name: some for name, some in found.items() if some != Emptied()})

    async def run(self, who: str, *, thorough: bool = True) -> Purged:
        """Empties what is over, everywhere, and says on record how much.

        With `thorough` nothing of it is left anywhere then; otherwise gaps of the file wait for that.
        """
        found: dict[str, Emptied] = {}
        changed = False
        for account in await self._accounts():
            some = await self._empty(account)
            changed = changed or bool(some.texts or some.names)
            waiting = await self._db.read(partial(purging.over, life=self._life(account)))
            found[account.network] = (
                found.get(account.network, Emptied()) + some + Emptied(waiting=waiting.waiting)
            )
        disposed = 0
        for work in self._others:
            disposed += await work()
        is_clean = not await self._db.read(purging.is_dirty) or await self._clean(thorough=thorough)
        networks = {name: some for name, some in found.items() if some != Emptied()}
        if changed:
            await self._note(networks, who)
        return Purged(networks, is_clean=is_clean, disposed=disposed)

    async def clean(self) -> bool:
        """Rids every file of what was deleted so far; whether nothing of it is left."""
        return await self._clean(thorough=True)

    async def _empty(self, account: Account) -> Emptied:
        life, now = self._life(account), self._clock.now()
        total = Emptied()
        while True:
            some = await self._db.ingest(partial(purging.empty_some, life=life, at=now))
            total += some
            if not (some.texts or some.names):
                break
            await self._clock.sleep(0)
        if self._forgets(account):
            ids = await self._db.read(partial(purging.gone, account_id=account.id))
            total += await self._empty_gone(ids)
        return total

    async def _empty_gone(self, ids: Sequence[ItemId]) -> Emptied:
        total = Emptied()
        for start in range(0, len(ids), purging.AT_ONCE):
            some = ids[start : start + purging.AT_ONCE]
            total += await self._db.ingest(partial(purging.empty_gone, ids=some, at=self._clock.now()))
        return total

    async def _clean(self, *, thorough: bool) -> bool:
        """Rids index, log and file of what was deleted; whether nothing is left."""
        begins = True
        while not await self._db.ingest(partial(purging.scrub, begins=begins)):
            begins = False
            await self._clock.sleep(0)
        now = self._clock.now()
        if thorough:
            await self._db.rebuild()
        for _ in range(TRIES):
            if await self._db.cut_log():
                if thorough:
                    await self._db.ingest(partial(purging.set_rebuilt, at=now))
                return thorough
            await self._clock.sleep(0.1)
        _log.info("Somebody was reading, so the log is cut off later.")
        return False

    async def _note(self, networks: Mapping[str, Emptied], who: str) -> None:
        total = sum(networks.values(), Emptied())
        facts: dict[str, Plain] = {
            "texts": total.texts,
            "names": total.names,
            "waiting": total.waiting,
            "networks": "; ".join(f"{name} {some.texts}" for name, some in sorted(networks.items())),
        }
        await self._desk.note([Note("cache.purged", who, facts, {})], self._clock.now())

    async def _accounts(self) -> list[Account]:
        return await self._db.read(accounts.every)

    def _manifest(self, account: Account) -> Manifest | None:
        try:
            return self._hosting.manifest(account.connector)
        except UsageError:
            return None

    def _life(self, account: Account) -> Life:
        manifest, now = self._manifest(account), self._clock.now()
        text = manifest.text_life_hours if manifest else UNKNOWN_LIFE_HOURS
        names = (manifest.profile_life_hours or text) if manifest else UNKNOWN_LIFE_HOURS
        return Life(account.id, now - text * _HOUR_MS, now - names * _HOUR_MS)

    def _forgets(self, account: Account) -> bool:
        manifest = self._manifest(account)
        return manifest is not None and manifest.forgets_deleted

    # what is gone at the source ---------------------------------------------------------------------

    def _heard(self, announcement: Announcement) -> None:
        is_some = any(found.manifest.forgets_deleted for found in self._hosting.found.values())
        if not is_some or not isinstance(announcement, ItemsChanged):
            return
        self._changed.update(announcement.ids)
        if not self._is_looking:
            self._is_looking = True
            self._tasks.start(self._look_at_changed(), "forget what is gone at the source")

    async def _look_at_changed(self) -> None:
        try:
            while self._changed:
                ids, self._changed = sorted(self._changed), set()
                try:
                    await self._forget_gone(ids)
                except ProfileError as problem:
                    _log.warning("What is gone at its network is emptied within the hour: %s", problem)
        finally:
            self._is_looking = False

    async def _forget_gone(self, ids: Sequence[ItemId]) -> None:
        forgetting = {account.id for account in await self._accounts() if self._forgets(account)}
        mine = await self._db.read(partial(purging.of_accounts, ids=ids, accounts=forgetting))
        some = await self._empty_gone(mine)
        if some.texts or some.names:
            await self._desk.note(
                [Note("cache.forgotten", PROGRAM, {"texts": some.texts}, {})], self._clock.now()
            )
            self._events.announce(ItemsChanged(tuple(mine)))
