"""Two hundred accounts over all networks in one process; four make trouble, and the others notice nothing.

Every account talks to a false network over a real socket, and time stands still until the test moves it. So
a delay is measured in the time that connectors wait by, whatever the machine is busy with. What a newcomer
would get wrong: an account alone on its network would prove little; here up to thirty share an app, and with
it that app's ceilings.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from console.api import Answer, Capabilities, Context, Order, Page, Profile, Sight, Target, Verb
from console.api.stage import Stage, Trouble
from console.domain.accounts import Account, AccountState
from console.domain.ids import AccountId
from console.services import neighbours
from console.services.hosting import Found, Hosting
from tests.contract.stages import STAGES
from tests.fakes.connectors import arrival, manifest
from tests.journeys.night import Night

COUNTS: Mapping[str, int] = {
    "facebook": 20,
    "instagram": 20,
    "threads": 28,
    "x": 20,
    "youtube": 20,
    "mastodon": 32,
    "tiktok": 14,
    "reddit": 26,
    "flickr": 14,
    "bluesky": 1,  # the false one knows one sign-in at a time
    "linkedin": 1,  # its accounts are run by one person, whose calls a day are few
}
SELDOM = frozenset({"linkedin"})
"""Networks whose own polling interval is longer than this test waits."""
LEAST_S = 20
"""An interval is taken to be no shorter than this: posts that were quiet are looked at more seldom."""
FLOOD = 1_000
"""Items a second."""


class Flood:
    """A connector that brings a thousand items a second."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def open(self) -> Profile:
        return Profile("flood", "flood", "Flood")

    async def stream(self, cursor: str | None) -> AsyncIterator[Page]:
        place = int(cursor or 0)
        while True:
            await self._context.wait(rest=0.1, incident=0.1)
            items = [arrival(place + number, account="flood") for number in range(FLOOD // 10)]
            place += len(items)
            yield Page(arrivals=items, cursor=str(place))

    def can(self, target: Target) -> Capabilities:
        del target
        return {}

    async def act(self, order: Order) -> Sequence[Answer]:
        return [Answer(target.remote_id) for target in order.targets]

    async def look(
        self, verb: Verb, targets: Sequence[Target], notes: Sequence[str | None]
    ) -> Sequence[Sight]:
        del verb, notes
        return [Sight(target.remote_id, target.state) for target in targets]

    async def close(self) -> None:
        return None


class AllNetworks(Hosting):
    """The connectors of this house, and the flood."""

    def find(self) -> Mapping[str, Found]:
        super().find()
        self._found["flood"] = Found(manifest("flood"), "test", None)
        self._loaded["flood"] = Flood
        return self._found


@contextmanager
def hanging() -> Iterator[int]:
    """A port that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        yield int(server.getsockname()[1])


class Watch(Night):
    """A night in which somebody measures how long things take to arrive."""

    healthy: Sequence[Account] = ()

    async def arrivals_of(self, texts: Sequence[str]) -> set[tuple[AccountId, str]]:
        """Which accounts have which of these texts."""

        def read(conn: Any) -> set[tuple[AccountId, str]]:
            marks = ",".join("?" * len(texts))
            rows = conn.execute(f"SELECT account_id, text FROM items WHERE text IN ({marks})", texts)
            return {(AccountId(account_id), text) for account_id, text in rows}

        found: set[tuple[AccountId, str]] = await self.engine._parts.db.read(read)
        return found

    async def delays(self, stages: Mapping[str, Stage], word: str) -> dict[str, float]:
        """Lets somebody say something everywhere; after how many seconds the last account of each has it."""
        said = {f"{word} at {name}": name for name in stages if name not in SELDOM}
        for text, name in said.items():
            stages[name].say(text)
        missing = {
            (account.id, text) for account in self.healthy for text in said if said[text] == account.network
        }
        found: dict[str, float] = {}
        begun = self.clock.monotonic()
        while missing:
            await self.clock.pass_by(1)
            seconds = self.clock.monotonic() - begun
            assert seconds < 300, f"never arrived: {sorted(missing)[:5]}"
            here = missing & await self.arrivals_of(list(said))
            found |= {said[text]: seconds for _, text in here}
            missing -= here
        return found


async def watch_through_the_night(
    folder: Path, stages: Mapping[str, Stage], bad: Mapping[str, Stage], port: int
) -> None:
    night = Watch(folder, but=port, hosting=AllNetworks())
    engine, clock = night.engine, night.clock
    await engine.start(collect=True)
    try:
        await engine.open_incident("Quay Road", "normal", "a.rowe")
        night.healthy = [
            await night.add(name, stage, number)
            for name, stage in stages.items()
            for number in range(COUNTS[name])
        ]
        dead = await night.add("threads", bad["dead"], 99)
        garbage = await night.add("reddit", bad["garbage"], 99)
        night.begin()
        quiet = [await night.delays(stages, word) for word in ("first", "second")]

        hang = await night.add("mastodon", bad["hang"], 99, address=f"http://127.0.0.1:{port}")
        flood = await night.add("flood", None, 0)
        assert len(engine.accounts()) == 200
        bad["dead"].misbehave(Trouble.REVOKED)
        bad["garbage"].misbehave(Trouble.GARBAGE)
        troubled = await night.delays(stages, "third")
        for name, seconds in troubled.items():
            before = max(one[name] for one in quiet)
            interval = max(before, LEAST_S)
            assert seconds <= before + interval, f"{name}: {seconds} s, and {before} s when all was well"

        health: dict[AccountId, Account] = {}
        async with asyncio.timeout(90):
            while hang.id not in health or health[hang.id].state is AccountState.STARTING:
                await night.idle()
                await clock.pass_by(1)
                health = {account.id: account for account in engine.accounts()}
        assert {health[account.id].state for account in night.healthy} == {AccountState.LIVE}
        words = {one.key: f"{health[one.id].state}: {health[one.id].error}" for one in (hang, garbage, dead)}
        assert words[hang.key] == "no-link: Mastodon did not answer in time."
        assert health[dead.id].state is AccountState.SIGN_IN, words
        assert health[garbage.id].state is AccountState.FAULTY, words
        assert len(set(words.values())) == 3
        assert health[flood.id].state is AccountState.LIVE
        assert engine.statistics.stored > FLOOD * max(troubled.values()) * 0.9
        assert engine.statistics.refused == 0
    finally:
        await night.end()


def test_four_accounts_in_trouble_delay_none_of_two_hundred_and_health_says_which_is_which(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(neighbours, "QUICK_S", 5.0)  # there are none; each look would cost a moment here
    with ExitStack() as stack:
        stages = {name: stack.enter_context(STAGES[name]()) for name in COUNTS}
        bad = {
            "dead": stack.enter_context(STAGES["threads"]()),
            "garbage": stack.enter_context(STAGES["reddit"]()),
            "hang": stack.enter_context(STAGES["mastodon"]()),
        }
        port = stack.enter_context(hanging())
        asyncio.run(watch_through_the_night(tmp_path, stages, bad, port))
    del caplog
