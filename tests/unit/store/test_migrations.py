"""Every change of shape: in order, once, and written down in the file."""

import sqlite3
from pathlib import Path

import pytest

from console.store.database import MARK, VERSION, Connection
from console.store.migrations import migrate, steps
from tests.unit.store.making import opened


def test_the_version_counts_the_steps() -> None:
    assert len(steps._migrations) == VERSION
    assert [step.name.partition("-")[0] for step in steps._migrations] == [
        str(number) for number in range(1, VERSION + 1)
    ]


def test_a_new_file_carries_version_and_mark(tmp_path: Path) -> None:
    def look(conn: Connection) -> tuple[int, int, str]:
        return (
            conn.execute("PRAGMA user_version").fetchone()[0],
            conn.execute("PRAGMA application_id").fetchone()[0],
            conn.execute("PRAGMA journal_mode").fetchone()[0],
        )

    with opened(tmp_path) as database:
        assert database.read_now(look).result() == (VERSION, MARK, "wal")


def test_migrating_twice_changes_nothing() -> None:
    conn = sqlite3.connect(":memory:", isolation_level=None)
    migrate(conn)
    shape = conn.execute("SELECT sql FROM sqlite_master ORDER BY name").fetchall()
    migrate(conn)
    assert conn.execute("SELECT sql FROM sqlite_master ORDER BY name").fetchall() == shape
    conn.close()


def test_a_step_that_fails_leaves_no_trace() -> None:
    conn = sqlite3.connect(":memory:", isolation_level=None)
    conn.execute("CREATE TABLE meta (mine TEXT)")
    with pytest.raises(sqlite3.OperationalError, match="already exists"):
        migrate(conn)
    names = {name for (name,) in conn.execute("SELECT name FROM sqlite_master")}
    assert "items" not in names
    conn.close()


@pytest.mark.parametrize("change", ["UPDATE ledger SET seq = seq + 1", "DELETE FROM ledger"])
def test_the_ledger_is_only_ever_added_to(tmp_path: Path, change: str) -> None:
    def work(conn: Connection) -> None:
        conn.execute("INSERT INTO ledger VALUES (1, x'00', x'00')")
        conn.execute(change)

    with opened(tmp_path) as database, pytest.raises(sqlite3.IntegrityError, match="only ever added to"):
        database.record_now(work).result()
