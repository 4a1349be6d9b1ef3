"""Verbs beside hiding, and what can be done to which item."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from console.api import ItemKind, ItemState, NotAllowed, Order, SlowDown, Target, Verb
from console.api.stage import Trouble, target_of, watch
from plugins.bluesky.capability import (
    A_MENTION,
    A_QUOTE,
    GONE,
    HIDDEN_ALREADY,
    NOT_HIDDEN,
    NOT_OUR_THREAD,
    NOT_OURS,
    OUR_OWN,
)
from tests.servers.xrpc.network import BLOCK, FORCE
from tests.unit.plugins.bluesky.rooms import Room, room


def test_blocking_twice_leaves_one_block_and_one_undo_removes_it() -> None:
    async def go() -> None:
        async with room() as here:
            target = await here.said("block me")
            first = await here.scene.connector.act(_order(Verb.BLOCK, target))
            again = await here.scene.connector.act(_order(Verb.BLOCK, target))
            assert first[0].note == again[0].note
            assert len(_blocks(here)) == 1
            await here.do(Verb.UNBLOCK, target, undo_notes=(first[0].note,))
            assert _blocks(here) == []

    asyncio.run(go())


def test_a_block_is_found_again_without_the_note() -> None:
    async def go() -> None:
        async with room() as here:
            target = await here.said("block me")
            await here.do(Verb.BLOCK, target)
            assert await here.do(Verb.UNBLOCK, target) == [None]
            assert _blocks(here) == []

    asyncio.run(go())


@pytest.mark.parametrize(
    "note", ["nonsense", f"at://{FORCE}/app.bsky.feed.post/3l1", "at://did:plc:x/a.b.c/d"]
)
def test_a_note_that_names_no_block_of_ours_deletes_nothing(note: str) -> None:
    async def go() -> None:
        async with room() as here:
            target = await here.said("never blocked")
            changes = here.network.changes
            assert await here.do(Verb.UNBLOCK, target, undo_notes=(note,)) == [None]
            assert here.network.changes == changes

    asyncio.run(go())


def test_one_author_in_a_bulk_act_is_blocked_once() -> None:
    async def go() -> None:
        async with room() as here:
            target = await here.said("the same author")
            assert await here.do(Verb.BLOCK, target, target, target) == [None] * 3
            assert len(_blocks(here)) == 1

    asyncio.run(go())


def test_an_answer_stands_below_the_item_and_in_its_thread() -> None:
    async def go() -> None:
        async with room() as here:
            target = await here.said("is the ford open?")
            [answer] = await here.scene.connector.act(_order(Verb.REPLY, target, "From noon."))
            reply = here.network.posts[answer.note or ""].record["reply"]
            assert reply["parent"]["uri"] == target.remote_id
            assert reply["root"] == here.network._ref(here.network.root)

    asyncio.run(go())


def test_an_answer_whose_sending_nobody_confirmed_is_looked_up_by_what_it_answers() -> None:
    async def go() -> None:
        async with room() as here:
            target = await here.said("is the ford open?")
            [never] = await here.scene.connector.look(Verb.REPLY, [target], [None])
            assert never.done is False
            await here.do(Verb.REPLY, target, text="From noon.")
            [perhaps] = await here.scene.connector.look(Verb.REPLY, [target], [None])
            assert perhaps.done is None  # it may be an earlier answer, so a person decides

    asyncio.run(go())


def test_our_own_post_can_be_deleted_and_is_seen_to_be_gone() -> None:
    async def go() -> None:
        async with room() as here:
            here.network.say("a reply")
            seen = await watch(here.scene.connector, {"a reply"}, more_pages=2)
            [own] = [target_of(one) for one in seen.arrivals if one.is_ours]
            can = here.scene.connector.can(own)
            assert can[Verb.DELETE].can
            assert not can[Verb.DELETE].reversible
            assert can[Verb.BLOCK].words == OUR_OWN
            assert can[Verb.REPORT].words == OUR_OWN
            assert await here.do(Verb.DELETE, own) == [None]
            [look] = await here.scene.connector.look(Verb.DELETE, [own], [None])
            assert (look.state, look.done) == (ItemState.DELETED, True)

    asyncio.run(go())


def test_another_persons_post_cannot_be_deleted_even_if_it_is_asked_for() -> None:
    async def go() -> None:
        async with room() as here:
            target = await here.said("not yours")
            assert here.scene.connector.can(target)[Verb.DELETE].words == NOT_OURS
            changes = here.network.changes
            [failure] = await here.do(Verb.DELETE, target)
            assert isinstance(failure, NotAllowed)
            assert here.network.changes == changes

    asyncio.run(go())


def test_a_report_names_the_very_version_and_none_of_the_operators_words() -> None:
    async def go() -> None:
        async with room() as here:
            target = await here.said("report me")
            assert await here.do(Verb.REPORT, target, category="hate") == [None]
            [report] = here.network.reports
            assert report["reasonType"].endswith("#reasonRude")
            assert report["subject"]["uri"] == target.remote_id
            assert report["subject"]["cid"] == here.network.posts[target.remote_id].cid
            [look] = await here.scene.connector.look(Verb.REPORT, [target], ["1"])
            assert look.done is None

    asyncio.run(go())


def test_an_order_stops_at_a_ceiling_and_says_so_for_the_rest() -> None:
    async def go() -> None:
        async with room() as here:
            targets = [await here.said(f"number {number}") for number in range(4)]
            here.server.misbehave(Trouble.LIMIT, requests=1)
            changes = here.network.changes
            failures = await here.do(Verb.MUTE, *targets)
            assert all(isinstance(failure, SlowDown) for failure in failures)
            assert here.network.changes == changes

    asyncio.run(go())


def test_one_refusal_in_a_bulk_act_does_not_stop_the_others() -> None:
    async def go() -> None:
        async with room() as here:
            mine = await here.said("hide me")
            foreign = await here.said("not here", reason="mention")
            failures = await here.do(Verb.HIDE, foreign, mine)
            assert isinstance(failures[0], NotAllowed)
            assert failures[1] is None
            assert here.network.hidden() == [mine.remote_id]

    asyncio.run(go())


def test_what_can_be_hidden_follows_from_who_began_the_thread() -> None:
    async def go() -> None:
        async with room() as here:
            can = here.scene.connector.can
            reply = await here.said("in our thread")
            quote = await here.said("quoting you", reason="quote")
            mention = await here.said("naming you", reason="mention")
            elsewhere = replace(reply, thread=quote.remote_id)
            assert can(reply)[Verb.HIDE].can
            assert can(reply)[Verb.HIDE].reversible
            assert can(quote)[Verb.HIDE].words == A_QUOTE
            assert can(mention)[Verb.HIDE].words == A_MENTION
            assert can(elsewhere)[Verb.HIDE].words == NOT_OUR_THREAD
            assert can(replace(reply, note=""))[Verb.HIDE].words == NOT_OUR_THREAD
            # A mention that stands in our own thread is a reply there, whatever it was noticed as.
            assert can(replace(reply, kind=ItemKind.MENTION))[Verb.HIDE].can

    asyncio.run(go())


def test_what_is_done_is_not_offered_again_and_what_is_gone_not_at_all() -> None:
    async def go() -> None:
        async with room() as here:
            can = here.scene.connector.can
            reply = await here.said("in our thread")
            hidden = replace(reply, state=ItemState.HIDDEN)
            gone = replace(reply, state=ItemState.GONE)
            assert can(reply)[Verb.UNHIDE].words == NOT_HIDDEN
            assert can(hidden)[Verb.HIDE].words == HIDDEN_ALREADY
            assert can(hidden)[Verb.UNHIDE].can
            unknown = replace(reply, state=ItemState.UNKNOWN)
            assert can(unknown)[Verb.HIDE].can
            assert can(unknown)[Verb.UNHIDE].can
            assert {can(gone)[verb].words for verb in (Verb.HIDE, Verb.UNHIDE, Verb.REPLY)} == {GONE}
            assert can(gone)[Verb.BLOCK].can

    asyncio.run(go())


def test_a_verb_that_bluesky_does_not_have_is_refused() -> None:
    async def go() -> None:
        async with room() as here:
            [failure] = await here.do(Verb.RESTRICT, await here.said("restrict me"))
            assert isinstance(failure, NotAllowed)

    asyncio.run(go())


def _blocks(here: Room) -> list[str]:
    return [uri for uri, (value, _) in here.network.records.items() if value["$type"] == BLOCK]


def _order(verb: Verb, target: Target, text: str | None = None) -> Order:
    return Order(verb, [target], text=text)
