"""One played account: joins the parts and speaks the console's contract.

What a newcomer would get wrong: the playing is tied to the moment it was started (`started_at`), not to
the moment it is read. What fell due while the program was down comes at once afterwards, as it would
from a network, and nothing is played twice.
"""

import asyncio
import math
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

from console.api import (
    Answer,
    Capabilities,
    Connector,
    Context,
    Failure,
    Gone,
    InputError,
    ItemState,
    NotAllowed,
    Order,
    Page,
    Profile,
    Sight,
    SlowDown,
    Target,
    TryLater,
    Verb,
)
from plugins.replay.capability import GONE, capabilities
from plugins.replay.journal import Journal
from plugins.replay.mapping import Columns, Mapper
from plugins.replay.playing import Played, Player, text_is_there
from plugins.replay.scenario import Scenario, VerbTable, find_table, read_scenario

LONGEST_WAIT_S = 5.0
"""The longest silence between two pages: an empty one says that all is well."""
SHORTEST_WAIT_S = 0.02
"""Rows that fall due within so short a time come as one page."""
MOST_COMPLAINTS = 20
"""Complaints of one page that are said one by one; the rest are counted."""


class Replay:
    """The connector of one played account. Its methods are those of `console.api.Connector`."""

    def __init__(self, context: Context) -> None:
        """`context` is everything that the console hands in. A short table is read, and no item yet.

        A setting or a table that makes no sense is kept for `open` to say.
        """
        self._context = context
        self._journal = Journal(context.folder)
        self._writing = asyncio.Lock()
        self._changes: deque[int] = deque()
        self._account = context.settings.get("account", "")
        self._scenario: Scenario | None = None
        self._table: Mapping[Verb, VerbTable] | None = None
        self._wrong: str | None = None
        self._rate: float | None = None
        self._seconds: float | None = None
        self._started_at: int | None = None
        self._path = Path()
        try:
            self._read_settings(context.settings)
        except InputError as problem:
            self._wrong = problem.message

    def _read_settings(self, settings: Mapping[str, str]) -> None:
        source = settings.get("source", "")
        table = find_table(source)
        if table is not None:
            self._scenario = read_scenario(table)
            self._path = table.parent / self._scenario.items
            self._table = self._scenario.verbs(self._account)
            if self._scenario.account(self._account) is None:
                raise InputError(f"The exercise “{source}” has no account “{self._account}”.")
        elif source:
            self._path = Path(source)
        else:
            raise InputError("A replay needs the name of an exercise or the path of a file.")
        self._rate = _number(settings, "rate")
        self._seconds = _number(settings, "seconds")
        started_at = _number(settings, "started_at")
        self._started_at = None if started_at is None else int(started_at)
        Columns(settings.get("columns", ""))

    async def open(self) -> Profile:
        """Sees that the recording is there and can be understood."""
        if self._wrong is not None:
            raise NotAllowed(self._wrong)
        columns = Columns(self._context.settings.get("columns", ""))
        try:
            has_text = await asyncio.to_thread(text_is_there, self._path, columns)
            await asyncio.to_thread(self._journal.read)
        except InputError as problem:
            raise NotAllowed(problem.message) from problem
        except OSError as problem:
            raise TryLater(f"The folder of this account cannot be read: {problem.strerror}.") from problem
        if not has_text:
            raise NotAllowed(
                f"{self._path.name} has no column that holds the words: name it, such as columns=text=Body."
            )
        account = self._scenario.account(self._account) if self._scenario else None
        name = self._path.name.partition(".")[0]
        handle = self._context.handle or (account.handle if account else self._account or name)
        return Profile(
            remote_id=self._account or name, handle=handle, name=account.name if account else self._path.name
        )

    async def stream(self, cursor: str | None) -> AsyncIterator[Page]:
        """Yields the rows after the first `cursor` ones, each when it is due; ends with the recording.

        A cursor that is no count starts from the first row.
        """
        now = self._context.now
        begun_at = now()
        if self._started_at is None:
            self._started_at = begun_at
        start = self._started_at
        ends_ms = math.inf if self._seconds is None else self._seconds * 1000
        mapper = Mapper(Columns(self._context.settings.get("columns", "")), start, self._account)
        skip = int(cursor) if cursor and cursor.isascii() and cursor.isdigit() and len(cursor) < 16 else 0
        player = Player(self._path, mapper, skip=skip, rate=self._rate)
        try:
            while (part := await self._more(player)) is not None:
                first = 0
                while first < len(part):
                    # Until it ends `seconds` after it was due to, and after this reading began.
                    if part[first].due_ms > ends_ms or now() - begun_at > ends_ms:
                        return
                    last = _count_due(part, first, min(now() - start, ends_ms))
                    if last > first:
                        yield _page(part[first:last])
                        first = last
                    elif await self._wait(start + part[first].due_ms):
                        yield Page()
        finally:
            player.close()

    async def _more(self, player: Player) -> list[Played] | None:
        try:
            return await asyncio.to_thread(player.more)
        except InputError as problem:
            raise TryLater(problem.message) from problem

    async def _wait(self, until: int) -> bool:
        """Waits until a time, but not for long; whether it is time to say that all is well."""
        left = (until - self._context.now()) / 1000
        held = min(max(left, SHORTEST_WAIT_S), LONGEST_WAIT_S)
        await self._context.wait(rest=held, incident=held)
        return left > LONGEST_WAIT_S

    def can(self, target: Target) -> Capabilities:
        """What can be done to this item, with words."""
        return capabilities(target, self._context.manifest, self._table)

    async def act(self, order: Order) -> Sequence[Answer]:
        """Changes the simulated state, durably, and answers for each target."""
        try:
            async with self._writing:
                await asyncio.to_thread(self._journal.read)
                failures = [self._against(order.verb, target) for target in order.targets]
                allowed = [
                    target for target, against in zip(order.targets, failures, strict=True) if not against
                ]
                now = self._context.now()
                notes = iter(await asyncio.to_thread(self._journal.change, order.verb, allowed, now))
        except OSError as problem:
            raise TryLater(f"The simulated network cannot write: {problem.strerror}.", sent=True) from problem
        return [
            Answer(target.remote_id, failure=against)
            if against
            else Answer(target.remote_id, note=next(notes))
            for target, against in zip(order.targets, failures, strict=True)
        ]

    def _against(self, verb: Verb, target: Target) -> Failure | None:
        """What stands against one act; counts it against the ceiling when nothing does."""
        if self._journal.state(target) in {ItemState.DELETED, ItemState.GONE} and verb is not Verb.DELETE:
            return Gone(GONE)
        allowed = self.can(target).get(verb)
        if allowed is None or not allowed.can:
            return NotAllowed(allowed.words if allowed else f"A replay does not know “{verb}”.")
        ceiling = self._scenario.ceiling(self._account) if self._scenario else None
        if ceiling is None:
            return None
        now, period = self._context.now(), ceiling.seconds * 1000
        while self._changes and self._changes[0] <= now - period:
            self._changes.popleft()
        if len(self._changes) >= ceiling.points:
            return SlowDown("The simulated network asks for a pause.", until=self._changes[0] + period)
        self._changes.append(now)
        return None

    async def look(
        self, verb: Verb, targets: Sequence[Target], notes: Sequence[str | None]
    ) -> Sequence[Sight]:
        """Answers from the simulated state."""
        await asyncio.to_thread(self._journal.read)
        facts = self._context.manifest.verbs.get(verb)
        table = self._table.get(verb) if self._table is not None else None
        is_told = (facts is None or facts.verifiable) and (table is None or table.verifiable)
        return [
            Sight(
                target.remote_id,
                self._journal.state(target),
                self._journal.is_done(verb, target, note) if is_told else None,
            )
            for target, note in zip(targets, notes, strict=True)
        ]

    async def close(self) -> None:
        """Lets go of everything: a stream closes its file itself, and the journal is closed each time."""


def connect(context: Context) -> Connector:
    """Makes the connector of one played account."""
    return Replay(context)


def _number(settings: Mapping[str, str], name: str) -> float | None:
    """A positive number of the settings; None where there is none. Raises InputError."""
    text = settings.get(name, "").strip()
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not (math.isfinite(number) and number > 0):
        raise InputError(f"“{name}” must be a number above 0, not “{text[:40]}”.")
    return number


def _count_due(part: Sequence[Played], first: int, due_ms: float) -> int:
    """How far the rows of a part are due, as an index."""
    last = first
    while last < len(part) and part[last].due_ms <= due_ms:
        last += 1
    return last


def _page(part: Sequence[Played]) -> Page:
    complaints = [one.complaint for one in part if one.complaint]
    if len(complaints) > MOST_COMPLAINTS:
        left = len(complaints) - MOST_COMPLAINTS
        complaints = [*complaints[:MOST_COMPLAINTS], f"{left} more lines near there have something wrong"]
    return Page(
        arrivals=[one.arrival for one in part if one.arrival is not None],
        cursor=str(part[-1].consumed),
        complaints=complaints,
    )
