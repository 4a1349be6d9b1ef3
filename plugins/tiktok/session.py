"""The sign-in of one account: an access token of a day and a refresh token of a year, and requests with them.

The refresh token buys the next access token and may be replaced each time, so what is kept is always the
newest answer. What a newcomer would get wrong: the year of the refresh token does end, whatever is done, and
then only the person who holds the account can help; the console is told that day beforehand.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from console.api import Context, Profile, SignInAgain
from console.api.web import MINUTE_MS, Query, Web, safe_address
from plugins.tiktok.codes import TokenEnded, judge
from plugins.tiktok.wire import AccountAnswer, Grant, GrantAnswer, TokenInfoAnswer

HOME = "https://business-api.tiktok.com/open_api/v1.3"
APP_CEILING = "requests of the app a minute"
EARLY_MS = 15 * MINUTE_MS
"""How long before its end an access token is replaced."""

RIGHTS = {
    "user.info.basic": "say who it is",
    "video.list": "list its videos, so nothing can be read at all",
    "comment.list": "read comments, so every list will be empty",
    "comment.list.manage": "hide, delete, like or answer comments",
}
"""The permissions that Cordon needs, and what it cannot do without each."""

T = TypeVar("T")


class Tokens(msgspec.Struct, frozen=True):
    """What the last grant gave. Ends are milliseconds since 1970."""

    access: str
    refresh: str
    account: str
    """The account's id at this app (`open_id`, which is `business_id` in requests)."""
    access_ends_at: int
    refresh_ends_at: int
    rights: tuple[str, ...] = ()


class Kept(msgspec.Struct, frozen=True):
    """What lies sealed: what a person typed, and the tokens once there are some."""

    app_secret: str = ""
    refresh_token: str = ""
    tokens: Tokens | None = None


class Session:
    """Sends requests in the account's name."""

    def __init__(self, context: Context) -> None:
        """`context` is the connector's; nothing is sent or read yet."""
        self._context = context
        self._kept = Kept()
        self._renewing = asyncio.Lock()
        self._web: Web | None = None

    @property
    def account(self) -> str:
        """The account's id at this app, empty before `open`."""
        return self._kept.tokens.account if self._kept.tokens else ""

    async def open(self) -> Profile:
        """Proves that the sign-in works, and says what is missing of it. Raises a `Failure`."""
        self._kept = await read_kept(self._context)
        self._web = web_of(self._context)
        if self._kept.tokens is None:
            await self._renew("")
        query = {"business_id": self.account, "fields": json_text(["username", "display_name"])}
        me = (await self.ask("business/get/", query, AccountAnswer)).data
        name = me.display_name or me.username or self.account
        rights = await self.rights()
        return Profile(
            remote_id=self.account,
            handle=me.username or name,
            name=name,
            app=self._context.settings.get("app", ""),
            ends_at=self._tokens().refresh_ends_at,
            notices=missing_rights(rights),
        )

    async def rights(self) -> Sequence[str]:
        """The permissions that the account gave to the app, asked of TikTok. Raises a `Failure`."""
        await self._context.allowance.take(APP_CEILING)
        body = {"app_id": self._context.settings.get("app", ""), "access_token": await self._access()}
        found = await self._host().ask("tt_user/token_info/get/", TokenInfoAnswer, method="POST", body=body)
        return rights_in(found.data.scope)

    async def ask(self, path: str, query: Query, kind: type[T], *, ceiling: str = "") -> T:
        """Reads something, counted against `ceiling` and the app's own. Raises a `Failure`."""
        if ceiling:
            await self._context.allowance.take(ceiling)
        await self._context.allowance.take(APP_CEILING)

        async def send(token: str) -> T:
            return await self._host().ask(path, kind, query=query, headers={"access-token": token})

        return await self._with_token(send)

    async def tell(self, path: str, body: Mapping[str, Any], kind: type[T]) -> T:
        """Changes something; the account's id is added. Raises a `Failure`."""

        async def send(token: str) -> T:
            full = {"business_id": self.account, **body}
            return await self._host().tell("POST", path, kind, body=full, headers={"access-token": token})

        return await self._with_token(send)

    async def _with_token(self, send: Callable[[str], Awaitable[T]]) -> T:
        """Sends with a token that lives; once more where it had ended after all.

        TikTok looks at the token before it does anything, so sending again does nothing twice.
        """
        token = await self._access()
        try:
            return await send(token)
        except TokenEnded:
            return await send(await self._renew(token))

    async def _access(self) -> str:
        tokens = self._tokens()
        if tokens.access_ends_at - self._context.now() > EARLY_MS:
            return tokens.access
        return await self._renew(tokens.access)

    async def _renew(self, ended: str) -> str:
        """An access token in place of one that has ended; several callers at once renew once."""
        async with self._renewing:
            tokens = self._kept.tokens
            if tokens is not None and tokens.access != ended:
                return tokens.access
            refresh = tokens.refresh if tokens else self._kept.refresh_token
            if not refresh:
                raise SignInAgain("There is no sign-in for this TikTok account; sign in with the browser.")
            try:
                grant = await redeem(self._context, self._kept.app_secret, refresh_token=refresh)
            except TokenEnded as failure:
                raise SignInAgain(failure.words) from failure
            self._kept = await keep(self._context, self._kept, grant)
            return self._tokens().access

    def _tokens(self) -> Tokens:
        if self._kept.tokens is None:
            raise SignInAgain("This TikTok account is not signed in.")
        return self._kept.tokens

    def _host(self) -> Web:
        if self._web is None:
            raise SignInAgain("This TikTok account is not signed in.")
        return self._web


def web_of(context: Context) -> Web:
    """TikTok as this account's settings name it. Raises NotAllowed for an unsafe address."""
    base = safe_address(context.settings.get("address", ""), HOME)
    return Web(context.http, context.now, network="TikTok", base=base, judge=judge)


async def read_kept(context: Context) -> Kept:
    """What lies sealed. Raises SignInAgain when nothing usable does."""
    try:
        kept = msgspec.json.decode(await context.secret.read() or "", type=Kept)
    except msgspec.DecodeError:
        raise SignInAgain("There is no sign-in for this TikTok account.") from None
    if not kept.app_secret.strip():
        raise SignInAgain("The secret of the force's TikTok app is missing; give it again.")
    return kept


async def redeem(context: Context, app_secret: str, **form: str) -> Grant:
    """A grant for a code (`auth_code`, `redirect_uri`) or a `refresh_token`. Raises a `Failure`."""
    is_renewal = "refresh_token" in form
    path = "tt_user/oauth2/refresh_token/" if is_renewal else "tt_user/oauth2/token/"
    body = {
        "client_id": context.settings.get("app", ""),
        "client_secret": app_secret,
        "grant_type": "refresh_token" if is_renewal else "authorization_code",
        **form,
    }
    return (await web_of(context).ask(path, GrantAnswer, method="POST", body=body)).data


async def keep(context: Context, kept: Kept, grant: Grant) -> Kept:
    """Keeps a grant, sealed, before it is used: the old refresh token may be spent."""
    now = context.now()
    tokens = Tokens(
        grant.access_token,
        grant.refresh_token,
        grant.open_id,
        now + grant.expires_in * 1000,
        now + grant.refresh_token_expires_in * 1000,
        tuple(rights_in(grant.scope)),
    )
    fresh = Kept(kept.app_secret, "", tokens)
    await context.secret.write(msgspec.json.encode(fresh).decode())
    return fresh


def rights_in(scope: str) -> list[str]:
    """The permissions in a list with commas."""
    return [one.strip() for one in scope.split(",") if one.strip()]


def missing_rights(rights: Sequence[str]) -> list[str]:
    """A sentence for each permission that is missing; none when TikTok named none at all."""
    if not rights:
        return []
    return [
        f"TikTok's permission {name} is missing: Cordon cannot {words}. Authorise the account again with it."
        for name, words in RIGHTS.items()
        if name not in rights
    ]


def json_text(value: Sequence[str]) -> str:
    """A list as TikTok wants it in a query: as JSON."""
    return msgspec.json.encode(value).decode()
