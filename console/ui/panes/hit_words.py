"""Somebody's words at reading size, with the hits marked; a part of them can be selected.

The mouse selects by letters, the keys by words: Left and Right go from word to word, with Shift they take
more. What a newcomer would get wrong: everything here counts UTF-16 units of the words as they are shown, and
not characters of the words as they arrived.
"""

import re
from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from console.domain.watchlists import Hit
from console.ui import theme as tokens
from console.ui.lane.card import Line as TextLine
from console.ui.lane.card import lay_out, paint_line
from console.ui.lane.row import Span, spans_of
from console.ui.parts import Look, announce, paint_focus
from console.ui.text import LONGEST, shown, to_utf16, utf16_places
from console.ui.theme import color

SHOWN_LINES: Final = 60
_WORD: Final = re.compile(r"\S+")
_EDGES: Final = " .,!?;:…\"'“”‘’()[]"


class HitWords(QWidget):
    """The words of the item under the cursor."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._text = ""
        self._spans: tuple[Span, ...] = ()
        self._lines: list[TextLine] = []
        self._struck = False
        self._words: list[tuple[int, int]] = []
        self._from, self._to = 0, 0
        """Where the selection began, and where it is now; equal when nothing is selected."""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.IBeamCursor)
        look.changed.connect(self._lay_out)

    def say(self, text: str, hits: Sequence[Hit], *, struck: bool) -> None:
        """Shows other words; what is selected stays when they are the same."""
        safe = shown(text)
        if safe.text != self._text:
            self._from = self._to = 0
        self._text, self._spans, self._struck = safe.text, spans_of(safe, hits), struck
        self._words = [to_utf16(safe.text, *found.span()) for found in _WORD.finditer(safe.text)]
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if safe.text else Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(safe.text)
        self._lay_out()

    def _lay_out(self) -> None:
        face = tokens.font(tokens.PANE, self._look.percent, struck=self._struck)
        width = max(60, self.width())
        self._lines = lay_out(self._text, (), face, width, SHOWN_LINES, most=2 * LONGEST)
        least = 3 if self._text else 0
        self.setFixedHeight(max(least, len(self._lines)) * self._line_height)
        self.update()

    @property
    def _line_height(self) -> int:
        return self._look.px(tokens.PANE.line)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Other lines in another width."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._lay_out()

    def paintEvent(self, _: QPaintEvent) -> None:
        """Paints the lines; what is selected lies on a ground of its own."""
        painter = QPainter(self)
        theme = self._look.theme
        height = self._line_height
        start, end = sorted((self._from, self._to))
        for number, line in enumerate(self._lines):
            first, last = max(start, line.start), min(end, line.end)
            if first < last:
                left, right = sorted((_x_of(line, first), _x_of(line, last)))
                painter.fillRect(QRectF(left, number * height, right - left, height), color(theme.accent_bg))
            place = QPointF(0, number * height)
            is_tinted = start == end
            paint_line(
                painter, line, self._spans, place, height, theme, theme.bg1, theme.t1, tinted=is_tinted
            )
        if self.hasFocus():
            paint_focus(painter, self._look, QRectF(self.rect()))

    # what is selected -----------------------------------------------------------------------------

    @property
    def selected(self) -> str:
        """The words that are selected, without the marks around them; empty when none are."""
        start, end = sorted((self._from, self._to))
        units = self._text.encode("utf-16-le", "surrogatepass")[2 * start : 2 * end]
        return " ".join(units.decode("utf-16-le", "replace").split()).strip(_EDGES)

    def _select(self, begin: int, end: int) -> None:
        self._from, self._to = begin, end
        self.update()
        if begin != end:
            announce(self, f"Selected: {self.selected}")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and Right choose a word, with Shift more of them; every other key is the window's."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        others = event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
        if step is None or others or not self._words:
            event.ignore()
            return
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and self._from != self._to:
            self._extend(step)
        else:
            self._go(step)

    def _go(self, step: int) -> None:
        """Selects the word behind or before the selection; the first one when nothing is selected."""
        begin, end = sorted((self._from, self._to))
        if begin == end:
            place = 0
        elif step > 0:
            place = next((n for n, word in enumerate(self._words) if word[0] >= end), len(self._words) - 1)
        else:
            place = max((n for n, word in enumerate(self._words) if word[1] <= begin), default=0)
        self._select(*self._words[place])

    def _extend(self, step: int) -> None:
        """Moves the end of the selection by a word; it keeps at least the word where it began."""
        if step > 0:
            ends = [word[1] for word in self._words if word[1] > self._to]
            wanted = min(ends, default=self._to)
        else:
            least = min((word[1] for word in self._words if word[1] > self._from), default=self._to)
            wanted = max((word[1] for word in self._words if word[1] < self._to), default=least)
            wanted = max(wanted, least)
        self._select(self._from, wanted)

    # the mouse ------------------------------------------------------------------------------------

    def _unit_at(self, place: QPointF) -> int:
        if not self._lines:
            return 0
        number = min(max(0, int(place.y() // max(1, self._line_height))), len(self._lines) - 1)
        line = self._lines[number]
        unit = line.start + int(line.layout.lineAt(0).xToCursor(place.x()))
        whole = utf16_places(self._text)
        unit = min(unit, line.end, whole[-1])
        return unit if self._text.isascii() else max(each for each in whole if each <= unit)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begins to select."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._from = self._to = self._unit_at(event.position())
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Selects as far as the mouse has come."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._to = self._unit_at(event.position())
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Says what was selected."""
        if event.button() is Qt.MouseButton.LeftButton:
            begin, end = sorted((self._from, self._to))
            self._select(begin, end)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Selects the word."""
        unit = self._unit_at(event.position())
        found = next((word for word in self._words if word[0] <= unit <= word[1]), None)
        if found is not None:
            self._select(*found)


def _x_of(line: TextLine, unit: int) -> float:
    found: Any = line.layout.lineAt(0).cursorToX(unit - line.start)
    return float(found[0] if isinstance(found, tuple) else found)


def read_as(hit: Hit) -> str:
    """What the words of a hit were read as, and what was undone for that."""
    if not (hit.disguised or hit.how):
        return "as written"
    return f"as “{hit.term}”" + (f": {hit.how}" if hit.how else "")
