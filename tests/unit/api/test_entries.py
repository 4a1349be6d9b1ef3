"""Entries of lists and small texts of ours: nothing broken spoils another, and nothing is said twice."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.api.entries import Complaints, UnreadableError, decoded, first_words, own_text


class Note(msgspec.Struct, frozen=True):
    """What a connector might want back."""

    version: str = ""


@given(st.text())
def test_the_first_words_are_one_short_line_that_ends_with_a_whole_word(text: str) -> None:
    line = first_words(text)
    whole = " ".join(text.split())
    assert len(line) <= 61
    assert "\n" not in line
    assert line == whole or (line.endswith("…") and whole.startswith(line[:-1]))


def test_a_long_line_is_cut_between_words_and_a_long_word_anywhere() -> None:
    assert first_words("Quay Road " * 9).endswith("Quay Road…")
    assert first_words("x" * 99) == f"{'x' * 60}…"


@given(st.one_of(st.none(), st.text(), st.just('{"version": 5}'), st.just("[]")))
def test_what_is_not_ours_is_an_empty_one_of_ours(text: str | None) -> None:
    assert own_text(text, Note) == Note()


def test_a_text_of_ours_is_read() -> None:
    assert own_text('{"version": "7"}', Note).version == "7"


def test_what_cannot_be_read_names_fields_and_nobodys_words() -> None:
    with pytest.raises(UnreadableError, match=r"version") as said:
        decoded(b'{"version": ["a name in a crowd"]}', Note)
    assert "crowd" not in str(said.value)


def test_each_broken_entry_is_counted_once_and_said_once() -> None:
    complaints = Complaints()
    first, other = UnreadableError("an item without a time"), UnreadableError("an item without an id")
    assert [complaints.add(raw, first) for raw in (b"1", b"2", b"2")] == [True, True, False]
    complaints.add(b"3", other)
    assert complaints.take() == ("2 left out: an item without a time", "1 left out: an item without an id")
    assert not complaints.add(b"3", other)
    assert complaints.take() == ()


def test_a_sentence_is_said_once() -> None:
    complaints = Complaints()
    assert complaints.unsaid(["one", "two", "one"]) == ("one", "two")
    assert complaints.unsaid(["two", "three"]) == ("three",)


def test_entries_beyond_counting_are_passed_over_without_growing() -> None:
    complaints = Complaints()
    problem = UnreadableError("an item without a time")
    for number in range(20_000):
        complaints.add(b"%d" % number, problem)
    assert complaints.take() == ("10000 left out: an item without a time",)
