"""Two people at a terminal: one asks, the other agrees or does not."""

import json
import sys
from pathlib import Path

import pytest

from console.cli import main
from tests.unit.commands.test_words import Stdin, typed


@pytest.fixture
def profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A profile with three items where more than one deletion at once needs two people."""
    passphrase = tmp_path / "passphrase"
    passphrase.write_text("an invented passphrase\n")
    monkeypatch.setenv("CORDON_PASSPHRASE_FILE", str(passphrase))
    monkeypatch.setenv("CORDON_PROFILE", str(tmp_path / "profile"))
    monkeypatch.setattr(sys, "stdin", Stdin(""))
    night = tmp_path / "night.csv"
    night.write_text("id,author,text\n1,sam,bring a machete\n2,kim,hello\n3,lou,good evening\n")
    with pytest.raises(SystemExit) as ended:
        main(["exercise", str(night), "--rate", "5000", "--headless"])
    assert not ended.value.code
    sits(tmp_path / "profile", "R. Calder")
    return tmp_path / "profile"


def sits(profile: Path, who: str) -> None:
    """From now on this person sits here."""
    (profile / "settings.json").write_text(json.dumps({"operator": who, "second_over": 1}))


def test_one_asks_and_another_agrees(profile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, dry, _ = typed(capsys, "act", "delete", "i1", "i2", "--reason", "abuse", "--dry-run")
    assert "2 of 2 acts cannot be taken back; more than 1 need a second person." in dry
    assert "2 evidence records would be sealed first" in dry
    _, out, _ = typed(capsys, "act", "delete", "i1", "i2", "--reason", "abuse", "--json")
    assert [json.loads(line)["state"] for line in out.splitlines()] == ["awaiting-approval"] * 2
    _, out, _ = typed(capsys, "acts", "--open")
    assert "somebody other than R. Calder must agree by " in out
    _, out, _ = typed(capsys, "acts", "--open", "--json")
    assert json.loads(out.splitlines()[0])["second"]["not"] == "R. Calder"
    code, _, err = typed(capsys, "approve", "b1")
    assert (code, err.split(",")[0]) == (1, "You asked for this yourself")
    sits(profile, "A. Rowe")
    code, out, err = typed(capsys, "decline", "a1", "--reason", "A quotation.", "--json")
    assert (code, err, json.loads(out)["error"]) == (0, "", "A. Rowe did not agree. Why: A quotation.")
    code, _, err = typed(capsys, "approve", "a1")
    assert (code, err.split(":")[0]) == (1, "That waits no longer")
    assert typed(capsys, "undo", "a2")[0] == 0
    assert typed(capsys, "approve", "b1")[0] == 1


def test_some_of_a_plan_can_be_left_out(profile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    del profile
    _, out, _ = typed(capsys, "items", "--json")
    account = json.loads(out.splitlines()[0])["account"]
    words = ("delete", "i1", "i2", "--reason", "abuse", "--dry-run", "--json")
    _, out, _ = typed(capsys, "act", *words)
    plan = json.loads(out)
    assert (plan["will"], plan["evidence"]) == (2, 2)
    assert plan["evidence_bytes"] > 0
    (part,) = plan["accounts"][0]["parts"]
    assert (part["items"], part["reversible"]) == (2, False)
    for out_words in (("--reversible-only",), ("--leave-out", account), ("--leave-out", part["words"])):
        _, out, _ = typed(capsys, "act", *words, *out_words)
        plan = json.loads(out)
        assert (plan["will"], plan["left_out"], plan["second"]) == (0, 2, None), out_words


def test_wrong_keys_are_one_line(profile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    del profile
    assert typed(capsys, "approve", "x1")[0] == 2
    assert typed(capsys, "approve", "a77")[0] == 1
    assert typed(capsys, "decline", "b77")[0] == 1
