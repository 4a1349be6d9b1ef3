"""Handing open risk to the next shift: what is open is gathered, written down, and accepted line by line.

What a newcomer would get wrong: a handover is a moment. What is decided after it was written stays a line of
it, because whoever accepts says that they have read it; and what arrives later is in no line.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Protocol

from console.desk.handover import HandoverDesk
from console.domain.acts import Act, ActState
from console.domain.errors import CordonError, UsageError
from console.domain.handover import MOST, NOTE_MOST, Handover, Line, LineKind
from console.domain.ids import ActId, ItemId, act_key, item_key, parse_act_key, parse_item_key
from console.domain.items import Item
from console.domain.lanes import Lane
from console.domain.list_changes import Waiting
from console.domain.waves import Standing, standing_key
from console.services.checkpoints import Checkpoints
from console.services.clock import Clock
from console.store import lanes
from console.store.database import Database

_log = logging.getLogger(__name__)

_RISKS = ((LineKind.LIFE, 1), (LineKind.URGENT, 2))
_ACTS = (
    (LineKind.APPROVAL, frozenset({ActState.AWAITING_APPROVAL})),
    (LineKind.HELD, frozenset({ActState.HELD})),
    (
        LineKind.FAILED,
        frozenset({ActState.REFUSED, ActState.FAILED, ActState.UNCERTAIN, ActState.REAPPEARED}),
    ),
)
RECENT_MS = 12 * 3_600_000
"""Acts that were not done longer ago than a shift were handed over before, or never will be."""


class Sources(Protocol):
    """Where open risk is read, and the ledger's state is signed: the engine."""

    @property
    def checkpoints(self) -> Checkpoints:
        """Signed statements of how the ledger stands."""

    async def items(self, ids: Sequence[ItemId]) -> list[Item]:
        """These items."""

    async def acts(self, *, open_only: bool = False, most: int = 500) -> list[Act]:
        """The queue, newest first."""

    async def acts_by_id(self, ids: Sequence[ActId]) -> list[Act]:
        """These acts."""

    async def standings(self) -> list[Standing]:
        """The verdicts that stand on waves now."""


class Handovers:
    """Handovers of one profile."""

    def __init__(
        self,
        *,
        desk: HandoverDesk,
        db: Database,
        clock: Clock,
        waiting: Callable[[], Awaitable[list[Waiting]]],
    ) -> None:
        """`waiting` gives watchlists that are not in force yet."""
        self._desk, self._db, self._clock, self._waiting = desk, db, clock, waiting

    async def open_risk(self, sources: Sources) -> list[Line]:
        """Everything that is open now, as lines that nobody has accepted."""
        found: list[tuple[LineKind, list[str]]] = []
        for kind, grade in _RISKS:
            lane = Lane(grades=frozenset({grade}), without=frozenset({("is", "decided")}))
            ids = await self._db.read(partial(lanes.lane_ids, lane=lane, limit=100_000))
            found.append((kind, [item_key(ItemId(one)) for one in ids]))
        since = self._clock.now() - RECENT_MS
        acts = await sources.acts(most=20_000)
        for kind, states in _ACTS:
            keys = [
                act_key(act.id)
                for act in acts
                if act.state in states and (act.settled_at is None or act.settled_at >= since)
            ]
            found.append((kind, keys))
        found.append((LineKind.STANDING, [standing_key(one.id) for one in await sources.standings()]))
        found.append((LineKind.WATCHLIST, [one.watchlist.id for one in await self._waiting()]))
        lines: list[Line] = []
        for kind, keys in found:
            lines += [Line(len(lines) + place, kind, key) for place, key in enumerate(keys[:MOST], start=1)]
            if len(keys) > MOST:
                lines.append(Line(len(lines) + 1, kind, "", len(keys) - MOST))
        return lines

    async def write(self, sources: Sources, note: str, who: str) -> Handover:
        """Writes down what is open, with what whoever leaves wants to say; a checkpoint follows.

        Raises UsageError for a note that is too long, and when there is nothing to hand over.
        """
        note = note.strip()
        if len(note) > NOTE_MOST:
            raise UsageError(f"The note has {len(note):,} characters; {NOTE_MOST:,} are the most.")
        lines = await self.open_risk(sources)
        if note:
            lines.append(Line(len(lines) + 1, LineKind.NOTE, ""))
        if not lines:
            raise UsageError("Nothing is open. Write a note if there is something to say.")
        made = await self._desk.write(lines, note, who, self._clock.now())
        await self._state(sources, who)
        return made

    async def newest(self, number: int | None = None) -> Handover | None:
        """A handover, or the newest; None when there is none."""
        return await self._desk.handover(number)

    async def accept(self, sources: Sources, number: int, places: Sequence[int], who: str) -> Handover:
        """Somebody takes lines on; when it was the last, a checkpoint follows.

        Raises UsageError for what is not there, NotPossible for whoever wrote it.
        """
        after = await self._desk.accept(number, places, who, self._clock.now())
        if not after.is_open:
            await self._state(sources, who)
        return after

    async def _state(self, sources: Sources, who: str) -> None:
        """A checkpoint; a handover stands without one where none can be made."""
        try:
            await sources.checkpoints.make("handover", who)
        except (CordonError, OSError) as problem:
            _log.info("No checkpoint was made at the handover: %s", problem)


_OF_ITEMS = frozenset({LineKind.LIFE, LineKind.URGENT})
_OF_ACTS = frozenset({LineKind.APPROVAL, LineKind.HELD, LineKind.FAILED})


async def words_of(lines: Sequence[Line], sources: Sources, note: str) -> dict[int, str]:
    """What each line is about, in words read now; what is gone from the cache has its key alone."""
    ids = [parse_item_key(line.key) for line in lines if line.kind in _OF_ITEMS and line.key]
    act_ids = [parse_act_key(line.key) for line in lines if line.kind in _OF_ACTS and line.key]
    items = {item.id: item for item in await sources.items(ids)}
    acts = {act.id: act for act in await sources.acts_by_id(act_ids)}
    items |= {item.id: item for item in await sources.items(list({act.item_id for act in acts.values()}))}
    standings = {standing_key(one.id): one for one in await sources.standings()}
    found: dict[int, str] = {}
    for line in lines:
        words = line.key
        if line.kind is LineKind.NOTE:
            words = note
        elif line.more:
            words = f"And {line.more:,} more"
        elif line.kind in _OF_ITEMS and (item := items.get(parse_item_key(line.key))) is not None:
            words = _item_words(item)
        elif line.kind in _OF_ACTS and (act := acts.get(parse_act_key(line.key))) is not None:
            words = f"{act.verb.replace('-', ' ').capitalize()}, {act.state.replace('-', ' ')}"
            if (item := items.get(act.item_id)) is not None:
                words += f": {_item_words(item)}"
        elif (standing := standings.get(line.key)) is not None:
            words = f"{standing.verb.replace('-', ' ').capitalize()} by {standing.who}: {standing.reason}"
        found[line.place] = words
    return found


def _item_words(item: Item) -> str:
    return f"{item.author.name or item.author.handle}: {' '.join(item.text.split())[:160]}"
