"""What the stream brings: from photos that changed, from those whose turn it is, and after every gap."""

from __future__ import annotations

import asyncio
import json

from console.api import ItemKind, ItemState
from console.api.stage import Seen, watch, watching
from plugins.flickr.intake import MOST_REMEMBERED, MOST_WATCHED, Intake
from plugins.flickr.reading import MOST_LOOKS
from tests.servers.false.flickr import FlickrNetwork
from tests.unit.plugins.flickr.rooms import Room, gone_in, pages_until, room, run

HOUR_MS = 3_600_000


def lists_of(here: Room) -> int:
    """How often comments were asked for."""
    return sum(one.first("method").endswith("getList") for one in here.network.requests)


def entry(number: int, **fields: object) -> bytes:
    """A comment of a list."""
    data = {"id": f"1-2-{number}", "author": "2000@N01", "datecreate": "1000", "_content": "words"}
    return json.dumps({**data, **fields}).encode()


def test_a_new_photo_is_something_the_force_published_and_an_old_one_is_not_news() -> None:
    def prepare(network: FlickrNetwork) -> None:
        old = network.upload("From last year", ago_s=300 * 86_400)
        network.say("a new word below an old photo", photo=old)

    async def go() -> None:
        async with room(prepare) as here:
            seen = await watch(here.connector, {"a new word below an old photo"})
            posts = [one.text for one in seen.arrivals if one.kind is ItemKind.POST]
            assert posts == ["Road closed at Quay Road"]
            comment = next(one for one in seen.arrivals if one.kind is ItemKind.COMMENT)
            assert comment.where == "From last year"

    asyncio.run(go())


def test_old_comments_below_a_photo_that_changed_are_no_news() -> None:
    async def test(here: Room) -> None:
        here.network.say("from last week", late_ms=7 * 24 * HOUR_MS)
        here.network.say("from today")
        seen = await watch(here.connector, {"from today"}, more_pages=3)
        assert "from last week" not in seen.texts

    run(test)


def test_a_photo_that_did_not_change_is_not_looked_at_until_its_turn_comes() -> None:
    async def test(here: Room) -> None:
        here.ahead_ms = 60_000
        async with watching(here.connector) as stream:
            name = here.network.say("once heard")
            await stream.until({"once heard"}, more_pages=2)
            before = lists_of(here)
            await stream.until((), more_pages=6)
            assert lists_of(here) == before
            here.network.withdraw(name)
            here.ahead_ms += 4 * 60_000
            await pages_until(stream, lambda seen: name in gone_in(seen))

    run(test)


def test_a_quiet_photo_is_looked_at_sooner_while_an_incident_is_open() -> None:
    async def turns(here: Room, *, is_incident: bool) -> int:
        here.ahead_ms = 60_000
        async with watching(here.connector) as stream:
            here.network.say(f"heard {is_incident}")
            await stream.until({f"heard {is_incident}"}, more_pages=2)
            for _ in range(12):  # each look that finds nothing makes the next wait longer
                here.ahead_ms += 4 * HOUR_MS
                await stream.until((), more_pages=2)
            before = lists_of(here)
            here.is_incident = is_incident
            here.ahead_ms += 16 * 60_000
            await stream.until((), more_pages=2)
            return lists_of(here) - before

    async def go() -> None:
        async with room() as calm:
            assert await turns(calm, is_incident=False) == 0
        async with room() as busy:
            assert await turns(busy, is_incident=True) == 1

    asyncio.run(go())


def test_many_photos_that_changed_are_read_in_turn_and_none_is_forgotten() -> None:
    texts = {f"below photo {number}" for number in range(3 * MOST_LOOKS)}

    def prepare(network: FlickrNetwork) -> None:
        for text in texts:
            network.say(text, photo=network.upload(f"Photo of {text}"))

    async def go() -> None:
        async with room(prepare) as here:
            first = Seen()
            async with watching(here.connector, None, first) as stream:
                await stream.until((), more_pages=MOST_LOOKS // 2)
            # As after a crash in the middle of a round: the mark must not have passed what is waiting.
            rest = await watch(here.connector, texts - first.texts, cursor=first.cursor)
            assert first.texts | rest.texts >= texts

    asyncio.run(go())


def test_what_was_deleted_while_nobody_listened_is_noticed_after_a_new_start() -> None:
    async def test(here: Room) -> None:
        name = here.network.say("deleted during the night")
        here.network.say("another")
        seen = await watch(here.connector, {"deleted during the night", "another"}, more_pages=1)
        here.network.withdraw(name)
        async with watching(here.connector, seen.cursor) as stream:
            await pages_until(stream, lambda later: gone_in(later) == [name])

    run(test)


def test_the_last_comment_of_a_photo_may_go_too() -> None:
    async def test(here: Room) -> None:
        async with watching(here.connector) as stream:
            name = here.network.say("the only one")
            await stream.until({"the only one"})
            here.network.withdraw(name)
            await pages_until(stream, lambda seen: gone_in(seen) == [name])

    run(test)


def test_comments_that_are_counted_and_not_listed_are_a_missing_right_and_not_gone() -> None:
    async def test(here: Room) -> None:
        async with watching(here.connector) as stream:
            here.network.say("still there")
            await stream.until({"still there"})
            here.network.shows_comments = False
            await pages_until(stream, lambda seen: any("right" in (page.notice or "") for page in seen.pages))
            assert gone_in(stream.seen) == []
            here.network.shows_comments = True
            await pages_until(stream, lambda seen: any(page.notice == "" for page in seen.pages))

    run(test)


def test_a_photo_that_was_deleted_takes_its_comments_with_it() -> None:
    async def test(here: Room) -> None:
        async with watching(here.connector) as stream:
            photo = here.network.upload("Soon gone")
            name = here.network.say("below it", photo=photo)
            await stream.until({"below it"}, more_pages=1)
            del here.network.photos[photo]
            here.ahead_ms = 4 * 60_000
            await pages_until(stream, lambda seen: set(gone_in(seen)) == {photo, name})

    run(test)


def test_a_change_of_words_is_the_same_comment_with_other_words() -> None:
    memory = Intake("1000@N00", 0, {})
    [first] = memory.take("2", "", [entry(1)]).arrivals
    [second] = memory.take("2", "", [entry(1, _content="other words")]).arrivals
    assert (first.remote_id, first.text) == (second.remote_id, "words")
    assert (second.text, second.edited_at) == ("other words", None)
    assert memory.take("2", "", [entry(1, _content="other words")]).arrivals == []


def test_with_a_broken_comment_in_the_list_nothing_is_called_missing_and_it_is_complained_of_once() -> None:
    memory = Intake("1000@N00", 0, {})
    memory.take("2", "", [entry(1), entry(2)])
    broken = memory.take("2", "", [entry(1), b'{"id": 5}'])
    assert (broken.sights, len(broken.complaints)) == ([], 1)
    later = memory.take("2", "", [entry(1), b'{"id": 5}'])
    assert (later.sights, later.complaints) == ([], []), "whose the broken one is stays unknown"
    again = memory.take("2", "", [entry(1), entry(2), b'{"id": 5}'])
    assert (again.arrivals, again.complaints) == ([], [])


def test_the_place_and_the_memory_stay_small_however_much_was_said() -> None:
    memory = Intake("1000@N00", 0, {})
    for photo in range(30):
        numbers = range(photo * 1000, photo * 1000 + 1000)
        memory.take(str(photo), "", [entry(number) for number in numbers])
    assert sum(map(len, memory.watched.values())) == MOST_WATCHED
    assert "29" in memory.watched
    assert sum(memory.count(str(photo)) for photo in range(30)) <= MOST_REMEMBERED


def test_a_comment_that_an_earlier_run_knew_is_said_again_however_old() -> None:
    memory = Intake("1000@N00", 5_000_000, {"2": ["1-2-1"]})
    harvest = memory.take("2", "", [entry(1), entry(2)])
    assert [one.remote_id for one in harvest.arrivals] == ["1-2-1"]
    assert harvest.arrivals[0].state is ItemState.VISIBLE
