"""What each verb sends, and what a look shows of it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from console.api import Gone, ItemState, NotAllowed, Order, SlowDown, Target, Verb
from console.api.stage import KeptSecret, Trouble, target_of, watch
from tests.servers.false.reddit import FORCE, RedditNetwork
from tests.unit.plugins.reddit.rooms import Room, room, run, target


def test_a_removal_of_what_a_filter_held_makes_it_hidden_and_an_approval_publishes_it() -> None:
    async def test(here: Room) -> None:
        name = here.network.say("held")
        here.network.moderate(name, by="AutoModerator")
        item = target_of(await here.arrival(name, "held"))
        assert (await here.look(Verb.PUBLISH, item)).done is False
        assert (await here.do(Verb.PUBLISH, item))[0].failure is None
        assert (await here.look(Verb.PUBLISH, item)).state is ItemState.VISIBLE
        assert (await here.look(Verb.PUBLISH, item)).done is True

    run(test)


def test_a_look_without_a_moderators_fields_says_that_it_does_not_know() -> None:
    async def test(here: Room) -> None:
        item = await here.said("hide me")
        await here.do(Verb.HIDE, item)
        here.network.permissions = None
        sight = await here.look(Verb.HIDE, item)
        assert (sight.state, sight.done) == (ItemState.UNKNOWN, None)

    run(test)


def test_our_own_comment_is_deleted_for_good() -> None:
    async def test(here: Room) -> None:
        theirs = await here.said("is the ford open?")
        [answer] = await here.do(Verb.REPLY, theirs, text="Closed until noon.")
        name = answer.note or ""
        ours = target(name, is_ours=True)
        assert (await here.look(Verb.DELETE, ours)).done is False
        assert (await here.do(Verb.DELETE, ours))[0].failure is None
        sight = await here.look(Verb.DELETE, ours)
        assert (sight.state, sight.done) == (ItemState.DELETED, True)
        assert (await here.look(Verb.REPLY, theirs, name)).done is False

    run(test)


def test_another_persons_words_are_never_sent_to_be_deleted() -> None:
    async def test(here: Room) -> None:
        [answer] = await here.do(Verb.DELETE, await here.said("theirs"))
        assert isinstance(answer.failure, NotAllowed)
        assert here.network.changes == 0

    run(test)


def test_an_answer_whose_name_was_lost_is_looked_for_among_our_own() -> None:
    async def test(here: Room) -> None:
        item = await here.said("is the bridge open?")
        assert (await here.look(Verb.REPLY, item)).done is False
        here.network.misbehave(Trouble.CUT_AFTER)
        [answer] = await here.do(Verb.REPLY, item, text="It is.")
        here.network.behave()
        assert answer.failure is not None
        assert answer.failure.sent
        assert (await here.look(Verb.REPLY, item)).done is None

    run(test)


def test_a_like_is_seen_to_be_one() -> None:
    async def test(here: Room) -> None:
        item = await here.said("thank you for the quick help")
        assert (await here.look(Verb.LIKE, item)).done is False
        await here.do(Verb.LIKE, item)
        assert (await here.look(Verb.LIKE, item)).done is True

    run(test)


def test_a_report_names_its_category_and_nobody_tells_what_came_of_it() -> None:
    async def test(here: Room) -> None:
        item = await here.said("a threat")
        await here.do(Verb.REPORT, item, category="threat-to-life")
        assert here.network.reports == [(item.remote_id, "Reported by a police force: threat to life")]
        assert (await here.look(Verb.REPORT, item)).done is None

    run(test)


def test_two_items_of_one_author_take_one_ban() -> None:
    async def test(here: Room) -> None:
        items = [await here.said("one"), await here.said("two")]
        answers = await here.do(Verb.BLOCK, *items)
        assert [answer.remote_id for answer in answers] == [item.remote_id for item in items]
        assert here.network.changes == 1
        assert here.network.people["banned"] == {"sam_example"}
        assert (await here.look(Verb.BLOCK, items[1])).done is True
        assert (await here.look(Verb.UNBLOCK, items[1])).done is False

    run(test)


def test_what_follows_a_ceiling_in_an_order_is_not_sent() -> None:
    async def test(here: Room) -> None:
        items = [await here.said(f"number {number}") for number in range(3)]
        here.network.errors = [["RATELIMIT", "Take a break for 4 minutes.", "ratelimit"]]
        here.network.wait = 240.0
        before = len(here.network.requests)
        answers = await here.do(Verb.HIDE, *items)
        assert all(isinstance(answer.failure, SlowDown) for answer in answers)
        assert len(here.network.requests) == before + 1

    run(test)


@pytest.mark.parametrize(
    ("code", "kind"), [("DELETED_COMMENT", Gone), ("THREAD_LOCKED", NotAllowed), ("TOO_OLD", NotAllowed)]
)
def test_a_refusal_under_status_200_is_no_success(code: str, kind: type[Exception]) -> None:
    async def test(here: Room) -> None:
        item = await here.said("answer me")
        here.network.errors = [[code, "that does not work", "parent"]]
        [answer] = await here.do(Verb.REPLY, item, text="words")
        assert isinstance(answer.failure, kind)
        assert not answer.failure.sent

    run(test)


def test_a_reply_needs_words() -> None:
    async def test(here: Room) -> None:
        [answer] = await here.do(Verb.REPLY, await here.said("answer me"), text="  ")
        assert isinstance(answer.failure, NotAllowed)

    run(test)


def test_a_private_message_is_answered_and_not_looked_at() -> None:
    def prepare(network: RedditNetwork) -> None:
        message: dict[str, Any] = {"body": "I have lost my keys", "subject": "Keys", "subreddit": None}
        network.inbox.append(network.add("t4", "ivo_example", **message))

    async def go() -> None:
        async with room(prepare) as here:
            item = target_of(await here.arrival(here.network.inbox[0], "I have lost my keys"))
            [answer] = await here.do(Verb.REPLY, item, text="Please come to the front desk.")
            assert answer.failure is None
            assert (await here.look(Verb.REPLY, item, answer.note)).done is None

    asyncio.run(go())


def test_what_a_missing_permission_forbids_is_not_sent() -> None:
    def prepare(network: RedditNetwork) -> None:
        network.permissions = ["posts"]

    async def go() -> None:
        async with room(prepare) as here:
            item = await here.said("ban me")
            [answer] = await here.do(Verb.BLOCK, item)
            assert isinstance(answer.failure, NotAllowed)
            assert "access" in answer.failure.words
            assert (await here.do(Verb.HIDE, item))[0].failure is None

    asyncio.run(go())


def test_a_removal_is_taken_back_by_whoever_did_it() -> None:
    async def test(here: Room) -> None:
        item = await here.said("hide me")
        await here.do(Verb.HIDE, item)
        assert here.network.things[item.remote_id]["banned_by"] == FORCE
        seen = await watch(here.scene.connector, {"hide me"})
        again = next(one for one in seen.arrivals if one.remote_id == item.remote_id)
        assert again.state is ItemState.HIDDEN

    run(test)


def test_an_order_of_a_verb_that_reddit_does_not_have_is_refused() -> None:
    async def test(here: Room) -> None:
        item: Target = await here.said("hold me")
        [answer] = await here.scene.connector.act(Order(Verb.HOLD, [item]))
        assert isinstance(answer.failure, NotAllowed)

    run(test)


def test_a_secret_with_the_token_alone_is_enough_while_it_holds() -> None:
    async def go() -> None:
        async with room(secret=KeptSecret('{"access_token": "access-at-first"}')) as here:
            await here.said("heard")

    asyncio.run(go())
