"""One Mastodon account: joins the parts and speaks the console's contract."""

from console.api import Capabilities, Connector, Context, Profile, Target
from console.api.joined import JoinedSearcher
from plugins.mastodon.acting import Acts
from plugins.mastodon.capability import capabilities
from plugins.mastodon.looking import Looks
from plugins.mastodon.reading import Reading
from plugins.mastodon.searching import Searching
from plugins.mastodon.session import Session
from plugins.mastodon.signing import sign_in
from plugins.mastodon.threads import Threads

__all__ = ["Mastodon", "connect", "sign_in"]


class Mastodon(JoinedSearcher):
    """The connector of one account. Its methods are those of `console.api.Connector` and `Searcher`."""

    def __init__(self, context: Context) -> None:
        """`context` is everything that the console hands in; nothing is sent yet."""
        self._manifest = context.manifest
        self._session = Session(context)
        threads = Threads(self._session)
        super().__init__(
            Reading(self._session, threads, context),
            Searching(self._session, threads, context),
            Acts(self._session),
            Looks(self._session),
        )

    async def open(self) -> Profile:
        """Proves that the sign-in works."""
        return await self._session.open()

    def can(self, target: Target) -> Capabilities:
        """What can be done to this item, with words."""
        return capabilities(target, self._manifest, self._session.rights)


def connect(context: Context) -> Connector:
    """Makes the connector of one account."""
    return Mastodon(context)
