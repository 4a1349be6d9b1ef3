"""Numbers for the words of many texts at once, made by arrays and not word by word.

A word's digest is a polynomial of its characters modulo 2 to the 64, so it comes out of running sums over
the whole batch, and is the same wherever the word stands. What a newcomer would get wrong: whoever knows the
base can make two words of one digest; where that would hide something, the base is a secret.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Codes = NDArray[np.uint32]
    Digests = NDArray[np.uint64]
    Places = NDArray[np.intp]

__all__ = ["WordDigests", "code_points"]

_ROOM: Final = 1 << 16
"""Characters for which the powers are kept ready; a longer batch makes more for itself."""
_MASK: Final = 2**64 - 1


def code_points(text: str) -> Codes:
    """The code points of a text, lone surrogates too."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


class WordDigests:
    """Gives words their numbers; `base` is any odd number below 2 to the 64."""

    def __init__(self, base: int) -> None:
        self._base = base
        self._up, self._down = self._powers(_ROOM)

    def _powers(self, count: int) -> tuple[Digests, Digests]:
        """The first powers of the base and of its inverse, which an odd number has modulo 2 to the 64."""
        up = np.full(count, self._base, dtype=np.uint64)
        down = np.full(count, pow(self._base, -1, 1 << 64), dtype=np.uint64)
        up[0] = down[0] = 1
        return np.multiply.accumulate(up), np.multiply.accumulate(down)

    def one(self, word: str) -> int:
        """The digest of one word."""
        found = 0
        for letter in reversed(word):
            found = found * self._base + ord(letter) & _MASK
        return found

    def of(self, codes: Codes, ends: Places) -> tuple[Places, Digests]:
        """Where each word starts, and its digest; of an empty word the digest is 0.

        `ends` are the places of the separators in `codes`, in order; a word stands before each.
        """
        up, down = (self._up, self._down) if len(codes) <= _ROOM else self._powers(len(codes))
        starts = np.empty_like(ends)
        starts[:1], starts[1:] = 0, ends[:-1] + 1
        sums = np.zeros(len(codes) + 1, dtype=np.uint64)
        np.cumsum(codes * up[: len(codes)], out=sums[1:])
        return starts, (sums[ends] - sums[starts]) * down[starts]
