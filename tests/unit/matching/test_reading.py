"""Watchlist files: every mistake is one line that names file, rule and field."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from console.domain.errors import WatchlistError
from console.domain.watchlists import Near, Rule
from console.matching import format_watchlist, parse_watchlist, read_folder, read_watchlist

if TYPE_CHECKING:
    from pathlib import Path

WHOLE = """
id = "weapons"
name = "Weapons and attacks in progress"
category = "weapons"
grade = 2
suggest = "hide"
owner = "Duty communications lead"
version = 3
review_by = 2027-03-01
[[rule]]
id = "blade"
words = ["machete", "zombie knife"]
patterns = ["bring(ing)? (a )?blades?"]
near = [{ any = ["stab", "shank"], with = ["officer", "copper"], within = 6 }]
unless = ["knife amnesty", "knife crime campaign"]
disguised = true
languages = ["en", "cy"]
"""


def test_a_whole_file_is_read_as_it_says() -> None:
    read = parse_watchlist(WHOLE, "weapons.toml")
    assert (read.id, read.category, read.grade, read.suggest) == ("weapons", "weapons", 2, "hide")
    assert (read.version, read.review_by) == (3, dt.date(2027, 3, 1))
    assert read.rules == (
        Rule(
            id="blade",
            words=("machete", "zombie knife"),
            patterns=("bring(ing)? (a )?blades?",),
            near=(Near(("stab", "shank"), ("officer", "copper"), 6),),
            unless=("knife amnesty", "knife crime campaign"),
            disguised=True,
            languages=("en", "cy"),
        ),
    )


def test_what_is_written_reads_back_as_it_was() -> None:
    read = parse_watchlist(
        WHOLE.replace("disguised = true", "disguised = false\ngrade = 1\nsuggest = 'report'")
        .replace('"machete"', r'"qu\"ote \\ \u007f \u00e9"'),
        "weapons.toml",
    )  # fmt: skip
    assert parse_watchlist(format_watchlist(read), "again.toml") == read


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ('id = "weapons"\n', "", "weapons.toml: id: missing"),
        ('owner = "Duty communications lead"', 'owner = " "', "weapons.toml: owner: is empty"),
        ("grade = 2", "grade = 6", "weapons.toml: grade: must be from 1 to 5"),
        ("grade = 2", "grade = true", "weapons.toml: grade: must be a whole number"),
        ("grade = 2", 'grade = "2"', "weapons.toml: grade: must be a whole number"),
        ("version = 3", "version = 0", "weapons.toml: version: must be from 1 to"),
        ("2027-03-01", '"soon"', "weapons.toml: review_by: must be a date"),
        ("2027-03-01", "2027-03-01T10:00:00", "weapons.toml: review_by: must be a date"),
        ('suggest = "hide"', 'suggest = "delete"', "weapons.toml: suggest: a rule never deletes"),
        ('suggest = "hide"', 'suggest = "shout"', "weapons.toml: suggest: must be one of"),
        ('name = "W', 'nmae = "W', "weapons.toml: nmae: unknown; the fields are id, name"),
        ('id = "weapons"', 'id = "wea pons"', "weapons.toml: id: must be at most 64 characters"),
        ("unless =", "unles =", "weapons.toml: rule blade: unles: unknown"),
        ('"machete"', "7", "weapons.toml: rule blade: words: entry 1 must be text"),
        ('"machete"', '"\u200b"', "weapons.toml: rule blade: words: entry 1 is empty"),
        ('"machete"', f'"{"x" * 201}"', "weapons.toml: rule blade: words: entry 1 is longer"),
        ('["machete", "zombie knife"]', '"machete"', "rule blade: words: must be a list"),
        ("blades?", "blades(", "weapons.toml: rule blade: patterns: entry 1 refused: missing"),
        ("blades?", "(?=blades)", "rule blade: patterns: entry 1 refused: invalid perl operator"),
        ("within = 6", "within = 0", "weapons.toml: rule blade: near 1: within: must be from 1"),
        (", within = 6", "", "weapons.toml: rule blade: near 1: within: missing"),
        ('with = ["officer", "copper"]', "with = []", "rule blade: near 1: with: missing"),
        ("near = [{", "near = [7, {", "weapons.toml: rule blade: near: must be a list of tables"),
        ("disguised = true", "disguised = 1", "rule blade: disguised: must be true or false"),
        ('["en", "cy"]', '["English"]', "rule blade: languages: entry 1 must be a code"),
        ('id = "blade"', "", "weapons.toml: rule number 1: id: missing"),
        ("grade = 2", "grade = = 2", "weapons.toml: not TOML: "),
        ('[[rule]]\nid = "blade"', '[rule]\nid = "blade"', "weapons.toml: rule: must be [[rule]]"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line_with_file_rule_and_field(old: str, new: str, line: str) -> None:
    assert old in WHOLE
    with pytest.raises(WatchlistError) as caught:
        parse_watchlist(WHOLE.replace(old, new, 1), "weapons.toml")
    assert line in caught.value.message
    assert "\n" not in caught.value.message


def test_a_watchlist_without_rules_and_a_rule_without_words_are_refused() -> None:
    head = WHOLE.partition("[[rule]]")[0]
    with pytest.raises(WatchlistError, match="rule: missing"):
        parse_watchlist(head, "weapons.toml")
    with pytest.raises(WatchlistError, match="rule blade: needs words, patterns or near"):
        parse_watchlist(head + '[[rule]]\nid = "blade"\nunless = ["x"]', "weapons.toml")


def test_two_rules_with_one_id_are_refused() -> None:
    again = '[[rule]]\nid = "blade"\nwords = ["x"]\n'
    with pytest.raises(WatchlistError, match="rule blade: id: taken"):
        parse_watchlist(WHOLE + again, "weapons.toml")


def test_a_file_that_is_not_text_or_not_there_gets_one_line(tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_bytes(b'id = "\xff"')
    with pytest.raises(WatchlistError, match=r"^broken.toml: not UTF-8 text \(byte 7\)$"):
        read_watchlist(broken)
    with pytest.raises(WatchlistError, match=r"^nowhere.toml: cannot be read: No such file"):
        read_watchlist(tmp_path / "nowhere.toml")
    broken.write_bytes(b"#" * 5_000_001)
    with pytest.raises(WatchlistError, match=r"^broken.toml: larger than 5,000,000 bytes$"):
        read_watchlist(broken)


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    marked = tmp_path / "marked.toml"
    marked.write_text(WHOLE, encoding="utf-8-sig")
    assert read_watchlist(marked).id == "weapons"


def test_nesting_without_end_is_refused_not_followed() -> None:
    with pytest.raises(WatchlistError, match="not TOML"):
        parse_watchlist("x = " + "[" * 100_000, "deep.toml")


def test_a_folder_is_read_in_order_and_holds_each_id_once(tmp_path: Path) -> None:
    (tmp_path / "b.toml").write_text(WHOLE, encoding="utf-8")
    (tmp_path / "a.toml").write_text(WHOLE.replace('"weapons"', '"arms"', 1), encoding="utf-8")
    (tmp_path / "notes.txt").write_text("not a watchlist", encoding="utf-8")
    assert [one.id for one in read_folder(tmp_path)] == ["arms", "weapons"]
    (tmp_path / "c.toml").write_text(WHOLE, encoding="utf-8")
    with pytest.raises(WatchlistError, match=r"^c.toml: id: 'weapons' is taken by another file$"):
        read_folder(tmp_path)
