"""Times: milliseconds since 1970, UTC, inside; ISO 8601 with `Z` outside."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
"""Not from the system's language, which may be any."""
EARLIEST_MS = -62_135_596_800_000
LATEST_MS = 253_402_300_799_999


@lru_cache(4_096)
def iso(at: int) -> str:
    """A time in words that sort: `2026-11-20T18:00:01.234Z`. Held between the years 1 and 9999."""
    held = min(max(at, EARLIEST_MS), LATEST_MS)
    return (_EPOCH + timedelta(milliseconds=held)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def day_words(at: int) -> str:
    """A day for people, in UTC: `3 December`."""
    held = _EPOCH + timedelta(milliseconds=min(max(at, EARLIEST_MS), LATEST_MS))
    return f"{held.day} {_MONTHS[held.month - 1]}"


def parse_iso(text: str) -> int:
    """The time that an ISO 8601 text means; without a zone it is read as UTC. Raises ValueError."""
    found = datetime.fromisoformat(text.strip())
    if found.tzinfo is None:
        found = found.replace(tzinfo=UTC)
    return round((found - _EPOCH) / timedelta(milliseconds=1))
