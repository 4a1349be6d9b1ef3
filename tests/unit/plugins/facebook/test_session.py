"""The sign-in: whose token it is, what it may do, getting another, and the walk of a person."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from console.api import NotAllowed, Profile, SignInAgain
from console.api.stage import KeptSecret, backstage, scene
from plugins.facebook.rights import CANNOT_TELL, NO_TASK, NOT_A_PAGE
from plugins.facebook.signing import NO_APP, NO_PAGES
from plugins.meta.login import API, DONE_PAGE, Door
from tests.servers.false.facebook import (
    ACTS,
    MESSAGES,
    OTHER_PAGE,
    PAGE,
    PEOPLE,
    FacebookNetwork,
)
from tests.servers.false.facebook_stage import FacebookStage
from tests.servers.false.metagraph import DAY_SECONDS
from tests.servers.false.stage import Walker, query_of


def _opened(
    secret: Mapping[str, Any] | None = None,
    settings: Mapping[str, str] | None = None,
    network: FacebookNetwork | None = None,
) -> tuple[Profile, KeptSecret]:
    """Opens an account with this secret, or with the usual one."""

    async def body() -> tuple[Profile, KeptSecret]:
        with network or FacebookNetwork() as running:
            stage = FacebookStage(running)
            stage.settings = {**stage.settings, **(settings or {})}
            kept = KeptSecret(stage.secret if secret is None else json.dumps(secret))
            async with scene(stage, secret=kept, opens=False) as act:
                return await act.connector.open(), kept

    return asyncio.run(body())


def test_the_page_says_who_it_is_and_all_is_well() -> None:
    profile, kept = _opened()
    assert (profile.remote_id, profile.handle, profile.name) == (PAGE, "force.example", "Force Example")
    assert profile.app
    assert profile.notices == ()
    assert profile.ends_at is None
    assert kept.writes == 0


def test_the_end_of_the_access_to_data_is_told_days_before() -> None:
    network = FacebookNetwork()
    network.data_ends_at = float(int(network.now + 5 * DAY_SECONDS))
    profile, _ = _opened(network=network)
    assert profile.ends_at == int(network.data_ends_at) * 1000


def test_a_persons_token_is_not_taken_for_a_pages() -> None:
    network = FacebookNetwork()
    with pytest.raises(SignInAgain) as caught:
        _opened({"token": network.give_token()}, network=network)
    assert caught.value.words == NOT_A_PAGE


def test_a_token_of_another_page_is_refused() -> None:
    network = FacebookNetwork()
    with pytest.raises(SignInAgain) as caught:
        _opened({"page_token": network.page_token(OTHER_PAGE)}, network=network)
    assert "another Page" in caught.value.words


@pytest.mark.parametrize("right", [PEOPLE, ACTS, MESSAGES])
def test_a_missing_right_is_a_notice_that_names_it(right: str) -> None:
    network = FacebookNetwork()
    network.withheld.add(right)
    profile, _ = _opened(network=network)
    assert len(profile.notices) == 1
    assert right in profile.notices[0]


def test_a_person_without_the_task_is_told_so() -> None:
    network = FacebookNetwork()
    network.tasks = ["ANALYZE"]
    profile, _ = _opened(network=network)
    assert profile.notices == (NO_TASK,)


def test_without_the_apps_secret_the_persons_own_token_tells_the_rights() -> None:
    network = FacebookNetwork()
    network.withheld.add(PEOPLE)
    secret = {"page_token": network.page_token(), "user_token": network.give_token()}
    profile, _ = _opened(secret, network=network)
    assert PEOPLE in profile.notices[0]


def test_with_nothing_but_a_pages_token_it_is_said_that_rights_cannot_be_told() -> None:
    network = FacebookNetwork()
    profile, _ = _opened({"token": network.page_token()}, network=network)
    assert profile.notices == (CANNOT_TELL,)


def test_a_wrong_secret_of_the_app_costs_the_rights_and_not_the_account() -> None:
    network = FacebookNetwork()
    secret = {"page_token": network.page_token(), "app_secret": "another"}
    profile, _ = _opened(secret, network=network)
    assert profile.remote_id == PAGE
    assert profile.notices == (CANNOT_TELL,)


def test_a_dead_page_token_is_replaced_from_the_persons_and_kept() -> None:
    network = FacebookNetwork()
    person = network.give_token()
    _, kept = _opened({"page_token": "dead", "user_token": person}, network=network)
    found = json.loads(kept.text or "")
    assert found["page_token"] in network.tokens
    assert found["user_token"] == person


def test_a_role_that_was_lost_asks_for_a_person() -> None:
    network = FacebookNetwork()
    secret = {"page_token": "dead", "user_token": network.give_token()}
    with pytest.raises(SignInAgain) as caught:
        _opened(secret, {"page": "555"}, network)
    assert "role" in caught.value.words


# --- The walk ------------------------------------------------------------------------------------


def _walked(
    secret: Mapping[str, str] | None = None,
    settings: Mapping[str, str] | None = None,
    *,
    guide: Walker | None = None,
    network: FacebookNetwork | None = None,
) -> tuple[Mapping[str, str], dict[str, Any], FacebookNetwork]:
    """Walks a person through; the settings that were found, what was kept, and the network."""

    async def body() -> tuple[Mapping[str, str], dict[str, Any], FacebookNetwork]:
        with network or FacebookNetwork() as running:
            stage = FacebookStage(running)
            stage.settings = {**stage.settings, "page": "", **(settings or {})}
            kept = KeptSecret(json.dumps(secret) if secret is not None else stage.first_secret)
            assert stage.sign_in is not None
            async with backstage(stage, kept, set(), []) as (context, _):
                found = await stage.sign_in(context, guide or Walker(chosen=PAGE))
            assert not running.offences, running.offences
            return found, json.loads(kept.text or ""), running

    return asyncio.run(body())


class Browser(Walker):
    """A browser that knows this machine by its name."""

    def __init__(self) -> None:
        super().__init__(chosen=PAGE)
        self.asked = ""

    async def visit(self, address: str, words: str) -> None:
        self.asked = address
        await super().visit(address, words)
        if urlsplit(self._pasted).hostname == "localhost":
            async with httpx.AsyncClient(trust_env=False) as browser:
                await browser.get(self._pasted.replace("localhost", "127.0.0.1"))

    async def paste(self, question: str) -> str:
        assert urlsplit(self._pasted).hostname != "localhost", question
        return await super().paste(question)


def test_the_page_is_chosen_and_long_lived_tokens_are_kept() -> None:
    found, kept, network = _walked()
    assert found == {"page": PAGE}
    assert network.tokens[kept["user_token"]].is_long
    assert network.kinds[kept["page_token"]] == PAGE
    assert kept["app_secret"] == network.secret


def test_a_page_that_was_named_beforehand_is_not_asked_for() -> None:
    guide = Walker(chosen="nobody")
    found, _, _ = _walked(settings={"page": OTHER_PAGE}, guide=guide)
    assert found == {"page": OTHER_PAGE}
    assert not any("Which Page" in words for words in guide.said)


def test_in_development_the_browser_comes_back_by_itself_to_localhost() -> None:
    guide = Browser()
    found, _, _ = _walked(settings={"development": "on"}, guide=guide)
    assert found == {"page": PAGE}
    assert query_of(guide.asked)["redirect_uri"].startswith("http://localhost:")
    assert not any("Paste" in words for words in guide.said)


def test_proof_keys_are_sent_when_they_are_turned_on_and_not_before() -> None:
    for settings, is_sent in (({}, False), ({"proof_keys": "on"}, True)):
        guide = Browser()
        _walked(settings=settings, guide=guide)
        assert ("code_challenge" in query_of(guide.asked)) is is_sent
        assert query_of(guide.asked)["redirect_uri"] == DONE_PAGE


def test_a_persons_token_that_is_there_already_needs_no_browser() -> None:
    network = FacebookNetwork()
    token = network.give_token(is_long=False)
    guide = Walker(chosen=PAGE)
    found, kept, _ = _walked({"app_secret": network.secret, "token": token}, guide=guide, network=network)
    assert found == {"page": PAGE}
    assert network.tokens[kept["user_token"]].is_long
    assert "token" not in kept
    assert not any("Sign in at" in words for words in guide.said)


def test_a_pages_token_that_is_there_already_names_its_page() -> None:
    network = FacebookNetwork()
    token = network.page_token()
    found, kept, _ = _walked({"token": token}, {"app_id": ""}, network=network)
    assert found == {"page": PAGE}
    assert kept == {"page_token": token}


def test_a_pages_token_of_another_page_than_was_named_is_refused() -> None:
    network = FacebookNetwork()
    with pytest.raises(NotAllowed):
        _walked({"token": network.page_token(OTHER_PAGE)}, {"page": PAGE}, network=network)


def test_without_an_app_and_without_a_token_there_is_no_walk() -> None:
    with pytest.raises(NotAllowed) as caught:
        _walked({"app_secret": ""})
    assert caught.value.words == NO_APP


def test_a_wrong_secret_of_the_app_is_said_and_nothing_is_kept() -> None:
    with pytest.raises(NotAllowed) as caught:
        _walked({"app_secret": "another"})
    assert "client secret" in caught.value.words


def test_a_person_without_any_page_is_told_what_may_be_wrong() -> None:
    network = FacebookNetwork()
    me = network._me
    network._me = lambda request, path, said: (  # type: ignore[method-assign]
        {"data": []} if path == "/me/accounts" else me(request, path, said)
    )
    with pytest.raises(NotAllowed) as caught:
        _walked(network=network)
    assert caught.value.words == NO_PAGES


def test_a_person_who_may_not_moderate_is_told_at_once() -> None:
    network = FacebookNetwork()
    network.tasks = ["ANALYZE"]
    guide = Walker(chosen=PAGE)
    _walked(guide=guide, network=network)
    assert NO_TASK in guide.said


def test_the_real_addresses_are_those_of_facebook_and_a_false_one_stands_for_all() -> None:
    real = Door(network="Facebook", address=API, app_id="1", app_secret="s", scopes=())
    assert real.dialog == "https://www.facebook.com/v26.0/dialog/oauth"
    assert real.exchange == "https://graph.facebook.com/v26.0/oauth/access_token"
    false = Door(
        network="Facebook", address="http://127.0.0.1:1/v26.0", app_id="1", app_secret="s", scopes=()
    )
    assert false.dialog == "http://127.0.0.1:1/v26.0/dialog/oauth"
    assert "app_secret" not in repr(real)
