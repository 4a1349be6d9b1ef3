"""Our own videos: the list of them, and what one stream remembers of each.

Of each video the number of its comments is listed, which is how one request tells where something happened
on twenty videos. What a newcomer would get wrong: an empty list is no news of peace. It also comes when the
permission is missing, so the reader asks what the token may do before it believes one.
"""

from dataclasses import dataclass, field

import msgspec

from console.api import ItemState
from console.api.entries import UnreadableError
from plugins.tiktok.mapping import OwnVideo, Place, from_video
from plugins.tiktok.session import Session, json_text
from plugins.tiktok.wire import VideosAnswer

CEILING = "lists of videos a minute"
AT_ONCE = 20  # the most that `max_count` takes
FIELDS = ("item_id", "create_time", "caption", "share_url", "comments")
NEVER = -1
"""The count of a video whose comments were never read."""


class Mark(msgspec.Struct, frozen=True, array_like=True):
    """How far one video was read: its count then, and the time of its newest comment."""

    count: int
    until: int


@dataclass(frozen=True, slots=True)
class Known:
    """What was last seen of one comment."""

    state: ItemState
    above: str


@dataclass(slots=True)
class Watched:
    """What one stream remembers of a video."""

    place: Place
    mark: Mark
    count: int
    """How many comments the list of videos last said it has."""
    known: dict[str, Known] = field(default_factory=dict)
    replies: dict[str, int] = field(default_factory=dict)
    """How many replies each comment had when they were last read."""
    looks: int = 0
    is_whole: bool = False
    """Whether every comment was seen once, so that any other is new whatever its time."""
    is_huge: bool = False
    """Whether it has more comments than one full reading takes."""
    is_behind: bool = False
    """Whether replies were left for the next look."""

    @property
    def has_moved(self) -> bool:
        """Whether the count is another than when the comments were last read."""
        return self.count != self.mark.count


@dataclass(frozen=True, slots=True)
class Listing:
    """What the list of videos showed."""

    videos: list[OwnVideo]
    complaints: list[str]
    is_all: bool
    """Whether the list was read to its end."""


async def list_videos(session: Session, handle: str, pages: int) -> Listing:
    """Our own videos, newest first, at most so many pages of them. Raises a `Failure`."""
    found: dict[str, OwnVideo] = {}
    complaints: list[str] = []
    cursor, passed = 0, set[int]()
    for _ in range(pages):
        query: dict[str, str | int] = {
            "business_id": session.account,
            "fields": json_text(FIELDS),
            "max_count": AT_ONCE,
        }
        if cursor:
            query["cursor"] = cursor
        page = (await session.ask("business/video/list/", query, VideosAnswer, ceiling=CEILING)).data
        for raw in page.videos:
            try:
                video = from_video(bytes(raw), session.account, handle)
            except UnreadableError as problem:
                complaints.append(f"A video was left out: {problem}")
                continue
            found.setdefault(video.place.id, video)
        passed.add(cursor)
        cursor = page.cursor
        if not page.has_more or cursor in passed:
            return Listing(list(found.values()), complaints, is_all=not page.has_more)
    return Listing(list(found.values()), complaints, is_all=False)
