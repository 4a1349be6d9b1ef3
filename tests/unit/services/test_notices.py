"""What a person should know of an account though it works: said, kept, announced, and taken back."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from console.api import Profile
from console.domain.accounts import WARNED_MS
from console.domain.acts import Verb
from console.domain.capabilities import Ceiling
from console.services.events import AccountsChanged
from console.store import accounts
from tests.fakes.clock import START_AT
from tests.fakes.connectors import Network
from tests.fakes.rooms import Rooms, rooms

ENDS_AT = START_AT + WARNED_MS + 60_000


def inside(folder: Path, check: Callable[[Rooms], Awaitable[None]], **parts: Any) -> None:
    async def whole() -> None:
        async with rooms(folder, **parts) as made:
            await check(made)

    asyncio.run(whole())


def test_notices_of_the_sign_in_and_of_pages_stand_together_until_a_page_says_that_all_is_well(
    tmp_path: Path,
) -> None:
    profile = Profile("remote", "", "Fake", notices=("The role is too low.",))
    net = Network(profile=profile, page=1, rest_s=5, ends=False)
    net.notices = {0: "Every list is empty: a right is missing.", 2: ""}
    net.publish(1)

    async def check(made: Rooms) -> None:
        (running,) = await made.run("a")
        both = "The role is too low. Every list is empty: a right is missing."
        await made.flow(lambda: running.account.notice == both)
        kept = await made.db.read(accounts.accounts)
        assert kept[0].notice == both
        assert AccountsChanged() in made.said
        await made.flow(lambda: running.account.notice == "The role is too low.")
        assert net.told >= 3, "a page that says nothing of it leaves the notice as it is"

    inside(tmp_path, check, networks={"a": net})


def test_the_end_of_a_sign_in_is_kept_and_announced_when_it_comes_near(tmp_path: Path) -> None:
    net = Network(profile=Profile("remote", "", "Fake", ends_at=ENDS_AT), rest_s=20, ends=False)
    net.publish(1)

    async def check(made: Rooms) -> None:
        (running,) = await made.run("a")
        await made.flow(lambda: running.account.sign_in_ends_at == ENDS_AT)
        assert running.account.as_of(made.clock.now()).notice is None
        made.said.clear()
        await made.clock.pass_by(70)
        assert AccountsChanged() in made.said
        notice = running.account.as_of(made.clock.now()).notice
        assert notice is not None
        assert notice.startswith("The sign-in ends on ")
        (kept,) = await made.db.read(accounts.accounts)
        assert kept.sign_in_ends_at == ENDS_AT

    inside(tmp_path, check, networks={"a": net})


def test_two_accounts_that_sign_in_through_one_app_share_its_ceiling_also_after_a_restart(
    tmp_path: Path,
) -> None:
    nets = {name: Network(profile=Profile("remote", "", "Fake", app="app 7"), ends=False) for name in "ab"}
    ceiling = Ceiling("app", points=10, seconds=60, costs={Verb.HIDE: 1}, per="app")

    async def check(made: Rooms) -> None:
        found = await made.run("a", "b")
        await made.flow(lambda: all(one.is_open for one in found))
        kept = await made.db.read(accounts.accounts)
        assert [account.app for account in kept] == ["app 7", "app 7"]
        for account in kept:
            made.tools.ceilings.watch(account.id, [ceiling], connector="fake", app=account.app)
        first, second = (made.tools.ceilings.window(account.id, "app") for account in kept)
        assert first is second

    inside(tmp_path, check, networks=nets)
