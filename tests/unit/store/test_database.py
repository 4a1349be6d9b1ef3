"""The database: who may open it, what a failure says, and what survives one."""

import asyncio
import os
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from console.domain.errors import DiskFull, ProfileError, ProfileNewer, ProfileUnwritable
from console.store import database as module
from console.store.database import VERSION, Connection, Database, reading
from console.store.failures import translated
from console.store.items import save_batch
from tests.unit.store.making import add_account, opened, received, save


def count(conn: Connection) -> int:
    return int(conn.execute("SELECT count(*) FROM items").fetchone()[0])


def note(conn: Connection, name: str) -> None:
    conn.execute("INSERT INTO meta (name, value) VALUES (?, x'00')", (name,))


def notes(conn: Connection) -> list[str]:
    return [name for (name,) in conn.execute("SELECT name FROM meta ORDER BY name")]


def test_what_one_transaction_writes_every_reader_sees(tmp_path: Path) -> None:
    with opened(tmp_path) as database:
        database.ingest_now(lambda conn: note(conn, "a")).result()
        database.record_now(lambda conn: note(conn, "b")).result()
        assert database.read_now(notes).result() == ["a", "b"]


def test_it_works_on_any_asyncio_loop(tmp_path: Path) -> None:
    async def whole() -> list[str]:
        await database.ingest(lambda conn: note(conn, "a"))
        await database.record(lambda conn: note(conn, "b"))
        return await database.read(notes)

    with opened(tmp_path) as database:
        assert asyncio.run(whole()) == ["a", "b"]


def test_a_failing_transaction_leaves_nothing_behind_and_the_next_one_works(tmp_path: Path) -> None:
    def half(conn: Connection) -> None:
        note(conn, "half")
        raise LookupError("in the middle")

    with opened(tmp_path) as database:
        with pytest.raises(LookupError):
            database.record_now(half).result()
        database.record_now(lambda conn: note(conn, "whole")).result()
        assert database.read_now(notes).result() == ["whole"]


def test_acts_wait_for_the_disk_and_the_stream_does_not(tmp_path: Path) -> None:
    def synchronous(conn: Connection) -> int:
        return int(conn.execute("PRAGMA synchronous").fetchone()[0])

    with opened(tmp_path) as database:
        assert database.ingest_now(synchronous).result() == 1
        assert database.record_now(synchronous).result() == 2


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    with opened(tmp_path) as database, pytest.raises(ProfileUnwritable):
        database.read_now(lambda conn: note(conn, "a")).result()


def test_closing_finishes_what_was_asked_for_and_may_be_repeated(tmp_path: Path) -> None:
    database = Database(tmp_path / "cordon.db")
    database.open()
    futures = [database.record_now(partial(note, name=f"{n:03}")) for n in range(50)]
    database.close()
    database.close()
    assert all(future.done() and future.exception() is None for future in futures)
    for ask in (database.ingest_now, database.record_now, database.read_now):
        with pytest.raises(ProfileError, match="closed"):
            ask(notes)


def test_closing_leaves_one_file(tmp_path: Path) -> None:
    with opened(tmp_path) as database:
        database.ingest_now(lambda conn: note(conn, "a")).result()
        database.read_now(notes).result()
    assert [path.name for path in tmp_path.iterdir()] == ["cordon.db"]


def test_a_question_that_was_given_up_is_not_worked_on(tmp_path: Path) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def hold(_: Connection) -> None:
        begun.set()
        go_on.wait(10)

    with opened(tmp_path) as database:
        database.ingest_now(hold)
        begun.wait(10)
        waiting = database.ingest_now(lambda conn: note(conn, "given up"))
        assert waiting.cancel()
        go_on.set()
        assert database.record_now(notes).result() == []


@pytest.mark.skipif(os.name != "posix", reason="Windows keeps rights in another way")
def test_folder_and_file_are_for_their_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with opened(tmp_path / "new" / "profile") as database:
            save(database, received("a"))
            files = list((tmp_path / "new" / "profile").iterdir())
            assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
            assert (tmp_path / "new" / "profile").stat().st_mode & 0o777 == 0o700
    finally:
        os.umask(before)


def test_a_database_from_a_later_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    with opened(tmp_path) as database:
        database.record_now(lambda conn: conn.execute(f"PRAGMA user_version = {VERSION + 1}")).result()
    before = (tmp_path / "cordon.db").read_bytes()
    with pytest.raises(ProfileNewer, match="written by a later Cordon"):
        Database(tmp_path / "cordon.db").open()
    assert (tmp_path / "cordon.db").read_bytes() == before


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "cordon.db"
    path.write_text("Dear diary, nothing happened in Dellin tonight. " * 200)
    before = path.read_bytes()
    with pytest.raises(ProfileError, match="not a Cordon database"):
        Database(path).open()
    assert path.read_bytes() == before


def test_another_programs_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "cordon.db"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE stamps (country TEXT)")
    other.close()
    before = path.read_bytes()
    with pytest.raises(ProfileError, match="not a Cordon database"):
        Database(path).open()
    assert path.read_bytes() == before


def test_a_damaged_database_says_so(tmp_path: Path) -> None:
    path = tmp_path / "cordon.db"
    with opened(tmp_path):
        pass
    whole = bytearray(path.read_bytes())
    whole[100:4096] = b"\xff" * 3996
    path.write_bytes(whole)
    with pytest.raises(ProfileError, match="damaged"):
        Database(path).open()


def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(ProfileUnwritable, match="cannot be opened for writing: Permission denied"):
        Database(tmp_path / "cordon.db").open()


def test_a_full_disk_at_the_start_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(DiskFull, match="full"):
        Database(tmp_path / "cordon.db").open()


def test_a_database_that_became_read_only_says_so(tmp_path: Path) -> None:
    with opened(tmp_path) as database:
        conn = reading(database.path)
        with pytest.raises(sqlite3.Error) as caught:
            note(conn, "a")
        conn.close()
        assert isinstance(translated(caught.value, database.path), ProfileUnwritable)


def test_a_fault_of_the_program_is_not_dressed_up(tmp_path: Path) -> None:
    with opened(tmp_path) as database, pytest.raises(sqlite3.OperationalError, match="no such table"):
        database.ingest_now(lambda conn: conn.execute("SELECT * FROM unicorns")).result()


def test_a_full_disk_stops_the_batch_and_loses_nothing(tmp_path: Path) -> None:
    long = "We heard it from the bridge. " * 200
    with opened(tmp_path) as database:
        database.record_now(add_account).result()
        save(database, *(received(f"a{n}", long) for n in range(50)))
        set_limit(database, extra=4)
        with pytest.raises(DiskFull, match="Nothing stored was lost"):
            save(database, *(received(f"b{n}", long) for n in range(50)))
        assert database.read_now(count).result() == 50
        set_limit(database, extra=10_000)
        assert save(database, *(received(f"b{n}", long) for n in range(50))).count == 50
    with opened(tmp_path) as database:
        assert database.read_now(count).result() == 100
        assert database.read_now(lambda conn: conn.execute("PRAGMA integrity_check").fetchone()).result() == (
            "ok",
        )


def set_limit(database: Database, extra: int) -> None:
    """Makes room for so many pages more, as a disk does that is nearly full."""

    def work(conn: Connection) -> None:
        pages = conn.execute("PRAGMA page_count").fetchone()[0]
        conn.execute(f"PRAGMA max_page_count = {pages + extra}")

    database.ingest_now(work).result()


def test_another_program_that_holds_on_too_long_is_named_as_the_cause(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BUSY_MS", 20)
    with opened(tmp_path) as database:
        other = sqlite3.connect(database.path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(ProfileError, match="kept busy by another program"):
            database.record_now(lambda conn: note(conn, "a")).result()
        other.close()
        database.record_now(lambda conn: note(conn, "b")).result()
        assert database.read_now(notes).result() == ["b"]


def test_many_may_open_a_new_profile_at_the_same_moment(tmp_path: Path) -> None:
    gate = threading.Barrier(4)

    def one(number: int) -> None:
        gate.wait(10)
        with Database(tmp_path / "cordon.db") as database:
            database.record_now(lambda conn: note(conn, f"{number}")).result()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one, range(4)))
    with opened(tmp_path) as database:
        assert database.read_now(notes).result() == ["0", "1", "2", "3"]


_WRITER = """
import sys
from pathlib import Path
from console.store.database import Database
from console.store.items import save_batch
from tests.unit.store.making import add_account, received

with Database(Path(sys.argv[1])) as database:
    database.record_now(add_account).result()
    for batch in range(10_000):
        rows = [received(f"{batch}-{n}", "killed in the middle", at=batch) for n in range(100)]
        database.ingest_now(lambda conn: save_batch(conn, rows, {1: str(batch)})).result()
        print(batch, flush=True)
"""


@pytest.mark.parametrize("after", [1, 3, 8])
def test_a_program_killed_in_the_middle_leaves_whole_batches(tmp_path: Path, after: int) -> None:
    path = tmp_path / "cordon.db"
    with subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(path)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    ) as child:
        assert child.stdout is not None
        for _ in range(after):
            child.stdout.readline()
        child.kill()

    def look(conn: Connection) -> tuple[int, int, int, int, int]:
        cursor = conn.execute("SELECT cursor FROM accounts").fetchone()[0]
        unseen = conn.execute("SELECT sum(number) FROM unseen").fetchone()[0]
        minute = conn.execute("SELECT sum(number) FROM arrivals").fetchone()[0]
        words = conn.execute("SELECT count(*) FROM items_words WHERE items_words MATCH 'killed'").fetchone()[
            0
        ]
        return count(conn), (int(cursor) + 1) * 100, unseen, minute, words

    with Database(path) as database:
        stored, by_cursor, unseen, minutes, words = database.read_now(look).result()
        assert stored >= after * 100
        assert stored == by_cursor == unseen == minutes == words


def test_a_batch_that_breaks_off_is_not_stored_at_all(tmp_path: Path) -> None:
    def broken(conn: Connection) -> None:
        save_batch(conn, [received("a"), received("b")], {})
        raise KeyboardInterrupt

    with opened(tmp_path) as database:
        with pytest.raises(KeyboardInterrupt):
            database.ingest_now(broken).result()
        assert database.read_now(count).result() == 0
