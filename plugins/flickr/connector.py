"""One Flickr account: joins the parts and speaks the console's contract."""

from console.api import Capabilities, Connector, Context, Profile, Target
from console.api.joined import Joined
from plugins.flickr.acting import Acts
from plugins.flickr.capability import SWITCH, capabilities
from plugins.flickr.looking import Looks
from plugins.flickr.reading import Reading
from plugins.flickr.session import CHECK, LOGIN, Session
from plugins.flickr.walking import sign_in
from plugins.flickr.wire import Login, Token

__all__ = ["Flickr", "connect", "sign_in"]

READ_ONLY = "The sign-in may only read: nothing can be answered or deleted. Sign in again and allow it."


class Flickr(Joined):
    """The connector of one account. Its methods are those of `console.api.Connector`."""

    def __init__(self, context: Context) -> None:
        """`context` is everything that the console hands in; nothing is sent yet."""
        self._manifest = context.manifest
        self._may_delete_others = context.is_on(SWITCH)
        self._session = Session(context)
        self._reading = Reading(self._session, context.now, context.wait, context.is_incident)
        self._looking = Looks(self._session)
        acts = Acts(self._session, may_delete_others=self._may_delete_others)
        super().__init__(self._reading, acts, self._looking)

    async def open(self) -> Profile:
        """Proves that the sign-in works, and asks what it may do."""
        await self._session.load()
        me = (await self._session.ask(LOGIN, Login)).user
        token = (await self._session.ask(CHECK, Token)).oauth
        self._reading.me = self._looking.me = me.id
        handle = str(me.username.content) or token.user.username or me.id
        return Profile(
            remote_id=me.id,
            handle=handle,
            name=token.user.fullname or handle,
            token=me.id,
            app=self._session.key,
            notices=(READ_ONLY,) if token.perms.content == "read" else (),
        )

    def can(self, target: Target) -> Capabilities:
        """What can be done to this item, with words."""
        return capabilities(target, self._manifest, may_delete_others=self._may_delete_others)


def connect(context: Context) -> Connector:
    """Makes the connector of one account."""
    return Flickr(context)
