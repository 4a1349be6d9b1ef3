"""A false Instagram: one professional account, the Page it is linked to, and everybody who comments.

Shapes from Meta's specs for its own libraries and the pages "Comment Moderation" and "Conversations API".
What a newcomer would get wrong: pages of lists name the next one here, and the last page does not; comments
come newest first, with only the first few replies inside each.
"""

from __future__ import annotations

import itertools
import json
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from console.api import RemoteId
from console.api.stage import Stage, Trouble
from plugins.meta.login import DONE_PAGE
from tests.servers.false.metagraph import (
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

RULES = read_rules(Path(__file__).with_name("instagram_rules.json"))
US = "force.example"
US_ID = "17841400000000001"
PAGE_ID = "102000000000001"
OTHER_PAGE_ID = "102000000000002"
COMMENTS, MESSAGES = "instagram_manage_comments", "instagram_manage_messages"
OPTIONAL = frozenset({"from", "like_count", "permalink", "comments_count", "media_url", "media_product_type"})
"""Fields that an answer may lack and an item can do without."""
INSIDE = 3
"""So many replies stand inside a comment; the rest are on a list of their own."""


@dataclass
class Thing:
    """A post, a comment, or a message. `at` is seconds since 1970."""

    id: str
    kind: str
    by: str
    text: str
    at: float
    order: int = 0
    root: str = ""
    parent: str = ""
    is_hidden: bool = False
    is_live: bool = False


class InstagramNetwork(GraphNetwork):
    """The network itself; the test speaks in it with `say`, `publish`, `tag`, `write`."""

    rules = RULES
    versions = ("/v26.0",)
    limit_code = 80_002
    redirect = DONE_PAGE
    scopes = (
        "instagram_basic",
        COMMENTS,
        "pages_show_list",
        "pages_read_engagement",
        "pages_read_user_content",
        MESSAGES,
        "pages_manage_metadata",
    )

    def __init__(self) -> None:
        super().__init__()
        self._ids = itertools.count(17_900_000_000_000_001)
        self.things: dict[str, Thing] = {}
        self.sent: dict[str, dict[str, Any]] = {}
        """Private messages that were sent, by their id."""
        self.is_linked = True
        self.has_data_end = True
        self.person = self.give_token()
        self.page_token = self.give_token()
        self.root = self.publish("Chandlers Row is closed from the ford to the mill.")

    # what people do --------------------------------------------------------------------------------

    def publish(self, text: str, *, age: float = 3600.0, is_live: bool = False) -> str:
        """The account publishes a post."""
        return self._add(Thing("", "media", US, text, self.now - age, is_live=is_live)).id

    def say(self, text: str, *, below: str = "", late: float = 0.0, by: str = "sam.example") -> str:
        """Somebody comments on a post, or answers a comment; the first post when none is named."""
        target = self.things[below or self.root]
        root = target.root or target.id
        # Whoever answers a reply answers the whole comment.
        parent = target.parent or target.id if target.kind == "comment" else ""
        return self._add(Thing("", "comment", by, text, self.now - late, root=root, parent=parent)).id

    def tag(self, text: str) -> str:
        """Somebody tags the account in a post of their own."""
        return self._add(Thing("", "tag", "jo.example", text, self.now)).id

    def write(self, text: str, *, by: str = "sam.example", age: float = 0.0) -> str:
        """Somebody writes to the account in private."""
        message = Thing(f"aWdm{next(self._ids)}", "message", by, text, self.now - age)
        with self.lock:
            message.order = len(self.things)
            self.things[message.id] = message
        return message.id

    def _add(self, thing: Thing) -> Thing:
        with self.lock:
            number = next(self._ids)
            thing.id, thing.order = str(number), number
            self.things[thing.id] = thing
            return thing

    def take_back(self, identity: str) -> None:
        """The author deletes a comment, and with it the replies below it."""
        with self.lock:
            self.things.pop(identity, None)
            for one in [thing.id for thing in self.things.values() if thing.parent == identity]:
                del self.things[one]

    def is_public(self, identity: str) -> bool:
        """Whether a passer-by sees it."""
        thing = self.things.get(identity)
        above = self.things.get(thing.parent) if thing and thing.parent else None
        return thing is not None and not thing.is_hidden and not (above and above.is_hidden)

    def expire(self) -> None:
        del self.tokens[self.page_token]
        self.page_token = self.give_token()

    def misbehave(self, trouble: Trouble, *, requests: int | None = None) -> None:
        if trouble is Trouble.REVOKED:
            self.revoke(is_revoked=True)
        super().misbehave(trouble, requests=requests)

    # what it answers -------------------------------------------------------------------------------

    def pattern_of(self, path: str) -> str:
        def named(found: re.Match[str]) -> str:
            identity = found[1]
            if identity == US_ID:
                return "/{user}"
            if identity in {PAGE_ID, OTHER_PAGE_ID}:
                return "/{page}"
            if identity.startswith("t_"):
                return "/{thread}"
            thing = self.things.get(identity)
            kind = thing.kind if thing else "message" if identity.startswith("aWdm") else "comment"
            return "/{media}" if kind in {"media", "tag"} else f"/{{{kind}}}"

        return re.sub(r"/([0-9]{6,}|t_[\w.]+|aWdm\w+)(?=/|$)", named, path)

    def route(self, request: Request, path: str, said: Mapping[str, str]) -> Any:
        if path == "/oauth/access_token":
            return self._token(said)
        if path == "/debug_token":
            return self._debugged(request, said)
        self.holder(request)
        if path == "/me/accounts":
            return self._pages(request)
        _, identity, *edge = path.split("/")
        if request.method != "GET":
            self.changes += 1
            return self._write(request, identity, edge, said)
        if identity in {"me", PAGE_ID, OTHER_PAGE_ID}:
            return self._page(request, identity, edge, said)
        if identity == US_ID:
            return self._user(request, edge, said)
        if identity.startswith("t_"):
            return self._conversation(request, identity, said)
        return self._node(request, identity, edge, said)

    def _token(self, said: Mapping[str, str]) -> Any:
        if said["grant_type"] == "authorization_code":
            return {"access_token": self.redeemed(said), "token_type": "bearer", "expires_in": 3600}
        short = self.tokens.get(said["fb_exchange_token"])
        if said["client_secret"] != self.secret or short is None:
            raise Refusal("Error validating client secret.", 1)
        self.person = self.give_token()
        return {"access_token": self.person, "token_type": "bearer", "expires_in": 5_184_000}

    def _debugged(self, request: Request, said: Mapping[str, str]) -> Any:
        asked = self.tokens.get(said["input_token"])
        if request.bearer not in {f"{self.app_id}|{self.secret}", said["input_token"]} or self.is_revoked:
            raise Refusal("Invalid OAuth access token.", 190)
        if asked is None:
            return {"data": {"is_valid": False, "scopes": []}}
        ends = {"data_access_expires_at": int(asked.issued_at + 90 * 86_400)} if self.has_data_end else {}
        told = {"type": "PAGE", "app_id": self.app_id, "is_valid": True, "expires_at": 0}
        return {"data": {**told, **ends, "profile_id": PAGE_ID, "scopes": list(self.granted)}}

    def _pages(self, request: Request) -> Any:
        if request.bearer != self.person:
            raise Refusal("(#100) Tried accessing nonexisting field (accounts)", 100)
        first = {"id": PAGE_ID, "name": "Force of the Example", "access_token": self.page_token}
        other = {"id": OTHER_PAGE_ID, "name": "A page without an account", "access_token": self.page_token}
        return {"data": [{**other, "tasks": ["MODERATE"]}, {**first, "tasks": ["MODERATE", "MESSAGING"]}]}

    def _page(self, request: Request, identity: str, edge: Sequence[str], said: Mapping[str, str]) -> Any:
        if edge == ["conversations"]:
            self.holder(request, MESSAGES)
            writers = {one.by for one in self.things.values() if one.kind == "message"}
            last = {by: max(one.at for one in self._messages(by)) for by in sorted(writers)}
            found = [{"id": f"t_{by}", "updated_time": stamp(at)} for by, at in last.items()]
            ordered = sorted(found, key=lambda one: one["updated_time"], reverse=True)
            return self._paged(request, ordered, said)
        named = PAGE_ID if identity == "me" else identity
        node: dict[str, Any] = {"id": named, "name": "Force of the Example"}
        if self.is_linked and identity != OTHER_PAGE_ID:
            node["instagram_business_account"] = self._account()
        return node

    def _account(self) -> dict[str, Any]:
        count = sum(1 for one in self.things.values() if one.kind == "media")
        return {"id": US_ID, "username": US, "name": "Force of the Example", "media_count": count}

    def _user(self, request: Request, edge: Sequence[str], said: Mapping[str, str]) -> Any:
        if not edge:
            return self._account()
        kinds: dict[str, Callable[[Thing], bool]] = {
            "media": lambda one: one.kind == "media" and not one.is_live,
            "live_media": lambda one: one.kind == "media" and one.is_live,
            "tags": lambda one: one.kind == "tag",
        }
        return self._paged(request, self._newest(kinds[edge[0]]), said, self._media)

    def _node(self, request: Request, identity: str, edge: Sequence[str], said: Mapping[str, str]) -> Any:
        thing = self.things.get(identity)
        if thing is None and identity in self.sent:
            return {"id": identity}
        if thing is None:
            raise gone(identity)
        if edge == ["comments"]:
            tops = self._newest(lambda one: one.root == identity and not one.parent)
            return self._paged(request, tops, said, self._comment, most=50)
        if edge == ["replies"]:
            below = self._newest(lambda one: one.parent == identity)
            return self._paged(request, below, said, self._comment, most=50)
        return self._comment(thing, said) if thing.kind == "comment" else self._media(thing, said)

    def _conversation(self, request: Request, identity: str, said: Mapping[str, str]) -> Any:
        self.holder(request, MESSAGES)
        found = [
            {
                "id": one.id,
                "created_time": stamp(one.at),
                "from": {"id": f"99{one.by}", "username": one.by},
                "to": {"data": [{"id": US_ID, "username": US}]},
                "message": one.text,
            }
            for one in sorted(self._messages(identity[2:]), key=lambda one: -one.at)
        ]
        return self._paged(request, found, said)

    def _messages(self, by: str) -> list[Thing]:
        return [one for one in self.things.values() if one.kind == "message" and one.by == by]

    def _newest(self, belongs: Callable[[Thing], bool]) -> list[Thing]:
        found = [one for one in self.things.values() if belongs(one)]
        return sorted(found, key=lambda one: (int(one.at), one.order), reverse=True)

    def _paged(
        self,
        request: Request,
        entries: Sequence[Any],
        said: Mapping[str, str],
        show: Callable[[Any, Mapping[str, str]], Any] = lambda one, said: one,
        most: int = 100,
    ) -> dict[str, Any]:
        page = page_of(entries, said, most=most)
        paging = cursors(said, len(page))
        after = int(said.get("after") or 0) + len(page)
        if after < len(entries):
            query = urlencode({**said, "after": after, "access_token": "not-to-be-used"})
            paging["next"] = f"{self.url}{request.path}?{query}"
        return {"data": [show(one, said) for one in page], "paging": paging}

    def _media(self, thing: Thing, said: Mapping[str, str]) -> dict[str, Any]:
        below = [one for one in self.things.values() if one.root == thing.id and not one.is_hidden]
        whole = {
            "id": thing.id,
            "caption": thing.text,
            "comments_count": len(below),
            "permalink": f"https://www.instagram.com/p/C{thing.id}/",
            "timestamp": stamp(thing.at),
            "media_type": "IMAGE",
            "media_product_type": "LIVE" if thing.is_live else "FEED",
            "media_url": "https://media.example/p.jpg",
            "username": thing.by,
        }
        wanted = {"id", *top_fields(said.get("fields", ""))}
        return {name: value for name, value in whole.items() if name in wanted}

    def _comment(self, thing: Thing, said: Mapping[str, str]) -> dict[str, Any]:
        whole: dict[str, Any] = {
            "id": thing.id,
            "text": thing.text,
            "timestamp": stamp(thing.at),
            "hidden": thing.is_hidden,
            "like_count": 1,
        }
        if COMMENTS not in self.withheld:
            whole |= {"username": thing.by}
            whole |= {"from": {"id": US_ID if thing.by == US else f"99{thing.by}", "username": thing.by}}
        if thing.parent:
            whole["parent_id"] = thing.parent
        fields = said.get("fields", "")
        replies = self._newest(lambda one: one.parent == thing.id)
        if replies and "replies" in fields:
            inner = {"fields": "id,text,timestamp,username,from,hidden,parent_id"}
            shown = [self._comment(one, inner) for one in replies]
            more = {"next": f"{self.url}/v26.0/{thing.id}/replies?after={INSIDE}"} if shown[INSIDE:] else {}
            whole["replies"] = {"data": shown[:INSIDE], "paging": {"cursors": {"after": "x"}, **more}}
        wanted = {"id", *top_fields(fields)}
        return {name: value for name, value in whole.items() if name in wanted}

    # what it does ----------------------------------------------------------------------------------

    def _write(self, request: Request, identity: str, edge: Sequence[str], said: Mapping[str, str]) -> Any:
        if edge == ["messages"]:
            self.holder(request, MESSAGES)
            return self._sent(said)
        self.holder(request, COMMENTS)
        if edge == ["mentions"]:
            return {"id": self.say(said["message"], below=said["media_id"], by=US)}
        thing = self.things.get(identity)
        if thing is None:
            raise gone(identity)
        if edge == ["comments"]:
            return {"id": self.say(said["message"], below=identity, by=US)}
        if self.things[thing.root or thing.id].by != US:
            raise Refusal("Application does not have permission for this action", 10)
        if edge == ["replies"]:
            if thing.is_hidden or self.things[thing.root].is_live:
                raise Refusal("(#100) This comment cannot be answered", 100)
            return {"id": self.say(said["message"], below=identity, by=US)}
        if request.method == "DELETE":
            self.take_back(identity)
        else:
            thing.is_hidden = said["hide"] == "true"
        return {"success": True}

    def _sent(self, said: Mapping[str, str]) -> Any:
        recipient, message = json.loads(said["recipient"]), json.loads(said["message"])
        comment = recipient.get("comment_id")
        if comment and comment not in self.things:
            raise gone(comment)
        if comment and any(one["recipient"] == recipient for one in self.sent.values()):
            raise Refusal("This comment was answered in private already", 10)
        identity = f"aWdm{secrets.token_hex(8)}"
        self.sent[identity] = {"recipient": recipient, "message": message}
        return {"recipient_id": recipient.get("id", "99sam.example"), "message_id": identity}

    def broken_item(self) -> Any:
        return {"id": 5, "text": {"broken": True}, "caption": {"broken": True}, "message": []}

    def extras(self, entry: Any) -> Any:
        slim = {name: value for name, value in entry.items() if name not in OPTIONAL}
        return {**slim, "something_new": {"deep": [1, None, "x"]}, "alt_text": None}


class InstagramStage(FalseStage):
    """Instagram's connector before the false Instagram."""

    troubles = frozenset(Trouble)
    network: InstagramNetwork

    def __init__(self, network: InstagramNetwork) -> None:
        """`network` is running."""
        super().__init__("instagram", network)
        self.settings = {"address": f"{network.url}/v26.0", "app_id": network.app_id, "page": PAGE_ID}
        kept = {"app_secret": network.secret, "person": network.person, "page_token": network.page_token}
        self.secret = json.dumps(kept)
        self.first_secret = json.dumps({"app_secret": network.secret, "token": ""})
        self.handle = US

    def say(self, text: str, *, late_ms: int = 0) -> RemoteId:
        return RemoteId(self.network.say(text, late=late_ms / 1000))

    def withdraw(self, remote_id: RemoteId) -> None:
        self.network.take_back(remote_id)

    def is_public(self, remote_id: RemoteId) -> bool:
        return self.network.is_public(remote_id)


def instagram_stage() -> AbstractContextManager[Stage]:
    """A fresh false Instagram with the connector before it."""
    return on_stage(InstagramNetwork(), InstagramStage)
