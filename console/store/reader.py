"""The window's own way to read the cache: one thread, one read-only connection.

It shares nothing with the engine but the file, so a question from the window never waits for work of
the engine, and the other way round.
"""

import contextlib
import sqlite3
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from console.store.database import Connection, in_snapshot, reading
from console.store.failures import translated

P = ParamSpec("P")
T = TypeVar("T")


class Reader:
    """Answers questions about the cache in the order in which they are asked."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._thread = ThreadPoolExecutor(1, "cordon-window-read")
        self._conn: Connection | None = None

    def submit(
        self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> "Future[T]":
        """Runs `work(conn, *args)` on one unchanging view of the data; the future holds the answer.

        The future's callbacks run on the reader's thread. Raises RuntimeError once closed.
        """
        return self._thread.submit(self._ask, lambda conn: work(conn, *args, **kwargs))

    def close(self) -> None:
        """Drops the questions that wait, ends the thread and lets go of the file. May be repeated."""
        self._thread.shutdown(cancel_futures=True)
        if self._conn is not None:
            with contextlib.suppress(sqlite3.Error):  # closing is the last thing that can be done
                self._conn.close()
            self._conn = None

    def _ask(self, work: Callable[[Connection], T]) -> T:
        try:
            if self._conn is None:
                self._conn = reading(self.path)
            return in_snapshot(self._conn, work)
        except sqlite3.Error as problem:
            raise (translated(problem, self.path) or problem) from problem
