"""The watch over other processes goes on when the disk did not answer for a moment."""

import asyncio
from pathlib import Path

import pytest

from console.desk.local import LocalDesk
from console.domain.acts import Act
from console.domain.errors import ProfileError
from console.services.events import ActsChanged, Announcement, Events
from console.services.neighbours import QUICK_S, Neighbours
from console.store import accounts
from tests.fakes.clock import FakeClock
from tests.fakes.quiet import Quiet
from tests.unit.desk.making import desk_at, draft, submission
from tests.unit.store.making import NOW


class Unreadable(LocalDesk):
    """A desk that cannot be read for a while."""

    is_broken = False

    async def newest_acts(self, who: str | None, most: int) -> list[Act]:
        if self.is_broken:
            raise ProfileError("The disk does not answer.")
        return await super().newest_acts(who, most)


async def _nothing(_: object = None) -> None:
    """Takes what was found, and does nothing with it."""


def test_acts_of_another_process_are_seen_after_the_disk_is_back(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def work() -> None:
        with desk_at(tmp_path) as (database, _):
            clock, events, woken = FakeClock(NOW), Events(), list[str]()
            said: list[Announcement] = []
            desk = Unreadable(database, "Dellin desk 1")

            clock.idle = Quiet(database).idle
            events.listen(said.append)
            neighbours = Neighbours(
                desk=desk,
                events=events,
                clock=clock,
                wake=lambda: woken.append("woken"),
                accounts=lambda: database.read(accounts.accounts),
                on_accounts=_nothing,
                on_incident=lambda _incident: None,
                on_watchlists=_nothing,
                on_operators=_nothing,
            )
            watch = asyncio.create_task(neighbours.watch())
            await clock.pass_by(QUICK_S)
            desk.is_broken = True
            await clock.pass_by(3 * QUICK_S)
            desk.is_broken = False
            await desk.submit(submission(draft(1)))
            await clock.pass_by(2 * QUICK_S)
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)
            assert woken == ["woken"]
            assert [one.ids for one in said if isinstance(one, ActsChanged)] == [(1,)]

    asyncio.run(work())
    assert caplog.text.count("cannot be seen now") == 1
