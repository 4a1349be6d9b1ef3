"""The handover sheet: what is open is read and written down, or accepted line by line.

What a newcomer would get wrong: nothing is accepted in one go. Whoever comes next puts the cursor on each
line and presses Enter; that is the point of it.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from console.domain.errors import CordonError
from console.domain.handover import Handover, Line, LineKind
from console.ui import theme as tokens
from console.ui.dialogs.buttons import Choices, Field, button, button_row
from console.ui.parts import Line as Row
from console.ui.parts import Look, Run, Words, announce
from console.ui.sheet import Sheet
from console.ui.text import plural, shown

GRADES = {LineKind.LIFE: 1, LineKind.URGENT: 2}
GLYPHS = {
    LineKind.APPROVAL: ("people", "held"),
    LineKind.HELD: ("held", "held"),
    LineKind.FAILED: ("refused", "failed"),
    LineKind.STANDING: ("wave", "accent"),
    LineKind.WATCHLIST: ("filter", "t2"),
    LineKind.NOTE: ("note", "t2"),
}
MOVES = frozenset(
    {Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_Home, Qt.Key.Key_End}
)
Spawn = Callable[[Coroutine[Any, Any, None], str], "asyncio.Task[Any]"]


class Lines(Choices):
    """Lines of a handover, with who has accepted each."""

    def say(self, lines: Sequence[Line], words: Mapping[int, str]) -> None:
        """Shows these lines; the one that is chosen stays chosen."""
        place = max(0, self.currentRow())
        self.clear()
        for line in lines:
            row = Row(self._look, 32)
            row.inset = 8
            grade = GRADES.get(line.kind, 0)
            glyph, ink = GLYPHS.get(line.kind, ("", "t2"))
            about = shown(words.get(line.place, line.key)).text
            taken = shown(line.accepted_by or "").text
            runs = [
                Run(grade=grade) if grade else Run(glyph=glyph, ink=ink),
                Run(line.kind.words, "t2", tokens.META, 600),
                Run(about, "t3" if taken else "t1", tokens.CONTROL),
            ]
            right = [Run(glyph="confirmed", ink="confirmed", gap=4), Run(taken, "t2", tokens.META)]
            spoken = f"{line.place} of {len(lines)}. {line.kind.words}. {about}"
            spoken += f". Accepted by {taken}" if taken else ""
            row.say(spoken, runs, right if taken else ())
            self.add_line(row)
        self.setCurrentRow(min(place, len(lines) - 1))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Only what moves is the list's; it would search for letters, and Enter is the sheet's."""
        if event.key() in MOVES:
            super().keyPressEvent(event)
        else:
            event.ignore()


class WriteHandover(Sheet):
    """What is open now, and a note; Ctrl Enter writes it down."""

    wide = 860

    def __init__(
        self, look: Look, lines: Sequence[Line], words: Mapping[int, str], write: Callable[[str], None]
    ) -> None:
        """`write` is told the note."""
        super().__init__(look, "Hand over")
        self._lines, self._write = tuple(lines), write
        self.box.addWidget(Words(look, "Hand over what is open", tokens.TITLE))
        about = f"{plural(len(lines), 'line')}. Whoever comes next accepts each, on record."
        self.box.addWidget(Words(look, about, tokens.META, "t3", wrap=True))
        self._list = Lines(look, "What is open", 40 + 34 * min(9, len(lines)))
        self._list.say(lines, words)
        self.box.addWidget(self._list)
        self.note = Field(look, "Say besides", hint="may be left empty")
        self.note.edit.setMaxLength(2_000)
        self.note.edit.textChanged.connect(self._changed)
        self.box.addWidget(self.note)
        self._yes = button("Write it down", "Ctrl Enter", self._decide, primary=True)
        self.box.addLayout(button_row(button("Back to the lane", "Esc", self.leave), None, self._yes))
        self._changed()

    def _changed(self, *_: object) -> None:
        self._yes.setEnabled(bool(self._lines or self.note.text))

    def first(self) -> QWidget:
        """The note."""
        return self.note.edit

    def pressed(self, event: QKeyEvent) -> bool:
        """Ctrl Enter writes it down."""
        control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if control and event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self._yes.isEnabled():
            self._decide()
            return True
        return False

    def _decide(self) -> None:
        note, write = self.note.text, self._write
        self.leave()
        write(note)


class AcceptHandover(Sheet):
    """A handover that somebody wrote; Enter accepts the line under the cursor."""

    wide = 860

    def __init__(
        self,
        look: Look,
        handover: Handover,
        words: Mapping[int, str],
        when: str,
        accept: Callable[[int], Coroutine[Any, Any, Handover]],
        go_to: Callable[[str], None],
        another: Callable[[], None],
        spawn: Spawn,
    ) -> None:
        """`accept` is told a line's place, `go_to` a line's key; `another` writes a new handover."""
        super().__init__(look, "Accept the handover")
        self._handover, self._words = handover, words
        self._accept_with, self._go_to, self._another, self._spawn = accept, go_to, another, spawn
        self._is_working = False
        self.box.addWidget(Words(look, "Accept the handover", tokens.TITLE))
        by = f"Written by {shown(handover.made_by).text} at {when}."
        self.box.addWidget(Words(look, by, tokens.META, "t2", wrap=True))
        if handover.note:
            self.box.addWidget(Words(look, f"“{shown(handover.note).text}”", tokens.STANDARD, wrap=True))
        self._list = Lines(look, "What was open", 40 + 34 * min(9, len(handover.lines)))
        self._list.itemDoubleClicked.connect(lambda _item: self._go())
        self.box.addWidget(self._list)
        self._said = Words(look, "", tokens.CONTROL, "t2", wrap=True)
        self.box.addWidget(self._said)
        self._yes = button("Accept this line", "Enter", self._accept, primary=True)
        there = button("Go to it", "G", self._go)
        other = button("Write a new one", "N", self._write_another)
        self.box.addLayout(
            button_row(button("Back to the lane", "Esc", self.leave), other, None, there, self._yes)
        )
        self._show()
        left = [place for place, line in enumerate(handover.lines) if line.accepted_by is None]
        self._list.setCurrentRow(left[0] if left else 0)

    def _show(self) -> None:
        self._list.say(self._handover.lines, self._words)
        left = sum(line.accepted_by is None for line in self._handover.lines)
        words = f"{plural(left, 'line')} left to accept." if left else "Every line is accepted."
        self._said.setText(words)
        self._yes.setEnabled(bool(left) and not self._is_working)

    def first(self) -> QWidget:
        """The list."""
        return self._list

    def pressed(self, event: QKeyEvent) -> bool:
        """Enter accepts, G goes there, N writes another."""
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._accept()
            case Qt.Key.Key_G:
                self._go()
            case Qt.Key.Key_N:
                self._write_another()
            case _:
                return False
        return True

    def _line(self) -> Line | None:
        row = self._list.currentRow()
        return self._handover.lines[row] if 0 <= row < len(self._handover.lines) else None

    def _accept(self) -> None:
        line = self._line()
        if line is None or line.accepted_by is not None or self._is_working:
            return
        self._is_working = True
        self._spawn(self._carry_out(line), "accept a line")

    async def _carry_out(self, line: Line) -> None:
        try:
            self._handover = await self._accept_with(line.place)
        except CordonError as problem:
            self._is_working = False
            self._said.setText(problem.message)
            announce(self, problem.message)
            return
        self._is_working = False
        self._show()
        after = [other.place for other in self._handover.lines if other.accepted_by is None]
        following = [place for place in after if place > line.place] or after
        if following:
            self._list.setCurrentRow(following[0] - 1)
        announce(self, self._said.text())

    def _go(self) -> None:
        line, go_to = self._line(), self._go_to
        if line is not None and line.key:
            self.leave()
            go_to(line.key)

    def _write_another(self) -> None:
        another = self._another
        self.leave()
        another()
