"""Lanes on disk: which items a view holds, newest first, and the numbers beside its name.

Pages go by the last id seen, never by a number of rows to skip. What a newcomer would get wrong: SQLite
is not left to choose how to find the newest hundred of a million, because without statistics it would
sort them all. The narrowest part of the question leads (`_leading`), by an index that is already in
order of arrival; everything else is tested on the rows that come. A part with several values (`grade:1
grade:2`) is asked once for each value, and the answers are merged.
"""

import json
import re
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from console.domain.acts import Verb
from console.domain.approving import plain_name
from console.domain.ids import AccountId, ItemId
from console.domain.items import ItemKind, ItemState
from console.domain.lanes import ANYONE, Lane
from console.domain.waves import LEAST
from console.store.database import Connection
from console.store.lane_conditions import Question, account_ids, act_states, parted, without_words
from console.store.lane_conditions import rest as conditions_on_one
from console.store.texts import Value, kept

_NEWEST: Final = 2**63 - 1
_SLACK_MINUTES: Final = 10
_VERB_NAMES: Final = frozenset(map(str, Verb))
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


def belonging(conn: Connection, lane: Lane, ids: Sequence[int]) -> dict[int, int]:
    """Which of these items belong to a lane now, with their grades; for some hundreds at once."""
    accounts = account_ids(conn, accounts=lane.accounts, groups=lane.groups, networks=lane.networks)
    if accounts == []:
        return {}
    phrases, signs = parted(lane.words)
    rest = conditions_on_one(conn, lane, accounts, signs)
    wanted = _words(lane, phrases, rest)
    if wanted:
        rest.also(_WITH_WORDS, wanted)
    where = " AND ".join(["1", *rest.conditions])
    marks = ",".join("?" * len(ids))
    asked = f"SELECT i.id, i.grade FROM items i WHERE i.id IN ({marks}) AND {where}"  # noqa: S608  # texts of this file; every value is bound
    return dict(conn.execute(asked, [*ids, *rest.values]))


def crowd(conn: Connection, ids: Sequence[int]) -> tuple[int, int, int]:
    """How many waves some items are of, how many of the items those hold, and how many items are strays."""
    waves, held = conn.execute(
        "SELECT count(DISTINCT v.wave_id), count(*) FROM json_each(?) j "
        "CROSS JOIN wave_items v ON v.item_id = j.value CROSS JOIN waves w ON w.id = v.wave_id "
        "WHERE w.size >= ?",
        (json.dumps(list(ids)), LEAST),
    ).fetchone()
    (strays,) = conn.execute(
        "SELECT count(*) FROM strays WHERE item_id BETWEEN ? AND ? "
        "AND item_id IN (SELECT value FROM json_each(?))",
        (min(ids, default=0), max(ids, default=0), json.dumps(list(ids))),
    ).fetchone()
    return waves, held, strays


def newest_id(conn: Connection) -> int:
    """The highest id that the cache holds; 0 when it is empty."""
    row = conn.execute("SELECT max(id) FROM items").fetchone()
    return int(row[0] or 0)


def count(conn: Connection, lane: Lane, most: int) -> int:
    """How many items a lane holds, counted up to `most` and no further."""
    return len(lane_ids(conn, lane, None, most))


def tally(conn: Connection, lane: Lane, low: int, high: int) -> tuple[int, int | None]:
    """How many items of a lane have ids from `low` to `high`, and the lowest of their ids."""
    asked = _asked(conn, lane, low, high, high - low + 1, is_small=False)
    if asked is None:
        return 0, None
    sql, values = asked
    (number, first) = conn.execute(f"SELECT count(*), min(number) FROM ({sql})", values).fetchone()  # noqa: S608  # texts of this file; every value is bound
    return number, first


def received_at(conn: Connection, item_id: int) -> int | None:
    """When an item was received (epoch ms); None when the cache has it no longer."""
    row = conn.execute("SELECT received_at FROM items WHERE id = ?", (item_id,)).fetchone()
    return int(row[0]) if row else None


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
_WITH_WORDS: Final = "EXISTS (SELECT 1 FROM items_words x WHERE x.items_words MATCH ? AND x.rowid = i.id)"
_ODD_STATES: Final = (
    "a.state IN ('drafted', 'awaiting-approval', 'held', 'refused', 'failed', 'uncertain', 'expired', "
    "'reappeared')"
)
"""The condition of the index `acts_odd`, word for word."""
_ODD: Final = frozenset(re.findall("'([a-z-]+)'", _ODD_STATES))
_BY_ACT: Final = "acts a INDEXED BY acts_odd CROSS JOIN items i ON i.id = a.item_id AND i.act_id = a.id"
_BY_CLAIM: Final = "claims c CROSS JOIN items i ON i.id = c.item_id"
_COMMON_KINDS: Final = frozenset({ItemKind.COMMENT, ItemKind.REPLY, ItemKind.MENTION})
_RARE_KIND: Final = "kind = ? AND kind NOT IN ('comment', 'reply', 'mention')"
_DECIDED: Final = "items i INDEXED BY items_decided"
_BY_WORDS: Final = "items_words w CROSS JOIN items i ON i.id = w.rowid"


def _ids(conn: Connection, lane: Lane, low: int, high: int, limit: int, *, is_small: bool) -> "array[int]":
    """Ids from `low` to `high`; `is_small` says that the range itself leads."""
    asked = _asked(conn, lane, low, high, limit, is_small=is_small)
    if asked is None:
        return array("q")
    return array("q", (number for (number,) in conn.execute(*asked)))


def _asked(
    conn: Connection, lane: Lane, low: int, high: int, limit: int, *, is_small: bool
) -> tuple[str, list[Value]] | None:
    """The question for ids from `low` to `high`, newest first; None when nothing can be there."""
    accounts = account_ids(conn, accounts=lane.accounts, groups=lane.groups, networks=lane.networks)
    if limit < 1 or accounts == []:
        return None
    if lane.since is not None:
        low = max(low, _first_since(conn, lane.since))
    if lane.before is not None:
        high = min(high, _first_after(conn, lane.before))
    phrases, signs = parted(lane.words)
    rest = conditions_on_one(conn, lane, accounts, signs)
    wanted = _words(lane, phrases, rest)
    if wanted:
        source = _BY_WORDS if rest.conditions else "items_words w"
        leads = [_Lead(source, "items_words MATCH ?", (wanted,), "w.rowid")]
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
        return parts[0], values
    merged = " UNION ".join(f"SELECT number FROM ({part})" for part in parts)  # noqa: S608  # as above
    sql = f"{merged} ORDER BY number DESC LIMIT ?"
    values.append(limit)
    return sql, values


def _words(lane: Lane, phrases: list[str], rest: Question) -> str:
    """The question to the index of words; what is left out without it goes to the rest."""
    not_phrases, not_signs = without_words(lane)
    for sign in not_signs:
        rest.also("instr(i.text, ?) = 0", kept(sign))
    left_out = " OR ".join(not_phrases)
    if not phrases:
        if left_out:
            rest.also(f"NOT {_WITH_WORDS}", left_out)
        return ""
    wanted = " AND ".join(phrases)
    return f"({wanted}) NOT ({left_out})" if left_out else wanted


def _leading(conn: Connection, lane: Lane, accounts: list[AccountId] | None) -> list[_Lead]:
    """The narrowest part that an index answers, once for each of its values."""
    ways = (
        [] if lane.wave is None else [_Lead(_BY_WAVE, "v.wave_id = ?", (lane.wave,), "v.item_id")],
        [_Lead(_BY_STRAY, "1", (), "y.item_id")] if lane.stray else [],
        _by_claim(lane),
        _by_thread(conn, lane, accounts),
        _by_author(lane),
        [_Lead(_BY_WATCHLIST, "h.watchlist = ?", (each,), "h.item_id") for each in sorted(lane.watchlists)],
        _each("state = ? AND state <> 'visible'", "items_state", _unless_visible(lane)),
        _by_act(lane),
        _each("grade = ? AND grade < 4", "items_grade", _urgent(lane)),
        _each("grade = ? AND seen_at IS NULL", "items_unseen", _unseen_grades(lane)),
        _each(_RARE_KIND, "items_kind", _rare_kinds(lane)),
        _each("lang = ? AND lang <> 'en'", "items_lang", _rare_languages(lane)),
        [_Lead("items i INDEXED BY items_decided", "act_id IS NOT NULL")]
        if lane.decided or lane.acts
        else [],
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


def _by_claim(lane: Lane) -> list[_Lead]:
    """Claims are few, and end by themselves."""
    if ANYONE in lane.claimed:
        return [_Lead(_BY_CLAIM, "1", (), "c.item_id")]
    source = _BY_CLAIM.replace("claims c", "claims c INDEXED BY claims_person")
    persons = sorted({plain_name(who) for who in lane.claimed})
    return [_Lead(source, "c.person = ?", (person,), "c.item_id") for person in persons]


def _by_act(lane: Lane) -> list[_Lead]:
    """Acts that went wrong or wait for a person are few, and found by what became of them."""
    states = act_states(lane.acts)
    if not states or not _ODD.issuperset(states) or lane.acts & _VERB_NAMES:
        return []
    return [_Lead(_BY_ACT, f"a.state = ? AND {_ODD_STATES}", (state,), "a.item_id") for state in states]


def _rare_kinds(lane: Lane) -> list[str]:
    return [] if lane.kinds & _COMMON_KINDS else sorted(map(str, lane.kinds))


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


def _first_since(conn: Connection, since: int) -> int:
    """An id below which nothing was received since then (epoch ms), from the kept minutes."""
    row = conn.execute("SELECT min(first_id) FROM arrivals WHERE minute >= ?", (since // 60_000,)).fetchone()
    return _NEWEST if row[0] is None else int(row[0])


def _first_after(conn: Connection, before: int) -> int:
    """An id at or above which everything was received after then (epoch ms), from the kept minutes.

    A batch that spans two minutes is counted by its first id in both, so some minutes are left for that.
    """
    minute = min(before // 60_000, _NEWEST - _SLACK_MINUTES) + _SLACK_MINUTES
    row = conn.execute("SELECT min(first_id) FROM arrivals WHERE minute > ?", (minute,)).fetchone()
    return _NEWEST if row[0] is None else int(row[0])


def handles(conn: Connection, beginning: str, most: int = 8) -> list[str]:
    """Handles of authors that begin so, in any case, in order; each by one step through their index."""
    found: list[str] = []
    low = beginning
    relation = ">="
    while len(found) < most:
        row = conn.execute(
            f"SELECT author_handle FROM items INDEXED BY items_handle "  # noqa: S608  # one of two signs
            f"WHERE author_handle COLLATE NOCASE {relation} ? ORDER BY author_handle COLLATE NOCASE LIMIT 1",
            (kept(low),),
        ).fetchone()
        if row is None or not isinstance(row[0], str) or not row[0].lower().startswith(beginning.lower()):
            return found
        low, relation = row[0], ">"
        if low:
            found.append(low)
    return found
