"""The walk of a person to a Page's token.

What a newcomer would get wrong: a token that somebody already has may be a person's or a Page's. Which one it
is, is asked and not believed: only a person has Pages.
"""

from collections.abc import Mapping, Sequence

import msgspec

from console.api import Choice, Context, Guide, NotAllowed
from console.api.web import safe_address
from plugins.facebook.rights import MODERATES, NETWORK, NO_TASK, NOT_A_PAGE, SCOPES
from plugins.facebook.session import CEILING, Kept, read_kept, written
from plugins.facebook.wire import PAGE_FIELDS, PageNode
from plugins.meta.errors import WrongKind
from plugins.meta.graph import Graph
from plugins.meta.login import API, Door, OwnPage, long_lived, own_pages, page_of, sign_in_person

NO_PAGES = (
    "There is no Page behind this sign-in: the person has a role on none, or none was ticked in the dialog."
)
NO_APP = "Signing in needs the id and the secret of the force's own app at Facebook, or a token."


async def sign_in(context: Context, guide: Guide) -> Mapping[str, str]:
    """Walks a person through, keeps what it takes to get in, and gives the Page that was chosen.

    Raises a `Failure`.
    """
    typed = read_kept(await context.secret.read())
    door = _door(context, typed)
    if typed.token:
        token = typed.token
        try:
            pages = await own_pages(context, network=NETWORK, base=door.address, token=token)
        except WrongKind:
            return await _with_page_token(context, typed, door.address)
        if door.app_id and door.app_secret:
            token = (await long_lived(context, door, token)).text
            pages = await own_pages(context, network=NETWORK, base=door.address, token=token)
    else:
        if not door.app_id or not door.app_secret:
            raise NotAllowed(NO_APP)
        await guide.say(
            "Facebook asks which Pages Cordon may look after: tick the force's Pages, and all rights."
        )
        token = (await sign_in_person(context, guide, door)).text
        pages = await own_pages(context, network=NETWORK, base=door.address, token=token)
    page = await _chosen(context, guide, pages)
    if page.tasks and MODERATES not in page.tasks:
        await guide.say(NO_TASK)
    kept = Kept(typed.app_secret, "", token, page.access_token, page.tasks)
    await context.secret.write(written(kept))
    return {"page": page.id}


def _door(context: Context, typed: Kept) -> Door:
    return Door(
        network=NETWORK,
        address=safe_address(context.settings.get("address", ""), API),
        app_id=context.settings.get("app_id", "").strip(),
        app_secret=typed.app_secret.strip(),
        scopes=SCOPES,
        in_development=context.is_on("development"),
        has_pkce=context.is_on("proof_keys"),
    )


async def _chosen(context: Context, guide: Guide, pages: Sequence[OwnPage]) -> OwnPage:
    """The Page that was named beforehand, or is chosen now."""
    if not pages:
        raise NotAllowed(NO_PAGES)
    wanted = context.settings.get("page", "").strip()
    if not wanted:
        choices = [Choice(page.id, page.name or page.id) for page in pages]
        wanted = await guide.choose("Which Page is this account?", choices)
    return page_of(pages, wanted, NETWORK)


async def _with_page_token(context: Context, typed: Kept, address: str) -> Mapping[str, str]:
    """The typed token is a Page's own already: the Page is whoever it belongs to."""
    graph = Graph(context, network=NETWORK, base=address, ceiling=CEILING, token=typed.token)
    try:
        me = await graph.ask("me", PageNode, query={"fields": PAGE_FIELDS})
    except WrongKind as refusal:
        raise NotAllowed(NOT_A_PAGE) from refusal
    wanted = context.settings.get("page", "").strip()
    if wanted and wanted != me.id:
        raise NotAllowed("This token belongs to another Page.")
    kept = msgspec.structs.replace(typed, token="", page_token=typed.token)
    await context.secret.write(written(kept))
    return {"page": me.id}
