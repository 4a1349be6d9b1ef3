"""The item under the cursor: its pane, and that a person has seen it.

What a newcomer would get wrong: the cursor may have moved on while the cache or the engine was asked. Every
answer is held against the cursor as it is then, and thrown away when it came too late.
"""

import asyncio
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

from console.domain.ids import ItemId
from console.domain.items import Item, ItemKind
from console.store.reader import Reader
from console.ui.bridge import Door
from console.ui.loop import Tasks
from console.ui.panes.item_pane import read_facts

if TYPE_CHECKING:
    from console.services.engine import Engine
    from console.ui.window import Window

SEEN_AFTER_MS = 700
"""An item counts as seen when the cursor has rested on it for so long."""


class UnderCursor:
    """Follows the cursor of one window."""

    def __init__(self, window: "Window", engine: "Engine", door: Door, reader: Reader, tasks: Tasks) -> None:
        self._window, self._engine, self._door = window, engine, door
        self._reader, self._tasks = reader, tasks
        self._seen_timer = QTimer(window)
        self._seen_timer.setSingleShot(True)
        self._seen_timer.setInterval(SEEN_AFTER_MS)
        self._seen_timer.timeout.connect(self._mark_seen)

    def take_engine(self, engine: "Engine", door: Door) -> None:
        """Asks this engine from now on."""
        self._engine, self._door = engine, door

    def changed(self, item_id: int | None) -> None:
        """The cursor is on another item, or on none."""
        if item_id is None:
            self._window.pane.clear()
            return
        self._seen_timer.start()
        self._tasks.spawn(self.fill(item_id), "fill the pane")

    async def fill(self, item_id: int) -> None:
        """Fills the pane, if the cursor still is there by then."""
        window = self._window
        unseal = self._engine.keys.unseal_text_if_open
        if await window.waves.fill_pane(item_id):
            return
        facts = await asyncio.wrap_future(self._reader.submit(read_facts, item_id, unseal))
        if facts is None or item_id != window.view.cursor_id:
            return
        can = await self._door.ask(self._engine.can, [ItemId(item_id)])
        if item_id != window.view.cursor_id:
            return
        account = window.known.accounts.get(facts.item.account_id)
        mark = window.known.mark(facts.item.account_id)
        name = account.name if account else facts.item.network
        window.pane.say(facts, can.get(facts.item.id, {}), name, (mark.letters, mark.shape))
        if not self._seen_timer.isActive():
            self._note_look()

    def look(self) -> None:
        """A person looks at the window from now on."""
        self._seen_timer.start()

    def stop(self) -> None:
        """Marks nothing as seen any more."""
        self._seen_timer.stop()

    def _mark_seen(self) -> None:
        window = self._window
        cursor = window.view.cursor_id
        if cursor is not None and window.isActiveWindow():
            row = window.feed.model.rows.get(cursor)
            if row is not None and row.unseen:
                self._tasks.spawn(self._door.ask(self._engine.mark_seen, [ItemId(cursor)]), "mark as seen")
            self._note_look()

    def _note_look(self) -> None:
        """Puts on record that a private message was read, once the cursor has rested on it."""
        found = self.item
        if found is not None and found.kind is ItemKind.MESSAGE:
            work = self._door.ask(self._engine.onlookers.messages_read, [found], self._engine.who)
            self._tasks.spawn(work, "note a look")

    @property
    def item(self) -> Item | None:
        """The item under the cursor, when the pane has read it."""
        facts = self._window.pane.facts
        return facts.item if facts is not None and facts.item.id == self._window.view.cursor_id else None
