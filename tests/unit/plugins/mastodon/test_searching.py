"""What a search for a topic brings beside the ordinary."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing

from console.api import ItemKind, Page
from console.api.stage import Seen, as_generator
from tests.servers.false.mastodon import FalseMastodon
from tests.unit.plugins.mastodon.rooms import Room, run

TAG = "chandlersrow"


async def _search(pages: AsyncIterator[Page], rounds: int) -> Seen:
    seen = Seen()
    async with aclosing(as_generator(pages)) as stream:
        for _ in range(rounds):
            seen.take(await anext(stream))
    return seen


def test_a_topic_of_two_words_is_one_hashtag_and_two_words_of_a_search() -> None:
    async def go(here: Room) -> None:
        here.network.say("with the tag", parent=None, is_told=False, tags=[TAG])
        here.network.say("Chandlers Row is flooded", parent=None, is_told=False)
        here.network.say("neither", parent=None, is_told=False)
        seen = await _search(here.connector.search("Chandlers Row", None), 2)
        assert seen.texts == {"with the tag", "Chandlers Row is flooded"}
        assert not seen.doubles()

    run(go)


def test_what_is_said_to_us_is_no_find() -> None:
    async def go(here: Room) -> None:
        here.network.say("to us", tags=[TAG])
        here.network.say("to nobody", parent=None, is_told=False, tags=[TAG])
        seen = await _search(here.connector.search(TAG, None), 1)
        kinds = {one.text: one.kind for one in seen.arrivals}
        assert kinds == {"to us": ItemKind.REPLY, "to nobody": ItemKind.FOUND}

    run(go)


def test_our_own_words_are_no_find() -> None:
    async def go(here: Room) -> None:
        post = here.network.publish("Stay away from #chandlersrow")
        here.network.posts[post].tags.append(TAG)
        seen = await _search(here.connector.search(TAG, None), 1)
        assert not seen.arrivals

    run(go)


def test_a_server_without_a_search_is_told_of_and_the_hashtag_is_read() -> None:
    def without(network: FalseMastodon) -> None:
        network.knows -= {"search"}

    async def go(here: Room) -> None:
        here.network.say("with the tag", parent=None, is_told=False, tags=[TAG])
        seen = await _search(here.connector.search(TAG, None), 6)
        assert seen.texts == {"with the tag"}
        assert "no search" in (seen.pages[0].notice or "")
        assert here.sent("GET", "/api/v2/search") == 1

    run(go, without)


def test_a_busy_topic_is_read_page_by_page_and_then_no_more_than_it_takes() -> None:
    async def go(here: Room) -> None:
        for number in range(130):
            here.network.say(f"number {number}", parent=None, is_told=False, tags=[TAG])
        seen = await _search(here.connector.search(TAG, None), 1)
        assert len(seen.arrivals) == 130
        assert [one.text for one in seen.arrivals] == [f"number {number}" for number in range(130)]
        assert here.sent("GET", f"/tag/{TAG}") <= 5

    run(go)


def test_a_search_goes_on_from_its_place_and_takes_in_what_came_to_light_late() -> None:
    async def go(here: Room) -> None:
        here.network.say("first", parent=None, is_told=False, tags=[TAG])
        seen = await _search(here.connector.search(TAG, None), 2)
        here.network.say("late", parent=None, is_told=False, tags=[TAG], late_ms=1_800_000)
        here.network.say("long ago", parent=None, is_told=False, tags=[TAG], late_ms=7_200_000)
        again = await _search(here.connector.search(TAG, seen.cursor), 1)
        assert "late" in again.texts
        assert "long ago" not in again.texts

    run(go)


def test_a_topic_without_a_letter_has_no_hashtag() -> None:
    async def go(here: Room) -> None:
        seen = await _search(here.connector.search("?!", None), 1)
        assert not seen.arrivals
        assert here.sent("GET", "/tag/") == 0

    run(go)
