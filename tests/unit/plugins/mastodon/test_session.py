"""The token, what the server is and allows, and what its answers mean."""

from __future__ import annotations

import json
from typing import Any

import pytest

from console.api import Failure, Gone, Misunderstood, NotAllowed, SignInAgain, SlowDown, TryLater, Verb
from console.api.stage import watch
from console.api.web import Reply
from plugins.mastodon.session import (
    DELETIONS,
    POSTS,
    REPORTS,
    REQUESTS,
    Rights,
    judge,
    streaming_base,
)
from tests.servers.false.mastodon import FalseMastodon
from tests.servers.false.mastodon_memory import SCOPES
from tests.unit.plugins.mastodon.rooms import Room, ours, run

NOW = 1_760_000_000_000


def _reply(
    status: int, body: Any, *, headers: dict[str, str] | None = None, does_write: bool = False
) -> Reply:
    return Reply("Mastodon", status, headers or {}, json.dumps(body).encode(), NOW, does_write)


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (401, "The access token is invalid", SignInAgain),
        (403, "This action is outside the authorized scopes", NotAllowed),
        (403, "This action is not allowed", NotAllowed),
        (403, "Your login is currently disabled", SignInAgain),
        (403, "Your login is missing a confirmed e-mail address", SignInAgain),
        (422, "Validation failed: Text can't be blank", NotAllowed),
        (422, "Validation failed: Text character limit of 500 exceeded", NotAllowed),
        (429, "Too many requests", SlowDown),
        (200, "Something went wrong", TryLater),
    ],
)
def test_what_a_refusal_means(status: int, error: str, kind: type[Failure]) -> None:
    failure = judge(_reply(status, {"error": error}))
    assert type(failure) is kind
    assert failure is not None
    assert failure.words.strip()


@pytest.mark.parametrize("status", [404, 410, 500, 503])
def test_what_the_status_says_better_is_left_to_it(status: int) -> None:
    assert judge(_reply(status, {"error": "Record not found"})) is None


@pytest.mark.parametrize("body", [[], {}, {"id": "1"}, [{"error": "in a list"}], None])
def test_an_ordinary_answer_is_no_failure(body: Any) -> None:
    assert judge(_reply(200, body)) is None


@pytest.mark.parametrize("error", [{"message": "x"}, "once more"])
def test_an_error_under_a_good_status_may_have_been_done(error: object) -> None:
    failure = judge(_reply(200, {"error": error}, does_write=True))
    assert isinstance(failure, TryLater)
    assert failure.sent


@pytest.mark.parametrize(
    ("reset", "until"),
    [
        ("2025-10-09T08:55:00.123456Z", 1_760_000_100_123),
        ("1760000100", 1_760_000_100_000),
        ("whenever", NOW + 60_000),
    ],
)
def test_a_limit_ends_when_the_headers_say_so(reset: str, until: int) -> None:
    failure = judge(_reply(429, {"error": "Too many requests"}, headers={"x-ratelimit-reset": reset}))
    assert isinstance(failure, SlowDown)
    assert failure.until == until


@pytest.mark.parametrize(
    ("scopes", "scope", "has"),
    [
        ("read", "read:accounts", True),
        ("read:accounts", "read:accounts", True),
        ("read:accounts", "read:statuses", False),
        ("admin", "admin:write:accounts", True),
        ("admin:write", "admin:write:accounts", True),
        ("write", "admin:write:accounts", False),
        ("read write follow", "write:blocks", True),
        ("read follow", "write:mutes", True),
        ("read follow", "write:reports", False),
    ],
)
def test_a_right_may_be_given_inside_a_wider_one(scopes: str, scope: str, has: bool) -> None:
    assert Rights(frozenset(scopes.split())).has(scope) is has


def test_what_is_not_known_to_be_missing_is_not_missing() -> None:
    assert not Rights().lacks("write:blocks")


@pytest.mark.parametrize(
    ("told", "base"),
    [
        ("wss://streaming.police.example", "https://streaming.police.example"),
        ("ws://127.0.0.1:4000", "http://127.0.0.1:4000"),
        ("ws://elsewhere.example", "https://police.example"),
        ("", "https://police.example"),
        ("nonsense", "https://police.example"),
    ],
)
def test_the_live_stream_is_where_the_server_says_and_never_in_clear(told: str, base: str) -> None:
    assert streaming_base(told, "https://police.example") == base


def test_it_says_who_it_is() -> None:
    async def go(here: Room) -> None:
        assert here.profile is not None
        assert here.profile.handle == "force@police.example"
        assert here.profile.remote_id == "1001"
        assert not here.profile.notices

    run(go)


def test_a_right_that_is_missing_is_said_and_what_needs_it_is_not_offered() -> None:
    def without(network: FalseMastodon) -> None:
        network.tokens[network.token] = "read write:statuses"

    async def go(here: Room) -> None:
        assert here.profile is not None
        [notice] = here.profile.notices
        assert "write:blocks" in notice
        assert "read:statuses" not in notice
        target = await here.said("Is it open?")
        found = here.connector.can(target)
        assert found[Verb.REPLY].can
        assert not found[Verb.BLOCK].can
        [answer] = await here.do(Verb.BLOCK, target)
        assert isinstance(answer.failure, NotAllowed)
        assert here.sent("POST", "/block") == 0

    async def inside(here: Room) -> None:
        here.kept.text = json.dumps({"token": here.network.token})
        here.profile = await here.connector.open()
        await go(here)

    run(inside, without, opens=False)


@pytest.mark.parametrize("refuses", [set[str](), {"/apps/verify_credentials"}])
def test_a_server_that_does_not_tell_the_rights_of_a_token_is_not_suspected(refuses: set[str]) -> None:
    def old(network: FalseMastodon) -> None:
        network.version = "4.1.0"
        network.knows -= {"v2", "scopes"}
        network.refuses |= refuses

    async def go(here: Room) -> None:
        here.kept.text = json.dumps({"token": here.network.token})
        profile = await here.connector.open()
        assert not profile.notices
        assert profile.handle == "force@police.example"

    run(go, old, opens=False)


@pytest.mark.parametrize(
    ("version", "kind"),
    [("2.7.2 (compatible; Pleroma 2.5.0)", "Pleroma"), ("0.17.0+git-abc gotosocial", "gotosocial")],
)
def test_a_look_alike_is_told_of(version: str, kind: str) -> None:
    def other(network: FalseMastodon) -> None:
        network.version = version

    async def go(here: Room) -> None:
        assert here.profile is not None
        assert kind in here.profile.notices[0]

    run(go, other)


def test_a_suspended_account_asks_for_a_person() -> None:
    async def go(here: Room) -> None:
        here.network.me["suspended"] = True
        with pytest.raises(SignInAgain):
            await here.connector.open()

    run(go, opens=False)


@pytest.mark.parametrize("address", ["http://police.example", ""])
def test_an_address_that_cannot_be_used_is_refused_in_words(address: str) -> None:
    async def go(here: Room) -> None:
        with pytest.raises(NotAllowed) as caught:
            await here.connector.open()
        assert caught.value.words

    run(go, opens=False, settings={"address": address})


def test_before_it_is_opened_nothing_can_be_asked() -> None:
    async def go(here: Room) -> None:
        with pytest.raises(SignInAgain):
            await watch(here.connector, {"never"})

    run(go, opens=False)


def test_an_answer_of_another_shape_is_misunderstood() -> None:
    async def go(here: Room) -> None:
        here.network.me["id"] = 1001
        with pytest.raises(Misunderstood):
            await here.connector.open()

    run(go, opens=False)


def test_what_the_headers_say_is_counted_against_the_ceiling_it_is_about() -> None:
    async def go(here: Room) -> None:
        target = await here.said("Is it open?")
        assert set(here.allowance.learnt) == {REQUESTS}
        [answer] = await here.do(Verb.REPLY, target, text="No.")
        await here.do(Verb.REPORT, target)
        await here.do(Verb.DELETE, ours(answer.note or ""))
        assert set(here.allowance.learnt) == {REQUESTS, POSTS, REPORTS, DELETIONS}

    run(go)


def test_a_post_that_is_gone_is_gone() -> None:
    async def go(here: Room) -> None:
        target = await here.said("soon gone")
        here.network.withdraw(target.remote_id)
        [answer] = await here.do(Verb.LIKE, target)
        assert isinstance(answer.failure, Gone)

    run(go)


def test_the_rights_that_were_kept_are_believed_without_asking() -> None:
    async def go(here: Room) -> None:
        assert here.sent("GET", "/apps/verify_credentials") == 0
        assert json.loads(here.kept.text or "")["scopes"] == SCOPES

    run(go)
