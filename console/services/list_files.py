"""Watchlists out of and into files: TOML, which holds all of a list, and CSV, which holds its words.

What a newcomer would get wrong: a TOML file is a whole list and replaces the version in force; a table is
only added to it. Either becomes a version with who, when and why, and waits where two people are needed.
"""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from console.desk.lists import ListDesk
from console.domain.errors import NotPossible, UsageError, WatchlistError
from console.domain.list_changes import ListVersion, Published, Waiting
from console.domain.watchlists import Watchlist
from console.matching import parse_watchlist
from console.matching.reading import LARGEST_FILE
from console.matching.table import added, format_table, parse_table

if TYPE_CHECKING:
    from console.services.editing import Editing

Form = Literal["toml", "csv"]


class ListFiles:
    """Export and import."""

    def __init__(self, lists: ListDesk, editing: "Editing") -> None:
        self._lists = lists
        self._editing = editing

    async def export(self, watchlist_id: str, form: Form = "toml", version: int | None = None) -> str:
        """The text of a file with a version, or the newest. Raises UsageError when there is none."""
        versions = await self._lists.versions(watchlist_id)
        if not versions:
            raise UsageError(f"There is no watchlist “{watchlist_id}”.")
        found = next((each for each in versions if version in {None, each.version}), None)
        if found is None:
            raise UsageError(f"Watchlist {watchlist_id} has no version {version}.")
        return found.source if form == "toml" else format_table(found.watchlist)

    async def import_file(
        self, path: Path, *, who: str, why: str, rehearse: bool = False
    ) -> list[Published | Waiting]:
        """Puts a TOML or CSV file in force, or rehearses it; one result for each list in it.

        Raises WatchlistError with file, line or rule, and field.
        """
        text = await asyncio.to_thread(_read, path)
        why = why.strip() or f"From the file {path.name}"
        if path.suffix.casefold() != ".csv":
            return [await self._whole(text, path.name, who=who, why=why, rehearse=rehearse)]
        lines = await asyncio.to_thread(parse_table, text, path.name)
        known = {
            name: each for name in {line.watchlist for line in lines} if (each := await self._known(name))
        }
        lists = {name: each.watchlist for name, each in known.items()}
        wanted = await asyncio.to_thread(added, lines, lists, who, self._editing.review_day())
        if not wanted:
            raise NotPossible(f"Every term of {path.name} is in its watchlist already. Nothing was changed.")
        done: list[Published | Waiting] = []
        for wish in wanted:
            # A list that had ended is made again, above the versions that it had.
            numbered = replace(wish, version=known[wish.id].version if wish.id in known else 0)
            if rehearse:
                done.append(await self._editing.keep_rehearsing(numbered, who=who, why=why))
            else:
                done.append(await self._editing.publish(numbered, who=who, why=why))
        return done

    async def _known(self, watchlist_id: str) -> ListVersion | None:
        return await self._lists.newest(watchlist_id)

    async def _whole(
        self, text: str, name: str, *, who: str, why: str, rehearse: bool
    ) -> Published | Waiting:
        wanted = await asyncio.to_thread(parse_watchlist, text, name)
        newest = await self._known(wanted.id)
        if newest is not None and newest.ended_at is None:
            if newest.version == wanted.version and newest.source == text and not rehearse:
                return Published(newest.watchlist, None)
            _must_be_later(wanted, newest)
        was = None if newest is None or newest.ended_at is not None else newest.watchlist
        number = newest.version if newest else 0
        if rehearse:
            return await self._editing.keep_rehearsing(replace(wanted, version=number), who=who, why=why)
        if wanted.version <= number or wanted.two_people or (was is not None and was.two_people):
            return await self._editing.publish(replace(wanted, version=number), who=who, why=why)
        return await self._editing.publish_as(wanted, was, who=who, why=why, source=text)


def _must_be_later(wanted: Watchlist, newest: ListVersion) -> None:
    """Raises WatchlistError for a file that is not later than what is in force."""
    number = newest.version
    if wanted.version < number:
        raise WatchlistError(
            f"Watchlist {wanted.id}: version {number} is in force, and this is version "
            f"{wanted.version}. Raise its version above {number}."
        )
    if wanted.version == number:
        raise WatchlistError(
            f"Watchlist {wanted.id}: version {number} is in force with other words. "
            f"Raise its version above {number}."
        )


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise WatchlistError(f"{path.name}: larger than {LARGEST_FILE:,} bytes")
        return path.read_bytes().decode("utf-8-sig")
    except OSError as problem:
        raise WatchlistError(f"The watchlist {path} cannot be read: {problem.strerror or problem}.") from None
    except UnicodeDecodeError as problem:
        raise WatchlistError(f"{path.name}: not UTF-8 text (byte {problem.start + 1})") from None
