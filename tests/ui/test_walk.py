"""The walk through a sign-in in the window, while the connector runs on another thread's loop."""

import asyncio
import itertools
import threading
import urllib.request
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from console.api import Choice, NotAllowed
from console.ui.dialogs.walk import Walk, WindowGuide
from console.ui.parts import Line, Look
from console.ui.theme import DARK
from tests.ui.desk import run_desk

LIMIT_S = 20.0


@contextmanager
def elsewhere() -> Iterator[Callable[[Coroutine[Any, Any, Any]], "asyncio.Future[Any]"]]:
    """A loop on a thread of its own, as the engine has it."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="elsewhere")
    thread.start()
    try:
        yield lambda work: asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, loop))
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def walked(
    app: QApplication,
    walk: Callable[[WindowGuide], Coroutine[Any, Any, Any]],
    person: Callable[[Walk], Coroutine[Any, Any, None]],
    browser: Callable[[str], None] = lambda _address: None,
) -> Any:
    """What a connector's walk gives, with a person at the page."""
    results: list[Any] = []

    async def work() -> None:
        page = Walk(Look(DARK), lambda: None, browser)
        page.show()
        guide = WindowGuide(page)
        with elsewhere() as run:
            walking = run(walk(guide))
            try:
                async with asyncio.timeout(LIMIT_S):
                    await person(page)
                    results.append(await walking)
            finally:
                walking.cancel()
        page.deleteLater()

    run_desk(app, work)
    return results[0]


async def shown(ready: Callable[[], object]) -> None:
    """Gives the window its turns until something is shown."""
    for _ in itertools.count():
        if ready():
            return
        await asyncio.sleep(0)


def test_one_of_several_pages_is_chosen_with_a_key(qapp: QApplication) -> None:
    async def walk(guide: WindowGuide) -> str:
        return await guide.choose("Which page?", [Choice("1", "Dellin Police"), Choice("2", "Dellin Dogs")])

    async def person(page: Walk) -> None:
        await shown(lambda: isinstance(page.first, Line))
        lines = page.findChildren(Line)
        assert [line.accessibleName() for line in lines] == ["Dellin Police", "Dellin Dogs"]
        QTest.keyClick(lines[1], Qt.Key.Key_Return)

    assert walked(qapp, walk, person) == "2"


def test_a_single_choice_is_taken_without_asking(qapp: QApplication) -> None:
    async def walk(guide: WindowGuide) -> str:
        return await guide.choose("Which page?", [Choice("7", "Dellin Police")])

    async def person(_page: Walk) -> None:
        return None

    assert walked(qapp, walk, person) == "7"


def test_a_pasted_code_is_not_shown_and_enter_takes_it(qapp: QApplication) -> None:
    async def walk(guide: WindowGuide) -> str:
        await guide.visit("https://network.example/yes", "Say yes there.")
        return await guide.paste("Paste the code")

    visited: list[str] = []

    async def person(page: Walk) -> None:
        await shown(lambda: isinstance(page.first, QLineEdit))
        edit = page.first
        assert isinstance(edit, QLineEdit)
        assert edit.echoMode() is QLineEdit.EchoMode.Password
        assert page.enter(), "an empty field keeps its question"
        QTest.keyClicks(edit, "code-1234")
        assert page.enter()

    assert walked(qapp, walk, person, visited.append) == "code-1234"
    assert visited == ["https://network.example/yes"]


def test_the_browser_comes_back_by_itself(qapp: QApplication) -> None:
    async def walk(guide: WindowGuide) -> dict[str, str]:
        async with guide.landing("/back") as landing:
            await guide.visit(landing.address, "Say yes there.")
            return dict(await landing.arrives())

    def browser(address: str) -> None:
        def go() -> None:
            with urllib.request.urlopen(f"{address}?code=from-the-browser&state=s") as answer:
                assert b"go back to Cordon" in answer.read()

        threading.Thread(target=go, name="browser").start()

    async def person(_page: Walk) -> None:
        return None

    found = walked(qapp, walk, person, browser)
    assert found == {"code": "from-the-browser", "state": "s"}


def test_a_browser_on_another_computer_is_answered_by_pasting(qapp: QApplication) -> None:
    async def walk(guide: WindowGuide) -> dict[str, str]:
        async with guide.landing() as landing:
            await guide.visit("https://network.example/yes", "Say yes there.")
            return dict(await landing.arrives())

    async def person(page: Walk) -> None:
        await shown(lambda: isinstance(page.first, QLineEdit))
        assert page.first is not None
        QTest.keyClicks(page.first, "http://127.0.0.1:1/?code=pasted&state=s")
        page.enter()

    assert walked(qapp, walk, person) == {"code": "pasted", "state": "s"}


def test_leaving_the_sheet_ends_the_walk(qapp: QApplication) -> None:
    async def walk(guide: WindowGuide) -> str:
        return await guide.paste("Paste the code")

    async def work() -> None:
        page = Walk(Look(DARK), lambda: None)
        with elsewhere() as run:
            walking = run(walk(WindowGuide(page)))
            await shown(lambda: page.first is not None)
            walking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await walking
            await shown(lambda: page.first is None)
        page.deleteLater()

    run_desk(qapp, work)


def test_a_port_that_is_taken_is_said(qapp: QApplication) -> None:
    async def walk(guide: WindowGuide) -> str:
        async with guide.landing() as landing:
            port = int(landing.address.rsplit(":", 1)[1].strip("/"))
            try:
                async with guide.landing("/", port):
                    return "both"
            except NotAllowed as failure:
                return failure.words

    async def person(_page: Walk) -> None:
        return None

    assert "Another program uses port" in walked(qapp, walk, person)
