"""An exercise is set up like real accounts, plays from the start each time, and says what it came to."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from console.bootstrap import build_engine, open_engine
from console.domain.acts import Verb
from console.domain.errors import InputError
from console.domain.lanes import Lane
from console.paths import Places, resources
from console.services.engine import Engine
from console.services.exercise import Exercise, Summary, shipped

TABLE = """
title = "Small"
sentence = "A small one."
force = "Nowhere Police"
incident = "Nothing much"
posture = "critical incident"
opens_after_s = 0.0
duration_s = 1.0
items = "small.jsonl"
[[accounts]]
key = "one"
network = "facebook"
handle = "nowhere"
name = "Nowhere Police"
lead = "A"
deputy = "B"
[[accounts]]
key = "two"
network = "x"
handle = "nowhere"
name = "Nowhere Police"
[networks.facebook]
name = "Facebook"
letters = "Fb"
shape = "page"
[networks.x]
name = "X"
letters = "X"
shape = "short"
"""


def playing(folder: Path, check: Callable[[Engine], Awaitable[None]]) -> None:
    """Runs a check with an engine on a profile in `folder`."""

    async def whole() -> None:
        async with open_engine(
            Places(folder), passphrase="open sesame", session_only=True, work="everything"
        ) as engine:
            await check(engine)

    asyncio.run(whole())


def csv_of(folder: Path, count: int) -> Path:
    path = folder / "night.csv"
    lines = [f"{n},author{n % 5},2020-01-01T00:00:0{n % 10}Z,words number {n}" for n in range(count)]
    path.write_text("id,author,time,text\n" + "\n".join(lines) + "\n")
    return path


def test_a_file_is_played_whole_and_a_second_time_stores_nothing_new(tmp_path: Path) -> None:
    path = csv_of(tmp_path, 120)
    seen: list[Summary] = []

    async def check(engine: Engine) -> None:
        seen.append(await Exercise(engine).play(str(path), rate=5_000))

    playing(tmp_path / "p", check)
    playing(tmp_path / "p", check)
    first, second = seen
    assert (first.received, first.stored, first.duplicates) == (120, 120, 0)
    assert (second.received, second.stored, second.duplicates) == (120, 0, 120)
    assert not first.complaints
    shape = first.shape()
    assert list(shape) == ["received", "stored", "duplicates", "hits", "rate", "latency_ms"]
    assert json.loads(json.dumps(shape))["latency_ms"].keys() == {"p50", "p99"}
    assert "120 items came, 120 were new" in first.words()


def test_it_is_played_from_the_start_again_within_one_run(tmp_path: Path) -> None:
    path = csv_of(tmp_path, 30)

    async def check(engine: Engine) -> None:
        first = await Exercise(engine).play(str(path), rate=5_000)
        second = await Exercise(engine).play(str(path), rate=5_000)
        assert (first.stored, second.stored, second.duplicates) == (30, 0, 30)
        assert [account.handle for account in engine.accounts()] == ["night"]

    playing(tmp_path / "p", check)


def test_a_scenario_has_its_own_accounts_and_opens_its_incident(tmp_path: Path) -> None:
    (tmp_path / "small.toml").write_text(TABLE)
    rows = [
        {"id": f"{n}", "account": "one" if n % 3 else "two", "at": n / 100, "author": "Sam", "text": "hi"}
        for n in range(60)
    ]
    (tmp_path / "small.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))

    async def check(engine: Engine) -> None:
        summary = await Exercise(engine, tmp_path).play(str(tmp_path / "small.toml"), rate=2_000)
        assert summary.stored == 60, summary
        assert [account.key for account in engine.accounts()] == ["facebook:nowhere", "x:nowhere"]
        networks = {item.network for item in await engine.find(Lane(), 100)}
        assert networks == {"facebook", "x"}
        assert engine.accounts()[1].is_uncovered
        incident = engine.incident()
        assert incident is not None
        assert incident.name == "Nothing much"

    playing(tmp_path / "p", check)


def test_another_exercise_on_the_same_profile_makes_way(tmp_path: Path) -> None:
    one, two = csv_of(tmp_path, 10), tmp_path / "other.csv"
    two.write_text(one.read_text())

    async def check(engine: Engine) -> None:
        await Exercise(engine).play(str(one), rate=5_000)
        await Exercise(engine).play(str(two), rate=5_000)
        assert [account.handle for account in engine.accounts()] == ["other"]
        assert len(await engine.find(Lane(), 100)) == 20

    playing(tmp_path / "p", check)


def test_it_ends_after_the_seconds_it_was_given(tmp_path: Path) -> None:
    path = csv_of(tmp_path, 2_000)

    async def check(engine: Engine) -> None:
        summary = await Exercise(engine).play(str(path), rate=200, seconds=0.5)
        assert 0 < summary.received < 2_000

    playing(tmp_path / "p", check)


def test_an_exercise_that_is_not_there_is_one_clear_line(tmp_path: Path) -> None:
    async def check(engine: Engine) -> None:
        with pytest.raises(InputError, match="There is no exercise and no file “nonesuch”") as said:
            await Exercise(engine).play("nonesuch")
        assert "\n" not in said.value.message
        broken = tmp_path / "broken.toml"
        broken.write_text("title = ")
        with pytest.raises(InputError, match="cannot be used"):
            await Exercise(engine).play(str(broken))

    playing(tmp_path / "p", check)


def test_every_shipped_exercise_has_a_title() -> None:
    assert shipped(resources() / "exercises").get("chandlers-row")


def test_the_ceilings_of_an_exercise_are_counted_from_its_first_act(tmp_path: Path) -> None:
    file = tmp_path / "few.jsonl"
    file.write_text('{"id": "1", "text": "An invented sentence.", "author": "a"}\n', encoding="utf-8")

    async def work() -> None:
        engine = build_engine(Places(tmp_path / "p"), session_only=True)
        await engine.start(collect=True)
        try:
            await Exercise(engine).play(str(file), rate=100)
            items = await engine.find(Lane(), 1)
            plan = await engine.plan(Verb.HIDE, [items[0].id])
            assert plan.rows[0].allowance == "60,000 left this minute"
        finally:
            await engine.stop()

    asyncio.run(work())
