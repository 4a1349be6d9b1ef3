"""Requests before a false network on a real socket: each way to fail has its kind, and says what was sent."""

from __future__ import annotations

import asyncio
import json

import msgspec
import pytest

from console.api import web as web_parts
from console.api.failures import (
    Failure,
    Gone,
    Misunderstood,
    NotAllowed,
    SignInAgain,
    SlowDown,
    TryLater,
)
from console.api.stage import Trouble
from console.api.web import Reply, safe_address, words_of
from tests.servers.false.server import Answer, FalseNetwork
from tests.unit.api.rooms import NAME, NOW, PAGE, Says, failure_of, reply_of, web_to

SECRET = "correct-horse-battery"


class Thing(msgspec.Struct):
    """What a network answers in these tests."""

    id: int = 0


def failing(network: FalseNetwork, method: str, judge: web_parts.Judge = web_parts.nothing_more) -> Failure:
    """How one request to a network fails."""

    async def work() -> Failure:
        async with web_to(network.url, judge) as web:
            return await failure_of(web, method)

    return asyncio.run(work())


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    ("status", "kind", "is_sent"),
    [
        (302, Misunderstood, True),
        (400, NotAllowed, False),
        (401, SignInAgain, False),
        (403, NotAllowed, False),
        (404, Gone, False),
        (410, Gone, False),
        (429, SlowDown, False),
        (500, TryLater, True),
        (502, TryLater, True),
        (503, TryLater, True),
    ],
)
def test_a_status_has_its_kind_and_only_a_fault_of_its_own_leaves_open_what_was_done(
    status: int, kind: type[Failure], is_sent: bool, method: str
) -> None:
    with Says(Answer({"words": "no"}, status)) as network:
        failure = failing(network, method)
    assert type(failure) is kind
    assert failure.sent is (is_sent and method == "POST")
    assert NAME in failure.words


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    ("status", "kind", "is_sent"),
    [
        (200, Misunderstood, True),
        (302, Misunderstood, True),
        (403, NotAllowed, False),
        (404, Misunderstood, False),
        (429, SlowDown, False),
        (502, TryLater, True),
    ],
)
def test_a_page_for_people_is_no_answer_of_the_network(
    status: int, kind: type[Failure], is_sent: bool, method: str
) -> None:
    def judge(reply: Reply) -> Failure:
        raise AssertionError(f"the connector was asked about {reply.body!r}")

    with Says(Answer(PAGE, status, kind="text/html; charset=utf-8")) as network:
        failure = failing(network, method, judge)
    assert type(failure) is kind
    assert failure.sent is (is_sent and method == "POST")
    assert "Guest network" not in failure.words


@pytest.mark.parametrize(
    ("trouble", "method"),
    [
        (Trouble.CUT, "GET"),
        (Trouble.CUT, "POST"),
        (Trouble.CUT_AFTER, "POST"),
        (Trouble.HALF, "GET"),
        (Trouble.HALF, "POST"),
    ],
)
def test_a_link_that_breaks_leaves_open_what_was_done(trouble: Trouble, method: str) -> None:
    with Says(Answer({"id": 1})) as network:
        network.misbehave(trouble)
        failure = failing(network, method)
        assert network.changes == (method == "POST" and trouble is not Trouble.CUT)
    assert type(failure) is TryLater
    assert failure.sent is (method == "POST")


def test_without_a_connection_nothing_was_sent() -> None:
    with Says(Answer()) as network:
        pass  # it is gone again
    failure = failing(network, "POST")
    assert type(failure) is TryLater
    assert not failure.sent
    assert "cannot be reached" in failure.words


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_answer_that_comes_too_late_leaves_open_what_was_done(method: str) -> None:
    async def work() -> Failure:
        async with web_to(network.url) as web:
            return await failure_of(web, method, seconds=0.02)

    with Says(Answer({"id": 1})) as network:
        network.misbehave(Trouble.SLOW)
        failure = asyncio.run(work())
    assert type(failure) is TryLater
    assert failure.sent is (method == "POST")
    assert "in time" in failure.words


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_answer_without_end_is_not_held_in_memory(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_parts, "LONGEST_ANSWER", 1000)
    with Says(Answer({"words": "x" * 2000})) as network:
        failure = failing(network, method)
    assert type(failure) is Misunderstood
    assert failure.sent is (method == "POST")
    assert "too long" in failure.words


def test_an_answer_that_is_not_packed_as_it_says_is_a_broken_link() -> None:
    with Says(Answer(b"no gzip at all", headers={"content-encoding": "gzip"})) as network:
        failure = failing(network, "POST")
    assert type(failure) is TryLater
    assert failure.sent


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_with_the_sign_in(status: int) -> None:
    async def work() -> Failure:
        async with web_to(network.url) as web:
            return await failure_of(web, "POST", headers={"authorization": f"Bearer {SECRET}"})

    with Says(Answer({"id": 1})) as elsewhere:
        with Says(Answer(None, status, {"location": f"{elsewhere.url}/things"})) as network:
            failure = asyncio.run(work())
            assert len(network.requests) == 1
        assert elsewhere.requests == []
    assert type(failure) is Misunderstood
    assert failure.sent


@pytest.mark.parametrize("address", ["gopher://127.0.0.1", "http://127.0.0.1:port", "http://\x00"])
def test_an_address_that_is_none_is_refused_and_nothing_sent(address: str) -> None:
    async def work() -> Failure:
        async with web_to(address) as web:
            return await failure_of(web, "POST")

    failure = asyncio.run(work())
    assert type(failure) is NotAllowed
    assert not failure.sent


def test_the_networks_own_words_go_before_its_status() -> None:
    def judge(reply: Reply) -> Failure | None:
        found = reply.data()
        return NotAllowed(f"It says: {words_of(found['error'])}") if "error" in found else None

    for status in (200, 401, 500):
        with Says(Answer({"error": " too \n far "}, status)) as network:
            failure = failing(network, "POST", judge)
        assert type(failure) is NotAllowed
        assert failure.words == "It says: too far"
        assert not failure.sent
    with Says(Answer({"fault": 1}, 500)) as network:
        assert type(failing(network, "POST", judge)) is TryLater


def test_another_shape_is_said_without_what_stood_in_it() -> None:
    async def work() -> tuple[Misunderstood, Misunderstood]:
        async with web_to(network.url) as web:
            with pytest.raises(Misunderstood) as asked:
                await web.ask("things", Thing)
            with pytest.raises(Misunderstood) as told:
                await web.tell("POST", "things", Thing)
        return asked.value, told.value

    for body in ({"id": SECRET}, [SECRET], SECRET):
        with Says(Answer(body)) as network:
            asked, told = asyncio.run(work())
        assert (asked.sent, told.sent) == (False, True)
        assert SECRET not in asked.words + told.words


def test_an_empty_answer_is_an_empty_object() -> None:
    async def work() -> Thing:
        async with web_to(network.url) as web:
            return await web.tell("DELETE", "things/5", Thing)

    with Says(Answer(None, 204)) as network:
        assert asyncio.run(work()) == Thing()


def test_what_is_sent_has_the_form_that_was_asked_for() -> None:
    async def work() -> None:
        async with web_to(f"{network.url}/api/") as web:
            await web.reply("GET", "/a", query={"id": [1, "b c"], "on": True, "off": False, "none": None})
            await web.reply("POST", "b", body={"words": "Ŵyl"}, headers={"x-who": "us"})
            await web.reply("POST", f"{network.url}/c", form={"id": ["1", "2"], "on": True, "none": None})
            await web.reply("POST", "d", auth=("us", SECRET), form={})

    with Says(Answer({})) as network:
        asyncio.run(work())
        first, second, third, fourth = network.requests
    assert (first.path, first.query) == ("/api/a", {"id": ["1", "b c"], "on": ["true"], "off": ["false"]})
    assert (second.path, second.json, second.headers["x-who"]) == ("/api/b", {"words": "Ŵyl"}, "us")
    assert second.headers["content-type"] == second.headers["accept"] == "application/json"
    assert (third.path, third.body) == ("/c", b"id=1&id=2&on=true")
    assert third.headers["content-type"] == "application/x-www-form-urlencoded"
    assert (fourth.body, fourth.headers["authorization"][:6]) == (b"", "Basic ")


def test_an_endpoint_that_answers_forms_is_read_as_one() -> None:
    async def work() -> dict[str, str]:
        async with web_to(network.url, answers_forms=True) as web:
            return (await web.reply("POST", "token")).form()

    with Says(Answer(b"oauth_token=a%20b&empty=", kind="text/plain")) as network:
        assert asyncio.run(work()) == {"oauth_token": "a b", "empty": ""}
        network.answers = [Answer(PAGE, kind="text/html")]
        with pytest.raises(Misunderstood):
            asyncio.run(work())


@pytest.mark.parametrize("body", [b"{", b'{"a":', b"\xff\xfe", b"[" * 100_000, b"nul", b'"\xc3("'])
def test_what_is_no_json_is_said_to_be_none(body: bytes) -> None:
    with pytest.raises(ValueError, match="no JSON"):
        reply_of(body).data()
    with pytest.raises(Misunderstood) as caught:
        reply_of(body, does_write=True).read(Thing)
    assert caught.value.sent


def test_a_refusal_for_too_many_requests_names_when_they_are_taken_again() -> None:
    for headers, until in (
        ({"retry-after": "30"}, NOW + 30_000),
        ({}, NOW + 60_000),
        ({"retry-after": "soon"}, NOW + 60_000),
    ):
        with Says(Answer({}, 429, headers)) as network:
            failure = failing(network, "POST")
        assert isinstance(failure, SlowDown)
        assert failure.until == until


@pytest.mark.parametrize(
    ("address", "means"),
    [
        ("", "https://api.example"),
        ("  ", "https://api.example"),
        ("force.example", "https://force.example"),
        (" https://force.example/api/ ", "https://force.example/api"),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
        ("http://localhost", "http://localhost"),
        ("http://[::1]:80", "http://[::1]:80"),
    ],
)
def test_an_address_is_tidied(address: str, means: str) -> None:
    assert safe_address(address, "https://api.example") == means


@pytest.mark.parametrize(
    "address",
    [
        "http://force.example",
        "ftp://force.example",
        "https://",
        "http://127.0.0.1.force.example",
        "https://[",
    ],
)
def test_an_address_that_would_show_the_sign_in_or_is_none_is_refused(address: str) -> None:
    with pytest.raises(NotAllowed):
        safe_address(address, "https://api.example")


def test_a_networks_words_are_one_line_and_not_too_long() -> None:
    assert words_of(" two\n words ") == "two words"
    assert words_of(None) == ""
    assert words_of(5) == "5"
    assert len(words_of(json.dumps(["long"] * 1000))) == 300
