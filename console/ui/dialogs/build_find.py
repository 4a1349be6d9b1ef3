"""Asking without typing: who, where, what and since when, made into the question that a person could type.

The question is seen while it is built, so that whoever builds a few learns to type them. What a newcomer
would get wrong: nothing here understands a question; it only writes one, and find reads it.
"""

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from console.domain.query_help import Suggestion, composed
from console.domain.triage import Grade
from console.ui import theme as tokens
from console.ui.dialogs.buttons import Field, button, button_row
from console.ui.parts import Look, Words
from console.ui.sheet import Sheet
from console.ui.text import shown

SINCE = (
    ("At any time", ""),
    ("In the last 15 minutes", "15m"),
    ("In the last hour", "1h"),
    ("In the last 4 hours", "4h"),
    ("In the last 12 hours", "12h"),
    ("In the last day", "1d"),
    ("In the last week", "7d"),
)
STATES = (
    ("Whatever became of it", ""),
    ("Still visible", "state:visible"),
    ("Hidden", "state:hidden"),
    ("Held for review", "state:held"),
    ("Acted on", "is:decided"),
    ("An act failed or was refused", "act:failed"),
    ("An act was undone", "act:undone"),
)
KINDS = (
    ("Anything that was said", ""),
    ("Comments and replies", "comment reply"),
    ("Mentions and quotes", "mention quote"),
    ("Private messages", "message"),
    ("Reviews", "review"),
    ("What we posted", "post"),
)
TICKS = (
    ("Nobody has seen it", "is:unseen"),
    ("With a picture or video", "has:media"),
    ("Odd ones out in a flood", "is:stray"),
    ("Not what I decided already", "-is:decided"),
)


class Choice(QWidget):
    """A labelled choice of one line."""

    def __init__(self, look: Look, label: str, lines: Sequence[tuple[str, str]]) -> None:
        """`lines` are words and the value that each stands for."""
        super().__init__()
        self.combo = QComboBox()
        self.combo.setAccessibleName(label)
        self.combo.setMinimumContentsLength(12)
        self.combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        for words, value in lines:
            self.combo.addItem(words, value)
        name: QLabel = Words(look, label, tokens.META, "t2", 600)
        name.setBuddy(self.combo)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(4)
        box.addWidget(name)
        box.addWidget(self.combo)

    @property
    def value(self) -> str:
        """What was chosen."""
        return str(self.combo.currentData() or "")


class BuildFind(Sheet):
    """Who, where, what and since when."""

    wide = 720

    def __init__(
        self,
        look: Look,
        known: Mapping[str, Sequence[Suggestion]],
        find: Callable[[str], None],
        keep: Callable[[str], None],
    ) -> None:
        """`known` holds what can be chosen, by key; `find` and `keep` are told the question."""
        super().__init__(look, "Build a question")
        self._find_with, self._keep_with = find, keep
        self.box.addWidget(Words(look, "What shall the lane hold?", tokens.TITLE))
        self._words = Field(look, "These words", hint="all of them")
        self._phrase = Field(look, "These words together", hint="as they stand")
        self._not = Field(look, "Not these words", hint="none of them")
        self._row(self._words, self._phrase, self._not)
        self._author = Field(look, "Said by", hint="a handle")
        self._kind = self._choice("Of what kind", KINDS)
        self._row(self._author, self._kind)
        accounts = [*known.get("account", ())]
        groups = [Suggestion(f"group {one.text}", one.words) for one in known.get("group", ())]
        self._where: list[tuple[str, str]] = [("", "")]
        self._where += [("account", one.text) for one in accounts]
        self._where += [("group", one.text) for one in known.get("group", ())]
        self._where += [("network", one.text) for one in known.get("network", ())]
        names = ["On every account", *(shown(one.words or one.text).text for one in accounts)]
        names += [shown(one.text).text for one in groups]
        names += [f"network {shown(one.text).text}" for one in known.get("network", ())]
        self._account = self._choice("Where", [(name, "") for name in names])
        lists = [(shown(one.words or one.text).text, one.text) for one in known.get("hit", ())]
        self._list = self._choice("Hit by", [("Any watchlist, or none", ""), *lists])
        self._row(self._account, self._list)
        self._since = self._choice("Received", SINCE)
        self._state = self._choice("And now", STATES)
        self._row(self._since, self._state)
        self._grades = [QCheckBox(grade.words) for grade in Grade]
        self._ticks = [QCheckBox(words) for words, _ in TICKS]
        self._boxes(self._grades)
        self._boxes(self._ticks[:2])
        self._boxes(self._ticks[2:])
        self.box.addWidget(Words(look, "Find reads", tokens.LABEL, "t3"))
        self._said = Words(look, "", tokens.STANDARD, "t1", 600, wrap=True)
        self.box.addWidget(self._said)
        go = button("Show it", "Ctrl Enter", self._go, primary=True)
        keep_it = button("Keep it", "Ctrl S", self._keep)
        self.box.addLayout(button_row(None, button("Back to the lane", "Esc", self.leave), keep_it, go))
        for field in (self._words, self._phrase, self._not, self._author):
            field.edit.textChanged.connect(lambda _typed: self._changed())
        for tick in (*self._grades, *self._ticks):
            tick.toggled.connect(lambda _on: self._changed())
        self._changed()

    # parts ----------------------------------------------------------------------------------------

    def _row(self, *parts: QWidget) -> None:
        row = QHBoxLayout()
        row.setSpacing(12)
        for part in parts:
            row.addWidget(part, 1)
        self.box.addLayout(row)

    def _boxes(self, ticks: Sequence[QCheckBox]) -> None:
        row = QHBoxLayout()
        row.setSpacing(16)
        for tick in ticks:
            row.addWidget(tick)
        row.addStretch(1)
        self.box.addLayout(row)

    def _choice(self, label: str, lines: Sequence[tuple[str, str]]) -> "Choice":
        made = Choice(self.look, label, lines)
        made.combo.currentIndexChanged.connect(lambda _row: self._changed())
        return made

    # the question ---------------------------------------------------------------------------------

    @property
    def question(self) -> str:
        """What a person could have typed for all of it."""
        parts: list[tuple[str, str]] = [("", word) for word in self._words.text.split()]
        parts.append(("", self._phrase.text))
        parts += [("-", word) for word in self._not.text.split()]
        parts.append(("author", self._author.text.lstrip("@")))
        parts.append(self._where[max(0, self._account.combo.currentIndex())])
        parts += [("kind", kind) for kind in self._kind.value.split()]
        parts.append(("hit", self._list.value))
        parts += [("grade", str(n)) for n, tick in enumerate(self._grades, start=1) if tick.isChecked()]
        parts.append(("since", self._since.value))
        ready = [self._state.value]
        ready += [asked for (_, asked), tick in zip(TICKS, self._ticks, strict=True) if tick.isChecked()]
        return " ".join(part for part in (composed(parts), *ready) if part)

    def _changed(self) -> None:
        self._said.setText(shown(self.question).text or "everything")
        self.on_resize()

    def first(self) -> QWidget:
        """The words."""
        return self._words.edit

    def pressed(self, event: QKeyEvent) -> bool:
        """Ctrl Enter shows it, Ctrl S keeps it."""
        if not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            return False
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._go()
            case Qt.Key.Key_S:
                self._keep()
            case _:
                return False
        return True

    def _go(self) -> None:
        question = self.question
        self.leave()
        self._find_with(question)

    def _keep(self) -> None:
        question = self.question
        self.leave()
        self._find_with(question)
        self._keep_with(question)
