"""The stage of Facebook: its connector before the false Facebook."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager

from console.api import Guide, RemoteId
from console.api.stage import Stage
from tests.servers.false.facebook import PAGE, PAGE_HANDLE, FacebookNetwork
from tests.servers.false.stage import FalseStage, Walker, on_stage


class FacebookStage(FalseStage):
    """Facebook's connector before the false Facebook."""

    network: FacebookNetwork

    def __init__(self, network: FacebookNetwork) -> None:
        """`network` is running."""
        super().__init__("facebook", network)
        self.settings = {"address": f"{network.url}/v26.0", "app_id": network.app_id, "page": PAGE}
        kept = {"app_secret": network.secret, "user_token": network.give_token()}
        self.secret = json.dumps({**kept, "page_token": network.page_token(), "tasks": network.tasks})
        self.first_secret = json.dumps({"app_secret": network.secret, "token": ""})
        self.handle = PAGE_HANDLE

    def say(self, text: str, *, late_ms: int = 0) -> RemoteId:
        return RemoteId(self.network.say(text, late=late_ms / 1000))

    def withdraw(self, remote_id: RemoteId) -> None:
        self.network.withdraw(remote_id)

    def rewrite(self, remote_id: RemoteId, text: str) -> bool:
        with self.network.lock:
            self.network.comments[remote_id].text = text
        return True

    def is_public(self, remote_id: RemoteId) -> bool:
        with self.network.lock:
            found = self.network.comments.get(remote_id)
            return found is not None and not found.hidden

    def guide(self) -> Guide:
        return Walker(chosen=PAGE)


def facebook_stage() -> AbstractContextManager[Stage]:
    """A fresh false Facebook with the connector before it."""
    return on_stage(FacebookNetwork(), FacebookStage)
