"""How much of the allowance is used, from the three headers, and the times of the network."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.meta.times import milliseconds, seconds
from plugins.meta.usage import DAY_MS, HEADERS, MINUTE_MS, REST_MS, STOP_AT, WORD_HOLDS_MS, usage_in
from tests.unit.plugins.meta.rooms import NOW, business


@pytest.mark.parametrize("name", HEADERS[:2])
def test_the_tightest_percentage_counts(name: str) -> None:
    said = json.dumps({"call_count": 28, "total_cputime": 81, "total_time": 25})
    usage = usage_in({name: said}, NOW)
    assert usage is not None
    assert usage.percent == 81
    assert usage.regained_at is None
    assert usage.until(NOW) == NOW + WORD_HOLDS_MS
    assert usage.left_of(1000) == 90


def test_a_business_that_is_throttled_says_for_how_many_minutes() -> None:
    said = business(call_count=100, total_cputime=1, total_time=1, estimated_time_to_regain_access=12)
    usage = usage_in({"x-business-use-case-usage": said, "x-app-usage": '{"call_count":3}'}, NOW)
    assert usage is not None
    assert usage.percent == 100
    assert usage.until(NOW) == NOW + 12 * MINUTE_MS
    assert usage.left_of(48_000) == 0


def test_the_stop_comes_before_the_network_says_no() -> None:
    usage = usage_in({"x-app-usage": json.dumps({"call_count": STOP_AT})}, NOW)
    assert usage is not None
    assert usage.left_of(48_000) == 0
    assert usage.until(NOW) == NOW + REST_MS


@pytest.mark.parametrize("text", ["", "{}", "[]", "nonsense", '{"call_count":"many"}', '{"1":[5]}', "null"])
def test_a_header_that_cannot_be_read_says_nothing(text: str) -> None:
    assert usage_in({"x-app-usage": text}, NOW) is None


@given(st.integers(0, 10_000), st.integers(0, 10_000_000))
def test_a_wait_is_never_longer_than_a_day_and_what_is_left_never_below_nothing(
    percent: int, wait: int
) -> None:
    said = business(call_count=percent, estimated_time_to_regain_access=wait)
    usage = usage_in({"x-business-use-case-usage": said}, NOW)
    assert usage is not None
    assert NOW < usage.until(NOW) <= NOW + DAY_MS
    assert 0 <= usage.left_of(1000) <= 1000


@given(st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001 - the zone is given beside it
def test_a_time_of_theirs_is_read_to_the_second(moment: datetime) -> None:
    whole = moment.replace(microsecond=0)
    assert milliseconds(whole.strftime("%Y-%m-%dT%H:%M:%S+0000").zfill(24)) == int(whole.timestamp()) * 1000
    assert milliseconds(int(whole.timestamp())) == int(whole.timestamp()) * 1000


def test_an_offset_counts_and_its_absence_means_utc() -> None:
    noon = milliseconds("2026-11-20T12:00:00+0000")
    assert milliseconds("2026-11-20T13:00:00+0100") == noon
    assert milliseconds("2026-11-20T12:00:00") == noon
    assert noon is not None
    assert seconds(noon + 999) * 1000 == noon


@pytest.mark.parametrize("text", [None, "", "soon", "1969-12-31T23:59:59+0000", -1, 10**15])
def test_what_is_no_time_is_none(text: str | int | None) -> None:
    assert milliseconds(text) is None
