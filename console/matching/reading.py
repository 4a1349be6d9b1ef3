"""Watchlist files (TOML) into `Watchlist` values, and back.

A file is written by a person who will meet our answer at an awkward hour, so every mistake becomes
one line that names the file, the rule and the field.  What a newcomer would get wrong: unknown keys
are refused, not passed over, because a misspelt `unless` would leave a rule without its exceptions.
"""

from __future__ import annotations

import datetime as dt
import json
import tomllib
from typing import TYPE_CHECKING, Final

from console.domain.errors import WatchlistError
from console.domain.watchlists import SUGGESTIONS, Near, Rule, Watchlist
from console.matching.compile import literal_forms
from console.matching.engines import PatternRefused, compile_pattern

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

__all__ = ["format_watchlist", "parse_watchlist", "read_folder", "read_watchlist"]

LARGEST_FILE: Final = 5_000_000
"""Bytes a watchlist file may have."""
LONGEST_TERM: Final = 200
"""Characters a word or phrase may have."""
LONGEST_EXAMPLE: Final = 2_000
"""Characters an example may have."""
WIDEST_NEAR: Final = 50
"""Words that may lie between the two halves of a `near`."""

_WATCHLIST_KEYS: Final = (
    "id",
    "name",
    "category",
    "grade",
    "suggest",
    "owner",
    "version",
    "review_by",
    "two_people",
    "incident",
    "rule",
)
_RULE_KEYS: Final = (
    "id",
    "words",
    "patterns",
    "near",
    "unless",
    "disguised",
    "languages",
    "grade",
    "suggest",
    "note",
    "hits",
    "misses",
)
_NEAR_KEYS: Final = ("any", "with", "within")
_KINDS: Final = {
    str: "text in quotes",
    int: "a whole number",
    bool: "true or false",
    list: "a list in square brackets",
    dict: "a table",
    dt.date: "a date such as 2027-03-01",
}


def read_watchlist(path: Path) -> Watchlist:
    """Read one file.

    Raises:
        WatchlistError: one line naming the file and what is wrong in it.
    """
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise WatchlistError(f"{path.name}: larger than {LARGEST_FILE:,} bytes")
        content = path.read_bytes()
    except OSError as error:
        raise WatchlistError(f"{path.name}: cannot be read: {error.strerror or error}") from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise WatchlistError(f"{path.name}: not UTF-8 text (byte {error.start + 1})") from None
    return parse_watchlist(text, path.name)


def read_folder(folder: Path) -> list[Watchlist]:
    """Read every `.toml` file of a folder, in the order of their names.

    Raises:
        WatchlistError: a file has a mistake, or two have the same id.
    """
    watchlists: dict[str, Watchlist] = {}
    for path in sorted(folder.glob("*.toml")):
        watchlist = read_watchlist(path)
        if watchlist.id in watchlists:
            raise WatchlistError(f"{path.name}: id: {watchlist.id!r} is taken by another file")
        watchlists[watchlist.id] = watchlist
    return list(watchlists.values())


def parse_watchlist(text: str, source: str) -> Watchlist:
    """Read the text of one file; `source` is its name in messages.

    Raises:
        WatchlistError: one line naming `source`, the rule and the field.
    """
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise WatchlistError(f"{source}: not TOML: {_one_line(str(error))}") from None
    except RecursionError:
        raise WatchlistError(f"{source}: not TOML: nested too deeply") from None
    return _Fields(source, content, _WATCHLIST_KEYS).watchlist()


def format_watchlist(watchlist: Watchlist) -> str:
    """The text of a file that reads back as the same watchlist."""
    lines = [
        f"id = {_quoted(watchlist.id)}",
        f"name = {_quoted(watchlist.name)}",
        f"category = {_quoted(watchlist.category)}",
        f"grade = {watchlist.grade}",
        *([f"suggest = {_quoted(watchlist.suggest)}"] if watchlist.suggest else []),
        f"owner = {_quoted(watchlist.owner)}",
        f"version = {watchlist.version}",
        f"review_by = {watchlist.review_by.isoformat()}",
        *(["two_people = true"] if watchlist.two_people else []),
        *([f"incident = {watchlist.incident}"] if watchlist.incident is not None else []),
    ]
    for rule in watchlist.rules:
        lines += ["", "[[rule]]", f"id = {_quoted(rule.id)}"]
        lines += [f"grade = {rule.grade}"] if rule.grade is not None else []
        lines += [f"suggest = {_quoted(rule.suggest)}"] if rule.suggest else []
        lines += [f"note = {_quoted(rule.note)}"] if rule.note else []
        lines += _list_lines("words", rule.words) + _list_lines("patterns", rule.patterns)
        if rule.near:
            lines += ["near = ["]
            lines += [
                f"    {{ any = {_inline(near.any_of)}, with = {_inline(near.with_any)}, "
                f"within = {near.within} }},"
                for near in rule.near
            ]
            lines += ["]"]
        lines += _list_lines("unless", rule.unless)
        lines += [] if rule.disguised else ["disguised = false"]
        lines += _list_lines("languages", rule.languages)
        lines += _list_lines("hits", rule.hits) + _list_lines("misses", rule.misses)
    return "\n".join(lines) + "\n"


class _Fields:
    """One table of the file, with the place it stands at for messages."""

    def __init__(self, place: str, content: Mapping[str, object], known: Sequence[str]) -> None:
        self._place = place
        self._content = content
        for key in content:
            if key not in known:
                raise self.wrong(key, f"unknown; the fields are {', '.join(known)}")

    def wrong(self, field: str, reason: str) -> WatchlistError:
        """The one line for a mistake in a field."""
        return WatchlistError(f"{self._place}: {_one_line(field)}: {_one_line(reason)}")

    def watchlist(self) -> Watchlist:
        """This table as a whole watchlist."""
        rules = self._tables("rule", self._place)
        if not rules:
            raise self.wrong("rule", "missing; a watchlist needs at least one [[rule]]")
        made: dict[str, Rule] = {}
        for number, content in enumerate(rules, start=1):
            name = content.get("id")
            named = name if isinstance(name, str) and name else f"number {number}"
            rule = _Fields(f"{self._place}: rule {_one_line(named)}", content, _RULE_KEYS).rule()
            if rule.id in made:
                raise self.wrong(f"rule {rule.id}", "id: taken by another rule of this file")
            made[rule.id] = rule
        return Watchlist(
            id=self._id("id"),
            name=self._line("name"),
            category=self._id("category"),
            grade=self._number("grade", 1, 5),
            suggest=self._suggestion(),
            owner=self._line("owner"),
            version=self._number("version", 1, 1_000_000_000),
            review_by=self._date("review_by"),
            rules=tuple(made.values()),
            two_people=self._flag("two_people", default=False),
            incident=self._number("incident", 1, 2**62) if "incident" in self._content else None,
        )

    def rule(self) -> Rule:
        """This table as a rule."""
        name = self._id("id")
        rule = Rule(
            id=name,
            words=self._terms("words"),
            patterns=self._patterns(),
            near=tuple(
                _Fields(f"{self._place}: near {number}", content, _NEAR_KEYS).near()
                for number, content in enumerate(self._tables("near", self._place), start=1)
            ),
            unless=self._terms("unless"),
            disguised=self._flag("disguised", default=True),
            languages=self._languages(),
            grade=self._number("grade", 1, 5) if "grade" in self._content else None,
            suggest=self._suggestion(),
            hits=self._examples("hits"),
            misses=self._examples("misses"),
            note=self._line("note") if "note" in self._content else "",
        )
        if not (rule.words or rule.patterns or rule.near):
            raise WatchlistError(f"{self._place}: needs words, patterns or near")
        return rule

    def near(self) -> Near:
        """This table as one `near`."""
        near = Near(self._terms("any"), self._terms("with"), self._number("within", 1, WIDEST_NEAR))
        for field, terms in (("any", near.any_of), ("with", near.with_any)):
            if not terms:
                raise self.wrong(field, "missing; both halves of a near need words")
        return near

    def _value(self, field: str, kind: type) -> object:
        if field not in self._content:
            raise self.wrong(field, "missing")
        value = self._content[field]
        # A bool is an int to Python, and a date with a time is a date; neither is meant so here.
        fits = isinstance(value, kind) and not (
            (kind is int and isinstance(value, bool)) or (kind is dt.date and isinstance(value, dt.datetime))
        )
        if not fits:
            raise self.wrong(field, f"must be {_KINDS[kind]}")
        return value

    def _line(self, field: str) -> str:
        value = str(self._value(field, str)).strip()
        if not value:
            raise self.wrong(field, "is empty")
        if len(value) > LONGEST_TERM or not value.isprintable():
            raise self.wrong(field, f"must be one line of at most {LONGEST_TERM} characters")
        return value

    def _id(self, field: str) -> str:
        value = self._line(field)
        if any(character.isspace() for character in value) or len(value) > 64:
            raise self.wrong(field, "must be at most 64 characters without spaces")
        return value

    def _number(self, field: str, least: int, most: int) -> int:
        value = self._value(field, int)
        if not isinstance(value, int) or not least <= value <= most:
            raise self.wrong(field, f"must be from {least} to {most}")
        return value

    def _date(self, field: str) -> dt.date:
        value = self._value(field, dt.date)
        if not isinstance(value, dt.date):
            raise self.wrong(field, f"must be {_KINDS[dt.date]}")
        return value

    def _flag(self, field: str, *, default: bool) -> bool:
        return bool(self._value(field, bool)) if field in self._content else default

    def _suggestion(self) -> str | None:
        if "suggest" not in self._content:
            return None
        value = self._line("suggest")
        if value == "delete":
            raise self.wrong("suggest", "a rule never deletes; suggest hide or report")
        if value not in SUGGESTIONS:
            raise self.wrong("suggest", f"must be one of {', '.join(sorted(SUGGESTIONS))}")
        return value

    def _texts(self, field: str) -> tuple[str, ...]:
        if field not in self._content:
            return ()
        values = self._value(field, list)
        texts: list[str] = []
        for number, value in enumerate(values if isinstance(values, list) else (), start=1):
            if not isinstance(value, str):
                raise self.wrong(field, f"entry {number} must be {_KINDS[str]}")
            texts.append(value)
        return tuple(texts)

    def _terms(self, field: str) -> tuple[str, ...]:
        terms = self._texts(field)
        for number, term in enumerate(terms, start=1):
            if len(term) > LONGEST_TERM:
                raise self.wrong(field, f"entry {number} is longer than {LONGEST_TERM} characters")
            if "\U0010ffff" in term or any(0xD800 <= ord(c) < 0xE000 for c in term):
                raise self.wrong(field, f"entry {number} holds a code that is no character")
            if not literal_forms(term):
                raise self.wrong(field, f"entry {number} is empty or has only invisible characters")
        return terms

    def _examples(self, field: str) -> tuple[str, ...]:
        examples = self._texts(field)
        for number, example in enumerate(examples, start=1):
            if not example.strip():
                raise self.wrong(field, f"entry {number} is empty")
            if any(0xD800 <= ord(c) < 0xE000 for c in example):
                raise self.wrong(field, f"entry {number} holds a code that is no character")
            if len(example) > LONGEST_EXAMPLE:
                raise self.wrong(field, f"entry {number} is longer than {LONGEST_EXAMPLE:,} characters")
        return examples

    def _patterns(self) -> tuple[str, ...]:
        patterns = self._texts("patterns")
        for number, pattern in enumerate(patterns, start=1):
            try:
                compile_pattern(pattern)
            except PatternRefused as refusal:
                raise self.wrong("patterns", f"entry {number} refused: {refusal}") from None
        return patterns

    def _languages(self) -> tuple[str, ...]:
        languages = self._texts("languages")
        for number, language in enumerate(languages, start=1):
            primary = language.partition("-")[0]
            if not (primary.isascii() and primary.isalpha() and 2 <= len(primary) <= 3):
                raise self.wrong("languages", f"entry {number} must be a code such as en or cy")
        return languages

    def _tables(self, field: str, place: str) -> Sequence[Mapping[str, object]]:
        if field not in self._content:
            return ()
        values = self._content[field]
        if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
            form = "[[rule]] headings" if field == "rule" else "a list of tables in curly brackets"
            raise WatchlistError(f"{place}: {field}: must be {form}")
        return values


def _one_line(text: str) -> str:
    shown = "".join(c if c.isprintable() else " " for c in text)
    return shown if len(shown) <= 200 else f"{shown[:199]}…"


def _quoted(text: str) -> str:
    """A TOML basic string: JSON's escapes are a subset of TOML's, but for a bare DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _inline(texts: Collection[str]) -> str:
    return f"[{', '.join(map(_quoted, texts))}]"


def _list_lines(name: str, texts: Collection[str]) -> list[str]:
    if not texts:
        return []
    return [f"{name} = [", *(f"    {_quoted(text)}," for text in texts), "]"]
