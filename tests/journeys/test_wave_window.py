"""One verdict on a wave of hundreds, by keyboard alone, while the exercise runs; and all of it taken back."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from console.domain.acts import Act
from console.domain.items import ItemState
from console.domain.lanes import Lane
from console.paths import resources
from console.services.exercise import Exercise
from console.ui.dialogs.verdict import VerdictSheet
from console.ui.lane.wave_row import wave_of
from tests.ui.desk import Desk, open_desk, run_desk

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
SAYING = "They have shut the ford road to hide what happened at Hexley, pass it on"
ENDS = ("", "!", " 😡", " https://bad.example/{number}", " @sam.example")
MANY, LATER = 250, 30
BEFORE, GAP = 150, 1_000
"""After so many items of the exercise the wave comes, and after so many its stragglers."""
RATE = 150.0
"""Items a second."""


def night(folder: Path) -> str:
    """The shipped exercise with a wave in it: hundreds at once early on, and stragglers for a while."""
    shipped = resources() / "exercises"
    table = (shipped / "chandlers-row.toml").read_text("utf-8")
    said = (shipped / "chandlers-row.jsonl").read_text("utf-8").splitlines()
    copies = [copy(number) for number in range(MANY + LATER)]
    lines = said[:BEFORE] + copies[:MANY] + said[BEFORE:GAP]
    for place, straggler in enumerate(copies[MANY:]):
        lines += [*said[GAP + place * 5 : GAP + place * 5 + 5], straggler]
    lines += said[GAP + LATER * 5 :]
    (folder / "night.jsonl").write_text("\n".join(lines), encoding="utf-8")
    file = folder / "night.toml"
    file.write_text(table.replace("chandlers-row.jsonl", "night.jsonl"), encoding="utf-8")
    return str(file)


def copy(number: int) -> str:
    """One of many near-identical comments, each from somebody else, under posts of two accounts."""
    account = ("fb-force", "instagram")[number % 2]
    return json.dumps(
        {
            "id": f"h{number}",
            "at": 60.0,
            "account": account,
            "kind": "comment",
            "thread": f"{account}-lost",
            "where": "Lost property",
            "author_id": f"crowd{number}",
            "author_handle": f"crowd{number}",
            "author_name": f"Crowd {number}",
            "text": SAYING + ENDS[number % len(ENDS)].format(number=number),
        }
    )


def test_a_wave_of_hundreds_gets_one_verdict_by_keys_alone_and_is_taken_back_as_one(
    qapp: QApplication, tmp_path: Path
) -> None:
    played = night(tmp_path)

    async def journey() -> None:
        async with open_desk(tmp_path / "p") as desk:
            window, engine = desk.window, desk.engine
            exercise = asyncio.wrap_future(desk.thread.call(Exercise(engine).play(played, rate=RATE)))
            await desk.until(lambda: len(window.feed.model) > 20, "the exercise runs")

            desk.press_key(Qt.Key.Key_W, CONTROL)
            await desk.until(lambda: biggest(desk) is not None, "the wave has its row")
            wave_row = biggest(desk)
            desk.press_key(Qt.Key.Key_Home)
            for _ in range(len(window.feed.model)):
                if window.view.cursor_id == wave_row:
                    break
                desk.press("j")
            assert wave_row is not None
            assert window.view.cursor_id == wave_row, "the keys do not reach the wave"

            desk.press_key(Qt.Key.Key_W, SHIFT)
            await desk.until(lambda: isinstance(window.scrim.sheet, VerdictSheet), "the sheet is open")
            sheet = window.scrim.sheet
            assert isinstance(sheet, VerdictSheet)
            desk.type("Copies of one false claim")
            while window.focusWidget() is not sheet._minutes.checkedButton():
                desk.press_key(Qt.Key.Key_Tab)
            desk.press_key(Qt.Key.Key_Right)
            desk.press_key(Qt.Key.Key_Return, CONTROL)

            await desk.until(lambda: desk.corner(here(desk)).startswith("Hide stands"), "the verdict stands")
            (standing,) = await desk.ask(engine.standings())
            assert not exercise.done(), "all this while the exercise runs"
            assert len(await desk.ask(engine.acts(most=10_000))) >= MANY

            await all_in(desk, ItemState.HIDDEN, MANY + LATER)
            acts: list[Act] = await desk.ask(engine.acts(most=10_000))
            assert {act.bulk_id for act in acts} == {standing.bulk_id}
            assert len(acts) == MANY + LATER
            assert standing.used < LATER, "some of them came later"

            desk.press("u")
            await all_in(desk, ItemState.VISIBLE, MANY + LATER)
            assert await desk.ask(engine.standings()) == []
            assert (await desk.ask(engine.verify())).ok
            exercise.cancel()
            await asyncio.gather(exercise, return_exceptions=True)

    run_desk(qapp, journey)


def biggest(desk: Desk) -> int | None:
    """The row of the wave of hundreds, as soon as all of them are in it."""
    model = desk.window.feed.model
    desk.press_key(Qt.Key.Key_Space)
    for place in range(len(model)):
        number = model.id_at(place)
        row = None if number is None or wave_of(number) is None else model.rows.get(number)
        if row is not None and row.words.startswith(SAYING[:40]) and in_it(row.author) >= MANY:
            return number
    return None


def in_it(words: str) -> int:
    """How many items a wave's row says that there are."""
    return int(words.split(maxsplit=1)[0].replace(",", ""))


def here(desk: Desk) -> int:
    """The row under the cursor."""
    number = desk.window.view.cursor_id
    assert number is not None
    return number


async def all_in(desk: Desk, state: ItemState, number: int) -> None:
    """Waits until so many items of the wave are in a state."""
    async with asyncio.timeout(120):
        while await count(desk, state) < number:
            await desk.ask(desk.engine.sleep(0.1))


async def count(desk: Desk, state: ItemState) -> int:
    """How many items of the wave are in a state."""
    lane = Lane(words=("ford", "Hexley"), states=frozenset({state}))
    return len(await desk.ask(desk.engine.find(lane, 10_000)))
