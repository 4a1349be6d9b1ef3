"""What the false YouTube remembers, and its JSON for it; the shapes are those of the reference pages."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

ME = "UC_force"
VIDEO = "vid123"
TITLE = "Quay Road after the flood: what we know"
INLINE_REPLIES = 5
"""How many replies come with a thread at the most."""


@dataclass
class Said:
    """One comment or reply."""

    id: str
    top: str
    author: str
    name: str
    text: str
    at: int
    """Milliseconds since 1970, which YouTube cuts to seconds."""
    number: int
    status: str = "published"
    updated: int = 0
    video: str = VIDEO
    picture: str = ""

    @property
    def is_reply(self) -> bool:
        return self.id != self.top


@dataclass
class Chat:
    """One live chat."""

    id: str
    video: str
    title: str
    status: str = "live"
    events: list[dict[str, Any]] = field(default_factory=list)
    is_over: bool = False
    drops: int = 0
    """So many more times the stream ends by itself."""
    refuses: dict[str, Any] | None = None
    """An error in place of the stream, as its status and its body."""
    opened: int = 0
    polled: int = 0


def moment(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def comment(said: Said, *, shows_status: bool) -> dict[str, Any]:
    snippet: dict[str, Any] = {
        "channelId": ME,
        "videoId": said.video,
        "textDisplay": said.text,
        "authorDisplayName": f"@{said.name}",
        "authorProfileImageUrl": f"https://yt3.example/{said.name}",
        "authorChannelUrl": f"http://www.youtube.com/@{said.name}",
        "authorChannelId": {"value": said.author},
        "canRate": True,
        "viewerRating": "none",
        "likeCount": 0,
        "publishedAt": moment(said.at),
        "updatedAt": moment(said.updated or said.at),
    }
    if shows_status:
        snippet["moderationStatus"] = said.status
    if said.is_reply:
        snippet["parentId"] = said.top
    if said.author == ME:
        snippet["textOriginal"] = said.text
    if said.picture:
        snippet["imageUrl"] = said.picture
    return {"kind": "youtube#comment", "etag": f"e{said.number}", "id": said.id, "snippet": snippet}


def thread(top: Said, replies: list[Said], *, count: int, shows_status: bool) -> dict[str, Any]:
    found: dict[str, Any] = {
        "kind": "youtube#commentThread",
        "etag": f"t{top.number}",
        "id": top.id,
        "snippet": {
            "channelId": ME,
            "videoId": top.video,
            "topLevelComment": comment(top, shows_status=shows_status),
            "canReply": top.status == "published",
            "totalReplyCount": count,
            "isPublic": top.status == "published",
        },
    }
    if replies:
        found["replies"] = {
            "comments": [comment(one, shows_status=shows_status) for one in replies[-INLINE_REPLIES:]]
        }
    return found


def listed(kind: str, items: list[Any], token: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {
        "kind": f"youtube#{kind}",
        "etag": "list",
        "pageInfo": {"totalResults": len(items), "resultsPerPage": len(items)},
        "items": items,
    }
    return {**found, "nextPageToken": token} if token else found


def refused(status: int, reason: str, domain: str, message: str = "") -> tuple[int, dict[str, Any]]:
    """Status and body of a refusal."""
    words = message or f"It was refused: {reason}"
    error = {"message": words, "domain": domain, "reason": reason}
    return status, {"error": {"code": status, "message": words, "errors": [error]}}


UNAUTHORISED: dict[str, Any] = {
    "error": {
        "code": 401,
        "message": "Request had invalid authentication credentials.",
        "status": "UNAUTHENTICATED",
        "errors": [
            {
                "message": "Invalid Credentials",
                "domain": "global",
                "reason": "authError",
                "location": "Authorization",
                "locationType": "header",
            }
        ],
    }
}


def chat_event(
    number: int, chat: str, kind: str, author: str, name: str, text: str, at: int
) -> dict[str, Any]:
    """One event of a live chat."""
    snippet: dict[str, Any] = {
        "type": kind,
        "liveChatId": chat,
        "authorChannelId": author,
        "publishedAt": moment(at),
        "hasDisplayContent": bool(text),
    }
    if text:
        snippet["displayMessage"] = text
    if kind == "textMessageEvent":
        snippet["textMessageDetails"] = {"messageText": text}
    return {
        "kind": "youtube#liveChatMessage",
        "etag": f"m{number}",
        "id": f"LCC.{number}",
        "snippet": snippet,
        "authorDetails": {
            "channelId": author,
            "channelUrl": f"http://www.youtube.com/channel/{author}",
            "displayName": name,
            "profileImageUrl": f"https://yt3.example/{name}",
            "isVerified": False,
            "isChatOwner": author == ME,
            "isChatSponsor": False,
            "isChatModerator": False,
        },
    }
