"""Posts that were handed over are looked at again, and what is gone is said."""

from __future__ import annotations

import asyncio
import json

from console.api import ItemState, RemoteId
from plugins.x.money import POST
from plugins.x.reading import RECHECK_ROUNDS
from plugins.x.recheck import SHARE, Recheck
from tests.unit.plugins.x.rooms import Reader, Room, reading, room, run

DAY_MS = 86_400_000


def _gone(stream: Reader) -> set[RemoteId]:
    sights = [sight for page in stream.seen.pages for sight in page.sights]
    assert all(sight.state is ItemState.GONE for sight in sights)
    return {sight.remote_id for sight in sights}


def test_a_post_whose_author_closed_the_account_is_gone_for_us_too() -> None:
    async def go(here: Room) -> None:
        open_one, closed = here.reply("still open"), here.reply("now closed")
        async with reading(here) as stream:
            await stream.texts("still open", "now closed")
            here.memory.closed.add(closed)
            await stream.until(lambda seen: any(page.sights for page in seen.pages))
        assert _gone(stream) == {closed}
        assert open_one not in _gone(stream)

    run(go)


def test_when_x_shows_not_one_of_many_the_right_is_doubted_and_not_the_posts() -> None:
    async def go(here: Room) -> None:
        async with reading(here) as stream:
            replies = [here.reply(f"number {number}") for number in range(5)]
            await stream.texts(*(f"number {number}" for number in range(5)))
            here.memory.closed |= {*replies, here.memory.root}
            await stream.rounds(2 * RECHECK_ROUNDS)
        assert _gone(stream) == set()

    run(go)


def test_an_edit_that_no_list_shows_any_more_is_found_by_looking_again() -> None:
    async def go(here: Room) -> None:
        first = here.reply("first words", at=here.clock.now() - 7_200_000)
        later = here.reply("and a later one")
        async with reading(here) as stream:
            await stream.texts("first words", "and a later one")
            await stream.rounds(2)
            here.memory.rewrite(first, "other words")
            lists = here.memory.current
            here.memory.current = lambda: [one for one in lists() if one["id"] == later]  # type: ignore[method-assign]  # a list that leaves it out
            await stream.texts("other words")
        assert {one.remote_id for one in stream.seen.arrivals if one.text == "other words"} == {first}

    run(go)


def test_looking_again_takes_its_part_of_the_days_money_and_no_more() -> None:
    async def go(here: Room) -> None:
        replies = [here.reply(f"number {number}") for number in range(80)]
        async with reading(here) as stream:
            await stream.until(lambda seen: len(seen.texts) == 80)
        money, recheck = here.x._session.money, here.x._recheck
        await recheck.look()
        here.clock.ahead_ms += DAY_MS
        asked: set[str] = set()
        for _ in range(5):
            before = len(here.network.requests)
            await recheck.look()
            for request in here.network.requests[before:]:
                asked |= set(request.first("ids").split(","))
        assert money.spent == money.limit // SHARE // POST * POST == 250
        assert len(asked) == money.spent // POST
        assert len(replies) > len(asked)

    run(go, dollars_a_day="1")


def test_those_come_first_that_were_not_looked_at_for_longest() -> None:
    async def go(here: Room) -> None:
        for number in range(150):
            here.x._recheck.add(here.memory.write(f"number {number}"), "")
        known = here.x._recheck._known
        known.update({one: one for one in known})
        begun = list(known)
        await here.x._recheck.look()
        assert list(known) == [*begun[100:], *begun[:100]]

    run(go)


def test_what_was_handed_over_is_looked_at_after_a_new_start_as_well() -> None:
    async def go() -> None:
        async with room() as here:
            reply = here.reply("soon regretted")
            async with reading(here) as stream:
                await stream.texts("soon regretted")
            await here.x.close()
            again = Recheck(here.x._session, here.context)
            await again.open()
            here.memory.withdraw(reply)
            gone, newer = await again.look()
            assert [sight.remote_id for sight in gone] == [reply]
            assert newer == []
            kept = json.loads((here.context.folder / "known.json").read_text("utf-8"))
            assert list(kept) == [here.memory.root]
            assert "regretted" not in json.dumps(kept)

    asyncio.run(go())


def test_what_is_older_than_its_text_may_live_is_forgotten() -> None:
    async def go(here: Room) -> None:
        here.reply("old")
        async with reading(here) as stream:
            await stream.texts("old")
        here.clock.ahead_ms += 31 * DAY_MS
        before = len(here.network.requests)
        assert await here.x._recheck.look() == ([], [])
        assert len(here.network.requests) == before
        assert not here.x._recheck._known

    run(go)
