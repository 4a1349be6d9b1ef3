"""The roster of a seat on disk, who is on, and what a ledger entry says about its author.

What a newcomer would get wrong: an operator who was removed keeps the row, because entries name them; the
name comes back only to the very same spelling.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from console.domain.approving import same_person
from console.domain.audit import Note
from console.domain.operators import PROGRAM, Operator, SignedSeat
from console.store.database import Connection

_SELECT: Final = (
    "SELECT id, name, role, collar, code IS NOT NULL, wrong, wrong_at FROM operators WHERE removed_at IS NULL"
)


@dataclass(frozen=True, slots=True)
class StoredSitting:
    """Who is on at a seat, as it is kept."""

    operator_id: int
    behalf: str | None
    since_at: int
    locked_at: int | None


def roster(conn: Connection) -> list[Operator]:
    """Everyone on the roster, in the order in which they were added."""
    return [_operator(row) for row in conn.execute(f"{_SELECT} ORDER BY id")]


def operator(conn: Connection, operator_id: int) -> Operator | None:
    """One person of the roster; None when they are not on it."""
    row = conn.execute(f"{_SELECT} AND id = ?", (operator_id,)).fetchone()
    return _operator(row) if row else None


def _operator(row: tuple[int, str, str, str | None, int, int, int | None]) -> Operator:
    number, name, role, collar, has_code, wrong, wrong_at = row
    return Operator(number, name, role, collar, bool(has_code), wrong, wrong_at)


def looks(conn: Connection) -> list[tuple[str, str, bool]]:
    """Every name there ever was, how it looks, and whether its bearer is on the roster now."""
    return [
        (name, look, removed_at is None)
        for name, look, removed_at in conn.execute("SELECT name, looks, removed_at FROM operators")
    ]


def add(
    conn: Connection, name: str, look: str, role: str, collar: str | None, code: bytes | None, at: int
) -> Operator:
    """Puts somebody on the roster, or back on it; `code` is sealed. The caller has looked for look-alikes."""
    conn.execute(
        "INSERT INTO operators (name, looks, role, collar, code, added_at) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (name) DO UPDATE SET looks = excluded.looks, role = excluded.role, "
        "collar = excluded.collar, code = excluded.code, added_at = excluded.added_at, wrong = 0, "
        "wrong_at = NULL, removed_at = NULL",
        (name, look, role, collar, code, at),
    )
    return _operator(conn.execute(f"{_SELECT} AND name = ?", (name,)).fetchone())


def remove(conn: Connection, operator_id: int, at: int) -> None:
    """Takes somebody off the roster, and out of the seat; their code is forgotten."""
    conn.execute("UPDATE operators SET removed_at = ?, code = NULL WHERE id = ?", (at, operator_id))
    conn.execute("DELETE FROM sittings WHERE operator_id = ?", (operator_id,))


def set_code(conn: Connection, operator_id: int, code: bytes | None) -> None:
    """Gives somebody another code, sealed, or none; wrong tries are forgotten."""
    conn.execute(
        "UPDATE operators SET code = ?, wrong = 0, wrong_at = NULL WHERE id = ?", (code, operator_id)
    )


def code(conn: Connection, operator_id: int) -> bytes | None:
    """Somebody's sealed code."""
    row = conn.execute("SELECT code FROM operators WHERE id = ?", (operator_id,)).fetchone()
    return row[0] if row else None


def count_wrong(conn: Connection, operator_id: int, at: int) -> int:
    """Counts a wrong code; gives how many there were since the last right one."""
    conn.execute("UPDATE operators SET wrong = wrong + 1, wrong_at = ? WHERE id = ?", (at, operator_id))
    row = conn.execute("SELECT wrong FROM operators WHERE id = ?", (operator_id,)).fetchone()
    return int(row[0]) if row else 0


def forget_wrong(conn: Connection, operator_id: int) -> None:
    """Forgets wrong codes after a right one."""
    conn.execute("UPDATE operators SET wrong = 0, wrong_at = NULL WHERE id = ?", (operator_id,))


def sitting(conn: Connection, seat: str) -> StoredSitting | None:
    """Who is on at this seat; None when nobody said so."""
    row = conn.execute(
        "SELECT operator_id, behalf, since_at, locked_at FROM sittings WHERE seat = ?", (seat,)
    ).fetchone()
    return StoredSitting(*row) if row else None


def sit(conn: Connection, seat: str, operator_id: int, behalf: str | None, at: int) -> None:
    """Somebody is on at this seat from now."""
    conn.execute(
        "INSERT OR REPLACE INTO sittings (seat, operator_id, behalf, since_at) VALUES (?, ?, ?, ?)",
        (seat, operator_id, behalf, at),
    )


def leave(conn: Connection, seat: str) -> None:
    """Nobody is on at this seat."""
    conn.execute("DELETE FROM sittings WHERE seat = ?", (seat,))


def set_locked(conn: Connection, seat: str, at: int | None) -> None:
    """The seat is locked since `at`, or open again."""
    conn.execute("UPDATE sittings SET locked_at = ? WHERE seat = ?", (at, seat))


# what an entry says about its author ----------------------------------------------------------------

Signature = tuple[str | None, str | None]
"""The role, and on whose behalf; None where there is none."""


def signing(conn: Connection, seat: str) -> Callable[[Note], Signature]:
    """A function that says for each note in which role, and on whose behalf, its author did it.

    The role is that of whoever sits at the seat, else the roster's. Somebody who is deputy of the account
    that a note is about did it on behalf of its lead; otherwise on whose behalf they said that they sit here.
    What is read for that is read once for each author, and nothing for what the program does by itself.
    """
    sitting_now = seat.sitting if isinstance(seat, SignedSeat) else None
    known: dict[str, tuple[Signature, dict[object, str]]] = {}
    """Role and behalf of each author, and the leads for whom they are deputy."""

    def look_up(who: str) -> tuple[Signature, dict[object, str]]:
        if who == PROGRAM:
            return (None, None), {}
        leads = _leads(conn, who)
        if sitting_now is not None and same_person(sitting_now.name, who):
            return (sitting_now.role, sitting_now.behalf), leads
        # All of the few, and not one by name: a name may hold what SQLite cannot be asked for.
        roles = dict(conn.execute("SELECT name, role FROM operators WHERE removed_at IS NULL"))
        return (roles.get(who), None), leads

    def lead_for(note: Note, leads: dict[object, str]) -> str | None:
        """The lead of the note's account, when the author is its deputy."""
        if (account := note.facts.get("account")) is not None:
            return leads.get(account)
        item = note.facts.get("item")
        if not isinstance(item, str) or not item[1:].isdecimal():
            return None
        row = conn.execute("SELECT account_id FROM items WHERE id = ?", (int(item[1:]),)).fetchone()
        return leads.get(row[0]) if row else None

    def sign(note: Note) -> Signature:
        if note.who not in known:
            known[note.who] = look_up(note.who)
        signature, leads = known[note.who]
        lead = lead_for(note, leads) if leads else None
        return signature if lead is None else (signature[0], lead)

    return sign


def _leads(conn: Connection, who: str) -> dict[object, str]:
    """The lead of each account whose deputy somebody is, by the account's key and by its number."""
    found: dict[object, str] = {}
    for number, key, lead, deputy in conn.execute(
        "SELECT id, key, lead, deputy FROM accounts WHERE lead IS NOT NULL AND deputy IS NOT NULL"
    ):
        if same_person(deputy, who) and not same_person(lead, who) and lead.strip():
            found[number] = found[key] = lead
    return found
