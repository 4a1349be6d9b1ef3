"""Roots and proofs are those of RFC 6962: by its reference vectors, and by somebody else's program."""

import hashlib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from console.domain import merkle
from console.domain.audit import Tree, leaf_hash
from tests.unit.domain.test_audit import LEAVES, ROOTS

# Proofs from the reference code of Certificate Transparency, for the leaves and roots that test_audit has;
# indices count from 0.
# https://github.com/google/certificate-transparency/blob/master/cpp/merkletree/merkle_tree_test.cc and
# https://github.com/transparency-dev/merkle/blob/main/testonly/constants.go
_INCLUSIONS = {
    (0, 1): (),
    (0, 8): (
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ),
    (5, 8): (
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
    (2, 3): ("fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",),
    (1, 5): (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ),
}
_CONSISTENCIES = {
    (1, 1): (),
    (1, 8): (
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ),
    (6, 8): (
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
    (2, 5): (
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ),
}
_HASHES = [leaf_hash(leaf) for leaf in LEAVES]

_trees = st.integers(1, 70).map(lambda size: [leaf_hash(bytes([number])) for number in range(size)])


def _bytes(*digests: str) -> list[bytes]:
    return [bytes.fromhex(each) for each in digests]


@pytest.mark.parametrize("size", range(9))
def test_the_root_is_the_one_of_the_reference_vectors(size: int) -> None:
    assert merkle.root(_HASHES[:size]).hex() == ROOTS[size]


@pytest.mark.parametrize(("index", "size"), _INCLUSIONS)
def test_inclusion_is_proved_by_the_path_of_the_reference_vectors(index: int, size: int) -> None:
    path = merkle.inclusion(_HASHES[:size], index)
    assert path == _bytes(*_INCLUSIONS[index, size])
    assert merkle.check_inclusion(_HASHES[index], index, size, path, bytes.fromhex(ROOTS[size]))


@pytest.mark.parametrize(("first", "second"), _CONSISTENCIES)
def test_consistency_is_proved_by_the_path_of_the_reference_vectors(first: int, second: int) -> None:
    path = merkle.consistency(_HASHES, first, second)
    assert path == _bytes(*_CONSISTENCIES[first, second])
    assert merkle.check_consistency(first, second, path, *_bytes(ROOTS[first], ROOTS[second]))


@given(_trees, st.data())
def test_somebody_else_s_program_gives_the_same_roots_and_proofs(
    hashes: list[bytes], draw: st.DataObject
) -> None:
    theirs = InmemoryTree(algorithm="sha256")
    for number in range(len(hashes)):
        theirs.append_entry(bytes([number]))
    assert theirs.get_leaf(len(hashes)) == hashes[-1]
    assert theirs.get_root() == merkle.root(hashes)

    index = draw.draw(st.integers(0, len(hashes) - 1))
    # Their path begins with the leaf itself, and their places count from 1.
    assert theirs.prove_inclusion(index + 1).path == [hashes[index], *merkle.inclusion(hashes, index)]

    first = draw.draw(st.integers(1, len(hashes)))
    assert theirs.get_root(first) == merkle.root(hashes[:first])
    found = theirs.prove_consistency(first)
    if first < len(hashes):
        assert _as_in_the_standard(found.path, found.rule, found.subset) == merkle.consistency(
            hashes, first, len(hashes)
        )


def _as_in_the_standard(path: list[bytes], rule: list[int], old: list[int]) -> list[bytes]:
    """A consistency proof of pymerkle in the form of RFC 6962.

    Theirs goes down to a single leaf of what was added beside the old tree's last whole part; the standard
    gives the root of all that, and leaves out the old part where it is the whole old tree.
    """
    known = old.index(1)
    added = path[0]
    for bit, step in zip(rule, path[1:known], strict=False):
        added = merkle.node_hash(step, added) if bit else merkle.node_hash(added, step)
    start = [path[known]] if sum(old) > 1 else []
    return [*start, added, *path[known + 1 :]]


@given(_trees, st.data())
def test_a_proof_holds_for_its_leaf_its_place_and_its_root_and_for_nothing_else(
    hashes: list[bytes], draw: st.DataObject
) -> None:
    size = len(hashes)
    index = draw.draw(st.integers(0, size - 1))
    path, root = merkle.inclusion(hashes, index), merkle.root(hashes)
    assert merkle.check_inclusion(hashes[index], index, size, path, root)
    assert not merkle.check_inclusion(hashes[index], index, size, path, _other(root))
    assert not merkle.check_inclusion(_other(hashes[index]), index, size, path, root)
    assert not merkle.check_inclusion(hashes[index], index, size, [*path, root], root)
    for other in {0, size - 1, size, draw.draw(st.integers(0, size))} - {index}:
        assert not merkle.check_inclusion(hashes[index], other, size, path, root)
    for spot, step in enumerate(path):
        assert not merkle.check_inclusion(
            hashes[index], index, size, [*path[:spot], _other(step), *path[spot + 1 :]], root
        )
        assert not merkle.check_inclusion(hashes[index], index, size, [*path[:spot], *path[spot + 1 :]], root)


@given(_trees, st.data())
def test_a_tree_that_was_changed_in_its_old_part_has_no_consistency_proof(
    hashes: list[bytes], draw: st.DataObject
) -> None:
    size = len(hashes)
    first = draw.draw(st.integers(1, size))
    spot = draw.draw(st.integers(0, first - 1))
    changed = [*hashes[:spot], _other(hashes[spot]), *hashes[spot + 1 :]]
    old, new, false = merkle.root(hashes[:first]), merkle.root(hashes), merkle.root(changed)
    path = merkle.consistency(hashes, first, size)
    assert merkle.check_consistency(first, size, path, old, new)
    assert not merkle.check_consistency(first, size, path, old, false)
    assert not merkle.check_consistency(first, size, merkle.consistency(changed, first, size), old, false)
    assert not merkle.check_consistency(first, size, [*path, new], old, new)
    for place in range(len(path)):
        cut = [*path[:place], *path[place + 1 :]]
        assert not merkle.check_consistency(first, size, cut, old, new)
        bent = [*path[:place], _other(path[place]), *path[place + 1 :]]
        assert not merkle.check_consistency(first, size, bent, old, new)


def test_every_tree_follows_from_the_empty_one_and_none_from_a_larger() -> None:
    roots = _bytes(*ROOTS)
    assert merkle.check_consistency(0, 8, [], roots[0], roots[8])
    assert not merkle.check_consistency(0, 8, [], roots[1], roots[8])
    assert not merkle.check_consistency(0, 8, roots[:1], roots[0], roots[8])
    assert not merkle.check_consistency(3, 8, [], roots[3], roots[8])
    for smaller, larger in pairwise(range(9)):
        assert not merkle.check_consistency(larger, smaller, [], roots[larger], roots[smaller])
    assert not merkle.check_consistency(-1, 8, [], roots[0], roots[8])


def test_a_proof_about_leaves_that_are_not_there_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="no leaf 8 in a tree of 8"):
        merkle.inclusion(_HASHES, 8)
    with pytest.raises(ValueError, match="from 3 to 9 leaves in a tree of 8"):
        merkle.consistency(_HASHES, 3, 9)
    with pytest.raises(ValueError, match="from 0 to 3"):
        merkle.consistency(_HASHES, 0, 3)


def _other(digest: bytes) -> bytes:
    return hashlib.sha256(digest).digest()


@given(st.integers(0, 70), st.integers(0, 70))
def test_a_tree_that_is_taken_up_later_is_the_same(first: int, more: int) -> None:
    hashes = [leaf_hash(bytes([number])) for number in range(first + more)]
    kept = Tree(hashes[:first])
    later = Tree.resumed(first, kept.peaks)
    for each in hashes[first:]:
        later.add(each)
    assert (later.size, later.root(), later.peaks) == (first + more, merkle.root(hashes), Tree(hashes).peaks)


def test_parts_that_are_not_those_of_a_tree_are_refused() -> None:
    with pytest.raises(ValueError, match="A tree of 6 leaves has 2 peaks, not 1"):
        Tree.resumed(6, bytes(32))
