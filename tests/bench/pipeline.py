"""How fast the whole path is, without a window: connector, decoding, ingest, matching, store, announcing.

`pipeline_rate` floods one account with pages of JSON, as fast as they are taken, through the engine as
`bootstrap` joins it, on a database in a file, with 5,000 rules beside the shipped watchlists.
`pipeline_ratio` is that rate against what its stages would allow one after the other, each alone in a
plain loop with nothing around it: JSON into arrivals, matching by the same rules, and a raw loop that
stores as many prepared rows of the same schema. What a newcomer would get wrong: the path may beat the
sum of its stages, since it matches one batch while the one before is stored, and the table that both
fill must have the same size, because an index costs more in a large one.
"""

import asyncio
import gc
import itertools
import random
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from console.api import (
    Answer,
    Arrival,
    Author,
    Capabilities,
    Context,
    ItemKind,
    Order,
    Page,
    Profile,
    RemoteId,
    Sight,
    Target,
    Verb,
)
from console.bootstrap import build_engine
from console.domain.accounts import Account
from console.domain.ids import AccountId
from console.matching import Matcher, format_watchlist, read_folder
from console.paths import Places, resources
from console.services.events import Announcement, Arrived
from console.services.matching import compile_lists
from console.store.database import Database
from console.store.items import Received
from tests.bench import matching, store
from tests.fakes.connectors import FakeHosting

PAGE = 100
RATE_GOAL = 10_000
RATIO_GOAL = 0.55
COPIES, SAYINGS = 0.23, 64
"""The share of items that copy a saying, and how many sayings there are: of 34,414 posts of a coordinated
campaign in three days, 8,002 shared their text with another."""


class Said(msgspec.Struct):
    """A comment as a network tells it."""

    id: str
    author_id: str
    author_name: str
    author_handle: str
    message: str
    created_at: int
    parent: str
    thread: str
    lang: str
    permalink: str
    likes: int
    reply_count: int
    is_hidden: bool
    client: str
    device: str


_pages = msgspec.json.Decoder(list[msgspec.Raw])
_said = msgspec.json.Decoder(Said)


def as_in_floods(texts: Sequence[str], count: int, chance: random.Random) -> list[str]:
    """What so many items say, one after the other.

    Near a quarter say what others say too, as in floods that were recorded (`SAYINGS`); the rest are texts
    of their own as far as `texts` reaches.
    """
    own = itertools.cycle(texts[SAYINGS:])
    return [texts[chance.randrange(SAYINGS)] if chance.random() < COPIES else next(own) for _ in range(count)]


def texts_for(count: int) -> int:
    """How many texts it takes for so many items."""
    return int(count * (1 - COPIES)) + SAYINGS


def make_pages(texts: Sequence[str], count: int, seed: int) -> list[bytes]:
    """Pages of JSON with so many comments in all, about 600 bytes each."""
    chance = random.Random(seed)
    said = as_in_floods(texts, count, chance)
    everything = [_comment(seed, number, text, chance) for number, text in enumerate(said)]
    return [msgspec.json.encode(everything[start : start + PAGE]) for start in range(0, count, PAGE)]


def _comment(seed: int, number: int, text: str, chance: random.Random) -> Said:
    who = chance.randrange(4_000)
    return Said(
        id=f"{seed}_{number}",
        author_id=f"a{who}",
        author_name=f"Somebody Number {who}",
        author_handle=f"somebody{who}.test",
        message=text,
        created_at=1_790_000_000_000 + number * 20,
        parent=f"p{number % 40}",
        thread=f"t{number % 40}",
        lang="en",
        permalink=f"https://network.test/{seed}/{number}",
        likes=number % 17,
        reply_count=number % 3,
        is_hidden=False,
        client="Some client for some network, version 12.4.1",
        device="A telephone of a well-known make with a long model name",
    )


def to_arrival(raw: msgspec.Raw) -> Arrival:
    """What a connector does with one comment."""
    said = _said.decode(raw)
    return Arrival(
        remote_id=RemoteId(said.id),
        kind=ItemKind.COMMENT,
        author=Author(said.author_id, said.author_handle, said.author_name),
        text=said.message,
        created_at=said.created_at,
        lang=said.lang,
        parent=RemoteId(said.parent),
        thread=RemoteId(said.thread),
        where="First statement",
        permalink=said.permalink,
        raw=bytes(raw).decode(),
    )


class Flood:
    """A connector that tells its pages as fast as they are taken."""

    def __init__(self, pages: Sequence[bytes], context: Context) -> None:
        self._pages = pages
        self._context = context

    async def open(self) -> Profile:
        """Signs in."""
        return Profile("flood", self._context.handle, "Flood")

    async def stream(self, cursor: str | None) -> AsyncIterator[Page]:
        """Tells everything."""
        for number in range(int(cursor or 0), len(self._pages)):
            arrivals = [to_arrival(raw) for raw in _pages.decode(self._pages[number])]
            yield Page(arrivals, str(number + 1))

    def can(self, target: Target) -> Capabilities:
        """Nothing."""
        del target
        return {}

    async def act(self, order: Order) -> Sequence[Answer]:
        """Takes every order."""
        return [Answer(target.remote_id) for target in order.targets]

    async def look(
        self, verb: Verb, targets: Sequence[Target], notes: Sequence[str | None]
    ) -> Sequence[Sight]:
        """Sees nothing."""
        del verb, notes
        return [Sight(target.remote_id, target.state) for target in targets]

    async def close(self) -> None:
        """Lets nothing go."""


async def _whole(folder: Path, pages: Sequence[bytes], count: int, rules: Path) -> float:
    """Items a second through the whole path; the first tenth is not counted."""
    engine = build_engine(
        Places(folder),
        session_only=True,
        hosting=FakeHosting({"fake": lambda context: Flood(pages, context)}),
    )
    done = asyncio.Event()
    begun: list[tuple[float, int]] = []
    stored = 0

    def heard(said: Announcement) -> None:
        nonlocal stored
        if isinstance(said, Arrived):
            stored += said.count
            if not begun and stored >= count / 10:
                begun.append((time.perf_counter(), stored))
            if stored >= count:
                done.set()

    await engine.start(collect=True)
    try:
        await engine.import_watchlist(rules, "bench")
        await engine.editing.drain()  # the search of the past that new rules begin is not what is measured
        engine.events.listen(heard)
        gc.collect()
        await engine.connecting.save(_account(), None, "bench")
        async with asyncio.timeout(240):
            await done.wait()
        elapsed = time.perf_counter() - begun[0][0]
    finally:
        await engine.stop()
    return (count - begun[0][1]) / elapsed


def _account() -> Account:
    return Account(
        id=AccountId(0),
        key="",
        network="fake",
        connector="fake",
        handle="flood",
        name="Flood",
        lead="A",
        deputy="B",
        may_act=False,
    )


def _bare_store(folder: Path, arrivals: Sequence[Arrival]) -> Callable[[], float]:
    """A raw loop over prepared rows of the same schema, in batches of 500; gives its seconds."""
    now = time.time_ns() // 1_000_000
    batches = [
        store._tables(
            [Received(AccountId(1), "fake", one, (), 5, now) for one in arrivals[first : first + 500]],
            first + 1,
        )
        for first in range(0, len(arrivals), 500)
    ]

    def loop() -> float:
        with Database(folder / f"bare-{time.perf_counter_ns()}.db") as db:
            conn = db._ingest
            assert conn is not None
            started = time.perf_counter()
            for tables in batches:
                store._bare_saved(conn, tables)
            return time.perf_counter() - started

    return loop


def _bare_match(matcher: Matcher, texts: Sequence[str]) -> None:
    for first in range(0, len(texts), 500):
        some = texts[first : first + 500]
        matcher.match(some, ["en"] * len(some))


def _timed(work: Callable[[], object]) -> float:
    gc.collect()
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def run(long: bool) -> dict[str, dict[str, Any]]:
    """Measures `pipeline_rate` and `pipeline_ratio`.

    Args:
        long: five times as many items.
    """
    count = 150_000 if long else 30_000
    stage = matching._Stage(5_000, texts=texts_for(count))
    pages = make_pages(stage.texts, count, 1)
    with tempfile.TemporaryDirectory(prefix="cordon-bench-") as name:
        folder = Path(name)
        rules = folder / "rules.toml"
        rules.write_text(format_watchlist(stage.matcher.watchlists[0]), encoding="utf-8")
        lists = [*read_folder(resources() / "watchlists"), *stage.matcher.watchlists]
        matcher = compile_lists(lists)
        arrivals = [to_arrival(raw) for page in pages for raw in _pages.decode(page)]
        bare_store = _bare_store(folder, arrivals)
        rates: list[float] = []
        bare: list[tuple[float, float, float]] = []
        for turn in range(3):
            decode_s = _timed(lambda: [to_arrival(raw) for page in pages for raw in _pages.decode(page)])
            match_s = _timed(lambda: _bare_match(matcher, stage.texts)) / len(stage.texts) * count
            bare.append((decode_s / count, match_s / count, bare_store() / count))
            rates.append(asyncio.run(_whole(folder / str(turn), pages, count, rules)))
    best = [min(costs) for costs in zip(*bare, strict=True)]
    rate = max(rates)
    limit = 1 / sum(best)
    parts = ", ".join(
        f"{words} {cost * 1e6:.1f}" for words, cost in zip(("decode", "match", "store"), best, strict=True)
    )
    return {
        "pipeline_rate": {
            "value": round(rate),
            "goal": RATE_GOAL,
            "unit": "items/s",
            "baseline": f"its stages alone, one after the other: {limit:,.0f} items/s",
            "holds": rate >= RATE_GOAL,
        },
        "pipeline_ratio": {
            "value": round(rate / limit, 3),
            "goal": RATIO_GOAL,
            "unit": "ratio",
            "baseline": f"sum of its stages alone, us an item: {parts}",
            "holds": rate / limit >= RATIO_GOAL,
        },
    }
