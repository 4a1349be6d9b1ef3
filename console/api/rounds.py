"""Whose turn it is: looking at many posts in turn, the busy ones often and the quiet ones seldom.

`Rounds` is for posts below which things are said, `InTurn` for single things that may be taken back.

What a newcomer would get wrong: a post that has gone quiet must never drop out for good, or the one reply
that comes a day later is missed; it is only looked at more and more seldom, down to a floor.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

SLOWER = 1.6
"""Each look that finds nothing new makes the next wait so many times longer."""


@dataclass(slots=True)
class _Post:
    due_at: int
    wait_ms: int


class Rounds:
    """The posts of one account and when each is to be looked at next."""

    def __init__(
        self,
        now: Callable[[], int],
        is_incident: Callable[[], bool],
        *,
        busy_s: float,
        quiet_s: float,
        incident_quiet_s: float | None = None,
        most: int = 500,
    ) -> None:
        """Sets the pace, in seconds.

        A post that moves is looked at every `busy_s`, a quiet one every `quiet_s` at the least, or every
        `incident_quiet_s` while an incident is open. Of more than `most` posts the quietest go.
        """
        self._now, self._is_incident = now, is_incident
        self._busy = int(busy_s * 1000)
        self._quiet = int(quiet_s * 1000)
        self._incident_quiet = int((incident_quiet_s or busy_s * 4) * 1000)
        self._most = most
        self._posts: dict[str, _Post] = {}

    def __contains__(self, post: object) -> bool:
        return post in self._posts

    def __len__(self) -> int:
        return len(self._posts)

    def add(self, post: str) -> None:
        """Takes up a post, to be looked at now; one that is known stays as it is."""
        if post in self._posts:
            return
        self._posts[post] = _Post(self._now(), self._busy)
        if len(self._posts) > self._most:
            quietest = max(self._posts, key=lambda one: (self._posts[one].wait_ms, one != post))
            del self._posts[quietest]

    def drop(self, post: str) -> None:
        """Forgets a post, because it is gone or closed."""
        self._posts.pop(post, None)

    def soon(self, post: str) -> None:
        """Something points to news at this post: it is looked at next."""
        self.add(post)
        self._posts[post].due_at = self._now()

    def due(self, most: int) -> list[str]:
        """The posts to look at now, those first that have waited longest beyond their time."""
        now = self._now()
        ready = [
            (min(found.due_at, self._sooner(found)), post)
            for post, found in self._posts.items()
            if min(found.due_at, self._sooner(found)) <= now
        ]
        return [post for _, post in sorted(ready)[:most]]

    def looked(self, post: str, *, found_new: bool) -> None:
        """Notes that a post was looked at, and whether there was anything new."""
        known = self._posts.get(post)
        if known is None:
            return
        known.wait_ms = self._busy if found_new else min(int(known.wait_ms * SLOWER), self._quiet)
        known.due_at = self._now() + known.wait_ms

    def _sooner(self, post: _Post) -> int:
        """When an open incident wants the post looked at, though its own time is later."""
        if not self._is_incident():
            return post.due_at
        return post.due_at - post.wait_ms + min(post.wait_ms, self._incident_quiet)


class InTurn:
    """Things that are looked at one after the other, the new ones first, each as often as the others."""

    def __init__(self, most: int) -> None:
        """Of more than `most` the one goes that waits longest for its turn."""
        self._most = most
        self._waiting: OrderedDict[str, None] = OrderedDict()

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, things: Iterable[str]) -> None:
        """Takes up more; one that is known comes sooner."""
        for thing in things:
            self._waiting[thing] = None
            self._waiting.move_to_end(thing, last=False)
        while len(self._waiting) > self._most:
            self._waiting.popitem()

    def take(self, most: int) -> list[str]:
        """The next ones, which then wait until all others have had their turn."""
        turn = list(self._waiting)[:most]
        for thing in turn:
            self._waiting.move_to_end(thing)
        return turn

    def drop(self, thing: str) -> None:
        """Forgets one, because it is gone."""
        self._waiting.pop(thing, None)
