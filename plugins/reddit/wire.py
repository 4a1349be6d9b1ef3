"""The shapes of Reddit's JSON, as far as we read them.

Fields that we do not know are passed over, and those that may be missing have a default. What a newcomer
would get wrong: `edited` is `false` or a number, `banned_by` is null, a name, or `true`, and whether the
fields of moderation are there at all says whether we are seen as a moderator. So those keep a third value,
`UNSET`, which means "Reddit did not say".
Source: `models/reddit` and `endpoints.py` of the package praw 8.0.3, https://github.com/praw-dev/praw.
"""

import msgspec
from msgspec import UNSET, UnsetType


class Wire(msgspec.Struct, frozen=True):
    """A JSON object of theirs."""


class Nothing(Wire, frozen=True, forbid_unknown_fields=True):
    """The answer of a verb that answers nothing: `{}`. Anything else is no answer of Reddit's."""


# --- Errors -----------------------------------------------------------------------------------


class JsonPart(Wire, frozen=True):
    """What stands under `json` in an answer to `api_type=json`."""

    errors: list[list[str | None]] = []
    """Each is a code, words for a person, and the field that is meant."""
    ratelimit: float | None = None
    """Seconds to wait."""


class ErrorBody(Wire, frozen=True):
    """What an answer says besides what was asked for; empty in one that is no error."""

    json: JsonPart | None = None
    message: str | None = None
    error: int | str | None = None
    reason: str | None = None


# --- Lists ------------------------------------------------------------------------------------


class Thing(Wire, frozen=True):
    """One entry of a list; `data` keeps its own bytes, so that one broken entry does not spoil the list."""

    kind: str
    data: msgspec.Raw


class ListingData(Wire, frozen=True):
    """The inside of a list."""

    children: list[msgspec.Raw]
    after: str | None = None


class Listing(Wire, frozen=True):
    """A list, newest first."""

    data: ListingData


class Person(Wire, frozen=True):
    """One person in a list of moderators, banned or muted people."""

    name: str = ""
    mod_permissions: list[str] | None = None


class PeopleData(Wire, frozen=True):
    """The inside of a list of people."""

    children: list[Person]


class People(Wire, frozen=True):
    """A list of people."""

    data: PeopleData


class Community(Wire, frozen=True):
    """A subreddit, as far as its name."""

    display_name: str
    title: str = ""


# --- Who we are -------------------------------------------------------------------------------


class Me(Wire, frozen=True):
    """Answer of `api/v1/me`."""

    id: str
    name: str
    is_suspended: bool = False


# --- Posts, comments and messages -------------------------------------------------------------


class Moderated(Wire, frozen=True):
    """What a moderator sees of anything, and whether Reddit says it at all."""

    removed: bool | UnsetType | None = UNSET
    spam: bool | UnsetType | None = UNSET
    banned_by: str | bool | UnsetType | None = UNSET
    removed_by_category: str | None = None


class Said(Moderated, frozen=True):
    """What posts, comments and messages have in common."""

    name: str = ""
    """The full name, such as `t1_lxyza`: its kind and its id."""
    author: str | None = None
    author_fullname: str | None = None
    created_utc: float = -1.0
    edited: bool | float = False
    permalink: str = ""
    subreddit: str | None = None
    likes: bool | None = None


class Picture(Wire, frozen=True):
    """One size of a picture."""

    u: str = ""


class Attached(Wire, frozen=True):
    """A picture in a comment or a gallery."""

    s: Picture = Picture()


class Comment(Said, frozen=True):
    """A comment, in a list of comments or in the inbox."""

    body: str = ""
    link_id: str = ""
    parent_id: str = ""
    link_title: str = ""
    context: str = ""
    """In the inbox: the address of the comment."""
    media_metadata: dict[str, Attached] | None = None


class Post(Said, frozen=True):
    """A post."""

    title: str = ""
    selftext: str = ""
    url: str | None = None
    is_self: bool = True
    is_video: bool = False
    post_hint: str = ""
    media_metadata: dict[str, Attached] | None = None


class Message(Said, frozen=True):
    """A private message."""

    body: str = ""
    subject: str = ""
    first_message_name: str | None = None
    parent_id: str | None = None


# --- The log ----------------------------------------------------------------------------------


class Logged(Wire, frozen=True):
    """One act of a moderator in the subreddit's log."""

    id: str
    action: str = ""
    target_fullname: str | None = None
    created_utc: float = 0.0


# --- Answers of verbs -------------------------------------------------------------------------


class MadeName(Wire, frozen=True):
    """The full name of what a verb made."""

    name: str


class MadeThing(Wire, frozen=True):
    """What a verb made."""

    data: MadeName


class MadeList(Wire, frozen=True):
    """All that a verb made."""

    things: list[MadeThing]


class MadeJson(Wire, frozen=True):
    """What stands under `json` in the answer of a reply."""

    data: MadeList


class Made(Wire, frozen=True):
    """Answer of `api/comment`."""

    json: MadeJson


class TakenJson(Wire, frozen=True):
    """What stands under `json` in the answer of a ban or a report."""

    errors: list[list[str | None]]


class Taken(Wire, frozen=True, forbid_unknown_fields=True):
    """Answer of a verb of the kind `api_type=json` that makes nothing; some answer `{}` instead."""

    json: TakenJson | None = None
    success: bool = True
