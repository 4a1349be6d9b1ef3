"""Accounts that share a token share its ceiling: each gets its part, the worst graded items first."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from console.api import Answer, Failure, Order, RemoteId, Verb
from console.desk.local import LocalDesk
from console.desk.protocol import Submission
from console.domain.acts import ActState
from console.domain.capabilities import Ceiling
from console.domain.ids import AccountId, ItemId
from console.services.acting import Acting
from console.services.ceilings import Ceilings
from console.services.events import Events
from console.services.lines import Line
from tests.fakes.faithless import MANIFEST, Connector, Network
from tests.fakes.virtual import Fuse, InlineDatabase, VirtualClock, VirtualLoop, copy_of, template
from tests.unit.desk.making import draft
from tests.unit.store.making import NOW, add_account, received, save

ONE, TWO = AccountId(1), AccountId(2)
A_MINUTE = 10
SHARED = Ceiling(name="acts", points=A_MINUTE, seconds=60, costs={Verb.HIDE: 1}, per="token")
TOKEN_MANIFEST = replace(MANIFEST, ceilings=(SHARED,), batch=3)


class Noting(Connector):
    """Notes which account hid what, and when."""

    def __init__(
        self, network: Network, account_id: AccountId, noted: list[tuple[float, AccountId, str]]
    ) -> None:
        super().__init__(network, Fuse())
        self._account_id, self._noted = account_id, noted

    async def act(self, order: Order) -> Sequence[Answer]:
        at = self.network.clock.monotonic()
        self._noted += [(at, self._account_id, target.remote_id) for target in order.targets]
        return await super().act(order)


class Lines:
    """Both accounts, signed in."""

    def __init__(self, lines: dict[AccountId, Line]) -> None:
        self._lines = lines

    def line(self, account_id: AccountId) -> Line | None:
        return self._lines.get(account_id)

    def open_accounts(self) -> Sequence[AccountId]:
        return list(self._lines)

    def report(self, account_id: AccountId, failure: Failure) -> None:
        del account_id, failure


def sent(folder: Path, counts: dict[AccountId, int], minutes: float) -> list[tuple[float, AccountId, str]]:
    """What two accounts on one token send in so many minutes, when they have so many items to hide."""
    (folder / "night").mkdir()
    path = copy_of(template(folder), folder / "night")
    loop = VirtualLoop()
    asyncio.set_event_loop(loop)
    clock = VirtualClock(loop)
    network = Network(clock)
    noted: list[tuple[float, AccountId, str]] = []
    database = InlineDatabase(path, Fuse())
    database.open()
    for number in (1, 2):
        database.record_now(lambda conn, number=number: add_account(conn, number)).result()  # type: ignore[misc]
    rows = [
        received(f"{account_id}.{number}", account=account_id, grade=1 + number % 5)
        for account_id, count in counts.items()
        for number in range(count)
    ]
    save(database, *rows)
    desk = LocalDesk(database, "seat")
    ceilings = Ceilings()
    for account_id in (ONE, TWO):
        ceilings.watch(account_id, TOKEN_MANIFEST.ceilings, connector="x", batch=3)
        ceilings.share(account_id, token="one and the same", app="", now=NOW)
    lines = {
        account_id: Line(Noting(network, account_id, noted), TOKEN_MANIFEST) for account_id in (ONE, TWO)
    }

    async def work() -> None:
        drafts = [
            replace(draft(number), item_id=ItemId(number), account_id=row.account_id)
            for number, row in enumerate(rows, start=1)
        ]
        await desk.submit(
            Submission(
                who="r.calder",
                at=NOW,
                reason="abuse",
                category=None,
                text=None,
                drafts=drafts,
                bulk=True,
            )
        )
        acting = Acting(
            desk=desk,
            db=database,
            events=Events(),
            clock=clock,
            ceilings=ceilings,
            lines=Lines(lines),
            chance=lambda: 0.5,
        )
        await acting.start()
        await clock.sleep(60 * minutes - 1)
        await acting.stop()

    try:
        loop.run_until_complete(work())
        states = Counter(
            act.state for act in loop.run_until_complete(desk.acts_in(list(ActState), None, 999))
        )
        assert states[ActState.CONFIRMED] == len(noted), "what was sent was seen done"
        assert states.keys() <= {ActState.CONFIRMED, ActState.QUEUED}, (
            "what had no room waits, without a word"
        )
    finally:
        database.close()
        loop.close()
        asyncio.set_event_loop(None)
    return noted


def by_minute(noted: list[tuple[float, AccountId, str]], minute: int) -> Counter[AccountId]:
    """How many each account sent in one minute."""
    return Counter(account_id for at, account_id, _ in noted if minute <= at // 60 < minute + 1)


def test_two_accounts_on_one_token_each_get_half_of_every_minute(tmp_path: Path) -> None:
    noted = sent(tmp_path, {ONE: 60, TWO: 60}, minutes=4)
    for minute in range(4):
        assert by_minute(noted, minute) == {ONE: A_MINUTE // 2, TWO: A_MINUTE // 2}, f"minute {minute}"


def test_what_one_does_not_need_the_other_gets(tmp_path: Path) -> None:
    noted = sent(tmp_path, {ONE: 2, TWO: 60}, minutes=3)
    assert sum(by_minute(noted, 0).values()) == A_MINUTE
    assert by_minute(noted, 1) == {TWO: A_MINUTE}


def test_a_large_bulk_on_one_account_does_not_starve_a_few_on_the_other(tmp_path: Path) -> None:
    noted = sent(tmp_path, {ONE: 200, TWO: 4}, minutes=1)
    assert by_minute(noted, 0)[TWO] == 4


def test_each_account_sends_its_worst_graded_items_first(tmp_path: Path) -> None:
    noted = sent(tmp_path, {ONE: 20, TWO: 20}, minutes=6)
    assert len(noted) == 40
    for account_id in (ONE, TWO):
        numbers = [RemoteId(one).rpartition(".")[2] for _, other, one in noted if other == account_id]
        grades = [1 + int(number) % 5 for number in numbers]
        assert grades == sorted(grades)


def test_never_more_than_the_token_allows_in_any_minute(tmp_path: Path) -> None:
    noted = sent(tmp_path, {ONE: 45, TWO: 30}, minutes=5)
    times = [at for at, _, _ in noted]
    for start in times:
        assert sum(start <= at < start + 59.5 for at in times) <= A_MINUTE
