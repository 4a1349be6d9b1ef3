"""What the stream brings: from every list, after every gap, and what changed since."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import pytest

from console.api import ItemKind, ItemState, NotAllowed
from console.api.stage import scene, watch, watching
from plugins.reddit.intake import MOST_WATCHED, Intake
from tests.servers.false.reddit import FORCE, RedditNetwork, RedditStage
from tests.servers.false.server import Answer, Request
from tests.unit.plugins.reddit.rooms import Room, pages_until, room, run, sights_of


def test_new_things_are_heard_after_the_comment_they_were_asked_by_was_deleted() -> None:
    async def test(here: Room) -> None:
        async with watching(here.scene.connector) as stream:
            name = here.network.say("soon deleted")
            await stream.until({"soon deleted"}, more_pages=1)
            here.network.withdraw(name)
            here.network.say("and still heard")
            await stream.until({"and still heard"})

    run(test)


def test_a_burst_between_two_rounds_is_read_to_its_end() -> None:
    async def test(here: Room) -> None:
        async with watching(here.scene.connector) as stream:
            here.network.say("before")
            await stream.until({"before"}, more_pages=1)
            texts = {f"burst {number}" for number in range(350)}
            for text in texts:
                here.network.say(text)
            seen = await stream.until(texts)
            assert not seen.doubles()

    run(test)


def test_quiet_rounds_ask_only_for_what_is_newer() -> None:
    async def test(here: Room) -> None:
        here.network.say("the newest")
        await watch(here.scene.connector, {"the newest"}, more_pages=12)
        asked = [one for one in here.network.requests if one.path.endswith("/comments")]
        assert sum("before" in one.query for one in asked) > len(asked) / 2

    run(test)


def test_a_change_within_minutes_is_an_edit_though_reddit_does_not_call_it_one() -> None:
    async def test(here: Room) -> None:
        name = here.network.say("the ring road is closed")
        async with watching(here.scene.connector) as stream:
            await stream.until({"the ring road is closed"})
            here.network.things[name]["body"] = "the ring road is open"
            seen = await stream.until({"the ring road is open"})
        [edit] = [one for one in seen.arrivals if one.text == "the ring road is open"]
        assert (edit.remote_id, edit.edited_at) == (name, None)

    run(test)


def test_an_edit_of_something_old_is_read_from_the_list_of_edits() -> None:
    async def test(here: Room) -> None:
        day = 86_400_000
        old = here.network.say("old words", late_ms=3 * day)
        here.network.things[old] |= {"body": "new words below an old post", "edited": time.time()}
        seen = await watch(here.scene.connector, {"new words below an old post"})
        assert "old words" not in seen.texts

    run(test)


def test_what_is_as_old_as_that_and_unchanged_is_left_alone() -> None:
    async def test(here: Room) -> None:
        here.network.say("from last week", late_ms=7 * 86_400_000)
        here.network.say("from today")
        seen = await watch(here.scene.connector, {"from today"}, more_pages=8)
        assert "from last week" not in seen.texts

    run(test)


def test_what_a_filter_held_back_comes_as_held_however_old() -> None:
    async def test(here: Room) -> None:
        name = here.network.say("held by a filter", late_ms=3 * 86_400_000)
        here.network.moderate(name, by=True)
        seen = await watch(here.scene.connector, {"held by a filter"})
        assert seen.arrivals[-1].state is ItemState.HELD

    run(test)


def test_what_a_colleague_does_elsewhere_is_noticed_both_ways() -> None:
    async def test(here: Room) -> None:
        name = here.network.say("moderated elsewhere")
        async with watching(here.scene.connector) as stream:
            await stream.until({"moderated elsewhere"})
            here.network.moderate(name, by="colleague_example")
            await pages_until(stream, lambda seen: ItemState.HIDDEN in sights_of(seen, name))
            here.network.moderate(name, by=None)
            await pages_until(stream, lambda seen: ItemState.VISIBLE in sights_of(seen, name))
            assert sights_of(stream.seen, name) == [ItemState.HIDDEN, ItemState.VISIBLE]

    run(test)


def test_what_was_taken_back_while_nobody_listened_is_noticed_after_a_new_start() -> None:
    async def test(here: Room) -> None:
        name = here.network.say("taken back during the night")
        here.network.say("another")
        seen = await watch(here.scene.connector, {"taken back during the night", "another"}, more_pages=1)
        here.network.withdraw(name)
        async with watching(here.scene.connector, seen.cursor) as stream:
            await pages_until(stream, lambda later: ItemState.GONE in sights_of(later, name))

    run(test)


def test_what_reddit_no_longer_gives_by_name_is_gone() -> None:
    async def test(here: Room) -> None:
        name = here.network.say("purged by reddit itself")
        here.network.say("left alone")
        async with watching(here.scene.connector) as stream:
            await stream.until({"purged by reddit itself", "left alone"})
            here.network.lost.add(name)
            await pages_until(stream, lambda seen: sights_of(seen, name) == [ItemState.GONE])

    run(test)


def test_the_inbox_brings_mentions_elsewhere_answers_and_private_messages() -> None:
    def prepare(network: RedditNetwork) -> None:
        elsewhere: dict[str, Any] = {
            "subreddit": "Harbours",
            "link_id": "",
            "context": "/r/Harbours/comments/x/y/z/",
        }
        network.inbox.append(network.say("u/force_example look", type="username_mention", **elsewhere))
        answer: dict[str, Any] = {"type": "comment_reply", "parent_id": "t1_ours"}
        network.inbox.append(network.say("that is no answer", **elsewhere, **answer))
        message: dict[str, Any] = {"body": "I have lost my keys", "subject": "Keys", "subreddit": None}
        network.inbox.append(network.add("t4", "ivo_example", **message))

    async def go() -> None:
        async with room(prepare) as here:
            texts = {"u/force_example look", "that is no answer", "I have lost my keys"}
            seen = await watch(here.scene.connector, texts)
            kinds = {one.text: one.kind for one in seen.arrivals if one.text in texts}
            assert kinds == {
                "u/force_example look": ItemKind.MENTION,
                "that is no answer": ItemKind.REPLY,
                "I have lost my keys": ItemKind.MESSAGE,
            }

    asyncio.run(go())


def test_posts_of_others_in_our_subreddit_are_heard_and_ours_are_ours() -> None:
    async def test(here: Room) -> None:
        here.network.add("t3", "ivo_example", title="Is the ford open?", selftext="")
        seen = await watch(here.scene.connector, {"Is the ford open?"})
        assert {one.is_ours for one in seen.arrivals if one.author.handle == FORCE} == {True}

    run(test)


def test_an_account_that_moderates_nothing_is_told_and_still_reads() -> None:
    async def go() -> None:
        with RedditNetwork() as network:
            network.permissions = None
            network.say("read without rights")
            async with scene(RedditStage(network), opens=False) as act:
                profile = await act.connector.open()
                assert "does not moderate" in profile.notices[0]
                seen = await watch(act.connector, {"read without rights"}, more_pages=2)
                notices = [page.notice for page in seen.pages if page.notice]
                assert "The queue cannot be read" in notices[0]

    asyncio.run(go())


def test_a_notice_ends_when_all_is_well_again() -> None:
    async def test(here: Room) -> None:
        async with watching(here.scene.connector) as stream:
            await stream.until((), more_pages=1)
            here.network.permissions = None
            await pages_until(stream, lambda seen: any(page.notice for page in seen.pages))
            here.network.permissions = ["all"]
            await pages_until(stream, lambda seen: any(page.notice == "" for page in seen.pages))

    run(test)


def test_a_subreddit_that_cannot_be_read_is_a_refusal_in_words() -> None:
    async def go() -> None:
        with RedditNetwork() as network:
            stage = RedditStage(network)
            stage.settings = {**stage.settings, "subreddit": "SomebodyElses"}
            async with scene(stage) as act:
                with pytest.raises(NotAllowed, match="private"):
                    await watch(act.connector, {"never"})

    asyncio.run(go())


def test_an_account_without_a_subreddit_is_told_to_choose_one() -> None:
    async def go() -> None:
        with RedditNetwork() as network:
            stage = RedditStage(network)
            stage.settings = {**stage.settings, "subreddit": ""}
            async with scene(stage, opens=False) as act:
                with pytest.raises(NotAllowed, match="choose"):
                    await act.connector.open()

    asyncio.run(go())


def test_a_gap_longer_than_reddit_lists_is_said() -> None:
    async def go() -> None:
        async with room(_many) as here:
            seen = await watch(here.scene.connector, {"number 0"})
            complaints = [words for page in seen.pages for words in page.complaints]
            assert any("only about 1,000 comments" in words for words in complaints)

    asyncio.run(go())


def test_the_place_stays_small_however_much_was_said() -> None:
    intake = Intake("me", "Sub", ())
    for number in range(MOST_WATCHED + 50):
        data = {
            "name": f"t1_{number}",
            "author": "sam",
            "body": "words",
            "created_utc": 1.0,
            "subreddit": "Sub",
        }
        intake.take([json.dumps({"kind": "t1", "data": data}).encode()])
    assert len(intake.watched) == MOST_WATCHED
    assert "t1_0" not in intake.watched
    assert len(json.dumps({"until": {}, "watched": list(intake.watched)})) < 20_000


def test_what_is_older_than_its_text_may_be_kept_is_not_looked_at_any_more() -> None:
    async def test(here: Room) -> None:
        name = here.network.say("held for days", late_ms=3 * 86_400_000)
        here.network.moderate(name, by=True)
        async with watching(here.scene.connector) as stream:
            await stream.until({"held for days"})
            await pages_until(stream, lambda seen: name not in json.loads(seen.cursor or "{}")["watched"])

    run(test)


def test_a_broken_item_is_complained_of_once() -> None:
    intake = Intake("me", "Sub", ())
    broken = b'{"kind": "t1", "data": {"name": 5}}'
    assert len(intake.take([broken]).complaints) == 1
    assert intake.take([broken]).complaints == []


def _many(network: RedditNetwork) -> None:
    for number in range(950):
        network.say(f"number {number}")


def test_a_mention_elsewhere_that_is_taken_back_is_noticed_too() -> None:
    def prepare(network: RedditNetwork) -> None:
        elsewhere: dict[str, Any] = {"subreddit": "Harbours", "context": "/r/Harbours/comments/x/y/z/"}
        network.inbox.append(network.say("u/force_example look", type="username_mention", **elsewhere))

    async def go() -> None:
        async with room(prepare) as here, watching(here.scene.connector) as stream:
            await stream.until({"u/force_example look"})
            name = here.network.inbox[0]
            here.network.withdraw(name)
            await pages_until(stream, lambda seen: ItemState.GONE in sights_of(seen, name))

    asyncio.run(go())


def test_a_lesser_list_of_another_shape_does_not_stop_the_comments_and_is_said() -> None:
    class Changed(RedditNetwork):
        def answer(self, request: Request) -> Answer:
            found = super().answer(request)
            return Answer({"entries": []}) if request.path.endswith("/about/log") else found

    async def go() -> None:
        with Changed() as network:
            async with scene(RedditStage(network)) as act, watching(act.connector) as stream:
                network.say("still heard")
                await stream.until({"still heard"}, more_pages=2)
                notices = [page.notice for page in stream.seen.pages if page.notice]
                assert "The log of moderators cannot be read" in notices[0]

    asyncio.run(go())
