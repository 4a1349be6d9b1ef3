"""What one run of a stream remembers: where it stands, and what it has yielded.

What a newcomer would get wrong: the same post comes by several ways (the list, the live stream, its thread,
a search), and each way knows only a part. So all of them hand it in here, and here it is yielded once, and
again only when its words have changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from console.api import Arrival, ItemKind
from console.api.entries import Complaints
from plugins.mastodon.mapping import ELSEWHERE, Home, kind_of, post_of, to_arrival
from plugins.mastodon.session import Session
from plugins.mastodon.threads import Threads
from plugins.mastodon.wire import Post

MOST_REMEMBERED = 100_000


class Place(msgspec.Struct, frozen=True):
    """Where a stream stands."""

    mark: str = ""
    """Every notification up to this one was handed over; empty while there was none."""
    since: int = 0
    """Where there is no mark: from when on to read, milliseconds since 1970."""


def read_place(cursor: str | None) -> Place | None:
    """The place that was stored; None when there is none that can be read."""
    try:
        place = msgspec.json.decode(cursor or "", type=Place)
    except msgspec.DecodeError:
        return None
    return place if place.mark or place.since else None


@dataclass(slots=True)
class Run:
    """One run of a stream; nothing of it but the place needs to outlive it."""

    session: Session
    threads: Threads
    place: Place
    until: str = ""
    """The newest notification that was met."""
    seen: dict[str, tuple[int, ItemKind]] = field(default_factory=dict)
    """What was yielded: a digest of the words, so that an edit is told, and the kind, which stays."""
    broken: Complaints = field(default_factory=Complaints)
    """What could not be read."""
    read_at: int = 0
    """When the list is to be read next, milliseconds since 1970."""
    notice: str = ""

    @property
    def cursor(self) -> str:
        """The place as it is stored."""
        return msgspec.json.encode(self.place).decode()

    async def arrival(self, raw: bytes, told: str = "", post: Post | None = None) -> Arrival | None:
        """One post as an item; None when it was yielded already, with these words.

        `told` is the kind of notification that it came with, `post` what was read of `raw` already. Raises
        UnreadableError, and SignInAgain.
        """
        post = post or post_of(raw)
        place = self.threads.guess(post) if told == ELSEWHERE else await self.threads.place(post)
        known = self.seen.get(post.id)
        kind = known[1] if known else kind_of(post, self.session.me, place, told)
        arrival = to_arrival(raw, post, kind, Home(self.session.me, self.session.server.domain), place)
        return arrival if known is None or known[0] != hash(arrival.text) else None

    def add(self, arrivals: Sequence[Arrival]) -> None:
        """Remembers what is yielded next. To be called when nothing can fail any more before that."""
        for arrival in arrivals:
            self.seen[arrival.remote_id] = (hash(arrival.text), arrival.kind)
        while len(self.seen) > MOST_REMEMBERED:
            del self.seen[next(iter(self.seen))]
