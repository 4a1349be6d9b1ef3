"""Handovers: the open risk of a seat, written down, and accepted line by line by whoever comes next.

What a newcomer would get wrong: a line holds what it is about by our own keys and never in words. The words
are read when the line is shown, so a handover keeps nothing of the public longer than the cache does.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from console.domain.errors import UsageError

MOST: Final = 200
"""How many lines of one kind a handover has; it says how many more there are."""
NOTE_MOST: Final = 2_000


class LineKind(StrEnum):
    """What a line is about, in the order in which lines stand."""

    LIFE = "life-at-risk"
    URGENT = "urgent"
    APPROVAL = "awaiting-approval"
    HELD = "held"
    FAILED = "failed"
    STANDING = "standing"
    WATCHLIST = "watchlist"
    NOTE = "note"

    @property
    def words(self) -> str:
        """For a person."""
        return _WORDS[self]


_WORDS: Final = {
    LineKind.LIFE: "Life at risk, not decided",
    LineKind.URGENT: "Urgent, not decided",
    LineKind.APPROVAL: "Waits for a second person",
    LineKind.HELD: "Held, and will be sent",
    LineKind.FAILED: "Was not done",
    LineKind.STANDING: "A verdict that still falls on arrivals",
    LineKind.WATCHLIST: "A watchlist that is not in force yet",
    LineKind.NOTE: "Said by whoever leaves",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One matter that is handed over."""

    place: int
    """From 1."""
    kind: LineKind
    key: str
    """Our own key: `i12`, `a5`, `s1`, a watchlist's id; empty for a note and for "and 40 more"."""
    more: int = 0
    """How many more of this kind there are, where they are not lines of their own."""
    accepted_by: str | None = None
    accepted_at: int | None = None
    """Milliseconds since 1970, UTC."""


@dataclass(frozen=True, slots=True)
class Handover:
    """What one shift hands to the next."""

    id: int
    made_by: str
    made_at: int
    note: str
    """What whoever leaves wants to say; may be empty."""
    lines: tuple[Line, ...]

    @property
    def key(self) -> str:
        """The text by which people and scripts name it."""
        return f"h{self.id}"

    @property
    def is_open(self) -> bool:
        """Whether a line still waits for somebody."""
        return any(line.accepted_by is None for line in self.lines)


def parse_handover_key(text: str) -> int:
    """The number in a handover's key. Raises UsageError for anything else."""
    if text[:1] == "h" and text[1:].isdecimal() and len(text) <= 12:
        return int(text[1:])
    raise UsageError(f"“{text}” is not the key of a handover, such as h3.")
