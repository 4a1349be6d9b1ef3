"""What can be done to which item, and why not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from console.api import ItemState, Target, Verb, read_manifest
from plugins.linkedin import capability
from plugins.linkedin.capability import capabilities
from tests.servers.false.stage import PLUGINS
from tests.unit.plugins.linkedin.rooms import a_post, comment

MANIFEST = read_manifest(PLUGINS / "linkedin" / "manifest.toml")


@pytest.mark.parametrize(
    ("verb", "target", "words"),
    [
        (Verb.REPLY, comment(), ""),
        (Verb.REPLY, a_post(), ""),
        (Verb.REPLY, a_post(is_ours=False), ""),
        (Verb.LIKE, comment(), ""),
        (Verb.LIKE, comment(is_ours=True), capability.OUR_OWN),
        (Verb.DELETE, comment(is_ours=True), ""),
        (Verb.DELETE, comment(), capability.NOT_OURS),
        (Verb.DELETE, comment(is_own_post=False), capability.ELSEWHERE),
        (Verb.DELETE, a_post(), capability.A_POST),
        (Verb.REPLY, comment(state=ItemState.GONE), capability.GONE),
        (Verb.LIKE, replace(comment(), note="x"), capability.NOT_KNOWN),
    ],
)
def test_a_verb_is_offered_or_refused_with_its_reason(verb: Verb, target: Target, words: str) -> None:
    found = capabilities(target, MANIFEST, may_delete_others=False)[verb]
    assert found.can is (words == "")
    assert found.words == (words or MANIFEST.verbs[verb].words)


def test_with_the_switch_members_comments_may_be_deleted_and_the_words_say_that_it_is_unproven() -> None:
    found = capabilities(comment(), MANIFEST, may_delete_others=True)[Verb.DELETE]
    assert (found.can, found.words, found.reversible) == (True, capability.OTHERS, False)
    elsewhere = capabilities(comment(is_own_post=False), MANIFEST, may_delete_others=True)[Verb.DELETE]
    assert not elsewhere.can


def test_words_live_for_two_days_and_names_for_one() -> None:
    assert (MANIFEST.text_life_hours, MANIFEST.profile_life_hours) == (48, 24)


def test_the_calls_of_a_day_are_those_that_a_person_gave() -> None:
    person, app = MANIFEST.ceilings
    assert (person.points, person.seconds, person.per, person.setting) == (
        100,
        86_400,
        "token",
        "member_calls",
    )
    assert (app.points, app.seconds, app.per, app.setting) == (500, 86_400, "app", "app_calls")
    assert set(person.costs) == set(app.costs) == set(MANIFEST.verbs)
