"""Later looks: what comes back is noticed, said and on record; what only seems to is not."""

import asyncio
import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from console.api import RemoteId, Verb
from console.domain.acts import LATER_MS, ActState
from console.domain.ids import ItemId
from console.domain.items import ItemState
from console.services.events import ItemsChanged
from console.store import items as stored_items
from tests.fakes.faithless import Glance, Way
from tests.fakes.histories import ACCOUNT, OTHER, History, stocked
from tests.fakes.virtual import template
from tests.unit.services.test_evidence import fresh_keys

KEYS = fresh_keys()


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with an account and some items."""
    folder = tmp_path_factory.mktemp("source")
    (folder / "stocked").mkdir()
    return stocked(template(folder), folder / "stocked")


@contextmanager
def night(source: Path, folder: Path, *, lag_s: float = 0.0) -> Iterator[History]:
    """A history that ends well."""
    history = History(source, folder, KEYS, lag_s=lag_s)
    logging.disable(logging.ERROR)
    try:
        yield history
        assert history.complaints == []
        assert history._run(history.desk.verify()).ok
    finally:
        logging.disable(logging.NOTSET)
        history.end()
        asyncio.set_event_loop(None)


def states(history: History) -> list[ActState]:
    """The states of all acts, oldest first."""
    return [act.state for act in history.acts()]


def shown(history: History, number: int) -> ItemState:
    """What the cache says of an item."""
    (item,) = history.database.read_now(lambda conn: stored_items.items(conn, [number])).result()
    return item.state


@pytest.mark.parametrize("verb", [Verb.HIDE, Verb.DELETE])
@pytest.mark.parametrize("after_s", [30, 3_000, 40_000])
def test_what_comes_back_is_noticed_by_the_next_look_and_said(
    source: Path, tmp_path: Path, verb: Verb, after_s: int
) -> None:
    with night(source, tmp_path) as history:
        history.ask(verb, [1, 2])
        history.let(20)
        assert states(history) == [ActState.CONFIRMED] * 2
        history.let(after_s)
        history.network.bring_back("p2")
        history.let(25 * 3_600)
        assert states(history) == [ActState.CONFIRMED, ActState.REAPPEARED]
        assert (shown(history, 1) is not ItemState.VISIBLE, shown(history, 2)) == (True, ItemState.VISIBLE)
        (words,) = history.troubles
        assert words.startswith("An item that was ")
        assert words.endswith(" is back in public. Look at it again and decide anew.")
        kinds = Counter(leaf["kind"] for leaf in history.leaves())
        assert kinds["act.reappeared"] == 1


def test_several_that_come_back_are_said_together(source: Path, tmp_path: Path) -> None:
    with night(source, tmp_path) as history:
        history.ask(Verb.HIDE, [1, 2, 3])
        history.let(20)
        for number in (1, 2, 3):
            history.network.bring_back(f"p{number}")
        history.let(900)
        assert history.troubles == [
            "3 items that were hidden are back in public. Look at them again and decide anew."
        ]


def test_a_copy_of_the_network_that_lags_behind_is_not_believed(source: Path, tmp_path: Path) -> None:
    with night(source, tmp_path) as history:
        history.ask(Verb.HIDE, [1])
        history.let(20)
        thing = history.network.thing("p1")
        thing.seen = ItemState.VISIBLE  # what is shown, not what is true
        history.let(300)
        thing.seen = ItemState.HIDDEN
        history.let(25 * 3_600)
        assert states(history) == [ActState.CONFIRMED]
        assert history.troubles == []


def test_what_the_stream_sees_in_public_is_looked_at_at_once(source: Path, tmp_path: Path) -> None:
    with night(source, tmp_path) as history:
        history.ask(Verb.HIDE, [1])
        history.let(20)
        history.network.bring_back("p1")
        known = {ItemId(1): ItemState.VISIBLE}
        history.database.ingest_now(lambda conn: stored_items.set_states(conn, known)).result()
        history.events.announce(ItemsChanged((ItemId(1),)))
        history.let(30)
        assert states(history) == [ActState.REAPPEARED]


def test_what_we_showed_again_ourselves_has_not_come_back(source: Path, tmp_path: Path) -> None:
    with night(source, tmp_path) as history:
        history.ask(Verb.HIDE, [1, 2])
        history.let(20)
        history.ask(Verb.UNHIDE, [1])
        history.take_back(1)
        history.let(30 * 3_600)
        assert states(history) == [
            ActState.CONFIRMED,
            ActState.UNDONE,
            ActState.CONFIRMED,
            ActState.CONFIRMED,
        ]
        assert history.troubles == []


def test_what_came_back_can_be_hidden_again(source: Path, tmp_path: Path) -> None:
    with night(source, tmp_path) as history:
        history.ask(Verb.HIDE, [1])
        history.let(20)
        history.network.bring_back("p1")
        history.let(1_000)
        history.ask(Verb.HIDE, [1])
        history.let(20)
        assert states(history) == [ActState.REAPPEARED, ActState.CONFIRMED]
        assert history.network.truth("p1") is ItemState.HIDDEN


def test_later_looks_are_few_outlast_a_kill_and_come_to_an_end(source: Path, tmp_path: Path) -> None:
    with night(source, tmp_path) as history:
        history.ask(Verb.HIDE, [1, 2, 3])
        history.let(20)
        looked: list[float] = []
        history.network.watch_looks = lambda _verb, _targets: looked.append(history.clock.monotonic())
        history.let(600)
        history.kill_after(0)
        history.let(100 * 3_600)
        assert len(looked) == len(LATER_MS), "one look for all three, at each of its times"
        assert history._run(history.desk.next_look(ACCOUNT)) is None


def test_a_later_look_without_an_answer_is_made_again(source: Path, tmp_path: Path) -> None:
    with night(source, tmp_path) as history:
        history.ask(Verb.HIDE, [1])
        history.let(20)
        history.network.bring_back("p1")
        history.network.glances.extend([Glance.SILENT, Glance.SLOW_DOWN, Glance.FAULT, Glance.WRONG_IDS])
        history.let(3 * 3_600)
        assert states(history) == [ActState.REAPPEARED]


def test_a_wish_that_came_later_is_not_undone_by_one_that_was_sent_again(
    source: Path, tmp_path: Path
) -> None:
    with night(source, tmp_path) as history:
        history.network.ways.extend([Way.SILENT_BEFORE, Way.SILENT_BEFORE])
        history.ask(Verb.HIDE, [1])
        history.ask(Verb.UNHIDE, [1])
        history.let(200)
        assert history.network.truth("p1") is ItemState.VISIBLE
        assert shown(history, 1) is ItemState.VISIBLE


def test_answers_that_name_other_items_leave_ours_in_doubt_and_are_looked_at(
    source: Path, tmp_path: Path
) -> None:
    for way in (Way.WRONG_IDS, Way.TOO_FEW, Way.TOO_MANY, Way.TURNED, Way.TWICE, Way.TORN):
        with night(source, tmp_path) as history:
            history.network.ways.append(way)
            history.ask(Verb.DELETE, [1, 2])
            history.let(60)
            assert states(history) == [ActState.CONFIRMED] * 2, way
            reached = history.network.reached
            assert reached[Verb.DELETE, RemoteId("p1")] == reached[Verb.DELETE, RemoteId("p2")] == 1, way


def test_what_the_network_took_is_not_sent_again_where_twice_would_do_harm(
    source: Path, tmp_path: Path
) -> None:
    with night(source, tmp_path) as history:
        history.network.ways.append(Way.LIES)
        history.ask(Verb.REPORT, [1])
        history.let(200)
        (act,) = history.acts()
        assert (act.state, act.error) == (
            ActState.UNVERIFIABLE,
            "The network took it, but does not show it.",
        )
        assert history.network.reached[Verb.REPORT, RemoteId("p1")] == 1


def test_what_waits_for_a_second_person_is_sent_once_somebody_agrees(source: Path, tmp_path: Path) -> None:
    with night(source, tmp_path) as history:
        history.ask(Verb.DELETE, [1, 2, 3])
        history.let(60)
        assert states(history) == [ActState.AWAITING_APPROVAL] * 3
        history.answer(agrees=True, who=OTHER)
        history.let(5)
        assert states(history) == [ActState.HELD] * 3
        history.let(60)
        assert states(history) == [ActState.CONFIRMED] * 3
