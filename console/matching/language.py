"""In which language a text is, from its script, its letters and its commonest little words.

What a newcomer would get wrong: it says nothing where it is not sure. Half of what people write under a post
is a word or two, and a guess at those would hide them from the rules of another language. Most of a text's
little words must point to one language, and at least two things must.

Why no statistical model: the smallest that could be had (py3langid 0.4, 140 languages) took a hundred
megabytes of memory, two seconds to load and a hundred microseconds an item, and took “fair point” for French.
Here an item costs some microseconds. The words are each language's own, from general knowledge of it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from console.matching.language_words import LETTERS, WORDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["LANGUAGES", "language_of"]

LANGUAGES: Final = frozenset(
    [
        *WORDS,
        *[
            "ru",
            "uk",
            "bg",
            "el",
            "hy",
            "he",
            "ar",
            "ur",
            "fa",
            "ps",
            "am",
            "hi",
            "pa",
            "bn",
            "gu",
            "ta",
            "te",
            "ml",
            "kn",
            "si",
            "th",
            "my",
            "ka",
            "ko",
            "ja",
            "zh",
        ],
    ]
)
"""The languages that may be told, by their two-letter codes."""
LONGEST: Final = 400
"""Characters that are looked at; more makes nobody surer."""

_APART: Final = re.compile(r"https?://\S+|[@#]\S+|\S+@\S+")
_WORD: Final = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_SURE: Final = 1.5
"""So much must speak for a language: a little word that is its own counts one, one of several a share."""
_AHEAD: Final = 2.0
"""And so many times what speaks for any other."""

_MOST: Final = 0.6
"""Such a part of a short text's words must be English where none is a little word of its own."""

_SCRIPTS: Final = (
    # First and last letter, the language where the script has but one here, or the key of `_BY_LETTERS`.
    (0x0370, 0x03FF, "el"),
    (0x0400, 0x04FF, "cyrillic"),
    (0x0530, 0x058F, "hy"),
    (0x0590, 0x05FF, "he"),
    (0x0600, 0x06FF, "arabic"),
    (0x0900, 0x097F, "hi"),
    (0x0980, 0x09FF, "bn"),
    (0x0A00, 0x0A7F, "pa"),
    (0x0A80, 0x0AFF, "gu"),
    (0x0B80, 0x0BFF, "ta"),
    (0x0C00, 0x0C7F, "te"),
    (0x0C80, 0x0CFF, "kn"),
    (0x0D00, 0x0D7F, "ml"),
    (0x0D80, 0x0DFF, "si"),
    (0x0E00, 0x0E7F, "th"),
    (0x1000, 0x109F, "my"),
    (0x10A0, 0x10FF, "ka"),
    (0x1200, 0x137F, "am"),
    (0x3040, 0x30FF, "ja"),
    (0x4E00, 0x9FFF, "zh"),
    (0xAC00, 0xD7AF, "ko"),
)
_BY_LETTERS: Final = {
    # Letters that one language of the script has and the others after it lack, and how many must stand there.
    "cyrillic": (("uk", "іїєґ", 1), ("ru", "ыэё", 1), ("bg", "ъ", 2)),
    "arabic": (("ps", "ټډړښځڅڼې", 1), ("ur", "ٹڈڑںےھہ", 1), ("fa", "پچژگک", 1), ("ar", "ةىأإذضظثصط", 1)),
}
_BEYOND: Final = re.compile("[\u0370-\U0010ffff]")
_LEAST_LETTERS: Final = 4
"""Letters of a script that must be there before it says anything."""


def _weights() -> dict[str, tuple[tuple[str, float], ...]]:
    owners: dict[str, list[str]] = defaultdict(list)
    for language, words in WORDS.items():
        for word in dict.fromkeys(words.split()):
            owners[word].append(language)
    return {word: tuple((one, 1 / len(its)) for one in its) for word, its in owners.items()}


_WEIGHTS: Final = _weights()
_IN_ENGLISH: Final = frozenset(WORDS["en"].split())
_ENGLISH: Final = frozenset(word for word, owners in _WEIGHTS.items() if owners == (("en", 1.0),))
"""Little words that no other language here has."""
_FOREIGN: Final = frozenset(_WEIGHTS) - _IN_ENGLISH


def language_of(text: str, is_common: Callable[[str], bool] | None = None) -> str | None:
    """The two-letter code of a text's language; None where that is not sure.

    Args:
        text: as it was written; links, handles and hashtags do not count.
        is_common: tells common English words (`Ordinary.is_common`), for short texts without little words.
    """
    text = text[:LONGEST]
    is_plain = text.isascii()
    if not is_plain:
        text = text.replace("\u2019", "'")
        if (script := _script_of(text)) is not None:
            return script or None
    if "@" in text or "#" in text or "://" in text:
        text = _APART.sub(" ", text)
    small = text.lower()
    words = _WORD.findall(small)
    if len(words) < 2:
        return None
    # Most texts of most nights end here: several words that are English alone, and none that cannot be.
    if len(_ENGLISH.intersection(words)) > 2 and _FOREIGN.isdisjoint(words):
        return "en"
    score = _score(words, "" if is_plain else small)
    if score:
        first, *rest = sorted(score.items(), key=lambda found: -found[1])
        if first[1] >= _SURE and first[1] >= _AHEAD * (rest[0][1] if rest else 0):
            return first[0]
    is_english = is_common is not None and _is_english(words, score, is_common)
    return "en" if is_english else None


def _score(words: Sequence[str], letters: str) -> dict[str, float]:
    """What speaks for each language: little words, and letters of its own."""
    score: dict[str, float] = defaultdict(float)
    for word in set(words):
        for language, weight in _WEIGHTS.get(word, ()):
            score[language] += weight
    for letter in set(letters):
        if (owner := LETTERS.get(letter)) is not None:
            score[owner] += 1
    return score


def _is_english(words: Sequence[str], score: Mapping[str, float], is_common: Callable[[str], bool]) -> bool:
    """“Fair point”: whether most words are common in English, and none is another language's own."""
    if any(much >= 1 for language, much in score.items() if language != "en"):
        return False
    known = sum(word in _IN_ENGLISH or is_common(word) for word in words)
    return known >= max(2, _MOST * len(words)) and any(map(is_common, words))


def _script_of(text: str) -> str | None:
    """The language that the script tells; empty where it is not sure, None for a text in Latin letters."""
    beyond = [letter for letter in _BEYOND.findall(text) if letter.isalpha()]
    if not beyond:  # pictures and signs only
        return None
    latin = sum(map(str.isalpha, text)) - len(beyond)
    if len(beyond) <= latin:
        return None
    counts: dict[str, int] = defaultdict(int)
    for letter in beyond:
        code = ord(letter)
        for first, last, name in _SCRIPTS:
            if first <= code <= last:
                counts[name] += 1
                break
    if not counts:
        return None
    name, count = max(counts.items(), key=lambda found: found[1])
    if count <= latin:
        return None
    if counts.get("ja"):
        name = "ja"  # its texts have more Chinese characters than kana, but Chinese ones have no kana
    # A character of Chinese is a word, so fewer of them say as much.
    if count < (2 if name in {"zh", "ja", "ko"} else _LEAST_LETTERS):
        return ""
    small = text.lower()
    for language, own, least in _BY_LETTERS.get(name, ()):
        if sum(map(small.count, own)) >= least:
            return language
    return "" if name in _BY_LETTERS else name
