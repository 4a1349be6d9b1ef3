"""`cordon evidence` and `cordon recovery`: hold, review, keep, dispose, and open a dead machine's profile."""

import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from console.cli import main
from tests.fakes.keeping import left_in
from tests.unit.commands.test_words import Stdin, typed

WORD = "zyzzogeton"
CARE = "four words make it"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a passphrase, and a profile with three items of which two are hidden."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "passphrase").write_text("an invented passphrase\n")
    night = folder / "night.csv"
    night.write_text(f"id,author,text\n1,sam,a {WORD} there\n2,kim,well said\n3,lee,is it open\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CORDON_PASSPHRASE_FILE", str(folder / "passphrase"))
        patch.setenv("CORDON_PROFILE", str(folder / "profile"))
        patch.setattr(sys, "stdin", Stdin(""))
        for words in (
            ["exercise", str(night), "--rate", "5000", "--headless"],
            ["act", "hide", "i1", "i2", "--reason", "House rule 3"],
        ):
            with pytest.raises(SystemExit) as ended:
                main(words)
            assert not ended.value.code
    return folder


@pytest.fixture
def profile(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of that profile, for one test."""
    shutil.copytree(made / "profile", tmp_path / "profile")
    monkeypatch.setenv("CORDON_PASSPHRASE_FILE", str(made / "passphrase"))
    monkeypatch.setenv("CORDON_PROFILE", str(tmp_path / "profile"))
    monkeypatch.setattr(sys, "stdin", Stdin(""))
    return tmp_path / "profile"


def told(capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, Any]]:
    code, said, wrong = typed(capsys, *words, "--json")
    assert code == 0, wrong
    return [json.loads(line) for line in said.splitlines()]


def refused(capsys: pytest.CaptureFixture[str], code: int, *words: str) -> str:
    ended, said, wrong = typed(capsys, *words)
    assert (ended, said) == (code, ""), wrong
    assert len(wrong.splitlines()) == 1, wrong
    return wrong


@contextmanager
def passphrase(folder: Path, words: str = CARE) -> Iterator[str]:
    """An open file descriptor from which a passphrase is read."""
    path = folder / "of the key"
    path.write_text(words + "\n")
    with path.open("rb") as file:
        yield str(file.fileno())


def test_a_hold_is_put_listed_and_released(profile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert profile.is_dir()
    assert told(capsys, "evidence", "hold", "e1", "--reason", "an inquest") == [{"item": "i1", "held": True}]
    (held,) = told(capsys, "evidence", "holds")
    assert (held["item"], held["reason"]) == ("i1", "an inquest")
    assert "legal hold" in refused(capsys, 1, "evidence", "dispose", "i1", "--reason", "over")
    assert any(
        finding["name"] == "Legal holds" and finding["state"] == "well" for finding in told(capsys, "doctor")
    )
    told(capsys, "evidence", "release", "i1", "--reason", "over")
    assert told(capsys, "evidence", "holds") == []
    assert "There is no item i99" in refused(capsys, 2, "evidence", "hold", "i99", "--reason", "x")


def test_disposal_says_before_what_will_go_and_then_it_is_gone(
    profile: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told(capsys, "evidence", "show", "i1")
    assert "reason" in refused(capsys, 2, "evidence", "dispose", "i1")
    (wanted,) = told(capsys, "evidence", "dispose", "i1", "--dry-run")
    assert left_in(profile, WORD)
    (done,) = told(capsys, "evidence", "dispose", "i1", "--reason", "its time is over")
    assert (wanted["dry_run"], done["dry_run"], done["clean"]) == (True, False, True)
    assert done["evidence"] == wanted["evidence"] == ["e1"]
    assert left_in(profile, WORD) == []
    assert told(capsys, "audit", "verify")[0]["ok"]
    assert "disposed of" in refused(capsys, 1, "evidence", "show", "e1")
    assert "Everything about this was disposed of" in typed(capsys, "items")[1]
    code, said, _ = typed(capsys, "act", "hide", "i1", "--reason", "again", "--json")
    assert (code, said) == (1, "")


def test_what_is_kept_longer_is_no_longer_due(profile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert profile.is_dir()
    assert told(capsys, "evidence", "review") == []
    (kept,) = told(
        capsys, "evidence", "keep", "i2", "--reason", "an appeal", "--days", "30", "--class", "crime"
    )
    assert kept["item"] == "i2"
    (due,) = [entry for entry in told(capsys, "audit", "list") if entry["kind"] == "evidence.reviewed"]
    assert due["facts"]["retention"] == "crime"
    assert due["facts"]["review_at"] == kept["review_at"]
    wrong = refused(capsys, 2, "evidence", "keep", "i2", "--reason", "x", "--class", "nonsense")
    assert "routine, moderation" in wrong


def test_the_recovery_key_opens_a_copy_whose_own_key_is_lost(
    profile: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "taken away.pem"
    assert "no recovery key yet" in refused(capsys, 1, "recovery", "show")
    assert "nobody to ask" in refused(capsys, 2, "recovery", "make", str(out))
    with passphrase(tmp_path) as number:
        (made,) = told(capsys, "recovery", "make", str(out), "--key-passphrase-fd", number)
    assert made["sealed"] >= 2
    assert out.stat().st_mode & 0o777 == 0o600 or os.name != "posix"
    assert told(capsys, "recovery", "show")[0]["fingerprint"] == made["fingerprint"]
    states = {finding["name"]: finding["state"] for finding in told(capsys, "doctor")}
    assert states["Recovery key"] == "well"
    with passphrase(tmp_path) as number:
        wrong = refused(capsys, 1, "recovery", "make", str(tmp_path / "b.pem"), "--key-passphrase-fd", number)
    assert "already" in wrong

    shutil.copytree(profile, tmp_path / "copy")
    monkeypatch.setenv("CORDON_PROFILE", str(tmp_path / "copy"))
    other = tmp_path / "other"
    other.write_text("another passphrase\n")
    monkeypatch.setenv("CORDON_PASSPHRASE_FILE", str(other))
    assert "does not open" in refused(capsys, 1, "evidence", "show", "i1")
    with passphrase(tmp_path, "the wrong four words") as number:
        words = ("evidence", "recover", "--key", str(out), "--key-passphrase-fd", number)
        assert "does not open the recovery key" in refused(capsys, 1, *words)
    with passphrase(tmp_path) as number:
        (done,) = told(capsys, "evidence", "recover", "--key", str(out), "--key-passphrase-fd", number)
    assert (done["records"], done["key"]) == (2, "passphrase")
    assert told(capsys, "evidence", "show", "i1")[0]["item"]["text"] == f"a {WORD} there"
    assert told(capsys, "audit", "verify")[0]["ok"]
    missing = refused(capsys, 1, "evidence", "recover", "--key", str(tmp_path / "none"))
    assert "cannot be read" in missing
