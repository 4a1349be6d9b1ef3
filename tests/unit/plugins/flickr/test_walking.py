"""Signing in with a browser that comes back, with a pasted code, or with a token that is there already."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping

import pytest

from console.api import NotAllowed
from console.api.stage import KeptSecret, backstage
from plugins.flickr.walking import sign_in
from tests.servers.false.flickr import SECRET, TOKEN, FlickrNetwork, FlickrStage
from tests.servers.false.stage import Walker


async def walked(
    network: FlickrNetwork, kept: KeptSecret, guide: Walker | None = None, **settings: str
) -> Mapping[str, str]:
    """Signs in; gives the settings that were found."""
    stage = FlickrStage(network)
    stage.settings = {**stage.settings, **settings}
    async with backstage(stage, kept, set(), []) as (context, _):
        return await sign_in(context, guide or Walker())


def typed(**more: str) -> KeptSecret:
    """What a person typed before."""
    return KeptSecret(json.dumps({"api_secret": SECRET, **more}))


@pytest.mark.parametrize("way", ["browser", "code", ""])
def test_both_ways_back_from_the_browser_give_a_token_that_works(way: str) -> None:
    async def go() -> None:
        with FlickrNetwork() as network:
            kept = typed()
            assert await walked(network, kept, way=way) == {}
            token = json.loads(kept.text or "")["access_token"].partition(":")[0]
            assert token in network.tokens
            assert token != TOKEN
            assert network.offences == []

    asyncio.run(go())


def test_a_token_that_was_given_needs_no_browser() -> None:
    async def go() -> None:
        with FlickrNetwork() as network:
            kept = typed(access_token=f"{TOKEN}:secret-of-the-token")
            await walked(network, kept)
            assert not [one for one in network.requests if one.path.startswith("/oauth/")]
            assert kept.writes == 1

    asyncio.run(go())


@pytest.mark.parametrize(
    ("secret", "settings", "words"),
    [
        ({"api_secret": ""}, {}, "both needed"),
        ({}, {"api_key": ""}, "both needed"),
        ({"api_secret": "another"}, {}, "key and secret"),
        ({}, {"address": "http://flickr.example/services"}, "https://"),
    ],
)
def test_what_cannot_work_is_said_before_anything_is_kept(
    secret: dict[str, str], settings: dict[str, str], words: str
) -> None:
    async def go() -> None:
        with FlickrNetwork() as network:
            kept = typed(**secret)
            with pytest.raises(NotAllowed, match=words):
                await walked(network, kept, None, **settings)
            assert kept.writes == 0

    asyncio.run(go())


def test_a_sign_in_that_may_only_read_is_refused() -> None:
    async def go() -> None:
        with FlickrNetwork() as network:
            network.tokens[TOKEN] = ("secret-of-the-token", "read")
            with pytest.raises(NotAllowed, match="only read"):
                await walked(network, typed(access_token=f"{TOKEN}:secret-of-the-token"))

    asyncio.run(go())


def test_a_code_that_is_wrong_is_refused() -> None:
    class Mistaken(Walker):
        async def paste(self, question: str) -> str:
            await super().paste(question)
            return "987-654-321"

    async def go() -> None:
        with FlickrNetwork() as network, pytest.raises(NotAllowed, match="start again"):
            await walked(network, typed(), Mistaken(), way="code")

    asyncio.run(go())


def test_a_person_who_pastes_nothing_is_told_so() -> None:
    class Silent(Walker):
        async def paste(self, question: str) -> str:
            del question
            return " "

    async def go() -> None:
        with FlickrNetwork() as network, pytest.raises(NotAllowed, match="no code"):
            await walked(network, typed(), Silent(), way="code")

    asyncio.run(go())
