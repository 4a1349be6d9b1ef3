"""Keys: short texts that name one thing of one kind, and nothing else is taken for one."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain import ids
from console.domain.errors import UsageError

KINDS: list[tuple[Callable[[int], str], Callable[[str], int]]] = [
    (ids.item_key, ids.parse_item_key),  # type: ignore[list-item]  # each has an identity type of its own
    (ids.act_key, ids.parse_act_key),  # type: ignore[list-item]  # the same
    (ids.bulk_key, ids.parse_bulk_key),  # type: ignore[list-item]  # the same
    (ids.evidence_key, ids.parse_evidence_key),  # type: ignore[list-item]  # the same
]


@given(st.integers(min_value=1, max_value=10**17))
def test_a_key_names_what_it_was_made_for_and_nothing_of_another_kind(number: int) -> None:
    for write, read in KINDS:
        assert read(f" {write(number)}\n") == number
        for other, _ in KINDS:
            if other is not write:
                with pytest.raises(UsageError):
                    read(other(number))


@pytest.mark.parametrize(
    "text", ["", "i", "i0", "i01", "i-1", "i1.5", "I1", "i1 i2", "1", "i٣", "i" + "9" * 19, "i1\0", "item1"]
)
def test_anything_else_is_refused_in_one_line_with_an_example(text: str) -> None:
    with pytest.raises(UsageError, match="such keys look like i123") as said:
        ids.parse_item_key(text)
    assert said.value.exit_code == 2


@given(st.text(max_size=40))
def test_an_accounts_key_is_readable_and_has_no_blanks(handle: str) -> None:
    key = ids.account_key("bluesky", handle)
    network, _, rest = key.partition(":")
    assert network == "bluesky"
    assert rest
    assert set(rest) <= set("abcdefghijklmnopqrstuvwxyz0123456789._-")


def test_an_accounts_key_keeps_the_handle() -> None:
    assert ids.account_key("bluesky", "@Force.Example") == "bluesky:force.example"
    assert ids.account_key("x", "Heddlu Dyffryn") == "x:heddlu-dyffryn"
    assert ids.account_key("x", "🚓") == "x:account"
