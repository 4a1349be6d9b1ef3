"""Statements about folding and matching that are true for every text."""

from __future__ import annotations

import itertools

from hypothesis import example, given, settings
from hypothesis import strategies as st

from console.domain.watchlists import Near, Rule
from console.matching import compile_watchlists, fold
from console.matching.disguise import differs_only_in_length, squeezed_forms
from console.matching.match import MOST_HITS
from console.matching.normalise import fold_batch
from tests.unit.matching.lists import a_watchlist

# Everything a network may hand over: all planes, lone surrogates, and the trouble makers often.
TROUBLE = st.sampled_from(
    [
        *"aAeE \n\t'-1405@$!lI\x00",
        *("\u0301", "\u200b", "\u200d", "\ufe0f", "\u202e", "\ufb01", "\u0130", "\u00df", "\u0430"),
        *("\U0001f52a", "\U0001f468\u200d\U0001f469", "\u05e9", "\u0645", "\ud83d", "\udc00"),
        *("\U0010ffff", "\u3164", "\uff21", "kill", "machete", "zombie knife", "stab", "officer"),
    ]
)
TEXTS = st.lists(st.one_of(TROUBLE, st.characters(exclude_categories=())), max_size=40).map("".join)

TERMS = ("kill", "machete", "zombie knife", "stab", "officer", "can't", "self-harm", "\U0001f52a")
RULES = (
    Rule("words", words=TERMS),
    Rule("plain", words=("kill", "stab"), disguised=False),
    Rule("near", near=(Near(("stab", "kill"), ("officer", "machete"), 4),)),
    Rule("pattern", patterns=(r"\bk[a-z]ll(ing)?\b", "[0-9]+ [a-z]+")),
    Rule("unless", words=("machete",), unless=("officer",), grade=1),
)
MATCHER = compile_watchlists([a_watchlist(*RULES)])


@given(TEXTS)
@example("\u0344\u1fee\u0385")
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.lists(TEXTS, min_size=1, max_size=6))
def test_folding_together_is_folding_apart(texts: list[str]) -> None:
    folded = fold_batch(texts)
    assert [folded.one(number) for number in range(len(texts))] == list(map(fold, texts))
    assert len(folded.origin) == len(folded.text) == len(folded.codes)
    assert all(left <= right for left, right in itertools.pairwise(folded.origin.tolist()))


@given(TEXTS)
@example("x\u0301kill\u0301\u200b\u0301")
@example("\U0001f468\u200d\U0001f469kill\u202ekill")
@example("st4444b zombieeee\n\nknife")
def test_the_offsets_of_every_hit_cut_the_words_that_fired(text: str) -> None:
    for hit in MATCHER.match([text])[0]:
        assert text[hit.start : hit.end] == hit.text
        assert 0 <= hit.start < hit.end <= len(text)
        if hit.rule == "words" and not hit.disguised:
            assert fold(hit.text).replace("-", " ").replace("'", "") in {
                fold(hit.term).replace("-", " ").replace("'", ""),
                fold(hit.term).replace("-", "").replace("'", ""),
            }


@given(TEXTS, st.sampled_from(TERMS), TEXTS)
def test_a_plain_term_between_blanks_is_always_found(before: str, term: str, after: str) -> None:
    text = f"{before} {term} {after}"
    start = len(before) + 1
    hits = [hit for hit in MATCHER.match([text])[0] if hit.rule == "words"]
    covered = any(hit.start <= start < hit.end for hit in hits)
    assert covered or len(hits) == MOST_HITS


@given(TEXTS, st.permutations(RULES))
def test_the_order_of_rules_makes_no_difference(text: str, rules: list[Rule]) -> None:
    assert compile_watchlists([a_watchlist(*rules)]).match([text]) == MATCHER.match([text])


@given(st.lists(TEXTS, max_size=5))
def test_company_makes_no_difference_to_a_text(texts: list[str]) -> None:
    assert MATCHER.match(texts) == [MATCHER.match([text])[0] for text in texts]


@given(TEXTS)
def test_hits_of_one_rule_never_overlap_and_stand_in_order(text: str) -> None:
    hits = MATCHER.match([text])[0]
    assert [(hit.grade, hit.start) for hit in hits] == sorted((hit.grade, hit.start) for hit in hits)
    for rule in RULES:
        spans = [(hit.start, hit.end) for hit in hits if hit.rule == rule.id]
        assert all(left[1] <= right[0] for left, right in itertools.pairwise(spans))


@given(TEXTS)
def test_a_rule_for_plain_spelling_never_sees_a_disguise(text: str) -> None:
    for hit in MATCHER.match([text])[0]:
        if hit.rule == "plain":
            assert fold(hit.text) == hit.term
            assert not hit.disguised


@given(st.sampled_from(["kill", "machete", "stab"]), st.data())
def test_letters_drawn_out_and_invisible_company_hide_no_word(term: str, data: st.DataObject) -> None:
    written = "".join(
        letter * data.draw(st.sampled_from([1, 3, 7]))
        + data.draw(st.sampled_from(["", "\u200b", "\u00ad", "\u0336", "\u2060"]))
        for letter in term
    )
    hits = MATCHER.match([f"they {written} again"])[0]
    assert [hit.term for hit in hits if hit.rule == "words"] == [term]


@given(st.text("abll", min_size=1, max_size=8), st.integers(3, 6), st.data())
def test_a_drawn_out_term_squeezes_to_one_of_its_forms(term: str, times: int, data: st.DataObject) -> None:
    runs = [(letter, len(list(run))) for letter, run in itertools.groupby(term)]
    lengths = [data.draw(st.sampled_from([length, max(length, times)])) for _, length in runs]
    written = "".join(letter * length for (letter, _), length in zip(runs, lengths, strict=True))
    squeezed = "".join(
        letter if length >= 3 else letter * length for (letter, _), length in zip(runs, lengths, strict=True)
    )
    assert differs_only_in_length(written, term)
    assert squeezed in squeezed_forms(term)


@settings(max_examples=20, deadline=None)
@given(TEXTS, st.integers(1, 30_000))
def test_any_text_ends_however_often_it_is_repeated(text: str, times: int) -> None:
    long = (text * times)[:300_000]
    assert len(MATCHER.match([long])[0]) <= MOST_HITS * len(RULES)
