"""Who sits at a seat: the roster, codes, waits, locking, and what the ledger says of all that."""

import asyncio
import functools
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from console.desk.operators import LocalOperators
from console.domain.errors import NotPossible, SecretsUnavailable, UsageError
from console.domain.operators import FREE_TRIES, SHIFT_MS, SignedSeat
from console.services import operators as service
from console.services.events import Announcement, Events, OperatorsChanged
from console.services.keys import Keys
from console.services.operators import Operators, Proof, WrongCode
from console.services.vault import StoreVault
from console.store import audit
from console.store.database import Database
from console.store.verifying import verify
from tests.fakes.clock import START_AT
from tests.unit.services.test_keys import MemoryKeyring

Test = Callable[..., Coroutine[Any, Any, None]]


def on_a_loop(test: Test) -> Callable[..., None]:
    """A test that awaits."""

    @functools.wraps(test)
    def run(*args: object, **kwargs: object) -> None:
        asyncio.run(test(*args, **kwargs))

    return run


RINGS: dict[Path, MemoryKeyring] = {}
"""The keyring of each test's computer."""
SUPERVISOR = Proof("Ines Corran", "overnight")


class WallClock:
    """A clock whose two hands a test moves one by one."""

    def __init__(self) -> None:
        self.wall, self.hand = START_AT, 0.0

    def now(self) -> int:
        """Milliseconds since 1970."""
        return self.wall

    def monotonic(self) -> float:
        """Seconds."""
        return self.hand

    async def sleep(self, seconds: float) -> None:
        """Nobody sleeps here."""
        raise AssertionError(seconds)

    def pass_by(self, seconds: float) -> None:
        """Both hands move."""
        self.hand += seconds
        self.wall += round(seconds * 1000)


@dataclass
class Seat:
    """A seat as a test sees it."""

    operators: Operators
    db: Database
    clock: WallClock
    said: list[Announcement] = field(default_factory=list)

    async def entries(self) -> list[dict[str, Any]]:
        """The ledger, as it can be read."""
        found = await self.db.read(lambda conn: audit.entries(conn, 0, 1000))
        return [json.loads(entry.leaf) for entry in found]

    async def told(self, kind: str) -> list[dict[str, Any]]:
        """Who did it in which role, with the facts, of every entry of a kind."""
        return [
            {"who": entry["who"], "role": entry["role"], **entry["facts"]}
            for entry in await self.entries()
            if entry["kind"] == kind
        ]

    async def wrong(self, name: str, times: int = 1) -> str:
        """Gives a wrong code so often; the last answer."""
        words = ""
        for _ in range(times):
            with pytest.raises(WrongCode) as caught:
                await self.operators.prove(name, "not it")
            words = caught.value.message
        return words


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Codes are stretched less than in earnest, so that many tests take no time."""
    monkeypatch.setattr(service, "SCRYPT_COST", 2**4)


@asynccontextmanager
async def seat_at(
    folder: Path, clock: WallClock | None = None, *, keyring_is_there: bool = True
) -> AsyncIterator[Seat]:
    """A seat on a profile; the operating system calls its account `ctrlroom`."""
    clock = clock or WallClock()
    ring = RINGS.setdefault(folder, MemoryKeyring())
    with Database(folder / "cordon.db") as db:
        events = Events()
        keys = Keys(StoreVault(db), find_keyring=lambda: ring if keyring_is_there else None)
        await keys.open()
        here = SignedSeat("Dellin desk 1")
        operators = Operators(
            desk=LocalOperators(db, here),
            keys=keys,
            clock=clock,
            events=events,
            seat=here,
            who="ctrlroom",
            account="ctrlroom",
        )
        seat = Seat(operators, db, clock)
        events.listen(seat.said.append)
        await operators.open()
        yield seat
        assert (await db.read(verify)).ok


def no_file_holds(folder: Path, *words: bytes) -> None:
    """None of these words is in any file."""
    for path in folder.iterdir():
        held = path.read_bytes()
        assert not any(word in held for word in words), path.name


async def two(seat: Seat) -> None:
    """A supervisor and an operator, each with a code."""
    await seat.operators.add("Ines Corran", "supervisor", code="overnight")
    await seat.operators.add("R. Calder", "digital", collar="4471", code="chandler", by=SUPERVISOR)


# nothing set up -----------------------------------------------------------------------------------


@on_a_loop
async def test_with_nothing_set_up_the_system_account_sits_here_and_nothing_is_asked(tmp_path: Path) -> None:
    async with seat_at(tmp_path) as seat:
        on = seat.operators.on
        assert (on.name, on.role, on.behalf) == ("ctrlroom", "Operator", None)
        assert not seat.operators.state.must_ask
        await seat.operators.lock()
        await seat.operators.leave()
        assert await seat.entries() == []
        assert seat.said == []


# the roster ---------------------------------------------------------------------------------------


@on_a_loop
async def test_the_first_of_the_roster_is_added_by_the_system_account_and_the_seat_asks_from_then_on(
    tmp_path: Path,
) -> None:
    async with seat_at(tmp_path) as seat:
        made = await seat.operators.add(
            "  Ines   Corran ", "force incident", collar=" S12 ", code="overnight"
        )
        assert (made.name, made.role) == ("Ines Corran", "Supervisor / force incident manager")
        assert (made.collar, made.has_code) == ("S12", True)
        assert seat.operators.state.must_ask
        (entry,) = await seat.entries()
        assert (entry["kind"], entry["who"], entry["role"]) == ("operator.added", "ctrlroom", "Operator")
        assert entry["facts"] == {
            "operator": "Ines Corran",
            "role": "Supervisor / force incident manager",
            "collar": "S12",
            "code": True,
        }
        assert OperatorsChanged() in seat.said


@on_a_loop
async def test_no_code_is_kept_in_clear(tmp_path: Path) -> None:
    async with seat_at(tmp_path) as seat:
        await two(seat)
    await asyncio.to_thread(no_file_holds, tmp_path, b"overnight", b"chandler")


@on_a_loop
async def test_once_there_is_a_supervisor_with_a_code_only_one_changes_the_roster(tmp_path: Path) -> None:
    async with seat_at(tmp_path) as seat:
        await two(seat)
        change = seat.operators
        with pytest.raises(
            NotPossible, match="A supervisor must agree to a change of the roster: Ines Corran"
        ):
            await change.add("Jo Tarrant", "Commander")
        with pytest.raises(NotPossible, match="only a supervisor changes the roster"):
            await change.add("Jo Tarrant", "Commander", by=Proof("R. Calder", "chandler"))
        with pytest.raises(WrongCode):
            await change.remove("R. Calder", by=Proof("Ines Corran", "guess"))
        assert [one.name for one in change.roster] == ["Ines Corran", "R. Calder"]
        await change.remove("R. Calder", by=SUPERVISOR)
        assert [one.name for one in change.roster] == ["Ines Corran"]
        (removed,) = await seat.told("operator.removed")
        assert (removed["who"], removed["operator"]) == ("Ines Corran", "R. Calder")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "is empty"),
        ("  ", "is empty"),
        ("Ro\u202eredlaC", r"cannot be seen \(U\+202E\)"),
        ("R\u200b. Calder", r"cannot be seen \(U\+200B\)"),
        ("R.\nCalder", r"cannot be seen \(U\+000A\)"),
        ("R.\x00Calder", r"cannot be seen \(U\+0000\)"),
        ("half \udc00", r"cannot be seen \(U\+DC00\)"),
        ("x" * 61, "has 61 characters; 60 are the most"),
        ("...", "neither letter nor digit"),
        ("Cordon", "what the program calls itself"),
    ],
)
@on_a_loop
async def test_hostile_names_are_refused(tmp_path: Path, name: str, words: str) -> None:
    async with seat_at(tmp_path) as seat:
        with pytest.raises(UsageError, match=words):
            await seat.operators.add(name, "Commander")
        assert seat.operators.roster == ()


@pytest.mark.parametrize("name", ["R. CALDER", "R Calder", "R. Cаlder", "R. Ca1der", "R. Câlder", "R.Calder"])
@on_a_loop
async def test_a_name_that_looks_like_one_on_the_roster_is_refused(tmp_path: Path, name: str) -> None:
    async with seat_at(tmp_path) as seat:
        await seat.operators.add("R. Calder", "digital")
        with pytest.raises(UsageError, match=r"looks like “R[.] Calder”, who is on the roster"):
            await seat.operators.add(name, "Commander")


@on_a_loop
async def test_a_name_of_the_past_comes_back_only_as_it_was_written(tmp_path: Path) -> None:
    async with seat_at(tmp_path) as seat:
        await seat.operators.add("R. Calder", "digital")
        with pytest.raises(UsageError, match="on the roster already"):
            await seat.operators.add("R. Calder", "digital")
        await seat.operators.remove("R. Calder")
        with pytest.raises(UsageError, match="who was on the roster"):
            await seat.operators.add("R. Ca1der", "digital")
        again = await seat.operators.add("R. Calder", "Commander")
        assert (again.role, again.has_code) == ("Commander", False)


@on_a_loop
async def test_nobody_unknown_can_be_removed_or_sit_down(tmp_path: Path) -> None:
    async with seat_at(tmp_path) as seat:
        await seat.operators.add("R. Calder", "digital")
        with pytest.raises(UsageError, match="“Nobody” is not on the roster"):
            await seat.operators.remove("Nobody")
        with pytest.raises(UsageError, match="is not on the roster"):
            await seat.operators.sign_on("Nobody")


@on_a_loop
async def test_when_the_roster_is_emptied_the_system_account_sits_here_again(tmp_path: Path) -> None:
    async with seat_at(tmp_path) as seat:
        await seat.operators.add("R. Calder", "digital", code="chandler")
        await seat.operators.sign_on("r. calder", "chandler")
        await seat.operators.remove("R. Calder")
        assert seat.operators.on.name == "ctrlroom"
        assert not seat.operators.state.must_ask
        (removed,) = await seat.told("operator.removed")
        assert removed["who"] == "R. Calder"


# sitting down -------------------------------------------------------------------------------------


@on_a_loop
async def test_somebody_sits_down_with_their_code_and_the_record_says_how_it_was_proven(
    tmp_path: Path,
) -> None:
    async with seat_at(tmp_path) as seat:
        await two(seat)
        on = await seat.operators.sign_on("R. Calder", "chandler", "Silver")
        assert (on.name, on.role, on.behalf) == ("R. Calder", "Digital desk operator", "Silver")
        assert not seat.operators.state.must_ask
        entry = (await seat.entries())[-1]
        assert (entry["kind"], entry["who"], entry["role"], entry["behalf"]) == (
            "operator.on",
            "R. Calder",
            "Digital desk operator",
            "Silver",
        )
        assert entry["facts"] == {"proved": "code", "system_account": "ctrlroom", "behalf": "Silver"}


@on_a_loop
async def test_without_a_code_the_record_says_that_only_the_system_account_was_proven(tmp_path: Path) -> None:
    async with seat_at(tmp_path) as seat:
        await seat.operators.add("Jo Tarrant", "Commander")
        await seat.operators.sign_on("Jo Tarrant")
        (entry,) = await seat.told("operator.on")
        assert entry["proved"] == "system account"
        assert not seat.operators.state.has_code
        with pytest.raises(NotPossible, match="has no code, so nothing proves"):
            await seat.operators.prove("Jo Tarrant", "anything")


@on_a_loop
async def test_switching_puts_the_one_before_off_and_leaving_puts_the_system_account_on(
    tmp_path: Path,
) -> None:
    async with seat_at(tmp_path) as seat:
        await two(seat)
        await seat.operators.sign_on("R. Calder", "chandler")
        await seat.operators.sign_on("Ines Corran", "overnight")
        (off,) = await seat.told("operator.off")
        assert (off["who"], off["why"], off["next"]) == ("R. Calder", "switched", "Ines Corran")
        await seat.operators.leave("window closed")
        assert (await seat.told("operator.off"))[-1]["why"] == "window closed"
        assert seat.operators.on.name == "ctrlroom"
        assert seat.operators.state.must_ask


@on_a_loop
async def test_who_is_on_is_known_to_another_process_for_a_shift(tmp_path: Path) -> None:
    clock = WallClock()
    async with seat_at(tmp_path, clock) as window:
        await two(window)
        await window.operators.sign_on("R. Calder", "chandler")
        async with seat_at(tmp_path, clock) as command:
            assert command.operators.on.name == "R. Calder"
            await command.operators.leave()
            await window.operators.refresh()
            assert window.operators.on.name == "ctrlroom"
        await window.operators.sign_on("R. Calder", "chandler")
    clock.pass_by(SHIFT_MS / 1000)
    async with seat_at(tmp_path, clock) as later:
        assert later.operators.on.name == "ctrlroom"


# locking ------------------------------------------------------------------------------------------


@on_a_loop
async def test_while_the_seat_is_locked_nothing_is_done_in_the_name_of_the_one_who_left(
    tmp_path: Path,
) -> None:
    async with seat_at(tmp_path) as seat:
        await two(seat)
        await seat.operators.sign_on("R. Calder", "chandler", "the lead")
        await seat.operators.lock("away")
        await seat.operators.lock("asked")
        assert seat.operators.on.name == "ctrlroom"
        assert seat.operators.state.must_ask
        (locked,) = await seat.told("operator.locked")
        assert (locked["who"], locked["operator"], locked["why"]) == ("cordon", "R. Calder", "away")
        on = await seat.operators.sign_on("R. Calder", "chandler")
        assert (on.name, on.behalf) == ("R. Calder", "the lead")
        (unlocked,) = await seat.told("operator.unlocked")
        assert (unlocked["who"], unlocked["proved"]) == ("R. Calder", "code")
        assert len(await seat.told("operator.on")) == 1


@on_a_loop
async def test_another_person_may_sit_down_at_a_locked_seat(tmp_path: Path) -> None:
    async with seat_at(tmp_path) as seat:
        await two(seat)
        await seat.operators.sign_on("R. Calder", "chandler")
        await seat.operators.lock()
        (locked,) = await seat.told("operator.locked")
        assert locked["who"] == "R. Calder"
        await seat.operators.sign_on("Ines Corran", "overnight")
        assert seat.operators.on.name == "Ines Corran"


# codes --------------------------------------------------------------------------------------------


@on_a_loop
async def test_every_wrong_code_is_on_record_and_nobody_is_blamed_for_it(tmp_path: Path) -> None:
    async with seat_at(tmp_path) as seat:
        await two(seat)
        words = await seat.wrong("R. Calder")
        assert words == "That is not R. Calder’s code. After 4 more tries there is a wait."
        assert await seat.told("operator.refused") == [
            {"who": "cordon", "role": None, "operator": "R. Calder", "for": "agreeing", "wrong": 1}
        ]


@on_a_loop
async def test_after_five_wrong_codes_each_wait_is_twice_as_long_up_to_a_limit(tmp_path: Path) -> None:
    async with seat_at(tmp_path) as seat:
        await two(seat)
        assert "Wait 30 s before the next try" in await seat.wrong("R. Calder", FREE_TRIES)
        waits = []
        for _ in range(7):
            with pytest.raises(WrongCode, match=r"Too many wrong codes for R[.] Calder[.] Wait"):
                await seat.operators.prove("R. Calder", "chandler")  # even the right one
            wait = seat.operators.waits_s(seat.operators.roster[1])
            waits.append(wait)
            seat.clock.pass_by(wait)
            await seat.wrong("R. Calder")
        assert waits == [30, 60, 120, 240, 480, 900, 900]
        assert seat.operators.waits_s(seat.operators.roster[0]) == 0


@on_a_loop
async def test_a_right_code_ends_the_count(tmp_path: Path) -> None:
    async with seat_at(tmp_path) as seat:
        await two(seat)
        await seat.wrong("R. Calder", 4)
        await seat.operators.prove("R. Calder", "chandler")
        assert "After 4 more tries" in await seat.wrong("R. Calder")


@on_a_loop
async def test_tries_at_once_are_counted_one_by_one(tmp_path: Path) -> None:
    async with seat_at(tmp_path) as seat:
        await two(seat)
        tries = [seat.operators.prove("R. Calder", "not it") for _ in range(20)]
        found = await asyncio.gather(*tries, return_exceptions=True)
        assert all(isinstance(one, WrongCode) for one in found)
        assert seat.operators.roster[1].wrong == FREE_TRIES


@on_a_loop
async def test_setting_the_clock_changes_no_wait(tmp_path: Path) -> None:
    async with seat_at(tmp_path) as seat:
        await two(seat)
        await seat.wrong("R. Calder", FREE_TRIES)
        seat.clock.wall += 24 * 3_600_000
        assert seat.operators.waits_s(seat.operators.roster[1]) == 30
        seat.clock.wall -= 48 * 3_600_000
        assert seat.operators.waits_s(seat.operators.roster[1]) == 30
        seat.clock.pass_by(30)
        await seat.operators.prove("R. Calder", "chandler")


@on_a_loop
async def test_a_wait_outlives_a_restart_and_a_clock_set_back_makes_it_no_longer(tmp_path: Path) -> None:
    clock = WallClock()
    async with seat_at(tmp_path, clock) as seat:
        await two(seat)
        await seat.wrong("R. Calder", FREE_TRIES)
    clock.pass_by(10)
    async with seat_at(tmp_path, clock) as seat:
        assert seat.operators.waits_s(seat.operators.roster[1]) == 20
    clock.wall -= 3_600_000
    async with seat_at(tmp_path, clock) as seat:
        assert seat.operators.waits_s(seat.operators.roster[1]) == 30


@pytest.mark.parametrize("code", ["", "abc", "x" * 129])
@on_a_loop
async def test_a_code_that_is_too_short_or_too_long_is_refused(tmp_path: Path, code: str) -> None:
    async with seat_at(tmp_path) as seat:
        await seat.operators.add("R. Calder", "digital")
        with pytest.raises(UsageError, match="A code has at"):
            await seat.operators.change_code("R. Calder", "", code)


@on_a_loop
async def test_a_person_changes_their_own_code_with_the_old_one(tmp_path: Path) -> None:
    async with seat_at(tmp_path) as seat:
        await two(seat)
        with pytest.raises(WrongCode):
            await seat.operators.change_code("R. Calder", "guess", "new-one")
        await seat.operators.change_code("R. Calder", "chandler", "Llanfair-é")
        await seat.operators.prove("R. Calder", "Llanfair-e\u0301")
        (entry,) = await seat.told("operator.code")
        assert (entry["who"], entry["operator"], entry["code"]) == ("R. Calder", "R. Calder", True)


@on_a_loop
async def test_a_supervisor_resets_a_forgotten_code_and_ends_the_wait(tmp_path: Path) -> None:
    async with seat_at(tmp_path) as seat:
        await two(seat)
        await seat.wrong("R. Calder", FREE_TRIES)
        with pytest.raises(NotPossible, match="A supervisor must agree"):
            await seat.operators.reset_code("R. Calder", "fresh", None)
        await seat.operators.reset_code("R. Calder", "fresh", SUPERVISOR)
        await seat.operators.prove("R. Calder", "fresh")
        (entry,) = await seat.told("operator.code")
        assert (entry["who"], entry["operator"], entry["code"]) == ("Ines Corran", "R. Calder", True)
        await seat.operators.reset_code("R. Calder", None, SUPERVISOR)
        assert not seat.operators.roster[1].has_code


@on_a_loop
async def test_a_code_that_was_put_in_the_place_of_another_proves_nothing(tmp_path: Path) -> None:
    async with seat_at(tmp_path) as seat:
        await two(seat)
        await seat.db.record(
            lambda conn: conn.execute(
                "UPDATE operators SET code = (SELECT code FROM operators WHERE id = 2) WHERE id = 1"
            )
        )
        with pytest.raises(WrongCode):
            await seat.operators.prove("Ines Corran", "chandler")


@on_a_loop
async def test_without_the_profile_s_key_the_system_account_goes_on_and_the_record_says_so(
    tmp_path: Path,
) -> None:
    async with seat_at(tmp_path) as seat:
        await two(seat)
        with pytest.raises(NotPossible, match="Codes can be checked, so say who you are"):
            await seat.operators.go_on()
    async with seat_at(tmp_path, keyring_is_there=False) as seat:
        assert seat.operators.state.must_ask
        assert "no keyring that Cordon trusts" in (seat.operators.why_unreadable or "")
        with pytest.raises(NotPossible, match="Codes cannot be checked: This computer has no keyring"):
            await seat.operators.sign_on("R. Calder", "chandler")
        on = await seat.operators.go_on()
        assert (on.name, seat.operators.state.must_ask) == ("ctrlroom", False)
        (entry,) = await seat.told("operator.on")
        assert entry == {
            "who": "ctrlroom",
            "role": "Operator",
            "proved": "system account",
            "codes": "cannot be read",
        }
        await seat.operators.lock()
        assert seat.operators.state.must_ask
        assert len(await seat.told("operator.locked")) == 1


@on_a_loop
async def test_no_code_is_taken_that_cannot_be_sealed(tmp_path: Path) -> None:
    async with seat_at(tmp_path, keyring_is_there=False) as seat:
        with pytest.raises(SecretsUnavailable):
            await seat.operators.add("Jo Tarrant", "Commander", code="fresh-one")
        assert seat.operators.roster == ()
