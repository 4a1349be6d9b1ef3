"""Waves, strays and standing verdicts on disk."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from console.domain.acts import Verb
from console.domain.ids import ItemId
from console.domain.items import ItemKind
from console.domain.lanes import Lane, parse_lane
from console.domain.waves import Standing, Wave
from console.store import items, lanes, waves
from console.store.database import Database
from tests.unit.store.making import MINUTE, NOW, add_account, opened, received


def a_wave(number: int, size: int = 5, at: int = NOW, essence: str = "They always protect their own") -> Wave:
    return Wave(number, essence, size, 4, 2, ("bluesky", "x"), NOW, at, 1.5)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with opened(tmp_path) as found:
        found.ingest_now(add_account).result()
        rows = [received(f"p{number}", f"text {number}") for number in range(1, 7)]
        rows.append(received("dm", "a secret", kind=ItemKind.MESSAGE))
        rows.append(received("ours", "our line", is_ours=True))
        found.ingest_now(lambda conn: items.save_batch(conn, rows, {}, lambda text: text.encode())).result()
        yield found


def test_waves_are_told_newest_or_biggest_first_and_small_ones_are_left_out(database: Database) -> None:
    some = [a_wave(1, 3, NOW + 5), a_wave(2, 9, NOW + 3), a_wave(3, 2, NOW + 9), a_wave(4, 9, NOW + 1)]
    database.ingest_now(lambda conn: waves.put(conn, some)).result()
    assert database.read_now(waves.waves).result() == [some[0], some[1], some[3]]
    biggest = database.read_now(lambda conn: waves.waves(conn, "biggest", least=2)).result()
    assert [wave.id for wave in biggest] == [4, 2, 1, 3]
    assert database.read_now(lambda conn: waves.waves(conn, since=NOW + 4)).result() == [some[0]]
    assert database.read_now(lambda conn: waves.wave(conn, 3)).result() == some[2]
    assert database.read_now(lambda conn: waves.wave(conn, 8)).result() is None


def test_a_wave_that_goes_on_is_kept_as_it_is_now(database: Database) -> None:
    database.ingest_now(lambda conn: waves.put(conn, [a_wave(1)])).result()
    later = a_wave(1, 80, NOW + MINUTE, "Another wording")
    database.ingest_now(lambda conn: waves.put(conn, [later])).result()
    assert database.read_now(lambda conn: waves.wave(conn, 1)).result() == later


def test_an_item_joins_one_wave_once_and_knows_it(database: Database) -> None:
    members = {ItemId(1): 1, ItemId(2): 1, ItemId(3): 3}
    assert database.ingest_now(lambda conn: waves.join(conn, members)).result() == [1, 2, 3]
    again = {ItemId(2): 3, ItemId(4): 1}
    assert database.ingest_now(lambda conn: waves.join(conn, again)).result() == [4]
    assert list(database.read_now(lambda conn: waves.wave_ids(conn, 1)).result()) == [4, 2, 1]
    assert list(database.read_now(lambda conn: waves.wave_ids(conn, 1, 4, 1)).result()) == [2]
    assert list(database.read_now(lambda conn: waves.later_ids(conn, 1, 1, 9)).result()) == [2, 4]
    found = database.read_now(lambda conn: items.items(conn, [1, 5])).result()
    assert [item.wave_id for item in found] == [1, None]


def test_a_lane_may_hold_one_wave_or_the_strays(database: Database) -> None:
    database.ingest_now(lambda conn: waves.join(conn, {ItemId(1): 1, ItemId(4): 1, ItemId(5): 5})).result()
    database.ingest_now(lambda conn: waves.put_strays(conn, {ItemId(2): "says what they saw"})).result()

    def ids(lane: Lane) -> list[int]:
        return list(database.read_now(lambda conn: lanes.lane_ids(conn, lane)).result())

    assert ids(parse_lane("wave:1", NOW)) == ids(parse_lane("wave:w1", NOW)) == [4, 1]
    assert ids(parse_lane("wave:1 lang:cy", NOW)) == []
    assert ids(parse_lane("wave:1 text", NOW)) == [4, 1]
    assert ids(parse_lane("is:stray", NOW)) == [2]
    assert ids(parse_lane("is:stray wave:1", NOW)) == []
    everything = database.read_now(
        lambda conn: lanes.new_ids(conn, Lane(wave=1), ItemId(1), ItemId(4))
    ).result()
    assert list(everything) == [4, 1]
    assert database.read_now(lambda conn: items.items(conn, [2])).result()[0].stray == "says what they saw"


def test_private_messages_and_our_own_words_are_never_grouped(database: Database) -> None:
    said = database.read_now(lambda conn: waves.said_before(conn, 99, 0, 99)).result()
    assert [one.item_id for one in said] == [6, 5, 4, 3, 2, 1]
    assert database.read_now(lambda conn: waves.said(conn, [7, 8])).result() == {}


def test_an_author_is_new_until_something_of_theirs_was_there_before(database: Database) -> None:
    author = database.read_now(lambda conn: items.items(conn, [1])).result()[0].author.id
    assert not database.read_now(lambda conn: waves.was_known(conn, "x", author, 1)).result()
    assert database.read_now(lambda conn: waves.was_known(conn, "x", author, 2)).result()
    assert not database.read_now(lambda conn: waves.was_known(conn, "bluesky", author, 2)).result()
    assert not database.read_now(lambda conn: waves.was_known(conn, "x", "somebody", 9)).result()


def test_the_essence_goes_when_words_of_the_wave_are_purged(database: Database) -> None:
    database.ingest_now(lambda conn: waves.put(conn, [a_wave(1)])).result()
    database.ingest_now(lambda conn: waves.join(conn, {ItemId(1): 1})).result()
    database.ingest_now(
        lambda conn: conn.execute("UPDATE items SET text = '', purged_at = 5 WHERE id = 1")
    ).result()
    found = database.read_now(lambda conn: waves.wave(conn, 1)).result()
    assert found is not None
    assert found.essence == ""


def test_a_standing_verdict_is_kept_counted_and_ended_once(database: Database) -> None:
    standing = Standing(0, 1, Verb.HIDE, "House rule 3", None, "op", None, NOW, NOW + MINUTE, 50, 0, 6)
    number = database.record_now(lambda conn: waves.put_standing(conn, standing)).result()
    database.record_now(lambda conn: waves.use_standing(conn, number, 3, 9)).result()
    (found,) = database.read_now(waves.open_standings).result()
    assert (found.id, found.used, found.after, found.limit) == (number, 3, 9, 50)
    assert found.is_open(NOW)
    assert not found.is_open(NOW + MINUTE)
    assert database.record_now(lambda conn: waves.end_standing(conn, number, "op", "by hand", NOW)).result()
    assert not database.record_now(lambda conn: waves.end_standing(conn, number, "op", "again", NOW)).result()
    assert database.read_now(waves.open_standings).result() == []
    (ended,) = database.read_now(lambda conn: waves.standings_of(conn, 1)).result()
    assert (ended.ended_by, ended.why_ended) == ("op", "by hand")
