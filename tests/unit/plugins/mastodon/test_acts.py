"""Verbs at the false server, and what a look shows of them afterwards."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from console.api import ItemKind, ItemState, NotAllowed, SlowDown, TryLater, Verb
from console.api.stage import Trouble
from plugins.mastodon.capability import GONE, NO_ADDRESS, NOT_OURS, NOT_STAFF, OUR_OWN, PRIVATE_ANSWER
from plugins.mastodon.session import STAFF
from tests.servers.false.mastodon import FalseMastodon
from tests.servers.false.mastodon_memory import SCOPES
from tests.unit.plugins.mastodon.rooms import Room, ours, run


def test_an_answer_names_whom_it_answers_and_stands_below_them() -> None:
    async def go(here: Room) -> None:
        target = await here.said("Is it open?")
        [answer] = await here.do(Verb.REPLY, target, text="Not before noon.")
        made = here.network.posts[answer.note or ""]
        assert made.text == "@outsider2@elsewhere.example Not before noon."
        assert (made.parent, made.visibility) == (target.remote_id, "public")
        assert (await here.look(Verb.REPLY, target, answer.note)).done

    run(go)


@pytest.mark.parametrize(
    ("text", "is_named"),
    [
        ("@outsider2@elsewhere.example: no.", True),
        ("@Outsider2@elsewhere.example no.", True),
        ("@outsider2@elsewhere.example.org no.", False),
        ("@outsider2 no.", False),
    ],
)
def test_a_name_that_is_there_is_not_written_twice(text: str, is_named: bool) -> None:
    async def go(here: Room) -> None:
        target = await here.said("Is it open?")
        [answer] = await here.do(Verb.REPLY, target, text=text)
        assert (here.network.posts[answer.note or ""].text == text) is is_named

    run(go)


@pytest.mark.parametrize("visibility", ["public", "unlisted", "private", "direct"])
def test_an_answer_is_as_public_as_what_it_answers(visibility: str) -> None:
    async def go(here: Room) -> None:
        target = await here.said("Is it open?", visibility=visibility)
        assert (target.kind is ItemKind.MESSAGE) is (visibility == "direct")
        [answer] = await here.do(Verb.REPLY, target, text="No.")
        assert here.network.posts[answer.note or ""].visibility == visibility
        words = here.connector.can(target)[Verb.REPLY].words
        assert (words == PRIVATE_ANSWER) is (visibility == "direct")

    run(go)


def test_the_same_answer_sent_again_is_one_answer() -> None:
    async def go(here: Room) -> None:
        target = await here.said("Is it open?")
        here.network.misbehave(Trouble.CUT_AFTER)
        [lost] = await here.do(Verb.REPLY, target, text="No.")
        assert isinstance(lost.failure, TryLater)
        assert lost.failure.sent
        here.network.behave()
        assert (await here.look(Verb.REPLY, target)).done is None
        [again] = await here.do(Verb.REPLY, target, text="No.")
        assert again.failure is None
        assert [one.id for one in here.network.posts.values() if "No." in one.text] == [again.note]
        [other] = await here.do(Verb.REPLY, target, text="Yes.")
        assert other.note != again.note

    run(go)


def test_an_answer_that_never_left_is_seen_to_be_missing() -> None:
    async def go(here: Room) -> None:
        target = await here.said("Is it open?")
        assert (await here.look(Verb.REPLY, target)).done is False
        here.network.withdraw(target.remote_id)
        assert (await here.look(Verb.REPLY, target)).state is ItemState.GONE

    run(go)


@pytest.mark.parametrize("text", ["", "  \n", "x" * 501])
def test_an_answer_that_cannot_be_is_refused_in_words(text: str) -> None:
    async def go(here: Room) -> None:
        target = await here.said("Is it open?")
        [answer] = await here.do(Verb.REPLY, target, text=text)
        assert isinstance(answer.failure, NotAllowed)
        assert answer.failure.words

    run(go)


def test_one_block_is_enough_for_two_posts_of_one_author() -> None:
    async def go(here: Room) -> None:
        first = await here.said("one")
        second = replace(await here.said("two"), author_id=first.author_id)
        answers = await here.do(Verb.BLOCK, first, second)
        assert [one.remote_id for one in answers] == [first.remote_id, second.remote_id]
        assert here.sent("POST", "/block") == 1
        assert (await here.look(Verb.BLOCK, second)).done
        assert (await here.look(Verb.UNBLOCK, second)).done is False

    run(go)


def test_an_author_whose_account_is_gone_cannot_be_seen_to_be_blocked() -> None:
    async def go(here: Room) -> None:
        target = replace(await here.said("one"), author_id="404")
        assert (await here.look(Verb.BLOCK, target)).done is None
        assert (await here.look(Verb.UNMUTE, target)).done is True

    run(go)


def test_liking_is_seen() -> None:
    async def go(here: Room) -> None:
        target = await here.said("Thank you!")
        assert (await here.look(Verb.LIKE, target)).done is False
        await here.do(Verb.LIKE, target)
        assert (await here.look(Verb.LIKE, target)).done is True
        here.network.withdraw(target.remote_id)
        assert (await here.look(Verb.LIKE, target)).state is ItemState.GONE

    run(go)


def test_our_own_post_is_deleted_and_seen_to_be() -> None:
    async def go(here: Room) -> None:
        target = ours(here.network.publish("A mistake."))
        assert (await here.look(Verb.DELETE, target)).done is False
        [answer] = await here.do(Verb.DELETE, target)
        assert answer.failure is None
        sight = await here.look(Verb.DELETE, target)
        assert (sight.state, sight.done) == (ItemState.DELETED, True)

    run(go)


@pytest.mark.parametrize(
    ("category", "version", "filed"),
    [
        ("spam", "4.5.2", "spam"),
        ("hate", "4.5.2", "legal"),
        ("hate", "4.1.0", "other"),
        ("misinformation", "4.5.2", "other"),
        (None, "4.5.2", "other"),
    ],
)
def test_a_report_is_filed_where_the_servers_staff_look(
    category: str | None, version: str, filed: str
) -> None:
    def older(network: FalseMastodon) -> None:
        network.version = version

    async def go(here: Room) -> None:
        target = await here.said("buy now")
        [answer] = await here.do(Verb.REPORT, target, category=category)
        assert answer.failure is None
        [report] = here.network.reports
        assert (report["category"], report["status_ids"]) == (filed, [target.remote_id])
        assert report["forward"] is True
        assert (await here.look(Verb.REPORT, target)).done is None

    run(go, older)


def test_after_a_limit_the_rest_of_an_order_is_not_sent() -> None:
    async def go(here: Room) -> None:
        targets = [await here.said(f"number {number}") for number in range(3)]
        here.network.misbehave(Trouble.LIMIT)
        answers = await here.do(Verb.LIKE, *targets)
        assert all(isinstance(one.failure, SlowDown) for one in answers)
        here.network.behave()
        assert here.sent("POST", "/favourite") == 0
        assert not here.network.liked

    run(go)


def _as_staff(network: FalseMastodon) -> None:
    network.tokens[network.token] = " ".join((SCOPES, *STAFF))
    network.permissions = str(1 << 10)


def _staff_secret(here: Room) -> str:
    return json.dumps({"token": here.network.token, "scopes": here.network.tokens[here.network.token]})


def test_staff_limit_an_author_for_everybody_and_see_it() -> None:
    async def go(here: Room) -> None:
        here.kept.text = _staff_secret(here)
        await here.connector.open()
        target = await here.said("again and again")
        assert here.connector.can(target)[Verb.RESTRICT].can
        assert (await here.look(Verb.RESTRICT, target)).done is False
        [answer] = await here.do(Verb.RESTRICT, target)
        assert answer.failure is None
        assert here.network.limited == {target.author_id}
        assert (await here.look(Verb.RESTRICT, target)).done is True
        nobody = replace(target, author_id="404")
        assert (await here.look(Verb.RESTRICT, nobody)).done is None

    run(go, _as_staff, opens=False, settings={"staff": "on"})


@pytest.mark.parametrize(
    ("staff", "permissions", "scopes"),
    [
        ("off", str(1 << 10), " ".join((SCOPES, *STAFF))),
        ("on", "65536", " ".join((SCOPES, *STAFF))),
        ("on", "no number", " ".join((SCOPES, *STAFF))),
        ("on", "1", SCOPES),
    ],
)
def test_limiting_is_off_unless_a_person_the_role_and_the_right_agree(
    staff: str, permissions: str, scopes: str
) -> None:
    def prepare(network: FalseMastodon) -> None:
        network.tokens[network.token], network.permissions = scopes, permissions

    async def go(here: Room) -> None:
        here.kept.text = _staff_secret(here)
        profile = await here.connector.open()
        assert bool(profile.notices) is (staff == "on")
        target = await here.said("again and again")
        assert here.connector.can(target)[Verb.RESTRICT].words == NOT_STAFF
        [answer] = await here.do(Verb.RESTRICT, target)
        assert isinstance(answer.failure, NotAllowed)
        assert not here.network.limited

    run(go, prepare, opens=False, settings={"staff": staff})


@pytest.mark.parametrize(
    ("verb", "change", "words"),
    [
        (Verb.DELETE, {}, NOT_OURS),
        (Verb.DELETE, {"is_ours": True}, ""),
        (Verb.BLOCK, {"is_ours": True}, OUR_OWN),
        (Verb.BLOCK, {"state": ItemState.GONE}, ""),
        (Verb.REPORT, {"is_ours": True}, OUR_OWN),
        (Verb.REPLY, {"note": "nonsense"}, NO_ADDRESS),
        (Verb.REPLY, {"state": ItemState.DELETED}, GONE),
        (Verb.LIKE, {"state": ItemState.GONE}, GONE),
        (Verb.LIKE, {}, ""),
    ],
)
def test_what_cannot_be_done_is_said_in_words(verb: Verb, change: dict[str, Any], words: str) -> None:
    async def go(here: Room) -> None:
        target = replace(await here.said("Is it open?"), **change)
        found = here.connector.can(target)[verb]
        assert found.can is (not words)
        assert found.words == (words or here.context.manifest.verbs[verb].words)
        assert found.reversible is (found.can and here.context.manifest.verbs[verb].reversible)

    run(go)
