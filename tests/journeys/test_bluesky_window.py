"""Hidden from the lane by a key, and brought back by a key, on Bluesky's own servers."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from console.domain.items import ItemState
from tests.journeys.window_seat import Desk, in_the_window
from tests.servers.bluesky.people import BlueskyNetwork
from tests.servers.proxy import Proxy

pytestmark = [pytest.mark.server, pytest.mark.timeout(900)]  # the first run installs the servers


def test_a_reply_is_hidden_and_shown_again_by_keys_alone(
    qapp: QApplication, tmp_path: Path, bluesky_network: BlueskyNetwork, bluesky_link: Proxy
) -> None:
    force = bluesky_network.create_account("force")
    kind_person = bluesky_network.create_account("elwen")
    unkind_person = bluesky_network.create_account("farris")
    post = force.post("The ford road at Hexley is closed.")
    password = force.app_password()

    async def journey(desk: Desk) -> None:
        await desk.door.ask(
            desk.engine.add_account,
            "bluesky",
            {"handle": force.handle, "host": bluesky_link.url},
            {"password": password},
            lead="A. Rowe",
            deputy=None,
            may_act=True,
            who=desk.engine.who,
        )
        await desk.door.ask(desk.engine.open_incident, "Flood at Hexley", "critical", desk.engine.who)
        for person, words in ((kind_person, "Thank you."), (unkind_person, "Liars.")):
            await asyncio.to_thread(person.reply, post, words)
        kind, unkind = await desk.item("Thank you.", 5.0), await desk.item("Liars.", 5.0)

        async def hidden() -> list[str]:
            return await asyncio.to_thread(bluesky_network.hidden_replies, post)

        async def shown() -> list[str]:
            return await asyncio.to_thread(bluesky_network.shown_replies, post)

        async def is_hidden() -> bool:
            return await hidden() == [unkind.remote_id] and await state(desk, unkind.id) is ItemState.HIDDEN

        async def is_back() -> bool:
            return await hidden() == [] and await state(desk, unkind.id) is ItemState.VISIBLE

        await desk.reach(unkind.id)
        desk.press(Qt.Key.Key_H)
        await desk.until_asked("the reply to be hidden for everybody", is_hidden)
        assert await shown() == [kind.remote_id]

        desk.press(Qt.Key.Key_U)
        await desk.until_asked("the reply to be back for everybody", is_back)
        assert set(await shown()) == {kind.remote_id, unkind.remote_id}

    in_the_window(qapp, tmp_path / "profile", journey)


async def state(desk: Desk, item_id: int) -> ItemState:
    """An item's state in the cache."""
    return next(item.state for item in await desk.items() if item.id == item_id)
