"""Killed at any moment, the program loses nothing, sends nothing twice unlooked, and claims nothing false.

The program is the real one on a real profile, busy collecting, asking, sealing and sending; the network is a
process of its own, counts every call, and cuts the line now and then. What a newcomer would get wrong: how
much the program got done before it was killed does not matter, so a slow machine only makes the nights
shorter.
"""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest

from tests.conftest import LONG
from tests.journeys.programs import ROOT, Program, false_network, program

KILLS = 500 if LONG else 50
TOTAL = 400 * KILLS // 10
ACCOUNT = "falsenet:force"
EARLY_S, LATE_S = 0.6, 0.8
"""Some lives end so soon after they began, most so soon after the program began to work."""
LAST_LIFE_S = 240


@contextmanager
def nursery(cordon: Program, asked: Path) -> Iterator["subprocess.Popen[str]"]:
    """Lets programs go; see `tests/journeys/false_network/busy.py`."""
    words = [
        sys.executable,
        "-m",
        "tests.journeys.false_network.busy",
        str(cordon.profile),
        str(cordon.passphrase),
        str(asked),
    ]
    with subprocess.Popen(
        words,
        cwd=ROOT,
        env=cordon.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()


def live(process: "subprocess.Popen[str]", word: str, seconds: float, *, at_once: bool = False) -> int:
    """One life; gives how it ended, below zero for a signal.

    It is killed so many seconds after it began to work, or after it began at all.
    """
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{word}\n")
    process.stdin.flush()
    child = int(process.stdout.readline())
    said = "" if at_once else process.stdout.readline().strip()
    if said not in {"", "busy"}:
        return int(said)
    killer = threading.Timer(seconds, os.kill, (child, signal.SIGKILL))
    killer.start()
    try:
        while (said := process.stdout.readline().strip()) == "busy":
            pass
        return int(said)
    finally:
        killer.cancel()


@pytest.mark.timeout(3_000 if LONG else 300)
def test_a_program_killed_at_random_moments_loses_nothing_and_claims_nothing_false(tmp_path: Path) -> None:
    cordon = program(tmp_path)
    asked = tmp_path / "asked"
    chance = random.Random(20261121)
    with false_network(TOTAL, 3_600, "rough") as address, httpx.Client(base_url=address) as network:
        secret = ("--secret-stdin", "--lead", "A. Rowe")
        cordon.told("account", "add", "falsenet", "--host", address, *secret, said="t0ken\n")
        with nursery(cordon, asked) as process:
            assert live(process, "fill", LAST_LIFE_S) == 0, "nothing could be collected"
            for number in range(KILLS):
                word, at_once = "go" if number % 5 else "both", number % 4 == 0
                seconds = chance.uniform(0.0, EARLY_S if at_once else LATE_S)
                ended = live(process, word, seconds, at_once=at_once)
                assert ended == -signal.SIGKILL, "it ended by itself"
            network.post("/calm", json={})
            assert live(process, "end", LAST_LIFE_S) == 0, "what was left could not be finished"
        said = network.post("/counts", json={}).json()
    assert said["again"] == [], "something was deleted again without a look between"
    with closing(sqlite3.connect(cordon.profile / "cordon.db")) as conn:
        acts = {f"a{number}": state for number, state in conn.execute("SELECT id, state FROM acts")}
        states = conn.execute("SELECT remote_id, state FROM items").fetchall()
        last = conn.execute(
            "SELECT i.remote_id, a.verb, a.state FROM acts a JOIN items i ON i.id = a.item_id "
            "WHERE a.state IN ('confirmed', 'undone') ORDER BY a.id"
        ).fetchall()
        failed = conn.execute(
            "SELECT i.remote_id, a.verb FROM acts a JOIN items i ON i.id = a.item_id WHERE a.state = 'failed'"
        ).fetchall()
    lost = set(asked.read_text("utf-8").split()) - acts.keys()
    assert len(acts) > KILLS, "it was never busy"
    assert not lost, "what was asked for is not there"
    ends = {"confirmed", "undone", "cancelled", "refused", "failed"}
    assert set(acts.values()) <= ends, "something was left open"
    hidden, deleted = set(said["hidden"]), set(said["deleted"])
    # killed six times before it could leave, or cut off as often: given up, and said so
    assert len(failed) <= KILLS // 20
    for remote_id, verb in failed:
        assert remote_id not in (deleted if verb == "delete" else hidden), "given up, though it was done"
    newest = {remote_id: verb for remote_id, verb, state in last if state == "confirmed"}
    assert {one for one, verb in newest.items() if verb == "delete"} == deleted
    assert {one for one, verb in newest.items() if verb == "hide"} == hidden - deleted
    for remote_id, state in states:
        truth = "deleted" if remote_id in deleted else "hidden" if remote_id in hidden else "visible"
        assert state == truth, f"{remote_id} is {truth} and the cache says {state}"
    assert len({remote_id for remote_id, _ in states}) == len(states)
    verdict = cordon.told("audit", "verify")[0]
    assert verdict["ok"], verdict["first_bad"]
