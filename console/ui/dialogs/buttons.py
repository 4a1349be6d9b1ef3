"""Buttons of sheets: what they do, and their key beside it."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QRadioButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from console.ui import theme as tokens
from console.ui.parts import Line, Look, Words


def button(words: str, key: str, act: Callable[[], None], *, primary: bool = False) -> QPushButton:
    """A button with its key in its words."""
    made = QPushButton(f"{words}   {key}" if key else words)
    made.setAccessibleName(f"{words}, {key}" if key else words)
    made.setProperty("primary", primary)
    made.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
    made.setAutoDefault(False)
    made.clicked.connect(lambda _checked=False: act())
    return made


def button_row(*parts: QWidget | None) -> QHBoxLayout:
    """Parts in a line; None is the room between left and right."""
    row = QHBoxLayout()
    row.setSpacing(12)
    for part in parts:
        if part is None:
            row.addStretch(1)
        else:
            row.addWidget(part)
    return row


def answers(look: Look, name: str, words: Sequence[str]) -> tuple[QButtonGroup, QWidget]:
    """Some answers in a line, of which one is chosen; the arrow keys go from one to the next."""
    held = QWidget()
    held.setAccessibleName(name)
    box = QVBoxLayout(held)
    box.setContentsMargins(0, 0, 0, 0)
    box.setSpacing(4)
    box.addWidget(Words(look, name, tokens.META, "t2", 600))
    row = QHBoxLayout()
    row.setSpacing(12)
    group = QButtonGroup(held)
    for number, each in enumerate(words):
        answer = QRadioButton(each)
        answer.setAccessibleDescription(name)
        answer.setChecked(number == 0)
        group.addButton(answer, number)
        row.addWidget(answer)
    box.addLayout(row)
    return group, held


def choose(group: QButtonGroup, number: int) -> None:
    """Chooses an answer as a person would: Tab stops at it from now on, and at none of the others.

    Qt sees to that only where a key or the mouse chose.
    """
    for each in group.buttons():
        is_chosen = group.id(each) == number
        each.setFocusPolicy(Qt.FocusPolicy.StrongFocus if is_chosen else Qt.FocusPolicy.ClickFocus)
    group.button(number).setChecked(True)


class Choices(QListWidget):
    """A list that is as tall as it was wished where there is room, and shorter where there is none."""

    def __init__(self, look: Look, name: str, tall: int) -> None:
        """`tall` is in pixels at 100 % text."""
        super().__init__()
        self._look, self._tall = look, tall
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def add_line(self, line: Line) -> None:
        """Puts one more line at the end, as wide as the list: what has no room there is cut short."""
        line.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        entry = QListWidgetItem(self)
        entry.setSizeHint(line.minimumSizeHint())
        entry.setData(Qt.ItemDataRole.AccessibleTextRole, line.accessibleName())
        self.setItemWidget(entry, line)

    def sizeHint(self) -> QSize:
        """What was wished."""
        return QSize(super().sizeHint().width(), self._look.px(self._tall))

    def minimumSizeHint(self) -> QSize:
        """Three lines."""
        return QSize(0, self._look.px(100))


class Field(QWidget):
    """A labelled line to write in."""

    def __init__(self, look: Look, label: str, *, hint: str = "", secret: bool = False) -> None:
        super().__init__()
        self.edit = QLineEdit()
        self.edit.setAccessibleName(label)
        if secret:
            self.edit.setEchoMode(QLineEdit.EchoMode.Password)
        head = QHBoxLayout()
        name: QLabel = Words(look, label, tokens.META, "t2", 600)
        name.setBuddy(self.edit)
        head.addWidget(name)
        head.addStretch(1)
        self.hint = Words(look, hint, tokens.LABEL, "t3")
        head.addWidget(self.hint)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(4)
        box.addLayout(head)
        box.addWidget(self.edit)

    @property
    def text(self) -> str:
        """What was written, without blanks at the ends."""
        return self.edit.text().strip()
