"""A list of which one line is chosen by its digit.

What a newcomer would get wrong: digits choose while the list has the focus. In a field that somebody writes
in, a digit is a digit.
"""

from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent

from console.ui.dialogs.buttons import Choices
from console.ui.parts import Line, Look

PITCH: Final = 36
DIGITS: Final = 9


class Numbered(Choices):
    """Lines with digits; `picked` says that a digit or a click chose one."""

    picked = Signal()

    def __init__(self, look: Look, name: str, most: int = 8) -> None:
        """`most` is how many lines it shows before it scrolls."""
        super().__init__(look, name, PITCH)
        self._most = most
        self.setVerticalScrollMode(self.ScrollMode.ScrollPerPixel)
        self.itemClicked.connect(lambda _item: self.picked.emit())

    def put(self, line: Line) -> None:
        """Adds a line at the foot."""
        line.inset = 8
        self.add_line(line)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """As tall as its lines, down to the most that it shows."""
        lines = min(self._most, max(1, self.count()))
        return QSize(super().sizeHint().width(), self._look.px(PITCH) * lines + 4)

    def minimumSizeHint(self) -> QSize:
        """Two lines."""
        return QSize(0, self._look.px(PITCH) * min(2, max(1, self.count())) + 4)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A digit chooses; the arrows too; the rest is for whoever holds the list."""
        digit = event.text()
        if digit.isdecimal() and 1 <= int(digit) <= min(DIGITS, self.count()):
            self.setCurrentRow(int(digit) - 1)
            self.picked.emit()
        elif event.key() in {Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Home, Qt.Key.Key_End}:
            super().keyPressEvent(event)
        else:
            event.ignore()
