"""What a false X remembers: posts with their versions, people, messages, and what we did to them."""

from __future__ import annotations

import html
import itertools
import re
import time
from typing import Any

FORCE = "1111111111111111111"
HANDLE = "force_example"
FIRST_MS = 1_288_834_974_657
SHIFT = 22
ALWAYS = frozenset({"id", "text", "edit_history_tweet_ids"})
"""Fields that come without being asked for."""
NEW_NAMES = {
    "referenced_tweets": "referenced_posts",
    "edit_history_tweet_ids": "edit_history_post_ids",
    "note_tweet": "note_post",
}
_EXCLUDED = re.compile(r"-from:(\w+)|-is:retweet")


class Memory:
    """All that is on the false network. Whoever uses it holds the network's lock."""

    def __init__(self) -> None:
        """One account of a force, with one post, half an hour old."""
        self.posts: dict[str, dict[str, Any]] = {}
        """Every version by its id; deleted ones are gone from here."""
        self.users: dict[str, dict[str, Any]] = {}
        self.messages: list[dict[str, Any]] = []
        self.media: dict[str, dict[str, Any]] = {}
        self.closed: set[str] = set()
        """Posts that are there and may not be shown: their authors protect them now."""
        self.hidden: set[str] = set()
        """First ids of replies that are hidden."""
        self.muted: set[str] = set()
        self.blocked: set[str] = set()
        self._row = itertools.count(1)
        self.person(FORCE, HANDLE, "Example Police")
        self.root = self.write("The ford road is closed.", author=FORCE, at=_now() - 1_800_000)

    # what happens on it ---------------------------------------------------------------------------

    def person(self, user_id: str, handle: str, name: str = "") -> str:
        """Makes somebody."""
        self.users[user_id] = {"id": user_id, "username": handle, "name": name or handle}
        return user_id

    def number(self, at: int | None = None) -> str:
        """A new id of this moment, or of another one."""
        return str((((at or _now()) - FIRST_MS) << SHIFT) + next(self._row))

    def write(
        self,
        text: str,
        *,
        author: str = "2222222222222222222",
        to: str = "",
        quotes: str = "",
        at: int | None = None,
        **more: Any,
    ) -> str:
        """Somebody posts something, an answer `to` a post or one that `quotes` it."""
        if author not in self.users:
            self.person(author, f"sam{author[-4:]}", "Sam Example")
        post_id = self.number(at)
        above = self.posts.get(to)
        refers = [{"type": "replied_to", "id": to}] if to else []
        refers += [{"type": "quoted", "id": quotes}] if quotes else []
        post: dict[str, Any] = {
            "id": post_id,
            "text": html.escape(text, quote=False),
            "author_id": author,
            "created_at": iso(time_of(post_id)),
            "conversation_id": above["conversation_id"] if above else to or post_id,
            "edit_history_tweet_ids": [post_id],
            "lang": "en",
            "reply_settings": "everyone",
            "possibly_sensitive": False,
            "public_metrics": {"reply_count": 0, "like_count": 0, "retweet_count": 0, "quote_count": 0},
        }
        if refers:
            post["referenced_tweets"] = refers
        if above:
            post["in_reply_to_user_id"] = above["author_id"]
            above["public_metrics"]["reply_count"] += 1
        self.posts[post_id] = {**post, **more}
        return post_id

    def rewrite(self, post_id: str, text: str) -> str:
        """The author edits it: a new id at the end of the chain."""
        old = self.posts[self.latest(post_id)]
        chain = [*old["edit_history_tweet_ids"]]
        new_id = self.number()
        chain.append(new_id)
        created_at = iso(time_of(new_id))
        self.posts[new_id] = {**old, "id": new_id, "text": html.escape(text), "created_at": created_at}
        for one in chain:
            self.posts[one]["edit_history_tweet_ids"] = chain
        return new_id

    def withdraw(self, post_id: str) -> None:
        """It is deleted, with all of its versions."""
        for one in self.posts[post_id]["edit_history_tweet_ids"]:
            self.posts.pop(one, None)

    def tell(self, text: str, *, author: str = "2222222222222222222") -> dict[str, Any]:
        """Somebody sends a private message."""
        if author not in self.users:
            self.person(author, f"sam{author[-4:]}", "Sam Example")
        found = {
            "id": self.number(),
            "event_type": "MessageCreate",
            "text": html.escape(text, quote=False),
            "sender_id": author,
            "dm_conversation_id": f"{FORCE}-{author}",
        }
        self.messages.append({**found, "created_at": iso(time_of(str(found["id"])))})
        return self.messages[-1]

    # what can be seen of it -----------------------------------------------------------------------

    def latest(self, post_id: str) -> str:
        """The newest version of a post."""
        return str(self.posts[post_id]["edit_history_tweet_ids"][-1])

    def first(self, post_id: str) -> str:
        """The id that a post began with; its own where it is not there."""
        post = self.posts.get(post_id)
        return str(post["edit_history_tweet_ids"][0]) if post else post_id

    def current(self) -> list[dict[str, Any]]:
        """All posts in their newest versions, newest first."""
        newest = [post for key, post in self.posts.items() if self.latest(key) == key]
        return sorted(newest, key=lambda post: int(post["id"]), reverse=True)

    def concerns(self, post: dict[str, Any]) -> bool:
        """Whether a post is a mention of the force: an answer to it, or one that names it."""
        named = [one.get("username") for one in post.get("entities", {}).get("mentions", ())]
        is_to_us = post.get("in_reply_to_user_id") == FORCE or HANDLE in named
        return is_to_us and post["author_id"] != FORCE

    def matches(self, post: dict[str, Any], query: str) -> bool:
        """Whether a search finds a post. It knows no more of X's language than it needs."""
        shunned = {self.handle_of(post["author_id"])} & set(re.findall(r"-from:(\w+)", query))
        core = _EXCLUDED.sub("", query).strip().strip("()")
        return not shunned and any(self._fits(post, one.strip()) for one in core.split(" OR "))

    def handle_of(self, user_id: str) -> str:
        """What somebody is called."""
        return str(self.users[user_id]["username"])

    def _fits(self, post: dict[str, Any], term: str) -> bool:
        name, _, value = term.partition(":")
        if name == "conversation_id":
            return bool(post["conversation_id"] == value)
        if name == "quotes_of_tweet_id":
            return any(one == {"type": "quoted", "id": value} for one in post.get("referenced_tweets", ()))
        if term == f"@{HANDLE}":
            return self.concerns(post)
        return all(word.strip('"#').lower() in post["text"].lower() for word in term.split())

    def shown(self, post: dict[str, Any], fields: str, *, is_new: bool = False) -> dict[str, Any]:
        """A post with the fields that were asked for, in the older or the newer names."""
        wanted = ALWAYS | set(fields.split(","))
        kept = {name: value for name, value in post.items() if name in wanted}
        return {NEW_NAMES.get(name, name): value for name, value in kept.items()} if is_new else kept


def iso(moment: int) -> str:
    """A time as X writes it."""
    whole, part = divmod(moment, 1000)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole)) + f".{part:03}Z"


def time_of(post_id: str) -> int:
    """When something with this id was made, milliseconds since 1970."""
    return (int(post_id) >> SHIFT) + FIRST_MS


def _now() -> int:
    return int(time.time() * 1000)
