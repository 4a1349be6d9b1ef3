"""Editing watchlists: versions take effect, wait, come back; wrong hits are muted, phrases watched."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from console.domain.errors import NotPossible, UsageError, WatchlistError
from console.domain.list_changes import Waiting, WaitingKind, difference
from console.domain.watchlists import Rule
from console.matching import format_watchlist
from console.services.editing import COUNT_EVERY_S
from console.services.events import Trouble, WatchlistsChanged
from console.store.watchlists import read, written
from tests.fakes.lists import BLADE, OTHER, SWORD, WHO, ListRoom, a_list, list_room
from tests.unit.store.making import received


def story(folder: Path, told: Callable[[ListRoom], Awaitable[None]], *, starts: bool = True) -> None:
    async def whole() -> None:
        async with list_room(folder, starts=starts) as room:
            await told(room)

    asyncio.run(whole())


def test_a_word_that_is_added_counts_at_once_and_the_version_is_in_its_hits(tmp_path: Path) -> None:
    async def told(room: ListRoom) -> None:
        await room.editing.publish(a_list(BLADE), who=WHO, why="First", search=False)
        await room.matching.reload()
        done = await room.editing.publish(a_list(BLADE, SWORD, version=1), who=OTHER, why="Swords too")
        assert done.is_in_force
        await room.say(received("c1", "a machete and a sword"))
        assert [(hit.term, hit.version) for hit in (await room.item(1)).hits] == [
            ("machete", 2),
            ("sword", 2),
        ]
        assert WatchlistsChanged() in room.said

    story(tmp_path, told)


def test_two_changes_in_a_row_both_count_while_the_whole_is_compiled(tmp_path: Path) -> None:
    async def told(room: ListRoom) -> None:
        await room.editing.publish(a_list(BLADE), who=WHO, why="")
        await room.editing.publish(a_list(BLADE, SWORD, version=1), who=WHO, why="")
        await room.editing.publish(a_list(SWORD, Rule("axe", words=("axe",)), version=2), who=WHO, why="")
        texts = [received("c", "machete sword axe").arrival]
        assert [hit.term for hit in room.matching.hits(texts)[0]] == ["sword", "axe"]
        await room.matching.reload()
        assert [hit.term for hit in room.matching.hits(texts)[0]] == ["sword", "axe"]

    story(tmp_path, told)


def test_nothing_is_published_that_changes_nothing_or_breaks_its_own_examples(tmp_path: Path) -> None:
    async def told(room: ListRoom) -> None:
        await room.editing.publish(a_list(BLADE), who=WHO, why="")
        with pytest.raises(NotPossible, match="no change"):
            await room.editing.publish(a_list(BLADE, version=1), who=WHO, why="")
        broken = replace(BLADE, hits=("a spoon",))
        with pytest.raises(WatchlistError, match="does not hit its own example"):
            await room.editing.publish(a_list(broken, version=1), who=WHO, why="")
        slow = a_list(Rule("slow", patterns=("(a{500}){500}",)), version=1)
        assert len(await room.editing.complaints(slow)) == 1
        assert await room.editing.complaints(a_list(Rule("", words=("x",)))) != []
        assert [found.version for found in await room.editing.versions("weapons")] == [1]

    story(tmp_path, told, starts=False)


def test_the_words_about_where_a_list_comes_from_stay_in_its_next_version(tmp_path: Path) -> None:
    async def told(room: ListRoom) -> None:
        path = tmp_path / "weapons.toml"
        path.write_text(f"# Source and licence: ours.\n\n{format_watchlist(a_list(BLADE, version=1))}")
        await room.editing.import_file(path, who=WHO, why="")
        await room.editing.publish(a_list(BLADE, SWORD, version=1), who=WHO, why="")
        assert (await room.editing.export("weapons")).startswith("# Source and licence: ours.\n\nid =")
        assert (await room.editing.export("weapons", version=1)) == path.read_text()

    story(tmp_path, told, starts=False)


def test_an_older_version_comes_back_as_a_new_one(tmp_path: Path) -> None:
    async def told(room: ListRoom) -> None:
        await room.editing.publish(a_list(BLADE), who=WHO, why="")
        await room.editing.publish(a_list(SWORD, version=1), who=WHO, why="")
        done = await room.editing.go_back("weapons", 1, who=OTHER, why="")
        assert done.version == a_list(BLADE, version=3)
        newest = (await room.editing.versions("weapons"))[0]
        assert newest.why == "Back to version 1"
        with pytest.raises(UsageError, match="no version 9"):
            await room.editing.go_back("weapons", 9, who=OTHER, why="")

    story(tmp_path, told, starts=False)


def test_an_ended_list_matches_no_more_and_can_be_brought_back(tmp_path: Path) -> None:
    async def told(room: ListRoom) -> None:
        await room.editing.publish(a_list(BLADE), who=WHO, why="")
        await room.editing.end("weapons", WHO, "No use")
        arrival = received("c", "machete").arrival
        assert room.matching.hits([arrival]) == [()]
        await room.editing.go_back("weapons", 1, who=WHO, why="It was of use")
        assert len(room.matching.hits([arrival])[0]) == 1

    story(tmp_path, told)


def test_a_proposal_waits_visibly_and_takes_effect_when_somebody_else_agrees(tmp_path: Path) -> None:
    async def told(room: ListRoom) -> None:
        two = replace(a_list(BLADE), two_people=True)
        done = await room.editing.publish(two, who=WHO, why="Needed")
        assert done.waiting is not None
        assert await room.editing.waiting("weapons") == [done.waiting]
        assert room.matching.hits([received("c", "machete").arrival]) == [()]
        await room.editing.agree(done.waiting.id, OTHER)
        assert len(room.matching.hits([received("c", "machete").arrival])[0]) == 1

    story(tmp_path, told)


def test_a_proposal_that_nobody_agreed_to_in_a_day_is_not_shown_any_more(tmp_path: Path) -> None:
    async def told(room: ListRoom) -> None:
        await room.editing.publish(replace(a_list(BLADE), two_people=True), who=WHO, why="")
        await room.clock.pass_by(24 * 3600 - COUNT_EVERY_S)
        assert len(await room.editing.waiting()) == 1
        await room.clock.pass_by(2 * COUNT_EVERY_S)
        assert await room.editing.waiting() == []

    story(tmp_path, told, starts=False)


def test_a_rehearsed_list_counts_in_shadow_without_grade_or_hit_until_it_is_live(tmp_path: Path) -> None:
    async def told(room: ListRoom) -> None:
        waits = await room.editing.keep_rehearsing(a_list(BLADE), who=WHO, why="Try it")
        assert waits.kind is WaitingKind.REHEARSING
        await room.say(received("c1", "a machete"), received("c2", "a spoon"))
        assert ((await room.item(1)).grade, (await room.item(1)).hits) == (5, ())
        await room.editing._keep_counts()
        (found,) = await room.editing.waiting()
        assert (found.seen, found.items) == (2, 1)
        done = await room.editing.put_live(waits.id, who=OTHER, why="", search=False)
        assert done.version is not None
        assert (done.version.version, (await room.editing.versions("weapons"))[0].why) == (1, "Try it")
        assert await room.editing.waiting() == []
        await room.say(received("c3", "a machete"))
        assert (await room.item(3)).grade == 2

    story(tmp_path, told)


def test_a_rehearsal_can_be_dropped(tmp_path: Path) -> None:
    async def told(room: ListRoom) -> None:
        waits = await room.editing.keep_rehearsing(a_list(BLADE), who=WHO, why="")
        await room.editing.withdraw(waits.id, WHO, "No use")
        with pytest.raises(NotPossible, match="waits no longer"):
            await room.editing.put_live(waits.id, who=WHO, why="")

    story(tmp_path, told, starts=False)


def test_a_rehearsed_list_that_needs_two_people_becomes_a_proposal(tmp_path: Path) -> None:
    async def told(room: ListRoom) -> None:
        waits = await room.editing.keep_rehearsing(replace(a_list(BLADE), two_people=True), who=WHO, why="")
        done = await room.editing.put_live(waits.id, who=WHO, why="")
        assert done.waiting is not None
        assert done.waiting.kind is WaitingKind.PROPOSED
        with pytest.raises(NotPossible, match="second person"):
            await room.editing.put_live(done.waiting.id, who=OTHER, why="")

    story(tmp_path, told, starts=False)


def test_a_wrong_hit_is_muted_for_good_by_the_words_around_it(tmp_path: Path) -> None:
    async def told(room: ListRoom) -> None:
        await room.editing.publish(a_list(Rule("kill", words=("kill",))), who=WHO, why="")
        await room.say(received("c1", "Off home now. Kill the lights, would you"))
        (hit,) = (await room.item(1)).hits
        assert await room.editing.exception_for((await room.item(1)).id, hit) == "Kill the lights,"
        done = await room.editing.mute((await room.item(1)).id, hit, who=WHO, why="")
        assert done.version is not None
        (rule,) = done.version.rules
        assert (rule.unless, rule.misses) == (("Kill the lights,",), ("Kill the lights,",))
        arrivals = [received("x", text).arrival for text in ("kill the lights, pal", "kill him")]
        assert [len(hits) for hits in room.matching.hits(arrivals)] == [0, 1]
        assert (await room.item(1)).hits == (hit,)
        with pytest.raises(NotPossible, match="already"):
            await room.editing.mute((await room.item(1)).id, hit, who=WHO, why="")

    story(tmp_path, told)


def test_an_exception_that_would_silence_its_rule_is_refused(tmp_path: Path) -> None:
    async def told(room: ListRoom) -> None:
        await room.editing.publish(a_list(Rule("kill", words=("kill",))), who=WHO, why="")
        await room.say(received("c1", "kill"), received("c2", "kill the lights and kill time"))
        only, twice = await room.item(1), await room.item(2)
        with pytest.raises(NotPossible, match="Type a few of the words"):
            await room.editing.mute(only.id, only.hits[0], who=WHO, why="")
        with pytest.raises(NotPossible, match="“kill” alone would hit no more"):
            await room.editing.mute(only.id, only.hits[0], who=WHO, why="", words="kill")
        with pytest.raises(NotPossible, match="by other words"):
            await room.editing.mute(twice.id, twice.hits[0], who=WHO, why="", words="thrill")
        with pytest.raises(UsageError, match="not in this profile"):
            await room.editing.mute(type(only.id)(9), only.hits[0], who=WHO, why="")

    story(tmp_path, told, starts=True)


def test_a_phrase_is_watched_for_the_open_incident_and_ends_with_it(tmp_path: Path) -> None:
    async def told(room: ListRoom) -> None:
        with pytest.raises(NotPossible, match="No incident is open"):
            await room.editing.watch_phrase("meet at the Ring", who=WHO)
        await room.desk.open_incident("Chandlers Row", "Watch", WHO, room.clock.now())
        done = await room.editing.watch_phrase(" meet  at the Ring ", who=WHO, grade=2)
        assert done.version is not None
        assert (done.version.incident, done.version.rules[0].words) == (1, ("meet at the Ring",))
        await room.editing.watch_phrase("Cutler Street", who=OTHER)
        (hit,) = room.matching.hits([received("c", "lads, meet at the ring").arrival])[0]
        assert (hit.grade, hit.rule, hit.version) == (2, "meet-at-the-ring", 2)
        with pytest.raises(NotPossible, match="already"):
            await room.editing.watch_phrase("cutler street", who=WHO)
        await room.desk.close_incident(WHO, room.clock.now())
        await room.editing.took_effect()
        assert room.matching.watchlists == ()

    story(tmp_path, told)


def test_a_table_is_added_to_the_lists_that_it_names(tmp_path: Path) -> None:
    async def told(room: ListRoom) -> None:
        await room.editing.publish(a_list(BLADE), who=WHO, why="")
        path = tmp_path / "words.csv"
        path.write_text("term,list,grade\nmachete,weapons,\nsword,weapons,1\nbrick,disorder,\n")
        done = await room.editing.import_file(path, who=WHO, why="")
        versions = [one.version for one in done if not isinstance(one, Waiting)]
        assert [(one.id, one.version, len(one.rules)) for one in versions if one] == [
            ("weapons", 2, 2),
            ("disorder", 1, 1),
        ]
        assert "sword,weapons,1,yes," in await room.editing.export("weapons", "csv")
        with pytest.raises(NotPossible, match="already"):
            await room.editing.import_file(path, who=WHO, why="")

    story(tmp_path, told, starts=False)


def test_a_file_is_refused_when_a_later_version_is_in_force(tmp_path: Path) -> None:
    async def told(room: ListRoom) -> None:
        path = tmp_path / "weapons.toml"
        path.write_text(format_watchlist(a_list(BLADE, version=7)))
        (done,) = await room.editing.import_file(path, who=WHO, why="")
        assert not isinstance(done, Waiting)
        assert (done.version, await room.editing.import_file(path, who=WHO, why="")) == (done.version, [done])
        path.write_text(format_watchlist(a_list(SWORD, version=7)))
        with pytest.raises(WatchlistError, match="with other words"):
            await room.editing.import_file(path, who=WHO, why="")
        path.write_text(format_watchlist(a_list(SWORD, version=6)))
        with pytest.raises(WatchlistError, match="version 7 is in force"):
            await room.editing.import_file(path, who=WHO, why="")
        (waits,) = [await room.editing.keep_rehearsing(a_list(SWORD, version=7), who=WHO, why="")]
        assert waits.watchlist.version == 8
        with pytest.raises(UsageError, match="no watchlist"):
            await room.editing.export("nothing")
        with pytest.raises(WatchlistError, match="cannot be read"):
            await room.editing.import_file(tmp_path / "missing.toml", who=WHO, why="")

    story(tmp_path, told, starts=False)


def test_words_are_tried_against_a_list_that_is_being_written(tmp_path: Path) -> None:
    async def told(room: ListRoom) -> None:
        (hit,) = await room.editing.try_words(a_list(BLADE), "a m4chete")
        assert (hit.text, hit.disguised) == ("m4chete", True)
        with pytest.raises(WatchlistError, match="cannot be used"):
            await room.editing.try_words(a_list(Rule("r", patterns=("(",))), "x")

    story(tmp_path, told, starts=False)


def test_a_difference_is_told_in_plain_words() -> None:
    was = a_list(BLADE, SWORD)
    muted = replace(BLADE, words=("machete", "cleaver"), unless=("machete museum",), disguised=False, grade=1)
    now = replace(a_list(muted, Rule("axe", words=("axe",))), owner="Gold", two_people=True)
    assert difference(was, now).words == (
        "Owner: Duty lead is now Gold.",
        "Needs two people to publish from now on.",
        "Rule axe added: “axe”.",
        "Rule sword removed: it was “sword”.",
        "Rule blade: word added: “cleaver”.",
        "Rule blade: exception added: “machete museum”.",
        "Rule blade: disguised spelling is no longer seen through.",
        "Rule blade: grade that of the list is now 1.",
    )
    assert difference(was, now).to_search == ("blade", "axe")
    assert difference(was, replace(was, version=9)).is_nothing
    assert difference(None, was).words == ("New watchlist with 2 rules.",)
    assert difference(was, replace(was, rules=(replace(BLADE, note="Ask Gold"), SWORD))).to_search == ()


def test_what_is_kept_in_the_database_reads_back() -> None:
    found = replace(a_list(replace(BLADE, hits=("a machete",), note="n")), incident=3, two_people=True)
    assert read(written(found)) == found


def test_a_rehearsal_that_cannot_be_compiled_is_said_and_hurts_nobody(tmp_path: Path) -> None:
    async def told(room: ListRoom) -> None:
        slow = a_list(Rule("slow", patterns=("(a{500}){500}",)), version=1)
        await room.matching.rehearse([Waiting(1, WaitingKind.REHEARSING, slow, WHO, 1, "", None)])
        (said,) = [one for one in room.said if isinstance(one, Trouble)]
        assert said.words.startswith("What is rehearsed could not be used")
        assert room.matching.hits([received("c", "machete").arrival]) == [()]

    story(tmp_path, told, starts=False)


def test_a_search_whose_version_is_gone_ends_and_says_why(tmp_path: Path) -> None:
    async def told(room: ListRoom) -> None:
        await room.searching.ask(a_list(BLADE, version=9), ["blade"], WHO, alarm=False)
        await room.editing.drain()
        (said,) = [one for one in room.said if isinstance(one, Trouble)]
        assert "Version 9 of it is not there" in said.words
        assert not (await room.editing.searches())[0].is_open

    story(tmp_path, told, starts=False)
