"""Disposal on disk: everything that Cordon keeps about an item goes, and the ledger stays whole.

Gone afterwards: the sealed records with both wraps of their keys, the content and salts of every ledger
entry about the item, its words, names, ids and raw JSON in the cache, the words of its hits, the reasons and
replies of its acts, and whatever else quotes it. The rows stay with our own numbers, so that acts, evidence
and ledger still name something.

Two things a newcomer would get wrong. A reason that an operator gave for two thousand items at once may
quote one of them, so it is looked for everywhere and not only beside that item. And a row that was deleted is
not gone: see `purging.py` for what must follow.
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from console.domain.acts import OPEN
from console.domain.ids import ItemId, act_key, evidence_key, item_key
from console.domain.items import DISPOSED, ItemState
from console.store import purging
from console.store.database import Connection
from console.store.texts import told

LEAST_NAME: Final = 4
"""A shorter name or handle is too common to be looked for in what others wrote."""
_WORD: Final = re.compile(r"[^\W_]+")
_KEY: Final = re.compile(rb"(?<![0-9A-Za-z])[iae][1-9][0-9]*(?![0-9A-Za-z])")
_ITEM: Final = re.compile(rb'"i[1-9][0-9]*"')
_OPEN: Final = ", ".join(f"'{state.value}'" for state in sorted(OPEN))
_FEW: Final = 12
_TELLING: Final = ("remote_id", "author_id", "author", "permalink", "handle", "name")
"""What in an entry's content names its author or the item."""
_OURS: Final = re.compile(rb'"kind":"(?:account|checkpoint|incident|operator|profile|recovery|watchlist)\.')
"""Entries about the force's own affairs, whose words are its own."""
_QUOTING: Final = (
    ("standings", "reason"),
    ("standings", "why_ended"),
    ("waves", "essence"),
    ("holds", "reason"),
    ("approvals", "why"),
    ("topics", "words"),
    ("topics", "purpose"),
)
"""Where an operator, or the program, may have quoted what somebody said."""


@dataclass(frozen=True, slots=True)
class About:
    """One item that is to be disposed of, with what it can be found by elsewhere."""

    item_id: ItemId
    keys: frozenset[bytes]
    """Its own key, and those of its records and acts, as they stand in ledger entries."""
    has_open_act: bool
    files: tuple[str, ...]
    """The files of pictures that its records speak of."""
    names: frozenset[str]
    """Who wrote it and where it stands, in lower case."""
    words: frozenset[str]
    """Words that only this item has, in lower case."""


def about(conn: Connection, item_id: ItemId, quotes: Collection[str], names: Collection[str]) -> About:
    """Finds an item.

    `quotes` are single words and runs of words that would quote it, as far as the caller can still read it;
    `names` its author's names and ids, and its own. What the cache still knows of names is added.
    """
    records = [number for (number,) in conn.execute("SELECT id FROM evidence WHERE item_id = ?", (item_id,))]
    acts = conn.execute(
        f"SELECT id, state IN ({_OPEN}) FROM acts WHERE item_id = ?",  # noqa: S608  # names of states
        (item_id,),
    ).fetchall()
    keys = [item_key(item_id), *(evidence_key(number) for number in records)]
    keys += [act_key(number) for number, _ in acts]
    row = conn.execute(
        "SELECT remote_id, author_id, author_handle, author_name, permalink FROM items WHERE id = ?",
        (item_id,),
    ).fetchone()
    known = [*names, *(told(each) for each in row or ())]
    files = [
        name
        for number in records
        for (name,) in conn.execute("SELECT name FROM evidence_media WHERE evidence_id = ?", (number,))
    ]
    return About(
        item_id=item_id,
        keys=frozenset(key.encode() for key in keys),
        has_open_act=any(is_open for _, is_open in acts),
        files=tuple(sorted(set(files))),
        names=frozenset(
            name.lower() for name in known if len(name) >= LEAST_NAME and not name.startswith(DISPOSED)
        ),
        words=frozenset(quote.lower() for quote in quotes if _is_own(conn, item_id, quote)),
    )


def _is_own(conn: Connection, item_id: ItemId, quote: str) -> bool:
    """Whether a word is in no other item of the cache; a run of words always counts."""
    if " " in quote:
        return True
    wanted = quote.replace('"', '""')
    return (
        conn.execute(
            "SELECT 1 FROM items_words WHERE items_words MATCH ? AND rowid <> ? LIMIT 1",
            (f'"{wanted}"', item_id),
        ).fetchone()
        is None
    )


def own_words(conn: Connection) -> set[str]:
    """The force's own vocabulary, in lower case: what its accounts, incidents and topics are called."""
    rows = conn.execute(
        "SELECT name FROM accounts UNION SELECT handle FROM accounts UNION SELECT name FROM incidents "
        "UNION SELECT words FROM topics"
    )
    return {word.lower() for (value,) in rows for word in _WORD.findall(told(value))}


def searchable(text: str) -> str:
    """Text as it is looked through: in lower case, and once more with single blanks between its words."""
    small = text.lower()
    return f"{small}\n{' '.join(_WORD.findall(small))}"


def pattern(needles: Iterable[str]) -> re.Pattern[str] | None:
    """What finds any of these (lower case) in what `searchable` gives; None without any."""
    found = sorted({needle for needle in needles if needle}, key=len, reverse=True)
    return re.compile("|".join(re.escape(each) for each in found)) if found else None


# the ledger ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Found:
    """A part of the ledger that was looked through."""

    entries: tuple[int, ...]
    """Places whose content is about an item, or quotes it."""
    names: frozenset[str]
    """Names and ids that stood in the content, in lower case."""
    last: int
    """The last place that was looked at."""
    is_end: bool


def contents_about(
    conn: Connection,
    keys: frozenset[bytes],
    quoted: re.Pattern[str] | None,
    after: int,
    most: int,
) -> Found:
    """Looks through up to so many entries above a place for content about these keys, or that quotes.

    Only content that belongs to no item, and is not about the force's own affairs, is looked through for
    quotes: what stands beside another item is about that one, unless its act is among the keys.
    """
    places: list[int] = []
    names: set[str] = set()
    last, count = after, 0
    rows = conn.execute(
        "SELECT l.seq, l.leaf, c.content FROM ledger_content c JOIN ledger l ON l.seq = c.seq "
        "WHERE c.seq > ? ORDER BY c.seq LIMIT ?",
        (after, most),
    )
    few = tuple(keys) if len(keys) <= _FEW else None
    for seq, leaf, content in rows:
        last, count = seq, count + 1
        if few is not None and not any(key in leaf for key in few):
            is_theirs = False  # told without the costly look at every key in the entry
        else:
            is_theirs = not keys.isdisjoint(_KEY.findall(leaf))
        if is_theirs:
            places.append(seq)
            names.update(_telling(content))
        elif quoted is not None and _is_shared(leaf) and quoted.search(_plain(content)):
            places.append(seq)
    return Found(tuple(places), frozenset(names), last, count < most)


def _is_shared(leaf: bytes) -> bool:
    """Whether an entry is about no single item, and not about the force's own affairs."""
    return _ITEM.search(leaf) is None and _OURS.search(leaf) is None


def _plain(content: bytes) -> str:
    """Content as one text to be looked through, as it was before it was written as JSON."""
    try:
        return searchable("\n".join(str(value) for value in json.loads(content).values()))
    except ValueError:
        return searchable(content.decode("utf-8", "replace"))


def _telling(content: bytes) -> Iterator[str]:
    try:
        inside: Mapping[str, Any] = json.loads(content)
    except ValueError:
        return
    for name in _TELLING:
        value = inside.get(name)
        if isinstance(value, str) and len(value) >= LEAST_NAME:
            yield value.lower()


def destroy_contents(conn: Connection, entries: Sequence[int]) -> list[int]:
    """Destroys salts and content of entries; gives those that had some."""
    return [
        seq
        for seq in sorted(set(entries))
        if conn.execute("DELETE FROM ledger_content WHERE seq = ?", (seq,)).rowcount == 1
    ]


# acts and other words of operators ------------------------------------------------------------------


def quoting_acts(conn: Connection, quoted: re.Pattern[str]) -> list[int]:
    """Acts, on whatever item, whose reason or reply quotes."""
    found: list[int] = []
    for column in ("reason", "text"):
        distinct = conn.execute(f"SELECT DISTINCT {column} FROM acts WHERE {column} <> ''").fetchall()  # noqa: S608  # a name of this file
        for (value,) in distinct:
            if quoted.search(searchable(told(value))):
                rows = conn.execute(f"SELECT id FROM acts WHERE {column} = ?", (value,))  # noqa: S608  # a name of this file
                found += [number for (number,) in rows]
    return sorted(set(found))


def empty_acts(conn: Connection, numbers: Sequence[int]) -> None:
    """Takes the words out of acts."""
    conn.executemany(
        "UPDATE acts SET reason = '', text = NULL WHERE id = ?", [(number,) for number in numbers]
    )


def empty_quotes(conn: Connection, quoted: re.Pattern[str]) -> int:
    """Takes quotes out of the other places where they may stand; how many."""
    there = _columns(conn)
    number = 0
    for table, column in _QUOTING:
        if column not in there[table]:
            continue
        select = f"SELECT rowid, {column} FROM {table} WHERE {column} <> ''"  # noqa: S608  # names of this file
        update = f"UPDATE {table} SET {column} = '' WHERE rowid = ?"  # noqa: S608  # names of this file
        for rowid, value in conn.execute(select).fetchall():
            if quoted.search(searchable(told(value))):
                conn.execute(update, (rowid,))
                number += 1
    # A saved view whose question is about what went would show something else with the question emptied.
    for view, name, question in conn.execute("SELECT id, name, question FROM views").fetchall():
        if quoted.search(searchable(f"{told(name)}\n{told(question)}")):
            conn.execute("DELETE FROM views WHERE id = ?", (view,))
            number += 1
    return number


def _columns(conn: Connection) -> dict[str, set[str]]:
    """The columns of the tables that may hold quotes."""
    return {
        table: {row[1] for row in conn.execute(f"PRAGMA table_info({table})")}
        for table in {table for table, _ in _QUOTING}
    }


# the item -----------------------------------------------------------------------------------------


def destroy_item(conn: Connection, item_id: ItemId, at: int) -> list[str]:
    """Destroys records, pictures and cached words of one item; gives the files that nobody needs any more."""
    records = [
        (number,) for (number,) in conn.execute("SELECT id FROM evidence WHERE item_id = ?", (item_id,))
    ]
    unused: list[str] = []
    for (number,) in records:
        names = conn.execute("SELECT name FROM evidence_media WHERE evidence_id = ?", (number,)).fetchall()
        conn.execute("DELETE FROM evidence_media WHERE evidence_id = ?", (number,))
        conn.execute("DELETE FROM media_wanted WHERE evidence_id = ?", (number,))
        for (name,) in names:
            if (
                conn.execute("SELECT 1 FROM evidence_media WHERE name = ? LIMIT 1", (name,)).fetchone()
                is None
            ):
                conn.execute("DELETE FROM media_files WHERE name = ?", (name,))
                unused.append(name)
    conn.executemany(
        "UPDATE evidence SET cipher = NULL, wrapped_key = NULL, recovery_wrap = NULL WHERE id = ?", records
    )
    conn.execute(
        "UPDATE acts SET reason = '', text = NULL, error = NULL, note = NULL, reversible = 0 "
        "WHERE item_id = ?",
        (item_id,),
    )
    conn.execute("UPDATE holds SET reason = '' WHERE item_id = ?", (item_id,))
    conn.execute("DELETE FROM strays WHERE item_id = ?", (item_id,))
    _empty_item(conn, item_id, at)
    return unused


def _empty_item(conn: Connection, item_id: ItemId, at: int) -> None:
    row = conn.execute(
        "SELECT account_id, remote_id, thread, parent FROM items WHERE id = ?", (item_id,)
    ).fetchone()
    if row is None:
        return
    purging.empty_wholly(conn, item_id, at)
    account_id, remote, thread, parent = row
    stands = f"{DISPOSED}{item_key(item_id)}"
    values = {
        "account": account_id,
        "own": remote,
        "root": thread,
        "above": parent,
        "stands": stands,
        "id": item_id,
        "state": ItemState.UNKNOWN.value,  # nobody can look any more
    }
    # What answered it names it too; a network's id may hold its author's.
    conn.execute(
        "UPDATE items SET parent = :stands WHERE account_id = :account "
        "AND coalesce(thread, parent) IN (:own, :root, :above) AND parent = :own",
        values,
    )
    conn.execute(
        "UPDATE items SET thread = :stands WHERE account_id = :account "
        "AND coalesce(thread, parent) = :own AND thread = :own",
        values,
    )
    conn.execute(
        "UPDATE items SET remote_id = :stands, parent = NULL, thread = NULL, place = '', state = :state "
        "WHERE id = :id",
        values,
    )


def is_disposed(conn: Connection, item_id: ItemId) -> bool:
    """Whether everything about an item was disposed of."""
    row = conn.execute("SELECT remote_id FROM items WHERE id = ?", (item_id,)).fetchone()
    return row is not None and str(row[0]).startswith(DISPOSED)
