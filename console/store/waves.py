"""Waves, strays and standing verdicts on disk.

What a newcomer would get wrong: an item that belongs to no wave has no row here, so the many pay nothing
for the few. A wave's row appears with its second item, and its first item joins at that moment.
"""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from console.domain.acts import Verb
from console.domain.ids import BulkId, ItemId
from console.domain.waves import LEAST, SHORT_TIMES, Standing, Wave
from console.store.database import Connection
from console.store.texts import kept, told

_WAVE: Final = "SELECT id, essence, size, authors, new_authors, networks, first_at, last_at, rate FROM waves"
_STANDING: Final = (
    "SELECT id, wave_id, verb, reason, category, who, bulk_id, put_at, ends_at, most, used, after_id, "
    "ended_at, ended_by, why_ended FROM standings"
)
_AT_ONCE: Final = 500

Order = Literal["newest", "biggest"]


@dataclass(frozen=True, slots=True)
class Said:
    """What grouping must know of an item that was stored before."""

    item_id: ItemId
    text: str
    network: str
    author_id: str
    received_at: int
    wave_id: int
    """0 when it belongs to none."""


# changing -----------------------------------------------------------------------------------------


def join(conn: Connection, members: Mapping[ItemId, int]) -> list[ItemId]:
    """Puts items into waves; gives those that were in none before."""
    return [
        item_id
        for item_id, wave_id in members.items()
        if conn.execute(
            "INSERT OR IGNORE INTO wave_items (item_id, wave_id) VALUES (?, ?)", (item_id, wave_id)
        ).rowcount
    ]


def add(conn: Connection, members: Mapping[ItemId, int]) -> None:
    """Puts items into waves, without a word on which were in one already."""
    conn.executemany("INSERT OR IGNORE INTO wave_items (item_id, wave_id) VALUES (?, ?)", members.items())


def put(conn: Connection, changed: Sequence[Wave]) -> None:
    """Keeps waves as they are now."""
    conn.executemany(
        "INSERT INTO waves (id, essence, size, authors, new_authors, networks, first_at, last_at, rate) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET essence = excluded.essence, "
        "size = excluded.size, authors = excluded.authors, new_authors = excluded.new_authors, "
        "networks = excluded.networks, last_at = excluded.last_at, rate = excluded.rate",
        [
            (
                wave.id,
                kept(wave.essence),
                wave.size,
                wave.authors,
                wave.new_authors,
                " ".join(wave.networks),
                wave.first_at,
                wave.last_at,
                wave.rate,
            )
            for wave in changed
        ],
    )


def put_strays(conn: Connection, strays: Mapping[ItemId, str]) -> None:
    """Marks items as odd ones out, each with its reason."""
    conn.executemany(
        "INSERT OR IGNORE INTO strays (item_id, reason) VALUES (?, ?)",
        [(item_id, kept(reason)) for item_id, reason in strays.items()],
    )


# reading ------------------------------------------------------------------------------------------


def waves(
    conn: Connection, order: Order = "newest", limit: int = 50, least: int = LEAST, since: int = 0
) -> list[Wave]:
    """Waves of at least so many items, of which one came since then (milliseconds since 1970).

    A saying of up to three words must be said `SHORT_TIMES` as often.
    """
    by = "last_at" if order == "newest" else "size"
    rows = conn.execute(
        f"{_WAVE} WHERE size >= ? AND last_at >= ? "
        "AND (size >= ? OR length(essence) - length(replace(essence, ' ', '')) >= 3) "
        f"ORDER BY {by} DESC, id DESC LIMIT ?",
        (least, since, least * SHORT_TIMES, limit),
    )
    return [_wave(row) for row in rows]


def wave(conn: Connection, wave_id: int) -> Wave | None:
    """One wave, however small; None when there is no such wave."""
    row = conn.execute(f"{_WAVE} WHERE id = ?", (wave_id,)).fetchone()
    return _wave(row) if row else None


def wave_ids(conn: Connection, wave_id: int, before: int | None = None, limit: int = 100) -> "array[int]":
    """The newest items of a wave with numbers below `before` (None: from the newest), newest first."""
    rows = conn.execute(
        "SELECT item_id FROM wave_items WHERE wave_id = ? AND item_id < ? ORDER BY item_id DESC LIMIT ?",
        (wave_id, 2**63 - 1 if before is None else before, limit),
    )
    return array("q", (number for (number,) in rows))


def later_ids(conn: Connection, wave_id: int, after: int, limit: int) -> "array[int]":
    """Items of a wave with numbers above `after`, oldest first."""
    rows = conn.execute(
        "SELECT item_id FROM wave_items WHERE wave_id = ? AND item_id > ? ORDER BY item_id LIMIT ?",
        (wave_id, after, limit),
    )
    return array("q", (number for (number,) in rows))


def was_known(conn: Connection, network: str, author_id: str, before: int) -> bool:
    """Whether an author said something to us on that network before this item."""
    row = conn.execute(
        "SELECT 1 FROM items i JOIN accounts c ON c.id = i.account_id "
        "WHERE i.author_id = ? AND i.id < ? AND c.network = ? LIMIT 1",
        (kept(author_id), before, network),
    ).fetchone()
    return row is not None


def said(conn: Connection, ids: Sequence[int]) -> dict[ItemId, Said]:
    """What these items said; private messages are never among them."""
    found: dict[ItemId, Said] = {}
    for start in range(0, len(ids), _AT_ONCE):
        some = ids[start : start + _AT_ONCE]
        marks = ",".join("?" * len(some))
        for row in conn.execute(f"{_SAID} AND i.id IN ({marks})", some):
            found[ItemId(row[0])] = _said(row)
    return found


def said_before(conn: Connection, before: int, since: int, limit: int) -> list[Said]:
    """What was said before an item and since then (milliseconds since 1970), newest first."""
    rows = conn.execute(
        f"{_SAID} AND i.id < ? AND i.received_at >= ? ORDER BY i.id DESC LIMIT ?", (before, since, limit)
    )
    return [_said(row) for row in rows]


def authors(conn: Connection, wave_id: int) -> Iterator[tuple[str, str]]:
    """Network and id of everybody who took part in a wave."""
    for network, author_id in conn.execute(
        "SELECT DISTINCT c.network, i.author_id FROM wave_items w JOIN items i ON i.id = w.item_id "
        "JOIN accounts c ON c.id = i.account_id WHERE w.wave_id = ?",
        (wave_id,),
    ):
        yield network, told(author_id)


_SAID: Final = (
    "SELECT i.id, i.text, c.network, i.author_id, i.received_at, w.wave_id FROM items i "
    "JOIN accounts c ON c.id = i.account_id LEFT JOIN wave_items w ON w.item_id = i.id "
    "WHERE i.kind <> 'message' AND NOT i.is_ours"
)


def _said(row: tuple[Any, ...]) -> Said:
    return Said(ItemId(row[0]), told(row[1]), row[2], told(row[3]), row[4], row[5] or 0)


def _wave(row: tuple[Any, ...]) -> Wave:
    return Wave(row[0], told(row[1]), row[2], row[3], row[4], tuple(row[5].split()), row[6], row[7], row[8])


# standing verdicts --------------------------------------------------------------------------------


def put_standing(conn: Connection, standing: Standing) -> int:
    """Keeps a new verdict; gives its number."""
    done = conn.execute(
        "INSERT INTO standings (wave_id, verb, reason, category, who, bulk_id, put_at, ends_at, most, used, "
        "after_id, why_ended) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '')",
        (
            standing.wave_id,
            standing.verb.value,
            kept(standing.reason),
            standing.category,
            kept(standing.who),
            standing.bulk_id,
            standing.put_at,
            standing.ends_at,
            standing.limit,
            standing.used,
            standing.after,
        ),
    )
    return int(done.lastrowid or 0)


def use_standing(conn: Connection, number: int, used: int, after: int, bulk_id: BulkId | None = None) -> None:
    """Counts later arrivals that a verdict fell on, up to an item, and keeps its bulk act."""
    conn.execute(
        "UPDATE standings SET used = used + ?, after_id = max(after_id, ?), bulk_id = coalesce(bulk_id, ?) "
        "WHERE id = ?",
        (used, after, bulk_id, number),
    )


def end_standing(conn: Connection, number: int, who: str, why: str, at: int) -> bool:
    """Ends a verdict; whether it still stood."""
    return bool(
        conn.execute(
            "UPDATE standings SET ended_at = ?, ended_by = ?, why_ended = ? "
            "WHERE id = ? AND ended_at IS NULL",
            (at, kept(who), why, number),
        ).rowcount
    )


def open_standings(conn: Connection) -> list[Standing]:
    """Verdicts that were not ended, those whose time is over too, oldest first."""
    return [_standing(row) for row in conn.execute(f"{_STANDING} WHERE ended_at IS NULL ORDER BY id")]


def standings_of(conn: Connection, wave_id: int) -> list[Standing]:
    """Every verdict that there ever was on a wave, newest first."""
    rows = conn.execute(f"{_STANDING} WHERE wave_id = ? ORDER BY id DESC", (wave_id,))
    return [_standing(row) for row in rows]


def _standing(row: tuple[Any, ...]) -> Standing:
    return Standing(
        id=row[0],
        wave_id=row[1],
        verb=Verb(row[2]),
        reason=told(row[3]),
        category=row[4],
        who=told(row[5]),
        bulk_id=None if row[6] is None else BulkId(row[6]),
        put_at=row[7],
        ends_at=row[8],
        limit=row[9],
        used=row[10],
        after=row[11],
        ended_at=row[12],
        ended_by=None if row[13] is None else told(row[13]),
        why_ended=told(row[14]),
    )
