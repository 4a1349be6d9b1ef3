"""The sign-in of one account: the token, its renewal, and what Reddit's errors mean.

A token lasts an hour and is renewed with a refresh token that has no end. What a newcomer would get wrong:
a refresh token that is refused may mean that Reddit has withdrawn the force's access, so it is tried once
and then a person is asked; and every request, those to the token endpoint too, must say who asks, or it is
slowed down as a stranger's.
Sources: `rate_limit.py` and `auth.py` of https://github.com/praw-dev/prawcore, and
https://support.reddithelp.com/hc/en-us/articles/16160319875092
"""

import asyncio
import base64
import re
from collections.abc import Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec

from console.api import Context, Failure, Gone, NotAllowed, SignInAgain, SlowDown, TryLater
from console.api.entries import own_text
from console.api.oauth import App, renew
from console.api.web import MINUTE_MS, Query, Reply, Web, safe_address, words_of
from plugins.reddit.wire import ErrorBody, JsonPart

T = TypeVar("T")

HOME = "https://oauth.reddit.com"
SITE = "https://www.reddit.com"
CEILING = "requests in ten minutes"
SCOPES = (
    "identity",
    "read",
    "history",
    "mysubreddits",
    "submit",
    "edit",
    "vote",
    "report",
    "modposts",
    "modcontributors",
    "modlog",
    "privatemessages",
)
"""The rights that the sign-in asks for: https://www.reddit.com/api/v1/scopes"""

_EARLY_MS = MINUTE_MS
_WAIT = re.compile(r"([0-9]{1,3}) (millisecond|second|minute)s?")
_UNITS_MS = {"millisecond": 1, "second": 1000, "minute": MINUTE_MS}
_GONE = frozenset({"DELETED_COMMENT", "DELETED_LINK", "DELETED_THING", "NO_THING_ID", "USER_DOESNT_EXIST"})
_REASONS = {
    "private": "The subreddit is private, and this account may not read it.",
    "banned": "Reddit has closed this subreddit.",
    "quarantined": "Reddit has put this subreddit into quarantine.",
}
_NAME = re.compile(r"[^A-Za-z0-9_.-]+")


class TokenEnded(SignInAgain):
    """The token is no longer taken; a new one may be had without a person."""


class Kept(msgspec.Struct, frozen=True):
    """What lies sealed: what a person typed, and what signing in gave."""

    client_secret: str = ""
    refresh_token: str = ""
    access_token: str = ""
    ends_at: int = 0
    """When the token ends, milliseconds since 1970."""
    scope: str = ""
    """The rights that were given, with spaces between; empty when it is not known."""


class Session:
    """Sends requests in the account's name, and renews the token when it has ended."""

    def __init__(self, context: Context) -> None:
        """`context` is the connector's; nothing is sent or read yet."""
        self._context = context
        self._kept = Kept()
        self._web: Web | None = None
        self._renewing = asyncio.Lock()

    async def load(self) -> None:
        """Reads what lies sealed. Raises SignInAgain when nothing usable does."""
        self._web = web_of(self._context)
        self._kept = kept_in(await self._context.secret.read())
        if not (self._kept.refresh_token or self._kept.access_token):
            raise SignInAgain("There is no sign-in for this account yet.")

    @property
    def scopes(self) -> frozenset[str]:
        """The rights that were given; empty when Reddit did not say."""
        return frozenset(re.split(r"[ ,]+", self._kept.scope)) - {""}

    async def ask(self, path: str, kind: type[T], query: Query | None = None) -> T:
        """Reads something, and counts it. Raises a `Failure`."""
        await self._context.allowance.take(CEILING)
        return await self.see(path, kind, query)

    async def see(self, path: str, kind: type[T], query: Query | None = None) -> T:
        """Reads something that an act's own cost covers. Raises a `Failure`."""
        # Without `raw_json` the signs &, < and > come escaped, and the words would not be the author's.
        return (await self._reply("GET", path, query={**(query or {}), "raw_json": 1})).read(kind)

    async def tell(self, path: str, form: Query, kind: type[T]) -> T:
        """Changes something. Raises a `Failure`.

        A token is checked before anything is done, so trying again with a new one is safe.
        """
        said = {**form, "api_type": "json", "raw_json": 1}
        return (await self._reply("POST", path, form=said, does_write=True)).read(kind)

    async def _reply(self, method: str, path: str, **how: Any) -> Reply:
        token = await self._token()
        try:
            return await self._send(method, path, token, how)
        except TokenEnded:
            token = await self._renew(token)
        return await self._send(method, path, token, how)

    async def _send(self, method: str, path: str, token: str, how: Mapping[str, Any]) -> Reply:
        if self._web is None:
            raise SignInAgain("This account is not signed in.")
        headers = {"authorization": f"Bearer {token}", "user-agent": user_agent(self._context.settings)}
        reply = await self._web.reply(method, path, headers=headers, **how)
        self._learn(reply)
        return reply

    def _learn(self, reply: Reply) -> None:
        """Passes on what the headers say: how much is left (a broken number) and for how many seconds."""
        try:
            left = float(reply.headers["x-ratelimit-remaining"])
            seconds = float(reply.headers["x-ratelimit-reset"])
        except (KeyError, ValueError):
            return
        until = reply.now + int(seconds * 1000)
        self._context.allowance.learn(CEILING, left=max(0, int(left)), until=until)

    async def _token(self) -> str:
        kept = self._kept
        if kept.access_token and (kept.ends_at == 0 or self._context.now() < kept.ends_at - _EARLY_MS):
            return kept.access_token
        return await self._renew(kept.access_token)

    async def _renew(self, ended: str) -> str:
        """A token in place of one that has ended; several callers at once renew once."""
        async with self._renewing:
            if self._kept.access_token != ended:
                return self._kept.access_token
            if not self._kept.refresh_token:
                raise SignInAgain("Reddit no longer accepts the sign-in, and it cannot be renewed.")
            app = app_of(self._context.settings, self._kept.client_secret)
            answer = await renew(self._context, app, self._kept.refresh_token)
            self._kept = kept_from(answer, self._kept, self._context.now())
            await self._context.secret.write(msgspec.json.encode(self._kept).decode())
            return self._kept.access_token


def kept_in(text: str | None) -> Kept:
    """What lies sealed; an empty one when nothing readable does."""
    kept = own_text(text, Kept)
    # What was pasted may have spaces around it.
    return msgspec.structs.replace(
        kept, client_secret=kept.client_secret.strip(), refresh_token=kept.refresh_token.strip()
    )


def kept_from(answer: Mapping[str, Any], before: Kept, now: int) -> Kept:
    """What to keep of a token endpoint's answer; `now` is milliseconds since 1970."""
    seconds = answer.get("expires_in")
    return Kept(
        client_secret=before.client_secret,
        refresh_token=str(answer.get("refresh_token") or before.refresh_token),
        access_token=str(answer["access_token"]),
        ends_at=now + int(seconds * 1000) if isinstance(seconds, int | float) else 0,
        scope=str(answer.get("scope") or before.scope),
    )


def web_of(context: Context) -> Web:
    """The way to Reddit's interface. Raises NotAllowed for an address that is not safe."""
    base = safe_address(context.settings.get("address", ""), HOME)
    return Web(context.http, context.now, network="Reddit", base=base, judge=judge)


def app_of(settings: Mapping[str, str], client_secret: str) -> App:
    """The force's own app, and where a person says yes to it. Raises NotAllowed."""
    base = safe_address(settings.get("address", ""), HOME)
    site = SITE if base == HOME else base
    client_id = settings.get("client_id", "").strip()
    # An app without a secret signs in with an empty one: the header is wanted all the same.
    basic = base64.b64encode(f"{client_id}:{client_secret}".encode()).decode()
    return App(
        network="Reddit",
        authorize=f"{site}/api/v1/authorize",
        token=f"{site}/api/v1/access_token",
        client_id=client_id,
        scopes=SCOPES,
        port=_port(settings.get("port", "")),
        path="/reddit",
        has_pkce=False,  # Reddit does not document it
        extra={"duration": "permanent"},
        headers={"authorization": f"Basic {basic}", "user-agent": user_agent(settings)},
    )


def user_agent(settings: Mapping[str, str]) -> str:
    """Who asks, in the form that Reddit's terms want: `platform:app id:version (by /u/name)`."""
    client_id = _NAME.sub("", settings.get("client_id", "")) or "app"
    contact = _NAME.sub("", settings.get("contact", "").strip().removeprefix("/").removeprefix("u/"))
    return f"desktop:cordon.{client_id}:v1 (by /u/{contact or 'unknown'})"


def subreddit_of(settings: Mapping[str, str]) -> str:
    """The name of the force's own subreddit, however a person wrote it; empty when none is named."""
    text = settings.get("subreddit", "").strip()
    path = urlsplit(text).path if "://" in text else text
    return _NAME.sub("", path.strip("/").removeprefix("r/").partition("/")[0])


def _port(text: str) -> int:
    if not text.strip():
        return 0
    if not text.strip().isdecimal() or int(text) > 65_535:
        raise NotAllowed(f"The port must be a number up to 65535, and “{text}” is none.")
    return int(text)


# --- What errors mean ---------------------------------------------------------------------------


def judge(reply: Reply) -> Failure | None:
    """What an answer means in Reddit's own words, those under status 200 included."""
    try:
        body = msgspec.convert(reply.data() or {}, ErrorBody)
    except msgspec.ValidationError:
        body = ErrorBody()  # of another shape: then no error of theirs, and its reader will say so
    if body.json is not None and body.json.errors:
        return _told(reply, body.json)
    if reply.is_success and not isinstance(body.error, int):
        return None
    code = body.error if isinstance(body.error, int) and reply.is_success else reply.status
    return _by_code(reply, code, body)


def _told(reply: Reply, said: JsonPart) -> Failure:
    """The first of the errors that an answer lists."""
    first = [*said.errors[0], "", ""]
    code, words = first[0] or "", words_of(first[1])
    if code == "RATELIMIT":
        until = reply.now + _wait_ms(said.ratelimit, words)
        return SlowDown(f"Reddit asks us to wait: {words}", until=until)
    if code in _GONE:
        return Gone(f"It is no longer at Reddit: {words}")
    if code == "USER_REQUIRED":
        return TokenEnded("Reddit no longer accepts the sign-in.")
    return NotAllowed(f"Reddit refuses this: {words or code}")


def _wait_ms(seconds: float | None, words: str) -> int:
    """How long to wait, in milliseconds: the number beside the error, else the one in its words."""
    if seconds is not None and seconds >= 0:
        return max(1000, min(int(seconds * 1000), 24 * 60 * MINUTE_MS))
    found = _WAIT.search(words)
    # A second more: "4 minutes" is rounded.
    return int(found[1]) * _UNITS_MS[found[2]] + 1000 if found else MINUTE_MS


def _by_code(reply: Reply, code: int, body: ErrorBody) -> Failure | None:
    said = words_of(body.message)
    if code == 401:
        return TokenEnded("Reddit no longer accepts the sign-in.")
    if code == 403:
        return NotAllowed(
            _REASONS.get(body.reason or "", f"Reddit does not allow this: {said or 'forbidden'}")
        )
    if code == 404:
        words = "There is no such place at Reddit, or this account may not see it."
        return Gone(words)
    if code == 429:
        until = reply.resumes_at("x-ratelimit-reset")
        return SlowDown("Reddit asks us to slow down.", until=until)
    if code >= 500:
        return TryLater(f"Reddit has a fault of its own: {said or code}", sent=reply.does_write)
    return None if not reply.is_success else NotAllowed(f"Reddit refuses this: {said or code}")
