"""The commands on watchlists: files in and out, rehearsals, versions, second persons, reminders."""

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from console.cli import main

LIST = """# Source and licence: ours.
id = "blades"
name = "Blades"
category = "weapons"
grade = 2
owner = "Duty lead"
version = 1
review_by = 2020-01-01
[[rule]]
id = "blade"
words = ["pickled heron"]
hits = ["a p1ckled heron"]
misses = ["a heron"]
"""


class Stdin(io.TextIOWrapper):
    """Nothing on stdin, with its bytes."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(b""), encoding="utf-8")


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a profile that holds three items."""
    folder = tmp_path_factory.mktemp("lists")
    (folder / "passphrase").write_text("an invented passphrase\n")
    (folder / "night.csv").write_text(
        "id,author,text\n1,sam,a pickled heron\n2,kim,hello\n3,ali,a p1ckled heron on the harbour wall\n"
    )
    return folder


class Seat:
    """Types commands and hears what they say."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch) -> None:
        self.folder, self._capsys, self._patch = folder, capsys, patch
        patch.setenv("CORDON_PASSPHRASE_FILE", str(folder / "passphrase"))
        patch.setenv("CORDON_PROFILE", str(folder / "profile"))
        patch.setattr(sys, "stdin", Stdin())

    def by(self, who: str) -> None:
        """Lets somebody else sit here."""
        (self.folder / "profile" / "settings.json").write_text(json.dumps({"operator": who}))

    def typed(self, *words: str) -> tuple[int, str, str]:
        """Exit code and both streams of a command."""
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(words)
        said = self._capsys.readouterr()
        code = ended.value.code
        return (code if isinstance(code, int) else 0), said.out, said.err

    def told(self, *words: str) -> list[dict[str, Any]]:
        """What a command of the group prints as JSON."""
        code, out, err = self.typed("watchlist", *words, "--json")
        assert (code, err) == (0, "")
        return [json.loads(line) for line in out.splitlines()]


@pytest.fixture
def seat(played: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Seat:
    return Seat(played, capsys, monkeypatch)


def test_the_life_of_a_watchlist_by_commands(seat: Seat, tmp_path: Path) -> None:
    assert seat.typed("exercise", str(seat.folder / "night.csv"), "--rate", "5000", "--headless")[0] == 0
    seat.by("A. Rowe")
    file = tmp_path / "blades.toml"
    file.write_text(LIST)

    (told,) = seat.told("rehearse", str(file), "--hours", "8760")
    assert told.items() >= {"looked_at": 3, "hits": 2, "newly_caught": 2, "rules": {"blade": 2}}.items()
    assert [sample["author"] for sample in told["samples"]["newly_caught"]] == ["ali", "sam"]
    words = seat.typed("watchlist", "rehearse", str(file), "--hours", "8760")[1]
    assert words.startswith("2 of 3 items of the last 8760 hours hit.")
    assert "newly caught: a pickled heron" in words

    (done,) = seat.told("import", str(file), "--why", "Herons on the harbour wall")
    assert (done["id"], done["version"], done["two_people"]) == ("blades", 1, False)
    (found,) = [
        json.loads(line) for line in seat.typed("items", "hit:blades harbour", "--json")[1].splitlines()
    ]
    assert (found["grade"], found["hits"][0]["how"]) == (2, "digits and symbols for letters")

    assert seat.typed("watchlist", "export", "blades")[1] == LIST
    code, out, err = seat.typed("watchlist", "export", "blades", "--format", "csv")
    assert (code, out) == (0, "term,list,grade,disguised,note\r\npickled heron,blades,2,yes,\r\n")
    assert err == "A table cannot hold 2 examples; toml can.\n"
    assert seat.told("export", "blades")[0]["text"] == LIST

    assert "that day has passed" in seat.typed("watchlist", "list")[1]
    assert [one["review_over"] for one in seat.told("list") if one["id"] == "blades"] == [True]
    doctor = [json.loads(line) for line in seat.typed("doctor", "--json")[1].splitlines()]
    assert [one["words"] for one in doctor if one["name"] == "Watchlist blades"] == [
        "It was to be read again by 2020-01-01. Owner: Duty lead."
    ]


def test_a_table_a_second_person_and_a_way_back_by_commands(seat: Seat, tmp_path: Path) -> None:
    table = tmp_path / "blades.csv"
    table.write_text("term\nsoused gull\n")
    assert seat.told("import", str(table))[0].items() >= {"id": "blades", "version": 2, "rules": 2}.items()
    newest, oldest = seat.told("history", "blades")
    assert newest["changes"] == ["Rule soused-gull added: “soused gull”."]
    assert (oldest["why"], newest["why"]) == ("Herons on the harbour wall", "From the file blades.csv")
    assert "v2" in seat.typed("watchlist", "history", "blades")[1]

    both = tmp_path / "both.toml"
    both.write_text(LIST.replace("version = 1", "version = 3\ntwo_people = true"))
    (waits,) = seat.told("import", str(both))
    number = str(waits["waiting"])
    assert (waits["kind"], waits["put_by"]) == ("proposed", "A. Rowe")
    assert "for somebody else to agree" in seat.typed("watchlist", "list")[1]
    code, _, err = seat.typed("watchlist", "agree", number)
    assert (code, "Somebody else must agree" in err) == (1, True)
    doctor = [json.loads(line)["name"] for line in seat.typed("doctor", "--json")[1].splitlines()]
    assert f"Change {number} of blades" in doctor
    seat.by("B. Lunn")
    assert seat.told("agree", number)[0]["version"] == 3
    assert seat.told("history", "blades")[0]["agreed_by"] == "B. Lunn"
    assert seat.told("back", "blades", "2")[0]["kind"] == "proposed"
    assert seat.told("withdraw", str(seat.told("waiting")[0]["waiting"]))[0]["withdrawn"] is True
    code, _, err = seat.typed("watchlist", "end", "blades")
    assert (code, "two people" in err) == (1, True)


def test_a_list_is_rehearsed_in_shadow_put_live_and_ended_by_commands(seat: Seat, tmp_path: Path) -> None:
    file = tmp_path / "gulls.toml"
    file.write_text(LIST.replace('"blades"', '"gulls"'))
    (waits,) = seat.told("import", str(file), "--rehearse")
    assert (waits["kind"], waits["items"]) == ("rehearsing", 0)
    assert "gulls" not in {one["id"] for one in seat.told("list")}
    assert "rehearsed since" in seat.typed("watchlist", "waiting")[1]
    assert seat.told("live", str(waits["waiting"]))[0]["version"] == 1
    assert seat.told("end", "gulls", "--why", "No use")[0]["ended"] is True
    assert "gulls" not in {one["id"] for one in seat.told("list")}


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("agree", "99"), 1, "waits no longer"),
        (("live", "99"), 1, "waits no longer"),
        (("export", "none"), 2, "no watchlist"),
        (("export", "blades", "--format", "pdf"), 2, "toml and csv"),
        (("history", "none"), 2, "no watchlist"),
        (("back", "blades", "77"), 2, "no version 77"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(
    seat: Seat, words: tuple[str, ...], code: int, said: str
) -> None:
    ended, out, err = seat.typed("watchlist", *words)
    assert (ended, out, err.count("\n")) == (code, "", 1)
    assert said in err
