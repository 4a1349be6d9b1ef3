"""Sealed secrets on disk: one per account, and what is needed to make the profile's key again.

Nothing here is ever in clear: sealing and opening is the work of whoever holds the key.
"""

from console.domain.ids import AccountId
from console.store.database import Connection


def secret(conn: Connection, account_id: AccountId) -> bytes | None:
    """The account's sealed sign-in."""
    row = conn.execute("SELECT sealed FROM secrets WHERE account_id = ?", (account_id,)).fetchone()
    found: bytes | None = row[0] if row else None
    return found


def put_secret(conn: Connection, account_id: AccountId, sealed: bytes, at: int) -> None:
    """Keeps a sealed sign-in in place of the one before. `at` is epoch ms."""
    conn.execute(
        "INSERT INTO secrets (account_id, sealed, at) VALUES (?, ?, ?) ON CONFLICT (account_id) "
        "DO UPDATE SET sealed = excluded.sealed, at = excluded.at",
        (account_id, sealed, at),
    )


def drop_secret(conn: Connection, account_id: AccountId) -> None:
    """Destroys an account's sign-in; its bytes are overwritten."""
    conn.execute("DELETE FROM secrets WHERE account_id = ?", (account_id,))


def material(conn: Connection, name: str) -> bytes | None:
    """What was kept under a name about the profile's key: a salt, a wrapped key, a check value."""
    row = conn.execute("SELECT value FROM meta WHERE name = ?", (f"key:{name}",)).fetchone()
    found: bytes | None = row[0] if row else None
    return found


def put_material(conn: Connection, name: str, value: bytes) -> None:
    """Keeps something about the profile's key; never the key itself."""
    conn.execute(
        "INSERT INTO meta (name, value) VALUES (?, ?) "
        "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (f"key:{name}", value),
    )
