"""The lock files can be trusted: a hash for every package, and no address to fetch from."""

import re
import tomllib
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT

LOCKS = sorted((ROOT / "locks").glob("*.lock"))
PIN = re.compile(r"^([a-z0-9][a-z0-9.-]*)==([^ ;\\]+)")
every_lock = pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.stem)


def pins(path: Path) -> dict[str, str]:
    """Package to version, as a lock file pins them."""
    lines = path.read_text("utf-8").splitlines()
    return {found[1]: found[2] for line in lines if (found := PIN.match(line))}


def test_there_is_a_lock_for_running_building_and_testing() -> None:
    assert [path.stem for path in LOCKS] == ["build", "run", "test"]


@every_lock
def test_every_pinned_package_has_a_hash(path: Path) -> None:
    blocks = re.split(r"\n(?=\S)", path.read_text("utf-8"))
    bare = [b for b in blocks if not b.startswith("#") and "--hash=sha256:" not in b]
    assert bare == []


@every_lock
def test_no_lock_says_where_to_fetch_from(path: Path) -> None:
    text = path.read_text("utf-8")
    assert not re.search(r"://|--index-url|--find-links|--extra-index|@ file", text)


def test_the_sets_agree_on_every_version_they_share() -> None:
    run, build, test = (pins(ROOT / "locks" / f"{name}.lock") for name in ("run", "build", "test"))
    assert run.items() <= build.items()
    assert build.items() <= test.items()


def test_every_dependency_of_the_program_is_in_the_lock() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    names = {re.split(r"[^A-Za-z0-9-]", line)[0].lower() for line in declared}
    assert names <= pins(ROOT / "locks" / "run.lock").keys()


def test_every_dependency_has_its_reason_beside_it() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    for start in ("dependencies = [", "build = [", "test = ["):
        block = text.partition(f"\n{start}\n")[2].partition("\n]")[0].splitlines()
        assert block, start
        # A comment opens the block; what follows it up to the next comment shares its reason.
        first = next(line.strip() for line in block if "include-group" not in line)
        assert first.startswith("#"), f"{start}: the first entry has no reason"
