"""Sheets at 200 % text in the smallest window: nothing is out of reach."""

import asyncio

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget

from console.ui.commands import PARTS, Command, Commands
from console.ui.dialogs.connect import Connect
from console.ui.dialogs.first_run import FirstRun
from console.ui.dialogs.keys import KeySheet, Palette
from console.ui.dialogs.queue import QueueSheet
from console.ui.loop import Tasks
from console.ui.parts import Look
from console.ui.sheet import Scrim, Sheet
from console.ui.theme import DARK, Density, stylesheet
from tests.ui.test_connect import NETWORK


class Below(QWidget):
    """What lies below a sheet; no key may come here."""

    def __init__(self) -> None:
        super().__init__()
        self.heard = 0

    def keyPressEvent(self, event: object) -> None:  # noqa: N802 - Qt's name
        del event
        self.heard += 1


class Shown:
    """A sheet over something, at 200 % text."""

    def __init__(self, make: type[Sheet]) -> None:
        look = Look(DARK, Density.STANDARD, 200)
        commands = Commands({})
        headings = [heading for column in PARTS for heading in column]
        for number in range(40):
            part = headings[number % len(headings)]
            commands.add(Command(f"c{number}", f"Command {number}", f"F{number}", part, lambda: None))
        made: dict[type[Sheet], Sheet] = {
            KeySheet: KeySheet(look, commands),
            Palette: Palette(look, commands),
            QueueSheet: QueueSheet(look, "Sending", [], {}, str, lambda _id: None),
            Connect: Connect(look, [NETWORK], "No keyring.", _never, Tasks(lambda _problem: None).spawn),
        }
        self.sheet = made[make]
        self.below = Below()
        self.below.setStyleSheet(stylesheet(DARK, 200))
        self.below.resize(1280, 720)
        self.scrim = Scrim(look, self.below, lambda: None)
        self.below.show()
        self.scrim.open(self.sheet)
        self.scrim.refit()
        (self.frame,) = self.scrim.findChildren(
            QScrollArea, options=Qt.FindChildOption.FindDirectChildrenOnly
        )

    def is_in_view(self, part: QWidget) -> bool:
        """Whether a part can be seen whole."""
        viewport = self.frame.viewport()
        place = QRect(part.mapTo(viewport, part.rect().topLeft()), part.size())
        return viewport.rect().contains(place)

    def close(self) -> None:
        self.scrim.close_sheet()
        self.below.close()
        self.below.deleteLater()


async def _never(_wish: object, _guide: object) -> str:
    await asyncio.Event().wait()
    return ""


@pytest.mark.parametrize("make", [KeySheet, Palette, QueueSheet, Connect])
def test_a_sheet_keeps_to_its_room_and_its_parts_to_their_size(qapp: QApplication, make: type[Sheet]) -> None:
    shown = Shown(make)
    assert shown.scrim.rect().contains(shown.frame.geometry())
    assert shown.sheet.height() >= shown.sheet.heightForWidth(shown.sheet.width())
    assert shown.sheet.width() <= shown.frame.viewport().width()
    shown.close()


def test_a_long_sheet_is_scrolled_by_keys_and_no_key_reaches_the_lane(qapp: QApplication) -> None:
    shown = Shown(KeySheet)
    bar = shown.frame.verticalScrollBar()
    assert bar.maximum() > 0
    QTest.keyClick(shown.sheet, Qt.Key.Key_PageDown)
    assert bar.value() > 0
    for key in (Qt.Key.Key_J, Qt.Key.Key_H, Qt.Key.Key_Space):
        QTest.keyClick(shown.sheet, key)
    assert shown.below.heard == 0
    QTest.keyClick(shown.sheet, Qt.Key.Key_Escape)
    assert shown.scrim.sheet is None
    shown.close()


def test_what_gets_the_focus_comes_into_view(qapp: QApplication) -> None:
    shown = Shown(Connect)
    sheet = shown.sheet
    assert isinstance(sheet, Connect)
    sheet._choose(0)
    shown.scrim.refit()
    seen: set[QWidget] = set()
    for _ in range(8):
        QTest.keyClick(shown.below.focusWidget(), Qt.Key.Key_Tab)
        now = shown.below.focusWidget()
        assert now is not None
        assert shown.is_in_view(now), now.accessibleName()
        seen.add(now)
    assert len(seen) >= 4
    shown.close()


def test_lists_are_shorter_where_there_is_less_room(qapp: QApplication) -> None:
    shown = Shown(Palette)
    assert shown.frame.verticalScrollBar().maximum() == 0
    shown.close()


def test_the_first_choice_fits_the_smallest_screen_and_its_keys_work(qapp: QApplication) -> None:
    chosen: list[str] = []
    page = FirstRun(
        Look(DARK, Density.STANDARD, 200), lambda: chosen.append("exercise"), lambda: chosen.append("account")
    )
    page.resize(1280, 720)
    page.show()
    assert (page.width(), page.height()) == (1280, 720), "it asks for no more than there is"
    page.take_focus()
    QTest.keyClick(page.focusWidget(), Qt.Key.Key_Right)
    assert page.focusWidget() is page.connect_account
    QTest.keyClick(page.focusWidget(), Qt.Key.Key_Return)
    QTest.keyClick(page.focusWidget(), Qt.Key.Key_1)
    assert chosen == ["account", "exercise"]
    page.close()
    page.deleteLater()
