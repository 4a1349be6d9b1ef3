"""The ledger's form: the tree of RFC 6962, and bytes that are the same everywhere."""

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.audit import (
    NO_PREVIOUS,
    Note,
    Tree,
    commitment,
    leaf_bytes,
    leaf_hash,
    plain_json,
)

# The eight leaves and their tree heads that Certificate Transparency publishes with its reference
# implementation (google/certificate-transparency, cpp/merkletree/merkle_tree_test.cc).
LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


@pytest.mark.parametrize("size", range(len(ROOTS)))
def test_the_tree_has_the_published_heads(size: int) -> None:
    tree = Tree(leaf_hash(leaf) for leaf in LEAVES[:size])
    assert (tree.size, tree.root().hex()) == (size, ROOTS[size])


def by_definition(leaves: list[bytes]) -> bytes:
    """The tree hash word for word as RFC 6962 section 2.1 defines it."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaf_hash(leaves[0])
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    left, right = by_definition(leaves[:half]), by_definition(leaves[half:])
    return hashlib.sha256(b"\x01" + left + right).digest()


@given(st.lists(st.binary(max_size=8), max_size=70))
def test_adding_one_by_one_gives_the_tree_of_the_definition(leaves: list[bytes]) -> None:
    assert Tree(map(leaf_hash, leaves)).root() == by_definition(leaves)


def test_a_leaf_is_the_same_bytes_everywhere() -> None:
    note = Note("act.requested", "r.calder", {"item": "i5", "act": "a1", "of": None}, {"reason": "x"})
    leaf = leaf_bytes(
        2, "2026-11-21T23:46:21.000Z", "Dellin desk 1", NO_PREVIOUS, note, "ab", ("Commander", None)
    )
    assert leaf == (
        b'{"at":"2026-11-21T23:46:21.000Z","behalf":null,"content":"ab","facts":{"act":"a1","item":"i5",'
        b'"of":null},"form":2,"kind":"act.requested","previous":"' + b"0" * 64 + b'",'
        b'"role":"Commander","seat":"Dellin desk 1","seq":2,"who":"r.calder"}'
    )


def test_a_commitment_hides_what_it_commits_to() -> None:
    content = plain_json({"reason": "rude"})
    assert commitment(b"a" * 16, content) != commitment(b"b" * 16, content)
    assert commitment(b"a" * 16, content) == hashlib.sha256(b"a" * 16 + content).hexdigest()


plain = st.none() | st.booleans() | st.integers() | st.text(st.characters())


@given(st.dictionaries(st.text(st.characters()), plain, max_size=6))
def test_every_mapping_has_one_way_to_be_written_and_reads_back(value: dict[str, object]) -> None:
    written = plain_json(value)
    assert json.loads(written) == value
    assert plain_json(dict(reversed(value.items()))) == written


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.booleans() | st.none()))
def test_bytes_are_those_of_sorted_json_without_blanks_as_anybody_writes_it(value: dict[str, object]) -> None:
    anybodys = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert plain_json(value) == anybodys.encode()
