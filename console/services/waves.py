"""Waves while they run: groups arrivals, keeps each wave's numbers, and raises the odd ones out.

    place    on the matching thread, before items have numbers: which texts say the same, and strays
    keep     in the transaction that stores the batch: members, sizes, authors, reasons
    confirm  after it: what was kept is remembered, and waves that grew are announced

What a newcomer would get wrong: nothing is counted before it is stored. An arrival that was known already
is no second member, and a transaction that has to be tried again counts once.
"""

from collections import Counter, deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from console.domain.ids import ItemId
from console.domain.items import ItemKind
from console.domain.waves import LEAST, RATE_MS, Wave, faded, line
from console.matching.strays import Crowds
from console.matching.waves import LIFE_MS, SIZE, Window
from console.matching.wordings import plain
from console.services.events import Events, ItemsChanged, WavesGrew
from console.store import waves as stored
from console.store.database import Connection, Database
from console.store.rows import Received

_RESTORED = 2_000
"""So many of the waves of the last day go on after a start; others begin anew."""
_CHUNK = 250
_GROUPED_A_SECOND = 1_000
"""With more than this in a second nothing is grouped until it is calmer: the watch itself comes first."""
_SETTLING = 8
_MOST_MET = 200_000
_WORDINGS = 50
"""How many wordings of a wave are counted; the commonest is among the first of them."""


@dataclass(frozen=True, slots=True)
class Placed:
    """What was found out about a batch before it is stored."""

    groups: Sequence[int]
    """For each row the number of its group; 0 for none."""
    strays: Mapping[int, str]
    """Rows that are odd ones out, with the reason."""

    def part(self, start: int, end: int) -> "Placed":
        """The same for some of the rows."""
        strays = {row - start: reason for row, reason in self.strays.items() if start <= row < end}
        return Placed(self.groups[start:end], strays)


NOWHERE = Placed((), {})


@dataclass(slots=True)
class _Live:
    """A wave that runs."""

    wave: Wave
    authors: set[int] = field(default_factory=set)
    wordings: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class _Growth:
    """What a batch adds to a wave; apart, until it is certain."""

    wave: Wave
    authors: set[int] = field(default_factory=set)
    wordings: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Kept:
    """What a transaction has kept of a batch."""

    firsts: Mapping[int, ItemId]
    """The first item of each group that began."""
    growths: Mapping[int, _Growth]
    founders: tuple[ItemId, ...]
    """Items from before that belong to a wave from now on."""


class Waves:
    """The waves of a profile."""

    def __init__(self, events: Events | None = None, size: int = SIZE) -> None:
        """`events` hears of waves that grew; None tells nobody."""
        self._events = events
        self._window = Window(size)
        self._size = size
        self._crowds = Crowds()
        self._live: dict[int, _Live] = {}
        self._recent: deque[tuple[int, int]] = deque()
        self._in_second = 0
        self._met: dict[int, int] = {}
        """Authors met by this process, with an item of theirs: most are met again and again in a flood."""

    # arrivals ------------------------------------------------------------------------------------

    def place(self, rows: Sequence[Received]) -> Placed:
        """Finds which rows say the same as others, and which are odd ones out; on the matching thread."""
        if not rows:
            return NOWHERE
        at = max(row.received_at for row in rows)
        if self._is_flooded(at, len(rows)):
            return Placed([0] * len(rows), {})
        taken = [place for place, row in enumerate(rows) if _is_public(row)]
        texts = [rows[place].arrival.text for place in taken]
        plains = [plain(text) for text in texts]
        found = self._window.place(texts, at, plains)
        groups = [0] * len(rows)
        strays: dict[int, str] = {}
        seen: set[int] = set()
        for place, number, read in zip(taken, found, plains, strict=True):
            groups[place] = number
            row = rows[place]
            arrival = row.arrival
            is_copy = number in seen or self._window.mark(number) != 0
            seen.add(number)
            crowd = (row.account_id, arrival.thread or arrival.parent)
            why = self._crowds.look(crowd, arrival.text, row.received_at, is_copy=is_copy, read=read)
            if why is not None:
                strays[place] = why
        return Placed(groups, strays)

    def _is_flooded(self, at: int, count: int) -> bool:
        """Whether more arrives than can be grouped while everything else goes on."""
        self._recent.append((at, count))
        self._in_second += count
        while self._recent[0][0] < at - 1000:
            self._in_second -= self._recent.popleft()[1]
        return self._in_second > _GROUPED_A_SECOND

    def keep(
        self, conn: Connection, rows: Sequence[Received], placed: Placed, ids: Sequence[ItemId | None]
    ) -> Kept:
        """Keeps members, numbers and strays of rows that were just stored, in the caller's transaction."""
        firsts: dict[int, ItemId] = {}
        members: dict[ItemId, int] = {}
        of_wave: dict[int, list[tuple[Received, ItemId]]] = {}
        for row, number, item_id in zip(rows, placed.groups, ids, strict=True):
            if not number or item_id is None:
                continue
            first = firsts.get(number) or self._window.mark(number)
            if first:
                members[item_id] = first
                of_wave.setdefault(first, []).append((row, item_id))
            else:
                firsts[number] = item_id
        founders: list[ItemId] = []
        growths: dict[int, _Growth] = {}
        if of_wave:
            growths = self._begun(conn, [number for number in of_wave if number not in self._live])
            founders = stored.join(conn, {ItemId(number): number for number in growths})
            stored.add(conn, members)
            for number, some in of_wave.items():
                live = self._live.get(number)
                growth = growths.setdefault(number, _Growth(live.wave) if live else _nothing(number, some))
                self._grow(conn, growth, live, some)
            stored.put(conn, [growth.wave for growth in growths.values()])
        strays = {stray: why for place, why in placed.strays.items() if (stray := ids[place]) is not None}
        if strays:
            stored.put_strays(conn, strays)
        return Kept(firsts, growths, tuple(founders))

    def confirm(self, kept: Kept) -> None:
        """Remembers what a transaction has kept, now that it is certain, and announces what grew."""
        for number, first in kept.firsts.items():
            self._window.set_mark(number, first)
        for number, growth in kept.growths.items():
            live = self._live.get(number)
            if live is None:
                live = self._live[number] = _Live(growth.wave)
            live.wave = growth.wave
            live.authors |= growth.authors
            for words, times in growth.wordings.items():
                if words in live.wordings or len(live.wordings) < _WORDINGS:
                    live.wordings[words] += times
        if not kept.growths:
            return
        if len(self._live) > 2 * _RESTORED:
            self._forget()
        if self._events is not None:
            if kept.founders:
                self._events.announce(ItemsChanged(kept.founders))
            grew = tuple(number for number, growth in kept.growths.items() if growth.wave.size >= LEAST)
            if grew:
                self._events.announce(WavesGrew(grew))

    def _begun(self, conn: Connection, numbers: Sequence[int]) -> dict[int, _Growth]:
        """Waves that begin, or were forgotten meanwhile, with what is known of them."""
        begun: dict[int, _Growth] = {}
        said = stored.said(conn, numbers)
        for number in numbers:
            wave = stored.wave(conn, number)
            if wave is not None:
                self._live[number] = _restored(conn, wave)
                continue
            first = said.get(ItemId(number))
            if first is None:
                continue
            is_new = not stored.was_known(conn, first.network, first.author_id, number)
            begun[number] = _Growth(
                Wave(
                    number,
                    line(first.text),
                    1,
                    1,
                    int(is_new),
                    (first.network,),
                    first.received_at,
                    first.received_at,
                    1000 / RATE_MS,
                ),
                {_author(first.network, first.author_id)},
                Counter([line(first.text)]),
            )
        return begun

    def _grow(
        self,
        conn: Connection,
        growth: _Growth,
        live: _Live | None,
        some: Sequence[tuple[Received, ItemId]],
    ) -> None:
        wave = growth.wave
        known = live.authors if live is not None else set()
        new_authors = 0
        for row, item_id in some:
            author = _author(row.network, row.arrival.author.id)
            if author not in known and author not in growth.authors:
                growth.authors.add(author)
                new_authors += self._is_new(conn, row, author, item_id)
            growth.wordings[line(row.arrival.text)] += 1
        last_at = max(wave.last_at, *(row.received_at for row, _ in some))
        size = wave.size + len(some)
        essence = wave.essence
        # what a wave says is settled while it is small, and looked at again whenever it has doubled
        if not essence or size <= _SETTLING or size.bit_length() != wave.size.bit_length():
            wordings = growth.wordings + live.wordings if live is not None else growth.wordings
            essence = wordings.most_common(1)[0][0]
        growth.wave = replace(
            wave,
            essence=essence,
            size=size,
            authors=len(known) + len(growth.authors),
            new_authors=wave.new_authors + new_authors,
            networks=tuple(sorted({*wave.networks, *(row.network for row, _ in some)})),
            last_at=last_at,
            rate=faded(wave.rate, last_at - wave.last_at) + len(some) * 1000 / RATE_MS,
        )

    def _is_new(self, conn: Connection, row: Received, author: int, item_id: ItemId) -> bool:
        """Whether the author of an item said nothing to us before it."""
        before = self._met.get(author)
        if before is not None:
            return before >= item_id
        if len(self._met) >= _MOST_MET:
            self._met.clear()
        was_known = stored.was_known(conn, row.network, row.arrival.author.id, item_id)
        self._met[author] = item_id - was_known
        return not was_known

    def _forget(self) -> None:
        """Lets go of waves that were quiet the longest; the cache has them."""
        ordered = sorted(self._live.values(), key=lambda live: live.wave.last_at)
        for live in ordered[: len(ordered) - _RESTORED]:
            del self._live[live.wave.id]

    # after a start ---------------------------------------------------------------------------------

    async def restore(self, db: Database, now: int) -> None:
        """Takes up the waves of the last day again, under the numbers that they had."""

        def read(conn: Connection) -> list[tuple[_Live, str]]:
            waves = stored.waves(conn, limit=_RESTORED, least=2, since=now - LIFE_MS)
            said = stored.said(conn, [wave.id for wave in waves])
            return [
                (_restored(conn, wave), said[ItemId(wave.id)].text)
                for wave in reversed(waves)
                if ItemId(wave.id) in said
            ]

        found = await db.read(read)
        numbers = self._window.place([text for _, text in found], now)
        for number, (live, _) in zip(numbers, found, strict=True):
            self._live[live.wave.id] = live
            if number:
                self._window.set_mark(number, live.wave.id)

    async def remember(
        self, db: Database, now: int, run: Callable[[Callable[[], None]], Awaitable[None]]
    ) -> None:
        """Takes what was said in the last day into the window again, the newest first, a little at a time.

        `run` runs work on the matching thread, where arrivals go first as soon as one piece is done.
        """
        before, left = 2**63 - 1, self._size
        while left > 0:
            reading = partial(stored.said_before, before=before, since=now - LIFE_MS, limit=_CHUNK)
            some = await db.read(reading)
            if not some:
                return
            before, left = some[-1].item_id, left - len(some)
            await run(partial(self._take_up, some, now))

    def _take_up(self, some: Sequence[stored.Said], now: int) -> None:
        numbers = self._window.place([one.text for one in some], now)
        for number, one in zip(numbers, some, strict=True):
            if number and not self._window.mark(number):
                self._window.set_mark(number, one.wave_id or one.item_id)


def _is_public(row: Received) -> bool:
    """Private messages stay private, and what the force says itself is no wave."""
    return row.arrival.kind is not ItemKind.MESSAGE and not row.arrival.is_ours


def _author(network: str, author_id: str) -> int:
    return hash((network, author_id))


def _restored(conn: Connection, wave: Wave) -> _Live:
    authors = {_author(network, author_id) for network, author_id in stored.authors(conn, wave.id)}
    return _Live(wave, authors, Counter({wave.essence: wave.size} if wave.essence else {}))


def _nothing(number: int, some: Sequence[tuple[Received, ItemId]]) -> _Growth:
    """A wave whose first item is gone from the cache; it begins with what is left."""
    row = some[0][0]
    return _Growth(Wave(number, "", 0, 0, 0, (), row.received_at, row.received_at, 0.0))
