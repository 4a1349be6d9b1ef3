"""The watchlist editor, by keys, on a real engine."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

from console.domain.items import Item
from console.domain.lanes import Lane
from console.domain.watchlists import Near, Watchlist
from console.services.exercise import Exercise
from console.settings import Settings
from console.ui.watchlists.editor import Editor
from tests.ui.desk import OPERATOR, Desk, open_desk, run_desk

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
Key = Qt.Key
EXERCISE = "chandlers-row"


@asynccontextmanager
async def a_desk(
    profile: Path, settings: Settings | None = None, size: tuple[int, int] = (1440, 900)
) -> AsyncIterator[Desk]:
    """A desk with the first part of the exercise."""
    async with open_desk(profile, settings=settings, size=size) as desk:
        await desk.ask(Exercise(desk.engine).play(EXERCISE, rate=1200, seconds=0.3))
        yield desk


async def editor_of(desk: Desk) -> Editor:
    """The editor, opened by its key, with its first count."""
    desk.press_key(Key.Key_E, CONTROL)
    await desk.until(lambda: desk.window.watchlists.editor is not None, "the editor is open")
    editor = desk.window.watchlists.editor
    assert editor is not None
    await desk.until(lambda: " hit" in editor.preview.head.text(), "the first count")
    return editor


def tab_to(desk: Desk, part: QWidget) -> None:
    """Presses Tab until a part has the focus."""
    for _ in range(60):
        if desk.window.focusWidget() is part:
            return
        desk.press_key(Key.Key_Tab)
    raise AssertionError(f"Tab never reaches {part.accessibleName()}")


def add_line(desk: Desk, part: QWidget, words: str) -> None:
    """Writes a line more into a field of several."""
    tab_to(desk, part)
    desk.press_key(Key.Key_End, CONTROL)
    desk.press_key(Key.Key_Return)
    desk.type(words)


async def a_phrase(desk: Desk) -> str:
    """Three plain words that somebody wrote and that no rule hits."""
    items: list[Item] = await desk.ask(desk.engine.find(Lane(), 1_000))
    for item in items:
        words = item.text.split()[1:4]
        if not item.hits and len(words) == 3 and all(word.isascii() and word.isalpha() for word in words):
            return " ".join(words)
    raise AssertionError("nobody wrote three plain words")


async def in_force(desk: Desk, list_id: str) -> Watchlist:
    """A list as it is in force."""
    lists: list[Watchlist] = await desk.ask(desk.engine.watchlists())
    return next(one for one in lists if one.id == list_id)


def test_a_word_is_added_previewed_and_published_by_keys(qapp: QApplication, tmp_path: Path) -> None:
    async def work() -> None:
        async with a_desk(tmp_path / "p") as desk:
            editor = await editor_of(desk)
            assert "Nothing is changed. Version 1 is in force." in editor.state.text()
            assert not editor.publish_button.isEnabled()
            phrase = await a_phrase(desk)
            add_line(desk, editor.rule.words, phrase)
            await desk.until(editor.publish_button.isEnabled, "tried and well")
            await desk.until(lambda: not editor.preview.new.head.text().startswith("0 "), "newly caught")
            assert phrase in editor.preview.new.lines[0].text()
            assert editor.past.text() == ""
            assert editor.state.text() == "No slow pattern. Planted words were found."
            desk.press_key(Key.Key_Return, CONTROL)
            await desk.until(lambda: "version 2 is in force" in editor.done.text(), "published")
            found = await in_force(desk, "abuse-of-staff")
            assert found.version == 2
            assert phrase in found.rules[0].words
            await desk.until(lambda: "The past was searched" in editor.past.text(), "searched")
            assert "without alarms" in editor.past.text()
            assert editor.stop_search.isHidden()
            editor.stop()
            await desk.until(lambda: "over already" in editor.past.text(), "there is nothing to stop")

    run_desk(qapp, work)


def test_a_pattern_that_could_be_slow_is_refused_with_its_reason(qapp: QApplication, tmp_path: Path) -> None:
    async def work() -> None:
        async with a_desk(tmp_path / "p") as desk:
            editor = await editor_of(desk)
            add_line(desk, editor.rule.patterns, r"(\w+) \1")
            await desk.until(lambda: "was refused" in editor.state.text(), "it is refused")
            assert r"The pattern “(\w+) \1” was refused: " in editor.state.text()
            assert not editor.publish_button.isEnabled()
            desk.press_key(Key.Key_Return, CONTROL)
            for _ in range(9):
                desk.press_key(Key.Key_Backspace)
            add_line(desk, editor.rule.misses, "kill the pigs")
            await desk.until(lambda: "which it must not" in editor.state.text(), "an example is broken")
            assert "✗ “kill the pigs”: is hit" in editor.rule.misses_said.text()
            assert "✓ “stab a copper for me”: hits" in editor.rule.hits_said.text()
            assert (await in_force(desk, "abuse-of-staff")).version == 1

    run_desk(qapp, work)


def test_a_new_rule_with_every_field_is_published_and_stays_when_the_editor_is_left(
    qapp: QApplication, tmp_path: Path
) -> None:
    async def work() -> None:
        async with a_desk(tmp_path / "p") as desk:
            editor = await editor_of(desk)
            desk.press_key(Key.Key_N, CONTROL)
            fields = editor.rule
            assert desk.window.focusWidget() is fields.words
            desk.type("soup at the cordon")
            _, any_of, with_any, within = fields.near._rows[0]
            for part, words in ((any_of, "meet, gather"), (with_any, "harbour steps"), (within, "")):
                tab_to(desk, part)
                desk.type(words)
            within.selectAll()
            desk.type("4")
            assert len(fields.near._rows) == 2
            add_line(desk, fields.unless, "food bank")
            tab_to(desk, fields.disguised)
            desk.press_key(Key.Key_Space)
            tab_to(desk, fields.languages)
            desk.type("english")
            complaint = "Languages: entry 1 must be a code such as en or cy"
            await desk.until(lambda: complaint.casefold() in editor.state.text().casefold(), "no code")
            fields.languages.selectAll()
            desk.type("en, cy")
            tab_to(desk, fields.grade)
            desk.press_key(Key.Key_Down)
            desk.press_key(Key.Key_Down)
            tab_to(desk, fields.suggest)
            desk.type("Hold")
            add_line(desk, fields.hits, "Meet us by the harbour steps")
            desk.press_key(Key.Key_Escape)
            assert desk.window.scrim.sheet is None
            desk.press_key(Key.Key_E, CONTROL)
            await desk.until(lambda: desk.window.watchlists.editor not in {None, editor}, "it is open again")
            again = desk.window.watchlists.editor
            assert again is not None
            assert again.rule.words.toPlainText() == "soup at the cordon"
            assert again.rule.hits.toPlainText() == "Meet us by the harbour steps"
            await desk.until(again.publish_button.isEnabled, "tried and well")
            desk.press_key(Key.Key_Return, CONTROL)
            await desk.until(lambda: "version 2 is in force" in again.done.text(), "published")
            rule = (await in_force(desk, "abuse-of-staff")).rules[-1]
            assert rule.id.startswith("soup-at-the-cordon")
            assert rule.words == ("soup at the cordon",)
            assert rule.near == (Near(("meet", "gather"), ("harbour steps",), 4),)
            assert rule.unless == ("food bank",)
            assert (rule.disguised, rule.languages) == (False, ("en", "cy"))
            assert (rule.grade, rule.suggest) == (2, "hold")
            await desk.until(lambda: again.rules.chosen == rule.id, "the rule is shown under its own id")
            assert len(again.rule.near._rows) == 2
            tab_to(desk, again.rules)
            desk.press_key(Key.Key_Home)
            assert len(again.rule.near._rows) == 1
            assert "abuse-of-staff" not in desk.window.watchlists.drafts or not (
                desk.window.watchlists.drafts["abuse-of-staff"].is_changed
            )

    run_desk(qapp, work)


def test_a_new_list_is_made_named_and_put_in_force(qapp: QApplication, tmp_path: Path) -> None:
    async def work() -> None:
        async with a_desk(tmp_path / "p") as desk:
            editor = await editor_of(desk)
            desk.press_key(Key.Key_N, CONTROL | SHIFT)
            assert desk.window.focusWidget() is editor.whole.name
            desk.type("Skate park")
            tab_to(desk, editor.whole.review)
            editor.whole.review.selectAll()
            desk.type("soon")
            assert editor.whole.review_said.text() == "The review date must be written as 2027-03-01."
            assert "must be written" in editor.state.text()
            editor.whole.review.selectAll()
            today = desk.engine.editing.today()
            desk.type(today.isoformat())
            assert editor.whole.review_said.text() == "The review date is today."
            tab_to(desk, editor.rule.words)
            desk.type("skate park")
            await desk.until(editor.publish_button.isEnabled, "tried and well")
            assert "version 1" in editor.publish_button.accessibleName()
            tab_to(desk, editor.preview.trying)
            desk.type("they met at the sk4te p.a.r.k")
            await desk.until(lambda: "read as “skate park”" in editor.preview.tried.text(), "explained")
            desk.press_key(Key.Key_Return, CONTROL)
            await desk.until(lambda: "Skate park: version 1 is in force" in editor.done.text(), "published")
            found = await in_force(desk, "new-list")
            assert (found.name, found.owner, found.review_by) == ("Skate park", OPERATOR, today)

    run_desk(qapp, work)
