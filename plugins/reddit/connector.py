"""One Reddit account with its subreddit: joins the parts and speaks the console's contract."""

from collections.abc import AsyncIterator, Sequence

from console.api import (
    Answer,
    Capabilities,
    Connector,
    Context,
    NotAllowed,
    Order,
    Page,
    Profile,
    Sight,
    SignInAgain,
    Target,
    Verb,
)
from plugins.reddit.acting import Acts
from plugins.reddit.capability import capabilities
from plugins.reddit.looking import Looks
from plugins.reddit.reading import Reading
from plugins.reddit.searching import Searching
from plugins.reddit.session import Session, subreddit_of
from plugins.reddit.walking import sign_in
from plugins.reddit.wire import Me

__all__ = ["Reddit", "connect", "sign_in"]


class Reddit:
    """The connector of one account. Its methods are those of `console.api.Connector`."""

    def __init__(self, context: Context) -> None:
        """`context` is everything that the console hands in; nothing is sent yet."""
        self._context = context
        self._session = Session(context)
        self._reading = Reading(self._session, context.now, context.wait)
        self._searching = Searching(self._session, context.now, context.wait)
        self._acts = Acts(self._session)
        self._looks = Looks(self._session)

    async def open(self) -> Profile:
        """Signs in, and asks what the account may do in its subreddit."""
        await self._session.load()
        subreddit = subreddit_of(self._context.settings)
        if not subreddit:
            raise NotAllowed("No subreddit is named for this account. Sign in again and choose it.")
        me = await self._session.ask("api/v1/me", Me)
        if me.is_suspended:
            raise SignInAgain("Reddit has suspended this account.")
        self._reading.me, self._reading.subreddit = me.name, subreddit
        notices = await self._reading.learn_rights()
        return Profile(
            remote_id=f"t2_{me.id}:{subreddit.casefold()}",
            handle=f"r/{subreddit}",
            name=f"u/{me.name} in r/{subreddit}",
            token=f"t2_{me.id}",
            app=self._context.settings.get("client_id", ""),
            notices=notices,
        )

    def stream(self, cursor: str | None) -> AsyncIterator[Page]:
        """Yields what arrived since `cursor`, for ever."""
        return self._reading.stream(cursor)

    def search(self, words: str, cursor: str | None) -> AsyncIterator[Page]:
        """Yields posts about a topic from all of Reddit, for ever."""
        return self._searching.search(words, cursor, self._reading.me, self._reading.subreddit)

    def can(self, target: Target) -> Capabilities:
        """What can be done to this item, with words."""
        return capabilities(target, self._context.manifest, self._reading.rights)

    async def act(self, order: Order) -> Sequence[Answer]:
        """Sends one order and reports the network's answers."""
        return await self._acts.act(order, self._reading.rights, self._reading.subreddit)

    async def look(
        self, verb: Verb, targets: Sequence[Target], notes: Sequence[str | None]
    ) -> Sequence[Sight]:
        """Looks at items after `verb` was sent."""
        return await self._looks.look(verb, targets, notes, self._reading.me, self._reading.subreddit)

    async def close(self) -> None:
        """Lets go of everything: the token stays kept, and the HTTP client is the console's."""


def connect(context: Context) -> Connector:
    """Makes the connector of one account."""
    return Reddit(context)
