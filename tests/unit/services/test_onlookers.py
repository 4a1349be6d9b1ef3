"""Looks are on record: each once in ten minutes for one person, whichever program asks."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from console.desk.onlookers import AGAIN_MS, LocalOnlookers, Look
from console.domain.errors import DiskFull
from console.domain.ids import ItemId
from console.domain.items import ItemKind
from console.services.onlookers import Onlookers
from console.store import audit
from console.store.database import Database
from tests.fakes.clock import FakeClock
from tests.unit.desk.making import desk_at, look

WHO, OTHER = "r.calder", "i.corran"
Entries = list[tuple[str, str, dict[str, object]]]


def entries(database: Database) -> Entries:
    """Kind, person and readable content of every entry."""
    found = database.read_now(lambda conn: audit.entries(conn, 0, 1000)).result()
    return [
        (leaf["kind"], leaf["who"], json.loads(entry.content or b"{}"))
        for entry in found
        for leaf in [json.loads(entry.leaf)]
    ]


def looking(folder: Path, story: Callable[[Onlookers, FakeClock, Database], Awaitable[None]]) -> Entries:
    with desk_at(folder) as (database, _):
        clock = FakeClock()
        onlookers = Onlookers(LocalOnlookers(database, "Dellin desk 1"), clock)

        async def whole() -> None:
            await story(onlookers, clock, database)

        asyncio.run(whole())
        return entries(database)


def test_the_same_look_of_one_person_is_one_entry_for_ten_minutes(tmp_path: Path) -> None:
    async def story(onlookers: Onlookers, clock: FakeClock, database: Database) -> None:
        beside = Onlookers(LocalOnlookers(database, "Dellin desk 1"), clock)  # the command line
        for each in (onlookers, beside, onlookers):
            await each.searched("state:hidden heron", WHO)
        await onlookers.searched("state:hidden heron", OTHER)
        await onlookers.searched("state:hidden swan", WHO)
        clock._passed += AGAIN_MS / 1000
        await onlookers.searched("state:hidden heron", WHO)

    assert [(who, content["query"]) for _, who, content in looking(tmp_path, story)] == [
        (WHO, "state:hidden heron"),
        (OTHER, "state:hidden heron"),
        (WHO, "state:hidden swan"),
        (WHO, "state:hidden heron"),
    ]


def test_an_author_that_was_looked_up_is_named_beside_the_entry_and_never_in_it(tmp_path: Path) -> None:
    async def story(onlookers: Onlookers, _clock: FakeClock, database: Database) -> None:
        item = look(database)
        await onlookers.opened_author(item, WHO)
        await onlookers.opened_author(replace(item, id=ItemId(2)), WHO)  # the same author
        for entry in database.read_now(lambda conn: audit.entries(conn, 0, 9)).result():
            assert item.author.id not in entry.leaf.decode()
            assert item.author.handle not in entry.leaf.decode()

    ((kind, who, content),) = looking(tmp_path, story)
    assert (kind, who) == ("author.looked", WHO)
    assert list(content) == ["author", "author_id"]


def test_private_messages_that_were_shown_are_on_record_and_public_words_are_not(tmp_path: Path) -> None:
    async def story(onlookers: Onlookers, _clock: FakeClock, database: Database) -> None:
        public = look(database)
        private = replace(public, id=ItemId(2), kind=ItemKind.MESSAGE)
        still_sealed = replace(private, id=ItemId(3), text="")
        await onlookers.messages_read([public, private, still_sealed], WHO)
        await onlookers.messages_read([private], WHO)
        (entry,) = database.read_now(lambda conn: audit.entries(conn, 0, 9)).result()
        assert json.loads(entry.leaf)["facts"] == {"item": "i2"}

    assert [(kind, who) for kind, who, _ in looking(tmp_path, story)] == [("message.read", WHO)]


def test_nothing_is_left_of_whom_somebody_looked_for_but_the_entry(tmp_path: Path) -> None:
    async def story(onlookers: Onlookers, clock: FakeClock, database: Database) -> None:
        await onlookers.searched("author:tomosw.test", WHO)
        clock._passed += AGAIN_MS / 1000
        await onlookers.searched("weather", WHO)
        kept = database.read_now(lambda conn: conn.execute("SELECT count(*) FROM latest_looks").fetchone())
        assert kept.result() == (1,)

    looking(tmp_path, story)


def test_a_search_that_makes_no_sense_is_a_search_and_an_empty_one_is_none(tmp_path: Path) -> None:
    async def story(onlookers: Onlookers, _clock: FakeClock, _database: Database) -> None:
        await onlookers.searched("wings:yes", WHO)
        await onlookers.searched("  ", WHO)

    assert [kind for kind, _, _ in looking(tmp_path, story)] == ["lane.searched"]


class Full:
    """A record that cannot be written."""

    async def put(self, looks: Sequence[Look], at: int) -> int:
        del looks, at
        raise DiskFull("The disk is full.")


def test_a_record_that_cannot_be_written_keeps_nobody_from_looking(caplog: pytest.LogCaptureFixture) -> None:
    onlookers = Onlookers(Full(), FakeClock())
    with caplog.at_level(logging.WARNING):
        asyncio.run(onlookers.searched("heron", WHO))
    assert "could not be put on record" in caplog.text
    assert "heron" not in caplog.text
