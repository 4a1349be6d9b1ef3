"""What can be done to each item, and the reason in words where it cannot."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from console.api import ItemKind, ItemState, RemoteId, Target, Verb, read_manifest
from plugins.x import capability
from plugins.x.capability import capabilities
from plugins.x.mapping import Note
from plugins.x.session import BLOCKS

MANIFEST = read_manifest(Path(__file__).parents[4] / "plugins" / "x" / "manifest.toml")
ME = "1111111111111111111"
BELOW = Note(ME, "77", is_below_us=True)
NAMED = Note(ME, "77", is_summoned=True)
PLAIN = Note(ME, "77")


def _target(
    kind: ItemKind = ItemKind.REPLY,
    note: Note = BELOW,
    state: ItemState = ItemState.VISIBLE,
    *,
    is_ours: bool = False,
) -> Target:
    return Target(RemoteId("77"), kind, "22", None, None, state, is_ours, msgspec.json.encode(note).decode())


def _words(verb: Verb, target: Target, *on: str) -> str:
    """Why not; empty when it can be done."""
    found = capabilities(target, MANIFEST, lambda name: name in on)[verb]
    return "" if found.can else found.words


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (_target(), ""),
        (_target(ItemKind.REPLY, PLAIN), capability.NOT_OUR_CONVERSATION),
        (_target(ItemKind.QUOTE, NAMED), capability.A_QUOTE),
        (_target(ItemKind.MENTION, NAMED), capability.A_MENTION),
        (_target(ItemKind.FOUND, PLAIN), capability.A_FOUND),
        (_target(ItemKind.MESSAGE, PLAIN), capability.A_MESSAGE),
        (_target(state=ItemState.HIDDEN), capability.HIDDEN_ALREADY),
        (_target(state=ItemState.GONE), capability.GONE),
        (_target(is_ours=True), capability.OUR_OWN),
    ],
)
def test_only_replies_in_conversations_that_we_began_can_be_hidden(target: Target, words: str) -> None:
    assert _words(Verb.HIDE, target) == words


def test_what_is_hidden_on_record_can_be_shown_and_what_is_unknown_can_be_either() -> None:
    assert _words(Verb.UNHIDE, _target(state=ItemState.HIDDEN)) == ""
    assert _words(Verb.UNHIDE, _target()) == capability.NOT_HIDDEN
    unknown = _target(state=ItemState.UNKNOWN)
    assert (_words(Verb.HIDE, unknown), _words(Verb.UNHIDE, unknown)) == ("", "")


def test_that_a_hidden_reply_is_our_own_record_is_said_beforehand() -> None:
    found = capabilities(_target(), MANIFEST, lambda _: False)[Verb.HIDE]
    assert found.reversible
    assert not found.verifiable
    assert "Cordon's own record" in found.words


def test_only_who_named_or_quoted_us_can_be_answered_until_the_rest_is_proved() -> None:
    assert _words(Verb.REPLY, _target(ItemKind.MENTION, NAMED)) == ""
    assert _words(Verb.REPLY, _target(ItemKind.MENTION, PLAIN)) == capability.NOT_SUMMONED
    assert _words(Verb.REPLY, _target()) == capability.PERHAPS_SUMMONED
    assert _words(Verb.REPLY, _target(), capability.ANSWERS) == ""
    assert _words(Verb.REPLY, _target(ItemKind.MESSAGE, PLAIN)) == capability.NO_ANSWER_TO_MESSAGES


def test_our_own_posts_can_be_deleted_and_nobody_elses() -> None:
    assert _words(Verb.DELETE, _target(ItemKind.POST, PLAIN, is_ours=True)) == ""
    assert _words(Verb.DELETE, _target()) == capability.NOT_OURS


def test_blocking_waits_for_a_person_to_turn_it_on_and_muting_does_not() -> None:
    for verb in (Verb.BLOCK, Verb.UNBLOCK):
        assert _words(verb, _target()) == capability.BLOCKS_OFF
        assert _words(verb, _target(), "enterprise_blocks") == ""
    assert _words(Verb.MUTE, _target(ItemKind.MESSAGE, PLAIN)) == ""
    assert _words(Verb.MUTE, _target(is_ours=True)) == capability.OUR_OWN


def test_every_switch_that_the_connector_reads_is_in_the_manifest_and_off() -> None:
    assert {switch.name for switch in MANIFEST.switches} == {capability.ANSWERS, BLOCKS}
