"""Given out from a terminal and checked by a stranger: the whole way on an exercise, by commands alone."""

import json
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from console.cli import main
from tests.fakes.bundles import told
from tests.fakes.spoiling import flip
from tests.unit.commands.test_words import Stdin

ROWS = [
    {"id": "1", "author": "sam", "text": "Bring a machete to Chandler's Row, says the planted heron"},
    {"id": "2", "author": "kim", "text": "Is the road open?"},
    {"id": "3", "author": "sam", "text": "half \ud83d pair, zombie knife 🔪"},
    {"id": "4", "author": "ann", "text": "=cmd|' /C calc'!A0"},
]


class Terminal:
    """Commands on one profile, in this process."""

    def __init__(self, profile: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._profile = profile
        self._capsys = capsys

    def typed(self, *words: str) -> tuple[int, list[dict[str, Any]], str]:
        """The exit code of a command, what it printed as JSON lines, and what it said besides."""
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(["--profile", str(self._profile), *words, "--json"])
        said = self._capsys.readouterr()
        return int(ended.value.code or 0), [json.loads(line) for line in said.out.splitlines()], said.err

    def told(self, *words: str) -> list[dict[str, Any]]:
        """What a command printed; it must end well."""
        code, shapes, error = self.typed(*words)
        assert code == 0, error
        return shapes


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A profile on which a small file was played and two items were hidden."""
    folder = tmp_path_factory.mktemp("given")
    (folder / "passphrase").write_text("an invented passphrase\n")
    night = folder / "night.jsonl"
    night.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CORDON_PASSPHRASE_FILE", str(folder / "passphrase"))
        patch.setattr(sys, "stdin", Stdin(""))
        for words in (
            ("exercise", str(night), "--rate", "5000", "--headless"),
            ("act", "hide", "i1", "i3", "--reason", "House rule 3", "--wait"),
        ):
            with pytest.raises(SystemExit) as ended:
                main(["--profile", str(folder / "profile"), *words])
            assert not ended.value.code, words
    return folder


@pytest.fixture
def cordon(played: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    """A terminal at that profile."""
    monkeypatch.setenv("CORDON_PASSPHRASE_FILE", str(played / "passphrase"))
    monkeypatch.setattr(sys, "stdin", Stdin(""))
    return Terminal(played / "profile", capsys)


def test_a_bundle_given_out_by_a_command_is_right_and_one_that_was_changed_is_not(
    cordon: Terminal, tmp_path: Path
) -> None:
    out = tmp_path / "bundle"
    words = ("evidence", "export", str(out), "--why", "For the court")
    (shape,) = cordon.told(*words)
    assert (shape["path"], shape["records"], shape["covered"], shape["remarks"]) == (str(out), 2, 0, [])
    code, said = told(out, "--manifest", shape["manifest"])
    assert code == 0, said
    assert "Reason given: For the court" in said
    assert "planted heron" in (out / "exhibits" / "e1.html").read_text("utf-8")
    path = out / "evidence" / "e1.json"
    path.write_bytes(flip(path.read_bytes(), 900))
    code, said = told(out)
    assert code == 1
    assert "evidence/e1.json" in said
    code, _, error = cordon.typed(*words)
    assert code == 2
    assert "is there already" in error
    assert cordon.told("audit", "verify")[0]["ok"]


def test_words_are_covered_as_a_file_says(cordon: Terminal, tmp_path: Path) -> None:
    marks = [{"record": "e1", "field": "text", "start": 44, "end": 57, "reason": "Names a bird."}]
    (tmp_path / "marks.json").write_text(json.dumps(marks))
    out = tmp_path / "bundle.zip"
    account = cordon.told("account", "list")[0]["key"]
    (shape,) = cordon.told(
        "evidence", "export", str(out), "--author", "sam", "--account", account,
        "--redact", str(tmp_path / "marks.json"),
    )  # fmt: skip
    assert (shape["records"], shape["covered"]) == (2, 1)
    with zipfile.ZipFile(out) as file:
        held = b"".join(file.read(name) for name in file.namelist())
    assert b"planted heron" not in held
    assert b"Names a bird." in held
    assert told(out)[0] == 0
    (tmp_path / "marks.json").write_text('[{"record": "e1", "field": "text"}]')
    code, _, error = cordon.typed(
        "evidence", "export", str(tmp_path / "b"), "--redact", str(tmp_path / "marks.json")
    )
    assert code == 1
    assert "mark 1: record, field and reason must be said" in error


def test_reports_are_written_and_are_on_record(cordon: Terminal, tmp_path: Path) -> None:
    month = cordon.told("items")[0]["received_at"][:7]
    for ending in ("html", "pdf", "csv"):
        (shape,) = cordon.told("report", "month", month, "--out", str(tmp_path / f"m.{ending}"))
        assert len(shape["sha256"]) == 64
    assert (tmp_path / "m.pdf").read_bytes().startswith(b"%PDF-")
    (counted,) = cordon.told("report", "foi", "author:sam")
    assert counted["All"] == [{"": "Items that fit the question", "Items": 2}]
    kinds = [line["kind"] for line in cordon.told("audit", "list")]
    assert kinds.count("report.made") == 4
    for wrong in (
        ("month", "2026-13"),
        ("incident", "7"),
        ("foi", "colour:red"),
        ("month", month, "--out", str(tmp_path / "m.doc")),
    ):
        assert cordon.typed("report", *wrong)[0] == 2, wrong
