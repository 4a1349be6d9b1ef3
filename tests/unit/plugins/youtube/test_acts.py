"""Verbs on comments: fifty in a write, the one that spoils it, and what can be done to what."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from console.api import (
    Gone,
    ItemKind,
    ItemState,
    NotAllowed,
    Order,
    RemoteId,
    SlowDown,
    Target,
    Verb,
    read_manifest,
)
from console.api.stage import Trouble
from console.services.ceilings import Load, cost
from plugins.youtube import capability
from plugins.youtube.acting import MOST_WRITES
from plugins.youtube.refusals import PURSE
from tests.servers.false.stage import PLUGINS
from tests.servers.false.youtube import FalseYouTube
from tests.unit.plugins.youtube.rooms import Desk, at_desk

MANIFEST = read_manifest(PLUGINS / "youtube" / "manifest.toml")


def comment(identity: str, *, top: str = "", **more: object) -> Target:
    """A comment as the console would name it."""
    note = json.dumps({"video": "vid123", "top": top or identity, "can_reply": True})
    target = Target(
        RemoteId(identity),
        ItemKind.REPLY if top else ItemKind.COMMENT,
        "UC_sam",
        RemoteId(top) if top else None,
        RemoteId(top or identity),
        ItemState.VISIBLE,
        is_ours=False,
        note=note,
    )
    return replace(target, **more)  # type: ignore[arg-type]  # the tests name its fields


def message(**more: object) -> Target:
    """A message of a live chat as the console would name it."""
    note = json.dumps({"video": "live1", "chat": "chat1", "can_reply": True})
    return replace(comment("LCC.1"), note=note, thread=None, **more)  # type: ignore[arg-type]  # its fields


def many(network: FalseYouTube, count: int) -> list[Target]:
    """So many comments, each a thread of its own."""
    return [comment(network.say(f"comment {number}")) for number in range(count)]


def test_fifty_comments_of_fifty_threads_are_hidden_by_one_write() -> None:
    async def work(place: Desk) -> None:
        targets = many(place.network, 50)
        assert await place.do(Verb.HIDE, *targets) == [None] * 50
        assert place.writes() == ["POST comments/setModerationStatus"]
        sights = await place.youtube.look(Verb.HIDE, targets, [None] * 50)
        assert {(one.state, one.done) for one in sights} == {(ItemState.HIDDEN, True)}

    at_desk(work)


def test_one_comment_that_was_taken_back_does_not_keep_the_others_from_being_hidden() -> None:
    async def work(place: Desk) -> None:
        targets = many(place.network, 50)
        place.network.withdraw(targets[17].remote_id)
        before = dict(place.allowance.taken)
        failures = await place.do(Verb.HIDE, *targets)
        assert isinstance(failures[17], Gone)
        assert [one for number, one in enumerate(failures) if number != 17] == [None] * 49
        assert len(place.writes()) == 3
        spent = place.allowance.taken["units a day"] - before["units a day"]
        assert spent == 2 * 50 + 1  # the two writes after the counted one, and one look by ids

    at_desk(work)


def test_a_comment_that_is_there_and_refused_all_the_same_is_found_by_halves() -> None:
    async def work(place: Desk) -> None:
        targets = many(place.network, 16)
        place.network.set_status(targets[5].remote_id, "rejected")
        failures = await place.do(Verb.PUBLISH, *targets)
        assert [number for number, one in enumerate(failures) if one is not None] == [5]
        assert failures[5] is not None
        assert len(place.writes()) == 9

    at_desk(work)


def test_when_the_units_run_out_half_way_what_was_done_stays_done() -> None:
    async def work(place: Desk) -> None:
        targets = many(place.network, 8)
        place.network.withdraw(targets[7].remote_id)
        taken = place.allowance.take

        async def take(ceiling: str, points: int = 1) -> None:
            if points == 50 and len(place.writes()) >= 2:
                raise SlowDown("The allowance is used up.", until=place.time() + 1000)
            await taken(ceiling, points)

        place.allowance.take = take  # type: ignore[method-assign]  # a purse that empties at the right moment
        failures = await place.do(Verb.HIDE, *targets)
        assert failures[:7] == [None] * 7
        assert isinstance(failures[7], SlowDown)

    at_desk(work)


def test_when_the_day_is_used_up_nothing_more_of_an_order_is_sent() -> None:
    async def work(place: Desk) -> None:
        targets = [replace(comment(place.network.say("x", name="force")), is_ours=True) for _ in range(3)]
        place.network.misbehave(Trouble.LIMIT)
        sent = len(place.network.requests)
        failures = await place.do(Verb.DELETE, *targets)
        assert all(isinstance(one, SlowDown) for one in failures)
        assert len(place.network.requests) == sent

    at_desk(work)


def test_a_comment_of_somebody_else_is_removed_for_good_with_its_replies() -> None:
    async def work(place: Desk) -> None:
        top = place.network.say("to be removed")
        reply = place.network.say("below it", top=top)
        assert await place.do(Verb.DELETE, comment(top)) == [None]
        assert not place.network.is_public(top)
        assert not place.network.is_public(reply)
        sight = await place.sight(Verb.DELETE, comment(top))
        assert (sight.state, sight.done) == (ItemState.DELETED, True)
        [failure] = await place.do(Verb.UNHIDE, comment(top, state=ItemState.DELETED))
        assert failure is not None

    at_desk(work)


def test_a_comment_of_our_own_is_deleted_and_not_rejected() -> None:
    async def work(place: Desk) -> None:
        ours = place.network.say("a slip of the pen", name="force")
        target = comment(ours, is_ours=True)
        assert await place.do(Verb.DELETE, target) == [None]
        assert place.writes() == ["DELETE comments"]
        assert (await place.sight(Verb.DELETE, target)).done is True
        [failure] = await place.do(Verb.DELETE, target)
        assert isinstance(failure, Gone)

    at_desk(work)


def test_blocking_removes_the_comment_and_bans_its_author() -> None:
    async def work(place: Desk) -> None:
        target = comment(place.network.say("spam", name="sam"))
        assert await place.do(Verb.BLOCK, target) == [None]
        assert place.network.banned == {"UC_sam"}
        assert not place.network.is_public(target.remote_id)
        assert (await place.sight(Verb.BLOCK, target)).done is None
        assert not place.network.is_public(place.network.say("more spam", name="sam"))

    at_desk(work)


@pytest.mark.parametrize("verb", [Verb.HOLD, Verb.HIDE])
def test_holding_and_hiding_are_taken_back_by_their_own_verbs(verb: Verb) -> None:
    back = {Verb.HOLD: Verb.PUBLISH, Verb.HIDE: Verb.UNHIDE}[verb]
    state = {Verb.HOLD: ItemState.HELD, Verb.HIDE: ItemState.HIDDEN}[verb]

    async def work(place: Desk) -> None:
        top = place.network.say("in public")
        for target in (comment(top), comment(place.network.say("below it", top=top), top=top)):
            assert await place.do(verb, target) == [None]
            assert (await place.sight(verb, target)).state is state
            hidden = replace(target, state=state)
            assert place.youtube.can(hidden)[back].can
            assert await place.do(back, hidden) == [None]
            assert (await place.sight(back, hidden)).state is ItemState.VISIBLE
            assert place.network.is_public(target.remote_id)

    at_desk(work)


def test_more_held_replies_than_come_with_a_thread_are_confirmed_too() -> None:
    async def work(place: Desk) -> None:
        top = place.network.say("in public")
        targets = [comment(place.network.say(f"reply {n}", top=top), top=top) for n in range(12)]
        assert await place.do(Verb.HIDE, *targets) == [None] * 12
        sights = await place.youtube.look(Verb.HIDE, targets, [None] * 12)
        assert {(one.state, one.done) for one in sights} == {(ItemState.HIDDEN, True)}

    at_desk(work)


def test_an_answer_goes_below_the_first_comment_even_when_it_answers_a_reply() -> None:
    async def work(place: Desk) -> None:
        top = place.network.say("a question")
        target = comment(place.network.say("and mine", top=top), top=top)
        [answer] = await place.youtube.act(Order(Verb.REPLY, [target], text="It is closed until noon."))
        assert place.network.comments[answer.note or ""].top == top
        assert (await place.sight(Verb.REPLY, target, answer.note)).done is True
        assert (await place.sight(Verb.REPLY, target, None)).done is None

    at_desk(work)


def test_an_answer_that_the_channel_itself_holds_for_review_is_not_called_done() -> None:
    async def work(place: Desk) -> None:
        place.network.holds_own = True
        target = comment(place.network.say("a question"))
        assert (await place.sight(Verb.REPLY, target, None)).done is False
        [answer] = await place.youtube.act(Order(Verb.REPLY, [target], text="It is closed until noon."))
        assert answer.failure is None
        assert (await place.sight(Verb.REPLY, target, answer.note)).done is False

    at_desk(work)


def test_an_answer_needs_words_and_a_comment_that_is_public() -> None:
    async def work(place: Desk) -> None:
        target = comment(place.network.say("a question", status="heldForReview"))
        [empty] = await place.do(Verb.REPLY, target, text="  ")
        [private] = await place.do(Verb.REPLY, target, text="It is closed.")
        [gone] = await place.do(Verb.REPLY, comment("Ugx-unheard-of"), text="It is closed.")
        assert str(empty) == "A reply needs words."
        assert str(private) == "The comment is not public, so nobody can reply to it."
        assert isinstance(gone, Gone)

    at_desk(work)


def test_what_cannot_be_done_is_not_sent() -> None:
    async def work(place: Desk) -> None:
        ours = comment(place.network.say("ours", name="force"), is_ours=True)
        good = comment(place.network.say("theirs"))
        failures = await place.do(Verb.HIDE, ours, good, message())
        assert [type(one) for one in failures] == [NotAllowed, type(None), NotAllowed]
        assert len(place.writes()) == 1

    at_desk(work)


HIDDEN, HELD, GONE = ItemState.HIDDEN, ItemState.HELD, ItemState.GONE


@pytest.mark.parametrize(
    ("target", "verb", "reason"),
    [
        (comment("a"), Verb.UNHIDE, capability.IS_PUBLIC),
        (comment("a", state=HIDDEN), Verb.HIDE, capability.IN_QUEUE),
        (comment("a", state=HELD), Verb.HOLD, capability.IN_QUEUE),
        (comment("a", state=HELD), Verb.REPLY, capability.NOT_PUBLIC),
        (comment("a", state=GONE), Verb.HIDE, capability.GONE),
        (comment("a", is_ours=True), Verb.HIDE, capability.OUR_OWN),
        (comment("a", is_ours=True), Verb.BLOCK, capability.OURSELVES),
        (comment("a"), Verb.UNBLOCK, capability.STUDIO_ONLY),
        (comment("a"), Verb.RESTRICT, capability.CHAT_ONLY),
        (comment("a", note='{"top": "a"}'), Verb.REPLY, capability.NO_REPLY),
        (comment("a", note="{}"), Verb.DELETE, capability.NOT_KNOWN),
        (message(), Verb.HIDE, capability.NO_HIDING),
        (message(), Verb.PUBLISH, capability.NO_HIDING),
        (message(is_ours=True), Verb.RESTRICT, capability.OURSELVES),
        (message(state=GONE), Verb.DELETE, capability.GONE),
    ],
)
def test_what_cannot_be_done_says_why(target: Target, verb: Verb, reason: str) -> None:
    verdict = capability.capabilities(target, MANIFEST)[verb]
    assert (verdict.can, verdict.words, verdict.reversible) == (False, reason, False)


@pytest.mark.parametrize(
    ("target", "verb", "reversible", "words"),
    [
        (comment("a"), Verb.HIDE, True, "Held for review"),
        (comment("a"), Verb.HOLD, True, "the same as hiding"),
        (comment("a", state=HELD), Verb.PUBLISH, True, "held again"),
        (comment("a", state=HIDDEN), Verb.UNHIDE, True, "out of the queue"),
        (comment("a"), Verb.DELETE, False, "no way back"),
        (comment("a", is_ours=True), Verb.DELETE, False, "Ours"),
        (comment("a"), Verb.BLOCK, False, "Only YouTube Studio can lift"),
        (message(), Verb.BLOCK, True, "Reversible"),
        (message(state=GONE), Verb.BLOCK, True, "Reversible"),
        (message(), Verb.RESTRICT, False, "five minutes"),
        (message(), Verb.DELETE, False, "from the chat"),
        (message(), Verb.REPLY, False, "in the live chat"),
    ],
)
def test_what_can_be_done_says_what_it_means(
    target: Target, verb: Verb, reversible: bool, words: str
) -> None:
    verdict = capability.capabilities(target, MANIFEST)[verb]
    assert (verdict.can, verdict.reversible) == (True, reversible)
    assert words in verdict.words


def test_a_refusal_of_everything_does_not_eat_up_the_day() -> None:
    async def work(place: Desk) -> None:
        targets = many(place.network, 50)
        for target in targets:
            place.network.set_status(target.remote_id, "rejected")
        failures = await place.do(Verb.PUBLISH, *targets)
        assert None not in failures
        assert len(place.writes()) == MOST_WRITES
        assert any("not tried yet" in str(one) for one in failures)

    at_desk(work)


def test_many_that_were_taken_back_take_one_more_write_for_all() -> None:
    async def work(place: Desk) -> None:
        targets = many(place.network, 30)
        for target in targets[:20]:
            place.network.withdraw(target.remote_id)
        failures = await place.do(Verb.HIDE, *targets)
        assert all(isinstance(one, Gone) for one in failures[:20])
        assert failures[20:] == [None] * 10
        assert len(place.writes()) == 3

    at_desk(work)


def test_a_thousand_comments_cost_twenty_writes_and_belong_to_one_project() -> None:
    [purse] = MANIFEST.ceilings
    assert (purse.name, purse.points, purse.seconds, purse.per) == (PURSE, 10_000, 86_400, "app")
    assert purse.batch == MANIFEST.batch == 50
    for verb in (Verb.HIDE, Verb.UNHIDE, Verb.HOLD, Verb.PUBLISH, Verb.DELETE, Verb.BLOCK):
        assert cost(purse, verb, Load(items=1000, threads=1000)) == 20 * 50
    assert cost(purse, Verb.REPLY, Load(items=3)) == 150
