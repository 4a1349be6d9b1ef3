"""Their JSON to our items; pure.

What a newcomer would get wrong: a comment hangs on a photo and on nothing else, and its time is a text of
whole seconds. Two comments of the same second have no order but that of their list.
"""

from typing import TypeVar

import msgspec

from console.api import Arrival, Author, ItemKind, Media, RemoteId
from console.api.entries import UnreadableError, decoded, first_words, own_text
from plugins.flickr.wire import Comment, Photo, Wire

SITE = "https://www.flickr.com"
W = TypeVar("W", bound=Wire)


class Note(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the connector wants back with an item."""

    photo: str = ""
    at: int = 0
    """When it was written, milliseconds since 1970."""


def read_note(text: str) -> Note:
    """What a note says; an empty one when it is not ours."""
    return own_text(text, Note)


def number_in(value: int | str) -> int:
    """A number of theirs, which may come as a text; -1 for what is none."""
    text = str(value)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else -1


def photo_in(raw: bytes) -> Photo:
    """One photo of a list. Raises UnreadableError."""
    found = decoded(raw, Photo)
    if number_in(found.id) < 0:
        raise UnreadableError("a photo without a proper id")
    return found


def from_photo(raw: bytes, me: str) -> Arrival:
    """One of our own photos as an item. Raises UnreadableError."""
    found = photo_in(raw)
    uploaded = number_in(found.dateupload)
    if uploaded < 0:
        raise UnreadableError("a photo without a time")
    kind = "video" if found.media == "video" else "picture"
    return Arrival(
        remote_id=RemoteId(found.id),
        kind=ItemKind.POST,
        author=Author(id=found.owner or me, handle=found.owner or me, name=""),
        text=found.title,
        created_at=uploaded * 1000,
        thread=RemoteId(found.id),
        permalink=f"{SITE}/photos/{found.owner or me}/{found.id}/",
        media=(Media(kind, found.url_m, found.title),) if found.url_m else (),
        is_ours=True,
        raw=raw.decode(errors="replace"),
        note=_note(found.id, uploaded * 1000),
    )


def from_comment(raw: bytes, photo: str, title: str, me: str) -> Arrival:
    """One comment as an item; `photo` and `title` are those of the photo. Raises UnreadableError."""
    found = decoded(raw, Comment)
    made = number_in(found.datecreate)
    if made < 0:
        raise UnreadableError("a comment without a time")
    if not found.id or not found.author:
        raise UnreadableError("a comment without an id or an author")
    return Arrival(
        remote_id=RemoteId(found.id),
        kind=ItemKind.COMMENT,
        author=Author(
            id=found.author,
            handle=found.path_alias or found.authorname or found.author,
            name=found.realname or found.authorname,
        ),
        text=found.content,
        created_at=made * 1000,
        parent=RemoteId(photo),
        thread=RemoteId(photo),
        where=first_words(title),
        permalink=found.permalink or f"{SITE}/photos/{me}/{photo}/",
        is_ours=found.author == me,
        raw=raw.decode(errors="replace"),
        note=_note(photo, made * 1000),
    )


def _note(photo: str, at: int) -> str:
    return msgspec.json.encode(Note(photo, at)).decode()
