"""The shapes of Bluesky's JSON, as far as we read them.

Fields that we do not know are passed over, and those that may be missing have a default. What a
newcomer would get wrong: an item is kept as `msgspec.Raw` inside its page, so that its own bytes can be
stored unchanged, and so that one broken item does not spoil a page.
Source: the lexicons of https://github.com/bluesky-social/atproto (`app.bsky.*`, `com.atproto.*`).
"""

import msgspec

NOTHING = msgspec.Raw(b"null")


class Wire(msgspec.Struct, frozen=True, rename="camel"):
    """A JSON object of theirs; names are theirs in camel case."""


class ErrorBody(Wire, frozen=True):
    """What a refused request answers, whatever its status; empty in an answer that is none."""

    error: str = ""
    message: str = ""


# --- Signing in -----------------------------------------------------------------------------


class SessionBody(Wire, frozen=True):
    """Answer of `createSession` and `refreshSession`."""

    did: str
    handle: str
    access_jwt: str
    refresh_jwt: str


class WhoAmI(Wire, frozen=True):
    """Answer of `getSession`."""

    did: str
    handle: str
    active: bool = True
    status: str = ""


# --- People ---------------------------------------------------------------------------------


class ActorViewer(Wire, frozen=True):
    """What we have done to an author."""

    muted: bool = False
    blocking: str | None = None
    """The address of our block."""


class Actor(Wire, frozen=True):
    """An author, in any of their views."""

    did: str
    handle: str = ""
    display_name: str | None = None
    viewer: ActorViewer | None = None


class Actors(Wire, frozen=True):
    """Answer of `getProfiles`."""

    profiles: list[Actor]


# --- Posts ----------------------------------------------------------------------------------


class Ref(Wire, frozen=True):
    """One version of one record."""

    uri: str
    cid: str = ""


class ReplyRefs(Wire, frozen=True):
    """Where a reply hangs."""

    root: Ref
    parent: Ref


class BareRecord(Wire, frozen=True):
    """The least of a post that we can show."""

    text: str = ""
    created_at: str = ""


class PostRecord(BareRecord, frozen=True):
    """A post as its author wrote it."""

    langs: list[str] | None = None
    reply: ReplyRefs | None = None
    embed: msgspec.Raw = NOTHING
    facets: msgspec.Raw = NOTHING


class Feature(Wire, frozen=True):
    """What a piece of the words is; a mention has somebody's identity."""

    did: str = ""


class Facet(Wire, frozen=True):
    """A piece of the words that means more than its letters."""

    features: list[Feature] = []


class BlobLink(msgspec.Struct, frozen=True):
    """A blob's address by its digest."""

    link: str = msgspec.field(name="$link")


class Blob(Wire, frozen=True):
    """A stored picture or video."""

    ref: BlobLink
    mime_type: str = ""


class EmbedImage(Wire, frozen=True):
    """One picture of a post."""

    image: Blob
    alt: str = ""


class External(Wire, frozen=True):
    """A link with its card."""

    uri: str
    title: str = ""
    description: str = ""


class Embed(Wire, frozen=True):
    """What hangs on a post; which field is there tells what it is."""

    images: list[EmbedImage] | None = None
    external: External | None = None
    video: Blob | None = None
    alt: str = ""
    media: msgspec.Raw = NOTHING
    """Inside `recordWithMedia`: the pictures, link or video beside the quoted post."""


class GateRecord(Wire, frozen=True):
    """A threadgate as its owner wrote it."""

    hidden_replies: list[str] = []


class GateView(Wire, frozen=True):
    """A threadgate as a thread shows it."""

    record: GateRecord | None = None


class PostView(Wire, frozen=True):
    """A post as a thread or a feed shows it."""

    uri: str
    author: Actor
    cid: str = ""
    record: msgspec.Raw = NOTHING
    indexed_at: str = ""
    reply_count: int = 0
    threadgate: GateView | None = None


class Posts(Wire, frozen=True):
    """Answer of `getPosts` and `searchPosts`; what is gone, or blocked either way, is missing."""

    posts: list[msgspec.Raw]
    cursor: str | None = None


class FeedEntry(Wire, frozen=True):
    """One entry of a feed; `reason` is there when it is somebody's repost."""

    post: msgspec.Raw
    reason: msgspec.Raw = NOTHING


class Feed(Wire, frozen=True):
    """Answer of `getAuthorFeed`."""

    feed: list[FeedEntry]


class ThreadNode(msgspec.Struct, frozen=True):
    """One place in a thread. Without `post` it is gone or blocked, and `uri` says which one."""

    uri: str = ""
    post: msgspec.Raw = NOTHING
    replies: "list[ThreadNode] | None" = None


class Thread(Wire, frozen=True):
    """Answer of `getPostThread`."""

    thread: ThreadNode


# --- Notifications --------------------------------------------------------------------------


class Notification(Wire, frozen=True):
    """One reply, mention or quote. `indexed_at` is the earlier of the author's time and theirs."""

    uri: str
    author: Actor
    reason: str
    cid: str = ""
    record: msgspec.Raw = NOTHING
    indexed_at: str = ""


class Notifications(Wire, frozen=True):
    """Answer of `listNotifications`, newest first."""

    notifications: list[msgspec.Raw]
    cursor: str | None = None


# --- Records --------------------------------------------------------------------------------


class Record(Wire, frozen=True):
    """Answer of `getRecord`."""

    uri: str
    value: msgspec.Raw
    cid: str = ""


class Records(Wire, frozen=True):
    """Answer of `listRecords`."""

    records: list[Record]
    cursor: str | None = None


class Written(Wire, frozen=True):
    """Answer of `createRecord` and `putRecord`."""

    uri: str
    cid: str = ""


class ReportBody(Wire, frozen=True):
    """Answer of `createReport`."""

    id: int


class Empty(Wire, frozen=True):
    """An answer of which we read nothing."""


def is_there(raw: msgspec.Raw) -> bool:
    """Whether a field that may be missing was there."""
    return bytes(raw) != b"null"
