"""The list of every lane: opened, put into a window of its own, renamed, ordered, shared, taken away.

What a newcomer would get wrong: the field has the focus all the time, so the keys of the list are taken
from it before it sees them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QListWidgetItem, QWidget

from console.ui import theme as tokens
from console.ui.dialogs.buttons import Choices, button, button_row
from console.ui.parts import Line, Look, Run, Words
from console.ui.sheet import Sheet
from console.ui.text import shown


@dataclass(frozen=True, slots=True)
class LaneEntry:
    """One lane of the list."""

    key: str
    name: str
    question: str
    part: str
    """What sort of lane it is, in a word: grade, yours, watchlist."""
    glyph: str = "filter"
    grade: int = 0
    number: str = ""
    view: int | None = None
    """The number of a saved one that is one's own."""
    is_shared: bool = False


@dataclass(frozen=True, slots=True)
class ListActs:
    """What the list can do; each is told the entry, but for the last two."""

    open: Callable[[LaneEntry], None]
    tear_off: Callable[[LaneEntry], None]
    change: Callable[[LaneEntry], None]
    drop: Callable[[LaneEntry], None]
    share: Callable[[LaneEntry], None]
    move: Callable[[LaneEntry, int], None]
    copy: Callable[[], None]
    paste: Callable[[], None]


class LaneList(Sheet):
    """Finds a lane by its words."""

    wide = 800

    def __init__(self, look: Look, entries: Sequence[LaneEntry], acts: ListActs) -> None:
        super().__init__(look, "Lanes")
        self._entries, self._acts = list(entries), acts
        self._found: list[LaneEntry] = []
        self.box.addWidget(Words(look, "Lanes", tokens.TITLE))
        self._field = QLineEdit()
        self._field.setPlaceholderText("Which lane?")
        self._field.setAccessibleName("Find a lane")
        self._field.textChanged.connect(lambda _words: self._filter())
        self._field.installEventFilter(self)
        self.box.addWidget(self._field)
        self._list = Choices(look, "Lanes found", 360)
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.itemActivated.connect(lambda _item: self._with(acts.open, leaves=True))
        self.box.addWidget(self._list)
        self._said = Words(look, "", tokens.META, "t3", wrap=True)
        self.box.addWidget(self._said)
        self._buttons = {
            "change": button("Rename", "F2", lambda: self._with_own(acts.change, leaves=True)),
            "share": button("Share or not", "F4", lambda: self._with_own(acts.share)),
            "drop": button("Take away", "Ctrl D", lambda: self._with_own(acts.drop)),
        }
        tear = button("Own window", "Ctrl Enter", lambda: self._with(acts.tear_off, leaves=True))
        go = button("Open", "Enter", lambda: self._with(acts.open, leaves=True), primary=True)
        self.box.addLayout(button_row(*self._buttons.values(), None, go))
        copy = button("Copy yours as text", "Ctrl Shift C", acts.copy)
        paste = button("Take from text", "Ctrl Shift V", acts.paste)
        self.box.addLayout(button_row(tear, copy, paste, None, button("Back", "Esc", self.leave)))
        for part in (*self._buttons.values(), tear, go, copy, paste):
            part.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._list.currentRowChanged.connect(lambda _row: self._offer())
        self._filter()

    def say(self, entries: Sequence[LaneEntry]) -> None:
        """Shows other entries; what is chosen stays chosen where it still is there."""
        chosen = self._chosen()
        self._entries = list(entries)
        self._filter(None if chosen is None else chosen.key)

    def _chosen(self) -> LaneEntry | None:
        row = self._list.currentRow()
        return self._found[row] if 0 <= row < len(self._found) else None

    def _filter(self, keep: str | None = None) -> None:
        wanted = self._field.text().casefold().split()
        self._found = [
            entry
            for entry in self._entries
            if all(word in f"{entry.name} {entry.question} {entry.part}".casefold() for word in wanted)
        ]
        self._list.clear()
        for entry in self._found:
            self._add(entry)
        rows = [row for row, entry in enumerate(self._found) if entry.key == keep]
        if self._found:
            self._list.setCurrentRow(rows[0] if rows else 0)
        self._offer()

    def _add(self, entry: LaneEntry) -> None:
        line = Line(self.look, 30)
        line.inset = 8
        mark = Run(grade=entry.grade) if entry.grade else Run(glyph=entry.glyph, ink="t2")
        question = shown(entry.question).text
        shared = "shared, " if entry.is_shared else ""
        runs = [
            mark,
            Run(entry.name, "t1", tokens.CONTROL, 600, gap=12),
            Run(question, "t3", tokens.META),
        ]
        right = [Run(entry.number, "t1", tokens.META, 700, gap=12)] if entry.number else []
        right.append(Run(shared + entry.part, "t3", tokens.META))
        unseen = f"{entry.number} unseen, " if entry.number else ""
        spoken = f"{entry.name}, {unseen}{shared}{entry.part}"
        line.say(spoken, runs, right)
        line.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        item = QListWidgetItem(self._list)
        item.setSizeHint(line.sizeHint())
        item.setData(Qt.ItemDataRole.AccessibleTextRole, spoken)
        self._list.setItemWidget(item, line)

    def _offer(self) -> None:
        """What can be done with the chosen one."""
        chosen = self._chosen()
        is_own = chosen is not None and chosen.view is not None
        for one in self._buttons.values():
            one.setEnabled(is_own)
        if chosen is None:
            words = "No lane is called that."
        elif is_own:
            words = "Yours. Ctrl and the arrows up and down move it in the rail."
        else:
            words = "Everybody has this one. Open it and keep it under a name of yours to change it."
        self._said.setText(words)

    def _with(self, act: Callable[[LaneEntry], None], *, leaves: bool = False) -> None:
        chosen = self._chosen()
        if chosen is not None:
            if leaves:
                self.leave()
            act(chosen)

    def _with_own(self, act: Callable[[LaneEntry], None], *, leaves: bool = False) -> None:
        chosen = self._chosen()
        if chosen is not None and chosen.view is not None:
            self._with(act, leaves=leaves)

    def _move(self, by: int) -> None:
        self._with_own(lambda entry: self._acts.move(entry, by))

    def _step(self, by: int) -> None:
        row = self._list.currentRow() + by
        self._list.setCurrentRow(min(max(row, 0), len(self._found) - 1))

    def first(self) -> QWidget:
        """The field."""
        return self._field

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The keys of the list are not the field's."""
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and self.pressed(event):
            return True
        return super().eventFilter(watched, event)

    def pressed(self, event: QKeyEvent) -> bool:
        """Every key of the list."""
        key = event.keyCombination()
        found = self._keys().get((key.keyboardModifiers().value & ~_KEYPAD, _plain(key.key())))
        if found is None:
            return False
        found()
        return True

    def _keys(self) -> Mapping[tuple[int, Qt.Key], Callable[[], None]]:
        plain, control, shift = 0, _CONTROL, _CONTROL | _SHIFT
        acts, key = self._acts, Qt.Key
        return {
            (plain, key.Key_Down): lambda: self._step(1),
            (plain, key.Key_Up): lambda: self._step(-1),
            (plain, key.Key_Return): lambda: self._with(acts.open, leaves=True),
            (control, key.Key_Return): lambda: self._with(acts.tear_off, leaves=True),
            (control, key.Key_Down): lambda: self._move(1),
            (control, key.Key_Up): lambda: self._move(-1),
            (plain, key.Key_F2): lambda: self._with_own(acts.change, leaves=True),
            (plain, key.Key_F4): lambda: self._with_own(acts.share),
            (control, key.Key_D): lambda: self._with_own(acts.drop),
            (shift, key.Key_C): acts.copy,
            (shift, key.Key_V): acts.paste,
        }


_CONTROL = Qt.KeyboardModifier.ControlModifier.value
_SHIFT = Qt.KeyboardModifier.ShiftModifier.value
_KEYPAD = Qt.KeyboardModifier.KeypadModifier.value


def _plain(key: Qt.Key) -> Qt.Key:
    return Qt.Key.Key_Return if key is Qt.Key.Key_Enter else key
