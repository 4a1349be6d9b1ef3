"""Verbs, and looking again at what came of them."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from console.api import Gone, ItemKind, ItemState, NotAllowed, RemoteId, SlowDown, Target, Verb
from console.api.stage import Trouble
from tests.servers.false.tiktok import ACCOUNT, VIDEO
from tests.unit.plugins.tiktok.rooms import Room, comment, room


def said(here: Room, text: str = "words", *, above: str = "") -> Target:
    """A comment that was just made, as a target."""
    kind = ItemKind.REPLY if above else ItemKind.COMMENT
    return comment(remote_id=RemoteId(here.network.say(text, above=above)), above=above, kind=kind)


def test_a_like_is_seen_afterwards() -> None:
    async def go() -> None:
        async with room() as here:
            target = said(here)
            [before] = await here.connector.look(Verb.LIKE, [target], [None])
            [answer] = await here.do(Verb.LIKE, target)
            [after] = await here.connector.look(Verb.LIKE, [target], [answer.note])
            assert (before.done, answer.failure, after.done) == (False, None, True)

    asyncio.run(go())


def test_a_reply_to_a_reply_goes_below_the_comment_that_both_hang_on() -> None:
    async def go() -> None:
        async with room() as here:
            top = said(here)
            target = said(here, "and you?", above=top.remote_id)
            [answer] = await here.do(Verb.REPLY, target, text="We have officers there.")
            made = here.network.said[answer.note or ""]
            assert made.above == top.remote_id
            [sight] = await here.connector.look(Verb.REPLY, [target], [answer.note])
            assert sight.done

    asyncio.run(go())


def test_our_own_video_can_be_commented_on_and_the_comment_found_again() -> None:
    async def go() -> None:
        async with room() as here:
            target = comment(remote_id=RemoteId(VIDEO), kind=ItemKind.POST, is_ours=True)
            [answer] = await here.do(Verb.REPLY, target, text="The road is open again.")
            [sight] = await here.connector.look(Verb.REPLY, [target], [answer.note])
            [blind] = await here.connector.look(Verb.REPLY, [target], [None])
            assert (sight.done, blind.done) == (True, None)

    asyncio.run(go())


def test_a_reply_that_is_taken_for_spam_does_not_count_as_done() -> None:
    async def go() -> None:
        async with room(lambda network: network.takes_for_spam.add("Please read our page.")) as here:
            target = said(here)
            [answer] = await here.do(Verb.REPLY, target, text="Please read our page.")
            assert answer.failure is None
            [sight] = await here.connector.look(Verb.REPLY, [target], [answer.note])
            assert sight.done is False

    asyncio.run(go())


def test_without_the_id_of_a_reply_any_answer_of_ours_leaves_it_to_a_person() -> None:
    async def go() -> None:
        async with room() as here:
            target = said(here)
            [nothing] = await here.connector.look(Verb.REPLY, [target], [None])
            here.network.say("ours", above=target.remote_id, owner=True, author=ACCOUNT)
            [something] = await here.connector.look(Verb.REPLY, [target], [None])
            assert (nothing.done, something.done) == (False, None)

    asyncio.run(go())


@pytest.mark.parametrize("text", ["", "   ", "x" * 1201])
def test_a_reply_that_tiktok_would_not_take_is_not_sent(text: str) -> None:
    async def go() -> None:
        async with room() as here:
            target = said(here)
            [answer] = await here.do(Verb.REPLY, target, text=text)
            assert isinstance(answer.failure, NotAllowed)
            assert here.network.changes == 0

    asyncio.run(go())


def test_our_own_comment_is_deleted_and_seen_to_be_gone() -> None:
    async def go() -> None:
        async with room() as here:
            made = here.network.say("ours", owner=True, author=ACCOUNT)
            target = comment(remote_id=RemoteId(made), is_ours=True)
            [before] = await here.connector.look(Verb.DELETE, [target], [None])
            [answer] = await here.do(Verb.DELETE, target)
            [after] = await here.connector.look(Verb.DELETE, [target], [None])
            assert answer.failure is None
            assert (before.done, after.done, after.state) == (False, True, ItemState.DELETED)

    asyncio.run(go())


@pytest.mark.parametrize(
    ("verb", "changes"),
    [
        (Verb.DELETE, {}),
        (Verb.HIDE, {"kind": ItemKind.POST}),
        (Verb.HIDE, {"note": "\x00"}),
        (Verb.BLOCK, {}),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_is_sent(
    verb: Verb, changes: dict[str, object]
) -> None:
    async def go() -> None:
        async with room() as here:
            [answer] = await here.do(verb, replace(said(here), **changes))  # type: ignore[arg-type]  # field names
            assert isinstance(answer.failure, NotAllowed)
            assert here.asked("/business/comment/") == 0

    asyncio.run(go())


def test_replies_are_hidden_and_looked_at_below_their_comment() -> None:
    async def go() -> None:
        async with room() as here:
            top = said(here)
            replies = [said(here, f"reply {number}", above=top.remote_id) for number in range(40)]
            answers = await here.do(Verb.HIDE, *replies)
            assert [answer.failure for answer in answers] == [None] * 40
            sights = await here.connector.look(Verb.HIDE, replies, [None] * 40)
            assert all(sight.done and sight.state is ItemState.HIDDEN for sight in sights)
            assert here.asked("/reply/list/") == 2

    asyncio.run(go())


def test_thirty_comments_are_looked_at_in_one_request() -> None:
    async def go() -> None:
        async with room() as here:
            targets = [said(here, str(number)) for number in range(30)]
            await here.connector.look(Verb.HIDE, targets, [None] * 30)
            assert here.asked("/business/comment/list/") == 1
            assert here.allowance.taken["lists of comments a minute"] == 1

    asyncio.run(go())


def test_a_ceiling_ends_an_order_and_the_rest_is_not_sent() -> None:
    async def go() -> None:
        async with room() as here:
            targets = [said(here, str(number)) for number in range(3)]
            here.network.misbehave(Trouble.LIMIT, requests=1)
            answers = await here.do(Verb.HIDE, *targets)
            assert [type(answer.failure) for answer in answers] == [SlowDown] * 3
            assert here.asked("/hide/") == 0

    asyncio.run(go())


def test_one_that_is_gone_does_not_stop_the_others() -> None:
    async def go() -> None:
        async with room() as here:
            gone, there = said(here), said(here)
            del here.network.said[gone.remote_id]
            answers = await here.do(Verb.HIDE, gone, there)
            assert isinstance(answers[0].failure, Gone)
            assert answers[1].failure is None

    asyncio.run(go())


def test_looking_at_what_is_not_ours_tells_nothing() -> None:
    async def go() -> None:
        async with room() as here:
            target = comment(note="")
            for verb in (Verb.HIDE, Verb.REPLY, Verb.REPORT):
                [sight] = await here.connector.look(verb, [target], [None])
                assert (sight.done, sight.state) == (None, target.state)

    asyncio.run(go())
