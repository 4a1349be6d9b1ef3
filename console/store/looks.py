"""Later looks on disk: which finished acts are looked at again, and when.

What a newcomer would get wrong: these rows are a plan and no record. Losing the last ones in a power cut
costs a look; what a look finds is a step of the act, and that is on record.
"""

from collections.abc import Sequence
from typing import Final

from console.domain.acts import LATER_MS, Act, LaterLook, Verb
from console.domain.ids import AccountId, ActId
from console.store import acts
from console.store.database import Connection

_PUBLIC: Final = "('hide', 'unhide', 'delete', 'hold', 'publish')"
"""Verbs that decide whether the public sees an item: only the newest of them can have come undone."""
_OVER: Final = "('refused', 'cancelled', 'expired', 'failed', 'undone')"


def plan(conn: Connection, confirmed: Sequence[Act], at: int) -> None:
    """Plans the looks after acts that were seen done at this time (epoch ms).

    An act that decides anew whether the public sees an item ends the looks after all others on it.
    """
    public = [act for act in confirmed if act.verb in _DECIDING]
    conn.executemany(
        "DELETE FROM act_looks WHERE act_id IN (SELECT id FROM acts WHERE item_id = ?)",
        [(act.item_id,) for act in public],
    )
    conn.executemany(
        "INSERT OR REPLACE INTO act_looks (act_id, account_id, next_at, step, is_doubted) "
        "VALUES (?, ?, ?, 0, 0)",
        [(act.id, act.account_id, at + LATER_MS[0]) for act in public if act.verb in _REMOVING],
    )


_DECIDING: Final = frozenset({Verb.HIDE, Verb.UNHIDE, Verb.DELETE, Verb.HOLD, Verb.PUBLISH})
_REMOVING: Final = frozenset({Verb.HIDE, Verb.DELETE, Verb.HOLD})


def due(conn: Connection, account_id: AccountId, now: int, most: int) -> list[LaterLook]:
    """Acts of an account that are to be looked at by now (epoch ms), the most urgent first.

    Those that were taken back since, or followed by another verb, are left out: `drop_stale` forgets them.
    """
    rows = conn.execute(
        "SELECT l.act_id, l.step, l.is_doubted FROM act_looks l JOIN acts a ON a.id = l.act_id "  # noqa: S608  # constants
        "WHERE l.account_id = ? AND l.next_at <= ? AND a.state = 'confirmed' AND NOT EXISTS ("
        "SELECT 1 FROM acts n INDEXED BY acts_item "
        f"WHERE n.item_id = a.item_id AND n.id > a.id AND n.verb IN {_PUBLIC} "
        f"AND n.state NOT IN {_OVER}) ORDER BY l.next_at LIMIT ?",
        (account_id, now, most),
    ).fetchall()
    found = {act.id: act for act in acts.acts(conn, [ActId(row[0]) for row in rows])}
    return [LaterLook(found[ActId(number)], step, bool(doubt)) for number, step, doubt in rows]


def drop_stale(conn: Connection, account_id: AccountId, now: int) -> None:
    """Forgets what is due by now (epoch ms) and whose act no longer holds."""
    conn.execute(
        "DELETE FROM act_looks WHERE act_id IN ("  # noqa: S608  # constants of this file
        "SELECT l.act_id FROM act_looks l JOIN acts a ON a.id = l.act_id "
        "WHERE l.account_id = ? AND l.next_at <= ? AND (a.state <> 'confirmed' OR EXISTS ("
        "SELECT 1 FROM acts n INDEXED BY acts_item "
        f"WHERE n.item_id = a.item_id AND n.id > a.id AND n.verb IN {_PUBLIC} "
        "AND n.state IN ('confirmed', 'unverifiable'))))",
        (account_id, now),
    )


def next_at(conn: Connection, account_id: AccountId) -> int | None:
    """When the next later look of an account is due (epoch ms), if one is planned."""
    row = conn.execute("SELECT min(next_at) FROM act_looks WHERE account_id = ?", (account_id,)).fetchone()
    return None if row is None or row[0] is None else int(row[0])


def put_off(conn: Connection, looks: Sequence[tuple[ActId, int, int, bool]]) -> None:
    """Plans the next look of some acts: the act, when (epoch ms), its step, and whether it is doubted."""
    conn.executemany(
        "UPDATE act_looks SET next_at = ?, step = ?, is_doubted = ? WHERE act_id = ?",
        [(at, step, int(doubt), act_id) for act_id, at, step, doubt in looks],
    )


def end(conn: Connection, act_ids: Sequence[ActId]) -> None:
    """Looks at these acts no more."""
    conn.executemany("DELETE FROM act_looks WHERE act_id = ?", [(each,) for each in act_ids])
