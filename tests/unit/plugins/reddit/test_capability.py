"""What can be done to an item, and the reason where it cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.api import Capability, ItemKind, ItemState, Target, Verb, read_manifest
from plugins.reddit import capability as words
from plugins.reddit.capability import capabilities
from plugins.reddit.rights import Rights, missing_words
from tests.unit.plugins.reddit.rooms import target

MANIFEST = read_manifest(Path(__file__).parents[4] / "plugins" / "reddit" / "manifest.toml")
ALL = Rights()


def judged(verb: Verb, item: Target, rights: Rights = ALL) -> Capability:
    """What can be done with one verb."""
    return capabilities(item, MANIFEST, rights)[verb]


@pytest.mark.parametrize(
    ("state", "possible"),
    [
        (ItemState.VISIBLE, {Verb.HIDE}),
        (ItemState.HIDDEN, {Verb.UNHIDE}),
        (ItemState.HELD, {Verb.HIDE, Verb.PUBLISH}),
        (ItemState.UNKNOWN, {Verb.HIDE, Verb.UNHIDE, Verb.PUBLISH}),
        (ItemState.GONE, set()),
        (ItemState.DELETED, set()),
    ],
)
def test_the_state_decides_which_way_an_item_can_go(state: ItemState, possible: set[Verb]) -> None:
    found = capabilities(target(state=state), MANIFEST, ALL)
    assert {verb for verb in (Verb.HIDE, Verb.UNHIDE, Verb.PUBLISH) if found[verb].can} == possible


@pytest.mark.parametrize(
    ("verb", "item", "reason"),
    [
        (Verb.HIDE, target(here=False), words.NOT_HERE),
        (Verb.BLOCK, target(here=False), words.NOT_HERE),
        (Verb.HIDE, target("t4_abc", kind=ItemKind.MESSAGE, here=False), words.A_MESSAGE),
        (Verb.LIKE, target("t4_abc", kind=ItemKind.MESSAGE, here=False), words.A_MESSAGE),
        (Verb.DELETE, target("t4_abc", kind=ItemKind.MESSAGE, is_ours=True), words.A_MESSAGE),
        (Verb.HIDE, target(state=ItemState.HIDDEN), words.HIDDEN_ALREADY),
        (Verb.UNHIDE, target(), words.NOT_HIDDEN),
        (Verb.UNHIDE, target(state=ItemState.HELD), words.HELD_BACK),
        (Verb.PUBLISH, target(), words.NOT_HELD),
        (Verb.HIDE, target(state=ItemState.GONE), words.GONE),
        (Verb.REPLY, target(state=ItemState.DELETED), words.GONE),
        (Verb.DELETE, target(), words.NOT_OURS),
        (Verb.LIKE, target(is_ours=True), words.OUR_OWN),
        (Verb.REPORT, target(is_ours=True), words.OUR_OWN),
        (Verb.MUTE, target(is_ours=True), words.OUR_OWN),
        (Verb.BLOCK, target(author=""), words.NO_AUTHOR),
        (Verb.REPLY, target("something else"), words.NO_NAME),
    ],
)
def test_what_cannot_be_done_says_why(verb: Verb, item: Target, reason: str) -> None:
    found = judged(verb, item)
    assert (found.can, found.words) == (False, reason)


@pytest.mark.parametrize(
    ("verb", "item"),
    [
        (Verb.REPLY, target(here=False)),
        (Verb.REPORT, target(here=False)),
        (Verb.LIKE, target()),
        (Verb.DELETE, target(is_ours=True)),
        (Verb.HIDE, target(is_ours=True)),
        (Verb.BLOCK, target(state=ItemState.GONE)),
        (Verb.UNMUTE, target()),
        (Verb.REPORT, target("t4_abc", kind=ItemKind.MESSAGE, here=False)),
    ],
)
def test_what_can_be_done_can(verb: Verb, item: Target) -> None:
    assert judged(verb, item).can


@pytest.mark.parametrize(
    ("permission", "verbs"),
    [
        ("posts", {Verb.HIDE, Verb.UNHIDE, Verb.PUBLISH}),
        ("access", {Verb.BLOCK, Verb.UNBLOCK}),
        ("mail", {Verb.MUTE, Verb.UNMUTE}),
    ],
)
def test_each_verb_of_moderators_needs_its_permission(permission: str, verbs: set[Verb]) -> None:
    rights = Rights(permissions=frozenset({"posts", "access", "mail"} - {permission}), is_known=True)
    found = capabilities(target(), MANIFEST, rights)
    assert all(not found[verb].can and permission in found[verb].words for verb in verbs)
    assert found[Verb.REPLY].can


def test_taking_back_the_removal_of_something_held_would_publish_it_so_there_is_no_way_back() -> None:
    found = judged(Verb.HIDE, target(state=ItemState.HELD))
    assert (found.can, found.reversible, found.words) == (True, False, words.HELD_HIDE)


def test_an_answer_to_a_private_message_cannot_be_looked_at() -> None:
    found = judged(Verb.REPLY, target("t4_abc", kind=ItemKind.MESSAGE, here=False))
    assert (found.can, found.verifiable) == (True, False)


def test_what_is_missing_is_said_in_words() -> None:
    nobody = Rights(is_moderator=False, permissions=frozenset(), is_known=True)
    few = Rights(permissions=frozenset({"posts"}), is_known=True)
    assert "does not moderate r/ForceExample" in missing_words(nobody, frozenset(), "ForceExample")[0]
    assert len(missing_words(few, frozenset(), "ForceExample")) == 2
    assert "modposts" in missing_words(ALL, frozenset({"identity", "read"}), "ForceExample")[0]
    assert missing_words(ALL, frozenset({"*"}), "ForceExample") == []
