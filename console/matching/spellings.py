"""Other spellings of one word: with a letter dropped or two swapped, and as it sounds.

What a newcomer would get wrong: these are made of the words that rules look for, once, when rules are
compiled. A text is never misspelt further to see what comes of it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

__all__ = ["BY_SOUND", "SHORTEST", "SWAPPED", "spellings"]

SHORTEST: Final = 4
"""Letters of the shortest word in which one letter may be dropped, added, or swapped with its neighbour."""
SWAPPED: Final = "letters swapped, dropped or added"
BY_SOUND: Final = "spelt by its sound"

_VOWELS: Final = frozenset("aeiou")
_SOUNDS: Final = (
    ("ph", "f"), ("ck", "k"), ("ck", "c"), ("c", "k"), ("k", "c"), ("cks", "x"), ("ks", "x"), ("x", "ks"),
    ("s", "z"), ("z", "s"), ("er", "a"), ("er", "ah"), ("or", "a"), ("ing", "in"), ("ight", "ite"),
    ("qu", "kw"), ("th", "f"), ("ee", "i"), ("oo", "u"), ("u", "oo"), ("you", "u"), ("i", "y"), ("y", "i"),
    ("sh", "ch"), ("igg", "ig"), ("wh", "w"), ("ou", "u"), ("ea", "ee"), ("ie", "y"),
)  # fmt: skip
"""Groups of letters, and what people write for them by ear; one at a time is tried."""


@lru_cache(maxsize=100_000)
def spellings(word: str) -> tuple[tuple[str, str], ...]:
    """What may be written for a word of the letters a to z, each with the step that leads there.

    The first letter stays, but for a swap with the second. Of a word of four letters only a vowel inside
    is dropped: what remains is else too often an acronym.
    """
    if len(word) < SHORTEST:
        return ()
    found: dict[str, str] = {}
    for place in range(1, len(word)):
        if len(word) > SHORTEST or (word[place] in _VOWELS and place < SHORTEST - 1):
            found.setdefault(word[:place] + word[place + 1 :], SWAPPED)
    for place in range(len(word) - 1):
        found.setdefault(word[:place] + word[place + 1] + word[place] + word[place + 2 :], SWAPPED)
    for written, heard in _SOUNDS:
        if written in word and len(spelt := word.replace(written, heard)) >= SHORTEST - 1:
            found.setdefault(spelt, BY_SOUND)
    found.pop(word, None)
    return tuple(found.items())
