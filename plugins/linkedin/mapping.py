"""Their JSON to our items; pure.

What a newcomer would get wrong: one post has up to three names (`share`, `ugcPost`, `activity`), and comments
come back under the activity whichever was asked for. So an item is known by the comment's own number, and the
names of its post travel in its note.
"""

from dataclasses import dataclass
from typing import TypeVar

import msgspec

from console.api import Arrival, Author, ItemKind, Media, RemoteId
from console.api.entries import UnreadableError, decoded, first_words, own_text
from plugins.linkedin.urns import comment_urn, escaped, number_of, parts_of
from plugins.linkedin.wire import Comment, Notification, Post

T = TypeVar("T")
FEED = "https://www.linkedin.com/feed/update"
_FAR_FUTURE_MS = 10**14
ACTIONS = (
    "COMMENT",
    "COMMENT_EDIT",
    "COMMENT_DELETE",
    "ADMIN_COMMENT",
    "SHARE_MENTION",
)
"""Kinds of notifications that are asked for."""


class Note(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the connector wants back with an item."""

    post: str = ""
    """The post, as it is asked for."""
    object: str = ""
    """The activity that a comment names."""
    urn: str = ""
    """The comment's own name."""
    top: str = ""
    """The comment that a reply hangs below."""
    is_own_post: bool = False
    """Whether the page wrote the post."""


def read_note(text: str) -> Note:
    """What a note says; an empty one when it is not ours."""
    return own_text(text, Note)


@dataclass(frozen=True, slots=True)
class Place:
    """The post that comments stand below."""

    urn: str
    words: str = ""
    is_own: bool = True


@dataclass(frozen=True, slots=True)
class Told:
    """A comment as an item, with what only the connector looks at."""

    arrival: Arrival
    urn: str
    replies: int

    @property
    def id(self) -> str:
        """The comment's number."""
        return self.arrival.remote_id


@dataclass(frozen=True, slots=True)
class News:
    """A notification, as far as it is read."""

    id: str
    action: str
    at: int
    place: Place
    comment: str
    """The name of the comment that it is about; empty when it is about a post."""
    post: str
    """The name of the post that mentions us; empty when it is about a comment."""
    raw: bytes


def from_notification(raw: bytes, page: str) -> News:
    """One notification. Raises UnreadableError."""
    found = decoded(raw, Notification)
    told = found.decorated_generated_activity
    source = found.decorated_source_post
    if found.action == "SHARE_MENTION":
        post = found.generated_activity or (told.share.entity if told and told.share else found.source_post)
        if not post:
            raise UnreadableError("a mention without a post")
        place = Place(post, is_own=False)
        return News(str(found.notification_id), found.action, found.last_modified_at, place, "", post, raw)
    repeated = told.comment.entity if told and told.comment else ""
    comment = comment_urn(repeated) or comment_urn(found.generated_activity)
    if not comment:
        raise UnreadableError("a notification without a comment")
    post = (source.entity if source else "") or found.source_post or parts_of(comment)[0]
    is_own = source is None or source.owner in {"", page}
    place = Place(post, first_words((source.text if source else "") or ""), is_own)
    return News(str(found.notification_id), found.action, found.last_modified_at, place, comment, "", raw)


def from_comment(raw: bytes, place: Place, page: str, names: dict[str, str]) -> Told:
    """One comment or reply as an item; `names` are those of authors. Raises UnreadableError."""
    found = decoded(raw, Comment)
    urn = comment_urn(found.comment_urn) or comment_urn(found.urn)
    if not urn and found.id and found.object:
        urn = comment_urn(f"urn:li:comment:({found.object},{found.id})")
    object_urn, number = parts_of(urn)
    actor = found.actor or found.created.actor
    if not number or not actor or not 0 <= found.created.time < _FAR_FUTURE_MS:
        raise UnreadableError("a comment without a name, an author or a time")
    top = comment_urn(found.parent_comment or "")
    changed = found.last_modified.time if found.last_modified else 0
    note = Note(place.urn, found.object or object_urn, urn, top, place.is_own)
    arrival = Arrival(
        remote_id=RemoteId(number),
        kind=ItemKind.REPLY if top else ItemKind.COMMENT,
        author=author_of(actor, names),
        text=found.message.text,
        created_at=found.created.time,
        parent=RemoteId(parts_of(top)[1] if top else place.urn),
        thread=RemoteId(place.urn),
        where=place.words,
        permalink=f"{FEED}/{note.object}?commentUrn={escaped(urn)}",
        media=tuple(Media("picture", one.url) for one in found.content or () if one.url),
        is_ours=actor == page,
        raw=raw.decode(errors="replace"),
        note=msgspec.json.encode(note).decode(),
        edited_at=changed if found.created.time < changed < _FAR_FUTURE_MS else None,
    )
    return Told(arrival, urn, found.comments_summary.total_first_level_comments)


def from_post(raw: bytes, page: str, names: dict[str, str]) -> Arrival:
    """A post of the page, or one that mentions it, as an item. Raises UnreadableError."""
    found = decoded(raw, Post)
    at = found.published_at or found.created_at
    return _post(found.id, found.author, found.commentary or "", at, raw, page, names)


def from_mention(news: News, page: str, names: dict[str, str]) -> Arrival:
    """A mention from what the notification repeats of it. Raises UnreadableError when it repeats nothing."""
    found = decoded(news.raw, Notification).decorated_generated_activity
    share = found.share if found else None
    if share is None or not share.text:
        raise UnreadableError("a mention that cannot be read at LinkedIn")
    return _post(news.post, share.owner, share.text, news.at, news.raw, page, names)


def _post(
    urn: str, author: str, words: str, at: int, raw: bytes, page: str, names: dict[str, str]
) -> Arrival:
    if not urn or not author or not 0 < at < _FAR_FUTURE_MS:
        raise UnreadableError("a post without a name, an author or a time")
    is_ours = author == page
    return Arrival(
        remote_id=RemoteId(urn),
        kind=ItemKind.POST if is_ours else ItemKind.MENTION,
        author=author_of(author, names),
        text=words,
        created_at=at,
        thread=RemoteId(urn),
        permalink=f"{FEED}/{urn}",
        is_ours=is_ours,
        raw=raw.decode(errors="replace"),
        note=msgspec.json.encode(Note(urn, urn, is_own_post=is_ours)).decode(),
    )


def author_of(urn: str, names: dict[str, str]) -> Author:
    """An author; without a name, their id stands for them."""
    return Author(urn, number_of(urn), names.get(urn, ""))
