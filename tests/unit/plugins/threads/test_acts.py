"""Verbs that the contract suite does not know of, and what may go wrong with the others."""

from __future__ import annotations

import pytest

from console.api import Failure, ItemKind, ItemState, NotAllowed, Order, SlowDown, TryLater, Verb
from console.api.stage import Trouble, target_of, watch
from plugins.threads.acting import TRIES
from tests.servers.false.threads import ThreadsNetwork
from tests.unit.plugins.threads.rooms import Room, in_room


def _with_approvals(network: ThreadsNetwork) -> str:
    network.root = network.publish("Say what you saw at the mill.", has_approvals=True, age=60)
    return network.say("held until somebody looks")


def test_a_held_reply_is_approved_and_the_public_sees_it() -> None:
    async def go(here: Room) -> None:
        held = await here.target("held until somebody looks")
        assert held.state is ItemState.HELD
        assert not here.network.is_public(held.remote_id)
        sight = await here.look(Verb.PUBLISH, held)
        assert (sight.state, sight.done) == (ItemState.HELD, False)
        answer = await here.do(Verb.PUBLISH, held)
        assert answer.failure is None
        assert here.network.is_public(held.remote_id)
        sight = await here.look(Verb.PUBLISH, held)
        assert (sight.state, sight.done) == (ItemState.VISIBLE, True)

    in_room(go, _with_approvals)


def test_a_held_reply_is_set_aside_and_can_still_be_approved() -> None:
    async def go(here: Room) -> None:
        held = await here.target("held until somebody looks")
        answer = await here.do(Verb.HOLD, held)
        assert answer.failure is None
        sight = await here.look(Verb.HOLD, held)
        assert (sight.state, sight.done) == (ItemState.HELD, True)
        answer = await here.do(Verb.PUBLISH, held)
        assert answer.failure is None
        assert (await here.look(Verb.PUBLISH, held)).done

    in_room(go, _with_approvals)


def test_a_held_reply_that_does_not_say_so_itself_is_looked_up_in_its_lists() -> None:
    async def go(here: Room) -> None:
        held = await here.target("held until somebody looks")
        here.network.misbehave(Trouble.EXTRAS)
        shown = here.network._shown

        def without(post, said):  # type: ignore[no-untyped-def]  # it only passes on
            return {name: one for name, one in shown(post, said).items() if name != "reply_approval_status"}

        here.network._shown = without  # type: ignore[method-assign]  # a network that leaves it out
        assert (await here.look(Verb.HOLD, held)).state is ItemState.HELD
        await here.do(Verb.HOLD, held)
        assert (await here.look(Verb.HOLD, held)).done
        await here.do(Verb.PUBLISH, held)
        assert (await here.look(Verb.PUBLISH, held)).done

    in_room(go, _with_approvals)


def test_an_answer_waits_until_the_network_is_ready_for_it() -> None:
    async def go(here: Room) -> None:
        target = await here.target("held until somebody looks")
        here.network.posts[target.remote_id].approval = ""
        visible = target_of(await here.arrival("held until somebody looks"))
        here.network.slow_containers = 3
        answer = await here.do(Verb.REPLY, visible, "Thank you.")
        assert answer.failure is None
        assert answer.note in here.network.posts
        assert here.network.changes == 1, "only the second step changes anything"

    in_room(go, _with_approvals)


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("refuse me", NotAllowed, "did not take the reply"),
        ("  ", NotAllowed, "needs words"),
        ("x" * 501, NotAllowed, "500 characters"),
    ],
)
def test_an_answer_that_is_not_taken_says_why(text: str, kind: type[Failure], words: str) -> None:
    async def go(here: Room) -> None:
        target = await here.target("Is the ford open?")
        failure = (await here.do(Verb.REPLY, target, text)).failure
        assert isinstance(failure, kind)
        assert words in failure.words
        assert not failure.sent
        assert here.network.changes == 0

    in_room(go, lambda network: network.say("Is the ford open?"))


def test_a_container_that_is_never_ready_publishes_nothing() -> None:
    async def go(here: Room) -> None:
        target = await here.target("Is the ford open?")
        here.network.slow_containers = TRIES + 5
        failure = (await here.do(Verb.REPLY, target, "It is.")).failure
        assert isinstance(failure, TryLater)
        assert not failure.sent
        assert here.network.changes == 0

    in_room(go, lambda network: network.say("Is the ford open?"))


def test_a_lost_answer_to_a_reply_leaves_it_to_a_person_only_when_we_answered_there() -> None:
    async def go(here: Room) -> None:
        target = await here.target("Is the ford open?")
        assert (await here.look(Verb.REPLY, target)).done is False
        # The container is made and looked at; the publishing is what gets lost.
        here.network.misbehave(Trouble.CUT_AFTER, requests=1)
        failure = (await here.do(Verb.REPLY, target, "It is closed.")).failure
        here.network.behave()
        assert isinstance(failure, TryLater)
        assert not failure.sent, "a container that is not published harms nobody"
        answer = await here.do(Verb.REPLY, target, "It is closed.")
        assert answer.failure is None
        assert (await here.look(Verb.REPLY, target)).done is None
        assert (await here.look(Verb.REPLY, target, answer.note)).done is True

    in_room(go, lambda network: network.say("Is the ford open?"))


def test_our_own_reply_is_deleted_and_anybody_elses_is_not() -> None:
    def prepare(network: ThreadsNetwork) -> None:
        network.say("ours", by="force.example")
        network.say("theirs")

    async def go(here: Room) -> None:
        seen = await watch(here.scene.connector, {"theirs"})
        found = {one.text: one for one in seen.arrivals}
        theirs = target_of(found["theirs"])
        assert found["ours"].is_ours
        assert found["ours"].kind is ItemKind.POST
        answer = await here.do(Verb.DELETE, target_of(found["ours"]))
        assert answer.failure is None
        sight = await here.look(Verb.DELETE, target_of(found["ours"]))
        assert (sight.state, sight.done) == (ItemState.DELETED, True)
        assert isinstance((await here.do(Verb.DELETE, theirs)).failure, NotAllowed)
        assert (await here.look(Verb.DELETE, theirs)).done is False

    in_room(go, prepare)


def test_a_reply_below_a_reply_goes_with_the_one_above_it() -> None:
    def prepare(network: ThreadsNetwork) -> None:
        network.say("below", below=network.say("above"))

    async def go(here: Room) -> None:
        above, below = await here.target("above"), await here.target("below")
        assert isinstance((await here.do(Verb.HIDE, below)).failure, NotAllowed)
        assert (await here.do(Verb.HIDE, above)).failure is None
        assert not here.network.is_public(below.remote_id)

    in_room(go, prepare)


def test_after_a_ceiling_the_rest_of_an_order_is_not_sent() -> None:
    def prepare(network: ThreadsNetwork) -> None:
        for number in range(3):
            network.say(f"number {number}")

    async def go(here: Room) -> None:
        targets = [await here.target(f"number {number}") for number in range(3)]
        here.network.misbehave(Trouble.LIMIT)
        before = len(here.network.requests)
        answers = await here.scene.connector.act(Order(Verb.HIDE, targets))
        assert all(isinstance(answer.failure, SlowDown) for answer in answers)
        here.network.behave()
        assert len(here.network.requests) == before
        assert not any(here.network.posts[target.remote_id].hide_status == "HIDDEN" for target in targets)

    in_room(go, prepare)
