"""Signing in as a channel: the walk, the right that may be missing, and what ends when."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping

import pytest

from console.api import NotAllowed, SignInAgain
from console.api.stage import KeptSecret, backstage
from plugins.youtube.connector import YouTube, connect, sign_in
from plugins.youtube.session import Session
from tests.servers.false.stage import Walker
from tests.servers.false.youtube import API, CLIENT, CLIENT_SECRET, REFRESH, FalseYouTube
from tests.servers.false.youtube_shapes import ME
from tests.servers.false.youtube_stage import YouTubeStage
from tests.unit.plugins.youtube.rooms import Desk, at_desk

DAY_MS = 86_400_000


async def walk(
    network: FalseYouTube, typed: Mapping[str, str], *, chosen: str | None = None, channel: str = ""
) -> tuple[Mapping[str, str], KeptSecret, Walker]:
    """A person signs in; the settings that were found, and what is kept."""
    stage = YouTubeStage(network)
    stage.settings = {**stage.settings, "channel": channel}
    kept, walker = KeptSecret(json.dumps(typed)), Walker(chosen)
    async with backstage(stage, kept, set(), []) as (context, _):
        return await sign_in(context, walker), kept, walker


def test_a_person_walks_through_google_and_chooses_the_channel() -> None:
    async def work() -> None:
        with FalseYouTube() as network:
            network.channels = {"UC_other": "Cadets", ME: "The Force"}
            found, kept, _ = await walk(
                network, {"client_secret": CLIENT_SECRET, "refresh_token": ""}, chosen=ME
            )
            assert found == {"channel": ME}
            assert json.loads(kept.text or "")["refresh_token"] == REFRESH
            assert not network.offences

    asyncio.run(work())


def test_a_refresh_token_that_is_there_already_needs_no_browser() -> None:
    async def work() -> None:
        with FalseYouTube() as network:
            typed = {"client_secret": CLIENT_SECRET, "refresh_token": REFRESH}
            found, kept, walker = await walk(network, typed)
            assert found == {"channel": ME}
            assert not [words for words in walker.said if "Sign in at" in words]
            assert json.loads(kept.text or "")["access_token"] in network.tokens

    asyncio.run(work())


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({}, "secret is missing"),
        ({"client_secret": "wrong", "refresh_token": REFRESH}, "no longer accepts"),
        ({"client_secret": CLIENT_SECRET, "refresh_token": "1//of-yesterday"}, "revoked"),
        ({"client_secret": "wrong"}, "Unauthorized"),
    ],
)
def test_a_sign_in_that_fails_says_why(typed: Mapping[str, str], words: str) -> None:
    async def work() -> None:
        with FalseYouTube() as network:
            with pytest.raises((NotAllowed, SignInAgain)) as failure:
                await walk(network, typed)
            assert words in failure.value.words

    asyncio.run(work())


def test_a_box_that_was_not_ticked_at_google_is_named() -> None:
    async def work() -> None:
        with FalseYouTube() as network:
            network.scope = "https://www.googleapis.com/auth/youtube.readonly"
            with pytest.raises(NotAllowed, match="tick every box"):
                await walk(network, {"client_secret": CLIENT_SECRET})

    asyncio.run(work())


def test_another_channel_than_the_one_that_was_named_is_refused() -> None:
    async def work() -> None:
        with FalseYouTube() as network:
            with pytest.raises(NotAllowed, match="another channel"):
                await walk(network, {"client_secret": CLIENT_SECRET}, channel="UC_somebody_else")
            network.channels = {}
            with pytest.raises(NotAllowed, match="no YouTube channel"):
                await walk(network, {"client_secret": CLIENT_SECRET})

    asyncio.run(work())


def test_a_right_that_was_taken_away_later_asks_for_a_person() -> None:
    async def work(place: Desk) -> None:
        place.network.scope = "https://www.googleapis.com/auth/youtube.readonly"
        with pytest.raises(SignInAgain, match="tick every box"):
            await place.until("never")

    at_desk(work)


def test_accounts_of_one_google_project_share_its_units() -> None:
    async def work(place: Desk) -> None:
        profile = await place.youtube.open()
        assert (profile.remote_id, profile.handle, profile.name) == (ME, "force", "The Force")
        assert profile.app == CLIENT.partition("-")[0]
        assert profile.ends_at is None

    at_desk(work)


def test_a_sign_in_of_an_app_in_testing_ends_after_seven_days() -> None:
    async def work(place: Desk) -> None:
        first = await place.youtube.open()
        assert first.ends_at is not None
        assert abs(first.ends_at - place.time() - 7 * DAY_MS) < 60_000
        place.hours_ahead = 48
        again = connect(place.context)
        assert (await again.open()).ends_at == first.ends_at

    at_desk(work, testing="Yes")


def test_what_google_itself_says_of_the_end_stands_above_that() -> None:
    def prepare(network: FalseYouTube) -> None:
        network.token_life = {"refresh_token_expires_in": 3 * 86_400}

    async def work(place: Desk) -> None:
        profile = await place.youtube.open()
        assert profile.ends_at is not None
        assert abs(profile.ends_at - place.time() - 3 * DAY_MS) < 60_000

    at_desk(work, prepare)


def test_several_that_meet_an_ended_token_renew_it_once() -> None:
    async def work(place: Desk) -> None:
        session = Session(place.context)
        await session.open()
        place.network.expire()
        writes = place.kept.writes
        await asyncio.gather(*(session.listing("channels", part="snippet", mine=True) for _ in range(5)))
        assert place.kept.writes == writes + 1

    at_desk(work)


def test_a_token_is_renewed_before_its_hour_is_over() -> None:
    async def work(place: Desk) -> None:
        writes = place.kept.writes
        place.hours_ahead = 1
        await place.youtube.open()
        assert place.kept.writes == writes + 1
        assert json.loads(place.kept.text or "")["until"] > place.time()

    at_desk(work)


@pytest.mark.parametrize("address", ["http://youtube.example/v3", "ftp://youtube.example", "https://"])
def test_an_address_that_would_send_the_sign_in_in_clear_is_refused(address: str) -> None:
    async def work() -> None:
        with FalseYouTube() as network:
            stage = YouTubeStage(network)
            stage.settings = {**stage.settings, "address": address}
            async with backstage(stage, KeptSecret(stage.secret), set(), []) as (context, _):
                with pytest.raises(NotAllowed, match="https"):
                    await YouTube(context).open()

    asyncio.run(work())


def test_every_other_host_follows_the_address_of_the_interface() -> None:
    async def work(place: Desk) -> None:
        session = Session(place.context)
        await session.open()
        app = session._app()
        origin = place.network.url
        assert (app.authorize, app.token) == (f"{origin}/o/oauth2/v2/auth", f"{origin}/token")
        assert place.context.settings["address"] == f"{origin}{API}"

    at_desk(work)
