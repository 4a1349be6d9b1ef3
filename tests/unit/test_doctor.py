"""The doctor: goes through everything, says each with its mend, and changes nothing."""

import asyncio
import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from console.bootstrap import open_engine
from console.doctor import Finding, examine
from console.paths import Places
from console.services.operators import Proof


def findings(profile: Path, passphrase: str | None, problem: str | None = None) -> dict[str, Finding]:
    found = asyncio.run(examine(Places(profile), passphrase, problem))
    assert len({one.name for one in found}) == len(found)
    for one in found:
        assert one.words.endswith((".", "…", "”")), one
        assert "\n" not in one.words + one.mend
        assert list(one.shape()) == ["name", "state", "words", "mend"]
    return {one.name: one for one in found}


def test_a_new_profile_is_well_but_for_what_only_people_can_do(tmp_path: Path) -> None:
    found = findings(tmp_path / "p", "open sesame")
    states = {name: one.state for name, one in found.items()}
    assert {name for name, state in states.items() if state != "well"} == {
        "Recovery key",
        "Disk",
        "Accounts",
        "Second keeper",
    }
    assert all(one.mend for one in found.values() if one.state == "warning")


def test_without_a_key_the_rest_is_looked_at_all_the_same(tmp_path: Path) -> None:
    findings(tmp_path, "open sesame")
    for found in (
        findings(tmp_path, None),
        findings(tmp_path, "another"),
        findings(tmp_path, None, "The passphrase that was given is empty."),
    ):
        assert found["Key"].state == "broken"
        assert found["Database"].state == found["Ledger"].state == found["Matching"].state == "well"


def test_a_profile_that_cannot_be_used_ends_the_round_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    found = findings(tmp_path / "file", None)
    assert found["Profile"].state == "broken"
    assert "Database" not in found


def test_a_database_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "cordon.db").write_text("This is no database, it is a letter.")
    assert findings(tmp_path, None)["Database"].state == "broken"


def test_broken_settings_and_a_disk_that_fills_are_warned_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "settings.json").write_text("{")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=40_000_000))
    found = findings(tmp_path, "open sesame")
    assert found["Settings"].state == "warning"
    assert found["Profile"].state == "warning"
    assert "40 MB" in found["Profile"].words


def test_a_second_keeper_that_is_gone_is_a_bad_finding_until_it_is_back(tmp_path: Path) -> None:
    folder = tmp_path / "kept elsewhere"
    (tmp_path / "settings.json").write_text(json.dumps({"checkpoint_folder": str(folder)}))
    gone = findings(tmp_path, "open sesame")["Second keeper"]
    assert (gone.state, "cannot be used" in gone.words) == ("broken", True)
    folder.mkdir()
    assert findings(tmp_path, "open sesame")["Second keeper"].state == "well"


def test_an_account_that_nobody_answers_for_is_warned_of(tmp_path: Path) -> None:
    file = tmp_path / "night.csv"
    file.write_text("id,author,text\n1,sam,hello\n")

    async def play() -> None:
        from console.services.exercise import Exercise

        async with open_engine(Places(tmp_path / "p"), passphrase="open sesame", work="everything") as engine:
            await Exercise(engine).play(str(file), rate=1000)

    asyncio.run(play())
    found = findings(tmp_path / "p", "open sesame")
    assert found["Account replay:night"].state == "warning"
    assert "Uncovered" in found["Account replay:night"].words
    assert "Accounts" not in found


def test_a_roster_that_rests_on_one_memory_is_warned_of(tmp_path: Path) -> None:
    assert "nothing is asked" in findings(tmp_path, "open sesame")["Roster"].words

    async def add(name: str, by: Proof | None) -> None:
        async with open_engine(Places(tmp_path), passphrase="open sesame") as engine:
            await engine.operators.add(name, "supervisor", code="overnight", by=by)

    asyncio.run(add("Ines Corran", None))
    one = findings(tmp_path, "open sesame")["Roster"]
    assert (one.state, one.words) == ("warning", "1 person, 1 supervisor with a code.")
    assert "codes that cannot be checked" in findings(tmp_path, None)["Roster"].words
    asyncio.run(add("Jo Tarrant", Proof("Ines Corran", "overnight")))
    two = findings(tmp_path, "open sesame")["Roster"]
    assert (two.state, two.words) == ("well", "2 people, 2 supervisors with a code.")
