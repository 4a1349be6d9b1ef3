"""Proofs in the ledger's Merkle tree: that an entry is in it, and that it was only ever added to.

The tree, its hashes and both proofs are those of RFC 6962 (section 2.1), which RFC 9162 (section 2.1)
words anew without changing a byte; the two checks follow RFC 9162, sections 2.1.3.2 and 2.1.4.2
(https://www.rfc-editor.org/rfc/rfc9162#section-2.1). Everything here works on leaf hashes
(`domain.audit.leaf_hash`), never on the leaves.

What a newcomer would get wrong: places in a proof count from 0, the ledger's entries from 1. Entry `seq`
has index `seq - 1`.
"""

import hashlib
from collections.abc import Sequence
from typing import Final

HASH_BYTES: Final = 32
"""Every hash here is a SHA-256 digest of this many bytes."""
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()
"""The root of a tree without leaves."""


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node: SHA-256 over a one byte and both children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(leaf_hashes: Sequence[bytes]) -> bytes:
    """The Merkle tree hash of these leaf hashes; SHA-256 of nothing for none."""
    return _range(leaf_hashes, 0, len(leaf_hashes)) if leaf_hashes else EMPTY_ROOT


def inclusion(leaf_hashes: Sequence[bytes], index: int) -> list[bytes]:
    """The audit path of one leaf in the tree of all these, from the leaf's sibling up to the root's child.

    `index` counts from 0. Raises ValueError when there is no such leaf.
    """
    size = len(leaf_hashes)
    if not 0 <= index < size:
        raise ValueError(f"There is no leaf {index} in a tree of {size}.")
    path: list[bytes] = []
    first, past = 0, size
    while past - first > 1:
        middle = first + _split(past - first)
        if index < middle:
            path.append(_range(leaf_hashes, middle, past))
            past = middle
        else:
            path.append(_range(leaf_hashes, first, middle))
            first = middle
    return path[::-1]


def consistency(leaf_hashes: Sequence[bytes], first: int, second: int) -> list[bytes]:
    """The proof that the tree of the first `first` leaves is the beginning of that of the first `second`.

    It is empty when both are the same. Raises ValueError unless 0 < first <= second <= the number of
    leaves; about an empty tree there is nothing to prove.
    """
    if not 0 < first <= second <= len(leaf_hashes):
        raise ValueError(f"No proof leads from {first} to {second} leaves in a tree of {len(leaf_hashes)}.")
    path: list[bytes] = []
    start, past = 0, second
    is_known = True  # whether whoever checks can have this part's hash: it is the first root itself
    while first != past:
        middle = start + _split(past - start)
        if first <= middle:
            path.append(_range(leaf_hashes, middle, past))
            past = middle
        else:
            path.append(_range(leaf_hashes, start, middle))
            start = middle
            is_known = False
    if not is_known:
        path.append(_range(leaf_hashes, start, past))
    return path[::-1]


def check_inclusion(leaf_hash: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether the path proves this leaf to stand at `index` in the tree of `size` leaves with this root."""
    if not 0 <= index < size:
        return False
    place, last = index, size - 1
    found = leaf_hash
    for step in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = node_hash(step, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, step)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root


def check_consistency(
    first: int, second: int, path: Sequence[bytes], first_root: bytes, second_root: bytes
) -> bool:
    """Whether the path proves that the tree with the first root is the beginning of that with the second.

    `first` and `second` are their sizes. From an empty tree everything follows, and no path is needed.
    """
    if first < 0 or first > second:
        return False
    if first == second:
        return not path and first_root == second_root
    if first == 0:
        return not path and first_root == EMPTY_ROOT
    steps = list(path)
    if first & (first - 1) == 0:
        steps.insert(0, first_root)
    if not steps:
        return False
    place, last = first - 1, second - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, step)
        place, last = place >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root


def _split(size: int) -> int:
    """The largest power of two that is smaller than `size`, which is at least 2."""
    return 1 << ((size - 1).bit_length() - 1)


def _range(leaf_hashes: Sequence[bytes], first: int, past: int) -> bytes:
    """The tree hash of the leaves from `first` up to, not including, `past`; at least one.

    Level by level, not leaf by leaf, because a ledger has a million of them.
    """
    level = list(leaf_hashes[first:past])
    sha256 = hashlib.sha256
    while len(level) > 1:
        odd = level.pop() if len(level) & 1 else None
        pairs = zip(level[::2], level[1::2], strict=True)
        level = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
        if odd is not None:
            level.append(odd)
    return level[0]
