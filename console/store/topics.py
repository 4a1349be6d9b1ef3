"""Topics on disk, and the place that each search has reached."""

from collections.abc import Sequence

from console.domain.ids import AccountId, TopicId
from console.domain.topics import Search, Topic
from console.store.database import Connection
from console.store.texts import kept, told

_SELECT = "SELECT id, words, purpose, opened_by, authorised_by, opened_at, ends_at, closed_at FROM topics"


def add(
    conn: Connection,
    *,
    words: str,
    purpose: str,
    opened_by: str,
    authorised_by: str,
    at: int,
    ends_at: int,
    accounts: Sequence[AccountId],
) -> Topic:
    """Opens a topic on some accounts."""
    done = conn.execute(
        "INSERT INTO topics (words, purpose, opened_by, authorised_by, opened_at, ends_at) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        (kept(words), kept(purpose), kept(opened_by), kept(authorised_by), at, ends_at),
    )
    number = done.lastrowid
    conn.executemany(
        "INSERT INTO topic_searches (topic_id, account_id) VALUES (?, ?)",
        [(number, account_id) for account_id in accounts],
    )
    return next(topic for topic in topics(conn) if topic.id == number)


def close(conn: Connection, topic_id: TopicId, at: int) -> bool:
    """Closes a topic (epoch ms); whether it was open."""
    done = conn.execute("UPDATE topics SET closed_at = ? WHERE id = ? AND closed_at IS NULL", (at, topic_id))
    return done.rowcount == 1


def topics(conn: Connection, *, open_only: bool = False) -> list[Topic]:
    """Every topic, newest first."""
    where = "WHERE closed_at IS NULL" if open_only else ""
    return [
        Topic(
            id=TopicId(row[0]),
            words=told(row[1]),
            purpose=told(row[2]),
            opened_by=told(row[3]),
            authorised_by=told(row[4]),
            opened_at=row[5],
            ends_at=row[6],
            closed_at=row[7],
            searches=_searches(conn, TopicId(row[0])),
        )
        for row in conn.execute(f"{_SELECT} {where} ORDER BY id DESC").fetchall()
    ]


def _searches(conn: Connection, topic_id: TopicId) -> tuple[Search, ...]:
    rows = conn.execute(
        "SELECT account_id, cursor, error, last_look_at, found FROM topic_searches WHERE topic_id = ? "
        "ORDER BY account_id",
        (topic_id,),
    )
    return tuple(
        Search(AccountId(account_id), None if cursor is None else told(cursor), error, look_at, found)
        for account_id, cursor, error, look_at, found in rows
    )


def advance(
    conn: Connection, topic_id: TopicId, account_id: AccountId, *, cursor: str | None, found: int, at: int
) -> None:
    """Keeps how far a search has come (None: as far as before), and that the network answered."""
    conn.execute(
        "UPDATE topic_searches SET cursor = coalesce(?, cursor), found = found + ?, last_look_at = ?, "
        "error = NULL WHERE topic_id = ? AND account_id = ?",
        (kept(cursor), found, at, topic_id, account_id),
    )


def fail(conn: Connection, topic_id: TopicId, account_id: AccountId, error: str | None) -> None:
    """Says why a search does not run at the moment."""
    conn.execute(
        "UPDATE topic_searches SET error = ? WHERE topic_id = ? AND account_id = ?",
        (error, topic_id, account_id),
    )
