"""Instagram's connector before the false Instagram, and items as the console would name them."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

import msgspec

from console.api import ItemKind, ItemState, RemoteId, Target
from plugins.instagram.mapping import Note
from tests.servers.false.instagram import InstagramNetwork, InstagramStage
from tests.unit.plugins import graphroom

Room = graphroom.Room[InstagramNetwork]


def in_room(
    go: Callable[[Room], Awaitable[None]], prepare: Callable[[InstagramNetwork], object] | None = None
) -> None:
    """Runs `go` with an open connector; `prepare` says what is there before it is opened."""
    graphroom.in_room(InstagramNetwork, InstagramStage, go, prepare)


def target(
    kind: ItemKind = ItemKind.COMMENT,
    state: ItemState = ItemState.VISIBLE,
    *,
    note: Note | None = None,
    is_ours: bool = False,
) -> Target:
    """A comment of just now below a post of ours, unless its note says otherwise."""
    found = note or Note(int(time.time() * 1000), is_below_ours=True)
    said = msgspec.json.encode(found).decode()
    post = RemoteId("17900000000000001")
    return Target(RemoteId("17900000000000009"), kind, "99sam.example", post, post, state, is_ours, said)
