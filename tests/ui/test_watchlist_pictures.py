"""Pictures of the watchlist editor and what stands beside it; invented people and places only.

As in `test_pictures.py`, they go to `docs/images/` by `CORDON_PICTURES=1`.
"""

from pathlib import Path

from PySide6.QtWidgets import QApplication

from console.services.exercise import Exercise
from console.settings import Settings
from console.ui.theme import CONTRAST, DARK, LIGHT
from console.ui.watchlists.history import History
from console.ui.watchlists.shadow import Shadow
from tests.ui.desk import OPERATOR, open_desk, run_desk
from tests.ui.test_pictures import folder, save
from tests.ui.test_watchlist_editor import CONTROL, EXERCISE, Key, add_line, editor_of, tab_to

__all__ = ["folder"]

SEVERAL = (
    ("light", LIGHT, 100),
    ("contrast", CONTRAST, 100),
    ("narrow-dark", DARK, 100),
    ("200-dark", DARK, 200),
)


def test_the_watchlist_editor_in_every_look(qapp: QApplication, tmp_path: Path, folder: Path) -> None:
    async def work() -> None:
        settings = Settings(operator=OPERATOR, theme="dark")
        async with open_desk(tmp_path / "p", settings=settings, size=(1440, 900)) as desk:
            window = desk.window
            await desk.ask(Exercise(desk.engine).play(EXERCISE, rate=1200, seconds=1.0))
            window._tick()
            await editor_of(desk)
            window.watchlists.open("disorder")
            await desk.until(lambda: window.watchlists.last == "disorder", "the list is shown")
            editor = window.watchlists.editor
            assert editor is not None
            await desk.until(lambda: " hit" in editor.preview.head.text(), "the first count")
            add_line(desk, editor.rule.words, "bus station")
            await desk.until(editor.publish_button.isEnabled, "tried and well")
            await desk.until(lambda: not editor.preview.busy.text(), "counted")
            tab_to(desk, editor.preview.trying)
            desk.type("nobody at the bu5 stati0n tonight")
            await desk.until(lambda: "read as" in editor.preview.tried.text(), "explained")
            tab_to(desk, editor.rule.words)
            save(window, folder, "watchlists-dark")
            for name, theme, percent in SEVERAL:
                window.look.set(theme, window.look.density, percent)
                window.resize(*((1440, 900) if name in {"light", "contrast"} else (1280, 720)))
                window.scrim.refit()
                save(window, folder, f"watchlists-{name}")
            window.look.set(DARK, window.look.density, 100)
            window.resize(1440, 900)
            add_line(desk, editor.rule.patterns, r"(\w+) \1")
            await desk.until(lambda: "was refused" in editor.state.text(), "it is refused")
            save(window, folder, "watchlists-refused-dark")
            for _ in range(9):
                desk.press_key(Key.Key_Backspace)
            await desk.until(editor.rehearse_button.isEnabled, "tried and well")
            desk.press_key(Key.Key_R, CONTROL)
            await desk.until(lambda: "is rehearsed" in editor.done.text(), "rehearsed")
            await desk.ask(Exercise(desk.engine).play(EXERCISE, rate=1200, seconds=0.5))
            await desk.ask(desk.engine.editing._keep_counts())
            desk.press_key(Key.Key_J, CONTROL)
            await desk.until(lambda: isinstance(window.scrim.sheet, Shadow), "what is rehearsed")
            sheet = window.scrim.sheet
            assert isinstance(sheet, Shadow)
            await desk.until(sheet.examples.isVisible, "the examples")
            save(window, folder, "watchlists-rehearsed-dark")
            desk.press_key(Key.Key_Return, CONTROL)
            await desk.until(lambda: window.watchlists.editor not in {None, editor}, "it is live")
            desk.press_key(Key.Key_H, CONTROL)
            await desk.until(lambda: isinstance(window.scrim.sheet, History), "the versions")
            save(window, folder, "watchlists-versions-dark")

    run_desk(qapp, work)
