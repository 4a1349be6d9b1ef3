"""A profile whose evidence is kept: store, desk, keys, pictures and purging, joined as the engine joins them.

What a newcomer would get wrong: keys live as long as the bench. A profile whose key is lost is a second bench
on a copy of the folder, with keys of its own that do not open.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from console.desk.keeping import LocalKeeping
from console.desk.local import LocalDesk
from console.desk.protocol import Draft, EvidenceRow, Submission
from console.domain.accounts import Account
from console.domain.acts import ActState, Verb
from console.domain.ids import AccountId, ActId, EvidenceId, ItemId
from console.domain.items import Item
from console.domain.retention import CLASSES, Retention
from console.services.capturing import Capturing
from console.services.events import Events
from console.services.fetching import Fetching
from console.services.hosting import Hosting
from console.services.keeping import Keeping
from console.services.keys import Keys
from console.services.media import Fetched, Fetcher, NotFetched
from console.services.media_store import MediaStore
from console.services.purging import Purging
from console.services.recovering import Recovering
from console.services.vault import StoreVault
from console.store.accounts import accounts
from console.store.database import Database
from console.store.items import Received, save_batch
from tests.fakes.clock import FakeClock
from tests.unit.store.making import add_account

PASSPHRASE = "an invented passphrase"
COST = 4
"""Scrypt's work for recovery keys of tests."""


class Pictures(Fetcher):
    """What is on the network, by address: bytes, or why they cannot be had."""

    def __init__(self, there: Mapping[str, bytes | NotFetched] | None = None) -> None:
        super().__init__()
        self.there = dict(there or {})
        self.asked: list[str] = []

    async def fetch(self, url: str) -> Fetched:
        """What is there."""
        self.asked.append(url)
        found = self.there.get(url, NotFetched("Its server answered 404."))
        if isinstance(found, NotFetched):
            raise found
        return Fetched(found, "image/png")


@dataclass
class Bench:
    """Everything that keeps evidence, on one profile."""

    folder: Path
    db: Database
    desk: LocalDesk
    keep: LocalKeeping
    keys: Keys
    clock: FakeClock
    events: Events
    capturing: Capturing
    pictures: Pictures
    store: MediaStore
    fetching: Fetching
    recovery: Recovering
    purging: Purging
    keeping: Keeping

    async def save(self, *rows: Received) -> None:
        """Stores arrivals; private ones sealed."""
        await self.db.ingest(
            lambda conn: save_batch(conn, rows, {}, lambda text: self.keys.seal(text.encode(), "messages"))
        )

    async def items(self, *numbers: int) -> list[Item]:
        """Items as the cache holds them."""
        return await self.capturing.items([ItemId(number) for number in numbers])

    async def accounts(self) -> dict[AccountId, Account]:
        """The profile's accounts."""
        return {account.id: account for account in await self.db.read(accounts)}

    async def hide(
        self,
        *numbers: int,
        reason: str = "names a witness",
        text: str | None = None,
        category: str | None = None,
        state: ActState = ActState.CONFIRMED,
        bulk: bool = False,
    ) -> tuple[ActId, ...]:
        """Seals items and puts a hide on each, settled already unless said otherwise."""
        items = await self.items(*numbers)
        now = self.clock.now()
        found = await self.capturing.seal(items, await self.accounts(), now, category=category)
        drafts = [
            Draft(
                verb=Verb.HIDE,
                item_id=item.id,
                account_id=item.account_id,
                state=state,
                due_at=now,
                reversible=True,
                evidence=found.sealed[item.id],
                content={
                    "author": item.author.handle,
                    "author_id": item.author.id,
                    "remote_id": item.remote_id,
                    "permalink": item.permalink,
                    "words": "; ".join(hit.text for hit in item.hits),
                },
            )
            for item in items
        ]
        done = await self.desk.submit(
            Submission("r.calder", now, reason, category, text, drafts, bulk or len(drafts) > 1)
        )
        return done.act_ids

    async def record(self, number: int) -> EvidenceRow:
        """A sealed record."""
        found = await self.desk.evidence(EvidenceId(number))
        assert found is not None
        return found

    async def kinds(self) -> list[str]:
        """What the ledger says happened, in order."""
        return [kind_of(entry.leaf) for entry in await self.desk.entries(0, 100_000)]

    async def is_whole(self) -> str | None:
        """What is wrong with the ledger; None when nothing is."""
        return (await self.desk.verify()).first_bad


def kind_of(leaf: bytes) -> str:
    """The kind of a ledger entry."""
    return leaf.split(b'"kind":"', 1)[1].split(b'"', 1)[0].decode()


@asynccontextmanager
async def bench(
    folder: Path,
    *,
    passphrase: str | None = PASSPHRASE,
    there: Mapping[str, bytes | NotFetched] | None = None,
    classes: Mapping[str, Retention] = CLASSES,
    is_played: Callable[[Item], bool] = lambda _item: False,
    ordinary: Sequence[str] = (),
) -> AsyncIterator[Bench]:
    """A bench on a profile folder, with one account in a new one; closed at the end."""
    db = Database(folder / "cordon.db")
    db.open()
    clock, events = FakeClock(), Events()
    desk, keep = LocalDesk(db, "Dellin desk 1"), LocalKeeping(db, "Dellin desk 1")
    keys = Keys(StoreVault(db), passphrase=passphrase, find_keyring=lambda: None)
    store, pictures = MediaStore(folder / "media", keep, keys), Pictures(there)
    capturing = Capturing(db=db, keys=keys, clock=clock, classes=classes)
    fetching = Fetching(
        keep=keep,
        keys=keys,
        clock=clock,
        store=store,
        fetcher=pictures,
        capturing=capturing,
        events=events,
        is_played=is_played,
    )
    capturing.fetch_with(fetching.fetch)
    recovery = Recovering(keep, keys, clock, cost=COST)
    purging = Purging(db=db, desk=desk, hosting=Hosting(bundled=None), events=events, clock=clock)
    keeping = Keeping(
        keep=keep,
        keys=keys,
        clock=clock,
        recovery=recovery,
        store=store,
        pictures=fetching,
        items=capturing.items,
        clean=purging.clean,
        is_ordinary=frozenset(ordinary).__contains__,
        classes=classes,
    )
    purging.also(keeping.run_due)
    try:
        await keys.open()
        if not await db.read(accounts):
            await db.record(add_account)
        yield Bench(
            folder, db, desk, keep, keys, clock, events, capturing, pictures, store, fetching, recovery,
            purging, keeping,
        )  # fmt: skip
    finally:
        await fetching.stop()
        await purging.stop()
        await asyncio.to_thread(db.close)


def left_in(folder: Path, *needles: str | bytes) -> list[str]:
    """The files of a folder that hold one of these, in any of the ways in which text is kept."""
    found = []
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        body = path.read_bytes()
        small = body.lower()
        for needle in needles:
            if isinstance(needle, bytes):
                hits = needle in body
            else:
                codings = ("utf-8", "utf-16-le", "utf-16-be")
                hits = any(needle.lower().encode(coding) in small for coding in codings)
            if hits:
                found.append(f"{path.name}: {needle!r}")
    return found
