"""The comments below one post, and what is remembered of them between looks."""

from __future__ import annotations

import asyncio
import json

import pytest

from console.api import SlowDown
from console.api.stage import Trouble, watch
from console.api.web import Reply
from plugins.linkedin.acting import _made
from plugins.linkedin.mapping import Place
from plugins.linkedin.people import People
from plugins.linkedin.posts import Posts, Read
from plugins.linkedin.session import Session
from tests.servers.false.linkedin import ACTIVITY, PAGE, SHARE
from tests.unit.plugins.linkedin.rooms import Room, room

PLACE = Place(SHARE)


async def posts_of(here: Room) -> Posts:
    """The part that reads comments, signed in."""
    session = Session(here.context)
    await session.start()
    session.page = PAGE
    return Posts(session, People(session, here.context))


def test_replies_are_listed_again_only_where_their_number_has_changed() -> None:
    async def go() -> None:
        async with room() as here:
            urns = [here.network.said[here.network.say(f"top {number}")].urn for number in range(3)]
            for urn in urns:
                here.network.say("reply", above=urn)
            posts = await posts_of(here)
            counts: list[int] = []
            for _ in range(2):
                before = here.asked("/comments")
                read = Read()
                await posts.all_below(PLACE, read)
                counts.append(here.asked("/comments") - before)
            assert counts == [4, 1]
            here.network.say("another", above=urns[0])
            read = Read()
            await posts.all_below(PLACE, read)
            assert "another" in {told.arrival.text for told in read.told.values()}
            posts.forget()
            before = here.asked("/comments")
            await posts.all_below(PLACE, Read())
            assert here.asked("/comments") - before == 4

    asyncio.run(go())


def test_a_post_that_is_gone_costs_one_call_and_takes_its_comments_along() -> None:
    async def go() -> None:
        async with room() as here:
            posts = await posts_of(here)
            names = [f"urn:li:comment:({ACTIVITY},{number})" for number in range(40)]
            before = here.asked("/comments")
            read = await posts.named(Place("urn:li:share:404"), names)
            assert read.is_gone
            assert read.missing == set(names)
            assert here.asked("/comments") - before == 1

    asyncio.run(go())


def test_replies_that_a_failure_kept_from_being_handed_over_are_not_lost() -> None:
    async def go() -> None:
        async with room() as here:
            top = here.network.said[here.network.say("top", tells=False)]
            here.network.say("reply", above=top.urn, tells=False)
            for number in range(4):
                here.network.say(f"told {number}")
            here.network.misbehave(Trouble.LIMIT)
            with pytest.raises(SlowDown):
                await watch(here.connector, {"never"})
            here.network.behave()
            await watch(here.connector, {"top", "reply"})

    asyncio.run(go())


@pytest.mark.parametrize(
    ("body", "header"),
    [
        ({}, "7265000000000000009"),
        ({}, f"urn:li:comment:({ACTIVITY},7265000000000000009)"),
        ({}, "urn%3Ali%3Acomment%3A%28urn%3Ali%3Aactivity%3A7264999999999999999%2C7265000000000000009%29"),
        ({"$URN": f"urn:li:comment:({ACTIVITY},7265000000000000009)", "created": {}}, ""),
        ({"commentUrn": f"urn:li:comment:({ACTIVITY},7265000000000000009)", "created": {}}, ""),
    ],
)
def test_the_name_of_an_answer_is_found_wherever_linkedin_puts_it(
    body: dict[str, object], header: str
) -> None:
    reply = Reply("LinkedIn", 201, {"x-restli-id": header}, json.dumps(body).encode(), 0, does_write=True)
    assert _made(reply, ACTIVITY) == f"urn:li:comment:({ACTIVITY},7265000000000000009)"


def test_an_answer_without_any_name_has_none() -> None:
    assert _made(Reply("LinkedIn", 201, {}, b"", 0, does_write=True), ACTIVITY) == ""
