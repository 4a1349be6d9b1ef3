"""Escalations on disk, grades that people gave, and what is to be escalated.

What a newcomer would get wrong: what arrived is found by its number, from the last that was looked at, which
is kept in the transaction that opens the escalations; so a crash between storing an item and escalating it
loses nothing. What an edit raised has an old number, and is found by its history.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from console.domain.escalation import HIGHEST, WATCHED_MS, Escalation, Step
from console.domain.ids import AccountId, ItemId
from console.store.database import Connection
from console.store.rows import add_unseen

_PLACE: Final = "escalations_after"
_SINCE: Final = "escalations_since"
_COLUMNS: Final = (
    "e.item_id, e.account_id, e.grade, e.arrived_at, e.opened_at, e.opened_by, e.judged_at, "
    "coalesce(e.seen_at, i.seen_at), e.claimed_by, e.claimed_at, e.called, e.accepted_by, e.accepted_at, "
    "e.written_by, e.id"
)
_SELECT: Final = f"SELECT {_COLUMNS} FROM escalations e LEFT JOIN items i ON i.id = e.item_id"  # noqa: S608  # constants of this file
_AT_ONCE: Final = 500
"""How many are opened in one transaction, so that arrivals wait for their turn no longer than for a batch."""


_HIT_NOW: Final = (
    "EXISTS (SELECT 1 FROM hits t WHERE t.item_id = {}.id AND t.grade <= 2 AND t.found_at IS NULL)"
)
"""That an item was urgent as it came, and not by a hit that a search of the past found."""
_HIT_PAST: Final = (
    "EXISTS (SELECT 1 FROM hits t WHERE t.item_id = items.id AND t.grade <= 2 AND t.found_at IS NOT NULL)"
)


@dataclass(frozen=True, slots=True)
class Risk:
    """An item that may have to be escalated."""

    item_id: ItemId
    account_id: AccountId
    grade: int
    received_at: int
    """Milliseconds since 1970, UTC."""


# what is to be escalated -----------------------------------------------------------------------------


def begin(conn: Connection, now: int) -> None:
    """Has a profile that never escalated begin with what arrives from now on. `now` is epoch ms."""
    (newest,) = conn.execute("SELECT coalesce(max(id), 0) FROM items").fetchone()
    conn.execute("INSERT OR IGNORE INTO meta (name, value) VALUES (?, ?)", (_SINCE, now))
    conn.execute("INSERT OR IGNORE INTO meta (name, value) VALUES (?, ?)", (_PLACE, newest))


def has_begun(conn: Connection) -> bool:
    """Whether `begin` was called on this profile."""
    return conn.execute("SELECT 1 FROM meta WHERE name = ?", (_PLACE,)).fetchone() is not None


def place(conn: Connection) -> ItemId:
    """The newest item that was looked at."""
    row = conn.execute("SELECT value FROM meta WHERE name = ?", (_PLACE,)).fetchone()
    return ItemId(int(row[0]) if row else 0)


def set_place(conn: Connection, item_id: ItemId) -> None:
    """Keeps which item was looked at last; never an earlier one than was kept."""
    conn.execute("UPDATE meta SET value = max(value, ?) WHERE name = ?", (item_id, _PLACE))


def arrived(conn: Connection, after: int, most: int = _AT_ONCE) -> tuple[list[Risk], ItemId]:
    """Items above this number that may have to be escalated, and the number up to which that is all."""
    (newest,) = conn.execute("SELECT coalesce(max(id), 0) FROM items").fetchone()
    found: list[Risk] = []
    for grade in range(1, HIGHEST + 1):
        rows = conn.execute(
            "SELECT id, account_id, grade, received_at FROM items INDEXED BY items_grade "  # noqa: S608  # two fixed texts
            "WHERE grade = ? AND grade < 4 AND id > ? AND id <= ? AND is_ours = 0 "
            f"AND ({_HIT_NOW.format('items')} OR NOT {_HIT_PAST}) ORDER BY id LIMIT ?",
            (grade, after, newest, most),
        ).fetchall()
        if len(rows) == most:
            newest = rows[-1][0]
        found += [_risk(row) for row in rows]
    return [risk for risk in found if risk.item_id <= newest], ItemId(max(newest, after))


def edited(conn: Connection, item_ids: Sequence[int] | None = None) -> list[Risk]:
    """Items (of these) that were edited and are urgent now, not by a hit that was found in the past.

    Without `item_ids` all urgent items are gone through: a fraction of a second for a hundred thousand.
    """
    source = (
        "items i INDEXED BY items_grade"
        if item_ids is None
        else "json_each(?) j CROSS JOIN items i ON i.id = j.value"
    )
    rows = conn.execute(
        f"SELECT i.id, i.account_id, i.grade, i.received_at FROM {source} "  # noqa: S608  # fixed texts
        "WHERE i.grade IN (1, 2) AND i.grade < 4 AND i.is_ours = 0 AND i.purged_at IS NULL "
        "AND EXISTS (SELECT 1 FROM item_history h WHERE h.item_id = i.id AND h.replaced_at >= "
        f"(SELECT value FROM meta WHERE name = '{_SINCE}')) AND {_HIT_NOW.format('i')} ORDER BY i.id",
        () if item_ids is None else (json.dumps(list(item_ids)),),
    )
    return [_risk(row) for row in rows]


def _risk(row: tuple[Any, ...]) -> Risk:
    return Risk(ItemId(row[0]), AccountId(row[1]), row[2], row[3])


# escalations ------------------------------------------------------------------------------------------


def newest(conn: Connection, item_id: ItemId) -> tuple[int, Escalation] | None:
    """The newest escalation of an item with its number; None when it has none."""
    rows = conn.execute(f"{_SELECT} WHERE e.item_id = ? ORDER BY e.id DESC LIMIT 1", (item_id,)).fetchall()
    return (rows[0][-1], _escalations(conn, rows)[0]) if rows else None


def open_ones(conn: Connection) -> list[Escalation]:
    """Every escalation that nobody has accepted, the oldest first."""
    return _escalations(conn, conn.execute(f"{_SELECT} WHERE e.accepted_at IS NULL ORDER BY e.id").fetchall())


def watched(conn: Connection, now: int) -> list[Escalation]:
    """Escalations of the last hours that were accepted while their items stay urgent."""
    rows = conn.execute(
        f"{_SELECT} WHERE e.accepted_at >= ? AND e.grade < 3 ORDER BY e.id", (now - WATCHED_MS,)
    ).fetchall()
    return _escalations(conn, rows)


def settled(conn: Connection, since: int, most: int = 1_000) -> list[Escalation]:
    """Escalations that were accepted since then (epoch ms), the newest first."""
    rows = conn.execute(
        f"{_SELECT} WHERE e.accepted_at >= ? ORDER BY e.accepted_at DESC LIMIT ?", (since, most)
    ).fetchall()
    return _escalations(conn, rows)


def put(conn: Connection, number: int | None, made: Escalation) -> None:
    """Keeps an escalation: a new one without a number, otherwise the one of that number."""
    values = (
        made.account_id or 0,
        made.grade,
        made.arrived_at,
        made.opened_at,
        made.opened_by,
        made.claimed_by,
        made.claimed_at,
        made.called,
        made.accepted_by,
        made.accepted_at,
        made.written_by,
        made.judged_at,
        made.item_id,
    )
    if number is None:
        done = conn.execute(
            "INSERT INTO escalations (account_id, grade, arrived_at, opened_at, opened_by, claimed_by, "
            "claimed_at, called, accepted_by, accepted_at, written_by, judged_at, item_id) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            values,
        )
        number = done.lastrowid or 0
    else:
        conn.execute(
            "UPDATE escalations SET account_id = ?, grade = ?, arrived_at = ?, opened_at = ?, opened_by = ?, "
            "claimed_by = ?, claimed_at = ?, called = ?, accepted_by = ?, accepted_at = ?, written_by = ?, "
            "judged_at = ?, seen_at = coalesce(seen_at, (SELECT seen_at FROM items WHERE id = ?)) "
            "WHERE id = ?",
            (*values, number),
        )
    for step, (who, at) in made.steps.items():
        conn.execute(
            "INSERT OR REPLACE INTO escalation_steps (escalation_id, step, who, at) VALUES (?, ?, ?, ?)",
            (number, step.value, who, at),
        )


def _escalations(conn: Connection, rows: Sequence[tuple[Any, ...]]) -> list[Escalation]:
    steps: dict[int, dict[Step, tuple[str, int]]] = {}
    for number, step, who, at in conn.execute(
        "SELECT s.escalation_id, s.step, s.who, s.at FROM json_each(?) j "
        "CROSS JOIN escalation_steps s ON s.escalation_id = j.value",
        (json.dumps([row[-1] for row in rows]),),
    ):
        steps.setdefault(number, {})[Step(step)] = (who, at)
    return [
        Escalation(
            item_id=ItemId(row[0]),
            account_id=AccountId(row[1]),
            grade=row[2],
            arrived_at=row[3],
            opened_at=row[4],
            opened_by=row[5],
            judged_at=row[6],
            seen_at=row[7],
            claimed_by=row[8],
            claimed_at=row[9],
            called=row[10],
            accepted_by=row[11],
            accepted_at=row[12],
            written_by=row[13],
            steps=steps.get(row[-1], {}),
        )
        for row in rows
    ]


# grades -----------------------------------------------------------------------------------------------


def grade_of(conn: Connection, item_id: ItemId) -> Risk | None:
    """An item as a grade is given to it; None when there is none of that number."""
    row = conn.execute(
        "SELECT id, account_id, grade, received_at FROM items WHERE id = ?", (item_id,)
    ).fetchone()
    return _risk(row) if row else None


def set_grade(conn: Connection, item_id: ItemId, grade: int, who: str, at: int) -> None:
    """Gives an item the grade that a person decided, and keeps the counters. `at` is epoch ms."""
    account_id, before, seen_at, is_ours = conn.execute(
        "SELECT account_id, grade, seen_at, is_ours FROM items WHERE id = ?", (item_id,)
    ).fetchone()
    conn.execute("UPDATE items SET grade = ? WHERE id = ?", (grade, item_id))
    if seen_at is None and not is_ours and grade != before:
        add_unseen(conn, {(account_id, before): -1, (account_id, grade): 1})
    conn.execute(
        "INSERT INTO grades_by_hand (item_id, grade, who, at) VALUES (?, ?, ?, ?) ON CONFLICT (item_id) "
        "DO UPDATE SET grade = excluded.grade, who = excluded.who, at = excluded.at",
        (item_id, grade, who, at),
    )


def graded_by(conn: Connection, item_ids: Sequence[int]) -> dict[ItemId, tuple[int, str, int]]:
    """The grade that a person gave each of these items, who and when (epoch ms); else a rule's holds."""
    rows = conn.execute(
        "SELECT g.item_id, g.grade, g.who, g.at FROM json_each(?) j "
        "CROSS JOIN grades_by_hand g ON g.item_id = j.value",
        (json.dumps(list(item_ids)),),
    )
    return {ItemId(number): (grade, who, at) for number, grade, who, at in rows}
