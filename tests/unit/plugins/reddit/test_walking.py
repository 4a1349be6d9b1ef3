"""Signing in with a browser, or with a token that is there already, and finding the subreddit."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping

import pytest

from console.api import NotAllowed
from console.api.stage import KeptSecret, backstage
from plugins.reddit.walking import sign_in
from tests.servers.false.reddit import REFRESH, SUB, RedditNetwork, RedditStage
from tests.servers.false.server import Answer, Request
from tests.servers.false.stage import Walker


async def walked(
    network: RedditNetwork, kept: KeptSecret, **settings: str
) -> tuple[Mapping[str, str], Walker]:
    """Signs in; gives the settings that were found, and who was talked with."""
    stage = RedditStage(network)
    stage.settings = {**stage.settings, **settings}
    guide = Walker()
    async with backstage(stage, kept, set(), []) as (context, _):
        return await sign_in(context, guide), guide


def test_the_walk_keeps_a_permanent_sign_in_and_finds_the_subreddit() -> None:
    async def go() -> None:
        with RedditNetwork() as network:
            kept = KeptSecret("{}")
            found, _ = await walked(network, kept, subreddit="")
            assert found == {"subreddit": SUB}
            assert json.loads(kept.text or "")["refresh_token"] == REFRESH
            assert network.offences == []
            address = next(one for one in network.requests if one.path.endswith("authorize"))
            assert address.first("redirect_uri").endswith("/reddit")
            assert "modposts" in address.first("scope").split()

    asyncio.run(go())


def test_a_refresh_token_that_was_given_needs_no_browser() -> None:
    async def go() -> None:
        with RedditNetwork() as network:
            kept = KeptSecret(json.dumps({"refresh_token": REFRESH, "client_secret": ""}))
            found, _ = await walked(network, kept, subreddit=SUB.lower())
            assert found == {"subreddit": SUB}
            assert not [one for one in network.requests if one.path.endswith("authorize")]

    asyncio.run(go())


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"subreddit": "SomebodyElses"}, "does not moderate r/SomebodyElses"),
        ({"client_id": ""}, "id of the force's app"),
    ],
)
def test_what_cannot_work_is_said_before_anything_is_kept(settings: dict[str, str], words: str) -> None:
    async def go() -> None:
        with RedditNetwork() as network:
            kept = KeptSecret("{}")
            with pytest.raises(NotAllowed, match=words):
                await walked(network, kept, **settings)
            assert kept.writes == 0

    asyncio.run(go())


def test_an_account_that_moderates_nothing_is_told_what_to_do() -> None:
    async def go() -> None:
        with RedditNetwork() as network:
            network.permissions = None
            with pytest.raises(NotAllowed, match="Ask a moderator"):
                await walked(network, KeptSecret("{}"), subreddit="")

    asyncio.run(go())


def test_a_sign_in_that_would_not_last_is_refused() -> None:
    class Forgetful(RedditNetwork):
        def answer(self, request: Request) -> Answer:
            found = super().answer(request)
            if request.path.endswith("access_token"):
                found.body.pop("refresh_token", None)
            return found

    async def go() -> None:
        with Forgetful() as network, pytest.raises(NotAllowed, match="no permanent sign-in"):
            await walked(network, KeptSecret("{}"))

    asyncio.run(go())
