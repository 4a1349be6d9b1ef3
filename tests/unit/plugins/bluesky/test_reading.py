"""What the stream brings beside the ordinary, which the contract suite covers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

import pytest

from console.api import ItemKind, ItemState, Sight, Verb
from console.api.stage import Seen, Trouble, now, target_of, watch, watching
from plugins.bluesky.reading import (
    INCIDENT_S,
    REST_S,
    ROUNDS_BETWEEN_WALKS,
    WALK_NEEDS,
    WALKS_BETWEEN_FULL_ONES,
)
from plugins.bluesky.session import REQUESTS
from tests.servers.xrpc.network import FORCE, GATE, XrpcError, XrpcNetwork
from tests.unit.plugins.bluesky.rooms import Room, room


def _run(go: Callable[[Room], object], prepare: Callable[[XrpcNetwork], object] | None = None) -> None:
    async def inside() -> None:
        async with room(prepare) as here:
            await go(here)  # type: ignore[misc]  # every test below hands in a coroutine function

    asyncio.run(inside())


def test_a_reply_at_any_depth_of_our_thread_arrives() -> None:
    async def go(here: Room) -> None:
        above = here.network.say("first level")
        for level in range(2, 9):
            above = here.network.say(f"level {level}", parent=above)
        here.network.notices.clear()  # the real network tells of five levels only
        seen = await watch(here.scene.connector, {"first level", "level 8"})
        deepest = next(one for one in seen.arrivals if one.text == "level 8")
        assert deepest.thread == here.network.root
        assert deepest.kind is ItemKind.REPLY

    _run(go)


def test_our_own_posts_arrive_as_ours() -> None:
    async def go(here: Room) -> None:
        here.network.publish("The bridge is closed.")
        here.network.say("a reply")
        seen = await watch(here.scene.connector, {"a reply"}, more_pages=2)
        ours = {one.text: one for one in seen.arrivals if one.is_ours}
        assert set(ours) == {"The ford road is closed.", "The bridge is closed."}
        assert all(one.kind is ItemKind.POST and one.author.id == FORCE for one in ours.values())

    _run(go)


def test_a_reply_says_below_which_post_it_stands() -> None:
    async def go(here: Room) -> None:
        arrival = await here.arrival("why?", here.network.say("why?"))
        assert arrival.where == "The ford road is closed."
        assert arrival.permalink.startswith("https://bsky.app/profile/did:plc:outsider")

    _run(go)


@pytest.mark.parametrize(("reason", "kind"), [("mention", ItemKind.MENTION), ("quote", ItemKind.QUOTE)])
def test_mentions_and_quotes_arrive_as_what_they_are(reason: str, kind: ItemKind) -> None:
    async def go(here: Room) -> None:
        arrival = await here.arrival("about you", here.network.say("about you", reason=reason))
        assert arrival.kind is kind
        assert arrival.where == ""

    _run(go)


def test_one_post_with_two_reasons_arrives_once_as_a_reply() -> None:
    async def go(here: Room) -> None:
        uri = here.network.say("reply and mention")
        here.network.notices.insert(0, (uri, "mention"))
        seen = await watch(here.scene.connector, {"reply and mention"}, more_pages=3)
        assert [one.kind for one in seen.arrivals if one.remote_id == uri] == [ItemKind.REPLY]

    _run(go)


def test_a_time_from_the_future_does_not_make_the_stream_pass_over_the_present() -> None:
    async def go(here: Room) -> None:
        here.network.say("from next year", late_ms=-365 * 86_400_000)
        seen = await watch(here.scene.connector, {"from next year"})
        assert json.loads(seen.cursor or "")["until"] <= now()
        here.network.say("today")
        await watch(here.scene.connector, {"today"}, cursor=seen.cursor)

    _run(go)


def test_a_reply_dated_years_back_is_found_by_walking_the_thread() -> None:
    async def go(here: Room) -> None:
        async with watching(here.scene.connector) as stream:
            here.network.say("in time")
            await stream.until({"in time"})
            here.network.say("dated years back", late_ms=5 * 365 * 86_400_000)
            await stream.until({"dated years back"})

    _run(go)


def test_muted_authors_still_arrive_from_the_thread() -> None:
    async def go(here: Room) -> None:
        uri = here.network.say("said by somebody muted")
        here.network.mutes.add(here.network.posts[uri].did)
        await watch(here.scene.connector, {"said by somebody muted"})

    _run(go)


def test_a_reply_that_was_hidden_before_we_came_arrives_as_hidden() -> None:
    def prepare(network: XrpcNetwork) -> None:
        uri = network.say("hidden by another program")
        network.put_gate({"createdAt": "2026-01-02T03:04:05.000Z", "hiddenReplies": [uri]})

    async def go(here: Room) -> None:
        seen = await watch(here.scene.connector, {"hidden by another program"})
        [arrival] = [one for one in seen.arrivals if not one.is_ours]
        assert arrival.state is ItemState.HIDDEN

    _run(go, prepare)


def test_hiding_showing_and_deleting_elsewhere_is_noticed() -> None:
    async def go(here: Room) -> None:
        uri = here.network.say("watch me")
        async with watching(here.scene.connector) as stream:
            seen = await stream.until({"watch me"}, more_pages=1)
            here.network.put_gate({"createdAt": "2026-01-02T03:04:05.000Z", "hiddenReplies": [uri]})
            await stream.until(set(), more_pages=2 * ROUNDS_BETWEEN_WALKS + 4)
            here.network.put_gate({"createdAt": "2026-01-02T03:04:05.000Z", "hiddenReplies": []})
            await stream.until(set(), more_pages=2 * ROUNDS_BETWEEN_WALKS + 4)
            here.network.withdraw(uri)
            await stream.until(set(), more_pages=2 * ROUNDS_BETWEEN_WALKS + 4)
        assert [sight.state for sight in _sights(seen)] == [
            ItemState.HIDDEN,
            ItemState.VISIBLE,
            ItemState.GONE,
        ]
        assert {sight.remote_id for sight in _sights(seen)} == {uri}

    _run(go)


def test_a_view_that_lags_behind_does_not_bring_back_what_was_just_hidden() -> None:
    async def go(here: Room) -> None:
        uri = here.network.say("hidden just now")
        async with watching(here.scene.connector) as stream:
            seen = await stream.until({"hidden just now"}, more_pages=1)
            here.network.put_gate({"createdAt": "2026-01-02T03:04:05.000Z", "hiddenReplies": [uri]})
            await stream.until(set(), more_pages=2 * ROUNDS_BETWEEN_WALKS)
            shown = here.network.records[_gate(here)][0]
            here.network._shown_gates[_gate(here)] = ({**shown, "hiddenReplies": []}, 50)
            await stream.until(set(), more_pages=2 * ROUNDS_BETWEEN_WALKS)
        assert [sight.state for sight in _sights(seen)] == [ItemState.HIDDEN]

    _run(go)


def test_strangers_are_asked_for_whatever_the_account_has_set() -> None:
    async def go(here: Room) -> None:
        await watch(here.scene.connector, set(), more_pages=1)
        asked = [given for name, given in here.network.calls if name.endswith("listNotifications")]
        assert asked
        assert all(given["priority"] is False for given in asked)

    _run(go)


def test_what_cannot_be_read_is_complained_of_once_and_not_every_round() -> None:
    async def go(here: Room) -> None:
        here.network.say("whole")
        here.server.misbehave(Trouble.BROKEN_ITEM)
        seen = await watch(here.scene.connector, {"whole"}, more_pages=15)
        assert len(_complaints(seen)) == 1

    _run(go)


def test_walks_that_keep_failing_are_complained_of_once_while_replies_go_on_arriving() -> None:
    async def go(here: Room) -> None:
        def refuse(_given: dict[str, object]) -> dict[str, object]:
            raise XrpcError(502, "UpstreamFailure", "pipethrough network error")

        here.network.overrides["app.bsky.feed.getAuthorFeed"] = refuse
        async with watching(here.scene.connector) as stream:
            here.network.say("first")
            await stream.until({"first"}, more_pages=6 * ROUNDS_BETWEEN_WALKS)
            here.network.say("still heard")
            seen = await stream.until({"still heard"})
        assert len(_complaints(seen)) == 1

    _run(go)


def test_a_thread_that_looks_unchanged_is_walked_seldom() -> None:
    async def go(here: Room) -> None:
        here.network.say("the only one")
        walks = 2 * WALKS_BETWEEN_FULL_ONES
        await watch(here.scene.connector, {"the only one"}, more_pages=walks * ROUNDS_BETWEEN_WALKS + walks)
        names = [name for name, _ in here.network.calls]
        assert names.count("app.bsky.feed.getAuthorFeed") > WALKS_BETWEEN_FULL_ONES
        assert 2 <= names.count("app.bsky.feed.getPostThread") <= 4

    _run(go)


def test_a_mention_in_anothers_thread_that_was_taken_back_is_noticed() -> None:
    async def go(here: Room) -> None:
        gone = here.network.say("soon gone", reason="mention")
        blocked = here.network.say("soon blocked", reason="mention")
        async with watching(here.scene.connector) as stream:
            seen = await stream.until({"soon gone", "soon blocked"}, more_pages=2)
            target = next(one for one in seen.arrivals if one.remote_id == blocked)
            await here.do(Verb.BLOCK, target_of(target))
            here.network.withdraw(gone)
            await stream.until(set(), more_pages=3 * ROUNDS_BETWEEN_WALKS)
        assert [(one.remote_id, one.state) for one in _sights(seen)] == [(gone, ItemState.GONE)]

    _run(go)


def test_a_reply_that_is_only_not_shown_is_asked_for_once_an_hour() -> None:
    async def go(here: Room) -> None:
        uri = here.network.say("not shown soon")
        here.network.say("shown")
        async with watching(here.scene.connector) as stream:
            await stream.until({"not shown soon", "shown"}, more_pages=3)
            whole = here.network._get_post_thread({"uri": here.network.root})
            whole["thread"]["replies"] = [
                one for one in whole["thread"]["replies"] if one["post"]["uri"] != uri
            ]
            here.network.overrides["app.bsky.feed.getPostThread"] = lambda _given: whole
            here.network.calls.clear()
            turns = 3 * WALKS_BETWEEN_FULL_ONES * ROUNDS_BETWEEN_WALKS
            seen = await stream.until(set(), more_pages=turns)
        key = uri.rsplit("/", 1)[1]
        asked = [given for name, given in here.network.calls if given.get("rkey") == key]
        assert len(asked) == 1
        assert not _sights(seen)

    _run(go)


def test_threads_wait_while_little_is_left_of_the_allowance() -> None:
    async def go(here: Room) -> None:
        here.scene.allowance.learn(REQUESTS, left=WALK_NEEDS - 1, until=now() + 60_000)
        here.network.say("still heard")
        await watch(here.scene.connector, {"still heard"}, more_pages=2 * ROUNDS_BETWEEN_WALKS)
        names = {name for name, _ in here.network.calls}
        assert "app.bsky.feed.getAuthorFeed" not in names

    _run(go)


def test_an_incident_is_read_within_a_breath() -> None:
    assert REST_S <= 15
    assert INCIDENT_S <= 3


def _complaints(seen: Seen) -> list[str]:
    return [words for page in seen.pages for words in page.complaints]


def _sights(seen: Seen) -> list[Sight]:
    return [sight for page in seen.pages for sight in page.sights]


def _gate(here: Room) -> str:
    return f"at://{FORCE}/{GATE}/{here.network.root.rsplit('/', 1)[1]}"
