"""Topics: searched for beside the stream, for a limited time, on record, and over a restart."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from console.api import Arrival, Context, ItemKind, Manifest, NotAllowed, Page, SlowDown, TryLater
from console.api.manifest import Search
from console.desk.local import LocalDesk
from console.domain.accounts import AccountState
from console.domain.errors import NotPossible, UsageError
from console.domain.topics import Topic
from console.services.hosting import Found
from console.services.running import SILENCE_S
from console.services.topics import LOOK_S, Topics
from console.store import accounts
from tests.fakes.connectors import FakeConnector, FakeHosting, Network, arrival, manifest
from tests.fakes.rooms import Rooms, rooms

HOUR_S = 3_600.0


@dataclass
class Net(Network):
    """A network that can be searched; a cursor is the number of the last thing that was told."""

    ends: bool = False
    rest_s: float | None = 30
    talk: list[Arrival] = field(default_factory=list)
    search_failures: list[Exception] = field(default_factory=list)
    searches: list[tuple[str, str | None]] = field(default_factory=list)

    def gossip(self, number: int, kind: ItemKind = ItemKind.FOUND) -> None:
        """Somebody says something somewhere."""
        self.talk.append(replace(arrival(number, f"seen on Quay Road {number}", "g"), kind=kind))


class SearchingConnector(FakeConnector):
    """A connector with a search."""

    network: Net

    def __init__(self, network: Net, context: Context) -> None:
        super().__init__(network, context)
        self.network = network

    async def search(self, words: str, cursor: str | None) -> AsyncIterator[Page]:
        """Tells the talk after the cursor."""
        self.network.searches.append((words, cursor))
        place = int(cursor or 0)
        while True:
            if self.network.search_failures:
                raise self.network.search_failures.pop(0)
            part = self.network.talk[place : place + 5]
            place += len(part)
            yield Page(arrivals=part, cursor=str(place))
            await self.context.wait(rest=10, incident=1)


SEARCH = Search(words="All.")


def hosting(nets: Mapping[str, Net], search: Search | None = SEARCH) -> FakeHosting:
    made = FakeHosting({"fake": lambda context: SearchingConnector(nets[context.handle], context)})
    declared: Manifest = replace(manifest("fake"), search=search)
    made._found = {"fake": Found(declared, "test", None)}
    return made


@asynccontextmanager
async def searching(folder: Path, net: Net) -> AsyncIterator[tuple[Rooms, Topics, LocalDesk]]:
    async with rooms(folder, hosting=hosting({"a": net})) as made:
        desk = LocalDesk(made.db, "Dellin desk 1")
        found = Topics(
            desk=desk,
            db=made.db,
            hosting=made.tools.hosting,
            supervisor=made.supervisor,
            ingest=made.ingest,
            clock=made.clock,
        )
        found.start()
        try:
            yield made, found, desk
        finally:
            await found.stop()


def inside(folder: Path, net: Net, check: Callable[[Rooms, Topics, LocalDesk], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with searching(folder, net) as parts:
            await check(*parts)

    asyncio.run(whole())


async def opened(made: Rooms, topics: Topics, hours: float = 2) -> Topic:
    (running,) = made.supervisor.all or await made.run("a")
    return await topics.open(
        " Quay  Road ",
        [running.account],
        purpose="Crowd safety",
        authorised_by="Supt. Vale",
        hours=hours,
        who="a.rowe",
    )


async def error_of(topics: Topics) -> str | None:
    (topic,) = await topics.all()
    return topic.searches[0].error


def test_what_is_said_about_a_topic_arrives_and_its_opening_and_closing_go_on_record(tmp_path: Path) -> None:
    net = Net()
    net.publish(3)
    for number in range(1, 8):
        net.gossip(number)

    async def check(made: Rooms, topics: Topics, desk: LocalDesk) -> None:
        topic = await opened(made, topics, 0.1)
        await made.flow(lambda: made.ingest.statistics.stored == 10)
        stored = await made.stored()
        assert sum(item.kind is ItemKind.FOUND for item in stored) == 7
        assert net.searches == [("Quay Road", None)]
        await made.clock.pass_by(0.1 * HOUR_S + LOOK_S)
        net.gossip(8)
        await made.clock.pass_by(60)
        assert made.ingest.statistics.stored == 10, "its time is over"
        (ended,) = await topics.all()
        assert not ended.is_open
        assert (ended.searches[0].cursor, ended.searches[0].found) == ("7", 7)
        entries = [json.loads(entry.leaf) for entry in await desk.entries(0, 10)]
        assert [entry["kind"] for entry in entries] == ["topic.opened", "topic.closed"]
        assert [entry["who"] for entry in entries] == ["a.rowe", "cordon"]
        assert all(entry["facts"]["authorised_by"] == "Supt. Vale" for entry in entries)
        content = (await desk.entries(0, 1))[0].content or b""
        assert json.loads(content) == {"words": "Quay Road", "purpose": "Crowd safety"}
        assert topic.ends_at - topic.opened_at == 360_000

    inside(tmp_path, net, check)


def test_a_search_goes_on_after_a_restart_from_where_it_was(tmp_path: Path) -> None:
    net = Net()
    net.gossip(1)

    async def first(made: Rooms, topics: Topics, desk: LocalDesk) -> None:
        await opened(made, topics)
        await made.flow(lambda: made.ingest.statistics.stored == 1)

    inside(tmp_path, net, first)
    net.gossip(2)

    async def second(made: Rooms, topics: Topics, desk: LocalDesk) -> None:
        (account,) = await made.db.read(accounts.accounts)
        await made.supervisor.add(account)
        made.supervisor.start(stream=True)
        await made.flow(lambda: made.ingest.statistics.stored == 1)
        assert made.ingest.statistics.duplicates == 0

    inside(tmp_path, net, second)
    assert net.searches == [("Quay Road", None), ("Quay Road", "1")]


def test_what_goes_wrong_in_a_search_is_said_there_tried_again_and_never_disturbs_the_stream(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    net = Net()
    net.publish(3)
    net.gossip(1)
    net.search_failures = [TryLater("The search does not answer."), KeyError("a fault")]

    async def check(made: Rooms, topics: Topics, desk: LocalDesk) -> None:
        await opened(made, topics)
        await made.clock.pass_by(LOOK_S + 30)
        assert net.search_failures == [], "it was tried again after the first, and went wrong otherwise"
        error = await error_of(topics)
        assert error is not None
        assert "A fault in its connector" in error
        (running,) = made.supervisor.all
        assert running.account.state is AccountState.LIVE
        assert made.ingest.statistics.stored == 3
        assert "t1: a fault" in caplog.text

    inside(tmp_path, net, check)


def test_a_search_that_is_asked_to_slow_down_goes_on_when_it_may(tmp_path: Path) -> None:
    net = Net()
    net.gossip(1)

    async def check(made: Rooms, topics: Topics, desk: LocalDesk) -> None:
        net.search_failures = [SlowDown("Too many searches.", until=made.clock.now() + 600_000)]
        await opened(made, topics)
        await made.clock.pass_by(500)
        assert await error_of(topics) == "Too many searches."
        assert made.ingest.statistics.stored == 0
        await made.clock.pass_by(120)
        assert await error_of(topics) is None
        assert made.ingest.statistics.stored == 1

    inside(tmp_path, net, check)


def test_a_search_that_is_forbidden_says_so_and_rests(tmp_path: Path) -> None:
    net = Net()
    net.search_failures = [NotAllowed("The app may not search.")]

    async def check(made: Rooms, topics: Topics, desk: LocalDesk) -> None:
        await opened(made, topics)
        await made.clock.pass_by(600)
        assert await error_of(topics) == "The app may not search."
        assert len(net.searches) == 1

    inside(tmp_path, net, check)


def test_the_pauses_of_a_search_do_not_hide_that_the_stream_is_silent_nor_make_it_seem_so(
    tmp_path: Path,
) -> None:
    net = Net(rest_s=4 * SILENCE_S)
    net.publish(1)

    async def check(made: Rooms, topics: Topics, desk: LocalDesk) -> None:
        await opened(made, topics)
        await made.clock.pass_by(3 * SILENCE_S)
        (running,) = made.supervisor.all
        assert running.account.state is AccountState.LIVE
        assert net.streams == 1

    inside(tmp_path, net, check)


def test_a_topic_that_a_person_closes_is_not_searched_for_any_more(tmp_path: Path) -> None:
    net = Net()
    net.gossip(1)

    async def check(made: Rooms, topics: Topics, desk: LocalDesk) -> None:
        topic = await opened(made, topics)
        await made.flow(lambda: made.ingest.statistics.stored == 1)
        await topics.close(topic.id, "a.rowe")
        net.gossip(2)
        await made.clock.pass_by(60)
        assert made.ingest.statistics.stored == 1
        with pytest.raises(UsageError, match="no open topic"):
            await topics.close(topic.id, "a.rowe")

    inside(tmp_path, net, check)


def test_what_was_found_and_is_said_to_us_after_all_takes_its_place(tmp_path: Path) -> None:
    net = Net()
    net.gossip(1)

    async def check(made: Rooms, topics: Topics, desk: LocalDesk) -> None:
        await opened(made, topics)
        await made.flow(lambda: made.ingest.statistics.stored == 1)
        net.posts.append(replace(net.talk[0], kind=ItemKind.MENTION))
        await made.clock.pass_by(60)
        (item,) = await made.stored()
        assert item.kind is ItemKind.MENTION

    inside(tmp_path, net, check)


def test_a_network_without_a_search_and_a_topic_without_its_particulars_are_refused_in_words(
    tmp_path: Path,
) -> None:
    async def check(made: Rooms, topics: Topics, desk: LocalDesk) -> None:
        (running,) = await made.run("a")

        async def ask(words: str = "Quay Road", purpose: str = "P", by: str = "V", hours: float = 1) -> None:
            accounts = [running.account] if words != "nowhere" else []
            await topics.open(words, accounts, purpose=purpose, authorised_by=by, hours=hours, who="a.rowe")

        for words, purpose, by in (
            (" ", "P", "V"),
            ("Quay", "", "V"),
            ("Quay", "P", " "),
            ("nowhere", "P", "V"),
        ):
            with pytest.raises(UsageError):
                await ask(words, purpose, by)
        for hours in (0, -1, 73, float("nan")):
            with pytest.raises(UsageError, match="72 hours"):
                await ask(hours=hours)
        made.tools.hosting._found = hosting({}, search=None)._found
        with pytest.raises(NotPossible, match="Fake cannot be searched"):
            await ask()
        assert await desk.entries(0, 10) == []

    inside(tmp_path, Net(), check)
