"""Signing in for a page, and staying signed in for a year and no longer."""

from __future__ import annotations

import asyncio
import json
import socket
from typing import Any

import httpx
import pytest

from console.api import Choice, NotAllowed, SignInAgain
from plugins.linkedin.connector import SEVERAL
from plugins.linkedin.signing import NO_PAGE, NO_SECRET, sign_in
from tests.servers.false.linkedin import APP_SECRET, PERSON, FalseLinkedIn
from tests.servers.false.server import Answer
from tests.servers.false.stage import Walker, query_of
from tests.unit.plugins.linkedin.rooms import Room, room

FIRST = json.dumps({"app_secret": APP_SECRET})
DAY = 86_400_000


class Person(Walker):
    """A person who remembers where they were sent and what they could choose."""

    def __init__(self, chosen: str | None = None) -> None:
        super().__init__(chosen)
        self.visited: list[str] = []
        self.choices: list[str] = []

    async def visit(self, address: str, words: str) -> None:
        self.visited.append(address)
        await super().visit(address, words)

    async def choose(self, question: str, choices: Any) -> str:
        self.choices = [choice.words for choice in choices if isinstance(choice, Choice)]
        return await super().choose(question, choices)


def kept(here: Room) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(here.secret.text or "")
    return found


def secret(**tokens: Any) -> str:
    known = {"access": "access-token-of-60-days-0", "access_ends_at": 9_000_000_000_000}
    return json.dumps({"app_secret": APP_SECRET, "tokens": known | tokens})


def test_a_person_pastes_the_address_and_the_page_is_found() -> None:
    async def go() -> None:
        async with room(secret=FIRST, opens=False, organisation="") as here:
            person = Person()
            assert await sign_in(here.context, person) == {"organisation": "5005"}
            assert person.choices == ["Chandlers Row Police"]
            query = query_of(person.visited[0])
            assert query["scope"].split() == [
                "r_organization_social_feed",
                "w_organization_social_feed",
                "rw_organization_admin",
            ]
            assert "code_challenge" not in query
            profile = await here.connector.open()
            assert (profile.handle, profile.token) == ("chandlers-row-police", PERSON)
            assert profile.app == here.context.settings["app"]

    asyncio.run(go())


class AtHome(Person):
    """A person whose browser knows that `localhost` is this computer."""

    async def visit(self, address: str, words: str) -> None:
        await super().visit(address, words)
        back = self._pasted.replace("//localhost:", "//127.0.0.1:")
        async with httpx.AsyncClient(trust_env=False) as browser:
            assert (await browser.get(back)).status_code == 200


def test_the_browser_may_come_back_to_this_computer() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])

    async def go() -> None:
        async with room(secret=FIRST, opens=False, redirect="", port=port) as here:
            person = AtHome()
            await sign_in(here.context, person)
            assert query_of(person.visited[0])["redirect_uri"] == f"http://localhost:{port}/"
            assert kept(here)["tokens"]["access"] in here.network.access

    asyncio.run(go())


def test_without_a_secret_the_native_walk_proves_itself_with_pkce() -> None:
    async def go() -> None:
        async with room(secret="{}", opens=False, native_pkce="on") as here:
            person = Person()
            await sign_in(here.context, person)
            assert "/oauth/native-pkce/authorization" in person.visited[0]
            query = query_of(person.visited[0])
            assert query["redirect_uri"].startswith("http://127.0.0.1:")
            assert query["code_challenge_method"] == "S256"
            assert kept(here)["tokens"]["access"] in here.network.access

    asyncio.run(go())


def test_without_a_secret_and_without_the_switch_the_walk_does_not_begin() -> None:
    async def go() -> None:
        async with room(secret="{}", opens=False) as here:
            person = Person()
            with pytest.raises(NotAllowed) as refused:
                await sign_in(here.context, person)
            assert (refused.value.words, person.visited) == (NO_SECRET, [])

    asyncio.run(go())


@pytest.mark.parametrize(
    ("given", "ends_in"),
    [
        ({"access_token": "access-token-of-60-days-0"}, 60),
        ({"refresh_token": "refresh-token-of-a-year-0"}, 365),
    ],
)
def test_a_token_that_one_has_makes_the_browser_unnecessary(given: dict[str, str], ends_in: int) -> None:
    async def go() -> None:
        typed = json.dumps({"app_secret": APP_SECRET, **given})
        async with room(secret=typed, opens=False) as here:
            person = Person()
            assert await sign_in(here.context, person) == {"organisation": "5005"}
            assert person.visited == []
            profile = await here.connector.open()
            assert profile.ends_at is not None
            assert abs(profile.ends_at - here.context.now() - ends_in * DAY) < 60_000

    asyncio.run(go())


def test_without_the_walk_a_given_token_signs_in_too() -> None:
    async def go() -> None:
        typed = json.dumps({"access_token": "access-token-of-60-days-0"})
        async with room(secret=typed, organisation="") as here:
            assert (await here.connector.open()).remote_id == "urn:li:organization:5005"

    asyncio.run(go())


def test_renewing_buys_no_time_beyond_the_year() -> None:
    async def go() -> None:
        end = 1_900_000_000_000
        text = secret(access_ends_at=1_000, refresh="refresh-token-of-a-year-0", ends_at=end)
        async with room(secret=text, opens=False) as here:
            here.network.left_s = 10**9  # a network that claims more than the first grant gave
            profile = await here.connector.open()
            assert profile.ends_at == end
            assert here.asked("/oauth/v2/accessToken") == 1

    asyncio.run(go())


def test_the_end_moves_nearer_when_linkedin_says_so() -> None:
    async def go() -> None:
        text = secret(refresh="refresh-token-of-a-year-0", ends_at=9_000_000_000_000)
        async with room(secret=text) as here:
            here.network.left_s = 10 * 86_400
            here.network.expire()
            await here.connector.open()
            end = kept(here)["tokens"]["ends_at"]
            assert abs(end - here.context.now() - 10 * DAY) < 60_000

    asyncio.run(go())


def test_an_app_without_refresh_tokens_ends_with_its_access_token() -> None:
    async def go() -> None:
        async with room(secret=FIRST, opens=False) as here:
            signs_in = here.network._signs_in

            def without(request: Any) -> Answer:
                answer = signs_in(request)
                if isinstance(answer.body, dict):
                    answer.body.pop("refresh_token")
                    answer.body.pop("refresh_token_expires_in")
                return answer

            here.network._signs_in = without  # type: ignore[method-assign]  # an app of the lesser kind
            await sign_in(here.context, Person())
            tokens = kept(here)["tokens"]
            assert tokens["ends_at"] == tokens["access_ends_at"]
            here.network.expire()
            with pytest.raises(SignInAgain):
                await here.connector.open()

    asyncio.run(go())


def test_several_requests_that_meet_an_ended_token_renew_it_once() -> None:
    async def go() -> None:
        async with room() as here:
            here.network.expire()
            await asyncio.gather(*(here.connector.open() for _ in range(1)))
            before = here.asked("/oauth/v2/accessToken")
            here.network.expire()
            await asyncio.gather(*(here.connector._session.ask("organizations/5005", dict) for _ in range(4)))
            assert here.asked("/oauth/v2/accessToken") - before == 1

    asyncio.run(go())


def test_a_refresh_token_that_is_refused_asks_for_a_person_once() -> None:
    async def go() -> None:
        async with room() as here:
            here.network.access.clear()
            here.network.refresh.clear()
            with pytest.raises(SignInAgain):
                await here.connector.open()
            assert here.asked("/oauth/v2/accessToken") == 1

    asyncio.run(go())


@pytest.mark.parametrize(("role", "organisation"), [("", ""), ("CONTENT_ADMINISTRATOR", "")])
def test_a_person_without_the_role_cannot_choose_a_page(role: str, organisation: str) -> None:
    async def go() -> None:
        def prepare(network: FalseLinkedIn) -> None:
            network.role = role

        async with room(prepare, secret=FIRST, opens=False, organisation=organisation) as here:
            with pytest.raises(NotAllowed) as refused:
                await sign_in(here.context, Person())
            assert refused.value.words == NO_PAGE

    asyncio.run(go())


def test_a_page_that_was_named_says_why_its_role_does_not_suffice() -> None:
    async def go() -> None:
        def prepare(network: FalseLinkedIn) -> None:
            network.role = "CONTENT_ADMINISTRATOR"

        async with room(prepare, secret=FIRST, opens=False) as here:
            with pytest.raises(NotAllowed, match="content administrator"):
                await sign_in(here.context, Person())

    asyncio.run(go())


def test_of_several_pages_one_is_chosen_and_without_a_choice_nothing_is_guessed() -> None:
    async def go() -> None:
        async with room(secret=FIRST, opens=False, organisation="") as here:
            given = here.network._given

            def two(path: str, request: Any) -> Answer:
                answer = given(path, request)
                if path == "organizationAcls":
                    [one] = answer.body["elements"]
                    other = {**one, "organization": "urn:li:organization:6006"}
                    broken = {"role": 5}
                    left = {**one, "organization": "urn:li:organization:7007", "state": "REVOKED"}
                    answer.body["elements"] = [one, broken, other, left]
                return answer

            here.network._given = two  # type: ignore[method-assign]  # a person with more pages
            person = Person("urn:li:organization:6006")
            assert await sign_in(here.context, person) == {"organisation": "6006"}
            assert len(person.choices) == 2
            with pytest.raises(NotAllowed) as refused:
                await here.connector.open()
            assert refused.value.words == SEVERAL

    asyncio.run(go())


def test_a_missing_permission_is_told_when_signing_in_and_when_opening() -> None:
    async def go() -> None:
        async with room(secret=FIRST, opens=False) as here:
            here.network.scope = "r_organization_social_feed rw_organization_admin"
            person = Person()
            await sign_in(here.context, person)
            [notice] = (await here.connector.open()).notices
            assert "w_organization_social_feed" in notice
            assert notice in person.said

    asyncio.run(go())
