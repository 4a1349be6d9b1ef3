"""The shapes of Threads' JSON, as far as we read them.

Fields that we do not know are passed over, and nearly everything may be missing. What a newcomer would get
wrong: entries of lists stay unread here (`msgspec.Raw`), so that their own bytes can be kept unchanged and a
broken one spoils nothing else.
Source: Meta's own collection, https://github.com/fbsamples/threads_api, `postman/`.
"""

import msgspec

FIELDS = (
    "id,text,username,permalink,timestamp,media_type,media_url,thumbnail_url,gif_url,alt_text,"
    "link_attachment_url,has_replies,is_quote_post,is_reply,is_reply_owned_by_me,root_post,replied_to"
)
"""What is asked of every post, whoever wrote it."""
REPLY_FIELDS = f"{FIELDS},hide_status,reply_audience"
"""What is asked of replies below our own posts."""
PENDING_FIELDS = f"{REPLY_FIELDS},reply_approval_status"
STATUS_FIELDS = "id,hide_status"
"""What tells whether a reply is hidden."""


class Ref(msgspec.Struct, frozen=True):
    """Another post."""

    id: str = ""


class Post(msgspec.Struct, frozen=True):
    """A post or a reply. What is missing may also be there as `null`."""

    id: str
    text: str | None = None
    username: str | None = None
    permalink: str | None = None
    timestamp: str | None = None
    media_type: str | None = None
    media_url: str | None = None
    thumbnail_url: str | None = None
    gif_url: str | None = None
    alt_text: str | None = None
    link_attachment_url: str | None = None
    has_replies: bool | None = None
    is_quote_post: bool | None = None
    is_reply: bool | None = None
    is_reply_owned_by_me: bool | None = None
    root_post: Ref | None = None
    replied_to: Ref | None = None
    hide_status: str | None = None
    reply_approval_status: str | None = None


class Cursors(msgspec.Struct, frozen=True):
    """The ends of a page."""

    after: str = ""


class Paging(msgspec.Struct, frozen=True):
    """Where a list goes on."""

    cursors: Cursors | None = None


class Listing(msgspec.Struct, frozen=True):
    """One page of a list."""

    data: list[msgspec.Raw]
    paging: Paging | None = None

    @property
    def after(self) -> str:
        """The cursor of the next page; the last page has one too."""
        return self.paging.cursors.after if self.paging and self.paging.cursors else ""


class Me(msgspec.Struct, frozen=True):
    """The account itself."""

    id: str
    username: str
    name: str = ""


class TokenWorth(msgspec.Struct, frozen=True):
    """What the network says of a token. Times are seconds since 1970; 0 where it names none."""

    is_valid: bool = True
    scopes: list[str] = []
    expires_at: int = 0
    data_access_expires_at: int = 0
    issued_at: int = 0


class Debugged(msgspec.Struct, frozen=True):
    """Answer of `debug_token`."""

    data: TokenWorth


class Made(msgspec.Struct, frozen=True):
    """A container, or the post that was made of it."""

    id: str


class Container(msgspec.Struct, frozen=True):
    """How far a container is: `IN_PROGRESS`, `FINISHED`, `PUBLISHED`, `ERROR`, `EXPIRED`."""

    status: str = "FINISHED"


class Total(msgspec.Struct, frozen=True):
    """How much of something is allowed."""

    quota_total: int = 0


class Quotas(msgspec.Struct, frozen=True):
    """What was published and deleted in the last 24 hours."""

    reply_quota_usage: int | None = None
    reply_config: Total | None = None
    delete_quota_usage: int | None = None
    delete_config: Total | None = None


class QuotaPage(msgspec.Struct, frozen=True):
    """Answer of `threads_publishing_limit`."""

    data: list[Quotas] = []
