"""Completion: about the part under the caret, and never something that the language does not understand."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.errors import UsageError
from console.domain.lanes import KEYS, parse_lane
from console.domain.query_help import KEY_WORDS, Suggestion, composed, replaced, suggestions, typed_part

NOW = 1_800_000_000_000
KNOWN = {
    "account": [Suggestion("x:force", "Dellin Valley Police"), Suggestion("page:the force", "Roads")],
    "author": [Suggestion("shaz.test"), Suggestion('o"hara')],
}


def texts(typed: str, caret: int | None = None) -> list[str]:
    part = typed_part(typed, len(typed) if caret is None else caret)
    return [one.text for one in suggestions(part, KNOWN)]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("acc", ["account:"]),
        ("sirens -ac", ["-account:", "-act:"]),
        ("account:", ["account:x:force", 'account:"page:the force"']),
        ("account:roads", ['account:"page:the force"']),
        ("-author:sh", ["-author:shaz.test"]),
        ("author:@SHA", ["author:shaz.test"]),
        ("author:o", ['author:"o""hara"']),
        ("state:hi", ["state:hidden"]),
        ("is:un", ["is:unseen"]),
        ('"account:', []),
        ("", []),
        ("nothing:", []),
    ],
)
def test_keys_and_values_are_completed(typed: str, first: list[str]) -> None:
    assert texts(typed)[: max(1, len(first))] == first


def test_what_is_taken_replaces_the_part_under_the_caret_alone() -> None:
    typed = 'sirens acc "by the bridge"'
    part = typed_part(typed, 10)
    (one,) = suggestions(part, KNOWN)
    assert replaced(typed, part, one) == ('sirens account: "by the bridge"', 15)
    part = typed_part("account:fo rest", 10)
    assert replaced("account:fo rest", part, suggestions(part, KNOWN)[0]) == ("account:x:force rest", 16)


def test_every_key_says_what_it_asks() -> None:
    assert KEY_WORDS.keys() == KEYS


@given(st.text('"“”-: aisncotu\\', max_size=30), st.integers(0, 30))
def test_whatever_is_suggested_is_understood(typed: str, caret: int) -> None:
    part = typed_part(typed, min(caret, len(typed)))
    for one in suggestions(part, KNOWN):
        if not one.text.endswith(":"):
            parse_lane(one.text, NOW)


@given(st.lists(st.tuples(st.sampled_from(["", "-", "author", "-author", "network"]), st.text(max_size=12))))
def test_what_is_put_together_means_its_parts(parts: list[tuple[str, str]]) -> None:
    with contextlib.suppress(UsageError):  # a handle of nothing but signs
        lane = parse_lane(composed(parts), NOW)
        wanted = [value.strip() for key, value in parts if key == "" and value.strip()]
        assert list(lane.words) == wanted
