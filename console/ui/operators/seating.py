"""Who sits at this window: the curtain at the start, after a time away and at a key.

With no roster nothing of this is ever seen. What a newcomer would get wrong: the engine knows who is on, not
the window. The curtain is up while the engine says that somebody must be asked, so that a lock from the
command line, or a roster that was emptied there, reaches an open window too.
"""

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget

from console.domain.errors import CordonError
from console.domain.operators import SeatState
from console.services.events import Announcement, OperatorsChanged
from console.ui.bridge import Door
from console.ui.commands import Command
from console.ui.loop import Tasks
from console.ui.operators.agreeing import Agreeing
from console.ui.operators.away import Away
from console.ui.operators.curtain import Asking, Curtain, RiskNow
from console.ui.operators.handing_over import HandingOver, handover_commands
from console.ui.parts import Surface

if TYPE_CHECKING:
    from console.services.engine import Engine
    from console.ui.window import Window

log = logging.getLogger(__name__)

NO_ROSTER: Final = "There is no roster at this seat. Set one up: cordon operator add."


class Seating:
    """Joins the window to who sits at it."""

    def __init__(self, window: "Window", engine: "Engine", door: Door, tasks: Tasks) -> None:
        self._window, self._engine, self._door, self._tasks = window, engine, door, tasks
        self.away = Away()
        self.curtain = Curtain(window.look, window, self._sit, self._go_on)
        self.handing = HandingOver(window, engine, door, tasks)
        self.agreeing = Agreeing(window, engine, door, tasks)
        self._covers: dict[QWidget, QWidget] = {}
        self._is_locking = False
        self._was_locked_here = False

    def take_engine(self, engine: "Engine", door: Door) -> None:
        """Asks this engine from now on."""
        self._engine, self._door = engine, door
        self.handing.take_engine(engine, door)
        self.agreeing.take_engine(engine, door)
        self.begin()

    @property
    def state(self) -> SeatState:
        """Who is on, as the engine last said."""
        return self._engine.operators.state

    def begin(self) -> None:
        """A window opens: whoever sits at it says so, even if they sat here before."""
        self.away.touched()
        self.show()
        if self.state.sitting is not None and self.state.locked_at is None:
            self._tasks.spawn(self._lock("start"), "ask who is here")

    def take(self, announcements: Sequence[Announcement]) -> None:
        """Hears that somebody sat down, left or locked the seat, here or elsewhere."""
        if any(isinstance(one, OperatorsChanged) for one in announcements):
            self.show()
            self._window.refresh("rail", "strip")

    def tick(self) -> None:
        """Once a second: the numbers on the curtain, and whether anybody is here."""
        self.away.hear(QGuiApplication.topLevelWindows())
        if self.curtain.is_up:
            self.curtain.keep_above()
            self._tell()
            self._cover_others()
            return
        minutes = self._engine.operators.away_minutes
        if minutes and self.state.has_code and self.away.seconds >= 60 * minutes:
            self.lock("away")

    # the curtain ----------------------------------------------------------------------------------

    def show(self) -> None:
        """Raises the curtain while somebody must be asked, and lowers it when nobody must."""
        state = self.state
        if not (state.must_ask or self._is_locking):
            if self.curtain.is_up:
                self._show_desk(is_shown=True)
                self.curtain.lower()
                self._uncover_others()
                self.away.touched()
                self._was_locked_here = False
                self._window.focus_back()
            return
        operators = self._engine.operators
        last = state.sitting.operator_id if state.sitting is not None else None
        self.curtain.raise_over(
            Asking(
                roster=state.roster,
                chosen=last,
                why=self._why(state),
                is_coming_back=last is not None and self._was_locked_here,
                why_unreadable=operators.why_unreadable,
                account=operators.account,
            )
        )
        self._show_desk(is_shown=False)
        self._tell()
        self._cover_others()

    def _show_desk(self, *, is_shown: bool) -> None:
        """Not only covered: what is hidden takes no focus, and no screen reader finds a word of it."""
        desk = self._window.centralWidget()
        if desk is not None:
            desk.setVisible(is_shown)

    def _why(self, state: SeatState) -> str:
        if state.sitting is None:
            return "Choose your name, then your code."
        since = self._window.time_of_day(state.locked_at or state.sitting.since_at)
        return f"{state.sitting.name} was here. Locked at {since}."

    def _tell(self) -> None:
        rail = self._window.known.rail
        grades = rail.grades if rail is not None else (0, 0, 0, 0, 0)
        self.curtain.tell(RiskNow(grades[0], grades[1], sum(grades)))

    def _cover_others(self) -> None:
        """Other windows of ours show nothing and take no key; a list that hangs open is closed."""
        popup: Any = QApplication.activePopupWidget()  # None mostly, whatever its type says
        if popup is not None and not self._is_ours(popup):
            popup.close()
        for one in QApplication.topLevelWidgets():
            is_other = one is not self._window and one.isVisible() and not self._is_ours(one)
            if is_other and one not in self._covers:
                cover = Surface(self._window.look, "bg0", one)
                cover.setAccessibleName("Locked")
                cover.setGeometry(one.rect())
                cover.show()
                cover.raise_()
                one.setEnabled(False)
                self._covers[one] = cover

    def _is_ours(self, part: QWidget) -> bool:
        """Whether it hangs on the curtain, as the open list of a choice does in a window of its own."""
        found: Any = part
        while found is not None and found is not self.curtain:
            found = found.parentWidget()
        return found is not None

    def _uncover_others(self) -> None:
        for one, cover in self._covers.items():
            try:
                cover.deleteLater()
                one.setEnabled(True)
            except RuntimeError:  # that window was closed meanwhile
                continue
        self._covers.clear()

    # what a person asks for -----------------------------------------------------------------------

    def why_no_roster(self) -> str | None:
        """Why the seat cannot be locked or changed now."""
        return None if self.state.roster else NO_ROSTER

    def lock(self, why: str = "asked", *, is_for_another: bool = False) -> None:
        """Locks the seat at once; the curtain is up before the engine has answered."""
        if self._is_locking or (self.state.sitting is None and not self.state.went_on):
            return
        self._is_locking = True
        self._was_locked_here = not is_for_another
        self.show()
        self._tasks.spawn(self._lock(why), "lock the seat")

    async def _lock(self, why: str) -> None:
        try:
            await self._door.ask(self._engine.operators.lock, why)
        except CordonError as problem:
            self._window.tell(f"The seat could not be locked: {problem.message}")
        finally:
            self._is_locking = False
        self.show()

    def change(self) -> None:
        """Asks who sits here now: the list of names comes first, and not the code of whoever leaves."""
        self.lock(is_for_another=True)

    def _sit(self, name: str, code: str, behalf: str) -> None:
        self._tasks.spawn(self._sit_down(name, code, behalf), "sit down")

    async def _sit_down(self, name: str, code: str, behalf: str) -> None:
        try:
            await self._door.ask(self._engine.operators.sign_on, name, code, behalf or None)
        except CordonError as problem:
            self.curtain.say(problem.message)
        finally:
            self.curtain.work(is_working=False)
        self.show()

    def _go_on(self) -> None:
        self._tasks.spawn(self._go_on_without_codes(), "go on without codes")

    async def _go_on_without_codes(self) -> None:
        try:
            await self._door.ask(self._engine.operators.go_on)
        except CordonError as problem:
            self.curtain.say(problem.message)
        self.show()

    async def goodbye(self) -> None:
        """The window closes: whoever sat at it has left."""
        try:
            await self._door.ask(self._engine.operators.leave, "window closed")
        except CordonError as problem:
            log.warning("that somebody left could not be put on record: %s", problem.message)


def seating_commands(seating: Seating) -> list[Command]:
    """The commands about who sits here."""
    desk, why_not, show_waiting = "The desk", seating.why_no_roster, seating.agreeing.show_waiting
    return [
        Command("lock", "Lock this seat", "Ctrl+Shift+L", desk, seating.lock, why_not),
        Command("operator", "Change who sits here", "Ctrl+Shift+O", desk, seating.change, why_not),
        *handover_commands(seating.handing),
        Command("second-person", "What waits for a second person", "F9", "Decide", show_waiting),
    ]
