"""The sign-in of one page: an access token of 60 days, a refresh token, and requests counted against the day.

What a newcomer would get wrong: renewing buys no time. The refresh token ends a year after the person first
said yes and is never made longer, so the end that is told to the console comes from what was left at the
last grant, and never moves further away.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec

from console.api import Context, SignInAgain
from console.api.oauth import App, renew
from console.api.web import DAY_MS, Reply, Web, safe_address
from plugins.linkedin.refusals import TokenEnded, judge
from plugins.linkedin.scopes import SCOPES
from plugins.linkedin.wire import Grant

HOME = "https://api.linkedin.com/rest"
SIGN_IN_HOME = "https://www.linkedin.com"
CEILINGS = ("calls of one person a day", "calls of the app a day")
EARLY_MS = DAY_MS
"""How long before its end an access token is replaced."""
ACCESS_LIFE_MS = 60 * DAY_MS
VERSION = "202607"

T = TypeVar("T")


class Tokens(msgspec.Struct, frozen=True):
    """What the last grant gave. Ends are milliseconds since 1970."""

    access: str
    access_ends_at: int
    refresh: str = ""
    ends_at: int = 0
    """When a person must sign in again, whatever is done."""
    scopes: tuple[str, ...] = ()


class Kept(msgspec.Struct, frozen=True):
    """What lies sealed: what a person typed, and the tokens once there are some."""

    app_secret: str = ""
    access_token: str = ""
    refresh_token: str = ""
    tokens: Tokens | None = None


class Session:
    """Sends requests in the name of the signed-in person, for the page."""

    def __init__(self, context: Context) -> None:
        """`context` is the connector's; nothing is sent or read yet."""
        self._context = context
        self._kept = Kept()
        self._renewing = asyncio.Lock()
        self._web: Web | None = None
        self.page = ""
        """The page's name (`urn:li:organization:…`); set once it is known."""
        self.names: dict[str, str] = {}
        """What people call the page, by its name."""

    async def start(self) -> Tokens:
        """Reads the kept sign-in and makes it usable. Raises a `Failure`."""
        self._kept = await read_kept(self._context)
        base = safe_address(self._context.settings.get("address", ""), HOME)
        self._web = Web(self._context.http, self._context.now, network="LinkedIn", base=base, judge=judge)
        if self._kept.tokens is None:
            self._kept = await keep_typed(self._context, self._kept)
        return self._tokens()

    async def ask(self, address: str, kind: type[T]) -> T:
        """Reads something. Raises a `Failure`."""
        return (await self._send("GET", address, None, {})).read(kind)

    async def tell(
        self, method: str, address: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Changes something; gives the answer, whose headers matter. Raises a `Failure`."""
        return await self._send(method, address, body, headers or {})

    async def _send(self, method: str, address: str, body: Any, more: Mapping[str, str]) -> Reply:
        if self._web is None:
            raise SignInAgain("This LinkedIn page is not signed in.")
        token = await self._access()
        try:
            return await self._once(self._web, token, method, address, body, more)
        except TokenEnded:
            token = await self._renewed(token)  # a token is looked at before anything is done
        return await self._once(self._web, token, method, address, body, more)

    async def _once(
        self, web: Web, token: str, method: str, address: str, body: Any, more: Mapping[str, str]
    ) -> Reply:
        is_reading = method == "GET"
        if is_reading:  # the console counts acts itself
            for ceiling in CEILINGS:
                await self._context.allowance.take(ceiling)
        headers = {
            "authorization": f"Bearer {token}",
            "linkedin-version": self._context.settings.get("version", "").strip() or VERSION,
            "x-restli-protocol-version": "2.0.0",
            **more,
        }
        return await web.reply(method, address, body=body, headers=headers, does_write=not is_reading)

    async def _access(self) -> str:
        tokens = self._tokens()
        if tokens.refresh and tokens.access_ends_at - self._context.now() <= EARLY_MS:
            return await self._renewed(tokens.access)
        return tokens.access

    async def _renewed(self, ended: str) -> str:
        """Another access token than the one that ended; several callers at once renew once."""
        async with self._renewing:
            tokens = self._tokens()
            if tokens.access != ended:
                return tokens.access
            if not tokens.refresh:
                raise SignInAgain("The sign-in at LinkedIn has ended; sign in again with the browser.")
            app = app_of(self._context, self._kept.app_secret)
            found = await renew(self._context, app, tokens.refresh)
            self._kept = await keep_grant(self._context, self._kept, found)
            return self._tokens().access

    def _tokens(self) -> Tokens:
        if self._kept.tokens is None:
            raise SignInAgain("This LinkedIn page is not signed in.")
        return self._kept.tokens


def app_of(context: Context, app_secret: str) -> App:
    """The force's own app and LinkedIn's sign-in, both as this account's settings name them."""
    address = safe_address(context.settings.get("address", ""), HOME)
    parts = urlsplit(address)
    home = SIGN_IN_HOME if address == HOME else f"{parts.scheme}://{parts.netloc}"
    is_native = context.is_on("native-pkce")
    port = context.settings.get("port", "").strip()
    return App(
        network="LinkedIn",
        authorize=f"{home}/oauth/{'native-pkce' if is_native else 'v2'}/authorization",
        token=f"{home}/oauth/v2/accessToken",
        client_id=context.settings.get("app", ""),
        client_secret="" if is_native else app_secret,
        scopes=tuple(SCOPES),
        redirect="" if is_native else context.settings.get("redirect", "").strip(),
        port=0 if is_native or not port.isdecimal() else int(port),
        landing_host="127.0.0.1" if is_native else "localhost",
        has_pkce=is_native,
    )


async def read_kept(context: Context) -> Kept:
    """What lies sealed. Raises SignInAgain when it cannot be read."""
    try:
        return msgspec.json.decode(await context.secret.read() or "", type=Kept)
    except msgspec.DecodeError:
        raise SignInAgain("There is no sign-in for this LinkedIn page.") from None


async def keep_typed(context: Context, kept: Kept) -> Kept:
    """Keeps the tokens that a person typed. Raises SignInAgain when there are none."""
    refresh, access = kept.refresh_token.strip(), kept.access_token.strip()
    if refresh:
        found = await renew(context, app_of(context, kept.app_secret), refresh)
        return await keep_grant(context, kept, found)
    if not access:
        raise SignInAgain("There is no sign-in for this LinkedIn page; sign in with the browser.")
    # Nobody said when it was made, so it ends in 60 days at the latest.
    end = context.now() + ACCESS_LIFE_MS
    return await _write(context, kept, Tokens(access, end, ends_at=end))


async def keep_grant(context: Context, kept: Kept, found: Mapping[str, Any]) -> Kept:
    """Keeps what the token endpoint gave, sealed. Raises SignInAgain when it cannot be read."""
    try:
        grant = msgspec.convert(found, Grant)
    except msgspec.ValidationError:
        raise SignInAgain("LinkedIn's answer to the sign-in cannot be read; sign in again.") from None
    now, before = context.now(), kept.tokens
    access_ends_at = now + grant.expires_in * 1000
    refresh = grant.refresh_token or (before.refresh if before else kept.refresh_token)
    if grant.refresh_token_expires_in:
        ends_at = now + grant.refresh_token_expires_in * 1000
    else:
        ends_at = before.ends_at if before and refresh else 0 if refresh else access_ends_at
    if before and before.ends_at:
        ends_at = min(ends_at or before.ends_at, before.ends_at)
    scopes = tuple(grant.scope.replace(",", " ").split()) or (before.scopes if before else ())
    return await _write(context, kept, Tokens(grant.access_token, access_ends_at, refresh, ends_at, scopes))


async def _write(context: Context, kept: Kept, tokens: Tokens) -> Kept:
    fresh = Kept(kept.app_secret, tokens=tokens)
    await context.secret.write(msgspec.json.encode(fresh).decode())
    return fresh
