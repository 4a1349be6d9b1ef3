"""Ingest: from the connectors' pages to stored and announced items, in batches.

    take (each connector waits here) → gather (500, or 50 ms after the first) → match → one
    transaction with items, hits, cursors and looks → announce

What a newcomer would get wrong: nothing is ever dropped to keep up. Each account has a share of the
room; when its share is full, `take` makes its connector wait, and only that one. A batch takes from
every account evenly, so a flood on one leaves the others as quick as before.

Matching of one batch runs while the one before it is stored; both keep their order.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from console.api import Arrival, Page, Sight
from console.domain.accounts import Account
from console.domain.errors import ProfileError
from console.domain.ids import AccountId, ItemId, TopicId
from console.domain.items import ItemKind, ItemState
from console.domain.watchlists import Hit
from console.services.arrivals import Unusable, looked_over
from console.services.clock import Clock
from console.services.events import Arrived, Events, ItemsChanged, Trouble
from console.services.languages import with_languages
from console.services.matching import Matching
from console.services.pace import LONGEST_WAIT_INCIDENT_S, growing_wait, woken
from console.services.signin import Sealer
from console.services.statistics import Statistics
from console.services.tasks import Tasks
from console.services.waves import NOWHERE, Kept, Placed, Waves
from console.store import topics
from console.store.database import Connection, Database
from console.store.items import Received, Seal, Stored, Unseal, by_remote, save_batch, set_states

_log = logging.getLogger(__name__)

BATCH = 500
WORTH = 90
"""So many arrivals do not wait for the flush while the store has nothing to do."""
FLUSH_S = 0.05
REMEMBER_REST_S = 0.02
"""The pause between two pieces of what was said before a start: arrivals and the window come first."""
SHARE = 2_000
"""Arrivals of one account that may wait; then its connector waits."""
ROUTINE = 5
"""The grade of an item without hits."""

SearchPlace = tuple[TopicId, AccountId]
"""A topic and the account through which it is searched for."""


@dataclass(slots=True)
class _Parcel:
    """A page on its way, or what is left of it."""

    account: Account
    page: Page
    received_at: int
    received_monotonic: float
    search: SearchPlace | None = None
    """The topic and account whose search brought it; None for the account's stream."""
    taken: int = 0
    """How many of its arrivals are in a batch already."""


@dataclass(slots=True)
class _Share:
    """What waits of one account."""

    parcels: deque[_Parcel] = field(default_factory=deque)
    waiting: int = 0
    room: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True)
class _Batch:
    """What one transaction will hold."""

    rows: list[Received] = field(default_factory=list)
    placed: Placed = NOWHERE
    """Which of the rows say the same; as many as there are rows."""
    parts: list[tuple[Account, Sequence[Arrival], int]] = field(default_factory=list)
    """Account, arrivals, when they were received (milliseconds since 1970)."""
    cursors: dict[AccountId, str] = field(default_factory=dict)
    searches: list[tuple[SearchPlace, str | None, int]] = field(default_factory=list)
    """How far the searches for topics have come, and how many items each brought."""
    sights: list[tuple[AccountId, Sight]] = field(default_factory=list)
    received: list[tuple[float, int]] = field(default_factory=list)
    """When (monotonic seconds) and how many; for measuring."""
    ended: int = 0
    """How many parcels came to their end in it."""


class Ingest:
    """The one way by which items come into the cache."""

    def __init__(
        self,
        db: Database,
        matching: Matching,
        events: Events,
        clock: Clock,
        keys: Sealer,
        waves: Waves | None = None,
    ) -> None:
        """`waves` groups what says the same; without it, by one of its own."""
        self._db = db
        self._waves = waves or Waves(events)
        self._keys = keys
        self._matching = matching
        self._events = events
        self._clock = clock
        self._tasks = Tasks("ingest", self._failed)
        self._matcher = ThreadPoolExecutor(1, thread_name_prefix="cordon-matching")
        self._shares: dict[tuple[AccountId, SearchPlace | None], _Share] = {}
        self._waiting = 0
        self._something = asyncio.Event()
        self._enough = asyncio.Event()
        self._matched: asyncio.Queue[_Batch] = asyncio.Queue(1)
        self._open = 0
        """Parcels that are not stored yet."""
        self._quiet = asyncio.Event()
        self._quiet.set()
        self._stopping = False
        self.statistics = Statistics()
        self.trouble: ProfileError | None = None
        """Why nothing can be stored at the moment, if that is so."""
        self.was_troubled = False
        """Whether that was ever so since the start; the log has said it then."""

    def start(self) -> None:
        """Begins to work."""
        self._tasks.start(self._gather(), "gather and match")
        self._tasks.start(self._store(), "store and announce")

    async def take(self, account: Account, page: Page, search: SearchPlace | None = None) -> None:
        """Takes in a page, once there is room in the account's share.

        `search` names the topic and account whose search brought it; such pages have a share of their own,
        and their cursor is kept with the topic. Until there is room the caller waits; being cancelled
        meanwhile takes nothing in. Raises TypeError for a page that is none.
        """
        count = _checked(page)
        if not (count or page.sights or page.cursor is not None or search is not None):
            return
        share = self._shares.setdefault((account.id, search), _Share())
        while share.waiting >= SHARE:
            share.room.clear()
            await share.room.wait()
        share.parcels.append(_Parcel(account, page, self._clock.now(), self._clock.monotonic(), search))
        share.waiting += count
        self._waiting += count
        self._open += 1
        self._quiet.clear()
        self._something.set()
        if self._is_enough():
            self._enough.set()

    async def settled(self) -> None:
        """Waits until everything that was taken in is stored and announced."""
        await self._quiet.wait()

    async def stop(self, seconds: float = 10.0) -> None:
        """Stores what was taken in, but waits no longer than so many seconds for that, and ends."""
        self._stopping = True
        self._enough.set()
        if self._tasks and self.trouble is None:  # what is not stored now, the networks will tell again
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._quiet.wait()
        await self._tasks.stop(seconds)
        self._matcher.shutdown(wait=False)

    def _failed(self, name: str, problem: BaseException) -> None:
        self._events.announce(
            Trouble(
                f"A fault in Cordon stopped “{name}” ({type(problem).__name__}): nothing new is stored. "
                "Close Cordon and start it again; the networks will tell again what came meanwhile."
            )
        )

    # gathering and matching -----------------------------------------------------------------------

    async def _gather(self) -> None:
        loop = asyncio.get_running_loop()
        await self._take_up_waves()
        while True:
            await self._something.wait()
            if not self._is_enough() and not self._stopping:
                self._enough.clear()
                await woken(self._enough, self._clock, FLUSH_S)
            batch = self._pick()
            await loop.run_in_executor(self._matcher, self._match, batch)
            await self._matched.put(batch)

    async def _take_up_waves(self) -> None:
        """Goes on with the waves from before; watching goes on without them where that fails."""
        now = self._clock.now()
        try:
            await self._waves.restore(self._db, now)
        except Exception:  # noqa: BLE001 - whatever it is, arrivals must be taken in
            _log.exception("The waves from before could not be read; they begin anew.")
        else:
            self._tasks.start(self._remember(now), "remember what was said before")

    async def _remember(self, now: int) -> None:
        loop = asyncio.get_running_loop()

        async def run(work: Callable[[], None]) -> None:
            await loop.run_in_executor(self._matcher, work)
            await self._clock.sleep(REMEMBER_REST_S)

        try:
            await self._waves.remember(self._db, now, run)
        except Exception:  # noqa: BLE001 - only some waves will be counted as two
            _log.exception("What was said before could not be read; waves from then may begin anew.")

    def _is_enough(self) -> bool:
        """Whether what waits is worth a transaction now: all that one takes, or some for an idle store."""
        return self._waiting >= BATCH or (self._waiting >= WORTH and self._matched.empty())

    def _pick(self) -> _Batch:
        """Up to a batch of arrivals, evenly from every account that has some."""
        batch = _Batch()
        busy = sorted(
            (share for share in self._shares.values() if share.parcels), key=lambda share: share.waiting
        )
        room = BATCH
        for place, share in enumerate(busy):
            room -= self._pick_from(share, batch, -(-room // (len(busy) - place)))
        if not any(share.parcels for share in busy):
            self._something.clear()
        return batch

    def _pick_from(self, share: _Share, batch: _Batch, most: int) -> int:
        picked = 0
        while share.parcels:
            parcel = share.parcels[0]
            arrivals = parcel.page.arrivals
            part = arrivals[parcel.taken : parcel.taken + most - picked]
            if part:
                parcel.taken += len(part)
                picked += len(part)
                batch.parts.append((parcel.account, part, parcel.received_at))
                batch.received.append((parcel.received_monotonic, len(part)))
            if parcel.taken < len(arrivals):
                break
            share.parcels.popleft()
            batch.ended += 1
            if parcel.search is not None:
                batch.searches.append((parcel.search, parcel.page.cursor, len(arrivals)))
            elif parcel.page.cursor is not None:
                batch.cursors[parcel.account.id] = parcel.page.cursor
            batch.sights.extend((parcel.account.id, sight) for sight in parcel.page.sights)
        share.waiting -= picked
        self._waiting -= picked
        if share.waiting < SHARE:
            share.room.set()
        return picked

    def _match(self, batch: _Batch) -> None:
        """Looks over the arrivals of a batch and makes its rows; runs on the matching thread."""
        kept: list[Arrival] = []
        owners: list[tuple[Account, int]] = []
        for account, arrivals, received_at in batch.parts:
            complain = _Complaints(account.key)
            owner = account, received_at
            for arrival in arrivals:
                try:
                    usable = looked_over(arrival, received_at, complain)
                    if usable.kind is ItemKind.MESSAGE and not self._keys.ready:
                        raise Unusable("a private message came and there is no key to seal it with")
                except Exception as problem:  # noqa: BLE001 - third parties' values can raise anything
                    self.statistics.refused += 1
                    said = problem if isinstance(problem, Unusable) else "an item could not be read"
                    complain(f"{said}, so it was left out")
                else:
                    kept.append(usable)
                    owners.append(owner)
        kept = with_languages(kept)
        batch.rows = [
            Received(
                account.id,
                account.network,
                arrival,
                hits,
                min(hit.grade for hit in hits) if hits else ROUTINE,
                received_at,
            )
            for arrival, (account, received_at), hits in zip(kept, owners, self._hits(kept), strict=True)
        ]
        batch.parts.clear()
        batch.placed = self._place(batch.rows)

    def _place(self, rows: Sequence[Received]) -> Placed:
        """Which rows say the same; should grouping fail, none do, and all are stored."""
        try:
            return self._waves.place(rows)
        except Exception:  # noqa: BLE001 - whatever it is, the items must be stored
            _log.exception("Grouping failed on a batch of %d.", len(rows))
            return Placed([0] * len(rows), {})

    def _hits(self, arrivals: Sequence[Arrival]) -> Sequence[tuple[Hit, ...]]:
        """The hits; should matching fail on one item, that one goes on without and the others with."""
        try:
            return self._matching.hits(arrivals)
        except Exception:  # noqa: BLE001 - whatever it is, the items must be stored
            _log.exception("Matching failed on a batch of %d.", len(arrivals))
        found: list[tuple[Hit, ...]] = []
        for arrival in arrivals:
            try:
                found.extend(self._matching.hits([arrival]))
            except Exception:  # noqa: BLE001 - said above, with the cause
                self.statistics.unmatched += 1
                found.append(())
        return found

    # storing and announcing -----------------------------------------------------------------------

    async def _store(self) -> None:
        while True:
            batch = await self._matched.get()
            await self._store_whole(batch)
            now = self._clock.monotonic()
            for received, count in batch.received:
                self.statistics.received += count
                self.statistics.latencies.add((now - received) * 1000, count)
                if self.statistics.first_at is None:
                    self.statistics.first_at = received
                self.statistics.last_at = now
            self._open -= batch.ended
            if not self._open:
                self._quiet.set()

    async def _store_whole(self, batch: _Batch) -> None:
        """Stores a batch; waits while the disk cannot take it, and leaves out what it never can."""
        tries = 0
        while True:
            try:
                written = await self._db.ingest(self._writing(batch))
            except ProfileError as problem:
                tries += 1
                self.trouble = problem
                self.was_troubled = True
                if tries == 1:
                    _log.error("Nothing can be stored: %s", problem)
                    self._events.announce(
                        Trouble(f"{problem} New items wait at their networks until it can be used again.")
                    )
                await self._clock.sleep(growing_wait(min(tries, 7), 1.0, is_incident=True))
            except Exception as problem:  # noqa: BLE001 - one bad row must not cost the others
                await self._store_in_parts(batch, problem)
                break
            else:
                self._announce(batch.rows, *written)
                break
        self.trouble = None
        if tries:
            _log.info("Storing works again.")
            self._events.announce(Trouble("Storing works again. Nothing was lost."))

    async def _store_in_parts(self, batch: _Batch, problem: Exception) -> None:
        """Halves a batch that the store refuses until what it refuses is alone, and leaves that out.

        The places in the streams go last, so that a crash in between brings everything again.
        """
        _log.error("A batch could not be stored whole; its items are tried by themselves.", exc_info=problem)
        places = _Batch(cursors=batch.cursors, sights=batch.sights, searches=batch.searches)
        parts = _halves(batch.rows, batch.placed)
        refused = 0
        while parts:
            rows, placed = parts.pop()
            if not rows:
                continue
            try:
                written = await self._db.ingest(self._writing(_Batch(rows=rows, placed=placed)))
            except ProfileError:
                parts.append((rows, placed))
                await self._clock.sleep(LONGEST_WAIT_INCIDENT_S)
            except Exception:  # noqa: BLE001 - said above, with its cause
                if len(rows) == 1:
                    refused += 1
                else:
                    parts += _halves(rows, placed)
            else:
                self._announce(rows, *written)
        self.statistics.refused += refused
        _log.error("%d of %d items of a batch were left out.", refused, len(batch.rows))
        try:
            self._announce((), *await self._db.ingest(self._writing(places)))
        except Exception:  # noqa: BLE001 - what it would have said comes again with the next page
            _log.exception("The places in the streams could not be stored.")

    def _writing(self, batch: _Batch) -> Callable[[Connection], tuple[Stored, Sequence[ItemId], Kept]]:
        return partial(_write, batch, self._waves, self._seal, self._unseal, self._clock.now())

    def _seal(self, text: str) -> bytes:
        return self._keys.seal(text.encode("utf-8", "surrogatepass"), "messages")

    @property
    def _unseal(self) -> Unseal | None:
        if not self._keys.ready:
            return None
        return lambda sealed: self._keys.unseal(sealed, "messages").decode("utf-8", "surrogatepass")

    def _announce(
        self, rows: Sequence[Received], stored: Stored, changed: Sequence[ItemId], kept: Kept
    ) -> None:
        self.statistics.stored += stored.count
        self.statistics.duplicates += stored.duplicates
        self.statistics.edited += len(stored.edited)
        self.statistics.hits += sum(len(row.hits) for row in rows if row.hits)
        if stored.count:
            self._events.announce(
                Arrived(
                    first=stored.first,
                    last=stored.last,
                    count=stored.count,
                    grades=stored.grades,
                    accounts=stored.accounts,
                    received_at=min(row.received_at for row in rows),
                    stored_at=self._clock.monotonic(),
                )
            )
        if changed or stored.edited:
            self._events.announce(ItemsChanged(tuple({*changed, *stored.edited})))
        self._waves.confirm(kept)


class _Complaints:
    """Says complaints about one account's items in the log, each sort once for a part of a page."""

    def __init__(self, key: str) -> None:
        self._key = key
        self._said: set[str] = set()

    def __call__(self, words: str) -> None:
        if words not in self._said:
            self._said.add(words)
            _log.warning("%s: %s.", self._key, words)


def _checked(page: Any) -> int:
    """How many arrivals a page brings. Raises TypeError when it is none, which is its connector's fault."""
    if not isinstance(page, Page):
        raise TypeError("The connector handed over something that is no page.")
    parts: tuple[object, ...] = (page.arrivals, page.sights)
    cursor: object = page.cursor
    if not (all(isinstance(part, Sequence) for part in parts) and isinstance(cursor, str | None)):
        raise TypeError("The connector handed over a page that holds no lists.")
    return len(page.arrivals)


def _halves(rows: list[Received], placed: Placed) -> list[tuple[list[Received], Placed]]:
    """Rows in two parts, the first last, so that it is the next to be taken."""
    middle, end = len(rows) // 2, len(rows)
    return [(rows[middle:], placed.part(middle, end)), (rows[:middle], placed.part(0, middle))]


def _write(
    batch: _Batch, waves: Waves, seal: Seal, unseal: Unseal | None, now: int, conn: Connection
) -> tuple[Stored, Sequence[ItemId], Kept]:
    stored = save_batch(conn, batch.rows, batch.cursors, seal, unseal)
    kept = waves.keep(conn, batch.rows, batch.placed, stored.ids)
    for place, cursor, found in batch.searches:
        topics.advance(conn, *place, cursor=cursor, found=found, at=now)
    return stored, _see(conn, batch.sights) if batch.sights else (), kept


def _see(conn: Connection, sights: Sequence[tuple[AccountId, Sight]]) -> list[ItemId]:
    """Keeps what was noticed of known items; gives those for which it was news."""
    states: dict[ItemId, ItemState] = {}
    for account_id, sight in sights:
        for item_id in by_remote(conn, account_id, [sight.remote_id]).values():
            states[item_id] = sight.state
    return set_states(conn, states)
