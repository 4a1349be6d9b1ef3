"""Their JSON to our items; pure.

What a newcomer would get wrong: a comment hangs on a photo and on nothing else, and its time is a text of
whole seconds. Two comments of the same second have no order but that of their list.
"""

from typing import TypeVar

import msgspec

from console.api import Arrival, Author, ItemKind, Media, RemoteId
from plugins.flickr.wire import Comment, Photo, Wire

SITE = "https://www.flickr.com"
W = TypeVar("W", bound=Wire)
_WHERE = 60  # characters of a photo's title that say where a comment hangs


class UnreadableError(Exception):
    """One item cannot be read. The message names fields and types, nobody's words."""


class Note(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the connector wants back with an item."""

    photo: str = ""
    at: int = 0
    """When it was written, milliseconds since 1970."""


def read_note(text: str) -> Note:
    """What a note says; an empty one when it is not ours."""
    try:
        return msgspec.json.decode(text, type=Note)
    except msgspec.DecodeError:
        return Note()


def number_in(value: int | str) -> int:
    """A number of theirs, which may come as a text; -1 for what is none."""
    text = str(value)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else -1


def photo_in(raw: bytes) -> Photo:
    """One photo of a list. Raises UnreadableError."""
    found = _decode(raw, Photo)
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
    found = _decode(raw, Comment)
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


def first_words(text: str) -> str:
    """The first words of a photo's title, to say where a comment hangs."""
    words = " ".join(text.split())
    if len(words) <= _WHERE:
        return words
    return f"{words[:_WHERE].rpartition(' ')[0] or words[:_WHERE]}…"


def _note(photo: str, at: int) -> str:
    return msgspec.json.encode(Note(photo, at)).decode()


def _decode(raw: bytes, kind: type[W]) -> W:
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise UnreadableError(f"an item of another shape than expected ({problem})") from None
