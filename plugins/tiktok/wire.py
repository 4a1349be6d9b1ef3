"""The shapes of TikTok's JSON, as far as we read them.

Fields that we do not know are passed over, and those that may be missing have a default. What a newcomer
would get wrong: ids have 19 digits and come as texts in lists and as numbers elsewhere; in a program that
keeps numbers as floats they lose their last digits, so here they become texts at once.

Source: the field lists of the Accounts API as public clients have them
(https://github.com/sns-sdks/python-tiktok, `pytiktok/models/business_account.py`).
"""

import msgspec

Id = str | int


class Wire(msgspec.Struct, frozen=True):
    """A JSON object of theirs."""


class Comment(Wire, frozen=True):
    """A comment or a reply on one of our videos."""

    comment_id: Id
    create_time: int
    """Seconds since 1970, UTC."""
    video_id: Id = ""
    parent_comment_id: Id = ""
    """In replies only."""
    unique_identifier: str = ""
    """Stands for the author at this app."""
    username: str = ""
    display_name: str | None = None
    text: str = ""
    image_url: str | None = None
    replies: int = 0
    owner: bool = False
    """Whether the account that owns the video wrote it."""
    liked: bool = False
    """Whether that account likes it."""
    status: str = "PUBLIC"
    """`PUBLIC` or `HIDDEN`; who or what hides it is not said."""
    reply_list: list[msgspec.Raw] | None = None
    """Up to three replies."""


class CommentList(Wire, frozen=True):
    """A page of comments or replies."""

    comments: list[msgspec.Raw]
    cursor: int = 0
    has_more: bool = False


class CommentsAnswer(Wire, frozen=True):
    """Answer of `comment/list` and `comment/reply/list`."""

    data: CommentList


class Video(Wire, frozen=True):
    """One of our own videos."""

    item_id: Id
    create_time: Id = 0
    """Seconds since 1970, UTC; a text in some answers."""
    caption: str | None = None
    share_url: str | None = None
    comments: int = 0
    """How many comments it has."""


class VideoList(Wire, frozen=True):
    """A page of videos, newest first."""

    videos: list[msgspec.Raw]
    cursor: int = 0
    has_more: bool = False


class VideosAnswer(Wire, frozen=True):
    """Answer of `video/list`."""

    data: VideoList


class Account(Wire, frozen=True):
    """What `business/get` says of the account."""

    username: str | None = None
    display_name: str | None = None


class AccountAnswer(Wire, frozen=True):
    """Answer of `business/get`."""

    data: Account


class Grant(Wire, frozen=True):
    """What the token endpoints give. Lives are in seconds."""

    access_token: str
    open_id: str
    refresh_token: str
    expires_in: int = 86_400
    refresh_token_expires_in: int = 31_536_000
    scope: str = ""
    """Permissions, with commas between."""


class GrantAnswer(Wire, frozen=True):
    """Answer of the token endpoints."""

    data: Grant


class Made(Wire, frozen=True):
    """What `comment/create` and `comment/reply/create` give."""

    comment_id: Id


class MadeAnswer(Wire, frozen=True):
    """Answer of `comment/create` and `comment/reply/create`."""

    data: Made


class Done(Wire, frozen=True):
    """Answer of an act of which we read no more than that it was taken."""

    code: int


class TokenInfo(Wire, frozen=True):
    """What the network says that a token may do."""

    scope: str = ""


class TokenInfoAnswer(Wire, frozen=True):
    """Answer of `tt_user/token_info/get`."""

    data: TokenInfo
