"""Incidents, watchlist versions, sealed sign-ins and key material."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from console.domain.errors import WatchlistError
from console.domain.ids import AccountId
from console.domain.watchlists import Near, Rule, Watchlist
from console.store import incidents, secrets, watchlists
from console.store.database import Connection, Database
from tests.unit.store.making import NOW, opened

WEAPONS = Watchlist(
    id="weapons",
    name="Weapons and attacks in progress",
    category="weapons",
    grade=2,
    suggest="hide",
    owner="Duty communications lead",
    version=3,
    review_by=dt.date(2027, 3, 1),
    rules=(
        Rule(
            id="blade",
            words=("machete", "cyllell"),
            patterns=("bring(ing)? (a )?blades?",),
            near=(Near(("stab", "shank"), ("officer",), 6),),
            unless=("knife amnesty",),
            disguised=False,
            languages=("en", "cy"),
            grade=1,
            suggest=None,
        ),
        Rule(id="plain"),
    ),
)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with opened(tmp_path) as found:
        yield found


def put(conn: Connection, watchlist: Watchlist, text: str) -> bool:
    return watchlists.put(conn, watchlist, text, "a.rowe", NOW)


def test_a_watchlist_comes_back_as_it_was_put(database: Database) -> None:
    assert database.record_now(lambda conn: put(conn, WEAPONS, "id = 3")).result()
    assert database.read_now(watchlists.watchlists).result() == [WEAPONS]
    assert database.read_now(lambda conn: watchlists.source(conn, "weapons")).result() == "id = 3"


def test_the_newest_version_is_in_force_and_the_older_text_is_kept(database: Database) -> None:
    newer = replace(WEAPONS, version=4, name="Weapons")
    other = replace(WEAPONS, id="abuse", version=1)
    database.record_now(lambda conn: put(conn, WEAPONS, "three")).result()
    database.record_now(lambda conn: put(conn, newer, "four")).result()
    database.record_now(lambda conn: put(conn, other, "one")).result()
    assert database.read_now(watchlists.watchlists).result() == [other, newer]
    assert database.read_now(lambda conn: watchlists.source(conn, "weapons", 3)).result() == "three"
    assert database.read_now(lambda conn: watchlists.source(conn, "weapons", 9)).result() is None


def test_the_same_version_again_changes_nothing(database: Database) -> None:
    database.record_now(lambda conn: put(conn, WEAPONS, "three")).result()
    assert not database.record_now(lambda conn: put(conn, WEAPONS, "three")).result()


@pytest.mark.parametrize(("version", "words"), [(2, "this is version 2"), (3, "with other words")])
def test_an_older_version_and_a_changed_one_are_refused(database: Database, version: int, words: str) -> None:
    database.record_now(lambda conn: put(conn, WEAPONS, "three")).result()
    with pytest.raises(WatchlistError, match=words):
        database.record_now(lambda conn: put(conn, replace(WEAPONS, version=version), "else")).result()


def test_one_incident_is_open_at_a_time(database: Database) -> None:
    assert database.read_now(incidents.current).result() is None
    first = database.record_now(lambda conn: incidents.start(conn, "Dellin", "Open", "a", NOW)).result()
    assert database.read_now(incidents.current).result() == first
    database.record_now(lambda conn: incidents.finish(conn, first, "b", NOW + 1)).result()
    assert database.read_now(incidents.current).result() is None
    assert database.read_now(incidents.incidents).result() == [replace(first, closed_at=NOW + 1)]


def test_a_sign_in_is_kept_replaced_and_forgotten(database: Database) -> None:
    number = AccountId(1)
    found = []

    def work(conn: Connection) -> None:
        found.append(secrets.secret(conn, number))
        secrets.keep(conn, number, b"one")
        secrets.keep(conn, number, b"two")
        found.append(secrets.secret(conn, number))
        secrets.forget(conn, number)
        found.append(secrets.secret(conn, number))

    database.record_now(work).result()
    assert found == [None, b"two", None]


def test_key_material_is_kept_whole(database: Database) -> None:
    assert database.read_now(secrets.material).result() == {}
    database.record_now(lambda conn: secrets.keep_material(conn, {"salt": b"1", "check": b"2"})).result()
    database.record_now(lambda conn: secrets.keep_material(conn, {"check": b"3"})).result()
    assert database.read_now(secrets.material).result() == {"check": b"3"}
