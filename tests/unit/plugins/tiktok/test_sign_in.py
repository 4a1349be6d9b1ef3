"""Signing in by pasting a code, and staying signed in."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from console.api import NotAllowed, SignInAgain, Verb
from plugins.tiktok.signing import BAD_REDIRECT, NO_LINK, sign_in
from tests.servers.false.stage import Walker, query_of
from tests.servers.false.tiktok import APP_SECRET, REDIRECT
from tests.unit.plugins.tiktok.rooms import comment, room

FIRST = json.dumps({"app_secret": APP_SECRET})


class Person(Walker):
    """A person who pastes something of their own, and remembers where they were sent."""

    def __init__(self, pasted: str | None = None) -> None:
        super().__init__()
        self.visited: list[str] = []
        self._mine = pasted

    async def visit(self, address: str, words: str) -> None:
        self.visited.append(address)
        await super().visit(address, words)

    async def paste(self, question: str) -> str:
        found = await super().paste(question)
        return found if self._mine is None else self._mine.format(**query_of(found))


def tokens(**changes: Any) -> str:
    known = {
        "access": "access-token-of-a-day-0",
        "refresh": "refresh-token-of-a-year-0",
        "account": "_000force-open-id",
        "access_ends_at": 9_000_000_000_000,
        "refresh_ends_at": 9_000_000_000_000,
    }
    return json.dumps({"app_secret": APP_SECRET, "tokens": known | changes})


def test_the_portals_link_is_used_as_it_is_with_nothing_but_the_state_added() -> None:
    async def go() -> str:
        async with room(secret=FIRST, opens=False) as here:
            person = Person()
            await sign_in(here.context, person)
            return person.visited[0].removeprefix(here.network.url)

    address = asyncio.run(go())
    assert address.startswith("/v2/auth/authorize?client_key=")
    assert set(query_of(address)) == {"client_key", "redirect_uri", "state"}


@pytest.mark.parametrize(
    "pasted", ["https://www.force.example/tiktok/?auth_code={auth_code}&state={state}", "{auth_code}"]
)
def test_the_whole_address_or_the_code_alone_may_be_pasted(pasted: str) -> None:
    async def go() -> None:
        async with room(secret=FIRST, opens=False) as here:
            assert await sign_in(here.context, Person(pasted)) == {}
            profile = await here.connector.open()
            assert profile.handle == "chandlersrowpolice"
            kept = json.loads(here.secret.text or "")
            assert kept["app_secret"] == APP_SECRET
            assert kept["tokens"]["access"] in here.network.access

    asyncio.run(go())


@pytest.mark.parametrize(
    ("pasted", "words"),
    [
        ("https://www.force.example/tiktok/?auth_code={auth_code}&state=other", "another attempt"),
        ("https://www.force.example/tiktok/?error=access_denied&state={state}", "did not allow"),
        ("", "no code"),
        ("used-up", "does not take"),
    ],
)
def test_what_cannot_be_a_code_is_refused_in_plain_words(pasted: str, words: str) -> None:
    async def go() -> str:
        async with room(secret=FIRST, opens=False) as here:
            with pytest.raises(NotAllowed) as refused:
                await sign_in(here.context, Person(pasted))
            assert here.secret.writes == 0
            here.network.offences.clear()
            return refused.value.words

    assert words in asyncio.run(go())


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"link": ""}, NO_LINK),
        ({"redirect": ""}, NO_LINK),
        ({"redirect": "http://www.force.example/tiktok/"}, BAD_REDIRECT),
        ({"redirect": "https://www.force.example:8443/tiktok/"}, BAD_REDIRECT),
        ({"redirect": "https://www.force.example/tiktok"}, BAD_REDIRECT),
        ({"redirect": f"{REDIRECT}?a=b"}, BAD_REDIRECT),
    ],
)
def test_what_tiktok_would_not_take_is_said_before_the_browser_opens(
    settings: dict[str, str], words: str
) -> None:
    async def go() -> None:
        async with room(secret=FIRST, settings=settings, opens=False) as here:
            person = Person()
            with pytest.raises(NotAllowed) as refused:
                await sign_in(here.context, person)
            assert refused.value.words == words
            assert person.visited == []

    asyncio.run(go())


def test_a_refresh_token_that_one_has_makes_the_browser_unnecessary() -> None:
    given = json.dumps({"app_secret": APP_SECRET, "refresh_token": "refresh-token-of-a-year"})

    async def go() -> None:
        async with room(secret=given, settings={"link": "", "redirect": ""}, opens=False) as here:
            person = Person()
            await sign_in(here.context, person)
            assert person.visited == []
            assert (await here.connector.open()).name == "Chandlers Row Police"

    asyncio.run(go())


def test_without_the_walk_a_given_refresh_token_signs_in_too() -> None:
    given = json.dumps({"app_secret": APP_SECRET, "refresh_token": "refresh-token-of-a-year"})

    async def go() -> None:
        async with room(secret=given) as here:
            assert "refresh-token-of-a-year-" in json.loads(here.secret.text or "")["tokens"]["refresh"]

    asyncio.run(go())


def test_the_end_of_the_year_is_told_beforehand() -> None:
    async def go() -> None:
        async with room(secret=tokens(refresh_ends_at=1_900_000_000_000)) as here:
            profile = await here.connector.open()
            assert profile.ends_at == 1_900_000_000_000
            assert profile.app == here.context.settings["app"]

    asyncio.run(go())


def test_a_token_is_renewed_before_it_lapses() -> None:
    async def go() -> None:
        async with room(secret=tokens(access_ends_at=1_000), opens=False) as here:
            await here.connector.open()
            assert here.asked("/refresh_token/") == 1
            assert "access-token-of-a-day-0" in here.network.access

    asyncio.run(go())


def test_several_requests_that_meet_an_ended_token_renew_it_once() -> None:
    async def go() -> None:
        async with room() as here:
            ids = [here.network.say(str(number)) for number in range(4)]
            here.network.expire()
            answers = await asyncio.gather(*(here.do(Verb.HIDE, comment(remote_id=one)) for one in ids))
            assert all(answer.failure is None for [answer] in answers)
            assert here.asked("/refresh_token/") == 1

    asyncio.run(go())


def test_a_refresh_token_that_has_ended_asks_for_a_person() -> None:
    async def go() -> None:
        async with room() as here:
            here.network.access.clear()
            here.network.refresh.clear()
            with pytest.raises(SignInAgain):
                await here.connector.open()

    asyncio.run(go())


def test_a_missing_permission_is_told_when_signing_in_and_when_opening() -> None:
    async def go() -> None:
        async with room(secret=FIRST, opens=False) as here:
            here.network.rights.remove("comment.list.manage")
            person = Person()
            await sign_in(here.context, person)
            profile = await here.connector.open()
            [notice] = profile.notices
            assert "comment.list.manage" in notice
            assert notice in person.said

    asyncio.run(go())


def test_a_wrong_app_secret_is_said_in_plain_words() -> None:
    given = json.dumps({"app_secret": "wrong", "refresh_token": "refresh-token-of-a-year"})

    async def go() -> None:
        async with room(secret=given, opens=False) as here:
            with pytest.raises(NotAllowed, match="permission"):
                await here.connector.open()
            assert "wrong" not in " ".join(here.said)

    asyncio.run(go())
