"""One Facebook Page: joins the parts and speaks the console's contract."""

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing

from console.api import Answer, Capabilities, Connector, Context, Order, Page, Profile, Sight, Target, Verb
from plugins.facebook.acting import Acts
from plugins.facebook.capability import capabilities
from plugins.facebook.looking import Looks
from plugins.facebook.reading import Reading, place_of
from plugins.facebook.session import Session
from plugins.facebook.signing import sign_in

__all__ = ["Facebook", "connect", "sign_in"]

LOST_PLACE = "The last place in the stream cannot be read; the last day is read again."


class Facebook:
    """The connector of one Page. Its methods are those of `console.api.Connector`."""

    def __init__(self, context: Context) -> None:
        """`context` is everything that the console hands in; nothing is sent yet."""
        self._context = context
        self._session = Session(context)
        self._acts = Acts(self._session)
        self._looks = Looks(self._session)

    async def open(self) -> Profile:
        """Signs in and proves that it works."""
        return await self._session.open()

    async def stream(self, cursor: str | None) -> AsyncIterator[Page]:
        """Yields what arrived since `cursor`, for ever."""
        place, is_read = place_of(cursor, self._context.now())
        if not is_read:
            yield Page(complaints=(LOST_PLACE,))
        reading = Reading(self._session, self._context, place)
        async with aclosing(reading.stream()) as pages:
            async for page in pages:
                yield page

    def can(self, target: Target) -> Capabilities:
        """What can be done to this item, with words."""
        return capabilities(target, self._context.manifest, self._session.rights)

    async def act(self, order: Order) -> Sequence[Answer]:
        """Sends one order and reports the network's answers."""
        return await self._acts.act(order)

    async def look(
        self, verb: Verb, targets: Sequence[Target], notes: Sequence[str | None]
    ) -> Sequence[Sight]:
        """Looks at items after `verb` was sent."""
        return await self._looks.look(verb, targets, notes)

    async def close(self) -> None:
        """Lets go of everything: tokens stay kept, streams end with the stream of pages."""


def connect(context: Context) -> Connector:
    """Makes the connector of one Page."""
    return Facebook(context)
