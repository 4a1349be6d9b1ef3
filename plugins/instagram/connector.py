"""One Instagram account: joins the parts and speaks the console's contract."""

from console.api import Capabilities, Connector, Context, Profile, Target
from console.api.joined import Joined
from plugins.instagram.acting import Acts
from plugins.instagram.capability import capabilities
from plugins.instagram.looking import Looks
from plugins.instagram.reading import Reading
from plugins.instagram.session import Session
from plugins.instagram.signing import sign_in

__all__ = ["Instagram", "connect", "sign_in"]


class Instagram(Joined):
    """The connector of one account. Its methods are those of `console.api.Connector`."""

    def __init__(self, context: Context) -> None:
        """`context` is everything that the console hands in; nothing is sent yet."""
        self._context = context
        self._session = Session(context)
        super().__init__(Reading(self._session, context), Acts(self._session, context), Looks(self._session))

    async def open(self) -> Profile:
        """Signs in and proves that it works."""
        return await self._session.open()

    def can(self, target: Target) -> Capabilities:
        """What can be done to this item, with words."""
        return capabilities(target, self._context.manifest, self._session.has, self._context.now())


def connect(context: Context) -> Connector:
    """Makes the connector of one account."""
    return Instagram(context)
