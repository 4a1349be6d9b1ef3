"""The card: how a row is painted.

A row is painted once into a picture and drawn from there; `paint_card` is that once. What lives (age, hold,
countdown, hover, cursor frame) is drawn over it by `paint_living`. All numbers are pixels at 100 % text, as
the look gives them, and are multiplied by the text scale.
"""

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen, QTextLayout, QTextOption

from console.domain.items import ItemState
from console.ui import theme as look
from console.ui.glyphs import glyph
from console.ui.lane.row import Corner, Row, Span
from console.ui.marks import grade_mark, network_mark, network_width
from console.ui.text import age
from console.ui.theme import Density, Theme, color

MARK_X = 26
TEXT_X = 48
GUTTER = 16
RIGHT_MARGIN = 12
COMPACT_WORDS_X = 208
TINTED_HITS = 8
WORDS_LAID_OUT = 700
"""How many UTF-16 units of an item a card lays out; far more than three lines hold."""


@dataclass(frozen=True, slots=True)
class Style:
    """How cards look now; part of the key of every painted picture."""

    theme: Theme
    density: Density
    percent: int
    width: int
    scale: float

    def px(self, value: float) -> float:
        """Pixels at the text scale."""
        return value * self.percent / 100

    @property
    def height(self) -> int:
        """A row's height in whole pixels."""
        return round(self.density.value * self.percent / 100)

    @property
    def right_width(self) -> float:
        """The width of the right column."""
        if self.density is Density.COMPACT:
            return self.px(176)
        return self.px(208 if self.width >= self.px(1000) else 148)

    @property
    def right_x(self) -> float:
        """Where the right column begins."""
        return self.width - self.px(RIGHT_MARGIN) - self.right_width


@dataclass(frozen=True, slots=True)
class Line:
    """One laid-out line of words."""

    text: str
    start: int
    """Where it begins in the row's words, in UTF-16 units; minus one for a leading ellipsis."""
    end: int
    layout: QTextLayout


def ground(row: Row, style: Style, *, picked: bool, cursor: bool) -> str:
    """The colour that a row lies on."""
    theme = style.theme
    if picked:
        return theme.accent_bg
    if row.grade == 1 and row.removed is None:
        return theme.g1_bg
    return theme.bg3 if cursor else theme.bg1


def paint_card(painter: QPainter, row: Row, style: Style, surface: str, *, picked: bool) -> None:
    """Paints all of a row that does not change by the second, with its top left corner at the origin."""
    theme = style.theme
    painter.fillRect(QRectF(0, 0, style.width, style.height), color(surface))
    painter.fillRect(QRectF(0, style.height - 1, style.width, 1), color(theme.line))
    _paint_bar(painter, row, style)
    _paint_marks(painter, row, style, picked=picked)
    if style.density is Density.COMPACT:
        _paint_compact(painter, row, style, surface)
        return
    _paint_meta(painter, row, style)
    _paint_right(painter, row, style)
    roomy = style.density is Density.ROOMY
    kind, lines, top = (look.ROOMY, 3, 24.0) if roomy else (look.STANDARD, 2, 23.0)
    width = style.right_x - style.px(GUTTER) - style.px(TEXT_X)
    _paint_words(painter, row, style, surface, kind, QPointF(style.px(TEXT_X), style.px(top)), width, lines)


def _paint_bar(painter: QPainter, row: Row, style: Style) -> None:
    if row.grade > 3:
        return
    width = style.px(6 if row.grade == 1 else 4)
    colour = color(style.theme.grade(row.grade))
    if row.removed is None:
        painter.fillRect(QRectF(0, 0, width, style.height - 1), colour)
        return
    for y in range(0, style.height - 1, 6):
        painter.fillRect(QRectF(0, y, width, 3), colour)


def _paint_marks(painter: QPainter, row: Row, style: Style, *, picked: bool) -> None:
    compact = style.density is Density.COMPACT
    radius = round(style.px(8 if compact else 9))
    mark = grade_mark(row.grade, radius, style.theme.name, style.scale)
    x, y = (24.0, 16.0) if compact else (float(MARK_X), 15.0 if style.density is Density.STANDARD else 17.0)
    painter.drawPixmap(QPointF(style.px(x) - radius - 2, style.px(y) - radius - 2), mark)
    if not picked:
        return
    size = round(style.px(14))
    place = QPointF(style.px(38), style.px(9)) if compact else QPointF(style.px(x) - size / 2, style.px(32))
    painter.fillRect(QRectF(place.x() + 1, place.y() + 1, size - 2, size - 2), color(style.theme.accent))
    painter.drawPixmap(place, glyph("tick", size, style.theme.on_accent, style.scale))


def _paint_meta(painter: QPainter, row: Row, style: Style) -> None:
    theme = style.theme
    y = style.px(6 if style.density is Density.STANDARD else 8)
    x = style.px(TEXT_X)
    _paint_origin(painter, row, style, QPointF(x, y))
    x += style.px(24 if row.is_wave else network_width(row.network.letters) + 6)
    room = style.right_x - style.px(GUTTER) - x
    bold = look.font(look.META, style.percent, 700 if row.unseen else 500)
    plain = look.font(look.META, style.percent)
    author, handle, where = fit_meta(row, room, QFontMetricsF(bold), QFontMetricsF(plain), style.px(150))
    gone = row.removed is not None
    author_colour = theme.t3 if gone else theme.t1 if row.unseen else theme.t2
    baseline = y + style.px(12)
    for words, face, colour in (
        (author, bold, author_colour),
        (handle, plain, theme.t3),
        (where, plain, theme.t3),
    ):
        if words:
            painter.setFont(face)
            painter.setPen(color(colour))
            painter.drawText(QPointF(x, baseline), words)
            x += QFontMetricsF(face).horizontalAdvance(words) + style.px(6)


def _paint_origin(painter: QPainter, row: Row, style: Style, place: QPointF) -> None:
    """The mark of the network, or that of a wave, which may come from several."""
    theme = style.theme
    if row.is_wave:
        mark = glyph("wave", round(style.px(16)), theme.t1, style.scale)
    else:
        mark = network_mark(row.network.letters, row.network.shape, theme.name, style.percent, style.scale)
    painter.drawPixmap(place, mark)


def fit_meta(
    row: Row, room: float, bold: QFontMetricsF, plain: QFontMetricsF, author_room: float
) -> tuple[str, str, str]:
    """Author, handle and where, as they fit: where elides first, then the handle goes, the author elides."""
    gap = plain.horizontalAdvance("  ")
    author, handle, where = row.author, row.handle, row.where if row.is_wave else f"· {row.where}"
    left = room - bold.horizontalAdvance(author) - gap
    if handle:
        left -= plain.horizontalAdvance(handle) + gap
    if left < plain.horizontalAdvance(where):
        least = plain.horizontalAdvance("· comment…")
        if left < least and handle:
            left += plain.horizontalAdvance(handle) + gap
            handle = ""
        if left < least and bold.horizontalAdvance(author) > author_room:
            author = bold.elidedText(author, Qt.TextElideMode.ElideRight, author_room)
            left = room - bold.horizontalAdvance(author) - gap
        where = plain.elidedText(where, Qt.TextElideMode.ElideRight, max(0.0, left))
        where = "" if where in {"…", "·…", "· …"} else where
    return author, handle, where


def _paint_right(painter: QPainter, row: Row, style: Style) -> None:
    theme = style.theme
    x, width = style.right_x, style.right_width
    top = 6.0 if style.density is Density.STANDARD else 8.0
    size = round(style.px(14))
    plain = look.font(look.META, style.percent)
    if row.fact:
        painter.drawPixmap(QPointF(x, style.px(top + 1)), glyph(row.fact_glyph, size, theme.t3, style.scale))
        _text(painter, row.fact, x + style.px(20), style.px(top + 12), width - style.px(80), plain, theme.t3)
    if row.category:
        strong = look.font(look.META, style.percent, 600)
        colour = theme.t3 if row.removed else theme.t2
        _text(painter, row.category, x, style.px(37), width, strong, colour)
    if row.corner is not None and row.held_until is None:
        colour = corner_colour(theme, row.corner)
        painter.drawPixmap(QPointF(x, style.px(43)), glyph(row.corner.glyph, size, colour, style.scale))
        strong = look.font(look.META, style.percent, 600)
        _text(painter, row.corner.words, x + style.px(20), style.px(54), width - style.px(20), strong, colour)


def corner_colour(theme: Theme, corner: Corner) -> str:
    """The colour of a state corner."""
    return str(getattr(theme, "deleted" if corner.colour == "undone" else corner.colour))


def _text(
    painter: QPainter, words: str, x: float, baseline: float, room: float, face: QFont, colour: str
) -> None:
    painter.setFont(face)
    painter.setPen(color(colour))
    elided = QFontMetricsF(face).elidedText(words, Qt.TextElideMode.ElideRight, room)
    painter.drawText(QPointF(x, baseline), elided)


def _paint_compact(painter: QPainter, row: Row, style: Style, surface: str) -> None:
    theme = style.theme
    _paint_origin(painter, row, style, QPointF(style.px(58), style.px(8)))
    bold = look.font(look.META, style.percent, 700 if row.unseen else 500)
    author_colour = theme.t3 if row.removed else theme.t1 if row.unseen else theme.t2
    _text(painter, row.author, style.px(88), style.px(20), style.px(112), bold, author_colour)
    width = style.right_x - style.px(GUTTER) - style.px(COMPACT_WORDS_X)
    place = QPointF(style.px(COMPACT_WORDS_X), style.px(7))
    _paint_words(painter, row, style, surface, look.COMPACT, place, width, 1)
    strong = look.font(look.META, style.percent, 600)
    room = style.right_width - style.px(60)
    if row.corner is not None and row.held_until is None:
        token = {"undone": "deleted"}.get(row.corner.colour, row.corner.colour)
        _text(
            painter, row.corner.words, style.right_x, style.px(20), room, strong, str(getattr(theme, token))
        )
    elif row.held_until is None:
        _text(painter, row.category, style.right_x, style.px(20), room, strong, theme.t2)


# words -------------------------------------------------------------------------------------------


def lay_out(
    words: str,
    spans: tuple[Span, ...],
    face: QFont,
    width: float,
    count: int,
    *,
    most: int = WORDS_LAID_OUT,
) -> list[Line]:
    """The words in at most `count` lines; the last one elided, the first hit kept in view.

    Only the first `most` characters are laid out.
    """
    lines = _lines(words[:most], 0, face, width, count)
    if spans and lines:
        first = min(span.start for span in spans)
        last = lines[-1]
        if last.text.endswith("…") and first >= last.end - 1:
            start = _word_before(words, first)
            if start > 0:
                return _lines("…" + words[start : start + WORDS_LAID_OUT], start - 1, face, width, count)
    return lines


def _word_before(words: str, unit: int) -> int:
    """Where the word before a hit begins. Counts characters as units, so it may begin a little early."""
    place = min(unit, len(words))
    before = words.rfind(" ", 0, max(0, place - 1))
    before = words.rfind(" ", 0, before) if before > 0 else before
    return max(0, before + 1)


def _lines(words: str, offset: int, face: QFont, width: float, count: int) -> list[Line]:
    layout = _layout(words, face)
    layout.beginLayout()
    found: list[tuple[int, int]] = []
    while len(found) < count:
        line = layout.createLine()
        if not line.isValid():
            break
        line.setLineWidth(width)
        found.append((line.textStart(), line.textLength()))
    layout.endLayout()
    encoded = words.encode("utf-16-le", "surrogatepass")
    lines: list[Line] = []
    for number, (start, length) in enumerate(found):
        end = start + length
        text = encoded[2 * start : 2 * end].decode("utf-16-le", "replace")
        if number == len(found) - 1 and 2 * end < len(encoded):
            rest = encoded[2 * start :].decode("utf-16-le", "replace")
            text = QFontMetricsF(face).elidedText(rest, Qt.TextElideMode.ElideRight, width)
            end = start + len(text.encode("utf-16-le", "surrogatepass")) // 2 - 1
        own = _layout(text, face)
        own.beginLayout()
        own.createLine().setLineWidth(max(width, 1e6))
        own.endLayout()
        lines.append(Line(text, offset + start, offset + end, own))
    return lines


def _layout(words: str, face: QFont) -> QTextLayout:
    layout = QTextLayout(words, face)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    option.setTextDirection(Qt.LayoutDirection.LeftToRight)
    layout.setTextOption(option)
    return layout


def _paint_words(
    painter: QPainter,
    row: Row,
    style: Style,
    surface: str,
    kind: look.Type,
    place: QPointF,
    width: float,
    count: int,
) -> None:
    struck = row.removed in {ItemState.DELETED, ItemState.GONE}
    face = look.font(kind, style.percent, struck=struck)
    ink = style.theme.t3 if row.removed else style.theme.t1
    height = style.px(kind.line)
    for number, line in enumerate(lay_out(row.words, row.spans, face, width, count)):
        y = place.y() + number * height
        paint_line(
            painter,
            line,
            row.spans,
            QPointF(place.x(), y),
            height,
            style.theme,
            surface,
            ink,
            tinted=not row.removed,
        )


def paint_line(
    painter: QPainter,
    line: Line,
    spans: tuple[Span, ...],
    place: QPointF,
    height: float,
    theme: Theme,
    surface: str,
    ink: str,
    *,
    tinted: bool = True,
) -> None:
    """Paints one line of words with its hits: tint below, words, underline on the last two pixels."""
    shown_line = line.layout.lineAt(0)
    marks: list[tuple[float, float, Span]] = []
    for span in spans:
        start, end = max(span.start, line.start), min(span.end, line.end)
        if start < end:
            left = _x(line, start - line.start)
            right = _x(line, end - line.start)
            marks.append((min(left, right), max(left, right), span))
    if tinted:
        for left, right, span in marks[-TINTED_HITS:]:
            tint = theme.tint(span.grade, surface)
            if tint:
                painter.fillRect(
                    QRectF(place.x() + left, place.y() + 1, right - left, height - 2), color(tint)
                )
    painter.setPen(color(ink))
    drop = (height - shown_line.height()) / 2
    shown_line.draw(painter, QPointF(place.x(), place.y() + drop))
    for left, right, span in marks:
        _underline(painter, place.x() + left, place.x() + right, place.y() + height - 2, span, theme)


def _x(line: Line, unit: int) -> float:
    found: Any = line.layout.lineAt(0).cursorToX(unit)  # PySide6 gives the place and the unit it took
    return float(found[0] if isinstance(found, tuple) else found)


def _underline(painter: QPainter, left: float, right: float, y: float, span: Span, theme: Theme) -> None:
    colour = color(theme.grade(span.grade))
    if not span.disguised:
        painter.fillRect(QRectF(left, y, right - left, 2), colour)
        return
    x = left
    while x < right:
        painter.fillRect(QRectF(x, y, min(3.0, right - x), 2), colour)
        x += 5


# what lives ---------------------------------------------------------------------------------------


def paint_living(
    painter: QPainter, row: Row, style: Style, top: float, now: int, *, hovered: bool, cursor: bool
) -> None:
    """Draws over a painted card what changes by the second, and the cursor frame."""
    theme = style.theme
    right = style.width - style.px(RIGHT_MARGIN)
    compact = style.density is Density.COMPACT
    base = {Density.COMPACT: 20.0, Density.STANDARD: 18.0, Density.ROOMY: 20.0}[style.density]
    baseline = top + style.px(base)
    face = look.font(look.META, style.percent, 700 if row.grade == 1 else 400)
    words = age(now - row.created_at)
    width = QFontMetricsF(face).horizontalAdvance(words)
    painter.setFont(face)
    painter.setPen(color(theme.t1 if row.grade == 1 else theme.t3 if row.removed else theme.t2))
    painter.drawText(QPointF(right - width, baseline), words)
    if row.unseen:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color(theme.accent))
        radius = style.px(2.75)
        painter.drawEllipse(QPointF(right - width - style.px(10), baseline - style.px(4)), radius, radius)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    if row.held_until is not None:
        _paint_hold(painter, row, style, top, now, compact=compact)
    if hovered and not cursor:
        painter.setPen(QPen(color(theme.line2), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(QRectF(0.5, top + 0.5, style.width - 1, style.height - 2))
    if cursor:
        painter.setPen(QPen(color(theme.accent), 3 if theme.is_contrast else 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        left = style.px(6 if row.grade == 1 else 4) if row.grade <= 3 else 0.0
        painter.drawRect(QRectF(left + 1, top + 1, style.width - left - 2, style.height - 3))


def _paint_hold(painter: QPainter, row: Row, style: Style, top: float, now: int, *, compact: bool) -> None:
    held_until, held_from = row.held_until or now, row.held_from or now
    left_ms = max(0, held_until - now)
    colour = style.theme.held
    strong = look.font(look.META, style.percent, 600)
    words = f"{row.hold_words} {age(left_ms + 999)}"
    size = round(style.px(14))
    y = 9.0 if compact else 43.0
    painter.drawPixmap(QPointF(style.right_x, top + style.px(y)), glyph("held", size, colour, style.scale))
    _text(
        painter,
        words,
        style.right_x + style.px(20),
        top + style.px(20 if compact else 54),
        style.right_width - style.px(20),
        strong,
        colour,
    )
    share = left_ms / max(1, held_until - held_from)
    painter.fillRect(
        QRectF(0, top + style.height - 3, round(style.width * min(1.0, share)), 2), color(colour)
    )


def paint_placeholder(painter: QPainter, style: Style, top: float) -> None:
    """A row that was not read from the cache yet: three bars where words will be."""
    theme = style.theme
    painter.fillRect(QRectF(0, top, style.width, style.height), color(theme.bg1))
    for y, share in ((10, 0.16), (28, 0.7), (46, 0.5)):
        if y < style.density.value - 6:
            width = (style.right_x - style.px(TEXT_X)) * share
            painter.fillRect(
                QRectF(style.px(TEXT_X), top + style.px(y), width, style.px(8)), color(theme.bg3)
            )
    painter.fillRect(QRectF(0, top + style.height - 1, style.width, 1), color(theme.line))
