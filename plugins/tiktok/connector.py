"""One TikTok account: joins the parts and speaks the console's contract."""

from console.api import Capabilities, Connector, Context, Profile, Target
from console.api.joined import Joined
from plugins.tiktok.acting import Acts
from plugins.tiktok.capability import capabilities
from plugins.tiktok.comments import Comments
from plugins.tiktok.looking import Looks
from plugins.tiktok.reading import Reading
from plugins.tiktok.session import Session
from plugins.tiktok.signing import sign_in

__all__ = ["TikTok", "connect", "sign_in"]


class TikTok(Joined):
    """The connector of one account. Its methods are those of `console.api.Connector`."""

    def __init__(self, context: Context) -> None:
        """`context` is everything that the console hands in; nothing is sent yet."""
        self._context = context
        self._session = Session(context)
        comments = Comments(self._session)
        super().__init__(Reading(self._session, comments, context), Acts(self._session), Looks(comments))

    async def open(self) -> Profile:
        """Signs in and proves that it works; says which permission is missing."""
        return await self._session.open()

    def can(self, target: Target) -> Capabilities:
        """What can be done to this item, with words."""
        return capabilities(target, self._context.manifest)


def connect(context: Context) -> Connector:
    """Makes the connector of one account."""
    return TikTok(context)
