"""What can be done to which item, and why not."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from console.api import ItemKind, ItemState, Target, Verb, read_manifest
from console.api.web import DAY_MS
from plugins.instagram import capability
from plugins.instagram.capability import capabilities
from plugins.instagram.mapping import Note
from plugins.instagram.session import COMMENTS, MESSAGES
from tests.unit.plugins.instagram.rooms import target

MANIFEST = read_manifest(Path(capability.__file__).with_name("manifest.toml"))
NOW = int(time.time() * 1000)
ELSEWHERE = Note(NOW)
HIDDEN = ItemState.HIDDEN


def _message(days: float = 0, writer: str = "99sam.example", *, is_ours: bool = False) -> Target:
    note = Note(int(NOW - days * DAY_MS), writer=writer)
    return target(ItemKind.MESSAGE, note=note, is_ours=is_ours)


def _old(days: float) -> Target:
    return target(note=Note(int(NOW - days * DAY_MS), is_below_ours=True))


REASONS = [
    (Verb.HIDE, target(), ""),
    (Verb.HIDE, target(ItemKind.REPLY), ""),
    (Verb.HIDE, target(state=HIDDEN), capability.HIDDEN_ALREADY),
    (Verb.HIDE, target(is_ours=True), capability.OUR_OWN),
    (Verb.HIDE, target(ItemKind.MENTION, note=ELSEWHERE), capability.A_TAG),
    (Verb.HIDE, target(ItemKind.POST, note=ELSEWHERE, is_ours=True), capability.A_POST),
    (Verb.HIDE, target(ItemKind.FOUND, note=ELSEWHERE), capability.NOT_BELOW_OURS),
    (Verb.HIDE, _message(), capability.A_MESSAGE),
    (Verb.UNHIDE, target(state=HIDDEN), ""),
    (Verb.UNHIDE, target(state=ItemState.UNKNOWN), ""),
    (Verb.UNHIDE, target(), capability.NOT_HIDDEN),
    (Verb.DELETE, target(), ""),
    (Verb.DELETE, target(is_ours=True), ""),
    (Verb.DELETE, target(ItemKind.MENTION, note=ELSEWHERE), capability.A_TAG),
    (Verb.DELETE, _message(), capability.A_MESSAGE),
    (Verb.REPLY, target(), ""),
    (Verb.REPLY, target(state=HIDDEN), capability.HIDDEN_FIRST),
    (Verb.REPLY, target(note=Note(NOW, is_below_ours=True, is_live=True)), capability.LIVE),
    (Verb.REPLY, target(ItemKind.MENTION, note=ELSEWHERE), ""),
    (Verb.REPLY, target(ItemKind.POST, note=ELSEWHERE, is_ours=True), ""),
    (Verb.REPLY, _message(), ""),
    (Verb.REPLY, _message(1.1), capability.TOO_LATE),
    (Verb.REPLY, _message(writer=""), capability.NOBODY),
    (Verb.REPLY, _message(is_ours=True), capability.OURS_ALREADY),
    (Verb.PRIVATE_REPLY, target(), ""),
    (Verb.PRIVATE_REPLY, target(state=HIDDEN), ""),
    (Verb.PRIVATE_REPLY, _old(6.9), ""),
    (Verb.PRIVATE_REPLY, _old(7.1), capability.TOO_LATE_PRIVATE),
    (Verb.PRIVATE_REPLY, target(is_ours=True), capability.OURS_ALREADY),
    (Verb.PRIVATE_REPLY, _message(), capability.ONLY_COMMENTS),
    (Verb.PRIVATE_REPLY, target(ItemKind.MENTION, note=ELSEWHERE), capability.ONLY_COMMENTS),
    *((verb, target(state=ItemState.DELETED), capability.GONE) for verb in MANIFEST.verbs),
]


@pytest.mark.parametrize(("verb", "item", "why"), REASONS)
def test_each_item_says_what_can_be_done_to_it_and_why_not(verb: Verb, item: Target, why: str) -> None:
    found = capabilities(item, MANIFEST, lambda _: True, NOW)[verb]
    assert found.can is (why == "")
    assert found.words == (why or MANIFEST.verbs[verb].words)


@pytest.mark.parametrize(
    ("verb", "item", "right"),
    [
        (Verb.HIDE, target(), COMMENTS),
        (Verb.DELETE, target(), COMMENTS),
        (Verb.REPLY, target(), COMMENTS),
        (Verb.REPLY, target(ItemKind.MENTION, note=ELSEWHERE), COMMENTS),
        (Verb.PRIVATE_REPLY, target(), MESSAGES),
        (Verb.REPLY, _message(), MESSAGES),
    ],
)
def test_a_permission_that_is_missing_is_named(verb: Verb, item: Target, right: str) -> None:
    assert right in capabilities(item, MANIFEST, lambda _: False, NOW)[verb].words


def test_a_verb_that_instagram_does_not_have_is_refused_in_words() -> None:
    assert capability.reason_against(Verb.BLOCK, target(), lambda _: True, NOW)
