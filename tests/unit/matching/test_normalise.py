"""Folding: what it makes equal, what it keeps apart, and the way back."""

from __future__ import annotations

import pytest

from console.matching.normalise import CHARACTER_STEPS, fold, fold_batch, plain


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("MACHETE", "machete"),
        ("m\u0430\u0441h\u0435t\u0435", "machete"),  # Cyrillic a, es, ie
        ("\uff2d\uff21\uff23\uff28\uff25\uff34\uff25", "machete"),  # full width
        ("\U0001d4c0\U0001d4be\U0001d4c1\U0001d4c1", "kill"),  # script letters
        ("\U0001f17a\U0001f178\U0001f17b\U0001f17b", "kill"),  # white on black squares
        ("\u24da\u24d8\u24db\u24db", "kill"),  # circled
        ("\u1d0b\u026a\u029f\u029f", "kill"),  # small capitals
        ("k\u200bi\u00adl\u2060l", "kill"),  # zero width space, soft hyphen, word joiner
        ("\u202ekill\u202c", "kill"),  # right-to-left override
        ("ma\x00chete", "machete"),
        ("ff\u00f4n", "ffon"),
        ("ffo\u0302n", "ffon"),
        ("k\u0336i\u0336l\u0336l\u0336", "kill"),  # struck through
        ("\u0141\u00f3d\u017a \u00d8re", "lodz ore"),
        ("stra\u00dfe", "strasse"),
        ("\ufb01ght", "fight"),
        ("can\u2019t \u201cgo\u201d \u2013 no", 'can\'t "go" - no'),
        ("zombie \t\r\n\u00a0\u3000 knife", "zombie knife"),
        ("\u0663\u0664", "34"),  # Arabic-Indic digits
        ("\ud800x", "\ufffdx"),
    ],
)
def test_writings_of_one_word_fold_to_one_form(written: str, folded: str) -> None:
    assert fold(written) == folded


@pytest.mark.parametrize(
    "text",
    [
        "\u0939\u093f\u0928\u094d\u0926\u0940",  # Hindi keeps its vowel signs
        "\u304c\u304e",  # kana keep their voicing
        "\u05e9\u05dc\u05d5\u05dd",  # Hebrew letters are not read as Latin ones
        "\u0645\u0631\u062d\u0628\u0627",  # nor Arabic ones
        "\U0001f52a\U0001f525",
        "police\u2122",
        "14 skinners lane, cell 4b",
    ],
)
def test_what_is_no_disguise_stays_as_it_is(text: str) -> None:
    assert fold(text) == text


def test_each_step_has_a_name_of_its_own() -> None:
    names = [step.name for step in CHARACTER_STEPS]
    assert len(set(names)) == len(names)


def test_every_character_of_the_first_planes_folds_to_something_that_folds_to_itself() -> None:
    characters = [chr(code) for code in range(0x20000) if code % 7 == 0 or code < 0x3000]
    once = [fold_batch([character]).one(0) for character in characters]
    assert [fold_batch([folded]).one(0) for folded in once] == once


def test_a_batch_folds_as_its_texts_do_one_by_one() -> None:
    texts = ["", "  ", "A\u0301", "\ufb01 \ufb02", "a  b", "\u200b", "", "\U0010ffff", "z"]
    folded = fold_batch(texts)
    assert [folded.one(number) for number in range(len(texts))] == [fold(text) for text in texts]


def test_a_place_in_the_folded_text_leads_back_to_the_original_character() -> None:
    texts = ["\u200b\u200b\U0001f52a x", "\ufb01ght  the\u0301 end"]
    folded = fold_batch(texts)
    begins = folded.starts[1]
    place = folded.text.index("the")
    assert folded.which(place) == 1
    start, end = folded.span(1, place, place + 3)
    assert texts[1][start:end] == "the"
    assert folded.span(1, begins, begins + 2) == (0, 1)  # both letters came from one ligature


def test_plain_undoes_what_everyone_varies_and_no_disguise() -> None:
    assert plain("Ff\u00f4N \n  Can\u2019t") == "ffon can't"
    assert plain("m\u0430chete") == "m\u0430chete"
    assert plain("ki\u200bll") == "ki\u200bll"
