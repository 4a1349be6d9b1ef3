"""A list of people, each with a digit, and the field for a code beside it.

What a newcomer would get wrong: in the code's field a digit is part of the code. Only the arrows choose
another person there; digits choose while the list has the focus.
"""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit

from console.domain.operators import CODE_MOST, Operator
from console.ui import theme as tokens
from console.ui.dialogs.buttons import Field
from console.ui.dialogs.numbered import DIGITS, PITCH, Numbered
from console.ui.parts import Line, Look, Run


class People(Numbered):
    """Those of whom one is chosen; `picked` says that a digit, Enter or a click chose somebody."""

    def __init__(self, look: Look, name: str) -> None:
        super().__init__(look, name)
        self._people: tuple[Operator, ...] = ()
        self.itemActivated.connect(lambda _item: self.picked.emit())

    def say(self, people: Sequence[Operator], chosen: int | None) -> None:
        """Shows these people; `chosen` is the number of the one who is chosen at first."""
        self._people = tuple(people)
        self.clear()
        for place, one in enumerate(self._people, start=1):
            line = Line(self._look, PITCH)
            digit = str(place) if place <= DIGITS else ""
            about = f"{one.role}, {one.collar}" if one.collar else one.role
            runs = [Run(key=digit)] if digit else [Run("   ")]
            runs += [Run(one.name, "t1", tokens.STANDARD, 600), Run(about, "t2", tokens.META)]
            right = [] if one.has_code else [Run("no code", "t3", tokens.META)]
            spoken = f"{one.name}, {about}" + ("" if one.has_code else ", no code")
            line.say(f"{digit}, {spoken}" if digit else spoken, runs, right)
            self.put(line)
        places = [place for place, one in enumerate(self._people) if one.id == chosen]
        self.setCurrentRow(places[0] if places else 0)

    @property
    def chosen(self) -> Operator | None:
        """Who is chosen."""
        row = self.currentRow()
        return self._people[row] if 0 <= row < len(self._people) else None

    def step(self, rows: int) -> None:
        """Chooses the neighbour."""
        if self._people:
            self.setCurrentRow(max(0, min(len(self._people) - 1, self.currentRow() + rows)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter goes on with who is chosen."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self._people:
            self.picked.emit()
        else:
            super().keyPressEvent(event)


class CodeEdit(QLineEdit):
    """A code that is not shown; up and down choose another person."""

    def __init__(self, step: Callable[[int], None]) -> None:
        super().__init__()
        self._step = step
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self.setMaxLength(CODE_MOST)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down leave the code."""
        if event.key() in {Qt.Key.Key_Down, Qt.Key.Key_Up}:
            self._step(1 if event.key() == Qt.Key.Key_Down else -1)
            return
        super().keyPressEvent(event)


class CodeField(Field):
    """A labelled code."""

    def __init__(self, look: Look, label: str, step: Callable[[int], None]) -> None:
        super().__init__(look, label, secret=True)
        plain = self.edit
        self.edit = CodeEdit(step)
        self.edit.setAccessibleName(label)
        box = self.layout()
        if box is not None:
            box.replaceWidget(plain, self.edit)
        plain.setParent(None)
        plain.deleteLater()

    def take(self) -> str:
        """The code; it is gone from the field."""
        code = self.edit.text()
        self.edit.clear()
        return code
