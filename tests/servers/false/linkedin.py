"""A false LinkedIn on a real socket: the Community Management API with one page, one person and one post.

What a newcomer would get wrong: a role that is too low is answered with empty lists and no error, as LinkedIn
does. Requests that break the rules of `linkedin_rules.json`, names that are not escaped among them, are
answered with status 400 and remembered in `offences`.
"""

from __future__ import annotations

import itertools
import json
import re
import time
from base64 import urlsafe_b64encode
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from console.api import RemoteId
from console.api.stage import Stage, Trouble
from tests.servers.false.server import Answer, FalseNetwork, Request
from tests.servers.false.stage import FalseStage, on_stage

APP, APP_SECRET = "78abcdefghijkl", "WPL_AP1.a-secret-of-the-app"
PAGE, HANDLE, PERSON = "urn:li:organization:5005", "chandlers-row-police", "urn:li:person:Officer1"
ACTIVITY, SHARE = "urn:li:activity:7264999999999999999", "urn:li:share:7264999999999999998"
REDIRECT = "https://www.force.example/linkedin"
VERSION = "202607"
SCOPES = "r_organization_social_feed,w_organization_social_feed,rw_organization_admin"
_URN = r"urn%3A[A-Za-z0-9%_.-]+"
_RULES: list[dict[str, Any]] = json.loads(Path(__file__).with_name("linkedin_rules.json").read_text("utf-8"))
_SHAPES = {
    "urn": re.compile(r"urn:li:\S+"),
    "number": re.compile(r"\d+"),
    "list": re.compile(r"List\([A-Z_,]+\)"),
    "range": re.compile(r"\(start:\d+,end:\d+\)"),
}


@dataclass
class Said:
    """One comment in the network's memory. Times are milliseconds since 1970."""

    id: str
    text: str
    at: int
    actor: str = "urn:li:person:Sam1"
    above: str = ""
    changed_at: int = 0
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def urn(self) -> str:
        return f"urn:li:comment:({ACTIVITY},{self.id})"


class FalseLinkedIn(FalseNetwork):
    """The network's memory and its answers."""

    def __init__(self) -> None:
        super().__init__()
        self.said: dict[str, Said] = {}
        self.told: list[dict[str, Any]] = []
        self.posts: dict[str, dict[str, Any]] = {
            SHARE: _post(SHARE, PAGE, "Chandlers Row is closed until noon")
        }
        self.closed: set[str] = set()
        """Posts that cannot be read by anybody but their authors."""
        self.role = "ADMINISTRATOR"
        self.liked: set[str] = set()
        self.deletes_others = False
        self.access: set[str] = {"access-token-of-60-days-0"}
        self.refresh: set[str] = {"refresh-token-of-a-year-0"}
        self.scope = SCOPES
        self.left_s = 31_536_000
        """Seconds that are left of the year since the first grant."""
        self._codes: dict[str, tuple[str, str]] = {}
        self._numbers = itertools.count(7265000000000000001)
        self._tokens = itertools.count(1)
        self._taken_back: tuple[set[str], set[str]] | None = None

    # what people do ------------------------------------------------------------------------------

    def say(self, text: str, *, late_ms: int = 0, tells: bool = True, **known: Any) -> str:
        """Somebody comments, or answers the comment `above`; gives its number."""
        with self.lock:
            one = Said(str(next(self._numbers)), text, _now() - late_ms, **known)
            self.said[one.id] = one
            if tells:
                self._tell("ADMIN_COMMENT" if one.actor == PAGE else "COMMENT", one, one.at)
            return one.id

    def rewrite(self, number: str, text: str) -> None:
        """An author changes the words."""
        with self.lock:
            one = self.said[number]
            one.text, one.changed_at = text, max(_now(), one.at + 1)
            self._tell("COMMENT_EDIT", one, one.changed_at)

    def withdraw(self, number: str, *, tells: bool = True) -> None:
        """An author takes it back."""
        with self.lock:
            one = self.said.pop(number)
            if tells:
                self._tell("COMMENT_DELETE", one, _now())

    def mention(self, text: str) -> str:
        """Somebody mentions the page in a post of their own; gives the post's name."""
        with self.lock:
            urn = f"urn:li:share:{next(self._numbers)}"
            self.posts[urn] = _post(urn, "urn:li:person:Jo2", text)
            share = {"entity": urn, "owner": "urn:li:person:Jo2", "text": text}
            self.told.append(
                {
                    "notificationId": next(self._numbers),
                    "organizationalEntity": PAGE,
                    "action": "SHARE_MENTION",
                    "sourcePost": urn,
                    "generatedActivity": urn,
                    "decoratedGeneratedActivity": {"share": share},
                    "lastModifiedAt": _now(),
                }
            )
            return urn

    def _tell(self, action: str, one: Said, at: int) -> None:
        own = {
            "entity": SHARE,
            "owner": PAGE,
            "text": self.posts[SHARE]["commentary"],
            "mediaCategory": "NONE",
        }
        self.told.append(
            {
                "notificationId": next(self._numbers),
                "organizationalEntity": PAGE,
                "action": action,
                "sourcePost": ACTIVITY,
                "decoratedSourcePost": own,
                # LinkedIn shortens the inner name here, and only here.
                "generatedActivity": one.urn.replace("(urn:li:", "("),
                "lastModifiedAt": at,
                "subscriber": PERSON,
            }
        )

    # what it answers -----------------------------------------------------------------------------

    def lists_of(self, request: Request, body: Any) -> list[list[Any]]:
        is_list = isinstance(body, dict) and "elements" in body and "organizationAcls" not in request.path
        return [body["elements"]] if is_list else []

    def broken_item(self) -> Any:
        return {"notificationId": [], "action": 5, "created": "soon", "id": {"broken": True}, "commentary": 7}

    def extras(self, entry: Any) -> Any:
        optional = {"decoratedSourcePost", "likesSummary", "content", "agent", "lastModified", "subscriber"}
        return {**{name: value for name, value in entry.items() if name not in optional}, "somethingNew": [1]}

    def early(self, trouble: Trouble, request: Request) -> Answer | None:
        match trouble:
            case Trouble.LIMIT:
                words = "Resource level throttle APPLICATION DAY limit for calls to this resource is reached."
                return _refusal(429, "TOO_MANY_REQUESTS", words)
            case Trouble.LIE:
                body = {"status": 500, "serviceErrorCode": 0, "code": "INTERNAL", "message": "Try again."}
                return Answer(body)
        return super().early(trouble, request)

    def expire(self) -> None:
        self.access.clear()

    def revoke(self, *, is_revoked: bool) -> None:
        if is_revoked and self._taken_back is None:
            self._taken_back = (self.access, self.refresh)
            self.access, self.refresh = set(), set()
        elif not is_revoked and self._taken_back is not None:
            self.access, self.refresh = self._taken_back
            self._taken_back = None

    def answer(self, request: Request) -> Answer:
        if request.path.startswith("/oauth/"):
            return self._signs_in(request)
        path = request.path.removeprefix("/rest/")
        return self._refused(path, request) or self._given(path, request)

    def _refused(self, path: str, request: Request) -> Answer | None:
        if request.headers.get("linkedin-version") != VERSION:
            return _refusal(426, "NONEXISTENT_VERSION", "Requested version is not active")
        broken = _breaks(path, request)
        if broken:
            self.offences.append(f"{request.method} {request.path}: {broken}")
            return _refusal(400, "ILLEGAL_ARGUMENT", broken)
        if request.bearer not in self.access:
            return _refusal(401, "EXPIRED_ACCESS_TOKEN", "The token used in the request has expired")
        return None

    def _given(self, path: str, request: Request) -> Answer:
        parts = [unquote(part) for part in path.split("/")]
        match request.method, parts[0]:
            case "GET", "organizationAcls":
                role = "RECRUITING_POSTER" if self.trouble is Trouble.EMPTY else self.role
                held = {"role": role, "state": "APPROVED", "organization": PAGE, "roleAssignee": PERSON}
                return _elements([held] if self.role else [], request)
            case "GET", "organizations":
                return Answer({"id": 5005, "localizedName": "Chandlers Row Police", "vanityName": HANDLE})
            case "GET", "people":
                return Answer({"id": "Sam1", "localizedFirstName": "Sam", "localizedLastName": "Example"})
            case "GET", "posts":
                return self._posts(parts, request)
            case "GET", "organizationalEntityNotifications":
                return self._notifications(request)
            case _, "socialActions":
                return self._comments(parts, request)
        return self._reactions(path, request)

    def _signs_in(self, request: Request) -> Answer:
        if request.method == "GET":
            code = f"code-of-half-an-hour-{next(self._tokens)}"
            self._codes[code] = (request.first("redirect_uri"), request.first("code_challenge"))
            address = f"{request.first('redirect_uri')}?code={code}&state={request.first('state')}"
            return Answer(None, 302, {"location": address})
        form = request.form
        challenge = ""
        if form.get("grant_type") == "authorization_code":
            redirect, challenge = self._codes.pop(form.get("code", ""), ("", ""))
            if not redirect or redirect != form.get("redirect_uri"):
                return Answer({"error": "invalid_grant", "error_description": "The code is not valid"}, 400)
            digest = sha256(form.get("code_verifier", "").encode()).digest()
            if challenge and urlsafe_b64encode(digest).decode().rstrip("=") != challenge:
                return Answer({"error": "invalid_grant", "error_description": "The verifier is wrong"}, 400)
        elif form.get("refresh_token") not in self.refresh:
            return Answer({"error": "invalid_grant", "error_description": "The token has ended"}, 400)
        is_known = form.get("client_id") == APP and (challenge or form.get("client_secret") == APP_SECRET)
        if not is_known:
            return Answer(
                {"error": "invalid_client", "error_description": "Client authentication failed"}, 401
            )
        number = next(self._tokens)
        access, refresh = f"access-token-of-60-days-{number}", f"refresh-token-of-a-year-{number}"
        self.access.add(access)
        self.refresh.add(refresh)
        return Answer(
            {
                "access_token": access,
                "expires_in": 5_184_000,
                "refresh_token": refresh,
                "refresh_token_expires_in": self.left_s,
                "scope": self.scope,
            }
        )

    def _posts(self, parts: list[str], request: Request) -> Answer:
        if len(parts) == 1:
            return _elements([one for one in self.posts.values() if one["author"] == PAGE], request)
        if parts[1] in self.closed:
            return _refusal(403, "ACCESS_DENIED", "Not enough permissions to access: posts.GET")
        post = self.posts.get(parts[1])
        return Answer(post) if post else _refusal(404, "NOT_FOUND", "Could not find entity")

    def _notifications(self, request: Request) -> Answer:
        start, end = (int(number) for number in re.findall(r"\d+", request.first("timeRange")))
        wanted = request.first("actions")[5:-1].split(",")
        listed = [
            one for one in self.told if one["action"] in wanted and start <= one["lastModifiedAt"] < end
        ]
        return _elements(sorted(listed, key=lambda one: -int(one["lastModifiedAt"])), request)

    def _comments(self, parts: list[str], request: Request) -> Answer:
        urn = parts[1]
        if urn not in {SHARE, ACTIVITY, *self.posts} and not any(
            one.urn == urn for one in self.said.values()
        ):
            return _refusal(404, "NOT_FOUND", "Could not find entity")
        if request.method == "POST":
            return self._comment(request)
        if len(parts) == 3:
            above = urn if urn.startswith("urn:li:comment") else ""
            listed = [one for one in self.said.values() if one.above == above]
            return _elements([self._shown(one) for one in listed], request)
        one = self.said.get(parts[3])
        if one is None:
            return _refusal(404, "NOT_FOUND", "Could not find entity")
        if request.method == "GET":
            return Answer(self._shown(one))
        if one.actor != PAGE and not self.deletes_others:
            return _refusal(403, "ACCESS_DENIED", "Not enough permissions to access: socialActions.DELETE")
        self.changes += 1
        self.withdraw(one.id)
        return Answer(None, 204)

    def _comment(self, request: Request) -> Answer:
        body = request.json
        above = body.get("parentComment", "")
        top = next((one for one in self.said.values() if one.urn == above), None)
        if body["actor"] != PAGE or (above and (top is None or top.above)):
            return _refusal(422, "INVALID", "parentComment is no comment of the first level")
        if any(one.text == body["message"]["text"] and one.actor == PAGE for one in self.said.values()):
            return _refusal(422, "DUPLICATE_POST", "Content is a duplicate of urn:li:share:1")
        self.changes += 1
        made = self.say(body["message"]["text"], actor=PAGE, above=above)
        return Answer(self._shown(self.said[made]), 201, {"x-restli-id": made})

    def _reactions(self, path: str, request: Request) -> Answer:
        if request.method == "POST":
            self.changes += 1
            self.liked.add(request.json["root"])
            return Answer({"id": "reaction"}, 201)
        entity = unquote(path.rpartition("entity:")[2].removesuffix(")"))
        if entity in self.liked:
            return Answer({"reactionType": "LIKE"})
        return _refusal(404, "NOT_FOUND", "Could not find entity")

    def _shown(self, one: Said) -> dict[str, Any]:
        replies = sum(other.above == one.urn for other in self.said.values())
        shown = {
            "id": one.id,
            "$URN": one.urn,
            "actor": one.actor,
            "object": ACTIVITY,
            "message": {"attributes": [], "text": one.text},
            "created": {"actor": one.actor, "time": one.at},
            "lastModified": {"actor": one.actor, "time": one.changed_at or one.at},
            "likesSummary": {"totalLikes": 0, "likedByCurrentUser": False, "selectedLikes": []},
            "commentsSummary": {"totalFirstLevelComments": replies, "aggregatedTotalComments": replies},
            **one.more,
        }
        return {**shown, "parentComment": one.above} if one.above else shown


def _breaks(path: str, request: Request) -> str:
    """What is wrong with the form of a request; empty when nothing is."""
    if request.headers.get("x-restli-protocol-version") != "2.0.0":
        return "the protocol's version is missing"
    for rule in _RULES:
        shape = rule["path"].replace("URN", _URN)
        if rule["method"] != request.method or not re.fullmatch(shape, path):
            continue
        missing = [name for name in rule["required"] if name not in request.query]
        if missing:
            return f"{missing[0]} is missing"
        for name in request.query:
            if name not in rule["query"] or not _fits(request.first(name), rule["query"][name]):
                return f"{name} is not valid"
        if "body" not in rule:
            return "there must be no body" if request.body else ""
        given = set(request.json)
        is_right = set(rule["body"]) <= given <= {*rule["body"], *rule["may"]}
        return "" if is_right else "the body is not valid"
    return "no such path"


def _fits(value: str, rule: str) -> bool:
    if rule in _SHAPES:
        return _SHAPES[rule].fullmatch(value) is not None
    if ".." in rule:
        least, most = rule.split("..")
        return value.isdecimal() and int(least) <= int(value) <= int(most)
    return value == rule


def _elements(listed: list[Any], request: Request) -> Answer:
    start, count = int(request.first("start", "0")), int(request.first("count", "10"))
    paging = {"start": start, "count": count, "links": []}
    return Answer({"paging": paging, "elements": listed[start : start + count]})


def _refusal(status: int, code: str, message: str) -> Answer:
    return Answer({"status": status, "serviceErrorCode": 0, "code": code, "message": message}, status)


def _post(urn: str, author: str, text: str) -> dict[str, Any]:
    at = _now() - 3_600_000
    return {"id": urn, "author": author, "commentary": text, "createdAt": at, "publishedAt": at}


def _now() -> int:
    return int(time.time() * 1000)


class LinkedInStage(FalseStage):
    """The LinkedIn connector before the false LinkedIn."""

    network: FalseLinkedIn
    # LinkedIn has no headers about its ceilings, so there is nothing that could run low.
    troubles = frozenset(Trouble) - {Trouble.LOW}

    def __init__(self, network: FalseLinkedIn) -> None:
        """`network` is running."""
        super().__init__("linkedin", network)
        self.settings = {
            "address": f"{network.url}/rest",
            "app": APP,
            "organisation": "5005",
            "redirect": REDIRECT,
            "version": VERSION,
        }
        tokens = {
            "access": "access-token-of-60-days-0",
            "access_ends_at": _now() + 5_184_000_000,
            "refresh": "refresh-token-of-a-year-0",
            "ends_at": _now() + 31_536_000_000,
            "scopes": SCOPES.split(","),
        }
        self.secret = json.dumps({"app_secret": APP_SECRET, "tokens": tokens})
        self.first_secret = json.dumps({"app_secret": APP_SECRET})
        self.handle = HANDLE

    def say(self, text: str, *, late_ms: int = 0) -> RemoteId:
        return RemoteId(self.network.say(text, late_ms=late_ms))

    def withdraw(self, remote_id: RemoteId) -> None:
        self.network.withdraw(remote_id)

    def rewrite(self, remote_id: RemoteId, text: str) -> bool:
        self.network.rewrite(remote_id, text)
        return True

    def is_public(self, remote_id: RemoteId) -> bool:
        return remote_id in self.network.said


def linkedin_stage() -> AbstractContextManager[Stage]:
    """A fresh false LinkedIn with the connector before it; no request may break its rules."""
    return on_stage(FalseLinkedIn(), LinkedInStage)
