"""What the stream brings and what it says of itself, beyond what the contract suite asks of everybody."""

from __future__ import annotations

import json
from functools import partial

import pytest

from console.api import ItemKind, ItemState, NotAllowed
from console.api.stage import Seen, Trouble, as_generator, watch, watching
from plugins.threads.reading import NO_POSTS, NO_REPLIES, SWEEP_EACH, WATCHED_MS
from plugins.threads.searching import NOTHING
from tests.servers.false.threads import ThreadsNetwork
from tests.unit.plugins.threads.rooms import Room, in_room

DAY = 86_400


def test_each_reply_says_where_it_stands() -> None:
    def prepare(network: ThreadsNetwork) -> None:
        network.say("nested", below=network.say("top"))

    async def go(here: Room) -> None:
        seen = await watch(here.scene.connector, {"top", "nested"})
        found = {one.text: one for one in seen.arrivals}
        top, nested, root = found["top"], found["nested"], here.network.root
        assert (top.parent, top.thread, nested.parent, nested.thread) == (root, root, top.remote_id, root)
        assert top.kind is ItemKind.REPLY
        assert top.where.startswith("Chandlers Row is closed")
        assert top.permalink.startswith("https://www.threads.com/@sam.example/")
        assert (top.author.id, top.author.handle) == ("sam.example", "sam.example")
        assert not top.is_ours

    in_room(go, prepare)


def test_a_mention_and_a_quote_are_what_they_are_and_one_in_our_thread_is_a_reply() -> None:
    def prepare(network: ThreadsNetwork) -> None:
        network.mention("hello @force.example")
        network.mention("look at this", quotes=True)
        network.posts[network.say("@force.example look")].mentions_us = True

    async def go(here: Room) -> None:
        texts = {"hello @force.example", "look at this", "@force.example look"}
        seen = await watch(here.scene.connector, texts, more_pages=4)
        kinds = {one.text: one.kind for one in seen.arrivals if not one.is_ours}
        assert kinds == {
            "hello @force.example": ItemKind.MENTION,
            "look at this": ItemKind.QUOTE,
            "@force.example look": ItemKind.REPLY,
        }
        assert not seen.doubles()

    in_room(go, prepare)


def test_mentions_after_a_gap_are_caught_up_with() -> None:
    async def go(here: Room) -> None:
        here.network.mention("before")
        seen = await watch(here.scene.connector, {"before"}, more_pages=2)
        for number in range(120):
            here.network.mention(f"mention {number}")
        texts = {f"mention {number}" for number in range(120)}
        await watch(here.scene.connector, texts, cursor=seen.cursor)

    in_room(go)


def test_a_reply_that_waits_for_approval_is_held_and_comes_once() -> None:
    def prepare(network: ThreadsNetwork) -> None:
        network.root = network.publish("Say what you saw.", has_approvals=True, age=60)
        network.say("waits")
        network.posts[network.say("set aside")].approval = "IGNORED"

    async def go(here: Room) -> None:
        seen = Seen()
        async with watching(here.scene.connector, seen=seen) as stream:
            await stream.until({"waits", "set aside"})
            found = {one.text: one for one in seen.arrivals}
            assert {found["waits"].state, found["set aside"].state} == {ItemState.HELD}
            here.network.posts[found["waits"].remote_id].approval = ""
            for _ in range(20):
                await stream.until((), more_pages=1)
                if any(page.sights for page in seen.pages):
                    break
        sights = {one.remote_id: one.state for page in seen.pages for one in page.sights}
        assert sights == {found["waits"].remote_id: ItemState.VISIBLE}
        assert not seen.doubles()

    in_room(go, prepare)


def test_what_is_hidden_elsewhere_is_noticed() -> None:
    async def go(here: Room) -> None:
        reply = here.network.posts[here.network.say("hidden in the app")]
        hide = partial(setattr, reply, "hide_status", "HIDDEN")
        [sight] = await here.sights_after("hidden in the app", hide)
        assert (sight.remote_id, sight.state) == (reply.id, ItemState.HIDDEN)

    in_room(go)


@pytest.mark.parametrize("status", ["COVERED", "BLOCKED", "RESTRICTED"])
def test_what_threads_keeps_out_of_sight_comes_as_hidden_with_the_reason(status: str) -> None:
    def prepare(network: ThreadsNetwork) -> None:
        network.posts[network.say("kept away")].hide_status = status

    async def go(here: Room) -> None:
        arrival = await here.arrival("kept away")
        assert arrival.state is ItemState.HIDDEN
        assert json.loads(arrival.note)["status"] == status

    in_room(go, prepare)


def test_a_post_of_ours_that_is_deleted_is_said_to_be_gone() -> None:
    async def go(here: Room) -> None:
        here.network.say("the last one")
        delete = partial(here.network.posts.pop, here.network.root)
        [sight] = await here.sights_after("the last one", delete)
        assert (sight.remote_id, sight.state) == (here.network.root, ItemState.GONE)

    in_room(go)


def test_replies_do_not_seem_gone_when_the_whole_thread_cannot_be_seen() -> None:
    async def go(here: Room) -> None:
        here.network.say("still there")
        seen = Seen()
        async with watching(here.scene.connector, seen=seen) as stream:
            await stream.until({"still there"}, more_pages=SWEEP_EACH)
            here.network.misbehave(Trouble.EMPTY)
            await stream.until((), more_pages=4 * SWEEP_EACH)
        assert not [one for page in seen.pages for one in page.sights]

    in_room(go)


def test_no_posts_at_all_and_no_replies_at_all_are_not_taken_for_peace() -> None:
    async def go(here: Room) -> None:
        here.network.say("heard")
        seen = await watch(here.scene.connector, {"heard"}, more_pages=2)
        here.network.misbehave(Trouble.EMPTY)
        later = Seen()
        async with watching(here.scene.connector, seen.cursor, later) as stream:
            await stream.until((), more_pages=3)
        assert any(page.notice == NO_POSTS for page in later.pages)
        here.network.behave()
        here.network.posts = {
            one.id: one for one in here.network.posts.values() if one.id == here.network.root
        }
        shown = here.network._shown
        here.network._shown = lambda post, said: {**shown(post, said), "has_replies": True}  # type: ignore[method-assign]
        mute = Seen()
        async with watching(here.scene.connector, None, mute) as stream:
            await stream.until((), more_pages=4)
            here.network.say("heard again")
            await stream.until({"heard again"}, more_pages=2)
        notices = [page.notice for page in mute.pages if page.notice is not None]
        assert notices == [NO_REPLIES, ""], "it is said once, and taken back when all is well"

    in_room(go)


def test_a_right_that_is_missing_for_replies_or_mentions_is_said_and_the_rest_goes_on() -> None:
    async def go(here: Room) -> None:
        here.network.withheld |= {"threads_read_replies", "threads_manage_mentions"}
        seen = Seen()
        async with watching(here.scene.connector, None, seen) as stream:
            await stream.until((), more_pages=4)
        notice = next(page.notice for page in seen.pages if page.notice)
        assert "Replies cannot be read" in notice
        assert "Mentions cannot be read" in notice
        assert any(arrival.is_ours for arrival in seen.arrivals)

    in_room(go)


def test_only_posts_of_the_last_days_are_watched_and_a_place_does_not_grow_for_ever() -> None:
    def prepare(network: ThreadsNetwork) -> None:
        for number in range(3):
            network.publish(f"old {number}", age=WATCHED_MS / 1000 + DAY)

    async def go(here: Room) -> None:
        here.network.say("news")
        seen = await watch(here.scene.connector, {"news"}, more_pages=2)
        place = json.loads(seen.cursor or "")
        assert set(place["posts"]) == {here.network.root}
        place["posts"] |= {"17000000000000001": 5}
        again = await watch(here.scene.connector, {"news"}, cursor=json.dumps(place), more_pages=2)
        assert set(json.loads(again.cursor or "")["posts"]) == {here.network.root}

    in_room(go, prepare)


def test_many_posts_are_each_read_and_the_newest_in_every_round() -> None:
    def prepare(network: ThreadsNetwork) -> None:
        for number in range(12):
            network.say(f"below {number}", below=network.publish(f"post {number}", age=7200 + number))

    async def go(here: Room) -> None:
        await watch(here.scene.connector, {f"below {number}" for number in range(12)})

    in_room(go, prepare)


def test_a_search_that_finds_nothing_says_what_that_may_mean() -> None:
    async def go(here: Room) -> None:
        pages = as_generator(here.scene.connector.search("stabbing", None))  # type: ignore[attr-defined]
        assert (await anext(pages)).notice == NOTHING
        here.network.say_elsewhere("a stabbing at the ford?")
        page = await anext(pages)
        assert page.notice == ""
        assert [one.kind for one in page.arrivals] == [ItemKind.FOUND]
        await pages.aclose()
        assert here.scene.allowance.taken["searches a day"] == 2

    in_room(go)


def test_a_topic_is_searched_for_as_a_topic_and_a_place_is_gone_on_from() -> None:
    async def go(here: Room) -> None:
        here.network.say_elsewhere("flood at the mill")
        pages = as_generator(here.scene.connector.search("#flood", None))  # type: ignore[attr-defined]
        cursor = (await anext(pages)).cursor
        await pages.aclose()
        asked = next(one for one in here.network.requests if one.path.endswith("keyword_search"))
        assert (asked.first("q"), asked.first("search_mode")) == ("flood", "TAG")
        again = as_generator(here.scene.connector.search("#flood", cursor))  # type: ignore[attr-defined]
        assert int((await anext(again)).cursor or 0) >= int(cursor or 0)
        await again.aclose()

    in_room(go)


def test_a_search_without_the_right_to_it_is_refused() -> None:
    async def go(here: Room) -> None:
        pages = as_generator(here.scene.connector.search("flood", None))  # type: ignore[attr-defined]
        with pytest.raises(NotAllowed, match="threads_keyword_search"):
            await anext(pages)

    in_room(go, lambda network: network.withheld.add("threads_keyword_search"))


def test_a_quiet_account_costs_few_requests_a_round() -> None:
    def prepare(network: ThreadsNetwork) -> None:
        for number in range(3):
            network.say(f"below {number}", below=network.publish(f"post {number}"))

    async def go(here: Room) -> None:
        async with watching(here.scene.connector) as stream:
            await stream.until({"below 0", "below 1", "below 2"}, more_pages=3)
            before = len(here.network.requests)
            await stream.until((), more_pages=10)
            spent = len(here.network.requests) - before
        # Our posts, three conversations and mentions; one such page ends each round.
        assert spent <= 10 * 5 + 5

    in_room(go, prepare)
