"""What the tests of Meta's common parts share: a context whose answers the test writes itself."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from console.api import Context, read_manifest
from console.api.stage import CountedAllowance, KeptSecret, quick_wait
from console.api.web import Reply

PLUGINS = Path(__file__).parents[4] / "plugins"
NOW = 1_795_000_000_000
CEILING = "requests a day"
BASE = "https://graph.example/v26.0"
Answers = Callable[[httpx.Request], httpx.Response]


@asynccontextmanager
async def context(
    answers: Answers, settings: Mapping[str, str] | None = None, secret: str | None = None
) -> AsyncIterator[Context]:
    """A connector's context before a network of one function."""
    manifest = read_manifest(PLUGINS / "facebook" / "manifest.toml")
    async with httpx.AsyncClient(transport=httpx.MockTransport(answers)) as http:
        yield Context(
            manifest=manifest,
            settings=settings or {},
            secret=KeptSecret(secret),
            http=http,
            now=lambda: NOW,
            wait=quick_wait,
            is_incident=lambda: False,
            allowance=CountedAllowance(manifest),
            log=logging.getLogger("tests"),
            folder=Path("nowhere"),
            handle="",
        )


def reply(body: Any, status: int = 400, *, does_write: bool = False, **headers: str) -> Reply:
    """One answer of Facebook's; names of headers with underscores for hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply("Facebook", status, named, json.dumps(body).encode(), NOW, does_write)


def error(code: int, subcode: int = 0, message: str = "words of theirs", **more: Any) -> dict[str, Any]:
    """An error object as Meta sends it."""
    found: dict[str, Any] = {"message": message, "type": "OAuthException", "code": code, **more}
    return {"error": {**found, "error_subcode": subcode} if subcode else found}


def business(**used: int) -> str:
    """The header of the business use case, for one business."""
    return json.dumps({"1122334455": [{"type": "pages", **used}]})
