"""The lane's view: fixed rows, a cursor that is an item, and nothing that moves under the hand.

Qt's own selection is not used: it holds rows, and rows move. The cursor is an item id; letting arrivals in
scrolls by exactly their height, so that the item under the cursor stays where it is on the screen.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QModelIndex, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QWidget

from console.ui.lane.card import Style
from console.ui.lane.delegate import CardDelegate
from console.ui.lane.model import LaneModel
from console.ui.lane.picks import Picks
from console.ui.lane.row import Row
from console.ui.theme import Density, Theme


@dataclass(frozen=True, slots=True)
class Place:
    """Where a person was in a lane."""

    cursor: int | None
    """The item under the cursor."""
    top: int | None
    """The item in the uppermost row in view."""
    offset: int
    """By how many pixels that row was cut off."""
    at_newest: bool
    """Whether that was the newest end: then whatever is newest comes back, and not that row."""


REST_S = 4.0
"""Without a key for so long, a lane whose newest row is in view lets arrivals in by itself."""


class LaneView(QTableView):
    """Shows a lane.

    Signals: `cursor_changed(object)` with the item id under the cursor or None; `opened(object)` when an
    item was asked for by a double click.
    """

    cursor_changed = Signal(object)
    opened = Signal(object)

    def __init__(
        self, model: LaneModel, theme: Theme, now: Callable[[], int], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setModel(model)
        self.lane = model
        self.picks = Picks()
        self._last_key_at = time.monotonic() - REST_S
        style = Style(theme, Density.STANDARD, 100, 800, self.devicePixelRatioF())
        self._delegate = CardDelegate(style, self.picks, now, self)
        self.setItemDelegate(self._delegate)
        self.setAccessibleName("Lane")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setCornerButtonEnabled(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.horizontalHeader().setVisible(False)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        rows = self.verticalHeader()
        rows.setVisible(False)
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setMinimumSectionSize(8)
        rows.setDefaultSectionSize(style.height)
        self.picks.on_change(self.viewport().update)
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        self._second = QTimer(self)
        self._second.setInterval(1000)
        self._second.timeout.connect(self._tick)
        self._second.start()

    # looks ----------------------------------------------------------------------------------------

    @property
    def look(self) -> Style:
        """How cards look now."""
        return self._delegate.style_now

    @property
    def painted_count(self) -> int:
        """How many rows were painted anew; for measuring."""
        return self._delegate.painted_count

    def restyle(self, theme: Theme, density: Density, percent: int) -> None:
        """Looks different from now on; the cursor's item stays in view."""
        style = Style(theme, density, percent, self.viewport().width(), self.devicePixelRatioF())
        self._delegate.restyle(style)
        self.verticalHeader().setDefaultSectionSize(style.height)
        self.viewport().update()
        if self.cursor_id is not None:
            self._show(self.cursor_id)

    # cursor ---------------------------------------------------------------------------------------

    @property
    def cursor_id(self) -> int | None:
        """The item under the cursor."""
        return self._delegate.cursor_id

    def put_cursor(self, item_id: int | None, *, show: bool = True) -> None:
        """Moves the cursor to an item, or takes it away."""
        changed = item_id != self._delegate.cursor_id
        self._delegate.cursor_id = item_id
        row = None if item_id is None else self.lane.row_of(item_id)
        index = QModelIndex() if row is None else self.lane.index(row, 0)
        self.selectionModel().setCurrentIndex(index, self.selectionModel().SelectionFlag.NoUpdate)
        if show and item_id is not None:
            self._show(item_id)
        self.viewport().update()
        if changed:
            self.cursor_changed.emit(item_id)

    def _show(self, item_id: int) -> None:
        row = self.lane.row_of(item_id)
        if row is not None:
            self.scrollTo(self.lane.index(row, 0))

    def step(self, rows: int) -> int | None:
        """Moves the cursor down by so many rows, up if negative; gives the item that it is on."""
        self.touched()
        if not len(self.lane):
            return None
        at = None if self.cursor_id is None else self.lane.nearest_row(self.cursor_id)
        row = self._first_visible() if at is None else min(max(at + rows, 0), len(self.lane) - 1)
        self.put_cursor(self.lane.id_at(row))
        return self.cursor_id

    def go_newest(self) -> None:
        """Moves the cursor to the newest item."""
        self.touched()
        self.put_cursor(self.lane.id_at(0))
        self.scrollToTop()

    def touched(self) -> None:
        """Says that the operator is at work: arrivals wait."""
        self._last_key_at = time.monotonic()

    @property
    def at_rest(self) -> bool:
        """Whether arrivals may come in by themselves."""
        return (
            self.verticalScrollBar().value() == 0
            and not len(self.picks)
            and time.monotonic() - self._last_key_at >= REST_S
            and self._delegate.hovered_id is None
        )

    # picks ----------------------------------------------------------------------------------------

    def toggle_pick(self) -> None:
        """Selects the item under the cursor, or no longer."""
        self.touched()
        if self.cursor_id is not None:
            self.picks.toggle(self.cursor_id)

    def extend(self, rows: int) -> None:
        """Selects the item under the cursor, moves, and selects the next one too."""
        before = self.cursor_id
        after = self.step(rows)
        self.picks.add([item_id for item_id in (before, after) if item_id is not None])

    def pick_whole(self) -> None:
        """Selects all of the lane."""
        self.touched()
        self.picks.take_whole(self.lane.ids)

    @property
    def has_targets(self) -> bool:
        """Whether `targets` has any; quick, however many there are."""
        return bool(len(self.picks)) or self.cursor_id is not None

    def targets(self) -> list[int]:
        """The items that an act is about: the selection, else the item under the cursor."""
        if len(self.picks):
            return self.picks.ids()
        return [] if self.cursor_id is None else [self.cursor_id]

    # arrivals -------------------------------------------------------------------------------------

    def admit(self, newest_first: Sequence[int], *, follow: bool) -> int:
        """Lets arrivals in. With `follow` the newest stay in view; otherwise nothing moves on screen."""
        bar = self.verticalScrollBar()
        before = bar.value()
        count = self.lane.admit(newest_first)
        if count and not follow:
            self.updateGeometries()
            bar.setValue(before + count * self.look.height)
        return count

    def put_below(self, ids: Sequence[int]) -> None:
        """Shows other rows below the items; what is in view stays where it is, unless that is the top."""
        bar = self.verticalScrollBar()
        before, top = bar.value(), self.lane.id_at(self._first_visible())
        row = None if top is None else self.lane.row_of(top)
        self.lane.put_below(ids)
        after = None if top is None else self.lane.row_of(top)
        if before and row is not None and after is not None:
            self.updateGeometries()
            bar.setValue(before + (after - row) * self.look.height)

    def take_in(self, ids: Sequence[int]) -> int:
        """Takes older items in at their places; what is in view stays there. Gives how many there were."""
        place = self.place()
        count = self.lane.insert(ids)
        if count and not (self.at_newest and self.cursor_id is None):
            self.updateGeometries()
            self._scroll_to(place)
        return count

    # where a person was ---------------------------------------------------------------------------

    @property
    def at_newest(self) -> bool:
        """Whether the newest row is in view, uncut."""
        return self.verticalScrollBar().value() == 0

    @property
    def touched_at(self) -> float:
        """When the operator last did something here, in monotonic seconds."""
        return self._last_key_at

    def place(self) -> Place:
        """Where a person is now."""
        top = self._first_visible()
        offset = self.verticalScrollBar().value() - top * self.look.height
        return Place(self.cursor_id, self.lane.id_at(top), max(0, offset), self.at_newest)

    def holds(self, place: Place) -> bool:
        """Whether the lane holds what is needed to go back there."""
        wanted = place.cursor if place.at_newest or place.top is None else place.top
        return wanted is not None and self.lane.row_of(wanted) is not None

    def go_back(self, place: Place) -> None:
        """Goes to where a person was, as far as the lane holds it."""
        held = place.cursor is not None and self.lane.row_of(place.cursor) is not None
        if place.at_newest:
            self.scrollToTop()
        else:
            self.updateGeometries()
            self._scroll_to(place)
        self.put_cursor(place.cursor if held else None)

    def _scroll_to(self, place: Place) -> None:
        row = None if place.top is None else self.lane.row_of(place.top)
        if row is not None:
            self.verticalScrollBar().setValue(row * self.look.height + place.offset)

    # Qt -------------------------------------------------------------------------------------------

    def _first_visible(self) -> int:
        return max(0, self.rowAt(0))

    def visible_rows(self) -> tuple[int, int]:
        """The first and the last row in view; the last is before the first in an empty lane."""
        first = self.rowAt(0)
        last = self.rowAt(self.viewport().height() - 1)
        if first < 0:
            return 0, -1
        return first, last if last >= 0 else len(self.lane) - 1

    def visible_cards(self) -> list[Row]:
        """The rows in view that were read."""
        first, last = self.visible_rows()
        ids = [self.lane.id_at(row) for row in range(first, last + 1)]
        found = [self.lane.rows.get(item_id) for item_id in ids if item_id is not None]
        return [row for row in found if row is not None]

    def _scrolled(self) -> None:
        first, last = self.visible_rows()
        ahead = max(1, last - first + 1)
        near = range(max(0, first - ahead), min(len(self.lane), last + 1 + ahead))
        self.lane.rows.want(item_id for row in near if (item_id := self.lane.id_at(row)) is not None)

    def _tick(self) -> None:
        """Ages and countdowns repaint their own places."""
        if not self.isVisible():
            return
        first, last = self.visible_rows()
        for row in range(first, last + 1):
            index = self.lane.index(row, 0)
            top = self.visualRect(index).top()
            item_id = self.lane.id_at(row)
            card = None if item_id is None else self.lane.rows.get(item_id)
            if card is not None and card.held_until is not None:
                self.viewport().update(QRect(0, top, self.viewport().width(), self.look.height))
            else:
                self.viewport().update(self._delegate.age_rect(top).toAlignedRect())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Every key is the window's: a table would search its rows by letters and move its own cursor."""
        event.ignore()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A new width is a new look."""
        super().resizeEvent(event)
        style = self.look
        self.restyle(style.theme, style.density, style.percent)
        self._scrolled()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The row under the pointer is framed; nothing else appears."""
        self._hover(self.rowAt(event.position().toPoint().y()))

    def leaveEvent(self, event: QEvent) -> None:
        """No row is under the pointer."""
        self._hover(-1)

    def _hover(self, row: int) -> None:
        item_id = self.lane.id_at(row)
        if item_id != self._delegate.hovered_id:
            self._delegate.hovered_id = item_id
            self.viewport().update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click moves the cursor; with Ctrl it selects, with Shift it selects a range."""
        self.touched()
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        row = self.rowAt(event.position().toPoint().y())
        item_id = self.lane.id_at(row) if row >= 0 else None
        if item_id is None:
            return
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and self.cursor_id is not None:
            start = self.lane.nearest_row(self.cursor_id)
            low, high = sorted((row, row if start is None else start))
            self.picks.add(found for at in range(low, high + 1) if (found := self.lane.id_at(at)) is not None)
        elif event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.picks.toggle(item_id)
        self.put_cursor(item_id, show=False)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A double click opens the item."""
        if self.cursor_id is not None:
            self.opened.emit(self.cursor_id)
