"""Everything that goes with one item: of its author, of its thread, with its hit; as ids, newest first.

What a newcomer would get wrong: this is asked of the whole cache and not of one lane, because what is
selected may stand in others. Whoever acts on it sees how many that are before anything is done.
"""

from array import array
from typing import Final

from console.domain.ids import ItemId
from console.store.database import Connection

MOST: Final = 1_000_000
"""How many items are selected at the most."""


def by_author(conn: Connection, item_id: ItemId) -> "array[int]":
    """Everything that the author of an item said on that network to any of our accounts."""
    return _ids(
        conn,
        "SELECT i.id FROM items o JOIN accounts a ON a.id = o.account_id "
        "CROSS JOIN items i INDEXED BY items_author ON i.author_id = o.author_id AND NOT i.is_ours "
        "JOIN accounts c ON c.id = i.account_id AND c.network = a.network "
        "WHERE o.id = ? AND o.author_id <> '' ORDER BY i.id DESC LIMIT ?",
        item_id,
    )


def by_thread(conn: Connection, item_id: ItemId) -> "array[int]":
    """What others said in the thread of an item."""
    found = conn.execute(
        "SELECT account_id, coalesce(thread, parent, remote_id) FROM items WHERE id = ?", (item_id,)
    ).fetchone()
    if found is None:
        return array("q")
    rows = conn.execute(
        "SELECT id FROM items INDEXED BY items_thread "
        "WHERE coalesce(thread, parent) = ?2 AND account_id = ?1 AND NOT is_ours "
        "UNION SELECT id FROM items WHERE account_id = ?1 AND remote_id = ?2 AND NOT is_ours "
        "ORDER BY id DESC LIMIT ?3",
        (*found, MOST),
    )
    return array("q", (number for (number,) in rows))


def by_hit(conn: Connection, item_id: ItemId) -> "array[int]":
    """Every item that the rule hit that weighs most on an item."""
    return _ids(
        conn,
        "SELECT DISTINCT h.item_id FROM "
        "(SELECT watchlist, rule FROM hits WHERE item_id = ? ORDER BY grade, place LIMIT 1) o "
        "CROSS JOIN hits h INDEXED BY hits_watchlist ON h.watchlist = o.watchlist AND h.rule = o.rule "
        "ORDER BY h.item_id DESC LIMIT ?",
        item_id,
    )


def _ids(conn: Connection, asked: str, item_id: ItemId) -> "array[int]":
    return array("q", (number for (number,) in conn.execute(asked, (item_id, MOST))))
