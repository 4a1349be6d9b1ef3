"""Picks: which items are selected, as ids, whatever rows they stand in.

A selection is a set of ids, or the whole lane except a set. Arrivals never join a selection by
themselves: "the whole lane" means the lane as it was when that was chosen.
"""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable


class Picks:
    """A selection of items."""

    def __init__(self) -> None:
        self._ids: set[int] = set()
        self._whole: array[int] | None = None
        """The lane's ids, ascending, when all of it was chosen; `_ids` are then the exceptions."""
        self._listeners: list[Callable[[], None]] = []

    def on_change(self, listener: Callable[[], None]) -> None:
        """Calls `listener` after each change."""
        self._listeners.append(listener)

    def _changed(self) -> None:
        for listener in self._listeners:
            listener()

    def __contains__(self, item_id: int) -> bool:
        if self._whole is None:
            return item_id in self._ids
        if item_id in self._ids:
            return False
        place = bisect_left(self._whole, item_id)
        return place < len(self._whole) and self._whole[place] == item_id

    def __len__(self) -> int:
        return len(self._ids) if self._whole is None else len(self._whole) - len(self._ids)

    def ids(self) -> list[int]:
        """The selected ids, newest first."""
        if self._whole is None:
            return sorted(self._ids, reverse=True)
        return [item_id for item_id in reversed(self._whole) if item_id not in self._ids]

    def toggle(self, item_id: int) -> None:
        """Selects an item, or no longer."""
        if (item_id in self._ids) or (self._whole is not None and item_id in self):
            self._ids ^= {item_id}
        elif self._whole is None:
            self._ids.add(item_id)
        self._changed()

    def add(self, ids: Iterable[int]) -> None:
        """Selects these items too."""
        if self._whole is None:
            self._ids.update(ids)
        else:
            self._ids.difference_update(ids)
        self._changed()

    def take_whole(self, lane: "array[int]") -> None:
        """Selects all of a lane as it is now; `lane` is ascending."""
        self._whole = array("q", lane)
        self._ids.clear()
        self._changed()

    def turn_round(self, lane: "array[int]") -> None:
        """Selects all of a lane as it is now but what is selected; `lane` is ascending."""
        chosen = {item_id for item_id in lane if item_id in self}
        self._whole = array("q", lane)
        self._ids = chosen
        self._changed()

    def clear(self) -> None:
        """Selects nothing."""
        if self._ids or self._whole is not None:
            self._ids.clear()
            self._whole = None
            self._changed()
