"""Sealed sign-ins on disk, one for each account.

Nothing here is ever in clear: sealing and opening is the work of whoever holds the profile's key.
"""

from collections.abc import Mapping

from console.domain.ids import AccountId
from console.store.database import Connection


def secret(conn: Connection, account_id: AccountId) -> bytes | None:
    """The account's sealed sign-in."""
    row = conn.execute("SELECT sealed FROM secrets WHERE account_id = ?", (account_id,)).fetchone()
    found: bytes | None = row[0] if row else None
    return found


def keep(conn: Connection, account_id: AccountId, sealed: bytes) -> None:
    """Keeps a sealed sign-in in place of the one before."""
    conn.execute(
        "INSERT INTO secrets (account_id, sealed) VALUES (?, ?) "
        "ON CONFLICT (account_id) DO UPDATE SET sealed = excluded.sealed",
        (account_id, sealed),
    )


def forget(conn: Connection, account_id: AccountId) -> None:
    """Destroys an account's sign-in; its bytes are overwritten."""
    conn.execute("DELETE FROM secrets WHERE account_id = ?", (account_id,))


def material(conn: Connection) -> dict[str, bytes]:
    """What is needed to make the profile's key again (salt, wrapped key, check), each under its name.

    Empty in a new profile.
    """
    rows = conn.execute("SELECT substr(name, 5), value FROM meta WHERE name LIKE 'key:%'")
    return dict(rows.fetchall())


def keep_material(conn: Connection, parts: Mapping[str, bytes]) -> None:
    """Keeps this, and only this, about the profile's key; never the key itself."""
    conn.execute("DELETE FROM meta WHERE name LIKE 'key:%'")
    conn.executemany(
        "INSERT INTO meta (name, value) VALUES (?, ?)",
        [(f"key:{name}", value) for name, value in parts.items()],
    )
