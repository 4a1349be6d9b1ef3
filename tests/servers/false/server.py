"""A false network on a real socket: what every network's stage shares, with all that can go wrong.

A network of its own derives from `FalseNetwork` and says what it answers; this makes the trouble. What a
newcomer would get wrong: trouble is made on the wire and not in the network's memory. What was carried out
before a connection broke stays carried out, and the test can ask the memory for the truth.
"""

from __future__ import annotations

import json
import random
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from console.api.stage import Trouble

SLOW_SECONDS = 0.4
LIMIT_SECONDS = 30
ON_PAGES = frozenset(
    {Trouble.REPEATED, Trouble.REORDERED, Trouble.EXTRAS, Trouble.BROKEN_ITEM, Trouble.EMPTY}
)
"""Trouble that shows in lists only."""
_WHOLE_LINK = frozenset({Trouble.CUT, Trouble.SLOW})
"""Trouble that signing in meets too."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request, as it came."""

    method: str
    path: str
    """Without the query."""
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    """Names in small letters."""
    body: bytes

    def first(self, name: str, default: str = "") -> str:
        """The first value of a name in the query."""
        return self.query.get(name, [default])[0]

    @property
    def json(self) -> Any:
        """The body as JSON; None when it is empty."""
        return json.loads(self.body) if self.body else None

    @property
    def form(self) -> dict[str, str]:
        """The body as a form, the first value of each name."""
        found = parse_qs(self.body.decode("utf-8", "replace"), keep_blank_values=True)
        return {name: values[0] for name, values in found.items()}

    @property
    def bearer(self) -> str:
        """The token in the header `Authorization`, empty without one."""
        return self.headers.get("authorization", "").removeprefix("Bearer ")


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. `body` is sent as JSON unless it is bytes; an iterator of bytes is a stream held open."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    kind: str = "application/json"


class FalseNetwork:
    """A running server. A context manager: it listens inside the block.

    To derive: `answer` (always), and as far as the network's own ways differ `is_sign_in`, `lists_of`,
    `broken_item`, `extras`, `early`, `limit_headers`, `low_headers`, `expire`, `revoke`. `lock` guards the
    memory; `answer` is called with it held.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.changes = 0
        """How many requests have changed something."""
        self.requests: list[Request] = []
        """Every request, for checks of their form."""
        self.given: set[str] = set()
        """Every text that a sign-in was answered with: none of them may ever be seen elsewhere."""
        self.offences: list[str] = []
        """Requests that break the network's contract; no test of a connector may leave any."""
        self.ended = threading.Event()
        """Set at the end: streams stop."""
        self._trouble: Trouble | None = None
        self._left: int | None = None
        self._repeated: dict[str, list[Any]] = {}
        network = self

        class Handler(_Handler):
            owner = network

        self._server = _Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, name="false network"
        )

    # what a network says -------------------------------------------------------------------------

    def answer(self, request: Request) -> Answer:
        """What the network answers when all is well; errors in its own words are answers too."""
        raise AssertionError(f"this network answers nothing, and was asked for {request.path}")

    def is_sign_in(self, request: Request) -> bool:
        """Whether this request gets or renews a sign-in, and so meets no trouble but that of the link."""
        return "oauth" in request.path

    def does_write(self, request: Request) -> bool:
        """Whether this request changes something."""
        return request.method != "GET"

    def lists_of(self, request: Request, body: Any) -> list[list[Any]]:
        """The lists of items in an answer, the very objects, so that they can be spoiled in place."""
        del request
        return [body["data"]] if isinstance(body, dict) and isinstance(body.get("data"), list) else []

    def broken_item(self) -> Any:
        """An entry of a list that no program can read."""
        return {"id": 5, "text": {"broken": True}}

    def extras(self, entry: Any) -> Any:
        """An entry with what is not known, and without what may be missing."""
        return {**entry, "something_new": {"deep": [1, None, "x"]}} if isinstance(entry, dict) else entry

    def early(self, trouble: Trouble, request: Request) -> Answer | None:
        """The answer that comes in place of the real one, in the network's own words."""
        del request
        match trouble:
            case Trouble.HTML:
                page = b"<html><body>Guest network: sign in</body></html>"
                return Answer(page, kind="text/html; charset=utf-8")
            case Trouble.GARBAGE:
                return Answer({"surprise": [1, {"data": "none"}]})
            case Trouble.FAULT:
                return Answer({"error": "upstream"}, 502)
            case Trouble.LIMIT:
                return Answer({"error": "Too many requests"}, 429, self.limit_headers())
            case Trouble.LIE:
                return Answer({"error": {"message": "Something went wrong", "code": 1}})
        return None

    def limit_headers(self) -> Mapping[str, str]:
        """The headers of a refusal for too many requests."""
        return {"retry-after": str(LIMIT_SECONDS)}

    def low_headers(self) -> Mapping[str, str]:
        """The headers of a good answer that say that nothing is left for a while."""
        return {}

    def expire(self) -> None:
        """Ends the short-lived part of the sign-in."""

    def revoke(self, *, is_revoked: bool) -> None:
        """Takes the sign-in away altogether, or gives it back."""

    # running ---------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """Where it answers, without a slash at the end."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.ended.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def misbehave(self, trouble: Trouble, *, requests: int | None = None) -> None:
        """Makes one kind of trouble for so many requests, or until `behave`."""
        with self.lock:
            self._trouble, self._left = trouble, requests
            self._repeated = {}
            if trouble is Trouble.EXPIRED:
                self.expire()
            self.revoke(is_revoked=trouble is Trouble.REVOKED)

    def behave(self) -> None:
        """Makes no trouble any more."""
        with self.lock:
            self._trouble, self._left = None, None
            self.revoke(is_revoked=False)

    @property
    def trouble(self) -> Trouble | None:
        """The trouble that is being made, for streams that are open."""
        return self._trouble

    def trouble_for(self, request: Request) -> Trouble | None:
        """The trouble that this request meets; counts it."""
        with self.lock:
            trouble = self._trouble
            if trouble is None or trouble is Trouble.REVOKED:
                return None
            if self.is_sign_in(request) and trouble not in _WHOLE_LINK:
                return None
            if trouble is Trouble.CUT_AFTER and not self.does_write(request):
                return None
            if self._left is not None:
                if self._left <= 0:
                    return None
                self._left -= 1
            return trouble

    def spoil(self, trouble: Trouble, request: Request, body: Any) -> Any:
        """An answer as a network in this trouble would give it."""
        body = json.loads(json.dumps(body))
        for place, listed in enumerate(self.lists_of(request, body)):
            if trouble is Trouble.EMPTY:
                listed.clear()
            elif trouble is Trouble.REPEATED:
                key = f"{request.path} {place}"
                with self.lock:
                    again, self._repeated[key] = self._repeated.get(key, []), listed[-20:]
                listed[:] = [*again, *(entry for one in listed for entry in (one, one))]
            elif trouble is Trouble.REORDERED:
                random.Random(len(listed)).shuffle(listed)
            elif trouble is Trouble.BROKEN_ITEM:
                listed.insert(len(listed) // 2, self.broken_item())
            elif trouble is Trouble.EXTRAS:
                listed[:] = [self.extras(entry) for entry in listed]
        return body


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that the other side broke off is no fault of this side."""


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    owner: FalseNetwork
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else every answer's body waits 40 ms for word that its head arrived

    def do_GET(self) -> None:
        self._answer()

    do_POST = do_PUT = do_DELETE = do_PATCH = do_GET  # noqa: N815 - the base class's way

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """A test reads no access log."""

    def _answer(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        url = urlsplit(self.path)
        request = Request(
            self.command,
            url.path,
            parse_qs(url.query, keep_blank_values=True),
            {name.lower(): value for name, value in self.headers.items()},
            self.rfile.read(length),
        )
        owner = self.owner
        trouble = owner.trouble_for(request)
        if trouble is Trouble.CUT:
            self._break_off()
            return
        if trouble is Trouble.SLOW:
            owner.ended.wait(SLOW_SECONDS)
        early = None if trouble is None else owner.early(trouble, request)
        if early is None:
            with owner.lock:
                owner.requests.append(request)
                early = owner.answer(request)
                if owner.is_sign_in(request):
                    owner.given |= _texts(early.body)
            if trouble is Trouble.CUT_AFTER:
                self._break_off()
                return
            is_page = early.status == 200 and not isinstance(early.body, Iterator)
            if trouble is not None and trouble in ON_PAGES and is_page:
                early = Answer(owner.spoil(trouble, request, early.body), 200, early.headers, early.kind)
            if trouble is Trouble.LOW:
                early = Answer(early.body, early.status, {**early.headers, **owner.low_headers()}, early.kind)
        if isinstance(early.body, Iterator):
            self._hold_open(early)
            return
        body = early.body if isinstance(early.body, bytes) else _json(early.body)
        if trouble is Trouble.HALF:
            self._send(early, body[: len(body) // 2], promised=len(body) + 1)
            self._break_off()
            return
        self._send(early, body)

    def _send(self, answer: Answer, body: bytes, *, promised: int | None = None) -> None:
        self.send_response(answer.status)
        self.send_header("content-type", answer.kind)
        self.send_header("content-length", str(len(body) if promised is None else promised))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _hold_open(self, answer: Answer) -> None:
        """Sends a stream piece by piece, until it ends, the other side goes, or the network is closed."""
        self.send_response(answer.status)
        self.send_header("content-type", answer.kind)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for piece in answer.body:
            if self.owner.ended.is_set() or self.owner.trouble is Trouble.CUT:
                self._break_off()
                return
            if piece:
                self.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
                self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")

    def _break_off(self) -> None:
        self.close_connection = True
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_RDWR)


def _json(body: Any) -> bytes:
    return b"" if body is None else json.dumps(body).encode()


def _texts(body: Any, name: str = "") -> set[str]:
    """The texts in an answer that are secrets, by their names, and long enough to be looked for."""
    if isinstance(body, dict):
        return {text for key, value in body.items() for text in _texts(value, str(key))}
    if isinstance(body, list):
        return {text for one in body for text in _texts(one, name)}
    is_secret = any(part in name for part in ("token", "secret", "code", "jwt", "verifier"))
    return (
        {body} if is_secret and isinstance(body, str) and len(body) >= 8 and name != "token_type" else set()
    )


def in_seconds(seconds: float) -> int:
    """A moment so many seconds from now, in seconds since 1970."""
    return int(time.time() + seconds)
