"""Many proofs at once that entries stand in the ledger's tree.

What a newcomer would get wrong: `domain.merkle.inclusion` walks the whole tree for each proof, which is right
for one. For the thousands of a bundle the levels of the tree are kept and each proof is picked out of them.
"""

from collections.abc import Sequence

from console.domain.merkle import EMPTY_ROOT, node_hash


class Levels:
    """The tree over some leaf hashes, level by level."""

    def __init__(self, leaf_hashes: Sequence[bytes]) -> None:
        level = list(leaf_hashes)
        self._levels = [level]
        while len(level) > 1:
            level = [
                node_hash(level[place], level[place + 1]) if place + 1 < len(level) else level[place]
                for place in range(0, len(level), 2)
            ]
            self._levels.append(level)

    @property
    def root(self) -> bytes:
        """The tree's root."""
        return self._levels[-1][0] if self._levels[-1] else EMPTY_ROOT

    def path(self, index: int) -> list[bytes]:
        """The audit path of one leaf, whose place counts from 0, from its sibling up to the root's child.

        A node without a sibling moves up as it is, so it adds no step (RFC 6962, section 2.1.1).
        """
        steps: list[bytes] = []
        for level in self._levels[:-1]:
            sibling = index ^ 1
            if sibling < len(level):
                steps.append(level[sibling])
            index >>= 1
        return steps
