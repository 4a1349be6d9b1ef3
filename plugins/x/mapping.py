"""Their JSON to our items; pure.

What a newcomer would get wrong: an edit is a new post with a new id. The first id of the chain is the item's
own for good, the newest is the one that acts must name, and both are kept. And the text of a post longer
than 280 characters is cut in `text`; the whole of it is in the note beside it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

import msgspec

from console.api import Arrival, Author, ItemKind, Media, RemoteId
from console.api.entries import UnreadableError, decoded, own_text
from plugins.x.wire import BarePost, Entities, Includes, Message, Post, User, number, time_of
from plugins.x.wire import Media as WireMedia

T = TypeVar("T")
KINDS_OF_MEDIA = {"photo": "picture", "animated_gif": "picture", "video": "video"}
MESSAGE = "dm-"
"""Before the id of a private message: their numbers are from the same row as those of posts."""
_SITE = "https://x.com"
_ESCAPES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))
"""What X escapes in words, the ampersand last. Seen in every program that reads them, documented nowhere."""


class Note(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the connector wants back with an item."""

    me: str = ""
    version: str = ""
    """The newest version's id."""
    is_below_us: bool = False
    """Whether we began the conversation."""
    is_summoned: bool = False
    """Whether its author named or quoted us, so that X lets us answer."""


@dataclass(frozen=True, slots=True)
class Us:
    """Whose account it is, and what is known of its posts."""

    id: str
    handle: str
    own: Mapping[str, str] = field(default_factory=dict)
    """Our own posts: their first words by id."""
    roots: Mapping[str, str] = field(default_factory=dict)
    """First posts of conversations: their author by id, as far as they were looked up."""


def read_note(text: str) -> Note:
    """What a note says; an empty one when it is not ours."""
    return own_text(text, Note)


def read_post(raw: bytes) -> Post:
    """One post; with the bare words only when the rest of it cannot be read. Raises UnreadableError."""
    try:
        return decoded(raw, Post)
    except UnreadableError:
        bare = decoded(raw, BarePost)
    return Post(**{name: getattr(bare, name) for name in BarePost.__struct_fields__})


def plain(text: str) -> str:
    """Words without X's escapes."""
    for escape, character in _ESCAPES:
        text = text.replace(escape, character)
    return text


def words_in(post: Post) -> str:
    """The whole of a post's words."""
    return plain((post.whole.text if post.whole else "") or post.text)


def people_in(includes: Includes | None) -> dict[str, User]:
    """The authors that a page names. One that cannot be read is left out."""
    return {user.id: user for user in _readable(includes.users if includes else None, User)}


def media_in(includes: Includes | None) -> dict[str, WireMedia]:
    """The pictures and videos that a page names."""
    return {one.media_key: one for one in _readable(includes.media if includes else None, WireMedia)}


def is_reply_to_root(post: Post) -> bool:
    """Whether it answers the first post of its conversation, so that this one's author is known."""
    return bool(post.in_reply_to_user_id) and post.refers_to("replied_to") == post.conversation_id


def root_author(post: Post, us: Us) -> str:
    """Who began the conversation; empty when that is not known."""
    if post.conversation_id in us.own:
        return us.id
    if is_reply_to_root(post):
        return post.in_reply_to_user_id
    return us.roots.get(post.conversation_id, "")


def arrival_of(
    raw: bytes,
    us: Us,
    people: Mapping[str, User],
    media: Mapping[str, WireMedia],
    *,
    is_search: bool = False,
) -> Arrival:
    """One post as an item; `is_search` when it was found by its topic. Raises UnreadableError."""
    post = read_post(raw)
    if not number(post.id) or not post.author_id:
        raise UnreadableError("an item without a number or an author")
    versions = post.versions
    first = versions[0]
    created_at = time_of(first) or milliseconds(post.created_at)
    if created_at is None:
        raise UnreadableError("an item without a time")
    is_edited = len(versions) > 1
    is_ours = post.author_id == us.id
    parent = post.refers_to("replied_to")
    is_below_us = bool(parent) and root_author(post, us) == us.id
    kind = _kind(post, us, is_below_us=is_below_us, is_search=is_search)
    author = people.get(post.author_id, User(post.author_id))
    note = Note(us.id, versions[-1], is_below_us, _is_summoned(post, us))
    whole = post.whole
    return Arrival(
        remote_id=RemoteId(first),
        kind=kind,
        author=Author(author.id, author.username, author.name or author.username),
        text=words_in(post),
        created_at=created_at,
        lang=_language(post.lang),
        parent=RemoteId(parent) if parent else None,
        thread=RemoteId(post.conversation_id or first),
        where=us.own.get(post.conversation_id, "") if parent else "",
        permalink=f"{_SITE}/{author.username or 'i'}/status/{versions[-1]}",
        media=_media(post.attachments.media_keys if post.attachments else None, media)
        + _links((whole.entities if whole else None) or post.entities),
        is_ours=is_ours,
        raw=raw.decode(errors="replace"),
        note=msgspec.json.encode(note).decode(),
        edited_at=(milliseconds(post.created_at) or time_of(post.id)) if is_edited else None,
    )


def message_of(
    raw: bytes, us: Us, people: Mapping[str, User], media: Mapping[str, WireMedia]
) -> Arrival | None:
    """One private message as an item; None for an event that is no message. Raises UnreadableError."""
    found = decoded(raw, Message)
    if found.event_type not in {"", "MessageCreate"}:
        return None
    created_at = milliseconds(found.created_at) or time_of(found.id)
    if created_at is None or not found.sender_id:
        raise UnreadableError("a private message without a time or a sender")
    author = people.get(found.sender_id, User(found.sender_id))
    return Arrival(
        remote_id=RemoteId(MESSAGE + found.id),
        kind=ItemKind.MESSAGE,
        author=Author(author.id, author.username, author.name or author.username),
        text=plain(found.text),
        created_at=created_at,
        thread=RemoteId(f"{MESSAGE}{found.dm_conversation_id or found.id}"),
        media=_media(found.attachments.media_keys if found.attachments else None, media),
        is_ours=found.sender_id == us.id,
        raw=raw.decode(errors="replace"),
        note=msgspec.json.encode(Note(us.id)).decode(),
    )


def milliseconds(text: str) -> int | None:
    """A time of theirs (RFC 3339) as milliseconds since 1970; None when it is none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return round(moment.timestamp() * 1000) if moment.tzinfo is not None else None


def _kind(post: Post, us: Us, *, is_below_us: bool, is_search: bool) -> ItemKind:
    if post.author_id == us.id:
        return ItemKind.POST
    if is_below_us or post.in_reply_to_user_id == us.id:
        return ItemKind.REPLY
    if post.refers_to("quoted") in us.own:
        return ItemKind.QUOTE
    if is_search and not _names(post, us, since=0):
        return ItemKind.FOUND
    return ItemKind.MENTION


def _is_summoned(post: Post, us: Us) -> bool:
    """Whether its author named us in their own words, or quoted us.

    A reply begins with the handles of those whom it answers, put there by X itself; the part that the author
    wrote is what `display_text_range` leaves.
    """
    since = post.display_text_range[0] if post.display_text_range else 0
    if post.refers_to("quoted") in us.own:
        return True
    if post.refers_to("replied_to") and not post.display_text_range:
        return False  # nobody can tell whether the name is the author's or X's
    return _names(post, us, since=since)


def _names(post: Post, us: Us, *, since: int) -> bool:
    for found in (post.entities, post.whole.entities if post.whole else None):
        for one in (found.mentions if found else None) or ():
            is_us = one.id == us.id or (one.username or "").lower() == us.handle.lower()
            if is_us and one.start >= since:
                return True
    return False


def _language(lang: str | None) -> str | None:
    """Two letters; X says `und`, `qme` and the like where it does not know."""
    short = (lang or "").partition("-")[0].lower()
    return short if len(short) == 2 and short.isalpha() else None


def _media(keys: list[str] | None, media: Mapping[str, WireMedia]) -> tuple[Media, ...]:
    found = (media[key] for key in keys or () if key in media)
    return tuple(
        Media(
            KINDS_OF_MEDIA.get(one.type, "link"), one.url or one.preview_image_url or "", one.alt_text or ""
        )
        for one in found
        if one.url or one.preview_image_url
    )


def _links(entities: Entities | None) -> tuple[Media, ...]:
    """Where the shortened addresses in the text lead; those of pictures are media already."""
    links = (entities.urls if entities else None) or ()
    return tuple(
        Media("link", one.expanded_url, one.title or "")
        for one in links
        if one.expanded_url and not one.media_key
    )


def _readable(raws: list[msgspec.Raw] | None, kind: type[T]) -> list[T]:
    found: list[T] = []
    for raw in raws or ():
        try:
            found.append(decoded(bytes(raw), kind))
        except UnreadableError:
            continue  # a name or a picture is missing then; the words matter more
    return found
