"""Holds the compiled watchlists for the path that items take, and swaps them in whole.

What a newcomer would get wrong: a compile takes long enough to be noticed and must never run on the
engine's loop; and one that fails leaves the matcher that was there in force, because watching with
yesterday's list is better than watching with none. A small change counts at once (`patch`): it is laid over
what is compiled, until the whole was compiled anew.
"""

import asyncio
import logging
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from console.desk.protocol import Desk
from console.domain.items import Media
from console.domain.list_changes import Waiting
from console.domain.watchlists import Hit, Watchlist
from console.matching import (
    Layered,
    Matcher,
    MatcherBroken,
    PatternRefused,
    compile_watchlists,
    lay_over,
)
from console.matching.ordinary import ordinary_words
from console.paths import resources
from console.services.events import Events, Trouble

_log = logging.getLogger(__name__)

Compile = Callable[[Sequence[Watchlist]], Matcher]


class Said(Protocol):
    """What is matched of an item, arriving or from the cache."""

    @property
    def text(self) -> str:
        """What was said."""

    @property
    def lang(self) -> str | None:
        """In which language, where that is known."""

    @property
    def media(self) -> tuple[Media, ...]:
        """What hangs on it; the descriptions are matched."""

    @property
    def is_ours(self) -> bool:
        """Whether the force said it."""


def compile_lists(watchlists: Sequence[Watchlist]) -> Matcher:
    """Compiles watchlists with the shipped list of ordinary words: the one way in which they are matched.

    Raises what `compile_watchlists` raises. Takes a part of a second: not for the loop.
    """
    return compile_watchlists(watchlists, ordinary_words(resources() / "words"))


def hits_of(matcher: Matcher | Layered, said: Sequence[Said]) -> list[tuple[Hit, ...]]:
    """The hits of each item, in its text and in the descriptions of its media.

    What the force itself wrote is not matched: its own warnings would raise the alarm. A hit in a
    description has no place in the text, so it stands behind its last character, with the words
    that hit. Safe in any thread; takes some milliseconds for a few hundred.
    """
    texts = ["" if one.is_ours else one.text for one in said]
    langs = [one.lang for one in said]
    described: list[int] = []
    for number, one in enumerate(said):
        if one.media and not one.is_ours:
            for media in one.media:
                if media.description:
                    described.append(number)
                    texts.append(media.description)
                    langs.append(one.lang)
    hits = matcher.match(texts, langs)
    if not described:
        return hits
    found = hits[: len(said)]
    for number, more in zip(described, hits[len(said) :], strict=True):
        if more:
            end = len(said[number].text)
            found[number] += tuple(replace(hit, start=end, end=end) for hit in more)
    return found


class Matching:
    """The matcher in force, and beside it what is rehearsed in shadow."""

    def __init__(self, desk: Desk, events: Events, compiler: Compile = compile_lists) -> None:
        self._desk = desk
        self._events = events
        self._compile = compiler
        self._full: Matcher | None = None
        """The newest that was compiled whole."""
        self._matcher: Matcher | Layered | None = None
        self._turn = asyncio.Lock()
        self._patching = asyncio.Lock()
        self._shadow: tuple[Matcher, Mapping[str, int]] | None = None
        """What is rehearsed, and which rehearsal each of its lists is."""
        self._seen = 0
        self._caught: Counter[int] = Counter()
        self._counting = threading.Lock()

    @property
    def watchlists(self) -> Sequence[Watchlist]:
        """What is matched now."""
        return self._matcher.watchlists if self._matcher is not None else ()

    async def reload(self) -> bool:
        """Compiles what the desk holds, in a thread, and puts it in force; whether that worked.

        A failure is announced, and what was in force stays.
        """
        async with self._turn:
            watchlists = tuple(await self._desk.watchlists())
            while self._full is None or self._full.watchlists != watchlists:
                try:
                    self._full = await asyncio.to_thread(self._compile, watchlists)
                except (MatcherBroken, PatternRefused) as problem:
                    _log.exception("The watchlists could not be compiled.")
                    kept = "The ones from before stay in force." if self._matcher else "Nothing is matched."
                    self._events.announce(Trouble(f"The watchlists could not be used: {problem} {kept}"))
                    return False
                # What was changed meanwhile is in force already, laid over the one before: it must stay so.
                watchlists = tuple(await self._desk.watchlists())
            self._matcher = self._full
            return True

    async def patch(self) -> bool:
        """Puts a small change in force at once; False: it must be compiled whole, by `reload`.

        Do that soon in any case: until then every text is matched twice.
        """
        async with self._patching:
            return await self._patch()

    async def _patch(self) -> bool:
        full = self._full
        if full is None:
            return False
        watchlists = tuple(await self._desk.watchlists())
        if full.watchlists == watchlists:
            self._matcher = full
            return True
        words = resources() / "words"
        try:
            over = await asyncio.to_thread(lambda: lay_over(full, watchlists, ordinary_words(words)))
        except (MatcherBroken, PatternRefused):
            return False  # the whole compile will say so
        if over is None:
            return False
        if self._full is None or self._full.watchlists != over.watchlists:  # it may just have got there
            self._matcher = over
        return True

    # rehearsals -----------------------------------------------------------------------------------

    async def rehearse(self, rehearsals: Sequence[Waiting]) -> None:
        """Matches these lists in shadow from now on, and no others."""
        if not rehearsals:
            self._shadow = None
            return
        lists = [found.watchlist for found in rehearsals]
        try:
            matcher = await asyncio.to_thread(self._compile, lists)
        except (MatcherBroken, PatternRefused) as problem:
            self._events.announce(Trouble(f"What is rehearsed could not be used: {problem}"))
            return
        self._shadow = matcher, {found.watchlist.id: found.id for found in rehearsals}

    def counted(self) -> tuple[int, Mapping[int, int]]:
        """How many items rehearsals have seen since this was last asked, and how many each has hit."""
        with self._counting:
            seen, caught = self._seen, self._caught
            self._seen, self._caught = 0, Counter()
        return seen, caught

    def _count(self, said: Sequence[Said]) -> None:
        if (shadow := self._shadow) is None:
            return
        matcher, rehearsals = shadow
        found: Counter[int] = Counter(dict.fromkeys(rehearsals.values(), 0))
        for hits in hits_of(matcher, said):
            found.update({rehearsals[hit.watchlist] for hit in hits})
        with self._counting:
            self._seen += len(said)
            self._caught.update(found)

    # the path -------------------------------------------------------------------------------------

    def hits(self, arrivals: Sequence[Said]) -> list[tuple[Hit, ...]]:
        """The hits of each arrival, as `hits_of` finds them; none before the first `reload`."""
        matcher = self._matcher
        if matcher is None:
            return [()] * len(arrivals)
        self._count(arrivals)
        return hits_of(matcher, arrivals)
