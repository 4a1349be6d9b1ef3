"""Waiting follows the pace, and failures are met with growing patience."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from console.services.pace import Pace, growing_wait
from console.services.statistics import Latencies
from tests.fakes.clock import FakeClock, settle


def test_a_wait_at_rest_ends_early_when_an_incident_opens() -> None:
    async def check() -> None:
        clock = FakeClock()
        pace = Pace(clock)
        wait = asyncio.create_task(pace.wait(60, 3))
        await clock.pass_by(10)
        assert not wait.done()
        pace.set_incident(True)
        await settle()
        assert wait.done()

    asyncio.run(check())


def test_a_wait_in_an_incident_grows_longer_when_it_closes() -> None:
    async def check() -> None:
        clock = FakeClock()
        pace = Pace(clock)
        pace.set_incident(True)
        ends: list[float] = []
        wait = asyncio.create_task(pace.wait(60, 30, ends.append))
        await clock.pass_by(10)
        pace.set_incident(False)
        await clock.pass_by(49)
        assert not wait.done()
        await clock.pass_by(1)
        assert wait.done()
        assert ends == [30, 60]

    asyncio.run(check())


@given(st.integers(1, 10_000), st.floats(0, 1), st.booleans())
def test_waits_grow_but_never_beyond_their_limit(tries: int, chance: float, incident: bool) -> None:
    wait = growing_wait(tries, chance, is_incident=incident)
    assert 0.25 <= wait <= (10 if incident else 120)
    assert growing_wait(tries, chance, is_incident=False) <= growing_wait(
        tries + 1, chance, is_incident=False
    )


@given(st.lists(st.floats(0.02, 60_000), min_size=1, max_size=200), st.floats(0.01, 1))
def test_a_latency_is_right_to_within_five_per_cent(values: list[float], part: float) -> None:
    latencies = Latencies()
    for value in values:
        latencies.add(value)
    exact = sorted(values)[max(0, -int(-part * len(values) // 1) - 1)]
    assert exact * 0.999 <= latencies.quantile(part) <= exact * 1.051


def test_no_latency_at_all_is_none() -> None:
    assert Latencies().quantile(0.99) == 0.0
