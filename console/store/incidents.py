"""Incidents on disk: at most one is open."""

from console.domain.incidents import Incident
from console.store.database import Connection

_SELECT = "SELECT id, name, posture, opened_by, opened_at, closed_at FROM incidents"


def current(conn: Connection) -> Incident | None:
    """The open incident, if there is one."""
    row = conn.execute(f"{_SELECT} WHERE closed_at IS NULL ORDER BY id DESC LIMIT 1").fetchone()
    return Incident(*row) if row else None


def incidents(conn: Connection) -> list[Incident]:
    """Every incident, newest first."""
    return [Incident(*row) for row in conn.execute(f"{_SELECT} ORDER BY id DESC")]


def start(conn: Connection, name: str, posture: str, who: str, at: int) -> Incident:
    """Opens an incident; the caller has closed the one before. `at` is epoch ms."""
    done = conn.execute(
        "INSERT INTO incidents (name, posture, opened_by, opened_at) VALUES (?, ?, ?, ?)",
        (name, posture, who, at),
    )
    assert done.lastrowid is not None  # noqa: S101  # SQLite gives every row a number
    return Incident(done.lastrowid, name, posture, who, at)


def finish(conn: Connection, incident: Incident, who: str, at: int) -> None:
    """Closes an incident. `at` is epoch ms."""
    conn.execute("UPDATE incidents SET closed_by = ?, closed_at = ? WHERE id = ?", (who, at, incident.id))
