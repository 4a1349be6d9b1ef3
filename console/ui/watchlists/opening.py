"""Opens the watchlist editor, and keeps what was changed in it until it is published.

What a newcomer would get wrong: leaving the editor drops nothing. What was changed stays here, by list, as
long as the window is open.
"""

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from console.domain.errors import CordonError
from console.domain.list_changes import Waiting
from console.services.events import Announcement, SearchMoved, WatchlistsChanged
from console.ui.bridge import Door
from console.ui.commands import Command
from console.ui.loop import Tasks

if TYPE_CHECKING:
    from console.services.engine import Engine
    from console.ui.watchlists.drafts import Draft
    from console.ui.watchlists.editor import Editor
    from console.ui.window import Window


class Watchlists:
    """What the window's keys for watchlists do."""

    def __init__(self, window: "Window", engine: "Engine", door: Door, tasks: Tasks) -> None:
        self.window, self.engine, self.door, self.tasks = window, engine, door, tasks
        self.drafts: dict[str, Draft] = {}
        """What was changed and not published, by the list's id."""
        self.last: str | None = None
        """The list that was shown last."""
        self._editor: Editor | None = None

    def take_engine(self, engine: "Engine", door: Door) -> None:
        """Asks this engine from now on."""
        self.engine, self.door = engine, door

    @property
    def editor(self) -> "Editor | None":
        """The editor while it is open."""
        if self._editor is not self.window.scrim.sheet:
            self._editor = None
        return self._editor

    def open(self, list_id: str | None = None, rule_id: str | None = None) -> None:
        """Opens the editor, on a given list and rule where they are there."""
        self.tasks.spawn(self._open(list_id, rule_id), "open the watchlists")

    @property
    def who(self) -> str:
        """Who sits here."""
        return self.engine.who

    def today(self) -> dt.date:
        """The day by the checked clock."""
        return self.engine.editing.today()

    def ask_second(self, waiting: Waiting) -> None:
        """Something waits for a second person: asks who is here, or says that it waits."""
        agreeing = self.window.seating.agreeing
        if agreeing.others(waiting.put_by):
            agreeing.ask_about_list(waiting)
        else:
            self.window.tell(f"{waiting.watchlist.name} waits for somebody else to agree.")

    async def _open(self, list_id: str | None, rule_id: str | None) -> None:
        try:
            lists = await self.door.ask(self.engine.watchlists)
        except CordonError as problem:
            self.window.tell(problem.message)
            return
        # its parts are loaded with the engine; the window opens before it
        from console.ui.watchlists.editor import Editor  # noqa: PLC0415 - the same

        editor = self._editor = Editor(self)
        self.window.scrim.open(editor)
        editor.begin(lists, list_id or self.last, rule_id)

    def take(self, announcements: Sequence[Announcement]) -> None:
        """Hears that lists changed and how far the past is searched."""
        editor = self.editor
        if editor is None:
            return
        if any(isinstance(one, WatchlistsChanged) for one in announcements):
            editor.changed_elsewhere()
        moved = [one for one in announcements if isinstance(one, SearchMoved)]
        if moved:
            editor.search_moved(moved[-1].search)


def watchlist_commands(watchlists: Watchlists) -> list[Command]:
    """The command that opens the editor."""
    return [Command("watchlists", "Watchlists", "Ctrl+E", "The desk", watchlists.open)]
