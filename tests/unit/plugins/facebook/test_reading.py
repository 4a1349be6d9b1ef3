"""What arrives: comments, what stands beside them, live videos; and what is noticed of known items."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from console.api import ItemKind, ItemState, Page
from console.api.stage import Trouble, quick_wait, watch, watching
from plugins.facebook.reading import INCIDENT_S, MOST_POSTS, REST_S, Place, place_of
from plugins.facebook.rights import MESSAGES as MESSAGES_RIGHT
from plugins.facebook.rights import READS_PEOPLE
from tests.servers.false.facebook import MESSAGES, PAGE, SAM, FacebookNetwork
from tests.servers.false.metagraph import Refusal, gone
from tests.servers.false.server import Answer, Request
from tests.unit.plugins.facebook.rooms import Room, in_a_room, room

DAY = 86_400.0


def test_everything_that_is_said_to_a_page_comes_in_its_own_kind() -> None:
    def prepare(network: FacebookNetwork) -> None:
        top = network.say("a comment")
        network.say("a reply", parent=top)
        post = network.publish("a visitor's post", sort="visitor", by=SAM)
        network.say("below a visitor's post", below=post)
        network.publish("a post that tags us", sort="tagged", by=SAM)
        network.review("a review")
        network.write_to_page("a message")

    async def test(here: Room) -> None:
        texts = ("a comment", "a reply", "a visitor's post", "below a visitor's post", "a post that tags us")
        items = await here.items(*texts, "a review", "a message")
        kinds = {text: item.kind for text, item in items.items() if not item.is_ours}
        assert kinds == {
            "a comment": ItemKind.COMMENT,
            "a reply": ItemKind.REPLY,
            "a visitor's post": ItemKind.MENTION,
            "below a visitor's post": ItemKind.COMMENT,
            "a post that tags us": ItemKind.MENTION,
            "a review": ItemKind.REVIEW,
            "a message": ItemKind.MESSAGE,
        }
        assert items["a comment"].where.startswith("Chandlers Row is closed")

    in_a_room(test, prepare)


def test_replies_and_poor_comments_are_asked_for_by_name() -> None:
    async def test(here: Room) -> None:
        await here.said("anything")
        asked = [one for one in here.network.requests if one.path.endswith("/comments")]
        assert asked
        assert all(one.first("filter") == "stream" for one in asked)
        assert all(one.first("live_filter") == "no_filter" for one in asked)
        assert all(one.bearer and "access_token" not in one.query for one in here.network.requests)

    in_a_room(test)


def test_the_past_of_a_new_account_is_left_alone_but_for_a_day() -> None:
    def prepare(network: FacebookNetwork) -> None:
        network.say("two days old", late=2 * DAY)
        network.say("an hour old", late=3600.0)

    async def test(here: Room) -> None:
        seen = await watch(here.scene.connector, {"an hour old"}, more_pages=45)
        assert "two days old" not in seen.texts

    in_a_room(test, prepare)


def test_a_comment_on_a_quiet_post_is_not_passed_over_after_a_new_start() -> None:
    async def test(here: Room) -> None:
        quiet = here.network.publish("quiet", age=30 * DAY)
        async with watching(here.scene.connector) as stream:
            here.network.say("busy")
            seen = await stream.until({"busy"}, more_pages=5)
            here.network.say("busy again")
            await stream.until({"busy again"}, more_pages=5)
        # Written an hour before the newest comment, below a post that nobody looked at since.
        here.network.tells_movement = False
        here.network.say("late and quiet", below=quiet, late=1200.0)
        assert "late and quiet" in await here.items("late and quiet", cursor=seen.cursor)

    in_a_room(test)


def test_the_place_is_never_beyond_what_was_read_of_the_quietest_list() -> None:
    async def test(here: Room) -> None:
        seen = await watch(here.scene.connector, set(), more_pages=1)
        place = json.loads(seen.cursor or "")
        assert place["begun"] <= place["until"] <= here.network.now * 1000

    in_a_room(test)


def test_an_edit_comes_as_the_same_item_with_other_words() -> None:
    async def test(here: Room) -> None:
        one = here.network.say("the first words")

        def change() -> None:
            here.network.comments[one].text = "other words"

        seen = await here.until(lambda page: bool(page.arrivals), change, "the first words")
        again = [arrival for page in seen.pages for arrival in page.arrivals if arrival.remote_id == one]
        assert [arrival.text for arrival in again] == ["the first words", "other words"]
        assert again[0].edited_at is None
        assert (again[1].edited_at or 0) > again[1].created_at

    in_a_room(test)


def test_what_is_hidden_elsewhere_and_what_is_taken_back_is_noticed() -> None:
    async def test(here: Room) -> None:
        hidden, regretted = here.network.say("hidden elsewhere"), here.network.say("regretted")

        def change() -> None:
            here.network.comments[hidden].hidden = True
            here.network.withdraw(regretted)

        def is_gone(page: Page) -> bool:
            return any(sight.state is ItemState.GONE for sight in page.sights)

        seen = await here.until(is_gone, change, "hidden elsewhere", "regretted")
        states = {sight.remote_id: sight.state for page in seen.pages for sight in page.sights}
        assert states == {hidden: ItemState.HIDDEN, regretted: ItemState.GONE}

    in_a_room(test)


def test_a_list_that_leaves_things_out_makes_nothing_gone() -> None:
    async def test(here: Room) -> None:
        here.network.say("still there")
        async with watching(here.scene.connector) as stream:
            await stream.until({"still there"})
            here.network.withheld.add(READS_PEOPLE)  # every list of comments is empty from now on
            seen = await stream.until((), more_pages=45)
        assert [sight for page in seen.pages for sight in page.sights] == []
        assert any(READS_PEOPLE in (page.notice or "") for page in seen.pages)

    in_a_room(test)


def test_a_notice_ends_when_the_right_is_back() -> None:
    async def test(here: Room) -> None:
        async with watching(here.scene.connector) as stream:
            seen = await stream.until((), more_pages=3)
            assert any(MESSAGES_RIGHT in (page.notice or "") for page in seen.pages)
            here.network.withheld.clear()
            await stream.until((), more_pages=110)
            assert [page.notice for page in seen.pages if page.notice is not None][-1] == ""

    in_a_room(test, lambda network: network.withheld.add(MESSAGES))


def test_a_list_that_is_refused_silences_no_other() -> None:
    def prepare(network: FacebookNetwork) -> None:
        network.edges["ratings"] = Refusal("(#200) This Page has no reviews", 200)
        network.edges["visitor_posts"] = Refusal("(#200) Not for this Page", 200)
        network.edges["live_videos"] = Refusal("(#200) Not for this Page", 200)
        network.edges["tagged"] = Refusal("An unknown error occurred", 1)
        network.say("heard all the same")

    async def test(here: Room) -> None:
        seen = await watch(here.scene.connector, {"heard all the same"}, more_pages=60)
        notices = [page.notice for page in seen.pages if page.notice]
        assert "reviews cannot be read" in notices[0]
        paths = [one.path.rpartition("/")[2] for one in here.network.requests]
        assert (paths.count("visitor_posts"), paths.count("live_videos")) == (1, 1)
        assert "tagged posts cannot be read" in notices[-1]

    in_a_room(test, prepare)


def test_a_deleted_post_takes_its_comments_out_of_the_rounds() -> None:
    async def test(here: Room) -> None:
        post = here.network.publish("soon deleted")
        below = here.network.say("goes with it", below=post)
        async with watching(here.scene.connector) as stream:
            await stream.until((), more_pages=8)
            here.network.withdraw(post)
            seen = await stream.until((), more_pages=30)
            here.network.requests.clear()
            await stream.until((), more_pages=30)
        gone = {sight.remote_id for page in seen.pages for sight in page.sights}
        assert gone == {post, below}
        assert not [one for one in here.network.requests if post in one.path]

    in_a_room(test)


def test_live_comments_come_while_they_are_written_and_once() -> None:
    async def test(here: Room) -> None:
        live = here.network.go_live("Press meeting at the mill")
        async with watching(here.scene.connector) as stream:
            await stream.until((), more_pages=3)
            here.network.say("when will the bridge open?", below=live)
            seen = await stream.until({"when will the bridge open?"}, more_pages=12)
        assert seen.doubles() == []
        [item] = [one for one in seen.arrivals if one.thread == live]
        assert item.where == "Live: Press meeting at the mill"
        streams = [one for one in here.network.requests if one.path.endswith("/live_comments")]
        assert [one.first("comment_rate") for one in streams] == ["one_per_two_seconds"]

    in_a_room(test)


def test_a_live_stream_that_is_refused_is_said_and_rounds_go_on() -> None:
    async def test(here: Room) -> None:
        live = here.network.go_live("Press meeting")

        def refuse(*_: object) -> object:
            raise Refusal("(#10) Not for this app", 10)

        here.network._stream = refuse  # type: ignore[method-assign,assignment]
        here.network.say("heard by rounds", below=live)
        seen = await watch(here.scene.connector, {"heard by rounds"}, more_pages=12)
        assert any("rounds only" in (page.notice or "") for page in seen.pages)

    in_a_room(test)


def test_a_live_video_that_ends_is_no_longer_listened_to() -> None:
    async def test(here: Room) -> None:
        live = here.network.go_live("Press meeting")
        async with watching(here.scene.connector) as stream:
            await stream.until((), more_pages=3)
            here.network.lives.pop(live)
            await stream.until((), more_pages=12)
        assert not [one for one in asyncio.all_tasks() if one.get_name() == "live comments"]

    in_a_room(test)


@pytest.mark.parametrize(("percent", "factor"), [(74, 1), (80, 4)])
def test_a_strained_allowance_makes_the_rounds_slower(percent: int, factor: int) -> None:
    waits: set[tuple[float, float]] = set()

    async def wait(*, rest: float, incident: float) -> None:
        waits.add((rest, incident))
        await quick_wait(rest=rest, incident=incident)

    def prepare(network: FacebookNetwork) -> None:
        answer = network.answer
        headers = {"x-page-usage": json.dumps({"call_count": percent})}

        def said(request: Request) -> Answer:
            return replace(answer(request), headers=headers)

        network.answer = said  # type: ignore[method-assign]  # every answer says how much is used

    async def body() -> None:
        async with room(prepare, wait=wait) as here:
            await watch(here.scene.connector, set(), more_pages=4)

    asyncio.run(body())
    assert waits == {(REST_S * factor, INCIDENT_S * factor)}


@pytest.mark.parametrize("text", [None, "", "x", "{}", '{"until":"soon"}'])
def test_a_place_that_cannot_be_read_is_a_day_ago(text: str | None) -> None:
    place, is_read = place_of(text, 2 * 86_400_000)
    assert place == Place(86_400_000, 86_400_000)
    assert is_read is (text is None)


def test_each_broken_item_is_complained_of_once() -> None:
    async def test(here: Room) -> None:
        here.network.say("whole")
        here.network.misbehave(Trouble.BROKEN_ITEM)
        seen = await watch(here.scene.connector, {"whole"}, more_pages=20)
        here.network.behave()
        complaints = [words for page in seen.pages for words in page.complaints]
        assert len(complaints) == 1
        assert PAGE not in complaints[0]

    in_a_room(test)


def test_one_post_whose_comments_are_refused_is_said_once_and_costs_no_other() -> None:
    async def test(here: Room) -> None:
        closed = here.network.publish("closed to us")
        listed = here.network._below

        def below(node: str, said: Mapping[str, str]) -> list[dict[str, Any]]:
            if node == closed:
                raise Refusal("(#10) Not for this app", 10)
            return listed(node, said)

        here.network._below = below  # type: ignore[method-assign]
        here.network.say("heard all the same")
        seen = await watch(here.scene.connector, {"heard all the same"}, more_pages=30)
        complaints = [words for page in seen.pages for words in page.complaints]
        assert len(complaints) == 1
        assert "one post" in complaints[0]

    in_a_room(test)


def test_a_sweep_that_is_refused_changes_nothing() -> None:
    async def test(here: Room) -> None:
        listed = here.network._below

        def below(node: str, said: Mapping[str, str]) -> list[dict[str, Any]]:
            if said["order"] == "reverse_chronological":
                raise Refusal("(#10) Not for this app", 10)
            return listed(node, said)

        here.network._below = below  # type: ignore[method-assign]
        here.network.say("still there")
        seen = await watch(here.scene.connector, {"still there"}, more_pages=45)
        assert [sight for page in seen.pages for sight in page.sights] == []

    in_a_room(test)


def test_after_a_start_the_posts_that_moved_last_are_read_first_and_the_quietest_not_at_all() -> None:
    def prepare(network: FacebookNetwork) -> None:
        for number in range(MOST_POSTS + 20):
            network.publish(f"post {number}", age=60.0 * (number + 1) + 7200)
        network.publish("from another year", age=300 * DAY)

    async def test(here: Room) -> None:
        await watch(here.scene.connector, set(), more_pages=40)
        paths = [one.path for one in here.network.requests if one.path.endswith("/comments")]
        asked = list(dict.fromkeys(path.split("/")[2] for path in paths))
        ages = [here.network.now - here.network.posts[post].at for post in asked]
        assert len(asked) == MOST_POSTS
        assert ages == sorted(ages)
        assert max(ages) < 90 * DAY

    in_a_room(test, prepare)


def test_a_post_that_we_may_no_longer_see_is_not_called_gone() -> None:
    async def test(here: Room) -> None:
        here.network.say("below our post")

        def hide(node: str, said: Mapping[str, str]) -> list[dict[str, Any]]:
            del said
            raise gone(node)

        async with watching(here.scene.connector) as stream:
            await stream.until({"below our post"})
            here.network.withheld.add(READS_PEOPLE)
            here.network._entries = lambda page, node, edge, said: (  # type: ignore[method-assign]
                hide(node, said) if edge == "comments" else []
            )
            seen = await stream.until((), more_pages=12)
        assert [sight for page in seen.pages for sight in page.sights] == []
        assert any(READS_PEOPLE in (page.notice or "") for page in seen.pages)

    in_a_room(test)
