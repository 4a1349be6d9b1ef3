"""The part of the desk that changes watchlists: versions, second persons, rehearsals.

As in `desk/protocol.py`, each change and its ledger entry are one durable transaction. What a newcomer would
get wrong: whether a second person is needed, and whether somebody else was quicker, is asked inside that
transaction and not before it, because two consoles may be at work on one list.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from console.domain.audit import Note, Plain
from console.domain.errors import NotPossible, WatchlistError
from console.domain.list_changes import PROPOSAL_LIFE_MS, ListVersion, Waiting, WaitingKind
from console.domain.watchlists import Watchlist
from console.store import audit, incidents, waiting, watchlists
from console.store.database import Connection, Database

PROGRAM: Final = "cordon"
"""Who is named for what the program does by itself."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A watchlist that somebody wants in force, or rehearsed."""

    watchlist: Watchlist
    """With the version that it shall have."""
    source: str
    """Its TOML text."""
    who: str
    at: int
    """Milliseconds since 1970, UTC."""
    why: str
    is_numbered: bool = False
    """Whether its author gave the number, in a file: then any later one will do, not just the next."""


class ListDesk(Protocol):
    """Everything about watchlists that operators share."""

    async def versions(self, watchlist_id: str) -> list[ListVersion]:
        """Every version that was ever in force, newest first."""

    async def newest(self, watchlist_id: str) -> ListVersion | None:
        """The newest version, in force or ended; None when there never was one."""

    async def waiting(self) -> list[Waiting]:
        """Everything that waits, oldest first; what has expired too, until `sweep` is called."""

    async def publish(self, wish: Wish, *, from_waiting: int | None = None) -> Watchlist | Waiting:
        """Puts a version in force, or where two people are needed, has it wait for the second.

        `from_waiting` is the rehearsal that ends by this. Raises WatchlistError when another version than
        the one before is in force, NotPossible when the rehearsal is over.
        """

    async def rehearse(self, wish: Wish) -> Waiting:
        """Has a watchlist be matched in shadow; a rehearsal of the same list gives way to it."""

    async def agree(self, waiting_id: int, who: str, at: int) -> Watchlist:
        """Puts a proposal in force as the second person.

        Raises NotPossible for the one who made it, and for one that is settled or has expired;
        WatchlistError when another version is in force by now.
        """

    async def withdraw(self, waiting_id: int, who: str, at: int, why: str) -> Waiting:
        """Ends a rehearsal or proposal. Raises NotPossible when it is over already."""

    async def sweep(self, at: int) -> list[Waiting]:
        """Ends the proposals that have expired; gives them."""

    async def end(self, watchlist_id: str, who: str, at: int, why: str) -> Watchlist:
        """Takes a list out of force. Raises NotPossible when it is not, and where two people are needed."""

    async def count(self, seen: int, items: Mapping[int, int]) -> None:
        """Adds to the counts of rehearsals: items seen, and for each how many it hit."""


class LocalLists:
    """The `ListDesk` of one seat, in the profile's own database."""

    def __init__(self, database: Database, seat: str) -> None:
        self._database = database
        self._seat = seat

    async def versions(self, watchlist_id: str) -> list[ListVersion]:
        """Every version that was ever in force, newest first."""
        return await self._database.read(lambda conn: watchlists.versions(conn, watchlist_id))

    async def newest(self, watchlist_id: str) -> ListVersion | None:
        """The newest version, in force or ended; None when there never was one."""
        return await self._database.read(lambda conn: watchlists.newest(conn, watchlist_id))

    async def waiting(self) -> list[Waiting]:
        """Everything that waits, oldest first."""
        return await self._database.read(waiting.waiting)

    async def publish(self, wish: Wish, *, from_waiting: int | None = None) -> Watchlist | Waiting:
        """Puts a version in force, or where two people are needed, has it wait for the second."""

        def work(conn: Connection) -> Watchlist | Waiting:
            _must_follow(conn, wish.watchlist, is_numbered=wish.is_numbered)
            if from_waiting is not None:
                _open(conn, from_waiting)
                waiting.settle(conn, from_waiting, "published", wish.who, wish.at)
            if needs_second(conn, wish.watchlist):
                made = waiting.put(
                    conn,
                    wish.watchlist,
                    wish.source,
                    WaitingKind.PROPOSED,
                    wish.who,
                    wish.at,
                    wish.why,
                    wish.at + PROPOSAL_LIFE_MS,
                )
                self._note(conn, "watchlist.proposed", wish, {"waiting": made.id})
                return made
            self._put(conn, wish, None, {})
            return wish.watchlist

        return await self._database.record(work)

    async def rehearse(self, wish: Wish) -> Waiting:
        """Has a watchlist be matched in shadow; a rehearsal of the same list gives way to it."""

        def work(conn: Connection) -> Waiting:
            for each in waiting.waiting(conn):
                if each.kind is WaitingKind.REHEARSING and each.watchlist.id == wish.watchlist.id:
                    waiting.settle(conn, each.id, "replaced", wish.who, wish.at)
            kind = WaitingKind.REHEARSING
            made = waiting.put(conn, wish.watchlist, wish.source, kind, wish.who, wish.at, wish.why, None)
            self._note(conn, "watchlist.rehearsed", wish, {"waiting": made.id})
            return made

        return await self._database.record(work)

    async def agree(self, waiting_id: int, who: str, at: int) -> Watchlist:
        """Puts a proposal in force as the second person."""

        def work(conn: Connection) -> Watchlist:
            found = _open(conn, waiting_id)
            if found.kind is not WaitingKind.PROPOSED:
                raise NotPossible(f"{found.watchlist.name} is rehearsed and was not proposed. Put it live.")
            if found.expires_at is not None and found.expires_at <= at:
                raise NotPossible(
                    f"The change of {found.watchlist.name} waited too long for somebody else. Make it again."
                )
            if _same_person(who, found.put_by):
                raise NotPossible(
                    f"You proposed this change of {found.watchlist.name} yourself. Somebody else must agree."
                )
            _must_follow(conn, found.watchlist)
            waiting.settle(conn, waiting_id, "published", who, at)
            source = waiting.source(conn, waiting_id)
            wish = Wish(found.watchlist, source, found.put_by, at, found.why)
            self._put(conn, wish, who, {"waiting": waiting_id})
            return found.watchlist

        return await self._database.record(work)

    async def withdraw(self, waiting_id: int, who: str, at: int, why: str) -> Waiting:
        """Ends a rehearsal or proposal."""

        def work(conn: Connection) -> Waiting:
            found = _open(conn, waiting_id)
            waiting.settle(conn, waiting_id, "withdrawn", who, at)
            wish = Wish(found.watchlist, "", who, at, why)
            self._note(conn, "watchlist.withdrawn", wish, {"waiting": waiting_id})
            return found

        return await self._database.record(work)

    async def sweep(self, at: int) -> list[Waiting]:
        """Ends the proposals that have expired; gives them."""
        found = [each for each in await self.waiting() if _is_over(each, at)]
        if not found:
            return []

        def work(conn: Connection) -> list[Waiting]:
            over = [each for each in waiting.waiting(conn) if _is_over(each, at)]
            for each in over:
                waiting.settle(conn, each.id, "expired", PROGRAM, at)
                wish = Wish(each.watchlist, "", PROGRAM, at, "")
                self._note(conn, "watchlist.expired", wish, {"waiting": each.id})
            return over

        return await self._database.record(work)

    async def end(self, watchlist_id: str, who: str, at: int, why: str) -> Watchlist:
        """Takes a list out of force."""

        def work(conn: Connection) -> Watchlist:
            newest = watchlists.newest(conn, watchlist_id)
            if newest is not None and newest.watchlist.two_people:
                raise NotPossible(
                    f"{newest.watchlist.name} needs two people for every change, so one cannot end it. "
                    "Propose a version without that need first."
                )
            found = watchlists.end(conn, watchlist_id, at)
            if found is None:
                raise NotPossible(f"There is no watchlist “{watchlist_id}” in force.")
            self._note(conn, "watchlist.ended", Wish(found, "", who, at, why), {})
            return found

        return await self._database.record(work)

    async def count(self, seen: int, items: Mapping[int, int]) -> None:
        """Adds to the counts of rehearsals."""
        await self._database.ingest(lambda conn: waiting.count(conn, seen, items))

    def _put(self, conn: Connection, wish: Wish, agreed_by: str | None, facts: Mapping[str, Plain]) -> None:
        watchlists.put(
            conn, wish.watchlist, wish.source, wish.who, wish.at, why=wish.why, agreed_by=agreed_by
        )
        more: dict[str, Plain] = {} if agreed_by is None else {"agreed_by": agreed_by}
        self._note(conn, "watchlist.put", wish, {**more, **facts})

    def _note(self, conn: Connection, kind: str, wish: Wish, facts: Mapping[str, Plain]) -> None:
        found = wish.watchlist
        said: dict[str, Plain] = {"watchlist": found.id, "version": found.version}
        if wish.source:
            said["digest"] = watchlists.digest(wish.source)
            said["review_by"] = found.review_by.isoformat()
        content = {"name": found.name, "owner": found.owner, "why": wish.why}
        audit.append(conn, self._seat, [Note(kind, wish.who, {**said, **facts}, content)], wish.at)


def needs_second(conn: Connection, wanted: Watchlist) -> bool:
    """Whether a second person must agree: the list says so, or the version that it would replace does."""
    newest = watchlists.newest(conn, wanted.id)
    return wanted.two_people or (newest is not None and newest.watchlist.two_people)


def end_with_incident(conn: Connection, incident: int, who: str, at: int) -> list[Note]:
    """Ends the watchlists that were made for an incident; gives what the ledger shall hold about it."""
    notes = []
    for found in watchlists.watchlists(conn):
        if found.incident == incident:
            watchlists.end(conn, found.id, at)
            facts: dict[str, Plain] = {"watchlist": found.id, "version": found.version, "incident": incident}
            notes.append(Note("watchlist.ended", who, facts, {"name": found.name}))
    for each in waiting.waiting(conn):
        if each.watchlist.incident == incident:
            waiting.settle(conn, each.id, "withdrawn", who, at)
    return notes


def _must_follow(conn: Connection, wanted: Watchlist, *, is_numbered: bool = False) -> None:
    """Raises WatchlistError unless `wanted` comes next after the newest, and its incident is open."""
    newest = watchlists.newest(conn, wanted.id)
    number = newest.version if newest else 0
    if number >= wanted.version if is_numbered else number != wanted.version - 1:
        was = f"version {wanted.version - 1}" if wanted.version > 1 else "nothing"
        raise WatchlistError(
            f"Watchlist {wanted.id}: version {number} is in force by now and this change was made to {was}. "
            f"Nothing was published. Look at version {number} and make the change there."
        )
    must_be_open(conn, wanted)


def must_be_open(conn: Connection, wanted: Watchlist) -> None:
    """Raises WatchlistError when the incident that a list is for is not the open one."""
    current = incidents.current(conn)
    if wanted.incident is not None and (current is None or current.id != wanted.incident):
        raise WatchlistError(
            f"Watchlist {wanted.id}: it belongs to an incident that is not open. "
            "Take out its line “incident” to use it for good."
        )


def _open(conn: Connection, waiting_id: int) -> Waiting:
    found = waiting.one(conn, waiting_id)
    if found is None:
        raise NotPossible("That change waits no longer: somebody settled it, or it has expired.")
    return found


def _is_over(found: Waiting, at: int) -> bool:
    return found.expires_at is not None and found.expires_at <= at


def _same_person(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()
