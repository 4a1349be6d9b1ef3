"""Toasts: what was just done and how to take it back, over the foot of the pane, never over the lane."""

from collections.abc import Callable
from dataclasses import dataclass, field

from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from console.ui import theme as tokens
from console.ui.parts import Line, Look, Run, announce
from console.ui.text import age
from console.ui.theme import color

LASTS_MS = 8_000
MOST = 2


@dataclass
class Toast:
    """One message; `until` makes it a hold that counts down."""

    title: str
    detail: str
    glyph: str
    ink: str
    action: str = ""
    key: str = ""
    made_at: int = 0
    until: int | None = None
    holds: bool = False
    lines: list[Line] = field(default_factory=list)


class Toasts(QWidget):
    """At most two toasts, the newest at the bottom; they never take the focus."""

    def __init__(self, look: Look, parent: QWidget, now: Callable[[], int]) -> None:
        super().__init__(parent)
        self._look, self._now = look, now
        self._toasts: list[tuple[Toast, _Card]] = []
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(8)
        self._timer = QTimer(self)
        self._timer.setInterval(500)
        self._timer.timeout.connect(self._tick)

    def show_toast(self, toast: Toast) -> None:
        """Shows one more; the oldest goes when there are too many."""
        toast.made_at = self._now()
        if toast.until is None:
            toast.until = toast.made_at + LASTS_MS
        card = _Card(self._look, toast, self._now)
        self._toasts.append((toast, card))
        self._box.addWidget(card)
        while len(self._toasts) > MOST:
            self._drop(0)
        self._timer.start()
        self.place()
        self.show()
        self.raise_()
        announce(self, card.accessibleName())

    def drop_holds(self) -> None:
        """Takes away every countdown: what waited was cancelled or sent."""
        for number in reversed(range(len(self._toasts))):
            if self._toasts[number][0].holds:
                self._drop(number)
        self.place()

    def _drop(self, number: int) -> None:
        _, card = self._toasts.pop(number)
        self._box.removeWidget(card)
        card.hide()
        card.deleteLater()

    def _tick(self) -> None:
        now = self._now()
        for number in reversed(range(len(self._toasts))):
            toast, card = self._toasts[number]
            if toast.until is not None and now >= toast.until:
                self._drop(number)
            else:
                card.tell()
        if not self._toasts:
            self._timer.stop()
            self.hide()
        self.place()

    def place(self) -> None:
        """Stands over the foot of the pane."""
        parent = self.parentWidget()
        if parent is None or not self._toasts:
            return
        width = min(parent.width() - 24, self._look.px(416))
        height = len(self._toasts) * (self._look.px(64) + 8) - 8
        self.setGeometry(
            parent.width() - width - 12, parent.height() - height - self._look.px(40) - 12, width, height
        )


class _Card(QWidget):
    """One toast."""

    def __init__(self, look: Look, toast: Toast, now: Callable[[], int]) -> None:
        super().__init__()
        self._look, self._toast, self._now = look, toast, now
        self.setFixedHeight(look.px(64))
        self._title, self._detail = Line(look, 24), Line(look, 20)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, look.px(8), 0, look.px(10))
        box.setSpacing(0)
        box.addWidget(self._title)
        box.addWidget(self._detail)
        self.tell()

    def tell(self) -> None:
        """Says it, with the seconds that are left of a hold."""
        toast = self._toast
        left = max(0, (toast.until or 0) - self._now())
        title = f"{toast.title} in {age(left + 999)}" if toast.holds else toast.title
        right = [Run(toast.action, "t1", tokens.CONTROL, 600), Run(key=toast.key)] if toast.action else []
        self._title.say(
            title, [Run(glyph=toast.glyph, ink=toast.ink), Run(title, "t1", tokens.CONTROL, 600)], right
        )
        self._detail.say(toast.detail, [Run("", gap=16), Run(toast.detail, "t2", tokens.META)])
        self.setAccessibleName(f"{title}. {toast.detail}")
        self.update()

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = self._look.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(color(theme.line2))
        painter.setBrush(color(theme.sheet))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        toast = self._toast
        span = max(1, (toast.until or 0) - toast.made_at)
        share = max(0.0, min(1.0, ((toast.until or 0) - self._now()) / span))
        ink = theme.held if toast.holds else theme.line2
        painter.fillRect(QRectF(8, self.height() - 4, round((self.width() - 16) * share), 2), color(ink))
