"""Times: one form outside, milliseconds inside, and no time is too odd to be written."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.times import EARLIEST_MS, LATEST_MS, iso, parse_iso


@given(st.integers(min_value=EARLIEST_MS, max_value=LATEST_MS))
def test_a_time_written_and_read_is_the_same(at: int) -> None:
    assert parse_iso(iso(at)) == at


@given(st.integers())
def test_any_number_is_written_in_the_one_form(at: int) -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", iso(at))


@given(st.integers(EARLIEST_MS, LATEST_MS), st.integers(EARLIEST_MS, LATEST_MS))
def test_times_sort_as_texts(one: int, other: int) -> None:
    assert (one < other) == (iso(one) < iso(other))


def test_zones_are_understood_and_none_means_utc() -> None:
    assert iso(parse_iso("2026-03-29T02:30:00+01:00")) == "2026-03-29T01:30:00.000Z"
    assert parse_iso(" 2026-03-29T01:30:00 ") == parse_iso("2026-03-29T01:30:00Z")


@pytest.mark.parametrize("text", ["", "tonight", "2026-02-30T00:00:00Z", "99/99/9999"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_iso(text)
