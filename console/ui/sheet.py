"""Sheets: dialogs inside the window, over a scrim that leaves the incident bar and the act strip clear.

They are widgets and not dialogs of the system: no nested loop runs, nothing waits, and Esc always leaves.
"""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QFrame, QScrollArea, QVBoxLayout, QWidget

from console.ui.focus import go_round_inside
from console.ui.parts import Look


class Sheet(QFrame):
    """What a sheet holds. Subclasses fill `box`, and may answer keys in `pressed`."""

    wide = 720
    """The sheet's width at 100 % text, in pixels."""

    def __init__(self, look: Look, title: str) -> None:
        super().__init__()
        self.setObjectName("sheet")
        self.setAccessibleName(title)
        self.look = look
        self.box = QVBoxLayout(self)
        self.box.setContentsMargins(28, 24, 28, 24)
        self.box.setSpacing(8)
        self.on_leave: Callable[[], None] = lambda: None
        """What closes the sheet; set by whoever shows it."""
        self.on_resize: Callable[[], None] = lambda: None
        """What fits the sheet to its content again; set by whoever shows it."""

    def leave(self) -> None:
        """Closes the sheet."""
        self.on_leave()

    def first(self) -> QWidget | None:
        """What gets the focus; None for the first that can have it."""
        return None

    def pressed(self, event: QKeyEvent) -> bool:
        """Answers a key that no field took; whether it did."""
        del event
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc leaves; other keys are for the sheet, and then for what scrolls it."""
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
            return
        event.setAccepted(self.pressed(event))


class Scrim(QWidget):
    """Darkens what lies below and holds one sheet at a time."""

    def __init__(self, look: Look, parent: QWidget, back_to: Callable[[], None]) -> None:
        super().__init__(parent)
        self._look = look
        self._back_to = back_to
        self.sheet: Sheet | None = None
        self._frame = QScrollArea(self)
        """Around the sheet; it scrolls one that is taller than the room, at large text."""
        self._frame.setFrameShape(QFrame.Shape.NoFrame)
        self._frame.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._frame.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._frame.viewport().setAutoFillBackground(False)
        self.hide()
        parent.installEventFilter(self)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._follow)

    def open(self, sheet: Sheet) -> None:
        """Shows a sheet; another one that is open is left first."""
        self.close_sheet()
        self.sheet = sheet
        self._frame.setWidget(sheet)
        sheet.setAutoFillBackground(False)  # its corners are round
        sheet.on_leave = self.close_sheet
        sheet.on_resize = self.refit
        self._place()
        self.show()
        self.raise_()
        sheet.show()
        self.refit()
        first = sheet.first()
        if first is not None:
            first.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            sheet.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            sheet.setFocus(Qt.FocusReason.OtherFocusReason)

    def close_sheet(self) -> None:
        """Leaves the sheet; the lane has the focus again."""
        sheet, self.sheet = self.sheet, None
        if sheet is not None:
            self._frame.takeWidget()
            sheet.hide()
            sheet.deleteLater()
            self.hide()
            self._back_to()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follows the size of what it covers."""
        if event.type() is QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        parent = self.parentWidget()
        if parent is None:
            return
        top, foot = self._look.px(56), self._look.px(40)
        self.setGeometry(0, top, parent.width(), max(0, parent.height() - top - foot))
        if self.sheet is not None:
            bar = self._frame.verticalScrollBar().sizeHint().width()
            width = min(self._look.px(self.sheet.wide), self.width() - 24 - bar)
            self.sheet.setFixedWidth(width)
            wanted = self.sheet.heightForWidth(width)
            least = wanted if wanted > 0 else self.sheet.minimumSizeHint().height()
            height = min(max(wanted, least, self.sheet.sizeHint().height()), self.height() - 16)
            left, top = (self.width() - width) // 2, (self.height() - height) // 2
            scrolls = least > height
            policy = Qt.ScrollBarPolicy
            self._frame.setVerticalScrollBarPolicy(
                policy.ScrollBarAlwaysOn if scrolls else policy.ScrollBarAlwaysOff
            )
            self._frame.setGeometry(left, top, width + (bar if scrolls else 0), height)
            self.sheet.resize(width, max(height, least))

    def _follow(self, _: QWidget | None, now: QWidget | None) -> None:
        """What gets the focus is scrolled into view."""
        if now is not None and self.sheet is not None and self.sheet.isAncestorOf(now):
            self._frame.ensureWidgetVisible(now)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """No key reaches the lane below."""
        event.accept()

    def refit(self) -> None:
        """The sheet's content changed its size."""
        QApplication.sendPostedEvents()
        self._place()

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes round inside the sheet."""
        return self.sheet is not None and go_round_inside(self.sheet, forward)

    def mousePressEvent(self, event: object) -> None:
        """A click beside the sheet does nothing."""
        del event

    def paintEvent(self, _: QPaintEvent) -> None:
        """Paints the scrim."""
        shade = QColor(0, 0, 0)
        shade.setAlphaF(self._look.theme.scrim_share)
        QPainter(self).fillRect(QRectF(self.rect()), shade)
