"""Lanes on disk: which items a view holds, newest first, and the numbers beside its name.

Pages go by the last id seen, never by a number of rows to skip. What a newcomer would get wrong: SQLite
is not left to choose how to find the newest hundred of a million, because without statistics it would
sort them all. The narrowest part of the question leads (`_leading`), by an index that is already in
order of arrival; everything else is tested on the rows that come. A part with several values (`grade:1
grade:2`) is asked once for each value, and the answers are merged.
"""

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from console.domain.ids import AccountId, ItemId
from console.domain.items import ItemState
from console.domain.lanes import Lane
from console.store.database import Connection
from console.store.texts import Value, kept

_NEWEST: Final = 2**63 - 1
_MOST_VALUES: Final = 40
"""With more values than this a part does not lead; each would cost a question of its own."""


@dataclass(frozen=True, slots=True)
class Rail:
    """What waits, as the rail shows it."""

    grades: tuple[int, int, int, int, int]
    """Unseen items of grade 1, 2, 3, 4, 5."""
    oldest: tuple[int | None, int | None, int | None, int | None, int | None]
    """When the oldest unseen item of grade 1, 2, 3, 4, 5 was received (epoch ms)."""
    accounts: Mapping[AccountId, int]
    """Unseen items of each account; one without any may be missing."""
    account_grades: Mapping[tuple[AccountId, int], int]
    """Unseen items of each account and grade."""


def lane_ids(conn: Connection, lane: Lane, before: ItemId | None = None, limit: int = 100) -> "array[int]":
    """The newest `limit` items of a lane with ids below `before` (None: from the newest), newest first."""
    return _ids(conn, lane, 0, _NEWEST if before is None else before - 1, limit, is_small=False)


def new_ids(conn: Connection, lane: Lane, first: ItemId, last: ItemId) -> "array[int]":
    """Which items from `first` to `last`, both included, belong to a lane, newest first.

    For a range that just arrived: it is read whole.
    """
    return _ids(conn, lane, first, last, last - first + 1, is_small=True)


def newest_id(conn: Connection) -> int:
    """The highest id that the cache holds; 0 when it is empty."""
    row = conn.execute("SELECT max(id) FROM items").fetchone()
    return int(row[0] or 0)


def count(conn: Connection, lane: Lane, most: int) -> int:
    """How many items a lane holds, counted up to `most` and no further."""
    return len(lane_ids(conn, lane, None, most))


def rail(conn: Connection) -> Rail:
    """The numbers of the rail, from kept counters; a fraction of a millisecond at any size."""
    both: dict[tuple[AccountId, int], int] = {}
    grades = [0] * 6
    accounts: dict[AccountId, int] = {}
    for account_id, grade, number in conn.execute("SELECT account_id, grade, number FROM unseen"):
        both[account_id, grade] = number
        grades[grade] += number
        accounts[account_id] = accounts.get(account_id, 0) + number
    oldest = [_oldest(conn, grade) if grades[grade] else None for grade in range(6)]
    return Rail(
        grades=(grades[1], grades[2], grades[3], grades[4], grades[5]),
        oldest=(oldest[1], oldest[2], oldest[3], oldest[4], oldest[5]),
        accounts=accounts,
        account_grades=both,
    )


def arrivals(conn: Connection, since_minute: int) -> dict[int, int]:
    """How many items were received in each minute (minutes since 1970, UTC) from this one on."""
    rows = conn.execute("SELECT minute, number FROM arrivals WHERE minute >= ?", (since_minute,))
    return dict(rows.fetchall())


def _oldest(conn: Connection, grade: int) -> int | None:
    row = conn.execute(
        "SELECT received_at FROM items INDEXED BY items_unseen "
        "WHERE grade = ? AND seen_at IS NULL ORDER BY id LIMIT 1",
        (grade,),
    ).fetchone()
    return int(row[0]) if row else None


# the question --------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Question:
    """Conditions and their values, in order."""

    conditions: list[str]
    values: list[Value]

    def also(self, condition: str, *values: Value) -> None:
        self.conditions.append(condition)
        self.values.extend(values)

    def among(self, what: str, values: Iterable[Value]) -> None:
        wanted = list(values)
        self.also(f"{what} IN ({','.join('?' * len(wanted))})", *wanted)


@dataclass(frozen=True, slots=True)
class _Lead:
    """One way into the items: what to read from, and the condition that its index answers."""

    source: str
    condition: str
    values: tuple[Value, ...] = ()
    number: str = "i.id"
    """Where the item's id stands in the source; named so that the range limits the index itself."""


_ALL: Final = _Lead("items i NOT INDEXED", "1")
_BY_WATCHLIST: Final = "hits h INDEXED BY hits_watchlist CROSS JOIN items i ON i.id = h.item_id"
_BY_WAVE: Final = "wave_items v INDEXED BY wave_items_wave CROSS JOIN items i ON i.id = v.item_id"
_BY_STRAY: Final = "strays y CROSS JOIN items i ON i.id = y.item_id"
_BY_WORDS: Final = "items_words w CROSS JOIN items i ON i.id = w.rowid"


def _ids(conn: Connection, lane: Lane, low: int, high: int, limit: int, *, is_small: bool) -> "array[int]":
    """Ids from `low` to `high`; `is_small` says that the range itself leads."""
    accounts = _account_ids(conn, lane)
    if limit < 1 or accounts == []:
        return array("q")
    if lane.since is not None:
        low = max(low, _first_since(conn, lane.since))
    phrases, signs = _searched(lane.words)
    rest = _rest(lane, accounts, signs)
    if phrases:
        source = _BY_WORDS if rest.conditions else "items_words w"
        leads = [_Lead(source, "items_words MATCH ?", (phrases,), "w.rowid")]
    elif is_small:
        leads = [_ALL]
    else:
        leads = _leading(conn, lane, accounts)
    parts: list[str] = []
    values: list[Value] = []
    for lead in leads:
        where = " AND ".join([lead.condition, f"{lead.number} BETWEEN ? AND ?", *rest.conditions])
        once = "DISTINCT" if lead.number == "h.item_id" else ""
        parts.append(
            f"SELECT {once} {lead.number} AS number FROM {lead.source} WHERE {where} "  # noqa: S608  # texts of this file; every value is bound
            f"ORDER BY {lead.number} DESC LIMIT ?"
        )
        values += [*lead.values, low, high, *rest.values, limit]
    if len(parts) == 1:
        sql = parts[0]
    else:
        merged = " UNION ".join(f"SELECT number FROM ({part})" for part in parts)  # noqa: S608  # as above
        sql = f"{merged} ORDER BY number DESC LIMIT ?"
        values.append(limit)
    return array("q", (number for (number,) in conn.execute(sql, values)))


def _leading(conn: Connection, lane: Lane, accounts: list[AccountId] | None) -> list[_Lead]:
    """The narrowest part that an index answers, once for each of its values."""
    ways = (
        [] if lane.wave is None else [_Lead(_BY_WAVE, "v.wave_id = ?", (lane.wave,), "v.item_id")],
        [_Lead(_BY_STRAY, "1", (), "y.item_id")] if lane.stray else [],
        _by_thread(conn, lane, accounts),
        _by_author(lane),
        [_Lead(_BY_WATCHLIST, "h.watchlist = ?", (each,), "h.item_id") for each in sorted(lane.watchlists)],
        _each("state = ? AND state <> 'visible'", "items_state", _unless_visible(lane)),
        _each("grade = ? AND grade < 4", "items_grade", _urgent(lane)),
        _each("grade = ? AND seen_at IS NULL", "items_unseen", _unseen_grades(lane)),
        _each("lang = ? AND lang <> 'en'", "items_lang", _rare_languages(lane)),
        [_Lead("items i INDEXED BY items_decided", "act_id IS NOT NULL")] if lane.decided else [],
        [_Lead("items i INDEXED BY items_media", "media IS NOT NULL")] if lane.has_media else [],
        _each("i.account_id = ?", "items_account", accounts or ()),
    )
    for leads in ways:
        if 0 < len(leads) <= _MOST_VALUES:
            return leads
    return [_ALL]


def _each(condition: str, index: str, values: Iterable[Value]) -> list[_Lead]:
    return [_Lead(f"items i INDEXED BY {index}", condition, (value,)) for value in values]


def _by_thread(conn: Connection, lane: Lane, accounts: list[AccountId] | None) -> list[_Lead]:
    if lane.thread is None:
        return []
    root = kept(lane.thread)
    if accounts is None:
        accounts = [AccountId(number) for (number,) in conn.execute("SELECT id FROM accounts")]
    return [
        _Lead("items i INDEXED BY items_thread", "coalesce(thread, parent) = ?", (root,)),
        *(
            _Lead("items i INDEXED BY items_remote", "account_id = ? AND remote_id = ?", (number, root))
            for number in accounts
        ),
    ]


def _by_author(lane: Lane) -> list[_Lead]:
    authors = [kept(author) for author in sorted(lane.authors)]
    return [
        *_each("author_id = ?", "items_author", authors),
        *_each("author_handle = ? COLLATE NOCASE", "items_handle", authors),
    ]


def _unless_visible(lane: Lane) -> list[str]:
    if ItemState.VISIBLE in lane.states:
        return []
    return sorted(state.value for state in lane.states)


def _urgent(lane: Lane) -> list[int]:
    return sorted(lane.grades) if max(lane.grades, default=5) < 4 else []


def _unseen_grades(lane: Lane) -> list[int]:
    return sorted(lane.grades or range(1, 6)) if lane.unseen else []


def _rare_languages(lane: Lane) -> list[str]:
    return [] if "en" in lane.languages else sorted(lane.languages)


def _rest(lane: Lane, accounts: list[AccountId] | None, signs: list[str]) -> _Question:
    """Every part but the words that the index of words answers, as conditions on one item."""
    rest = _Question([], [])
    for sign in signs:
        rest.also("instr(i.text, ?) > 0", kept(sign))
    if accounts is not None:
        rest.among("i.account_id", accounts)
    for column, wanted in (
        ("i.state", sorted(state.value for state in lane.states)),
        ("i.grade", sorted(lane.grades)),
        ("i.lang", sorted(lane.languages)),
    ):
        if wanted:
            rest.among(column, wanted)
    if lane.watchlists:
        marks = ",".join("?" * len(lane.watchlists))
        rest.also(
            f"EXISTS (SELECT 1 FROM hits WHERE item_id = i.id AND watchlist IN ({marks}))",  # noqa: S608  # question marks only
            *sorted(lane.watchlists),
        )
    if lane.authors:
        authors = [kept(author) for author in sorted(lane.authors)]
        marks = ",".join("?" * len(authors))
        rest.also(
            f"(i.author_id IN ({marks}) OR i.author_handle COLLATE NOCASE IN ({marks}))",
            *authors,
            *authors,
        )
    if lane.thread is not None:
        root = kept(lane.thread)
        rest.also("(coalesce(i.thread, i.parent) = ? OR i.remote_id = ?)", root, root)
    if lane.wave is not None:
        rest.also("EXISTS (SELECT 1 FROM wave_items WHERE item_id = i.id AND wave_id = ?)", lane.wave)
    if lane.since is not None:
        rest.also("i.received_at >= ?", lane.since)
    for is_asked, condition in (
        (lane.unseen, "i.seen_at IS NULL"),
        (lane.has_media, "i.media IS NOT NULL"),
        (lane.decided, "i.act_id IS NOT NULL"),
        (lane.stray, "EXISTS (SELECT 1 FROM strays WHERE item_id = i.id)"),
    ):
        if is_asked:
            rest.also(condition)
    return rest


def _searched(words: Iterable[str]) -> tuple[str, list[str]]:
    """The words as one question to the index of words, and those that it does not know.

    Each word becomes a quoted phrase, so nothing that a person types is an operator. The index knows
    letters and digits only; an emoji is looked for in the text itself.
    """
    phrases: list[str] = []
    signs: list[str] = []
    for word in words:
        if any(letter.isalnum() for letter in word):
            plain = word.replace("\0", " ").encode("utf-8", "replace").decode()
            phrases.append('"' + plain.replace('"', '""') + '"')
        else:
            signs.append(word)
    return " AND ".join(phrases), signs


def _account_ids(conn: Connection, lane: Lane) -> list[AccountId] | None:
    """The accounts that a lane lets through; None when it lets all through."""
    if not lane.accounts and not lane.networks:
        return None
    found = conn.execute("SELECT id, key, network FROM accounts ORDER BY id").fetchall()
    return [
        AccountId(number)
        for number, key, network in found
        if (not lane.accounts or key in lane.accounts) and (not lane.networks or network in lane.networks)
    ]


def _first_since(conn: Connection, since: int) -> int:
    """An id below which nothing was received since then (epoch ms), from the kept minutes."""
    row = conn.execute("SELECT min(first_id) FROM arrivals WHERE minute >= ?", (since // 60_000,)).fetchone()
    return _NEWEST if row[0] is None else int(row[0])
