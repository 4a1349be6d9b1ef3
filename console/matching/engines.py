r"""The two engines behind matching: literals found all at once, and patterns in linear time.

Both work on folded text.  What a newcomer would get wrong: neither engine knows what a word is.
Literals are reported wherever they stand, inside other words too, and `match.py` looks at the
neighbours of each; a pattern means exactly what its author wrote, `\b` included.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, Protocol

import re2

from console.matching.normalise import fold_character

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

try:
    import ahocorasick_rs
except ImportError:  # pragma: no cover - Windows on ARM has no wheel; tests build Re2Literals
    AHO_CORASICK_AVAILABLE = False
else:
    AHO_CORASICK_AVAILABLE = True

__all__ = [
    "AHO_CORASICK_AVAILABLE",
    "AhoLiterals",
    "Literals",
    "MatcherBroken",
    "PatternRefused",
    "Patterns",
    "Re2Literals",
    "literals_engine",
]

LONGEST_PATTERN: Final = 1_000
"""Characters a pattern may have."""
LARGEST_PROGRAM: Final = 5_000
"""Instructions re2 may compile one pattern to; bounds the cost per character of text."""
PATTERN_MEMORY: Final = 2 << 20
"""Bytes re2 may use for one pattern."""
SET_MEMORY: Final = 64 << 20
"""Bytes re2 may use for all patterns together; a set that would need more refuses to compile."""
PIECE: Final = 1 << 18
"""Characters handed to the literal engine at once, so that its list of finds stays small."""
_WHOLE_TEXT: Final = re.compile(r"\\[Az]")
"""Marks in a pattern that mean the ends of a text and not of a line."""
_PLANTED_PATTERN: Final = "planted-[0-9]{4}-hit"
_PLANTED_TEXT: Final = b"nothing, then planted-2718-hit, then nothing"


class MatcherBroken(RuntimeError):
    """A freshly compiled matcher did not find what was planted for it; it must not be used."""


class PatternRefused(ValueError):
    """A pattern that re2 will not run, or that would cost too much; the text says why."""


class Literals(Protocol):
    """Finds every place of every literal, overlapping ones too."""

    def find(self, text: str) -> Iterator[tuple[int, int, int]]:
        """Yield (number of the literal, start, end) for each place in the folded text."""
        ...


class AhoLiterals:
    """Literals by Aho-Corasick: one pass over the text whatever their number."""

    def __init__(self, literals: Sequence[str]) -> None:
        self._longest = max(map(len, literals), default=1)
        # Contiguous NFA: compiling holds the interpreter for 0.2 ms where a DFA takes 36.
        self._automaton = ahocorasick_rs.AhoCorasick(
            literals,
            matchkind=ahocorasick_rs.MatchKind.Standard,
            implementation=ahocorasick_rs.Implementation.ContiguousNFA,
            store_patterns=False,
        )

    def find(self, text: str) -> Iterator[tuple[int, int, int]]:
        """See `Literals.find`."""
        if len(text) <= PIECE:
            yield from self._automaton.find_matches_as_indexes(text, overlapping=True)
            return
        for first in range(0, len(text), PIECE):
            piece = text[first : first + PIECE + self._longest - 1]
            for number, start, end in self._automaton.find_matches_as_indexes(piece, overlapping=True):
                if start < PIECE:
                    yield number, first + start, first + end


class Re2Literals:
    """The same by a set of re2, for systems where the other engine has no wheel."""

    def __init__(self, literals: Sequence[str]) -> None:
        self._literals = tuple(literals)
        self._set = _new_set([re.escape(literal) for literal in literals])

    def find(self, text: str) -> Iterator[tuple[int, int, int]]:
        """See `Literals.find`."""
        for number in self._set.Match(text.encode()) or ():
            literal = self._literals[number]
            start = text.find(literal)
            while start >= 0:
                yield number, start, start + len(literal)
                start = text.find(literal, start + 1)


def literals_engine(literals: Sequence[str]) -> Literals:
    """The best literal engine this system has."""
    return AhoLiterals(literals) if AHO_CORASICK_AVAILABLE else Re2Literals(literals)


class Patterns:
    """All patterns in one set that says which occur, and each alone to say where.

    Raises:
        PatternRefused: one of them cannot be run.
        MatcherBroken: the set does not find a planted text.
    """

    def __init__(self, patterns: Sequence[str]) -> None:
        self._each: tuple[Any, ...] = tuple(map(compile_pattern, patterns))
        self._set = _new_set([*map(fold_pattern, patterns), _PLANTED_PATTERN]) if patterns else None
        # Of several texts in one, each on a line: may name a pattern too many, never one too few.
        self._lines = _new_set([f"(?m:{fold_pattern(one)})" for one in patterns]) if patterns else None
        self._is_line_by_line = not any(_WHOLE_TEXT.search(one) for one in patterns)
        if self._set and len(patterns) not in (self._set.Match(_PLANTED_TEXT) or ()):
            raise MatcherBroken("the set of patterns missed a planted text")

    def whiches(self, texts: Sequence[str]) -> Mapping[int, Sequence[int]]:
        """The same for many folded texts at once: by number, those in which a pattern occurs.

        Texts are searched together and cut in halves where something is found, so that the many in which
        nothing is cost next to nothing.
        """
        if self._set is None or self._lines is None:
            return {}
        encoded = [text.encode() for text in texts]  # folding has made blanks of all ends of lines
        found: dict[int, Sequence[int]] = {}
        stack = [(0, len(encoded))]
        while stack:
            first, last = stack.pop()
            if last - first > 1 and self._is_line_by_line:
                if self._lines.Match(b"\n".join(encoded[first:last])):
                    middle = (first + last) // 2
                    stack += ((first, middle), (middle, last))
                continue
            for number in range(first, last):
                if which := self._set.Match(encoded[number]):
                    found[number] = which
        return found

    def which(self, text: bytes) -> Sequence[int]:
        """The numbers of the patterns that occur in a folded text in UTF-8."""
        found: Sequence[int] | None = self._set.Match(text) if self._set else None
        return found or ()

    def places(self, number: int, text: str) -> Iterator[tuple[int, int]]:
        """Where one pattern occurs in a folded text, left to right, without overlaps."""
        for found in self._each[number].finditer(text):
            start, end = found.span()
            if end > start:
                yield start, end


def compile_pattern(pattern: str) -> Any:
    """One pattern as re2 runs it on folded text.

    Raises:
        PatternRefused: with the reason in words, where re2 refuses it, where it would also match
            an empty text, or where it is too large.
    """
    if len(pattern) > LONGEST_PATTERN:
        raise PatternRefused(f"longer than {LONGEST_PATTERN:,} characters")
    try:
        compiled = re2.compile(fold_pattern(pattern), _options(PATTERN_MEMORY))
    except re2.error as refusal:
        reason = refusal.args[0] if refusal.args else refusal
        words = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
        raise PatternRefused(words) from None
    if compiled.programsize > LARGEST_PROGRAM:
        raise PatternRefused("too large once its repetitions are written out")
    if compiled.fullmatch("") is not None:
        raise PatternRefused("it would match any text, an empty one too")
    return compiled


def fold_pattern(pattern: str) -> str:
    r"""A pattern for folded text: letters beyond ASCII are folded as the text is.

    ASCII is left alone, for `\S` and `\s` differ; re2 compares without case instead, which on folded
    text cannot confuse letters of different alphabets.
    """
    if pattern.isascii():
        return pattern
    return "".join(
        character if character.isascii() else re.escape(fold_character(character)) for character in pattern
    )


def _options(memory: int) -> Any:
    options = re2.Options()
    options.case_sensitive = False
    options.never_capture = True
    options.log_errors = False
    options.max_mem = memory
    return options


def _new_set(patterns: Sequence[str]) -> Any:
    made = re2.Set.SearchSet(_options(SET_MEMORY))
    try:
        for pattern in patterns:
            made.Add(pattern)
        made.Compile()
    except re2.error as refusal:
        raise PatternRefused(f"all patterns together are too large ({refusal})") from None
    return made
