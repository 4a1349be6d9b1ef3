"""The one-file verifier stands alone: no Cordon, no trust, an old Python, and bundles made to do harm."""

import ast
import contextlib
import hashlib
import importlib.util
import json
import re
import shutil
import stat
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from console.domain import merkle
from console.services.disclosing.choosing import Wanted
from tests.fakes.bundles import VERIFIER, WHO, ids, night, profile, run, told
from tests.fakes.spoiling import flip, read, read_lines, reseal, rewrite_all, write, write_lines

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle of one item, as a folder; the same as .zip lies beside it."""
    base = tmp_path_factory.mktemp("given")

    async def work() -> None:
        at = profile(base)
        try:
            await night(at)
            for name in ("bundle", "bundle.zip"):
                await at.disclosing.export(base / name, Wanted(items=tuple(ids(2))), who=WHO)
        finally:
            at.db.close()

    run(work())
    return base / "bundle"


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    shutil.copytree(folder, tmp_path / "bundle")
    return tmp_path / "bundle"


@pytest.fixture(scope="module")
def verifier() -> ModuleType:
    """The verifier in this process, for many runs."""
    spec = importlib.util.spec_from_file_location("check_cordon_bundle", VERIFIER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def wrong(bundle: Path) -> str:
    code, said = told(bundle)
    assert code == 1, said
    assert "Traceback" not in said
    return said.splitlines()[-1]


# standing alone -----------------------------------------------------------------------------------


def test_it_prints_its_own_digest_first_which_is_the_published_one(folder: Path) -> None:
    _, said = told(folder)
    digest = hashlib.sha256(VERIFIER.read_bytes()).hexdigest()
    assert said.splitlines()[0].endswith(f"SHA-256 {digest}")
    page = (ROOT / "docs" / "disclosure.md").read_text("utf-8")
    assert digest in page, "docs/disclosure.md publishes another digest of the verifier"
    beside = VERIFIER.with_name(f"{VERIFIER.name}.sha256").read_text("utf-8")
    assert beside == f"{digest}  {VERIFIER.name}\n"


def test_the_one_in_a_bundle_is_the_published_one(folder: Path) -> None:
    assert (folder / "check_cordon_bundle.py").read_bytes() == VERIFIER.read_bytes()


def test_it_needs_nothing_but_python_3_9_and_at_most_cryptography() -> None:
    tree = ast.parse(VERIFIER.read_text("utf-8"), feature_version=(3, 9))
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            names.add((node.module or "").partition(".")[0])
        assert not isinstance(node, ast.Match)
        if isinstance(node, ast.Call):  # `zip(strict=…)` came with 3.10
            assert "strict" not in {word.arg for word in node.keywords}
    assert names <= {*sys.stdlib_module_names, "cryptography"}


def test_it_runs_where_cordon_cannot_be_imported(folder: Path, tmp_path: Path) -> None:
    ask = [sys.executable, "-I", "-c", "import console"]
    assert subprocess.run(ask, cwd=tmp_path, capture_output=True, check=False).returncode != 0
    code, said = told(folder)
    assert code == 0, said


def test_without_cryptography_it_says_what_it_could_not_check(folder: Path) -> None:
    bare = [sys.executable, "-I", "-S", str(VERIFIER), str(folder)]  # -S: no packages at all
    done = subprocess.run(bare, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 3, done.stdout + done.stderr
    assert "NOT FULLY CHECKED" in done.stdout
    assert "the signatures of the checkpoints" in done.stdout
    assert "RIGHT" not in done.stdout


def test_without_cryptography_it_still_finds_what_hashes_tell(copy: Path) -> None:
    path = copy / "evidence/e3.json"
    path.write_bytes(flip(path.read_bytes(), 400))
    code, said = told(copy, "--without-cryptography")
    assert code == 1
    assert "evidence/e3.json" in said


def test_a_zip_is_as_good_as_a_folder(folder: Path) -> None:
    code, said = told(folder.with_suffix(".zip"))
    assert code == 0, said


@pytest.mark.parametrize(
    "words",
    [[], ["nowhere"], ["{bundle}", "--checkpoint", "nowhere"], ["{bundle}", "--key", "no key"], ["{file}"]],
)
def test_wrong_usage_ends_with_2(folder: Path, words: list[str]) -> None:
    named = {"bundle": str(folder), "file": str(VERIFIER)}
    typed = [sys.executable, "-I", str(VERIFIER), *(word.format(**named) for word in words)]
    done = subprocess.run(typed, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stderr


@drawn(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=40), st.data())
def test_it_computes_the_same_roots_and_proofs_as_we_do(
    verifier: ModuleType, hashes: list[bytes], data: st.DataObject
) -> None:
    tree = verifier.Tree()
    for digest in hashes:
        tree.add(digest)
    root = merkle.root(hashes).hex()
    assert tree.root() == root
    index = data.draw(st.integers(0, len(hashes) - 1))
    path = merkle.inclusion(hashes, index)
    assert verifier.root_by_proof(hashes[index], index, len(hashes), path) == root
    assert verifier.root_by_proof(hashes[index], index, len(hashes), [*path, bytes(32)]) != root
    if path:
        assert verifier.root_by_proof(hashes[index], index, len(hashes), path[:-1]) != root


# hostile bundles ------------------------------------------------------------------------------------


def zipped(folder: Path, to: Path) -> zipfile.ZipFile:
    """The bundle in a .zip file that can still be added to."""
    file = zipfile.ZipFile(to, "w")
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            file.write(path, str(path.relative_to(folder)))
    return file


@pytest.mark.parametrize(
    "name",
    ["../evil.txt", "/etc/evil", "C:\\evil.txt", "media/../../evil", "a\\b", "evil\u202etxt", "a" * 300, "."],
)
def test_a_name_that_leads_elsewhere_is_refused(folder: Path, tmp_path: Path, name: str) -> None:
    with zipped(folder, tmp_path / "b.zip") as file:
        file.writestr(zipfile.ZipInfo(name), "evil")
    said = wrong(tmp_path / "b.zip")
    assert "refused" in said
    assert "\u202e" not in said


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", ["manifest.json", "MANIFEST.json", "evidence/E3.json"])
def test_a_name_that_comes_twice_is_refused(folder: Path, tmp_path: Path, name: str) -> None:
    with zipped(folder, tmp_path / "b.zip") as file:
        file.writestr(name, "{}")
    assert "is in it twice" in wrong(tmp_path / "b.zip")


def test_links_are_refused_in_a_zip_and_in_a_folder(copy: Path, tmp_path: Path) -> None:
    link = zipfile.ZipInfo("media/link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipped(copy, tmp_path / "b.zip") as file:
        file.writestr(link, "/etc/passwd")
    assert "media/link is a link" in wrong(tmp_path / "b.zip")
    (copy / "manifest.json").rename(tmp_path / "elsewhere.json")
    (copy / "manifest.json").symlink_to(tmp_path / "elsewhere.json")
    assert "manifest.json is a link" in wrong(copy)


def test_a_folder_that_is_a_link_is_refused(copy: Path, tmp_path: Path) -> None:
    (copy / "evidence").rename(tmp_path / "elsewhere")
    (copy / "evidence").symlink_to(tmp_path / "elsewhere")
    assert "evidence is a link" in wrong(copy)


def test_a_file_without_end_is_refused(copy: Path, tmp_path: Path) -> None:
    with (copy / "manifest.json").open("r+b") as file:
        file.truncate(300 * 1024**2)  # a hole: it takes no room on the disk
    assert "more than any such file" in wrong(copy)
    with zipfile.ZipFile(tmp_path / "b.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("manifest.json", b"\0" * (257 * 1024**2))
    assert "more than any such file" in wrong(tmp_path / "b.zip")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[" * 200_000, "nested too deeply"),
        ('{"form": 1, "form": 2}', "names a field twice"),
        ('{"form": NaN}', "is no number"),
        ('{"form": ' + "9" * 5000 + "}", "a number without end"),
        ("\ufeff{}", "cannot be read"),
        ("[]", "does not say"),
        ('{"form": "cordon-bundle", "version": 99}', "version 99"),
        ('{"form": "cordon-bundle", "version": true}', "does not say"),
    ],
)
@pytest.mark.parametrize("name", ["manifest.json"])
def test_json_that_two_readers_could_understand_in_two_ways_is_refused(
    copy: Path, name: str, text: str, words: str
) -> None:
    (copy / name).write_text(text, "utf-8")
    assert words in wrong(copy)


def test_bytes_that_are_no_text_and_zips_that_are_none_are_refused(copy: Path, tmp_path: Path) -> None:
    (copy / "seal.json").write_bytes(b"\xff\xfe\x00")
    assert "cannot be read" in wrong(copy)
    broken = (copy.parent / "b.zip").resolve()
    with zipped(copy, broken):
        pass
    data = broken.read_bytes()
    broken.write_bytes(data[: len(data) // 3] + b"\0" * 64 + data[len(data) // 3 + 64 :])
    assert "WRONG" in wrong(broken)


def test_a_manifest_that_lists_what_it_should_not_is_refused(copy: Path) -> None:
    manifest = read(copy / "manifest.json")
    for path in ("../evil", "manifest.json", "ledger.jsonl", manifest["files"][0]["path"]):
        bad = {**manifest, "files": [*manifest["files"], {"path": path, "bytes": 1, "sha256": "0" * 64}]}
        data = json.dumps(bad).encode()
        (copy / "manifest.json").write_bytes(data)
        seal = {**read(copy / "seal.json"), "manifest": hashlib.sha256(data).hexdigest()}
        (copy / "seal.json").write_text(json.dumps(seal))
        assert "which it should not" in wrong(copy)


def test_what_a_bundle_says_is_shown_without_its_control_characters(copy: Path) -> None:
    manifest = read(copy / "manifest.json")
    manifest["records"][0]["record"] = "e1\x1b[2Jx\u202e"
    data = json.dumps(manifest).encode()
    (copy / "manifest.json").write_bytes(data)
    _, said = told(copy)
    assert not re.search("[\x1b\u202e]", said)


@settings(max_examples=60)
@drawn(st.data())
def test_any_turned_bit_in_any_file_is_found(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, verifier: ModuleType, data: st.DataObject
) -> None:
    names = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    name = data.draw(st.sampled_from(names))
    whole = (folder / name).read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    copy = tmp_path_factory.mktemp("spoilt") / "bundle"
    shutil.copytree(folder, copy)
    (copy / name).write_bytes(flip(whole, at))
    with pytest.raises(verifier.Bad):
        verifier.Check(verifier.Bundle(str(copy)), verifier.Crypto()).run([], [], None)


def places(value: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    """Where in a value something can be put in place of what is there."""
    found = [path] if path else []
    if isinstance(value, dict):
        for name, part in value.items():
            found += places(part, (*path, name))
    elif isinstance(value, list):
        for number, part in enumerate(value[:20]):
            found += places(part, (*path, number))
    return found


def put(value: Any, path: tuple[Any, ...], new: object) -> None:
    """Puts something at a place in a value."""
    for step in path[:-1]:
        value = value[step]
    value[path[-1]] = new


odd = st.one_of(
    st.none(), st.booleans(), st.integers(-1, 2**70), st.floats(allow_nan=False), st.text(max_size=5),
    st.lists(st.integers(), max_size=2), st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)  # fmt: skip


@settings(max_examples=80)
@drawn(st.data())
def test_whatever_stands_where_something_else_should_there_is_a_verdict_and_no_crash(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, verifier: ModuleType, data: st.DataObject
) -> None:
    copy = tmp_path_factory.mktemp("odd") / "bundle"
    shutil.copytree(folder, copy)
    name = data.draw(
        st.sampled_from(["manifest.json", "seal.json", "evidence/e3.json", "ledger.jsonl", "plain"])
    )
    path = copy / ("evidence/e3.json" if name == "plain" else name)
    if name == "ledger.jsonl":
        lines = read_lines(path)
        line = data.draw(st.sampled_from([line for line in lines if isinstance(line, dict)]))
        put(line, data.draw(st.sampled_from(places(line))), data.draw(odd))
        write_lines(path, lines)
    else:
        whole = read(path)
        inner = json.loads(whole["plain"]) if name == "plain" else whole
        put(inner, data.draw(st.sampled_from(places(inner))), data.draw(odd))
        write(path, {**whole, "plain": json.dumps(inner)} if name == "plain" else inner)
    if name not in {"manifest.json", "seal.json"}:
        rewrite_all(copy, lambda _: None) if name != "ledger.jsonl" else reseal(copy)
    elif name == "manifest.json":
        digest = hashlib.sha256((copy / name).read_bytes()).hexdigest()
        write(copy / "seal.json", {**read(copy / "seal.json"), "manifest": digest})
    check = verifier.Check(verifier.Bundle(str(copy)), verifier.Crypto())
    with contextlib.suppress(verifier.Bad):  # anything else that is raised would be a crash
        check.run([], [], None)
        verifier.verdict(check, [], [])
