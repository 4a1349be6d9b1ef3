"""Every command once: its name, its words, its key, what it does and when it cannot.

The key sheet and the palette are made from this table, so a command that is not here does not exist.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence


@dataclass(frozen=True, slots=True)
class Command:
    """One thing that a person can ask for."""

    name: str
    """Its name in settings; never changes."""
    words: str
    key: str
    """The default key, as Qt writes it (`Shift+H`, `Ctrl+K`, `?`)."""
    part: str
    """The heading under which the key sheet lists it."""
    run: Callable[[], None]
    why_not: Callable[[], str | None] = lambda: None
    """Why it cannot be done now, or None when it can."""
    glyph: str = ""


PARTS = (("Move and read", "Select"), ("Decide", "Take back"), ("Lanes",), ("The desk",))
"""The headings of the key sheet, column by column."""


class Commands:
    """The table of commands, with the keys as they are set."""

    def __init__(self, chosen: Mapping[str, str]) -> None:
        """`chosen` holds the keys that differ from the defaults, by command name."""
        self.chosen = dict(chosen)
        self._by_name: dict[str, Command] = {}
        self._by_key: dict[str, str] = {}

    def add(self, *commands: Command) -> None:
        """Puts commands into the table. Raises ValueError when two would have one key."""
        for command in commands:
            key = self.key_of(command)
            taken = self._by_key.get(key)
            if taken is not None:
                raise ValueError(f"{command.name} and {taken} have one key: {key}")
            self._by_name[command.name] = command
            self._by_key[key] = command.name

    def __iter__(self) -> Iterator[Command]:
        return iter(self._by_name.values())

    def __getitem__(self, name: str) -> Command:
        return self._by_name[name]

    def key_of(self, command: Command) -> str:
        """A command's key as it is set."""
        return self.chosen.get(command.name, command.key)

    def for_event(self, event: QKeyEvent) -> Command | None:
        """The command that a key press means."""
        name = self._by_key.get(key_name(event))
        return None if name is None else self._by_name[name]


def key_name(event: QKeyEvent) -> str:
    """A key press as the table writes it; `?` is `?` on every keyboard."""
    if event.text() == "?":
        return "?"
    if event.text() == "/":
        return "/"
    combination = event.keyCombination()
    plain = combination.keyboardModifiers() & ~Qt.KeyboardModifier.KeypadModifier
    key = Qt.Key.Key_Return if event.key() == Qt.Key.Key_Enter else Qt.Key(event.key())
    return QKeySequence(int(plain.value) | int(key)).toString(QKeySequence.SequenceFormat.PortableText)


def cap(key: str) -> str:
    """A key as its cap shows it."""
    return {"Return": "Enter", "Escape": "Esc"}.get(key, key).replace("+", " ")
