"""Searches of the past: what a publication brought runs over the whole cache, newest items first.

It works in the background of the program that collects, a few hundred items at a time, and rests as long as
it works, so that arrivals come first. What a newcomer would get wrong: a search is a row in the store and not
a task. The command line puts one there too, and one that was under way goes on after a restart.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from console.desk.lists import ListDesk
from console.desk.protocol import Desk
from console.domain.audit import Note
from console.domain.errors import CordonError, NotPossible, ProfileError
from console.domain.ids import ItemId
from console.domain.list_changes import RetroSearch, RetroState
from console.domain.watchlists import Hit, Watchlist
from console.matching import Matcher, MatcherBroken, PatternRefused
from console.services.clock import Clock
from console.services.events import Events, ItemsChanged, SearchMoved, Trouble
from console.services.matching import compile_lists, hits_of
from console.services.pace import woken
from console.services.signin import Sealer
from console.services.tasks import Tasks
from console.store import past
from console.store.database import Connection, Database
from console.store.items import Unseal
from console.store.past import Past

_log = logging.getLogger(__name__)

AT_ONCE: Final = 400
"""Items looked at in one step: about ten milliseconds of matching."""
LOOK_S: Final = 2.0
"""How often searches that another process asked for are looked for."""
SAID_EVERY_S: Final = 0.25
PROGRAM: Final = "cordon"


class Searching:
    """Works the searches that were asked for, one after the other."""

    def __init__(
        self, *, db: Database, desk: Desk, lists: ListDesk, keys: Sealer, events: Events, clock: Clock
    ) -> None:
        self._db = db
        self._desk = desk
        self._lists = lists
        self._keys = keys
        self._events = events
        self._clock = clock
        self._tasks = Tasks("searching")
        self._wake = asyncio.Event()
        self._said_at = float("-inf")

    def start(self) -> None:
        """Works in the background until `stop`."""
        self._tasks.start(self._by_itself(), "search the past")

    async def stop(self, seconds: float = 5.0) -> None:
        """Ends; what is not searched yet is after the next start."""
        await self._tasks.stop(seconds)

    async def ask(
        self, watchlist: Watchlist, rules: Sequence[str], who: str, *, alarm: bool
    ) -> RetroSearch | None:
        """Asks for a search with these rules; None when there are none.

        Searches with earlier versions of the list give way: what is left of their rules goes on in this one.
        """
        at = self._clock.now()

        overtaken: list[int] = []

        def work(conn: Connection) -> RetroSearch | None:
            wanted = set(rules)
            for earlier in past.open_searches(conn, watchlist.id):
                wanted |= set(earlier.rules)
                past.settle(conn, earlier.id, RetroState.CANCELLED)
                overtaken.append(earlier.id)
            names = [rule.id for rule in watchlist.rules if rule.id in wanted]
            if not names:
                return None
            return past.put(conn, watchlist.id, watchlist.version, names, who, at, alarm=alarm)

        found = await self._db.ingest(work)
        for number in overtaken:
            await self._say_end(number, who)
        if found is not None:
            self._events.announce(SearchMoved(found))
            self._wake.set()
        return found

    async def searches(self) -> list[RetroSearch]:
        """The newest searches, newest first."""
        return await self._db.read(past.searches)

    async def cancel(self, search_id: int, who: str) -> None:
        """Ends a search; what it found stays. Raises NotPossible when it is over already."""
        if not await self._db.ingest(lambda conn: past.settle(conn, search_id, RetroState.CANCELLED)):
            raise NotPossible("That search is over already.")
        await self._say_end(search_id, who)

    async def drain(self) -> None:
        """Works until no search is open, and waits for that; for a command without a window."""
        while found := await self._db.read(past.open_searches):
            await self._work(found[0])

    async def _by_itself(self) -> None:
        while True:
            try:
                await self.drain()
            except ProfileError as problem:
                _log.warning("The past cannot be searched now; it goes on by itself: %s", problem)
            await woken(self._wake, self._clock, LOOK_S)
            self._wake.clear()

    async def _work(self, search: RetroSearch) -> None:
        """Works one search to its end, whatever that is."""
        try:
            matcher = await self._matcher(search)
        except (CordonError, MatcherBroken, PatternRefused) as problem:
            self._events.announce(
                Trouble(f"The cache could not be searched with {search.watchlist}: {problem}")
            )
            await self._db.ingest(lambda conn: past.settle(conn, search.id, RetroState.CANCELLED))
            await self._say_end(search.id, PROGRAM)
            return
        while (where := await self._db.read(lambda conn: past.place(conn, search.id))) is not None:
            low, high = where
            started = self._clock.monotonic()
            some = await self._db.read(
                partial(past.texts, low=low, high=high, most=AT_ONCE, unseal=self._unseal)
            )
            hits = await asyncio.to_thread(hits_of, matcher, some)
            if not await self._keep(search, some, hits):
                return  # cancelled, and said so by whoever did that
            if not some or some[-1].id <= low:
                await self._db.ingest(lambda conn: past.settle(conn, search.id, RetroState.DONE))
                await self._say_end(search.id, PROGRAM)
                return
            await self._clock.sleep(self._clock.monotonic() - started)

    @property
    def _unseal(self) -> Unseal | None:
        if not self._keys.ready:
            return None
        return lambda sealed: self._keys.unseal(sealed, "messages").decode("utf-8", "surrogatepass")

    async def _matcher(self, search: RetroSearch) -> Matcher:
        for version in await self._lists.versions(search.watchlist):
            if version.version == search.version:
                found = version.watchlist
                rules = tuple(rule for rule in found.rules if rule.id in search.rules)
                return await asyncio.to_thread(compile_lists, [replace(found, rules=rules)])
        raise NotPossible(f"Version {search.version} of it is not there any more.")

    async def _keep(self, search: RetroSearch, some: Sequence[Past], hits: Sequence[Sequence[Hit]]) -> bool:
        """Keeps what was found in a step; whether the search goes on."""
        now = self._clock.now()
        found = [
            (one, [replace(hit, found_at=now) for hit in its])
            for one, its in zip(some, hits, strict=True)
            if its
        ]
        next_id = some[-1].id - 1 if some else 0
        changed: list[ItemId] | None = await self._db.ingest(
            lambda conn: past.keep(conn, search, found, next_id)
        )
        if changed is None:
            return False
        if changed:
            self._events.announce(ItemsChanged(tuple(changed)))
        await self._say_place(search.id)
        return True

    async def _say_place(self, search_id: int) -> None:
        now = self._clock.monotonic()
        if now - self._said_at < SAID_EVERY_S:
            return
        self._said_at = now
        if (found := await self._db.read(lambda conn: past.search(conn, search_id))) is not None:
            self._events.announce(SearchMoved(found))

    async def _say_end(self, search_id: int, who: str) -> None:
        """Announces how a search ended and puts it on record."""
        found = await self._db.read(lambda conn: past.search(conn, search_id))
        if found is None or found.is_open:
            return
        facts: dict[str, str | int | bool | None] = {
            "watchlist": found.watchlist,
            "version": found.version,
            "rules": len(found.rules),
            "looked_at": found.done,
            "found": found.found,
            "ended": found.state.value,
        }
        await self._desk.note([Note("watchlist.searched", who, facts, {})], self._clock.now())
        self._events.announce(SearchMoved(found))
