"""The times of Meta's networks as milliseconds since 1970."""

from console.api.web import milliseconds as from_text

_LATEST_S = 253_402_300_799  # the last second of the year 9999


def milliseconds(when: str | int | None) -> int | None:
    """A time of theirs as milliseconds since 1970, UTC; None for what is no time or is before 1970.

    Both forms that occur are read: `2026-11-20T18:04:09+0000` (no colon in the offset, which is why other
    parsers stumble) and seconds since 1970. A time without an offset counts as UTC.
    """
    if isinstance(when, int):
        return when * 1000 if 0 <= when <= _LATEST_S else None
    found = from_text(when)
    return found if found is not None and found >= 0 else None


def seconds(at: int) -> int:
    """Milliseconds since 1970 as the seconds that `since` and `until` take in a query."""
    return at // 1000
