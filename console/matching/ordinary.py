"""Ordinary words: what an honest writer may mean, so that a guess at a disguise never takes it for another.

English, Welsh and British place names, without accents and in small letters. What a newcomer would get
wrong: this list is a shield against guesses and nothing else. A word of a watchlist is found where it is
written plainly, whether it stands here or not.
"""

from __future__ import annotations

import lzma
import secrets
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from console.matching.digests import WordDigests, code_points

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    Lines = Sequence[str]

__all__ = ["NO_WORDS", "Ordinary", "ordinary_words"]

MOST_REMEMBERED: Final = 100_000
"""Answers that are remembered: most words are asked about again and again."""
LISTS: Final = ("english", "places", "names")
OTHER: Final = "welsh"
COMMON: Final = "english-common"

_END: Final = ord("\n")
_AT_ONCE: Final = 50_000
"""Characters."""

SHORT: Final = frozenset(
    [
        "a", "i", "am", "an", "as", "at", "be", "by", "do", "go", "he", "if", "in", "is", "it", "me", "my",
        "no", "of", "oh", "on", "or", "so", "to", "up", "us", "we", "ur", "u", "all", "and", "any", "are",
        "bad", "but", "can", "did", "for", "get", "got", "had", "has", "her", "him", "his", "how", "its",
        "let", "man", "men", "new", "nor", "not", "now", "off", "old", "one", "our", "out", "own", "put",
        "say", "see", "she", "the", "too", "two", "try", "use", "was", "way", "who", "why", "yes", "yet",
        "you",
    ]
)  # fmt: skip
"""The words of one, two and three letters that may be part of words run together."""


class Ordinary:
    """Two sets of words: all that are known, and those common enough to be part of words run together."""

    def __init__(self, words: Lines, common: Iterable[str], other: Lines = ()) -> None:
        """Words are of the letters a to z; each of `words` and `other` is several of them, one on a line.

        `other` are words of another language, honest only among their own.
        """
        self._digests = WordDigests(secrets.randbits(64) | 1)
        self._known = _table(words, self._digests)
        self._asked: dict[object, bool] = {}
        self._common = frozenset(word for word in common if len(word) > 3) | SHORT
        self.other: frozenset[str] | Ordinary = Ordinary(other, ()) if other else frozenset()

    def __contains__(self, word: object) -> bool:
        found = self._asked.get(word)
        if found is None:
            if len(self._asked) >= MOST_REMEMBERED:
                self._asked.clear()
            found = self._asked[word] = self._look_up(word)
        return found

    def _look_up(self, word: object) -> bool:
        if not isinstance(word, str) or not len(self._known):
            return False
        wanted = np.uint64(self._digests.one(word))
        place = int(self._known.searchsorted(wanted))
        return place < len(self._known) and bool(self._known[place] == wanted)

    def is_common(self, word: str) -> bool:
        """Whether it may be one of several words run together."""
        return word in self._common

    def __len__(self) -> int:
        return len(self._known)


@lru_cache(maxsize=2)
def ordinary_words(folder: Path) -> Ordinary:
    """The lists of a folder, read once. Raises OSError where they are missing."""
    known = [_read(folder, name) for name in LISTS]
    return Ordinary(known, _read(folder, COMMON).split("\n"), [_read(folder, OTHER)])


def _table(lines: Lines, digests: WordDigests) -> NDArray[np.uint64]:
    """The digests of words, in order.

    The words are never Python's own strings, half a million of which would leave memory in pieces; and few at
    a time are worked on, for the same reason.
    """
    parts = [np.zeros(0, dtype=np.uint64)]
    for text in lines:
        start = 0
        while start < len(text):
            end = text.find("\n", start + _AT_ONCE) + 1 or len(text)
            codes = code_points(text[start:end].removesuffix("\n") + "\n")
            parts.append(digests.of(codes, np.flatnonzero(codes == _END))[1])
            start = end
    found = np.concatenate(parts)
    found.sort()
    return found


def _read(folder: Path, name: str) -> str:
    return lzma.decompress((folder / f"{name}.txt.xz").read_bytes()).decode("ascii").strip("\n")


NO_WORDS: Final = Ordinary((), ())
"""No shield: every guess is made. For tests, and where the lists are missing."""
