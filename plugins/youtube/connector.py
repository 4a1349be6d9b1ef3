"""One YouTube channel: joins the parts and speaks the console's contract.

What a newcomer would get wrong: nothing is kept here. The parts share two things only, the session and the
memory of what this connector did itself (`Own`), so that reading does not take our own acts for news.
"""

from collections.abc import Mapping

from console.api import Capabilities, Connector, Context, Guide, Profile, Target
from console.api.joined import Joined
from plugins.youtube.acting import Acts
from plugins.youtube.capability import capabilities
from plugins.youtube.looking import Looks
from plugins.youtube.memory import Own
from plugins.youtube.reading import Reading
from plugins.youtube.session import Session
from plugins.youtube.threads import Threads


class YouTube(Joined):
    """The connector of one channel. Its methods are those of `console.api.Connector`."""

    def __init__(self, context: Context) -> None:
        """`context` is everything that the console hands in; nothing is sent yet."""
        self._manifest = context.manifest
        self._session = Session(context)
        threads = Threads(self._session)
        own = Own()
        reading = Reading(
            self._session,
            threads,
            own,
            context.now,
            context.wait,
            context.is_incident,
            self._session.share_left,
        )
        super().__init__(reading, Acts(self._session, threads, own), Looks(self._session, threads, own))

    async def open(self) -> Profile:
        """Signs in and proves that it works."""
        return await self._session.open()

    def can(self, target: Target) -> Capabilities:
        """What can be done to this item, with words."""
        return capabilities(target, self._manifest)


def connect(context: Context) -> Connector:
    """Makes the connector of one channel."""
    return YouTube(context)


async def sign_in(context: Context, guide: Guide) -> Mapping[str, str]:
    """Walks a person through signing in; gives the channel that was chosen. Raises a `Failure`."""
    return await Session(context).sign_in(guide)
