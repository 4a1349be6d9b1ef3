"""One list read back to where it was read before, and what has changed in it since.

What a newcomer would get wrong: Threads names no cursor that outlives a read, and lists a reply by the time
at which it was written, which may lie before replies that we have. So every read goes back past the last
mark, and what this stream has yielded already is left out by its id.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from console.api.entries import Complaints, UnreadableError
from plugins.meta.entries import time_of
from plugins.meta.graph import Graph
from plugins.meta.streams import PostPlace, Run
from plugins.threads.mapping import post_of
from plugins.threads.wire import Listing, Post

MOST_PAGES = 500
SHORT = 10
"""Entries; a page that has fewer is mostly the last, whatever the size of a page is."""


class Place(PostPlace, frozen=True):
    """Where a stream stands. Times are milliseconds since 1970."""

    mentions: int = 0


@dataclass(slots=True)
class Gathered:
    """What one read of a list brought."""

    found: dict[str, tuple[msgspec.Raw, Post, int]] = field(default_factory=dict)
    """By id: the entry itself, what it says, and when it was written."""
    complaints: Sequence[str] = ()
    is_broken: bool = False
    """Whether something in it could not be read, so that nobody knows what is missing."""
    is_whole: bool = False
    """Whether the list was read to its end."""

    def oldest_first(self) -> list[tuple[msgspec.Raw, Post, int]]:
        """The entries in the order in which they were written."""
        return sorted(self.found.values(), key=lambda one: (one[2], one[1].id))


@dataclass(slots=True)
class Stream(Run[Place]):
    """What one run of the stream remembers."""

    members: dict[str, set[str]] = field(default_factory=dict)
    """The replies that were listed below each post."""
    swept: set[str] = field(default_factory=set)
    """Posts whose whole conversation this run has read."""
    looks: dict[str, int] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    """The first words of our posts."""
    tops: dict[str, int] = field(default_factory=dict)
    """Our posts that are watched, and when they were published."""
    without_approvals: set[str] = field(default_factory=set)
    """Posts whose replies need no approval."""
    answered: set[str] = field(default_factory=set)
    """Posts that say that they have replies."""

    def newest(self, most: int) -> list[str]:
        """Our newest posts, the newest first."""
        return sorted(self.tops, key=lambda post: self.tops[post], reverse=True)[:most]


async def gather(
    graph: Graph,
    path: str,
    query: Mapping[str, str | int],
    back_to: int,
    broken: Complaints,
    *,
    is_patient: bool = True,
) -> Gathered:
    """Reads a list from its newest entry back to a time, or to its end. Raises a `Failure`.

    Only an empty page is sure to be the last: Threads leaves out what we may not see, and a page may be short
    for that. A reader that is not patient takes a short one for the last and saves a request; it looks again
    soon, and patiently now and then.
    """
    gathered = Gathered()
    wanted: dict[str, str | int] = dict(query)
    passed: set[str] = set()
    for _ in range(MOST_PAGES):
        page = (await graph.reply("GET", path, query=wanted)).read(Listing)
        oldest = None
        for raw in page.data:
            try:
                post = post_of(raw)
                at = time_of(post.timestamp)
            except UnreadableError as problem:
                broken.add(raw, problem)
                gathered.is_broken = True
                continue
            gathered.found.setdefault(post.id, (raw, post, at))
            oldest = at if oldest is None else min(oldest, at)
        gathered.complaints = (*gathered.complaints, *broken.take())
        if not page.data or not page.after or page.after in passed:
            gathered.is_whole = True
            return gathered
        if oldest is not None and oldest < back_to:
            return gathered
        if not is_patient and len(page.data) < SHORT:
            return gathered
        passed.add(page.after)
        wanted["after"] = page.after
    words = f"More than {MOST_PAGES} pages of a list were waiting; the oldest were left out."
    gathered.complaints = (*gathered.complaints, words)
    return gathered
