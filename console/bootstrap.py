"""The composition root: makes every part and joins them; the only file that knows them all.

What a newcomer would get wrong: the parts are imported when the engine is built and not before, so that
the window can show the cache while they load. And nothing is opened here. A part that needs the disk, a
key or a network gets it when the engine is started, and says so in one line when it cannot.
"""

import asyncio
import concurrent.futures
import logging
import os
import sys
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from console.logs import WithoutSecrets, write_logs_to
from console.paths import PROFILE_VARIABLE, Places, default_profile, fresh_exercise_profile, resources
from console.settings import Settings, read_settings, seat, system_user

if TYPE_CHECKING:
    import httpx

    from console.desk.lists import LocalLists
    from console.domain.accounts import Account
    from console.domain.approving import Rules
    from console.domain.ids import AccountId
    from console.domain.items import Item
    from console.domain.operators import SignedSeat
    from console.services.approving import Approvals
    from console.services.capturing import Capturing
    from console.services.checkpoints import Checkpoints
    from console.services.clock import Clock
    from console.services.cover import Cover
    from console.services.disclosing.bundles import Medium
    from console.services.disclosing.service import Disclosing
    from console.services.engine import Engine
    from console.services.events import Events
    from console.services.handover import Handovers
    from console.services.hosting import Hosting
    from console.services.keeping import Keeping
    from console.services.keys import Keys
    from console.services.media import Fetcher
    from console.services.onlookers import Onlookers
    from console.services.operators import Operators
    from console.services.purging import Purging
    from console.services.running import Tools
    from console.services.supervise import Supervisor
    from console.store.database import Database

_log = logging.getLogger(__name__)

Work = Literal["nothing", "acts", "everything"]
T = TypeVar("T")

FIRST_EXERCISE = "chandlers-row"
"""The exercise that a new user starts with."""
HTTP_LIMIT_S = 30.0
"""How long a network may leave a request without an answer."""
STOP_LIMIT_S = 25.0
"""How long an orderly end may take; then the process ends all the same."""


def build_engine(
    places: Places,
    *,
    passphrase: str | None = None,
    session_only: bool = False,
    settings: Settings | None = None,
    hosting: "Hosting | None" = None,
    clock: "Clock | None" = None,
    fetcher: "Fetcher | None" = None,
) -> "Engine":
    """An engine on one profile, not started.

    `passphrase` opens the profile's key without a person; `session_only` lets a key live in memory
    where there is neither keyring nor passphrase, which is for exercises. `hosting`, `clock`
    and `fetcher` are handed in by tests.
    """
    from console.desk.lists import LocalLists
    from console.desk.local import LocalDesk
    from console.desk.views import LocalViews
    from console.domain.operators import SignedSeat
    from console.services.acting import Acting
    from console.services.ceilings import Ceilings
    from console.services.clock import SystemClock
    from console.services.connecting import Connecting
    from console.services.editing import Editing
    from console.services.engine import Engine, Parts
    from console.services.events import Events
    from console.services.hosting import standard_hosting
    from console.services.ingest import Ingest
    from console.services.keys import Keys
    from console.services.lists import Lists
    from console.services.lock import ProfileLock
    from console.services.matching import Matching
    from console.services.offering import offer
    from console.services.ordering import Ordering
    from console.services.pace import Pace
    from console.services.purging import Purging
    from console.services.quick_changes import Beside
    from console.services.rehearsing import Rehearsing
    from console.services.running import Tools
    from console.services.searching import Searching
    from console.services.standing import Standings
    from console.services.supervise import Supervisor
    from console.services.topics import Topics
    from console.services.vault import StoreVault
    from console.services.views import Views
    from console.store.database import Database

    settings = settings or Settings()
    clock = clock or SystemClock()
    hosting = hosting or standard_hosting()
    events = Events()
    db = Database(places.database)
    here = SignedSeat(seat())
    desk = LocalDesk(db, here)
    lists = LocalLists(db, here)
    keys = Keys(StoreVault(db), passphrase=passphrase, session_only=session_only)
    matching = Matching(desk, events)
    ingest = Ingest(db, matching, events, clock, keys)
    client = _Client()
    ceilings = Ceilings()
    pace = Pace(clock)
    tools = Tools(
        db=db,
        hosting=hosting,
        ingest=ingest,
        events=events,
        clock=clock,
        pace=pace,
        keys=keys,
        http=client.get,
        folder=places.folder,
        ceilings=ceilings,
    )
    supervisor = Supervisor(tools)
    acting = Acting(desk=desk, db=db, events=events, clock=clock, ceilings=ceilings, lines=supervisor)
    purging = Purging(
        db=db,
        desk=desk,
        hosting=hosting,
        events=events,
        clock=clock,
        is_busy=lambda: pace.is_incident,
    )
    capturing, keeping = _keeping(places, tools, keys, here, settings, supervisor.accounts, purging, fetcher)
    ordering = Ordering(
        db=db,
        desk=desk,
        keys=keys,
        clock=clock,
        events=events,
        ceilings=ceilings,
        accounts=supervisor.accounts,
        ask=lambda account_id, target, verb: offer(supervisor, account_id, target, verb),
        wake=acting.wake,
        text_alone=settings.text_alone,
        rules=lambda: _rules(settings),
        capturing=capturing,
        pictures_wanted=keeping.pictures.wake,
    )
    standings = Standings(db, desk, ordering, events, clock)
    return Engine(
        Parts(
            places=places,
            settings=settings,
            lock=ProfileLock(places.lock),
            db=db,
            desk=desk,
            operators=_operators(db, here, keys, clock, events, settings),
            handovers=_handovers(db, here, clock, lists),
            keys=keys,
            clock=clock,
            events=events,
            hosting=hosting,
            lists=Lists(desk, matching, clock, resources() / "watchlists"),
            editing=Editing(
                Beside(
                    db=db,
                    desk=desk,
                    lists=lists,
                    matching=matching,
                    rehearsing=Rehearsing(db=db, lists=lists, keys=keys, clock=clock),
                    searching=Searching(db=db, desk=desk, lists=lists, keys=keys, events=events, clock=clock),
                    events=events,
                    clock=clock,
                )
            ),
            ingest=ingest,
            supervisor=supervisor,
            connecting=Connecting(tools, desk, supervisor),
            ordering=ordering,
            standings=standings,
            approvals=_approvals(db, here, events, clock, acting.wake),
            acting=acting,
            topics=Topics(
                desk=desk, db=db, hosting=hosting, supervisor=supervisor, ingest=ingest, clock=clock
            ),
            views=Views(
                LocalViews(db, here),
                events,
                clock.now,
                lambda: [running.account.key for running in supervisor.all],
            ),
            purging=purging,
            keeping=keeping,
            checkpoints=(checkpoints := _checkpoints(db, here, keys, clock, events, settings)),
            disclosing=_disclosing(db, here, keys, clock, checkpoints, keeping.medium),
            onlookers=_onlookers(db, here, clock),
            cover=_cover(db, here, supervisor, events, clock),
            close_http=client.close,
        )
    )


def _keeping(
    places: Places,
    tools: "Tools",
    keys: "Keys",
    here: str,
    settings: Settings,
    accounts: "Callable[[], Mapping[AccountId, Account]]",
    purging: "Purging",
    fetcher: "Fetcher | None",
) -> "tuple[Capturing, Keeping]":
    """What seals evidence, and what keeps it with its pictures and ends it."""
    from console.desk.keeping import LocalKeeping
    from console.domain.retention import classes
    from console.services.capturing import Capturing
    from console.services.exercise import CONNECTOR
    from console.services.fetching import Fetching
    from console.services.keeping import Keeping
    from console.services.media import Fetcher
    from console.services.media_store import MediaStore
    from console.services.recovering import Recovering

    def is_played(item: "Item") -> bool:
        account = accounts().get(item.account_id)
        return account is None or account.connector == CONNECTOR

    clock, lives = tools.clock, classes(settings.retention_days)
    capturing = Capturing(db=tools.db, keys=keys, clock=clock, classes=lives)
    keep = LocalKeeping(tools.db, here)
    store = MediaStore(places.media, keep, keys)
    pictures = Fetching(
        keep=keep,
        keys=keys,
        clock=clock,
        store=store,
        fetcher=fetcher or Fetcher(),
        capturing=capturing,
        events=tools.events,
        is_played=is_played,
    )
    capturing.fetch_with(pictures.fetch)
    keeping = Keeping(
        keep=keep,
        keys=keys,
        clock=clock,
        recovery=Recovering(keep, keys, clock),
        store=store,
        pictures=pictures,
        items=capturing.items,
        clean=purging.clean,
        is_ordinary=_is_ordinary,
        classes=lives,
    )
    purging.also(keeping.run_due)
    return capturing, keeping


def _is_ordinary(word: str) -> bool:
    """Whether a word is everybody's: it quotes nobody."""
    from console.matching.ordinary import ordinary_words

    found = ordinary_words(resources() / "words")
    return word in found or word in found.other


def _rules(settings: Settings) -> "Rules":
    """What asks for a second person, as the settings have it."""
    from console.domain.approving import Rules

    return Rules(
        over=settings.second_over,
        block=settings.second_block,
        messages=settings.second_messages,
        hours=settings.second_hours,
    )


def _approvals(
    db: "Database", here: str, events: "Events", clock: "Clock", wake: Callable[[], None]
) -> "Approvals":
    """What waits for a second person."""
    from console.desk.approving import LocalApprovals
    from console.services.approving import Approvals

    return Approvals(LocalApprovals(db, here), events, clock, wake=wake)


def _operators(
    db: "Database", here: "SignedSeat", keys: "Keys", clock: "Clock", events: "Events", settings: Settings
) -> "Operators":
    """Who sits at this seat."""
    from console.desk.operators import LocalOperators
    from console.services.operators import Operators

    return Operators(
        desk=LocalOperators(db, here),
        keys=keys,
        clock=clock,
        events=events,
        seat=here,
        who=settings.who,
        role=settings.role,
        account=system_user(),
        away_minutes=settings.lock_after_minutes,
    )


def _checkpoints(
    db: "Database", here: "SignedSeat", keys: "Keys", clock: "Clock", events: "Events", settings: Settings
) -> "Checkpoints":
    """What states how the ledger stands, with the second keeper that was chosen."""
    from console.desk.checkpoints import LocalCheckpoints
    from console.services.checkpoints import Checkpoints
    from console.services.keepers import FolderKeeper

    folder = settings.checkpoint_folder
    return Checkpoints(
        desk=LocalCheckpoints(db, here),
        keys=keys,
        clock=clock,
        events=events,
        keeper=FolderKeeper(Path(folder).expanduser()) if folder else None,
    )


def _cover(
    db: "Database", here: "SignedSeat", supervisor: "Supervisor", events: "Events", clock: "Clock"
) -> "Cover":
    """Who deals with what, and what is escalated until somebody accepts it."""
    from console.desk.cover import LocalCover
    from console.desk.escalation import LocalEscalations
    from console.services.cover import Cover
    from console.services.escalating import Escalating

    return Cover(
        desk=LocalCover(db, here),
        db=db,
        supervisor=supervisor,
        events=events,
        clock=clock,
        escalating=Escalating(desk=LocalEscalations(db, here), events=events, clock=clock),
    )


def _onlookers(db: "Database", here: "SignedSeat", clock: "Clock") -> "Onlookers":
    """What puts looks on record."""
    from console.desk.onlookers import LocalOnlookers
    from console.services.onlookers import Onlookers

    return Onlookers(LocalOnlookers(db, here), clock)


def _disclosing(
    db: "Database",
    here: str,
    keys: "Keys",
    clock: "Clock",
    checkpoints: "Checkpoints",
    medium: "Medium",
) -> "Disclosing":
    """What gives things out."""
    from console.desk.disclosing import LocalDisclosing
    from console.services.disclosing.bundles import Bundles
    from console.services.disclosing.service import Disclosing

    desk = LocalDisclosing(db, here)
    bundles = Bundles(
        db=db, desk=desk, keys=keys, clock=clock, signing=checkpoints, medium=medium, resources=resources()
    )
    return Disclosing(db=db, desk=desk, clock=clock, bundles=bundles, fonts=resources() / "fonts")


def _handovers(db: "Database", here: "SignedSeat", clock: "Clock", lists: "LocalLists") -> "Handovers":
    """What one shift hands to the next."""
    from console.desk.handover import LocalHandovers
    from console.services.handover import Handovers

    return Handovers(desk=LocalHandovers(db, here), db=db, clock=clock, waiting=lists.waiting)


class _Client:
    """The one HTTP client of all connectors, made when the first asks for it."""

    def __init__(self) -> None:
        self._client: httpx.AsyncClient | None = None
        self._lock = threading.Lock()

    def get(self) -> "httpx.AsyncClient":
        """The client; safe from any thread."""
        import httpx

        with self._lock:
            if self._client is None:
                self._client = httpx.AsyncClient(
                    http2=True,
                    timeout=HTTP_LIMIT_S,
                    # No limit: a stream held open, or a network that hangs, takes no place from the others.
                    limits=httpx.Limits(max_connections=None, max_keepalive_connections=200),
                    follow_redirects=False,  # a token must not follow to a host that was not meant
                    headers={"User-Agent": "Cordon"},
                )
            return self._client

    async def close(self) -> None:
        """Lets every connection go."""
        if self._client is not None:
            await self._client.aclose()


@asynccontextmanager
async def open_engine(
    places: Places,
    *,
    passphrase: str | None = None,
    session_only: bool = False,
    settings: Settings | None = None,
    work: Work = "nothing",
) -> AsyncIterator["Engine"]:
    """An engine that runs on the caller's loop, for the command line.

    `work` says what it does besides reading: `acts` works the queue if no other Cordon does,
    `everything` collects too and raises ProfileInUse beside another.
    """
    engine = build_engine(places, passphrase=passphrase, session_only=session_only, settings=settings)
    with _logging(places, to_file=work != "nothing"):
        await engine.start(work == "everything", act=work != "nothing")
        try:
            yield engine
        finally:
            await engine.stop()


class _OneLine(logging.Formatter):
    """What a person at a terminal sees of the log: one line; the file has the rest."""

    def format(self, record: logging.LogRecord) -> str:
        """The message alone."""
        return record.getMessage()


@contextmanager
def _logging(places: Places, *, to_file: bool) -> Iterator[None]:
    """Warnings go to the error stream, one line each; everything to the profile's log if asked for."""
    handlers: list[logging.Handler] = []
    if sys.stderr is not None:
        terminal = logging.StreamHandler()
        terminal.setLevel(logging.WARNING)
        terminal.setFormatter(_OneLine())
        terminal.addFilter(WithoutSecrets())
        logging.getLogger().addHandler(terminal)
        handlers.append(terminal)
    try:
        if to_file:
            places.make()
            try:
                handlers.append(write_logs_to(places.logs))
            except OSError as problem:
                _log.warning("No log is kept: %s cannot be used (%s).", places.logs, problem.strerror)
        yield
    finally:
        for handler in handlers:
            logging.getLogger().removeHandler(handler)
            handler.close()


class EngineThread:
    """The engine's own thread with its loop, for the window.

    What a newcomer would get wrong: `call` and `stop` give futures of `concurrent.futures`; the window
    awaits them by `asyncio.wrap_future` and never asks one for its result before it is done.
    """

    def __init__(self, make: "Callable[[], Engine]") -> None:
        """`make` builds the engine; it runs on the new thread."""
        self._make = make
        self._loop = asyncio.new_event_loop()
        # A daemon: a window that fails before it stops the engine must not leave a process behind.
        self._thread = threading.Thread(target=self._run, name="cordon-engine", daemon=True)
        self._engine: Engine | None = None

    def start(self, collect: bool = True) -> "concurrent.futures.Future[Engine]":
        """Starts thread and engine; the future gives the engine, or what kept it from starting."""
        self._thread.start()
        return self.call(self._start(collect))

    async def _start(self, collect: bool) -> "Engine":
        self._engine = self._make()
        await self._engine.start(collect)
        return self._engine

    def call(self, work: Coroutine[Any, Any, T]) -> "concurrent.futures.Future[T]":
        """Runs a coroutine on the engine's loop. Raises RuntimeError once the thread has ended."""
        try:
            return asyncio.run_coroutine_threadsafe(work, self._loop)
        except RuntimeError:
            work.close()
            raise

    def stop(self) -> "concurrent.futures.Future[None]":
        """Ends the engine in order, within a limit, and then the thread."""
        return self.call(self._stop())

    async def _stop(self) -> None:
        try:
            if self._engine is not None:
                async with asyncio.timeout(STOP_LIMIT_S):
                    await self._engine.stop()
        except TimeoutError:
            _log.error("The engine did not end within %g s.", STOP_LIMIT_S)
        finally:
            self._loop.call_soon(self._loop.stop)

    def join(self, seconds: float = STOP_LIMIT_S) -> bool:
        """Waits for the thread to end; whether it has."""
        if self._thread.ident is not None:
            self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        loop = self._loop
        asyncio.set_event_loop(loop)
        loop.set_exception_handler(_say_fault)
        try:
            loop.run_forever()
        finally:
            _cancel_all(loop)
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.run_until_complete(loop.shutdown_default_executor())
            # A generator that the collector found meanwhile is closed by a task of its own.
            _cancel_all(loop)
            loop.close()


def run_window(profile: Path | None, *, passphrase: str | None, exercise: "Mapping[str, Any] | None") -> int:
    """Opens the window and gives its exit code when it is closed.

    `exercise` names what to play (`what`, `rate`, `seconds`); without a profile it gets a fresh one.
    Raises what kept the profile from being opened.
    """
    from console.ui.sources import read_no_sources

    read_no_sources()
    from console.ui.app import Way, run_app

    is_named = profile is not None or PROFILE_VARIABLE in os.environ
    is_fresh = exercise is not None and not is_named
    asked = Places(fresh_exercise_profile() if is_fresh else profile or default_profile())

    async def open_way(shipped: bool) -> Way:
        places = Places(fresh_exercise_profile()) if shipped else asked
        wanted: Mapping[str, Any] | None = {"what": FIRST_EXERCISE} if shipped else exercise
        thread = EngineThread(
            lambda: build_engine(
                places, passphrase=passphrase, session_only=shipped or is_fresh, settings=settings
            )
        )
        try:
            engine = await asyncio.wrap_future(thread.start())
        except BaseException:
            await asyncio.wrap_future(thread.stop())
            await asyncio.to_thread(thread.join)
            raise

        async def play() -> None:
            from console.services.exercise import Exercise

            found = wanted or {}
            playing = Exercise(engine).play(
                found["what"], rate=found.get("rate"), seconds=found.get("seconds")
            )
            await asyncio.wrap_future(thread.call(playing))

        async def stop() -> None:
            await asyncio.wrap_future(thread.stop())
            await asyncio.to_thread(thread.join)

        return Way(engine, thread, play if wanted is not None else None, stop)

    settings, complaint = read_settings(asked.settings)
    with _logging(asked, to_file=True):
        if complaint:
            _log.warning("%s", complaint)
        return run_app(settings, asked, open_way)


def _cancel_all(loop: asyncio.AbstractEventLoop) -> None:
    """Ends every task of a loop that has stopped, those that ending others brings about too."""
    while left := asyncio.all_tasks(loop):
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.wait(left, timeout=STOP_LIMIT_S))
        if stubborn := [task.get_name() for task in left if not task.done()]:
            _log.error("These tasks would not end: %s.", ", ".join(sorted(stubborn)))
            return


def _say_fault(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    del loop
    _log.error(
        "A fault on the engine's loop: %s (%s)",
        context["message"],
        context.get("task") or context.get("future") or context.get("handle") or "no task",
        exc_info=context.get("exception"),
    )
