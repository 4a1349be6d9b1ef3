"""Saved views: kept by a person, shared with all, given away as text; and groups of accounts."""

import asyncio
import contextlib
import json
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.desk.views import LocalViews
from console.domain.errors import CordonError, NotPossible, UsageError
from console.domain.views import MOST, View, good_name
from console.services.events import Announcement, Events, ViewsChanged
from console.services.views import Views
from console.store import audit
from console.store.database import Database

NOW = 1_800_000_000_000
ME, OTHER = "A. Rowe", "M. Jarrow"
ACCOUNTS = ("x:force1", "x:force2")


def with_views(folder: Path, work: Callable[[Views, Database], Coroutine[object, object, None]]) -> None:
    async def main() -> None:
        with Database(folder / "cordon.db") as database:
            await work(Views(LocalViews(database, "seat"), Events(), lambda: NOW, lambda: ACCOUNTS), database)

    asyncio.run(main())


def names(views: Sequence[View]) -> list[str]:
    return [view.name for view in views]


def test_a_lane_is_kept_renamed_moved_shared_and_dropped_and_all_of_it_is_on_record(tmp_path: Path) -> None:
    async def work(views: Views, database: Database) -> None:
        night = await views.keep("Night shift", "grade:1-2 -account:x:force1", ME)
        await views.keep("Footage", "has:media since:2h", ME)
        await views.keep("Welsh", "lang:cy", ME)
        await views.change(night.id, ME, name="The night", question="grade:1-3")
        await views.move(night.id, 5, ME)
        assert names(await views.all(ME)) == ["Footage", "Welsh", "The night"]
        await views.move(night.id, -1, ME)
        assert names(await views.all(ME)) == ["Footage", "The night", "Welsh"]
        assert await views.all(OTHER) == []
        await views.change(night.id, ME, is_shared=True)
        assert names(await views.all(OTHER)) == ["The night"]
        await views.drop(night.id, ME)
        assert names(await views.all(ME)) == ["Footage", "Welsh"]
        entries = await database.read(lambda conn: audit.entries(conn, 0, 50))
        leaves = [json.loads(entry.leaf) for entry in entries]
        kinds = [leaf["kind"] for leaf in leaves]
        assert kinds == ["view.kept"] * 3 + [
            "view.changed",
            "view.moved",
            "view.moved",
            "view.changed",
            "view.dropped",
        ]
        assert "x:force1" not in json.dumps(leaves), "a question stands beside the entry"

    with_views(tmp_path, work)


def test_only_its_owner_changes_a_shared_lane(tmp_path: Path) -> None:
    async def work(views: Views, _: Database) -> None:
        kept = await views.keep("Footage", "has:media", ME)
        await views.change(kept.id, ME, is_shared=True)
        for change in (
            views.change(kept.id, OTHER, name="Mine now"),
            views.drop(kept.id, OTHER),
            views.move(kept.id, 1, OTHER),
        ):
            with pytest.raises(NotPossible, match=r"belongs to A\. Rowe"):
                await change

    with_views(tmp_path, work)


def test_what_makes_no_sense_is_not_kept(tmp_path: Path) -> None:
    async def work(views: Views, _: Database) -> None:
        await views.keep("Footage", "has:media", ME)
        for name, question, words in (
            ("", "a", "needs a name"),
            ("x" * 60, "a", "too long"),
            ("a\u202eb", "a", "can be seen"),
            ("Odd", "state:flying", "flying"),
            ("Long", "w " * 2_000, "at most 2,000"),
            ("FOOTAGE ", "a", "already"),
        ):
            with pytest.raises(CordonError, match=words):
                await views.keep(name, question, ME)
        await views.keep("footage", "has:media", OTHER)
        with pytest.raises(NotPossible, match="not kept any more"):
            await views.change(99, ME, name="Nothing")
        with pytest.raises(NotPossible, match="not kept any more"):
            await views.drop(99, ME)
        assert len(await views.all(ME)) == 1

    with_views(tmp_path, work)


def test_nobody_keeps_more_than_can_be_shown(tmp_path: Path) -> None:
    async def work(views: Views, _: Database) -> None:
        for number in range(MOST):
            await views.keep(f"Lane {number}", "a", ME)
        with pytest.raises(NotPossible, match="already"):
            await views.keep("One more", "a", ME)

    with_views(tmp_path, work)


def test_lanes_are_given_away_as_text_and_taken_whole_or_not_at_all(tmp_path: Path) -> None:
    async def work(views: Views, _: Database) -> None:
        await views.keep("Quotes", 'author:"o""hara" -"free \\ tickets" 🔪', ME)
        await views.keep("Footage", "has:media", ME)
        text = await views.as_text(ME)
        taken = await views.take_text(text, OTHER)
        assert [(view.name, view.question, view.owner) for view in taken] == [
            ("Quotes", 'author:"o""hara" -"free \\ tickets" 🔪', OTHER),
            ("Footage", "has:media", OTHER),
        ]
        assert await views.take_text(text, OTHER) == [], "those that are kept already are left as they are"
        before = await views.all(ME)
        for bad in ("", "not = [toml", "[[lane]]\nname = 3", "lane = 3"):
            with pytest.raises(UsageError, match="holds no lanes"):
                await views.take_text(bad, ME)
        assert await views.all(ME) == before
        with pytest.raises(UsageError, match="flying"):
            await views.take_text(text + '\n[[lane]]\nname="Odd"\nquestion="state:flying"\n', "Third")
        assert await views.all("Third") == []

    with_views(tmp_path, work)


def test_a_group_is_set_anew_each_time_and_gone_when_it_is_empty(tmp_path: Path) -> None:
    async def work(views: Views, _: Database) -> None:
        heard: list[Announcement] = []
        views._events.listen(heard.append)
        await views.set_group("North", ["x:force1", "x:force2", "x:force1"], ME)
        await views.set_group("north", ["x:force2"], ME)
        assert await views.groups() == {"north": ["x:force2"]}
        with pytest.raises(UsageError, match="x:force9"):
            await views.set_group("South", ["x:force9"], ME)
        await views.set_group("North", [], ME)
        assert await views.groups() == {}
        assert heard == [ViewsChanged()] * 3

    with_views(tmp_path, work)


@given(st.text(max_size=60))
def test_a_name_is_one_line_that_can_be_seen_or_refused(typed: str) -> None:
    with contextlib.suppress(UsageError):
        name = good_name(typed)
        assert name == name.strip()
        assert 0 < len(name) <= 40
