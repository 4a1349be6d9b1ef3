"""A false Bluesky in memory: one account of the force, its thread, and whoever says something in it.

It answers like Bluesky's own servers, whose answers were compared with it, and keeps to what the
connector uses. What a newcomer would get wrong: it has two truths, as the real one does. `records` is the
account's repository, changed at once; the views follow it after `view_lag` looks.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tests.servers.xrpc.rules import InvalidError, check_body, read_query

FORCE = "did:plc:force234567abcdefghijklm"
HANDLE = "force.test"
PASSWORD = "abcd-efgh-ijkl-mnop"
POST = "app.bsky.feed.post"
GATE = "app.bsky.feed.threadgate"
BLOCK = "app.bsky.graph.block"
AUTH = "com.atproto.server."


class XrpcError(Exception):
    """What a request is refused with: status, the error's name, and a message."""

    def __init__(self, status: int, name: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.name = name


@dataclass
class Post:
    """One post of anybody. Times are milliseconds; `sort_at` is what the network orders by."""

    uri: str
    cid: str
    did: str
    handle: str
    record: dict[str, Any]
    sort_at: int


class XrpcNetwork:
    """The network's memory and what each call does with it. Calls come from several threads."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._count = 0
        self._last_at = 0
        self.posts: dict[str, Post] = {}
        self.records: dict[str, tuple[dict[str, Any], str]] = {}
        self.notices: list[tuple[str, str]] = []
        """Address and reason of what the force is told of."""
        self.mutes: set[str] = set()
        self.reports: list[dict[str, Any]] = []
        self.access: set[str] = set()
        self.refresh: set[str] = set()
        self.is_revoked = False
        self.changes = 0
        self.calls: list[tuple[str, dict[str, Any]]] = []
        """Every call that was let in: its name, and its query or body."""
        self.overrides: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {}
        """Calls that a test answers itself."""
        self.view_lag = 0
        self._shown_gates: dict[str, tuple[dict[str, Any] | None, int]] = {}
        self.before_write: Callable[[], None] | None = None
        """Called once before the next write, as if somebody else had been quicker."""
        self.root = self._publish(FORCE, HANDLE, {"text": "The ford road is closed."}, self._now()).uri

    # --- What people do -------------------------------------------------------------------------

    def say(self, text: str, *, late_ms: int = 0, reason: str = "reply", parent: str | None = None) -> str:
        """Somebody outside says something; the address of it. `reason` is reply, mention or quote."""
        with self._lock:
            fields: dict[str, Any] = {"text": text, "langs": ["en"]}
            if reason == "reply":
                above = self.posts[parent or self.root]
                fields["reply"] = {"root": self._ref(self.root), "parent": self._ref(above.uri)}
            self._count += 1
            did = f"did:plc:outsider{self._count:016d}"
            post = self._publish(did, f"outsider{self._count}.test", fields, self._now() - late_ms)
            self.notices.append((post.uri, reason))
            return post.uri

    def say_elsewhere(self, text: str, *, late_ms: int = 0, names_us: bool = False) -> str:
        """Somebody says something in a thread of their own, and the force is not told; its address."""
        with self._lock:
            self._count += 1
            feature = {"$type": "app.bsky.richtext.facet#mention", "did": FORCE}
            facets = [{"index": {"byteStart": 0, "byteEnd": 1}, "features": [feature]}] if names_us else []
            record = {"text": text, "langs": ["en"], "facets": facets}
            did = f"did:plc:outsider{self._count:016d}"
            at = self._now() - late_ms
            return self._publish(did, f"outsider{self._count}.test", record, at).uri

    def withdraw(self, uri: str) -> None:
        """Its author takes a post back."""
        with self._lock:
            del self.posts[uri]
            self.notices = [notice for notice in self.notices if notice[0] != uri]

    def hidden(self, root: str | None = None) -> list[str]:
        """The replies that the force hides in a thread, its own unless another is named."""
        gate, _ = self.records.get(_gate_of(root or self.root), ({}, ""))
        return list(gate.get("hiddenReplies", []))

    def put_gate(self, gate: dict[str, Any], root: str | None = None) -> None:
        """The force changes its gate by another program."""
        with self._lock:
            self._put(_gate_of(root or self.root), {"$type": GATE, "post": root or self.root, **gate})

    def expire(self) -> None:
        """Every access token has ended; refresh tokens still work."""
        with self._lock:
            self.access.clear()

    def publish(self, text: str) -> str:
        """The force publishes a post by another program; the address of it."""
        with self._lock:
            return self._publish(FORCE, HANDLE, {"text": text}, self._now()).uri

    # --- Calls ----------------------------------------------------------------------------------

    def answer(
        self,
        method: str,
        nsid: str,
        pairs: list[tuple[str, str]],
        body: dict[str, Any] | None,
        token: str,
    ) -> dict[str, Any]:
        """Carries out one call. Raises XrpcError."""
        handler = _HANDLERS.get(nsid)
        if handler is None or method != _METHODS[nsid]:
            raise XrpcError(501, "MethodNotImplemented", "Method Not Implemented")
        try:
            query = read_query(nsid, pairs)
            if method == "POST":
                check_body(nsid, body)
        except InvalidError as problem:
            raise XrpcError(400, "InvalidRequest", str(problem)) from None
        with self._lock:
            self._check_token(nsid, token)
            given = body if body is not None else query
            self.calls.append((nsid, given))
            override = self.overrides.get(nsid)
            return override(given) if override is not None else handler(self, given)

    def _check_token(self, nsid: str, token: str) -> None:
        if nsid == f"{AUTH}createSession":
            return
        if not token:
            raise XrpcError(401, "AuthMissing", "Authentication Required")
        taken = self.refresh if nsid == f"{AUTH}refreshSession" else self.access
        if self.is_revoked or token not in self.access | self.refresh | taken:
            raise XrpcError(400, "ExpiredToken", "Token has expired")
        if token not in taken:
            raise XrpcError(400, "InvalidToken", "Bad token scope")

    def _create_session(self, given: dict[str, Any]) -> dict[str, Any]:
        is_right = given["identifier"] in {HANDLE, FORCE} and given["password"] == PASSWORD
        if self.is_revoked or not is_right:
            raise XrpcError(401, "AuthenticationRequired", "Invalid identifier or password")
        return self._new_tokens()

    def _refresh_session(self, _given: dict[str, Any]) -> dict[str, Any]:
        return self._new_tokens()

    def _new_tokens(self) -> dict[str, Any]:
        self._count += 1
        self.access = {f"access-token-{self._count}"}
        self.refresh = {f"refresh-token-{self._count}"}
        tokens = {"accessJwt": f"access-token-{self._count}", "refreshJwt": f"refresh-token-{self._count}"}
        return {"did": FORCE, "handle": HANDLE, "active": True, **tokens}

    def _get_session(self, _given: dict[str, Any]) -> dict[str, Any]:
        return {"did": FORCE, "handle": HANDLE, "active": True}

    def _get_profile(self, given: dict[str, Any]) -> dict[str, Any]:
        return self._actor(given["actor"], HANDLE)

    def _get_profiles(self, given: dict[str, Any]) -> dict[str, Any]:
        handles = {post.did: post.handle for post in self.posts.values()}
        return {"profiles": [self._actor(did, handles[did]) for did in given["actors"] if did in handles]}

    def _list_notifications(self, given: dict[str, Any]) -> dict[str, Any]:
        hidden = set(self.hidden())
        listed = sorted(
            (
                (self.posts[uri].sort_at, uri, reason)
                for uri, reason in self.notices
                if uri not in hidden
                and self.posts[uri].did not in self.mutes
                and reason in given.get("reasons", [reason])
            ),
            reverse=True,
        )
        if "cursor" in given:
            at, _, uri = given["cursor"].partition("::")
            listed = [entry for entry in listed if entry[:2] < (int(at), uri)]
        limit = given.get("limit", 50)
        page = listed[:limit]
        answer: dict[str, Any] = {
            "notifications": [self._notification(uri, reason) for _, uri, reason in page],
            "priority": given.get("priority", False),
        }
        if len(listed) > limit:
            answer["cursor"] = f"{page[-1][0]}::{page[-1][1]}"
        return answer

    def _get_author_feed(self, given: dict[str, Any]) -> dict[str, Any]:
        own = [post for post in self.posts.values() if post.did == given["actor"]]
        own.sort(key=lambda post: post.sort_at, reverse=True)
        return {"feed": [{"post": self._view(post)} for post in own[: given.get("limit", 50)]]}

    def _get_post_thread(self, given: dict[str, Any]) -> dict[str, Any]:
        if given["uri"] not in self.posts:
            raise XrpcError(400, "NotFound", f"Post not found: {given['uri']}")
        return {"thread": self._node(given["uri"], given.get("depth", 6))}

    def _node(self, uri: str, depth: int) -> dict[str, Any]:
        below = [
            self._node(post.uri, depth - 1)
            for post in self.posts.values()
            if depth > 0 and post.record.get("reply", {}).get("parent", {}).get("uri") == uri
        ]
        return {
            "$type": "app.bsky.feed.defs#threadViewPost",
            "post": self._view(self.posts[uri]),
            "replies": below,
        }

    def _get_posts(self, given: dict[str, Any]) -> dict[str, Any]:
        blocked = {value["subject"] for value, _ in self.records.values() if value["$type"] == BLOCK}
        found = [self.posts[uri] for uri in given["uris"] if uri in self.posts]
        return {"posts": [self._view(post) for post in found if post.did not in blocked]}

    def _search_posts(self, given: dict[str, Any]) -> dict[str, Any]:
        words = given["q"].removeprefix("#").lower().split()
        found = [
            post
            for post in self.posts.values()
            if all(word in post.record["text"].lower() for word in words)
            and _iso(post.sort_at) >= given.get("since", "")
        ]
        found.sort(key=lambda post: post.sort_at, reverse=True)
        start, limit = int(given.get("cursor", "0")), given.get("limit", 25)
        answer: dict[str, Any] = {"posts": [self._view(post) for post in found[start : start + limit]]}
        if start + limit < len(found):
            answer["cursor"] = str(start + limit)
        return answer

    def _get_record(self, given: dict[str, Any]) -> dict[str, Any]:
        uri = f"at://{given['repo']}/{given['collection']}/{given['rkey']}"
        if uri in self.records:
            value, cid = self.records[uri]
        elif uri in self.posts:
            value, cid = self.posts[uri].record, self.posts[uri].cid
        else:
            raise XrpcError(400, "RecordNotFound", f"Could not locate record: {uri}")
        return {"uri": uri, "cid": cid, "value": value}

    def _list_records(self, given: dict[str, Any]) -> dict[str, Any]:
        prefix = f"at://{given['repo']}/{given['collection']}/"
        records = [
            {"uri": uri, "cid": cid, "value": value}
            for uri, (value, cid) in sorted(self.records.items(), reverse=True)
            if uri.startswith(prefix)
        ]
        return {"records": records[: given.get("limit", 50)]}

    def _put_record(self, given: dict[str, Any]) -> dict[str, Any]:
        self._own_repo(given)
        interrupt, self.before_write = self.before_write, None
        if interrupt is not None:
            interrupt()
        uri = f"at://{given['repo']}/{given['collection']}/{given['rkey']}"
        there = self.records.get(uri)
        if "swapRecord" in given and given["swapRecord"] != (there[1] if there else None):
            raise XrpcError(400, "InvalidSwap", f"Record was at {there[1] if there else 'null'}")
        self.changes += 1
        return {"uri": uri, "cid": self._put(uri, given["record"])}

    def _create_record(self, given: dict[str, Any]) -> dict[str, Any]:
        self._own_repo(given)
        self.changes += 1
        record = given["record"]
        if given["collection"] == POST:
            post = self._publish(FORCE, HANDLE, record, self._now())
            return {"uri": post.uri, "cid": post.cid}
        uri = f"at://{FORCE}/{given['collection']}/{self._rkey()}"
        return {"uri": uri, "cid": self._put(uri, record)}

    def _delete_record(self, given: dict[str, Any]) -> dict[str, Any]:
        self._own_repo(given)
        uri = f"at://{given['repo']}/{given['collection']}/{given['rkey']}"
        self.changes += 1
        self.records.pop(uri, None)
        self.posts.pop(uri, None)
        return {}

    def _mute(self, given: dict[str, Any]) -> dict[str, Any]:
        self.changes += 1
        self.mutes.add(given["actor"])
        return {}

    def _unmute(self, given: dict[str, Any]) -> dict[str, Any]:
        self.changes += 1
        self.mutes.discard(given["actor"])
        return {}

    def _create_report(self, given: dict[str, Any]) -> dict[str, Any]:
        self.changes += 1
        report = {"id": len(self.reports) + 1, "reportedBy": FORCE, "createdAt": _iso(self._now()), **given}
        self.reports.append(report)
        return report

    # --- Parts ----------------------------------------------------------------------------------

    def _publish(self, did: str, handle: str, record: dict[str, Any], sort_at: int) -> Post:
        record = {"$type": POST, "createdAt": _iso(sort_at), **record}
        uri = f"at://{did}/{POST}/{self._rkey()}"
        post = Post(uri, _cid(uri), did, handle, record, sort_at)
        self.posts[uri] = post
        if did == FORCE:
            self.records[uri] = (record, post.cid)
        return post

    def _put(self, uri: str, value: dict[str, Any]) -> str:
        self._count += 1
        cid = _cid(f"{uri} {self._count}")
        if value["$type"] == GATE and self.view_lag:
            old = self.records.get(uri)
            self._shown_gates[uri] = (old[0] if old else None, self.view_lag)
        self.records[uri] = (value, cid)
        return cid

    def _own_repo(self, given: dict[str, Any]) -> None:
        if given["repo"] != FORCE:
            raise XrpcError(401, "AuthenticationRequired", "Authentication Required")

    def _view(self, post: Post) -> dict[str, Any]:
        view: dict[str, Any] = {
            "uri": post.uri,
            "cid": post.cid,
            "author": self._actor(post.did, post.handle),
            "record": post.record,
            "replyCount": sum(
                other.record.get("reply", {}).get("parent", {}).get("uri") == post.uri
                for other in self.posts.values()
            ),
            "indexedAt": _iso(post.sort_at),
            "viewer": {"threadMuted": False},
            "labels": [],
        }
        gate = self._shown_gate(_gate_of(post.uri))
        if gate is not None and "reply" not in post.record:
            view["threadgate"] = {"uri": _gate_of(post.uri), "cid": _cid("gate"), "record": gate, "lists": []}
        return view

    def _shown_gate(self, uri: str) -> dict[str, Any] | None:
        """The gate as the public's view has it, which may lag behind."""
        if uri in self._shown_gates:
            gate, looks = self._shown_gates.pop(uri)
            if looks > 1:
                self._shown_gates[uri] = (gate, looks - 1)
            return gate
        there = self.records.get(uri)
        return there[0] if there else None

    def _notification(self, uri: str, reason: str) -> dict[str, Any]:
        post = self.posts[uri]
        return {
            "uri": uri,
            "cid": post.cid,
            "author": self._actor(post.did, post.handle),
            "reason": reason,
            "reasonSubject": self.root,
            "record": post.record,
            "isRead": False,
            "indexedAt": _iso(post.sort_at),
            "labels": [],
        }

    def _actor(self, did: str, handle: str) -> dict[str, Any]:
        viewer: dict[str, Any] = {"muted": did in self.mutes, "blockedBy": False}
        blocks = [
            uri
            for uri, (value, _) in self.records.items()
            if value["$type"] == BLOCK and value["subject"] == did
        ]
        if blocks:
            viewer["blocking"] = blocks[0]
        name = handle.partition(".")[0].title()
        return {"did": did, "handle": handle, "displayName": name, "viewer": viewer, "labels": []}

    def _ref(self, uri: str) -> dict[str, str]:
        return {"uri": uri, "cid": self.posts[uri].cid}

    def _rkey(self) -> str:
        self._count += 1
        return f"3l{self._count:011d}"

    def _now(self) -> int:
        """The present in milliseconds, never the same twice, so that the order is plain."""
        self._last_at = max(self._last_at + 1, int(time.time() * 1000))
        return self._last_at


def _gate_of(root: str) -> str:
    return f"at://{FORCE}/{GATE}/{root.rsplit('/', 1)[1]}"


def _cid(text: str) -> str:
    digest = hashlib.sha256(text.encode()).hexdigest()
    return "bafyrei" + digest.translate(str.maketrans("0189", "wxyz"))[:52]


def _iso(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Handler = Callable[[XrpcNetwork, dict[str, Any]], dict[str, Any]]
_QUERIES: dict[str, Handler] = {
    f"{AUTH}getSession": XrpcNetwork._get_session,
    "app.bsky.actor.getProfile": XrpcNetwork._get_profile,
    "app.bsky.actor.getProfiles": XrpcNetwork._get_profiles,
    "app.bsky.notification.listNotifications": XrpcNetwork._list_notifications,
    "app.bsky.feed.getAuthorFeed": XrpcNetwork._get_author_feed,
    "app.bsky.feed.getPostThread": XrpcNetwork._get_post_thread,
    "app.bsky.feed.getPosts": XrpcNetwork._get_posts,
    "app.bsky.feed.searchPosts": XrpcNetwork._search_posts,
    "com.atproto.repo.getRecord": XrpcNetwork._get_record,
    "com.atproto.repo.listRecords": XrpcNetwork._list_records,
}
_PROCEDURES: dict[str, Handler] = {
    f"{AUTH}createSession": XrpcNetwork._create_session,
    f"{AUTH}refreshSession": XrpcNetwork._refresh_session,
    "com.atproto.repo.putRecord": XrpcNetwork._put_record,
    "com.atproto.repo.createRecord": XrpcNetwork._create_record,
    "com.atproto.repo.deleteRecord": XrpcNetwork._delete_record,
    "app.bsky.graph.muteActor": XrpcNetwork._mute,
    "app.bsky.graph.unmuteActor": XrpcNetwork._unmute,
    "com.atproto.moderation.createReport": XrpcNetwork._create_report,
}
_HANDLERS = {**_QUERIES, **_PROCEDURES}
_METHODS = {**dict.fromkeys(_QUERIES, "GET"), **dict.fromkeys(_PROCEDURES, "POST")}
