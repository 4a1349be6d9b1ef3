"""Sketches: as much of an item as a plan needs, so that a hundred thousand are at hand in a moment.

What a newcomer would get wrong: a sketch is a row as the database has it, with plain texts where an item has
members of an enumeration: those take longer to compare than all the rest of a plan. And it goes stale like
any copy; whatever is done is judged again by the whole item, at the moment in which it is asked for.
"""

from typing import NamedTuple

from console.domain.acts import ActState, Verb
from console.domain.ids import AccountId, ItemId, RemoteId
from console.domain.items import Item, ItemKind, ItemState

STATES = {state.value: state for state in ItemState}
KINDS = {kind.value: kind for kind in ItemKind}
VERBS = {verb.value: verb for verb in Verb}
ACT_STATES = {state.value: state for state in ActState}


class Sketch(NamedTuple):
    """As much of an item as a plan needs."""

    id: ItemId
    account_id: AccountId
    grade: int
    has_media: int
    remote_id: RemoteId
    kind: str
    author_id: str
    parent: RemoteId | None
    thread: RemoteId | None
    state: str
    is_ours: int
    note: str
    act_verb: str | None
    act_state: str | None


def sketch_of(item: Item) -> Sketch:
    """The sketch of a whole item."""
    return Sketch(
        item.id,
        item.account_id,
        item.grade,
        int(bool(item.media)),
        item.remote_id,
        item.kind.value,
        item.author.id,
        item.parent,
        item.thread,
        item.state.value,
        int(item.is_ours),
        item.note,
        None if item.act_verb is None else item.act_verb.value,
        None if item.act_state is None else item.act_state.value,
    )
