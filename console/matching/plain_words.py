"""What stands between two blanks and was found plain before: told at once for a whole batch.

A flood is ordinary words over and over. Cutting a batch into words and asking of each whether it was met
before took longer than both engines, so each word is told by a digest that arrays give for all of them
together. What a newcomer would get wrong: the digest is secret, made of a number drawn when the program
starts. With a known one, somebody could write a word that is taken for a plain one.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

import numpy as np

from console.matching.digests import WordDigests

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

__all__ = ["Plain"]

_SLOTS: Final = 1 << 17
"""Words remembered at the most. Each has two slots that it may stand in, so that few drive each other out."""
_SHIFT: Final = np.uint64(64 - 17)
_LOW: Final = np.uint64(_SLOTS - 1)
_BLANK: Final = 0x20
_BETWEEN: Final = 0x10FFFF


class Plain:
    """Words that were found plain, by their digests. Safe to use from any thread."""

    def __init__(self) -> None:
        self._digests = WordDigests(secrets.randbits(64) | 1)
        self._mixer = np.uint64(secrets.randbits(64) | 1)
        self._known: NDArray[np.uint64] = np.zeros(_SLOTS, dtype=np.uint64)

    def others(self, codes: NDArray[np.uint32]) -> Iterator[tuple[int, int, int]]:
        """Start, end and digest of each word that is not known to be plain.

        `codes` are the code points of a folded batch that ends with a separator (`Folded.codes`).
        """
        ends = np.flatnonzero((codes == _BLANK) | (codes == _BETWEEN))
        starts, digests = self._digests.of(codes, ends)
        digests *= self._mixer  # their highest bits depend on all of a word then, and choose its slot
        strange = np.flatnonzero(self._known.take(digests >> _SHIFT) != digests)
        strange = strange[self._known.take(digests[strange] & _LOW) != digests[strange]]
        strange = strange[starts[strange] < ends[strange]]
        yield from zip(
            starts[strange].tolist(), ends[strange].tolist(), digests[strange].tolist(), strict=True
        )

    def add(self, digest: int) -> None:
        """Remembers a word as plain, by the digest that `others` gave."""
        first = digest >> int(_SHIFT)
        self._known[digest & int(_LOW) if self._known[first] else first] = digest
