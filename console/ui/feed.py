"""The feed: what comes in, what waits at the edge, and what the lane holds.

Arrivals are counted at the edge. They enter the lane when the operator lets them in, or by themselves while
the lane is at rest at its newest end. What the lane shows is always an answer of the cache to one question,
so a filter and the arrivals behind it can never disagree.
"""

import asyncio
import time
from array import array
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import TypeVar

from console.domain.accounts import Account
from console.domain.ids import AccountId, ItemId
from console.domain.lanes import Lane
from console.services.events import Announcement, Arrived, ItemsChanged
from console.store import items as stored_items
from console.store import lanes as stored_lanes
from console.store.database import Connection
from console.store.reader import Reader
from console.ui.edge import Edge, Sought, arrivals_of, as_one
from console.ui.lane.model import LaneModel
from console.ui.lane.row import NetworkMark, Row, holder_of, row_of
from console.ui.lane.rows import Rows
from console.ui.lane.view import LaneView, Place
from console.ui.lane.wave_row import Cards, read_cards, wave_row
from console.ui.loop import Tasks

T = TypeVar("T")
Below = Callable[[Connection], Sequence[int]]

ADMIT_EVERY_S = 0.1
ADMIT_FLOOD_EVERY_S = 0.25
"""The same while more comes in between than a screen shows: nobody can read that, and it must look calm."""
READ_AHEAD = 16
"""How many of the newest arrivals are read before they are let in: about as many as are in view."""
FIRST_PAGE = 2_000
"""How many items a lane shows at once; older ones follow in the background."""
_LOOKED_AT = 500
"""How many items that changed are looked at in one go."""
_MOST_DOUBTFUL = 10_000
_FLOOD = 200
"""With so many at the edge, it says which waves hold them."""
_MOST_IN_FLOOD = 20_000
"""How many of the newest arrivals are asked for their waves."""
MOST = 1_000_000
"""How many items one lane holds at the most."""


class Feed:
    """Keeps one lane."""

    def __init__(
        self,
        reader: Reader,
        tasks: Tasks,
        accounts: Callable[[], Mapping[AccountId, Account]],
        marks: Callable[[AccountId], NetworkMark],
        unseal: stored_items.Unseal | None,
        soon: Callable[[Callable[[], None]], None],
        now: Callable[[], int],
    ) -> None:
        self._reader, self._tasks, self._now = reader, tasks, now
        self._accounts, self._marks = accounts, marks
        self._unseal = unseal
        self.model = LaneModel(Rows(self._fetch, soon))
        self.view: LaneView | None = None
        self.who: Callable[[], str] = str
        """Who sits here; set by whoever knows."""
        self.lane = Lane()
        self._below: Below | None = None
        self._late: dict[int, int] = {}
        """Items that wait to be taken in at places further down, with their grades."""
        self._doubtful: set[int] = set()
        """Items that changed while the pages that may hold them were still being read."""
        self.newest_late: int | None = None
        """The item that was raised last and belongs to this lane since then."""
        self._looked_at_waves = (0.0, 0)
        self._is_reading_on = False
        """Whether older pages of the lane are still to come."""
        self.is_paused = False
        self.is_loading = True
        self._pending = array("q")
        """Ids at the edge, oldest first."""
        self.edge = Edge()
        self._highest = 0
        """Up to this id every item of the lane is in the lane or at the edge."""
        self._said: list[Arrived] = []
        """What was announced and not asked about yet: one announcement or none."""
        self._is_asking = False
        self._asked = 0
        self._admitted_at = 0.0
        self._changed: list[Callable[[], None]] = []
        self.latencies_ms: list[int] | None = None
        """When a list: how old the oldest item of each announcement was here, in ms; for measuring."""

    @property
    def is_reading_on(self) -> bool:
        """Whether older pages of the lane are still to come."""
        return self._is_reading_on

    def take_key(self, unseal: stored_items.Unseal | None) -> None:
        """The key is open now: private messages can be read."""
        self._unseal = unseal
        self.model.rows.spoil_all()

    def on_change(self, listener: Callable[[], None]) -> None:
        """Calls `listener` when the edge or the lane is different."""
        self._changed.append(listener)

    def _say(self) -> None:
        for listener in self._changed:
            listener()

    async def read(self, future: "Future[T]") -> T:
        """Awaits an answer of the reader's thread."""
        return await asyncio.wrap_future(future)

    # the lane -------------------------------------------------------------------------------------

    def open_lane(
        self,
        lane: Lane,
        *,
        cursor: int | None = None,
        below: Below | None = None,
        place: Place | None = None,
    ) -> None:
        """Shows another lane; the cursor stays on its item where the newest page of the lane holds it.

        An item that is named as `cursor` is waited for through all the pages of the lane, and so is the
        `place` where a person was, unless they have begun to work. `below` asks for rows that stand under
        the newest page, instead of the older ones.
        """
        self.lane = lane
        self._below = below
        self._asked += 1
        self.is_loading = True
        self._tasks.spawn(self._load(lane, self._asked, cursor, place), "open a lane")

    def forget(self) -> None:
        """Shows nothing until another lane is opened."""
        self._asked += 1
        self.is_loading = True
        self._said.clear()
        self._pending = array("q")
        self._late.clear()
        self.edge = Edge()
        self.model.reset(())

    async def _load(self, lane: Lane, turn: int, wanted: int | None, place: Place | None) -> None:
        ids, highest = await self.read(self._reader.submit(_first_page, lane))
        below = self._below
        if below is not None:
            ids.extend(await self.read(self._reader.submit(below)))
        if turn != self._asked:
            return
        self._is_reading_on = below is None and len(ids) == FIRST_PAGE
        begun = self._show_page(ids, highest, wanted, place)
        self._say()
        await self._catch_up()
        if self._is_reading_on:
            await self._read_on(lane, turn, ids, begun)
        self._say()

    def _show_page(self, ids: "array[int]", highest: int, wanted: int | None, place: Place | None) -> Sought:
        """Shows the newest page of a lane; gives what is still sought in the older ones."""
        self._pending = array("q")
        self._late.clear()
        self._doubtful.clear()
        self.newest_late = None
        self.edge = Edge()
        view = self.view
        cursor = wanted if wanted is not None else view.cursor_id if view is not None else None
        self.model.reset(ids)
        self._highest = highest
        self.is_loading = False
        if view is None:
            return Sought(None, None, 0.0)
        view.picks.clear()
        if place is not None and view.holds(place):
            view.go_back(place)
            place = None
        elif cursor is not None and self.model.row_of(cursor) is not None:
            view.put_cursor(cursor)
        else:
            view.scrollToTop()
            view.put_cursor(None)
        return Sought(wanted, place, view.touched_at)

    async def _read_on(self, lane: Lane, turn: int, ids: "array[int]", sought: Sought) -> None:
        """Adds the older pages of a lane, one after the other."""
        page = min(FIRST_PAGE * 25, MOST)
        while len(self.model) < MOST:
            last = ItemId(ids[-1])
            ids = await self.read(self._reader.submit(stored_lanes.lane_ids, lane, last, page))
            if turn != self._asked:
                return
            self.model.append_older(ids)
            if self.view is not None:
                sought.found_in(self.view)
            if len(ids) < page:
                break
        self._is_reading_on = False
        doubtful, self._doubtful = self._doubtful, set()
        await self._look_at(sorted(doubtful))

    # arrivals -------------------------------------------------------------------------------------

    async def take(self, announcements: Sequence[Announcement]) -> None:
        """Takes what was announced: arrivals to the edge or into the lane, changes to the rows."""
        arrived = [one for one in announcements if isinstance(one, Arrived)]
        changed = [item_id for one in announcements if isinstance(one, ItemsChanged) for item_id in one.ids]
        if arrived:
            await self._take_arrivals(arrived)
        if changed:
            self.model.spoil(changed)
            await self._look_at(changed)
            self._say()

    async def _take_arrivals(self, arrived: Sequence[Arrived]) -> None:
        self._said = [as_one([*self._said, *arrived])]
        await self._catch_up()
        await self._rest()

    async def look_again(self, now: int) -> None:
        """Looks for what came in before announcements were heard; `now` is milliseconds since 1970."""
        newest = ItemId(await self.read(self._reader.submit(stored_lanes.newest_id)))
        some = (1, 1, 1, 1, 1)
        await self._take_arrivals([Arrived(newest, newest, 0, some, (), received_at=now, stored_at=0.0)])

    async def _catch_up(self) -> None:
        """Asks which of the announced items belong to the lane, one question at a time.

        What is announced while a lane is read waits for it: the lane may have been read before.
        """
        if self._is_asking:
            return
        self._is_asking = True
        try:
            while self._said and not self.is_loading:
                (said,) = self._said
                self._said = []
                try:
                    await self._ask_about(said)
                except BaseException:
                    self._said = [as_one([said, *self._said])]
                    raise
        finally:
            self._is_asking = False

    async def _ask_about(self, said: Arrived) -> None:
        turn, first = self._asked, self._highest + 1
        if said.last < first:
            return
        ids, urgent = await self.read(
            self._reader.submit(arrivals_of, self.lane, ItemId(first), said.last, said.grades)
        )
        if turn != self._asked:
            return  # the lane that is being read instead holds them already
        self._highest = said.last
        if ids:
            self._pending.extend(reversed(ids))
            self.edge = replace(
                self.edge,
                count=len(self._pending),
                urgent=(
                    self.edge.urgent[0] + urgent[0],
                    self.edge.urgent[1] + urgent[1],
                    self.edge.urgent[2] + urgent[2],
                ),
                oldest=said.received_at if self.edge.oldest is None else self.edge.oldest,
            )

    async def _look_at(self, changed: Sequence[int]) -> None:
        """Looks for items that belong to the lane only now: edited, or raised by a later hit.

        A few at a time, because an act on a hundred thousand says as many.
        """
        if self.lane.is_everything or self._below is not None:
            return
        turn = self._asked
        for start in range(0, len(changed), _LOOKED_AT):
            missing = [
                item_id for item_id in changed[start : start + _LOOKED_AT] if self._is_missing(item_id)
            ]
            found = (
                await self.read(self._reader.submit(stored_lanes.belonging, self.lane, missing))
                if missing
                else {}
            )
            if turn != self._asked:
                return
            found = {item_id: grade for item_id, grade in found.items() if self._is_missing(item_id)}
            if found:
                self._late.update(found)
                self.newest_late = max(found)
                worst = min(self._late.values())
                self.edge = replace(self.edge, late=len(self._late), late_grade=worst)

    def _is_missing(self, item_id: int) -> bool:
        """Whether an item that was looked through is neither in the lane nor at the edge."""
        if item_id > self._highest or self.model.row_of(item_id) is not None or item_id in self._late:
            return False
        if self._is_reading_on and (not len(self.model) or item_id < self.model.ids[0]):
            if len(self._doubtful) < _MOST_DOUBTFUL:
                self._doubtful.add(item_id)
            return False
        place = bisect_left(self._pending, item_id)
        return place == len(self._pending) or self._pending[place] != item_id

    async def look_at_waves(self) -> None:
        """Counts the waves and strays at the edge, in a flood; once a second at the most."""
        now, number = time.monotonic(), len(self._pending)
        if number < _FLOOD or now - self._looked_at_waves[0] < 1.0 or number == self._looked_at_waves[1]:
            return
        self._looked_at_waves = (now, number)
        ids = list(self._pending[-_MOST_IN_FLOOD:])
        waves, held, strays = await self.read(self._reader.submit(stored_lanes.crowd, ids))
        if self._pending:
            self.edge = replace(self.edge, waves=waves, in_waves=held, strays=strays)

    def settle(self) -> None:
        """Says and lets in what was put off; called four times a second."""
        self._say()
        if len(self._pending) >= _FLOOD:
            self._tasks.spawn(self.look_at_waves(), "look at waves at the edge")
        if self._pending or self._late:
            self._tasks.spawn(self._rest(), "let arrivals in")

    async def _rest(self) -> None:
        """Lets arrivals in by themselves where the lane is at rest, ten times a second at the most.

        The newest are read beforehand, so that they are painted once, as they are.
        """
        now = time.monotonic()
        wait = ADMIT_EVERY_S if len(self._pending) <= READ_AHEAD else ADMIT_FLOOD_EVERY_S
        if not self._may_enter() or now - self._admitted_at < wait:
            return
        self._admitted_at = now
        await self._read_rows([*self._pending[: -READ_AHEAD - 1 : -1], *list(self._late)[:READ_AHEAD]])
        if self._may_enter():
            self._admit(follow=True)

    def _may_enter(self) -> bool:
        waits = bool(self._pending or self._late)
        return self.view is not None and waits and not self.is_paused and self.view.at_rest

    def let_in(self) -> int:
        """Lets in what waits at the edge; nothing on the screen moves. Gives how many there were."""
        count = self._admit(follow=False)
        self._say()
        return count

    def _admit(self, *, follow: bool) -> int:
        if self.view is None or not (self._pending or self._late):
            return 0
        ids, late = self._pending[::-1], list(self._late)
        self._pending = array("q")
        self._late.clear()
        self.edge = Edge()
        taken = self.view.take_in(late) if late else 0
        return taken + self.view.admit(ids, follow=follow)

    # rows -----------------------------------------------------------------------------------------

    def _fetch(self, ids: Sequence[int]) -> None:
        self._tasks.spawn(self._read_rows(list(ids)), "read rows")

    async def _read_rows(self, ids: Sequence[int]) -> None:
        self.model.rows.asked(ids)
        try:
            found = await self.read(self._reader.submit(read_cards, ids, self._unseal))
            rows = self._rows_of(found)
        except BaseException:
            self.model.arrived(ids, ())  # asked for again as soon as one is to be painted
            raise
        self.model.arrived(ids, rows)

    def _rows_of(self, found: Cards) -> list[Row]:
        accounts, now = self._accounts(), self._now()
        rows = [
            row_of(
                item,
                accounts.get(item.account_id),
                self._marks(item.account_id),
                found.sizes.get(item.wave_id or 0, 0),
                found.answered.get(item.id),
                holder_of(found.claims.get(item.id), self.who(), now),
            )
            for item in found.items
        ]
        return rows + [wave_row(facts, now) for facts in found.waves]


def _first_page(conn: Connection, lane: Lane) -> tuple["array[int]", int]:
    """The newest items of a lane, and up to which id the cache was looked through for them."""
    return stored_lanes.lane_ids(conn, lane, None, FIRST_PAGE), stored_lanes.newest_id(conn)
