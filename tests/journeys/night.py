"""The engine before false networks on real sockets, in time that stands still until a test moves it.

What a newcomer would get wrong: a moment has passed only when every request that it began has been answered
and stored. So a test measures the time that connectors wait by, whatever the machine is busy with.
"""

import asyncio
from pathlib import Path

import httpx

from console.api.stage import Stage, now
from console.bootstrap import build_engine
from console.domain.accounts import Account
from console.domain.ids import AccountId
from console.paths import Places
from console.services.hosting import Hosting
from tests.fakes.clock import FakeClock, settle


class Counting(httpx.AsyncBaseTransport):
    """Counts the requests that are under way, those to one address left out."""

    def __init__(self, inner: httpx.AsyncBaseTransport, but: int) -> None:
        self._inner, self._but = inner, but
        self.under_way = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        counts = request.url.port != self._but
        self.under_way += counts
        try:
            return await self._inner.handle_async_request(request)
        finally:
            self.under_way -= counts

    async def aclose(self) -> None:
        await self._inner.aclose()


class Night:
    """The engine with its accounts, and the clock."""

    def __init__(self, folder: Path, *, but: int = 0, hosting: Hosting | None = None) -> None:
        """Requests to the port `but` are not waited for: nobody answers there."""
        self.clock = FakeClock(now())
        self.engine = build_engine(Places(folder), session_only=True, hosting=hosting, clock=self.clock)
        client = self.engine._parts.supervisor._tools.http()
        client._transport = self.transport = Counting(client._transport, but)

    def begin(self) -> None:
        """From now on each moment waits for what it began."""
        self.clock.idle = self.idle

    async def end(self) -> None:
        """Ends the engine in order."""
        self.clock.idle = settle
        await self.engine.stop()

    async def idle(self) -> None:
        """Lets everything happen that can without the clock: requests, matching, storing."""
        parts = self.engine._parts
        for _ in range(2):
            while True:
                await settle()
                await parts.db.ingest(lambda _conn: None)
                await asyncio.wrap_future(parts.ingest._matcher.submit(int))
                await parts.db.read(lambda _conn: None)
                await settle()
                if not self.transport.under_way:
                    break

    async def add(self, network: str, stage: Stage | None, number: int, **settings: str) -> Account:
        """Adds one account of a stage."""
        account = Account(
            id=AccountId(0),
            key="",
            network=network,
            connector=network,
            handle=f"{stage.handle if stage else network}{number or ''}",
            name=f"{network} {number}",
            lead="A. Rowe",
            deputy="B. Hale",
            may_act=True,
            settings={**(stage.settings if stage else {}), **settings},
        )
        return await self.engine.connecting.save(account, stage.secret if stage else None, "a.rowe")
