"""How the item pane shows an item's words, and says why it was raised."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from console.ui.panes.hit_words import HitWords, read_as
from console.ui.parts import Look
from console.ui.theme import DARK
from tests.unit.store.making import hit


@pytest.mark.parametrize(
    ("disguised", "how", "words"),
    [
        (False, "", "as written"),
        (True, "letters masked", "as “machete”: letters masked"),
        (True, "", "as “machete”"),
    ],
)
def test_a_hit_says_what_it_was_read_as_and_what_was_undone(disguised: bool, how: str, words: str) -> None:
    assert read_as(replace(hit(), disguised=disguised, how=how)) == words


def words_of(text: str) -> HitWords:
    """A pane's words, as wide as in a pane."""
    made = HitWords(Look(DARK))
    made.resize(400, 100)
    made.say(text, (), struck=False)
    return made


def test_keys_select_whole_words_also_behind_letters_that_count_twice(qapp: QApplication) -> None:
    words = words_of("\U0001f642\U0001f642 fair point, \U0001f643 honest!")
    for step, selected in (
        (Qt.Key.Key_Right, "\U0001f642\U0001f642"),
        (Qt.Key.Key_Right, "fair"),
        (Qt.Key.Key_Right, "point"),
        (Qt.Key.Key_Left, "fair"),
    ):
        QTest.keyClick(words, step)
        assert words.selected == selected
    for step, selected in (
        (Qt.Key.Key_Right, "fair point"),
        (Qt.Key.Key_Right, "fair point, \U0001f643"),
        (Qt.Key.Key_Right, "fair point, \U0001f643 honest"),
        (Qt.Key.Key_Right, "fair point, \U0001f643 honest"),
        (Qt.Key.Key_Left, "fair point, \U0001f643"),
        (Qt.Key.Key_Left, "fair point"),
        (Qt.Key.Key_Left, "fair"),
        (Qt.Key.Key_Left, "fair"),
    ):
        QTest.keyClick(words, step, Qt.KeyboardModifier.ShiftModifier)
        assert words.selected == selected
    words.say("other words", (), struck=False)
    assert words.selected == ""


def test_the_mouse_never_cuts_a_letter_that_counts_twice_in_half(qapp: QApplication) -> None:
    words = words_of("\U0001f642\U0001f643")
    for x in range(0, 60, 3):
        QTest.mousePress(words, Qt.MouseButton.LeftButton, pos=QPoint(x, 8))
        QTest.mouseMove(words, QPoint(390, 8))
        QTest.mouseRelease(words, Qt.MouseButton.LeftButton, pos=QPoint(390, 8))
        assert words.selected in {"", "\U0001f643", "\U0001f642\U0001f643"}


def test_a_pane_shows_far_more_words_than_a_card(qapp: QApplication) -> None:
    words = words_of("so it went on " * 120 + "to the end")
    assert words._lines[-1].text.endswith("the end")
