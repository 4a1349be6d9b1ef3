"""Lanes in windows of their own: made, put back, and all of them back in their places after a restart.

Each is a whole window with its own cursor, selection, pane and act strip, and the same commands; only the
incident bar and the rail are the main window's. What was typed in find is not written down: it may name a
member of the public, and whoever wants it back keeps it under a name.

What a newcomer would get wrong: a window that is put back is not destroyed but sleeps, hears nothing and
shows nothing, and is used again for the next lane. So nothing that still runs for it can meet a window that
is gone.
"""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication, QScreen

from console.ui.lane.view import Place
from console.ui.layout import Frame, Layout, TornLane, fitted, read_layout, screens, write_layout
from console.ui.loop import Tasks
from console.ui.standard_lanes import EVERYTHING

if TYPE_CHECKING:
    from pathlib import Path

    from console.ui.window import Window

MOST = 8
"""How many lanes may have windows of their own; more than screens hold."""
KEEP_EVERY_S = 30
SIZE = (900, 800)
STEP = 36
"""How far a new window stands from the one before it, in pixels."""


class Torn:
    """The windows beside the main one, and where all of them stand."""

    def __init__(self, main: "Window", path: "Path", tasks: Tasks, make: Callable[[], "Window"]) -> None:
        """`path` is where the layout is kept; `make` makes one more window, not shown."""
        self._main, self._path, self._tasks, self._make = main, path, tasks, make
        self._windows: list[Window] = []
        self._saved = Layout()
        self._may_keep = False
        self._seconds = 0
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.screenRemoved.connect(self._screens_changed)

    @property
    def all(self) -> list["Window"]:
        """Every window, those that sleep too."""
        return list(self._windows)

    @property
    def awake(self) -> list["Window"]:
        """The windows that are shown."""
        return [window for window in self._windows if not window.is_asleep]

    # coming back ----------------------------------------------------------------------------------

    def come_back(self) -> None:
        """Before the main window is shown: where it was, and what it showed."""
        self._saved = read_layout(self._path)
        self._may_keep = True
        if self._saved.frame is not None:
            self._put(self._main, self._saved.frame)
        if self._saved.lane:
            self._main.lanes.key = self._saved.lane
        self._main.lanes.places.update(self._saved.places)

    def show_again(self) -> None:
        """After the main window is shown: the lanes that had windows of their own."""
        for torn in self._saved.torn[:MOST]:
            self.tear_off(torn.key, frame=torn.frame, place=torn.place)

    # tearing off ----------------------------------------------------------------------------------

    def tear_off(self, key: str, *, frame: Frame | None = None, place: Place | None = None) -> None:
        """Shows a lane in a window of its own; goes to that window where there is one."""
        for window in self.awake:
            if window.lanes.key == key:
                window.activateWindow()
                return
        sleeping = [window for window in self._windows if window.is_asleep]
        if not sleeping and len(self._windows) >= MOST:
            self._main.tell(f"{MOST} lanes have windows of their own already. Put one back first.")
            return
        if sleeping:
            window = sleeping[0]
        else:
            window = self._make()
            self._windows.append(window)
        self._put(window, frame or self._next_frame())
        window.lanes.places.clear()
        found = place or self._main.lanes.places.get(key)
        if found is not None:
            window.lanes.places[key] = found
        window.wake(key)
        self.keep()

    def put_back(self, window: "Window") -> None:
        """A window is closed: its lane is where it was, in the main one."""
        window.sleep()
        self.keep()
        self._main.activateWindow()

    def _next_frame(self) -> Frame:
        number = len(self.awake)
        others = screens()[1:]
        if others:
            return Frame(others[0].x() + STEP * number, others[0].y() + STEP * number, *SIZE)
        corner = self._main.frameGeometry().topLeft()
        return Frame(corner.x() + STEP * (number + 2), corner.y() + STEP * (number + 2), *SIZE)

    @staticmethod
    def _put(window: "Window", frame: Frame) -> None:
        rect = fitted(frame, screens())
        window.resize(rect.size())
        window.move(rect.topLeft())
        if frame.is_maximised:
            window.showMaximized()

    def _screens_changed(self, _gone: QScreen) -> None:
        """A screen is gone: whatever stood on it is moved, once the system knows which are left."""
        QTimer.singleShot(0, self.fit)

    def fit(self) -> None:
        """Moves every window that cannot be seen or taken hold of any more."""
        for window in (self._main, *self.awake):
            frame = _frame(window)
            if not frame.is_maximised and fitted(frame, screens()).topLeft() != window.pos():
                self._put(window, frame)

    # keeping --------------------------------------------------------------------------------------

    def tick(self) -> None:
        """Once a second; what was moved is kept within half a minute."""
        self._seconds += 1
        if self._seconds % KEEP_EVERY_S == 0:
            self.keep()

    def keep(self) -> None:
        """Keeps where everything is, if that is different; the disk is not waited for."""
        layout = self._layout()
        if self._may_keep and layout != self._saved:
            self._saved = layout
            self._tasks.spawn(asyncio.to_thread(write_layout, self._path, layout), "keep the layout")

    def _layout(self) -> Layout:
        lanes = self._main.lanes
        lanes.remember()
        torn = [
            TornLane(window.lanes.key, _frame(window), window.view.place())
            for window in self.awake
            if window.isVisible() and lanes.may_be_written(window.lanes.key)
        ]
        places = {key: place for key, place in lanes.places.items() if lanes.may_be_written(key)}
        shown = lanes.key if lanes.may_be_written(lanes.key) else EVERYTHING
        return Layout(_frame(self._main), shown, places, tuple(torn))

    def end(self) -> None:
        """The program ends: keeps where everything is, and hears nothing any more."""
        if self._may_keep:
            write_layout(self._path, self._layout())
        self._may_keep = False
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.screenRemoved.disconnect(self._screens_changed)
        for window in self._windows:
            window.end()

    def leave(self) -> None:
        """The engine has ended: every window goes for good."""
        for window in self._windows:
            window.leave()
            window.deleteLater()
        self._windows.clear()


def _frame(window: "Window") -> Frame:
    rect = window.normalGeometry() if window.isMaximized() else window.geometry()
    place = rect.topLeft() if window.isMaximized() else window.pos()
    return Frame(place.x(), place.y(), rect.width(), rect.height(), window.isMaximized())
