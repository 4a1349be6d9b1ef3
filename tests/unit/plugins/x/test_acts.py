"""What verbs send, what X answers, and what a look shows afterwards."""

from __future__ import annotations

from dataclasses import replace

import pytest

from console.api import Gone, ItemState, NotAllowed, SignInAgain, SlowDown, Verb
from console.api.stage import Trouble, target_of
from plugins.x.acting import PRICE, PRICE_WITH_LINK
from tests.servers.false.x_memory import FORCE
from tests.unit.plugins.x.rooms import Room, by_id, reading, run


def test_an_edited_reply_is_hidden_by_its_newest_version() -> None:
    async def go(here: Room) -> None:
        first = here.reply("first words")
        async with reading(here) as stream:
            await stream.texts("first words")
            newer = here.memory.rewrite(first, "other words")
            await stream.texts("other words")
            target = target_of(by_id(stream.seen, first))
        await here.do(Verb.HIDE, target)
        assert here.network.requests[-1].path == f"/2/tweets/{newer}/hidden"
        assert here.memory.hidden == {first}

    run(go)


def test_a_reply_that_is_hidden_already_can_be_hidden_again_since_the_state_is_only_a_record() -> None:
    async def go(here: Room) -> None:
        here.reply("nasty")
        target = replace(await here.target("nasty"), state=ItemState.HIDDEN)
        [answer] = await here.do(Verb.HIDE, target)
        assert answer.failure is None
        assert here.memory.hidden == {target.remote_id}

    run(go)


def test_our_own_reply_is_not_hidden_though_it_stands_in_our_conversation() -> None:
    async def go(here: Room) -> None:
        above = here.reply("why?")
        own = here.memory.write("Because of the flood.", author=FORCE, to=above)
        async with reading(here) as stream:
            await stream.until(lambda seen: any(one.remote_id == own for one in seen.arrivals))
        [answer] = await here.do(Verb.HIDE, target_of(by_id(stream.seen, own)))
        assert isinstance(answer.failure, NotAllowed)
        assert not here.memory.hidden

    run(go)


def test_a_reply_in_somebody_elses_conversation_is_refused_before_anything_is_sent() -> None:
    async def go(here: Room) -> None:
        here.mention("outside")
        target = await here.target("outside")
        sent = len(here.network.requests)
        [answer] = await here.do(Verb.HIDE, target)
        assert isinstance(answer.failure, NotAllowed)
        assert len(here.network.requests) == sent

    run(go)


def test_a_look_at_a_hidden_reply_shows_that_it_is_there_and_nothing_more() -> None:
    async def go(here: Room) -> None:
        here.reply("nasty")
        target = await here.target("nasty")
        await here.do(Verb.HIDE, target)
        hidden = replace(target, state=ItemState.HIDDEN)
        assert await here.look(Verb.HIDE, hidden) == replace(
            await here.look(Verb.UNHIDE, hidden), state=ItemState.HIDDEN, done=None
        )
        here.memory.withdraw(target.remote_id)
        gone = await here.look(Verb.HIDE, hidden)
        assert (gone.state, gone.done) == (ItemState.GONE, True)
        assert (await here.look(Verb.UNHIDE, hidden)).done is False

    run(go)


def test_our_own_post_is_deleted_and_seen_to_be_gone() -> None:
    async def go(here: Room) -> None:
        async with reading(here) as stream:
            await stream.rounds(1)
        target = target_of(by_id(stream.seen, here.memory.root))
        assert (await here.look(Verb.DELETE, target)).done is False
        [answer] = await here.do(Verb.DELETE, target)
        assert answer.failure is None
        sight = await here.look(Verb.DELETE, target)
        assert (sight.state, sight.done) == (ItemState.DELETED, True)

    run(go)


def test_a_reply_costs_more_with_a_link_in_it() -> None:
    async def go(here: Room) -> None:
        here.reply("where?")
        target = await here.target("where?")
        money = here.x._session.money
        before = money.spent
        await here.do(Verb.REPLY, target, text="At the depot.")
        await here.do(Verb.REPLY, target, text="See https://force.example/floods")
        assert money.spent - before == PRICE + PRICE_WITH_LINK

    run(go)


def test_a_reply_whose_id_was_lost_is_looked_for_among_our_posts() -> None:
    async def go(here: Room) -> None:
        here.reply("where?")
        target = await here.target("where?")
        assert (await here.look(Verb.REPLY, target)).done is False
        [answer] = await here.do(Verb.REPLY, target, text="At the depot.")
        assert (await here.look(Verb.REPLY, target, answer.note)).done is True
        assert (await here.look(Verb.REPLY, target)).done is None, "nobody can tell whether it is this one"

    run(go)


def test_x_refusing_to_answer_a_stranger_is_said_with_its_likely_reasons() -> None:
    async def go(here: Room) -> None:
        here.reply("hello")
        target = await here.target("hello")
        here.network.may_answer_anyone = False
        [answer] = await here.do(Verb.REPLY, target, text="Hello.")
        assert isinstance(answer.failure, NotAllowed)
        assert "plan" in answer.failure.words

    run(go)


def test_the_same_words_twice_are_refused_in_plain_words() -> None:
    async def go(here: Room) -> None:
        here.reply("hello")
        target = await here.target("hello")
        await here.do(Verb.REPLY, target, text="Hello.")
        [answer] = await here.do(Verb.REPLY, target, text="Hello.")
        assert isinstance(answer.failure, NotAllowed)
        assert "same words only once" in answer.failure.words

    run(go)


@pytest.mark.parametrize("text", ["", "   ", "x" * 25_001])
def test_words_that_x_cannot_take_are_not_sent(text: str) -> None:
    async def go(here: Room) -> None:
        here.reply("hello")
        target = await here.target("hello")
        sent = len(here.network.requests)
        [answer] = await here.do(Verb.REPLY, target, text=text)
        assert isinstance(answer.failure, NotAllowed)
        assert len(here.network.requests) == sent

    run(go)


def test_after_a_ceiling_or_an_ended_sign_in_the_rest_of_an_order_is_not_sent() -> None:
    async def go(here: Room) -> None:
        for number in range(4):
            here.reply(f"number {number}")
        async with reading(here) as stream:
            await stream.texts(*(f"number {number}" for number in range(4)))
        targets = [target_of(one) for one in stream.seen.arrivals if not one.is_ours]
        for trouble, kind in ((Trouble.LIMIT, SlowDown), (Trouble.REVOKED, SignInAgain)):
            here.network.misbehave(trouble)
            answers = await here.do(Verb.HIDE, *targets)
            here.network.behave()
            assert all(isinstance(answer.failure, kind) for answer in answers)
        assert not here.memory.hidden

    run(go)


def test_one_reply_that_is_gone_does_not_keep_the_others_from_being_hidden() -> None:
    async def go(here: Room) -> None:
        for number in range(3):
            here.reply(f"number {number}")
        async with reading(here) as stream:
            await stream.texts(*(f"number {number}" for number in range(3)))
        targets = [target_of(one) for one in stream.seen.arrivals if not one.is_ours]
        here.memory.withdraw(targets[1].remote_id)
        answers = await here.do(Verb.HIDE, *targets)
        assert [isinstance(answer.failure, Gone) for answer in answers] == [False, True, False]
        assert len(here.memory.hidden) == 2

    run(go)


def test_mutes_and_blocks_are_seen_on_the_author_and_leave_the_item_as_it_was() -> None:
    async def go(here: Room) -> None:
        here.reply("nasty")
        target = await here.target("nasty")
        for verb, back in ((Verb.MUTE, Verb.UNMUTE), (Verb.BLOCK, Verb.UNBLOCK)):
            assert (await here.look(verb, target)).done is False
            await here.do(verb, target)
            sight = await here.look(verb, target)
            assert (sight.state, sight.done) == (ItemState.VISIBLE, True)
            assert (await here.look(back, target)).done is False
            await here.do(back, target)
            assert (await here.look(back, target)).done is True

    run(go)


def test_an_author_who_is_gone_needs_no_unmuting_and_can_tell_nothing_of_a_mute() -> None:
    async def go(here: Room) -> None:
        here.reply("nasty")
        target = await here.target("nasty")
        del here.memory.users[target.author_id]
        assert (await here.look(Verb.UNMUTE, target)).done is True
        assert (await here.look(Verb.MUTE, target)).done is None

    run(go)


def test_acts_go_out_and_are_looked_at_though_the_days_money_is_gone() -> None:
    async def go(here: Room) -> None:
        here.reply("nasty")
        target = await here.target("nasty")
        await here.x._session.money.note(1_000_000)
        assert here.x._session.money.left == 0
        here.allowance.learnt.clear()  # the console lets what belongs to an act through
        [answer] = await here.do(Verb.HIDE, target)
        assert answer.failure is None
        assert (await here.look(Verb.HIDE, target)).state is ItemState.VISIBLE

    run(go)


def test_what_the_headers_say_of_hiding_is_passed_on() -> None:
    async def go(here: Room) -> None:
        here.reply("nasty")
        target = await here.target("nasty")
        await here.do(Verb.HIDE, target)
        left, until = here.allowance.learnt["hidden and shown replies"]
        assert left == 250
        assert until > here.clock.now()

    run(go)
