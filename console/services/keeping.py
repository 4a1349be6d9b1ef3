"""Keeping: how long evidence lives, what holds it, who looks at it again, and how it goes.

    hold, release    stops disposal, and the purging of the item's words
    review           what has come to the end of its life and waits for a person
    decide           keeps it longer, with a reason
    dispose          destroys everything about an item; the ledger still proves that it was there
    run_due          by itself: what needs no review and is at the end of its life

Everything takes the key of an item (`i34`) or of a record (`e12`); a record stands for its item.

What a newcomer would get wrong: disposal is not over when its transaction is. Until the search index is
merged, the file written anew and the log cut off, the bytes are still there; `Purging.clean` follows.
"""

import contextlib
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from console.desk.keeping import Disposed, Due, Hold, Keep, Review, Wish
from console.desk.protocol import EvidenceRow
from console.domain.errors import CordonError, NotPossible, UsageError
from console.domain.ids import ItemId, evidence_key, item_key, parse_evidence_key, parse_item_key
from console.domain.items import Item
from console.domain.retention import CLASSES, DAY_MS, MODERATION, Retention
from console.services.clock import Clock
from console.services.evidence import open_record, with_supplements
from console.services.fetching import Fetching
from console.services.keys import Keys
from console.services.media_store import MediaStore
from console.services.recovering import Recovering

__all__ = ["Disposed", "Due", "Hold", "Keeping"]

PROGRAM: Final = "cordon"
MOST: Final = 10_000
AT_ONCE: Final = 200
"""How many items are disposed of in one step."""
RUN: Final = 4
"""How many words in a row make a quote."""
LEAST_RUN: Final = 16
_LEAST_WORD: Final = 5
_WORD: Final = re.compile(r"[^\W_]+")
OVER: Final = "The life of its class is over, and the class needs no review."

Items = Callable[[Sequence[ItemId]], Awaitable[list[Item]]]
Clean = Callable[[], Awaitable[bool]]


class Keeping:
    """Everything about keeping evidence.

    Attributes:
        recovery: the force's recovery key.
        pictures: fetches what records still want.
    """

    def __init__(  # noqa: PLR0913 - it joins what others keep apart
        self,
        *,
        keep: Keep,
        keys: Keys,
        clock: Clock,
        recovery: Recovering,
        store: MediaStore,
        pictures: Fetching,
        items: Items,
        clean: Clean,
        is_ordinary: Callable[[str], bool],
        classes: Mapping[str, Retention] = CLASSES,
    ) -> None:
        """`clean` rids the profile's file of what was deleted; `is_ordinary` knows the words of everybody."""
        self._keep = keep
        self._keys = keys
        self._clock = clock
        self._store = store
        self._items = items
        self._clean = clean
        self._is_ordinary = is_ordinary
        self._classes = classes
        self.recovery = recovery
        self.pictures = pictures

    @property
    def classes(self) -> Mapping[str, Retention]:
        """Every retention class, with the lives that hold in this force."""
        return self._classes

    # reading ------------------------------------------------------------------------------------

    async def item_of(self, key: str) -> ItemId:
        """The item that a key stands for. Raises UsageError for a key that names none."""
        if key.strip().startswith("i"):
            return parse_item_key(key)
        return await self._keep.item_of(parse_evidence_key(key))

    async def read(self, row: EvidenceRow) -> Mapping[str, Any]:
        """A record in clear, with its pictures as its supplements tell them.

        Raises what `open_record` raises.
        """
        record = open_record(self._keys, row)
        if row.supplement_of is not None:
            return record
        later = [each for each in await self._keep.records(row.item_id) if each.supplement_of == row.id]
        opened = [(each.id, open_record(self._keys, each)) for each in later if each.cipher is not None]
        return with_supplements(record, opened)

    async def show(self, key: str, who: str) -> Mapping[str, Any]:
        """A record in clear, by its own key or its item's newest; that somebody looked goes on record.

        A supplement is shown as part of the record that it adds pictures to. Raises UsageError for a key that
        names none, RecordBroken, SecretsUnavailable.
        """
        item_id = await self.item_of(key)
        rows = await self._keep.records(item_id)
        if not key.strip().startswith("i"):
            row = next(each for each in rows if each.id == parse_evidence_key(key))
            if row.supplement_of is not None:  # it says nothing by itself
                row = next(each for each in rows if each.id == row.supplement_of)
        elif not await self._items([item_id]):
            raise UsageError(f"There is no item {key} in this profile.")
        else:
            own = [each for each in rows if each.supplement_of is None]
            if not own:
                raise NotPossible(f"Nothing was sealed for {key}.")
            row = own[-1]
        record = await self.read(row)
        await self._keep.shown(row.id, who, self._clock.now())
        return {"evidence": evidence_key(row.id), "digest": row.digest, **record}

    async def records(self, item_id: ItemId) -> list[EvidenceRow]:
        """Every record of an item, oldest first; supplements and those disposed of too."""
        return await self._keep.records(item_id)

    async def medium(self, digest: str) -> bytes:
        """A picture by the SHA-256 of its bytes, in hexadecimal, as records name it.

        Raises NotPossible when it is not in this profile, RecordBroken when it was changed.
        """
        return await self._store.get(digest)

    async def missing_media(self) -> int:
        """How many pictures records speak of whose files are not there."""
        return await self._store.missing()

    # holds --------------------------------------------------------------------------------------

    async def hold(self, key: str, reason: str, who: str) -> ItemId:
        """Puts an item on legal hold. Raises NotPossible when it is held, or was disposed of."""
        item_id = await self.item_of(key)
        await self._keep.hold(item_id, _said(reason), who, self._clock.now())
        return item_id

    async def release(self, key: str, reason: str, who: str) -> ItemId:
        """Ends a hold. Raises NotPossible when there is none."""
        item_id = await self.item_of(key)
        await self._keep.release(item_id, _said(reason), who, self._clock.now())
        return item_id

    async def holds(self) -> list[Hold]:
        """Every hold in force, oldest first."""
        return await self._keep.holds()

    # review -------------------------------------------------------------------------------------

    async def review(self, most: int = MOST) -> list[Due]:
        """What waits for a person's decision: items at the end of their records' lives, longest due first."""
        return await self._keep.due(self._clock.now(), most)

    async def decide(
        self, key: str, reason: str, who: str, *, days: int | None = None, retention: str | None = None
    ) -> tuple[ItemId, int]:
        """Keeps an item's records for so many days more, in their class or another.

        Without `days` for the life of that class. Gives the item and when it is reviewed again. Raises
        UsageError for an unknown class, NotPossible when there is nothing left.
        """
        item_id = await self.item_of(key)
        if retention is not None and retention not in self._classes:
            raise UsageError(f"There is no class “{retention}”. There are: {', '.join(self._classes)}.")
        kept = [each for each in await self._keep.records(item_id) if each.cipher is not None]
        name = retention or (max(kept, key=lambda each: each.review_at).retention if kept else MODERATION)
        chosen = self._classes.get(name) or CLASSES[MODERATION]
        now = self._clock.now()
        until = now + (chosen.life_ms if days is None else days * DAY_MS)
        await self._keep.decide(Review(item_id, chosen, until, _said(reason)), who, now)
        return item_id, until

    # disposal -----------------------------------------------------------------------------------

    async def look_at(self, key: str) -> Disposed:
        """What disposing of an item would destroy; changes nothing."""
        return await self._keep.look_through([await self._wish(await self.item_of(key))])

    async def dispose(self, key: str, reason: str, who: str) -> tuple[Disposed, bool]:
        """Destroys everything about an item; also whether nothing of it is left in any file.

        Raises NotPossible when it is held, when an act on it is under way, or when the reason quotes it.
        """
        wish = await self._wish(await self.item_of(key))
        done = await self._keep.dispose([wish], _said(reason), who, self._clock.now())
        await self._store.destroy(done.files)
        return done, await self._clean()

    async def over(self) -> list[Due]:
        """Items whose life is over, that need no review and are not held."""
        return [
            each
            for each in await self._keep.due(self._clock.now(), MOST)
            if not each.is_held and not self._class_of(each).is_reviewed
        ]

    async def run_due(self) -> int:
        """Disposes of what is over without review, wraps what the recovery key missed; how many items went.

        The caller cleans the file afterwards.
        """
        if not self._keys.ready:  # what a record says would not be known, and a quote of it not be found
            return 0
        await self.recovery.wrap_missing(PROGRAM)
        total = 0
        over = await self.over()
        for at in range(0, len(over), AT_ONCE):
            part = over[at : at + AT_ONCE]
            wishes = [await self._wish(each.item_id) for each in part]
            try:
                done = await self._keep.dispose(wishes, OVER, PROGRAM, self._clock.now())
            except NotPossible:  # an act on one of them is under way: each by itself then
                done = await self._one_by_one(wishes)
            await self._store.destroy(done.files)
            total += len(done.items)
            await self._clock.sleep(0)
        await self._store.sweep()
        return total

    async def _one_by_one(self, wishes: Sequence[Wish]) -> Disposed:
        items: list[ItemId] = []
        files: list[str] = []
        for wish in wishes:
            with contextlib.suppress(NotPossible):
                done = await self._keep.dispose([wish], OVER, PROGRAM, self._clock.now())
                items += done.items
                files += done.files
        return Disposed(items=tuple(items), files=tuple(files))

    def _class_of(self, due: Due) -> Retention:
        return self._classes.get(due.retention) or CLASSES[MODERATION]

    async def _wish(self, item_id: ItemId) -> Wish:
        """An item with all by which it can be found elsewhere: from the cache, and from what was sealed."""
        found = await self._items([item_id])
        records = await self._keep.records(item_id)
        if not found and not records:
            raise UsageError(f"There is no item {item_key(item_id)} in this profile.")
        texts = [found[0].text] if found else []
        names: list[str] = [found[0].author.name, found[0].author.handle] if found else []
        for row in records:
            with contextlib.suppress(CordonError):  # without the key, by what the cache knows
                record = open_record(self._keys, row)
                texts += [one["text"] for one in record.get("earlier", [])]
                if "author" in record:
                    texts.append(record["item"]["text"])
                    names += [*record["author"].values(), record["item"]["remote_id"]]
                    names.append(record["item"]["permalink"])
                names += [each["url"] for each in record.get("media", [])]
        ours = await self._keep.own_words()
        return Wish(
            item_id, tuple(self._quotes(texts, ours)), tuple(dict.fromkeys(name for name in names if name))
        )

    def _quotes(self, texts: Sequence[str], ours: set[str]) -> set[str]:
        """Unusual words and runs of words by which a quote of these texts is known."""
        found: set[str] = set()
        for text in texts:
            words = [word.lower() for word in _WORD.findall(text)]
            found.update(
                word
                for word in words
                if len(word) >= _LEAST_WORD and word not in ours and not self._is_ordinary(word)
            )
            runs = (" ".join(words[at : at + RUN]) for at in range(len(words) - RUN + 1))
            found.update(run for run in runs if len(run) >= LEAST_RUN)
        return found


def _said(reason: str) -> str:
    if not reason.strip():
        raise UsageError("It needs a reason; somebody will ask.")
    return reason
