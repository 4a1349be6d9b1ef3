"""A connector of somebody else's: installed as a package of its own, found, judged by the suite, and used.

What a newcomer would get wrong: nothing of the tree may be changed for it, and it imports only
`console.api`.
"""

import ast
import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.api import Connector, Context
from console.api.testing import checks_for
from console.services.hosting import Hosting
from tests.journeys.outside.board import MANIFEST, TOKEN, Board, parish_stage
from tests.journeys.programs import program

PACKAGE = MANIFEST.parent


def not_yet(context: Context) -> Connector:
    """Stands for a connector where only its manifest is asked for."""
    raise AssertionError(f"{context.manifest.name} is not installed yet")


def words_of_checks() -> list[str]:
    """The checks of the suite that the false board can show."""
    with parish_stage(not_yet, None) as stage:
        return [check.words for check in checks_for(stage)]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder that pip put the package into; it is on the import path of this process."""
    source, site = tmp_path_factory.mktemp("source") / "parish", tmp_path_factory.mktemp("site")
    shutil.copytree(PACKAGE.parent, source, ignore=shutil.ignore_patterns("__pycache__"))  # pip builds in it
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    offline = ["--no-index", "--no-deps", "--no-build-isolation"]
    done = subprocess.run(
        [*pip, *offline, "--target", str(site), str(source)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(site))
        yield site
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE.name]:
        del sys.modules[name]


@pytest.fixture
def hosting(installed: Path) -> Hosting:
    """The connectors of this house and what is installed besides."""
    del installed
    hosting = Hosting()
    hosting.find()
    return hosting


def test_an_installed_connector_stands_beside_those_of_this_house(hosting: Hosting) -> None:
    assert hosting.found["parish"].origin == "cordon-parish"
    assert hosting.found["bluesky"].origin == "bundled"
    assert hosting.complaints == []


def test_it_imports_nothing_of_cordon_but_the_contract() -> None:
    for path in PACKAGE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            ours = {name for name in names if name.partition(".")[0] in {"console", "plugins", "tests"}}
            assert {name for name in ours if not name.startswith("console.api")} == set()


@pytest.mark.parametrize("words", words_of_checks())
def test_an_installed_connector_passes_the_contract_suite(words: str, hosting: Hosting) -> None:
    with parish_stage(hosting.load("parish"), hosting.load_sign_in("parish")) as stage:
        [check] = [check for check in checks_for(stage) if check.words == words]
        asyncio.run(check.run(stage))


def test_an_account_is_added_and_acts_are_done_through_an_installed_connector(
    installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = [str(installed), *filter(None, [os.environ.get("PYTHONPATH")])]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(path))
    cordon = program(tmp_path)
    with Board() as board:
        pinned = board.pin("The ford at Quay Road is closed, a planted heron says.")
        networks = {one["id"]: one for one in cordon.told("account", "networks")}
        assert networks["parish"]["verbs"].keys() == {"hide", "unhide", "reply"}
        words = ["account", "add", "parish", "--address", board.url, "--secret-stdin"]
        [account] = cordon.told(*words, said=f"{TOKEN}\n")
        assert account["key"] == "parish:dellin-valley-police"
        [item] = cordon.told("watch", "--seconds", "3")
        assert item["can"]["hide"] is True
        [act] = cordon.told("act", "hide", item["key"], "--reason", "Trial", "--wait")
        assert act["state"] == "confirmed"
        assert board.notes[pinned]["hidden"] is True
        cordon.told("undo", act["act"], "--wait")
        assert board.notes[pinned]["hidden"] is False
