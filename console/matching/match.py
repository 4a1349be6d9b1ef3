"""Texts against compiled rules: which rules fire, on which words, and where these stand.

`Matcher` never changes once made, so a new one may be compiled elsewhere and swapped in whole.  What
a newcomer would get wrong: places inside this module count characters of the folded batch; only
`_Text.hit` turns them into places in the original, and nothing else may.

How the parts of a rule work together:
- words are whole words: a neighbour that is a letter or digit, by Unicode's own rules, spoils them;
- `near` fires on the pair that stands closest, and its hit reaches from one to the other;
- `unless` cancels the rule wherever in the text an exception stands, not only on top of the hit;
- overlapping hits of one rule become one: the one that starts first, then the longest.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

from console.domain.watchlists import Hit
from console.matching.normalise import fold_batch, fold_character, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from console.domain.watchlists import Rule, Watchlist
    from console.matching.engines import Literals, Patterns
    from console.matching.normalise import Folded

__all__ = ["MOST_HITS", "Matcher", "Part", "Use", "is_word_break"]

MOST_HITS: Final = 50
"""Hits kept of one rule in one text; a text of five megabytes may hold a million."""
MOST_FINDS: Final = 5_000
"""Places looked at in one text before further ones of literals already seen are passed over."""
TEXTS_AT_ONCE: Final = 128
"""Most texts folded together."""
CHARACTERS_AT_ONCE: Final = 16_384
"""Characters folded together, unless one text alone has more: what stays in a core's cache."""

_WORD: Final = re.compile(r"\w+")
_UNWRITTEN_SPACES: Final = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x2E80, 0xA4CF),  # Han, kana, Yi
    (0xF900, 0xFAFF),  # Han
    (0x20000, 0x3FFFF),  # Han
)


class Part(NamedTuple):
    """What a literal is to a rule.

    Attributes:
        kind: `WORD`, `UNLESS`, `ANY` or `WITH`.
        near: which `near` of the rule, for `ANY` and `WITH`.
    """

    kind: int
    near: int = 0


WORD: Final = 0
UNLESS: Final = 1
ANY: Final = 2
WITH: Final = 3


class Use(NamedTuple):
    """One rule's use of a literal: which rule, as what, and the term as its author wrote it."""

    rule: int
    part: Part
    term: str


@dataclass(frozen=True, slots=True)
class ReadyRule:
    """A rule with what its hits need, worked out beforehand."""

    watchlist: Watchlist
    rule: Rule
    grade: int
    suggest: str | None
    languages: frozenset[str]


class Found(NamedTuple):
    """A stretch of folded text that a term fired on."""

    start: int
    end: int
    term: str


def is_word_break(left: str, right: str) -> bool:
    """Whether a word may end between two neighbouring characters.

    It may unless both are letters or digits, except in scripts written without spaces, where it
    may anywhere (Unicode Standard Annex 29 leaves these to dictionaries).
    """
    if not (left.isalnum() and right.isalnum()):
        return True
    if left < "\u0e00" and right < "\u0e00":
        return False
    return any(
        first <= ord(character) <= last for character in (left, right) for first, last in _UNWRITTEN_SPACES
    )


class Matcher:
    """Compiled watchlists.  Made by `compile_watchlists`; safe to use from any thread.

    Attributes:
        watchlists: what it was compiled from.
    """

    def __init__(
        self,
        watchlists: Sequence[Watchlist],
        rules: Sequence[ReadyRule],
        literals: Mapping[str, Sequence[Use]],
        engine: Literals | None,
        patterns: Patterns,
        pattern_uses: Sequence[tuple[int, str]],
    ) -> None:
        self.watchlists = tuple(watchlists)
        self._rules = tuple(rules)
        self._literals = tuple(literals)
        self._uses = tuple(literals.values())
        self._engine = engine
        self._patterns = patterns
        self._pattern_uses = tuple(pattern_uses)

    def match(self, texts: Sequence[str], langs: Sequence[str | None] = ()) -> list[tuple[Hit, ...]]:
        """The hits of each text, most urgent first, then from left to right.

        Args:
            texts: any strings; NUL characters and lone surrogates do no harm.
            langs: the language of each as the network gave it ("en", "en-GB"); None, "" or a
                missing entry where it is not known.
        """
        hits: list[tuple[Hit, ...]] = []
        for first, last in _batches(texts):
            batch = texts[first:last]
            folded = fold_batch(batch)
            finds = self._finds(folded)
            for number, text in enumerate(batch):
                found = finds.get(number)
                which = self._patterns.which(folded.one(number).encode()) if self._pattern_uses else ()
                if not found and not which:
                    hits.append(())
                    continue
                lang = langs[first + number] if first + number < len(langs) else None
                hits.append(self._settle(_Text(text, number, folded), lang, found or (), which))
        return hits

    def planted(self, texts: Sequence[str]) -> Iterator[frozenset[int]]:
        """For each text, the numbers of the literals found in it; for the test after compiling."""
        folded = fold_batch(texts)
        finds = self._finds(folded)
        for number in range(len(texts)):
            yield frozenset(literal for literal, _, _ in finds.get(number, ()))

    @property
    def literals(self) -> Sequence[str]:
        """The folded literals, by number."""
        return self._literals

    def _finds(self, folded: Folded) -> dict[int, list[tuple[int, int, int]]]:
        """The literals of a batch that stand as whole words, by number of the text."""
        finds: dict[int, list[tuple[int, int, int]]] = {}
        if self._engine is None:
            return finds
        text = folded.text
        for find in self._engine.find(text):
            _, start, end = find
            # The cheap half of `is_word_break` first: most finds stand inside other words.
            if start and text[start - 1].isalnum() and not is_word_break(text[start - 1], text[start]):
                continue
            if text[end].isalnum() and not is_word_break(text[end - 1], text[end]):
                continue
            of_text = finds.setdefault(folded.which(start), [])
            if len(of_text) < MOST_FINDS or all(find[0] != seen[0] for seen in of_text):
                of_text.append(find)
        return finds

    def _settle(
        self,
        text: _Text,
        lang: str | None,
        finds: Iterable[tuple[int, int, int]],
        which: Iterable[int],
    ) -> tuple[Hit, ...]:
        """What the finds in one text amount to, rule by rule."""
        spoken = _primary(lang)
        cancelled: set[int] = set()
        found: dict[int, list[Found]] = {}
        pairs: dict[tuple[int, int], tuple[list[Found], list[Found]]] = {}
        for literal, start, end in finds:
            for rule, part, term in self._uses[literal]:
                if part.kind == WORD:
                    found.setdefault(rule, []).append(Found(start, end, term))
                elif part.kind == UNLESS:
                    cancelled.add(rule)
                else:
                    pair = pairs.setdefault((rule, part.near), ([], []))
                    pair[part.kind == WITH].append(Found(start, end, term))
        for (rule, near), (anys, withs) in pairs.items():
            if anys and withs and rule not in cancelled:
                within = self._rules[rule].rule.near[near].within
                found.setdefault(rule, []).extend(text.closest(anys, withs, within))
        for pattern in which:
            rule, term = self._pattern_uses[pattern]
            if rule not in cancelled and self._speaks(rule, spoken):
                found.setdefault(rule, []).extend(
                    Found(text.start + start, text.start + end, term)
                    for start, end in islice(self._patterns.places(pattern, text.folded_text), MOST_HITS)
                )
        hits = [
            hit
            for rule, stretches in found.items()
            if rule not in cancelled and self._speaks(rule, spoken)
            for hit in _apart(text, self._rules[rule], stretches)
        ]
        hits.sort(key=_order)
        return tuple(hits)

    def _speaks(self, rule: int, spoken: str | None) -> bool:
        languages = self._rules[rule].languages
        return not languages or spoken is None or spoken in languages


class _Text:
    """One text of a batch, with the way back from folded places to its own characters."""

    __slots__ = ("_folded", "_number", "original", "start")

    def __init__(self, original: str, number: int, folded: Folded) -> None:
        self.original = original
        self.start = folded.starts[number]
        self._number = number
        self._folded = folded

    @property
    def folded_text(self) -> str:
        """This text alone, folded."""
        return self._folded.one(self._number)

    def hit(self, ready: ReadyRule, found: Found) -> Hit:
        """A hit in terms of the original text."""
        start, end = self._folded.span(self._number, found.start, found.end)
        while end < len(self.original) and _belongs_to_previous(self.original[end]):
            end += 1
        written = self.original[start:end]
        compared = self._folded.text[found.start : found.end]
        return Hit(
            watchlist=ready.watchlist.id,
            watchlist_name=ready.watchlist.name,
            version=ready.watchlist.version,
            rule=ready.rule.id,
            category=ready.watchlist.category,
            grade=ready.grade,
            term=found.term,
            start=start,
            end=end,
            text=written,
            disguised=_is_disguised(written, compared, found.term),
            suggest=ready.suggest,
        )

    def closest(self, anys: Sequence[Found], withs: Sequence[Found], within: int) -> Iterator[Found]:
        """For each of `anys`, the pair it makes with the nearest of `withs`, if near enough."""
        words = [word.start() for word in _WORD.finditer(self.folded_text)]

        def first_word(found: Found) -> int:
            return bisect_left(words, found.start - self.start)

        def last_word(found: Found) -> int:
            return bisect_left(words, found.end - self.start) - 1

        others = sorted((first_word(other), last_word(other), other) for other in withs)
        firsts = [other[0] for other in others]
        for one in anys:
            begins, ends = first_word(one), last_word(one)
            place = bisect_left(firsts, begins)
            candidates = others[max(0, place - 2) : place + 2]
            distances = [
                (max(other_begins - ends, begins - other_ends), other)
                for other_begins, other_ends, other in candidates
                if other.start >= one.end or other.end <= one.start
            ]
            if not distances:
                continue
            distance, other = min(distances)
            if distance <= within:
                yield Found(
                    min(one.start, other.start),
                    max(one.end, other.end),
                    f"{one.term} near {other.term}",
                )


def _apart(text: _Text, ready: ReadyRule, stretches: list[Found]) -> Iterator[Hit]:
    """One rule's hits without overlaps: the first to start, and of these the longest."""
    kept = reached = 0
    for found in sorted(stretches, key=lambda found: (found.start, -found.end, found.term)):
        if found.start < reached:
            continue
        hit = text.hit(ready, found)
        if hit.disguised and not ready.rule.disguised:
            continue
        yield hit
        kept += 1
        if kept == MOST_HITS:
            return
        reached = found.end


def _batches(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Cut a sequence of texts into stretches that fit the limits; a longer text goes alone."""
    first = characters = 0
    for number, text in enumerate(texts):
        characters += len(text)
        if number > first and (characters > CHARACTERS_AT_ONCE or number - first == TEXTS_AT_ONCE):
            yield first, number
            first, characters = number, len(text)
    if first < len(texts):
        yield first, len(texts)


def _belongs_to_previous(character: str) -> bool:
    """Whether a character is a mark on the one before it that folding drops."""
    return (
        character >= "\u0300"
        and unicodedata.category(character).startswith("M")
        and not fold_character(character)
    )


def _is_disguised(written: str, compared: str, term: str) -> bool:
    """Whether more than what everyone varies (case, accents, blanks) separates the two."""
    return written.casefold() != compared and plain(written) not in {compared, plain(term)}


def _primary(lang: str | None) -> str | None:
    """The language without its region, lower case; None where it is not known."""
    if not lang:
        return None
    primary = lang.replace("_", "-").partition("-")[0].casefold()
    return None if primary in {"und", "zxx", "mul", "qme", "qht"} else primary


def _order(hit: Hit) -> tuple[int, int, int, str, str, str]:
    return hit.grade, hit.start, hit.end, hit.watchlist, hit.rule, hit.term
