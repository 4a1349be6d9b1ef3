"""One request to a Bluesky host, and what its answer means to the console.

What a newcomer would get wrong: the status alone says little. An error may come with 200, and the same name
with 400 or 401. So the body's `error` decides where it is one, then the status. And the headers speak of one
allowance out of several: which one, its policy says (`3000;w=300`: so many in so many seconds).
Names and headers: the lexicons and `rate-limiter-http.ts` in https://github.com/bluesky-social/atproto.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import httpx
import msgspec

from console.api import Failure, Gone, NotAllowed, SignInAgain, SlowDown, TryLater
from console.api.web import MINUTE_MS, Query, Reply, Web, words_of
from plugins.bluesky.wire import ErrorBody

LONGEST_OWN_REST_MS = 5 * MINUTE_MS
"""An allowance that the network calls used up is believed for so long without asking again."""

T = TypeVar("T")
Parameters = Query
Heard = Callable[[str, Reply], None]
"""Is told of every answer, with the name of the call."""


class TokenEnded(SignInAgain):
    """The access token is no longer taken; a new one may be had without a person."""


class SwapLost(TryLater):
    """The record was changed by somebody else since we read it."""


_LOCKED_OUT = {
    "AccountTakedown": "Bluesky has suspended this account.",
    "AccountSuspended": "Bluesky has suspended this account.",
    "AccountDeactivated": "This account is deactivated at Bluesky.",
    "AuthFactorTokenRequired": "Bluesky asks for a code by email: sign in with an app password instead.",
    "AuthenticationRequired": "Bluesky does not accept this handle and app password.",
    "InvalidAppPassword": "Bluesky does not accept this app password.",
}
_TOKEN_ENDED = frozenset({"ExpiredToken", "InvalidToken", "AuthMissing", "BadJwt"})
_GONE = frozenset({"RecordNotFound", "NotFound", "RepoNotFound"})
_LATER = frozenset({"UpstreamFailure", "UpstreamTimeout", "InternalServerError", "NotEnoughResources"})


class Xrpc:
    """Sends requests to one host. It knows nothing of who is signed in."""

    def __init__(
        self, http: httpx.AsyncClient, host: str, now: Callable[[], int], heard: Heard | None = None
    ) -> None:
        """`host` is an address such as `https://bsky.social`; `now` gives milliseconds since 1970."""
        self._web = Web(http, now, network="Bluesky", base=f"{host.rstrip('/')}/xrpc", judge=judge)
        self._now = now
        self._heard = heard
        self._resting: dict[str, int] = {}  # by call, until when its allowance is used up

    async def ask(self, nsid: str, query: Parameters, kind: type[T], *, token: str | None) -> T:
        """Sends a query and reads its answer. Raises a `Failure`."""
        return await self._call("GET", nsid, kind, token, query=query)

    async def tell(self, nsid: str, body: Mapping[str, Any] | None, kind: type[T], *, token: str | None) -> T:
        """Sends a procedure and reads its answer. Raises a `Failure`; its `sent` is set where due."""
        return await self._call("POST", nsid, kind, token, body=body, does_write=True)

    async def _call(self, method: str, nsid: str, kind: type[T], token: str | None, **how: Any) -> T:
        until = self._resting.pop(nsid, 0)
        if until > self._now():
            self._resting[nsid] = until
            raise SlowDown("Bluesky's allowance is used up for a while.", until=until)
        headers = {"authorization": f"Bearer {token}"} if token else None
        reply = await self._web.reply(method, nsid, headers=headers, **how)
        if reply.headers.get("ratelimit-remaining") == "0":
            # The next request would be refused. Of refused ones the console keeps count itself.
            until = reply.resumes_at("ratelimit-reset")
            self._resting[nsid] = min(until, reply.now + LONGEST_OWN_REST_MS)
        if self._heard is not None:
            self._heard(nsid, reply)
        return reply.read(kind)


def judge(reply: Reply) -> Failure | None:
    """What an answer means in Bluesky's own words; None when it is no error, or says nothing more."""
    try:
        error = msgspec.json.decode(reply.body, type=ErrorBody)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        error = ErrorBody()  # no object: where one is needed, reading it will say so
    if error.error or reply.status == 401 or (400 <= reply.status < 600 and reply.body.strip()):
        return failure_of(reply.status, error, reply.headers, reply.now, does_write=reply.does_write)
    return None


def failure_of(
    status: int,
    error: ErrorBody,
    headers: Mapping[str, str],
    now: int,
    *,
    does_write: bool = False,
) -> Failure:
    """What an error answer makes the console do. `now` is milliseconds since 1970."""
    name = error.error
    words = words_of(error.message)
    if status == 429 or name in {"RateLimitExceeded", "TooManyRequests"}:
        until = Reply("Bluesky", status, headers, b"", now, does_write).resumes_at("ratelimit-reset")
        return SlowDown("Bluesky asks us to slow down.", until=until)
    if name in _LOCKED_OUT:
        return SignInAgain(_LOCKED_OUT[name])
    if name in _TOKEN_ENDED or status == 401:
        return TokenEnded("The sign-in has ended.")
    if name == "InvalidSwap":
        return SwapLost("Somebody else changed this thread's settings at the same time.")
    if name in _GONE or (name == "InvalidRequest" and words.startswith("Could not locate record")):
        return Gone("It is no longer at Bluesky.")
    if name in _LATER or status >= 500:
        return TryLater("Bluesky has a fault of its own and answers nothing useful.", sent=does_write)
    is_too_long = "graphemes" in words
    return NotAllowed(
        "The reply is too long: Bluesky takes 300 characters."
        if is_too_long
        else f"Bluesky refuses this: {words or name or status}"
    )
