"""The shapes of X's JSON, as far as we read them, in the older and in the newer form of its names.

What a newcomer would get wrong: nearly everything may be missing, and the newer description lets some of it
be null besides. Every field therefore has a default, so an answer of quite another shape would read as an
empty one: `Listed.is_one` tells them apart. Posts stay `msgspec.Raw` inside their page, so that their own
bytes can be stored unchanged and one broken post does not spoil the page.
Source: openapi.json 2.167 and 2.159 of https://github.com/xdevplatform/docs.
"""

from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")
FIRST_SNOWFLAKE_MS = 1_288_834_974_657
"""The moment from which X counts the time inside its ids, milliseconds since 1970."""
_TIME_SHIFT = 22


class Wire(msgspec.Struct, frozen=True):
    """A JSON object of theirs; what we do not know in it is passed over."""


class Problem(Wire, frozen=True):
    """One error, of today's kind (title, detail, type) or of the old one (code, message)."""

    title: str = ""
    detail: str = ""
    type: str = ""
    status: int = 0
    code: int = 0
    message: str = ""
    resource_id: str = ""
    value: str = ""
    connection_issue: str = ""

    @property
    def kind(self) -> str:
        """The last part of its type, such as `resource-not-found`."""
        return self.type.rpartition("/")[2]

    @property
    def words(self) -> str:
        """What it says for a person."""
        return self.detail or self.message or self.title

    @property
    def subject(self) -> str:
        """The id that it is about."""
        return self.resource_id or self.value


class Meta(Wire, frozen=True):
    """What a list says of itself."""

    result_count: int | None = None
    next_token: str | None = None


class Reference(Wire, frozen=True):
    """How a post refers to another: `retweeted`, `quoted` or `replied_to`."""

    type: str
    id: str


class Attachments(Wire, frozen=True):
    """What hangs on a post or message, by keys into the page's `includes.media`."""

    media_keys: list[str] | None = None


class Mention(Wire, frozen=True):
    """An account that is named in the text."""

    start: int = 0
    id: str | None = None
    username: str | None = None


class Link(Wire, frozen=True):
    """An address in the text."""

    url: str | None = None
    expanded_url: str | None = None
    title: str | None = None
    media_key: str | None = None


class Entities(Wire, frozen=True):
    """What X found in the text."""

    mentions: list[Mention] | None = None
    urls: list[Link] | None = None


class Note(Wire, frozen=True):
    """The whole of a post that is longer than 280 characters."""

    text: str = ""
    entities: Entities | None = None


class Counts(Wire, frozen=True):
    """How much a post has set off."""

    reply_count: int = 0
    quote_count: int = 0


class BarePost(Wire, frozen=True):
    """The least of a post that we can show."""

    id: str
    text: str = ""
    author_id: str = ""
    created_at: str = ""
    conversation_id: str = ""
    in_reply_to_user_id: str = ""


class Post(BarePost, frozen=True):
    """A post. Of two names for one thing (tweet, post) the answer has either."""

    lang: str | None = None
    attachments: Attachments | None = None
    display_text_range: list[int] | None = None
    entities: Entities | None = None
    public_metrics: Counts | None = None
    note_tweet: Note | None = None
    note_post: Note | None = None
    referenced_tweets: list[Reference] | None = None
    referenced_posts: list[Reference] | None = None
    edit_history_tweet_ids: list[str] | None = None
    edit_history_post_ids: list[str] | None = None

    @property
    def whole(self) -> Note | None:
        """The long form of a long post."""
        return self.note_tweet or self.note_post

    @property
    def references(self) -> list[Reference]:
        """The posts that this one refers to."""
        return self.referenced_tweets or self.referenced_posts or []

    @property
    def versions(self) -> list[str]:
        """The ids of all versions, oldest first; the post's own is always among them."""
        found = self.edit_history_tweet_ids or self.edit_history_post_ids or []
        return sorted({*found, self.id}, key=number)

    def refers_to(self, how: str) -> str:
        """The id of the post that it refers to in this way; empty when there is none."""
        return next((one.id for one in self.references if one.type == how), "")


class User(Wire, frozen=True):
    """An author."""

    id: str
    username: str = ""
    name: str = ""
    connection_status: list[str] | None = None
    """What stands between us: `muting`, `blocking` and so on; None when X did not say."""


class Media(Wire, frozen=True):
    """A picture or video."""

    media_key: str
    type: str = ""
    url: str | None = None
    preview_image_url: str | None = None
    alt_text: str | None = None


class Includes(Wire, frozen=True):
    """What a page names once for all its items."""

    users: list[msgspec.Raw] | None = None
    media: list[msgspec.Raw] | None = None


class Listed(Wire, frozen=True):
    """An answer with a list in `data`; without results `data` is missing."""

    data: list[msgspec.Raw] | None = None
    includes: Includes | None = None
    errors: list[Problem] | None = None
    meta: Meta | None = None

    @property
    def is_one(self) -> bool:
        """Whether it is a list at all, and not an answer of another shape."""
        return self.data is not None or self.meta is not None or bool(self.errors)

    @property
    def next_token(self) -> str:
        """Where the list goes on; empty at its end."""
        return (self.meta.next_token if self.meta else None) or ""


class One(Wire, Generic[T], frozen=True):
    """An answer about one thing."""

    data: T


class Hidden(Wire, frozen=True):
    """What became of a reply that was hidden or shown."""

    hidden: bool


class Bond(Wire, frozen=True):
    """What became of a mute or a block."""

    muting: bool | None = None
    blocking: bool | None = None

    @property
    def is_on(self) -> bool | None:
        """Whether it stands now; None when X did not say."""
        return self.blocking if self.muting is None else self.muting


class Deleted(Wire, frozen=True):
    """What became of a post that was deleted."""

    deleted: bool


class Created(Wire, frozen=True):
    """A post that was made."""

    id: str


class Message(Wire, frozen=True):
    """A private message."""

    id: str
    event_type: str = ""
    text: str = ""
    sender_id: str = ""
    created_at: str = ""
    dm_conversation_id: str = ""
    attachments: Attachments | None = None


class Filter(Wire, frozen=True):
    """Whom a subscription is about."""

    user_id: str = ""


class Subscription(Wire, frozen=True):
    """One kind of event that the app has asked for."""

    event_type: str = ""
    filter: Filter | None = None


class Rule(Wire, frozen=True):
    """One rule of the filtered stream."""

    value: str = ""
    tag: str = ""


class Event(Wire, frozen=True):
    """One event of the activity stream."""

    event_type: str = ""
    filter: Filter | None = None
    payload: msgspec.Raw = msgspec.Raw(b"null")
    includes: Includes | None = None


class ActivityLine(Wire, frozen=True):
    """One line of the activity stream."""

    data: Event | None = None
    includes: Includes | None = None
    errors: list[Problem] | None = None


class FilteredLine(Wire, frozen=True):
    """One line of the filtered stream."""

    data: msgspec.Raw = msgspec.Raw(b"null")
    includes: Includes | None = None
    matching_rules: list[Rule] | None = None
    errors: list[Problem] | None = None


def number(post_id: str) -> int:
    """An id as a number, by which posts are ordered; 0 for a text that is none."""
    return int(post_id) if post_id.isascii() and post_id.isdecimal() and len(post_id) < 20 else 0


def time_of(post_id: str) -> int | None:
    """When something with this id was made, milliseconds since 1970; None for an id without a time."""
    since = number(post_id) >> _TIME_SHIFT
    return since + FIRST_SNOWFLAKE_MS if since else None


def id_at(moment: int) -> int:
    """The smallest id that something made at this moment can have; `moment` in milliseconds since 1970."""
    return max(0, moment - FIRST_SNOWFLAKE_MS) << _TIME_SHIFT


def span(milliseconds: int) -> int:
    """A length of time in the measure of ids."""
    return milliseconds << _TIME_SHIFT
