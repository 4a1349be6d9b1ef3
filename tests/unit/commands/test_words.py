"""Commands in one process: wrong words, odd keys, and the options that may stand anywhere."""

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from console.cli import for_every_command_first, main
from console.commands import seat


class Stdin(io.TextIOWrapper):
    """Text on stdin that also has its bytes."""

    def __init__(self, text: str) -> None:
        super().__init__(io.BytesIO(text.encode()), encoding="utf-8")


@pytest.fixture
def profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A profile with two items, and a passphrase that nobody types."""
    passphrase = tmp_path / "passphrase"
    passphrase.write_text("an invented passphrase\n")
    monkeypatch.setenv("CORDON_PASSPHRASE_FILE", str(passphrase))
    monkeypatch.setenv("CORDON_PROFILE", str(tmp_path / "profile"))
    monkeypatch.setattr(sys, "stdin", Stdin(""))
    night = tmp_path / "night.csv"
    night.write_text("id,author,text\n1,sam,bring a machete\n2,kim,hello\n")
    with pytest.raises(SystemExit) as ended:
        main(["exercise", str(night), "--rate", "5000", "--headless"])
    assert not ended.value.code
    return tmp_path / "profile"


def typed(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """The exit code of a command, and what it said on either stream."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main(words)
    said = capsys.readouterr()
    code = ended.value.code
    return (code if isinstance(code, int) else 0), said.out, said.err


def test_wrong_words_are_one_line_and_exit_2(profile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cases: dict[str, list[str]] = {
        "No such command 'fly'": ["fly"],
        "No such command 'sing'": ["audit", "sing"],
        "“fly” is no verb; there are hide": ["act", "fly", "i1", "--reason", "x"],
        "“x1” is not the key of an item": ["act", "hide", "x1", "--reason", "x"],
        "There is no item i99": ["act", "hide", "i1", "i99", "--reason", "x"],
        "--reason": ["act", "hide", "i1"],
        "A reason is needed": ["act", "hide", "i1", "--reason", "  "],
        "A reply needs its words": ["act", "reply", "i1", "--reason", "x"],
        "KEY": ["act", "hide", "--reason", "x"],
        "No item was named": ["act", "hide", "-", "--reason", "x"],
        "“z” is not the key of an act": ["undo", "z"],
        "There is no act a99": ["undo", "a99"],
        "ACT": ["undo"],
        "“wings:”": ["items", "wings:yes"],
        "There is no state “flying”": ["items", "--state", "flying"],
        "There is no account “x:nobody”": ["items", "--account", "x:nobody"],
        "--limit": ["items", "--limit", "0"],
        "'--limit'": ["items", "--limit", "99999999999999999999"],
        "--profile needs": ["items", "--profile", ""],
        "--wings": ["items", "--wings"],
        "unexpected extra argument": ["items", "a", "b"],
        "There is no network “pigeon”": ["account", "add", "pigeon", "--secret-stdin"],
        "There is no account “no:x”": ["account", "test", "no:x"],
        "There is no account “no:y”": ["account", "remove", "no:y"],
        "Bluesky needs --handle": ["account", "add", "bluesky", "--secret-stdin"],
        "There is no evidence record e99": ["evidence", "show", "e99"],
        "There is no item i98": ["evidence", "show", "i98"],
        "is not the key of an evidence record": ["evidence", "show", "q"],
        "--rate": ["exercise", "--rate", "0", "--headless"],
        "--seconds": ["watch", "--seconds", "-1"],
        "'--seconds'": ["exercise", "--seconds", "inf", "--headless"],
        "'--rate'": ["exercise", "--rate", "inf", "--headless"],
        "--passphrase-fd": ["items", "--passphrase-fd", "seven"],
    }
    for words, command in cases.items():
        code, out, err = typed(capsys, *command, *(["--json"] if command[0] != "fly" else []))
        assert (code, out) == (2, ""), (command, code, out, err)
        assert err.count("\n") == 1, err
        assert words in err, (command, err)
    assert typed(capsys, "acts") == (0, "", ""), "wrong words did something"


def test_a_failure_is_one_line_and_exit_1(
    profile: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    cases: dict[str, list[str]] = {
        "Nothing was sealed for i1": ["evidence", "show", "i1"],
        "cannot be read": ["watchlist", "check", str(tmp_path / "none.toml")],
        "none.toml": ["watchlist", "import", str(tmp_path / "none.toml")],
        "not TOML": ["watchlist", "check", str(tmp_path / "night.csv")],
        "already": ["account", "add", "replay", "--source", str(tmp_path / "night.csv")],
        "There is no exercise and no file": ["exercise", "~nobody-at-all/night.csv", "--headless"],
        "Not hidden": ["act", "unhide", "i1", "--reason", "x"],
    }
    for words, command in cases.items():
        code, _, err = typed(capsys, *command)
        assert (code, err.count("\n")) == (1, 1), (command, code, err)
        assert words in err


def test_a_group_without_a_command_shows_its_help(profile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = typed(capsys, "account")
    assert code == 2
    assert "networks" in out + err
    assert err.splitlines()[-1] == "A command is needed. See: cordon account --help"


def test_what_people_read_is_a_line_for_each_thing(profile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = typed(capsys, "items")
    assert (code, err) == (0, "")
    assert out.splitlines()[1].startswith("i1 ")
    assert "bring a machete" in out
    _, out, _ = typed(capsys, "act", "hide", "i1", "i2", "--reason", "Trial", "--dry-run")
    assert out.startswith("Hide 2 of 2 items. Nothing was sent.")
    assert "replay:night  2 of 2" in out
    assert typed(capsys, "act", "hide", "i1", "--reason", "Trial")[1] == "a1  hide i1  confirmed\n"
    assert typed(capsys, "acts")[1] == "a1  hide i1  confirmed\n"
    _, out, _ = typed(capsys, "evidence", "show", "i1")
    assert "bring a machete" in out
    _, out, _ = typed(capsys, "audit", "list")
    assert "act.requested" in out
    assert "machete" not in out, "words of the public stand beside the ledger, not in it"
    assert typed(capsys, "audit", "verify")[1].startswith("The ledger is whole: ")
    assert len(typed(capsys, "audit", "list", "--limit", "3", "--json")[1].splitlines()) == 3
    _, out, _ = typed(capsys, "undo", "a1")
    assert out == "a1  hide i1  undone\na2  unhide i1  confirmed\n"


def test_what_it_prints_is_ascii_when_it_is_json(profile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = typed(capsys, "account", "networks", "--json")
    assert out.isascii()
    assert all(json.loads(line)["verbs"] for line in out.splitlines())


def test_a_reader_that_has_enough_is_no_failure(
    profile: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise BrokenPipeError

    monkeypatch.setattr(seat, "print", broken, raising=False)
    with pytest.raises(SystemExit) as ended:
        main(["items"])
    assert not ended.value.code


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (OSError(28, "No space left on device"), "No space left on device"),
        (ZeroDivisionError("planted"), "Zero"),
    ],
)
def test_what_nobody_foresaw_is_one_line_too(
    profile: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    fault: Exception,
    words: str,
) -> None:
    def fails(*_: Any, **__: Any) -> None:
        monkeypatch.delattr(seat, "print")
        raise fault

    monkeypatch.setattr(seat, "_no_more_output", lambda: None)
    monkeypatch.setattr(seat, "print", fails, raising=False)
    code, _, err = typed(capsys, "items")
    assert (code, err.count("\n")) == (1, 1)
    assert words in err
    assert "planted" not in err, "what a fault says may hold words of the public"


def test_a_person_who_stops_it_is_told_so(
    profile: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: Any, **__: Any) -> None:
        monkeypatch.undo()
        raise KeyboardInterrupt

    monkeypatch.setattr(seat, "print", stopped, raising=False)
    assert typed(capsys, "items") == (1, "", "Stopped.\n")


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (["items", "--profile", "p"], ["--profile", "p", "items"]),
        (["items", "--profile=p", "x"], ["--profile=p", "items", "x"]),
        (["act", "--passphrase-fd", "3", "hide", "i1"], ["--passphrase-fd", "3", "act", "hide", "i1"]),
        (["items", "--", "--profile", "p"], ["items", "--", "--profile", "p"]),
        (["items", "--profile"], ["--profile", "items"]),
        ([], []),
    ],
)
def test_what_holds_for_every_command_may_stand_anywhere(given: list[str], wanted: list[str]) -> None:
    assert for_every_command_first(given) == wanted


def test_without_a_screen_no_window_is_tried(
    profile: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seat, "_has_screen", lambda: False)
    for command in ([], ["exercise"]):
        code, out, err = typed(capsys, *command)
        assert (code, out, err.count("\n")) == (1, "", 1)
        assert "There is no screen" in err
