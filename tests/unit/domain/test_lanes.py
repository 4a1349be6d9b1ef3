"""Lanes: what a person types means one thing, and what makes no sense is said with its word."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.errors import UsageError
from console.domain.items import ItemState
from console.domain.lanes import Lane, parse_lane

NOW = 1_800_000_000_000


def test_every_key_narrows_and_the_same_key_twice_widens() -> None:
    lane = parse_lane(
        'machete "by the bridge" author:@sam author:kim account:x:force network:x state:hidden grade:1 '
        "grade:2 hit:weapons lang:cy thread:t1 since:2h is:unseen is:decided has:media",
        NOW,
    )
    assert lane == Lane(
        words=("machete", "by the bridge"),
        accounts=frozenset({"x:force"}),
        networks=frozenset({"x"}),
        states=frozenset({ItemState.HIDDEN}),
        grades=frozenset({1, 2}),
        watchlists=frozenset({"weapons"}),
        authors=frozenset({"sam", "kim"}),
        languages=frozenset({"cy"}),
        thread="t1",
        since=NOW - 7_200_000,
        unseen=True,
        has_media=True,
        decided=True,
    )
    assert not lane.is_everything


def test_nothing_typed_is_everything() -> None:
    for typed in ("", "   ", '""', '" "'):
        assert parse_lane(typed, NOW).is_everything or typed == '" "'
    assert Lane().is_everything


@pytest.mark.parametrize(
    "typed",
    [
        "at 10:30",
        "see https://a.example/b",
        "Re: tonight",
        "note:",
        '"wings:yes"',
        "Re:tonight",
        ":",
        "a:b",
        "::",
    ],
)
def test_words_with_a_colon_are_words(typed: str) -> None:
    assert parse_lane(typed, NOW).words


def test_a_value_may_hold_blanks_in_quotation_marks_of_either_kind() -> None:
    assert parse_lane('account:"x:the force"', NOW).accounts == {"x:the force"}
    assert parse_lane("“by the bridge”", NOW).words == ("by the bridge",)
    assert parse_lane('"never closed', NOW).words == ("never closed",)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("wings:yes", "“wings:”"),
        ("state:flying", "“flying”"),
        ("grade:0", "“0”"),
        ("grade:", "“grade:”"),
        ("since:yesterday", "since:yesterday"),
        ("since:h", "since:h"),
        ("since:1234567d", "since:1234567d"),
        ("since:٣d", "since"),
        ("is:blue", "is:blue"),
        ("has:wings", "has:wings"),
        ('author:""', "“author:”"),
    ],
)
def test_what_makes_no_sense_is_said_in_one_line_with_its_word(typed: str, words: str) -> None:
    with pytest.raises(UsageError) as said:
        parse_lane(typed, NOW)
    assert words in said.value.message
    assert "\n" not in said.value.message
    assert said.value.exit_code == 2


@given(st.text(max_size=60))
def test_whatever_is_typed_is_a_lane_or_one_line(typed: str) -> None:
    words: tuple[str, ...] = ("said",)
    with contextlib.suppress(UsageError):
        words = parse_lane(typed, NOW).words
    assert all(words)
