"""The first choice: an exercise, or an account of one's own."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QPainter, QPaintEvent, QPen, QTextLayout, QTextOption
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from console.ui import theme as tokens
from console.ui.glyphs import glyph
from console.ui.parts import Look, Pressable, Words, paint_key
from console.ui.theme import color


class Mark(QWidget):
    """Our own mark: an open ring round a dot."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.setFixedSize(look.px(56), look.px(56))

    def paintEvent(self, _: QPaintEvent) -> None:
        """Paints it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = self.width()
        pen = QPen(color(self._look.theme.accent), side / 14)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        ring = QRectF(side * 0.14, side * 0.14, side * 0.72, side * 0.72)
        painter.drawArc(ring, 60 * 16, 300 * 16)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color(self._look.theme.t1))
        painter.drawEllipse(QPointF(side / 2, side / 2), side * 0.11, side * 0.11)


class Panel(Pressable):
    """One of the two ways to begin."""

    def __init__(
        self,
        look: Look,
        title: str,
        key: str,
        sign: str,
        words: str,
        facts: Sequence[str],
        act: Callable[[], None],
    ) -> None:
        super().__init__()
        self._look, self._title, self._key, self._sign = look, title, key, sign
        self._text, self._facts = words, facts
        self.setAccessibleName(f"{title}. {words} {' '.join(facts)}")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.clicked.connect(lambda _checked=False: act())

    def sizeHint(self) -> QSize:
        """Equal panels."""
        return QSize(self._look.px(360), self._look.px(250))

    def paintEvent(self, _: QPaintEvent) -> None:
        """Paints it."""
        look = self._look
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        focused = self.hasFocus()
        width = 3 if look.theme.is_contrast else 2
        frame = color(look.theme.accent if focused else look.theme.line2)
        painter.setPen(QPen(frame, width if focused else 1))
        painter.setBrush(color(look.theme.sheet))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 8, 8)
        inset = look.px(24)
        size = look.px(20)
        picture = glyph(self._sign, size, look.theme.accent, self.devicePixelRatioF())
        painter.drawPixmap(QPointF(inset, look.px(26)), picture)
        painter.setPen(color(look.theme.t1))
        head = QRectF(inset + look.px(32), look.px(20), self.width() - 2 * inset - look.px(60), look.px(32))
        fits = QFontMetricsF(look.font(tokens.TITLE)).horizontalAdvance(self._title) <= head.width()
        painter.setFont(look.font(tokens.TITLE if fits else tokens.BAR))
        painter.drawText(head, Qt.AlignmentFlag.AlignVCenter, self._title)
        paint_key(
            painter, look, self._key, QPointF(self.width() - inset - look.px(20), look.px(36)), filled=focused
        )
        y = self._paragraph(painter, self._text, look.px(66), tokens.STANDARD, "t2")
        y += look.px(12)
        for fact in self._facts:
            tick = glyph("tick", look.px(14), look.theme.confirmed, self.devicePixelRatioF())
            painter.drawPixmap(QPointF(inset, y + 1), tick)
            y = self._paragraph(painter, fact, y, tokens.META, "t2", look.px(24)) + look.px(4)

    def _paragraph(
        self, painter: QPainter, words: str, y: float, kind: tokens.Type, ink: str, indent: float = 0
    ) -> float:
        look = self._look
        inset = look.px(24) + indent
        layout = QTextLayout(words, look.font(kind))
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WordWrap)
        layout.setTextOption(option)
        layout.beginLayout()
        height = look.px(kind.line)
        painter.setPen(color(look.colour(ink)))
        while (line := layout.createLine()).isValid():
            line.setLineWidth(self.width() - inset - look.px(24))
            line.setPosition(QPointF(0, y))
            y += height
        layout.endLayout()
        layout.draw(painter, QPointF(inset, 0))
        return y


class _Frame(QScrollArea):
    """Scrolls up and down; the arrows to the sides choose a panel."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Left, Qt.Key.Key_Right}:
            event.ignore()
        else:
            super().keyPressEvent(event)


class FirstRun(QWidget):
    """Shown instead of the desk while there is no account; scrolled where large text needs more room."""

    def __init__(self, look: Look, exercise: Callable[[], None], connect: Callable[[], None]) -> None:
        super().__init__()
        self._look = look
        self.setAccessibleName("Cordon: how to begin")
        self.exercise = Panel(
            look,
            "Start an exercise",
            "1",
            "exercise",
            "An invented incident in an invented town, played at real speed. "
            "Learn the keys with nothing at stake.",
            (
                "Nothing leaves this computer.",
                "Kept apart from every real account.",
                "Leave it when you like; start again from the beginning.",
            ),
            exercise,
        )
        self.connect_account = Panel(
            look,
            "Connect an account",
            "2",
            "add",
            "Watch one of your own accounts. You will need its sign-in, or the person who holds it.",
            (
                "Reading only, until you allow acting.",
                "Tested before anything is saved.",
                "The sign-in is kept sealed, never in clear.",
            ),
            connect,
        )
        panels = QHBoxLayout()
        panels.setSpacing(24)
        panels.addWidget(self.exercise)
        panels.addWidget(self.connect_account)
        inner = QVBoxLayout()
        inner.setSpacing(10)
        name = Words(look, "Cordon", tokens.TITLE)
        said = Words(
            look,
            "Watch and moderate what the public says on your force's accounts, and prove it was right.",
            tokens.STANDARD,
            "t2",
        )
        foot = Words(
            look, "Everything stays on this computer until you connect something.", tokens.META, "t3"
        )
        for part in (name, said, foot):
            part.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        inner.addWidget(Mark(look), 0, Qt.AlignmentFlag.AlignHCenter)
        inner.addWidget(name)
        inner.addWidget(said)
        inner.addSpacing(18)
        inner.addLayout(panels)
        inner.addSpacing(18)
        inner.addWidget(foot)
        held = QWidget()
        held.setLayout(inner)
        held.setMaximumWidth(look.px(820))
        middle = QWidget()
        box = QVBoxLayout(middle)
        box.addStretch(1)
        line = QHBoxLayout()
        line.addStretch(1)
        line.addWidget(held, 6)
        line.addStretch(1)
        box.addLayout(line)
        box.addStretch(1)
        frame = _Frame()
        frame.setFrameShape(QFrame.Shape.NoFrame)
        frame.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        frame.setWidgetResizable(True)
        frame.setWidget(middle)
        frame.viewport().setAutoFillBackground(False)
        middle.setAutoFillBackground(False)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(frame)

    def take_focus(self) -> None:
        """The exercise has the focus."""
        self.exercise.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows choose, 1 and 2 start."""
        match event.key():
            case Qt.Key.Key_1:
                self.exercise.click()
            case Qt.Key.Key_2:
                self.connect_account.click()
            case Qt.Key.Key_Left | Qt.Key.Key_Right:
                other = (
                    self.connect_account if self.window().focusWidget() is self.exercise else self.exercise
                )
                other.setFocus(Qt.FocusReason.OtherFocusReason)
            case _:
                event.ignore()

    def paintEvent(self, _: QPaintEvent) -> None:
        """Paints the ground."""
        QPainter(self).fillRect(self.rect(), color(self._look.theme.bg0))
