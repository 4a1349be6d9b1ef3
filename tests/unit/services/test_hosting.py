"""Connectors are found by their manifests, and a broken one hurts nobody else."""

import sys
from pathlib import Path
from typing import Any

import pytest

from console.domain.errors import InputError, UsageError
from console.services.hosting import Hosting, plugin_folders

MANIFEST = """
id = "{id}"
name = "Somewhere"
letters = "So"
shape = "short"
contracts = {contracts}
level = "reads"
module = "connector"
text_life_hours = 720
batch = 25
"""


def write_plugin(
    folder: Path, name: str, code: str, contracts: str = "[1]", manifest: str = MANIFEST
) -> Path:
    home = folder / name
    home.mkdir(parents=True)
    (home / "manifest.toml").write_text(manifest.format(id=name, contracts=contracts))
    (home / "connector.py").write_text(code)
    return home


def hosting(folder: Path) -> Hosting:
    found = Hosting([folder], bundled=None)
    found.find()
    return found


def call(found: Hosting, name: str) -> object:
    """What the `connect` of a connector returns; those of these tests ask for no context."""
    connect: Any = found.load(name)
    return connect(None)


def test_a_connector_in_a_folder_is_found_without_running_its_code(tmp_path: Path) -> None:
    write_plugin(tmp_path, "somewhere", "raise SystemExit('this must not run')")
    found = hosting(tmp_path)
    assert list(found.found) == ["somewhere"]
    assert found.manifest("somewhere").letters == "So"
    assert not found.complaints


def test_a_connector_in_a_folder_is_loaded_with_its_own_neighbours(tmp_path: Path) -> None:
    for name in ("one", "two"):
        home = write_plugin(
            tmp_path,
            name,
            "from .mapping import WORD\n\ndef connect(context):\n    return WORD\n",
        )
        (home / "mapping.py").write_text(f"WORD = '{name}'\n")
    found = hosting(tmp_path)
    assert [call(found, name) for name in ("one", "two")] == ["one", "two"]
    assert found.load("one") is found.load("one")


def test_a_connector_that_cannot_be_read_is_a_complaint_and_the_others_stay(tmp_path: Path) -> None:
    write_plugin(tmp_path, "good", "def connect(context): ...")
    write_plugin(tmp_path, "bad", "", manifest="this is no manifest")
    write_plugin(tmp_path, "odd", "", manifest=MANIFEST + "surprise = 1\n")
    found = hosting(tmp_path)
    assert list(found.found) == ["good"]
    assert len(found.complaints) == 2


def test_a_connector_for_another_contract_is_left_out_and_said(tmp_path: Path) -> None:
    write_plugin(tmp_path, "later", "", contracts="[2, 3]")
    found = hosting(tmp_path)
    assert not found.found
    assert "made for contract 2, 3, and this Cordon offers 1" in found.complaints[0]


def test_the_first_to_use_a_name_keeps_it(tmp_path: Path) -> None:
    write_plugin(tmp_path / "a", "same", "def connect(context): return 'a'")
    write_plugin(tmp_path / "b", "same", "def connect(context): return 'b'")
    found = Hosting([tmp_path / "a", tmp_path / "b"], bundled=None)
    found.find()
    assert call(found, "same") == "a"
    assert "one of that name is there already" in found.complaints[0]


@pytest.mark.parametrize("code", ["import nothing_of_the_kind", "1/0", "def broken(:", "connect = 3"])
def test_code_that_cannot_be_loaded_is_said_in_one_line(tmp_path: Path, code: str) -> None:
    write_plugin(tmp_path, "broken", code)
    with pytest.raises(InputError, match="broken") as said:
        hosting(tmp_path).load("broken")
    assert "\n" not in said.value.message


def test_a_network_that_is_not_there_is_wrong_usage(tmp_path: Path) -> None:
    write_plugin(tmp_path, "known", "")
    with pytest.raises(UsageError, match="There is no network “unknown”; there are: known"):
        hosting(tmp_path).load("unknown")


def test_loading_adds_no_folder_to_the_import_path(tmp_path: Path) -> None:
    write_plugin(tmp_path, "somewhere", "def connect(context): ...")
    before = list(sys.path)
    hosting(tmp_path).load("somewhere")
    assert sys.path == before


def test_an_installed_connector_is_found_beside_its_module_without_importing_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    write_plugin(
        site, "cordon_far", "def connect(context): return 'far'",
        manifest=MANIFEST.replace('"connector"', '"cordon_far.connector"'),
    )  # fmt: skip
    (site / "cordon_far" / "__init__.py").write_text("")
    info = site / "cordon_far-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: cordon-far\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[cordon.connectors]\nfar = cordon_far.connector\n")
    monkeypatch.syspath_prepend(str(site))
    found = Hosting(bundled=None)
    found.find()
    assert found.found["cordon_far"].origin == "cordon-far"
    assert "cordon_far" not in sys.modules
    assert call(found, "cordon_far") == "far"


def test_the_folders_named_in_the_environment_come_before_the_users_own() -> None:
    import os

    own = Path("/own")
    assert plugin_folders(None, own) == [own]
    assert plugin_folders(f"/a{os.pathsep}/b", own) == [Path("/a"), Path("/b"), own]
