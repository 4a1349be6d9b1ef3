"""The sign-in of one account: a token of sixty days, its renewal, and a grant that ends by another clock.

What a newcomer would get wrong: there are two clocks. The token lives 60 days and is renewed for another 60
while it still lives; once it has ended it cannot be renewed. The permission behind it lives 90 days, and a
renewal extends it for public profiles only, so a private account must sign in again whatever is done.
Source: https://developers.facebook.com/docs/threads/get-started/long-lived-tokens.
"""

import asyncio
from collections.abc import Mapping

import msgspec

from console.api import Context, Failure, Guide, NotAllowed, Profile, SignInAgain
from console.api.entries import own_text
from console.api.oauth import App, walk_through
from console.api.web import DAY_MS, MINUTE_MS, safe_address
from plugins.meta.errors import WrongKind
from plugins.meta.graph import Graph
from plugins.meta.tokens import Token, exchange
from plugins.threads.wire import Debugged, Me, QuotaPage, Quotas, TokenWorth, Total

NETWORK = "Threads"
HOME = "https://graph.threads.net"
DOOR = "https://threads.net"
VERSION = "/v1.0"
CALLS = "calls a day"
REPLIES = "replies a day"
DELETIONS = "deletions a day"
SEARCHES = "searches a day"

SCOPES: Mapping[str, str] = {
    "threads_basic": "nothing at all can be read",
    "threads_read_replies": "replies below the account's posts cannot be read",
    "threads_manage_replies": "replies cannot be hidden, approved or answered",
    "threads_content_publish": "nothing can be answered",
    "threads_delete": "the account's own posts cannot be deleted",
    "threads_manage_mentions": "mentions elsewhere cannot be read",
    "threads_keyword_search": "topics cannot be searched for",
}
"""The permissions, and what is not possible without each. Source: Meta's collection and its pages."""

RENEWED_EACH_MS = 7 * DAY_MS
"""A token that is so old is renewed: the permission's own clock is set back with it."""
RENEWABLE_AFTER_MS = DAY_MS
_SHORT_MS = 2 * 60 * MINUTE_MS  # a token that ends so soon is one of an hour
_RETRY_MS = 6 * 60 * MINUTE_MS
_GRANT_MS = 90 * DAY_MS


class Kept(msgspec.Struct, frozen=True, omit_defaults=True):
    """What lies sealed: what the person typed, and what was got by signing in. Times in milliseconds."""

    app_secret: str = ""
    token: str = ""
    """A token that the person already had."""
    access: str = ""
    """The token in use."""
    issued_at: int = 0
    ends_at: int = 0
    """When the token ends unless it is renewed; 0 where nobody said."""


class Session:
    """Sends requests in the account's name, and renews the token long before it ends."""

    def __init__(self, context: Context) -> None:
        """`context` is the connector's; nothing is sent or read yet."""
        self._context = context
        self._address = ""
        self._kept = Kept()
        self._graph: Graph | None = None
        self._retry_at = 0
        self._renewing = asyncio.Lock()
        self.scopes: frozenset[str] | None = None
        """What the person has granted; None while the network has not said."""
        self.username = ""

    @property
    def graph(self) -> Graph:
        """The interface, signed in. Raises SignInAgain before `open`."""
        if self._graph is None:
            raise SignInAgain("This account is not signed in to Threads.")
        return self._graph

    def has(self, *scopes: str) -> bool:
        """Whether one of these permissions is there; true while nobody knows."""
        return self.scopes is None or bool(self.scopes & set(scopes))

    async def open(self) -> Profile:
        """Signs in with the kept token, and asks what it is worth. Raises a `Failure`."""
        context = self._context
        self._address = safe_address(context.settings.get("address", ""), HOME)
        self._kept = kept_in(await context.secret.read())
        token = self._kept.access or self._kept.token
        if not token:
            raise SignInAgain("There is no token for this account. Please sign in to Threads.")
        self._graph = Graph(
            context, network=NETWORK, base=self._address + VERSION, ceiling=CALLS, token=token
        )
        me = await self.graph.ask("me", Me, query={"fields": "id,username,name"})
        self.username = me.username
        worth = await self._worth(token)
        await self._take_up(token, worth)
        await self.renew_if_due()
        await self.learn_quotas()
        return Profile(
            remote_id=me.id,
            handle=me.username,
            name=me.name or me.username,
            token=f"threads {me.id}",
            ends_at=self._grant_ends_at(worth),
            notices=self._notices(),
        )

    async def renew_if_due(self) -> None:
        """Renews the token when it is a week old. Raises SignInAgain only when it has ended."""
        async with self._renewing:
            now, kept = self._context.now(), self._kept
            age = now - kept.issued_at
            if age < RENEWED_EACH_MS or now < self._retry_at:
                return
            self._retry_at = now + _RETRY_MS
            try:
                found = await self._exchange("refresh_access_token", "th_refresh_token", kept.access)
            except SignInAgain:
                raise
            except Failure as failure:
                # It lives for weeks yet, and is tried again in some hours.
                if not kept.ends_at or now < kept.ends_at:
                    self._context.log.warning("The token was not renewed: %s", type(failure).__name__)
                    return
                raise
            await self._keep(found)

    async def learn_quotas(self) -> None:
        """Takes over how many replies and deletions are left, where the network tells."""
        query = {"fields": "reply_quota_usage,reply_config,delete_quota_usage,delete_config"}
        try:
            page = await self.graph.ask("me/threads_publishing_limit", QuotaPage, query=query)
        except NotAllowed:
            return  # it wants rights to publish that this account may do without
        quotas = page.data[0] if page.data else Quotas()
        self._learn(REPLIES, quotas.reply_quota_usage, quotas.reply_config)
        self._learn(DELETIONS, quotas.delete_quota_usage, quotas.delete_config)

    def _learn(self, ceiling: str, used: int | None, config: Total | None) -> None:
        if used is None or config is None or config.quota_total <= 0:
            return
        # The window slides: what is used now comes back bit by bit, so the word holds for an hour only.
        until = self._context.now() + 60 * MINUTE_MS
        self._context.allowance.learn(ceiling, left=max(0, config.quota_total - used), until=until)

    async def _worth(self, token: str) -> TokenWorth | None:
        """What the network says of the token; None when it tells only testers of the app."""
        try:
            return (await self.graph.ask("debug_token", Debugged, query={"input_token": token})).data
        except NotAllowed:
            return None

    async def _take_up(self, token: str, worth: TokenWorth | None) -> None:
        """Keeps what is known of a token, and exchanges one of an hour for one of sixty days."""
        now = self._context.now()
        self.scopes = frozenset(worth.scopes) if worth is not None and worth.scopes else None
        ends_at = worth.expires_at * 1000 if worth is not None else self._kept.ends_at
        issued_at = worth.issued_at * 1000 if worth is not None and worth.issued_at else self._kept.issued_at
        if ends_at and ends_at - now < _SHORT_MS and self._kept.app_secret:
            await self._keep(await self._lengthen(token))
        elif not self._kept.access or not self._kept.issued_at:
            kept = msgspec.structs.replace(
                self._kept, access=token, issued_at=issued_at or now, ends_at=ends_at
            )
            await self._write(kept)

    async def _lengthen(self, token: str) -> Token:
        return await self._exchange("access_token", "th_exchange_token", token, self._kept.app_secret)

    async def _exchange(self, path: str, grant: str, token: str, secret: str = "") -> Token:
        # Threads takes both only as GET with the token in the address; nothing here logs addresses.
        fields = {"grant_type": grant, "access_token": token} | ({"client_secret": secret} if secret else {})
        where = f"{self._address}/{path}"
        return await exchange(self._context, network=NETWORK, address=where, fields=fields, method="GET")

    async def _keep(self, found: Token) -> None:
        """Keeps a new token, sealed, before it is used."""
        now = self._context.now()
        await self._write(
            msgspec.structs.replace(self._kept, access=found.text, issued_at=now, ends_at=found.ends_at or 0)
        )
        self.graph.token = found.text

    async def _write(self, kept: Kept) -> None:
        self._kept = kept
        await self._context.secret.write(msgspec.json.encode(kept).decode())

    def _grant_ends_at(self, worth: TokenWorth | None) -> int:
        """When a person must sign in again: when the permission ends, by the network or by the book."""
        if worth is not None and worth.data_access_expires_at:
            return worth.data_access_expires_at * 1000
        return self._kept.issued_at + _GRANT_MS

    def _notices(self) -> tuple[str, ...]:
        if self.scopes is None:
            return (
                "Threads does not say which permissions this sign-in has; only testers of the app see it.",
            )
        return tuple(
            f"The permission {scope} is missing: {without}. Sign in again and allow it."
            for scope, without in SCOPES.items()
            if scope not in self.scopes
        )


def kept_in(text: str | None) -> Kept:
    """What lies sealed; nothing when it cannot be read."""
    return own_text(text, Kept)


async def sign_in(context: Context, guide: Guide) -> Mapping[str, str]:
    """Walks a person through Threads' sign-in; see `console.api.signing`. Raises a `Failure`."""
    kept = kept_in(await context.secret.read())
    if kept.token:
        await guide.say("The token that you gave is used; no browser is needed.")
        await context.secret.write(msgspec.json.encode(kept).decode())
        return {}
    address = safe_address(context.settings.get("address", ""), HOME)
    app_id, redirect = (
        context.settings.get("app_id", "").strip(),
        context.settings.get("redirect", "").strip(),
    )
    if not (app_id and redirect and kept.app_secret):
        raise NotAllowed(
            "To sign in with a browser, Threads needs the app's id, its secret and its redirect address."
        )
    await guide.say(
        "At the end the browser goes to your own website. Copy the whole address from there, even if the page"
        " says that it was not found."
    )
    door = DOOR if address == HOME or address.endswith("graph.threads.com") else address
    app = App(
        network=NETWORK,
        authorize=f"{door}/oauth/authorize",
        token=f"{address}/oauth/access_token",
        client_id=app_id,
        client_secret=kept.app_secret,
        scopes=tuple(SCOPES),
        redirect=redirect,
        has_pkce=False,
        scope_by=",",
    )
    short = str((await walk_through(context, guide, app))["access_token"])
    fields = {"grant_type": "th_exchange_token", "access_token": short, "client_secret": kept.app_secret}
    where = f"{address}/access_token"
    try:
        found = await exchange(context, network=NETWORK, address=where, fields=fields, method="GET")
    except WrongKind as refusal:
        raise NotAllowed(f"Threads gave no lasting token: {refusal.words}") from refusal
    now = context.now()
    kept = Kept(kept.app_secret, "", found.text, now, found.ends_at or 0)
    await context.secret.write(msgspec.json.encode(kept).decode())
    return {}
