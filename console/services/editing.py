"""Changing watchlists: the one door for the window and the command line, `engine.editing`."""

from pathlib import Path
from typing import Literal, Protocol

from console.domain.ids import ItemId
from console.domain.list_changes import ListVersion, Published, Rehearsal, RetroSearch, Waiting
from console.domain.watchlists import Hit, Watchlist


class Editing(Protocol):
    """Versions, second persons, rehearsals, searches of the past, files.

    What is in force is `engine.watchlists()`. `WatchlistsChanged` is announced after every change here or in
    another process, `SearchMoved` while the past is searched. The difference of two versions in words is
    `domain.list_changes.difference`. A call that fails raises WatchlistError, NotPossible or UsageError with
    one line for a person.
    """

    # versions ----------------------------------------------------------------------------------------
    async def versions(self, watchlist_id: str) -> list[ListVersion]:
        """Every version that was ever in force, newest first."""

    async def waiting(self, watchlist_id: str | None = None) -> list[Waiting]:
        """What is rehearsed or waits for a second person, oldest first; what has expired is left out."""

    async def publish(
        self, watchlist: Watchlist, *, who: str, why: str, alarm: bool = False, search: bool = True
    ) -> Published:
        """Makes the next version and puts it in force, or has it wait for a second person.

        `watchlist.version` is the version that was changed (0 for a new list); when another is in force by
        now, that is refused, so that nobody's change is lost. With `search` the new and changed rules then
        run over the whole cache; what they raise there asks for somebody only with `alarm`.
        """

    async def agree(self, waiting_id: int, who: str) -> Watchlist:
        """Publishes a proposal as the second person. Refused for the one who made it."""

    async def withdraw(self, waiting_id: int, who: str, why: str) -> None:
        """Ends a rehearsal or proposal without putting it in force: taken back, or refused by another."""

    async def go_back(self, watchlist_id: str, version: int, *, who: str, why: str) -> Published:
        """Publishes an older version's rules as a new version."""

    async def end(self, watchlist_id: str, who: str, why: str) -> None:
        """Takes a list out of force; its versions stay, and `go_back` brings it back."""

    # before it counts -----------------------------------------------------------------------------------
    async def try_words(self, watchlist: Watchlist, text: str, lang: str | None = None) -> tuple[Hit, ...]:
        """What a list finds in a text. Raises WatchlistError when the list cannot be used."""

    async def complaints(self, watchlist: Watchlist) -> list[str]:
        """What keeps a list from being published, one line each; empty when all is well."""

    async def rehearse(self, watchlist: Watchlist, hours: float = 24.0, samples: int = 8) -> Rehearsal:
        """What a list would have done over the last hours. Cancel the call to stop it."""

    async def keep_rehearsing(self, watchlist: Watchlist, *, who: str, why: str) -> Waiting:
        """Matches a list in shadow from now on: counted, without grade or alarm, until `put_live`."""

    async def put_live(
        self, waiting_id: int, *, who: str, why: str, alarm: bool = False, search: bool = True
    ) -> Published:
        """Publishes what was rehearsed; where two people are needed, it becomes a proposal."""

    # from an item ---------------------------------------------------------------------------------------
    async def exception_for(self, item_id: ItemId, hit: Hit) -> str:
        """The words that `mute` would use for an exception; empty where there are none that would do."""

    async def mute(
        self, item_id: ItemId, hit: Hit, *, who: str, why: str, words: str | None = None
    ) -> Published:
        """Makes an exception on the rule of a wrong hit, for good, from the exact words around it."""

    async def watch_phrase(
        self, phrase: str, *, who: str, category: str = "disorder", grade: int = 3, why: str = ""
    ) -> Published:
        """Watches a phrase for the open incident; it ends with the incident. NotPossible without one."""

    # the past -------------------------------------------------------------------------------------------
    async def searches(self) -> list[RetroSearch]:
        """Searches of the past, newest first."""

    async def search_past(
        self, watchlist_id: str, who: str, *, rules: tuple[str, ...] = (), alarm: bool = False
    ) -> RetroSearch:
        """Runs rules of the version in force (all, when none is named) over the whole cache."""

    async def cancel_search(self, search_id: int, who: str) -> None:
        """Ends a search; what it found stays."""

    # files ----------------------------------------------------------------------------------------------
    async def export(
        self, watchlist_id: str, form: Literal["toml", "csv"] = "toml", version: int | None = None
    ) -> str:
        """The text of a file with a version, or the one in force."""

    async def import_file(
        self, path: Path, *, who: str, why: str, rehearse: bool = False
    ) -> list[Published | Waiting]:
        """Puts a TOML or CSV file in force, or rehearses it; one result for each list in it."""
