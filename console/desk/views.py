"""The part of the desk that keeps saved views and account groups.

As in `desk/protocol.py`, each change and its ledger entry are one durable transaction. What a newcomer would
get wrong: a question may hold the name of a member of the public, so it stands beside the entry, where it
can be destroyed, and never inside.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from console.domain.audit import Note, Plain
from console.domain.errors import NotPossible
from console.domain.views import MOST, Groups, View, same_name
from console.store import audit, views
from console.store.database import Connection, Database


class ViewDesk(Protocol):
    """Everything about views that operators share."""

    async def views(self) -> list[View]:
        """Every view of everybody, in the order in which their owners want them."""

    async def add(self, name: str, question: str, who: str, at: int) -> View:
        """Keeps a view. Raises NotPossible when its owner has one of that name, or too many."""

    async def change(self, wanted: View, who: str, at: int) -> View:
        """Keeps another name, question or sharing. Raises NotPossible unless `who` owns it."""

    async def move(self, number: int, by: int, who: str, at: int) -> None:
        """Moves a view down among its owner's, up if negative. Raises NotPossible unless `who` owns it."""

    async def drop(self, number: int, who: str, at: int) -> View:
        """Takes a view away; gives it. Raises NotPossible unless `who` owns it."""

    async def groups(self) -> Groups:
        """Every account group, with the keys of its accounts."""

    async def set_group(self, name: str, accounts: Sequence[str], who: str, at: int) -> None:
        """Has a group hold these accounts and no others; with none there is no such group."""


class LocalViews:
    """The `ViewDesk` of one seat, in the profile's own database."""

    def __init__(self, database: Database, seat: str) -> None:
        self._database = database
        self._seat = seat

    async def views(self) -> list[View]:
        """Every view of everybody."""
        return await self._database.read(views.views)

    async def add(self, name: str, question: str, who: str, at: int) -> View:
        """Keeps a view."""

        def work(conn: Connection) -> View:
            own = _own(conn, who)
            if len(own) >= MOST:
                raise NotPossible(f"You keep {MOST} lanes already. Take one away first.")
            _must_be_new(own, name, None)
            made = views.add(conn, name, question, who, at)
            self._note(conn, "view.kept", made, who, at)
            return made

        return await self._database.record(work)

    async def change(self, wanted: View, who: str, at: int) -> View:
        """Keeps another name, question or sharing."""

        def work(conn: Connection) -> View:
            was = _owned(conn, wanted.id, who)
            _must_be_new(_own(conn, who), wanted.name, wanted.id)
            found = replace(wanted, place=was.place, owner=was.owner)
            views.change(conn, found, at)
            self._note(conn, "view.changed", found, who, at)
            return found

        return await self._database.record(work)

    async def move(self, number: int, by: int, who: str, at: int) -> None:
        """Moves a view among its owner's."""

        def work(conn: Connection) -> None:
            found = _owned(conn, number, who)
            own = _own(conn, who)
            place = own.index(found)
            other = min(max(place + by, 0), len(own) - 1)
            if other == place:
                return
            own.insert(other, own.pop(place))
            places = sorted(each.place for each in own)
            for one, at_place in zip(own, places, strict=True):
                views.change(conn, replace(one, place=at_place), at)
            self._note(conn, "view.moved", found, who, at)

        await self._database.record(work)

    async def drop(self, number: int, who: str, at: int) -> View:
        """Takes a view away."""

        def work(conn: Connection) -> View:
            found = _owned(conn, number, who)
            views.drop(conn, number)
            self._note(conn, "view.dropped", found, who, at)
            return found

        return await self._database.record(work)

    async def groups(self) -> Groups:
        """Every account group."""
        return await self._database.read(views.groups)

    async def set_group(self, name: str, accounts: Sequence[str], who: str, at: int) -> None:
        """Has a group hold these accounts and no others."""

        def work(conn: Connection) -> None:
            same = [known for known in views.groups(conn) if same_name(known, name)]
            for known in same:
                views.set_group(conn, known, ())
            views.set_group(conn, name, accounts)
            facts: dict[str, Plain] = {"group": name, "accounts": ", ".join(accounts)}
            audit.append(conn, self._seat, [Note("group.set", who, facts, {})], at)

        await self._database.record(work)

    def _note(self, conn: Connection, kind: str, view: View, who: str, at: int) -> None:
        facts: dict[str, Plain] = {"view": view.id, "shared": view.is_shared}
        content: dict[str, Plain] = {"name": view.name, "question": view.question}
        audit.append(conn, self._seat, [Note(kind, who, facts, content)], at)


def _own(conn: Connection, who: str) -> list[View]:
    return [found for found in views.views(conn) if found.is_of(who)]


def _owned(conn: Connection, number: int, who: str) -> View:
    found = views.view(conn, number)
    if found is None:
        raise NotPossible("That lane is not kept any more.")
    if not found.is_of(who):
        raise NotPossible(f"“{found.name}” belongs to {found.owner}. Keep one of your own to change it.")
    return found


def _must_be_new(own: Sequence[View], name: str, but: int | None) -> None:
    if any(same_name(found.name, name) and found.id != but for found in own):
        raise NotPossible(f"You keep a lane named “{name}” already. Give this one another name.")
