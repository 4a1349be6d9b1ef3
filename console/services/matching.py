"""Holds the compiled watchlists for the path that items take, and swaps them in whole.

What a newcomer would get wrong: a compile takes long enough to be noticed and must never run on the
engine's loop; and one that fails leaves the matcher that was there in force, because watching with
yesterday's list is better than watching with none.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

from console.desk.protocol import Desk
from console.domain.items import Arrival
from console.domain.watchlists import Hit, Watchlist
from console.matching import Matcher, MatcherBroken, PatternRefused, compile_watchlists
from console.matching.ordinary import ordinary_words
from console.paths import resources
from console.services.events import Events, Trouble

_log = logging.getLogger(__name__)

Compile = Callable[[Sequence[Watchlist]], Matcher]


def compile_lists(watchlists: Sequence[Watchlist]) -> Matcher:
    """Compiles watchlists with the shipped list of ordinary words: the one way in which they are matched.

    Raises what `compile_watchlists` raises. Takes a part of a second: not for the loop.
    """
    return compile_watchlists(watchlists, ordinary_words(resources() / "words"))


class Matching:
    """The matcher in force."""

    def __init__(self, desk: Desk, events: Events, compiler: Compile = compile_lists) -> None:
        self._desk = desk
        self._events = events
        self._compile = compiler
        self._matcher: Matcher | None = None
        self._turn = asyncio.Lock()

    @property
    def watchlists(self) -> Sequence[Watchlist]:
        """What is matched now."""
        return self._matcher.watchlists if self._matcher is not None else ()

    async def reload(self) -> bool:
        """Compiles what the desk holds, in a thread, and puts it in force; whether that worked.

        A failure is announced, and what was in force stays.
        """
        async with self._turn:
            watchlists = await self._desk.watchlists()
            try:
                self._matcher = await asyncio.to_thread(self._compile, watchlists)
            except (MatcherBroken, PatternRefused) as problem:
                _log.exception("The watchlists could not be compiled.")
                kept = "The ones from before stay in force." if self._matcher else "Nothing is matched."
                self._events.announce(Trouble(f"The watchlists could not be used: {problem} {kept}"))
                return False
            return True

    def hits(self, arrivals: Sequence[Arrival]) -> list[tuple[Hit, ...]]:
        """The hits of each arrival, in its text and in the descriptions of its media.

        What the force itself wrote is not matched: its own warnings would raise the alarm. A hit in a
        description has no place in the text, so it stands behind its last character, with the words
        that hit. Safe in any thread; takes some milliseconds for a few hundred.
        """
        matcher = self._matcher
        if matcher is None:
            return [()] * len(arrivals)
        texts = ["" if arrival.is_ours else arrival.text for arrival in arrivals]
        langs = [arrival.lang for arrival in arrivals]
        described: list[int] = []
        for number, arrival in enumerate(arrivals):
            if arrival.media and not arrival.is_ours:
                for media in arrival.media:
                    if media.description:
                        described.append(number)
                        texts.append(media.description)
                        langs.append(arrival.lang)
        hits = matcher.match(texts, langs)
        if not described:
            return hits
        found = hits[: len(arrivals)]
        for number, more in zip(described, hits[len(arrivals) :], strict=True):
            if more:
                end = len(arrivals[number].text)
                found[number] += tuple(replace(hit, start=end, end=end) for hit in more)
        return found
