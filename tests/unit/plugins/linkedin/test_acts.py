"""Verbs, and looking again at what came of them."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from console.api import Gone, ItemState, NotAllowed, SignInAgain, SlowDown, TryLater, Verb
from console.api.stage import Trouble
from tests.servers.false.linkedin import PAGE
from tests.unit.plugins.linkedin.rooms import a_post, comment, room


def test_an_answer_to_a_reply_names_the_comment_above_both() -> None:
    async def go() -> None:
        async with room() as here:
            top = here.network.said[here.network.say("top")]
            reply = here.network.say("reply", above=top.urn)
            target = comment(reply, top=top.urn)
            [answer] = await here.do(Verb.REPLY, target, text="Officers are there.")
            made = next(one for one in here.network.said.values() if one.actor == PAGE)
            assert (made.above, answer.note) == (top.urn, made.urn)
            [sight] = await here.connector.look(Verb.REPLY, [target], [answer.note])
            assert sight.done

    asyncio.run(go())


@pytest.mark.parametrize("target", [a_post(), a_post(is_ours=False)])
def test_a_post_is_answered_without_a_parent(target: object) -> None:
    async def go() -> None:
        async with room() as here:
            [answer] = await here.do(Verb.REPLY, target, text="The road is open.")  # type: ignore[arg-type]  # made by `a_post`
            [made] = here.network.said.values()
            assert (made.above, answer.failure) == ("", None)

    asyncio.run(go())


def test_an_answer_whose_name_was_lost_is_left_to_a_person_when_one_of_ours_is_there() -> None:
    async def go() -> None:
        async with room() as here:
            top = here.network.said[here.network.say("top")]
            target = comment(top.id)
            [nothing] = await here.connector.look(Verb.REPLY, [target], [None])
            here.network.say("ours", actor=PAGE, above=top.urn)
            [something] = await here.connector.look(Verb.REPLY, [target], [None])
            assert (nothing.done, something.done) == (False, None)

    asyncio.run(go())


def test_the_same_words_twice_are_refused_in_linkedins_own_words() -> None:
    async def go() -> None:
        async with room() as here:
            target = comment(here.network.say("top"))
            await here.do(Verb.REPLY, target, text="Please see our page.")
            [again] = await here.do(Verb.REPLY, target, text="Please see our page.")
            assert isinstance(again.failure, NotAllowed)
            assert "duplicate" in again.failure.words

    asyncio.run(go())


def test_an_answer_that_is_cut_off_may_have_been_made() -> None:
    async def go() -> None:
        async with room() as here:
            target = comment(here.network.say("top"))
            here.network.misbehave(Trouble.CUT_AFTER)
            [answer] = await here.do(Verb.REPLY, target, text="Officers are there.")
            assert isinstance(answer.failure, TryLater)
            assert answer.failure.sent

    asyncio.run(go())


def test_a_like_is_looked_at_as_the_page_and_not_as_the_person() -> None:
    async def go() -> None:
        async with room() as here:
            target = comment(here.network.say("thank you"))
            [before] = await here.connector.look(Verb.LIKE, [target], [None])
            [answer] = await here.do(Verb.LIKE, target)
            [after] = await here.connector.look(Verb.LIKE, [target], [None])
            assert (before.done, answer.failure, after.done) == (False, None, True)

    asyncio.run(go())


def test_our_own_comment_is_deleted_and_seen_to_be_gone() -> None:
    async def go() -> None:
        async with room() as here:
            target = comment(here.network.say("ours", actor=PAGE), is_ours=True)
            [before] = await here.connector.look(Verb.DELETE, [target], [None])
            [answer] = await here.do(Verb.DELETE, target)
            [after] = await here.connector.look(Verb.DELETE, [target], [None])
            assert answer.failure is None
            assert (before.done, after.done, after.state) == (False, True, ItemState.DELETED)

    asyncio.run(go())


def test_members_comments_are_not_deleted_while_the_switch_is_off() -> None:
    async def go() -> None:
        async with room() as here:
            [answer] = await here.do(Verb.DELETE, comment(here.network.say("theirs")))
            assert isinstance(answer.failure, NotAllowed)
            assert len(here.network.said) == 1
            assert here.network.changes == 0

    asyncio.run(go())


@pytest.mark.parametrize("does_it", [True, False])
def test_with_the_switch_linkedin_is_asked_and_its_answer_believed(does_it: bool) -> None:
    async def go() -> None:
        async with room(delete_others="on") as here:
            here.network.deletes_others = does_it
            target = comment(here.network.say("theirs"))
            assert here.connector.can(target)[Verb.DELETE].can
            [answer] = await here.do(Verb.DELETE, target)
            [sight] = await here.connector.look(Verb.DELETE, [target], [None])
            assert sight.done is does_it
            assert (answer.failure is None) is does_it

    asyncio.run(go())


@pytest.mark.parametrize("text", ["", "  \n"])
def test_an_answer_without_words_is_not_sent(text: str) -> None:
    async def go() -> None:
        async with room() as here:
            [answer] = await here.do(Verb.REPLY, comment(here.network.say("top")), text=text)
            assert isinstance(answer.failure, NotAllowed)
            assert here.network.changes == 0

    asyncio.run(go())


@pytest.mark.parametrize(("trouble", "kind"), [(Trouble.LIMIT, SlowDown), (Trouble.REVOKED, SignInAgain)])
def test_what_every_request_would_meet_ends_an_order(trouble: Trouble, kind: type[Exception]) -> None:
    async def go() -> None:
        async with room() as here:
            targets = [comment(here.network.say(str(number))) for number in range(3)]
            before = here.asked("/reactions")
            here.network.misbehave(trouble)
            answers = await here.do(Verb.LIKE, *targets)
            assert [type(answer.failure) for answer in answers] == [kind] * 3
            assert here.asked("/reactions") - before <= 1

    asyncio.run(go())


def test_one_that_is_gone_does_not_stop_the_others() -> None:
    async def go() -> None:
        async with room(delete_others="on") as here:
            here.network.deletes_others = True
            there = here.network.say("there")
            answers = await here.do(Verb.DELETE, comment("7000000000000000000"), comment(there))
            assert isinstance(answers[0].failure, Gone)
            assert answers[1].failure is None

    asyncio.run(go())


def test_looking_at_what_is_not_known_tells_nothing() -> None:
    async def go() -> None:
        async with room() as here:
            target = replace(comment(), note="")
            for verb in (Verb.LIKE, Verb.REPLY, Verb.REPORT):
                [sight] = await here.connector.look(verb, [target], [None])
                assert (sight.done, sight.state) == (None, target.state)
            [post] = await here.connector.look(Verb.DELETE, [a_post()], [None])
            assert post.done is None

    asyncio.run(go())
