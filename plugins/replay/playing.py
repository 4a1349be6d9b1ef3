"""Plays a recording: reads ahead in a thread, and says when each row is due.

What a newcomer would get wrong: the cursor counts rows of the file, those of other accounts and the
broken ones included. So every account of an exercise keeps the same place and the same pace, and a
restart goes on exactly after the last row that was stored.
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from console.api import Arrival
from plugins.replay.mapping import Columns, Mapper, RowUnusable
from plugins.replay.reading import Row, rows

MOST_ROWS = 500
"""The most rows of a page; at 20,000 items a second that is 40 pages a second."""
_MOST_LOOKED_AT = 20_000
"""Rows looked at in one go, those of other accounts included, before the thread is given back."""


@dataclass(frozen=True, slots=True)
class Played:
    """One row on its way: when it is due, and the item or the complaint that it became."""

    consumed: int
    """How many rows have been read once this one is, which is the cursor after it."""
    due_ms: int
    """When it is due after the start, milliseconds."""
    arrival: Arrival | None = None
    complaint: str | None = None


class Player:
    """One pass through a recording, from a given row on. Its methods run in one thread at a time."""

    def __init__(self, path: Path, mapper: Mapper, *, skip: int, rate: float | None) -> None:
        """`skip` rows are passed over; `rate` is rows a second, None for the recorded times."""
        self._path = path
        self._mapper = mapper
        self._skip = skip
        self._rate = rate
        self._rows: Iterator[Row] | None = None
        self._consumed = 0
        self._lock = threading.Lock()
        self._is_closing = False

    def more(self) -> list[Played] | None:
        """The next rows of this account, at most `MOST_ROWS`; None at the end of the recording.

        A list may be empty when a long stretch held nothing of this account. Raises InputError when
        the file cannot be opened.
        """
        with self._lock:
            found = None if self._is_closing else self._read()
        if self._is_closing:
            self._let_go()
        return found

    def close(self) -> None:
        """Lets the file go, at once or as soon as the thread that reads it is done with its part."""
        self._is_closing = True
        self._let_go()

    def _let_go(self) -> None:
        if self._lock.acquire(blocking=False):
            try:
                close = getattr(self._rows, "close", None)
                if close is not None:
                    close()
                self._rows = None
            finally:
                self._lock.release()

    def _read(self) -> list[Played] | None:
        if self._rows is None:
            self._rows = rows(self._path)
        found: list[Played] = []
        for _ in range(_MOST_LOOKED_AT):
            if len(found) == MOST_ROWS or self._is_closing:
                break
            row = next(self._rows, None)
            if row is None:
                return found or None
            self._consumed += 1
            played = self._play(row)
            if played is not None:
                found.append(played)
        return found

    def _play(self, row: Row) -> Played | None:
        """What becomes of a row; None for one that was played before or is another account's."""
        place = self._consumed
        if row.values is None:
            broken = f"line {row.line}: {row.complaint}"
            return Played(place, self._due(0), complaint=broken) if place > self._skip else None
        # Rows that were played before still tell later ones their time and whose thread it is.
        fields = self._mapper.fields(row.values)
        due_ms, at, wrong_time = self._mapper.due_ms(row.values, fields)
        self._mapper.note_ours(row.values, fields)
        if place <= self._skip or not self._mapper.is_wanted(row.values, fields):
            return None
        wrong = [words for words in (row.complaint, wrong_time) if words]
        arrival = None
        if self._rate is not None:
            at = self._mapper.at_pace(fields, self._due(due_ms), at)
        try:
            arrival = self._mapper.arrival(row.values, fields, row.raw, at)
        except RowUnusable as problem:
            wrong.append(str(problem))
        complaint = f"line {row.line}: {'; '.join(wrong)}" if wrong else None
        return Played(place, self._due(due_ms), arrival, complaint)

    def _due(self, recorded_ms: int) -> int:
        """When the row just read is due: by its place at a given rate, else as recorded."""
        return recorded_ms if self._rate is None else int((self._consumed - 1) * 1000 / self._rate)


def text_is_there(path: Path, columns: Columns, most: int = 1_000) -> bool:
    """Whether any of a file's first rows has a column of words, or there are no rows at all.

    Raises InputError when the file cannot be opened.
    """
    found = rows(path)
    seen = False
    try:
        for number, row in enumerate(found):
            if row.values is not None:
                seen = True
                if "text" in columns.of(row.values):
                    return True
            if number >= most:
                break
    finally:
        close = getattr(found, "close", None)
        if close is not None:
            close()
    return not seen
