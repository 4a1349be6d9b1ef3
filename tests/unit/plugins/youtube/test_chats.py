"""Live chat: hearing it, losing it and finding it again, and keeping order in it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.api import Answer, Gone, ItemState, NotAllowed, Order, SlowDown, Target, Verb
from console.api.stage import Trouble, Watch, target_of
from plugins.youtube.growing import LONGEST, Growing, TooLongError
from plugins.youtube.mapping import read_note
from tests.servers.false.youtube import FalseYouTube
from tests.servers.false.youtube_shapes import UNAUTHORISED, refused
from tests.unit.plugins.youtube.rooms import Desk, arrival_with, at_desk, page_where, state_seen, stream


def live(network: FalseYouTube) -> None:
    network.go_live()
    network.chat_says("first in the chat")


async def chat_target(watched: Watch, text: str) -> Target:
    return target_of(arrival_with(await watched.until({text}), text))


def test_a_live_chat_is_heard_from_its_beginning_and_as_it_goes_on() -> None:
    async def work(place: Desk) -> None:
        async with stream(place) as watched:
            await watched.until({"first in the chat"})
            for number in range(30):
                place.network.chat_says(f"message {number}")
            seen = await watched.until({f"message {number}" for number in range(30)})
            assert not seen.doubles()
            one = arrival_with(seen, "message 0")
            assert (one.author.id, one.where) == ("UC_jo", "Press conference, live")
            assert read_note(one.note).chat == "chat1"
        assert place.network.chats["chat1"].opened == 1

    at_desk(work, live)


def test_a_chat_goes_on_where_it_was_after_a_new_start() -> None:
    async def work(place: Desk) -> None:
        async with stream(place) as watched:
            await watched.until({"first in the chat"}, more_pages=1)
            cursor = watched.seen.cursor
        place.network.chat_says("while nobody listened")
        async with stream(place, cursor) as watched:
            seen = await watched.until({"while nobody listened"})
            assert "first in the chat" not in seen.texts

    at_desk(work, live)


def test_a_stream_that_ends_by_itself_is_opened_again_and_nothing_is_lost_or_doubled() -> None:
    async def work(place: Desk) -> None:
        async with stream(place) as watched:
            await watched.until({"first in the chat"})
            place.network.chats["chat1"].drops = 1
            place.network.chat_says("across the break")
            seen = await watched.until({"across the break"}, more_pages=4)
            assert not seen.doubles()
        assert place.network.chats["chat1"].opened >= 2

    at_desk(work, live)


def test_a_chat_that_cannot_be_held_open_is_polled() -> None:
    def prepare(network: FalseYouTube) -> None:
        live(network)
        network.chats["chat1"].refuses = {"status": 502, "body": {"error": "upstream"}}

    async def work(place: Desk) -> None:
        async with stream(place) as watched:
            await watched.until({"first in the chat"})
            place.network.chat_says("polled for")
            seen = await watched.until({"polled for"})
            assert not seen.doubles()
        chat = place.network.chats["chat1"]
        assert chat.opened == 3
        assert chat.polled >= 2

    at_desk(work, prepare)


def test_the_hours_token_may_end_while_a_chat_is_opened() -> None:
    async def work(place: Desk) -> None:
        async with stream(place) as watched:
            await watched.until((), more_pages=2)
            writes = place.kept.writes
            place.network.go_live().refuses = {"status": 401, "body": UNAUTHORISED}
            place.network.chat_says("under a new token")
            await page_where(watched, lambda _: place.kept.writes > writes)
            place.network.chats["chat1"].refuses = None
            await watched.until({"under a new token"})

    at_desk(work)


def test_a_chat_that_is_over_is_not_opened_again_and_its_place_is_dropped() -> None:
    async def work(place: Desk) -> None:
        async with stream(place) as watched:
            await watched.until({"first in the chat"})
            assert "chat1" in (watched.seen.cursor or "")
            place.network.chat_says("", kind="chatEndedEvent")
            await page_where(watched, lambda page: "chat1" not in (page.cursor or "chat1"))
            opened = place.network.chats["chat1"].opened
            await watched.until((), more_pages=6)
            assert place.network.chats["chat1"].opened == opened
            assert not [words for page in watched.seen.pages for words in page.complaints]

    at_desk(work, live)


def test_a_chat_that_refuses_for_another_reason_is_complained_of_once() -> None:
    def prepare(network: FalseYouTube) -> None:
        status, body = refused(403, "forbidden", "youtube.liveChat")
        network.go_live().refuses = {"status": status, "body": body}

    async def work(place: Desk) -> None:
        async with stream(place) as watched:
            await page_where(watched, lambda page: page.complaints)
            await watched.until((), more_pages=8)
            complaints = [words for page in watched.seen.pages for words in page.complaints]
            assert complaints == ["A live chat cannot be heard: YouTube does not let this channel do that."]

    at_desk(work, prepare)


def test_a_place_that_is_no_longer_taken_starts_the_chat_anew() -> None:
    def prepare(network: FalseYouTube) -> None:
        live(network)
        status, body = refused(400, "pageTokenInvalid", "youtube.liveChat")
        network.chats["chat1"].refuses = {"status": status, "body": body}

    async def work(place: Desk) -> None:
        async with stream(place) as watched:
            await page_where(watched, lambda _: place.network.chats["chat1"].opened)
            place.network.chats["chat1"].refuses = None
            await watched.until({"first in the chat"})

    at_desk(work, prepare)


@pytest.mark.parametrize(("status", "is_heard"), [("ready", True), ("live", True), ("complete", False)])
def test_a_chat_is_heard_from_before_the_broadcast_until_it_is_complete(status: str, is_heard: bool) -> None:
    async def work(place: Desk) -> None:
        place.network.go_live(status=status)
        async with stream(place) as watched:
            await watched.until((), more_pages=6)
        assert bool(place.network.chats["chat1"].opened) is is_heard

    at_desk(work)


def test_a_channel_without_live_broadcasts_is_in_good_health() -> None:
    def prepare(network: FalseYouTube) -> None:
        network.refuses["liveBroadcasts"] = "liveStreamingNotEnabled"

    async def work(place: Desk) -> None:
        async with stream(place) as watched:
            await watched.until((), more_pages=6)
            assert not [page.notice for page in watched.seen.pages if page.notice]

    at_desk(work, prepare)


def test_broadcasts_that_cannot_be_found_are_said_until_they_can_be_again() -> None:
    async def work(place: Desk) -> None:
        place.network.refuses["liveBroadcasts"] = "forbidden"
        async with stream(place) as watched:
            page = await page_where(watched, lambda page: page.notice is not None)
            assert page.notice is not None
            assert page.notice.startswith("Live broadcasts cannot be found")
            place.network.refuses.clear()
            await page_where(watched, lambda page: page.notice is not None and page.notice == "")
            assert watched.seen.pages[-1].notice == ""

    at_desk(work, live)


@pytest.mark.parametrize("reason", ["quotaExceeded", "rateLimitExceeded"])
def test_a_chat_that_meets_the_days_end_stops_the_account(reason: str) -> None:
    def prepare(network: FalseYouTube) -> None:
        network.go_live()
        network.refuses["liveChat/messages/stream"] = reason

    async def work(place: Desk) -> None:
        async with stream(place) as watched:
            with pytest.raises(SlowDown) as failure:
                await watched.until({"never"})
            assert failure.value.until > place.time()

    at_desk(work, prepare)


def test_messages_and_broadcasts_that_cannot_be_read_are_passed_over() -> None:
    async def work(place: Desk) -> None:
        place.network.chats["chat1"].events.insert(0, {"id": 5, "snippet": {"type": ["x"]}})
        place.network.go_live("chat2").video = 5  # type: ignore[assignment]  # a broken broadcast
        async with stream(place) as watched:
            await watched.until({"first in the chat"})
            complaints = [words for page in watched.seen.pages for words in page.complaints]
            assert len(complaints) == 1
            assert complaints[0].startswith("Left out of a live chat")

    at_desk(work, live)


def test_an_error_inside_a_stream_is_heeded() -> None:
    def prepare(network: FalseYouTube) -> None:
        _, body = refused(403, "liveChatEnded", "youtube.liveChat")
        network.go_live().refuses = {"status": 200, "body": [body]}

    async def work(place: Desk) -> None:
        async with stream(place) as watched:
            await page_where(watched, lambda _: place.network.chats["chat1"].opened)
            await watched.until((), more_pages=8)
            assert place.network.chats["chat1"].opened == 1

    at_desk(work, prepare)


def test_a_stream_of_something_else_is_polled_instead() -> None:
    def prepare(network: FalseYouTube) -> None:
        live(network)
        network.chats["chat1"].refuses = {"status": 200, "body": [{"surprise": 1}]}

    async def work(place: Desk) -> None:
        async with stream(place) as watched:
            await watched.until({"first in the chat"})
            place.network.chat_says("", kind="chatEndedEvent")
            await page_where(watched, lambda page: "chat1" not in (page.cursor or "chat1"))

    at_desk(work, prepare)


def test_a_chat_is_heard_while_comments_are_slow_to_come() -> None:
    async def work(place: Desk) -> None:
        async with stream(place) as watched:
            await watched.until({"first in the chat"})
            place.network.misbehave(Trouble.SLOW)
            place.network.chat_says("quick to come")
            place.network.say("slow to come")
            seen = await watched.until({"quick to come", "slow to come"})
            texts = [one.text for one in seen.arrivals]
            assert texts.index("quick to come") < texts.index("slow to come")

    at_desk(work, live)


def test_words_that_come_with_money_are_heard_and_mere_events_are_not() -> None:
    async def work(place: Desk) -> None:
        place.network.chat_says(
            "£5.00 from jo", kind="superChatEvent", superChatDetails={"userComment": "well done"}
        )
        place.network.chat_says("jo became a member", kind="newSponsorEvent")
        place.network.chat_says("the last")
        async with stream(place) as watched:
            seen = await watched.until({"the last"})
            assert seen.texts == {"first in the chat", "well done", "the last"}

    at_desk(work, live)


@pytest.mark.parametrize(
    ("kind", "details", "field", "state"),
    [
        ("messageDeletedEvent", "messageDeletedDetails", "deletedMessageId", ItemState.DELETED),
        ("messageRetractedEvent", "messageRetractedDetails", "retractedMessageId", ItemState.GONE),
    ],
)
def test_a_message_that_is_removed_is_noticed(kind: str, details: str, field: str, state: ItemState) -> None:
    async def work(place: Desk) -> None:
        async with stream(place) as watched:
            target = await chat_target(watched, "first in the chat")
            more: dict[str, Any] = {details: {field: target.remote_id}}
            place.network.chat_says("", kind=kind, **more)
            assert await state_seen(watched, target.remote_id) is state

    at_desk(work, live)


def test_a_message_is_deleted_and_the_chat_confirms_it() -> None:
    async def work(place: Desk) -> None:
        async with stream(place) as watched:
            target = await chat_target(watched, "first in the chat")
            assert (await place.sight(Verb.DELETE, target)).done is False
            assert await place.do(Verb.DELETE, target) == [None]
            await state_seen(watched, target.remote_id)
            sight = await place.sight(Verb.DELETE, target)
            assert (sight.state, sight.done) == (ItemState.DELETED, True)
        unheard = Target(
            target.remote_id, target.kind, "x", None, None, target.state, is_ours=False, note=target.note
        )
        place.network.chats.clear()
        [failure] = await place.do(Verb.DELETE, unheard)
        assert isinstance(failure, Gone)

    at_desk(work, live)


def test_an_author_is_banned_from_the_chat_and_the_ban_is_lifted_by_its_note() -> None:
    async def work(place: Desk) -> None:
        async with stream(place) as watched:
            target = await chat_target(watched, "first in the chat")
        assert place.youtube.can(target)[Verb.BLOCK].reversible
        [answer] = await act(place, Verb.BLOCK, target)
        assert place.network.bans[answer.note or ""] == {
            "liveChatId": "chat1",
            "type": "permanent",
            "bannedUserDetails": {"channelId": "UC_jo"},
        }
        assert (await place.sight(Verb.BLOCK, target, answer.note)).done is None
        assert await place.do(Verb.UNBLOCK, target, undo=answer.note) == [None]
        assert not place.network.bans
        assert await place.do(Verb.UNBLOCK, target, undo=answer.note) == [None]

    at_desk(work, live)


def test_a_time_out_lasts_five_minutes_and_can_be_lifted() -> None:
    async def work(place: Desk) -> None:
        async with stream(place) as watched:
            target = await chat_target(watched, "first in the chat")
        assert await place.do(Verb.RESTRICT, target) == [None]
        [ban] = place.network.bans.values()
        assert (ban["type"], ban["banDurationSeconds"]) == ("temporary", "300")
        assert await place.do(Verb.UNBLOCK, target) == [None]
        [failure] = await place.do(Verb.UNBLOCK, target)
        assert isinstance(failure, NotAllowed)
        assert "YouTube Studio" in failure.words

    at_desk(work, live)


def test_two_messages_of_one_author_take_one_ban() -> None:
    async def work(place: Desk) -> None:
        place.network.chat_says("and another")
        async with stream(place) as watched:
            targets = [await chat_target(watched, text) for text in ("first in the chat", "and another")]
        assert await place.do(Verb.BLOCK, *targets) == [None, None]
        assert place.writes() == ["POST liveChat/bans"]

    at_desk(work, live)


def test_two_bans_of_one_author_are_both_lifted() -> None:
    async def work(place: Desk) -> None:
        async with stream(place) as watched:
            target = await chat_target(watched, "first in the chat")
        notes = [(await act(place, Verb.BLOCK, target))[0].note for _ in range(2)]
        order = Order(Verb.UNBLOCK, [target, target], undo_notes=notes)
        assert [one.failure for one in await place.youtube.act(order)] == [None, None]
        assert not place.network.bans

    at_desk(work, live)


def test_messages_beyond_the_first_are_paid_for_since_each_takes_a_write() -> None:
    async def work(place: Desk) -> None:
        place.network.chat_says("and another")
        async with stream(place) as watched:
            targets = [await chat_target(watched, text) for text in ("first in the chat", "and another")]
        before = place.allowance.taken["units a day"]
        assert await place.do(Verb.DELETE, *targets) == [None, None]
        assert place.allowance.taken["units a day"] - before == 50

    at_desk(work, live)


def test_the_force_speaks_in_the_chat_and_hears_itself() -> None:
    async def work(place: Desk) -> None:
        async with stream(place) as watched:
            target = await chat_target(watched, "first in the chat")
            [answer] = await act(place, Verb.REPLY, target, "Please keep clear of Quay Road.")
            await page_where(watched, lambda page: any(one.is_ours for one in page.arrivals))
            assert (await place.sight(Verb.REPLY, target, answer.note)).done is True
            assert (await place.sight(Verb.REPLY, target, None)).done is None

    at_desk(work, live)


async def act(place: Desk, verb: Verb, target: Target, text: str | None = None) -> list[Answer]:
    answers = list(await place.youtube.act(Order(verb, [target], text=text)))
    assert answers[0].failure is None
    return answers


TEXTS = st.text(alphabet='{}[]",\\\n aé"\u2028', max_size=12)
OBJECTS = st.recursive(
    st.dictionaries(TEXTS, TEXTS, max_size=3), lambda inner: st.dictionaries(TEXTS, inner, max_size=3)
)


@given(st.lists(OBJECTS, max_size=6), st.lists(st.integers(1, 9), min_size=1), st.sampled_from([None, 1]))
def test_an_array_that_grows_gives_its_objects_wherever_it_is_cut(
    objects: list[Any], cuts: list[int], indent: int | None
) -> None:
    whole = "[" + ",\r\n".join(json.dumps(one, indent=indent) for one in objects)
    growing, found, at, turn = Growing(), list[str](), 0, 0
    while at < len(whole):
        size = cuts[turn % len(cuts)]
        found += growing.feed(whole[at : at + size])
        at, turn = at + size, turn + 1
    assert [json.loads(one) for one in found] == objects


def test_an_object_without_end_is_given_up() -> None:
    growing = Growing()
    growing.feed('[{"a": "')
    with pytest.raises(TooLongError):
        growing.feed("x" * (LONGEST + 1))
