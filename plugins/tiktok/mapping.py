"""Their JSON to our items; pure.

What a newcomer would get wrong: nobody can tell who hides a comment. `HIDDEN` stands for the force, for
TikTok's own filters and for the author's privacy alike, so it is passed on as it is and never explained.
"""

from dataclasses import dataclass
from typing import TypeVar

import msgspec

from console.api import Arrival, Author, ItemKind, ItemState, Media, RemoteId
from console.api.entries import UnreadableError, decoded, first_words, own_text
from plugins.tiktok.wire import Comment, Id, Video

T = TypeVar("T")
_FAR_FUTURE_S = 10**11


class Note(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the connector wants back with an item: the video of ours, and the comment above it."""

    video: str = ""
    above: str = ""
    """The comment that a reply hangs below; empty for a comment."""


def read_note(text: str) -> Note:
    """What a note says; an empty one when it is not ours."""
    return own_text(text, Note)


@dataclass(frozen=True, slots=True)
class Place:
    """The video that comments stand below."""

    id: str
    caption: str
    link: str


@dataclass(frozen=True, slots=True)
class Told:
    """A comment as an item, with what only the connector looks at."""

    arrival: Arrival
    is_liked: bool
    replies: int
    """How many replies it has."""
    inline: tuple[bytes, ...]
    """Those that came with it."""

    @property
    def id(self) -> str:
        """The comment's id."""
        return self.arrival.remote_id


def from_comment(raw: bytes, place: Place, account: str) -> Told:
    """One comment or reply as an item. Raises UnreadableError."""
    found = decoded(raw, Comment)
    identity = _id(found.comment_id)
    above = _id(found.parent_comment_id)
    # Some answers name the video as the parent of a first comment.
    above = "" if above in {place.id, "0"} else above
    author = account if found.owner else found.unique_identifier or found.username
    if not identity or not author:
        raise UnreadableError("a comment without an id or an author")
    if not 0 <= found.create_time < _FAR_FUTURE_S:
        raise UnreadableError("a comment without a time that can be")
    arrival = Arrival(
        remote_id=RemoteId(identity),
        kind=ItemKind.REPLY if above else ItemKind.COMMENT,
        author=Author(author, found.username, found.display_name or ""),
        text=found.text,
        created_at=found.create_time * 1000,
        parent=RemoteId(above or place.id),
        thread=RemoteId(place.id),
        where=first_words(place.caption),
        permalink=place.link,
        media=(Media("picture", found.image_url),) if found.image_url else (),
        state=state_of(found.status),
        is_ours=found.owner,
        raw=raw.decode(errors="replace"),
        note=msgspec.json.encode(Note(place.id, above)).decode(),
    )
    inline = tuple(bytes(one) for one in found.reply_list or ())
    return Told(arrival, found.liked, found.replies, inline)


@dataclass(frozen=True, slots=True)
class OwnVideo:
    """A video of ours, as an item and as the place of its comments."""

    place: Place
    arrival: Arrival
    comments: int


def from_video(raw: bytes, account: str, handle: str) -> OwnVideo:
    """One of our own videos. Raises UnreadableError."""
    found = decoded(raw, Video)
    identity = _id(found.item_id)
    moment = _id(found.create_time)
    if not identity or not moment.isdecimal() or int(moment) >= _FAR_FUTURE_S:
        raise UnreadableError("a video without an id or a time")
    place = Place(identity, found.caption or "", found.share_url or "")
    arrival = Arrival(
        remote_id=RemoteId(identity),
        kind=ItemKind.POST,
        author=Author(account, handle, ""),
        text=place.caption,
        created_at=int(moment) * 1000,
        thread=RemoteId(identity),
        permalink=place.link,
        is_ours=True,
        raw=raw.decode(errors="replace"),
        note=msgspec.json.encode(Note(identity)).decode(),
    )
    return OwnVideo(place, arrival, found.comments)


def state_of(status: str) -> ItemState:
    """What a comment's status says of it."""
    return {"PUBLIC": ItemState.VISIBLE, "HIDDEN": ItemState.HIDDEN}.get(status, ItemState.UNKNOWN)


def _id(value: Id) -> str:
    return str(value).strip()
