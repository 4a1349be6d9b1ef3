"""Words of the window: numbers, ages, and other people's text shown for what it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.ui.text import LONGEST, age, from_utf16, plural, short_count, shown, to_utf16

ANY_TEXT = st.text(alphabet=st.characters(), max_size=200)


@pytest.mark.parametrize(
    ("ms", "words"),
    [
        (0, "0:00"),
        (-5_000, "0:00"),
        (38_000, "0:38"),
        (250_000, "4:10"),
        (3_600_000 + 12 * 60_000, "1 h 12"),
        (3 * 86_400_000, "3 d"),
        (9 * 365 * 86_400_000, "9 y"),
    ],
)
def test_ages_are_short(ms: int, words: str) -> None:
    assert age(ms) == words


def test_counts_are_short_in_the_rail_and_have_nouns_elsewhere() -> None:
    assert short_count(9_999) == "9,999"
    assert short_count(41_206) == "41.2k"
    assert plural(1, "item") == "1 item"
    assert plural(2_140, "item") == "2,140 items"


def test_what_turns_the_direction_of_writing_is_named() -> None:
    assert shown("a\u202eb").text == "a[right-to-left override]b"
    assert shown("kni\u200bfe").text == "kni[zero-width space]fe"
    assert shown("a\x00b").text == "a[NUL]b"


def test_half_a_character_is_named() -> None:
    assert shown("a\ud800b").text == "a[half a character]b"


def test_runs_of_blanks_and_line_breaks_are_one_blank() -> None:
    assert shown("  one \n\n two\t").text == "one two "
    assert shown("one\ntwo", lines=True).text == "one\ntwo"


def test_a_giant_text_is_cut_and_the_rest_is_counted() -> None:
    text = shown("x" * (LONGEST + 5_000)).text
    assert text.endswith("… and 5,000 characters more")
    assert len(text) < LONGEST + 60


@given(ANY_TEXT, st.data())
def test_a_span_of_the_original_shows_the_same_letters(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    safe = shown(text)
    low, high = safe.place(start, end)
    assert 0 <= low <= high <= len(safe.text)
    for letter in text[start:end]:
        if letter.isascii() and letter.isalnum():
            assert letter in safe.text[low:high]


@given(ANY_TEXT)
def test_nothing_that_is_shown_is_invisible_or_turns_the_writing(text: str) -> None:
    bad = {"\u200b", "\u202e", "\u202d", "\u2066", "\u2067", "\u2069", "\x00", "\ufeff"}
    assert not bad & set(shown(text).text)
    shown(text).text.encode("utf-8")


@given(st.text(max_size=60), st.data())
def test_units_and_characters_convert_both_ways(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    low, high = to_utf16(text, start, end)
    encoded = text.encode("utf-16-le", "surrogatepass")
    assert encoded[2 * low : 2 * high] == text[start:end].encode("utf-16-le", "surrogatepass")
    assert from_utf16(text, low) == start
