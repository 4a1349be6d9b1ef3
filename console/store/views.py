"""Saved views and account groups on disk."""

from collections.abc import Sequence

from console.domain.views import Groups, View
from console.store.database import Connection
from console.store.texts import kept, told

_SELECT = "SELECT id, name, question, owner, is_shared, place FROM views"


def views(conn: Connection) -> list[View]:
    """Every view of everybody, in the order in which their owners want them."""
    rows = conn.execute(f"{_SELECT} ORDER BY place, id").fetchall()
    return [
        View(number, told(name), told(question), told(owner), bool(is_shared), place)
        for number, name, question, owner, is_shared, place in rows
    ]


def view(conn: Connection, number: int) -> View | None:
    """One view; None when there is none such."""
    return next((found for found in views(conn) if found.id == number), None)


def add(conn: Connection, name: str, question: str, owner: str, at: int) -> View:
    """Adds a view as its owner's last (epoch ms); nobody else sees it."""
    (place,) = conn.execute("SELECT coalesce(max(place), 0) + 1 FROM views").fetchone()
    done = conn.execute(
        "INSERT INTO views (name, question, owner, is_shared, place, changed_at) VALUES (?, ?, ?, 0, ?, ?)",
        (kept(name), kept(question), kept(owner), place, at),
    )
    return View(int(done.lastrowid or 0), name, question, owner, False, place)


def change(conn: Connection, wanted: View, at: int) -> None:
    """Keeps a view as it is now (epoch ms)."""
    conn.execute(
        "UPDATE views SET name = ?, question = ?, is_shared = ?, place = ?, changed_at = ? WHERE id = ?",
        (kept(wanted.name), kept(wanted.question), int(wanted.is_shared), wanted.place, at, wanted.id),
    )


def drop(conn: Connection, number: int) -> None:
    """Takes a view away."""
    conn.execute("DELETE FROM views WHERE id = ?", (number,))


def groups(conn: Connection) -> Groups:
    """Every account group, by name in order, with the keys of its accounts."""
    found: dict[str, list[str]] = {}
    for name, account in conn.execute("SELECT name, account FROM account_groups ORDER BY name, account"):
        found.setdefault(told(name), []).append(told(account))
    return found


def set_group(conn: Connection, name: str, accounts: Sequence[str]) -> None:
    """Has a group hold these accounts and no others; one without any is no group."""
    conn.execute("DELETE FROM account_groups WHERE name = ?", (kept(name),))
    conn.executemany(
        "INSERT INTO account_groups (name, account) VALUES (?, ?)",
        [(kept(name), kept(account)) for account in dict.fromkeys(accounts)],
    )
