"""Fetches the pictures of what was sealed by its words, one after the other, while the program runs.

What came of each is sealed as a supplement to the record: the file and its digest, or why there is none.
What a newcomer would get wrong: nothing waits for this. An act is sent when its words are sealed, unless the
force wants pictures first (`Settings.text_alone`), and then `Capturing` asks for them before.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Final

from console.desk.keeping import Keep, Wanted
from console.domain.errors import CordonError, NotPossible
from console.domain.ids import ItemId, item_key
from console.domain.items import Item, Media
from console.domain.retention import IDENTIFIERS_ONLY
from console.services.capturing import Capturing
from console.services.clock import Clock
from console.services.events import Events, ItemsChanged
from console.services.evidence import ONLY_IDENTIFIERS, Seen, seal_supplement
from console.services.keys import Keys
from console.services.media import Fetcher, NotFetched
from console.services.media_store import MediaStore
from console.services.pace import woken
from console.services.tasks import Tasks

_log = logging.getLogger(__name__)

WHO: Final = "cordon"
AT_ONCE: Final = 8
"""How many records' pictures are fetched at the same time."""
TRIES_S: Final = (60.0, 600.0, 3_600.0)
"""When a picture that could not be had is tried again; after that the record says why there is none."""
EVERY_S: Final = 60.0
_REMEMBERED: Final = 2_000
_LOCKS: Final = 64
EXERCISE: Final = "An exercise: nothing is fetched from the network."
GONE: Final = "Its address was gone from the cache before it could be fetched."
LINK: Final = "A link to a page; only its address is recorded."


class Fetching:
    """Fetches pictures for records, and for acts that wait for them."""

    def __init__(
        self,
        *,
        keep: Keep,
        keys: Keys,
        clock: Clock,
        store: MediaStore,
        fetcher: Fetcher,
        capturing: Capturing,
        events: Events,
        is_played: Callable[[Item], bool],
    ) -> None:
        """`is_played` says whether an item belongs to an exercise, for which nothing leaves the machine."""
        self._keep = keep
        self._keys = keys
        self._clock = clock
        self._store = store
        self._fetcher = fetcher
        self._capturing = capturing
        self._events = events
        self._is_played = is_played
        self._tasks = Tasks("pictures")
        self._wake = asyncio.Event()
        self._waves = [asyncio.Lock() for _ in range(_LOCKS)]
        self._of_waves: OrderedDict[tuple[int, int], tuple[ItemId, str]] = OrderedDict()
        """For each wave and place in its items, the item whose picture was taken, and its address."""

    def start(self) -> None:
        """Fetches by itself until `stop`."""
        self._tasks.start(self._by_itself(), "fetch")

    async def stop(self, seconds: float = 5.0) -> None:
        """Ends; what is not fetched yet is at the next start."""
        await self._tasks.stop(seconds)
        await self._fetcher.close()

    def wake(self) -> None:
        """Says that there may be something to fetch."""
        self._wake.set()

    async def fetch(self, item: Item) -> Sequence[Seen]:
        """An item's pictures, taken into the profile now; of each what became of it."""
        return [seen for seen, _ in await asyncio.gather(*(self._one(item, each) for each in item.media))]

    async def run_once(self) -> int:
        """Fetches what is wanted now; of how many records."""
        done = 0
        while some := await self._keep.wanted_media(self._clock.now(), AT_ONCE):
            await asyncio.gather(*(self._supply(wanted) for wanted in some))
            done += len(some)
        return done

    async def _by_itself(self) -> None:
        while True:
            self._wake.clear()
            if self._keys.ready:
                try:
                    await self.run_once()
                except CordonError as problem:
                    _log.info("Pictures are fetched later: %s", problem)
                except Exception:  # noqa: BLE001 - whatever it was, the next ones must be tried
                    _log.exception("Fetching pictures failed; it is tried again.")
            await woken(self._wake, self._clock, EVERY_S)

    async def _supply(self, wanted: Wanted) -> None:
        """Fetches the pictures of one record, and seals what became of them."""
        found = await self._capturing.items([wanted.item_id])
        if not found or not found[0].media:
            item = found[0] if found else None
            if item is None:
                return await self._keep.stop_wanting(wanted.evidence_id)
            return await self._seal(wanted, item, [])
        item = found[0]
        if item.wave_id is None:
            return await self._supply_item(wanted, item)
        async with self._waves[item.wave_id % _LOCKS]:  # once for each wave, so one after the other
            return await self._supply_item(wanted, item)

    async def _supply_item(self, wanted: Wanted, item: Item) -> None:
        first = [await self._of_wave(item, place) for place in range(len(item.media))]
        results = [
            (known, False) if known is not None else await self._one(item, each)
            for known, each in zip(first, item.media, strict=True)
        ]
        if any(again for _, again in results) and wanted.tries < len(TRIES_S):
            return await self._later(wanted, wanted.tries)
        for place, (seen, _) in enumerate(results):
            if seen.digest is not None and item.wave_id is not None:
                self._of_waves[item.wave_id, place] = (item.id, item.media[place].url)
                if len(self._of_waves) > _REMEMBERED:
                    self._of_waves.popitem(last=False)
        return await self._seal(wanted, item, [seen for seen, _ in results])

    async def _later(self, wanted: Wanted, tries: int) -> None:
        wait = TRIES_S[min(tries, len(TRIES_S) - 1)]
        await self._keep.try_media_again(wanted.evidence_id, self._clock.now() + int(wait * 1000))

    async def _seal(self, wanted: Wanted, item: Item, seen: Sequence[Seen]) -> None:
        now = self._clock.now()
        batch = await self._capturing.batch(now)
        sealed = seal_supplement(self._keys, item, wanted.evidence_id, seen, batch)
        try:
            await self._keep.supplement(wanted.evidence_id, sealed, WHO, now)
        except NotPossible:  # a file that it speaks of was disposed of with another item meanwhile
            await self._later(wanted, wanted.tries)
            return
        self._events.announce(ItemsChanged((item.id,)))

    async def _of_wave(self, item: Item, place: int) -> Seen | None:
        """Once for each wave: what another item of the same wave has had captured already."""
        if item.wave_id is None:
            return None
        known = self._of_waves.get((item.wave_id, place))
        if known is None or known[0] == item.id or known[1] == item.media[place].url:
            return None
        return Seen(why=f"Captured once for the wave w{item.wave_id}, with {item_key(known[0])}.")

    async def _one(self, item: Item, media: Media) -> tuple[Seen, bool]:
        """One picture, and whether a later try may go better."""
        if any(hit.category in IDENTIFIERS_ONLY for hit in item.hits):
            return Seen(why=ONLY_IDENTIFIERS), False
        if media.kind == "link":
            return Seen(why=LINK), False
        if self._is_played(item):
            return Seen(why=EXERCISE), False
        try:
            found = await self._fetcher.fetch(media.url)
        except NotFetched as problem:
            return Seen(why=problem.words), problem.again
        return await self._store.put(found, self._clock.now()), False
