"""Capturing: reads what stands around items, fetches their pictures where that must come first, and seals.

What a newcomer would get wrong: the recovery key is asked for in the very reading that gathers what is to be
sealed, because another process may have made one a moment ago. Records that slip through are wrapped by
`keeping` within the day.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from console.desk.protocol import Sealed
from console.domain.accounts import Account
from console.domain.ids import AccountId, ItemId, RemoteId
from console.domain.items import Item
from console.domain.retention import CLASSES, IDENTIFIERS_ONLY, Retention
from console.services.clock import Clock, facts_of
from console.services.evidence import Around, Batch, Seen, seal_item
from console.services.keys import Keys
from console.services.recovery import Wrapper
from console.store import evidence
from console.store import items as stored
from console.store import keeping as kept
from console.store.database import Connection, Database

_AT_ONCE: Final = 500
REPLIES: Final = 20
"""How many answers to an item are sealed with it."""
LOOKED_THROUGH: Final = 2_000
"""How many of a thread's newest items are looked through for answers."""

Fetch = Callable[[Item], Awaitable[Sequence[Seen] | None]]
"""Fetches an item's pictures into the profile; says of each what became of it. None: none can be had ever."""


@dataclass(frozen=True, slots=True)
class Captured:
    """What was sealed, and what could not be."""

    sealed: Mapping[ItemId, Sealed] = field(default_factory=dict)
    missing: Mapping[ItemId, str] = field(default_factory=dict)
    """Items whose pictures had to come first and could not be had, with the reason."""


class Capturing:
    """Seals items as they stand."""

    def __init__(
        self,
        *,
        db: Database,
        keys: Keys,
        clock: Clock,
        classes: Mapping[str, Retention] = CLASSES,
    ) -> None:
        """`classes`: how long records of each class live in this force.

        No picture can be had before `fetch_with`.
        """
        self._db = db
        self._keys = keys
        self._clock = clock
        self._fetch: Fetch | None = None
        self._classes = classes

    def fetch_with(self, fetch: Fetch) -> None:
        """Says how pictures are fetched that must come first."""
        self._fetch = fetch

    async def items(self, ids: Sequence[ItemId]) -> list[Item]:
        """These items as the cache holds them; private messages in clear when the key is open."""
        return await self._db.read(partial(stored.items, ids=ids, unseal=self._keys.unseal_text_if_open))

    async def batch(self, now: int) -> Batch:
        """What records that are sealed now share."""
        key = await self._db.read(kept.recovery_key)
        return self._batch(now, key)

    def _batch(self, now: int, key: kept.RecoveryKey | None) -> Batch:
        return Batch(now, facts_of(self._clock), Wrapper(key.public) if key else None, self._classes)

    async def seal(
        self,
        items: Sequence[Item],
        accounts: Mapping[AccountId, Account],
        now: int,
        *,
        category: str | None = None,
        media_first: frozenset[ItemId] = frozenset(),
        override: str | None = None,
    ) -> Captured:
        """Seals items, some hundred at a time. Raises SecretsUnavailable without a key.

        Pictures of `media_first` are fetched before; an item of which one cannot be had is left out, unless
        `override` gives a person's reason to go on without. The others' pictures are fetched later.
        """
        sealed: dict[ItemId, Sealed] = {}
        missing: dict[ItemId, str] = {}
        batch: Batch | None = None
        for at in range(0, len(items), _AT_ONCE):
            part = items[at : at + _AT_ONCE]
            around, key = await self._db.read(
                partial(_around, items=part, unseal=self._keys.unseal_text_if_open)
            )
            batch = batch or self._batch(now, key)
            for item in part:
                seen = await self._fetched(item, category) if item.id in media_first else None
                lost = [each.why for each in seen or () if each.why and not each.is_link]
                if lost and override is None:
                    missing[item.id] = lost[0]
                    continue
                sealed[item.id] = seal_item(
                    self._keys,
                    item,
                    accounts[item.account_id],
                    around[item.id],
                    batch,
                    category=category,
                    media=seen,
                    override=override if lost else None,
                )
            await self._clock.sleep(0)
        return Captured(sealed, missing)

    async def _fetched(self, item: Item, category: str | None) -> Sequence[Seen] | None:
        """An item's pictures; None where nothing is ever to be fetched, which needs no override."""
        if category in IDENTIFIERS_ONLY or any(hit.category in IDENTIFIERS_ONLY for hit in item.hits):
            return None
        if self._fetch is None:
            return [Seen(why="Pictures cannot be fetched here.")] * len(item.media)
        return await self._fetch(item)


def _around(
    conn: Connection, items: Sequence[Item], unseal: stored.Unseal | None
) -> tuple[dict[ItemId, Around], kept.RecoveryKey | None]:
    """What stands around each item: what it answers, what answers it, its raw JSON and its earlier words."""
    wanted: dict[AccountId, set[RemoteId]] = {}
    for item in items:
        wanted.setdefault(item.account_id, set()).update(
            remote for remote in (item.thread, item.parent) if remote and remote != item.remote_id
        )
    ids = {
        (account_id, remote): item_id
        for account_id, remotes in wanted.items()
        for remote, item_id in stored.by_remote(conn, account_id, sorted(remotes)).items()
    }
    answers, cut = evidence.answers(conn, items, LOOKED_THROUGH, REPLIES)
    numbers = sorted({*ids.values(), *(number for some in answers.values() for number in some)})
    known: dict[int, Item] = {}
    for at in range(0, len(numbers), _AT_ONCE):
        known |= {found.id: found for found in stored.items(conn, numbers[at : at + _AT_ONCE], unseal)}
    raws = stored.raws(conn, [item.id for item in items], unseal)
    edited = set(stored.edited(conn, [item.id for item in items]))
    found: dict[ItemId, Around] = defaultdict(Around)
    for item in items:
        above = [
            known[ids[item.account_id, remote]]
            for remote in dict.fromkeys((item.thread, item.parent))
            if remote and (item.account_id, remote) in ids
        ]
        found[item.id] = Around(
            raw=raws.get(item.id, ""),
            above=above,
            replies=[known[number] for number in answers.get(item.id, ()) if number in known],
            replies_left_out=item.id in cut,
            earlier=stored.history(conn, item.id, unseal) if item.id in edited else (),
        )
    return found, kept.recovery_key(conn)
