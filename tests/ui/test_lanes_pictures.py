"""Pictures of lanes: the list, the field with what could come next, the sheets, and one in its own window.

Where they go, and why, stands in `test_pictures`.
"""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from console.settings import Settings
from console.ui.dialogs.build_find import BuildFind
from console.ui.dialogs.keep_lane import KeepLane
from console.ui.dialogs.lane_list import LaneList
from console.ui.sheet import Sheet
from tests.ui.desk import OPERATOR, Desk, open_desk, run_desk
from tests.ui.test_pictures import CONTROL, folder, play_part, save

__all__ = ["folder"]
Key = Qt.Key
LOOKS = {
    "dark": (Settings(operator=OPERATOR, theme="dark"), (1440, 900)),
    "light": (Settings(operator=OPERATOR, theme="light"), (1440, 900)),
    "contrast": (Settings(operator=OPERATOR, theme="contrast"), (1440, 900)),
    "200-dark": (Settings(operator=OPERATOR, theme="dark", text_percent=200), (1280, 720)),
}


async def kept(desk: Desk) -> None:
    """Three lanes of one's own, one of them shared."""
    views, who = desk.engine.views, desk.engine.who
    await desk.ask(views.keep("Night shift", "grade:1-3 -lang:cy is:unseen", who))
    footage = await desk.ask(views.keep("Footage", "has:media since:2h", who))
    await desk.ask(views.change(footage.id, who, is_shared=True))
    await desk.ask(views.keep("Bridge and quay", "bridge -tickets", who))
    await desk.until(lambda: len(desk.window.lanes.kept.names.views) == 3, "they are in the rail")
    keys = [button.accessibleName() for button in desk.window.rail._others._buttons]
    assert any(words.startswith("Night shift") for words in keys)
    await desk.until(lambda: desk.window.lanes.tallies.of("view:3") is not None, "they are counted")


def shows(desk: Desk, kind: type[Sheet]) -> bool:
    """Whether a sheet of a kind is open."""
    return isinstance(desk.window.scrim.sheet, kind)


@pytest.mark.parametrize("look", LOOKS)
def test_lanes(qapp: QApplication, tmp_path: Path, folder: Path, look: str) -> None:
    settings, size = LOOKS[look]

    async def work() -> None:
        async with open_desk(tmp_path / "p", settings=settings, size=size) as desk:
            window = desk.window
            window.is_exercise = True
            await play_part(desk, seconds=2.0, rate=900)
            await desk.until(lambda: len(window.feed.model) > 100, "items are in the lane")
            await kept(desk)
            window.lanes.open("view:1")
            await desk.until(lambda: not window.feed.is_loading, "the lane is read")
            desk.press("jjj")
            desk.press_key(Key.Key_I, CONTROL)
            await desk.until(lambda: "can be hidden" in window.choosing.words, "planned")
            await desk.until(lambda: len(window.view.visible_cards()) > 3, "the cards are read")
            save(window, folder, f"lane-selection-{look}")
            desk.press_key(Key.Key_Escape)
            desk.press("/")
            desk.type("grade:1-3 hit:")
            await desk.until(window.lane.finder.list.isVisible, "it is offered what could come next")
            save(window, folder, f"find-{look}")
            desk.press_key(Key.Key_Escape)
            desk.press_key(Key.Key_Escape)
            desk.press_key(Key.Key_G, CONTROL)
            assert shows(desk, LaneList)
            save(window, folder, f"lanes-{look}")
            desk.press_key(Key.Key_Escape)
            desk.press_key(Key.Key_S, CONTROL)
            assert shows(desk, KeepLane)
            save(window, folder, f"keep-lane-{look}")
            desk.press_key(Key.Key_Escape)
            desk.press_key(Key.Key_F, CONTROL)
            sheet = window.scrim.sheet
            assert isinstance(sheet, BuildFind)
            desk.type("bridge")
            sheet._since.combo.setCurrentIndex(3)
            sheet._ticks[0].setChecked(True)
            save(window, folder, f"build-find-{look}")
            desk.press_key(Key.Key_Escape)
            if look == "dark":
                desk.press_key(Key.Key_T, CONTROL)
                (torn,) = window.torn.awake
                torn.resize(1000, 800)
                torn.focus_lane()
                await desk.until(lambda: len(torn.view.visible_cards()) > 3, "the cards are read there")
                torn.view.step(2)
                save(torn, folder, "own-window-dark")

    run_desk(qapp, work)
