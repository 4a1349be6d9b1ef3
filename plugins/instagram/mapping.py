"""Their JSON to our items; pure.

What a newcomer would get wrong: a comment may come without an author. `from` is often missing, `username`
needs a right of its own; so an author's identity is what there is, and nobody is taken for somebody else.
"""

import msgspec

from console.api import Arrival, Author, ItemKind, ItemState, Media, RemoteId
from console.api.entries import first_words, own_text
from plugins.instagram.wire import Comment, IgMedia, Message, Writer
from plugins.meta.entries import time_of

NOBODY = "unknown"
"""The author of what the network gives no name for."""
LIVE = "LIVE"


class Note(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the connector wants back with an item."""

    at: int = 0
    """When it was written, milliseconds since 1970."""
    is_below_ours: bool = False
    """Whether it is a comment below a post of ours."""
    is_live: bool = False
    """Whether that post is live video."""
    writer: str = ""
    """Of a message: who is to be answered."""


def read_note(text: str) -> Note:
    """What a note says; an empty one when it is not ours."""
    return own_text(text, Note)


def state_of(comment: Comment) -> ItemState:
    """Whether the public can see a comment. Instagram's own filters hide comments too."""
    return ItemState.HIDDEN if comment.hidden else ItemState.VISIBLE


def author_of(username: str | None, writer: Writer | None) -> Author:
    """Who wrote something, as far as the network says."""
    name = username or (writer.username if writer else None) or ""
    identity = (writer.id if writer else None) or name or NOBODY
    return Author(id=identity, handle=name or identity, name="")


def from_comment(raw: msgspec.Raw, comment: Comment, media: IgMedia, *, me: str, handle: str) -> Arrival:
    """One comment below a post of ours, or one reply. Raises UnreadableError.

    `me` and `handle` are the account's own id and name.
    """
    author = author_of(comment.username, comment.sender)
    is_ours = author.id == me or (bool(handle) and author.handle.lower() == handle.lower())
    kind = ItemKind.REPLY if comment.parent_id else ItemKind.COMMENT
    at = time_of(comment.timestamp)
    note = Note(at, is_below_ours=True, is_live=is_live(media))
    return Arrival(
        remote_id=RemoteId(comment.id),
        kind=ItemKind.POST if is_ours else kind,
        author=author,
        text=comment.text or "",
        created_at=at,
        parent=RemoteId(comment.parent_id or media.id),
        thread=RemoteId(media.id),
        where=first_words(media.caption or ""),
        permalink=media.permalink or "",
        state=state_of(comment),
        is_ours=is_ours,
        raw=_text(raw),
        note=_note(note),
    )


def from_media(raw: msgspec.Raw, media: IgMedia, *, me: str = "", handle: str = "") -> Arrival:
    """A post of ours, when `me` and `handle` are given; else one that tags us. Raises UnreadableError."""
    at = time_of(media.timestamp)
    author = Author(me, handle, "") if me else author_of(media.username, None)
    return Arrival(
        remote_id=RemoteId(media.id),
        kind=ItemKind.POST if me else ItemKind.MENTION,
        author=author,
        text=media.caption or "",
        created_at=at,
        thread=RemoteId(media.id),
        permalink=media.permalink or "",
        media=media_of(media),
        is_ours=bool(me),
        raw=_text(raw),
        note=_note(Note(at)),
    )


def from_message(raw: msgspec.Raw, message: Message, conversation: str, *, me: str) -> Arrival:
    """A private message. Raises UnreadableError."""
    author = author_of(None, message.sender)
    is_ours = author.id == me
    others = [one.id for one in (message.to.data if message.to else []) if one.id and one.id != me]
    at = time_of(message.created_time)
    note = Note(at, writer=author.id if not is_ours and author.id != NOBODY else next(iter(others), ""))
    return Arrival(
        remote_id=RemoteId(message.id),
        kind=ItemKind.MESSAGE,
        author=author,
        text=message.message or "",
        created_at=at,
        thread=RemoteId(conversation),
        is_ours=is_ours,
        raw=_text(raw),
        note=_note(note),
    )


def is_live(media: IgMedia) -> bool:
    """Whether a post is live video."""
    return LIVE in {media.media_product_type, media.media_type}


def media_of(media: IgMedia) -> tuple[Media, ...]:
    """What a post shows; addresses only."""
    address = media.media_url or media.thumbnail_url
    if not address:
        return ()
    kind = "video" if media.media_type == "VIDEO" and media.media_url else "picture"
    return (Media(kind, address, media.alt_text or ""),)


def _text(raw: msgspec.Raw) -> str:
    return bytes(raw).decode(errors="replace")


def _note(note: Note) -> str:
    return msgspec.json.encode(note).decode()
