"""Beside the watchlist editor: rehearsals, versions, files, second persons, what others changed."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QPushButton, QWidget

from console.domain.list_changes import Rehearsal
from console.domain.watchlists import Watchlist
from console.services import operators as service
from console.services.exercise import Exercise
from console.services.operators import Proof
from console.settings import Settings
from console.ui.operators.second import SecondPerson
from console.ui.watchlists.drafts import Draft
from console.ui.watchlists.files import Files
from console.ui.watchlists.history import History
from console.ui.watchlists.shadow import Shadow
from tests.ui.desk import OPERATOR, run_desk
from tests.ui.test_watchlist_editor import (
    CONTROL,
    EXERCISE,
    Key,
    a_desk,
    a_phrase,
    add_line,
    editor_of,
    in_force,
    tab_to,
)

SUPERVISOR = Proof("Ines Corran", "overnight")


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Codes are stretched less than in earnest."""
    monkeypatch.setattr(service, "SCRYPT_COST", 2**4)


def test_a_list_is_rehearsed_without_acting_and_then_put_live(qapp: QApplication, tmp_path: Path) -> None:
    async def work() -> None:
        async with a_desk(tmp_path / "p") as desk:
            editor = await editor_of(desk)
            add_line(desk, editor.rule.words, "zebra crossing")
            await desk.until(editor.rehearse_button.isEnabled, "tried and well")
            desk.press_key(Key.Key_R, CONTROL)
            await desk.until(lambda: "is rehearsed from now on" in editor.done.text(), "rehearsed")
            assert (await in_force(desk, "abuse-of-staff")).version == 1
            desk.press_key(Key.Key_J, CONTROL)
            await desk.until(lambda: isinstance(desk.window.scrim.sheet, Shadow), "the sheet is open")
            sheet = desk.window.scrim.sheet
            assert isinstance(sheet, Shadow)
            assert sheet.told.text() == "Would have raised 0 of 0 items since it began"
            assert "word added: “zebra crossing”" in sheet.changes.text()
            await desk.until(sheet.examples.isVisible, "the examples")
            desk.press_key(Key.Key_Return, CONTROL)
            await desk.until(lambda: desk.window.watchlists.editor is not None, "back in the editor")
            again = desk.window.watchlists.editor
            assert again is not None
            assert "version 2 is in force" in again.done.text()
            assert "zebra crossing" in (await in_force(desk, "abuse-of-staff")).rules[0].words
            assert await desk.ask(desk.engine.editing.waiting()) == []

    run_desk(qapp, work)


def test_versions_are_compared_and_an_older_one_comes_back(qapp: QApplication, tmp_path: Path) -> None:
    async def work() -> None:
        async with a_desk(tmp_path / "p") as desk:
            found = await in_force(desk, "complaint")
            rule = replace(found.rules[0], words=(*found.rules[0].words, "zebra crossing"))
            changed = replace(found, rules=(rule, *found.rules[1:]))
            await desk.ask(desk.engine.editing.publish(changed, who="M. Jarrow", why="Seen at night"))
            desk.window.watchlists.open("complaint", found.rules[1].id)
            await desk.until(lambda: desk.window.watchlists.editor is not None, "the editor is open")
            editor = desk.window.watchlists.editor
            assert editor is not None
            assert (editor.lists.chosen, editor.rules.chosen) == ("complaint", found.rules[1].id)
            for key, place in ((Key.Key_Down, 2), (Key.Key_Home, 0), (Key.Key_End, -1)):
                desk.press_key(key)
                assert editor.rules.chosen == found.rules[place].id
            desk.press_key(Key.Key_H, CONTROL)
            await desk.until(lambda: isinstance(desk.window.scrim.sheet, History), "the versions")
            sheet = desk.window.scrim.sheet
            assert isinstance(sheet, History)
            assert "word added: “zebra crossing”" in sheet.changed.text()
            assert not sheet._yes.isEnabled()
            desk.press_key(Key.Key_Down)
            assert "word removed: “zebra crossing”" in sheet.apart.text()
            tab_to(desk, sheet.why.edit)
            desk.type("Too many wrong hits")
            desk.press_key(Key.Key_Return, CONTROL)
            await desk.until(lambda: desk.window.watchlists.editor is not None, "back in the editor")
            again = desk.window.watchlists.editor
            assert again is not None
            assert "version 3 is in force" in again.done.text()
            assert (await in_force(desk, "complaint")).rules == found.rules
            versions = await desk.ask(desk.engine.editing.versions("complaint"))
            assert versions[0].why == "Too many wrong hits"
            desk.press_key(Key.Key_H, CONTROL)
            await desk.until(lambda: isinstance(desk.window.scrim.sheet, History), "the versions")
            sheet = desk.window.scrim.sheet
            assert isinstance(sheet, History)
            assert not sheet._end.isEnabled(), "taking a list out of force needs a reason"
            tab_to(desk, sheet.why.edit)
            desk.type("Nobody needs it")
            tab_to(desk, sheet._end)
            desk.press_key(Key.Key_Space)
            await desk.until(lambda: desk.window.watchlists.editor not in {None, again}, "back again")
            last = desk.window.watchlists.editor
            assert last is not None
            assert "is out of force" in last.done.text()
            assert "complaint" not in {one.id for one in await desk.ask(desk.engine.watchlists())}

    run_desk(qapp, work)


def test_a_list_goes_into_a_file_and_words_come_from_one(qapp: QApplication, tmp_path: Path) -> None:
    async def work() -> None:
        async with a_desk(tmp_path / "p") as desk:
            await editor_of(desk)
            desk.press_key(Key.Key_O, CONTROL)
            await desk.until(lambda: isinstance(desk.window.scrim.sheet, Files), "the sheet is open")
            sheet = desk.window.scrim.sheet
            assert isinstance(sheet, Files)
            target = tmp_path / "out.toml"
            tab_to(desk, sheet.target.edit)
            sheet.target.edit.selectAll()
            desk.type(str(tmp_path / "out"))
            sheet._forms.button(1).setFocus()
            desk.press_key(Key.Key_Space)
            assert sheet.target.text == str(tmp_path / "out.csv")
            desk.press_key(Key.Key_Left)
            assert sheet.target.text == str(target)
            desk.press_key(Key.Key_S, CONTROL)
            await desk.until(lambda: desk.window.watchlists.editor is not None, "back in the editor")
            assert 'id = "abuse-of-staff"' in target.read_text(encoding="utf-8")
            source = tmp_path / "words.csv"
            source.write_text("term,list\nzebra crossing,abuse-of-staff\n", encoding="utf-8")
            desk.press_key(Key.Key_O, CONTROL)
            await desk.until(lambda: isinstance(desk.window.scrim.sheet, Files), "the sheet is open")
            sheet = desk.window.scrim.sheet
            assert isinstance(sheet, Files)
            tab_to(desk, sheet.target.edit)
            sheet.target.edit.selectAll()
            desk.type(str(target))
            desk.press_key(Key.Key_S, CONTROL)
            await desk.until(lambda: "already, and it was left alone" in sheet.problem.text(), "refused")
            tab_to(desk, sheet.path.edit)
            desk.type(str(source))
            desk.press_key(Key.Key_Return, CONTROL)
            await desk.until(lambda: desk.window.watchlists.editor is not None, "back in the editor")
            again = desk.window.watchlists.editor
            assert again is not None
            assert "version 2 is in force" in again.done.text()
            assert any(
                "zebra crossing" in rule.words for rule in (await in_force(desk, "abuse-of-staff")).rules
            )

    run_desk(qapp, work)


def test_a_list_for_two_people_waits_for_the_second_and_says_who_must_agree(
    qapp: QApplication, tmp_path: Path
) -> None:
    async def work() -> None:
        async with a_desk(tmp_path / "p", Settings(operator=OPERATOR, theme="dark")) as desk:
            operators, window = desk.engine.operators, desk.window
            await desk.ask(operators.add("Ines Corran", "supervisor", code=SUPERVISOR.code))
            await desk.ask(operators.add("R. Calder", "digital", code="chandler", by=SUPERVISOR))
            await desk.ask(operators.sign_on("R. Calder", "chandler"))
            await desk.until(lambda: not window.seating.curtain.is_up, "the window is open")
            editor = await editor_of(desk)
            tab_to(desk, editor.whole.two_people)
            desk.press_key(Key.Key_Space)
            needed = "Two people are needed: somebody other than R. Calder must agree."
            await desk.until(lambda: needed in editor.state.text(), "it says who must agree")
            await desk.until(editor.publish_button.isEnabled, "tried and well")
            desk.press_key(Key.Key_Return, CONTROL)
            await desk.until(lambda: isinstance(window.scrim.sheet, SecondPerson), "the second is asked")
            assert not (await in_force(desk, "abuse-of-staff")).two_people
            desk.press("1")
            desk.type("overnight")
            desk.press_key(Key.Key_Return, CONTROL)
            await desk.until(lambda: window.scrim.sheet is None, "agreed")
            found = await in_force(desk, "abuse-of-staff")
            assert (found.version, found.two_people) == (2, True)

    run_desk(qapp, work)


def test_only_the_newest_count_is_shown_and_typing_is_never_held(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work() -> None:
        async with a_desk(tmp_path / "p") as desk:
            editor = await editor_of(desk)
            editing = desk.engine.editing
            really, asked, dropped = editing.rehearse, [], []

            async def slow(watchlist: Watchlist, hours: float = 24.0, samples: int = 8) -> Rehearsal:
                asked.append(watchlist)
                if "zebra" in watchlist.rules[0].words:
                    try:
                        await asyncio.Event().wait()  # for ever, unless it is dropped
                    finally:
                        dropped.append(watchlist)
                return await really(watchlist, hours, samples)

            monkeypatch.setattr(editing, "rehearse", slow)
            phrase = await a_phrase(desk)
            add_line(desk, editor.rule.words, "zebra")
            await desk.until(lambda: asked, "the first is asked for")
            assert editor.preview.busy.text() == "Counting…"
            desk.press_key(Key.Key_Return)
            desk.type(phrase)
            for _ in range(len(phrase) + 6):
                desk.press_key(Key.Key_Backspace)
            desk.type(phrase)
            await desk.until(lambda: phrase in editor.preview.new.lines[0].text(), "the newest is shown")
            assert len(dropped) == 1
            assert len(asked) == 2
            assert not editor.preview.busy.text()

    run_desk(qapp, work)


def test_a_version_of_somebody_else_is_taken_up_unless_both_changed_one_rule(
    qapp: QApplication, tmp_path: Path
) -> None:
    async def work() -> None:
        async with a_desk(tmp_path / "p") as desk:
            editor = await editor_of(desk)
            add_line(desk, editor.rule.words, "zebra crossing")

            async def another(place: int, words: str) -> None:
                found = await in_force(desk, "abuse-of-staff")
                rules = list(found.rules)
                rules[place] = replace(rules[place], words=(*rules[place].words, words))
                await desk.ask(
                    desk.engine.editing.publish(replace(found, rules=tuple(rules)), who="M. Jarrow", why="")
                )

            await another(1, "pelican crossing")
            await desk.until(lambda: "Your changes are made to it now." in editor.done.text(), "taken up")
            assert "zebra crossing" in editor.rule.words.toPlainText()
            assert "version 3" in editor.publish_button.accessibleName()
            await another(0, "toucan crossing")
            await desk.until(lambda: "changed the same rule" in editor.state.text(), "told")
            tab_to(desk, editor.drop_changes)
            desk.press_key(Key.Key_Space)
            assert "toucan crossing" in editor.rule.words.toPlainText()
            assert "zebra crossing" not in editor.rule.words.toPlainText()

    run_desk(qapp, work)


@pytest.mark.parametrize("percent", [100, 200])
def test_every_part_has_a_name_can_be_reached_and_is_not_cut_off(
    qapp: QApplication, tmp_path: Path, percent: Literal[100, 200]
) -> None:
    async def work() -> None:
        settings = Settings(operator=OPERATOR, theme="dark", text_percent=percent)
        async with a_desk(tmp_path / "p", settings, (1280, 720)) as desk:
            editor = await editor_of(desk)
            desk.window.repaint()
            await desk.until(lambda: editor.height() >= editor.minimumSizeHint().height(), "it fits")
            cut = [part for part in editor.findChildren(QWidget) if part.isVisible() and is_cut(part)]
            assert [(type(part).__name__, getattr(part, "text", str)()) for part in cut] == []
            stops = [
                part
                for part in editor.findChildren(QWidget)
                if part.focusPolicy() & Qt.FocusPolicy.TabFocus and part.isVisible() and part.isEnabled()
            ]
            for part in stops:
                spoken = part.accessibleName() or (part.text() if isinstance(part, QAbstractButton) else "")
                assert spoken, f"{part} has no name"
                tab_to(desk, part)
            order = [editor.rules, editor.rule.words, editor.rule.unless, editor.whole.name]
            order += [editor.preview.trying, editor.rehearse_button, editor.history_button]
            places = [stops.index(part) for part in order if part in stops]
            assert places == sorted(places)

    run_desk(qapp, work)


def is_cut(part: QWidget) -> bool:
    """Whether words of a part do not fit into it."""
    if isinstance(part, QPushButton):
        return part.width() < part.sizeHint().width()
    if isinstance(part, QLabel) and part.text():
        if part.wordWrap():
            return part.height() < part.heightForWidth(part.width())
        return part.width() < part.sizeHint().width()
    return False


def test_a_rehearsal_counts_what_arrives_and_examples_are_shown(qapp: QApplication, tmp_path: Path) -> None:
    async def work() -> None:
        async with a_desk(tmp_path / "p") as desk:
            found = await in_force(desk, "abuse-of-staff")
            draft = Draft(found, found)
            made = draft.add_rule()
            draft.put(replace(made, words=("bus station", "skate park")))
            draft.name_rules()
            await desk.ask(
                desk.engine.editing.keep_rehearsing(draft.to_publish(), who="M. Jarrow", why="To see")
            )
            await desk.ask(Exercise(desk.engine).play(EXERCISE, rate=1200, seconds=1.5))
            await desk.ask(desk.engine.editing._keep_counts())
            desk.press_key(Key.Key_E, CONTROL | Qt.KeyboardModifier.ShiftModifier)
            await desk.until(lambda: isinstance(desk.window.scrim.sheet, Shadow), "the sheet is open")
            sheet = desk.window.scrim.sheet
            assert isinstance(sheet, Shadow)
            (one,) = await desk.ask(desk.engine.editing.waiting())
            assert one.items > 0
            assert f"Would have raised {one.items:,} of" in sheet.told.text()
            await desk.until(sheet.examples.lines[0].text, "the examples")
            desk.press_key(Key.Key_D, CONTROL)
            await desk.until(lambda: desk.window.watchlists.editor is not None, "withdrawn")
            assert await desk.ask(desk.engine.editing.waiting()) == []

    run_desk(qapp, work)
