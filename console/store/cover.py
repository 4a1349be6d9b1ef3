"""Claims, leads and duties on disk.

What a newcomer would get wrong: a claim whose time is over stays in its table until the running engine takes
it out (or its place is taken), so whoever reads asks `Claim.holds`.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from console.domain.approving import plain_name
from console.domain.cover import Claim, Duty
from console.domain.ids import AccountId, ItemId
from console.store.database import Connection

_HOUR: Final = 60


@dataclass(frozen=True, slots=True)
class Mine:
    """What somebody looks after."""

    accounts: tuple[str, ...]
    """Keys of accounts whose lead they are or which they cover now, in the order of accounts."""
    items: tuple[ItemId, ...]
    """What they have claimed, newest first."""


# claims ---------------------------------------------------------------------------------------------


def claims(conn: Connection, item_ids: Sequence[int]) -> dict[ItemId, Claim]:
    """The claims on these items, expired ones too until they are swept."""
    rows = conn.execute(
        "SELECT c.item_id, c.who, c.at, c.until_at FROM json_each(?) j "
        "CROSS JOIN claims c ON c.item_id = j.value",
        (json.dumps(list(item_ids)),),
    )
    return {ItemId(number): Claim(who, at, until_at) for number, who, at, until_at in rows}


def every_claim(conn: Connection) -> dict[ItemId, Claim]:
    """Every claim that was not swept yet; they are some thousands at the most."""
    rows = conn.execute("SELECT item_id, who, at, until_at FROM claims")
    return {ItemId(number): Claim(who, at, until_at) for number, who, at, until_at in rows}


def known_items(conn: Connection, item_ids: Sequence[int]) -> list[ItemId]:
    """Those of these items that the cache holds, in the order of `item_ids`."""
    rows = conn.execute(
        "SELECT i.id FROM json_each(?) j CROSS JOIN items i ON i.id = j.value ORDER BY j.key",
        (json.dumps(list(item_ids)),),
    )
    return [ItemId(number) for (number,) in rows]


def put_claims(conn: Connection, item_ids: Sequence[ItemId], claim: Claim) -> None:
    """Has somebody claim these items, whoever had them before."""
    person = plain_name(claim.who)
    conn.executemany(
        "INSERT INTO claims (item_id, who, person, at, until_at) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (item_id) DO UPDATE SET who = excluded.who, person = excluded.person, at = excluded.at, "
        "until_at = excluded.until_at",
        [(number, claim.who, person, claim.at, claim.until_at) for number in item_ids],
    )


def drop_claims(conn: Connection, item_ids: Sequence[ItemId]) -> None:
    """Takes claims away."""
    conn.executemany("DELETE FROM claims WHERE item_id = ?", [(number,) for number in item_ids])


def expired(conn: Connection, now: int) -> dict[ItemId, Claim]:
    """The claims whose time is over."""
    return {number: claim for number, claim in every_claim(conn).items() if not claim.holds(now)}


# duties ---------------------------------------------------------------------------------------------


def duties(conn: Connection) -> list[Duty]:
    """Every duty that was not ended, expired ones too until they are swept; the earliest first."""
    rows = conn.execute(
        "SELECT a.key, d.who, d.from_at, d.until_at FROM duties d JOIN accounts a ON a.id = d.account_id "
        "WHERE d.ended_at IS NULL AND a.removed_at IS NULL ORDER BY d.id"
    )
    return [Duty(*row) for row in rows]


def last_duties(conn: Connection) -> dict[str, int]:
    """When the last duty ended that is over, by the key of the account (epoch ms)."""
    rows = conn.execute(
        "SELECT a.key, max(d.ended_at) FROM duties d JOIN accounts a ON a.id = d.account_id "
        "WHERE d.ended_at IS NOT NULL GROUP BY a.key"
    )
    return dict(rows.fetchall())


def put_duty(conn: Connection, account_id: AccountId, who: str, from_at: int, until_at: int) -> None:
    """Has somebody cover an account until then; what they had said before of it is ended."""
    end_duty(conn, account_id, who, from_at)
    conn.execute(
        "INSERT INTO duties (account_id, who, person, from_at, until_at) VALUES (?, ?, ?, ?, ?)",
        (account_id, who, plain_name(who), from_at, until_at),
    )


def end_duty(conn: Connection, account_id: AccountId, who: str, at: int) -> bool:
    """Ends somebody's duty for an account; whether there was one."""
    done = conn.execute(
        "UPDATE duties SET ended_at = min(?, until_at) "
        "WHERE account_id = ? AND person = ? AND ended_at IS NULL",
        (at, account_id, plain_name(who)),
    )
    return done.rowcount > 0


def mine(conn: Connection, who: str) -> Mine:
    """What somebody looks after: accounts that they lead or cover now, and items that they have claimed."""
    person = plain_name(who)
    on_duty = {
        number
        for (number,) in conn.execute(
            "SELECT account_id FROM duties WHERE person = ? AND ended_at IS NULL", (person,)
        )
    }
    keys = [
        key
        for number, key, lead in conn.execute(
            "SELECT id, key, lead FROM accounts WHERE removed_at IS NULL ORDER BY id"
        )
        if number in on_duty or plain_name(lead or "") == person
    ]
    rows = conn.execute("SELECT item_id FROM claims WHERE person = ? ORDER BY item_id DESC", (person,))
    return Mine(tuple(keys), tuple(ItemId(number) for (number,) in rows))


# how lively accounts are -----------------------------------------------------------------------------


def rate(conn: Connection, account_id: AccountId, first_minute: int, last_minute: int) -> float | None:
    """Arrivals a minute of an account from one minute to another, both included (minutes since 1970, UTC).

    By the kept minutes of the profile and the account's index, so that no item is read. None when nothing at
    all was received before that time, so that silence cannot be told from not listening.
    """
    (low,) = conn.execute("SELECT min(first_id) FROM arrivals WHERE minute >= ?", (first_minute,)).fetchone()
    (high,) = conn.execute("SELECT min(first_id) FROM arrivals WHERE minute > ?", (last_minute,)).fetchone()
    (was,) = conn.execute("SELECT min(minute) FROM arrivals").fetchone()
    if was is None or was > last_minute:
        return None
    if low is None:
        return 0.0
    (number,) = conn.execute(
        "SELECT count(*) FROM items INDEXED BY items_account WHERE account_id = ? AND id >= ? AND id < ?",
        (account_id, low, 2**62 if high is None else high),
    ).fetchone()
    return float(number) / (last_minute - first_minute + 1)


def usual_rates(conn: Connection, account_id: AccountId, minute: int, days: int) -> list[float]:
    """Arrivals a minute of an account in the hour around this minute, on each of so many days before."""
    start = minute // _HOUR * _HOUR
    found = (
        rate(conn, account_id, start - day * 24 * _HOUR, start - day * 24 * _HOUR + _HOUR - 1)
        for day in range(1, days + 1)
    )
    return [each for each in found if each is not None]
