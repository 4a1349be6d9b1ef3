"""How the item pane says why an item was raised."""

from dataclasses import replace

import pytest

from console.ui.panes.hit_words import read_as
from tests.unit.store.making import hit


@pytest.mark.parametrize(
    ("disguised", "how", "words"),
    [
        (False, "", "as written"),
        (True, "letters masked", "as “machete”: letters masked"),
        (True, "", "as “machete”"),
    ],
)
def test_a_hit_says_what_it_was_read_as_and_what_was_undone(disguised: bool, how: str, words: str) -> None:
    assert read_as(replace(hit(), disguised=disguised, how=how)) == words
