"""What a photo's comments showed, against what was known of them: new ones, other words, missing ones.

What a newcomer would get wrong: Flickr never says that a comment was edited or deleted. It answers with all
comments of a photo each time, so the difference from last time is the only news there is.
"""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from console.api import Arrival, ItemState, RemoteId, Sight
from console.api.entries import Complaints, UnreadableError
from plugins.flickr.mapping import from_comment

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
        self._complaints = Complaints()

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
        is_whole = True
        for raw in entries:
            try:
                arrival = from_comment(raw, photo, title, self._me)
            except UnreadableError as problem:
                self._complaints.add(raw, problem)
                is_whole = False
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
        missing = [name for name in known if name not in now] if is_whole else []
        harvest.sights += [Sight(RemoteId(name), ItemState.GONE) for name in missing]
        harvest.arrivals.sort(key=lambda arrival: arrival.created_at)
        harvest.complaints += self._complaints.take()
        kept = now if is_whole else {**known, **now}
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
