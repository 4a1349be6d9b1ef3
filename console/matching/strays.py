"""Strays: the item in the flood that is unlike the rest, and matters.

A crowd is what arrives in one thread, or on one account while a wave runs over it. In a crowd that is
busy, a text is raised when it says something that hardly anyone else here says: what its writer saw, where
somebody is, a number, an address, a question.

What a newcomer would get wrong: each sign is worth only as much as it is rare in its own crowd. Where two
hundred people write "I saw it on the news", "I saw" raises nobody; where all the others shout, one "my son
is not answering" is the item of the night. So nothing is raised before there is a crowd to compare with.
"""

import math
import re
from collections import Counter, OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Final

from console.matching.wordings import plain, word_set

BUSY: Final = 20.0
"""So many items in the last minutes make a crowd."""
FADES_MS: Final = 300_000
"""How fast a crowd is forgotten, in milliseconds."""
RARE: Final = 0.08
"""A sign that more of a crowd shows than this share raises nobody."""
_NEW_WORDS: Final = 0.5
"""What share of its telling words must be new to the crowd."""
_MOST_RAISED: Final = 0.03
_CROWDS: Final = 2_000
_SAMPLED: Final = 4
"""Once a crowd is busy, the words of every fourth text tell well enough what it speaks of."""
_LOOKED_AT: Final = 2_000
"""Characters of a text in which signs are looked for."""
_READ: Final = 400
"""How many texts the shares of a crowd are taken over."""

_FIRST_HAND: Final = re.compile(
    r"\b(?:i|we|ive|im)\b(?: \w+){0,3}? (?:saw|seen|watched|filmed|recorded|witnessed|"
    r"stuck|trapped|hiding|bleeding|hurt|live|lives|standing|outside|inside|there|ran|escaped|driving past|"
    r"walking past|next to|found|smell|missing|scared)\b"
    r"|\b(?:my|our) (?:son|daughter|mum|mam|dad|mother|father|brother|sister|wife|husband|child|kids?|"
    r"friend|nan|partner|baby)\b"
    r"|\b(?:i|we|just)\b(?: \w+)? (?:hear|heard)(?: \w+){0,2} (?:shots?|gun\w*|bangs?|scream\w*|explo\w*|"
    r"shout\w*|glass|crash\w*)\b"
    r"|\b(?:gwelais|gweles|clywais|clywes|welais|glywais|dwin|dw i|rydw i|rydyn ni|roeddwn i|on i)\b"
    r"|\bfy (?:mab|merch|mam|nhad|mrawd|chwaer|ngwraig|ngwr|mhlentyn|mhlant|ffrind)\b"
)
_SIGHTING: Final = re.compile(
    r"\b(?:wearing|dressed in|carrying|heading|headed|ran|running|drove|driving|turned|towards|jumped|"
    r"climbed|hiding|hooded?|balaclava|registration|number plate|reg (?:is|was|no)|spotted|just (?:seen|saw)|"
    r"last seen|white van|black car|yn gwisgo|yn rhedeg|yn gyrru|tuag at|newydd weld|car (?:du|gwyn|coch))\b"
)
_ASKS: Final = re.compile(
    r"\b(?:where|when|who|what|which|how|is|are|was|were|can|could|does|do|did|has|have|should|will|any|"
    r"anyone|ble|pryd|pwy|beth|sut|oes|ydy|ydi|all|allwch|ydych)\b"
)
_NUMBER: Final = re.compile(
    r"(?:\+44|\b0)[\d ]{8,12}\d\b|\b[A-Z]{2}\d{2} ?[A-Z]{3}\b|\b\d{1,2}[:.]\d{2}\s?(?:am|pm|y\.?p|y\.?b)?\b",
    re.IGNORECASE,
)
_ADDRESS: Final = re.compile(
    r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b"
    r"|\b\d{1,4}[a-z]? (?:[A-Z][\w']+ ){1,3}(?:Street|St|Road|Rd|Row|Lane|Avenue|Ave|Close|Drive|Way|Court|"
    r"Place|Terrace|Crescent|Gardens|Hill|House|Flats?)\b"
    r"|\b(?:Stryd|Heol|Ffordd|Lôn|Maes|Rhes) (?:yr? |y )?[A-Z][\w']+"
    r"|\b(?:on|at|near|outside|behind|corner of|ar|ger|yn) (?:the )?(?:[A-Z][\w']+ ){1,3}(?:Street|St|Road|"
    r"Rd|Row|Lane|Avenue|Close|Drive|Terrace|Station|School|Bridge|Park|Hospital|Market|Square|Mosque|Church|"
    r"Estate)\b"
)


_DIGIT: Final = re.compile(r"\d")
_SPEAKERS: Final = word_set(
    "i we ive im just my our gwelais gweles clywais clywes welais glywais dwin dw rydw rydyn roeddwn on fy"
)
_SEEN: Final = word_set(
    "wearing dressed carrying heading headed ran running drove driving turned towards jumped climbed hiding "
    "hood hooded balaclava registration plate reg spotted just last white black gwisgo rhedeg gyrru tuag "
    "newydd car"
)
_STREETS: Final = word_set(
    "street st road rd row lane avenue ave close drive way court place terrace crescent gardens hill house "
    "flat flats station school bridge park hospital market square mosque church estate stryd heol ffordd "
    "lon maes rhes"
)


@dataclass(frozen=True, slots=True)
class Sign:
    """Something in a text that may make it a stray."""

    name: str
    words: str
    """What it is, for a person, before the words of the text."""
    text: str
    """The words of the text, or nothing."""
    weight: int


def signs(text: str) -> list[Sign]:
    """What a text has that a stray may have, the weightiest first."""
    read = plain(text)
    return _signs(text, read, set(read.split()))


def _signs(text: str, read: str, words: set[str]) -> list[Sign]:
    """The same for a text whose plain words are known; a look at single words comes first, as it is quick."""
    text, read = text[:_LOOKED_AT], read[:_LOOKED_AT].replace("\n", " ")
    has_digit = _DIGIT.search(text) is not None
    found: list[Sign] = []
    if not words.isdisjoint(_SPEAKERS) and (first := _FIRST_HAND.search(read)):
        found.append(Sign("first-hand", "first-hand", first[0], 3))
    if (has_digit or not words.isdisjoint(_STREETS)) and (address := _ADDRESS.search(text)):
        exact = _DIGIT.search(address[0]) is not None  # a street alone is what everybody speaks of
        found.append(Sign("address", "a place", address[0], 2 if exact else 1))
    if not words.isdisjoint(_SEEN) and (sighting := _SIGHTING.search(read)):
        found.append(Sign("sighting", "a sighting", sighting[0], 2))
    if has_digit and (number := _NUMBER.search(text)):
        found.append(Sign("number", "a number", number[0].strip(), 2))
    if "?" in text and _ASKS.search(read):
        found.append(Sign("question", "a question that no one else asks", "", 2))
    return sorted(found, key=lambda sign: -sign.weight)


@dataclass(slots=True)
class _Crowd:
    """One thread, or one account under a wave: how many came lately, and what they say."""

    at: int = 0
    count: float = 0.0
    read: float = 0.0
    """How many of those were read, for the shares."""
    sampled: float = 0.0
    """How many of these had their words counted."""
    raised: float = 0.0
    signs: Counter[str] = field(default_factory=Counter)
    words: Counter[str] = field(default_factory=Counter)

    def fade(self, at: int) -> None:
        """Forgets what is over."""
        if at > self.at:
            left = math.exp((self.at - at) / FADES_MS)
            self.count *= left
            self.raised *= left
            self.at = at

    def halve(self) -> None:
        """Gives what was said long ago half its weight."""
        self.read /= 2
        self.sampled /= 2
        self.signs = Counter({name: number // 2 for name, number in self.signs.items() if number > 1})
        self.words = Counter({word: number // 2 for word, number in self.words.items() if number > 1})


class Crowds:
    """The crowds of the last minutes. For one thread; bounded, however many threads there are."""

    def __init__(self) -> None:
        self._crowds: OrderedDict[Hashable, _Crowd] = OrderedDict()

    def look(
        self, crowd: Hashable, text: str, at: int, *, is_copy: bool, read: str | None = None
    ) -> str | None:
        """Counts an item in its crowd; gives why it is a stray there, or None.

        `is_copy` says that it is one of many that say the same. `at` is milliseconds since 1970; `read` is
        the text as `wordings.plain` gives it, where that is known.
        """
        found = self._crowds.get(crowd)
        if found is None:
            found = self._crowds[crowd] = _Crowd(at)
            if len(self._crowds) > _CROWDS:
                self._crowds.popitem(last=False)
        else:
            self._crowds.move_to_end(crowd)
        found.fade(at)
        found.count += 1
        if is_copy:
            return None
        if found.count < BUSY / 2:  # nothing is read on a quiet night
            return None
        return self._judge(found, text, plain(text) if read is None else read)

    def _judge(self, crowd: _Crowd, text: str, read: str) -> str | None:
        crowd.read += 1
        if crowd.read > _READ:
            crowd.halve()
        words = set(read.split())
        some = _signs(text, read, words)
        rare = [sign for sign in some if crowd.signs[sign.name] <= max(1.0, RARE * crowd.read)]
        telling = {word for word in words if len(word) > 3} if rare else words
        most = RARE * crowd.sampled
        new = sum(crowd.words[word] <= most for word in telling) if rare else 0
        for sign in some:
            crowd.signs[sign.name] += 1
        if crowd.count < BUSY or int(crowd.read) % _SAMPLED == 0:
            crowd.sampled += 1
            crowd.words.update(words)
        is_odd = bool(telling) and new >= _NEW_WORDS * len(telling)
        if not is_odd or crowd.count < BUSY or sum(sign.weight for sign in rare) < 2:
            return None
        if crowd.raised >= max(3.0, _MOST_RAISED * crowd.count):
            return None  # where everybody is odd, nobody is
        crowd.raised += 1
        return _reason(rare)


def _reason(found: list[Sign]) -> str:
    """One line for a person, such as "first-hand (“I saw”), a place (“near Mill Road”)"."""
    parts = [f"{sign.words} (“{sign.text}”)" if sign.text else sign.words for sign in found[:2]]
    line = ", ".join(parts)
    return line[0].upper() + line[1:]
