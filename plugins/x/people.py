"""Who authors are: what pages say of them, and asking for those of whom nothing is known.

What a newcomer would get wrong: an author costs twice as much as a post. Most pages bring their authors
along, which is paid once a day; the events of a stream do not, so they are asked for, a hundred at a time,
and remembered.
"""

from collections.abc import Iterable, Mapping

from console.api import SlowDown
from plugins.x import names
from plugins.x.mapping import people_in
from plugins.x.money import USER
from plugins.x.session import Session
from plugins.x.wire import Includes, User

MOST_REMEMBERED = 50_000


class People:
    """The authors that one account has met."""

    def __init__(self, session: Session) -> None:
        """Nothing is asked yet."""
        self._session = session
        self.known: dict[str, User] = {}
        """Authors by id."""

    async def take(self, includes: Includes | None) -> None:
        """Remembers and pays for the authors that a page brought along."""
        found = people_in(includes)
        self._remember(found)
        await self._session.money.pay(found.keys(), USER)

    async def meet(self, ids: Iterable[str]) -> Mapping[str, User]:
        """Asks for those of whom nothing is known, as far as there is money. Raises a `Failure`."""
        unknown = [one for one in dict.fromkeys(ids) if one and one not in self.known]
        for start in range(0, len(unknown), names.AT_ONCE):
            part = unknown[start : start + names.AT_ONCE]
            try:
                self._session.money.check(USER * len(part))
                page = await self._ask(part, names.USERS)
            except SlowDown:
                break  # an item without its author's name is better than none
            self._remember(page)
        return self.known

    async def bonds(self, ids: Iterable[str]) -> dict[str, User]:
        """What stands between us and these authors now. Raises a `Failure`."""
        wanted = list(dict.fromkeys(ids))
        found: dict[str, User] = {}
        for start in range(0, len(wanted), names.AT_ONCE):
            found |= await self._ask(wanted[start : start + names.AT_ONCE], names.BONDS)
        return found

    async def _ask(self, ids: list[str], fields: Mapping[str, str]) -> dict[str, User]:
        query = {"ids": ",".join(ids), **fields}
        page = await self._session.ask(names.PEOPLE, query, ceiling="authors looked up")
        found = people_in(Includes(users=page.data))
        await self._session.money.pay(found.keys(), USER)
        return found

    def _remember(self, found: Mapping[str, User]) -> None:
        self.known.update((one.id, one) for one in found.values() if one.username)
        while len(self.known) > MOST_REMEMBERED:
            del self.known[next(iter(self.known))]
