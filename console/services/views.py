"""Saved views and account groups: the one door for the window and the command line, `engine.views`.

What a newcomer would get wrong: a question is tried before it is kept, but is kept as it was typed. Views are
given away as text that a person can read, and what is taken from text is tried in the same way.
"""

import json
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

from console.desk.views import ViewDesk
from console.domain.errors import NotPossible, UsageError
from console.domain.lanes import parse_lane
from console.domain.views import MOST_QUESTION, Groups, View, good_name, same_name
from console.services.events import Events, ViewsChanged

_HEAD: Final = "# Lanes kept in Cordon. In the list of lanes, paste this text to keep them too.\n"


class Views:
    """The views and groups of a profile."""

    def __init__(
        self,
        desk: ViewDesk,
        events: Events,
        now: Callable[[], int],
        accounts: Callable[[], Sequence[str]],
    ) -> None:
        """`now` gives milliseconds since 1970; `accounts` the keys of the accounts that there are."""
        self._desk, self._events, self._now, self._accounts = desk, events, now, accounts

    async def all(self, who: str) -> list[View]:
        """A person's own views in their order, then those that others share."""
        found = await self._desk.views()
        own = [view for view in found if view.is_of(who)]
        return own + [view for view in found if view.is_shared and not view.is_of(who)]

    async def keep(self, name: str, question: str, who: str) -> View:
        """Keeps a lane. Raises UsageError for what makes no sense, NotPossible for a name that is taken."""
        made = await self._desk.add(good_name(name), self._tried(question, who), who, self._now())
        self._events.announce(ViewsChanged())
        return made

    async def change(
        self,
        number: int,
        who: str,
        *,
        name: str | None = None,
        question: str | None = None,
        is_shared: bool | None = None,
    ) -> View:
        """Gives a view another name or question, or shares it. Raises as `keep`, and for another's view."""
        was = await self._one(number)
        wanted = replace(
            was,
            name=was.name if name is None else good_name(name),
            question=was.question if question is None else self._tried(question, who),
            is_shared=was.is_shared if is_shared is None else is_shared,
        )
        made = await self._desk.change(wanted, who, self._now())
        self._events.announce(ViewsChanged())
        return made

    async def move(self, number: int, by: int, who: str) -> None:
        """Moves a view down among one's own, up if negative. Raises NotPossible for another's."""
        await self._desk.move(number, by, who, self._now())
        self._events.announce(ViewsChanged())

    async def drop(self, number: int, who: str) -> View:
        """Takes a view away; gives it. Raises NotPossible for another's."""
        found = await self._desk.drop(number, who, self._now())
        self._events.announce(ViewsChanged())
        return found

    async def as_text(self, who: str) -> str:
        """A person's own views, as text for another profile."""
        own = [view for view in await self.all(who) if view.is_of(who)]
        parts = [
            f"\n[[lane]]\nname = {_quoted(view.name)}\nquestion = {_quoted(view.question)}\n" for view in own
        ]
        return _HEAD + "".join(parts)

    async def take_text(self, text: str, who: str) -> list[View]:
        """Keeps the views that a text holds, but for those of a name that is kept already; gives the new.

        All of it is tried first: with one that makes no sense none is kept. Raises UsageError.
        """
        wanted = [
            (good_name(name), self._tried(question, who))
            for name, question in ((entry.get("name"), entry.get("question")) for entry in _entries(text))
            if isinstance(name, str) and isinstance(question, str)
        ]
        if not wanted:
            raise UsageError("That text holds no lanes. It should be what “Copy as text” gave.")
        known = [view.name for view in await self.all(who) if view.is_of(who)]
        made: list[View] = []
        for name, question in wanted:
            if not any(same_name(name, one) for one in known):
                made.append(await self._desk.add(name, question, who, self._now()))
                known.append(name)
        if made:
            self._events.announce(ViewsChanged())
        return made

    async def groups(self) -> Groups:
        """Every account group, with the keys of its accounts."""
        return await self._desk.groups()

    async def set_group(self, name: str, accounts: Sequence[str], who: str) -> None:
        """Has a group hold these accounts and no others; with none there is no such group.

        Raises UsageError for a name that cannot be, or an account that there is not.
        """
        known = self._accounts()
        for account in accounts:
            if account not in known:
                raise UsageError(f"There is no account “{account}” in this profile.")
        await self._desk.set_group(good_name(name, "group"), list(dict.fromkeys(accounts)), who, self._now())
        self._events.announce(ViewsChanged())

    async def _one(self, number: int) -> View:
        for view in await self._desk.views():
            if view.id == number:
                return view
        raise NotPossible("That lane is not kept any more.")

    def _tried(self, question: str, who: str) -> str:
        """A question on one line that means something."""
        found = " ".join(question.split())
        if len(found) > MOST_QUESTION:
            raise UsageError(
                f"A question has at most {MOST_QUESTION:,} letters; this one has {len(found):,}."
            )
        parse_lane(found, self._now(), who)
        return found


def _entries(text: str) -> list[dict[str, Any]]:
    try:
        found = tomllib.loads(text).get("lane", [])
    except (tomllib.TOMLDecodeError, RecursionError) as problem:
        raise UsageError(f"That text holds no lanes ({problem}).") from None
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def _quoted(words: str) -> str:
    """A text as TOML writes it; TOML takes every escape that JSON makes."""
    plain = words.encode("utf-8", "replace").decode().replace("\x7f", " ")
    return json.dumps(plain, ensure_ascii=False)
