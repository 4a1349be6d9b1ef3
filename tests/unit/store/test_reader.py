"""The window's reader: read-only, one answer at a time, never in the engine's way."""

import threading
from pathlib import Path

import pytest

from console.domain.errors import ProfileUnwritable
from console.domain.lanes import Lane
from console.store import items, lanes
from console.store.database import Connection
from console.store.reader import Reader
from tests.unit.store.making import add_account, opened, received, save


def test_it_reads_what_was_stored_and_what_is_stored_later(tmp_path: Path) -> None:
    with opened(tmp_path) as database:
        database.record_now(add_account).result()
        reader = Reader(database.path)
        for number in (1, 2):
            save(database, received(f"p{number}"))
            ids = reader.submit(lanes.lane_ids, Lane(), limit=10).result(10)
            assert len(ids) == number
            assert len(reader.submit(items.items, ids).result(10)) == number
        reader.close()
        reader.close()


def test_it_answers_on_one_thread_of_its_own(tmp_path: Path) -> None:
    with opened(tmp_path) as database:
        reader = Reader(database.path)
        names = {reader.submit(lambda _: threading.current_thread().name).result(10) for _ in range(5)}
        reader.close()
    assert len(names) == 1
    assert threading.current_thread().name not in names


def test_it_cannot_write(tmp_path: Path) -> None:
    with opened(tmp_path) as database:
        reader = Reader(database.path)
        with pytest.raises(ProfileUnwritable):
            reader.submit(lambda conn: conn.execute("DELETE FROM items")).result(10)
        reader.close()


def fail(_: Connection) -> None:
    raise LookupError("a fault in the question")


def test_a_failed_question_does_not_spoil_the_next(tmp_path: Path) -> None:
    with opened(tmp_path) as database:
        reader = Reader(database.path)
        with pytest.raises(LookupError):
            reader.submit(fail).result(10)
        assert reader.submit(lambda conn: conn.execute("SELECT 7").fetchone()[0]).result(10) == 7
        reader.close()
