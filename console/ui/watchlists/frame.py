"""The parts of the watchlist editor, and where they stand; what they do is in `editor.py`.

What a newcomer would get wrong: Tab goes through the parts in the order in which they were put into the
sheet, so the buttons at the head, which come last, are put there last.
"""

from typing import Final

from PySide6.QtCore import QEvent, QSize, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QBoxLayout,
    QCheckBox,
    QHBoxLayout,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from console.ui import theme as tokens
from console.ui.dialogs.buttons import Field, button, button_row
from console.ui.parts import Look, Words
from console.ui.sheet import Sheet
from console.ui.watchlists.fields import ListFields, RuleFields, middle
from console.ui.watchlists.parts import RunsList
from console.ui.watchlists.preview import Preview

NEVER_DELETES: Final = "A rule never deletes. It hides only while a posture says so."
THREE_COLUMNS: Final = 980
"""Pixels at 100 % text below which the columns stand below one another."""


class EditorFrame(Sheet):
    """Three columns, a foot, and buttons. Subclasses say what the buttons do."""

    wide = 1360

    def __init__(self, look: Look) -> None:
        super().__init__(look, "Watchlists")
        self._is_stacked = False
        self._refits = False
        self.box.setContentsMargins(20, 16, 20, 16)
        self._head = QHBoxLayout()
        self._head.setSpacing(8)
        self._head.addWidget(Words(look, "Watchlists", tokens.TITLE))
        self._head.addStretch(1)
        self.box.addLayout(self._head)
        self._columns = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._columns.setSpacing(20)
        self._columns.addWidget(self._left(), 5)
        self.rule, self.whole = RuleFields(look), ListFields(look)
        self.drop_rule = button("Remove this rule", "", self.remove_rule)
        self.drop_changes = button("Drop my changes", "", self.remove_changes)
        self.middle = middle(look, self.rule, self.whole, self.drop_rule, self.drop_changes)
        self._columns.addWidget(self.middle, 9)
        self.preview = Preview(look)
        self._columns.addWidget(self.preview, 8)
        self.box.addLayout(self._columns, 1)
        self._foot()
        self._head_buttons()
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._follow)

    # what subclasses do ---------------------------------------------------------------------------

    def add_rule(self) -> None:
        """A new rule."""

    def add_list(self) -> None:
        """A new list."""

    def remove_rule(self) -> None:
        """Takes the shown rule away."""

    def remove_changes(self) -> None:
        """Goes back to the version in force."""

    def publish(self) -> None:
        """Puts what is shown in force."""

    def rehearse(self) -> None:
        """Rehearses what is shown."""

    def stop(self) -> None:
        """Ends the search of the past."""

    def show_history(self) -> None:
        """Shows the versions."""

    def show_shadow(self) -> None:
        """Shows what is not in force."""

    def show_files(self) -> None:
        """Shows import and export."""

    # building -------------------------------------------------------------------------------------

    def _left(self) -> QWidget:
        look = self.look
        self.lists = RunsList(look, "Watchlists")
        self.rules = RunsList(look, "Rules, with hits in the last 24 hours")
        self.new_rule = button("New rule", "Ctrl N", self.add_rule)
        self.new_list = button("New list", "Ctrl Shift N", self.add_list)
        left = QWidget()
        box = QVBoxLayout(left)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(6)
        box.addWidget(self.lists, 2)
        box.addWidget(Words(look, "Rules, and their hits in 24 hours", tokens.LABEL, "t3"))
        box.addWidget(self.rules, 3)
        box.addWidget(self.new_rule)
        box.addWidget(self.new_list)
        return left

    def _foot(self) -> None:
        look = self.look
        self.state = Words(look, "", tokens.CONTROL, "t2", 600, wrap=True)
        self.done = Words(look, "", tokens.CONTROL, "confirmed", 600, wrap=True)
        self.past = Words(look, "", tokens.META, "t2", wrap=True)
        self.stop_search = button("Stop the search", "", self.stop)
        for words in (self.state, self.done):
            self.box.addWidget(words)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self.past, 1)
        row.addWidget(self.stop_search)
        self.box.addLayout(row)
        for part in (self.done, self.past, self.stop_search):
            part.hide()
        self.alarm = QCheckBox("What it finds in the past asks for somebody")
        self._facts = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._facts.setSpacing(16)
        self._facts.addWidget(Words(look, NEVER_DELETES, tokens.META, "t3", wrap=True), 1)
        self._facts.addWidget(self.alarm)
        self.box.addLayout(self._facts)
        self.why = Field(look, "Why", hint="goes on record")
        self.why.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.rehearse_button = button("Rehearse without acting", "Ctrl R", self.rehearse)
        self.publish_button = button("Publish", "Ctrl Enter", self.publish, primary=True)
        self.back_button = button("Back to the lane", "Esc", self.leave)
        self._buttons = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._buttons.setSpacing(12)
        self._buttons.addWidget(self.why, 1)
        self._buttons.addLayout(button_row(self.rehearse_button, self.publish_button, self.back_button))
        self.box.addLayout(self._buttons)

    def _head_buttons(self) -> None:
        """Put in last, for Tab goes in this order."""
        self.history_button = button("Versions", "Ctrl H", self.show_history)
        self.shadow_button = button("Rehearsed", "Ctrl J", self.show_shadow)
        self.files_button = button("Import, export", "Ctrl O", self.show_files)
        for each in (self.history_button, self.shadow_button, self.files_button):
            self._head.addWidget(each)

    def pressed(self, event: QKeyEvent) -> bool:
        """The keys of the buttons."""
        held = event.modifiers()
        if not held & Qt.KeyboardModifier.ControlModifier:
            return False
        key = Qt.Key.Key_Return if event.key() == Qt.Key.Key_Enter else event.key()
        if key == Qt.Key.Key_N and held & Qt.KeyboardModifier.ShiftModifier:
            self.new_list.click()
            return True
        meant = {
            Qt.Key.Key_Return: self.publish_button,
            Qt.Key.Key_R: self.rehearse_button,
            Qt.Key.Key_N: self.new_rule,
            Qt.Key.Key_H: self.history_button,
            Qt.Key.Key_J: self.shadow_button,
            Qt.Key.Key_O: self.files_button,
        }.get(Qt.Key(key))
        if meant is None:
            return False
        meant.click()
        return True

    # room -----------------------------------------------------------------------------------------

    def hasHeightForWidth(self) -> bool:
        """No: its columns take what room there is."""
        return False

    def heightForWidth(self, _: int) -> int:
        """None, for the same reason."""
        return -1

    def sizeHint(self) -> QSize:
        """As tall as may be."""
        return QSize(self.look.px(self.wide), 4000)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is no room for three columns they stand below one another, and the sheet scrolls."""
        super().resizeEvent(event)
        is_stacked = self.width() < self.look.px(THREE_COLUMNS)
        if is_stacked == self._is_stacked:
            return
        self._is_stacked = is_stacked
        way = QBoxLayout.Direction.TopToBottom if is_stacked else QBoxLayout.Direction.LeftToRight
        for row in (self._columns, self._buttons, self._facts):
            row.setDirection(way)
        self.middle.stack(is_stacked=is_stacked)
        self.preview.stack(is_stacked=is_stacked)
        self._refit_soon()

    def event(self, event: QEvent) -> bool:
        """What it holds changed its size; only where the sheet scrolls does that matter."""
        if event.type() is QEvent.Type.LayoutRequest and self._is_stacked:
            self._refit_soon()
        return super().event(event)

    def _refit_soon(self) -> None:
        if not self._refits:
            self._refits = True
            QTimer.singleShot(0, self, self._refit)

    def _refit(self) -> None:
        self._refits = False
        self.on_resize()

    def _follow(self, _: QWidget | None, now: QWidget | None) -> None:
        if now is not None and self.middle.isAncestorOf(now):
            self.middle.ensureWidgetVisible(now, 0, self.look.px(40))
