"""What keeps evidence: the recovery key's public half, every sealed key, holds, and the files of pictures.

What a newcomer would get wrong: a key lies in three places (an evidence record, a picture's file, the
key that names files), each sealed twice: under the profile's key and to the recovery key. Whoever wraps
anew must reach all three, so `SealedKey` covers them alike.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from console.domain.ids import EvidenceId, ItemId
from console.store.database import Connection

Place = Literal["evidence", "media_files", "sealed_keys"]

_ABOUT: Final[dict[Place, tuple[str, str, str]]] = {
    "evidence": ("id", "digest", "cipher IS NOT NULL AND wrapped_key IS NOT NULL"),
    "media_files": ("name", "name", "1"),
    "sealed_keys": ("name", "name", "1"),
}
"""For each table: what names a row, what its key is bound to, and which rows still have a key."""


@dataclass(frozen=True, slots=True)
class SealedKey:
    """One key as it lies in the profile."""

    place: Place
    row: int | str
    about: bytes
    """What its wrap is bound to: the digest of the record's cipher text, or the file's name."""
    wrapped: bytes
    """Sealed under the profile's key."""
    recovery: bytes | None
    """Sealed to the recovery key."""


@dataclass(frozen=True, slots=True)
class RecoveryKey:
    """The public half of a recovery key. `made_at` is epoch ms."""

    public: bytes
    fingerprint: str
    made_by: str
    made_at: int


@dataclass(frozen=True, slots=True)
class Hold:
    """A legal hold on one item. Times are epoch ms."""

    id: int
    item_id: ItemId
    reason: str
    put_by: str
    put_at: int


# the recovery key ---------------------------------------------------------------------------------


def recovery_key(conn: Connection) -> RecoveryKey | None:
    """The recovery key in force."""
    row = conn.execute(
        "SELECT public, fingerprint, made_by, made_at FROM recovery_keys ORDER BY id DESC LIMIT 1"
    ).fetchone()
    return RecoveryKey(*row) if row else None


def put_recovery_key(conn: Connection, key: RecoveryKey) -> None:
    """Puts a recovery key in force in place of the one before."""
    conn.execute(
        "INSERT INTO recovery_keys (public, fingerprint, made_by, made_at) VALUES (?, ?, ?, ?)",
        (key.public, key.fingerprint, key.made_by, key.made_at),
    )


# sealed keys --------------------------------------------------------------------------------------


def unwrapped(conn: Connection, key_id: bytes, most: int) -> list[SealedKey]:
    """Up to so many keys that are not sealed to the recovery key with this id (its first bytes)."""
    found: list[SealedKey] = []
    for place in _ABOUT:
        if len(found) < most:
            where = "(recovery_wrap IS NULL OR substr(recovery_wrap, 1, ?) <> ?)"
            found += _keys(conn, place, where, (len(key_id), key_id), most - len(found))
    return found


def every_key(conn: Connection) -> list[SealedKey]:
    """All sealed keys of the profile."""
    return [key for place in _ABOUT for key in _keys(conn, place, "1", (), -1)]


def count_unwrapped(conn: Connection) -> int:
    """How many evidence records no recovery key opens."""
    row = conn.execute(
        "SELECT count(*) FROM evidence WHERE cipher IS NOT NULL AND recovery_wrap IS NULL"
    ).fetchone()
    return int(row[0])


def _keys(
    conn: Connection, place: Place, where: str, values: tuple[object, ...], most: int
) -> list[SealedKey]:
    name, about, there = _ABOUT[place]
    rows = conn.execute(
        f"SELECT {name}, {about}, wrapped_key, recovery_wrap FROM {place} "  # noqa: S608  # names of this file
        f"WHERE {there} AND {where} ORDER BY {name} LIMIT ?",
        (*values, most),
    )
    return [
        SealedKey(place, row, bytes.fromhex(bound) if place == "evidence" else bound.encode(), *wraps)
        for row, bound, *wraps in rows
    ]


def set_keys(conn: Connection, keys: Iterable[SealedKey]) -> None:
    """Writes the wraps of keys whose rows still have one; what was disposed of meanwhile stays so."""
    for key in keys:
        name, _, there = _ABOUT[key.place]
        conn.execute(
            f"UPDATE {key.place} SET wrapped_key = ?, recovery_wrap = ? WHERE {name} = ? AND {there}",  # noqa: S608  # names of this file
            (key.wrapped, key.recovery, key.row),
        )


def has_key(conn: Connection, key: SealedKey) -> bool:
    """Whether the row of a key still has one."""
    name, _, there = _ABOUT[key.place]
    return (
        conn.execute(f"SELECT 1 FROM {key.place} WHERE {name} = ? AND {there}", (key.row,)).fetchone()  # noqa: S608  # names of this file
        is not None
    )


def named_key(conn: Connection, name: str) -> SealedKey | None:
    """A key of the profile that belongs to no record, such as the one that names picture files."""
    row = conn.execute(
        "SELECT wrapped_key, recovery_wrap FROM sealed_keys WHERE name = ?", (name,)
    ).fetchone()
    return SealedKey("sealed_keys", name, name.encode(), *row) if row else None


def put_named_key(conn: Connection, key: SealedKey) -> bool:
    """Keeps a new key under a name; False when there is one already."""
    done = conn.execute(
        "INSERT OR IGNORE INTO sealed_keys (name, wrapped_key, recovery_wrap) VALUES (?, ?, ?)",
        (key.row, key.wrapped, key.recovery),
    )
    return done.rowcount == 1


def forget_unreadable(conn: Connection, at: int) -> int:
    """Empties what was sealed under a profile key that is lost for good; how many private messages.

    Sign-ins and operators' codes are asked for again; the networks have the messages.
    """
    lost = conn.execute(
        "UPDATE items SET purged_at = coalesce(purged_at, ?) WHERE id IN (SELECT item_id FROM item_sealed)",
        (at,),
    ).rowcount
    conn.execute("DELETE FROM item_sealed")
    conn.execute("DELETE FROM item_history WHERE sealed IS NOT NULL")
    conn.execute("DELETE FROM secrets")
    conn.execute("UPDATE operators SET code = NULL WHERE code IS NOT NULL")
    return lost


# holds --------------------------------------------------------------------------------------------


def hold_on(conn: Connection, item_id: ItemId) -> Hold | None:
    """The hold on an item."""
    row = conn.execute(f"{_HOLDS} AND item_id = ?", (item_id,)).fetchone()
    return Hold(*row) if row else None


def holds(conn: Connection) -> list[Hold]:
    """Every hold in force, oldest first."""
    return [Hold(*row) for row in conn.execute(f"{_HOLDS} ORDER BY id")]


def put_hold(conn: Connection, item_id: ItemId, reason: str, who: str, at: int) -> None:
    """Holds an item that is not held."""
    conn.execute(
        "INSERT INTO holds (item_id, reason, put_by, put_at) VALUES (?, ?, ?, ?)", (item_id, reason, who, at)
    )


def end_hold(conn: Connection, item_id: ItemId, who: str, at: int) -> None:
    """Releases an item."""
    conn.execute(
        "UPDATE holds SET released_by = ?, released_at = ? WHERE item_id = ? AND released_at IS NULL",
        (who, at, item_id),
    )


_HOLDS: Final = "SELECT id, item_id, reason, put_by, put_at FROM holds WHERE released_at IS NULL"


# review -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Due:
    """An item whose newest evidence has come to the end of its life, with what a reviewer needs."""

    item_id: ItemId
    evidence: tuple[EvidenceId, ...]
    retention: str
    """The class of the record that lives longest."""
    review_at: int
    sealed_at: int
    is_held: bool


def due(conn: Connection, now: int, most: int) -> list[Due]:
    """Items all of whose records are at the end of their lives by `now` (epoch ms), longest due first.

    A row of `retention` is the class of the one that ends last.
    """
    rows = conn.execute(
        "SELECT item_id, group_concat(id, ' '), retention, max(review_at), "
        "(SELECT sealed_at FROM evidence f WHERE f.item_id = e.item_id ORDER BY id LIMIT 1), "
        "EXISTS (SELECT 1 FROM holds h WHERE h.item_id = e.item_id AND h.released_at IS NULL) "
        "FROM evidence e WHERE cipher IS NOT NULL AND item_id IN "
        "(SELECT item_id FROM evidence WHERE cipher IS NOT NULL AND review_at <= ?1) "
        "GROUP BY item_id HAVING max(review_at) <= ?1 ORDER BY 4, item_id LIMIT ?2",
        (now, most),
    )
    return [
        Due(
            ItemId(item_id),
            tuple(sorted(EvidenceId(int(each)) for each in ids.split())),
            retention,
            review_at,
            sealed_at,
            bool(is_held),
        )
        for item_id, ids, retention, review_at, sealed_at, is_held in rows
    ]


def set_review(conn: Connection, evidence_id: EvidenceId, retention: str, review_at: int) -> None:
    """Gives a record another class and review date (epoch ms)."""
    conn.execute(
        "UPDATE evidence SET retention = ?, review_at = ? WHERE id = ?", (retention, review_at, evidence_id)
    )


# pictures -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wanted:
    """A record whose pictures are still to be fetched."""

    evidence_id: EvidenceId
    item_id: ItemId
    tries: int


def link_media(conn: Connection, evidence_id: EvidenceId, names: Sequence[str]) -> None:
    """Says that a record speaks of these files."""
    conn.executemany(
        "INSERT OR IGNORE INTO evidence_media (evidence_id, name) VALUES (?, ?)",
        [(evidence_id, name) for name in names],
    )


def media_key(conn: Connection, name: str) -> SealedKey | None:
    """The sealed key of a picture's file."""
    row = conn.execute(
        "SELECT wrapped_key, recovery_wrap FROM media_files WHERE name = ?", (name,)
    ).fetchone()
    return SealedKey("media_files", name, name.encode(), *row) if row else None


def put_media(conn: Connection, key: SealedKey, size: int, at: int) -> None:
    """Keeps the key of a new file of so many bytes; one that is there stays."""
    conn.execute(
        "INSERT OR IGNORE INTO media_files (name, size, kept_at, wrapped_key, recovery_wrap) "
        "VALUES (?, ?, ?, ?, ?)",
        (key.row, size, at, key.wrapped, key.recovery),
    )


def media_names(conn: Connection) -> set[str]:
    """The names of all files that have a key."""
    return {name for (name,) in conn.execute("SELECT name FROM media_files")}


def want_media(conn: Connection, evidence_ids: Sequence[EvidenceId], at: int) -> None:
    """Says that pictures of these records are to be fetched, from then on (epoch ms)."""
    conn.executemany(
        "INSERT OR IGNORE INTO media_wanted (evidence_id, tries, next_at) VALUES (?, 0, ?)",
        [(each, at) for each in evidence_ids],
    )


def wanted_media(conn: Connection, now: int, most: int) -> list[Wanted]:
    """Records whose pictures are to be fetched by now, in the order in which they were sealed."""
    rows = conn.execute(
        "SELECT w.evidence_id, e.item_id, w.tries FROM media_wanted w JOIN evidence e "
        "ON e.id = w.evidence_id WHERE w.next_at <= ? ORDER BY w.evidence_id LIMIT ?",
        (now, most),
    )
    return [Wanted(EvidenceId(number), ItemId(item), tries) for number, item, tries in rows]


def count_wanted(conn: Connection) -> int:
    """How many records wait for their pictures."""
    return int(conn.execute("SELECT count(*) FROM media_wanted").fetchone()[0])


def try_media_again(conn: Connection, evidence_id: EvidenceId, at: int) -> None:
    """Says that a record's pictures are to be tried again then (epoch ms)."""
    conn.execute(
        "UPDATE media_wanted SET tries = tries + 1, next_at = ? WHERE evidence_id = ?", (at, evidence_id)
    )


def stop_wanting(conn: Connection, evidence_id: EvidenceId) -> None:
    """Says that nothing is to be fetched for a record any more."""
    conn.execute("DELETE FROM media_wanted WHERE evidence_id = ?", (evidence_id,))
