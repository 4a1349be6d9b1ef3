"""The reply sheet: words that the public will read."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from console.domain.items import Item
from console.ui import theme as tokens
from console.ui.dialogs.buttons import button, button_row
from console.ui.parts import Look, Words
from console.ui.sheet import Sheet
from console.ui.text import plural, shown


class Reply(Sheet):
    """Asks for the words of a reply to one item."""

    wide = 620

    def __init__(self, look: Look, item: Item, account: str, go: Callable[[str], None]) -> None:
        """`go` is called with the words."""
        super().__init__(look, "Reply")
        self._go = go
        author = shown(item.author.name or item.author.handle).text
        self.box.addWidget(Words(look, f"Reply to {author}", tokens.TITLE))
        self.box.addWidget(Words(look, f"As {account}. Everybody can read it.", tokens.CONTROL, "t2"))
        self.box.addWidget(Words(look, shown(item.text).text[:400], tokens.STANDARD, "t3", wrap=True))
        self._edit = QPlainTextEdit()
        self._edit.setAccessibleName("Words of the reply")
        self._edit.setTabChangesFocus(True)
        self._edit.setMinimumHeight(look.px(96))
        self._edit.textChanged.connect(self._changed)
        self.box.addWidget(self._edit)
        self._count = Words(look, "", tokens.META, "t3")
        self._yes = button("Reply", "Ctrl Enter", self._decide, primary=True)
        back = button("Back to the lane", "Esc", self.leave)
        self.box.addLayout(button_row(self._count, None, back, self._yes))
        self._changed()

    def _changed(self) -> None:
        words = self._edit.toPlainText().strip()
        self._count.setText(f"{plural(len(words), 'character')}. Waits 10 s, Z cancels.")
        self._yes.setEnabled(bool(words))

    def first(self) -> QWidget:
        """The words."""
        return self._edit

    def pressed(self, event: QKeyEvent) -> bool:
        """Ctrl Enter sends it."""
        control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if control and event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self._yes.isEnabled():
            self._decide()
            return True
        return False

    def _decide(self) -> None:
        words, go = self._edit.toPlainText().strip(), self._go
        self.leave()
        go(words)
