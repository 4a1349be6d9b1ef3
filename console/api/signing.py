"""Signing in: the conversation with a person, in plain words, whatever face it has.

A connector whose manifest says `guided = true` has a second function beside `connect`:

    async def sign_in(context: Context, guide: Guide) -> Mapping[str, str]

It finds in `context.secret` what the person answered to the manifest's secret questions (a JSON object of
their names), talks through `guide`, writes what it wants kept with `context.secret.write`, and gives the
settings that it found out (which page, which channel). The terminal and the window each are a guide.

What a newcomer would get wrong: nothing of this may end up in a log or an address that is shown later, and a
person may sit at another machine than the browser, so every step can also be answered by pasting.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to choose: what it is called inside, and what a person reads."""

    id: str
    words: str


class Landing(Protocol):
    """The place on this machine that a browser is sent to at the end."""

    @property
    def address(self) -> str:
        """The address to give to the network, such as `http://127.0.0.1:51234/`."""

    async def arrives(self) -> Mapping[str, str]:
        """Waits for the browser, or for a person who pastes where it was sent; gives the query.

        Raises NotAllowed when nobody comes in time.
        """


class Guide(Protocol):
    """Talks with the person who signs in. Raises NotAllowed when they give up."""

    async def say(self, words: str) -> None:
        """One sentence on what happens now."""

    async def choose(self, question: str, choices: Sequence[Choice]) -> str:
        """Asks for one of several; gives its id. A single choice is taken without asking."""

    async def visit(self, address: str, words: str) -> None:
        """Shows an address to go to, and opens it where a browser is at hand."""

    async def paste(self, question: str) -> str:
        """Asks for a text that is not shown while it is typed, such as a code."""

    def landing(self, path: str = "/", port: int = 0) -> AbstractAsyncContextManager[Landing]:
        """A place for the browser to come back to; `port` 0 takes any that is free."""
