"""The small parts that every pane is made of: words, glyphs, key caps, lines of mixed runs.

They take their colours and sizes from one `Look` and follow it when it changes. Every label shows plain
text: nothing from a network is ever parsed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QFont,
    QFontMetricsF,
    QKeyEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPalette,
    QPen,
)
from PySide6.QtWidgets import QAbstractButton, QLabel, QSizePolicy, QWidget

from console.ui import theme as tokens
from console.ui.glyphs import glyph
from console.ui.marks import grade_mark, network_mark, network_width
from console.ui.theme import Density, Theme, Type, color, font


class Look(QObject):
    """How everything looks now; `changed` says that it looks different."""

    changed = Signal()

    def __init__(self, theme: Theme, density: Density = Density.STANDARD, percent: int = 100) -> None:
        super().__init__()
        self.theme = theme
        self.density = density
        self.percent = percent

    def set(self, theme: Theme, density: Density, percent: int) -> None:
        """Looks different from now on."""
        if (theme, density, percent) != (self.theme, self.density, self.percent):
            self.theme, self.density, self.percent = theme, density, percent
            self.changed.emit()

    def px(self, value: float) -> int:
        """Pixels at the text scale."""
        return round(value * self.percent / 100)

    def colour(self, ink: str) -> str:
        """A colour by the name of its token."""
        return str(getattr(self.theme, ink))

    def font(self, kind: Type, weight: int | None = None) -> QFont:
        """A font of the type scale."""
        return font(kind, self.percent, weight)


class Words(QLabel):
    """Plain words in one step of the type scale; with `elided` they end in … instead of wrapping."""

    def __init__(
        self,
        look: Look,
        text: str = "",
        kind: Type = tokens.META,
        ink: str = "t1",
        weight: int | None = None,
        *,
        wrap: bool = False,
        elided: bool = False,
    ) -> None:
        super().__init__()
        self._look = look
        self._kind, self._ink, self._weight = kind, ink, weight
        self._elided = elided
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self.setWordWrap(wrap)
        if elided:
            self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setText(text)
        self.apply()
        look.changed.connect(self.apply)

    def apply(self) -> None:
        """Takes colours and sizes from the look."""
        self.setFont(self._look.font(self._kind, self._weight))
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.WindowText, color(self._look.colour(self._ink)))
        self.setPalette(palette)

    def set_ink(self, ink: str) -> None:
        """Another colour from now on."""
        if ink != self._ink:
            self._ink = ink
            self.apply()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Elided words are drawn here; others by Qt."""
        if not self._elided:
            super().paintEvent(event)
            return
        painter = QPainter(self)
        painter.setFont(self.font())
        painter.setPen(color(self._look.colour(self._ink)))
        words = QFontMetricsF(self.font()).elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignVCenter | self.alignment()), words)


class Rule(QWidget):
    """A hairline."""

    def __init__(self, look: Look, *, upright: bool = False) -> None:
        super().__init__()
        self._look = look
        if upright:
            self.setFixedWidth(1)
        else:
            self.setFixedHeight(1)
        look.changed.connect(self.update)

    def paintEvent(self, _: QPaintEvent) -> None:
        """Paints it."""
        QPainter(self).fillRect(self.rect(), color(self._look.theme.line))


class Surface(QWidget):
    """A plain ground for other parts, in one of the surface tokens."""

    def __init__(self, look: Look, ground: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.ground = ground
        look.changed.connect(self.update)

    def paintEvent(self, _: QPaintEvent) -> None:
        """Paints the ground."""
        QPainter(self).fillRect(self.rect(), color(self._look.colour(self.ground)))


def announce(part: QWidget, words: str) -> None:
    """Lets screen readers say words at the next pause, wherever the focus is."""
    QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(part, words))


def tip(part: QWidget, words: str) -> None:
    """Words that appear when the pointer rests on a part, as plain text, and for screen readers.

    Qt would take a tip that looks like markup for markup, so nothing else calls `setToolTip`.
    """
    part.setToolTip(f"<qt>{escape(words)}</qt>" if words else "")
    part.setAccessibleDescription(words)


# runs ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Run:
    """One piece of a line: a glyph, a grade's mark, a network's mark, words, or a key cap."""

    words: str = ""
    ink: str = "t1"
    kind: Type = tokens.CONTROL
    weight: int | None = None
    glyph: str = ""
    grade: int = 0
    network: tuple[str, str] | None = None
    key: str = ""
    """A key cap with these letters; `filled` for the key that is suggested, `broken` for one that is not."""
    filled: bool = False
    broken: bool = False
    gap: int = 8
    """Pixels after it."""


def key_width(look: Look, words: str) -> float:
    """How wide a key cap is."""
    metrics = QFontMetricsF(look.font(tokens.LABEL, 600))
    return max(look.px(20), metrics.horizontalAdvance(words) + look.px(12))


def paint_key(
    painter: QPainter, look: Look, words: str, place: QPointF, *, filled: bool = False, broken: bool = False
) -> float:
    """Draws a key cap around a middle line; gives its width."""
    width, height = key_width(look, words), look.px(20)
    theme = look.theme
    box = QRectF(place.x() + 0.5, place.y() - height / 2 + 0.5, width - 1, height - 1)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = QPen(color(theme.line2 if not filled else theme.accent), 1)
    if broken:
        pen.setStyle(Qt.PenStyle.DashLine)
    painter.setPen(pen)
    painter.setBrush(color(theme.accent) if filled else Qt.BrushStyle.NoBrush if broken else color(theme.bg3))
    painter.drawRoundedRect(box, 4, 4)
    painter.setFont(look.font(tokens.LABEL, 600))
    painter.setPen(color(theme.on_accent if filled else theme.t3 if broken else theme.t1))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    return width


def run_width(look: Look, run: Run) -> float:
    """How wide a run is, without its gap."""
    if run.key:
        return key_width(look, run.key)
    if run.glyph:
        return look.px(16)
    if run.grade:
        return look.px(20)
    if run.network:
        return look.px(network_width(run.network[0]))
    return QFontMetricsF(look.font(run.kind, run.weight)).horizontalAdvance(run.words)


def paint_run(painter: QPainter, look: Look, run: Run, x: float, middle: float, room: float) -> float:
    """Draws a run around a middle line, words elided to the room; gives its width."""
    width = run_width(look, run)
    if run.key:
        return paint_key(painter, look, run.key, QPointF(x, middle), filled=run.filled, broken=run.broken)
    scale = painter.device().devicePixelRatio()
    if run.glyph:
        size = look.px(16)
        picture = glyph(run.glyph, size, look.colour(run.ink), scale)
        painter.drawPixmap(QPointF(x, middle - size / 2), picture)
    elif run.grade:
        radius = look.px(8)
        mark = grade_mark(run.grade, radius, look.theme.name, scale)
        painter.drawPixmap(QPointF(x, middle - radius - 2), mark)
    elif run.network:
        mark = network_mark(*run.network, look.theme.name, look.percent, scale)
        painter.drawPixmap(QPointF(x, middle - look.px(8)), mark)
    else:
        face = look.font(run.kind, run.weight)
        metrics = QFontMetricsF(face)
        words = metrics.elidedText(run.words, Qt.TextElideMode.ElideRight, max(0.0, room))
        painter.setFont(face)
        painter.setPen(color(look.colour(run.ink)))
        painter.drawText(QPointF(x, middle + (metrics.ascent() - metrics.descent()) / 2), words)
        width = metrics.horizontalAdvance(words)
    return width


def paint_runs(
    painter: QPainter, look: Look, runs: Sequence[Run], x: float, middle: float, end: float
) -> float:
    """Draws runs from the left until the room ends; gives where they end."""
    for run in runs:
        if x >= end:
            break
        x += paint_run(painter, look, run, x, middle, end - x) + look.px(run.gap)
    return x


def runs_width(look: Look, runs: Sequence[Run]) -> float:
    """How wide some runs are together, without the last gap."""
    return sum(run_width(look, run) + look.px(run.gap) for run in runs) - (
        look.px(runs[-1].gap) if runs else 0
    )


class Pressable(QAbstractButton):
    """A button that paints itself: Enter does what a click does, and every other key is the window's."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter does what a click does."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.click()
            return
        event.ignore()

    def event(self, event: QEvent) -> bool:
        """Focus changes how it looks."""
        if event.type() in {QEvent.Type.FocusIn, QEvent.Type.FocusOut}:
            self.update()
        return super().event(event)


class Line(Pressable):
    """A line of runs at the left and at the right; a button where it has something to do.

    What it says is its accessible name, so the words of a line are given once, as a sentence.
    """

    def __init__(
        self, look: Look, height: int, ground: str = "", act: Callable[[], None] | None = None
    ) -> None:
        super().__init__()
        self._look = look
        self._height = height
        self._ground = ground
        self._left: Sequence[Run] = ()
        self._right: Sequence[Run] = ()
        self.inset = 16
        self.rule_ink = ""
        """The colour of a two-pixel line at the foot; empty for none."""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if act else Qt.FocusPolicy.NoFocus)
        if act:
            self.clicked.connect(lambda _checked=False: act())
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        look.changed.connect(self._relooked)

    def _relooked(self) -> None:
        self.updateGeometry()
        self.update()

    def say(self, spoken: str, left: Sequence[Run], right: Sequence[Run] = (), ground: str = "") -> None:
        """Shows other runs; `spoken` is the line as a sentence."""
        before = (self._left, self._right, self._ground)
        self._left, self._right = tuple(left), tuple(right)
        if ground:
            self._ground = ground
        if self.accessibleName() != spoken:
            self.setAccessibleName(spoken)
        if before != (self._left, self._right, self._ground):
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        """As wide as its runs."""
        width = runs_width(self._look, self._left) + runs_width(self._look, self._right)
        return QSize(round(width) + 2 * self._look.px(self.inset), self._look.px(self._height))

    def minimumSizeHint(self) -> QSize:
        """It may be narrow: its words elide."""
        return QSize(0, self._look.px(self._height))

    def paintEvent(self, _: QPaintEvent) -> None:
        """Paints ground, runs and focus."""
        look = self._look
        painter = QPainter(self)
        if self._ground:
            painter.fillRect(self.rect(), color(look.colour(self._ground)))
        middle = self.height() / 2
        inset = look.px(self.inset)
        right = self.width() - inset
        start = right - runs_width(look, self._right)
        paint_runs(painter, look, self._right, start, middle, right + 1)
        end = start - look.px(12) if self._right else right
        paint_runs(painter, look, self._left, inset, middle, end)
        if self.rule_ink:
            painter.fillRect(QRectF(0, self.height() - 2, self.width(), 2), color(look.colour(self.rule_ink)))
        if self.hasFocus():
            paint_focus(painter, look, QRectF(self.rect()))


def paint_focus(painter: QPainter, look: Look, box: QRectF) -> None:
    """The frame of what has the focus."""
    width = 3 if look.theme.is_contrast else 2
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(color(look.theme.accent), width))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    path = QPainterPath()
    path.addRoundedRect(box.adjusted(1, 1, -1, -1), 4, 4)
    painter.drawPath(path)
