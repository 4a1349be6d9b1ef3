"""Who sits at a seat: the roster, sitting down, locking, and what the ledger says of all that."""

import asyncio
from pathlib import Path

import pytest

from console.domain.errors import NotPossible, UsageError
from console.domain.operators import SHIFT_MS
from console.services.events import OperatorsChanged
from console.services.operators import Proof, WrongCode
from tests.unit.services.sitting import (
    SUPERVISOR,
    WallClock,
    _quick,
    no_file_holds,
    on_a_loop,
    seat_at,
    two,
)

__all__ = ["_quick"]


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
