"""A false Flickr: one account of the force with a photo, and other people's comments below it.

Its methods, their arguments, rights and error numbers are those of Flickr's own reflection interface, kept
in `flickr_rules.json` (https://www.flickr.com/services/api/flickr.reflection.getMethodInfo.html). Signatures
are checked by a reckoning of its own, after RFC 5849.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode

from console.api import RemoteId
from console.api.stage import Stage, Trouble
from tests.servers.false.server import Answer, FalseNetwork, Request
from tests.servers.false.stage import FalseStage, on_stage

FORCE, KEY, SECRET = "1000@N00", "key-of-the-force", "secret-of-the-app"
TOKEN, TOKEN_SECRET = "72157-first-token", "secret-of-the-token"
RULES: dict[str, dict[str, Any]] = json.loads(
    Path(__file__).with_name("flickr_rules.json").read_text("utf-8")
)
_ALWAYS = {"method", "format", "nojsoncallback"}
_LEVELS = ("none", "read", "write", "delete")
_OPTIONAL = ("realname", "path_alias", "permalink", "authorname", "url_m", "media", "owner")


class FlickrNetwork(FalseNetwork):
    """The memory of the false Flickr, and its answers."""

    def __init__(self) -> None:
        super().__init__()
        self.photos: dict[str, dict[str, Any]] = {}
        self.comments: dict[str, dict[str, dict[str, Any]]] = {}
        self.tokens: dict[str, tuple[str, str]] = {TOKEN: (TOKEN_SECRET, "write")}
        """By token, its secret and what it may do."""
        self.attempts: dict[str, dict[str, str]] = {}
        """Tokens of attempts to sign in, with their secret, where to go back to, and the verifier."""
        self.lets_owner_delete = True
        self.refuses: tuple[int, str] | None = None
        """With what the next write is refused under status 200."""
        self.shows_comments = True
        """Whether lists of comments show any; counts always do."""
        self._count = 0
        self._revoked = False
        self.photo = self.upload("Road closed at Quay Road")

    # --- What people do ---------------------------------------------------------------------------

    def upload(self, title: str, *, ago_s: int = 60) -> str:
        """The force publishes a photo; gives its id."""
        with self.lock:
            self._count += 1
            photo = f"5399{self._count:07}"
            at = int(time.time()) - ago_s
            self.photos[photo] = {
                "id": photo,
                "owner": FORCE,
                "title": title,
                "lastupdate": str(at),
                "dateupload": str(at),
                "media": "photo",
                "url_m": f"https://live.staticflickr.com/1/{photo}_m.jpg",
                "ispublic": 1,
            }
            self.comments[photo] = {}
            return photo

    def say(
        self, text: str, *, late_ms: int = 0, author: str = "2000@N01", photo: str = "", touches: bool = True
    ) -> str:
        """Somebody comments; gives the comment's id. `touches`: the photo counts as changed by it."""
        with self.lock:
            self._count += 1
            photo = photo or self.photo
            identity = f"1001-{photo}-7215{self._count:010}"
            self.comments[photo][identity] = {
                "id": identity,
                "author": author,
                "authorname": "Sam Example",
                "realname": "",
                "path_alias": "samexample",
                "datecreate": str(int(time.time()) - late_ms // 1000),
                "permalink": f"https://www.flickr.com/photos/force/{photo}/#comment{identity[-14:]}",
                "_content": text,
            }
            if touches:
                self.photos[photo]["lastupdate"] = str(int(time.time()))
            return identity

    def withdraw(self, identity: str) -> None:
        """The comment is deleted; whether the photo counts as changed is not documented, so it does not."""
        with self.lock:
            for comments in self.comments.values():
                comments.pop(identity, None)

    def is_there(self, identity: str) -> bool:
        """Whether a passer-by reads the comment."""
        with self.lock:
            return any(identity in comments for comments in self.comments.values())

    def revoke(self, *, is_revoked: bool) -> None:
        self._revoked = is_revoked

    def does_write(self, request: Request) -> bool:
        return _said(request).get("method", "").rpartition(".")[2] in {"addComment", "deleteComment"}

    # --- Answers ----------------------------------------------------------------------------------

    def answer(self, request: Request) -> Answer:
        if request.path.startswith("/oauth/"):
            return self._oauth(request)
        said = _said(request)
        method = said.get("method", "")
        rule = RULES.get(method)
        if request.path != "/rest" or rule is None:
            return self._offended(f"{request.path} {method}", 112, "Method not found")
        signed = _signed(request)
        token = signed.get("oauth_token", "")
        # A token that is asked about is the one that signs.
        asked = {"oauth_token": token} if "oauth_token" in rule["required"] else {}
        wrong = _offence(rule, request, {**asked, **said})
        if wrong:
            return self._offended(f"{method}: {wrong}", 1, "Required argument missing")
        known = (None if self._revoked else self.tokens.get(token)) if token else ("", "none")
        if known is None:
            return _fail(98, "Login failed / Invalid auth token")
        if not self._is_signed(request, signed, known[0]):
            return self._offended(f"{method}: the signature is wrong", 96, "Invalid signature")
        if _LEVELS.index(known[1]) < max(rule["perms"], int(rule["needs_login"])):
            return _fail(99, "User not logged in / Insufficient permissions")
        return self._done(method.rpartition(".")[2], said, token)

    def _offended(self, words: str, code: int, message: str) -> Answer:
        self.offences.append(words)
        return _fail(code, message)

    def _done(self, name: str, said: Mapping[str, str], token: str) -> Answer:
        if name == "login":
            user = {"id": FORCE, "username": {"_content": "forceexample"}, "path_alias": None}
            return _ok({"user": user})
        if name == "checkToken":
            return self._token(token)
        if name == "recentlyUpdated":
            return self._updated(said)
        photo = said.get("photo_id") or said.get("comment_id", "").split("-")[1]
        if photo not in self.photos:
            return _fail(1, "Photo not found.")
        if name in {"addComment", "deleteComment"}:
            return self._written(photo, said)
        if name == "getInfo":
            counted = str(len(self.comments[photo]))
            return _ok({"photo": {"id": photo, "comments": {"_content": counted}}})
        listed = list(self.comments[photo].values()) if self.shows_comments else []
        inside: dict[str, Any] = {"photo_id": photo}
        return _ok({"comments": {**inside, "comment": listed} if listed else inside})

    def _written(self, photo: str, said: Mapping[str, str]) -> Answer:
        if self.refuses is not None:
            refusal, self.refuses = self.refuses, None
            return _fail(*refusal)
        if "comment_text" in said:
            if not said["comment_text"].strip():
                return _fail(8, "Blank comment.")
            self.changes += 1
            return _ok({"comment": {"id": self.say(said["comment_text"], author=FORCE, photo=photo)}})
        found = self.comments[photo].get(said["comment_id"])
        if found is None:
            return _fail(2, "Comment not found.")
        if found["author"] != FORCE and not self.lets_owner_delete:
            return _fail(99, "User not logged in / Insufficient permissions")
        self.changes += 1
        self.withdraw(said["comment_id"])
        return _ok({})

    def _token(self, token: str) -> Answer:
        if self._revoked or token not in self.tokens:
            return _fail(98, "Login failed / Invalid auth token")
        user = {"nsid": FORCE, "username": "forceexample", "fullname": "Force Example"}
        perms = {"_content": self.tokens[token][1]}
        return _ok({"oauth": {"token": {"_content": token}, "perms": perms, "user": user}})

    def _updated(self, said: Mapping[str, str]) -> Answer:
        found = [one for one in self.photos.values() if int(one["lastupdate"]) >= int(said["min_date"])]
        found.sort(key=lambda one: int(one["lastupdate"]), reverse=True)
        size, page = int(said.get("per_page", "100")), int(said.get("page", "1"))
        pages = max(1, -(-len(found) // size))
        part = found[(page - 1) * size : page * size]
        inside = {"page": page, "pages": pages, "perpage": size, "total": str(len(found)), "photo": part}
        return _ok({"photos": inside})

    # --- Signing ----------------------------------------------------------------------------------

    def _is_signed(self, request: Request, signed: Mapping[str, str], token_secret: str) -> bool:
        """Whether a request's signature is right, after section 3.4 of RFC 5849."""
        fields = [(name, value) for name, values in request.query.items() for value in values]
        if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            fields += parse_qsl(request.body.decode(), keep_blank_values=True)
        fields += [(name, value) for name, value in signed.items() if name != "oauth_signature"]
        pairs = sorted((quote(name, safe="~"), quote(value, safe="~")) for name, value in fields)
        plain = "&".join(f"{name}={value}" for name, value in pairs)
        address = f"{self.url}{request.path}"
        base = "&".join([request.method, quote(address, safe="~"), quote(plain, safe="~")])
        key = f"{quote(SECRET, safe='~')}&{quote(token_secret, safe='~')}"
        digest = hmac.new(key.encode(), base.encode(), hashlib.sha1).digest()
        is_key = signed.get("oauth_consumer_key") == KEY
        return is_key and hmac.compare_digest(base64.b64encode(digest).decode(), signed["oauth_signature"])

    def _oauth(self, request: Request) -> Answer:
        if request.path == "/oauth/authorize":
            return self._authorize(request)
        signed = _signed(request)
        attempt = self.attempts.get(signed.get("oauth_token", ""), {})
        if not self._is_signed(request, signed, attempt.get("secret", "")):
            return _form({"oauth_problem": "signature_invalid"}, 401)
        if request.path == "/oauth/request_token":
            token = f"attempt-{len(self.attempts)}"
            back = signed.get("oauth_callback", "")
            self.attempts[token] = {"secret": f"secret-of-{token}", "back": back, "verifier": ""}
            # The token of an attempt stands in the address that a person visits; its secret does not.
            self.given.add(f"secret-of-{token}")
            answer = {"oauth_callback_confirmed": "true", "oauth_token": token}
            return _form({**answer, "oauth_token_secret": f"secret-of-{token}"})
        if not attempt or signed.get("oauth_verifier") != attempt["verifier"] or not attempt["verifier"]:
            return _form({"oauth_problem": "token_rejected"}, 401)
        del self.attempts[signed["oauth_token"]]
        token = f"72157-{len(self.requests)}"
        self.tokens[token] = (f"secret-of-{token}", "write")
        self.given |= {token, f"secret-of-{token}"}
        who = {"fullname": "Force Example", "user_nsid": FORCE, "username": "forceexample"}
        return _form({**who, "oauth_token": token, "oauth_token_secret": f"secret-of-{token}"})

    def _authorize(self, request: Request) -> Answer:
        attempt = self.attempts.get(request.first("oauth_token"))
        if attempt is None or request.first("perms") not in _LEVELS[1:]:
            self.offences.append("authorize: no such attempt, or no proper right")
            return Answer(b"Oops", 400, kind="text/html")
        attempt["verifier"] = "123-456-789"
        if attempt["back"] == "oob":
            return Answer(b"123-456-789", kind="text/plain")
        query = urlencode({"oauth_token": request.first("oauth_token"), "oauth_verifier": "123-456-789"})
        return Answer(b"", 302, {"location": f"{attempt['back']}?{query}"}, "text/html")

    # --- Trouble ----------------------------------------------------------------------------------

    def lists_of(self, request: Request, body: Any) -> list[list[Any]]:
        inside = (body.get("photos") or body.get("comments") or {}) if isinstance(body, dict) else {}
        return [inside[name] for name in ("photo", "comment") if isinstance(inside.get(name), list)]

    def broken_item(self) -> Any:
        return {"id": 5, "_content": {"broken": True}}

    def extras(self, entry: Any) -> Any:
        left = {name: value for name, value in entry.items() if name not in _OPTIONAL}
        return {**left, "something_new": {"deep": [1, None, "x"]}, "iconfarm": 0}

    def early(self, trouble: Trouble, request: Request) -> Answer | None:
        if trouble is Trouble.LIE:
            return _fail(105, "Service currently unavailable")
        return super().early(trouble, request)


class FlickrStage(FalseStage):
    """Flickr's connector before the false Flickr."""

    network: FlickrNetwork
    handle = "forceexample"
    first_secret = json.dumps({"api_secret": SECRET, "access_token": ""})
    # Its tokens do not end until they are withdrawn, and no header says what is left of the allowance.
    troubles = frozenset(Trouble) - {Trouble.EXPIRED, Trouble.LOW}

    def __init__(self, network: FlickrNetwork) -> None:
        """`network` is running."""
        super().__init__("flickr", network)
        self.settings = {"api_key": KEY, "address": network.url, "way": "browser"}
        self.secret = json.dumps({"api_secret": SECRET, "access_token": f"{TOKEN}:{TOKEN_SECRET}"})

    def say(self, text: str, *, late_ms: int = 0) -> RemoteId:
        return RemoteId(self.network.say(text, late_ms=late_ms))

    def withdraw(self, remote_id: RemoteId) -> None:
        self.network.withdraw(remote_id)

    def is_public(self, remote_id: RemoteId) -> bool:
        return self.network.is_there(remote_id)

    def rewrite(self, remote_id: RemoteId, text: str) -> bool:
        with self.network.lock:
            for comments in self.network.comments.values():
                if remote_id in comments:
                    comments[remote_id]["_content"] = text
        return True


def flickr_stage() -> AbstractContextManager[Stage]:
    """A fresh false Flickr with the connector before it."""
    return on_stage(FlickrNetwork(), FlickrStage)


def _said(request: Request) -> dict[str, str]:
    return request.form if request.method == "POST" else {name: request.first(name) for name in request.query}


def _signed(request: Request) -> dict[str, str]:
    """What the header `Authorization` says."""
    found = re.findall(r'(\w+)="([^"]*)"', request.headers.get("authorization", "").removeprefix("OAuth "))
    return {name: unquote(value) for name, value in found}


def _offence(rule: Mapping[str, Any], request: Request, said: Mapping[str, str]) -> str:
    """What is wrong with a request; empty when nothing is."""
    if said.get("format") != "json" or said.get("nojsoncallback") != "1":
        return "the answer would be no plain JSON"
    if missing := sorted(set(rule["required"]) - set(said)):
        return f"missing {missing}"
    if strange := sorted(set(said) - {*_ALWAYS, *rule["required"], *rule["optional"]}):
        return f"unknown {strange}"
    if rule["perms"] >= 2 and request.method != "POST":
        return "a write must be a POST"
    unknown = set(said["extras"].split(",")) - set(rule["extras"]) if "extras" in said else set()
    if unknown:
        return f"unknown extras {sorted(unknown)}"
    much = [name for name, most in rule.get("most", {}).items() if int(said.get(name, "1")) > most]
    return f"{much} out of bounds" if much else ""


def _ok(body: Mapping[str, Any]) -> Answer:
    return Answer({**body, "stat": "ok"})


def _fail(code: int, message: str) -> Answer:
    return Answer({"stat": "fail", "code": code, "message": message})


def _form(fields: Mapping[str, str], status: int = 200) -> Answer:
    return Answer(urlencode(fields).encode(), status, kind="text/plain; charset=utf-8")
