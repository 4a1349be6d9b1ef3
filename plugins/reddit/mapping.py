"""Their JSON to our items; pure.

What a newcomer would get wrong: a name such as `t1_lxyza` is the whole identity. Its first two signs say
what it is (`t1` a comment, `t3` a post, `t4` a private message), and reads that want the bare id and writes
that want the whole name are told apart by it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import msgspec
from msgspec import UNSET

from console.api import Arrival, Author, ItemKind, ItemState, Media, RemoteId
from console.api.entries import UnreadableError, decoded, first_words, own_text
from plugins.reddit.wire import Attached, Comment, Message, Moderated, Post, Said, Thing, Wire

SITE = "https://www.reddit.com"
COMMENT, POST, MESSAGE = "t1", "t3", "t4"
TAKEN_BACK = "[deleted]"
"""Stands in place of the words and of the name when an author deleted something."""
TAKEN_DOWN = frozenset({"[removed]", "[ Removed by Reddit ]"})
"""Stands in place of the words when we may not see what was removed."""
NO_NAME = "[deleted]"

T = TypeVar("T", bound=Said)
W = TypeVar("W", bound=Wire)
_ROBOTS = frozenset({"automoderator", "reddit"})


@dataclass(frozen=True, slots=True)
class _Standing:
    """Where an item stands; this differs between comments, posts and messages."""

    kind: ItemKind
    parent: str | None
    thread: str | None
    where: str
    permalink: str
    media: tuple[Media, ...] = ()


class Note(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the connector wants back with an item."""

    author: str = ""
    """The author's name, by which Reddit bans and mutes; empty when it is gone."""
    here: bool = False
    """Whether it stands in the force's own subreddit."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What one entry of a list shows."""

    name: str
    state: ItemState | None
    """None: a moderator's fields are missing, so it is not known whether the public sees it."""
    arrival: Arrival | None
    """None: nothing of its words is left."""


def read_note(text: str) -> Note:
    """What a note says; an empty one when it is not ours."""
    return own_text(text, Note)


def kind_of(name: str) -> str:
    """The first part of a whole name, such as `t1`; empty for what is none."""
    head, _, tail = name.partition("_")
    return head if head in {COMMENT, POST, MESSAGE} and tail.isalnum() else ""


def state_of(found: Moderated) -> ItemState | None:
    """Whether the public sees it, as moderators are shown it; None when we are not shown that.

    What a machine took down and nobody has judged counts as held back: it waits for a moderator.
    """
    by = found.banned_by
    if found.removed is UNSET and found.spam is UNSET and by is UNSET:
        return None
    if isinstance(by, str) and by:
        return ItemState.HELD if by.casefold() in _ROBOTS else ItemState.HIDDEN
    if by is True or found.spam is True:
        return ItemState.HELD
    return ItemState.HIDDEN if found.removed is True else ItemState.VISIBLE


def seen_in(raw: bytes, me: str, subreddit: str) -> Seen:
    """What one entry of a list shows. Raises UnreadableError."""
    thing = decoded(raw, Thing)
    inner = bytes(thing.data)
    if thing.kind == COMMENT:
        return _comment(inner, me, subreddit)
    if thing.kind == POST:
        return _post(inner, me, subreddit)
    if thing.kind == MESSAGE:
        return _message(inner, me)
    raise UnreadableError(f"an entry of the kind “{thing.kind[:20]}”")


def _comment(raw: bytes, me: str, subreddit: str) -> Seen:
    found = _checked(decoded(raw, Comment), COMMENT)
    is_reply = found.parent_id.startswith(f"{COMMENT}_")
    kind = ItemKind.REPLY if is_reply else ItemKind.COMMENT
    if not _is_here(found, subreddit):
        kind = ItemKind.REPLY if is_reply and "reply" in _inbox_type(raw) else ItemKind.MENTION
    thread = found.link_id or _thread_in(found.context)
    link = found.permalink or found.context or f"/comments/{thread.removeprefix('t3_')}/_/{found.name[3:]}/"
    stands = _Standing(
        kind=kind,
        parent=found.parent_id or None,
        thread=thread or None,
        where=first_words(found.link_title),
        permalink=f"{SITE}{link}",
        media=_pictures(found.media_metadata),
    )
    return _seen(found, found.body, raw, me, subreddit, stands)


def _post(raw: bytes, me: str, subreddit: str) -> Seen:
    found = _checked(decoded(raw, Post), POST)
    is_ours = _is_me(found.author, me)
    words = "\n\n".join(part for part in (found.title, found.selftext) if part)
    if found.selftext == TAKEN_BACK or found.selftext in TAKEN_DOWN:
        words = found.selftext  # the title stays, and is nobody's any more
    link = found.permalink or f"/comments/{found.name[3:]}/"
    stands = _Standing(
        kind=ItemKind.POST if is_ours else ItemKind.COMMENT,
        parent=None,
        thread=found.name,
        where="" if is_ours else f"a post in r/{found.subreddit or subreddit}",
        permalink=f"{SITE}{link}",
        media=_hung_on(found),
    )
    return _seen(found, words, raw, me, subreddit, stands)


def _message(raw: bytes, me: str) -> Seen:
    found = _checked(decoded(raw, Message), MESSAGE)
    stands = _Standing(
        kind=ItemKind.MESSAGE,
        parent=found.parent_id or None,
        thread=found.first_message_name or found.name,
        where=first_words(found.subject),
        permalink=f"{SITE}/message/messages/{found.name[3:]}",
    )
    seen = _seen(found, found.body, raw, me, "", stands)
    return Seen(seen.name, ItemState.VISIBLE, seen.arrival)


def _seen(found: Said, words: str, raw: bytes, me: str, subreddit: str, stands: _Standing) -> Seen:
    """Puts together what every kind of item has."""
    is_here = _is_here(found, subreddit)
    state = state_of(found) if is_here else ItemState.VISIBLE
    name = found.author if found.author and found.author != NO_NAME else ""
    if found.removed_by_category == "deleted" or (words == TAKEN_BACK and not name):
        return Seen(found.name, ItemState.GONE, None)
    if words in TAKEN_DOWN and (not name or state is not ItemState.VISIBLE):
        return Seen(found.name, ItemState.HIDDEN, None)
    if found.created_utc < 0:
        raise UnreadableError("an item without a time")
    edited = found.edited
    arrival = Arrival(
        remote_id=RemoteId(found.name),
        kind=stands.kind,
        author=Author(id=found.author_fullname or name or NO_NAME, handle=name or NO_NAME, name=""),
        text=words,
        created_at=round(found.created_utc * 1000),
        parent=RemoteId(stands.parent) if stands.parent else None,
        thread=RemoteId(stands.thread) if stands.thread else None,
        where=stands.where,
        permalink=stands.permalink,
        media=stands.media,
        state=state or ItemState.VISIBLE,
        is_ours=_is_me(found.author, me),
        raw=raw.decode(errors="replace"),
        note=msgspec.json.encode(Note(name, is_here)).decode(),
        edited_at=None if isinstance(edited, bool) else round(edited * 1000),
    )
    return Seen(found.name, state, arrival)


def _checked(found: T, kind: str) -> T:
    if kind_of(found.name) != kind:
        raise UnreadableError("an item without a proper name")
    return found


def _is_me(author: str | None, me: str) -> bool:
    return bool(me) and (author or "").casefold() == me.casefold()


def _is_here(found: Said, subreddit: str) -> bool:
    """Whether it stands in the force's own subreddit; names differ in nothing but their capitals."""
    return bool(subreddit) and (found.subreddit or "").casefold() == subreddit.casefold()


class _InboxPart(msgspec.Struct):
    type: str = ""


def _inbox_type(raw: bytes) -> str:
    """Why a comment stands in the inbox, such as `comment_reply` or `username_mention`."""
    try:
        return msgspec.json.decode(raw, type=_InboxPart).type
    except msgspec.DecodeError:
        return ""


def _thread_in(context: str) -> str:
    """The post that a comment's address names, as a whole name; empty when it names none."""
    parts = context.split("/")
    if "comments" not in parts[:-1]:
        return ""
    return f"{POST}_{parts[parts.index('comments') + 1]}"


def _pictures(attached: Mapping[str, Attached] | None) -> tuple[Media, ...]:
    return tuple(Media("picture", one.s.u) for one in (attached or {}).values() if one.s.u)


def _hung_on(post: Post) -> tuple[Media, ...]:
    pictures = _pictures(post.media_metadata)
    if post.is_self or not post.url or pictures:
        return pictures
    kind = "video" if post.is_video else "picture" if post.post_hint == "image" else "link"
    return (Media(kind, post.url),)
