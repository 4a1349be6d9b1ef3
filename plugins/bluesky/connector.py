"""One Bluesky account: joins the parts and speaks the console's contract."""

from console.api import Capabilities, Connector, Context, Profile, Target
from console.api.joined import JoinedSearcher
from plugins.bluesky.acting import Acts
from plugins.bluesky.capability import capabilities
from plugins.bluesky.gates import Gates
from plugins.bluesky.looking import Looks
from plugins.bluesky.people import People
from plugins.bluesky.reading import Reading
from plugins.bluesky.searching import Searching
from plugins.bluesky.session import Counted, Session


class Bluesky(JoinedSearcher):
    """The connector of one account. Its methods are those of `console.api.Connector` and `Searcher`."""

    def __init__(self, context: Context) -> None:
        """`context` is everything that the console hands in; nothing is sent yet."""
        self._manifest = context.manifest
        self._session = Session(context)
        self._gates = Gates(self._session)
        people = People(self._session)
        counted = Counted(self._session)
        super().__init__(
            Reading(counted, self._gates, context.now, context.wait),
            Searching(counted, context.now, context.wait),
            Acts(self._session, self._gates, people, context.now),
            Looks(self._session, self._gates, people),
        )

    async def open(self) -> Profile:
        """Signs in and proves that it works."""
        return await self._session.open()

    def can(self, target: Target) -> Capabilities:
        """What can be done to this item, with words."""
        return capabilities(target, self._manifest, self._gates.sizes)


def connect(context: Context) -> Connector:
    """Makes the connector of one account."""
    return Bluesky(context)
