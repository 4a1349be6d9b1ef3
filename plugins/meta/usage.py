"""How much of Meta's allowance is used, as the network's own headers say it.

Sources: https://developers.facebook.com/docs/graph-api/overview/rate-limiting (names, percentages, minutes)
and the public `sns-sdks/python-facebook`, `ratelimit.py` (the same headers as they really come).

What a newcomer would get wrong: the numbers are percentages of something nobody tells, counted over a window
that slides, and asking on while throttled lengthens the wait. So Cordon slows down at `SLOW_AT` and stops of
its own accord at `STOP_AT`, before the network has to say no.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

HEADERS = ("x-app-usage", "x-page-usage", "x-business-use-case-usage")
SLOW_AT = 75
"""Percent used from which reading goes at a slower pace."""
STOP_AT = 90
"""Percent used from which nothing is read any more; the rest is left for acts."""

MINUTE_MS = 60_000
DAY_MS = 24 * 60 * MINUTE_MS
WORD_HOLDS_MS = 5 * MINUTE_MS
"""How long a percentage is believed; the next answer brings another."""
REST_MS = 10 * MINUTE_MS
"""How long to stop at `STOP_AT` when the network names no time: the window slides on meanwhile."""

_PERCENTAGES = ("call_count", "total_cputime", "total_time")
_REGAIN = "estimated_time_to_regain_access"


@dataclass(frozen=True, slots=True)
class Usage:
    """The tightest of everything that one answer's headers say."""

    percent: int
    """How much is used, 0 to 100 and more."""
    regained_at: int | None
    """When the network takes requests again, milliseconds since 1970; None when it is not throttling."""

    def until(self, now: int) -> int:
        """Until when this word holds, milliseconds since 1970."""
        if self.regained_at is not None:
            return self.regained_at
        return now + (REST_MS if self.percent >= STOP_AT else WORD_HOLDS_MS)

    def left_of(self, points: int) -> int:
        """Of so many points, how many may still be read before the stop."""
        return points * max(0, STOP_AT - self.percent) // 100


def usage_in(headers: Mapping[str, str], now: int) -> Usage | None:
    """What the headers (names in small letters) say; None when they say nothing that can be read."""
    percent, minutes, is_said = 0, 0, False
    for name in HEADERS:
        for one in _entries(headers.get(name)):
            found = [_number(one.get(key)) for key in _PERCENTAGES]
            is_said = is_said or any(value is not None for value in found)
            percent = max([percent, *(value for value in found if value is not None)])
            minutes = max(minutes, _number(one.get(_REGAIN)) or 0)
    if not is_said and not minutes:
        return None
    return Usage(percent, now + min(minutes * MINUTE_MS, DAY_MS) if minutes else None)


def _entries(text: str | None) -> Iterator[Mapping[str, Any]]:
    """The objects with percentages: the header itself, or the lists of objects under each business's id."""
    if not text:
        return
    try:
        found = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return
    if not isinstance(found, dict):
        return
    yield found
    for listed in found.values():
        if isinstance(listed, list):
            yield from (one for one in listed if isinstance(one, dict))


def _number(value: object) -> int | None:
    return int(value) if isinstance(value, int | float) and 0 <= value < 1e9 else None
