"""Acts that wait for a second person, on disk; who may agree is decided by `desk.approving`."""

from collections.abc import Sequence
from dataclasses import dataclass

from console.domain.acts import Act, ActState
from console.domain.approving import Second
from console.domain.ids import ActId
from console.store import acts
from console.store.database import Connection


@dataclass(frozen=True, slots=True)
class Approval:
    """One act that waits, and why."""

    act: Act
    second: Second


def wait(conn: Connection, new: Sequence[tuple[ActId, Second]]) -> None:
    """Has new acts wait for a second person."""
    conn.executemany(
        "INSERT INTO approvals (act_id, why, expires_at) VALUES (?, ?, ?)",
        [(act_id, second.why, second.expires_at) for act_id, second in new],
    )


def waiting(conn: Connection, only: Sequence[ActId] | None = None) -> list[Approval]:
    """Acts that wait now, all or those of these ids, in the order in which they were asked for."""
    if only is None:
        rows = conn.execute(
            "SELECT p.act_id, p.why, p.expires_at FROM approvals p JOIN acts a ON a.id = p.act_id "
            "WHERE p.settled_at IS NULL AND a.state = 'awaiting-approval' ORDER BY p.act_id"
        ).fetchall()
    else:
        rows = [
            row
            for act_id in sorted(set(only))
            for row in conn.execute(
                "SELECT act_id, why, expires_at FROM approvals WHERE act_id = ? AND settled_at IS NULL",
                (act_id,),
            )
        ]
    found = {act.id: act for act in acts.acts(conn, [ActId(row[0]) for row in rows])}
    return [
        Approval(found[ActId(number)], Second(why, expires_at))
        for number, why, expires_at in rows
        if found[ActId(number)].state is ActState.AWAITING_APPROVAL
    ]


def settle(
    conn: Connection, act_ids: Sequence[ActId], who: str | None, at: int, *, agreed: bool | None
) -> None:
    """Keeps who answered and how; nobody, and None, when the time was over (epoch ms)."""
    conn.executemany(
        "UPDATE approvals SET settled_by = ?, settled_at = ?, agreed = ? WHERE act_id = ?",
        [(who, at, None if agreed is None else int(agreed), act_id) for act_id in act_ids],
    )


def next_end(conn: Connection) -> int | None:
    """When the next wait is over (epoch ms), if anything waits."""
    row = conn.execute("SELECT min(expires_at) FROM approvals WHERE settled_at IS NULL").fetchone()
    return None if row[0] is None else int(row[0])


def drop_cancelled(conn: Connection, at: int) -> None:
    """Settles the rows of acts that wait no longer, because whoever asked has taken them back."""
    conn.execute(
        "UPDATE approvals SET settled_at = ? WHERE settled_at IS NULL AND act_id IN ("
        "SELECT id FROM acts WHERE state <> 'awaiting-approval')",
        (at,),
    )
