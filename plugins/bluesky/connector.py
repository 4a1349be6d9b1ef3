"""One Bluesky account: joins the parts and speaks the console's contract."""

from collections.abc import AsyncIterator, Sequence

from console.api import Answer, Capabilities, Connector, Context, Order, Page, Profile, Sight, Target, Verb
from plugins.bluesky.acting import Acts
from plugins.bluesky.capability import capabilities
from plugins.bluesky.gates import Gates
from plugins.bluesky.looking import Looks
from plugins.bluesky.people import People
from plugins.bluesky.reading import Reading
from plugins.bluesky.searching import Searching
from plugins.bluesky.session import Counted, Session


class Bluesky:
    """The connector of one account. Its methods are those of `console.api.Connector` and `Searcher`."""

    def __init__(self, context: Context) -> None:
        """`context` is everything that the console hands in; nothing is sent yet."""
        self._manifest = context.manifest
        self._session = Session(context)
        self._gates = Gates(self._session)
        people = People(self._session)
        counted = Counted(self._session)
        self._reading = Reading(counted, self._gates, context.now, context.wait)
        self._searching = Searching(counted, context.now, context.wait)
        self._acts = Acts(self._session, self._gates, people, context.now)
        self._looks = Looks(self._session, self._gates, people)

    async def open(self) -> Profile:
        """Signs in and proves that it works."""
        return await self._session.open()

    def stream(self, cursor: str | None) -> AsyncIterator[Page]:
        """Yields what arrived since `cursor`, for ever."""
        return self._reading.stream(cursor)

    def search(self, words: str, cursor: str | None) -> AsyncIterator[Page]:
        """Yields what is said about a topic, for ever."""
        return self._searching.search(words, cursor)

    def can(self, target: Target) -> Capabilities:
        """What can be done to this item, with words."""
        return capabilities(target, self._manifest, self._gates.sizes)

    async def act(self, order: Order) -> Sequence[Answer]:
        """Sends one order and reports the network's answers."""
        return await self._acts.act(order)

    async def look(
        self, verb: Verb, targets: Sequence[Target], notes: Sequence[str | None]
    ) -> Sequence[Sight]:
        """Looks at items after `verb` was sent."""
        return await self._looks.look(verb, targets, notes)

    async def close(self) -> None:
        """Lets go of everything: the tokens stay kept, and the HTTP client is the console's."""


def connect(context: Context) -> Connector:
    """Makes the connector of one account."""
    return Bluesky(context)
