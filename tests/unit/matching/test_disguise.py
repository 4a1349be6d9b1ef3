"""Stand-ins and drawn-out letters: read through, but never at the price of an honest word."""

from __future__ import annotations

import pytest

from console.domain.watchlists import Near, Rule
from console.matching.disguise import differs_only_in_length, squeezed_forms
from tests.unit.matching.lists import hits_of

WORDS = Rule("r", words=("kill", "stab", "machete", "shot", "zombie knife"))


@pytest.mark.parametrize(
    "written",
    ["k1ll", "ki11", "k!ll", "KIIIILL", "killlllll", "5tab", "$tab", "st4b", "st@b", "m@ch3te",
     "mach3ttte", "z0mbie kn1fe", "zombieeee knife", "staaaaab"],
)  # fmt: skip
def test_a_disguised_word_is_found_and_marked_whole(written: str) -> None:
    text = f"they said {written}, again"
    hits = hits_of(WORDS, text)
    assert [(hit.text, hit.disguised) for hit in hits] == [(written, True)]


@pytest.mark.parametrize(
    "text",
    ["shoots", "skill", "kil", "4pm on the M25", "room 5b", "stab1e door", "email st@ble.example",
     "https://video.test/k1ll/5tab?x=st4b", "A 10k run"],
)  # fmt: skip
def test_honest_text_that_looks_a_little_like_it_is_left_alone(text: str) -> None:
    assert hits_of(WORDS, text) == ()


def test_a_rule_that_asks_for_plain_spelling_gets_only_that() -> None:
    rule = Rule("r", words=("kill",), disguised=False)
    text = "kill K1LL k\u0456ll ki\u200bll KILL kiiill"
    assert [hit.text for hit in hits_of(rule, text)] == ["kill", "KILL"]


def test_patterns_see_through_stand_ins_too() -> None:
    hits = hits_of(Rule("r", patterns=(r"\bbring(ing)? (a )?blades?\b",)), "we br1ng a blade")
    assert [(hit.text, hit.disguised) for hit in hits] == [("br1ng a blade", True)]


def test_a_number_in_a_pattern_is_still_a_number() -> None:
    hits = hits_of(Rule("r", patterns=(r"\b\d+[a-d]? skinners lane",)), "lives 14a Skinners Lane")
    assert [(hit.text, hit.disguised) for hit in hits] == [("14a Skinners Lane", False)]


def test_a_pair_is_disguised_when_one_half_is() -> None:
    rule = Rule("r", near=(Near(("stab",), ("officer",), 3),))
    assert [hit.disguised for hit in hits_of(rule, "5tab that officer")] == [True]
    assert [hit.disguised for hit in hits_of(rule, "stab that officer")] == [False]


def test_double_letters_may_be_drawn_out_or_not() -> None:
    assert set(squeezed_forms("killing")) == {"killing", "kiling"}
    assert squeezed_forms("machete") == ("machete",)


def test_a_term_with_very_many_double_letters_is_tried_whole() -> None:
    assert squeezed_forms("aabbccddee") == ("aabbccddee",)
    assert squeezed_forms("aaah") == ("ah",)


def test_drawn_out_means_three_or_more() -> None:
    assert differs_only_in_length("shooot", "shoot")
    assert differs_only_in_length("shooot", "shot")
    assert not differs_only_in_length("shoot", "shot")
    assert not differs_only_in_length("shot", "shoot")
