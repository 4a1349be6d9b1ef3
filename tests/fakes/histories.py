"""Histories of acts: the real act engine on the real store, killed and started anew, and a faithless network.

`History` is one night: a person asks, takes back, agrees; the network misbehaves; the program is killed in
the middle of anything. `settle` lets everything come to rest, and `check` compares what the console says
with what is true. What a newcomer would get wrong: the person's own calls are killed too. What was asked for
then is either wholly there after the next start, or not at all, and `asked` is read back from disk.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, TypeVar

from console.api import Failure, Target
from console.desk.approving import LocalApprovals
from console.desk.local import LocalDesk
from console.domain.acts import Act, ActState, Verb, is_sealed_first
from console.domain.approving import Rules, same_person
from console.domain.errors import CordonError
from console.domain.ids import AccountId, ActId, ItemId
from console.services.acting import Acting
from console.services.approving import Approvals
from console.services.ceilings import Ceilings
from console.services.events import Events, Trouble
from console.services.keys import Keys
from console.services.lines import Line
from console.services.ordering import Ordering
from console.store import accounts
from console.store import acts as stored_acts
from console.store.database import reading
from tests.fakes.faithless import CAN, MANIFEST, Connector, Network
from tests.fakes.virtual import Fuse, InlineDatabase, VirtualClock, VirtualLoop, clear, copy_of
from tests.unit.store.making import add_account, received, save

T = TypeVar("T")
ACCOUNT = AccountId(1)
ITEMS = 5
WHO, OTHER = "R. Calder", "A. Rowe"


class OneLine:
    """One account that is signed in, unless its link is down."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self.is_up = True

    def line(self, account_id: AccountId) -> Line | None:
        """Its line."""
        return self._line if account_id == ACCOUNT and self.is_up else None

    def open_accounts(self) -> Sequence[AccountId]:
        """That account."""
        return [ACCOUNT] if self.is_up else []

    def report(self, account_id: AccountId, failure: Failure) -> None:
        """Nothing follows here."""
        del account_id, failure


def stocked(source: Path, folder: Path) -> Path:
    """A database with an account and some items, to be copied for each history."""
    path = copy_of(source, folder)
    database = InlineDatabase(path, Fuse())
    database.open()
    database.record_now(add_account).result()
    save(database, *(received(f"p{n}", raw='{"id": 1}') for n in range(1, ITEMS + 1)))
    database.close()
    return path


class History:
    """One night."""

    def __init__(self, source: Path, folder: Path, keys: Keys, *, lag_s: float) -> None:
        self.loop = VirtualLoop()
        self.clock = VirtualClock(self.loop)
        self.network = Network(self.clock, lag_s)
        self.network.watch_orders = self._watch_order
        self.network.watch_reached = self._watch_reached
        self.network.watch_looks = self._watch_look
        self.path = copy_of(source, folder)
        self.keys = keys
        self.complaints: list[str] = []
        self.troubles: list[str] = []
        self.said: list[str] = []
        """What a person was told instead of what was asked for."""
        self._sent_unlooked: set[ActId] = set()
        self._view = reading(self.path)
        self._born()

    # life and death ------------------------------------------------------------------------------

    def _born(self) -> None:
        """A new process on the same file."""
        self.clock.born_again()
        self.fuse = Fuse()
        self.database = InlineDatabase(self.path, self.fuse)
        self.database.open()
        self.network.times.clear()  # what was counted is forgotten with the process
        desk = LocalDesk(self.database, "seat")
        self.desk = desk
        self.events = events = Events()
        events.listen(lambda said: self.troubles.append(said.words) if isinstance(said, Trouble) else None)
        ceilings = Ceilings()
        ceilings.watch(ACCOUNT, MANIFEST.ceilings, batch=MANIFEST.batch)
        self.lines = OneLine(Line(Connector(self.network, self.fuse), MANIFEST))
        self.acting = Acting(
            desk=desk,
            db=self.database,
            events=events,
            clock=self.clock,
            ceilings=ceilings,
            lines=self.lines,
            chance=lambda: 0.5,
        )
        self.approvals = Approvals(
            LocalApprovals(self.database, "seat"), events, self.clock, wake=self.acting.wake
        )
        self.ordering = make_ordering(self, events, ceilings)
        self._run(self._start())

    async def _start(self) -> None:
        await self.acting.start()
        self.approvals.start()

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        asyncio.set_event_loop(self.loop)
        return self.loop.run_until_complete(work)

    def _die(self) -> None:
        """Everything that this process was doing ends without a word."""
        left = asyncio.all_tasks(self.loop)
        self.fuse.is_burnt = True
        for task in left:
            task.cancel()
        self._run(_all(left))
        self.database.close()

    def end(self) -> None:
        """Clears the night away."""
        self._die()
        self._view.close()
        self.loop.close()
        clear(self.path)

    def kill_after(self, steps: int) -> None:
        """Kills the program so many steps from now."""
        if not self.fuse.is_burnt:
            self.fuse._left = steps

    def do(self, work: Callable[[], Awaitable[T]]) -> T | None:
        """Does something as a person at the desk; None when it is not possible, or the program died of it."""

        async def tried() -> T | None:
            doing = asyncio.ensure_future(work())
            dying = asyncio.ensure_future(self.fuse.burnt.wait())
            await asyncio.wait([doing, dying], return_when=asyncio.FIRST_COMPLETED)
            dying.cancel()
            if not doing.done():
                doing.cancel()
                return None
            try:
                return doing.result()
            except CordonError as problem:
                self.said.append(problem.message)
                return None

        found = self._run(tried())
        if self.fuse.is_burnt:
            self._die()
            self._born()
        return found

    def let(self, seconds: float) -> None:
        """Lets so much time go by, with as many deaths in it as there are."""
        until = self.loop.time() + seconds
        while self.loop.time() < until:
            self.do(lambda: self.clock.sleep(max(0.001, until - self.loop.time())))

    # asking --------------------------------------------------------------------------------------

    def ask(self, verb: Verb, numbers: Sequence[int], who: str = WHO) -> None:
        """A person asks for a verb on some items."""

        async def work() -> None:
            plan = await self.ordering.plan(verb, [ItemId(number) for number in numbers])
            await self.ordering.carry_out(plan, reason="house rule 3", who=who)

        self.do(work)

    def acts(self) -> list[Act]:
        """Everything that was ever asked for, as it stands."""
        return stored_acts.in_states(self._view, list(ActState), None, 10_000)

    def take_back(self, number: int) -> None:
        """A person takes back one of the acts."""
        acts = self.acts()
        if acts:
            act = acts[number % len(acts)]
            self.do(lambda: self.ordering.undo([act.id], WHO))

    def answer(self, *, agrees: bool, who: str) -> None:
        """Somebody answers everything that waits for a second person."""

        async def work() -> None:
            for one in await self.approvals.waiting():
                if agrees:
                    await self.approvals.approve(one.act_ids, who)
                else:
                    await self.approvals.decline(one.act_ids, who, "not now")

        self.do(work)

    # what is seen while it goes on -----------------------------------------------------------------

    def _watch_order(self, verb: Verb, targets: Sequence[Target]) -> None:
        """Looks at the disk, as a stranger would, in the moment before an order leaves."""
        for target in targets:
            rows = self._view.execute(
                "SELECT a.id, a.reversible, a.evidence_id, e.cipher IS NOT NULL, p.agreed, p.settled_by, "
                "a.requested_by FROM acts a JOIN items i ON i.id = a.item_id "
                "LEFT JOIN evidence e ON e.id = a.evidence_id LEFT JOIN approvals p ON p.act_id = a.id "
                "WHERE i.remote_id = ? AND a.verb = ? AND a.state = 'sending'",
                (target.remote_id, verb.value),
            ).fetchall()
            if not rows:
                self.complaints.append(f"{verb} {target.remote_id} was sent and is not on disk as being sent")
            for number, reversible, _evidence, is_sealed, agreed, agreed_by, asked_by in rows:
                act = f"a{number}"
                if is_sealed_first(verb, reversible=bool(reversible)) and not is_sealed:
                    self.complaints.append(f"{act} was sent before its evidence was sealed")
                if agreed is None and agreed_by is not None:
                    self.complaints.append(f"{act} was sent though its time had run out")
                if agreed == 1 and same_person(agreed_by, asked_by):
                    self.complaints.append(f"{act} was agreed to by whoever asked for it")
                noted = self._view.execute(
                    "SELECT 1 FROM ledger WHERE instr(CAST(leaf AS TEXT), ?) LIMIT 1", (f'"act":"{act}"',)
                ).fetchone()
                if noted is None:
                    self.complaints.append(f"{act} was sent before it was on record")

    def _watch_reached(self, verb: Verb, remote_ids: Sequence[str]) -> None:
        """Notices what reaches the network a second time, and was not looked at between."""
        for remote_id in remote_ids:
            for (number,) in self._view.execute(
                "SELECT a.id FROM acts a JOIN items i ON i.id = a.item_id "
                "WHERE i.remote_id = ? AND a.verb = ? AND a.state = 'sending'",
                (remote_id, verb.value),
            ).fetchall():
                if number in self._sent_unlooked:
                    self.complaints.append(f"a{number} was sent again without a look")
                self._sent_unlooked.add(number)

    def _watch_look(self, verb: Verb, targets: Sequence[Target]) -> None:
        del verb
        for target in targets:
            for (number,) in self._view.execute(
                "SELECT a.id FROM acts a JOIN items i ON i.id = a.item_id WHERE i.remote_id = ?",
                (target.remote_id,),
            ):
                self._sent_unlooked.discard(number)

    # how it ends -----------------------------------------------------------------------------------

    def settle(self, hours: float) -> None:
        """The network behaves from now on, and nobody asks for anything; so many hours go by."""
        self.network.ways.clear()
        self.network.glances.clear()
        self.lines.is_up = True
        self.acting.wake()
        self.let(300)
        self.let(hours * 3600)

    def leaves(self) -> list[dict[str, Any]]:
        """The ledger, read back."""
        return [json.loads(leaf) for (leaf,) in self._view.execute("SELECT leaf FROM ledger ORDER BY seq")]


async def _all(tasks: Sequence[asyncio.Task[Any]] | set[asyncio.Task[Any]]) -> None:
    await asyncio.gather(*tasks, return_exceptions=True)


def make_ordering(history: History, events: Events, ceilings: Ceilings) -> Ordering:
    """The way from a wish to the queue, joined as `bootstrap` joins it."""
    known = history.database.read_now(accounts.accounts).result()
    return Ordering(
        db=history.database,
        desk=history.desk,
        keys=history.keys,
        clock=history.clock,
        events=events,
        ceilings=ceilings,
        accounts=lambda: {account.id: account for account in known},
        ask=lambda _account, _target, verb: CAN.get(verb),
        wake=history.acting.wake,
        rules=lambda: Rules(over=2, hours=1.0),
    )
