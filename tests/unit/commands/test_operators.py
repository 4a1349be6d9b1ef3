"""`cordon operator`: a roster is set up, somebody sits down, and what they do bears their name."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from console.services import operators as service
from tests.unit.commands.test_words import Stdin, profile, typed

__all__ = ["profile"]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Codes are stretched less than in earnest."""
    monkeypatch.setattr(service, "SCRYPT_COST", 2**4)


class Terminal:
    """Commands, with the lines that each finds on stdin."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capsys, self._monkeypatch = capsys, monkeypatch

    def run(self, *words: str, lines: str = "") -> tuple[int, str, str]:
        """Exit code and both streams."""
        self._monkeypatch.setattr(sys, "stdin", Stdin(lines))
        return typed(self._capsys, *words)

    def told(self, *words: str, lines: str = "") -> list[dict[str, Any]]:
        """What a command prints as JSON; it must succeed."""
        code, said, wrong = self.run(*words, "--json", lines=lines)
        assert code == 0, wrong
        return [json.loads(line) for line in said.splitlines()]

    def refused(self, *words: str, lines: str = "", code: int = 1) -> str:
        """Why a command was refused: one line."""
        found, said, wrong = self.run(*words, lines=lines)
        assert (found, said, wrong.count("\n")) == (code, "", 1), (found, said, wrong)
        return wrong.strip()


@pytest.fixture
def terminal(profile: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal on the profile."""
    return Terminal(capsys, monkeypatch)


def with_a_roster(terminal: Terminal) -> None:
    """A supervisor and an operator, each with a code."""
    terminal.told(
        "operator", "add", "Ines Corran", "--role", "supervisor", "--secret-stdin", lines="overnight\n"
    )
    terminal.told(
        "operator",
        "add",
        "R. Calder",
        "--role",
        "digital",
        "--collar",
        "4471",
        "--by",
        "Ines Corran",
        "--secret-stdin",
        lines="chandler\novernight\n",
    )


def entries(terminal: Terminal, kind: str) -> list[dict[str, Any]]:
    """The ledger's entries of one kind."""
    return [entry for entry in terminal.told("audit", "list") if entry["kind"] == kind]


def test_with_nothing_set_up_nothing_is_asked(terminal: Terminal) -> None:
    code, said, _ = terminal.run("operator", "list")
    assert code == 0
    assert "Nobody is on the roster" in said
    assert "sits here and nothing is asked" in said
    assert terminal.told("operator", "list") == []
    assert terminal.told("operator", "lock") == [{"locked": False}]


def test_an_operator_sits_down_and_what_is_done_bears_name_role_and_behalf(terminal: Terminal) -> None:
    with_a_roster(terminal)
    (on,) = terminal.told(
        "operator", "use", "r. calder", "--behalf", "Silver", "--secret-stdin", lines="chandler\n"
    )
    assert (on["name"], on["on"], on["behalf"], on["collar"]) == ("R. Calder", True, "Silver", "4471")
    terminal.told("act", "leave-up", "i2", "--reason", "Thanks only")
    (asked,) = entries(terminal, "act.requested")
    assert (asked["who"], asked["role"], asked["behalf"]) == ("R. Calder", "Digital desk operator", "Silver")
    terminal.told("operator", "leave")
    terminal.told("act", "leave-up", "i1", "--reason", "A question")
    after = entries(terminal, "act.requested")[-1]
    assert after["who"] != "R. Calder"
    assert (after["role"], after["behalf"]) == ("Operator", None)
    assert terminal.told("audit", "verify")[0]["ok"]


def test_a_locked_seat_gives_its_name_to_nothing(terminal: Terminal) -> None:
    with_a_roster(terminal)
    terminal.told("operator", "use", "R. Calder", "--secret-stdin", lines="chandler\n")
    assert terminal.told("operator", "lock") == [{"locked": True}]
    code, said, _ = terminal.run("operator", "list")
    assert code == 0
    assert "R. Calder  Digital desk operator  4471  locked since 20" in said
    terminal.told("act", "leave-up", "i2", "--reason", "Thanks only")
    assert entries(terminal, "act.requested")[0]["who"] != "R. Calder"


def test_what_is_refused_is_one_line(terminal: Terminal) -> None:
    with_a_roster(terminal)
    add = ("operator", "add", "Jo Tarrant", "--role", "commander", "--no-code")
    assert "A supervisor must agree" in terminal.refused(*add)
    assert "not Ines Corran’s code" in terminal.refused(
        *add, "--by", "Ines Corran", "--secret-stdin", lines="guess\n"
    )
    assert "looks like “R. Calder”" in terminal.refused(
        "operator",
        "add",
        "R. Ca1der",
        "--role",
        "commander",
        "--no-code",
        "--by",
        "Ines Corran",
        "--secret-stdin",
        lines="overnight\n",
        code=2,
    )
    assert "cannot be seen" in terminal.refused("operator", "add", "a\u202eb", "--role", "x", code=2)
    assert "not on the roster" in terminal.refused("operator", "use", "Nobody", code=2)
    assert "nobody to ask for the code" in terminal.refused("operator", "use", "R. Calder", code=2)
    assert "at least 4" in terminal.refused(
        "operator", "code", "R. Calder", "--secret-stdin", lines="chandler\nabc\n", code=2
    )


def test_a_forgotten_code_is_reset_by_a_supervisor(terminal: Terminal) -> None:
    with_a_roster(terminal)
    use = ("operator", "use", "R. Calder", "--secret-stdin")
    for _ in range(5):
        terminal.refused(*use, lines="guess\n")
    assert "Too many wrong codes" in terminal.refused(*use, lines="chandler\n")
    assert terminal.told("operator", "list")[1]["wait_s"] > 0
    terminal.told(
        "operator",
        "code",
        "R. Calder",
        "--by",
        "Ines Corran",
        "--secret-stdin",
        lines="new-start\novernight\n",
    )
    assert terminal.told(*use, lines="new-start\n")[0]["on"]
    terminal.told("operator", "code", "R. Calder", "--secret-stdin", lines="new-start\nmy-own\n")
    assert [entry["who"] for entry in entries(terminal, "operator.code")] == ["Ines Corran", "R. Calder"]
    assert len(entries(terminal, "operator.refused")) == 5


def test_when_no_supervisor_knows_a_code_the_roster_starts_over_on_record(terminal: Terminal) -> None:
    with_a_roster(terminal)
    assert "A reason is needed" in terminal.refused("operator", "start-over", "--reason", " ", code=2)
    assert terminal.told("operator", "start-over", "--reason", "Both supervisors have left") == [
        {"removed": 2}
    ]
    assert terminal.told("operator", "list") == []
    (entry,) = entries(terminal, "operator.started-over")
    assert (entry["role"], entry["facts"]["operators"]) == ("Operator", 2)
    assert entry["content"] == {"reason": "Both supervisors have left"}
    assert len(entries(terminal, "operator.removed")) == 2


def test_somebody_is_taken_off_the_roster(terminal: Terminal) -> None:
    with_a_roster(terminal)
    words = ("operator", "remove", "R. Calder", "--by", "Ines Corran", "--secret-stdin")
    assert terminal.told(*words, lines="overnight\n") == [{"name": "R. Calder", "removed": True}]
    assert [one["name"] for one in terminal.told("operator", "list")] == ["Ines Corran"]
