"""What each verb sends, and what a look shows of it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from console.api import (
    Failure,
    ItemState,
    Misunderstood,
    NotAllowed,
    Order,
    SignInAgain,
    SlowDown,
    TryLater,
    Verb,
)
from console.api.stage import Trouble
from tests.unit.plugins.flickr.rooms import SWITCH, Room, room, run, target


def test_our_own_comment_is_deleted_for_good() -> None:
    async def test(here: Room) -> None:
        item = await here.said("is the ford open?")
        [answer] = await here.do(Verb.REPLY, item, text="Closed until noon.")
        ours = replace(target(answer.note or "", photo=here.network.photo), is_ours=True)
        assert (await here.look(Verb.DELETE, ours)).done is False
        assert (await here.do(Verb.DELETE, ours))[0].failure is None
        sight = await here.look(Verb.DELETE, ours)
        assert (sight.state, sight.done) == (ItemState.DELETED, True)
        assert (await here.look(Verb.REPLY, item, answer.note)).done is False

    run(test)


def test_what_others_wrote_is_never_sent_to_be_deleted_while_the_switch_is_off() -> None:
    async def test(here: Room) -> None:
        [answer] = await here.do(Verb.DELETE, await here.said("theirs"))
        assert isinstance(answer.failure, NotAllowed)
        assert here.network.changes == 0

    run(test)


def test_what_others_wrote_can_be_deleted_when_the_switch_is_on_and_flickr_agrees() -> None:
    async def go() -> None:
        async with room(None, secret=None, **{SWITCH: "on"}) as here:
            item = await here.said("theirs")
            assert (await here.do(Verb.DELETE, item))[0].failure is None
            assert (await here.look(Verb.DELETE, item)).done is True

    asyncio.run(go())


def test_a_flickr_that_does_not_agree_is_believed() -> None:
    async def go() -> None:
        async with room(None, secret=None, **{SWITCH: "on"}) as here:
            here.network.lets_owner_delete = False
            item = await here.said("theirs")
            [answer] = await here.do(Verb.DELETE, item)
            assert isinstance(answer.failure, NotAllowed)
            assert (await here.look(Verb.DELETE, item)).done is False

    asyncio.run(go())


def test_an_answer_whose_id_was_lost_leaves_the_question_to_a_person() -> None:
    async def test(here: Room) -> None:
        item = await here.said("is the bridge open?")
        assert (await here.look(Verb.REPLY, item)).done is False
        here.network.misbehave(Trouble.CUT_AFTER)
        [answer] = await here.do(Verb.REPLY, item, text="It is.")
        here.network.behave()
        assert isinstance(answer.failure, TryLater)
        assert answer.failure.sent
        assert (await here.look(Verb.REPLY, item)).done is None

    run(test)


@pytest.mark.parametrize(
    ("trouble", "kind", "sent"),
    [
        (Trouble.CUT, TryLater, True),
        (Trouble.HTML, Misunderstood, True),
        (Trouble.GARBAGE, Misunderstood, True),
        (Trouble.LIE, TryLater, True),
        (Trouble.FAULT, TryLater, True),
        (Trouble.LIMIT, SlowDown, False),
        (Trouble.REVOKED, SignInAgain, False),
    ],
)
def test_each_trouble_is_said_in_the_contracts_words(
    trouble: Trouble, kind: type[Failure], sent: bool
) -> None:
    async def test(here: Room) -> None:
        item = await here.said("answer me")
        here.network.misbehave(trouble)
        [answer] = await here.do(Verb.REPLY, item, text="words")
        here.network.behave()
        assert isinstance(answer.failure, kind)
        assert answer.failure.sent is sent
        assert here.network.changes == 0

    run(test)


def test_what_follows_a_ceiling_in_an_order_is_not_sent() -> None:
    async def test(here: Room) -> None:
        items = [await here.said(f"number {number}") for number in range(3)]
        here.network.refuses = (9, "User is posting comments too fast.")
        before = len(here.network.requests)
        answers = await here.do(Verb.REPLY, *items, text="words")
        assert [answer.remote_id for answer in answers] == [item.remote_id for item in items]
        assert all(isinstance(answer.failure, SlowDown) for answer in answers)
        assert len(here.network.requests) == before + 1

    run(test)


def test_one_refusal_does_not_stop_the_others() -> None:
    async def test(here: Room) -> None:
        items = [await here.said(f"number {number}") for number in range(2)]
        here.network.refuses = (116, "Bad URL found")
        first, second = await here.do(Verb.REPLY, *items, text="words")
        assert isinstance(first.failure, NotAllowed)
        assert second.failure is None

    run(test)


def test_a_list_that_shows_less_than_is_counted_calls_nothing_deleted() -> None:
    async def test(here: Room) -> None:
        item = await here.said("still there")
        here.network.shows_comments = False
        for verb in (Verb.DELETE, Verb.REPLY):
            assert (await here.look(verb, item, "some note")).done is None

    run(test)


def test_with_its_photo_a_comment_is_gone() -> None:
    async def test(here: Room) -> None:
        item = await here.said("below a photo")
        del here.network.photos[here.network.photo]
        sight = await here.look(Verb.DELETE, item)
        assert (sight.state, sight.done) == (ItemState.GONE, True)
        assert (await here.look(Verb.REPLY, item, "some note")).done is False

    run(test)


def test_many_items_of_one_photo_take_one_request_to_look_at() -> None:
    async def test(here: Room) -> None:
        items = [await here.said(f"number {number}") for number in range(5)]
        before = len(here.network.requests)
        sights = await here.connector.look(Verb.DELETE, items, [None] * 5)
        assert [sight.done for sight in sights] == [False] * 5
        assert len(here.network.requests) == before + 1

    run(test)


def test_what_flickr_does_not_have_and_what_has_no_words_is_refused() -> None:
    async def test(here: Room) -> None:
        item = await here.said("hide me")
        [hidden] = await here.connector.act(Order(Verb.HIDE, [item]))
        [empty] = await here.do(Verb.REPLY, item, text=" ")
        assert isinstance(hidden.failure, NotAllowed)
        assert isinstance(empty.failure, NotAllowed)
        assert (await here.look(Verb.DELETE, replace(item, note=""))).done is None

    run(test)
