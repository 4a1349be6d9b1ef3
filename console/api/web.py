"""Requests to a network's interface, and what their answers mean to the console.

Every network speaks HTTP and JSON, and fails in the same few ways below its own words: no connection, a
broken one, a page of HTML from a guest network, half a body. That is told apart here, once. What an answer
in the network's own words means (an error under status 200, a code that says "slow down") is told by the
connector's `judge`.

What a newcomer would get wrong: whether a request may have done something. `does_write` says so; then every
failure that comes after the request may have left is marked as sent, and the console looks before it sends
again. A network's refusal in its own words is a safe answer: nothing was done.
"""

import codecs
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

import httpx
import msgspec

from console.api.failures import Failure, Gone, Misunderstood, NotAllowed, SignInAgain, SlowDown, TryLater

T = TypeVar("T")
Value = str | int | bool | Sequence[str | int]
Query = Mapping[str, Value | None]

MINUTE_MS = 60_000
DAY_MS = 24 * 60 * MINUTE_MS
LONGEST_ANSWER = 32 * 1024 * 1024
"""Bytes of one answer; no network sends as much, a broken one may."""
LONGEST_LINE = 4 * 1024 * 1024
"""Characters of one line of a stream."""
ANSWER_S = 20.0
CONNECT_S = 10.0
_WORDS = 300  # characters of the network's own words that a person gets to see
_ON_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer, before it is known what it means."""

    network: str
    status: int
    headers: Mapping[str, str]
    """Names in small letters."""
    body: bytes
    now: int
    """When it came, milliseconds since 1970, UTC."""
    does_write: bool

    @property
    def is_success(self) -> bool:
        """Whether the status says so."""
        return 200 <= self.status < 300

    def data(self) -> Any:
        """The JSON in it; None for an empty body. Raises ValueError when there is none to read."""
        if not self.body.strip():
            return None
        try:
            return msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
            raise ValueError("no JSON") from problem

    def form(self) -> dict[str, str]:
        """The form in it, as the token endpoints of OAuth 1.0a answer. Raises ValueError when it is none."""
        text = self.body.decode("ascii").strip()
        return dict(parse_qsl(text, keep_blank_values=True, strict_parsing=True)) if text else {}

    def read(self, kind: type[T]) -> T:
        """The body as `kind`; an empty one as an empty object. Raises Misunderstood."""
        try:
            return msgspec.json.decode(self.body if self.body.strip() else b"{}", type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
            # Such messages name fields and types, never contents.
            raise Misunderstood(
                f"{self.network}'s answer has another shape than expected ({str(problem)[:_WORDS]}).",
                sent=self.does_write,
            ) from problem

    def resumes_at(self, *names: str) -> int:
        """When the network takes requests again, from its headers; see `time_in`. A minute if none says."""
        for name in (*names, "retry-after"):
            until = time_in(self.headers.get(name), self.now)
            if until is not None:
                return max(self.now + 1000, min(until, self.now + DAY_MS))
        return self.now + MINUTE_MS


Judge = Callable[[Reply], Failure | None]
"""What an answer means in the network's own words; None when it is no error, or says nothing more."""


def nothing_more(reply: Reply) -> Failure | None:
    """The judge of a network whose errors are all told by the status."""
    del reply
    return None


class Web:
    """Sends requests to one network. It knows nothing of who is signed in."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        now: Callable[[], int],
        *,
        network: str,
        base: str,
        judge: Judge = nothing_more,
        answers_forms: bool = False,
    ) -> None:
        """`network` is its name for people; `base` is put before every path that is no whole address.

        `answers_forms` is for endpoints whose answers are forms and no JSON; see `Reply.form`.
        """
        self._http, self._now, self._judge = http, now, judge
        self._answers_forms = answers_forms
        self.network, self.base = network, base.rstrip("/")

    async def ask(self, path: str, kind: type[T], **how: Any) -> T:
        """Reads something: GET, unless `method` says otherwise. Raises a `Failure`. See `reply`."""
        return (await self.reply(how.pop("method", "GET"), path, **how)).read(kind)

    async def tell(self, method: str, path: str, kind: type[T], **how: Any) -> T:
        """Changes something. Raises a `Failure`, with `sent` set where it may have been done."""
        return (await self.reply(method, path, does_write=True, **how)).read(kind)

    async def reply(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: Any = None,
        form: Query | None = None,
        headers: Mapping[str, str] | None = None,
        auth: httpx.Auth | tuple[str, str] | None = None,
        does_write: bool = False,
        seconds: float = ANSWER_S,
    ) -> Reply:
        """Sends a request and gives its answer, when that is a success. Raises a `Failure`.

        `body` is sent as JSON, `form` as a form. In `query` and `form` a list repeats its name, truth is
        `true` or `false`, and None is left out.
        """
        said = {"accept": "application/json", **(headers or {})}
        content: bytes | None = None
        if body is not None:
            content = msgspec.json.encode(body)
            said["content-type"] = "application/json"
        try:
            request = self._http.build_request(
                method,
                self._address(path),
                params=_plain(query) if query else None,
                content=content,
                data=_form(form) if form is not None else None,
                headers=said,
                timeout=httpx.Timeout(seconds, connect=CONNECT_S),
            )
            # Redirects are not followed: a token is for this host and no other.
            answer = await self._http.send(request, auth=auth, stream=True, follow_redirects=False)
            try:
                reply = Reply(
                    self.network,
                    answer.status_code,
                    {name.lower(): value for name, value in answer.headers.items()},
                    await _whole(answer),
                    self._now(),
                    does_write,
                )
            finally:
                await answer.aclose()
        except (httpx.HTTPError, httpx.InvalidURL, _TooLongError) as problem:
            raise self._unanswered(problem, does_write=does_write) from problem
        failure = self.meaning(reply)
        if failure is not None:
            raise failure
        return reply

    def meaning(self, reply: Reply) -> Failure | None:
        """What an answer means; None when it is a success whose words are no error."""
        try:
            _ = reply.form() if self._answers_forms else reply.data()
        except ValueError:
            return self._unreadable(reply)
        failure = self._judge(reply)
        if failure is not None or reply.is_success:
            return failure
        return self._by_status(reply)

    @asynccontextmanager
    async def lines(
        self,
        path: str,
        *,
        query: Query | None = None,
        headers: Mapping[str, str] | None = None,
        auth: httpx.Auth | None = None,
        silence: float = 30.0,
    ) -> AsyncIterator[AsyncIterator[str]]:
        """Holds an answer open and gives its lines as they come, empty ones (keep-alives) too.

        Raises a `Failure` when it is refused, when it breaks off, and after so many seconds of silence.
        """
        async with self.pieces(path, query=query, headers=headers, auth=auth, silence=silence) as pieces:
            yield _lines(pieces)

    @asynccontextmanager
    async def pieces(
        self,
        path: str,
        *,
        query: Query | None = None,
        headers: Mapping[str, str] | None = None,
        auth: httpx.Auth | None = None,
        silence: float = 30.0,
    ) -> AsyncIterator[AsyncIterator[str]]:
        """Holds an answer open and gives its text as it comes, in pieces of any length.

        For a stream whose parts do not end with a line. Raises like `lines`.
        """
        try:
            async with self._http.stream(
                "GET",
                self._address(path),
                params=_plain(query) if query else None,
                headers={"accept": "*/*", **(headers or {})},
                auth=auth,
                timeout=httpx.Timeout(silence, connect=CONNECT_S),
                follow_redirects=False,
            ) as answer:
                if not answer.is_success or "html" in answer.headers.get("content-type", ""):
                    names = {name.lower(): value for name, value in answer.headers.items()}
                    reply = Reply(
                        self.network, answer.status_code, names, await _whole(answer), self._now(), False
                    )
                    raise self.meaning(reply) or self._unreadable(reply)
                yield _pieces(answer)
        except httpx.TimeoutException as problem:
            raise TryLater(f"{self.network}'s stream has fallen silent.") from problem
        except (httpx.HTTPError, httpx.InvalidURL, _TooLongError) as problem:
            raise self._unanswered(problem, does_write=False) from problem

    def _address(self, path: str) -> str:
        return path if "://" in path else f"{self.base}/{path.lstrip('/')}"

    def _unanswered(self, problem: Exception, *, does_write: bool) -> Failure:
        """What no answer means. Only before a connection stood can nothing have left."""
        match problem:
            case httpx.ConnectError() | httpx.ConnectTimeout() | httpx.PoolTimeout():
                return TryLater(f"{self.network} cannot be reached.")
            case httpx.InvalidURL() | httpx.UnsupportedProtocol():
                return NotAllowed(f"{self.network}'s address cannot be used: {self.base}")
            case httpx.TimeoutException():
                return TryLater(f"{self.network} did not answer in time.", sent=does_write)
            case _TooLongError():
                return Misunderstood(f"{self.network}'s answer is far too long.", sent=does_write)
        return TryLater(f"The link to {self.network} broke off.", sent=does_write)

    def _unreadable(self, reply: Reply) -> Failure:
        """What an answer that is no JSON means: a proxy's page, or a network in trouble."""
        if not reply.is_success and reply.status != 404 and not 300 <= reply.status < 400:
            return self._by_status(reply)
        kind = reply.headers.get("content-type", "").partition(";")[0] or "nothing readable"
        return Misunderstood(
            f"Something between us and {self.network} answered with {kind} (status {reply.status}).",
            sent=reply.does_write and reply.status < 400,
        )

    def _by_status(self, reply: Reply) -> Failure:
        status = reply.status
        if status == 429:
            return SlowDown(f"{self.network} asks us to slow down.", until=reply.resumes_at())
        if status >= 500:
            words = f"{self.network} has a fault of its own and answers nothing useful."
            return TryLater(words, sent=reply.does_write)
        if status == 401:
            return SignInAgain(f"{self.network} no longer accepts the sign-in.")
        if status in {404, 410}:
            return Gone(f"It is no longer at {self.network}.")
        if status < 400:
            return Misunderstood(f"{self.network} answered with status {status}.", sent=reply.does_write)
        return NotAllowed(f"{self.network} refuses this (status {status}).")


def safe_address(address: str, default: str) -> str:
    """An address of a network's interface, without a slash at its end; `default` for an empty one.

    Raises NotAllowed for one that would send the sign-in in clear.
    """
    text = address.strip() or default
    if "://" not in text:
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
        _ = parts.port  # only asking for it tells whether it is one
    except ValueError:
        raise NotAllowed(f"{text} is no address that a network can have.") from None
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _ON_THIS_MACHINE)
    if not is_safe or not parts.hostname:
        raise NotAllowed(f"The network's address must begin with https://, and {text} does not.")
    return text.rstrip("/")


def words_of(text: object) -> str:
    """The network's own words, in one line and not too long, for a person to read."""
    return " ".join(str(text or "").split())[:_WORDS]


def time_in(text: str | None, now: int) -> int | None:
    """The moment that a header names, in milliseconds since 1970; None when it names none.

    Understood are seconds from now, seconds since 1970, and dates of HTTP and of ISO 8601.
    """
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        pass
    else:
        if not 0 <= number < 1e12:
            return None
        # A million seconds are 11 days: no network waits so long, and 1970 was longer ago.
        return now + int(number * 1000) if number < 1_000_000 else int(number * 1000)
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            when = parse(text)
        except (ValueError, TypeError, OverflowError):
            continue
        return int(when.timestamp() * 1000) if when.tzinfo is not None else None
    return None


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def milliseconds(text: str | None) -> int | None:
    """A time of ISO 8601 as milliseconds since 1970, or None when it is none. Without an offset it is UTC."""
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    # Integers throughout: a float would round some times to the millisecond before.
    since = (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)) - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000


class _TooLongError(Exception):
    """An answer, or a line of it, that no memory should have to hold."""


async def _whole(answer: httpx.Response) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in answer.aiter_bytes():
        size += len(part)
        if size > LONGEST_ANSWER:
            raise _TooLongError
        parts.append(part)
    return b"".join(parts)


async def _pieces(answer: httpx.Response) -> AsyncIterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    async for part in answer.aiter_bytes():
        piece = decoder.decode(part)
        if piece:
            yield piece


async def _lines(pieces: AsyncIterator[str]) -> AsyncIterator[str]:
    """Lines end with a line feed and nothing else: JSON may hold the other ends of lines unescaped."""
    rest = ""
    async for piece in pieces:
        *whole, rest = (rest + piece).split("\n")
        if len(rest) > LONGEST_LINE:
            raise _TooLongError
        for line in whole:
            yield line.removesuffix("\r")
    if rest:
        yield rest


@dataclass(frozen=True, slots=True)
class Event:
    """One server-sent event: its name (`message` where it has none), its data and its id."""

    name: str
    data: str
    id: str


async def events(lines: AsyncIterator[str]) -> AsyncIterator[Event]:
    """The server-sent events in the lines of a stream, comments left out.

    Source: https://html.spec.whatwg.org/multipage/server-sent-events.html
    """
    name, identity = "", ""
    data: list[str] = []
    async for line in lines:
        if not line:
            if data:
                yield Event(name or "message", "\n".join(data), identity)
            name, data = "", []
            continue
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "data":
            data.append(value)
        elif field == "event":
            name = value
        elif field == "id":
            identity = value


def _plain(values: Query) -> list[tuple[str, str | int | float | bool | None]]:
    return [(name, one) for name, found in _form(values).items() for one in found]


def _form(values: Query) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in values.items():
        if value is None:
            continue
        many = [value] if isinstance(value, str | int) else value
        found[name] = [json.dumps(one) if isinstance(one, bool) else str(one) for one in many]
    return found
