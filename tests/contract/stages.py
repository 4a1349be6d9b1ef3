"""The stages on which the connectors of this house are tested, each made anew for each check."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from console.api import Manifest, RemoteId, read_manifest
from console.api.connector import Connect
from console.api.stage import Stage, Trouble
from plugins.bluesky.connector import connect as connect_bluesky
from tests.servers.xrpc.network import HANDLE, PASSWORD
from tests.servers.xrpc.server import FalseXrpc

PLUGINS = Path(__file__).parents[2] / "plugins"


class BlueskyStage:
    """Bluesky's connector before the false Bluesky."""

    def __init__(self, server: FalseXrpc) -> None:
        """`server` is running."""
        self._server = server
        self.manifest: Manifest = read_manifest(PLUGINS / "bluesky" / "manifest.toml")
        self.connect: Connect = connect_bluesky
        self.settings: Mapping[str, str] = {"host": server.url, "handle": HANDLE}
        self.secret = json.dumps({"password": PASSWORD})
        self.handle = HANDLE
        self.waiting: Sequence[str] = ()
        self.is_live = True
        self.troubles: Collection[Trouble] = frozenset(Trouble)

    @property
    def changes(self) -> int:
        return self._server.network.changes

    def say(self, text: str, *, late_ms: int = 0) -> RemoteId:
        return RemoteId(self._server.network.say(text, late_ms=late_ms))

    def withdraw(self, remote_id: RemoteId) -> None:
        self._server.network.withdraw(remote_id)

    def misbehave(self, trouble: Trouble, *, requests: int | None = None) -> None:
        self._server.misbehave(trouble, requests=requests)

    def behave(self) -> None:
        self._server.behave()

    def is_public(self, remote_id: RemoteId) -> bool:
        network = self._server.network
        return remote_id in network.posts and remote_id not in network.hidden()


@contextmanager
def bluesky_stage() -> Iterator[Stage]:
    """A fresh false Bluesky with the connector before it."""
    with FalseXrpc() as server:
        yield BlueskyStage(server)


STAGES: dict[str, Callable[[], AbstractContextManager[Stage]]] = {"bluesky": bluesky_stage}
"""Every connector of this house, by its id."""
