"""Two thousand nights of acts: whatever networks and kills do, nothing is lost, doubled, or claimed falsely.

Hypothesis thinks out what happens: what a person asks for and takes back, who agrees, what the network does
with each call, when the program is killed. Each step is followed by others on the same files; at the end
everything comes to rest, and what the console says is held against what is true.
"""

import asyncio
import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from console.domain.acts import MOVES, Act, ActState, Verb
from console.domain.items import ItemState
from console.store import items as stored_items
from tests.conftest import LONG
from tests.fakes.faithless import EFFECT, Glance, Way
from tests.fakes.histories import ITEMS, OTHER, WHO, History, stocked
from tests.fakes.virtual import template
from tests.unit.services.test_evidence import fresh_keys

PHASES = tuple(Phase)
NIGHTS = 20_000 if LONG else 2_000
OVER = {ActState.REFUSED, ActState.CANCELLED, ActState.EXPIRED, ActState.FAILED, ActState.UNDONE}
SOME = st.lists(st.integers(1, ITEMS), min_size=1, max_size=4, unique=True)


class Night(RuleBasedStateMachine):
    """One history; see `tests/fakes/histories.py`."""

    source: Path
    folder: Path

    @initialize(lag_s=st.sampled_from([0.0, 0.0, 1.0, 7.0]))
    def begins(self, lag_s: float) -> None:
        self.history = History(self.source, self.folder, KEYS, lag_s=lag_s)

    @rule(verb=st.sampled_from([Verb.HIDE, Verb.HIDE, Verb.UNHIDE, Verb.DELETE, Verb.REPORT]), numbers=SOME)
    def a_person_asks(self, verb: Verb, numbers: list[int]) -> None:
        self.history.ask(verb, numbers)

    @rule(number=st.integers(0, 20))
    def a_person_takes_back(self, number: int) -> None:
        self.history.take_back(number)

    @rule(agrees=st.booleans(), who=st.sampled_from([OTHER, WHO, " r.calder ", "R.  CALDER"]))
    def somebody_answers(self, agrees: bool, who: str) -> None:
        self.history.answer(agrees=agrees, who=who)

    @rule(ways=st.lists(st.sampled_from(list(Way)), min_size=1, max_size=4))
    def the_network_will_misbehave(self, ways: list[Way]) -> None:
        self.history.network.ways.extend(ways)

    @rule(glances=st.lists(st.sampled_from(list(Glance)), min_size=1, max_size=4))
    def looks_will_go_wrong(self, glances: list[Glance]) -> None:
        self.history.network.glances.extend(glances)

    @rule(steps=st.integers(0, 25))
    def the_program_will_be_killed(self, steps: int) -> None:
        self.history.kill_after(steps)

    @rule(number=st.integers(1, ITEMS))
    def something_comes_back(self, number: int) -> None:
        network = self.history.network
        network.pass_time()
        if network.thing(f"p{number}").state in {ItemState.HIDDEN, ItemState.DELETED}:
            network.bring_back(f"p{number}")

    @rule(is_up=st.booleans())
    def the_link_changes(self, is_up: bool) -> None:
        self.history.lines.is_up = is_up

    @rule(seconds=st.sampled_from([0.05, 1.0, 12.0, 90.0, 3_700.0]))
    def time_goes_by(self, seconds: float) -> None:
        self.history.let(seconds)

    def teardown(self) -> None:
        try:
            if hasattr(self, "history"):
                self.history.settle(hours=26)
                check(self.history)
        finally:
            if hasattr(self, "history"):
                self.history.end()
            asyncio.set_event_loop(None)


def check(history: History) -> None:
    """What must be so at the end of any night."""
    assert not history.complaints, history.complaints
    assert not history.network.over, "more was sent than the ceiling allows"
    acts = history.acts()
    verdict = history._run(history.desk.verify())
    assert verdict.ok, verdict.first_bad
    _only_allowed_moves(history, acts)
    for act in acts:
        _is_at_its_end(history, act)
    for number in range(1, ITEMS + 1):
        _is_true(history, number, [act for act in acts if act.item_id == number])


def _only_allowed_moves(history: History, acts: list[Act]) -> None:
    """Read back from the ledger: what was asked for is all there, and went only ways that are allowed."""
    states: dict[str, ActState] = {}
    for leaf in history.leaves():
        facts = leaf["facts"]
        if leaf["kind"] == "act.requested":
            states[facts["act"]] = ActState(facts["state"])
        elif leaf["kind"].startswith("act."):
            before, after = ActState(facts["before"]), ActState(leaf["kind"].removeprefix("act."))
            assert states[facts["act"]] is before, f"{facts['act']} was {states[facts['act']]}, not {before}"
            hold_is_over = (before, after) == (ActState.HELD, ActState.SENDING)
            assert after in MOVES[before] or hold_is_over, f"{before} became {after}"
            states[facts["act"]] = after
    assert {f"a{act.id}": act.state for act in acts} == states, "an act is lost, or is not what is on record"


def _is_at_its_end(history: History, act: Act) -> None:
    network, remote_id = history.network, f"p{act.item_id}"
    match act.state:
        case ActState.CONFIRMED | ActState.UNDONE | ActState.REAPPEARED:
            pass  # whether that is true is asked for each item
        case ActState.REFUSED:
            said = (act.verb, remote_id) in network.forbidden or remote_id in network.said_gone
            assert said or act.undo_of is not None, f"a{act.id} was refused by nobody"
        case ActState.FAILED:
            assert "look at the network" in (act.error or ""), "it failed, and does not say what that means"
        case ActState.UNVERIFIABLE:
            assert remote_id in network.untold or act.error, "it cannot be told, and does not say why"
        case ActState.UNCERTAIN:  # a person decides
            assert act.verb in {Verb.REPORT, Verb.DELETE}
            assert remote_id in network.untold
        case ActState.CANCELLED | ActState.EXPIRED:
            assert act.attempts == 0, f"a{act.id} was sent and is called {act.state}"
        case _:
            raise AssertionError(f"a{act.id} was left hanging: {act.state}")
    if act.verb is Verb.REPORT and act.attempts:
        asked = sum(
            one.attempts > 0 for one in history.acts() if (one.verb, one.item_id) == (act.verb, act.item_id)
        )
        assert network.thing(remote_id).added[Verb.REPORT] <= asked, "reported more often than asked for"


def _is_true(history: History, number: int, acts: list[Act]) -> None:
    """What the cache and the newest act say of an item is what the public sees."""
    network, remote_id = history.network, f"p{number}"
    sent = [act for act in acts if act.verb in EFFECT and act.state not in OVER]
    sent.sort(key=lambda act: (act.sent_at or 0, act.id))
    if (
        any(act.state is ActState.FAILED for act in acts if act.verb in EFFECT)
        or remote_id in network.crossed
    ):
        return  # said openly: it may have been done
    truth = network.truth(remote_id)
    (item,) = history.database.read_now(lambda conn: stored_items.items(conn, [number])).result()
    if sent and sent[-1].state is ActState.CONFIRMED:
        is_gone = remote_id in network.said_gone
        assert truth is EFFECT[sent[-1].verb] or is_gone, f"a{sent[-1].id} is confirmed, and it is {truth}"
        assert item.state is truth or is_gone, f"the cache says {item.state}, and it is {truth}"
    if sent and sent[-1].state is ActState.REAPPEARED:
        assert truth is ItemState.VISIBLE
        assert item.state is ItemState.VISIBLE
        assert any("back in public" in words for words in history.troubles)
    if not sent and not acts:
        assert item.state is ItemState.VISIBLE


@contextmanager
def _quiet() -> Iterator[None]:
    """Connectors fail here on purpose, and the log says so thousands of times."""
    logging.disable(logging.ERROR)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


KEYS = fresh_keys()


@contextmanager
def _nights() -> Iterator[None]:
    """A place for nights, with a stocked database that each begins from."""
    shm = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shm if shm.is_dir() else None) as place, _quiet():
        folder = Path(place)
        (folder / "stocked").mkdir()
        (folder / "night").mkdir()
        Night.source = stocked(template(folder), folder / "stocked")
        Night.folder = folder / "night"
        yield


@contextmanager
def _night() -> Iterator[Night]:
    """One night that is told step by step, and checked at its end like any other."""
    with _nights():
        night = Night()
        night.begins(lag_s=0.0)
        try:
            yield night
        finally:
            night.teardown()


def test_what_comes_back_while_no_account_is_linked_is_noticed_afterwards() -> None:
    with _night() as night:
        night.a_person_asks(numbers=[1, 2], verb=Verb.HIDE)
        night.a_person_takes_back(number=0)
        night.the_link_changes(is_up=False)
        night.a_person_takes_back(number=0)
        night.something_comes_back(number=2)


def test_an_act_that_was_sent_and_failed_is_not_called_cancelled_when_it_is_taken_back() -> None:
    with _night() as night:
        night.a_person_asks(numbers=[1, 2], verb=Verb.HIDE)
        night.the_network_will_misbehave(ways=[Way.GONE])
        night.time_goes_by(seconds=3_700.0)
        night.a_person_takes_back(number=0)
        assert [act.state for act in night.history.acts()] == [ActState.FAILED, ActState.FAILED]


@pytest.mark.timeout(6_000 if LONG else 600)  # a minute where nothing else runs
def test_no_night_loses_an_act_doubles_one_or_ends_in_a_false_claim() -> None:
    with _nights():
        run_state_machine_as_test(
            Night,
            settings=settings(
                max_examples=NIGHTS,
                stateful_step_count=10,
                phases=PHASES,
                suppress_health_check=list(HealthCheck),
            ),
        )
