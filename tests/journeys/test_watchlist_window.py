"""What a person does about watchlists in one night, by few keys alone, while the exercise runs.

What a newcomer would get wrong: keys are counted without the letters of a word that is typed, for those are
what a person has to say. Everything else that is pressed counts, also what leads to the item.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from console.domain.acts import Act
from console.domain.items import Item, ItemState
from console.domain.lanes import Lane, parse_lane
from console.domain.watchlists import Watchlist
from console.paths import resources
from console.services.exercise import Exercise
from console.ui.dialogs.mute_hit import MuteHit
from console.ui.dialogs.verdict import VerdictSheet
from console.ui.dialogs.watch_phrase import WatchPhrase
from console.ui.watchlists.editor import Editor
from console.ui.watchlists.shadow import Shadow
from tests.journeys.test_wave_window import MANY, copy
from tests.ui.desk import Desk, open_desk, run_desk

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
PLAIN = Qt.KeyboardModifier.NoModifier
DISGUISED = "bring your m@chete to the Skellow ford tonight"
WRONG = "Selling a garden machete at the Ebbing market on Sunday, good blade"
PAST = ("Brandle kiln at nine, everybody, bring the others", "saw them near the brandle kiln again")
LATER_WRONG = "Still selling a garden machete at the Ebbing market, going cheap"
LATER_KILN = "They are back at the Brandle kiln with torches"
LATER_WHARF = "Gather at the Corby wharf, all of you"
WAVE = "happened at Hexley"
BEFORE = 900
"""So many items of the exercise were there before; the rest runs beside the person."""
FAST, PACE = 600.0, 40.0
"""Items a second: of what was there before, few enough to be grouped; and of what runs meanwhile."""


def scenes(folder: Path) -> tuple[str, str, str]:
    """The shipped exercise in three: what was there before, what runs beside the person, what comes later."""
    said = (resources() / "exercises" / "chandlers-row.jsonl").read_text("utf-8").splitlines()
    before = own([DISGUISED, WRONG, *PAST], "before") + said[:BEFORE]
    before += [copy(number) for number in range(MANY)]
    later = own([LATER_WRONG, LATER_KILN, LATER_WHARF], "later")
    return (
        scene(folder, "before", before, opens_after_s=999_999),
        scene(folder, "running", said[BEFORE:], opens_after_s=0),
        scene(folder, "later", later, opens_after_s=999_999),
    )


def scene(folder: Path, name: str, lines: Sequence[str], *, opens_after_s: int) -> str:
    """An exercise with the shipped accounts and incident, and these items."""
    table = (resources() / "exercises" / "chandlers-row.toml").read_text("utf-8")
    table = table.replace("chandlers-row.jsonl", f"{name}.jsonl")
    table = table.replace("opens_after_s = 540", f"opens_after_s = {opens_after_s}")
    (folder / f"{name}.jsonl").write_text("\n".join(lines), encoding="utf-8")
    file = folder / f"{name}.toml"
    file.write_text(table, encoding="utf-8")
    return str(file)


def own(texts: Sequence[str], name: str) -> list[str]:
    """Invented comments under a post of the force, each from somebody else."""
    return [
        json.dumps(
            {
                "id": f"{name}{number}",
                "at": 1.0,
                "account": "fb-force",
                "kind": "comment",
                "thread": "fb-force-lost",
                "where": "Lost property",
                "author_id": f"{name}{number}",
                "author_handle": f"{name}{number}",
                "author_name": f"Somebody {number}",
                "text": text,
            }
        )
        for number, text in enumerate(texts)
    ]


class Hands:
    """A desk whose keys are counted."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.pressed = 0

    def key(self, key: Qt.Key, modifier: Qt.KeyboardModifier = PLAIN) -> None:
        """Presses one key."""
        self.pressed += 1
        self.desk.press_key(key, modifier)

    @contextmanager
    def at_most(self, keys: int, task: str) -> Iterator[None]:
        """A task that takes no more keys than these, beside the letters of what is typed."""
        before = self.pressed
        yield
        assert self.pressed - before <= keys, f"{task} takes {self.pressed - before} keys"

    async def find(self, words: str) -> Item:
        """Finds items by their words and goes to the newest of them: three keys."""
        window = self.desk.window
        self.key(Qt.Key.Key_Slash)
        self.desk.type(words)
        self.key(Qt.Key.Key_Return)
        await self.desk.until(lambda: window.lanes.key == words and not window.feed.is_loading, words)
        await self.desk.until(lambda: len(window.feed.model) > 0, f"{words} is found")
        self.key(Qt.Key.Key_Home)
        await self.desk.until(lambda: window.under.item is not None, "the pane is filled")
        item = window.under.item
        assert item is not None
        return item

    async def lists(self) -> dict[str, Watchlist]:
        """The watchlists in force."""
        found: list[Watchlist] = await self.desk.ask(self.desk.engine.watchlists())
        return {one.id: one for one in found}

    async def items(self, question: str) -> list[Item]:
        """What the cache holds of a lane."""
        lane = parse_lane(question, self.desk.engine.now())
        found: list[Item] = await self.desk.ask(self.desk.engine.find(lane, 10_000))
        return found


def test_a_night_of_watchlists_by_keys_while_the_exercise_runs(qapp: QApplication, tmp_path: Path) -> None:
    before, running, later = scenes(tmp_path)

    async def journey() -> None:
        async with open_desk(tmp_path / "p", before, rate=FAST) as desk:
            hands, engine = Hands(desk), desk.engine
            last_night = [item.id for item in await hands.items("Brandle")]
            await desk.ask(engine.mark_seen(last_night))
            exercise = asyncio.wrap_future(desk.thread.call(Exercise(engine).play(running, rate=PACE)))
            await desk.until(lambda: engine.incident() is not None, "the incident is open")

            await see_why(hands)
            await mute_for_good(hands)
            await add_a_phrase(hands)
            await find_last_night(hands)
            await rehearse_and_put_live(hands)
            await one_verdict(hands)
            assert not exercise.done(), "all this while the exercise runs"
            exercise.cancel()
            await asyncio.gather(exercise, return_exceptions=True)

            await desk.ask(Exercise(engine).play(later, rate=FAST))
            await later_items(hands)
            assert (await desk.ask(engine.verify())).ok

    run_desk(qapp, journey)


async def see_why(hands: Hands) -> None:
    """The pane names words, disguise, list, version and rule."""
    with hands.at_most(3, "seeing why an item was marked"):
        await hands.find("Skellow ford")
        said = [row.accessibleName() for row in hands.desk.window.pane._why.rows]
        place = next(n for n, line in enumerate(said) if line.startswith("m@chete, "))
        assert "as “machete”: digits and symbols for letters" in said[place]
        assert "v1" in said[place]
        assert said[place + 1].startswith("Rule blades-spoken-of")


async def mute_for_good(hands: Hands) -> None:
    """A hit on a garden tool is muted; the rule goes on for everything else."""
    desk, window = hands.desk, hands.desk.window
    with hands.at_most(5, "muting a wrong hit"):
        item = await hands.find("Ebbing market")
        hands.key(Qt.Key.Key_M, SHIFT)
        await desk.until(lambda: isinstance(window.scrim.sheet, MuteHit), "the sheet is open")
        sheet = window.scrim.sheet
        assert isinstance(sheet, MuteHit)
        desk.type("A gardener")
        await desk.until(lambda: "would no longer be hit" in sheet._effect.text(), "it was tried")
        assert "1 item would no longer be hit" in sheet._effect.text()
        hands.key(Qt.Key.Key_Return)
        await desk.until(lambda: window.scrim.sheet is None, "it is muted")
    weapons = (await hands.lists())["weapons"]
    assert weapons.version == 2
    assert await desk.ask(desk.engine.editing.try_words(weapons, WRONG)) == ()
    assert await desk.ask(desk.engine.editing.try_words(weapons, DISGUISED)) != ()
    assert (await hands.items("Ebbing"))[0].hits == item.hits, "what was marked stays on record"


async def add_a_phrase(hands: Hands) -> None:
    """Two words of an item are watched for the incident, after they were counted."""
    desk, window = hands.desk, hands.desk.window
    with hands.at_most(8, "watching a phrase"):
        await hands.find("kiln everybody")
        hands.key(Qt.Key.Key_Return)
        hands.key(Qt.Key.Key_Right)
        hands.key(Qt.Key.Key_Right, SHIFT)
        hands.key(Qt.Key.Key_P, SHIFT)
        await desk.until(lambda: isinstance(window.scrim.sheet, WatchPhrase), "the sheet is open")
        sheet = window.scrim.sheet
        assert isinstance(sheet, WatchPhrase)
        assert sheet.phrase.text == "Brandle kiln"
        await desk.until(sheet._yes.isEnabled, "it is counted")
        assert sheet._effect.text().startswith("It would have hit 2 of ")
        hands.key(Qt.Key.Key_Return)
        await desk.until(lambda: window.scrim.sheet is None, "it is watched")
    made = next(one for one in (await hands.lists()).values() if one.incident is not None)
    assert made.rules[0].words == ("Brandle kiln",)


async def find_last_night(hands: Hands) -> None:
    """What came before the phrase was watched is found, as from the past, and alarms nobody."""
    desk = hands.desk
    made = next(one for one in (await hands.lists()).values() if one.incident is not None)

    async def found() -> list[Item]:
        return await hands.items(f"hit:{made.id}")

    async with asyncio.timeout(60):
        while len(await found()) < len(PAST):
            await desk.ask(desk.engine.sleep(0.05))
    with hands.at_most(3, "finding last night’s items"):
        item = await hands.find(f"hit:{made.id}")
        assert item.text in PAST
        said = " ".join(row.accessibleName() for row in desk.window.pane._why.rows)
        assert "by a search of the past" in said
    items = await found()
    assert sorted(one.text for one in items) == sorted(PAST)
    for one in items:
        (hit,) = [hit for hit in one.hits if hit.watchlist == made.id]
        assert hit.found_at is not None
        assert hit.found_at > one.received_at
        assert one.grade <= made.grade
        assert one.seen_at is not None, "it asks for nobody who has seen it"


async def rehearse_and_put_live(hands: Hands) -> None:
    """A rule is written in the editor, counts in shadow, and is put live."""
    desk, window = hands.desk, hands.desk.window
    with hands.at_most(6, "rehearsing a list and putting it live"):
        hands.key(Qt.Key.Key_E, CONTROL)
        await desk.until(lambda: isinstance(window.scrim.sheet, Editor), "the editor is open")
        editor = window.scrim.sheet
        assert isinstance(editor, Editor)
        await desk.until(lambda: " hit" in editor.preview.head.text(), "the first count")
        hands.key(Qt.Key.Key_N, CONTROL)
        desk.type("corby wharf")
        await desk.until(editor.rehearse_button.isEnabled, "tried and well")
        hands.key(Qt.Key.Key_R, CONTROL)
        await desk.until(lambda: "is rehearsed from now on" in editor.done.text(), "it is rehearsed")
        (waiting,) = await desk.ask(desk.engine.editing.waiting())
        assert (await hands.lists())[waiting.watchlist.id].version == 1, "it is in shadow only"
        hands.key(Qt.Key.Key_J, CONTROL)
        await desk.until(lambda: isinstance(window.scrim.sheet, Shadow), "what is rehearsed is shown")
        shadow = window.scrim.sheet
        assert isinstance(shadow, Shadow)
        await desk.until(shadow._yes.isEnabled, "it may be put live")
        hands.key(Qt.Key.Key_Return, CONTROL)
        await desk.until(lambda: window.watchlists.editor is not None, "it is live")
        hands.key(Qt.Key.Key_Escape)
    found = (await hands.lists())[waiting.watchlist.id]
    assert found.version == 2
    assert found.rules[-1].words == ("corby wharf",)
    assert await desk.ask(desk.engine.editing.waiting()) == []


async def one_verdict(hands: Hands) -> None:
    """All of a wave is hidden by one verdict, and put back by one key."""
    desk, window = hands.desk, hands.desk.window
    with hands.at_most(5, "one verdict on a wave"):
        await hands.find(WAVE)
        await desk.until(lambda: window.waves.wave_here() is not None, "the card is read")
        hands.key(Qt.Key.Key_W, SHIFT)
        await desk.until(lambda: isinstance(window.scrim.sheet, VerdictSheet), "the sheet is open")
        sheet = window.scrim.sheet
        assert isinstance(sheet, VerdictSheet)
        desk.type("Copies of one claim")
        await desk.until(sheet._yes.isEnabled, "the plan is made")
        hands.key(Qt.Key.Key_Return, CONTROL)
        await desk.until(lambda: window.scrim.sheet is None, "it is decided")
    bulk = await all_of_one(hands)
    assert len(bulk) == MANY
    hidden = Lane(states=frozenset({ItemState.HIDDEN}))
    with hands.at_most(1, "taking the verdict back"):
        hands.key(Qt.Key.Key_U)
        async with asyncio.timeout(60):
            while await desk.ask(desk.engine.find(hidden, 10_000)):
                await desk.ask(desk.engine.sleep(0.05))


async def all_of_one(hands: Hands) -> list[Act]:
    """The acts of the verdict, as soon as each item that can be hidden is."""
    desk = hands.desk
    hidden = Lane(states=frozenset({ItemState.HIDDEN}))
    async with asyncio.timeout(60):
        while True:
            acts: list[Act] = await desk.ask(desk.engine.acts(most=10_000))
            if acts and len(await desk.ask(desk.engine.find(hidden, 10_000))) == len(acts):
                break
            await desk.ask(desk.engine.sleep(0.05))
    assert len({act.bulk_id for act in acts}) == 1
    return acts


async def later_items(hands: Hands) -> None:
    """What was muted stays gone, and what was added and put live fires as it arrives."""
    by_text = {item.text: item for item in await hands.items("")}
    assert [hit for hit in by_text[LATER_WRONG].hits if hit.watchlist == "weapons"] == []
    (kiln,) = [hit for hit in by_text[LATER_KILN].hits if hit.term == "Brandle kiln"]
    (wharf,) = [hit for hit in by_text[LATER_WHARF].hits if hit.term == "corby wharf"]
    assert (kiln.found_at, wharf.found_at) == (None, None), "as they arrived"
