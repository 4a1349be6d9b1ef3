"""Verifying: any change is found, and the words name the place."""

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from console.desk.protocol import Desk, Move
from console.domain.acts import ActState
from console.domain.audit import Note, Tree, Verdict
from console.domain.errors import ProfileError
from console.domain.ids import ActId
from console.store.database import Connection, Database, reading
from console.store.verifying import verify
from tests.unit.desk.making import ACCOUNT, desk_at, draft, sealed, submission
from tests.unit.store.making import NOW

COLUMNS = {
    "ledger": ("seq", "leaf", "leaf_hash"),
    "ledger_content": ("seq", "salt", "content"),
    "evidence": (
        "id",
        "item_id",
        "sealed_at",
        "cipher",
        "wrapped_key",
        "digest",
        "retention",
        "review_at",
    ),
}
PLACES = [(table, column) for table, columns in COLUMNS.items() for column in columns]


@pytest.fixture
def record(tmp_path: Path) -> Path:
    """A ledger of a bulk act, its steps, and a note."""

    async def story(desk: Desk) -> None:
        drafts = [draft(n, evidence=sealed()) for n in range(1, 4)]
        await desk.submit(submission(*drafts, bulk=True))
        await desk.take([ACCOUNT], NOW, 10)
        await desk.move([Move(ActId(1), ActState.REFUSED, error="Not our post.")], "cordon", NOW)
        await desk.note([Note("account.added", "r.calder", {"account": "x:force1"}, {})], NOW)

    with desk_at(tmp_path) as (_, desk):
        asyncio.run(story(desk))
    return tmp_path / "cordon.db"


def checked(path: Path) -> Verdict:
    with Database(path) as database:
        return database.read_now(verify).result()


def tamper(path: Path, *statements: str) -> None:
    """Changes the file as somebody does who does not ask Cordon."""
    conn = sqlite3.connect(path, isolation_level=None)
    for statement in ("DROP TRIGGER ledger_keeps", "DROP TRIGGER ledger_stays", *statements):
        conn.execute(statement)
    conn.close()


def test_an_untouched_record_stands(record: Path) -> None:
    verdict = checked(record)
    assert (verdict.ok, verdict.entries, verdict.first_bad, verdict.checkpoint) == (True, 12, None, None)


def test_the_root_is_that_of_the_leaves(record: Path) -> None:
    conn = reading(record)
    leaves = [digest for (digest,) in conn.execute("SELECT leaf_hash FROM ledger ORDER BY seq")]
    conn.close()
    assert checked(record).root == Tree(leaves).root().hex()


def test_an_empty_ledger_stands(tmp_path: Path) -> None:
    with desk_at(tmp_path) as (database, _):
        verdict = database.read_now(verify).result()
    assert verdict == Verdict(True, 0, Tree().root().hex(), None, None)


@pytest.mark.parametrize(("table", "column"), PLACES)
def test_a_changed_byte_in_any_column_of_any_row_is_found(
    record: Path, tmp_path: Path, table: str, column: str
) -> None:
    whole = record.read_bytes()
    conn = reading(record)
    key = COLUMNS[table][0]
    rows = conn.execute(f"SELECT {key}, {column} FROM {table} ORDER BY {key}").fetchall()
    conn.close()
    assert len(rows) > 2
    for number, value in rows:
        path = tmp_path / f"{table}-{column}-{number}.db"
        path.write_bytes(whole)
        changed: object
        if isinstance(value, bytes):
            changed = bytes([value[0] ^ 1]) + value[1:]
        elif isinstance(value, str):
            changed = chr(ord(value[0]) ^ 1) + value[1:]
        else:
            changed = value ^ 64
        conn = sqlite3.connect(path, isolation_level=None)
        conn.execute("DROP TRIGGER ledger_keeps")
        conn.execute(f"UPDATE {table} SET {column} = ? WHERE {key} = ?", (changed, number))
        conn.close()
        verdict = checked(path)
        assert not verdict.ok, (number, value, changed)
        assert verdict.first_bad


@pytest.mark.parametrize(
    ("statements", "words"),
    [
        (
            ["UPDATE ledger SET leaf = CAST(replace(leaf, 'r.calder', 'r.caldes') AS BLOB) WHERE seq = 3"],
            r"Entry 3 \(act.requested, 2027-01-15T08:00:00Z\) was changed",
        ),
        (["DELETE FROM ledger WHERE seq = 4"], r"Entry 4 is missing; the next is entry 5 \(act.req"),
        (["DELETE FROM ledger WHERE seq = 1"], r"Entry 1 is missing"),
        (
            ["UPDATE ledger_content SET content = CAST('{}' AS BLOB) WHERE seq = 5"],
            r"Entry 5 \(act.requested, .*\) was changed: its content is another",
        ),
        (["DELETE FROM ledger_content WHERE seq = 5"], r"Entry 5 .* has lost its content"),
        (
            ["INSERT INTO ledger_content VALUES (2, x'00', x'00')"],
            r"Entry 2 .* was changed: its content is another",
        ),
        (["INSERT INTO ledger_content VALUES (99, x'00', x'00')"], r"content for entry 99"),
        (
            ["UPDATE evidence SET cipher = x'00' WHERE id = 3"],
            r"Evidence record e3, sealed in entry 6, was changed",
        ),
        (
            ["UPDATE evidence SET cipher = NULL, wrapped_key = NULL WHERE id = 3"],
            r"e3, .* is gone, and no disposal",
        ),
        (["DELETE FROM evidence WHERE id = 2"], r"Evidence record e2, sealed in entry 4, is missing"),
        (
            [
                "CREATE TEMP TABLE copy AS SELECT * FROM evidence WHERE id = 1",
                "UPDATE copy SET id = 9",
                "INSERT INTO evidence SELECT * FROM copy",
            ],
            r"Evidence record e9 is in no entry",
        ),
        (["UPDATE acts SET state = 'confirmed' WHERE id = 1"], r"Act a1 was changed: it is confirmed"),
        (["UPDATE acts SET id = 77 WHERE id = 2"], r"Act a77 was never asked for"),
        (["DELETE FROM acts WHERE id = 2"], r"Act a2 is missing"),
        (
            ["INSERT INTO ledger SELECT 13, leaf, leaf_hash FROM ledger WHERE seq = 12"],
            r"Entry 13 .* was moved: it says that it is entry 12",
        ),
        (["UPDATE ledger SET seq = 0 WHERE seq = 1"], r"Entry 0 .* stands where no entry can stand"),
        (["UPDATE ledger SET leaf = x'ff' WHERE seq = 2"], r"Entry 2 was changed"),
    ],
)
def test_the_first_bad_place_is_named(record: Path, statements: list[str], words: str) -> None:
    tamper(record, *statements)
    verdict = checked(record)
    assert not verdict.ok
    with pytest.raises(AssertionError, match=words):
        raise AssertionError(verdict.first_bad)


def forge(path: Path, change: Callable[[bytes], bytes], seq: int) -> None:
    """Changes an entry and makes its own digest fit."""
    from console.domain.audit import leaf_hash

    tamper(path)
    conn = sqlite3.connect(path, isolation_level=None)
    (leaf,) = conn.execute("SELECT leaf FROM ledger WHERE seq = ?", (seq,)).fetchone()
    forged = change(leaf)
    conn.execute("UPDATE ledger SET leaf = ?, leaf_hash = ? WHERE seq = ?", (forged, leaf_hash(forged), seq))
    conn.close()


def test_a_forged_entry_with_a_fitting_digest_breaks_the_chain(record: Path) -> None:
    forge(record, lambda leaf: leaf.replace(b"doxxing", b"nothing"), 3)
    assert checked(record).first_bad == (
        "Entry 4 (evidence.sealed, 2027-01-15T08:00:00Z) was changed: it does not follow the entry before it."
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda _: b"[]", "Entry 12 is not in the form of an entry."),
        (lambda leaf: leaf.replace(b'"form":2', b'"form":9'), "not in the form of an entry."),
        (lambda leaf: leaf.replace(b'"seq":12', b'"seq":13'), "it says that it is entry 13."),
        (lambda leaf: leaf.replace(b"account.added", b"act.confirmed"), "names no act."),
        (lambda leaf: leaf.replace(b"account.added", b"evidence.disposed"), "names no evidence record."),
        (
            lambda leaf: leaf.replace(b'{"account":"x:force1"}', b'"none"').replace(
                b"account.added", b"act.confirmed"
            ),
            "not in the form of an entry.",
        ),
    ],
)
def test_an_entry_that_cannot_be_is_named(record: Path, change: Callable[[bytes], bytes], words: str) -> None:
    forge(record, change, 12)
    found = checked(record).first_bad
    assert found is not None
    assert found.endswith(words)


def dispose(path: Path, *notes: Note, statements: tuple[str, ...]) -> None:
    """Disposes of something with its entries, as a later part of Cordon will do."""

    def work(conn: Connection) -> None:
        for statement in statements:
            conn.execute(statement)

    async def whole() -> None:
        with Database(path) as database:
            from console.desk.local import LocalDesk

            await database.record(work)
            await LocalDesk(database, "Dellin desk 1").note(notes, NOW)

    asyncio.run(whole())


def test_what_was_lawfully_disposed_of_leaves_a_record_that_stands(record: Path) -> None:
    dispose(
        record,
        Note("content.disposed", "cordon", {"entry": 3}, {}),
        Note("evidence.disposed", "cordon", {"evidence": "e1"}, {}),
        statements=(
            "DELETE FROM ledger_content WHERE seq = 3",
            "UPDATE evidence SET cipher = NULL, wrapped_key = NULL WHERE id = 1",
        ),
    )
    assert checked(record).first_bad is None


def test_a_disposal_that_did_not_happen_is_found(record: Path) -> None:
    dispose(record, Note("evidence.disposed", "cordon", {"evidence": "e1"}, {}), statements=())
    found = checked(record).first_bad or ""
    assert found.endswith("disposed of evidence record e1, and it is still there.")


def test_a_disposal_of_content_that_did_not_happen_is_found(record: Path) -> None:
    dispose(record, Note("content.disposed", "cordon", {"entry": 3}, {}), statements=())
    found = checked(record).first_bad or ""
    assert found.endswith("disposed of content that is still there.")


def test_a_review_on_record_that_did_not_happen_is_found(record: Path) -> None:
    facts = {"evidence": "e1", "retention": "investigation"}
    dispose(record, Note("evidence.reviewed", "m.jarrow", facts, {}), statements=())
    assert "Evidence record e1 was changed" in (checked(record).first_bad or "")


def test_half_a_record_is_not_a_disposal(record: Path) -> None:
    tamper(record, "UPDATE evidence SET wrapped_key = NULL WHERE id = 2")
    assert checked(record).first_bad == (
        "Evidence record e2, sealed in entry 4, was changed: half of it is gone."
    )


def test_a_review_on_record_may_move_the_review_date(record: Path) -> None:
    facts = {"evidence": "e1", "review_at": "2030-01-01T00:00:00.000Z"}
    dispose(
        record,
        Note("evidence.reviewed", "m.jarrow", facts, {}),
        statements=("UPDATE evidence SET review_at = 1893456000000 WHERE id = 1",),
    )
    assert checked(record).first_bad is None
    tamper(record, "UPDATE evidence SET review_at = 1893456000001 WHERE id = 1")
    assert "e1" in (checked(record).first_bad or "")


def test_a_second_sealing_of_the_same_record_is_found(record: Path) -> None:
    dispose(record, Note("evidence.sealed", "x", {"evidence": "e1"}, {}), statements=())
    assert (checked(record).first_bad or "").endswith("seals a record that was sealed before.")


def test_a_second_request_of_the_same_act_is_found(record: Path) -> None:
    facts = {"act": "a1", "state": "queued"}
    dispose(record, Note("act.requested", "x", facts, {}), statements=())
    assert (checked(record).first_bad or "").endswith("asks for an act that was asked for before.")


def test_a_remark_about_an_act_does_not_move_it(record: Path) -> None:
    dispose(record, Note("act.viewed", "x", {"act": "a1"}, {}), statements=())
    assert checked(record).ok


def test_a_file_too_damaged_to_read_is_a_failure_not_a_verdict(record: Path) -> None:
    with Database(record) as database:
        pages = database.read_now(
            lambda conn: conn.execute("SELECT rootpage FROM sqlite_master WHERE name = 'ledger'").fetchone()[
                0
            ]
        ).result()
    whole = bytearray(record.read_bytes())
    start = (pages - 1) * 4096
    whole[start : start + 4096] = b"\xff" * 4096
    record.write_bytes(whole)
    with pytest.raises(ProfileError, match="damaged"):
        checked(record)
