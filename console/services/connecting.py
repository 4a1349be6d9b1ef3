"""Connecting accounts: tried before they are saved, tested later, forgotten when a person says so.

What a newcomer would get wrong: nothing of an account is on disk before its sign-in has worked, so a
typing mistake leaves nothing behind. What the connector wrote as its secret while it was tried (a
token) is what is kept, not what the person typed.
"""

import asyncio
import json
import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from console.api import Connector, Context, Failure, Guide, Manifest, Profile, Secret
from console.desk.protocol import Desk, Move
from console.domain.accounts import Account, AccountState
from console.domain.acts import ActState
from console.domain.audit import Note
from console.domain.errors import NotPossible, UsageError
from console.domain.ids import AccountId
from console.services.running import OPEN_LIMIT_S, STOP_S, Tools, make_context
from console.services.signin import HeldSecret, Nobody, SealedSecret
from console.services.supervise import Supervisor
from console.store import accounts, secrets
from console.store.database import Connection

_log = logging.getLogger(__name__)


class Connecting:
    """Adds, tests and removes accounts."""

    def __init__(self, tools: Tools, desk: Desk, supervisor: Supervisor) -> None:
        self._tools = tools
        self._desk = desk
        self._supervisor = supervisor

    async def add(
        self,
        connector_id: str,
        settings: Mapping[str, str],
        secret: Mapping[str, str],
        *,
        lead: str | None,
        deputy: str | None,
        may_act: bool,
        who: str,
        guide: Guide | None = None,
    ) -> Account:
        """Signs in with what was said, and saves the account if that worked.

        `guide` talks with the person where the network wants a walk through a browser. Raises
        UsageError for an unknown network, SecretsUnavailable when there is a secret and no key to seal
        it, NotPossible with the network's reason, or because the account is there already.
        """
        manifest = self._tools.hosting.manifest(connector_id)
        draft, held, profile = await self._sign_in(manifest, _draft(manifest, settings), secret, guide)
        named = replace(draft, handle=profile.handle or draft.handle, name=profile.name or draft.name)
        return await self.save(
            replace(named, lead=lead or None, deputy=deputy or None, may_act=may_act), held.text, who
        )

    async def sign_in_again(
        self,
        account: Account,
        settings: Mapping[str, str],
        secret: Mapping[str, str],
        who: str,
        guide: Guide | None = None,
    ) -> Account:
        """Puts a new sign-in in the place of one that has ended; the account and its items stay.

        `settings` are those that are to be other than before. Raises what `add` raises, and NotPossible
        when the new sign-in belongs to another account.
        """
        manifest = self._tools.hosting.manifest(account.connector)
        draft = _draft(manifest, {**_known(manifest, account.settings), **settings})
        draft, held, profile = await self._sign_in(manifest, draft, secret, guide)
        if profile.handle and profile.handle.casefold() != account.handle.casefold():
            raise NotPossible(
                f"That sign-in belongs to {profile.handle}, and this account is {account.handle}."
            )
        again = replace(account, settings={**account.settings, **draft.settings})

        def work(conn: Connection) -> None:
            accounts.set_settings(conn, account.id, again.settings)
            if held.text is not None:
                secrets.keep(conn, account.id, self._tools.keys.seal(held.text.encode()))

        await self._tools.db.record(work)
        await self._note("account.signed-in", again, who)
        running = self._supervisor.get(account.id)
        if running is not None:
            running.account = replace(running.account, settings=again.settings)
            running.again()
        return again

    async def _sign_in(
        self, manifest: Manifest, draft: Account, secret: Mapping[str, str], guide: Guide | None
    ) -> tuple[Account, HeldSecret, Profile]:
        """Walks the person through where the network wants that, and tries what came of it."""
        tools = self._tools
        held = HeldSecret(json.dumps(dict(secret)) if secret else None)
        walk = await asyncio.to_thread(tools.hosting.load_sign_in, manifest.id)
        if held.text is not None or walk is not None:
            tools.keys.seal(b"")  # says now, and not after the sign-in, that there is no key
        with TemporaryDirectory(prefix="cordon-trial-") as folder:
            if walk is not None:
                context = await self._context(manifest, draft, held, Path(folder))
                try:
                    found = await walk(context, guide or Nobody())
                except Failure as failure:
                    raise NotPossible(f"{manifest.name}: {failure.words}") from failure
                draft = _draft(manifest, {**_known(manifest, draft.settings), **found})
            profile = await self._try(manifest, draft, held, Path(folder))
        return draft, held, profile

    async def save(self, wanted: Account, secret: str | None, who: str) -> Account:
        """Puts an account on the list without a trial, on record, and lets it run if others do.

        Its id, key and health are chosen here. Raises NotPossible when it is there already.
        """
        now = self._tools.clock.now()
        sealed = None if secret is None else self._tools.keys.seal(secret.encode())

        def work(conn: Connection) -> Account:
            for known in accounts.accounts(conn):
                if (known.network, known.handle) == (wanted.network, wanted.handle):
                    raise NotPossible(f"{known.key} is connected already.")
            account = _add(conn, wanted, now)
            if sealed is not None:
                secrets.keep(conn, account.id, sealed)
            return account

        account = await self._tools.db.record(work)
        await self._note("account.added", account, who)
        await self._supervisor.add(account)
        return account

    async def set_up(self, wanted: Account) -> Account:
        """Puts an account of an exercise on the list, or takes it up again from its stream's start.

        Nothing is tried and nothing goes on record: it is not one of the force's accounts.
        """
        now = self._tools.clock.now()
        for running in self._supervisor.all:
            if (running.account.network, running.account.handle) == (wanted.network, wanted.handle):
                await self._supervisor.remove(running.account.id)

        def work(conn: Connection) -> Account:
            for known in accounts.accounts(conn):
                if (known.network, known.handle) == (wanted.network, wanted.handle):
                    accounts.remove(conn, known.id, now)
            account = _add(conn, wanted, now)
            accounts.set_cursor(conn, account.id, None)
            return account

        account = await self._tools.db.record(work)
        await self._supervisor.add(account)
        return account

    async def hold(self, connector_id: str) -> None:
        """Stops every account that a connector runs, until it is set up or tested anew."""
        for running in self._supervisor.all:
            if running.account.connector == connector_id:
                await running.stop()

    async def test(self, account: Account) -> Account:
        """Signs in to an account that is on the list. Raises NotPossible with the network's reason."""
        manifest = self._tools.hosting.manifest(account.connector)
        secret = SealedSecret(self._tools.db, self._tools.keys, account.id)
        profile = await self._try(manifest, account, secret, self._tools.folder(account.key))
        running = self._supervisor.get(account.id)
        if running is not None:
            running.again()
        return replace(account, handle=profile.handle or account.handle)

    async def remove(self, account: Account, who: str) -> None:
        """Forgets an account and its sign-in; items, evidence and ledger entries stay.

        What was asked for on it and not sent yet is cancelled: it could never be.
        """
        await self._supervisor.remove(account.id)
        now = self._tools.clock.now()
        waiting = [ActState.HELD, ActState.QUEUED, ActState.AWAITING_APPROVAL]
        acts = await self._desk.acts_in(waiting, [account.id], 1_000_000)
        gone = "The account was removed."
        await self._desk.move([Move(act.id, ActState.CANCELLED, error=gone) for act in acts], who, now)

        def work(conn: Connection) -> None:
            accounts.remove(conn, account.id, now)
            secrets.forget(conn, account.id)

        await self._tools.db.record(work)
        await self._note("account.removed", account, who)

    async def _note(self, kind: str, account: Account, who: str) -> None:
        facts = {
            "account": account.key,
            "network": account.network,
            "connector": account.connector,
            "lead": account.lead,
            "deputy": account.deputy,
            "may_act": account.may_act,
        }
        await self._desk.note([Note(kind, who, facts, {})], self._tools.clock.now())

    async def _try(self, manifest: Manifest, account: Account, secret: Secret, folder: Path) -> Profile:
        connect = await asyncio.to_thread(self._tools.hosting.load, manifest.id)
        context = await self._context(manifest, account, secret, folder)
        connector: Connector | None = None
        try:
            connector = connect(context)
            async with asyncio.timeout(OPEN_LIMIT_S):
                return await connector.open()
        except Failure as failure:
            raise NotPossible(f"{manifest.name}: {failure.words}") from failure
        except TimeoutError as problem:
            raise NotPossible(f"{manifest.name} did not answer within {OPEN_LIMIT_S:.0f} s.") from problem
        finally:
            if connector is not None:
                await _let_go(connector, manifest.id)

    async def _context(self, manifest: Manifest, account: Account, secret: Secret, folder: Path) -> Context:
        tools = self._tools

        async def wait(*, rest: float, incident: float) -> None:
            await tools.pace.wait(rest, incident)

        http = await asyncio.to_thread(tools.http)
        return replace(make_context(tools, manifest, account, http, secret, wait), folder=folder)


def _add(conn: Connection, wanted: Account, now: int) -> Account:
    return accounts.add(
        conn,
        key=accounts.free_key(conn, wanted.network, wanted.handle),
        network=wanted.network,
        connector=wanted.connector,
        handle=wanted.handle,
        name=wanted.name,
        lead=wanted.lead,
        deputy=wanted.deputy,
        may_act=wanted.may_act,
        settings=wanted.settings,
        at=now,
    )


async def _let_go(connector: Connector, name: str) -> None:
    try:
        async with asyncio.timeout(STOP_S):
            await connector.close()
    except Exception:  # noqa: BLE001 - third parties' code
        _log.exception("The connector %s did not close well.", name)


def _known(manifest: Manifest, settings: Mapping[str, str]) -> dict[str, str]:
    """Those of an account's settings that its connector asks for, and none that an exercise added."""
    asked = {field.name for field in manifest.sign_in} | {switch.name for switch in manifest.switches}
    return {name: value for name, value in settings.items() if name in asked}


def _draft(manifest: Manifest, settings: Mapping[str, str]) -> Account:
    """The account as it stands before its network has said who it is. Raises UsageError."""
    public = {field.name: field.default or "" for field in manifest.sign_in if not field.secret}
    switches = {switch.name: "off" for switch in manifest.switches}
    for name, value in settings.items():
        if name not in public and name not in switches:
            raise UsageError(f"{manifest.name} does not know the setting “{name}”.")
        if name in switches and value not in {"on", "off"}:
            raise UsageError(f"“{name}” of {manifest.name} is on or off, and not “{value}”.")
    given = {
        name: settings.get(name) or default
        for name, default in {**public, **switches}.items()
        if settings.get(name) or default
    }
    handle = given.get("handle", "")
    return Account(
        id=AccountId(0),
        key=f"{manifest.id}:new",
        network=manifest.id,
        connector=manifest.id,
        handle=handle,
        name=handle or manifest.name,
        lead=None,
        deputy=None,
        may_act=False,
        settings=given,
        state=AccountState.OFF,
    )
