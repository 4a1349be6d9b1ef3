"""Looking at single things in turn."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from console.api.rounds import InTurn

_THINGS = st.lists(st.text("abcdefgh", min_size=1, max_size=2), unique=True, min_size=1)


@given(_THINGS, st.integers(1, 5))
def test_everything_has_its_turn_before_anything_has_it_again(things: list[str], most: int) -> None:
    turns = InTurn(len(things))
    turns.add(things)
    seen: list[str] = []
    while len(seen) < len(things):
        seen += turns.take(most)
    assert set(seen[: len(things)]) == set(things)


@given(_THINGS, st.integers(1, 5))
def test_of_too_many_those_go_that_wait_longest(things: list[str], most: int) -> None:
    turns = InTurn(most)
    turns.add(things)
    assert len(turns) == min(most, len(things))
    assert turns.take(most) == list(reversed(things))[:most]


def test_what_is_new_comes_first_and_what_is_dropped_not_at_all() -> None:
    turns = InTurn(10)
    turns.add(["old", "gone"])
    turns.drop("gone")
    turns.drop("never known")
    turns.add(["new"])
    assert turns.take(5) == ["new", "old"]
