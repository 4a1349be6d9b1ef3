"""The stages on which the connectors of this house are tested, each made anew for each check."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from console.api import Guide, Manifest, RemoteId, SignIn, read_manifest
from console.api.connector import Connect
from console.api.stage import Stage, Trouble
from plugins.bluesky.connector import connect as connect_bluesky
from plugins.replay.connector import connect as connect_replay
from tests.servers.false.facebook_stage import facebook_stage
from tests.servers.false.flickr import flickr_stage
from tests.servers.false.instagram import instagram_stage
from tests.servers.false.linkedin import linkedin_stage
from tests.servers.false.mastodon_stage import mastodon_stage
from tests.servers.false.reddit import reddit_stage
from tests.servers.false.threads import threads_stage
from tests.servers.false.tiktok import tiktok_stage
from tests.servers.false.x_stage import x_stage
from tests.servers.false.youtube_stage import youtube_stage
from tests.servers.xrpc.network import HANDLE, PASSWORD
from tests.servers.xrpc.server import FalseXrpc

PLUGINS = Path(__file__).parents[2] / "plugins"
RECORDED = (
    "Is Quay Road open?",
    "Two lines\nof words, and spaces at the end  ",
    "Cymraeg: ŵ ŷ, emoji 👩‍🚒, \u202eright to left\u202c",
    '<b onclick="x()">not markup</b> & "quotes"; NUL \x00 too',
)
"""What the recording holds that the replay connector is tested with."""


class PlainStage:
    """What a network without a walk, edits and topics says of them."""

    sign_in: SignIn | None = None
    first_secret = "{}"

    def rewrite(self, remote_id: RemoteId, text: str) -> bool:
        del remote_id, text
        return False

    def shows_withdrawn(self) -> bool:
        return False

    def say_about(self, topic: str, text: str) -> RemoteId | None:
        del topic, text
        return None

    def guide(self) -> Guide | None:
        return None


class BlueskyStage(PlainStage):
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
        # An app password has one right, to the whole account, so none can be missing and empty a list.
        self.troubles: Collection[Trouble] = frozenset(Trouble) - {Trouble.EMPTY}

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

    def shows_withdrawn(self) -> bool:
        return True

    def say_about(self, topic: str, text: str) -> RemoteId | None:
        assert topic in text, "what is said about a topic names it"
        return RemoteId(self._server.network.say_elsewhere(text))

    def is_public(self, remote_id: RemoteId) -> bool:
        network = self._server.network
        return remote_id in network.posts and remote_id not in network.hidden()


@contextmanager
def bluesky_stage() -> Iterator[Stage]:
    """A fresh false Bluesky with the connector before it."""
    with FalseXrpc() as server:
        yield BlueskyStage(server)


class ReplayStage(PlainStage):
    """The replay connector before a recording: nobody can speak on it, and it cannot be cut."""

    def __init__(self, recording: Path) -> None:
        """`recording` is the file to play, whose items have the texts `RECORDED`."""
        self.manifest: Manifest = read_manifest(PLUGINS / "replay" / "manifest.toml")
        self.connect: Connect = connect_replay
        self.settings: Mapping[str, str] = {"source": str(recording)}
        self.secret = ""
        self.handle = "recording"
        self.waiting: Sequence[str] = RECORDED
        self.is_live = False
        self.troubles: Collection[Trouble] = ()
        self.changes = 0

    def say(self, text: str, *, late_ms: int = 0) -> RemoteId:
        raise AssertionError(f"a recording cannot take {len(text)} characters, {late_ms} ms late")

    def withdraw(self, remote_id: RemoteId) -> None:
        raise AssertionError(f"a recording cannot lose {remote_id}")

    def misbehave(self, trouble: Trouble, *, requests: int | None = None) -> None:
        raise AssertionError(f"a recording knows no {trouble} for {requests} requests")

    def behave(self) -> None:
        """It always does."""

    def is_public(self, remote_id: RemoteId) -> bool | None:
        del remote_id  # the simulated network is inside the connector; there is nobody else to ask
        return None


@contextmanager
def replay_stage() -> Iterator[Stage]:
    """A recording of a few items of every sort, with the connector before it."""
    with TemporaryDirectory(prefix="cordon-recording-") as folder:
        recording = Path(folder) / "items.jsonl"
        lines = (
            json.dumps({"author": f"author{number}", "text": text}) for number, text in enumerate(RECORDED)
        )
        recording.write_text("\n".join(lines), encoding="utf-8")
        yield ReplayStage(recording)


STAGES: dict[str, Callable[[], AbstractContextManager[Stage]]] = {
    "instagram": instagram_stage,
    "bluesky": bluesky_stage,
    "facebook": facebook_stage,
    "mastodon": mastodon_stage,
    "flickr": flickr_stage,
    "reddit": reddit_stage,
    "replay": replay_stage,
    "threads": threads_stage,
    "linkedin": linkedin_stage,
    "tiktok": tiktok_stage,
    "x": x_stage,
    "youtube": youtube_stage,
}
"""Every connector of this house, by its id."""
