"""The contract suite, run for Bluesky's connector before Bluesky's own servers.

What the false network cannot prove is that it is true to the real one. So every check that real servers
can show is run against them too; the link between the connector and them can be cut.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from console.api import Manifest, RemoteId, read_manifest
from console.api.connector import Connect
from console.api.testing import Check, Trouble, checks_for
from plugins.bluesky.connector import connect
from tests.contract.stages import PLUGINS, PlainStage
from tests.servers.bluesky.people import BlueskyNetwork, Person, Ref
from tests.servers.proxy import Proxy
from tests.servers.waiting import until

UNCOUNTED = "hides many of one thread, answering for each in order"
"""Real servers do not say how many writes they have taken; the false network counts them."""


class RealStage(PlainStage):
    """Bluesky's connector before Bluesky's own servers, with accounts made for this stage."""

    def __init__(self, network: BlueskyNetwork, link: Proxy) -> None:
        """`link` leads to the PDS; people outside go round it."""
        self._network = network
        self._link = link
        self._force = network.create_account("force")
        self._outsider = network.create_account("outsider")
        self._root = self._force.post("The ford road is closed.")
        self._said: dict[str, Ref] = {}
        self.manifest: Manifest = read_manifest(PLUGINS / "bluesky" / "manifest.toml")
        self.connect: Connect = connect
        self.settings: Mapping[str, str] = {"host": link.url, "handle": self._force.handle}
        self.secret = json.dumps({"password": self._force.app_password()})
        self.handle = self._force.handle
        self.waiting: Sequence[str] = ()
        self.is_live = True
        self.troubles: Collection[Trouble] = frozenset({Trouble.CUT})
        self.changes = 0

    @property
    def author(self) -> Person:
        """Who speaks from outside."""
        return self._outsider

    def say(self, text: str, *, late_ms: int = 0) -> RemoteId:
        claimed = datetime.now(tz=UTC) - timedelta(milliseconds=late_ms)
        created = claimed.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        places = {"root": self._root.as_json(), "parent": self._root.as_json()}
        ref = self._outsider.post(text, reply=places, createdAt=created)
        self._said[ref.uri] = ref
        return RemoteId(ref.uri)

    def withdraw(self, remote_id: RemoteId) -> None:
        self._outsider.delete(self._said[remote_id])
        until(
            "the post to be gone",
            lambda: not self._network.ask("app.bsky.feed.getPosts", uris=remote_id)["posts"],
        )

    def misbehave(self, trouble: Trouble, *, requests: int | None = None) -> None:
        assert trouble is Trouble.CUT
        assert requests is None
        self._link.cut()

    def behave(self) -> None:
        self._link.mend()

    def shows_withdrawn(self) -> bool:
        return True

    def say_about(self, topic: str, text: str) -> RemoteId | None:
        assert topic in text, "what is said about a topic names it"
        return RemoteId(self._outsider.post(text).uri)

    def is_public(self, remote_id: RemoteId) -> bool:
        return remote_id in self._network.shown_replies(self._root)


class _Paper(RealStage):
    """What a real stage can show, known without a server."""

    def __init__(self) -> None:
        self.manifest = read_manifest(PLUGINS / "bluesky" / "manifest.toml")
        self.is_live = True
        self.troubles = frozenset({Trouble.CUT})


CHECKS = [check for check in checks_for(_Paper()) if check.words != UNCOUNTED]


@pytest.mark.server
@pytest.mark.timeout(900)  # the first run installs and compiles the servers
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.words)
def test_a_connector_before_real_servers(
    check: Check, bluesky_network: BlueskyNetwork, bluesky_link: Proxy
) -> None:
    asyncio.run(check.run(RealStage(bluesky_network, bluesky_link)))
