"""What the rounds bring beside the ordinary, which the contract suite covers."""

from __future__ import annotations

import json

import pytest

from console.api import ItemKind, SlowDown
from console.api.stage import Seen, Trouble, now
from plugins.x.mapping import read_note
from plugins.x.paging import place_in
from plugins.x.reading import LISTED, NOT_SHOWN, OWN_ROUNDS
from plugins.x.wire import id_at
from tests.servers.false.x import FalseX
from tests.servers.false.x_memory import FORCE
from tests.unit.plugins.x.rooms import Room, by_id, reading, run

HOUR_MS = 3_600_000


def test_our_own_posts_arrive_as_ours() -> None:
    async def go(here: Room) -> None:
        async with reading(here) as stream:
            await stream.rounds(1)
        ours = by_id(stream.seen, here.memory.root)
        assert (ours.kind, ours.is_ours, ours.text) == (ItemKind.POST, True, "The ford road is closed.")

    run(go)


def test_a_reply_deep_in_our_conversation_is_found_though_it_mentions_nobody() -> None:
    async def go(here: Room) -> None:
        first = here.reply("first level")
        deep = here.reply("second level", to=first, author="4444444444444444444")
        async with reading(here) as stream:
            await stream.texts("first level", "second level")
        found = by_id(stream.seen, deep)
        assert found.kind is ItemKind.REPLY
        assert (found.parent, found.thread, found.where) == (
            first,
            here.memory.root,
            "The ford road is closed.",
        )
        assert read_note(found.note).is_below_us

    run(go)


def test_a_quote_of_our_post_is_found() -> None:
    async def go(here: Room) -> None:
        quote = here.memory.write("look at this", quotes=here.memory.root)
        async with reading(here) as stream:
            await stream.texts("look at this")
        found = by_id(stream.seen, quote)
        assert found.kind is ItemKind.QUOTE
        assert read_note(found.note).is_summoned

    run(go)


def test_a_mention_elsewhere_is_a_mention_and_its_conversation_not_ours() -> None:
    async def go(here: Room) -> None:
        root = here.memory.write("bins again", author="5555555555555555555")
        named = here.mention("and where is @force_example?", to=root)
        async with reading(here) as stream:
            await stream.texts("and where is @force_example?")
        found = by_id(stream.seen, named)
        assert found.kind is ItemKind.MENTION
        assert not read_note(found.note).is_below_us

    run(go)


def test_whose_an_older_conversation_is_is_asked_for_once() -> None:
    def prepare(network: FalseX) -> None:
        old = network.memory.write("An old post of ours.", author=FORCE, at=now() - 240 * HOUR_MS)
        for number in range(3):
            above = network.memory.write(f"above {number}", to=old, author="6666666666666666666")
            network.memory.write(
                f"deep {number}", to=above, entities={"mentions": [{"start": 0, "username": "force_example"}]}
            )

    async def go(here: Room) -> None:
        async with reading(here) as stream:
            await stream.texts("deep 0", "deep 1", "deep 2")
            await stream.rounds(2)
        deep = [one for one in stream.seen.arrivals if one.text.startswith("deep")]
        assert all(read_note(one.note).is_below_us for one in deep)
        assert {one.where for one in deep} == {"An old post of ours."}
        assert here.paths("/2/tweets") == 1

    run(go, prepare)


def test_after_a_long_gap_what_the_list_does_not_go_back_to_is_searched_for() -> None:
    async def go(here: Room) -> None:
        begun = now() - 5 * HOUR_MS
        count = LISTED + 60
        for number in range(count):
            here.reply(f"number {number}", at=begun + number * 1000)
        place = {"mentions": id_at(begun - 1000), "own": id_at(begun), "messages": 0, "threads": {}}
        async with reading(here, json.dumps(place)) as stream:
            await stream.until(lambda seen: len(seen.texts) >= count)
        assert not stream.seen.doubles()
        [further] = [one for one in here.network.requests if one.first("until_id")]
        assert further.first("query").startswith("@force_example")

    run(go)


def test_posts_are_handed_over_oldest_first_with_a_place_that_holds_after_each_page() -> None:
    async def go(here: Room) -> None:
        for number in range(450):
            here.reply(f"number {number}")
        async with reading(here) as stream:
            await stream.until(lambda seen: len(seen.texts) == 450)
        pages = [page for page in stream.seen.pages if any(not one.is_ours for one in page.arrivals)]
        assert len(pages) == 3
        for page in pages:
            ids = [int(one.remote_id) for one in page.arrivals]
            place = place_in(page.cursor)
            assert ids == sorted(ids)
            assert place is not None
            assert place.mentions == ids[-1]

    run(go)


def test_private_messages_come_where_a_person_wants_them() -> None:
    def prepare(network: FalseX) -> None:
        network.memory.tell("I saw the van")

    async def wanted(here: Room) -> None:
        async with reading(here) as stream:
            await stream.texts("I saw the van")
            again = stream.seen.cursor
            await stream.rounds(3)
        [message] = [one for one in stream.seen.arrivals if one.kind is ItemKind.MESSAGE]
        assert message.author.handle == "sam2222"
        assert place_in(again) is not None
        assert here.paths("/dm_events") == 1, "they may be listed once a minute"

    async def unwanted(here: Room) -> None:
        async with reading(here) as stream:
            await stream.rounds(3)
        assert here.paths("/dm_events") == 0

    run(wanted, prepare, messages="on")
    run(unwanted, prepare)


def test_private_messages_of_a_gap_are_read_to_the_place_and_no_further() -> None:
    def prepare(network: FalseX) -> None:
        for number in range(30):
            network.memory.tell(f"before {number}")

    async def go(here: Room) -> None:
        async with reading(here) as stream:
            await stream.rounds(1)
        first = {one.text for one in stream.seen.arrivals if one.kind is ItemKind.MESSAGE}
        assert first == {f"before {number}" for number in range(10, 30)}, "a first look is one page"
        for number in range(50):
            here.memory.tell(f"later {number}")
        here.clock.ahead_ms += 120_000
        async with reading(here, stream.seen.cursor) as again:
            await again.texts(*(f"later {number}" for number in range(50)))
        assert here.paths("/dm_events") == 1 + 3
        assert not any(page.complaints for page in again.seen.pages)

    run(go, prepare, messages="on")


def test_that_mentions_may_not_be_shown_is_said_until_they_may() -> None:
    async def go(here: Room) -> None:
        here.network.misbehave(Trouble.EMPTY)
        async with reading(here) as stream:
            await stream.rounds(1)
            assert stream.seen.pages[-1].notice == NOT_SHOWN
            here.network.behave()
            await stream.rounds(1)
            assert stream.seen.pages[-1].notice == ""

    run(go)


def test_answers_in_the_newer_names_are_read_as_well() -> None:
    def prepare(network: FalseX) -> None:
        network.is_new_form = True

    async def go(here: Room) -> None:
        reply = here.reply("in newer names")
        async with reading(here) as stream:
            await stream.texts("in newer names")
            newer = here.memory.rewrite(reply, "edited in newer names")
            await stream.texts("edited in newer names")
        found = by_id(stream.seen, reply)
        assert found.kind is ItemKind.REPLY
        assert found.parent == here.memory.root
        assert found.edited_at is not None
        assert read_note(found.note).version == newer

    run(go, prepare)


def test_a_list_of_lesser_weight_that_reached_its_ceiling_does_not_stop_the_mentions() -> None:
    async def go(here: Room) -> None:
        take = here.allowance.take

        async def refusing(ceiling: str, points: int = 1) -> None:
            if ceiling in {"searches", "private messages"}:
                raise SlowDown("Used up.", until=here.clock.now() + 60_000)
            await take(ceiling, points)

        here.allowance.take = refusing  # type: ignore[method-assign]  # a ceiling that others used up
        here.reply("still heard")
        async with reading(here) as stream:
            await stream.texts("still heard")
            await stream.rounds(3)
        assert here.paths("/search/recent") == 0

    run(go, messages="on")


def test_conversations_are_still_searched_after_a_new_start() -> None:
    async def go(here: Room) -> None:
        async with reading(here) as stream:
            await stream.rounds(OWN_ROUNDS + 1)
        place = place_in(stream.seen.cursor)
        assert place is not None
        assert here.memory.root in place.threads
        first = here.reply("later", author="4444444444444444444")
        here.reply("deeper", to=first, author="5555555555555555555")
        here.clock.ahead_ms += HOUR_MS
        async with reading(here, stream.seen.cursor) as again:
            await again.texts("later", "deeper")

    run(go)


def test_what_was_said_long_ago_below_an_older_post_is_not_paid_for() -> None:
    def prepare(network: FalseX) -> None:
        old = network.memory.write("Two days old.", author=FORCE, at=now() - 48 * HOUR_MS)
        above = network.memory.write("long ago", to=old, at=now() - 47 * HOUR_MS)
        network.memory.write("deep and long ago", to=above, author="77", at=now() - 46 * HOUR_MS)
        network.memory.write("deep and new", to=above, author="77")

    async def go(here: Room) -> None:
        async with reading(here) as stream:
            await stream.texts("deep and new")
            await stream.rounds(2)
        assert stream.seen.texts == {"deep and new"}

    run(go, prepare)


def test_a_quiet_conversation_is_searched_from_where_the_last_search_ended() -> None:
    async def go(here: Room) -> None:
        async with reading(here) as stream:
            await stream.rounds(1)
        place = place_in(stream.seen.cursor)
        assert place is not None
        assert place.threads[here.memory.root] > id_at(now() - HOUR_MS // 2)

    run(go)


def test_a_conversation_older_than_x_can_search_is_let_go() -> None:
    async def go(here: Room) -> None:
        async with reading(here) as stream:
            await stream.rounds(2)
            assert here.memory.root in here.x._reading._rounds
            here.clock.ahead_ms += 8 * 24 * HOUR_MS
            await stream.rounds(1)
            assert here.memory.root not in here.x._reading._rounds

    run(go)


@pytest.mark.parametrize("cursor", ["", "[]", '{"mentions": "x"}', '{"other": 1}'])
def test_a_place_that_cannot_be_read_is_said_and_the_last_day_read_again(cursor: str) -> None:
    async def go(here: Room) -> None:
        here.reply("first")

        def is_done(seen: Seen) -> bool:
            return "first" in seen.texts

        async with reading(here, cursor) as stream:
            await stream.until(is_done)
        assert "read again" in stream.seen.pages[0].complaints[0]

    run(go)
