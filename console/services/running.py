"""One account's connector while it runs: signs in, streams, waits longer after failures, gives up aloud.

Each has one task of its own; what fails in it stays in it. What each failure makes of the account:

    TryLater, silence   no-link or stale   tried again, with growing waits and jitter
    SlowDown            stale, when long   not asked again before the time that the network named
    Misunderstood       faulty             tried again, with growing waits
    SignInAgain         sign-in            stopped until a person has signed in and tested it
    NotAllowed, Gone    faulty             stopped until tested again
    anything else       faulty             a fault in the connector: stopped until tested again

What a newcomer would get wrong: waiting in `Ingest.take` is back-pressure and not silence, and a
connector that waits at our pace is not silent either. Only then does the clock count against it.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from console.api import (
    Connector,
    Context,
    Failure,
    Gone,
    Manifest,
    Misunderstood,
    NotAllowed,
    Page,
    Profile,
    Secret,
    SignInAgain,
    SlowDown,
    TryLater,
)
from console.api.connector import Wait
from console.domain.accounts import Account, AccountState
from console.domain.errors import CordonError, ProfileError, SecretsUnavailable
from console.domain.times import iso
from console.services.allowances import AccountAllowance
from console.services.ceilings import Ceilings
from console.services.clock import Clock
from console.services.events import AccountsChanged, Events
from console.services.hosting import Hosting
from console.services.ingest import Ingest
from console.services.lines import Line
from console.services.pace import Pace, growing_wait, woken
from console.services.signin import SealedSecret, Sealer
from console.services.tasks import Tasks
from console.store import accounts
from console.store.database import Connection, Database

if TYPE_CHECKING:
    import httpx

_log = logging.getLogger(__name__)

OPEN_LIMIT_S = 60.0
"""How long signing in may take."""
SILENCE_S = 90.0
"""How long a stream that neither waits at our pace nor is held back may yield no page at all."""
SETTLED_S = 10.0
"""A stream that has run so long without failing counts as live, though it has yielded nothing yet."""
SHORT_MS = 5_000
"""A network's wish to wait no longer than this is followed without a word."""
LONGEST_REST_S = 3_600.0
"""No network's wish to wait is believed beyond this; then we ask again."""
STOP_S = 5.0
"""How long a connector may take to let go."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What every account's connector is run with."""

    db: Database
    hosting: Hosting
    ingest: Ingest
    events: Events
    clock: Clock
    pace: Pace
    keys: Sealer
    http: "Callable[[], httpx.AsyncClient]"
    """The client that all connectors share; made when first asked for."""
    folder: Callable[[str], Path]
    """An account's own folder, by its key."""
    ceilings: Ceilings = field(default_factory=Ceilings)
    """What reading and acts are both held to."""
    chance: Callable[[], float] = random.random
    """Between 0 and 1, for jitter."""


def make_context(
    tools: Tools,
    manifest: Manifest,
    account: Account,
    http: "httpx.AsyncClient",
    secret: Secret,
    wait: Wait,
) -> Context:
    """What a connector is given for one account."""
    return Context(
        manifest=manifest,
        settings=dict(account.settings),
        secret=secret,
        http=http,
        now=tools.clock.now,
        wait=wait,
        is_incident=lambda: tools.pace.is_incident,
        allowance=AccountAllowance(tools.ceilings, account.id, tools.clock),
        log=logging.getLogger(f"cordon.connector.{account.connector}"),
        folder=tools.folder(account.key),
        handle=account.handle,
    )


class Running:
    """One account's connector and how it is doing.

    Attributes:
        account: the account with its health as it is this moment.
        manifest: what its connector declares; None when there is no such connector.
        connector: made, though perhaps not opened; None when it could not be made.
        complaint: why there is no connector, in words for a person.
        is_started: whether it was asked to run.
        is_open: whether it has signed in, so that it can act.
        tried: set once it has signed in, or failed to, since it was started.
    """

    def __init__(self, account: Account, tools: Tools) -> None:
        self.account = account
        self.manifest: Manifest | None = None
        self.connector: Connector | None = None
        self.complaint: str | None = None
        self.is_open = False
        self.is_started = False
        self._tools = tools
        self._tasks = Tasks(f"account {account.key}")
        self._cursor: str | None = None
        self._is_streaming = False
        self.tried = asyncio.Event()
        self._wake = asyncio.Event()
        self._is_again = False
        self._may_hurry = False
        self._streaming: asyncio.Task[None] | None = None
        self._interruption: Exception | None = None
        self._tries = 0
        self._begun_at = 0.0
        self._heard_at = 0.0
        self._resting_until = 0.0
        self._is_held_back = False
        self._kept_look_at: int | None = None
        self._standing_notices: tuple[str, ...] = ()
        self._page_notice = ""
        self._warning: str | None = None

    # life -----------------------------------------------------------------------------------------

    async def make(self) -> None:
        """Loads the connector and makes it for this account; opens nothing. Never raises."""
        hosting, key = self._tools.hosting, self.account.connector
        try:
            self.manifest = manifest = hosting.manifest(key)
            self._tools.ceilings.watch(
                self.account.id,
                manifest.ceilings,
                connector=manifest.id,
                settings=self.account.settings,
                batch=manifest.batch,
                token=self.account.token,
                app=self.account.app,
            )
            connect = await asyncio.to_thread(hosting.load, key)
            http = await asyncio.to_thread(self._tools.http)
            secret = SealedSecret(self._tools.db, self._tools.keys, self.account.id)
            self.connector = connect(
                make_context(self._tools, self.manifest, self.account, http, secret, self._wait)
            )
            self.complaint = None
        except CordonError as problem:
            self.complaint = problem.message
        except Exception as fault:  # noqa: BLE001 - third parties' code
            _log.exception("%s: the connector could not be made.", self.account.key)
            self.complaint = _fault_words(fault)

    def start(self, *, stream: bool) -> None:
        """Begins to run: signs in, and collects when `stream` says so."""
        self._is_streaming = stream
        self.is_started = True
        self._tasks.start(self._run(), "run")

    async def stop(self) -> None:
        """Ends the run and lets the connector go; what only a person can mend stays said."""
        await self._tasks.stop(STOP_S)
        await self._let_go()
        if not self.is_started:
            return  # another process may be running it, and says how it does
        state, words = self.account.state, self.account.error
        if state not in {AccountState.SIGN_IN, AccountState.FAULTY}:
            state, words = AccountState.OFF, None
        # kept once more even if it was said already: the end may have cut off the keeping
        await self._say(state, words, anyway=True)

    def again(self) -> None:
        """Makes the connector anew and signs in at once, whatever the state is."""
        self._is_again = True
        self._wake.set()
        self._interrupt(_Again())

    def hurry(self) -> None:
        """Ends a wait after a failure now, unless it is the network that asked for it."""
        if self._may_hurry:
            self._wake.set()

    @property
    def line(self) -> Line | None:
        """What acts are sent by; None while the account is not signed in or has no link."""
        if self.connector is None or self.manifest is None or not self.is_open:
            return None
        is_down = self.account.state in {
            AccountState.SIGN_IN,
            AccountState.NO_LINK,
            AccountState.FAULTY,
            AccountState.OFF,
        }
        return None if is_down else Line(self.connector, self.manifest)

    def report(self, failure: Failure) -> None:
        """Takes note of a failure that was met while acting: an ended sign-in stops the stream too."""
        if isinstance(failure, SignInAgain):
            self._interrupt(failure)
        elif isinstance(failure, TryLater) and not self._is_streaming:
            # no stream will notice when the network answers again, so signing in anew has to
            self.is_open = False
            self._interrupt(failure)

    def _interrupt(self, reason: Exception) -> None:
        if self._streaming is not None:
            self._interruption = reason
            self._streaming.cancel()

    async def _let_go(self) -> None:
        connector, self.connector, self.is_open = self.connector, None, False
        if connector is None:
            return
        try:
            async with asyncio.timeout(STOP_S):
                await connector.close()
        except Exception:  # noqa: BLE001 - third parties' code
            _log.exception("%s: the connector did not close well.", self.account.key)

    # running --------------------------------------------------------------------------------------

    async def _run(self) -> None:
        while True:
            wait_s = None
            if not self._is_again:
                self._wake.clear()
            try:
                await self._open()
                await self._collect()
                await self._say(AccountState.ENDED, None)
            except Exception as problem:  # noqa: BLE001 - sorted out in `_failed`
                wait_s = await self._failed(problem)
            if await self._rest(wait_s):
                await self._let_go()

    async def _open(self) -> None:
        account_id = self.account.id
        if self._cursor is None:
            self._cursor = await self._tools.db.read(lambda conn: accounts.cursor(conn, account_id))
        if self.connector is None:
            await self.make()
        if self.connector is None:
            raise _NoConnectorError(self.complaint or "There is no connector for this account.")
        if self.is_open:
            return
        if self.account.state is AccountState.OFF:
            await self._say(AccountState.STARTING, None)
        try:
            async with asyncio.timeout(OPEN_LIMIT_S):
                profile = await self.connector.open()
        except TimeoutError:
            raise TryLater("The network did not answer the sign-in.") from None
        await self._take_profile(profile)
        self.is_open = True
        await self._say(AccountState.LIVE, None)
        self.tried.set()

    async def _take_profile(self, profile: Profile) -> None:
        """Takes what the network said at the sign-in, beside that it worked."""
        account, now = self.account, self._tools.clock.now()
        self._tools.ceilings.share(account.id, token=profile.token, app=profile.app, now=now)
        told = replace(account, sign_in_ends_at=profile.ends_at, token=profile.token, app=profile.app)
        if told != account:
            self.account = told
            await self._keep(
                lambda conn: accounts.set_profile(
                    conn, told.id, ends_at=told.sign_in_ends_at, token=told.token, app=told.app
                )
            )
        self._standing_notices = tuple(profile.notices)
        await self._take_notice(self._page_notice)

    async def _take_notice(self, of_page: str) -> None:
        """Keeps and announces what a person should know though it works, if that is news."""
        self._page_notice = of_page
        words = " ".join(dict.fromkeys(part for part in (*self._standing_notices, of_page) if part)) or None
        if words == self.account.notice:
            return
        self.account = replace(self.account, notice=words)
        _log.info("%s: %s", self.account.key, f"notice: {words}" if words else "all is well again")
        await self._keep(lambda conn: accounts.set_notice(conn, self.account.id, words))
        self._tools.events.announce(AccountsChanged())

    async def _collect(self) -> None:
        """Streams until the stream ends, fails, or is interrupted."""
        work = self._pump() if self._is_streaming else _for_ever()
        self._interruption = None
        self._begun_at = self._tools.clock.monotonic()
        self._streaming = self._tasks.start(work, "stream", said=False)
        try:
            await asyncio.wait({self._streaming})
        finally:
            streaming, self._streaming = self._streaming, None
            streaming.cancel()
        if self._interruption is not None:
            raise self._interruption
        await streaming

    async def _pump(self) -> None:
        if self.connector is None:
            return
        pages = self.connector.stream(self._cursor)
        try:
            async for page in pages:
                await self._heard(page)
                self._is_held_back = True
                await self._tools.ingest.take(self.account, page)
                self._is_held_back = False
                self._heard_at = self._tools.clock.monotonic()
                if page.cursor is not None:
                    self._cursor = page.cursor
        finally:
            self._is_held_back = False
            close = getattr(pages, "aclose", None)
            if close is not None:
                await close()

    async def _heard(self, page: Page) -> None:
        now = self._tools.clock.now()
        self._heard_at = self._tools.clock.monotonic()
        self._tries = 0
        self.account = replace(
            self.account,
            last_look_at=now,
            last_item_at=now if page.arrivals else self.account.last_item_at,
        )
        for complaint in page.complaints:
            _log.warning("%s: %s", self.account.key, complaint)
        if page.notice is not None:
            await self._take_notice(page.notice)
        if self.account.state is not AccountState.LIVE:
            await self._say(AccountState.LIVE, None)

    async def _wait(self, *, rest: float, incident: float) -> None:
        def ends(at: float) -> None:
            self._resting_until = at

        await self._tools.pace.wait(rest, incident, None if _is_beside.get() else ends)

    async def check(self) -> None:
        """Notices a stream that has gone silent, and one that has proved itself; keeps the last look."""
        now = self._tools.clock.monotonic()
        if self._streaming is not None and self._is_streaming and not self._is_held_back:
            if now - max(self._heard_at, self._begun_at, self._resting_until) > SILENCE_S:
                self._interrupt(_Silence())
            elif now - self._begun_at > SETTLED_S and self.account.state is not AccountState.LIVE:
                await self._say(AccountState.LIVE, None)
        warning = self.account.warning(self._tools.clock.now())
        if warning != self._warning:
            self._warning = warning
            self._tools.events.announce(AccountsChanged())
        look_at = self.account.last_look_at
        if look_at is not None and look_at != self._kept_look_at:
            self._kept_look_at = look_at
            await self._keep(lambda conn: accounts.set_look(conn, self.account.id, look_at))

    # failing --------------------------------------------------------------------------------------

    async def _failed(self, problem: Exception) -> float | None:
        """Says what a failure means; gives how long to wait before the next try, None: until tested."""
        self._tries += 1
        self.tried.set()
        self._may_hurry = isinstance(problem, TryLater | Misunderstood | _Silence)
        wait_s: float | None = growing_wait(
            self._tries, self._tools.chance(), is_incident=self._tools.pace.is_incident
        )
        match problem:
            case _Again():
                self._is_again = True
                return 0.0
            case _Silence():
                state, words = AccountState.STALE, f"Nothing was heard for {SILENCE_S:.0f} s."
            case TryLater():
                state, words = AccountState.NO_LINK, problem.words
            case SlowDown():
                return await self._slow_down(problem)
            case Misunderstood():
                state, words = AccountState.FAULTY, problem.words
            case SignInAgain():
                state, words, wait_s = AccountState.SIGN_IN, problem.words, None
                self.is_open = False
            case NotAllowed() | Gone() | Failure():
                state, words, wait_s = AccountState.FAULTY, problem.words, None
            case _NoConnectorError():
                state, words, wait_s = AccountState.FAULTY, str(problem), None
            case ProfileError():
                state, words = AccountState.FAULTY, problem.message
            case SecretsUnavailable():
                state, words, wait_s = AccountState.SIGN_IN, problem.message, None
            case _:
                _log.error("%s: a fault in the connector.", self.account.key, exc_info=problem)
                state, words, wait_s = AccountState.FAULTY, _fault_words(problem), None
                self.is_open = False
        await self._say(state, words)
        return wait_s

    async def _slow_down(self, problem: SlowDown) -> float:
        wait_ms = min(problem.until - self._tools.clock.now(), int(LONGEST_REST_S * 1000))
        if wait_ms > SHORT_MS:
            until = iso(self._tools.clock.now() + wait_ms)[11:19]
            await self._say(AccountState.STALE, f"{problem.words} Going on at {until} UTC.")
        return max(wait_ms / 1000, growing_wait(self._tries, self._tools.chance(), is_incident=True))

    async def _rest(self, wait_s: float | None) -> bool:
        """Waits so long, None: for ever; whether the connector is to be made anew after that."""
        if wait_s is None:
            await self._wake.wait()
        else:
            await woken(self._wake, self._tools.clock, wait_s)
        self._may_hurry = False
        is_again, self._is_again = self._is_again, False
        return is_again

    async def _say(self, state: AccountState, words: str | None, *, anyway: bool = False) -> None:
        """Keeps and announces a state, if it is another than the last, or anyway."""
        account = self.account
        if account.state is state and account.error == words and not anyway:
            return
        now = self._tools.clock.now()
        since = account.since if account.state is state else now
        self.account = replace(account, state=state, error=words, since=since)
        _log.info("%s: %s%s", account.key, state, f" ({words})" if words else "")
        await self._keep(lambda conn: accounts.set_health(conn, account.id, state, words, now))
        self._tools.events.announce(AccountsChanged())

    async def _keep(self, work: Callable[[Connection], None]) -> None:
        """Stores something about the account; a disk that cannot take it must not stop the account."""
        try:
            await self._tools.db.ingest(work)
        except CordonError as problem:
            # said once for all accounts by whoever stores their items
            _log.info("%s: its health could not be stored: %s", self.account.key, problem)


_is_beside: ContextVar[bool] = ContextVar("_is_beside", default=False)


@contextmanager
def beside_the_stream() -> Iterator[None]:
    """What waits inside is not the account's stream, and says nothing of whether that is silent."""
    before = _is_beside.set(True)
    try:
        yield
    finally:
        _is_beside.reset(before)


class _Again(Exception):
    """The connector is to be made anew."""


class _Silence(Exception):
    """The stream has yielded nothing for too long."""


class _NoConnectorError(Exception):
    """There is no connector to run."""


def _fault_words(fault: Exception) -> str:
    return (
        f"A fault in its connector stopped this account ({type(fault).__name__}); the others go on. "
        "Test the account to start it again; the log has the details."
    )


async def _for_ever() -> None:
    await asyncio.Event().wait()
