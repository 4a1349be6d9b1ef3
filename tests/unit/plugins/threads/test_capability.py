"""What can be done to which item, and why not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from console.api import ItemKind, ItemState, Target, Verb, read_manifest
from plugins.threads import capability
from plugins.threads.capability import capabilities
from plugins.threads.mapping import Note
from tests.unit.plugins.threads.rooms import target

MANIFEST = read_manifest(Path(capability.__file__).with_name("manifest.toml"))
OUTSIDE = Note()
HELD = Note(is_below_ours=True, approval="pending")


def _everything(*_: str) -> bool:
    return True


def _nothing(*_: str) -> bool:
    return False


REASONS = [
    (Verb.HIDE, target(), ""),
    (Verb.HIDE, target(is_nested=True), capability.NESTED),
    (Verb.UNHIDE, target(state=ItemState.HIDDEN, is_nested=True), capability.NESTED),
    (Verb.HIDE, target(state=ItemState.HIDDEN), capability.HIDDEN_ALREADY),
    (Verb.UNHIDE, target(state=ItemState.HIDDEN), ""),
    (Verb.UNHIDE, target(), capability.NOT_HIDDEN),
    (Verb.UNHIDE, target(state=ItemState.UNKNOWN), ""),
    (Verb.HIDE, target(is_ours=True), capability.OUR_OWN),
    (Verb.HIDE, target(ItemKind.MENTION, note=OUTSIDE), capability.A_MENTION),
    (Verb.HIDE, target(ItemKind.QUOTE, note=OUTSIDE), capability.A_QUOTE),
    (Verb.HIDE, target(ItemKind.FOUND, note=OUTSIDE), capability.NOT_OUR_THREAD),
    (Verb.HIDE, target(state=ItemState.HELD, note=HELD), capability.HELD),
    (Verb.PUBLISH, target(state=ItemState.HELD, note=HELD), ""),
    (Verb.HOLD, target(state=ItemState.HELD, note=HELD), ""),
    (Verb.HOLD, target(state=ItemState.HELD, note=Note(True, approval="ignored")), capability.ASIDE_ALREADY),
    (Verb.PUBLISH, target(state=ItemState.HELD, note=Note(True, approval="ignored")), ""),
    (Verb.PUBLISH, target(), capability.NOT_HELD),
    (Verb.HOLD, target(), capability.NOT_HELD),
    (Verb.DELETE, target(), capability.NOT_OURS),
    (Verb.DELETE, target(is_ours=True), ""),
    (Verb.REPLY, target(), ""),
    (Verb.REPLY, target(is_nested=True), ""),
    (Verb.REPLY, target(ItemKind.MENTION, note=OUTSIDE), ""),
    (Verb.REPLY, target(state=ItemState.HELD, note=HELD), capability.HELD),
    *((verb, target(state=ItemState.GONE), capability.GONE) for verb in MANIFEST.verbs),
]


@pytest.mark.parametrize(("verb", "item", "why"), REASONS)
def test_each_item_says_what_can_be_done_to_it_and_why_not(verb: Verb, item: Target, why: str) -> None:
    found = capabilities(item, MANIFEST, _everything)[verb]
    assert found.can is (why == "")
    assert found.words == (why or MANIFEST.verbs[verb].words)


@pytest.mark.parametrize("status", ["COVERED", "BLOCKED", "RESTRICTED"])
def test_what_threads_itself_keeps_out_of_sight_cannot_be_shown_from_here(status: str) -> None:
    item = target(state=ItemState.HIDDEN, note=Note(True, status))
    found = capabilities(item, MANIFEST, _everything)[Verb.UNHIDE]
    assert not found.can
    assert status.lower() in found.words


@pytest.mark.parametrize(
    ("verb", "item", "right"),
    [
        (Verb.HIDE, target(), "threads_manage_replies"),
        (Verb.PUBLISH, target(state=ItemState.HELD, note=HELD), "threads_manage_replies"),
        (Verb.DELETE, target(is_ours=True), "threads_delete"),
        (Verb.REPLY, target(), "threads_content_publish"),
    ],
)
def test_a_permission_that_is_missing_is_named(verb: Verb, item: Target, right: str) -> None:
    assert right in capabilities(item, MANIFEST, _nothing)[verb].words


def test_answering_elsewhere_takes_the_right_to_mentions_or_to_search() -> None:
    def has(*scopes: str) -> bool:
        return "threads_content_publish" in scopes or "threads_manage_replies" in scopes

    outside = target(ItemKind.MENTION, note=OUTSIDE)
    assert capabilities(outside, MANIFEST, has)[Verb.REPLY].words == capability.NOT_BELOW_OURS
    assert capabilities(target(), MANIFEST, has)[Verb.REPLY].can


def test_a_verb_that_threads_does_not_have_is_refused_in_words() -> None:
    assert capability.reason_against(Verb.BLOCK, replace(target()), _everything)


def test_what_is_set_aside_has_no_way_back_since_publishing_would_show_what_nobody_saw() -> None:
    found = capabilities(target(state=ItemState.HELD, note=HELD), MANIFEST, _everything)
    assert not found[Verb.HOLD].reversible
    assert not found[Verb.PUBLISH].reversible
