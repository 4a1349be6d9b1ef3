"""Ceilings: what is left, and when there is more."""

from hypothesis import given
from hypothesis import strategies as st

from console.domain.acts import Verb
from console.domain.capabilities import Ceiling
from console.domain.ids import AccountId
from console.services.ceilings import REQUEST_MS, Ceilings

ACCOUNT = AccountId(1)
HOUR = Ceiling("hour", points=100, seconds=3600, costs={Verb.HIDE: 2, Verb.DELETE: 1})
BATCHED = Ceiling("hour", points=10, seconds=3600, costs={Verb.HIDE: 2}, batched=frozenset({Verb.HIDE}))


def watched(*ceilings: Ceiling) -> Ceilings:
    found = Ceilings()
    found.watch(ACCOUNT, ceilings)
    return found


def test_what_was_spent_is_missing_until_the_period_has_passed() -> None:
    ceilings = watched(HOUR)
    ceilings.spend(ACCOUNT, Verb.HIDE, 20, now=1_000)
    assert ceilings.allowance(ACCOUNT, Verb.HIDE, 2_000).points == 30
    assert ceilings.allowance(ACCOUNT, Verb.DELETE, 2_000).points == 60
    assert ceilings.allowance(ACCOUNT, Verb.HIDE, 3_601_000).points == 50


def test_a_verb_that_costs_nothing_has_no_ceiling() -> None:
    assert watched(HOUR).allowance(ACCOUNT, Verb.MUTE, 0).points is None


def test_an_order_that_does_not_fit_waits_until_enough_is_back() -> None:
    ceilings = watched(HOUR)
    ceilings.spend(ACCOUNT, Verb.HIDE, 50, now=5_000)
    assert not ceilings.fits(ACCOUNT, Verb.HIDE, 1, 6_000)
    assert ceilings.room_at(ACCOUNT, Verb.HIDE, 6_000) == 5_000 + 3_600_000
    assert ceilings.fits(ACCOUNT, Verb.HIDE, 1, 5_000 + 3_600_000)


def test_what_the_network_says_stands_above_our_own_count() -> None:
    ceilings = watched(HOUR)
    ceilings.rest(ACCOUNT, until=90_000)
    assert not ceilings.fits(ACCOUNT, Verb.HIDE, 1, 89_999)
    assert ceilings.fits(ACCOUNT, Verb.HIDE, 1, 90_000)


def test_one_write_for_a_whole_thread_costs_once() -> None:
    ceilings = watched(BATCHED)
    assert ceilings.units(ACCOUNT, Verb.HIDE, items=300, threads=1) == 1
    assert watched(HOUR).units(ACCOUNT, Verb.HIDE, items=300, threads=1) == 300


def test_a_plan_beyond_the_ceiling_says_the_periods_that_it_takes() -> None:
    ceilings = watched(HOUR)
    assert ceilings.finishes_at(ACCOUNT, Verb.HIDE, 50, 50, now=0) == 50 * REQUEST_MS
    ceilings.spend(ACCOUNT, Verb.HIDE, 50, now=0)
    assert ceilings.finishes_at(ACCOUNT, Verb.HIDE, 50, 50, now=0) == 3_600_000
    assert ceilings.finishes_at(ACCOUNT, Verb.HIDE, 100, 100, now=0) == 7_200_000


@given(st.lists(st.tuples(st.integers(0, 10_000_000), st.integers(1, 60)), max_size=60))
def test_no_period_ever_holds_more_than_the_ceiling(wishes: list[tuple[int, int]]) -> None:
    ceilings = watched(HOUR)
    sent: list[tuple[int, int]] = []
    for at, units in sorted(wishes):
        if ceilings.fits(ACCOUNT, Verb.HIDE, units, at):
            ceilings.spend(ACCOUNT, Verb.HIDE, units, at)
            sent.append((at, units * 2))
    for end, _ in sent:
        assert sum(points for at, points in sent if end - 3_600_000 < at <= end) <= 100
