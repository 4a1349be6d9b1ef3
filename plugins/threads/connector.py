"""One Threads account: joins the parts and speaks the console's contract."""

from console.api import Capabilities, Connector, Context, Profile, Target
from console.api.joined import JoinedSearcher
from plugins.threads.acting import Acts
from plugins.threads.capability import capabilities
from plugins.threads.looking import Looks
from plugins.threads.reading import Reading
from plugins.threads.searching import Searching
from plugins.threads.session import Session, sign_in

__all__ = ["Threads", "connect", "sign_in"]


class Threads(JoinedSearcher):
    """The connector of one account. Its methods are those of `console.api.Connector` and `Searcher`."""

    def __init__(self, context: Context) -> None:
        """`context` is everything that the console hands in; nothing is sent yet."""
        self._manifest = context.manifest
        self._session = Session(context)
        super().__init__(
            Reading(self._session, context),
            Searching(self._session, context),
            Acts(self._session, context),
            Looks(self._session),
        )

    async def open(self) -> Profile:
        """Signs in and proves that it works."""
        return await self._session.open()

    def can(self, target: Target) -> Capabilities:
        """What can be done to this item, with words."""
        return capabilities(target, self._manifest, self._session.has)


def connect(context: Context) -> Connector:
    """Makes the connector of one account."""
    return Threads(context)
