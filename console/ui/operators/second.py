"""A second person agrees, or declines: who they are is shown by their own code, at the same seat.

Used for acts that await approval and for changes of watchlists. What a newcomer would get wrong: whoever
asked is not in the list at all, so that nobody can agree with themselves by choosing the wrong line. The
service behind it refuses them as well.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from console.domain.approving import same_person
from console.domain.errors import CordonError
from console.domain.operators import Operator
from console.ui import theme as tokens
from console.ui.dialogs.buttons import Field, button, button_row
from console.ui.operators.people import CodeField, People
from console.ui.parts import Look, Words, announce
from console.ui.sheet import Sheet

NOBODY: Final = (
    "Nobody else on the roster has a code, so nothing can show that a second person is here. A supervisor "
    "sets one up: cordon operator add."
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a second person is asked."""

    title: str
    """Such as "Delete 240 items"."""
    lines: Sequence[str]
    """What it is, why it was asked for, why two are needed, until when; already safe to show."""
    asked_by: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a second person said, with what shows that it is they."""

    name: str
    code: str
    agrees: bool
    reason: str


Decide = Callable[[Answer], Coroutine[Any, Any, None]]
Spawn = Callable[[Coroutine[Any, Any, None], str], "asyncio.Task[Any]"]


def others(roster: Sequence[Operator], asked_by: str) -> list[Operator]:
    """Those who could agree: they have a code, and did not ask for it."""
    return [one for one in roster if one.has_code and not same_person(one.name, asked_by)]


class SecondPerson(Sheet):
    """The sheet for the second person."""

    wide = 620

    def __init__(
        self, look: Look, asked: Asked, roster: Sequence[Operator], decide: Decide, spawn: Spawn
    ) -> None:
        """`decide` proves and carries out the answer; a CordonError that it raises is shown."""
        super().__init__(look, asked.title)
        self._decide_with, self._spawn = decide, spawn
        self._is_working = False
        people = others(roster, asked.asked_by)
        self._can = bool(people)
        self.box.addWidget(Words(look, asked.title, tokens.TITLE, wrap=True))
        by = f"Asked for by {asked.asked_by}. Somebody else must agree."
        self.box.addWidget(Words(look, by, tokens.CONTROL, "t1", 600, wrap=True))
        for line in asked.lines:
            self.box.addWidget(Words(look, line, tokens.CONTROL, "t2", wrap=True))
        self.people = People(look, "Who agrees or declines")
        self.people.say(people, None)
        self.people.picked.connect(self._picked)
        self.box.addWidget(self.people)
        self.code = CodeField(look, "Code", self.people.step)
        self.code.edit.textChanged.connect(self._changed)
        self.box.addWidget(self.code)
        self.reason = Field(look, "Reason", hint="needed to decline")
        self.reason.edit.textChanged.connect(self._changed)
        self.box.addWidget(self.reason)
        for part in (self.people, self.code, self.reason):
            part.setVisible(
                self._can
            )  # once they are in the sheet: before, each would be a window of its own
        self._said = Words(look, "" if self._can else NOBODY, tokens.CONTROL, "failed", 600, wrap=True)
        self.box.addWidget(self._said)
        self._said.setVisible(not self._can)
        self._yes = button("Agree", "Ctrl Enter", lambda: self._answer(agrees=True), primary=True)
        self._no = button("Decline", "Ctrl Shift D", lambda: self._answer(agrees=False))
        self._back = button("Back", "Esc", self.leave)
        self.box.addSpacing(6)
        self.box.addLayout(button_row(self._back, None, self._no, self._yes))
        self._changed()

    def first(self) -> QWidget | None:
        """The list of people."""
        return self.people if self._can else self._back

    def _picked(self) -> None:
        self.code.edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def _changed(self, *_: object) -> None:
        ready = self._can and not self._is_working and bool(self.code.edit.text())
        self._yes.setEnabled(ready)
        self._no.setEnabled(ready and bool(self.reason.text))

    def pressed(self, event: QKeyEvent) -> bool:
        """Ctrl Enter agrees, Ctrl Shift D declines, Enter goes on to the next field."""
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        enter = event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}
        # With Shift, because Ctrl D alone deletes a character in every field under X11.
        if control and enter and self._yes.isEnabled():
            self._answer(agrees=True)
        elif control and event.key() == Qt.Key.Key_D and self._no.isEnabled():
            self._answer(agrees=False)
        elif enter and self.window().focusWidget() is self.code.edit:
            self.reason.edit.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            return False
        return True

    def _answer(self, *, agrees: bool) -> None:
        one = self.people.chosen
        if one is None:
            return
        answer = Answer(one.name, self.code.take(), agrees, self.reason.text)
        self._is_working = True
        self._changed()
        self._spawn(self._carry_out(answer), "a second person")

    async def _carry_out(self, answer: Answer) -> None:
        try:
            await self._decide_with(answer)
        except CordonError as problem:
            self._is_working = False
            self._said.setText(problem.message)
            self._said.setVisible(True)
            announce(self, problem.message)
            self._changed()
            self.on_resize()
            self.code.edit.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self.leave()
