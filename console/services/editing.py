"""Changing watchlists: the one door for the window and the command line, `engine.editing`.

What a newcomer would get wrong: nothing here changes a list that is in force. Every change is the next
version of it, made from the one that the person saw, and is tried before it counts: patterns compiled,
planted words found, the list's own examples kept to.
"""

import asyncio
import datetime as dt
import logging
from dataclasses import replace
from pathlib import Path
from typing import Final

from console.desk.lists import Wish
from console.domain.errors import NotPossible, UsageError, WatchlistError
from console.domain.ids import ItemId
from console.domain.list_changes import (
    ListVersion,
    Published,
    Rehearsal,
    RetroSearch,
    Waiting,
    WaitingKind,
    difference,
)
from console.domain.watchlists import Hit, Watchlist
from console.matching import broken_examples, format_watchlist, parse_watchlist
from console.services.events import WatchlistsChanged
from console.services.languages import surely
from console.services.list_files import Form, ListFiles
from console.services.pace import woken
from console.services.quick_changes import Beside, QuickChanges
from console.services.rehearsing import compiled
from console.services.tasks import Tasks

_log = logging.getLogger(__name__)

REVIEW_AFTER_DAYS: Final = 180
"""When a list that was made here must be read again, unless somebody says otherwise."""
COUNT_EVERY_S: Final = 5.0
"""How often the counts of rehearsals are kept, and what others changed is looked at."""


class Editing:
    """Versions, second persons, rehearsals, searches of the past.

    What is in force is `engine.watchlists()`. `WatchlistsChanged` is announced after every change here or in
    another process, `SearchMoved` while the past is searched. The difference of two versions in words is
    `domain.list_changes.difference`. A call that fails raises WatchlistError, NotPossible or UsageError with
    one line for a person.
    """

    def __init__(self, beside: Beside) -> None:
        self._beside = beside
        self._lists = beside.lists
        self._quick = QuickChanges(beside)
        self._files = ListFiles(beside.lists, self)
        self._tasks = Tasks("editing")
        self._wake = asyncio.Event()
        self._works = False
        self._known: object = None

    # life --------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Matches what is rehearsed, counts it, ends what has expired; for the program that collects."""
        self._works = True
        await self._take_up_rehearsals()
        self._tasks.start(self._by_itself(), "rehearsals and proposals")
        self._beside.searching.start()

    async def stop(self, seconds: float = 5.0) -> None:
        """Ends; the counts of rehearsals are kept."""
        await self._tasks.stop(seconds)
        await self._beside.searching.stop(seconds)
        if self._works:
            await self._keep_counts()

    async def _by_itself(self) -> None:
        while True:
            await woken(self._wake, self._beside.clock, COUNT_EVERY_S)
            self._wake.clear()
            try:
                await self._keep_counts()
                await self._lists.sweep(self._beside.clock.now())
                await self._take_up_rehearsals()
            except Exception:  # noqa: BLE001 - whatever it was, the next turn must try again
                _log.exception("What is rehearsed and proposed could not be looked after.")

    async def _keep_counts(self) -> None:
        seen, caught = self._beside.matching.counted()
        if caught:
            await self._lists.count(seen, caught)

    async def _take_up_rehearsals(self) -> None:
        waiting = await self._lists.waiting()
        known = [(found.id, found.kind) for found in waiting]
        if known == self._known:
            return
        is_first, self._known = self._known is None, known
        rehearsed = [found for found in waiting if found.kind is WaitingKind.REHEARSING]
        await self._beside.matching.rehearse(rehearsed)
        if not is_first:
            self._beside.events.announce(WatchlistsChanged())

    async def took_effect(self) -> None:
        """Puts what the desk holds in force here, at once where that can be done; and announces it."""
        if self._works:
            if await self._beside.matching.patch():
                self._tasks.start(self._beside.matching.reload(), "compile the whole")
            else:
                await self._beside.matching.reload()
        self._beside.events.announce(WatchlistsChanged())
        self._wake.set()

    # versions ----------------------------------------------------------------------------------------

    async def versions(self, watchlist_id: str) -> list[ListVersion]:
        """Every version that was ever in force, newest first."""
        return await self._lists.versions(watchlist_id)

    async def waiting(self, watchlist_id: str | None = None) -> list[Waiting]:
        """What is rehearsed or waits for a second person, oldest first; what has expired is left out."""
        now = self._beside.clock.now()
        return [
            found
            for found in await self._lists.waiting()
            if (watchlist_id is None or found.watchlist.id == watchlist_id)
            and (found.expires_at is None or found.expires_at > now)
        ]

    async def publish(
        self, watchlist: Watchlist, *, who: str, why: str, alarm: bool = False, search: bool = True
    ) -> Published:
        """Makes the next version and puts it in force, or has it wait for a second person.

        `watchlist.version` is the version that was changed (0 for a new list); when another is in force by
        now, that is refused, so that nobody's change is lost. With `search` the new and changed rules then
        run over the whole cache; what they raise there asks for somebody only with `alarm`.
        """
        older = await self._lists.newest(watchlist.id)
        was = None if older is None or older.ended_at is not None else older.watchlist
        if was is not None and difference(was, watchlist).is_nothing:
            raise NotPossible(f"{was.name} has no change to publish.")
        wanted = replace(watchlist, version=watchlist.version + 1)
        return await self.publish_as(wanted, was, who=who, why=why, alarm=alarm, search=search)

    async def publish_as(
        self,
        wanted: Watchlist,
        was: Watchlist | None,
        *,
        who: str,
        why: str,
        alarm: bool = False,
        search: bool = True,
        source: str | None = None,
        from_waiting: int | None = None,
    ) -> Published:
        """Puts a version in force as it is numbered, instead of `was`; otherwise like `publish`."""
        wish = await self._wish(wanted, who, why, source)
        done = await self._lists.publish(wish, from_waiting=from_waiting)
        if isinstance(done, Waiting):
            self._beside.events.announce(WatchlistsChanged())
            self._wake.set()
            return Published(None, done)
        await self._is_live(done, was, who, alarm=alarm, search=search)
        return Published(done, None)

    async def _is_live(
        self, done: Watchlist, was: Watchlist | None, who: str, *, alarm: bool, search: bool
    ) -> None:
        await self.took_effect()
        if search:
            await self._beside.searching.ask(done, difference(was, done).to_search, who, alarm=alarm)

    async def _wish(self, wanted: Watchlist, who: str, why: str, source: str | None = None) -> Wish:
        """A list that was tried, with its text. Raises WatchlistError with the first complaint."""
        if complaints := await self.complaints(wanted):
            more = f" (and {len(complaints) - 1} more)" if len(complaints) > 1 else ""
            raise WatchlistError(f"{wanted.name} was not published. {complaints[0]}{more}")
        is_numbered = source is not None
        if source is None:
            newest = await self._lists.newest(wanted.id)
            heading = _heading(newest.source if newest else "")
            source = heading + await asyncio.to_thread(format_watchlist, wanted)
        return Wish(wanted, source, who, self._beside.clock.now(), why.strip(), is_numbered)

    async def agree(
        self, waiting_id: int, who: str, *, alarm: bool = False, search: bool = True
    ) -> Watchlist:
        """Publishes a proposal as the second person. Refused for the one who made it."""
        found = await self._one(waiting_id)
        older = await self._lists.newest(found.watchlist.id)
        done = await self._lists.agree(waiting_id, who, self._beside.clock.now())
        was = None if older is None or older.ended_at is not None else older.watchlist
        await self._is_live(done, was, who, alarm=alarm, search=search)
        return done

    async def withdraw(self, waiting_id: int, who: str, why: str) -> None:
        """Ends a rehearsal or proposal without putting it in force: taken back, or refused by another."""
        await self._lists.withdraw(waiting_id, who, self._beside.clock.now(), why)
        self._beside.events.announce(WatchlistsChanged())
        self._wake.set()

    async def go_back(self, watchlist_id: str, version: int, *, who: str, why: str) -> Published:
        """Publishes an older version's rules as a new version."""
        versions = await self._lists.versions(watchlist_id)
        older = next((found for found in versions if found.version == version), None)
        if older is None:
            raise UsageError(f"Watchlist {watchlist_id} has no version {version}.")
        why = why.strip() or f"Back to version {version}"
        return await self.publish(replace(older.watchlist, version=versions[0].version), who=who, why=why)

    async def end(self, watchlist_id: str, who: str, why: str) -> None:
        """Takes a list out of force; its versions stay, and `go_back` brings it back."""
        await self._lists.end(watchlist_id, who, self._beside.clock.now(), why)
        await self.took_effect()

    # before it counts ----------------------------------------------------------------------------------

    async def try_words(self, watchlist: Watchlist, text: str, lang: str | None = None) -> tuple[Hit, ...]:
        """What a list finds in a text, as in one that arrives. Raises WatchlistError when it cannot be used.

        Without `lang` the text's own language counts where it is sure.
        """
        return await asyncio.to_thread(lambda: compiled(watchlist).match([text], [lang or surely(text)])[0])

    async def complaints(self, watchlist: Watchlist) -> list[str]:
        """What keeps a list from being published, one line each; empty when all is well.

        Rules that are in force as they are were tried when they were put there, and are not tried again.
        """
        newest = await self._lists.newest(watchlist.id)
        return await asyncio.to_thread(_complaints, watchlist, newest.watchlist if newest else None)

    async def rehearse(self, watchlist: Watchlist, hours: float = 24.0, samples: int = 8) -> Rehearsal:
        """What a list would have done over the last hours. Cancel the call to stop it."""
        return await self._beside.rehearsing.rehearse(watchlist, hours, samples)

    async def keep_rehearsing(self, watchlist: Watchlist, *, who: str, why: str) -> Waiting:
        """Matches a list in shadow from now on: counted, without grade or alarm, until `put_live`."""
        wanted = replace(watchlist, version=watchlist.version + 1)
        done = await self._lists.rehearse(await self._wish(wanted, who, why))
        await self._take_up_rehearsals()
        self._beside.events.announce(WatchlistsChanged())
        return done

    async def put_live(
        self, waiting_id: int, *, who: str, why: str, alarm: bool = False, search: bool = True
    ) -> Published:
        """Publishes what was rehearsed; where two people are needed, it becomes a proposal."""
        found = await self._one(waiting_id)
        if found.kind is not WaitingKind.REHEARSING:
            raise NotPossible(f"{found.watchlist.name} waits for a second person, who must agree to it.")
        older = await self._lists.newest(found.watchlist.id)
        was = None if older is None or older.ended_at is not None else older.watchlist
        why = why.strip() or found.why
        return await self.publish_as(
            found.watchlist, was, who=who, why=why, alarm=alarm, search=search, from_waiting=waiting_id
        )

    async def _one(self, waiting_id: int) -> Waiting:
        for found in await self._lists.waiting():
            if found.id == waiting_id:
                return found
        raise NotPossible("That change waits no longer: somebody settled it, or it has expired.")

    # from an item ----------------------------------------------------------------------------------------

    async def exception_for(self, item_id: ItemId, hit: Hit) -> str:
        """The words that `mute` would use for an exception; empty where there are none that would do."""
        return await self._quick.exception_for(item_id, hit)

    async def mute(
        self, item_id: ItemId, hit: Hit, *, who: str, why: str, words: str | None = None
    ) -> Published:
        """Makes an exception on the rule of a wrong hit, for good, from the exact words around it.

        The rule's own words must go on firing by themselves, and the item must not hit it any more; else
        NotPossible says why. The hit that is there stays on record.
        """
        wanted, why = await self._quick.muted(item_id, hit, words, why)
        return await self.publish(wanted, who=who, why=why, search=False)

    async def watch_phrase(
        self, phrase: str, *, who: str, category: str = "disorder", grade: int = 3, why: str = ""
    ) -> Published:
        """Watches a phrase for the open incident; it ends with the incident. NotPossible without one."""
        wanted, why = await self._quick.watching(phrase, who, category, grade, why, self.review_day())
        return await self.publish(wanted, who=who, why=why)

    async def watch_for_good(
        self, phrase: str, watchlist_id: str, *, who: str, grade: int | None = None, why: str = ""
    ) -> Published:
        """Adds a phrase to a list in force, as a rule of its own; `grade` where not that of the list."""
        wanted, why = await self._quick.adding(phrase, watchlist_id, grade, why)
        return await self.publish(wanted, who=who, why=why)

    async def rehearse_phrase(
        self,
        phrase: str,
        *,
        who: str,
        watchlist_id: str | None = None,
        category: str = "disorder",
        grade: int = 3,
        hours: float = 24.0,
    ) -> Rehearsal:
        """What a phrase alone would have hit; with `watchlist_id` for good, else for the open incident.

        `newly_caught` counts the items that the list does not hit as it is. Raises what watching would.
        """
        if watchlist_id is None:
            wanted, _ = await self._quick.watching(phrase, who, category, grade, "", self.review_day())
        else:
            wanted, _ = await self._quick.adding(phrase, watchlist_id, grade, "")
        alone = replace(wanted, version=max(1, wanted.version), rules=wanted.rules[-1:])
        if said := await asyncio.to_thread(_complaints, alone, None):
            raise WatchlistError(said[0])
        return await self.rehearse(alone, hours, samples=3)

    async def rehearse_mute(self, item_id: ItemId, hit: Hit, words: str, hours: float = 24.0) -> Rehearsal:
        """What a list would have done with the exception that `mute` would make. Raises what it would."""
        wanted, _ = await self._quick.muted(item_id, hit, words, "")
        return await self.rehearse(wanted, hours, samples=3)

    async def take_back(self, done: Published, *, who: str) -> Published | None:
        """Takes back a change that was just made; None where nothing of it is left.

        A proposal is withdrawn, a list that was new ends, any other goes back to the version before. Refused
        with NotPossible when somebody changed the list since, for that change would be lost.
        """
        if done.waiting is not None:
            await self.withdraw(done.waiting.id, who, "Taken back at once")
            return None
        made = done.version
        if made is None:
            return None
        versions = await self._lists.versions(made.id)
        if not versions or versions[0].version != made.version or versions[0].ended_at is not None:
            raise NotPossible(f"{made.name} was changed again since. Take the rule back in the list itself.")
        if len(versions) == 1 or versions[1].ended_at is not None:
            await self.end(made.id, who, "Taken back at once")
            return None
        return await self.go_back(made.id, versions[1].version, who=who, why="Taken back at once")

    def review_day(self) -> dt.date:
        """When a list that is made now must be read again."""
        return self.today() + dt.timedelta(days=REVIEW_AFTER_DAYS)

    def today(self) -> dt.date:
        """The day by the checked clock, in universal time."""
        return dt.datetime.fromtimestamp(self._beside.clock.now() / 1000, dt.UTC).date()

    # the past --------------------------------------------------------------------------------------------

    async def searches(self) -> list[RetroSearch]:
        """Searches of the past, newest first."""
        return await self._beside.searching.searches()

    async def search_past(
        self, watchlist_id: str, who: str, *, rules: tuple[str, ...] = (), alarm: bool = False
    ) -> RetroSearch:
        """Runs rules of the version in force (all, when none is named) over the whole cache."""
        found = await self._quick.in_force(watchlist_id)
        known = [rule.id for rule in found.rules]
        for name in rules:
            if name not in known:
                raise UsageError(f"{found.name} has no rule “{name}”.")
        asked = await self._beside.searching.ask(found, rules or known, who, alarm=alarm)
        if asked is None:
            raise NotPossible(f"{found.name} has no rule to search with.")
        return asked

    async def cancel_search(self, search_id: int, who: str) -> None:
        """Ends a search; what it found stays."""
        await self._beside.searching.cancel(search_id, who)

    async def drain(self) -> None:
        """Searches the past now and waits for it; for a command, where no window is open."""
        await self._beside.searching.drain()

    # files -----------------------------------------------------------------------------------------------

    async def export(self, watchlist_id: str, form: Form = "toml", version: int | None = None) -> str:
        """The text of a file with a version, or the newest. Raises UsageError when there is none."""
        return await self._files.export(watchlist_id, form, version)

    async def import_file(
        self, path: Path, *, who: str, why: str, rehearse: bool = False
    ) -> list[Published | Waiting]:
        """Puts a TOML or CSV file in force, or rehearses it; one result for each list in it."""
        return await self._files.import_file(path, who=who, why=why, rehearse=rehearse)


def _complaints(watchlist: Watchlist, was: Watchlist | None) -> list[str]:
    known = {rule.id: rule for rule in was.rules} if was is not None else {}
    # One rule even so when none is new, for a list without any is complained about.
    rules = tuple(rule for rule in watchlist.rules if known.get(rule.id) != rule) or watchlist.rules[:1]
    wanted = replace(watchlist, version=max(1, watchlist.version), rules=rules)
    names = [rule.id for rule in watchlist.rules]
    if len(set(names)) < len(names):
        return ["Two of its rules have the same id."]
    try:
        # Its file is read back, so that what a form let through is refused as it would be in a file.
        parse_watchlist(format_watchlist(wanted), watchlist.id)
        return broken_examples(wanted, compiled(wanted))
    except WatchlistError as problem:
        return [problem.message]


def _heading(source: str) -> str:
    """The lines of comment with which a text begins: where its words come from, under which licence."""
    lines = []
    for line in source.splitlines():
        if line.strip() and not line.startswith("#"):
            break
        lines.append(line)
    return "\n".join(lines).strip() + "\n\n" if any(lines) else ""
