"""The lane's painter: each row once into a picture, then that picture, and over it what lives."""

from collections import OrderedDict
from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPointF, QRectF
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from console.ui.lane.card import Style, ground, paint_card, paint_living, paint_placeholder
from console.ui.lane.model import ROW_ROLE
from console.ui.lane.picks import Picks
from console.ui.lane.row import Row

KEPT = 64
"""How many painted rows are kept: those in view and one screen beyond, with room to spare."""


class CardDelegate(QStyledItemDelegate):
    """Paints cards; knows the cursor and the selection by item id."""

    def __init__(self, style: Style, picks: Picks, now: Callable[[], int], parent: QObject) -> None:
        super().__init__(parent)
        self._style = style
        self._picks = picks
        self._now = now
        self._painted: OrderedDict[tuple[int, int, str, bool], QPixmap] = OrderedDict()
        self.cursor_id: int | None = None
        self.hovered_id: int | None = None
        self.painted_count = 0
        """How many rows were painted anew; for measuring."""

    @property
    def style_now(self) -> Style:
        """How cards look."""
        return self._style

    def restyle(self, style: Style) -> None:
        """Looks different from now on."""
        if style != self._style:
            self._style = style
            self._painted.clear()

    def _picture(self, row: Row, surface: str, *, picked: bool) -> QPixmap:
        key = (row.id, row.version, surface, picked)
        picture = self._painted.get(key)
        if picture is not None:
            self._painted.move_to_end(key)
            return picture
        style = self._style
        picture = QPixmap(round(style.width * style.scale), round(style.height * style.scale))
        picture.setDevicePixelRatio(style.scale)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        paint_card(painter, row, style, surface, picked=picked)
        painter.end()
        self.painted_count += 1
        self._painted[key] = picture
        if len(self._painted) > KEPT:
            self._painted.popitem(last=False)
        return picture

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paints one row."""
        place = option.rect
        top = float(place.top())
        row: Row | None = index.data(ROW_ROLE)
        if row is None:
            paint_placeholder(painter, self._style, top)
            return
        at_cursor = row.id == self.cursor_id
        picked = row.id in self._picks
        surface = ground(row, self._style, picked=picked, cursor=at_cursor)
        painter.drawPixmap(QPointF(0, top), self._picture(row, surface, picked=picked))
        hovered = row.id == self.hovered_id
        paint_living(painter, row, self._style, top, self._now(), hovered=hovered, cursor=at_cursor)

    def age_rect(self, top: int) -> QRectF:
        """Where a row's age stands, for a row whose top is there."""
        style = self._style
        return QRectF(style.right_x, top, style.width - style.right_x, style.px(24))
