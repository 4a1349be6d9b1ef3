"""The ledger from the command line: stated, exported for a stranger, corrected, read."""

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from console.commands import ledger
from console.domain.checkpoint import check, parse, parse_verifier_key
from tests.unit.commands.test_words import profile, typed

__all__ = ["profile"]  # a fixture, found by its name

DOCUMENT = Path(__file__).parents[3] / "docs" / "ledger.md"
Said = pytest.CaptureFixture[str]


def told(capsys: Said, *words: str) -> list[dict[str, Any]]:
    code, out, error = typed(capsys, *words, "--json")
    assert code == 0, error
    return [json.loads(line) for line in out.splitlines()]


@pytest.fixture(scope="session")
def checks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program that the document prints for strangers, saved as they would."""
    found = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
    folder = tmp_path_factory.mktemp("stranger")
    (folder / "check.py").write_text(found[0], "utf-8")
    (folder / "signed.py").write_text(f"import base64\n{found[1]}", "utf-8")
    return folder


def checked(program: Path, *files: Path) -> tuple[int, str]:
    """What a stranger's Python says, with nothing of ours at hand."""
    command = [sys.executable, "-I", str(program), *map(str, files)]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False, cwd=program.parent
    )
    return done.returncode, (done.stdout + done.stderr).strip()


def test_what_is_printed_is_a_checkpoint_that_can_be_mailed(profile: Path, capsys: Said) -> None:
    code, out, _ = typed(capsys, "audit", "checkpoint")
    assert code == 0
    made = parse(f"Good evening,\n\n{out}\n\nR. Calder")
    (shape,) = told(capsys, "audit", "checkpoint", "--out", str(profile.parent / "mailed.txt"))
    assert list(shape) == ["origin", "size", "root", "key", "text"]
    assert (shape["origin"], shape["size"]) == (made.origin, made.size + 1)
    assert (profile.parent / "mailed.txt").read_bytes().decode() == shape["text"]
    name, public = parse_verifier_key(shape["key"])
    assert name == made.origin
    assert check(made, public)
    (verdict,) = told(capsys, "audit", "verify", "--checkpoint", str(profile.parent / "mailed.txt"))
    assert verdict["checkpoint"] == shape["text"]


def test_a_stranger_checks_an_export_with_the_program_of_the_document(
    profile: Path, capsys: Said, checks: Path
) -> None:
    typed(capsys, "act", "leave-up", "i1", "--reason", "Fair comment, says the planted heron")
    mailed, file, bare = (profile.parent / name for name in ("mailed.txt", "whole.jsonl", "bare.jsonl"))
    (shape,) = told(capsys, "audit", "checkpoint", "--out", str(mailed))
    (done,) = told(capsys, "audit", "export", str(file), "--with-content")
    told(capsys, "audit", "export", str(bare))
    for path in (file, bare):
        code, words = checked(checks / "check.py", path, mailed)
        assert (code, "whole" in words) == (0, True), words
    assert ("planted heron" in file.read_text("utf-8"), "planted heron" in bare.read_text("utf-8")) == (
        True,
        False,
    )

    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert lines[0]["entries"] == done["entries"] == sum(line["type"] == "entry" for line in lines)
    assert json.loads(lines[-1]["text"].split("\n")[1]) == done["entries"]  # it covers its own entry
    kinds = [json.loads(line["leaf"])["kind"] for line in lines if line["type"] == "entry"]
    assert kinds[-2:] == ["ledger.exported", "ledger.checkpoint"]

    sys.path.insert(0, str(checks))
    try:
        import signed  # type: ignore[import-not-found]  # written by the fixture
    finally:
        sys.path.remove(str(checks))
    key = next(line["key"] for line in lines if line["type"] == "key")
    assert key == shape["key"]
    for line in lines:
        if line["type"] == "checkpoint":
            signed.signed(line["text"], key)


def test_a_stranger_finds_what_was_changed_in_an_export(profile: Path, capsys: Said, checks: Path) -> None:
    typed(capsys, "act", "leave-up", "i1", "--reason", "Fair comment")
    mailed, file = profile.parent / "mailed.txt", profile.parent / "whole.jsonl"
    told(capsys, "audit", "checkpoint", "--out", str(mailed))
    told(capsys, "audit", "export", str(file), "--with-content")
    lines = file.read_text("utf-8").splitlines(keepends=True)
    cases: list[tuple[Sequence[str], str]] = [
        ([*lines[:4], *lines[5:]], "Entry 3 is not as it was"),
        ([*lines[:4], lines[5], lines[4], *lines[6:]], "Entry 3 is not as it was"),
        ([line.replace("Fair", "Foul") for line in lines], "is not as it was"),
        ([line for line in lines if "leave-up" not in line], "is not as it was"),
        (lines[:12], "are not those of the checkpoint"),
    ]
    for changed, words in cases:
        file.write_text("".join(changed), "utf-8")
        code, said = checked(checks / "check.py", file, mailed)
        assert code == 1
        assert words in said


def test_an_export_writes_over_nothing_and_leaves_no_half_file(profile: Path, capsys: Said) -> None:
    there = profile.parent / "there.jsonl"
    there.write_text("mine")
    for path, words in ((there, "There is a file"), (profile.parent / "no" / "x.jsonl", "cannot be written")):
        code, _, error = typed(capsys, "audit", "export", str(path))
        assert (code, words in error) == (2, True), error
    assert there.read_text() == "mine"
    assert not list(profile.parent.glob("*.part"))
    assert "ledger.exported" not in {entry["kind"] for entry in told(capsys, "audit", "list")}


def test_a_correction_points_at_the_entry_which_stays_and_is_struck_through(
    profile: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    (made,) = told(capsys, "audit", "correct", "3", "--reason", "It was the list of the day before")
    assert made["corrects"] == 3
    entries = told(capsys, "audit", "list")
    assert entries[2]["corrected_by"] == [made["seq"]]
    assert [entry["seq"] for entry in entries if entry["corrected_by"]] == [3]
    assert entries[made["seq"] - 1]["facts"] == {"entry": 3}
    assert entries[made["seq"] - 1]["content"] == {"words": "It was the list of the day before"}
    _, out, _ = typed(capsys, "audit", "list")
    assert out.splitlines()[2].endswith(f"  [corrected in {made['seq']}]")
    assert told(capsys, "audit", "verify")[0]["ok"]

    class Terminal:
        stdout = type("Stream", (), {"isatty": lambda _: True})()

    monkeypatch.setattr(ledger, "sys", Terminal)
    assert ledger._words(entries[2], [9]).startswith("\x1b[9m3  ")
    assert ledger._words(entries[1], ()).startswith("2  ")


def test_a_correction_of_nothing_or_without_words_is_wrong_usage(profile: Path, capsys: Said) -> None:
    for words, said in (
        (("999", "--reason", "x"), "The ledger has no entry 999"),
        (("0", "--reason", "x"), "SEQ"),
        (("3", "--reason", " "), "Say what is wrong with entry 3"),
        (("3",), "--reason"),
    ):
        code, _, error = typed(capsys, "audit", "correct", *words)
        assert (code, said in error) == (2, True), error
    assert profile.exists()


def test_a_new_key_goes_on_record_with_its_reason(profile: Path, capsys: Said) -> None:
    told(capsys, "audit", "checkpoint")
    (shape,) = told(capsys, "audit", "new-key", "--reason", "The laptop was lent")
    entries = told(capsys, "audit", "list")
    assert [entry["kind"] for entry in entries[-2:]] == ["ledger.key", "ledger.checkpoint"]
    assert entries[-2]["content"] == {"why": "The laptop was lent"}
    assert entries[-2]["facts"]["key"] == shape["key"]
    assert entries[-2]["facts"]["vouched"]
    assert told(capsys, "audit", "verify")[0]["ok"]
    assert profile.exists()


def test_searching_is_on_record_once_in_ten_minutes_and_names_the_author_it_looked_for(
    profile: Path, capsys: Said
) -> None:
    for query in ("machete", "machete", "author:kim hello", ""):
        told(capsys, "items", query)
    looks = [
        (entry["kind"], entry["content"])
        for entry in told(capsys, "audit", "list")
        if entry["kind"] in {"lane.searched", "author.looked"}
    ]
    assert looks == [
        ("lane.searched", {"query": "machete"}),
        ("lane.searched", {"query": "author:kim hello"}),
        ("author.looked", {"author": "kim"}),
    ]
    assert profile.exists()
