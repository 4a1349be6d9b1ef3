"""Watchlists that can be edited, over a real store and a desk, without engine, keyring or network."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from console.desk.lists import LocalLists
from console.desk.local import LocalDesk
from console.domain.ids import ItemId
from console.domain.items import Item
from console.domain.watchlists import Rule, Watchlist
from console.matching import compile_watchlists
from console.services.editing import Editing
from console.services.events import Announcement, Events
from console.services.matching import Matching, compile_lists
from console.services.quick_changes import Beside
from console.services.rehearsing import Rehearsing
from console.services.searching import Searching
from console.store import accounts, items
from console.store.database import Database
from console.store.rows import Received
from tests.fakes.clock import FakeClock
from tests.fakes.connectors import FakeSealer
from tests.unit.store.making import add_account

WHO, OTHER = "a.rowe", "b.lunn"


@dataclass
class ListRoom:
    """Editing with everything that it works with."""

    db: Database
    desk: LocalDesk
    lists: LocalLists
    matching: Matching
    searching: Searching
    editing: Editing
    events: Events
    clock: FakeClock
    said: list[Announcement] = field(default_factory=list)

    async def say(self, *rows: Received) -> None:
        """Stores items with the hits that the matcher in force finds in them."""
        for row in rows:
            hits = self.matching.hits([row.arrival])[0]
            grade = min((hit.grade for hit in hits), default=5)
            full = replace(row, hits=hits, grade=grade)
            await self.db.ingest(partial(items.save_batch, rows=[full], cursors={}, seal=bytes_of))

    async def item(self, number: int) -> Item:
        """One item as the cache holds it."""
        return (await self.db.read(lambda conn: items.items(conn, [ItemId(number)])))[0]

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Lets tasks and threads work until something is so."""
        async with asyncio.timeout(30):
            while not is_so():
                await self.db.read(lambda _: None)


def bytes_of(text: str) -> bytes:
    """Seals nothing: the words as bytes."""
    return text.encode()


def a_list(*rules: Rule, name: str = "weapons", version: int = 0, grade: int = 2) -> Watchlist:
    """A watchlist for weapons, new unless a version is named."""
    day = dt.date(2027, 3, 1)
    return Watchlist(name, "Weapons", "weapons", grade, "hide", "Duty lead", version, day, rules)


BLADE = Rule("blade", words=("machete",))
SWORD = Rule("sword", words=("sword",))


@asynccontextmanager
async def list_room(folder: Path, *, starts: bool = True, ordinary: bool = False) -> AsyncIterator[ListRoom]:
    """The room; with `starts` it works in the background as beside the window.

    With `ordinary` the shipped list of ordinary words is used, as the program does; it takes a while to read.
    """
    db = Database(folder / "cordon.db")
    db.open()
    if not await db.read(accounts.accounts):
        await db.record(add_account)
    clock, events, sealer = FakeClock(), Events(), FakeSealer(ready=False)
    desk, lists = LocalDesk(db, "Desk 1"), LocalLists(db, "Desk 1")
    matching = Matching(desk, events, compile_lists if ordinary else compile_watchlists)
    searching = Searching(db=db, desk=desk, lists=lists, keys=sealer, events=events, clock=clock)
    rehearsing = Rehearsing(db=db, lists=lists, keys=sealer, clock=clock)
    editing = Editing(Beside(db, desk, lists, matching, rehearsing, searching, events, clock))
    room = ListRoom(db, desk, lists, matching, searching, editing, events, clock)
    events.listen(room.said.append)
    try:
        await matching.reload()
        if starts:
            await editing.start()
        yield room
    finally:
        await editing.stop()
        db.close()
