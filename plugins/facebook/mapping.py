"""Their JSON to our items; pure.

What a newcomer would get wrong: the id of one and the same comment comes as `98765` and as `POST_98765`,
depending on who is asked. The part after the last underscore is the comment; the id as it came is kept in the
note, because that is what the network wants to be asked with.
"""

import msgspec

from console.api import Arrival, Author, ItemKind, ItemState, Media, RemoteId
from console.api.entries import UnreadableError, decoded, own_text
from plugins.facebook.wire import (
    Attachment,
    Comment,
    Message,
    MessageFiles,
    Person,
    Post,
    Rating,
    is_there,
)
from plugins.meta.entries import time_of

NOBODY = "unknown:"
"""Begins the author's id where the network does not say who it was: each such item stands alone."""
A_VISITOR_POST = "Visitor post on the Page"
A_TAGGED_POST = "Post elsewhere that tags the Page"
A_MESSAGE = "Message to the Page"


class Note(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the connector wants back with an item. An absent `can_…` means that the network said nothing."""

    page: str = ""
    at: str = ""
    """The network's own id of the item."""
    sort: str = ""
    """`comment`, `post`, `visitor`, `tagged`, `review` or `message`."""
    can_hide: bool | None = None
    can_remove: bool | None = None
    can_comment: bool | None = None
    can_like: bool | None = None
    can_reply_privately: bool | None = None


def read_note(text: str) -> Note:
    """What a note says; an empty one when it is not ours."""
    return own_text(text, Note)


def bare(comment_id: str) -> str:
    """The part of a comment's id that is the same wherever it is asked for."""
    return comment_id.rpartition("_")[2]


def is_known(author_id: str) -> bool:
    """Whether the network said who wrote an item."""
    return bool(author_id) and not author_id.startswith(NOBODY)


def from_comment(raw: bytes, page: str, thread: str, where: str) -> Arrival:
    """One comment below `thread`, the network's id of a post or of a live video. Raises UnreadableError."""
    found = decoded(raw, Comment)
    one = bare(found.id)
    parent = bare(found.parent.id) if found.parent and found.parent.id else ""
    return Arrival(
        remote_id=RemoteId(one),
        kind=ItemKind.REPLY if parent else ItemKind.COMMENT,
        author=_author(found.author, one),
        text=found.message or "",
        created_at=time_of(found.created_time),
        parent=RemoteId(parent or thread),
        thread=RemoteId(thread),
        where=where,
        permalink=found.permalink_url or "",
        media=_attached(found.attachment),
        state=ItemState.HIDDEN if found.is_hidden else ItemState.VISIBLE,
        is_ours=_is_page(found.author, page),
        raw=raw.decode(errors="replace"),
        note=_note(
            Note(
                page,
                found.id,
                "comment",
                found.can_hide,
                found.can_remove,
                found.can_comment,
                found.can_like,
                found.can_reply_privately,
            )
        ),
    )


def from_post(raw: bytes, page: str, sort: str) -> Arrival:
    """One post; `sort` is `post`, `visitor` or `tagged`. Raises UnreadableError."""
    found = decoded(raw, Post)
    is_ours = sort == "post" or _is_page(found.author, page)
    author = _author(found.author, found.id)
    if is_ours and not is_known(author.id):
        author = Author(page, "", "")
    where = {"visitor": A_VISITOR_POST, "tagged": A_TAGGED_POST}.get(sort, "")
    return Arrival(
        remote_id=RemoteId(found.id),
        kind=ItemKind.POST if is_ours else ItemKind.MENTION,
        author=author,
        text=found.message or found.story or "",
        created_at=time_of(found.created_time),
        thread=RemoteId(found.id),
        where=where,
        permalink=found.permalink_url or "",
        media=(Media("picture", found.full_picture),) if found.full_picture else (),
        state=ItemState.HIDDEN if found.is_hidden else ItemState.VISIBLE,
        is_ours=is_ours,
        raw=raw.decode(errors="replace"),
        note=_note(Note(page, found.id, sort)),
    )


def from_rating(raw: bytes, page: str) -> Arrival:
    """One review. It has no id, so it is named after its story, or its author and time. May be unreadable."""
    found = decoded(raw, Rating)
    created_at = time_of(found.created_time)
    story = found.open_graph_story.id if found.open_graph_story else ""
    who = found.reviewer.id if found.reviewer else ""
    if not story and not who:
        raise UnreadableError("a review without anything to tell it from others")
    one = f"review:{story or f'{who}:{created_at}'}"
    return Arrival(
        remote_id=RemoteId(one),
        kind=ItemKind.REVIEW,
        author=_author(found.reviewer, one),
        text=found.review_text or "",
        created_at=created_at,
        thread=RemoteId(one),
        where=_verdict(found),
        permalink=f"https://www.facebook.com/{story}"
        if story
        else f"https://www.facebook.com/{page}/reviews",
        raw=raw.decode(errors="replace"),
        note=_note(Note(page, story, "review")),
    )


def from_message(raw: bytes, page: str, thread: str, link: str) -> Arrival:
    """One private message. Raises UnreadableError."""
    found = decoded(raw, Message)
    return Arrival(
        remote_id=RemoteId(found.id),
        kind=ItemKind.MESSAGE,
        author=_author(found.author, found.id),
        text=found.message or "",
        created_at=time_of(found.created_time),
        thread=RemoteId(thread),
        where=A_MESSAGE,
        permalink=f"https://www.facebook.com{link}" if link.startswith("/") else link,
        media=_files(found.attachments),
        is_ours=_is_page(found.author, page),
        raw=raw.decode(errors="replace"),
        note=_note(Note(page, found.id, "message")),
    )


def _note(note: Note) -> str:
    return msgspec.json.encode(note).decode()


def _author(person: Person | None, item: str) -> Author:
    if person is None or not person.id:
        return Author(f"{NOBODY}{item}", "", (person.name if person else None) or "")
    return Author(person.id, "", person.name or "")


def _is_page(person: Person | None, page: str) -> bool:
    return person is not None and bool(person.id) and person.id == page


def _verdict(found: Rating) -> str:
    """What a review says without words."""
    if found.recommendation_type:
        return (
            "Review: recommends the Page"
            if found.recommendation_type == "positive"
            else ("Review: does not recommend the Page")
        )
    return f"Review: {found.rating} of 5 stars" if found.rating else "Review"


def _attached(raw: msgspec.Raw) -> tuple[Media, ...]:
    """What hangs on a comment. One that cannot be read hangs nothing: the words matter more."""
    if not is_there(raw):
        return ()
    try:
        found = msgspec.json.decode(raw, type=Attachment)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ()
    words = " ".join(part for part in (found.title, found.description) if part)
    picture = found.media.image.src if found.media and found.media.image else ""
    source = (found.media.source if found.media else None) or found.url or ""
    if "video" in found.type:
        return (Media("video", source or picture, words),) if source or picture else ()
    if picture and "share" not in found.type:
        return (Media("picture", picture, words),)
    return (Media("link", found.url, words),) if found.url else ()


def _files(raw: msgspec.Raw) -> tuple[Media, ...]:
    if not is_there(raw):
        return ()
    try:
        found = msgspec.json.decode(raw, type=MessageFiles)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ()
    media: list[Media] = []
    for file in found.data:
        if file.image_data and file.image_data.url:
            media.append(Media("picture", file.image_data.url, file.name or ""))
        elif file.video_data and file.video_data.url:
            media.append(Media("video", file.video_data.url, file.name or ""))
        elif file.file_url:
            media.append(Media("link", file.file_url, file.name or ""))
    return tuple(media)
