"""Cached text has a life: what is over is emptied, and nothing of it stays in the file.

An item's row stays, with its ids and states, so that acts, evidence and ledger still name something, and so
that a network that tells it again is not taken for news. Its words go (text, pictures' addresses, earlier
versions, the network's own JSON, the words of its hits), and who wrote it (name, handle, id, the address of
the item). Items with an act under way wait, and those on legal hold.

What a newcomer would get wrong: a row that was deleted is not gone. `secure_delete` (set on every writing
connection) overwrites freed bytes, but the search index keeps a word until the part that says “deleted” and
the part that held it were merged (`scrub`); the write-ahead log keeps whole pages until it is cut off
(`Database.cut_log`); and when SQLite once moved rows from one page to another, the gap that they left was not
overwritten: of 30,000 planted items that were purged, one id was found in such a gap. Only writing the file
anew (`Database.rebuild`) clears those.
Source: https://www.sqlite.org/fts5.html#the_merge_command, https://www.sqlite.org/pragma.html#pragma_secure_delete,
https://www.sqlite.org/lang_vacuum.html
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from console.domain.acts import OPEN
from console.domain.ids import AccountId, ItemId
from console.domain.items import ItemState
from console.store.database import Connection
from console.store.rows import add_unseen

AT_ONCE: Final = 100
"""How many items are emptied in one transaction, so that arrivals do not wait long for their turn."""
_PAGES: Final = 200
"""How many pages of the search index are merged in one transaction."""
_MINUTE_MS: Final = 60_000
_FAR: Final = 2**62
_OPEN: Final = ", ".join(f"'{state.value}'" for state in sorted(OPEN))
_GONE: Final = f"'{ItemState.GONE.value}', '{ItemState.DELETED.value}'"
_OVER: Final = (
    "purged_at IS NULL AND received_at <= :text AS text_over, "
    "nameless_at IS NULL AND received_at <= :names AS names_over"
)
_UNDER_WAY: Final = (
    f"(EXISTS (SELECT 1 FROM acts WHERE item_id = items.id AND state IN ({_OPEN})) "  # noqa: S608  # names of states
    "OR EXISTS (SELECT 1 FROM holds WHERE item_id = items.id AND released_at IS NULL))"
)
"""Whether an item must wait: an act on it is under way, or it is on legal hold."""


@dataclass(frozen=True, slots=True)
class Life:
    """What of one account's items is over: what was received at or before these times (epoch ms)."""

    account_id: AccountId
    text_before: int
    names_before: int


@dataclass(frozen=True, slots=True)
class Emptied:
    """How many items lost their words, and how many their author; how many wait for an act or a hold."""

    texts: int = 0
    names: int = 0
    waiting: int = 0

    def __add__(self, other: "Emptied") -> "Emptied":
        return Emptied(self.texts + other.texts, self.names + other.names, self.waiting + other.waiting)


def over(conn: Connection, life: Life) -> Emptied:
    """What would be emptied now; changes nothing."""
    where, values = _where(conn, life)
    texts, names, waiting = conn.execute(
        f"SELECT sum(NOT waits AND text_over), sum(NOT waits AND names_over), sum(waits) FROM ("  # noqa: S608  # constants and names
        f"SELECT {_UNDER_WAY} AS waits, {_OVER} FROM items WHERE {where})",
        values,
    ).fetchone()
    return Emptied(texts or 0, names or 0, waiting or 0)


def empty_some(conn: Connection, life: Life, at: int) -> Emptied:
    """Empties up to `AT_ONCE` items whose time is over; nothing is left when it empties none."""
    where, values = _where(conn, life)
    rows = conn.execute(
        f"SELECT id, {_OVER} FROM items WHERE {where} AND NOT {_UNDER_WAY} ORDER BY id LIMIT {AT_ONCE}",  # noqa: S608  # constants and names
        values,
    ).fetchall()
    return _empty(conn, rows, at)


def empty_wholly(conn: Connection, item_id: ItemId, at: int) -> None:
    """Empties one item of words and names, whatever was emptied before."""
    _empty(conn, [(item_id, 1, 1)], at)


def of_accounts(conn: Connection, ids: Sequence[ItemId], accounts: Collection[AccountId]) -> list[ItemId]:
    """Which of these items belong to some accounts and are gone at their network."""
    found: list[ItemId] = []
    for number in ids:
        row = conn.execute(
            f"SELECT account_id FROM items WHERE id = ? AND state IN ({_GONE})",  # noqa: S608  # names of states
            (number,),
        ).fetchone()
        if row is not None and row[0] in accounts:
            found.append(number)
    return found


def empty_gone(conn: Connection, ids: Sequence[ItemId], at: int) -> Emptied:
    """Empties those of these items (at most some hundred) that are gone at their network."""
    marks = ",".join("?" * len(ids))
    rows = conn.execute(
        "SELECT id, purged_at IS NULL, nameless_at IS NULL FROM items "  # noqa: S608  # constants and question marks
        f"WHERE id IN ({marks}) AND state IN ({_GONE}) AND (purged_at IS NULL OR nameless_at IS NULL) "
        f"AND NOT {_UNDER_WAY}",
        ids,
    ).fetchall()
    return _empty(conn, rows, at)


def gone(conn: Connection, account_id: AccountId) -> list[ItemId]:
    """Items of an account that are gone at their network and not emptied, those with an act left out."""
    rows = conn.execute(
        "SELECT id FROM items INDEXED BY items_state "  # noqa: S608  # constants and names
        f"WHERE state <> 'visible' AND state IN ({_GONE}) AND account_id = ? "
        f"AND (purged_at IS NULL OR nameless_at IS NULL) AND NOT {_UNDER_WAY}",
        (account_id,),
    )
    return [ItemId(number) for (number,) in rows]


def _where(conn: Connection, life: Life) -> tuple[str, dict[str, int]]:
    """The condition for an account's items that have something over, and its values."""
    latest = max(life.text_before, life.names_before)
    row = conn.execute(
        "SELECT min(first_id) FROM arrivals WHERE minute > ?", (latest // _MINUTE_MS,)
    ).fetchone()
    values = {
        "account": life.account_id,
        "text": life.text_before,
        "names": life.names_before,
        "border": _FAR if row[0] is None else row[0],
    }
    return "account_id = :account AND id < :border AND (text_over OR names_over)", values


def _empty(conn: Connection, rows: Sequence[tuple[int, int, int]], at: int) -> Emptied:
    texts = [(number,) for number, text, _ in rows if text]
    names = [(number,) for number, _, name in rows if name]
    every = [(number,) for number, _, _ in rows]
    conn.executemany(_UNINDEX, every)
    conn.executemany("DELETE FROM item_raw WHERE item_id = ?", every)
    for statement in _TEXT_GOES:
        conn.executemany(statement, texts)
    for statement in _NAMES_GO:
        conn.executemany(statement, names)
    _see(conn, [number for (number,) in texts], at)
    conn.executemany(f"UPDATE items SET purged_at = {int(at)} WHERE id = ?", texts)  # noqa: S608  # a number
    conn.executemany(f"UPDATE items SET nameless_at = {int(at)} WHERE id = ?", names)  # noqa: S608  # a number
    conn.executemany(_INDEX, every)
    if every:
        conn.execute("INSERT OR REPLACE INTO meta (name, value) VALUES ('emptied_at', ?)", (at,))
    return Emptied(len(texts), len(names))


_UNINDEX: Final = """
INSERT INTO items_words (items_words, rowid, text, author_name, author_handle)
SELECT 'delete', id, text, author_name, author_handle FROM items WHERE id = ? AND kind <> 'message'
"""
_INDEX: Final = """
INSERT INTO items_words (rowid, text, author_name, author_handle)
SELECT id, text, author_name, author_handle FROM items WHERE id = ? AND kind <> 'message'
"""
_TEXT_GOES: Final = (
    "UPDATE items SET text = '', media = NULL, place = '' WHERE id = ?",
    "UPDATE hits SET text = '', first = 0, past = 0 WHERE item_id = ?",
    "DELETE FROM item_sealed WHERE item_id = ?",
    "DELETE FROM item_history WHERE item_id = ?",
)
_NAMES_GO: Final = (
    "UPDATE items SET author_id = '', author_handle = '', author_name = '' WHERE id = ?",
    "UPDATE items SET permalink = '', note = '' WHERE id = ?",
    "UPDATE item_history SET author_handle = '', author_name = '', raw = NULL WHERE item_id = ?",
)


def is_dirty(conn: Connection) -> bool:
    """Whether something was emptied since the file was last written anew."""
    return conn.execute("SELECT 1 FROM meta WHERE name = 'emptied_at'").fetchone() is not None


def rebuilt_at(conn: Connection) -> int | None:
    """When the file was last written anew (epoch ms), if ever."""
    row = conn.execute("SELECT value FROM meta WHERE name = 'rebuilt_at'").fetchone()
    return None if row is None else int(row[0])


def set_rebuilt(conn: Connection, at: int) -> None:
    """Says that the file was written anew after all that was emptied so far."""
    conn.execute("INSERT OR REPLACE INTO meta (name, value) VALUES ('rebuilt_at', ?)", (at,))
    conn.execute("DELETE FROM meta WHERE name = 'emptied_at'")


def _see(conn: Connection, ids: Sequence[int], at: int) -> None:
    """Counts emptied items as seen: there is nothing left to see."""
    unseen: Counter[tuple[int, int]] = Counter()
    for number in ids:
        row = conn.execute(
            "UPDATE items SET seen_at = ? WHERE id = ? AND seen_at IS NULL RETURNING account_id, grade",
            (at, number),
        ).fetchone()
        if row is not None:
            unseen[row[0], row[1]] -= 1
    add_unseen(conn, unseen)


def scrub(conn: Connection, *, begins: bool) -> bool:
    """Merges a part of the search index, so that words that are deleted leave it; whether it is done.

    The first call says `begins`. Each is a transaction of its own, so that arrivals get their turn.
    """
    before = conn.total_changes
    conn.execute(
        "INSERT INTO items_words (items_words, rank) VALUES ('merge', ?)", (-_PAGES if begins else _PAGES,)
    )
    return conn.total_changes - before < 2  # so SQLite says that there was nothing to merge
