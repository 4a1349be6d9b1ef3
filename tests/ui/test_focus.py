"""Where the focus goes: round every part and back; it stays where it is when its place is read anew."""

import asyncio
import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

from console.domain.accounts import Account
from console.domain.ids import AccountId
from console.ui import window as main_window
from console.ui.panes.rail import RailButton
from console.ui.panes.said import made_safe
from tests.ui.desk import Desk, open_desk, run_desk


@pytest.fixture
def recording(tmp_path: Path) -> str:
    """A file of a few invented items."""
    file = tmp_path / "evening.jsonl"
    lines = [
        {
            "id": f"n{number}",
            "author": f"author{number}",
            "text": f"Is the bypass shut as well? ({number})",
            "created_at": f"2026-11-20T22:{number:02}:00Z",
        }
        for number in range(6)
    ]
    file.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    return str(file)


def part_of(desk: Desk) -> str:
    """The part of the window that has the focus."""
    window, now = desk.window, desk.focus
    parts: dict[str, QWidget] = {
        "lane": window.lane,
        "pane": window.pane,
        "strip": window.strip,
        "rail": window.rail,
        "bar": window.bar,
    }
    return next((name for name, part in parts.items() if part is now or part.isAncestorOf(now)), "nowhere")


@pytest.mark.parametrize("with_item", [True, False])
def test_f6_goes_round_every_part_and_back(
    qapp: QApplication, tmp_path: Path, recording: str, with_item: bool
) -> None:
    async def work() -> None:
        async with open_desk(tmp_path / "p", recording) as desk:
            if with_item:
                desk.press("j")
                await desk.until(lambda: desk.window.pane.facts is not None, "the pane is filled")
            seen = [part_of(desk)]
            for _ in range(5):
                desk.press_key(Qt.Key.Key_F6)
                seen.append(part_of(desk))
            assert seen == ["lane", "pane", "strip", "rail", "bar", "lane"]

    run_desk(qapp, work)


def test_the_focus_stays_on_its_line_of_the_pane_when_the_pane_is_read_anew(
    qapp: QApplication, tmp_path: Path, recording: str
) -> None:
    async def work() -> None:
        async with open_desk(tmp_path / "p", recording) as desk:
            window = desk.window
            desk.press("j")
            await desk.until(lambda: window.pane.facts is not None, "the pane is filled")
            desk.press_key(Qt.Key.Key_F6)
            assert desk.focus is window.pane._words, "the words come first, so that they can be selected"
            desk.press_key(Qt.Key.Key_Tab)
            desk.press_key(Qt.Key.Key_Tab)
            before = desk.focus
            words = before.accessibleName()
            assert words.startswith("Delete")
            window.refresh("pane")
            await desk.until(lambda: desk.focus is not before, "the pane is read anew")
            assert part_of(desk) == "pane"
            assert desk.focus.accessibleName() == words
            desk.press("j")
            await desk.until(lambda: window.view.cursor_id == 5, "keys of the lane work from here too")
            window.view.put_cursor(None)
            assert part_of(desk) == "pane"

    run_desk(qapp, work)


def test_the_rail_says_its_lines_as_tips_as_soon_as_it_is_narrow(
    qapp: QApplication, tmp_path: Path, recording: str
) -> None:
    async def work() -> None:
        async with open_desk(tmp_path / "p", recording) as desk:
            buttons = desk.window.rail.findChildren(RailButton)
            assert not [button for button in buttons if button.toolTip()]
            desk.window.rail.set_narrow(True)
            assert [button for button in buttons if not button.toolTip()] == []

    run_desk(qapp, work)


def test_a_window_that_is_never_painted_does_not_keep_the_engine_waiting(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(main_window, "PAINTED_WITHIN_S", 0.05)

    async def work() -> None:
        async with open_desk(tmp_path / "p") as desk:
            desk.window.view._delegate.painted_count = 0
            desk.window.feed.is_loading = True
            async with asyncio.timeout(10):
                await desk.window.painted()

    run_desk(qapp, work)


def test_what_a_network_calls_an_account_is_shown_for_what_it_is() -> None:
    account = Account(
        id=AccountId(1),
        key="x:force",
        network="x",
        connector="x",
        handle="for\u200bce",
        name="Valley\u202e police",
        lead=None,
        deputy=None,
        may_act=True,
        error="No\nlink",
    )
    safe = made_safe(account)
    assert safe.name == "Valley[right-to-left override] police"
    assert safe.handle == "for[zero-width space]ce"
    assert safe.error == "No link"
