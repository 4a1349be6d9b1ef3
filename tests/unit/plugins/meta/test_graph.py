"""One account's requests: lists page by page, the token, the allowance, yes and no, many in one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from console.api import Context, Failure, Misunderstood, NotAllowed, SignInAgain, SlowDown, TryLater
from console.api.stage import CountedAllowance
from console.api.web import Reply
from plugins.meta.batch import Call, batch
from plugins.meta.graph import Graph, Listing, check_yes
from tests.unit.plugins.meta.rooms import BASE, CEILING, NOW, business, context, error, reply


def _graph(given: Context, **more: Any) -> Graph:
    return Graph(given, network="Facebook", base=BASE, ceiling=CEILING, token="page-token", **more)


def _run(answers: Callable[[httpx.Request], httpx.Response], use: Callable[[Context], Any]) -> Any:
    async def body() -> Any:
        async with context(answers) as given:
            return await use(given)

    return asyncio.run(body())


def test_the_next_page_is_asked_for_at_our_own_address_and_without_the_token_in_it() -> None:
    asked: list[httpx.Request] = []
    link = "https://elsewhere.example/v26.0/1/comments?access_token=page-token&limit=2&after=B"

    def answers(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        paging = {"cursors": {"after": "B"}, **({"next": link} if len(asked) == 1 else {})}
        return httpx.Response(200, json={"data": [{"id": len(asked)}], "paging": paging})

    async def use(given: Context) -> list[bytes]:
        pages = _graph(given).pages("1/comments", {"fields": "id"})
        return [bytes(raw) async for entries in pages for raw in entries]

    assert _run(answers, use) == [b'{"id":1}', b'{"id":2}']
    assert [request.url.host for request in asked] == ["graph.example"] * 2
    assert dict(asked[1].url.params) == {"fields": "id", "limit": "2", "after": "B"}
    assert all(request.headers["authorization"] == "Bearer page-token" for request in asked)


def test_a_cursor_on_the_last_page_is_not_followed_and_a_circle_is_left() -> None:
    assert Listing([]).goes_on == {}
    circle = {"data": [], "paging": {"next": f"{BASE}/1/comments?after=A"}}

    async def use(given: Context) -> int:
        return len([entries async for entries in _graph(given).pages("1/comments")])

    assert _run(lambda _: httpx.Response(200, json=circle), use) == 2


def test_reading_is_counted_and_looking_and_acting_are_not() -> None:
    async def use(given: Context) -> dict[str, int]:
        graph = _graph(given)
        await graph.listed("1/comments")
        await graph.listed("1/comments", is_counted=False)
        await graph.do("POST", "2", {"is_hidden": True})
        assert isinstance(given.allowance, CountedAllowance)
        return given.allowance.taken

    answers = {"GET": {"data": []}, "POST": {"success": True}}
    assert _run(lambda request: httpx.Response(200, json=answers[request.method]), use) == {CEILING: 1}


@pytest.mark.parametrize(("percent", "is_strained"), [(74, False), (75, True), (90, True)])
def test_three_quarters_used_is_a_strain_and_the_headers_are_passed_on(
    percent: int, is_strained: bool
) -> None:
    headers = {"x-business-use-case-usage": business(call_count=percent)}

    async def use(given: Context) -> tuple[bool, int]:
        graph = _graph(given)
        await graph.listed("1/comments")
        assert isinstance(given.allowance, CountedAllowance)
        return graph.is_strained, given.allowance.learnt[CEILING][0]

    strained, left = _run(lambda _: httpx.Response(200, json={"data": []}, headers=headers), use)
    assert strained is is_strained
    assert left == 48_000 * (90 - percent) // 100


def test_a_refusal_for_too_much_names_its_own_end_and_teaches_nothing_more() -> None:
    headers = {"x-business-use-case-usage": business(call_count=100, estimated_time_to_regain_access=3)}

    async def use(given: Context) -> None:
        with pytest.raises(SlowDown) as caught:
            await _graph(given).listed("1/comments")
        assert caught.value.until == NOW + 3 * 60_000
        assert isinstance(given.allowance, CountedAllowance)
        assert given.allowance.learnt == {}

    _run(lambda _: httpx.Response(400, json=error(80001), headers=headers), use)


def test_many_requests_at_once_renew_a_token_once() -> None:
    renewals: list[str] = []

    def answers(request: httpx.Request) -> httpx.Response:
        if request.headers["authorization"] == "Bearer page-token":
            return httpx.Response(400, json=error(190, 463))
        return httpx.Response(200, json={"data": []})

    async def renew() -> str:
        renewals.append("one")
        await asyncio.sleep(0)
        return "another"

    async def use(given: Context) -> None:
        graph = _graph(given, renew=renew)
        await asyncio.gather(*(graph.listed("1/comments") for _ in range(5)))

    _run(answers, use)
    assert renewals == ["one"]


def test_without_a_way_to_renew_a_person_is_asked_for() -> None:
    async def use(given: Context) -> None:
        with pytest.raises(SignInAgain):
            await _graph(given).listed("1/comments")
        with pytest.raises(SignInAgain):
            await Graph(given, network="Facebook", base=BASE, ceiling=CEILING).listed("1/comments")

    _run(lambda _: httpx.Response(400, json=error(190)), use)


def test_yes_is_yes_no_is_refused_and_anything_else_is_not_understood() -> None:
    check_yes(reply({"success": True}, 200))
    check_yes(reply(True, 200))
    with pytest.raises(NotAllowed):
        check_yes(reply({"success": False}, 200))
    with pytest.raises(Misunderstood) as caught:
        check_yes(reply({"surprise": 1}, 200, does_write=True))
    assert caught.value.sent


def test_a_batch_answers_for_each_part_and_a_part_without_an_answer_may_have_been_done() -> None:
    parts = [
        {"code": 200, "body": '{"success":true}'},
        {"code": 400, "body": json.dumps(error(100, 33))},
        None,
    ]
    sent: list[dict[str, list[str]]] = []

    def answers(request: httpx.Request) -> httpx.Response:
        sent.append(parse_qs(request.content.decode()))
        return httpx.Response(200, json=parts)

    async def use(given: Context) -> list[Reply | Failure]:
        calls = [Call("POST", str(one), form={"is_hidden": "true"}) for one in range(3)]
        return await batch(_graph(given), calls)

    taken, gone, lost = _run(answers, use)
    assert isinstance(taken, Reply)
    assert taken.data() == {"success": True}
    assert isinstance(gone, Failure)
    assert not gone.sent
    assert isinstance(lost, TryLater)
    assert lost.sent
    assert json.loads(sent[0]["batch"][0])[0] == {
        "method": "POST",
        "relative_url": "0",
        "body": "is_hidden=true",
    }


def test_a_batch_whose_parts_meet_a_dead_token_is_sent_once_more_with_another() -> None:
    def answers(request: httpx.Request) -> httpx.Response:
        is_dead = request.headers["authorization"] == "Bearer page-token"
        body = error(190, 460) if is_dead else {"id": "7"}
        return httpx.Response(200, json=[{"code": 400 if is_dead else 200, "body": json.dumps(body)}])

    async def renew() -> str:
        return "another"

    async def use(given: Context) -> list[Reply | Failure]:
        return await batch(_graph(given, renew=renew), [Call("GET", "7", {"fields": "id"})])

    [found] = _run(answers, use)
    assert isinstance(found, Reply)
