"""One X account: joins the parts and speaks the console's contract."""

from dataclasses import replace

from console.api import Capabilities, Connector, Context, Profile, Target
from console.api.joined import JoinedSearcher
from plugins.x.acting import Acts
from plugins.x.capability import capabilities
from plugins.x.looking import Looks
from plugins.x.money import Money
from plugins.x.people import People
from plugins.x.reading import Reading
from plugins.x.recheck import Recheck
from plugins.x.session import Session, sign_in, way_of_reading
from plugins.x.threads import Threads
from plugins.x.topics import Topics

__all__ = ["X", "connect", "sign_in"]

POLLED_INSTEAD = (
    "A live stream needs the app's Bearer Token, which was not given, so X is polled. Add the account again "
    "with the token, or choose polling."
)
NO_SUCH_WAY = "“{}” is no way to read X, so it is polled. The ways are polling, activity and filtered."


class X(JoinedSearcher):
    """The connector of one account. Its methods are those of `console.api.Connector` and `Searcher`."""

    def __init__(self, context: Context) -> None:
        """`context` is everything that the console hands in; nothing is sent yet."""
        self._context = context
        self._session = Session(context, Money(context))
        people, threads = People(self._session), Threads(self._session)
        self._recheck = Recheck(self._session, context)
        self._reading = Reading(self._session, people, threads, self._recheck, context)
        super().__init__(
            self._reading,
            Topics(self._session, people, threads, context),
            Acts(self._session, context),
            Looks(self._session, people),
        )

    async def open(self) -> Profile:
        """Signs in and proves that it works."""
        profile = await self._session.open()
        await self._recheck.open()
        wanted = way_of_reading(self._context)
        if wanted == "polling" or self._reading.mode is not None:
            return profile
        is_known = wanted in {"activity", "filtered"}
        notice = POLLED_INSTEAD if is_known else NO_SUCH_WAY.format(wanted)
        return replace(profile, notices=(*profile.notices, notice))

    def can(self, target: Target) -> Capabilities:
        """What can be done to this item, with words."""
        return capabilities(target, self._context.manifest, self._context.is_on)

    async def close(self) -> None:
        """Keeps which posts may still lie in the cache; the HTTP client is the console's."""
        await self._recheck.close()


def connect(context: Context) -> Connector:
    """Makes the connector of one account."""
    return X(context)
