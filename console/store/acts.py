"""Acts on disk: the queue, and everything that was ever asked for.

Which step may follow which is the law of `domain.acts.MOVES`; `desk.local` applies it. Here are only the
rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from console.domain.acts import INVERSE, OPEN, Act, ActState, Verb, same_matter
from console.domain.ids import AccountId, ActId, BulkId, EvidenceId, ItemId
from console.store.database import Connection
from console.store.rows import insert as insert_rows
from console.store.texts import kept, told, told_or_none

_COLUMNS: Final = (
    "id, bulk_id, verb, item_id, account_id, state, reason, category, text, requested_by, requested_at, "
    "due_at, sent_at, settled_at, attempts, error, note, undo_of, evidence_id, reversible"
)
_SELECT: Final = f"SELECT {_COLUMNS} FROM acts"  # noqa: S608  # a constant of this file
_OPEN: Final = ", ".join(f"'{state.value}'" for state in sorted(OPEN))
# What was asked for first on one matter is settled first: else an act that is sent again after a time-out
# would undo the wish that came after it.
_BEFORE: Final = (
    "e.verb <> acts.verb AND e.state IN ('queued', 'sending', 'accepted', 'uncertain') AND ("
    + " OR ".join(
        f"(e.verb IN ({names}) AND acts.verb IN ({names}))"
        for some in sorted({same_matter(verb) for verb in Verb} - {frozenset()}, key=sorted)
        for names in [", ".join(f"'{verb.value}'" for verb in sorted(some))]
    )
    + ")"
)
_AT_ONCE: Final = 500
_LOOKED_THROUGH: Final = 5_000
"""How many acts that wait are looked through for some of a verb that has room."""
_FOR_EVER: Final = 2**63 - 1


def next_id(conn: Connection) -> int:
    """The number that the next act gets; numbers are never used twice."""
    row = conn.execute("SELECT seq FROM sqlite_sequence WHERE name = 'acts'").fetchone()
    return 1 + (int(row[0]) if row else 0)


def insert(conn: Connection, new: Sequence[Act]) -> None:
    """Keeps new acts and makes each the newest one of its item."""
    grades = _grades(conn, sorted({act.item_id for act in new}))
    insert_rows(
        conn,
        f"INSERT INTO acts ({_COLUMNS}, grade) VALUES (rows)",  # noqa: S608  # a constant of this file
        [
            (
                act.id,
                act.bulk_id,
                act.verb.value,
                act.item_id,
                act.account_id,
                act.state.value,
                kept(act.reason),
                act.category,
                kept(act.text),
                kept(act.requested_by),
                act.requested_at,
                act.due_at,
                act.sent_at,
                act.settled_at,
                act.attempts,
                kept(act.error),
                kept(act.note),
                act.undo_of,
                act.evidence_id,
                int(act.reversible),
                grades.get(act.item_id, 5),
            )
            for act in new
        ],
    )
    newest: dict[ItemId, tuple[ItemId, ActId, EvidenceId | None]] = {}
    for act in new:
        before = newest.get(act.item_id)
        evidence_id = act.evidence_id or (before[2] if before else None)
        newest[act.item_id] = act.item_id, act.id, evidence_id
    insert_rows(conn, _NEWEST, newest.values())


_NEWEST: Final = """
WITH newest (item, act, evidence) AS (VALUES (rows))
UPDATE items SET act_id = newest.act, evidence_id = coalesce(newest.evidence, evidence_id)
FROM newest WHERE items.id = newest.item
"""


def _grades(conn: Connection, item_ids: Sequence[ItemId]) -> dict[ItemId, int]:
    """The grades that new acts on these items get.

    It is the item's own; on an item that has others waiting it is theirs, so that none overtakes them.
    """
    found: dict[ItemId, int] = {}
    for start in range(0, len(item_ids), _AT_ONCE):
        some = item_ids[start : start + _AT_ONCE]
        marks = ",".join("?" * len(some))
        found.update(conn.execute(f"SELECT id, grade FROM items WHERE id IN ({marks})", some))  # noqa: S608  # question marks
        found.update(
            conn.execute(
                "SELECT item_id, grade FROM acts INDEXED BY acts_item "  # noqa: S608  # names of states and question marks
                f"WHERE item_id IN ({marks}) AND state IN ({_OPEN}) ORDER BY id",
                some,
            )
        )
    return found


def new_bulk(conn: Connection, who: str, at: int, number: int) -> BulkId:
    """A new bulk act of so many acts, asked for by one person at one time."""
    done = conn.execute(
        "INSERT INTO bulk_acts (requested_by, requested_at, number) VALUES (?, ?, ?)", (who, at, number)
    )
    assert done.lastrowid is not None  # noqa: S101  # SQLite gives every row a number
    return BulkId(done.lastrowid)


def add_to_bulk(conn: Connection, bulk_id: BulkId, number: int) -> None:
    """Counts more acts of a bulk act that goes on."""
    conn.execute("UPDATE bulk_acts SET number = number + ? WHERE id = ?", (number, bulk_id))


def set_standing(conn: Connection, act_ids: Sequence[ActId], standing: int) -> None:
    """Says that acts follow from a standing verdict: they are never what somebody did last."""
    conn.executemany(
        "INSERT INTO standing_acts (act_id, standing_id) VALUES (?, ?)",
        [(each, standing) for each in act_ids],
    )


def step(conn: Connection, changed: Sequence[Act]) -> None:
    """Writes the parts of acts that change while they step on."""
    conn.executemany(
        "UPDATE acts SET state = ?, due_at = ?, sent_at = ?, settled_at = ?, attempts = ?, error = ?, "
        "note = ? WHERE id = ?",
        [
            (
                act.state.value,
                act.due_at,
                act.sent_at,
                act.settled_at,
                act.attempts,
                kept(act.error),
                kept(act.note),
                act.id,
            )
            for act in changed
        ],
    )


def set_left_up(conn: Connection, item_ids: Sequence[ItemId], at: int | None) -> None:
    """Says that items were left up at this time (epoch ms); None takes it back."""
    conn.executemany("UPDATE items SET left_up_at = ? WHERE id = ?", [(at, each) for each in item_ids])


# reading ------------------------------------------------------------------------------------------


def acts(conn: Connection, ids: Sequence[ActId]) -> list[Act]:
    """These acts, in the order of their ids."""
    found: list[Act] = []
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        marks = ",".join("?" * len(some))
        rows = conn.execute(f"{_SELECT} WHERE id IN ({marks}) ORDER BY id", some)
        found += [_act(row) for row in rows]
    return found


def in_states(
    conn: Connection,
    states: Sequence[ActState],
    accounts: Sequence[AccountId] | None,
    most: int,
    due_by: int | None = None,
) -> list[Act]:
    """Acts in these states (on these accounts, due by then in epoch ms), oldest first.

    Each state and account is asked for by itself, so that the index gives the oldest without sorting.
    """
    if accounts is None:
        accounts = [number for (number,) in conn.execute("SELECT DISTINCT account_id FROM act_counts")]
    found: list[Act] = []
    for state in set(states):
        for account_id in set(accounts):
            rows = conn.execute(
                f"SELECT {_COLUMNS} FROM acts INDEXED BY acts_state "  # noqa: S608  # a constant of this file
                "WHERE state = ? AND account_id = ? AND due_at <= ? ORDER BY id LIMIT ?",
                (state.value, account_id, _FOR_EVER if due_by is None else due_by, most),
            )
            found += [_act(row) for row in rows]
    return sorted(found, key=_number)[:most]


def due(
    conn: Connection,
    accounts: Sequence[AccountId],
    now: int,
    most: int,
    room: Mapping[Verb, int],
    *,
    reversible_only: bool = False,
) -> list[Act]:
    """Acts to be sent that are due now (epoch ms), on the worst graded items first, then the oldest.

    `room` says how many of a verb there may be at the most; a verb that is missing has no end.
    `reversible_only` leaves out what has no way back.
    """
    full = [verb.value for verb, items in room.items() if items <= 0]
    found: list[tuple[int, Act]] = []
    for account_id in set(accounts):
        left = dict(room)
        taken = 0
        for row in conn.execute(
            f"SELECT {_COLUMNS}, grade FROM acts INDEXED BY acts_turn "  # noqa: S608  # constants and question marks
            "WHERE account_id = ? AND state IN ('queued', 'held') AND due_at <= ? AND NOT EXISTS ("
            "SELECT 1 FROM acts e INDEXED BY acts_item "
            f"WHERE e.item_id = acts.item_id AND e.id < acts.id AND {_BEFORE}) "
            f"AND verb NOT IN ({', '.join('?' * len(full))}) AND reversible >= ? ORDER BY grade, id LIMIT ?",
            (account_id, now, *full, int(reversible_only), _LOOKED_THROUGH),
        ):
            act = _act(row)
            if left.get(act.verb, 1) <= 0:
                continue
            if act.verb in left:
                left[act.verb] -= 1
            found.append((row[20], act))
            taken += 1
            if taken >= most:
                break
    return [act for _, act in sorted(found, key=lambda each: (each[0], each[1].id))[:most]]


def next_due(conn: Connection, account_id: AccountId, after: int) -> int | None:
    """When the next act of an account becomes due that is not yet (epoch ms), if there is one."""
    moments = [
        conn.execute(
            "SELECT min(due_at) FROM acts INDEXED BY acts_due "
            "WHERE state = ? AND account_id = ? AND due_at > ?",
            (state.value, account_id, after),
        ).fetchone()[0]
        for state in (ActState.QUEUED, ActState.HELD)
    ]
    return min((moment for moment in moments if moment is not None), default=None)


def backlog(conn: Connection) -> dict[tuple[AccountId, Verb], int]:
    """How many acts wait to be sent, by account and verb; as quick as there are few of them."""
    rows = conn.execute(
        "SELECT account_id, verb, count(*) FROM acts INDEXED BY acts_turn "
        "WHERE state IN ('queued', 'held') GROUP BY account_id, verb"
    )
    return {(AccountId(account_id), Verb(verb)): number for account_id, verb, number in rows}


def open_acts(conn: Connection) -> list[Act]:
    """Every act that still asks for work, oldest first."""
    marks = ",".join("?" * len(OPEN))
    rows = conn.execute(
        f"{_SELECT} WHERE state IN ({marks}) ORDER BY id", sorted(state.value for state in OPEN)
    )
    return [_act(row) for row in rows]


def newest(conn: Connection, who: str | None, most: int) -> list[Act]:
    """The newest acts (of one operator), newest first."""
    if who is None:
        rows = conn.execute(f"{_SELECT} ORDER BY id DESC LIMIT ?", (most,))
    else:
        rows = conn.execute(f"{_SELECT} WHERE requested_by = ? ORDER BY id DESC LIMIT ?", (kept(who), most))
    return [_act(row) for row in rows]


def of_bulk(conn: Connection, bulk_id: BulkId) -> list[Act]:
    """All acts of one bulk act, in the order of their ids."""
    return [_act(row) for row in conn.execute(f"{_SELECT} WHERE bulk_id = ? ORDER BY id", (bulk_id,))]


def of_item(conn: Connection, item_id: ItemId) -> list[Act]:
    """Everything that was ever asked for on one item, oldest first."""
    return [_act(row) for row in conn.execute(f"{_SELECT} WHERE item_id = ? ORDER BY id", (item_id,))]


def last_undoable(conn: Connection, who: str) -> Act | None:
    """The operator's newest act that can be taken back and is not being taken back already.

    It waits still, is a decision that sent nothing, or was sent and has a way back.
    """
    inverse = ", ".join(f"'{verb.value}'" for verb in INVERSE)
    row = conn.execute(
        f"SELECT {_COLUMNS} FROM acts a INDEXED BY acts_undoable WHERE requested_by = ? "  # noqa: S608  # constants
        "AND undo_of IS NULL AND state NOT IN ('refused', 'failed', 'cancelled', 'expired', 'undone') "
        "AND (reversible OR verb = 'leave-up' "
        "OR state IN ('drafted', 'awaiting-approval', 'held', 'queued')) "
        f"AND (verb IN ('leave-up', {inverse}) "
        "OR state IN ('drafted', 'awaiting-approval', 'held', 'queued')) "
        "AND NOT EXISTS (SELECT 1 FROM standing_acts t WHERE t.act_id = a.id) "
        "AND NOT EXISTS (SELECT 1 FROM acts u WHERE u.undo_of = a.id AND u.state NOT IN "
        "('refused', 'failed', 'cancelled', 'expired', 'undone', 'reappeared')) "
        "ORDER BY id DESC LIMIT 1",
        (kept(who),),
    ).fetchone()
    return _act(row) if row else None


@dataclass(frozen=True, slots=True)
class Count:
    """How many acts of one account are in one state, and when the first of them is due (epoch ms)."""

    account_id: AccountId
    state: ActState
    number: int
    due_at: int


def waiting(conn: Connection) -> list[Count]:
    """The open acts, counted by account and state; from kept counters, quick at any length."""
    found: list[Count] = []
    for account_id, name, number in conn.execute(
        "SELECT account_id, state, number FROM act_counts WHERE number > 0 ORDER BY account_id, state"
    ).fetchall():
        state = ActState(name)
        if state in OPEN:
            (due_at,) = conn.execute(
                "SELECT min(due_at) FROM acts INDEXED BY acts_due WHERE state = ? AND account_id = ?",
                (name, account_id),
            ).fetchone()
            found.append(Count(AccountId(account_id), state, number, due_at))
    return found


def counts(conn: Connection) -> dict[ActState, int]:
    """How many acts there are in each state, from kept counters; quick at any length."""
    rows = conn.execute("SELECT state, sum(number) FROM act_counts GROUP BY state").fetchall()
    return {ActState(state): number for state, number in rows if number}


def _number(act: Act) -> int:
    return act.id


def _act(row: tuple[Any, ...]) -> Act:
    """The act in a row of `_SELECT`; its columns have the types of the schema."""
    return Act(
        id=ActId(row[0]),
        bulk_id=None if row[1] is None else BulkId(row[1]),
        verb=Verb(row[2]),
        item_id=ItemId(row[3]),
        account_id=AccountId(row[4]),
        state=ActState(row[5]),
        reason=told(row[6]),
        category=row[7],
        text=told_or_none(row[8]),
        requested_by=told(row[9]),
        requested_at=row[10],
        due_at=row[11],
        sent_at=row[12],
        settled_at=row[13],
        attempts=row[14],
        error=told_or_none(row[15]),
        note=told_or_none(row[16]),
        undo_of=None if row[17] is None else ActId(row[17]),
        evidence_id=None if row[18] is None else EvidenceId(row[18]),
        reversible=bool(row[19]),
    )
