"""What waits for a second person: a list, and from each line the sheet on which that person answers."""

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from console.domain.accounts import Account
from console.domain.approving import Awaited
from console.domain.ids import AccountId
from console.domain.items import Item
from console.ui import theme as tokens
from console.ui.dialogs.buttons import Choices, button, button_row
from console.ui.operators.second import Asked
from console.ui.parts import Line, Look, Run, Words
from console.ui.sheet import Sheet
from console.ui.text import plural, shown


def what_waits(one: Awaited) -> str:
    """What was asked for, in a few words."""
    verbs = " and ".join(dict.fromkeys(act.verb.replace("-", " ") for act in one.acts)).capitalize()
    return f"{verbs} {plural(len(one.acts), 'item')}"


SAMPLES = 3
"""How many of the items the second person is shown; the lane has all of them."""


def asked_of(
    one: Awaited,
    clock: Callable[[int], str],
    accounts: Mapping[AccountId, Account],
    items: Sequence[Item],
) -> Asked:
    """What a second person is asked about acts that wait; `items` are the first of theirs."""
    final = sum(not act.reversible for act in one.acts)
    back = (
        f"{plural(final, 'act')} of {len(one.acts):,} cannot be taken back."
        if final
        else "All of it can be taken back."
    )
    reason = shown(one.acts[0].reason).text
    known = dict.fromkeys(accounts[act.account_id].name for act in one.acts if act.account_id in accounts)
    samples = [
        f"{shown(item.author.name or item.author.handle).text}: “{shown(item.text).text[:140]}”"
        for item in items[:SAMPLES]
    ]
    more = len({act.item_id for act in one.acts}) - len(samples)
    if samples and more > 0:
        samples.append(f"And {plural(more, 'more item')}.")
    lines = [
        *([f"On {', '.join(known)}."] if known else []),
        *samples,
        f"Reason: {reason}",
        one.why,
        back,
        f"Waits until {clock(one.expires_at)}, then nothing is done.",
    ]
    return Asked(what_waits(one), lines, shown(one.requested_by).text)


class WaitingSheet(Sheet):
    """Everything that waits, oldest first; Enter goes to the second person's sheet."""

    wide = 860

    def __init__(
        self,
        look: Look,
        waiting: Sequence[Awaited],
        clock: Callable[[int], str],
        choose: Callable[[Awaited], None],
    ) -> None:
        title = "What waits for a second person"
        super().__init__(look, title)
        self._waiting, self._choose = tuple(waiting), choose
        self.box.addWidget(Words(look, title, tokens.TITLE))
        self._list = Choices(look, title, 40 + 40 * min(6, len(self._waiting)))
        self._list.itemDoubleClicked.connect(lambda _item: self._go())
        for one in self._waiting:
            self._add(one, clock)
        self.box.addWidget(self._list)
        if not self._waiting:
            self.box.addWidget(Words(look, "Nothing waits.", tokens.CONTROL, "t2"))
        self._yes = button("Agree or decline", "Enter", self._go, primary=True)
        self._yes.setEnabled(bool(self._waiting))
        self.box.addLayout(button_row(button("Back to the lane", "Esc", self.leave), None, self._yes))
        if self._waiting:
            self._list.setCurrentRow(0)

    def _add(self, one: Awaited, clock: Callable[[int], str]) -> None:
        line = Line(self.look, 36)
        line.inset = 8
        what, by = what_waits(one), shown(one.requested_by).text
        reason, until = shown(one.acts[0].reason).text[:80], f"until {clock(one.expires_at)}"
        runs = [
            Run(what, "t1", tokens.CONTROL, 600),
            Run(f"by {by}", "t2", tokens.META),
            Run(reason, "t3", tokens.META),
        ]
        line.say(f"{what}, by {by}, {reason}, {until}", runs, [Run(until, "held", tokens.META, 600)])
        self._list.add_line(line)

    def first(self) -> QWidget:
        """The list."""
        return self._list

    def pressed(self, event: QKeyEvent) -> bool:
        """Enter answers the one that is chosen."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._go()
            return True
        return False

    def _go(self) -> None:
        row = self._list.currentRow()
        if 0 <= row < len(self._waiting):
            self._choose(self._waiting[row])
