"""Rehearsals: what a watchlist would have done, told before it does anything.

`Rehearsing.rehearse` runs a list over the last hours of the cache and compares it with the version in force
and with what people decided. What a newcomer would get wrong: nothing here is kept. Neither grade nor hit of
any item changes, and the call may be dropped in the middle, which the editor does at every key.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from console.desk.lists import ListDesk
from console.domain.errors import WatchlistError
from console.domain.ids import ItemId
from console.domain.list_changes import Rehearsal, Sample
from console.domain.watchlists import Hit, Watchlist
from console.matching import Matcher, MatcherBroken, PatternRefused
from console.services.clock import Clock
from console.services.matching import compile_lists, hits_of
from console.services.signin import Sealer
from console.store import past
from console.store.database import Database
from console.store.items import Unseal
from console.store.past import Past

AT_ONCE: Final = 500
MOST: Final = 200_000
"""Items that are tried at the most, the newest: some seconds of matching."""
PROGRAM: Final = "cordon"
_HOUR_MS: Final = 3_600_000


@dataclass(slots=True)
class _Kind:
    """Items of one kind: how many, and the newest of them."""

    count: int = 0
    samples: list[Sample] = field(default_factory=list)

    def add(self, one: Past, hits: Sequence[Hit], most: int) -> None:
        self.count += 1
        if len(self.samples) < most:
            self.samples.append(Sample(one.id, one.text, tuple(hits), one.handle, one.received_at))


@dataclass(slots=True)
class _Sum:
    """What a rehearsal has found so far."""

    samples: int
    hidden: set[ItemId]
    looked_at: int = 0
    rules: Counter[str] = field(default_factory=Counter)
    new: _Kind = field(default_factory=_Kind)
    lost: _Kind = field(default_factory=_Kind)
    same: _Kind = field(default_factory=_Kind)
    missed: _Kind = field(default_factory=_Kind)
    left_up: _Kind = field(default_factory=_Kind)

    def add(self, one: Past, hits: Sequence[Hit], before: Sequence[Hit]) -> None:
        """Takes one item with the hits of the rehearsed list and of the version in force."""
        self.looked_at += 1
        if hits:
            self.rules.update({hit.rule for hit in hits})
            (self.same if before else self.new).add(one, hits, self.samples)
            if one.is_left_up:
                self.left_up.add(one, hits, self.samples)
            return
        if before:
            self.lost.add(one, before, self.samples)
        if one.id in self.hidden:
            self.missed.add(one, (), self.samples)


class Rehearsing:
    """Runs watchlists over the cache without any effect."""

    def __init__(self, *, db: Database, lists: ListDesk, keys: Sealer, clock: Clock) -> None:
        self._db = db
        self._lists = lists
        self._keys = keys
        self._clock = clock
        self._in_force: tuple[Watchlist, Matcher] | None = None
        """The version in force of the list that was rehearsed last: the editor asks at every key."""

    async def rehearse(self, watchlist: Watchlist, hours: float = 24.0, samples: int = 8) -> Rehearsal:
        """What a list would have done over the last hours, beside its version in force and the verdicts.

        Works in steps of some milliseconds, in threads; cancelling the call stops it between two of them.
        Raises WatchlistError when the list cannot be compiled.
        """
        started = self._clock.monotonic()
        matcher, before = await asyncio.gather(
            asyncio.to_thread(compiled, watchlist), self._before(watchlist.id)
        )
        since = self._clock.now() - round(hours * _HOUR_MS)
        low = await self._db.read(lambda conn: past.first_since(conn, since))
        _, high = await self._db.read(past.span)
        total = _Sum(
            samples,
            await self._db.read(lambda conn: past.hidden_for(conn, watchlist.category, low, PROGRAM)),
        )
        while low <= high and total.looked_at < MOST:
            reading = partial(past.texts, low=low, high=high, most=AT_ONCE, since=since, unseal=self.unseal)
            if not (some := await self._db.read(reading)):
                break
            await asyncio.to_thread(_add, total, matcher, before, some)
            high = ItemId(some[-1].id - 1)
            await self._clock.sleep(0)
        return Rehearsal(
            hours=hours,
            looked_at=total.looked_at,
            is_whole=total.looked_at < MOST,
            hits=total.new.count + total.same.count,
            by_rule=tuple((rule.id, total.rules[rule.id]) for rule in watchlist.rules),
            newly_caught=total.new.count,
            no_longer_caught=total.lost.count,
            the_same=total.same.count,
            missed_of_hidden=total.missed.count,
            hit_of_left_up=total.left_up.count,
            samples_new=tuple(total.new.samples),
            samples_lost=tuple(total.lost.samples),
            samples_same=tuple(total.same.samples),
            samples_missed=tuple(total.missed.samples),
            samples_left_up=tuple(total.left_up.samples),
            took_ms=round((self._clock.monotonic() - started) * 1000),
        )

    async def _before(self, watchlist_id: str) -> Matcher | None:
        """The version in force, compiled; None where there is none."""
        newest = await self._lists.newest(watchlist_id)
        if newest is None or newest.ended_at is not None:
            return None
        if self._in_force is None or self._in_force[0] != newest.watchlist:
            self._in_force = newest.watchlist, await asyncio.to_thread(compiled, newest.watchlist)
        return self._in_force[1]

    @property
    def unseal(self) -> Unseal | None:
        """Opens private messages; None while the profile's key is not open."""
        if not self._keys.ready:
            return None
        return lambda sealed: self._keys.unseal(sealed, "messages").decode("utf-8", "surrogatepass")


def compiled(watchlist: Watchlist) -> Matcher:
    """One list compiled by itself. Raises WatchlistError with the reason when that cannot be done."""
    try:
        return compile_lists([watchlist])
    except (MatcherBroken, PatternRefused) as problem:
        raise WatchlistError(f"{watchlist.id}: it cannot be used: {problem}") from problem


def _add(total: _Sum, matcher: Matcher, before: Matcher | None, some: Sequence[Past]) -> None:
    hits = hits_of(matcher, some)
    earlier = hits_of(before, some) if before is not None else [()] * len(some)
    for one, now, then in zip(some, hits, earlier, strict=True):
        total.add(one, now, then)
