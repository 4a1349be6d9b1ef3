"""Watchlists that are not in force yet: rehearsed in shadow, or proposed and waiting for a second person.

What a newcomer would get wrong: a row is never deleted. What became of it is written beside it, so that an
old decision can be explained.
"""

from collections.abc import Mapping
from typing import Any, Final, Literal

from console.domain.list_changes import Waiting, WaitingKind
from console.domain.watchlists import Watchlist
from console.store.database import Connection
from console.store.watchlists import read, written

Settled = Literal["published", "withdrawn", "expired", "replaced"]

_SELECT: Final = (
    "SELECT id, kind, parsed, put_by, put_at, why, expires_at, items, seen FROM watchlist_waiting "
    "WHERE settled_as IS NULL"
)


def put(
    conn: Connection,
    watchlist: Watchlist,
    source: str,
    kind: WaitingKind,
    who: str,
    at: int,
    why: str,
    expires_at: int | None,
) -> Waiting:
    """Has a watchlist wait. Times are epoch ms."""
    done = conn.execute(
        "INSERT INTO watchlist_waiting (watchlist, kind, source, parsed, put_by, put_at, why, expires_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (watchlist.id, kind.value, source, written(watchlist), who, at, why, expires_at),
    )
    assert done.lastrowid is not None  # noqa: S101  # SQLite gives every row a number
    return Waiting(done.lastrowid, kind, watchlist, who, at, why, expires_at)


def waiting(conn: Connection) -> list[Waiting]:
    """Everything that waits, oldest first; what has expired too, until it is settled so."""
    return [_read(row) for row in conn.execute(f"{_SELECT} ORDER BY id")]


def one(conn: Connection, waiting_id: int) -> Waiting | None:
    """One that waits still; None when it is settled, or never was."""
    row = conn.execute(f"{_SELECT} AND id = ?", (waiting_id,)).fetchone()
    return _read(row) if row else None


def source(conn: Connection, waiting_id: int) -> str:
    """The TOML text of one that waits; empty when there never was one."""
    row = conn.execute("SELECT source FROM watchlist_waiting WHERE id = ?", (waiting_id,)).fetchone()
    return str(row[0]) if row else ""


def settle(conn: Connection, waiting_id: int, settled: Settled, who: str, at: int) -> None:
    """Ends the waiting of one."""
    conn.execute(
        "UPDATE watchlist_waiting SET settled_as = ?, settled_by = ?, settled_at = ? "
        "WHERE id = ? AND settled_as IS NULL",
        (settled, who, at, waiting_id),
    )


def count(conn: Connection, seen: int, items: Mapping[int, int]) -> None:
    """Adds to what rehearsals have seen, and for each to the items that it has hit."""
    conn.executemany(
        "UPDATE watchlist_waiting SET seen = seen + ?, items = items + ? WHERE id = ?",
        [(seen, number, waiting_id) for waiting_id, number in items.items()],
    )


def _read(row: tuple[Any, ...]) -> Waiting:
    return Waiting(row[0], WaitingKind(row[1]), read(row[2]), *row[3:])
