"""`cordon lane`: lanes are kept, shared and given away, and groups of accounts are asked for by name."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from console.cli import main
from tests.unit.commands.test_words import Stdin, typed


@pytest.fixture(autouse=True)
def profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A profile with four items of one account."""
    passphrase = tmp_path / "passphrase"
    passphrase.write_text("an invented passphrase\n")
    monkeypatch.setenv("CORDON_PASSPHRASE_FILE", str(passphrase))
    monkeypatch.setenv("CORDON_PROFILE", str(tmp_path / "profile"))
    monkeypatch.setattr(sys, "stdin", Stdin(""))
    night = tmp_path / "night.csv"
    lines = ["1,sam,A lost dog", "2,kim,A found dog", "3,sam,Free tickets", "4,lee,Sirens by the bridge"]
    night.write_text("\n".join(["id,author,text", *lines]) + "\n")
    with pytest.raises(SystemExit) as ended:
        main(["exercise", str(night), "--rate", "5000", "--headless"])
    assert not ended.value.code
    return tmp_path / "profile"


def told(capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, Any]]:
    code, said, wrong = typed(capsys, *words, "--json")
    assert code == 0, wrong
    return [json.loads(line) for line in said.splitlines()]


def test_a_lane_is_kept_changed_given_away_and_taken_away(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (kept,) = told(capsys, "lane", "keep", "Dogs", "dog -found")
    assert (kept["name"], kept["question"], kept["shared"]) == ("Dogs", "dog -found", False)
    (kept,) = told(capsys, "lane", "keep", "dogs", "dog", "--shared")
    assert (kept["name"], kept["question"], kept["shared"]) == ("Dogs", "dog", True)
    code, said, _ = typed(capsys, "lane", "export")
    assert code == 0
    file = tmp_path / "lanes.toml"
    file.write_text(said)
    assert told(capsys, "lane", "import", str(file)) == []
    assert told(capsys, "lane", "drop", "DOGS") == [{"name": "Dogs", "dropped": True}]
    assert [one["question"] for one in told(capsys, "lane", "import", str(file))] == ["dog"]
    assert [one["name"] for one in told(capsys, "lane", "list")] == ["Dogs"]
    for words, wrong in (
        (("keep", "Odd", "state:flying"), "flying"),
        (("drop", "Nothing"), "no lane named"),
        (("import", str(tmp_path / "none")), "cannot be read"),
        (("group", "north"), "Name the accounts"),
    ):
        code, _, said = typed(capsys, "lane", *words)
        assert code in {1, 2}
        assert wrong in said


def test_a_group_is_asked_for_by_its_name_and_left_out_by_a_minus(
    capsys: pytest.CaptureFixture[str],
) -> None:
    (account,) = told(capsys, "account", "list")
    assert told(capsys, "lane", "group", "North", account["key"]) == [
        {"name": "North", "accounts": [account["key"]]}
    ]
    assert len(told(capsys, "items", "group:north")) == 4
    assert told(capsys, "items", "sirens -group:north") == []
    assert len(told(capsys, "items", "dog not author:sam")) == 1
    assert told(capsys, "lane", "group", "north", "--drop") == []
