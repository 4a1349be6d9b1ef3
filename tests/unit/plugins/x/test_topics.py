"""Searching for a topic: found once, addressed or not, as far as the money goes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import cast

import pytest

from console.api import ItemKind, NotAllowed, Page, SlowDown
from console.api.stage import Seen
from plugins.x.topics import query_of
from tests.unit.plugins.x.rooms import SOON_S, Room, run


async def _found(here: Room, words: str, count: int, cursor: str | None = None) -> Seen:
    seen = Seen()
    pages = cast("AsyncGenerator[Page, None]", here.x.search(words, cursor))
    async with aclosing(pages), asyncio.timeout(SOON_S):
        while len(seen.texts) < count:
            seen.take(await anext(pages))
    return seen


def test_what_is_said_elsewhere_is_found_and_what_names_us_is_a_mention() -> None:
    async def go(here: Room) -> None:
        here.memory.write("flood at Chandlers Row")
        here.mention("@force_example flood at Chandlers Row")
        seen = await _found(here, '"Chandlers Row"', 2)
        assert {one.kind for one in seen.arrivals} == {ItemKind.FOUND, ItemKind.MENTION}

    run(go)


def test_a_search_begins_with_the_newest_hundred_and_goes_on_from_its_place() -> None:
    async def go(here: Room) -> None:
        for number in range(130):
            here.memory.write(f"flood {number}")
        seen = await _found(here, "flood", 100)
        assert "flood 129" in seen.texts
        assert "flood 0" not in seen.texts
        for number in range(130, 260):
            here.memory.write(f"flood {number}")
        later = await _found(here, "flood", 130, seen.cursor)
        assert {f"flood {number}" for number in range(130, 260)} <= later.texts

    run(go)


def test_a_search_stops_with_the_days_money() -> None:
    async def go(here: Room) -> None:
        for number in range(60):
            here.memory.write(f"flood {number}", author=str(9000 + number))
        with pytest.raises(SlowDown, match="dollars"):
            await _found(here, "flood", 61)
        assert here.x._session.money.spent <= 500

    run(go, dollars_a_day="0.5")


def test_a_search_costs_five_thousandths_a_post_and_ten_an_author() -> None:
    async def go(here: Room) -> None:
        here.memory.write("flood 1")
        here.memory.write("flood 2")
        before = here.x._session.money.spent
        await _found(here, "flood", 2)
        assert here.x._session.money.spent - before == 2 * 5 + 10

    run(go)


@pytest.mark.parametrize("words", ["", "  \n ", "w" * 600])
def test_words_that_x_cannot_search_for_are_refused_in_words(words: str) -> None:
    with pytest.raises(NotAllowed):
        query_of(words)


def test_a_choice_of_words_stays_together_beside_what_is_added() -> None:
    assert query_of("flood  OR\nfire") == "(flood OR fire) -is:retweet"
