"""One LinkedIn page: joins the parts and speaks the console's contract."""

from console.api import Capabilities, Connector, Context, NotAllowed, Profile, Target
from console.api.joined import Joined
from plugins.linkedin.acting import Acts
from plugins.linkedin.capability import capabilities
from plugins.linkedin.looking import Looks
from plugins.linkedin.people import People
from plugins.linkedin.posts import Posts
from plugins.linkedin.reading import Reading
from plugins.linkedin.roles import Duty, duties, duty_at, name_of
from plugins.linkedin.scopes import missing_scopes
from plugins.linkedin.session import Session
from plugins.linkedin.signing import NO_PAGE, sign_in
from plugins.linkedin.urns import organisation_urn

__all__ = ["LinkedIn", "connect", "sign_in"]

SEVERAL = "The signed-in person looks after several pages; say which by its number, from the page's address."


class LinkedIn(Joined):
    """The connector of one page. Its methods are those of `console.api.Connector`."""

    def __init__(self, context: Context) -> None:
        """`context` is everything that the console hands in; nothing is sent yet."""
        self._context = context
        self._session = Session(context)
        people = People(self._session, context)
        posts = Posts(self._session, people)
        super().__init__(
            Reading(self._session, posts, people, context),
            Acts(self._session, self._may_delete_others),
            Looks(self._session, posts),
        )

    async def open(self) -> Profile:
        """Signs in, and finds the page and the role that the person has at it."""
        tokens = await self._session.start()
        duty = await self._duty()
        self._session.page = duty.page
        handle, name = await name_of(self._session, duty.page)
        self._session.names = {duty.page: name}
        notices = [*([duty.notice] if duty.notice else []), *missing_scopes(tokens.scopes)]
        return Profile(
            remote_id=duty.page,
            handle=handle,
            name=name,
            token=duty.person,
            app=self._context.settings.get("app", ""),
            ends_at=tokens.ends_at or None,
            notices=notices,
        )

    def can(self, target: Target) -> Capabilities:
        """What can be done to this item, with words."""
        may_delete = self._may_delete_others()
        return capabilities(target, self._context.manifest, may_delete_others=may_delete)

    def _may_delete_others(self) -> bool:
        return self._context.is_on("delete-others")

    async def _duty(self) -> Duty:
        """The page that the settings name, or the only one that the person is administrator of."""
        wanted = organisation_urn(self._context.settings.get("organisation", ""))
        if wanted:
            return await duty_at(self._session, wanted)
        enough = [duty for duty in await duties(self._session) if duty.is_enough]
        if len(enough) > 1:
            raise NotAllowed(SEVERAL)
        if not enough:
            raise NotAllowed(NO_PAGE)
        return enough[0]


def connect(context: Context) -> Connector:
    """Makes the connector of one page."""
    return LinkedIn(context)
