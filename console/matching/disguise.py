"""Spellings that fold to something else on purpose: stand-ins for letters, and letters drawn out.

Folding makes two writings equal for good and must never confuse two honest words.  What is undone
here is a guess ("5tab" may be a bay number), so it is done beside the folded text, only for the few
texts that give cause, and every find is compared with its term again.  What a newcomer would get
wrong: a reading has the length of the folded text, so its places are the same; only its `squeezed`
form, with drawn-out letters shortened, needs a map.

Tricks with whole words (letters spaced apart, starred out, left out) are undone in `guesses`.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby, product
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from console.matching.normalise import Folded

__all__ = [
    "DRAWN_OUT_LETTERS",
    "STAND_INS",
    "Reading",
    "differs_only_in_length",
    "read_through",
    "squeezed_forms",
]

STAND_INS: Final = "digits and symbols for letters"
DRAWN_OUT_LETTERS: Final = "letters drawn out"
DRAWN_OUT: Final = 3
"""As many of one letter in a row are a drawn-out letter; two are honest spelling."""
MOST_FORMS: Final = 16
"""Squeezed spellings tried of one term; a term with more double letters is tried whole only."""

_STAND_INS: Final = {
    "0": "o",
    "1": "i",
    "2": "z",
    "3": "e",
    "4": "a",
    "5": "s",
    "6": "g",
    "7": "t",
    "8": "b",
    "9": "g",
    "@": "a",
    "$": "s",
    "!": "i",
    "|": "i",
    "+": "t",
}
_EITHER_SIDE: Final = "0123456789$"
"""Stand-ins that count with a letter on one side; the others are ordinary at the edge of a word."""
_TWO_WAYS: Final = "1!|"
"""Stand-ins for i that are as often meant as l; they are read both ways."""

_BETWEEN: Final = "\U0010ffff"
_LETTER: Final = 1
_STAND_IN: Final = 2
_ONE_SIDE: Final = 4
_TWO_WAY: Final = 8


def _kind(character: str) -> int:
    """What a folded ASCII character is here, as flags."""
    if "a" <= character <= "z":
        return _LETTER
    if character not in _STAND_INS:
        return 0
    return (
        _STAND_IN
        | (_ONE_SIDE if character in _EITHER_SIDE else 0)
        | (_TWO_WAY if character in _TWO_WAYS else 0)
    )


_KINDS: Final = bytes(_kind(chr(code)) for code in range(128)) + bytes(128)
_MEANT: Final = bytes(ord(_STAND_INS.get(chr(code), chr(code))) for code in range(128)) + bytes(128)


@dataclass(frozen=True, slots=True)
class Reading:
    """Some texts of a batch with their stand-ins read as letters.

    Attributes:
        text: the texts, as in `Folded.text` each with U+10FFFF after it.
        places: for each character of `text`, its place in `Folded.text`.
        squeezed: `text` with each drawn-out letter written once.
        kept: for each character of `squeezed`, its place in `text`, and at the end its length.
        numbers: which texts of the batch these are.
    """

    text: str
    places: NDArray[np.intp]
    squeezed: str
    kept: NDArray[np.intp]
    numbers: Sequence[int]


def read_through(folded: Folded) -> Iterator[Reading]:
    """Readings of those texts of a batch that hold stand-ins or drawn-out letters, if any do."""
    narrow = np.minimum(folded.codes, 255).astype(np.uint8)
    as_bytes = narrow.tobytes()
    # Translating bytes is ten times faster than indexing a table with an array.
    kinds = np.frombuffer(as_bytes.translate(_KINDS), dtype=np.uint8)
    stand_in = _stand_ins(kinds)
    if bool(stand_in.any()):
        for start, end in _links(folded.text):
            stand_in[start:end] = False
    again = (narrow[1:] == narrow[:-1]) & (kinds[1:] & _LETTER).view(np.bool_)
    cause = stand_in.copy()
    cause[2:] |= again[1:] & again[:-1]
    places = np.flatnonzero(cause)
    if not len(places):
        return
    meant = np.frombuffer(as_bytes.translate(_MEANT), dtype=np.uint8)
    yield _reading(folded, places, stand_in, meant)
    two_way = np.flatnonzero(stand_in & (kinds & _TWO_WAY).astype(np.bool_))
    if len(two_way):
        meant = meant.copy()
        meant[two_way] = ord("l")
        yield _reading(folded, two_way, stand_in, meant)


def _links(text: str) -> Iterator[tuple[int, int]]:
    """Where links stand: half their letters and digits are chance, and nobody reads them as words."""
    start, text_end = text.find("http"), -1
    while start >= 0:
        if text_end < start:
            text_end = text.index(_BETWEEN, start)
        blank = text.find(" ", start, text_end)
        end = text_end if blank < 0 else blank
        yield start, end
        start = text.find("http", end)


def _stand_ins(kinds: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Where a digit or symbol stands for a letter: beside one, or beside another such place."""
    candidate = (kinds & _STAND_IN).astype(np.bool_)
    found = np.zeros(len(kinds), dtype=np.bool_)
    if not bool(candidate.any()):
        return found
    one_side = (kinds & _ONE_SIDE).astype(np.bool_)
    letter = (kinds & _LETTER).view(np.bool_)
    known = letter.copy()
    left, right = np.zeros_like(known), np.zeros_like(known)
    for _ in range(3):
        left[1:], right[:-1] = known[:-1], known[1:]
        found = candidate & ((left & right) | (one_side & (left | right)))
        known = letter | found
    return found


def _reading(
    folded: Folded,
    causes: NDArray[np.intp],
    stand_in: NDArray[np.bool_],
    meant: NDArray[np.uint8],
) -> Reading:
    """Read those texts of the batch that hold one of the places given as causes."""
    starts = folded.starts
    numbers = sorted(set((np.searchsorted(starts, causes, side="right") - 1).tolist()))
    chosen = np.zeros(len(folded.codes), dtype=np.bool_)
    for number in numbers:
        chosen[starts[number] : starts[number + 1]] = True
    places = np.flatnonzero(chosen)
    codes = folded.codes[places]
    replaced = stand_in[places]
    codes[replaced] = meant[places][replaced]
    again = codes[1:] == codes[:-1]
    again &= (codes[1:] >= ord("a")) & (codes[1:] <= ord("z"))
    drawn = again[1:] & again[:-1]
    dropped = np.zeros(len(codes), dtype=np.bool_)
    dropped[1:-1] |= drawn
    dropped[2:] |= drawn
    kept = np.flatnonzero(~dropped)
    return Reading(
        text=codes.tobytes().decode("utf-32-le"),
        places=places,
        squeezed=codes[kept].tobytes().decode("utf-32-le"),
        kept=np.append(kept, len(codes)),
        numbers=numbers,
    )


def squeezed_forms(form: str) -> tuple[str, ...]:
    """The spellings of a folded term that a squeezed text may show.

    Each of its double letters may have been drawn out, and so stand there once, or not.
    """
    if len(form) < DRAWN_OUT:
        return (form,)  # "xxx" is no "xx" drawn out
    choices: list[tuple[str, ...]] = []
    count = 1
    for letter, run in groupby(form):
        written = "".join(run)
        if len(written) == 1 or not "a" <= letter <= "z":
            choices.append((written,))
        elif len(written) >= DRAWN_OUT:
            choices.append((letter,))
        else:
            choices.append((written, letter))
            count *= 2
    if count > MOST_FORMS:
        return (form,)
    return tuple("".join(parts) for parts in product(*choices))


def differs_only_in_length(written: str, form: str) -> bool:
    """Whether a stretch of a reading is the term, apart from letters drawn out.

    "shoot" is not "shot" drawn out, for two of a letter is how an honest word is spelt.
    """
    if written == form:
        return True
    runs = [(letter, sum(1 for _ in run)) for letter, run in groupby(written)]
    wanted = [(letter, sum(1 for _ in run)) for letter, run in groupby(form)]
    return len(runs) == len(wanted) and all(
        letter == meant and (length == least or (length >= DRAWN_OUT and length >= least))
        for (letter, length), (meant, least) in zip(runs, wanted, strict=True)
    )
