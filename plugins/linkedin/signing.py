"""The walk through LinkedIn's sign-in, and the choice of the page.

What a newcomer would get wrong: the person who signs in is not the account. They lend their role at the page,
and when they lose it, or leave, the page is deaf; so a page can be chosen only where the role suffices.
"""

from collections.abc import Mapping

from console.api import Choice, Context, Guide, NotAllowed
from console.api.oauth import walk_through
from plugins.linkedin.roles import duties, name_of
from plugins.linkedin.scopes import missing_scopes
from plugins.linkedin.session import Session, app_of, keep_grant, keep_typed, read_kept
from plugins.linkedin.urns import number_of, organisation_urn

NO_SECRET = (
    "LinkedIn wants the client secret of the force's app, from its page “Auth”. Give it and start again."  # noqa: S105 - words for a person
)
NO_PAGE = (
    "The person who signed in is super admin of no page at LinkedIn. A super admin of the force's page must "
    "make them one (Admin tools, Manage admins); then start again."
)
MOST_NAMES = 20
"""Pages whose names are asked for; each takes a call of the day."""


async def sign_in(context: Context, guide: Guide) -> Mapping[str, str]:
    """Walks a person through; keeps the tokens and gives the page's number. Raises a `Failure`."""
    kept = await read_kept(context)
    if kept.access_token.strip() or kept.refresh_token.strip():
        await guide.say("Cordon tries the token that you gave.")
        kept = await keep_typed(context, kept)
    else:
        if not kept.app_secret.strip() and not context.is_on("native-pkce"):
            raise NotAllowed(NO_SECRET)
        await guide.say("Sign in at LinkedIn as a person who is super admin of the force's page.")
        kept = await keep_grant(
            context, kept, await walk_through(context, guide, app_of(context, kept.app_secret))
        )
    if kept.tokens is not None:
        for words in missing_scopes(kept.tokens.scopes):
            await guide.say(words)
    session = Session(context)
    await session.start()
    return {"organisation": number_of(await _page(context, session, guide))}


async def _page(context: Context, session: Session, guide: Guide) -> str:
    """The page that Cordon shall look after."""
    all_of_them = await duties(session)
    pages = [duty.page for duty in all_of_them if duty.is_enough]
    wanted = organisation_urn(context.settings.get("organisation", ""))
    if wanted:
        for duty in all_of_them:
            if duty.page == wanted and duty.notice:
                raise NotAllowed(duty.notice)
        pages = [page for page in pages if page == wanted]
    if not pages:
        raise NotAllowed(NO_PAGE)
    choices = [
        Choice(page, (await name_of(session, page))[1] if place < MOST_NAMES else number_of(page))
        for place, page in enumerate(pages)
    ]
    return await guide.choose("Which page shall Cordon look after?", choices)
