"""Time that passes only when nothing else can be done, and a database without threads: for long histories.

`VirtualLoop` is an event loop whose time jumps to the next moment that anybody waits for; a night goes by in
milliseconds, in the same order every time. `InlineDatabase` is the real database with the real statements,
run by whoever asks, with nothing but the disk's own waiting left out; every transaction is a place at which
the program can be killed, just before or just after it.

What a newcomer would get wrong: a killed database never answers again. What was waiting for it waits for
ever, as in a process that is gone, and is cleared away by whoever holds the loop.
"""

import asyncio
import itertools
import selectors
import shutil
import sqlite3
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

from console.services.clock import ClockFacts
from console.store import database as store
from console.store.database import Connection, Database, in_snapshot, in_transaction, reading

T = TypeVar("T")
START_AT = 1_800_000_000_000
"""Some moment in 2027, milliseconds since 1970."""


class StandsStill(AssertionError):
    """Everything waits, and nothing will ever happen."""


class _Jumping(selectors.SelectSelector):
    """Never waits for a file; lets time jump instead."""

    def __init__(self) -> None:
        super().__init__()
        self.passed = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        """Nothing is ready; what was to be waited has gone by."""
        if timeout is None:
            raise StandsStill("everything waits for ever")
        self.passed += max(0.0, timeout)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop on which time jumps."""

    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        """Seconds since the loop was made."""
        return self._jumping.passed

    def call_soon_threadsafe(self, callback: Any, *args: Any, context: Any = None) -> Any:  # type: ignore[override]  # its variadic types cannot be named here
        """There is but one thread."""
        return self.call_soon(callback, *args, context=context)

    def run_in_executor(self, executor: Any, func: Any, *args: Any) -> Any:  # type: ignore[override]  # the same
        """What would go to a thread is done at once."""
        del executor
        future: asyncio.Future[Any] = self.create_future()
        _settle(future, lambda: func(*args))
        return future


class VirtualClock:
    """The clock of services on a virtual loop; goes on through every life of the program."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop
        self.set_back_ms = 0
        self._latest = 0

    def now(self) -> int:
        """Milliseconds since 1970, UTC; never less than before, as the program's own clock has it."""
        self._latest = max(self._latest, self._wall())
        return self._latest

    def _wall(self) -> int:
        return START_AT + round(self._loop.time() * 1000) - self.set_back_ms

    def born_again(self) -> None:
        """A new process knows only what the wall clock says."""
        self._latest = 0

    def facts(self) -> ClockFacts:
        """What is known about it."""
        return ClockFacts("A virtual clock.", None, max(0, self._latest - self._wall()))

    def monotonic(self) -> float:
        """Seconds since the loop was made."""
        return self._loop.time()

    async def sleep(self, seconds: float) -> None:
        """Lets time go by, or others run."""
        await asyncio.sleep(max(0.0, seconds))


class Fuse:
    """Kills the program after so many steps; a step is a transaction or a call to the network, in halves."""

    def __init__(self, after: int | None = None) -> None:
        self._left = after
        self.is_burnt = False
        self.burnt = asyncio.Event()

    def step(self) -> bool:
        """One step more; whether the program is dead."""
        if self._left is not None and not self.is_burnt:
            self._left -= 1
            if self._left < 0:
                self.is_burnt = True
                self.burnt.set()
        return self.is_burnt


def template(folder: Path) -> Path:
    """A new database with the shape that the program gives it, to be copied."""
    path = folder / "template.db"
    with Database(path):
        pass
    return path


class InlineDatabase(Database):
    """The database of one life."""

    def __init__(self, path: Path, fuse: Fuse) -> None:
        super().__init__(path)
        self._fuse = fuse
        self._view: Connection | None = None

    def open(self) -> None:
        """Opens the file, which has its shape already."""
        self._ingest = store._writing(self.path, "NORMAL")
        self._record = store._writing(self.path, "FULL")
        for conn in (self._ingest, self._record):
            conn.execute("PRAGMA synchronous = OFF")  # nobody pulls the plug of this machine
        self._view = reading(self.path)
        self._reading.append(self._view)
        self._is_open = True

    def close(self) -> None:
        """Lets go of the file, as the end of a process does."""
        self._is_open = False
        self._let_go()

    def read_now(self, work: Callable[[Connection], T]) -> "Future[T]":
        """Runs it at once."""
        future: Future[T] = Future()
        if not self._fuse.is_burnt:
            assert self._view is not None
            _settle(future, lambda: in_snapshot(self._view, work))  # type: ignore[arg-type]  # asked above
        return future

    def _stored(self, conn: Connection, work: Callable[[Connection], T]) -> T:
        try:
            return in_transaction(conn, work)
        except sqlite3.Error as problem:
            raise store._said(problem, self.path) from problem

    def _put(self, work: Callable[[Connection], T], *, is_record: bool, is_bare: bool = False) -> "Future[T]":
        del is_bare
        future: Future[T] = Future()
        conn = self._record if is_record else self._ingest
        if self._fuse.step():  # killed before it was stored
            return future
        done: Future[T] = Future()
        assert conn is not None
        _settle(done, lambda: self._stored(conn, work))
        return future if self._fuse.step() else done  # killed after it was stored


def _settle(future: "Future[T] | asyncio.Future[T]", work: Callable[[], T]) -> None:
    try:
        future.set_result(work())
    except BaseException as problem:  # noqa: BLE001 - it belongs to whoever asked
        future.set_exception(problem)


def copy_of(source: Path, folder: Path) -> Path:
    """A copy of a template in a folder."""
    path = folder / f"night-{next(_numbers)}.db"
    shutil.copyfile(source, path)
    return path


_numbers = itertools.count()
"""A file may leave a log beside it, which must never be taken for that of another."""


def clear(path: Path) -> None:
    """Removes a copy and what lies beside it."""
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
        path.with_name(name).unlink(missing_ok=True)
