"""Supervision: all accounts that run here, and the watch over streams that have gone silent.

What a newcomer would get wrong: an account whose connector is only made, and not started, is here too,
because what can be done to an item is asked even where nothing is collected.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence

from console.api import Failure
from console.domain.accounts import Account
from console.domain.ids import AccountId
from console.services.events import AccountsChanged
from console.services.lines import Line
from console.services.running import STOP_S, Running, Tools
from console.services.tasks import Tasks

CHECK_S = 5.0
"""How often streams are looked at for silence."""


class _Accounts(dict[AccountId, Account]):
    """Accounts by id. Items outlive their account, and what is asked about them has an answer."""

    def __missing__(self, account_id: AccountId) -> Account:
        return Account(
            id=account_id,
            key="removed",
            network="",
            connector="",
            handle="",
            name="an account that was removed",
            lead=None,
            deputy=None,
            may_act=False,
        )


class Supervisor:
    """All accounts that run here."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._tasks = Tasks("supervisor")
        self._running: dict[AccountId, Running] = {}
        self._is_started = False
        self._is_streaming = False

    def get(self, account_id: AccountId) -> Running | None:
        """The account's connector, whether it runs or was only made; None for an unknown account."""
        return self._running.get(account_id)

    def line(self, account_id: AccountId) -> Line | None:
        """What acts on this account are sent by now, if anything."""
        running = self._running.get(account_id)
        return running.line if running is not None else None

    def open_accounts(self) -> Sequence[AccountId]:
        """The accounts that can act now."""
        return [running.account.id for running in self.all if running.line is not None]

    def report(self, account_id: AccountId, failure: Failure) -> None:
        """Takes note of a failure that acting has met and that is about the account."""
        if (running := self._running.get(account_id)) is not None:
            running.report(failure)

    def accounts(self) -> Mapping[AccountId, Account]:
        """Every account by its id; an id that is not there gives an account that was removed."""
        return _Accounts({running.account.id: running.account for running in self.all})

    @property
    def all(self) -> Sequence[Running]:
        """Every account."""
        return tuple(self._running.values())

    async def make(self, known: Sequence[Account]) -> None:
        """Makes the connectors of these accounts and opens none, so that `can` can be asked."""
        for account in known:
            self._running[account.id] = Running(account, self._tools)
        await asyncio.gather(*(running.make() for running in self.all))

    def start(self, *, stream: bool) -> None:
        """Lets every account run.

        Without `stream` nothing is collected, and an account signs in only once `need` asks for it.
        """
        self._is_started, self._is_streaming = True, stream
        if stream:
            for running in self._running.values():
                running.start(stream=True)
            self._tasks.start(self._watch(), "watch for silence")

    async def need(self, account_ids: Iterable[AccountId]) -> None:
        """Waits until these accounts have signed in so that they can act, or have failed to."""
        wanted = [found for number in account_ids if (found := self._running.get(number)) is not None]
        for running in wanted:
            if self._is_started and not running.is_started:
                running.start(stream=self._is_streaming)
        await asyncio.gather(*(running.tried.wait() for running in wanted if running.is_started))

    async def add(self, account: Account) -> None:
        """Takes up one more account, and lets it run if the others do.

        Whoever watches the list may have taken it up already, as it is or as it was: that one makes way.
        """
        running = Running(account, self._tools)
        before, self._running[account.id] = self._running.get(account.id), running
        if before is not None:
            await before.stop()
        await running.make()
        if self._running.get(account.id) is not running:
            return  # it was removed meanwhile, or taken up anew
        if self._is_started and self._is_streaming:
            running.start(stream=True)
        self._tools.events.announce(AccountsChanged())

    async def remove(self, account_id: AccountId) -> None:
        """Stops one account and forgets it."""
        running = self._running.pop(account_id, None)
        if running is not None:
            await running.stop()
            self._tools.ceilings.forget(account_id)
            self._tools.events.announce(AccountsChanged())

    def set_incident(self, is_incident: bool) -> None:
        """Sets the pace of all; when it quickens, waits after failures end too."""
        self._tools.pace.set_incident(is_incident)
        if is_incident:
            for running in self._running.values():
                running.hurry()

    async def stop(self) -> None:
        """Stops all accounts at once."""
        await self._tasks.stop(STOP_S)
        await asyncio.gather(*(running.stop() for running in self._running.values()))

    async def _watch(self) -> None:
        while True:
            await self._tools.clock.sleep(CHECK_S)
            for running in tuple(self._running.values()):
                await running.check()
