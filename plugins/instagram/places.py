"""Where a stream stands, and what one run of it remembers of each post.

What a newcomer would get wrong: a comment that is older than the place may still be new, when it was not
listed before. What a whole read of this run did not have is handed over, however old it is.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from plugins.instagram.wire import IgMedia
from plugins.meta.streams import PostPlace, Run


class Place(PostPlace, frozen=True):
    """What outlives a run. Times are milliseconds since 1970."""

    tags: int = 0
    messages: int = 0


@dataclass(slots=True)
class Watched:
    """A post of ours that is looked at."""

    media: IgMedia
    floor: int
    """Comments that are older were handed over before this run."""
    count: int | None = None
    """How many comments the post had when they were last read."""
    members: set[str] = field(default_factory=set)
    """The comments that were listed."""
    is_swept: bool = False
    """Whether this run has read all of its comments."""
    swept_at: int = 0
    pages: int = 0
    """How many pages that took."""


@dataclass(slots=True)
class Stream(Run[Place]):
    """What one run of the stream remembers."""

    watched: dict[str, Watched] = field(default_factory=dict)

    def keep_only(self, posts: Iterable[str]) -> None:
        """Drops what is remembered of posts that are not watched any more."""
        wanted = set(posts)
        self.watched = {post: found for post, found in self.watched.items() if post in wanted}
        self.forget_all_but(wanted)
