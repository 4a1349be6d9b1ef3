"""Watchlists, their rules, and the hits that rules make.

A watchlist is one named set of rules for one category of concern, owned by a person and reviewed
by a date.  The one thing to know: offsets of a `Hit` count characters (code points) of the text as
it arrived, never of the folded text that the engine compared.  Qt counts UTF-16 units, so the
window converts once.
"""

from __future__ import annotations

import datetime as dt  # at run time too: the store decodes straight into these types
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

__all__ = [
    "CATEGORIES",
    "SUGGESTIONS",
    "Category",
    "Hit",
    "Near",
    "Rule",
    "Watchlist",
    "category_name",
]


@dataclass(frozen=True, slots=True)
class Category:
    """One kind of concern a watchlist can be about.

    Attributes:
        id: stable text key, as written in watchlist files.
        name: what a person reads.
        floor: the least urgent grade its hits suggest by default (1 most urgent, 5 routine).
        suggest: the act proposed by default, or None where the operator should only look.
    """

    id: str
    name: str
    floor: int
    suggest: str | None


THREAT_TO_LIFE: Final = "threat-to-life"
SELF_HARM: Final = "self-harm"
CHILD_AT_RISK: Final = "child-at-risk"
WEAPONS: Final = "weapons"
DISORDER: Final = "disorder"
OFFICER_LOCATION: Final = "officer-location"
DOXXING: Final = "doxxing"
CONTEMPT: Final = "contempt"
HATE: Final = "hate"
ABUSE_OF_STAFF: Final = "abuse-of-staff"
MISINFORMATION: Final = "misinformation"
MISSING_PERSON: Final = "missing-person"
CRIME_REPORT: Final = "crime-report"
COMPLAINT: Final = "complaint"
MEDIA_REQUEST: Final = "media-request"
SPAM: Final = "spam"

CATEGORIES: Final[Mapping[str, Category]] = {
    category.id: category
    for category in (
        Category(THREAT_TO_LIFE, "Threat to life", 1, "hide"),
        Category(SELF_HARM, "Self-harm and suicide", 1, "leave-up"),
        Category(CHILD_AT_RISK, "Child at risk", 1, "report"),
        Category(WEAPONS, "Weapons and attacks in progress", 2, "hide"),
        Category(DISORDER, "Disorder and public order", 2, "hide"),
        Category(OFFICER_LOCATION, "Officer or tactical location", 2, "hide"),
        Category(DOXXING, "Naming and addresses", 3, "hide"),
        Category(CONTEMPT, "Active proceedings", 3, "hide"),
        Category(HATE, "Hate", 3, "hide"),
        Category(ABUSE_OF_STAFF, "Abuse of officers and staff", 3, "hide"),
        Category(MISINFORMATION, "False or misleading claims", 4, "leave-up"),
        Category(MISSING_PERSON, "Missing person sightings", 2, None),
        Category(CRIME_REPORT, "Crime reports and information", 4, None),
        Category(COMPLAINT, "Complaint about police", 4, "leave-up"),
        Category(MEDIA_REQUEST, "Media requests", 4, "leave-up"),
        Category(SPAM, "Spam and scams", 5, "hide"),
    )
}
"""The categories by id, in the order a person should meet them."""

SUGGESTIONS: Final[frozenset[str]] = frozenset(
    {
        "hide",
        "leave-up",
        "hold",
        "report",
        "reply",
        "private-reply",
        "restrict",
        "block",
        "mute",
    }
)
"""The verbs a rule may propose.  Deleting is not among them: a rule never deletes."""


def category_name(category: str) -> str:
    """The words a person reads for a category id; the id itself where it is not a known one."""
    known = CATEGORIES.get(category)
    return known.name if known else category


@dataclass(frozen=True, slots=True)
class Near:
    """Two groups of words that mean something only when they stand close together.

    Attributes:
        any_of: words or phrases of which one must appear (`any` in the file).
        with_any: words or phrases of which one must stand near it (`with` in the file).
        within: the greatest distance, in words; 1 means next to one another.
    """

    any_of: tuple[str, ...]
    with_any: tuple[str, ...]
    within: int


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a watchlist: what fires it, and what cancels it.

    Attributes:
        id: unique within its watchlist.
        words: whole words or phrases.
        patterns: regular expressions of RE2 syntax, compared with the folded text.
        near: pairs of word groups that must stand close together.
        unless: exceptions, whole words or phrases; one anywhere in the text cancels this rule.
        disguised: whether disguised spelling (look-alike letters and so on) is seen through.
        languages: two- or three-letter language codes the rule is for; empty for all.  A text
            whose language is not known is always tried.
        grade: the grade of its hits, where it differs from the watchlist's.
        suggest: the proposed act, where it differs from the watchlist's.
        hits: texts that this rule must fire on; examples, never matched against.
        misses: texts that this rule must leave alone.
        note: a few words for whoever reads the rule; empty where there are none.
    """

    id: str
    words: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    near: tuple[Near, ...] = ()
    unless: tuple[str, ...] = ()
    disguised: bool = True
    languages: tuple[str, ...] = ()
    grade: int | None = None
    suggest: str | None = None
    hits: tuple[str, ...] = ()
    misses: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Watchlist:
    """A named set of rules for one category.

    Attributes:
        id: stable text key without spaces.
        name: what a person reads.
        category: a key of `CATEGORIES`.
        grade: the grade its hits suggest, 1 (life at risk) to 5 (routine).
        suggest: the act its hits propose, one of `SUGGESTIONS`, or None.
        owner: the post answerable for it.
        version: counts up with every published change, from 1.
        review_by: the day by which the owner must have read it again.
        rules: in the order of the file; the order has no meaning.
        two_people: whether a second person must agree before a change takes effect.
        incident: the number of the incident it was made for, and with which it ends; None for most.
    """

    id: str
    name: str
    category: str
    grade: int
    suggest: str | None
    owner: str
    version: int
    review_by: dt.date
    rules: tuple[Rule, ...]
    two_people: bool = False
    incident: int | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that fired on a text, with the exact words and where they stand.

    Attributes:
        watchlist: id of the watchlist.
        watchlist_name: its name as it was when the rule fired.
        version: its version as it was when the rule fired.
        rule: id of the rule within the watchlist.
        category: a key of `CATEGORIES`.
        grade: the grade suggested, 1 (life at risk) to 5 (routine).
        term: the word, phrase or pattern as written in the watchlist.
        start: first character of the hit, counted in code points of the original text.
        end: one past the last character, counted the same way.
        text: the characters of the original text from `start` to `end`.
        disguised: whether the writer's spelling differs from the plain one by more than case,
            accents and spacing between words.
        suggest: the act proposed, or None.
        how: what was undone to read it as the term ("letters masked"); empty for plain spelling.
        found_at: when a search of the past found it (milliseconds since 1970, UTC); None where it was
            found as the item arrived.
    """

    watchlist: str
    watchlist_name: str
    version: int
    rule: str
    category: str
    grade: int
    term: str
    start: int
    end: int
    text: str
    disguised: bool
    suggest: str | None
    how: str = ""
    found_at: int | None = None
