"""What can be done to an item, and the reason where it cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.api import ItemKind, ItemState, RemoteId, Target, Verb, read_manifest
from plugins.flickr import capability as words
from plugins.flickr.capability import capabilities
from tests.unit.plugins.flickr.rooms import target

MANIFEST = read_manifest(Path(__file__).parents[4] / "plugins" / "flickr" / "manifest.toml")
UNKNOWN = Target(RemoteId("1"), ItemKind.COMMENT, "", None, None, ItemState.VISIBLE, is_ours=False, note="")


@pytest.mark.parametrize(
    ("verb", "item", "reason"),
    [
        (Verb.DELETE, target(), words.NOT_OURS),
        (Verb.DELETE, target("539", kind=ItemKind.POST, is_ours=True), words.A_PHOTO),
        (Verb.DELETE, target(state=ItemState.GONE, is_ours=True), words.GONE),
        (Verb.REPLY, target(state=ItemState.DELETED), words.GONE),
        (Verb.REPLY, UNKNOWN, words.NO_PHOTO),
    ],
)
def test_what_cannot_be_done_says_why(verb: Verb, item: Target, reason: str) -> None:
    found = capabilities(item, MANIFEST, may_delete_others=False)[verb]
    assert (found.can, found.words) == (False, reason)


@pytest.mark.parametrize(
    ("verb", "item"),
    [
        (Verb.REPLY, target()),
        (Verb.REPLY, target("539", kind=ItemKind.POST, is_ours=True)),
        (Verb.DELETE, target(is_ours=True)),
    ],
)
def test_what_can_be_done_can(verb: Verb, item: Target) -> None:
    found = capabilities(item, MANIFEST, may_delete_others=False)[verb]
    assert (found.can, found.words) == (True, MANIFEST.verbs[verb].words)


def test_what_is_unproven_is_possible_when_it_is_turned_on_and_is_called_unproven() -> None:
    found = capabilities(target(), MANIFEST, may_delete_others=True)[Verb.DELETE]
    assert (found.can, found.reversible, found.words) == (True, False, words.UNPROVEN)
    photo = target("539", kind=ItemKind.POST, is_ours=True)
    assert not capabilities(photo, MANIFEST, may_delete_others=True)[Verb.DELETE].can


def test_every_switch_is_off_by_its_words_and_named_in_the_manifest() -> None:
    assert [switch.name for switch in MANIFEST.switches] == [words.SWITCH]
