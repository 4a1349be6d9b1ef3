"""The watchlists that are shipped: every one loads, fires on its examples and leaves the rest alone.

The examples stand in the files themselves; ordinary sentences, on which nothing may fire, in
`tests/golden/watchlists.toml`.  One thing to know: an example speaks about its own rule only.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from functools import lru_cache
from pathlib import Path

import pytest

from console.domain.watchlists import CATEGORIES, Watchlist, category_name
from console.matching import Matcher, broken_examples, format_watchlist, parse_watchlist, read_folder
from console.services.matching import compile_lists

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "resources" / "watchlists"
GOLDEN = ROOT / "tests" / "golden" / "watchlists.toml"
ORDINARY: list[str] = tomllib.loads(GOLDEN.read_text(encoding="utf-8"))["ordinary"]
LISTS = read_folder(FOLDER)


@lru_cache(maxsize=1)
def shipped() -> Matcher:
    return compile_lists(LISTS)


def fired(text: str) -> set[tuple[str, str]]:
    return {(hit.watchlist, hit.rule) for hit in shipped().match([text])[0]}


def test_there_is_one_watchlist_for_each_category() -> None:
    assert sorted(one.category for one in shipped().watchlists) == sorted(CATEGORIES)
    assert all(one.id == one.category for one in shipped().watchlists)


def test_each_watchlist_carries_the_grade_and_proposal_of_its_category() -> None:
    for one in shipped().watchlists:
        category = CATEGORIES[one.category]
        assert (one.grade, one.suggest) == (category.floor, category.suggest), one.id
        assert one.name == category.name, one.id


def test_a_category_that_a_force_made_up_is_shown_by_its_key() -> None:
    assert category_name("weapons") == "Weapons and attacks in progress"
    assert category_name("river-levels") == "river-levels"


def test_each_watchlist_is_owned_dated_and_in_its_first_version() -> None:
    for one in shipped().watchlists:
        assert one.owner, one.id
        assert one.version == 1, one.id
        assert one.review_by == dt.date(2027, 5, 1), one.id


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.toml")), ids=lambda path: path.stem)
def test_each_file_says_first_where_its_words_come_from(path: Path) -> None:
    comment = [line for line in path.read_text(encoding="utf-8").splitlines()[:8] if line[:1] == "#"]
    assert any("Source and licence:" in line for line in comment)


def test_each_shipped_watchlist_reads_back_as_it_was_written() -> None:
    for one in shipped().watchlists:
        assert parse_watchlist(format_watchlist(one), one.id) == one


def test_every_rule_has_an_example_that_must_hit_and_one_that_must_not() -> None:
    bare = [(one.id, rule.id) for one in LISTS for rule in one.rules if not (rule.hits and rule.misses)]
    assert bare == []


@pytest.mark.parametrize("watchlist", LISTS, ids=lambda watchlist: watchlist.id)
def test_each_rule_fires_on_its_examples_and_leaves_the_others_alone(watchlist: Watchlist) -> None:
    assert broken_examples(watchlist, shipped()) == []


@pytest.mark.parametrize("text", ORDINARY)
def test_nothing_fires_on_ordinary_sentences_and_place_names(text: str) -> None:
    assert fired(text) == set()


def test_the_most_urgent_hit_of_a_goodbye_under_a_road_closure_is_life_at_risk() -> None:
    hits = shipped().match(["road closed again. I can't do this any more. Tell mum I'm sorry"])[0]
    assert (hits[0].grade, hits[0].category, hits[0].suggest) == (1, "self-harm", "leave-up")
