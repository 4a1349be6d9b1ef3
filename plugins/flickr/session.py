"""The sign-in of one account: a key and a token with a secret each, signed requests, and what errors mean.

The token does not end until it is withdrawn. What a newcomer would get wrong: errors come with status 200,
and a number below 95 means another thing for each method: 1 is a missing photo here and a missing argument
there. So the judge passes such a number on, and the method's own table says what it means.
Source: https://www.flickr.com/services/api/ (each method's error codes) and auth.oauth.html there.
"""

from collections.abc import Mapping
from typing import Any, TypeVar, cast
from urllib.parse import parse_qsl

import httpx
import msgspec
from authlib.integrations.httpx_client import OAuth1Auth

from console.api import Context, Failure, Gone, Misunderstood, NotAllowed, SignInAgain, SlowDown, TryLater
from console.api.entries import own_text
from console.api.web import MINUTE_MS, Query, Reply, Web, safe_address, words_of
from plugins.flickr.wire import Fail

T = TypeVar("T")

HOME = "https://www.flickr.com/services"
CEILING = "requests an hour"
TOO_FAST_MS = 2 * MINUTE_MS
"""How long to rest after "too fast": Flickr names no time."""

LOGIN = "flickr.test.login"
CHECK = "flickr.auth.oauth.checkToken"
"""Its argument `oauth_token` is the one that signs the request."""
UPDATED = "flickr.photos.recentlyUpdated"
INFO = "flickr.photos.getInfo"
COMMENTS = "flickr.photos.comments.getList"
ADD = "flickr.photos.comments.addComment"
DELETE = "flickr.photos.comments.deleteComment"
_GONE = {(COMMENTS, 1), (INFO, 1), (ADD, 1), (DELETE, 1), (DELETE, 2)}
"""Methods and numbers that say that a photo or a comment is no longer there."""


class Told(NotAllowed):
    """A refusal with a number whose meaning depends on the method."""

    def __init__(self, code: int, said: str) -> None:
        super().__init__(f"Flickr refuses this: {said or code}")
        self.code = code


class Kept(msgspec.Struct, frozen=True):
    """What lies sealed: what a person typed, and what signing in gave."""

    api_secret: str = ""
    access_token: str = ""
    """The token and its secret, with a colon between."""

    @property
    def token(self) -> str:
        """The token alone."""
        return self.access_token.partition(":")[0].strip()

    @property
    def token_secret(self) -> str:
        """The token's secret alone."""
        return self.access_token.partition(":")[2].strip()


class Session:
    """Sends signed requests in the account's name."""

    def __init__(self, context: Context, kept: Kept | None = None) -> None:
        """`context` is the connector's; `kept` stands for what lies sealed while that is being found."""
        self._context = context
        self._kept = kept or Kept()
        self._key = context.settings.get("api_key", "").strip()
        self._web: Web | None = None

    @property
    def key(self) -> str:
        """The app's key."""
        return self._key

    async def load(self) -> None:
        """Reads what lies sealed. Raises SignInAgain when nothing usable does."""
        if not self._kept.access_token:
            self._kept = kept_in(await self._context.secret.read())
        if not (self._kept.api_secret and self._kept.token and self._kept.token_secret):
            raise SignInAgain(
                "There is no complete sign-in for this account: key, secret and token are needed."
            )
        base = address_of(self._context.settings)
        self._web = Web(self._context.http, self._context.now, network="Flickr", base=base, judge=judge)

    async def ask(self, method: str, kind: type[T], **said: str | int | None) -> T:
        """Reads something, and counts it. Raises a `Failure`."""
        await self._context.allowance.take(CEILING)
        return await self.see(method, kind, **said)

    async def see(self, method: str, kind: type[T], **said: str | int | None) -> T:
        """Reads something that an act's own cost covers. Raises a `Failure`."""
        return (await self._reply("GET", method, query=_named(method, said))).read(kind)

    async def tell(self, method: str, kind: type[T], **said: str | int | None) -> T:
        """Changes something. Raises a `Failure`."""
        return (await self._reply("POST", method, form=_named(method, said), does_write=True)).read(kind)

    async def _reply(self, http_method: str, method: str, **how: Any) -> Reply:
        if self._web is None:
            raise SignInAgain("This account is not signed in.")
        kept = self._kept
        auth = signed_by(self._key, kept.api_secret, token=kept.token, token_secret=kept.token_secret)
        try:
            return await self._web.reply(http_method, "rest", auth=auth, **how)
        except Told as refusal:
            raise self._meaning(method, refusal) from refusal

    def _meaning(self, method: str, refusal: Told) -> Failure:
        """What a number means for this very method."""
        if (method, refusal.code) in _GONE:
            return Gone("It is no longer at Flickr.")
        if (method, refusal.code) == (ADD, 9):
            words = "Flickr says that this account comments too fast."
            return SlowDown(words, until=self._context.now() + TOO_FAST_MS)
        return refusal


def signed_by(
    key: str,
    secret: str,
    *,
    token: str = "",
    token_secret: str = "",
    redirect_uri: str | None = None,
    verifier: str | None = None,
) -> httpx.Auth:
    """What signs a request; `redirect_uri` and `verifier` belong to the walk."""
    auth = OAuth1Auth(
        key,
        secret,
        token=token or None,
        token_secret=token_secret or None,
        redirect_uri=redirect_uri,
        verifier=verifier,
    )
    return cast("httpx.Auth", auth)  # it is one; the stubs of the package do not say so


def kept_in(text: str | None) -> Kept:
    """What lies sealed; an empty one when nothing readable does."""
    kept = own_text(text, Kept)
    return Kept(kept.api_secret.strip(), kept.access_token.strip())  # what was pasted may have spaces around


def address_of(settings: Mapping[str, str]) -> str:
    """The address of the interface. Raises NotAllowed for one that is not safe."""
    return safe_address(settings.get("address", ""), HOME)


def _named(method: str, said: Mapping[str, str | int | None]) -> Query:
    # Without `nojsoncallback` the answer is a piece of a program and no JSON.
    return {"method": method, "format": "json", "nojsoncallback": 1, **said}


# --- What errors mean ---------------------------------------------------------------------------


def judge(reply: Reply) -> Failure | None:
    """What an answer means in Flickr's own words, nearly all of them under status 200."""
    try:
        said = msgspec.convert(reply.data() or {}, Fail)
    except msgspec.ValidationError:
        said = Fail()  # of another shape: then no error of theirs, and its reader will say so
    if said.stat != "fail":
        return None
    code = int(said.code) if str(said.code).isascii() and str(said.code).isdecimal() else 0
    return _by_code(code, words_of(said.message), does_write=reply.does_write)


def _by_code(code: int, said: str, *, does_write: bool) -> Failure:
    match code:
        case 96 | 97 | 98 | 100:
            return SignInAgain(f"Flickr does not accept the sign-in: {said}")
        case 99 if does_write:
            return NotAllowed(f"The sign-in may not write: sign in again and allow it. Flickr says: {said}")
        case 99:
            return SignInAgain(f"Flickr no longer knows who asks: {said}")
        case 105 | 106:
            return TryLater(f"Flickr has a fault of its own: {said}", sent=does_write)
        case 111 | 112 | 114 | 115:
            return Misunderstood(f"Flickr does not know what was asked: {said}")
    return Told(code, said)


def judge_form(reply: Reply) -> Failure | None:
    """What an answer of the sign-in's own endpoints means, which are forms.

    Source: the problems of http://wiki.oauth.net/w/page/12238543/ProblemReporting
    """
    try:
        said = dict(parse_qsl(reply.body.decode("ascii", "replace")))
    except ValueError:
        return None
    problem = said.get("oauth_problem")
    if not problem:
        return None
    if problem == "timestamp_refused":
        return NotAllowed("Flickr refuses the sign-in because this computer's clock is wrong. Set it right.")
    if problem in {"consumer_key_unknown", "consumer_key_rejected", "signature_invalid"}:
        return NotAllowed(f"Flickr does not know the app's key and secret ({problem}). Please check both.")
    return NotAllowed(f"Flickr did not allow the sign-in ({words_of(problem)}). Please start again.")
