"""The window's loop: first in, first out, never early, nothing left behind."""

import asyncio
from collections.abc import Iterator

import pytest
import qasync
from PySide6.QtWidgets import QApplication

from console.ui.loop import Loop, Tasks


@pytest.fixture
def runner(qapp: QApplication) -> Iterator[asyncio.Runner]:
    with asyncio.Runner(loop_factory=lambda: Loop(qapp)) as made:
        yield made


def test_the_hook_that_our_schedule_hangs_on_is_still_there() -> None:
    assert callable(qasync._QEventLoop._add_callback)


def test_callbacks_run_in_the_order_in_which_they_came(runner: asyncio.Runner) -> None:
    async def work() -> list[int]:
        ran: list[int] = []
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        for number in range(500):
            loop.call_soon(ran.append, number)
        loop.call_soon(done.set_result, None)
        await done
        return ran

    assert runner.run(work()) == list(range(500))


def test_what_is_due_later_is_never_early_and_in_order(runner: asyncio.Runner) -> None:
    async def work() -> list[tuple[float, float]]:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        ran: list[tuple[float, float]] = []
        waits = (0.03, 0.011, 0.02, 0.0105)
        await asyncio.gather(*(_note(ran, begun, wait) for wait in waits))
        return ran

    async def _note(ran: list[tuple[float, float]], begun: float, wait: float) -> None:
        await asyncio.sleep(wait)
        ran.append((wait, asyncio.get_running_loop().time() - begun))

    ran = runner.run(work())
    assert [wait for wait, _ in ran] == sorted(wait for wait, _ in ran)
    assert all(took >= wait for wait, took in ran)


def test_cancelled_timers_leave_nothing_behind(runner: asyncio.Runner) -> None:
    async def work() -> int:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, Loop)
        for _ in range(20_000):
            loop.call_later(60, print).cancel()
        return loop.waiting_count

    assert runner.run(work()) < 100


def test_a_failing_task_is_told_and_not_lost(
    runner: asyncio.Runner, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[BaseException] = []

    async def fail() -> None:
        raise ValueError("on purpose")

    async def work() -> None:
        tasks = Tasks(told.append)
        with pytest.raises(ValueError, match="on purpose"):
            await tasks.spawn(fail(), "fails")
        await tasks.stop()

    runner.run(work())
    assert [str(problem) for problem in told] == ["on purpose"]
    assert "fails" in caplog.text


def test_stopping_tasks_lets_them_clean_up(runner: asyncio.Runner) -> None:
    cleaned: list[str] = []

    async def linger() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cleaned.append("done")

    async def work() -> None:
        tasks = Tasks(lambda problem: None)
        tasks.spawn(linger(), "lingers")
        await asyncio.sleep(0)
        await tasks.stop()

    runner.run(work())
    assert cleaned == ["done"]
