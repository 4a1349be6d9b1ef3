"""The ledger's keys and its checkpoints on disk.

What a newcomer would get wrong: `made` finds the root from the parts of the tree that the checkpoint
before it has left (`peaks`) and from the entries since. Whoever calls it has made sure that these parts
give the root which that checkpoint states; otherwise something that was changed on disk would be signed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from console.domain.audit import Tree
from console.domain.checkpoint import Checkpoint, parse
from console.store import audit
from console.store.database import Connection


@dataclass(frozen=True, slots=True)
class LedgerKey:
    """A key that signs checkpoints."""

    origin: str
    public: bytes
    sealed: bytes
    """The private part, sealed under the profile's key."""
    seq: int
    """The entry that put it on record."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A checkpoint as it is kept here."""

    checkpoint: Checkpoint
    peaks: bytes
    made_at: int
    """Milliseconds since 1970, UTC."""


def newest_key(conn: Connection) -> LedgerKey | None:
    """The key that signs now; None before the first checkpoint."""
    row = conn.execute(
        "SELECT origin, public, sealed, seq FROM ledger_keys ORDER BY seq DESC LIMIT 1"
    ).fetchone()
    return LedgerKey(*row) if row else None


def keys(conn: Connection) -> list[LedgerKey]:
    """Every key that ever signed, oldest first."""
    rows = conn.execute("SELECT origin, public, sealed, seq FROM ledger_keys ORDER BY seq")
    return [LedgerKey(*row) for row in rows]


def add_key(conn: Connection, key: LedgerKey) -> None:
    """Adds a key; its entry is in the ledger already."""
    conn.execute(
        "INSERT INTO ledger_keys (origin, public, sealed, seq) VALUES (?, ?, ?, ?)",
        (key.origin, key.public, key.sealed, key.seq),
    )


def latest(conn: Connection) -> Kept | None:
    """The newest checkpoint. Raises ValueError when what is kept is none any more."""
    row = conn.execute("SELECT text, peaks, made_at FROM checkpoints ORDER BY size DESC LIMIT 1").fetchone()
    return Kept(parse(row[0]), row[1], row[2]) if row else None


def texts(conn: Connection) -> list[tuple[int, str, int]]:
    """Every checkpoint as it was given out, oldest first: the size under which it is kept, text, made at."""
    rows = conn.execute("SELECT size, text, made_at FROM checkpoints ORDER BY size")
    return [(size, text, made_at) for size, text, made_at in rows]


def made(conn: Connection, start: Tree, state: Callable[[int, bytes], Checkpoint], at: int) -> Checkpoint:
    """Adds a checkpoint of the whole ledger as it stands in this transaction.

    `start` is the tree of some of its first entries; `state` signs a size and a root.
    """
    for digest in audit.each_leaf_hash(conn, after=start.size):
        start.add(digest)
    checkpoint = state(start.size, start.root())
    conn.execute(
        "INSERT INTO checkpoints (size, text, peaks, made_at) VALUES (?, ?, ?, ?)",
        (checkpoint.size, checkpoint.text, start.peaks, at),
    )
    return checkpoint


def not_handed_over(conn: Connection, keeper: str, most: int) -> list[tuple[str, int]]:
    """Checkpoints that a keeper has not got yet, oldest first: the text, and when it was made."""
    rows = conn.execute(
        "SELECT text, made_at FROM checkpoints AS c WHERE NOT EXISTS ("
        "SELECT 1 FROM checkpoints_handed_over AS h WHERE h.size = c.size AND h.keeper = ?) "
        "ORDER BY size LIMIT ?",
        (keeper, most),
    )
    return [(text, made_at) for text, made_at in rows]


def handed_over(conn: Connection, keeper: str, sizes: Sequence[int]) -> None:
    """Notes that a keeper has these now."""
    conn.executemany(
        "INSERT OR IGNORE INTO checkpoints_handed_over (size, keeper) VALUES (?, ?)",
        [(size, keeper) for size in sizes],
    )
