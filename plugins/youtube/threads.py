"""Listings of comments, one request at a time: threads, replies, the queue of held comments.

What a newcomer would get wrong: the default listing shows published comments only, and a thread carries only
some of its replies. Whoever reads just that never sees what is held, nor most of a long quarrel.
Source: https://developers.google.com/youtube/v3/docs/commentThreads/list
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec

from console.api import Gone
from console.api.entries import Complaints, UnreadableError, decoded
from plugins.youtube.mapping import Heard, from_comment
from plugins.youtube.session import Session
from plugins.youtube.wire import Comment, Listing, Thread, Video

T = TypeVar("T")
AT_ONCE = 50
"""Ids that one request may name."""
QUEUES = ("heldForReview", "likelySpam")
MOST_PAGES = 40
MOST_SEARCHED = 10
"""Pages of a queue in which certain comments are looked for."""
_THREADS = "commentThreads"


@dataclass(frozen=True, slots=True)
class Found:
    """One thread as it was listed."""

    thread: Thread
    top: Heard
    replies: Sequence[Heard]
    """Those that came with it."""

    @property
    def is_whole(self) -> bool:
        """Whether every reply came with it."""
        return len(self.replies) >= self.thread.snippet.total_reply_count


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """One page of threads, and the token of the next."""

    found: Sequence[Found]
    token: str


@dataclass(slots=True)
class Threads:
    """Lists comments of one channel."""

    session: Session
    complaints: Complaints = field(default_factory=Complaints)
    """What could not be read."""

    async def page(self, status: str, token: str = "") -> ThreadPage:
        """One page of the channel's threads, the newest first. Raises a `Failure`."""
        listing = await self.session.listing(
            _THREADS,
            part="snippet,replies",
            allThreadsRelatedToChannelId=self.session.channel,
            order="time",
            textFormat="plainText",
            maxResults=100,
            moderationStatus=None if status == "published" else status,
            pageToken=token or None,
        )
        return ThreadPage(list(self._threads(listing, status)), listing.next_page_token)

    async def queue(self, wanted: Collection[str] = ()) -> dict[str, Heard]:
        """What waits for a decision, by its id; only until all that is `wanted` is found, if anything is.

        A thread is listed for one held reply too, so each comment's own status decides. Raises a `Failure`.
        """
        held: dict[str, Heard] = {}
        for status in QUEUES:
            token, passed = "", set[str]()
            for _ in range(MOST_SEARCHED if wanted else MOST_PAGES):
                if wanted and set(wanted) <= held.keys():
                    return held
                page = await self.page(status, token)
                for found in page.found:
                    for heard in (found.top, *found.replies, *await self._hidden_replies(found)):
                        if heard.status in QUEUES:
                            held.setdefault(heard.arrival.remote_id, heard)
                token = page.token
                if not token or token in passed:
                    break
                passed.add(token)
        return held

    async def replies(self, found: Found) -> list[Heard]:
        """Every reply of a thread. Raises a `Failure`."""
        return await self.replies_of(found.top.top, found.thread)

    async def replies_of(self, top: str, thread: Thread | None = None) -> list[Heard]:
        """Every reply below a first comment. Raises a `Failure`: Gone when that is gone."""
        heard: dict[str, Heard] = {}
        token, passed = "", set[str]()
        for _ in range(MOST_PAGES):
            listing = await self.session.listing(
                "comments",
                part="snippet",
                parentId=top,
                textFormat="plainText",
                maxResults=100,
                pageToken=token or None,
            )
            for raw in listing.items or ():
                one = self._comment(raw, thread, "published", top)
                if one is not None:
                    heard.setdefault(one.arrival.remote_id, one)
            token = listing.next_page_token
            if not token or token in passed:
                break
            passed.add(token)
        return list(heard.values())

    async def by_ids(self, tops: Sequence[str]) -> dict[str, Found]:
        """Threads by the ids of their first comments; one that is gone is missing. Raises a `Failure`."""
        found: dict[str, Found] = {}
        for part in chunks(tops, AT_ONCE):
            try:
                listing = await self.session.listing(
                    _THREADS,
                    part="snippet,replies",
                    id=",".join(part),
                    textFormat="plainText",
                    maxResults=100,
                )
            except Gone:
                continue
            for one in self._threads(listing, ""):
                found[one.top.top] = one
        return found

    async def existing(self, ids: Sequence[str]) -> set[str]:
        """Which comments YouTube still has, whatever their status. Raises a `Failure`."""
        there: set[str] = set()
        for part in chunks(ids, AT_ONCE):
            try:
                listing = await self.session.listing(
                    "comments", part="snippet", id=",".join(part), textFormat="plainText", maxResults=100
                )
            except Gone:
                continue
            for raw in listing.items or ():
                try:
                    there.add(decoded(raw, Comment).id)
                except UnreadableError:
                    continue  # as good as missing: nobody could act on it
        return there

    async def titles(self, videos: Sequence[str]) -> dict[str, str]:
        """Titles of videos. Raises a `Failure`."""
        found: dict[str, str] = {}
        for part in chunks(videos, AT_ONCE):
            listing = await self.session.listing(
                "videos", part="snippet", id=",".join(part), maxResults=AT_ONCE
            )
            for raw in listing.items or ():
                try:
                    video = decoded(raw, Video)
                except UnreadableError:
                    continue
                found[video.id] = video.snippet.title
        return found

    async def _hidden_replies(self, found: Found) -> list[Heard]:
        """The replies of a thread in the queue that did not come with it."""
        if found.is_whole or found.top.status in QUEUES:
            return []
        try:
            return await self.replies(found)
        except Gone:
            return []

    def _threads(self, listing: Listing, status: str) -> Iterator[Found]:
        for raw in listing.items or ():
            try:
                thread = decoded(raw, Thread)
                # A public thread is listed in the queue for the sake of one held reply.
                own = "published" if thread.snippet.is_public else status
                top = from_comment(
                    thread.snippet.top_level_comment, thread, self.session.channel, own, thread.id
                )
            except UnreadableError as problem:
                self.complaints.add(raw, problem)
                continue
            replies = [self._comment(one, thread, status, top.top) for one in thread.replies.comments]
            yield Found(thread, top, [one for one in replies if one is not None])

    def _comment(self, raw: msgspec.Raw, thread: Thread | None, status: str, top: str) -> Heard | None:
        try:
            return from_comment(raw, thread, self.session.channel, status, top)
        except UnreadableError as problem:
            self.complaints.add(raw, problem)
            return None


def chunks(things: Iterable[T], most: int) -> Iterator[list[T]]:
    """Parts of at most so many."""
    waiting = list(things)
    for start in range(0, len(waiting), most):
        yield waiting[start : start + most]
