"""Fetches the pictures of what was sealed by its words, one after the other, while the program runs.

What came of each is sealed as a supplement to the record: the file and its digest, or why there is none.
What a newcomer would get wrong: nothing waits for this. An act is sent when its words are sealed, unless the
force wants pictures first (`Settings.text_alone`), and then `Capturing` asks for them before.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from console.desk.keeping import Keep, Wanted
from console.domain.errors import CordonError, NotPossible, RecordBroken, SecretsUnavailable
from console.domain.ids import ItemId, item_key
from console.domain.items import Item, Media
from console.domain.retention import IDENTIFIERS_ONLY
from console.services.capturing import Capturing
from console.services.clock import Clock
from console.services.events import Events, ItemsChanged
from console.services.evidence import ONLY_IDENTIFIERS, Seen, later, open_record, seal_supplement
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
EXERCISE: Final = "An exercise: nothing is fetched from the network."


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

    async def fetch(self, item: Item) -> Sequence[Seen] | None:
        """An item's pictures, taken into the profile now; of each what became of it. None in an exercise."""
        if self._is_played(item):
            return None
        return [seen for seen, _ in await asyncio.gather(*(self._one(item, each) for each in item.media))]

    async def run_once(self) -> int:
        """Fetches what is wanted now; of how many records. None while the key is not open."""
        done = 0
        while self._keys.ready and (some := await self._keep.wanted_media(self._clock.now(), AT_ONCE)):
            items = {item.id: item for item in await self._capturing.items([each.item_id for each in some])}
            groups: dict[object, list[tuple[Wanted, Item]]] = {}
            for wanted in some:
                item = items.get(wanted.item_id)
                if item is None:
                    await self._keep.stop_wanting(wanted.evidence_id)
                else:  # once for each wave, so those of one wave come one after the other
                    groups.setdefault(item.wave_id or wanted, []).append((wanted, item))
            await asyncio.gather(*(self._supply_all(group) for group in groups.values()))
            done += len(some)
        return done

    async def _by_itself(self) -> None:
        while True:
            self._wake.clear()
            try:
                await self.run_once()
            except CordonError as problem:
                _log.info("Pictures are fetched later: %s", problem)
            except Exception:  # noqa: BLE001 - whatever it was, the next ones must be tried
                _log.exception("Fetching pictures failed; it is tried again.")
            await woken(self._wake, self._clock, EVERY_S)

    async def _supply_all(self, group: Sequence[tuple[Wanted, Item]]) -> None:
        for wanted, item in group:
            await self._supply(wanted, item)

    async def _supply(self, wanted: Wanted, item: Item) -> None:
        """Fetches the pictures that one record names, and seals what became of them."""
        row = next(each for each in await self._keep.records(item.id) if each.id == wanted.evidence_id)
        try:  # as they were sealed: by now the author may have edited them, or the cache let them go
            named = open_record(self._keys, row)["media"]
        except (RecordBroken, SecretsUnavailable):  # changed, disposed of, or from a key that is lost
            return await self._keep.stop_wanting(wanted.evidence_id)
        media = tuple(Media(each["kind"], each["url"], each["description"]) for each in named)
        item = replace(item, media=media)
        results = [
            await self._of_wave(item, place) or await self._one(item, media[place])
            for place in range(len(media))
        ]
        if any(again for _, again in results) and wanted.tries < len(TRIES_S):
            return await self._later(wanted, wanted.tries)
        for place, (seen, _) in enumerate(results):
            if seen.digest is not None and item.wave_id is not None:
                self._of_waves[item.wave_id, place] = (item.id, media[place].url)
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

    async def _of_wave(self, item: Item, place: int) -> tuple[Seen, bool] | None:
        """Once for each wave: what another item of the same wave has had captured already."""
        if item.wave_id is None:
            return None
        known = self._of_waves.get((item.wave_id, place))
        if known is None or known[0] == item.id or known[1] == item.media[place].url:
            return None
        return Seen(why=f"Captured once for the wave w{item.wave_id}, with {item_key(known[0])}."), False

    async def _one(self, item: Item, media: Media) -> tuple[Seen, bool]:
        """One picture, and whether a later try may go better."""
        if any(hit.category in IDENTIFIERS_ONLY for hit in item.hits):
            return Seen(why=ONLY_IDENTIFIERS), False
        if media.kind == "link":
            return later(media), False
        if self._is_played(item):
            return Seen(why=EXERCISE), False
        try:
            found = await self._fetcher.fetch(media.url)
        except NotFetched as problem:
            return Seen(why=problem.words), problem.again
        return await self._store.put(found, self._clock.now()), False
