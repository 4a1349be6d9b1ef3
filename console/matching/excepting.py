"""The exact words of an exception, from the place of a wrong hit.

What a newcomer would get wrong: the words that hit are not enough. An exception of the very words of a rule
would silence the whole rule, so some of the words around them belong to it: as far as two on each side, and
not beyond the sentence.
"""

from __future__ import annotations

import re
from typing import Final

from console.matching.compile import literal_forms
from console.matching.reading import LONGEST_TERM

__all__ = ["words_around"]

_SIDE: Final = 2
_WORD: Final = re.compile(r"\S+")
_ENDS: Final = ".!?…;:\n\r"


def words_around(text: str, start: int, end: int) -> str:
    """The words of a hit with their neighbours, word for word; empty where it has none.

    `start` and `end` count characters of the text, as in a `Hit`.
    """
    first = max((text.rfind(mark, 0, start) for mark in _ENDS), default=-1) + 1
    last = min((place for mark in _ENDS if (place := text.find(mark, end)) >= 0), default=len(text))
    left = [word.start() + first for word in _WORD.finditer(text[first:start])]
    right = [word.end() + end for word in _WORD.finditer(text[end:last])]
    # What is written without a blank belongs to the word that hit, and is no neighbour of it.
    if start > first and not text[start - 1].isspace():
        start = left.pop() if left else start
    if end < last and not text[end].isspace():
        end = right.pop(0) if right else end
    begins = left[-_SIDE:][0] if left else start
    finishes = right[:_SIDE][-1] if right else end
    if (begins, finishes) == (start, end):
        return ""
    found = " ".join(text[begins:finishes].split())
    return found if len(found) <= LONGEST_TERM and literal_forms(found) else ""
