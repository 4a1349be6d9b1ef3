"""A replay connector before a file, with a clock that a test turns."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path

import httpx

from console.api import (
    Arrival,
    Connector,
    Context,
    ItemKind,
    ItemState,
    Page,
    RemoteId,
    Target,
    read_manifest,
)
from console.api.stage import CountedAllowance, KeptSecret
from plugins.replay.connector import connect

MANIFEST = read_manifest(Path(__file__).parents[4] / "plugins" / "replay" / "manifest.toml")
START = 1_800_000_000_000
"""When the playing begins here."""


class Clock:
    """A time that passes only while somebody waits."""

    def __init__(self) -> None:
        self.at = START
        self.waits: list[float] = []

    def now(self) -> int:
        return self.at

    async def wait(self, *, rest: float, incident: float) -> None:
        assert rest >= incident > 0
        self.waits.append(rest)
        self.at += max(1, round(rest * 1000))
        await asyncio.sleep(0)


class NoHttp:
    """A client that must never be used."""


def replay(source: Path | str, folder: Path, clock: Clock | None = None, **settings: str) -> Connector:
    """A connector before a source."""
    clock = clock or Clock()
    http: httpx.AsyncClient = NoHttp()  # type: ignore[assignment]  # a replay that used it would break
    return connect(
        Context(
            manifest=MANIFEST,
            settings={"source": str(source), **settings},
            secret=KeptSecret(None),
            http=http,
            now=clock.now,
            wait=clock.wait,
            is_incident=lambda: False,
            allowance=CountedAllowance(MANIFEST),
            log=logging.getLogger("tests.replay"),
            folder=folder / "account",
            handle="",
        )
    )


def pages(connector: Connector, cursor: str | None = None, most: int | None = None) -> list[Page]:
    """What a stream yields to its end, or the first pages of it."""

    async def read() -> list[Page]:
        found: list[Page] = []
        stream = connector.stream(cursor)
        async for page in stream:
            found.append(page)
            if most is not None and len(found) == most:
                break
        close = getattr(stream, "aclose", None)
        if close is not None:
            await close()
        return found

    return asyncio.run(read())


def arrivals(found: Sequence[Page]) -> list[Arrival]:
    return [arrival for page in found for arrival in page.arrivals]


def complaints(found: Sequence[Page]) -> list[str]:
    return [words for page in found for words in page.complaints]


def played(path: Path, folder: Path, **settings: str) -> tuple[list[Arrival], list[str]]:
    """Everything of a file, as fast as it goes, and what was wrong with it."""
    found = pages(replay(path, folder, Clock(), rate="1000000", **settings))
    return arrivals(found), complaints(found)


def target(
    remote_id: str = "i1",
    state: ItemState = ItemState.VISIBLE,
    *,
    author: str = "a1",
    is_ours: bool = False,
    note: str = "",
) -> Target:
    """An item as the console names it."""
    kind = ItemKind.POST if is_ours else ItemKind.COMMENT
    return Target(RemoteId(remote_id), kind, author, None, None, state, is_ours=is_ours, note=note)
