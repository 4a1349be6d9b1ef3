"""The stage of X: its connector before the false network."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import AbstractContextManager

from console.api import RemoteId
from console.api.stage import Stage, now
from tests.servers.false.stage import FalseStage, on_stage
from tests.servers.false.x import APP_TOKEN, CLIENT, GRANTED, FalseX
from tests.servers.false.x_memory import HANDLE


class XStage(FalseStage):
    """X's connector before the false X."""

    handle = HANDLE
    network: FalseX

    def __init__(self, network: FalseX, **settings: str) -> None:
        """`network` is running; `settings` stand beside the usual ones."""
        super().__init__("x", network)
        self.settings: Mapping[str, str] = {
            "address": network.url,
            "client_id": CLIENT,
            "landing_port": "0",
            "dollars_a_day": "100",
            "replies_below_our_posts": "on",
            "enterprise_blocks": "on",
            **settings,
        }
        session = {"access": network.access, "refresh": network.refresh, "scope": GRANTED}
        self.secret = json.dumps({"app_token": APP_TOKEN, "session": session})

    def say(self, text: str, *, late_ms: int = 0) -> RemoteId:
        memory = self.network.memory
        with self.network.lock:
            at = now() - late_ms if late_ms else None
            return RemoteId(memory.write(text, to=memory.root, at=at))

    def withdraw(self, remote_id: RemoteId) -> None:
        with self.network.lock:
            self.network.memory.withdraw(remote_id)

    def is_public(self, remote_id: RemoteId) -> bool:
        with self.network.lock:
            memory = self.network.memory
            return remote_id in memory.posts and memory.first(remote_id) not in memory.hidden

    def rewrite(self, remote_id: RemoteId, text: str) -> bool:
        with self.network.lock:
            self.network.memory.rewrite(remote_id, text)
        return True

    def say_about(self, topic: str, text: str) -> RemoteId | None:
        del topic  # it is in the text
        with self.network.lock:
            return RemoteId(self.network.memory.write(text, author="3333333333333333333"))


def x_stage() -> AbstractContextManager[Stage]:
    """A fresh false X with the connector before it, which sends nothing that the contract does not take."""
    return on_stage(FalseX(), XStage)
