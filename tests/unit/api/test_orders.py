"""Saying what can be done, and doing it one by one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.api import ItemKind, ItemState, Order, RemoteId, Target, Verb, read_manifest
from console.api.connector import Answer
from console.api.failures import (
    Failure,
    Gone,
    Misunderstood,
    NotAllowed,
    SignInAgain,
    SlowDown,
    TryLater,
)
from console.api.orders import ENDS_ORDER, capabilities_of, one_by_one
from tests.servers.false.stage import PLUGINS

FAILURES: Mapping[str, Failure] = {
    "forbidden": NotAllowed("no"),
    "gone": Gone("gone"),
    "later": TryLater("later", sent=True),
    "unread": Misunderstood("what", sent=True),
    "limit": SlowDown("slowly", until=5),
    "ended": SignInAgain("who"),
}


def order_of(names: list[str]) -> Order:
    """An order for things of these names."""
    return Order(
        Verb.HIDE,
        [
            Target(
                RemoteId(f"{place} {name}"),
                ItemKind.COMMENT,
                "an author",
                None,
                None,
                ItemState.VISIBLE,
                is_ours=False,
                note="",
            )
            for place, name in enumerate(names)
        ],
    )


def carry_out(names: list[str]) -> tuple[list[Answer], list[str]]:
    """The answers to an order whose things fail as they are called, and what was sent."""
    sent: list[str] = []

    async def send(target: Target) -> str | None:
        sent.append(target.remote_id)
        name = target.remote_id.partition(" ")[2]
        if name in FAILURES:
            raise FAILURES[name]
        return f"note of {target.remote_id}"

    return asyncio.run(one_by_one(order_of(names), send)), sent


@given(st.lists(st.sampled_from(["done", *FAILURES]), max_size=12))
def test_each_thing_has_its_answer_in_order_and_nothing_is_sent_after_an_end(names: list[str]) -> None:
    answers, sent = carry_out(names)
    asked = [target.remote_id for target in order_of(names).targets]
    assert [answer.remote_id for answer in answers] == asked
    ends = [place for place, name in enumerate(names) if isinstance(FAILURES.get(name), ENDS_ORDER)]
    assert sent == asked[: ends[0] + 1 if ends else len(asked)]
    for place, (name, answer) in enumerate(zip(names, answers, strict=True)):
        if ends and place > ends[0]:
            assert answer.failure is FAILURES[names[ends[0]]]
            assert not answer.failure.sent
        else:
            assert answer.failure is FAILURES.get(name)
        assert answer.note == (None if answer.failure else f"note of {answer.remote_id}")


def test_a_fault_of_the_connector_is_not_taken_for_a_refusal() -> None:
    async def send(_: Target) -> str | None:
        raise KeyError("id")

    with pytest.raises(KeyError):
        asyncio.run(one_by_one(order_of(["one"]), send))


@pytest.mark.parametrize(
    "manifest", sorted(PLUGINS.glob("*/manifest.toml")), ids=lambda path: path.parent.name
)
def test_a_verb_is_as_the_manifest_has_it_or_says_why_not(manifest: Path) -> None:
    facts = read_manifest(manifest)
    free = capabilities_of(facts, lambda _: "")
    bound = capabilities_of(facts, lambda verb: f"Not {verb} here.")
    for verb, about in facts.verbs.items():
        assert free[verb].can
        assert (free[verb].words, free[verb].reversible) == (about.words, about.reversible)
        assert free[verb].verifiable is bound[verb].verifiable is about.verifiable
        assert not bound[verb].can
        assert not bound[verb].reversible
        assert bound[verb].words == f"Not {verb} here."
