"""`cordon wave`: waves are listed, and one verdict is put on them, stands, and is taken back."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from console.cli import main
from tests.unit.commands.test_words import Stdin, typed

SAYING = "They always protect their own, every single time"


@pytest.fixture
def profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A profile with a wave of four and one item besides."""
    passphrase = tmp_path / "passphrase"
    passphrase.write_text("an invented passphrase\n")
    monkeypatch.setenv("CORDON_PASSPHRASE_FILE", str(passphrase))
    monkeypatch.setenv("CORDON_PROFILE", str(tmp_path / "profile"))
    monkeypatch.setattr(sys, "stdin", Stdin(""))
    night = tmp_path / "night.csv"
    lines = [f'{number},sam{number},"{SAYING}"' for number in range(1, 5)]
    night.write_text("\n".join(["id,author,text", *lines, "9,kim,A lost dog near the bridge"]) + "\n")
    with pytest.raises(SystemExit) as ended:
        main(["exercise", str(night), "--rate", "5000", "--headless"])
    assert not ended.value.code
    return tmp_path / "profile"


def told(capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, Any]]:
    code, said, wrong = typed(capsys, *words, "--json")
    assert code == 0, wrong
    return [json.loads(line) for line in said.splitlines()]


def test_a_wave_is_listed_hidden_as_one_and_let_go(profile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (wave,) = told(capsys, "wave", "list")
    assert (wave["essence"], wave["size"], wave["authors"], wave["new_authors"]) == (SAYING, 4, 4, 4)
    assert wave["standing"] is None
    assert told(capsys, "wave", "list", "--least", "9") == []
    items = told(capsys, "items", f"wave:{wave['wave']}")
    assert len(items) == 4
    assert {item["wave"] for item in items} == {wave["wave"]}

    (hidden,) = told(
        capsys, "wave", "hide", wave["wave"], "--reason", "Rule 3", "--minutes", "30", "--limit", "50"
    )
    assert (hidden["standing"]["verb"], hidden["standing"]["limit"], hidden["standing"]["used"]) == (
        "hide",
        50,
        0,
    )
    acts = told(capsys, "acts")
    assert len(acts) == 4
    assert {act["bulk"] for act in acts} == {hidden["standing"]["bulk"]}
    code, said, _ = typed(capsys, "wave", "list")
    assert code == 0
    assert "Rule 3" in said
    (ended,) = told(capsys, "wave", "stop", wave["wave"])
    assert ended["ended"] is True
    assert told(capsys, "wave", "list")[0]["standing"] is None
    (entry,) = [entry for entry in told(capsys, "audit", "list") if entry["kind"] == "standing.put"]
    assert entry["facts"]["wave"] == wave["wave"]


def test_what_cannot_be_is_said_in_one_line(profile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (wave,) = told(capsys, "wave", "list")
    rest = ["--reason", "R", "--limit", "5"]
    for words, expected, exit_code in (
        (["wave", "hide", "w999", "--minutes", "5", *rest], "There is no wave w999", 2),
        (["wave", "hide", "nine", "--minutes", "5", *rest], "is not the key of a wave", 2),
        (["wave", "hide", wave["wave"], "--minutes", "9999", *rest], "which is a day", 2),
        (["wave", "stop", wave["wave"]], "No verdict stands on", 1),
    ):
        code, _, wrong = typed(capsys, *words)
        assert (code, wrong.count("\n")) == (exit_code, 1)
        assert expected in wrong
