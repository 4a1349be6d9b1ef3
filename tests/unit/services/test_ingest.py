"""Items come in by batches; nothing is lost, doubled or let through to slow another account."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from console.api import Media, Page, Sight
from console.domain.errors import DiskFull
from console.domain.items import ItemKind, ItemState
from console.matching import parse_watchlist
from console.services import ingest as ingest_module
from console.services.events import Arrived, ItemsChanged, Trouble
from console.services.ingest import BATCH, SHARE
from console.store import saving
from tests.fakes.clock import settle
from tests.fakes.connectors import arrival
from tests.fakes.rooms import Rooms, rooms

WEAPONS = """
id = "weapons"
name = "Weapons"
category = "weapons"
grade = 2
owner = "Duty lead"
version = 1
review_by = 2030-01-01
[[rule]]
id = "blade"
words = ["machete"]
[[rule]]
id = "plea"
words = ["goodbye everyone"]
grade = 1
"""


def inside(folder: Path, check: Callable[[Rooms], Awaitable[None]], **parts: Any) -> None:
    """Runs a check with the parts made for it."""

    async def whole() -> None:
        async with rooms(folder, **parts) as made:
            await check(made)

    asyncio.run(whole())


def arrived(made: Rooms) -> list[Arrived]:
    return [said for said in made.said if isinstance(said, Arrived)]


def test_a_first_item_is_stored_fifty_milliseconds_after_it_came(tmp_path: Path) -> None:
    async def check(made: Rooms) -> None:
        account = await made.account("a")
        await made.ingest.take(account, Page([arrival(1)], "1"))
        await made.clock.pass_by(0.049)
        assert not made.said
        await made.ingest.take(account, Page([arrival(2)], "2"))
        await made.clock.pass_by(0.001)
        await made.ingest.settled()
        (news,) = arrived(made)
        assert news.count == 2
        assert news.grades == (0, 0, 0, 0, 2)
        assert made.ingest.statistics.latencies.quantile(1) == pytest.approx(50, rel=0.06)

    inside(tmp_path, check)


def test_a_full_batch_does_not_wait(tmp_path: Path) -> None:
    async def check(made: Rooms) -> None:
        account = await made.account("a")
        await made.ingest.take(account, Page([arrival(n) for n in range(BATCH)], "1"))
        await made.ingest.settled()
        assert made.clock.monotonic() == 0
        assert made.ingest.statistics.stored == BATCH

    inside(tmp_path, check)


def test_a_connector_waits_when_its_share_is_full_and_goes_on_when_there_is_room(
    tmp_path: Path,
) -> None:
    async def check(made: Rooms) -> None:
        account, other = await made.account("a"), await made.account("b")
        hold = asyncio.Event()
        free, made.db.ingest = made.db.ingest, _held(made.db.ingest, hold)  # type: ignore[method-assign]

        async def flood() -> None:
            for start in range(0, 4 * SHARE, 100):
                await made.ingest.take(account, Page([arrival(n) for n in range(start, start + 100)]))

        flooding = asyncio.create_task(flood())
        await settle(200)
        assert not flooding.done()
        assert made.ingest._shares[account.id, None].waiting == SHARE
        async with asyncio.timeout(5):
            await made.ingest.take(other, Page([arrival(1, account="b")], "1"))
        hold.set()
        await flooding
        await made.flow(lambda: made.ingest.statistics.stored == 4 * SHARE + 1)
        ids = [item.remote_id for item in await made.stored()]
        assert ids.index(arrival(1, account="b").remote_id) < 3 * SHARE
        assert [i for i in ids if i.startswith("a/")] == [f"a/{n}" for n in range(4 * SHARE)]
        made.db.ingest = free  # type: ignore[method-assign]

    inside(tmp_path, check)


def _held(work: Any, hold: asyncio.Event) -> Any:
    async def wait(job: Any) -> Any:
        await hold.wait()
        return await work(job)

    return wait


def test_items_and_the_place_in_the_stream_are_stored_in_one_go(tmp_path: Path) -> None:
    async def check(made: Rooms) -> None:
        account = await made.account("a")
        many = BATCH + 20
        await made.ingest.take(account, Page([arrival(n) for n in range(many)], "after"))
        seen: list[tuple[int, str | None]] = []

        def look(conn: Any) -> tuple[int, str | None]:
            count = conn.execute("SELECT count(*) FROM items").fetchone()[0]
            return count, conn.execute("SELECT cursor FROM accounts").fetchone()[0]

        while not seen or seen[-1][0] < many:
            seen.append(await made.db.read(look))
            await made.clock.pass_by(0.05)
        assert all((count == many) == (cursor == "after") for count, cursor in seen)

    inside(tmp_path, check)


def test_the_same_item_twice_is_stored_once_and_counted(tmp_path: Path) -> None:
    async def check(made: Rooms) -> None:
        account = await made.account("a")
        await made.ingest.take(account, Page([arrival(1), arrival(2), arrival(1)], "2"))
        await made.ingest.take(account, Page([arrival(2), arrival(3)], "3"))
        await made.flow(lambda: made.ingest.statistics.received == 5)
        assert made.ingest.statistics.stored == 3
        assert made.ingest.statistics.duplicates == 2

    inside(tmp_path, check)


def test_hits_give_the_smallest_grade_also_in_what_a_picture_is_said_to_show(tmp_path: Path) -> None:
    async def check(made: Rooms) -> None:
        made.desk.lists = [parse_watchlist(WEAPONS, "weapons.toml")]
        assert await made.matching.reload()
        account = await made.account("a")
        shown = replace(arrival(3, "look"), media=(Media("picture", "u", "a machete on a wall"),))
        ours = replace(arrival(4, "hand in your machete"), is_ours=True)
        await made.ingest.take(
            account,
            Page([arrival(1, "goodbye everyone, my machete is gone"), arrival(2), shown, ours], "4"),
        )
        await made.flow(lambda: made.ingest.statistics.stored == 4)
        stored = await made.stored()
        assert [item.grade for item in stored] == [1, 5, 2, 5]
        assert {hit.rule for hit in stored[0].hits} == {"plea", "blade"}
        (hit,) = stored[2].hits
        assert (hit.text, hit.start, hit.end) == ("machete", 4, 4)
        assert arrived(made)[0].grades == (1, 1, 0, 0, 2)
        assert made.ingest.statistics.hits == 3

    inside(tmp_path, check)


def test_a_poisoned_item_costs_only_itself(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def check(made: Rooms) -> None:
        account = await made.account("a")
        page: list[Any] = [
            arrival(1),
            None,
            replace(arrival(2), text=None),  # type: ignore[arg-type]  # that is the point
            replace(arrival(3), created_at=10**30),
            replace(arrival(4), text="x" * 5_000_000),
            replace(arrival(5), text="\x00\ud800\u202e"),
            arrival(6),
        ]
        await made.ingest.take(account, Page(page, "6"))
        await made.flow(lambda: made.ingest.statistics.received == 7)
        stored = await made.stored()
        assert [item.remote_id for item in stored] == ["a/1", "a/3", "a/4", "a/5", "a/6"]
        assert stored[3].text == "\x00\ud800\u202e"
        assert made.ingest.statistics.refused == 2
        assert len(caplog.messages) == 4
        assert all("xxx" not in message for message in caplog.messages)

    inside(tmp_path, check)


def test_a_row_that_the_store_refuses_costs_only_itself(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    save = saving.save_batch

    def picky(conn: Any, rows: Any, *rest: Any) -> Any:
        if any(row.arrival.remote_id == "a/13" for row in rows):
            raise RuntimeError("thirteen")
        return save(conn, rows, *rest)

    monkeypatch.setattr(ingest_module, "save_batch", picky)

    async def check(made: Rooms) -> None:
        account = await made.account("a")
        await made.ingest.take(account, Page([arrival(n) for n in range(1, 21)], "20"))
        await made.flow(lambda: made.ingest.statistics.received == 20)
        assert await made.remote_ids(account) == [f"a/{n}" for n in range(1, 21) if n != 13]
        assert made.ingest.statistics.refused == 1
        assert "1 of 20 items of a batch were left out" in caplog.text
        cursor = await made.db.read(lambda conn: conn.execute("SELECT cursor FROM accounts").fetchone())
        assert cursor == ("20",)

    inside(tmp_path, check)


def test_matching_that_fails_on_one_item_leaves_the_others_their_hits(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def check(made: Rooms) -> None:
        made.desk.lists = [parse_watchlist(WEAPONS, "weapons.toml")]
        await made.matching.reload()
        match = made.matching.hits

        def picky(arrivals: Any) -> Any:
            if any(one.text == "bait" for one in arrivals):
                raise RuntimeError("bait")
            return match(arrivals)

        made.matching.hits = picky  # type: ignore[method-assign]  # that is the point
        account = await made.account("a")
        await made.ingest.take(account, Page([arrival(1, "bait"), arrival(2, "machete")], "2"))
        await made.flow(lambda: made.ingest.statistics.stored == 2)
        assert [item.grade for item in await made.stored()] == [5, 2]
        assert made.ingest.statistics.unmatched == 1
        assert "Matching failed" in caplog.text

    inside(tmp_path, check)


def test_a_full_disk_is_said_once_and_nothing_is_lost_when_there_is_room_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def check(made: Rooms) -> None:
        account = await made.account("a")
        store, failures = made.db.ingest, [DiskFull("The disk is full.") for _ in range(3)]

        async def full(job: Any) -> Any:
            if failures:
                raise failures.pop()
            return await store(job)

        made.db.ingest = full  # type: ignore[method-assign, assignment]  # that is the point
        await made.ingest.take(account, Page([arrival(1)], "1"))
        await made.flow(lambda: made.ingest.statistics.stored == 1)
        said = [one.words for one in made.said if isinstance(one, Trouble)]
        assert said == [
            "The disk is full. New items wait at their networks until it can be used again.",
            "Storing works again. Nothing was lost.",
        ]
        assert "disk is full" in caplog.text

    inside(tmp_path, check)


def test_what_was_seen_of_known_items_is_kept_and_announced(tmp_path: Path) -> None:
    async def check(made: Rooms) -> None:
        account = await made.account("a")
        await made.ingest.take(account, Page([arrival(1), arrival(2)], "2"))
        gone = Sight(arrival(1).remote_id, ItemState.GONE)
        unknown = Sight(arrival(9).remote_id, ItemState.GONE)
        await made.ingest.take(account, Page(sights=[gone, unknown]))
        await made.flow(lambda: any(isinstance(said, ItemsChanged) for said in made.said))
        first, second = await made.stored()
        assert (first.state, second.state) == (ItemState.GONE, ItemState.VISIBLE)
        assert made.said[-1] == ItemsChanged((first.id,))

    inside(tmp_path, check)


def test_a_private_message_without_a_key_is_left_out_and_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def check(made: Rooms) -> None:
        account = await made.account("a")
        private = replace(arrival(1, "between us"), kind=ItemKind.MESSAGE)
        await made.ingest.take(account, Page([private, arrival(2)], "2"))
        await made.flow(lambda: made.ingest.statistics.received == 2)
        assert await made.remote_ids(account) == ["a/2"]
        assert "no key to seal it with" in caplog.text
        assert "between us" not in caplog.text

    inside(tmp_path, check, ready=False)


def test_stopping_stores_what_was_taken_in(tmp_path: Path) -> None:
    async def check(made: Rooms) -> None:
        account = await made.account("a")
        await made.ingest.take(account, Page([arrival(n) for n in range(7)], "7"))
        await made.ingest.stop()
        assert len(await made.stored()) == 7

    inside(tmp_path, check)


def test_something_that_is_no_page_is_the_connectors_fault(tmp_path: Path) -> None:
    async def check(made: Rooms) -> None:
        account = await made.account("a")
        for thing in (None, "page", [arrival(1)], Page(arrivals=3), Page(cursor=4)):  # type: ignore[arg-type]  # that is the point
            with pytest.raises(TypeError):
                await made.ingest.take(account, thing)  # type: ignore[arg-type]  # that is the point

    inside(tmp_path, check)


def test_an_edit_is_announced_matched_anew_and_counted_apart_from_repeats(tmp_path: Path) -> None:
    async def check(made: Rooms) -> None:
        account = await made.account("a")
        await made.ingest.take(account, Page([arrival(1, "a kind word"), arrival(2)]))
        await made.flow(lambda: made.ingest.statistics.stored == 2)
        made.said.clear()
        await made.ingest.take(account, Page([arrival(1, "another word"), arrival(2)]))
        await made.flow(lambda: made.ingest.statistics.edited == 1)
        assert made.ingest.statistics.duplicates == 1
        (first, _) = await made.stored()
        assert first.text == "another word"
        assert made.said == [ItemsChanged((first.id,))]

    inside(tmp_path, check)
