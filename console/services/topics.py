"""Topics: searched for on networks that allow it, for a limited time, and on record.

Each search has a task of its own beside the account's stream, over the same connector. What fails in it is
said on the topic and tried again, and never touches the stream: its arrivals wait in a share of their own,
its cursor is kept apart, its pauses do not count as the account's.

What a newcomer would get wrong: which topics are open is asked of the store every few seconds and not
remembered here. So one that was opened on the command line, or before a restart, is searched for too.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from functools import partial
from typing import Any, Final, cast

from console.api import Failure, Misunderstood, Page, SlowDown, TryLater
from console.api.connector import Searcher
from console.desk.protocol import Desk
from console.domain.accounts import Account
from console.domain.errors import CordonError, NotPossible, UsageError
from console.domain.ids import AccountId, TopicId
from console.domain.topics import Search, Topic
from console.services.clock import Clock
from console.services.hosting import Hosting
from console.services.ingest import Ingest
from console.services.pace import growing_wait
from console.services.running import Running, beside_the_stream
from console.services.supervise import Supervisor
from console.services.tasks import Tasks
from console.store import topics
from console.store.database import Connection, Database

_log = logging.getLogger(__name__)

LOOK_S: Final = 3.0
"""How often the store is asked for topics that were opened or closed."""
MOST_HOURS: Final = 72.0
"""The longest that one authority lasts; then somebody has to think again."""
PROGRAM: Final = "cordon"
_NOT_SIGNED_IN: Final = "It waits until the account is signed in."

Place = tuple[TopicId, AccountId]


class Topics:
    """The topics of a profile."""

    def __init__(
        self,
        *,
        desk: Desk,
        db: Database,
        hosting: Hosting,
        supervisor: Supervisor,
        ingest: Ingest,
        clock: Clock,
    ) -> None:
        self._desk = desk
        self._db = db
        self._hosting = hosting
        self._supervisor = supervisor
        self._ingest = ingest
        self._clock = clock
        self._tasks = Tasks("topics")
        self._searching: dict[Place, asyncio.Task[Any]] = {}

    # asked for by people ------------------------------------------------------------------------------

    async def open(
        self,
        words: str,
        accounts: Sequence[Account],
        *,
        purpose: str,
        authorised_by: str,
        hours: float,
        who: str,
    ) -> Topic:
        """Opens a topic on some accounts, on record. Raises UsageError or NotPossible with the reason."""
        if not words.strip():
            raise UsageError("A topic needs words to search for.")
        if not purpose.strip() or not authorised_by.strip():
            raise UsageError("A topic needs a purpose and somebody who authorised it; both go on record.")
        if not 0 < hours <= MOST_HOURS:
            raise UsageError(f"A topic is open for up to {MOST_HOURS:.0f} hours; then it is opened anew.")
        if not accounts:
            raise UsageError("Name at least one account or network to search with.")
        for account in accounts:
            manifest = self._hosting.manifest(account.connector)
            if manifest.search is None:
                raise NotPossible(f"{manifest.name} cannot be searched for a topic ({account.key}).")
        now = self._clock.now()
        return await self._desk.open_topic(
            words=" ".join(words.split()),
            purpose=purpose.strip(),
            authorised_by=authorised_by.strip(),
            accounts=sorted({account.id for account in accounts}),
            ends_at=now + int(hours * 3_600_000),
            who=who,
            at=now,
        )

    async def close(self, topic_id: TopicId, who: str) -> None:
        """Ends a topic before its time. Raises UsageError when none such is open."""
        if not await self._desk.close_topic(topic_id, who, self._clock.now()):
            raise UsageError(f"There is no open topic t{topic_id}.")
        self._end_all_but({place for place in self._searching if place[0] != topic_id})

    async def all(self, *, open_only: bool = False) -> list[Topic]:
        """The topics, newest first."""
        return await self._db.read(partial(topics.topics, open_only=open_only))

    # searching ----------------------------------------------------------------------------------------

    def start(self) -> None:
        """Searches for what is open, until `stop`."""
        self._tasks.start(self._watch(), "watch")

    async def stop(self, seconds: float = 5.0) -> None:
        """Ends all searches; what is open goes on at the next start."""
        await self._tasks.stop(seconds)
        self._searching.clear()

    async def _watch(self) -> None:
        while True:
            try:
                await self.look()
            except CordonError as problem:
                _log.warning("The topics cannot be looked at now: %s", problem)
            await self._clock.sleep(LOOK_S)

    async def look(self) -> None:
        """Starts what was opened, ends what was closed, and closes what has had its time."""
        wanted: set[Place] = set()
        now = self._clock.now()
        for topic in await self.all(open_only=True):
            if topic.ends_at <= now:
                await self._desk.close_topic(topic.id, PROGRAM, now)
                continue
            for search in topic.searches:
                place = (topic.id, search.account_id)
                wanted.add(place)
                if place not in self._searching and self._supervisor.get(search.account_id) is not None:
                    work = self._search(topic, search)
                    self._searching[place] = self._tasks.start(work, f"t{topic.id} on {search.account_id}")
        self._end_all_but(wanted)

    def _end_all_but(self, wanted: set[Place]) -> None:
        for place in [one for one in self._searching if one not in wanted]:
            self._searching.pop(place).cancel()

    async def _search(self, topic: Topic, search: Search) -> None:
        """One search until its time is over, whatever goes wrong in between."""
        place = (topic.id, search.account_id)
        cursor, tries, said = search.cursor, 0, search.error
        while (left := topic.ends_at - self._clock.now()) > 0:
            words: str | None
            try:
                running = self._running(search.account_id)
                pages = _searcher(running).search(topic.words, cursor)
                with beside_the_stream():
                    async with aclosing(as_generator(pages)) as stream:
                        async for page in stream:
                            await self._ingest.take(running.account, page, search=place)
                            cursor = page.cursor if page.cursor is not None else cursor
                            tries, said = 0, None
                words, wait_s = "The network's search has come to its end.", None
            except SlowDown as problem:
                words = problem.words
                wait_s = max(1.0, (problem.until - self._clock.now()) / 1000)
            except (TryLater, Misunderstood, _NotYetError) as problem:
                words, wait_s = str(problem), growing_wait(tries + 1, 1.0, is_incident=True)
            except Failure as problem:
                words, wait_s = problem.words, None
            except Exception as fault:  # noqa: BLE001 - third parties' code
                _log.error("t%s: a fault in the search of a connector.", topic.id, exc_info=fault)
                words, wait_s = f"A fault in its connector stopped the search ({type(fault).__name__}).", None
            tries += 1
            if words != said:
                said = words
                await self._say(place, words)
            await self._clock.sleep(left / 1000 if wait_s is None else min(wait_s, left / 1000))

    async def _say(self, place: Place, words: str | None) -> None:
        def work(conn: Connection) -> None:
            topics.fail(conn, *place, words)

        try:
            await self._db.ingest(work)
        except CordonError as problem:
            _log.info("Why a search rests could not be stored: %s", problem)

    def _running(self, account_id: AccountId) -> Running:
        running = self._supervisor.get(account_id)
        if running is None or running.connector is None or not running.is_open:
            raise _NotYetError(_NOT_SIGNED_IN)
        return running


class _NotYetError(Exception):
    """The account cannot be searched with at the moment."""


def _searcher(running: Running) -> Searcher:
    if not callable(getattr(running.connector, "search", None)):
        raise Failure("Its connector has no search.")
    return cast("Searcher", running.connector)


async def as_generator(pages: AsyncIterator[Page]) -> AsyncGenerator[Page, None]:
    """The pages, in a wrapping that can be closed even when they are a plain iterator."""
    try:
        async for page in pages:
            yield page
    finally:
        close = getattr(pages, "aclose", None)
        if close is not None:
            await close()
