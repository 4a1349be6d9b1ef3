"""What could come next in a question that is being typed.

What a newcomer would get wrong: it is about the part in which the caret stands, wherever that is, and what it
gives replaces that part alone. Nothing is given that the language would not understand.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from console.domain.lanes import KEYS, VALUES
from console.domain.query_text import written

MOST: Final = 8
KEY_WORDS: Final[Mapping[str, str]] = {
    "account": "on one of our accounts",
    "act": "what became of an act: done, failed, held",
    "author": "by a handle",
    "before": "received before a time",
    "claimed": "who has it: me, anyone, a name",
    "grade": "1 to 5, or 1-3",
    "group": "on a group of accounts",
    "has": "has media",
    "hit": "hit by a watchlist",
    "is": "unseen, decided, stray, mine",
    "kind": "comment, mention, message …",
    "lang": "in a language",
    "network": "on a network",
    "since": "received since a time: 2h, 22:40",
    "state": "visible, hidden, held …",
    "thread": "in a thread",
    "wave": "in a wave",
}
"""What each key asks, in a few words."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something that could stand in the place of the part that is being typed."""

    text: str
    words: str = ""
    """What it means, where its text does not say."""


@dataclass(frozen=True, slots=True)
class Typed:
    """The part of a question in which the caret stands."""

    start: int
    end: int
    """Where it stands in what was typed."""
    minus: str
    """The minus before it, or nothing."""
    key: str | None
    """None while no colon was typed."""
    value: str
    """What stands of the value, or of a word or key, up to the caret."""


def typed_part(typed: str, caret: int) -> Typed:
    """The part of a question in which the caret stands."""
    start, closes = 0, ""
    for place, letter in enumerate(typed[:caret]):
        if closes:
            closes = "" if letter in closes else closes
        elif letter in '"“':
            closes = '"' if letter == '"' else '”"'
        elif letter.isspace():
            start = place + 1
    end = caret
    while end < len(typed) and not typed[end].isspace() and not closes:
        end += 1
    part = typed[start:caret]
    minus = "-" if part.startswith("-") else ""
    key, colon, value = part.removeprefix("-").partition(":")
    if colon and key.lower() in KEYS:
        return Typed(start, end, minus, key.lower(), value.strip('"“”'))
    return Typed(start, end, minus, None, part.removeprefix("-"))


def suggestions(part: Typed, known: Mapping[str, Sequence[Suggestion]]) -> list[Suggestion]:
    """What could stand there; `known` holds values by key (accounts, networks, lists) with their names."""
    if part.key is None:
        low = part.value.lower()
        if not low or low[0] in '"“':
            return []
        keys = [key for key in sorted(KEYS) if key.startswith(low)]
        return [Suggestion(f"{part.minus}{key}:", KEY_WORDS[key]) for key in keys][:MOST]
    fixed = [Suggestion(value) for value in VALUES.get(part.key, ())]
    wanted = part.value.casefold().lstrip("@")
    found = [one for one in (*known.get(part.key, ()), *fixed) if _fits(one, wanted)]
    found.sort(key=lambda one: not one.text.casefold().startswith(wanted))
    unique = {one.text: one for one in reversed(found)}
    ordered = [one for one in dict.fromkeys(found) if unique[one.text] == one]
    return [
        Suggestion(part.minus + written(part.key, one.text), one.words)
        for one in ordered
        if one.text.casefold() != wanted or one.words
    ][:MOST]


def replaced(typed: str, part: Typed, suggestion: Suggestion) -> tuple[str, int]:
    """A question with the part replaced, and where the caret then stands: behind a blank, or a colon."""
    rest = typed[part.end :].lstrip()
    blank = "" if suggestion.text.endswith(":") else " "
    before = typed[: part.start] + suggestion.text + blank
    apart = " " if rest and not blank else ""
    return before + apart + rest, len(before)


def _fits(one: Suggestion, wanted: str) -> bool:
    return wanted in one.text.casefold() or wanted in one.words.casefold()


def composed(parts: Iterable[tuple[str, str]]) -> str:
    """A question from keys and values; an empty key is for words, one that begins with a minus leaves out."""
    return " ".join(
        written(key.removeprefix("-"), value.strip(), is_not=key.startswith("-"))
        for key, value in parts
        if value.strip()
    )
