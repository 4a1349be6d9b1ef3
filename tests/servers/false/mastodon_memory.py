"""What a false Mastodon server remembers: one account of the force, its post, and those who answer it.

What a newcomer would get wrong: it has two orders. Notifications are numbered as they come in; posts are
numbered by the time at which their authors say they wrote them, so one that comes late has a low number.
"""

from __future__ import annotations

import html
import json
import secrets
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.servers.false.server import FalseNetwork

FORCE, FORCE_NAME = "1001", "force"
DOMAIN = "police.example"
SCOPES = (
    "read:accounts read:statuses read:notifications read:search read:blocks read:mutes "
    "write:statuses write:favourites write:blocks write:mutes write:reports"
)


@dataclass
class Post:
    """One post of anybody. Times are milliseconds since 1970."""

    id: str
    author: str
    text: str
    at: int
    parent: str | None = None
    visibility: str = "public"
    names: list[str] = field(default_factory=list)
    """Who is mentioned, by number."""
    tags: list[str] = field(default_factory=list)
    content: str | None = None
    """The HTML, where it is not made of the text."""
    edited_at: int | None = None
    more: dict[str, Any] = field(default_factory=dict)
    """Fields that a test wants otherwise."""


class MastodonMemory(FalseNetwork):
    """What the server remembers, what people do, and how both are shown."""

    def __init__(self) -> None:
        super().__init__()
        self.version = "4.5.2"
        self.knows = {"v2", "streaming", "search", "scopes", "apps"}
        """What this server has; a look-alike has less."""
        self.refuses: set[str] = set()
        """Ends of addresses that are not allowed to anybody."""
        self.permissions = "65536"
        self.me: dict[str, Any] = {}
        """What the account of the force shows otherwise."""
        self.token = secrets.token_urlsafe(12)
        self.tokens = {self.token: SCOPES}
        self.is_revoked = False
        self.people: dict[str, str] = {FORCE: FORCE_NAME}
        """The name by which each number is mentioned."""
        self.posts: dict[str, Post] = {}
        self.notices: list[tuple[str, str, str, int]] = []
        """Number, kind, post and time of what the force was told."""
        self.blocked: set[str] = set()
        self.muted: set[str] = set()
        self.limited: set[str] = set()
        self.liked: set[str] = set()
        self.reports: list[dict[str, Any]] = []
        self.apps: dict[str, dict[str, str]] = {}
        self.codes: dict[str, dict[str, str]] = {}
        self.events: list[tuple[str, str]] = []
        """What the live stream has said."""
        self.drops = 0
        """How often the live stream was broken off."""
        self.keys: dict[str, str] = {}
        self._count = 0
        self.root = self.add(FORCE, "The ford road is closed.").id

    # --- What people do -------------------------------------------------------------------------

    def say(
        self,
        text: str,
        *,
        late_ms: int = 0,
        parent: str | None = "",
        kind: str = "mention",
        is_told: bool = True,
        **more: Any,
    ) -> str:
        """Somebody elsewhere says something, in the force's thread unless `parent` is None or another."""
        with self.lock:
            self._count += 1
            author = str(2000 + self._count)
            self.people[author] = f"outsider{self._count}@elsewhere.example"
            above = self.root if parent == "" else parent
            names = [FORCE] if is_told and kind == "mention" else []
            post = self.add(author, text, late_ms=late_ms, parent=above, names=names, **more)
            if is_told:
                self._tell(kind, post)
            return post.id

    def publish(self, text: str, parent: str | None = None) -> str:
        """The force publishes something by another program."""
        with self.lock:
            return self.add(FORCE, text, parent=parent).id

    def withdraw(self, post: str) -> None:
        """Its author takes a post back."""
        with self.lock:
            del self.posts[post]
            self.notices = [notice for notice in self.notices if notice[2] != post]
            self.events.append(("delete", post))

    def rewrite(self, post: str, text: str, *, is_told: bool = True) -> None:
        """Its author changes a post; the live stream tells of it unless said otherwise."""
        with self.lock:
            known = self.posts[post]
            known.text, known.content, known.edited_at = text, None, now()
            if is_told:
                self.events.append(("status.update", json.dumps(self.status(known))))

    def add(self, author: str, text: str, *, late_ms: int = 0, **fields: Any) -> Post:
        self._count += 1
        at = now() - late_ms
        post = Post(str((at << 16) + self._count), author, text, at, **fields)
        self.posts[post.id] = post
        if author == FORCE:
            self.events.append(("update", json.dumps(self.status(post))))
        return post

    def _tell(self, kind: str, post: Post) -> None:
        number = str(5_000 + len(self.notices) + self._count)
        self.notices.append((number, kind, post.id, now()))
        self.events.append(("notification", json.dumps(self.notification(self.notices[-1]))))

    # --- Entities -------------------------------------------------------------------------------

    def account(self, number: str) -> dict[str, Any]:
        """An account as the interface shows it."""
        acct = self.people[number]
        name, _, domain = acct.partition("@")
        home = f"https://{domain or DOMAIN}"
        return {
            "id": number,
            "username": name,
            "acct": acct,
            "display_name": name.title(),
            "note": "",
            "url": f"{home}/@{name}",
            "uri": f"{home}/users/{name}",
            "created_at": iso(0),
            "avatar": f"{home}/a.png",
            "avatar_static": f"{home}/a.png",
            "header": "",
            "header_static": "",
            "bot": False,
            "group": False,
            "locked": False,
            "indexable": True,
            "emojis": [],
            "fields": [],
            "followers_count": 1,
            "following_count": 1,
            "statuses_count": 1,
        }

    def status(self, post: Post) -> dict[str, Any]:
        """A post as the interface shows it."""
        author = self.account(post.author)
        above = self.posts.get(post.parent or "")
        return {
            "id": post.id,
            "uri": f"{author['uri']}/statuses/{post.id}",
            "url": f"{author['url']}/{post.id}",
            "created_at": iso(post.at),
            "edited_at": iso(post.edited_at) if post.edited_at else None,
            "account": author,
            "content": post.content or formatted(post.text),
            "visibility": post.visibility,
            "in_reply_to_id": above.id if above else None,
            "in_reply_to_account_id": above.author if above else None,
            "mentions": [
                {"id": one, "username": "x", "url": "https://x.example", "acct": self.people[one]}
                for one in post.names
            ],
            "tags": [{"name": tag, "url": f"https://{DOMAIN}/tags/{tag}"} for tag in post.tags],
            "sensitive": False,
            "spoiler_text": "",
            "language": "en",
            "media_attachments": [],
            "emojis": [],
            "replies_count": 0,
            "reblogs_count": 0,
            "favourites_count": 0,
            "card": None,
            "poll": None,
            "quote": None,
            "reblog": None,
            "favourited": post.id in self.liked,
            "muted": False,
            "filtered": [],
            **post.more,
        }

    def notification(self, notice: tuple[str, str, str, int]) -> dict[str, Any]:
        number, kind, post, at = notice
        found = self.posts[post]
        return {
            "id": number,
            "type": kind,
            "created_at": iso(at),
            "group_key": f"ungrouped-{number}",
            "account": self.account(found.author),
            "status": self.status(found),
        }


def formatted(text: str) -> str:
    """The HTML that Mastodon makes of plain words."""
    paragraphs = (html.escape(part).replace("\n", "<br />") for part in text.split("\n\n"))
    return "".join(f"<p>{part}</p>" for part in paragraphs)


def now() -> int:
    """Milliseconds since 1970."""
    return int(time.time() * 1000)


def iso(at: int) -> str:
    """A moment as the interface writes it."""
    moment = datetime.fromtimestamp(at / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
