"""Grades: what must the police do about an item, from 1 (life at risk) to 5 (routine).

A lower number is more urgent. Rules may raise a grade; only a person may lower it.
"""

from enum import IntEnum


class Grade(IntEnum):
    """The triage level of an item; smaller is more urgent."""

    LIFE_AT_RISK = 1
    URGENT = 2
    HARMFUL = 3
    NEEDS_ANSWER = 4
    ROUTINE = 5

    @property
    def words(self) -> str:
        """The name that people read."""
        return _WORDS[self]

    @property
    def see_within_ms(self) -> int | None:
        """How soon a person should see such an item, in milliseconds; None: by the end of the shift."""
        return _SEE_WITHIN_MS[self]


_WORDS = {
    Grade.LIFE_AT_RISK: "Life at risk",
    Grade.URGENT: "Urgent",
    Grade.HARMFUL: "Harmful",
    Grade.NEEDS_ANSWER: "Needs an answer",
    Grade.ROUTINE: "Routine",
}
_MINUTE_MS = 60_000
_SEE_WITHIN_MS = {
    Grade.LIFE_AT_RISK: _MINUTE_MS,
    Grade.URGENT: 5 * _MINUTE_MS,
    Grade.HARMFUL: 15 * _MINUTE_MS,
    Grade.NEEDS_ANSWER: 60 * _MINUTE_MS,
    Grade.ROUTINE: None,
}
