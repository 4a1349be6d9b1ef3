"""Items on disk: whole items come out, and what is seen of them goes in.

How arrivals are stored is in `saving.py`, whose names are also found here. What a newcomer would get
wrong: an item's row holds only the id of its newest act; the few facts of the act that a card shows are
joined when the item is read, so that they cannot disagree.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from console.domain.acts import ActState, Verb
from console.domain.ids import AccountId, ItemId, RemoteId
from console.domain.items import Author, Item, ItemKind, ItemState, Media
from console.domain.watchlists import Hit
from console.store.database import Connection
from console.store.revising import Unseal, Version, edited, history
from console.store.rows import Received, Seal, add_unseen
from console.store.saving import Stored, save_batch
from console.store.texts import kept, told, told_or_none

__all__ = [
    "Received",
    "Seal",
    "Stored",
    "Unseal",
    "Version",
    "author_items",
    "by_remote",
    "edited",
    "history",
    "items",
    "mark_seen",
    "raw",
    "save_batch",
    "set_states",
    "thread",
]

_AT_ONCE: Final = 500
"""How many ids one question names; SQLite before 3.32 allowed 999 values."""

_KINDS: Final = {kind.value: kind for kind in ItemKind}
_STATES: Final = {state.value: state for state in ItemState}
_VERBS: Final = {verb.value: verb for verb in Verb}
_ACT_STATES: Final = {state.value: state for state in ActState}


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
    add_unseen(conn, unseen)
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
    a.settled_at, a.error, i.evidence_id, i.edited_at, i.purged_at, w.wave_id, s.reason
FROM items i JOIN accounts c ON c.id = i.account_id LEFT JOIN acts a ON a.id = i.act_id
    LEFT JOIN wave_items w ON w.item_id = i.id LEFT JOIN strays s ON s.item_id = i.id
"""

_SELECT_HITS: Final = """
SELECT item_id, watchlist, watchlist_name, version, rule, category, grade, term, first, past, text,
    disguised, suggest, how, found_at
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


def raws(conn: Connection, ids: Sequence[int], unseal: Unseal | None = None) -> dict[ItemId, str]:
    """The network's own JSON of items as it came; empty when it is sealed and stays so.

    Items of which none is kept are left out.
    """
    found: dict[ItemId, str] = {}
    for some, marks in _portions(ids):
        rows = conn.execute(
            "SELECT i.id, i.kind, r.raw FROM item_raw r JOIN items i ON i.id = r.item_id "  # noqa: S608  # question marks
            f"WHERE r.item_id IN ({marks})",
            some,
        )
        for number, kind, raw in rows:
            if kind != ItemKind.MESSAGE.value:
                found[ItemId(number)] = told(raw)
            else:
                found[ItemId(number)] = str(json.loads(unseal(raw))) if unseal else ""
    return found


def raw(conn: Connection, item_id: ItemId, unseal: Unseal | None = None) -> str:
    """The same of one item; empty when none is kept."""
    return raws(conn, [item_id], unseal).get(item_id, "")


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
                how=told(row[13]),
                found_at=row[14],
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
        edited_at=row[30],
        purged_at=row[31],
        wave_id=row[32],
        stray=told_or_none(row[33]),
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
