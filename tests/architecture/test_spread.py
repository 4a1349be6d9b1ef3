"""What tests share is known to the plan by which they are handed to several processes."""

from pathlib import Path

from tests.architecture.sources import ROOT
from tests.spread import GROUPS, group_of, turn_of

CONTRACT = "tests/contract/test_connectors.py::test_a_connector"


def test_every_file_that_asks_for_real_servers_is_in_their_group() -> None:
    words = ("bluesky_network:", "bluesky_link:", "with postgres(")
    asking = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "tests").rglob("test_*.py")
        if path != Path(__file__) and any(word in path.read_text("utf-8") for word in words)
    ]
    assert len(asking) > 2
    assert {group_of(f"{path}::test_it") for path in asking} == {"real servers"}


def test_every_place_that_a_group_names_exists() -> None:
    for beginnings in GROUPS.values():
        for beginning in beginnings:
            assert (ROOT / beginning.partition("::")[0]).exists(), beginning


def test_a_file_stays_together_and_the_contract_suite_is_split_by_connector() -> None:
    assert group_of("tests/ui/test_text.py::test_a[1 2]") == group_of("tests/ui/test_text.py::test_b")
    assert group_of(f"{CONTRACT}[reddit hides]") == group_of(f"{CONTRACT}[reddit shows it again]")
    assert group_of(f"{CONTRACT}[reddit hides]") != group_of(f"{CONTRACT}[flickr hides]")


def test_whatever_listens_on_the_port_registered_with_x_is_together() -> None:
    assert group_of(f"{CONTRACT}[x hides]") == group_of("tests/unit/plugins/x/test_session.py::test_a")
    assert group_of(f"{CONTRACT}[youtube hides]") != group_of(f"{CONTRACT}[x hides]")


def test_what_takes_longest_is_begun_first() -> None:
    names = [
        "tests/servers/test_servers.py::test_a",
        "tests/journeys/test_ending.py::test_a",
        "tests/ui/test_text.py::test_a",
        f"{CONTRACT}[flickr hides]",
        "tests/unit/test_paths.py::test_a",
    ]
    assert sorted(names, key=turn_of) == names
