"""Ordinary words: what an honest writer may mean, so that a guess at a disguise never takes it for another.

English, Welsh and British place names, without accents and in small letters. What a newcomer would get
wrong: this list is a shield against guesses and nothing else. A word of a watchlist is found where it is
written plainly, whether it stands here or not.
"""

from __future__ import annotations

import lzma
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["NO_WORDS", "Ordinary", "ordinary_words"]

LONGEST: Final = 18
"""Letters of the longest word that is kept; no guess is made at a longer one."""
MOST_REMEMBERED: Final = 100_000
"""Answers that are remembered: most words are asked about again and again."""
LISTS: Final = ("english", "places", "names")
OTHER: Final = "welsh"
COMMON: Final = "english-common"

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

    def __init__(self, words: Iterable[str], common: Iterable[str], other: Iterable[str] = ()) -> None:
        """Words are of the letters a to z; anything else is left out.

        `other` are words of another language, honest only among their own.
        """
        self._known = _sorted(words)
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
        if not isinstance(word, str) or len(word) > LONGEST or not word.isascii():
            return False
        wanted = np.bytes_(word.encode())
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
    words: list[str] = []
    for name in LISTS:
        words += _read(folder / f"{name}.txt.xz")
    return Ordinary(words, _read(folder / f"{COMMON}.txt.xz"), _read(folder / f"{OTHER}.txt.xz"))


def _sorted(words: Iterable[str]) -> NDArray[np.bytes_]:
    known = sorted({word for word in words if 0 < len(word) <= LONGEST and word.isascii()})
    return np.array(known or [""], dtype=f"S{LONGEST}")


def _read(path: Path) -> list[str]:
    return lzma.decompress(path.read_bytes()).decode("ascii").split("\n")


NO_WORDS: Final = Ordinary((), ())
"""No shield: every guess is made. For tests, and where the lists are missing."""
