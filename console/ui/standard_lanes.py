"""The lanes that everybody has: their keys, names, glyphs and what each asks.

What a newcomer would get wrong: a key is for ever. It stands in what is remembered of each lane, in layouts
and in the names of commands; the name and the question beside it may change.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from console.domain.triage import Grade

EVERYTHING: Final = "everything"
WAVES: Final = "waves"


@dataclass(frozen=True, slots=True)
class StandardLane:
    """A lane that is always there."""

    key: str
    name: str
    glyph: str
    question: str
    """As a person could type it."""
    is_short: bool = True
    """Whether the rail shows it always; the others are there while they hold something, and in the list."""


BY_GRADE: Final = tuple(
    StandardLane(f"grade {grade.value}", grade.words, "", f"grade:{grade.value}") for grade in Grade
)
OTHERS: Final = (
    StandardLane(EVERYTHING, "Everything", "filter", ""),
    StandardLane("unseen", "Unseen", "live", "is:unseen"),
    StandardLane("mine", "Mine", "person", "is:mine"),
    StandardLane("decided", "Acted on", "tick", "is:decided"),
    StandardLane("held", "Held for review", "held", "state:held"),
    StandardLane("failed", "Failed or refused", "refused", "act:failed", is_short=False),
    StandardLane("claimed", "Claimed by anyone", "claimed", "is:claimed", is_short=False),
    StandardLane(WAVES, "Waves and strays", "wave", "is:stray"),
    StandardLane("cymraeg", "Cymraeg", "tag", "lang:cy"),
)
STANDARD: Final[Mapping[str, StandardLane]] = {lane.key: lane for lane in (*BY_GRADE, *OTHERS)}
