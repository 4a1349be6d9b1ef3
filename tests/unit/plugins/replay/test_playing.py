"""Playing: each row when it is due, from any stored place, and what acts change on the way."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.api import (
    Answer,
    Connector,
    Gone,
    ItemKind,
    ItemState,
    NotAllowed,
    Order,
    Sight,
    SlowDown,
    Target,
    TryLater,
    Verb,
)
from plugins.replay.journal import NAME
from plugins.replay.playing import MOST_ROWS
from tests.unit.plugins.replay.rooms import MANIFEST, START, Clock, arrivals, pages, replay, target

TABLE = """
title = "T"
sentence = "S"
force = "F"
incident = "I"
posture = "P"
opens_after_s = 1
duration_s = 10
items = "night.jsonl"
[[accounts]]
key = "one"
network = "page"
handle = "force"
name = "The Force"
[[accounts]]
key = "two"
network = "short"
handle = "force2"
name = "The Force, too"
[networks.page]
name = "Page"
letters = "Pg"
shape = "page"
ceiling = { points = 2, seconds = 60 }
[networks.page.verbs]
hide = { can = "our-threads", reversible = true, words = "Reversible." }
unhide = { can = "our-threads", reversible = true, words = "Back." }
delete = { can = "own", words = "No way back." }
report = { can = false, words = "Only in its own app." }
block = { can = true, reversible = true, words = "Reversible." }
[networks.short]
name = "Short"
letters = "S"
shape = "short"
"""


def scenario(folder: Path) -> Path:
    """An exercise of two accounts: posts at 0 s, then an item a second, in turn."""
    lines: list[dict[str, object]] = [
        {"id": f"post-{one}", "at": 0, "account": one, "kind": "post", "author_id": "us", "text": "Post",
         "thread": f"post-{one}"}
        for one in ("one", "two")
    ]  # fmt: skip
    for number in range(1, 9):
        one = ("one", "two")[number % 2]
        lines.append({
            "id": f"i{number}", "at": number, "account": one, "author_id": "a", "text": f"item {number}",
            "thread": f"post-{one}" if number < 7 else "elsewhere", "parent": f"post-{one}",
        })  # fmt: skip
    (folder / "night.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    table = folder / "night.toml"
    table.write_text(TABLE, encoding="utf-8")
    return table


def table_of(folder: Path, count: int, gap_s: int = 60) -> Path:
    path = folder / "a.jsonl"
    rows = [{"id": n, "created_at": 1_500_000_000 + n * gap_s, "text": f"item {n}"} for n in range(count)]
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return path


def do(connector: Connector, verb: Verb, *targets: Target, text: str | None = None) -> Sequence[Answer]:
    return asyncio.run(_act(connector, Order(verb, targets, text=text)))


async def _act(connector: Connector, order: Order) -> Sequence[Answer]:
    return await connector.act(order)


def see(connector: Connector, verb: Verb, one: Target, note: str | None = None) -> Sight:
    async def look() -> Sequence[Sight]:
        return await connector.look(verb, [one], [note])

    [sight] = asyncio.run(look())
    return sight


# --- Pace ------------------------------------------------------------------------------------


def test_rows_come_as_far_apart_as_they_were_recorded(tmp_path: Path) -> None:
    clock = Clock()
    found = pages(replay(table_of(tmp_path, 3), tmp_path, clock))
    assert len(arrivals(found)) == 3
    assert START + 120_000 <= clock.at < START + 121_000


def test_a_long_wait_is_broken_by_empty_pages_that_say_all_is_well(tmp_path: Path) -> None:
    found = pages(replay(table_of(tmp_path, 2), tmp_path))
    assert sum(not page.arrivals and page.cursor is None for page in found) >= 10


def test_a_rate_stands_above_the_recorded_times(tmp_path: Path) -> None:
    clock = Clock()
    pages(replay(table_of(tmp_path, 20), tmp_path, clock, rate="2"))
    assert START + 9_500 <= clock.at < START + 10_000


def test_at_a_high_rate_pages_are_full(tmp_path: Path) -> None:
    found = pages(replay(table_of(tmp_path, 3_000), tmp_path, rate="100000"))
    assert len(arrivals(found)) == 3_000
    assert max(len(page.arrivals) for page in found) == MOST_ROWS
    assert len(found) < 20


def test_it_ends_after_so_many_seconds(tmp_path: Path) -> None:
    clock = Clock()
    found = pages(replay(table_of(tmp_path, 100), tmp_path, clock, rate="1", seconds="10"))
    assert len(arrivals(found)) == 11
    assert clock.at <= START + 11_000


def test_what_fell_due_while_nobody_read_comes_at_once(tmp_path: Path) -> None:
    clock = Clock()
    clock.at = START + 150_000
    found = pages(replay(table_of(tmp_path, 10), tmp_path, clock, started_at=str(START)), most=1)
    assert len(found[0].arrivals) == 3


@pytest.mark.parametrize(
    ("name", "value"), [("rate", "fast"), ("rate", "0"), ("seconds", "-1"), ("started_at", "nan")]
)
def test_a_setting_that_is_no_number_is_refused_in_words(tmp_path: Path, name: str, value: str) -> None:
    connector = replay(table_of(tmp_path, 1), tmp_path, **{name: value})  # type: ignore[arg-type]  # names are data here
    with pytest.raises(NotAllowed, match=f"“{name}” must be a number above 0"):
        asyncio.run(connector.open())


# --- Place -----------------------------------------------------------------------------------


@given(count=st.integers(1, 40), place=st.integers(0, 60))
def test_from_any_place_the_rest_comes_once(
    count: int, place: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("place")
    path = table_of(folder, count)
    found = pages(replay(path, folder, rate="1000"), cursor=str(place))
    assert [item.remote_id for item in arrivals(found)] == [str(n) for n in range(place, count)]


def test_each_page_says_from_where_to_go_on(tmp_path: Path) -> None:
    path = table_of(tmp_path, 30)
    for page in pages(replay(path, tmp_path, rate="100")):
        if page.cursor is not None:
            left = arrivals(pages(replay(path, tmp_path, rate="100"), cursor=page.cursor))
            assert len(left) == 30 - int(page.cursor)


@pytest.mark.parametrize("cursor", ["", "nonsense", "-1", "9" * 40, "٣"])
def test_a_place_that_is_none_starts_from_the_first_row(tmp_path: Path, cursor: str) -> None:
    assert len(arrivals(pages(replay(table_of(tmp_path, 3), tmp_path), cursor=cursor))) == 3


def test_a_file_that_vanishes_while_it_is_played_is_worth_another_try(tmp_path: Path) -> None:
    path = table_of(tmp_path, 3)
    connector = replay(path, tmp_path)
    asyncio.run(connector.open())
    path.unlink()
    with pytest.raises(TryLater):
        pages(connector)


# --- Exercises -------------------------------------------------------------------------------


def test_each_account_of_an_exercise_gets_its_own_items_at_the_common_pace(tmp_path: Path) -> None:
    table = scenario(tmp_path)
    for one, ids in {
        "one": ["post-one", "i2", "i4", "i6", "i8"],
        "two": ["post-two", "i1", "i3", "i5", "i7"],
    }.items():
        clock = Clock()
        items = arrivals(pages(replay(table, tmp_path, clock, account=one, rate="1")))
        assert [item.remote_id for item in items] == ids
        assert clock.at >= START + 8_000  # as if both were one feed


def test_an_exercises_items_are_as_old_as_its_start_says(tmp_path: Path) -> None:
    items = arrivals(pages(replay(scenario(tmp_path), tmp_path, account="one", started_at=str(START))))
    assert [item.created_at - START for item in items] == [0, 2_000, 4_000, 6_000, 8_000]
    assert (items[0].kind, items[0].is_ours, items[1].is_ours) == (ItemKind.POST, True, False)


def test_at_a_pace_of_its_own_no_item_of_an_exercise_is_from_the_future(tmp_path: Path) -> None:
    table = scenario(tmp_path)
    items = arrivals(pages(replay(table, tmp_path, account="one", rate="10", started_at=str(START))))
    assert [item.created_at - START for item in items] == [0, 300, 500, 700, 900]


def test_an_account_is_known_by_the_table(tmp_path: Path) -> None:
    profile = asyncio.run(replay(scenario(tmp_path), tmp_path, account="two").open())
    assert (profile.handle, profile.name) == ("force2", "The Force, too")


def test_an_account_that_the_table_does_not_have_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotAllowed, match="no account “three”"):
        asyncio.run(replay(scenario(tmp_path), tmp_path, account="three").open())


@pytest.mark.parametrize(
    "broken", ["not toml [", TABLE.replace('"page"\nh', '"none"\nh'), TABLE.replace("hide", "hid")]
)
def test_a_table_with_a_mistake_is_refused_in_words(tmp_path: Path, broken: str) -> None:
    table = scenario(tmp_path)
    table.write_text(broken, encoding="utf-8")
    with pytest.raises(NotAllowed, match=r"night\.toml"):
        asyncio.run(replay(table, tmp_path, account="one").open())


def test_what_can_be_done_follows_the_network_and_the_thread(tmp_path: Path) -> None:
    connector = replay(scenario(tmp_path), tmp_path, account="one")
    items = {item.remote_id: item for item in arrivals(pages(connector))}
    ours = connector.can(target("i2", note=items[next(i for i in items if i == "i2")].note))
    elsewhere = connector.can(target("i8", note=items[next(i for i in items if i == "i8")].note))
    assert (ours[Verb.HIDE].can, ours[Verb.HIDE].words) == (True, "Reversible.")
    assert (elsewhere[Verb.HIDE].can, elsewhere[Verb.BLOCK].can) == (False, True)
    assert "only in threads" in elsewhere[Verb.HIDE].words
    assert ours[Verb.REPORT].words == "Only in its own app."
    assert not ours[Verb.DELETE].can
    assert connector.can(target(is_ours=True))[Verb.DELETE].can
    assert ours[Verb.HOLD].words == "This network has no such thing."
    assert set(ours) == set(MANIFEST.verbs)


def test_an_exercises_ceiling_asks_for_a_pause_and_lets_go_again(tmp_path: Path) -> None:
    clock = Clock()
    connector = replay(scenario(tmp_path), tmp_path, clock, account="one")
    answers = do(connector, Verb.BLOCK, *(target(f"i{n}", author=f"a{n}") for n in range(3)))
    assert [answer.failure is None for answer in answers] == [True, True, False]
    slow = answers[2].failure
    assert isinstance(slow, SlowDown)
    assert slow.until == START + 60_000
    clock.at = slow.until
    assert do(connector, Verb.BLOCK, target("i2", author="a2"))[0].failure is None


# --- Acts ------------------------------------------------------------------------------------


def test_hiding_is_seen_survives_a_restart_and_is_taken_back(tmp_path: Path) -> None:
    path = table_of(tmp_path, 1)
    [answer] = do(replay(path, tmp_path), Verb.HIDE, target())
    assert answer.failure is None
    again = replay(path, tmp_path)
    assert see(again, Verb.HIDE, target()) == Sight(target().remote_id, ItemState.HIDDEN, done=True)
    do(again, Verb.UNHIDE, target(state=ItemState.HIDDEN))
    assert see(again, Verb.UNHIDE, target()).state is ItemState.VISIBLE
    assert see(replay(path, tmp_path), Verb.HIDE, target()).done is False


@pytest.mark.parametrize(("verb", "back"), [(Verb.BLOCK, Verb.UNBLOCK), (Verb.MUTE, Verb.UNMUTE)])
def test_authors_are_marked_and_let_go(tmp_path: Path, verb: Verb, back: Verb) -> None:
    connector = replay(table_of(tmp_path, 1), tmp_path)
    do(connector, verb, target("i1", author="a1"))
    assert see(connector, verb, target("i9", author="a1")).done
    assert not see(connector, verb, target("i9", author="a2")).done
    do(connector, back, target("i1", author="a1"))
    assert see(connector, back, target("i9", author="a1")).done


def test_a_reply_is_found_again_by_its_note(tmp_path: Path) -> None:
    connector = replay(table_of(tmp_path, 1), tmp_path)
    [answer] = do(connector, Verb.REPLY, target(), text="It is open.")
    assert answer.note
    assert see(connector, Verb.REPLY, target(), answer.note).done
    assert not see(connector, Verb.REPLY, target(), "another").done


def test_a_report_is_never_told_what_came_of_it(tmp_path: Path) -> None:
    connector = replay(table_of(tmp_path, 1), tmp_path)
    assert do(connector, Verb.REPORT, target())[0].failure is None
    assert see(connector, Verb.REPORT, target()).done is None


def test_what_is_deleted_is_gone_for_everything_else(tmp_path: Path) -> None:
    connector = replay(table_of(tmp_path, 1), tmp_path)
    do(connector, Verb.DELETE, target())
    [answer] = do(connector, Verb.HIDE, target())
    assert isinstance(answer.failure, Gone)
    assert see(connector, Verb.DELETE, target()).state is ItemState.DELETED


def test_what_cannot_be_done_is_refused_one_by_one_in_order(tmp_path: Path) -> None:
    connector = replay(table_of(tmp_path, 1), tmp_path)
    answers = do(connector, Verb.HIDE, target("i1"), target("i2", is_ours=True), target("i3"))
    assert [answer.remote_id for answer in answers] == ["i1", "i2", "i3"]
    assert [type(answer.failure) for answer in answers] == [type(None), NotAllowed, type(None)]
    assert isinstance(do(connector, Verb.HOLD, target())[0].failure, NotAllowed)


@given(cut=st.integers(0, 400))
def test_a_journal_that_broke_off_anywhere_holds_what_came_before(
    cut: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("journal")
    path = table_of(folder, 1)
    do(replay(path, folder), Verb.HIDE, target("i1"), target("i2"), target("i3"))
    journal = folder / "account" / NAME
    whole = journal.read_bytes()
    journal.write_bytes(whole[:cut])
    lines = whole[:cut].count(b"\n") + (whole[cut : cut + 1] == b"\n")
    connector = replay(path, folder)
    hidden = [bool(see(connector, Verb.HIDE, target(f"i{n}")).done) for n in (1, 2, 3)]
    assert hidden == [n < lines for n in range(3)]
    do(connector, Verb.HIDE, target("i4"))
    again = replay(path, folder)
    assert see(again, Verb.HIDE, target("i4")).done
    assert [bool(see(again, Verb.HIDE, target(f"i{n}")).done) for n in (1, 2, 3)] == hidden
