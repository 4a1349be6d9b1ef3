"""The sign-in of one account: an app password, and the two tokens that it buys.

The access token lasts about two hours, the refresh token about three months and is replaced each time
it is used. What a newcomer would get wrong: signing in anew is not the way to renew. A host allows 30
sign-ins in five minutes and 300 a day, so the tokens are kept, sealed, and renewed; the password is
used only when there are none, or when neither is taken any more.
"""

import asyncio
import base64
import re
from collections.abc import Mapping
from typing import Any, Protocol, TypeVar
from urllib.parse import urlsplit

import msgspec

from console.api import Context, NotAllowed, Profile, SignInAgain
from console.api.web import Reply, safe_address, time_in
from plugins.bluesky.wire import Actor, SessionBody, WhoAmI
from plugins.bluesky.xrpc import Parameters, TokenEnded, Xrpc

T = TypeVar("T")
HOME = "https://bsky.social"
REQUESTS = "requests in five minutes"
_CEILINGS = {300: REQUESTS, 3600: "writes an hour", 86_400: "writes a day"}
"""The ceiling that a header speaks of, by the seconds of its policy."""
_POLICY = re.compile(r"(\d+);\s*w=(\d+)")
_SIGNING_IN = "com.atproto.server."
"""Calls with allowances of their own, of which nothing else takes."""
_FULL_SCOPE = "com.atproto.access"
"""The scope of a token that was bought with the account's main password."""
_NO_HANDLE = "handle.invalid"


class Asks(Protocol):
    """Whoever can ask the network in the account's name."""

    async def ask(self, nsid: str, query: Parameters, kind: type[T]) -> T:
        """Sends a query. Raises a `Failure`."""


class Tokens(msgspec.Struct, frozen=True):
    """What the last sign-in or renewal gave."""

    did: str
    handle: str
    access: str
    refresh: str


class Kept(msgspec.Struct, frozen=True):
    """What lies sealed: the app password, and the tokens once there are some."""

    password: str
    session: Tokens | None = None


class Session:
    """Sends requests in the account's name, and renews the sign-in when it has ended."""

    def __init__(self, context: Context) -> None:
        """`context` is the connector's; nothing is sent or read yet."""
        self._context = context
        self._password = ""
        self._tokens: Tokens | None = None
        self._xrpc: Xrpc | None = None
        self._renewing = asyncio.Lock()

    @property
    def did(self) -> str:
        """The account's own identity, empty before `open`."""
        return self._tokens.did if self._tokens else ""

    async def open(self) -> Profile:
        """Signs in, with the kept tokens if they are still taken. Raises a `Failure`."""
        host = _checked_host(self._context)
        self._xrpc = Xrpc(self._context.http, host, self._context.now, self._learn)
        kept = _kept(await self._context.secret.read())
        self._password, self._tokens = kept.password, kept.session
        if self._tokens is None:
            await self._sign_in()
        me = await self.ask("com.atproto.server.getSession", {}, WhoAmI)
        if not me.active:
            raise SignInAgain(f"Bluesky says that this account is {me.status or 'not active'}.")
        return Profile(
            remote_id=me.did,
            handle=me.handle,
            name=await self._name(me),
            app=urlsplit(host).netloc,  # the host counts requests by where they come from, which is here
            notices=_notices(me, self._current()),
        )

    async def ask(self, nsid: str, query: Parameters, kind: type[T]) -> T:
        """Sends a query in the account's name. Raises a `Failure`."""
        token = self._current().access
        try:
            return await self._host().ask(nsid, query, kind, token=token)
        except TokenEnded:
            token = await self._renew(token)
        return await self._host().ask(nsid, query, kind, token=token)

    async def tell(self, nsid: str, body: Mapping[str, Any], kind: type[T]) -> T:
        """Sends a procedure in the account's name. Raises a `Failure`.

        A token is checked before anything is done, so trying again with a new one is safe.
        """
        token = self._current().access
        try:
            return await self._host().tell(nsid, body, kind, token=token)
        except TokenEnded:
            token = await self._renew(token)
        return await self._host().tell(nsid, body, kind, token=token)

    async def take(self, requests: int = 1) -> None:
        """Counts requests of reading. Raises SlowDown when nothing is left for longer than a minute."""
        await self._context.allowance.take(REQUESTS, requests)

    def left(self) -> int | None:
        """How many requests may still be spent on reading now; None when there is no end."""
        return self._context.allowance.left(REQUESTS)

    def _learn(self, nsid: str, reply: Reply) -> None:
        """Passes on what the headers say is left of the allowance that they are about."""
        policy = _POLICY.search(reply.headers.get("ratelimit-policy", ""))
        left = reply.headers.get("ratelimit-remaining", "")
        until = time_in(reply.headers.get("ratelimit-reset"), reply.now)
        ceiling = _CEILINGS.get(int(policy[2])) if policy else None
        if nsid.startswith(_SIGNING_IN) or ceiling is None or not left.isdecimal():
            return
        if until is not None and until > reply.now:
            self._context.allowance.learn(ceiling, left=int(left), until=until)

    def _host(self) -> Xrpc:
        if self._xrpc is None:
            raise SignInAgain("This account is not signed in.")
        return self._xrpc

    def _current(self) -> Tokens:
        if self._tokens is None:
            raise SignInAgain("This account is not signed in.")
        return self._tokens

    async def _name(self, me: WhoAmI) -> str:
        try:
            profile = await self.ask("app.bsky.actor.getProfile", {"actor": me.did}, Actor)
        except NotAllowed:
            return me.handle  # an account so new that it has no profile yet
        return profile.display_name or me.handle

    async def _renew(self, ended: str) -> str:
        """A token in place of one that has ended; several callers at once renew once."""
        async with self._renewing:
            tokens = self._current()
            if tokens.access != ended:
                return tokens.access
            try:
                body = await self._host().tell(
                    "com.atproto.server.refreshSession", None, SessionBody, token=tokens.refresh
                )
            except TokenEnded:
                return await self._sign_in()
            return await self._keep(body)

    async def _sign_in(self) -> str:
        identifier = self._context.settings.get("handle") or self._context.handle
        body = await self._host().tell(
            "com.atproto.server.createSession",
            {"identifier": identifier.strip().removeprefix("@"), "password": self._password},
            SessionBody,
            token=None,
        )
        return await self._keep(body)

    async def _keep(self, body: SessionBody) -> str:
        """Keeps new tokens, sealed, before they are used: the old refresh token is spent."""
        self._tokens = Tokens(body.did, body.handle, body.access_jwt, body.refresh_jwt)
        kept = Kept(self._password, self._tokens)
        await self._context.secret.write(msgspec.json.encode(kept).decode())
        return self._tokens.access


def _kept(text: str | None) -> Kept:
    """What lies sealed. Raises SignInAgain when nothing usable does."""
    try:
        kept = msgspec.json.decode(text or "", type=Kept)
    except msgspec.DecodeError:
        kept = None
    if kept is None or not kept.password.strip():
        raise SignInAgain("There is no app password for this account.") from None
    return kept


class Counted:
    """Asks for the stream: every request is counted as reading."""

    def __init__(self, session: Session) -> None:
        """`session` asks."""
        self._session = session

    @property
    def did(self) -> str:
        """The account's own identity, empty before `open`."""
        return self._session.did

    async def ask(self, nsid: str, query: Parameters, kind: type[T]) -> T:
        """Sends a query, counted. Raises a `Failure`."""
        await self._session.take()
        return await self._session.ask(nsid, query, kind)

    async def take(self, requests: int = 1) -> None:
        """Counts requests that somebody else sends."""
        await self._session.take(requests)

    def left(self) -> int | None:
        """How many requests may still be spent on reading now; None when there is no end."""
        return self._session.left()


def _checked_host(context: Context) -> str:
    """The host's address. Raises NotAllowed for one that would send the password in clear."""
    parts = urlsplit(safe_address(context.settings.get("host", ""), HOME))
    return f"{parts.scheme}://{parts.netloc}"


def _notices(me: WhoAmI, tokens: Tokens) -> list[str]:
    """What a person should know though the sign-in works."""
    notices = []
    if _scope_of(tokens.access) == _FULL_SCOPE:
        notices.append(
            "This is the account's main password, which allows everything: make an app password for Cordon "
            "and sign in again with it."
        )
    if me.handle == _NO_HANDLE:
        notices.append(
            "The account's handle no longer leads to it: whoever looks after the force's web domain must "
            "mend the entry for Bluesky."
        )
    return notices


class _Claims(msgspec.Struct, frozen=True):
    scope: str = ""


def _scope_of(token: str) -> str:
    """The scope inside a token; empty where it cannot be read, since a token need not be readable."""
    part = token.split(".")[1] if token.count(".") == 2 else ""
    try:
        text = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
        return msgspec.json.decode(text, type=_Claims).scope if text else ""
    except (ValueError, msgspec.DecodeError):
        return ""
