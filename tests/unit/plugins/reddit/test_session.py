"""What Reddit's answers mean, and staying signed in without asking for it more than needed."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from console.api import Failure, Gone, NotAllowed, SignInAgain, SlowDown, TryLater, Verb
from console.api.stage import KeptSecret, Trouble, scene, watch
from console.api.web import Reply
from plugins.reddit.session import CEILING, SCOPES, app_of, judge, subreddit_of, user_agent
from tests.servers.false.reddit import REFRESH, RedditNetwork, RedditStage
from tests.unit.plugins.reddit.rooms import Room, room, run

NOW = 1_795_197_600_000


def meaning(
    body: Any, status: int = 200, *, headers: dict[str, str] | None = None, write: bool = True
) -> Any:
    """What an answer means."""
    return judge(Reply("Reddit", status, headers or {}, json.dumps(body).encode(), NOW, write))


def told(code: str, words: str, **more: Any) -> Failure | None:
    """What an error under status 200 means."""
    found: Failure | None = meaning({"json": {"errors": [[code, words, "field"]], **more}})
    return found


def test_an_answer_without_errors_means_nothing_more() -> None:
    harmless: list[Any] = [{}, None, {"json": {"errors": []}}, {"kind": "Listing", "data": {}}, [1], 5]
    for body in harmless:
        assert meaning(body) is None


@pytest.mark.parametrize(
    ("more", "words", "wait_ms"),
    [
        ({"ratelimit": 240.0}, "Take a break for 4 minutes before trying again.", 240_000),
        ({}, "Take a break for 4 minutes before trying again.", 241_000),
        ({}, "Take a break for 1 minute before trying again.", 61_000),
        ({}, "Take a break for 30 seconds before trying again.", 31_000),
        ({}, "Take a break for 300 milliseconds before trying again.", 1_300),
        ({}, "Take a break.", 60_000),
        ({"ratelimit": 0.2}, "Take a break.", 1_000),
    ],
)
def test_a_wait_is_read_from_the_number_or_else_from_the_words(
    more: dict[str, float], words: str, wait_ms: int
) -> None:
    failure = told("RATELIMIT", words, **more)
    assert isinstance(failure, SlowDown)
    assert failure.until == NOW + wait_ms


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("DELETED_COMMENT", Gone),
        ("DELETED_LINK", Gone),
        ("NO_THING_ID", Gone),
        ("THREAD_LOCKED", NotAllowed),
        ("TOO_LONG", NotAllowed),
        ("SOMETHING_NEW", NotAllowed),
        ("USER_REQUIRED", SignInAgain),
    ],
)
def test_each_error_under_status_200_is_a_failure_with_words(code: str, kind: type[Failure]) -> None:
    failure = told(code, "that does not work")
    assert isinstance(failure, kind)
    assert failure.words
    assert not failure.sent


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, {"message": "Unauthorized", "error": 401}, SignInAgain),
        (403, {"message": "Forbidden", "error": 403, "reason": "private"}, NotAllowed),
        (403, {"message": "Forbidden", "error": 403}, NotAllowed),
        (404, {"message": "Not Found", "error": 404}, Gone),
        (429, {"message": "Too Many Requests", "error": 429}, SlowDown),
        (500, {"message": "Internal Server Error", "error": 500}, TryLater),
        (200, {"message": "Internal Server Error", "error": 500}, TryLater),
        (200, {"message": "Unauthorized", "error": 401}, SignInAgain),
        (200, {"message": "Bad Request", "error": 400}, NotAllowed),
    ],
)
def test_each_status_is_a_failure_also_when_it_only_stands_in_the_body(
    status: int, body: dict[str, Any], kind: type[Failure]
) -> None:
    assert isinstance(meaning(body, status), kind)


def test_a_private_subreddit_is_called_so() -> None:
    assert "private" in meaning({"message": "Forbidden", "error": 403, "reason": "private"}, 403).words


def test_a_fault_of_the_network_may_have_done_what_was_asked() -> None:
    assert meaning({"message": "x", "error": 500}, 500, write=True).sent
    assert not meaning({"message": "x", "error": 500}, 500, write=False).sent


def test_too_many_requests_end_in_so_many_seconds_and_not_at_such_a_time() -> None:
    assert meaning({"error": 429}, 429, headers={"x-ratelimit-reset": "95"}).until == NOW + 95_000


def test_headers_with_broken_numbers_are_passed_on() -> None:
    async def test(here: Room) -> None:
        assert here.scene.allowance.learnt[CEILING][0] == 590
        here.network.misbehave(Trouble.LOW)
        with pytest.raises(SlowDown):
            await watch(here.scene.connector, {"never, while nothing is left"})
        assert here.scene.allowance.learnt[CEILING][0] == 0

    run(test)


def test_several_requests_that_meet_an_ended_token_renew_it_once() -> None:
    async def test(here: Room) -> None:
        targets = [await here.said(f"number {number}") for number in range(4)]
        before = len(here.network.requests)
        here.network.expire()
        await asyncio.gather(*(here.do(Verb.HIDE, one) for one in targets))
        asked = [one for one in here.network.requests[before:] if one.path.endswith("access_token")]
        assert len(asked) == 1
        assert here.network.changes == 4

    run(test)


def test_a_token_is_renewed_before_it_ends() -> None:
    async def go() -> None:
        kept = KeptSecret(
            json.dumps({"refresh_token": REFRESH, "access_token": "access-at-first", "ends_at": 1})
        )
        async with room(secret=kept) as here:
            assert here.network.requests[0].path.endswith("access_token")
            assert json.loads(kept.text or "")["refresh_token"] == REFRESH

    asyncio.run(go())


def test_a_refresh_token_that_is_refused_is_not_tried_again_and_again() -> None:
    async def go() -> None:
        with RedditNetwork() as network:
            network.refresh.clear()
            network.access.clear()
            async with scene(RedditStage(network), opens=False) as act:
                with pytest.raises(SignInAgain):
                    await act.connector.open()
            asked = [one for one in network.requests if one.path.endswith("access_token")]
            assert len(asked) == 1

    asyncio.run(go())


def test_a_suspended_account_asks_for_a_person() -> None:
    class Suspended(RedditNetwork):
        def _read(self, name: str, request: Any) -> Any:
            found = super()._read(name, request)
            return {**found, "is_suspended": True} if name == "me" else found

    async def go() -> None:
        with Suspended() as network:
            async with scene(RedditStage(network), opens=False) as act:
                with pytest.raises(SignInAgain, match="suspended"):
                    await act.connector.open()

    asyncio.run(go())


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("ForceExample", "ForceExample"),
        (" r/ForceExample ", "ForceExample"),
        ("/r/ForceExample/", "ForceExample"),
        ("https://www.reddit.com/r/ForceExample/new", "ForceExample"),
        ("", ""),
    ],
)
def test_a_subreddit_may_be_named_in_any_way(said: str, name: str) -> None:
    assert subreddit_of({"subreddit": said}) == name


def test_every_request_says_who_asks() -> None:
    settings = {"client_id": "ab-C9_x", "contact": "u/force_example"}
    assert user_agent(settings) == "desktop:cordon.ab-C9_x:v1 (by /u/force_example)"
    assert "\n" not in user_agent({"client_id": "a\nb", "contact": "é\r"})


def test_the_app_signs_in_by_header_even_without_a_secret_and_its_secret_is_not_shown() -> None:
    app = app_of({"client_id": "abc", "contact": "force_example", "port": "51762"}, "very-secret")
    assert (app.authorize, app.port) == ("https://www.reddit.com/api/v1/authorize", 51762)
    assert set(SCOPES) <= set(app.scopes)
    assert app.headers["authorization"].startswith("Basic ")
    assert "very-secret" not in repr(app)
    assert app.headers["authorization"] not in repr(app)


@pytest.mark.parametrize("port", ["noon", "-1", "65536"])
def test_a_port_that_is_none_is_refused_in_words(port: str) -> None:
    with pytest.raises(NotAllowed, match="port"):
        app_of({"client_id": "abc", "port": port}, "")
