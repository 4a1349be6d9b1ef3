"""Items: one thing that somebody said, as it arrives and as the cache holds it.

`Arrival` is what a connector hands over and has no identity of ours yet; `Item` is what the cache
knows. Both keep the author's text exactly as it came: showing it safely is the window's work.
"""

from dataclasses import dataclass
from enum import StrEnum

from console.domain.acts import ActState, Verb
from console.domain.ids import AccountId, ActId, EvidenceId, ItemId, RemoteId
from console.domain.watchlists import Hit

PURGED = "(These words were removed from the cache: the time that the network allows for them is over.)"

DISPOSED = "disposed:"
"""How the network id of an item begins that was disposed of with everything about it."""
GONE = "(Everything about this was disposed of. The ledger proves that it was there.)"


class ItemKind(StrEnum):
    """What sort of thing was said, and where."""

    POST = "post"
    """Something the force published itself."""
    COMMENT = "comment"
    REPLY = "reply"
    MENTION = "mention"
    QUOTE = "quote"
    MESSAGE = "message"
    """A private message: sealed in the cache and not searchable by its words."""
    REVIEW = "review"
    FOUND = "found"
    """Said elsewhere and not to the force: found by a search for a topic."""


class ItemState(StrEnum):
    """Whether the public can see an item, as last observed at the network."""

    VISIBLE = "visible"
    HIDDEN = "hidden"
    HELD = "held"
    DELETED = "deleted"
    GONE = "gone"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Author:
    """The outside account that wrote an item."""

    id: str
    handle: str
    name: str


@dataclass(frozen=True, slots=True)
class Media:
    """A picture or video that hangs on an item; never fetched by itself."""

    kind: str
    """`picture`, `video`, `audio` or `link`."""
    url: str
    description: str = ""
    """The author's own description of it, which is matched like text."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One item as a connector yields it. Times are milliseconds since 1970, UTC."""

    remote_id: RemoteId
    kind: ItemKind
    author: Author
    text: str
    created_at: int
    lang: str | None = None
    """Two-letter code, where the network says one."""
    parent: RemoteId | None = None
    thread: RemoteId | None = None
    """The first item of the thread."""
    where: str = ""
    """A few words on the place: the first words of our post, or its title."""
    permalink: str = ""
    media: tuple[Media, ...] = ()
    state: ItemState = ItemState.VISIBLE
    is_ours: bool = False
    """Whether the force's own account wrote it."""
    raw: str = ""
    """The network's own JSON, unchanged."""
    note: str = ""
    """A few words for the connector itself (an address, a version) that it gets back with the item."""
    edited_at: int | None = None
    """When its author last changed it, where the network says so. A known item that comes again with
    other words is an edit: the earlier words go to its history."""


@dataclass(frozen=True, slots=True)
class Item:
    """One item as the cache holds it. Times are milliseconds since 1970, UTC."""

    id: ItemId
    account_id: AccountId
    network: str
    kind: ItemKind
    remote_id: RemoteId
    author: Author
    text: str
    lang: str | None
    created_at: int
    received_at: int
    state: ItemState
    grade: int
    parent: RemoteId | None
    thread: RemoteId | None
    where: str
    permalink: str
    media: tuple[Media, ...]
    is_ours: bool
    note: str
    hits: tuple[Hit, ...] = ()
    seen_at: int | None = None
    left_up_at: int | None = None
    act_id: ActId | None = None
    """The newest act on it, with the few facts of it that a card shows."""
    act_verb: Verb | None = None
    act_state: ActState | None = None
    act_due_at: int | None = None
    act_settled_at: int | None = None
    act_error: str | None = None
    evidence_id: EvidenceId | None = None
    edited_at: int | None = None
    """When its author last changed it, where the network says so."""
    purged_at: int | None = None
    """When its words were removed from the cache, because their life there was over."""
    wave_id: int | None = None
    """The wave that it belongs to: the number of the wave's first item."""
    stray: str | None = None
    """Why it was raised as the odd one out in a flood; None when it was not."""

    @property
    def words(self) -> str:
        """The text to show: what was said, or why that is not here any more."""
        if self.remote_id.startswith(DISPOSED):
            return GONE
        return PURGED if self.purged_at is not None and not self.text else self.text
