"""Arrivals go in: batches of them, as fast as SQLite takes them.

`save_batch` is the hot path: a few statements for a batch, not for an item. What a newcomer would get
wrong: an item's number is chosen here and not by SQLite, so that hits can be stored beside items without
asking what number each one got; a number that belongs to a duplicate is simply not used.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, cast

from console.domain.ids import AccountId, ItemId
from console.domain.items import ItemKind, ItemState
from console.store.database import Connection
from console.store.revising import Unseal, revise
from console.store.rows import (
    INSERT_HIT,
    Received,
    Rows,
    Seal,
    add_unseen,
    hit_values,
    insert,
    media_text,
    sealed_with,
)
from console.store.texts import Value, kept

_MINUTE_MS: Final = 60_000
_KIND_NAMES: Final = {kind: kind.value for kind in ItemKind}
_STATE_NAMES: Final = {state: state.value for state in ItemState}
"""By a table, because asking an enum for its value costs five times as much."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a batch."""

    first: ItemId
    """The lowest and highest of the new ids, between which there may be gaps; 0 when all were known."""
    last: ItemId
    count: int
    duplicates: int
    grades: tuple[int, int, int, int, int]
    """How many new ones of grade 1, 2, 3, 4, 5."""
    accounts: tuple[AccountId, ...]
    """Accounts with new items, in the order of their ids."""
    ids: tuple[ItemId | None, ...]
    """The new id of each row of the batch, in its order; None for one that was known."""
    edited: tuple[ItemId, ...] = ()
    """Known items that came with other words."""


def save_batch(
    conn: Connection,
    rows: Sequence[Received],
    cursors: Mapping[AccountId, str],
    seal: Seal | None = None,
    unseal: Unseal | None = None,
) -> Stored:
    """Stores a batch (best up to 500) and the places in the streams, all in the caller's transaction.

    An arrival is known again by its account and remote id; with other words it is an edit. The force's own
    items are seen from the start. Private messages need `seal`; without it the batch raises
    SecretsUnavailable and nothing of it is stored. Their edits are noticed with `unseal` only.
    """
    start = _next_id(conn)
    try:
        stored = _save(conn, rows, seal, start, _as_it_is)
    except (UnicodeEncodeError, OverflowError):  # rare, so that the many pay nothing for it
        _take_out(conn, start)
        stored = _save(conn, rows, seal, start, _as_the_disk_can_hold_it)
    if stored.count < len(rows):
        known = [row for row, number in zip(rows, stored.ids, strict=True) if number is None]
        if edited := revise(conn, known, seal, unseal):
            duplicates = stored.duplicates - len(edited)
            stored = replace(stored, edited=tuple(edited), duplicates=max(0, duplicates))
    conn.executemany(
        "UPDATE accounts SET cursor = ? WHERE id = ?",
        [(kept(place), account_id) for account_id, place in cursors.items()],
    )
    return stored


def _as_it_is(rows: Rows) -> Iterable[tuple[Value, ...]]:
    return rows


def _as_the_disk_can_hold_it(rows: Rows) -> Iterable[tuple[Value, ...]]:
    return [tuple(map(kept, row)) for row in rows]


def _take_out(conn: Connection, start: int) -> None:
    """Takes out what a batch had stored before it met a text that must be kept in another way.

    Not by a savepoint, which would copy every page that any batch touches, for the sake of few.
    """
    conn.execute("DELETE FROM items WHERE id >= ?", (start,))
    for table in ("item_sealed", "item_raw", "hits"):
        conn.execute(f"DELETE FROM {table} WHERE item_id >= ?", (start,))  # noqa: S608  # three names


def _save(
    conn: Connection,
    rows: Sequence[Received],
    seal: Seal | None,
    start: int,
    fit: Callable[[Rows], Iterable[tuple[Value, ...]]],
) -> Stored:
    tables = _tables(rows, seal, start)
    count = insert(conn, _INSERT, fit(tables.items))
    if not count:
        none = ItemId(0)
        return Stored(none, none, 0, len(rows), (0, 0, 0, 0, 0), (), (None,) * len(rows))
    numbers = range(start, start + len(rows))
    new = numbers if count == len(rows) else _numbers_from(conn, start)
    stored = rows if new is numbers else [rows[number - start] for number in sorted(new)]
    for statement, beside in (
        (_INSERT_RAW, tables.raws),
        (INSERT_HIT, tables.hits),
        (_INSERT_SEALED, tables.sealed),
    ):
        wanted = beside if new is numbers else [each for each in beside if each[0] in new]
        insert(conn, statement, fit(wanted))
    conn.execute(_INDEX_WORDS, (start,))
    if tables.edits:
        wanted = [each for each in tables.edits if each[1] in new]
        conn.executemany("UPDATE items SET edited_at = ? WHERE id = ?", _as_the_disk_can_hold_it(wanted))
    grades = _count(conn, stored, min(new))
    return Stored(
        first=ItemId(min(new)),
        last=ItemId(max(new)),
        count=count,
        duplicates=len(rows) - count,
        grades=(grades[1], grades[2], grades[3], grades[4], grades[5]),
        accounts=tuple(sorted({row.account_id for row in stored})),
        ids=cast("tuple[ItemId | None, ...]", tuple(numbers))
        if new is numbers
        else tuple(ItemId(number) if number in new else None for number in numbers),
    )


def _numbers_from(conn: Connection, start: int) -> set[int]:
    return {number for (number,) in conn.execute("SELECT id FROM items WHERE id >= ?", (start,))}


# OR FAIL: a statement of many rows that could be taken back by itself would first copy every page that it
# touches. Here the transaction is what is taken back (sqlite.org/lang_conflict.html).
_INSERT: Final = """
INSERT OR FAIL INTO items (id, account_id, remote_id, kind, author_id, author_handle, author_name, text, lang,
    created_at, received_at, state, grade, parent, thread, place, permalink, media, is_ours, note, seen_at)
VALUES (rows)
ON CONFLICT (account_id, remote_id) DO NOTHING
"""
_INSERT_RAW: Final = "INSERT OR FAIL INTO item_raw (item_id, raw) VALUES (rows)"
_INSERT_SEALED: Final = "INSERT OR FAIL INTO item_sealed (item_id, sealed) VALUES (rows)"
_INDEX_WORDS: Final = """
INSERT INTO items_words (rowid, text, author_name, author_handle)
SELECT id, text, author_name, author_handle FROM items WHERE id >= ? AND kind <> 'message'
"""


def _next_id(conn: Connection) -> int:
    row = conn.execute("SELECT seq FROM sqlite_sequence WHERE name = 'items'").fetchone()
    return 1 + (int(row[0]) if row else 0)


@dataclass(slots=True)
class _Tables:
    """A batch as the tables hold it; the first value of each row is the item's number."""

    items: Rows
    raws: Rows
    hits: Rows
    sealed: Rows
    edits: Rows
    """When an item was edited before it was first seen, and its number: rare."""


def _tables(rows: Sequence[Received], seal: Seal | None, start: int) -> _Tables:
    """One pass over a batch. What is done here is done ten thousand times a second."""
    items, raws, hits, sealed, edits = Rows(), Rows(), Rows(), Rows(), Rows()
    for number, row in enumerate(rows, start):
        arrival = row.arrival
        author = arrival.author
        kind = arrival.kind
        text = arrival.text
        raw: str | bytes = arrival.raw
        media = media_text(arrival.media) if arrival.media else None
        seen_at = row.received_at if arrival.is_ours else None
        if kind is ItemKind.MESSAGE:
            sealed.append((number, sealed_with(seal, json.dumps({"text": text, "media": media}))))
            raw = sealed_with(seal, json.dumps(raw)) if raw else ""
            text, media = "", None
        items.append(
            (
                number,
                row.account_id,
                arrival.remote_id,
                _KIND_NAMES[kind],
                author.id,
                author.handle,
                author.name,
                text,
                arrival.lang,
                arrival.created_at,
                row.received_at,
                _STATE_NAMES[arrival.state],
                int(row.grade),
                arrival.parent,
                arrival.thread,
                arrival.where,
                arrival.permalink,
                media,
                0 if seen_at is None else 1,
                arrival.note,
                seen_at,
            )
        )
        if raw:
            raws.append((number, raw))
        if arrival.edited_at is not None:
            edits.append((arrival.edited_at, number))
        if row.hits:
            hits += hit_values(number, row.hits, is_private=kind is ItemKind.MESSAGE)
    return _Tables(items, raws, hits, sealed, edits)


def _count(conn: Connection, stored: Sequence[Received], first: int) -> Counter[int]:
    """Keeps the counters, so that nobody has to count; gives the number of each grade."""
    marks = Counter([(row.account_id, row.grade, row.received_at, row.arrival.is_ours) for row in stored])
    grades: Counter[int] = Counter()
    unseen: Counter[tuple[int, int]] = Counter()
    minutes: Counter[int] = Counter()
    newest: dict[int, int] = {}
    for (account_id, grade, at, is_ours), number in marks.items():
        grades[grade] += number
        minutes[at // _MINUTE_MS] += number
        newest[account_id] = max(newest.get(account_id, 0), at)
        if not is_ours:
            unseen[account_id, grade] += number
    add_unseen(conn, unseen)
    # The first of the batch, for each of its minutes: an id at or below which a minute cannot begin.
    conn.executemany(
        "INSERT INTO arrivals (minute, number, first_id) VALUES (?, ?, ?) ON CONFLICT (minute) "
        "DO UPDATE SET number = number + excluded.number, first_id = min(first_id, excluded.first_id)",
        [(minute, number, first) for minute, number in minutes.items()],
    )
    conn.executemany(
        "UPDATE accounts SET last_item_at = max(coalesce(last_item_at, 0), ?) WHERE id = ?",
        [(at, account_id) for account_id, at in newest.items()],
    )
    return grades
