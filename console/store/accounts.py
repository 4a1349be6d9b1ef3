"""Accounts on disk: the list, their health, and the place in each one's stream.

An account that is removed keeps its row, because items, acts and ledger name it; adding the same key
again takes the row up, so what is known of its items stays known.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from console.domain import ids
from console.domain.accounts import Account, AccountState
from console.domain.errors import NotPossible
from console.domain.ids import AccountId
from console.store.database import Connection
from console.store.texts import kept

_COLUMNS: Final = (
    "id, key, network, connector, handle, name, lead, deputy, may_act, settings, state, error, since, "
    "last_item_at, last_look_at, notice, sign_in_ends_at, token, app"
)
_SELECT: Final = f"SELECT {_COLUMNS} FROM accounts"  # noqa: S608  # a constant of this file


def accounts(conn: Connection) -> list[Account]:
    """Every account that was not removed, in the order in which they were added."""
    return [_account(row) for row in conn.execute(f"{_SELECT} WHERE removed_at IS NULL ORDER BY id")]


def every(conn: Connection) -> list[Account]:
    """Every account that there ever was, removed ones too: their items are still here."""
    return [_account(row) for row in conn.execute(f"{_SELECT} ORDER BY id")]


def account(conn: Connection, account_id: AccountId) -> Account | None:
    """One account, also a removed one, because items may still name it."""
    row = conn.execute(f"{_SELECT} WHERE id = ?", (account_id,)).fetchone()
    return _account(row) if row else None


def by_key(conn: Connection, key: str) -> Account | None:
    """The account with this key, unless it was removed."""
    row = conn.execute(f"{_SELECT} WHERE key = ? AND removed_at IS NULL", (key,)).fetchone()
    return _account(row) if row else None


def free_key(conn: Connection, network: str, handle: str) -> str:
    """A key for an account that is to be added: readable, and not that of another handle."""
    wanted = key = ids.account_key(network, handle)
    number = 1
    while True:
        row = conn.execute("SELECT handle FROM accounts WHERE key = ?", (key,)).fetchone()
        if row is None or row[0] == _whole(handle):
            return key
        number += 1
        key = f"{wanted}-{number}"


def add(  # noqa: PLR0913  # one named value for each column that a person fills
    conn: Connection,
    *,
    key: str,
    network: str,
    connector: str,
    handle: str,
    name: str,
    lead: str | None,
    deputy: str | None,
    may_act: bool,
    settings: Mapping[str, str],
    at: int,
) -> Account:
    """Adds an account, or takes up a removed one again with what is said now.

    Raises NotPossible when the key is in use.
    """
    row = conn.execute("SELECT id, removed_at FROM accounts WHERE key = ?", (key,)).fetchone()
    values = (
        network,
        connector,
        _whole(handle),
        _whole(name),
        lead,
        deputy,
        int(may_act),
        json.dumps(dict(settings)),
        AccountState.OFF.value,
        at,
    )
    if row is None:
        conn.execute(
            "INSERT INTO accounts (network, connector, handle, name, lead, deputy, may_act, settings, "
            "state, added_at, key) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*values, key),
        )
    elif row[1] is None:
        raise NotPossible(f"{key} is connected already.")
    else:
        conn.execute(
            "UPDATE accounts SET network = ?, connector = ?, handle = ?, name = ?, lead = ?, "
            "deputy = ?, may_act = ?, settings = ?, state = ?, added_at = ?, removed_at = NULL, "
            "error = NULL, since = NULL, notice = NULL, sign_in_ends_at = NULL WHERE key = ?",
            (*values, key),
        )
    return _account(conn.execute(f"{_SELECT} WHERE key = ?", (key,)).fetchone())


def remove(conn: Connection, account_id: AccountId, at: int) -> bool:
    """Removes an account from the list; its items stay. Tells whether it was there."""
    done = conn.execute(
        "UPDATE accounts SET removed_at = ?, state = ?, error = NULL, since = ? "
        "WHERE id = ? AND removed_at IS NULL",
        (at, AccountState.OFF.value, at, account_id),
    )
    return done.rowcount == 1


def set_cover(conn: Connection, account_id: AccountId, lead: str | None, deputy: str | None) -> None:
    """Says who answers for an account."""
    conn.execute("UPDATE accounts SET lead = ?, deputy = ? WHERE id = ?", (lead, deputy, account_id))


def set_settings(conn: Connection, account_id: AccountId, settings: Mapping[str, str]) -> None:
    """Replaces what the connector was told; never a secret."""
    told = json.dumps(dict(settings), ensure_ascii=False)
    conn.execute("UPDATE accounts SET settings = ? WHERE id = ?", (told, account_id))


def set_health(
    conn: Connection, account_id: AccountId, state: AccountState, error: str | None, at: int
) -> None:
    """Says how an account does; `since` changes only when the state does. `at` is epoch ms."""
    conn.execute(
        "UPDATE accounts SET since = CASE WHEN state = ?1 THEN coalesce(since, ?3) ELSE ?3 END, "
        "state = ?1, error = ?2 WHERE id = ?4",
        (state.value, error, at, account_id),
    )


def set_profile(
    conn: Connection, account_id: AccountId, *, ends_at: int | None, token: str, app: str
) -> None:
    """Keeps what the network said at the sign-in: when it ends, and with whom ceilings are shared."""
    conn.execute(
        "UPDATE accounts SET sign_in_ends_at = ?, token = ?, app = ? WHERE id = ?",
        (kept(ends_at), _whole(token), _whole(app), account_id),
    )


def set_notice(conn: Connection, account_id: AccountId, notice: str | None) -> None:
    """Says what a person should know though the account works; None: nothing."""
    conn.execute(
        "UPDATE accounts SET notice = ? WHERE id = ?",
        (None if notice is None else _whole(notice), account_id),
    )


def set_look(conn: Connection, account_id: AccountId, at: int) -> None:
    """Says that the network answered at this time (epoch ms)."""
    conn.execute("UPDATE accounts SET last_look_at = ? WHERE id = ?", (at, account_id))


def cursor(conn: Connection, account_id: AccountId) -> str | None:
    """The place in the account's stream up to which everything is stored."""
    row = conn.execute("SELECT cursor FROM accounts WHERE id = ?", (account_id,)).fetchone()
    found: str | None = row[0] if row else None
    return found


def set_cursor(conn: Connection, account_id: AccountId, place: str | None) -> None:
    """Keeps a place in the stream without items; with items, `saving.save_batch` does it."""
    conn.execute("UPDATE accounts SET cursor = ? WHERE id = ?", (place, account_id))


def _whole(text: str) -> str:
    """A name without half letters, which networks send and no disk holds as text."""
    return text.encode("utf-8", "replace").decode()


def _account(row: tuple[Any, ...]) -> Account:
    """The account in a row of `_SELECT`; its columns have the types of the schema."""
    (number, key, network, connector, handle, name, lead, deputy, may_act, settings, state) = row[:11]
    return Account(
        id=AccountId(number),
        key=key,
        network=network,
        connector=connector,
        handle=handle,
        name=name,
        lead=lead,
        deputy=deputy,
        may_act=bool(may_act),
        settings=json.loads(settings),
        state=AccountState(state),
        error=row[11],
        since=row[12],
        last_item_at=row[13],
        last_look_at=row[14],
        notice=row[15],
        sign_in_ends_at=row[16],
        token=row[17],
        app=row[18],
    )
