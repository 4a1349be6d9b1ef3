"""Signing in: the walk, the tokens and their renewal, and the rights that were given."""

from __future__ import annotations

import asyncio
import json
import socket

import pytest

from console.api import NotAllowed, SignInAgain
from console.api.stage import KeptSecret, backstage
from plugins.x.session import HOME, SIGN_IN_PAGE, Kept, app_of, scopes_of, sign_in
from tests.servers.false.stage import Walker, query_of
from tests.servers.false.x import GRANTED, FalseX
from tests.servers.false.x_stage import XStage
from tests.unit.plugins.x.rooms import Room, reading, room, run, secret_of


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _walked(secret: str, guide: Walker, **settings: str) -> tuple[KeptSecret, FalseX]:
    with FalseX() as network:
        stage, kept = XStage(network, **settings), KeptSecret(secret)
        async with backstage(stage, kept, set(), []) as (context, _):
            assert await sign_in(context, guide) == {}
        return kept, network


class _Looking(Walker):
    """A person who looks at the address before going there."""

    async def visit(self, address: str, words: str) -> None:
        self.said.append(address)
        await super().visit(address, words)


def test_the_walk_goes_by_the_address_that_is_registered_with_x() -> None:
    guide, port = _Looking(), _free_port()
    kept, _ = asyncio.run(_walked("{}", guide, landing_port=str(port)))
    asked = query_of(next(words for words in guide.said if words.startswith("http")))
    assert asked["redirect_uri"] == f"http://127.0.0.1:{port}/x"
    assert asked["code_challenge_method"] == "S256"
    assert asked["scope"].split() == [
        *("tweet.read", "users.read", "tweet.write", "tweet.moderate.write"),
        *("mute.read", "mute.write", "block.read", "block.write", "offline.access"),
    ]
    tokens = json.loads(kept.text or "{}")["session"]
    assert tokens.pop("scope") == GRANTED
    assert all(tokens.values())


def test_what_the_person_typed_is_kept_beside_the_tokens() -> None:
    kept, _ = asyncio.run(_walked(secret_of(app_token="of the app"), Walker()))
    assert json.loads(kept.text or "{}")["app_token"] == "of the app"


def test_a_refresh_token_that_was_given_makes_the_browser_needless() -> None:
    guide = _Looking()
    kept, _ = asyncio.run(_walked(secret_of(refresh_token="refresh-token-number-0"), guide))
    assert guide.said == []
    assert json.loads(kept.text or "{}")["refresh_token"] == "", "it is spent"


def test_a_walk_without_the_apps_id_says_where_to_find_it() -> None:
    with pytest.raises(NotAllowed, match="Client ID"):
        asyncio.run(_walked("{}", Walker(), client_id=" "))


def test_x_itself_is_asked_where_the_address_is_left_as_it_is() -> None:
    async def go(here: Room) -> None:
        here.context.settings.update(address=HOME, landing_port="")  # type: ignore[attr-defined]  # a dict here
        app = app_of(here.context, Kept())
        assert (app.authorize, app.token) == (SIGN_IN_PAGE, "https://api.x.com/2/oauth2/token")
        assert (app.port, app.path) == (8976, "/x")

    run(go)


def test_no_right_is_asked_for_that_is_not_needed() -> None:
    async def go(here: Room) -> None:
        assert "dm.read" in scopes_of(here.context)
        assert "block.write" not in scopes_of(here.context)

    run(go, messages="on", enterprise_blocks="off")


def test_a_token_is_renewed_before_it_ends_and_the_new_refresh_token_is_kept() -> None:
    async def go(here: Room) -> None:
        here.x._session._kept = Kept(session=here.x._session._kept.session)
        assert here.profile.handle == "force_example"
        tokens = json.loads(here.secret.text or "{}")["session"]
        assert tokens["access"] == here.network.access == "access-token-number-1"
        assert tokens["refresh"] == here.network.refresh == "refresh-token-number-1"

    async def begin() -> None:
        # It ends in a minute, so it is renewed before anything else is asked.
        old = {"access": "access-token-number-0", "refresh": "refresh-token-number-0"}
        soon = {**old, "ends_at": 1, "scope": GRANTED}
        async with room(secret=secret_of(session=soon)) as here:
            await go(here)

    asyncio.run(begin())


def test_several_requests_that_meet_an_ended_token_renew_it_once() -> None:
    async def go(here: Room) -> None:
        here.network.expire()
        await asyncio.gather(*(here.x.look(verb, [], []) for verb in here.context.manifest.verbs))
        asked = [here.x._session.ask("/2/users", {"ids": "1"}, ceiling="authors looked up") for _ in range(5)]
        await asyncio.gather(*asked)
        assert here.paths("/oauth2/token") == 1

    run(go)


def test_a_sign_in_without_a_refresh_token_asks_for_a_person_when_it_ends() -> None:
    async def go() -> None:
        old = {"access": "access-token-number-0", "scope": GRANTED}
        async with room(secret=secret_of(session=old)) as here:
            here.network.expire()
            async with reading(here) as stream:
                with pytest.raises(SignInAgain, match="without a person"):
                    await stream.rounds(1)

    asyncio.run(go())


def test_rights_that_x_did_not_give_are_named() -> None:
    async def go() -> None:
        session = {"access": "access-token-number-0", "scope": "tweet.read users.read offline.access"}
        async with room(secret=secret_of(session=session), settings={"enterprise_blocks": "off"}) as here:
            [notice] = here.profile.notices
            assert "tweet.moderate.write" in notice
            assert "block.write" not in notice

    asyncio.run(go())


def test_a_stream_without_the_apps_token_is_said_to_be_polling() -> None:
    async def go() -> None:
        session = {"access": "access-token-number-0"}
        async with room(secret=secret_of(session=session), settings={"reading": "activity"}) as here:
            assert any("polled" in notice for notice in here.profile.notices)
            assert here.x._reading.mode is None

    asyncio.run(go())


def test_a_way_of_reading_that_does_not_exist_is_said_to_be_polling() -> None:
    async def go(here: Room) -> None:
        [notice] = [one for one in here.profile.notices if "polled" in one]
        assert "“streaming”" in notice

    run(go, reading="streaming")


def test_the_activity_of_an_account_takes_the_right_to_its_messages() -> None:
    async def go(here: Room) -> None:
        assert "dm.read" in scopes_of(here.context)

    run(go, reading="activity")


def test_an_address_that_would_send_the_token_in_clear_is_not_used() -> None:
    async def go() -> None:
        async with room(settings={"address": "http://x.example"}):
            pass

    with pytest.raises(NotAllowed, match="https"):
        asyncio.run(go())


def test_accounts_of_one_app_are_told_apart_without_naming_it() -> None:
    async def go(here: Room) -> None:
        assert here.profile.app
        assert here.context.settings["client_id"] not in here.profile.app

    run(go)
