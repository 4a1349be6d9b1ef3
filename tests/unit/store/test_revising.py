"""Edits: the earlier words stay, the new ones are found and graded, and repeats change nothing."""

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.domain.ids import AccountId, ItemId
from console.domain.items import Item, ItemKind, Media
from console.domain.lanes import parse_lane
from console.store import items, lanes
from console.store.database import Database
from console.store.items import Received, Stored, Version, save_batch
from tests.unit.store.making import NOW, add_account, hit, opened, received, save

ONE = ItemId(1)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with opened(tmp_path) as found:
        found.record_now(add_account).result()
        yield found


def seal(text: str) -> bytes:
    return b"sealed:" + text.encode("utf-16", "surrogatepass")


def unseal(sealed: bytes) -> str:
    return sealed.removeprefix(b"sealed:").decode("utf-16", "surrogatepass")


def save_sealed(database: Database, *rows: Received) -> Stored:
    return database.ingest_now(lambda conn: save_batch(conn, rows, {}, seal, unseal)).result()


def item(database: Database, number: int = 1) -> Item:
    (found,) = database.read_now(lambda conn: items.items(conn, [number], unseal)).result()
    return found


def earlier(database: Database) -> list[Version]:
    return database.read_now(lambda conn: items.history(conn, ONE, unseal)).result()


def found(database: Database, words: str) -> list[int]:
    lane = parse_lane(words, NOW)
    return list(database.read_now(lambda conn: lanes.lane_ids(conn, lane)).result())


def rail(database: Database) -> tuple[int, ...]:
    return database.read_now(lanes.rail).result().grades


def check_index(database: Database) -> None:
    def work(conn: Any) -> None:
        conn.execute("INSERT INTO items_words (items_words, rank) VALUES ('integrity-check', 1)")

    database.record_now(work).result()


def edited(row: Received, text: str, **more: Any) -> Received:
    return replace(row, arrival=replace(row.arrival, text=text, **more))


def test_an_edit_keeps_the_earlier_words_and_is_found_by_the_new_ones(database: Database) -> None:
    first = received("p1", "a kind word", raw='{"text":"a kind word"}')
    save(database, first)
    stored = save(database, replace(edited(first, "a machete", edited_at=NOW), received_at=NOW + 5))
    assert (stored.count, stored.duplicates, stored.edited) == (0, 0, (ONE,))
    assert item(database).text == "a machete"
    assert item(database).edited_at == NOW
    assert earlier(database) == [
        Version("a kind word", "tomosw.test", "Tomos W", edited_at=None, replaced_at=NOW + 5, rules=())
    ]
    assert (found(database, "machete"), found(database, "kind")) == ([1], [])
    check_index(database)


def test_an_edit_may_raise_the_grade_and_is_unseen_again_but_never_lowers_it(database: Database) -> None:
    first = received("p1", "a kind word")
    save(database, first)
    database.ingest_now(lambda conn: items.mark_seen(conn, [1], NOW)).result()
    assert rail(database) == (0, 0, 0, 0, 0)
    save(database, replace(edited(first, "machete"), hits=[hit()], grade=2))
    assert (item(database).grade, item(database).seen_at) == (2, None)
    assert [each.term for each in item(database).hits] == ["machete"]
    assert rail(database) == (0, 1, 0, 0, 0)
    save(database, edited(first, "never mind"))
    assert (item(database).grade, item(database).hits) == (2, ())
    assert earlier(database)[1].rules == ("weapons/blade v3",)
    assert rail(database) == (0, 1, 0, 0, 0)


def test_a_small_edit_of_something_seen_stays_seen(database: Database) -> None:
    first = received("p1", "a knid word")
    save(database, first)
    database.ingest_now(lambda conn: items.mark_seen(conn, [1], NOW)).result()
    save(database, edited(first, "a kind word"))
    assert item(database).seen_at == NOW
    assert rail(database) == (0, 0, 0, 0, 0)


def test_a_repeat_is_a_duplicate_and_leaves_no_history(database: Database) -> None:
    first = received("p1", "half \ud83d pair", media=(Media("picture", "https://a.example/1", "a dog"),))
    save(database, first)
    stored = save(database, first, edited(first, "half \ud83d pair", edited_at=NOW))
    assert (stored.duplicates, stored.edited) == (2, ())
    assert earlier(database) == []


def test_a_version_that_is_older_than_the_known_one_is_no_news(database: Database) -> None:
    first = received("p1", "one")
    save(database, first)
    save(database, edited(first, "three", edited_at=NOW + 3))
    stored = save(database, edited(first, "two", edited_at=NOW + 2))
    assert stored.edited == ()
    assert item(database).text == "three"


def test_an_item_and_its_edit_in_one_batch_are_both_kept(database: Database) -> None:
    first = received("p1", "one")
    stored = save(database, first, edited(first, "two"), edited(first, "three"), received("p2"))
    assert (stored.count, stored.edited) == (2, (ONE,))
    assert [each.text for each in earlier(database)] == ["one", "two"]
    assert item(database).text == "three"


def test_other_pictures_under_the_same_words_are_an_edit_too(database: Database) -> None:
    first = received("p1", "look")
    save(database, first)
    save(database, edited(first, "look", media=(Media("picture", "https://a.example/2"),)))
    assert item(database).media[0].url == "https://a.example/2"
    assert len(earlier(database)) == 1


def test_a_picture_whose_address_was_signed_anew_is_no_edit_and_another_link_is_one(
    database: Database,
) -> None:
    picture = Media("picture", "https://lhr8.a.example/t39/1_n.jpg?oe=6A&oh=00")
    link = Media("link", "https://b.example/watch?v=1")
    first = received("p1", "look", media=(picture, link))
    save(database, first)
    again = Media("picture", "https://lhr6.a.example/t39/1_n.jpg?oe=6B&oh=01")
    stored = save(database, edited(first, "look", media=(again, link)))
    assert (stored.duplicates, stored.edited) == (1, ())
    save(database, edited(first, "look", media=(again, Media("link", "https://b.example/watch?v=2"))))
    save(database, edited(first, "look", media=(Media("picture", "http://[half"), link)))
    assert len(earlier(database)) == 2


def test_a_private_message_that_was_edited_stays_sealed_in_both_versions(database: Database) -> None:
    first = received("m1", "my heron", kind=ItemKind.MESSAGE, raw='{"text":"my heron"}')
    save_sealed(database, first)
    stored = save_sealed(database, edited(first, "my other heron", raw='{"text":"my other heron"}'))
    assert stored.edited == (ONE,)
    assert item(database).text == "my other heron"
    assert [each.text for each in earlier(database)] == ["my heron"]
    raw = database.read_now(lambda conn: items.raw(conn, ONE, unseal)).result()
    assert json.loads(raw) == {"text": "my other heron"}
    database.record_now(lambda conn: conn.execute("SELECT 1").fetchone()).result()
    for path in database.path.parent.iterdir():
        assert b"heron" not in path.read_bytes(), path.name
    assert found(database, "heron") == []


def test_without_the_key_a_private_message_that_comes_again_counts_as_a_repeat(database: Database) -> None:
    first = received("m1", "my heron", kind=ItemKind.MESSAGE)
    save_sealed(database, first)
    again = [edited(first, "other")]
    stored = database.ingest_now(lambda conn: save_batch(conn, again, {}, seal, None)).result()
    assert (stored.duplicates, stored.edited) == (1, ())


def test_what_was_purged_is_not_brought_back_by_a_network_that_tells_it_again(database: Database) -> None:
    first = received("p1", "one")
    save(database, first)
    database.record_now(lambda conn: conn.execute("UPDATE items SET text = '', purged_at = 5")).result()
    stored = save(database, first)
    assert stored.edited == ()
    assert item(database).text == ""


def test_an_edit_of_our_own_post_is_kept_and_stays_seen(database: Database) -> None:
    first = received("p1", "Road closed", is_ours=True)
    save(database, first)
    save(database, edited(first, "Road open"))
    assert item(database).text == "Road open"
    assert item(database).seen_at is not None
    assert rail(database) == (0, 0, 0, 0, 0)


TEXTS = st.sampled_from(["", "a", "b", "machete", "half \ud83d", "nul \x00 too"])


@given(st.lists(st.lists(st.tuples(st.sampled_from(["p1", "p2"]), TEXTS), max_size=5), max_size=6))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_told_in_whatever_batches_the_last_words_stand_and_all_others_are_kept(
    tmp_path_factory: pytest.TempPathFactory, batches: list[list[tuple[str, str]]]
) -> None:
    told: dict[str, list[str]] = {}
    with opened(tmp_path_factory.mktemp("edits")) as database:
        database.record_now(add_account).result()
        for batch in batches:
            save(database, *(received(remote, text) for remote, text in batch))
            for remote, text in batch:
                versions = told.setdefault(remote, [])
                if versions[-1:] != [text]:
                    versions.append(text)
        known = database.read_now(
            lambda conn: items.by_remote(conn, AccountId(1), [row.arrival.remote_id for row in both()])
        ).result()
        for remote, versions in told.items():
            number = next(number for name, number in known.items() if name == remote)
            kept = database.read_now(partial(items.history, item_id=number)).result()
            assert [*(each.text for each in kept), item(database, number).text] == versions
        check_index(database)


def both() -> list[Received]:
    return [received("p1"), received("p2")]
