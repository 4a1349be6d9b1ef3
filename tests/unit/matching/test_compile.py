"""Compiling: engines, limits, and the test of the result before anyone relies on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.watchlists import Near, Rule
from console.matching import MatcherBroken, PatternRefused, compile_watchlists, engines
from console.matching.compile import literal_forms
from console.matching.engines import PIECE, AhoLiterals, Patterns, Re2Literals, compile_pattern
from tests.unit.matching.lists import a_watchlist

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Deaf:
    """An engine that finds nothing."""

    def __init__(self, literals: Sequence[str]) -> None:
        self.literals = literals

    def find(self, text: str) -> Iterator[tuple[int, int, int]]:
        del text
        yield from ()


def test_a_matcher_that_misses_a_planted_term_is_never_returned() -> None:
    with pytest.raises(MatcherBroken, match="'machete'"):
        compile_watchlists([a_watchlist(Rule("r", words=("machete",)))], engine=Deaf)


def test_a_set_of_patterns_that_misses_a_planted_text_is_never_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engines, "_PLANTED_TEXT", b"nothing was planted")
    with pytest.raises(MatcherBroken, match="planted"):
        Patterns(["blade"])


def test_patterns_too_large_together_are_refused_not_dropped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engines, "SET_MEMORY", 1 << 12)
    with pytest.raises(PatternRefused, match="all patterns together are too large"):
        Patterns([rf"\bpattern{number} [a-z]{{3,9}}" for number in range(300)])


def test_both_engines_find_the_same() -> None:
    literals = ("he", "she", "hers", "a b", "\u0436")
    text = "ushers a b \u0436\u0436 \U0001f52ashe"
    assert sorted(AhoLiterals(literals).find(text)) == sorted(Re2Literals(literals).find(text))


def test_matching_without_the_faster_engine_gives_the_same_hits() -> None:
    rules = (
        Rule("w", words=("machete", "zombie knife"), unless=("amnesty",)),
        Rule("n", near=(Near(("stab",), ("officer",), 4),)),
    )
    texts = ["a m\u0430chete", "5tab that officer", "machete amnesty", "zombie\nknife " * 3]
    fast, slow = (
        compile_watchlists([a_watchlist(*rules)], engine=engine) for engine in (AhoLiterals, Re2Literals)
    )
    assert fast.match(texts) == slow.match(texts)


def test_a_literal_across_two_pieces_of_a_long_text_is_found_once() -> None:
    text = "x" * (PIECE - 3) + "machete" + "x" * PIECE
    assert list(AhoLiterals(("machete",)).find(text)) == [(0, PIECE - 3, PIECE + 4)]


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("(?=ahead)", "perl operator"),
        (r"(a)\1", "escape"),
        ("a(b", "missing"),
        ("a*", "any text"),
        ("x{1000}{1000}", "repetition"),
        ("(([a-z]{100}){9}){9}", "large|repetition"),
        ("a" * 1001, "longer"),
        ("x{900}" * 9, "repetitions are written out"),
    ],
)
def test_a_pattern_that_cannot_be_run_is_refused_with_its_reason(pattern: str, reason: str) -> None:
    with pytest.raises(PatternRefused, match=reason):
        compile_pattern(pattern)


def test_patterns_are_folded_but_their_classes_keep_their_meaning() -> None:
    patterns = Patterns(("FF\u00d4N \\S+", "caf[\u00e9]", "\u0434[\\d]"))
    assert list(patterns.which(b"ffon abc cafe")) == [0, 1]
    assert list(patterns.places(0, "x ffon abc")) == [(2, 10)]
    assert list(patterns.which("\u0434 7 \u04347".encode())) == [2]


@pytest.mark.parametrize("pattern", ["(a+)+b", "(a|aa)+b", "(a|a?)+b", "a{0,40}b", "(.*a){12}b", "(x+x+)+y"])
def test_bait_for_slow_engines_costs_next_to_nothing(pattern: str) -> None:
    # An engine that tries again and again would not be done with this in the age of the earth.
    matcher = compile_watchlists([a_watchlist(Rule("r", patterns=(pattern,)))])
    assert not any(matcher.match(["a" * 200 + "!", "x" * 200 + "!"]))


def test_five_thousand_rules_compile_and_hit() -> None:
    rules = [
        Rule(f"r{number}", words=(f"word{number}x", f"two {number}words"))
        if number % 9
        else Rule(f"r{number}", patterns=(rf"\bpat{number}(s|ing)? (a )?word\b",))
        for number in range(5_000)
    ]
    matcher = compile_watchlists([a_watchlist(*rules)])
    (hits,) = matcher.match(["a word1x and two 4998words, then pat9ing a word"])
    assert [hit.rule for hit in hits] == ["r1", "r4998", "r9"]


def test_a_term_is_looked_for_in_its_usual_spellings() -> None:
    assert set(literal_forms("Can't self-harm")) == {
        "can't self-harm", "can't self harm", "can't selfharm", "can't-self-harm",
        "cant self-harm", "cant self harm", "cant selfharm", "cant-self-harm",
    }  # fmt: skip
    assert literal_forms(" \u200b ") == ()


@given(
    st.lists(st.text("abn z.", max_size=12), max_size=9),
    st.lists(
        st.sampled_from(["a+b", "^a", "b$", "a.*z", "[^a]b", r"\bz\b", r"\Aab", r"n\z", "(a|b)n", r"z\s+z"]),
        min_size=1,
        max_size=4,
    ),
)
def test_patterns_found_in_many_texts_at_once_are_those_found_in_each(
    texts: list[str], patterns: list[str]
) -> None:
    made = Patterns(patterns)
    each = {number: found for number, text in enumerate(texts) if (found := made.which(text.encode()))}
    assert made.whiches(texts) == each
