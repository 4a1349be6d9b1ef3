"""Their JSON to our items; pure.

What a newcomer would get wrong: the words are HTML that somebody else's server wrote. The text of an item is
plain and nothing of it is lost: the warning above a post, its words, and the choices of its poll, each in a
paragraph of its own. The raw form keeps their bytes.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from console.api import Arrival, Author, ItemKind, Media, RemoteId
from console.api.entries import UnreadableError, decoded, own_text
from console.api.web import milliseconds
from plugins.mastodon.markup import to_plain
from plugins.mastodon.wire import Account, Attachment, Bare, Notification, Post

T = TypeVar("T")
KINDS = ("mention", "quote")
"""Notifications that we take in."""
ELSEWHERE = "found"
"""In place of a kind of notification: a search found it, and it is not addressed to the account."""
_MEDIA = {"image": "picture", "gifv": "video", "video": "video", "audio": "audio"}
_LANGUAGE = re.compile(r"([a-zA-Z]{2})(?![a-zA-Z])")


class Note(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the connector wants back with an item."""

    acct: str = ""
    """The author's name as a reply has to mention it."""
    visibility: str = "public"
    """Who can see the post, and so who may see an answer to it."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a post hangs."""

    thread: str
    """The first post of its thread."""
    where: str = ""
    """The first words of our own post above it."""
    is_ours: bool = False
    """Whether this account began the thread."""


@dataclass(frozen=True, slots=True)
class Home:
    """Whose posts these are to be told apart from others."""

    me: str
    """The account's id."""
    domain: str
    """The server's domain, for the handles of those who live there too."""


def read_note(text: str) -> Note:
    """What a note says; an empty one when it is not ours."""
    return own_text(text, Note)


def post_of(raw: bytes) -> Post:
    """One post; the least of it where the rest cannot be read. Raises UnreadableError."""
    try:
        return msgspec.json.decode(raw, type=Post)
    except (msgspec.DecodeError, UnicodeDecodeError):
        bare = decoded(raw, Bare)
        hung = msgspec.json.decode(raw, type=dict[str, object])
        return Post(
            id=bare.id,
            account=bare.account,
            content=bare.content,
            created_at=bare.created_at,
            in_reply_to_id=_text(hung, "in_reply_to_id"),
            in_reply_to_account_id=_text(hung, "in_reply_to_account_id"),
            # An answer to a post of unknown visibility must not say more to more people than it did.
            visibility=_text(hung, "visibility") or "direct",
        )


def notification_of(raw: bytes) -> Notification:
    """One notification. Raises UnreadableError."""
    return decoded(raw, Notification)


def kind_of(post: Post, me: str, place: Place, told: str = "") -> ItemKind:
    """What sort of thing a post is to the account.

    `told` is the kind of notification that it came with, or `ELSEWHERE`.
    """
    if post.account.id == me:
        return ItemKind.POST
    if post.visibility == "direct":
        return ItemKind.MESSAGE
    if told == ELSEWHERE:
        return ItemKind.FOUND
    if told == "quote":
        return ItemKind.QUOTE
    is_below = post.in_reply_to_id is not None and (place.is_ours or post.in_reply_to_account_id == me)
    return ItemKind.REPLY if is_below else ItemKind.MENTION


def concerns(post: Post, me: str, place: Place) -> bool:
    """Whether a post is ours, or addressed to us, or stands in a thread of ours."""
    is_named = any(person.id == me for person in post.mentions or ())
    is_below = post.in_reply_to_id is not None and place.is_ours
    return me in {post.account.id, post.in_reply_to_account_id} or is_named or is_below


def to_arrival(raw: bytes, post: Post, kind: ItemKind, home: Home, place: Place) -> Arrival:
    """One post as an item. `raw` is the post's own JSON. Raises UnreadableError."""
    created_at = milliseconds(post.created_at)
    if created_at is None or created_at < 0:
        raise UnreadableError("a post without a time")
    if not post.id or not post.account.id:
        raise UnreadableError("a post without an identity")
    text, media = _words(post)
    return Arrival(
        remote_id=RemoteId(post.id),
        kind=kind,
        author=Author(post.account.id, _handle(post.account, home.domain), post.account.display_name),
        text=text,
        created_at=created_at,
        lang=_language(post.language),
        parent=RemoteId(post.in_reply_to_id) if post.in_reply_to_id else None,
        thread=RemoteId(place.thread),
        where=place.where if post.in_reply_to_id else "",
        permalink=post.url or post.uri,
        media=media,
        is_ours=post.account.id == home.me,
        raw=raw.decode(errors="replace"),
        note=msgspec.json.encode(Note(post.account.acct, post.visibility)).decode(),
        edited_at=milliseconds(post.edited_at),
    )


def text_of(post: Post) -> str:
    """The plain words of a post."""
    return _words(post)[0]


def newest(ids: list[str]) -> str:
    """The newest of some ids of one sort: they grow, in length first; empty for none."""
    return max(ids, key=age_of, default="")


def age_of(identity: str) -> tuple[int, str]:
    """What ids of one sort are ordered by, the oldest first."""
    return len(identity), identity


def _words(post: Post) -> tuple[str, tuple[Media, ...]]:
    plain = to_plain(post.content)
    choices = "\n".join(choice.title for choice in post.poll.options) if post.poll else ""
    text = "\n\n".join(part for part in (post.spoiler_text, plain.text, choices) if part)
    hung = [_attached(one) for one in post.media_attachments or ()]
    # A link may lead elsewhere than its words say, so where it leads is kept beside them.
    links = {link.url: link.words for link in plain.links}
    if post.card and post.card.url:
        links[post.card.url] = f"{post.card.title} {post.card.description}".strip()
    linked = [Media("link", url, words) for url, words in links.items()]
    return text, (*(one for one in hung if one is not None), *linked)


def _attached(found: Attachment) -> Media | None:
    url = found.url or found.remote_url
    return Media(_MEDIA.get(found.type, "link"), url, found.description or "") if url else None


def _handle(account: Account, domain: str) -> str:
    name = account.acct or account.username
    return name if "@" in name or not name or not domain else f"{name}@{domain}"


def _language(tag: str | None) -> str | None:
    found = _LANGUAGE.match(tag or "")
    return found[1].lower() if found else None


def _text(found: Mapping[str, object], name: str) -> str | None:
    value = found.get(name)
    return value if isinstance(value, str) else None
