"""Examples in watchlist files: read, kept, and put to the test."""

from __future__ import annotations

from dataclasses import replace

import pytest

from console.domain.errors import WatchlistError
from console.domain.watchlists import Rule
from console.matching import broken_examples, compile_watchlists, format_watchlist, parse_watchlist
from tests.unit.matching.lists import a_watchlist

BLADE = Rule(
    "blade",
    words=("machete",),
    unless=("machete museum",),
    hits=("he has a m4chete",),
    misses=("off to the machete museum",),
    note="Asked for after the Chandlers Row night.",
)


def complaints(*rules: Rule) -> list[str]:
    found = a_watchlist(*rules)
    return broken_examples(found, compile_watchlists([found]))


def test_a_list_keeps_examples_notes_and_the_need_of_two_people_in_its_file() -> None:
    found = replace(a_watchlist(BLADE), two_people=True, incident=7)
    assert parse_watchlist(format_watchlist(found), "weapons.toml") == found


def test_examples_that_hold_are_not_complained_about() -> None:
    assert complaints(BLADE) == []


def test_an_example_that_does_not_hit_is_named() -> None:
    assert complaints(replace(BLADE, hits=("a spoon",))) == [
        "Rule blade does not hit its own example “a spoon”."
    ]


def test_an_example_that_hits_and_must_not_is_named_with_the_words_that_fired() -> None:
    (said,) = complaints(replace(BLADE, misses=("my machete",)))
    assert said == "Rule blade hits “my machete”, which it must not: it takes “machete” as “machete”."


def test_an_example_is_no_affair_of_another_rule() -> None:
    assert complaints(BLADE, Rule("museum", words=("museum",))) == []


def test_a_rule_for_one_language_is_tried_in_it() -> None:
    assert complaints(Rule("cy", words=("cyllell",), languages=("cy",), hits=("cyllell",))) == []


def test_what_a_rule_must_hit_is_never_matched_against() -> None:
    found = a_watchlist(replace(BLADE, hits=("he has a m4chete", "unheard-of")))
    assert compile_watchlists([found]).match(["unheard-of"]) == [()]


@pytest.mark.parametrize("line", ['hits = [""]', "hits = [3]", 'misses = "one"', f'hits = ["{"x" * 2001}"]'])
def test_an_example_that_is_none_is_refused(line: str) -> None:
    text = format_watchlist(a_watchlist(Rule("blade", words=("machete",))))
    with pytest.raises(WatchlistError, match=r"rule blade: (hits|misses)"):
        parse_watchlist(f"{text}{line}\n", "weapons.toml")
