"""What every command promises to scripts: its shape, its exit code, its stream, and no secret anywhere.

What a newcomer would get wrong: these are promises of the handbook. A field that is added here is added
there, and a field that is taken away breaks somebody's script.
"""

import json
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from console.domain.acts import ActState, Verb
from console.domain.items import ItemState
from tests.journeys.programs import ROOT, Program, false_network, program

TOKEN = "planted-Token-7f3a9c"
WORDS = "Bring a machete to Chandler's Row, says the planted heron"
ROWS = [
    {"id": "1", "author": "sam", "text": WORDS, "created_at": "2026-03-01T10:00:00Z"},
    {
        "id": "2",
        "author": "kim",
        "text": "Is the road open?",
        "in_reply_to": "1",
        "url": "https://a.example/2",
    },
    {"id": "3", "author": "lee", "text": "m@chete 🔪 and a M\u200bACHETE\u202e", "lang": "en"},
    {"id": "4", "author": "ann", "text": "Dw i'n mynd i ladd fy hun heno", "lang": "cy"},
    {"id": "5", "author": "joe", "text": "I will kill you, coppers. I'm going to stab an officer."},
    {"id": "6", "author": "joe", "text": "half \ud83d pair, zombie knife"},
]
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
ITEM = [
    "key", "network", "account", "kind", "author", "text", "created_at", "received_at", "edited_at", "state",
    "grade", "parent", "permalink", "hits", "wave", "stray", "can",
]  # fmt: skip
ACCOUNT = ["key", "network", "handle", "state", "lead", "deputy", "last_item_at", "error"]
ACCOUNT += ["notice", "sign_in_ends_at"]
HIT = {"watchlist", "rule", "category", "term", "start", "end", "text"}
ACT = {"key", "verb", "act", "state", "reversible", "error"}
LEAVES = [
    "exercise",
    "purge",
    "account networks",
    "account add",
    "account list",
    "account test",
    "account remove",
    "watch",
    "items",
    "act",
    "acts",
    "undo",
    "match",
    "watchlist check",
    "watchlist list",
    "watchlist import",
    "audit verify",
    "audit list",
    "audit checkpoint",
    "audit export",
    "audit correct",
    "audit new-key",
    "evidence show",
    "evidence export",
    "report month",
    "report incident",
    "report foi",
    "topic open",
    "topic list",
    "topic close",
    "wave list",
    "wave hide",
    "wave leave-up",
    "wave stop",
    "doctor",
]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Program, dict[str, Any]]:
    """A profile on which a small file was played, and what the playing said."""
    folder = tmp_path_factory.mktemp("commands")
    cordon, path = program(folder), folder / "night.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    (summary,) = cordon.told("exercise", str(path), "--rate", "5000", "--headless")
    return cordon, summary


@pytest.fixture
def copy(played: tuple[Program, dict[str, Any]], tmp_path: Path) -> Program:
    """The same profile, for a test that changes it."""
    shutil.copytree(played[0].profile, tmp_path / "profile")
    return Program(tmp_path / "profile", played[0].passphrase)


def times_in(shape: object) -> list[str]:
    """Every value of a name that ends in `_at`, or is `at`."""
    found: list[str] = []
    if isinstance(shape, Mapping):
        for name, value in shape.items():
            if (name == "at" or name.endswith("_at")) and value is not None:
                found.append(value)
            found += times_in(value)
    elif isinstance(shape, Sequence) and not isinstance(shape, str):
        for value in shape:
            found += times_in(value)
    return found


def all_times_end_in_z(shapes: object) -> bool:
    """Whether there are times, and each is ISO 8601 in UTC."""
    found = times_in(shapes)
    return bool(found) and all(TIME.fullmatch(at) for at in found)


def test_every_command_has_help_and_the_group_names_it() -> None:
    from typer.testing import CliRunner

    from console.cli import app

    for leaf in LEAVES:
        done = CliRunner().invoke(app, [*leaf.split(), "--help"])
        assert done.exit_code == 0, leaf
        assert leaf in done.output
        assert "--help" in done.output
    assert CliRunner().invoke(app, ["--help"]).exit_code == 0


def test_an_exercise_says_what_it_came_to_in_one_object(played: tuple[Program, dict[str, Any]]) -> None:
    summary = played[1]
    assert list(summary) == ["received", "stored", "duplicates", "hits", "rate", "latency_ms"]
    assert set(summary["latency_ms"]) == {"p50", "p99"}
    assert (summary["received"], summary["stored"], summary["duplicates"]) == (6, 6, 0)
    assert summary["hits"] >= 4


def test_items_have_the_promised_fields(played: tuple[Program, dict[str, Any]]) -> None:
    cordon = played[0]
    items = cordon.told("items")
    assert [list(item) for item in items] == [ITEM] * 6
    assert all_times_end_in_z(items)
    by_text = {item["text"]: item for item in items}
    first, second = by_text[WORDS], by_text["Is the road open?"]
    assert set(first["author"]) == {"id", "handle", "name"}
    assert first["created_at"] == "2026-03-01T10:00:00.000Z"
    assert (second["parent"], second["permalink"]) == (first["key"], "https://a.example/2")
    assert (first["state"], first["account"], first["network"]) == ("visible", "replay:night", "replay")
    assert first["hits"]
    assert first["hits"][0].keys() >= HIT
    assert first["grade"] <= 3
    verbs = {str(verb) for verb in Verb}
    for item in items:
        assert item["can"].keys() <= verbs
        assert all(can is True or (isinstance(can, str) and can) for can in item["can"].values())
        assert item["state"] in {str(state) for state in ItemState}
        assert " " not in item["key"]
    assert first["can"]["hide"] is True
    assert isinstance(first["can"]["unhide"], str)
    found = cordon.told(
        "items", "road open", "--account", "replay:night", "--state", "visible", "--limit", "1"
    )
    assert [item["key"] for item in found] == [second["key"]]


def test_matching_on_stdin_finds_exactly_what_the_live_path_found(
    played: tuple[Program, dict[str, Any]],
) -> None:
    cordon = played[0]
    items = cordon.told("items")
    lines = "".join(
        json.dumps(
            {
                "id": item["key"],
                "text": item["text"],
                "lang": next(row.get("lang") for row in ROWS if row["text"] == item["text"]),
            }
        )
        + "\n"
        for item in items
    )
    # as bytes: half a surrogate pair travels as an escape
    matched = {line["id"]: line for line in cordon.told("match", said=lines)}
    for item in items:
        line = matched[item["key"]]
        assert list(line) == ["id", "grade", "hits"]
        assert (line["grade"], line["hits"]) == (item["grade"], item["hits"])
        for hit in line["hits"]:
            assert hit.keys() >= HIT
            assert item["text"][hit["start"] : hit["end"]] == hit["text"]

    half = cordon.run(
        "match", "--json", said='{"id":1,"text":"machete"}\n{"id":2,"te\n{"id":3,"text":"hello"}\n'
    )
    assert half.returncode == 1
    assert [json.loads(line)["id"] for line in half.stdout.splitlines()] == [1, 3]
    assert len(half.stderr.splitlines()) == 1
    assert "Line 2 was left out" in half.stderr


def test_an_act_from_plan_to_undo(copy: Program) -> None:
    keys = [item["key"] for item in copy.told("items")]
    (plan,) = copy.told("act", "hide", *keys, "--reason", "Trial", "--dry-run")
    assert (plan["verb"], plan["will"], plan["selected"], plan["reversible"]) == ("hide", 6, 6, True)
    assert plan["accounts"][0]["ceiling"]
    assert TIME.fullmatch(plan["finishes_at"])
    assert copy.told("acts") == [], "a dry run did something"

    acts = copy.told("act", "hide", "-", keys[0], "--reason", "Trial", "--wait", said="\n".join(keys[:3]))
    assert [act["key"] for act in acts] == keys[:3], "one that is named twice is meant once"
    assert all(act.keys() >= ACT for act in acts)
    assert all_times_end_in_z(acts)
    assert {act["state"] for act in acts} == {"confirmed"}
    hidden = copy.told("items", "--state", "hidden")
    assert {item["key"] for item in hidden} == set(keys[:3])

    again = copy.run("act", "hide", keys[0], "--reason", "Trial", "--json")
    assert again.returncode == 1
    (line,) = map(json.loads, again.stdout.splitlines())
    assert line.keys() == ACT
    assert (line["key"], line["act"], line["error"]) == (keys[0], None, "Hidden already.")
    assert len(again.stderr.splitlines()) == 1

    undone = copy.told("undo", acts[0]["act"], acts[1]["act"], "--wait")
    assert {act["act"]: act["state"] for act in undone}.items() >= {
        acts[0]["act"]: "undone",
        acts[1]["act"]: "undone",
    }.items()
    assert [item["key"] for item in copy.told("items", "--state", "hidden")] == [acts[2]["key"]]
    everything = copy.told("acts")
    assert {act["state"] for act in everything} <= {str(state) for state in ActState}
    assert copy.told("acts", "--open") == []
    (left,) = copy.told("act", "leave-up", keys[4], "--reason", "Fair comment")
    assert left["state"] == "confirmed"

    record = copy.told("evidence", "show", acts[0]["key"])[0]
    assert record["item"]["key"] == acts[0]["key"]
    assert all_times_end_in_z(record)
    assert copy.told("evidence", "show", record["evidence"])[0]["item"] == record["item"]

    entries = copy.told("audit", "list")
    assert [entry["seq"] for entry in entries] == list(range(1, len(entries) + 1))
    assert all_times_end_in_z(entries)
    named = json.dumps([entry["facts"] for entry in entries])
    assert all(f'"{act["act"]}"' in named for act in everything), "an act is not on record"
    assert "evidence.shown" in {entry["kind"] for entry in entries}
    (verdict,) = copy.told("audit", "verify")
    assert list(verdict) == ["ok", "entries", "root", "checkpoint", "first_bad"]
    assert (verdict["ok"], verdict["entries"], verdict["first_bad"]) == (True, len(entries), None)


def change_a_byte(database: Path, table: str, column: str, place: str) -> None:
    """Changes one byte of one value, as somebody with the file and time would: triggers dropped first."""
    conn = sqlite3.connect(database)
    with conn:
        for (name,) in conn.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            conn.execute(f"DROP TRIGGER {name}")
        (value,) = conn.execute(f"SELECT {column} FROM {table} WHERE {place}").fetchone()
        kept = value if isinstance(value, bytes) else value.encode()
        at = len(kept) // 2
        changed = kept[:at] + bytes([kept[at] ^ 1]) + kept[at + 1 :]
        new = changed if isinstance(value, bytes) else changed.decode()
        conn.execute(f"UPDATE {table} SET {column} = ? WHERE {place}", (new,))
    conn.close()


@pytest.mark.parametrize(
    ("table", "column", "place", "named"),
    [
        ("ledger", "leaf", "seq = 5", "5"),
        ("evidence", "cipher", "id = 1", "e1"),
    ],
)
def test_one_changed_byte_is_found_and_its_entry_named(
    copy: Program, table: str, column: str, place: str, named: str
) -> None:
    copy.told("act", "hide", "i1", "i2", "--reason", "Trial")
    change_a_byte(copy.profile / "cordon.db", table, column, place)
    done = copy.run("audit", "verify", "--json")
    assert done.returncode == 1
    (verdict,) = map(json.loads, done.stdout.splitlines())
    assert verdict["ok"] is False
    assert re.search(rf"\b{named}\b", verdict["first_bad"]), verdict
    assert done.stderr.strip() == verdict["first_bad"]


def test_accounts_and_their_secrets(tmp_path: Path) -> None:
    cordon = program(tmp_path)
    (tmp_path / "night.jsonl").write_text(json.dumps(ROWS[0]) + "\n")
    with false_network(40) as address:
        networks = {network["id"]: network for network in cordon.told("account", "networks")}
        assert {"bluesky", "replay", "falsenet"} <= networks.keys()
        for network in networks.values():
            assert list(network) == ["id", "name", "level", "verbs"]
            assert network["verbs"].keys() <= {str(verb) for verb in Verb}
        adding = ("account", "add", "falsenet", "--host", address, "--secret-stdin", "--lead", "A. Rowe")
        (added,) = cordon.told(*adding, said=f"{TOKEN}\n")
        (listed,) = cordon.told("account", "list")
        assert list(listed) == ACCOUNT
        assert (listed["key"], listed["lead"], listed["deputy"]) == ("falsenet:force", "A. Rowe", None)
        assert added.keys() == listed.keys()
        assert cordon.told("account", "test", "falsenet:force")[0]["key"] == "falsenet:force"
        twice = cordon.run(*adding, said=f"{TOKEN}\n")
        assert (twice.returncode, len(twice.stderr.splitlines())) == (1, 1)

        watched = cordon.told("watch", "--seconds", "1")
        assert len(watched) == 40
        assert all(list(item) == ITEM for item in watched)
        assert all_times_end_in_z(watched)
        (act,) = cordon.told("act", "hide", watched[0]["key"], "--reason", "Trial", "--wait")
        assert act["state"] == "confirmed"
        assert cordon.told("account", "list")[0]["last_item_at"] is not None

        texts = [item["text"] for item in watched]
        for file in filter(Path.is_file, cordon.profile.rglob("*")):
            content = file.read_bytes()
            assert TOKEN.encode() not in content, f"{file.name} holds the secret in clear"
            assert b"an invented passphrase" not in content
            if file.parent.name == "logs":
                assert not any(text.encode() in content for text in texts), "the log holds what was said"
        refused = cordon.run("account", "add", "falsenet", "--host", address, "--token", TOKEN)
        assert (refused.returncode, len(refused.stderr.splitlines())) == (2, 1)
        assert "--secret-stdin" in refused.stderr
        assert cordon.told("account", "remove", "falsenet:force") == [
            {"key": "falsenet:force", "removed": True}
        ]
        assert cordon.told("account", "list") == []
        assert len(cordon.told("items")) == 40, "items stay when their account goes"


def test_watchlists(copy: Program, tmp_path: Path) -> None:
    file = tmp_path / "herons.toml"
    file.write_text(
        'id = "herons"\nname = "Herons"\ncategory = "other"\ngrade = 2\nowner = "Us"\nversion = 1\n'
        'review_by = 2030-01-01\n[[rule]]\nid = "bird"\nwords = ["planted heron"]\n'
    )
    (checked,) = copy.told("watchlist", "check", str(file))
    assert checked["ok"] is True
    assert checked.items() >= {"id": "herons", "grade": 2, "version": 1, "review_by": "2030-01-01"}.items()
    (matched,) = copy.told("match", "--watchlist", str(file), said=json.dumps({"id": 7, "text": WORDS}))
    (hit,) = matched["hits"]
    assert (matched["id"], matched["grade"]) == (7, 2)
    assert (hit["term"], hit["text"], hit["rule"]) == ("planted heron", "planted heron", "bird")
    before = {one["id"] for one in copy.told("watchlist", "list")}
    assert "weapons" in before
    assert copy.told("watchlist", "import", str(file))[0]["id"] == "herons"
    assert {one["id"] for one in copy.told("watchlist", "list")} == before | {"herons"}
    file.write_text(file.read_text().replace("grade = 2", "grade = 9"))
    for command in ("check", "import"):
        done = copy.run("watchlist", command, str(file), "--json")
        assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)
        assert "herons.toml" in done.stderr
        assert "grade" in done.stderr


def test_the_doctor_says_everything_in_lines(played: tuple[Program, dict[str, Any]]) -> None:
    findings = played[0].told("doctor")
    assert all(list(finding) == ["name", "state", "words", "mend"] for finding in findings)
    assert {finding["state"] for finding in findings} <= {"well", "warning"}
    assert {"Profile", "Database", "Key", "Ledger", "Matching", "Recovery key"} <= {
        finding["name"] for finding in findings
    }


def test_the_profile_may_be_named_anywhere_and_by_a_variable(
    played: tuple[Program, dict[str, Any]],
) -> None:
    cordon = played[0]
    at_the_end = [*cordon.words("items", "--json")]
    place = at_the_end.index("--profile")
    option = at_the_end[place : place + 2]
    del at_the_end[place : place + 2]
    for words, environment in (
        ([*at_the_end, *option], cordon.environment),
        ([*at_the_end, f"--profile={cordon.profile}"], cordon.environment),
        (at_the_end, {**cordon.environment, "CORDON_PROFILE": str(cordon.profile)}),
    ):
        done = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert len(done.stdout.splitlines()) == 6, done.stderr


def test_the_log_never_holds_what_was_said(played: tuple[Program, dict[str, Any]]) -> None:
    logs = "".join(file.read_text() for file in (played[0].profile / "logs").iterdir())
    assert "replay:night" in logs
    for row in ROWS:
        assert str(row["text"])[:12] not in logs


def test_purging_says_what_it_does_and_an_exercise_of_today_loses_nothing(
    played: tuple[Program, dict[str, Any]],
) -> None:
    cordon, _ = played
    for dry in (["--dry-run"], []):
        (told,) = cordon.told("purge", *dry)
        assert told == {
            "dry_run": bool(dry), "texts": 0, "names": 0, "waiting": 0, "disposed": 0, "clean": True,
            "networks": {},
        }  # fmt: skip
    assert cordon.run("purge").stdout == "Nothing's time is over.\n"


def test_a_topic_needs_a_network_that_can_be_searched_and_what_goes_on_record(
    played: tuple[Program, dict[str, Any]],
) -> None:
    cordon, _ = played
    key = cordon.told("account", "list")[0]["key"]
    record = ["--purpose", "Crowd safety", "--authorised-by", "Supt. Vale", "--hours", "2"]
    refused = cordon.run("topic", "open", "Quay Road", "--account", key, *record)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "cannot be searched for a topic" in refused.stderr
    assert cordon.run("topic", "open", "Quay Road", "--account", "x:nobody", *record).returncode == 2
    assert cordon.told("topic", "list") == []
    assert cordon.run("topic", "close", "t1").returncode == 2
