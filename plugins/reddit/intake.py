"""What a list showed, against what this run of the stream has seen: new things, new words, new states.

What a newcomer would get wrong: the same comment stands in many lists (comments, queue, edited, inbox), and
an author who is quick can change the words without Reddit calling it edited. So each thing is remembered by
a digest of its words and by its state, and comes again only when one of the two has changed.
"""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from console.api import Arrival, ItemState, RemoteId, Sight
from console.api.entries import Complaints, UnreadableError
from plugins.reddit.mapping import MESSAGE, Seen, kind_of, seen_in

MOST_REMEMBERED = 20_000
MOST_WATCHED = 1_000
"""How many of the newest things are looked at again for changes: ten requests of 100 names each."""


@dataclass(slots=True)
class Harvest:
    """What a list brought that is new."""

    arrivals: list[Arrival] = field(default_factory=list)
    sights: list[Sight] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Known:
    digest: int
    state: ItemState | None


class Intake:
    """Remembers what one run of the stream has yielded."""

    def __init__(self, me: str, subreddit: str, watched: Iterable[str]) -> None:
        """`me` and `subreddit` are names; `watched` are the names that an earlier run looked at again."""
        self._me, self._subreddit = me, subreddit
        self._known: dict[str, _Known] = {}
        self._complaints = Complaints()
        self.watched: dict[str, None] = dict.fromkeys(watched)
        """Names of things that may still change, oldest first."""

    def take(self, entries: Iterable[bytes], *, since: int = 0) -> Harvest:
        """Takes in one list, whatever its order; things older than `since` (milliseconds) only if known."""
        harvest = Harvest()
        for raw in entries:
            try:
                seen = seen_in(raw, self._me, self._subreddit)
            except UnreadableError as problem:
                self._complaints.add(raw, problem)
                continue
            self._one(seen, harvest, since)
        harvest.arrivals.sort(key=lambda arrival: arrival.created_at)
        harvest.complaints += self._complaints.take()
        self._trim()
        return harvest

    def missing(self, names: Iterable[str]) -> list[Sight]:
        """Sights of things that were asked for by name and did not come."""
        return [self._gone(name) for name in names]

    def _one(self, seen: Seen, harvest: Harvest, since: int) -> None:
        known = self._known.get(seen.name)
        arrival = seen.arrival
        is_watched = seen.name in self.watched
        if arrival is None:
            self._wordless(seen, known, harvest, is_watched=is_watched)
            return
        changed_at = max(arrival.created_at, arrival.edited_at or 0)
        if known is None and not is_watched and changed_at < since:
            return
        digest = zlib.crc32(arrival.text.encode(errors="replace"))
        state = seen.state or (known.state if known else None)
        if known is None or known.digest != digest:
            harvest.arrivals.append(arrival)
            if is_watched and known is None and seen.state is not None:
                harvest.sights.append(Sight(arrival.remote_id, seen.state))
        elif state is not None and state is not known.state:
            harvest.sights.append(Sight(arrival.remote_id, state))
        self._known[seen.name] = _Known(digest, state)
        if kind_of(seen.name) != MESSAGE and not is_watched:
            self.watched[seen.name] = None

    def _wordless(self, seen: Seen, known: _Known | None, harvest: Harvest, *, is_watched: bool) -> None:
        """Something whose words are gone: worth saying only of what somebody may be looking at."""
        if known is None and not is_watched:
            return
        if seen.state is ItemState.GONE:
            harvest.sights.append(self._gone(seen.name))
        elif seen.state is not None and (known is None or known.state is not seen.state):
            harvest.sights.append(Sight(RemoteId(seen.name), seen.state))
            if known is not None:
                known.state = seen.state

    def _gone(self, name: str) -> Sight:
        self.watched.pop(name, None)
        self._known.pop(name, None)
        return Sight(RemoteId(name), ItemState.GONE)

    def _trim(self) -> None:
        while len(self._known) > MOST_REMEMBERED:
            del self._known[next(iter(self._known))]
        while len(self.watched) > MOST_WATCHED:
            del self.watched[next(iter(self.watched))]
