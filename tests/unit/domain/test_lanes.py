"""Lanes: what a person types means one thing, and what makes no sense is said with its word."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.errors import UsageError
from console.domain.items import ItemKind, ItemState
from console.domain.lanes import ACT_GROUPS, Lane, lane_text, parse_lane

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


_VALUES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12).filter(
    lambda text: text == text.strip() and text.strip("@")
)
_NAMES = st.frozensets(_VALUES, max_size=3)
_WITHOUT = st.one_of(
    st.tuples(st.sampled_from(["", "account", "group", "network", "hit", "lang", "thread"]), _VALUES),
    st.tuples(st.just("claimed"), _VALUES.filter(lambda text: text.lower() not in {"me", "anyone"})),
    st.tuples(st.just("author"), _VALUES.map(lambda text: text.lstrip("@"))),
    st.tuples(st.just("grade"), st.sampled_from("12345")),
    st.tuples(st.just("act"), st.sampled_from(sorted(ACT_GROUPS))),
    st.sampled_from([("is", "unseen"), ("is", "stray"), ("is", "decided"), ("has", "media")]),
)
_MOMENTS = st.none() | st.integers(0, 253_402_300_799_999)
LANES = st.builds(
    Lane,
    words=st.lists(_VALUES, max_size=3).map(tuple),
    accounts=_NAMES,
    groups=_NAMES,
    networks=_NAMES,
    kinds=st.frozensets(st.sampled_from(ItemKind), max_size=2),
    states=st.frozensets(st.sampled_from(ItemState), max_size=2),
    grades=st.frozensets(st.integers(1, 5), max_size=3),
    watchlists=_NAMES,
    authors=st.frozensets(_VALUES.map(lambda text: text.lstrip("@")), max_size=2),
    languages=_NAMES,
    acts=st.frozensets(st.sampled_from(sorted(ACT_GROUPS)), max_size=2),
    claimed=st.frozensets(_VALUES.filter(lambda text: text.lower() not in {"me", "anyone"}), max_size=2),
    thread=st.none() | _VALUES,
    since=_MOMENTS,
    before=_MOMENTS,
    unseen=st.booleans(),
    has_media=st.booleans(),
    decided=st.booleans(),
    wave=st.none() | st.integers(1, 10**9),
    stray=st.booleans(),
    without=st.frozensets(_WITHOUT, max_size=4),
)


@given(LANES)
def test_a_lane_written_as_text_means_the_same_lane(lane: Lane) -> None:
    assert parse_lane(lane_text(lane), NOW) == lane


@given(st.text('"“”-:@ .NOTnot' + "account since 1h\n", max_size=40))
def test_whatever_was_understood_is_understood_the_same_way_again(typed: str) -> None:
    with contextlib.suppress(UsageError):
        lane = parse_lane(typed, NOW)
        assert parse_lane(lane_text(lane), NOW) == lane


@pytest.mark.parametrize(
    ("typed", "without"),
    [
        ("-spam", {("", "spam")}),
        ('-"free tickets" ford', {("", "free tickets")}),
        ("-account:x:force", {("account", "x:force")}),
        ("not account:x:force", {("account", "x:force")}),
        ("NOT guilty", {("", "guilty")}),
        ("not guilty", set()),
        ('"NOT" guilty', set()),
        ("rock - roll", set()),
        ("e-mail", set()),
        ("-grade:4-5", {("grade", "4"), ("grade", "5")}),
        ("is:seen", {("is", "unseen")}),
        ("-is:stray -has:media", {("is", "stray"), ("has", "media")}),
        ("-author:@sam", {("author", "sam")}),
    ],
)
def test_a_minus_or_not_leaves_out_what_comes_after_it(typed: str, without: set[tuple[str, str]]) -> None:
    assert parse_lane(typed, NOW).without == without


def test_turned_round_twice_is_as_if_never() -> None:
    assert parse_lane("-is:seen", NOW).unseen
    assert parse_lane("-since:2h", NOW) == parse_lane("before:2h", NOW)
    assert parse_lane("-before:2h", NOW) == parse_lane("since:2h", NOW)


def test_me_is_whoever_asks() -> None:
    assert parse_lane("claimed:me", NOW, "A. Rowe").claimed == {"A. Rowe"}
    assert parse_lane("is:mine -claimed:me", NOW, "A. Rowe").without == {("claimed", "A. Rowe")}
    assert parse_lane("is:claimed", NOW).claimed == {"anyone"}


def test_a_time_is_a_span_a_clock_or_a_date() -> None:
    assert parse_lane("since:2026-11-21T22:40Z", NOW).since == 1_795_300_800_000
    at = parse_lane("since:00:00", NOW).since
    assert at is not None
    assert 0 <= NOW - at < 86_400_000
    assert parse_lane("since:999999d", NOW).since == 0
    assert parse_lane("since:2h since:1d", NOW).since == NOW - 86_400_000, "either: the wider of the two"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("acount:x", "Did you mean “account:”?"),
        ("state:hiden", "Did you mean “hidden”?"),
        ("act:fialed", "Did you mean “failed”?"),
        ("kind:comments", "Did you mean “comment”?"),
        ("grade:9", "1 to 5"),
        ("is:unseeen", "is:unseen"),
        ("since:99:99", "since:2h"),
        ("since:0000-00-00", "since:2h"),
        ("author:@", "handle"),
    ],
)
def test_an_error_says_what_would_make_sense(typed: str, meant: str) -> None:
    with pytest.raises(UsageError) as said:
        parse_lane(typed, NOW)
    assert meant in said.value.message
