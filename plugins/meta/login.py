"""The walk through Facebook's sign-in to the Pages behind it; Instagram's linked accounts hang on Pages too.

    the person says yes → a code → a token for an hour → one for about 60 days → the Pages and their tokens

Sources: https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow (the dialog, the
addresses to come back to) and .../guides/access-tokens/get-long-lived (the exchange; Pages' tokens that come
from a long-lived token have no date of expiry).

What a newcomer would get wrong: a Page's token that comes from the short-lived token dies within the hour.
The exchange comes first, and it needs the app's secret, so each force has an app of its own.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import msgspec

from console.api import Context, Guide, NotAllowed
from console.api.oauth import App, walk_through
from console.api.web import Web
from plugins.meta.errors import judge
from plugins.meta.graph import Listing
from plugins.meta.tokens import Token, exchange

API = "https://graph.facebook.com/v26.0"
"""The interface's address. Version: https://developers.facebook.com/docs/graph-api/changelog."""
DONE_PAGE = "https://www.facebook.com/connect/login_success.html"
"""Where the browser is sent in the end when there is no server; the person pastes its address."""
_MOST_PAGES = 50


@dataclass(frozen=True, slots=True)
class Door:
    """A force's own app at Facebook, and what is asked for through it."""

    network: str
    """The network's name for people."""
    address: str
    """The interface's address with the version; when it is not `API`, all others are derived from it."""
    app_id: str
    app_secret: str = field(repr=False)
    scopes: Sequence[str]
    in_development: bool = False
    """Whether the app is in development mode: the browser then comes back to this machine by itself."""
    has_pkce: bool = False
    """Whether to send proof keys, which Facebook is said to take."""

    @property
    def dialog(self) -> str:
        """Where the person says yes."""
        if urlsplit(self.address).hostname == "graph.facebook.com":
            return self.address.replace("://graph.", "://www.", 1) + "/dialog/oauth"
        return f"{self.address}/dialog/oauth"

    @property
    def exchange(self) -> str:
        """Where codes and tokens become tokens."""
        return f"{self.address}/oauth/access_token"


class OwnPage(msgspec.Struct, frozen=True):
    """A Page on which the person has a role."""

    id: str
    name: str = ""
    access_token: str = ""
    tasks: list[str] = []
    """What the person may do there: `MODERATE`, `CREATE_CONTENT`, `MESSAGING` and others."""


async def sign_in_person(context: Context, guide: Guide, door: Door) -> Token:
    """Walks the person through, and gives their long-lived token. Raises a `Failure`."""
    app = App(
        network=door.network,
        authorize=door.dialog,
        token=door.exchange,
        client_id=door.app_id,
        client_secret=door.app_secret,
        scopes=door.scopes,
        scope_by=",",
        redirect="" if door.in_development else DONE_PAGE,
        landing_host="localhost",
        has_pkce=door.has_pkce,
    )
    given = await walk_through(context, guide, app)
    return await long_lived(context, door, str(given["access_token"]))


async def long_lived(context: Context, door: Door, token: str) -> Token:
    """A token for about 60 days in place of one for an hour. Raises a `Failure`."""
    fields = {
        "grant_type": "fb_exchange_token",
        "client_id": door.app_id,
        "client_secret": door.app_secret,
        "fb_exchange_token": token,
    }
    return await exchange(context, network=door.network, address=door.exchange, fields=fields)


async def own_pages(context: Context, *, network: str, base: str, token: str) -> list[OwnPage]:
    """Every Page of the person behind a token, with the Pages' own tokens. Raises a `Failure`."""
    return [
        page
        async for page in _own_pages(
            Web(context.http, context.now, network=network, base=base, judge=judge), token
        )
    ]


async def _own_pages(web: Web, token: str) -> AsyncIterator[OwnPage]:
    query: Mapping[str, str | int] = {"fields": "id,name,access_token,tasks", "limit": 100}
    for _ in range(_MOST_PAGES):
        found = await web.ask(
            "me/accounts", Listing, query=query, headers={"authorization": f"Bearer {token}"}
        )
        for raw in found.data:
            try:
                yield msgspec.json.decode(raw, type=OwnPage)
            except (msgspec.DecodeError, UnicodeDecodeError):
                continue  # one Page that cannot be read is one that cannot be chosen
        if not found.goes_on:
            return
        query = {**query, **found.goes_on}


def page_of(pages: Sequence[OwnPage], page_id: str, network: str) -> OwnPage:
    """The Page with this id and a token of its own. Raises NotAllowed when there is none."""
    found = next((page for page in pages if page.id == page_id), None)
    if found is None:
        raise NotAllowed(
            f"This person has no role on that {network} Page, or did not allow Cordon to see it."
        )
    if not found.access_token:
        raise NotAllowed(
            f"{network} gives no token for this Page: the person needs a role on it that may moderate."
        )
    return found
