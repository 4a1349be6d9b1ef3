"""Words for numbers and for other people's text, as the look has them.

Text from a network is plain text: it is never parsed. What cannot be seen or turns the direction of
writing is shown by its name, so that nobody is deceived by it.
"""

import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

_NAMES = {
    "\u200b": "zero-width space",
    "\u200c": "zero-width non-joiner",
    "\u200e": "left-to-right mark",
    "\u200f": "right-to-left mark",
    "\u202a": "left-to-right embedding",
    "\u202b": "right-to-left embedding",
    "\u202c": "end of direction",
    "\u202d": "left-to-right override",
    "\u202e": "right-to-left override",
    "\u2060": "word joiner",
    "\u2066": "left-to-right isolate",
    "\u2067": "right-to-left isolate",
    "\u2068": "first strong isolate",
    "\u2069": "end of isolate",
    "\ufeff": "zero-width no-break space",
    "\u00ad": "soft hyphen",
    "\u061c": "arabic letter mark",
    "\x00": "NUL",
}
LONGEST = 4_000
"""How many characters of an item a card or a pane lays out; the rest is counted and said."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A text as it may be shown, with the way from its original characters."""

    text: str
    _starts: Sequence[int]
    """For each original character, where it begins in `text`; one more for the end."""

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Where original characters stand in the shown text, in characters."""
        last = len(self._starts) - 1
        return self._starts[min(max(start, 0), last)], self._starts[min(max(end, 0), last)]


def shown(text: str, *, lines: bool = False) -> Shown:
    """A text made safe to show; runs of blanks become one, line breaks too unless `lines` keeps them."""
    if text.isprintable() and len(text) <= LONGEST and "  " not in text and text[:1] != " ":
        return Shown(text, range(len(text) + 1))
    parts: list[str] = []
    starts: list[int] = []
    length = 0
    blank = True
    for place, letter in enumerate(text):
        if place >= LONGEST:
            break
        starts.append(length)
        made = _shown_letter(letter, lines=lines)
        if made == " ":
            if blank:
                continue
            blank = True
        else:
            blank = made == "\n"
        parts.append(made)
        length += len(made)
    rest = len(text) - LONGEST
    if rest > 0:
        parts.append(f" … and {rest:,} characters more")
    starts.append(length)
    return Shown("".join(parts), tuple(starts))


def _shown_letter(letter: str, *, lines: bool) -> str:
    if " " < letter <= "~":
        return letter
    if lines and letter == "\n":
        return "\n"
    if letter.isspace():
        return " "
    name = _NAMES.get(letter)
    if name is not None:
        return f"[{name}]"
    kind = unicodedata.category(letter)
    if kind == "Cs":
        return "[half a character]"
    if kind in {"Cc", "Cn", "Co"}:
        return f"[U+{ord(letter):04X}]"
    return letter


def utf16_places(text: str) -> list[int]:
    """For each character of a text, where it begins in UTF-16 units, as Qt counts; one more for the end."""
    places = [0]
    for letter in text:
        places.append(places[-1] + (2 if letter > "\uffff" else 1))
    return places


def to_utf16(text: str, start: int, end: int) -> tuple[int, int]:
    """A span of characters as a span of UTF-16 units."""
    if text.isascii():
        return start, end
    places = utf16_places(text)
    return places[start], places[end]


def from_utf16(text: str, unit: int) -> int:
    """The character in which a UTF-16 unit lies."""
    return bisect_right(utf16_places(text), unit) - 1


def age(ms: int) -> str:
    """A span of time: 0:38, 4:10, 1 h 12, 3 d, 9 y. Nothing is younger than 0:00."""
    seconds = max(0, ms) // 1000
    if seconds < 3600:
        return f"{seconds // 60}:{seconds % 60:02}"
    if seconds < 86_400:
        return f"{seconds // 3600} h {seconds % 3600 // 60:02}"
    days = seconds // 86_400
    return f"{days} d" if days < 730 else f"{days // 365} y"


def count(number: int) -> str:
    """A count with commas."""
    return f"{number:,}"


def short_count(number: int) -> str:
    """A count for the rail: 41.2k from 10,000 on."""
    if number < 10_000:
        return f"{number:,}"
    return f"{number / 1000:.1f}k" if number < 1_000_000 else f"{number / 1_000_000:.1f}m"


def plural(number: int, one: str, many: str | None = None) -> str:
    """A count with its noun: "1 item", "2,140 items"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
