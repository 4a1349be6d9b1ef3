"""The false Bluesky on a real socket, with everything that can go wrong between it and a program.

What a newcomer would get wrong: trouble is made on the wire and not in the network's memory. What was
carried out before a connection broke stays carried out, and the test can ask the memory for the truth.
"""

from __future__ import annotations

import json
import random
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from console.api.stage import Trouble
from tests.servers.xrpc.network import AUTH, XrpcError, XrpcNetwork

SLOW_SECONDS = 0.4
LIMIT_SECONDS = 30
NOTIFICATIONS = "app.bsky.notification.listNotifications"
_ON_PAGES = frozenset({Trouble.REPEATED, Trouble.REORDERED, Trouble.EXTRAS, Trouble.BROKEN_ITEM})
_WHOLE_LINK = frozenset({Trouble.CUT, Trouble.SLOW})


class FalseXrpc:
    """A running server around one `XrpcNetwork`. A context manager: it listens inside the block."""

    def __init__(self) -> None:
        self.network = XrpcNetwork()
        self._lock = threading.Lock()
        self._trouble: Trouble | None = None
        self._left: int | None = None
        self._repeated: list[Any] = []
        false_network = self

        class Handler(_Handler):
            owner = false_network

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, name="false xrpc"
        )

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
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def misbehave(self, trouble: Trouble, *, requests: int | None = None) -> None:
        """Makes one kind of trouble for so many requests, or until `behave`."""
        with self._lock:
            self._trouble, self._left = trouble, requests
            self._repeated = []
        if trouble is Trouble.EXPIRED:
            self.network.expire()
        self.network.is_revoked = trouble is Trouble.REVOKED

    def behave(self) -> None:
        """Makes no trouble any more."""
        with self._lock:
            self._trouble, self._left = None, None
        self.network.is_revoked = False

    def trouble_for(self, method: str, nsid: str) -> Trouble | None:
        """The trouble that this request meets; counts it."""
        with self._lock:
            trouble = self._trouble
            if trouble is None or (nsid.startswith(AUTH) and trouble not in _WHOLE_LINK):
                return None
            if trouble is Trouble.CUT_AFTER and method != "POST":
                return None
            if trouble in _ON_PAGES and nsid != NOTIFICATIONS:
                return None
            if self._left is not None:
                if self._left <= 0:
                    return None
                self._left -= 1
            return trouble

    def spoil(self, trouble: Trouble, page: dict[str, Any]) -> dict[str, Any]:
        """A page of notifications as a network in this trouble would give it."""
        listed = list(page["notifications"])
        if trouble is Trouble.REPEATED:
            with self._lock:
                again, self._repeated = self._repeated, listed[-20:]
            listed = [*again, *(entry for one in listed for entry in (one, one))]
        elif trouble is Trouble.REORDERED:
            random.Random(len(listed)).shuffle(listed)
        elif trouble is Trouble.BROKEN_ITEM:
            listed.insert(len(listed) // 2, {"uri": 5, "record": {"text": "whole item broken"}})
        elif trouble is Trouble.EXTRAS:
            listed = [_with_extras(entry) for entry in listed]
            return {**page, "notifications": listed, "somethingNew": {"deep": [1, None, "x"]}}
        return {**page, "notifications": listed}


def _with_extras(entry: dict[str, Any]) -> dict[str, Any]:
    """One notification with what is not known, and without what may be missing."""
    author = {"did": entry["author"]["did"], "handle": entry["author"]["handle"], "pronouns": "they"}
    kept = {name: entry[name] for name in ("uri", "cid", "reason", "indexedAt", "isRead")}
    record = {name: value for name, value in entry["record"].items() if name != "langs"}
    embed = {"$type": "app.bsky.embed.hologram", "images": "none"}
    return {**kept, "author": author, "record": {**record, "embed": embed, "tags": 7}, "mood": None}


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    owner: FalseXrpc
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else every answer's body waits 40 ms for word that its head arrived

    def do_GET(self) -> None:
        self._answer("GET")

    def do_POST(self) -> None:
        self._answer("POST")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """A test reads no access log."""

    def _answer(self, method: str) -> None:
        length = int(self.headers.get("content-length") or 0)
        content = self.rfile.read(length)
        url = urlsplit(self.path)
        nsid = url.path.removeprefix("/xrpc/")
        trouble = self.owner.trouble_for(method, nsid)
        if trouble is Trouble.CUT:
            self._break_off()
            return
        if trouble is Trouble.SLOW:
            threading.Event().wait(SLOW_SECONDS)
        early = _EARLY.get(trouble) if trouble else None
        if early is not None:
            self._send(*early, _limit_headers() if trouble is Trouble.LIMIT else {})
            return
        try:
            answer = self.owner.network.answer(
                method,
                nsid,
                parse_qsl(url.query, keep_blank_values=True),
                json.loads(content) if content else None,
                self.headers.get("authorization", "").removeprefix("Bearer "),
            )
        except XrpcError as problem:
            self._send(problem.status, "application/json", _error(problem.name, str(problem)), {})
            return
        if trouble is Trouble.CUT_AFTER:
            self._break_off()
            return
        if trouble in _ON_PAGES and trouble is not None:
            answer = self.owner.spoil(trouble, answer)
        body = json.dumps(answer).encode() if answer else b""
        if trouble is Trouble.HALF:
            self._send(200, "application/json", body[: len(body) // 2], {}, promised=len(body) + 1)
            self._break_off()
            return
        self._send(200, "application/json", body, _limit_headers() if trouble is Trouble.LOW else {})

    def _send(
        self, status: int, kind: str, body: bytes, headers: dict[str, str], *, promised: int | None = None
    ) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body) if promised is None else promised))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _break_off(self) -> None:
        self.close_connection = True
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_RDWR)


def _error(name: str, message: str) -> bytes:
    return json.dumps({"error": name, "message": message}).encode()


def _limit_headers() -> dict[str, str]:
    reset = int(time.time()) + LIMIT_SECONDS
    return {
        "ratelimit-limit": "3000",
        "ratelimit-remaining": "0",
        "ratelimit-reset": str(reset),
        "ratelimit-policy": "3000;w=300",
    }


_EARLY: dict[Trouble, tuple[int, str, bytes]] = {
    Trouble.HTML: (
        200,
        "text/html; charset=utf-8",
        b"<html><body>Guest network: sign in</body></html>",
    ),
    Trouble.GARBAGE: (200, "application/json", b'{"surprise": [1, {"notifications": "none"}]}'),
    Trouble.LIE: (200, "application/json", _error("InternalServerError", "Internal Server Error")),
    Trouble.FAULT: (502, "application/json", _error("UpstreamFailure", "pipethrough network error")),
    Trouble.LIMIT: (429, "application/json", _error("RateLimitExceeded", "Rate Limit Exceeded")),
}
