"""Entries of lists: each is read by itself, so that one that is broken spoils nothing else.

What a newcomer would get wrong: the message of a failed decoding names fields and types and never what they
held, so it may stand in a complaint; nothing else of an entry may.
"""

from collections.abc import Iterable
from typing import TypeVar

import msgspec

T = TypeVar("T")
_WHERE = 60  # characters of a post of ours that say where something hangs
_MOST = 10_000  # broken entries that are told apart; more of them say nothing new


class UnreadableError(Exception):
    """One item cannot be read. The message names fields and types, nobody's words."""


def decoded(raw: msgspec.Raw | bytes, kind: type[T]) -> T:
    """One entry as `kind`. Raises UnreadableError."""
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise UnreadableError(f"an item of another shape than expected ({problem})") from None


def own_text(text: str | None, kind: type[T]) -> T:
    """What a note or a kept secret of ours says, as `kind`; an empty one when it is not ours.

    Every field of `kind` must have a default.
    """
    try:
        return msgspec.json.decode(text or "{}", type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return kind()


def first_words(text: str) -> str:
    """The first words of a post of ours or of a title, in one short line, to say where something hangs."""
    line = " ".join(text.split())
    if len(line) <= _WHERE:
        return line
    return f"{line[:_WHERE].rpartition(' ')[0] or line[:_WHERE]}…"


class Complaints:
    """What one run of a stream had to leave out, each broken entry and each sentence said once."""

    def __init__(self) -> None:
        """Nothing has been left out yet."""
        self._met: set[int] = set()
        self._new: dict[str, int] = {}

    def add(self, raw: bytes | msgspec.Raw, problem: UnreadableError) -> bool:
        """Notes an entry that cannot be read; gives whether it is met for the first time."""
        key = hash(bytes(raw))
        is_first = key not in self._met and len(self._met) < _MOST
        if is_first:
            self._met.add(key)
            self._new[str(problem)] = self._new.get(str(problem), 0) + 1
        return is_first

    def take(self) -> tuple[str, ...]:
        """What was noted since the last time, by what was wrong with it and how often."""
        found = complaints_of(self._new)
        self._new = {}
        return found

    def unsaid(self, sentences: Iterable[str]) -> tuple[str, ...]:
        """Those sentences that were not asked about before."""
        fresh = [words for words in dict.fromkeys(sentences) if hash(words) not in self._met]
        self._met.update(map(hash, fresh))
        return tuple(fresh)


def complaints_of(unreadable: dict[str, int]) -> tuple[str, ...]:
    """What could not be read, by what was wrong with it and how often."""
    return tuple(f"{count} left out: {words}" for words, count in unreadable.items())
