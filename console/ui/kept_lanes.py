"""Lanes that a person keeps, and the list of every lane there is.

What a newcomer would get wrong: views are read from the cache, as everything is that the window shows, and
changed through the engine. What was changed is seen when the engine has announced it, also at another seat.
"""

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QGuiApplication

from console.domain.errors import CordonError
from console.domain.query_text import written
from console.domain.views import Groups, View
from console.store import views as stored_views
from console.store import watchlists as stored_watchlists
from console.store.database import Connection
from console.store.reader import Reader
from console.ui.bridge import Door
from console.ui.dialogs.group_accounts import GroupAccounts
from console.ui.dialogs.keep_lane import KeepLane
from console.ui.dialogs.lane_list import LaneEntry, LaneList, ListActs
from console.ui.loop import Tasks
from console.ui.standard_lanes import BY_GRADE, OTHERS
from console.ui.text import plural, short_count, shown

if TYPE_CHECKING:
    from console.services.engine import Engine
    from console.ui.window import Window

_MARK = "view:"


def view_key(number: int) -> str:
    """The key of a saved lane."""
    return f"{_MARK}{number}"


@dataclass(frozen=True, slots=True)
class Names:
    """Everything by which lanes are asked for, as the cache has it."""

    views: Sequence[View] = ()
    """One's own in their order, then those that others share."""
    groups: Groups = field(default_factory=dict)
    watchlists: Mapping[str, str] = field(default_factory=dict)
    """Names of the lists in force, by id."""


class KeptLanes:
    """What the window does about lanes that are kept."""

    def __init__(self, window: "Window", engine: "Engine", door: Door, reader: Reader, tasks: Tasks) -> None:
        self._window, self._engine, self._door = window, engine, door
        self._reader, self._tasks = reader, tasks
        self.names = Names()

    def take_engine(self, engine: "Engine", door: Door) -> None:
        """Asks this engine from now on."""
        self._engine, self._door = engine, door

    async def refresh(self) -> None:
        """Reads anew what lanes there are."""
        found = await asyncio.wrap_future(self._reader.submit(_names, self._engine.who))
        if found != self.names:
            self.names = found
            self._window.lanes.tallies.changed()
            self._window.known.say_rail()
            sheet = self._window.scrim.sheet
            if isinstance(sheet, LaneList):
                sheet.say(self.entries())

    def view(self, key: str) -> View | None:
        """The saved lane of a key; None for another's key."""
        return next((view for view in self.names.views if view_key(view.id) == key), None)

    # the list -------------------------------------------------------------------------------------

    def entries(self) -> list[LaneEntry]:
        """Every lane there is, one's own first."""
        who, number = self._engine.who, self._number
        found = [
            LaneEntry(
                view_key(view.id),
                shown(view.name).text,
                view.question,
                "yours" if view.is_of(who) else f"from {shown(view.owner).text}",
                glyph="pin" if view.is_of(who) else "people",
                number=number(view_key(view.id)),
                view=view.id if view.is_of(who) else None,
                is_shared=view.is_shared,
            )
            for view in self.names.views
        ]
        found += [LaneEntry(lane.key, lane.name, lane.question, "grade", grade=n) for n, lane in _GRADES]
        found += [
            LaneEntry(lane.key, lane.name, lane.question, "everybody’s", lane.glyph, number=number(lane.key))
            for lane in OTHERS
        ]
        found += [
            LaneEntry(written("group", name), shown(name).text, written("group", name), "group", "people")
            for name in self.names.groups
        ]
        found += [
            LaneEntry(f"hit:{each}", f"Hits: {shown(name).text}", f"hit:{each}", "watchlist", "shield")
            for each, name in self.names.watchlists.items()
        ]
        return found + [
            LaneEntry(one.key, one.name, written("account", one.key), "account", "person")
            for one in self._window.accounts
        ]

    def _number(self, key: str) -> str:
        tally = self._window.lanes.tallies.of(key)
        return "" if tally is None else short_count(tally.number)

    def open_list(self) -> None:
        """Shows the list of every lane."""
        lanes = self._window.lanes
        acts = ListActs(
            open=lambda entry: lanes.open(entry.key),
            tear_off=lambda entry: lanes.tear_off(entry.key),
            change=self._change,
            drop=lambda entry: self._do(self._drop(entry)),
            share=lambda entry: self._do(self._share(entry)),
            move=lambda entry, by: self._do(self._move(entry, by)),
            copy=lambda: self._do(self._copy()),
            paste=lambda: self._do(self._paste()),
        )
        self._window.scrim.open(LaneList(self._window.look, self.entries(), acts))

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        async def try_it() -> None:
            try:
                await work
            except CordonError as problem:
                self._window.tell(problem.message)

        self._tasks.spawn(try_it(), "change a lane")

    async def _drop(self, entry: LaneEntry) -> None:
        if entry.view is not None:
            gone = await self._door.ask(self._engine.views.drop, entry.view, self._engine.who)
            self._window.tell(
                f"“{shown(gone.name).text}” is taken away. It held: {shown(gone.question).text}"
            )

    async def _share(self, entry: LaneEntry) -> None:
        if entry.view is not None:
            who, shared = self._engine.who, not entry.is_shared
            await self._door.ask(self._engine.views.change, entry.view, who, is_shared=shared)
            self._window.tell(
                f"Everybody sees “{entry.name}” now." if shared else f"“{entry.name}” is yours."
            )

    async def _move(self, entry: LaneEntry, by: int) -> None:
        if entry.view is not None:
            await self._door.ask(self._engine.views.move, entry.view, by, self._engine.who)

    async def _copy(self) -> None:
        text = await self._door.ask(self._engine.views.as_text, self._engine.who)
        QGuiApplication.clipboard().setText(text)
        self._window.tell("Your lanes are copied as text. Paste them into a message or a file.")

    async def _paste(self) -> None:
        text = QGuiApplication.clipboard().text()
        made = await self._door.ask(self._engine.views.take_text, text, self._engine.who)
        more = "" if made else " Those in the text are kept already."
        self._window.tell(f"{plural(len(made), 'lane')} taken from the text.{more}")

    # groups ---------------------------------------------------------------------------------------

    def group_accounts(self) -> None:
        """Asks which accounts stand together under a name."""
        window = self._window
        window.scrim.open(
            GroupAccounts(
                window.look,
                window.accounts,
                self.names.groups,
                lambda name, keys: self._do(self._group(name, keys)),
            )
        )

    async def _group(self, name: str, keys: Sequence[str]) -> None:
        await self._door.ask(self._engine.views.set_group, name, keys, self._engine.who)
        await self.refresh()
        self._window.tell(f"“{shown(name).text}” holds {plural(len(keys), 'account')} now.")

    # keeping --------------------------------------------------------------------------------------

    def keep(self) -> None:
        """Asks for a name under which the lane that is shown is kept."""
        lanes = self._window.lanes
        own = self.view(lanes.key)
        if own is not None and own.is_of(self._engine.who):
            self._ask(own.question, own.name, own)
        else:
            self._ask(lanes.question(lanes.key), "", None)

    def _change(self, entry: LaneEntry) -> None:
        found = self.view(entry.key)
        if found is not None:
            self._ask(found.question, found.name, found)

    def _ask(self, question: str, name: str, known: View | None) -> None:
        def go(wanted: str, shared: bool) -> None:
            self._tasks.spawn(self._keep(sheet, question, wanted, shared, known), "keep a lane")

        sheet = KeepLane(
            self._window.look,
            question,
            name,
            go,
            is_shared=known is not None and known.is_shared,
            is_known=known is not None,
        )
        self._window.scrim.open(sheet)

    async def _keep(
        self, sheet: KeepLane, question: str, name: str, shared: bool, known: View | None
    ) -> None:
        views, who, ask = self._engine.views, self._engine.who, self._door.ask
        try:
            if known is None:
                made = await ask(views.keep, name, question, who)
                if shared:
                    made = await ask(views.change, made.id, who, is_shared=True)
            else:
                made = await ask(views.change, known.id, who, name=name, is_shared=shared)
        except CordonError as problem:
            if self._window.scrim.sheet is sheet:
                sheet.say(problem.message)
            else:
                self._window.tell(problem.message)
            return
        if self._window.scrim.sheet is sheet:
            sheet.leave()
        await self.refresh()
        self._window.lanes.renamed(view_key(made.id), question)
        self._window.tell(f"“{shown(made.name).text}” is in the rail now.")


_GRADES = tuple(enumerate(BY_GRADE, start=1))


def _names(conn: Connection, who: str) -> Names:
    found = stored_views.views(conn)
    own = [view for view in found if view.is_of(who)]
    shared = [view for view in found if view.is_shared and not view.is_of(who)]
    lists = {one.id: one.name for one in stored_watchlists.watchlists(conn)}
    return Names((*own, *shared), stored_views.groups(conn), lists)
