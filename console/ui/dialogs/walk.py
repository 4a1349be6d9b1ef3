"""The walk through a sign-in in the window: what happens now, where to go, what to choose or to paste.

The connector runs on the engine's loop and this page on the window's. What a newcomer would get wrong: so
a `WindowGuide` hands every question over to the window's loop and waits for it there; only the landing, to
which the browser comes back, listens on the engine's own.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import Any, TypeVar

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from shiboken6 import isValid

from console.api import Choice, Landing
from console.api.landing import first_answer, landing
from console.ui import theme as tokens
from console.ui.dialogs.buttons import Field, button, button_row
from console.ui.parts import Line, Look, Run, Words

T = TypeVar("T")


class Walk(QWidget):
    """One page that changes with each step. Its coroutines run on the window's loop."""

    def __init__(
        self, look: Look, refit: Callable[[], None], open_page: Callable[[str], None] | None = None
    ) -> None:
        """`refit` is told when the page has changed its size; `open_page` opens an address in a browser."""
        super().__init__()
        self._look, self._refit = look, refit
        self._open_page = open_page or _open_in_browser
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(8)
        self._words = Words(look, "", tokens.STANDARD, "t1", wrap=True)
        self._box.addWidget(self._words)
        self._shown: list[QWidget] = []
        self._first: QWidget | None = None
        self._answer: asyncio.Future[str] | None = None

    @property
    def first(self) -> QWidget | None:
        """What the person answers with now."""
        return self._first

    def clear(self) -> None:
        """Takes away what was asked; a page that is gone already has nothing left to take."""
        if not isValid(self):
            return
        for part in self._shown:
            self._box.removeWidget(part)
            part.hide()
            part.deleteLater()
        self._shown, self._first = [], None
        self._words.setText("")

    def enter(self) -> bool:
        """Enter was pressed: gives the pasted text, if one was asked for; whether it was."""
        if isinstance(self._first, QLineEdit) and self._answer is not None and not self._answer.done():
            if self._first.text().strip():
                self._answer.set_result(self._first.text().strip())
            return True
        return False

    async def say(self, words: str) -> None:
        """Shows one sentence."""
        self._words.setText(words)
        self._refit()

    async def choose(self, question: str, choices: Sequence[Choice]) -> str:
        """One line for each choice; a single choice is taken without asking."""
        if len(choices) == 1:
            return choices[0].id
        self.clear()
        self._words.setText(question)
        answer = self._asked()
        for number, choice in enumerate(choices, start=1):
            line = Line(self._look, 36, act=partial(_give, answer, choice.id))
            line.say(choice.words, [Run(f"{number}", "t3"), Run(choice.words, "t1", tokens.CONTROL, 600)])
            self._put(line)
        self._focus(self._shown[0])
        return await self._answered(answer)

    async def visit(self, address: str, words: str) -> None:
        """Opens the page, and keeps its address in sight for another browser."""
        self.clear()
        self._words.setText(words)
        place = Field(self._look, "Address of the page", hint="Copy it for another browser")
        place.edit.setText(address)
        place.edit.setReadOnly(True)
        place.edit.setCursorPosition(0)
        self._put(place)
        again = button("Open the page again", "", lambda: self._open_page(address))
        row = QWidget()
        row.setLayout(button_row(again, None))
        self._put(row)
        self._focus(again)
        self._open_page(address)

    async def paste(self, question: str, *, is_secret: bool = True) -> str:
        """A field to paste into, under what was shown before; Enter takes it."""
        field = Field(self._look, question, hint="Enter takes it", secret=is_secret)
        self._put(field)
        self._focus(field.edit)
        return await self._answered(self._asked())

    async def pasted_address(self) -> str:
        """The address that a browser elsewhere was sent to; waits until one is pasted."""
        question = (
            "Waiting for the browser. If it is on another computer, paste the address it shows at the end"
        )
        return await self.paste(question, is_secret=False)

    def _asked(self) -> "asyncio.Future[str]":
        self._answer = asyncio.get_running_loop().create_future()
        return self._answer

    async def _answered(self, answer: "asyncio.Future[str]") -> str:
        try:
            return await answer
        finally:
            self.clear()
            if isValid(self):
                self._refit()

    def _put(self, part: QWidget) -> None:
        self._shown.append(part)
        self._box.addWidget(part)
        self._refit()

    def _focus(self, part: QWidget) -> None:
        self._first = part
        part.setFocus(Qt.FocusReason.OtherFocusReason)


class WindowGuide:
    """A `console.api.Guide` for the engine's loop whose face is a `Walk` on the window's."""

    def __init__(self, walk: Walk) -> None:
        """Made on the window's loop."""
        self._walk = walk
        self._loop = asyncio.get_running_loop()

    async def say(self, words: str) -> None:
        """One sentence."""
        await self._there(self._walk.say(words))

    async def choose(self, question: str, choices: Sequence[Choice]) -> str:
        """One of several."""
        return await self._there(self._walk.choose(question, choices))

    async def visit(self, address: str, words: str) -> None:
        """A page to go to."""
        await self._there(self._walk.visit(address, words))

    async def paste(self, question: str) -> str:
        """A text that is not shown."""
        return await self._there(self._walk.paste(question))

    def landing(self, path: str = "/", port: int = 0) -> AbstractAsyncContextManager[Landing]:
        """A place on this machine; what is pasted meanwhile counts as well."""
        return self._landing(path, port)

    @asynccontextmanager
    async def _landing(self, path: str, port: int) -> AsyncIterator[Landing]:
        async with landing(path, port) as place:
            yield _Either(place, lambda: self._there(self._walk.pasted_address()))

    async def _there(self, work: Coroutine[Any, Any, T]) -> T:
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))


class _Either:
    """The browser, or a person who pastes where it was sent."""

    def __init__(self, place: Landing, paste: Callable[[], Coroutine[Any, Any, str]]) -> None:
        self.address = place.address
        self._place, self._paste = place, paste

    async def arrives(self) -> Mapping[str, str]:
        """Whichever comes first. Raises NotAllowed when neither does in time."""
        return await first_answer(self._place, self._paste())


def _open_in_browser(address: str) -> None:
    QDesktopServices.openUrl(QUrl(address))


def _give(answer: "asyncio.Future[str]", chosen: str) -> None:
    if not answer.done():
        answer.set_result(chosen)
