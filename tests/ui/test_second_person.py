"""A second person agrees or declines at the same seat, by keys, with a code of their own."""

from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from console.domain.acts import Act, ActState, Verb
from console.domain.lanes import Lane
from console.services import operators as service
from console.services.exercise import Exercise
from console.services.operators import Proof
from console.settings import Settings
from console.ui.operators.second import NOBODY, SecondPerson
from console.ui.operators.waiting import WaitingSheet
from tests.ui.desk import Desk, open_desk, run_desk
from tests.ui.test_operators import kinds, words_of

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
SUPERVISOR = Proof("Ines Corran", "overnight")


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Codes are stretched less than in earnest."""
    monkeypatch.setattr(service, "SCRYPT_COST", 2**4)


def tell(qapp: QApplication, folder: Path, story: Callable[[Desk], Coroutine[Any, Any, None]]) -> None:
    """A desk with some items, where blocking needs two people and R. Calder sits."""

    async def work() -> None:
        settings = Settings(operator="ctrlroom", theme="dark", second_block=True)
        async with open_desk(folder / "p", settings=settings) as desk:
            await desk.ask(Exercise(desk.engine).play("chandlers-row", rate=500, seconds=0.4))
            operators = desk.engine.operators
            await desk.ask(operators.add("Ines Corran", "supervisor", code=SUPERVISOR.code))
            await desk.ask(operators.add("R. Calder", "digital", code="chandler", by=SUPERVISOR))
            await desk.ask(operators.sign_on("R. Calder", "chandler"))
            await desk.until(lambda: not desk.window.seating.curtain.is_up, "the window is open")
            await story(desk)

    run_desk(qapp, work)


async def ask_to_block(desk: Desk, number: int = 1) -> list[Act]:
    """Asks to block some authors, one by one; the acts wait."""
    engine = desk.engine
    items = await desk.ask(engine.find(Lane(), 400))
    can = await desk.ask(engine.can([item.id for item in items]))
    chosen = [item.id for item in items if can[item.id].get(Verb.BLOCK) and can[item.id][Verb.BLOCK].can]
    done = []
    for item_id in chosen[:number]:
        plan = await desk.ask(engine.plan(Verb.BLOCK, [item_id]))
        asked = await desk.ask(engine.carry_out(plan, reason="Ten threats in an hour"))
        done += list(asked.act_ids)
    acts: list[Act] = await desk.ask(engine.acts_by_id(done))
    assert [act.state for act in acts] == [ActState.AWAITING_APPROVAL] * number
    return acts


async def state_of(desk: Desk, act: Act) -> ActState:
    """Where an act stands now."""
    (found,) = await desk.ask(desk.engine.acts_by_id([act.id]))
    state: ActState = found.state
    return state


def test_the_strip_counts_what_waits_and_a_second_person_agrees_by_keys(
    qapp: QApplication, tmp_path: Path
) -> None:
    async def story(desk: Desk) -> None:
        window = desk.window
        (act,) = await ask_to_block(desk)
        await desk.until(
            lambda: "1 waits for a second person" in window.strip._second.accessibleName(), "the strip"
        )
        assert window.strip._second.isVisible()
        desk.press_key(Qt.Key.Key_F9)
        await desk.until(lambda: isinstance(window.scrim.sheet, SecondPerson), "the sheet is open")
        sheet = window.scrim.sheet
        assert isinstance(sheet, SecondPerson)
        said = words_of(sheet)
        assert "Block 1 item" in said
        assert "Asked for by R. Calder. Somebody else must agree." in said
        assert "Reason: Ten threats in an hour" in said
        assert "Waits until" in said
        (item,) = await desk.ask(desk.engine.items([act.item_id]))
        assert item.text[:20] in said
        assert sheet.people.count() == 1  # whoever asked is not in the list
        assert window.isActiveWindow()
        desk.press("1")
        assert desk.focus is sheet.code.edit
        desk.type("chandler")  # the code of the one who asked is not hers
        desk.press_key(Qt.Key.Key_Return, CONTROL)
        await desk.until(lambda: "not Ines Corran’s code" in sheet._said.text(), "it is refused")
        assert await state_of(desk, act) is ActState.AWAITING_APPROVAL
        desk.type("overnight")
        desk.press_key(Qt.Key.Key_Return, CONTROL)
        await desk.until(lambda: window.scrim.sheet is None, "the sheet is gone")
        assert await state_of(desk, act) is not ActState.AWAITING_APPROVAL
        assert "Ines Corran agreed." in words_of(window.toasts)
        await desk.until(lambda: not window.strip._second.isVisible(), "nothing waits any more")
        assert desk.engine.who == "R. Calder"  # agreeing is not sitting down
        assert "operator.refused" in await kinds(desk)

    tell(qapp, tmp_path, story)


def test_a_second_person_declines_only_with_a_reason(qapp: QApplication, tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        window = desk.window
        (act,) = await ask_to_block(desk)
        desk.press_key(Qt.Key.Key_F9)
        await desk.until(lambda: isinstance(window.scrim.sheet, SecondPerson), "the sheet is open")
        sheet = window.scrim.sheet
        assert isinstance(sheet, SecondPerson)
        desk.press("1")
        desk.type("overnight")
        desk.press_key(Qt.Key.Key_D, CONTROL | SHIFT)
        assert window.scrim.sheet is sheet
        desk.press_key(Qt.Key.Key_Return)  # goes on to the reason
        assert desk.focus is sheet.reason.edit
        desk.type("Anger, not threats")
        desk.press_key(Qt.Key.Key_D, CONTROL | SHIFT)
        await desk.until(lambda: window.scrim.sheet is None, "the sheet is gone")
        assert await state_of(desk, act) is ActState.CANCELLED

    tell(qapp, tmp_path, story)


def test_several_that_wait_are_a_list_and_escape_leaves_everything_as_it_is(
    qapp: QApplication, tmp_path: Path
) -> None:
    async def story(desk: Desk) -> None:
        window = desk.window
        acts = await ask_to_block(desk, 2)
        desk.press_key(Qt.Key.Key_F9)
        await desk.until(lambda: isinstance(window.scrim.sheet, WaitingSheet), "the list is open")
        sheet = window.scrim.sheet
        assert isinstance(sheet, WaitingSheet)
        spoken = sheet._list.item(0).data(Qt.ItemDataRole.AccessibleTextRole)
        assert spoken.startswith("Block 1 item, by R. Calder, Ten threats in an hour, until ")
        desk.press_key(Qt.Key.Key_Down)
        desk.press_key(Qt.Key.Key_Return)
        await desk.until(lambda: isinstance(window.scrim.sheet, SecondPerson), "the sheet is open")
        desk.press_key(Qt.Key.Key_Escape)
        assert window.scrim.sheet is None
        assert [await state_of(desk, act) for act in acts] == [ActState.AWAITING_APPROVAL] * 2

    tell(qapp, tmp_path, story)


def test_a_watchlist_that_two_must_agree_on_waits_in_the_same_list(
    qapp: QApplication, tmp_path: Path
) -> None:
    async def story(desk: Desk) -> None:
        window, editing = desk.window, desk.engine.editing
        await ask_to_block(desk)
        found = next(one for one in await desk.ask(desk.engine.watchlists()) if one.id == "weapons")
        wanted = replace(found, two_people=True)
        await desk.ask(editing.publish(wanted, who="R. Calder", why="Two from now on"))
        desk.press_key(Qt.Key.Key_F9)
        await desk.until(lambda: isinstance(window.scrim.sheet, WaitingSheet), "the list is open")
        desk.press_key(Qt.Key.Key_End)
        desk.press_key(Qt.Key.Key_Return)
        await desk.until(lambda: isinstance(window.scrim.sheet, SecondPerson), "the sheet is open")
        assert f"Change {found.name}" in words_of(window.scrim.sheet or window)
        desk.press("1")
        desk.type("overnight")
        desk.press_key(Qt.Key.Key_Return, CONTROL)
        await desk.until(lambda: window.scrim.sheet is None, "the sheet is gone")
        (newest, *_) = [one for one in await desk.ask(desk.engine.watchlists()) if one.id == "weapons"]
        assert (newest.two_people, newest.version) == (True, found.version + 1)

    tell(qapp, tmp_path, story)


def test_where_nobody_else_has_a_code_the_sheet_says_what_to_do(qapp: QApplication, tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        window = desk.window
        await ask_to_block(desk)
        await desk.ask(desk.engine.operators.remove("Ines Corran", by=SUPERVISOR))
        desk.press_key(Qt.Key.Key_F9)
        await desk.until(lambda: isinstance(window.scrim.sheet, SecondPerson), "the sheet is open")
        sheet = window.scrim.sheet
        assert isinstance(sheet, SecondPerson)
        assert NOBODY in words_of(sheet)
        assert not sheet._yes.isEnabled()
        desk.press_key(Qt.Key.Key_Return, CONTROL)
        assert window.scrim.sheet is sheet

    tell(qapp, tmp_path, story)


def test_with_nothing_that_waits_the_key_says_so(qapp: QApplication, tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        desk.press_key(Qt.Key.Key_F9)
        await desk.until(
            lambda: "Nothing waits for a second person." in words_of(desk.window.toasts), "it says so"
        )

    tell(qapp, tmp_path, story)
