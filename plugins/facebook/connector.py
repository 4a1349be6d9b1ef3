"""One Facebook Page: joins the parts and speaks the console's contract."""

from console.api import Capabilities, Connector, Context, Profile, Target
from console.api.joined import Joined
from plugins.facebook.acting import Acts
from plugins.facebook.capability import capabilities
from plugins.facebook.looking import Looks
from plugins.facebook.reading import Streams
from plugins.facebook.session import Session
from plugins.facebook.signing import sign_in

__all__ = ["Facebook", "connect", "sign_in"]


class Facebook(Joined):
    """The connector of one Page. Its methods are those of `console.api.Connector`."""

    def __init__(self, context: Context) -> None:
        """`context` is everything that the console hands in; nothing is sent yet."""
        self._context = context
        self._session = Session(context)
        super().__init__(Streams(self._session, context), Acts(self._session), Looks(self._session))

    async def open(self) -> Profile:
        """Signs in and proves that it works."""
        return await self._session.open()

    def can(self, target: Target) -> Capabilities:
        """What can be done to this item, with words."""
        return capabilities(target, self._context.manifest, self._session.rights)


def connect(context: Context) -> Connector:
    """Makes the connector of one Page."""
    return Facebook(context)
