"""Words of watchlists as a table (CSV), for people who keep theirs in a spreadsheet.

Columns: `term, list, grade, disguised, note`; only `term` is needed, the order does not matter. What a
newcomer would get wrong: a table holds words and phrases alone. Patterns, near words, exceptions and examples
have no column, so a table is added to a list and never replaces one.

A cell that a spreadsheet would take for a formula is written with an apostrophe before it, and read without:
https://owasp.org/www-community/attacks/CSV_Injection
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from console.domain.errors import WatchlistError
from console.domain.watchlists import CATEGORIES, Rule, Watchlist
from console.matching.compile import literal_forms
from console.matching.reading import LONGEST_TERM

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["COLUMNS", "Line", "added", "format_table", "left_out", "parse_table"]

COLUMNS: Final = ("term", "list", "grade", "disguised", "note")
MOST_LINES: Final = 50_000
NEW_GRADE: Final = 4
"""The grade of a new list whose table names none and whose id is no category."""
_YES: Final = frozenset({"", "yes", "y", "true", "1"})
_NO: Final = frozenset({"no", "n", "false", "0"})
_FORMULA: Final = ("=", "+", "-", "@", "\t")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table."""

    term: str
    watchlist: str
    grade: int | None
    disguised: bool
    note: str


def format_table(watchlist: Watchlist) -> str:
    """The words of a watchlist as a table; `left_out` says what it cannot hold."""
    written = io.StringIO()
    lines = csv.writer(written, lineterminator="\r\n")
    lines.writerow(COLUMNS)
    for rule in watchlist.rules:
        grade = watchlist.grade if rule.grade is None else rule.grade
        for word in rule.words:
            cells = (word, watchlist.id, str(grade), "yes" if rule.disguised else "no", rule.note)
            lines.writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells])
    return written.getvalue()


def left_out(watchlist: Watchlist) -> str:
    """What of a watchlist has no place in a table, in words; empty where all of it has."""
    counts = (
        (sum(len(rule.patterns) for rule in watchlist.rules), "pattern", "patterns"),
        (sum(len(rule.near) for rule in watchlist.rules), "pair of near words", "pairs of near words"),
        (sum(len(rule.unless) for rule in watchlist.rules), "exception", "exceptions"),
        (sum(len(rule.hits) + len(rule.misses) for rule in watchlist.rules), "example", "examples"),
    )
    return ", ".join(f"{number} {one if number == 1 else many}" for number, one, many in counts if number)


def parse_table(text: str, source: str) -> list[Line]:
    """Reads a table; `source` is its name in messages. Commas, semicolons or tabs may part its cells.

    Raises WatchlistError naming `source`, the line and the column.
    """
    text = text.removeprefix("\ufeff")
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as problem:
        raise WatchlistError(f"{source}: not a table: {problem}") from None
    if not rows:
        raise WatchlistError(f"{source}: empty; the first line names the columns {', '.join(COLUMNS)}")
    if len(rows) > MOST_LINES:
        raise WatchlistError(f"{source}: more than {MOST_LINES:,} lines")
    names = [cell.strip().casefold() for cell in rows[0]]
    for name in names:
        if name not in COLUMNS or names.count(name) > 1:
            raise WatchlistError(f"{source}: line 1: “{name}” is no column; they are {', '.join(COLUMNS)}")
    if "term" not in names:
        raise WatchlistError(f"{source}: line 1: the column “term” is missing")
    default = _id_of(source.rpartition(".")[0] or source)
    lines = []
    for number, row in enumerate(rows[1:], start=2):
        if any(cell.strip() for cell in row):
            lines.append(_line(dict(zip(names, row, strict=False)), f"{source}: line {number}", default))
    if not lines:
        raise WatchlistError(f"{source}: no terms below the first line")
    return lines


def added(
    lines: Sequence[Line], known: Mapping[str, Watchlist], owner: str, review_by: dt.date
) -> list[Watchlist]:
    """The watchlists that the lines are for, with their terms added; terms that are there already stay.

    A list with nothing new is left out. A list that is not known is made, with version 0; those that are
    known keep the version that was added to.
    """
    made: list[Watchlist] = []
    for name in dict.fromkeys(line.watchlist for line in lines):
        its = [line for line in lines if line.watchlist == name]
        found = known.get(name) or _new(name, its, owner, review_by)
        have = {form for rule in found.rules for word in rule.words for form in literal_forms(word)}
        ids = {rule.id for rule in found.rules}
        rules = list(found.rules)
        for line in its:
            forms = literal_forms(line.term)
            if have.isdisjoint(forms):
                have.update(forms)
                rules.append(_rule(line, found, ids))
        if len(rules) > len(found.rules):
            made.append(replace(found, rules=tuple(rules)))
    return made


def rule_id(words: str, taken: Iterable[str]) -> str:
    """An id for a rule, made from its words, that none of the others has."""
    others = set(taken)
    wanted = _id_of(words)
    number, found = 1, wanted
    while found in others:
        number += 1
        found = f"{wanted}-{number}"
    return found


def _rule(line: Line, watchlist: Watchlist, ids: set[str]) -> Rule:
    name = rule_id(line.term, ids)
    ids.add(name)
    grade = None if line.grade == watchlist.grade else line.grade
    return Rule(name, words=(line.term,), disguised=line.disguised, grade=grade, note=line.note)


def _new(name: str, lines: Sequence[Line], owner: str, review_by: dt.date) -> Watchlist:
    category = CATEGORIES.get(name)
    grades = [line.grade for line in lines if line.grade is not None]
    return Watchlist(
        id=name,
        name=category.name if category else name,
        category=name,
        grade=category.floor if category else min(grades, default=NEW_GRADE),
        suggest=category.suggest if category else None,
        owner=owner,
        version=0,
        review_by=review_by,
        rules=(),
    )


def _line(cells: Mapping[str, str], where: str, default: str) -> Line:
    read = {name: _cell(cell) for name, cell in cells.items()}
    term = read.get("term", "")
    if len(term) > LONGEST_TERM or not literal_forms(term):
        raise WatchlistError(f"{where}: term: must be visible, and at most {LONGEST_TERM} characters")
    grade, disguised = read.get("grade", ""), read.get("disguised", "").casefold()
    if grade not in {"", "1", "2", "3", "4", "5"}:
        raise WatchlistError(f"{where}: grade: must be from 1 to 5, or empty")
    if disguised not in _YES | _NO:
        raise WatchlistError(f"{where}: disguised: must be yes or no, or empty")
    name, note = read.get("list", "") or default, read.get("note", "")
    if any(c.isspace() for c in name) or len(name) > 64 or not name.isprintable():
        raise WatchlistError(f"{where}: list: must be at most 64 characters without spaces")
    if len(note) > LONGEST_TERM or not note.isprintable():
        raise WatchlistError(f"{where}: note: must be one line of at most {LONGEST_TERM} characters")
    return Line(term, name, int(grade) if grade else None, disguised in _YES, note)


def _cell(text: str) -> str:
    text = text.strip(" ")
    return (text[1:] if text.startswith(tuple(f"'{mark}" for mark in _FORMULA)) else text).strip()


def _id_of(words: str) -> str:
    kept = "".join(c.lower() if c.isalnum() else "-" for c in words)
    return "-".join(part for part in kept.split("-") if part)[:48] or "term"
