"""Killed at any moment, the program loses nothing and sends nothing twice."""

import random
import subprocess
from pathlib import Path

import httpx

from tests.conftest import LONG
from tests.journeys.programs import Program, false_network, hides, keys_of, program

ROUNDS = 50 if LONG else 6
ACTS_A_ROUND = 20
TOTAL = ROUNDS * ACTS_A_ROUND + 200
ACCOUNT = "falsenet:force"
TRIES = 10


def let_run_then_kill(cordon: Program, seconds: float) -> None:
    """Plays the exercise and watches the false network; ended without warning after so many seconds."""
    running = cordon.start("exercise", "chandlers-row", "--rate", "150", "--headless", "--json")
    try:
        running.wait(seconds)
    except subprocess.TimeoutExpired:
        running.kill()
    _, said = running.communicate()
    assert running.returncode == -9, f"it ended by itself: {said.decode()}"


def test_a_program_killed_at_random_moments_loses_nothing_and_acts_once(tmp_path: Path) -> None:
    cordon = program(tmp_path)
    chance = random.Random(20261121)
    with false_network(TOTAL) as address, httpx.Client(base_url=address) as network:
        added = cordon.told(
            "account",
            "add",
            "falsenet",
            "--host",
            address,
            "--secret-stdin",
            "--lead",
            "A. Rowe",
            said="t0ken\n",
        )
        assert added[0]["key"] == ACCOUNT
        for _ in range(TRIES):  # a busy machine may not get so far the first time
            let_run_then_kill(cordon, 6.0)
            if (
                len(cordon.told("items", "--account", ACCOUNT, "--limit", str(TOTAL)))
                >= ROUNDS * ACTS_A_ROUND
            ):
                break
        asked: list[str] = []
        stored: set[str] = set()
        for _ in range(ROUNDS):
            lines = cordon.told("items", "--account", ACCOUNT, "--limit", str(TOTAL))
            known = {line["text"] for line in lines}
            assert stored <= known, "an item that was stored is gone"
            stored = known
            fresh = [key for key in keys_of(lines) if key not in asked][:ACTS_A_ROUND]
            assert fresh, "there is nothing to act upon"
            running = cordon.start("exercise", "chandlers-row", "--rate", "150", "--headless", "--json")
            try:
                cordon.told("act", "hide", "-", "--reason", "Trial", said="\n".join(fresh))
                asked += fresh
                running.wait(chance.uniform(0.0, 1.5))
            except subprocess.TimeoutExpired:
                pass
            finally:
                running.kill()
                running.communicate()
        cordon.told("exercise", "chandlers-row", "--rate", "2000", "--seconds", "12", "--headless")
        acts = cordon.told("acts")
        assert sorted(act["key"] for act in acts if act["verb"] == "hide") == sorted(asked)
        assert {act["state"] for act in acts} == {"confirmed"}
        counts = network.post("/counts", json={}).json()
        assert set(hides(counts["calls"]).values()) == {1}, "an item was hidden more than once"
        assert len(hides(counts["calls"])) == len(asked)
        everything = cordon.told("items", "--account", ACCOUNT, "--limit", str(2 * TOTAL))
        assert len({line["text"] for line in everything}) == len(everything) == TOTAL
        verdict = cordon.told("audit", "verify")[0]
        assert verdict["ok"], verdict["first_bad"]
