"""Threads' connector before the false Threads, and items as the console would name them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec

from console.api import ItemKind, ItemState, RemoteId, Target
from plugins.threads.mapping import Note
from tests.servers.false.threads import ThreadsNetwork, ThreadsStage
from tests.unit.plugins import graphroom

Room = graphroom.Room[ThreadsNetwork]


def in_room(
    go: Callable[[Room], Awaitable[None]], prepare: Callable[[ThreadsNetwork], object] | None = None
) -> None:
    """Runs `go` with an open connector; `prepare` says what is there before it is opened."""
    graphroom.in_room(ThreadsNetwork, ThreadsStage, go, prepare)


def target(
    kind: ItemKind = ItemKind.REPLY,
    state: ItemState = ItemState.VISIBLE,
    *,
    note: Note | None = None,
    is_nested: bool = False,
    is_ours: bool = False,
) -> Target:
    """An item below a post of ours, unless its note says otherwise."""
    root = RemoteId("18000000000000001")
    said = msgspec.json.encode(note or Note(is_below_ours=True)).decode()
    parent = RemoteId("18000000000000002") if is_nested else root
    return Target(RemoteId("18000000000000009"), kind, "sam.example", parent, root, state, is_ours, said)
