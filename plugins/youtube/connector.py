"""One YouTube channel: joins the parts and speaks the console's contract.

What a newcomer would get wrong: nothing is kept here. The parts share two things only, the session and the
memory of what this connector did itself (`Own`), so that reading does not take our own acts for news.
"""

from collections.abc import AsyncIterator, Mapping, Sequence

from console.api import (
    Answer,
    Capabilities,
    Connector,
    Context,
    Guide,
    Order,
    Page,
    Profile,
    Sight,
    Target,
    Verb,
)
from plugins.youtube.acting import Acts
from plugins.youtube.capability import capabilities
from plugins.youtube.looking import Looks
from plugins.youtube.memory import Own
from plugins.youtube.reading import Reading
from plugins.youtube.session import Session
from plugins.youtube.threads import Threads


class YouTube:
    """The connector of one channel. Its methods are those of `console.api.Connector`."""

    def __init__(self, context: Context) -> None:
        """`context` is everything that the console hands in; nothing is sent yet."""
        self._manifest = context.manifest
        self._session = Session(context)
        threads = Threads(self._session)
        own = Own()
        self._reading = Reading(
            self._session,
            threads,
            own,
            context.now,
            context.wait,
            context.is_incident,
            self._session.share_left,
        )
        self._acts = Acts(self._session, threads, own)
        self._looks = Looks(self._session, threads, own)

    async def open(self) -> Profile:
        """Signs in and proves that it works."""
        return await self._session.open()

    def stream(self, cursor: str | None) -> AsyncIterator[Page]:
        """Yields what arrived since `cursor`, for ever."""
        return self._reading.stream(cursor)

    def can(self, target: Target) -> Capabilities:
        """What can be done to this item, with words."""
        return capabilities(target, self._manifest)

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
    """Makes the connector of one channel."""
    return YouTube(context)


async def sign_in(context: Context, guide: Guide) -> Mapping[str, str]:
    """Walks a person through signing in; gives the channel that was chosen. Raises a `Failure`."""
    return await Session(context).sign_in(guide)
