"""Times outward are ISO 8601 with Z, and the clock never runs back."""

import time

import pytest

from console.services.clock import SystemClock, iso


@pytest.mark.parametrize(
    ("at", "written"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (1_764_000_000_123, "2025-11-24T16:00:00.123Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (10**18, "9999-12-31T23:59:59.999Z"),
        (-(10**18), "0001-01-01T00:00:00.000Z"),
    ],
)
def test_a_time_is_written_in_utc_with_milliseconds(at: int, written: str) -> None:
    assert iso(at) == written


def test_the_clock_stands_still_when_the_computer_is_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([5_000_000_000, 1_000_000_000, 6_000_000_000])
    monkeypatch.setattr(time, "time_ns", lambda: next(times))
    clock = SystemClock()
    assert [clock.now() for _ in range(3)] == [5_000, 5_000, 6_000]
