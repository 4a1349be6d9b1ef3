"""The engine: the one door through which window, command line and tests ask for anything.

Every method is a line or two over the service that does the work. All of it runs on one asyncio loop;
what it announces is heard through `events`. What a newcomer would get wrong: an engine that was started
without the profile's lock reads, plans and puts acts into the queue, but collects and sends nothing;
`works` tells.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from console.api import Guide, Manifest
from console.desk.protocol import Desk, Submitted
from console.domain.accounts import Account, AccountState
from console.domain.acts import LOCAL, OPEN, Act, Verb
from console.domain.audit import Entry, Note, Plain, Verdict
from console.domain.capabilities import Capabilities, Capability
from console.domain.errors import DiskFull, NotPossible, ProfileError, ProfileInUse, UsageError
from console.domain.ids import (
    AccountId,
    ActId,
    ItemId,
    RemoteId,
    TopicId,
    item_key,
)
from console.domain.incidents import Incident
from console.domain.items import Item
from console.domain.lanes import Lane
from console.domain.list_changes import Waiting
from console.domain.topics import Topic
from console.domain.watchlists import Watchlist
from console.domain.waves import LEAST, Standing, Wave, wave_key
from console.paths import Places
from console.services import memory
from console.services.acting import Acting
from console.services.approving import Approvals
from console.services.checkpoints import Checkpoints
from console.services.clock import Clock
from console.services.connecting import Connecting
from console.services.cover import Cover
from console.services.disclosing.service import Disclosing
from console.services.editing import Editing
from console.services.events import Events, IncidentChanged, ItemsChanged
from console.services.handover import Handovers
from console.services.hosting import Hosting
from console.services.ingest import Ingest
from console.services.judging import judge
from console.services.keeping import Keeping
from console.services.keys import Keys
from console.services.lists import Lists
from console.services.lock import ProfileLock
from console.services.neighbours import Neighbours
from console.services.offering import REMOVED, capabilities
from console.services.onlookers import Onlookers
from console.services.operators import Operators
from console.services.ordering import Ordering, Undone
from console.services.planning import Plan
from console.services.purging import Purged, Purging
from console.services.standing import Standings
from console.services.statistics import Statistics
from console.services.supervise import Supervisor
from console.services.tasks import Tasks
from console.services.topics import Topics
from console.services.views import Views
from console.settings import Settings
from console.store import accounts as stored_accounts
from console.store import items as stored_items
from console.store import lanes as stored_lanes
from console.store import waves as stored_waves
from console.store.database import Connection, Database

_log = logging.getLogger(__name__)

LOOK_AGAIN_S = 0.1
"""How often acts that another process works are looked at."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What the engine is joined from; `bootstrap` makes them."""

    places: Places
    settings: Settings
    lock: ProfileLock
    db: Database
    desk: Desk
    operators: Operators
    handovers: Handovers
    keys: Keys
    clock: Clock
    events: Events
    hosting: Hosting
    lists: Lists
    editing: Editing
    ingest: Ingest
    supervisor: Supervisor
    connecting: Connecting
    ordering: Ordering
    standings: Standings
    approvals: Approvals
    acting: Acting
    purging: Purging
    keeping: Keeping
    checkpoints: Checkpoints
    disclosing: Disclosing
    onlookers: Onlookers
    topics: Topics
    views: Views
    cover: Cover
    close_http: Callable[[], Awaitable[None]]


class Engine:
    """Everything without a screen, on one profile.

    Attributes:
        events: what is announced.
        keys: the profile's key, and why it is not open when it is not.
        operators: who sits at this seat, and what proves it.
        handovers: what one shift hands to the next.
        connecting: adds accounts without a trial, for exercises.
        editing: changes watchlists.
        keeping: holds, reviews and disposes of evidence; the recovery key; pictures.
        approvals: acts that wait for a second person; see `services/approving.py`.
        views: saved views and account groups.
        checkpoints: signed statements of how the ledger stands.
        onlookers: puts looks on record: searches, authors, private messages.
        disclosing: gives out bundles and reports.
        cover: who deals with which item and looks after which account.
        escalating: life at risk, passed on until somebody accepts it; grades that people give.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._tasks = Tasks("engine")
        self._incident: Incident | None = None
        self._is_open = False
        self.events = parts.events
        self.keys = parts.keys
        self.operators = parts.operators
        self.handovers = parts.handovers
        self.connecting = parts.connecting
        self.editing = parts.editing
        self.keeping = parts.keeping
        self.approvals = parts.approvals
        self.views = parts.views
        self.checkpoints = parts.checkpoints
        self.onlookers = parts.onlookers
        self.disclosing = parts.disclosing
        self.cover = parts.cover
        self.escalating = parts.cover.escalating

    # life -----------------------------------------------------------------------------------------

    async def start(self, collect: bool, *, act: bool | None = None) -> None:
        """Opens the profile. With `collect` it takes the lock, collects and acts.

        `act` alone takes the lock, if it is free, and works the queue without collecting. With neither,
        or beside another Cordon, it reads, and hands acts to the queue. Raises ProfileInUse when
        `collect` finds another Cordon on the profile, and whatever opening the profile raises.
        """
        parts = self._parts
        try:
            await self._make_places(collect or bool(act))
            if collect:
                parts.lock.take()
            elif act:
                self._take_lock_if_free()
            await asyncio.to_thread(parts.db.open)
            self._is_open = True
            await parts.keys.open()
            await parts.checkpoints.open()
            await parts.operators.open()
            await parts.lists.import_defaults()
            await asyncio.to_thread(parts.hosting.find)
            await parts.supervisor.make(await self._known_accounts())
            self._take_incident(await parts.desk.incident())
            if self.works:
                await self._work(collect=collect)
            memory.settle()
        except BaseException:
            await self.stop()
            raise

    async def _make_places(self, will_write: bool) -> None:
        try:
            await asyncio.to_thread(self._parts.places.make)
        except DiskFull:
            if will_write:
                raise
            _log.info("The disk is full; what is there can still be read.")

    def _take_lock_if_free(self) -> None:
        try:
            self._parts.lock.take()
        except ProfileInUse:
            _log.info("Another Cordon works on this profile; acts go to its queue.")

    async def _work(self, *, collect: bool) -> None:
        parts = self._parts
        if collect:
            await parts.lists.reload()
            await parts.cover.start()
        parts.ingest.start()
        parts.supervisor.start(stream=collect)
        await parts.acting.start()
        parts.approvals.start()
        parts.checkpoints.start(at_end=collect)
        if collect:
            parts.standings.start()
            parts.purging.start()
            parts.keeping.pictures.start()
            await parts.editing.start()
            parts.topics.start()
        neighbours = Neighbours(
            desk=parts.desk,
            events=parts.events,
            clock=parts.clock,
            wake=parts.acting.wake,
            accounts=self._known_accounts,
            on_accounts=self._take_accounts,
            on_incident=self._take_incident,
            on_watchlists=parts.editing.took_effect,
            on_operators=parts.operators.refresh,
        )
        self._tasks.start(neighbours.watch(), "watch for other processes")

    async def stop(self) -> None:
        """Ends everything in order: acts under way, streams, what was taken in, the store, the lock."""
        parts = self._parts
        stages: list[tuple[str, Callable[[], Awaitable[object]]]] = [
            ("watching other processes", lambda: self._tasks.stop(1.0)),
        ]
        if self._is_open:
            stages += [
                ("pictures", parts.keeping.pictures.stop),
                ("purging", parts.purging.stop),
                ("watchlists", parts.editing.stop),
                ("topics", parts.topics.stop),
                ("standing verdicts", parts.standings.stop),
                ("approvals", parts.approvals.stop),
                ("acts", parts.acting.stop),
                ("accounts", parts.supervisor.stop),
                ("arrivals", parts.ingest.stop),
                ("cover", parts.cover.stop),
                ("connections", parts.close_http),
                ("checkpoints", parts.checkpoints.stop),
                ("store", lambda: asyncio.to_thread(parts.db.close)),
            ]
        self._is_open = False
        for name, stage in stages:
            _log.info("Stopping: %s.", name)
            try:
                await stage()
            except Exception:  # noqa: BLE001 - the next stage must come whatever this one did
                _log.exception("Stopping %s failed.", name)
        parts.lock.release()

    @property
    def works(self) -> bool:
        """Whether this process holds the profile's lock, so that it sends what is queued."""
        return self._parts.lock.is_held

    @property
    def who(self) -> str:
        """Who sits here, for the record."""
        return self.operators.on.name

    @property
    def role(self) -> str:
        """In which role, for the record."""
        return self.operators.on.role

    @property
    def places(self) -> Places:
        """Where the files of the profile lie."""
        return self._parts.places

    @property
    def statistics(self) -> Statistics:
        """What ingest has done since it started."""
        return self._parts.ingest.statistics

    @property
    def was_troubled(self) -> bool:
        """Whether something could not be stored at any time since the start, and the log has said so."""
        return self._parts.ingest.was_troubled

    @property
    def trouble(self) -> ProfileError | None:
        """Why no item can be stored at the moment; None while they can."""
        return self._parts.ingest.trouble

    def now(self) -> int:
        """Checked time, milliseconds since 1970, UTC."""
        return self._parts.clock.now()

    def monotonic(self) -> float:
        """Seconds since some fixed moment; for measuring."""
        return self._parts.clock.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Waits so many seconds by the engine's clock."""
        await self._parts.clock.sleep(seconds)

    async def settled(self) -> None:
        """Waits until everything that connectors have handed over is stored and announced."""
        await self._parts.ingest.settled()

    # accounts -------------------------------------------------------------------------------------

    async def _known_accounts(self) -> list[Account]:
        return await self._parts.db.read(stored_accounts.accounts)

    async def _take_accounts(self, known: list[Account]) -> None:
        """Takes up accounts that another process added, and lets go of those that it removed."""
        supervisor = self._parts.supervisor
        wanted = {account.id: account for account in known}
        for running in supervisor.all:
            if running.account.id not in wanted:
                await supervisor.remove(running.account.id)
        for account in known:
            if supervisor.get(account.id) is None:
                await supervisor.add(account)

    def networks(self) -> Sequence[Manifest]:
        """The manifests of all connectors at hand."""
        return self._parts.hosting.manifests()

    def network(self, connector_id: str) -> Manifest:
        """One connector's manifest. Raises UsageError when there is no such network."""
        return self._parts.hosting.manifest(connector_id)

    def connector_complaints(self) -> Sequence[str]:
        """What is wrong with connectors that were found, one line each."""
        broken = [running.complaint for running in self._parts.supervisor.all if running.complaint]
        return [*self._parts.hosting.complaints, *dict.fromkeys(broken)]

    def accounts(self) -> Sequence[Account]:
        """Every account with its health as it is now, in the order in which they were added."""
        now = self.now()
        found = [running.account.as_of(now) for running in self._parts.supervisor.all]
        if self.works or self._parts.lock.is_taken_elsewhere():
            return found
        mending = {AccountState.SIGN_IN, AccountState.FAULTY}
        return [
            account if account.state in mending else replace(account, state=AccountState.OFF)
            for account in found
        ]

    def _account(self, key: str) -> Account:
        for account in self.accounts():
            if account.key == key:
                return account
        raise UsageError(f"There is no account “{key}” in this profile.")

    def network_of(self, key: str) -> Manifest:
        """What the connector of an account declares. Raises UsageError for an unknown key."""
        return self.network(self._account(key).connector)

    async def add_account(
        self,
        connector_id: str,
        settings: Mapping[str, str],
        secrets: Mapping[str, str],
        *,
        lead: str | None,
        deputy: str | None,
        may_act: bool,
        who: str,
        guide: Guide | None = None,
    ) -> Account:
        """Tests a sign-in and saves the account. See `Connecting.add` for what it raises."""
        return await self._parts.connecting.add(
            connector_id, settings, secrets, lead=lead, deputy=deputy, may_act=may_act, who=who, guide=guide
        )

    async def sign_in_again(
        self,
        key: str,
        settings: Mapping[str, str],
        secrets: Mapping[str, str],
        who: str,
        guide: Guide | None = None,
    ) -> Account:
        """Gives an account a new sign-in. See `Connecting.sign_in_again` for what it raises."""
        return await self._parts.connecting.sign_in_again(self._account(key), settings, secrets, who, guide)

    async def test_account(self, key: str) -> Account:
        """Signs in to an account. Raises UsageError for an unknown key, NotPossible with the reason."""
        return await self._parts.connecting.test(self._account(key))

    async def remove_account(self, key: str, who: str) -> None:
        """Forgets an account and its sign-in. Raises UsageError for an unknown key."""
        await self._parts.connecting.remove(self._account(key), who)

    # items ----------------------------------------------------------------------------------------

    async def items(self, ids: Sequence[ItemId]) -> list[Item]:
        """These items, in the order of `ids`; private messages in clear when the key is open."""
        return await self._parts.ordering.items(ids)

    async def find(self, lane: Lane, limit: int) -> list[Item]:
        """The newest items of a lane, newest first."""
        ids = await self._parts.db.read(lambda conn: stored_lanes.lane_ids(conn, lane, None, limit))
        return await self.items([ItemId(number) for number in ids])

    async def parents(self, items: Sequence[Item]) -> Mapping[ItemId, str | None]:
        """The key of the item that each hangs on; None where the cache does not hold it."""
        wanted: dict[AccountId, set[RemoteId]] = {}
        for item in items:
            if item.parent is not None:
                wanted.setdefault(item.account_id, set()).add(item.parent)

        def read(conn: Connection) -> dict[tuple[AccountId, RemoteId], ItemId]:
            return {
                (account_id, remote_id): item_id
                for account_id, remote_ids in wanted.items()
                for remote_id, item_id in stored_items.by_remote(conn, account_id, sorted(remote_ids)).items()
            }

        known = await self._parts.db.read(read)
        return {
            item.id: item_key(known[item.account_id, item.parent])
            if item.parent is not None and (item.account_id, item.parent) in known
            else None
            for item in items
        }

    async def history(self, item_id: ItemId) -> list[stored_items.Version]:
        """How an item was before its author edited it, oldest first; private words when the key is open."""
        unseal = self.keys.unseal_text_if_open
        return await self._parts.db.read(lambda conn: stored_items.history(conn, item_id, unseal))

    async def can(self, ids: Sequence[ItemId]) -> dict[ItemId, Capabilities]:
        """What can be done to each item now, with words, for every verb that its network knows."""
        found: dict[ItemId, Capabilities] = {}
        accounts = {running.account.id: running.account for running in self._parts.supervisor.all}
        for item in await self.items(ids):
            account = accounts.get(item.account_id)
            offered = capabilities(self._parts.supervisor, item)
            found[item.id] = (
                {verb: judge(verb, item, account, offered) for verb in offered}
                if account is not None
                else {verb: Capability(can=False, words=REMOVED) for verb in offered if verb not in LOCAL}
            )
        return found

    async def mark_seen(self, ids: Sequence[ItemId]) -> None:
        """Marks items as seen by a person."""
        now = self.now()
        changed = await self._parts.db.ingest(lambda conn: stored_items.mark_seen(conn, ids, now))
        if changed:
            self.events.announce(ItemsChanged(tuple(changed)))

    # acts -----------------------------------------------------------------------------------------

    async def plan(self, verb: Verb, ids: Sequence[ItemId]) -> Plan:
        """What a verb would do to these items; changes nothing."""
        return await self._parts.ordering.plan(verb, ids, self.who)

    async def carry_out(
        self,
        plan: Plan,
        *,
        reason: str,
        category: str | None = None,
        text: str | None = None,
        who: str | None = None,
        without_media: str | None = None,
    ) -> Submitted:
        """Seals what must be sealed and queues the acts. See `Ordering.carry_out` for what it raises."""
        return await self._parts.ordering.carry_out(
            plan,
            reason=reason,
            category=category,
            text=text,
            who=who or self.who,
            without_media=without_media,
        )

    async def undo(self, act_ids: Sequence[ActId], who: str) -> Undone:
        """Takes acts back. Raises NotPossible with the reason when none can be."""
        await self._parts.standings.taken_back(act_ids, who)
        return await self._parts.ordering.undo(act_ids, who)

    async def undo_last(self, who: str) -> Undone | None:
        """Takes back the operator's newest act; None when there is none."""
        if found := await self._parts.ordering.last_undoable(who):
            await self._parts.standings.taken_back(found[1], who)
        return await self._parts.ordering.undo_last(who)

    async def undoable(self, who: str) -> str | None:
        """What `undo_last` would take back, in words; None when there is nothing."""
        found = await self._parts.ordering.last_undoable(who)
        return found[0] if found else None

    async def cancel(self, act_ids: Sequence[ActId], who: str) -> list[Act]:
        """Cancels acts that were not sent yet; gives those that were still in time."""
        return await self._parts.ordering.cancel(act_ids, who)

    async def acts(self, *, open_only: bool = False, most: int = 500) -> list[Act]:
        """The queue, newest first."""
        if open_only:
            return (await self._parts.desk.open_acts())[::-1][:most]
        return await self._parts.desk.newest_acts(None, most)

    async def acts_by_id(self, ids: Sequence[ActId]) -> list[Act]:
        """These acts, in the order of their ids."""
        return await self._parts.desk.acts(ids)

    async def drain(self) -> None:
        """Works the queue until nothing is left that this seat could do now."""
        if self.works:
            waiting = await self._parts.desk.waiting()
            await self._parts.supervisor.need({part.account_id for part in waiting})
            await self._parts.acting.drain()

    async def wait_for(self, act_ids: Sequence[ActId], seconds: float) -> list[Act]:
        """Waits until these acts ask for no more work, but no longer than so many seconds."""
        until = self._parts.clock.monotonic() + seconds
        while True:
            await self.drain()
            acts = await self.acts_by_id(act_ids)
            if not any(act.state in OPEN for act in acts) or self._parts.clock.monotonic() >= until:
                return acts
            await self._parts.clock.sleep(LOOK_AGAIN_S)

    # waves ----------------------------------------------------------------------------------------

    async def waves(
        self, order: stored_waves.Order = "newest", *, limit: int = 50, least: int = LEAST, since: int = 0
    ) -> list[Wave]:
        """Waves of at least so many items that went on since then (epoch ms), newest or biggest first."""
        return await self._parts.db.read(lambda conn: stored_waves.waves(conn, order, limit, least, since))

    async def wave(self, wave_id: int) -> Wave:
        """One wave. Raises UsageError when there is no such wave."""
        found = await self._parts.db.read(lambda conn: stored_waves.wave(conn, wave_id))
        if found is None:
            raise UsageError(f"There is no wave {wave_key(wave_id)} in this profile.")
        return found

    async def wave_items(
        self, wave_id: int, before: ItemId | None = None, limit: int = 100_000
    ) -> list[ItemId]:
        """The items of a wave with numbers below `before` (None: from the newest), newest first."""
        found = await self._parts.db.read(lambda conn: stored_waves.wave_ids(conn, wave_id, before, limit))
        return [ItemId(number) for number in found]

    async def put_standing(
        self,
        wave_id: int,
        verb: Verb,
        *,
        reason: str,
        minutes: float,
        limit: int,
        who: str,
        category: str | None = None,
    ) -> Standing:
        """One verdict on a wave, and on what joins it later. See `Standings.put` for what it raises."""
        return await self._parts.standings.put(
            wave_id, verb, reason=reason, minutes=minutes, limit=limit, who=who, category=category
        )

    async def end_standing(self, wave_id: int, who: str) -> Standing:
        """Ends the verdict on a wave; what was done stays done. Raises NotPossible when none stands."""
        return await self._parts.standings.end(wave_id, who)

    async def standings(self) -> list[Standing]:
        """The verdicts that stand on waves now, oldest first."""
        return await self._parts.standings.open()

    # incidents ------------------------------------------------------------------------------------

    def _take_incident(self, incident: Incident | None) -> None:
        self._incident = incident
        self._parts.supervisor.set_incident(incident is not None)

    def incident(self) -> Incident | None:
        """The open incident, if there is one."""
        return self._incident

    async def open_incident(self, name: str, posture: str, who: str, *, at: int | None = None) -> Incident:
        """Opens an incident, now or as of `at`; connectors hurry from now on."""
        incident = await self._parts.desk.open_incident(name, posture, who, at or self.now())
        self._take_incident(incident)
        self.events.announce(IncidentChanged())
        await self.editing.took_effect()  # lists of an incident that this one has closed
        return incident

    async def close_incident(self, who: str) -> None:
        """Closes the open incident."""
        await self._parts.desk.close_incident(who, self.now())
        self._take_incident(None)
        self.events.announce(IncidentChanged())
        await self.editing.took_effect()

    # watchlists -----------------------------------------------------------------------------------

    async def watchlists(self) -> list[Watchlist]:
        """The watchlists in force."""
        return await self._parts.desk.watchlists()

    async def import_watchlist(self, path: Path, who: str) -> Watchlist:
        """Puts a file in force as a new version. Raises WatchlistError with file, rule and field."""
        (done,) = await self.editing.import_file(path, who=who, why="")
        if isinstance(done, Waiting) or done.version is None:
            raise NotPossible("That watchlist waits for a second person.")
        return done.version

    async def search_past_now(self) -> bool:
        """Works the searches of the past that were asked for; False when another Cordon does."""
        if not self.works and self._parts.lock.is_taken_elsewhere():
            return False
        await self.editing.drain()
        return True

    async def check_matching(self) -> None:
        """Compiles what is in force and looks for planted words. Raises CordonError when they fail."""
        await self._parts.lists.check()

    # topics ---------------------------------------------------------------------------------------

    async def open_topic(
        self,
        words: str,
        *,
        accounts: Sequence[str] = (),
        networks: Sequence[str] = (),
        purpose: str,
        authorised_by: str,
        hours: float,
        who: str,
    ) -> Topic:
        """Searches for words through some accounts, or all of some networks, for so many hours.

        Raises UsageError for what is not there or not said, NotPossible where a network has no search.
        """
        wanted = [self._account(key) for key in accounts]
        for network in networks:
            some = [account for account in self.accounts() if account.network == network]
            if not some:
                raise UsageError(f"There is no account on “{network}” in this profile.")
            wanted += some
        return await self._parts.topics.open(
            words, wanted, purpose=purpose, authorised_by=authorised_by, hours=hours, who=who
        )

    async def topics(self) -> list[Topic]:
        """Every topic, newest first."""
        return await self._parts.topics.all()

    async def close_topic(self, topic_id: TopicId, who: str) -> None:
        """Ends a topic before its time. Raises UsageError when none such is open."""
        await self._parts.topics.close(topic_id, who)

    # retention ------------------------------------------------------------------------------------

    async def purge(self, who: str, *, dry_run: bool = False) -> Purged:
        """Empties and disposes of what may be kept no longer, or says what would be."""
        if not dry_run:
            return await self._parts.purging.run(who)
        return replace(await self._parts.purging.look(), disposed=len(await self.keeping.over()))

    # record ---------------------------------------------------------------------------------------

    async def verify(self, checkpoints: Sequence[Path] = ()) -> Verdict:
        """Checks the whole record, and holds it against every checkpoint: ours, the keeper's, these files'.

        Raises UsageError for a file that cannot be read or holds no checkpoint.
        """
        return await self._parts.checkpoints.verify(checkpoints)

    async def entries(self, after: int, most: int) -> list[Entry]:
        """Ledger entries with a place above `after`, in order."""
        return await self._parts.desk.entries(after, most)

    async def note(
        self, kind: str, facts: Mapping[str, Plain], content: Mapping[str, Plain], who: str
    ) -> None:
        """Puts something on record."""
        await self._parts.desk.note([Note(kind, who, facts, content)], self.now())

    async def evidence_record(self, key: str, who: str) -> Mapping[str, Any]:
        """Opens a sealed record, by its own key or its item's; that somebody looked goes on record.

        Raises UsageError for a key that names none, RecordBroken, SecretsUnavailable.
        """
        return await self.keeping.show(key, who)
