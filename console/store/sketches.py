"""Sketches of items out of the database: what a plan needs, and no words.

What a newcomer would get wrong: this is read for a hundred thousand items at once, while a person waits. A
column more costs every plan; the words of an item are not needed to know whether it can be hidden.
"""

from collections.abc import Sequence
from typing import Any, Final

from console.domain.acts import ActState, Verb
from console.domain.ids import AccountId, ItemId, RemoteId
from console.domain.items import ItemKind, ItemState
from console.domain.sketches import Sketch
from console.store.database import Connection
from console.store.texts import told

_AT_ONCE: Final = 900
"""How many ids one question names; SQLite before 3.32 allowed 999 values."""
_SAMPLE: Final = 64
_KINDS: Final = {kind.value: kind for kind in ItemKind}
_STATES: Final = {state.value: state for state in ItemState}
_VERBS: Final = {verb.value: verb for verb in Verb}
_ACT_STATES: Final = {state.value: state for state in ActState}
_SELECT: Final = """
SELECT i.id, i.account_id, i.grade, i.media IS NOT NULL, i.kind, i.state, i.is_ours, i.note, i.parent,
    i.thread, i.author_id, i.remote_id, a.verb, a.state
FROM items i LEFT JOIN acts a ON a.id = i.act_id
"""


def sketches(conn: Connection, ids: Sequence[int]) -> list[Sketch]:
    """Sketches of these items, in the order of `ids`; those that do not exist (any more) are left out."""
    found: dict[int, Sketch] = {}
    for start in range(0, len(ids), _AT_ONCE):
        some = ids[start : start + _AT_ONCE]
        marks = ",".join("?" * len(some))
        for row in conn.execute(f"{_SELECT} WHERE i.id IN ({marks})", some):
            found[row[0]] = _sketch(row)
    return [found[number] for number in ids if number in found]


def _sketch(row: tuple[Any, ...]) -> Sketch:
    number, account, grade, media, kind, state, ours, note, parent, thread, author, remote, verb, act = row
    return Sketch(
        ItemId(number),
        AccountId(account),
        grade,
        bool(media),
        _KINDS[kind],
        _STATES[state],
        bool(ours),
        note if type(note) is str else told(note),
        _remote(parent),
        _remote(thread),
        author if type(author) is str else told(author),
        RemoteId(remote if type(remote) is str else told(remote)),
        _VERBS.get(verb),
        _ACT_STATES.get(act),
    )


def _remote(value: str | bytes | None) -> RemoteId | None:
    return None if value is None else RemoteId(value if type(value) is str else told(value))


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
