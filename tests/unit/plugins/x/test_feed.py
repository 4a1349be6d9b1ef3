"""A stream beside the rounds: quick, and never trusted to be whole."""

from __future__ import annotations

from typing import Any

import pytest

from console.api import ItemKind, ItemState, SlowDown
from console.api.stage import Seen
from plugins.x.feed import EVENTS, MESSAGE_EVENT
from plugins.x.mapping import read_note
from plugins.x.paging import place_in
from plugins.x.reading import FED_ROUNDS
from tests.servers.false.x import FalseX
from tests.servers.false.x_memory import FORCE
from tests.unit.plugins.x.rooms import Reader, Room, by_id, reading, run


async def _listening(stream: Reader, here: Room) -> None:
    """Waits until the stream is open and the round that closes the gap before it is over."""
    await stream.until(lambda _: len(here.network.listeners) == 1)
    await stream.rounds(2)


def _event(here: Room, kind: str, payload: dict[str, Any], **more: Any) -> dict[str, Any]:
    data = {"event_uuid": here.memory.number(), "filter": {"user_id": FORCE}, "event_type": kind}
    return {"data": {**data, "tag": "any", "payload": payload, **more}}


def _only_streamed(here: Room, post_id: str) -> dict[str, Any]:
    """A post that no list shows, as one that X has not listed yet."""
    return here.memory.posts.pop(post_id)


def test_a_reply_in_the_activity_stream_arrives_without_being_listed() -> None:
    async def go(here: Room) -> None:
        async with reading(here) as stream:
            await _listening(stream, here)
            reply = here.reply("seconds ago", author="7777777777777777777")
            here.network.announce(_event(here, "post.reply.create", _only_streamed(here, reply)))
            await stream.texts("seconds ago")
        found = by_id(stream.seen, reply)
        assert found.kind is ItemKind.REPLY
        assert found.author.handle == "sam7777", "the stream names no authors, so they are asked for"
        assert read_note(found.note).is_below_us

    run(go, reading="activity")


def test_the_app_asks_once_for_each_kind_of_event() -> None:
    async def go(here: Room) -> None:
        async with reading(here) as stream:
            await _listening(stream, here)
        async with reading(here) as stream:
            await _listening(stream, here)
        assert [one["event_type"] for one in here.network.subscriptions] == [*EVENTS, MESSAGE_EVENT]
        assert {one["filter"]["user_id"] for one in here.network.subscriptions} == {FORCE}

    run(go, reading="activity", messages="on")


def test_events_of_another_account_of_the_same_app_are_not_ours() -> None:
    async def go(here: Room) -> None:
        async with reading(here) as stream:
            await _listening(stream, here)
            other = here.memory.write("to somebody else")
            line = _event(here, "post.reply.create", _only_streamed(here, other))
            line["data"]["filter"]["user_id"] = "9999"
            here.network.announce(line)
            ours = here.reply("to us")
            here.network.announce(_event(here, "post.reply.create", _only_streamed(here, ours)))
            await stream.texts("to us")
        assert "to somebody else" not in stream.seen.texts

    run(go, reading="activity")


def test_a_post_of_ours_that_was_deleted_elsewhere_is_seen_to_be_gone() -> None:
    async def go(here: Room) -> None:
        async with reading(here) as stream:
            await _listening(stream, here)
            here.network.announce(_event(here, "post.delete", {"id": here.memory.root, "author_id": FORCE}))
            await stream.until(lambda seen: any(page.sights for page in seen.pages))
        [sight] = [sight for page in stream.seen.pages for sight in page.sights]
        assert (sight.remote_id, sight.state) == (here.memory.root, ItemState.DELETED)

    run(go, reading="activity")


def test_a_private_message_in_the_stream_is_one() -> None:
    async def go(here: Room) -> None:
        async with reading(here) as stream:
            await _listening(stream, here)
            message = here.memory.tell("quick word")
            here.network.announce(_event(here, MESSAGE_EVENT, message))
            await stream.texts("quick word")
        assert {one.kind for one in stream.seen.arrivals if one.text == "quick word"} == {ItemKind.MESSAGE}

    run(go, reading="activity", messages="on")


def test_the_filtered_stream_brings_what_our_rule_finds_and_not_what_anothers_does() -> None:
    async def go(here: Room) -> None:
        async with reading(here) as stream:
            await _listening(stream, here)
            [rule] = here.network.rules
            assert rule["value"] == "(to:force_example OR @force_example) -is:retweet -from:force_example"
            for text, tag in (("theirs", "another program"), ("ours", rule["tag"])):
                post = _only_streamed(here, here.mention(text))
                rules = [{"id": "1", "tag": tag}]
                users = {"users": [here.memory.users[post["author_id"]]]}
                here.network.announce({"data": post, "includes": users, "matching_rules": rules})
            await stream.texts("ours")
        assert "theirs" not in stream.seen.texts

    run(go, reading="filtered")


def test_a_rule_that_is_there_already_is_not_made_again() -> None:
    async def go(here: Room) -> None:
        for _ in range(2):
            async with reading(here) as stream:
                await _listening(stream, here)
        assert len(here.network.rules) == 1

    run(go, reading="filtered")


def test_what_was_said_while_the_stream_was_down_is_listed_at_once_after_it_is_back() -> None:
    async def go(here: Room) -> None:
        async with reading(here) as stream:
            await _listening(stream, here)
            here.network.hang_up()
            here.reply("said in the gap")
            await stream.texts("said in the gap")
            await _listening(stream, here)
            reply = here.reply("and after it")
            here.network.announce(_event(here, "post.reply.create", here.memory.posts[reply]))
            await stream.texts("and after it")
            await stream.rounds(8)
        assert not stream.seen.doubles(), "the stream and the lists bring it once between them"

    run(go, reading="activity")


def test_the_place_goes_on_though_the_stream_was_quicker_than_the_lists() -> None:
    async def go(here: Room) -> None:
        async with reading(here) as stream:
            await _listening(stream, here)
            reply = here.reply("quick")
            here.network.announce(_event(here, "post.reply.create", here.memory.posts[reply]))
            await stream.texts("quick")
            await stream.rounds(2 * FED_ROUNDS)
        place = place_in(stream.seen.cursor)
        assert place is not None
        assert place.mentions == int(reply)

    run(go, reading="activity")


def test_an_edited_post_of_ours_that_is_deleted_is_told_by_its_first_id() -> None:
    async def go(here: Room) -> None:
        newer = here.memory.rewrite(here.memory.root, "The ford road is closed until noon.")
        async with reading(here) as stream:
            await _listening(stream, here)
            here.network.announce(_event(here, "post.delete", {"id": newer, "author_id": FORCE}))
            await stream.until(lambda seen: any(page.sights for page in seen.pages))
        [sight] = [sight for page in stream.seen.pages for sight in page.sights]
        assert sight.remote_id == here.memory.root

    run(go, reading="activity")


def test_a_line_that_cannot_be_read_costs_that_line() -> None:
    async def go(here: Room) -> None:
        async with reading(here) as stream:
            await _listening(stream, here)
            for listener in here.network.listeners:
                listener.put(b'{"data": {"event_type": 5}}\r\nnot json\r\n[]\r\n\r\n')
            reply = here.reply("whole")
            here.network.announce(_event(here, "post.reply.create", _only_streamed(here, reply)))
            await stream.texts("whole")

    run(go, reading="activity")


def test_a_stream_that_is_not_to_be_had_is_said_and_the_account_is_polled() -> None:
    def prepare(network: FalseX) -> None:
        network.stream_limit = 0

    async def go(here: Room) -> None:
        here.reply("heard all the same")
        async with reading(here) as stream:
            await stream.texts("heard all the same")
            await stream.until(lambda seen: bool(seen.pages[-1].notice))
            assert "in use" in (stream.seen.pages[-1].notice or "")
            here.reply("and this too")
            await stream.texts("and this too")
            here.network.stream_limit = 2
            await stream.until(lambda seen: seen.pages[-1].notice == "")

    run(go, prepare, reading="activity")


def test_a_token_of_the_app_that_is_not_taken_leaves_the_account_polled() -> None:
    async def go(here: Room) -> None:
        here.x._session._kept = type(here.x._session._kept)(
            app_token="a wrong one", session=here.x._session._kept.session
        )
        here.reply("heard all the same")

        def is_told(seen: Seen) -> bool:
            return any("Bearer Token" in (page.notice or "") for page in seen.pages)

        async with reading(here) as stream:
            await stream.texts("heard all the same")
            await stream.until(is_told)

    run(go, reading="filtered")


def test_a_stream_ends_with_the_days_money() -> None:
    async def go(here: Room) -> None:
        async with reading(here) as stream:
            await _listening(stream, here)
            await here.x._session.money.note(99_980)
            reply = here.reply("the last one", author="8888888888888888888")
            here.network.announce(_event(here, "post.reply.create", _only_streamed(here, reply)))
            with pytest.raises(SlowDown):
                await stream.rounds(50)
        assert "the last one" in stream.seen.texts, "it was paid, so it is handed over"

    run(go, reading="activity")
