"""One Threads account: joins the parts and speaks the console's contract."""

from collections.abc import AsyncIterator, Sequence

from console.api import Answer, Capabilities, Connector, Context, Order, Page, Profile, Sight, Target, Verb
from plugins.threads.acting import Acts
from plugins.threads.capability import capabilities
from plugins.threads.looking import Looks
from plugins.threads.reading import Reading
from plugins.threads.searching import Searching
from plugins.threads.session import Session, sign_in

__all__ = ["Threads", "connect", "sign_in"]


class Threads:
    """The connector of one account. Its methods are those of `console.api.Connector` and `Searcher`."""

    def __init__(self, context: Context) -> None:
        """`context` is everything that the console hands in; nothing is sent yet."""
        self._manifest = context.manifest
        self._session = Session(context)
        self._reading = Reading(self._session, context)
        self._searching = Searching(self._session, context)
        self._acts = Acts(self._session, context)
        self._looks = Looks(self._session)

    async def open(self) -> Profile:
        """Signs in and proves that it works."""
        return await self._session.open()

    def stream(self, cursor: str | None) -> AsyncIterator[Page]:
        """Yields what arrived since `cursor`, for ever."""
        return self._reading.stream(cursor)

    def search(self, words: str, cursor: str | None) -> AsyncIterator[Page]:
        """Yields what is said anywhere about a topic, for ever."""
        return self._searching.search(words, cursor)

    def can(self, target: Target) -> Capabilities:
        """What can be done to this item, with words."""
        return capabilities(target, self._manifest, self._session.has)

    async def act(self, order: Order) -> Sequence[Answer]:
        """Sends one order and reports the network's answers."""
        return await self._acts.act(order)

    async def look(
        self, verb: Verb, targets: Sequence[Target], notes: Sequence[str | None]
    ) -> Sequence[Sight]:
        """Looks at items after `verb` was sent."""
        return await self._looks.look(verb, targets, notes)

    async def close(self) -> None:
        """Lets go of everything: the token stays kept, and the HTTP client is the console's."""


def connect(context: Context) -> Connector:
    """Makes the connector of one account."""
    return Threads(context)
