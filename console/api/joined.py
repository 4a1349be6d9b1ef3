"""A connector whose parts each do one thing: one reads, one acts, one looks.

What a newcomer would get wrong: this is a convenience and no contract. The console knows nothing of it; a
connector that fits into one class needs none of it.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from console.api.connector import Answer, Order, Page, Sight, Target
from console.domain.acts import Verb


class Reads(Protocol):
    """The part that reads."""

    def stream(self, cursor: str | None) -> AsyncIterator[Page]:
        """As in `Connector`."""


class Sends(Protocol):
    """The part that acts."""

    async def act(self, order: Order) -> Sequence[Answer]:
        """As in `Connector`."""


class Looks(Protocol):
    """The part that looks again."""

    async def look(
        self, verb: Verb, targets: Sequence[Target], notes: Sequence[str | None]
    ) -> Sequence[Sight]:
        """As in `Connector`."""


class Searches(Protocol):
    """The part that searches."""

    def search(self, words: str, cursor: str | None) -> AsyncIterator[Page]:
        """As in `Searcher`."""


class Joined:
    """The half of a connector that only hands on; `open` and `can` are its own."""

    def __init__(self, reads: Reads, sends: Sends, looks: Looks) -> None:
        """What each part does is said by its name."""
        self._reads, self._sends, self._looks = reads, sends, looks

    def stream(self, cursor: str | None) -> AsyncIterator[Page]:
        """Yields what arrived since `cursor`, for ever."""
        return self._reads.stream(cursor)

    async def act(self, order: Order) -> Sequence[Answer]:
        """Sends one order and reports the network's answers."""
        return await self._sends.act(order)

    async def look(
        self, verb: Verb, targets: Sequence[Target], notes: Sequence[str | None]
    ) -> Sequence[Sight]:
        """Looks at items after `verb` was sent."""
        return await self._looks.look(verb, targets, notes)

    async def close(self) -> None:
        """Lets go of everything: what was kept stays kept, and the HTTP client is the console's."""


class JoinedSearcher(Joined):
    """The same for a network that can be searched."""

    def __init__(self, reads: Reads, searches: Searches, sends: Sends, looks: Looks) -> None:
        """What each part does is said by its name."""
        super().__init__(reads, sends, looks)
        self._searches = searches

    def search(self, words: str, cursor: str | None) -> AsyncIterator[Page]:
        """Yields what is said about a topic, for ever."""
        return self._searches.search(words, cursor)
