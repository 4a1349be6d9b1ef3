"""Moments in headers and answers, in every form that networks write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from console.api.web import DAY_MS, MINUTE_MS, milliseconds, time_in
from tests.unit.api.rooms import NOW, reply_of

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=OFFSETS)  # noqa: DTZ001 - bounds are bare


def since_epoch(moment: datetime) -> int:
    """Whole milliseconds, without a float in between."""
    return (moment - EPOCH) // timedelta(milliseconds=1)


@given(st.integers(0, 999_999))
def test_a_small_number_is_seconds_from_now(seconds: int) -> None:
    assert time_in(str(seconds), NOW) == NOW + seconds * 1000


@given(st.integers(0, 999_999_999))
def test_so_is_one_with_a_fraction(milliseconds: int) -> None:
    found = time_in(f"{milliseconds // 1000}.{milliseconds % 1000:03}", NOW)
    assert found is not None
    assert abs(found - NOW - milliseconds) <= 1


@given(st.integers(1_000_000, 10**12 - 1))
def test_a_great_number_is_seconds_since_1970(seconds: int) -> None:
    assert time_in(str(seconds), NOW) == seconds * 1000


@given(MOMENTS.map(lambda moment: moment.replace(microsecond=0)))
def test_a_date_of_http_is_read(moment: datetime) -> None:
    assert time_in(format_datetime(moment), NOW) == since_epoch(moment)
    assert time_in(format_datetime(moment.astimezone(UTC), usegmt=True), NOW) == since_epoch(moment)


@given(MOMENTS)
def test_a_date_of_iso_8601_is_read_to_the_millisecond(moment: datetime) -> None:
    found = time_in(moment.isoformat(), NOW)
    assert found is not None
    assert abs(found - since_epoch(moment)) <= 1
    assert milliseconds(moment.isoformat()) == since_epoch(moment)


@given(MOMENTS)
def test_a_time_of_day_of_nowhere_is_no_moment_in_a_header_and_utc_in_an_answer(moment: datetime) -> None:
    bare = moment.replace(tzinfo=None)
    assert time_in(bare.isoformat(), NOW) is None
    assert milliseconds(bare.isoformat()) == since_epoch(bare.replace(tzinfo=UTC))


@given(st.text() | st.from_regex(r"\A[A-Za-z]{3}, \d{1,20} [A-Za-z]{3} \d{1,20} [\d:]{1,9} [+-]?\d{1,20}\Z"))
@example("Mon, 01 Jan 2020 00:00:00 +99999999999999")
@example("Mon, 01 Jan 99999999999999 00:00:00 GMT")
@example("0001-01-01T00:00:00+23:59")
@example("9999-12-31T23:59:59-23:59")
@example("1e400")
@example("nan")
def test_whatever_stands_there_is_a_moment_or_none(text: str) -> None:
    for found in (time_in(text, NOW), milliseconds(text)):
        assert found is None or isinstance(found, int)


@pytest.mark.parametrize("text", [None, "", "-1", "nan", "inf", "1e12", "soon", "Wed, 99 Foo 2020"])
def test_what_names_no_moment_is_none(text: str | None) -> None:
    assert time_in(text, NOW) is None
    assert milliseconds(text) is None


@given(st.text() | st.integers(-(10**13), 10**13).map(str) | MOMENTS.map(format_datetime))
def test_a_wait_is_never_shorter_than_a_second_nor_longer_than_a_day(text: str) -> None:
    until = reply_of(headers={"retry-after": text}).resumes_at()
    assert NOW + 1000 <= until <= NOW + DAY_MS


def test_the_first_header_that_names_a_moment_counts_and_a_minute_without_any() -> None:
    headers = {"x-reset": "soon", "ratelimit-reset": "20", "retry-after": "10"}
    reply = reply_of(headers=headers)
    assert reply.resumes_at("x-reset", "ratelimit-reset") == NOW + 20_000
    assert reply.resumes_at("x-reset") == NOW + 10_000
    assert reply.resumes_at() == NOW + 10_000
    assert reply_of().resumes_at("x-reset") == NOW + MINUTE_MS
