"""The Pages behind a person's token, and long-lived tokens."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qs

import httpx
import pytest

from console.api import NotAllowed, SignInAgain
from plugins.meta.login import Door, OwnPage, long_lived, own_pages, page_of
from plugins.meta.tokens import Token, TokenFacts, exchange, permissions
from tests.unit.plugins.meta.rooms import BASE, NOW, context, error

DOOR = Door(network="Facebook", address=BASE, app_id="77", app_secret="the-secret", scopes=())


def test_every_page_is_found_and_one_that_cannot_be_read_is_left_out() -> None:
    first = {"data": [{"id": "1", "name": "One", "access_token": "a"}, {"id": 2}]}
    first |= {"paging": {"next": f"{BASE}/me/accounts?access_token=user-token&after=X"}}  # type: ignore[dict-item]  # JSON of several shapes

    def answers(request: httpx.Request) -> httpx.Response:
        assert request.headers["authorization"] == "Bearer user-token"
        assert "access_token" not in request.url.params
        is_second = request.url.params.get("after") == "X"
        return httpx.Response(
            200, json={"data": [{"id": "3", "tasks": ["MODERATE"]}]} if is_second else first
        )

    async def body() -> list[OwnPage]:
        async with context(answers) as given:
            return await own_pages(given, network="Facebook", base=BASE, token="user-token")

    pages = asyncio.run(body())
    assert [page.id for page in pages] == ["1", "3"]
    assert page_of(pages, "1", "Facebook").access_token == "a"
    with pytest.raises(NotAllowed):
        page_of(pages, "2", "Facebook")
    with pytest.raises(NotAllowed) as caught:
        page_of(pages, "3", "Facebook")
    assert "role" in caught.value.words


def test_a_token_is_exchanged_without_standing_in_the_address() -> None:
    sent: list[httpx.Request] = []

    def answers(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, json={"access_token": "long", "expires_in": 100})

    async def body() -> Token:
        async with context(answers) as given:
            return await long_lived(given, DOOR, "short")

    token = asyncio.run(body())
    assert (token.text, token.ends_at) == ("long", NOW + 100_000)
    assert "long" not in repr(token)
    [request] = sent
    assert not request.url.params
    assert parse_qs(request.content.decode())["fb_exchange_token"] == ["short"]


def test_a_network_that_takes_queries_only_gets_one_and_a_token_may_have_no_end() -> None:
    def answers(request: httpx.Request) -> httpx.Response:
        assert (request.method, request.url.params["grant_type"]) == ("GET", "th_exchange_token")
        return httpx.Response(200, json={"access_token": "long"})

    async def body() -> Token:
        fields = {"grant_type": "th_exchange_token", "access_token": "short"}
        async with context(answers) as given:
            return await exchange(given, network="Threads", address=BASE, fields=fields, method="GET")

    assert asyncio.run(body()).ends_at is None


def test_a_token_that_is_dead_asks_for_a_person() -> None:
    async def body() -> None:
        async with context(lambda _: httpx.Response(400, json=error(190, 463))) as given:
            await long_lived(given, DOOR, "short")

    with pytest.raises(SignInAgain):
        asyncio.run(body())


def test_only_permissions_that_were_granted_count() -> None:
    said = [{"permission": "pages_messaging", "status": "declined"}, {"permission": "pages_show_list"}]
    said.append({"permission": "pages_read_engagement", "status": "granted"})

    async def body() -> frozenset[str]:
        async with context(lambda _: httpx.Response(200, json={"data": said})) as given:
            return await permissions(given, network="Facebook", base=BASE, token="user-token")

    assert asyncio.run(body()) == {"pages_show_list", "pages_read_engagement"}


def test_the_sooner_of_two_ends_is_the_end_and_nothing_is_none() -> None:
    assert TokenFacts().ends_at is None
    assert TokenFacts(expires_at=20, data_access_expires_at=10).ends_at == 10_000
    assert TokenFacts(expires_at=0, data_access_expires_at=10).ends_at == 10_000
