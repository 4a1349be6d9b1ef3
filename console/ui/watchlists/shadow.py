"""What is not in force yet: lists that are rehearsed in shadow, and those that wait for a second person.

What a newcomer would get wrong: a rehearsal has raised nothing. Its numbers say what it would have raised,
and the examples are of the hours since it began, counted anew while the sheet is open.
"""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QWidget

from console.domain.errors import CordonError
from console.domain.list_changes import Waiting, WaitingKind, difference
from console.domain.watchlists import Watchlist
from console.ui import theme as tokens
from console.ui.dialogs.buttons import Field, button, button_row
from console.ui.parts import Run, Words, tip
from console.ui.text import count, plural, shown
from console.ui.watchlists.beside import BesideEditor
from console.ui.watchlists.parts import Column, Entry, RunsList
from console.ui.watchlists.preview import Kind

if TYPE_CHECKING:
    from console.ui.watchlists.opening import Watchlists

AGAIN_MS: Final = 5_000
"""How often the numbers are read anew; the engine keeps them about as often."""
HOUR_MS: Final = 3_600_000
LEAST_HOURS: Final = 1.0
MOST_HOURS: Final = 72.0
MOST_LINES: Final = 60
NOTHING: Final = "Nothing is rehearsed, and nothing waits for a second person."


class Shadow(BesideEditor):
    """The sheet."""

    wide = 900

    def __init__(
        self,
        room: "Watchlists",
        waiting: Sequence[Waiting],
        lists: Sequence[Watchlist],
        *,
        from_editor: bool,
    ) -> None:
        super().__init__(room, "Rehearsed, and waiting for a second person", from_editor=from_editor)
        self._waiting = {str(one.id): one for one in waiting}
        self._lists = {one.id: one for one in lists}
        self._task: asyncio.Task[Any] | None = None
        look = self.look
        self.list = RunsList(look, "What is not in force yet", 3)
        self.list.chose.connect(lambda _key: self._chose())
        self.list.fill([self._line(one) for one in waiting], next(iter(self._waiting), None))
        self.box.addWidget(self.list)
        self.column = Column(look, 360)
        self.told = Words(look, "", tokens.BAR, "t1", 600, wrap=True)
        self.changes = Words(look, "", tokens.CONTROL, "t2", wrap=True)
        self.examples = Kind(look, "t1")
        for part in (self.told, self.changes, self.examples):
            self.column.box.addWidget(part)
        self.column.box.addStretch(1)
        self.box.addWidget(self.column, 1)
        self.alarm = QCheckBox("What it finds in the past asks for somebody")
        self.box.addWidget(self.alarm)
        self.why = Field(look, "Why", hint="goes on record")
        self.box.addWidget(self.why)
        self.box.addWidget(self.problem)
        self.problem.hide()
        self._yes = button("Put it live", "Ctrl Enter", self._go, primary=True)
        self._no = button("Withdraw it", "Ctrl D", self._withdraw)
        back = button("Back to the editor" if from_editor else "Back to the lane", "Esc", self.leave)
        self.box.addLayout(button_row(back, None, self._no, self._yes))
        self._chose()
        self._timer = QTimer(self)
        self._timer.setInterval(AGAIN_MS)
        self._timer.timeout.connect(self.look_again)
        self._timer.start()

    def look_again(self) -> None:
        """Reads the numbers of the rehearsals anew."""
        self._room.tasks.spawn(self._ask_again(), "read what is rehearsed")

    async def _ask_again(self) -> None:
        room = self._room
        try:
            waiting = await room.door.ask(room.engine.editing.waiting)
        except CordonError:
            return  # asked again soon
        if not self.is_open or self.is_working:
            return
        before = self._one
        self._waiting = {str(one.id): one for one in waiting}
        chosen = str(before.id) if before is not None else None
        if chosen not in self._waiting:
            chosen = next(iter(self._waiting), None)
        self.list.fill([self._line(one) for one in waiting], chosen)
        now = self._one
        if before is None or now is None or now.id != before.id:
            self._chose()
        elif now.kind is WaitingKind.REHEARSING:
            self.told.setText(_would(now))

    def _line(self, one: Waiting) -> Entry:
        name = f"{shown(one.watchlist.name).text} version {one.watchlist.version}"
        since = self._room.window.time_of_day(one.put_at)
        if one.kind is WaitingKind.REHEARSING:
            about = f"rehearsed since {since} by {shown(one.put_by).text}"
            hit = f"{count(one.items)} of {count(one.seen)}"
            spoken = f"{name}, {about}, would have raised {hit}"
            right = [Run(hit, "t1", tokens.CONTROL, 600)]
        else:
            about = f"waits for a second person since {since}, asked for by {shown(one.put_by).text}"
            spoken, right = f"{name}, {about}", [Run(glyph="people", ink="g3")]
        left = [Run(name, "t1", tokens.CONTROL, 600), Run(about, "t2", tokens.META)]
        return str(one.id), spoken, left, right

    @property
    def _one(self) -> Waiting | None:
        return self._waiting.get(self.list.chosen or "")

    def _chose(self) -> None:
        one = self._one
        self.examples.hide()
        if self._task is not None:
            self._task.cancel()
        if one is None:
            self.told.setText(NOTHING)
            self.changes.setText("")
            self.working_changed()
            return
        if one.kind is WaitingKind.REHEARSING:
            self.told.setText(_would(one))
            self._task = self._room.tasks.spawn(self._ask_examples(one), "rehearse what is rehearsed")
        else:
            until = ""
            if one.expires_at is not None:
                until = f" It waits until {self._room.window.time_of_day(one.expires_at)}."
            self.told.setText(f"Somebody other than {shown(one.put_by).text} must agree.{until}")
        lines = difference(self._lists.get(one.watchlist.id), one.watchlist).words
        more = [f"And {len(lines) - MOST_LINES:,} more."] if len(lines) > MOST_LINES else []
        why = [f"Reason: {shown(one.why).text}"] if one.why else []
        self.changes.setText("\n".join([*why, *(shown(line).text for line in lines[:MOST_LINES]), *more]))
        self.working_changed()

    async def _ask_examples(self, one: Waiting) -> None:
        room = self._room
        hours = min(MOST_HOURS, max(LEAST_HOURS, (room.engine.now() - one.put_at) / HOUR_MS))
        try:
            told = await room.door.ask(room.engine.editing.rehearse, one.watchlist, hours)
        except CordonError:
            return  # the numbers stand; only the examples are missing
        if self.is_open and self._one is not None and self._one.id == one.id:
            head = f"{plural(told.newly_caught, 'item')} of the last {hours:.0f} h that nothing else here hit"
            self.examples.say(head, told.samples_new)
            self.examples.show()

    def working_changed(self) -> None:
        """The buttons follow."""
        one = self._one
        is_proposed = one is not None and one.kind is WaitingKind.PROPOSED
        words = "Ask the second person" if is_proposed else "Put it live"
        self._yes.setText(f"{words}   Ctrl Enter")
        self._yes.setAccessibleName(f"{words}, Ctrl Enter")
        why_not = "Working…" if self.is_working else NOTHING if one is None else ""
        for each in (self._yes, self._no):
            each.setEnabled(not why_not)
            tip(each, why_not)
        self.alarm.setVisible(not is_proposed)

    def first(self) -> QWidget:
        """What is not in force."""
        return self.list

    def pressed(self, event: QKeyEvent) -> bool:
        """Ctrl Enter puts it live, Ctrl D withdraws it."""
        if not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            return False
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._yes.click()
        elif event.key() == Qt.Key.Key_D:
            self._no.click()
        else:
            return False
        return True

    def _go(self) -> None:
        one = self._one
        if one is None:
            return
        if one.kind is WaitingKind.PROPOSED:
            self._room.window.seating.agreeing.ask_about_list(one)
        else:
            work = self._room.put_live(one, self.why.text, alarm=self.alarm.isChecked())
            self.work(work, "put a watchlist live")

    def _withdraw(self) -> None:
        one = self._one
        if one is not None:
            self.work(self._ask_withdraw(one), "withdraw a watchlist")

    async def _ask_withdraw(self, one: Waiting) -> str:
        room = self._room
        await room.door.ask(room.engine.editing.withdraw, one.id, room.who, self.why.text)
        return f"{shown(one.watchlist.name).text} is withdrawn. Nothing was put in force."


def _would(one: Waiting) -> str:
    """What a rehearsal would have done."""
    return f"Would have raised {count(one.items)} of {plural(one.seen, 'item')} since it began"
