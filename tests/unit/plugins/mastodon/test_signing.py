"""The walk through the browser, and the ways around it."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from console.api import Choice, NotAllowed, SignInAgain
from plugins.mastodon.session import READS, STAFF, WRITES
from plugins.mastodon.signing import SHOWN_CODE, sign_in
from tests.servers.false.mastodon import FalseMastodon
from tests.servers.false.stage import Walker
from tests.unit.plugins.mastodon.rooms import Room, run


class _Reluctant(Walker):
    """Says no in the browser: comes back without a code."""

    async def visit(self, address: str, words: str) -> None:
        self.said.append(words)
        self._pasted = (
            "https://police.example/?error=access_denied&error_description=The+resource+owner+denied"
        )


class _Elsewhere(Walker):
    """Has no browser at hand and copies the code that the server shows."""

    async def choose(self, question: str, choices: Sequence[Choice]) -> str:
        await super().choose(question, choices)
        return choices[-1].id


class _ReluctantElsewhere(_Elsewhere, _Reluctant):
    """Both."""


@pytest.mark.parametrize("walker", [Walker, _Elsewhere])
def test_a_walk_ends_with_a_token_that_works(walker: type[Walker]) -> None:
    async def go(here: Room) -> None:
        here.kept.text = json.dumps({"token": ""})
        guide = walker()
        assert await sign_in(here.context, guide) == {}
        kept = json.loads(here.kept.text)
        assert kept["scopes"].split() == [*READS, *WRITES]
        assert here.network.tokens[kept["token"]] == kept["scopes"]
        [app] = here.network.apps.values()
        assert (app["redirect"] == SHOWN_CODE) is (walker is _Elsewhere)
        assert not any(kept["token"] in said or app["secret"] in said for said in guide.said)
        assert (await here.connector.open()).handle == "force@police.example"

    run(go, opens=False)


def test_staff_rights_are_asked_for_only_when_a_person_turned_them_on() -> None:
    async def go(here: Room) -> None:
        here.kept.text = "{}"
        await sign_in(here.context, Walker())
        assert set(STAFF) <= set(json.loads(here.kept.text)["scopes"].split())

    run(go, opens=False, settings={"staff": "on"})


def test_a_person_who_says_no_is_believed() -> None:
    async def go(here: Room) -> None:
        here.kept.text = "{}"
        with pytest.raises(NotAllowed) as caught:
            await sign_in(here.context, _ReluctantElsewhere())
        assert "denied" in caught.value.words
        assert here.kept.writes == 0

    run(go, opens=False)


def test_a_token_that_a_person_brings_along_needs_no_walk() -> None:
    async def go(here: Room) -> None:
        here.kept.text = json.dumps({"token": f" {here.network.token} "})
        await sign_in(here.context, Walker())
        assert json.loads(here.kept.text)["token"] == here.network.token
        assert not here.network.apps

    run(go, opens=False)


def test_a_wrong_token_is_said_while_the_person_is_there() -> None:
    async def go(here: Room) -> None:
        here.kept.text = json.dumps({"token": "wrong"})
        with pytest.raises(SignInAgain):
            await sign_in(here.context, Walker())
        assert here.kept.writes == 0

    run(go, opens=False)


@pytest.mark.parametrize("kept", [None, "", "nonsense", "[]", '{"token": 5}'])
def test_whatever_lies_there_a_walk_can_begin(kept: str | None) -> None:
    async def go(here: Room) -> None:
        here.kept.text = kept
        await sign_in(here.context, Walker())
        assert json.loads(here.kept.text or "")["token"]

    run(go, opens=False)


def test_a_server_that_registers_nobody_says_so() -> None:
    def closed(network: FalseMastodon) -> None:
        network.knows -= {"apps"}

    async def go(here: Room) -> None:
        here.kept.text = "{}"
        with pytest.raises(NotAllowed):
            await sign_in(here.context, Walker())

    run(go, closed, opens=False)
