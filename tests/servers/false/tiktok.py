"""A false TikTok on a real socket: the Accounts API with one account, its app, and one video.

What a newcomer would get wrong: it says no with status 200 and a `code`, as TikTok does, so a test that
looks at statuses sees nothing but success. Requests that break the rules of `tiktok_rules.json` are answered
with code 40002 and remembered in `offences`.
"""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from console.api import RemoteId
from console.api.stage import Stage, Trouble
from tests.servers.false.server import Answer, FalseNetwork, Request, in_seconds
from tests.servers.false.stage import FalseStage, on_stage

APP, APP_SECRET = "7100000000000000001", "a-secret-of-the-app-xyz"
ACCOUNT, HANDLE = "_000force-open-id", "chandlersrowpolice"
REDIRECT = "https://www.force.example/tiktok/"
VIDEO = "7440999999999999999"
BASE = "/open_api/v1.3/"
RIGHTS = ("user.info.basic", "video.list", "comment.list", "comment.list.manage")
INLINE = 3
RULES: dict[str, dict[str, Any]] = json.loads(
    Path(__file__).with_name("tiktok_rules.json").read_text("utf-8")
)


@dataclass
class Said:
    """One comment or reply in the network's memory."""

    id: str
    video: str
    text: str
    at: int
    """Seconds since 1970."""
    author: str = "u_sam"
    above: str = ""
    status: str = "PUBLIC"
    liked: bool = False
    owner: bool = False
    more: dict[str, Any] = field(default_factory=dict)


@dataclass
class Film:
    """One video of the account."""

    id: str
    caption: str
    at: int


class FalseTikTok(FalseNetwork):
    """The network's memory and its answers."""

    def __init__(self) -> None:
        super().__init__()
        self.rights = list(RIGHTS)
        self.films = {VIDEO: Film(VIDEO, "Chandlers Row is closed until noon", in_seconds(-3600))}
        self.said: dict[str, Said] = {}
        self.access: set[str] = set()
        self.refresh: set[str] = {"refresh-token-of-a-year"}
        self.codes: set[str] = set()
        self.takes_for_spam: set[str] = set()
        """Words of replies that are taken and then shown to nobody."""
        self._numbers = itertools.count(7441000000000000001)
        self._tokens = itertools.count(1)
        self._taken_back: tuple[set[str], set[str]] | None = None

    # what people do ------------------------------------------------------------------------------

    def say(self, text: str, *, late_ms: int = 0, above: str = "", video: str = VIDEO, **more: Any) -> str:
        """Somebody comments, or answers the comment `above`; gives the id."""
        with self.lock:
            known = {key: more.pop(key) for key in ("author", "owner", "status") if key in more}
            one = Said(
                str(next(self._numbers)), video, text, in_seconds(-late_ms / 1000), above=above, **known
            )
            one.more = more
            self.said[one.id] = one
            return one.id

    def film(self, caption: str, *, ago_s: int = 0) -> str:
        """The account publishes a video; gives its id."""
        with self.lock:
            identity = str(next(self._numbers))
            self.films[identity] = Film(identity, caption, in_seconds(-ago_s))
            return identity

    # what it answers -----------------------------------------------------------------------------

    def is_sign_in(self, request: Request) -> bool:
        return "oauth2" in request.path or request.path == "/v2/auth/authorize"

    def lists_of(self, request: Request, body: Any) -> list[list[Any]]:
        data = body.get("data") if isinstance(body, dict) else None
        names = ("comments", "videos")
        return [data[name] for name in names if name in data] if isinstance(data, dict) else []

    def broken_item(self) -> Any:
        return {"comment_id": {"broken": 1}, "item_id": [], "text": {"broken": True}, "create_time": "soon"}

    def extras(self, entry: Any) -> Any:
        optional = {
            "display_name",
            "profile_image",
            "image_url",
            "likes",
            "liked",
            "pinned",
            "caption",
            "share_url",
        }
        kept = {name: value for name, value in entry.items() if name not in optional}
        return {**kept, "something_new": {"deep": [1, None, "x"]}}

    def early(self, trouble: Trouble, request: Request) -> Answer | None:
        match trouble:
            case Trouble.LIMIT:
                return _refusal(40100, "Requests made too frequently.")
            case Trouble.LIE:
                return _refusal(51004, "Internal service timed out.")
        return super().early(trouble, request)

    def expire(self) -> None:
        self.access.clear()

    def revoke(self, *, is_revoked: bool) -> None:
        if is_revoked and self._taken_back is None:
            self._taken_back = (set(self.access), set(self.refresh))
            self.access.clear()
            self.refresh.clear()
        elif not is_revoked and self._taken_back is not None:
            self.access, self.refresh = self._taken_back
            self._taken_back = None

    def answer(self, request: Request) -> Answer:
        if request.path == "/v2/auth/authorize":
            return self._says_yes(request)
        path = request.path.removeprefix(BASE)
        broken = self._breaks(f"{request.method} {path}", request)
        if broken:
            self.offences.append(f"{request.method} {path}: {broken}")
            return _refusal(40002, broken)
        if path.startswith("tt_user/"):
            return self._tokens_of(path, request.json)
        if request.headers.get("access-token", "") not in self.access:
            return _refusal(40105, "Access token is incorrect or has been revoked.")
        asked = (
            request.json
            if request.method == "POST"
            else {name: request.first(name) for name in request.query}
        )
        if asked["business_id"] != ACCOUNT:
            return _refusal(40001, "Permission error: no permission to operate.")
        return self._does(path, asked) if request.method == "POST" else self._lists(path, asked)

    def _breaks(self, name: str, request: Request) -> str:
        """What is wrong with the form of a request; empty when nothing is."""
        rule = RULES.get(name)
        if rule is None:
            return "no such path"
        allowed: Mapping[str, Any] = rule.get("body") or rule["query"]
        is_post = "body" in rule
        if is_post and (request.query or not isinstance(request.json, dict)):
            return "the body must be a JSON object and the query empty"
        given = request.json if is_post else {one: values[0] for one, values in request.query.items()}
        missing = [one for one in rule["required"] if one not in given]
        if missing:
            return f"{missing[0]}: Missing data for required field"
        for one, value in given.items():
            if one not in allowed:
                return f"{one}: Unknown field"
            if not _fits(value, allowed[one]):
                return f"{one}: Not a valid value"
        return ""

    def _says_yes(self, request: Request) -> Answer:
        code = f"auth-code-{next(self._tokens)}"
        self.codes.add(code)
        address = f"{request.first('redirect_uri')}?auth_code={code}&state={request.first('state')}"
        return Answer(None, 302, {"location": address})

    def _tokens_of(self, path: str, body: dict[str, str]) -> Answer:
        if path == "tt_user/token_info/get/":
            if body["access_token"] not in self.access:
                return _refusal(40105, "Access token is incorrect or has been revoked.")
            return _data({"app_id": APP, "creator_id": ACCOUNT, "scope": ",".join(self.rights)})
        if (body["client_id"], body["client_secret"]) != (APP, APP_SECRET):
            return _refusal(40001, "Permission error: the app's id or secret is wrong.")
        if "auth_code" in body:
            if body["auth_code"] not in self.codes or body["redirect_uri"] != REDIRECT:
                return _refusal(40002, "auth_code: it has been used or is too old")
            self.codes.discard(body["auth_code"])
        elif body["refresh_token"] not in self.refresh:
            return _refusal(40103, "Refresh token has expired.")
        else:
            self.refresh.discard(body["refresh_token"])
        number = next(self._tokens)
        access, refresh = f"access-token-of-a-day-{number}", f"refresh-token-of-a-year-{number}"
        self.access.add(access)
        self.refresh.add(refresh)
        return _data(
            {
                "access_token": access,
                "token_type": "Bearer",
                "scope": ",".join(self.rights),
                "expires_in": 86_400,
                "refresh_token": refresh,
                "refresh_token_expires_in": 31_536_000,
                "open_id": ACCOUNT,
            }
        )

    def _lists(self, path: str, asked: Mapping[str, str]) -> Answer:
        start, most = int(asked.get("cursor") or 0), int(asked.get("max_count") or 20)
        if path == "business/get/":
            return _data({"username": HANDLE, "display_name": "Chandlers Row Police"})
        if path == "business/video/list/":
            films = sorted(self.films.values(), key=lambda one: -one.at)
            return _page("videos", [self._film(one) for one in films], start, most)
        if asked["video_id"] not in self.films:
            return _refusal(40006, "The video does not exist.")
        below = [one for one in self.said.values() if one.video == asked["video_id"]]
        if path == "business/comment/reply/list/":
            if asked["comment_id"] not in self.said:
                return _refusal(40007, "The comment does not exist.")
            below = [one for one in below if one.above == asked["comment_id"]]
        else:
            below = [one for one in below if not one.above]
        if "comment_ids" in asked:
            wanted = set(json.loads(asked["comment_ids"]))
            below = [one for one in below if one.id in wanted]
        if asked.get("status") != "ALL":
            below = [one for one in below if one.status == "PUBLIC"]
        below.sort(key=lambda one: (one.at, one.id), reverse=asked.get("sort_order") == "desc")
        is_with = asked.get("include_replies") == "true"
        return _page("comments", [self._comment(one, is_with=is_with) for one in below], start, most)

    def _does(self, path: str, body: Mapping[str, str]) -> Answer:
        verb = path.removeprefix("business/comment/").strip("/")
        known = self.said.get(body.get("comment_id", ""))
        if verb in {"create", "reply/create"}:
            if body["video_id"] not in self.films:
                return _refusal(40001, "Permission error: no permission to operate.")
            if verb == "reply/create" and (known is None or known.above):
                return _refusal(40002, "comment_id: not a comment of this video")
            self.changes += 1
            is_spam = body["text"] in self.takes_for_spam
            made = self.say(
                body["text"],
                above=body.get("comment_id", ""),
                video=body["video_id"],
                owner=True,
                author=ACCOUNT,
                status="HIDDEN" if is_spam else "PUBLIC",
            )
            return _data({"comment_id": made, "video_id": body["video_id"], "text": body["text"]})
        if known is None:
            return _refusal(40007, "The comment does not exist.")
        if body.get("video_id", known.video) != known.video:
            return _refusal(40002, "video_id: does not belong to the comment")
        if verb == "delete":
            if not known.owner:
                return _refusal(40001, "Permission error: only own comments can be deleted.")
            del self.said[known.id]
        elif verb == "hide":
            known.status = "HIDDEN" if body["action"] == "HIDE" else "PUBLIC"
        else:
            known.liked = body["action"] == "LIKE"
        self.changes += 1
        return _data({})

    def _film(self, one: Film) -> dict[str, Any]:
        return {
            "item_id": one.id,
            "create_time": str(one.at),
            "caption": one.caption,
            "share_url": f"https://www.tiktok.com/@{HANDLE}/video/{one.id}",
            "comments": sum(said.video == one.id for said in self.said.values()),
        }

    def _comment(self, one: Said, *, is_with: bool) -> dict[str, Any]:
        replies = [said for said in self.said.values() if said.above == one.id]
        found = {
            "comment_id": one.id,
            "video_id": one.video,
            "unique_identifier": one.author,
            "username": HANDLE if one.owner else "sam.example",
            "display_name": "Sam",
            "profile_image": "https://p16.example/a.jpg",
            "text": one.text,
            "create_time": one.at,
            "likes": 4,
            "owner": one.owner,
            "liked": one.liked,
            "status": one.status,
            **one.more,
        }
        if one.above:
            return {**found, "parent_comment_id": one.above}
        found |= {"pinned": False, "replies": len(replies)}
        if is_with:
            found["reply_list"] = [self._comment(said, is_with=False) for said in replies[:INLINE]]
        return found


def _page(name: str, listed: list[Any], start: int, most: int) -> Answer:
    end = min(start + most, len(listed))
    return _data({name: listed[start:end], "cursor": end, "has_more": end < len(listed)})


def _data(data: Mapping[str, Any]) -> Answer:
    return Answer({"code": 0, "message": "OK", "request_id": "202611201800", "data": dict(data)})


def _refusal(code: int, message: str) -> Answer:
    return Answer({"code": code, "message": message, "request_id": "202611201801", "data": {}})


def _fits(value: Any, rule: Any) -> bool:
    if isinstance(rule, list):
        return value in rule
    if not isinstance(value, str):
        return False
    if rule == "json":
        return isinstance(json.loads(value), list)
    if rule == "number":
        return value.isdecimal()
    if ".." in rule:
        least, most = rule.split("..")
        return value.isdecimal() and int(least) <= int(value) <= int(most)
    return bool(value)


class TikTokStage(FalseStage):
    """The TikTok connector before the false TikTok."""

    network: FalseTikTok
    # TikTok has no headers about its ceilings, so there is nothing that could run low.
    troubles = frozenset(Trouble) - {Trouble.LOW}

    def __init__(self, network: FalseTikTok) -> None:
        """`network` is running."""
        super().__init__("tiktok", network)
        network.access.add("access-token-of-a-day-0")
        network.refresh.add("refresh-token-of-a-year-0")
        self.settings = {
            "address": network.url + BASE.rstrip("/"),
            "app": APP,
            "link": f"https://www.tiktok.com/v2/auth/authorize?client_key={APP}&redirect_uri={REDIRECT}",
            "redirect": REDIRECT,
        }
        tokens = {
            "access": "access-token-of-a-day-0",
            "refresh": "refresh-token-of-a-year-0",
            "account": ACCOUNT,
            "access_ends_at": int(time.time() * 1000) + 86_400_000,
            "refresh_ends_at": int(time.time() * 1000) + 31_536_000_000,
        }
        self.secret = json.dumps({"app_secret": APP_SECRET, "tokens": tokens})
        self.first_secret = json.dumps({"app_secret": APP_SECRET, "refresh_token": ""})
        self.handle = HANDLE

    def say(self, text: str, *, late_ms: int = 0) -> RemoteId:
        return RemoteId(self.network.say(text, late_ms=late_ms))

    def withdraw(self, remote_id: RemoteId) -> None:
        with self.network.lock:
            del self.network.said[remote_id]

    def is_public(self, remote_id: RemoteId) -> bool:
        said = self.network.said.get(remote_id)
        return said is not None and said.status == "PUBLIC"


def tiktok_stage() -> AbstractContextManager[Stage]:
    """A fresh false TikTok with the connector before it; no request may break its rules."""
    return on_stage(FalseTikTok(), TikTokStage)
