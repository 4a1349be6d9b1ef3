"""Waves: near-identical items from many authors, as the cache holds them; and verdicts that stand on one.

A wave is named by the number of its first item, so that the same wave has the same name after a restart
and on every seat that shares the cache.
"""

import math
import re
from dataclasses import dataclass
from typing import Final

from console.domain.acts import Verb
from console.domain.errors import UsageError
from console.domain.ids import BulkId

LEAST: Final = 3
"""So many items make a wave that a person is shown; two may be chance."""
SHORT_TIMES: Final = 10
"""“Thank you” is said by many who never met: so much larger must a wave of up to three words be."""
RATE_MS: Final = 30_000
"""Over what time the rate is taken, in milliseconds: an item counts for half after twenty seconds."""
LONGEST_STANDING_MS: Final = 24 * 3_600_000
"""How long a verdict may stand at the most; then a person decides anew."""
MOST_STANDING: Final = 100_000
"""How many items a verdict may fall on at the most."""
STANDING_VERBS: Final = frozenset({Verb.HIDE, Verb.LEAVE_UP})
"""What may be decided beforehand: both can be taken back. A rule never deletes."""

_KEY = re.compile(r"w?([1-9][0-9]{0,17})")


@dataclass(frozen=True, slots=True)
class Wave:
    """A group of near-identical items. Times are milliseconds since 1970, UTC."""

    id: int
    """The number of its first item."""
    essence: str
    """Its commonest wording, shortened to a line; empty once the words were purged."""
    size: int
    authors: int
    new_authors: int
    """Those of whom the cache held nothing before this wave."""
    networks: tuple[str, ...]
    first_at: int
    last_at: int
    rate: float
    """Items a second when its last one came; see `rate_now`."""

    def rate_now(self, now: int) -> float:
        """Items a second at this time (milliseconds since 1970): it fades while nothing comes."""
        return faded(self.rate, now - self.last_at)


@dataclass(frozen=True, slots=True)
class Standing:
    """A named person's verdict on one wave, that stands for later arrivals too, for a time and a limit."""

    id: int
    wave_id: int
    verb: Verb
    reason: str
    category: str | None
    who: str
    bulk_id: BulkId | None
    """The bulk act under which every one of its acts stands, so that all are undone as one."""
    put_at: int
    ends_at: int
    limit: int
    """How many later arrivals it may fall on."""
    used: int
    after: int
    """Only items with higher numbers are later arrivals; the others were in the bulk act itself."""
    ended_at: int | None = None
    ended_by: str | None = None
    why_ended: str = ""

    def is_open(self, now: int) -> bool:
        """Whether it still falls on arrivals at this time (milliseconds since 1970)."""
        return self.ended_at is None and now < self.ends_at and self.used < self.limit


def faded(rate: float, after_ms: int) -> float:
    """What is left of a rate after a time without arrivals."""
    return rate * math.exp(-max(0, after_ms) / RATE_MS)


def wave_key(wave_id: int) -> str:
    """The text by which people and scripts name a wave."""
    return f"w{wave_id}"


def standing_key(number: int) -> str:
    """The text by which the record names a standing verdict."""
    return f"s{number}"


def parse_wave_key(key: str) -> int:
    """The wave that a text names, such as `w12` or `12`. Raises UsageError when it names none."""
    found = _KEY.fullmatch(key.strip())
    if found is None:
        raise UsageError(f"“{key}” is not the key of a wave; such keys look like w123.")
    return int(found[1])


def line(text: str, most: int = 100) -> str:
    """A text as one line without links, cut between words where it is longer than so many characters."""
    words = [word for word in text.split() if "//" not in word]
    found = " ".join(words)
    if len(found) <= most:
        return found
    return found[:most].rsplit(" ", 1)[0].rstrip(",;:–-") + "…"
