"""One TikTok account: joins the parts and speaks the console's contract."""

from collections.abc import AsyncIterator, Sequence

from console.api import Answer, Capabilities, Connector, Context, Order, Page, Profile, Sight, Target, Verb
from plugins.tiktok.acting import Acts
from plugins.tiktok.capability import capabilities
from plugins.tiktok.comments import Comments
from plugins.tiktok.looking import Looks
from plugins.tiktok.reading import Reading
from plugins.tiktok.session import Session
from plugins.tiktok.signing import sign_in

__all__ = ["TikTok", "connect", "sign_in"]


class TikTok:
    """The connector of one account. Its methods are those of `console.api.Connector`."""

    def __init__(self, context: Context) -> None:
        """`context` is everything that the console hands in; nothing is sent yet."""
        self._context = context
        self._session = Session(context)
        comments = Comments(self._session)
        self._reading = Reading(self._session, comments, context)
        self._acts = Acts(self._session)
        self._looks = Looks(comments)

    async def open(self) -> Profile:
        """Signs in and proves that it works; says which permission is missing."""
        return await self._session.open()

    def stream(self, cursor: str | None) -> AsyncIterator[Page]:
        """Yields what arrived since `cursor`, for ever."""
        return self._reading.stream(cursor)

    def can(self, target: Target) -> Capabilities:
        """What can be done to this item, with words."""
        return capabilities(target, self._context.manifest)

    async def act(self, order: Order) -> Sequence[Answer]:
        """Sends one order and reports TikTok's answers."""
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
    return TikTok(context)
