"""Ceilings: what is left, who shares it, and when there is more."""

from hypothesis import given
from hypothesis import strategies as st

from console.domain.acts import Verb
from console.domain.capabilities import Ceiling
from console.domain.ids import AccountId
from console.services.ceilings import Ceilings, Load, cost
from console.services.forecasting import REQUEST_MS, Wish, forecast
from console.services.windows import Use

ACCOUNT, OTHER, THIRD = AccountId(1), AccountId(2), AccountId(3)
HOUR_MS = 3_600_000
HOUR = Ceiling("hour", points=100, seconds=3600, costs={Verb.HIDE: 2, Verb.DELETE: 1})
BATCHED = Ceiling("hour", points=10, seconds=3600, costs={Verb.HIDE: 2}, batched=frozenset({Verb.HIDE}))
FIFTY = Ceiling(
    "day", points=100, seconds=86_400, costs={Verb.HOLD: 50}, batched=frozenset({Verb.HOLD}), batch=50
)
APP = Ceiling("app", points=100, seconds=3600, costs={Verb.HIDE: 1}, per="app")
MONEY = Ceiling("money a day", points=50, seconds=86_400, costs={}, setting="money", setting_points=100)


def watched(*ceilings: Ceiling) -> Ceilings:
    found = Ceilings()
    found.watch(ACCOUNT, ceilings)
    return found


def sharing(*accounts: AccountId, ceiling: Ceiling = APP) -> Ceilings:
    found = Ceilings()
    for account in accounts:
        found.watch(account, [ceiling], connector="x", batch=10)
        found.share(account, token="", app="one app", now=0)
    return found


def finish(ceilings: Ceilings, verb: Verb, items: int, now: int = 0) -> int:
    wish = Wish(ACCOUNT, verb, [Load(1)] * items, now)
    return forecast(ceilings, [wish], {}, now)[ACCOUNT]


def test_what_was_spent_is_missing_until_the_period_has_passed() -> None:
    ceilings = watched(HOUR)
    ceilings.spend(ACCOUNT, Verb.HIDE, Load(20), now=1_000)
    assert ceilings.allowance(ACCOUNT, Verb.HIDE, 2_000).items == 30
    assert ceilings.allowance(ACCOUNT, Verb.DELETE, 2_000).items == 60
    assert ceilings.allowance(ACCOUNT, Verb.HIDE, 3_601_000).items == 50


def test_a_verb_that_costs_nothing_has_no_ceiling() -> None:
    assert watched(HOUR).allowance(ACCOUNT, Verb.MUTE, 0).items is None
    assert Verb.MUTE not in watched(HOUR).rooms(ACCOUNT, 0)


def test_an_order_that_does_not_fit_waits_until_enough_is_back() -> None:
    ceilings = watched(HOUR)
    ceilings.spend(ACCOUNT, Verb.HIDE, Load(50), now=5_000)
    assert not ceilings.fits(ACCOUNT, Verb.HIDE, Load(1), 6_000)
    assert ceilings.room_at(ACCOUNT, Verb.HIDE, 6_000) == 5_000 + HOUR_MS
    assert ceilings.fits(ACCOUNT, Verb.HIDE, Load(1), 5_000 + HOUR_MS)


def test_a_network_that_asks_for_rest_gets_it() -> None:
    ceilings = watched(HOUR)
    ceilings.rest(ACCOUNT, until=90_000)
    assert not ceilings.fits(ACCOUNT, Verb.HIDE, Load(1), 89_999)
    assert ceilings.fits(ACCOUNT, Verb.HIDE, Load(1), 90_000)


def test_what_the_network_says_stands_above_our_own_count() -> None:
    ceilings = watched(HOUR)
    window = ceilings.window(ACCOUNT, "hour")
    assert window is not None
    window.learn(4, until=60_000, now=0)
    assert ceilings.fits(ACCOUNT, Verb.HIDE, Load(2), 1)
    assert not ceilings.fits(ACCOUNT, Verb.HIDE, Load(3), 1)
    ceilings.spend(ACCOUNT, Verb.HIDE, Load(2), 2)
    assert ceilings.room_at(ACCOUNT, Verb.HIDE, 3) == 60_000
    assert ceilings.allowance(ACCOUNT, Verb.HIDE, 60_000).items == 50, "its period is over, all is back"


def test_a_word_of_the_network_that_has_run_out_is_not_heard() -> None:
    ceilings = watched(HOUR)
    window = ceilings.window(ACCOUNT, "hour")
    assert window is not None
    window.learn(0, until=5_000, now=5_000)
    assert ceilings.fits(ACCOUNT, Verb.HIDE, Load(1), 5_000)


def test_one_write_for_a_whole_thread_costs_once() -> None:
    assert cost(BATCHED, Verb.HIDE, Load(items=300, threads=1)) == 2
    assert cost(BATCHED, Verb.HIDE, Load(items=300, threads=3)) == 6
    assert cost(HOUR, Verb.HIDE, Load(items=300, threads=1)) == 600


def test_one_call_for_fifty_items_costs_once_for_each_fifty() -> None:
    assert [cost(FIFTY, Verb.HOLD, Load(items)) for items in (1, 50, 51, 100)] == [50, 50, 100, 100]
    ceilings = watched(FIFTY)
    assert ceilings.allowance(ACCOUNT, Verb.HOLD, 0).items == 100
    assert ceilings.rooms(ACCOUNT, 0) == {Verb.HOLD: 100}


def test_a_limit_that_a_person_set_stands_in_place_of_the_manifests() -> None:
    ceilings = Ceilings()
    ceilings.watch(ACCOUNT, [MONEY], settings={"money": "2.5"})
    window = ceilings.window(ACCOUNT, "money a day")
    assert window is not None
    assert window.points == 250
    ceilings.watch(ACCOUNT, [MONEY], settings={"money": "nothing sensible"})
    assert window.points == 50


def test_accounts_of_one_app_spend_from_one_window() -> None:
    ceilings = sharing(ACCOUNT, OTHER)
    ceilings.spend(ACCOUNT, Verb.HIDE, Load(90), 0)
    assert ceilings.allowance(OTHER, Verb.HIDE, 1).items == 10


def test_what_was_counted_before_the_app_was_known_moves_along() -> None:
    ceilings = Ceilings()
    for account in (ACCOUNT, OTHER):
        ceilings.watch(account, [APP], connector="x")
        ceilings.spend(account, Verb.HIDE, Load(30), 0)
    ceilings.share(ACCOUNT, token="", app="a", now=1)
    ceilings.share(OTHER, token="", app="a", now=1)
    assert ceilings.allowance(ACCOUNT, Verb.HIDE, 2).items == 40


def test_while_acts_of_two_accounts_wait_each_gets_half() -> None:
    ceilings = sharing(ACCOUNT, OTHER)
    ceilings.set_acting([ACCOUNT, OTHER])
    assert ceilings.rooms(ACCOUNT, 0)[Verb.HIDE] == 50
    ceilings.spend(ACCOUNT, Verb.HIDE, Load(50), 0)
    assert ceilings.rooms(ACCOUNT, 1)[Verb.HIDE] == 0
    assert ceilings.rooms(OTHER, 1)[Verb.HIDE] == 50
    ceilings.set_acting([ACCOUNT])
    assert ceilings.rooms(ACCOUNT, 1)[Verb.HIDE] == 50


def test_a_quarter_is_kept_for_acts_and_a_quarter_for_reading() -> None:
    ceilings = watched(HOUR)
    window = ceilings.window(ACCOUNT, "hour")
    assert window is not None
    assert window.room(ACCOUNT, "read", 0) == 75
    window.spend(ACCOUNT, "read", 75, 0)
    assert window.room(ACCOUNT, "read", 1) == 0
    assert ceilings.fits(ACCOUNT, Verb.DELETE, Load(25), 1)
    later = HOUR_MS + 1
    ceilings.spend(ACCOUNT, Verb.DELETE, Load(75), later)
    assert not ceilings.fits(ACCOUNT, Verb.DELETE, Load(1), later)
    assert window.room(ACCOUNT, "read", later) == 25


def test_while_acts_wait_reading_keeps_to_its_quarter() -> None:
    ceilings = watched(HOUR)
    window = ceilings.window(ACCOUNT, "hour")
    assert window is not None
    ceilings.set_acting([ACCOUNT])
    assert window.room(ACCOUNT, "read", 0) == 25


def test_a_plan_beyond_the_ceiling_says_the_periods_that_it_takes() -> None:
    ceilings = watched(HOUR)
    assert finish(ceilings, Verb.HIDE, 50) == 50 * REQUEST_MS
    ceilings.spend(ACCOUNT, Verb.HIDE, Load(50), now=0)
    assert HOUR_MS <= finish(ceilings, Verb.HIDE, 50) <= HOUR_MS + 50 * REQUEST_MS
    assert 2 * HOUR_MS <= finish(ceilings, Verb.HIDE, 100) <= 2 * HOUR_MS + 100 * REQUEST_MS


def test_two_accounts_of_one_plan_do_not_each_get_the_whole_ceiling() -> None:
    ceilings = sharing(ACCOUNT, OTHER)
    wishes = [Wish(account, Verb.HIDE, [Load(10)] * 10, 0) for account in (ACCOUNT, OTHER)]
    ends = forecast(ceilings, wishes, {}, 0)
    assert all(end >= HOUR_MS for end in ends.values())
    alone = forecast(sharing(ACCOUNT), wishes[:1], {}, 0)
    assert alone[ACCOUNT] == 100 * REQUEST_MS


def test_acts_that_wait_already_come_before_the_plan() -> None:
    ceilings = sharing(ACCOUNT, OTHER)
    wish = Wish(ACCOUNT, Verb.HIDE, [Load(10)], 0)
    busy = {(OTHER, Verb.HIDE): 500, (ACCOUNT, Verb.HIDE): 100}
    assert forecast(ceilings, [wish], {}, 0)[ACCOUNT] == 10 * REQUEST_MS
    assert forecast(ceilings, [wish], busy, 0)[ACCOUNT] >= HOUR_MS


def test_trying_a_plan_out_spends_nothing() -> None:
    ceilings = sharing(ACCOUNT)
    finish(ceilings, Verb.HIDE, 500)
    assert ceilings.allowance(ACCOUNT, Verb.HIDE, 0).items == 100


def test_a_plan_of_very_many_items_is_reckoned_from_its_pace() -> None:
    ceilings = watched(HOUR)
    hours = finish(ceilings, Verb.HIDE, 100_000) / HOUR_MS
    assert 1_900 <= hours <= 2_100


def test_what_an_account_that_was_removed_spent_from_a_shared_window_stays_spent() -> None:
    ceilings = sharing(ACCOUNT, OTHER)
    ceilings.spend(ACCOUNT, Verb.HIDE, Load(90), 0)
    ceilings.forget(ACCOUNT)
    assert ceilings.allowance(OTHER, Verb.HIDE, 1).items == 10
    assert ceilings.window(ACCOUNT, "app") is None


WISHES = st.lists(st.tuples(st.integers(0, 10_000_000), st.integers(1, 60)), max_size=60)


@given(WISHES)
def test_no_period_ever_holds_more_than_the_ceiling(wishes: list[tuple[int, int]]) -> None:
    ceilings = watched(HOUR)
    sent: list[tuple[int, int]] = []
    for at, items in sorted(wishes):
        if ceilings.fits(ACCOUNT, Verb.HIDE, Load(items), at):
            ceilings.spend(ACCOUNT, Verb.HIDE, Load(items), at)
            sent.append((at, items * 2))
    for end, _ in sent:
        assert sum(points for at, points in sent if end - HOUR_MS < at <= end) <= 100


@given(
    st.lists(
        st.tuples(
            st.integers(0, 10_000_000),
            st.sampled_from([ACCOUNT, OTHER, THIRD]),
            st.sampled_from(["read", "act"]),
            st.integers(1, 30),
        ),
        max_size=60,
    )
)
def test_whoever_spends_on_whatever_the_ceiling_holds_for_all(
    wishes: list[tuple[int, AccountId, str, int]],
) -> None:
    ceilings = sharing(ACCOUNT, OTHER, THIRD)
    sent: list[tuple[int, int]] = []
    for at, account, use, points in sorted(wishes):
        window = ceilings.window(account, "app")
        assert window is not None
        kind: Use = "read" if use == "read" else "act"
        if window.room(account, kind, at) >= points:
            window.spend(account, kind, points, at)
            sent.append((at, points))
        else:
            assert window.room_at(account, kind, points, at) > at
    for end, _ in sent:
        assert sum(points for at, points in sent if end - HOUR_MS < at <= end) <= 100
