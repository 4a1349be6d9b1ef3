"""Giving a lane a name, so that it stays."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QWidget

from console.domain.errors import UsageError
from console.domain.views import good_name
from console.ui import theme as tokens
from console.ui.dialogs.buttons import Field, button, button_row
from console.ui.parts import Look, Words
from console.ui.sheet import Sheet
from console.ui.text import shown


class KeepLane(Sheet):
    """Asks for a lane's name, and whether everybody sees it."""

    wide = 560

    def __init__(
        self,
        look: Look,
        question: str,
        name: str,
        go: Callable[[str, bool], None],
        *,
        is_shared: bool = False,
        is_known: bool = False,
    ) -> None:
        """`go` is told the name and whether to share; `is_known` when it is one's own already."""
        super().__init__(look, "Keep this lane")
        self._go = go
        title = "Change this lane" if is_known else "Keep this lane"
        self.box.addWidget(Words(look, title, tokens.TITLE))
        asked = shown(question).text or "everything"
        self.box.addWidget(Words(look, f"It holds: {asked}", tokens.CONTROL, "t2", wrap=True))
        self._name = Field(look, "Name", hint="as the rail shows it")
        self._name.edit.setText(name)
        self._name.edit.selectAll()
        self._name.edit.textChanged.connect(lambda _words: self.say(""))
        self.box.addWidget(self._name)
        self._shared = QCheckBox("Everybody sees it in their rail; only you change it")
        self._shared.setChecked(is_shared)
        self.box.addWidget(self._shared)
        self._problem = Words(look, "", tokens.META, "failed", wrap=True)
        self.box.addWidget(self._problem)
        keep = button("Keep", "Enter", self._decide, primary=True)
        self.box.addLayout(button_row(None, button("Back to the lane", "Esc", self.leave), keep))

    def say(self, words: str) -> None:
        """Says what is wrong with the name; empty when nothing is."""
        self._problem.setText(words)
        self.on_resize()

    def first(self) -> QWidget:
        """The name."""
        return self._name.edit

    def pressed(self, event: QKeyEvent) -> bool:
        """Enter keeps it."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._decide()
            return True
        return False

    def _decide(self) -> None:
        try:
            name = good_name(self._name.text)
        except UsageError as problem:
            self.say(problem.message)
            return
        self._go(name, self._shared.isChecked())
