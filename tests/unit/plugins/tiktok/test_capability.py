"""What can be done to which item, and why not."""

from __future__ import annotations

import pytest

from console.api import ItemKind, ItemState, Verb, read_manifest
from plugins.tiktok import capability
from plugins.tiktok.capability import capabilities
from tests.servers.false.stage import PLUGINS
from tests.unit.plugins.tiktok.rooms import comment

MANIFEST = read_manifest(PLUGINS / "tiktok" / "manifest.toml")
OURS = {"is_ours": True}
HIDDEN = {"state": ItemState.HIDDEN}
VIDEO = {"kind": ItemKind.POST, "is_ours": True}


@pytest.mark.parametrize(
    ("verb", "changes", "words"),
    [
        (Verb.HIDE, {}, ""),
        (Verb.HIDE, HIDDEN, capability.HIDDEN_ALREADY),
        (Verb.HIDE, OURS, capability.OUR_OWN),
        (Verb.UNHIDE, HIDDEN, ""),
        (Verb.UNHIDE, {"state": ItemState.UNKNOWN}, ""),
        (Verb.UNHIDE, {}, capability.NOT_HIDDEN),
        (Verb.DELETE, OURS, ""),
        (Verb.DELETE, {}, capability.NOT_OURS),
        (Verb.LIKE, {}, ""),
        (Verb.LIKE, OURS, capability.OUR_OWN_LIKE),
        (Verb.REPLY, {}, ""),
        (Verb.REPLY, VIDEO, ""),
        (Verb.HIDE, VIDEO, capability.A_VIDEO),
        (Verb.DELETE, VIDEO, capability.A_VIDEO),
        (Verb.REPLY, {"state": ItemState.GONE}, capability.GONE),
        (Verb.HIDE, {"state": ItemState.DELETED}, capability.GONE),
        (Verb.REPLY, {"note": "of another connector"}, capability.NOT_OUR_VIDEO),
    ],
)
def test_a_verb_is_offered_or_refused_with_its_reason(
    verb: Verb, changes: dict[str, object], words: str
) -> None:
    found = capabilities(comment(**changes), MANIFEST)[verb]
    assert found.can is (words == "")
    assert found.words == (words or MANIFEST.verbs[verb].words)


def test_only_hiding_can_be_taken_back() -> None:
    shown = capabilities(comment(), MANIFEST)
    assert shown[Verb.HIDE].reversible
    assert not shown[Verb.LIKE].reversible
    assert all(one.verifiable for one in shown.values())


def test_the_ceilings_are_those_of_the_endpoints_and_of_the_app() -> None:
    ceilings = {one.name: one for one in MANIFEST.ceilings}
    minute = [one for one in ceilings.values() if one.per == "account"]
    assert {(one.points, one.seconds) for one in minute} == {(40, 60)}
    app = ceilings["requests of the app a minute"]
    assert (app.points, app.seconds, app.per) == (600, 60, "app")
    for verb in MANIFEST.verbs:
        assert sum(verb in one.costs for one in minute) == 1
        assert verb in app.costs
