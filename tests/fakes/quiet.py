"""Waits until nothing that was asked of a database is still being done.

What a newcomer would get wrong: to give the store's threads so many turns is not enough. How many they need
depends on what else the machine does, and a test that counts turns fails on a busy one.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from console.store.database import Database
from tests.fakes.clock import settle


class Quiet:
    """Listens at a database; `idle` is what a `FakeClock` waits for before time goes on."""

    def __init__(self, database: Database) -> None:
        self._asked: list[Future[Any]] = []
        self._read_now = database.read_now
        database._put = self._heard(database._put)  # type: ignore[method-assign]  # to listen there
        database.read_now = self._heard(database.read_now)  # type: ignore[method-assign]  # the same

    def _heard(self, ask: Callable[..., Future[Any]]) -> Callable[..., Future[Any]]:
        def asked(*what: Any, **how: Any) -> Future[Any]:
            future = ask(*what, **how)
            self._asked.append(future)
            return future

        return asked

    async def idle(self) -> None:
        """Returns when the database has answered everything, and nobody asked anything because of that."""
        while True:
            await settle()
            some, self._asked = self._asked, []
            if not some:
                # Whoever was answered last is told by the thread that answered; this gives it its turn.
                await asyncio.wrap_future(self._read_now(lambda _conn: None))
                await settle()
                if not self._asked:
                    return
            await asyncio.gather(*map(asyncio.wrap_future, some), return_exceptions=True)
