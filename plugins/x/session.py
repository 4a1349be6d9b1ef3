"""The sign-in of one account, and requests in its name.

An access token lasts two hours and is renewed a little earlier; each renewal may bring another refresh
token, which is kept before anything else is sent. What a newcomer would get wrong: there are two sorts of
token. The account's own is for everything; the app's (a secret of the whole app) is for streams only.
Source: https://docs.x.com/resources/fundamentals/authentication/oauth-2-0/authorization-code.
"""

import asyncio
import base64
import hashlib
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from console.api import Context, Guide, Misunderstood, NotAllowed, Profile, SignInAgain
from console.api.oauth import App, renew, walk_through
from console.api.web import Query, Reply, Web, safe_address, time_in
from plugins.x import names
from plugins.x.money import USER, Money
from plugins.x.problems import RESET, meaning
from plugins.x.wire import Listed, One, User

T = TypeVar("T")
HOME = "https://api.x.com"
SIGN_IN_PAGE = "https://x.com/i/oauth2/authorize"
LANDING_PATH = "/x"
LANDING_PORT = 8976
EARLY_MS = 5 * 60_000
"""How long before its end a token is renewed."""
NEEDED = ("tweet.read", "users.read", "tweet.write", "tweet.moderate.write", "mute.read", "mute.write")
"""Rights without which something of Cordon does not work."""
LONG = "offline.access"
BLOCKS = "enterprise_blocks"


class Tokens(msgspec.Struct, frozen=True):
    """What the last sign-in or renewal gave."""

    access: str
    refresh: str = ""
    ends_at: int = 0
    """Milliseconds since 1970; 0 when that is not known."""
    scope: str = ""


class Kept(msgspec.Struct, frozen=True):
    """What lies sealed: what a person typed, and the tokens once there are some."""

    client_secret: str = ""
    app_token: str = ""
    refresh_token: str = ""
    session: Tokens | None = None


class Session:
    """Sends requests in the account's name, pays for them, and renews the sign-in."""

    def __init__(self, context: Context, money: Money) -> None:
        """Nothing is sent or read yet."""
        self._context, self.money = context, money
        self._web: Web | None = None
        self._kept = Kept()
        self._renewing = asyncio.Lock()
        self.me = User("")
        """The account itself; empty before `open`."""

    @property
    def app_token(self) -> str:
        """The app's own token, for streams; empty when nobody gave it."""
        return self._kept.app_token.strip()

    @property
    def web(self) -> Web:
        """Requests without anybody's name. Raises SignInAgain before `open`."""
        if self._web is None:
            raise SignInAgain("This account is not signed in.")
        return self._web

    async def open(self) -> Profile:
        """Signs in with what is kept, and asks who we are. Raises a `Failure`."""
        context = self._context
        self._web = Web(context.http, context.now, network="X", base=address_of(context), judge=meaning)
        await self.money.open()
        self._kept = kept_in(await context.secret.read())
        if self._kept.session is None:
            if not self._kept.refresh_token.strip():
                raise SignInAgain("This account has not been signed in to X yet.")
            await self._renew("")
        reply = await self.reply("GET", names.ME, query=names.USERS, ceiling="authors looked up")
        self.me = reply.read(One[User]).data
        if not self.me.id or not self.me.username:
            raise Misunderstood("X did not say whose account this is.")
        await self.money.pay([self.me.id], USER)
        return Profile(
            remote_id=self.me.id,
            handle=self.me.username,
            name=plain_name(self.me),
            token=f"x:{self.me.id}",
            app=_short(context.settings.get("client_id", "")),
            notices=_notices(self._kept.session, context),
        )

    async def ask(self, path: str, query: Query, *, ceiling: str) -> Listed:
        """Reads a list in the account's name, counted against a ceiling. Raises a `Failure`."""
        await self._context.allowance.take(ceiling)
        found = (await self.reply("GET", path, query=query, ceiling=ceiling)).read(Listed)
        if not found.is_one:
            raise Misunderstood("X's answer is no list of posts or authors.")
        return found

    async def tell(self, method: str, path: str, body: Any, kind: type[T], *, ceiling: str) -> T:
        """Changes something in the account's name. Raises a `Failure`."""
        reply = await self.reply(method, path, body=body, does_write=True, ceiling=ceiling)
        return reply.read(kind)

    async def reply(self, method: str, path: str, *, ceiling: str, **how: Any) -> Reply:
        """Sends a request with a token that is taken; a token is checked before anything is done."""
        token = await self._fresh()
        try:
            reply = await self._send(method, path, token, how)
        except SignInAgain:
            token = await self._renew(token)
            reply = await self._send(method, path, token, how)
        self.learn(ceiling, reply.headers)
        return reply

    def learn(self, ceiling: str, headers: Mapping[str, str]) -> None:
        """Takes to heart what the headers say of a ceiling."""
        left = headers.get("x-rate-limit-remaining", "")
        until = time_in(headers.get(RESET), self._context.now())
        if left.isascii() and left.isdecimal() and until is not None and until > self._context.now():
            self._context.allowance.learn(ceiling, left=int(left), until=until)

    async def _send(self, method: str, path: str, token: str, how: Mapping[str, Any]) -> Reply:
        return await self.web.reply(method, path, headers=bearer(token), **how)

    async def _fresh(self) -> str:
        """A token that lasts a while yet."""
        tokens = self._kept.session
        if tokens is None:
            raise SignInAgain("This account is not signed in.")
        if tokens.refresh and tokens.ends_at and tokens.ends_at - self._context.now() < EARLY_MS:
            return await self._renew(tokens.access)
        return tokens.access

    async def _renew(self, ended: str) -> str:
        """A token in place of one that has ended; several callers at once renew once."""
        async with self._renewing:
            tokens = self._kept.session
            if tokens is not None and tokens.access != ended:
                return tokens.access
            refresh = (tokens.refresh if tokens else "") or self._kept.refresh_token.strip()
            if not refresh:
                raise SignInAgain("The sign-in at X has ended, and cannot be renewed without a person.")
            answer = await renew(self._context, app_of(self._context, self._kept), refresh)
            kept = with_tokens(self._kept, answer, self._context.now(), refresh)
            await self._context.secret.write(msgspec.json.encode(kept).decode())
            self._kept = kept
            return kept.session.access if kept.session else ""


async def sign_in(context: Context, guide: Guide) -> Mapping[str, str]:
    """Walks a person through the browser and keeps what it gives. Raises a `Failure`."""
    try:
        kept = msgspec.json.decode(await context.secret.read() or "{}", type=Kept)
    except msgspec.DecodeError:
        raise NotAllowed("What was typed for this account cannot be read. Please start again.") from None
    if not context.settings.get("client_id", "").strip():
        raise NotAllowed("X needs the Client ID of the force's app: see Keys and tokens in X's console.")
    if kept.refresh_token.strip():
        answer = await renew(context, app_of(context, kept), kept.refresh_token.strip())
    else:
        await guide.say("X asks for the app's rights one by one; say yes to all of them.")
        answer = await walk_through(context, guide, app_of(context, kept))
    kept = with_tokens(kept, answer, context.now(), kept.refresh_token.strip())
    await context.secret.write(msgspec.json.encode(kept).decode())
    return {}


def app_of(context: Context, kept: Kept) -> App:
    """The force's app at X. Raises NotAllowed for an address that is not safe."""
    base = address_of(context)
    port = context.settings.get("landing_port", "").strip()
    return App(
        network="X",
        authorize=SIGN_IN_PAGE if base == HOME else base + names.AUTHORIZE,
        token=base + names.TOKEN,
        client_id=context.settings.get("client_id", "").strip(),
        client_secret=kept.client_secret.strip(),
        scopes=scopes_of(context),
        port=int(port) if port.isascii() and port.isdecimal() and int(port) < 65_536 else LANDING_PORT,
        path=LANDING_PATH,
        uses_basic=True,
    )


def scopes_of(context: Context) -> list[str]:
    """The rights to ask for, none that is not needed."""
    found = list(NEEDED)
    # Asking for the account's activity takes the right to read messages, even if none are wanted.
    if context.settings.get("messages") == "on" or way_of_reading(context) == "activity":
        found.append("dm.read")
    if context.is_on(BLOCKS):
        found += ["block.read", "block.write"]
    return [*found, LONG]


def way_of_reading(context: Context) -> str:
    """What a person chose: `polling`, `activity` or `filtered`; or what they mistyped."""
    return context.settings.get("reading", "").strip().lower() or "polling"


def with_tokens(kept: Kept, answer: Mapping[str, Any], now: int, refresh: str) -> Kept:
    """What is to be kept after a token endpoint's answer; the old refresh token if it brought none."""
    seconds = answer.get("expires_in")
    tokens = Tokens(
        access=str(answer["access_token"]),
        refresh=str(answer.get("refresh_token") or refresh),
        ends_at=now + int(seconds) * 1000 if isinstance(seconds, int | float) else 0,
        scope=str(answer.get("scope") or (kept.session.scope if kept.session else "")),
    )
    return Kept(kept.client_secret, kept.app_token, "", tokens)


def kept_in(text: str | None) -> Kept:
    """What lies sealed. Raises SignInAgain when nothing that can be read does."""
    try:
        return msgspec.json.decode(text or "", type=Kept)
    except msgspec.DecodeError:
        raise SignInAgain("There is no sign-in for this account.") from None


def address_of(context: Context) -> str:
    """The interface's address. Raises NotAllowed for one that would send the token in clear."""
    return safe_address(context.settings.get("address", ""), HOME)


def bearer(token: str) -> Mapping[str, str]:
    """The header that carries a token."""
    return {"authorization": f"Bearer {token}"}


def plain_name(user: User) -> str:
    """What an account calls itself."""
    return user.name or user.username


def _notices(tokens: Tokens | None, context: Context) -> tuple[str, ...]:
    """Rights that the person did not give, as far as X said which it gave."""
    if tokens is None or not tokens.scope:
        return ()
    given = set(tokens.scope.split())
    missing = [scope for scope in scopes_of(context) if scope not in given]
    if not missing:
        return ()
    words = f"X has not given these rights: {', '.join(missing)}. What needs them does not work; "
    return (f"{words}sign in again and say yes to all of them.",)


def _short(text: str) -> str:
    """Stands for the app without naming it."""
    return base64.b32encode(hashlib.sha256(text.encode()).digest()[:10]).decode() if text.strip() else ""
