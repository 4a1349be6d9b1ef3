"""`cordon handover`: open risk is written down, and accepted line by line by somebody else."""

import sqlite3
from pathlib import Path

from tests.unit.commands.test_operators import Terminal, _quick, entries, terminal, with_a_roster
from tests.unit.commands.test_words import profile

__all__ = ["_quick", "profile", "terminal"]


def test_open_risk_is_handed_over_and_accepted_line_by_line(terminal: Terminal) -> None:
    with_a_roster(terminal)
    terminal.told("operator", "use", "R. Calder", "--secret-stdin", lines="chandler\n")
    lines = terminal.told("handover", "--note", "The mother rings back at six")
    about = [(line["kind"], line["key"]) for line in lines]
    assert about == [("urgent", "i1"), ("note", None)]
    assert lines[0]["words"] == "sam: bring a machete"
    assert lines[1]["words"] == "The mother rings back at six"
    (written,) = entries(terminal, "handover.written")
    assert (written["who"], written["facts"]["keys"], written["facts"]["urgent"]) == ("R. Calder", "i1", 1)
    assert "machete" not in str(written)  # words of the public are in no entry
    assert "R. Calder wrote this handover" in terminal.refused("handover", "accept", "1")

    terminal.told("operator", "use", "Ines Corran", "--secret-stdin", lines="overnight\n")
    assert "has no line 9" in terminal.refused("handover", "accept", "9", code=2)
    after = terminal.told("handover", "accept", "1")
    assert [line["accepted_by"] for line in after] == ["Ines Corran", None]
    terminal.told("handover", "accept", "1", "2")
    accepted = entries(terminal, "handover.accepted")
    assert [(entry["who"], entry["facts"]["line"], entry["facts"]["key"]) for entry in accepted] == [
        ("Ines Corran", 1, "i1"),
        ("Ines Corran", 2, ""),
    ]
    stated = [
        entry for entry in entries(terminal, "ledger.checkpoint") if entry["facts"]["why"] == "handover"
    ]
    assert [entry["who"] for entry in stated] == ["R. Calder", "Ines Corran"]
    assert terminal.told("audit", "verify")[0]["ok"]
    code, said, _ = terminal.run("handover", "show", "h1")
    assert code == 0
    assert "h1  by R. Calder" in said
    assert "accepted by Ines Corran" in said


def test_what_is_decided_is_no_open_risk_and_nothing_is_no_handover(terminal: Terminal) -> None:
    terminal.told("act", "leave-up", "i1", "--reason", "A quotation")
    assert "Nothing is open" in terminal.refused("handover", code=2)
    assert "no handover in this profile" in terminal.refused("handover", "show", code=2)
    assert "not the key of a handover" in terminal.refused("handover", "show", "x1", code=2)
    assert "There is no h7" in terminal.refused("handover", "show", "h7", code=2)
    assert "2,000 are the most" in terminal.refused("handover", "--note", "x" * 2_001, code=2)


def test_without_a_roster_the_one_account_of_the_computer_hands_over_and_accepts(
    terminal: Terminal, profile: Path
) -> None:
    terminal.told("handover")
    assert all(line["accepted_by"] for line in terminal.told("handover", "accept", "1"))
    conn = sqlite3.connect(profile / "cordon.db")
    rows = conn.execute("SELECT * FROM handover_lines").fetchall()
    conn.close()
    assert rows
    assert "machete" not in str(rows)  # the words are the cache's, and are kept in no other place
