"""Opens the watchlist editor, and keeps what was changed in it until it is published.

What a newcomer would get wrong: leaving the editor drops nothing. What was changed stays here, by list, as
long as the window is open.
"""

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from console.domain.errors import CordonError
from console.domain.list_changes import Published, Waiting
from console.services.events import Announcement, SearchMoved, WatchlistsChanged
from console.ui.bridge import Door
from console.ui.commands import Command
from console.ui.loop import Tasks
from console.ui.text import shown

if TYPE_CHECKING:
    from console.services.engine import Engine
    from console.ui.watchlists.drafts import Draft
    from console.ui.watchlists.editor import Editor
    from console.ui.window import Window

FROM_THE_PAST: Final = "Hits appear as from the past, without alarms."


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

    @property
    def who(self) -> str:
        """Who sits here."""
        return self.engine.who

    def today(self) -> dt.date:
        """The day by the checked clock."""
        return self.engine.editing.today()

    # what a person does ---------------------------------------------------------------------------

    async def publish(self, draft: "Draft", why: str, *, alarm: bool) -> str:
        """Publishes a draft, or has it wait for a second person; what to say of it. Raises CordonError."""
        wanted = draft.to_publish()
        done = await self.door.ask(self.engine.editing.publish, wanted, who=self.who, why=why, alarm=alarm)
        return self._settled(draft, done, alarm=alarm)

    async def put_live(self, waiting: Waiting, why: str, *, alarm: bool) -> str:
        """Puts in force what was rehearsed; what to say of it. Raises CordonError."""
        call = self.engine.editing.put_live
        done = await self.door.ask(call, waiting.id, who=self.who, why=why, alarm=alarm)
        return self._settled(None, done, alarm=alarm)

    async def go_back(self, list_id: str, version: int, why: str) -> str:
        """Publishes an older version's rules as a new version; what to say of it. Raises CordonError."""
        done = await self.door.ask(self.engine.editing.go_back, list_id, version, who=self.who, why=why)
        return self._settled(self.drafts.get(list_id), done)

    async def rehearse(self, draft: "Draft", why: str) -> str:
        """Matches a draft in shadow from now on; what to say of it. Raises CordonError."""
        wanted = draft.to_publish()
        await self.door.ask(self.engine.editing.keep_rehearsing, wanted, who=self.who, why=why)
        self.drop(draft)
        return f"{shown(wanted.name).text} is rehearsed from now on: counted, without grade or alarm."

    def _settled(self, draft: "Draft | None", done: Published, *, alarm: bool = False) -> str:
        """Drops the draft that was published; asks the second person where one is needed."""
        if draft is not None:
            self.drop(draft)
        if done.version is None:
            return self._ask_second(done.waiting) if done.waiting is not None else ""
        name, version = shown(done.version.name).text, done.version.version
        return f"{name}: version {version} is in force." + ("" if alarm else f" {FROM_THE_PAST}")

    def drop(self, draft: "Draft") -> None:
        """Keeps a draft no longer."""
        if self.drafts.get(draft.wanted.id) is draft:
            del self.drafts[draft.wanted.id]

    def _ask_second(self, waiting: Waiting) -> str:
        agreeing = self.window.seating.agreeing
        words = f"{shown(waiting.watchlist.name).text} waits for somebody other than {self.who} to agree."
        if agreeing.others(waiting.put_by):
            agreeing.ask_about_list(waiting)
        else:
            self.window.tell(words)
        return words

    # sheets ---------------------------------------------------------------------------------------

    def open(self, list_id: str | None = None, rule_id: str | None = None) -> None:
        """Opens the editor, on a given list and rule where they are there."""
        self.tasks.spawn(self._open(list_id, rule_id), "open the watchlists")

    def back(self, words: str = "") -> None:
        """Opens the editor again as it was left; `words` are said in it."""
        self.tasks.spawn(self._open(self.last, None, words), "open the watchlists")

    async def _open(self, list_id: str | None, rule_id: str | None, words: str = "") -> None:
        try:
            lists = await self.door.ask(self.engine.watchlists)
            searches = await self.door.ask(self.engine.editing.searches)
        except CordonError as problem:
            self.window.tell(problem.message)
            return
        # its parts are loaded with the engine; the window opens before it
        from console.ui.watchlists.editor import Editor  # noqa: PLC0415 - the same

        editor = self._editor = Editor(self)
        self.window.scrim.open(editor)
        editor.begin(lists, list_id or self.last, rule_id)
        editor.tell(words)
        for search in searches:
            if search.is_open:
                editor.search_moved(search)

    def show_history(self, list_id: str) -> None:
        """Shows the versions of a list."""
        self.tasks.spawn(self._show_history(list_id), "show the versions")

    async def _show_history(self, list_id: str) -> None:
        from console.ui.watchlists.history import History  # noqa: PLC0415 - loaded with the engine

        try:
            versions = await self.door.ask(self.engine.editing.versions, list_id)
        except CordonError as problem:
            self.window.tell(problem.message)
            return
        if versions:
            self.window.scrim.open(History(self, versions))

    def show_shadow(self, *, from_editor: bool = False) -> None:
        """Shows what is rehearsed and what waits for a second person; Esc goes back to where it came from."""
        self.tasks.spawn(self._show_shadow(from_editor), "show what is not in force")

    async def _show_shadow(self, from_editor: bool) -> None:
        from console.ui.watchlists.shadow import Shadow  # noqa: PLC0415 - loaded with the engine

        try:
            waiting = await self.door.ask(self.engine.editing.waiting)
            lists = await self.door.ask(self.engine.watchlists)
        except CordonError as problem:
            self.window.tell(problem.message)
            return
        self.window.scrim.open(Shadow(self, waiting, lists, from_editor=from_editor))

    def show_files(self, list_id: str | None) -> None:
        """Asks for a file to read lists from, or to write one to."""
        from console.ui.watchlists.files import Files  # noqa: PLC0415 - loaded with the engine

        self.window.scrim.open(Files(self, list_id))

    def take(self, announcements: Sequence[Announcement]) -> None:
        """Hears that lists changed and how far the past is searched."""
        editor = self.editor
        if editor is None:
            return
        if any(isinstance(one, WatchlistsChanged) for one in announcements):
            editor.changed_elsewhere()
        for one in announcements:
            if isinstance(one, SearchMoved):
                editor.search_moved(one.search)


def watchlist_commands(watchlists: Watchlists) -> list[Command]:
    """The commands about watchlists."""
    desk = "The desk"
    return [
        Command("watchlists", "Watchlists", "Ctrl+E", desk, watchlists.open),
        Command("rehearsed", "What is rehearsed", "Ctrl+Shift+E", desk, watchlists.show_shadow),
    ]
