"""Where a stream of posts and what stands below them has got to, and what one run of it remembers.

What a newcomer would get wrong: the place names a time for each post, not one for the account. A busy post
must not make the stream pass over a quiet one that could not be read meanwhile.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import msgspec

from console.api import Arrival, Page, Sight
from console.api.entries import Complaints
from plugins.meta.memory import Seen

CHUNK = 200
"""So many items stand on one page at the most."""
RESTARTED = "The last place in the stream cannot be read; the last day is read again."


class PostPlace(msgspec.Struct, frozen=True):
    """What outlives a run. Times are milliseconds since 1970. Derive for more sources than posts."""

    since: int
    """What was said before this is no news."""
    posts: dict[str, int] = {}
    """For each post of ours, up to when what stands below it was handed over."""


P = TypeVar("P", bound=PostPlace)


def place_in(cursor: str | None, kind: type[P]) -> P | None:
    """The place that a cursor names; None when it names none."""
    try:
        return msgspec.json.decode(cursor or "", type=kind)
    except msgspec.DecodeError:
        return None


@dataclass(slots=True)
class Run(Generic[P]):
    """What one run remembers; only `place` outlives it."""

    place: P
    seen: Seen = field(default_factory=Seen)
    broken: Complaints = field(default_factory=Complaints)
    """Entries that could not be read."""
    heard: set[str] = field(default_factory=set)
    silent: set[str] = field(default_factory=set)
    """Posts that say that something stands below them and list some of it, and those that list nothing."""
    notice: str = ""

    @property
    def cursor(self) -> str:
        """The place as the console keeps it."""
        return msgspec.json.encode(self.place).decode()

    @property
    def is_unheard(self) -> bool:
        """Whether posts say that something stands below them and not one lists any of it."""
        return bool(self.silent) and not self.heard

    def position(self, post: str) -> int:
        """Up to when what stands below a post was handed over."""
        return self.place.posts.get(post, self.place.since)

    def forget_all_but(self, posts: Iterable[str]) -> None:
        """Drops the places of posts that are not watched any more."""
        wanted = set(posts)
        self.heard &= wanted
        self.silent &= wanted
        if not self.place.posts.keys() <= wanted:
            kept = {post: at for post, at in self.place.posts.items() if post in wanted}
            self.place = msgspec.structs.replace(self.place, posts=kept)

    def paged(
        self,
        post: str,
        arrivals: Sequence[Arrival],
        sights: Sequence[Sight],
        complaints: Sequence[str],
        now: int,
    ) -> list[Page]:
        """What stands below a post, oldest first, in pages with the place after each; then the changes."""
        pages: list[Page] = []
        for start in range(0, len(arrivals), CHUNK):
            part = arrivals[start : start + CHUNK]
            # A time from the future would make the stream pass over everything until then.
            until = max(self.place.posts.get(post, 0), min(part[-1].created_at, now))
            self.place = msgspec.structs.replace(self.place, posts={**self.place.posts, post: until})
            pages.append(Page(part, self.cursor))
        if sights or complaints:
            pages.append(Page((), self.cursor, tuple(sights), complaints))
        return pages

    def health(self, problems: Sequence[str]) -> Page:
        """The page that ends each round: that we looked; and what is wrong, when that has changed."""
        before, self.notice = self.notice, " ".join(dict.fromkeys(problems))
        return Page((), self.cursor, notice=self.notice if self.notice != before else None)
