"""Selecting many at once, and what can be done with what is selected.

What a newcomer would get wrong: the number beside “selected” is there at once, and what can be done with how
many of them comes from the engine's one planner, a moment after the last change. So what the head says and
what the plan will say cannot differ, and choosing a hundred thousand items waits for nothing.
"""

import asyncio
from array import array
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QTimer

from console.domain.acts import Verb
from console.domain.errors import CordonError
from console.domain.ids import ItemId
from console.store import lanes as stored_lanes
from console.store import selecting
from console.store.database import Connection
from console.store.reader import Reader
from console.ui.bridge import Door
from console.ui.commands import Command
from console.ui.lane.wave_row import wave_of
from console.ui.loop import Tasks
from console.ui.text import count, plural

if TYPE_CHECKING:
    from console.services.engine import Engine
    from console.ui.window import Window

SOON_MS: Final = 250
FEW: Final = 5_000
"""With more than so many selected, only hiding is planned beforehand."""
VERBS: Final = ((Verb.HIDE, "can be hidden"), (Verb.DELETE, "can be deleted"))
By = Callable[[Connection, ItemId], "array[int]"]


class Choosing:
    """What the window does about selections."""

    def __init__(self, window: "Window", engine: "Engine", door: Door, reader: Reader, tasks: Tasks) -> None:
        self._window, self._engine, self._door = window, engine, door
        self._reader, self._tasks = reader, tasks
        self.words = ""
        """What can be done with what is selected, for the head of the lane; empty for nothing."""
        self._turn = 0
        self._timer = QTimer(window)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SOON_MS)
        self._timer.timeout.connect(self._plan)
        window.view.picks.on_change(self._changed)

    def take_engine(self, engine: "Engine", door: Door) -> None:
        """Asks this engine from now on."""
        self._engine, self._door = engine, door

    def stop(self) -> None:
        """Plans nothing any more."""
        self._turn += 1
        self._timer.stop()

    # choosing -------------------------------------------------------------------------------------

    def whole(self) -> None:
        """Selects all of the lane as it is now, what was not read yet too."""
        view, feed = self._window.view, self._window.feed
        view.touched()
        if feed.is_reading_on:
            self._tasks.spawn(self._read_whole(), "select the whole lane")
        else:
            view.pick_whole()

    async def _read_whole(self) -> None:
        feed, picks = self._window.feed, self._window.view.picks
        lane, newest = feed.lane, feed.model.id_at(0)
        if newest is None:
            return
        before, most = ItemId(newest + 1), selecting.MOST
        ids = await asyncio.wrap_future(self._reader.submit(stored_lanes.lane_ids, lane, before, most))
        if feed.lane is lane:
            ids.reverse()
            picks.take_whole(ids)

    def all_but_these(self) -> None:
        """Selects all of the lane but what is selected now."""
        view = self._window.view
        view.touched()
        view.picks.turn_round(view.lane.ids)

    def by_author(self) -> None:
        """Selects everything of the author of the item under the cursor."""
        self._by(selecting.by_author)

    def by_thread(self) -> None:
        """Selects everything in the thread of the item under the cursor."""
        self._by(selecting.by_thread)

    def by_hit(self) -> None:
        """Selects every item that the same rule hit."""
        self._by(selecting.by_hit)

    def _by(self, ask: By) -> None:
        cursor = self._window.view.cursor_id
        if cursor is not None:
            self._window.view.touched()
            self._tasks.spawn(self._add(ask, ItemId(cursor)), "select many")

    async def _add(self, ask: By, item_id: ItemId) -> None:
        found = await asyncio.wrap_future(self._reader.submit(ask, item_id))
        self._window.view.picks.add(found)

    def why_no_item(self) -> str | None:
        """Why nothing goes with what is under the cursor."""
        cursor = self._window.view.cursor_id
        if cursor is None:
            return "No item is under the cursor."
        return "A wave is under the cursor; W selects all of it." if wave_of(cursor) is not None else None

    def why_no_hit(self) -> str | None:
        """Why no rule's hits can be selected."""
        cursor = self._window.view.cursor_id
        row = None if cursor is None else self._window.feed.model.rows.get(cursor)
        if row is not None and not row.category:
            return "No rule hit this item."
        return self.why_no_item()

    # what can be done -----------------------------------------------------------------------------

    def _changed(self) -> None:
        self._turn += 1
        number = len(self._window.view.picks)
        self.words = "" if number == 0 else "Seeing what can be done with them…"
        if number:
            self._timer.start()
        else:
            self._timer.stop()

    def _plan(self) -> None:
        self._tasks.spawn(self._ask(self._turn), "plan what is selected")

    def _outside(self, ids: Sequence[ItemId]) -> list[str]:
        """How many of what is selected stand in other lanes only; not looked for among very many."""
        if len(ids) > FEW or self._window.feed.is_reading_on:
            return []
        lane = self._window.view.lane
        outside = sum(lane.row_of(item_id) is None for item_id in ids)
        return [f"{count(outside)} not in this lane"] if outside else []

    async def _ask(self, turn: int) -> None:
        ids = [ItemId(number) for number in self._window.view.targets() if number > 0]
        if not ids:
            self.words = ""
            return
        parts: list[str] = []
        for verb, words in VERBS if len(ids) <= FEW else VERBS[:1]:
            try:
                plan = await self._door.ask(self._engine.plan, verb, ids)
            except CordonError:
                return  # whoever acts is told why
            if turn != self._turn:
                return
            if not parts:
                parts.append(f"on {plural(len(plan.rows), 'account')}")
            parts.append(f"{count(plan.will)} {words}" if plan.will else f"none {words}")
            self.words = " · ".join([*parts, *self._outside(ids)])
            self._window.lanes.say_head()


def choosing_commands(choosing: Choosing) -> list[Command]:
    """What the keys select."""
    why_not = choosing.why_no_item
    return [
        Command("select-lane", "Select the whole lane", "Ctrl+A", "Select", choosing.whole),
        Command("select-rest", "Whole lane but these", "Ctrl+I", "Select", choosing.all_but_these),
        Command("select-author", "All by this author", "Ctrl+Shift+A", "Select", choosing.by_author, why_not),
        Command("select-thread", "All in this thread", "Ctrl+Shift+T", "Select", choosing.by_thread, why_not),
        Command(
            "select-hit", "All with this hit", "Ctrl+Shift+H", "Select", choosing.by_hit, choosing.why_no_hit
        ),
    ]
