"""Entries of lists: unread until somebody needs them, and one that is broken spoils nothing else.

What a newcomer would get wrong: the message of a failed decoding names fields and types and never what they
held, so it may stand in a complaint; nothing else of an entry may.
"""

from typing import TypeVar

import msgspec

from plugins.meta.times import milliseconds

T = TypeVar("T")
_WHERE = 60  # characters of a post of ours that say where something hangs


class UnreadableError(Exception):
    """One item cannot be read. The message names fields and types, nobody's words."""


def decoded(raw: msgspec.Raw | bytes, kind: type[T]) -> T:
    """One entry as `kind`. Raises UnreadableError."""
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise UnreadableError(f"an item of another shape than expected ({problem})") from None


def time_of(when: str | int | None) -> int:
    """When something was written, milliseconds since 1970. Raises UnreadableError."""
    at = milliseconds(when)
    if at is None:
        raise UnreadableError("an item without a time")
    return at


def own_note(text: str, kind: type[T]) -> T:
    """What a note of ours says, as `kind`; an empty one when it is not ours."""
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.DecodeError:
        return kind()


def first_words(text: str) -> str:
    """The first words of a post of ours, in one short line."""
    line = " ".join(text.split())
    return line if len(line) <= _WHERE else f"{line[: _WHERE - 1]}…"


def complaints_of(unreadable: dict[str, int]) -> tuple[str, ...]:
    """What could not be read, by what was wrong with it and how often."""
    return tuple(f"{count} left out: {words}" for words, count in unreadable.items())
