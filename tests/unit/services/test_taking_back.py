"""A phrase for good, what quick changes would do told beforehand, and taking them back at once."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from console.domain.errors import NotPossible, WatchlistError
from console.domain.list_changes import Published
from console.domain.watchlists import Rule
from tests.fakes.lists import BLADE, OTHER, SWORD, WHO, ListRoom, a_list, list_room
from tests.unit.store.making import received

KILL = Rule("kill", words=("kill",))


def story(folder: Path, told: Callable[[ListRoom], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with list_room(folder) as room:
            await told(room)

    asyncio.run(whole())


def hits(room: ListRoom, *texts: str) -> list[list[str]]:
    """The rules that each text hits as it arrives."""
    found = room.matching.hits([received("x", text).arrival for text in texts])
    return [[hit.rule for hit in each] for each in found]


def test_a_phrase_is_added_to_a_list_for_good_and_told_beforehand(tmp_path: Path) -> None:
    async def told(room: ListRoom) -> None:
        await room.editing.publish(a_list(BLADE), who=WHO, why="")
        await room.say(received("c1", "a rambo knife"), received("c2", "machete and rambo knife"))
        await room.say(received("c3", "a kind word"))
        wish = room.editing.rehearse_phrase("rambo knife", who=WHO, watchlist_id="weapons")
        before = await wish
        assert (before.hits, before.looked_at, before.newly_caught) == (2, 3, 1)
        done = await room.editing.watch_for_good(" rambo  knife ", "weapons", who=OTHER, grade=1)
        assert done.version is not None
        assert [(rule.id, rule.grade) for rule in done.version.rules] == [("blade", None), ("rambo-knife", 1)]
        assert hits(room, "his rambo knife") == [["rambo-knife"]]
        with pytest.raises(NotPossible, match="is on the list Weapons already"):
            await room.editing.watch_for_good("Rambo knife", "weapons", who=WHO)
        with pytest.raises(NotPossible, match="no watchlist “knives” in force"):
            await room.editing.watch_for_good("shank", "knives", who=WHO)

    story(tmp_path, told)


def test_a_phrase_that_is_too_long_is_refused_before_it_is_tried(tmp_path: Path) -> None:
    async def told(room: ListRoom) -> None:
        await room.editing.publish(a_list(BLADE), who=WHO, why="")
        with pytest.raises(WatchlistError):
            await room.editing.rehearse_phrase("far " * 500, who=WHO, watchlist_id="weapons")

    story(tmp_path, told)


def test_a_phrase_for_the_incident_is_counted_without_its_list(tmp_path: Path) -> None:
    async def told(room: ListRoom) -> None:
        await room.say(received("c1", "meet at the Ring"), received("c2", "in the park"))
        with pytest.raises(NotPossible, match="No incident is open"):
            await room.editing.rehearse_phrase("the Ring", who=WHO)
        await room.desk.open_incident("Chandlers Row", "Watch", WHO, room.clock.now())
        before = await room.editing.rehearse_phrase("the ring", who=WHO)
        assert (before.hits, before.newly_caught) == (1, 1)
        assert [sample.text for sample in before.samples_new] == ["meet at the Ring"]

    story(tmp_path, told)


def test_what_an_exception_would_let_go_is_told_beforehand(tmp_path: Path) -> None:
    async def told(room: ListRoom) -> None:
        await room.editing.publish(a_list(KILL), who=WHO, why="")
        await room.say(received("c1", "Kill the lights, would you"), received("c2", "kill the lights, pal"))
        await room.say(received("c3", "I will kill him"))
        item = await room.item(1)
        before = await room.editing.rehearse_mute(item.id, item.hits[0], "kill the lights")
        assert (before.no_longer_caught, before.the_same) == (2, 1)
        with pytest.raises(NotPossible, match="would silence the rule"):
            await room.editing.rehearse_mute(item.id, item.hits[0], "kill")
        assert len(await room.editing.versions("weapons")) == 1

    story(tmp_path, told)


def test_a_mute_is_taken_back_and_the_hit_fires_again(tmp_path: Path) -> None:
    async def told(room: ListRoom) -> None:
        await room.editing.publish(a_list(KILL), who=WHO, why="")
        await room.say(received("c1", "Kill the lights, would you"))
        item = await room.item(1)
        done = await room.editing.mute(item.id, item.hits[0], who=WHO, why="A lamp")
        assert hits(room, "kill the lights, pal") == [[]]
        back = await room.editing.take_back(done, who=WHO)
        assert back is not None
        assert back.version is not None
        assert (back.version.version, back.version.rules) == (3, (KILL,))
        assert hits(room, "kill the lights, pal") == [["kill"]]
        with pytest.raises(NotPossible, match="was changed again since"):
            await room.editing.take_back(done, who=WHO)
        assert await room.editing.take_back(Published(None, None), who=WHO) is None

    story(tmp_path, told)


def test_a_list_that_was_new_ends_when_it_is_taken_back_and_begins_empty_the_next_time(
    tmp_path: Path,
) -> None:
    async def told(room: ListRoom) -> None:
        await room.desk.open_incident("Chandlers Row", "Watch", WHO, room.clock.now())
        done = await room.editing.watch_phrase("the Ring", who=WHO)
        assert await room.editing.take_back(done, who=WHO) is None
        assert hits(room, "at the ring") == [[]]
        again = await room.editing.watch_phrase("the ford", who=WHO)
        assert hits(room, "at the ring", "at the ford") == [[], ["the-ford"]]
        assert await room.editing.take_back(again, who=WHO) is None
        assert hits(room, "at the ring", "at the ford") == [[], []]

    story(tmp_path, told)


def test_a_proposal_is_taken_back_before_anybody_agreed(tmp_path: Path) -> None:
    async def told(room: ListRoom) -> None:
        careful = replace(a_list(BLADE), two_people=True)
        first = await room.editing.publish(careful, who=WHO, why="")
        assert first.waiting is not None
        await room.editing.agree(first.waiting.id, OTHER)
        done = await room.editing.watch_for_good("sword", "weapons", who=WHO)
        assert done.waiting is not None
        assert done.waiting.watchlist.rules[-1].words == SWORD.words
        assert await room.editing.take_back(done, who=WHO) is None
        assert await room.editing.waiting() == []
        assert hits(room, "a sword") == [[]]

    story(tmp_path, told)
