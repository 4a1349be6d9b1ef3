"""What a photo's comments showed, against what was known of them: new ones, other words, missing ones.

What a newcomer would get wrong: Flickr never says that a comment was edited or deleted. It answers with all
comments of a photo each time, so the difference from last time is the only news there is.
"""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from console.api import Arrival, ItemState, RemoteId, Sight
from plugins.flickr.mapping import UnreadableError, from_comment

MOST_WATCHED = 300
"""How many comments a stored place names, the newest: so many bytes are written again in each round."""
MOST_REMEMBERED = 20_000


@dataclass(slots=True)
class Harvest:
    """What a list of comments brought that is new."""

    arrivals: list[Arrival] = field(default_factory=list)
    sights: list[Sight] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


class Intake:
    """Remembers the comments of every photo that one run of the stream has looked at."""

    def __init__(self, me: str, since: int, watched: Mapping[str, Sequence[str]]) -> None:
        """Comments older than `since` (milliseconds) are no news; `watched` is an earlier run's memory."""
        self._me, self._since = me, since
        self._known: dict[str, dict[str, int | None]] = {
            photo: dict.fromkeys(comments) for photo, comments in watched.items()
        }
        self._broken: set[int] = set()

    @property
    def watched(self) -> dict[str, list[str]]:
        """By photo, the comments that the next run should know: the newest, those of the latest photos."""
        found: dict[str, list[str]] = {}
        room = MOST_WATCHED
        for photo, comments in reversed(self._known.items()):
            part = list(comments)[-room:] if room else []
            room -= len(part)
            if part:
                found[photo] = part
        return dict(reversed(found.items()))

    def count(self, photo: str) -> int:
        """How many comments of a photo are known."""
        return len(self._known.get(photo, ()))

    def take(self, photo: str, title: str, entries: Sequence[bytes]) -> Harvest:
        """Takes in all comments of one photo."""
        harvest = Harvest()
        known = self._known.pop(photo, {})
        now: dict[str, int | None] = {}
        unreadable: dict[str, int] = {}
        for raw in entries:
            try:
                arrival = from_comment(raw, photo, title, self._me)
            except UnreadableError as problem:
                if hash(raw) not in self._broken:
                    self._broken.add(hash(raw))
                    unreadable[str(problem)] = unreadable.get(str(problem), 0) + 1
                continue
            if arrival.remote_id in now:
                continue
            digest = zlib.crc32(arrival.text.encode(errors="replace"))
            is_known = arrival.remote_id in known
            if not is_known and arrival.created_at < self._since:
                continue
            if known.get(arrival.remote_id) != digest:
                harvest.arrivals.append(arrival)
            now[arrival.remote_id] = digest
        # With a broken entry in the list nobody knows whose it is, so nothing is called missing.
        missing = [] if unreadable else [name for name in known if name not in now]
        harvest.sights += [Sight(RemoteId(name), ItemState.GONE) for name in missing]
        harvest.arrivals.sort(key=lambda arrival: arrival.created_at)
        harvest.complaints += [f"{count} left out: {words}" for words, count in unreadable.items()]
        kept = {**known, **now} if unreadable else now
        if kept:
            self._known[photo] = kept
        self._trim()
        return harvest

    def drop(self, photo: str) -> list[Sight]:
        """A photo is gone, and its comments with it."""
        return [Sight(RemoteId(name), ItemState.GONE) for name in (photo, *self._known.pop(photo, {}))]

    def _trim(self) -> None:
        while len(self._known) > 1 and sum(map(len, self._known.values())) > MOST_REMEMBERED:
            del self._known[next(iter(self._known))]
