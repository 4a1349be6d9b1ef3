"""A false Facebook: one Page of the force, and everybody who writes on it, to it and below its live videos.

Shapes from Meta's own specs of nodes and edges (`facebook_rules.json` is cut out of them) and its pages on
errors, tokens and batches. What a newcomer would get wrong: writing `message` to a comment is allowed by the
spec and changes the comment; here it is an offence, because no connector may ever do it.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from console.api.stage import Trouble
from tests.servers.false.metagraph import (
    DAY_SECONDS,
    GraphNetwork,
    Refusal,
    Token,
    gone,
    page_of,
    read_rules,
    stamp,
    top_fields,
)
from tests.servers.false.server import Answer, Request

RULES = read_rules(Path(__file__).with_name("facebook_rules.json"))
PAGE, PAGE_NAME, PAGE_HANDLE = "1122334455", "Force Example", "force.example"
OTHER_PAGE = "1122334466"
SAM = "7412300000000001"
NAMES = {SAM: "Sam Example", "7412300000000002": "Jo Example", PAGE: PAGE_NAME}
READS, PEOPLE, ACTS, MESSAGES = (
    "pages_read_engagement",
    "pages_read_user_content",
    "pages_manage_engagement",
    "pages_messaging",
)
SCOPES = ("pages_show_list", READS, PEOPLE, ACTS, MESSAGES)
DONE_PAGE = "https://www.facebook.com/connect/login_success.html"
OPTIONAL = ("from", "permalink_url", "can_hide", "can_remove", "comment_count", "like_count", "is_private")
"""Fields of a comment that an answer may lack and an item can do without."""


@dataclass
class Post:
    """One post: the Page's own, a visitor's, or one elsewhere. Times are seconds since 1970."""

    id: str
    sort: str
    by: str
    text: str
    at: float
    moved_at: float
    hidden: bool = False


@dataclass
class Comment:
    """One comment or reply. `at` is seconds since 1970."""

    id: str
    thread: str
    by: str
    text: str
    at: float
    parent: str = ""
    hidden: bool = False
    likes: set[str] = field(default_factory=set)
    answered_privately: bool = False
    flags: dict[str, bool] = field(default_factory=dict)


@dataclass
class Message:
    """One private message."""

    id: str
    thread: str
    by: str
    text: str
    at: float


class FacebookNetwork(GraphNetwork):
    """The network and its memory. Public attributes are the truth that tests ask for."""

    rules = RULES
    versions = ("/v26.0",)
    limit_code = 80001
    redirect = DONE_PAGE
    scopes = SCOPES

    def __init__(self) -> None:
        super().__init__()
        self.posts: dict[str, Post] = {}
        self.comments: dict[str, Comment] = {}
        self.messages: dict[str, Message] = {}
        self.threads: dict[str, str] = {}
        """By conversation, who writes in it."""
        self.reviews: list[dict[str, Any]] = []
        self.lives: dict[str, str] = {}
        """By live video, its status."""
        self.banned: set[str] = set()
        self.silenced: set[str] = set()
        """Whose private messages are blocked."""
        self.shows_authors = True
        self.tells_movement = True
        """Whether a comment moves the `updated_time` of its post."""
        self.tasks = ["MODERATE", "CREATE_CONTENT", "MESSAGING"]
        self.kinds: dict[str, str] = {}
        self.edges: dict[str, Refusal] = {}
        """Edges of the Page that refuse, whatever the rights."""
        self.data_ends_at = 0.0
        self.verifiers: dict[str, str] = {}
        self._ids = itertools.count(900_000_000_000_001)
        self.main = self.publish(
            "Chandlers Row is closed between the bridge and the mill until noon.", age=3600
        )

    # what people do --------------------------------------------------------------------------------

    def publish(self, text: str, *, age: float = 0.0, sort: str = "post", by: str = PAGE) -> str:
        """Somebody posts; gives the id."""
        owner = by if sort == "tagged" else PAGE
        identity = f"{owner}_{next(self._ids)}"
        at = self.now - age
        self.posts[identity] = Post(identity, sort, by, text, at, at)
        return identity

    def say(self, text: str, *, late: float = 0.0, below: str = "", parent: str = "", by: str = SAM) -> str:
        """Somebody comments below a post or live video (the main post by itself); gives the bare id."""
        with self.lock:
            identity, thread = str(next(self._ids)), below or self.main
            self.comments[identity] = Comment(identity, thread, by, text, self.now - late, parent)
            if self.tells_movement and thread in self.posts:
                self.posts[thread].moved_at = self.now
            return identity

    def write_to_page(self, text: str, *, by: str = SAM, thread: str = "t_1001", late: float = 0.0) -> str:
        """Somebody writes a private message; gives its id."""
        with self.lock:
            identity = f"m_{next(self._ids)}"
            self.threads.setdefault(thread, by)
            self.messages[identity] = Message(identity, thread, by, text, self.now - late)
            return identity

    def review(self, text: str | None, *, story: str = "", by: str = SAM) -> None:
        """Somebody reviews the Page."""
        said: dict[str, Any] = {"created_time": stamp(self.now), "recommendation_type": "negative"}
        said |= {"has_review": bool(text), "has_rating": False, "reviewer": {"id": by, "name": NAMES[by]}}
        if text:
            said["review_text"] = text
        if story:
            said["open_graph_story"] = {"id": story}
        self.reviews.append(said)

    def go_live(self, title: str) -> str:
        """The Page goes live; gives the id of the live video."""
        with self.lock:
            identity = str(next(self._ids))
            self.lives[identity] = title
            return identity

    # tokens ----------------------------------------------------------------------------------------

    def page_token(self, page: str = PAGE) -> str:
        """A token of a Page, without an end."""
        token = f"EAAP{next(self._ids)}"
        self.tokens[token] = Token(self.granted, self.now, self.now + 100 * 365 * DAY_SECONDS)
        self.kinds[token] = page
        self.given.add(token)
        return token

    def expire(self) -> None:
        """Ends every Page's token; the person's goes on."""
        for token in self.kinds:
            self.tokens[token].expires_at = 0.0

    def page_behind(self, request: Request) -> str:
        """The Page whose token was sent; empty for a person's. Raises Refusal."""
        self.holder(request)
        return self.kinds.get(request.bearer, "")

    # requests --------------------------------------------------------------------------------------

    def is_sign_in(self, request: Request) -> bool:
        return request.path.endswith(("access_token", "/dialog/oauth"))

    def lists_of(self, request: Request, body: Any) -> list[list[Any]]:
        # What the sign-in itself may do is no list of items.
        is_ours = request.path.endswith(("/me/accounts", "/me/permissions"))
        return [] if is_ours else super().lists_of(request, body)

    def answer(self, request: Request) -> Answer:
        path = request.path.removeprefix(self.versions[0])
        if path == "/dialog/oauth":
            return self._dialog(request)
        try:
            said = self._checked(request, self._typed(path))
            if "access_token" in request.query:
                self.offences.append("a token stands in an address")
            if path == "/" and request.method == "POST":
                return Answer(self._batch(request, said))
            if path.endswith("/live_comments"):
                return self._stream(request, path)
            return Answer(self.route(request, path, said))
        except Refusal as refusal:
            return refusal.answer

    def route(self, request: Request, path: str, said: Mapping[str, str]) -> Any:
        if path == "/oauth/access_token":
            return self._token(said)
        if path == "/debug_token":
            return {"data": self._debugged(request, said["input_token"])}
        if path.startswith("/me"):
            return self._me(request, path, said)
        page = self.page_behind(request)
        _, node, *edge = path.split("/")
        if request.method != "GET":
            self.changes += 1
            return self._write(request, node, edge, said)
        if edge:
            return self._listed(request, page, node, edge[0], said)
        return self._node(node, said)

    def _typed(self, path: str) -> str:
        """A path with the sorts of its nodes in place of their ids."""
        _, node, *edge = path.split("/")
        kind = self._kind(node)
        return "/".join(["", f"{{{kind}}}" if kind else node, *edge])

    def _kind(self, node: str) -> str:
        if node in {PAGE, OTHER_PAGE}:
            return "page"
        for kind, known in (("post", self.posts), ("live", self.lives), ("thread", self.threads)):
            if node in known:
                return kind
        if node.startswith("m_"):
            return "message"
        # What is not known any more looks like a comment: the refusal comes with the answer.
        return "comment" if node.rpartition("_")[2].isdecimal() else ""

    # signing in ------------------------------------------------------------------------------------

    def _dialog(self, request: Request) -> Answer:
        """The page where a person says yes; the browser is sent on at once."""
        sent_to = request.first("redirect_uri")
        is_ours = sent_to == DONE_PAGE or urlsplit(sent_to).hostname == "localhost"
        asked = request.first("scope").split(",")
        if request.first("client_id") != self.app_id or not is_ours or not set(asked) <= set(SCOPES):
            self.offences.append("a dialog that Facebook would not show")
            return Answer({"error": {"message": "Invalid app", "code": 101}}, 400)
        code = f"AQ{next(self._ids)}"
        self.codes[code] = tuple(asked)
        self.verifiers[code] = request.first("code_challenge")
        query = urlencode({"code": code, "state": request.first("state")})
        return Answer(b"", 302, {"location": f"{sent_to}?{query}#_=_"}, "text/html")

    def _token(self, said: Mapping[str, str]) -> dict[str, Any]:
        if said["client_id"] != self.app_id or said["client_secret"] != self.secret:
            raise Refusal("Error validating client secret.", 1)
        if said["grant_type"] == "authorization_code":
            if self.codes.pop(said["code"], None) is None:
                raise Refusal("This authorization code has been used.", 100)
            if bool(self.verifiers.pop(said["code"])) != bool(said.get("code_verifier")):
                raise Refusal("Invalid code_verifier.", 100)
            return {
                "access_token": self.give_token(is_long=False),
                "token_type": "bearer",
                "expires_in": 5000,
            }
        if said["fb_exchange_token"] not in self.tokens:
            raise Refusal("Invalid OAuth access token.", 190)
        return {"access_token": self.give_token(), "token_type": "bearer", "expires_in": 60 * DAY_SECONDS}

    def _debugged(self, request: Request, token: str) -> dict[str, Any]:
        if request.bearer != f"{self.app_id}|{self.secret}" or self.is_revoked:
            raise Refusal("Invalid OAuth access token.", 190)
        if token not in self.tokens:
            return {"is_valid": False, "scopes": []}
        said: dict[str, Any] = {"app_id": self.app_id, "is_valid": True, "scopes": list(self.granted)}
        page = self.kinds.get(token, "")
        said |= {"type": "PAGE" if page else "USER", "expires_at": 0, "profile_id": page}
        return {**said, "data_access_expires_at": int(self.data_ends_at)}

    @property
    def granted(self) -> tuple[str, ...]:
        return tuple(
            scope
            for scope in self.scopes
            if scope not in self.withheld and not (scope == PEOPLE and self.trouble is Trouble.EMPTY)
        )

    def _me(self, request: Request, path: str, said: Mapping[str, str]) -> Any:
        page = self.page_behind(request)
        if path == "/me/permissions":
            return {"data": [{"permission": scope, "status": "granted"} for scope in self.granted]}
        if path == "/me/accounts":
            if page:
                raise Refusal("(#100) Tried accessing nonexisting field (accounts) on node type (Page)", 100)
            pages = [
                {"id": one, "name": name, "access_token": self.page_token(one), "tasks": self.tasks}
                for one, name in ((OTHER_PAGE, "Force Example Events"), (PAGE, PAGE_NAME))
            ]
            return {"data": pages, "paging": {"cursors": {"before": "0", "after": "2"}}}
        if not page and "category" in top_fields(said.get("fields", "")):
            raise Refusal("(#100) Tried accessing nonexisting field (category) on node type (User)", 100)
        return {"id": page or SAM, "name": NAMES.get(page, "Sam Example"), "username": PAGE_HANDLE}

    # what it shows ---------------------------------------------------------------------------------

    def _listed(self, request: Request, page: str, node: str, edge: str, said: Mapping[str, str]) -> Any:
        if node == PAGE and edge in self.edges:
            raise self.edges[edge]
        return self._page(request, self._entries(page, node, edge, said), said)

    def _entries(self, page: str, node: str, edge: str, said: Mapping[str, str]) -> list[dict[str, Any]]:
        if edge == "comments":
            # A person's token, and one without the right, get an empty list and no error.
            return self._below(node, said) if page and PEOPLE in self.granted else []
        if edge == "blocked":
            wanted = said.get("user")
            return [{"id": one, "name": NAMES[one]} for one in sorted(self.banned) if wanted in {None, one}]
        if edge == "live_videos":
            return [{"id": one, "status": "LIVE", "title": title} for one, title in self.lives.items()]
        if edge in {"conversations", "messages"}:
            if MESSAGES not in self.granted:
                raise Refusal("(#200) Requires pages_messaging permission", 200)
            return self._mail(node, edge)
        if edge == "ratings":
            return list(reversed(self.reviews))
        sort = {"published_posts": "post", "visitor_posts": "visitor", "tagged": "tagged"}[edge]
        posts = sorted(self.posts.values(), key=lambda post: -post.at)
        return [self._shown_post(post) for post in posts if post.sort == sort]

    def _mail(self, node: str, edge: str) -> list[dict[str, Any]]:
        if edge == "messages":
            mail = sorted(self.messages.values(), key=lambda one: -one.at)
            return [self._shown_message(one) for one in mail if one.thread == node]
        moved = {
            thread: max(one.at for one in self.messages.values() if one.thread == thread)
            for thread in self.threads
        }
        latest = sorted(moved, key=lambda thread: -moved[thread])
        return [
            {"id": one, "updated_time": stamp(moved[one]), "link": f"/{PAGE}/inbox/{one}/"} for one in latest
        ]

    def _below(self, node: str, said: Mapping[str, str]) -> list[dict[str, Any]]:
        since, bare = float(said.get("since") or 0), node.rpartition("_")[2]
        if node not in self.posts and node not in self.lives and bare not in self.comments:
            raise gone(node)
        found = [
            one
            for one in self.comments.values()
            if int(one.at) >= since
            and (one.thread == node or one.parent == bare)
            and (said.get("filter") == "stream" or not one.parent or one.parent == bare)
        ]
        found.sort(key=lambda one: one.at, reverse=said.get("order") == "reverse_chronological")
        return [self._cut(self._shown(one), said) for one in found]

    def _node(self, node: str, said: Mapping[str, str]) -> Any:
        bare = node.rpartition("_")[2]
        if node in self.posts:
            return self._cut(self._shown_post(self.posts[node]), said)
        if node in self.messages:
            return self._cut(self._shown_message(self.messages[node]), said)
        if bare in self.comments:
            return self._cut(self._shown(self.comments[bare]), said)
        raise gone(node)

    def _page(self, request: Request, entries: Sequence[Any], said: Mapping[str, str]) -> dict[str, Any]:
        shown = page_of(entries, said)
        start = int(said.get("after") or 0)
        end = start + len(shown)
        paging: dict[str, Any] = {"cursors": {"before": str(start), "after": str(end)}}
        if end < len(entries):
            query = urlencode({**said, "access_token": request.bearer, "after": str(end)})
            paging["next"] = f"{self.url}{request.path}?{query}"
        return {"data": shown, "paging": paging} if shown else {"data": []}

    @staticmethod
    def _cut(shown: dict[str, Any], said: Mapping[str, str]) -> dict[str, Any]:
        asked = top_fields(said.get("fields", "id"))
        return {name: value for name, value in shown.items() if name in asked or name == "id"}

    def _shown(self, one: Comment) -> dict[str, Any]:
        is_live = one.thread in self.lives
        identity = one.id if is_live else f"{one.thread.rpartition('_')[2]}_{one.id}"
        shown: dict[str, Any] = {
            "id": identity,
            "message": one.text,
            "created_time": stamp(one.at),
            "object": {"id": one.thread},
            "permalink_url": f"https://www.facebook.com/{one.thread}?comment_id={one.id}",
            "comment_count": 0,
            "like_count": len(one.likes),
            "user_likes": PAGE in one.likes,
            "is_hidden": one.hidden,
            "is_private": False,
            **dict.fromkeys(("can_hide", "can_remove", "can_comment", "can_like"), True),
            "can_reply_privately": not one.answered_privately,
            **one.flags,
        }
        if self.shows_authors:
            shown["from"] = {"id": one.by, "name": NAMES[one.by]}
        if one.parent:
            parent = one.parent if is_live else f"{one.thread.rpartition('_')[2]}_{one.parent}"
            shown["parent"] = {"id": parent}
        if one.answered_privately:
            shown["private_reply_conversation"] = {"id": "t_1001"}
        return shown

    @staticmethod
    def _shown_post(post: Post) -> dict[str, Any]:
        return {
            "id": post.id,
            "from": {"id": post.by, "name": NAMES[post.by]},
            "message": post.text,
            "created_time": stamp(post.at),
            "updated_time": stamp(post.moved_at),
            "permalink_url": f"https://www.facebook.com/{post.id}",
            "is_hidden": post.hidden,
        }

    @staticmethod
    def _shown_message(one: Message) -> dict[str, Any]:
        return {
            "id": one.id,
            "message": one.text,
            "created_time": stamp(one.at),
            "from": {"id": one.by, "name": NAMES[one.by]},
            "to": {"data": [{"id": PAGE, "name": PAGE_NAME}]},
        }

    def extras(self, entry: Any) -> Any:
        slim = {name: value for name, value in entry.items() if name not in OPTIONAL}
        return {**slim, "something_new": {"deep": [1, None, "x"]}, "attachment": None}

    def _stream(self, request: Request, path: str) -> Answer:
        """Comments below a live video, as they come."""
        self.holder(request)
        return Answer(self._pieces(path.split("/")[1]), kind="text/event-stream")

    def _pieces(self, live: str) -> Iterator[bytes]:
        told: set[str] = set()
        yield b": hello\n\n"
        while live in self.lives:
            with self.lock:
                new = [one for one in self.comments.values() if one.thread == live and one.id not in told]
                told |= {one.id for one in new}
                asked = {"fields": "id,from{id,name},message,created_time"}
                events = [json.dumps(self._cut(self._shown(one), asked)) for one in new]
            yield "".join(f"data: {event}\n\n" for event in events).encode()
            if self.ended.wait(0.01):
                return

    # what it does ----------------------------------------------------------------------------------

    def _batch(self, request: Request, said: Mapping[str, str]) -> list[dict[str, Any] | None]:
        parts = json.loads(said["batch"])
        if len(parts) > 50:
            raise self._offence("a batch takes 50 parts")
        return [self._part(request, part) for part in parts]

    def _part(self, request: Request, part: Mapping[str, str]) -> dict[str, Any] | None:
        url = urlsplit(part["relative_url"])
        one = Request(
            part["method"],
            f"{self.versions[0]}/{url.path}",
            parse_qs(url.query, keep_blank_values=True),
            {**request.headers, "content-type": "application/x-www-form-urlencoded"},
            part.get("body", "").encode(),
        )
        answer = self.answer(one)
        return {"code": answer.status, "body": json.dumps(answer.body)}

    def _write(self, request: Request, node: str, edge: Sequence[str], said: Mapping[str, str]) -> Any:
        if node == PAGE:
            return self._write_page(request, edge[0], said)
        self.holder(request, *([] if request.method == "DELETE" and not edge else [ACTS]))
        bare = node.rpartition("_")[2]
        comment, post = self.comments.get(bare), self.posts.get(node)
        thing = comment or post
        if thing is None:
            raise gone(node)
        if edge == ["comments"]:
            thread, parent = (post.id, "") if post else (comment.thread, comment.parent or bare)  # type: ignore[union-attr]  # one of them is there
            made = self.say(said["message"], below=thread, parent=parent, by=PAGE)
            return {"id": f"{thread.rpartition('_')[2]}_{made}"}
        if edge == ["likes"]:
            if comment:
                comment.likes.add(PAGE)
            return {"success": True}
        if request.method == "DELETE":
            self.withdraw(bare if comment else node)
            return {"success": True}
        if not self._flag(comment, "can_hide"):
            raise Refusal("(#200) This comment cannot be hidden", 200)
        thing.hidden = said["is_hidden"] == "true"
        return {"success": True}

    @staticmethod
    def _flag(comment: Comment | None, name: str) -> bool:
        return comment is None or comment.flags.get(name, True)

    def withdraw(self, node: str) -> None:
        """Takes a comment (by its bare id) or a post away, with what hangs below it."""
        with self.lock:
            self.posts.pop(node, None)
            self.comments.pop(node, None)
            for one in [one.id for one in self.comments.values() if node in {one.parent, one.thread}]:
                del self.comments[one]

    def _write_page(self, request: Request, edge: str, said: Mapping[str, str]) -> Any:
        if edge == "messages":
            self.holder(request, MESSAGES)
            return self._send(json.loads(said["recipient"]), json.loads(said["message"])["text"])
        if edge == "moderate_conversations":
            self.holder(request, MESSAGES)
            people = {one["id"] for one in json.loads(said["user_ids"])}
            is_on = json.loads(said["actions"]) == ["BLOCK_USER"]
            self.silenced = self.silenced | people if is_on else self.silenced - people
            return {"success": True}
        if request.method == "DELETE":
            self.banned.discard(said["user"])
            return {"success": True}
        people = set(json.loads(said["user"]))
        self.banned |= people
        return dict.fromkeys(people, True)

    def _send(self, recipient: Mapping[str, str], text: str) -> dict[str, str]:
        comment = self.comments.get(recipient.get("comment_id", "").rpartition("_")[2])
        if "comment_id" in recipient:
            if comment is None:
                raise gone(recipient["comment_id"])
            if comment.answered_privately:
                raise Refusal("(#10900) Activity already replied to", 10900)
            comment.answered_privately = True
        to = comment.by if comment else recipient["id"]
        return {"recipient_id": to, "message_id": self.write_to_page(text, by=PAGE)}
