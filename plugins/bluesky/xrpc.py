"""One request to a Bluesky host, and what its answer means to the console.

What a newcomer would get wrong: the status alone says little. An error may come with 200, a page of
HTML with any status, and the same name with 400 or 401. So the body's `error` decides where it is one,
then the status. Names and headers: the lexicons and `rate-limiter-http.ts` in
https://github.com/bluesky-social/atproto.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import httpx
import msgspec

from console.api import Failure, Gone, Misunderstood, NotAllowed, SignInAgain, SlowDown, TryLater
from plugins.bluesky.wire import ErrorBody

LIMIT = httpx.Timeout(20, connect=10)
"""Seconds for one request; a host that is overrun answers within these or not at all."""

MINUTE_MS = 60_000
DAY_MS = 24 * 60 * MINUTE_MS

LONGEST_OWN_REST_MS = 5 * MINUTE_MS
"""An allowance that the network calls used up is believed for so long without asking again."""

_WORDS = 300  # characters of the network's own words that a person gets to see

T = TypeVar("T")
Parameters = Mapping[str, str | int | bool | list[str]]


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

    def __init__(self, http: httpx.AsyncClient, host: str, now: Callable[[], int]) -> None:
        """`host` is an address such as `https://bsky.social`; `now` gives milliseconds since 1970."""
        self._http = http
        self._host = host.rstrip("/")
        self._now = now
        self._resting: dict[str, int] = {}  # by call, until when its allowance is used up

    @property
    def host(self) -> str:
        """The host's address, without a slash at the end."""
        return self._host

    async def ask(self, nsid: str, query: Parameters, kind: type[T], *, token: str | None) -> T:
        """Sends a query and reads its answer. Raises a `Failure`."""
        return await self._call("GET", nsid, kind, token, query=query)

    async def tell(self, nsid: str, body: Mapping[str, Any] | None, kind: type[T], *, token: str | None) -> T:
        """Sends a procedure and reads its answer. Raises a `Failure`; its `sent` is set where due."""
        return await self._call("POST", nsid, kind, token, body=body)

    async def _call(
        self,
        method: str,
        nsid: str,
        kind: type[T],
        token: str | None,
        *,
        query: Parameters | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> T:
        until = self._resting.pop(nsid, 0)
        if until > self._now():
            self._resting[nsid] = until
            raise SlowDown("Bluesky's allowance is used up for a while.", until=until)
        headers = {"accept": "application/json"}
        if token:
            headers["authorization"] = f"Bearer {token}"
        content = None
        if body is not None:
            content = msgspec.json.encode(body)
            headers["content-type"] = "application/json"
        does_write = method == "POST"
        try:
            answer = await self._http.request(
                method,
                f"{self._host}/xrpc/{nsid}",
                params=_plain(query) if query else None,
                content=content,
                headers=headers,
                timeout=LIMIT,
                follow_redirects=False,  # a token is for this host and no other
            )
        except httpx.HTTPError as problem:
            raise _unanswered(problem, does_write=does_write) from problem
        except httpx.InvalidURL as problem:
            raise NotAllowed(f"The host's address cannot be used: {self._host}") from problem
        now = self._now()
        if answer.is_success and answer.headers.get("ratelimit-remaining") == "0":
            # The next request would be refused. Of refused ones the console keeps count itself.
            self._resting[nsid] = min(_resumes_at(answer.headers, now), now + LONGEST_OWN_REST_MS)
        return _read(answer, kind, now, does_write=does_write)


def _plain(query: Parameters) -> list[tuple[str, str | int | float | bool | None]]:
    """Lists repeat their name, and truth is written in JSON's way."""
    return [
        (name, str(one).lower() if isinstance(one, bool) else str(one))
        for name, value in query.items()
        for one in (value if isinstance(value, list) else [value])
    ]


def _unanswered(problem: httpx.HTTPError, *, does_write: bool) -> Failure:
    """What a request without an answer means. Only before a connection stood can nothing have left."""
    if isinstance(problem, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout):
        return TryLater("Bluesky cannot be reached.")
    if isinstance(problem, httpx.UnsupportedProtocol):
        return NotAllowed("The host's address must begin with https://.")
    if isinstance(problem, httpx.TimeoutException):
        return TryLater("Bluesky did not answer in time.", sent=does_write)
    return TryLater("The link to Bluesky broke off.", sent=does_write)


def _read(answer: httpx.Response, kind: type[T], now: int, *, does_write: bool) -> T:
    """The answer in the wanted shape. Raises what it means when it is an error."""
    body = answer.content
    if answer.is_success and not body:
        body = b"{}"  # some procedures answer with nothing at all
    try:
        error = msgspec.json.decode(body, type=ErrorBody)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise _unreadable(answer, now, does_write=does_write) from None
    if answer.is_success and not error.error:
        try:
            return msgspec.json.decode(body, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
            # Such messages name fields and types, never contents.
            raise Misunderstood(
                f"Bluesky's answer has another shape than expected ({str(problem)[:_WORDS]}).",
                sent=does_write,
            ) from problem
    raise failure_of(answer.status_code, error, answer.headers, now, does_write=does_write)


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
    words = " ".join(error.message.split())[:_WORDS]
    if status == 429 or name in {"RateLimitExceeded", "TooManyRequests"}:
        return SlowDown("Bluesky asks us to slow down.", until=_resumes_at(headers, now))
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


def _unreadable(answer: httpx.Response, now: int, *, does_write: bool) -> Failure:
    """What an answer that is no JSON object means: a proxy's page, or a host in trouble."""
    status = answer.status_code
    if status == 429:
        return SlowDown("Bluesky asks us to slow down.", until=_resumes_at(answer.headers, now))
    if status >= 500:
        return TryLater("Bluesky has a fault of its own and answers nothing useful.", sent=does_write)
    kind = answer.headers.get("content-type", "").partition(";")[0] or "nothing readable"
    return Misunderstood(
        f"Something between us and Bluesky answered with {kind} (status {status}).",
        sent=does_write and answer.is_success,
    )


def _resumes_at(headers: Mapping[str, str], now: int) -> int:
    """When the network takes requests again, from its own headers; never in the past or days away."""
    for name, unit, start in (("ratelimit-reset", 1000, 0), ("retry-after", 1000, now)):
        try:
            until = start + int(headers[name]) * unit
        except (KeyError, ValueError):
            continue
        return max(now + 1000, min(until, now + DAY_MS))
    return now + MINUTE_MS
