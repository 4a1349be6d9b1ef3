"""What may be given out, on disk: entries that belong together, whole trees of hashes, times of acts.

What a newcomer would get wrong: what belongs to a bundle is found in the ledger and not in the tables of
acts. Those are emptied when something is disposed of; the ledger still tells what there was.
"""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from console.domain.audit import Entry
from console.domain.ids import AccountId, ItemId
from console.store.database import Connection
from console.store.texts import kept

_AT_ONCE: Final = 500


class Facts(msgspec.Struct, frozen=True):
    """What an entry's facts say about what it belongs to; keys such as `a5`, `e12`, `i3`, `b2`."""

    act: str | None = None
    evidence: str | None = None
    item: str | None = None
    bulk: str | None = None
    incident: int | None = None
    entry: int | None = None
    standing: str | None = None
    undo_of: str | None = None
    supplement_of: str | None = None


class Line(msgspec.Struct, frozen=True):
    """One entry, as far as it matters for what it belongs to."""

    seq: int
    kind: str
    at: str
    facts: Facts


class _LooseLine(msgspec.Struct, frozen=True):
    seq: int
    kind: str
    at: str
    facts: dict[str, object]


_line: Final = msgspec.json.Decoder(Line).decode


def lines(conn: Connection, first: int = 1, last: int | None = None) -> Iterator[Line]:
    """The entries from one place to another, both included, in order."""
    rows = conn.execute(
        "SELECT leaf FROM ledger WHERE seq BETWEEN ? AND ? ORDER BY seq",
        (first, 2**62 if last is None else last),
    )
    for (leaf,) in rows:
        yield _read(leaf)


def _read(leaf: bytes) -> Line:
    try:
        return _line(leaf)
    except msgspec.DecodeError:  # half a surrogate pair, or a fact of another type than ours
        loose = msgspec.convert(json.loads(leaf), _LooseLine)
    facts = msgspec.convert(
        {name: value for name, value in loose.facts.items() if isinstance(value, _TYPES.get(name, ()))}, Facts
    )
    return Line(loose.seq, loose.kind, loose.at, facts)


_TYPES: Final[dict[str, type]] = {
    **dict.fromkeys(("act", "evidence", "item", "bulk", "standing", "undo_of", "supplement_of"), str),
    **dict.fromkeys(("incident", "entry"), int),
}


def size(conn: Connection) -> int:
    """How many entries the ledger has."""
    return int(conn.execute("SELECT coalesce(max(seq), 0) FROM ledger").fetchone()[0])


def leaf_hashes(conn: Connection, upto: int) -> list[bytes]:
    """The hashes of the first so many entries."""
    return [
        digest
        for (digest,) in conn.execute("SELECT leaf_hash FROM ledger WHERE seq <= ? ORDER BY seq", (upto,))
    ]


def statements(conn: Connection, upto: int, most: int) -> list[str]:
    """The newest checkpoints of no more than so many entries, as they were given out, oldest first."""
    rows = conn.execute(
        "SELECT text FROM checkpoints WHERE size <= ? ORDER BY size DESC LIMIT ?", (upto, most)
    ).fetchall()
    return [text for (text,) in reversed(rows)]


def shown(conn: Connection, seqs: Sequence[int]) -> list[Entry]:
    """These entries whole, in the order of their places."""
    found: list[Entry] = []
    wanted = sorted(set(seqs))
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        rows = conn.execute(
            "SELECT l.seq, l.leaf, l.leaf_hash, c.salt, c.content FROM ledger l "  # noqa: S608  # question marks only
            f"LEFT JOIN ledger_content c ON c.seq = l.seq WHERE l.seq IN ({','.join('?' * len(some))}) "
            "ORDER BY l.seq",
            some,
        )
        found += [Entry(*row) for row in rows]
    return found


def items_said_by(conn: Connection, accounts: Collection[AccountId], handle: str) -> list[ItemId]:
    """What somebody said on these accounts, oldest first, by handle or by the network's id of them.

    Somebody who took another handle meanwhile is still the same author, where the network has told their id.
    """
    numbers = sorted(accounts)
    marks = ",".join("?" * len(numbers))
    name = kept(handle.lstrip("@"))
    ids = {
        author
        for (author,) in conn.execute(
            f"SELECT DISTINCT author_id FROM items WHERE account_id IN ({marks}) AND is_ours = 0 "  # noqa: S608  # question marks only
            "AND (author_handle = ? COLLATE NOCASE OR author_id = ?)",
            (*numbers, name, name),
        )
        if author
    }
    found: set[int] = set()
    for author in ids:
        rows = conn.execute(
            f"SELECT id FROM items WHERE account_id IN ({marks}) AND author_id = ? AND is_ours = 0",  # noqa: S608  # the same
            (*numbers, author),
        )
        found |= {number for (number,) in rows}
    return [ItemId(number) for number in sorted(found)]


def items_in_contents(conn: Connection, handle: str) -> list[tuple[int, dict[str, object]]]:
    """Entries whose content names this author, by handle or id: their places and contents.

    The cache forgets names when a network's time for them is over; the record does not.
    """
    name = handle.lstrip("@").casefold()
    found: list[tuple[int, dict[str, object]]] = []
    for seq, content in conn.execute("SELECT seq, content FROM ledger_content ORDER BY seq"):
        if name.encode() not in content.lower() and name.isascii():
            continue
        said = json.loads(content)
        if name in {str(said.get(part) or "").lstrip("@").casefold() for part in ("author", "author_id")}:
            found.append((seq, said))
    return found


@dataclass(frozen=True, slots=True)
class Timing:
    """The times of one act and of the item that it was done to. Times are epoch ms, UTC."""

    verb: str
    state: str
    account: str
    network: str
    grade: int | None
    received_at: int | None
    seen_at: int | None
    requested_at: int
    sent_at: int | None
    settled_at: int | None
    category: str | None
    is_undo: bool


def timings(conn: Connection, since: int, until: int) -> list[Timing]:
    """Every act that was asked for from `since` until before `until` (epoch ms), oldest first."""
    rows = conn.execute(
        "SELECT a.verb, a.state, c.key, c.network, i.grade, i.received_at, i.seen_at, a.requested_at, "
        "a.sent_at, a.settled_at, a.category, a.undo_of IS NOT NULL FROM acts a "
        "JOIN accounts c ON c.id = a.account_id LEFT JOIN items i ON i.id = a.item_id "
        "WHERE a.requested_at >= ? AND a.requested_at < ? ORDER BY a.id",
        (since, until),
    )
    return [Timing(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Heard:
    """One item, as far as it is counted."""

    account: str
    network: str
    kind: str
    state: str
    grade: int
    received_at: int
    seen_at: int | None


def heard(conn: Connection, since: int, until: int) -> Iterator[Heard]:
    """Every item of others that arrived from `since` until before `until` (epoch ms), in order."""
    rows = conn.execute(
        "SELECT c.key, c.network, i.kind, i.state, i.grade, i.received_at, i.seen_at FROM items i "
        "JOIN accounts c ON c.id = i.account_id "
        "WHERE i.received_at >= ? AND i.received_at < ? AND i.is_ours = 0 ORDER BY i.id",
        (since, until),
    )
    for row in rows:
        yield Heard(*row)


def heard_of(conn: Connection, ids: Sequence[int]) -> Iterator[Heard]:
    """These items, as far as they are counted."""
    for start in range(0, len(ids), _AT_ONCE):
        some = list(ids[start : start + _AT_ONCE])
        rows = conn.execute(
            "SELECT c.key, c.network, i.kind, i.state, i.grade, i.received_at, i.seen_at FROM items i "  # noqa: S608  # question marks only
            f"JOIN accounts c ON c.id = i.account_id WHERE i.id IN ({','.join('?' * len(some))})",
            some,
        )
        for row in rows:
            yield Heard(*row)


# what was given out -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Disclosure:
    """Something that was given out. `made_at` is epoch ms."""

    id: int
    kind: str
    digest: str
    made_by: str
    made_at: int
    records: int
    covered: int
    seq: int
    given: bool


def add(
    conn: Connection, kind: str, digest: str, who: str, at: int, *, records: int, covered: int, seq: int
) -> int:
    """Keeps what is being given out; gives its number."""
    done = conn.execute(
        "INSERT INTO disclosures (kind, digest, made_by, made_at, records, covered, seq, given) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, 1)",
        (kind, digest, kept(who), at, records, covered, seq),
    )
    assert done.lastrowid is not None  # noqa: S101  # SQLite gives every row a number
    return done.lastrowid


def withdraw(conn: Connection, number: int) -> None:
    """Says that it was not given out after all."""
    conn.execute("UPDATE disclosures SET given = 0 WHERE id = ?", (number,))


def disclosures(conn: Connection, since: int = 0, until: int = 2**62) -> list[Disclosure]:
    """What was given out from `since` until before `until` (epoch ms), oldest first."""
    rows = conn.execute(
        "SELECT id, kind, digest, made_by, made_at, records, covered, seq, given FROM disclosures "
        "WHERE made_at >= ? AND made_at < ? ORDER BY id",
        (since, until),
    )
    return [Disclosure(*row) for row in rows]
