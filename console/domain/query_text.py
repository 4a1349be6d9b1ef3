"""The text of a question, cut into parts, and parts written as text again.

Nothing that is typed breaks this: what is no key with a value is a word. What a newcomer would get wrong:
quotation marks may stand anywhere in a part (`account:"the force"`), and two of them inside quotation marks
mean one of them.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from console.domain.errors import UsageError

_KEY = re.compile(r"[a-z]{2,}")
_PLAIN = re.compile(r"[^\W_]+(?:[.'’_-][^\W_]+)*")
_PLAIN_VALUE = re.compile(r"[^\W_][\w:.@+-]*")
_CLOSES = {'"': '"', "“": '”"', "”": '”"'}
"""Quotation marks that open, and those that close what each opened."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a question: a word or phrase (without a key), or a key with its value."""

    key: str
    """Empty for words."""
    value: str
    is_not: bool = False

    @property
    def typed(self) -> str:
        """The part as a person could type it."""
        return written(self.key, self.value, is_not=self.is_not)


@dataclass(slots=True)
class _Raw:
    """A part between blanks: what was typed, and where its first colon outside quotation marks stands."""

    text: str = ""
    colon: int | None = None
    is_not: bool = False
    is_quoted: bool = False
    """Whether it begins with a quotation mark."""


def written(key: str, value: str, *, is_not: bool = False) -> str:
    """A part as text, in quotation marks where it would otherwise mean something else."""
    pattern = _PLAIN_VALUE if key else _PLAIN
    is_plain = pattern.fullmatch(value) is not None and (bool(key) or value.casefold() != "not")
    quoted = value if is_plain else '"' + value.replace('"', '""') + '"'
    return f"{'-' if is_not else ''}{key}{':' if key else ''}{quoted}"


def parts(typed: str, keys: Collection[str]) -> Iterator[Part]:
    """The parts of what was typed. Raises UsageError for a key that is not among `keys`, or has no value.

    A part is turned round by a minus before it, or by the word NOT; in small letters that word does it
    only before a key, because people look for “not guilty”.
    """
    turns = ""  # a NOT that may turn out to be a word
    for raw in _cut(typed):
        key = _key_of(raw, keys)
        if key is not None:
            value = raw.text[(raw.colon or 0) + 1 :].strip()
            if not value:
                raise UsageError(f"“{key}:” needs a word after it.")
            yield Part(key, value, raw.is_not != bool(turns))
            turns = ""
            continue
        if turns == "not":
            yield Part("", "not")
        is_not = raw.is_not != (turns == "NOT")
        is_word = raw.is_quoted or raw.is_not or raw.text not in {"NOT", "not"}
        turns = "" if is_word else raw.text
        if is_word and raw.text:
            yield Part("", raw.text, is_not)
    if turns:
        yield Part("", turns)


def _key_of(raw: _Raw, keys: Collection[str]) -> str | None:
    """The key of a part; None for words, such as `10:30`, an address, or `Re:`."""
    if raw.is_quoted or raw.colon is None:
        return None
    key, value = raw.text[: raw.colon], raw.text[raw.colon + 1 :]
    if key.lower() in keys:
        return key.lower()
    if not value or value[0] in "/:" or not _KEY.fullmatch(key):
        return None
    near = get_close_matches(key, sorted(keys), 1)
    meant = f"Did you mean “{near[0]}:”? " if near else ""
    known = ", ".join(f"{one}:" for one in sorted(keys))
    raise UsageError(
        f"Find knows no “{key}:”. {meant}It knows {known}. Words with a colon stand in quotation marks."
    )


def _cut(typed: str) -> Iterator[_Raw]:
    """Parts between blanks; quotation marks keep blanks, and one left open ends with the text."""
    raw = _Raw()
    is_begun = False
    closes = ""
    place = 0
    while place < len(typed):
        letter = typed[place]
        place += 1
        if closes:
            if letter not in closes:
                raw.text += letter
            elif letter == '"' and typed[place : place + 1] == '"':
                raw.text += letter
                place += 1
            else:
                closes = ""
        elif letter in _CLOSES:
            closes = _CLOSES[letter]
            raw.is_quoted = raw.is_quoted or not is_begun
            is_begun = True
        elif letter.isspace():
            if is_begun or raw.is_not:
                yield _whole(raw, is_begun=is_begun)
            raw, is_begun = _Raw(), False
        elif letter == "-" and not is_begun and not raw.is_not:
            raw.is_not = True
        else:
            if letter == ":" and raw.colon is None and not raw.is_quoted:
                raw.colon = len(raw.text)
            raw.text += letter
            is_begun = True
    if is_begun or raw.is_not:
        yield _whole(raw, is_begun=is_begun)


def _whole(raw: _Raw, *, is_begun: bool) -> _Raw:
    """A minus by itself is a word."""
    return raw if is_begun else _Raw("-", is_quoted=True)


def unknown(what: str, value: str, known: Collection[str], *, more: str = "") -> UsageError:
    """One line for a value that is none of those there are; `what` is a noun such as “state”."""
    near = get_close_matches(value.lower(), sorted(known), 1)
    meant = f" Did you mean “{near[0]}”?" if near else ""
    some = ", ".join(sorted(known)[:12])
    rest = f" and {len(known) - 12} more" if len(known) > 12 else ""
    there = f" There are {some}{rest}." if known else ""
    return UsageError(f"There is no {what} “{value}”.{meant}{there}{more}")
