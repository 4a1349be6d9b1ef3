"""The walk to an account: through Facebook's sign-in, by way of the Page that the account is linked to.

What a newcomer would get wrong: Pages without a linked account are offered by Facebook too. Each Page is
asked for its account, and a person chooses among accounts, by the names they know.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from console.api import Choice, Context, Guide, NotAllowed
from console.api.web import Web, safe_address
from plugins.instagram.session import NETWORK, SCOPES, Kept, kept_in, sealed
from plugins.instagram.wire import PAGE_FIELDS, Account, PageNode
from plugins.meta.errors import WrongKind, judge
from plugins.meta.login import API, Door, OwnPage, own_pages, sign_in_person

NO_ACCOUNT = (
    "None of the Pages that were allowed has a professional Instagram account linked to it. Link the account"
    " in the Page's settings, and tick both the Page and the account when Facebook asks."
)


@dataclass(frozen=True, slots=True)
class _Linked:
    """A Page and the account behind it."""

    page: OwnPage
    account: Account


async def sign_in(context: Context, guide: Guide) -> Mapping[str, str]:
    """Walks a person through; see `console.api.signing`. Raises a `Failure`."""
    kept = kept_in(await context.secret.read())
    address = safe_address(context.settings.get("address", ""), API)
    person = kept.token
    if not person:
        person = await _by_browser(context, guide, address, kept.app_secret)
    try:
        pages = await own_pages(context, network=NETWORK, base=address, token=person)
    except WrongKind:
        # A token that has no Pages is a Page's own.
        return await _by_page(context, guide, address, kept)
    linked = [one for page in pages if (one := await _behind(context, address, page)) is not None]
    if not linked:
        raise NotAllowed(NO_ACCOUNT)
    chosen = await _choose(context, guide, linked)
    await context.secret.write(
        sealed(Kept(app_secret=kept.app_secret, person=person, page_token=chosen.page.access_token))
    )
    return {"page": chosen.page.id}


async def _by_browser(context: Context, guide: Guide, address: str, app_secret: str) -> str:
    """The long-lived token of the person who says yes in the browser."""
    app_id = context.settings.get("app_id", "").strip()
    if not (app_id and app_secret):
        raise NotAllowed(
            "To sign in with a browser, the number of the force's own app and its secret are needed."
        )
    await guide.say(
        "Instagram is signed in to through Facebook, as a person who may moderate the linked Page."
    )
    await guide.say("When Facebook asks, tick the Page and the Instagram account, and leave every right on.")
    door = Door(
        network=NETWORK,
        address=address,
        app_id=app_id,
        app_secret=app_secret,
        scopes=tuple(SCOPES),
        in_development=context.is_on("development"),
    )
    return (await sign_in_person(context, guide, door)).text


async def _by_page(context: Context, guide: Guide, address: str, kept: Kept) -> Mapping[str, str]:
    page = await _asked(context, address, "me", kept.token)
    if page.instagram_business_account is None:
        raise NotAllowed(NO_ACCOUNT)
    await guide.say("The token that you gave is the Page's own; no browser is needed.")
    await context.secret.write(sealed(Kept(app_secret=kept.app_secret, page_token=kept.token)))
    return {"page": page.id}


async def _behind(context: Context, address: str, page: OwnPage) -> _Linked | None:
    """The account behind a Page; None when there is none, or we may not know."""
    if not page.access_token:
        return None
    try:
        account = (await _asked(context, address, page.id, page.access_token)).instagram_business_account
    except NotAllowed:
        return None
    return None if account is None else _Linked(page, account)


async def _asked(context: Context, address: str, page: str, token: str) -> PageNode:
    web = Web(context.http, context.now, network=NETWORK, base=address, judge=judge)
    headers = {"authorization": f"Bearer {token}"}
    return await web.ask(page, PageNode, query={"fields": PAGE_FIELDS}, headers=headers)


async def _choose(context: Context, guide: Guide, linked: list[_Linked]) -> _Linked:
    wanted = context.settings.get("page", "").strip()
    if wanted:
        found = next((one for one in linked if one.page.id == wanted), None)
        if found is None:
            raise NotAllowed(
                "The Page that was named is not among those that were allowed, or has no account."
            )
        return found
    choices = [
        Choice(one.page.id, f"{one.account.username or one.account.id} (linked to the Page {one.page.name})")
        for one in linked
    ]
    chosen = await guide.choose("Which Instagram account?", choices)
    return next(one for one in linked if one.page.id == chosen)
