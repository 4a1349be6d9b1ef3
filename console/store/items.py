"""Items on disk: batches of arrivals go in, whole items come out.

`save_batch` is the hot path: four statements for a batch, not for an item. What a newcomer would get
wrong: an item's number is chosen here and not by SQLite, so that hits can be stored beside items without
asking what number each one got; a number that belongs to a duplicate is simply not used.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from console.domain.acts import ActState, Verb
from console.domain.errors import SecretsUnavailable
from console.domain.ids import AccountId, ItemId, RemoteId
from console.domain.items import Arrival, Author, Item, ItemKind, ItemState, Media
from console.domain.watchlists import Hit
from console.store.database import Connection
from console.store.texts import Value, kept, told, told_or_none

Seal = Callable[[str], bytes]
Unseal = Callable[[bytes], str]

_MINUTE_MS: Final = 60_000
_AT_ONCE: Final = 500
"""How many ids one question names; SQLite before 3.32 allowed 999 values."""

_KINDS: Final = {kind.value: kind for kind in ItemKind}
_STATES: Final = {state.value: state for state in ItemState}
_VERBS: Final = {verb.value: verb for verb in Verb}
_ACT_STATES: Final = {state.value: state for state in ActState}


@dataclass(frozen=True, slots=True)
class Received:
    """One arrival with what the program found out about it."""

    account_id: AccountId
    network: str
    arrival: Arrival
    hits: Sequence[Hit]
    grade: int
    received_at: int
    """Milliseconds since 1970, UTC."""


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
    """The new id of each row of the batch, in its order; None for a duplicate."""


# storing ------------------------------------------------------------------------------------------


def save_batch(
    conn: Connection,
    rows: Sequence[Received],
    cursors: Mapping[AccountId, str],
    seal: Seal | None = None,
) -> Stored:
    """Stores a batch (best up to 500) and the places in the streams, all in the caller's transaction.

    An arrival is known again by its account and remote id; the first one stays. The force's own items
    are seen from the start. Private messages need `seal`; without it the batch raises
    SecretsUnavailable and nothing of it is stored.
    """
    conn.execute("SAVEPOINT batch")
    try:
        stored = _save(conn, rows, seal, _as_it_is)
    except (UnicodeEncodeError, OverflowError):  # rare, so that the many pay nothing for it
        conn.execute("ROLLBACK TO batch")
        stored = _save(conn, rows, seal, _as_the_disk_can_hold_it)
    conn.execute("RELEASE batch")
    conn.executemany(
        "UPDATE accounts SET cursor = ? WHERE id = ?",
        [(kept(place), account_id) for account_id, place in cursors.items()],
    )
    return stored


Rows = list[tuple[Value, ...]]


def _as_it_is(rows: Rows) -> Iterable[tuple[Value, ...]]:
    return rows


def _as_the_disk_can_hold_it(rows: Rows) -> Iterable[tuple[Value, ...]]:
    return [tuple(map(kept, row)) for row in rows]


def _save(
    conn: Connection,
    rows: Sequence[Received],
    seal: Seal | None,
    fit: Callable[[Rows], Iterable[tuple[Value, ...]]],
) -> Stored:
    start = _next_id(conn)
    sealed: Rows = []
    values = [_values(number, row, seal, sealed) for number, row in enumerate(rows, start)]
    count = conn.executemany(_INSERT, fit(values)).rowcount if values else 0
    if count == len(rows):
        ids: list[ItemId | None] = [ItemId(number) for number in range(start, start + count)]
    else:
        new = {number for (number,) in conn.execute("SELECT id FROM items WHERE id >= ?", (start,))}
        ids = [ItemId(number) if number in new else None for number in range(start, start + len(rows))]
        sealed = [row for row in sealed if row[0] in new]
    if not count:
        none = ItemId(0)
        return Stored(none, none, 0, len(rows), (0, 0, 0, 0, 0), (), tuple(ids))
    stored = [(number, row) for number, row in zip(ids, rows, strict=True) if number is not None]
    conn.executemany("INSERT INTO item_sealed (item_id, sealed) VALUES (?, ?)", fit(sealed))
    conn.executemany(
        "INSERT INTO item_raw (item_id, raw) VALUES (?, ?)", fit(list(_raw_values(stored, seal)))
    )
    conn.executemany(_INSERT_HIT, fit(list(_hit_values(stored))))
    conn.execute(_INDEX_WORDS, (start,))
    grades = _count(conn, stored)
    return Stored(
        first=stored[0][0],
        last=stored[-1][0],
        count=count,
        duplicates=len(rows) - count,
        grades=(grades[1], grades[2], grades[3], grades[4], grades[5]),
        accounts=tuple(sorted({row.account_id for _, row in stored})),
        ids=tuple(ids),
    )


_INSERT: Final = """
INSERT INTO items (id, account_id, remote_id, kind, author_id, author_handle, author_name, text, lang,
    created_at, received_at, state, grade, parent, thread, place, permalink, media, is_ours, note, seen_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (account_id, remote_id) DO NOTHING
"""
_INSERT_HIT: Final = """
INSERT INTO hits (item_id, place, watchlist, watchlist_name, version, rule, category, grade, term,
    first, past, text, disguised, suggest)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_INDEX_WORDS: Final = """
INSERT INTO items_words (rowid, text, author_name, author_handle)
SELECT id, text, author_name, author_handle FROM items WHERE id >= ? AND kind <> 'message'
"""


def _next_id(conn: Connection) -> int:
    row = conn.execute("SELECT seq FROM sqlite_sequence WHERE name = 'items'").fetchone()
    return 1 + (int(row[0]) if row else 0)


def _values(number: int, row: Received, seal: Seal | None, sealed: Rows) -> tuple[Value, ...]:
    arrival = row.arrival
    author = arrival.author
    text = arrival.text
    media = _media_text(arrival.media) if arrival.media else None
    if arrival.kind is ItemKind.MESSAGE:
        sealed.append((number, _seal(seal, json.dumps({"text": text, "media": media}))))
        text, media = "", None
    return (
        number,
        row.account_id,
        arrival.remote_id,
        arrival.kind.value,
        author.id,
        author.handle,
        author.name,
        text,
        arrival.lang,
        arrival.created_at,
        row.received_at,
        arrival.state.value,
        int(row.grade),
        arrival.parent,
        arrival.thread,
        arrival.where,
        arrival.permalink,
        media,
        int(arrival.is_ours),
        arrival.note,
        row.received_at if arrival.is_ours else None,
    )


def _raw_values(stored: list[tuple[ItemId, Received]], seal: Seal | None) -> Iterator[tuple[Value, ...]]:
    for number, row in stored:
        arrival = row.arrival
        if not arrival.raw:
            continue
        if arrival.kind is ItemKind.MESSAGE:
            yield number, _seal(seal, json.dumps(arrival.raw))
        else:
            yield number, arrival.raw


def _hit_values(stored: list[tuple[ItemId, Received]]) -> Iterator[tuple[Value, ...]]:
    for number, row in stored:
        if not row.hits:
            continue
        is_private = row.arrival.kind is ItemKind.MESSAGE
        for place, hit in enumerate(row.hits):
            yield (
                number,
                place,
                hit.watchlist,
                hit.watchlist_name,
                hit.version,
                hit.rule,
                hit.category,
                int(hit.grade),
                hit.term,
                hit.start,
                hit.end,
                "" if is_private else hit.text,
                int(hit.disguised),
                hit.suggest,
            )


def _count(conn: Connection, stored: list[tuple[ItemId, Received]]) -> Counter[int]:
    """Keeps the counters, so that nobody has to count; gives the number of each grade."""
    grades: Counter[int] = Counter()
    unseen: Counter[tuple[int, int]] = Counter()
    newest: dict[int, int] = {}
    minutes: dict[int, tuple[int, int]] = {}
    for number, row in stored:
        grades[row.grade] += 1
        if not row.arrival.is_ours:
            unseen[row.account_id, row.grade] += 1
        newest[row.account_id] = max(newest.get(row.account_id, 0), row.received_at)
        minute = row.received_at // _MINUTE_MS
        many, first = minutes.get(minute, (0, number))
        minutes[minute] = many + 1, first
    _add_unseen(conn, unseen)
    conn.executemany(
        "INSERT INTO arrivals (minute, number, first_id) VALUES (?, ?, ?) ON CONFLICT (minute) "
        "DO UPDATE SET number = number + excluded.number, first_id = min(first_id, excluded.first_id)",
        [(minute, many, first) for minute, (many, first) in minutes.items()],
    )
    conn.executemany(
        "UPDATE accounts SET last_item_at = max(coalesce(last_item_at, 0), ?) WHERE id = ?",
        [(at, account_id) for account_id, at in newest.items()],
    )
    return grades


def _add_unseen(conn: Connection, changes: Mapping[tuple[int, int], int]) -> None:
    conn.executemany(
        "INSERT INTO unseen (account_id, grade, number) VALUES (?, ?, ?) "
        "ON CONFLICT (account_id, grade) DO UPDATE SET number = number + excluded.number",
        [(account_id, grade, number) for (account_id, grade), number in changes.items()],
    )


def _seal(seal: Seal | None, text: str) -> bytes:
    if seal is None:
        raise SecretsUnavailable(
            "A private message came and there is no key to seal it with, so it was not stored. "
            "Set up a keyring or a passphrase."
        )
    return seal(text)


def _media_text(media: Sequence[Media]) -> str:
    # ASCII, so that a lone surrogate in a description is an escape and never reaches the disk.
    return json.dumps([(each.kind, each.url, each.description) for each in media])


# changing -----------------------------------------------------------------------------------------


def mark_seen(conn: Connection, ids: Sequence[int], at: int) -> list[ItemId]:
    """Marks items as seen at this time (epoch ms); gives those that were not seen before."""
    found: list[ItemId] = []
    unseen: Counter[tuple[int, int]] = Counter()
    for some, marks in _portions(ids):
        for number, account_id, grade in conn.execute(
            f"SELECT id, account_id, grade FROM items WHERE id IN ({marks}) AND seen_at IS NULL",  # noqa: S608  # question marks only
            some,
        ):
            found.append(ItemId(number))
            unseen[account_id, grade] -= 1
    conn.executemany("UPDATE items SET seen_at = ? WHERE id = ?", [(at, number) for number in found])
    _add_unseen(conn, unseen)
    return found


def set_states(conn: Connection, states: Mapping[ItemId, ItemState]) -> list[ItemId]:
    """Keeps what was observed at the network; gives the items for which it was news."""
    return [
        number
        for number, state in states.items()
        if conn.execute(
            "UPDATE items SET state = ? WHERE id = ? AND state <> ?",
            (state.value, number, state.value),
        ).rowcount
    ]


# reading ------------------------------------------------------------------------------------------

_SELECT: Final = """
SELECT i.id, i.account_id, c.network, i.kind, i.remote_id, i.author_id, i.author_handle, i.author_name,
    i.text, i.lang, i.created_at, i.received_at, i.state, i.grade, i.parent, i.thread, i.place,
    i.permalink, i.media, i.is_ours, i.note, i.seen_at, i.left_up_at, i.act_id, a.verb, a.state, a.due_at,
    a.settled_at, a.error, i.evidence_id
FROM items i JOIN accounts c ON c.id = i.account_id LEFT JOIN acts a ON a.id = i.act_id
"""

_SELECT_HITS: Final = """
SELECT item_id, watchlist, watchlist_name, version, rule, category, grade, term, first, past, text,
    disguised, suggest
FROM hits
"""


def items(conn: Connection, ids: Sequence[int], unseal: Unseal | None = None) -> list[Item]:
    """These items, in the order of `ids`; those that do not exist (any more) are left out.

    Without `unseal` a private message has no text and no media.
    """
    found: dict[int, Item] = {}
    for some, marks in _portions(ids):
        rows = conn.execute(f"{_SELECT} WHERE i.id IN ({marks})", some).fetchall()
        hits = _hits(conn, some, marks)
        for row in rows:
            found[row[0]] = _item(conn, row, hits.get(row[0], ()), unseal)
    return [found[number] for number in ids if number in found]


def raw(conn: Connection, item_id: ItemId, unseal: Unseal | None = None) -> str:
    """The network's own JSON as it came; empty when none is kept, or it is sealed and stays so."""
    row = conn.execute(
        "SELECT i.kind, r.raw FROM item_raw r JOIN items i ON i.id = r.item_id WHERE r.item_id = ?",
        (item_id,),
    ).fetchone()
    if row is None:
        return ""
    if row[0] == ItemKind.MESSAGE.value:
        return str(json.loads(unseal(row[1]))) if unseal else ""
    return told(row[1])


def by_remote(
    conn: Connection, account_id: AccountId, remote_ids: Sequence[RemoteId]
) -> dict[RemoteId, ItemId]:
    """Which of these things of the network the cache knows, and under which ids."""
    found: dict[RemoteId, ItemId] = {}
    for remote_id in remote_ids:
        row = conn.execute(
            "SELECT id FROM items WHERE account_id = ? AND remote_id = ?",
            (account_id, kept(remote_id)),
        ).fetchone()
        if row:
            found[remote_id] = ItemId(row[0])
    return found


def thread(conn: Connection, item: Item, most: int = 200, unseal: Unseal | None = None) -> list[Item]:
    """The thread in which an item stands, oldest first: its first item, and what hangs on it.

    Where a network names no thread, the item's parent (or the item itself) counts as the first.
    """
    root = kept(item.thread or item.parent or item.remote_id)
    found = conn.execute(
        "SELECT id FROM items WHERE id IN ("
        "SELECT id FROM items WHERE account_id = ?1 AND remote_id = ?2 UNION "
        "SELECT id FROM items WHERE coalesce(thread, parent) = ?2 AND account_id = ?1) "
        "ORDER BY created_at, id LIMIT ?3",
        (item.account_id, root, most),
    )
    return items(conn, [ItemId(number) for (number,) in found], unseal)


def author_items(conn: Connection, item: Item, most: int = 50, unseal: Unseal | None = None) -> list[Item]:
    """What this item's author said to the force's accounts on the same network, newest first."""
    found = conn.execute(
        "SELECT i.id FROM items i JOIN accounts c ON c.id = i.account_id "
        "WHERE i.author_id = ? AND c.network = ? ORDER BY i.id DESC LIMIT ?",
        (kept(item.author.id), item.network, most),
    )
    return items(conn, [ItemId(number) for (number,) in found], unseal)


def _portions(ids: Sequence[int]) -> Iterator[tuple[Sequence[int], str]]:
    for start in range(0, len(ids), _AT_ONCE):
        some = ids[start : start + _AT_ONCE]
        yield some, ",".join("?" * len(some))


def _hits(conn: Connection, ids: Sequence[int], marks: str) -> dict[int, list[Hit]]:
    found: dict[int, list[Hit]] = {}
    where = f"WHERE item_id IN ({marks}) ORDER BY item_id, place"
    for row in conn.execute(f"{_SELECT_HITS} {where}", ids):
        found.setdefault(row[0], []).append(
            Hit(
                watchlist=told(row[1]),
                watchlist_name=told(row[2]),
                version=row[3],
                rule=told(row[4]),
                category=told(row[5]),
                grade=row[6],
                term=told(row[7]),
                start=row[8],
                end=row[9],
                text=told(row[10]),
                disguised=bool(row[11]),
                suggest=row[12],
            )
        )
    return found


def _item(conn: Connection, row: tuple[Any, ...], hits: Sequence[Hit], unseal: Unseal | None) -> Item:
    """The item in a row of `_SELECT`; its columns have the types of the schema."""
    text, media = told(row[8]), row[18]
    if unseal is not None and row[3] == ItemKind.MESSAGE.value:
        text, media, hits = _opened(conn, row[0], hits, unseal)
    return Item(
        id=ItemId(row[0]),
        account_id=AccountId(row[1]),
        network=row[2],
        kind=_KINDS[row[3]],
        remote_id=RemoteId(told(row[4])),
        author=Author(told(row[5]), told(row[6]), told(row[7])),
        text=text,
        lang=told_or_none(row[9]),
        created_at=row[10],
        received_at=row[11],
        state=_STATES[row[12]],
        grade=row[13],
        parent=_remote(row[14]),
        thread=_remote(row[15]),
        where=told(row[16]),
        permalink=told(row[17]),
        media=tuple(Media(*each) for each in json.loads(media)) if media else (),
        is_ours=bool(row[19]),
        note=told(row[20]),
        hits=tuple(hits),
        seen_at=row[21],
        left_up_at=row[22],
        act_id=row[23],
        act_verb=_VERBS.get(row[24]),
        act_state=_ACT_STATES.get(row[25]),
        act_due_at=row[26],
        act_settled_at=row[27],
        act_error=row[28],
        evidence_id=row[29],
    )


def _opened(
    conn: Connection, item_id: int, hits: Sequence[Hit], unseal: Unseal
) -> tuple[str, str | None, Sequence[Hit]]:
    """Text, media and hits of a private message."""
    row = conn.execute("SELECT sealed FROM item_sealed WHERE item_id = ?", (item_id,)).fetchone()
    if row is None:
        return "", None, hits
    inside = json.loads(unseal(row[0]))
    text = inside["text"]
    shown = [replace(hit, text=text[hit.start : hit.end]) for hit in hits]
    return text, inside["media"], shown


def _remote(value: str | bytes | None) -> RemoteId | None:
    return None if value is None else RemoteId(told(value))
