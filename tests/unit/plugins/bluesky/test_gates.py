"""Hiding by the gate of our own thread."""

from __future__ import annotations

import asyncio

import pytest

from console.api import ItemState, NotAllowed, TryLater, Verb
from plugins.bluesky.capability import NO_ROOM
from plugins.bluesky.gates import MOST_HIDDEN
from tests.servers.xrpc.network import FORCE, GATE
from tests.unit.plugins.bluesky.rooms import Room, reply_target, room

RULES = [{"$type": f"{GATE}#mentionRule"}, {"$type": f"{GATE}#followerRule"}]
CREATED = "2026-01-02T03:04:05.000Z"


def test_who_may_reply_stays_as_it_was_when_something_is_hidden() -> None:
    async def go() -> None:
        before = {"allow": RULES, "createdAt": CREATED, "hiddenReplies": []}
        async with room(lambda network: network.put_gate(before)) as here:
            target = await here.said("hide me")
            assert await here.do(Verb.HIDE, target) == [None]
            gate, _ = here.network.records[_gate(here)]
            assert gate["allow"] == RULES
            assert gate["createdAt"] == CREATED
            assert gate["hiddenReplies"] == [target.remote_id]

    asyncio.run(go())


def test_a_gate_that_lets_nobody_reply_still_lets_nobody_reply() -> None:
    async def go() -> None:
        before = {"allow": [], "createdAt": CREATED}
        async with room(lambda network: network.put_gate(before)) as here:
            target = await here.said("hide me")
            await here.do(Verb.HIDE, target)
            assert here.network.records[_gate(here)][0]["allow"] == []

    asyncio.run(go())


def test_what_a_colleague_hides_at_the_same_moment_stays_hidden() -> None:
    async def go() -> None:
        async with room() as here:
            mine = await here.said("I hide this one")
            theirs = await here.said("a colleague hides this one")
            network = here.network
            network.before_write = lambda: network.put_gate(
                {"createdAt": CREATED, "hiddenReplies": [theirs.remote_id]}
            )
            assert await here.do(Verb.HIDE, mine) == [None]
            assert set(network.hidden()) == {mine.remote_id, theirs.remote_id}

    asyncio.run(go())


def test_a_thread_that_others_never_stop_changing_is_tried_again_later() -> None:
    async def go() -> None:
        async with room() as here:
            target = await here.said("never hidden")
            network = here.network

            def meddle() -> None:
                network.put_gate({"createdAt": CREATED, "hiddenReplies": []})
                network.before_write = meddle

            network.before_write = meddle
            [failure] = await here.do(Verb.HIDE, target)
            assert isinstance(failure, TryLater)
            assert not failure.sent

    asyncio.run(go())


def test_two_orders_at_once_lose_nothing() -> None:
    async def go() -> None:
        async with room() as here:
            targets = [await here.said(f"number {number}") for number in range(6)]
            await asyncio.gather(*(here.do(Verb.HIDE, target) for target in targets))
            assert set(here.network.hidden()) == {target.remote_id for target in targets}

    asyncio.run(go())


def test_hiding_what_is_hidden_writes_nothing() -> None:
    async def go() -> None:
        async with room() as here:
            target = await here.said("hide me")
            await here.do(Verb.HIDE, target)
            changes = here.network.changes
            assert await here.do(Verb.HIDE, target) == [None]
            assert here.network.changes == changes

    asyncio.run(go())


def test_past_three_hundred_the_rest_is_refused_with_the_reason() -> None:
    async def go() -> None:
        full = [f"at://did:plc:other/app.bsky.feed.post/{number:04d}" for number in range(MOST_HIDDEN - 2)]
        before = {"createdAt": CREATED, "hiddenReplies": full}
        async with room(lambda network: network.put_gate(before)) as here:
            targets = [await here.said(f"one of four {number}") for number in range(4)]
            failures = await here.do(Verb.HIDE, *targets)
            assert failures[:2] == [None, None]
            assert all(isinstance(failure, NotAllowed) for failure in failures[2:])
            assert {str(failure) for failure in failures[2:]} == {NO_ROOM}
            assert len(here.network.hidden()) == MOST_HIDDEN
            # From now on it is said before the key is pressed.
            late = await here.said("one too many")
            capability = here.scene.connector.can(late)[Verb.HIDE]
            assert not capability.can
            assert capability.words == NO_ROOM
            assert here.scene.connector.can(late)[Verb.BLOCK].can

    asyncio.run(go())


def test_a_bulk_act_over_two_threads_is_two_writes_and_answers_in_order() -> None:
    async def go() -> None:
        async with room() as here:
            second = here.network.publish("The bridge is closed too.")
            uris = [
                here.network.say(f"number {number}", parent=[None, second][number % 2]) for number in range(6)
            ]
            here.network.posts[uris[1]].record["reply"]["root"]["uri"] = second
            roots = [here.network.root, second] * 3
            targets = [reply_target(uri, root, FORCE) for uri, root in zip(uris, roots, strict=True)]
            changes = here.network.changes
            assert await here.do(Verb.HIDE, *targets) == [None] * 6
            assert here.network.changes == changes + 2
            assert here.network.hidden(second) == uris[1::2]

    asyncio.run(go())


@pytest.mark.parametrize("root", ["at://did:plc:other/app.bsky.feed.post/3l1", "at://nonsense", ""])
def test_a_thread_that_is_not_ours_is_refused(root: str) -> None:
    async def go() -> None:
        async with room() as here:
            target = reply_target("at://did:plc:other/app.bsky.feed.post/3l2", root, FORCE)
            [failure] = await here.do(Verb.HIDE, target)
            assert isinstance(failure, NotAllowed)

    asyncio.run(go())


def test_a_look_waits_until_the_public_sees_it_too() -> None:
    async def go() -> None:
        async with room() as here:
            target = await here.said("hidden, with a delay")
            here.network.view_lag = 2
            await here.do(Verb.HIDE, target)
            looks = [(await here.scene.connector.look(Verb.HIDE, [target], [None]))[0] for _ in range(3)]
            assert [look.done for look in looks] == [False, False, True]
            assert [look.state for look in looks] == [
                ItemState.UNKNOWN,
                ItemState.UNKNOWN,
                ItemState.HIDDEN,
            ]

    asyncio.run(go())


def test_a_reply_whose_author_is_blocked_is_still_found() -> None:
    async def go() -> None:
        async with room() as here:
            target = await here.said("blocked, then hidden")
            await here.do(Verb.BLOCK, target)
            await here.do(Verb.HIDE, target)
            [look] = await here.scene.connector.look(Verb.HIDE, [target], [None])
            assert (look.state, look.done) == (ItemState.HIDDEN, True)

    asyncio.run(go())


def test_a_look_at_what_its_author_took_back_says_gone() -> None:
    async def go() -> None:
        async with room() as here:
            target = await here.said("soon gone")
            here.network.withdraw(target.remote_id)
            [look] = await here.scene.connector.look(Verb.UNHIDE, [target], [None])
            assert (look.state, look.done) == (ItemState.GONE, False)

    asyncio.run(go())


def _gate(here: Room) -> str:
    return f"at://{FORCE}/{GATE}/{here.network.root.rsplit('/', 1)[1]}"
