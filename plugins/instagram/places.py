"""Where a stream stands, and what one run of it remembers.

What a newcomer would get wrong: the place names a time for each post, not one for the account. A busy post
must not make the stream pass over a quiet one that could not be read meanwhile.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from plugins.instagram.wire import IgMedia
from plugins.meta.memory import Seen


class Place(msgspec.Struct, frozen=True):
    """What outlives a run. Times are milliseconds since 1970."""

    since: int
    """What was said before this is no news."""
    tags: int = 0
    messages: int = 0
    posts: dict[str, int] = {}
    """For each post of ours, up to when its comments were handed over."""


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
class Stream:
    """What one run of the stream remembers."""

    place: Place
    seen: Seen = field(default_factory=Seen)
    watched: dict[str, Watched] = field(default_factory=dict)
    heard: set[str] = field(default_factory=set)
    silent: set[str] = field(default_factory=set)
    """Posts that say they have comments and list some, and those that list none."""
    broken: set[int] = field(default_factory=set)
    notice: str = ""

    @property
    def cursor(self) -> str:
        """The place as the console keeps it."""
        return msgspec.json.encode(self.place).decode()

    def position(self, post: str) -> int:
        """Up to when a post's comments were handed over."""
        return self.place.posts.get(post, self.place.since)

    def passed(self, post: str, until: int) -> None:
        """A post's comments were handed over up to a time."""
        posts = {**self.place.posts, post: max(self.place.posts.get(post, 0), until)}
        self.place = msgspec.structs.replace(self.place, posts=posts)

    def keep_only(self, posts: Iterable[str]) -> None:
        """Drops what is remembered of posts that are not watched any more."""
        wanted = set(posts)
        for post in [one for one in self.watched if one not in wanted]:
            del self.watched[post]
            self.heard.discard(post)
            self.silent.discard(post)
        if not self.place.posts.keys() <= wanted:
            kept = {post: at for post, at in self.place.posts.items() if post in wanted}
            self.place = msgspec.structs.replace(self.place, posts=kept)


def place_in(cursor: str | None) -> Place | None:
    """The place that a cursor names; None when it names none."""
    try:
        return msgspec.json.decode(cursor or "", type=Place)
    except msgspec.DecodeError:
        return None
