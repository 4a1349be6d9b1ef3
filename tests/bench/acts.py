"""How quickly acts are planned and queued.

`act_rate_ratio` compares `Ordering.carry_out` (judging each item, sealing its words and the network's JSON,
queueing, ledger entries) with the bare parts of the same: JSON, AES-GCM and SHA-256 over the same bytes, and
`executemany` of the same rows into the same tables. `plan_s_100k` selects a hundred thousand items of twenty
accounts and plans to hide them, in an engine as the program makes it; `plan_pause_ms` is the longest time for
which that kept the engine's loop from anything else. What a newcomer would get wrong: both sides of the ratio
wait for the disk equally often, once for each five hundred acts.
"""

import asyncio
import hashlib
import json
import os
import random
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from console.bootstrap import build_engine
from console.domain.acts import Verb
from console.domain.ids import AccountId, ItemId, RemoteId
from console.domain.items import Arrival, Author, ItemKind
from console.domain.lanes import Lane
from console.paths import Places
from console.services.engine import Engine
from console.store import accounts, lanes
from console.store.database import Connection, Database
from console.store.items import Received, save_batch

START: Final = 1_800_000_000_000
AT_ONCE: Final = 500
ROUNDS: Final = 5
BULK: Final = 3_000
"""Acts of one round. Reading and sealing a part goes on while the part before is put on disk, so a bulk act
of a thousand, which is two parts, shows less of that: some 0.45."""
NETWORKS: Final = ("bluesky", "tiktok", "youtube", "x", "mastodon")
"""At three of them these items can be hidden; at one, and at the last, none can."""

Result = dict[str, Any]


def run(long: bool) -> dict[str, Result]:
    """Measures `act_rate_ratio`, `queue_s_10k`, `plan_s_100k` and `plan_pause_ms`."""
    with tempfile.TemporaryDirectory(prefix="cordon-bench-") as folder:
        found = asyncio.run(_queueing(Path(folder) / "queue", 10_000 if not long else 40_000))
        return found | asyncio.run(_planning(Path(folder) / "plan", 100_000))


# queueing -----------------------------------------------------------------------------------------


async def _queueing(folder: Path, number: int) -> dict[str, Result]:
    """Queues so many hides in one bulk act, part by part in turn with the bare work."""
    engine = await _engine(folder, accounts_=1, items=number + ROUNDS * BULK)
    ratios: list[float] = []
    try:
        ids = await _all_ids(engine)
        for turn in range(ROUNDS):
            some = ids[turn * BULK : (turn + 1) * BULK]
            plan = await engine.plan(Verb.HIDE, some)
            assert plan.will == len(some), plan.why_nothing
            begun = time.perf_counter()
            done = await engine.carry_out(plan, reason="House rule 3: abuse.", who="bench")
            ours = time.perf_counter() - begun
            rows = await engine._parts.db.read(lambda conn, done=done: _as_stored(conn, done.act_ids))  # type: ignore[misc]
            records = [await _opened(engine, row[0]) for row in rows[:AT_ONCE]]
            bare = await asyncio.to_thread(_bare, folder / f"bare{turn}.db", engine, rows, records)
            ratios.append(bare / ours)
        plan = await engine.plan(Verb.HIDE, ids[ROUNDS * BULK :])
        begun = time.perf_counter()
        await engine.carry_out(plan, reason="House rule 3: abuse.", who="bench")
        queue_s = time.perf_counter() - begun
    finally:
        await engine.stop()
    ratio = sorted(ratios)[len(ratios) // 2]
    each_us = queue_s / number * 1e6
    return {
        "act_rate_ratio": {
            "value": round(ratio, 3),
            "goal": 0.5,
            "unit": "ratio",
            "baseline": (
                "JSON, AES-GCM and SHA-256 over the same bytes and executemany of the same rows, "
                f"{AT_ONCE} acts in a transaction ({each_us:.0f} us an act for ours)"
            ),
            "holds": ratio >= 0.5,
        },
        "queue_s_10k": {
            "value": round(queue_s * 10_000 / number, 2),
            "goal": 2.0,
            "unit": "s",
            "baseline": f"none: {number:,} acts with evidence of text and JSON, in the background",
            "holds": queue_s * 10_000 / number <= 2.0,
        },
    }


def _as_stored(conn: Connection, act_ids: Sequence[int]) -> list[tuple[Any, ...]]:
    """What stands on disk of some acts: evidence, act, item."""
    first, last = min(act_ids), max(act_ids)
    return conn.execute(
        "SELECT e.id, e.cipher, e.wrapped_key, e.digest, a.* FROM acts a "
        "JOIN evidence e ON e.id = a.evidence_id WHERE a.id BETWEEN ? AND ?",
        (first, last),
    ).fetchall()


async def _opened(engine: Engine, evidence_id: int) -> dict[str, Any]:
    """A record in clear, to be sealed again by bare means."""
    from console.domain.ids import EvidenceId, evidence_key

    return dict(await engine.evidence_record(evidence_key(EvidenceId(evidence_id)), "bench"))


def _bare(path: Path, engine: Engine, rows: list[tuple[Any, ...]], records: list[dict[str, Any]]) -> float:
    """The same bytes by bare means, into the same tables, and the seconds that it took."""
    with Database(path) as database:
        conn = database._record
        assert conn is not None
        ledger = engine._parts.db.read_now(
            lambda one: one.execute(
                "SELECT l.leaf, l.leaf_hash, c.salt, c.content FROM ledger l LEFT JOIN ledger_content c "
                "ON c.seq = l.seq ORDER BY l.seq DESC LIMIT ?",
                (2 * len(rows),),
            ).fetchall()
        ).result()
        begun = time.perf_counter()
        for start in range(0, len(rows), AT_ONCE):
            some = rows[start : start + AT_ONCE]
            evidence, wrapping = [], AESGCM(os.urandom(32))
            for number, row in enumerate(some):
                plain = json.dumps(records[number % len(records)], separators=(",", ":")).encode()
                key, nonce = os.urandom(32), os.urandom(12)
                cipher = nonce + AESGCM(key).encrypt(nonce, plain, None)
                wrapped = wrapping.encrypt(nonce, key, None)
                digest = hashlib.sha256(cipher).hexdigest()
                evidence.append((row[0], number, START, cipher, wrapped, digest, "moderation", START))
            entries = []
            contents = []
            place = start * 2
            for leaf, _, salt, content in ledger[place : place + 2 * len(some)]:
                place += 1
                entries.append((place, leaf, hashlib.sha256(leaf).digest()))
                if salt is not None:
                    hashlib.sha256(salt + content).digest()
                    contents.append((place, salt, content))
            conn.execute("BEGIN IMMEDIATE")
            conn.executemany(
                "INSERT INTO evidence (id, item_id, sealed_at, cipher, wrapped_key, digest, retention, "
                "review_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                evidence,
            )
            marks = ", ".join("?" * len(some[0][4:]))
            conn.executemany(f"INSERT INTO acts VALUES ({marks})", [row[4:] for row in some])
            conn.executemany("INSERT INTO ledger (seq, leaf, leaf_hash) VALUES (?, ?, ?)", entries)
            conn.executemany("INSERT INTO ledger_content (seq, salt, content) VALUES (?, ?, ?)", contents)
            conn.execute("COMMIT")
        return time.perf_counter() - begun


# planning -----------------------------------------------------------------------------------------


async def _planning(folder: Path, number: int) -> dict[str, Result]:
    engine = await _engine(folder, accounts_=20, items=number)
    plan_s: list[float] = []
    pauses: list[float] = []
    try:
        for _ in range(3):
            watch = asyncio.create_task(_longest_pause(pauses))
            begun = time.perf_counter()
            ids = await _all_ids(engine)
            plan = await engine.plan(Verb.HIDE, ids)
            plan_s.append(time.perf_counter() - begun)
            watch.cancel()
            with suppress(asyncio.CancelledError):
                await watch
            assert plan.selected == number
            assert plan.will > number // 4, plan.why_nothing
    finally:
        await engine.stop()
    middle = sorted(plan_s)[1]
    return {
        "plan_s_100k": {
            "value": round(middle, 3),
            "goal": 1.0,
            "unit": "s",
            "baseline": f"none: {number:,} items of 20 accounts on {len(NETWORKS)} networks",
            "holds": middle <= 1.0,
        },
        "plan_pause_ms": {
            "value": round(max(pauses) * 1000, 1),
            "goal": 50.0,
            "unit": "ms",
            "baseline": "none: the longest time for which planning kept the engine's loop",
            "holds": max(pauses) <= 0.05,
        },
    }


async def _longest_pause(found: list[float]) -> None:
    """Notes how late a timer of a millisecond is, at the worst."""
    found.append(0.0)
    while True:
        begun = time.perf_counter()
        await asyncio.sleep(0.001)
        found[-1] = max(found[-1], time.perf_counter() - begun - 0.001)


# a profile ----------------------------------------------------------------------------------------


async def _engine(folder: Path, *, accounts_: int, items: int) -> Engine:
    """An engine on a new profile with so many accounts and items; it reads, plans and queues."""
    places = Places(folder)
    places.make()
    with Database(places.database) as database:
        for number in range(accounts_):
            database.record_now(lambda conn, number=number: _add(conn, number, accounts_)).result()  # type: ignore[misc]
        chance = random.Random(7)
        for start in range(0, items, AT_ONCE):
            rows = [
                _received(n, n % accounts_, accounts_, chance)
                for n in range(start, min(items, start + AT_ONCE))
            ]
            database.ingest_now(lambda conn, rows=rows: save_batch(conn, rows, {})).result()  # type: ignore[misc]
    engine = build_engine(places, session_only=True)
    await engine.start(False)
    return engine


def _network(number: int, of: int) -> str:
    return "youtube" if of == 1 else NETWORKS[number % len(NETWORKS)]


def _add(conn: Connection, number: int, of: int) -> None:
    network = _network(number, of)
    accounts.add(
        conn,
        key=f"{network}:force{number}",
        network=network,
        connector=network,
        handle=f"force{number}",
        name="Dellin Valley Police",
        lead="A. Rowe",
        deputy=None,
        may_act=True,
        settings={},
        at=START,
    )


def _place(number: int, account: int, network: str) -> tuple[str, str, str]:
    """Id, thread and note of an item, as its connector would have written them."""
    post = number % 300
    match network:
        case "bluesky":
            uri, did = (
                f"at://did:plc:user{number % 5_000}/app.bsky.feed.post/{number}",
                f"did:plc:force{account}",
            )
            note = json.dumps({"me": did, "cid": f"bafy{number:040}", "root_cid": f"bafy{post:040}"})
            return uri, f"at://{did}/app.bsky.feed.post/{post}", note
        case "youtube":
            return f"Ug{number:024}", f"v{post}", json.dumps({"video": f"v{post}", "top": f"Ug{number:024}"})
        case "tiktok":
            return str(10**18 + number), f"v{post}", json.dumps({"video": f"v{post}"})
        case _:
            return str(10**15 + number), f"post{post}", ""


def _received(number: int, account: int, of: int, chance: random.Random) -> Received:
    words = " ".join(f"word{chance.randrange(9_000)}" for _ in range(18))
    raw = json.dumps({"id": number, "text": words, "likes": number % 40, "lang": "en", "padding": "x" * 500})
    network = _network(account, of)
    remote_id, thread, note = _place(number, account, network)
    return Received(
        account_id=AccountId(account + 1),
        network=network,
        arrival=Arrival(
            remote_id=RemoteId(remote_id),
            kind=ItemKind.REPLY if network == "bluesky" else ItemKind.COMMENT,
            author=Author(f"u{number % 5_000}", f"user{number % 5_000}.test", f"User {number % 5_000}"),
            text=words,
            created_at=START,
            lang="en",
            parent=RemoteId(thread),
            thread=RemoteId(thread),
            where="First statement",
            permalink=f"https://social.test/{number}",
            raw=raw,
            note=note,
        ),
        hits=(),
        grade=1 + number % 5,
        received_at=START,
    )


async def _all_ids(engine: Engine) -> list[ItemId]:
    found = await engine._parts.db.read(lambda conn: lanes.lane_ids(conn, Lane(), None, 1_000_000))
    return [ItemId(number) for number in found]
