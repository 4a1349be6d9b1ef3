"""Handovers on disk."""

import json
from collections.abc import Sequence

from console.domain.handover import Handover, Line, LineKind
from console.store.database import Connection


def put(conn: Connection, who: str, at: int, lines: Sequence[Line]) -> int:
    """Keeps a new handover; gives its number. `at` is epoch ms; `enter` must follow."""
    number = conn.execute(
        "INSERT INTO handovers (made_by, made_at, entry) VALUES (?, ?, 0)", (who, at)
    ).lastrowid
    if number is None:
        raise RuntimeError("SQLite gave no number to a row that it has inserted")
    conn.executemany(
        "INSERT INTO handover_lines (handover_id, place, kind, key, more) VALUES (?, ?, ?, ?, ?)",
        [(number, line.place, line.kind.value, line.key, line.more) for line in lines],
    )
    return number


def enter(conn: Connection, number: int, seq: int) -> None:
    """Says which entry of the ledger tells of a handover, and holds what was said in its content."""
    conn.execute("UPDATE handovers SET entry = ? WHERE id = ?", (seq, number))


def one(conn: Connection, number: int | None) -> Handover | None:
    """A handover, or the newest (None); None when there is none."""
    row = conn.execute(
        "SELECT h.id, h.made_by, h.made_at, c.content FROM handovers h "
        "LEFT JOIN ledger_content c ON c.seq = h.entry "
        "WHERE ?1 IS NULL OR h.id = ?1 ORDER BY h.id DESC LIMIT 1",
        (number,),
    ).fetchone()
    if row is None:
        return None
    lines = conn.execute(
        "SELECT place, kind, key, more, accepted_by, accepted_at FROM handover_lines "
        "WHERE handover_id = ? ORDER BY place",
        (row[0],),
    )
    note = json.loads(row[3]).get("note", "") if row[3] else ""
    found = tuple(Line(place, LineKind(kind), *rest) for place, kind, *rest in lines)
    return Handover(row[0], row[1], row[2], note, found)


def accept(conn: Connection, number: int, place: int, who: str, at: int) -> bool:
    """Somebody takes a line on; False when somebody has already (or there is no such line)."""
    done = conn.execute(
        "UPDATE handover_lines SET accepted_by = ?, accepted_at = ? "
        "WHERE handover_id = ? AND place = ? AND accepted_by IS NULL",
        (who, at, number, place),
    )
    return done.rowcount == 1
