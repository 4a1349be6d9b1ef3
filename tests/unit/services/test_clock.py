"""The clock never runs back."""

import time

import pytest

from console.services.clock import SystemClock


def test_the_clock_stands_still_when_the_computer_is_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([5_000_000_000, 1_000_000_000, 6_000_000_000])
    monkeypatch.setattr(time, "time_ns", lambda: next(times))
    clock = SystemClock()
    assert [clock.now() for _ in range(3)] == [5_000, 5_000, 6_000]
