"""Signing in, and staying signed in without asking for it more than needed."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from console.api import Context, NotAllowed, SignInAgain, Verb, read_manifest
from console.api.stage import CountedAllowance, KeptSecret, Trouble, quick_wait, scene, watch
from plugins.bluesky.session import REQUESTS, Session
from plugins.bluesky.wire import Empty
from tests.contract.stages import BlueskyStage
from tests.servers.xrpc.network import FORCE, HANDLE, PASSWORD
from tests.servers.xrpc.server import FalseXrpc
from tests.unit.plugins.bluesky.rooms import room


def test_the_password_is_used_once_and_then_the_tokens() -> None:
    async def go() -> Counter[str]:
        with FalseXrpc() as server:
            stage = BlueskyStage(server)
            kept = KeptSecret(stage.secret)
            for _ in range(3):
                async with scene(stage, secret=kept):
                    pass
            return Counter(name for name, _ in server.network.calls)

    calls = asyncio.run(go())
    assert calls["com.atproto.server.createSession"] == 1
    assert calls["com.atproto.server.refreshSession"] == 0


def test_several_requests_that_meet_an_ended_token_renew_it_once() -> None:
    async def go() -> None:
        async with room() as here:
            targets = [await here.said(f"number {number}") for number in range(5)]
            here.network.calls.clear()
            here.server.misbehave(Trouble.EXPIRED)
            await asyncio.gather(*(here.do(Verb.MUTE, target) for target in targets))
            names = Counter(name for name, _ in here.network.calls)
            assert names["com.atproto.server.refreshSession"] == 1
            assert names["com.atproto.server.createSession"] == 0
            assert len(here.network.mutes) == 5

    asyncio.run(go())


def test_with_both_tokens_ended_the_password_signs_in_again() -> None:
    async def go() -> None:
        async with room() as here:
            here.network.access.clear()
            here.network.refresh.clear()
            here.network.say("still heard")
            await watch(here.scene.connector, {"still heard"})
            kept = json.loads(here.scene.secret.text or "")
            assert kept["password"] == PASSWORD
            assert kept["session"]["access"] in here.network.access

    asyncio.run(go())


@pytest.mark.parametrize("typed", [HANDLE, f"@{HANDLE}", f"  {HANDLE} ", FORCE])
def test_a_handle_is_taken_as_people_write_it(typed: str) -> None:
    async def go() -> str:
        with FalseXrpc() as server:
            stage = BlueskyStage(server)
            stage.settings = {**stage.settings, "handle": typed}
            async with scene(stage, opens=False) as act:
                return (await act.connector.open()).remote_id

    assert asyncio.run(go()) == FORCE


def test_a_wrong_password_asks_for_a_person_in_plain_words() -> None:
    async def go() -> None:
        with FalseXrpc() as server:
            stage = BlueskyStage(server)
            stage.secret = json.dumps({"password": "wrong"})
            async with scene(stage, opens=False) as act:
                await act.connector.open()

    with pytest.raises(SignInAgain, match="does not accept this handle and app password"):
        asyncio.run(go())


@pytest.mark.parametrize(
    "host", ["http://pds.example", "ftp://pds.example", "https://", "http://127.0.0.1.example"]
)
def test_a_password_is_never_sent_in_clear(host: str) -> None:
    async def go() -> list[str]:
        asked: list[str] = []

        def answer(request: httpx.Request) -> httpx.Response:
            asked.append(str(request.url))
            return httpx.Response(500)

        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
            with pytest.raises(NotAllowed, match="https"):
                await Session(_context(http, host)).open()
        return asked

    assert asyncio.run(go()) == []


@pytest.mark.parametrize(
    ("host", "asked"),
    [
        ("", "https://bsky.social"),
        ("pds.example", "https://pds.example"),
        ("https://pds.example/", "https://pds.example"),
        ("https://pds.example:8443/path?x", "https://pds.example:8443"),
        ("http://localhost:2583", "http://localhost:2583"),
    ],
)
def test_a_host_is_taken_as_people_write_it(host: str, asked: str) -> None:
    async def go() -> list[str]:
        seen: list[str] = []

        def answer(request: httpx.Request) -> httpx.Response:
            seen.append(str(request.url))
            return httpx.Response(401, json={"error": "AuthenticationRequired"})

        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
            with pytest.raises(SignInAgain):
                await Session(_context(http, host)).open()
        return seen

    assert asyncio.run(go()) == [f"{asked}/xrpc/com.atproto.server.createSession"]


def _token(scope: str) -> str:
    claims = base64.urlsafe_b64encode(json.dumps({"scope": scope}).encode()).rstrip(b"=").decode()
    return f"header.{claims}.signature"


@pytest.mark.parametrize(
    ("token", "handle", "word"),
    [
        (_token("com.atproto.access"), HANDLE, "main password"),
        (_token("com.atproto.appPass"), HANDLE, ""),
        ("header.no base64.signature", HANDLE, ""),
        ("header..signature", HANDLE, ""),
        ("opaque", HANDLE, ""),
        ("opaque", "handle.invalid", "handle"),
    ],
)
def test_what_a_person_should_know_of_a_sign_in_that_works_is_said(
    token: str, handle: str, word: str
) -> None:
    async def go() -> Sequence[str]:
        with FalseXrpc() as server:
            tokens = {"accessJwt": token, "refreshJwt": "refresh", "did": FORCE, "handle": HANDLE}
            server.network.access = {token}
            server.network.overrides["com.atproto.server.createSession"] = lambda _given: tokens
            server.network.overrides["com.atproto.server.getSession"] = lambda _given: {
                "did": FORCE,
                "handle": handle,
            }
            async with scene(BlueskyStage(server), opens=False) as act:
                return (await act.connector.open()).notices

    notices = asyncio.run(go())
    assert len(notices) == bool(word)
    assert not word or word in notices[0]


def test_accounts_at_one_host_share_its_ceiling_of_requests() -> None:
    async def go() -> None:
        with FalseXrpc() as server:
            async with scene(BlueskyStage(server), opens=False) as act:
                profile = await act.connector.open()
                assert profile.app == urlsplit(server.url).netloc
                [shared] = [one for one in act.stage.manifest.ceilings if one.per == "app"]
                assert shared.name == REQUESTS

    asyncio.run(go())


@pytest.mark.parametrize(
    ("nsid", "policy", "ceiling"),
    [
        ("app.bsky.feed.getPosts", "3000;w=300", REQUESTS),
        ("com.atproto.repo.putRecord", "5000;w=3600", "writes an hour"),
        ("com.atproto.repo.putRecord", "35000; w=86400", "writes a day"),
        ("app.bsky.feed.getPosts", "100;w=1", None),
        ("app.bsky.feed.getPosts", "", None),
        ("com.atproto.server.createSession", "30;w=300", None),
    ],
)
def test_what_the_headers_say_is_passed_on_for_the_ceiling_that_they_are_about(
    nsid: str, policy: str, ceiling: str | None
) -> None:
    headers = {"ratelimit-policy": policy, "ratelimit-remaining": "7", "ratelimit-reset": "1000060"}

    async def go() -> dict[str, tuple[int, int]]:
        def answer(request: httpx.Request) -> httpx.Response:
            is_it = request.url.path.endswith(nsid)
            body = {"did": FORCE, "handle": HANDLE, "accessJwt": "a", "refreshJwt": "r", "posts": []}
            return httpx.Response(200, json=body, headers=headers if is_it else {})

        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
            context = _context(http, "https://pds.example")
            session = Session(context)
            await session.open()
            await session.ask(nsid, {}, Empty)
            assert isinstance(context.allowance, CountedAllowance)
            return context.allowance.learnt

    assert asyncio.run(go()) == ({ceiling: (7, 1_000_060_000)} if ceiling else {})


def _context(http: httpx.AsyncClient, host: str) -> Context:
    manifest = read_manifest(Path(__file__).parents[4] / "plugins" / "bluesky" / "manifest.toml")
    return Context(
        manifest=manifest,
        settings={"host": host, "handle": HANDLE},
        secret=KeptSecret(json.dumps({"password": PASSWORD})),
        http=http,
        now=lambda: 0,
        wait=quick_wait,
        is_incident=lambda: False,
        allowance=CountedAllowance(manifest),
        log=logging.getLogger("test"),
        folder=Path("nowhere"),
        handle=HANDLE,
    )
