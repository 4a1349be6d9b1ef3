"""Exercises: a shipped scenario, or any file of items, played through the whole path.

What a newcomer would get wrong: nothing here plays. The accounts of a scenario are set up with the
connector `replay`, and from there on everything is as on a real night, which is the point.
"""

import asyncio
import logging
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from console.domain.accounts import Account, AccountState
from console.domain.errors import InputError
from console.domain.ids import AccountId
from console.paths import resources
from console.services.engine import Engine
from console.services.events import AccountsChanged, Announcement, Trouble
from console.services.statistics import Latencies
from console.services.tasks import Tasks

_log = logging.getLogger(__name__)

CONNECTOR = "replay"
PROGRAM = "cordon"
GRACE_S = 10.0
"""How long after its time is over an exercise may take to end by itself."""
_OVER = {AccountState.ENDED, AccountState.FAULTY, AccountState.SIGN_IN}


class _Account(msgspec.Struct):
    key: str
    network: str
    handle: str
    name: str
    lead: str | None = None
    deputy: str | None = None


class _Network(msgspec.Struct):
    letters: str
    shape: str


class _Scenario(msgspec.Struct):
    """What of a scenario's table is ours to know; the rest is for the connector."""

    title: str
    incident: str
    posture: str
    opens_after_s: float
    duration_s: float
    items: str
    accounts: list[_Account]
    networks: dict[str, _Network]


@dataclass(frozen=True, slots=True)
class Summary:
    """What an exercise came to."""

    received: int
    stored: int
    duplicates: int
    hits: int
    seconds: float
    """From the first arrival to the last."""
    latencies: Latencies
    complaints: tuple[str, ...] = ()
    """What did not work, one line each."""
    nothing: str | None = None
    """Why nothing came at all although everything was played, in one line; None when something did."""

    @property
    def rate(self) -> float:
        """Items received a second."""
        return self.received / self.seconds if self.seconds > 0 else float(self.received)

    def shape(self) -> dict[str, object]:
        """What `--json` prints."""
        return {
            "received": self.received,
            "stored": self.stored,
            "duplicates": self.duplicates,
            "hits": self.hits,
            "rate": round(self.rate, 1),
            "latency_ms": {
                "p50": self.latencies.quantile(0.5),
                "p99": self.latencies.quantile(0.99),
            },
        }

    def words(self) -> str:
        """The same for a person."""
        return (
            f"{self.received:,} items came, {self.stored:,} were new and {self.duplicates:,} known; "
            f"{self.hits:,} hits of watchlists; {self.rate:,.0f} a second; stored and announced after "
            f"{self.latencies.quantile(0.5):.0f} ms, 99 in 100 within "
            f"{self.latencies.quantile(0.99):.0f} ms."
        )


def shipped(folder: Path) -> Mapping[str, str]:
    """The exercises that come with the program: their names, and their titles for a person.

    `folder` is where they lie. One that cannot be read is left out.
    """
    found: dict[str, str] = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            found[path.stem] = _read(path).title
        except InputError as problem:
            _log.warning("A shipped exercise cannot be used: %s", problem)
    return found


class Exercise:
    """Plays one exercise at a time on an engine that collects."""

    def __init__(self, engine: Engine, folder: Path | None = None) -> None:
        """`folder` holds the shipped exercises."""
        self._engine = engine
        self._folder = folder or resources() / "exercises"
        self._tasks = Tasks("exercise")

    async def play(
        self,
        what: str,
        *,
        rate: float | None = None,
        seconds: float | None = None,
        patient: bool = True,
    ) -> Summary:
        """Plays to the end, or for so many seconds, and says what it came to.

        While the disk is full it waits for room if it is `patient`, as on a real night; else it ends and
        raises DiskFull, or what else the profile suffers from. Raises InputError when there is no such
        exercise or file.
        """
        engine = self._engine
        before, begun_at = engine.statistics.copy(), engine.monotonic()
        changed, troubled = asyncio.Event(), asyncio.Event()

        def heard(said: Announcement) -> None:
            if isinstance(said, AccountsChanged):
                changed.set()
            if not patient and isinstance(said, Trouble) and engine.trouble is not None:
                troubled.set()

        stop = engine.events.listen(heard)
        ids: frozenset[AccountId] = frozenset()

        async def whole() -> None:
            nonlocal before, begun_at, ids
            source, scenario = await asyncio.to_thread(self._find, what)
            # one that was broken off before goes on by itself when Cordon starts, and is not this one
            await engine.connecting.hold(CONNECTOR)
            await engine.settled()
            before, begun_at = engine.statistics.copy(), engine.monotonic()
            begun = await self._begin(source, scenario, rate, seconds)
            ids = frozenset(account.id for account in begun)
            await self._until_over(ids, changed, seconds)
            await engine.settled()

        try:
            playing = self._tasks.start(whole(), "play", said=False)
            trouble = self._tasks.start(troubled.wait(), "notice trouble", said=False)
            await asyncio.wait({playing, trouble}, return_when=asyncio.FIRST_COMPLETED)
            if not playing.done() and engine.trouble is not None:
                raise engine.trouble
            await playing
        finally:
            stop()
            await self._tasks.stop(1.0)
        after = engine.statistics
        received = after.received - before.received
        complaints = tuple(
            f"{account.key}: {account.error}"
            for account in engine.accounts()
            if account.id in ids and account.error
        )
        nothing = None
        if not received and len(complaints) == len(ids):
            nothing = complaints[0]
        elif not received and seconds is None:
            nothing = f"There is no item in {what} that could be read."
        return Summary(
            received=received,
            stored=after.stored - before.stored,
            # what came again with other words was known too: received is stored plus duplicates
            duplicates=after.duplicates - before.duplicates + after.edited - before.edited,
            hits=after.hits - before.hits,
            seconds=max(0.001, (after.last_at or begun_at) - max(begun_at, after.first_at or begun_at)),
            latencies=after.latencies,
            complaints=complaints,
            nothing=nothing,
        )

    async def _until_over(
        self, ids: frozenset[AccountId], changed: asyncio.Event, seconds: float | None
    ) -> None:
        try:
            async with asyncio.timeout(None if seconds is None else seconds + GRACE_S):
                while not self._is_over(ids):
                    changed.clear()
                    await changed.wait()
        except TimeoutError:
            _log.info("The exercise did not end by itself in its time.")

    def _is_over(self, ids: frozenset[AccountId]) -> bool:
        return all(account.state in _OVER for account in self._engine.accounts() if account.id in ids)

    async def _begin(
        self, source: str, scenario: _Scenario | None, rate: float | None, seconds: float | None
    ) -> Sequence[Account]:
        """Sets up the accounts of an exercise, which begin to play; opens its incident at its time.

        An exercise that was set up before on this profile makes way.
        """
        started_at = self._engine.now()
        settings = {
            "source": source,
            "rate": "" if rate is None else f"{rate:g}",
            "seconds": "" if seconds is None else f"{seconds:g}",
            "started_at": str(started_at),
        }
        wanted = (
            [
                _of_scenario(account, scenario.networks.get(account.network), settings)
                for account in scenario.accounts
            ]
            if scenario is not None
            else [_of_file(Path(source), settings)]
        )
        keep = {(account.network, account.handle) for account in wanted}
        for account in self._engine.accounts():
            if account.connector == CONNECTOR and (account.network, account.handle) not in keep:
                await self._engine.remove_account(account.key, PROGRAM)
        accounts = [await self._engine.connecting.set_up(account) for account in wanted]
        await self._engine.note(
            "exercise.started", {"accounts": len(accounts)}, {"source": source}, self._engine.who
        )
        if scenario is not None:
            work = self._open_incident(scenario, self._items_of(source, scenario), rate)
            self._tasks.start(work, "open the incident")
        return accounts

    async def pace_for(self, what: str, seconds: float) -> float | None:
        """The items a second at which a shipped exercise is over after so many seconds; None for a file.

        Raises InputError when there is no such exercise or file.
        """
        source, scenario = await asyncio.to_thread(self._find, what)
        if scenario is None:
            return None
        count = await asyncio.to_thread(_count_lines, self._items_of(source, scenario))
        return count / seconds if count and seconds > 0 else None

    def _items_of(self, source: str, scenario: _Scenario) -> Path:
        folder = Path(source).parent if source.endswith(".toml") else self._folder
        return folder / scenario.items

    def _find(self, what: str) -> tuple[str, _Scenario | None]:
        """The connector's name of an exercise, and its table if it has one."""
        table = self._folder / f"{what}.toml"
        if what.replace("-", "").isalnum() and table.is_file():
            return what, _read(table)
        path = Path(what)
        if not path.is_file():
            names = ", ".join(shipped(self._folder)) or "none"
            raise InputError(f"There is no exercise and no file “{what}”; shipped exercises: {names}.")
        return str(path.resolve()), _read(path) if path.suffix == ".toml" else None

    async def _open_incident(self, scenario: _Scenario, items: Path, rate: float | None) -> None:
        """Opens the incident when the playing has come that far.

        At a pace of its own the share of items that have come stands for the share of time.
        """
        engine = self._engine
        if rate is None:
            await engine.sleep(scenario.opens_after_s)
        else:
            count = await asyncio.to_thread(_count_lines, items)
            share = scenario.opens_after_s / max(scenario.duration_s, 1.0)
            await engine.sleep(count * share / rate)
        await engine.open_incident(scenario.incident, scenario.posture, PROGRAM)


def _count_lines(path: Path) -> int:
    try:
        with path.open("rb") as file:
            return sum(1 for _ in file)
    except OSError:
        return 0


def _read(path: Path) -> _Scenario:
    try:
        return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), _Scenario)
    except (OSError, UnicodeError, ValueError) as problem:
        raise InputError(f"The exercise {path} cannot be used: {problem}") from problem


def _of_scenario(account: _Account, network: _Network | None, settings: Mapping[str, str]) -> Account:
    mark = {"letters": network.letters, "shape": network.shape} if network else {}
    return Account(
        id=AccountId(0),
        key="",
        network=account.network,
        connector=CONNECTOR,
        handle=account.handle,
        name=account.name,
        lead=account.lead,
        deputy=account.deputy,
        may_act=True,
        settings={**settings, **mark, "account": account.key},
    )


def _of_file(path: Path, settings: Mapping[str, str]) -> Account:
    name = path.name.partition(".")[0]
    return Account(
        id=AccountId(0),
        key="",
        network=CONNECTOR,
        connector=CONNECTOR,
        handle=name,
        name=path.name,
        lead=None,
        deputy=None,
        may_act=True,
        settings={**settings, "account": ""},
    )
