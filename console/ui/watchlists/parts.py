"""What the columns of the editor are made of: places that scroll, fields of several lines, lists of runs."""

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontDatabase, QKeyEvent, QPainter, QWheelEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHeaderView,
    QLabel,
    QPlainTextEdit,
    QScrollArea,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from console.ui import theme as tokens
from console.ui.parts import Look, Run, Words, paint_focus, paint_runs, runs_width
from console.ui.theme import color

RUNS: Final = int(Qt.ItemDataRole.UserRole) + 1
ROOT: Final = QModelIndex()
PITCH: Final = 28
Entry: TypeAlias = tuple[str, str, Sequence[Run], Sequence[Run]]
"""A line: its key, its words as a screen reader says them, runs at the left and at the right."""


class Column(QScrollArea):
    """A column that scrolls by itself; stacked, it is as tall as what it holds and the sheet scrolls."""

    def __init__(self, look: Look, wished: int = 120) -> None:
        """`wished` is its height in pixels at 100 % text where there is room; it may be less."""
        super().__init__()
        self._look, self._wished = look, wished
        self._is_stacked = False
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.inner = QWidget()
        self.box = QVBoxLayout(self.inner)
        self.box.setContentsMargins(0, 0, 12, 0)
        self.box.setSpacing(8)
        self.setWidget(self.inner)

    def stack(self, *, is_stacked: bool) -> None:
        """Scrolls by itself, or not."""
        self._is_stacked = is_stacked
        policy = Qt.ScrollBarPolicy
        self.setVerticalScrollBarPolicy(policy.ScrollBarAlwaysOff if is_stacked else policy.ScrollBarAsNeeded)
        self.updateGeometry()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stacked, it changes its own size with what it holds."""
        done = super().eventFilter(watched, event)
        if event.type() is QEvent.Type.LayoutRequest and self._is_stacked:
            self.updateGeometry()
        return done

    def minimumSizeHint(self) -> QSize:
        """A few lines; stacked, everything."""
        if not self._is_stacked:
            return QSize(0, self._look.px(120))
        tall = max(self.inner.heightForWidth(self.viewport().width()), self.inner.minimumSizeHint().height())
        return QSize(0, tall)

    def sizeHint(self) -> QSize:
        """What was wished; stacked, everything."""
        if self._is_stacked:
            return self.minimumSizeHint()
        return QSize(0, self._look.px(self._wished))


class Entries(QPlainTextEdit):
    """A field with one entry on each line; as tall as its lines, within bounds. Tab leaves it."""

    def __init__(self, look: Look, name: str, least: int = 2, most: int = 7, *, mono: bool = False) -> None:
        super().__init__()
        self._look, self._least, self._most, self._mono = look, least, most, mono
        self.setAccessibleName(name)
        self.setTabChangesFocus(True)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        self.blockCountChanged.connect(lambda _lines: self._fit())
        look.changed.connect(self._fit)
        self._fit()

    def _fit(self) -> None:
        if self._mono:
            face = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
            face.setPixelSize(self._look.px(tokens.CONTROL.px))
            self.setFont(face)
        lines = min(self._most, max(self._least, self.blockCount()))
        self.setFixedHeight(self._look.px(20) * lines + self._look.px(18))


class Choice(QComboBox):
    """A choice of one line; the wheel scrolls what it stands in and chooses nothing by accident."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumContentsLength(8)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Not for this."""
        event.ignore()


class Labelled(QWidget):
    """A part with its label above it, and a hint at the right."""

    def __init__(self, look: Look, label: str, part: QWidget, hint: str = "") -> None:
        super().__init__()
        name: QLabel = Words(look, label, tokens.META, "t2", 600)
        name.setBuddy(part)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(3)
        box.addWidget(name)
        box.addWidget(part)
        if hint:
            box.addWidget(Words(look, hint, tokens.LABEL, "t3", wrap=True))


class _Lines(QAbstractTableModel):
    """Lines that are made when they are looked at: there may be thousands."""

    def __init__(self) -> None:
        super().__init__()
        self.keys: Sequence[str] = ()
        self.line_of: Callable[[int], Entry] = _no_line

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = ROOT) -> int:
        """How many lines there are."""
        return 0 if parent.isValid() else len(self.keys)

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex = ROOT) -> int:
        """One."""
        return 0 if parent.isValid() else 1

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = int(Qt.ItemDataRole.DisplayRole)
    ) -> object:
        """A line's runs, or its words as a screen reader says them."""
        if not index.isValid():
            return None
        if role == RUNS:
            return self.line_of(index.row())[2:]
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}:
            return self.line_of(index.row())[1]
        return None

    def put(self, keys: Sequence[str], line_of: Callable[[int], Entry]) -> bool:
        """Takes other lines; whether they are other keys, and not only other words."""
        self.line_of = line_of
        if self.keys == keys:
            return False
        self.beginResetModel()
        self.keys = keys
        self.endResetModel()
        return True


def _no_line(_: int) -> Entry:
    return "", "", (), ()


class RunsList(QTableView):
    """A list whose lines are runs; each has a key. `chose` is told the key of a line that a person chose."""

    chose = Signal(str)

    def __init__(self, look: Look, name: str, least: int = 4) -> None:
        """`least` is how many lines can always be seen."""
        super().__init__()
        self._look, self._least = look, least
        self._is_filling = False
        self._lines = _Lines()
        self.setModel(self._lines)
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setItemDelegate(_RunsDelegate(look, self))
        self.setVerticalScrollMode(self.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setSelectionMode(self.SelectionMode.SingleSelection)
        self.setEditTriggers(self.EditTrigger.NoEditTriggers)
        self.horizontalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self._relooked()
        self.selectionModel().currentChanged.connect(self._moved)
        look.changed.connect(self._relooked)

    def _relooked(self) -> None:
        for part in (self.verticalHeader(), self.horizontalHeader()):
            part.setMinimumSectionSize(1)
        self.verticalHeader().setDefaultSectionSize(self._look.px(PITCH))
        self.setStyleSheet(f"background: {self._look.theme.sheet}; border: none;")
        self.updateGeometry()

    def minimumSizeHint(self) -> QSize:
        """The lines that can always be seen."""
        return QSize(0, self._look.px(PITCH) * self._least)

    def sizeHint(self) -> QSize:
        """All lines, within bounds."""
        lines = max(self._least, min(14, len(self._lines.keys)))
        return QSize(self._look.px(240), self._look.px(PITCH) * lines)

    def _moved(self, now: QModelIndex, _: QModelIndex) -> None:
        if now.isValid() and not self._is_filling:
            self.chose.emit(self._lines.keys[now.row()])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Home and End go to the first and last line; Qt would go along the line."""
        last = len(self._lines.keys) - 1
        wanted = {Qt.Key.Key_Home: 0, Qt.Key.Key_End: last}.get(Qt.Key(event.key()))
        if wanted is not None and last >= 0:
            self.setCurrentIndex(self._lines.index(wanted, 0))
            return
        super().keyPressEvent(event)

    def fill(self, lines: Sequence[Entry], chosen: str | None) -> None:
        """Shows these lines; tells nobody."""
        self.fill_with([line[0] for line in lines], lambda row: lines[row], chosen)

    def fill_with(self, keys: Sequence[str], line_of: Callable[[int], Entry], chosen: str | None) -> None:
        """Shows a line for each key; one is made when it is looked at. Tells nobody."""
        self._is_filling = True
        is_new = self._lines.put(keys, line_of)
        if is_new:
            self.updateGeometry()
        if is_new or chosen != self.chosen:
            place = keys.index(chosen) if chosen in keys else -1
            self.setCurrentIndex(self._lines.index(place, 0) if place >= 0 else ROOT)
            self.scrollTo(self.currentIndex())
        self._is_filling = False
        self.viewport().update()

    @property
    def chosen(self) -> str | None:
        """The key of the line under the cursor."""
        now = self.currentIndex()
        return self._lines.keys[now.row()] if now.isValid() else None


class _RunsDelegate(QStyledItemDelegate):
    """Paints the lines of a list of runs."""

    def __init__(self, look: Look, parent: QTableView) -> None:
        super().__init__(parent)
        self._look, self._list = look, parent

    def sizeHint(self, _: QStyleOptionViewItem, __: QModelIndex | QPersistentModelIndex) -> QSize:
        """One line."""
        return QSize(0, self._look.px(PITCH))

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Paints ground, runs and focus."""
        look, box = self._look, QRectF(option.rect)
        left, right = index.data(RUNS)
        is_on = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        if is_on:
            painter.fillRect(box, color(look.theme.bg3))
            painter.fillRect(QRectF(box.x(), box.y(), 3, box.height()), color(look.theme.accent))
        middle, inset = box.center().y(), look.px(10)
        start = box.right() - inset - runs_width(look, right)
        paint_runs(painter, look, right, start, middle, box.right() + 1)
        paint_runs(painter, look, left, box.x() + inset, middle, start - look.px(8))
        if is_on and self._list.hasFocus():
            paint_focus(painter, look, box)
        painter.restore()
