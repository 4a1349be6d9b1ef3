"""A false X on a real socket: posts, people, acts, private messages, streams, and the sign-in.

It answers from the documented shapes and remembers what it was asked to do. What a newcomer would get wrong:
errors of a list come under status 200 beside the data, and a request that the contract does not take is
refused and remembered in `offences`, which every test of the connector expects to be empty.
"""

from __future__ import annotations

import base64
import hashlib
import json
import queue
import secrets
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from console.api.stage import Trouble
from tests.servers.false.server import LIMIT_SECONDS, Answer, FalseNetwork, Request, in_seconds
from tests.servers.false.x_memory import FORCE, Memory, iso, time_of
from tests.servers.false.x_rules import offences, rule_for

CLIENT = "Y2xpZW50LW9mLXRoZS1mb3JjZQ"
APP_TOKEN = "app-token-of-the-force"
PROBLEMS = "https://api.x.com/2/problems/"
LISTS = ("/mentions", "/tweets", "/search/recent", "/dm_events")
GRANTED = "tweet.read users.read tweet.write tweet.moderate.write mute.read mute.write dm.read offline.access"
_OPTIONAL = ("lang", "entities", "public_metrics", "reply_settings", "possibly_sensitive", "created_at")


class FalseX(FalseNetwork):
    """The network. `memory` is its truth."""

    def __init__(self) -> None:
        super().__init__()
        self.memory = Memory()
        self.access = "access-token-number-0"
        self.refresh = "refresh-token-number-0"
        self.granted = GRANTED
        self.is_new_form = False
        """Whether it answers in the names of version 2.167."""
        self.may_answer_anyone = True
        """Whether a reply below one's own post counts as summoned; nobody knows of the real X."""
        self.stream_limit = 2
        self.subscriptions: list[dict[str, Any]] = []
        self.rules: list[dict[str, Any]] = []
        self.listeners: list[queue.Queue[bytes]] = []
        self._codes: dict[str, dict[str, str]] = {}
        self._count = 0
        self._is_revoked = False
        self._ways: dict[tuple[str, str], Callable[[Request], Answer]] = {
            ("GET", "/2/users/me"): self._me,
            ("GET", "/2/users"): self._people,
            ("GET", "/2/users/{id}/mentions"): self._mentions,
            ("GET", "/2/users/{id}/tweets"): self._own,
            ("GET", "/2/tweets"): self._lookup,
            ("POST", "/2/tweets"): self._post,
            ("DELETE", "/2/tweets/{id}"): self._delete,
            ("PUT", "/2/tweets/{tweet_id}/hidden"): self._hide,
            ("GET", "/2/tweets/search/recent"): self._search,
            ("POST", "/2/users/{id}/muting"): self._mute,
            ("DELETE", "/2/users/{source_user_id}/muting/{target_user_id}"): self._unmute,
            ("GET", "/2/dm_events"): self._messages,
            ("GET", "/2/activity/stream"): self._stream,
            ("GET", "/2/tweets/search/stream"): self._stream,
            ("GET", "/2/activity/subscriptions"): lambda _: _listed(self.subscriptions),
            ("POST", "/2/activity/subscriptions"): self._subscribe,
            ("GET", "/2/tweets/search/stream/rules"): lambda _: _listed(self.rules),
            ("POST", "/2/tweets/search/stream/rules"): self._add_rules,
        }

    # trouble ----------------------------------------------------------------------------------------

    def early(self, trouble: Trouble, request: Request) -> Answer | None:
        match trouble:
            case Trouble.LIMIT:
                return problem(429, "Too Many Requests", "Too Many Requests", headers=self.limit_headers())
            case Trouble.FAULT:
                return problem(503, "Service Unavailable", "Service Unavailable")
            case Trouble.LIE:
                wrong = {"title": "Internal Error", "detail": "Something broke", "status": 500}
                return Answer({"errors": [{**wrong, "type": f"{PROBLEMS}internal-error"}]})
        return super().early(trouble, request)

    def limit_headers(self) -> Mapping[str, str]:
        return _limits(0)

    def low_headers(self) -> Mapping[str, str]:
        return _limits(0)

    def expire(self) -> None:
        self.access = "ended"

    def revoke(self, *, is_revoked: bool) -> None:
        self._is_revoked = is_revoked

    def spoil(self, trouble: Trouble, request: Request, body: Any) -> Any:
        if trouble is Trouble.EMPTY and request.path.endswith(LISTS):
            wrong = _error("not-authorized-for-resource", "Authorization Error", request.path)
            return {"errors": [wrong], "meta": {"result_count": 0}}
        return super().spoil(trouble, request, body)

    def extras(self, entry: Any) -> Any:
        kept = super().extras(entry)
        return {name: value for name, value in kept.items() if name not in _OPTIONAL}

    # answering --------------------------------------------------------------------------------------

    def answer(self, request: Request) -> Answer:
        if request.path == "/i/oauth2/authorize":
            return self._authorize(request)
        if request.path == "/2/oauth2/token":
            return self._token(request)
        if request.path.partition("/blocking")[1]:
            return self._block(request)
        wrong = offences(request)
        rule = rule_for(request)
        if wrong or rule is None:
            self.offences += wrong
            return problem(400, "Invalid Request", "; ".join(wrong), kind="invalid-request")
        refusal = self._refusal(request, rule["tokens"])
        if refusal is not None:
            return refusal
        found = self._ways[rule["method"], rule["path"]](request)
        return Answer(found.body, found.status, {**_limits(250), **found.headers}, found.kind)

    def _refusal(self, request: Request, tokens: list[str]) -> Answer | None:
        if request.bearer == APP_TOKEN:
            if "app" in tokens:
                return None
            return problem(403, "Unsupported Authentication", "User context is needed.")
        if request.bearer != self.access or self._is_revoked:
            return problem(401, "Unauthorized", "Unauthorized")
        if "user" not in tokens:
            return problem(403, "Unsupported Authentication", "Application-only is needed.")
        return None

    def _me(self, request: Request) -> Answer:
        del request
        return Answer({"data": self.memory.users[FORCE]})

    def _people(self, request: Request) -> Answer:
        found, missing = [], []
        for one in request.first("ids").split(","):
            user = self.memory.users.get(one)
            if user is None:
                missing.append(_error("resource-not-found", "Not Found Error", one, "user"))
                continue
            found.append(user)
        if "connection_status" in request.first("user.fields"):
            found = [{**user, "connection_status": self._bonds(user["id"])} for user in found]
        return Answer({"data": found, **({"errors": missing} if missing else {})})

    def _bonds(self, user_id: str) -> list[str]:
        pairs = (("muting", self.memory.muted), ("blocking", self.memory.blocked))
        return [name for name, those in pairs if user_id in those]

    def _mentions(self, request: Request) -> Answer:
        found = [post for post in self.memory.current() if self.memory.concerns(post)]
        return self._page(request, found[:800])

    def _own(self, request: Request) -> Answer:
        return self._page(request, [post for post in self.memory.current() if post["author_id"] == FORCE])

    def _search(self, request: Request) -> Answer:
        query = request.first("query")
        if len(query) > 512 or time_of(request.first("since_id", "9" * 18)) < in_seconds(-604_800) * 1000:
            self.offences.append("a search that is too long, or goes back too far")
            return problem(400, "Invalid Request", "One or more parameters", kind="invalid-request")
        return self._page(
            request, [post for post in self.memory.current() if self.memory.matches(post, query)]
        )

    def _page(self, request: Request, posts: list[dict[str, Any]]) -> Answer:
        """One page of posts, newest first."""
        after, before = int(request.first("since_id", "0")), int(request.first("until_id", "9" * 19))
        before = min(before, int(request.first("pagination_token", "t" + "9" * 19)[1:]))
        fitting = [post for post in posts if after < int(post["id"]) < before]
        size = int(request.first("max_results", "10"))
        page = fitting[:size]
        meta: dict[str, Any] = {"result_count": len(page)}
        if len(fitting) > size:
            meta["next_token"] = f"t{page[-1]['id']}"
        return Answer({**self._posts(request, page), "meta": meta})

    def _posts(self, request: Request, page: list[dict[str, Any]]) -> dict[str, Any]:
        """Posts as an answer has them: without `data` when there are none."""
        fields = request.first("tweet.fields")
        body: dict[str, Any] = {}
        if page:
            body["data"] = [self.memory.shown(post, fields, is_new=self.is_new_form) for post in page]
            if "author_id" in request.first("expansions"):
                ids = dict.fromkeys(post["author_id"] for post in page)
                body["includes"] = {"users": [self.memory.users[one] for one in ids]}
                keys = [key for post in page for key in post.get("attachments", {}).get("media_keys", ())]
                body["includes"] |= {"media": [self.memory.media[key] for key in keys]} if keys else {}
        return body

    def _lookup(self, request: Request) -> Answer:
        found, missing = [], []
        for one in request.first("ids").split(","):
            post = self.memory.posts.get(one)
            if post is None:
                missing.append(_error("resource-not-found", "Not Found Error", one))
            elif one in self.memory.closed:
                missing.append(_error("not-authorized-for-resource", "Authorization Error", one))
            else:
                found.append(post)
        return Answer({**self._posts(request, found), **({"errors": missing} if missing else {})})

    # acts -------------------------------------------------------------------------------------------

    def _hide(self, request: Request) -> Answer:
        post = self.memory.posts.get(request.path.split("/")[3])
        if post is None:
            return problem(404, "Not Found Error", "Could not find it.", kind="resource-not-found")
        root = self.memory.posts.get(post["conversation_id"])
        if root is None or root["author_id"] != FORCE or root["id"] == post["id"]:
            return problem(403, "Forbidden", "You are not permitted to perform this action.")
        self.changes += 1
        first = self.memory.first(post["id"])
        (self.memory.hidden.add if request.json["hidden"] else self.memory.hidden.discard)(first)
        return Answer({"data": {"hidden": request.json["hidden"]}})

    def _delete(self, request: Request) -> Answer:
        post = self.memory.posts.get(request.path.rpartition("/")[2])
        if post is None or post["author_id"] != FORCE:
            return problem(403, "Forbidden", "You are not authorized to delete this Tweet.")
        self.memory.withdraw(post["id"])
        self.changes += 1
        return Answer({"data": {"deleted": True}})

    def _post(self, request: Request) -> Answer:
        to = request.json.get("reply", {}).get("in_reply_to_tweet_id", "")
        above = self.memory.posts.get(to)
        if above is None:
            return problem(403, "Forbidden", "You attempted to reply to a Tweet that is deleted.")
        is_named = any(one["username"] for one in above.get("entities", {}).get("mentions", ()))
        if not (is_named or self.may_answer_anyone):
            return problem(403, "Forbidden", "You are not permitted to perform this action.")
        texts = [post["text"] for post in self.memory.posts.values() if post["author_id"] == FORCE]
        if request.json["text"] in texts:
            words = "You are not allowed to create a Tweet with duplicate content."
            return problem(403, "Forbidden", words)
        made = self.memory.write(request.json["text"], author=FORCE, to=to)
        self.changes += 1
        body = {"id": made, "text": request.json["text"], "edit_history_tweet_ids": [made]}
        return Answer({"data": body}, 201)

    def _mute(self, request: Request) -> Answer:
        self.changes += 1
        self.memory.muted.add(request.json["target_user_id"])
        return Answer({"data": {"muting": True}})

    def _unmute(self, request: Request) -> Answer:
        self.changes += 1
        self.memory.muted.discard(request.path.rpartition("/")[2])
        return Answer({"data": {"muting": False}})

    def _block(self, request: Request) -> Answer:
        """Documented for Enterprise plans, and in neither version of the contract."""
        refusal = self._refusal(request, ["user"])
        if refusal is not None:
            return refusal
        self.changes += 1
        if request.method == "POST":
            self.memory.blocked.add(request.json["target_user_id"])
        else:
            self.memory.blocked.discard(request.path.rpartition("/")[2])
        return Answer({"data": {"blocking": request.method == "POST"}})

    def _messages(self, request: Request) -> Answer:
        before = int(request.first("pagination_token", "token-of-messages-" + "9" * 19).rpartition("-")[2])
        size = int(request.first("max_results", "100"))
        found = [one for one in reversed(self.memory.messages) if int(one["id"]) < before]
        page = found[:size]
        people = [self.memory.users[one] for one in dict.fromkeys(one["sender_id"] for one in page)]
        body = {"data": page, "includes": {"users": people}} if page else {}
        more = {"next_token": f"token-of-messages-{page[-1]['id']}"} if len(found) > size else {}
        return Answer({**body, "meta": {"result_count": len(page), **more}})

    # streams ----------------------------------------------------------------------------------------

    def _subscribe(self, request: Request) -> Answer:
        made = {**request.json, "subscription_id": self.memory.number(), "created_at": iso(1)}
        self.subscriptions.append(made)
        return Answer({"data": {"subscription": made}})

    def _add_rules(self, request: Request) -> Answer:
        made = [{**one, "id": self.memory.number()} for one in request.json.get("add", ())]
        self.rules += made
        return Answer({"data": made, "meta": {"sent": iso(1), "summary": {"created": len(made)}}})

    def _stream(self, request: Request) -> Answer:
        if len(self.listeners) >= self.stream_limit:
            wrong = problem(
                429, "ConnectionException", "This stream is at its limit.", kind="streaming-connection"
            )
            return Answer({**wrong.body, "connection_issue": "TooManyConnections"}, 429)
        mine: queue.Queue[bytes] = queue.Queue()
        self.listeners.append(mine)
        return Answer(self._lines(mine))

    def _lines(self, mine: queue.Queue[bytes]) -> Iterator[bytes]:
        yield b"\r\n"
        try:
            while not self.ended.is_set() and mine in self.listeners:
                try:
                    yield mine.get(timeout=0.02)
                except queue.Empty:
                    yield b""
        finally:
            self.hang_up(mine)

    def hang_up(self, one: queue.Queue[bytes] | None = None) -> None:
        """Ends a stream that is open, or all of them."""
        with self.lock:
            self.listeners[:] = [] if one is None else [other for other in self.listeners if other is not one]

    def announce(self, line: Mapping[str, Any]) -> None:
        """Sends a line to everybody who listens."""
        for listener in [*self.listeners]:
            listener.put(json.dumps(line).encode() + b"\r\n")

    # signing in -------------------------------------------------------------------------------------

    def _authorize(self, request: Request) -> Answer:
        given = {name: values[0] for name, values in request.query.items()}
        landing = urlsplit(given.get("redirect_uri", ""))
        is_right = (
            given.get("client_id") == CLIENT
            and given.get("response_type") == "code"
            and given.get("code_challenge_method") == "S256"
            and (landing.hostname, landing.path) == ("127.0.0.1", "/x")
        )
        if not is_right:
            return problem(400, "Invalid Request", "Something is wrong with the app.")
        code = secrets.token_urlsafe(12)
        self._codes[code] = given
        place = f"{given['redirect_uri']}?{urlencode({'code': code, 'state': given['state']})}"
        return Answer(b"", 302, {"location": place}, "text/html")

    def _token(self, request: Request) -> Answer:
        form = request.form
        if form.get("client_id") != CLIENT:
            return _refused("invalid_client", "No such app.")
        if form.get("grant_type") == "authorization_code":
            asked = self._codes.pop(form.get("code", ""), None)
            digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
            proof = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
            if asked is None or (asked["redirect_uri"], asked["code_challenge"]) != (
                form.get("redirect_uri"),
                proof,
            ):
                return _refused("invalid_request", "Value passed for the authorization code was invalid.")
        elif self._is_revoked or form.get("refresh_token") != self.refresh:
            return _refused("invalid_request", "Value passed for the token was invalid.")
        self._count += 1
        self.access, self.refresh = (
            f"access-token-number-{self._count}",
            f"refresh-token-number-{self._count}",
        )
        tokens = {"access_token": self.access, "refresh_token": self.refresh, "token_type": "bearer"}
        return Answer({**tokens, "expires_in": 7200, "scope": self.granted})


def problem(
    status: int, title: str, detail: str, *, kind: str = "", headers: Mapping[str, str] | None = None
) -> Answer:
    """An error as X words it."""
    where = PROBLEMS + kind if kind else "about:blank"
    body = {"title": title, "detail": detail, "type": where, "status": status}
    return Answer(body, status, headers or {}, "application/problem+json")


def _error(kind: str, title: str, subject: str, what: str = "tweet") -> dict[str, Any]:
    return {
        "resource_id": subject,
        "value": subject,
        "resource_type": what,
        "title": title,
        "detail": f"Could not find {what} with id: [{subject}].",
        "type": PROBLEMS + kind,
    }


def _listed(things: list[dict[str, Any]]) -> Answer:
    body = {"data": things} if things else {}
    return Answer({**body, "meta": {"result_count": len(things)}})


def _refused(error: str, words: str) -> Answer:
    return Answer({"error": error, "error_description": words}, 400)


def _limits(left: int) -> dict[str, str]:
    reset = str(in_seconds(LIMIT_SECONDS))
    return {"x-rate-limit-limit": "300", "x-rate-limit-remaining": str(left), "x-rate-limit-reset": reset}
