"""Their JSON to our items; pure.

What a newcomer would get wrong: `createdAt` is the author's own claim and may lie in either direction.
It is believed only where it is a little earlier than the time at which the network indexed the post.
"""

import re
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from console.api import Arrival, Author, ItemKind, ItemState, Media, RemoteId
from console.api.entries import UnreadableError, decoded, own_text
from console.api.web import milliseconds
from plugins.bluesky.wire import (
    Actor,
    BareRecord,
    Embed,
    Facet,
    Notification,
    PostRecord,
    PostView,
    Ref,
    ThreadNode,
    is_there,
)

CDN = "https://cdn.bsky.app/img/feed_fullsize/plain"
VIDEOS = "https://video.bsky.app/watch"
KINDS = {"reply": ItemKind.REPLY, "quote": ItemKind.QUOTE, "mention": ItemKind.MENTION}
"""Reasons of notifications that we take in, the weightiest first: one post may have several."""

T = TypeVar("T")
_URI = re.compile(r"at://(did:[a-z]+:[^/\s]+)/([^/\s]+)/([^/\s]+)")
_LANGUAGE = re.compile(r"([a-zA-Z]{2})(?![a-zA-Z])")
_BELIEVED_MS = 24 * 3_600_000  # how much earlier than its indexing a post may claim to be


class Note(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the connector wants back with an item: whose account, and the versions a reply must name."""

    me: str = ""
    cid: str = ""
    root_cid: str = ""


def read_note(text: str) -> Note:
    """What a note says; an empty one when it is not ours."""
    return own_text(text, Note)


def parts_of(uri: str) -> tuple[str, str, str]:
    """Repository, collection and key of an address; three empty texts when it is none."""
    found = _URI.fullmatch(uri)
    return (found[1], found[2], found[3]) if found else ("", "", "")


def permalink(uri: str) -> str:
    """Where a person sees the post in a browser; by identity, since handles change."""
    did, _, rkey = parts_of(uri)
    return f"https://bsky.app/profile/{did}/post/{rkey}" if did else ""


@dataclass(frozen=True, slots=True)
class Noticed:
    """A notification as an item; `at` is the time by which the network orders them, in milliseconds."""

    arrival: Arrival
    at: int


def from_notification(raw: bytes, me: str) -> Noticed:
    """One notification as an item. Raises UnreadableError."""
    found = decoded(raw, Notification)
    kind = KINDS.get(found.reason)
    if kind is None:
        raise UnreadableError(f"a notification of the kind “{found.reason[:40]}”")
    arrival = _arrival(raw, found.uri, found.cid, found.author, found.record, found.indexed_at, kind, me)
    indexed_at = milliseconds(found.indexed_at)
    return Noticed(arrival, arrival.created_at if indexed_at is None else indexed_at)


def from_post(raw: bytes, me: str, state: ItemState = ItemState.VISIBLE) -> Arrival:
    """One post of a thread or a feed as an item. Raises UnreadableError."""
    found = decoded(raw, PostView)
    kind = ItemKind.POST if found.author.did == me else ItemKind.REPLY
    return _arrival(raw, found.uri, found.cid, found.author, found.record, found.indexed_at, kind, me, state)


def text_of(view: PostView) -> str:
    """The words of a post; empty when they cannot be read."""
    try:
        return _record(view.record).text
    except UnreadableError:
        return ""


def mentions(raw: bytes) -> set[str]:
    """Who is mentioned in a post, by identity; nobody where that cannot be read."""
    try:
        facets = post_of(raw)[1].facets
        found = msgspec.json.decode(facets, type=list[Facet] | None) or []
    except (UnreadableError, msgspec.DecodeError):
        return set()
    return {feature.did for facet in found for feature in facet.features} - {""}


def post_of(raw: bytes) -> tuple[PostView, PostRecord]:
    """One post and what its author wrote. Raises UnreadableError."""
    found = decoded(raw, PostView)
    return found, _record(found.record)


def flatten(top: ThreadNode) -> tuple[list[bytes], set[str]]:
    """The posts of a thread, top first, and the addresses of places that show none."""
    posts: list[bytes] = []
    empty: set[str] = set()
    waiting = [top]
    while waiting:
        node = waiting.pop()
        if is_there(node.post):
            posts.append(bytes(node.post))
        elif node.uri:
            empty.add(node.uri)
        waiting.extend(reversed(node.replies or []))
    return posts, empty


def _arrival(
    raw: bytes,
    uri: str,
    cid: str,
    author: Actor,
    written: msgspec.Raw,
    indexed_at: str,
    kind: ItemKind,
    me: str,
    state: ItemState = ItemState.VISIBLE,
) -> Arrival:
    if not parts_of(uri)[0]:
        raise UnreadableError("an item without a proper address")
    record = _record(written)
    created_at = _time(milliseconds(record.created_at), milliseconds(indexed_at))
    root = record.reply.root if record.reply else Ref(uri, cid)
    return Arrival(
        remote_id=RemoteId(uri),
        kind=kind,
        author=Author(id=author.did, handle=author.handle, name=author.display_name or ""),
        text=record.text,
        created_at=created_at,
        lang=_language(record.langs),
        parent=RemoteId(record.reply.parent.uri) if record.reply else None,
        thread=RemoteId(root.uri),
        permalink=permalink(uri),
        media=_media(record.embed, author.did),
        state=state,
        is_ours=author.did == me,
        raw=raw.decode(errors="replace"),
        note=msgspec.json.encode(Note(me, cid, root.cid)).decode(),
    )


def _time(claimed: int | None, indexed: int | None) -> int:
    """When a post was made, as far as it can be believed."""
    times = [time for time in (claimed, indexed) if time is not None and time >= 0]
    if not times:
        raise UnreadableError("an item without a time")
    earliest = min(times)
    return earliest if max(times) - earliest < _BELIEVED_MS or indexed is None else max(0, indexed)


def _record(raw: msgspec.Raw) -> PostRecord:
    """What the author wrote; the bare words when the rest of it cannot be read."""
    try:
        return msgspec.json.decode(raw, type=PostRecord)
    except (msgspec.DecodeError, UnicodeDecodeError):
        bare = decoded(bytes(raw), BareRecord)
        return PostRecord(text=bare.text, created_at=bare.created_at)


def _language(langs: list[str] | None) -> str | None:
    found = _LANGUAGE.match(langs[0]) if langs else None
    return found[1].lower() if found else None


def _media(raw: msgspec.Raw, did: str, *, is_inner: bool = False) -> tuple[Media, ...]:
    """What hangs on a post. One that cannot be read hangs nothing: the words matter more."""
    if not is_there(raw):
        return ()
    try:
        embed = msgspec.json.decode(raw, type=Embed)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ()
    found = [
        Media("picture", f"{CDN}/{did}/{picture.image.ref.link}@jpeg", picture.alt)
        for picture in embed.images or ()
    ]
    if embed.video:
        found.append(Media("video", f"{VIDEOS}/{did}/{embed.video.ref.link}/playlist.m3u8", embed.alt))
    if embed.external:
        words = f"{embed.external.title} {embed.external.description}".strip()
        found.append(Media("link", embed.external.uri, words))
    # Beside a quoted post they nest once; deeper is nobody's post, and somebody's trap.
    inner = () if is_inner else _media(embed.media, did, is_inner=True)
    return (*found, *inner)
