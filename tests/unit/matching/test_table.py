"""Watchlists as tables: written, read, and added to what is there."""

from __future__ import annotations

import datetime as dt

import pytest

from console.domain.errors import WatchlistError
from console.domain.watchlists import Near, Rule
from console.matching.table import Line, added, format_table, left_out, parse_table, rule_id
from tests.unit.matching.lists import a_watchlist

DAY = dt.date(2027, 5, 1)


def test_the_words_of_a_list_come_back_from_its_table() -> None:
    found = a_watchlist(
        Rule("blade", words=("machete", "zombie knife"), grade=1, note="Since the carnival"),
        Rule("plain", words=("sword", 'so-called "axe"'), disguised=False),
    )
    assert parse_table(format_table(found), "words.csv") == [
        Line("machete", "weapons", 1, True, "Since the carnival"),
        Line("zombie knife", "weapons", 1, True, "Since the carnival"),
        Line("sword", "weapons", 2, False, ""),
        Line('so-called "axe"', "weapons", 2, False, ""),
    ]


def test_a_term_that_a_spreadsheet_would_run_is_written_so_that_it_does_not() -> None:
    text = format_table(a_watchlist(Rule("odd", words=("=HYPERLINK(1)", "@force"))))
    assert "\n'=HYPERLINK(1)," in text
    assert [line.term for line in parse_table(text, "words.csv")] == ["=HYPERLINK(1)", "@force"]


def test_what_a_table_cannot_hold_is_said() -> None:
    rule = Rule("a", words=("x",), patterns=("p+",), near=(Near(("a",), ("b",), 3),), unless=("y", "z"))
    assert left_out(a_watchlist(rule)) == "1 pattern, 1 pair of near words, 2 exceptions"
    assert left_out(a_watchlist(Rule("a", words=("x",)))) == ""


@pytest.mark.parametrize(
    "text",
    [
        "term\nmachete\n",
        "\ufeffTerm;List\r\nmachete;blades\r\n",
        "list\tterm\n\tmachete\n",
        "Term,Note\n\nmachete,\n",
    ],
)
def test_a_table_from_any_spreadsheet_is_read(text: str) -> None:
    (line,) = parse_table(text, "blades.csv")
    assert (line.term, line.watchlist, line.grade, line.disguised) == ("machete", "blades", None, True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("term\n", "no terms"),
        ("word\nmachete\n", "“word” is no column"),
        ("term,term\na,b\n", "“term” is no column"),
        ("list\nweapons\n", "“term” is missing"),
        ("term,grade\nmachete,6\n", "line 2: grade"),
        ("term,disguised\nmachete,maybe\n", "line 2: disguised"),
        ("term,list\nmachete,two words\n", "line 2: list"),
        ("term,note\n\u200b,x\n", "line 2: term"),
        ('term\n"machete\n', "not a table"),
    ],
)
def test_a_mistake_in_a_table_is_named_with_its_line(text: str, said: str) -> None:
    with pytest.raises(WatchlistError, match=said):
        parse_table(text, "words.csv")


def test_terms_are_added_to_a_known_list_and_those_that_are_there_stay() -> None:
    known = a_watchlist(Rule("machete", words=("machete",), grade=1))
    lines = parse_table("term,list,grade\nMACHETE,weapons,5\nsword,weapons,2\nMachete!,weapons,3\n", "w.csv")
    (found,) = added(lines, {"weapons": known}, "Lead", DAY)
    assert found.version == known.version
    assert found.rules == (
        *known.rules,
        Rule("sword", words=("sword",)),
        Rule("machete-2", words=("Machete!",), grade=3),
    )


def test_a_table_with_nothing_new_changes_nothing() -> None:
    known = a_watchlist(Rule("machete", words=("machete",)))
    assert added(parse_table("term\nmachete\n", "weapons.csv"), {"weapons": known}, "Lead", DAY) == []


def test_a_list_that_is_not_known_is_made() -> None:
    lines = parse_table("term,list,grade\nsword,swords,3\naxe,swords,2\nleak,contempt,\n", "w.csv")
    swords, contempt = added(lines, {}, "Duty lead", DAY)
    assert (swords.id, swords.grade, swords.version, swords.owner) == ("swords", 2, 0, "Duty lead")
    assert [(rule.id, rule.grade) for rule in swords.rules] == [("sword", 3), ("axe", None)]
    assert (contempt.name, contempt.grade, contempt.suggest) == ("Active proceedings", 3, "hide")


def test_a_rule_gets_an_id_from_its_words_that_no_other_has() -> None:
    assert rule_id("Chandlers Row, 9 pm!", ()) == "chandlers-row-9-pm"
    assert rule_id("sword", ("sword", "sword-2")) == "sword-3"
    assert rule_id("🔪", ()) == "term"
