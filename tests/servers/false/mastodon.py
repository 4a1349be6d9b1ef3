"""A false Mastodon server: what it answers. What it remembers is in `mastodon_memory`.

What a newcomer would get wrong: a request that breaks the description of the interface is refused as Mastodon
would, and besides remembered in `offences`, since Mastodon itself lets many a mistake pass in silence.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from console.api.stage import Trouble
from tests.servers.false.mastodon_memory import DOMAIN, FORCE, MastodonMemory, Post, iso, now
from tests.servers.false.mastodon_rules import offences_in, route_of
from tests.servers.false.server import LIMIT_SECONDS, Answer, Request

LONGEST = 500
OOB = "urn:ietf:wg:oauth:2.0:oob"
_MAY_BE_MISSING = ("language", "card", "poll", "application", "filtered", "muted", "quote", "pinned")


class Refused(Exception):
    """What a request is refused with."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


class FalseMastodon(MastodonMemory):
    """The running server."""

    # --- Requests -------------------------------------------------------------------------------

    def answer(self, request: Request) -> Answer:
        rule, parts = route_of(request.method, request.path)
        if not rule:
            self.offences.append(f"{request.method} {request.path} is no address of Mastodon")
            return Answer({"error": "Not Found"}, 404)
        body = _body(request)
        wrong = offences_in(rule, request.query, body)
        self.offences += wrong
        if wrong:
            return Answer({"error": f"Validation failed: {wrong[0]}"}, 422)
        try:
            return self._carry_out(rule, parts, request, body)
        except Refused as refusal:
            return Answer({"error": str(refusal)}, refusal.status)

    def _carry_out(
        self, rule: str, parts: tuple[str, ...], request: Request, body: Mapping[str, Any]
    ) -> Answer:
        method, _, path = rule.partition(" ")
        if path.startswith("/oauth/") or path == "/api/v1/apps":
            return self._oauth(path, request, body)
        if path.endswith("/instance"):
            return self._instance(path)
        if self.is_revoked or request.bearer not in self.tokens:
            raise Refused(401, "The access token is invalid")
        if request.path.endswith(tuple(self.refuses)):
            raise Refused(403, "This action is not allowed")
        if method != "GET":
            return Answer(self._write(rule, parts, request, body), headers=self.headers())
        if path == "/api/v1/streaming/user":
            if "streaming" not in self.knows:
                raise Refused(404, "Not Found")
            return Answer(self._live(len(self.events)), kind="text/event-stream")
        return Answer(self._read(path, parts, request), headers=self.headers())

    def _read(self, path: str, parts: tuple[str, ...], request: Request) -> Any:
        match path:
            case "/api/v1/notifications":
                return self._notifications(request)
            case "/api/v1/statuses":
                asked = [self.posts[one] for one in request.query.get("id[]", []) if one in self.posts]
                return [self.status(one) for one in asked if one.author not in self.muted | self.blocked]
            case "/api/v1/statuses/{id}":
                return self.status(self._post(parts[0]))
            case "/api/v1/statuses/{id}/context":
                return self._context(self._post(parts[0]))
            case "/api/v1/accounts/{id}/statuses":
                own = [post for post in self.posts.values() if post.author == parts[0]]
                return [self.status(post) for post in self._paged(own, request)]
            case "/api/v1/timelines/tag/{hashtag}":
                tagged = [post for post in self.posts.values() if parts[0].lower() in post.tags]
                return [self.status(post) for post in self._paged(tagged, request)]
            case "/api/v2/search":
                return self._search(request)
        return self._read_of_people(path, parts, request)

    def _read_of_people(self, path: str, parts: tuple[str, ...], request: Request) -> Any:
        match path:
            case "/api/v1/accounts/verify_credentials":
                role = {"id": "1", "name": "", "color": "", "highlighted": False}
                known = {**self.account(FORCE), **self.me}
                return {**known, "source": {}, "role": {**role, "permissions": self.permissions}}
            case "/api/v1/apps/verify_credentials":
                told = {"scopes": self.tokens[request.bearer].split()} if "scopes" in self.knows else {}
                return {"name": "Cordon", "website": None, **told}
            case "/api/v1/accounts/relationships":
                return [
                    self._relationship(one) for one in request.query.get("id[]", []) if one in self.people
                ]
        self._check_staff(request)
        if parts[0] not in self.people:
            raise Refused(404, "Record not found")
        return {"id": parts[0], "silenced": parts[0] in self.limited, "suspended": False}

    def _write(self, rule: str, parts: tuple[str, ...], request: Request, body: Mapping[str, Any]) -> Any:
        self.changes += 1
        match rule:
            case "POST /api/v1/statuses":
                return self._post_it(request, body)
            case "DELETE /api/v1/statuses/{id}":
                post = self._post(parts[0])
                if post.author != FORCE:
                    raise Refused(404, "Record not found")
                self.withdraw(post.id)
                return {**self.status(post), "text": post.text}
            case "POST /api/v1/statuses/{id}/favourite":
                self.liked.add(self._post(parts[0]).id)
                return self.status(self.posts[parts[0]])
            case "POST /api/v1/reports":
                return self._report(body)
            case "POST /api/v1/admin/accounts/{id}/action":
                self._check_staff(request)
                self.limited.add(parts[0])
                return {}
        who, verb = parts[0], rule.rpartition("/")[2]
        if who not in self.people:
            raise Refused(404, "Record not found")
        kept = self.blocked if verb.endswith("block") else self.muted
        (kept.discard if verb.startswith("un") else kept.add)(who)
        return self._relationship(who)

    def _post_it(self, request: Request, body: Mapping[str, Any]) -> Any:
        key = request.headers.get("idempotency-key", "")
        if key and key in self.keys:
            return self.status(self.posts[self.keys[key]])
        text = str(body["status"])
        if not text.strip():
            raise Refused(422, "Validation failed: Text can't be blank")
        if len(text) > LONGEST:
            raise Refused(422, f"Validation failed: Text character limit of {LONGEST} exceeded")
        parent = body.get("in_reply_to_id")
        if parent is not None and parent not in self.posts:
            raise Refused(404, "Record not found")
        post = self.add(FORCE, text, parent=parent, visibility=body.get("visibility", "public"))
        if key:
            self.keys[key] = post.id
        return self.status(post)

    def _report(self, body: Mapping[str, Any]) -> Any:
        if body["account_id"] not in self.people:
            raise Refused(404, "Record not found")
        if body.get("category") == "violation" and not body.get("rule_ids"):
            raise Refused(422, "Validation failed: Rules does not reference valid rules")
        self.reports.append(dict(body))
        made = {"id": str(len(self.reports)), "action_taken": False, "created_at": iso(now())}
        account = self.account(body["account_id"])
        return {**made, "category": "other", "comment": "", "forwarded": False, "target_account": account}

    def _notifications(self, request: Request) -> Any:
        kinds = request.query.get("types[]", [])
        told = [notice for notice in self.notices if not kinds or notice[1] in kinds]
        if "include_filtered" not in request.query:
            told = [notice for notice in told if self.posts[notice[2]].author not in self.muted]
        limit = min(80, int(request.first("limit", "40")))
        low, high = int(request.first("min_id", "0")), int(request.first("max_id", "0"))
        if low:
            page = sorted((one for one in told if int(one[0]) > low), key=lambda one: int(one[0]))[:limit]
        else:
            below = [one for one in told if not high or int(one[0]) < high]
            page = sorted(below, key=lambda one: -int(one[0]))[:limit]
        return [self.notification(one) for one in sorted(page, key=lambda one: -int(one[0]))]

    def _paged(self, posts: list[Post], request: Request) -> list[Post]:
        high, limit = int(request.first("max_id", "0")), int(request.first("limit", "20"))
        below = [post for post in posts if not high or int(post.id) < high]
        return sorted(below, key=lambda post: -int(post.id))[: min(40, limit)]

    def _context(self, post: Post) -> Any:
        above: list[Post] = []
        one = self.posts.get(post.parent or "")
        while one is not None:
            above.insert(0, one)
            one = self.posts.get(one.parent or "")
        below, found = [], {post.id}
        for other in sorted(self.posts.values(), key=lambda one: int(one.id)):
            if other.parent in found and other.author not in self.muted | self.blocked:
                found.add(other.id)
                below.append(other)
        return {
            "ancestors": [self.status(one) for one in above],
            "descendants": [self.status(one) for one in below],
        }

    def _search(self, request: Request) -> Any:
        if "search" not in self.knows:
            raise Refused(403, "This action is not allowed")
        words = request.first("q").lower().split()
        found = [post for post in self.posts.values() if all(word in post.text.lower() for word in words)]
        statuses = [self.status(post) for post in self._paged(found, request)]
        return {"accounts": [], "hashtags": [], "statuses": statuses}

    def _relationship(self, who: str) -> dict[str, Any]:
        asked = {"following", "followed_by", "requested", "requested_by", "domain_blocking", "endorsed"}
        quiet = dict.fromkeys(sorted(asked | {"blocked_by", "notifying", "showing_reblogs"}), False)
        muting = who in self.muted
        facts = {"blocking": who in self.blocked, "muting": muting, "muting_notifications": muting}
        return {"id": who, **quiet, **facts, "note": ""}

    def _post(self, number: str) -> Post:
        post = self.posts.get(number)
        if post is None:
            raise Refused(404, "Record not found")
        return post

    def _check_staff(self, request: Request) -> None:
        if "admin:" not in self.tokens[request.bearer]:
            raise Refused(403, "This action is outside the authorized scopes")
        if not int(self.permissions) & 0x401:
            raise Refused(403, "This action is not allowed")

    # --- The server -----------------------------------------------------------------------------

    def _instance(self, path: str) -> Answer:
        if path == "/api/v1/instance":
            urls = {"streaming_api": self.url.replace("http", "ws", 1)}
            return Answer({"uri": DOMAIN, "version": self.version, "urls": urls})
        if "v2" not in self.knows:
            return Answer({"error": "Not Found"}, 404)
        streaming = {"urls": {"streaming": self.url.replace("http", "ws", 1)}}
        rules = {**streaming, "statuses": {"max_characters": LONGEST}}
        return Answer(
            {
                "domain": DOMAIN,
                "version": self.version,
                "api_versions": {"mastodon": 7},
                "configuration": rules,
            }
        )

    def _live(self, start: int) -> Iterator[bytes]:
        position, drops = start, self.drops
        yield b":)\n\n"
        while not self.is_revoked and self.drops == drops:
            with self.lock:
                new, position = self.events[position:], len(self.events)
            for name, data in new:
                yield f"event: {name}\ndata: {data}\n\n".encode()
            if not new:
                yield b""
                self.ended.wait(0.01)

    def _oauth(self, path: str, request: Request, body: Mapping[str, Any]) -> Answer:
        if path == "/api/v1/apps":
            if "apps" not in self.knows:
                raise Refused(403, "This action is not allowed")
            client = secrets.token_urlsafe(8)
            secret = secrets.token_urlsafe(8)
            kept = {"redirect": str(body["redirect_uris"]), "scopes": str(body.get("scopes", "read"))}
            self.apps[client] = {"secret": secret, **kept}
            return Answer({"id": "1", "name": "Cordon", "client_id": client, "client_secret": secret})
        if path == "/oauth/authorize":
            return self._authorize(request)
        code = self.codes.pop(str(body["code"]), None)
        app = self.apps.get(str(body["client_id"]))
        challenge = hashlib.sha256(str(body.get("code_verifier", "")).encode()).digest()
        is_right = (
            code is not None
            and app is not None
            and app["secret"] == body["client_secret"]
            and code["client"] == body["client_id"]
            and code["redirect"] == body["redirect_uri"]
            and code["challenge"] == base64.urlsafe_b64encode(challenge).rstrip(b"=").decode()
        )
        if code is None or not is_right:
            words = "The provided authorization grant is invalid, expired, revoked."
            return Answer({"error": "invalid_grant", "error_description": words}, 400)
        token = secrets.token_urlsafe(12)
        self.tokens[token] = code["scopes"]
        made = {"access_token": token, "token_type": "Bearer", "scope": code["scopes"]}
        return Answer({**made, "created_at": now() // 1000})

    def _authorize(self, request: Request) -> Answer:
        app = self.apps.get(request.first("client_id"))
        redirect = request.first("redirect_uri")
        if app is None or redirect != app["redirect"] or request.first("code_challenge_method") != "S256":
            return Answer({"error": "invalid_request"}, 400)
        code = secrets.token_urlsafe(8)
        self.codes[code] = {
            "client": request.first("client_id"),
            "redirect": redirect,
            "challenge": request.first("code_challenge"),
            "scopes": request.first("scope"),
        }
        if redirect == OOB:
            return Answer(code.encode(), kind="text/plain")
        query = urlencode({"code": code, "state": request.first("state")})
        return Answer(b"", 302, {"location": f"{redirect}?{query}"})

    # --- Trouble --------------------------------------------------------------------------------

    def is_sign_in(self, request: Request) -> bool:
        return request.path.startswith(("/oauth/", "/api/v1/apps", "/api/v2/instance")) or (
            request.path.endswith("verify_credentials")
        )

    def lists_of(self, request: Request, body: Any) -> list[list[Any]]:
        if isinstance(body, list):
            return [body]
        names = ("statuses", "ancestors", "descendants")
        return [body[name] for name in names if isinstance(body, dict) and isinstance(body.get(name), list)]

    def extras(self, entry: Any) -> Any:
        if not isinstance(entry, dict):
            return entry
        kept = {name: value for name, value in entry.items() if name not in _MAY_BE_MISSING}
        if "status" in kept:
            kept["status"] = self.extras(kept["status"])
        return {**kept, "mood": {"deep": [1, None, "x"]}, "interaction_policy": 7}

    def headers(self) -> Mapping[str, str]:
        """What a good answer says of the allowance."""
        reset = datetime.fromtimestamp(time.time() + 200, UTC).isoformat()
        return {"x-ratelimit-limit": "300", "x-ratelimit-remaining": "299", "x-ratelimit-reset": reset}

    def limit_headers(self) -> Mapping[str, str]:
        reset = datetime.fromtimestamp(time.time() + LIMIT_SECONDS, UTC)
        told = reset.isoformat(timespec="microseconds").replace("+00:00", "Z")
        return {"x-ratelimit-limit": "300", "x-ratelimit-remaining": "0", "x-ratelimit-reset": told}

    def low_headers(self) -> Mapping[str, str]:
        return self.limit_headers()

    def early(self, trouble: Trouble, request: Request) -> Answer | None:
        if trouble is Trouble.FAULT:
            return Answer(b"<html><body>503</body></html>", 503, kind="text/html")
        return super().early(trouble, request)

    def revoke(self, *, is_revoked: bool) -> None:
        self.is_revoked = is_revoked


def _body(request: Request) -> dict[str, Any]:
    if request.headers.get("content-type", "").startswith("application/json"):
        found = request.json
        return found if isinstance(found, dict) else {}
    return dict(request.form)
