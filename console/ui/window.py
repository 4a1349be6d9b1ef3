"""The main window: places, joined to what fills them.

Every place is permanent: the incident bar, the rail, the edge, the lane, the pane and the act strip are there
when they are empty. The window reads the cache itself, on the reader's thread; it asks the engine only to
change something.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QMainWindow, QVBoxLayout, QWidget

from console.domain.accounts import Account
from console.domain.acts import Verb
from console.services.events import (
    AccountsChanged,
    ActsChanged,
    Announcement,
    Arrived,
    ItemsChanged,
    Trouble,
    ViewsChanged,
    WatchlistsChanged,
)
from console.store.reader import Reader
from console.ui.bridge import Bridge, Door
from console.ui.choosing import Choosing
from console.ui.command_table import command_table
from console.ui.commands import Commands, cap
from console.ui.connecting import Connecting
from console.ui.feed import Feed
from console.ui.focus import Part, focus_first, go_round
from console.ui.known import Known
from console.ui.lane.view import LaneView
from console.ui.lanes import Lanes
from console.ui.loop import Tasks
from console.ui.marking import Marking
from console.ui.operators.seating import Seating
from console.ui.panes.incident_bar import IncidentBar
from console.ui.panes.item_pane import ItemPane
from console.ui.panes.lane_column import LaneColumn
from console.ui.panes.rail import Rail
from console.ui.panes.strip import ActStrip
from console.ui.panes.toasts import Toast, Toasts
from console.ui.parts import Look
from console.ui.sheet import Scrim
from console.ui.sheets import Sheets
from console.ui.theme import CONTROL, stylesheet
from console.ui.torn import Torn
from console.ui.under_cursor import UnderCursor
from console.ui.watchlists.opening import Watchlists
from console.ui.waves import Waves
from console.ui.working import Working

if TYPE_CHECKING:
    from console.services.engine import Engine

PAINTED_WITHIN_S = 1.0


class Window(QMainWindow):
    """The desk.

    Signals: `closing()` when a person asked to leave; the window stays until it is told to go.
    """

    closing = Signal()

    def __init__(
        self,
        engine: "Engine",
        door: Door,
        reader: Reader,
        tasks: Tasks,
        look: Look,
        keys: Mapping[str, str],
        *,
        is_exercise: bool = False,
        torn_from: "Window | None" = None,
    ) -> None:
        """`torn_from` is the main window, where this one shows a lane of its own beside it."""
        super().__init__()
        self.setWindowTitle("Cordon, exercise" if is_exercise else "Cordon")
        self._torn_from = torn_from
        self.is_asleep = torn_from is not None
        """Whether it shows nothing and hears nothing: a window beside the main one that was put back."""
        self._engine, self._door, self._reader, self._tasks = engine, door, reader, tasks
        self.look = look
        self.is_exercise = is_exercise
        self._may_close = False
        self.commands = Commands(keys)
        self.known = Known(self, engine, door, reader)
        self.lanes = Lanes(self, engine, door, reader, tasks)
        soon: Callable[[Callable[[], None]], None] = partial(QTimer.singleShot, 0)
        unseal = engine.keys.unseal_text_if_open
        self.feed = Feed(reader, tasks, lambda: self.known.accounts, self.known.mark, unseal, soon, self._now)
        self.view = LaneView(self.feed.model, look.theme, self._now)
        self.feed.view = self.view
        self.feed.who = lambda: self._engine.who
        self.under = UnderCursor(self, engine, door, reader, tasks)
        self.waves = Waves(self, engine, door, reader, tasks)
        self.choosing = Choosing(self, engine, door, reader, tasks)
        self.connecting = Connecting(self, engine, door, tasks)
        self.marking = Marking(self, engine, door, tasks)
        self.sheets = Sheets(self, engine, door, tasks)
        self._build()
        # whoever sits here is asked in the main window, whose curtain covers the others
        self.seating: Seating = torn_from.seating if torn_from else Seating(self, engine, door, tasks)
        self.watchlists = Watchlists(self, engine, door, tasks)
        self.commands.add(*command_table(self))
        self._join()
        self.torn = Torn(self, reader.path.with_name("layout.json"), tasks, self._another)
        self.lanes.tear_off = self.torn.tear_off if torn_from is None else torn_from.torn.tear_off
        self._relooked()

    # building -------------------------------------------------------------------------------------

    def _now(self) -> int:
        return self._engine.now()

    def _build(self) -> None:
        look = self.look
        self._held = QWidget()
        self._held.setObjectName("window")
        self.setCentralWidget(self._held)
        self.scrim = Scrim(look, self._held, self.focus_lane)
        open_lane = self.lanes.open
        self.bar = IncidentBar(
            look,
            {
                "everything": lambda: open_lane("everything"),
                "incident": lambda: open_lane("everything"),
                "unseen": lambda: open_lane("unseen"),
                "grade 1": lambda: open_lane("grade 1"),
                "grade 2": lambda: open_lane("grade 2"),
                "stale": self.sheets.show_stale,
            },
        )
        self.rail = Rail(look, open_lane, self.lanes.open_account)
        self.lane = LaneColumn(look, self.view, self.lanes.find, self.lanes.let_in)
        self.pane = ItemPane(look, self._run, self.key_words, self._now, self.time_of_day)
        self.strip = ActStrip(look, self.sheets.show_queue, self.undo, self._now, self.time_of_day)
        body = QHBoxLayout()
        body.setSpacing(0)
        body.addWidget(self.rail)
        body.addWidget(self.lane, 1)
        body.addWidget(self.pane)
        box = QVBoxLayout(self._held)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.bar)
        box.addLayout(body, 1)
        box.addWidget(self.strip)
        self.toasts = Toasts(look, self._held, self._now)
        self.toasts.hide()
        self.working = Working(
            self._engine,
            self._door,
            self._tasks,
            self.toasts,
            self.sheets.show_plan,
            self.tell,
            lambda: self.refresh("strip"),
        )

    def _join(self) -> None:
        self.lanes.join()
        self.view.cursor_changed.connect(self.under.changed)
        self.view.opened.connect(lambda _item: self.waves.open_here() or self.pane.setFocus())
        self.view.picks.on_change(self.lanes.say_head)
        self.feed.on_change(self.lanes.say)
        self.look.changed.connect(self._relooked)
        self.bar.setVisible(not self.is_torn)
        self.rail.setVisible(not self.is_torn)
        self.bridge = Bridge(self._engine.events, self._take)
        self._second = QTimer(self)
        self._second.setInterval(1000)
        self._second.timeout.connect(self._tick)
        self._second.start()
        self._refresh_timer = QTimer(self)
        self._refresh_timer.setInterval(250)
        self._refresh_timer.timeout.connect(self._refresh_soon)
        self._refresh_timer.start()

    def take_engine(self, engine: "Engine", door: Door) -> None:
        """The engine has come: acts are possible, and what arrives is heard from now on."""
        self._engine, self._door = engine, door
        self.known.take_engine(engine, door)
        self.lanes.take_engine(engine, door)
        self.under.take_engine(engine, door)
        self.working.take_engine(engine, door)
        self.waves.take_engine(engine, door)
        self.choosing.take_engine(engine, door)
        self.connecting.take_engine(engine, door)
        self.sheets.take_engine(engine, door)
        self.marking.take_engine(engine, door)
        if not self.is_torn:
            self.seating.take_engine(engine, door)
        self.watchlists.take_engine(engine, door)
        self.feed.take_key(engine.keys.unseal_text_if_open)
        if not self.is_asleep:
            self.bridge.hear(engine.events)
        for window in self.torn.all:
            window.take_engine(engine, door)
        self._tasks.spawn(self.feed.look_again(engine.now()), "look for what came meanwhile")
        self.view.viewport().update()

    async def open(self) -> None:
        """Fills every place for the first time, as it was left."""
        if not self.is_torn:
            self.seating.begin()
        await self.known.refresh()
        if self.lanes.is_kept:
            await self.lanes.kept.refresh()
        self.lanes.begin()
        self._tick()
        if not self.is_torn:
            self.known.spoil("lanes")
            self.torn.show_again()

    # windows beside it ----------------------------------------------------------------------------

    @property
    def is_torn(self) -> bool:
        """Whether it shows a lane of its own beside the main window; bar, rail and alarms are that one's."""
        return self._torn_from is not None

    def _another(self) -> "Window":
        engine, door, keys = self._engine, self._door, self.commands.chosen
        made = Window(
            engine,
            door,
            self._reader,
            self._tasks,
            self.look,
            keys,
            is_exercise=self.is_exercise,
            torn_from=self,
        )
        made.sleep()
        return made

    def sleep(self) -> None:
        """Shows nothing and hears nothing until it is woken."""
        self.is_asleep = True
        self.hide()
        self._stop()
        self.feed.forget()

    def wake(self, key: str) -> None:
        """Shows a lane."""
        self.is_asleep = False
        self.bridge.hear(self._engine.events)
        self.bridge.go_on()
        self._second.start()
        self._refresh_timer.start()
        self.lanes.key = key
        if not self.isVisible():
            self.show()
        self._tasks.spawn(self.open(), "open a lane’s own window")

    def _stop(self) -> None:
        for timer in (self._second, self._refresh_timer):
            timer.stop()
        self.under.stop()
        self.choosing.stop()
        self.bridge.close()

    async def painted(self) -> None:
        """Waits until the first rows are on the screen, or it is plain that there are none.

        No longer than a moment: a window that was opened out of sight is never painted.
        """
        until = time.monotonic() + (0 if self.seating.curtain.is_up else PAINTED_WITHIN_S)
        while not self.view.painted_count and (self.feed.is_loading or len(self.feed.model)):
            if time.monotonic() > until:
                return
            await asyncio.sleep(0.002)

    # looks ----------------------------------------------------------------------------------------

    def _relooked(self) -> None:
        look = self.look
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.setFont(look.font(CONTROL))
            application.setStyleSheet(stylesheet(look.theme, look.percent))
        self.view.restyle(look.theme, look.density, look.percent)
        self._fit()
        self._held.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Places collapse and widen."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        width, px = self.width(), self.look.px
        self.rail.set_narrow(width < 1360 or self.look.percent >= 150)
        wanted = 400 if width < 1360 else 440 if width < 1800 else 560
        room = width - (0 if self.is_torn else self.rail.width()) - px(wanted)
        pane_fits = width >= 1280 and room >= 560
        self.pane.setVisible(pane_fits)
        self.pane.setFixedWidth(min(px(wanted), max(320, width // 2)))
        self.toasts.place()

    def time_of_day(self, at: int) -> str:
        """A time as a clock on the wall shows it; with its day when that is not today."""
        moment = datetime.fromtimestamp(at / 1000).astimezone() if 0 <= at < 253_402_300_799_000 else None
        if moment is None:
            return "a time out of range"
        today = datetime.now().astimezone().date()
        return f"{moment:%H:%M:%S}" if moment.date() == today else f"{moment:%d %b %Y %H:%M}"

    def key_words(self, name: str) -> str:
        """A command's key as a person reads it."""
        return cap(self.commands.key_of(self.commands[name]))

    # what comes in ---------------------------------------------------------------------------------

    def _take(self, announcements: Sequence[Announcement]) -> None:
        for one in announcements:
            if isinstance(one, Trouble):
                self.tell(one.words)
            elif isinstance(one, AccountsChanged):
                self.known.spoil("accounts")
            elif isinstance(one, ViewsChanged | WatchlistsChanged):
                self.known.spoil("lanes")
            elif isinstance(one, ActsChanged):
                self.known.spoil("strip")
            elif isinstance(one, Arrived):
                self.known.spoil("rail")
                self.lanes.tallies.arrived()
                self._count_latency(one)
            elif isinstance(one, ItemsChanged):
                self.known.spoil("rail")
                self.lanes.tallies.changed()
                cursor = self.view.cursor_id
                if cursor is not None and cursor in one.ids:
                    self.known.spoil("pane")
        self.waves.take(announcements)
        if not self.is_torn:
            self.seating.take(announcements)
        self.watchlists.take(announcements)
        self._tasks.spawn(self.feed.take(announcements), "take announcements")

    def _count_latency(self, arrived: Arrived) -> None:
        if self.feed.latencies_ms is not None:
            self.feed.latencies_ms.append(self._engine.now() - arrived.received_at)

    def refresh(self, *parts: str) -> None:
        """Reads parts of the window anew, soon: `rail`, `strip`, `accounts`, `pane`."""
        self.known.spoil(*parts)

    def _refresh_soon(self) -> None:
        self.feed.settle()
        if self.known.is_spoilt:
            self._tasks.spawn(self.known.refresh(), "refresh")

    def _tick(self) -> None:
        self.known.tick()
        self.waves.tick()
        self.strip.tick()
        if not self.is_torn:
            self.lanes.tallies.tick()
            self.torn.tick()
            self.seating.tick()

    def tell(self, words: str) -> None:
        """Says one line to the person, without taking the focus."""
        self.toasts.show_toast(Toast(words, "", "info", "g3"))

    # lanes ----------------------------------------------------------------------------------------

    @property
    def accounts(self) -> Sequence[Account]:
        """The accounts as they were last read, with what networks say of them made safe to show."""
        return tuple(self.known.accounts.values())

    @property
    def lane_key(self) -> str:
        """Which lane is shown."""
        return self.lanes.key

    def focus_back(self) -> None:
        """Gives the keys to the sheet that is open, else to the lane."""
        if self.scrim.sheet is not None:
            (self.scrim.sheet.first() or self.scrim.sheet).setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.focus_lane()

    def focus_lane(self) -> None:
        """Gives the keys to the lane."""
        self.view.setFocus(Qt.FocusReason.OtherFocusReason)

    # acts ---------------------------------------------------------------------------------------------

    def act(self, verb: Verb) -> None:
        """Does a verb to the selection, else to the item under the cursor."""
        self.view.touched()
        targets = self.view.targets()
        if not self.waves.act(verb, targets):
            self.working.act(verb, targets)

    def undo(self) -> None:
        """Takes back what was done last: to a watchlist from here, or to items."""
        self.view.touched()
        if not self.marking.undo():
            self.working.undo()

    # going about ------------------------------------------------------------------------------------

    def go_to(self, item_id: int) -> None:
        """Puts the cursor on an item; opens everything where this lane does not hold it."""
        if self.feed.model.row_of(item_id) is None:
            self.lanes.open("everything", cursor=item_id)
        else:
            self.view.put_cursor(item_id)

    def next_part(self) -> None:
        """Moves the focus round: lane, pane, act strip, rail, incident bar."""
        parts: list[Part] = [
            (self.lane, self.focus_lane),
            (self.pane, self._focus_pane),
            (self.strip, partial(focus_first, self.strip)),
            (self.rail, self.rail.take_focus),
            (self.bar, partial(focus_first, self.bar)),
        ]
        go_round(self.focusWidget(), parts)

    def _focus_pane(self) -> None:
        if not focus_first(self.pane):
            self.pane.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def open_pane(self) -> None:
        """Opens the item's pane over the right half where there is no room for it, and goes there.

        A wave under the cursor is opened as a lane of its items.
        """
        if self.waves.open_here():
            return
        if not self.pane.isVisible():
            self.pane.setVisible(True)
        self._focus_pane()

    def escape(self) -> None:
        """Selects nothing; closes what was opened over the lane."""
        self.view.picks.clear()
        self._fit()
        self.focus_lane()

    # keys -----------------------------------------------------------------------------------------------

    def _run(self, name: str) -> None:
        command = self.commands[name]
        why = command.why_not()
        if why:
            self.tell(why)
        else:
            command.run()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys that no field took are commands."""
        is_covered = self.scrim.sheet is not None or self.seating.curtain.is_up
        command = None if is_covered else self.commands.for_event(event)
        if command is None:
            super().keyPressEvent(event)
            return
        self.view.touched()
        self._run(command.name)

    def changeEvent(self, event: QEvent) -> None:
        """Coming back to the window counts as looking."""
        if event.type() is QEvent.Type.ActivationChange and self.isActiveWindow():
            self.under.look()
        super().changeEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """A person asked to leave: the main coroutine ends the engine first."""
        if self._may_close:
            event.accept()
            return
        event.ignore()
        if self._torn_from is not None:
            self._torn_from.torn.put_back(self)
        else:
            self.closing.emit()

    def end(self) -> None:
        """Takes no more keys and asks for nothing any more; the engine is about to end."""
        self.torn.end()
        self.setEnabled(False)
        self._stop()

    def leave(self) -> None:
        """Goes for good; the engine has ended."""
        self.torn.leave()
        self._may_close = True
        self.close()
