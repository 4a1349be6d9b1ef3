"""Sketches of items out of the database: what a plan needs, and no words.

What a newcomer would get wrong: this is read for a hundred thousand items at once, while a person waits. A
column more costs every plan; the words of an item are not needed to know whether it can be hidden.
"""

from collections.abc import Sequence
from typing import Any, Final

from console.domain.sketches import Sketch
from console.store.database import Connection
from console.store.texts import told

_AT_ONCE: Final = 900
"""How many ids one question names; SQLite before 3.32 allowed 999 values."""
_SAMPLE: Final = 64
_SELECT: Final = """
SELECT i.id, i.account_id, i.grade, i.media IS NOT NULL, i.remote_id, i.kind, i.author_id, i.parent,
    i.thread, i.state, i.is_ours, i.note, a.verb, a.state
FROM items i LEFT JOIN acts a ON a.id = i.act_id
"""


def sketches(conn: Connection, ids: Sequence[int]) -> list[Sketch]:
    """Sketches of these items, in the order of `ids`; those that do not exist (any more) are left out."""
    found: dict[int, tuple[Any, ...]] = {}
    for start in range(0, len(ids), _AT_ONCE):
        some = ids[start : start + _AT_ONCE]
        marks = ",".join("?" * len(some))
        rows = conn.execute(f"{_SELECT} WHERE i.id IN ({marks})", some).fetchall()
        found.update(zip([row[0] for row in rows], rows, strict=True))
    return [_sketch(found[number]) for number in ids if number in found]


def _sketch(row: tuple[Any, ...]) -> Sketch:
    """A row as a sketch; the few texts that UTF-8 cannot hold are made texts again."""
    if bytes in map(type, row):
        return Sketch._make(told(value) if type(value) is bytes else value for value in row)
    return Sketch._make(row)


def average_bytes(conn: Connection, ids: Sequence[int]) -> int:
    """How much one of these items holds, words and the network's own JSON, about: the mean of a sample."""
    some = ids[:: max(1, len(ids) // _SAMPLE)][:_SAMPLE]
    sizes = [
        row[0]
        for each in some
        for row in conn.execute(
            "SELECT length(i.text) + coalesce(length(r.raw), 0) FROM items i "
            "LEFT JOIN item_raw r ON r.item_id = i.id WHERE i.id = ?",
            (each,),
        )
    ]
    return sum(sizes) // len(sizes) if sizes else 0
