"""The key sheet and the command palette, both made from the table of commands."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QListWidgetItem, QVBoxLayout, QWidget

from console.ui import theme as tokens
from console.ui.commands import PARTS, Command, Commands, cap
from console.ui.dialogs.buttons import Choices
from console.ui.parts import Line, Look, Run, Words
from console.ui.sheet import Sheet


class KeySheet(Sheet):
    """Every key, for the keys as they are set."""

    wide = 1160

    def __init__(self, look: Look, commands: Commands) -> None:
        super().__init__(look, "Keys")
        head = Line(look, 30)
        head.inset = 0
        head.say(
            "Keys. Esc leaves.", [Run("Keys", "t1", tokens.TITLE)], [Run(key="Esc"), Run("leaves", "t3")]
        )
        self.box.addWidget(head)
        columns = QHBoxLayout()
        columns.setSpacing(28)
        for parts in PARTS:
            column = QVBoxLayout()
            column.setSpacing(2)
            for part in parts:
                column.addWidget(Words(look, part, tokens.LABEL, "t3"))
                for command in commands:
                    if command.part == part:
                        column.addWidget(self._line(commands, command))
                column.addSpacing(look.px(10))
            column.addStretch(1)
            columns.addLayout(column, 1)
        self.box.addLayout(columns)
        words = "Reversible acts are done at once and taken back with U. What has no way back waits 10 s; Z."
        self.box.addWidget(Words(look, words, tokens.META, "t2", wrap=True))

    def _line(self, commands: Commands, command: Command) -> QWidget:
        line = Line(self.look, 26)
        line.inset = 0
        key = cap(commands.key_of(command))
        line.say(f"{key}: {command.words}", [Run(command.words, "t1", tokens.CONTROL)], [Run(key=key)])
        return line

    def pressed(self, event: QKeyEvent) -> bool:
        """`?` leaves too."""
        if event.text() == "?":
            self.leave()
            return True
        return False


class Palette(Sheet):
    """Finds a command by its words."""

    wide = 620

    def __init__(self, look: Look, commands: Commands) -> None:
        super().__init__(look, "Commands")
        self._commands = commands
        self._field = QLineEdit()
        self._field.setPlaceholderText("What do you want to do?")
        self._field.setAccessibleName("Find a command")
        self._field.textChanged.connect(self._filter)
        self._list = Choices(look, "Commands found", 360)
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.itemClicked.connect(lambda _item: self._run())
        self.box.addWidget(self._field)
        self.box.addWidget(self._list)
        self._found: list[Command] = []
        self._filter("")

    def _filter(self, typed: str) -> None:
        wanted = typed.casefold().split()
        self._found = [
            command
            for command in self._commands
            if all(word in f"{command.words} {command.name}".casefold() for word in wanted)
        ]
        self._found.sort(key=lambda command: command.why_not() is not None)
        self._list.clear()
        for command in self._found:
            why = command.why_not()
            line = Line(self.look, 30)
            line.inset = 8
            ink = "t3" if why else "t1"
            runs = [Run(command.words, ink, tokens.CONTROL, 600)]
            if why:
                runs.append(Run(why, "t3", tokens.META))
            spoken = f"{command.words}. {why}" if why else command.words
            line.say(spoken, runs, [Run(key=cap(self._commands.key_of(command)), broken=bool(why))])
            entry = QListWidgetItem(self._list)
            entry.setSizeHint(line.sizeHint())
            entry.setData(Qt.ItemDataRole.AccessibleTextRole, spoken)
            line.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            self._list.setItemWidget(entry, line)
        if self._found:
            self._list.setCurrentRow(0)

    def first(self) -> QWidget:
        """The field."""
        return self._field

    def pressed(self, event: QKeyEvent) -> bool:
        """Arrows choose, Enter does it."""
        row = self._list.currentRow()
        match event.key():
            case Qt.Key.Key_Down:
                self._list.setCurrentRow(min(row + 1, len(self._found) - 1))
            case Qt.Key.Key_Up:
                self._list.setCurrentRow(max(row - 1, 0))
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._run()
            case _:
                return False
        return True

    def _run(self) -> None:
        row = self._list.currentRow()
        if 0 <= row < len(self._found) and self._found[row].why_not() is None:
            command = self._found[row]
            self.leave()
            command.run()
