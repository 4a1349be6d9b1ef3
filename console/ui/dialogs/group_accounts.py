"""Putting accounts together under a name, so that a lane can hold all of them."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QWidget

from console.domain.accounts import Account
from console.domain.errors import UsageError
from console.domain.views import Groups, good_name, same_name
from console.ui import theme as tokens
from console.ui.dialogs.buttons import Field, button, button_row
from console.ui.parts import Look, Words
from console.ui.sheet import Sheet
from console.ui.text import shown


class GroupAccounts(Sheet):
    """A name, and a tick for each account; the name of a group that there is shows what it holds."""

    wide = 560

    def __init__(
        self,
        look: Look,
        accounts: Sequence[Account],
        groups: Groups,
        go: Callable[[str, list[str]], None],
    ) -> None:
        """`go` is told the name and the keys of its accounts; with none the group is taken away."""
        super().__init__(look, "Group accounts")
        self._groups, self._go = groups, go
        self.box.addWidget(Words(look, "Group accounts", tokens.TITLE))
        known = ", ".join(shown(name).text for name in groups)
        there = f"There are {known}." if groups else "There is no group yet."
        words = (
            f"A lane asks for all of a group by group:name. {there} A group without accounts is taken away."
        )
        self.box.addWidget(Words(look, words, tokens.CONTROL, "t2", wrap=True))
        self._name = Field(look, "Name of the group")
        self._name.edit.textChanged.connect(lambda _typed: self._named())
        self.box.addWidget(self._name)
        self._ticks = {one.key: QCheckBox(f"{one.name}, {one.network}") for one in accounts}
        for tick in self._ticks.values():
            self.box.addWidget(tick)
        self._problem = Words(look, "", tokens.META, "failed", wrap=True)
        self.box.addWidget(self._problem)
        keep = button("Keep", "Ctrl Enter", self._decide, primary=True)
        self.box.addLayout(button_row(None, button("Back to the lane", "Esc", self.leave), keep))

    def _named(self) -> None:
        """The name of a group that there is: what it holds is ticked."""
        self.say("")
        for name, keys in self._groups.items():
            if same_name(name, self._name.text):
                for key, tick in self._ticks.items():
                    tick.setChecked(key in keys)

    def say(self, words: str) -> None:
        """Says what is wrong with the name; empty when nothing is."""
        self._problem.setText(words)
        self.on_resize()

    def first(self) -> QWidget:
        """The name."""
        return self._name.edit

    def pressed(self, event: QKeyEvent) -> bool:
        """Ctrl Enter keeps it."""
        control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if control and event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._decide()
            return True
        return False

    def _decide(self) -> None:
        try:
            name = good_name(self._name.text, "group")
        except UsageError as problem:
            self.say(problem.message)
            return
        keys = [key for key, tick in self._ticks.items() if tick.isChecked()]
        if not keys and not any(same_name(name, known) for known in self._groups):
            self.say("Tick the accounts that belong to it.")
            return
        self.leave()
        self._go(name, keys)
