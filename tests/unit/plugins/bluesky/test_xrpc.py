"""What an answer means: names, statuses and headers against the contract's failures."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.api import Failure, Gone, Misunderstood, NotAllowed, SignInAgain, SlowDown, TryLater
from console.api.web import DAY_MS, MINUTE_MS
from plugins.bluesky.wire import ErrorBody, Notifications, Written
from plugins.bluesky.xrpc import SwapLost, TokenEnded, Xrpc, failure_of

NOW = 1_800_000_000_000


@pytest.mark.parametrize(
    ("status", "name", "message", "kind"),
    [
        (429, "RateLimitExceeded", "Rate Limit Exceeded", SlowDown),
        (400, "RateLimitExceeded", "", SlowDown),
        (429, "", "", SlowDown),
        (400, "ExpiredToken", "Token has expired", TokenEnded),
        (401, "ExpiredToken", "Token has expired", TokenEnded),
        (400, "InvalidToken", "Bad token scope", TokenEnded),
        (401, "AuthMissing", "Authentication Required", TokenEnded),
        (401, "SomethingNew", "", TokenEnded),
        (401, "AccountTakedown", "Account has been taken down", SignInAgain),
        (401, "AuthenticationRequired", "Invalid identifier or password", SignInAgain),
        (401, "AuthFactorTokenRequired", "A sign in code has been sent", SignInAgain),
        (400, "InvalidSwap", "Record was at bafyreiabc", SwapLost),
        (400, "RecordNotFound", "Could not locate record", Gone),
        (400, "InvalidRequest", "Could not locate record: at://x", Gone),
        (400, "NotFound", "Post not found: at://x", Gone),
        (502, "UpstreamFailure", "pipethrough network error", TryLater),
        (200, "InternalServerError", "Internal Server Error", TryLater),
        (500, "", "", TryLater),
        (503, "SomethingNew", "", TryLater),
        (400, "InvalidRequest", "Profile not found", NotAllowed),
        (403, "Forbidden", "", NotAllowed),
        (418, "", "", NotAllowed),
    ],
)
def test_an_error_answer_means(status: int, name: str, message: str, kind: type[Failure]) -> None:
    failure = failure_of(status, ErrorBody(name, message), {}, NOW)
    assert type(failure) is kind
    assert failure.words
    assert not failure.sent


@pytest.mark.parametrize(("status", "sent"), [(500, True), (502, True), (400, False), (429, False)])
def test_only_a_fault_of_their_own_may_have_done_the_deed(status: int, sent: bool) -> None:
    assert failure_of(status, ErrorBody("Whatever", ""), {}, NOW, does_write=True).sent is sent


@pytest.mark.parametrize(
    ("headers", "until"),
    [
        ({"ratelimit-reset": str(NOW // 1000 + 90)}, NOW + 90_000),
        ({"retry-after": "30"}, NOW + 30_000),
        ({}, NOW + MINUTE_MS),
        ({"ratelimit-reset": "soon", "retry-after": "later"}, NOW + MINUTE_MS),
        ({"ratelimit-reset": str(NOW // 1000 - 90)}, NOW + 1000),
        ({"ratelimit-reset": "99999999999"}, NOW + DAY_MS),
    ],
)
def test_a_ceiling_ends_when_the_network_says_but_never_in_the_past_or_years_away(
    headers: Mapping[str, str], until: int
) -> None:
    failure = failure_of(429, ErrorBody(), headers, NOW)
    assert isinstance(failure, SlowDown)
    assert failure.until == until


def test_a_refusal_says_the_networks_words_on_one_line_and_not_all_of_a_long_speech() -> None:
    failure = failure_of(400, ErrorBody("InvalidRequest", "no\n" + "x" * 5000), {}, NOW)
    assert "\n" not in failure.words
    assert len(failure.words) < 400


def test_a_reply_that_is_too_long_is_refused_in_plain_words() -> None:
    message = "Record/text must not be longer than 300 graphemes"
    assert "300 characters" in failure_of(400, ErrorBody("InvalidRequest", message), {}, NOW).words


@given(status=st.integers(100, 599), body=st.binary(max_size=200), does_write=st.booleans())
def test_whatever_comes_back_is_an_answer_or_a_failure_of_the_contract(
    status: int, body: bytes, does_write: bool
) -> None:
    def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(status, content=body)

    async def go() -> None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
            xrpc = Xrpc(http, "https://host.test", lambda: NOW)
            if does_write:
                await xrpc.tell("a.b.c", {}, Written, token="t")
            else:
                await xrpc.ask("a.b.c", {}, Notifications, token="t")

    try:
        asyncio.run(go())
    except Failure as failure:
        assert failure.words  # noqa: PT017 - any failure of the contract is right


def test_an_answer_nested_a_hundred_thousand_deep_is_misunderstood() -> None:
    body = b'{"notifications":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    with pytest.raises((Misunderstood, TryLater)):
        _ask(lambda _request: httpx.Response(200, content=body))


@pytest.mark.parametrize(
    ("problem", "sent"),
    [
        (httpx.ConnectError("refused"), False),
        (httpx.ConnectTimeout("slow"), False),
        (httpx.PoolTimeout("busy"), False),
        (httpx.ReadTimeout("slow"), True),
        (httpx.WriteError("cut"), True),
        (httpx.RemoteProtocolError("cut"), True),
        (httpx.ReadError("cut"), True),
    ],
)
def test_only_before_a_connection_stood_can_nothing_have_left(
    problem: httpx.TransportError, sent: bool
) -> None:
    def fail(_request: httpx.Request) -> httpx.Response:
        raise problem

    async def go() -> None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(fail)) as http:
            await Xrpc(http, "https://host.test", lambda: NOW).tell("a.b.c", {}, Written, token="t")

    with pytest.raises(TryLater) as failure:
        asyncio.run(go())
    assert failure.value.sent is sent


def test_a_token_is_never_sent_on_to_another_host() -> None:
    asked: list[str] = []

    def redirect(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        return httpx.Response(302, headers={"location": "https://elsewhere.test/"})

    with pytest.raises(Misunderstood):
        _ask(redirect)
    assert asked == ["host.test"]


def test_an_allowance_that_is_used_up_is_not_asked_for_again_before_its_end() -> None:
    asked: list[str] = []
    clock = [NOW]
    headers = {"ratelimit-remaining": "0", "ratelimit-reset": str(NOW // 1000 + 40)}

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(200, json={"notifications": []}, headers=headers if len(asked) == 1 else {})

    async def go() -> None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
            xrpc = Xrpc(http, "https://host.test", lambda: clock[0])
            await xrpc.ask("a.b.c", {}, Notifications, token=None)  # the last one of the allowance
            with pytest.raises(SlowDown) as failure:
                await xrpc.ask("a.b.c", {}, Notifications, token=None)
            assert failure.value.until == NOW + 40_000
            await xrpc.ask("a.b.other", {}, Notifications, token=None)
            clock[0] = NOW + 40_000
            await xrpc.ask("a.b.c", {}, Notifications, token=None)

    asyncio.run(go())
    assert asked == ["/xrpc/a.b.c", "/xrpc/a.b.other", "/xrpc/a.b.c"]


def test_lists_repeat_their_name_and_truth_is_written_as_in_json() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.query.decode())
        return httpx.Response(200, json={"notifications": []})

    async def go() -> None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
            xrpc = Xrpc(http, "https://host.test/", lambda: NOW)
            await xrpc.ask("a.b.c", {"reasons": ["a", "b"], "priority": False}, Notifications, token=None)

    asyncio.run(go())
    assert asked == ["reasons=a&reasons=b&priority=false"]


def _ask(answer: Callable[[httpx.Request], httpx.Response]) -> None:
    async def go() -> None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
            await Xrpc(http, "https://host.test", lambda: NOW).ask("a.b.c", {}, Notifications, token="t")

    asyncio.run(go())
