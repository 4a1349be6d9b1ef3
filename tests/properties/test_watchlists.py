"""Laws of watchlists that change: files, differences, and changed rules laid over compiled ones."""

import datetime as dt
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from console.domain.list_changes import difference
from console.domain.watchlists import Near, Rule, Watchlist
from console.matching import compile_watchlists, format_watchlist, lay_over, parse_watchlist
from console.matching.table import format_table, parse_table
from console.store.watchlists import read, written

WORDS = ["machete", "sword", "axe", "brick wall", "knife", "cyllell", "stab", "officer"]
TEXTS = [
    "a machete and a sword",
    "the officer had an axe",
    "stab the officer by the brick wall",
    "m4chete",
    "cyllell",
    "knife knife sword",
    "nothing at all",
    "s w o r d and brick  wall",
]


terms = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3, unique=True).map(tuple)
rules = st.builds(
    Rule,
    id=st.sampled_from(["a", "b", "c", "d"]),
    words=terms,
    near=st.lists(st.builds(Near, terms, terms, st.integers(1, 6)), max_size=1).map(tuple),
    unless=st.lists(st.sampled_from(WORDS), max_size=1).map(tuple),
    disguised=st.booleans(),
    grade=st.none() | st.integers(1, 5),
    suggest=st.none() | st.sampled_from(["hide", "report"]),
    hits=st.lists(st.sampled_from(TEXTS), max_size=2).map(tuple),
    misses=st.lists(st.sampled_from(TEXTS), max_size=2).map(tuple),
    note=st.sampled_from(["", "Asked for by Gold"]),
)
watchlists = st.builds(
    Watchlist,
    id=st.just("weapons"),
    name=st.sampled_from(["Weapons", "Blades"]),
    category=st.just("weapons"),
    grade=st.integers(1, 5),
    suggest=st.none() | st.just("hide"),
    owner=st.just("Duty lead"),
    version=st.integers(1, 9),
    review_by=st.dates(dt.date(2026, 1, 1), dt.date(2030, 1, 1)),
    rules=st.lists(rules, min_size=1, max_size=4, unique_by=lambda rule: rule.id).map(tuple),
    two_people=st.booleans(),
    incident=st.none() | st.integers(1, 99),
)


@given(watchlists)
def test_a_list_reads_back_from_its_file_and_from_the_database(found: Watchlist) -> None:
    assert parse_watchlist(format_watchlist(found), "weapons.toml") == found
    assert read(written(found)) == found


@given(watchlists)
def test_every_word_of_a_list_is_in_its_table(found: Watchlist) -> None:
    lines = parse_table(format_table(found), "weapons.csv")
    assert [line.term for line in lines] == [word for rule in found.rules for word in rule.words]


@settings(deadline=None, max_examples=60)
@given(watchlists, watchlists)
def test_changed_rules_laid_over_find_what_all_compiled_anew_find(was: Watchlist, now: Watchlist) -> None:
    layered = lay_over(compile_watchlists([was]), [now])
    assert layered is not None
    assert layered.match(TEXTS) == compile_watchlists([now]).match(TEXTS)


@settings(deadline=None, max_examples=60)
@given(watchlists, watchlists)
def test_a_rule_that_is_not_to_be_searched_with_finds_nothing_new(was: Watchlist, now: Watchlist) -> None:
    told = difference(was, now)
    before = {
        (number, hit.rule, hit.term, hit.start, hit.end, hit.grade)
        for number, hits in enumerate(compile_watchlists([was]).match(TEXTS))
        for hit in hits
    }
    for number, hits in enumerate(compile_watchlists([now]).match(TEXTS)):
        for hit in hits:
            known = (number, hit.rule, hit.term, hit.start, hit.end, hit.grade) in before
            assert known or hit.rule in told.to_search


@given(watchlists, st.randoms(use_true_random=False))
def test_order_and_number_of_the_version_make_no_difference(found: Watchlist, chance: object) -> None:
    shuffled = list(found.rules)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # Hypothesis gives a random.Random
    assert difference(found, replace(found, rules=tuple(shuffled), version=99)).is_nothing


@given(watchlists, watchlists)
def test_a_difference_is_nothing_only_between_lists_that_do_the_same(was: Watchlist, now: Watchlist) -> None:
    told = difference(was, now)
    assert set(told.added) == {rule.id for rule in now.rules} - {rule.id for rule in was.rules}
    assert set(told.removed) == {rule.id for rule in was.rules} - {rule.id for rule in now.rules}
    if told.is_nothing:
        assert told.to_search == ()
    assert all(line.endswith(".") for line in told.words)
