"""What the stream brings beside the ordinary, which the contract suite covers."""

from __future__ import annotations

import json

import msgspec
import pytest

from console.api import ItemKind, SignInAgain, SlowDown
from console.api.stage import Seen, Trouble, watch, watching
from plugins.mastodon import live
from plugins.mastodon.live import PATIENT_TRIES
from plugins.mastodon.run import Place, read_place
from plugins.mastodon.session import REQUESTS
from tests.servers.false.mastodon import FalseMastodon
from tests.servers.false.mastodon_memory import FORCE
from tests.unit.plugins.mastodon.rooms import MINUTE_MS, Room, gone_in, pages_until, run

DAY_MS = 24 * 60 * MINUTE_MS


def test_what_is_said_to_us_comes_as_what_it_is() -> None:
    async def go(here: Room) -> None:
        say = here.network.say
        say("an answer")
        say("a mention", parent=None)
        say("a quote", parent=None, kind="quote")
        say("a private word", parent=None, visibility="direct")
        seen = await watch(here.connector, {"an answer", "a mention", "a quote", "a private word"})
        kinds = {one.text: one.kind for one in seen.arrivals if not one.is_ours}
        assert kinds == {
            "an answer": ItemKind.REPLY,
            "a mention": ItemKind.MENTION,
            "a quote": ItemKind.QUOTE,
            "a private word": ItemKind.MESSAGE,
        }

    run(go)


def test_an_answer_says_below_which_post_of_ours_it_stands() -> None:
    async def go(here: Room) -> None:
        above = here.network.say("first")
        found = await here.heard("second", parent=above)
        assert (found.thread, found.parent, found.where) == (
            here.network.root,
            above,
            "The ford road is closed.",
        )
        assert found.kind is ItemKind.REPLY
        lone = await here.heard("a mention", parent=None)
        assert (lone.thread, lone.parent, lone.where) == (lone.remote_id, None, "")

    run(go)


def test_one_question_places_a_whole_thread() -> None:
    async def go(here: Room) -> None:
        texts = {f"answer {number}" for number in range(30)}
        for text in sorted(texts):
            here.network.say(text)
        await watch(here.connector, texts)
        assert here.sent("GET", "/context") <= 2

    run(go)


def test_when_little_is_left_threads_are_not_asked_for_and_nothing_is_lost() -> None:
    async def go(here: Room) -> None:
        here.allowance.learn(REQUESTS, left=39, until=here.clock() + MINUTE_MS)
        here.network.low_headers = dict  # type: ignore[method-assign]  # this server says nothing of it
        here.network.headers = dict  # type: ignore[method-assign]
        post = here.network.say("an answer")
        seen = await watch(here.connector, {"an answer"}, more_pages=5)
        [found] = [one for one in seen.arrivals if one.remote_id == post]
        assert (found.thread, found.kind) == (here.network.root, ItemKind.REPLY)
        assert here.sent("GET", "/context") == 0

    run(go)


def test_a_thread_that_cannot_be_asked_for_costs_no_answer() -> None:
    async def go(here: Room) -> None:
        here.network.refuses.add("/context")
        above = here.network.say("first")
        post = here.network.say("second", parent=above)
        seen = await watch(here.connector, {"first", "second"})
        [found] = [one for one in seen.arrivals if one.remote_id == post]
        assert (found.thread, found.parent, found.kind) == (above, above, ItemKind.MENTION)

    run(go)


def test_more_events_than_can_be_kept_are_read_from_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "MOST_WAITING", 0)

    async def go(here: Room) -> None:
        async with watching(here.connector) as stream:
            await stream.until((), more_pages=3)
            here.network.say("in a flood")
            await stream.until({"in a flood"})

    run(go)


def test_an_answer_that_leaves_our_name_out_is_found_in_its_thread() -> None:
    async def go(here: Room) -> None:
        above = here.network.say("an answer")
        here.network.say("talking past us", parent=above, is_told=False)
        seen = await watch(here.connector, {"an answer", "talking past us"})
        [found] = [one for one in seen.arrivals if one.text == "talking past us"]
        assert (found.kind, found.thread) == (ItemKind.REPLY, here.network.root)

    run(go)


def test_a_quiet_thread_is_looked_at_again_in_time() -> None:
    async def go(here: Room) -> None:
        above = here.network.say("an answer")
        async with watching(here.connector) as stream:
            await stream.until({"an answer"}, more_pages=5)
            here.network.say("later, past us", parent=above, is_told=False)
            await stream.until((), more_pages=5)
            assert "later, past us" not in stream.seen.texts
            here.clock.ahead += 3 * MINUTE_MS
            await stream.until({"later, past us"})

    run(go)


def test_changed_words_are_found_in_the_thread_when_the_live_stream_is_silent() -> None:
    async def go(here: Room) -> None:
        post = here.network.say("first words")
        async with watching(here.connector) as stream:
            await stream.until({"first words"}, more_pages=3)
            here.network.rewrite(post, "other words", is_told=False)
            here.clock.ahead += 3 * MINUTE_MS
            await stream.until({"other words"})
            [edit] = [one for one in stream.seen.arrivals if one.text == "other words"]
            assert edit.remote_id == post
            assert edit.edited_at is not None

    run(go)


def test_what_is_missing_from_its_thread_is_gone_only_when_it_cannot_be_found_by_itself() -> None:
    async def go(here: Room) -> None:
        gone = here.network.say("soon gone")
        muted = here.network.say("soon muted")
        async with watching(here.connector) as stream:
            await stream.until({"soon gone", "soon muted"}, more_pages=5)
            here.network.muted.add(here.network.posts[muted].author)
            here.network.withdraw(gone)
            here.network.events.clear()
            here.clock.ahead += 3 * MINUTE_MS
            page = await pages_until(stream, gone_in)
            assert gone_in(page) == {gone}
            asked = here.sent("GET", f"/statuses/{muted}")
            here.clock.ahead += 3 * MINUTE_MS
            await stream.until((), more_pages=10)
            assert here.sent("GET", f"/statuses/{muted}") == asked

    run(go)


@pytest.mark.parametrize("version", ["4.5.2", "4.2.0"])
def test_what_was_said_to_us_elsewhere_and_is_gone_or_changed_is_noticed_without_the_live_stream(
    version: str,
) -> None:
    def older(network: FalseMastodon) -> None:
        network.version = version

    async def go(here: Room) -> None:
        texts = ("soon gone", "soon muted", "soon changed")
        posts = {text: here.network.say(text, parent=None) for text in texts}
        async with watching(here.connector) as stream:
            await stream.until(set(texts), more_pages=5)
            with here.network.lock:
                here.network.muted.add(here.network.posts[posts["soon muted"]].author)
                here.network.withdraw(posts["soon gone"])
                here.network.events.pop()
            here.network.rewrite(posts["soon changed"], "changed", is_told=False)
            here.clock.ahead += 6 * MINUTE_MS
            page = await pages_until(stream, gone_in)
            assert gone_in(page) == {posts["soon gone"]}
            await stream.until({"changed"})
            if version == "4.5.2":
                here.clock.ahead += 6 * MINUTE_MS
                await stream.until((), more_pages=10)
                assert here.sent("GET", f"/statuses/{posts['soon muted']}") == 1

    run(go, older)


def test_a_thread_that_fails_does_not_keep_the_others_from_their_turn() -> None:
    async def go(here: Room) -> None:
        second = here.network.publish("The bridge is closed.")
        here.network.refuses.add(f"/statuses/{second}/context")
        answer = here.network.say("an answer to the first")
        async with watching(here.connector) as stream:
            await stream.until({"an answer to the first"}, more_pages=5)
            here.network.say("past us", parent=answer, is_told=False)
            for _ in range(4):
                here.clock.ahead += 31 * MINUTE_MS
                await stream.until((), more_pages=3)
            await stream.until({"past us"})

    run(go)


def test_our_own_post_that_is_gone_is_noticed_with_its_thread() -> None:
    async def go(here: Room) -> None:
        here.network.say("an answer")
        async with watching(here.connector) as stream:
            await stream.until({"an answer"}, more_pages=5)
            del here.network.posts[here.network.root]
            here.clock.ahead += 3 * MINUTE_MS
            page = await pages_until(stream, gone_in)
            assert gone_in(page) == {here.network.root}

    run(go)


def test_our_own_posts_arrive_as_ours_and_once() -> None:
    async def go(here: Room) -> None:
        here.network.publish("The bridge is closed.")
        async with watching(here.connector) as stream:
            await pages_until(stream, lambda page: any(one.is_ours for one in page.arrivals))
            here.network.publish("It is open again.")
            await pages_until(
                stream, lambda page: any(one.text == "It is open again." for one in page.arrivals)
            )
            here.clock.ahead += 6 * MINUTE_MS
            await stream.until((), more_pages=10)
            own = [one for one in stream.seen.arrivals if one.is_ours]
        texts = ["The ford road is closed.", "The bridge is closed.", "It is open again."]
        assert [one.text for one in own] == texts
        assert all(one.kind is ItemKind.POST and one.author.id == FORCE for one in own)

    run(go)


def test_what_the_notification_filter_holds_back_is_read_too() -> None:
    async def go(here: Room) -> None:
        post = here.network.say("held back")
        here.network.muted.add(here.network.posts[post].author)
        await watch(here.connector, {"held back"})

    run(go)


def test_strangers_in_the_home_timeline_are_nobodys_business() -> None:
    async def go(here: Room) -> None:
        async with watching(here.connector) as stream:
            await stream.until((), more_pages=5)
            post = here.network.say("not to us", parent=None, is_told=False)
            status = here.network.status(here.network.posts[post])
            here.network.events += [
                ("update", json.dumps(status)),
                ("update", json.dumps({**status, "reblog": status, "account": here.network.account(FORCE)})),
                ("filters_changed", ""),
                ("notification", json.dumps({"id": "1", "type": "follow"})),
                ("status.update", json.dumps({**status, "content": "<p>not to us, again</p>"})),
            ]
            here.network.say("to us")
            await stream.until({"to us"})
            assert "not to us" not in " ".join(stream.seen.texts)

    run(go)


def test_a_broken_event_is_passed_over_and_said() -> None:
    async def go(here: Room) -> None:
        async with watching(here.connector) as stream:
            await stream.until((), more_pages=5)
            here.network.events.append(("notification", '{"id": 7, "words": "whole item broken"}'))
            page = await pages_until(stream, lambda page: page.complaints)
            assert "whole item broken" not in page.complaints[0]
            here.network.say("still here")
            await stream.until({"still here"})

    run(go)


def test_without_a_live_stream_the_list_is_read_more_often_and_a_person_is_told() -> None:
    def without(network: FalseMastodon) -> None:
        network.knows -= {"streaming"}

    async def go(here: Room) -> None:
        async with watching(here.connector) as stream:
            page = await pages_until(stream, lambda page: page.notice)
            assert "live stream" in (page.notice or "")
            assert here.sent("GET", "/streaming/user") >= PATIENT_TRIES
            here.network.say("slowly")
            here.clock.ahead += 31_000
            await stream.until({"slowly"})
            here.network.knows.add("streaming")
            page = await pages_until(stream, lambda page: page.notice is not None)
            assert page.notice == ""

    run(go, without)


def test_in_an_incident_without_a_live_stream_the_list_is_read_every_few_seconds() -> None:
    def without(network: FalseMastodon) -> None:
        network.knows -= {"streaming"}

    async def go(here: Room) -> None:
        async with watching(here.connector) as stream:
            await stream.until((), more_pages=3)
            here.network.say("in haste")
            here.clock.ahead += 10_000
            await stream.until({"in haste"})

    run(go, without, is_incident=True)


def _say_unheard(network: FalseMastodon, text: str) -> None:
    """Somebody says something, and the live stream loses it."""
    with network.lock:
        network.say(text)
        network.events.pop()


def test_what_the_live_stream_lost_is_read_from_the_list() -> None:
    async def go(here: Room) -> None:
        async with watching(here.connector) as stream:
            here.network.say("heard")
            await stream.until({"heard"}, more_pages=5)
            _say_unheard(here.network, "lost")
            await stream.until((), more_pages=5)
            assert "lost" not in stream.seen.texts
            here.clock.ahead += 61_000
            await stream.until({"lost"})

    run(go)


def test_when_the_live_stream_opens_again_the_list_is_read_at_once() -> None:
    async def go(here: Room) -> None:
        async with watching(here.connector) as stream:
            here.network.say("heard")
            await stream.until({"heard"}, more_pages=5)
            _say_unheard(here.network, "lost")
            here.network.drops += 1
            await stream.until({"lost"})
            here.network.say("heard again")
            await stream.until({"heard again"})

    run(go)


def test_a_new_account_is_read_one_day_back() -> None:
    async def go(here: Room) -> None:
        for number in range(100):
            here.network.say(f"number {number}")
        here.network.say("before that")
        _, kind, post, at = here.network.notices.pop()
        here.network.notices.insert(0, ("1", kind, post, at - 2 * DAY_MS))
        texts = {f"number {number}" for number in range(100)}
        seen = await watch(here.connector, texts, more_pages=3)
        assert {one.text for one in seen.arrivals if not one.is_ours} >= texts

    run(go)


def test_the_place_lags_behind_so_that_a_late_number_is_not_passed_over() -> None:
    async def go(here: Room) -> None:
        for number in range(3):
            here.network.say(f"number {number}")
        seen = Seen()
        async with watching(here.connector, None, seen) as stream:
            await stream.until({"number 2"}, more_pages=2)
            here.clock.ahead += 2 * MINUTE_MS
            await stream.until((), more_pages=3)
            here.clock.ahead += 2 * MINUTE_MS
            await stream.until((), more_pages=3)
        place = read_place(seen.cursor)
        assert place is not None
        assert place.mark == here.network.notices[-1][0]
        # One that was numbered before the last and came to light after it.
        last = int(place.mark)
        here.network.say("in the meantime")
        _, kind, post, at = here.network.notices.pop()
        here.network.notices += [(str(last + 1), kind, post, at)]
        await watch(here.connector, {"in the meantime"}, cursor=seen.cursor)

    run(go)


@pytest.mark.parametrize("cursor", ["", "{}", "[]", '{"mark": 5}', '{"mark": ""}', "nonsense"])
def test_a_place_that_says_nothing_is_none(cursor: str) -> None:
    assert read_place(cursor) is None
    assert read_place(msgspec.json.encode(Place("5")).decode()) == Place("5")


def test_a_limit_met_in_a_thread_stops_the_whole_account() -> None:
    async def go(here: Room) -> None:
        here.network.say("an answer")
        async with watching(here.connector) as stream:
            await stream.until({"an answer"}, more_pages=5)
            here.network.misbehave(Trouble.LIMIT)
            here.clock.ahead += 3 * MINUTE_MS
            with pytest.raises(SlowDown):
                await stream.until({"never"})

    run(go)


@pytest.mark.parametrize("path", [f"/accounts/{FORCE}/statuses", "/context"])
def test_threads_that_cannot_be_looked_at_are_complained_of_once(path: str) -> None:
    async def go(here: Room) -> None:
        async with watching(here.connector) as stream:
            await stream.until((), more_pages=2)
            here.network.refuses.add(path)
            for _ in range(12):
                await stream.until((), more_pages=3)
                here.clock.ahead += 31 * MINUTE_MS
            complaints = [words for page in stream.seen.pages for words in page.complaints]
        assert len(complaints) == 1
        assert "not allowed" in complaints[0]

    run(go)


def test_a_sign_in_that_is_taken_away_ends_the_stream_however_it_is_met() -> None:
    async def go(here: Room) -> None:
        async with watching(here.connector) as stream:
            here.network.say("an answer")
            await stream.until({"an answer"})
            here.network.misbehave(Trouble.REVOKED)
            here.clock.ahead += 2 * MINUTE_MS
            with pytest.raises(SignInAgain):
                await stream.until({"never"})

    run(go)
