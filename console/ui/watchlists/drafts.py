"""What somebody is changing in watchlists, kept as long as the window is open.

What a newcomer would get wrong: a draft is not a version. It remembers the version that it was made from, and
the engine refuses to publish it when another one came into force meanwhile.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from console.domain.list_changes import difference
from console.domain.watchlists import CATEGORIES, Near, Rule, Watchlist
from console.matching.table import rule_id

RETURN: Final = "↵"
"""Stands for a line break inside one entry, so that an entry stays on its line."""
SOON_DAYS: Final = 14
"""So many days before the review date its reminder begins."""

_HEAD: Final = ("name", "category", "grade", "suggest", "owner", "review_by", "two_people")


@dataclass(slots=True)
class Draft:
    """One watchlist as it is to become."""

    base: Watchlist | None
    """The version in force from which it was made; None for a list that there was not before."""
    wanted: Watchlist
    rule_id: str | None = None
    """The rule that is shown."""

    @property
    def is_changed(self) -> bool:
        """Whether anything differs from the version in force."""
        return self.base is None or self.wanted != self.base

    @property
    def rule(self) -> Rule | None:
        """The rule that is shown; None for a list without rules."""
        return next((rule for rule in self.wanted.rules if rule.id == self.rule_id), None)

    @property
    def next_version(self) -> int:
        """The number that it will have once it is published."""
        return self.wanted.version + 1

    @property
    def changes(self) -> tuple[str, ...]:
        """What it changes, one line each."""
        return difference(self.base, self.wanted).words

    @property
    def needs_two(self) -> bool:
        """Whether a second person must agree before it is in force."""
        return self.wanted.two_people or (self.base is not None and self.base.two_people)

    def overtaken_by(self, newer: Watchlist | None) -> str:
        """Says that a version came into force to which this could not be made; empty where none did."""
        if newer is None or self.base is None or newer.version <= self.base.version:
            return ""
        return (
            f"Version {newer.version} came into force meanwhile and changed the same rule. "
            "Drop your changes, and make them again."
        )

    def put(self, rule: Rule) -> None:
        """Takes a rule in place of the one with its id."""
        rules = tuple(rule if each.id == rule.id else each for each in self.wanted.rules)
        self.wanted = replace(self.wanted, rules=rules)

    def add_rule(self) -> Rule:
        """Adds an empty rule and shows it. Its id is settled by `named` once it has words."""
        taken = {rule.id for rule in self.wanted.rules}
        number = len(taken) + 1
        while f"rule-{number}" in taken:
            number += 1
        made = Rule(f"rule-{number}")
        self.wanted = replace(self.wanted, rules=(*self.wanted.rules, made))
        self.rule_id = made.id
        return made

    def drop_rule(self) -> None:
        """Takes the shown rule away and shows the one after it."""
        rules = list(self.wanted.rules)
        place = next((place for place, rule in enumerate(rules) if rule.id == self.rule_id), None)
        if place is None:
            return
        del rules[place]
        self.wanted = replace(self.wanted, rules=tuple(rules))
        self.rule_id = rules[min(place, len(rules) - 1)].id if rules else None

    def to_publish(self) -> Watchlist:
        """The list without rules that look for nothing; those were begun and left."""
        rules = tuple(rule for rule in self.wanted.rules if rule.words or rule.patterns or rule.near)
        return replace(self.wanted, rules=rules)

    def take_newer(self, newer: Watchlist) -> bool:
        """Makes the changes to a version that came into force meanwhile; False where both changed one thing.

        Then nothing is changed here, and publishing is refused by the engine.
        """
        base = self.base
        if base is None or newer.version <= base.version:
            return base is not None
        theirs = {rule.id: rule for rule in newer.rules}
        before = {rule.id: rule for rule in base.rules}
        mine = {rule.id: rule for rule in self.wanted.rules}
        for name in [*before, *(name for name in mine if name not in before)]:
            was, now, other = before.get(name), mine.get(name), theirs.get(name)
            if now in (was, other):
                continue
            if other != was:
                return False
            if now is None:
                theirs.pop(name)
            else:
                theirs[name] = now
        head: dict[str, Any] = {}
        for field in _HEAD:
            was_head, now_head = getattr(base, field), getattr(self.wanted, field)
            if now_head != was_head:
                if getattr(newer, field) not in (was_head, now_head):
                    return False
                head[field] = now_head
        self.base = newer
        self.wanted = replace(newer, rules=tuple(theirs.values()), **head)
        if self.rule is None:
            self.rule_id = self.wanted.rules[0].id if self.wanted.rules else None
        return True

    def name_rules(self) -> None:
        """Gives new rules an id made from their first words; once in force, it never changes."""
        known = {rule.id for rule in self.base.rules} if self.base is not None else set()
        taken = {rule.id for rule in self.wanted.rules if rule.id in known}
        rules = []
        for rule in self.wanted.rules:
            name = rule.id
            if name not in known and (rule.words or rule.patterns or rule.near):
                name = rule_id(gist(rule), taken)
                if self.rule_id == rule.id:
                    self.rule_id = name
            taken.add(name)
            rules.append(replace(rule, id=name))
        self.wanted = replace(self.wanted, rules=tuple(rules))


def new_list(name: str, taken: Iterable[str], owner: str, category: str, review_by: dt.date) -> Watchlist:
    """A watchlist with nothing in it; its id is made from its name."""
    letters = "".join(letter if letter.isalnum() else " " for letter in name.casefold())
    wanted = "-".join(letters.split())[:56] or "list"
    others = set(taken)
    found, number = wanted, 1
    while found in others:
        number += 1
        found = f"{wanted}-{number}"
    known = CATEGORIES[category]
    return Watchlist(found, name, category, known.floor, known.suggest, owner, 0, review_by, ())


def gist(rule: Rule) -> str:
    """What a rule looks for, on one line."""
    terms = [
        *rule.words,
        *(f"{near.any_of[0]} near {near.with_any[0]}" for near in rule.near if near.any_of and near.with_any),
        *rule.patterns,
    ]
    return ", ".join(terms[:6]) + (f" and {len(terms) - 6} more" if len(terms) > 6 else "") or "Nothing yet"


def review_words(watchlist: Watchlist, today: dt.date) -> str:
    """A reminder of the review date when it is over or near; empty when there is time."""
    left = (watchlist.review_by - today).days
    if left < 0:
        return "The review date is over: its owner must read it again."
    if left == 0:
        return "The review date is today."
    if left <= SOON_DAYS:
        return f"The review date is in {left} day{'' if left == 1 else 's'}."
    return ""


# entries, one on each line -----------------------------------------------------------------------


def to_lines(entries: Sequence[str]) -> str:
    """Entries as a person edits them, one on each line."""
    return "\n".join(_line(entry) for entry in entries)


def _line(entry: str) -> str:
    return entry.replace("\r\n", "\n").replace("\n", RETURN).replace("\u00a0", " ")


def from_lines(text: str, before: Sequence[str]) -> tuple[str, ...]:
    """Entries from their lines; one that was not touched stays as it was, letter by letter."""
    known = {_line(entry): entry for entry in before}
    found: dict[str, None] = {}
    for line in text.split("\n"):
        if line in known:
            found[known[line]] = None
        elif line.strip():
            found[line.strip().replace(RETURN, "\n")] = None
    return tuple(found)


def to_commas(terms: Sequence[str]) -> str:
    """A few terms on one line."""
    return ", ".join(terms)


def from_commas(text: str) -> tuple[str, ...]:
    """Terms of one line."""
    return tuple(dict.fromkeys(term for part in text.split(",") if (term := part.strip())))


@dataclass(frozen=True, slots=True)
class NearLine:
    """One pair of word groups as a person edits it."""

    any_of: str = ""
    with_any: str = ""
    within: int = 5


def near_lines(near: Sequence[Near]) -> tuple[NearLine, ...]:
    """Pairs as they are edited."""
    return tuple(NearLine(to_commas(one.any_of), to_commas(one.with_any), one.within) for one in near)


def from_near_lines(lines: Sequence[NearLine], before: Sequence[Near]) -> tuple[Near, ...]:
    """Pairs from what was written; one that was not touched stays as it was, and empty ones are left out."""
    known: Mapping[NearLine, Near] = dict(zip(near_lines(before), before, strict=True))
    return tuple(
        known.get(line) or Near(from_commas(line.any_of), from_commas(line.with_any), line.within)
        for line in lines
        if line.any_of.strip() or line.with_any.strip()
    )
