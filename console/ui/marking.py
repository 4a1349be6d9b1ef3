"""Changing watchlists from an item: mute a wrong hit, watch a phrase, and take that back.

What a newcomer would get wrong: neither is an act on an item, so the engine's undo does not know of them. The
key for undo asks here first, and takes a change back only where the person did nothing to an item since.
"""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import TYPE_CHECKING, Any

from console.domain.errors import CordonError
from console.domain.items import Item
from console.domain.list_changes import Published
from console.domain.watchlists import CATEGORIES, Hit
from console.ui.bridge import Door
from console.ui.commands import Command
from console.ui.dialogs.mute_hit import Mute, MuteAsks, MuteHit
from console.ui.dialogs.watch_phrase import Watch, WatchPhrase
from console.ui.loop import Tasks
from console.ui.panes.toasts import Toast
from console.ui.sheet import Sheet
from console.ui.text import shown

if TYPE_CHECKING:
    from console.services.engine import Engine
    from console.ui.window import Window

CATEGORY = "disorder"
"""What a phrase is about where the item under the cursor does not say."""

FEW = 3
"""So many possible second persons are named; more would be no help."""


class Marking:
    """What the window's keys for hits and phrases do."""

    def __init__(self, window: "Window", engine: "Engine", door: Door, tasks: Tasks) -> None:
        self._window, self._engine, self._door, self._tasks = window, engine, door, tasks
        self._done: tuple[Published, str, int] | None = None
        """The newest change made here that was not taken back: what it is called, and when it was made."""
        self._asking: asyncio.Task[Any] | None = None

    def take_engine(self, engine: "Engine", door: Door) -> None:
        """Asks this engine from now on."""
        self._engine, self._door = engine, door

    def _ask_anew(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """Asks for something that nobody needs any more as soon as the next is asked for."""
        if self._asking is not None:
            self._asking.cancel()
        self._asking = self._tasks.spawn(work, name)

    def _is_open(self, sheet: Sheet) -> bool:
        return self._window.scrim.sheet is sheet

    def _second(self) -> str:
        """Who can agree where two people are needed."""
        others = [one.name for one in self._window.seating.agreeing.others(self._engine.who)]
        named = " or ".join(others) if 0 < len(others) <= FEW else "somebody else"
        return f"it takes effect when {shown(named).text} agrees too, within 24 hours."

    # muting ---------------------------------------------------------------------------------------

    def why_no_hit(self) -> str | None:
        """Why there is nothing to mute."""
        cursor = self._window.view.cursor_id
        if cursor is None:
            return "No item is under the cursor."
        item = self._window.under.item
        if item is None:
            return "This is no item, or it is still being read."
        return None if item.hits else "No watchlist marked this item."

    def mute(self) -> None:
        """Opens the sheet for a wrong hit of the item under the cursor."""
        item = self._window.under.item
        if item is not None and item.hits:
            self._tasks.spawn(self._open_mute(item), "mute a wrong hit")

    async def _open_mute(self, item: Item) -> None:
        lists = {one.id: one for one in await self._door.ask(self._engine.watchlists)}
        window = self._window

        def words(hit: Hit) -> None:
            self._tasks.spawn(self._offer(sheet, item, hit), "words around a hit")

        def effect(hit: Hit, text: str) -> None:
            self._ask_anew(self._effect(sheet, item, hit, text), "try an exception")

        def go(mute: Mute) -> None:
            self._tasks.spawn(self._mute(sheet, item, mute), "mute a wrong hit")

        asks = MuteAsks(words, effect, go)
        sheet = MuteHit(window.look, item.words, hits_to_mute(item), lists, self._second(), asks)
        sheet.begin()
        window.scrim.open(sheet)

    async def _offer(self, sheet: MuteHit, item: Item, hit: Hit) -> None:
        try:
            words = await self._door.ask(self._engine.editing.exception_for, item.id, hit)
        except CordonError:
            words = ""
        if self._is_open(sheet):
            sheet.offer(hit, words)

    async def _effect(self, sheet: MuteHit, item: Item, hit: Hit, words: str) -> None:
        try:
            found = await self._door.ask(self._engine.editing.rehearse_mute, item.id, hit, words)
        except CordonError as problem:
            if self._is_open(sheet):
                sheet.refuse(hit, words, problem.message)
            return
        if self._is_open(sheet):
            sheet.say_effect(hit, words, found)

    async def _mute(self, sheet: MuteHit, item: Item, mute: Mute) -> None:
        editing, who = self._engine.editing, self._engine.who
        try:
            done = await self._door.ask(
                editing.mute, item.id, mute.hit, who=who, why=mute.why, words=mute.words
            )
        except CordonError as problem:
            if self._is_open(sheet):
                sheet.refuse(mute.hit, mute.words, problem.message)
            else:
                self._window.tell(problem.message)
            return
        if self._is_open(sheet):
            sheet.leave()
        words = f"“{shown(mute.words).text}”"
        self._say(done, f"Muted {words}", f"To mute {words}", "bell")

    # watching -------------------------------------------------------------------------------------

    def watch(self) -> None:
        """Opens the sheet for a phrase: that which is selected in the pane, or one to be typed."""
        self._tasks.spawn(self._open_watch(), "watch a phrase")

    async def _open_watch(self) -> None:
        window, engine = self._window, self._engine
        lists = await self._door.ask(engine.watchlists)
        incident = engine.incident()
        item = window.under.item
        hits = sorted(item.hits, key=lambda hit: hit.grade) if item is not None else []
        category = next((hit.category for hit in hits if hit.category in CATEGORIES), CATEGORY)

        def ask(wish: Watch) -> None:
            self._ask_anew(self._count(sheet, wish), "count a phrase")

        def go(wish: Watch) -> None:
            self._tasks.spawn(self._watch(sheet, wish), "watch a phrase")

        sheet = WatchPhrase(
            window.look,
            window.pane.selected,
            category,
            incident.name if incident is not None else None,
            lists,
            self._second(),
            ask,
            go,
        )
        window.scrim.open(sheet)

    async def _count(self, sheet: WatchPhrase, wish: Watch) -> None:
        editing, who = self._engine.editing, self._engine.who
        try:
            found = await self._door.ask(
                editing.rehearse_phrase,
                wish.phrase,
                who=who,
                watchlist_id=wish.watchlist_id,
                category=wish.category,
                grade=wish.grade,
            )
        except CordonError as problem:
            if self._is_open(sheet):
                sheet.refuse(wish, problem.message)
            return
        if self._is_open(sheet):
            sheet.say_effect(wish, found)

    async def _watch(self, sheet: WatchPhrase, wish: Watch) -> None:
        try:
            done = await self._put(wish)
        except CordonError as problem:
            if self._is_open(sheet):
                sheet.refuse(wish, problem.message)
            else:
                self._window.tell(problem.message)
            return
        if self._is_open(sheet):
            sheet.leave()
        words = f"“{shown(wish.phrase).text}”"
        self._say(done, f"Watching {words}", f"To watch {words}", "add")

    async def _put(self, wish: Watch) -> Published:
        editing, who, ask = self._engine.editing, self._engine.who, self._door.ask
        if wish.watchlist_id is None:
            category, grade = wish.category, wish.grade
            return await ask(
                editing.watch_phrase, wish.phrase, who=who, category=category, grade=grade, why=wish.why
            )
        return await ask(
            editing.watch_for_good,
            wish.phrase,
            wish.watchlist_id,
            who=who,
            grade=wish.grade,
            why=wish.why,
        )

    # what was done --------------------------------------------------------------------------------

    def _say(self, done: Published, words: str, wish: str, glyph: str) -> None:
        """Says what was done; where a second person is needed for it, what was wished."""
        if done.version is not None:
            found = done.version
            detail = f"{shown(found.name).text} v{found.version} is in force."
        else:
            second = self._second()
            words, detail = f"{wish}, two people are needed", second[:1].upper() + second[1:]
        self._done = (done, words, self._engine.now())
        self._window.toasts.show_toast(Toast(words, detail, glyph, "t1", "Undo", "U"))
        agreeing = self._window.seating.agreeing
        if done.waiting is not None and agreeing.others(done.waiting.put_by):
            agreeing.ask_about_list(done.waiting)

    def undo(self) -> bool:
        """Takes back what was done here last, if it was the last thing of all; whether that is tried."""
        if self._done is None:
            return False
        self._tasks.spawn(self._undo(*self._done), "take a list’s change back")
        self._done = None
        return True

    async def _undo(self, done: Published, words: str, at: int) -> None:
        who = self._engine.who
        acts = await self._door.ask(self._engine.acts, most=100)
        if any(act.requested_at > at and act.requested_by == who for act in acts):
            self._window.working.undo()
            return
        try:
            left = await self._door.ask(self._engine.editing.take_back, done, who=who)
        except CordonError as problem:
            self._window.tell(problem.message)
            return
        if left is not None and left.waiting is not None:
            detail = f"Two people are needed for that too: {self._second()}"
        else:
            detail = "The list is as it was before."
        self._window.toasts.show_toast(Toast(f"Undone: {words}", detail, "undo", "t1"))


def hits_to_mute(item: Item) -> Sequence[Hit]:
    """An item's hits, the worst first; the same words under one rule once."""
    found: dict[tuple[str, str, str], Hit] = {}
    for hit in sorted(item.hits, key=lambda hit: (hit.grade, hit.start)):
        found.setdefault((hit.watchlist, hit.rule, hit.text.casefold()), hit)
    return list(found.values())


def marking_commands(marking: Marking) -> list[Command]:
    """What the keys do about hits and phrases."""
    part = "Decide"
    return [
        Command("mute-hit", "Mute a wrong hit", "Shift+M", part, marking.mute, marking.why_no_hit),
        Command("watch-phrase", "Watch a phrase", "Shift+P", part, marking.watch),
    ]
