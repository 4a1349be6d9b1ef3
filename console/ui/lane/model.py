"""The lane's model: the ids of a whole lane, newest first, and rows for what has been looked at.

Ids are kept oldest first, so that arrivals are appended: letting in sixty items costs the same in a lane of
a million as in one of two thousand. Row 0 of the model is the end of that array.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from console.ui.lane.row import Row
from console.ui.lane.rows import Rows

ROW_ROLE = int(Qt.ItemDataRole.UserRole)
_SPOKEN_ROLE = int(Qt.ItemDataRole.AccessibleTextRole)
_DISPLAY_ROLE = int(Qt.ItemDataRole.DisplayRole)
_NOWHERE = QModelIndex()
_ONE_BY_ONE = 40
"""So many rows are inserted one by one; for more the whole order is made anew."""
AnyIndex = QModelIndex | QPersistentModelIndex


class LaneModel(QAbstractTableModel):
    """One column; one role gives the row, another its words for screen readers."""

    def __init__(self, rows: Rows, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ids = array("q")
        self.rows = rows

    # ids ------------------------------------------------------------------------------------------

    @property
    def ids(self) -> "array[int]":
        """Every id of the lane, ascending. Do not change it."""
        return self._ids

    def __len__(self) -> int:
        return len(self._ids)

    def id_at(self, row: int) -> int | None:
        """The item in a row."""
        return self._ids[len(self._ids) - 1 - row] if 0 <= row < len(self._ids) else None

    def row_of(self, item_id: int) -> int | None:
        """The row of an item, or None when the lane does not hold it."""
        place = bisect_left(self._ids, item_id)
        if place < len(self._ids) and self._ids[place] == item_id:
            return len(self._ids) - 1 - place
        return None

    def nearest_row(self, item_id: int) -> int | None:
        """The row of an item, or of the next older one that the lane holds; None in an empty lane."""
        if not self._ids:
            return None
        place = bisect_left(self._ids, item_id)
        if place == len(self._ids) or self._ids[place] != item_id:
            place = max(0, place - 1)
        return len(self._ids) - 1 - place

    def reset(self, newest_first: Sequence[int]) -> None:
        """Holds other items from now on."""
        self.beginResetModel()
        self._ids = array("q", reversed(newest_first))
        self.endResetModel()

    def admit(self, newest_first: Sequence[int]) -> int:
        """Lets newer items in at the top; gives how many there were."""
        border = self._ids[-1] if self._ids else 0
        fresh = [item_id for item_id in newest_first if item_id > border]
        if not fresh:
            return 0
        self.beginInsertRows(_NOWHERE, 0, len(fresh) - 1)
        self._ids.extend(reversed(fresh))
        self.endInsertRows()
        return len(fresh)

    def insert(self, ids: Iterable[int]) -> int:
        """Takes items in at their places, wherever in the lane those are; gives how many were new."""
        fresh = sorted({item_id for item_id in ids if self.row_of(item_id) is None})
        if len(fresh) > _ONE_BY_ONE:
            self.beginResetModel()
            self._ids = array("q", sorted([*self._ids, *fresh]))
            self.endResetModel()
            return len(fresh)
        for item_id in fresh:
            place = bisect_left(self._ids, item_id)
            row = len(self._ids) - place
            self.beginInsertRows(_NOWHERE, row, row)
            self._ids.insert(place, item_id)
            self.endInsertRows()
        return len(fresh)

    def append_older(self, newest_first: Sequence[int]) -> None:
        """Adds older items at the bottom."""
        border = self._ids[0] if self._ids else None
        older = [item_id for item_id in newest_first if border is None or item_id < border]
        if not older:
            return
        count = len(self._ids)
        self.beginInsertRows(_NOWHERE, count, count + len(older) - 1)
        self._ids = array("q", reversed(older)) + self._ids
        self.endInsertRows()

    def put_below(self, ids: Iterable[int]) -> None:
        """Holds these rows below the items, and none of those that stood there before and are not among them.

        Their numbers are below zero; the ones that stay keep their place.
        """
        wanted = set(ids)
        for item_id in [held for held in self._ids[: bisect_left(self._ids, 0)] if held not in wanted]:
            row = self.row_of(item_id)
            if row is not None:
                self.beginRemoveRows(_NOWHERE, row, row)
                del self._ids[len(self._ids) - 1 - row]
                self.endRemoveRows()
        for item_id in sorted(wanted):
            place = bisect_left(self._ids, item_id)
            if place == len(self._ids) or self._ids[place] != item_id:
                row = len(self._ids) - place
                self.beginInsertRows(_NOWHERE, row, row)
                self._ids.insert(place, item_id)
                self.endInsertRows()

    # rows -----------------------------------------------------------------------------------------

    def arrived(self, asked: Sequence[int], rows: Iterable[Row]) -> None:
        """Takes rows that were fetched."""
        self._tell(self.rows.arrived(asked, rows))

    def spoil(self, ids: Iterable[int]) -> None:
        """Says that something about these items is different."""
        self._tell(self.rows.spoil(ids))

    def _tell(self, ids: Iterable[int]) -> None:
        places = [row for item_id in ids if (row := self.row_of(item_id)) is not None]
        if places:
            first, last = self.index(min(places), 0), self.index(max(places), 0)
            self.dataChanged.emit(first, last, [ROW_ROLE])

    # Qt -------------------------------------------------------------------------------------------

    def rowCount(self, parent: AnyIndex = _NOWHERE) -> int:
        """How many rows there are."""
        return 0 if parent.isValid() else len(self._ids)

    def columnCount(self, parent: AnyIndex = _NOWHERE) -> int:
        """One."""
        return 0 if parent.isValid() else 1

    def data(self, index: AnyIndex, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        """The row, or None until it was read; its words for screen readers."""
        if role == ROW_ROLE:
            item_id = self.id_at(index.row())
            return None if item_id is None else self.rows.get(item_id)
        if role in {_SPOKEN_ROLE, _DISPLAY_ROLE}:
            item_id = self.id_at(index.row())
            row = None if item_id is None else self.rows.get(item_id)
            words = row.spoken if row else "Not read yet."
            place = f"{index.row() + 1:,} of {len(self._ids):,}."
            return f"{words} {place}" if role == _SPOKEN_ROLE else words
        return None
