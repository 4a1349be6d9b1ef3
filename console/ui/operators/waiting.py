"""What waits for a second person: a list, and from each line the sheet on which that person answers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from console.domain.accounts import Account
from console.domain.approving import Awaited
from console.domain.ids import AccountId
from console.domain.items import Item
from console.domain.list_changes import Waiting
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


def asked_about_list(one: Waiting, clock: Callable[[int], str]) -> Asked:
    """What a second person is asked about a watchlist that somebody proposed."""
    found = one.watchlist
    lines = [
        f"Watchlist {shown(found.name).text}, version {found.version}, {plural(len(found.rules), 'rule')}.",
        f"Reason: {shown(one.why).text or 'none was given'}",
        "A change of this list needs two people. Ctrl E shows what is different.",
    ]
    if one.expires_at is not None:
        lines.append(f"Waits until {clock(one.expires_at)}, then nothing is changed.")
    return Asked(f"Change {shown(found.name).text}", lines, shown(one.put_by).text)


@dataclass(frozen=True, slots=True)
class Matter:
    """One line of what waits; all of it safe to show."""

    what: str
    by: str
    reason: str
    until: str
    """Until when, as a clock shows it; empty when it waits for ever."""
    ask: Callable[[], None]
    """Opens the sheet on which the second person answers."""

    @classmethod
    def of_acts(cls, one: Awaited, clock: Callable[[int], str], ask: Callable[[], None]) -> Self:
        """Acts that wait."""
        reason = shown(one.acts[0].reason).text
        return cls(what_waits(one), shown(one.requested_by).text, reason, clock(one.expires_at), ask)

    @classmethod
    def of_list(cls, one: Waiting, clock: Callable[[int], str], ask: Callable[[], None]) -> Self:
        """A watchlist that somebody proposed."""
        until = "" if one.expires_at is None else clock(one.expires_at)
        what = f"Change {shown(one.watchlist.name).text}"
        return cls(what, shown(one.put_by).text, shown(one.why).text, until, ask)


class WaitingSheet(Sheet):
    """Everything that waits; Enter goes to the second person's sheet."""

    wide = 860

    def __init__(self, look: Look, matters: Sequence[Matter]) -> None:
        title = "What waits for a second person"
        super().__init__(look, title)
        self._matters = tuple(matters)
        self.box.addWidget(Words(look, title, tokens.TITLE))
        self._list = Choices(look, title, 40 + 40 * min(6, len(self._matters)))
        self._list.itemDoubleClicked.connect(lambda _item: self._go())
        for one in self._matters:
            self._add(one)
        self.box.addWidget(self._list)
        yes = button("Agree or decline", "Enter", self._go, primary=True)
        self.box.addLayout(button_row(button("Back to the lane", "Esc", self.leave), None, yes))
        self._list.setCurrentRow(0)

    def _add(self, one: Matter) -> None:
        line = Line(self.look, 36)
        line.inset = 8
        until = f"until {one.until}" if one.until else ""
        runs = [
            Run(one.what, "t1", tokens.CONTROL, 600),
            Run(f"by {one.by}", "t2", tokens.META),
            Run(one.reason, "t3", tokens.META),
        ]
        spoken = ", ".join(part for part in (one.what, f"by {one.by}", one.reason, until) if part)
        line.say(spoken, runs, [Run(until, "held", tokens.META, 600)] if until else [])
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
        if 0 <= row < len(self._matters):
            self._matters[row].ask()
