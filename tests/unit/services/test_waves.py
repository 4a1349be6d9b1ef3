"""Waves while they run: counted once, kept over a restart, told when they grow."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from console.api import Page
from console.domain.accounts import Account
from console.domain.ids import RemoteId
from console.domain.items import Arrival, ItemKind
from console.domain.waves import Wave
from console.services import waves as waves_service
from console.services.events import ItemsChanged, WavesGrew
from console.store import waves
from tests.fakes.connectors import arrival
from tests.fakes.rooms import Rooms, rooms

SAYING = "They always protect their own, every single time"
EDITED = "RT @sam.example: they always protect thier own, every single time 😡"


def inside(folder: Path, check: Callable[[Rooms], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with rooms(folder) as made:
            await check(made)

    asyncio.run(whole())


async def take(made: Rooms, account: Account, texts: Sequence[str], first: int = 1) -> None:
    await hand_in(made, account, [arrival(first + n, text, account.handle) for n, text in enumerate(texts)])


async def hand_in(made: Rooms, account: Account, arrivals: Sequence[Arrival]) -> None:
    await made.ingest.take(account, Page(arrivals, "1"))
    await made.clock.pass_by(0.05)
    await made.ingest.settled()


async def known(made: Rooms, least: int = 2) -> list[Wave]:
    return await made.db.read(lambda conn: waves.waves(conn, "biggest", least=least))


def test_copies_from_two_networks_are_one_wave_with_its_numbers(tmp_path: Path) -> None:
    async def check(made: Rooms) -> None:
        one, two = await made.account("a"), replace(await made.account("b"), network="x")
        await take(made, one, [SAYING, "Something else altogether was said", EDITED, SAYING, SAYING])
        await take(made, two, [SAYING, EDITED], 50)
        (wave,) = await known(made)
        items = [item for item in await made.stored() if item.wave_id == wave.id]
        assert [item.remote_id for item in items] == ["a/1", "a/3", "a/4", "a/5", "b/50", "b/51"]
        assert wave.id == items[0].id
        assert (wave.size, wave.networks, wave.essence) == (6, ("fake", "x"), SAYING)
        assert wave.authors == len({(item.author.id, item.account_id) for item in items})
        assert (wave.first_at, wave.last_at) == (items[0].received_at, items[-1].received_at)
        assert wave.rate_now(wave.last_at) > 0
        assert wave.rate_now(wave.last_at + 600_000) < 0.001

    inside(tmp_path, check)


def test_the_commonest_wording_is_the_essence(tmp_path: Path) -> None:
    async def check(made: Rooms) -> None:
        account = await made.account("a")
        await take(made, account, [EDITED, SAYING, SAYING + " https://bad.example/1", EDITED, SAYING])
        (wave,) = await known(made)
        assert wave.essence == SAYING

    inside(tmp_path, check)


def test_a_wave_is_told_when_it_grows_and_its_first_item_changes(tmp_path: Path) -> None:
    async def check(made: Rooms) -> None:
        account = await made.account("a")
        await take(made, account, [SAYING])
        await take(made, account, [SAYING], 2)
        assert [said.ids for said in made.said if isinstance(said, ItemsChanged)] == [(1,)]
        assert not [said for said in made.said if isinstance(said, WavesGrew)]
        await take(made, account, [SAYING], 3)
        assert [said.ids for said in made.said if isinstance(said, WavesGrew)] == [(1,)]

    inside(tmp_path, check)


def test_what_was_known_already_is_no_second_member(tmp_path: Path) -> None:
    async def check(made: Rooms) -> None:
        account = await made.account("a")
        await take(made, account, [SAYING, SAYING])
        await take(made, account, [SAYING, SAYING])
        (wave,) = await known(made)
        assert wave.size == 2

    inside(tmp_path, check)


def test_an_author_who_wrote_before_is_not_new(tmp_path: Path) -> None:
    async def check(made: Rooms) -> None:
        account = await made.account("a")
        await take(made, account, ["A lost dog near the bridge, please call"])
        await hand_in(made, account, [arrival(n, SAYING) for n in range(7, 14)])
        (wave,) = await known(made)
        assert (wave.authors, wave.new_authors) == (7, 6)

    inside(tmp_path, check)


def test_private_messages_and_our_own_words_are_in_no_wave(tmp_path: Path) -> None:
    async def check(made: Rooms) -> None:
        account = await made.account("a")
        ours = [replace(arrival(n, SAYING), is_ours=True) for n in (1, 2, 3)]
        private = [replace(arrival(n, SAYING), kind=ItemKind.MESSAGE) for n in (4, 5, 6)]
        await hand_in(made, account, [*ours, *private])
        assert await known(made) == []

    inside(tmp_path, check)


def test_after_a_restart_a_wave_goes_on_under_its_number(tmp_path: Path) -> None:
    async def before(made: Rooms) -> None:
        account = await made.account("a")
        await take(made, account, [SAYING, SAYING, "Nothing moves on the ring road tonight"])

    async def after(made: Rooms) -> None:
        account = await made.account("b")
        await made.idle()
        await take(made, account, [EDITED, "Nothing moves on the ring road tonight"], 20)
        bigger, smaller = await known(made)
        assert (bigger.id, bigger.size) == (1, 3)
        assert (smaller.id, smaller.size) == (3, 2)

    inside(tmp_path, before)
    inside(tmp_path, after)


def test_a_transaction_that_failed_once_counts_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real, failures = waves.put, [OSError("no")]

    def failing(*args: object) -> None:
        if failures:
            raise failures.pop()
        real(*args)  # type: ignore[arg-type]  # handed through as they came

    async def check(made: Rooms) -> None:
        account = await made.account("a")
        await take(made, account, [SAYING] * 6)
        (wave,) = await known(made)
        assert wave.size == 6
        assert len(await made.stored()) == 6

    monkeypatch.setattr(waves, "put", failing)
    inside(tmp_path, check)
    assert "0 of 6 items of a batch were left out" in caplog.text
    caplog.clear()


def test_the_odd_one_out_in_a_flooded_thread_is_marked(tmp_path: Path) -> None:
    async def check(made: Rooms) -> None:
        account = await made.account("a")
        flood = [
            replace(arrival(n, f"Disgrace and shame again, number {n} of many"), thread=RemoteId("post"))
            for n in range(60)
        ]
        stray = replace(
            arrival(70, "My son is not answering and he was near the market"), thread=RemoteId("post")
        )
        quiet = replace(
            arrival(71, "My son is not answering and he was at the harbour"), thread=RemoteId("other")
        )
        await hand_in(made, account, [*flood, stray, quiet])
        marked = {item.remote_id: item.stray for item in await made.stored() if item.stray}
        assert marked == {"a/70": "First-hand (“my son”)"}

    inside(tmp_path, check)


def test_items_are_stored_even_when_grouping_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def check(made: Rooms) -> None:
        monkeypatch.setattr(made.ingest._waves, "place", lambda rows: 1 / 0)
        account = await made.account("a")
        await take(made, account, [SAYING, SAYING])
        assert len(await made.stored()) == 2

    inside(tmp_path, check)
    assert "Grouping failed" in caplog.text
    caplog.clear()


def test_half_a_letter_in_a_text_breaks_no_wave(tmp_path: Path) -> None:
    async def check(made: Rooms) -> None:
        account = await made.account("a")
        await take(made, account, [SAYING, "\ud83d broken " + SAYING, SAYING])
        assert len(await made.stored()) == 3
        (wave,) = await known(made)
        assert wave.size >= 2

    inside(tmp_path, check)


def test_a_flood_beyond_what_can_be_grouped_is_noticed_and_its_end_too() -> None:
    made = waves_service.Waves()
    assert not made._is_flooded(0, 800)
    assert made._is_flooded(500, 300)
    assert not made._is_flooded(5_000, 500)
