"""What the path has carried and how fast: counts, and latencies in steps of a few per cent.

What a newcomer would get wrong: a list of latencies grows without end on a long night; steps of fixed
proportion need a few hundred numbers for ever.
"""

import math
from dataclasses import dataclass, field, replace

_STEP = 1.05
_SMALLEST_MS = 0.01
_STEPS = 400
_LOG_STEP = math.log(_STEP)


class Latencies:
    """How long things took, in milliseconds, to within five per cent."""

    def __init__(self) -> None:
        self._counts = [0] * _STEPS
        self._count = 0

    def add(self, ms: float, count: int = 1) -> None:
        """Counts `count` things that took so long."""
        place = 0 if ms <= _SMALLEST_MS else math.ceil(math.log(ms / _SMALLEST_MS) / _LOG_STEP)
        self._counts[min(place, _STEPS - 1)] += count
        self._count += count

    def quantile(self, part: float) -> float:
        """The time within which this part (0 to 1) of all was done; 0 when nothing was."""
        sought = part * self._count
        passed = 0
        for place, count in enumerate(self._counts):
            passed += count
            if count and passed >= sought:
                return round(_SMALLEST_MS * _STEP**place, 3)
        return 0.0


@dataclass(slots=True)
class Statistics:
    """What ingest has done since it started."""

    received: int = 0
    """Arrivals that connectors handed in."""
    stored: int = 0
    """New items."""
    duplicates: int = 0
    """Arrivals that were in the cache already."""
    edited: int = 0
    """Known items that came with other words."""
    refused: int = 0
    """Arrivals of which nothing could be kept."""
    unmatched: int = 0
    """Items that were stored without having been matched, because matching failed on them."""
    hits: int = 0
    """Hits of watchlists in new and known items together."""
    first_at: float | None = None
    """When the first of all was received, in monotonic seconds."""
    last_at: float | None = None
    """When the newest was stored and announced, in monotonic seconds."""
    latencies: Latencies = field(default_factory=Latencies)
    """From arrival to stored and announced."""

    def copy(self) -> "Statistics":
        """The counts as they are now; the latencies go on being counted in one place."""
        return replace(self)
