"""The ledger on disk: entries are added in order, each naming the one before, and never changed.

What a newcomer would get wrong: the head of the chain is read inside the very transaction that adds to
it. The window and the command line are two processes and both add; a head that was kept in memory would
be wrong for one of them.
"""

import os
from collections.abc import Iterator, Sequence
from typing import Final

from console.domain.audit import (
    NO_PREVIOUS,
    SALT_BYTES,
    Entry,
    Note,
    commitment,
    leaf_bytes,
    leaf_hash,
    plain_json,
)
from console.domain.times import iso
from console.store import operators
from console.store.database import Connection
from console.store.rows import insert as insert_rows

_NO_END: Final = 2**62
"""A place that no entry reaches."""


def append(conn: Connection, seat: str, notes: Sequence[Note], at: int) -> list[int]:
    """Adds entries and their content; gives their places.

    The caller holds a write transaction on the `record` connection. `at` is epoch ms, `seat` the name of
    the machine and the person's place at it; a `SignedSeat` also says who sits there, in which role and on
    whose behalf.
    """
    if not notes:
        return []
    seq, previous = head(conn)
    sign = operators.signing(conn, seat)
    name = str(seat)  # the encoder takes no kind of text but the plain one
    moment = iso(at)
    salts = os.urandom(SALT_BYTES * len(notes))
    entries: list[tuple[int, bytes, bytes]] = []
    contents: list[tuple[int, bytes, bytes]] = []
    for number, note in enumerate(notes):
        seq += 1
        committed = None
        if note.content:
            salt = salts[SALT_BYTES * number : SALT_BYTES * (number + 1)]
            content = plain_json(note.content)
            committed = commitment(salt, content)
            contents.append((seq, salt, content))
        leaf = leaf_bytes(seq, moment, name, previous, note, committed, sign(note))
        digest = leaf_hash(leaf)
        entries.append((seq, leaf, digest))
        previous = digest.hex()
    insert_rows(conn, "INSERT OR FAIL INTO ledger (seq, leaf, leaf_hash) VALUES (rows)", entries)
    insert_rows(conn, "INSERT OR FAIL INTO ledger_content (seq, salt, content) VALUES (rows)", contents)
    return [seq for seq, _, _ in entries]


def head(conn: Connection) -> tuple[int, str]:
    """The newest entry's place and leaf hash in hexadecimal; 0 and `NO_PREVIOUS` in an empty ledger."""
    row = conn.execute("SELECT seq, leaf_hash FROM ledger ORDER BY seq DESC LIMIT 1").fetchone()
    return (row[0], row[1].hex()) if row else (0, NO_PREVIOUS)


def entries(conn: Connection, after: int, most: int) -> list[Entry]:
    """Entries with a place above `after`, in order."""
    rows = conn.execute(
        "SELECT l.seq, l.leaf, l.leaf_hash, c.salt, c.content FROM ledger l "
        "LEFT JOIN ledger_content c ON c.seq = l.seq WHERE l.seq > ? ORDER BY l.seq LIMIT ?",
        (after, most),
    )
    return [Entry(*row) for row in rows]


def leaf_hashes(conn: Connection, size: int | None = None) -> list[bytes]:
    """The leaf hashes of the first `size` entries (None: of all), in order, as `domain.merkle` takes them.

    A million of them take about 65 megabytes.
    """
    return list(each_leaf_hash(conn, 0, size))


def each_leaf_hash(conn: Connection, after: int, size: int | None = None) -> Iterator[bytes]:
    """The leaf hashes of the entries above `after` up to `size` (None: up to the newest), one by one."""
    rows = conn.execute(
        "SELECT leaf_hash FROM ledger WHERE seq > ? AND seq <= ? ORDER BY seq",
        (after, _NO_END if size is None else size),
    )
    for (digest,) in rows:
        yield digest


def of_kind(conn: Connection, kind: str) -> list[tuple[int, bytes]]:
    """Place and bytes of every entry of one kind, in order. Reads the whole ledger: seconds for a million."""
    rows = conn.execute(
        "SELECT seq, leaf FROM ledger WHERE instr(leaf, ?) ORDER BY seq", (f'"kind":"{kind}",'.encode(),)
    )
    return [(seq, leaf) for seq, leaf in rows]
