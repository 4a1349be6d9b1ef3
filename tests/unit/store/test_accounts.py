"""Accounts on disk: added, looked after, removed, and taken up again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from console.domain.accounts import Account, AccountState
from console.domain.errors import NotPossible
from console.domain.ids import AccountId
from console.store import accounts
from console.store.database import Connection, Database
from tests.unit.store.making import NOW, add_account, opened


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with opened(tmp_path) as found:
        yield found


def test_an_account_comes_back_as_it_was_added(database: Database) -> None:
    added = database.record_now(add_account).result()
    assert added == Account(
        id=AccountId(1),
        key="x:force1",
        network="x",
        connector="replay",
        handle="force1",
        name="Dellin Valley Police",
        lead="A. Rowe",
        deputy=None,
        may_act=True,
        settings={"pace": "1"},
    )
    assert database.read_now(accounts.accounts).result() == [added]
    assert database.read_now(lambda conn: accounts.by_key(conn, "x:force1")).result() == added
    assert database.read_now(lambda conn: accounts.by_key(conn, "x:force9")).result() is None


def test_the_same_account_cannot_be_connected_twice(database: Database) -> None:
    database.record_now(add_account).result()
    with pytest.raises(NotPossible, match="x:force1 is connected already"):
        database.record_now(add_account).result()


def test_a_removed_account_is_off_the_list_but_still_names_its_items(database: Database) -> None:
    added = database.record_now(add_account).result()
    remove = lambda conn: accounts.remove(conn, added.id, NOW)  # noqa: E731  # asked twice
    assert database.record_now(remove).result()
    assert not database.record_now(remove).result()
    assert database.read_now(accounts.accounts).result() == []
    assert database.read_now(lambda conn: accounts.by_key(conn, added.key)).result() is None
    found = database.read_now(lambda conn: accounts.account(conn, added.id)).result()
    assert found is not None
    assert (found.key, found.state) == (added.key, AccountState.OFF)


def test_an_account_that_comes_back_keeps_its_id(database: Database) -> None:
    added = database.record_now(add_account).result()
    database.record_now(lambda conn: accounts.remove(conn, added.id, NOW)).result()
    assert database.record_now(add_account).result().id == added.id


def test_two_handles_that_look_alike_get_two_keys(database: Database) -> None:
    def work(conn: Connection) -> list[str]:
        first = accounts.free_key(conn, "x", "force1")
        add_account(conn)
        return [first, accounts.free_key(conn, "x", "force1"), accounts.free_key(conn, "x", "@Force1")]

    assert database.record_now(work).result() == ["x:force1", "x:force1", "x:force1-2"]


def test_a_name_with_half_a_letter_does_no_harm(database: Database) -> None:
    def work(conn: Connection) -> str:
        added = accounts.add(
            conn,
            key=accounts.free_key(conn, "x", "h\ud83d"),
            network="x",
            connector="x",
            handle="h\ud83d",
            name="Dellin \ud83d",
            lead=None,
            deputy=None,
            may_act=False,
            settings={},
            at=NOW,
        )
        return added.name

    assert database.record_now(work).result() == "Dellin ?"


def test_a_state_is_dated_from_when_it_began(database: Database) -> None:
    def work(conn: Connection) -> list[tuple[AccountState, str | None, int | None]]:
        number = add_account(conn).id
        found = []
        for state, error, at in (
            (AccountState.LIVE, None, 10),
            (AccountState.LIVE, None, 20),
            (AccountState.NO_LINK, "No answer since 23:41.", 30),
            (AccountState.NO_LINK, "Still no answer.", 40),
        ):
            accounts.set_health(conn, number, state, error, at)
            account = accounts.account(conn, number)
            assert account is not None
            found.append((account.state, account.error, account.since))
        return found

    assert database.ingest_now(work).result() == [
        (AccountState.LIVE, None, 10),
        (AccountState.LIVE, None, 10),
        (AccountState.NO_LINK, "No answer since 23:41.", 30),
        (AccountState.NO_LINK, "Still no answer.", 30),
    ]


def test_cover_look_and_place_are_kept(database: Database) -> None:
    def work(conn: Connection) -> Account | None:
        number = add_account(conn).id
        accounts.set_cover(conn, number, None, None)
        accounts.set_look(conn, number, NOW + 7)
        accounts.set_cursor(conn, number, "page 3")
        assert accounts.cursor(conn, number) == "page 3"
        assert accounts.cursor(conn, AccountId(99)) is None
        return accounts.account(conn, number)

    found = database.ingest_now(work).result()
    assert found is not None
    assert (found.is_uncovered, found.last_look_at) == (True, NOW + 7)
