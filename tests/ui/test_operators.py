"""Who sits at the window, by keys: nothing is asked without a roster; with one, the curtain is."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QWidget

from console.domain.errors import DiskFull
from console.domain.ids import ItemId
from console.domain.operators import FREE_TRIES
from console.services import operators as service
from console.services.exercise import Exercise
from console.services.operators import Proof
from console.settings import Settings
from console.store.reader import Reader
from console.ui.app import look_for
from console.ui.bridge import Door
from console.ui.cold import Cold, read_first
from console.ui.dialogs.keys import KeySheet
from console.ui.loop import Tasks
from console.ui.parts import Line
from console.ui.window import Window
from tests.ui.desk import OPERATOR, Desk, open_desk, run_desk

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
SUPERVISOR = Proof("Ines Corran", "overnight")
Story = Callable[[Desk], Coroutine[Any, Any, None]]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Codes are stretched less than in earnest."""
    monkeypatch.setattr(service, "SCRYPT_COST", 2**4)


def tell(qapp: QApplication, folder: Path, story: Story) -> None:
    """Opens a desk and tells a story at it."""

    async def work() -> None:
        async with open_desk(folder / "p") as desk:
            await story(desk)

    run_desk(qapp, work)


async def roster(desk: Desk) -> None:
    """A supervisor and two operators; the third has no code. The curtain goes up."""
    operators = desk.engine.operators
    await desk.ask(operators.add("Ines Corran", "supervisor", code=SUPERVISOR.code))
    await desk.ask(operators.add("R. Calder", "digital", code="chandler", by=SUPERVISOR))
    await desk.ask(operators.add("Jo Tarrant", "commander", collar="9", by=SUPERVISOR))
    curtain = desk.window.seating.curtain
    await desk.until(lambda: curtain.is_up and curtain.people.count() == 3, "the roster is shown")


async def sit(desk: Desk, digit: str = "2", code: str = "chandler") -> None:
    """Sits down by keys."""
    desk.window.seating.curtain.people.setFocus()
    desk.press(digit)
    desk.type(code)
    desk.press_key(Qt.Key.Key_Return)
    await desk.until(lambda: not desk.window.seating.curtain.is_up, "the window is open")


async def kinds(desk: Desk) -> list[str]:
    """The kinds of the ledger's entries about operators, in order."""
    found = [json.loads(entry.leaf) for entry in await desk.ask(desk.engine.entries(0, 1000))]
    return [entry["kind"] for entry in found if entry["kind"].startswith("operator.")]


def parents(part: QWidget) -> list[QWidget]:
    """Everything that a part lies in."""
    found: Any = part.parentWidget()
    return [] if found is None else [found, *parents(found)]


def words_of(part: QWidget) -> str:
    """Every word that a part shows or says."""
    labels = [label.text() for label in part.findChildren(QLabel)]
    return " | ".join([*labels, *(line.accessibleName() for line in part.findChildren(Line))])


def test_without_a_roster_nothing_is_asked_and_the_foot_names_the_account(
    qapp: QApplication, tmp_path: Path
) -> None:
    async def story(desk: Desk) -> None:
        window = desk.window
        assert not window.seating.curtain.is_up
        assert window.rail._foot.accessibleName() == f"{OPERATOR} · Operator"
        desk.press_key(Qt.Key.Key_L, CONTROL | SHIFT)
        assert not window.seating.curtain.is_up
        assert "There is no roster at this seat" in words_of(window.toasts)

    tell(qapp, tmp_path, story)


def test_a_person_sits_down_by_digit_and_code(qapp: QApplication, tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await roster(desk)
        window, curtain = desk.window, desk.window.seating.curtain
        assert curtain.geometry() == window.rect()
        assert curtain.people.hasFocus() or desk.focus is curtain.people
        desk.press("2")
        assert desk.focus is curtain.code.edit
        desk.type("not it")
        desk.press_key(Qt.Key.Key_Return)
        await desk.until(lambda: "not R. Calder’s code" in curtain._said.text(), "it is refused")
        desk.type("chandler")
        desk.press_key(Qt.Key.Key_Return)
        await desk.until(lambda: not curtain.is_up, "the window is open")
        await desk.until(
            lambda: window.rail._foot.accessibleName() == "R. Calder · Digital desk operator", "the foot"
        )
        assert await kinds(desk) == [*["operator.added"] * 3, "operator.refused", "operator.on"]
        focus: object = desk.focus
        assert focus is window.view

    tell(qapp, tmp_path, story)


def test_without_a_code_a_digit_and_enter_suffice_and_the_behalf_is_chosen(
    qapp: QApplication, tmp_path: Path
) -> None:
    async def story(desk: Desk) -> None:
        await roster(desk)
        window, curtain = desk.window, desk.window.seating.curtain
        curtain.people.setFocus()
        desk.press("3")
        assert not curtain.code.isVisible()
        curtain.behalf.setFocus()
        # its list opens in a window of its own, which is not closed as others are
        assert window.seating._is_ours(curtain.behalf.view().window())
        assert not window.seating._is_ours(window.lane)
        for _ in range(3):
            desk.press_key(Qt.Key.Key_Down)
        desk.press_key(Qt.Key.Key_Return)
        await desk.until(lambda: not curtain.is_up, "the window is open")
        await desk.until(
            lambda: window.rail._foot.accessibleName() == "Jo Tarrant · Commander, for Gold", "the foot"
        )

    tell(qapp, tmp_path, story)


def test_the_lock_key_covers_everything_and_takes_every_key(qapp: QApplication, tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.ask(Exercise(desk.engine).play("chandlers-row", rate=500, seconds=0.5))
        await roster(desk)
        await sit(desk)
        window, curtain = desk.window, desk.window.seating.curtain
        await desk.until(lambda: len(window.feed.model) > 20, "items are in the lane")
        desk.press("jjj")
        place, scrolled = window.view.cursor_id, window.view.verticalScrollBar().value()
        acts = len(await desk.ask(desk.engine.acts()))
        desk.press_key(Qt.Key.Key_L, CONTROL | SHIFT)
        assert curtain.is_up  # at once, before the engine has answered
        await desk.until(lambda: window.seating.state.locked_at is not None, "it is locked")
        assert desk.focus is curtain.code.edit
        for key in (Qt.Key.Key_Escape, Qt.Key.Key_Tab, Qt.Key.Key_F8, Qt.Key.Key_F9, Qt.Key.Key_Backtab):
            desk.press_key(key)
            assert curtain.is_up
            assert curtain in {desk.focus, *parents(desk.focus)}
        window.scrim.open(KeySheet(window.look, window.commands))  # what came too late to be seen
        window._tick()
        assert curtain.isAncestorOf(desk.focus)
        window.scrim.close_sheet()
        assert not window.view.isVisible()  # and no screen reader finds it
        curtain.people.setFocus()
        desk.press("hdlxj")
        desk.press_key(Qt.Key.Key_K, CONTROL)
        assert window.scrim.sheet is None
        assert len(await desk.ask(desk.engine.acts())) == acts
        said = words_of(curtain)
        assert "R. Calder was here. Locked at" in said
        assert "Life at risk," in said
        items = await desk.ask(desk.engine.items([ItemId(one) for one in window.feed.model.ids]))
        assert not any(item.author.handle in said or item.text[:20] in said for item in items)
        curtain.code.edit.setFocus()
        desk.type("chandler")
        desk.press_key(Qt.Key.Key_Return)
        await desk.until(lambda: not curtain.is_up, "the window is open")
        assert window.view.cursor_id == place
        assert (window.view.verticalScrollBar().value(), window.view.isVisible()) == (scrolled, True)
        assert (await kinds(desk))[-2:] == ["operator.locked", "operator.unlocked"]

    tell(qapp, tmp_path, story)


def test_arrivals_go_on_behind_the_curtain_and_its_numbers_follow(qapp: QApplication, tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await roster(desk)
        await sit(desk)
        desk.press_key(Qt.Key.Key_L, CONTROL | SHIFT)
        window, curtain = desk.window, desk.window.seating.curtain
        assert "0 unseen" in words_of(curtain)
        await desk.ask(Exercise(desk.engine).play("chandlers-row", rate=2000, seconds=0.5))

        def is_counted() -> bool:
            window._tick()
            total = sum(window.known.rail.grades) if window.known.rail else 0
            return total > 100 and f"{total:,} unseen" in words_of(curtain)

        await desk.until(is_counted, "what arrived is counted")

    tell(qapp, tmp_path, story)


def test_after_a_time_away_the_seat_locks_itself_and_a_touch_puts_it_off(
    qapp: QApplication, tmp_path: Path
) -> None:
    async def story(desk: Desk) -> None:
        await roster(desk)
        await sit(desk)
        window, seating = desk.window, desk.window.seating

        def is_up() -> bool:
            return seating.curtain.is_up

        hand, wall = 0.0, 1_000_000.0
        seating.away._monotonic, seating.away._wall = lambda: hand, lambda: wall
        seating.away.touched()
        window._tick()
        hand += 599
        window._tick()
        assert not is_up()
        QTest.keyClick(window.windowHandle(), Qt.Key.Key_J)
        assert seating.away.seconds == 0
        hand += 599
        wall -= 3 * 3600  # the clock on the wall was set back
        window._tick()
        assert not is_up()
        hand += 1
        window._tick()
        assert is_up()
        await desk.until(lambda: seating.state.locked_at is not None, "it is locked")
        assert (await kinds(desk))[-1] == "operator.locked"
        curtain = seating.curtain
        curtain.code.edit.setFocus()
        desk.type("chandler")
        desk.press_key(Qt.Key.Key_Return)
        await desk.until(lambda: not curtain.is_up, "the window is open")
        wall += 601  # the computer slept: the other clock stood still
        window._tick()
        assert is_up()

    tell(qapp, tmp_path, story)


def test_without_a_code_a_time_away_locks_nothing(qapp: QApplication, tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await roster(desk)
        await desk.ask(desk.engine.operators.sign_on("Jo Tarrant"))
        await desk.until(lambda: not desk.window.seating.curtain.is_up, "the window is open")
        desk.window.seating.away._monotonic = lambda: 1e9
        desk.window._tick()
        assert not desk.window.seating.curtain.is_up

    tell(qapp, tmp_path, story)


def test_another_person_takes_over_without_a_restart(qapp: QApplication, tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await roster(desk)
        await sit(desk)
        desk.press_key(Qt.Key.Key_O, CONTROL | SHIFT)
        curtain = desk.window.seating.curtain
        assert curtain.is_up
        assert desk.focus is curtain.people
        desk.press("2")
        desk.press_key(Qt.Key.Key_Up)  # in the code's field the arrows choose somebody else
        assert curtain.people.chosen is not None
        assert curtain.people.chosen.name == "Ines Corran"
        desk.type("overnight")
        desk.press_key(Qt.Key.Key_Return)
        await desk.until(lambda: not curtain.is_up, "the window is open")
        assert desk.engine.who == "Ines Corran"
        assert (await kinds(desk))[-3:] == ["operator.locked", "operator.off", "operator.on"]

    tell(qapp, tmp_path, story)


def test_too_many_wrong_codes_wait_and_the_words_say_how_long(qapp: QApplication, tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await roster(desk)
        curtain = desk.window.seating.curtain
        desk.press("2")
        for number in range(1, FREE_TRIES + 2):
            desk.type("guess")
            desk.press_key(Qt.Key.Key_Return)
            await desk.until(curtain._yes.isEnabled, f"try {number} is answered")
        assert "Too many wrong codes for R. Calder. Wait" in curtain._said.text()

    tell(qapp, tmp_path, story)


def test_a_lock_and_an_emptied_roster_reach_the_window_from_the_command_line(
    qapp: QApplication, tmp_path: Path
) -> None:
    async def story(desk: Desk) -> None:
        await roster(desk)
        await sit(desk)
        operators, curtain = desk.engine.operators, desk.window.seating.curtain
        await desk.ask(operators.lock())
        await desk.until(lambda: curtain.is_up, "the window is locked")
        for name in ("R. Calder", "Jo Tarrant", "Ines Corran"):
            await desk.ask(operators.remove(name, by=SUPERVISOR))
        await desk.until(lambda: not curtain.is_up, "nobody is asked any more")
        assert desk.engine.who == OPERATOR

    tell(qapp, tmp_path, story)


def test_every_part_of_the_curtain_has_a_name_for_those_who_cannot_see_it(
    qapp: QApplication, tmp_path: Path
) -> None:
    async def story(desk: Desk) -> None:
        await roster(desk)
        curtain = desk.window.seating.curtain
        desk.press("1")
        stops = []
        for _ in range(6):
            stops.append(desk.focus.accessibleName())
            desk.press_key(Qt.Key.Key_Tab)
        assert stops[:4] == ["Code", "On behalf of", "Sit down, Enter", "Operators"]
        assert curtain.accessibleName() == "Who is at this seat?"
        spoken = curtain.people.item(2).data(Qt.ItemDataRole.AccessibleTextRole)
        assert spoken == "3, Jo Tarrant, Commander, 9, no code"

    tell(qapp, tmp_path, story)


def test_a_window_that_is_opened_again_asks_who_is_here(qapp: QApplication, tmp_path: Path) -> None:
    async def first(desk: Desk) -> None:
        await roster(desk)
        await sit(desk)

    async def second(desk: Desk) -> None:
        await desk.until(lambda: desk.window.seating.curtain.is_up, "it asks")
        await desk.until(lambda: desk.window.seating.state.locked_at is not None, "it is locked")
        chosen = desk.window.seating.curtain.people.chosen
        assert chosen is not None
        assert chosen.name == "R. Calder"
        await desk.window.seating.goodbye()
        assert (await kinds(desk))[-2:] == ["operator.locked", "operator.off"]

    tell(qapp, tmp_path, first)
    tell(qapp, tmp_path, second)


def test_the_curtain_is_up_before_the_engine_is_there(qapp: QApplication, tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.ask(Exercise(desk.engine).play("chandlers-row", rate=500, seconds=0.2))
        await roster(desk)
        reader = Reader(desk.engine.places.database)
        problems: list[BaseException] = []
        tasks = Tasks(problems.append)
        settings = Settings(operator=OPERATOR, theme="dark")
        found = await asyncio.wrap_future(reader.submit(read_first))
        cold: Any = Cold(settings, *found)
        desk.window.seating._cover_others = lambda: None  # type: ignore[method-assign]  # it is another desk
        window = Window(cold, Door(None), reader, tasks, look_for(settings), {})
        curtain = window.seating.curtain
        try:
            window.show()
            await window.open()
            assert curtain.is_up
            assert curtain.people.count() == 3
            curtain.people.setCurrentRow(2)
            curtain.people.picked.emit()
            QTest.keyClick(curtain._yes, Qt.Key.Key_Return)
            await desk.until(lambda: "still starting" in curtain._said.text(), "it says why not yet")
            window.take_engine(desk.engine, Door(desk.thread))
            assert curtain.is_up
            QTest.keyClick(curtain._yes, Qt.Key.Key_Return)
            await desk.until(lambda: not curtain.is_up, "the window is open")
        finally:
            window.hide()  # what is not painted reads no more rows
            window.end()
            await tasks.stop()
            reader.close()
            window.leave()
            window.deleteLater()
        assert problems == []

    tell(qapp, tmp_path, story)


def test_other_windows_of_ours_are_covered_and_take_no_key(qapp: QApplication, tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await roster(desk)
        await sit(desk)
        other = QWidget()
        other.resize(200, 100)
        field = QLineEdit(other)
        other.show()
        try:
            desk.press_key(Qt.Key.Key_L, CONTROL | SHIFT)
            covers = [one for one in other.findChildren(QWidget) if one.accessibleName() == "Locked"]
            assert [one.geometry() for one in covers] == [other.rect()]
            assert not field.isEnabled()
            await desk.until(lambda: desk.window.seating.state.locked_at is not None, "it is locked")
            desk.type("chandler")
            desk.press_key(Qt.Key.Key_Return)
            await desk.until(lambda: not desk.window.seating.curtain.is_up, "the window is open")
            QTest.keyClicks(field, "words")
            assert field.text() == "words"
        finally:
            other.close()
            other.deleteLater()

    tell(qapp, tmp_path, story)


def test_a_full_disk_keeps_nobody_from_coming_back(
    qapp: QApplication, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(desk: Desk) -> None:
        await roster(desk)
        await sit(desk)
        seating, curtain = desk.window.seating, desk.window.seating.curtain
        kept: Any = desk.engine.operators._desk

        class Full:
            """A database on a disk without room."""

            read = kept._database.read

            async def record(self, _: object) -> None:
                raise DiskFull("There is no room left on the disk.")

        with monkeypatch.context() as broken:
            broken.setattr(kept, "_database", Full())
            desk.press_key(Qt.Key.Key_L, CONTROL | SHIFT)
            await desk.until(lambda: seating.state.locked_at is not None, "it is locked all the same")
            desk.type("chandler")
            desk.press_key(Qt.Key.Key_Return)
            await desk.until(lambda: not curtain.is_up, "the window is open")
            assert desk.engine.who == "R. Calder"
        await desk.ask(desk.engine.operators.refresh())
        assert (await kinds(desk))[-1] == "operator.unlocked"  # put on record once there is room

    tell(qapp, tmp_path, story)
    assert "cannot be put on record yet" in caplog.text
