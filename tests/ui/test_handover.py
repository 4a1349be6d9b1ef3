"""Open risk is handed over in the window, by keys: one writes it down, the next accepts line by line."""

from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from console.services import operators as service
from console.services.exercise import Exercise
from console.settings import Settings
from console.ui.operators.handover import AcceptHandover, WriteHandover
from tests.ui.desk import OPERATOR, Desk, open_desk, run_desk
from tests.ui.test_operator_pictures import LOOKS, SUPERVISOR
from tests.ui.test_operators import words_of
from tests.ui.test_pictures import CONTROL, SHIFT, WANTED, folder, save

__all__ = ["folder"]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Codes are stretched less than in earnest."""
    monkeypatch.setattr(service, "SCRYPT_COST", 2**4)


async def two(desk: Desk) -> None:
    """R. Calder sits here; Ines Corran comes next."""
    operators = desk.engine.operators
    await desk.ask(operators.add("Ines Corran", "supervisor", code=SUPERVISOR.code))
    await desk.ask(operators.add("R. Calder", "digital", code="chandler", by=SUPERVISOR))
    await desk.ask(operators.sign_on("R. Calder", "chandler"))
    await desk.until(lambda: not desk.window.seating.curtain.is_up, "the window is open")


async def writing(desk: Desk) -> WriteHandover:
    """Opens the sheet on which a handover is written."""
    desk.press_key(Qt.Key.Key_O, SHIFT)
    await desk.until(lambda: isinstance(desk.window.scrim.sheet, WriteHandover), "it can be written")
    sheet = desk.window.scrim.sheet
    assert isinstance(sheet, WriteHandover)
    return sheet


async def accepting(desk: Desk) -> AcceptHandover:
    """Opens the sheet on which a handover is accepted."""
    desk.press_key(Qt.Key.Key_O, SHIFT)
    await desk.until(lambda: isinstance(desk.window.scrim.sheet, AcceptHandover), "it can be accepted")
    sheet = desk.window.scrim.sheet
    assert isinstance(sheet, AcceptHandover)
    return sheet


def says(sheet: AcceptHandover, words: str) -> bool:
    """Whether a sheet says this now."""
    return words in words_of(sheet)


@pytest.mark.parametrize("name", ["dark", "light", "200-dark"] if WANTED else ["dark"])
def test_one_writes_open_risk_down_and_the_next_accepts_it_line_by_line(
    qapp: QApplication, tmp_path: Path, folder: Path, name: str
) -> None:
    settings, size = LOOKS[name]

    async def work() -> None:
        async with open_desk(tmp_path / "p", settings=settings, size=size) as desk:
            window = desk.window
            await desk.ask(Exercise(desk.engine).play("chandlers-row", rate=1200, seconds=1.0))
            await two(desk)
            sheet = await writing(desk)
            lines = len(sheet._lines)
            assert lines > 2
            desk.type("The mother rings back at six")
            save(window, folder, f"handover-write-{name}")
            desk.press_key(Qt.Key.Key_Return, CONTROL)
            await desk.until(
                lambda: f"Handed over: {lines + 1} lines" in words_of(window.toasts), "it is said"
            )
            assert isinstance(await writing(desk), WriteHandover)  # not for whoever wrote it to accept
            desk.press_key(Qt.Key.Key_Escape)

            await desk.ask(desk.engine.operators.sign_on("Ines Corran", SUPERVISOR.code))
            accept = await accepting(desk)
            assert "Written by R. Calder" in words_of(accept)
            assert "“The mother rings back at six”" in words_of(accept)
            desk.press_key(Qt.Key.Key_Return)
            await desk.until(lambda: f"{lines} lines left to accept." in words_of(accept), "one is accepted")
            assert "Accepted by Ines Corran" in accept._list.item(0).data(Qt.ItemDataRole.AccessibleTextRole)
            assert accept._list.currentRow() == 1  # the next one that waits
            save(window, folder, f"handover-accept-{name}")
            for left in range(lines - 1, -1, -1):
                desk.press_key(Qt.Key.Key_Return)
                words = f"{left} line{'' if left == 1 else 's'} left" if left else "Every line is accepted."
                await desk.until(partial(says, accept, words), words)
            desk.press_key(Qt.Key.Key_Home)
            desk.press("g")
            assert window.scrim.sheet is None
            key = sheet._lines[0].key
            await desk.until(lambda: f"i{window.view.cursor_id}" == key, "the cursor is on the item")

    run_desk(qapp, work)


def test_with_nothing_open_only_a_note_can_be_handed_over(qapp: QApplication, tmp_path: Path) -> None:
    async def work() -> None:
        async with open_desk(tmp_path / "p", settings=Settings(operator=OPERATOR, theme="dark")) as desk:
            sheet = await writing(desk)
            assert not sheet._yes.isEnabled()
            desk.type("All quiet")
            desk.press_key(Qt.Key.Key_Return, CONTROL)
            await desk.until(lambda: "Handed over: 1 line" in words_of(desk.window.toasts), "it is said")
            accept = await accepting(desk)  # one account for all: whoever comes next has the same name
            desk.press("n")
            await desk.until(lambda: isinstance(desk.window.scrim.sheet, WriteHandover), "another one")
            assert accept is not desk.window.scrim.sheet

    run_desk(qapp, work)
