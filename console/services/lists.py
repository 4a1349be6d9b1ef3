"""Watchlists as services use them: the shipped ones on a new profile, and what is in force.

What a newcomer would get wrong: a shipped watchlist is imported once. When the force has published its
own version under the same id, that one stays.
"""

import asyncio
import logging
from pathlib import Path

from console.desk.protocol import Desk
from console.domain.errors import CordonError, InputError, WatchlistError
from console.domain.watchlists import Watchlist
from console.matching import MatcherBroken, PatternRefused, parse_watchlist
from console.services.clock import Clock
from console.services.matching import Matching, compile_lists

_log = logging.getLogger(__name__)

PROGRAM = "cordon"
"""Who puts the shipped watchlists in force."""


class Lists:
    """The watchlists of one profile."""

    def __init__(self, desk: Desk, matching: Matching, clock: Clock, shipped: Path) -> None:
        self._desk = desk
        self._matching = matching
        self._clock = clock
        self._shipped = shipped

    async def import_defaults(self) -> None:
        """Puts every shipped watchlist in force whose id the desk does not know; each on record."""
        known = {found.id for found in await self._desk.watchlists()}
        missing = await asyncio.to_thread(self._read_missing, known)
        for found, text in missing:
            try:
                await self._desk.put_watchlist(found, text, PROGRAM, self._clock.now())
            except WatchlistError as problem:
                _log.info("Another process was quicker with a watchlist: %s", problem)

    def _read_missing(self, known: set[str]) -> list[tuple[Watchlist, str]]:
        missing = []
        for path in sorted(self._shipped.glob("*.toml")):
            if path.stem in known:
                continue
            try:
                text = path.read_text(encoding="utf-8")
                found = parse_watchlist(text, path.name)
            except (OSError, UnicodeError, CordonError) as problem:
                _log.warning("A shipped watchlist cannot be used: %s", problem)
                continue
            if found.id not in known:
                missing.append((found, text))
        return missing

    async def reload(self) -> bool:
        """Compiles what is in force and swaps it in; whether that worked."""
        return await self._matching.reload()

    async def check(self) -> None:
        """Compiles what is in force, without using it. Raises InputError when it fails."""
        await asyncio.to_thread(_try, await self._desk.watchlists())


def _try(watchlists: list[Watchlist]) -> None:
    try:
        compile_lists(watchlists)
    except (MatcherBroken, PatternRefused) as problem:
        raise InputError(f"The watchlists cannot be used: {problem}") from problem
