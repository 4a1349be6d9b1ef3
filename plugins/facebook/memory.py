"""What one run of the stream remembers, so that nothing comes twice and what changes is noticed.

What a newcomer would get wrong: Facebook shows neither that a comment was edited nor when. That its words are
others than before is all there is to see, so the words of what was read are remembered, as a number.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from console.api import Arrival, ItemState, RemoteId, Sight
from console.api.entries import Complaints
from plugins.facebook.mapping import read_note

MOST = 100_000
"""Items that are remembered; of more, the oldest are forgotten."""


@dataclass(slots=True)
class _Known:
    source: str
    words: int
    state: ItemState
    created_at: int
    at: str


@dataclass(slots=True)
class News:
    """What a list had that was not known."""

    arrivals: list[Arrival] = field(default_factory=list)
    """New ones, and known ones with other words, oldest first."""
    sights: list[Sight] = field(default_factory=list)
    """Known ones that were hidden or shown since."""


class Memory:
    """The items that one stream has yielded, by their ids."""

    def __init__(self, now: Callable[[], int], most: int = MOST) -> None:
        """`now` gives milliseconds since 1970: when an edit is noticed is all that is known of its time."""
        self._now, self._most = now, most
        self._known: dict[str, _Known] = {}
        self.broken = Complaints()
        """Entries that could not be read."""

    def news(self, source: str, arrivals: Iterable[Arrival], *, since: int = 0) -> News:
        """What of this is to be yielded; remembers all of it as yielded.

        `source` is the list that it stands in. New items from before `since` are remembered and not yielded.
        """
        found = News()
        for arrival in sorted(arrivals, key=lambda one: one.created_at):
            words, known = hash(arrival.text), self._known.get(arrival.remote_id)
            if known is None:
                at = read_note(arrival.note).at or arrival.remote_id
                self._known[arrival.remote_id] = _Known(source, words, arrival.state, arrival.created_at, at)
                if arrival.created_at >= since:
                    found.arrivals.append(arrival)
                continue
            if known.words != words:
                known.words = words
                found.arrivals.append(replace(arrival, edited_at=self._now()))
            if known.state is not arrival.state:
                known.state = arrival.state
                found.sights.append(Sight(arrival.remote_id, arrival.state))
        while len(self._known) > self._most:
            del self._known[next(iter(self._known))]
        return found

    def missing(self, source: str, present: Iterable[Arrival], *, since: int) -> list[RemoteId]:
        """What stood in a list, from `since` on, and does not any more."""
        there = {arrival.remote_id for arrival in present}
        return [
            RemoteId(one)
            for one, known in self._known.items()
            if known.source == source and known.created_at >= since and one not in there
        ]

    def count(self, source: str) -> int:
        """How many items of a list are known."""
        return sum(known.source == source for known in self._known.values())

    def at(self, one: RemoteId) -> str:
        """The network's own id of an item, as it came."""
        known = self._known.get(one)
        return known.at if known else one

    def forget(self, one: RemoteId) -> None:
        """Forgets an item that is gone."""
        self._known.pop(one, None)
