"""What can be done to one item, and why not, in words."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest

from console.api import Capability, ItemKind, ItemState, RemoteId, Target, Verb, read_manifest
from plugins.facebook import capability as words
from plugins.facebook.capability import capabilities
from plugins.facebook.mapping import Note
from plugins.facebook.rights import ACTS, MESSAGES, READS_PEOPLE, SCOPES, Rights
from tests.servers.false.facebook import PAGE, SAM

MANIFEST = read_manifest(Path(__file__).parents[4] / "plugins" / "facebook" / "manifest.toml")
ALL = Rights(frozenset(SCOPES), "PAGE")


def _target(
    sort: str,
    kind: ItemKind,
    *,
    author: str = SAM,
    state: ItemState = ItemState.VISIBLE,
    is_ours: bool = False,
    flags: Mapping[str, bool] | None = None,
) -> Target:
    note = msgspec.json.encode(Note(PAGE, "1_2", sort, **(flags or {}))).decode()
    return Target(RemoteId("2"), kind, author, RemoteId("1"), RemoteId("1"), state, is_ours, note)


def _can(target: Target, rights: Rights = ALL) -> Mapping[Verb, Capability]:
    return capabilities(target, MANIFEST, rights)


def _possible(target: Target) -> set[Verb]:
    return {verb for verb, capability in _can(target).items() if capability.can}


COMMENT = _target("comment", ItemKind.COMMENT)


def test_a_comment_can_be_hidden_deleted_answered_liked_and_its_author_banned() -> None:
    assert _possible(COMMENT) == set(MANIFEST.verbs) - {Verb.UNHIDE}
    assert _can(COMMENT)[Verb.UNHIDE].words == words.NOT_HIDDEN
    assert _can(COMMENT)[Verb.HIDE].reversible
    assert not _can(COMMENT)[Verb.DELETE].reversible


def test_a_hidden_comment_can_be_shown_again() -> None:
    hidden = _target("comment", ItemKind.COMMENT, state=ItemState.HIDDEN)
    assert _can(hidden)[Verb.UNHIDE].can
    assert _can(hidden)[Verb.HIDE].words == words.HIDDEN_ALREADY


@pytest.mark.parametrize(
    ("flag", "verb"),
    [
        ("can_hide", Verb.HIDE),
        ("can_remove", Verb.DELETE),
        ("can_comment", Verb.REPLY),
        ("can_like", Verb.LIKE),
        ("can_reply_privately", Verb.PRIVATE_REPLY),
    ],
)
def test_what_facebook_says_of_this_very_comment_counts_and_silence_is_no_no(flag: str, verb: Verb) -> None:
    assert _can(_target("comment", ItemKind.COMMENT, flags={flag: True}))[verb].can
    assert _can(COMMENT)[verb].can
    refused = _can(_target("comment", ItemKind.COMMENT, flags={flag: False}))[verb]
    assert not refused.can
    assert "Facebook" in refused.words


def test_nobody_known_means_nobody_banned() -> None:
    unknown = _target("comment", ItemKind.COMMENT, author="unknown:2")
    assert _can(unknown)[Verb.BLOCK].words == words.NOBODY
    assert not _can(unknown)[Verb.UNBLOCK].can
    assert _can(unknown)[Verb.HIDE].can


def test_our_own_words_are_neither_hidden_nor_banned() -> None:
    ours = _target("comment", ItemKind.REPLY, author=PAGE, is_ours=True)
    assert _possible(ours) == {Verb.DELETE, Verb.REPLY, Verb.LIKE}
    post = _target("post", ItemKind.POST, author=PAGE, is_ours=True)
    assert _possible(post) == {Verb.REPLY}


def test_a_visitors_post_can_be_hidden_and_answered_but_not_privately() -> None:
    post = _target("visitor", ItemKind.MENTION)
    assert _possible(post) == set(MANIFEST.verbs) - {Verb.UNHIDE, Verb.PRIVATE_REPLY}
    assert _can(post)[Verb.PRIVATE_REPLY].words == words.ONLY_COMMENTS


def test_elsewhere_and_on_reviews_only_the_author_can_be_banned() -> None:
    for sort, kind in (("tagged", ItemKind.MENTION), ("review", ItemKind.REVIEW)):
        assert _possible(_target(sort, kind)) == {Verb.BLOCK, Verb.UNBLOCK}


def test_a_message_can_be_answered_and_its_author_silenced_which_nobody_can_see() -> None:
    found = _can(_target("message", ItemKind.MESSAGE))
    assert {verb for verb, one in found.items() if one.can} == {Verb.REPLY, Verb.BLOCK, Verb.UNBLOCK}
    assert not found[Verb.BLOCK].verifiable
    assert found[Verb.BLOCK].words == words.BLOCKS_MESSAGES
    unknown = _can(_target("message", ItemKind.MESSAGE, author="unknown:m_1"))
    assert unknown[Verb.REPLY].words == words.NOBODY_TO_ANSWER


def test_what_is_gone_can_only_have_its_author_banned() -> None:
    gone = _target("comment", ItemKind.COMMENT, state=ItemState.GONE)
    assert _possible(gone) == {Verb.BLOCK, Verb.UNBLOCK}
    assert _can(gone)[Verb.HIDE].words == words.GONE


@pytest.mark.parametrize(
    ("right", "verbs"),
    [
        (ACTS, {Verb.HIDE, Verb.REPLY, Verb.LIKE}),
        (MESSAGES, {Verb.PRIVATE_REPLY}),
        (READS_PEOPLE, {Verb.DELETE}),
    ],
)
def test_a_missing_right_is_the_reason_that_is_given(right: str, verbs: set[Verb]) -> None:
    found = _can(COMMENT, Rights(frozenset(SCOPES) - {right}, "PAGE"))
    refused = {verb for verb, one in found.items() if not one.can} - {Verb.UNHIDE}
    assert refused == verbs
    assert all(right in found[verb].words for verb in verbs)


def test_unknown_rights_forbid_nothing() -> None:
    assert _can(COMMENT, Rights())[Verb.HIDE].can


def test_every_refusal_has_words_and_an_item_of_somebody_elses_can_nothing() -> None:
    target = Target(RemoteId("x"), ItemKind.QUOTE, "a", None, None, ItemState.UNKNOWN, False, "\x00")
    found = _can(target)
    assert not any(one.can for one in found.values())
    assert all(one.words for one in found.values())
