"""Bad input and bad places: one clear line each, the right exit code, and nothing stored is lost.

What a newcomer would get wrong: the program is started here as a script starts it, so what counts is
what it prints and how it ends, never what it is made of.
"""

import json
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.programs import ROOT, Program, false_network, program
from tests.servers.waiting import until

LONG_TEXT = 5_000_000
LINES = [
    b'{"id":"a1","author":"sam","text":"An invented line.","created_at":"2026-03-01T10:00:00Z"}',
    b'{"id":"a2","author":"sam","text":"half of a li',
    b"no JSON at all",
    b"[1,2]",
    b"null",
    b'{"id":"a3","text":null}',
    b'{"id":"a4","text":5}',
    b'{"id":"a5","text":"nul \\u0000 inside","author":"n\\u0000ul"}',
    b'{"id":"a6","text":"turned \xe2\x80\xae round"}',
    b'{"id":"a7","text":"half \\ud83d pair","author":"\\ud83d"}',
    b'{"id":"a8","text":"no such day","created_at":"31/31/2026"}',
    b'{"id":"a9","text":"no such number","created_at":1e999}',
    b'{"id":"a10","text":"no time at all","created_at":{"a":1}}',
    b'{"id":"a1","text":"an id that was there before"}',
    b'{"id":"a11","text":"caf\xe9"}',
    b'{"id":"a12","text":"columns nobody knows","zebra":1,"q\\u0000":{"deep":[]}}',
    b'{"id":"x\\u0000y","text":"an odd id"}',
    b'{"id":"\\ud800","text":"another odd id"}',
    b'{"id":"a13","text":"' + b"A" * LONG_TEXT + b'"}',
    b'\x00\x00{"id":"a14","text":"after two odd bytes"}',
    b'{"id":"a15","text":"The last line."}',
]
BROKEN = {2, 3, 4, 5, 6, 7}
"""The lines, counted from 1, of which nothing can be made."""


def one_line(done: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    """A command ended with this code, and with one line on the error stream that has these words."""
    assert done.returncode == code, f"ended with {done.returncode}: {done.stdout} {done.stderr}"
    assert "Traceback" not in done.stderr + done.stdout
    assert len(done.stderr.splitlines()) == 1, done.stderr
    for word in words:
        assert word in done.stderr


def items_in(database: Path) -> int:
    """How many items a database holds."""
    with sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True) as conn:
        found: int = conn.execute("SELECT count(*) FROM items").fetchone()[0]
    conn.close()
    return found


def small_file(folder: Path) -> Path:
    """Three items as a table."""
    path = folder / "night.csv"
    path.write_text(
        "id,author,text\n1,sam,bring a machete\n2,kim,hello\n3,lee,is it open\n", encoding="utf-8"
    )
    return path


def without_key(cordon: Program, *words: str) -> subprocess.CompletedProcess[str]:
    """Runs a command with neither keyring nor passphrase."""
    environment = {
        name: value for name, value in cordon.environment.items() if name != "CORDON_PASSPHRASE_FILE"
    }
    return subprocess.run(
        cordon.words(*words), cwd=ROOT, env=environment, input="", capture_output=True, text=True, check=False
    )


def with_passphrase(cordon: Program, file: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Runs a command with the passphrase of another file."""
    return Program(cordon.profile, file).run(*words)


def test_of_a_broken_file_everything_is_taken_in_that_can_be(tmp_path: Path) -> None:
    cordon, path = program(tmp_path), tmp_path / "bad.jsonl"
    path.write_bytes(b"\n".join(LINES))
    first = cordon.run("exercise", str(path), "--rate", "5000", "--headless", "--json")
    assert first.returncode == 0, first.stderr
    assert "Traceback" not in first.stderr
    whole = len(LINES) - len(BROKEN)
    summary = json.loads(first.stdout)
    assert (summary["received"], summary["stored"], summary["duplicates"]) == (whole, whole - 1, 1)
    said = first.stderr.splitlines()
    for number in BROKEN:
        assert sum(f"line {number}: " in line for line in said) == 1, f"line {number}: {said}"
    assert all(len(line) < 200 for line in said), said
    assert "half of a li" not in first.stderr, "a complaint holds words of the public"

    items = {item["text"]: item for item in cordon.told("items", "--limit", "100")}
    assert {"nul \0 inside", "turned \u202e round", "half \ud83d pair", "café", "The last line."} <= set(
        items
    )
    assert items["nul \0 inside"]["author"]["handle"] == "n\0ul"
    longest = max(items, key=len)
    assert longest == "A" * len(longest)
    assert len(longest) >= 63_206, "the longest text that a network allows is kept whole"
    assert all(item["created_at"].endswith("Z") for item in items.values())

    again = cordon.told("exercise", str(path), "--rate", "5000", "--headless")[0]
    assert (again["stored"], again["duplicates"]) == (0, whole)
    for_person = cordon.run("items", "odd id")
    assert for_person.returncode == 0
    assert len(for_person.stdout.splitlines()) == 2
    assert cordon.told("audit", "verify")[0]["ok"]


def test_a_file_of_which_nothing_can_be_used_is_one_line_and_costs_nothing(tmp_path: Path) -> None:
    cordon = program(tmp_path)
    assert (
        cordon.told("exercise", str(small_file(tmp_path)), "--rate", "5000", "--headless")[0]["stored"] == 3
    )
    useless: dict[str, tuple[bytes | None, str]] = {
        "empty.jsonl": (b"", "no item"),
        "colours.csv": (b"colour,size\nred,1\n", "has no column that holds the words"),
        "bytes.csv": (bytes(range(256)) * 40, "has no column that holds the words"),
        "packed.csv.gz": (b"\x1f\x8bhalf of nothing", "cannot be read"),
        "missing.csv": (None, "There is no exercise and no file"),
    }
    for name, (content, words) in useless.items():
        if content is not None:
            (tmp_path / name).write_bytes(content)
        done = cordon.run("exercise", str(tmp_path / name), "--rate", "5000", "--headless", "--json")
        one_line(done, 1, words, name)
        assert done.stdout == ""
    one_line(cordon.run("exercise", str(tmp_path), "--headless"), 1, "There is no exercise and no file")
    wide = tmp_path / "wide.csv"
    wide.write_bytes("text\nwide ŵords\n".encode("utf-16"))
    assert cordon.told("exercise", str(wide), "--rate", "5000", "--headless")[0]["stored"] == 1
    texts = {item["text"] for item in cordon.told("items")}
    assert texts == {"bring a machete", "hello", "is it open", "wide ŵords"}


def test_a_profile_that_cannot_be_used_is_one_line_and_is_left_as_it_is(tmp_path: Path) -> None:
    cordon, night = program(tmp_path), str(small_file(tmp_path))
    file = tmp_path / "file"
    file.write_text("a letter")
    is_file = Program(file, cordon.passphrase)
    one_line(is_file.run("items"), 1, str(file), "cannot be used")
    one_line(is_file.run("exercise", night, "--headless"), 1, "cannot be used")
    one_line(is_file.run("doctor"), 1, "cannot be used")
    one_line(Program(file / "under", cordon.passphrase).run("acts"), 1, "cannot be used")
    assert file.read_text() == "a letter"

    letter = Program(tmp_path / "letter", cordon.passphrase)
    letter.profile.mkdir()
    (letter.profile / "cordon.db").write_text("This is no database, it is a letter.")
    one_line(letter.run("items"), 1, "is not a Cordon database")
    assert (letter.profile / "cordon.db").read_text() == "This is no database, it is a letter."

    assert cordon.told("exercise", night, "--rate", "5000", "--headless")[0]["stored"] == 3
    with sqlite3.connect(cordon.profile / "cordon.db") as conn:
        conn.execute("PRAGMA user_version = 99")
    conn.close()
    before = (cordon.profile / "cordon.db").read_bytes()
    one_line(cordon.run("items"), 1, "later Cordon", "form 99")
    one_line(cordon.run("exercise", night, "--headless", "--json"), 1, "later Cordon")
    assert (cordon.profile / "cordon.db").read_bytes() == before
    with sqlite3.connect(cordon.profile / "cordon.db") as conn:
        conn.execute("PRAGMA user_version = 1")
    conn.close()
    assert len(cordon.told("items")) == 3

    (cordon.profile / "settings.json").write_text('{"theme": "stripes"}')
    shutil.rmtree(cordon.profile / "logs")
    (cordon.profile / "logs").write_text("not a folder")
    done = cordon.run("exercise", night, "--rate", "5000", "--headless", "--json")
    assert done.returncode == 0, "neither settings nor the log keep the desk from opening"
    assert "Traceback" not in done.stderr
    assert ["settings.json" in line or "No log is kept" in line for line in done.stderr.splitlines()] == [
        True,
        True,
    ]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of four megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=4m", "cordon-test", str(place)]
    if shutil.which("mount") is None or sys.platform != "linux":
        pytest.skip("a small disk cannot be made on this system")
    done = subprocess.run(mounting, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {done.stderr.strip()}")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_is_one_line_and_what_was_stored_can_be_read(small_disk: Path, tmp_path: Path) -> None:
    cordon = Program(small_disk / "profile", program(tmp_path).passphrase)
    playing = ("exercise", "chandlers-row", "--rate", "4000", "--headless", "--json")
    one_line(cordon.run(*playing), 1, "is full", "Nothing stored was lost")
    lines = cordon.told("items", "--limit", "10000")
    assert lines, "nothing was stored before the disk was full"
    one_line(cordon.run("act", "hide", lines[0]["key"], "--reason", "Trial"), 1, "is full")
    one_line(cordon.run("doctor"), 1, "is full")
    subprocess.run(["mount", "-o", "remount,size=64m", str(small_disk)], check=True)
    summary = cordon.told(*playing[:-1])[0]
    again = {line["key"]: line["text"] for line in cordon.told("items", "--limit", "10000")}
    assert {line["key"]: line["text"] for line in lines}.items() <= again.items(), "what was stored is gone"
    assert summary["received"] == summary["stored"] + summary["duplicates"] == len(again)
    assert cordon.told("audit", "verify")[0]["ok"]
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    one_line(cordon.run("items"), 1, "Read-only")


def test_a_disk_that_refuses_to_write_on_is_one_line_and_costs_nothing(tmp_path: Path) -> None:
    cordon = program(tmp_path)
    assert (
        cordon.told("exercise", str(small_file(tmp_path)), "--rate", "5000", "--headless")[0]["stored"] == 3
    )
    limit = (cordon.profile / "cordon.db").stat().st_size + 100_000

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    done = subprocess.run(
        cordon.words("exercise", "chandlers-row", "--rate", "4000", "--headless", "--json"),
        cwd=ROOT,
        env=cordon.environment,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=limited,
    )
    one_line(done, 1, "cannot be read or written")
    assert {"bring a machete", "hello", "is it open"} <= {
        item["text"] for item in cordon.told("items", "--limit", "10000")
    }
    assert cordon.told("audit", "verify")[0]["ok"]


def test_a_second_cordon_on_the_profile_is_refused_in_one_line_and_scripts_go_on(tmp_path: Path) -> None:
    cordon, night = program(tmp_path), str(small_file(tmp_path))
    with false_network(120) as address:
        cordon.told("account", "add", "falsenet", "--host", address, "--secret-stdin", said="t0ken\n")
        watching = subprocess.Popen(
            cordon.words("watch", "--json"),
            cwd=ROOT,
            env=cordon.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        try:
            assert watching.stdout is not None
            key = json.loads(watching.stdout.readline())["key"]
            until(
                "all items", lambda: items_in(cordon.profile / "cordon.db") == 120
            )  # so that none is new below
            one_line(cordon.run("exercise", night, "--headless", "--json"), 1, "Another Cordon works on")
            one_line(cordon.run("watch", "--seconds", "1"), 1, "Another Cordon works on")
            in_no_screen = {**cordon.environment, "QT_QPA_PLATFORM": "offscreen"}
            window = subprocess.run(
                cordon.words(), cwd=ROOT, env=in_no_screen, capture_output=True, text=True, check=False
            )
            # Qt's screen for tests has a word of its own to say about windows
            window.stderr = "".join(
                line for line in window.stderr.splitlines(keepends=True) if not line.startswith("Qt: This")
            )
            one_line(window, 1, "Another Cordon works on")

            assert len(cordon.told("items", "--limit", "1000")) == 120
            (act,) = cordon.told("act", "hide", key, "--reason", "Trial", "--wait")
            assert (act["key"], act["state"]) == (key, "confirmed")
            states = {one["act"]: one["state"] for one in cordon.told("undo", act["act"], "--wait")}
            assert states[act["act"]] == "undone"
            assert cordon.told("acts", "--open") == []
            assert [one["state"] for one in cordon.told("account", "list")] == ["live"]
            assert cordon.told("audit", "verify")[0]["ok"]
        finally:
            watching.kill()
            watching.communicate()


def test_without_a_key_everything_can_be_read_and_what_must_be_sealed_is_refused(tmp_path: Path) -> None:
    cordon = program(tmp_path)
    keyless = Program(tmp_path / "keyless", cordon.passphrase)
    for one in (cordon, keyless):
        playing = ("exercise", str(small_file(tmp_path)), "--rate", "5000", "--headless", "--json")
        done = without_key(one, *playing) if one is keyless else one.run(*playing)
        assert done.returncode == 0, done.stderr
    for one, words in ((cordon, "sealed under a passphrase"), (keyless, "no passphrase was given")):
        assert len(without_key(one, "items", "--json").stdout.splitlines()) == 3
        one_line(without_key(one, "act", "hide", "i1", "--reason", "Trial"), 1, words)
        one_line(without_key(one, "doctor", "--json"), 1, words)
        added = subprocess.run(
            one.words("account", "add", "falsenet", "--host", "http://127.0.0.1:9", "--secret-stdin"),
            cwd=ROOT,
            env={k: v for k, v in one.environment.items() if k != "CORDON_PASSPHRASE_FILE"},
            input="t0ken\n",
            capture_output=True,
            text=True,
            check=False,
        )
        one_line(added, 1, words)
    assert cordon.told("acts") == []


def test_a_passphrase_that_is_wrong_or_not_there_is_one_line(tmp_path: Path) -> None:
    cordon, other = program(tmp_path), tmp_path / "other"
    cordon.told("exercise", str(small_file(tmp_path)), "--rate", "5000", "--headless")
    other.write_text("another one\n")
    one_line(with_passphrase(cordon, other, "act", "hide", "i1", "--reason", "Trial"), 1, "does not open")
    told = with_passphrase(cordon, other, "doctor", "--json")
    one_line(told, 1, "Key: That passphrase does not open this profile.")
    findings = {one["name"]: one["state"] for one in map(json.loads, told.stdout.splitlines())}
    assert (findings["Key"], findings["Database"], findings["Ledger"]) == ("broken", "well", "well")
    other.write_text("")
    one_line(with_passphrase(cordon, other, "items"), 1, "is empty")
    other.write_bytes(b"\xff\xfe\xff")
    one_line(with_passphrase(cordon, other, "items"), 1, "cannot be read")
    one_line(with_passphrase(cordon, tmp_path / "nowhere", "items"), 1, "cannot be read")
    one_line(cordon.run("items", "--passphrase-fd", "77"), 1, "cannot be read")
    reading, writing = os.pipe()
    os.write(writing, b"an invented passphrase\n")
    os.close(writing)
    done = subprocess.run(
        [*cordon.words("act", "hide", "i1", "--reason", "Trial", "--json", "--passphrase-fd"), str(reading)],
        cwd=ROOT,
        env={**cordon.environment, "CORDON_PASSPHRASE_FILE": str(other)},
        pass_fds=(reading,),
        capture_output=True,
        text=True,
        check=False,
    )
    os.close(reading)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["state"] == "confirmed"


def test_a_window_without_a_screen_is_one_line(tmp_path: Path) -> None:
    cordon = program(tmp_path)
    screens = {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}
    environment = {name: value for name, value in cordon.environment.items() if name not in screens}
    done = subprocess.run(
        cordon.words(), cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    one_line(done, 1, "There is no screen")
