"""What arrives from under a channel's videos, and what becomes of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from console.api import ItemKind, ItemState, NotAllowed, Verb
from console.api.stage import Trouble, quick_wait, target_of, watching
from plugins.youtube import reading
from plugins.youtube.connector import connect
from plugins.youtube.reading import INCIDENT_S, REST_S
from tests.servers.false.youtube import FalseYouTube
from tests.servers.false.youtube_shapes import TITLE
from tests.unit.plugins.youtube.rooms import Desk, arrival_with, at_desk, page_where, state_seen, stream

DAY_MS = 86_400_000


def test_what_waits_in_the_queue_arrives_as_held_however_old_it_is() -> None:
    def prepare(network: FalseYouTube) -> None:
        network.say("held by the filter", status="heldForReview", late_ms=40 * DAY_MS)
        network.say("taken for spam", status="likelySpam", late_ms=DAY_MS * 3)
        network.say("long read by everybody", late_ms=DAY_MS * 3)
        network.say("just now")

    async def work(place: Desk) -> None:
        seen = await place.until("held by the filter", "taken for spam", "just now")
        assert {one.text: one.state for one in seen.arrivals} == {
            "held by the filter": ItemState.HELD,
            "taken for spam": ItemState.HELD,
            "just now": ItemState.VISIBLE,
        }

    at_desk(work, prepare)


def test_a_held_reply_below_a_public_comment_is_held_and_the_comment_is_not() -> None:
    def prepare(network: FalseYouTube) -> None:
        top = network.say("in public")
        network.say("not in public", top=top, status="heldForReview")

    async def work(place: Desk) -> None:
        seen = await place.until("in public", "not in public")
        reply = arrival_with(seen, "not in public")
        assert (reply.kind, reply.state) == (ItemKind.REPLY, ItemState.HELD)
        assert arrival_with(seen, "in public").state is ItemState.VISIBLE

    at_desk(work, prepare)


def test_replies_that_do_not_come_with_their_thread_are_asked_for() -> None:
    texts = [f"reply {number}" for number in range(130)]

    def prepare(network: FalseYouTube) -> None:
        top = network.say("a long quarrel")
        for text in texts:
            network.say(text, top=top)

    async def work(place: Desk) -> None:
        seen = await place.until("a long quarrel", *texts)
        assert not seen.doubles()
        top = arrival_with(seen, "a long quarrel").remote_id
        assert {one.thread for one in seen.arrivals} == {top}
        assert {one.parent for one in seen.arrivals if one.text != "a long quarrel"} == {top}

    at_desk(work, prepare)


def test_the_longest_quarrels_are_read_in_fewer_rounds_and_nothing_of_them_is_lost() -> None:
    texts = {f"reply {number}" for number in range(350)}

    def prepare(network: FalseYouTube) -> None:
        top = network.say("a very long quarrel")
        for text in sorted(texts):
            network.say(text, top=top)

    async def work(place: Desk) -> None:
        async with stream(place) as watched:
            await watched.until(texts)
            top = arrival_with(watched.seen, "a very long quarrel").remote_id
            place.network.requests.clear()
            rounds = len(watched.seen.pages)
            for number in range(8):
                for part in range(6):
                    place.network.say(f"more {number} {part}", top=top)
                await watched.until((), more_pages=1)
            seen = await watched.until({f"more {number} {part}" for number in range(8) for part in range(6)})
            reads = [
                one for one in place.network.requests if one.first("parentId") and not one.first("pageToken")
            ]
            assert len(reads) <= (len(seen.pages) - rounds) // 3 + 1
            assert not seen.doubles()

    at_desk(work, prepare)


def test_a_comment_says_under_which_video_it_stands_and_where_to_see_it() -> None:
    async def work(place: Desk) -> None:
        seen = await place.until("Is it passable?")
        [one] = seen.arrivals
        assert one.where == TITLE
        assert one.permalink == f"https://www.youtube.com/watch?v=vid123&lc={one.remote_id}"
        assert one.media[0].url == "https://yt3.example/picture"

    at_desk(work, lambda network: network.say("Is it passable?", picture="https://yt3.example/picture"))


def test_a_reply_to_a_thread_that_slid_off_the_page_is_found_in_turn() -> None:
    def prepare(network: FalseYouTube) -> None:
        for number in range(150):
            network.say(f"thread {number}", late_ms=(150 - number) * 60_000)

    async def work(place: Desk) -> None:
        oldest = next(iter(place.network.comments))
        async with stream(place) as watched:
            await watched.until({f"thread {number}" for number in range(150)}, more_pages=6)
            place.network.say("a late answer", top=oldest)
            place.hours_ahead = 7
            seen = await watched.until({"a late answer"})
            assert not seen.doubles()
            assert not [one for page in seen.pages for one in page.sights]

    at_desk(work, prepare)


def test_old_threads_are_looked_at_fifty_for_one_unit() -> None:
    def prepare(network: FalseYouTube) -> None:
        for number in range(150):
            network.say(f"thread {number}", late_ms=(150 - number) * 60_000)

    async def work(place: Desk) -> None:
        async with stream(place) as watched:
            await watched.until({"thread 149"}, more_pages=9)
        by_id = [
            one for one in place.network.requests if one.path.endswith("/commentThreads") and one.first("id")
        ]
        assert [len(one.first("id").split(",")) for one in by_id] == [50]

    at_desk(work, prepare)


def test_replies_of_a_gap_are_found_in_threads_whose_number_has_changed_only() -> None:
    def prepare(network: FalseYouTube) -> None:
        for name in ("busy", "quiet"):
            top = network.say(f"{name} thread")
            for number in range(8):
                network.say(f"{name} {number}", top=top)

    async def work(place: Desk) -> None:
        seen = await place.until(*(f"{name} {number}" for name in ("busy", "quiet") for number in range(8)))
        busy = arrival_with(seen, "busy thread").remote_id
        for number in range(6):
            place.network.say(f"busy, while nobody listened {number}", top=busy)
        before = len(place.network.requests)
        later = await place.until(
            *(f"busy, while nobody listened {number}" for number in range(6)), cursor=seen.cursor
        )
        asked = [one for one in place.network.requests[before:] if one.path.endswith("/comments")]
        assert [one.first("parentId") for one in asked] == [busy]
        assert not later.doubles()

    at_desk(work, prepare)


@pytest.mark.parametrize(
    ("before", "after", "state"),
    [
        ("published", "heldForReview", ItemState.HIDDEN),
        ("published", "likelySpam", ItemState.HIDDEN),
        ("heldForReview", "published", ItemState.VISIBLE),
        ("heldForReview", "rejected", ItemState.UNKNOWN),
        ("published", "rejected", ItemState.UNKNOWN),
    ],
)
@pytest.mark.parametrize("is_reply", [False, True])
def test_what_somebody_decides_in_studio_is_noticed(
    before: str, after: str, state: ItemState, is_reply: bool
) -> None:
    async def work(place: Desk) -> None:
        top = place.network.say("a thread")
        known = place.network.say("decided elsewhere", top=top if is_reply else "", status=before)
        place.network.say("left alone", top=top)
        async with stream(place) as watched:
            await watched.until({"decided elsewhere", "left alone"})
            place.network.set_status(known, after)
            assert await state_seen(watched, known) is state
            assert {one.remote_id for page in watched.seen.pages for one in page.sights} == {known}

    at_desk(work)


def test_what_is_taken_back_from_the_queue_is_gone() -> None:
    async def work(place: Desk) -> None:
        known = place.network.say("held, then regretted", status="heldForReview")
        async with stream(place) as watched:
            await watched.until({"held, then regretted"})
            place.network.withdraw(known)
            assert await state_seen(watched, known) is ItemState.GONE

    at_desk(work)


def test_a_comment_that_we_held_ourselves_is_not_called_hidden() -> None:
    async def work(place: Desk) -> None:
        known = place.network.say("hold this")
        async with stream(place) as watched:
            seen = await watched.until({"hold this"})
            target = target_of(arrival_with(seen, "hold this"))
            assert await place.do(Verb.HOLD, target) == [None]
            assert await state_seen(watched, known) is ItemState.HELD

    at_desk(work)


def test_a_comment_that_was_removed_with_its_author_is_noticed() -> None:
    async def work(place: Desk) -> None:
        known = place.network.say("the last word")
        async with stream(place) as watched:
            seen = await watched.until({"the last word"})
            assert await place.do(Verb.BLOCK, target_of(arrival_with(seen, "the last word"))) == [None]
            assert await state_seen(watched, known) is ItemState.DELETED

    at_desk(work)


def test_words_that_youtube_rewrites_by_itself_are_no_edit() -> None:
    async def work(place: Desk) -> None:
        known = place.network.say("see https://force.example/quay-road")
        async with stream(place) as watched:
            seen = await watched.until({"see https://force.example/quay-road"})
            place.network.comments[known].text = "see Quay Road | The Force"
            place.network.say("after it")
            await watched.until({"after it"}, more_pages=3)
            assert [one.text for one in seen.arrivals if one.remote_id == known] == [
                "see https://force.example/quay-road"
            ]
            place.network.rewrite(known, "never mind")
            await watched.until({"never mind"})
            [edit] = [one for one in seen.arrivals if one.text == "never mind"]
            assert edit.remote_id == known
            assert edit.edited_at is not None
            assert edit.edited_at > edit.created_at

    at_desk(work)


def test_a_time_from_the_future_does_not_carry_the_place_away() -> None:
    async def work(place: Desk) -> None:
        place.network.say("from the future", late_ms=-5 * DAY_MS)
        seen = await place.until("from the future")
        place.network.say("from now")
        await place.until("from now", cursor=seen.cursor)

    at_desk(work)


def test_reading_pays_one_unit_for_a_listing_and_rests_between_rounds() -> None:
    async def work(place: Desk) -> None:
        place.allowance.taken.clear()
        place.network.requests.clear()
        async with stream(place) as watched:
            await page_where(watched, lambda page: len(watched.seen.pages) >= 9)
        lists = [one for one in place.network.requests if one.method == "GET"]
        assert place.allowance.taken == {"units a day": len(lists)}
        published = [
            one for one in lists if one.path.endswith("/commentThreads") and not one.first("moderationStatus")
        ]
        assert len(lists) <= 3 * len(published)

    at_desk(work)


def test_a_list_that_is_empty_at_once_is_not_taken_for_peace() -> None:
    async def work(place: Desk) -> None:
        place.network.say("one")
        place.network.say("two")
        async with stream(place) as watched:
            await watched.until({"one", "two"})
            place.network.misbehave(Trouble.EMPTY)
            with pytest.raises(NotAllowed, match="no YouTube channel"):
                await watched.until({"never"})
            assert not [one for page in watched.seen.pages for one in page.sights]

    at_desk(work)


def test_a_channel_from_which_everything_was_taken_back_is_just_that() -> None:
    async def work(place: Desk) -> None:
        known = place.network.say("the only one")
        async with stream(place) as watched:
            await watched.until({"the only one"})
            place.network.withdraw(known)
            assert await state_seen(watched, known) is ItemState.GONE

    at_desk(work)


def test_old_quarrels_are_only_counted_when_a_channel_is_first_read() -> None:
    async def work(place: Desk) -> None:
        top = place.network.say("an old quarrel", late_ms=3 * DAY_MS)
        for number in range(9):
            place.network.say(f"old words {number}", top=top, late_ms=2 * DAY_MS)
        place.network.say("just now")
        async with stream(place) as watched:
            await watched.until({"just now"}, more_pages=3)
            assert not [one for one in place.network.requests if one.first("parentId")]
            place.network.say("and again", top=top)
            seen = await watched.until({"and again"}, more_pages=2)
            assert seen.texts == {"just now", "and again"}

    at_desk(work)


@pytest.mark.parametrize(
    ("left", "units", "slower"),
    [(9000, "10000", 1), (2000, "", 3), (500, "10000", 8), (9000, "100,000", 8), (2000, "many", 3)],
)
def test_reading_slows_down_while_little_is_left_of_the_day(left: int, units: str, slower: int) -> None:
    waits: list[tuple[float, float]] = []

    async def work(place: Desk) -> None:
        async def wait(*, rest: float, incident: float) -> None:
            waits.append((rest, incident))
            await quick_wait(rest=rest, incident=incident)

        place.context.allowance.learn("units a day", left=left, until=place.time() + DAY_MS)
        watcher = connect(replace(place.context, wait=wait))
        await watcher.open()
        async with watching(watcher) as watched:
            await watched.until((), more_pages=2)
        assert waits[0] == (REST_S * slower, INCIDENT_S * slower)

    at_desk(work, units=units)


def test_a_round_that_takes_long_says_that_it_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "STILL_HERE_S", 0.02)

    async def work(place: Desk) -> None:
        place.network.say("slow to come")
        place.network.misbehave(Trouble.SLOW, requests=1)
        async with stream(place) as watched:
            seen = await watched.until({"slow to come"})
            assert [page.cursor for page in seen.pages][:2] == [None, None]

    at_desk(work)


def test_a_title_that_cannot_be_had_keeps_no_comment_waiting() -> None:
    async def work(place: Desk) -> None:
        place.network.refuses["videos"] = "forbidden"
        place.network.say("without a title")
        seen = await place.until("without a title")
        assert arrival_with(seen, "without a title").where == ""

    at_desk(work)


def test_a_long_queue_is_read_to_its_end() -> None:
    texts = {f"held {number}" for number in range(130)}

    def prepare(network: FalseYouTube) -> None:
        for text in sorted(texts):
            network.say(text, status="heldForReview")

    async def work(place: Desk) -> None:
        seen = await place.until(*texts)
        assert {one.state for one in seen.arrivals} == {ItemState.HELD}

    at_desk(work, prepare)
