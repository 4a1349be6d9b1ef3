"""What waits at the edge of a lane, and what of it belongs there; what is sought in pages still to come.

What a newcomer would get wrong: announcements say which ids are new and how many there are of each grade in
all lanes. Which of them belong to one lane is asked of the cache.
"""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, replace

from console.domain.ids import ItemId
from console.domain.lanes import Lane
from console.services.events import Arrived
from console.store import lanes as stored_lanes
from console.store.database import Connection
from console.ui.lane.view import LaneView, Place


@dataclass(frozen=True, slots=True)
class Edge:
    """What waits at the edge."""

    count: int = 0
    urgent: tuple[int, int, int] = (0, 0, 0)
    """How many of grade 1, 2, 3."""
    oldest: int | None = None
    """When the oldest of them was received, milliseconds since 1970, UTC."""
    late: int = 0
    """How many items that were here already belong to the lane only now: edited, or raised."""
    late_grade: int = 5
    """The worst grade of those."""
    waves: int = 0
    """How many waves hold `in_waves` of them; counted in a flood only."""
    in_waves: int = 0
    strays: int = 0
    """How many of them are odd ones out."""


@dataclass(slots=True)
class Sought:
    """What a person wants to come to in a lane, and may stand in a page that was not read yet."""

    cursor: int | None
    place: Place | None
    since: float
    """When they had last done something: whoever has begun to work is not moved."""

    def found_in(self, view: LaneView) -> None:
        """Goes there if the lane holds it by now."""
        if self.cursor is not None and view.lane.row_of(self.cursor) is not None:
            view.put_cursor(self.cursor)
            self.cursor = None
        if self.place is not None and view.touched_at != self.since:
            self.place = None
        if self.place is not None and view.holds(self.place):
            view.go_back(self.place)
            self.place = None


def as_one(arrived: Sequence[Arrived]) -> Arrived:
    """Announcements as if they were one."""
    return replace(
        arrived[-1],
        first=min(one.first for one in arrived),
        last=max(one.last for one in arrived),
        count=sum(one.count for one in arrived),
        grades=tuple(sum(numbers) for numbers in zip(*(one.grades for one in arrived), strict=True)),
        received_at=min(one.received_at for one in arrived),
    )


def arrivals_of(
    conn: Connection, lane: Lane, first: ItemId, last: ItemId, announced: Sequence[int]
) -> tuple["array[int]", tuple[int, int, int]]:
    """Which new items a lane holds, and how many of them are of grade 1, 2, 3.

    `announced` says how many of each grade there are in all lanes.
    """
    ids = stored_lanes.new_ids(conn, lane, first, last)
    counts = [0, 0, 0]
    for place, number in enumerate(announced[:3]):
        grade = place + 1
        if number and ids and (not lane.grades or grade in lane.grades):
            narrow = replace(lane, grades=frozenset({grade}))
            counts[place] = len(stored_lanes.new_ids(conn, narrow, first, last))
    return ids, (counts[0], counts[1], counts[2])
