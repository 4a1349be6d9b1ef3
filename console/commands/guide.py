"""The walk through a sign-in in a terminal: sentences and addresses on the error stream, answers on stdin.

What a newcomer would get wrong: the browser may be on another machine than the terminal. So while Cordon
waits for it, the address that it was sent to can also be pasted here; whichever comes first counts.
"""

import asyncio
import os
import sys
import threading
import webbrowser
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from console.api import Choice, Landing, NotAllowed
from console.api.landing import first_answer, landing
from console.terminal import read_line


class TerminalGuide:
    """A `console.api.Guide` on this terminal."""

    def __init__(self) -> None:
        self._line: asyncio.Future[str] | None = None

    async def say(self, words: str) -> None:
        """One sentence."""
        _show(words)

    async def choose(self, question: str, choices: Sequence[Choice]) -> str:
        """A numbered list; a number or an id is an answer."""
        if len(choices) == 1:
            return choices[0].id
        _show(question)
        for number, choice in enumerate(choices, start=1):
            _show(f"  {number}. {choice.words}")
        for _ in range(3):
            answer = await self._typed("Which one? ")
            for number, choice in enumerate(choices, start=1):
                if answer in {str(number), choice.id}:
                    return choice.id
            _show(f"“{answer}” is none of them.")
        raise NotAllowed("Nothing was chosen.")

    async def visit(self, address: str, words: str) -> None:
        """Shows the address, and opens it where a browser is at hand."""
        _show(f"{words}\n  {address}")
        if sys.stdin.isatty() and (sys.platform in {"win32", "darwin"} or os.environ.get("DISPLAY")):
            await asyncio.to_thread(webbrowser.open, address)

    async def paste(self, question: str) -> str:
        """A line."""
        answer = await self._typed(f"{question}: ")
        if not answer:
            raise NotAllowed("Nothing was pasted.")
        return answer

    def landing(self, path: str = "/", port: int = 0) -> AbstractAsyncContextManager[Landing]:
        """A place on this machine; what is pasted meanwhile counts as well."""
        return self._landing(path, port)

    @asynccontextmanager
    async def _landing(self, path: str, port: int) -> AsyncIterator[Landing]:
        async with landing(path, port) as place:
            yield _Either(place, self)

    async def next_line(self) -> str:
        """The next line of stdin; the one that is being waited for already, where there is one.

        At the end of stdin it never comes. Cancelling keeps the line for the next who asks.
        """
        if self._line is None:
            self._line = asyncio.get_running_loop().create_future()
            threading.Thread(target=_read_line, args=(self._line,), name="stdin", daemon=True).start()
        text = await asyncio.shield(self._line)
        self._line = None
        return text

    async def _typed(self, prompt: str) -> str:
        _show(prompt)
        waiting = asyncio.ensure_future(self.next_line())
        try:
            return await waiting
        except EOFError:
            raise NotAllowed("The answers on stdin have come to an end.") from None


class _Either:
    """The browser, or a person who pastes where it was sent."""

    def __init__(self, place: Landing, guide: TerminalGuide) -> None:
        self.address = place.address
        self._place, self._guide = place, guide

    async def arrives(self) -> Mapping[str, str]:
        """Whichever comes first. Raises NotAllowed when neither does in time."""
        if sys.stdin.isatty():
            _show("If the browser is on another computer, paste the address that it shows at the end.")
        return await first_answer(self._place, self._guide.next_line())


def _show(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def _read_line(line: "asyncio.Future[str]") -> None:
    """Reads one line in a thread of its own, which nothing has to wait for at the end."""
    text = read_line()
    loop = line.get_loop()

    def tell() -> None:
        if line.done():
            return
        if text:
            line.set_result(text.strip())
        else:
            line.set_exception(EOFError())

    try:
        loop.call_soon_threadsafe(tell)
    except RuntimeError:
        return  # the command is over
