"""Folds many texts at once into the form that rules are compared with.

Folding makes writings of one word equal: case, accents, width, letters borrowed from other
alphabets, invisible characters, runs of blanks.  What a newcomer would get wrong: folding changes
lengths both ways (an invisible character vanishes, one ligature becomes two letters), so a place in
the folded text is never a place in the original.  `Folded.origin` is the map between them, and the
only one.

All but one of the steps look at single characters and are joined into one table over code points,
filled as characters are first met.  A new step is a new line in `CHARACTER_STEPS`.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from console.matching.look_alikes import LOOK_ALIKES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Codes = NDArray[np.uint32]
    Places = NDArray[np.intp]

__all__ = [
    "CHARACTER_STEPS",
    "PLAIN_STEPS",
    "Folded",
    "Step",
    "fold",
    "fold_batch",
    "fold_character",
    "plain",
]


class Step(NamedTuple):
    """One named step of folding a single character.

    Attributes:
        name: what the step removes, as a person would say it.
        fold: from one character to what stands for it; "" drops the character.
    """

    name: str
    fold: Callable[[str], str]


_APOSTROPHES: Final = (
    "'`\u00b4\u02b9\u02bb\u02bc\u02bd\u02be\u02c8\u02ca\u02cb\u0384\u055a\u07f4"
    "\u2018\u2019\u201a\u201b\u2032\u2035\ua78c\uff07\uff40"
)
_QUOTES: Final = '"\u00ab\u00bb\u201c\u201d\u201e\u201f\u2033\u2036\u300c\u300d'
_BLANK_FILLERS: Final = "\u115f\u1160\u2800\u3164\uffa0"
_KEPT_SYMBOLS: Final = "\u2026\u2120\u2122\u00aa\u00ba\u00a8\u00b8\u02d8\u02d9\u02da\u02db\u02dc\u02dd"
_REPLACEMENT: Final = "\ufffd"
_NEVER_DROPPED_CLASSES: Final = frozenset({0, 7, 8, 9})


def _with_plain_punctuation(character: str) -> str:
    """Quotation marks, dashes and blanks in one form each."""
    if character in _APOSTROPHES:
        return "'"
    if character in _QUOTES:
        return '"'
    if character.isspace():
        return " "
    if character == "\u2212" or unicodedata.category(character) == "Pd":
        return "-"
    return character


def _without_enclosure(character: str) -> str:
    """White letters in black circles and squares, which Unicode never decomposes."""
    code = ord(character)
    for first in (0x1F150, 0x1F170):
        if first <= code < first + 26:
            return chr(ord("a") + code - first)
    return character


def _without_invisible(character: str) -> str:
    """Drop what leaves no trace on a screen; a lone half of a surrogate pair becomes U+FFFD."""
    if character in _BLANK_FILLERS:
        return " "
    category = unicodedata.category(character)
    if category == "Cs":
        return _REPLACEMENT
    if category in {"Cf", "Cc"}:
        return ""
    code = ord(character)
    if code == 0x34F or 0xFE00 <= code <= 0xFE0F or 0xE0000 <= code <= 0xE0FFF:
        return ""
    return character


def _without_width(character: str) -> str:
    """The compatibility form: full width, circled, mathematical, super- and subscript letters."""
    if character in _KEPT_SYMBOLS:
        return character
    digit = unicodedata.decimal(character, None)
    return str(digit) if digit is not None else unicodedata.normalize("NFKC", character)


def _without_look_alikes(character: str) -> str:
    return LOOK_ALIKES.get(character, character)


def _without_case(character: str) -> str:
    return character.casefold()


def _without_accents(character: str) -> str:
    """The letter without its marks; a mark by itself is dropped.

    Marks of combining class 0, 7, 8 and 9 stay: in Indic scripts, Thai and kana they are vowels and
    sounds, not decoration.
    """
    kept = "".join(
        mark
        for mark in unicodedata.normalize("NFD", character)
        if unicodedata.combining(mark) in _NEVER_DROPPED_CLASSES and unicodedata.category(mark) != "Me"
    )
    return unicodedata.normalize("NFC", kept)


CHARACTER_STEPS: Final = (
    Step("punctuation", _with_plain_punctuation),
    Step("letters in circles and squares", _without_enclosure),
    Step("invisible characters", _without_invisible),
    Step("letters of another width or style", _without_width),
    Step("look-alike letters", _without_look_alikes),
    Step("case", _without_case),
    Step("accents", _without_accents),
)
"""The steps in order; they are repeated until a character no longer changes."""

PLAIN_STEPS: Final = tuple(
    step for step in CHARACTER_STEPS if step.name in {"punctuation", "case", "accents"}
)
"""The steps that undo no disguise: everyone writes capitals, accents and curly quotes."""


def fold_character(character: str) -> str:
    """What stands for one character in folded text; "" where it is dropped."""
    return _to_the_end(character, CHARACTER_STEPS)


def _to_the_end(character: str, steps: Sequence[Step]) -> str:
    """Apply the steps until nothing changes, so that folding twice is folding once."""
    now = character
    for _ in range(8):  # the longest chain in Unicode takes three rounds
        before = now
        for step in steps:
            now = "".join(map(step.fold, now))
        if now == before:
            break
    return now


class _Table:
    """Code point to folded code point, filled as characters are first met.

    Three values above the last code point say what is not one character: `UNKNOWN` (not looked at
    yet), `DROPPED`, and `LONGER` (more than one character, held in `longer`).  Filling is safe
    from several threads: each writes the same values.
    """

    UNKNOWN: Final = 0x110000
    DROPPED: Final = 0x110001
    LONGER: Final = 0x110002

    def __init__(self) -> None:
        self.codes: Codes = np.full(0x110000, self.UNKNOWN, dtype=np.uint32)
        self.longer: dict[int, Codes] = {}
        self.learn(np.arange(0x250, dtype=np.uint32))

    def learn(self, codes: Codes) -> None:
        """Work out the characters that have not been met before."""
        for code in np.unique(codes[self.codes[codes] == self.UNKNOWN]).tolist():
            folded = fold_character(chr(code))
            if len(folded) == 1:
                self.codes[code] = ord(folded)
            elif folded:
                self.longer[code] = np.array([ord(part) for part in folded], dtype=np.uint32)
                self.codes[code] = self.LONGER
            else:
                self.codes[code] = self.DROPPED


_TABLE: Final = _Table()
_BETWEEN: Final = "\U0010ffff"
_BLANK: Final = 0x20
_BLANKS: Final = re.compile(" {2,}")


@dataclass(frozen=True, slots=True)
class Folded:
    """A batch of texts, folded, one after another in one string.

    Attributes:
        text: all folded texts, with one U+10FFFF, which folds to itself, after each.
        codes: the same as code points.
        starts: where each text begins in `text`, in order, and at the end the length of `text`.
        origin: for each character of `text`, its place in the originals joined the same way.
        origin_starts: where each original begins in that joined original.
    """

    text: str
    codes: Codes
    starts: Sequence[int]
    origin: Places
    origin_starts: Sequence[int]

    def which(self, place: int) -> int:
        """The number of the text that holds a place of `text`."""
        return bisect_right(self.starts, place) - 1

    def one(self, number: int) -> str:
        """One folded text of the batch."""
        return self.text[self.starts[number] : self.starts[number + 1] - 1]

    def span(self, number: int, start: int, end: int) -> tuple[int, int]:
        """The original characters behind a stretch of `text` (not empty), within text `number`."""
        base = self.origin_starts[number]
        return int(self.origin[start]) - base, int(self.origin[end - 1]) - base + 1


def fold_batch(texts: Sequence[str]) -> Folded:
    """Fold texts together; the cost per text falls until about twenty of them.

    Any `str` is accepted, NUL characters and lone surrogates included.
    """
    joined = _BETWEEN.join(texts) + _BETWEEN
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    origin_starts = [0]
    for text in texts:
        origin_starts.append(origin_starts[-1] + len(text) + 1)
    out = _TABLE.codes.take(codes)
    origin: Places | None = None
    most = int(out.max())
    if most >= _Table.UNKNOWN:
        if bool((out == _Table.UNKNOWN).any()):
            _TABLE.learn(codes)
            out = _TABLE.codes.take(codes)
        out, origin = _with_lengths(out, codes)
    out, origin = _without_runs_of_blanks(out, origin)
    if origin is None:
        origin = np.arange(len(out), dtype=np.intp)
        starts = origin_starts
    else:
        starts = np.searchsorted(origin, np.array(origin_starts)).tolist()
    text = out.tobytes().decode("utf-32-le")
    return Folded(text, out, starts, origin, origin_starts)


def _with_lengths(out: Codes, codes: Codes) -> tuple[Codes, Places | None]:
    """Leave out dropped characters and put in those that became several."""
    long_places = np.flatnonzero(out == _Table.LONGER)
    if not len(long_places):
        origin = np.flatnonzero(out < _Table.UNKNOWN)
        return out[origin], origin
    lengths = (out != _Table.DROPPED).astype(np.intp)
    expansions = [_TABLE.longer[code] for code in codes[long_places].tolist()]
    lengths[long_places] = [len(expansion) for expansion in expansions]
    origin = np.repeat(np.arange(len(out), dtype=np.intp), lengths)
    spread = out[origin]
    spread[spread == _Table.LONGER] = np.concatenate(expansions)
    return spread, origin


def _without_runs_of_blanks(out: Codes, origin: Places | None) -> tuple[Codes, Places | None]:
    """Keep the first of each run of blanks, so that phrases may be spread over lines."""
    blank = out == _BLANK
    again = blank[1:] & blank[:-1]
    if not bool(again.any()):
        return out, origin
    kept = np.concatenate((np.zeros(1, dtype=np.intp), np.flatnonzero(~again) + 1))
    return out[kept], kept if origin is None else origin[kept]


def fold(text: str) -> str:
    """Fold one text; folding what is folded changes nothing."""
    return fold_batch([text]).one(0)


@lru_cache(maxsize=8192)
def _plain_character(character: str) -> str:
    return _to_the_end(character, PLAIN_STEPS)


def plain(text: str) -> str:
    """Fold only what is no disguise: case, accents, quotation marks, dashes, runs of blanks."""
    return _BLANKS.sub(" ", "".join(map(_plain_character, text)))
