"""Glyphs: our own small drawings, paths on a 16 px grid, cached as pictures.

A path is written in the letters of SVG: `M` move, `L` line, `C` curve, `Q` bend, `Z` close, and `O cx cy r`
for a circle, `A cx cy r from span` for an arc in degrees. Lines are 1.5 px with round ends; a glyph in
`_FILLED` has its last part filled.
"""

from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap

_EYE = "M 1.5 8 Q 4.5 3.5 8 3.5 Q 11.5 3.5 14.5 8 Q 11.5 12.5 8 12.5 Q 4.5 12.5 1.5 8 Z O 8 8 2"
_TRIANGLE = "M 8 2 L 14.5 13.5 L 1.5 13.5 Z M 8 6.5 L 8 9.5 M 8 11.5 L 8 11.6"
_HEAD = "O 8 5.2 2.7 M 2.8 13.8 Q 3.2 9.6 8 9.6 Q 12.8 9.6 13.2 13.8"
_BOX = "M 2.5 2.5 L 13.5 2.5 L 13.5 13.5 L 2.5 13.5 Z"
_WAVES = " ".join(
    f"M 1.5 {y} Q 3.7 {y - 2.4} 5.8 {y} Q 8 {y + 2.4} 10.2 {y} Q 12.4 {y - 2.4} 14.5 {y}" for y in (4, 8, 12)
)
PATHS: dict[str, str] = {
    "unhide": _EYE,
    "hide": _EYE + " M 3 13.5 L 13 2.5",
    "delete": _BOX + " M 5.5 5.5 L 10.5 10.5 M 10.5 5.5 L 5.5 10.5",
    "held": "M 4 2 L 12 2 M 4 14 L 12 14 M 4.8 2 Q 4.8 6 8 8 Q 11.2 10 11.2 14 "
    "M 11.2 2 Q 11.2 6 8 8 Q 4.8 10 4.8 14",
    "sending": "O 8 8 6 M 8 2 A 8 8 6 90 -180 Z",
    "tick": "M 3 8.5 L 6.5 12 L 13 4.5",
    "confirmed": "O 8 8 6 M 5.2 8.2 L 7.3 10.2 L 10.9 6.2",
    "refused": _TRIANGLE,
    "undo": "M 5.5 3 L 2.5 6 L 5.5 9 M 2.5 6 L 9.5 6 Q 13.5 6 13.5 9.5 Q 13.5 13 9.5 13 L 6 13",
    "reappeared": "M 13 3 L 13 6.5 L 9.5 6.5 M 13 6.5 Q 11.5 3 8 3 Q 3 3 3 8 Q 3 13 8 13 Q 11.5 13 12.8 10.3",
    "escalate": "M 3.5 12.5 L 12.5 3.5 M 6 3.5 L 12.5 3.5 L 12.5 10",
    "person": _HEAD,
    "people": "O 5.8 5.5 2.4 M 1.3 13.5 Q 1.7 9.8 5.8 9.8 Q 9.9 9.8 10.3 13.5 "
    "M 9.8 3.4 Q 12.6 3.4 12.6 5.6 Q 12.6 7.4 11 7.8 M 12 9.9 Q 14.4 10.4 14.7 13.5",
    "uncovered": _HEAD + " M 2 14 L 14 2",
    "claimed": "M 3.5 7.5 L 12.5 7.5 L 12.5 14 L 3.5 14 Z "
    "M 5.3 7.5 L 5.3 5 Q 5.3 2 8 2 Q 10.7 2 10.7 5 L 10.7 7.5",
    "note": "M 3 13 L 3.6 10.2 L 10.8 3 L 13 5.2 L 5.8 12.4 Z M 9.3 4.5 L 11.5 6.7",
    "tag": "M 2.5 2.5 L 8 2.5 L 14 8.5 L 8.5 14 L 2.5 8 Z O 5.4 5.4 0.8",
    "reply": "M 6.5 4 L 2.5 8 L 6.5 12 M 2.5 8 L 9.5 8 Q 13.5 8 13.5 12.5",
    "thread": "M 3 2.5 L 3 12 M 3 4.5 L 7 4.5 M 3 12 L 7 12 M 9 4.5 L 13.5 4.5 M 9 12 L 13.5 12 "
    "M 7 4.5 L 7 8.2 L 13.5 8.2",
    "wave": _WAVES,
    "stray": "O 4 12 0.7 O 8 12 0.7 O 4 8 0.7 O 8 8 0.7 O 12 4 2",
    "find": "O 7 7 4.3 M 10.2 10.2 L 14 14",
    "pause": "M 5.5 3 L 5.5 13 M 10.5 3 L 10.5 13",
    "play": "M 5 3 L 12.5 8 L 5 13 Z",
    "bell": "M 3 11.5 Q 4.5 10 4.5 7 Q 4.5 3 8 3 Q 11.5 3 11.5 7 Q 11.5 10 13 11.5 Z M 6.8 13.6 L 9.2 13.6",
    "live": "O 8 8 2.5",
    "waiting": "O 8 8 6 M 8 4.5 L 8 8 L 10.5 9.5",
    "close": "M 4 4 L 12 12 M 12 4 L 4 12",
    "closed": "O 8 8 6 M 3.8 12.2 L 12.2 3.8",
    "sealed": "M 8 1.8 L 13.2 3.8 L 13.2 8 Q 13.2 12 8 14.3 Q 2.8 12 2.8 8 L 2.8 3.8 Z "
    "M 5.7 8 L 7.4 9.7 L 10.4 6.4",
    "open": "M 6 3.5 L 10.5 8 L 6 12.5",
    "unfold": "M 3.5 6 L 8 10.5 L 12.5 6",
    "arrivals": "M 3 2.5 L 13 2.5 M 8 14 L 8 5.5 M 4.5 9 L 8 5.5 L 11.5 9",
    "arrow-up": "M 8 13.5 L 8 3 M 4 7 L 8 3 L 12 7",
    "add": "M 8 3 L 8 13 M 3 8 L 13 8",
    "unselected": _BOX,
    "selected": _BOX + " M 5 8 L 7.2 10.2 L 11 5.8",
    "picture": "M 2 3 L 14 3 L 14 13 L 2 13 Z M 2 11 L 6 7.5 L 9 10 L 11 8.5 L 14 11 O 11 5.8 0.8",
    "video": "M 1.8 4 L 10.5 4 L 10.5 12 L 1.8 12 Z M 10.5 7 L 14.2 4.8 L 14.2 11.2 L 10.5 9",
    "pin": "M 5 2.5 L 11 2.5 M 6 2.5 L 6 6.5 L 4 9 L 12 9 L 10 6.5 L 10 2.5 M 8 9 L 8 14",
    "phone": "M 3 3 L 5.5 2.5 L 6.8 5.5 L 5.2 7 Q 6.4 9.6 9 10.8 L 10.5 9.2 L 13.5 10.5 L 13 13 "
    "Q 9.5 14 5.8 10.2 Q 2 6.5 3 3 Z",
    "filter": "M 2 4 L 14 4 M 4.5 8 L 11.5 8 M 6.5 12 L 9.5 12",
    "disguised": "M 2 6 L 4.5 6 M 6.8 6 L 9.2 6 M 11.5 6 L 14 6 M 2 11 L 14 11",
    "exercise": "M 2 3 L 14 3 L 14 11 L 2 11 Z M 5.5 13.8 L 10.5 13.8 M 6.8 5.2 L 10 7 L 6.8 8.8 Z",
    "info": "O 8 8 6 M 8 7.3 L 8 11 M 8 4.9 L 8 5",
}
_FILLED = {"sending", "live"}
_ALIASES = {"no-link": "close", "dormant": "waiting", "stale": "waiting"}


def glyph_path(name: str) -> list[QPainterPath]:
    """The parts of a glyph; the last one is filled in a filled glyph."""
    parts: list[QPainterPath] = []
    path = QPainterPath()
    words = iter(PATHS[_ALIASES.get(name, name)].split())

    def number() -> float:
        return float(next(words))

    def point() -> QPointF:
        return QPointF(number(), number())

    for word in words:
        match word:
            case "M":
                if not path.isEmpty():
                    parts.append(path)
                    path = QPainterPath()
                path.moveTo(point())
            case "L":
                path.lineTo(point())
            case "Q":
                path.quadTo(point(), point())
            case "Z":
                path.closeSubpath()
            case "O":
                if not path.isEmpty():
                    parts.append(path)
                path = QPainterPath()
                center, radius = point(), number()
                path.addEllipse(center, radius, radius)
            case "A":
                center, radius = point(), number()
                box = QRectF(center.x() - radius, center.y() - radius, 2 * radius, 2 * radius)
                path.arcTo(box, number(), number())
    parts.append(path)
    return parts


def draw_glyph(painter: QPainter, name: str, x: float, y: float, size: float, color: QColor) -> None:
    """Draws a glyph with its top left corner at a point."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(x, y)
    painter.scale(size / 16, size / 16)
    pen = QPen(color, 1.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    parts = glyph_path(name)
    for part in parts:
        if name in _FILLED and part is parts[-1]:
            painter.setBrush(color)
        painter.drawPath(part)
    painter.restore()


@lru_cache(maxsize=512)
def glyph(name: str, size: int, color: str, scale: float = 1.0) -> QPixmap:
    """A glyph as a picture; `size` in logical pixels, `scale` is the screen's."""
    picture = QPixmap(round(size * scale), round(size * scale))
    picture.setDevicePixelRatio(scale)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    draw_glyph(painter, name, 0, 0, size, QColor(color))
    painter.end()
    return picture
