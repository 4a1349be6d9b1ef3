"""By way of a Page to an account: the walk, the token that is renewed, and rights that are missing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

import pytest

from console.api import Context, Guide, NotAllowed, SignInAgain
from console.api.stage import KeptSecret
from plugins.instagram.session import SCOPES, Session, kept_in
from plugins.instagram.signing import sign_in
from tests.servers.false.instagram import OTHER_PAGE_ID, PAGE_ID, US, US_ID, InstagramNetwork, InstagramStage
from tests.servers.false.stage import Walker
from tests.unit.plugins.graphroom import behind


def _given(**kept: object) -> KeptSecret:
    return KeptSecret(json.dumps(kept))


def _signed(network: InstagramNetwork) -> KeptSecret:
    return _given(app_secret=network.secret, person=network.person, page_token=network.page_token)


async def _with(
    network: InstagramNetwork, kept: KeptSecret, do: Callable[[Context], object], **more: str
) -> object:
    async with behind(network, InstagramStage(network), kept, **more) as (context, _, _clock):
        result = do(context)
        return await result if asyncio.iscoroutine(result) else result


def test_the_account_is_asked_of_the_page_and_its_sign_in_ends_when_the_network_says() -> None:
    with InstagramNetwork() as network:
        profile = asyncio.run(_with(network, _signed(network), lambda context: Session(context).open()))
        assert (profile.remote_id, profile.handle) == (US_ID, US)  # type: ignore[attr-defined]
        ends_at = profile.ends_at  # type: ignore[attr-defined]
        assert ends_at == pytest.approx((network.now + 90 * 86_400) * 1000, abs=60_000)
        network.has_data_end = False
        profile = asyncio.run(_with(network, _signed(network), lambda context: Session(context).open()))
        assert profile.ends_at is None  # type: ignore[attr-defined]


def test_a_page_without_an_account_asks_for_a_person() -> None:
    with InstagramNetwork() as network:
        network.is_linked = False
        with pytest.raises(SignInAgain, match="linked"):
            asyncio.run(_with(network, _signed(network), lambda context: Session(context).open()))


@pytest.mark.parametrize("scope", sorted(SCOPES))
def test_a_missing_permission_is_named_with_what_it_costs(scope: str) -> None:
    with InstagramNetwork() as network:
        network.withheld.add(scope)
        profile = asyncio.run(_with(network, _signed(network), lambda context: Session(context).open()))
        [notice] = profile.notices  # type: ignore[attr-defined]
        assert scope in notice
        assert SCOPES[scope] in notice


def test_a_page_token_that_has_died_is_replaced_by_the_persons_and_kept() -> None:
    with InstagramNetwork() as network:
        kept = _signed(network)
        network.expire()
        asyncio.run(_with(network, kept, lambda context: Session(context).open()))
        assert kept_in(kept.text).page_token == network.page_token


def test_with_both_tokens_dead_a_person_is_asked_for() -> None:
    with InstagramNetwork() as network:
        kept = _signed(network)
        network.tokens.clear()
        with pytest.raises(SignInAgain):
            asyncio.run(_with(network, kept, lambda context: Session(context).open()))


def _walk(network: InstagramNetwork, kept: KeptSecret, guide: Guide | None = None, **more: str) -> object:
    return asyncio.run(_with(network, kept, lambda context: sign_in(context, guide or Walker()), **more))


def test_the_walk_offers_only_pages_with_an_account() -> None:
    with InstagramNetwork() as network:
        kept, guide = _given(app_secret=network.secret, token=""), Walker()
        assert _walk(network, kept, guide, page="") == {"page": PAGE_ID}
        assert kept_in(kept.text).person == network.person
        assert kept_in(kept.text).page_token == network.page_token
        assert not network.offences


def test_a_page_that_was_named_and_is_not_there_is_refused() -> None:
    with InstagramNetwork() as network:
        kept = _given(app_secret=network.secret)
        with pytest.raises(NotAllowed, match="not among those"):
            _walk(network, kept, page=OTHER_PAGE_ID)
        network.is_linked = False
        with pytest.raises(NotAllowed, match="None of the Pages"):
            _walk(network, kept, page="")


def test_a_token_of_the_person_or_of_the_page_needs_no_browser() -> None:
    with InstagramNetwork() as network:
        of_person = _given(token=network.person)
        assert _walk(network, of_person, page="") == {"page": PAGE_ID}
        assert kept_in(of_person.text).person == network.person
        of_page = _given(token=network.page_token)
        assert _walk(network, of_page, page="") == {"page": PAGE_ID}
        assert kept_in(of_page.text).person == ""
        assert not network.codes
        profile = asyncio.run(_with(network, of_page, lambda context: Session(context).open(), app_id=""))
        assert profile.handle == US  # type: ignore[attr-defined]


def test_the_walk_says_what_it_needs_before_it_begins() -> None:
    with InstagramNetwork() as network:
        with pytest.raises(NotAllowed, match="app and its secret"):
            _walk(network, _given(app_secret=""))
        with pytest.raises(NotAllowed, match="app and its secret"):
            _walk(network, _given(app_secret="s"), app_id="")


def test_an_address_that_would_send_the_token_in_clear_is_refused() -> None:
    with InstagramNetwork() as network, pytest.raises(NotAllowed, match="https"):
        _walk(network, _given(token="EAA-of-somebody"), address="http://graph.example")
