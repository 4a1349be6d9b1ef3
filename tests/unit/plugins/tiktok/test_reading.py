"""What one video shows, look by look, and what a stream makes of several."""

from __future__ import annotations

import asyncio
import json

from console.api import ItemKind, ItemState, Page, RemoteId
from console.api.stage import Trouble, watch, watching
from tests.servers.false.tiktok import ACCOUNT, VIDEO
from tests.unit.plugins.tiktok.rooms import Room, room


def texts(look: object) -> list[str]:
    return [arrival.text for arrival in look.arrivals]  # type: ignore[attr-defined]  # a `Look`


def test_a_reply_to_an_old_comment_is_found_because_the_count_has_moved() -> None:
    async def go() -> None:
        async with room() as here:
            old = here.network.say("old", late_ms=20_000_000)
            for number in range(70):
                here.network.say(f"newer {number}", late_ms=1_000_000 - number * 1000)
            await here.look()
            here.network.say("a late answer", above=old)
            assert texts(await here.look()) == ["a late answer"]

    asyncio.run(go())


def test_more_replies_than_come_with_a_comment_are_fetched() -> None:
    async def go() -> None:
        async with room() as here:
            top = here.network.say("top")
            for number in range(50):
                here.network.say(f"reply {number}", above=top)
            look = await here.look()
            assert len(look.arrivals) == 51
            assert {one.kind for one in look.arrivals} == {ItemKind.COMMENT, ItemKind.REPLY}

    asyncio.run(go())


def test_many_comments_with_many_replies_take_several_looks_and_lose_none() -> None:
    async def go() -> None:
        async with room() as here:
            for number in range(20):
                top = here.network.say(f"top {number}")
                for reply in range(5):
                    here.network.say(f"reply {number}.{reply}", above=top)
            found: list[str] = []
            behind: list[bool] = []
            for _ in range(2):
                found += texts(await here.look())
                behind.append(here.watched.is_behind)
            assert behind == [True, False]
            assert len(found) == len(set(found)) == 120

    asyncio.run(go())


def test_nothing_new_costs_one_request() -> None:
    async def go() -> None:
        async with room() as here:
            for number in range(40):
                here.network.say(str(number), late_ms=number * 120_000)
            await here.look()
            before = len(here.network.requests)
            look = await here.look()
            assert (look.arrivals, look.sights) == ([], [])
            assert len(here.network.requests) - before == 1

    asyncio.run(go())


def test_what_was_hidden_elsewhere_and_what_came_back_is_noticed() -> None:
    async def go() -> None:
        async with room() as here:
            one = here.network.say("hidden from the telephone")
            await here.look()
            here.network.said[one].status = "HIDDEN"
            [hidden] = (await here.look()).sights
            here.network.said[one].status = "PUBLIC"
            [back] = (await here.look()).sights
            assert (hidden.state, back.state) == (ItemState.HIDDEN, ItemState.VISIBLE)

    asyncio.run(go())


def test_a_deleted_comment_takes_its_replies_with_it() -> None:
    async def go() -> None:
        async with room() as here:
            top, other = here.network.say("top"), here.network.say("other")
            reply = here.network.say("reply", above=top)
            lone = here.network.say("lone reply", above=other)
            await here.look()
            for one in (top, reply, lone):
                del here.network.said[one]
            sights = (await here.look()).sights
            assert {sight.remote_id for sight in sights} == {top, reply, lone}
            assert {sight.state for sight in sights} == {ItemState.GONE}

    asyncio.run(go())


def test_a_comment_that_a_list_leaves_out_is_asked_for_before_it_counts_as_gone() -> None:
    async def go() -> None:
        async with room() as here:
            one = here.network.say("withheld from lists")
            here.network.say("listed")
            await here.look()
            hidden = here.network.said.pop(one)
            here.watched.mark = here.watched.mark.__class__(99, here.watched.mark.until)
            found = here.comments.by_id

            async def still_there(place: object, ids: list[str]) -> object:
                here.network.said[hidden.id] = hidden
                return await found(place, ids)  # type: ignore[arg-type]  # passed on as it came

            here.comments.by_id = still_there  # type: ignore[assignment,method-assign]  # the list lags here
            assert (await here.look()).sights == []

    asyncio.run(go())


def test_a_comment_older_than_the_start_is_known_and_not_told() -> None:
    async def go() -> None:
        async with room() as here:
            here.network.say("of last week", late_ms=7 * 86_400_000)
            assert texts(await here.look()) == []
            here.network.say("approved late", late_ms=3 * 86_400_000)
            assert texts(await here.look()) == ["approved late"]

    asyncio.run(go())


def test_a_new_video_is_an_item_and_is_read() -> None:
    async def go() -> None:
        async with room() as here:
            async with watching(here.connector) as stream:
                here.network.say("first")
                await stream.until({"first"})
                video = here.network.film("Quay Road is open")
                here.network.say("below the new one", video=video)
                seen = await stream.until({"below the new one"})
            posts = {one.remote_id: one for one in seen.arrivals if one.kind is ItemKind.POST}
            assert set(posts) == {VIDEO, video}
            assert all(post.is_ours and post.author.id == ACCOUNT for post in posts.values())
            below = next(one for one in seen.arrivals if one.text == "below the new one")
            assert (below.thread, below.where) == (video, "Quay Road is open")

    asyncio.run(go())


def test_a_video_that_was_taken_down_is_noticed_after_two_lists() -> None:
    async def go() -> None:
        async with room() as here:
            video = here.network.film("soon gone", ago_s=60)
            one = here.network.say("below it", video=video)
            here.network.say("elsewhere")
            async with watching(here.connector) as stream:
                await stream.until({"below it", "elsewhere"})
                del here.network.films[video]
                del here.network.said[one]
                seen = await stream.until((), more_pages=120)
            gone = {sight.remote_id for page in seen.pages for sight in page.sights}
            assert gone == {RemoteId(video), RemoteId(one)}

    asyncio.run(go())


def test_a_place_says_how_far_each_video_was_read() -> None:
    async def go() -> None:
        async with room() as here:
            here.network.say("one")
            here.network.say("two", late_ms=30_000)
            seen = await watch(here.connector, {"one", "two"}, more_pages=1)
            count, until = json.loads(seen.cursor or "")["videos"][VIDEO]
            assert count == 2
            assert abs(until - here.context.now()) < 30_000

    asyncio.run(go())


def test_a_time_in_the_future_does_not_move_the_place_beyond_now() -> None:
    async def go() -> None:
        async with room() as here:
            here.network.say("from the future", late_ms=-3_600_000)
            seen = await watch(here.connector, {"from the future"}, more_pages=1)
            assert json.loads(seen.cursor or "")["videos"][VIDEO][1] <= here.context.now()

    asyncio.run(go())


# --- Emptiness ----------------------------------------------------------------------------------


async def notices(here: Room, pages: int = 6) -> list[str]:
    """What the first pages say is wrong."""
    async with watching(here.connector) as stream:
        seen = await stream.until((), more_pages=pages)
    return [page.notice for page in seen.pages if page.notice is not None]


def test_counted_comments_that_are_not_listed_are_no_peace() -> None:
    async def go() -> None:
        async with room(lambda network: network.say("there, and withheld")) as here:
            here.network.lists_of = lambda request, body: (  # type: ignore[method-assign]  # comments only
                [body["data"]["comments"]] if "comments" in body["data"] else []
            )
            here.network.misbehave(Trouble.EMPTY)
            found = await notices(here)
            assert "lists none of them" in found[-1]

    asyncio.run(go())


def test_a_missing_permission_is_named_when_a_list_is_empty() -> None:
    async def go() -> None:
        async with room(lambda network: network.say("there")) as here:
            here.network.rights.remove("video.list")
            here.network.misbehave(Trouble.EMPTY)
            assert "video.list is missing" in (await notices(here))[-1]

    asyncio.run(go())


def test_an_account_without_videos_is_well() -> None:
    async def go() -> None:
        async with room(lambda network: network.films.clear()) as here:
            assert set(await notices(here)) == {""}

    asyncio.run(go())


def test_what_is_wrong_is_taken_back_when_all_is_well_again() -> None:
    async def go() -> None:
        async with room(lambda network: network.say("there")) as here:
            async with watching(here.connector) as stream:
                await stream.until({"there"})
                here.network.misbehave(Trouble.EMPTY)
                troubled = await stream.until((), more_pages=4)
                here.network.behave()
                well = await stream.until((), more_pages=4)
            said: list[Page] = [page for page in troubled.pages if page.notice]
            assert "none of the 1 videos" in (said[0].notice or "")
            assert well.pages[-1].notice == ""

    asyncio.run(go())
