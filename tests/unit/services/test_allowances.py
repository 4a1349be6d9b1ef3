"""Reading allowances: shared fairly, waited for a little, refused with a time and words beyond that."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from console.api import SlowDown
from console.domain.acts import Verb
from console.domain.capabilities import Ceiling
from console.domain.ids import AccountId
from console.services.allowances import AccountAllowance, for_an_act
from console.services.ceilings import Ceilings, Load
from tests.fakes.clock import FakeClock, settle

FIRST, SECOND = AccountId(1), AccountId(2)
MINUTE = Ceiling("reads", points=10, seconds=60, costs={}, per="app")
HOUR = Ceiling("reads", points=10, seconds=3600, costs={}, per="app")
BOTH = Ceiling("reads", points=8, seconds=3600, costs={Verb.HIDE: 1}, per="app")
MONEY = Ceiling("money a day", points=50, seconds=86_400, costs={}, setting="money")


class Desk:
    """Two accounts of one app, and a clock."""

    def __init__(self, ceiling: Ceiling, settings: dict[str, str] | None = None) -> None:
        self.clock = FakeClock()
        self.ceilings = Ceilings()
        for account in (FIRST, SECOND):
            self.ceilings.watch(account, [ceiling], connector="x", settings=settings or {})
            self.ceilings.share(account, token="", app="app", now=self.clock.now())
        self.first = AccountAllowance(self.ceilings, FIRST, self.clock)
        self.second = AccountAllowance(self.ceilings, SECOND, self.clock)


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(work)


def test_what_is_left_is_taken_at_once_and_counted_for_all_who_share_it() -> None:
    async def work() -> None:
        desk = Desk(MINUTE)
        await desk.first.take("reads", 7)
        assert (desk.first.left("reads"), desk.second.left("reads")) == (3, 3)

    run(work())


def test_a_short_lack_is_waited_out() -> None:
    async def work() -> None:
        desk = Desk(MINUTE)
        await desk.first.take("reads", 10)
        await desk.clock.pass_by(30)
        waiting = asyncio.ensure_future(desk.second.take("reads"))
        await desk.clock.pass_by(29)
        assert not waiting.done()
        await desk.clock.pass_by(1)
        assert waiting.done()

    run(work())


def test_beyond_a_minute_the_account_is_told_when_to_come_back() -> None:
    async def work() -> None:
        desk = Desk(HOUR)
        await desk.first.take("reads", 10)
        with pytest.raises(SlowDown, match="“reads” is used up") as refused:
            await desk.second.take("reads")
        assert refused.value.until == desk.clock.now() + 3_600_000

    run(work())


def test_a_limit_that_a_person_set_is_named_as_theirs() -> None:
    async def work() -> None:
        desk = Desk(MONEY, {"money": "3"})
        await desk.first.take("money a day", 3)
        with pytest.raises(SlowDown, match="limit that was set"):
            await desk.first.take("money a day")

    run(work())


def test_accounts_that_wait_get_their_turn_one_after_the_other() -> None:
    async def work() -> None:
        desk = Desk(Ceiling("reads", points=1, seconds=10, costs={}, per="app"))
        await desk.first.take("reads")
        order: list[str] = []

        async def take(name: str, allowance: AccountAllowance) -> None:
            await allowance.take("reads")
            order.append(name)

        tasks = [asyncio.ensure_future(take("first", desk.first)) for _ in range(2)]
        await settle()
        tasks += [asyncio.ensure_future(take("second", desk.second)) for _ in range(2)]
        for _ in range(4):
            await desk.clock.pass_by(10)
        await asyncio.gather(*tasks)
        assert order == ["first", "second", "first", "second"]

    run(work())


def test_an_account_that_was_sent_away_finds_its_part_when_it_comes_back() -> None:
    async def work() -> None:
        desk = Desk(HOUR)
        await desk.first.take("reads", 10)
        with pytest.raises(SlowDown) as refused:
            await desk.second.take("reads")
        await desk.clock.pass_by((refused.value.until - desk.clock.now()) / 1000)
        await desk.first.take("reads", 5)
        more = asyncio.ensure_future(desk.first.take("reads"))
        await settle()
        await desk.second.take("reads", 5)
        await desk.clock.pass_by(60)
        with pytest.raises(SlowDown):
            await more

    run(work())


def test_a_quarter_is_never_read_away_from_acts() -> None:
    async def work() -> None:
        desk = Desk(BOTH)
        await desk.first.take("reads", 6)
        with pytest.raises(SlowDown):
            await desk.second.take("reads")
        assert desk.ceilings.fits(FIRST, Verb.HIDE, Load(2), desk.clock.now())

    run(work())


def test_a_look_after_an_act_is_counted_but_stands_in_no_line() -> None:
    async def work() -> None:
        desk = Desk(BOTH)
        await desk.first.take("reads", 6)
        with for_an_act():
            await desk.first.take("reads", 2)
            with pytest.raises(SlowDown):
                await desk.first.take("reads")

    run(work())


def test_the_networks_own_word_is_heeded_and_wakes_who_waits() -> None:
    async def work() -> None:
        desk = Desk(MINUTE)
        await desk.first.take("reads", 10)
        await desk.clock.pass_by(20)
        waiting = asyncio.ensure_future(desk.second.take("reads"))
        await settle()
        assert not waiting.done()
        desk.first.learn("reads", left=4, until=desk.clock.now() + 5_000)
        await settle()
        assert waiting.done()
        assert desk.first.left("reads") == 3

    run(work())


def test_a_ceiling_that_nobody_named_has_no_end() -> None:
    async def work() -> None:
        desk = Desk(MINUTE)
        await desk.first.take("unheard of", 1_000)
        assert desk.first.left("unheard of") is None

    run(work())


def test_one_who_gives_up_waiting_leaves_the_place_to_the_next() -> None:
    async def work() -> None:
        desk = Desk(Ceiling("reads", points=1, seconds=10, costs={}, per="app"))
        await desk.first.take("reads")
        gone = asyncio.ensure_future(desk.first.take("reads"))
        await settle()
        other = asyncio.ensure_future(desk.second.take("reads"))
        await settle()
        gone.cancel()
        await desk.clock.pass_by(10)
        assert other.done()

    run(work())
