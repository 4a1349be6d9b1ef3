"""What is sent for each verb, and how its effect is found again."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest

from console.api import (
    Gone,
    ItemState,
    Misunderstood,
    NotAllowed,
    RemoteId,
    SignInAgain,
    SlowDown,
    Target,
    TryLater,
    Verb,
)
from console.api.stage import Trouble, target_of
from tests.servers.false.facebook import ACTS, PAGE, SAM, FacebookNetwork
from tests.servers.false.metagraph import Refusal
from tests.unit.plugins.facebook.rooms import Room, in_a_room, room


async def _writes(here: Room) -> list[tuple[str, str]]:
    return [(one.method, one.path) for one in here.network.requests if one.method != "GET"]


def test_a_reply_goes_below_the_comment_and_never_to_it() -> None:
    async def test(here: Room) -> None:
        target = await here.said("is the ford open?")
        [answer] = await here.do(Verb.REPLY, target, text="  Closed until noon. ")
        assert answer.failure is None
        [(method, path)] = await _writes(here)
        assert (method, path.rpartition("/")[2]) == ("POST", "comments")
        assert here.network.comments[target.remote_id].text == "is the ford open?"
        assert (await here.look(Verb.REPLY, target, answer.note)).done is True
        # Its id was lost: with an answer of ours below it, nobody can tell which one this is.
        assert (await here.look(Verb.REPLY, target)).done is None

    in_a_room(test)


def test_a_reply_that_never_came_is_not_there() -> None:
    async def test(here: Room) -> None:
        target = await here.said("unanswered")
        assert (await here.look(Verb.REPLY, target)).done is False
        assert (await here.look(Verb.REPLY, target, "1_999")).done is False

    in_a_room(test)


def test_a_reply_to_a_reply_is_hung_below_the_comment_on_top_and_still_found() -> None:
    async def test(here: Room) -> None:
        top = here.network.say("on top")
        here.network.say("below it", parent=top)
        target = target_of((await here.items("below it"))["below it"])
        assert target.parent == top
        [answer] = await here.do(Verb.REPLY, target, text="Noted.")
        assert (await here.look(Verb.REPLY, target, answer.note)).done is True

    in_a_room(test)


def test_an_answer_that_names_the_comment_itself_is_not_taken_for_a_reply() -> None:
    async def test(here: Room) -> None:
        target = await here.said("answered strangely")
        network, route = here.network, here.network.route
        network.route = (  # type: ignore[method-assign]  # a network that misunderstands
            lambda request, path, said: (
                {"id": f"1_{target.remote_id}"} if request.method == "POST" else route(request, path, said)
            )
        )
        [answer] = await here.do(Verb.REPLY, target, text="Noted.")
        assert isinstance(answer.failure, Misunderstood)
        assert answer.failure.sent

    in_a_room(test)


def test_a_reply_without_words_is_refused_before_it_is_sent() -> None:
    async def test(here: Room) -> None:
        target = await here.said("say something")
        [answer] = await here.do(Verb.REPLY, target, text="  ")
        assert isinstance(answer.failure, NotAllowed)
        assert await _writes(here) == []

    in_a_room(test)


def test_a_private_reply_names_the_comment_and_is_sent_once() -> None:
    async def test(here: Room) -> None:
        target = await here.said("my number is on the form")
        assert (await here.look(Verb.PRIVATE_REPLY, target)).done is False
        [answer] = await here.do(Verb.PRIVATE_REPLY, target, text="We have it.")
        assert answer.failure is None
        assert here.network.messages[answer.note or ""].text == "We have it."
        assert (await here.look(Verb.PRIVATE_REPLY, target, answer.note)).done is True
        [again] = await here.do(Verb.PRIVATE_REPLY, target, text="We have it.")
        assert isinstance(again.failure, NotAllowed)

    in_a_room(test)


def test_a_like_is_seen() -> None:
    async def test(here: Room) -> None:
        target = await here.said("thank you all")
        assert (await here.look(Verb.LIKE, target)).done is False
        await here.do(Verb.LIKE, target)
        assert PAGE in here.network.comments[target.remote_id].likes
        assert (await here.look(Verb.LIKE, target)).done is True

    in_a_room(test)


def test_deleting_takes_replies_along_and_is_seen() -> None:
    async def test(here: Room) -> None:
        top = here.network.say("on top")
        below = here.network.say("below", parent=top)
        target = target_of((await here.items("on top"))["on top"])
        assert (await here.look(Verb.DELETE, target)).done is False
        [answer] = await here.do(Verb.DELETE, target)
        assert answer.failure is None
        assert not {top, below} & set(here.network.comments)
        sight = await here.look(Verb.DELETE, target)
        assert (sight.done, sight.state) == (True, ItemState.DELETED)

    in_a_room(test)


def test_one_author_of_many_comments_is_banned_with_one_request() -> None:
    async def test(here: Room) -> None:
        targets = [await here.said(f"spam {number}") for number in range(3)]
        answers = await here.do(Verb.BLOCK, *targets)
        assert [answer.failure for answer in answers] == [None] * 3
        assert here.network.banned == {SAM}
        assert len(await _writes(here)) == 1
        assert (await here.look(Verb.BLOCK, targets[0])).done is True
        assert (await here.look(Verb.UNBLOCK, targets[0])).done is False
        await here.do(Verb.UNBLOCK, *targets)
        assert here.network.banned == set()

    in_a_room(test)


def test_nobody_is_banned_where_facebook_does_not_say_who_it_was() -> None:
    async def test(here: Room) -> None:
        target = await here.said("by nobody")
        [answer] = await here.do(Verb.BLOCK, target)
        assert isinstance(answer.failure, NotAllowed)
        assert await _writes(here) == []

    in_a_room(test, lambda network: setattr(network, "shows_authors", False))


def test_many_share_a_batch_and_each_has_an_answer_of_its_own() -> None:
    async def test(here: Room) -> None:
        targets = [await here.said(f"one of {number}") for number in range(4)]
        here.network.withdraw(targets[1].remote_id)
        here.network.comments[targets[2].remote_id].flags["can_hide"] = False
        foreign = replace(targets[0], note="\x00")
        answers = await here.do(Verb.HIDE, *targets[:2], foreign, *targets[2:])
        kinds = [type(answer.failure) for answer in answers]
        assert kinds == [type(None), Gone, NotAllowed, NotAllowed, type(None)]
        assert [one.path for one in here.network.requests if one.method == "POST"].count("/v26.0/") == 1
        sights = await here.scene.connector.look(Verb.HIDE, targets, [None] * 4)
        assert [sight.done for sight in sights] == [True, True, False, True]
        assert [sight.state for sight in sights][1] is ItemState.GONE

    in_a_room(test)


@pytest.mark.parametrize(
    ("trouble", "is_sent"), [(Trouble.CUT, True), (Trouble.FAULT, True), (Trouble.HTML, True)]
)
def test_a_batch_that_is_lost_may_have_been_done_in_each_part(trouble: Trouble, is_sent: bool) -> None:
    async def test(here: Room) -> None:
        targets = [await here.said(f"one of {number}") for number in range(2)]
        here.network.misbehave(trouble)
        answers = await here.do(Verb.HIDE, *targets)
        here.network.behave()
        assert all(isinstance(answer.failure, TryLater | Misunderstood) for answer in answers)
        assert {answer.failure.sent for answer in answers if answer.failure} == {is_sent}

    in_a_room(test)


def test_a_ceiling_in_the_middle_of_an_order_ends_it() -> None:
    async def test(here: Room) -> None:
        targets = [await here.said(f"one of {number}") for number in range(3)]
        here.network.misbehave(Trouble.LIMIT)
        before = len(here.network.requests)
        answers = await here.do(Verb.REPLY, *targets, text="Noted.")
        assert [type(answer.failure) for answer in answers] == [SlowDown] * 3
        assert len(here.network.requests) == before
        here.network.behave()

    in_a_room(test)


def test_a_sign_in_that_is_taken_away_ends_an_order() -> None:
    async def test(here: Room) -> None:
        targets = [await here.said(f"one of {number}") for number in range(2)]
        here.network.misbehave(Trouble.REVOKED)
        answers = [*await here.do(Verb.HIDE, *targets), *await here.do(Verb.REPLY, *targets, text="x")]
        assert [isinstance(answer.failure, SignInAgain) for answer in answers] == [True] * 4
        here.network.behave()

    in_a_room(test)


def test_a_refused_right_is_said_in_the_networks_words() -> None:
    async def test(here: Room) -> None:
        target = await here.said("cannot be hidden")
        here.network.withheld.add(ACTS)
        [answer] = await here.do(Verb.HIDE, target)
        assert isinstance(answer.failure, NotAllowed)
        assert "permission" in answer.failure.words

    in_a_room(test)


def test_a_visitors_post_is_hidden_and_answered() -> None:
    async def test(here: Room) -> None:
        post = here.network.publish("Nobody answers here", sort="visitor", by=SAM)
        target = target_of((await here.items("Nobody answers here"))["Nobody answers here"])
        assert (await here.do(Verb.HIDE, target))[0].failure is None
        assert here.network.posts[post].hidden
        assert (await here.look(Verb.HIDE, target)).done is True
        [answer] = await here.do(Verb.REPLY, target, text="We do.")
        assert (await here.look(Verb.REPLY, target, answer.note)).done is True

    in_a_room(test)


async def _mail(here: Room) -> Target:
    here.network.write_to_page("Can I come by?")
    return target_of((await here.items("Can I come by?"))["Can I come by?"])


def test_a_message_is_answered_as_a_message() -> None:
    async def test(here: Room) -> None:
        target = await _mail(here)
        [answer] = await here.do(Verb.REPLY, target, text="Yes, until six.")
        assert here.network.messages[answer.note or ""].text == "Yes, until six."
        assert (await here.look(Verb.REPLY, target, answer.note)).done is True
        assert (await here.look(Verb.REPLY, target)).done is None
        [sent] = [one for one in here.network.requests if one.method == "POST"]
        assert json.loads(sent.form["recipient"]) == {"id": SAM}

    in_a_room(test)


def test_a_correspondent_is_silenced_in_messages_only_and_nobody_can_see_it() -> None:
    async def test(here: Room) -> None:
        target = await _mail(here)
        assert (await here.do(Verb.BLOCK, target))[0].failure is None
        assert here.network.silenced == {SAM}
        assert here.network.banned == set()
        assert (await here.look(Verb.BLOCK, target)).done is None
        await here.do(Verb.UNBLOCK, target)
        assert here.network.silenced == set()

    in_a_room(test)


def test_a_missing_state_is_not_taken_for_shown() -> None:
    async def test(here: Room) -> None:
        target = await here.said("without a state")
        shown = FacebookNetwork._shown
        here.network._shown = lambda one: {  # type: ignore[method-assign]
            name: value for name, value in shown(here.network, one).items() if name != "is_hidden"
        }
        sight = await here.look(Verb.HIDE, target)
        assert (sight.done, sight.state) == (None, ItemState.UNKNOWN)

    in_a_room(test)


def test_a_visitors_post_that_facebook_refuses_to_show_stops_nothing_else() -> None:
    def prepare(network: FacebookNetwork) -> None:
        network.edges["tagged"] = Refusal("(#200) Not for this Page", 200)

    async def body() -> None:
        async with room(prepare) as here:
            assert (await here.said("all the same")).remote_id

    asyncio.run(body())


def test_an_order_of_more_than_a_batch_ends_with_the_batch_that_met_a_ceiling() -> None:
    async def test(here: Room) -> None:
        target = await here.said("hidden over and over")
        targets = [replace(target, remote_id=RemoteId(f"{target.remote_id}{number}")) for number in range(60)]
        taken = await here.do(Verb.HIDE, *targets)
        assert [answer.failure for answer in taken] == [None] * 60
        sights = await here.scene.connector.look(Verb.HIDE, targets, [None] * 60)
        assert all(sight.done for sight in sights)
        here.network.misbehave(Trouble.LIMIT, requests=1)
        refused = await here.do(Verb.UNHIDE, *targets)
        assert [answer.remote_id for answer in refused] == [one.remote_id for one in targets]
        assert all(isinstance(answer.failure, SlowDown) for answer in refused)

    in_a_room(test)
