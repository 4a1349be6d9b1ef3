"""The shapes of Instagram's JSON, as far as we read them.

Fields that we do not know are passed over, and nearly everything may be missing. Entries of lists stay unread
here (`msgspec.Raw`), so that their own bytes can be kept and a broken one spoils nothing else.
Source: Meta's specs for its own libraries, https://github.com/facebook/facebook-business-sdk-codegen,
`IGUser.json`, `IGMedia.json`, `IGComment.json`, `UnifiedThread.json`.
"""

import msgspec

from plugins.meta.graph import Listing

ACCOUNT_FIELDS = "id,username,name,media_count"
PAGE_FIELDS = f"id,name,instagram_business_account{{{ACCOUNT_FIELDS}}}"
MEDIA_FIELDS = (
    "id,caption,comments_count,permalink,timestamp,media_type,media_product_type,media_url,thumbnail_url,"
    "alt_text,username,is_comment_enabled"
)
TAG_FIELDS = "id,caption,permalink,timestamp,media_type,media_url,username"
_ONE = "id,text,timestamp,username,from,hidden,like_count,parent_id"
REPLIES_AT_ONCE = 50
COMMENT_FIELDS = f"{_ONE},replies.limit({REPLIES_AT_ONCE}){{{_ONE}}}"
REPLY_FIELDS = _ONE
MESSAGE_FIELDS = "id,created_time,from,to,message,attachments"


class Account(msgspec.Struct, frozen=True):
    """A professional account."""

    id: str
    username: str = ""
    name: str | None = None
    media_count: int | None = None


class PageNode(msgspec.Struct, frozen=True):
    """A Facebook Page, with the account that is linked to it."""

    id: str
    name: str = ""
    instagram_business_account: Account | None = None


class IgMedia(msgspec.Struct, frozen=True):
    """A post. What is missing may also be there as `null`."""

    id: str
    caption: str | None = None
    comments_count: int | None = None
    permalink: str | None = None
    timestamp: str | None = None
    media_type: str | None = None
    media_product_type: str | None = None
    media_url: str | None = None
    thumbnail_url: str | None = None
    alt_text: str | None = None
    username: str | None = None


class Writer(msgspec.Struct, frozen=True):
    """Who wrote a comment or a message."""

    id: str | None = None
    username: str | None = None


class Comment(msgspec.Struct, frozen=True, rename={"sender": "from"}):
    """A comment or a reply to one."""

    id: str
    text: str | None = None
    timestamp: str | None = None
    username: str | None = None
    sender: Writer | None = None
    hidden: bool | None = None
    parent_id: str | None = None
    replies: Listing | None = None


class Conversation(msgspec.Struct, frozen=True):
    """A private conversation."""

    id: str
    updated_time: str | int | None = None


class People(msgspec.Struct, frozen=True):
    """Whom a message was for."""

    data: list[Writer] = []


class Message(msgspec.Struct, frozen=True, rename={"sender": "from"}):
    """A private message."""

    id: str
    created_time: str | int | None = None
    message: str | None = None
    sender: Writer | None = None
    to: People | None = None


class Made(msgspec.Struct, frozen=True):
    """A comment that was made, or any node that is there."""

    id: str


class Sent(msgspec.Struct, frozen=True):
    """A message that was sent."""

    message_id: str
