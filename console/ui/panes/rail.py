"""The rail: lanes with what is unseen in each, and accounts by health, worst first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from console.ui import theme as tokens
from console.ui.glyphs import glyph
from console.ui.marks import grade_mark, network_mark
from console.ui.parts import Look, Pressable, Rule, key_width, paint_focus, paint_key, tip
from console.ui.theme import color

WIDE = 256
NARROW = 64
PITCH = 30


@dataclass(frozen=True, slots=True)
class RailLine:
    """One line of the rail."""

    key: str
    """What is asked for when it is chosen."""
    words: str
    glyph: str = ""
    grade: int = 0
    network: tuple[str, str] | None = None
    number: str = ""
    oldest: str = ""
    state: str = ""
    """An account's health, in words."""
    state_glyph: str = ""
    state_ink: str = "t3"
    current: bool = False

    @property
    def spoken(self) -> str:
        """The line as a sentence."""
        parts = [self.words]
        if self.number:
            parts.append(f"{self.number} unseen")
        if self.oldest:
            parts.append(f"oldest {self.oldest}")
        if self.state:
            parts.append(self.state)
        return ", ".join(parts)


class RailButton(Pressable):
    """A line of the rail that can be chosen."""

    def __init__(self, look: Look, choose: Callable[[str], None]) -> None:
        super().__init__()
        self._look = look
        self._line = RailLine("", "")
        self.narrow = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.clicked.connect(lambda _checked=False: choose(self._line.key))

    def say(self, line: RailLine) -> None:
        """Shows another line."""
        if line != self._line:
            self._line = line
            self.setAccessibleName(line.spoken)
            self.show_narrow(self.narrow)

    def show_narrow(self, narrow: bool) -> None:
        """Narrow, it is a mark over a number, and its words are a tip."""
        self.narrow = narrow
        tip(self, self._line.spoken if narrow else "")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """One row of the rail."""
        return QSize(self._look.px(NARROW), self._look.px(44 if self.narrow else PITCH))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter chooses; up and down go to the neighbours."""
        match event.key():
            case Qt.Key.Key_Down:
                self.focusNextChild()
            case Qt.Key.Key_Up:
                self.focusPreviousChild()
            case _:
                super().keyPressEvent(event)

    def paintEvent(self, _: QPaintEvent) -> None:
        """Paints it, wide or narrow."""
        painter = QPainter(self)
        look, line = self._look, self._line
        box = QRectF(look.px(6), 1, self.width() - look.px(12), self.height() - 2)
        if line.current:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color(look.theme.rail_on))
            painter.drawRoundedRect(box, 4, 4)
            painter.fillRect(QRectF(box.x(), box.y() + 5, 3, box.height() - 10), color(look.theme.accent))
        if self.narrow:
            self._paint_narrow(painter, box)
        else:
            self._paint_wide(painter, box)
        if self.hasFocus():
            paint_focus(painter, look, box)

    def _paint_mark(self, painter: QPainter, x: float, middle: float) -> None:
        look, line, scale = self._look, self._line, self.devicePixelRatioF()
        if line.grade:
            radius = look.px(8)
            mark = grade_mark(line.grade, radius, look.theme.name, scale)
            painter.drawPixmap(QPointF(x - radius - 2, middle - radius - 2), mark)
        elif line.network:
            mark = network_mark(*line.network, look.theme.name, look.percent, scale)
            width = mark.width() / mark.devicePixelRatio()
            painter.drawPixmap(QPointF(x - width / 2, middle - look.px(8)), mark)
        else:
            size = look.px(16)
            ink = look.theme.t1 if line.current else look.theme.t2
            painter.drawPixmap(
                QPointF(x - size / 2, middle - size / 2), glyph(line.glyph or "filter", size, ink, scale)
            )

    def _paint_wide(self, painter: QPainter, box: QRectF) -> None:
        look, line = self._look, self._line
        middle = box.center().y()
        self._paint_mark(painter, look.px(25), middle)
        end = box.right() - look.px(8)
        meta = look.font(tokens.META)
        metrics = QFontMetricsF(meta)
        painter.setFont(meta)
        if line.state:
            painter.setFont(look.font(tokens.META, 600 if line.state_ink != "t3" else 400))
            width = QFontMetricsF(painter.font()).horizontalAdvance(line.state)
            painter.setPen(color(look.colour(line.state_ink)))
            end -= width
            self._text(painter, end, middle, line.state)
            size = look.px(14)
            end -= size + look.px(4)
            ink = "confirmed" if line.state_glyph == "live" else line.state_ink
            painter.drawPixmap(
                QPointF(end, middle - size / 2),
                glyph(line.state_glyph, size, look.colour(ink), self.devicePixelRatioF()),
            )
        elif line.number:
            painter.setPen(color(look.theme.t3))
            place = end - metrics.horizontalAdvance(line.oldest)
            self._text(painter, place, middle, line.oldest)
            painter.setFont(look.font(tokens.CONTROL, 700))
            painter.setPen(color(look.theme.t1))
            width = QFontMetricsF(painter.font()).horizontalAdvance(line.number)
            end = box.right() - look.px(52) - width
            self._text(painter, end, middle, line.number)
        strong = 600 if not line.network else 500
        face = look.font(tokens.CONTROL, strong)
        painter.setFont(face)
        painter.setPen(color(look.theme.t1 if not line.network or line.current else look.theme.t2))
        x = look.px(42)
        words = QFontMetricsF(face).elidedText(line.words, Qt.TextElideMode.ElideRight, end - x - look.px(8))
        self._text(painter, x, middle, words)

    def _paint_narrow(self, painter: QPainter, box: QRectF) -> None:
        look, line = self._look, self._line
        self._paint_mark(painter, box.center().x(), box.y() + look.px(13))
        under = QRectF(box.x(), box.y() + look.px(24), box.width(), look.px(16))
        if line.state:
            size = look.px(14)
            ink = "confirmed" if line.state_glyph == "live" else line.state_ink
            painter.drawPixmap(
                QPointF(under.center().x() - size / 2, under.y()),
                glyph(line.state_glyph, size, look.colour(ink), self.devicePixelRatioF()),
            )
            return
        painter.setFont(look.font(tokens.LABEL, 600))
        painter.setPen(color(look.theme.t1))
        painter.drawText(under, Qt.AlignmentFlag.AlignCenter, line.number)

    @staticmethod
    def _text(painter: QPainter, x: float, middle: float, words: str) -> None:
        metrics = QFontMetricsF(painter.font())
        painter.drawText(QPointF(x, middle + (metrics.ascent() - metrics.descent()) / 2), words)


class _Lines(QWidget):
    """Some lines of the rail under one another; as many buttons as lines."""

    def __init__(self, look: Look, choose: Callable[[str], None]) -> None:
        super().__init__()
        self._look, self._choose = look, choose
        self._buttons: list[RailButton] = []
        self._narrow = False
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(0)

    def say(self, lines: Sequence[RailLine]) -> None:
        while len(self._buttons) < len(lines):
            button = RailButton(self._look, self._choose)
            button.narrow = self._narrow
            self._buttons.append(button)
            self._box.addWidget(button)
        while len(self._buttons) > len(lines):
            self._buttons.pop().deleteLater()
        for button, line in zip(self._buttons, lines, strict=True):
            button.say(line)

    def set_narrow(self, narrow: bool) -> None:
        self._narrow = narrow
        for button in self._buttons:
            button.show_narrow(narrow)

    def focus_first(self) -> bool:
        if self._buttons:
            self._buttons[0].setFocus(Qt.FocusReason.ShortcutFocusReason)
        return bool(self._buttons)


class Foot(QWidget):
    """Who sits here, and the key of the key sheet."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._words = ""
        self.narrow = False

    def say(self, words: str) -> None:
        """Shows another operator."""
        self._words = words
        self.setAccessibleName(words)
        self.update()

    def sizeHint(self) -> QSize:
        """One line."""
        return QSize(self._look.px(NARROW), self._look.px(40))

    def paintEvent(self, _: QPaintEvent) -> None:
        """Paints it."""
        look = self._look
        painter = QPainter(self)
        painter.fillRect(QRectF(0, 0, self.width(), 1), color(look.theme.line))
        middle = self.height() / 2
        width = key_width(look, "?")
        place = self.width() - look.px(14) - width if not self.narrow else (self.width() - width) / 2
        paint_key(painter, look, "?", QPointF(place, middle))
        if self.narrow:
            return
        size = look.px(16)
        picture = glyph("person", size, look.theme.t2, self.devicePixelRatioF())
        painter.drawPixmap(QPointF(look.px(17), middle - size / 2), picture)
        face = look.font(tokens.META)
        painter.setFont(face)
        painter.setPen(color(look.theme.t2))
        room = place - look.px(50)
        words = QFontMetricsF(face).elidedText(self._words, Qt.TextElideMode.ElideRight, room)
        metrics = QFontMetricsF(face)
        painter.drawText(QPointF(look.px(42), middle + (metrics.ascent() - metrics.descent()) / 2), words)


class Rail(QWidget):
    """The column at the left."""

    def __init__(
        self, look: Look, choose_lane: Callable[[str], None], choose_account: Callable[[str], None]
    ) -> None:
        super().__init__()
        self.setAccessibleName("Lanes and accounts")
        self._look = look
        self._narrow = False
        self._grade_head = _Head(look, "Lanes by grade")
        self._account_head = _Head(look, "Accounts by health", numbers=False)
        self._grades = _Lines(look, choose_lane)
        self._others = _Lines(look, choose_lane)
        self._accounts = _Lines(look, choose_account)
        self._foot = Foot(look)
        held = QWidget()
        inner = QVBoxLayout(held)
        inner.setContentsMargins(0, look.px(8), 0, 0)
        inner.setSpacing(look.px(4))
        inner.addWidget(self._grade_head)
        inner.addWidget(self._grades)
        inner.addSpacing(look.px(6))
        inner.addWidget(Rule(look))
        inner.addSpacing(look.px(6))
        inner.addWidget(self._others)
        inner.addSpacing(look.px(6))
        inner.addWidget(Rule(look))
        inner.addSpacing(look.px(4))
        inner.addWidget(self._account_head)
        inner.addWidget(self._accounts)
        inner.addStretch(1)
        scroll = QScrollArea()
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(held)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 1, 0)
        box.setSpacing(0)
        box.addWidget(scroll, 1)
        box.addWidget(self._foot)
        look.changed.connect(lambda: self.set_narrow(self._narrow))
        self.set_narrow(False)

    def say(
        self,
        grades: Sequence[RailLine],
        others: Sequence[RailLine],
        accounts: Sequence[RailLine],
        operator: str,
    ) -> None:
        """Shows other lines."""
        self._grades.say(grades)
        self._others.say(others)
        self._accounts.say(accounts)
        self._foot.say(operator)

    def set_narrow(self, narrow: bool) -> None:
        """Shows marks over counts instead of names."""
        self._narrow = narrow
        self.setFixedWidth(self._look.px(NARROW if narrow else WIDE))
        self._grade_head.setVisible(not narrow)
        self._account_head.setVisible(not narrow)
        for lines in (self._grades, self._others, self._accounts):
            lines.set_narrow(narrow)
        self._foot.narrow = narrow
        self._foot.update()

    def take_focus(self) -> None:
        """Puts the focus on the first lane."""
        self._grades.focus_first()

    def paintEvent(self, _: QPaintEvent) -> None:
        """Paints the ground and the line at the right."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), color(self._look.theme.bg0))
        painter.fillRect(QRectF(self.width() - 1, 0, 1, self.height()), color(self._look.theme.line))


class _Head(QWidget):
    """The heading of a part, with the names of the two columns of numbers."""

    def __init__(self, look: Look, words: str, *, numbers: bool = True) -> None:
        super().__init__()
        self._look, self._words, self._numbers = look, words, numbers

    def sizeHint(self) -> QSize:
        return QSize(self._look.px(NARROW), self._look.px(26))

    def paintEvent(self, _: QPaintEvent) -> None:
        look = self._look
        painter = QPainter(self)
        painter.setFont(look.font(tokens.LABEL))
        painter.setPen(color(look.theme.t3))
        box = QRectF(look.px(16), 0, self.width() - look.px(30), self.height())
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(box, middle | Qt.AlignmentFlag.AlignLeft, self._words)
        if self._numbers:
            painter.drawText(box, middle | Qt.AlignmentFlag.AlignRight, "oldest")
            near = box.adjusted(0, 0, -look.px(44), 0)
            painter.drawText(near, middle | Qt.AlignmentFlag.AlignRight, "unseen")
