"""The stage on which YouTube's connector is tested."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import AbstractContextManager

from console.api import RemoteId
from console.api.stage import Stage, Trouble
from tests.servers.false.stage import FalseStage, on_stage
from tests.servers.false.youtube import API, CLIENT, CLIENT_SECRET, REFRESH, FalseYouTube
from tests.servers.false.youtube_shapes import ME


class YouTubeStage(FalseStage):
    """YouTube's connector before the false YouTube."""

    # YouTube says nothing of what is left of a day's units, so nothing can be low.
    troubles = frozenset(Trouble) - {Trouble.LOW}
    first_secret = json.dumps({"client_secret": CLIENT_SECRET, "refresh_token": ""})
    network: FalseYouTube

    def __init__(self, network: FalseYouTube) -> None:
        """`network` is running."""
        super().__init__("youtube", network)
        self.settings: Mapping[str, str] = {
            "client": CLIENT,
            "testing": "no",
            "channel": ME,
            "address": f"{network.url}{API}",
        }
        self.secret = json.dumps({"client_secret": CLIENT_SECRET, "refresh_token": REFRESH})
        self.handle = "force"
        self._thread = ""
        self._is_reply = False

    def say(self, text: str, *, late_ms: int = 0) -> RemoteId:
        """By turns a comment of its own and a reply below one of the force's."""
        if not self._thread:
            self._thread = self.network.say("Questions about Quay Road go here.", name="force")
        self._is_reply = not self._is_reply
        top = self._thread if self._is_reply else ""
        return RemoteId(self.network.say(text, top=top, late_ms=late_ms))

    def withdraw(self, remote_id: RemoteId) -> None:
        self.network.withdraw(remote_id)

    def is_public(self, remote_id: RemoteId) -> bool:
        return self.network.is_public(remote_id)

    def rewrite(self, remote_id: RemoteId, text: str) -> bool:
        self.network.rewrite(remote_id, text)
        return True


def youtube_stage() -> AbstractContextManager[Stage]:
    """A fresh false YouTube with the connector before it; no request may break the contract."""
    return on_stage(FalseYouTube(), YouTubeStage)
