"""The sign-in of one channel: a refresh token of the force's own app, and the hour's token that it buys.

What a newcomer would get wrong: whose units are spent. They belong to the Google Cloud project of the app,
not to the channel, so every account that is reached through one project shares them; the number before the
dash of a client ID is that project.
Source: https://developers.google.com/identity/protocols/oauth2/native-app
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec

from console.api import (
    Choice,
    Context,
    Guide,
    Misunderstood,
    NotAllowed,
    Profile,
    SignInAgain,
)
from console.api.entries import own_text
from console.api.oauth import App, renew, walk_through
from console.api.web import Query, Reply, Web, safe_address
from plugins.youtube.refusals import MISSING_RIGHT, PURSE, TokenEnded, judge
from plugins.youtube.wire import Channel, Listing

T = TypeVar("T")
HOME = "https://youtube.googleapis.com/youtube/v3"
AUTHORIZE = "https://accounts.google.com/o/oauth2/v2/auth"
TOKEN = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address, no secret
SCOPE = "https://www.googleapis.com/auth/youtube.force-ssl"
TESTING_MS = 7 * 24 * 3_600_000
"""How long a sign-in lasts while the app's consent screen is in Testing."""
_EARLY_MS = 60_000
_YES = frozenset({"yes", "y", "on", "true", "1"})


class Kept(msgspec.Struct, frozen=True, omit_defaults=True):
    """What lies sealed. Times are milliseconds since 1970."""

    client_secret: str = ""
    refresh_token: str = ""
    access_token: str = ""
    until: int = 0
    """When the access token ends."""
    scope: str = ""
    """What the person allowed; empty where it was not said."""
    since: int = 0
    """When the refresh token was first used here."""
    ends_at: int = 0
    """When the refresh token ends for good, where Google said so."""


class Session:
    """Sends requests in the channel's name, and renews the token when it has ended."""

    def __init__(self, context: Context) -> None:
        """`context` is the connector's; nothing is sent or read yet."""
        self._context = context
        self._kept = Kept()
        self._web: Web | None = None
        self._renewing = asyncio.Lock()
        self.channel = ""
        """The channel's id, empty before `open`."""

    # --- signing in -----------------------------------------------------------------------------

    async def open(self) -> Profile:
        """Proves that the sign-in works for the channel. Raises a `Failure`."""
        kept = _read(await self._context.secret.read())
        if not kept.refresh_token:
            raise SignInAgain("There is no sign-in for this channel.")
        self._start(kept)
        if SCOPE not in (kept.scope or SCOPE):
            raise SignInAgain(MISSING_RIGHT)
        if not kept.since:
            await self._keep(msgspec.structs.replace(kept, since=self._context.now()))
        mine = await self._own_channel(self._context.settings.get("channel", "").strip())
        self.channel = mine.id
        return Profile(
            remote_id=mine.id,
            handle=mine.snippet.custom_url.removeprefix("@") or mine.id,
            name=mine.snippet.title,
            app=self._client.partition("-")[0],
            ends_at=self._ends_at(),
        )

    async def check(self) -> None:
        """Proves again that the sign-in is this channel's. Raises NotAllowed when it no longer is."""
        await self._own_channel(self.channel)

    async def sign_in(self, guide: Guide) -> Mapping[str, str]:
        """Walks a person through; see `console.api.signing`. Raises a `Failure`."""
        kept = _read(await self._context.secret.read())
        if not kept.client_secret:
            raise NotAllowed("The app's client secret is missing.")
        if kept.refresh_token:
            await guide.say("Trying the refresh token that was given.")
            self._start(kept)
            await self._renew("")
        else:
            await guide.say("Choose the account of the channel's owner at Google, then the channel itself.")
            self._start(kept)
            await self._keep(self._taken(await walk_through(self._context, guide, self._app())))
        if not self._kept.refresh_token:
            raise NotAllowed("Google gave no lasting sign-in. Please start again.")
        if SCOPE not in (self._kept.scope or SCOPE):
            raise NotAllowed(MISSING_RIGHT)
        found = await self._channels()
        wanted = self._context.settings.get("channel", "").strip()
        if wanted and wanted not in {one.id for one in found}:
            raise NotAllowed("This sign-in is for another channel than the one that was named.")
        choices = [Choice(one.id, one.snippet.title or one.id) for one in found]
        return {"channel": wanted or await guide.choose("Which channel?", choices)}

    # --- sending --------------------------------------------------------------------------------

    async def ask(self, path: str, kind: type[T], *, units: int = 1, **query: str | int | bool | None) -> T:
        """Reads something and pays for it. Raises a `Failure`."""
        await self.pay(units)
        return (await self.send("GET", path, query)).read(kind)

    async def pay(self, units: int) -> None:
        """Counts units of the day before something is read. Raises SlowDown when there are none left."""
        await self._context.allowance.take(PURSE, units)

    def share_left(self) -> float:
        """What part of the day's units is left for reading, from 0 to 1."""
        left = self._context.allowance.left(PURSE)
        said = self._context.settings.get("units", "").replace(",", "").strip()
        if said.isascii() and said.isdecimal():
            whole = int(said)
        else:
            whole = next(one.points for one in self._context.manifest.ceilings if one.name == PURSE)
        return 1.0 if left is None or not whole else left / whole

    async def listing(self, path: str, *, units: int = 1, **query: str | int | bool | None) -> Listing:
        """One page of a list. Raises a `Failure`; an answer that is no list is one."""
        found = await self.ask(path, Listing, units=units, **query)
        if not found.kind.startswith("youtube#") and found.items is None:
            raise Misunderstood("YouTube's answer is no list.")
        return found

    async def send(self, method: str, path: str, query: Query, body: Any = None) -> Reply:
        """Sends one request with a token that is taken. Raises a `Failure`.

        A token is checked before anything is done, so a second try with a new one is safe.
        """
        does_write = method != "GET"
        token = await self._token()
        for is_last in (False, True):
            try:
                return await self._host().reply(
                    method, path, query=query, body=body, headers=_bearer(token), does_write=does_write
                )
            except TokenEnded:
                if is_last:
                    raise
                token = await self._renew(token)
        raise SignInAgain("This channel is not signed in.")

    @asynccontextmanager
    async def held_open(self, path: str, query: Query, silence: float) -> AsyncIterator[AsyncIterator[str]]:
        """Holds an answer open and gives its text in pieces. Raises a `Failure`."""
        token = await self._token()
        try:
            async with self._host().pieces(
                path, query=query, headers=_bearer(token), silence=silence
            ) as pieces:
                yield pieces
        except TokenEnded:
            await self._renew(token)
            raise

    # --- small parts ----------------------------------------------------------------------------

    @property
    def _client(self) -> str:
        return self._context.settings.get("client", "").strip()

    def _start(self, kept: Kept) -> None:
        base = safe_address(self._context.settings.get("address", ""), HOME)
        self._kept = kept
        self._web = Web(self._context.http, self._context.now, network="YouTube", base=base, judge=judge)

    def _host(self) -> Web:
        if self._web is None:
            raise SignInAgain("This channel is not signed in.")
        return self._web

    def _app(self) -> App:
        base = self._host().base
        parts = urlsplit(base)
        elsewhere = "" if base == HOME else f"{parts.scheme}://{parts.netloc}"
        return App(
            network="Google",
            authorize=f"{elsewhere}/o/oauth2/v2/auth" if elsewhere else AUTHORIZE,
            token=f"{elsewhere}/token" if elsewhere else TOKEN,
            client_id=self._client,
            client_secret=self._kept.client_secret,
            scopes=(SCOPE,),
            # Without these Google gives a lasting token only the first time, and never asks for the channel.
            extra={"access_type": "offline", "prompt": "consent select_account"},
        )

    async def _own_channel(self, chosen: str) -> Channel:
        for one in await self._channels():
            if one.id == chosen or not chosen:
                return one
        raise NotAllowed(
            "This sign-in is for another channel. Sign in again and choose the right one at Google."
        )

    async def _channels(self) -> list[Channel]:
        page = await self.listing("channels", part="snippet", mine=True, maxResults=50)
        found: list[Channel] = []
        for raw in page.items or ():
            try:
                found.append(msgspec.json.decode(raw, type=Channel))
            except msgspec.DecodeError:
                continue  # what cannot be read cannot be chosen
        if not found:
            raise NotAllowed(
                "This Google account has no YouTube channel of its own. Sign in as the owner of the channel."
            )
        return found

    async def _token(self) -> str:
        kept = self._kept
        if kept.access_token and kept.until > self._context.now() + _EARLY_MS:
            return kept.access_token
        return await self._renew(kept.access_token)

    async def _renew(self, ended: str) -> str:
        """A token in place of one that has ended; several callers at once renew once."""
        async with self._renewing:
            if self._kept.access_token != ended:
                return self._kept.access_token
            if not self._kept.refresh_token:
                raise SignInAgain("This channel is not signed in.")
            await self._keep(self._taken(await renew(self._context, self._app(), self._kept.refresh_token)))
            return self._kept.access_token

    def _taken(self, found: Mapping[str, Any]) -> Kept:
        """What a token endpoint gave, beside what is kept already."""
        now = self._context.now()
        ends_in = _seconds(found.get("refresh_token_expires_in"))
        is_new = bool(found.get("refresh_token"))
        return Kept(
            client_secret=self._kept.client_secret,
            refresh_token=str(found.get("refresh_token") or self._kept.refresh_token),
            access_token=str(found["access_token"]),
            until=now + (_seconds(found.get("expires_in")) or 3600) * 1000,
            scope=str(found.get("scope") or self._kept.scope),
            since=now if is_new or not self._kept.since else self._kept.since,
            ends_at=now + ends_in * 1000 if ends_in else 0 if is_new else self._kept.ends_at,
        )

    async def _keep(self, kept: Kept) -> None:
        self._kept = kept
        await self._context.secret.write(msgspec.json.encode(kept).decode())

    def _ends_at(self) -> int | None:
        if self._kept.ends_at:
            return self._kept.ends_at
        is_testing = self._context.settings.get("testing", "").strip().lower() in _YES
        return self._kept.since + TESTING_MS if is_testing else None


def _read(text: str | None) -> Kept:
    """What lies sealed; nothing where it cannot be read."""
    return own_text(text, Kept)


def _bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def _seconds(value: object) -> int:
    return int(value) if isinstance(value, int | float) and value > 0 else 0
