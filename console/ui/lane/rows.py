"""The rows that were looked at lately: fetched a screen ahead, never more than a bounded number.

A row that changed keeps being shown until its new form has come: nothing flickers and nothing is blank
that was once read.
"""

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Sequence

from console.ui.lane.row import Row

KEPT = 1_500
"""How many rows are kept; about a megabyte."""
Fetch = Callable[[Sequence[int]], None]


class Rows:
    """A bounded cache of rows by item id; what is missing is asked for in one go."""

    def __init__(self, fetch: Fetch, soon: Callable[[Callable[[], None]], None]) -> None:
        """`fetch` asks for rows, which come back through `arrived`; `soon` runs a call on the next turn."""
        self._fetch = fetch
        self._soon = soon
        self._rows: OrderedDict[int, Row] = OrderedDict()
        self._stale: set[int] = set()
        self._wanted: dict[int, None] = {}
        self._asked: set[int] = set()

    def get(self, item_id: int) -> Row | None:
        """The row, if it is here; asked for if it is not, or is no longer true."""
        row = self._rows.get(item_id)
        if row is not None:
            self._rows.move_to_end(item_id)
        if (row is None or item_id in self._stale) and item_id not in self._asked:
            self.want((item_id,))
        return row

    def want(self, ids: Iterable[int]) -> None:
        """Asks for rows that will be needed."""
        fresh = [
            item_id
            for item_id in ids
            if item_id not in self._asked and (item_id not in self._rows or item_id in self._stale)
        ]
        if not fresh:
            return
        is_first = not self._wanted
        self._wanted.update(dict.fromkeys(fresh))
        if is_first:
            self._soon(self._ask)

    def _ask(self) -> None:
        wanted = list(self._wanted)
        self._wanted.clear()
        if wanted:
            self.asked(wanted)
            self._fetch(wanted)

    def asked(self, ids: Iterable[int]) -> None:
        """Says that rows are being read from now on: what changes meanwhile makes them no longer true."""
        self._asked.update(ids)
        self._stale.difference_update(ids)

    def arrived(self, asked: Sequence[int], rows: Iterable[Row]) -> list[int]:
        """Takes rows that were asked for; gives the ids that are new or different."""
        self._asked.difference_update(asked)
        changed: list[int] = []
        for row in rows:
            self._rows[row.id] = row
            self._rows.move_to_end(row.id)
            changed.append(row.id)
        while len(self._rows) > KEPT:
            gone, _ = self._rows.popitem(last=False)
            self._stale.discard(gone)
        return changed

    def spoil(self, ids: Iterable[int]) -> list[int]:
        """Marks rows as no longer true; gives those that are here."""
        here = [item_id for item_id in ids if item_id in self._rows or item_id in self._asked]
        self._stale.update(here)
        return here

    def of_waves(self, items_of: Collection[int], rows_of: Collection[int]) -> list[int]:
        """The rows that are here of items of some waves, and of some waves themselves."""
        if not items_of and not rows_of:
            return []
        return [
            number
            for number, row in self._rows.items()
            if row.wave_id is not None
            and (row.wave_id in items_of or (row.is_wave and row.wave_id in rows_of))
        ]

    def spoil_all(self) -> None:
        """Marks every row as no longer true."""
        self._stale.update(self._rows)
