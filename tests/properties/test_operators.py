"""Laws of names, codes' waits and signatures."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.errors import UsageError
from console.domain.operators import (
    FREE_TRIES,
    MOST_WAIT_MS,
    NAME_MOST,
    PROGRAM,
    SignedSeat,
    Sitting,
    checked_name,
    role_named,
    still_waits_ms,
    wait_ms,
)
from console.services.operators import look_of

AT = 1_800_000_000_000
times = st.integers(min_value=0, max_value=2**42)


@given(st.text(st.characters(), max_size=NAME_MOST + 10))
def test_a_name_that_is_kept_is_one_line_of_what_can_be_seen(text: str) -> None:
    try:
        kept = checked_name(text)
    except UsageError:
        return
    assert kept == checked_name(kept)
    assert 0 < len(kept) <= NAME_MOST
    assert kept == kept.strip()
    assert kept.casefold() != PROGRAM
    assert not {unicodedata.category(each) for each in kept} & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    kept.encode()  # no half of a surrogate pair


@given(st.text(st.characters(categories=["L", "N", "P", "Zs"]), min_size=1, max_size=30))
def test_names_that_differ_in_case_blanks_and_marks_alone_look_the_same(text: str) -> None:
    assert look_of(text.swapcase()) == look_of(text) or look_of(text.casefold()) == look_of(text)
    assert look_of(f"  {text}\u200b ") == look_of(text)


@given(wrong=st.integers(0, 10_000), wrong_at=times, now=times)
def test_a_wait_is_never_longer_than_its_whole_whatever_the_clock_says(
    wrong: int, wrong_at: int, now: int
) -> None:
    left = still_waits_ms(wrong, wrong_at, now)
    assert 0 <= left <= wait_ms(wrong) <= MOST_WAIT_MS
    assert (wait_ms(wrong) == 0) == (wrong < FREE_TRIES)
    assert wait_ms(wrong + 1) >= wait_ms(wrong)
    if now >= wrong_at:
        assert still_waits_ms(wrong, wrong_at, now + wait_ms(wrong)) == 0


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_a_seat_is_its_name_to_everybody_else(name: str) -> None:
    seat = SignedSeat(name, Sitting("r.calder", "Commander"))
    assert seat == name
    assert hash(seat) == hash(name)
    assert type(str(seat)) is str


@pytest.mark.parametrize(
    ("typed", "role"),
    [
        ("comm", "Communications officer"),
        ("DIGITAL", "Digital desk operator"),
        ("force incident", "Supervisor / force incident manager"),
        ("commander", "Commander"),
        ("Press desk", "Press desk"),
    ],
)
def test_a_role_may_be_begun_and_any_other_words_stand_as_typed(typed: str, role: str) -> None:
    assert role_named(typed) == role
