"""The act queue as a list: what waits, what is on its way, what was refused and why."""

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from console.domain.acts import Act, ActState
from console.domain.ids import ItemId
from console.domain.items import Item
from console.ui import theme as tokens
from console.ui.dialogs.buttons import Choices, button, button_row
from console.ui.parts import Line, Look, Run, Words
from console.ui.sheet import Sheet
from console.ui.text import plural, shown

LOOKS: Mapping[ActState, tuple[str, str]] = {
    ActState.HELD: ("held", "held"),
    ActState.QUEUED: ("waiting", "t3"),
    ActState.SENDING: ("sending", "accent"),
    ActState.ACCEPTED: ("sending", "accent"),
    ActState.CONFIRMED: ("confirmed", "confirmed"),
    ActState.UNVERIFIABLE: ("waiting", "t3"),
    ActState.REFUSED: ("refused", "failed"),
    ActState.FAILED: ("refused", "failed"),
    ActState.UNCERTAIN: ("waiting", "g3"),
    ActState.UNDONE: ("undo", "deleted"),
    ActState.CANCELLED: ("close", "t3"),
    ActState.EXPIRED: ("close", "t3"),
    ActState.REAPPEARED: ("reappeared", "failed"),
}


class QueueSheet(Sheet):
    """Acts, newest first; Enter goes to the item."""

    wide = 860

    def __init__(
        self,
        look: Look,
        title: str,
        acts: Sequence[Act],
        items: Mapping[ItemId, Item],
        clock: Callable[[int], str],
        go_to: Callable[[int], None],
    ) -> None:
        super().__init__(look, title)
        self._acts, self._go_to = list(acts), go_to
        self.box.addWidget(Words(look, title, tokens.TITLE))
        self.box.addWidget(Words(look, plural(len(acts), "act"), tokens.META, "t3"))
        self._list = Choices(look, title, 380)
        self._list.itemActivated.connect(lambda _item: self._go())
        for act in self._acts:
            self._add(act, items.get(act.item_id), clock)
        self.box.addWidget(self._list)
        if not self._acts:
            self.box.addWidget(Words(look, "Nothing is here.", tokens.CONTROL, "t2"))
        back = button("Back to the lane", "Esc", self.leave)
        self.box.addLayout(button_row(None, button("Go to the item", "Enter", self._go), back))
        if self._acts:
            self._list.setCurrentRow(0)

    def _add(self, act: Act, item: Item | None, clock: Callable[[int], str]) -> None:
        glyph, ink = LOOKS.get(act.state, ("waiting", "t3"))
        verb = act.verb.replace("-", " ").capitalize()
        author = shown(item.author.name or item.author.handle).text if item else ""
        words = shown(item.text).text[:120] if item else ""
        line = Line(self.look, 32)
        line.inset = 8
        state = act.state.replace("-", " ")
        why = f": {shown(act.error).text}" if act.error else ""
        runs = [
            Run(clock(act.requested_at), "t3", tokens.META),
            Run(verb, "t1", tokens.CONTROL, 600),
            Run(author, "t1", tokens.META, 600),
            Run(words, "t3", tokens.META),
        ]
        right = [Run(glyph=glyph, ink=ink, gap=4), Run((state + why)[:60], ink, tokens.META, 600)]
        spoken = f"{verb}, {author}, {state}{why}"
        line.say(spoken, runs, right)
        self._list.add_line(line)

    def first(self) -> QWidget:
        """The list."""
        return self._list

    def pressed(self, event: QKeyEvent) -> bool:
        """Enter goes to the item."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._go()
            return True
        return False

    def _go(self) -> None:
        row = self._list.currentRow()
        if 0 <= row < len(self._acts):
            item_id, go_to = self._acts[row].item_id, self._go_to
            self.leave()
            go_to(item_id)
