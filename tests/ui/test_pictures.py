"""Pictures of the window for the handbook, made from the shipped exercise; invented people only.

They are written to `docs/images/` by `CORDON_PICTURES=1`, and to the test's own folder otherwise, so that a
run of the tests leaves the tree as it was. Each is checked for what it must show.
"""

import os
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget

from console.domain.accounts import AccountState
from console.domain.acts import Verb
from console.domain.ids import ItemId
from console.domain.lanes import Lane
from console.services.exercise import Exercise
from console.settings import Settings
from console.ui.app import look_for
from console.ui.dialogs.bulk_plan import BulkPlan
from console.ui.dialogs.connect import Connect
from console.ui.dialogs.first_run import FirstRun
from console.ui.dialogs.verdict import VerdictSheet
from console.ui.lane.wave_row import wave_of
from console.ui.loop import Tasks
from console.ui.parts import Look
from console.ui.sheet import Scrim
from console.ui.theme import stylesheet
from tests.ui.desk import OPERATOR, Desk, open_desk, run_desk

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
WANTED = os.environ.get("CORDON_PICTURES") == "1"
SHIFT = Qt.KeyboardModifier.ShiftModifier
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the pictures go."""
    if not WANTED:
        return tmp_path
    IMAGES.mkdir(exist_ok=True)
    return IMAGES


def save(widget: QWidget, folder: Path, name: str) -> None:
    """Saves a picture; one that is nearly of one colour shows nothing and fails."""
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    image = image.scaled(widget.size(), mode=Qt.TransformationMode.SmoothTransformation)
    colours = {image.pixel(x, y) for x in range(0, image.width(), 7) for y in range(0, image.height(), 7)}
    assert len(colours) > 20, f"{name} shows nothing"
    assert image.save(str(folder / f"{name}.png"))


async def at_rest(desk: Desk) -> None:
    """The night half over: a few acts done, the cursor on a card, the pane filled."""
    window = desk.window
    view = window.view
    window.go_to(await busiest(desk))
    await desk.until(lambda: window.pane.facts is not None, "the pane is filled")
    target = view.cursor_id
    assert target is not None
    desk.press("h")
    await desk.until(lambda: desk.corner(target) == "Hidden", "it is hidden")
    desk.press("jl")
    other = view.cursor_id
    assert other is not None
    await desk.until(lambda: desk.corner(other) == "Left up", "it is left up")
    desk.press("j")
    await desk.until(
        lambda: window.pane.facts is not None and window.pane.facts.item.id == view.cursor_id, "the pane"
    )
    await desk.until(
        lambda: window.strip._confirmed.accessibleName().startswith("2 confirmed"), "the strip says so"
    )
    window.toasts.hide()


async def busiest(desk: Desk) -> int:
    """The item around which the most stands that asks for a person, and that can be seen to hide."""
    items = await desk.ask(desk.engine.find(Lane(grades=frozenset({1, 2, 3, 4})), 5_000))
    ids: list[int] = [item.id for item in items]
    spans = {ids[place + 4]: ids[place] - ids[place + 8] for place in range(len(ids) - 8)}
    can = await desk.ask(desk.engine.can([ItemId(item_id) for item_id in spans]))
    hideable = [
        item_id for item_id in spans if can[item_id][Verb.HIDE].can and can[item_id][Verb.HIDE].verifiable
    ]
    return min(hideable, key=lambda item_id: spans[item_id])


async def play_part(desk: Desk, seconds: float, rate: float) -> None:
    """Plays the exercise at a pace, and stops in the middle of it."""
    await desk.ask(Exercise(desk.engine).play("chandlers-row", rate=rate, seconds=seconds))


PICTURES: dict[str, tuple[Settings, tuple[int, int]]] = {
    "main-dark": (Settings(operator=OPERATOR, theme="dark"), (1440, 900)),
    "main-light": (Settings(operator=OPERATOR, theme="light"), (1440, 900)),
    "main-contrast": (Settings(operator=OPERATOR, theme="contrast"), (1440, 900)),
    "main-narrow-dark": (Settings(operator=OPERATOR, theme="dark"), (1280, 720)),
    "main-wide-dark": (Settings(operator=OPERATOR, theme="dark"), (1920, 1080)),
    "text-200-dark": (Settings(operator=OPERATOR, theme="dark", text_percent=200), (1280, 720)),
    "compact-dark": (Settings(operator=OPERATOR, theme="dark", density="compact"), (1440, 900)),
}


@pytest.mark.parametrize("name", PICTURES)
def test_the_window_at_rest(qapp: QApplication, tmp_path: Path, folder: Path, name: str) -> None:
    settings, size = PICTURES[name]

    async def work() -> None:
        async with open_desk(tmp_path / "p", settings=settings, size=size) as desk:
            desk.window.is_exercise = True
            await play_part(desk, seconds=2.0, rate=1200)
            await desk.until(lambda: len(desk.window.feed.model) > 100, "items are in the lane")
            await at_rest(desk)
            save(desk.window, folder, name)

    run_desk(qapp, work)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_window_in_a_flood(qapp: QApplication, tmp_path: Path, folder: Path, theme: str) -> None:
    settings = replace_theme(theme)

    async def work() -> None:
        async with open_desk(tmp_path / "p", settings=settings) as desk:
            window = desk.window
            window.is_exercise = True
            await play_part(desk, seconds=2.0, rate=300)
            await desk.until(lambda: len(window.feed.model) > 50, "items are in the lane")
            desk.press("j")
            for _ in range(4):
                desk.press_key(Qt.Key.Key_J, SHIFT)
            await play_part(desk, seconds=4.0, rate=900)
            await desk.until(lambda: window.feed.edge.count > 500, "many wait at the edge")
            await desk.until(lambda: "new" in window.lane.edge.accessibleName(), "the edge says so")
            save(window, folder, f"flood-{theme}")
            desk.press("h")
            await desk.until(lambda: isinstance(window.scrim.sheet, BulkPlan), "the plan is shown")
            desk.type("Wave urging people to gather")
            save(window, folder, f"bulk-plan-{theme}")
            desk.press_key(Qt.Key.Key_Escape)
            desk.press("?")
            save(window, folder, f"keys-{theme}")
            desk.press_key(Qt.Key.Key_Escape)
            desk.press_key(Qt.Key.Key_K, CONTROL)
            save(window, folder, f"commands-{theme}")

    run_desk(qapp, work)


def test_waves_and_one_verdict_on_one(qapp: QApplication, tmp_path: Path, folder: Path) -> None:
    async def work() -> None:
        async with open_desk(tmp_path / "p", settings=replace_theme("dark")) as desk:
            window = desk.window
            window.is_exercise = True
            await play_part(desk, seconds=6.0, rate=600)
            await desk.until(lambda: len(window.feed.model) > 100, "items are in the lane")
            desk.press_key(Qt.Key.Key_W, CONTROL)
            await desk.until(lambda: "Waves" in window.lane.head.accessibleName(), "the lane of waves")
            await desk.until(lambda: not window.feed.is_loading, "the lane is read")
            (biggest,) = await desk.ask(desk.engine.waves("biggest", limit=1))
            place = next(n for n in reversed(window.feed.model.ids) if wave_of(n) == biggest.id)
            window.go_to(place)
            row = window.feed.model.row_of(place)
            window.view.scrollTo(
                window.feed.model.index(row or 0, 0), window.view.ScrollHint.PositionAtCenter
            )
            await desk.until(lambda: "Enter opens" in window.pane._public.text(), "the pane tells of it")
            await desk.until(lambda: len(window.view.visible_cards()) > 8, "its neighbours are read")
            await desk.until(lambda: window.waves.number, "the rail counts")
            window._tick()
            save(window, folder, "waves-dark")
            desk.press_key(Qt.Key.Key_W, SHIFT)
            await desk.until(lambda: isinstance(window.scrim.sheet, VerdictSheet), "the sheet is open")
            desk.type("Copies of one false claim")
            save(window, folder, "wave-verdict-dark")

    run_desk(qapp, work)


def test_a_quiet_night_and_an_empty_lane(qapp: QApplication, tmp_path: Path, folder: Path) -> None:
    async def work() -> None:
        async with open_desk(tmp_path / "p", settings=replace_theme("dark")) as desk:
            await play_part(desk, seconds=1.0, rate=40)
            await desk.until(lambda: len(desk.window.feed.model) > 10, "a few items")
            desk.press_key(Qt.Key.Key_9, Qt.KeyboardModifier.AltModifier)
            await desk.until(lambda: "Elsewhere" in desk.window.lane.empty.accessibleName(), "facts")
            save(desk.window, folder, "empty-lane-dark")

    run_desk(qapp, work)


def test_no_link_at_all(qapp: QApplication, tmp_path: Path, folder: Path) -> None:
    async def work() -> None:
        async with open_desk(tmp_path / "p", settings=replace_theme("light")) as desk:
            window = desk.window
            await play_part(desk, seconds=2.0, rate=200)
            await desk.until(lambda: len(window.feed.model) > 50, "items are in the lane")
            since = desk.engine.now() - 240_000
            words = "The link is down."
            window.known.accounts = {
                key: replace(account, state=AccountState.NO_LINK, since=since, error=words)
                for key, account in window.known.accounts.items()
            }
            window._tick()
            window.lanes.say()
            assert "No link since" in window.lane.edge.accessibleName()
            save(window, folder, "no-link-light")

    run_desk(qapp, work)


def replace_theme(theme: str) -> Settings:
    """Settings of a theme."""
    return Settings(operator=OPERATOR, theme="light" if theme == "light" else "dark")


def on_its_own(
    qapp: QApplication, folder: Path, name: str, make: Callable[[Look, QWidget], Awaitable[None] | None]
) -> None:
    """A picture of something that needs no engine."""
    look = look_for(replace_theme("dark"))
    host = QWidget()
    host.resize(1440, 900)
    host.setStyleSheet(stylesheet(look.theme, look.percent))
    qapp.setStyleSheet(stylesheet(look.theme, look.percent))
    make(look, host)
    host.show()
    qapp.processEvents()
    save(host, folder, name)
    host.close()
    host.deleteLater()


def test_the_first_choice(qapp: QApplication, folder: Path) -> None:
    def make(look: Look, host: QWidget) -> None:
        page = FirstRun(look, lambda: None, lambda: None)
        page.setParent(host)
        page.resize(host.size())
        page.take_focus()

    on_its_own(qapp, folder, "first-run-dark", make)


def _raise(problem: BaseException) -> None:
    raise problem


def test_connecting_an_account(qapp: QApplication, folder: Path) -> None:
    from console.services.hosting import find_connectors

    def make(look: Look, host: QWidget) -> None:
        page = FirstRun(look, lambda: None, lambda: None)
        page.setParent(host)
        page.resize(host.size())
        scrim = Scrim(look, page, lambda: None)

        async def never(wish: object, _guide: object) -> str:
            return str(wish)

        sheet = Connect(look, find_connectors().manifests(), None, never, Tasks(_raise).spawn)
        scrim.open(sheet)
        sheet._choose(0)
        scrim.refit()

    on_its_own(qapp, folder, "connect-account-dark", make)
