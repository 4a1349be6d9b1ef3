"""Texts against compiled rules: which rules fire, on which words, and where these stand.

`Matcher` never changes once made, so a new one may be compiled elsewhere and swapped in whole.  What
a newcomer would get wrong: places inside this module count characters of the folded batch; only
`_Text.hit` turns them into places in the original, and nothing else may.

How the parts of a rule work together:
- words are whole words: a neighbour that is a letter or digit, by Unicode's own rules, spoils them;
- `near` fires on the pair that stands closest, and its hit reaches from one to the other;
- `unless` cancels the rule wherever in the text an exception stands, not only on top of the hit;
- overlapping hits of one rule become one: the one that starts first, then the longest;
- disguised spelling is seen through for every rule, and its hits dropped for those that say so.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from console.domain.watchlists import Hit
from console.matching.disguise import DRAWN_OUT_LETTERS, STAND_INS, differs_only_in_length, read_through
from console.matching.normalise import CHARACTER_STEPS, PLAIN_STEPS, fold_batch, fold_character, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from console.domain.watchlists import Rule, Watchlist
    from console.matching.disguise import Reading
    from console.matching.engines import Literals, Patterns
    from console.matching.guesses import Guesses, Mended
    from console.matching.normalise import Folded

__all__ = ["MOST_HITS", "Matcher", "Part", "Use", "is_word_break"]

MOST_HITS: Final = 50
"""Hits kept of one rule in one text; a text of five megabytes may hold a million."""
MOST_FINDS: Final = 1_000
"""Places of one literal looked at in one text; further ones are passed over."""
TEXTS_AT_ONCE: Final = 128
"""Most texts folded together."""
CHARACTERS_AT_ONCE: Final = 32_768
"""Characters folded together, unless one text alone has more: what stays in a core's cache."""

_END: Final = "\U0010ffff"
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
    step: str = ""
    """By which reading or guess it was found; empty where it stands in the folded text."""


class Find(NamedTuple):
    """A literal found as a whole word, by its number."""

    literal: int
    start: int
    end: int
    step: str


Finds: TypeAlias = dict[int, dict[int, list[Find]]]
"""By number of the text, then by literal."""


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
        squeezed: Mapping[str, Sequence[int]],
        squeezed_engine: Literals | None,
        patterns: Patterns,
        pattern_uses: Sequence[tuple[int, str]],
        guesses: Guesses,
    ) -> None:
        self.watchlists = tuple(watchlists)
        self._rules = tuple(rules)
        self._literals = tuple(literals)
        self._uses = tuple(literals.values())
        self._engine = engine
        self._squeezed = tuple(squeezed.values())
        self._squeezed_engine = squeezed_engine
        self._patterns = patterns
        self._pattern_uses = tuple(pattern_uses)
        self._guesses = guesses

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
            read = self._read_through(folded, batch, finds)
            whiches = self._patterns.whiches(folded.text.split(_END)[:-1]) if self._pattern_uses else {}
            for number, text in enumerate(batch):
                which = whiches.get(number, ())
                found = finds.get(number)
                masked = read.get(number, ())
                if not (found or which or masked):
                    hits.append(())
                    continue
                lang = langs[first + number] if first + number < len(langs) else None
                one = _Text(text, number, folded)
                hits.append(self._settle(one, lang, found or {}, which, masked))
        return hits

    def planted(self, texts: Sequence[str]) -> Iterator[frozenset[int]]:
        """For each text, the numbers of the literals found in it; for the test after compiling."""
        folded = fold_batch(texts)
        finds = self._finds(folded)
        self._read_through(folded, texts, finds)
        for number in range(len(texts)):
            yield frozenset(finds.get(number, ()))

    @property
    def literals(self) -> Sequence[str]:
        """The folded literals, by number."""
        return self._literals

    def _finds(self, folded: Folded) -> Finds:
        """The literals of a batch that stand as whole words, by number of the text."""
        finds: Finds = {}
        if self._engine is None:
            return finds
        text = folded.text
        for literal, start, end in self._engine.find(text):
            if _stands_alone(text, start, end):
                _add(finds, folded.which(start), Find(literal, start, end, ""))
        return finds

    def _read_through(
        self, folded: Folded, texts: Sequence[str], finds: Finds
    ) -> dict[int, list[tuple[int, int, int, str]]]:
        """Add disguised literals to the finds; return disguised patterns by number of the text.

        A disguised pattern is (number of the pattern, start, end, step).
        """
        patterns: dict[int, list[tuple[int, int, int, str]]] = {}
        for number, mended in self._guesses.mended(folded, texts):
            self._search_mended(number, mended, finds, patterns)
        for reading in read_through(folded):
            if self._squeezed_engine is not None:
                for number, first, last in self._squeezed_engine.find(reading.squeezed):
                    start, end = int(reading.kept[first]), int(reading.kept[last])
                    if not _stands_alone(reading.text, start, end):
                        continue
                    place = int(reading.places[start])
                    as_folded = folded.text[place : place + end - start]
                    for literal in self._squeezed[number]:
                        form = self._literals[literal]
                        if as_folded != form and differs_only_in_length(reading.text[start:end], form):
                            find = Find(literal, place, place + end - start, _step(as_folded, form))
                            _add(finds, folded.which(place), find)
            if self._pattern_uses:
                self._read_patterns(folded, reading, patterns)
        return patterns

    def _search_mended(
        self,
        number: int,
        mended: Mended,
        finds: Finds,
        patterns: dict[int, list[tuple[int, int, int, str]]],
    ) -> None:
        """Add what is found in a text only by guessing at some of its words."""
        text = mended.text + _END
        if self._engine is not None:
            for literal, start, end in self._engine.find(mended.text):
                if _stands_alone(text, start, end) and (found := mended.written(start, end)) is not None:
                    _add(finds, number, Find(literal, *found))
        if self._pattern_uses:
            for pattern in self._patterns.which(mended.text.encode()):
                for start, end in islice(self._patterns.places(pattern, mended.text), MOST_HITS):
                    if (found := mended.written(start, end)) is not None:
                        patterns.setdefault(number, []).append((pattern, *found))

    def _read_patterns(
        self, folded: Folded, reading: Reading, patterns: dict[int, list[tuple[int, int, int, str]]]
    ) -> None:
        """Add what patterns find in a reading and not in the folded text itself."""
        first = 0
        for number in reading.numbers:
            begins = folded.starts[number]
            length = folded.starts[number + 1] - begins - 1
            text = reading.text[first : first + length]
            first += length + 1
            as_folded = folded.one(number)
            if text == as_folded:
                continue
            for pattern in self._patterns.which(text.encode()):
                for start, end in islice(self._patterns.places(pattern, text), MOST_HITS):
                    if text[start:end] != as_folded[start:end]:
                        patterns.setdefault(number, []).append(
                            (pattern, begins + start, begins + end, STAND_INS)
                        )

    def _settle(
        self,
        text: _Text,
        lang: str | None,
        finds: Mapping[int, Sequence[Find]],
        which: Iterable[int],
        masked: Iterable[tuple[int, int, int, str]],
    ) -> tuple[Hit, ...]:
        """What the finds in one text amount to, rule by rule."""
        spoken = _primary(lang)
        cancelled: set[int] = set()
        found: dict[int, list[Found]] = {}
        pairs: dict[tuple[int, int], tuple[list[Found], list[Found]]] = {}
        for find in chain.from_iterable(finds.values()):
            for rule, part, term in self._uses[find.literal]:
                stretch = Found(find.start, find.end, term, find.step)
                if part.kind == WORD:
                    found.setdefault(rule, []).append(stretch)
                elif part.kind == UNLESS:
                    cancelled.add(rule)
                else:
                    pair = pairs.setdefault((rule, part.near), ([], []))
                    pair[part.kind == WITH].append(stretch)
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
        for pattern, start, end, step in masked:
            rule, term = self._pattern_uses[pattern]
            found.setdefault(rule, []).append(Found(start, end, term, step))
        hits = [
            hit
            for rule, stretches in found.items()
            if rule not in cancelled and self._speaks(rule, spoken)
            for hit in _apart(text, self._rules[rule], stretches)
        ]
        return in_order(hits)

    def _speaks(self, rule: int, spoken: str | None) -> bool:
        languages = self._rules[rule].languages
        return not languages or spoken is None or spoken in languages


def in_order(hits: Iterable[Hit]) -> tuple[Hit, ...]:
    """Hits of one text, most urgent first, then from left to right."""
    return tuple(sorted(hits, key=_order))


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
        disguised = bool(found.step) or _is_disguised(written, compared, found.term)
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
            disguised=disguised,
            suggest=ready.suggest,
            how=found.step or _folding(written) if disguised else "",
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
                    one.step or other.step,
                )


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether a stretch begins and ends where a word may; each text is followed by a separator."""
    # The cheap half of `is_word_break` first: most finds stand inside other words.
    if text[end].isalnum() and not is_word_break(text[end - 1], text[end]):
        return False
    return not (start and text[start - 1].isalnum() and not is_word_break(text[start - 1], text[start]))


def _add(finds: Finds, number: int, find: Find) -> None:
    """Note a find, unless its text has very many of this literal already."""
    places = finds.setdefault(number, {}).setdefault(find.literal, [])
    if len(places) < MOST_FINDS:
        places.append(find)


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


def _step(as_folded: str, form: str) -> str:
    """By which reading a stretch became a term: letters stand there, or something in their place."""
    return DRAWN_OUT_LETTERS if set(as_folded) <= set(form) else STAND_INS


@lru_cache(maxsize=4096)
def _folding(written: str) -> str:
    """The steps of folding that undid a disguise, as a person would say them."""
    changed = [
        step.name
        for step in CHARACTER_STEPS
        if step not in PLAIN_STEPS and any(step.fold(one) != one for one in written)
    ]
    return ", ".join(changed)


def _primary(lang: str | None) -> str | None:
    """The language without its region, lower case; None where it is not known."""
    if not lang:
        return None
    primary = lang.replace("_", "-").partition("-")[0].casefold()
    return None if primary in {"und", "zxx", "mul", "qme", "qht"} else primary


def _order(hit: Hit) -> tuple[int, int, int, str, str, str]:
    return hit.grade, hit.start, hit.end, hit.watchlist, hit.rule, hit.term
