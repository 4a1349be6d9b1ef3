"""Two clocks: a token that is renewed in time, and a permission that ends whatever is done."""

from __future__ import annotations

import asyncio
import json
from contextlib import AbstractAsyncContextManager

import pytest

from console.api import Context, NotAllowed, SignInAgain
from console.api.stage import CountedAllowance, KeptSecret
from plugins.threads.session import SCOPES, Session, kept_in, sign_in
from tests.servers.false.stage import Walker
from tests.servers.false.threads import GRANT_SECONDS, ThreadsNetwork, ThreadsStage
from tests.unit.plugins.graphroom import Clock, behind

DAY = 86_400


def _behind(
    network: ThreadsNetwork, kept: KeptSecret, **settings: str
) -> AbstractAsyncContextManager[tuple[Context, CountedAllowance, Clock]]:
    return behind(network, ThreadsStage(network), kept, **settings)


def _given(**kept: object) -> KeptSecret:
    return KeptSecret(json.dumps(kept))


def test_a_token_is_renewed_every_week_and_the_new_one_is_kept() -> None:
    async def go() -> None:
        with ThreadsNetwork() as network:
            kept = _given(token=network.give_token())
            async with _behind(network, kept) as (context, _, clock):
                session = Session(context)
                await session.open()
                first = kept_in(kept.text).access
                clock.pass_days(3)
                await session.renew_if_due()
                assert kept_in(kept.text).access == first, "three days are too soon"
                clock.pass_days(5)
                await session.renew_if_due()
                renewed = kept_in(kept.text)
                assert renewed.access != first
                assert renewed.ends_at == pytest.approx(clock() + 60 * DAY * 1000, abs=60_000)
                clock.pass_days(58)
                await session.renew_if_due()
                assert kept_in(kept.text).access != renewed.access
            assert not network.offences

    asyncio.run(go())


def test_a_renewal_that_fails_is_tried_again_hours_later_while_the_token_lives() -> None:
    async def go() -> None:
        with ThreadsNetwork() as network:
            kept = _given(token=network.give_token(age=10 * DAY))
            async with _behind(network, kept) as (context, _, clock):
                token = network.tokens[json.loads(kept.text or "")["token"]]
                token.is_long = False  # the network will not renew it now
                session = Session(context)
                await session.open()
                known = len(network.tokens)
                token.is_long = True
                await session.renew_if_due()
                assert not network.offences
                assert len(network.tokens) == known, "it was asked for again at once"
                clock.pass_days(0.5)
                await session.renew_if_due()
                assert len(network.tokens) == known + 1

    asyncio.run(go())


def test_a_token_that_has_ended_asks_for_a_person() -> None:
    async def go() -> None:
        with ThreadsNetwork() as network:
            kept = _given(token=network.give_token(age=61 * DAY))
            async with _behind(network, kept) as (context, _, _clock):
                with pytest.raises(SignInAgain, match="expired"):
                    await Session(context).open()

    asyncio.run(go())


def test_the_end_of_the_permission_is_the_end_that_a_person_is_warned_of() -> None:
    async def go() -> None:
        with ThreadsNetwork() as network:
            kept = _given(token=network.give_token(age=2 * DAY))
            async with _behind(network, kept) as (context, _, clock):
                profile = await Session(context).open()
                assert profile.ends_at == pytest.approx(
                    clock() + (GRANT_SECONDS - 2 * DAY) * 1000, abs=60_000
                )
                network.tells_of_tokens = False
                profile = await Session(context).open()
                assert profile.ends_at == pytest.approx(
                    clock() + (GRANT_SECONDS - 2 * DAY) * 1000, abs=60_000
                )
                assert any("testers" in words for words in profile.notices)

    asyncio.run(go())


@pytest.mark.parametrize("scope", [one for one in SCOPES if one != "threads_basic"])
def test_a_missing_permission_is_named_with_what_it_costs(scope: str) -> None:
    async def go() -> None:
        with ThreadsNetwork() as network:
            network.withheld.add(scope)
            kept = _given(token=network.give_token())
            async with _behind(network, kept) as (context, _, _clock):
                [notice] = (await Session(context).open()).notices
            assert scope in notice
            assert SCOPES[scope] in notice

    asyncio.run(go())


def test_a_token_of_an_hour_is_exchanged_for_one_of_sixty_days() -> None:
    async def go() -> None:
        with ThreadsNetwork() as network:
            kept = _given(token=network.give_token(is_long=False), app_secret=network.secret)
            async with _behind(network, kept) as (context, _, _clock):
                await Session(context).open()
            assert network.tokens[kept_in(kept.text).access].is_long

    asyncio.run(go())


def test_what_the_network_says_of_replies_and_deletions_is_passed_on() -> None:
    async def go() -> None:
        with ThreadsNetwork() as network:
            network.say("ours", by="force.example")
            async with _behind(network, _given(token=network.give_token())) as (
                context,
                allowance,
                _clock,
            ):
                await Session(context).open()
            assert allowance.learnt["replies a day"][0] == 999
            assert allowance.learnt["deletions a day"][0] == 100

    asyncio.run(go())


def test_whoever_has_a_token_needs_no_browser() -> None:
    async def go() -> None:
        with ThreadsNetwork() as network:
            kept = _given(token=network.give_token(), app_secret="")
            guide = Walker()
            async with _behind(network, kept, app_id="", redirect="") as (context, _, _clock):
                assert await sign_in(context, guide) == {}
                await Session(context).open()
            assert not network.codes
            assert len(guide.said) == 1

    asyncio.run(go())


def test_the_walk_says_what_it_needs_before_it_begins() -> None:
    async def go() -> None:
        with ThreadsNetwork() as network:
            for settings, secret in (({"app_id": ""}, "s"), ({"redirect": ""}, "s"), ({}, "")):
                async with _behind(network, _given(app_secret=secret), **settings) as (
                    context,
                    _,
                    _clock,
                ):
                    with pytest.raises(NotAllowed, match="app's id, its secret and its redirect"):
                        await sign_in(context, Walker())

    asyncio.run(go())


def test_a_wrong_secret_of_the_app_is_refused_in_words() -> None:
    async def go() -> None:
        with ThreadsNetwork() as network:
            async with _behind(network, _given(app_secret="wrong")) as (context, _, _clock):
                with pytest.raises(NotAllowed) as refusal:
                    await sign_in(context, Walker())
            assert "wrong" not in refusal.value.words

    asyncio.run(go())


def test_an_address_that_would_send_the_token_in_clear_is_refused() -> None:
    async def go() -> None:
        with ThreadsNetwork() as network:
            kept = _given(token="THT-of-somebody")
            async with _behind(network, kept, address="http://graph.example") as (
                context,
                _,
                _clock,
            ):
                with pytest.raises(NotAllowed, match="https"):
                    await Session(context).open()

    asyncio.run(go())
