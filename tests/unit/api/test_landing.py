"""The place on this machine that a browser comes back to: only its answer counts, and only the first."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import urlencode, urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.api import landing as landing_parts
from console.api.failures import NotAllowed
from console.api.landing import BrowserLanding, first_answer, landing, pasted_query

ANSWER = {"code": "abc", "state": "xyz"}


def at_a_landing(
    visit: Callable[[BrowserLanding, httpx.AsyncClient], Awaitable[object]], path: str = "/"
) -> Mapping[str, str]:
    """What arrives at a landing that is visited like this and then by a browser with the answer."""

    async def work() -> Mapping[str, str]:
        async with landing(path) as place, httpx.AsyncClient(trust_env=False) as browser:
            await visit(place, browser)
            assert not place._arrived.done()
            await browser.get(place.address, params=ANSWER)
            return await place.arrives()

    return asyncio.run(work())


def test_a_browser_brings_its_query_and_reads_a_sentence() -> None:
    async def work() -> None:
        async with landing("/back/") as place, httpx.AsyncClient(trust_env=False) as browser:
            assert urlsplit(place.address).hostname == "127.0.0.1"
            page = await browser.get(place.address, params={"code": "a b", "state": "ŵ"})
            assert (page.status_code, "go back to Cordon" in page.text) == (200, True)
            assert await place.arrives() == {"code": "a b", "state": "ŵ"}
            await browser.get(place.address, params={"code": "second"})
            assert (await place.arrives())["code"] == "a b"
        with pytest.raises(httpx.ConnectError):
            async with httpx.AsyncClient(trust_env=False) as browser:
                await browser.get(place.address)

    asyncio.run(work())


@pytest.mark.parametrize(
    ("method", "where"),
    [("GET", "/favicon.ico?code=no"), ("GET", "/back"), ("GET", "/other?code=no"), ("POST", "/back?code=no")],
)
def test_what_else_a_browser_asks_for_is_not_taken_for_the_answer(method: str, where: str) -> None:
    async def visit(place: BrowserLanding, browser: httpx.AsyncClient) -> None:
        address = place.address.removesuffix("/back") + where
        assert (await browser.request(method, address)).status_code == 404

    assert at_a_landing(visit, "/back") == ANSWER


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"GET /?code=no",
        b"\xff\x00\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET http://[?code=no HTTP/1.1\r\n\r\n",
        b"GET /?code=" + b"x" * 100_000,
    ],
    ids=["nothing", "half", "no words", "no path", "no address", "no end"],
)
def test_whoever_is_no_browser_spoils_nothing(said: bytes) -> None:
    async def visit(place: BrowserLanding, _: httpx.AsyncClient) -> None:
        parts = urlsplit(place.address)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        writer.write(said)
        writer.write_eof()
        try:
            assert b"200 OK" not in await reader.read()
        except ConnectionResetError:
            pass  # what was too long is not read to its end
        finally:
            writer.close()

    assert at_a_landing(visit) == ANSWER


def test_a_port_that_another_program_has_is_said() -> None:
    async def work() -> None:
        async with landing(port=port):
            raise AssertionError("two programs cannot have one port")

    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = int(other.getsockname()[1])
        with pytest.raises(NotAllowed, match=str(port)):
            asyncio.run(work())


def test_a_person_who_never_comes_back_is_not_waited_for_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    async def work() -> None:
        async with landing() as place:
            await place.arrives()

    monkeypatch.setattr(landing_parts, "PATIENCE_S", 0.01)
    with pytest.raises(NotAllowed, match="in time"):
        asyncio.run(work())


async def _typed(text: str) -> str:
    return text


async def _never() -> str:
    await asyncio.get_running_loop().create_future()
    raise AssertionError("it never ends by itself")


async def _gives_up() -> str:
    raise NotAllowed("The keyboard is gone.")


def first_of(typed: Callable[[], Awaitable[str]], *, comes: bool) -> Mapping[str, str]:
    """What counts when this is typed, and the browser comes or does not; nothing may be left running."""

    async def work() -> Mapping[str, str]:
        async with landing() as place, httpx.AsyncClient(trust_env=False) as browser:
            answer = asyncio.ensure_future(first_answer(place, typed()))
            if comes:
                await browser.get(place.address, params=ANSWER)
            found = await answer
        await asyncio.sleep(0)  # so that what was called off can end
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return found

    return asyncio.run(work())


@pytest.mark.parametrize(
    "text", ["abc", " http://127.0.0.1:9/?code=abc ", "https://force.example/#code=abc", "code=abc"]
)
def test_a_person_may_type_what_the_browser_cannot_bring(text: str) -> None:
    assert first_of(lambda: _typed(text), comes=False) == {"code": "abc"}


@pytest.mark.parametrize("typed", [_never, _gives_up, lambda: _typed(""), lambda: _typed(" \n")])
def test_a_browser_is_waited_for_where_nothing_is_typed(typed: Callable[[], Awaitable[str]]) -> None:
    assert first_of(typed, comes=True) == ANSWER


@given(
    st.dictionaries(st.text("abcdefgh_", min_size=1), st.text(min_size=1), min_size=1, max_size=4),
    st.sampled_from(["", "https://force.example/back?", "http://localhost#", "  cordon://back/?"]),
)
def test_an_address_that_was_pasted_carries_what_the_network_put_there(
    query: dict[str, str], before: str
) -> None:
    assert pasted_query(f"{before}{urlencode(query)} ") == query


@given(st.text())
def test_whatever_is_pasted_is_a_query_a_code_or_nothing(text: str) -> None:
    found = pasted_query(text)
    if "=" not in text:
        assert found == ({"code": text.strip()} if text.strip() else {})


def test_an_address_that_cannot_be_one_brings_nothing() -> None:
    assert pasted_query("http://[?code=abc") == {}
