"""Evidence records on disk: sealed bytes, their digest, and how long they are to be kept.

The ledger entry that sealed a record holds everything about it that stands in its row
(`sealing_facts`), so no byte of the row can change without `verifying.verify` seeing it.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from console.domain.audit import Plain
from console.domain.ids import EvidenceId, ItemId, evidence_key, item_key
from console.domain.items import Item
from console.domain.times import iso
from console.store.database import Connection
from console.store.rows import insert as insert_rows
from console.store.texts import Value, kept


@dataclass(frozen=True, slots=True)
class Record:
    """One row, as it is kept. Times are epoch ms."""

    id: EvidenceId
    item_id: ItemId
    sealed_at: int
    cipher: bytes | None
    """None once it was disposed of."""
    wrapped_key: bytes | None
    digest: str
    """SHA-256 of `cipher`, in hexadecimal."""
    retention: str
    review_at: int
    recovery_wrap: bytes | None = None
    """Its key, sealed to the force's recovery key; None while there is none."""
    supplement_of: EvidenceId | None = None
    """The record that this one adds pictures to."""


_COLUMNS: Final = (
    "id, item_id, sealed_at, cipher, wrapped_key, digest, retention, review_at, recovery_wrap, supplement_of"
)


def next_id(conn: Connection) -> int:
    """The number that the next record gets; numbers are never used twice."""
    row = conn.execute("SELECT seq FROM sqlite_sequence WHERE name = 'evidence'").fetchone()
    return 1 + (int(row[0]) if row else 0)


def insert(conn: Connection, records: Sequence[Record]) -> None:
    """Keeps new records."""
    insert_rows(
        conn,
        f"INSERT OR FAIL INTO evidence ({_COLUMNS}) VALUES (rows)",  # noqa: S608  # a constant of this file
        [
            (
                record.id,
                record.item_id,
                record.sealed_at,
                record.cipher,
                record.wrapped_key,
                record.digest,
                record.retention,
                record.review_at,
                record.recovery_wrap,
                record.supplement_of,
            )
            for record in records
        ],
    )


def record(conn: Connection, evidence_id: EvidenceId) -> Record | None:
    """One record."""
    row = conn.execute(f"SELECT {_COLUMNS} FROM evidence WHERE id = ?", (evidence_id,)).fetchone()  # noqa: S608  # a constant of this file
    return Record(*row) if row else None


def records(conn: Connection, after: EvidenceId, most: int) -> list[Record]:
    """Records with an id above `after`, in order."""
    rows = conn.execute(
        f"SELECT {_COLUMNS} FROM evidence WHERE id > ? ORDER BY id LIMIT ?",  # noqa: S608  # a constant of this file
        (after, most),
    )
    return [Record(*row) for row in rows]


def of_item(conn: Connection, item_id: ItemId) -> list[Record]:
    """Every record of one item, oldest first; those that were disposed of too."""
    rows = conn.execute(
        f"SELECT {_COLUMNS} FROM evidence WHERE item_id = ? ORDER BY id",  # noqa: S608  # a constant of this file
        (item_id,),
    )
    return [Record(*row) for row in rows]


def supplements(conn: Connection, evidence_id: EvidenceId) -> list[Record]:
    """The records that add pictures to this one, oldest first."""
    rows = conn.execute(
        f"SELECT {_COLUMNS} FROM evidence WHERE supplement_of = ? ORDER BY id",  # noqa: S608  # a constant of this file
        (evidence_id,),
    )
    return [Record(*row) for row in rows]


_THREADS_AT_ONCE: Final = 400
_MOST_READ: Final = 20_000
"""How many rows are looked through for one batch of items, however many threads they stand in."""


def answers(
    conn: Connection, items: Sequence[Item], through: int, most: int
) -> tuple[dict[ItemId, list[int]], set[ItemId]]:
    """What answers each of these items: the ids of the first `most` answers, oldest first.

    Only the newest `through` items of each thread are looked through; the second part of the result names
    the items that may have more answers than were found.
    """
    threads: dict[tuple[int, Value], dict[Value, ItemId]] = {}
    for item in items:
        root = kept(item.thread or item.parent or item.remote_id)
        threads.setdefault((item.account_id, root), {})[kept(item.remote_id)] = item.id
    found: dict[ItemId, list[int]] = {}
    cut: set[ItemId] = set()
    left = _MOST_READ
    for account_id, root in _with_more(conn, list(threads)):
        wanted = threads[account_id, root]
        limit = min(through, left)
        rows, count = _answering(conn, account_id, root, list(wanted), limit)
        left -= count
        if count >= limit:
            cut.update(wanted.values())
        for number, parent in reversed(rows):
            if (item_id := wanted.get(parent)) is not None:
                some = found.setdefault(item_id, [])
                if len(some) < most:
                    some.append(number)
                else:
                    cut.add(item_id)
    return found, cut


def _answering(
    conn: Connection, account_id: int, root: Value, wanted: Sequence[Value], limit: int
) -> tuple[list[tuple[int, Value]], int]:
    """What of the newest of a thread hangs on one of `wanted`, newest first; and how many were looked at."""
    newest = (
        "SELECT id, parent FROM items WHERE coalesce(thread, parent) = ? AND account_id = ? "
        "ORDER BY id DESC LIMIT ?"
    )
    place = root, account_id, limit
    (count,) = conn.execute(f"SELECT count(*) FROM ({newest})", place).fetchone()  # noqa: S608  # constants
    rows: list[tuple[int, Value]] = []
    for start in range(0, len(wanted), _THREADS_AT_ONCE):
        some = wanted[start : start + _THREADS_AT_ONCE]
        rows += conn.execute(
            f"SELECT id, parent FROM ({newest}) WHERE parent IN ({', '.join('?' * len(some))})",  # noqa: S608  # marks
            [*place, *some],
        )
    return sorted(rows, key=lambda row: -row[0]), count


def _with_more(conn: Connection, threads: Sequence[tuple[int, Value]]) -> list[tuple[int, Value]]:
    """Those threads that hold more than their beginning: mostly few, so they are asked for first."""
    found: list[tuple[int, Value]] = []
    for start in range(0, len(threads), _THREADS_AT_ONCE):
        some = threads[start : start + _THREADS_AT_ONCE]
        found += conn.execute(
            f"WITH t (account, root) AS (VALUES {', '.join(['(?, ?)'] * len(some))}) "  # noqa: S608  # question marks
            "SELECT account, root FROM t WHERE EXISTS "
            "(SELECT 1 FROM items WHERE coalesce(thread, parent) = root AND account_id = account)",
            [value for thread in some for value in thread],
        )
    return found


def sealing_facts(record: Record, more: Mapping[str, Plain]) -> dict[str, Plain]:
    """What the ledger says about a new record: `more`, and every column of its row.

    The time stands in the entry itself.
    """
    recovery = record.recovery_wrap
    after = record.supplement_of
    return {
        **more,
        **({"recovery_digest": hashlib.sha256(recovery).hexdigest()} if recovery is not None else {}),
        **({"supplement_of": evidence_key(after)} if after is not None else {}),
        "evidence": evidence_key(record.id),
        "item": item_key(record.item_id),
        "digest": record.digest,
        "key_digest": hashlib.sha256(record.wrapped_key or b"").hexdigest(),
        "retention": record.retention,
        "review_at": iso(record.review_at),
    }
