"""The versions of a watchlist: who put them in force, when, why, what they changed, and the way back."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from console.domain.list_changes import ListVersion, difference
from console.ui import theme as tokens
from console.ui.dialogs.buttons import Field, button, button_row
from console.ui.parts import Run, Words, tip
from console.ui.text import shown
from console.ui.watchlists.beside import BesideEditor
from console.ui.watchlists.parts import Column, Entry, RunsList

if TYPE_CHECKING:
    from console.ui.watchlists.opening import Watchlists

MOST_LINES = 200
"""Lines of difference that are shown."""


class History(BesideEditor):
    """The sheet of the versions of one list, newest first."""

    wide = 900

    def __init__(self, room: "Watchlists", versions: Sequence[ListVersion]) -> None:
        """`versions` are those of one list, newest first, at least one."""
        name = shown(versions[0].watchlist.name).text
        super().__init__(room, f"Versions of {name}")
        self._versions = {str(one.version): one for one in versions}
        self._newest = versions[0]
        olders = [*(one.watchlist for one in versions[1:]), None]
        self._older = dict(zip(self._versions, olders, strict=True))
        self.list = RunsList(self.look, "Versions", 5)
        self.list.chose.connect(lambda _key: self._say())
        self.list.fill([self._line(one) for one in versions], str(self._newest.version))
        self.box.addWidget(self.list)
        self._column = Column(self.look, 360)
        self.changed = Words(self.look, "", tokens.CONTROL, "t2", wrap=True)
        self.apart = Words(self.look, "", tokens.CONTROL, "t2", wrap=True)
        self._column.box.addWidget(self.changed)
        self._column.box.addWidget(self.apart)
        self._column.box.addStretch(1)
        self.box.addWidget(self._column, 1)
        self.why = Field(self.look, "Why", hint="goes on record")
        self.box.addWidget(self.why)
        self.box.addWidget(self.problem)
        self.problem.hide()
        self._yes = button("Go back to it", "Ctrl Enter", self._go_back, primary=True)
        self._end = button("Take the list out of force", "", self._take_out)
        back = button("Back to the editor", "Esc", self.leave)
        self.box.addLayout(button_row(back, None, self._end, self._yes))
        self.why.edit.textChanged.connect(lambda _text: self._say())
        self._say()

    def _line(self, one: ListVersion) -> Entry:
        by = one.put_by + (f" with {one.agreed_by}" if one.agreed_by else "")
        when = self._room.window.time_of_day(one.put_at)
        head, about = f"Version {one.version}", f"{when} · {shown(by).text}"
        why = shown(one.why).text
        left = [Run(head, "t1", tokens.CONTROL, 600), Run(about, "t2", tokens.META)]
        left += [Run(why, "t3", tokens.META)] if why else []
        in_force = one is self._newest and one.ended_at is None
        right = [Run("in force", "confirmed", tokens.META, 600)] if in_force else []
        return str(one.version), f"{head}, {about}, {why}" + ", in force" * in_force, left, right

    def _say(self) -> None:
        one = self._versions[self.list.chosen or str(self._newest.version)]
        older = self._older[str(one.version)]
        self.changed.setText(
            _changes(f"Version {one.version} changed:", difference(older, one.watchlist).words)
        )
        back = difference(self._newest.watchlist, one.watchlist)
        is_newest = one is self._newest
        said = "" if is_newest else _changes("Going back to it would change what is in force:", back.words)
        self.apart.setText(said)
        ended = self._newest.ended_at is not None
        why_not = ""
        if self.is_working:
            why_not = "Working…"
        elif is_newest and not ended:
            why_not = "This version is in force."
        elif back.is_nothing and not ended:
            why_not = "It is the same as what is in force."
        self._yes.setText(f"Go back to version {one.version}   Ctrl Enter")
        self._yes.setAccessibleName(f"Go back to version {one.version}, Ctrl Enter")
        self._yes.setEnabled(not why_not)
        tip(self._yes, why_not)
        needs = "" if self.why.text else "Say why first; it goes on record."
        self._end.setEnabled(not needs and not ended and not self.is_working)
        tip(self._end, "The list is out of force already." if ended else needs)

    def working_changed(self) -> None:
        """The buttons follow."""
        self._say()

    def first(self) -> QWidget:
        """The versions."""
        return self.list

    def pressed(self, event: QKeyEvent) -> bool:
        """Ctrl Enter goes back to the chosen version."""
        control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if control and event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self._yes.isEnabled():
            self._go_back()
            return True
        return False

    def _go_back(self) -> None:
        version = int(self.list.chosen or self._newest.version)
        self.work(self._room.go_back(self._newest.watchlist.id, version, self.why.text), "go back")

    def _take_out(self) -> None:
        self.work(self._ask_end(), "take a watchlist out of force")

    async def _ask_end(self) -> str:
        room, found = self._room, self._newest.watchlist
        await room.door.ask(room.engine.editing.end, found.id, room.who, self.why.text)
        room.drafts.pop(found.id, None)
        return f"{shown(found.name).text} is out of force. Its versions stay."


def _changes(head: str, lines: Sequence[str]) -> str:
    more = [f"And {len(lines) - MOST_LINES:,} more."] if len(lines) > MOST_LINES else []
    return "\n".join([head, *(shown(line).text for line in lines[:MOST_LINES]), *more])
