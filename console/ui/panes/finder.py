"""The field in which a person types what a lane shall hold, with what could come next below it.

What a newcomer would get wrong: Enter finds what was typed. Only when a line of the list was chosen with the
arrows does it take that line instead; Tab takes the first one.
"""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QListWidget, QListWidgetItem, QWidget

from console.domain.query_help import Suggestion, Typed, replaced, typed_part
from console.ui import theme as tokens
from console.ui.parts import Line, Look, Run, Words, announce
from console.ui.text import shown

HINT = "Words, “a phrase”, -not this, author: account: network: state: hit: grade: since:2h"


class Finder(QWidget):
    """The field, what is wrong with what was typed, and the list of what could come next."""

    def __init__(
        self,
        look: Look,
        over: QWidget,
        find: Callable[[str], None],
        leave: Callable[[], None],
    ) -> None:
        """`over` is what the list lies over; `leave` goes back to the lane."""
        super().__init__()
        self._look, self._over, self._find, self._leave = look, over, find, leave
        self.wants: Callable[[Typed], None] = lambda _part: None
        """Is told the part under the caret; answers by `offer`, then or later."""
        self._part: Typed | None = None
        self._offered: list[Suggestion] = []
        self.field = QLineEdit()
        self.field.setAccessibleName("Find")
        self.field.setPlaceholderText(HINT)
        self.field.textEdited.connect(lambda _typed: self._edited())
        self.field.installEventFilter(self)
        self.problem = Words(look, "", tokens.META, "failed", elided=True)
        line = QHBoxLayout(self)
        line.setContentsMargins(16, 2, 16, 2)
        line.addWidget(self.field, 3)
        line.addWidget(self.problem, 2)
        self.problem.hide()
        self.list = QListWidget(over)
        self.list.setObjectName("sheet")
        self.list.setAccessibleName("What could come next")
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.itemClicked.connect(lambda _item: self._take())
        self.list.hide()

    # what is said ---------------------------------------------------------------------------------

    def open(self, typed: str) -> None:
        """Is shown with this in the field."""
        self.say_problem("")
        self.field.setText(typed)
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()
        self._hide_list()

    def close_list(self) -> None:
        """The list has nothing more to offer."""
        self._hide_list()

    def say_problem(self, words: str) -> None:
        """Says what a word could not mean; empty when all makes sense."""
        self.problem.setText(words)
        self.problem.setVisible(bool(words))
        if words:
            announce(self.field, words)

    def offer(self, part: Typed, found: Sequence[Suggestion]) -> None:
        """Offers what could stand in the place of a part, if the caret still is there."""
        if part != self._part or not self.field.hasFocus():
            return
        self._offered = list(found)
        self.list.clear()
        for one in self._offered:
            self._add(one)
        if not self._offered:
            self._hide_list()
            return
        height = sum(self.list.sizeHintForRow(row) for row in range(self.list.count())) + 4
        over = self._over
        place = self.field.mapTo(over, QPoint(0, self.field.height() + 2))
        width = min(self._look.px(520), over.width() - place.x() - 8)
        self.list.setGeometry(place.x(), place.y(), width, min(height, over.height() - place.y() - 8))
        self.list.setCurrentRow(-1)
        self.list.show()
        self.list.raise_()

    def _add(self, one: Suggestion) -> None:
        line = Line(self._look, 26)
        line.inset = 8
        spoken = f"{one.text}, {one.words}" if one.words else one.text
        runs = [Run(shown(one.text).text, "t1", tokens.CONTROL, 600)]
        line.say(spoken, runs, [Run(shown(one.words).text, "t3", tokens.META)] if one.words else [])
        line.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        item = QListWidgetItem(self.list)
        item.setSizeHint(line.sizeHint())
        item.setData(Qt.ItemDataRole.AccessibleTextRole, spoken)
        self.list.setItemWidget(item, line)

    def _hide_list(self) -> None:
        self._part = None
        self._offered = []
        self.list.hide()

    # typing ---------------------------------------------------------------------------------------

    def _edited(self) -> None:
        self.say_problem("")
        self._part = typed_part(self.field.text(), self.field.cursorPosition())
        self.wants(self._part)

    def _take(self, row: int | None = None) -> None:
        chosen = self.list.currentRow() if row is None else row
        if self._part is None or not 0 <= chosen < len(self._offered):
            return
        typed, caret = replaced(self.field.text(), self._part, self._offered[chosen])
        self.field.setText(typed)
        self.field.setCursorPosition(caret)
        self._hide_list()
        if typed[:caret].endswith(":"):
            self._edited()

    def _step(self, by: int) -> None:
        row = self.list.currentRow() + by
        self.list.setCurrentRow(max(-1, min(row, self.list.count() - 1)))
        if 0 <= self.list.currentRow() < len(self._offered):
            one = self._offered[self.list.currentRow()]
            announce(self.list, f"{one.text}, {one.words}")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The arrows, Tab and Enter are for the list while it offers something; Esc leaves."""
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._pressed(event)
        if event.type() is QEvent.Type.FocusOut:
            self._hide_list()
        return super().eventFilter(watched, event)

    def _pressed(self, event: QKeyEvent) -> bool:
        offers = self.list.isVisible()
        match event.key():
            case Qt.Key.Key_Escape:
                if offers:
                    self._hide_list()
                else:
                    self._leave()
            case Qt.Key.Key_Down if offers:
                self._step(1)
            case Qt.Key.Key_Up if offers:
                self._step(-1)
            case Qt.Key.Key_Tab if offers:
                self._take(max(0, self.list.currentRow()))
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                if offers and self.list.currentRow() >= 0:
                    self._take()
                else:
                    self._hide_list()
                    self._find(self.field.text())
            case _:
                return False
        return True
