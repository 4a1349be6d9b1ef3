"""What is unseen in lanes that nobody keeps counters for: counted in slices, no oftener than it must be."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from console.domain.ids import ItemId
from console.domain.lanes import parse_lane
from console.store import items as stored_items
from console.store.database import Connection, Database
from console.store.reader import Reader
from console.ui import tallies as counting
from console.ui.loop import Tasks
from console.ui.tallies import Tallies, Tally
from tests.unit.store.making import MINUTE, NOW, add_account, received, save

QUESTIONS = {"urgent": "grade:1-2", "welsh": "lang:cy", "quiet": "-sirens", "all": ""}


class Counted:
    """Tallies over a cache."""

    def __init__(self, database: Database, reader: Reader) -> None:
        self.database = database
        self.said = 0
        self.problems: list[BaseException] = []
        self.tasks = Tasks(self.problems.append)
        self.tallies = Tallies(reader, self.tasks, self._hear)
        self.questions = dict(QUESTIONS)
        self.tallies.watch(lambda: {key: parse_lane(typed, NOW) for key, typed in self.questions.items()})

    def _hear(self) -> None:
        self.said += 1

    async def tick(self) -> None:
        """A second goes by, and what was begun ends."""
        self.tallies.tick()
        await asyncio.gather(*self.tasks._tasks)
        assert self.problems == []

    def numbers(self) -> dict[str, int | None]:
        found = {key: self.tallies.of(key) for key in self.questions}
        return {key: None if tally is None else tally.number for key, tally in found.items()}

    def arrive(self, *marks: str, at: int = NOW) -> None:
        """Stores items: u urgent, w Welsh, s with sirens, - plain."""
        start = self.database.read_now(lambda conn: conn.execute("SELECT count(*) FROM items").fetchone()[0])
        save(
            self.database,
            *(
                received(
                    f"r{start.result()}-{place}",
                    "sirens" if "s" in mark else "quiet words",
                    grade=2 if "u" in mark else 4,
                    lang="cy" if "w" in mark else "en",
                    at=at,
                )
                for place, mark in enumerate(marks)
            ),
        )

    def see(self, *ids: int) -> None:
        seen = [ItemId(number) for number in ids]
        self.database.ingest_now(lambda conn: stored_items.mark_seen(conn, seen, NOW)).result()


@asynccontextmanager
async def counted(folder: Path) -> AsyncIterator[Counted]:
    with Database(folder / "cordon.db") as database:
        database.record_now(add_account).result()
        reader = Reader(folder / "cordon.db")
        made = Counted(database, reader)
        yield made
        await made.tasks.stop()
        reader.close()


def run(folder: Path, work: Callable[[Counted], Coroutine[Any, Any, None]]) -> None:
    async def main() -> None:
        async with counted(folder) as made:
            await work(made)

    asyncio.run(main())


def test_arrivals_are_added_and_what_changed_is_counted_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "LEAST_S", 0.0)
    monkeypatch.setattr(counting, "SHARE", 0)

    async def work(made: Counted) -> None:
        made.arrive("u", "w", "s", "-", at=NOW)
        await made.tick()
        assert made.numbers() == {"urgent": 1, "welsh": 1, "quiet": 3, "all": 4}
        assert made.tallies.of("urgent") == Tally(1, NOW)
        slices = made.tallies.slices
        made.arrive("us", "w", at=NOW + MINUTE)
        made.tallies.arrived()
        await made.tick()
        assert made.numbers() == {"urgent": 2, "welsh": 2, "quiet": 4, "all": 6}
        assert made.tallies.slices == slices, "what was counted is not counted again"
        made.see(1, 2)
        made.tallies.changed()
        await made.tick()
        assert made.numbers() == {"urgent": 1, "welsh": 1, "quiet": 2, "all": 4}
        assert made.tallies.of("urgent") == Tally(1, NOW + MINUTE)
        said = made.said
        await made.tick()
        assert made.said == said, "without news nothing is counted"

    run(tmp_path, work)


def test_a_lane_that_is_new_is_counted_and_one_that_is_gone_is_not(tmp_path: Path) -> None:
    async def work(made: Counted) -> None:
        made.arrive("u", "w")
        await made.tick()
        made.questions = {"urgent": "grade:1-2", "sirens": "sirens"}
        made.tallies.changed()
        made.tallies._next_whole_at = 0.0
        await made.tick()
        assert made.numbers() == {"urgent": 1, "sirens": 0}
        assert made.tallies.of("welsh") is None

    run(tmp_path, work)


def test_all_is_counted_again_only_for_a_tenth_of_the_time(tmp_path: Path) -> None:
    async def work(made: Counted) -> None:
        made.arrive("u")
        await made.tick()
        slices = made.tallies.slices
        for number in range(1, 5):
            made.see(number)
            made.tallies.changed()
            await made.tick()
        assert made.tallies.slices == slices, "it waits until its time has come"
        assert made.numbers()["urgent"] == 1
        made.tallies._next_whole_at = 0.0
        await made.tick()
        assert made.numbers()["urgent"] == 0

    run(tmp_path, work)


def test_a_long_count_lets_others_ask_between_its_slices(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "FIRST_SLICE", 4)
    monkeypatch.setattr(counting, "QUICK_S", 0.0)

    async def work(made: Counted) -> None:
        made.tallies._slice = 4
        made.arrive(*["u"] * 40)
        made.questions = {"urgent": "grade:1-2"}
        order: list[str] = []

        def asked(conn: Connection, name: str) -> None:
            del conn
            order.append(name)

        reader = made.tallies._reader
        submit = reader.submit

        def noted(question: Callable[..., Any], *args: Any) -> Any:
            order.append("slice")
            return submit(question, *args)

        reader.submit = noted  # type: ignore[method-assign,assignment]  # to see when slices are asked for
        counting_on = asyncio.ensure_future(made.tick())
        for place in range(3):
            await asyncio.wrap_future(submit(partial(asked, name=f"key {place}")))
        await counting_on
        reader.submit = submit  # type: ignore[method-assign]  # as it was
        assert made.numbers() == {"urgent": 40}
        last = len(order) - 1 - order[::-1].index("slice")
        assert all(order.index(f"key {place}") < last for place in range(3)), order
        assert made.tallies.slices == 10

    run(tmp_path, work)


def test_what_is_seen_is_never_unseen_and_an_empty_cache_is_counted_too(tmp_path: Path) -> None:
    async def work(made: Counted) -> None:
        made.questions = {"none": "is:seen", "all": ""}
        await made.tick()
        assert made.numbers() == {"none": 0, "all": 0}
        made.arrive("-")
        made.tallies.arrived()
        await made.tick()
        assert made.numbers() == {"none": 0, "all": 1}

    run(tmp_path, work)
