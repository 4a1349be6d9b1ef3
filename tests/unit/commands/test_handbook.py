"""The handbook says of the networks what their connectors declare, no more and no less."""

import dataclasses
import json
import re
from pathlib import Path

import msgspec
import pytest

from console.api import Connector, Failure, Search, SignInField, Switch, VerbFacts
from console.api.manifest import _CeilingFacts, _ManifestFile
from console.cli import main
from console.commands.handbook import networks_page
from console.domain.acts import Verb
from console.services.hosting import Found, Hosting

PAGE = Path(__file__).parents[3] / "docs" / "networks.md"


def found() -> list[Found]:
    """The connectors of this house, without what else may be installed on this machine."""
    hosting = Hosting()
    hosting.find()
    return [one for one in hosting.found.values() if one.origin == "bundled"]


def test_the_handbooks_page_is_what_the_connectors_declare() -> None:
    words = "a manifest was changed: cordon account networks --markdown > docs/networks.md"
    assert PAGE.read_text("utf-8") == networks_page(found()), words


def test_the_page_holds_every_word_that_a_person_may_need_before_connecting() -> None:
    page = networks_page(found())
    for one in (each.manifest for each in found() if each.manifest.id != "replay"):
        facts = [fact.words for fact in one.verbs.values()]
        facts += [*one.steps, *(switch.words for switch in one.switches)]
        facts += [ceiling.name for ceiling in one.ceilings]
        assert [words for words in facts if words not in page] == [], one.id
    assert "Replay" not in page


def test_the_page_says_why_two_networks_are_missing() -> None:
    tail = networks_page(found()).partition("## Networks that cannot be here")[2]
    assert "**Pinterest.**" in tail
    assert "**Google+.**" in tail


def test_a_connector_from_elsewhere_has_its_place_and_no_link_to_a_page_of_ours() -> None:
    [flickr] = [one for one in found() if one.manifest.id == "flickr"]
    foreign = dataclasses.replace(
        flickr, origin="cordon-elsewhere", manifest=dataclasses.replace(flickr.manifest, name="A | B")
    )
    page = networks_page([foreign])
    assert "### A | B" in page
    assert "A \\| B" in page
    assert "plugins/" not in page.partition("## Each network")[2].partition("## Networks that")[0]


def test_the_command_prints_the_page_and_lists_every_network(capsys: pytest.CaptureFixture[str]) -> None:
    def said(*words: str) -> str:
        with pytest.raises(SystemExit) as ended:
            main(["account", "networks", *words])
        assert not ended.value.code
        return capsys.readouterr().out

    assert said("--markdown") == networks_page(Hosting().find().values())
    told = {one["id"]: one for one in map(json.loads, said("--json").splitlines())}
    assert {one.manifest.id for one in found()} <= told.keys()
    for network in told.values():
        assert {"id", "name", "level", "verbs"} <= network.keys()
        assert network["verbs"].keys() <= {str(verb) for verb in Verb}
        for facts in network["verbs"].values():
            assert facts.keys() == {"reversible", "verifiable", "words"}


def test_the_page_on_connectors_names_every_field_of_a_manifest_and_every_failure() -> None:
    page = (PAGE.parent / "connectors.md").read_text("utf-8")
    structs = (_ManifestFile, _CeilingFacts, SignInField, Switch, Search, VerbFacts)
    names = {field.name for struct in structs for field in msgspec.structs.fields(struct)}
    names |= {kind.__name__ for kind in Failure.__subclasses__() if kind.__module__ == Failure.__module__}
    names |= {name for name in vars(Connector) if not name.startswith("_")}
    unsaid = {name for name in names if not re.search(rf"[`.\[]{name}\b", page)}
    assert unsaid == set()
