"""The contract suite itself: a connector that is wrong in one way must fail the check that is about it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace

import pytest

from console.api import Answer, Connector, Context, Order, Page, Sight, Target, Verb
from console.api import stage as stage_parts
from console.api.manifest import Markup
from console.api.testing import checks_for
from plugins.bluesky.connector import Bluesky, connect
from tests.contract.stages import BlueskyStage
from tests.servers.xrpc.server import FalseXrpc


class Trims(Bluesky):
    """Tidies people's words."""

    async def stream(self, cursor: str | None) -> AsyncIterator[Page]:
        async for page in super().stream(cursor):
            yield replace(page, arrivals=[replace(one, text=one.text.strip()) for one in page.arrivals])


class Doubles(Bluesky):
    """Yields everything again on the next page."""

    async def stream(self, cursor: str | None) -> AsyncIterator[Page]:
        async for page in super().stream(cursor):
            yield page
            if page.arrivals:
                yield page


class Skips(Bluesky):
    """Forgets one item of each page."""

    async def stream(self, cursor: str | None) -> AsyncIterator[Page]:
        async for page in super().stream(cursor):
            yield replace(page, arrivals=page.arrivals[1:])


class Hopes(Bluesky):
    """Looks at nothing and says that all is done."""

    async def look(
        self, verb: Verb, targets: Sequence[Target], notes: Sequence[str | None]
    ) -> Sequence[Sight]:
        return [Sight(target.remote_id, target.state, done=True) for target in targets]


class Mixes(Bluesky):
    """Answers in another order."""

    async def act(self, order: Order) -> Sequence[Answer]:
        return list(reversed(await super().act(order)))


class Conceals(Bluesky):
    """Never warns that a request may have arrived."""

    async def act(self, order: Order) -> Sequence[Answer]:
        return [_unsent(answer) for answer in await super().act(order)]


class Blurts(Bluesky):
    """Fails in its own way instead of the contract's."""

    async def act(self, order: Order) -> Sequence[Answer]:
        answers = await super().act(order)
        for answer in answers:
            if answer.failure is not None:
                raise ValueError("unexpected status")
        return answers


def _unsent(answer: Answer) -> Answer:
    if answer.failure is not None:
        answer.failure.sent = False
    return answer


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (Trims, "yields what arrives, once, word for word"),
        (Doubles, "yields what arrives, once, word for word"),
        (Skips, "catches up after a gap of many pages"),
        (Hopes, "hides, is seen to have hidden, and shows again"),
        (Hopes, "sends nothing over a dead link, and says so"),
        (Mixes, "hides many of one thread, answering for each in order"),
        (Conceals, "knows what may have been done when the answer is lost"),
        (Blurts, "says in the contract's words what “limit” means for an act"),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else None,
)
def test_a_wrong_connector_fails_the_check_that_is_about_it(
    wrong: type[Bluesky], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage_parts, "PATIENCE_S", 3.0)  # what never comes need not be awaited for long
    with pytest.raises((AssertionError, ValueError)):
        _run(wrong, words)


def test_every_check_has_words_of_its_own() -> None:
    with FalseXrpc() as server:
        words = [check.words for check in checks_for(BlueskyStage(server))]
    assert len(words) == len(set(words))


def test_a_stage_without_troubles_is_not_asked_about_them() -> None:
    with FalseXrpc() as server:
        stage = BlueskyStage(server)
        everything = len(checks_for(stage))
        stage.troubles = ()
        assert not any(check.troubles for check in checks_for(stage))
        stage.is_live = False
        assert 0 < len(checks_for(stage)) < everything


def _run(make: Callable[[Context], Connector], words: str) -> None:
    with FalseXrpc() as server:
        stage = BlueskyStage(server)
        [check] = [check for check in checks_for(stage) if check.words == words]
        stage.connect = connect
        asyncio.run(check.run(stage))  # the right one passes, so what follows is about the wrong one
    with FalseXrpc() as server:
        stage = BlueskyStage(server)
        stage.connect = make
        asyncio.run(check.run(stage))


@pytest.mark.parametrize(
    ("raw", "text", "markup", "is_held"),
    [
        ('{"text": "Is Quay Road open?"}', "Is Quay Road open?", "", True),
        ('{"text": " Is Quay Road open?"}', "Is Quay Road open?", "", False),
        ('{"text": "<p>Is it?</p>"}', "Is it?", "", False),
        (
            '{"text": "<p>Is <a href=\\"x\\">it</a> open?<br>Yes &amp; no</p>"}',
            "Is it open?\nYes & no",
            "html",
            True,
        ),
        ('{"warning": "Flood", "text": "<p>At the ford</p>"}', "Flood\n\nAt the ford", "html", True),
        ('{"text": "<p>Is it open?</p>"}', "Is it shut?", "html", False),
        ('{"text": "<p>Is it</p>", "more": "<p>open?</p>"}', "Is it open?", "html", False),
    ],
)
def test_a_raw_form_holds_the_words_once_the_networks_own_markup_is_taken_away(
    raw: str, text: str, markup: Markup, is_held: bool
) -> None:
    assert stage_parts.holds_words(raw, text, markup) is is_held
