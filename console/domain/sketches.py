"""Sketches: as much of an item as a plan needs, so that a hundred thousand are at hand in a moment.

What a newcomer would get wrong: a sketch goes stale like any copy. Whatever is done is judged again by the
whole item, at the moment in which it is asked for.
"""

from typing import NamedTuple

from console.domain.acts import ActState, Verb
from console.domain.ids import AccountId, ItemId, RemoteId
from console.domain.items import Item, ItemKind, ItemState


class Sketch(NamedTuple):
    """As much of an item as a plan needs."""

    id: ItemId
    account_id: AccountId
    grade: int
    has_media: bool
    kind: ItemKind
    state: ItemState
    is_ours: bool
    note: str
    parent: RemoteId | None
    thread: RemoteId | None
    author_id: str
    remote_id: RemoteId
    act_verb: Verb | None
    act_state: ActState | None


def sketch_of(item: Item) -> Sketch:
    """The sketch of a whole item."""
    return Sketch(
        item.id,
        item.account_id,
        item.grade,
        bool(item.media),
        item.kind,
        item.state,
        item.is_ours,
        item.note,
        item.parent,
        item.thread,
        item.author.id,
        item.remote_id,
        item.act_verb,
        item.act_state,
    )
