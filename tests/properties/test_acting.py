"""Laws of the table of moves, and short nights that show what those of `test_act_histories.py` rest on."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.api import RemoteId, Verb
from console.domain.acts import MOVES, OPEN, ActState, may_move, same_matter
from console.domain.items import ItemState
from tests.fakes.faithless import Way
from tests.fakes.histories import History, stocked
from tests.fakes.virtual import template
from tests.unit.services.test_evidence import fresh_keys

ITEM = RemoteId("p1")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with an account and some items."""
    folder = tmp_path_factory.mktemp("source")
    (folder / "stocked").mkdir()
    return stocked(template(folder), folder / "stocked")


@contextmanager
def night(source: Path, folder: Path, *ways: Way) -> Iterator[History]:
    """A history in which the network goes these ways first."""
    history = History(source, folder, fresh_keys(), lag_s=0.0)
    history.network.ways.extend(ways)
    try:
        yield history
        assert history.complaints == []
    finally:
        history.end()
        asyncio.set_event_loop(None)


def states(history: History) -> list[ActState]:
    """The states of all acts, oldest first."""
    return [act.state for act in history.acts()]


def test_an_undo_waits_for_what_it_undoes(source: Path, tmp_path: Path) -> None:
    with night(source, tmp_path, Way.SILENT_AFTER) as history:
        history.ask(Verb.HIDE, [1])
        history.let(0.01)
        history.take_back(0)
        history.let(60)
        assert history.network.reached == {(Verb.HIDE, ITEM): 1, (Verb.UNHIDE, ITEM): 1}
        assert states(history) == [ActState.UNDONE, ActState.CONFIRMED]
        assert history.network.truth(ITEM) is ItemState.VISIBLE


@pytest.mark.parametrize("steps", range(14))
def test_killed_after_any_step_an_act_is_sent_once_or_not_at_all_and_ends_done(
    source: Path, tmp_path: Path, steps: int
) -> None:
    with night(source, tmp_path) as history:
        history.kill_after(steps)
        history.ask(Verb.DELETE, [1])
        history.let(120)
        acts = history.acts()
        assert history.network.reached[Verb.DELETE, ITEM] == len(acts) <= 1, "asked for, or not, but no half"
        assert {act.state for act in acts} <= {ActState.CONFIRMED}


def test_an_act_that_the_network_forbids_is_refused_in_its_words(source: Path, tmp_path: Path) -> None:
    with night(source, tmp_path, Way.FORBIDS_FIRST) as history:
        history.ask(Verb.HIDE, [1, 2, 3])
        history.let(20)
        first, *others = history.acts()
        assert (first.state, first.error) == (ActState.REFUSED, "Not this one.")
        assert {act.state for act in others} == {ActState.CONFIRMED}, "each item has its own answer"
        assert history.network.truth(ITEM) is ItemState.VISIBLE


def test_what_is_asked_for_together_is_sent_together(source: Path, tmp_path: Path) -> None:
    with night(source, tmp_path) as history:
        orders: list[int] = []
        history.network.watch_orders = lambda _verb, targets: orders.append(len(targets))
        history.ask(Verb.HIDE, [1, 2, 3, 4, 5])
        history.let(20)
        assert orders == [3, 2], "three to an order, as the manifest says"


@given(st.sampled_from(list(ActState)), st.sampled_from(list(ActState)))
def test_only_the_moves_of_the_table_are_allowed(old: ActState, new: ActState) -> None:
    assert may_move(old, new) == (new in MOVES[old])
    assert not may_move(old, old)


def test_every_open_state_leads_to_an_end() -> None:
    ends = {state for state in ActState if not MOVES[state]}
    for state in OPEN:
        reached, todo = set[ActState](), [state]
        while todo:
            now = todo.pop()
            if now not in reached:
                reached.add(now)
                todo += MOVES[now]
        assert reached & ends


def test_verbs_of_one_matter_are_of_one_matter_with_one_another() -> None:
    for verb in Verb:
        some = same_matter(verb)
        assert verb in some or not some
        assert all(same_matter(other) == some for other in some)
