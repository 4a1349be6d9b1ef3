"""The live stream: held open beside everything else, and opened again when it breaks.

It only makes things quicker. What a newcomer would get wrong: it repeats nothing, so what was said while it
was down is in the list of notifications and nowhere else. Whenever it has opened, that list must be read.
Source: https://docs.joinmastodon.org/methods/streaming/.
"""

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Self

from console.api import Failure
from console.api.connector import Wait
from console.api.web import Event, events
from plugins.mastodon.session import Session

PATH = "/api/v1/streaming/user"
SILENCE_S = 60.0
"""The server sends a sign of life every quarter of a minute."""
MOST_WAITING = 5_000
"""Events that are kept for reading; when there are more, the list of notifications is read instead."""
SHORTEST_S, LONGEST_S = 2.0, 300.0
PATIENT_TRIES = 5
"""So many tries in a row that fail are worth telling a person."""


class Live:
    """A live stream. Runs inside its `async with` block."""

    def __init__(self, session: Session, wait: Wait) -> None:
        """`wait` is the console's own pace."""
        self._session = session
        self._wait = wait
        self._waiting: list[Event] = []
        self._running: asyncio.Task[None] | None = None
        self._must_read = False
        self._failed = 0
        self.is_up = False
        """Whether it is open now."""
        self.news = asyncio.Event()
        """Set when there is something to take."""
        self.trouble = ""
        """Why it cannot be opened, once it has failed for a while; empty when all is well."""

    async def __aenter__(self) -> Self:
        self._running = asyncio.create_task(self._run(), name="mastodon live stream")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._running is not None:
            self._running.cancel()
            with suppress(asyncio.CancelledError):
                await self._running

    def take(self) -> list[Event]:
        """What came since it was last asked."""
        taken, self._waiting = self._waiting, []
        self.news.clear()
        return taken

    def must_read(self) -> bool:
        """Whether something may have been missed, and the list of notifications must be read; asks once."""
        must, self._must_read = self._must_read, False
        return must

    async def _run(self) -> None:
        while True:
            try:
                async with self._session.lines(PATH, SILENCE_S) as lines:
                    self.is_up, self._failed, self.trouble = True, 0, ""
                    self._must_read = True
                    self.news.set()
                    async for event in events(lines):
                        self._take_in(event)
            except Failure as failure:
                self._failed += 1
                if self._failed >= PATIENT_TRIES:
                    self.trouble = failure.words
            self.is_up = False
            rest = min(LONGEST_S, SHORTEST_S * 2 ** min(self._failed, 10))
            await self._wait(rest=rest, incident=min(rest, 10.0))

    def _take_in(self, event: Event) -> None:
        if len(self._waiting) >= MOST_WAITING:
            self._must_read = True
        else:
            self._waiting.append(event)
        self.news.set()
