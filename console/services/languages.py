"""The language of what arrives, where its network says none.

What a newcomer would get wrong: an unknown language is no lack. A rule for one language is tried on a text
whose language nobody knows; a wrong guess would keep it away. So the guess is made only where it is sure.
Private messages are left out: nothing that their words tell is kept beside them.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache

from console.domain.items import Arrival, ItemKind
from console.matching.language import language_of
from console.matching.ordinary import ordinary_words
from console.paths import resources


@lru_cache(maxsize=1)
def _is_common() -> Callable[[str], bool]:
    """Tells common English words; the list is the one that matching has read already."""
    return ordinary_words(resources() / "words").is_common


def with_languages(arrivals: Sequence[Arrival]) -> list[Arrival]:
    """The arrivals, those without a language with the one that their words surely are in.

    Some ten microseconds for each that has none; safe in any thread.
    """
    return [
        arrival
        if arrival.lang or not arrival.text or arrival.kind is ItemKind.MESSAGE
        else _with_language(arrival)
        for arrival in arrivals
    ]


def surely(text: str) -> str | None:
    """The language that a text surely is in; None where that is not sure."""
    return language_of(text, _is_common())


def _with_language(arrival: Arrival) -> Arrival:
    found = surely(arrival.text)
    return arrival if found is None else replace(arrival, lang=found)
