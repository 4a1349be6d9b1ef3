"""Parts of an item's rows that are made the same way whether it is new or has changed."""

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import Final

from console.domain.errors import SecretsUnavailable
from console.domain.ids import AccountId
from console.domain.items import Arrival, Media
from console.domain.watchlists import Hit
from console.store.database import Connection
from console.store.texts import Value, kept

Seal = Callable[[str], bytes]
"""Seals the words of a private message."""

Rows = list[tuple[Value, ...]]


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


_SIZES: Final = (500, 100, 20, 5, 1)
"""How many rows one statement takes: few different numbers, so that each is prepared once."""


def insert(conn: Connection, statement: str, rows: Iterable[tuple[Value, ...]]) -> int:
    """Inserts rows, many with each statement; gives how many were new.

    Not with `executemany`, which lets go of Python's lock and takes it again for every row: matching,
    which goes on meanwhile, then costs a switch between threads for each. With one statement for a
    batch the whole path takes a third less processor time.
    """
    left = list(rows)
    if not left:
        return 0
    width = len(left[0])
    most = conn.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER) // width
    count = start = 0
    for size in _SIZES:
        while size <= min(most, len(left) - start):
            some = left[start : start + size]
            values = list(chain.from_iterable(some))
            count += conn.execute(_statement(statement, width, size), values).rowcount
            start += size
    return count


@cache
def _statement(statement: str, width: int, size: int) -> str:
    row = f"({', '.join('?' * width)})"
    return statement.replace("(rows)", ", ".join([row] * size))


INSERT_HIT: Final = """
INSERT OR FAIL INTO hits (item_id, place, watchlist, watchlist_name, version, rule, category, grade, term,
    first, past, text, disguised, suggest, how, found_at)
VALUES (rows)
"""


def hit_values(number: int, hits: Sequence[Hit], *, is_private: bool, start: int = 0) -> Rows:
    """The rows of an item's hits, placed from `start` on; of a private message's they hold no words."""
    return [
        (
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
            hit.how,
            hit.found_at,
        )
        for place, hit in enumerate(hits, start)
    ]


def insert_hits(conn: Connection, hits: Rows) -> None:
    """Inserts hits of an item that is known; for few of them."""
    insert(conn, INSERT_HIT, [tuple(map(kept, row)) for row in hits])


def add_unseen(conn: Connection, changes: Mapping[tuple[int, int], int]) -> None:
    """Adds to (or, with numbers below zero, takes from) the unseen of each account and grade."""
    conn.executemany(
        "INSERT INTO unseen (account_id, grade, number) VALUES (?, ?, ?) "
        "ON CONFLICT (account_id, grade) DO UPDATE SET number = number + excluded.number",
        [(account_id, grade, number) for (account_id, grade), number in changes.items()],
    )


def sealed_with(seal: Seal | None, text: str) -> bytes:
    """The sealed words of a private message. Raises SecretsUnavailable without a key."""
    if seal is None:
        raise SecretsUnavailable(
            "A private message came and there is no key to seal it with, so it was not stored. "
            "Set up a keyring or a passphrase."
        )
    return seal(text)


def media_text(media: Sequence[Media]) -> str:
    """What hangs on an item, as the table holds it."""
    # ASCII, so that a lone surrogate in a description is an escape and never reaches the disk.
    return json.dumps([(each.kind, each.url, each.description) for each in media])
