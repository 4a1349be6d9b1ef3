"""The engine's inner parts on a database of their own, without desk, keyring or network."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from console.domain.accounts import Account
from console.domain.items import Item
from console.domain.lanes import Lane
from console.domain.watchlists import Watchlist
from console.services.events import Announcement, Events
from console.services.hosting import Hosting
from console.services.ingest import Ingest
from console.services.matching import Matching
from console.services.pace import Pace
from console.services.running import Running, Tools
from console.services.supervise import Supervisor
from console.store import accounts, items, lanes
from console.store.database import Database
from tests.fakes.clock import FakeClock, settle
from tests.fakes.connectors import FakeSealer, Network, hosting_of


class NoDesk:
    """A desk that holds watchlists and nothing else."""

    def __init__(self) -> None:
        self.lists: list[Watchlist] = []

    async def watchlists(self) -> list[Watchlist]:
        """What is in force."""
        return self.lists


@dataclass
class Rooms:
    """Store, ingest and supervision, joined as the engine joins them."""

    db: Database
    clock: FakeClock
    events: Events
    ingest: Ingest
    matching: Matching
    desk: NoDesk
    supervisor: Supervisor
    tools: Tools
    said: list[Announcement] = field(default_factory=list)

    async def account(self, handle: str) -> Account:
        """Adds an account that the connector `fake` runs."""
        return await self.db.record(
            lambda conn: accounts.add(
                conn,
                key=f"fake:{handle}",
                network="fake",
                connector="fake",
                handle=handle,
                name=handle,
                lead="L",
                deputy="D",
                may_act=True,
                settings={},
                at=self.clock.now(),
            )
        )

    async def run(self, *handles: str) -> list[Running]:
        """Adds accounts and lets them collect."""
        for handle in handles:
            await self.supervisor.add(await self.account(handle))
        running = list(self.supervisor.all)[-len(handles) :]
        self.supervisor.start(stream=True)
        return running

    async def until(self, is_so: Callable[[], bool], seconds: float = 30.0) -> None:
        """Lets threads and tasks work, and the clock stand, until something is so."""
        async with asyncio.timeout(seconds):
            while not is_so():
                await self.db.read(_nothing)  # gives the real threads a turn

    async def flow(self, is_so: Callable[[], bool], seconds: float = 30.0) -> None:
        """Like `until`, with the clock jumping to whatever is waited for next."""
        async with asyncio.timeout(seconds):
            while not is_so():
                await self.idle()
                alarm = self.clock.next_alarm
                if alarm is not None and not is_so():
                    await self.clock.pass_by(alarm)

    async def idle(self) -> None:
        """Lets the loop and every thread finish what was asked of them, one stage after the other."""
        for _ in range(4):
            for asked in (
                self.db.ingest_now(_nothing),
                self.db.read_now(_nothing),
                self.ingest._matcher.submit(_nothing, None),
            ):
                await asyncio.wrap_future(asked)
            await asyncio.to_thread(_nothing, None)
            await settle()

    async def stored(self) -> list[Item]:
        """Everything in the cache, oldest first."""

        def read(conn: Any) -> list[Item]:
            return items.items(conn, list(reversed(lanes.lane_ids(conn, Lane(), None, 100_000))))

        return await self.db.read(read)

    async def remote_ids(self, account: Account) -> list[str]:
        """What of one account is in the cache, in the order of arrival."""
        return [item.remote_id for item in await self.stored() if item.account_id == account.id]


def _nothing(_: Any) -> None:
    """A question to the store that asks nothing."""


@asynccontextmanager
async def rooms(
    folder: Path,
    networks: Mapping[str, Network] | None = None,
    *,
    hosting: Hosting | None = None,
    ready: bool = True,
) -> AsyncIterator[Rooms]:
    """The parts, started; everything is stopped and closed at the end."""
    db = Database(folder / "cordon.db")
    db.open()
    clock, events, desk, sealer = FakeClock(), Events(), NoDesk(), FakeSealer(ready=ready)
    matching = Matching(desk, events)  # type: ignore[arg-type]  # only the watchlists are asked for
    ingest = Ingest(db, matching, events, clock, sealer)
    http = httpx.AsyncClient()
    tools = Tools(
        db=db,
        hosting=hosting or hosting_of(networks or {}),
        ingest=ingest,
        events=events,
        clock=clock,
        pace=Pace(clock),
        keys=sealer,
        http=lambda: http,
        folder=lambda key: folder / key.replace(":", "-"),
        chance=lambda: 1.0,
    )
    supervisor = Supervisor(tools)
    made = Rooms(db, clock, events, ingest, matching, desk, supervisor, tools)
    events.listen(made.said.append)
    clock.idle = made.idle
    ingest.start()
    try:
        yield made
    finally:
        clock.idle = settle
        await supervisor.stop()
        await ingest.stop()
        await http.aclose()
        await settle()
        db.close()
