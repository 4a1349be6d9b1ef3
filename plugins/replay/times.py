"""The many ways in which files write a time, to milliseconds since 1970, UTC.

What a newcomer would get wrong: `3/6/2017` is the third of June here. The month comes first only where
it must, because the other reading has no such month. A time without a zone is read as UTC.
"""

import math
import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

EARLIEST_MS = 631_152_000_000
"""The start of 1990; what is older is a fault of the file (a 0, a row number)."""
LATEST_MS = 4_102_444_800_000
"""The start of 2100."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBER = re.compile(r"\d{9,19}(\.\d+)?")
_SLASHED = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})(?:[ T,]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?")
_WORDED = re.compile(r"\w{3} (\w{3}) (\d{1,2}) (\d\d:\d\d:\d\d) ([+-]\d{4}) (\d{4})")


def read_time(value: object) -> int | None:
    """Milliseconds since 1970, UTC, or None for what is no time between 1990 and 2100."""
    try:
        if isinstance(value, bool):
            return None
        at = _scaled(float(value)) if isinstance(value, int | float) else _from_text(value)
    except (ValueError, OverflowError, TypeError):
        return None
    return at if at is not None and EARLIEST_MS <= at < LATEST_MS else None


def _scaled(number: float) -> int:
    """A count since 1970 in seconds, milliseconds, microseconds or nanoseconds, told by its size."""
    if not math.isfinite(number):
        raise ValueError("no number")
    while abs(number) >= 1e14:
        number /= 1000
    return round(number if abs(number) >= 1e11 else number * 1000)


def _from_text(value: object) -> int | None:
    if not isinstance(value, str):
        return None
    text = value.strip()[:64]
    if not text:
        return None
    if _NUMBER.fullmatch(text):
        return _scaled(float(text))
    try:
        return _ms(datetime.fromisoformat(text))
    except ValueError:
        pass
    if found := _SLASHED.fullmatch(text):
        first, second, year, hour, minute, seconds = (int(part or 0) for part in found.groups())
        day, month = (second, first) if second > 12 else (first, second)
        return _ms(datetime(year, month, day, hour, minute, seconds, tzinfo=UTC))
    if found := _WORDED.fullmatch(text):  # Wed Aug 27 13:08:45 +0000 2008
        month_name, number, clock_text, zone, year_text = found.groups()
        text = f"{number} {month_name} {year_text} {clock_text} {zone}"
    return _ms(parsedate_to_datetime(text))


def _ms(found: datetime) -> int:
    held = found if found.tzinfo is not None else found.replace(tzinfo=UTC)
    return round((held - _EPOCH) / timedelta(milliseconds=1))
