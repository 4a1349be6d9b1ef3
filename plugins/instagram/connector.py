"""One Instagram account: joins the parts and speaks the console's contract."""

from collections.abc import AsyncIterator, Sequence

from console.api import Answer, Capabilities, Connector, Context, Order, Page, Profile, Sight, Target, Verb
from plugins.instagram.acting import Acts
from plugins.instagram.capability import capabilities
from plugins.instagram.looking import Looks
from plugins.instagram.reading import Reading
from plugins.instagram.session import Session
from plugins.instagram.signing import sign_in

__all__ = ["Instagram", "connect", "sign_in"]


class Instagram:
    """The connector of one account. Its methods are those of `console.api.Connector`."""

    def __init__(self, context: Context) -> None:
        """`context` is everything that the console hands in; nothing is sent yet."""
        self._context = context
        self._session = Session(context)
        self._reading = Reading(self._session, context)
        self._acts = Acts(self._session, context)
        self._looks = Looks(self._session)

    async def open(self) -> Profile:
        """Signs in and proves that it works."""
        return await self._session.open()

    def stream(self, cursor: str | None) -> AsyncIterator[Page]:
        """Yields what arrived since `cursor`, for ever."""
        return self._reading.stream(cursor)

    def can(self, target: Target) -> Capabilities:
        """What can be done to this item, with words."""
        return capabilities(target, self._context.manifest, self._session.has, self._context.now())

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
    return Instagram(context)
