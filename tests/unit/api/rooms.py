"""A false network that says what a test puts into its mouth, and a `Web` before it."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from console.api import Context, read_manifest
from console.api.failures import Failure
from console.api.stage import CountedAllowance, KeptSecret, quick_wait
from console.api.web import Judge, Reply, Web, nothing_more
from tests.servers.false.server import Answer, FalseNetwork, Request
from tests.servers.false.stage import PLUGINS

NOW = 1_700_000_000_000
"""The clock of these tests, milliseconds since 1970."""
NAME = "Chandlers Net"
PAGE = b"<html><body>Guest network: sign in</body></html>"


class Says(FalseNetwork):
    """Gives its answers in turn, and the last one again and again."""

    def __init__(self, *answers: Answer) -> None:
        """`answers` may be replaced while it runs."""
        super().__init__()
        self.answers = list(answers)

    def answer(self, request: Request) -> Answer:
        self.changes += self.does_write(request)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@asynccontextmanager
async def web_to(address: str, judge: Judge = nothing_more, **more: Any) -> AsyncIterator[Web]:
    """A `Web` whose clock stands still."""
    async with httpx.AsyncClient(trust_env=False) as http:
        yield Web(http, lambda: NOW, network=NAME, base=address, judge=judge, **more)


@asynccontextmanager
async def context() -> AsyncIterator[Context]:
    """What a connector is handed, with nothing in it but a client and a clock that stands still."""
    manifest = read_manifest(PLUGINS / "bluesky" / "manifest.toml")
    async with httpx.AsyncClient(trust_env=False) as http:
        yield Context(
            manifest=manifest,
            settings={},
            secret=KeptSecret(None),
            http=http,
            now=lambda: NOW,
            wait=quick_wait,
            is_incident=lambda: False,
            allowance=CountedAllowance(manifest),
            log=logging.getLogger("a connector"),
            folder=Path("nowhere"),
            handle="",
        )


async def failure_of(web: Web, method: str = "GET", **how: Any) -> Failure:
    """The failure that a request ends with; a request that does not fail fails the test."""
    try:
        reply = await web.reply(method, "things", does_write=method != "GET", **how)
    except Failure as failure:
        return failure
    raise AssertionError(f"there was an answer: {reply.status} {reply.body!r}")


def reply_of(
    body: bytes = b"",
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    *,
    does_write: bool = False,
) -> Reply:
    """An answer that came without a network."""
    return Reply(NAME, status, headers or {}, body, NOW, does_write)
