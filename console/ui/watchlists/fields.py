"""The middle of the editor: the fields of the chosen rule, and below them those of its list.

What a newcomer would get wrong: the fields hold no watchlist. They are shown one, and give back one made from
it with what was written, so that what was not touched stays as it was.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from console.domain.triage import Grade
from console.domain.watchlists import CATEGORIES, SUGGESTIONS, Near, Rule, Watchlist
from console.ui import theme as tokens
from console.ui.dialogs.buttons import button_row
from console.ui.parts import Look, Words
from console.ui.parts import Rule as Hairline
from console.ui.text import shown
from console.ui.watchlists.drafts import (
    NearLine,
    from_commas,
    from_lines,
    from_near_lines,
    gist,
    near_lines,
    review_words,
    to_commas,
    to_lines,
)
from console.ui.watchlists.parts import Choice, Column, Entries, Labelled

NO_SUGGESTION: Final = "Only look"
SHORT: Final = 60
"""Characters of an example that are said again with its outcome."""


def verb_words(verb: str | None) -> str:
    """A suggestion as a person reads it."""
    return NO_SUGGESTION if verb is None else verb.replace("-", " ").capitalize()


class NearFields(QWidget):
    """Pairs of word groups that mean something only together; the last line is always empty."""

    changed = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(4)
        self._rows: list[tuple[QWidget, QLineEdit, QLineEdit, QLineEdit]] = []

    def show_lines(self, lines: Sequence[NearLine]) -> None:
        """Shows these, and an empty one."""
        while len(self._rows) > len(lines) + 1:
            held, *_ = self._rows.pop()
            self._box.removeWidget(held)
            held.hide()
            held.deleteLater()
        while len(self._rows) < len(lines) + 1:
            self._add()
        for (_, any_of, with_any, within), line in zip(self._rows, (*lines, NearLine()), strict=True):
            for edit, text in ((any_of, line.any_of), (with_any, line.with_any), (within, str(line.within))):
                if edit.text() != text:
                    edit.setText(text)

    @property
    def lines(self) -> tuple[NearLine, ...]:
        """What was written."""
        return tuple(
            NearLine(any_of.text(), with_any.text(), int(within.text() or 1))
            for _, any_of, with_any, within in self._rows
            if any_of.text().strip() or with_any.text().strip()
        )

    def _add(self) -> None:
        number = len(self._rows) + 1
        held = QWidget()
        row = QHBoxLayout(held)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        any_of, with_any, within = QLineEdit(), QLineEdit(), QLineEdit()
        any_of.setAccessibleName(f"Near {number}: one of these words")
        with_any.setAccessibleName(f"Near {number}: close to one of these")
        within.setAccessibleName(f"Near {number}: within how many words")
        within.setValidator(QIntValidator(1, 50, within))
        within.setFixedWidth(self._look.px(52))
        for part in (any_of, Words(self._look, "near", tokens.META, "t3"), with_any):
            row.addWidget(part, 0 if isinstance(part, Words) else 1)
        row.addWidget(Words(self._look, "within", tokens.META, "t3"))
        row.addWidget(within)
        self._rows.append((held, any_of, with_any, within))
        self._box.addWidget(held)
        for edit in (any_of, with_any, within):
            edit.textEdited.connect(lambda _text: self._edited())

    def _edited(self) -> None:
        _, any_of, with_any, _ = self._rows[-1]
        if any_of.text().strip() or with_any.text().strip():
            self._add()
            self._rows[-1][3].setText(str(NearLine().within))
        self.changed.emit()


class RuleFields(QWidget):
    """The fields of one rule. `changed` says that a person changed something."""

    changed = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._rule: Rule | None = None
        self._is_showing = False
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        self.head = Words(look, "", tokens.STANDARD, "t1", 600, wrap=True)
        box.addWidget(self.head)
        self.words = Entries(look, "Words", 3)
        self.near = NearFields(look)
        self.unless = Entries(look, "Unless")
        self.patterns = Entries(look, "Patterns", mono=True)
        box.addWidget(Labelled(look, "Words", self.words, "Whole words or phrases, one on each line."))
        box.addWidget(Labelled(look, "Near", self.near, "Several words with commas between them."))
        box.addWidget(
            Labelled(look, "Unless", self.unless, "One of these anywhere in the text cancels the rule.")
        )
        box.addWidget(Labelled(look, "Patterns", self.patterns, "RE2, one on each line."))
        self.disguised = QCheckBox("See through disguised spelling")
        box.addWidget(self.disguised)
        self.languages = QLineEdit()
        self.languages.setAccessibleName("Languages")
        self.languages.setPlaceholderText("All languages")
        self.grade, self.suggest = Choice(), Choice()
        self.grade.setAccessibleName("Grade at least")
        self.suggest.setAccessibleName("Suggest")
        row = QHBoxLayout()
        row.setSpacing(12)
        for label, part in (
            ("Languages", self.languages),
            ("Grade at least", self.grade),
            ("Suggest", self.suggest),
        ):
            row.addWidget(Labelled(look, label, part), 1)
        box.addLayout(row)
        self.hits = Entries(look, "Examples that must hit")
        self.misses = Entries(look, "Examples that must not hit")
        self.hits_said = Words(look, "", tokens.META, "t3", wrap=True)
        self.misses_said = Words(look, "", tokens.META, "t3", wrap=True)
        box.addWidget(Labelled(look, "Must hit", self.hits))
        box.addWidget(self.hits_said)
        box.addWidget(Labelled(look, "Must not hit", self.misses))
        box.addWidget(self.misses_said)
        self.note = QLineEdit()
        self.note.setAccessibleName("Note")
        box.addWidget(Labelled(look, "Note", self.note))
        for entries in (self.words, self.unless, self.patterns, self.hits, self.misses):
            entries.textChanged.connect(self._edited)
        for line in (self.languages, self.note):
            line.textEdited.connect(lambda _text: self._edited())
        self.near.changed.connect(self._edited)
        self.disguised.toggled.connect(lambda _on: self._edited())
        for combo in (self.grade, self.suggest):
            combo.currentIndexChanged.connect(lambda _row: self._edited())

    def _edited(self) -> None:
        if not self._is_showing:
            self.changed.emit()

    def show_rule(self, rule: Rule | None, watchlist: Watchlist) -> None:
        """Shows a rule; without one the fields cannot be used."""
        self._is_showing = True
        self._rule = rule
        self.setEnabled(rule is not None)
        its = rule or Rule("none")
        self.head.setText(gist(its) if rule is not None else "This list has no rule yet.")
        for entries, texts in (
            (self.words, its.words),
            (self.unless, its.unless),
            (self.patterns, its.patterns),
            (self.hits, its.hits),
            (self.misses, its.misses),
        ):
            if entries.toPlainText() != to_lines(texts):
                entries.setPlainText(to_lines(texts))
        self.near.show_lines(near_lines(its.near))
        self.disguised.setChecked(its.disguised)
        self.languages.setText(to_commas(its.languages))
        self.note.setText(its.note)
        self._fill(self.grade, self._grades(watchlist), its.grade)
        self._fill(self.suggest, self._verbs(watchlist), its.suggest)
        self._is_showing = False

    def _fill(self, combo: QComboBox, lines: Sequence[tuple[str, object]], chosen: object) -> None:
        combo.clear()
        for words, value in lines:
            combo.addItem(words, value)
        combo.setCurrentIndex(next((n for n, (_, value) in enumerate(lines) if value == chosen), 0))

    @staticmethod
    def _grades(watchlist: Watchlist) -> list[tuple[str, object]]:
        inherited = f"As the list: {watchlist.grade} {Grade(watchlist.grade).words}"
        return [(inherited, None), *((f"{grade.value} {grade.words}", grade.value) for grade in Grade)]

    @staticmethod
    def _verbs(watchlist: Watchlist) -> list[tuple[str, object]]:
        inherited = f"As the list: {verb_words(watchlist.suggest)}"
        return [(inherited, None), *((verb_words(verb), verb) for verb in sorted(SUGGESTIONS))]

    def say_examples(self, hits: Sequence[tuple[str, bool]], misses: Sequence[tuple[str, bool]]) -> None:
        """Says of each example whether it does as it should."""
        self.hits_said.setText(_outcomes(hits, "hits", "is not hit"))
        self.misses_said.setText(_outcomes(misses, "is left alone", "is hit"))
        for words, lines in ((self.hits_said, hits), (self.misses_said, misses)):
            words.set_ink("t3" if all(ok for _, ok in lines) else "failed")
            words.setVisible(bool(lines))

    def relist(self, watchlist: Watchlist) -> None:
        """The list's own grade or suggestion changed: the words for "as the list" follow."""
        self._is_showing = True
        self.grade.setItemText(0, self._grades(watchlist)[0][0])
        self.suggest.setItemText(0, self._verbs(watchlist)[0][0])
        self._is_showing = False

    def rule(self) -> Rule | None:
        """The rule with what was written."""
        was = self._rule
        if was is None:
            return None
        near: tuple[Near, ...] = from_near_lines(self.near.lines, was.near)
        made = replace(
            was,
            words=from_lines(self.words.toPlainText(), was.words),
            patterns=from_lines(self.patterns.toPlainText(), was.patterns),
            near=near,
            unless=from_lines(self.unless.toPlainText(), was.unless),
            disguised=self.disguised.isChecked(),
            languages=tuple(code.lower() for code in from_commas(self.languages.text())),
            grade=self.grade.currentData(),
            suggest=self.suggest.currentData(),
            hits=from_lines(self.hits.toPlainText(), was.hits),
            misses=from_lines(self.misses.toPlainText(), was.misses),
            note=self.note.text().strip(),
        )
        self.head.setText(gist(made))
        return made


class ListFields(QWidget):
    """The fields of the list itself. `changed` says that a person changed something."""

    changed = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._list: Watchlist | None = None
        self._is_showing = False
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        box.addWidget(Hairline(look))
        self.head = Words(look, "The list", tokens.STANDARD, "t1", 600)
        box.addWidget(self.head)
        self.name, self.owner, self.review = QLineEdit(), QLineEdit(), QLineEdit()
        self.category, self.grade, self.suggest = Choice(), Choice(), Choice()
        for category in CATEGORIES.values():
            self.category.addItem(category.name, category.id)
        for grade in Grade:
            self.grade.addItem(f"{grade.value} {grade.words}", grade.value)
        for verb in (None, *sorted(SUGGESTIONS)):
            self.suggest.addItem(verb_words(verb), verb)
        rows: tuple[tuple[tuple[str, QWidget], ...], ...] = (
            (("Name", self.name), ("Owner", self.owner)),
            (("Category", self.category), ("Review by", self.review)),
            (("Grade of the list", self.grade), ("Suggest for the list", self.suggest)),
        )
        for parts in rows:
            row = QHBoxLayout()
            row.setSpacing(12)
            for label, part in parts:
                part.setAccessibleName(label)
                row.addWidget(Labelled(look, label, part), 1)
            box.addLayout(row)
        self.review_said = Words(look, "", tokens.META, "g3", 600, wrap=True)
        box.addWidget(self.review_said)
        self.two_people = QCheckBox("A change needs two people")
        box.addWidget(self.two_people)
        for line in (self.name, self.owner, self.review):
            line.textEdited.connect(lambda _text: self._edited())
        for combo in (self.category, self.grade, self.suggest):
            combo.currentIndexChanged.connect(lambda _row: self._edited())
        self.two_people.toggled.connect(lambda _on: self._edited())

    def _edited(self) -> None:
        if not self._is_showing:
            self.changed.emit()

    def show_list(self, watchlist: Watchlist, today: dt.date) -> None:
        """Shows a list."""
        self._is_showing = True
        self._list = watchlist
        self.name.setText(watchlist.name)
        self.owner.setText(watchlist.owner)
        self.review.setText(watchlist.review_by.isoformat())
        self.category.setCurrentIndex(self.category.findData(watchlist.category))
        self.grade.setCurrentIndex(self.grade.findData(watchlist.grade))
        self.suggest.setCurrentIndex(
            next(n for n in range(self.suggest.count()) if self.suggest.itemData(n) == watchlist.suggest)
        )
        self.two_people.setChecked(watchlist.two_people)
        self.say_review(watchlist, today)
        self._is_showing = False

    def say_review(self, watchlist: Watchlist, today: dt.date) -> None:
        """Reminds of the review date where it is over or near, and says when it is no date."""
        words = review_words(watchlist, today)
        if self.problem:
            words = self.problem
        self.review_said.setText(words)
        self.review_said.setVisible(bool(words))

    @property
    def problem(self) -> str:
        """Why what was written makes no list; empty when it does."""
        try:
            dt.date.fromisoformat(self.review.text().strip())
        except ValueError:
            return "The review date must be written as 2027-03-01."
        if not self.name.text().strip():
            return "The list needs a name."
        if not self.owner.text().strip():
            return "The list needs an owner."
        return ""

    def watchlist(self, wanted: Watchlist) -> Watchlist:
        """`wanted` with what was written; what makes no sense is left as it was."""
        try:
            review_by = dt.date.fromisoformat(self.review.text().strip())
        except ValueError:
            review_by = wanted.review_by
        return replace(
            wanted,
            name=self.name.text().strip() or wanted.name,
            owner=self.owner.text().strip() or wanted.owner,
            review_by=review_by,
            category=self.category.currentData() or wanted.category,
            grade=self.grade.currentData(),
            suggest=self.suggest.currentData(),
            two_people=self.two_people.isChecked(),
        )


def _outcomes(lines: Sequence[tuple[str, bool]], good: str, bad: str) -> str:
    """Each example with what becomes of it; those that are wrong first."""
    ordered = sorted(lines, key=lambda line: line[1])
    return "\n".join(f"{'✓' if ok else '✗'} {_short(text)}: {good if ok else bad}" for text, ok in ordered)


def _short(text: str) -> str:
    line = shown(text).text
    return f"“{line}”" if len(line) <= SHORT else f"“{line[: SHORT - 1]}…”"


def middle(look: Look, rule: RuleFields, whole: ListFields, *acts: QWidget) -> Column:
    """The column with both."""
    made = Column(look)
    made.setAccessibleName("Fields")
    made.box.addWidget(rule)
    made.box.addLayout(button_row(*acts, None))
    made.box.addWidget(whole)
    made.box.addStretch(1)
    return made
