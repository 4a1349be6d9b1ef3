"""What Flickr's answers mean, and how requests are signed."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from console.api import Failure, Gone, Misunderstood, NotAllowed, SignInAgain, SlowDown, TryLater, Verb
from console.api.stage import KeptSecret, scene
from console.api.web import Reply
from plugins.flickr.session import CEILING, Kept, Told, judge, judge_form, kept_in
from tests.servers.false.flickr import KEY, RULES, SECRET, TOKEN, FlickrNetwork, FlickrStage
from tests.unit.plugins.flickr.rooms import Room, room, run, target

NOW = 1_795_197_600_000


def meaning(body: Any, *, write: bool = False, status: int = 200) -> Failure | None:
    """What an answer means."""
    return judge(Reply("Flickr", status, {}, json.dumps(body).encode(), NOW, write))


def told(code: int | str, message: str = "words of theirs", *, write: bool = False) -> Failure | None:
    """What a refusal means."""
    return meaning({"stat": "fail", "code": code, "message": message}, write=write)


def test_an_answer_that_is_no_refusal_means_nothing_more() -> None:
    harmless: list[Any] = [{"stat": "ok"}, {}, None, [1], {"stat": 5}, {"surprise": []}]
    for body in harmless:
        assert meaning(body) is None


@pytest.mark.parametrize(
    ("code", "write", "kind"),
    [
        (95, False, Told),
        (96, False, SignInAgain),
        (97, True, SignInAgain),
        (98, False, SignInAgain),
        (98, True, SignInAgain),
        (99, False, SignInAgain),
        (99, True, NotAllowed),
        (100, False, SignInAgain),
        (105, False, TryLater),
        (106, True, TryLater),
        (111, False, Misunderstood),
        (112, False, Misunderstood),
        (114, False, Misunderstood),
        (115, False, Misunderstood),
        (116, True, Told),
        (1, False, Told),
        ("2", True, Told),
        ("new", False, Told),
    ],
)
def test_each_number_under_status_200_is_a_failure_with_words(
    code: int | str, write: bool, kind: type[Failure]
) -> None:
    failure = told(code, write=write)
    assert isinstance(failure, kind)
    assert failure.words


def test_every_number_that_flickr_declares_has_a_meaning() -> None:
    for rule in RULES.values():
        for code, message in rule["errors"].items():
            assert isinstance(told(code, message), Failure)


def test_a_write_that_failed_on_their_side_may_have_been_done() -> None:
    write, read = told(106, write=True), told(106)
    assert write is not None
    assert read is not None
    assert (write.sent, read.sent) == (True, False)


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        ("timestamp_refused", "clock"),
        ("signature_invalid", "key and secret"),
        ("consumer_key_unknown", "key and secret"),
        ("token_rejected", "start again"),
    ],
)
def test_each_problem_of_the_sign_in_says_what_to_do(problem: str, words: str) -> None:
    reply = Reply("Flickr", 401, {}, f"oauth_problem={problem}".encode(), NOW, False)
    failure = judge_form(reply)
    assert isinstance(failure, NotAllowed)
    assert words in failure.words


def test_a_form_that_tells_no_problem_means_nothing_more() -> None:
    assert judge_form(Reply("Flickr", 200, {}, b"oauth_token=a&oauth_token_secret=b", NOW, False)) is None


@pytest.mark.parametrize(
    "secret",
    [
        {"api_secret": SECRET, "access_token": "unknown:token"},
        {"api_secret": "another", "access_token": f"{TOKEN}:secret-of-the-token"},
        {"api_secret": SECRET, "access_token": TOKEN},
        {"api_secret": "", "access_token": f"{TOKEN}:secret-of-the-token"},
    ],
)
def test_a_sign_in_that_is_wrong_or_incomplete_asks_for_a_person(secret: dict[str, str]) -> None:
    async def go() -> None:
        with FlickrNetwork() as network:
            async with scene(FlickrStage(network), secret=KeptSecret(json.dumps(secret)), opens=False) as act:
                with pytest.raises(SignInAgain):
                    await act.connector.open()

    asyncio.run(go())


def test_no_token_and_no_secret_ever_stands_in_an_address() -> None:
    async def test(here: Room) -> None:
        await here.said("heard")
        for request in here.network.requests:
            spoken = str(request.query)
            assert TOKEN not in spoken
            assert SECRET not in spoken
            assert KEY in request.headers["authorization"]

    run(test)


def test_a_sign_in_that_may_only_read_is_said_aloud() -> None:
    async def go() -> None:
        with FlickrNetwork() as network:
            network.tokens[TOKEN] = ("secret-of-the-token", "read")
            async with scene(FlickrStage(network), opens=False) as act:
                profile = await act.connector.open()
                assert "only read" in profile.notices[0]
                assert (profile.handle, profile.name) == ("forceexample", "Force Example")

    asyncio.run(go())


def test_reading_is_counted_and_acting_is_not() -> None:
    async def go() -> None:
        with FlickrNetwork() as network:
            async with scene(FlickrStage(network)) as act:
                before = act.allowance.taken[CEILING]
                await act.connector.look(Verb.DELETE, [target()], [None])
                assert act.allowance.taken[CEILING] == before == 2

    asyncio.run(go())


def test_what_lies_sealed_is_two_secrets_and_a_token() -> None:
    assert (Kept("s", "t: x").token, Kept("s", "t: x").token_secret) == ("t", "x")
    assert kept_in("nonsense") == Kept()
    assert kept_in(None) == Kept()


@pytest.mark.parametrize(
    ("refusal", "kind"),
    [
        ((1, "Photo not found."), Gone),
        ((8, "Blank comment."), NotAllowed),
        ((9, "User is posting comments too fast."), SlowDown),
        ((99, "Insufficient permissions"), NotAllowed),
        ((116, "Bad URL found"), NotAllowed),
    ],
)
def test_a_number_means_what_its_method_says(refusal: tuple[int, str], kind: type[Failure]) -> None:
    async def go() -> None:
        async with room() as here:
            here.network.refuses = refusal
            [answer] = await here.do(Verb.REPLY, target(photo=here.network.photo), text="words")
            assert isinstance(answer.failure, kind)
            assert not answer.failure.sent

    asyncio.run(go())
