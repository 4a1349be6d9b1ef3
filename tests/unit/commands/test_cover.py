"""`cordon escalations, accept, grade, claim, release, duty, account cover`, as they are typed."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from console.cli import main
from tests.unit.commands.test_words import Stdin, typed


@pytest.fixture(autouse=True)
def profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A profile with three items of one account, one of them a goodbye."""
    passphrase = tmp_path / "passphrase"
    passphrase.write_text("an invented passphrase\n")
    monkeypatch.setenv("CORDON_PASSPHRASE_FILE", str(passphrase))
    monkeypatch.setenv("CORDON_PROFILE", str(tmp_path / "profile"))
    monkeypatch.setattr(sys, "stdin", Stdin(""))
    night = tmp_path / "night.csv"
    lines = ["1,sam,A lost dog", "2,kim,I am going to kill myself tonight", "3,lee,Thank you all"]
    night.write_text("\n".join(["id,author,text", *lines]) + "\n")
    with pytest.raises(SystemExit) as ended:
        main(["exercise", str(night), "--rate", "5000", "--headless"])
    assert not ended.value.code
    return tmp_path / "profile"


def told(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> list[dict[str, Any]]:
    ended, said, wrong = typed(capsys, *words, "--json")
    assert ended == code, wrong
    return [json.loads(line) for line in said.splitlines()]


def test_life_at_risk_of_a_played_night_is_listed_until_somebody_accepts(
    capsys: pytest.CaptureFixture[str],
) -> None:
    (one,) = told(capsys, "escalations")
    assert (one["grade"], one["state"], one["call"]) == (1, "open", "control-room supervisor")
    code, said, _ = typed(capsys, "escalations")
    assert code == 0
    assert "Life at risk" in said
    assert "nobody has it" in said
    (accepted,) = told(capsys, "accept", one["key"], "--by", "PS 4410")
    assert (accepted["state"], accepted["accepted_by"]) == ("accepted", "PS 4410")
    assert told(capsys, "escalations") == []
    code, _, wrong = typed(capsys, "accept", one["key"], "--by", "PS 1")
    assert code == 1
    assert "PS 4410 has accepted it already" in wrong
    code, said, wrong = typed(capsys, "audit", "verify")
    assert code == 0, said + wrong


def test_a_grade_is_raised_at_will_and_lowered_with_a_reason(capsys: pytest.CaptureFixture[str]) -> None:
    (item,) = told(capsys, "items", "dog")
    assert told(capsys, "grade", item["key"], "2", "--thrive", "threat=He knows the address.") == [
        {"key": item["key"], "grade": 2}
    ]
    assert [one["key"] for one in told(capsys, "escalations")][1:] == [item["key"]]
    for words, wrong in (
        (("4",), "only with a reason"),
        (("7",), "no grade 7"),
        (("1", "--thrive", "nothing"), "is no answer"),
        (("1", "--thrive", "mood=bad"), "no part of THRIVE"),
    ):
        code, _, said = typed(capsys, "grade", item["key"], *words)
        assert code in {1, 2}
        assert wrong in said
    told(capsys, "grade", item["key"], "4", "--reason", "It is about a dog.")
    assert [one["grade"] for one in told(capsys, "items", "dog")] == [4]


def test_items_are_claimed_left_out_of_others_plans_and_released(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (item,) = told(capsys, "items", "dog")
    (mine,) = told(capsys, "claim", item["key"])
    assert mine["yours"]
    assert [one["key"] for one in told(capsys, "items", "is:mine")] == [item["key"]]
    monkeypatch.setattr("console.bootstrap.system_user", lambda: "Somebody else")
    monkeypatch.setattr("console.settings.system_user", lambda: "Somebody else")
    assert told(capsys, "items", "is:mine") == []
    (other,) = told(capsys, "claim", item["key"], code=1)
    assert not other["yours"]
    (plan,) = told(capsys, "act", "leave-up", item["key"], "--reason", "fine", "--dry-run")
    assert mine["who"] in json.dumps(plan)
    assert told(capsys, "release", item["key"]) == [{"key": item["key"], "released": False}]
    (taken,) = told(capsys, "claim", item["key"], "--take-over")
    assert taken["yours"]
    assert told(capsys, "release", item["key"]) == [{"key": item["key"], "released": True}]


def test_accounts_are_led_covered_and_left_uncovered(capsys: pytest.CaptureFixture[str]) -> None:
    (account,) = told(capsys, "account", "list")
    key = account["key"]
    made = told(capsys, "account", "cover", key, "--lead", "A. Rowe", "--deputy", "M. Jarrow")
    assert made == [{"key": key, "lead": "A. Rowe", "deputy": "M. Jarrow"}]
    made = told(capsys, "account", "cover", key, "--deputy", "")
    assert made == [{"key": key, "lead": "A. Rowe", "deputy": None}]
    assert [one["lead"] for one in told(capsys, "account", "list")] == ["A. Rowe"]
    assert told(capsys, "duty", "list") == []
    (duty,) = told(capsys, "duty", "take", key, "--hours", "2")
    assert told(capsys, "duty", "list") == [duty]
    assert told(capsys, "duty", "end") == [{"account": key, "ended": True}]
    (bare,) = told(capsys, "duty", "list")
    assert (bare["account"], bare["who"]) == (key, None)
    code, said, _ = typed(capsys, "duty", "list")
    assert code == 0
    assert "UNCOVERED" in said
    code, _, wrong = typed(capsys, "account", "cover", key)
    assert code == 2
    assert "--lead NAME" in wrong
