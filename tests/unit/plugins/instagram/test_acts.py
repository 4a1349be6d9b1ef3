"""Verbs that go elsewhere than to a comment, and what may go wrong with the others."""

from __future__ import annotations

import json

import pytest

from console.api import Failure, Gone, ItemKind, ItemState, NotAllowed, SignInAgain, SlowDown, TryLater, Verb
from console.api.stage import Trouble, target_of, watch
from tests.servers.false.instagram import US, InstagramNetwork
from tests.servers.false.metagraph import Refusal
from tests.servers.false.server import Answer, Request
from tests.unit.plugins.instagram.rooms import Room, in_room


def _asked(network: InstagramNetwork) -> str:
    return network.say("Is the ford open?")


def test_a_comment_is_deleted_with_what_stands_below_it() -> None:
    def prepare(network: InstagramNetwork) -> None:
        network.say("below", below=network.say("above"))

    async def go(here: Room) -> None:
        above, below = await here.target("above"), await here.target("below")
        assert (below.parent, below.kind) == (above.remote_id, ItemKind.REPLY)
        assert (await here.look(Verb.DELETE, above)).done is False
        answer = await here.do(Verb.DELETE, above)
        assert answer.failure is None
        for gone in (above, below):
            sight = await here.look(Verb.DELETE, gone)
            assert (sight.state, sight.done) == (ItemState.DELETED, True)
        assert isinstance((await here.do(Verb.DELETE, above)).failure, Gone)

    in_room(go, prepare)


def test_a_commenter_is_answered_in_private_once() -> None:
    async def go(here: Room) -> None:
        target = await here.target("Is the ford open?")
        answer = await here.do(Verb.PRIVATE_REPLY, target, "Please call 101.")
        assert answer.failure is None
        assert answer.note in here.network.sent
        sent = here.network.sent[answer.note or ""]
        assert sent == {
            "recipient": {"comment_id": target.remote_id},
            "message": {"text": "Please call 101."},
        }
        assert (await here.look(Verb.PRIVATE_REPLY, target, answer.note)).done is True
        assert (await here.look(Verb.PRIVATE_REPLY, target)).done is None, "without its id nobody can tell"
        second = await here.do(Verb.PRIVATE_REPLY, target, "Please call 101 now.")
        assert isinstance(second.failure, NotAllowed)

    in_room(go, _asked)


def test_a_private_message_is_answered_where_it_came_from() -> None:
    async def go(here: Room) -> None:
        message = await here.target("I saw which way they ran")
        assert message.kind is ItemKind.MESSAGE
        answer = await here.do(Verb.REPLY, message, "Thank you. Please call 101.")
        assert answer.failure is None
        assert here.network.sent[answer.note or ""]["recipient"] == {"id": "99sam.example"}
        assert (await here.look(Verb.REPLY, message, answer.note)).done is True
        assert isinstance((await here.do(Verb.HIDE, message)).failure, NotAllowed)

    in_room(go, lambda network: network.write("I saw which way they ran"))


def test_a_post_that_tags_us_is_answered_through_the_mentions() -> None:
    async def go(here: Room) -> None:
        tag = await here.target("thanks @force.example")
        answer = await here.do(Verb.REPLY, tag, "Glad to help.")
        assert answer.failure is None
        made = here.network.things[answer.note or ""]
        assert (made.by, made.root) == (US, tag.remote_id)
        assert (await here.look(Verb.REPLY, tag)).done is None

    in_room(go, lambda network: network.tag("thanks @force.example"))


def test_a_post_of_our_own_is_commented_on() -> None:
    async def go(here: Room) -> None:
        seen = await watch(here.scene.connector, {"Is the ford open?"})
        post = next(one for one in seen.arrivals if one.is_ours)
        answer = await here.do(Verb.REPLY, target_of(post), "It is open again.")
        assert here.network.things[answer.note or ""].root == post.remote_id
        assert not here.network.things[answer.note or ""].parent

    in_room(go, _asked)


def test_a_hidden_comment_is_not_answered_in_public() -> None:
    async def go(here: Room) -> None:
        target = await here.target("Is the ford open?")
        assert (await here.do(Verb.HIDE, target)).failure is None
        failure = (await here.do(Verb.REPLY, target, "Yes.")).failure
        assert isinstance(failure, NotAllowed), "the network refuses it too"
        assert not failure.sent

    in_room(go, _asked)


def test_an_answer_without_words_is_not_sent() -> None:
    async def go(here: Room) -> None:
        target = await here.target("Is the ford open?")
        for verb in (Verb.REPLY, Verb.PRIVATE_REPLY):
            failure = (await here.do(verb, target, " ")).failure
            assert isinstance(failure, NotAllowed)
        assert here.network.changes == 0

    in_room(go, _asked)


def test_a_lost_answer_leaves_it_to_a_person_only_when_we_answered_there() -> None:
    async def go(here: Room) -> None:
        target = await here.target("Is the ford open?")
        assert (await here.look(Verb.REPLY, target)).done is False
        here.network.misbehave(Trouble.CUT_AFTER)
        failure = (await here.do(Verb.REPLY, target, "It is closed.")).failure
        here.network.behave()
        assert isinstance(failure, TryLater)
        assert failure.sent
        assert (await here.look(Verb.REPLY, target)).done is None

    in_room(go, _asked)


def test_a_look_that_does_not_tell_claims_nothing() -> None:
    async def go(here: Room) -> None:
        target = await here.target("Is the ford open?")
        silent = Answer({"id": target.remote_id})
        here.network.answer = lambda request: silent  # type: ignore[method-assign]  # it leaves `hidden` out
        sight = await here.look(Verb.HIDE, target)
        assert (sight.state, sight.done) == (ItemState.UNKNOWN, None)

    in_room(go, _asked)


ERRORS = [
    (
        Refusal("(#80002) There have been too many calls to this Instagram account.", 80_002),
        SlowDown,
        "slow down",
    ),
    (Refusal("(#4) Application request limit reached", 4), SlowDown, "slow down"),
    (Refusal("Invalid OAuth access token - Cannot parse access token", 190), SignInAgain, "sign"),
    (
        Refusal("(#10) Application does not have permission for this action", 10),
        NotAllowed,
        "a right is missing",
    ),
    (Refusal("(#200) Permissions error", 200), NotAllowed, "a right is missing"),
    (Refusal("Unsupported delete request. Object with ID '178' does not exist", 100, 33), Gone, "no longer"),
    (Refusal("An unexpected error has occurred", 2, status=500), TryLater, "fault"),
    (Refusal("The action attempted has been deemed abusive", 368), SlowDown, "abuse"),
]


@pytest.mark.parametrize(("refusal", "kind", "words"), ERRORS)
@pytest.mark.parametrize("status", [400, 200])
def test_an_error_means_the_same_under_any_status(
    refusal: Refusal, kind: type[Failure], words: str, status: int
) -> None:
    async def go(here: Room) -> None:
        target = await here.target("Is the ford open?")
        real = here.network.answer
        body = json.loads(json.dumps(refusal.answer.body))

        def answer(request: Request) -> Answer:
            return real(request) if request.method == "GET" else Answer(body, status)

        here.network.answer = answer  # type: ignore[method-assign]  # the network in a bad mood
        failure = (await here.do(Verb.HIDE, target)).failure
        assert isinstance(failure, kind)
        assert words in failure.words

    in_room(go, _asked)
