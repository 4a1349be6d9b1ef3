"""What the act worker remembers of each account, and how long it waits after failures.

What a newcomer would get wrong: all of this may be lost at any moment without harm. What must not be lost
is on disk as the states of the acts; a worker that starts anew only looks a little more often.
"""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from console.domain.ids import ActId

LOOKS_S: Final = (0.0, 0.5, 1.5, 4.0, 10.0)
"""When to look at what was sent: at once, then again, for networks that show late. Sixteen seconds in all: as
long as it takes the networks that we know to agree with themselves."""
SETTLES_MS: Final = round(sum(LOOKS_S) * 1000)
"""So long after something was sent, a look may still show how it was before."""
LONGEST_S: Final = 60.0
"""No wait after a failure is longer."""


@dataclass(slots=True)
class Looks:
    """How often an act was looked at, and when it is to be looked at next (monotonic seconds)."""

    count: int = 0
    next_at: float = 0.0

    @property
    def are_over(self) -> bool:
        """Whether it was looked at as often as it makes sense."""
        return self.count >= len(LOOKS_S)

    def again(self, now: float) -> None:
        """Plans the next look."""
        self.next_at = now + LOOKS_S[min(self.count, len(LOOKS_S) - 1)]


@dataclass(slots=True)
class Post:
    """The worker's memory of one account."""

    chance: Callable[[], float] = random.random
    """Between 0 and 1, for jitter: many consoles that lost one network must not come back in one moment."""
    task: asyncio.Task[None] | None = None
    retries: int = 0
    not_before: float = 0.0
    full_until: float = 0.0
    """Until when no ceiling has room for what waits; forgotten as soon as there is something new."""
    wakes: int = 0
    """How often there was something new."""
    looks: dict[ActId, Looks] = field(default_factory=dict)
    """Of accepted acts."""
    doubts: dict[ActId, Looks] = field(default_factory=dict)
    """Of acts of which nobody knows whether they were done."""
    for_a_person: set[ActId] = field(default_factory=set)

    def backoff(self) -> float:
        """Seconds to wait after a failure: about 1, 2, 4 … at most 60, the later half of it by chance."""
        seconds = min(LONGEST_S, 2.0 ** min(self.retries, 6)) * (0.5 + 0.5 * self.chance())
        self.retries += 1
        return seconds
