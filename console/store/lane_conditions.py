"""What each part of a lane asks of one item, as SQL; whatever index found the item is `lanes.py`'s matter.

Every value is bound. What a newcomer would get wrong: a part that is left out is `IS NOT TRUE`, because a
plain NOT of something unknown (an item without a language) is unknown too, and the item would be missing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from console.domain.acts import ActState, Verb
from console.domain.approving import plain_name
from console.domain.ids import AccountId
from console.domain.lanes import ACT_GROUPS, ANYONE, Lane
from console.domain.waves import parse_wave_key
from console.store.database import Connection
from console.store.texts import Value, kept

Values = Sequence[str]
Condition = tuple[str, Sequence[Value]]
"""SQL about one item `i`, and the values that are bound to its question marks."""
_VERBS: Final = frozenset(map(str, Verb))
_ACT_STATES: Final = frozenset(map(str, ActState))


@dataclass(slots=True)
class Question:
    """Conditions and their values, in order."""

    conditions: list[str] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)

    def also(self, condition: str, *values: Value) -> None:
        """Asks for this too."""
        self.conditions.append(condition)
        self.values.extend(values)


def rest(conn: Connection, lane: Lane, accounts: Sequence[AccountId] | None, signs: Values) -> Question:
    """Every part but the words that the index of words answers, as conditions on one item `i`.

    `accounts` are those that the lane lets through, None for all of them; `signs` are words that the index
    of words does not know, such as an emoji.
    """
    found = Question()
    for sign in signs:
        found.also("instr(i.text, ?) > 0", kept(sign))
    if accounts is not None:
        found.also(_among("i.account_id", len(accounts)), *accounts)
    for key, wanted in _wanted(lane).items():
        if wanted:
            condition, bound = _PARTS[key](wanted)
            found.also(condition, *bound)
    if lane.since is not None:
        found.also("i.received_at >= ?", kept(lane.since))
    if lane.before is not None:
        found.also("i.received_at < ?", kept(lane.before))
    for key in sorted({key for key, _ in lane.without}):
        values = lane.left_out(key)
        if key in {"account", "group", "network"}:
            left_out = account_ids(conn, **{f"{key}s": values}) or []
            found.also(f"NOT {_among('i.account_id', len(left_out))}", *left_out)
        elif key:
            condition, bound = _PARTS[key](values)
            found.also(f"({condition}) IS NOT TRUE", *bound)
    return found


def without_words(lane: Lane) -> tuple[list[str], list[str]]:
    """Words that are left out: those for the index of words, and those that it does not know."""
    return parted(lane.left_out(""))


def parted(words: Iterable[str]) -> tuple[list[str], list[str]]:
    """Words as phrases for the index of words, and those that it does not know.

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
    return phrases, signs


def account_ids(
    conn: Connection,
    *,
    accounts: Iterable[str] = (),
    groups: Iterable[str] = (),
    networks: Iterable[str] = (),
) -> list[AccountId] | None:
    """The accounts that all of these let through; None when nothing is asked."""
    wanted_accounts, wanted_networks, wanted_groups = set(accounts), set(networks), list(groups)
    if not wanted_accounts and not wanted_networks and not wanted_groups:
        return None
    members: set[str] = set()
    for group in wanted_groups:
        # No collation knows every alphabet's small letters, and groups are few.
        members.update(
            account
            for name, account in conn.execute("SELECT name, account FROM account_groups")
            if name.casefold() == group.casefold()
        )
    found = conn.execute("SELECT id, key, network FROM accounts ORDER BY id").fetchall()
    return [
        AccountId(number)
        for number, key, network in found
        if (not wanted_accounts or key in wanted_accounts)
        and (not wanted_networks or network in wanted_networks)
        and (not wanted_groups or key in members)
    ]


def _wanted(lane: Lane) -> Mapping[str, Values]:
    """What a lane asks for, by key."""
    flags = {"unseen": lane.unseen, "decided": lane.decided, "stray": lane.stray}
    return {
        "kind": sorted(map(str, lane.kinds)),
        "state": sorted(map(str, lane.states)),
        "grade": sorted(map(str, lane.grades)),
        "lang": sorted(lane.languages),
        "hit": sorted(lane.watchlists),
        "author": sorted(lane.authors),
        "thread": [] if lane.thread is None else [lane.thread],
        "wave": [] if lane.wave is None else [str(lane.wave)],
        "act": sorted(lane.acts),
        "claimed": sorted(lane.claimed),
        **{f"is:{name}": [name] for name, is_asked in flags.items() if is_asked},
        "has": ["media"] if lane.has_media else [],
    }


def _among(what: str, number: int) -> str:
    return f"{what} IN ({','.join('?' * number)})"


def _column(column: str) -> Callable[[Values], Condition]:
    def among(values: Values) -> Condition:
        return _among(column, len(values)), [kept(value) for value in values]

    return among


def _grade(values: Values) -> Condition:
    return _among("i.grade", len(values)), [int(value) for value in values]


def _hit(values: Values) -> Condition:
    among = _among("watchlist", len(values))
    asked = f"EXISTS (SELECT 1 FROM hits WHERE item_id = i.id AND {among})"  # noqa: S608  # question marks only
    return asked, [kept(value) for value in values]


def _author(values: Values) -> Condition:
    authors = [kept(author) for author in values]
    by_id = _among("i.author_id", len(authors))
    by_handle = _among("i.author_handle COLLATE NOCASE", len(authors))
    return f"({by_id} OR {by_handle})", [*authors, *authors]


def _thread(values: Values) -> Condition:
    roots = [kept(root) for root in values]
    member, first = _among("coalesce(i.thread, i.parent)", len(roots)), _among("i.remote_id", len(roots))
    return f"({member} OR {first})", [*roots, *roots]


def _wave(values: Values) -> Condition:
    among = _among("wave_id", len(values))
    asked = f"EXISTS (SELECT 1 FROM wave_items WHERE item_id = i.id AND {among})"  # noqa: S608  # as above
    return asked, [parse_wave_key(wave) for wave in values]


def _act(values: Values) -> Condition:
    states, verbs = act_states(values), sorted(set(values) & _VERBS)
    among = f"({_among('a.state', len(states))} OR {_among('a.verb', len(verbs))})"
    asked = f"EXISTS (SELECT 1 FROM acts a WHERE a.id = i.act_id AND {among})"  # noqa: S608  # as above
    return asked, [*states, *verbs]


def act_states(values: Iterable[str]) -> list[str]:
    """The states of acts that some values of `act:` mean, verbs left aside."""
    found: set[str] = set()
    for value in values:
        group = ACT_GROUPS.get(value)
        if group is not None:
            found.update(map(str, group))
        elif value in _ACT_STATES:
            found.add(value)
    return sorted(found)


def _claimed(values: Values) -> Condition:
    persons = [plain_name(who) for who in values]
    whose = "" if ANYONE in values else f" AND {_among('c.person', len(persons))}"
    asked = f"EXISTS (SELECT 1 FROM claims c WHERE c.item_id = i.id{whose})"  # noqa: S608  # as above
    return asked, persons if whose else ()


def _is(values: Values) -> Condition:
    return " OR ".join(_IS[value] for value in values), ()


def _has(_: Values) -> Condition:
    return "i.media IS NOT NULL", ()


_IS: Final = {
    "unseen": "i.seen_at IS NULL",
    "decided": "i.act_id IS NOT NULL",
    "stray": "EXISTS (SELECT 1 FROM strays WHERE item_id = i.id)",
}
_PARTS: Final[Mapping[str, Callable[[Values], Condition]]] = {
    "kind": _column("i.kind"),
    "state": _column("i.state"),
    "lang": _column("i.lang"),
    "grade": _grade,
    "hit": _hit,
    "author": _author,
    "thread": _thread,
    "wave": _wave,
    "act": _act,
    "claimed": _claimed,
    "is": _is,
    **{f"is:{name}": _is for name in _IS},
    "has": _has,
}
