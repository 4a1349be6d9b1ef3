"""The database of a profile: one writer, several readers, orderly close.

All writing happens on one thread, which holds two connections to the same file: `ingest` does not wait
for the disk at each commit (a power cut may lose the last moments of the stream, which the network will
tell again, but never the file), `record` does (acts, evidence and ledger must be there before anything
is sent). Reading happens on a few other threads, each with a read-only connection of its own.

What a newcomer would get wrong: the function that is handed in runs on another thread, inside a
transaction that is not its own. It must not commit, and it must not touch anything of its caller.
"""

import asyncio
import contextlib
import os
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, Self, TypeVar

from console.domain.errors import DiskFull, ProfileError, ProfileNewer, ProfileUnwritable
from console.store.failures import translated

VERSION: Final = 14
"""How many steps `migrations` knows; a file with a higher number is from a later Cordon."""

MARK: Final = 0x436F7264
"""SQLite's `application_id` of our files: "Cord"."""

BUSY_MS: Final = 10_000
"""How long a write waits for another process (the command line beside an open window)."""

_CUT_MS: Final = 200

Connection = sqlite3.Connection
T = TypeVar("T")
Work = Callable[[Connection], T]


@dataclass(slots=True)
class _Job:
    work: Work[Any]
    future: "Future[Any]"
    is_record: bool
    is_bare: bool = False
    """Whether it runs outside any transaction."""


class Database:
    """A profile's database. Made cheaply; opened and closed once."""

    def __init__(self, path: Path, readers: int = 3) -> None:
        self.path = path
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._ingest: Connection | None = None
        self._record: Connection | None = None
        self._writer: threading.Thread | None = None
        self._pool: ThreadPoolExecutor | None = None
        self._readers = readers
        self._local = threading.local()
        self._reading: list[Connection] = []
        self._lock = threading.Lock()
        self._is_open = False

    # life ----------------------------------------------------------------------------------------

    def open(self) -> None:
        """Opens the file, making or migrating it, and starts the threads.

        Raises ProfileNewer, ProfileUnwritable, DiskFull or ProfileError, each with one line.
        """
        _make_file(self.path)
        try:
            self._ingest = _writing(self.path, "NORMAL")
            _check_and_migrate(self._ingest, self.path)
            self._record = _writing(self.path, "FULL")
        except sqlite3.Error as problem:
            self._let_go()
            raise _said(problem, self.path) from problem
        except BaseException:
            self._let_go()
            raise
        self._pool = ThreadPoolExecutor(self._readers, "cordon-read")
        # A daemon: a program that fails before it closes must end, and not wait for this thread for ever.
        self._writer = threading.Thread(target=self._write, name="cordon-write", daemon=True)
        self._is_open = True
        self._writer.start()

    def close(self) -> None:
        """Finishes what was asked for, then lets go of the file. May be called again."""
        with self._lock:
            was_open, self._is_open = self._is_open, False
        if not was_open:
            return
        self._jobs.put(None)
        if self._writer is not None:
            self._writer.join()
        if self._pool is not None:
            self._pool.shutdown()
        self._let_go()

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _let_go(self) -> None:
        for conn in (*self._reading, self._record, self._ingest):
            if conn is not None:
                with contextlib.suppress(sqlite3.Error):  # closing is the last thing that can be done
                    conn.close()
        self._reading.clear()
        self._ingest = self._record = None

    # work ----------------------------------------------------------------------------------------

    async def ingest(self, work: Work[T]) -> T:
        """Runs `work(conn)` in one transaction that need not survive a power cut."""
        return await asyncio.wrap_future(self.ingest_now(work))

    async def record(self, work: Work[T]) -> T:
        """Runs `work(conn)` in one transaction that is on the disk before this returns."""
        return await asyncio.wrap_future(self.record_now(work))

    async def read(self, work: Work[T]) -> T:
        """Runs `work(conn)` on a read-only connection, on one unchanging view of the data."""
        return await asyncio.wrap_future(self.read_now(work))

    async def cut_log(self) -> bool:
        """Writes the log back into the file and cuts it off, so that it holds nothing; whether it could.

        It cannot while somebody reads, here or in another process; then ask again later.
        """
        return await asyncio.wrap_future(self._put(_cut_log, is_record=False, is_bare=True))

    async def rebuild(self) -> None:
        """Writes the whole file anew, so that no page holds remains of what was deleted.

        Writers wait meanwhile: about a second for each hundred megabytes. Raises what a write raises.
        """
        await asyncio.wrap_future(self._put(_rebuild, is_record=False, is_bare=True))

    def ingest_now(self, work: Work[T]) -> "Future[T]":
        """Like `ingest`, for callers without a loop."""
        return self._put(work, is_record=False)

    def record_now(self, work: Work[T]) -> "Future[T]":
        """Like `record`, for callers without a loop."""
        return self._put(work, is_record=True)

    def read_now(self, work: Work[T]) -> "Future[T]":
        """Like `read`, for callers without a loop."""
        with self._lock:
            if not self._is_open or self._pool is None:
                raise _closed(self.path)
            return self._pool.submit(self._read, work)

    def _put(self, work: Work[T], *, is_record: bool, is_bare: bool = False) -> "Future[T]":
        future: Future[T] = Future()
        with self._lock:  # so that no job is put behind the sentinel and waits for ever
            if not self._is_open:
                raise _closed(self.path)
            self._jobs.put(_Job(work, future, is_record, is_bare))
        return future

    def _write(self) -> None:
        while (job := self._jobs.get()) is not None:
            if not job.future.set_running_or_notify_cancel():
                continue
            conn = self._record if job.is_record else self._ingest
            assert conn is not None  # noqa: S101  # the thread lives only while the database is open
            try:
                result = job.work(conn) if job.is_bare else in_transaction(conn, job.work)
            except sqlite3.Error as problem:
                job.future.set_exception(_said(problem, self.path))
            except BaseException as problem:  # noqa: BLE001  # belongs to whoever asked
                job.future.set_exception(problem)
            else:
                job.future.set_result(result)
            del job  # a finished job must not keep its batch alive while the thread waits

    def _read(self, work: Work[T]) -> T:
        try:
            conn: Connection | None = getattr(self._local, "conn", None)
            if conn is None:
                conn = self._local.conn = reading(self.path)
                with self._lock:
                    self._reading.append(conn)
            return in_snapshot(conn, work)
        except sqlite3.Error as problem:
            raise _said(problem, self.path) from problem


def in_transaction(conn: Connection, work: Work[T]) -> T:
    """Runs `work(conn)` in one write transaction: all of it is stored, or nothing."""
    conn.execute("BEGIN IMMEDIATE")
    try:
        result = work(conn)
        conn.execute("COMMIT")
    except BaseException:
        _roll_back(conn)
        raise
    return result


def _cut_log(conn: Connection) -> bool:
    """Asks for no longer than a moment: writers wait behind this."""
    conn.execute(f"PRAGMA busy_timeout = {_CUT_MS}")
    try:
        return bool(conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0)
    finally:
        conn.execute(f"PRAGMA busy_timeout = {BUSY_MS}")


def _rebuild(conn: Connection) -> None:
    conn.execute("VACUUM")


def in_snapshot(conn: Connection, work: Work[T]) -> T:
    """Runs `work(conn)` on one unchanging view of the data."""
    conn.execute("BEGIN")
    try:
        return work(conn)
    finally:
        _roll_back(conn)


def reading(path: Path) -> Connection:
    """A read-only connection to a database that is open somewhere, for one thread at a time."""
    conn = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro",
        uri=True,
        timeout=BUSY_MS / 1000,
        isolation_level=None,
        check_same_thread=False,  # closed by the thread that closes the database
    )
    conn.execute("PRAGMA query_only = ON")
    conn.execute("PRAGMA cache_size = -4096")
    return conn


def _roll_back(conn: Connection) -> None:
    if conn.in_transaction:  # a full disk may have rolled back already
        with contextlib.suppress(sqlite3.Error):  # the first failure is the one to tell
            conn.execute("ROLLBACK")


_CACHE: Final = {"NORMAL": -8_192, "FULL": -16_384}
"""Memory for pages of the connection for arrivals, and of that for the record, in negative kibibytes."""


def _writing(path: Path, synchronous: Literal["NORMAL", "FULL"]) -> Connection:
    conn = sqlite3.connect(
        path,
        timeout=BUSY_MS / 1000,
        isolation_level=None,  # transactions begin where they are written, nowhere else
        check_same_thread=False,  # opened by the caller, used by the writer thread alone
    )
    try:
        conn.execute(f"PRAGMA synchronous = {synchronous}")
        conn.execute("PRAGMA secure_delete = ON")  # what is purged must not stay in free pages
        conn.execute(f"PRAGMA cache_size = {_CACHE[synchronous]}")
        conn.execute("PRAGMA wal_autocheckpoint = 4000")  # pages: sixteen megabytes
        conn.execute("PRAGMA journal_size_limit = 67108864")
    except BaseException:
        conn.close()
        raise
    return conn


def _make_file(path: Path) -> None:
    """Makes the file with the owner's rights alone before SQLite does it with the usual ones."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        os.close(handle)
        if os.name == "posix" and path.stat().st_uid == os.geteuid():
            path.chmod(0o600)
    except OSError as problem:
        if problem.errno == 28:  # ENOSPC
            raise DiskFull(
                f"The disk that holds {path} is full. Nothing stored was lost; make room and go on."
            ) from problem
        raise ProfileUnwritable(
            f"{path} cannot be opened for writing: {problem.strerror}. Check who owns the folder."
        ) from problem


def _check_and_migrate(conn: Connection, path: Path) -> None:
    version, mark, tables = in_snapshot(conn, _shape)  # another process may be making it just now
    if tables and mark != MARK:
        raise ProfileError(f"{path} is not a Cordon database. It was left as it is.")
    if version > VERSION:
        raise ProfileNewer(
            f"{path} was written by a later Cordon (form {version}, this one knows {VERSION}). "
            "It was left as it is; use the later Cordon."
        )
    if _write_ahead(conn) != "wal":
        raise ProfileError(
            f"{path} lies on a disk that cannot be shared between readers and a writer. "
            "Keep the profile on a disk of this computer."
        )
    if version == VERSION:
        return
    in_transaction(conn, _migrate)


def _write_ahead(conn: Connection) -> str:
    """Turns the write-ahead log on; gives the mode that the file is in then.

    SQLite does not wait here as it does elsewhere when another program opens or closes the same file at
    this very moment (it could be a deadlock), so the waiting is done here.
    """
    until = time.monotonic() + BUSY_MS / 1000
    while True:
        try:
            return str(conn.execute("PRAGMA journal_mode = WAL").fetchone()[0])
        except sqlite3.OperationalError as problem:
            is_busy = problem.sqlite_errorname.startswith("SQLITE_BUSY")
            if not is_busy or time.monotonic() > until:
                raise
            time.sleep(0.01)


def _migrate(conn: Connection) -> None:
    if _shape(conn)[0] >= VERSION:
        return  # another process was quicker
    # Late, because it takes a fifth of a second and an existing profile does without.
    from console.store import migrations  # noqa: PLC0415

    migrations.migrate(conn)
    conn.execute(f"PRAGMA application_id = {MARK}")
    conn.execute(f"PRAGMA user_version = {VERSION}")


def _shape(conn: Connection) -> tuple[int, int, int]:
    version = conn.execute("PRAGMA user_version").fetchone()[0]
    mark = conn.execute("PRAGMA application_id").fetchone()[0]
    tables = conn.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    return int(version), int(mark), int(tables)


def _said(problem: sqlite3.Error, path: Path) -> Exception:
    return translated(problem, path) or problem


def _closed(path: Path) -> ProfileError:
    return ProfileError(f"{path} is closed; nothing more can be read or stored.")
