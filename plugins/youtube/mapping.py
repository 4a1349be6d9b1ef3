"""Their JSON to our items; pure.

What a newcomer would get wrong: YouTube rewrites words (links become titles) without the author having done
anything, so other words alone are no edit; only a later `updatedAt` is.
"""

from dataclasses import dataclass
from typing import TypeVar

import msgspec

from console.api import Arrival, Author, ItemKind, ItemState, Media, RemoteId
from console.api.entries import UnreadableError, decoded, first_words, own_text
from console.api.web import time_in
from plugins.youtube.wire import Broadcast, ChatMessage, Comment, Thread

T = TypeVar("T")
STATES = {
    "published": ItemState.VISIBLE,
    "heldForReview": ItemState.HELD,
    "likelySpam": ItemState.HELD,
    "rejected": ItemState.DELETED,
}
"""From `moderationStatus` to ours."""
_SPOKEN = frozenset({"textMessageEvent", "superChatEvent", "memberMilestoneChatEvent"})
"""Events of a live chat in which somebody says something."""


class Note(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the connector wants back with an item."""

    video: str = ""
    top: str = ""
    """The first comment of the thread; empty for a message of a live chat."""
    chat: str = ""
    """The live chat; empty for a comment."""
    can_reply: bool = False


def read_note(text: str) -> Note:
    """What a note says; an empty one when it is not ours."""
    return own_text(text, Note)


def milliseconds(text: str) -> int | None:
    """A time of theirs as milliseconds since 1970, or None when it is no time."""
    found = time_in(text, 0)
    return None if found is None else max(0, found)


@dataclass(frozen=True, slots=True)
class Heard:
    """One comment as it was listed."""

    arrival: Arrival
    updated_at: int
    video: str
    status: str
    """Its `moderationStatus`, as far as it is known."""

    @property
    def top(self) -> str:
        """The first comment of its thread."""
        return self.arrival.thread or self.arrival.remote_id


def from_comment(raw: bytes | msgspec.Raw, thread: Thread | None, me: str, status: str, top: str) -> Heard:
    """One comment. Raises UnreadableError.

    `thread` is the thread in which it was listed, where it was; `status` counts where the comment itself does
    not say; `top` is the id of the thread's first comment.
    """
    found = decoded(raw, Comment)
    snippet = found.snippet
    created_at = milliseconds(snippet.published_at)
    if not found.id or created_at is None:
        raise UnreadableError("a comment without an id or a time")
    author = _author(snippet.author_channel_id.value, snippet.author_display_name, snippet.author_channel_url)
    updated_at = milliseconds(snippet.updated_at) or created_at
    video = snippet.video_id or (thread.snippet.video_id if thread else "")
    known = snippet.moderation_status or status
    note = Note(video=video, top=top, can_reply=thread.snippet.can_reply if thread else False)
    is_reply = found.id != top
    arrival = Arrival(
        remote_id=RemoteId(found.id),
        kind=ItemKind.REPLY if is_reply else ItemKind.COMMENT,
        author=author,
        text=snippet.text_display or snippet.text_original,
        created_at=created_at,
        parent=RemoteId(top) if is_reply else None,
        thread=RemoteId(top),
        permalink=permalink(video, found.id),
        media=(Media("picture", snippet.image_url),) if snippet.image_url else (),
        state=STATES.get(known, ItemState.VISIBLE),
        is_ours=author.id == me,
        raw=bytes(raw).decode(errors="replace"),
        note=msgspec.json.encode(note).decode(),
        edited_at=updated_at if updated_at > created_at else None,
    )
    return Heard(arrival, updated_at, video, known)


def permalink(video: str, comment: str) -> str:
    """Where a person sees the comment in a browser, put together as YouTube's own links are."""
    return f"https://www.youtube.com/watch?v={video}&lc={comment}" if video else ""


def from_chat(raw: bytes | msgspec.Raw, broadcast: Broadcast, me: str) -> Arrival | None:
    """One message of a live chat; None for an event in which nobody says anything. Raises UnreadableError."""
    found = decoded(raw, ChatMessage)
    snippet = found.snippet
    if snippet.type not in _SPOKEN:
        return None
    created_at = milliseconds(snippet.published_at)
    if not found.id or created_at is None:
        raise UnreadableError("a message without an id or a time")
    who = found.author_details
    author = _author(who.channel_id or snippet.author_channel_id, who.display_name, "")
    details = snippet.super_chat_details or snippet.member_milestone_chat_details
    said = snippet.text_message_details.message_text if snippet.text_message_details else ""
    words = said or (details.user_comment if details else "") or snippet.display_message
    return Arrival(
        remote_id=RemoteId(found.id),
        kind=ItemKind.COMMENT,
        author=author,
        text=words,
        created_at=created_at,
        where=first_words(broadcast.snippet.title),
        permalink=f"https://www.youtube.com/watch?v={broadcast.id}",
        is_ours=author.id == me,
        raw=bytes(raw).decode(errors="replace"),
        note=msgspec.json.encode(
            Note(video=broadcast.id, chat=broadcast.snippet.live_chat_id, can_reply=True)
        ).decode(),
    )


def _author(channel: str, name: str, url: str) -> Author:
    """Who said it; somebody whose account is gone has a name at best."""
    identity = channel or url.rpartition("/")[2] or name
    if not identity:
        raise UnreadableError("an item without an author")
    return Author(id=identity, handle=name.removeprefix("@"), name=name.removeprefix("@"))
