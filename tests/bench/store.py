"""How close the store comes to what SQLite can do: storing, finding, verifying.

`store_ratio` compares `save_batch`, through the writer's thread, with a loop that hands the very same
rows, made beforehand, to `executemany` on the same schema. What a newcomer would get wrong: both must
grow together. An index costs more in a large table than in an empty one, so the two take turns, batch by
batch, on two files in one folder.
"""

import hashlib
import json
import random
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from console.domain.audit import Note, Tree
from console.domain.checkpoint import sign, verifier_key
from console.domain.ids import AccountId, RemoteId
from console.domain.items import Arrival, Author, ItemKind
from console.domain.lanes import Lane
from console.domain.watchlists import Hit
from console.store import accounts, audit, checkpoints, lanes
from console.store.checkpoints import LedgerKey
from console.store.database import Connection, Database, reading
from console.store.items import Received, save_batch
from console.store.verifying import verify

BATCH: Final = 500
START: Final = 1_800_000_000_000
WORDS: Final = 20_000
"""Different words in the texts; a night's comments have about as many."""
WRITE_RATE: Final = 2_000
"""Items a second that arrive while find is measured."""

KEY: Final = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC: Final = KEY.public_key().public_bytes_raw()
ORIGIN: Final = "cordon/ledger/00ff00ff00ff00ff"

Result = dict[str, Any]


def run(long: bool) -> dict[str, Result]:
    """Measures `store_ratio`, `find_ratio` and `ledger_verify_ratio`.

    Args:
        long: a million items and a million entries, instead of what takes a minute.
    """
    with tempfile.TemporaryDirectory(prefix="cordon-bench-") as folder:
        return {
            "store_ratio": _store(Path(folder), 100_000 if long else 30_000),
            "find_ratio": _find(Path(folder), 1_000_000 if long else 200_000),
            "ledger_verify_ratio": _verify(Path(folder), 1_000_000 if long else 100_000),
        }


# storing ------------------------------------------------------------------------------------------


def _store(folder: Path, number: int) -> Result:
    with _database(folder / "store.db") as ours, _database(folder / "bare.db") as bare:
        ours_s, bare_s = [], []
        conn = bare._ingest
        assert conn is not None
        for start in range(0, number, BATCH):
            rows = [_received(START + start // 10, n) for n in range(start, start + BATCH)]
            tables = _tables(rows, start + 1)
            turns: list[Callable[[], None]] = [
                lambda rows=rows: ours_s.append(_timed(lambda: _saved(ours, rows))),  # type: ignore[misc]
                lambda tables=tables: bare_s.append(_timed(lambda: _bare_saved(conn, tables))),  # type: ignore[misc]
            ]
            if start // BATCH % 2:
                turns.reverse()
            for turn in turns:
                turn()
    ratio = _middle([bare / ours for ours, bare in zip(ours_s, bare_s, strict=True)])
    per_item = _middle(ours_s) / BATCH * 1e6
    return {
        "value": round(ratio, 3),
        "goal": 0.85,
        "unit": "ratio",
        "baseline": (
            f"executemany of rows made beforehand, same schema, batches of {BATCH} "
            f"({per_item:.1f} us an item for save_batch, {1e6 / per_item:,.0f} items a second)"
        ),
        "holds": ratio >= 0.85,
    }


def _saved(database: Database, rows: list[Received]) -> None:
    database.ingest_now(lambda conn: save_batch(conn, rows, {AccountId(1): "page"})).result()


_BARE: Final = (
    (
        "INSERT INTO items (id, account_id, remote_id, kind, author_id, author_handle, author_name, text, "
        "lang, created_at, received_at, state, grade, parent, thread, place, permalink, media, is_ours, "
        "note, seen_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    ),
    "INSERT INTO item_raw (item_id, raw) VALUES (?, ?)",
    "INSERT INTO hits VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
)


def _bare_saved(conn: Connection, tables: list[list[tuple[object, ...]]]) -> None:
    conn.execute("BEGIN IMMEDIATE")
    for sql, rows in zip(_BARE, tables, strict=True):
        conn.executemany(sql, rows)
    conn.execute(
        "INSERT INTO items_words (rowid, text, author_name, author_handle) "
        "SELECT id, text, author_name, author_handle FROM items WHERE id >= ?",
        (tables[0][0][0],),
    )
    conn.execute("COMMIT")


def _tables(rows: list[Received], first: int) -> list[list[tuple[object, ...]]]:
    """The rows of a batch as the tables hold them."""
    items: list[tuple[object, ...]] = []
    raws: list[tuple[object, ...]] = []
    hits: list[tuple[object, ...]] = []
    for number, row in enumerate(rows, first):
        each = row.arrival
        author = (each.author.id, each.author.handle, each.author.name)
        head = (number, row.account_id, each.remote_id, each.kind.value, *author, each.text, each.lang)
        times = (each.created_at, row.received_at, each.state.value, row.grade, each.parent, each.thread)
        items.append((*head, *times, each.where, each.permalink, None, 0, each.note, None))
        raws.append((number, each.raw))
        for place, hit in enumerate(row.hits):
            name = (hit.watchlist, hit.watchlist_name, hit.version, hit.rule, hit.category, hit.grade)
            where = (hit.term, hit.start, hit.end, hit.text, int(hit.disguised), hit.suggest)
            hits.append((number, place, *name, *where, hit.how, hit.found_at))
    return [items, raws, hits]


# finding ------------------------------------------------------------------------------------------


def _find(folder: Path, number: int) -> Result:
    """The newest hundred of common and rare words, while items keep arriving."""
    with _database(folder / "find.db") as database:
        for start in range(0, number, BATCH):
            _saved(database, [_received(START + start // 10, n) for n in range(start, start + BATCH)])
        words = [f"{_word(n)}" for n in (3, 40, 400, 4_000)]
        lane_s: list[float] = []
        bare_s: list[float] = []
        with closing(reading(database.path)) as conn, _arriving(database, number):
            for turn in range(200):
                word = words[turn % len(words)]
                bare_s.append(_timed(lambda: _bare_find(conn, word)))  # noqa: B023  # called at once
                lane = Lane(words=(word,))
                lane_s.append(_timed(lambda: lanes.lane_ids(conn, lane)))  # noqa: B023  # called at once
    ratio = _middle(lane_s) / _middle(bare_s)
    return {
        "value": round(ratio, 3),
        "goal": 2,
        "unit": "ratio",
        "baseline": (
            f"the bare FTS5 query for the newest 100 of {number:,} items while {WRITE_RATE:,} a second "
            f"arrive ({_middle(lane_s) * 1000:.2f} ms, p95 {_high(lane_s) * 1000:.2f} ms)"
        ),
        "holds": ratio <= 2,
    }


def _bare_find(conn: Connection, word: str) -> list[tuple[int]]:
    return conn.execute(
        "SELECT rowid FROM items_words WHERE items_words MATCH ? ORDER BY rowid DESC LIMIT 100", (word,)
    ).fetchall()


@contextmanager
def _arriving(database: Database, first: int) -> Iterator[None]:
    """Stores items at `WRITE_RATE` from another thread."""
    end = threading.Event()

    def write() -> None:
        number = first
        while not end.wait(0.05):
            some = WRITE_RATE // 20
            _saved(database, [_received(START, n) for n in range(number, number + some)])
            number += some

    thread = threading.Thread(target=write, name="arriving")
    thread.start()
    try:
        yield
    finally:
        end.set()
        thread.join()


# verifying ----------------------------------------------------------------------------------------


def _verify(folder: Path, number: int) -> Result:
    with _database(folder / "ledger.db") as database:
        database.ingest_now(_signing).result()
        for start in range(0, number, BATCH):
            notes = [_note(n) for n in range(start + 1, start + BATCH + 1)]
            database.ingest_now(partial(audit.append, seat="Dellin desk 1", notes=notes, at=START)).result()
            database.ingest_now(partial(_acts, first=start + 1)).result()
            if (start // BATCH) % 10 == 9:  # as often as the program makes them under load
                database.ingest_now(_stated).result()
        with closing(reading(database.path)) as conn:
            passes = [
                (_worked(lambda: _checked(conn)), _worked(lambda: _bare_hashed(conn))) for _ in range(3)
            ]
    ours_s, bare_s = (min(times) for times in zip(*passes, strict=True))
    return {
        "value": round(bare_s / ours_s, 3),
        "goal": 0.33,
        "unit": "ratio",
        "baseline": (
            f"reading the same {number:,} entries and as many SHA-256 digests, processor time "
            f"({number / ours_s:,.0f} entries a second verified)"
        ),
        "holds": bare_s / ours_s >= 0.33,
    }


def _checked(conn: Connection) -> None:
    verdict = verify(conn)
    assert verdict.ok, verdict.first_bad


def _bare_hashed(conn: Connection) -> None:
    """The same rows read, and as many digests: leaf, content, and one tree node for each entry."""
    sha256 = hashlib.sha256
    for _, leaf, digest, salt, content in conn.execute(
        "SELECT l.seq, l.leaf, l.leaf_hash, c.salt, c.content FROM ledger l "
        "LEFT JOIN ledger_content c ON c.seq = l.seq ORDER BY l.seq"
    ):
        sha256(b"\x00" + leaf).digest()
        if content is not None:
            sha256(salt + content).hexdigest()
        sha256(b"\x01" + digest + digest).digest()


def _note(number: int) -> Note:
    facts: dict[str, str | int | bool | None] = {
        "account": "x:force1",
        "act": f"a{number}",
        "bulk": "b1",
        "category": "hate",
        "due_at": "2027-01-15T08:00:00.000Z",
        "evidence": None,
        "item": f"i{number}",
        "of": 500,
        "place": number,
        "reversible": True,
        "state": "queued",
        "undo_of": None,
        "verb": "hide",
    }
    content = {"reason": "House rule 3", "author": f"person{number}.test", "remote_id": f"post-{number}"}
    return Note("act.requested", "r.calder", facts, content)


def _signing(conn: Connection) -> None:
    """Puts the key that signs checkpoints on record."""
    facts = {"key": verifier_key(ORIGIN, PUBLIC), "before": None, "vouched": None}
    (seq,) = audit.append(conn, "Dellin desk 1", [Note("ledger.key", "cordon", facts, {})], START)
    checkpoints.add_key(conn, LedgerKey(ORIGIN, PUBLIC, b"", seq))


def _stated(conn: Connection) -> None:
    """Makes a checkpoint."""
    note = Note("ledger.checkpoint", "cordon", {"why": "interval"}, {})
    audit.append(conn, "Dellin desk 1", [note], START)
    kept = checkpoints.latest(conn)
    tree = Tree.resumed(kept.checkpoint.size, kept.peaks) if kept else Tree()
    checkpoints.made(conn, tree, lambda size, root: sign(ORIGIN, size, root, PUBLIC, KEY.sign), START)


def _acts(conn: Connection, first: int) -> None:
    conn.executemany(
        "INSERT INTO acts (id, verb, item_id, account_id, state, reason, requested_by, requested_at, due_at, "
        "attempts, reversible) VALUES (?, 'hide', ?, 1, 'queued', '', 'r.calder', 0, 0, 0, 1)",
        [(number, number) for number in range(first, first + BATCH)],
    )


# what is measured with -----------------------------------------------------------------------------


@contextmanager
def _database(path: Path) -> Iterator[Database]:
    with Database(path) as database:
        for number in range(1, 9):
            database.record_now(partial(_add, number=number)).result()
        yield database


def _add(conn: Connection, number: int) -> None:
    accounts.add(
        conn,
        key=f"x:force{number}",
        network="x",
        connector="replay",
        handle=f"force{number}",
        name="Dellin Valley Police",
        lead=None,
        deputy=None,
        may_act=True,
        settings={},
        at=START,
    )


_random: Final = random.Random(7)
_words: Final = [
    "".join(_random.choices(["ba", "ke", "li", "mo", "nu", "ra", "ste", "ti", "vo", "cro"], k=2 + n % 3))
    + (f"{n:x}" if n > 500 else "")
    for n in range(WORDS)
]
_shares: Final = [1 / (n + 10) for n in range(WORDS)]
_stock: Final = _random.choices(_words, _shares, k=400_000)


def _word(number: int) -> str:
    return _words[number]


def _received(start: int, number: int) -> Received:
    """One arrival: 107 characters in the middle, as comments have; one in twelve with a hit."""
    place = number * 13 % 399_000
    text = " ".join(_stock[place : place + 8 + number % 16])
    who = number * 7919 % 50_000
    name = hashlib.blake2s(number.to_bytes(8, "big"), digest_size=12).hexdigest()
    hits = (_HIT,) if number % 12 == 0 else ()
    return Received(
        account_id=AccountId(1 + number % 8),
        network="x",
        arrival=Arrival(
            remote_id=RemoteId(name),
            kind=ItemKind.COMMENT,
            author=Author(f"did:plc:{who:08}", f"person{who}.test", f"Person {who}"),
            text=text,
            created_at=start - 900 + number % 500,
            lang="cy" if number % 40 == 0 else "en",
            parent=RemoteId(f"t{number % 60}"),
            thread=RemoteId(f"t{number % 60}"),
            where="First statement",
            permalink=f"https://x.test/{name}",
            raw=json.dumps({"id": name, "text": text, "author": who, "likes": number % 9}),
            note=name,
        ),
        hits=hits,
        grade=2 if hits else 4 + number % 2,
        received_at=start,
    )


_HIT: Final = Hit(
    watchlist="weapons",
    watchlist_name="Weapons and attacks in progress",
    version=3,
    rule="blade",
    category="weapons",
    grade=2,
    term="machete",
    start=0,
    end=4,
    text="bake",
    disguised=False,
    suggest="hide",
)


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _worked(work: Callable[[], object]) -> float:
    """Seconds of processor time: what two loops of pure work cost, whoever else uses the machine."""
    started = time.process_time()
    work()
    return time.process_time() - started


def _middle(times: list[float]) -> float:
    return statistics.median(times)


def _high(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]
