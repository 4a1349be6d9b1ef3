"""What a search for a topic brings beside the ordinary."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing

from console.api import ItemKind
from console.api.stage import Seen, as_generator
from plugins.bluesky.connector import Bluesky
from tests.unit.plugins.bluesky.rooms import Room, room

TOPIC = "Chandlers Row"


def _run(go: Callable[[Room], object]) -> None:
    async def inside() -> None:
        async with room() as here:
            await go(here)  # type: ignore[misc]  # every test below hands in a coroutine function

    asyncio.run(inside())


async def _search(here: Room, words: str, rounds: int = 1, cursor: str | None = None) -> Seen:
    connector = here.scene.connector
    assert isinstance(connector, Bluesky)
    seen = Seen()
    async with aclosing(as_generator(connector.search(words, cursor))) as pages:
        for _ in range(rounds):
            seen.take(await anext(pages))
    return seen


def test_a_topic_of_two_words_is_asked_for_as_words_and_as_a_hashtag() -> None:
    async def go(here: Room) -> None:
        here.network.say_elsewhere("Chandlers Row is flooded")
        here.network.say_elsewhere("flooded #ChandlersRow")
        here.network.say_elsewhere("a row about chandlery")
        seen = await _search(here, TOPIC, 2)
        assert seen.texts == {"Chandlers Row is flooded", "flooded #ChandlersRow"}
        assert not seen.doubles()
        asked = {given["q"] for name, given in here.network.calls if name.endswith("searchPosts")}
        assert asked == {TOPIC, "#ChandlersRow"}

    _run(go)


def test_a_topic_of_one_word_is_asked_for_once() -> None:
    async def go(here: Room) -> None:
        await _search(here, "chandlersrow")
        assert [given["q"] for name, given in here.network.calls if name.endswith("searchPosts")] == [
            "chandlersrow"
        ]

    _run(go)


def test_what_is_said_to_us_comes_as_that_and_our_own_words_not_at_all() -> None:
    async def go(here: Room) -> None:
        here.network.say("Chandlers Row, to us")
        here.network.say_elsewhere("Chandlers Row, naming us", names_us=True)
        here.network.say_elsewhere("Chandlers Row, to nobody")
        here.network.publish("Stay away from Chandlers Row")
        seen = await _search(here, TOPIC)
        assert {one.text: one.kind for one in seen.arrivals} == {
            "Chandlers Row, to us": ItemKind.REPLY,
            "Chandlers Row, naming us": ItemKind.MENTION,
            "Chandlers Row, to nobody": ItemKind.FOUND,
        }

    _run(go)


def test_a_busy_topic_is_read_page_by_page_oldest_first() -> None:
    async def go(here: Room) -> None:
        for number in range(230):
            here.network.say_elsewhere(f"row {number}")
        seen = await _search(here, "row")
        assert [one.text for one in seen.arrivals] == [f"row {number}" for number in range(230)]

    _run(go)


def test_a_search_goes_on_from_its_place_and_takes_in_what_is_listed_late() -> None:
    async def go(here: Room) -> None:
        here.network.say_elsewhere("row, first")
        seen = await _search(here, "row")
        here.network.say_elsewhere("row, late", late_ms=600_000)
        here.network.say_elsewhere("row, long ago", late_ms=7_200_000)
        again = await _search(here, "row", cursor=seen.cursor)
        assert again.texts == {"row, first", "row, late"}
        afresh = await _search(here, "row", cursor="a place of somebody else's")
        assert "row, long ago" in afresh.texts

    _run(go)


def test_a_find_that_cannot_be_read_is_complained_of_once_and_spoils_nothing() -> None:
    async def go(here: Room) -> None:
        here.network.say_elsewhere("row, whole")
        found = here.network._search_posts({"q": "row"})
        broken = {"uri": 5, "record": {"text": "row, broken"}}
        here.network.overrides["app.bsky.feed.searchPosts"] = lambda _given: {
            "posts": [broken, *found["posts"]]
        }
        seen = await _search(here, "row", 3)
        assert seen.texts == {"row, whole"}
        [complaint] = [words for page in seen.pages for words in page.complaints]
        assert "row, broken" not in complaint

    _run(go)


def test_searching_is_counted() -> None:
    async def go(here: Room) -> None:
        before = dict(here.scene.allowance.taken)
        await _search(here, "row", 3)
        after = here.scene.allowance.taken
        assert sum(after.values()) - sum(before.values()) == 3

    _run(go)
