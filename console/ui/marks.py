"""Marks: the shape and numeral of a grade, the letters and shape of a network.

Shape, word and colour say the same thing three times, so that the lane can be read in grey. A network has
no colour and no logo; its shape says what kind of place it is.
"""

from functools import lru_cache
from math import cos, pi, sin

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPen, QPixmap, QPolygonF

from console.ui.theme import THEMES, Theme, families

NETWORK_HEIGHT = 15


def draw_grade(painter: QPainter, grade: int, x: float, y: float, radius: float, theme: Theme) -> None:
    """Draws a grade's mark around a centre: octagon, diamond, square, ring, numeral over a dash."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    colour = QColor(theme.grade(grade))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    numeral = colour
    match grade:
        case 1:
            points = [
                QPointF(
                    x + radius * 1.06 * cos(pi / 8 + n * pi / 4), y + radius * 1.06 * sin(pi / 8 + n * pi / 4)
                )
                for n in range(8)
            ]
            painter.drawPolygon(QPolygonF(points))
            numeral = QColor(theme.on_g1)
        case 2:
            reach = radius * 1.15
            corners = [(0, -reach), (reach, 0), (0, reach), (-reach, 0)]
            painter.drawPolygon(QPolygonF([QPointF(x + dx, y + dy) for dx, dy in corners]))
            numeral = QColor(theme.on_g2)
        case 3:
            half = radius * 0.86
            painter.drawRoundedRect(QRectF(x - half, y - half, 2 * half, 2 * half), 2, 2)
            numeral = QColor(theme.on_g3)
        case 4:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colour, 1.5))
            painter.drawEllipse(QPointF(x, y), radius - 1, radius - 1)
        case _:
            painter.drawRect(QRectF(x - 4, y + radius * 0.62, 8, 1.5))
    face = QFont(families())
    face.setPixelSize(max(9, round(radius * 1.28)))
    face.setWeight(QFont.Weight.Bold)
    painter.setFont(face)
    painter.setPen(numeral)
    lift = 1.0 if grade == 5 else 0.0
    painter.drawText(
        QRectF(x - radius, y - radius - lift, 2 * radius, 2 * radius),
        Qt.AlignmentFlag.AlignCenter,
        str(grade),
    )
    painter.restore()


@lru_cache(maxsize=128)
def grade_mark(grade: int, radius: int, theme_name: str, scale: float = 1.0) -> QPixmap:
    """A grade's mark as a picture, two pixels wider than the mark on each side."""
    side = 2 * radius + 4
    picture = QPixmap(round(side * scale), round(side * scale))
    picture.setDevicePixelRatio(scale)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    draw_grade(painter, grade, side / 2, side / 2, radius, THEMES[theme_name])
    painter.end()
    return picture


def network_width(letters: str) -> int:
    """How wide a network's mark is at 100 % text, in pixels."""
    return 19 if len(letters) > 1 else NETWORK_HEIGHT


@lru_cache(maxsize=128)
def network_mark(
    letters: str, shape: str, theme_name: str, percent: int = 100, scale: float = 1.0
) -> QPixmap:
    """A network's mark as a picture, 15 px high at 100 % text."""
    factor = percent / 100
    width, height = network_width(letters), NETWORK_HEIGHT
    picture = QPixmap(round(width * factor * scale), round((height + 2) * factor * scale))
    picture.setDevicePixelRatio(scale)
    picture.fill(Qt.GlobalColor.transparent)
    theme = THEMES[theme_name]
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(factor, factor)
    painter.setPen(QPen(QColor(theme.net_line), 1))
    painter.setBrush(QColor(theme.net_fill))
    box = QRectF(0.5, 0.5, width - 1, height - 1)
    painter.drawPath(_outline(shape, box))
    face = QFont(families())
    face.setPixelSize(10)
    face.setWeight(QFont.Weight.Bold)
    painter.setFont(face)
    painter.setPen(QColor(theme.net_text))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, letters)
    painter.end()
    return picture


def _outline(shape: str, box: QRectF) -> QPainterPath:
    path = QPainterPath()
    match shape:
        case "short":
            path.addRoundedRect(box, box.height() / 2, box.height() / 2)
        case "video":
            path.addRect(box.adjusted(0, 0, 0, -1))
            path.addRect(QRectF(box.center().x() - 4, box.bottom() - 0.5, 8, 1))
        case "forum":
            cut = 4.0
            points = [
                QPointF(box.left() + cut, box.top()),
                QPointF(box.right() - cut, box.top()),
                QPointF(box.right(), box.center().y()),
                QPointF(box.right() - cut, box.bottom()),
                QPointF(box.left() + cut, box.bottom()),
                QPointF(box.left(), box.center().y()),
            ]
            path.addPolygon(QPolygonF(points))
            path.closeSubpath()
        case "photos":
            points = [
                box.topLeft(),
                QPointF(box.right() - 4, box.top()),
                QPointF(box.right(), box.center().y()),
                QPointF(box.right() - 4, box.bottom()),
                box.bottomLeft(),
            ]
            path.addPolygon(QPolygonF(points))
            path.closeSubpath()
        case _:
            path.addRoundedRect(box, 3, 3)
    return path
