"""Texts against rules: words, phrases, near, unless, languages, order and offsets."""

from __future__ import annotations

import pytest

from console.domain.watchlists import Near, Rule
from console.matching import compile_watchlists
from console.matching.match import CHARACTERS_AT_ONCE, MOST_HITS, is_word_break
from tests.unit.matching.lists import a_watchlist, hits_of, spans_of

KNIFE = Rule("blade", words=("machete", "zombie knife"))


def test_a_hit_says_everything_about_its_rule() -> None:
    (hit,) = hits_of(KNIFE, "He has a MACHETE!")
    assert (hit.watchlist, hit.version, hit.rule, hit.category) == ("weapons", 3, "blade", "weapons")
    assert hit.watchlist_name == "Weapons and attacks in progress"
    assert (hit.grade, hit.suggest, hit.term) == (2, "hide", "machete")
    assert (hit.start, hit.end, hit.text, hit.disguised) == (9, 16, "MACHETE", False)


def test_a_rule_may_differ_from_its_watchlist_in_grade_and_proposal() -> None:
    (hit,) = hits_of(Rule("r", words=("machete",), grade=1, suggest="leave-up"), "machete")
    assert (hit.grade, hit.suggest) == (1, "leave-up")


@pytest.mark.parametrize("text", ["machetes", "xmachete", "machete2", "mach\u00e9t\u00e9s"])
def test_words_inside_other_words_are_left_alone(text: str) -> None:
    assert hits_of(KNIFE, text) == ()


@pytest.mark.parametrize(
    "text", ["#machete", "(machete)", "machete's", "a_machete_b", "\U0001f52amachete\U0001f52a"]
)
def test_punctuation_and_emoji_end_a_word(text: str) -> None:
    assert [hit.text for hit in hits_of(KNIFE, text)] == ["machete"]


@pytest.mark.parametrize("text", ["zombie  knife", "zombie\n\nknife", "zombie\u00a0knife", "Zombie-Knife"])
def test_a_phrase_tolerates_blanks_lines_and_hyphens(text: str) -> None:
    assert [(hit.text, hit.disguised) for hit in hits_of(KNIFE, text)] == [(text, False)]


@pytest.mark.parametrize(
    ("term", "text"),
    [
        ("can't", "cant"),
        ("can't", "can\u2019t"),
        ("self-harm", "self harm"),
        ("self-harm", "selfharm"),
        ("ff\u00f4n", "FFON"),
        ("ffon", "ff\u00f4n"),
        ("\u043d\u0435\u0442", "\u041d\u0415\u0422"),
        ("\U0001f52a", "\U0001f52a"),
    ],
)
def test_usual_ways_of_writing_a_term_are_not_disguised(term: str, text: str) -> None:
    assert [(hit.text, hit.disguised) for hit in hits_of(Rule("r", words=(term,)), text)] == [(text, False)]


def test_words_of_a_script_without_spaces_are_found_inside_a_sentence() -> None:
    assert spans_of(Rule("r", words=("\u70b8\u5f39",)), "\u6709\u70b8\u5f39\u5728") == [(1, 3)]
    assert is_word_break("a", "\u70b8")
    assert not is_word_break("\u00e9", "\u0434")


def test_near_fires_on_the_closest_pair_and_reaches_from_one_to_the_other() -> None:
    rule = Rule("r", near=(Near(("stab", "shank"), ("officer", "copper"), 3),))
    (hit,) = hits_of(rule, "officer, someone said they will stab that copper now")
    assert (hit.text, hit.term) == ("stab that copper", "stab near copper")
    (hit,) = hits_of(rule, "the officer got shank ed")
    assert hit.text == "officer got shank"


def test_near_counts_words_between_the_two() -> None:
    rule = Rule("r", near=(Near(("stab",), ("officer",), 3),))
    assert hits_of(rule, "stab one two officer") != ()
    assert hits_of(rule, "stab one two three officer") == ()
    assert hits_of(rule, "stab") == ()


def test_one_word_is_not_near_itself() -> None:
    assert hits_of(Rule("r", near=(Near(("stab",), ("stab",), 5),)), "stab") == ()
    assert spans_of(Rule("r", near=(Near(("stab",), ("stab",), 5),)), "stab stab") == [(0, 9)]


def test_an_exception_anywhere_in_the_text_cancels_its_rule_and_no_other() -> None:
    matcher = compile_watchlists(
        [
            a_watchlist(
                Rule("with", words=("machete",), patterns=("blades?",), unless=("knife amnesty",)),
                Rule("without", words=("machete",)),
            )
        ]
    )
    (hits,) = matcher.match(["machete, blade ... handed in at the KNIFE  amnesty"])
    assert [hit.rule for hit in hits] == ["without"]


@pytest.mark.parametrize(
    ("lang", "fires"),
    [("en", True), ("en-GB", True), ("EN_gb", True), (None, True), ("", True), ("und", True),
     ("cy", True), ("fr", False)],
)  # fmt: skip
def test_a_rule_for_some_languages_passes_over_texts_known_to_be_in_others(
    lang: str | None, fires: bool
) -> None:
    rule = Rule("r", words=("machete",), patterns=("blade",), languages=("en", "cy"))
    assert bool(hits_of(rule, "machete blade", lang)) is fires


def test_missing_languages_are_unknown_ones() -> None:
    matcher = compile_watchlists([a_watchlist(Rule("r", words=("machete",), languages=("en",)))])
    assert [len(hits) for hits in matcher.match(["machete", "machete"], ["fr"])] == [0, 1]


def test_overlapping_hits_of_one_rule_become_one_and_those_of_two_rules_stay_two() -> None:
    matcher = compile_watchlists(
        [a_watchlist(Rule("a", words=("knife", "zombie knife", "knife fight")), Rule("b", words=("knife",)))]
    )
    (hits,) = matcher.match(["zombie knife fight"])
    assert [(hit.rule, hit.text) for hit in hits] == [("a", "zombie knife"), ("b", "knife")]


def test_hits_stand_most_urgent_first_then_from_left_to_right() -> None:
    matcher = compile_watchlists(
        [
            a_watchlist(Rule("a", words=("one", "three")), grade=3, watchlist_id="low"),
            a_watchlist(Rule("a", words=("two", "four")), grade=1, watchlist_id="high"),
        ]
    )
    (hits,) = matcher.match(["one two three four"])
    assert [hit.text for hit in hits] == ["two", "four", "one", "three"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\U0001f468\u200d\U0001f469\u200d\U0001f467 machete", "machete"),
        ("\u05e9\u05dc\u05d5\u05dd \u202emachete\u202c \u0645", "machete"),
        ("e\u0301e\u0301 m\u0301ache\u0301te\u0301 e\u0301", "m\u0301ache\u0301te\u0301"),
        ("\ufb01\ufb01 machete", "machete"),
        ("\ud83d machete \udc00", "machete"),
        ("\x00\x00 mach\x00ete", "mach\x00ete"),
        ("\ufe0f\u200d machete\ufe0f.", "machete\ufe0f"),
    ],
)
def test_offsets_count_characters_of_the_original(text: str, expected: str) -> None:
    (hit,) = hits_of(KNIFE, text)
    assert hit.text == expected
    assert text[hit.start : hit.end] == expected


def test_texts_of_one_batch_do_not_run_into_one_another() -> None:
    matcher = compile_watchlists([a_watchlist(KNIFE)])
    texts = ["zombie", "knife", "", "x zombie knife", "\u0301", "zombie knife"]
    found = matcher.match(texts)
    assert [[(hit.start, hit.end) for hit in hits] for hits in found] == [
        [], [], [], [(2, 14)], [], [(0, 12)],
    ]  # fmt: skip


def test_the_size_of_a_batch_makes_no_difference() -> None:
    matcher = compile_watchlists([a_watchlist(KNIFE, Rule("p", patterns=(r"bl[a4]de",)))])
    texts = [f"{'x' * (number % 900)} m\u0430chete {number} bl4de" for number in range(700)]
    assert sum(map(len, texts)) > CHARACTERS_AT_ONCE
    assert matcher.match(texts) == [matcher.match([text])[0] for text in texts]


def test_no_texts_and_no_watchlists_are_no_trouble() -> None:
    assert compile_watchlists([]).match(["anything"]) == [()]
    assert compile_watchlists([a_watchlist(KNIFE)]).match([]) == []


def test_a_text_of_five_megabytes_full_of_hits_keeps_a_few_and_ends() -> None:
    rule = Rule("r", words=("stab",), patterns=("x[^y]*y|st",), near=(Near(("stab",), ("it",), 2),))
    hits = hits_of(rule, "stab it x " * 500_000)
    assert 0 < len(hits) <= MOST_HITS
