"""Watchlist versions on disk: what was in force, word for word, for as long as the ledger names it."""

import hashlib
from typing import Any, Final

import msgspec

from console.domain.errors import WatchlistError
from console.domain.list_changes import ListVersion
from console.domain.watchlists import Watchlist
from console.store.database import Connection

_SELECT: Final = (
    "SELECT v.parsed, v.source, v.put_by, v.put_at, v.why, v.agreed_by, v.ended_at FROM watchlist_versions v"
)
_reader: Final = msgspec.json.Decoder(Watchlist)


def watchlists(conn: Connection) -> list[Watchlist]:
    """The newest version of every watchlist that is in force, by id."""
    rows = conn.execute(
        "SELECT parsed FROM watchlist_versions v WHERE ended_at IS NULL AND version = "
        "(SELECT max(version) FROM watchlist_versions WHERE id = v.id) ORDER BY id"
    )
    return [read(row[0]) for row in rows]


def known_ids(conn: Connection) -> set[str]:
    """The ids of all watchlists that were ever in force."""
    return {str(row[0]) for row in conn.execute("SELECT DISTINCT id FROM watchlist_versions")}


def newest(conn: Connection, watchlist_id: str) -> ListVersion | None:
    """The newest version of a watchlist, in force or ended; None when there never was one."""
    row = conn.execute(
        f"{_SELECT} WHERE v.id = ? ORDER BY v.version DESC LIMIT 1", (watchlist_id,)
    ).fetchone()
    return _version(row) if row else None


def versions(conn: Connection, watchlist_id: str) -> list[ListVersion]:
    """Every version that was ever in force, newest first."""
    rows = conn.execute(f"{_SELECT} WHERE v.id = ? ORDER BY v.version DESC", (watchlist_id,))
    return [_version(row) for row in rows]


def _version(row: tuple[Any, ...]) -> ListVersion:
    return ListVersion(read(row[0]), *row[1:])


def source(conn: Connection, watchlist_id: str, version: int | None = None) -> str | None:
    """The text that a person wrote, of one version or of the newest."""
    row = conn.execute(
        "SELECT source FROM watchlist_versions WHERE id = ?1 AND version = coalesce(?2, "
        "(SELECT max(version) FROM watchlist_versions WHERE id = ?1))",
        (watchlist_id, version),
    ).fetchone()
    return str(row[0]) if row else None


def put(
    conn: Connection,
    watchlist: Watchlist,
    text: str,
    who: str,
    at: int,
    *,
    why: str = "",
    agreed_by: str | None = None,
) -> bool:
    """Puts a version in force; tells whether it was new. `at` is epoch ms.

    The same version with the same text changes nothing. Raises WatchlistError for an older version, and
    for the same version with another text.
    """
    row = conn.execute(
        "SELECT version, source FROM watchlist_versions WHERE id = ? ORDER BY version DESC LIMIT 1",
        (watchlist.id,),
    ).fetchone()
    if row and row[0] > watchlist.version:
        raise WatchlistError(
            f"Watchlist {watchlist.id}: version {row[0]} is in force, and this is version "
            f"{watchlist.version}. Raise its version above {row[0]}."
        )
    if row and row[0] == watchlist.version:
        if row[1] == text:
            return False
        raise WatchlistError(
            f"Watchlist {watchlist.id}: version {row[0]} is in force with other words. "
            f"Raise its version above {row[0]}."
        )
    conn.execute(
        "INSERT INTO watchlist_versions (id, version, source, parsed, put_by, put_at, why, agreed_by) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (watchlist.id, watchlist.version, text, written(watchlist), who, at, why, agreed_by),
    )
    return True


def end(conn: Connection, watchlist_id: str, at: int) -> Watchlist | None:
    """Takes a watchlist out of force; gives what was in force, None when nothing was."""
    found = newest(conn, watchlist_id)
    if found is None or found.ended_at is not None:
        return None
    conn.execute(
        "UPDATE watchlist_versions SET ended_at = ? WHERE id = ? AND version = ?",
        (at, watchlist_id, found.version),
    )
    return found.watchlist


def digest(text: str) -> str:
    """SHA-256 of a watchlist's text, in hexadecimal, as the ledger names a version."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def written(watchlist: Watchlist) -> str:
    """A watchlist as the database keeps it."""
    return msgspec.json.encode(watchlist).decode()


def read(text: str) -> Watchlist:
    """What `written` wrote."""
    return _reader.decode(text)
