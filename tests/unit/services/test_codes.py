"""Codes: what proves that it is they, how wrong ones are counted, and what is done when one is forgotten."""

import asyncio
from pathlib import Path

import pytest

from console.domain.errors import NotPossible, SecretsUnavailable, UsageError
from console.domain.operators import FREE_TRIES
from console.services.operators import WrongCode
from tests.unit.services.sitting import (
    SUPERVISOR,
    WallClock,
    _quick,
    on_a_loop,
    seat_at,
    two,
)

__all__ = ["_quick"]


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
