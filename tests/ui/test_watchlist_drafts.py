"""Drafts of watchlists: what a person edits is what comes back, and what was not touched stays."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.watchlists import Near, Rule, Watchlist
from console.ui.watchlists.drafts import (
    Draft,
    from_lines,
    from_near_lines,
    gist,
    near_lines,
    new_list,
    review_words,
    to_lines,
)

TODAY = dt.date(2026, 11, 21)
TERMS = st.lists(st.text(min_size=1, max_size=12).filter(str.strip), max_size=5, unique=True).map(tuple)
PAIRS = st.lists(
    st.builds(Near, TERMS.filter(bool), TERMS.filter(bool), st.integers(1, 50)), max_size=3, unique=True
).map(tuple)


def a_list(*rules: Rule) -> Watchlist:
    return Watchlist("bridge", "Bridge", "disorder", 2, "hide", "A. Rowe", 3, TODAY, rules)


@given(TERMS)
def test_entries_that_were_not_touched_come_back_letter_by_letter(terms: tuple[str, ...]) -> None:
    lines = {to_lines((term,)) for term in terms}
    back = from_lines(to_lines(terms), terms)
    assert set(back) <= set(terms)
    assert len(back) == len(lines)


@given(PAIRS)
def test_pairs_that_were_not_touched_come_back_word_by_word(pairs: tuple[Near, ...]) -> None:
    back = from_near_lines(near_lines(pairs), pairs)
    assert set(back) <= set(pairs)
    assert [near_lines((pair,)) for pair in back] == [near_lines((pair,)) for pair in pairs]


@given(TERMS, TERMS)
def test_a_line_that_is_added_is_one_entry_more(before: tuple[str, ...], more: tuple[str, ...]) -> None:
    plain = tuple(word for word in ("bridge lane", "skate park") if word not in before)
    back = from_lines("\n".join([to_lines(before), *plain]), before)
    assert set(plain) <= set(back)


def test_a_new_rule_takes_its_id_from_its_words_and_keeps_it() -> None:
    base = a_list(Rule("kill", words=("kill",)))
    draft = Draft(base, base)
    assert not draft.is_changed
    made = draft.add_rule()
    assert gist(made) == "Nothing yet"
    assert draft.to_publish() == base, "a rule that looks for nothing was only begun"
    draft.put(replace(made, words=("kill",)))
    draft.name_rules()
    assert [rule.id for rule in draft.wanted.rules] == ["kill", "kill-2"]
    assert draft.rule_id == "kill-2"
    draft.drop_rule()
    assert draft.wanted == base
    assert draft.rule_id == "kill"


def test_changes_are_made_to_a_newer_version_unless_both_touched_one_thing() -> None:
    one, two, three = (Rule(name, words=(name,)) for name in ("one", "two", "three"))
    base = a_list(one, two, three)
    mine = Draft(base, replace(base, owner="M. Jarrow", rules=(replace(one, words=("uno",)), two)))
    newer = replace(base, version=4, name="Bridges", rules=(one, replace(two, words=("due",)), three))
    assert mine.take_newer(newer)
    assert mine.wanted.version == 4
    assert (mine.wanted.name, mine.wanted.owner) == ("Bridges", "M. Jarrow")
    assert [rule.words for rule in mine.wanted.rules] == [("uno",), ("due",)]
    before = mine.wanted
    assert not mine.take_newer(replace(newer, version=5, owner="R. Calder"))
    assert not mine.take_newer(replace(newer, version=5, rules=(two, three)))
    assert mine.wanted == before


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (-1, "The review date is over: its owner must read it again."),
        (0, "The review date is today."),
        (1, "The review date is in 1 day."),
        (14, "The review date is in 14 days."),
        (15, ""),
    ],
)
def test_a_review_date_that_is_over_or_near_is_told(days: int, words: str) -> None:
    assert review_words(replace(a_list(), review_by=TODAY + dt.timedelta(days=days)), TODAY) == words


def test_a_new_list_has_an_id_of_its_own_and_what_its_category_suggests() -> None:
    made = new_list("Bridge  Lane!", ["bridge-lane"], "A. Rowe", "doxxing", TODAY)
    assert (made.id, made.version, made.grade, made.suggest) == ("bridge-lane-2", 0, 3, "hide")
