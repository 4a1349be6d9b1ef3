"""Mastodon's connector before the false Mastodon server."""

from __future__ import annotations

import json
from collections.abc import Collection
from contextlib import AbstractContextManager

from console.api import RemoteId
from console.api.stage import Stage, Trouble
from tests.servers.false.mastodon import FalseMastodon
from tests.servers.false.mastodon_memory import FORCE_NAME, SCOPES
from tests.servers.false.stage import FalseStage, on_stage


class MastodonStage(FalseStage):
    """The stage; see `console.api.stage.Stage`."""

    network: FalseMastodon
    handle = f"{FORCE_NAME}@police.example"
    # A token does not end by itself, so there is nothing to renew. A right that is missing is refused with
    # 403 and never answered with an empty list.
    troubles: Collection[Trouble] = frozenset(Trouble) - {Trouble.EXPIRED, Trouble.EMPTY}

    def __init__(self, network: FalseMastodon) -> None:
        """`network` is running."""
        super().__init__("mastodon", network)
        self.settings = {"address": network.url}
        self.secret = json.dumps({"token": network.token, "scopes": SCOPES})

    def say(self, text: str, *, late_ms: int = 0) -> RemoteId:
        return RemoteId(self.network.say(text, late_ms=late_ms))

    def withdraw(self, remote_id: RemoteId) -> None:
        self.network.withdraw(remote_id)

    def is_public(self, remote_id: RemoteId) -> bool | None:
        return remote_id in self.network.posts

    def rewrite(self, remote_id: RemoteId, text: str) -> bool:
        self.network.rewrite(remote_id, text)
        return True

    def say_about(self, topic: str, text: str) -> RemoteId | None:
        return RemoteId(self.network.say(text, parent=None, is_told=False, tags=[topic]))


def mastodon_stage() -> AbstractContextManager[Stage]:
    """A fresh false server with the connector before it."""
    return on_stage(FalseMastodon(), MastodonStage)
