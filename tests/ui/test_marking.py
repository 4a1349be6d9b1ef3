"""Muting a wrong hit and watching a phrase, by keys, at a desk with a real engine."""

import json
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from console.domain.items import Item
from console.domain.lanes import Lane
from console.domain.watchlists import Rule
from console.services import operators as operators_service
from console.services.exercise import Exercise
from console.services.operators import Proof
from console.ui.dialogs.mute_hit import MuteHit
from console.ui.dialogs.watch_phrase import WatchPhrase
from console.ui.operators.second import SecondPerson
from console.ui.sheet import Sheet
from tests.fakes.lists import OTHER, a_list
from tests.ui.desk import OPERATOR, Desk, open_desk, run_desk

SHIFT = Qt.KeyboardModifier.ShiftModifier
LAMP = "Off home now. Quell the lamps, would you, it is late at Hexley"
TWO = "Quell the lamps and bring the brandle to the ford"
BARE = "quell"
PLAIN = "Nothing of note happened at Hexley market today 🙂 honest"
RULES = (Rule("quell", words=("quell",)), Rule("brandle", words=("brandle",)))

S = TypeVar("S", bound=Sheet)
Checks = Callable[[Callable[[Desk], Coroutine[None, None, None]]], None]


@pytest.fixture
def recording(tmp_path: Path) -> str:
    """Four invented items; the newest is the last."""
    lines = [
        json.dumps(
            {
                "id": f"n{number}",
                "author": f"author{number}",
                "text": text,
                "thread": "t1",
                "created_at": f"2026-11-20T22:00:0{number}Z",
            }
        )
        for number, text in enumerate((PLAIN, BARE, TWO, LAMP))
    ]
    file = tmp_path / "said.jsonl"
    file.write_text("\n".join(lines), encoding="utf-8")
    return str(file)


@pytest.fixture
def at_a_desk(qapp: QApplication, tmp_path: Path, recording: str) -> Checks:
    """Runs a check at a desk with one more watchlist, that has received the recording."""

    def run(check: Callable[[Desk], Coroutine[None, None, None]]) -> None:
        async def work() -> None:
            async with open_desk(tmp_path / "p") as desk:
                wanted = a_list(*RULES, name="odd-words")
                await desk.ask(desk.engine.editing.publish(wanted, who=OPERATOR, why="For a test"))
                await desk.ask(Exercise(desk.engine).play(recording, rate=500.0))
                await desk.until(lambda: len(desk.window.feed.model) == 4, "the items are in the lane")
                await check(desk)

        run_desk(qapp, work)

    return run


async def put_on(desk: Desk, text: str) -> Item:
    """Puts the cursor on an item and waits until the pane has read it."""
    items = await desk.ask(desk.engine.find(Lane(), 100))
    item = next(one for one in items if one.text == text)
    desk.window.go_to(item.id)
    await desk.until(lambda: desk.window.under.item == item, "the pane is filled")
    assert isinstance(item, Item)
    return item


async def opened(desk: Desk, key: Qt.Key, kind: type[S]) -> S:
    """Opens a sheet by its key."""
    desk.press_key(key, SHIFT)
    await desk.until(lambda: isinstance(desk.window.scrim.sheet, kind), "the sheet is open")
    sheet = desk.window.scrim.sheet
    assert isinstance(sheet, kind)
    return sheet


async def mute_sheet(desk: Desk) -> MuteHit:
    """The sheet for a wrong hit."""
    return await opened(desk, Qt.Key.Key_M, MuteHit)


async def watch_sheet(desk: Desk) -> WatchPhrase:
    """The sheet for a phrase."""
    return await opened(desk, Qt.Key.Key_P, WatchPhrase)


async def rules(desk: Desk, name: str = "odd-words") -> tuple[Rule, ...]:
    """The rules of a list in force."""
    lists = await desk.ask(desk.engine.watchlists())
    return next((one.rules for one in lists if one.id == name), ())


def toast(desk: Desk) -> str:
    """What the newest toast says."""
    found = desk.window.toasts._toasts
    return f"{found[-1][0].title}. {found[-1][0].detail}" if found else ""


def said(desk: Desk) -> str:
    """What the pane says in its section on why an item was raised."""
    rows = desk.window.pane._why.rows
    return " | ".join(row.accessibleName() for row in rows)


def test_a_wrong_hit_is_muted_by_two_keys_and_taken_back_by_one(at_a_desk: Checks) -> None:
    async def check(desk: Desk) -> None:
        item = await put_on(desk, LAMP)
        sheet = await mute_sheet(desk)
        assert desk.focus is sheet.reason.edit, "there is nothing to choose, so the reason comes first"
        await desk.until(lambda: "would no longer be hit" in sheet._effect.text(), "it was tried")
        assert sheet.words.text == "Quell the lamps,"
        assert sheet._effect.text().startswith("Of 4 items of the last 24 hours, 1 item would")
        desk.press_key(Qt.Key.Key_Return)
        await desk.until(lambda: desk.window.scrim.sheet is None, "it is muted")
        assert toast(desk).startswith("Muted “Quell the lamps,”. Weapons v2 is in force")
        quell = (await rules(desk))[0]
        assert quell.unless == ("Quell the lamps,",)
        versions = await desk.ask(desk.engine.editing.versions("odd-words"))
        assert versions[0].why == "Wrong hit: “Quell the lamps,”"
        assert versions[0].put_by == desk.engine.who
        again = await desk.ask(desk.engine.editing.try_words(versions[0].watchlist, item.text))
        assert again == ()

        desk.press("u")
        await desk.until(lambda: toast(desk).startswith("Undone: Muted"), "it is taken back")
        assert await rules(desk) == RULES
        desk.press("u")
        await desk.until(lambda: toast(desk).startswith("There is nothing to undo"), "nothing is left")

    at_a_desk(check)


def test_each_hit_is_named_and_chosen_by_its_digit_and_the_reason_goes_on_record(at_a_desk: Checks) -> None:
    async def check(desk: Desk) -> None:
        await put_on(desk, TWO)
        assert "Rule quell" in said(desk)
        sheet = await mute_sheet(desk)
        assert sheet.list.hasFocus()
        spoken = [sheet.list.item(row).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(2)]
        assert spoken == [
            "1, Quell, as written, Weapons v1, rule quell",
            "2, brandle, as written, Weapons v1, rule brandle",
        ]
        desk.press("2")
        assert sheet.reason.edit.hasFocus()
        await desk.until(lambda: sheet.words.text == "bring the brandle to the", "its words")
        desk.type("A pan")
        desk.press_key(Qt.Key.Key_Return)
        await desk.until(lambda: desk.window.scrim.sheet is None, "it is muted")
        assert [rule.unless for rule in await rules(desk)] == [(), ("bring the brandle to the",)]
        (newest, _) = await desk.ask(desk.engine.editing.versions("odd-words"))
        assert newest.why == "A pan"

    at_a_desk(check)


def test_a_mute_that_would_silence_the_rule_is_refused_before_enter(at_a_desk: Checks) -> None:
    async def check(desk: Desk) -> None:
        await put_on(desk, BARE)
        sheet = await mute_sheet(desk)
        await desk.until(lambda: desk.focus is sheet.words.edit, "words must be typed")
        assert sheet._effect.text().startswith("It stands alone.")
        desk.press_key(Qt.Key.Key_Return)
        assert desk.window.scrim.sheet is sheet, "Enter does nothing yet"
        desk.type("quell")
        await desk.until(lambda: "alone would hit no more" in sheet._effect.text(), "it is refused")
        assert not sheet._yes.isEnabled()
        desk.type(" the noise")
        await desk.until(lambda: "by other words" in sheet._effect.text(), "this item would hit even so")
        desk.press_key(Qt.Key.Key_Escape)
        assert await rules(desk) == RULES

    at_a_desk(check)


def test_what_no_watchlist_marked_has_no_hit_to_mute(at_a_desk: Checks) -> None:
    async def check(desk: Desk) -> None:
        window = desk.window
        desk.press_key(Qt.Key.Key_M, SHIFT)
        assert toast(desk).startswith("No item is under the cursor.")
        await put_on(desk, PLAIN)
        desk.press_key(Qt.Key.Key_M, SHIFT)
        assert toast(desk).startswith("No watchlist marked this item.")
        assert window.scrim.sheet is None

    at_a_desk(check)


def test_words_selected_by_keys_are_watched_for_the_incident_after_they_were_counted(
    at_a_desk: Checks,
) -> None:
    async def check(desk: Desk) -> None:
        await desk.ask(desk.engine.open_incident("Hexley flood", "watch", OPERATOR))
        await put_on(desk, PLAIN)
        desk.press_key(Qt.Key.Key_Return)
        assert desk.focus is desk.window.pane._words
        for _ in range(6):
            desk.press_key(Qt.Key.Key_Right)
        desk.press_key(Qt.Key.Key_Right, SHIFT)
        assert desk.window.pane.selected == "Hexley market"
        sheet = await watch_sheet(desk)
        assert sheet.phrase.text == "Hexley market"
        assert not sheet._yes.isEnabled(), "it has to be counted first"
        desk.press_key(Qt.Key.Key_Return)
        assert desk.window.scrim.sheet is sheet
        await desk.until(sheet._yes.isEnabled, "it is counted")
        assert sheet._effect.text() == "It would have hit 1 of 4 items of the last 24 hours."
        assert PLAIN in sheet._samples.text()
        desk.press_key(Qt.Key.Key_Return)
        await desk.until(lambda: desk.window.scrim.sheet is None, "it is watched")
        assert toast(desk).startswith("Watching “Hexley market”. Watched for Hexley flood v1 is in force")
        lists = await desk.ask(desk.engine.watchlists())
        (made,) = [one for one in lists if one.incident is not None]
        assert (made.category, made.grade, made.rules[0].words) == ("disorder", 3, ("Hexley market",))
        await desk.until(lambda: "Hexley market" in said(desk), "the past is searched, so it is marked")
        assert "by a search of the past" in said(desk)

        desk.press("u")
        await desk.until(lambda: toast(desk).startswith("Undone: Watching"), "it is taken back")
        assert await rules(desk, made.id) == ()

    at_a_desk(check)


def test_a_typed_phrase_becomes_part_of_a_list_for_good_with_a_grade_of_its_own(at_a_desk: Checks) -> None:
    async def check(desk: Desk) -> None:
        await put_on(desk, LAMP)
        sheet = await watch_sheet(desk)
        assert sheet.is_for_good, "no incident is open"
        assert not sheet._scope.button(0).isEnabled()
        assert sheet._effect.text() == "Type the word or phrase."
        sheet.list.setCurrentIndex(sheet.list.findData("odd-words"))
        desk.type("lamps")
        await desk.until(lambda: "2 of 4 items" in sheet._effect.text(), "it is counted")
        assert sheet._effect.text().endswith("0 of them not hit by this list as it is.")
        for _ in range(3):
            desk.press_key(Qt.Key.Key_Tab)
        assert desk.focus is sheet._grade.checkedButton()
        desk.press_key(Qt.Key.Key_Left)
        await desk.until(sheet._yes.isEnabled, "it is counted again")
        desk.press_key(Qt.Key.Key_Return)
        await desk.until(lambda: desk.window.scrim.sheet is None, "it is watched")
        added = (await rules(desk))[-1]
        assert (added.id, added.words, added.grade) == ("lamps", ("lamps",), 1)

    at_a_desk(check)


def test_a_phrase_that_is_watched_already_is_refused(at_a_desk: Checks) -> None:
    async def check(desk: Desk) -> None:
        sheet = await watch_sheet(desk)
        sheet.list.setCurrentIndex(sheet.list.findData("odd-words"))
        desk.type("Quell")
        await desk.until(lambda: "is on the list Weapons already" in sheet._effect.text(), "it is refused")
        desk.press_key(Qt.Key.Key_Return)
        assert desk.window.scrim.sheet is sheet
        assert await rules(desk) == RULES

    at_a_desk(check)


def test_a_list_that_needs_two_people_says_who_must_agree_and_waits(at_a_desk: Checks) -> None:
    async def check(desk: Desk) -> None:
        editing = desk.engine.editing
        (newest,) = await desk.ask(editing.versions("odd-words"))
        careful = replace(newest.watchlist, two_people=True)
        asked = await desk.ask(editing.publish(careful, who=OPERATOR, why="With care"))
        await desk.ask(editing.agree(asked.waiting.id, OTHER))
        await put_on(desk, LAMP)
        sheet = await mute_sheet(desk)
        assert "needs two people: it takes effect when somebody else agrees too" in sheet._facts.text()
        await desk.until(sheet._yes.isEnabled, "its words have come")
        desk.press_key(Qt.Key.Key_Return)
        await desk.until(lambda: toast(desk).startswith("To mute “Quell the lamps,”, two people"), "it waits")
        assert [one.kind for one in await desk.ask(editing.waiting("odd-words"))] == ["proposed"]
        desk.press("u")
        await desk.until(lambda: toast(desk).startswith("Undone: To mute"), "it is withdrawn")
        assert await desk.ask(editing.waiting("odd-words")) == []

    at_a_desk(check)


def test_a_second_person_at_the_seat_is_asked_at_once(
    at_a_desk: Checks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operators_service, "SCRYPT_COST", 2**4)

    async def check(desk: Desk) -> None:
        engine, window = desk.engine, desk.window
        (newest,) = await desk.ask(engine.editing.versions("odd-words"))
        careful = replace(newest.watchlist, two_people=True)
        asked = await desk.ask(engine.editing.publish(careful, who=OPERATOR, why="With care"))
        await desk.ask(engine.editing.agree(asked.waiting.id, OTHER))
        proof = Proof("Ines Corran", "overnight")
        await desk.ask(engine.operators.add("Ines Corran", "supervisor", code=proof.code))
        await desk.ask(engine.operators.add("R. Calder", "digital", code="chandler", by=proof))
        curtain = window.seating.curtain
        await desk.until(lambda: curtain.is_up and curtain.people.count() == 2, "the roster is shown")
        desk.press("2")
        desk.type("chandler")
        desk.press_key(Qt.Key.Key_Return)
        await desk.until(lambda: not curtain.is_up, "the window is open")
        await put_on(desk, LAMP)
        sheet = await mute_sheet(desk)
        assert "when Ines Corran agrees too" in sheet._facts.text()
        await desk.until(sheet._yes.isEnabled, "its words have come")
        desk.press_key(Qt.Key.Key_Return)
        await desk.until(lambda: isinstance(window.scrim.sheet, SecondPerson), "the second is asked")
        desk.press("1")
        desk.type("overnight")
        desk.press_key(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        await desk.until(lambda: window.scrim.sheet is None, "it is agreed")
        versions = await desk.ask(engine.editing.versions("odd-words"))
        assert (versions[0].version, versions[0].agreed_by) == (3, "Ines Corran")
        assert versions[0].watchlist.rules[0].unless == ("Quell the lamps,",)

    at_a_desk(check)


def test_undo_takes_back_an_act_that_came_after_the_mute(at_a_desk: Checks) -> None:
    async def check(desk: Desk) -> None:
        item = await put_on(desk, LAMP)
        sheet = await mute_sheet(desk)
        await desk.until(sheet._yes.isEnabled, "its words have come")
        desk.press_key(Qt.Key.Key_Return)
        await desk.until(lambda: desk.window.scrim.sheet is None, "it is muted")
        desk.press("l")
        await desk.until(lambda: desk.corner(item.id) == "Left up", "it is left up")
        desk.press("u")
        await desk.until(lambda: toast(desk).startswith("Undone: Leave up"), "the act is taken back")
        assert (await rules(desk))[0].unless == ("Quell the lamps,",), "and the mute is not"

    at_a_desk(check)


def test_words_are_selected_by_the_mouse_too(at_a_desk: Checks) -> None:
    async def check(desk: Desk) -> None:
        await put_on(desk, PLAIN)
        words = desk.window.pane._words
        QTest.mouseDClick(words, Qt.MouseButton.LeftButton, pos=QPoint(4, 8))
        assert desk.window.pane.selected == "Nothing"
        QTest.mousePress(words, Qt.MouseButton.LeftButton, pos=QPoint(0, 8))
        QTest.mouseMove(words, QPoint(words.width() - 1, words.height() - 1))
        QTest.mouseRelease(
            words, Qt.MouseButton.LeftButton, pos=QPoint(words.width() - 1, words.height() - 1)
        )
        assert desk.window.pane.selected.startswith("Nothing of note")
        await put_on(desk, LAMP)
        assert desk.window.pane.selected == "", "what was selected of another item is forgotten"

    at_a_desk(check)
