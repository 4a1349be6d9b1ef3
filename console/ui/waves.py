"""Waves and strays in the window: their lane, all of a wave selected, and one verdict on it.

What a newcomer would get wrong: the row of a wave is no item. `expand` says which items are meant by
what a person chose, and everything that acts goes through it.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from console.domain.acts import Verb
from console.domain.errors import CordonError
from console.domain.ids import ItemId
from console.domain.lanes import Lane
from console.domain.waves import LEAST, Standing, Wave, wave_key
from console.services.events import Announcement, WavesGrew
from console.store import lanes as stored_lanes
from console.store import waves as stored_waves
from console.store.database import Connection
from console.store.reader import Reader
from console.ui.bridge import Door
from console.ui.commands import Command
from console.ui.dialogs.verdict import Verdict, VerdictSheet
from console.ui.lane.wave_row import (
    MOST_WAVES,
    SHOWN_FOR_MS,
    read_cards,
    standing_words,
    wave_of,
    waves_now,
)
from console.ui.loop import Tasks
from console.ui.panes.toasts import Toast
from console.ui.text import count, plural, shown

if TYPE_CHECKING:
    from console.services.engine import Engine
    from console.ui.window import Window

LANE = "waves"
"""The key of the lane of waves and strays."""
MOST = 1_000_000
"""How many items of one wave are selected at the most."""
_COUNTED = 1_000
_LOOK_AGAIN_MS = 5_000
"""How often verdicts that stand are looked at: another seat may have put or stopped one."""


class Waves:
    """What the window does about waves and strays."""

    def __init__(self, window: "Window", engine: "Engine", door: Door, reader: Reader, tasks: Tasks) -> None:
        self._window, self._engine, self._door = window, engine, door
        self._reader, self._tasks = reader, tasks
        self.number: int | None = None
        """How many waves and unseen strays there are; None until it was counted."""
        self._standing: list[Standing] = []
        self._names: dict[str, str] = {}
        self._grown: set[int] = set()
        self._may_be_new = False
        """Whether the lane of waves may lack one."""
        self._looked_at = 0

    def take_engine(self, engine: "Engine", door: Door) -> None:
        """Asks this engine from now on."""
        self._engine, self._door = engine, door

    # what comes in --------------------------------------------------------------------------------

    def take(self, announcements: Sequence[Announcement]) -> None:
        """Remembers which waves grew; cards and rows say so within the second."""
        for one in announcements:
            if isinstance(one, WavesGrew):
                self._grown.update(one.ids)
                self._may_be_new = True

    def tick(self) -> None:
        """Once a second: what grew is no longer true, and times go down."""
        window, now = self._window, self._engine.now()
        running = {one.wave_id for one in self._standing}
        stale = window.feed.model.rows.of_waves(self._grown, running)
        self._grown.clear()
        if stale:
            window.feed.model.spoil(stale)
        if window.view.at_rest:
            self.let_in()
        if now - self._looked_at >= _LOOK_AGAIN_MS:
            self._looked_at = now
            self._tasks.spawn(self._look(now), "look at waves")

    async def _look(self, now: int) -> None:
        ask = _numbers
        self.number, self._standing = await asyncio.wrap_future(self._reader.submit(ask, now))

    def let_in(self) -> None:
        """Lets new waves into their lane."""
        if self._window.lane_key == LANE and self._may_be_new:
            self._may_be_new = False
            self._tasks.spawn(self._insert(), "let waves in")

    async def _insert(self) -> None:
        ids = await asyncio.wrap_future(self._reader.submit(waves_now(self._engine.now())))
        view = self._window.view
        if self._window.lane_key == LANE and not self._window.feed.is_loading:
            cursor, places = view.cursor_id, {wave_of(number): number for number in ids}
            view.put_below(ids)
            moved = None if cursor is None else places.get(wave_of(cursor))
            if moved is not None and moved != cursor:
                view.put_cursor(moved, show=False)
            self._window.feed.settle()

    # what is said ---------------------------------------------------------------------------------

    def below(self, key: str) -> Callable[[Connection], list[int]] | None:
        """What stands below the items of a lane: the waves, in theirs."""
        return waves_now(self._engine.now()) if key == LANE else None

    def name_of(self, key: str) -> str | None:
        """The name of a lane of one wave, or None for another lane."""
        return self._names.get(key)

    def head_words(self, rows: int) -> str:
        """What the lane's head says beside its name: how many rows, in what order, which verdicts stand."""
        if self._window.lane_key == LANE:
            words = "Strays, newest first · then waves, biggest first"
        else:
            words = f"{plural(rows, 'item')} · newest first"
        return words + self._standing_words()

    def _standing_words(self) -> str:
        now = self._engine.now()
        standing = [one for one in self._standing if one.is_open(now)]
        if not standing:
            return ""
        words = standing_words(standing[-1], now)
        more = f" and {len(standing) - 1} more" if len(standing) > 1 else ""
        key = self._window.key_words("stop-verdict")
        return f" · {words}{more}, {key} stops it"

    # the wave under the cursor --------------------------------------------------------------------

    def wave_here(self) -> int | None:
        """The wave under the cursor, or whose item is under it."""
        cursor = self._window.view.cursor_id
        if cursor is None:
            return None
        row = self._window.feed.model.rows.get(cursor)
        return wave_of(cursor) or (row.wave_id if row is not None else None)

    def why_no_wave(self) -> str | None:
        """Why nothing can be done to a wave now."""
        if self._window.view.cursor_id is None:
            return "No item is under the cursor."
        return None if self.wave_here() is not None else "This item belongs to no wave."

    async def fill_pane(self, number: int) -> bool:
        """Fills the pane where the row of a wave is under the cursor; whether it is one."""
        if wave_of(number) is None:
            return False
        found = await asyncio.wrap_future(self._reader.submit(read_cards, [number], None))
        if found.waves and number == self._window.view.cursor_id:
            self._window.pane.say_wave(found.waves[0])
        return True

    def open_here(self) -> bool:
        """Opens the wave under the cursor as a lane of its items; whether its row is under it."""
        cursor = self._window.view.cursor_id
        wave_id = None if cursor is None else wave_of(cursor)
        if wave_id is None or cursor is None:
            return False
        key = f"wave:{wave_key(wave_id)}"
        row = self._window.feed.model.rows.get(cursor)
        words = row.words if row is not None else wave_key(wave_id)
        self._names[key] = f"Wave “{words[:40].strip()}{'…' if len(words) > 40 else ''}”"
        self._window.lanes.open(key)
        return True

    def select(self) -> None:
        """Selects every item of the wave that the cache holds."""
        wave_id = self.wave_here()
        if wave_id is not None:
            self._window.view.touched()
            self._tasks.spawn(self._select(wave_id), "select a wave")

    async def _select(self, wave_id: int) -> None:
        ids = await self._items_of(wave_id)
        self._window.view.picks.add(ids)

    async def _items_of(self, wave_id: int) -> list[int]:
        ask = stored_waves.wave_ids
        return list(await asyncio.wrap_future(self._reader.submit(ask, wave_id, None, MOST)))

    # acts -----------------------------------------------------------------------------------------

    def act(self, verb: Verb, ids: Sequence[int]) -> bool:
        """Does a verb to what was chosen where rows of waves are among it; whether there are any."""
        if min(ids, default=0) >= 0:  # the row of a wave has a number below zero
            return False
        waves = [wave_id for number in ids if (wave_id := wave_of(number)) is not None]
        if len(ids) == 1 and verb in {Verb.HIDE, Verb.LEAVE_UP}:
            self._tasks.spawn(self._decide(waves[0], verb), "one verdict on a wave")
        else:
            self._tasks.spawn(self._expand(verb, ids, waves), f"{verb} waves")
        return True

    async def _expand(self, verb: Verb, ids: Sequence[int], waves: Sequence[int]) -> None:
        chosen = dict.fromkeys(number for number in ids if wave_of(number) is None)
        for wave_id in waves:
            chosen.update(dict.fromkeys(await self._items_of(wave_id)))
        self._window.working.act(verb, list(chosen))

    def decide(self) -> None:
        """Opens the sheet for one verdict on the wave."""
        wave_id = self.wave_here()
        if wave_id is not None:
            self._window.view.touched()
            self._tasks.spawn(self._decide(wave_id, Verb.HIDE), "one verdict on a wave")

    async def _decide(self, wave_id: int, verb: Verb) -> None:
        window = self._window
        try:
            wave = await self._door.ask(self._engine.wave, wave_id)
            ids = [ItemId(number) for number in await self._items_of(wave_id)]
            first = await self._door.ask(self._engine.items, ids[:1])
            hits = sorted((hit for item in first for hit in item.hits), key=lambda hit: hit.grade)
            plan = await self._door.ask(self._engine.plan, verb, ids)
        except CordonError as problem:
            window.tell(problem.message)
            return
        since = window.time_of_day(wave.first_at)
        about = (
            f"{plural(wave.size, 'near-identical item')} since {since}, from "
            f"{plural(wave.authors, 'author')} on {plural(len(wave.networks), 'network')}; "
            f"{count(wave.new_authors)} of them new to us."
        )

        def replan(other: Verb) -> None:
            self._tasks.spawn(self._replan(sheet, other, ids), "plan a verdict")

        def go(verdict: Verdict) -> None:
            self._tasks.spawn(self._carry_out(wave, verdict), "one verdict on a wave")

        sheet = VerdictSheet(
            window.look,
            wave,
            about,
            hits[0].category if hits else None,
            window.sheets.marks_of(plan),
            window.sheets.short_time,
            replan,
            go,
        )
        sheet.show_plan(plan)
        window.scrim.open(sheet)

    async def _replan(self, sheet: VerdictSheet, verb: Verb, ids: Sequence[ItemId]) -> None:
        plan = await self._door.ask(self._engine.plan, verb, ids)
        if self._window.scrim.sheet is sheet:
            sheet.take_plan(plan)

    async def _carry_out(self, wave: Wave, verdict: Verdict) -> None:
        window = self._window
        window.view.picks.clear()
        verb = verdict.plan.verb
        if not verdict.minutes:
            window.working.carry_out(verdict.plan, verdict.reason, verdict.category, ())
            return
        try:
            put = await self._door.ask(
                self._engine.put_standing,
                wave.id,
                verb,
                reason=verdict.reason,
                minutes=verdict.minutes,
                limit=verdict.limit,
                who=self._engine.who,
                category=verdict.category,
            )
        except CordonError as problem:
            window.tell(problem.message)
            return
        words = str(verb).replace("-", " ").capitalize()
        title = f"{words}: {plural(verdict.plan.will, 'item')}, and later ones"
        until = f"Until {window.sheets.short_time(put.ends_at)}, at most {count(put.limit)} more"
        window.toasts.show_toast(Toast(title, until, "wave", "t1", "Undo", "U"))
        self._again(wave.id)

    def why_no_verdict(self) -> str | None:
        """Why no verdict can be stopped now."""
        if self._to_stop() is not None:
            return None
        if not [one for one in self._standing if one.is_open(self._engine.now())]:
            return "No verdict stands on a wave."
        return "Several verdicts stand; put the cursor on the wave whose verdict is to end."

    def _to_stop(self) -> Standing | None:
        now, here = self._engine.now(), self.wave_here()
        standing = [one for one in self._standing if one.is_open(now)]
        on_it = [one for one in standing if one.wave_id == here]
        if on_it:
            return on_it[0]
        return standing[0] if len(standing) == 1 else None

    def stop(self) -> None:
        """Ends the verdict that stands on the wave under the cursor, or the only one there is."""
        standing = self._to_stop()
        if standing is not None:
            self._tasks.spawn(self._stop(standing), "stop a verdict")

    async def _stop(self, standing: Standing) -> None:
        try:
            await self._door.ask(self._engine.end_standing, standing.wave_id, self._engine.who)
        except CordonError as problem:
            self._window.tell(problem.message)
        else:
            wave = await self._door.ask(self._engine.wave, standing.wave_id)
            essence = shown(wave.essence).text[:60]
            self._window.tell(f"The verdict on “{essence}” is stopped. What was done stays done.")
        self._again(standing.wave_id)

    def _again(self, wave_id: int) -> None:
        """Reads anew what is shown of a wave."""
        model = self._window.feed.model
        model.spoil(model.rows.of_waves((), (wave_id,)))
        self._window.refresh("strip", "pane")
        self._tasks.spawn(self._look(self._engine.now()), "look at waves")


def wave_commands(waves: Waves) -> list[Command]:
    """What the keys do to waves."""
    why_not = waves.why_no_wave
    return [
        Command("select-wave", "Select the whole wave", "W", "Select", waves.select, why_not),
        Command("verdict", "One verdict on the wave", "Shift+W", "Decide", waves.decide, why_not),
        Command(
            "stop-verdict",
            "Stop the verdict on a wave",
            "Ctrl+Shift+W",
            "Take back",
            waves.stop,
            waves.why_no_verdict,
        ),
    ]


def _numbers(conn: Connection, now: int) -> tuple[int, list[Standing]]:
    """How many waves of the last day and unseen strays there are, and the verdicts that stand."""
    waves = stored_waves.waves(conn, "newest", MOST_WAVES, LEAST, now - SHOWN_FOR_MS)
    strays = stored_lanes.count(conn, Lane(stray=True, unseen=True), _COUNTED)
    return len(waves) + strays, [one for one in stored_waves.open_standings(conn) if one.is_open(now)]
