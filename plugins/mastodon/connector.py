"""One Mastodon account: joins the parts and speaks the console's contract."""

from collections.abc import AsyncIterator, Sequence

from console.api import Answer, Capabilities, Connector, Context, Order, Page, Profile, Sight, Target, Verb
from plugins.mastodon.acting import Acts
from plugins.mastodon.capability import capabilities
from plugins.mastodon.looking import Looks
from plugins.mastodon.reading import Reading
from plugins.mastodon.searching import Searching
from plugins.mastodon.session import Session
from plugins.mastodon.signing import sign_in
from plugins.mastodon.threads import Threads

__all__ = ["Mastodon", "connect", "sign_in"]


class Mastodon:
    """The connector of one account. Its methods are those of `console.api.Connector` and `Searcher`."""

    def __init__(self, context: Context) -> None:
        """`context` is everything that the console hands in; nothing is sent yet."""
        self._manifest = context.manifest
        self._session = Session(context)
        threads = Threads(self._session)
        self._reading = Reading(self._session, threads, context)
        self._searching = Searching(self._session, threads, context)
        self._acts = Acts(self._session)
        self._looks = Looks(self._session)

    async def open(self) -> Profile:
        """Proves that the sign-in works."""
        return await self._session.open()

    def stream(self, cursor: str | None) -> AsyncIterator[Page]:
        """Yields what arrived since `cursor`, for ever."""
        return self._reading.stream(cursor)

    def search(self, words: str, cursor: str | None) -> AsyncIterator[Page]:
        """Yields what is said about a topic, for ever."""
        return self._searching.search(words, cursor)

    def can(self, target: Target) -> Capabilities:
        """What can be done to this item, with words."""
        return capabilities(target, self._manifest, self._session.rights)

    async def act(self, order: Order) -> Sequence[Answer]:
        """Sends one order and reports the server's answers."""
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
    return Mastodon(context)
