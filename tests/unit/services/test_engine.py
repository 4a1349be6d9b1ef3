"""The engine as one door: starting, reading beside another, acting, accounts, incidents, the record."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from console.api import Connector, Context, SignInAgain, TryLater, Verb
from console.bootstrap import EngineThread, build_engine, open_engine
from console.domain.accounts import Account, AccountState
from console.domain.acts import ActState
from console.domain.errors import (
    NotPossible,
    ProfileInUse,
    SecretsUnavailable,
    UsageError,
    WatchlistError,
)
from console.domain.ids import AccountId
from console.domain.lanes import Lane
from console.matching import parse_watchlist
from console.paths import Places
from console.services.engine import Engine
from console.services.events import Announcement, Arrived, IncidentChanged, Trouble
from tests.fakes.connectors import FakeConnector, FakeHosting, Network, hosting_of

WHO = "R. Calder"


def network(count: int, **what: Any) -> Network:
    made = Network(ends=False, **what)
    made.publish(count)
    return made


def made(folder: Path, networks: dict[str, Network] | None = None, **parts: Any) -> Engine:
    hosting = parts.pop("hosting", None) or hosting_of(networks or {})
    return build_engine(Places(folder), passphrase="open sesame", hosting=hosting, **parts)


def account(handle: str) -> Account:
    return Account(
        id=AccountId(0),
        key="",
        network="fake",
        connector="fake",
        handle=handle,
        name=handle,
        lead="L",
        deputy="D",
        may_act=True,
    )


def running(
    folder: Path,
    check: Callable[[Engine], Awaitable[None]],
    networks: dict[str, Network] | None = None,
    **parts: Any,
) -> None:
    """Runs a check with an engine that collects; each network is an account already."""

    async def whole() -> None:
        engine = made(folder, networks, **parts)
        await engine.start(collect=True)
        try:
            for handle in networks or {}:
                if not any(known.handle == handle for known in engine.accounts()):
                    await engine.connecting.save(account(handle), None, WHO)
            await check(engine)
        finally:
            await engine.stop()

    asyncio.run(whole())


async def until(engine: Engine, is_so: Callable[[], bool]) -> None:
    """Waits for announcements until something is so."""
    changed = asyncio.Event()

    def heard(said: Announcement) -> None:
        del said
        changed.set()

    stop = engine.events.listen(heard)
    try:
        async with asyncio.timeout(20):
            while not is_so():
                changed.clear()
                await changed.wait()
    finally:
        stop()


async def stored(engine: Engine, count: int) -> None:
    await until(engine, lambda: engine.statistics.stored >= count)
    await engine.settled()


def test_a_new_profile_has_the_shipped_watchlists_in_force_and_on_record(tmp_path: Path) -> None:
    async def check(engine: Engine) -> None:
        lists = await engine.watchlists()
        assert {"weapons", "threat-to-life"} <= {found.id for found in lists}
        put = [entry for entry in await engine.entries(0, 100) if b'"kind":"watchlist.put"' in entry.leaf]
        assert len(put) == len(lists)
        await engine.check_matching()

    running(tmp_path, check)
    running(tmp_path, check)


def test_a_forces_own_version_of_a_watchlist_outlives_the_shipped_one(tmp_path: Path) -> None:
    async def first(engine: Engine) -> None:
        shipped = next(found for found in await engine.watchlists() if found.id == "weapons")
        file = tmp_path / "own.toml"
        file.write_text(
            f'id = "weapons"\nname = "Ours"\ncategory = "weapons"\ngrade = 2\nowner = "Us"\n'
            f'version = {shipped.version + 1}\nreview_by = 2030-01-01\n[[rule]]\nid = "a"\nwords = ["zzz"]\n'
        )
        await engine.import_watchlist(file, WHO)
        old = tmp_path / "old.toml"
        old.write_text(file.read_text().replace(f"version = {shipped.version + 1}", "version = 1"))
        with pytest.raises(WatchlistError):
            await engine.import_watchlist(old, WHO)

    async def second(engine: Engine) -> None:
        assert next(found.name for found in await engine.watchlists() if found.id == "weapons") == "Ours"

    running(tmp_path / "p", first)
    running(tmp_path / "p", second)


def test_a_second_engine_that_collects_is_told_and_one_that_reads_is_let_in(tmp_path: Path) -> None:
    async def check(engine: Engine) -> None:
        other = made(tmp_path, {"a": network(3)})
        with pytest.raises(ProfileInUse):
            await other.start(collect=True)
        beside = made(tmp_path, {"a": network(3)})
        await beside.start(collect=False)
        try:
            assert not beside.works
            await stored(engine, 3)
            assert len(await beside.find(Lane(), 10)) == 3
            assert [known.key for known in beside.accounts()] == ["fake:a"]
        finally:
            await beside.stop()

    running(tmp_path, check, {"a": network(3)})


def test_an_act_asked_for_beside_the_window_is_sent_by_the_window(tmp_path: Path) -> None:
    net = network(3)

    async def check(engine: Engine) -> None:
        await stored(engine, 3)
        beside = made(tmp_path, {"a": net})
        await beside.start(collect=False, act=True)
        try:
            assert not beside.works
            ids = [item.id for item in await beside.find(Lane(), 2)]
            plan = await beside.plan(Verb.HIDE, ids)
            assert plan.will == 2
            done = await beside.carry_out(plan, reason="Rule 3", who=WHO)
            acts = await beside.wait_for(done.act_ids, 20)
            assert {act.state for act in acts} == {ActState.CONFIRMED}
            assert (await beside.undoable(WHO)) == "Hide 2 items"
        finally:
            await beside.stop()

    running(tmp_path, check, {"a": net})
    assert [order.verb for order in net.orders] == [Verb.HIDE]


def test_the_command_line_alone_works_the_queue_and_signs_in_only_where_it_must(tmp_path: Path) -> None:
    nets = {"a": network(3), "b": network(3)}

    async def collect(engine: Engine) -> None:
        await stored(engine, 6)

    running(tmp_path, collect, nets)
    opened = nets["b"].opened

    async def whole() -> None:
        engine = made(tmp_path, nets)
        await engine.start(collect=False, act=True)
        try:
            assert engine.works
            item = next(found for found in await engine.find(Lane(), 10) if found.remote_id == "a/1")
            account_a = next(known for known in engine.accounts() if known.handle == "a")
            ids = [found.id for found in await engine.find(Lane(), 10) if found.account_id == account_a.id]
            assert item.id in ids or ids
            done = await engine.carry_out(await engine.plan(Verb.HIDE, ids[:1]), reason="R", who=WHO)
            await engine.drain()
            (act,) = await engine.acts_by_id(done.act_ids)
            assert act.state is ActState.CONFIRMED
            record = await engine.evidence_record(f"i{ids[0]}", WHO)
            assert record["item"]["key"] == f"i{ids[0]}"
            assert (await engine.verify()).ok
        finally:
            await engine.stop()

    asyncio.run(whole())
    assert len(nets["a"].orders) == 1
    assert nets["b"].opened == opened
    assert nets["b"].streams == 1


def test_acts_that_wait_on_a_removed_account_are_cancelled(tmp_path: Path) -> None:
    nets = {"a": network(2)}
    running(tmp_path, lambda engine: stored(engine, 2), nets)

    async def with_nobody_to_send() -> None:
        engine = made(tmp_path, nets)
        await engine.start(collect=False)
        try:
            items = await engine.find(Lane(), 1)
            plan = await engine.plan(Verb.HIDE, [items[0].id])
            done = await engine.carry_out(plan, reason="threats", who=WHO)
            assert [act.state for act in await engine.acts_by_id(done.act_ids)] == [ActState.QUEUED]
            await engine.remove_account("fake:a", WHO)
            (act,) = await engine.acts_by_id(done.act_ids)
            assert (act.state, act.error) == (ActState.CANCELLED, "The account was removed.")
        finally:
            await engine.stop()

    asyncio.run(with_nobody_to_send())


def test_what_is_possible_is_said_for_every_item_and_verb(tmp_path: Path) -> None:
    async def check(engine: Engine) -> None:
        await stored(engine, 2)
        items = await engine.find(Lane(), 2)
        can = await engine.can([item.id for item in items])
        assert can[items[0].id][Verb.HIDE].can
        assert can[items[0].id][Verb.LEAVE_UP].can
        assert not can[items[0].id][Verb.UNHIDE].can
        await engine.remove_account("fake:a", WHO)
        after = await engine.can([items[0].id])
        assert not after[items[0].id].get(Verb.HIDE)
        assert (await engine.plan(Verb.HIDE, [items[0].id])).will == 0
        with pytest.raises(UsageError, match="There is no account"):
            await engine.remove_account("fake:a", WHO)

    running(tmp_path, check, {"a": network(2)})


def hosted(make: Callable[[Context], Connector]) -> FakeHosting:
    hosting = FakeHosting({"fake": make})
    found = hosting._found["fake"]
    from console.api import SignInField

    fields = (SignInField("handle", "Handle"), SignInField("password", "Password", secret=True))
    hosting._found["fake"] = replace(found, manifest=replace(found.manifest, sign_in=fields))
    return hosting


def test_an_account_is_tried_before_anything_of_it_is_saved(tmp_path: Path) -> None:
    net = network(2, open_failures=[SignInAgain("Wrong password.")])
    secrets: list[str | None] = []

    class Asking(FakeConnector):
        async def open(self) -> Any:
            secrets.append(await self.context.secret.read())
            profile = await super().open()
            await self.context.secret.write('{"token": "t"}')
            return profile

    async def check(engine: Engine) -> None:
        async def add() -> Account:
            return await engine.add_account(
                "fake",
                {"handle": "me"},
                {"password": "p"},
                lead="L",
                deputy=None,
                may_act=True,
                who=WHO,
            )

        with pytest.raises(NotPossible, match="Fake: Wrong password"):
            await add()
        assert not engine.accounts()
        added = await add()
        assert added.key == "fake:me"
        await stored(engine, 2)
        with pytest.raises(NotPossible, match="connected already"):
            await add()
        assert (await engine.test_account("fake:me")).handle == "me"
        with pytest.raises(UsageError):
            await engine.add_account(
                "fake", {"colour": "red"}, {}, lead=None, deputy=None, may_act=False, who=WHO
            )
        with pytest.raises(UsageError, match="There is no network “myspace”"):
            await engine.add_account("myspace", {}, {}, lead=None, deputy=None, may_act=False, who=WHO)
        kinds = [entry.leaf for entry in await engine.entries(0, 1_000)]
        assert sum(b"account.added" in leaf for leaf in kinds) == 1
        assert not any(b"password" in leaf for leaf in kinds)

    running(tmp_path, check, hosting=hosted(lambda context: Asking(net, context)))
    assert secrets[0] == '{"password": "p"}'
    assert '{"token": "t"}' in secrets
    assert b'"password"' not in Places(tmp_path).database.read_bytes()


def test_without_a_key_an_account_with_a_secret_is_refused_before_it_signs_in(tmp_path: Path) -> None:
    net = network(0)

    async def whole() -> None:
        engine = build_engine(Places(tmp_path), hosting=hosted(lambda context: FakeConnector(net, context)))
        await engine.start(collect=True)
        try:
            assert not engine.keys.ready
            with pytest.raises(SecretsUnavailable):
                await engine.add_account(
                    "fake",
                    {"handle": "a"},
                    {"password": "p"},
                    lead=None,
                    deputy=None,
                    may_act=True,
                    who=WHO,
                )
        finally:
            await engine.stop()

    asyncio.run(whole())
    assert net.opened == 0


def test_an_account_added_or_removed_beside_the_window_is_taken_up_by_it(tmp_path: Path) -> None:
    nets = {"late": network(4)}

    async def check(engine: Engine) -> None:
        beside = made(tmp_path, nets)
        await beside.start(collect=False)
        await beside.connecting.save(account("late"), None, WHO)
        await stored(engine, 4)
        await beside.remove_account("fake:late", WHO)
        await until(engine, lambda: not engine.accounts())
        await beside.stop()

    async def whole() -> None:
        engine = made(tmp_path, nets)
        await engine.start(collect=True)
        try:
            await check(engine)
        finally:
            await engine.stop()

    asyncio.run(whole())


def test_an_incident_quickens_the_pace_also_when_it_was_opened_beside_the_window(tmp_path: Path) -> None:
    net = network(1, rest_s=3_600.0)

    async def check(engine: Engine) -> None:
        await stored(engine, 1)
        told = net.told
        beside = made(tmp_path, {"a": net})
        await beside.start(collect=False)
        incident = await beside.open_incident("Chandlers Row", "critical incident", WHO)
        await beside.stop()
        await until(engine, lambda: engine.incident() == incident)
        net.publish(1)
        await stored(engine, 2)
        assert net.told > told
        heard: list[Announcement] = []
        engine.events.listen(heard.append)
        await engine.close_incident(WHO)
        assert engine.incident() is None
        assert IncidentChanged() in heard

    running(tmp_path, check, {"a": net})


def test_a_watchlist_imported_beside_the_window_is_soon_in_force_there(tmp_path: Path) -> None:
    net = network(0, rest_s=0.05)
    text = (
        'id = "own"\nname = "Own"\ncategory = "weapons"\ngrade = 1\nowner = "Us"\nversion = 1\n'
        'review_by = 2030-01-01\n[[rule]]\nid = "a"\nwords = ["zorblax"]\n'
    )
    assert parse_watchlist(text, "own.toml").id == "own"
    (tmp_path / "own.toml").write_text(text)

    async def check(engine: Engine) -> None:
        beside = made(tmp_path / "p", {"a": net})
        await beside.start(collect=False)
        await beside.import_watchlist(tmp_path / "own.toml", WHO)
        await beside.stop()

        def heard(said: Announcement) -> None:
            if isinstance(said, Arrived) and not said.grades[0]:
                net.publish(1, text="zorblax again")

        engine.events.listen(heard)
        net.publish(1, text="zorblax")
        await until(engine, lambda: engine.statistics.hits > 0)

    running(tmp_path / "p", check, {"a": net})


def test_a_profile_that_cannot_be_opened_leaves_no_lock_and_no_thread(tmp_path: Path) -> None:
    places = Places(tmp_path)
    places.make()
    places.database.write_bytes(b"this is no database, but it is long enough to be asked" * 30)

    async def whole() -> None:
        for _ in range(2):
            engine = made(tmp_path)
            with pytest.raises(Exception, match="is not a Cordon database"):
                await engine.start(collect=True)
            assert not engine.works

    asyncio.run(whole())


def test_an_account_that_needs_a_person_says_so_though_nothing_runs(tmp_path: Path) -> None:
    net = network(1, open_failures=[SignInAgain("Sign in again.")])

    async def check(engine: Engine) -> None:
        await until(engine, lambda: engine.accounts()[0].state is AccountState.SIGN_IN)

    running(tmp_path, check, {"a": net})

    async def whole() -> None:
        async with open_engine(Places(tmp_path)) as engine:
            (known,) = engine.accounts()
            assert known.state is AccountState.SIGN_IN
            assert known.error == "Sign in again."

    asyncio.run(whole())


def test_acts_wait_for_an_account_without_a_link_and_go_once_it_is_back(tmp_path: Path) -> None:
    net = network(2)

    async def collect(engine: Engine) -> None:
        await stored(engine, 2)

    running(tmp_path, collect, {"a": net})
    net.open_failures = [TryLater("No answer."), TryLater("No answer.")]

    async def check(engine: Engine) -> None:
        (item, *_) = await engine.find(Lane(), 1)
        done = await engine.carry_out(await engine.plan(Verb.HIDE, [item.id]), reason="R", who=WHO)
        acts = await engine.wait_for(done.act_ids, 20)
        assert [act.state for act in acts] == [ActState.CONFIRMED]

    running(tmp_path, check, {"a": net})
    assert len(net.orders) == 1


def test_the_engine_lives_on_a_thread_of_its_own_and_ends_with_it(tmp_path: Path) -> None:
    net = network(3)
    thread = EngineThread(lambda: made(tmp_path, {"a": net}))
    engine = thread.start().result(20)
    thread.call(engine.connecting.save(account("a"), None, WHO)).result(20)
    thread.call(stored(engine, 3)).result(20)
    assert len(thread.call(engine.find(Lane(), 10)).result(20)) == 3
    thread.stop().result(20)
    assert thread.join()
    with pytest.raises(RuntimeError):
        thread.call(engine.find(Lane(), 10))


def test_a_thread_whose_engine_cannot_start_says_why_and_ends(tmp_path: Path) -> None:
    first = EngineThread(lambda: made(tmp_path))
    first.start().result(20)
    second = EngineThread(lambda: made(tmp_path))
    with pytest.raises(ProfileInUse):
        second.start().result(20)
    for thread in (second, first):
        thread.stop().result(20)
        assert thread.join()


def test_a_broken_watchlist_leaves_the_ones_from_before_in_force(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    from console.domain.watchlists import Rule
    from console.matching import MatcherBroken, compile_watchlists
    from console.services.events import Events
    from console.services.matching import Matching
    from tests.fakes.rooms import NoDesk
    from tests.unit.matching.lists import a_watchlist

    said: list[Announcement] = []
    events, desk = Events(), NoDesk()
    events.listen(said.append)
    broken = False

    def compiler(lists: Any) -> Any:
        if broken:
            raise MatcherBroken("a planted word was not found")
        return compile_watchlists(lists)

    matching = Matching(desk, events, compiler)  # type: ignore[arg-type]  # only the lists are asked for
    assert asyncio.run(matching.reload())
    before = matching._matcher
    broken = True
    desk.lists = [a_watchlist(Rule("blade", words=("machete",)))]
    assert not asyncio.run(matching.reload())
    assert matching._matcher is before
    (trouble,) = said
    assert isinstance(trouble, Trouble)
    assert "stay in force" in trouble.words
    assert "could not be compiled" in caplog.text
