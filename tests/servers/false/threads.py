"""A false Threads: one account of the force with its posts, and everybody who answers below them.

Shapes from Meta's own collection and the pages "Reply Management" and "Debug Access Token". What a newcomer
would get wrong: there is no `next` in its pages, and the last page has a cursor too.
"""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from console.api import RemoteId
from console.api.stage import Stage, Trouble
from tests.servers.false.metagraph import (
    DAY_SECONDS,
    GraphNetwork,
    Refusal,
    cursors,
    gone,
    page_of,
    read_rules,
    stamp,
    top_fields,
)
from tests.servers.false.server import Request
from tests.servers.false.stage import FalseStage, on_stage

RULES = read_rules(Path(__file__).with_name("threads_rules.json"))
US = "force.example"
US_ID = "24000000000000001"
GRANT_SECONDS = 90 * DAY_SECONDS
OPTIONAL = (
    "permalink",
    "media_type",
    "shortcode",
    "reply_audience",
    "is_quote_post",
    "has_replies",
    "username",
)
"""Fields that an answer may lack and an item can do without."""
READS, MANAGES, MENTIONS = "threads_read_replies", "threads_manage_replies", "threads_manage_mentions"


@dataclass
class Post:
    """One post or reply. `at` is seconds since 1970."""

    id: str
    username: str
    text: str
    at: float
    order: int
    root: str = ""
    parent: str = ""
    hide_status: str = "NOT_HUSHED"
    approval: str = ""
    has_approvals: bool = False
    mentions_us: bool = False
    quotes: bool = False


class ThreadsNetwork(GraphNetwork):
    """The network itself; the test speaks in it with `say`, `publish`, `mention`."""

    rules = RULES
    versions = ("/v1.0",)
    scopes = (
        "threads_basic",
        READS,
        MANAGES,
        "threads_content_publish",
        "threads_delete",
        MENTIONS,
        "threads_keyword_search",
    )

    def __init__(self) -> None:
        super().__init__()
        self._ids = itertools.count(18_000_000_000_000_001)
        self.posts: dict[str, Post] = {}
        self.containers: dict[str, dict[str, str]] = {}
        self.slow_containers = 0
        """So many more looks find a container that is not ready."""
        self.is_private = False
        self.tells_of_tokens = True
        """Whether `debug_token` is answered: it is for testers of the app only."""
        self.root = self.publish("Chandlers Row is closed from the ford to the mill.")

    # what people do --------------------------------------------------------------------------------

    def publish(self, text: str, *, has_approvals: bool = False, age: float = 3600.0) -> str:
        """The force publishes a post."""
        return self._post(Post("", US, text, self.now - age, 0, has_approvals=has_approvals)).id

    def say(self, text: str, *, below: str = "", late: float = 0.0, by: str = "sam.example") -> str:
        """Somebody answers a post or a reply; the first post when none is named."""
        parent = self.posts[below or self.root]
        root = parent.root or parent.id
        approval = "PENDING" if self.posts[root].has_approvals and by != US else ""
        reply = Post("", by, text, self.now - late, 0, root, parent.id, approval=approval)
        return self._post(reply).id

    def mention(self, text: str, *, quotes: bool = False, by: str = "jo.example") -> str:
        """Somebody names the account in a post of their own."""
        return self._post(Post("", by, text, self.now, 0, mentions_us=True, quotes=quotes)).id

    def say_elsewhere(self, text: str) -> str:
        """Somebody says something to nobody in particular."""
        return self._post(Post("", "jo.example", text, self.now, 0)).id

    def _post(self, post: Post) -> Post:
        with self.lock:
            number = next(self._ids)
            post.id, post.order = str(number), number
            self.posts[post.id] = post
            return post

    def is_public(self, post: str) -> bool:
        """Whether a passer-by sees it, and what it stands below."""
        found = self.posts.get(post)
        while found is not None and found.hide_status in {"NOT_HUSHED", "UNHUSHED"} and not found.approval:
            if not found.parent:
                return True
            found = self.posts.get(found.parent)
        return False

    def misbehave(self, trouble: Trouble, *, requests: int | None = None) -> None:
        if trouble is Trouble.EMPTY:
            self.withheld.add(READS)
        super().misbehave(trouble, requests=requests)

    def behave(self) -> None:
        self.withheld.discard(READS)
        super().behave()

    # what it answers -------------------------------------------------------------------------------

    def route(self, request: Request, path: str, said: Mapping[str, str]) -> Any:
        if path.endswith("access_token"):
            return self._token(request, path, said)
        self.holder(request)
        if request.method == "GET":
            return self._read(request, path, said)
        return self._write(request, path, said)

    def _token(self, request: Request, path: str, said: Mapping[str, str]) -> Any:
        if path == "/oauth/access_token":
            return {"access_token": self.redeemed(said), "user_id": US_ID}
        if path == "/access_token":
            return self.exchanged(request, said)
        if self.is_private and self.holder(request).expires_at < self.now:
            raise Refusal("The permission has ended", 190, 463)
        return self.refreshed(request)

    def _read(self, request: Request, path: str, said: Mapping[str, str]) -> Any:
        lists = {
            "/me/threads": lambda post: post.username == US and not post.root,
            "/me/replies": lambda post: post.username == US and bool(post.root),
            "/me/mentions": lambda post: post.mentions_us,
        }
        if path == "/me":
            return {"id": US_ID, "username": US, "name": "Force of the Example", "extra": 1}
        if path == "/debug_token":
            return self._debugged(said)
        if path == "/me/threads_publishing_limit":
            return {"data": [self._quotas()]}
        if path == "/keyword_search":
            self.holder(request, "threads_keyword_search")
            topic = said["q"].lower()
            return self._listed(said, lambda post: topic in post.text.lower() and not post.root)
        if path == "/me/mentions":
            self.holder(request, MENTIONS)
        if path in lists:
            return self._listed(said, lists[path])
        return self._node(request, path, said)

    def _node(self, request: Request, path: str, said: Mapping[str, str]) -> Any:
        _, identity, *edge = path.split("/")
        if identity in self.containers and not edge:
            return self._container(identity)
        post = self._found(identity)
        if not edge:
            return self._shown(post, said)
        # Without the right to read replies the real network refuses or shows nothing; both occur.
        if self.trouble is not Trouble.EMPTY:
            self.holder(request, READS)
        if edge == ["pending_replies"]:
            if not post.has_approvals:
                raise Refusal("Reply approvals are not enabled for this post", 100)
            wanted = said.get("approval_status", "pending").upper()
            return self._listed(said, lambda one: one.root == post.id and one.approval == wanted)
        is_flat = edge == ["conversation"]
        return self._listed(
            said,
            lambda one: (one.root if is_flat else one.parent) == post.id and not one.approval,
        )

    def _listed(self, said: Mapping[str, str], belongs: Any) -> dict[str, Any]:
        since = float(said.get("since") or 0)
        found = sorted(
            (post for post in self.posts.values() if belongs(post) and post.at >= since),
            key=lambda post: (int(post.at), post.order),
            reverse=said.get("reverse") != "false",
        )
        page = page_of(found, said)
        return {"data": [self._shown(post, said) for post in page], "paging": cursors(said, len(page))}

    def _found(self, identity: str) -> Post:
        post = self.posts.get(identity)
        if post is None:
            raise gone(identity)
        return post

    def _shown(self, post: Post, said: Mapping[str, str]) -> dict[str, Any]:
        """The fields of a post that were asked for."""
        whole: dict[str, Any] = {
            "id": post.id,
            "text": post.text,
            "username": post.username,
            "permalink": f"https://www.threads.com/@{post.username}/post/D{post.id}",
            "timestamp": stamp(post.at),
            "media_product_type": "THREADS",
            "media_type": "TEXT_POST",
            "shortcode": f"D{post.id}",
            "has_replies": any(one.root == post.id for one in self.posts.values()),
            "is_quote_post": post.quotes,
            "is_reply": bool(post.root),
            "reply_audience": "EVERYONE",
            "hide_status": post.hide_status,
        }
        if post.root:
            whole["root_post"] = {"id": post.root}
            whole["replied_to"] = {"id": post.parent}
            whole["is_reply_owned_by_me"] = post.username == US
        if post.approval:
            whole["reply_approval_status"] = post.approval
        fields = {"id", *top_fields(said.get("fields", ""))}
        return {name: value for name, value in whole.items() if name in fields}

    def _debugged(self, said: Mapping[str, str]) -> Any:
        token = self.tokens.get(said["input_token"])
        if token is None or not self.tells_of_tokens:
            raise Refusal("The access token must belong to a tester of the app", 10)
        told = {
            "type": "USER",
            "application": "Force console",
            "is_valid": True,
            "issued_at": int(token.issued_at),
            "expires_at": int(token.expires_at),
            "data_access_expires_at": int(token.issued_at + GRANT_SECONDS),
            "scopes": list(self.granted),
            "user_id": US_ID,
        }
        return {"data": told}

    def _quotas(self) -> dict[str, Any]:
        ours = sum(1 for post in self.posts.values() if post.username == US and post.root)
        return {
            "reply_quota_usage": ours,
            "reply_config": {"quota_total": 1000, "quota_duration": DAY_SECONDS},
            "delete_quota_usage": 0,
            "delete_config": {"quota_total": 100, "quota_duration": DAY_SECONDS},
        }

    # what it does ----------------------------------------------------------------------------------

    def _write(self, request: Request, path: str, said: Mapping[str, str]) -> Any:
        if path == "/me/threads":
            self.holder(request, "threads_content_publish")
            identity = str(next(self._ids))
            self.containers[identity] = dict(said)
            return {"id": identity}
        self.changes += 1
        if path == "/me/threads_publish":
            return self._published(said["creation_id"])
        _, identity, *edge = path.split("/")
        post = self._found(identity)
        if not edge:
            self.holder(request, "threads_delete")
            if post.username != US:
                raise Refusal("Application does not have permission for this action", 10)
            del self.posts[identity]
            return {"success": True, "deleted_id": identity}
        self.holder(request, MANAGES)
        if not post.root or self.posts[post.root].username != US:
            raise Refusal("Application does not have permission for this action", 10)
        if edge == ["manage_reply"]:
            if post.parent != post.root:
                raise Refusal("Only top-level replies can be hidden", 100)
            post.hide_status = "HIDDEN" if said["hide"] == "true" else "UNHUSHED"
        else:
            if not self.posts[post.root].has_approvals or not post.approval:
                raise Refusal("This reply is not pending", 100)
            post.approval = "" if said["approve"] == "true" else "IGNORED"
        return {"success": True}

    def _container(self, identity: str) -> dict[str, str]:
        if self.slow_containers > 0:
            self.slow_containers -= 1
            return {"id": identity, "status": "IN_PROGRESS"}
        if "refuse me" in self.containers[identity]["text"]:
            return {"id": identity, "status": "ERROR"}
        return {"id": identity, "status": "FINISHED"}

    def _published(self, identity: str) -> dict[str, str]:
        said = self.containers.get(identity)
        if said is None or self.slow_containers > 0:
            raise Refusal("The requested resource does not exist", 24, 4279009)
        target = said.get("reply_to_id", "")
        if not target:
            return {"id": self.publish(said["text"], age=0)}
        self._found(target)
        return {"id": self.say(said["text"], below=target, by=US)}

    def extras(self, entry: Any) -> Any:
        slim = {name: value for name, value in entry.items() if name not in OPTIONAL}
        return {**slim, "something_new": {"deep": [1, None, "x"]}, "media_url": None}


class ThreadsStage(FalseStage):
    """Threads' connector before the false Threads."""

    # An access token of Threads that has ended cannot be renewed without a person, so EXPIRED would be
    # REVOKED by another name; renewal in time is tested on its own.
    troubles = frozenset(Trouble) - {Trouble.EXPIRED}
    network: ThreadsNetwork

    def __init__(self, network: ThreadsNetwork) -> None:
        """`network` is running."""
        super().__init__("threads", network)
        self.settings = {"address": network.url, "app_id": network.app_id, "redirect": network.redirect}
        now = int(time.time() * 1000)
        kept = {"app_secret": network.secret, "access": network.give_token(age=2 * DAY_SECONDS)}
        self.secret = json.dumps(kept | {"issued_at": now, "ends_at": now + 50 * DAY_SECONDS * 1000})
        self.first_secret = json.dumps({"app_secret": network.secret, "token": ""})
        self.handle = US

    def say(self, text: str, *, late_ms: int = 0) -> RemoteId:
        return RemoteId(self.network.say(text, late=late_ms / 1000))

    def withdraw(self, remote_id: RemoteId) -> None:
        with self.network.lock:
            self.network.posts.pop(remote_id, None)

    def rewrite(self, remote_id: RemoteId, text: str) -> bool:
        with self.network.lock:
            self.network.posts[remote_id].text = text
        return True

    def is_public(self, remote_id: RemoteId) -> bool:
        return self.network.is_public(remote_id)

    def say_about(self, topic: str, text: str) -> RemoteId:
        del topic  # it stands in the text
        return RemoteId(self.network.say_elsewhere(text))


def threads_stage() -> AbstractContextManager[Stage]:
    """A fresh false Threads with the connector before it."""
    return on_stage(ThreadsNetwork(), ThreadsStage)
