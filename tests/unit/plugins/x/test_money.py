"""What reading costs is counted by the day, and stops at the limit that a person set."""

from __future__ import annotations

import asyncio
import json

import pytest

from console.api import SlowDown
from console.api.web import DAY_MS
from plugins.x.money import CEILING, MESSAGE, OWN_READ, POST, USER
from plugins.x.session import Session
from tests.unit.plugins.x.rooms import Clock, Room, reading, room, run


def _session(here: Room) -> Session:
    return here.x._session


def _spent(here: Room) -> int:
    return _session(here).money.spent


def test_a_mention_costs_a_tenth_of_a_cent_and_its_author_a_whole_one() -> None:
    async def go(here: Room) -> None:
        assert _spent(here) == USER, "signing in reads our own account"
        here.reply("first")
        async with reading(here) as stream:
            await stream.texts("first")
            await stream.rounds(2)
        # our own post, the mention, its author; the search of the conversation finds the reply once more
        assert _spent(here) == USER + OWN_READ + USER + POST

    run(go)


def test_what_was_paid_today_costs_nothing_more_until_midnight_utc() -> None:
    async def go(here: Room) -> None:
        here.reply("first")
        async with reading(here) as stream:
            await stream.texts("first")
            await stream.rounds(12)
            before = _spent(here)
            await stream.rounds(12)
            assert _spent(here) == before
            here.clock.ahead_ms += DAY_MS
            assert _spent(here) == 0
            await stream.rounds(12)
            assert _spent(here) > 0, "a new day is paid anew"

    run(go)


def test_every_spending_is_counted_against_the_ceiling_and_told_to_it() -> None:
    async def go(here: Room) -> None:
        here.reply("first")
        async with reading(here) as stream:
            await stream.texts("first")
        money = _session(here).money
        assert here.allowance.taken[CEILING] == money.spent
        assert here.allowance.learnt[CEILING] == (100_000 - money.spent, money.midnight)
        assert money.midnight % DAY_MS == 0
        assert 0 < money.midnight - here.clock.now() <= DAY_MS

    run(go)


def test_reading_stops_for_the_day_when_the_money_is_gone_and_says_so_plainly() -> None:
    async def go(here: Room) -> None:
        for number in range(30):
            here.reply(f"number {number}", author=f"{500 + number}")
        async with reading(here) as stream:
            with pytest.raises(SlowDown) as stopped:
                await stream.rounds(5)
        assert stopped.value.until == _session(here).money.midnight
        assert "dollars" in stopped.value.words
        assert "midnight UTC" in stopped.value.words
        texts = stream.seen.texts
        assert len(texts) == 26, "what was paid is handed over"
        assert _spent(here) <= 300, "the limit is never passed"
        sent = len(here.network.requests)
        async with reading(here, stream.seen.cursor) as again:
            with pytest.raises(SlowDown):
                await again.rounds(1)
        assert len(here.network.requests) == sent, "without money nothing is asked"
        here.clock.ahead_ms += DAY_MS
        async with reading(here, stream.seen.cursor) as tomorrow:
            await tomorrow.until(lambda seen: bool(seen.texts))

    run(go, dollars_a_day="0.3")


def test_what_was_read_before_the_money_ended_does_not_move_the_place() -> None:
    async def go(here: Room) -> None:
        for number in range(30):
            here.reply(f"number {number}", author=f"{500 + number}")
        async with reading(here) as stream:
            with pytest.raises(SlowDown):
                await stream.rounds(5)
        found = json.loads(stream.seen.cursor or "{}")
        assert found["mentions"] < int(min(one.remote_id for one in stream.seen.arrivals if not one.is_ours))

    run(go, dollars_a_day="0.3")


def test_a_new_start_on_the_same_day_goes_on_counting() -> None:
    async def go() -> None:
        async with room() as here:
            here.reply("first")
            async with reading(here) as stream:
                await stream.texts("first")
            before = _spent(here)
            again = Session(here.context, type(_session(here).money)(here.context))
            await again.money.open()
            assert again.money.spent == before

    asyncio.run(go())


def test_what_was_spent_yesterday_is_no_matter_today() -> None:
    async def go() -> None:
        clock = Clock()
        async with room(clock=clock) as here:
            await _session(here).money.note(5_000)
            clock.ahead_ms += DAY_MS
            tomorrow = type(_session(here).money)(here.context)
            await tomorrow.open()
            assert tomorrow.spent == 0

    asyncio.run(go())


@pytest.mark.parametrize(
    ("said", "thousandths"),
    [
        ("20", 20_000),
        ("", 20_000),
        ("$7", 7_000),
        ("1,000", 1_000_000),
        ("nan", 20_000),
        ("-3", 0),
        ("x", 20_000),
    ],
)
def test_a_limit_is_read_as_people_write_it(said: str, thousandths: int) -> None:
    async def go(here: Room) -> None:
        assert _session(here).money.limit == thousandths

    run(go, dollars_a_day=said)


def test_the_dearer_price_is_paid_when_the_same_post_is_read_in_two_ways() -> None:
    async def go(here: Room) -> None:
        money = _session(here).money
        begun = money.spent
        await money.pay(["1", "2", "2"], OWN_READ)
        await money.pay(["1"], POST)
        await money.pay(["1"], MESSAGE)
        assert money.spent - begun == 2 * OWN_READ + (POST - OWN_READ) + (MESSAGE - POST)

    run(go)


def test_a_disk_that_cannot_take_the_count_does_not_stop_the_reading() -> None:
    async def go(here: Room) -> None:
        (here.context.folder / "spent.part").mkdir()
        here.reply("first")
        async with reading(here) as stream:
            await stream.texts("first")

    run(go)
