"""The window's life: from the first line of Qt to the last, in order.

start      the engine's thread, the loop, the look
choose     with no account and no exercise: the first choice
work       the desk, until a person leaves
end        no more keys; the engine ends its acts, streams and store; then the window goes
"""

import asyncio
import logging
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from PySide6.QtCore import QCoreApplication, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QMainWindow

from console.domain.errors import CordonError
from console.paths import Places
from console.settings import Settings
from console.store.reader import Reader
from console.ui.bridge import Door, Thread
from console.ui.cold import Cold, read_first
from console.ui.connecting import open_connect
from console.ui.dialogs.first_run import FirstRun
from console.ui.errors import ErrorDesk
from console.ui.loop import Tasks, run
from console.ui.parts import Look
from console.ui.sheet import Scrim
from console.ui.theme import CONTRAST, DARK, LIGHT, THEMES, Density, Theme, stylesheet
from console.ui.window import Window

if TYPE_CHECKING:
    from console.services.engine import Engine

log = logging.getLogger(__name__)

SIZE = (1440, 900)
DENSITIES = {"compact": Density.COMPACT, "standard": Density.STANDARD, "roomy": Density.ROOMY}


@dataclass(frozen=True, slots=True)
class Way:
    """What the window works on: an engine that was started, and how to end it."""

    engine: "Engine"
    thread: Thread
    play: Callable[[], Awaitable[None]] | None
    """Plays an exercise on the engine's loop until it is over; None where real accounts are watched."""
    stop: Callable[[], Awaitable[None]]


Open = Callable[[bool], Coroutine[Any, Any, Way]]
"""Opens a way: True for the shipped exercise on a fresh profile, False for what was asked for."""


def theme_for(settings: Settings) -> Theme:
    """The theme that is set; `system` follows the desktop."""
    if settings.theme == "system":
        scheme = QGuiApplication.styleHints().colorScheme()
        return LIGHT if scheme is Qt.ColorScheme.Light else DARK
    return CONTRAST if settings.theme == "contrast" else THEMES[settings.theme]


def look_for(settings: Settings) -> Look:
    """How everything looks at the start."""
    return Look(theme_for(settings), DENSITIES[settings.density], settings.text_percent)


def application() -> QApplication:
    """The one application object."""
    found = QApplication.instance()
    if isinstance(found, QApplication):
        return found
    QCoreApplication.setApplicationName("Cordon")
    made = QApplication(sys.argv[:1])
    made.setStyle("Fusion")
    return made


def run_app(settings: Settings, places: Places, open_way: Open) -> int:
    """Runs the window to its end; gives the exit code. Raises what kept the profile from opening."""
    app = application()
    errors = ErrorDesk()
    errors.install()
    try:
        return run(app, lambda: _main(settings, places, open_way, errors))
    finally:
        errors.remove()


async def _main(settings: Settings, places: Places, open_way: Open, errors: ErrorDesk) -> int:
    errors.listen_to(asyncio.get_running_loop())
    leaving = asyncio.Event()
    _leave_on_signals(leaving)
    look = look_for(settings)
    cold = await _cold(settings, places)
    if cold is not None:
        return await _desk(look, settings, open_way(False), leaving, errors, cold)
    way = await open_way(False)
    if way.play is None and not way.engine.accounts():
        chosen = await _first_choice(look, way, leaving, errors)
        if chosen == "leave":
            await way.stop()
            return 0
        if chosen == "exercise":
            await way.stop()
            way = await open_way(True)
    return await _desk(look, settings, _there(way), leaving, errors, None)


async def _there(way: Way) -> Way:
    return way


@dataclass(frozen=True, slots=True)
class _Cold:
    """A cache that can be shown at once."""

    engine: Cold
    reader: Reader


async def _cold(settings: Settings, places: Places) -> _Cold | None:
    """The cache of a profile that has accounts; None where there is none, or it cannot be read."""
    if not places.database.is_file():
        return None
    reader = Reader(places.database)
    try:
        accounts, incident, roster = await asyncio.wrap_future(reader.submit(read_first))
    except Exception:  # noqa: BLE001 - the engine will say in its own words what is wrong with it
        accounts, incident, roster = [], None, []
    if not accounts:
        reader.close()
        return None
    return _Cold(Cold(settings, accounts, incident, roster), reader)


def _leave_on_signals(leaving: asyncio.Event) -> None:
    """Ctrl C and an ordinary end of the process leave in order.

    Python hears a signal only when some Python runs, and at rest Qt sleeps in its own code: a first choice
    that nobody touches would never end. So something of ours runs twice a second.
    """
    loop = asyncio.get_running_loop()
    wakes = QTimer(QCoreApplication.instance())
    wakes.timeout.connect(lambda: None)
    wakes.start(500)

    def heard(*_: object) -> None:
        loop.call_soon_threadsafe(leaving.set)

    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, heard)


async def _desk(
    look: Look,
    settings: Settings,
    opening: Coroutine[Any, Any, Way],
    leaving: asyncio.Event,
    errors: ErrorDesk,
    cold: _Cold | None,
) -> int:
    """The desk from its first rows to its end.

    Where the cache can be shown at once it is, and the engine comes behind it.
    """
    tasks = Tasks(errors.report)
    way: Way | None = None
    play: asyncio.Task[None] | None = None
    if cold is None:
        way = await opening
        reader = Reader(way.engine.places.database)
        window = Window(
            way.engine, Door(way.thread), reader, tasks, look, settings.keys, is_exercise=way.play is not None
        )
    else:
        reader = cold.reader
        seat = cast("Engine", cold.engine)
        window = Window(seat, Door(None), reader, tasks, look, settings.keys)
    window.resize(*SIZE)
    window.torn.come_back()
    window.closing.connect(leaving.set)
    errors.tell_through(window.tell)
    window.show()
    try:
        await window.open()
        if way is None:
            await window.painted()
            way = await opening
            window.take_engine(way.engine, Door(way.thread))
            window.is_exercise = way.play is not None
        if way.play is not None:
            play = tasks.spawn(_played(way.play, window), "exercise")
        await leaving.wait()
    finally:
        errors.tell_through(None)
        window.tell("Ending: acts on their way, then the cache.")
        window.end()
        if play is not None:
            play.cancel()
        if way is not None:
            await window.seating.goodbye()
        log.info("stopping the window's tasks")
        await tasks.stop()
        if way is not None:
            log.info("stopping the engine")
            await way.stop()
        reader.close()
        window.leave()
    return 0


async def _played(play: Callable[[], Awaitable[None]], window: Window) -> None:
    try:
        await play()
    except CordonError as problem:
        window.tell(problem.message)
        return
    window.tell("The exercise is over. Everything stays here until you leave.")


async def _first_choice(look: Look, way: Way, leaving: asyncio.Event, errors: ErrorDesk) -> str:
    """Shows the first choice; gives `exercise`, `account` or `leave`."""
    chosen: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    tasks = Tasks(errors.report)
    door = Door(way.thread)

    def choose(what: str) -> None:
        if not chosen.done():
            chosen.set_result(what)

    host: _FirstWindow

    def connect() -> None:
        open_connect(host.scrim, look, way.engine, door, tasks, lambda _: choose("account"))

    host = _FirstWindow(look, lambda: choose("exercise"), connect, lambda: choose("leave"))
    host.resize(*SIZE)
    host.show()
    host.page.take_focus()
    left = asyncio.ensure_future(leaving.wait())
    waits: set[asyncio.Future[Any]] = {chosen, left}
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    left.cancel()
    await tasks.stop()
    host.may_close = True
    host.close()
    host.deleteLater()
    return chosen.result() if chosen.done() else "leave"


class _FirstWindow(QMainWindow):
    """Holds the first choice."""

    def __init__(
        self,
        look: Look,
        exercise: Callable[[], None],
        connect: Callable[[], None],
        leave: Callable[[], None],
    ) -> None:
        super().__init__()
        self.setWindowTitle("Cordon")
        self.setStyleSheet(stylesheet(look.theme, look.percent))
        self.page = FirstRun(look, exercise, connect)
        self.setCentralWidget(self.page)
        self.scrim = Scrim(look, self.page, self.page.take_focus)
        self.may_close = False
        self._leave = leave

    def closeEvent(self, event: QCloseEvent) -> None:
        """Closing it leaves the program, in order."""
        event.setAccepted(self.may_close)
        if not self.may_close:
            self._leave()
