"""A false Reddit: one subreddit of the force, other people, and what moderators see of it all.

What a newcomer would get wrong: Reddit forgets nothing that was said. What an author takes back stays in
its place with other words, is left out of the lists, and is still given by name.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any
from urllib.parse import urlencode

from console.api import RemoteId
from console.api.stage import Stage, Trouble
from tests.servers.false.reddit_rules import offence, rule_for
from tests.servers.false.server import LIMIT_SECONDS, Answer, FalseNetwork, Request
from tests.servers.false.stage import FalseStage, on_stage

FORCE, SUB, APP = "force_example", "ForceExample", "app-of-the-force"
REFRESH = "refresh-from-the-walk"
_SIGN_IN = frozenset({"/api/v1/authorize", "/api/v1/access_token"})
_OPTIONAL = ("author_fullname", "permalink", "link_title", "likes", "score", "body_html", "edited")
_MODERATORS = ("approved", "removed", "spam", "banned_by", "num_reports", "mod_reports", "user_reports")


class RedditNetwork(FalseNetwork):
    """The memory of the false Reddit, and its answers."""

    def __init__(self) -> None:
        super().__init__()
        self.things: dict[str, dict[str, Any]] = {}
        """Everything that was said, by name, as `data` of its entry; `kind` is in the name."""
        self.withdrawn: set[str] = set()
        self.lost: set[str] = set()
        """Things that are not even given by name any more."""
        self.inbox: list[str] = []
        self.log: list[dict[str, Any]] = []
        self.people: dict[str, set[str]] = {"banned": set(), "muted": set()}
        self.permissions: list[str] | None = ["all"]
        """Our permissions as a moderator; None: we are none."""
        self.reports: list[tuple[str, str]] = []
        self.access: set[str] = {"access-at-first"}
        self.refresh: set[str] = {REFRESH}
        self.codes: dict[str, str] = {}
        self.scope = "*"
        self.errors: list[list[str]] = []
        """Errors that the next write is refused with, under status 200."""
        self.wait: float | None = None
        self._count = 1_000_000
        self._revoked = False
        self.post = self.add("t3", FORCE, title="Road closed at Quay Road", selftext="", is_self=True)

    # --- What people do ---------------------------------------------------------------------------

    def add(self, kind: str, author: str, *, late_ms: int = 0, subreddit: str = SUB, **fields: Any) -> str:
        """Somebody says something; gives its name."""
        with self.lock:
            self._count += 1
            identity = _base36(self._count)
            name = f"{kind}_{identity}"
            self.things[name] = {
                "name": name,
                "id": identity,
                "author": author,
                "author_fullname": f"t2_{author.lower()}",
                "created_utc": (time.time() * 1000 + self._count % 1000 / 1000 - late_ms) / 1000,
                "edited": False,
                "permalink": f"/r/{subreddit}/comments/x/y/{identity}/",
                "subreddit": subreddit,
                "score": 1,
                "likes": None,
                "approved": False,
                "removed": False,
                "spam": False,
                "banned_by": None,
                "num_reports": 0,
                "mod_reports": [],
                "user_reports": [],
                **fields,
            }
            return name

    def say(self, text: str, *, late_ms: int = 0, author: str = "sam_example", **fields: Any) -> str:
        """Somebody comments below the force's post; gives the comment's name."""
        said = {"body": text, "link_id": self.post, "parent_id": self.post, "link_title": "Road closed"}
        return self.add("t1", author, late_ms=late_ms, **{**said, **fields})

    def withdraw(self, name: str) -> None:
        """The author deletes it."""
        with self.lock:
            words = "body" if name.startswith("t1") else "selftext"
            self.things[name] |= {"author": "[deleted]", words: "[deleted]", "author_fullname": None}
            self.withdrawn.add(name)

    def moderate(self, name: str, by: str | bool | None) -> None:
        """A moderator (a name), a filter (True) or nobody (None) has it removed."""
        with self.lock:
            thing = self.things[name]
            thing |= {"removed": by is not None, "banned_by": by, "approved": by is None}
            action = "approvecomment" if by is None else "removecomment"
            entry = {"id": f"ModAction_{len(self.log)}", "action": action, "target_fullname": name}
            self.log.insert(0, {**entry, "mod": str(by), "created_utc": time.time()})

    def is_public(self, name: str) -> bool:
        """Whether a passer-by reads the words."""
        with self.lock:
            return name not in self.withdrawn and not self.things[name]["removed"]

    # --- Signing in -------------------------------------------------------------------------------

    def is_sign_in(self, request: Request) -> bool:
        return request.path in _SIGN_IN

    def expire(self) -> None:
        self.access.clear()

    def revoke(self, *, is_revoked: bool) -> None:
        self._revoked = is_revoked

    def _authorize(self, request: Request) -> Answer:
        wanted = {"client_id": APP, "response_type": "code", "duration": "permanent"}
        wrong = [name for name, value in wanted.items() if request.first(name) != value]
        if wrong or not request.first("state") or not request.first("scope"):
            self.offences.append(f"authorize: {wrong or 'no state or scope'}")
            return Answer({"error": "invalid_request"}, 400)
        code = f"code-{len(self.codes)}"
        self.codes[code] = request.first("redirect_uri")
        back = urlencode({"state": request.first("state"), "code": code})
        return Answer(b"", 302, {"location": f"{request.first('redirect_uri')}?{back}"}, "text/html")

    def _token(self, request: Request) -> Answer:
        basic = base64.b64encode(f"{APP}:".encode()).decode()
        if request.headers.get("authorization") != f"Basic {basic}" or "cordon" not in request.headers.get(
            "user-agent", ""
        ):
            self.offences.append("token: it does not say which app, or who asks")
            return Answer({"message": "Unauthorized", "error": 401}, 401)
        form = request.form
        if form.get("grant_type") == "authorization_code":
            is_good = self.codes.pop(form.get("code", ""), None) == form.get("redirect_uri")
        else:
            is_good = form.get("refresh_token") in self.refresh
        if not is_good or self._revoked:
            return Answer({"error": "invalid_grant"}, 400)
        token = f"access-{len(self.requests)}-{len(self.access)}"
        self.access.add(token)
        answer = {"access_token": token, "token_type": "bearer", "expires_in": 3600, "scope": self.scope}
        if form.get("grant_type") == "authorization_code":
            answer["refresh_token"] = REFRESH
        return Answer(answer)

    # --- Answers ----------------------------------------------------------------------------------

    def answer(self, request: Request) -> Answer:
        if request.path in _SIGN_IN:
            return self._token(request) if request.method == "POST" else self._authorize(request)
        if self._revoked or request.bearer not in self.access:
            return Answer({"message": "Unauthorized", "error": 401}, 401)
        found = rule_for(request)
        if found is None:
            self.offences.append(f"{request.method} {request.path}")
            return Answer({"message": "Not Found", "error": 404}, 404)
        rule, match = found
        wrong = offence(rule, request)
        if wrong:
            self.offences.append(wrong)
            return Answer({"message": "Bad Request", "error": 400}, 400)
        is_elsewhere = (match.groupdict().get("sub") or SUB).casefold() not in {SUB.casefold(), "all"}
        if is_elsewhere or (self.permissions is None and rule.name in {"queue", "edited", "log"}):
            return Answer({"message": "Forbidden", "error": 403, "reason": "private"}, 403)
        headers = {"x-ratelimit-used": "10", "x-ratelimit-remaining": "590.0", "x-ratelimit-reset": "300"}
        if request.method == "POST":
            return Answer(self._write(rule.name, request.form), headers=headers)
        return Answer(self._read(rule.name, request), headers=headers)

    def _read(self, name: str, request: Request) -> Any:
        if name == "me":
            return {"id": "force1", "name": FORCE, "is_suspended": False}
        if name == "mine":
            community = {"kind": "t5", "data": {"display_name": SUB, "title": "Force Example"}}
            return _listing([community] if self.permissions is not None else [])
        if name == "moderators":
            ours = {"name": FORCE, "id": "t2_force1", "mod_permissions": self.permissions}
            return {"kind": "UserList", "data": {"children": [ours] if self.permissions is not None else []}}
        if name in self.people:
            user = request.first("user")
            there = [{"name": one, "id": f"t2_{one}"} for one in sorted(self.people[name])]
            return {"kind": "UserList", "data": {"children": [one for one in there if one["name"] == user]}}
        if name == "info":
            names = request.first("id").split(",")
            return _listing(
                [self._entry(one) for one in names if one in self.things and one not in self.lost]
            )
        if name == "log":
            return _listing([{"kind": "modaction", "data": entry} for entry in self.log[:100]])
        return self._paged([self._entry(one) for one in self._names(name, request)], request)

    def _names(self, name: str, request: Request) -> list[str]:
        """The names in a list, newest first."""
        topic = request.first("q").casefold()
        wanted: dict[str, Callable[[str, dict[str, Any]], bool]] = {
            "comments": lambda key, _: key.startswith("t1"),
            "posts": lambda key, _: key.startswith("t3"),
            "queue": lambda _, one: bool(one["num_reports"]) or one["banned_by"] in {True, "AutoModerator"},
            "edited": lambda _, one: bool(one["edited"]),
            "inbox": lambda key, _: key in self.inbox,
            "own comments": lambda key, one: key.startswith("t1") and one["author"] == FORCE,
            "search": lambda key, one: key.startswith("t3") and topic in one["title"].casefold(),
        }
        is_anywhere = name in {"inbox", "own comments", "search"}
        found = [
            (one["created_utc"], key)
            for key, one in self.things.items()
            if wanted[name](key, one)
            and key not in self.withdrawn
            and (is_anywhere or (one["subreddit"] == SUB and not key.startswith("t4")))
        ]
        return [key for _, key in sorted(found, reverse=True)]

    def _entry(self, name: str) -> dict[str, Any]:
        data = dict(self.things[name])
        if self.permissions is None or data["subreddit"] != SUB:
            data = {key: value for key, value in data.items() if key not in _MODERATORS}
        return {"kind": name[:2], "data": data}

    def _paged(self, entries: list[dict[str, Any]], request: Request) -> dict[str, Any]:
        limit = int(request.first("limit", "25"))
        names = [entry["data"]["name"] for entry in entries]
        after, before = request.first("after"), request.first("before")
        if before:
            end = names.index(before) if before in names else 0
            return _listing(entries[max(0, end - limit) : end])
        start = names.index(after) + 1 if after in names else 0
        page = entries[start : start + limit]
        is_more = start + limit < len(entries)
        return _listing(page, page[-1]["data"]["name"] if page and is_more else None)

    def _write(self, name: str, form: Mapping[str, str]) -> Any:
        if self.errors:
            said: dict[str, Any] = {"errors": self.errors}
            self.errors = []
            return {"json": said if self.wait is None else {**said, "ratelimit": self.wait}}
        self.changes += 1
        thing = form.get("id") or form.get("thing_id") or ""
        if name in {"remove", "approve"}:
            if thing in self.things:
                self.moderate(thing, FORCE if name == "remove" else None)
            return {}
        if name in {"friend", "unfriend"}:
            people = self.people[form["type"]]
            people.add(form["name"]) if name == "friend" else people.discard(form["name"])
            return {"json": {"errors": []}} if name == "friend" else {}
        if name == "report":
            self.reports.append((thing, form["reason"]))
            return {"json": {"errors": []}}
        if name == "comment":
            made = self._answered(thing, form["text"])
            return {"json": {"errors": [], "data": {"things": [self._entry(made)]}}}
        if name == "vote":
            self.things[thing]["likes"] = form["dir"] == "1"
        elif self.things[thing]["author"] == FORCE:
            self.withdraw(thing)
        return {}

    def _answered(self, parent: str, text: str) -> str:
        kind = "t4" if parent.startswith("t4") else "t1"
        link = self.things[parent].get("link_id", parent)
        return self.add(kind, FORCE, body=text, parent_id=parent, link_id=link)

    # --- Trouble ----------------------------------------------------------------------------------

    def lists_of(self, request: Request, body: Any) -> list[list[Any]]:
        inside = body.get("data") if isinstance(body, dict) else None
        return [inside["children"]] if isinstance(inside, dict) and "children" in inside else []

    def broken_item(self) -> Any:
        return {"kind": "t1", "data": {"name": 5, "body": {"broken": True}}}

    def extras(self, entry: Any) -> Any:
        if "data" not in entry:
            return {**entry, "something_new": 1}
        data = {key: value for key, value in entry["data"].items() if key not in (*_OPTIONAL, *_MODERATORS)}
        return {**entry, "data": {**data, "something_new": {"deep": [1, None, "x"]}}}

    def early(self, trouble: Trouble, request: Request) -> Answer | None:
        if trouble is Trouble.LIMIT:
            return Answer({"message": "Too Many Requests", "error": 429}, 429, self.limit_headers())
        if trouble is Trouble.LIE:
            if request.method == "GET":
                return Answer({"message": "Internal Server Error", "error": 500})
            return Answer({"json": {"errors": [["BROKEN", "Something went wrong", "thing"]]}})
        return super().early(trouble, request)

    def limit_headers(self) -> Mapping[str, str]:
        return {"x-ratelimit-remaining": "0.0", "x-ratelimit-reset": str(LIMIT_SECONDS)}

    def low_headers(self) -> Mapping[str, str]:
        return {"x-ratelimit-remaining": "0.4", "x-ratelimit-reset": str(LIMIT_SECONDS)}


class RedditStage(FalseStage):
    """Reddit's connector before the false Reddit."""

    network: RedditNetwork
    handle = f"r/{SUB}"

    def __init__(self, network: RedditNetwork) -> None:
        """`network` is running."""
        super().__init__("reddit", network)
        self.settings = {
            "client_id": APP,
            "contact": FORCE,
            "subreddit": SUB,
            "port": "0",  # any: the real one is registered with the app
            "address": network.url,
        }
        self.secret = json.dumps({"refresh_token": REFRESH, "access_token": "access-at-first"})

    def say(self, text: str, *, late_ms: int = 0) -> RemoteId:
        return RemoteId(self.network.say(text, late_ms=late_ms))

    def withdraw(self, remote_id: RemoteId) -> None:
        self.network.withdraw(remote_id)

    def is_public(self, remote_id: RemoteId) -> bool:
        return self.network.is_public(remote_id)

    def rewrite(self, remote_id: RemoteId, text: str) -> bool:
        with self.network.lock:
            self.network.things[remote_id] |= {"body": text, "edited": time.time()}
        return True

    def say_about(self, topic: str, text: str) -> RemoteId:
        assert topic in text
        made = self.network.add("t3", "ivo_example", subreddit="Harbours", title=text, selftext="")
        return RemoteId(made)


def reddit_stage() -> AbstractContextManager[Stage]:
    """A fresh false Reddit with the connector before it."""
    return on_stage(RedditNetwork(), RedditStage)


def _listing(children: list[Any], after: str | None = None) -> dict[str, Any]:
    inside = {"after": after, "before": None, "dist": len(children), "children": children}
    return {"kind": "Listing", "data": inside}


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, last = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[last] + digits
    return digits
