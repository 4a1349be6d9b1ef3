"""The incident bar: what is the risk, what waits, is the watch alive, in one line."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QWidget

from console.ui import theme as tokens
from console.ui.glyphs import glyph
from console.ui.marks import grade_mark
from console.ui.parts import Look, Pressable, paint_focus
from console.ui.text import age, count
from console.ui.theme import Type, color

HEIGHT = 56
BARS = 24
LARGE = 150
"""From this text scale on, figures say themselves in fewer letters; screen readers hear the same."""


@dataclass(frozen=True, slots=True)
class BarFacts:
    """What the bar says."""

    label: str
    name: str
    posture: str
    arrivals: Sequence[int]
    """Arrivals in each of the last 24 minutes, the running one last."""
    arrivals_label: str
    arrivals_count: int
    unseen: int
    oldest_unseen_ms: int | None
    at_risk: int
    urgent: int
    live: int
    accounts: int
    clock: str
    is_exercise: bool
    is_incident: bool


class Figure(Pressable):
    """A label over a value; Enter opens what it counts."""

    def __init__(self, look: Look, label: str, act: Callable[[], None], kind: Type = tokens.BAR) -> None:
        super().__init__()
        self._look = look
        self._kind = kind
        self._label, self._value = label, ""
        self._glyph, self._grade, self._ink = "", 0, "t1"
        self._bars: Sequence[int] = ()
        self.right_aligned = False
        self.most_width = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.clicked.connect(lambda _checked=False: act())
        look.changed.connect(self.update)

    def say(
        self,
        value: str,
        *,
        label: str = "",
        glyph: str = "",
        grade: int = 0,
        ink: str = "t1",
        bars: Sequence[int] = (),
    ) -> None:
        """Shows another value."""
        before = (self._label, self._value, self._glyph, self._grade, self._ink, tuple(self._bars))
        self._label, self._value = label or self._label, value
        self._glyph, self._grade, self._ink, self._bars = glyph, grade, ink, bars
        if before != (self._label, value, glyph, grade, ink, tuple(bars)):
            self.setAccessibleName(f"{self._label}: {value}")
            self.update()

    def _mark_width(self) -> int:
        if self._grade:
            return self._look.px(24)
        return self._look.px(20) if self._glyph else 0

    def sizeHint(self) -> QSize:
        """As wide as the wider of label and value."""
        look = self._look
        label = QFontMetricsF(look.font(tokens.LABEL)).horizontalAdvance(self._label)
        value = QFontMetricsF(look.font(self._kind)).horizontalAdvance(self._value) + self._mark_width()
        if self._bars:
            value += look.px(12 + 4 * BARS)
        width = ceil(max(label, value)) + look.px(18)
        if self.most_width:
            width = min(width, look.px(self.most_width))
        return QSize(width, look.px(HEIGHT))

    def paintEvent(self, _: QPaintEvent) -> None:
        """Paints label, value, bars and focus."""
        look = self._look
        painter = QPainter(self)
        flag = Qt.AlignmentFlag.AlignRight if self.right_aligned else Qt.AlignmentFlag.AlignLeft
        room = QRectF(look.px(8), 0, self.width() - look.px(16), self.height())
        painter.setFont(look.font(tokens.LABEL))
        painter.setPen(color(look.theme.t3))
        label = QRectF(room.x(), look.px(8), room.width(), look.px(14))
        elide = Qt.TextElideMode.ElideRight
        words = QFontMetricsF(painter.font()).elidedText(self._label, elide, room.width())
        painter.drawText(label, flag | Qt.AlignmentFlag.AlignVCenter, words)
        x, middle = room.x(), look.px(36)
        scale = self.devicePixelRatioF()
        if self._grade:
            radius = look.px(8)
            painter.drawPixmap(
                QPointF(x - 2, middle - radius - 2), grade_mark(self._grade, radius, look.theme.name, scale)
            )
        elif self._glyph:
            size = look.px(16)
            painter.drawPixmap(
                QPointF(x, middle - size / 2), glyph(self._glyph, size, look.colour(self._ink), scale)
            )
        x += self._mark_width()
        painter.setFont(look.font(self._kind))
        painter.setPen(color(look.theme.t1))
        value = QRectF(x, middle - look.px(11), room.right() - x, look.px(22))
        words = QFontMetricsF(painter.font()).elidedText(self._value, elide, value.width())
        painter.drawText(value, flag | Qt.AlignmentFlag.AlignVCenter, words)
        self._paint_bars(painter, x + QFontMetricsF(painter.font()).horizontalAdvance(self._value))
        if self.hasFocus():
            paint_focus(painter, look, QRectF(self.rect()).adjusted(1, 3, -1, -3))

    def _paint_bars(self, painter: QPainter, x: float) -> None:
        if not self._bars:
            return
        look = self._look
        most = max(*self._bars, 1)
        foot, tall = look.px(45), look.px(18)
        x += look.px(12)
        for place, number in enumerate(self._bars):
            height = max(1, round(tall * number / most))
            ink = look.theme.accent if place == len(self._bars) - 1 else look.theme.t3
            painter.fillRect(QRectF(x, foot - height, look.px(3), height), color(ink))
            x += look.px(4)


class IncidentBar(QWidget):
    """The line at the top; fields leave it in a fixed order when it gets narrow."""

    def __init__(self, look: Look, acts: "dict[str, Callable[[], None]]") -> None:
        super().__init__()
        self.setObjectName("bar")
        self.setAccessibleName("Incident bar")
        self._look = look
        self._facts: BarFacts | None = None

        def figure(name: str, label: str, kind: Type = tokens.BAR) -> Figure:
            return Figure(look, label, acts.get(name, lambda: None), kind)

        self.name = figure("incident", "No incident open")
        self.name.most_width = 300
        self.posture = figure("incident", "Posture")
        self.arrivals = figure("everything", "Arrivals a minute")
        self.unseen = figure("unseen", "Unseen")
        self.oldest = figure("unseen", "Oldest unseen")
        self.at_risk = figure("grade 1", "Life at risk")
        self.urgent = figure("grade 2", "Urgent")
        self.connections = figure("stale", "Connections")
        self.clock = figure("stale", "Local time", tokens.CLOCK)
        self.clock.right_aligned = True
        self._left = (
            self.name,
            self.posture,
            self.arrivals,
            self.unseen,
            self.oldest,
            self.at_risk,
            self.urgent,
        )
        for part in (*self._left, self.connections, self.clock):
            part.setParent(self)
        look.changed.connect(self._relooked)
        self._relooked()

    def _relooked(self) -> None:
        self.setFixedHeight(self._look.px(HEIGHT))
        self._fit()
        self.update()

    def say(self, facts: BarFacts) -> None:
        """Shows other facts."""
        self._facts = facts
        self.name.say(facts.name, label=facts.label)
        self.posture.say(facts.posture, glyph="sealed", ink="t2")
        self.arrivals.say(count(facts.arrivals_count), label=facts.arrivals_label, bars=tuple(facts.arrivals))
        self.unseen.say(count(facts.unseen))
        self.oldest.say("None" if facts.oldest_unseen_ms is None else age(facts.oldest_unseen_ms))
        is_large = self._look.percent >= LARGE
        opened = "" if is_large else " open"
        self.at_risk.say(f"{facts.at_risk}{opened}" if facts.at_risk else "None", grade=1)
        self.urgent.say(f"{count(facts.urgent)}{opened}" if facts.urgent else "None", grade=2)
        live = f"{facts.live}/{facts.accounts}" if is_large else f"{facts.live} of {facts.accounts} live"
        if not facts.accounts:
            self.connections.say("No account", glyph="waiting", ink="g3")
        elif facts.live == facts.accounts:
            self.connections.say(live, glyph="live", ink="confirmed")
        elif facts.live:
            self.connections.say(live, glyph="waiting", ink="g3")
        else:
            self.connections.say("None live", glyph="close", ink="failed")
        self.clock.say(facts.clock[:5] if is_large else facts.clock)
        self._fit()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fields leave or come back."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Lets fields leave: bars, arrivals, oldest unseen, posture, unseen; the rest never leaves."""
        order = (self.arrivals, self.oldest, self.posture, self.unseen)
        for part in order:
            part.setVisible(True)
        self.name.most_width = 300
        if self._facts is not None:
            self.arrivals.say(count(self._facts.arrivals_count), bars=tuple(self._facts.arrivals))
        if self._needed() > self.width() and self._facts is not None:
            self.arrivals.say(count(self._facts.arrivals_count))
        for part in order:
            if self._needed() <= self.width():
                break
            part.setVisible(False)
        over = self._needed() - self.width()
        if over > 0:
            self.name.most_width = max(90, round((self._look.px(300) - over) * 100 / self._look.percent))
        self._place()

    def _place(self) -> None:
        """Puts the fields in their places: a layout would keep the window as wide as all of them."""
        gap, inset = self._look.px(14), 8
        x = inset
        for part in self._left:
            if not part.isHidden():
                width = part.sizeHint().width()
                part.setGeometry(x, 0, width, self.height())
                x += width + gap
        x = self.width() - inset
        for part in (self.clock, self.connections):
            width = part.sizeHint().width()
            x -= width
            part.setGeometry(x, 0, width, self.height())
            x -= gap

    def _needed(self) -> int:
        shown = [part for part in (*self._left, self.connections, self.clock) if not part.isHidden()]
        return sum(part.sizeHint().width() for part in shown) + self._look.px(14) * (len(shown) + 1) + 16

    def paintEvent(self, _: QPaintEvent) -> None:
        """Paints ground, hairlines between groups, and the lower line: dashed in an exercise."""
        look = self._look
        painter = QPainter(self)
        painter.fillRect(self.rect(), color(look.theme.bg1))
        for part in self._left[1:]:
            if not part.isHidden() and part not in {self.oldest, self.urgent}:
                x = part.x() - look.px(7)
                painter.fillRect(
                    QRectF(x, look.px(10), 1, self.height() - look.px(20)), color(look.theme.line)
                )
        x = self.clock.x() - look.px(7)
        painter.fillRect(QRectF(x, look.px(10), 1, self.height() - look.px(20)), color(look.theme.line))
        foot = self.height() - 1
        if self._facts is not None and self._facts.is_exercise:
            painter.setPen(QPen(color(look.theme.accent), 2, Qt.PenStyle.DashLine))
            painter.drawLine(0, foot, self.width(), foot)
        else:
            painter.fillRect(QRectF(0, foot, self.width(), 1), color(look.theme.line))
