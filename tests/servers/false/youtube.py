"""A false YouTube: comments, the queue, live chat, and Google's sign-in, on a real socket.

What a newcomer would get wrong: it is as unhelpful as the real one. A comment that its author took back fails
a write for fifty with "processing failed", an id filter hides the status, and a rejected comment is kept for
ever without being listed anywhere.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

from authlib.oauth2.rfc7636 import create_s256_code_challenge

from console.api.stage import Trouble
from tests.servers.false.server import Answer, FalseNetwork, Request
from tests.servers.false.youtube_rules import offence_of
from tests.servers.false.youtube_shapes import (
    ME,
    TITLE,
    UNAUTHORISED,
    VIDEO,
    Chat,
    Said,
    chat_event,
    comment,
    listed,
    moment,
    refused,
    thread,
)

API = "/youtube/v3"
CLIENT = "123456789-force.apps.googleusercontent.com"
CLIENT_SECRET = "GOCSPX-client-secret-of-the-force"
REFRESH = "1//refresh-token-of-the-force"
SCOPE = "https://www.googleapis.com/auth/youtube.force-ssl"
PAGE = 100


class FalseYouTube(FalseNetwork):
    """A running false YouTube with one channel of the force."""

    def __init__(self) -> None:
        super().__init__()
        self.comments: dict[str, Said] = {}
        self.taken_back: set[str] = set()
        self.banned: set[str] = set()
        self.chats: dict[str, Chat] = {}
        self.bans: dict[str, dict[str, Any]] = {}
        self.channels = {ME: "The Force"}
        self.titles = {VIDEO: TITLE}
        self.tokens: set[str] = set()
        self.codes: dict[str, dict[str, str]] = {}
        self.scope = SCOPE
        self.token_life: dict[str, int] = {}
        """More fields of the token endpoint's answers, such as `refresh_token_expires_in`."""
        self.is_revoked = False
        self.refuses: dict[str, str] = {}
        """Paths below the interface's own that are refused, and the reason."""
        self.holds_own = False
        """Whether the channel's own replies are held for review."""
        self.number = 0
        self._calls: dict[str, Callable[[Request], Answer]] = {
            "GET /channels": self._channels,
            "GET /commentThreads": self._threads,
            "GET /comments": self._comments,
            "POST /comments": self._reply,
            "DELETE /comments": self._delete,
            "POST /comments/setModerationStatus": self._moderate,
            "GET /videos": self._videos,
            "GET /liveBroadcasts": self._broadcasts,
            "GET /liveChat/messages/stream": self._chat_stream,
            "GET /liveChat/messages": self._chat_poll,
            "POST /liveChat/messages": self._chat_say,
            "DELETE /liveChat/messages": self._chat_delete,
            "POST /liveChat/bans": self._ban,
            "DELETE /liveChat/bans": self._lift,
        }

    # --- what people do ---------------------------------------------------------------------------

    def say(self, text: str, *, top: str = "", name: str = "", late_ms: int = 0, **more: Any) -> str:
        """Somebody writes a comment, or a reply to `top`; gives its id."""
        with self.lock:
            self.number += 1
            name = name or f"sam{self.number}"
            identity = f"{top}.{self.number:05d}" if top else f"Ugx{self.number:05d}"
            at = int(time.time() * 1000) - late_ms
            said = Said(identity, top or identity, f"UC_{name}", name, text, at, self.number, **more)
            if said.author in self.banned:
                said.status = "rejected"
            self.comments[identity] = said
            return identity

    def withdraw(self, comment_id: str) -> None:
        """The author takes a comment back, and its replies go with it."""
        with self.lock:
            for one in [one for one in self.comments.values() if comment_id in {one.id, one.top}]:
                del self.comments[one.id]
                self.taken_back.add(one.id)

    def rewrite(self, comment_id: str, text: str) -> None:
        """The author changes the words."""
        with self.lock:
            one = self.comments[comment_id]
            one.text = text
            one.updated = max(int(time.time() * 1000), one.at + 1000, one.updated + 1000)

    def set_status(self, comment_id: str, status: str) -> None:
        """Somebody decides in YouTube Studio, or YouTube's own filter does."""
        with self.lock:
            self.comments[comment_id].status = status

    def is_public(self, comment_id: str) -> bool:
        """Whether a passer-by sees it."""
        with self.lock:
            one = self.comments.get(comment_id)
            if one is None or one.status != "published":
                return False
            return self.comments[one.top].status == "published"

    def go_live(self, chat: str = "chat1", **more: Any) -> Chat:
        """A broadcast with a chat begins."""
        with self.lock:
            self.chats[chat] = Chat(chat, f"live-{chat}", "Press conference, live", **more)
            return self.chats[chat]

    def chat_says(
        self, text: str, *, chat: str = "chat1", name: str = "jo", kind: str = "textMessageEvent", **more: Any
    ) -> str:
        """Something happens in a live chat; `more` goes into its snippet. Gives its id."""
        with self.lock:
            self.number += 1
            at = int(time.time() * 1000)
            event = chat_event(self.number, chat, kind, f"UC_{name}", name, text, at)
            event["snippet"].update(more)
            self.chats[chat].events.append(event)
            return str(event["id"])

    # --- what the server answers --------------------------------------------------------------------

    def is_sign_in(self, request: Request) -> bool:
        return not request.path.startswith(API)

    def lists_of(self, request: Request, body: Any) -> list[list[Any]]:
        del request
        return [body["items"]] if isinstance(body, dict) and isinstance(body.get("items"), list) else []

    def extras(self, entry: Any) -> Any:
        """Unknown fields, and none of those that only decorate."""
        spare = {"etag", "likeCount", "canRate", "viewerRating", "authorProfileImageUrl", "authorChannelUrl"}
        if isinstance(entry, dict):
            kept = {name: self.extras(value) for name, value in entry.items() if name not in spare}
            return {**kept, "somethingNew": {"deep": [1, None, "x"]}}
        return [self.extras(one) for one in entry] if isinstance(entry, list) else entry

    def early(self, trouble: Trouble, request: Request) -> Answer | None:
        if trouble is Trouble.LIMIT:
            words = "The request cannot be completed because you have exceeded your quota."
            return _refusal(403, "quotaExceeded", "youtube.quota", words)
        return super().early(trouble, request)

    def expire(self) -> None:
        self.tokens.clear()

    def revoke(self, *, is_revoked: bool) -> None:
        self.is_revoked = is_revoked

    def answer(self, request: Request) -> Answer:
        if request.path == "/o/oauth2/v2/auth":
            return self._authorise(request)
        if request.path == "/token":
            return self._token(request)
        offence = offence_of(request)
        if offence:
            self.offences.append(offence)
            return _refusal(400, "invalidParameter", "youtube.parameter", offence)
        if self.is_revoked or request.bearer not in self.tokens:
            return Answer(UNAUTHORISED, 401)
        if SCOPE not in self.scope:
            return _refusal(403, "insufficientPermissions", "global", "Insufficient Permission")
        place = request.path.removeprefix(f"{API}/")
        if place in self.refuses:
            return _refusal(403, self.refuses[place], "youtube.quota")
        return self._calls[f"{request.method} {request.path.removeprefix(API)}"](request)

    # --- signing in -----------------------------------------------------------------------------------

    def _authorise(self, request: Request) -> Answer:
        wanted = {"client_id": CLIENT, "response_type": "code", "access_type": "offline"}
        wrong = [name for name, value in wanted.items() if request.first(name) != value]
        is_ours = request.first("redirect_uri").startswith("http://127.0.0.1:")
        if wrong or not is_ours or request.first("code_challenge_method") != "S256":
            return Answer({"error": "invalid_request", "error_description": f"{wrong}"}, 400)
        code = secrets.token_urlsafe(12)
        self.codes[code] = {name: request.first(name) for name in ("redirect_uri", "code_challenge")}
        query = urlencode({"code": code, "state": request.first("state"), "scope": self.scope})
        return Answer(None, 302, {"location": f"{request.first('redirect_uri')}?{query}"})

    def _token(self, request: Request) -> Answer:
        form = request.form
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT, CLIENT_SECRET):
            return Answer({"error": "invalid_client", "error_description": "Unauthorized"}, 401)
        given: dict[str, Any] = {}
        if form.get("grant_type") == "authorization_code":
            code = self.codes.pop(form.get("code", ""), None)
            if code is None or code["redirect_uri"] != form.get("redirect_uri"):
                return Answer({"error": "invalid_grant"}, 400)
            challenge = create_s256_code_challenge(form.get("code_verifier", ""))  # type: ignore[no-untyped-call]  # its stubs lack it
            if challenge != code["code_challenge"]:
                return Answer({"error": "invalid_grant", "error_description": "Invalid code verifier."}, 400)
            given["refresh_token"] = REFRESH
        elif self.is_revoked or form.get("refresh_token") != REFRESH:
            return Answer({"error": "invalid_grant", "error_description": "Token has been revoked."}, 400)
        token = f"ya29.{secrets.token_urlsafe(12)}"
        self.tokens.add(token)
        known = {"access_token": token, "expires_in": 3599, "scope": self.scope, "token_type": "Bearer"}
        return Answer({**known, **given, **self.token_life})

    # --- comments -------------------------------------------------------------------------------------

    def _channels(self, request: Request) -> Answer:
        del request
        items = [
            {"kind": "youtube#channel", "id": one, "snippet": {"title": title, "customUrl": f"@{one[3:]}"}}
            for one, title in self.channels.items()
        ]
        return Answer(listed("channelListResponse", items))

    def _videos(self, request: Request) -> Answer:
        items = [
            {"kind": "youtube#video", "id": one, "snippet": {"title": self.titles[one]}}
            for one in request.first("id").split(",")
            if one in self.titles
        ]
        return Answer(listed("videoListResponse", items))

    def _threads(self, request: Request) -> Answer:
        ids = request.first("id")
        if bool(ids) is bool(request.first("allThreadsRelatedToChannelId")):
            return _refusal(400, "missingRequiredParameter", "youtube.parameter")
        status = request.first("moderationStatus", "published")
        if ids:
            tops = [self.comments[one] for one in ids.split(",") if one in self.comments]
            return Answer(
                listed(
                    "commentThreadListResponse",
                    [self._shape(one, "published", is_by_id=True) for one in tops],
                )
            )
        if request.first("allThreadsRelatedToChannelId") not in self.channels:
            return _refusal(403, "forbidden", "youtube.commentThread")
        matching = [
            top
            for top in self.comments.values()
            if not top.is_reply
            and (top.status == status or (status != "published" and self._below(top, status)))
        ]
        matching.sort(key=lambda one: (one.at, one.number), reverse=True)
        items = [self._shape(one, status, is_by_id=False) for one in matching]
        return _paged("commentThreadListResponse", items, request)

    def _shape(self, top: Said, status: str, *, is_by_id: bool) -> dict[str, Any]:
        public = self._below(top, "published")
        shown = public if status == "published" else self._below(top, status)
        return thread(top, shown, count=len(public), shows_status=not is_by_id)

    def _below(self, top: Said, status: str) -> list[Said]:
        return [one for one in self.comments.values() if one.top == top.id != one.id and one.status == status]

    def _comments(self, request: Request) -> Answer:
        if request.first("id"):
            found = [
                comment(self.comments[one], shows_status=False)
                for one in request.first("id").split(",")
                if one in self.comments
            ]
            return Answer(listed("commentListResponse", found))
        top = self.comments.get(request.first("parentId"))
        if top is None or top.is_reply:
            return _refusal(404, "parentCommentNotFound", "youtube.comment")
        replies = [comment(one, shows_status=True) for one in self._below(top, "published")]
        return _paged("commentListResponse", replies, request)

    def _moderate(self, request: Request) -> Answer:
        ids = request.first("id").split(",")
        status = request.first("moderationStatus")
        bans = request.first("banAuthor") == "true"
        if bans and status != "rejected":
            return _refusal(400, "banWithoutReject", "youtube.comment")
        if len(ids) > 50:
            return _refusal(400, "processingFailure", "youtube.comment")
        for one in ids:
            if one in self.taken_back or self._is_final(one, status):
                return _refusal(400, "processingFailure", "youtube.comment", "Processing failed")
            if one not in self.comments:
                return _refusal(404, "commentNotFound", "youtube.comment")
        self.changes += 1
        for one in ids:
            self.comments[one].status = status
            if bans:
                self.banned.add(self.comments[one].author)
        return Answer(None, 204)

    def _is_final(self, one: str, status: str) -> bool:
        return one in self.comments and self.comments[one].status == "rejected" != status

    def _reply(self, request: Request) -> Answer:
        snippet = request.json["snippet"]
        top = self.comments.get(snippet["parentId"])
        if top is None or top.is_reply:
            return _refusal(404, "parentCommentNotFound", "youtube.comment")
        if top.status != "published":
            return _refusal(403, "parentCommentIsPrivate", "youtube.comment")
        self.changes += 1
        made = self.comments[self.say(snippet["textOriginal"], top=top.id, name="force")]
        if self.holds_own:
            made.status = "heldForReview"
        return Answer(comment(made, shows_status=False))

    def _delete(self, request: Request) -> Answer:
        one = self.comments.get(request.first("id"))
        if one is None:
            return _refusal(400, "processingFailure", "youtube.comment")
        if one.author != ME:
            return _refusal(403, "forbidden", "youtube.comment", "Insufficient permission")
        self.changes += 1
        self.withdraw(one.id)
        return Answer(None, 204)

    # --- live chat ------------------------------------------------------------------------------------

    def _broadcasts(self, request: Request) -> Answer:
        del request
        items = [
            {
                "kind": "youtube#liveBroadcast",
                "id": chat.video,
                "snippet": {
                    "title": chat.title,
                    "liveChatId": chat.id,
                    "scheduledStartTime": moment(int(time.time() * 1000)),
                },
                "status": {"lifeCycleStatus": chat.status},
            }
            for chat in self.chats.values()
        ]
        return Answer(listed("liveBroadcastListResponse", items))

    def _chat_stream(self, request: Request) -> Answer:
        chat = self.chats[request.first("liveChatId")]
        chat.opened += 1
        if chat.refuses is not None:
            return Answer(chat.refuses["body"], chat.refuses["status"])
        if chat.is_over:
            return _refusal(403, "liveChatEnded", "youtube.liveChat")
        return Answer(self._grows(chat, int(request.first("pageToken", "t0")[1:])))

    def _grows(self, chat: Chat, at: int) -> Iterator[bytes]:
        """A JSON array that grows, in pieces that end anywhere."""
        begin = b"["
        while not self.ended.is_set():
            with self.lock:
                events = chat.events[at:]
            if events or begin == b"[":
                at += len(events)
                part = json.dumps(listed("liveChatMessageListResponse", events, f"t{at}"), indent=1)
                whole = begin + part.encode()
                yield whole[: len(whole) // 2]
                yield whole[len(whole) // 2 :]
                begin = b",\n"
            elif chat.is_over:
                yield b"]"
                return
            elif chat.drops:
                chat.drops -= 1
                return
            else:
                self.ended.wait(0.005)
                yield b""

    def _chat_poll(self, request: Request) -> Answer:
        chat = self.chats[request.first("liveChatId")]
        chat.polled += 1
        events = chat.events[int(request.first("pageToken", "t0")[1:]) :]
        body = listed("liveChatMessageListResponse", events, f"t{len(chat.events)}")
        return Answer({**body, "pollingIntervalMillis": 100})

    def _chat_say(self, request: Request) -> Answer:
        snippet = request.json["snippet"]
        self.changes += 1
        made = self.chat_says(
            snippet["textMessageDetails"]["messageText"], chat=snippet["liveChatId"], name="force"
        )
        return Answer(next(one for one in self.chats[snippet["liveChatId"]].events if one["id"] == made))

    def _chat_delete(self, request: Request) -> Answer:
        for chat in self.chats.values():
            if any(one["id"] == request.first("id") for one in chat.events):
                self.changes += 1
                details = {"deletedMessageId": request.first("id")}
                self.chat_says(
                    "", chat=chat.id, name="force", kind="messageDeletedEvent", messageDeletedDetails=details
                )
                return Answer(None, 204)
        return _refusal(404, "liveChatMessageNotFound", "youtube.liveChat")

    def _ban(self, request: Request) -> Answer:
        snippet = request.json["snippet"]
        if snippet["liveChatId"] not in self.chats:
            return _refusal(404, "liveChatNotFound", "youtube.liveChat")
        self.changes += 1
        self.number += 1
        ban = f"ban-{self.number}"
        self.bans[ban] = snippet
        return Answer({"kind": "youtube#liveChatBan", "etag": "b", "id": ban, "snippet": snippet})

    def _lift(self, request: Request) -> Answer:
        if self.bans.pop(request.first("id"), None) is None:
            return _refusal(404, "liveChatBanNotFound", "youtube.liveChat")
        self.changes += 1
        return Answer(None, 204)


def _refusal(status: int, reason: str, domain: str, message: str = "") -> Answer:
    code, body = refused(status, reason, domain, message)
    return Answer(body, code)


def _paged(kind: str, items: list[Any], request: Request) -> Answer:
    token = request.first("pageToken", "page-0")
    if not token.removeprefix("page-").isdecimal():
        return _refusal(400, "invalidPageToken", "youtube.parameter")
    start = int(token.removeprefix("page-"))
    size = int(request.first("maxResults", "20"))
    following = f"page-{start + size}" if start + size < len(items) else ""
    return Answer(listed(kind, items[start : start + size], following))
