"""Watchlists from files and into files: TOML, which holds a whole list, and CSV, which holds its words.

What a newcomer would get wrong: a file that is read in is published like any other change, or rehearsed. A
file that is there already is never written over.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QRadioButton, QWidget

from console.domain.errors import UsageError
from console.domain.list_changes import Published, Waiting, WaitingKind
from console.matching.table import left_out
from console.ui import theme as tokens
from console.ui.dialogs.buttons import Field, button, button_row
from console.ui.parts import Words, tip
from console.ui.text import shown
from console.ui.watchlists.beside import BesideEditor

if TYPE_CHECKING:
    from console.services.list_files import Form
    from console.ui.watchlists.opening import Watchlists

FORMS: Final[Sequence[tuple["Form", str]]] = (
    ("toml", "TOML, the whole list"),
    ("csv", "CSV, its words for a spreadsheet"),
)


class Files(BesideEditor):
    """The sheet for import and export."""

    wide = 720

    def __init__(self, room: "Watchlists", list_id: str | None) -> None:
        super().__init__(room, "Import and export")
        self._list_id = list_id
        look = self.look
        self.box.addWidget(
            Words(
                look,
                "Import a .toml file, which replaces the list with its id, or a .csv file, which adds words.",
                tokens.CONTROL,
                "t2",
                wrap=True,
            )
        )
        self.path = Field(look, "File to read", hint="ends in .toml or .csv")
        self.why = Field(look, "Why", hint="goes on record")
        self.box.addWidget(self.path)
        self.box.addWidget(self.why)
        self._rehearse = button("Rehearse it", "Ctrl R", lambda: self._read(rehearse=True))
        self._publish = button("Publish it", "Ctrl Enter", lambda: self._read(rehearse=False), primary=True)
        self.box.addLayout(button_row(None, self._rehearse, self._publish))
        named = f"Export “{list_id}”" if list_id is not None else "Export"
        self.box.addWidget(Words(look, named, tokens.STANDARD, "t1", 600))
        self._forms = QButtonGroup(self)
        row = QHBoxLayout()
        row.setSpacing(16)
        for number, (_, words) in enumerate(FORMS):
            answer = QRadioButton(words)
            answer.setChecked(number == 0)
            self._forms.addButton(answer, number)
            row.addWidget(answer)
        row.addStretch(1)
        self.box.addLayout(row)
        self.target = Field(look, "File to write")
        if list_id is not None:
            self.target.edit.setText(str(Path.home() / f"{list_id}.toml"))
        self.box.addWidget(self.target)
        self.box.addWidget(self.problem)
        self.problem.hide()
        self._write = button("Write the file", "Ctrl S", self._go_write)
        back = button("Back to the editor", "Esc", self.leave)
        self.box.addLayout(button_row(back, None, self._write))
        self._forms.idToggled.connect(self._other_form)
        for field in (self.path, self.target):
            field.edit.textChanged.connect(lambda _text: self.working_changed())
        self.working_changed()

    def working_changed(self) -> None:
        """The buttons follow."""
        why = "Working…" if self.is_working else "" if self.path.text else "Say which file."
        for each in (self._rehearse, self._publish):
            each.setEnabled(not why)
            tip(each, why)
        why = "" if self._list_id is not None else "This list is not in force yet; publish it first."
        why = why or ("Working…" if self.is_working else "" if self.target.text else "Say which file.")
        self._write.setEnabled(not why)
        tip(self._write, why)

    @property
    def form(self) -> "Form":
        """What is to be written."""
        return FORMS[max(0, self._forms.checkedId())][0]

    def _other_form(self, _: int, is_chosen: bool) -> None:
        if is_chosen and self.target.text:
            self.target.edit.setText(str(Path(self.target.text).with_suffix(f".{self.form}")))

    def first(self) -> QWidget:
        """The file to read."""
        return self.path.edit

    def pressed(self, event: QKeyEvent) -> bool:
        """Ctrl Enter publishes what is read, Ctrl R rehearses it, Ctrl S writes."""
        if not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            return False
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._publish.click()
            case Qt.Key.Key_R:
                self._rehearse.click()
            case Qt.Key.Key_S:
                self._write.click()
            case _:
                return False
        return True

    def _read(self, *, rehearse: bool) -> None:
        path = Path(self.path.text).expanduser()
        self.work(self._ask_read(path, self.why.text, rehearse=rehearse), "import a watchlist")

    async def _ask_read(self, path: Path, why: str, *, rehearse: bool) -> str:
        room = self._room
        call = room.engine.editing.import_file
        done = await room.door.ask(call, path, who=room.who, why=why, rehearse=rehearse)
        return " ".join(_said(one) for one in done)

    def _go_write(self) -> None:
        if self._list_id is not None:
            path = Path(self.target.text).expanduser()
            self.work(self._ask_write(self._list_id, path), "export a watchlist")

    async def _ask_write(self, list_id: str, path: Path) -> str:
        room = self._room
        text = await room.door.ask(room.engine.editing.export, list_id, self.form)
        await asyncio.to_thread(_write_new, path, text)
        said = f"{list_id} was written to {shown(str(path)).text}."
        if self.form == "csv":
            versions = await room.door.ask(room.engine.editing.versions, list_id)
            if missing := left_out(versions[0].watchlist):
                said += f" A table cannot hold {missing}; TOML can."
        return said


def _said(done: Published | Waiting) -> str:
    waits = done if isinstance(done, Waiting) else done.waiting
    if waits is not None:
        name = shown(waits.watchlist.name).text
        if waits.kind is WaitingKind.REHEARSING:
            return f"{name} is rehearsed from now on: counted, without grade or alarm."
        return f"{name} waits for a second person to agree; F9 shows it."
    if isinstance(done, Published) and done.version is not None:
        return f"{shown(done.version.name).text}: version {done.version.version} is in force."
    return ""


def _write_new(path: Path, text: str) -> None:
    """Writes a file that was not there. Raises UsageError with one line."""
    try:
        with path.open("x", encoding="utf-8", newline="") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(
            f"There is a file {path.name} already, and it was left alone. Use another name."
        ) from None
    except OSError as problem:
        raise UsageError(f"{path.name} could not be written: {problem.strerror or problem}.") from None
