"""Their JSON to our items; pure.

What a newcomer would get wrong: `hide_status` says more than "hidden by us". Threads itself covers replies,
and people hide, block and restrict in the app; all of that is shown as it is and taken for nobody's act here.
Source of its values: public clients of the interface; `NOT_HUSHED` and `HIDDEN` stand in Meta's own pages.
"""

import msgspec

from console.api import Arrival, Author, ItemKind, ItemState, Media, RemoteId
from console.api.entries import UnreadableError, decoded, own_text
from plugins.meta.entries import time_of
from plugins.threads.wire import Post

NOBODY = "unknown"
"""The author of a post whose name the network keeps back."""
PENDING = "pending"
IGNORED = "ignored"
WITHHELD = frozenset({"COVERED", "BLOCKED", "RESTRICTED"})
"""States that Threads or a person in its app has set, and that no call takes back."""
_KINDS = {"IMAGE": "picture", "VIDEO": "video", "AUDIO": "audio"}


class Note(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the connector wants back with an item."""

    is_below_ours: bool = False
    """Whether it stands in a thread that this account began."""
    status: str = ""
    """`hide_status` when it came, where that was remarkable."""
    approval: str = ""
    """`pending` or `ignored`, for a reply that was held when it came."""


def read_note(text: str) -> Note:
    """What a note says; an empty one when it is not ours."""
    return own_text(text, Note)


def post_of(raw: msgspec.Raw) -> Post:
    """One entry of a list. Raises UnreadableError."""
    post = decoded(raw, Post)
    if not post.id:
        raise UnreadableError("an item without an id")
    return post


def state_of(post: Post) -> ItemState:
    """Whether the public can see it."""
    if approval_of(post):
        return ItemState.HELD
    is_hidden = post.hide_status == "HIDDEN" or post.hide_status in WITHHELD
    return ItemState.HIDDEN if is_hidden else ItemState.VISIBLE


def approval_of(post: Post) -> str:
    """`pending` or `ignored` for a reply that waits to be approved; else empty."""
    said = (post.reply_approval_status or "").lower()
    return said if said in {PENDING, IGNORED} else ""


def arrival_of(
    raw: msgspec.Raw,
    post: Post,
    *,
    me: str,
    kind: ItemKind,
    root: str = "",
    where: str = "",
    approval: str = "",
    is_ours: bool = False,
) -> Arrival:
    """One post as an item. Raises UnreadableError.

    `me` is the account's name; `root` is the post of ours below which it stands, if there is one; `approval`
    is the list of held replies that it was found in; `is_ours` is for lists of our own posts.
    """
    name = post.username or ""
    is_ours = is_ours or bool(post.is_reply_owned_by_me) or (bool(me) and name.lower() == me.lower())
    thread = (post.root_post.id if post.root_post else "") or root
    parent = (post.replied_to.id if post.replied_to else "") or (root if root != post.id else "")
    status = post.hide_status or ""
    held = approval or approval_of(post)
    author = name or (me if is_ours else NOBODY)
    note = Note(bool(root), status if status in WITHHELD else "", held)
    return Arrival(
        remote_id=RemoteId(post.id),
        kind=ItemKind.POST if is_ours else kind,
        author=Author(id=author, handle=author, name=""),
        text=post.text or "",
        created_at=time_of(post.timestamp),
        parent=RemoteId(parent) if parent else None,
        thread=RemoteId(thread or post.id),
        where=where,
        permalink=post.permalink or "",
        media=media_of(post),
        state=ItemState.HELD if held else state_of(post),
        is_ours=is_ours,
        raw=bytes(raw).decode(errors="replace"),
        note=msgspec.json.encode(note).decode(),
    )


def media_of(post: Post) -> tuple[Media, ...]:
    """What hangs on a post; addresses only."""
    found: list[Media] = []
    described = post.alt_text or ""
    if post.media_url:
        found.append(Media(_KINDS.get(post.media_type or "", "picture"), post.media_url, described))
    elif post.thumbnail_url:
        found.append(Media("picture", post.thumbnail_url, described))
    if post.gif_url:
        found.append(Media("picture", post.gif_url, described))
    if post.link_attachment_url:
        found.append(Media("link", post.link_attachment_url))
    return tuple(found)
