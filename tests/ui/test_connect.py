"""Connecting an account: secrets are not shown, and leaving keeps nothing."""

import asyncio
from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QApplication, QLabel

from console.api import Guide, Manifest
from console.api.manifest import SignInField
from console.ui.dialogs.connect import Connect, Wish
from console.ui.loop import Tasks
from console.ui.parts import Look
from console.ui.theme import DARK

NETWORK = Manifest(
    id="x",
    name="X",
    letters="X",
    shape="short",
    contracts=(1,),
    level="dependable",
    module="x",
    text_life_hours=720,
    batch=2,
    hosts=("x.example",),
    sign_in=(
        SignInField(name="token", words="App password", secret=True, default=None),
        SignInField(name="handle", words="Handle", secret=False, default=None),
    ),
    verbs={},
    ceilings=(),
)


def filled(test: Callable[[Wish, Guide], Any], tasks: Tasks) -> Connect:
    """The sheet, filled in as far as the test."""
    sheet = Connect(Look(DARK), [NETWORK], None, test, tasks.spawn)
    sheet._choose(0)
    assert sheet._questions is not None
    sheet._questions.fields["token"].edit.setText("open sesame")
    sheet._questions.fields["handle"].edit.setText("force.test")
    sheet._go_on()
    sheet.deputy.edit.setText("M. Jarrow")
    sheet._go_on()
    return sheet


def test_the_sign_in_is_not_shown_on_the_last_page(qapp: QApplication) -> None:
    async def never(_wish: Wish, _guide: Guide) -> str:
        return ""

    sheet = filled(never, Tasks(lambda _problem: None))
    said = " ".join(label.text() for label in sheet.findChildren(QLabel))
    assert "force.test" in said
    assert "open sesame" not in said


def test_leaving_ends_a_test_that_is_under_way(qapp: QApplication) -> None:
    ended: list[str] = []

    async def work() -> None:
        begun = asyncio.Event()

        async def test(_wish: Wish, _guide: Guide) -> str:
            begun.set()
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                ended.append("cancelled")
                raise
            return ""

        problems: list[BaseException] = []
        sheet = filled(test, Tasks(problems.append))
        sheet._go_on()
        await begun.wait()
        sheet.leave()
        await asyncio.gather(sheet._trying or asyncio.sleep(0), return_exceptions=True)
        sheet.deleteLater()
        assert problems == []

    asyncio.run(work())
    assert ended == ["cancelled"]
