"""Whoever changes the record, however cleverly, is found: by verifying, or by a checkpoint given out.

Each test is somebody with the database file, time, and knowledge of the format: triggers are dropped,
digests and chain are made anew. What such a person lacks is the key that signs, and what others have
kept. What a newcomer would get wrong: against somebody who writes *everything* anew, key and all, only
the latter helps, and the last test says so.
"""

import hashlib
import json
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from console.cli import main
from console.domain.audit import leaf_hash
from console.domain.checkpoint import sign, verifier_key
from tests.fakes.forging import PUBLIC, STRANGER, Entry, entries, new_key, sign_anew, write_anew
from tests.unit.commands.test_words import Stdin


@dataclass(frozen=True)
class Desk:
    """A profile that can be spoilt, with what others have of it."""

    folder: Path
    capsys: pytest.CaptureFixture[str]

    @property
    def database(self) -> Path:
        """The database file."""
        return self.folder / "profile" / "cordon.db"

    @property
    def given_out(self) -> Path:
        """The checkpoint that somebody got by mail."""
        return self.folder / "mailed.txt"

    @property
    def old_file(self) -> Path:
        """The database as it was when that was made."""
        return self.folder / "old.db"

    def typed(self, *words: str) -> tuple[int, dict[str, Any], str]:
        """The exit code of a command, its JSON, and what it said besides."""
        self.capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(["--profile", str(self.folder / "profile"), *words, "--json"])
        said = self.capsys.readouterr()
        return int(ended.value.code or 0), json.loads(said.out or "{}"), said.err.strip()

    def first_bad(self, *checkpoints: Path) -> str:
        """What verifying finds; it must find something, and say so everywhere."""
        given = [word for path in checkpoints for word in ("--checkpoint", str(path))]
        code, verdict, error = self.typed("audit", "verify", *given)
        assert code == 1
        assert list(verdict) == ["ok", "entries", "root", "checkpoint", "first_bad"]
        assert verdict["ok"] is False
        assert error == verdict["first_bad"]
        return str(verdict["first_bad"])

    def is_well(self, *checkpoints: Path) -> bool:
        """Whether verifying finds nothing."""
        given = [word for path in checkpoints for word in ("--checkpoint", str(path))]
        return self.typed("audit", "verify", *given)[0] == 0

    def size_given_out(self) -> int:
        """Of how many entries the mailed checkpoint speaks."""
        return int(self.given_out.read_text("utf-8").split("\n")[1])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A night with acts and evidence, two checkpoints, a second keeper, and an old copy of the file."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / "passphrase").write_text("an invented passphrase\n")
    (folder / "kept").mkdir()
    (folder / "profile").mkdir()
    _keeper(folder)
    night = folder / "night.csv"
    night.write_text("id,author,text\n" + "".join(f"{n},sam{n},bring a machete {n}\n" for n in range(6)))

    def cordon(*words: str) -> None:
        with pytest.raises(SystemExit) as ended:
            main(["--profile", str(folder / "profile"), *words])
        assert not ended.value.code, words

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CORDON_PASSPHRASE_FILE", str(folder / "passphrase"))
        patch.setattr(sys, "stdin", Stdin(""))
        cordon("exercise", str(night), "--rate", "5000", "--headless")
        cordon("act", "hide", "i1", "i2", "--reason", "House rule 3", "--wait")
        cordon("audit", "checkpoint", "--out", str(folder / "mailed.txt"))
        shutil.copy(folder / "profile" / "cordon.db", folder / "old.db")
        cordon("act", "hide", "i3", "i4", "--reason", "House rule 4", "--wait")
        cordon("audit", "checkpoint")
        cordon("act", "leave-up", "i5", "--reason", "Fair comment")
    return folder


def _keeper(folder: Path) -> None:
    (folder / "profile" / "settings.json").write_text(json.dumps({"checkpoint_folder": str(folder / "kept")}))


@pytest.fixture
def desk(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Desk:
    """A copy to spoil, with no second keeper."""
    folder = tmp_path / "desk"
    shutil.copytree(made, folder)
    (folder / "profile" / "settings.json").unlink()
    monkeypatch.setenv("CORDON_PASSPHRASE_FILE", str(folder / "passphrase"))
    return Desk(folder, capsys)


@contextmanager
def going_round(desk: Desk) -> Iterator[sqlite3.Connection]:
    """The database without the triggers that keep it from being changed."""
    with closing(sqlite3.connect(desk.database, isolation_level=None)) as conn:
        for (name,) in conn.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            conn.execute(f"DROP TRIGGER {name}")
        yield conn


def first_act(found: Sequence[Entry]) -> int:
    """The number of the entry in which the first act was asked for."""
    return next(seq for seq, entry in enumerate(found, 1) if entry["kind"] == "act.requested")


def test_what_nobody_touched_is_whole_and_agrees_with_every_checkpoint(desk: Desk) -> None:
    _keeper(desk.folder)
    code, verdict, error = desk.typed("audit", "verify", "--checkpoint", str(desk.given_out))
    assert (code, verdict["ok"], verdict["first_bad"], error) == (0, True, None, "")
    sizes = [int(path.name.split("-")[2]) for path in sorted((desk.folder / "kept").iterdir())]
    assert len(sizes) == 3  # the end of the exercise, and the two that were asked for
    assert verdict["checkpoint"].split("\n")[1] == str(sizes[-1])
    assert desk.size_given_out() == sizes[1]


def test_a_changed_entry_is_named(desk: Desk) -> None:
    with going_round(desk) as conn:
        change = (
            "UPDATE ledger SET leaf = CAST(replace(leaf, 'watchlist', 'watchlost') AS BLOB) WHERE seq = 7"
        )
        conn.execute(change)
    assert desk.first_bad().startswith("Entry 7 ")


def test_a_changed_entry_whose_chain_was_made_right_again_is_found_by_the_checkpoint(desk: Desk) -> None:
    with going_round(desk) as conn:
        found = entries(conn)
        at = first_act(found)
        found[at - 1]["who"] = "somebody else"
        write_anew(conn, found)
        sizes = [size for (size,) in conn.execute("SELECT size FROM checkpoints ORDER BY size")]
    before = max((size for size in sizes if size < at), default=0)
    after = min(size for size in sizes if size >= at)
    assert desk.first_bad().startswith(f"One of the entries {before + 1} to {after} was written anew")


def test_a_deleted_entry_is_named(desk: Desk) -> None:
    with going_round(desk) as conn:
        conn.execute("DELETE FROM ledger WHERE seq = 7")
    assert desk.first_bad().startswith("Entry 7 is missing")


def test_a_deleted_entry_is_found_though_those_after_it_have_moved_up(desk: Desk) -> None:
    with going_round(desk) as conn:
        found = entries(conn)
        del found[6]
        conn.execute("DELETE FROM ledger_content WHERE seq = 7")
        conn.execute("UPDATE ledger_content SET seq = -seq WHERE seq > 7")
        conn.execute("UPDATE ledger_content SET seq = -seq - 1 WHERE seq < 0")
        write_anew(conn, found)
        key = next(seq for seq, entry in enumerate(found, 1) if entry["kind"] == "ledger.key")
        assert desk.first_bad().startswith(f"Entry {key} (ledger.key) was moved")
        conn.execute("UPDATE ledger_keys SET seq = ?", (key,))
    assert desk.first_bad() == f"The checkpoint of {key + 1} entries, made in entry {key + 1}, is missing."


def test_an_inserted_entry_is_found(desk: Desk) -> None:
    with going_round(desk) as conn:
        found = entries(conn)
        fresh = {**found[-1], "kind": "look.invented", "content": None, "facts": {}}
        write_anew(conn, [*found, fresh])
        assert desk.is_well()  # what comes after the newest checkpoint is like any other entry
        sizes = [size for (size,) in conn.execute("SELECT size FROM checkpoints ORDER BY size")]
        write_anew(conn, [*found[: sizes[-1] - 1], fresh, *found[sizes[-1] - 1 :]])
    assert desk.first_bad().startswith(f"One of the entries {sizes[-2] + 1} to {sizes[-1]} was written anew")


def test_reordered_entries_are_named(desk: Desk) -> None:
    with going_round(desk) as conn:
        (five,), (six,) = conn.execute("SELECT leaf FROM ledger WHERE seq IN (5, 6) ORDER BY seq")
        for seq, leaf in ((5, six), (6, five)):
            conn.execute(
                "UPDATE ledger SET leaf = ?, leaf_hash = ? WHERE seq = ?", (leaf, leaf_hash(leaf), seq)
            )
    assert desk.first_bad().startswith("Entry 5 ")
    assert "was moved: it says that it is entry 6." in desk.first_bad()


def cut_off(conn: sqlite3.Connection, keep: int) -> None:
    """Takes the end off, and all that stands beside it."""
    found = entries(conn)
    for entry in found[keep:]:
        if entry["kind"] == "evidence.sealed":
            conn.execute("DELETE FROM evidence WHERE id = ?", (entry["facts"]["evidence"][1:],))
        if entry["kind"] == "act.requested":
            conn.execute("DELETE FROM acts WHERE id = ?", (entry["facts"]["act"][1:],))
    conn.execute("DELETE FROM ledger WHERE seq > ?", (keep,))
    conn.execute("DELETE FROM ledger_content WHERE seq > ?", (keep,))


def test_an_end_that_was_cut_off_is_found_by_our_own_checkpoint(desk: Desk) -> None:
    with going_round(desk) as conn:
        keep = desk.size_given_out()
        cut_off(conn, keep)
    assert desk.first_bad().startswith(f"Entry {keep + 1} is missing and what came after it.")


def test_an_end_that_was_cut_off_with_its_checkpoints_is_found_by_the_one_that_was_given_out(
    desk: Desk,
) -> None:
    with going_round(desk) as conn:
        keep = first_act(entries(conn)) - 3
        cut_off(conn, keep)
        conn.execute("DELETE FROM checkpoints WHERE size > ?", (keep,))
    found = desk.first_bad(desk.given_out)
    assert found.startswith(f"Entry {keep + 1} is missing and what came after it.")
    assert f"in the file {desk.given_out}" in found


def test_evidence_that_was_swapped_is_named(desk: Desk) -> None:
    with going_round(desk) as conn:
        for column in ("cipher", "wrapped_key", "digest"):
            one, other = (value for (value,) in conn.execute(f"SELECT {column} FROM evidence WHERE id < 3"))
            conn.execute(f"UPDATE evidence SET {column} = ? WHERE id = 1", (other,))
            conn.execute(f"UPDATE evidence SET {column} = ? WHERE id = 2", (one,))
        sealed = next(entry["seq"] for entry in entries(conn) if entry["kind"] == "evidence.sealed")
    assert desk.first_bad().startswith(f"Evidence record e1, sealed in entry {sealed}, was changed")


def test_an_old_file_that_was_put_back_is_found_by_what_the_second_keeper_has(desk: Desk) -> None:
    shutil.copy(desk.old_file, desk.database)
    assert desk.is_well(desk.given_out)  # it is whole, as it was then
    _keeper(desk.folder)
    found = desk.first_bad()
    assert found.startswith(f"Entry {desk.size_given_out() + 1} is missing and what came after it.")
    assert "the second keeper's file cordon-" in found


def test_a_replaced_key_is_named_though_it_has_signed_every_checkpoint(desk: Desk) -> None:
    with going_round(desk) as conn:
        conn.execute("UPDATE ledger_keys SET public = ?", (PUBLIC,))
        sign_anew(conn)
        ((seq,),) = conn.execute("SELECT seq FROM ledger_keys").fetchall()
    assert desk.first_bad() == (
        f"The key that signs checkpoints was replaced: it is not the one of entry {seq}."
    )


def test_a_checkpoint_that_was_taken_away_is_named(desk: Desk) -> None:
    with going_round(desk) as conn:
        conn.execute("DELETE FROM checkpoints WHERE size = ?", (desk.size_given_out(),))
    size = desk.size_given_out()
    assert desk.first_bad() == f"The checkpoint of {size} entries, made in entry {size}, is missing."


def test_a_checkpoint_that_was_changed_is_named(desk: Desk) -> None:
    size = desk.size_given_out()
    with going_round(desk) as conn:
        ((text,),) = conn.execute("SELECT text FROM checkpoints WHERE size = ?", (size,)).fetchall()
        for spoilt, words in (
            (text.replace(f"\n{size}\n", f"\n{size + 1}\n"), "was changed: it speaks of"),
            (text.replace("\n\u2014 ", "\n\u2014 x"), "is not signed by this ledger's key"),
            ("no words of ours", "was changed. It holds no checkpoint"),
        ):
            conn.execute("UPDATE checkpoints SET text = ? WHERE size = ?", (spoilt, size))
            found = desk.first_bad()
            assert found.startswith(f"The checkpoint of {size} entries")
            assert words in found


@pytest.mark.parametrize("given", ["by mail", "to the second keeper"])
def test_a_history_written_anew_with_a_new_key_is_found_by_a_checkpoint_that_was_given_out(
    desk: Desk, given: str
) -> None:
    with going_round(desk) as conn:
        found = entries(conn)
        at = first_act(found)
        found[at - 1]["who"] = "somebody else"
        new_key(conn, found)
        write_anew(conn, found)
        sign_anew(conn)
    assert desk.is_well()  # nobody could tell from the file alone
    if given == "by mail":
        said = desk.first_bad(desk.given_out)
        size, where = desk.size_given_out(), f"in the file {desk.given_out}"
    else:
        _keeper(desk.folder)
        said = desk.first_bad()
        name = min(path.name for path in (desk.folder / "kept").iterdir())
        size, where = int(name.split("-")[2]), f"in the second keeper's file {name}"
    assert said == (
        f"One of the entries 1 to {size} was written anew since. The checkpoint of {size} entries {where} "
        "has another root. It is signed by a key that this ledger has never had."
    )


def test_a_new_key_that_the_old_one_does_not_vouch_for_needs_the_second_keeper(
    desk: Desk, add: Callable[[sqlite3.Connection, Entry], int]
) -> None:
    with going_round(desk) as conn:
        ((origin, old),) = conn.execute("SELECT origin, public FROM ledger_keys").fetchall()
        facts = {"key": verifier_key(origin, PUBLIC), "before": verifier_key(origin, old), "vouched": None}
        seq = add(conn, {"kind": "ledger.key", "facts": facts})
        conn.execute("INSERT INTO ledger_keys VALUES (9, ?, ?, x'00', ?)", (origin, PUBLIC, seq))
    assert desk.first_bad().startswith(f"Entry {seq} (ledger.key) brings a new key")


@pytest.fixture
def add() -> Callable[[sqlite3.Connection, Entry], int]:
    """Adds an entry at the end as it must be; gives its number."""

    def work(conn: sqlite3.Connection, entry: Entry) -> int:
        found = entries(conn)
        write_anew(conn, [*found, {**found[-1], "content": None, **entry}])
        return len(found) + 1

    return work


def test_a_checkpoint_of_another_ledger_is_none_of_ours(desk: Desk, tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    root = hashlib.sha256(b"other").digest()
    other.write_text(sign("cordon/ledger/ffff", 5, root, PUBLIC, STRANGER.sign).text, "utf-8")
    assert "is signed by a key that this ledger has never had" in desk.first_bad(other)


def test_a_file_that_is_no_checkpoint_is_wrong_usage(desk: Desk) -> None:
    for path, words in (
        (desk.folder / "night.csv", "holds no checkpoint"),
        (desk.folder / "no", "cannot be read"),
    ):
        code, _, error = desk.typed("audit", "verify", "--checkpoint", str(path))
        assert code == 2
        assert words in error


def test_a_second_keeper_that_is_away_is_said_and_makes_nothing_bad(desk: Desk) -> None:
    _keeper(desk.folder)
    shutil.rmtree(desk.folder / "kept")
    code, verdict, error = desk.typed("audit", "verify")
    assert (code, verdict["ok"]) == (0, True)
    assert error.startswith("The second keeper's checkpoints were not compared with:")
