"""Pictures of muting a wrong hit and of watching a phrase; invented words and people only.

As in `test_pictures.py`, they go to `docs/images/` by `CORDON_PICTURES=1`.
"""

import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLabel, QLineEdit, QWidget

from console.domain.lanes import parse_lane
from console.services.exercise import Exercise
from console.settings import Settings
from console.ui.dialogs.mute_hit import MuteHit
from console.ui.dialogs.watch_phrase import WatchPhrase
from console.ui.parts import Line
from console.ui.sheet import Sheet
from tests.ui.desk import OPERATOR, open_desk, run_desk
from tests.ui.test_pictures import SHIFT, folder, save

__all__ = ["folder"]

WRONG = (
    "Brandle kiln yard sale on Sunday: bring your m@chete back, whoever lent it to the garden club, "
    "and I will kill the weeds by the gate myself. Selling a second machete too, good blade, five pounds."
)
LOOKS: dict[str, tuple[Settings, tuple[int, int]]] = {
    "dark": (Settings(operator=OPERATOR, theme="dark"), (1440, 900)),
    "light": (Settings(operator=OPERATOR, theme="light"), (1440, 900)),
    "contrast": (Settings(operator=OPERATOR, theme="contrast"), (1440, 900)),
    "200-dark": (Settings(operator=OPERATOR, theme="dark", text_percent=200), (1280, 720)),
    "narrow-dark": (Settings(operator=OPERATOR, theme="dark"), (1280, 720)),
}


def one_more(folder: Path) -> str:
    """A recording with the item that is shown."""
    item = {"id": "n1", "author": "Garden club", "text": WRONG, "created_at": "2026-11-20T22:00:00Z"}
    file = folder / "garden.jsonl"
    file.write_text(json.dumps({**item, "thread": "t1"}), encoding="utf-8")
    return str(file)


def cut_off(sheet: Sheet) -> list[str]:
    """What of a sheet reaches beyond its edge or has less room than its words need."""
    found = []
    for part in sheet.findChildren(QWidget):
        if part.isVisible() and isinstance(part, QAbstractButton | QComboBox | QLineEdit | QLabel):
            right = part.mapTo(sheet, part.rect().topRight()).x()
            is_narrow = isinstance(part, QAbstractButton) and not isinstance(part, Line)
            if right > sheet.width() or (is_narrow and part.width() < part.sizeHint().width()):
                found.append(f"{type(part).__name__} {part.accessibleName()} {part.geometry()}")
    return found


@pytest.mark.parametrize("name", LOOKS)
def test_the_sheets_about_hits_and_phrases(
    qapp: QApplication, tmp_path: Path, folder: Path, name: str
) -> None:
    settings, size = LOOKS[name]
    recording = one_more(tmp_path)

    async def work() -> None:
        async with open_desk(tmp_path / "p", settings=settings, size=size) as desk:
            window = desk.window
            await desk.ask(Exercise(desk.engine).play("chandlers-row", rate=1200, seconds=0.4))
            await desk.ask(Exercise(desk.engine).play(recording, rate=500.0))
            await desk.ask(desk.engine.open_incident("Chandlers Row stabbing", "critical incident", OPERATOR))
            (item,) = await desk.ask(desk.engine.find(parse_lane("Brandle", desk.engine.now()), 10))
            await desk.until(lambda: len(window.feed.model) > 100, "items are in the lane")
            window.go_to(item.id)
            await desk.until(lambda: window.under.item is not None, "the pane is filled")
            window._tick()
            desk.press_key(Qt.Key.Key_M, SHIFT)
            await desk.until(lambda: isinstance(window.scrim.sheet, MuteHit), "the sheet is open")
            mute = window.scrim.sheet
            assert isinstance(mute, MuteHit)
            assert mute.list.count() > 1
            await desk.until(lambda: "24 hours, " in mute._effect.text(), "it was tried")
            save(window, folder, f"mute-hit-{name}")
            assert cut_off(mute) == []
            desk.press_key(Qt.Key.Key_Escape)
            window.open_pane()
            desk.press_key(Qt.Key.Key_Right)
            desk.press_key(Qt.Key.Key_Right, SHIFT)
            assert window.pane.selected == "Brandle kiln"
            if name in {"dark", "light"}:
                save(window, folder, f"words-selected-{name}")
            desk.press_key(Qt.Key.Key_P, SHIFT)
            await desk.until(lambda: isinstance(window.scrim.sheet, WatchPhrase), "the sheet is open")
            watch = window.scrim.sheet
            assert isinstance(watch, WatchPhrase)
            await desk.until(watch._yes.isEnabled, "it is counted")
            save(window, folder, f"watch-phrase-{name}")
            assert cut_off(watch) == []

    run_desk(qapp, work)
