"""The cache looked through again: texts of the past, and searches of it with new rules.

A search goes from the newest item down to the oldest; how far it got is kept in the same transaction as what
it found, so that a crash loses nothing and finds nothing twice. What a newcomer would get wrong: between
reading a text and keeping a hit on it, its author may have edited it or its time may have run out. Such an
item is passed over: an edit was matched as it arrived.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from console.domain.acts import OPEN, ActState
from console.domain.ids import ItemId
from console.domain.items import ItemKind, Media
from console.domain.list_changes import RetroSearch, RetroState
from console.domain.watchlists import Hit
from console.store.database import Connection
from console.store.revising import Unseal
from console.store.rows import add_unseen, hit_values, insert_hits
from console.store.texts import told, told_or_none

_MESSAGE: Final = ItemKind.MESSAGE.value
_STANDING: Final = tuple(
    sorted({ActState.ACCEPTED.value, ActState.CONFIRMED.value, ActState.UNVERIFIABLE.value, *OPEN})
)


@dataclass(frozen=True, slots=True)
class Past:
    """What of a cached item is matched again, and what people thought of it."""

    id: ItemId
    text: str
    """Empty for a private message that cannot be opened now."""
    lang: str | None
    media: tuple[Media, ...]
    is_ours: bool
    handle: str
    received_at: int
    """Milliseconds since 1970, UTC."""
    is_left_up: bool
    """Whether a person decided to leave it up."""


def first_since(conn: Connection, at: int) -> ItemId:
    """An id below which nothing was received since then (epoch ms), from the kept minutes."""
    row = conn.execute("SELECT min(first_id) FROM arrivals WHERE minute >= ?", (at // 60_000,)).fetchone()
    return ItemId(2**62 if row[0] is None else row[0])


def span(conn: Connection) -> tuple[ItemId, ItemId]:
    """The lowest and the highest id in the cache; 1 and 0 when it is empty."""
    low, high = conn.execute("SELECT min(id), max(id) FROM items").fetchone()
    return ItemId(low or 1), ItemId(high or 0)


def texts(
    conn: Connection, low: int, high: int, most: int, since: int = 0, unseal: Unseal | None = None
) -> list[Past]:
    """Up to `most` items with ids from `low` to `high`, newest first, received since then (epoch ms)."""
    rows = conn.execute(
        "SELECT i.id, i.kind, i.text, i.lang, i.media, i.is_ours, i.author_handle, i.received_at, "
        "i.left_up_at, s.sealed FROM items i LEFT JOIN item_sealed s ON s.item_id = i.id "
        "WHERE i.id BETWEEN ? AND ? AND i.purged_at IS NULL AND i.received_at >= ? "
        "ORDER BY i.id DESC LIMIT ?",
        (low, high, since, most),
    )
    return [_past(row, unseal) for row in rows]


def _past(row: tuple[Any, ...], unseal: Unseal | None) -> Past:
    number, kind, text, lang, media, is_ours, handle, received_at, left_up_at, sealed = row
    if kind == _MESSAGE and sealed is not None and unseal is not None:
        inside = json.loads(unseal(sealed))
        text, media = inside["text"], inside["media"]
    return Past(
        id=ItemId(number),
        text=told(text),
        lang=told_or_none(lang),
        media=tuple(Media(*each) for each in json.loads(media)) if media else (),
        is_ours=bool(is_ours),
        handle=told(handle),
        received_at=received_at,
        is_left_up=left_up_at is not None,
    )


def hidden_for(conn: Connection, category: str, low: int, program: str) -> set[ItemId]:
    """Items with ids from `low` on that people, not the program, had hidden for a category."""
    marks = ",".join("?" * len(_STANDING))
    rows = conn.execute(
        "SELECT DISTINCT item_id FROM acts WHERE item_id >= ? AND verb = 'hide' AND category = ? "  # noqa: S608  # question marks only
        f"AND requested_by <> ? AND undo_of IS NULL AND state IN ({marks})",
        (low, category, program, *_STANDING),
    )
    return {ItemId(number) for (number,) in rows}


# searches ---------------------------------------------------------------------------------------------

_SELECT: Final = (
    "SELECT id, watchlist, version, rules, asked_by, asked_at, alarm, last_id - first_id + 1, "
    "last_id - next_id, found, state FROM past_searches"
)
_OPEN: Final = "state IN ('waiting', 'running')"


def put(
    conn: Connection, watchlist: str, version: int, rules: Sequence[str], who: str, at: int, *, alarm: bool
) -> RetroSearch:
    """Asks for a search of everything that is in the cache now. `at` is epoch ms."""
    low, high = span(conn)
    done = conn.execute(
        "INSERT INTO past_searches (watchlist, version, rules, asked_by, asked_at, alarm, last_id, next_id, "
        "first_id, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'waiting')",
        (watchlist, version, json.dumps(list(rules)), who, at, int(alarm), high, high, low),
    )
    found = search(conn, done.lastrowid or 0)
    assert found is not None  # noqa: S101  # it was put a line ago
    return found


def search(conn: Connection, search_id: int) -> RetroSearch | None:
    """One search; None when there is none of that number."""
    row = conn.execute(f"{_SELECT} WHERE id = ?", (search_id,)).fetchone()
    return _search(row) if row else None


def searches(conn: Connection, most: int = 50) -> list[RetroSearch]:
    """The newest searches, newest first."""
    return [_search(row) for row in conn.execute(f"{_SELECT} ORDER BY id DESC LIMIT ?", (most,))]


def open_searches(conn: Connection, watchlist: str | None = None) -> list[RetroSearch]:
    """Searches (of one watchlist) that have more to do, oldest first."""
    rows = conn.execute(
        f"{_SELECT} WHERE {_OPEN} AND watchlist = coalesce(?, watchlist) ORDER BY id", (watchlist,)
    )
    return [_search(row) for row in rows]


def place(conn: Connection, search_id: int) -> tuple[int, int] | None:
    """The lowest id of a search and the next that it looks at; None when it is over."""
    row = conn.execute(
        f"SELECT first_id, next_id FROM past_searches WHERE id = ? AND {_OPEN}",  # noqa: S608  # two fixed words
        (search_id,),
    ).fetchone()
    return (int(row[0]), int(row[1])) if row else None


def settle(conn: Connection, search_id: int, state: RetroState) -> bool:
    """Ends an open search; whether it was open."""
    return bool(
        conn.execute(
            f"UPDATE past_searches SET state = ? WHERE id = ? AND {_OPEN}",  # noqa: S608  # two fixed words
            (state.value, search_id),
        ).rowcount
    )


def keep(
    conn: Connection,
    search: RetroSearch,
    found: Sequence[tuple[Past, Sequence[Hit]]],
    next_id: int,
) -> list[ItemId] | None:
    """Keeps what a search found and how far it got; gives the items that changed, None when it is over.

    Each grade is raised and never lowered. With an alarm an item counts as not seen yet.
    """
    if place(conn, search.id) is None:
        return None
    changed: list[ItemId] = []
    unseen: Counter[tuple[int, int]] = Counter()
    for past, hits in found:
        if _keep_one(conn, past, hits, unseen, alarm=search.alarm):
            changed.append(past.id)
    add_unseen(conn, {where: number for where, number in unseen.items() if number})
    conn.execute(
        "UPDATE past_searches SET next_id = ?, found = found + ?, state = 'running' WHERE id = ?",
        (next_id, len(changed), search.id),
    )
    return changed


def _keep_one(
    conn: Connection, past: Past, hits: Sequence[Hit], unseen: Counter[tuple[int, int]], *, alarm: bool
) -> bool:
    row = conn.execute(
        "SELECT account_id, kind, text, grade, seen_at, is_ours FROM items "
        "WHERE id = ? AND purged_at IS NULL",
        (past.id,),
    ).fetchone()
    if row is None:
        return False
    account_id, kind, text, grade, seen_at, is_ours = row
    is_private = kind == _MESSAGE
    if not is_private and told(text) != past.text:
        return False
    known = conn.execute(
        "SELECT place, watchlist, rule, term, first, past, grade FROM hits WHERE item_id = ?", (past.id,)
    ).fetchall()
    have = {(told(row[1]), told(row[2]), told(row[3]), *row[4:]) for row in known}
    new = [hit for hit in hits if _mark(hit) not in have]
    if not new:
        return False
    start = 1 + max((row[0] for row in known), default=-1)
    insert_hits(conn, hit_values(past.id, new, is_private=is_private, start=start))
    raised = min(grade, *(hit.grade for hit in new))
    seen_now = None if alarm and not is_ours else seen_at
    conn.execute("UPDATE items SET grade = ?, seen_at = ? WHERE id = ?", (raised, seen_now, past.id))
    if not is_ours:
        unseen[account_id, grade] -= seen_at is None
        unseen[account_id, raised] += seen_now is None
    return True


def _mark(hit: Hit) -> tuple[str, str, str, int, int, int]:
    """What makes a hit another than one that is known, whatever the version."""
    return hit.watchlist, hit.rule, hit.term, hit.start, hit.end, hit.grade


def _search(row: tuple[Any, ...]) -> RetroSearch:
    return RetroSearch(
        id=row[0],
        watchlist=row[1],
        version=row[2],
        rules=tuple(json.loads(row[3])),
        asked_by=row[4],
        asked_at=row[5],
        alarm=bool(row[6]),
        total=max(0, row[7]),
        done=max(0, row[8]),
        found=row[9],
        state=RetroState(row[10]),
    )
