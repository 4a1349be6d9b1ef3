"""What the stream brings and what it says of itself, beyond what the contract suite asks of everybody."""

from __future__ import annotations

import json
from functools import partial

from console.api import Context, ItemKind, ItemState
from console.api.stage import Trouble, watch, watching
from plugins.instagram.reading import NO_COMMENTS, NO_POSTS
from tests.servers.false.instagram import MESSAGES, InstagramNetwork
from tests.unit.plugins.instagram.rooms import Room, in_room


def test_each_comment_says_where_it_stands() -> None:
    def prepare(network: InstagramNetwork) -> None:
        network.say("nested", below=network.say("top"))
        network.say("ours", by="force.example")

    async def go(here: Room) -> None:
        seen = await watch(here.scene.connector, {"top", "nested"})
        found = {one.text: one for one in seen.arrivals}
        top, nested, root = found["top"], found["nested"], here.network.root
        assert (top.parent, top.thread, nested.parent, nested.thread) == (root, root, top.remote_id, root)
        assert (top.kind, nested.kind) == (ItemKind.COMMENT, ItemKind.REPLY)
        assert top.where.startswith("Chandlers Row is closed")
        assert top.permalink == f"https://www.instagram.com/p/C{root}/"
        assert (top.author.id, top.author.handle) == ("99sam.example", "sam.example")
        assert found["ours"].is_ours
        assert not top.is_ours

    in_room(go, prepare)


def test_more_replies_than_stand_inside_a_comment_are_all_read() -> None:
    def prepare(network: InstagramNetwork) -> None:
        top = network.say("top")
        for number in range(9):
            network.say(f"reply {number}", below=top)

    async def go(here: Room) -> None:
        seen = await watch(here.scene.connector, {f"reply {number}" for number in range(9)}, more_pages=2)
        assert not seen.doubles()

    in_room(go, prepare)


def test_a_new_reply_to_an_old_comment_is_found_though_it_moves_nothing_to_the_top() -> None:
    async def go(here: Room) -> None:
        old = here.network.say("old", late=7200)
        for number in range(60):
            here.network.say(f"newer {number}")
        async with watching(here.scene.connector) as stream:
            await stream.until({"old"}, more_pages=2)
            here.network.say("deep down", below=old)
            await stream.until({"deep down"})

    in_room(go)


def test_a_quiet_post_costs_nothing_and_one_that_moves_is_read_at_once() -> None:
    def prepare(network: InstagramNetwork) -> None:
        for number in range(10):
            network.say("first", below=network.publish(f"post {number}"))

    async def go(here: Room) -> None:
        await here.pages(30)
        before = [one for one in here.network.requests if one.path.endswith("/comments")]
        reads = len(before)
        assert reads == 11, "each post is read once, and then left alone while nothing moves"

    in_room(go, prepare)


def test_what_is_hidden_elsewhere_is_noticed() -> None:
    async def go(here: Room) -> None:
        comment = here.network.things[here.network.say("hidden in the app")]
        hide = partial(setattr, comment, "is_hidden", True)
        [sight] = await here.sights_after("hidden in the app", hide)
        assert (sight.remote_id, sight.state) == (comment.id, ItemState.HIDDEN)

    in_room(go)


def test_what_instagrams_own_filters_have_hidden_comes_as_hidden() -> None:
    def prepare(network: InstagramNetwork) -> None:
        network.things[network.say("filtered away")].is_hidden = True

    async def go(here: Room) -> None:
        assert (await here.arrival("filtered away")).state is ItemState.HIDDEN

    in_room(go, prepare)


def test_a_post_of_ours_that_is_deleted_does_not_make_its_comments_gone_one_by_one() -> None:
    async def go(here: Room) -> None:
        here.network.say("the last one")
        keeper = here.network.publish("another post")
        seen = await watch(here.scene.connector, {"the last one"}, more_pages=1)
        here.network.things.pop(here.network.root)
        here.network.root = keeper
        here.network.say("goes on")
        again = await watch(here.scene.connector, {"goes on"}, cursor=seen.cursor, more_pages=4)
        assert not [sight for page in again.pages for sight in page.sights]
        assert set(json.loads(again.cursor or "")["posts"]) == {keeper}

    in_room(go)


def test_tags_and_messages_come_and_are_caught_up_with() -> None:
    async def go(here: Room) -> None:
        here.network.tag("look @force.example")
        here.network.write("in private")
        seen = await watch(here.scene.connector, {"look @force.example", "in private"}, more_pages=4)
        assert not seen.doubles()
        kinds = {one.text: one.kind for one in seen.arrivals if not one.is_ours}
        assert kinds == {"look @force.example": ItemKind.MENTION, "in private": ItemKind.MESSAGE}
        texts = {f"tag {number}" for number in range(70)} | {"private again", "a stranger writes"}
        for number in range(70):
            here.network.tag(f"tag {number}")
        here.network.write("private again")
        here.network.write("a stranger writes", by="kit.example")
        await watch(here.scene.connector, texts, cursor=seen.cursor)

    in_room(go)


def test_without_the_right_to_messages_they_are_not_asked_for_and_that_is_said() -> None:
    async def go(here: Room) -> None:
        profile = await here.scene.connector.open()
        assert any(MESSAGES in notice for notice in profile.notices)
        here.network.write("nobody reads this")
        await here.pages(4)
        assert not [one for one in here.network.requests if one.path.endswith("/conversations")]

    in_room(go, lambda network: network.withheld.add(MESSAGES))


def test_no_posts_and_no_comments_are_not_taken_for_peace() -> None:
    async def go(here: Room) -> None:
        here.network.misbehave(Trouble.EMPTY)
        notices = [page.notice for page in await here.pages(3) if page.notice is not None]
        assert notices == [NO_POSTS]
        here.network.behave()
        real = here.network._newest
        here.network._newest = lambda belongs: [  # type: ignore[method-assign]  # comments are kept back
            one for one in real(belongs) if one.kind != "comment"
        ]
        notices = [page.notice for page in await here.pages(4) if page.notice is not None]
        assert notices == [NO_COMMENTS]

    in_room(go, lambda network: network.say("unheard"))


def test_an_account_that_has_no_posts_is_at_peace() -> None:
    async def go(here: Room) -> None:
        assert not [page.notice for page in await here.pages(4) if page.notice]

    in_room(go, lambda network: network.things.clear())


def test_comments_without_the_right_to_their_authors_come_from_nobody() -> None:
    async def go(here: Room) -> None:
        arrival = await here.arrival("who wrote this?")
        assert (arrival.author.id, arrival.is_ours) == ("unknown", False)

    def prepare(network: InstagramNetwork) -> None:
        network.say("who wrote this?")
        network.withheld.add("instagram_manage_comments")

    in_room(go, prepare)


def test_live_video_is_read_only_where_a_person_has_turned_that_on() -> None:
    def prepare(network: InstagramNetwork) -> None:
        network.say("said live", below=network.publish("live now", is_live=True))

    async def go(here: Room) -> None:
        await here.pages(6)
        assert not [one for one in here.network.requests if one.path.endswith("/live_media")]
        context: Context = here.scene.connector._context  # type: ignore[attr-defined]  # a test looks inside
        context.settings["live"] = "on"  # type: ignore[index]  # the stage's own dictionary
        arrival = await here.arrival("said live")
        assert json.loads(arrival.note)["is_live"]

    in_room(go, prepare)


def test_rounds_are_slower_while_the_network_says_that_little_is_left() -> None:
    async def go(here: Room) -> None:
        await here.pages(2)
        assert not here.scene.connector._session.graph.is_strained  # type: ignore[attr-defined]
        here.network.low_headers = lambda: {"x-app-usage": json.dumps({"call_count": 80})}  # type: ignore[method-assign]
        here.network.misbehave(Trouble.LOW)
        await here.pages(2)
        assert here.scene.connector._session.graph.is_strained  # type: ignore[attr-defined]
        left, _ = here.scene.allowance.learnt["calls a day"]
        assert 0 < left < 20_000 // 4

    in_room(go, lambda network: network.say("busy"))
