"""The ledger's law: whatever byte is changed, wherever, verifying finds it."""

import asyncio
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from console.desk.checkpoints import LocalCheckpoints, NewKey
from console.desk.local import LocalDesk
from console.desk.protocol import Desk, Move
from console.domain.acts import ActState, Verb
from console.domain.audit import Given, Note
from console.domain.checkpoint import parse
from console.domain.ids import ActId
from console.store import audit
from console.store.database import Database
from console.store.verifying import verify
from tests.fakes.forging import STRANGER, entries, new_key, sign_anew, write_anew
from tests.unit.desk.making import ACCOUNT, desk_at, draft, sealed, submission
from tests.unit.store.making import NOW

OURS = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
_COLUMNS = (
    ("ledger", "seq"),
    ("ledger", "leaf"),
    ("ledger", "leaf_hash"),
    ("ledger_content", "seq"),
    ("ledger_content", "salt"),
    ("ledger_content", "content"),
    ("evidence", "id"),
    ("evidence", "item_id"),
    ("evidence", "sealed_at"),
    ("evidence", "cipher"),
    ("evidence", "wrapped_key"),
    ("evidence", "digest"),
    ("evidence", "retention"),
    ("evidence", "review_at"),
    ("ledger_keys", "origin"),
    ("ledger_keys", "public"),
    ("ledger_keys", "seq"),
    ("checkpoints", "size"),
    ("checkpoints", "text"),
    ("checkpoints", "made_at"),
)


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """A record of some forty entries, open for somebody who goes round Cordon."""

    async def story(database: Database, desk: Desk) -> None:
        stating = LocalCheckpoints(database, "Dellin desk 1")
        new = NewKey("cordon/ledger/00ff", OURS.public_key().public_bytes_raw(), b"sealed", None)
        key = await stating.put_key(new, None, "", "cordon", NOW)
        drafts = [draft(n, evidence=sealed()) for n in range(1, 7)]
        await desk.submit(submission(*drafts, bulk=True))
        taken = await desk.take([ACCOUNT], NOW, 10)
        await desk.move([Move(act.id, ActState.ACCEPTED, note="at://gate") for act in taken], "cordon", NOW)
        await stating.make(key, OURS.sign, "interval", "cordon", NOW)
        await desk.move([Move(act.id, ActState.CONFIRMED) for act in taken], "cordon", NOW)
        await stating.make(key, OURS.sign, "interval", "cordon", NOW)
        await desk.submit(submission(draft(1, Verb.UNHIDE, undo_of=ActId(1))))
        await desk.note([Note("look.searched", "r.calder", {}, {"words": "half a pair \ud83d"})], NOW)

    folder = tmp_path_factory.mktemp("record")
    with desk_at(folder) as (database, desk):
        asyncio.run(story(database, desk))
    with closing(sqlite3.connect(folder / "cordon.db", isolation_level=None)) as conn:
        for name in ("ledger_keeps", "ledger_stays", "ledger_keys_keep", "checkpoints_keep"):
            conn.execute(f"DROP TRIGGER {name}")
        assert verify(conn).ok
        yield conn


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.sampled_from(_COLUMNS), draw=st.data())
def test_the_chain_breaks_if_one_byte_does(
    record: sqlite3.Connection, place: tuple[str, str], draw: st.DataObject
) -> None:
    table, column = place
    rowids = [number for (number,) in record.execute(f"SELECT rowid FROM {table}")]
    number = draw.draw(st.sampled_from(rowids))
    (value,) = record.execute(f"SELECT {column} FROM {table} WHERE rowid = ?", (number,)).fetchone()
    change = draw.draw(st.integers(1, 255))
    changed: object
    if isinstance(value, int):
        changed = value ^ (change << 8 * draw.draw(st.integers(0, 5)))
    else:
        whole = bytearray(value.encode() if isinstance(value, str) else value)
        spot = draw.draw(st.integers(0, len(whole) - 1))
        whole[spot] ^= change if isinstance(value, bytes) else change % 128
        changed = whole.decode("utf-8", "replace") if isinstance(value, str) else bytes(whole)
    assume(changed != value)
    record.execute("BEGIN")
    try:
        try:
            record.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (changed, number))
        except sqlite3.IntegrityError:
            assume(False)  # a number that another row has: the file itself refuses it
        verdict = verify(record)
    finally:
        record.execute("ROLLBACK")
    assert not verdict.ok
    assert verdict.first_bad


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_was_written_anew_a_checkpoint_that_was_given_out_says_so_and_from_where(
    record: sqlite3.Connection, draw: st.DataObject
) -> None:
    texts = [text for (text,) in record.execute("SELECT text FROM checkpoints ORDER BY size")]
    given_out = draw.draw(st.lists(st.sampled_from(texts), min_size=1, unique=True))
    sizes = sorted(parse(text).size for text in given_out)
    wanted = entries(record)
    place = draw.draw(st.integers(1, sizes[-1]))
    wanted[place - 1]["who"] += draw.draw(st.text(min_size=1))
    has_our_key = draw.draw(st.booleans())
    record.execute("BEGIN")
    try:
        if not has_our_key:
            new_key(record, wanted)
            place = 1  # the entry of the key is the first
        write_anew(record, wanted)
        sign_anew(record, OURS if has_our_key else STRANGER)
        alone = verify(record)
        verdict = verify(record, [Given("a mail", text) for text in given_out])
    finally:
        record.execute("ROLLBACK")
    assert alone.ok, alone.first_bad  # whoever has only the file cannot tell
    assert not verdict.ok
    after = next(size for size in sizes if size >= place)
    before = max((size for size in sizes if size < place), default=0)
    assert re.match(
        rf"(One of the entries {before + 1} to|Entry) {after} was written anew", verdict.first_bad or ""
    )


@given(st.lists(st.lists(st.text(st.characters(), max_size=20), max_size=4), max_size=8))
def test_whatever_is_noted_the_chain_stands(
    tmp_path_factory: pytest.TempPathFactory, batches: list[list[str]]
) -> None:
    path = tmp_path_factory.mktemp("noted") / "cordon.db"
    with Database(path) as database:
        for words in batches:
            notes = [Note("noted", word, {"fact": word}, {"word": word}) for word in words]
            database.record_now(partial(audit.append, seat="seat", notes=notes, at=NOW)).result()
        verdict = database.read_now(verify).result()
    assert (verdict.ok, verdict.entries) == (True, sum(map(len, batches)))


_SEAT = """
import asyncio, sys
from pathlib import Path
from console.desk.local import LocalDesk
from console.domain.audit import Note
from console.store.database import Database
from tests.unit.desk.making import draft, sealed, submission

async def whole():
    with Database(Path(sys.argv[1])) as database:
        desk = LocalDesk(database, sys.argv[2])
        print("ready", flush=True)
        sys.stdin.readline()
        for number in range(20):
            await desk.submit(submission(*[draft(1, evidence=sealed()) for _ in range(3)], bulk=True))
            await desk.note([Note("noted", "x", {}, {"n": number})], number)

asyncio.run(whole())
"""


def test_two_programs_adding_at_once_keep_one_chain(tmp_path: Path) -> None:
    with desk_at(tmp_path) as (database, _):
        seats = [
            subprocess.Popen(
                [sys.executable, "-c", _SEAT, str(database.path), f"seat {number}"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                cwd=Path(__file__).parents[2],
            )
            for number in (1, 2)
        ]
        for seat in seats:
            assert seat.stdout is not None
            assert seat.stdout.readline() == "ready\n"
        for seat in seats:
            assert seat.stdin is not None
            seat.stdin.write("go\n")
            seat.stdin.flush()
        for seat in seats:
            seat.communicate(timeout=120)
            assert seat.returncode == 0
        verdict = database.read_now(verify).result()
        assert (verdict.ok, verdict.entries) == (True, 2 * 20 * (1 + 3 * 2 + 1)), verdict.first_bad
        entries = asyncio.run(LocalDesk(database, "here").entries(0, 10_000))
        assert all(b"seat 1" in entry.leaf or b"seat 2" in entry.leaf for entry in entries)
        turns = [b"seat 1" in entry.leaf for entry in entries]
        assert len(set(turns)) == 2
