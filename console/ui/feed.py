"""The feed: what comes in, what waits at the edge, and what the lane holds.

Arrivals are counted at the edge. They enter the lane when the operator lets them in, or by themselves while
the lane is at rest at its newest end. What the lane shows is always an answer of the cache to one question,
so a filter and the arrivals behind it can never disagree.
"""

import asyncio
import time
from array import array
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import TypeVar

from console.domain.accounts import Account
from console.domain.ids import AccountId, ItemId
from console.domain.items import Item
from console.domain.lanes import Lane
from console.services.events import Announcement, Arrived, ItemsChanged
from console.store import items as stored_items
from console.store import lanes as stored_lanes
from console.store.database import Connection
from console.store.reader import Reader
from console.ui.lane.model import LaneModel
from console.ui.lane.row import NetworkMark, Row, row_of
from console.ui.lane.rows import Rows
from console.ui.lane.view import LaneView
from console.ui.loop import Tasks

T = TypeVar("T")

ADMIT_EVERY_S = 0.1
READ_AHEAD = 16
"""How many of the newest arrivals are read before they are let in: about as many as are in view."""
FIRST_PAGE = 2_000
"""How many items a lane shows at once; older ones follow in the background."""
MOST = 1_000_000
"""How many items one lane holds at the most."""


@dataclass(frozen=True, slots=True)
class Edge:
    """What waits at the edge."""

    count: int = 0
    urgent: tuple[int, int, int] = (0, 0, 0)
    """How many of grade 1, 2, 3."""
    oldest: int | None = None
    """When the oldest of them was received, milliseconds since 1970, UTC."""


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
    ) -> None:
        self._reader, self._tasks = reader, tasks
        self._accounts, self._marks = accounts, marks
        self._unseal = unseal
        self.model = LaneModel(Rows(self._fetch, soon))
        self.view: LaneView | None = None
        self.lane = Lane()
        self.is_paused = False
        self.is_loading = True
        self._pending = array("q")
        """Ids at the edge, oldest first."""
        self.edge = Edge()
        self._highest = 0
        self._asked = 0
        self._admitted_at = 0.0
        self._changed: list[Callable[[], None]] = []
        self.latencies_ms: list[int] | None = None
        """When a list: how old the oldest item of each announcement was here, in ms; for measuring."""

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

    def open_lane(self, lane: Lane) -> None:
        """Shows another lane; the cursor stays on its item where the new lane holds it."""
        self.lane = lane
        self._asked += 1
        self.is_loading = True
        self._tasks.spawn(self._load(lane, self._asked), "open a lane")

    async def _load(self, lane: Lane, turn: int) -> None:
        ids = await self.read(self._reader.submit(stored_lanes.lane_ids, lane, None, FIRST_PAGE))
        if turn != self._asked:
            return
        cursor = self.view.cursor_id if self.view else None
        self._pending = array("q")
        self.edge = Edge()
        self.model.reset(ids)
        self._highest = max(self._highest, ids[0] if ids else 0)
        self.is_loading = False
        if self.view is not None:
            self.view.picks.clear()
            if cursor is not None and self.model.row_of(cursor) is not None:
                self.view.put_cursor(cursor)
            else:
                self.view.scrollToTop()
                self.view.put_cursor(None)
        self._say()
        while len(ids) == FIRST_PAGE and len(self.model) < MOST and turn == self._asked:
            last = ItemId(ids[-1])
            page = min(FIRST_PAGE * 25, MOST)
            ids = await self.read(self._reader.submit(stored_lanes.lane_ids, lane, last, page))
            if turn != self._asked:
                return
            self.model.append_older(ids)
            if len(ids) < page:
                break
            ids = array("q", ids[-FIRST_PAGE:])
        self._say()

    # arrivals -------------------------------------------------------------------------------------

    async def take(self, announcements: Sequence[Announcement]) -> None:
        """Takes what was announced: arrivals to the edge or into the lane, changes to the rows."""
        arrived = [one for one in announcements if isinstance(one, Arrived)]
        changed = [item_id for one in announcements if isinstance(one, ItemsChanged) for item_id in one.ids]
        if arrived:
            await self._take_arrivals(arrived)
        if changed:
            self.model.spoil(changed)
            for listener in self._changed:
                listener()

    async def _take_arrivals(self, arrived: Sequence[Arrived]) -> None:
        first = max(min(one.first for one in arrived), self._highest + 1)
        last = max(one.last for one in arrived)
        if last < first:
            return
        turn, lane = self._asked, self.lane
        ids, urgent = await self.read(
            self._reader.submit(_arrivals, lane, ItemId(first), ItemId(last), _grades(arrived))
        )
        if turn != self._asked or self.is_loading:
            return
        self._highest = max(self._highest, last)
        if ids:
            self._pending.extend(reversed(ids))
            oldest = min(one.received_at for one in arrived)
            self.edge = Edge(
                count=len(self._pending),
                urgent=(
                    self.edge.urgent[0] + urgent[0],
                    self.edge.urgent[1] + urgent[1],
                    self.edge.urgent[2] + urgent[2],
                ),
                oldest=oldest if self.edge.oldest is None else self.edge.oldest,
            )
        await self._rest()

    def settle(self) -> None:
        """Says and lets in what was put off; called four times a second."""
        self._say()
        if self._pending:
            self._tasks.spawn(self._rest(), "let arrivals in")

    async def _rest(self) -> None:
        """Lets arrivals in by themselves where the lane is at rest, ten times a second at the most.

        The newest are read beforehand, so that they are painted once, as they are.
        """
        now = time.monotonic()
        if not self._may_enter() or now - self._admitted_at < ADMIT_EVERY_S:
            return
        self._admitted_at = now
        await self._read_rows(self._pending[: -READ_AHEAD - 1 : -1])
        if self._may_enter():
            self._admit(follow=True)

    def _may_enter(self) -> bool:
        return self.view is not None and bool(self._pending) and not self.is_paused and self.view.at_rest

    def let_in(self) -> int:
        """Lets in what waits at the edge; nothing on the screen moves. Gives how many there were."""
        count = self._admit(follow=False)
        self._say()
        return count

    def _admit(self, *, follow: bool) -> int:
        if self.view is None or not self._pending:
            return 0
        ids = self._pending[::-1]
        self._pending = array("q")
        self.edge = Edge()
        return self.view.admit(ids, follow=follow)

    # rows -----------------------------------------------------------------------------------------

    def _fetch(self, ids: Sequence[int]) -> None:
        self._tasks.spawn(self._read_rows(list(ids)), "read rows")

    async def _read_rows(self, ids: Sequence[int]) -> None:
        found = await self.read(self._reader.submit(stored_items.items, ids, self._unseal))
        self.model.arrived(ids, self.rows_of(found))

    def rows_of(self, items: Sequence[Item]) -> list[Row]:
        """Rows of some items."""
        accounts = self._accounts()
        return [row_of(item, accounts.get(item.account_id), self._marks(item.account_id)) for item in items]


def _grades(arrived: Sequence[Arrived]) -> tuple[bool, bool, bool]:
    """Whether any arrival is of grade 1, 2, 3."""
    sums = [sum(one.grades[place] for one in arrived) for place in range(3)]
    return sums[0] > 0, sums[1] > 0, sums[2] > 0


def _arrivals(
    conn: Connection, lane: Lane, first: ItemId, last: ItemId, any_of: tuple[bool, bool, bool]
) -> tuple["array[int]", tuple[int, int, int]]:
    """Which new items a lane holds, and how many of them are of grade 1, 2, 3."""
    ids = stored_lanes.new_ids(conn, lane, first, last)
    counts = [0, 0, 0]
    for place, there in enumerate(any_of):
        grade = place + 1
        if there and ids and (not lane.grades or grade in lane.grades):
            narrow = replace(lane, grades=frozenset({grade}))
            counts[place] = len(stored_lanes.new_ids(conn, narrow, first, last))
    return ids, (counts[0], counts[1], counts[2])
