"""Words that are meant though another is written, and honest words that are left alone."""

from __future__ import annotations

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.watchlists import Hit, Rule
from console.matching import Matcher, compile_watchlists, fold
from console.matching.ordinary import NO_WORDS, Ordinary, ordinary_words
from console.matching.spellings import spellings
from console.paths import resources
from tests.unit.matching.lists import a_watchlist

WORDS = (
    "kill",
    "machete",
    "scum",
    "traitor",
    "knife",
    "fascist",
    "burn it down",
    "cunt",
    "sex",
    "ass",
    "pig",
)


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    """Rules over the words above, with the shield as it ships."""
    rules = [Rule(f"r{number}", words=(word,)) for number, word in enumerate(WORDS)]
    return compile_watchlists([a_watchlist(*rules)], ordinary_words(resources() / "words"))


def hits(matcher: Matcher, text: str, lang: str | None = None) -> list[tuple[str, str, str]]:
    """Term, the words as written, and what was undone, of each hit."""
    (found,) = matcher.match([text], [lang])
    return [(hit.term, hit.text, hit.how) for hit in found]


@pytest.mark.parametrize(
    ("written", "term", "how"),
    [
        ("k i l l", "kill", "letters spaced apart"),
        ("k-i-l-l", "kill", "letters spaced apart"),
        ("k.i.l.l", "kill", "letters spaced apart"),
        ("k_i_l_l", "kill", "letters spaced apart"),
        ("k*i*l*l", "kill", "letters spaced apart"),
        ("k 1 l l", "kill", "letters spaced apart"),
        ("m a c h e t e", "machete", "letters spaced apart"),
        ("mach-ete", "machete", "letters spaced apart"),
        ("k*ll", "kill", "letters masked"),
        ("c**t", "cunt", "letters masked"),
        ("m*ch*te", "machete", "letters masked"),
        ("mahcete", "machete", "letters swapped, dropped or added"),
        ("machte", "machete", "letters swapped, dropped or added"),
        ("machhete", "machete", "letters swapped, dropped or added"),
        ("csum", "scum", "letters swapped, dropped or added"),
        ("scm", "scum", "letters swapped, dropped or added"),
        ("fasist", "fascist", "letters swapped, dropped or added"),
        ("faskist", "fascist", "spelt by its sound"),
        ("trator", "traitor", "letters swapped, dropped or added"),
        ("k1||", "kill", "digits and symbols for letters"),
        ("kiiiill", "kill", "letters drawn out"),
        ("\U0001f52a", "knife", "an emoji for a word"),
        ("k\u0456ll", "kill", "look-alike letters"),
        ("k\u200bill", "kill", "invisible characters"),
    ],
)
def test_a_disguise_is_read_marked_whole_and_named(
    matcher: Matcher, written: str, term: str, how: str
) -> None:
    assert hits(matcher, f"they will {written} them there") == [(term, written, how)]


@pytest.mark.parametrize(
    ("written", "term", "marked"),
    [
        ("youscum", "scum", "scum"),
        ("#killthemall", "kill", "kill"),
        ("dirtytraitor", "traitor", "traitor"),
        ("burnitdown", "burn it down", "burnitdown"),
        ("I k i l l", "kill", "I k i l l"),
    ],
)
def test_words_run_together_are_parted(matcher: Matcher, written: str, term: str, marked: str) -> None:
    ((found, text, _),) = hits(matcher, f"so there {written} then")
    assert (found, text) == (term, marked)


@pytest.mark.parametrize(
    "text",
    [
        "Scunthorpe and Penistone are towns, Essex and Middlesex counties",
        "a class on the Texas explosion, and who responded first",
        "the assassin of the classic, passed as an assistant",
        "he skilled up; a skull; the kiln; kin; kilo",
        "Cymru am byth: mae'r heddlu yn gwybod, diolch yn fawr iawn i bawb",
        "la gente es muy buena y salut les amis du groupe",
        "a b c d e f, and A-B-C, 1.2.3.4, N.S.W. and U.S.A.",
        "read https://video.example/k-i-l-l/mahcete?x=k*ll today",
        "the NSW and SCM and KIL offices opened today as planned",
        "pigeons, pigment, spigot; sextet, sexton, Wessex",
    ],
)
def test_honest_words_are_left_alone(matcher: Matcher, text: str) -> None:
    assert hits(matcher, text) == []


def test_a_plain_rule_gets_only_plain_spelling() -> None:
    found = compile_watchlists([a_watchlist(Rule("r", words=("machete",), disguised=False))])
    assert found.match(["mahcete", "m a c h e t e", "machete"])[:2] == [(), ()]


def test_a_spelling_that_may_be_meant_for_two_words_is_read_both_ways() -> None:
    found = compile_watchlists([a_watchlist(Rule("a", words=("woman",)), Rule("b", words=("women",)))])
    ((first, second),) = found.match(["those womn there"])
    assert {first.term, second.term} == {"woman", "women"}


def test_an_exception_in_disguise_cancels_as_well() -> None:
    found = compile_watchlists([a_watchlist(Rule("r", words=("knife",), unless=("knife amnesty",)))])
    assert found.match(["a knife amnesty", "a kn1fe amnesty", "a k n i f e amnesty"]) == [(), (), ()]


@given(st.lists(st.text("abcdefghijklmnopqrstuvwxyz", min_size=4, max_size=12), min_size=1, max_size=6))
def test_every_spelling_of_a_word_leads_back_to_it(words: list[str]) -> None:
    made = compile_watchlists([a_watchlist(*(Rule(f"r{n}", words=(word,)) for n, word in enumerate(words)))])
    for word in words:
        for written, _ in spellings(word)[:8]:
            (found,) = made.match([f"{written}"])
            terms = {hit.term for hit in found}
            assert terms & {other for other in words if written == other or (written, "") != (other, "")}


@given(st.text(max_size=60), st.sampled_from(["k i l l", "mahcete", "k*ll", "youscum"]), st.text(max_size=60))
def test_a_hit_cuts_out_what_was_written_whatever_stands_around(
    before: str, written: str, after: str
) -> None:
    found: tuple[Hit, ...]
    (found,) = _PLAIN([f"{before} {written} {after}"])
    for hit in found:
        assert hit.text == f"{before} {written} {after}"[hit.start : hit.end]


_PLAIN = partial(
    compile_watchlists(
        [a_watchlist(*(Rule(f"r{n}", words=(word,)) for n, word in enumerate(WORDS)))], NO_WORDS
    ).match,
    langs=(),
)


def test_the_shield_knows_words_of_both_languages_and_places() -> None:
    shield = ordinary_words(resources() / "words")
    for word in ("responded", "class", "scunthorpe", "penistone", "wessex"):
        assert word in shield
    assert "cancr" in shield.other
    assert "cancr" not in shield
    assert "" not in shield
    assert "x" * 40 not in shield
    assert shield.is_common("dirty")
    assert not shield.is_common("qx")


def test_a_shield_of_a_few_words_is_as_good() -> None:
    shield = Ordinary(["scm"], [])
    found = compile_watchlists([a_watchlist(Rule("r", words=("scum",)))], shield)
    assert found.match(["the scm of it", fold("the sucm of it")])[0] == ()
