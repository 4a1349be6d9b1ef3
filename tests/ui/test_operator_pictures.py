"""Pictures of the curtain and of the second person's sheets; invented people only.

As in `test_pictures.py`, they go to `docs/images/` by `CORDON_PICTURES=1`.
"""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from console.services import operators as service
from console.services.exercise import Exercise
from console.services.operators import Proof
from console.settings import Settings
from console.ui.operators.second import SecondPerson
from console.ui.operators.waiting import WaitingSheet
from tests.ui.desk import OPERATOR, Desk, open_desk, run_desk
from tests.ui.test_pictures import CONTROL, SHIFT, WANTED, folder, save
from tests.ui.test_second_person import ask_to_block

__all__ = ["folder"]

SUPERVISOR = Proof("Ines Corran", "overnight")
LOOKS: dict[str, tuple[Settings, tuple[int, int]]] = {
    "dark": (Settings(operator=OPERATOR, theme="dark", second_block=True), (1440, 900)),
    "light": (Settings(operator=OPERATOR, theme="light", second_block=True), (1440, 900)),
    "contrast": (Settings(operator=OPERATOR, theme="contrast", second_block=True), (1440, 900)),
    "200-dark": (
        Settings(operator=OPERATOR, theme="dark", second_block=True, text_percent=200),
        (1280, 720),
    ),
}


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Codes are stretched less than in earnest."""
    monkeypatch.setattr(service, "SCRYPT_COST", 2**4)


async def people(desk: Desk) -> None:
    """A roster of four."""
    operators = desk.engine.operators
    await desk.ask(operators.add("Ines Corran", "supervisor", collar="S12", code=SUPERVISOR.code))
    await desk.ask(operators.add("R. Calder", "digital", collar="4471", code="chandler", by=SUPERVISOR))
    await desk.ask(operators.add("Jo Tarrant", "communications", code="fair-trial", by=SUPERVISOR))
    await desk.ask(operators.add("M. Jarrow", "neighbourhood", by=SUPERVISOR))
    curtain = desk.window.seating.curtain
    await desk.until(lambda: curtain.is_up and curtain.people.count() == 4, "the roster is shown")


@pytest.mark.parametrize("name", LOOKS if WANTED else ["light", "200-dark"])
def test_the_curtain_and_the_second_person(
    qapp: QApplication, tmp_path: Path, folder: Path, name: str
) -> None:
    settings, size = LOOKS[name]

    async def work() -> None:
        async with open_desk(tmp_path / "p", settings=settings, size=size) as desk:
            window = desk.window
            await desk.ask(Exercise(desk.engine).play("chandlers-row", rate=1200, seconds=1.0))
            await people(desk)
            await desk.until(
                lambda: window.known.rail is not None and sum(window.known.rail.grades), "counts"
            )
            window._tick()
            if name == "dark":
                save(window, folder, f"who-is-here-{name}")
            desk.press("2")
            desk.type("guess")
            desk.press_key(Qt.Key.Key_Return)
            curtain = window.seating.curtain
            await desk.until(lambda: "not R. Calder’s code" in curtain._said.text(), "it is refused")
            if name == "light":
                save(window, folder, f"wrong-code-{name}")
            desk.type("chandler")
            desk.press_key(Qt.Key.Key_Return)
            await desk.until(lambda: not curtain.is_up, "the window is open")
            await ask_to_block(desk, 2)
            await desk.until(
                lambda: "2 wait for a second person" in window.strip._second.accessibleName(), "the strip"
            )
            desk.press_key(Qt.Key.Key_F9)
            await desk.until(lambda: isinstance(window.scrim.sheet, WaitingSheet), "the list is open")
            if name == "dark":
                save(window, folder, f"second-person-waiting-{name}")
            desk.press_key(Qt.Key.Key_Return)
            await desk.until(lambda: isinstance(window.scrim.sheet, SecondPerson), "the sheet is open")
            desk.press("1")
            desk.type("overnight")
            save(window, folder, f"second-person-{name}")
            desk.press_key(Qt.Key.Key_Escape)
            desk.press_key(Qt.Key.Key_L, CONTROL | SHIFT)
            await desk.until(lambda: window.seating.state.locked_at is not None, "it is locked")
            window._tick()
            save(window, folder, f"locked-{name}")

    run_desk(qapp, work)
