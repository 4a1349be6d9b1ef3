"""How long a sealed record is kept, and why: one class for each reason to keep it.

What a newcomer would get wrong: the end of a life is not always the end. Where a class wants a review, a
person decides at the end of its life whether the record is still needed; only the others go by themselves.
A force's own policy wins over these defaults (`Settings.retention_days`).

The spans follow the reviews of the College of Policing's Authorised Professional Practice on managing
information: six years clear for most records of crime, ten for serious ones.
Source: https://www.college.police.uk/app/information-management/retention-review-and-disposal
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Final

DAY_MS: Final = 86_400_000


@dataclass(frozen=True, slots=True)
class Retention:
    """One class of records."""

    name: str
    """What records and the ledger call it."""
    words: str
    """For whom it is kept, for a person."""
    days: int
    """How long a record lives before it is reviewed or disposed of."""
    is_reviewed: bool
    """Whether a person decides at the end; False: it is disposed of by itself."""

    @property
    def life_ms(self) -> int:
        """Its life in milliseconds."""
        return self.days * DAY_MS


MODERATION: Final = "moderation"
CLASSES: Final[Mapping[str, Retention]] = {
    each.name: each
    for each in (
        Retention("routine", "Spam and scams, removed in bulk.", 90, is_reviewed=False),
        Retention(MODERATION, "To answer for what was done.", 365, is_reviewed=True),
        Retention("complaint", "A complaint about the police.", 6 * 365, is_reviewed=True),
        Retention("crime", "A crime, a lead or a witness.", 6 * 365, is_reviewed=True),
        Retention("serious", "A threat to life or a child at risk.", 10 * 365, is_reviewed=True),
    )
}
_OF_CATEGORY: Final[Mapping[str, str]] = {
    "spam": "routine",
    "complaint": "complaint",
    "crime-report": "crime",
    "contempt": "crime",
    "disorder": "crime",
    "doxxing": "crime",
    "hate": "crime",
    "missing-person": "crime",
    "officer-location": "crime",
    "weapons": "crime",
    "child-at-risk": "serious",
    "self-harm": "serious",
    "threat-to-life": "serious",
}
IDENTIFIERS_ONLY: Final = frozenset({"child-at-risk"})
"""Categories of which nothing but identifiers is ever recorded: no words, no pictures, no override."""


def class_of(categories: Collection[str]) -> str:
    """The class of a record on an item of these categories: the longest life of any, `moderation` at least.

    Only what is nothing but spam is routine.
    """
    found = {_OF_CATEGORY.get(category, MODERATION) for category in categories}
    if found == {"routine"}:
        return "routine"
    return max(found | {MODERATION}, key=lambda name: (CLASSES[name].days, name))


def classes(days: Mapping[str, int]) -> Mapping[str, Retention]:
    """Every class, with the lives that a force has set in place of the defaults."""
    return {
        name: replace(each, days=days[name]) if days.get(name, 0) > 0 else each
        for name, each in CLASSES.items()
    }
