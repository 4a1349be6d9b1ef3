"""What arrived, and how few calls it took."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from console.api import ItemKind, ItemState, NotAllowed, Page
from console.api.stage import Trouble, Watch, watch, watching
from plugins.linkedin.connector import LinkedIn
from plugins.linkedin.reading import calls_of, pace
from tests.servers.false.linkedin import ACTIVITY, PAGE, SHARE
from tests.unit.plugins.linkedin.rooms import Room, room


@asynccontextmanager
async def leaping(here: Room, minutes: int) -> AsyncIterator[Watch]:
    """The stream of a connector for which so much time passes between two looks at the clock."""
    moments = itertools.count(here.context.now(), minutes * 60_000)
    context = replace(here.context, now=lambda: next(moments), is_incident=lambda: True)
    connector = LinkedIn(context)
    await connector.open()
    async with watching(connector) as stream:
        yield stream


def test_a_few_comments_are_fetched_one_by_one_and_many_from_the_list() -> None:
    async def go() -> None:
        async with room() as here:
            for number in range(2):
                here.network.say(str(number))
            async with watching(here.connector) as stream:
                await stream.until({"0", "1"})
                assert here.asked("/comments/") == 2
                for number in range(150):
                    here.network.say(f"many {number}")
                before = here.asked("/comments")
                await stream.until({f"many {number}" for number in range(150)})
                assert here.asked("/comments") - before <= 5

    asyncio.run(go())


def test_a_reply_is_placed_below_its_comment_and_our_own_answer_is_ours() -> None:
    async def go() -> None:
        async with room() as here:
            top = here.network.say("top")
            urn = here.network.said[top].urn
            here.network.say("reply", above=urn)
            here.network.say("from us", above=urn, actor=PAGE)
            async with watching(here.connector) as stream:
                seen = await stream.until({"top", "reply"}, more_pages=1)
            found = {one.text: one for one in seen.arrivals}
            assert (found["reply"].kind, found["reply"].parent) == (ItemKind.REPLY, top)
            assert found["from us"].is_ours
            assert found["top"].where == "Chandlers Row is closed until noon"
            assert found["top"].thread == SHARE
            posts = [one for one in seen.arrivals if one.kind is ItemKind.POST]
            assert [post.remote_id for post in posts] == [SHARE]

    asyncio.run(go())


def test_an_edit_comes_as_the_same_item_with_its_time() -> None:
    async def go() -> None:
        async with room() as here:
            number = here.network.say("before")
            async with watching(here.connector) as stream:
                await stream.until({"before"})
                here.network.rewrite(number, "after")
                seen = await stream.until({"after"}, more_pages=3)
            edits = [one for one in seen.arrivals if one.remote_id == number]
            assert [one.text for one in edits] == ["before", "after"]
            assert edits[1].edited_at

    asyncio.run(go())


def test_a_comment_that_was_taken_back_before_it_was_read_is_no_item() -> None:
    async def go() -> None:
        async with room() as here:
            here.network.withdraw(here.network.say("at once regretted", tells=True))
            here.network.say("stays")
            seen = await watch(here.connector, {"stays"}, more_pages=2)
            assert "at once regretted" not in seen.texts

    asyncio.run(go())


def test_a_mention_is_read_at_its_post() -> None:
    async def go() -> None:
        async with room() as here:
            urn = here.network.mention("Thank you, Chandlers Row")
            seen = await watch(here.connector, {"Thank you, Chandlers Row"}, more_pages=2)
            [found] = [one for one in seen.arrivals if one.remote_id == urn]
            assert found.kind is ItemKind.MENTION
            assert "commentary" in found.raw

    asyncio.run(go())


def test_a_mention_in_a_closed_post_is_read_from_the_notification() -> None:
    async def go() -> None:
        async with room() as here:
            here.network.closed.add(here.network.mention("Only for my circle"))
            seen = await watch(here.connector, {"Only for my circle"})
            found = next(one for one in seen.arrivals if one.text == "Only for my circle")
            assert "notificationId" in found.raw

    asyncio.run(go())


def test_a_mention_whose_post_is_gone_is_passed_over() -> None:
    async def go() -> None:
        async with room() as here:
            del here.network.posts[here.network.mention("Gone again")]
            here.network.say("there")
            seen = await watch(here.connector, {"there"}, more_pages=2)
            assert "Gone again" not in seen.texts

    asyncio.run(go())


def test_what_no_notification_told_is_found_when_the_post_is_read_as_a_whole() -> None:
    async def go() -> None:
        async with room() as here:
            here.network.say("told", late_ms=60_000)
            here.network.say("not told", tells=False)
            async with leaping(here, 10) as stream:
                seen = await stream.until({"told", "not told"}, more_pages=2)
            assert not seen.doubles()

    asyncio.run(go())


def test_what_is_gone_without_a_notification_is_noticed_when_the_post_is_read_again() -> None:
    async def go() -> None:
        async with room() as here:
            number = here.network.say("quietly gone")
            here.network.say("stays")
            async with leaping(here, 10) as stream:
                await stream.until({"quietly gone", "stays"}, more_pages=4)
                here.network.withdraw(number, tells=False)
                seen = await stream.until((), more_pages=10)
            sights = [sight for page in seen.pages for sight in page.sights]
            assert [(sight.remote_id, sight.state) for sight in sights] == [(number, ItemState.GONE)]

    asyncio.run(go())


def test_whole_posts_wait_while_little_is_left_of_the_day() -> None:
    async def go() -> None:
        async with room() as here:
            here.network.say("told")
            here.allowance.learn("calls of one person a day", left=19, until=here.context.now() + 10**9)
            async with leaping(here, 1) as stream:
                await stream.until({"told"}, more_pages=8)
            assert not any(request.path.endswith("/comments") for request in here.network.requests)

    asyncio.run(go())


def test_a_place_survives_and_nothing_is_asked_for_twice_after_it() -> None:
    async def go() -> None:
        async with room() as here:
            here.network.say("old", late_ms=5 * 3_600_000)
            here.network.say("new")
            seen = await watch(here.connector, {"old", "new"}, more_pages=1)
            assert json.loads(seen.cursor or "")["until"] <= here.context.now()
            here.network.say("newer")
            again = await watch(here.connector, {"newer"}, cursor=seen.cursor)
            assert "old" not in again.texts

    asyncio.run(go())


def test_a_place_older_than_what_linkedin_keeps_is_said() -> None:
    async def go() -> None:
        async with room() as here:
            async with watching(here.connector, '{"until":1000}') as stream:
                seen = await stream.until((), more_pages=1)
            assert "60 days" in seen.pages[0].complaints[0]

    asyncio.run(go())


@pytest.mark.parametrize("state", ["on", "off"])
def test_names_are_asked_for_once_and_only_where_somebody_turned_that_on(state: str) -> None:
    async def go() -> None:
        async with room(names=state) as here:
            for number in range(4):
                here.network.say(str(number))
            seen = await watch(here.connector, {"0", "1", "2", "3"})
            assert {one.author.name for one in seen.arrivals if not one.is_ours} == {
                "Sam Example" if state == "on" else ""
            }
            assert here.asked("/people/") == (state == "on")

    asyncio.run(go())


# --- Calls, and the right to read -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("member", "app", "calls", "rest", "incident"),
    [
        ("100", "500", 100, 1728.0, 432.0),
        ("500", "500", 500, 345.6, 86.4),
        ("100000", "100000", 100_000, 60.0, 20.0),
        ("", "many", 100, 1728.0, 432.0),
    ],
)
def test_the_pace_follows_from_the_calls_of_the_day(
    member: str, app: str, calls: int, rest: float, incident: float
) -> None:
    async def go() -> None:
        async with room(opens=False) as here:
            settings = {**here.context.settings, "member_calls": member, "app_calls": app}
            context = replace(here.context, settings=settings)
            assert calls_of(context) == calls
            assert pace(context) == (rest, incident)

    asyncio.run(go())


def test_every_call_is_counted_against_both_ceilings() -> None:
    async def go() -> None:
        async with room() as here:
            here.network.say("counted")
            await watch(here.connector, {"counted"}, more_pages=2)
            calls = sum("/oauth/" not in request.path for request in here.network.requests)
            assert here.allowance.taken == {
                "calls of one person a day": calls,
                "calls of the app a day": calls,
            }

    asyncio.run(go())


def test_a_role_that_is_too_low_is_said_when_opening_and_in_the_stream() -> None:
    async def go() -> None:
        async with room() as here:
            here.network.role = "RECRUITING_POSTER"
            [notice] = (await here.connector.open()).notices
            assert "recruiting poster" in notice
            async with watching(here.connector) as stream:
                seen = await stream.until((), more_pages=2)
            notices = [page.notice for page in seen.pages]
            assert notices
            assert all(words == notice for words in notices)

    asyncio.run(go())


def test_without_any_role_the_account_stops_in_words() -> None:
    async def go() -> None:
        async with room() as here:
            here.network.role = ""
            with pytest.raises(NotAllowed, match="no role"):
                await watch(here.connector, {"never"})

    asyncio.run(go())


def test_posts_that_are_no_longer_listed_are_said() -> None:
    async def go() -> None:
        async with room() as here:
            async with leaping(here, 60) as stream:
                await stream.until((), more_pages=2)
                here.network.posts.pop(SHARE)
                seen = await stream.until((), more_pages=12)
            said: list[Page] = [page for page in seen.pages if page.notice]
            assert "own posts" in (said[0].notice or "")

    asyncio.run(go())


def test_a_version_that_has_ended_says_which_setting_to_change() -> None:
    async def go() -> None:
        async with room(version="202501", opens=False) as here:
            with pytest.raises(NotAllowed, match="newer year and month"):
                await here.connector.open()

    asyncio.run(go())


def test_the_activity_of_a_comment_is_what_an_answer_names() -> None:
    async def go() -> None:
        async with room() as here:
            here.network.say("top")
            here.network.misbehave(Trouble.EXTRAS)
            seen = await watch(here.connector, {"top"})
            found = next(one for one in seen.arrivals if one.text == "top")
            assert json.loads(found.note)["object"] == ACTIVITY

    asyncio.run(go())
