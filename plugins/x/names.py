"""The names of fields and paths that we send to X, in one place, because X is changing them.

What a newcomer would get wrong: version 2.167 of the interface's description says `post.fields`,
`referenced_posts` and `edit_history_post_ids`; the documentation, the samples and the older 2.159 say
`tweet.fields`, `referenced_tweets` and `edit_history_tweet_ids`. We send the older form, which both take
today; `wire.py` reads either. When X stops to take it, this file is what changes.
Source: https://github.com/xdevplatform/docs (openapi.json, x-api/fundamentals).
"""

from collections.abc import Mapping

_POST_FIELDS = (
    "attachments",
    "author_id",
    "conversation_id",
    "created_at",
    "display_text_range",
    "edit_controls",
    "edit_history_tweet_ids",
    "entities",
    "in_reply_to_user_id",
    "lang",
    "note_tweet",
    "possibly_sensitive",
    "public_metrics",
    "referenced_tweets",
    "reply_settings",
    "withheld",
)
_USER_FIELDS = ("name", "protected", "username", "verified")
_MEDIA_FIELDS = ("alt_text", "preview_image_url", "type", "url")
_MESSAGE_FIELDS = ("attachments", "created_at", "dm_conversation_id", "event_type", "sender_id", "text")

POSTS: Mapping[str, str] = {
    "tweet.fields": ",".join(_POST_FIELDS),
    # Each expanded author costs money, but an item without its author's name is of little use. The posts
    # that an item refers to are not expanded: each would cost as much as the item.
    "expansions": "author_id,attachments.media_keys",
    "user.fields": ",".join(_USER_FIELDS),
    "media.fields": ",".join(_MEDIA_FIELDS),
}
"""For every request that answers with posts."""
BARE_POSTS: Mapping[str, str] = {"tweet.fields": ",".join(_POST_FIELDS)}
"""For looking at posts without their authors."""
USERS: Mapping[str, str] = {"user.fields": ",".join(_USER_FIELDS)}
BONDS: Mapping[str, str] = {"user.fields": "connection_status,username"}
"""For asking what stands between us and an author: muting, blocking."""
MESSAGES: Mapping[str, str] = {
    "dm_event.fields": ",".join(_MESSAGE_FIELDS),
    "event_types": "MessageCreate",
    "expansions": "sender_id",
    "user.fields": ",".join(_USER_FIELDS),
}

ME = "/2/users/me"
PEOPLE = "/2/users"
POSTS_BY_ID = "/2/tweets"
SEARCH = "/2/tweets/search/recent"
DIRECT = "/2/dm_events"
ACTIVITY = "/2/activity/stream"
SUBSCRIPTIONS = "/2/activity/subscriptions"
FILTERED = "/2/tweets/search/stream"
RULES = "/2/tweets/search/stream/rules"
AUTHORIZE = "/i/oauth2/authorize"
TOKEN = "/2/oauth2/token"  # noqa: S105 - a path, not a secret

QUERY_LENGTH = 512
"""Characters of a search. Source: the rate limits page of X's documentation."""
AT_ONCE = 100
"""Posts or authors that one request may name."""


def mentions_of(user_id: str) -> str:
    """Where posts that mention an account are listed; the last 800 only."""
    return f"/2/users/{user_id}/mentions"


def posts_of(user_id: str) -> str:
    """Where an account's own posts are listed."""
    return f"/2/users/{user_id}/tweets"


def hidden(post_id: str) -> str:
    """Where a reply is hidden and shown."""
    return f"/2/tweets/{post_id}/hidden"


def post(post_id: str) -> str:
    """One post."""
    return f"/2/tweets/{post_id}"


def muting(user_id: str, target_id: str = "") -> str:
    """Where an account mutes, and where it stops muting one author."""
    return f"/2/users/{user_id}/muting" + (f"/{target_id}" if target_id else "")


def blocking(user_id: str, target_id: str = "") -> str:
    """Where an account blocks, and where it stops blocking one author; for Enterprise plans."""
    return f"/2/users/{user_id}/blocking" + (f"/{target_id}" if target_id else "")


def conversation_query(posts: list[str], handle: str) -> str:
    """A search for all that others say below some posts of ours, and for all that quotes them."""
    places = " OR ".join(f"conversation_id:{one} OR quotes_of_tweet_id:{one}" for one in posts)
    return f"({places}) -is:retweet -from:{handle}"


def mention_query(handle: str) -> str:
    """A search for what mentions an account, for the time when the list of mentions does not go back far."""
    return f"@{handle} -is:retweet -from:{handle}"


def rule(handle: str) -> str:
    """A rule of the filtered stream for what is said to an account."""
    return f"(to:{handle} OR @{handle}) -is:retweet -from:{handle}"
