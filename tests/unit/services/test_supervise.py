"""Each account's connector is kept alive, and what goes wrong on one account stays there."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.api import (
    Failure,
    Gone,
    Misunderstood,
    NotAllowed,
    Page,
    SignInAgain,
    SlowDown,
    TryLater,
)
from console.domain.accounts import AccountState as State
from console.domain.errors import ProfileError
from console.services.events import AccountsChanged
from console.services.running import SILENCE_S
from console.store import accounts
from tests.fakes.clock import START_AT
from tests.fakes.connectors import FakeConnector, FakeHosting, Network
from tests.fakes.rooms import Rooms, rooms


def inside(folder: Path, check: Callable[[Rooms], Awaitable[None]], **parts: Any) -> None:
    """Runs a check with the parts made for it."""

    async def whole() -> None:
        async with rooms(folder, **parts) as made:
            await check(made)

    asyncio.run(whole())


def network(count: int = 30, **what: Any) -> Network:
    made = Network(**what)
    made.publish(count)
    return made


def states(made: Rooms, running: Any) -> list[State]:
    """The states that one account goes through from now on, as they are announced."""
    seen: list[State] = []

    def heard(said: object) -> None:
        if isinstance(said, AccountsChanged) and seen[-1:] != [running.account.state]:
            seen.append(running.account.state)

    made.events.listen(heard)
    return seen


def test_a_stream_is_collected_to_its_end_and_then_the_account_says_so(tmp_path: Path) -> None:
    net = network(30)

    async def check(made: Rooms) -> None:
        (running,) = await made.run("a")
        await made.flow(lambda: running.account.state is State.ENDED)
        await made.flow(lambda: made.ingest.statistics.stored == 30)
        assert await made.remote_ids(running.account) == [f"a/{n}" for n in range(1, 31)]
        assert running.line is not None

    inside(tmp_path, check, networks={"a": net})


def test_collecting_goes_on_from_where_the_last_run_had_stored(tmp_path: Path) -> None:
    net = network(30)

    async def first(made: Rooms) -> None:
        (running,) = await made.run("a")
        await made.flow(lambda: running.account.state is State.ENDED)

    inside(tmp_path, first, networks={"a": net})
    net.publish(5)

    async def second(made: Rooms) -> None:
        from console.store import accounts

        (account,) = await made.db.read(accounts.accounts)
        await made.supervisor.add(account)
        made.supervisor.start(stream=True)
        await made.flow(lambda: made.ingest.statistics.stored == 5)

    inside(tmp_path, second, networks={"a": net})
    assert net.cursors == [None, "30"]
    assert net.closed == 2


FAILURES: list[tuple[Exception, State, bool]] = [
    (TryLater("No answer."), State.NO_LINK, True),
    (SlowDown("Too fast.", until=START_AT + 30_000), State.STALE, True),
    (Misunderstood("Odd answer."), State.FAULTY, True),
    (SignInAgain("Sign in again."), State.SIGN_IN, False),
    (NotAllowed("Not for you."), State.FAULTY, False),
    (Gone("No such account."), State.FAULTY, False),
    (Failure("Something."), State.FAULTY, False),
    (KeyError("a bug"), State.FAULTY, False),
]


@pytest.mark.parametrize(("failure", "state", "tried_again"), FAILURES, ids=lambda v: type(v).__name__)
def test_each_failure_has_its_state_and_only_some_are_tried_again(
    tmp_path: Path,
    failure: Exception,
    state: State,
    tried_again: bool,
    caplog: pytest.LogCaptureFixture,
) -> None:
    net = network(30, failures={1: failure}, ends=False)
    healthy = network(30, ends=False)

    async def check(made: Rooms) -> None:
        bad, good = await made.run("a", "b")
        seen = states(made, bad)
        await made.until(lambda: bad.account.state is state)
        words = getattr(failure, "words", "A fault in its connector stopped this account (KeyError)")
        assert bad.account.error is not None
        assert bad.account.error.startswith(words)
        await made.clock.pass_by(60)
        await made.flow(lambda: made.ingest.statistics.stored == (60 if tried_again else 40))
        assert good.account.state is State.LIVE
        assert good.account.error is None
        assert (bad.account.state is State.LIVE) == tried_again
        assert seen.count(state) == 1, "said once"
        assert net.streams == (2 if tried_again else 1)

    inside(tmp_path, check, networks={"a": net, "b": healthy})
    assert ("a fault in the connector" in caplog.text) == isinstance(failure, KeyError)


def test_failures_that_go_on_are_met_with_longer_waits_and_said_once(tmp_path: Path) -> None:
    net = network(10, open_failures=[TryLater("No answer.") for _ in range(5)], ends=False)

    async def check(made: Rooms) -> None:
        (running,) = await made.run("a")
        seen = states(made, running)
        await made.flow(lambda: made.ingest.statistics.stored == 10)
        waits = [later - earlier for earlier, later in pairwise(net.opened_at)]
        assert waits == [500, 1_000, 2_000, 4_000, 8_000]
        assert seen == [State.STARTING, State.NO_LINK, State.LIVE]
        assert running.account.state is State.LIVE

    inside(tmp_path, check, networks={"a": net})


def test_a_disk_that_does_not_answer_stops_an_account_for_a_while_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    net = network(30, open_failures=[ProfileError("The disk is full.")])
    failures, read = [ProfileError("The disk does not answer.")], accounts.cursor

    def cursor(*asked: Any) -> str | None:
        if failures:
            raise failures.pop()
        return read(*asked)

    monkeypatch.setattr(accounts, "cursor", cursor)

    async def check(made: Rooms) -> None:
        (running,) = await made.run("a")
        seen = states(made, running)
        await made.flow(lambda: running.account.state is State.ENDED)
        assert State.FAULTY in seen
        await made.flow(lambda: made.ingest.statistics.stored == 30)

    inside(tmp_path, check, networks={"a": net})


def test_an_ended_sign_in_rests_until_it_is_tested_again(tmp_path: Path) -> None:
    net = network(30, failures={2: SignInAgain("Sign in again.")}, ends=False)

    async def check(made: Rooms) -> None:
        (running,) = await made.run("a")
        await made.until(lambda: running.account.state is State.SIGN_IN)
        assert running.line is None
        await made.clock.pass_by(10_000)
        assert net.opened == 1
        running.again()
        await made.flow(lambda: made.ingest.statistics.stored == 30)
        assert net.opened == 2
        assert net.closed == 1
        assert net.cursors == [None, "20"]
        assert running.account.state is State.LIVE

    inside(tmp_path, check, networks={"a": net})


def test_a_sign_in_that_ends_while_acting_stops_the_stream_too(tmp_path: Path) -> None:
    net = network(10, ends=False)

    async def check(made: Rooms) -> None:
        (running,) = await made.run("a")
        await made.flow(lambda: made.ingest.statistics.stored == 10)
        made.supervisor.report(running.account.id, SignInAgain("Ended while hiding."))
        await made.until(lambda: running.account.state is State.SIGN_IN)
        assert running.account.error == "Ended while hiding."
        assert list(made.supervisor.open_accounts()) == []

    inside(tmp_path, check, networks={"a": net})


def test_a_stream_that_has_gone_silent_is_noticed_said_and_opened_anew(tmp_path: Path) -> None:
    net = network(10, ends=False)

    async def check(made: Rooms) -> None:
        (running,) = await made.run("a")
        await made.flow(lambda: made.ingest.statistics.stored == 10)
        seen = states(made, running)
        await made.clock.pass_by(running._heard_at + SILENCE_S - made.clock.monotonic() - 0.1)
        assert running.account.state is State.LIVE
        await made.clock.pass_by(6)
        await made.until(lambda: running.account.state is State.STALE)
        await made.clock.pass_by(1)
        await made.until(lambda: net.streams == 2)
        assert seen == [State.STALE]
        assert net.cursors == [None, "10"]
        await made.clock.pass_by(20)
        await made.until(lambda: running.account.state is State.LIVE)

    inside(tmp_path, check, networks={"a": net})


def test_a_connector_that_waits_at_our_pace_is_not_silent(tmp_path: Path) -> None:
    net = network(10, ends=False, rest_s=600.0)

    async def check(made: Rooms) -> None:
        (running,) = await made.run("a")
        await made.flow(lambda: made.ingest.statistics.stored == 10)
        told = net.told
        seen = states(made, running)
        await made.clock.pass_by(590)
        assert not seen
        made.supervisor.set_incident(True)
        await made.until(lambda: net.told > told)
        assert running.account.state is State.LIVE

    inside(tmp_path, check, networks={"a": net})


def test_a_connector_that_is_held_back_is_not_silent(tmp_path: Path) -> None:
    net = network(10_000, page=500)

    async def check(made: Rooms) -> None:
        hold = asyncio.Event()
        store = made.db.ingest

        async def wait(job: Any) -> Any:
            if "_write" in repr(job):
                await hold.wait()
            return await store(job)

        made.db.ingest = wait  # type: ignore[method-assign, assignment]  # that is the point
        (running,) = await made.run("a")
        await made.until(lambda: made.ingest._waiting >= 2_000)
        await made.clock.pass_by(1_000)
        assert running.account.state is State.LIVE
        hold.set()
        await made.flow(lambda: made.ingest.statistics.stored == 10_000)
        assert net.streams == 1

    inside(tmp_path, check, networks={"a": net})


def test_an_incident_ends_the_wait_after_a_failure_but_not_one_that_the_network_asked_for(
    tmp_path: Path,
) -> None:
    away = network(0, open_failures=[TryLater("No answer.") for _ in range(4)], ends=False)
    slow = network(0, open_failures=[SlowDown("Too fast.", until=START_AT + 900_000)], ends=False)

    async def check(made: Rooms) -> None:
        running, other = await made.run("a", "b")
        await made.until(lambda: running._may_hurry and other.account.state is State.STALE)
        for _ in range(3):
            opened = away.opened
            made.supervisor.set_incident(False)
            made.supervisor.set_incident(True)
            await made.until(lambda opened=opened: away.opened > opened)  # type: ignore[misc]  # bound now
            await made.until(lambda: running._may_hurry)
        assert made.clock.monotonic() == 0
        assert slow.opened == 1
        await made.clock.pass_by(899)
        assert slow.opened == 1
        await made.clock.pass_by(2)
        await made.until(lambda: slow.opened == 2)

    inside(tmp_path, check, networks={"a": away, "b": slow})


def test_one_flooding_and_one_lying_account_leave_a_third_as_quick_as_before(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    flood, quiet = network(20_000, page=1_000), network(3)

    class Liar(FakeConnector):
        async def stream(self, cursor: str | None) -> Any:
            lies: list[Any] = [Page([None] * 50), Page(cursor="1"), {"arrivals": []}]  # type: ignore[list-item]  # that is the point
            for thing in lies:
                yield thing

    nets = {"flood": flood, "quiet": quiet, "liar": network(0)}
    hosting = FakeHosting(
        {
            "fake": lambda context: (Liar if context.handle == "liar" else FakeConnector)(
                nets[context.handle], context
            )
        }
    )

    async def check(made: Rooms) -> None:
        flooding, liar, calm = await made.run("flood", "liar", "quiet")
        await made.flow(lambda: made.ingest.statistics.stored == 20_003)
        ids = [item.account_id for item in await made.stored()]
        assert max(i for i, who in enumerate(ids) if who == calm.account.id) < 4_000
        assert liar.account.state is State.FAULTY
        assert flooding.account.state is State.ENDED
        assert made.ingest.statistics.refused == 50
        assert "a fault in the connector" in caplog.text

    inside(tmp_path, check, hosting=hosting)


def test_a_connector_that_is_missing_or_cannot_be_made_stops_only_its_account(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    good = network(5)

    def connect(context: Any) -> Any:
        if context.handle == "broken":
            raise ValueError("no")
        return FakeConnector(good, context)

    async def check(made: Rooms) -> None:
        broken, fine = await made.run("broken", "fine")
        await made.flow(lambda: made.ingest.statistics.stored == 5)
        await made.until(lambda: broken.account.state is State.FAULTY)
        assert fine.account.state is State.ENDED
        assert "could not be made" in caplog.text

    inside(tmp_path, check, hosting=FakeHosting({"fake": connect}))


def test_an_account_that_two_take_up_at_once_runs_once(tmp_path: Path) -> None:
    # Whoever adds an account and whoever watches the list of accounts may both see it first.
    net = network(10, ends=False)

    async def check(made: Rooms) -> None:
        made.supervisor.start(stream=True)
        account = await made.account("a")
        await asyncio.gather(made.supervisor.add(account), made.supervisor.add(account))
        await made.supervisor.add(account)
        await made.flow(lambda: made.ingest.statistics.stored == 10)
        running = [task for task in asyncio.all_tasks() if task.get_name().endswith(": run")]
        assert len(running) == 1

    inside(tmp_path, check, networks={"a": net})


def test_stopping_leaves_nobody_running_and_every_account_off(tmp_path: Path) -> None:
    net = network(10, ends=False)

    async def check(made: Rooms) -> None:
        (running,) = await made.run("a")
        await made.flow(lambda: made.ingest.statistics.stored == 10)
        await made.supervisor.stop()
        assert running.account.state is State.OFF
        assert net.closed == 1
        left = {task.get_name() for task in asyncio.all_tasks()}
        assert not any(name.startswith(("account", "supervisor")) for name in left)

    inside(tmp_path, check, networks={"a": net})


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    failing=st.dictionaries(
        st.integers(0, 12),
        st.sampled_from([TryLater("x"), Misunderstood("x"), SlowDown("x", until=START_AT + 100)]),
        max_size=6,
    ),
    page=st.integers(1, 9),
)
def test_failures_at_any_point_lose_nothing_and_double_nothing(
    tmp_path_factory: pytest.TempPathFactory, failing: dict[int, Exception], page: int
) -> None:
    net = network(40, page=page, failures=dict(failing))

    async def check(made: Rooms) -> None:
        (running,) = await made.run("a")
        await made.flow(lambda: running.account.state is State.ENDED)
        await made.flow(lambda: made.ingest.statistics.received >= 40)
        assert await made.remote_ids(running.account) == [f"a/{n}" for n in range(1, 41)]
        assert made.ingest.statistics.duplicates == 0

    inside(tmp_path_factory.mktemp("failing"), check, networks={"a": net})
