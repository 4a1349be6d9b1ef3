"""When the machine itself fails, it is said plainly; nothing without a way back is sent, nothing is lost."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from console.domain.acts import ActState, Verb
from console.domain.errors import SecretsUnavailable
from console.services.keys import Keys
from tests.fakes.histories import History, stocked
from tests.fakes.virtual import template
from tests.unit.services.test_evidence import fresh_keys

HOUR = 3_600


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with an account and some items."""
    folder = tmp_path_factory.mktemp("source")
    (folder / "stocked").mkdir()
    return stocked(template(folder), folder / "stocked")


@contextmanager
def night(source: Path, folder: Path, keys: Keys | None = None) -> Iterator[History]:
    """A history whose ledger verifies at the end, whatever happened to the machine."""
    history = History(source, folder, keys or fresh_keys(), lag_s=0.0)
    logging.disable(logging.ERROR)
    try:
        yield history
        assert history.complaints == []
        assert history._run(history.desk.verify()).ok
    finally:
        logging.disable(logging.NOTSET)
        history.end()
        asyncio.set_event_loop(None)


def states(history: History) -> Counter[ActState]:
    """How many acts are in which state."""
    return Counter(act.state for act in history.acts())


def deletes(history: History) -> int:
    """How often the network was asked to delete anything."""
    return sum(number for (verb, _), number in history.network.reached.items() if verb is Verb.DELETE)


def fill_up(history: History) -> Callable[[], None]:
    """Lets the disk be full; the result makes room again."""
    conns = [history.database._record, history.database._ingest]
    for conn in conns:
        assert conn is not None
        (pages,) = conn.execute("PRAGMA page_count").fetchone()
        conn.execute(f"PRAGMA max_page_count = {pages}")

    def make_room() -> None:
        for conn in conns:
            assert conn is not None
            conn.execute("PRAGMA max_page_count = 1073741823")

    return make_room


def lock_up(history: History) -> Callable[[], None]:
    """Lets nothing be written to the folder; the result gives the right back."""
    conns = [history.database._record, history.database._ingest]
    for conn in conns:
        assert conn is not None
        conn.execute("PRAGMA query_only = ON")

    def give_back() -> None:
        for conn in conns:
            assert conn is not None
            conn.execute("PRAGMA query_only = OFF")

    return give_back


def test_a_folder_that_cannot_be_written_stops_what_waits_and_is_said(source: Path, tmp_path: Path) -> None:
    with night(source, tmp_path) as history:
        history.ask(Verb.DELETE, [1, 2])
        give_back = lock_up(history)
        history.let(120)
        assert deletes(history) == 0
        assert states(history) == {ActState.HELD: 2}
        assert any(
            "cannot be written. Nothing stored was lost; check who owns the folder." in words
            for words in history.troubles
        )
        history.ask(Verb.DELETE, [3])
        assert "cannot be written" in history.said[-1]
        assert states(history) == {ActState.HELD: 2}
        give_back()
        history.let(120)
        assert states(history) == {ActState.CONFIRMED: 2}
        assert deletes(history) == 2


def test_a_full_disk_stops_what_waits_and_is_said(source: Path, tmp_path: Path) -> None:
    with night(source, tmp_path) as history:
        history.ask(Verb.DELETE, [1, 2])
        make_room = fill_up(history)
        for _ in range(40):  # until the last free page is used
            history.ask(Verb.HIDE, [4])
            history.take_back(len(history.acts()) - 1)
            if any("is full" in words for words in history.said):
                break
        assert "is full. Nothing stored was lost; make room and go on." in history.said[-1]
        asked = len(history.acts())
        history.let(120)
        assert any("is full" in words for words in history.troubles)
        assert deletes(history) == 0
        assert len(history.acts()) == asked
        make_room()
        history.let(300)
        assert states(history)[ActState.CONFIRMED] >= 2
        assert deletes(history) == 2


def test_no_room_after_something_was_sent_is_no_reason_to_send_it_again(source: Path, tmp_path: Path) -> None:
    with night(source, tmp_path) as history:
        reached = history.network.watch_reached
        rooms: list[Callable[[], None]] = []

        def fails_from_now_on(verb: Verb, remote_ids: object) -> None:
            reached(verb, remote_ids)  # type: ignore[arg-type]  # handed on as it came
            rooms.append(lock_up(history))

        history.network.watch_reached = fails_from_now_on
        history.ask(Verb.DELETE, [1, 2])
        history.let(120)
        assert deletes(history) == 2
        assert states(history) == {ActState.SENDING: 2}, "what became of it could not be kept"
        for give_back in rooms:
            give_back()
        history.network.watch_reached = reached
        history.let(120)
        assert states(history) == {ActState.CONFIRMED: 2}
        assert deletes(history) == 2


def test_without_the_key_nothing_that_must_be_sealed_is_asked_for(source: Path, tmp_path: Path) -> None:
    keys = fresh_keys()
    with night(source, tmp_path, keys) as history:
        history.ask(Verb.DELETE, [1])
        keys._key, keys.why_not = None, "The keyring refused: locked. Unlock it and try again."
        keys._sealers.clear()
        for verb in (Verb.DELETE, Verb.HIDE):
            history.ask(verb, [2])
            assert history.said[-1] == "The keyring refused: locked. Unlock it and try again."
        history.let(120)
        assert states(history) == {ActState.CONFIRMED: 1}, "what was sealed before goes on"
        assert deletes(history) == 1


def test_an_emptied_keyring_opens_nothing_and_says_so(source: Path, tmp_path: Path) -> None:
    other = fresh_keys()
    keys = fresh_keys()
    with night(source, tmp_path, keys) as history:
        history.ask(Verb.HIDE, [1])
        history.let(20)
        (record,) = history._view.execute("SELECT wrapped_key FROM evidence").fetchall()
        with pytest.raises(SecretsUnavailable, match="changed, or the key is another"):
            other.unseal(record[0], "evidence")
        assert keys.unseal(record[0], "evidence")


def test_a_clock_that_is_set_back_stops_what_has_no_way_back_and_is_said(
    source: Path, tmp_path: Path
) -> None:
    with night(source, tmp_path) as history:
        history.ask(Verb.DELETE, [1, 2])
        history.let(5)
        history.clock.set_back_ms = HOUR * 1000
        history.ask(Verb.HIDE, [3])
        history.let(300)
        assert deletes(history) == 0
        assert states(history) == {ActState.HELD: 2, ActState.CONFIRMED: 1}, "what can be taken back goes on"
        assert history.troubles[0].startswith("This computer's clock was set back by 60 min.")
        assert len(history.troubles) <= 6, "once a minute at the most"
        history.let(HOUR)
        assert states(history) == {ActState.CONFIRMED: 3}
        assert deletes(history) == 2
        times = [leaf["at"] for leaf in history.leaves()]
        assert times == sorted(times), "no entry is dated before the one that it follows"


def test_a_clock_that_was_set_back_while_the_program_was_closed_is_noticed(
    source: Path, tmp_path: Path
) -> None:
    with night(source, tmp_path) as history:
        history.let(100)
        history.ask(Verb.DELETE, [1])
        history.clock.set_back_ms = HOUR * 1000
        history.kill_after(0)
        history.let(120)
        assert deletes(history) == 0
        assert states(history) == {ActState.HELD: 1}
        assert any(words.startswith("This computer's clock was set back by") for words in history.troubles)
        history.clock.set_back_ms = 0
        history.let(120)
        assert states(history) == {ActState.CONFIRMED: 1}
